"""Figures of a sparse matrix beside those of the same matrix, dense."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.spatial.distance import cdist
from sklearn.metrics import silhouette_samples

from customer_segmentation.clustering.sparse import fit_sparse_kmeans
from customer_segmentation.errors import InputError
from customer_segmentation.numerics.sparse import (
    column_means,
    column_variances,
    group_means,
    nearest_centre,
    squared_distances_to,
    squared_to_own_centre,
)
from customer_segmentation.selection.measure import measure, silhouettes


def matrix(seed: int, rows: int = 60, columns: int = 25) -> np.ndarray:
    random = np.random.default_rng(seed)
    return random.integers(-3, 6, (rows, columns)) * (random.random((rows, columns)) < 0.2)


@given(st.integers(0, 2**32 - 1))
def test_figures_are_those_of_the_dense_matrix(seed: int) -> None:
    dense = matrix(seed).astype(float)
    sparse, labels = csr_array(dense), np.arange(60) % 4
    means = np.array([dense[labels == label].mean(axis=0) for label in range(4)])
    np.testing.assert_allclose(group_means(sparse, labels), means, atol=1e-12)
    np.testing.assert_allclose(column_means(sparse), dense.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(column_variances(sparse), dense.var(axis=0, ddof=1), atol=1e-12)
    squared = cdist(dense, means, "sqeuclidean")
    np.testing.assert_allclose(squared_distances_to(sparse, means), squared, atol=1e-9)
    own = squared[np.arange(60), labels]
    np.testing.assert_allclose(squared_to_own_centre(sparse, labels, means), own, atol=1e-9)
    found = nearest_centre(sparse, means)
    np.testing.assert_allclose(squared[np.arange(60), found], squared.min(axis=1), atol=1e-9)


def test_a_cell_that_is_there_with_0_is_no_other_than_one_that_is_not() -> None:
    dense = np.array([[1.0, 0, 4], [0, 2, 4], [5, 0, 4]])
    rows, columns = np.indices(dense.shape).reshape(2, -1)
    sparse = csr_array((dense.ravel(), (rows, columns)), shape=dense.shape)
    assert sparse.nnz == 9
    np.testing.assert_allclose(column_means(sparse), [2, 2 / 3, 4])
    np.testing.assert_allclose(column_variances(sparse), [7, 4 / 3, 0])


def test_measures_of_a_clustering_are_those_on_the_dense_matrix() -> None:
    dense, labels = matrix(2).astype(float), np.arange(60) % 3
    labels[:6] = -1
    found, expected = measure(csr_array(dense), labels), measure(dense, labels)
    for name in ("inertia", "silhouette", "calinski_harabasz", "davies_bouldin", "smallest_share"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name), rel=1e-9), name
    members = labels >= 0
    np.testing.assert_allclose(
        silhouettes(csr_array(dense[members]), labels[members]),
        silhouette_samples(dense[members], labels[members], metric="sqeuclidean"),
        atol=1e-9,
    )


def planted() -> tuple[csr_array, np.ndarray]:
    random = np.random.default_rng(3)
    taste = np.arange(300) % 3
    own = taste[:, None] == np.arange(30) % 3
    dense = random.integers(1, 6, (300, 30)) * (random.random((300, 30)) < 0.05 + 0.7 * own)
    return csr_array(dense.astype(float)), taste


@pytest.mark.parametrize("sample_size", [1000, 120])
def test_k_means_finds_planted_groups(sample_size: int) -> None:
    points, taste = planted()
    found = fit_sparse_kmeans(points, 3, random_seed=1, starts=3, sample_size=sample_size)
    assert len({(a, b) for a, b in zip(found.labels, taste, strict=True)}) == 3
    assert found.fitted_rows == 300
    assert found.agreement == 1
    np.testing.assert_allclose(found.centroids, group_means(points, found.labels), atol=1e-9)
    again = fit_sparse_kmeans(points, 3, random_seed=1, starts=3, sample_size=sample_size)
    np.testing.assert_array_equal(found.centroids, again.centroids)


def test_too_few_rows_that_differ_are_refused() -> None:
    points = csr_array(np.repeat([[1.0, 0], [0, 1]], 5, axis=0))
    with pytest.raises(InputError, match="K-means on the matrix found only 2 different groups"):
        fit_sparse_kmeans(points, 3, random_seed=1, starts=1, sample_size=100)
