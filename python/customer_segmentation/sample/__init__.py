"""Seeded generators of sample raw data, a folder for each domain.

What every domain needs stands here: random numbers by key, bad rows, files that appear whole, and
the options of the command line.
"""
