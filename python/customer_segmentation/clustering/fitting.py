"""What an algorithm is fitted on, and what it hands over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from customer_segmentation.errors import InputError
from customer_segmentation.model.assignment import NOISE, Gaussians
from customer_segmentation.numerics.arrays import FloatArray, Labels
from customer_segmentation.numerics.distances import group_sums, squared_to_own
from customer_segmentation.numerics.sampling import random_sample

MOST_PAIRED = 10_000
"""Most customers for algorithms that compare customers in pairs: 10,000 take 0.8 GB, 7 seconds."""

_ROUNDING = 1e-6


@dataclass(frozen=True, eq=False)
class Fitted:
    """What an algorithm found: ``labels`` (m,) are its own, -1 for noise, of ``points`` (m, d)."""

    points: FloatArray
    labels: Labels
    centroids: FloatArray
    gaussians: Gaussians | None = None


def sampled(points: FloatArray, size: int, random_seed: int) -> FloatArray:
    """At most ``size`` points as float64, drawn without replacement, in the order they have."""
    drawn = random_sample(len(points), size, random_seed)
    return np.asarray(points[drawn], dtype=np.float64)


def check_groups(labels: Labels, k: int, title: str) -> None:
    """Refuse fewer groups than were asked for.

    Raises:
        InputError: Not every label 0..k-1 is used.
    """
    found = len(np.unique(labels))
    if found < k:
        raise InputError(
            f"{title} found only {found} different groups where {k} were asked for: the customers "
            "are too alike in their scaled features. Set a smaller k, add features, or "
            "set a transform (log1p, winsorize) where a few customers are far out."
        )


def means_of(points: FloatArray, labels: Labels) -> FloatArray:
    """Mean of the members of each cluster 0..k-1, each of which has a member."""
    sizes = np.bincount(labels[labels != NOISE])
    return group_sums(points, labels, len(sizes)) / sizes[:, None]


def radii(points: FloatArray, labels: Labels, centroids: FloatArray) -> FloatArray:
    """Radius limits (k,): the largest distance of a member to its centroid, and a little more.

    The little is what rounding makes of a distance, by another library's logarithm or by float32.
    """
    largest: FloatArray = np.zeros(len(centroids))
    members = labels != NOISE
    distances = np.sqrt(squared_to_own(points[members], labels[members], centroids))
    np.maximum.at(largest, labels[members], distances)
    return largest + _ROUNDING * (1 + largest)
