"""Customers on their way from the mart to a model."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from customer_segmentation.model.features import FeatureAudit, FeatureCorrelation
from customer_segmentation.model.matrix import MatrixReduction
from customer_segmentation.model.reduction import Reduction
from customer_segmentation.model.scaling import FeatureScaling
from customer_segmentation.numerics.arrays import FloatArray
from customer_segmentation.numerics.sparse import CsrMatrix, Points
from customer_segmentation.preparation.components import apply_reduction
from customer_segmentation.preparation.long_matrix import LongMatrix


@dataclass(frozen=True, eq=False)
class Prepared:
    """Customers ready to be clustered.

    Attributes:
        customers: One row per customer, with the columns of the specification, and with the
            components of a matrix.
        audits: Of the features, and of pairs of them.
        scalings: One per column of ``scaled``.
        scaled: Scaled features (n, dimensions), those of a matrix being its components.
        reduction: What makes ``reduced`` of them, None without.
        matrix: What makes components of the matrix, None without one.
        values: The matrix (n, items), None without one.
        unreduced: The same with the scaled features beside it, None without one.
        long_matrix: All of the long mart, None without one.
        reduced: Principal components (n, components), None without a reduction.
    """

    customers: pd.DataFrame
    audits: tuple[tuple[FeatureAudit, ...], tuple[FeatureCorrelation, ...]]
    scalings: tuple[FeatureScaling, ...]
    scaled: FloatArray
    reduction: Reduction | None
    matrix: MatrixReduction | None = None
    values: CsrMatrix | None = None
    unreduced: CsrMatrix | None = None
    long_matrix: LongMatrix | None = None
    reduced: FloatArray | None = field(init=False)

    def __post_init__(self) -> None:
        reduced = None if self.reduction is None else apply_reduction(self.scaled, self.reduction)
        object.__setattr__(self, "reduced", reduced)

    @property
    def points(self) -> FloatArray:
        """What is clustered (n, d)."""
        return self.scaled if self.reduced is None else self.reduced

    def fewer_components(self, wanted: int | None) -> list[str]:
        """That there are fewer components than the specification asks for, in words.

        Args:
            wanted: So many; None where it does not say, or has no reduction.
        """
        if wanted is None:
            return []
        if self.matrix is not None:
            kind, found = "components of the matrix", len(self.matrix.components)
            lacking = "items, or no more customers"
        else:
            assert self.reduction is not None
            kind, found = "principal components", len(self.reduction.components)
            lacking = "scaled features"
        if found >= wanted:
            return []
        return [
            f"the customers are clustered on {found} {kind} and not on the {wanted} of the "
            f"specification: there are no more {lacking}"
        ]

    @property
    def component_names(self) -> tuple[str, ...]:
        """Names of the components of a matrix, none without one."""
        return () if self.matrix is None else self.matrix.names

    @property
    def spaces(self) -> dict[bool, Points]:
        """What can be clustered, by whether it is reduced."""
        if self.unreduced is not None:
            return {False: self.unreduced, True: self.scaled}
        return {False: self.scaled, **({} if self.reduced is None else {True: self.reduced})}


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
