"""What a trained model says about itself: what is weak, what tells its segments apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.exceptions import ConvergenceWarning

from customer_segmentation.description.concerned import Groups, concerned
from customer_segmentation.description.differences import segment_differences
from customer_segmentation.description.gates import passed, quality
from customer_segmentation.description.importance import feature_importances
from customer_segmentation.description.surrogate import surrogate
from customer_segmentation.description.validation import validate
from customer_segmentation.model.alignment import Alignment
from customer_segmentation.model.features import FeatureAudit, FeatureCorrelation, FeatureImportance
from customer_segmentation.model.measures import Measures
from customer_segmentation.model.report import ModelReport
from customer_segmentation.model.segments import SegmentReport, Surrogate
from customer_segmentation.model.stability import Stability
from customer_segmentation.model.validation import Validation
from customer_segmentation.numerics.arrays import FloatArray, Labels
from customer_segmentation.numerics.sparse import CsrMatrix
from customer_segmentation.numerics.threads import in_threads
from customer_segmentation.selection.measure import silhouettes
from customer_segmentation.selection.stability import Fit, stability
from customer_segmentation.specification import Specification

OUTLIERS = 0.01
"""The farthest share of a segment's customers, at least one, counts as its outliers."""
OUTLIER_DRIVEN = 0.5
"""Where outliers make more than this share of a segment's inertia, they drive it."""


@dataclass(frozen=True, eq=False)
class Clustered:
    """The customers as they were clustered.

    Attributes:
        customers: One row per customer, with the columns of the specification.
        numeric_features: Names of the columns of ``customers`` that are numeric features.
        scaled: Scaled features (n, dimensions), before any reduction.
        dimensions: Name of each of them.
        columns: Column of ``customers`` that each of them comes from.
        points: What was clustered (n, d), the principal components where reduced.
        labels: Cluster of each (n,), -1 for noise.
        segment_ids: Segment of each (n,).
        ids: Segment id of each label.
        squared_to_own: Squared distance of each to the centroid of its segment (n,).
        agreement: Share of customers whom the rule puts where the algorithm did.
        noise_share: Share of customers that are noise.
        row_count: All customers of training, of whom these may be a sample.
        sizes: How many of those there are of each label.
        values: The matrix that ``points`` are components of (n, items), None without one.
        components: Names of these components.
    """

    customers: pd.DataFrame
    numeric_features: tuple[str, ...]
    scaled: FloatArray
    dimensions: tuple[str, ...]
    columns: tuple[str, ...]
    points: FloatArray
    labels: Labels
    segment_ids: Labels
    ids: tuple[int, ...]
    squared_to_own: FloatArray
    agreement: float
    noise_share: float
    row_count: int
    sizes: tuple[int, ...]
    values: CsrMatrix | None = None
    components: tuple[str, ...] = ()


def report(
    clustered: Clustered,
    measures: Measures,
    spec: Specification,
    *,
    audits: tuple[FeatureAudit, ...],
    correlations: tuple[FeatureCorrelation, ...],
    alignment: Alignment,
    previous_model_id: str | None,
    refit: Fit,
    say: Callable[[str], None],
) -> ModelReport:
    """Everything in :class:`ModelReport`, noise left out of all that compares segments."""
    names = clustered.numeric_features
    members = _without_noise(clustered)
    found = _found(clustered, members, spec, refit)
    for item in found.importances:
        if item.warning:
            say(item.warning)
    customers = found.stability.sample_size
    say(f"stability measured on {customers} customers, segments explained by rules")
    segments = _segment_reports(members, found.stability)
    values = _values(clustered, measures, segments, found, correlations, alignment)
    groups = Groups(
        keys=clustered.customers[spec.entity_key],
        segment_ids=clustered.segment_ids,
        sizes=dict(sorted(zip(clustered.ids, clustered.sizes, strict=True))),
        reports=segments,
    )
    judged = quality(values, spec.gates, lambda measure: concerned(measure, groups))
    missed = [row for row in judged if row.passed is False]
    for row in missed:
        say(f"gate missed ({row.severity}): {row.meaning}")
    held = [row.meaning for row in missed if row.severity == "error"]
    return ModelReport(
        gates_passed=passed(judged),
        gates_missed=" ".join(held) or None,
        quality=judged,
        feature_audit=audits,
        feature_correlations=correlations,
        feature_importances=found.importances,
        segment_reports=segments,
        segment_differences=segment_differences(clustered.customers, clustered.segment_ids, names)
        if names
        else (),
        surrogate=found.surrogate,
        stability=found.stability,
        validation=found.validation,
        alignment=alignment,
        previous_model_id=previous_model_id,
    )


@dataclass(frozen=True)
class _Found:
    """What takes long to find out; as in :class:`ModelReport`."""

    surrogate: Surrogate | None
    validation: Validation
    importances: tuple[FeatureImportance, ...]
    stability: Stability


