"""Naive Bayes for customers as dense rows, or as rows of a sparse matrix that stays sparse."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.naive_bayes import BernoulliNB, GaussianNB, MultinomialNB

from customer_segmentation.model.validation import NaiveBayes
from customer_segmentation.numerics.arrays import FloatArray, Labels

# Share of the largest variance that is added to all, as in scikit-learn's GaussianNB.
_SMOOTHING = 1e-9


def naive_bayes_of(points: Any) -> NaiveBayes:
    """Which naive Bayes suits the values.

    Dense features are gaussian. Of a sparse matrix the values decide, an absent one being 0: with
    one below 0 it is gaussian, as the others know none; where all are 1 it is bernoulli, which also
    counts what is absent; else it is multinomial, for which a value says how much there is of an
    item. The event models are those of McCallum and Nigam, "A comparison of event models for naive
    Bayes text classification", 1998.

    Args:
        points: Dense or sparse (n, features).
    """
    if not sparse.issparse(points):
        return "gaussian"
    values = points.data[points.data != 0]
    if (values < 0).any():
        return "gaussian"
    return "bernoulli" if (values == 1).all() else "multinomial"


def classifier_of(kind: NaiveBayes, *, is_sparse: bool) -> Any:
    """A classifier of scikit-learn, or with its methods."""
    if kind == "gaussian":
        return SparseGaussian() if is_sparse else GaussianNB()
    return BernoulliNB() if kind == "bernoulli" else MultinomialNB()


class SparseGaussian:
    """Gaussian naive Bayes on a sparse matrix, by sums over the cells that are there.

    Means and variances are those of scikit-learn's GaussianNB, absent cells counted as 0.
    """

    def fit(self, points: sparse.csr_array, labels: Labels) -> SparseGaussian:
        """Mean and variance of each class and column.

        Args:
            points: (n, columns), in rows, no cell twice.
            labels: The class of each row (n,).
        """
        self.classes, own = np.unique(labels, return_inverse=True)
        sizes = np.bincount(own).astype(np.float64)
        shape = (len(sizes), points.shape[1])
        of_cell = np.repeat(own, np.diff(points.indptr))
        place = of_cell * shape[1] + points.indices

        def summed(weights: FloatArray | None) -> FloatArray:
            found = np.bincount(place, weights, minlength=shape[0] * shape[1])
            return found.astype(np.float64, copy=False).reshape(shape)

        means = summed(points.data) / sizes[:, None]
        # Of differences, not of E[x^2] - E[x]^2, which rounding can make negative.
        squares = summed((points.data - means[of_cell, points.indices]) ** 2)
        absent = sizes[:, None] - summed(None)
        variances = (squares + absent * means**2) / sizes[:, None]
        shares = sizes / len(own)
        overall = shares @ means
        spread = shares @ (variances + (means - overall) ** 2)
        variances += _SMOOTHING * spread.max()
        self._linear = (means / variances).T
        self._squared = (-0.5 / variances).T
        self._constant = (
            np.log(shares)
            - 0.5 * np.log(2 * np.pi * variances).sum(axis=1)
            - 0.5 * (means**2 / variances).sum(axis=1)
        )
        return self

    def joint_log_likelihood(self, points: sparse.csr_array) -> FloatArray:
        """Log of prior times likelihood (n, classes)."""
        squared = points.multiply(points).tocsr()
        return np.asarray(points @ self._linear + squared @ self._squared + self._constant)

    def predict(self, points: sparse.csr_array) -> Labels:
        """The likeliest class of each row (n,)."""
        return np.asarray(self.classes[self.joint_log_likelihood(points).argmax(axis=1)])
