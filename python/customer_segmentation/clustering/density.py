"""Dense groups of any number, with noise between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.cluster import DBSCAN, HDBSCAN

from customer_segmentation.clustering.fitting import MOST_PAIRED, Fitted, means_of, sampled
from customer_segmentation.errors import InputError
from customer_segmentation.numerics.arrays import FloatArray, Labels
from customer_segmentation.specification import HIGHEST_K, LOWEST_K


@dataclass(frozen=True)
class DensitySettings:
    """What counts as dense; where a sample is clustered, counts are of customers in the sample.

    Attributes:
        eps: Distance in the scaled space within which customers are neighbours; dbscan needs it.
        min_samples: Neighbours, the customer itself included, that make a customer part of the
            core of a group.
        min_cluster_size: Fewest customers of a group; hdbscan needs it.
    """

    eps: float | None = None
    min_samples: int = 5
    min_cluster_size: int | None = None


def fit_dbscan(
    points: FloatArray, *, density: DensitySettings, random_seed: int, sample_size: int
) -> Fitted:
    """Groups of customers linked by neighbours within ``eps`` (Ester et al. 1996).

    With more than ``sample_size`` customers, or than 10,000, on a seeded sample.

    Raises:
        InputError: Not 2 to 50 groups.
        ValueError: No ``eps``.
    """
    if density.eps is None:
        raise ValueError("dbscan needs eps")
    sample = sampled(points, min(sample_size, MOST_PAIRED), random_seed)
    labels = DBSCAN(eps=density.eps, min_samples=density.min_samples).fit_predict(sample)
    return _fitted(
        sample,
        labels.astype(np.intp),
        f"DBSCAN with eps={density.eps:g} and min_samples={density.min_samples}",
        fewer="Set a larger density.eps or density.min_samples",
        more="Set a smaller density.eps",
        none="Set a larger density.eps or a smaller density.min_samples",
    )


def fit_hdbscan(
    points: FloatArray, *, density: DensitySettings, random_seed: int, sample_size: int
) -> Fitted:
    """The groups that persist longest over all densities (Campello et al. 2013).

    With more than ``sample_size`` customers, or than 10,000, on a seeded sample.

    Raises:
        InputError: Not 2 to 50 groups, or fewer customers than ``density`` asks for.
        ValueError: No ``min_cluster_size``.
    """
    if density.min_cluster_size is None:
        raise ValueError("hdbscan needs min_cluster_size")
    sample = sampled(points, min(sample_size, MOST_PAIRED), random_seed)
    title = (
        f"HDBSCAN with min_cluster_size={density.min_cluster_size} "
        f"and min_samples={density.min_samples}"
    )
    needed = max(density.min_cluster_size, density.min_samples)
    if len(sample) < needed:
        raise InputError(
            f"{title} needs {needed} customers, there are {len(sample)}. Set smaller numbers under "
            "density."
        )
    labels = HDBSCAN(
        min_cluster_size=density.min_cluster_size, min_samples=density.min_samples, copy=True
    ).fit_predict(sample)
    smaller = "Set a smaller density.min_cluster_size or density.min_samples"
    return _fitted(
        sample,
        labels.astype(np.intp),
        title,
        fewer="Set a larger density.min_cluster_size",
        more=smaller,
        none=smaller,
    )


def _fitted(
    sample: FloatArray, labels: Labels, title: str, *, fewer: str, more: str, none: str
) -> Fitted:
    groups = int(labels.max()) + 1
    if groups == 0:
        raise InputError(
            f"{title} found no dense group: all {len(labels)} customers are noise. {none}, "
            "or choose another algorithm."
        )
    if groups < LOWEST_K:
        raise InputError(
            f"{title} found one dense group only, which segments nothing. {more}, "
            "or choose another algorithm."
        )
    if groups > HIGHEST_K:
        raise InputError(
            f"{title} found {groups} dense groups, more than the {HIGHEST_K} segments that a "
            f"model may have. {fewer}."
        )
    return Fitted(sample, labels, means_of(sample, labels))
