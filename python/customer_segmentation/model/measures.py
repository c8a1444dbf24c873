"""Figures of every clustering that was tried."""

from __future__ import annotations

from dataclasses import dataclass

from customer_segmentation.specification import Algorithm


@dataclass(frozen=True)
class Measures:
    """Figures of one clustering; all but the last are of the members of clusters, without noise.

    Attributes:
        inertia: Sum of squared Euclidean distances to the mean of the own cluster.
        silhouette: Mean silhouette with squared Euclidean distance, -1..1, higher is better.
        calinski_harabasz: Ratio of between to within dispersion, higher is better; 1 where the
            members of every cluster coincide.
        davies_bouldin: Mean similarity of each cluster to its nearest one, lower is better; 0 where
            the members of every cluster, or the means of all clusters, coincide.
        smallest_share: Size of the smallest cluster over the number of customers, 0..1.
    """

    inertia: float
    silhouette: float
    calinski_harabasz: float
    davies_bouldin: float
    smallest_share: float


@dataclass(frozen=True)
class Candidate:
    """A clustering that was tried, with its figures.

    Attributes:
        k: Number of segments; of a density algorithm as many as it found.
        measures: In the space that was clustered, so that a candidate on the full features and one
            on reduced features have different inertias.
        elbow: Whether the curve of inertia over k bends here, whatever the policy.
        chosen: Whether it is the clustering that the model uses.
        algorithm: What clustered.
        reduced: Whether it clustered components, and not the scaled features or the matrix.
        gap: Gap statistic; None where it was not asked for or is undefined.
        gap_standard_error: Of the gap; None with it.
        stability: Mean adjusted Rand index of bootstrap resamples; None where not asked for.
        customers_measured: Customers that ``measures`` are of: all without noise, or as many of a
            sample.
        customers_repeated: Customers that ``gap`` and ``stability`` are of; None without both.
        noise_share: Share of the customers that belong to no segment, 0..1.
        agreement: Share of the customers for whom the rule that scores gives what the algorithm
            gave, 0..1.
        inertia_unreduced: Inertia of the same segments in the unreduced space, the scaled features
            or the matrix, where all candidates can be compared; None where the specification has
            no ``compare.unreduced``.
        silhouette_unreduced: Their silhouette there.
    """

    k: int
    measures: Measures
    elbow: bool
    chosen: bool
    algorithm: Algorithm = "kmeans"
    reduced: bool = False
    gap: float | None = None
    gap_standard_error: float | None = None
    stability: float | None = None
    noise_share: float = 0.0
    agreement: float = 1.0
    customers_measured: int | None = None
    customers_repeated: int | None = None
    inertia_unreduced: float | None = None
    silhouette_unreduced: float | None = None
