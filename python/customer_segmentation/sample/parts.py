"""Wholes of several parts as arrays: customers and their orders, orders and their lines."""

import numpy as np

from customer_segmentation.sample.keyed_random import Integers


def expand(counts: Integers) -> tuple[Integers, Integers]:
    """Return for each of ``sum(counts)`` parts the position of its whole and its number there."""
    whole = np.repeat(np.arange(len(counts)), counts)
    first_part = np.cumsum(counts) - counts
    return whole, np.arange(len(whole)) - first_part[whole]
