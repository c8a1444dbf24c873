from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_segmentation.description.alignment import PreviousSegment, align, first_alignment
from customer_segmentation.model.alignment import AlignedSegment, Alignment

# Ids 3, 5 and 8 on a line at 0, 10 and 20; id 9 was used by a model before.
PREVIOUS = (
    PreviousSegment(3, (0.0,)),
    PreviousSegment(5, (10.0,)),
    PreviousSegment(8, (20.0,)),
)


def customers(cells: list[tuple[int, int, int]]) -> tuple[Any, Any]:
    """Labels and previous ids from (label, previous id, customers)."""
    labels = np.repeat([cell[0] for cell in cells], [cell[2] for cell in cells])
    return labels, np.repeat([cell[1] for cell in cells], [cell[2] for cell in cells])


def aligned(cells: list[tuple[int, int, int]], centroids: list[float], **changes: Any) -> Alignment:
    options = {
        "previous": PREVIOUS,
        "highest_id_used": 9,
        "least_overlap": 0.3,
        "order": range(len(centroids)),
    }
    labels, previous_ids = customers(cells)
    return align(labels, np.array(centroids)[:, None], previous_ids, **{**options, **changes})


def ids(alignment: Alignment) -> dict[int, int]:
    return {segment.label: segment.segment_id for segment in alignment.segments}


def test_figures_by_hand() -> None:
    # Label 1 continues 3: 6 shared, 10 had 3, 8 have label 1. Label 0 continues 5: 9 of 11 and 13.
    result = aligned(
        [(1, 3, 6), (0, 3, 4), (1, 5, 2), (0, 5, 9)], [10.5, -2], previous=PREVIOUS[:2]
    )
    assert result == Alignment(
        segments=(
            AlignedSegment(1, 3, 3, "kept", 6 / 12, 6 / 10, 2.0),
            AlignedSegment(0, 5, 5, "kept", 9 / 15, 9 / 11, 0.5),
        ),
        retired_ids=(),
        customers_compared=21,
        share_kept=15 / 21,
        adjusted_rand=result.adjusted_rand,
    )
    # Pairs of customers together in both, in the new, in the previous model, and all pairs.
    both, new, old, pairs = 15 + 6 + 1 + 36, 28 + 78, 45 + 55, 210
    chance = new * old / pairs
    assert result.adjusted_rand == pytest.approx((both - chance) / ((new + old) / 2 - chance))


def test_a_first_model_has_ids_in_order() -> None:
    result = first_alignment([2, 0, 1])
    assert result.segments == (
        AlignedSegment(2, 1, None, "new", None, None, None),
        AlignedSegment(0, 2, None, "new", None, None, None),
        AlignedSegment(1, 3, None, "new", None, None, None),
    )
    assert result.retired_ids == ()
    assert (result.customers_compared, result.share_kept, result.adjusted_rand) == (0, None, None)


def test_of_a_split_the_larger_part_keeps_the_id() -> None:
    cells = [(0, 3, 40), (1, 3, 60), (2, 5, 50), (3, 8, 50)]
    result = aligned(cells, [0.0, 0, 10, 20])
    assert ids(result) == {1: 3, 2: 5, 3: 8, 0: 10}
    assert result.segments[-1] == AlignedSegment(0, 10, None, "new", None, None, None)
    assert result.retired_ids == ()
    assert result.share_kept == 160 / 200


def test_of_a_merge_the_larger_contribution_gives_the_id() -> None:
    result = aligned([(0, 3, 40), (0, 5, 60), (1, 8, 50)], [5.0, 20])
    assert ids(result) == {0: 5, 1: 8}
    assert result.retired_ids == (3,)
    assert result.segments[0].overlap == 60 / 100


def test_a_vanished_id_is_retired_and_a_new_segment_gets_none_of_the_used_ones() -> None:
    # Label 2 takes a little of every segment; nothing continues 8.
    cells = [(0, 3, 50), (1, 5, 50), (2, 3, 10), (2, 5, 10), (0, 8, 12), (1, 8, 12), (2, 8, 8)]
    result = aligned(cells, [0.0, 10, 5], highest_id_used=20)
    assert ids(result) == {0: 3, 1: 5, 2: 21}
    assert result.retired_ids == (8,)


def test_fresh_ids_follow_the_order() -> None:
    cells = [(2, 3, 9), (0, 5, 1), (1, 5, 1), (3, 5, 1)]
    result = aligned(cells, [0.0] * 4, order=[3, 2, 0, 1], least_overlap=0.5)
    assert ids(result) == {2: 3, 3: 10, 0: 11, 1: 12}


