"""Figures that say how well a clustering separates customers.

All are computed in the scaled space. Shapes: ``points`` (n, features), ``labels`` (n,) with the
integers 0..k-1, each of them used at least once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial.distance import cdist
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score
from threadpoolctl import threadpool_limits

from customer_segmentation.arrays import FloatArray, Labels


@dataclass(frozen=True)
class Measures:
    """Figures of one clustering.

    Attributes:
        inertia: Sum of squared Euclidean distances to the mean of the own cluster.
        silhouette: Mean silhouette with squared Euclidean distance, -1..1, higher is better.
        calinski_harabasz: Ratio of between to within dispersion, higher is better; 1 where the
            members of every cluster coincide.
        davies_bouldin: Mean similarity of each cluster to its nearest one, lower is better.
        smallest_share: Size of the smallest cluster over the number of customers, 0..1.
    """

    inertia: float
    silhouette: float
    calinski_harabasz: float
    davies_bouldin: float
    smallest_share: float


def measure(points: FloatArray, labels: Labels) -> Measures:
    """All figures of one clustering into at least two clusters and fewer than n."""
    sizes = np.bincount(labels)
    to_means = _squared_distances_to_means(points, labels, sizes)
    # Threads add partial sums in another order on another number of cores.
    with threadpool_limits(limits=1):
        return Measures(
            inertia=float(_own(to_means, labels).sum()),
            silhouette=float(_silhouettes(to_means, labels, sizes).mean()),
            calinski_harabasz=float(calinski_harabasz_score(points, labels)),
            davies_bouldin=float(davies_bouldin_score(points, labels)),
            smallest_share=float(sizes.min() / len(labels)),
        )


def silhouettes(points: FloatArray, labels: Labels) -> FloatArray:
    """Silhouette of each point with squared Euclidean distance; 0 where it is alone.

    The mean squared distance from a point to a cluster is its squared distance to the cluster's
    mean plus the cluster's mean squared distance to that mean (Huygens-Steiner), so no pair of
    points is ever compared: O(n k) in time and memory. Equals scikit-learn's silhouette with
    ``metric="sqeuclidean"`` and Spark's ``ClusteringEvaluator``.
    """
    sizes = np.bincount(labels)
    return _silhouettes(_squared_distances_to_means(points, labels, sizes), labels, sizes)


def _squared_distances_to_means(
    points: FloatArray, labels: Labels, sizes: npt.NDArray[np.intp]
) -> FloatArray:
    sums = np.column_stack([np.bincount(labels, weights=column) for column in points.T])
    return np.asarray(cdist(points, sums / sizes[:, None], "sqeuclidean"))


def _own(to_means: FloatArray, labels: Labels) -> FloatArray:
    return np.asarray(np.take_along_axis(to_means, labels[:, None], axis=1)[:, 0])


def _silhouettes(to_means: FloatArray, labels: Labels, sizes: npt.NDArray[np.intp]) -> FloatArray:
    spread = np.bincount(labels, weights=_own(to_means, labels)) / sizes
    to_clusters = to_means + spread
    own_size = sizes[labels]
    # A point is no neighbour of its own: the mean is over the other members.
    within = _own(to_clusters, labels) * own_size / np.maximum(own_size - 1, 1)
    np.put_along_axis(to_clusters, labels[:, None], np.inf, axis=1)
    nearest = to_clusters.min(axis=1)
    larger = np.maximum(within, nearest)
    comparable = (own_size > 1) & (larger > 0)
    values: FloatArray = np.zeros(len(labels))
    np.divide(nearest - within, larger, out=values, where=comparable)
    return values
