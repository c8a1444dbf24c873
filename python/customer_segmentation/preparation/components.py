"""Scaled features as principal components, and back; nothing is fitted."""

from __future__ import annotations

import numpy as np
from threadpoolctl import threadpool_limits

from customer_segmentation.model.reduction import Reduction
from customer_segmentation.numerics.arrays import FloatArray
from customer_segmentation.numerics.distances import blocks


def apply_reduction(points: FloatArray, reduction: Reduction) -> FloatArray:
    """Points (n, features) as components (n, components).

    Added up feature by feature, as scoring in SQL does, hence the same bits.
    """
    centres, loadings = _figures(reduction)
    reduced: FloatArray = np.zeros((len(points), len(loadings)))
    for block in blocks(len(points)):
        centred = np.asarray(points[block], dtype=np.float64) - centres
        for values, weights in zip(centred.T, loadings.T, strict=True):
            reduced[block] += np.multiply.outer(values, weights)
    return reduced


def invert_reduction(reduced: FloatArray, reduction: Reduction) -> FloatArray:
    """Components (n, components) as scaled features (n, features).

    With fewer components than features the point nearest to the original one.
    """
    centres, loadings = _figures(reduction)
    with threadpool_limits(limits=1):
        return np.asarray(reduced @ loadings + centres)


def _figures(reduction: Reduction) -> tuple[FloatArray, FloatArray]:
    """Centres (features,) and loadings (components, features)."""
    return (
        np.array([item.centre for item in reduction.centres]),
        np.array([[item.loading for item in one.loadings] for one in reduction.components]),
    )
