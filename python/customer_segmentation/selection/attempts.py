"""One clustering as a specification has it, of dense customers or of a sparse matrix."""

from __future__ import annotations

from collections.abc import Callable

from customer_segmentation.clustering.density import DensitySettings
from customer_segmentation.clustering.fit import Clustering, fit
from customer_segmentation.clustering.sparse import fit_sparse_kmeans
from customer_segmentation.numerics.arrays import FloatArray
from customer_segmentation.numerics.sparse import Points, is_sparse
from customer_segmentation.specification import DENSITY_ALGORITHMS, Algorithm, Specification

STARTS_OF_REPETITIONS = 2
"""Starts of the clusterings that only serve comparison; the model's own has ``starts``."""


def cluster(points: Points, k: int | None, algorithm: Algorithm, spec: Specification) -> Clustering:
    """One clustering as the specification has it; of a sparse matrix by k-means."""
    if is_sparse(points):
        assert k is not None  # as algorithm is kmeans by the specification
        return fit_sparse_kmeans(
            points,
            k,
            random_seed=spec.random_seed,
            starts=spec.starts,
            sample_size=spec.sample_size,
        )
    return fit(
        points,
        k,
        algorithm=algorithm,
        random_seed=spec.random_seed,
        starts=spec.starts,
        sample_size=spec.sample_size,
        density=_density(spec) if algorithm in DENSITY_ALGORITHMS else None,
    )


def repetition(spec: Specification, k: int) -> Callable[[FloatArray, int], Clustering]:
    """The specification's algorithm with all but customers and seed given, and fewer starts."""
    fewer = spec.model_copy(update={"starts": min(spec.starts, STARTS_OF_REPETITIONS)})

    def repeat(points: FloatArray, seed: int) -> Clustering:
        wanted = None if spec.algorithm in DENSITY_ALGORITHMS else k
        seeded = fewer.model_copy(update={"random_seed": seed})
        return cluster(points, wanted, spec.algorithm, seeded)

    return repeat


def _density(spec: Specification) -> DensitySettings | None:
    if spec.density is None:
        return None
    return DensitySettings(
        eps=spec.density.eps,
        min_samples=spec.density.min_samples,
        min_cluster_size=spec.density.min_cluster_size,
    )
