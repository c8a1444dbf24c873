"""The gap statistic: is a clustering better than one of data without any clusters?

Tibshirani, Walther and Hastie 2001, Estimating the number of clusters in a data set via the gap
statistic.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from sklearn.decomposition import PCA
from threadpoolctl import threadpool_limits

from customer_segmentation.numerics.arrays import FloatArray


class ClusterInertia(Protocol):
    """An algorithm with all its settings but k and the seed."""

    def __call__(self, points: FloatArray, k: int, seed: int, /) -> float:
        """Sum of squared distances to the mean of the own cluster, of a clustering into k."""
        ...


@dataclass(frozen=True)
class Gap:
    """Gap statistic of one number of segments.

    Attributes:
        references: Reference data sets that were clustered.
        value: Mean over the references of ln(inertia), less ln(inertia) of the customers; higher
            is better. None where an inertia is 0, which has no logarithm.
        standard_error: Population standard deviation of ln(inertia) over the references, times
            sqrt(1 + 1 / references); None with ``value``.
    """

    references: int
    value: float | None
    standard_error: float | None


def gap_statistic(
    points: FloatArray,
    inertia: float,
    cluster_inertia: ClusterInertia,
    *,
    k: int,
    references: int,
    random_seed: int,
) -> Gap:
    """Compare an inertia with that of points drawn evenly from the box around the customers.

    The box is aligned with their principal components. The same customers, number of references
    and seed give the same reference points for every ``k``, so that the gaps of a sweep differ by
    ``k`` alone.

    Args:
        points: Scaled features (n, features); in an order that does not depend on the
            source: the last bits of the components do.
        inertia: Sum of squared distances to the mean of the own cluster, with ``k`` clusters of
            ``points``.
        cluster_inertia: The algorithm that found ``inertia``.
        references: At least 1; Tibshirani et al. use 10 and more.
        random_seed: Every reference and every seed follows from it.

    Raises:
        ValueError: No references.
    """
    if references < 1:
        raise ValueError(f"{references} references, at least 1 is needed")
    found = [
        cluster_inertia(reference, k, seed)
        for reference, seed in _references(points, references, random_seed)
    ]
    if min(inertia, *found) <= 0:
        return Gap(references, None, None)
    logarithms = np.log(found)
    return Gap(
        references=references,
        value=float(logarithms.mean()) - math.log(inertia),
        standard_error=float(logarithms.std()) * math.sqrt(1 + 1 / references),
    )


def choose_k_by_gap(ks: Sequence[int], gaps: Sequence[Gap]) -> int | None:
    """The smallest k whose gap is at least the next one less its standard error.

    Args:
        ks: Candidates, ascending without a hole. The last has no next one and is never chosen.
        gaps: Their gap statistics; a candidate next to an undefined one is passed over.

    Returns:
        The k, or None where no candidate meets the rule: the gap still rises at the last.

    Raises:
        ValueError: The candidates have a hole.
    """
    if list(ks) != list(range(ks[0], ks[0] + len(ks))):
        raise ValueError(f"candidates {list(ks)} do not ascend without a hole")
    for k, gap, following in zip(ks, gaps, gaps[1:], strict=False):
        if gap.value is None or following.value is None or following.standard_error is None:
            continue
        if gap.value >= following.value - following.standard_error:
            return k
    return None


def _references(
    points: FloatArray, references: int, random_seed: int
) -> Iterator[tuple[FloatArray, int]]:
    """Points drawn evenly from the box, with a seed to cluster them."""
    random = np.random.default_rng(random_seed)
    # Threads add partial sums in another order on another number of cores.
    with threadpool_limits(limits=1):
        axes = PCA().fit(points)
        rotated = axes.transform(points)
    lowest, highest = rotated.min(axis=0), rotated.max(axis=0)
    for _ in range(references):
        drawn = random.uniform(lowest, highest, size=rotated.shape)
        with threadpool_limits(limits=1):
            reference = axes.inverse_transform(drawn)
        yield np.asarray(reference), int(random.integers(2**32))
