from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from customer_segmentation.clustering.fit import fit
from customer_segmentation.errors import InputError
from customer_segmentation.model.stability import SegmentStability, Stability
from customer_segmentation.selection.stability import stability

kmeans = partial(fit, algorithm="kmeans", sample_size=10**6)

LINE = np.arange(10.0)[:, None]
# Segment 7 has the customers 0..3, segment 2 the others.
LINE_LABELS = np.where(LINE[:, 0] < 4, 7, 2)


class Assigning:
    """A clustering that is nothing but its rule."""

    def __init__(self, rule: Callable[[Any], Any]) -> None:
        self.rule = rule

    def assign(self, points: Any) -> Any:
        return self.rule(points)


def cut(at: float) -> Assigning:
    return Assigning(lambda points: np.where(points[:, 0] < at, 0, 1))


class Replay:
    """Gives clusterings in turn, and keeps what it was asked to cluster."""

    def __init__(self, *clusterings: Any) -> None:
        self.clusterings = list(clusterings)
        self.points: list[Any] = []
        self.seeds: list[int] = []

    def __call__(self, points: Any, seed: int, /) -> Any:
        self.points.append(points)
        self.seeds.append(seed)
        given_clustering = self.clusterings.pop(0)
        if isinstance(given_clustering, Exception):
            raise given_clustering
        return given_clustering


def nearest_centroid(k: int) -> Callable[[Any, int], Assigning]:
    def fit(points: Any, seed: int, /) -> Assigning:
        centroids = kmeans(points, k, random_seed=seed, starts=3).centroids
        return Assigning(lambda asked: cdist(asked, centroids).argmin(axis=1))

    return fit


def measured(fit: Any, **changes: Any) -> Stability:
    options = {"random_seed": 1, "seeds": 0, "resamples": 0, **changes}
    return stability(
        options.pop("points", LINE), options.pop("labels", LINE_LABELS), fit, **options
    )


def rand_of_a_cut_at_5() -> float:
    # Pairs together in both: of 4, and of 5; in the cut: of 5 and 5; in the labels: of 4 and 6.
    both, cut_pairs, label_pairs = 6 + 10, 10 + 10, 6 + 15
    chance = cut_pairs * label_pairs / 45
    return (both - chance) / ((cut_pairs + label_pairs) / 2 - chance)


def test_seeds_by_hand() -> None:
    fit = Replay(cut(4), cut(5))
    result = measured(fit, seeds=2)
    assert result.seeds == 2
    assert result.seed_adjusted_rand_mean == pytest.approx((1 + rand_of_a_cut_at_5()) / 2)
    assert result.seed_adjusted_rand_lowest == pytest.approx(rand_of_a_cut_at_5())
    assert (result.resample_adjusted_rand_mean, result.resample_adjusted_rand_lowest) == (
        None,
        None,
    )
    assert [item.jaccard for item in result.segments] == [None, None]
    assert all(np.array_equal(points, LINE) for points in fit.points)
    assert len(set(fit.seeds)) == 2


def test_resamples_by_hand() -> None:
    # The last has no cluster with more than half of a segment in it.
    thirds = Assigning(lambda points: points[:, 0].astype(int) % 3)
    fit = Replay(cut(4), cut(5), thirds)
    result = measured(fit, resamples=3)
    assert result.resamples == 3
    assert result.resample_adjusted_rand_lowest is not None
    assert result.resample_adjusted_rand_lowest < 0
    # 0..3 against 0..4, then against 0, 3, 6, 9; 4..9 against 5..9, then against 1, 4, 7.
    assert result.segments == (
        SegmentStability(2, 6, pytest.approx((1 + 5 / 6 + 2 / 7) / 3)),
        SegmentStability(7, 4, pytest.approx((1 + 4 / 5 + 2 / 6) / 3)),
    )
    assert (result.seed_adjusted_rand_mean, result.seed_adjusted_rand_lowest) == (None, None)


def test_a_resample_draws_as_many_customers_with_replacement() -> None:
    points = np.arange(1000.0)[:, None]
    fit = Replay(*[cut(500)] * 3)
    result = measured(fit, points=points, labels=(points[:, 0] < 500).astype(int), resamples=3)
    for drawn in fit.points:
        assert drawn.shape == points.shape
        # The share drawn at least once is 1 - 1/e, give or take 0.01.
        assert len(np.unique(drawn)) == pytest.approx(632, abs=40)
        assert np.isin(drawn, points).all()
    assert not np.array_equal(fit.points[0], fit.points[1])
    assert len(set(fit.seeds)) == 3
    # Customers who were not drawn are compared too.
    assert [item.customers for item in result.segments] == [500, 500]
    assert result.resample_adjusted_rand_lowest == 1


