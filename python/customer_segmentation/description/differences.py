"""What makes each segment different, in the features' own units.

Shapes: ``frame`` has one row per customer with the columns ``names`` (numbers, none missing or
infinite), ``segment_ids`` (n,) is the segment of each, any whole numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from customer_segmentation.model.segments import SegmentDifference
from customer_segmentation.numerics.arrays import Labels
from customer_segmentation.preparation.columns import numeric_columns

# Below this share of the deviation a mean is 0.
_LEAST_MEAN = 1e-9


def segment_differences(
    frame: pd.DataFrame, segment_ids: Labels, names: Sequence[str]
) -> tuple[SegmentDifference, ...]:
    """The difference of every segment in every feature, by segment and rank.

    Raises:
        InputError: A column holds something other than numbers.
    """
    values = numeric_columns(frame, names)
    with np.errstate(over="ignore", invalid="ignore"):
        overall, deviations = values.mean(axis=0), values.std(axis=0)
    # A deviation can also be 0, or infinite, for values that are extremely small, or large.
    has_spread = (np.ptp(values, axis=0) > 0) & (deviations > 0) & np.isfinite(deviations)
    # A mean that is 0 but for rounding, as that of a component, compares with nothing.
    has_mean = np.abs(overall) > _LEAST_MEAN * np.maximum(deviations, 0)
    differences = []
    for segment_id in np.unique(segment_ids):
        means = values[segment_ids == segment_id].mean(axis=0)
        standardised = [
            float((means[at] - overall[at]) / deviations[at]) if has_spread[at] else None
            for at in range(len(names))
        ]
        ranking = sorted(range(len(names)), key=lambda at: _by_size(standardised[at]))
        differences += [
            SegmentDifference(
                segment_id=int(segment_id),
                feature=names[at],
                mean=float(means[at]),
                ratio_to_all=float(means[at] / overall[at]) if has_mean[at] else None,
                standardised_difference=standardised[at],
                rank=position + 1,
            )
            for position, at in enumerate(ranking)
        ]
    return tuple(differences)


def _by_size(difference: float | None) -> float:
    return np.inf if difference is None else -abs(difference)
