"""Which previous segments those of a new model continue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from customer_segmentation.clustering.fit import Clustering
from customer_segmentation.description.alignment import PreviousSegment, align, first_alignment
from customer_segmentation.errors import InputError
from customer_segmentation.model.alignment import Alignment
from customer_segmentation.model.assignment import NOISE
from customer_segmentation.model.matrix import MatrixReduction
from customer_segmentation.model.scaling import FeatureScaling
from customer_segmentation.model.scoring_model import ScoringModel
from customer_segmentation.model.trained_model import TrainedModel
from customer_segmentation.numerics.arrays import FloatArray
from customer_segmentation.preparation.matrix_components import projected, with_components
from customer_segmentation.preparation.scale import scale_originals
from customer_segmentation.scoring.frame import segment_ids
from customer_segmentation.specification import Specification
from customer_segmentation.training.prepared import Prepared
from customer_segmentation.training.previous import Previous


def aligned(
    prepared: Prepared,
    clustering: Clustering,
    centroids: FloatArray,
    order: Sequence[int],
    spec: Specification,
    previous: Previous | None,
) -> Alignment:
    """The ids of a clustering's segments: those that they continue, or 1..k in a first model.

    Args:
        prepared: Those clustered, with the columns of the model before where the mart has them.
        clustering: Their clusters.
        centroids: Centres in the space of the scaled features (k, dimensions).
        order: The labels in the order in which fresh ids are given.
        spec: From which overlap on a segment continues another.
        previous: The model before, None for a first one.
    """
    if previous is None:
        return first_alignment(order)
    before = previous.model
    return align(
        clustering.labels,
        centroids,
        _previous_ids(prepared, before),
        _previous_segments(before, prepared),
        highest_id_used=previous.highest_id_used,
        least_overlap=spec.alignment.least_overlap,
        order=order,
    )


def _previous_ids(prepared: Prepared, before: ScoringModel) -> np.ma.MaskedArray[Any, Any]:
    """Segment ids by the model before, all masked where columns are gone or of another type."""
    customers = prepared.customers.drop(columns=list(prepared.component_names))
    if before.matrix is not None and prepared.long_matrix is not None:
        customers = with_components(
            customers, prepared.long_matrix, before.matrix, before.entity_key
        )
    unknown: np.ma.MaskedArray[Any, Any] = np.ma.MaskedArray(
        np.full(len(customers), NOISE, dtype=np.int64), mask=True
    )
    if not {item.column for item in before.features} <= set(customers.columns):
        return unknown
    try:
        return segment_ids(customers, before)
    except InputError:
        return unknown


def _previous_segments(before: TrainedModel, prepared: Prepared) -> list[PreviousSegment]:
    """Centroids of the model before, in the scaled space of the new one."""
    own, theirs = prepared.matrix, before.matrix
    scalings = prepared.scalings
    same = _names(before.features, theirs) == _names(scalings, own)
    if not same or (own is None) != (theirs is None):
        return [PreviousSegment(segment.segment_id, None) for segment in before.segments]
    originals = np.array([[item.original for item in one.centroid] for one in before.segments])
    if own is not None and theirs is not None:
        count = len(theirs.components)
        components = projected(originals[:, :count], theirs, own)
        originals = np.column_stack([components, originals[:, count:]])
    rescaled = scale_originals(originals, scalings)
    return [
        PreviousSegment(segment.segment_id, tuple(float(value) for value in centroid))
        for segment, centroid in zip(before.segments, rescaled, strict=True)
    ]


def _names(scalings: Sequence[FeatureScaling], matrix: MatrixReduction | None) -> list[str]:
    """Names of the dimensions, but for the components of a matrix, which come first."""
    return [item.name for item in scalings[0 if matrix is None else len(matrix.components) :]]
