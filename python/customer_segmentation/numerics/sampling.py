"""Seeded samples of customers."""

from __future__ import annotations

import numpy as np

from customer_segmentation.numerics.arrays import Labels


def random_sample(size: int, most: int | None, seed: int | np.random.Generator) -> Labels:
    """Positions of at most ``most`` of ``size`` customers, ascending, each at most once.

    Args:
        size: Number of customers.
        most: All of them where None.
        seed: Of the draw; a generator is drawn from where a sample is needed.
    """
    if most is None or size <= most:
        return np.arange(size)
    return np.sort(np.random.default_rng(seed).choice(size, most, replace=False))
