"""What a model row holds."""
