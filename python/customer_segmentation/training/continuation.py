"""Which previous segments those of a new model continue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from customer_segmentation.clustering.fit import Clustering
from customer_segmentation.description.alignment import PreviousSegment, align, first_alignment
from customer_segmentation.errors import InputError
from customer_segmentation.model.alignment import Alignment
from customer_segmentation.model.assignment import NOISE
from customer_segmentation.model.scaling import FeatureScaling
from customer_segmentation.model.scoring_model import ScoringModel
from customer_segmentation.model.trained_model import TrainedModel
from customer_segmentation.numerics.arrays import FloatArray
from customer_segmentation.preparation.scale import scale_originals
from customer_segmentation.scoring.frame import segment_ids
from customer_segmentation.specification import Specification
from customer_segmentation.training.previous import Previous


def aligned(
    customers: pd.DataFrame,
    clustering: Clustering,
    centroids: FloatArray,
    order: Sequence[int],
    scalings: Sequence[FeatureScaling],
    spec: Specification,
    previous: Previous | None,
) -> Alignment:
    """The ids of a clustering's segments: those that they continue, or 1..k in a first model.

    Args:
        customers: Those clustered, with the columns of the model before where the mart has them.
        clustering: Their clusters.
        centroids: Centres in the space of the scaled features (k, dimensions).
        order: The labels in the order in which fresh ids are given.
        scalings: Of the dimensions.
        spec: From which overlap on a segment continues another.
        previous: The model before, None for a first one.
    """
    if previous is None:
        return first_alignment(order)
    before = previous.model
    return align(
        clustering.labels,
        centroids,
        _previous_ids(customers, before),
        _previous_segments(before, scalings),
        highest_id_used=previous.highest_id_used,
        least_overlap=spec.alignment.least_overlap,
        order=order,
    )


def _previous_ids(customers: pd.DataFrame, before: ScoringModel) -> np.ma.MaskedArray[Any, Any]:
    """Segment ids by the model before, all masked where columns are gone or of another type."""
    unknown: np.ma.MaskedArray[Any, Any] = np.ma.MaskedArray(
        np.full(len(customers), NOISE, dtype=np.int64), mask=True
    )
    if not {item.column for item in before.features} <= set(customers.columns):
        return unknown
    try:
        return segment_ids(customers, before)
    except InputError:
        return unknown


def _previous_segments(
    before: TrainedModel, scalings: Sequence[FeatureScaling]
) -> list[PreviousSegment]:
    """Centroids of the model before, in the scaled space of the new one."""
    same = [item.name for item in before.features] == [item.name for item in scalings]
    if not same:
        return [PreviousSegment(segment.segment_id, None) for segment in before.segments]
    originals = np.array([[item.original for item in one.centroid] for one in before.segments])
    rescaled = scale_originals(originals, scalings)
    return [
        PreviousSegment(segment.segment_id, tuple(float(value) for value in centroid))
        for segment, centroid in zip(before.segments, rescaled, strict=True)
    ]
