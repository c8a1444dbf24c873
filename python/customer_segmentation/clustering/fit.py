"""One function for all algorithms, bit for bit the same on every run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from customer_segmentation.clustering.density import DensitySettings, fit_dbscan, fit_hdbscan
from customer_segmentation.clustering.fitting import Fitted, radii
from customer_segmentation.clustering.hierarchical import fit_agglomerative, fit_bisecting_kmeans
from customer_segmentation.clustering.kmeans import fit_kmeans
from customer_segmentation.clustering.mixture import fit_gaussian_mixture
from customer_segmentation.errors import InputError
from customer_segmentation.model.assignment import NOISE, Assignment, Rule
from customer_segmentation.numerics.arrays import FloatArray, Labels
from customer_segmentation.numerics.threads import one_thread
from customer_segmentation.specification import Algorithm

_RULES: dict[Algorithm, Rule] = {
    "kmeans": "nearest_centroid",
    "bisecting_kmeans": "nearest_centroid",
    "gaussian_mixture": "gaussian",
    "agglomerative": "nearest_centroid",
    "dbscan": "nearest_centroid_within_radius",
    "hdbscan": "nearest_centroid_within_radius",
}


@dataclass(frozen=True, eq=False)
class Clustering:
    """Clusters 0..k-1 in no meaningful order, each with at least one customer.

    Attributes:
        assignment: The rule by which any customer, of training or new, belongs to a cluster.
        labels: What the rule says for the customers of training (n,); -1 is noise.
        fitted_rows: Customers that the algorithm itself looked at, fewer than n with a sample; for
            k-means all, as it ends on all.
        agreement: Share of those customers for which the rule gives the algorithm's own answer,
            0..1; what is missing to 1 is what the rule cannot tell.
        noise_share: Share of all customers that the rule calls noise, 0..1.
    """

    assignment: Assignment
    labels: Labels
    fitted_rows: int
    agreement: float
    noise_share: float

    @property
    def k(self) -> int:
        """Number of clusters, noise not among them."""
        return len(self.assignment.centroids)

    @property
    def centroids(self) -> FloatArray:
        """Centres of the clusters (k, d).

        With k-means the means of the members, with a mixture those of its components, else the
        means of those that the algorithm itself put there.
        """
        return self.assignment.centroids

    def assign(self, points: FloatArray) -> Labels:
        """Cluster of each point (n, d) by the rule, -1 for noise."""
        return self.assignment.assign(points)


def fit(
    points: FloatArray,
    k: int | None,
    *,
    algorithm: Algorithm,
    random_seed: int,
    starts: int,
    sample_size: int,
    density: DensitySettings | None = None,
) -> Clustering:
    """Cluster customers, and find the rule that scores new ones.

    Args:
        points: Scaled features (n, d) in an order that does not depend on the source: the random
            draws go by position. float64, or float32 to save memory.
        k: Number of clusters; None for dbscan and hdbscan, which find it.
        algorithm: Which one.
        random_seed: Of every random draw.
        starts: Runs of which the best is kept; agglomerative, dbscan and hdbscan have only one.
        sample_size: Customers beyond which an algorithm is fitted on a seeded sample of this size.
            K-means only takes its start from the sample.
        density: For dbscan and hdbscan.

    Raises:
        InputError: The customers do not fall into groups as asked for; says what to change.
        ValueError: A setting that the algorithm needs is missing.
    """
    with one_thread(ConvergenceWarning):
        fitted = _fitted(
            points, k, algorithm, random_seed, starts, density or DensitySettings(), sample_size
        )
        assignment = Assignment(
            rule=_RULES[algorithm],
            centroids=fitted.centroids,
            radius_limits=(
                radii(fitted.points, fitted.labels, fitted.centroids)
                if _RULES[algorithm] == "nearest_centroid_within_radius"
                else None
            ),
            gaussians=fitted.gaussians,
        )
        labels = assignment.assign(points)
        all_fitted = len(fitted.points) == len(points)
        again = labels if all_fitted else assignment.assign(fitted.points)
    _check_members(labels, algorithm, len(fitted.centroids))
    return Clustering(
        assignment=assignment,
        labels=labels,
        fitted_rows=len(fitted.points),
        agreement=float(np.mean(again == fitted.labels)),
        noise_share=float(np.mean(labels == NOISE)),
    )


def _fitted(
    points: FloatArray,
    k: int | None,
    algorithm: Algorithm,
    random_seed: int,
    starts: int,
    density: DensitySettings,
    sample_size: int,
) -> Fitted:
    if algorithm == "dbscan":
        return fit_dbscan(points, density=density, random_seed=random_seed, sample_size=sample_size)
    if algorithm == "hdbscan":
        return fit_hdbscan(
            points, density=density, random_seed=random_seed, sample_size=sample_size
        )
    if k is None:
        raise ValueError(f"algorithm {algorithm} needs k")
    if algorithm == "agglomerative":
        return fit_agglomerative(points, k, random_seed=random_seed, sample_size=sample_size)
    fits = {
        "kmeans": fit_kmeans,
        "bisecting_kmeans": fit_bisecting_kmeans,
        "gaussian_mixture": fit_gaussian_mixture,
    }
    return fits[algorithm](
        points, k, random_seed=random_seed, starts=starts, sample_size=sample_size
    )


def _check_members(labels: Labels, algorithm: Algorithm, k: int) -> None:
    sizes = np.bincount(labels[labels != NOISE], minlength=k)
    empty = int((sizes == 0).sum())
    if empty:
        rule = _RULES[algorithm]
        fewer = (
            "Change the settings under density"
            if rule == "nearest_centroid_within_radius"
            else "Set a smaller k"
        )
        raise InputError(
            f"Algorithm {algorithm} found {k} groups, of which {empty} would have no customer by "
            f"the rule {rule} that scores new customers: they lie within others. {fewer}, or set "
            "algorithm: kmeans."
        )
