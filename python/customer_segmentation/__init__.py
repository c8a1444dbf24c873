"""Customer segmentation on Apache Spark: train a clustering on a feature mart, assign customers."""

__version__ = "0.2.0"
