"""Would the same segments be found again, with another seed or with other customers like these?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from sklearn.metrics import adjusted_rand_score

from customer_segmentation.errors import InputError
from customer_segmentation.model.assignment import NOISE
from customer_segmentation.model.stability import SegmentStability, Stability
from customer_segmentation.numerics.arrays import FloatArray, Labels
from customer_segmentation.numerics.sampling import random_sample


class FittedClustering(Protocol):
    """A clustering that can put any customers into its clusters."""

    def assign(self, points: FloatArray) -> Labels:
        """One integer per cluster, for each point (m, features)."""
        ...


class Fit(Protocol):
    """An algorithm with all its settings but the seed."""

    def __call__(self, points: FloatArray, seed: int, /) -> FittedClustering:
        """Cluster the points; the same points and seed give the same clustering.

        Raises:
            InputError: The points are too alike to be clustered.
        """
        ...


def stability(
    points: FloatArray,
    labels: Labels,
    fit: Fit,
    *,
    random_seed: int,
    seeds: int,
    resamples: int,
    sample_size: int | None = None,
) -> Stability:
    """Cluster again with other seeds and on bootstrap resamples, and compare with the labels.

    A resample draws as many customers as there are, with replacement. Its clustering then assigns
    every customer, drawn or not, as the model assigns customers whom it was not trained on; the
    Jaccard overlaps of Hennig (2007, Cluster-wise assessment of cluster stability) are of these
    groups.

    Args:
        points: Scaled features (n, features) in an order that does not depend on the source: the
            random draws go by position.
        labels: The segment of each customer (n,), one integer per segment; segment ids will do.
        fit: The algorithm. With fewer starts than the model had, it is faster and the figures are
            on the low side.
        random_seed: Every draw and every seed follows from it.
        seeds: Number of repetitions with another seed.
        resamples: Number of bootstrap resamples.
        sample_size: Compare on this many customers, drawn without replacement; all where None or
            where there are no more.
    """
    # A stream of its own for each purpose, so that more seeds do not change the resamples.
    sampling, reseeding, resampling = (
        np.random.default_rng(source) for source in np.random.SeedSequence(random_seed).spawn(3)
    )
    segment_ids, codes = np.unique(labels, return_inverse=True)
    sampled = random_sample(len(points), sample_size, sampling)
    points, codes = points[sampled], codes[sampled]
    size = len(points)

    reseeded = [_repeat(points, points, fit, reseeding) for _ in range(seeds)]
    resampled = [
        _repeat(points[np.sort(resampling.integers(size, size=size))], points, fit, resampling)
        for _ in range(resamples)
    ]
    seed_indices = [_adjusted_rand(codes, again) for again in reseeded]
    resample_indices = [_adjusted_rand(codes, again) for again in resampled]
    overlaps = [_best_overlaps(codes, len(segment_ids), again) for again in resampled]
    sizes = np.bincount(codes, minlength=len(segment_ids))
    return Stability(
        sample_size=size,
        seeds=seeds,
        seed_adjusted_rand_mean=_mean(seed_indices),
        seed_adjusted_rand_lowest=min(seed_indices, default=None),
        resamples=resamples,
        resample_adjusted_rand_mean=_mean(resample_indices),
        resample_adjusted_rand_lowest=min(resample_indices, default=None),
        failed=sum(again is None for again in (*reseeded, *resampled)),
        segments=tuple(
            SegmentStability(
                segment_id=int(segment_id),
                customers=int(sizes[at]),
                jaccard=_mean([float(found[at]) for found in overlaps]) if sizes[at] else None,
            )
            for at, segment_id in enumerate(segment_ids)
        ),
    )


def _repeat(
    drawn: FloatArray, points: FloatArray, fit: Fit, random: np.random.Generator
) -> Labels | None:
    """Clusters of all points by a clustering of those drawn; None where that is impossible."""
    try:
        return fit(drawn, int(random.integers(2**32))).assign(points)
    except InputError:
        return None


def _adjusted_rand(codes: Labels, again: Labels | None) -> float:
    return 0.0 if again is None else float(adjusted_rand_score(codes, again))


def _best_overlaps(codes: Labels, k: int, again: Labels | None) -> FloatArray:
    """For each segment (k,) the highest Jaccard overlap with a cluster (noise is none); else 0."""
    if again is None:
        return np.zeros(k)
    clusters, found = np.unique(again, return_inverse=True)
    pairs = np.bincount(codes * len(clusters) + found, minlength=k * len(clusters))
    shared = pairs.reshape(k, len(clusters))
    either = shared.sum(axis=1)[:, None] + shared.sum(axis=0) - shared
    overlaps = np.where(clusters == NOISE, 0.0, shared / either)
    return np.asarray(overlaps.max(axis=1))


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None
