"""Figures that say how well a clustering separates customers.

All are computed in the space that was clustered: scaled, and reduced where the specification says
so. Shapes: ``points`` (n, dimensions), dense or sparse, ``labels`` (n,) with the integers 0..k-1,
each of them used at least once. Time is O(n k), memory O(n).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial.distance import cdist
from threadpoolctl import threadpool_limits

from customer_segmentation.model.measures import Measures
from customer_segmentation.numerics.arrays import FloatArray, Labels
from customer_segmentation.numerics.distances import blocks, group_sums, squared_to_own
from customer_segmentation.numerics.sparse import (
    Points,
    group_means,
    is_sparse,
    squared_distances_to,
    squared_to_own_centre,
)


@dataclass(frozen=True)
class _Clusters:
    sizes: npt.NDArray[np.intp]
    means: FloatArray
    spreads: FloatArray
    """Mean squared distance of the members to the mean."""


def measure(points: Points, labels: Labels) -> Measures:
    """All figures of one clustering into at least two clusters and fewer than n.

    Calinski-Harabasz is (1974) between / (k - 1) over within / (n - k); Davies-Bouldin (1979) is
    the mean over clusters of the largest (r_i + r_j) / d_ij with r the mean distance to the own
    mean and d the distance of two means. Both equal scikit-learn's.

    Args:
        labels: As above; customers labelled -1 are noise and count in ``smallest_share`` only.
    """
    customers = len(labels)
    if labels.min() < 0:
        points, labels = points[labels >= 0], labels[labels >= 0]
    # Threads add partial sums in another order on another number of cores.
    with threadpool_limits(limits=1):
        clusters, squared = _clusters(points, labels)
        within = float(squared.sum())
        distances = np.bincount(labels, weights=np.sqrt(squared)) / clusters.sizes
        return Measures(
            inertia=within,
            silhouette=float(_silhouettes(points, labels, clusters).mean()),
            calinski_harabasz=_calinski_harabasz(clusters, within),
            davies_bouldin=_davies_bouldin(clusters.means, distances),
            smallest_share=float(clusters.sizes.min() / customers),
        )


def inertia(points: Points, labels: Labels) -> float:
    """The one figure of :func:`measure` of that name, for less work; no label is -1."""
    with threadpool_limits(limits=1):
        return float(_clusters(points, labels)[1].sum())


def silhouettes(points: Points, labels: Labels) -> FloatArray:
    """Silhouette of each point with squared Euclidean distance; 0 where it is alone.

    The mean squared distance from a point to a cluster is its squared distance to the cluster's
    mean plus the cluster's mean squared distance to that mean (Huygens-Steiner), so no pair of
    points is ever compared. Equals scikit-learn's silhouette with ``metric="sqeuclidean"`` and
    Spark's ``ClusteringEvaluator``.
    """
    with threadpool_limits(limits=1):
        return _silhouettes(points, labels, _clusters(points, labels)[0])


def _clusters(points: Points, labels: Labels) -> tuple[_Clusters, FloatArray]:
    """The clusters, and the squared distance of each point to the mean of its own."""
    sizes = np.bincount(labels)
    if is_sparse(points):
        means = group_means(points, labels)
        squared = squared_to_own_centre(points, labels, means)
    else:
        means = group_sums(points, labels, len(sizes)) / sizes[:, None]
        squared = squared_to_own(points, labels, means)
    return _Clusters(sizes, means, np.bincount(labels, weights=squared) / sizes), squared


def _silhouettes(points: Points, labels: Labels, clusters: _Clusters) -> FloatArray:
    values: FloatArray = np.zeros(len(labels))
    for block in blocks(len(labels)):
        own = labels[block]
        to_clusters = _squared(points[block], clusters.means) + clusters.spreads
        own_size = clusters.sizes[own]
        # A point is no neighbour of its own: the mean is over the other members.
        within = np.take_along_axis(to_clusters, own[:, None], axis=1)[:, 0]
        within *= own_size / np.maximum(own_size - 1, 1)
        np.put_along_axis(to_clusters, own[:, None], np.inf, axis=1)
        nearest = to_clusters.min(axis=1)
        larger = np.maximum(within, nearest)
        comparable = (own_size > 1) & (larger > 0)
        np.divide(nearest - within, larger, out=values[block], where=comparable)
    return values


def _squared(points: Points, means: FloatArray) -> FloatArray:
    if is_sparse(points):
        return squared_distances_to(points, means)
    return np.asarray(cdist(points, means, "sqeuclidean"))


def _calinski_harabasz(clusters: _Clusters, within: float) -> float:
    if within == 0:
        return 1.0
    size, k = int(clusters.sizes.sum()), len(clusters.sizes)
    centre = clusters.sizes @ clusters.means / size
    between = float(clusters.sizes @ np.square(clusters.means - centre).sum(axis=1))
    return between * (size - k) / (within * (k - 1))


def _davies_bouldin(means: FloatArray, distances: FloatArray) -> float:
    apart = cdist(means, means)
    similarity = np.add.outer(distances, distances)
    np.divide(similarity, apart, out=similarity, where=apart > 0)
    # Not with itself, nor with a cluster of the same mean.
    return float(similarity.max(axis=1, where=apart > 0, initial=0).mean())
