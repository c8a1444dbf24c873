"""Train a clustering on a feature mart: from one row per customer to a model that is plain data."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from importlib import metadata
from typing import Any

import numpy as np
import pandas as pd

from customer_segmentation import __version__
from customer_segmentation.algorithms import NOISE, Assignment, Clustering, Gaussians, Rule
from customer_segmentation.alignment import (
    Alignment,
    PreviousSegment,
    align,
    first_alignment,
)
from customer_segmentation.arrays import FloatArray, Labels
from customer_segmentation.audit import audit_features
from customer_segmentation.measures import Measures, measure
from customer_segmentation.model_report import Clustered, ModelReport, report
from customer_segmentation.preprocessing import (
    FeatureScaling,
    apply_preprocessing,
    check_customers,
    check_distinct_rows,
    fit_preprocessing,
    invert_preprocessing,
    numeric_column,
)
from customer_segmentation.reduction import (
    Reduction,
    apply_reduction,
    fit_reduction,
    invert_reduction,
)
from customer_segmentation.selection import Candidate
from customer_segmentation.specification import Specification
from customer_segmentation.sweep import repetition, sweep

FORMAT_VERSION = 1
_LIBRARIES = ("kneed", "numpy", "pandas", "scikit-learn", "scipy")


@dataclass(frozen=True)
class CentroidCoordinate:
    """Where a segment's centre lies on one feature.

    ``scaled`` is the mean of the members' scaled values. ``original`` is that point in the
    feature's own units; with ``log1p`` it is a geometric kind of mean, below the arithmetic one.
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
        offset: For the rule ``gaussian``, see :class:`~customer_segmentation.algorithms.Gaussians`.
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


@dataclass(frozen=True)
class TrainedModel:
    """Everything a training run found out, and all that scoring needs.

    ``model_id`` is the UTC time of training to the microsecond and the hash of the specification;
    it sorts by time. ``trained_at`` is in UTC. ``specification`` is canonical JSON. ``noise_count``
    customers belong to no segment. ``report`` is None in a model read back from its row, as scoring
    does not need it.
    """

    model_id: str
    trained_at: datetime
    as_of_date: date
    format_version: int
    entity_key: str
    specification: str
    specification_hash: str
    random_seed: int
    engine: str
    library_versions: Mapping[str, str]
    row_count: int
    k: int
    k_reason: str
    measures: Measures
    features: tuple[FeatureScaling, ...]
    segments: tuple[Segment, ...]
    candidates: tuple[Candidate, ...]
    assignment_rule: Rule = "nearest_centroid"
    reduction: Reduction | None = None
    noise_count: int = 0
    report: ModelReport | None = field(default=None, compare=False)

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


@dataclass(frozen=True)
class Previous:
    """The model that a new one is aligned to, and the highest segment id of any model before."""

    model: TrainedModel
    highest_id_used: int


