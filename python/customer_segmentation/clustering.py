"""K-means in memory, bit for bit the same on every run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from customer_segmentation.arrays import FloatArray, Labels
from customer_segmentation.errors import InputError

_MOST_ITERATIONS = 1000


@dataclass(frozen=True)
class Clustering:
    """Clusters 0..k-1 in no meaningful order.

    ``centroids`` (k, features) are the means of the members; ``labels`` (n,) is the nearest
    centroid of each point.
    """

    centroids: FloatArray
    labels: Labels


def kmeans(points: FloatArray, k: int, *, random_seed: int, starts: int) -> Clustering:
    """The best of ``starts`` runs of Lloyd's algorithm from k-means++ seeds.

    Runs until no customer changes cluster, so that every centroid is exactly the mean of its
    members and the published figures can be recomputed.

    Args:
        points: Scaled features (n, features) in an order that does not depend on the source: the
            random draws go by position.

    Raises:
        InputError: The points are too alike for ``k`` clusters.
    """
    # Threads add partial sums in the order they finish, which changes the last bits of a centroid.
    with threadpool_limits(limits=1):
        fitted = KMeans(
            n_clusters=k,
            n_init=starts,
            random_state=random_seed,
            max_iter=_MOST_ITERATIONS,
            tol=0,
        ).fit(points)
    labels = fitted.labels_.astype(np.intp)
    found = len(np.unique(labels))
    if found < k:
        raise InputError(
            f"K-means found only {found} different groups where {k} were asked for: the customers "
            "are too alike in their scaled features. Set a smaller k or add features."
        )
    return Clustering(centroids=np.asarray(fitted.cluster_centers_), labels=labels)
