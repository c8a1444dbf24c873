from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.naive_bayes import GaussianNB

from customer_segmentation.description.naive_bayes import SparseGaussian, naive_bayes_of


def test_the_values_decide() -> None:
    def kind(rows: Any) -> str:
        return naive_bayes_of(sparse.csr_array(np.array(rows, dtype=float)))

    assert kind([[0, 3, 1], [5, 0, 0]]) == "multinomial"
    assert kind([[0.5, 0], [0, 0.5]]) == "multinomial"
    assert kind([[0, 1, 1], [1, 0, 0]]) == "bernoulli"
    assert kind([[0, 3, -1], [5, 0, 0]]) == "gaussian"
    # Dense features lie about 0 however they are scaled.
    assert naive_bayes_of(np.array([[1.0, 1], [1, 1]])) == "gaussian"
    # A cell that is stored as 0 is no value.
    stored = sparse.csr_array((np.array([1.0, 0]), ([0, 1], [0, 1])), shape=(2, 2))
    assert stored.nnz == 2
    assert naive_bayes_of(stored) == "bernoulli"


def test_a_likelihood_by_hand() -> None:
    # Class 1: 1 and 3 in the only column, mean 2 and variance 1. Class 2: 0 and 4, variance 4.
    points = sparse.csr_array(np.array([[1.0], [3], [0], [4]]))
    fitted = SparseGaussian().fit(points, np.array([1, 1, 2, 2]))
    found = fitted.joint_log_likelihood(sparse.csr_array(np.array([[5.0], [0]])))
    log_root = 0.5 * np.log(2 * np.pi)
    one, two = np.log(0.5) - log_root, np.log(0.5) - log_root - 0.5 * np.log(4)
    expected = [[one - 9 / 2, two - 9 / 8], [one - 4 / 2, two - 4 / 8]]
    np.testing.assert_allclose(found, expected, rtol=1e-7)
    np.testing.assert_array_equal(fitted.predict(points), [1, 1, 2, 2])


def equal_to_scikit_learn(dense: Any, labels: Any, further: Any) -> None:
    ours = SparseGaussian().fit(sparse.csr_array(dense), labels)
    theirs = GaussianNB().fit(dense, labels)
    found = ours.joint_log_likelihood(sparse.csr_array(further))
    expected = theirs._joint_log_likelihood(further)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9 * np.abs(expected).max())


@settings(max_examples=60)
@given(st.integers(2, 40), st.integers(1, 12), st.floats(0.05, 1), st.integers(0, 2**32 - 1))
def test_it_equals_scikit_learn(rows: int, columns: int, density: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    drawn = rng.normal(2, 1.5, size=(2 * rows, columns))
    dense = drawn * (rng.random(drawn.shape) < density)
    dense[0, 0] = 1.0
    labels = rng.integers(0, 3, rows)
    equal_to_scikit_learn(dense[:rows], labels, dense)


def test_it_equals_scikit_learn_on_values_away_from_0() -> None:
    rng = np.random.default_rng(4)
    labels = rng.integers(0, 4, 300)
    dense = 100 + labels[:, None] + rng.normal(size=(300, 6))
    equal_to_scikit_learn(dense, labels, dense)


def test_users_and_their_own_mean() -> None:
    """Ratings less the user's mean: absent is 0, and an item that a class lacks has no spread."""
    rng = np.random.default_rng(5)
    labels = np.repeat([3, 7], 40)
    own = labels[:, None] == np.where(np.arange(30) < 15, 3, 7)
    dense = rng.normal(0, 1, (80, 30)) * (rng.random((80, 30)) < 0.5 * own)
    points = sparse.csr_array(dense)
    found = SparseGaussian().fit(points, labels).predict(points)
    np.testing.assert_array_equal(found, labels)
    np.testing.assert_array_equal(found, GaussianNB().fit(dense, labels).predict(dense))


def test_it_works_where_the_dense_matrix_would_not_fit() -> None:
    # 40,000 x 200,000 would be 60 GB.
    rng = np.random.default_rng(6)
    labels = rng.integers(0, 2, 40_000)
    places = (np.arange(40_000), labels * 100_000 + rng.integers(0, 100_000, 40_000))
    points = sparse.csr_array((-np.ones(40_000), places), shape=(40_000, 200_000))
    found = SparseGaussian().fit(points, labels).predict(points)
    assert np.mean(found == labels) == pytest.approx(1)
