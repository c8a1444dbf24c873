"""The measures of a trained model that a gate can name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal


@dataclass(frozen=True)
class MeasureDefinition:
    """What a measure says.

    Attributes:
        description: In words, without the range.
        better: Whether a higher or a lower value is the better one.
        lowest: Smallest value that it can take.
        highest: Largest value that it can take; None without an upper limit.
    """

    description: str
    better: Literal["higher", "lower"]
    lowest: float = 0.0
    highest: float | None = None


def _share(description: str, better: Literal["higher", "lower"]) -> MeasureDefinition:
    return MeasureDefinition(description, better, 0.0, 1.0)


def _silhouette(description: str) -> MeasureDefinition:
    return MeasureDefinition(description, "higher", -1.0, 1.0)


def _agreement(description: str) -> MeasureDefinition:
    # The adjusted Rand index does not go below -0.5 (Chacon and Rastrojo 2023).
    return MeasureDefinition(description, "higher", -0.5, 1.0)


def _number(description: str) -> MeasureDefinition:
    return MeasureDefinition(description, "lower")


MEASURES: Mapping[str, MeasureDefinition] = MappingProxyType(
    {
        "silhouette": _silhouette("Mean silhouette of the customers, squared Euclidean distance"),
        "lowest_segment_silhouette": _silhouette("Mean silhouette of the segment with the lowest"),
        "calinski_harabasz": MeasureDefinition(
            "Calinski-Harabasz index, between to within dispersion", "higher"
        ),
        "davies_bouldin": MeasureDefinition(
            "Davies-Bouldin index, mean similarity of a segment to its nearest", "lower"
        ),
        "inertia": MeasureDefinition(
            "Sum of squared distances to the own segment's centroid, scaled space", "lower"
        ),
        "smallest_share": _share("Share of customers in the smallest segment", "higher"),
        "largest_share": _share("Share of customers in the largest segment", "lower"),
        "smallest_size": MeasureDefinition("Customers in the smallest segment", "higher"),
        "single_customer_segments": _number("Segments of a single customer"),
        "outlier_segments": _number("Segments whose radius is driven by outliers"),
        "noise_share": _share("Share of customers that belong to no dense group", "lower"),
        "seed_stability_mean": _agreement("Mean adjusted Rand index with other random seeds"),
        "seed_stability_lowest": _agreement("Lowest adjusted Rand index with other random seeds"),
        "bootstrap_stability_mean": _agreement("Mean adjusted Rand index with resampled customers"),
        "bootstrap_stability_lowest": _agreement(
            "Lowest adjusted Rand index with resampled customers"
        ),
        "lowest_segment_stability": _share(
            "Mean Jaccard overlap of the least stable segment with its resampled self", "higher"
        ),
        "dominant_features": _number("Features that decide the segments on their own"),
        "strong_correlations": _number("Pairs of features that say nearly the same"),
        "surrogate_fidelity": _share(
            "Share of customers in a segment whom the published rules put in it", "higher"
        ),
        "validation_accuracy": _share(
            "Share of customers in a segment that the best classifier predicts, cross-validated",
            "higher",
        ),
        "lowest_validation_recall": _share(
            "Share of the worst segment's customers that the best classifier predicts", "higher"
        ),
        "assignment_agreement": _share(
            "Share of training customers that scoring puts in the segment they were trained in",
            "higher",
        ),
        "share_kept": _share(
            "Share of customers whose segment id is the one of the previous model", "higher"
        ),
    }
)
"""Definition by name; for a figure per segment the worst segment counts."""