def train(
    frame: pd.DataFrame,
    spec: Specification,
    *,
    as_of_date: date,
    trained_at: datetime,
    previous: Previous | None = None,
    progress: Callable[[str], None] | None = None,
) -> TrainedModel:
    """Train on the customers of a feature mart.

    The same customers, specification and library versions give the same model, whatever the order
    of the rows.

    Args:
        frame: One row per customer with ``spec.training_columns``; numbers may be ``Decimal``.
        spec: What to cluster and how.
        as_of_date: The date that the features of the mart are relative to.
        trained_at: Now, with a time zone.
        previous: The version before, whose ids the segments keep; ``frame`` then has its features
            too, or only the centroids can be compared.
        progress: Receives one line of text per step.

    Raises:
        InputError: The customers cannot be clustered; the message says which and why.
        ValueError: ``trained_at`` has no time zone.
    """
    if trained_at.tzinfo is None:
        raise ValueError("trained_at needs a time zone")
    trained_at = trained_at.astimezone(timezone.utc)
    say = progress or _silent
    check_customers(frame, spec)
    customers = frame.sort_values(spec.entity_key, ignore_index=True)
    numeric = tuple(item.name for item in spec.features if item.encoding == "numeric")
    audits, correlations = audit_features(
        customers,
        numeric,
        correlation_threshold=spec.audit.correlation_threshold,
        transforms={item.name: item.transform for item in spec.features},
    )
    for text in (*(item.advice for item in audits), *(item.reason for item in correlations)):
        if text:
            say(text)
    scalings = fit_preprocessing(customers, spec)
    names = tuple(item.name for item in scalings)
    scaled = apply_preprocessing(customers, scalings)
    check_distinct_rows(scaled, max(spec.candidate_ks, default=1))
    say(f"{len(customers)} customers x {len(scalings)} features read and scaled")
    reduction = _reduction(scaled, names, spec)
    reduced = None if reduction is None else apply_reduction(scaled, reduction)
    points = scaled if reduced is None else reduced
    swept = sweep(scaled, reduced, spec, say)
    say(swept.reason)
    clustering = swept.chosen
    centroids = _scaled_centroids(clustering, reduction)
    ordering = _ordering_means(customers, clustering, spec)
    order = _label_order(ordering, clustering, spec)
    alignment = _aligned(customers, clustering, centroids, order, scalings, spec, previous)
    ids = {item.label: item.segment_id for item in alignment.segments}
    squared = _squared_to_own(points, clustering)
    measures = measure(points, clustering.labels)
    clustered = Clustered(
        customers=customers,
        numeric_features=numeric,
        scaled=scaled,
        dimensions=names,
        points=points,
        labels=clustering.labels,
        segment_ids=_segment_ids(clustering, ids),
        ids=tuple(ids[label] for label in range(clustering.k)),
        squared_to_own=squared,
        agreement=clustering.agreement,
        noise_share=clustering.noise_share,
    )
    return TrainedModel(
        model_id=f"{trained_at:%Y%m%dT%H%M%S%f}-{spec.specification_hash}",
        trained_at=trained_at,
        as_of_date=as_of_date,
        format_version=FORMAT_VERSION,
        entity_key=spec.entity_key,
        specification=spec.canonical_json(),
        specification_hash=spec.specification_hash,
        random_seed=spec.random_seed,
        engine="memory",
        library_versions=_library_versions(),
        row_count=len(customers),
        k=clustering.k,
        k_reason=swept.reason,
        measures=measures,
        features=tuple(scalings),
        segments=_segments(clustering, centroids, squared, ordering, ids, scalings, reduction),
        candidates=swept.candidates,
        assignment_rule=clustering.assignment.rule,
        reduction=reduction,
        noise_count=int((clustering.labels == NOISE).sum()),
        report=report(
            clustered,
            measures,
            spec,
            audits=audits,
            correlations=correlations,
            alignment=alignment,
            previous_model_id=None if previous is None else previous.model.model_id,
            refit=repetition(spec, clustering.k),
            say=say,
        ),
    )


def segment_ids(frame: pd.DataFrame, model: TrainedModel) -> np.ma.MaskedArray[Any, Any]:
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


def _silent(_: str) -> None:
    return None


def _reduction(scaled: FloatArray, names: tuple[str, ...], spec: Specification) -> Reduction | None:
    if spec.reduction is None:
        return None
    return fit_reduction(
        scaled,
        names,
        components=spec.reduction.components,
        variance=spec.reduction.variance,
    )


def _scaled_centroids(clustering: Clustering, reduction: Reduction | None) -> FloatArray:
    if reduction is None:
        return clustering.centroids
    return invert_reduction(clustering.centroids, reduction)


def _segment_ids(clustering: Clustering, ids: Mapping[int, int]) -> Labels:
    table = np.array([*(ids[label] for label in range(clustering.k)), NOISE])
    return np.asarray(table[clustering.labels])


def _ordering_means(
    customers: pd.DataFrame, clustering: Clustering, spec: Specification
) -> FloatArray:
    values = numeric_column(customers, spec.ordering.measure)
    return np.array([values[clustering.labels == label].mean() for label in range(clustering.k)])


