"""Segment ids that survive retraining: each new segment keeps the id of the one it continues.

The customers decide first: two segments are compared by the Jaccard overlap of their members, both
taken on the same, new data. The Jaccard overlap treats segments alike whatever their size, so that
a small segment of large spenders does not lose its id for the sake of a large one. Centroids
decide between pairings that the customers leave open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from sklearn.metrics import adjusted_rand_score

from customer_segmentation.model.alignment import AlignedSegment, Alignment
from customer_segmentation.model.assignment import NOISE
from customer_segmentation.numerics.arrays import FloatArray, Labels

# Total overlaps closer than this are equal, and the centroids decide.
_NEARNESS_WEIGHT = 1e-4
# Where centroids leave it open too, the order does.
_ORDER_WEIGHT = 1e-8

SegmentIds = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True)
class PreviousSegment:
    """A segment of the previous model.

    ``segment_id`` is 1 or above. ``centroid`` is in the space of the new centroids; None where the
    previous model has other features, so that only customers can be compared.
    """

    segment_id: int
    centroid: tuple[float, ...] | None


def first_alignment(order: Sequence[int]) -> Alignment:
    """Ids of a first model: 1..k.

    Args:
        order: The labels in the order of their ids.
    """
    segments = tuple(_new_segment(label, at) for at, label in enumerate(order, start=1))
    return Alignment(segments, (), 0, None, None)


def align(
    new_labels: Labels,
    new_centroids: FloatArray,
    previous_ids: SegmentIds | np.ma.MaskedArray[Any, Any],
    previous: Sequence[PreviousSegment],
    *,
    highest_id_used: int,
    least_overlap: float,
    order: Sequence[int],
) -> Alignment:
    """Match new segments with previous ones, at most one to one, and give every new one its id.

    Two segments can match where their Jaccard overlap is at least ``least_overlap``. Of all such
    pairings the one with the highest total overlap is taken. Between totals that are as good as
    equal the nearer centroids decide, the mean of 1 / (1 + centroid distance) counting for 0.0001
    of an overlap; where that leaves it open, the earlier in ``order`` continues the smaller id. So
    of a segment that splits, the part with the larger overlap keeps the id; of segments that
    merge, the one with the larger overlap gives it. A new segment without a match gets the next id
    above ``highest_id_used``, in ``order``: an id once used never comes back with another meaning.

    Noise is no segment and has no id; a customer that leaves a segment for it, or comes from it,
    lowers the overlap like any other.

    Args:
        new_labels: Label 0..k-1 of each customer (n,), -1 for noise.
        new_centroids: Centroid of each label (k, features).
        previous_ids: Id that the previous model gives the same customers on the same data (n,);
            -1 for noise, masked for a customer that it cannot score, who then counts nowhere.
        previous: Every segment of the previous model.
        highest_id_used: The highest id of any model so far, retired ones included.
        least_overlap: Above 0 up to 1.
        order: The labels 0..k-1, in the order in which fresh ids are given.

    Raises:
        ValueError: The arguments contradict each other.
    """
    columns = sorted(previous, key=lambda segment: segment.segment_id)
    ids = np.array([segment.segment_id for segment in columns], dtype=np.int64)
    _check(new_labels, new_centroids, previous_ids, ids, highest_id_used, least_overlap, order)
    scored = ~np.ma.getmaskarray(previous_ids)
    labels, old_ids = new_labels[scored], np.ma.getdata(previous_ids)[scored]

    counts = _customers_in_both(labels, old_ids, order, ids)
    sizes, previous_sizes = counts.sum(axis=1)[1:], counts.sum(axis=0)[1:]
    shared = counts[1:, 1:]
    either = sizes[:, None] + previous_sizes - shared
    overlaps = np.zeros(shared.shape)
    np.divide(shared, either, out=overlaps, where=either > 0)
    shifts = _shifts(new_centroids[list(order)], columns)
    matches = _matches(overlaps, shifts, least_overlap)

    segments = []
    fresh_id = highest_id_used
    for row, label in enumerate(order):
        column = matches.get(row)
        if column is None:
            fresh_id += 1
            segments.append(_new_segment(label, fresh_id))
            continue
        segments.append(
            AlignedSegment(
                label=int(label),
                segment_id=int(ids[column]),
                previous_segment_id=int(ids[column]),
                kind="kept",
                overlap=float(overlaps[row, column]),
                share_kept=float(shared[row, column] / previous_sizes[column]),
                centroid_shift=(
                    None if np.isnan(shifts[row, column]) else float(shifts[row, column])
                ),
            )
        )
    kept = int(counts[0, 0]) + sum(int(shared[pair]) for pair in matches.items())
    return Alignment(
        segments=tuple(sorted(segments, key=lambda segment: segment.segment_id)),
        retired_ids=tuple(int(item) for item in np.delete(ids, list(matches.values()))),
        customers_compared=len(labels),
        share_kept=kept / len(labels) if len(labels) else None,
        adjusted_rand=float(adjusted_rand_score(old_ids, labels)) if len(labels) else None,
    )


def _new_segment(label: int, segment_id: int) -> AlignedSegment:
    return AlignedSegment(int(label), segment_id, None, "new", None, None, None)


def _check(
    new_labels: Labels,
    new_centroids: FloatArray,
    previous_ids: SegmentIds | np.ma.MaskedArray[Any, Any],
    ids: SegmentIds,
    highest_id_used: int,
    least_overlap: float,
    order: Sequence[int],
) -> None:
    k = len(new_centroids)
    if len(new_labels) != len(previous_ids):
        raise ValueError(f"{len(new_labels)} new labels, but {len(previous_ids)} previous ids")
    if sorted(order) != list(range(k)):
        raise ValueError(f"order {list(order)} does not hold each label 0..{k - 1} once")
    if not np.isin(new_labels, [NOISE, *range(k)]).all():
        raise ValueError(f"a new label is neither one of 0..{k - 1} nor {NOISE}")
    if len(np.unique(ids)) != len(ids) or (ids < 1).any():
        raise ValueError(f"previous segment ids {ids.tolist()} are not unique and above 0")
    unknown = np.setdiff1d(np.ma.compressed(previous_ids), [NOISE, *ids])
    if len(unknown):
        raise ValueError(f"previous ids {unknown.tolist()} are not of a previous segment")
    if len(ids) and highest_id_used < ids.max():
        raise ValueError(f"highest_id_used {highest_id_used} is below previous id {ids.max()}")
    if not 0 < least_overlap <= 1:
        raise ValueError(f"least_overlap {least_overlap} is not above 0 up to 1")


def _customers_in_both(
    labels: Labels, old_ids: SegmentIds, order: Sequence[int], ids: SegmentIds
) -> npt.NDArray[np.intp]:
    """Counts, one row per label in ``order`` and one column per previous id, noise before them."""
    # By order, not by label: the numbers of the labels have no meaning.
    rows = np.concatenate([np.argsort(order) + 1, [0]])[labels]
    columns = np.searchsorted(np.concatenate([[NOISE], ids]), old_ids)
    shape = (len(order) + 1, len(ids) + 1)
    cells = np.ravel_multi_index((rows, columns), shape)
    return np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape)


def _shifts(centroids: FloatArray, columns: Sequence[PreviousSegment]) -> FloatArray:
    """Distance of each new centroid from each previous one, NaN from an unknown one."""
    shifts = np.full((len(centroids), len(columns)), np.nan)
    for column, segment in enumerate(columns):
        if segment.centroid is not None:
            shifts[:, column] = cdist(centroids, np.array([segment.centroid]))[:, 0]
    return shifts


def _matches(overlaps: FloatArray, shifts: FloatArray, least_overlap: float) -> dict[int, int]:
    """Column by row of the pairing with the highest total benefit."""
    rows, columns = overlaps.shape
    pairs = max(min(rows, columns), 1)
    known = np.where(np.isnan(shifts), np.inf, shifts)
    nearness = 1 / (1 + known)
    # Products are largest in sum where the first row meets the first column, and so on.
    in_order = np.outer(np.arange(rows, 0, -1) / rows, np.arange(columns, 0, -1) / max(columns, 1))
    benefit = overlaps + (_NEARNESS_WEIGHT * nearness + _ORDER_WEIGHT * in_order) / pairs
    # Before the assignment: a pair that will not count must not push one that does from its match.
    benefit[overlaps < least_overlap] = 0
    best = zip(*linear_sum_assignment(benefit, maximize=True), strict=True)
    return {int(row): int(column) for row, column in best if benefit[row, column] > 0}
