"""How each dimension was prepared: level, transform, centre and scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from customer_segmentation.specification import Encoding, Transform

OTHER = "(other)"
"""The level of a one-hot column that stands for all rare ones."""

Level = Literal["boolean", "number", "text"]


@dataclass(frozen=True)
class Indicator:
    """A dimension that is 1 for customers at one level of an encoded column, and 0 for the others.

    Of a ``binary`` column it is the second of two levels; a customer at neither has no value. Of a
    ``one_hot`` column there is one dimension per level, and one for the level :data:`OTHER` where
    training had customers at rare levels: it is 1 at every level that ``levels`` lacks, also one
    that training never saw. Without it such a customer is 0 in all dimensions of the column.

    Attributes:
        encoding: ``binary`` or ``one_hot``.
        column: The column of the feature mart.
        kind: What the levels are; booleans are written ``false`` and ``true``, numbers such that
            they read back as the same double.
        level: The one where the dimension is 1.
        levels: All that the column's dimensions know, in order, without :data:`OTHER`.
    """

    encoding: Encoding
    column: str
    kind: Level
    level: str
    levels: tuple[str, ...]

    @property
    def typed_levels(self) -> tuple[str, ...] | tuple[float, ...]:
        """``levels`` as the column has them: numbers as such, all else as text."""
        if self.kind == "number":
            return tuple(float(level) for level in self.levels)
        return self.levels

    @property
    def typed_level(self) -> str | float:
        """``level`` likewise."""
        return float(self.level) if self.kind == "number" else self.level


@dataclass(frozen=True)
class FeatureScaling:
    """How one dimension was prepared in training.

    ``name`` is the column of the feature mart, of an encoded column ``column=level``. ``lower`` and
    ``upper`` are the clip bounds of ``winsorize`` in the feature's own units, None for the other
    transforms. ``centre`` and ``scale`` (> 0) are in transformed units. ``indicator`` is None for a
    numeric feature.
    """

    name: str
    transform: Transform
    lower: float | None
    upper: float | None
    centre: float
    scale: float
    indicator: Indicator | None = None

    @property
    def column(self) -> str:
        """The column of the feature mart."""
        return self.name if self.indicator is None else self.indicator.column
