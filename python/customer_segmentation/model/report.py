"""What a trained model says about itself."""

from __future__ import annotations

from dataclasses import dataclass

from customer_segmentation.model.alignment import Alignment
from customer_segmentation.model.features import FeatureAudit, FeatureCorrelation, FeatureImportance
from customer_segmentation.model.quality import QualityMeasure
from customer_segmentation.model.segments import SegmentDifference, SegmentReport, Surrogate
from customer_segmentation.model.stability import Stability
from customer_segmentation.model.validation import Validation


@dataclass(frozen=True)
class ModelReport:
    """Figures that people and gates read; scoring needs none of them.

    Attributes:
        gates_passed: Whether no gate of severity ``error`` is missed.
        gates_missed: The missed ones in words; None where none is.
        quality: One item per measure, and per gate where it has some.
        feature_audit: One item per feature column, of the mart as it was.
        feature_correlations: One item per pair of them.
        feature_importances: One item per scaled dimension.
        segment_reports: One item per segment.
        segment_differences: One item per segment and feature.
        surrogate: The segments as SQL conditions; None without a numeric feature.
        stability: Agreement with other seeds and with resamples.
        validation: Classifiers that predict the segment.
        alignment: How the ids follow from the previous model.
        previous_model_id: The model that ids were aligned to; None for a first one.
    """

    gates_passed: bool
    gates_missed: str | None
    quality: tuple[QualityMeasure, ...]
    feature_audit: tuple[FeatureAudit, ...]
    feature_correlations: tuple[FeatureCorrelation, ...]
    feature_importances: tuple[FeatureImportance, ...]
    segment_reports: tuple[SegmentReport, ...]
    segment_differences: tuple[SegmentDifference, ...]
    surrogate: Surrogate | None
    stability: Stability
    validation: Validation
    alignment: Alignment
    previous_model_id: str | None
