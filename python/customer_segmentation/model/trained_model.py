"""A trained model as plain data, and what it says of a customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

from customer_segmentation.clustering.assignment import NOISE, Assignment, Gaussians, Rule
from customer_segmentation.description.report import ModelReport
from customer_segmentation.preparation.preprocessing import FeatureScaling, apply_preprocessing
from customer_segmentation.preparation.reduce import Reduction, apply_reduction
from customer_segmentation.selection.choice import Candidate
from customer_segmentation.selection.measure import Measures

FORMAT_VERSION = 1


@dataclass(frozen=True)
class CentroidCoordinate:
    """Where a segment's centre lies on one dimension, of the name that the model's features have.

    ``scaled`` is the mean of the members' scaled values. ``original`` is that point in the
    feature's own units; with ``log1p`` it is a geometric kind of mean, below the arithmetic one.
    Of a level of an encoded column it is the share of members that have it.
    """

    feature: str
    scaled: float
    original: float


@dataclass(frozen=True)
class Segment:
    """One segment as it was when trained; distances are Euclidean, in the scaled space.

    Attributes:
        segment_id: Of a first model 1..k in the order of the specification's ordering measure; of a
            later one the id of the previous segment that it continues, or a fresh one.
        size: Number of customers.
        share: ``size`` over all customers, 0..1.
        ordering_mean: Mean of the ordering measure over the members, in its own units.
        inertia: Sum of the members' squared distances to the centroid.
        mean_distance: Mean distance of the members to the centroid.
        radius: Largest distance of a member to the centroid.
        centroid: One coordinate per feature, in the order of the model's features.
        reduced_centroid: The centroid in principal components; empty without a reduction.
        radius_limit: Farthest distance of a customer that is no noise, for the rule
            ``nearest_centroid_within_radius``.
        offset: For the rule ``gaussian``, see
            :class:`~customer_segmentation.clustering.assignment.Gaussians`.
        precision_cholesky: Rows of the factor, for that rule; empty for others.
    """

    segment_id: int
    size: int
    share: float
    ordering_mean: float
    inertia: float
    mean_distance: float
    radius: float
    centroid: tuple[CentroidCoordinate, ...]
    reduced_centroid: tuple[float, ...] = ()
    radius_limit: float | None = None
    offset: float | None = None
    precision_cholesky: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True, kw_only=True)
class ScoringModel:
    """What it takes to give customers their segments."""

    model_id: str
    entity_key: str
    features: tuple[FeatureScaling, ...]
    segments: tuple[Segment, ...]
    assignment_rule: Rule = "nearest_centroid"
    reduction: Reduction | None = None

    def assignment(self) -> Assignment:
        """The rule that scores, with the clusters in the order of ``segments``."""
        is_gaussian = self.assignment_rule == "gaussian"
        has_radius = self.assignment_rule == "nearest_centroid_within_radius"
        return Assignment(
            rule=self.assignment_rule,
            centroids=np.array(
                [
                    [item.scaled for item in segment.centroid]
                    if self.reduction is None
                    else segment.reduced_centroid
                    for segment in self.segments
                ]
            ),
            radius_limits=np.array([segment.radius_limit for segment in self.segments])
            if has_radius
            else None,
            gaussians=Gaussians(
                weights=np.array([segment.share for segment in self.segments]),
                precision_cholesky=np.array([item.precision_cholesky for item in self.segments]),
                offsets=np.array([segment.offset for segment in self.segments]),
            )
            if is_gaussian
            else None,
        )


@dataclass(frozen=True, kw_only=True)
class TrainedModel(ScoringModel):
    """Everything a training run found out, and all that scoring needs.

    ``model_id`` is the UTC time of training to the microsecond and the hash of the specification;
    it sorts by time. ``trained_at`` is in UTC. ``specification`` is canonical JSON. ``noise_count``
    customers belong to no segment. ``report`` is None in a model read back from its row, as scoring
    does not need it.
    """

    trained_at: datetime
    as_of_date: date
    format_version: int
    specification: str
    specification_hash: str
    random_seed: int
    engine: str
    library_versions: Mapping[str, str]
    row_count: int
    k: int
    k_reason: str
    measures: Measures
    candidates: tuple[Candidate, ...]
    noise_count: int = 0
    report: ModelReport | None = field(default=None, compare=False)


def segment_ids(frame: pd.DataFrame, model: ScoringModel) -> np.ma.MaskedArray[Any, Any]:
    """Segment id of each row (n,), -1 for noise, masked where a feature is missing or infinite.

    Args:
        frame: At least the columns of the model's features.
    """
    scaled = apply_preprocessing(frame, model.features)
    known = np.isfinite(scaled).all(axis=1)
    points = scaled[known]
    if model.reduction is not None:
        points = apply_reduction(points, model.reduction)
    labels = model.assignment().assign(points)
    ids = np.array([segment.segment_id for segment in model.segments])
    found = np.full(len(frame), NOISE, dtype=np.int64)
    found[known] = np.where(labels == NOISE, NOISE, ids[labels])
    return np.ma.MaskedArray(found, mask=~known)
