"""The segments of a clustering, with the figures of the customers in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from customer_segmentation.clustering.fit import Clustering
from customer_segmentation.model.reduction import Reduction
from customer_segmentation.model.scaling import FeatureScaling
from customer_segmentation.model.scoring_model import ScoringModel
from customer_segmentation.model.segments import CentroidCoordinate, Segment
from customer_segmentation.numerics.arrays import FloatArray
from customer_segmentation.preparation.columns import numeric_column
from customer_segmentation.preparation.components import invert_reduction
from customer_segmentation.preparation.scale import invert_preprocessing
from customer_segmentation.specification import Specification
from customer_segmentation.training.prepared import Group, Population, Prepared


def model_of_labels(prepared: Prepared, clustering: Clustering, key: str) -> ScoringModel:
    """Gives every customer the label of a clustering for a segment.

    Args:
        key: Column that scoring hands on with the label.
    """
    nobody = Population(1, tuple(Group(0, 0.0, 0.0, 0.0, 0.0) for _ in range(clustering.k)))
    centroids = scaled_centroids(clustering, prepared.reduction)
    labels = {label: label for label in range(clustering.k)}
    return ScoringModel(
        model_id="",
        entity_key=key,
        features=prepared.scalings,
        segments=segments_of(
            clustering, centroids, nobody, labels, prepared.scalings, prepared.reduction
        ),
        assignment_rule=clustering.assignment.rule,
        reduction=prepared.reduction,
    )


def scaled_centroids(clustering: Clustering, reduction: Reduction | None) -> FloatArray:
    """Centres of the clusters in the space of the scaled features (k, dimensions)."""
    if reduction is None:
        return clustering.centroids
    return invert_reduction(clustering.centroids, reduction)


def population_of(
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


def segments_of(
    clustering: Clustering,
    centroids: FloatArray,
    everyone: Population,
    ids: Mapping[int, int],
    scalings: Sequence[FeatureScaling],
    reduction: Reduction | None,
) -> tuple[Segment, ...]:
    """One segment per cluster, by segment id.

    Args:
        clustering: The clusters.
        centroids: Their centres in the space of the scaled features (k, dimensions).
        everyone: Figures by label.
        ids: Segment id by label.
        scalings: Of the dimensions.
        reduction: Of the space that was clustered, None where that is the scaled features.
    """
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


def label_order(everyone: Population, clustering: Clustering, spec: Specification) -> list[int]:
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
