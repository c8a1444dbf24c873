"""Clustering algorithms behind one function, each ending in a rule that scores new customers."""
