"""Train a clustering on a feature mart: from one row per customer to a model that is plain data."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone
from importlib import metadata

import numpy as np
import pandas as pd

from customer_segmentation import __version__
from customer_segmentation.arrays import FloatArray
from customer_segmentation.clustering import Clustering, kmeans
from customer_segmentation.measures import Measures, measure
from customer_segmentation.preprocessing import (
    FeatureScaling,
    apply_preprocessing,
    check_customers,
    check_distinct_rows,
    fit_preprocessing,
    invert_preprocessing,
    numeric_column,
)
from customer_segmentation.selection import Candidate, choose_k, elbow_of
from customer_segmentation.specification import KRange, Specification

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
        segment_id: 1..k in the order of the specification's ordering measure.
        size: Number of customers.
        share: ``size`` over all customers, 0..1.
        ordering_mean: Mean of the ordering measure over the members, in its own units.
        inertia: Sum of the members' squared distances to the centroid.
        mean_distance: Mean distance of the members to the centroid.
        radius: Largest distance of a member to the centroid.
        centroid: One coordinate per feature, in the order of the model's features.
    """

    segment_id: int
    size: int
    share: float
    ordering_mean: float
    inertia: float
    mean_distance: float
    radius: float
    centroid: tuple[CentroidCoordinate, ...]


@dataclass(frozen=True)
class TrainedModel:
    """Everything a training run found out, and all that scoring needs.

    ``model_id`` is the UTC time of training to the microsecond and the hash of the specification;
    it sorts by time. ``trained_at`` is in UTC. ``specification`` is canonical JSON.
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


def train(
    frame: pd.DataFrame,
    spec: Specification,
    *,
    as_of_date: date,
    trained_at: datetime,
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
    scalings = fit_preprocessing(customers, spec)
    points = apply_preprocessing(customers, scalings)
    check_distinct_rows(points, max(spec.candidate_ks))
    say(f"{len(customers)} customers x {len(scalings)} features read and scaled")
    clusterings, measures = _sweep(points, spec, say)
    k, k_reason = _chosen(spec, list(measures), list(measures.values()))
    elbow = elbow_of(list(measures), [item.inertia for item in measures.values()])
    say(k_reason)
    return TrainedModel(
        model_id=f"{trained_at:%Y%m%dT%H%M%S%f}-{spec.specification_hash}",
        trained_at=trained_at,
        as_of_date=as_of_date,
        format_version=FORMAT_VERSION,
        entity_key=spec.entity_key,
        specification=spec.canonical_json(),
        specification_hash=spec.specification_hash,
        random_seed=spec.random_seed,
        engine=spec.engine,
        library_versions=_library_versions(),
        row_count=len(customers),
        k=k,
        k_reason=k_reason,
        measures=measures[k],
        features=tuple(scalings),
        segments=_segments(customers, points, clusterings[k], scalings, spec),
        candidates=tuple(
            Candidate(tried, figures, tried == elbow, tried == k)
            for tried, figures in measures.items()
        ),
    )


def _silent(_: str) -> None:
    return None


def _sweep(
    points: FloatArray, spec: Specification, say: Callable[[str], None]
) -> tuple[dict[int, Clustering], dict[int, Measures]]:
    clusterings: dict[int, Clustering] = {}
    measures: dict[int, Measures] = {}
    for k in spec.candidate_ks:
        clusterings[k] = kmeans(points, k, random_seed=spec.random_seed, starts=spec.starts)
        measures[k] = measure(points, clusterings[k].labels)
        say(
            f"k={k}: inertia {measures[k].inertia:.6g}, silhouette {measures[k].silhouette:.4f}, "
            f"smallest segment {measures[k].smallest_share:.1%} of customers"
        )
    return clusterings, measures


def _chosen(
    spec: Specification, ks: Sequence[int], measures: Sequence[Measures]
) -> tuple[int, str]:
    if isinstance(spec.k, KRange):
        return choose_k(ks, measures, spec.k.choose)
    return spec.k, f"k={spec.k} is fixed by the specification"


def _segments(
    customers: pd.DataFrame,
    points: FloatArray,
    clustering: Clustering,
    scalings: Sequence[FeatureScaling],
    spec: Specification,
) -> tuple[Segment, ...]:
    ordering = numeric_column(customers, spec.ordering.measure)
    originals = invert_preprocessing(clustering.centroids, scalings)
    means = np.array(
        [ordering[clustering.labels == label].mean() for label in range(len(originals))]
    )
    segments = []
    for position, label in enumerate(_label_order(means, clustering, spec)):
        members = points[clustering.labels == label]
        centroid = clustering.centroids[label]
        distances = np.sqrt(np.square(members - centroid).sum(axis=1))
        segments.append(
            Segment(
                segment_id=position + 1,
                size=len(members),
                share=len(members) / len(points),
                ordering_mean=float(means[label]),
                inertia=float(np.square(distances).sum()),
                mean_distance=float(distances.mean()),
                radius=float(distances.max()),
                centroid=tuple(
                    CentroidCoordinate(scaling.name, float(scaled), float(original))
                    for scaling, scaled, original in zip(
                        scalings, centroid, originals[label], strict=True
                    )
                ),
            )
        )
    return tuple(segments)


def _label_order(means: FloatArray, clustering: Clustering, spec: Specification) -> list[int]:
    """Labels by the ordering measure; a tie goes to the larger cluster, then the lower centroid."""
    sign = -1 if spec.ordering.direction == "descending" else 1
    sizes = np.bincount(clustering.labels)
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
