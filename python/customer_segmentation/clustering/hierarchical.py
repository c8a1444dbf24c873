"""Clusters that split or join: bisecting k-means from the top, Ward's method from the bottom."""

from __future__ import annotations

import numpy as np
from sklearn.cluster import AgglomerativeClustering, BisectingKMeans

from customer_segmentation.clustering.fitting import (
    MOST_PAIRED,
    Fitted,
    check_groups,
    means_of,
    sampled,
)
from customer_segmentation.errors import InputError
from customer_segmentation.numerics.arrays import FloatArray

_MOST_ITERATIONS = 1000


def fit_bisecting_kmeans(
    points: FloatArray, k: int, *, random_seed: int, starts: int, sample_size: int
) -> Fitted:
    """Split the cluster with the largest inertia in two until there are ``k``.

    Each split is the best of ``starts`` runs of k-means. With more than ``sample_size`` customers
    on a seeded sample.

    Raises:
        InputError: The points are too alike for ``k`` clusters.
    """
    sample = sampled(points, sample_size, random_seed)
    bisecting = BisectingKMeans(
        n_clusters=k,
        n_init=starts,
        random_state=random_seed,
        max_iter=_MOST_ITERATIONS,
        tol=0,
    )
    try:
        labels = bisecting.fit_predict(sample).astype(np.intp)
    except ValueError as error:
        raise InputError(
            f"Bisecting k-means with k={k} came to split a cluster of one customer: too many are "
            "alike in their scaled features. Set a smaller k, add features, or choose another "
            "algorithm."
        ) from error
    check_groups(labels, k, "Bisecting k-means")
    return Fitted(sample, labels, means_of(sample, labels))


def fit_agglomerative(points: FloatArray, k: int, *, random_seed: int, sample_size: int) -> Fitted:
    """Join the two clusters whose union adds least to the inertia (Ward 1963) until there are k.

    With more than ``sample_size`` customers, or than 10,000, on a seeded sample: the distances of
    all pairs are in memory.
    """
    sample = sampled(points, min(sample_size, MOST_PAIRED), random_seed)
    labels = AgglomerativeClustering(n_clusters=k, linkage="ward").fit(sample).labels_
    return Fitted(sample, labels.astype(np.intp), means_of(sample, labels))
