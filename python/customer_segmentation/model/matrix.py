"""Components of a long mart: what a model knows of the items."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from customer_segmentation.numerics.arrays import FloatArray

MatrixMethod = Literal["pca", "svd"]


def component_name(position: int) -> str:
    """The name of a component among features and columns, ``component_1`` for the first."""
    return f"component_{position}"


@dataclass(frozen=True)
class MatrixComponent:
    """One direction in the space of the items, the more variance the earlier.

    Attributes:
        explained_variance: Sample variance (over n - 1) of the training entities along it.
        explained_variance_share: That over the sum of the items' sample variances, 0..1.
        cumulative_share: Share of this and all earlier components, 0..1.
        loadings: Weight of each item; the squares add up to 1. The sign is such that the one
            largest in size, of equal ones that of the first item, is positive.
    """

    explained_variance: float
    explained_variance_share: float
    cumulative_share: float
    loadings: tuple[float, ...]


@dataclass(frozen=True)
class MatrixReduction:
    """What makes components of the rows of a long mart.

    The score of an entity on component j is sum_i value_i * loading_ij less the same sum over the
    centres. A pair without a row is 0; an item that ``items`` lacks counts for nothing.

    Attributes:
        entity: Column of the long mart that holds the entity key.
        item: Column of the item.
        value: Column of the number.
        method: ``pca``, or ``svd``, whose centres are all 0.
        entities: Entities with a row, that were trained on.
        entries: Rows of these entities.
        entities_without_items: Entities of the feature mart that had no row, and no part in
            training.
        items: Ids of the items as text, ascending.
        centres: Mean value of each item over the entities.
        components: In order.
    """

    entity: str
    item: str
    value: str
    method: MatrixMethod
    entities: int
    entries: int
    entities_without_items: int
    items: tuple[str, ...]
    centres: tuple[float, ...]
    components: tuple[MatrixComponent, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the components."""
        return tuple(component_name(at + 1) for at in range(len(self.components)))

    @cached_property
    def loadings(self) -> FloatArray:
        """Loadings (components, items)."""
        return np.array([item.loadings for item in self.components])

    @cached_property
    def constants(self) -> FloatArray:
        """What the centres make of each component (components,), which scores are less of."""
        return np.asarray((self.loadings * np.array(self.centres)).sum(axis=1))
