"""Gaussian mixture: clusters of different size, shape and direction."""

from __future__ import annotations

import numpy as np
from sklearn.mixture import GaussianMixture

from customer_segmentation.clustering.fitting import Fitted, sampled
from customer_segmentation.errors import InputError
from customer_segmentation.model.assignment import Gaussians
from customer_segmentation.numerics.arrays import FloatArray

_MOST_ITERATIONS = 1000


def fit_gaussian_mixture(
    points: FloatArray, k: int, *, random_seed: int, starts: int, sample_size: int
) -> Fitted:
    """Expectation maximisation with full covariances, the likeliest of ``starts`` runs.

    Each run starts from k-means and ends when the mean log likelihood gains less than 1e-3. With
    more than ``sample_size`` customers on a seeded sample.

    Raises:
        InputError: A component shrinks to customers that are all alike.
    """
    sample = sampled(points, sample_size, random_seed)
    mixture = GaussianMixture(
        n_components=k,
        covariance_type="full",
        n_init=starts,
        random_state=random_seed,
        max_iter=_MOST_ITERATIONS,
    )
    try:
        labels = mixture.fit_predict(sample)
    except ValueError as error:
        raise InputError(
            f"A Gaussian mixture with k={k} cannot be fitted: one of its components has customers "
            "that are too alike. Set a smaller k, leave out features that follow from others, or "
            "choose another algorithm."
        ) from error
    factors = mixture.precisions_cholesky_
    log_determinants = -2 * np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)
    return Fitted(
        sample,
        labels.astype(np.intp),
        mixture.means_,
        Gaussians(mixture.weights_, factors, log_determinants - 2 * np.log(mixture.weights_)),
    )
