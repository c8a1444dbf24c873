"""What the command ``segmentation inspect`` finds out about raw data, from a sample of it."""
