from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import pytest

from customer_segmentation.clustering.fit import fit
from customer_segmentation.selection.gap import Gap, choose_k_by_gap, gap_statistic

kmeans = partial(fit, algorithm="kmeans", sample_size=10**6)

TINY = np.array([[0.0], [1], [5]])


class Recorder:
    """Gives inertias in turn, and keeps what it was asked to cluster."""

    def __init__(self, *inertias: float) -> None:
        self.inertias = list(inertias)
        self.points: list[Any] = []
        self.ks: list[int] = []
        self.seeds: list[int] = []

    def __call__(self, points: Any, k: int, seed: int, /) -> float:
        self.points.append(points)
        self.ks.append(k)
        self.seeds.append(seed)
        return self.inertias.pop(0)


def gap_of(points: Any, inertia: float, cluster_inertia: Any, **changes: Any) -> Gap:
    options = {"k": 2, "references": 2, "random_seed": 1, **changes}
    return gap_statistic(points, inertia, cluster_inertia, **options)


def k_means(points: Any, k: int, seed: int, /) -> float:
    found = kmeans(points, k, random_seed=seed, starts=3)
    return float(np.square(points - found.centroids[found.labels]).sum())


def swept(points: Any, ks: range, references: int = 10) -> list[Gap]:
    return [gap_of(points, k_means(points, k, 0), k_means, k=k, references=references) for k in ks]


def test_figures_by_hand() -> None:
    gap = gap_of(TINY, math.e**1.5, Recorder(math.e, math.e**3), k=3)
    # Logarithms 1 and 3: mean 2, population standard deviation 1.
    assert gap == Gap(2, pytest.approx(2 - 1.5), pytest.approx(math.sqrt(1 + 1 / 2)))


def test_one_reference_has_no_spread() -> None:
    assert gap_of(TINY, 1.0, Recorder(math.e), references=1) == Gap(1, pytest.approx(1.0), 0.0)


def test_a_single_cluster_on_a_line_against_the_exact_expectation() -> None:
    # With k=1, the inertia of n even draws from an interval of width w is about n w^2 / 12.
    points = np.concatenate([np.zeros(500), np.full(500, 6.0)])[:, None]
    gap = gap_of(points, 1000 * 9.0, k_means, k=1, references=10)
    assert gap.value == pytest.approx(math.log(1000 * 36 / 12) - math.log(9000), abs=0.03)
    assert gap.standard_error is not None
    assert 0 < gap.standard_error < 0.06


@pytest.mark.parametrize("inertias", [(0.0, 1.0, 1.0), (1.0, 0.0, 1.0), (1.0, 1.0, 0.0)])
def test_an_inertia_of_0_leaves_the_gap_undefined(inertias: tuple[float, ...]) -> None:
    assert gap_of(TINY, inertias[0], Recorder(*inertias[1:])) == Gap(2, None, None)


def test_no_references() -> None:
    with pytest.raises(ValueError, match="0 references, at least 1 is needed"):
        gap_of(TINY, 1.0, Recorder(), references=0)


def test_references_fill_the_box_along_the_principal_components() -> None:
    # A rectangle of 20 x 2 around (7, -3), turned by 30 degrees.
    rng = np.random.default_rng(2)
    turn = np.array([[math.cos(math.pi / 6), -0.5], [0.5, math.cos(math.pi / 6)]])
    flat = rng.uniform([-10, -1], [10, 1], size=(4000, 2))
    points = flat @ turn.T + [7, -3]
    recorder = Recorder(1.0, 1.0)
    gap_of(points, 1.0, recorder)
    first, second = recorder.points
    assert not np.array_equal(first, second)
    for reference in (first, second):
        assert reference.shape == points.shape
        turned_back = (reference - [7, -3]) @ turn
        np.testing.assert_allclose(turned_back.min(axis=0), [-10, -1], atol=0.3)
        np.testing.assert_allclose(turned_back.max(axis=0), [10, 1], atol=0.3)
        np.testing.assert_allclose(
            np.quantile(turned_back, [0.25, 0.5, 0.75], axis=0),
            [[-5, -0.5], [0, 0], [5, 0.5]],
            atol=0.6,
        )


def test_every_k_has_the_same_references_and_every_reference_its_seed() -> None:
    recorder = Recorder(*[1.0] * 6)
    for k in (2, 3):
        gap_of(TINY, 1.0, recorder, k=k)
    gap_of(TINY, 1.0, recorder, random_seed=2)
    assert recorder.ks == [2, 2, 3, 3, 2, 2]
    assert np.array_equal(recorder.points[:2], recorder.points[2:4])
    assert recorder.seeds[:2] == recorder.seeds[2:4]
    assert len(set(recorder.seeds)) == 4
    assert not np.array_equal(recorder.points[4], recorder.points[0])


def test_planted_groups() -> None:
    rng = np.random.default_rng(5)
    points = np.concatenate([rng.normal(at, 0.5, (40, 2)) for at in ([0, 0], [0, 9], [9, 0])])
    gaps = swept(points, range(1, 6))
    assert choose_k_by_gap(range(1, 6), gaps) == 3
    assert max(gaps, key=lambda gap: gap.value or 0) == gaps[2]


def test_no_groups() -> None:
    # First simulation of Tibshirani et al.: 200 points even over the unit square in 10 dimensions.
    points = np.random.default_rng(6).uniform(size=(200, 10))
    assert choose_k_by_gap(range(1, 5), swept(points, range(1, 5))) == 1


def test_two_elongated_groups() -> None:
    # Fifth simulation of Tibshirani et al., which a box along the features gets wrong.
    rng = np.random.default_rng(7)
    line = np.linspace(-0.5, 0.5, 100)[:, None] + np.zeros(3)
    points = np.concatenate([line, line + 10]) + rng.normal(0, 0.1, (200, 3))
    assert choose_k_by_gap(range(1, 6), swept(points, range(1, 6))) == 2


def gaps_of(*figures: tuple[float | None, float | None]) -> list[Gap]:
    return [Gap(10, value, error) for value, error in figures]


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        # Rising by more than the next one's error, then by less.
        ([(1.0, 0.9), (2.0, 0.1), (2.1, 0.2), (9.0, 0.1)], 3),
        # Equal counts: 2 >= 2.5 - 0.5.
        ([(2.0, 0.0), (2.5, 0.5), (9.0, 0.0)], 2),
        ([(2.0, 9.0), (2.5, 0.25), (1.0, 0.1)], 3),
        ([(1.0, 0.1), (2.0, 0.1), (3.0, 0.1)], None),
        ([(1.0, 0.1)], None),
        ([(None, None), (2.0, 0.1), (1.0, 0.1)], 3),
        ([(3.0, 0.1), (None, None), (1.0, 0.1)], None),
    ],
)
def test_the_rule(figures: list[tuple[float | None, float | None]], expected: int | None) -> None:
    assert choose_k_by_gap(range(2, 2 + len(figures)), gaps_of(*figures)) == expected


def test_the_rule_needs_every_k() -> None:
    with pytest.raises(ValueError, match=r"candidates \[2, 4\] do not ascend without a hole"):
        choose_k_by_gap([2, 4], gaps_of((1, 0), (1, 0)))
