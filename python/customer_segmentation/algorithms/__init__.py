"""Clustering algorithms behind one function, each ending in a rule that scores new customers."""

from customer_segmentation.algorithms.assignment import NOISE, Assignment, Gaussians, Rule
from customer_segmentation.algorithms.clustering import Clustering, fit
from customer_segmentation.algorithms.density import DensitySettings
from customer_segmentation.numerics.threads import in_threads

__all__ = [
    "NOISE",
    "Assignment",
    "Clustering",
    "DensitySettings",
    "Gaussians",
    "Rule",
    "fit",
    "in_threads",
]
