"""What it takes to give customers their segments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from customer_segmentation.model.assignment import Assignment, Gaussians, Rule
from customer_segmentation.model.matrix import MatrixReduction
from customer_segmentation.model.reduction import Reduction
from customer_segmentation.model.scaling import FeatureScaling
from customer_segmentation.model.segments import Segment


@dataclass(frozen=True, kw_only=True)
class ScoringModel:
    """What it takes to give customers their segments.

    ``matrix`` makes the first of the ``features`` of the rows of a long mart, its components;
    ``reduction`` reduces features of the mart. No model has both.
    """

    model_id: str
    entity_key: str
    features: tuple[FeatureScaling, ...]
    segments: tuple[Segment, ...]
    assignment_rule: Rule = "nearest_centroid"
    reduction: Reduction | None = None
    matrix: MatrixReduction | None = None

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
