"""Which segment a customer belongs to: the rule that a clustering ends in.

Algorithms that look at all customers at once, such as hierarchies and densities, say nothing of a
new customer. So every algorithm hands over a rule that needs one customer and stored figures only,
and the segments are what the rule says, for the customers of training too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from customer_segmentation.numerics.arrays import FloatArray, Labels
from customer_segmentation.numerics.distances import (
    blocks,
    nearest,
    squared_distances,
    squared_to_own,
)

Rule = Literal["nearest_centroid", "nearest_centroid_within_radius", "gaussian"]

NOISE = -1
"""Label of customers that belong to no cluster."""


@dataclass(frozen=True, eq=False)
class Gaussians:
    """The components of a mixture of normal distributions, in the order of the centroids.

    Attributes:
        weights: Share of the customers (k,), adding up to 1.
        precision_cholesky: Upper triangular factors (k, d, d); the inverse of a component's
            covariance is P P'.
        offsets: Logarithm of the covariance's determinant less twice that of the weight (k,).
    """

    weights: FloatArray
    precision_cholesky: FloatArray
    offsets: FloatArray


@dataclass(frozen=True, eq=False)
class Assignment:
    """A rule with its figures; ``d`` is the number of features, or of components when reduced.

    - ``nearest_centroid``: the least squared Euclidean distance, added up feature by feature.
    - ``nearest_centroid_within_radius``: the same, and noise (-1) where the distance exceeds the
      radius limit of that nearest centroid.
    - ``gaussian``: the highest posterior probability, which is the least of sum_j y_j^2 + offset
      with y_j = sum_{i<=j} (x_i - centroid_i) P_ij: squared Mahalanobis distance, plus log
      determinant, less twice the log weight.

    Of equal clusters the first one wins.

    Attributes:
        rule: Which of the rules.
        centroids: One row (k, d) per cluster.
        radius_limits: Farthest distance (k,) of a customer that is no noise, None for other rules.
        gaussians: The components, None for other rules.
    """

    rule: Rule
    centroids: FloatArray
    radius_limits: FloatArray | None = None
    gaussians: Gaussians | None = None

    def criteria(self, points: FloatArray) -> FloatArray:
        """What the own cluster has the least of (n, k), for each point (n, d).

        The same additions in the same order as scoring in SQL, hence the same bits.
        """
        if self.gaussians is None:
            return squared_distances(points, self.centroids)
        return np.column_stack(
            [
                _squared_mahalanobis(points, centroid, factor) + offset
                for centroid, factor, offset in zip(
                    self.centroids,
                    self.gaussians.precision_cholesky,
                    self.gaussians.offsets,
                    strict=True,
                )
            ]
        )

    def assign(self, points: FloatArray) -> Labels:
        """Cluster 0..k-1 of each point (n, d), or -1 for noise."""
        if self.gaussians is not None:
            labels = np.empty(len(points), dtype=np.intp)
            for block in blocks(len(points)):
                labels[block] = self.criteria(points[block]).argmin(axis=1)
            return labels
        labels, _ = nearest(points, self.centroids)
        if self.radius_limits is not None:
            distances = np.sqrt(squared_to_own(points, labels, self.centroids))
            labels[distances > self.radius_limits[labels]] = NOISE
        return labels


def _squared_mahalanobis(
    points: FloatArray, centroid: FloatArray, factor: FloatArray
) -> FloatArray:
    # Column by column and in this order, as scoring in SQL adds them up.
    differences = (np.asarray(points, dtype=np.float64) - centroid).T
    total: FloatArray = np.zeros(len(points))
    for column in range(len(factor)):
        whitened: FloatArray = np.zeros(len(points))
        for row in range(column + 1):
            whitened += differences[row] * factor[row, column]
        total += whitened * whitened
    return total