def _found(clustered: Clustered, members: Clustered, spec: Specification, refit: Fit) -> _Found:
    """Each on a thread of its own.

    Args:
        clustered: All customers.
        members: Those that are in a segment.
        spec: Seeds, sizes and numbers of repetitions.
        refit: The algorithm.
    """
    names = clustered.numeric_features
    drawn: dict[str, Any] = {"random_seed": spec.random_seed, "sample_size": spec.sample_size}

    def rules() -> Surrogate | None:
        if not names:
            return None
        return surrogate(members.customers, members.segment_ids, names, **drawn)

    def predictions() -> Validation:
        folds = spec.validation.folds
        # Of a matrix by all of its items: components were made of the segments' own distances.
        points = members.scaled if members.values is None else members.values
        return validate(points, members.segment_ids, folds=folds, **drawn)

    def importances() -> tuple[FeatureImportance, ...]:
        dimensions, columns = members.dimensions, members.columns
        return feature_importances(
            members.scaled,
            members.labels,
            dimensions,
            columns=columns,
            components=members.components,
            **drawn,
        )

    def repetitions() -> Stability:
        return stability(
            clustered.points,
            clustered.segment_ids,
            refit,
            seeds=spec.stability.seeds,
            resamples=spec.stability.resamples,
            **drawn,
        )

    parts: list[Callable[[], Any]] = [rules, predictions, importances, repetitions]
    return _Found(*in_threads(lambda part: part(), parts, doubts=ConvergenceWarning))


def _without_noise(clustered: Clustered) -> Clustered:
    """Only the customers of a segment; nothing is copied where these are all."""
    member = clustered.labels >= 0
    if member.all():
        return clustered
    return replace(
        clustered,
        customers=clustered.customers[member].reset_index(drop=True),
        scaled=clustered.scaled[member],
        points=clustered.points[member],
        values=None if clustered.values is None else clustered.values[member],
        labels=clustered.labels[member],
        segment_ids=clustered.segment_ids[member],
        squared_to_own=clustered.squared_to_own[member],
    )


def _segment_reports(members: Clustered, repeated: Stability) -> tuple[SegmentReport, ...]:
    own = silhouettes(members.points, members.labels)
    stabilities = {item.segment_id: item.jaccard for item in repeated.segments}
    reports = []
    for label, segment_id in sorted(enumerate(members.ids), key=lambda item: item[1]):
        own_labels = members.labels == label
        squared = np.sort(members.squared_to_own[own_labels])
        outliers = max(1, round(OUTLIERS * len(squared)))
        total = float(squared.sum())
        driven = len(squared) > 1 and float(squared[-outliers:].sum()) > OUTLIER_DRIVEN * total
        silhouette = float(own[own_labels].mean())
        single = members.sizes[label] == 1
        stable = stabilities.get(segment_id)
        weaknesses = [
            text
            for weak, text in (
                (single, "it is a single customer"),
                (driven, f"its {outliers} farthest customers make most of its inertia"),
                (silhouette < 0, "its customers are on average nearer to another segment"),
                (stable is not None and stable < 0.5, "it dissolves on resampled customers"),
            )
            if weak
        ]
        reports.append(
            SegmentReport(
                segment_id=segment_id,
                silhouette=silhouette,
                stability=stable,
                is_single_customer=single,
                is_outlier_driven=driven,
                weakness=f"Segment {segment_id}: {'; '.join(weaknesses)}." if weaknesses else None,
            )
        )
    return tuple(reports)


def _values(
    clustered: Clustered,
    measures: Measures,
    segments: Sequence[SegmentReport],
    found: _Found,
    correlations: Sequence[FeatureCorrelation],
    alignment: Alignment,
) -> dict[str, float | None]:
    """Value by name of the measure."""
    sizes, repeated = clustered.sizes, found.stability
    validated, rules = found.validation, found.surrogate
    unseen = [item for item in validated.classifiers if item.evaluated_on == "held_out"]
    best = max(unseen, key=lambda item: item.accuracy_mean, default=None)
    recalls = [
        item.recall
        for item in validated.segments
        if best is not None
        and (item.classifier, item.evaluated_on) == (best.classifier, best.evaluated_on)
    ]
    return {
        "silhouette": measures.silhouette,
        "lowest_segment_silhouette": _lowest([item.silhouette for item in segments]),
        "calinski_harabasz": measures.calinski_harabasz,
        "davies_bouldin": measures.davies_bouldin,
        "inertia": measures.inertia,
        "smallest_share": measures.smallest_share,
        "largest_share": max(sizes) / clustered.row_count,
        "smallest_size": float(min(sizes)),
        "single_customer_segments": float(sum(item.is_single_customer for item in segments)),
        "outlier_segments": float(sum(item.is_outlier_driven for item in segments)),
        "noise_share": clustered.noise_share,
        "seed_stability_mean": repeated.seed_adjusted_rand_mean,
        "seed_stability_lowest": repeated.seed_adjusted_rand_lowest,
        "bootstrap_stability_mean": repeated.resample_adjusted_rand_mean,
        "bootstrap_stability_lowest": repeated.resample_adjusted_rand_lowest,
        "lowest_segment_stability": _lowest([item.stability for item in segments]),
        "dominant_features": float(sum(item.warning is not None for item in found.importances)),
        "strong_correlations": float(sum(item.is_strong for item in correlations)),
        "surrogate_fidelity": None if rules is None else rules.fidelity,
        "validation_accuracy": None if best is None else best.accuracy_mean,
        "lowest_validation_recall": min(recalls, default=None),
        "assignment_agreement": clustered.agreement,
        "share_kept": alignment.share_kept,
    }


def _lowest(values: Sequence[float | None]) -> float | None:
    return min((value for value in values if value is not None), default=None)
