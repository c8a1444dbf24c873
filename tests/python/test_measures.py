from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.metrics import silhouette_samples

from customer_segmentation.measures import measure, silhouettes

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
