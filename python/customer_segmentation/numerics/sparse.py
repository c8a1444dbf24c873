"""Distances and sums over the rows of a sparse matrix, of which no more is dense than one block.

Shapes: ``points`` (n, m) in compressed rows, ``labels`` (n,) with the integers 0..k-1. Dense are
centres (k, m), and distances of :func:`~customer_segmentation.numerics.distances.blocks` of rows to
k centres; the matrix itself never is.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from scipy.sparse import csr_array

from customer_segmentation.numerics.arrays import FloatArray, Labels
from customer_segmentation.numerics.distances import blocks

CsrMatrix: TypeAlias = csr_array
Points: TypeAlias = FloatArray | CsrMatrix
"""Customers as dense rows, or as rows of a sparse matrix."""


def is_sparse(points: Points) -> bool:
    """Whether the points are rows of a sparse matrix."""
    return isinstance(points, csr_array)


def squared_lengths(points: CsrMatrix) -> FloatArray:
    """Sum of the squares of each row (n,)."""
    return np.asarray(points.multiply(points).sum(axis=1)).ravel()


def squared_distances_to(points: CsrMatrix, centres: FloatArray) -> FloatArray:
    """Squared Euclidean distances (n, k), as |x|^2 - 2xc + |c|^2 and never below 0."""
    squared = squared_lengths(points)[:, None] - 2 * np.asarray(points @ centres.T)
    squared += np.square(centres).sum(axis=1)
    return np.asarray(np.maximum(squared, 0, out=squared))


def nearest_centre(points: CsrMatrix, centres: FloatArray) -> Labels:
    """The nearest centre of each row (n,), of equal ones the first."""
    labels = np.empty(points.shape[0], dtype=np.intp)
    for block in blocks(points.shape[0]):
        labels[block] = squared_distances_to(points[block], centres).argmin(axis=1)
    return labels


def squared_to_own_centre(points: CsrMatrix, labels: Labels, centres: FloatArray) -> FloatArray:
    """Squared Euclidean distance (n,) of each row to its own centre."""
    own: FloatArray = np.empty(len(labels))
    for block in blocks(len(labels)):
        squared = squared_distances_to(points[block], centres)
        own[block] = np.take_along_axis(squared, labels[block][:, None], axis=1)[:, 0]
    return own


def group_means(points: CsrMatrix, labels: Labels) -> FloatArray:
    """Mean (k, m) of the rows with each label, each of which is used."""
    sizes = np.bincount(labels)
    rows = len(labels)
    members = csr_array((np.ones(rows), (labels, np.arange(rows))), shape=(len(sizes), rows))
    sums: Any = members @ points
    return np.asarray(sums.toarray() / sizes[:, None])


def column_means(points: CsrMatrix) -> FloatArray:
    """Mean of each column (m,)."""
    return np.asarray(points.sum(axis=0) / points.shape[0]).ravel()


def column_variances(points: CsrMatrix) -> FloatArray:
    """Sample variance (over n - 1) of each column (m,), without the rounding of E[x^2] - E[x]^2."""
    rows = points.shape[0]
    means = column_means(points)
    stored = np.bincount(points.indices, minlength=points.shape[1])
    differences = points.data - means[points.indices]
    squares = np.bincount(
        points.indices, weights=differences * differences, minlength=points.shape[1]
    )
    return np.asarray((squares + (rows - stored) * np.square(means)) / (rows - 1))
