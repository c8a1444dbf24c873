from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_segmentation.numerics.krylov import EXTRA, MOST_PRODUCTS, leading_eigenvectors

SEED = 3


def of_values(values: Any, seed: int = 0) -> Any:
    """A symmetric matrix with these eigenvalues, and random eigenvectors as columns."""
    rng = np.random.default_rng(seed)
    vectors = np.linalg.qr(rng.normal(size=(len(values), len(values)))).Q
    return vectors * values @ vectors.T, vectors


def product(matrix: Any, widths: list[int] | None = None) -> Callable[[Any], Any]:
    def multiply(block: Any) -> Any:
        if widths is not None:
            widths.append(block.shape[1])
        return matrix @ block

    return multiply


DECAYS = {
    "groups": np.concatenate([np.arange(20, 10, -1.0), np.full(590, 0.01)]),
    "slow": 1 / np.sqrt(np.arange(1, 601)),
    "flat": np.linspace(1, 0.5, 600),
    "steps": np.repeat([8.0, 4, 2, 1], 150),
}


@pytest.mark.parametrize("name", DECAYS)
def test_eigenvalues_of_a_large_matrix(name: str) -> None:
    values, widths = DECAYS[name], list[int]()
    matrix, _ = of_values(values)
    found = leading_eigenvectors(product(matrix, widths), len(values), 10, seed=SEED)
    # Never too large, and near also where the spectrum hardly decays.
    assert (found.values <= values[:10] * (1 + 1e-12)).all()
    assert found.values.sum() == pytest.approx(values[:10].sum(), rel=0.005)
    np.testing.assert_allclose(found.vectors.T @ found.vectors, np.eye(10), atol=1e-9)
    spread = np.diag(found.vectors.T @ matrix @ found.vectors)
    np.testing.assert_allclose(spread, found.values, rtol=1e-9)
    assert len(widths) == found.products <= MOST_PRODUCTS
    assert max(widths) == 10 + EXTRA


def test_separate_groups_take_few_products_and_have_their_vectors() -> None:
    values = DECAYS["groups"]
    matrix, vectors = of_values(values)
    found = leading_eigenvectors(product(matrix), len(values), 10, seed=SEED)
    assert found.products <= 4
    np.testing.assert_allclose(found.values, values[:10], rtol=1e-5)
    alike = np.abs(np.sum(found.vectors * vectors[:, :10], axis=0))
    np.testing.assert_allclose(alike, 1, atol=1e-5)


def test_a_small_matrix_is_asked_for_whole() -> None:
    values = np.arange(200.0, 0, -1)
    matrix, vectors = of_values(values)
    found = leading_eigenvectors(product(matrix), 200, 5, seed=SEED)
    assert found.products == 1
    np.testing.assert_allclose(found.values, values[:5])
    np.testing.assert_allclose(np.abs(found.vectors.T @ vectors[:, :5]), np.eye(5), atol=1e-9)


def test_a_matrix_by_hand() -> None:
    # 3 along (1, 1) / sqrt 2 and 1 along (1, -1) / sqrt 2.
    found = leading_eigenvectors(product(np.array([[2.0, 1], [1, 2]])), 2, 9, seed=SEED)
    np.testing.assert_allclose(found.values, [3, 1])
    np.testing.assert_allclose(np.abs(found.vectors), np.full((2, 2), np.sqrt(0.5)))


def test_fewer_directions_than_asked_for() -> None:
    matrix, _ = of_values(np.concatenate([[5.0, 3], np.zeros(598)]))
    found = leading_eigenvectors(product(matrix), 600, 4, seed=SEED)
    np.testing.assert_allclose(found.values, [5, 3, 0, 0], atol=1e-9)
    nothing = leading_eigenvectors(product(np.zeros((600, 600))), 600, 4, seed=SEED)
    np.testing.assert_array_equal(nothing.values, np.zeros(4))


def test_the_seed_decides() -> None:
    matrix, _ = of_values(DECAYS["slow"])
    one, again, other = (
        leading_eigenvectors(product(matrix), 600, 3, seed=seed).vectors for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()


@settings(max_examples=25)
@given(st.integers(1, 320), st.integers(1, 12), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_a_random_matrix_of_any_size_and_rank(size: int, count: int, rank: int, seed: int) -> None:
    factor = np.random.default_rng(seed).normal(size=(rank, size))
    found = leading_eigenvectors(product(factor.T @ factor), size, count, seed=seed)
    expected = np.linalg.svd(factor, compute_uv=False)[:count] ** 2
    expected = np.pad(expected, (0, max(0, min(count, size) - len(expected))))
    assert len(found.values) == min(count, size)
    np.testing.assert_allclose(found.values, expected, rtol=2e-3, atol=1e-6 * expected[0])
