"""Leading eigenvectors of a matrix that is known by its products only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from customer_segmentation.numerics.arrays import FloatArray
from customer_segmentation.numerics.threads import one_thread

EXTRA = 10
"""Columns of a block beyond the eigenvectors asked for: the last of those converge slowest."""
MOST_PRODUCTS = 12
TOLERANCE = 1e-3
"""An eigenvalue is found where the length of its residual is no more than this share of it."""

# With so few rows the whole matrix is asked for, and its eigenvectors are exact.
_WHOLE = 256
# Directions that are this short, as a share of the largest eigenvalue, are rounding.
_ROUNDING = 1e-10
# An eigenvalue below this share of the largest counts as that share of it: 0 has no share.
_LEAST = 1e-6


@dataclass(frozen=True, eq=False)
class Eigenvectors:
    """Eigenvectors, that with the largest eigenvalue first.

    Attributes:
        values: Eigenvalues (found,), none below 0.
        vectors: Of length 1 and orthogonal, one a column (size, found).
        products: How often the matrix was multiplied.
    """

    values: FloatArray
    vectors: FloatArray
    products: int


def leading_eigenvectors(
    multiply: Callable[[FloatArray], FloatArray], size: int, count: int, *, seed: int
) -> Eigenvectors:
    """The eigenvectors with the largest eigenvalues, by a randomised block Krylov method.

    A random block is multiplied over and over, and the best vectors in the span of all products are
    taken (Rayleigh and Ritz), as in Halko, Martinsson, Shkolnisky, Tygert, "An algorithm for the
    principal component analysis of large data sets", 2011. Unlike plain subspace iteration, which
    keeps the last product alone, it is near in few products also where eigenvalues hardly differ
    (Musco, Musco, 2015). It ends where the residuals say that all are found, at the latest after
    :data:`MOST_PRODUCTS`; an eigenvalue is then too small rather than too large.

    Args:
        multiply: The symmetric matrix, without a negative eigenvalue, times a block (size, columns)
            of at most ``count`` + :data:`EXTRA` columns, or of ``size`` where that is small.
        size: Rows of the matrix.
        count: How many at most; fewer are found in a matrix of fewer rows or directions.
        seed: Of the random block.
    """
    width = min(count + EXTRA, size)
    with one_thread():
        if size <= max(_WHOLE, width):
            block: FloatArray = np.eye(size)
        else:
            block = np.random.default_rng(seed).standard_normal((size, width))
            block = np.linalg.qr(block).Q
        basis = images = np.empty((size, 0))
        products = 0
        while block.shape[1] and products < MOST_PRODUCTS:
            image = multiply(block)
            products += 1
            basis, images = np.hstack([basis, block]), np.hstack([images, image])
            projected = basis.T @ images
            values, rotation = np.linalg.eigh((projected + projected.T) / 2)
            values, rotation = values[::-1][:count], rotation[:, ::-1][:, :count]
            vectors = basis @ rotation
            lengths = np.linalg.norm(images @ rotation - vectors * values, axis=0)
            if (lengths <= TOLERANCE * np.maximum(values, _LEAST * values[0])).all():
                break
            block = _further(image, basis, _ROUNDING * float(values[0]))
    return Eigenvectors(np.maximum(values, 0), vectors, products)


def _further(image: FloatArray, basis: FloatArray, shortest: float) -> FloatArray:
    """Orthonormal directions (size, 0 or more) of an image that are not in the basis."""
    # Twice: once leaves what rounding makes of a direction that is nearly in the basis.
    for _ in range(2):
        image = image - basis @ (basis.T @ image)
    left, lengths, _ = np.linalg.svd(image, full_matrices=False)
    found: FloatArray = left[:, lengths > shortest]
    return found[:, : basis.shape[0] - basis.shape[1]]
