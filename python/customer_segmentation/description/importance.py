"""How much each feature decides about a clustering, and whether one decides alone.

Shapes: ``points`` (n, features), the scaled features before any reduction; ``labels`` (n,) with
the integers 0..k-1, each of them used at least once.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score

from customer_segmentation.clustering.fit import fit
from customer_segmentation.errors import InputError
from customer_segmentation.model.features import FeatureImportance
from customer_segmentation.numerics.arrays import FloatArray, Labels
from customer_segmentation.numerics.sampling import random_sample

DOMINANT_SHARE = 0.8
"""From this share of the separation on, the other features hardly matter."""
MOST_OF_THE_SEPARATION = 0.5
"""Above this share a feature separates the clusters more than all others together."""
SAME_CLUSTERS = 0.8
"""Adjusted Rand index from which two clusterings agree well (Steinley 2004)."""

_STARTS_ALONE = 3
_OF_FEATURES = (
    "Set a transform (log1p, winsorize) for skewed features and scaler: standard, or remove {name}."
)
_OF_COMPONENTS = (
    "Its loadings say which items make it: where they say how much an entity has rather than of "
    "what, use method: pca, or other values."
)


def feature_importances(
    points: FloatArray,
    labels: Labels,
    names: Sequence[str],
    *,
    columns: Sequence[str] | None = None,
    components: Sequence[str] = (),
    random_seed: int,
    sample_size: int | None = None,
) -> tuple[FeatureImportance, ...]:
    """Importance of every feature, in the order of ``names``.

    The levels of an encoded column are judged together, as no single one of them decides what they
    do together. A feature is dominant where it separates the clusters more than all others together
    (``between_share`` above :data:`MOST_OF_THE_SEPARATION`), and either the others hardly matter
    (``between_share`` from :data:`DOMINANT_SHARE`) or clustering on it alone gives nearly the same
    clusters (``alone_rand_index`` from :data:`SAME_CLUSTERS`). That agreement alone is no sign of
    dominance: any one of several correlated features reproduces a split that they make together.
    A single feature is never dominant, it has nothing to dominate.

    Args:
        points: In an order that does not depend on the source: the random draws go by position.
            At least two rows differ.
        names: One per column of ``points``.
        columns: Column of the feature mart that each of them comes from; the names where None.
        components: Those of the names that are components of a matrix.
        random_seed: Of the sample and of k-means on each feature alone.
        sample_size: Cluster this many customers on each feature alone, drawn without replacement;
            all where None or where there are no more.
    """
    points = np.asarray(points, dtype=np.float64)
    total = _squares(points - points.mean(axis=0))
    # Exactly 0, whatever the rounding of the mean.
    total[np.ptp(points, axis=0) == 0] = 0.0
    between = np.minimum(_between(points, labels), total)
    sample = random_sample(len(points), sample_size, random_seed)
    origins = list(names if columns is None else columns)
    sampled, sampled_labels = points[sample], labels[sample]
    alone, warned = {}, {}
    for column in dict.fromkeys(origins):
        own = [at for at, origin in enumerate(origins) if origin == column]
        alone[column] = _alone_rand_index(sampled[:, own], sampled_labels, random_seed)
        share = _ratio(between[own].sum(), between.sum())
        if len(own) < len(names) and _is_dominant(share, alone[column]):
            advice = _OF_COMPONENTS if column in components else _OF_FEATURES.format(name=column)
            warned[column] = f"{_warning(column, share, alone[column])} {advice}"
    return tuple(
        FeatureImportance(
            feature=name,
            variance_share=float(total[at] / total.sum()),
            between_share=_ratio(between[at], between.sum()),
            eta_squared=_ratio(between[at], total[at]),
            alone_rand_index=alone[column],
            compared_customers=len(sample),
            is_dominant=column in warned,
            warning=warned.get(column) if origins.index(column) == at else None,
        )
        for at, (name, column) in enumerate(zip(names, origins, strict=True))
    )


def _squares(differences: FloatArray) -> FloatArray:
    return np.asarray(np.square(differences).sum(axis=0))


def _between(points: FloatArray, labels: Labels) -> FloatArray:
    sizes = np.bincount(labels)
    sums = np.column_stack([np.bincount(labels, weights=column) for column in points.T])
    differences = sums / sizes[:, None] - points.mean(axis=0)
    return _squares(differences * np.sqrt(sizes)[:, None])


def _alone_rand_index(points: FloatArray, labels: Labels, random_seed: int) -> float | None:
    k = int(labels.max()) + 1
    try:
        with warnings.catch_warnings():
            # Too few different values: here that is an answer.
            warnings.simplefilter("ignore", ConvergenceWarning)
            alone = fit(
                points,
                k,
                algorithm="kmeans",
                random_seed=random_seed,
                starts=_STARTS_ALONE,
                sample_size=len(points),
            )
    except InputError:
        return None
    return float(adjusted_rand_score(labels, alone.labels))


def _ratio(part: float, whole: float) -> float | None:
    return float(part / whole) if whole > 0 else None


def _is_dominant(between_share: float | None, alone_rand_index: float | None) -> bool:
    if between_share is None or between_share <= MOST_OF_THE_SEPARATION:
        return False
    same = alone_rand_index is not None and alone_rand_index >= SAME_CLUSTERS
    return same or between_share >= DOMINANT_SHARE


def _warning(name: str, between_share: float | None, alone_rand_index: float | None) -> str:
    alone = (
        "it has too few different values to be clustered alone"
        if alone_rand_index is None
        else f"clustering on it alone agrees with an adjusted Rand index of {alone_rand_index:.2f}"
    )
    return (
        f"{name} decides the segments almost alone: it makes {between_share or 0.0:.0%} of the "
        f"separation between them, and {alone}."
    )
