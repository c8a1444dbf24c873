"""Arrays, distances, random samples and threads: numbers that know of no segment."""
