"""Customers on their way from the mart to a model."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from customer_segmentation.model.features import FeatureAudit, FeatureCorrelation
from customer_segmentation.model.reduction import Reduction
from customer_segmentation.model.scaling import FeatureScaling
from customer_segmentation.numerics.arrays import FloatArray
from customer_segmentation.preparation.components import apply_reduction


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
    """The customers of a cluster; as in :class:`~customer_segmentation.model.segments.Segment`."""

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
