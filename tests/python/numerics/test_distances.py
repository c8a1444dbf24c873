from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from customer_segmentation.model.assignment import Assignment
from customer_segmentation.numerics.distances import blocks, nearest


def test_of_equally_near_centroids_the_first_wins() -> None:
    centroids = np.array([[2.0, 0], [0, 0], [1, 1], [1, -1]])
    points = np.array([[1.0, 0], [0.5, 0.5], [0.5, -0.5], [1, 1]])
    assert Assignment("nearest_centroid", centroids).assign(points).tolist() == [0, 1, 1, 2]


@settings(max_examples=50)
@given(
    arrays.arrays(float, (20, 3), elements=st.integers(-2, 2).map(float)),
    arrays.arrays(float, (4, 3), elements=st.integers(-2, 2).map(float), unique=True)
    | arrays.arrays(float, (4, 3), elements=st.sampled_from([0.1, 0.2, 0.3])),
    st.sampled_from([0.0, 1e4, 1e8]),
)
def test_the_nearest_centroid_is_that_of_plain_sums(
    points: Any, centroids: Any, far: float
) -> None:
    points, centroids = points / 3 + far, centroids / 3 + far
    squared = [
        [
            sum((x - c) * (x - c) for x, c in zip(point, centroid, strict=True))
            for centroid in centroids
        ]
        for point in points
    ]
    labels, leads = nearest(points, centroids)
    np.testing.assert_array_equal(labels, np.argmin(squared, axis=1))
    distances = np.sort(np.sqrt(squared), axis=1)
    np.testing.assert_allclose(leads, distances[:, 1] - distances[:, 0], atol=1e-6 * (1 + far))


def test_blocks_cover_every_row_once() -> None:
    for rows in (0, 1, 16_384, 16_385, 50_000):
        covered = [row for block in blocks(rows) for row in range(block.start, block.stop)]
        assert covered == list(range(rows))