def test_a_pair_matches_from_the_least_overlap_on() -> None:
    # Label 0 and id 3 share 3 of the 10 customers in either.
    cells = [(0, 3, 3), (0, 5, 2), (1, 5, 20), (1, 3, 5)]
    assert ids(aligned(cells, [0.0, 0], least_overlap=0.3)) == {0: 3, 1: 5}
    assert ids(aligned(cells, [0.0, 0], least_overlap=0.3001)) == {0: 10, 1: 5}


def test_a_pair_below_the_least_overlap_takes_no_match_from_another() -> None:
    # Overlaps: 0 and 3 share 50 of 100, 1 and 3 share 40 of 104, 0 and 5 share 25 of 101. The
    # last two total more than the first, but the last is not a match.
    cells = [(0, 3, 50), (1, 3, 40), (1, 8, 14), (0, 5, 10), (2, 5, 91), (2, 8, 200)]
    result = aligned(cells, [0.0, 0, 20], least_overlap=0.3)
    assert ids(result) == {0: 3, 2: 8, 1: 10}


def test_the_pairing_is_the_best_in_total_not_pair_by_pair() -> None:
    # Overlaps: 0-3 60/110, 0-5 50/120, 1-3 50/110. Taking 0-3 first leaves 1 without its match.
    cells = [(0, 3, 60), (0, 5, 50), (1, 3, 50)]
    result = aligned(cells, [0.0, 0], previous=PREVIOUS[:2])
    assert ids(result) == {0: 5, 1: 3}


def test_a_small_segment_counts_as_much_as_a_large_one() -> None:
    # Label 0 has 300 of the 2,000 customers of id 3, and all 250 of id 5.
    cells = [(0, 3, 300), (0, 5, 250), (1, 3, 1700), (1, 8, 5000)]
    result = aligned(cells, [0.0, 0], least_overlap=0.1)
    assert ids(result) == {0: 5, 1: 8}
    assert result.retired_ids == (3,)


def test_centroids_decide_between_equal_overlaps() -> None:
    cells = [(0, 3, 50), (1, 3, 50), (2, 5, 30), (2, 8, 30)]
    result = aligned(cells, [4.0, 3, 17])
    assert ids(result) == {1: 3, 2: 8, 0: 10}
    assert [segment.centroid_shift for segment in result.segments] == [3.0, 3.0, None]


def test_centroids_do_not_decide_against_customers() -> None:
    cells = [(0, 3, 51), (1, 3, 49), (2, 5, 31), (2, 8, 30)]
    assert ids(aligned(cells, [1000.0, 0, 20])) == {0: 3, 2: 5, 1: 10}


def test_the_order_decides_where_centroids_are_equal_or_unknown() -> None:
    cells = [(0, 3, 50), (1, 3, 50), (2, 5, 30), (2, 8, 30)]
    unknown = [PreviousSegment(item.segment_id, None) for item in reversed(PREVIOUS)]
    for previous in (unknown, [PreviousSegment(item.segment_id, (0.0,)) for item in PREVIOUS]):
        first = aligned(cells, [1.0, 1, 1], previous=previous, order=[0, 1, 2])
        assert ids(first) == {0: 3, 2: 5, 1: 10}
        second = aligned(cells, [1.0, 1, 1], previous=previous, order=[2, 1, 0])
        assert ids(second) == {1: 3, 2: 5, 0: 10}
    crossed = aligned([(0, 3, 1), (0, 5, 1), (1, 3, 1), (1, 5, 1)], [1.0, 1], order=[1, 0])
    assert ids(crossed) == {1: 3, 0: 5}


def test_an_unknown_centroid_has_no_shift() -> None:
    previous = [PreviousSegment(3, None), PreviousSegment(5, (1.0, 1.0))]
    labels, previous_ids = customers([(0, 3, 5), (1, 5, 5)])
    result = align(
        labels,
        np.array([[0.0, 0], [4, 5]]),
        previous_ids,
        previous,
        highest_id_used=5,
        least_overlap=0.3,
        order=[0, 1],
    )
    assert [segment.centroid_shift for segment in result.segments] == [None, 5.0]
    assert [segment.kind for segment in result.segments] == ["kept", "kept"]


def test_customers_whom_the_previous_model_cannot_score_count_nowhere() -> None:
    labels, previous_ids = customers([(0, 3, 6), (1, 3, 4), (1, 5, 10), (1, 0, 50), (2, 0, 7)])
    masked = np.ma.masked_equal(previous_ids, 0)
    result = align(
        labels,
        np.array([[0.0], [10], [40]]),
        masked,
        PREVIOUS,
        highest_id_used=9,
        least_overlap=0.3,
        order=[0, 1, 2],
    )
    assert result.segments == (
        AlignedSegment(0, 3, 3, "kept", 6 / 10, 6 / 10, 0.0),
        AlignedSegment(1, 5, 5, "kept", 10 / 14, 1.0, 0.0),
        AlignedSegment(2, 10, None, "new", None, None, None),
    )
    assert (result.customers_compared, result.share_kept) == (20, 16 / 20)


