"""Components of a sparse matrix of entities and items, which stays sparse.

By scikit-learn: its principal components subtract the means within each product of the matrix with
a vector, so that no centred matrix is ever made. The vector that the iterations start from is
drawn by the seed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.decomposition import PCA, TruncatedSVD
from threadpoolctl import threadpool_limits

from customer_segmentation.errors import InputError
from customer_segmentation.model.matrix import MatrixComponent, MatrixMethod
from customer_segmentation.numerics.arrays import FloatArray
from customer_segmentation.numerics.sparse import CsrMatrix, column_means, column_variances
from customer_segmentation.preparation.reduce import LEAST_SHARE, signed

MOST_COMPONENTS = 512
"""More are not looked for to reach a share of the variance."""
_FIRST_COMPONENTS = 16


@dataclass(frozen=True, eq=False)
class Axes:
    """Directions in the space of the items, the more important the earlier.

    Attributes:
        centres: What is subtracted from each item (m,).
        loadings: One row per direction (c, m), of length 1.
        variances: Sample variance of the entities along each (c,).
        shares: That over the sum of the items' sample variances (c,).
    """

    centres: FloatArray
    loadings: FloatArray
    variances: FloatArray
    shares: FloatArray


def fit_matrix_reduction(
    values: CsrMatrix,
    *,
    method: MatrixMethod,
    components: int | None,
    variance: float | None,
    random_seed: int,
) -> Axes:
    """Principal components, or a truncated singular value decomposition.

    The components of the latter are in the order of their singular values, of which the first
    mostly says how much of everything an entity has. Their scores may be correlated, so that the
    shares of several do not add up exactly to what they explain together.

    Args:
        values: The matrix (n, m).
        method: Which of the two.
        components: How many to keep, no more than n - 1 and m, or
        variance: the share of the variance, above 0 to 1, that the fewest components keep.
        random_seed: Of the vector that the iterations start from.

    Raises:
        InputError: The entities differ in fewer directions than components were asked for, or the
            share takes more than :data:`MOST_COMPONENTS`.
    """
    total = float(column_variances(values).sum())
    most = min(values.shape[0] - 1, values.shape[1])
    if total <= 0 or most < 1:
        raise InputError(
            "The entities do not differ in any item of the matrix, so there is nothing to cluster "
            "by. Check the values of the matrix."
        )
    # Threads add partial sums in the order they finish, which changes the last bits of a loading.
    with threadpool_limits(limits=1):
        if components is not None:
            return _checked(_axes(values, method, min(components, most), total, random_seed))
        assert variance is not None  # by the specification
        return _reaching(values, method, variance, most, total, random_seed)


def axes_kept(axes: Axes, variance: float | None) -> Axes:
    """The fewest that reach a share of the variance, all in which entities differ if none do.

    Args:
        axes: In order.
        variance: The share; all axes are kept where None.
    """
    if variance is None:
        return axes
    directions = int((axes.shares > LEAST_SHARE).sum())
    reached = np.cumsum(axes.shares) >= variance - len(axes.shares) * LEAST_SHARE
    count = int(np.argmax(reached)) + 1 if reached.any() else directions
    return Axes(axes.centres, axes.loadings[:count], axes.variances[:count], axes.shares[:count])


def components_of(axes: Axes) -> tuple[MatrixComponent, ...]:
    """As plain data, with the sign by the rule of all components."""
    cumulative = np.minimum(np.cumsum(axes.shares), 1)
    return tuple(
        MatrixComponent(
            explained_variance=float(axes.variances[at]),
            explained_variance_share=float(axes.shares[at]),
            cumulative_share=float(cumulative[at]),
            loadings=tuple(signed(loadings).tolist()),
        )
        for at, loadings in enumerate(axes.loadings)
    )


def _reaching(
    values: CsrMatrix,
    method: MatrixMethod,
    variance: float,
    most: int,
    total: float,
    random_seed: int,
) -> Axes:
    wanted = min(_FIRST_COMPONENTS, most)
    while True:
        axes = _axes(values, method, wanted, total, random_seed)
        if wanted == most or axes.shares.sum() >= variance:
            return axes_kept(axes, variance)
        if wanted >= MOST_COMPONENTS:
            raise InputError(
                f"reduction.variance is {variance}, but {wanted} components keep only "
                f"{axes.shares.sum():.3f} of the variance. Set a smaller variance, or components."
            )
        wanted = min(2 * wanted, MOST_COMPONENTS, most)


def _axes(
    values: CsrMatrix, method: MatrixMethod, count: int, total: float, random_seed: int
) -> Axes:
    if method == "pca":
        # The iterations find fewer than all; then the matrix has few rows or columns.
        iterates = count < min(values.shape)
        solver = "arpack" if iterates else "covariance_eigh"
        found = PCA(count, svd_solver=solver, random_state=random_seed).fit(values)
        variances = np.asarray(found.explained_variance_)
        return Axes(column_means(values), found.components_, variances, variances / total)
    if count < min(values.shape):
        svd = TruncatedSVD(count, algorithm="arpack", random_state=random_seed).fit(values)
        loadings = np.asarray(svd.components_)
    else:
        loadings = np.linalg.svd(values.toarray(), full_matrices=False)[2][:count]
    variances = np.asarray(values @ loadings.T).var(axis=0, ddof=1)
    return Axes(np.zeros(values.shape[1]), loadings, variances, variances / total)


def _checked(axes: Axes) -> Axes:
    directions = int((axes.shares > LEAST_SHARE).sum())
    if directions < len(axes.shares):
        raise InputError(
            f"reduction.components is {len(axes.shares)}, but the entities differ in only "
            f"{directions} directions of the items. Set components to {directions} or less."
        )
    return axes
