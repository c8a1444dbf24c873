"""Train a clustering on a feature mart: from one row per customer to a model that is plain data."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timezone
from importlib import metadata
from typing import Any, Literal

import numpy as np
import pandas as pd

from customer_segmentation import __version__
from customer_segmentation.clustering.fit import Clustering
from customer_segmentation.description.alignment import PreviousSegment, align, first_alignment
from customer_segmentation.description.report import Clustered, report
from customer_segmentation.errors import InputError
from customer_segmentation.model.alignment import Alignment
from customer_segmentation.model.assignment import NOISE
from customer_segmentation.model.features import FeatureAudit, FeatureCorrelation
from customer_segmentation.model.measures import Measures
from customer_segmentation.model.reduction import Reduction
from customer_segmentation.model.scaling import FeatureScaling
from customer_segmentation.model.scoring_model import ScoringModel
from customer_segmentation.model.segments import CentroidCoordinate, Segment
from customer_segmentation.model.trained_model import FORMAT_VERSION, TrainedModel
from customer_segmentation.numerics.arrays import FloatArray, Labels
from customer_segmentation.numerics.distances import squared_to_own
from customer_segmentation.preparation.audit import audit_encoded_features, audit_features
from customer_segmentation.preparation.checks import (
    check_customers,
    check_distinct_rows,
    check_extent,
)
from customer_segmentation.preparation.columns import numeric_column
from customer_segmentation.preparation.components import apply_reduction, invert_reduction
from customer_segmentation.preparation.reduce import fit_reduction
from customer_segmentation.preparation.scale import (
    apply_preprocessing,
    fit_preprocessing,
    invert_preprocessing,
    scale_originals,
)
from customer_segmentation.scoring.frame import segment_ids
from customer_segmentation.selection.sweep import Sweep, repetition, sweep
from customer_segmentation.specification import Specification
from customer_segmentation.training.previous import Previous

_LIBRARIES = ("kneed", "numpy", "pandas", "scikit-learn", "scipy")


@dataclass(frozen=True, eq=False)
class Prepared:
    """Customers ready to be clustered.

    Attributes:
        customers: One row per customer, with the columns of the specification.
        audits: Of the features, and of pairs of them.
        scalings: One per column of ``scaled``.
        scaled: Scaled features (n, dimensions).
        reduction: What makes ``reduced`` of them, None without.
        reduced: Principal components (n, components), None without a reduction.
    """

    customers: pd.DataFrame
    audits: tuple[tuple[FeatureAudit, ...], tuple[FeatureCorrelation, ...]]
    scalings: tuple[FeatureScaling, ...]
    scaled: FloatArray
    reduction: Reduction | None
    reduced: FloatArray | None = field(init=False)

    def __post_init__(self) -> None:
        reduced = None if self.reduction is None else apply_reduction(self.scaled, self.reduction)
        object.__setattr__(self, "reduced", reduced)

    @property
    def points(self) -> FloatArray:
        """What is clustered (n, d)."""
        return self.scaled if self.reduced is None else self.reduced


@dataclass(frozen=True)
class Group:
    """The customers of a cluster; as in :class:`Segment`."""

    size: int
    ordering_mean: float
    inertia: float
    mean_distance: float
    radius: float


@dataclass(frozen=True)
class Population:
    """Figures of all customers of training, one group per label."""

    row_count: int
    groups: tuple[Group, ...]

    @property
    def noise_count(self) -> int:
        """Customers in no group."""
        return self.row_count - sum(group.size for group in self.groups)


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
    trained_at = in_utc(trained_at)
    say = progress or silent
    check_customers(frame, spec)
    customers = frame.sort_values(spec.entity_key, ignore_index=True)
    audits = audited(customers, spec, say)
    scalings = fit_preprocessing(customers, spec)
    names = tuple(item.name for item in scalings)
    scaled = apply_preprocessing(customers, scalings).astype(spec.precision, copy=False)
    check_extent(scaled.min(axis=0), scaled.max(axis=0), names, len(scaled))
    check_distinct_rows(scaled, max(spec.candidate_ks, default=1))
    say(f"{len(customers)} customers x {len(scalings)} features read and scaled")
    reduction = _reduction(scaled, names, spec)
    prepared = Prepared(customers, audits, tuple(scalings), scaled, reduction)
    swept = sweep(scaled, prepared.reduced, spec, say)
    return concluded(
        prepared,
        swept,
        spec,
        engine="memory",
        as_of_date=as_of_date,
        trained_at=trained_at,
        previous=previous,
        say=say,
    )


def audited(
    customers: pd.DataFrame, spec: Specification, say: Callable[[str], None]
) -> tuple[tuple[FeatureAudit, ...], tuple[FeatureCorrelation, ...]]:
    """What is weak about the features, and which of the numeric ones say nearly the same."""
    numeric, correlations = audit_features(
        customers,
        _numeric_features(spec),
        correlation_threshold=spec.audit.correlation_threshold,
        transforms={item.name: item.transform for item in spec.features},
        random_seed=spec.random_seed,
        sample_size=spec.sample_size,
    )
    encoded = [item.name for item in spec.features if item.encoding != "numeric"]
    of = {audit.feature: audit for audit in (*numeric, *audit_encoded_features(customers, encoded))}
    audits = tuple(of[name] for name in spec.feature_names)
    for text in (*(item.advice for item in audits), *(item.reason for item in correlations)):
        if text:
            say(text)
    say(f"{len(audits)} features audited")
    return audits, correlations


def concluded(
    prepared: Prepared,
    swept: Sweep,
    spec: Specification,
    *,
    everyone: Population | None = None,
    engine: Literal["memory", "spark"],
    as_of_date: date,
    trained_at: datetime,
    previous: Previous | None,
    say: Callable[[str], None],
) -> TrainedModel:
    """The model that a sweep ends in, its segments aligned, measured and explained.

    Args:
        prepared: The customers that were measured, all of them or a sample.
        swept: What was tried on them.
        everyone: Figures of all customers, by label of the chosen clustering; None where they are
            the customers prepared.
        engine: What clustered.
        trained_at: Now, in UTC.
    """
    say(swept.reason)
    clustering, reduction = swept.chosen, prepared.reduction
    customers, scalings = prepared.customers, prepared.scalings
    centroids = _scaled_centroids(clustering, reduction)
    squared = squared_to_own(prepared.points, clustering.labels, clustering.centroids)
    measures = swept.measures if everyone is None else _of_everyone(swept.measures, everyone)
    everyone = everyone or _population(customers, clustering, squared, spec)
    order = _label_order(everyone, clustering, spec)
    alignment = _aligned(customers, clustering, centroids, order, scalings, spec, previous)
    ids = {item.label: item.segment_id for item in alignment.segments}
    audits, correlations = prepared.audits
    clustered = Clustered(
        customers=customers,
        numeric_features=_numeric_features(spec),
        scaled=prepared.scaled,
        dimensions=tuple(item.name for item in scalings),
        columns=tuple(item.column for item in scalings),
        points=prepared.points,
        labels=clustering.labels,
        segment_ids=_segment_ids(clustering, ids),
        ids=tuple(ids[label] for label in range(clustering.k)),
        squared_to_own=squared,
        agreement=clustering.agreement,
        noise_share=clustering.noise_share,
        row_count=everyone.row_count,
        sizes=tuple(group.size for group in everyone.groups),
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
        engine=engine,
        library_versions=_library_versions(),
        row_count=everyone.row_count,
        k=clustering.k,
        k_reason=swept.reason,
        measures=measures,
        features=scalings,
        segments=_segments(clustering, centroids, everyone, ids, scalings, reduction),
        candidates=swept.candidates,
        assignment_rule=clustering.assignment.rule,
        reduction=reduction,
        noise_count=everyone.noise_count,
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


def model_of_labels(prepared: Prepared, clustering: Clustering, key: str) -> ScoringModel:
    """Gives every customer the label of a clustering for a segment.

    Args:
        key: Column that scoring hands on with the label.
    """
    nobody = Population(1, tuple(Group(0, 0.0, 0.0, 0.0, 0.0) for _ in range(clustering.k)))
    centroids = _scaled_centroids(clustering, prepared.reduction)
    labels = {label: label for label in range(clustering.k)}
    return ScoringModel(
        model_id="",
        entity_key=key,
        features=prepared.scalings,
        segments=_segments(
            clustering, centroids, nobody, labels, prepared.scalings, prepared.reduction
        ),
        assignment_rule=clustering.assignment.rule,
        reduction=prepared.reduction,
    )


def silent(_: str) -> None:
    """Progress that nobody reads."""


def in_utc(moment: datetime) -> datetime:
    """The same moment in UTC.

    Raises:
        ValueError: It has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("trained_at needs a time zone")
    return moment.astimezone(timezone.utc)


