"""From a sweep to a model: its segments aligned, measured and explained."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from importlib import metadata
from typing import Literal

import numpy as np

from customer_segmentation import __version__
from customer_segmentation.clustering.fit import Clustering
from customer_segmentation.description.report import Clustered, report
from customer_segmentation.model.assignment import NOISE
from customer_segmentation.model.measures import Measures
from customer_segmentation.model.trained_model import FORMAT_VERSION, TrainedModel
from customer_segmentation.numerics.arrays import FloatArray, Labels
from customer_segmentation.numerics.distances import squared_to_own
from customer_segmentation.selection.attempts import repetition
from customer_segmentation.selection.sweep import Sweep
from customer_segmentation.specification import Specification
from customer_segmentation.training.continuation import aligned
from customer_segmentation.training.prepared import Population, Prepared
from customer_segmentation.training.previous import Previous
from customer_segmentation.training.segments import (
    label_order,
    population_of,
    scaled_centroids,
    segments_of,
)

_LIBRARIES = ("kneed", "numpy", "pandas", "scikit-learn", "scipy")


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
    centroids = scaled_centroids(clustering, reduction)
    squared = squared_to_own(prepared.points, clustering.labels, clustering.centroids)
    measures = swept.measures if everyone is None else _of_everyone(swept.measures, everyone)
    everyone = everyone or population_of(customers, clustering, squared, spec)
    order = label_order(everyone, clustering, spec)
    alignment = aligned(prepared, clustering, centroids, order, spec, previous)
    ids = {item.label: item.segment_id for item in alignment.segments}
    audits, correlations = prepared.audits
    clustered = _clustered(prepared, clustering, squared, everyone, ids, spec)
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
        segments=segments_of(clustering, centroids, everyone, ids, scalings, reduction),
        candidates=swept.candidates,
        assignment_rule=clustering.assignment.rule,
        reduction=reduction,
        matrix=prepared.matrix,
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


def _clustered(
    prepared: Prepared,
    clustering: Clustering,
    squared: FloatArray,
    everyone: Population,
    ids: Mapping[int, int],
    spec: Specification,
) -> Clustered:
    return Clustered(
        customers=prepared.customers,
        numeric_features=(*prepared.component_names, *spec.numeric_features),
        scaled=prepared.scaled,
        dimensions=tuple(item.name for item in prepared.scalings),
        columns=tuple(item.column for item in prepared.scalings),
        points=prepared.points,
        values=prepared.values,
        components=prepared.component_names,
        labels=clustering.labels,
        segment_ids=_segment_ids(clustering, ids),
        ids=tuple(ids[label] for label in range(clustering.k)),
        squared_to_own=squared,
        agreement=clustering.agreement,
        noise_share=clustering.noise_share,
        row_count=everyone.row_count,
        sizes=tuple(group.size for group in everyone.groups),
    )


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


def _library_versions() -> dict[str, str]:
    return {
        "customer-segmentation": __version__,
        "python": platform.python_version(),
        **{name: metadata.version(name) for name in _LIBRARIES},
    }
