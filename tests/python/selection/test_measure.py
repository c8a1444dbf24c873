from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.metrics import (
    calinski_harabasz_score,
    davies_bouldin_score,
    silhouette_samples,
    silhouette_score,
)

from customer_segmentation.selection.measure import measure, silhouettes

# Two clusters on a line: 0 and 2, and 10, 12, 14.
LINE = np.array([[0.0], [2], [10], [12], [14]])
LINE_LABELS = np.array([0, 0, 1, 1, 1])


def test_figures_by_hand() -> None:
    figures = measure(LINE, LINE_LABELS)
    # Means 1 and 12: 1 + 1 + 4 + 0 + 4.
    assert figures.inertia == pytest.approx(10)
    assert figures.smallest_share == pytest.approx(2 / 5)
    # Grand mean 7.6: between = 2 * 6.6^2 + 3 * 4.4^2 = 145.2, over (10 / 3).
    assert figures.calinski_harabasz == pytest.approx(145.2 / (10 / 3))
    # Mean distances to the means are 1 and 4/3, the means are 11 apart.
    assert figures.davies_bouldin == pytest.approx((1 + 4 / 3) / 11)
    # Mean squared distances within and to the other cluster, point by point.
    within = np.array([4, 4, (4 + 16) / 2, (4 + 4) / 2, (16 + 4) / 2])
    other = np.array(
        [
            (100 + 144 + 196) / 3,
            (64 + 100 + 144) / 3,
            (100 + 64) / 2,
            (144 + 100) / 2,
            (196 + 144) / 2,
        ]
    )
    np.testing.assert_allclose(silhouettes(LINE, LINE_LABELS), 1 - within / other)
    assert figures.silhouette == pytest.approx(float(np.mean(1 - within / other)))


@st.composite
def clusterings(draw: st.DrawFn) -> tuple[Any, Any]:
    size = draw(st.integers(3, 25))
    k = draw(st.integers(2, size - 1))
    # Few distinct values, so that points coincide often.
    coordinate = st.one_of(st.integers(-2, 2).map(float), st.floats(-100, 100, width=16))
    points = draw(arrays.arrays(float, (size, draw(st.integers(1, 3))), elements=coordinate))
    rest = draw(st.lists(st.integers(0, k - 1), min_size=size - k, max_size=size - k))
    labels = draw(st.permutations([*range(k), *rest]))
    return points, np.array(labels)


@given(clusterings())
def test_silhouettes_equal_scikit_learn(drawn: tuple[Any, Any]) -> None:
    points, labels = drawn
    expected = silhouette_samples(points, labels, metric="sqeuclidean")
    np.testing.assert_allclose(silhouettes(points, labels), expected, atol=1e-6)


def test_a_customer_alone_in_its_segment_counts_as_zero() -> None:
    values = silhouettes(np.array([[0.0], [1], [50]]), np.array([0, 0, 1]))
    assert values[2] == 0
    assert values[0] == pytest.approx(1 - 1 / 2500)


def test_coinciding_segments_count_as_zero() -> None:
    points = np.zeros((4, 2))
    assert silhouettes(points, np.array([0, 0, 1, 1])).tolist() == [0, 0, 0, 0]


@given(clusterings())
def test_indices_equal_scikit_learn(drawn: tuple[Any, Any]) -> None:
    points, labels = drawn
    figures = measure(points, labels)
    assert figures.calinski_harabasz == pytest.approx(
        calinski_harabasz_score(points, labels), rel=1e-9, abs=1e-9
    )
    means = np.array([points[labels == label].mean(axis=0) for label in range(labels.max() + 1)])
    apart = np.linalg.norm(means[:, None] - means, axis=2) + np.eye(len(means))
    # scikit-learn's distance of two nearly equal means is rounding.
    if apart.min() > 1e-3:
        assert figures.davies_bouldin == pytest.approx(
            davies_bouldin_score(points, labels), rel=1e-6, abs=1e-6
        )


@pytest.mark.parametrize("precision", [np.float64, np.float32])
def test_all_figures_of_many_customers_equal_scikit_learn(precision: Any) -> None:
    rng = np.random.default_rng(8)
    points = rng.lognormal(size=(40_000, 5)).astype(precision)
    labels = rng.permutation(np.repeat([0, 1, 2, 3], [20_000, 10_000, 9_990, 10]))
    points += labels[:, None]
    figures = measure(points, labels)
    double = points.astype(np.float64)
    means = np.array([double[labels == label].mean(axis=0) for label in range(4)])
    assert figures.inertia == pytest.approx(np.square(double - means[labels]).sum(), rel=1e-12)
    assert figures.calinski_harabasz == pytest.approx(
        calinski_harabasz_score(double, labels), rel=1e-9
    )
    assert figures.davies_bouldin == pytest.approx(davies_bouldin_score(double, labels), rel=1e-9)
    assert figures.smallest_share == 10 / 40_000
    some = np.sort(rng.choice(40_000, 1_500, replace=False))
    assert measure(points[some], labels[some] % 2).silhouette == pytest.approx(
        silhouette_score(double[some], labels[some] % 2, metric="sqeuclidean"), rel=1e-9
    )
    # Huygens-Steiner over blocks of customers, against plain sums over all pairs.
    values = silhouettes(points, labels)
    for row in (0, 16_383, 16_384, 39_999):
        squared = np.square(double - double[row]).sum(axis=1)
        others = np.arange(40_000) != row
        to = [squared[(labels == label) & others].mean() for label in range(4)]
        own, nearest = to[labels[row]], min(np.delete(to, labels[row]))
        assert values[row] == pytest.approx((nearest - own) / max(nearest, own), rel=1e-9)


def test_noise_counts_in_the_share_only() -> None:
    points = np.vstack([LINE, [[500.0], [-70]]])
    figures = measure(points, np.append(LINE_LABELS, [-1, -1]))
    expected = measure(LINE, LINE_LABELS)
    assert figures.smallest_share == 2 / 7
    assert (figures.inertia, figures.silhouette) == (expected.inertia, expected.silhouette)
    assert figures.calinski_harabasz == expected.calinski_harabasz
    assert figures.davies_bouldin == expected.davies_bouldin


def test_coinciding_members_and_means() -> None:
    alike = measure(np.array([[1.0], [1], [5], [5]]), np.array([0, 0, 1, 1]))
    assert (alike.calinski_harabasz, alike.davies_bouldin) == (1, 0)
    crossed = measure(np.array([[1.0], [5], [2], [4]]), np.array([0, 0, 1, 1]))
    assert (crossed.calinski_harabasz, crossed.davies_bouldin) == (0, 0)
    # The third mean is 3 away from both: (1 + 2) / 3 with the wider one.
    third = measure(np.array([[1.0], [5], [2], [4], [5], [7]]), np.array([0, 0, 1, 1, 2, 2]))
    assert third.davies_bouldin == pytest.approx((1 + 2 / 3 + 1) / 3)
