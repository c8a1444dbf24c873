"""Fewer dimensions for the clustering: principal components of the scaled features.

A component is a weighted sum of centred features, r_j = sum_i (x_i - centre_i) * loading_ij. What
was fitted is plain figures, stored with the model, so that scoring repeats it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.decomposition import PCA
from threadpoolctl import threadpool_limits

from customer_segmentation.errors import InputError
from customer_segmentation.model.reduction import Component, FeatureCentre, Loading, Reduction
from customer_segmentation.numerics.arrays import FloatArray

LEAST_SHARE = 1e-12
"""A smaller share of the variance is rounding, and the direction of such a component chance."""
# Loadings this close are equal but for rounding, which must not decide about a sign.
_SIGN_TOLERANCE = 1e-9


def fit_reduction(
    points: FloatArray,
    names: Sequence[str],
    *,
    components: int | None = None,
    variance: float | None = None,
) -> Reduction:
    """Principal components by the eigenvectors of the features' covariance (Pearson 1901).

    Args:
        points: Scaled features (n, features), each of which varies.
        names: Of the features, in the order of the columns.
        components: How many to keep, or
        variance: the share of the variance, above 0 to 1, that the fewest components keep.

    Raises:
        InputError: More components than there are directions in which the customers differ,
            which is the number of features or less.
        ValueError: Not exactly one of ``components`` and ``variance``.
    """
    # Threads add partial sums in the order they finish, which changes the last bits of a loading.
    with threadpool_limits(limits=1):
        fitted = PCA(svd_solver="covariance_eigh").fit(np.asarray(points, dtype=np.float64))
    return reduction_of(
        names,
        centres=fitted.mean_,
        axes=fitted.components_,
        variances=fitted.explained_variance_,
        shares=fitted.explained_variance_ratio_,
        components=components,
        variance=variance,
    )


def components_within(components: int | None, dimensions: int) -> int | None:
    """The number of components asked for, no more than there are scaled features.

    Features that do not vary are left out after the specification was checked.
    """
    return None if components is None else min(components, dimensions)


def reduction_of(
    names: Sequence[str],
    *,
    centres: FloatArray,
    axes: FloatArray,
    variances: FloatArray,
    shares: FloatArray,
    components: int | None,
    variance: float | None,
) -> Reduction:
    """The components to keep of all of them, by number or by their share of the variance.

    Args:
        names: Of the features.
        centres: Their means (features,).
        axes: All components (features, features), the one with most variance first.
        variances: Sample variance along each of them.
        shares: That over the sum of all.
        components: As for :func:`fit_reduction`.
        variance: As for :func:`fit_reduction`.

    Raises:
        InputError: As for :func:`fit_reduction`.
        ValueError: As for :func:`fit_reduction`.
    """
    cumulative = np.minimum(np.cumsum(shares), 1)
    directions = int((shares > LEAST_SHARE).sum())
    if components is not None and variance is None:
        kept = components
    elif variance is not None and components is None:
        reached = cumulative >= variance - len(names) * LEAST_SHARE
        kept = int(np.argmax(reached)) + 1
    else:
        raise ValueError("give either components or variance")
    if kept > directions:
        raise InputError(
            f"reduction.components is {kept}, but the customers differ in only {directions} "
            f"directions of the {len(names)} scaled features {', '.join(names)}. Set components to "
            f"{directions} or less."
        )
    return Reduction(
        centres=tuple(
            FeatureCentre(name, float(centre)) for name, centre in zip(names, centres, strict=True)
        ),
        components=tuple(
            Component(
                position=at + 1,
                explained_variance=float(variances[at]),
                explained_variance_share=float(shares[at]),
                cumulative_share=float(cumulative[at]),
                loadings=tuple(
                    Loading(name, float(loading))
                    for name, loading in zip(names, signed(axes[at]), strict=True)
                ),
            )
            for at in range(kept)
        ),
    )


def signed(loadings: FloatArray) -> FloatArray:
    """Loadings with the sign by which the largest in size, of equal ones the first, is positive."""
    sizes = np.abs(loadings)
    first = int(np.argmax(sizes >= sizes.max() - _SIGN_TOLERANCE))
    return loadings if loadings[first] > 0 else -loadings
