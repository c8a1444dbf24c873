"""Removing customers from the files of a warehouse, and keeping them out of the next build."""
