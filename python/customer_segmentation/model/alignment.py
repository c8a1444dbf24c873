"""How the ids of a model's segments follow from those of the model before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class AlignedSegment:
    """The id of one new segment, and how it compares with the previous segment of that id.

    Attributes:
        label: The cluster, 0..k-1.
        segment_id: Its id in every table.
        previous_segment_id: The previous segment that it continues, which has the same id; None,
            as are the figures below, where ``kind`` is ``new``.
        kind: ``kept`` where the id is that of a previous segment, ``new`` where it is fresh.
        overlap: Jaccard overlap with the previous segment: customers in both over customers in
            either, 0..1.
        share_kept: Share of the previous segment's customers that are in this one, 0..1.
        centroid_shift: Euclidean distance from the previous centroid, in the common space; None
            too where the previous centroid is unknown.
    """

    label: int
    segment_id: int
    previous_segment_id: int | None
    kind: Literal["kept", "new"]
    overlap: float | None
    share_kept: float | None
    centroid_shift: float | None


@dataclass(frozen=True)
class Alignment:
    """The ids of a new model's segments.

    Attributes:
        segments: The new segments, by ``segment_id``.
        retired_ids: Ids of previous segments that no new segment continues, ascending.
        customers_compared: Customers that both models score; all figures are over them.
        share_kept: Share of them whose id is the same under both models, or who are noise under
            both; None without any.
        adjusted_rand: Adjusted Rand index (Hubert and Arabie 1985) of the two groupings, noise one
            group of each: 1 where they are the same whatever the ids, about 0 by chance; None
            without customers.
    """

    segments: tuple[AlignedSegment, ...]
    retired_ids: tuple[int, ...]
    customers_compared: int
    share_kept: float | None
    adjusted_rand: float | None