def _squared_to_own(points: FloatArray, clustering: Clustering) -> FloatArray:
    """Squared distance of each point to the centroid of its cluster, 0 for noise."""
    squared: FloatArray = np.zeros(len(points))
    for label, centroid in enumerate(clustering.centroids):
        members = clustering.labels == label
        squared[members] = np.square(points[members] - centroid).sum(axis=1)
    return squared


def _aligned(
    customers: pd.DataFrame,
    clustering: Clustering,
    centroids: FloatArray,
    order: Sequence[int],
    scalings: Sequence[FeatureScaling],
    spec: Specification,
    previous: Previous | None,
) -> Alignment:
    if previous is None:
        return first_alignment(order)
    before = previous.model
    if {item.name for item in before.features} <= set(customers.columns):
        previous_ids = segment_ids(customers, before)
    else:
        unknown = np.full(len(customers), NOISE, dtype=np.int64)
        previous_ids = np.ma.MaskedArray(unknown, mask=True)
    return align(
        clustering.labels,
        centroids,
        previous_ids,
        _previous_segments(before, scalings),
        highest_id_used=previous.highest_id_used,
        least_overlap=spec.alignment.least_overlap,
        order=order,
    )


def _previous_segments(
    before: TrainedModel, scalings: Sequence[FeatureScaling]
) -> list[PreviousSegment]:
    """Centroids of the model before, in the scaled space of the new one."""
    same = [item.name for item in before.features] == [item.name for item in scalings]
    if not same:
        return [PreviousSegment(segment.segment_id, None) for segment in before.segments]
    originals = pd.DataFrame(
        [{item.feature: item.original for item in segment.centroid} for segment in before.segments]
    )
    rescaled = apply_preprocessing(originals, scalings)
    return [
        PreviousSegment(segment.segment_id, tuple(float(value) for value in centroid))
        for segment, centroid in zip(before.segments, rescaled, strict=True)
    ]


def _segments(
    clustering: Clustering,
    centroids: FloatArray,
    squared_to_own: FloatArray,
    ordering_means: FloatArray,
    ids: Mapping[int, int],
    scalings: Sequence[FeatureScaling],
    reduction: Reduction | None,
) -> tuple[Segment, ...]:
    originals = invert_preprocessing(centroids, scalings)
    rule = clustering.assignment
    segments = []
    for label, segment_id in sorted(ids.items(), key=lambda item: item[1]):
        squared = squared_to_own[clustering.labels == label]
        distances = np.sqrt(squared)
        segments.append(
            Segment(
                segment_id=segment_id,
                size=len(squared),
                share=len(squared) / len(clustering.labels),
                ordering_mean=float(ordering_means[label]),
                inertia=float(squared.sum()),
                mean_distance=float(distances.mean()),
                radius=float(distances.max()),
                centroid=tuple(
                    CentroidCoordinate(scaling.name, float(scaled), float(original))
                    for scaling, scaled, original in zip(
                        scalings, centroids[label], originals[label], strict=True
                    )
                ),
                reduced_centroid=()
                if reduction is None
                else tuple(float(value) for value in clustering.centroids[label]),
                radius_limit=None
                if rule.radius_limits is None
                else float(rule.radius_limits[label]),
                offset=None if rule.gaussians is None else float(rule.gaussians.offsets[label]),
                precision_cholesky=()
                if rule.gaussians is None
                else tuple(
                    tuple(float(value) for value in row)
                    for row in rule.gaussians.precision_cholesky[label]
                ),
            )
        )
    return tuple(segments)


def _label_order(means: FloatArray, clustering: Clustering, spec: Specification) -> list[int]:
    """Labels by the ordering measure; a tie goes to the larger cluster, then the lower centroid."""
    sign = -1 if spec.ordering.direction == "descending" else 1
    sizes = np.bincount(clustering.labels[clustering.labels != NOISE])
    return sorted(
        range(len(means)),
        key=lambda label: (
            sign * means[label],
            -sizes[label],
            tuple(clustering.centroids[label]),
        ),
    )


def _library_versions() -> dict[str, str]:
    return {
        "customer-segmentation": __version__,
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in _LIBRARIES},
    }
