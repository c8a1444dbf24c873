"""Principal components as plain figures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Loading:
    """Weight of a feature in a component; the squares of a component's weights add up to 1."""

    feature: str
    loading: float


@dataclass(frozen=True)
class Component:
    """One direction, the more variance the earlier.

    Attributes:
        position: 1 for the first.
        explained_variance: Sample variance (over n - 1) of the training customers along it.
        explained_variance_share: That over the sum of the features' sample variances, 0..1.
        cumulative_share: Share of this and all earlier components, 0..1.
        loadings: One per feature, in the order of the model's features. The sign is such that the
            one largest in size, of equal ones the first, is positive.
    """

    position: int
    explained_variance: float
    explained_variance_share: float
    cumulative_share: float
    loadings: tuple[Loading, ...]


@dataclass(frozen=True)
class FeatureCentre:
    """Mean of a scaled feature over the training customers."""

    feature: str
    centre: float


@dataclass(frozen=True)
class Reduction:
    """Principal components, in order, and the point that they start from."""

    centres: tuple[FeatureCentre, ...]
    components: tuple[Component, ...]
