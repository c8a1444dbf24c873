"""The segment of every customer by a trained model."""
