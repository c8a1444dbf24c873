"""The command line ``segmentation``."""
