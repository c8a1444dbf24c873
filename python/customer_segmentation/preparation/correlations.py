"""Which features say nearly the same, and which of two to leave out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from math import fsum

import numpy as np
from scipy.stats import rankdata

from customer_segmentation.model.features import FeatureCorrelation
from customer_segmentation.numerics.arrays import FloatArray

# Means that differ by less differ by rounding.
_TIE_DIGITS = 12


def correlations(
    known: Mapping[str, FloatArray], missing: Mapping[str, float], threshold: float
) -> tuple[FeatureCorrelation, ...]:
    """Every pair of features, in their order, the strong ones settled.

    Args:
        known: Values of the customers to correlate by feature, NaN where missing.
        missing: Share of missing values by feature, 0..1.
        threshold: Absolute rank correlation above which a pair is strong.
    """
    complete = {name: _unit_ranks(values) for name, values in known.items() if not missing[name]}
    pairs = []
    for first, second in combinations(known, 2):
        if first in complete and second in complete:
            row_count = len(known[first])
            ranks = complete[first], complete[second]
        else:
            both = ~np.isnan(known[first]) & ~np.isnan(known[second])
            row_count = int(both.sum())
            ranks = _unit_ranks(known[first][both]), _unit_ranks(known[second][both])
        spearman = _cosine(*ranks)
        is_strong = spearman is not None and abs(spearman) > threshold
        pairs.append(FeatureCorrelation(first, second, row_count, spearman, is_strong, None, None))
    return _settled(pairs, missing)


def _unit_ranks(values: FloatArray) -> FloatArray | None:
    """Mean ranks, centred and of length 1; None where the values do not differ."""
    if not len(values):
        return None
    ranks = rankdata(values)
    centred = ranks - ranks.mean()
    length = np.sqrt(np.square(centred).sum())
    return centred / length if length > 0 else None


def _cosine(first: FloatArray | None, second: FloatArray | None) -> float | None:
    if first is None or second is None:
        return None
    # Not a dot product: its threads add in another order on another number of cores.
    return float(np.clip((first * second).sum(), -1, 1))


def _settled(
    pairs: Sequence[FeatureCorrelation], missing: Mapping[str, float]
) -> tuple[FeatureCorrelation, ...]:
    """The pairs in their order, each strong one with a feature to drop."""
    likeness = _mean_absolute_correlations(pairs)
    dropped: dict[str, FeatureCorrelation] = {}
    settled = list(pairs)
    strong = [at for at, pair in enumerate(pairs) if pair.is_strong]
    for at in sorted(strong, key=lambda at: -abs(pairs[at].spearman or 0.0)):
        pair = pairs[at]
        both = (pair.feature, pair.other_feature)
        earlier = next((name for name in dropped if name in both), None)
        if earlier is not None:
            stronger = dropped[earlier]
            drop = earlier
            reason = (
                f"{earlier} is dropped already for the correlation of {stronger.spearman:.3f} "
                f"between {stronger.feature} and {stronger.other_feature}"
            )
        else:
            drop, reason = _victim(pair, missing, likeness)
            dropped[drop] = pair
        settled[at] = replace(pair, drop=drop, reason=reason)
    return tuple(settled)


def _victim(
    pair: FeatureCorrelation, missing: Mapping[str, float], likeness: Mapping[str, float]
) -> tuple[str, str]:
    first, second = pair.feature, pair.other_feature
    for figures, words, shown in (
        (missing, "more missing values", ".1%"),
        (likeness, "the higher mean absolute correlation to all other features", ".3f"),
    ):
        if figures[first] != figures[second]:
            drop, keep = (first, second) if figures[first] > figures[second] else (second, first)
            return drop, (
                f"{drop} has {words} than {keep}: "
                f"{figures[drop]:{shown}} against {figures[keep]:{shown}}"
            )
    return second, f"{second} comes after {first} in the specification, all else being equal"


def _mean_absolute_correlations(pairs: Sequence[FeatureCorrelation]) -> dict[str, float]:
    """By feature, over the other features to which it has a correlation; 0 without any."""
    values: dict[str, list[float]] = {}
    for pair in pairs:
        for name in (pair.feature, pair.other_feature):
            known = values.setdefault(name, [])
            if pair.spearman is not None:
                known.append(abs(pair.spearman))
    return {
        name: round(fsum(known) / len(known), _TIE_DIGITS) if known else 0.0
        for name, known in values.items()
    }
