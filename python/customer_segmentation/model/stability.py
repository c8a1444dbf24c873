"""Agreement of a clustering with repetitions of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SegmentStability:
    """How well one segment is found again in the resamples.

    Attributes:
        segment_id: The segment's value in the labels.
        customers: Its customers among those compared.
        jaccard: Mean over the resamples of the highest Jaccard overlap with a cluster, 0..1
            (Hennig 2007: below 0.5 the segment dissolves, from 0.75 it is stable); None without
            customers or resamples.
    """

    segment_id: int
    customers: int
    jaccard: float | None


@dataclass(frozen=True)
class Stability:
    """Agreement of a clustering with repetitions of it.

    Adjusted Rand index (Hubert and Arabie 1985): 1 for the same groups, about 0 by chance. A
    repetition that cannot be clustered agrees with nothing and counts as 0.

    Attributes:
        sample_size: Customers that every repetition clusters and is compared on.
        seeds: Repetitions on the same customers with another seed.
        seed_adjusted_rand_mean: Mean of their adjusted Rand indices; None without seeds.
        seed_adjusted_rand_lowest: The lowest of them; None without seeds.
        resamples: Repetitions on a bootstrap resample with another seed.
        resample_adjusted_rand_mean: As for seeds.
        resample_adjusted_rand_lowest: As for seeds.
        failed: Seeds and resamples that could not be clustered.
        segments: One item per segment, by ``segment_id``.
    """

    sample_size: int
    seeds: int
    seed_adjusted_rand_mean: float | None
    seed_adjusted_rand_lowest: float | None
    resamples: int
    resample_adjusted_rand_mean: float | None
    resample_adjusted_rand_lowest: float | None
    failed: int
    segments: tuple[SegmentStability, ...]
