"""From the columns of a mart to the points that are clustered."""
