"""The customers that a missed gate is about, by their keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from customer_segmentation.model.segments import SegmentReport
from customer_segmentation.numerics.arrays import Labels

MOST_NAMED = 5
"""Keys that a message names."""


@dataclass(frozen=True)
class Groups:
    """Who is in which segment.

    Attributes:
        keys: Key of each customer that was measured, in order (n,).
        segment_ids: Segment of each (n,), -1 for noise.
        sizes: All customers of each segment, of whom the measured ones may be a sample.
        reports: What is known of each segment.
    """

    keys: pd.Series
    segment_ids: Labels
    sizes: Mapping[int, int]
    reports: Sequence[SegmentReport]


def concerned(measure: str, groups: Groups) -> str | None:
    """The segments that give a measure its value, and their customers, in a sentence.

    None for a measure that is of all customers together.

    Args:
        measure: A name of :data:`~customer_segmentation.specification.gate_measures.MEASURES`.
        groups: Who is in which segment.
    """
    if measure not in _SEGMENTS:
        return None
    parts = [_members(item, groups) for item in _SEGMENTS[measure](groups)]
    return f"It is about {'; '.join(parts)}." if parts else None


def _members(segment_id: int, groups: Groups) -> str:
    at = np.flatnonzero(groups.segment_ids == segment_id)[:MOST_NAMED]
    named, size = [str(key) for key in groups.keys.iloc[at]], groups.sizes[segment_id]
    if size == 1 and named:
        return f"customer {named[0]}, the only one of segment {segment_id}"
    more = size - len(named)
    listed = ", ".join(named) + (f" and {more} more" if more else "")
    return f"the {size} customers of segment {segment_id} ({listed})"


def _single(groups: Groups) -> list[int]:
    return [item.segment_id for item in groups.reports if item.is_single_customer]


def _outlier_driven(groups: Groups) -> list[int]:
    return [item.segment_id for item in groups.reports if item.is_outlier_driven]


def _smallest(groups: Groups) -> list[int]:
    fewest = min(groups.sizes.values())
    return [segment_id for segment_id, size in groups.sizes.items() if size == fewest]


def _largest(groups: Groups) -> list[int]:
    most = max(groups.sizes.values())
    return [segment_id for segment_id, size in groups.sizes.items() if size == most]


def _least_separate(groups: Groups) -> list[int]:
    return _lowest((item.silhouette, item.segment_id) for item in groups.reports)


def _least_stable(groups: Groups) -> list[int]:
    return _lowest((item.stability, item.segment_id) for item in groups.reports)


def _lowest(values: Iterable[tuple[float | None, int]]) -> list[int]:
    known = sorted((value, segment_id) for value, segment_id in values if value is not None)
    return [segment_id for _, segment_id in known[:1]]


_SEGMENTS: Mapping[str, Callable[[Groups], list[int]]] = {
    "single_customer_segments": _single,
    "outlier_segments": _outlier_driven,
    "smallest_share": _smallest,
    "smallest_size": _smallest,
    "largest_share": _largest,
    "lowest_segment_silhouette": _least_separate,
    "lowest_segment_stability": _least_stable,
}
