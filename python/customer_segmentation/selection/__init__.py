"""How many segments: every candidate measured, and one of them chosen."""
