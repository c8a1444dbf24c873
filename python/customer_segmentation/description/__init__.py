"""What is said of the segments: how they differ, by which rules, how well they hold."""