def test_a_repetition_that_cannot_be_clustered_counts_as_no_agreement() -> None:
    alike = InputError("too alike")
    fit = Replay(cut(4), alike, alike, cut(4), cut(4))
    result = measured(fit, seeds=2, resamples=3)
    assert result.failed == 2
    assert (result.seed_adjusted_rand_mean, result.seed_adjusted_rand_lowest) == (0.5, 0.0)
    assert result.resample_adjusted_rand_mean == pytest.approx(2 / 3)
    assert result.resample_adjusted_rand_lowest == 0
    assert [item.jaccard for item in result.segments] == pytest.approx([2 / 3, 2 / 3])


def test_an_error_of_the_algorithm_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        measured(Replay(ZeroDivisionError()), seeds=1)


def test_a_sample_is_clustered_and_compared_and_its_size_stored() -> None:
    points = np.arange(1000.0)[:, None]
    # One customer in 1,000 is a segment of its own, and is not sampled.
    labels = np.where(points[:, 0] < 500, 0, 1)
    labels[999] = 2
    fit = Replay(*[cut(500)] * 3)
    result = measured(fit, points=points, labels=labels, seeds=1, resamples=2, sample_size=200)
    assert result.sample_size == 200
    assert [len(drawn) for drawn in fit.points] == [200, 200, 200]
    assert len(np.unique(fit.points[0])) == 200
    assert np.isin(fit.points[1:], fit.points[0]).all()
    assert sum(item.customers for item in result.segments) == 200
    assert [item.jaccard for item in result.segments] == [1, 1, None]
    assert result.segments[2] == SegmentStability(2, 0, None)
    assert result.seed_adjusted_rand_mean == 1


@pytest.mark.parametrize("sample_size", [None, 10, 11])
def test_no_sample_where_there_are_no_more_customers(sample_size: int | None) -> None:
    fit = Replay(cut(4))
    assert measured(fit, seeds=1, sample_size=sample_size).sample_size == 10
    assert np.array_equal(fit.points[0], LINE)


def test_the_seed_decides_everything_and_seeds_do_not_change_the_resamples() -> None:
    def asked(**changes: Any) -> tuple[list[Any], list[int]]:
        options = {"seeds": 2, "resamples": 2, "sample_size": 8, **changes}
        fit = Replay(*[cut(4)] * 9)
        measured(fit, **options)
        return [points[:, 0].tolist() for points in fit.points], fit.seeds

    points, seeds = asked()
    assert asked() == (points, seeds)
    other_points, other_seeds = asked(random_seed=2)
    assert not set(other_seeds) & set(seeds)
    assert other_points != points
    more_points, more_seeds = asked(seeds=4)
    assert (more_points[4:], more_seeds[4:]) == (points[2:], seeds[2:])
    assert more_seeds[:2] == seeds[:2]
    more_points, more_seeds = asked(resamples=4)
    assert (more_points[:4], more_seeds[:4]) == (points, seeds)


def blobs(centres: list[float], size: int = 60) -> Any:
    rng = np.random.default_rng(3)
    return np.concatenate([rng.normal(centre, 0.5, (size, 2)) for centre in centres])


def test_planted_groups_are_found_again() -> None:
    points = blobs([0, 10, 20])
    labels = np.repeat([3, 1, 2], 60)
    result = measured(nearest_centroid(3), points=points, labels=labels, seeds=3, resamples=5)
    assert result == Stability(
        sample_size=180,
        seeds=3,
        seed_adjusted_rand_mean=1.0,
        seed_adjusted_rand_lowest=1.0,
        resamples=5,
        resample_adjusted_rand_mean=1.0,
        resample_adjusted_rand_lowest=1.0,
        failed=0,
        segments=tuple(SegmentStability(item, 60, 1.0) for item in (1, 2, 3)),
    )


def test_segments_that_are_two_halves_of_one_group_are_unstable() -> None:
    points = np.concatenate([blobs([0], 200), blobs([30])])
    labels = kmeans(points, 3, random_seed=0, starts=3).labels
    result = measured(nearest_centroid(3), points=points, labels=labels, resamples=8)
    jaccard = {item.customers: item.jaccard for item in result.segments}
    assert jaccard.pop(60) == 1
    assert len(jaccard) == 2
    assert all(value is not None and value < 0.75 for value in jaccard.values())
    assert result.resample_adjusted_rand_mean is not None
    assert result.resample_adjusted_rand_mean < 0.8


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(-1, 4), st.integers(-1, 4)), min_size=1, max_size=30))
def test_overlaps_equal_those_of_sets(pairs: list[tuple[int, int]]) -> None:
    labels = np.array([pair[0] for pair in pairs])
    again = np.array([pair[1] for pair in pairs])
    points = np.zeros((len(pairs), 1))
    result = measured(Replay(Assigning(lambda _: again)), points=points, labels=labels, resamples=1)
    members = {item: set(np.flatnonzero(labels == item)) for item in set(labels.tolist())}
    clusters = [set(np.flatnonzero(again == item)) for item in set(again.tolist()) - {-1}]
    assert {item.segment_id: item.jaccard for item in result.segments} == {
        item: max((len(own & other) / len(own | other) for other in clusters), default=0)
        for item, own in members.items()
    }