def _numeric_features(spec: Specification) -> tuple[str, ...]:
    return tuple(item.name for item in spec.features if item.encoding == "numeric")


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


def _of_everyone(measures: Measures, everyone: Population) -> Measures:
    """Measures of a sample, with the inertia and the smallest share of all customers."""
    return replace(
        measures,
        inertia=sum(group.inertia for group in everyone.groups),
        smallest_share=min(group.size for group in everyone.groups) / everyone.row_count,
    )


def _population(
    customers: pd.DataFrame, clustering: Clustering, squared: FloatArray, spec: Specification
) -> Population:
    """Figures of these customers, with the squared distance (n,) of each to its own centroid."""
    ordering = numeric_column(customers, spec.ordering.measure)
    members = [clustering.labels == label for label in range(clustering.k)]
    return Population(
        row_count=len(clustering.labels),
        groups=tuple(
            Group(
                size=int(own.sum()),
                ordering_mean=float(ordering[own].mean()),
                inertia=float(squared[own].sum()),
                mean_distance=float(np.sqrt(squared[own]).mean()),
                radius=float(np.sqrt(squared[own]).max()),
            )
            for own in members
        ),
    )


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


def _segments(
    clustering: Clustering,
    centroids: FloatArray,
    everyone: Population,
    ids: Mapping[int, int],
    scalings: Sequence[FeatureScaling],
    reduction: Reduction | None,
) -> tuple[Segment, ...]:
    originals = invert_preprocessing(centroids, scalings)
    rule = clustering.assignment
    segments = []
    for label, segment_id in sorted(ids.items(), key=lambda item: item[1]):
        group = everyone.groups[label]
        segments.append(
            Segment(
                segment_id=segment_id,
                size=group.size,
                share=group.size / everyone.row_count,
                ordering_mean=group.ordering_mean,
                inertia=group.inertia,
                mean_distance=group.mean_distance,
                radius=group.radius,
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


def _label_order(everyone: Population, clustering: Clustering, spec: Specification) -> list[int]:
    """Labels by the ordering measure; a tie goes to the larger cluster, then the lower centroid."""
    sign = -1 if spec.ordering.direction == "descending" else 1
    return sorted(
        range(clustering.k),
        key=lambda label: (
            sign * everyone.groups[label].ordering_mean,
            -everyone.groups[label].size,
            tuple(clustering.centroids[label]),
        ),
    )


def _library_versions() -> dict[str, str]:
    return {
        "customer-segmentation": __version__,
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in _LIBRARIES},
    }
