"""K-means to the very end, for few customers and for millions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from sklearn.cluster import KMeans

from customer_segmentation.clustering.fitting import Fitted, check_groups, sampled
from customer_segmentation.numerics.arrays import FloatArray, Labels
from customer_segmentation.numerics.distances import group_sums, nearest

_MOST_ITERATIONS = 1000
# The runs on a sample only have to find the best start, which the run on all customers ends.
_SAMPLE_TOLERANCE = 1e-3
_SAMPLE_GROWTH = 5
_FEWEST_TO_FREEZE = 5_000
_LARGEST_ACTIVE_SHARE = 0.6
_REACH_IN_STEPS = 5


def fit_kmeans(
    points: FloatArray, k: int, *, random_seed: int, starts: int, sample_size: int
) -> Fitted:
    """The best of ``starts`` runs of Lloyd's algorithm from k-means++ seeds.

    With more than ``sample_size`` customers the runs are on a seeded sample, until the squared
    shifts of the centroids add up to no more than 1e-3 of the features' mean variance. The best of
    them goes on, on samples five times as large as the one before, until it has all customers.
    Either way it ends only when no customer changes cluster any more: every centroid is the mean of
    its members, every member nearest to its own centroid.

    Raises:
        InputError: The points are too alike for ``k`` clusters.
    """
    sample = sampled(points, sample_size, random_seed)
    all_customers = len(sample) == len(points)
    found = KMeans(
        n_clusters=k,
        n_init=starts,
        random_state=random_seed,
        max_iter=_MOST_ITERATIONS,
        tol=0 if all_customers else _SAMPLE_TOLERANCE,
    ).fit(sample)
    centroids, labels = found.cluster_centers_, found.labels_.astype(np.intp)
    for size in _sizes(sample_size, len(points)):
        centroids, labels = _settle(sampled(points, size, random_seed), centroids)
    # Of two centroids equally near scikit-learn may take the later one.
    if not all_customers or not np.array_equal(nearest(points, centroids)[0], labels):
        centroids, labels = _settle(points, centroids)
    check_groups(labels, k, "K-means")
    return Fitted(points=points, labels=labels, centroids=np.asarray(centroids))


def _sizes(first: int, rows: int) -> Iterator[int]:
    size = first
    while size < rows:
        yield size
        size *= _SAMPLE_GROWTH


def _settle(points: FloatArray, start: FloatArray) -> tuple[FloatArray, Labels]:
    """Lloyd's algorithm from ``start`` until no point changes cluster."""
    return _lloyd(points, start, _Frozen(np.zeros(start.shape), np.zeros(len(start))), np.inf)


class _Frozen:
    """Sums and sizes of the points that belong to the clusters but cannot change theirs."""

    def __init__(self, sums: FloatArray, sizes: FloatArray) -> None:
        self.sums = sums
        self.sizes = sizes

    def means(self, points: FloatArray, labels: Labels, otherwise: FloatArray) -> FloatArray:
        """Means with the given points; an empty cluster keeps its centroid."""
        k = len(self.sizes)
        sums = self.sums + group_sums(points, labels, k)
        sizes = self.sizes + np.bincount(labels, minlength=k)
        means: FloatArray = otherwise.copy()
        np.divide(sums, sizes[:, None], out=means, where=sizes[:, None] > 0)
        return means

    def without(self, points: FloatArray, labels: Labels, active: Labels) -> _Frozen:
        """With all given points but the active ones added."""
        k = len(self.sizes)
        others = labels.copy()
        others[active] = -1
        sizes = np.bincount(others[others >= 0], minlength=k)
        return _Frozen(self.sums + group_sums(points, others, k), self.sizes + sizes)


def _lloyd(
    points: FloatArray, start: FloatArray, frozen: _Frozen, reach: float
) -> tuple[FloatArray, Labels]:
    """Iterate until no point changes cluster or a centroid is ``reach`` away from its start.

    A point whose second nearest centroid is farther by ``lead`` than its nearest keeps its cluster
    as long as no centroid has moved by lead / 2. So after each pass over all points the next ones
    go over the few with a smaller lead, again in the same way, and only then over all again; the
    clusters are those of the plain algorithm.
    """
    centroids, before = start, None
    labels, leads = nearest(points, centroids)
    for _ in range(_MOST_ITERATIONS):
        if before is not None and np.array_equal(labels, before):
            break
        means = frozen.means(points, labels, centroids)
        if _farthest(means, start) > reach:
            return means, labels
        step = _farthest(means, centroids)
        active = np.flatnonzero(leads <= 2 * _REACH_IN_STEPS * step)
        if len(points) > _FEWEST_TO_FREEZE and len(active) < _LARGEST_ACTIVE_SHARE * len(points):
            rest = frozen.without(points, labels, active)
            inner_reach = (_REACH_IN_STEPS - 1) * step
            _, labels[active] = _lloyd(points[active], means, rest, inner_reach)
            means = frozen.means(points, labels, means)
        centroids, before = means, labels
        labels, leads = nearest(points, centroids)
    return centroids, labels


def _farthest(centroids: FloatArray, others: FloatArray) -> float:
    return float(np.sqrt(np.square(centroids - others).sum(axis=1).max()))