def test_noise_is_no_segment_and_takes_customers_from_segments() -> None:
    # Noise of both models is the largest overlap, and yet no match.
    cells = [(0, 3, 6), (-1, 3, 3), (0, -1, 1), (1, -1, 20), (1, 5, 5), (-1, -1, 65)]
    result = aligned(cells, [0.0, 10], previous=PREVIOUS[:2])
    assert result.segments == (
        AlignedSegment(0, 3, 3, "kept", 6 / 10, 6 / 9, 0.0),
        AlignedSegment(1, 10, None, "new", None, None, None),
    )
    assert result.retired_ids == (5,)
    assert (result.customers_compared, result.share_kept) == (100, 71 / 100)


def test_without_a_customer_in_common_every_segment_is_new() -> None:
    result = align(
        np.array([0, 1]),
        np.array([[0.0], [10]]),
        np.ma.masked_all(2, dtype=int),
        PREVIOUS,
        highest_id_used=9,
        least_overlap=0.3,
        order=[1, 0],
    )
    assert ids(result) == {1: 10, 0: 11}
    assert result.retired_ids == (3, 5, 8)
    assert (result.customers_compared, result.share_kept, result.adjusted_rand) == (0, None, None)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"order": [0, 0]}, r"order \[0, 0\] does not hold each label 0..1 once"),
        ({"order": [0]}, r"order \[0\] does not hold each label 0..1 once"),
        ({"highest_id_used": 7}, "highest_id_used 7 is below previous id 8"),
        ({"least_overlap": 0.0}, "least_overlap 0.0 is not above 0"),
        ({"least_overlap": 1.01}, "least_overlap 1.01 is not above 0"),
        ({"previous": PREVIOUS[:1]}, r"previous ids \[5\] are not of a previous segment"),
        ({"previous": PREVIOUS + PREVIOUS[:1]}, r"\[3, 3, 5, 8\] are not unique and above 0"),
        ({"previous": (*PREVIOUS, PreviousSegment(0, None))}, r"\[0, 3, 5, 8\] are not unique"),
    ],
)
def test_contradicting_arguments(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        aligned([(0, 3, 5), (1, 5, 5)], [0.0, 10], **changes)


def test_labels_must_fit_centroids_and_previous_ids() -> None:
    with pytest.raises(ValueError, match=r"a new label is neither one of 0..0 nor -1"):
        aligned([(0, 3, 5), (1, 5, 5)], [0.0])
    with pytest.raises(ValueError, match="2 new labels, but 1 previous ids"):
        align(
            np.array([0, 0]),
            np.array([[0.0]]),
            np.array([3]),
            PREVIOUS,
            highest_id_used=8,
            least_overlap=0.3,
            order=[0],
        )


@st.composite
def retrainings(draw: st.DrawFn) -> dict[str, Any]:
    """Two clusterings of the same customers, some of whom the previous model cannot score."""
    k, previous_k = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    used = draw(st.lists(st.integers(1, 20), min_size=previous_k, max_size=previous_k, unique=True))
    size = draw(st.integers(k, 40))
    rows = st.tuples(
        st.integers(-1, k - 1),
        st.sampled_from([-1, *used]),
        st.integers(0, 9).map(lambda draw: draw == 0),
    )
    drawn = draw(st.lists(rows, min_size=size, max_size=size))
    coordinates = st.integers(-3, 3).map(float)
    return {
        "new_labels": np.array([row[0] for row in drawn]),
        "previous_ids": np.ma.array([row[1] for row in drawn], mask=[row[2] for row in drawn]),
        "new_centroids": np.array(draw(st.lists(coordinates, min_size=k, max_size=k)))[:, None],
        "previous": [PreviousSegment(item, (draw(coordinates),)) for item in used],
        "highest_id_used": 20,
        "least_overlap": draw(st.sampled_from([0.01, 0.2, 0.3, 0.5, 1.0])),
        "order": draw(st.permutations(range(k))),
    }


@settings(max_examples=60)
@given(retrainings())
def test_ids_are_unique_and_never_used_before(drawn: dict[str, Any]) -> None:
    result = align(**drawn)
    before = {item.segment_id for item in drawn["previous"]}
    given_ids = [segment.segment_id for segment in result.segments]
    assert given_ids == sorted(set(given_ids))
    assert len(given_ids) == len(drawn["order"])
    kept = {segment.segment_id for segment in result.segments if segment.kind == "kept"}
    fresh = [segment for segment in result.segments if segment.kind == "new"]
    assert kept <= before
    assert [segment.segment_id for segment in fresh] == [21 + at for at in range(len(fresh))]
    assert [segment.label for segment in fresh] == [
        label for label in drawn["order"] if label in {segment.label for segment in fresh}
    ]
    assert set(result.retired_ids) == before - kept


def pairings(rows: int, columns: int) -> list[list[tuple[int, int]]]:
    """Every way to match as many rows with columns as there are of the fewer."""
    if rows <= columns:
        return [list(enumerate(chosen)) for chosen in permutations(range(columns), rows)]
    return [[(row, at) for at, row in enumerate(c)] for c in permutations(range(rows), columns)]


@settings(max_examples=60)
@given(retrainings())
def test_no_pairing_is_better(drawn: dict[str, Any]) -> None:
    known = ~np.ma.getmaskarray(drawn["previous_ids"])
    labels, old = drawn["new_labels"][known], drawn["previous_ids"].data[known]
    overlaps: dict[tuple[int, int], float] = {}
    nearness: dict[tuple[int, int], float] = {}
    for label in drawn["order"]:
        for column, item in enumerate(drawn["previous"]):
            both = np.sum((labels == label) & (old == item.segment_id))
            either = np.sum((labels == label) | (old == item.segment_id))
            if either and both / either >= drawn["least_overlap"]:
                overlaps[label, column] = both / either
                distance = abs(drawn["new_centroids"][label, 0] - item.centroid[0])
                nearness[label, column] = 1 / (1 + distance)
    best = max(
        (
            round(sum(overlaps.get(pair, 0) for pair in pairing), 9),
            round(sum(nearness.get(pair, 0) for pair in pairing), 9),
        )
        for pairing in pairings(len(drawn["order"]), len(drawn["previous"]))
    )
    column_of = {item.segment_id: at for at, item in enumerate(drawn["previous"])}
    kept = [
        (segment.label, column_of[segment.segment_id])
        for segment in align(**drawn).segments
        if segment.kind == "kept"
    ]
    assert sum(overlaps[pair] for pair in kept) == pytest.approx(best[0])
    assert sum(nearness[pair] for pair in kept) == pytest.approx(best[1])


@settings(max_examples=60)
@given(retrainings(), st.randoms(use_true_random=False))
def test_row_order_and_the_order_of_previous_segments_do_not_matter(
    drawn: dict[str, Any], random: Any
) -> None:
    rows = list(range(len(drawn["new_labels"])))
    random.shuffle(rows)
    shuffled = {
        **drawn,
        "new_labels": drawn["new_labels"][rows],
        "previous_ids": drawn["previous_ids"][rows],
        "previous": random.sample(drawn["previous"], len(drawn["previous"])),
    }
    assert align(**shuffled) == align(**drawn)


@settings(max_examples=60)
@given(retrainings(), st.data())
def test_the_numbers_of_the_labels_do_not_matter(drawn: dict[str, Any], data: Any) -> None:
    renamed = np.array(data.draw(st.permutations(range(len(drawn["order"])))))
    changed = {
        **drawn,
        "new_labels": np.append(renamed, -1)[drawn["new_labels"]],
        "new_centroids": drawn["new_centroids"][np.argsort(renamed)],
        "order": [int(renamed[label]) for label in drawn["order"]],
    }
    expected = {int(renamed[label]): item for label, item in ids(align(**drawn)).items()}
    assert ids(align(**changed)) == expected


@settings(max_examples=60)
@given(retrainings(), st.data())
def test_the_same_clustering_keeps_every_id(drawn: dict[str, Any], data: Any) -> None:
    """Whatever the cluster numbers, and wherever the centroids are."""
    present = np.unique(drawn["new_labels"])
    labels = np.searchsorted(present, drawn["new_labels"])
    id_of = np.array(data.draw(st.permutations(range(1, len(present) + 1))))
    result = align(
        labels,
        np.zeros((len(present), 1)),
        id_of[labels],
        [PreviousSegment(int(item), (float(item),)) for item in id_of],
        highest_id_used=len(present),
        least_overlap=1.0,
        order=data.draw(st.permutations(range(len(present)))),
    )
    assert ids(result) == {label: int(item) for label, item in enumerate(id_of)}
    assert all(segment.overlap == segment.share_kept == 1 for segment in result.segments)
    assert (result.retired_ids, result.share_kept, result.adjusted_rand) == ((), 1.0, 1.0)
