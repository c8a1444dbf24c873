"""Distances and sums over many customers, in blocks that stay in the processor's cache.

Blocks are added up in their order, so that results do not depend on threads or free memory. Points
may be float32; every figure is computed in float64.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from customer_segmentation.numerics.arrays import FloatArray, Labels

_BLOCK_ROWS = 16384


def blocks(rows: int) -> Iterator[slice]:
    """Consecutive slices that cover ``rows`` rows."""
    for start in range(0, rows, _BLOCK_ROWS):
        yield slice(start, min(start + _BLOCK_ROWS, rows))


def squared_distances(points: FloatArray, centroids: FloatArray) -> FloatArray:
    """Squared Euclidean distances (n, k), added up feature by feature.

    The same additions in the same order as scoring in SQL, hence the same bits.
    """
    totals: FloatArray = np.zeros((len(points), len(centroids)))
    for values, coordinates in zip(points.T, centroids.T, strict=True):
        differences = np.subtract.outer(values, coordinates)
        totals += differences * differences
    return totals


def nearest(points: FloatArray, centroids: FloatArray) -> tuple[Labels, FloatArray]:
    """The nearest centroid of each point, and how much farther the second nearest is.

    Labels are those of the least of :func:`squared_distances`, of equal ones the first; most are
    found by the faster |x|^2 - 2xc + |c|^2, and only where two centroids are as near as that
    formula's rounding does the exact order decide. Of the differences of distances (n,) the last
    digits are not exact; they are infinite where there is one centroid.
    """
    labels = np.empty(len(points), dtype=np.intp)
    leads: FloatArray = np.empty(len(points))
    lengths = np.square(centroids).sum(axis=1)
    # Four times what rounding can add up to in two such sums of d terms.
    rounding = 8 * (centroids.shape[1] + 4) * np.finfo(np.float64).eps
    for block in blocks(len(points)):
        part = np.asarray(points[block], dtype=np.float64)
        own_lengths = np.einsum("ij,ij->i", part, part)
        squared = (-2 * centroids) @ part.T
        squared += lengths[:, None]
        least = squared.min(axis=0)
        found = np.empty(len(part), dtype=np.intp)
        for label, distances in enumerate(squared):
            np.copyto(found, label, where=distances == least)
        squared[found, np.arange(len(part))] = np.inf
        second = squared.min(axis=0)
        close = second - least <= rounding * (own_lengths + lengths.max())
        if close.any():
            found[close] = squared_distances(part[close], centroids).argmin(axis=1)
        labels[block] = found
        least += own_lengths
        second += own_lengths
        leads[block] = np.sqrt(np.maximum(second, 0)) - np.sqrt(np.maximum(least, 0))
    return labels, leads


def squared_to_own(points: FloatArray, labels: Labels, centroids: FloatArray) -> FloatArray:
    """Squared Euclidean distance (n,) of each point to its own centroid; every label is used."""
    own: FloatArray = np.empty(len(points))
    for block in blocks(len(points)):
        differences = points[block] - centroids[labels[block]]
        own[block] = np.einsum("ij,ij->i", differences, differences)
    return own


def group_sums(points: FloatArray, labels: Labels, groups: int) -> FloatArray:
    """Sums (groups, features) of the points with labels 0..groups-1; a negative label is left out.

    As a matrix product, which is quicker than adding row by row and lets other threads run.
    """
    totals: FloatArray = np.zeros((groups, points.shape[1]))
    for block in blocks(len(points)):
        members = (labels[block] == np.arange(groups)[:, None]).astype(np.float64)
        totals += members @ np.asarray(points[block], dtype=np.float64)
    return totals
