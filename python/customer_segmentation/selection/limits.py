"""How many segments the customers can fill."""

from __future__ import annotations

from dataclasses import dataclass

from customer_segmentation.numerics.arrays import FloatArray
from customer_segmentation.preparation.checks import check_distinct_rows, distinct_rows
from customer_segmentation.specification import KRange, Specification

CUSTOMERS_PER_SEGMENT = 2
"""Fewest on average, in a number of segments that is chosen: one customer is no segment."""


@dataclass(frozen=True)
class KLimits:
    """Numbers of segments to try.

    Attributes:
        ks: Ascending; empty where the algorithm finds the number itself.
        cut: Which numbers of the specification are not among them and why, in words; None where
            all are.
    """

    ks: tuple[int, ...]
    cut: str | None = None


def k_limits(scaled: FloatArray, spec: Specification) -> KLimits:
    """The specification's numbers of segments, a range cut to what the customers can fill.

    As many customers must differ as there are segments, and a range is not tried beyond one segment
    per :data:`CUSTOMERS_PER_SEGMENT` customers. Its ``min`` holds, and so does a fixed number.

    Args:
        scaled: Scaled features (n, dimensions).
        spec: The specification.

    Raises:
        InputError: The customers do not even fill the fewest segments asked for.
    """
    ks = spec.candidate_ks
    check_distinct_rows(scaled, min(ks, default=1))
    if not isinstance(spec.k, KRange):
        return KLimits(ks)
    rows, distinct = len(scaled), distinct_rows(scaled, spec.k.max)
    highest = max(spec.k.min, min(spec.k.max, distinct, rows // CUSTOMERS_PER_SEGMENT))
    if highest == spec.k.max:
        return KLimits(ks)
    why = (
        f"only {distinct} of {rows} customers differ in their scaled features"
        if highest == distinct
        else f"with {rows} customers more segments would have fewer than {CUSTOMERS_PER_SEGMENT} "
        "customers on average"
    )
    return KLimits(
        tuple(range(spec.k.min, highest + 1)),
        f"k is tried up to {highest} and not up to the {spec.k.max} of the specification: {why}",
    )
