from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from customer_segmentation.errors import InputError
from customer_segmentation.selection.limits import KLimits, k_limits
from customer_segmentation.specification import Specification, parse_specification


def specification(k: Any) -> Specification:
    settings = {
        "entity_key": "customer_id",
        "features": ["orders"],
        "k": k,
        "ordering": {"measure": "orders"},
    }
    return parse_specification(settings, "test")


def customers(rows: int, distinct: int) -> Any:
    return (np.arange(rows) % distinct).astype(float)[:, None]


@pytest.mark.parametrize(
    ("rows", "distinct", "k", "ks"),
    [
        (20, 20, (2, 10), range(2, 11)),
        (19, 19, (2, 10), range(2, 10)),
        (8, 8, (2, 10), range(2, 5)),
        (3, 3, (2, 10), range(2, 3)),
        (200, 3, (2, 10), range(2, 4)),
        (5000, 4, (2, 10), range(2, 5)),
        # What is asked for at least is tried, with fewer customers per segment too.
        (8, 8, (6, 10), range(6, 7)),
        (8, 8, (2, 4), range(2, 5)),
    ],
)
def test_a_range_is_cut_to_what_the_customers_fill(
    rows: int, distinct: int, k: tuple[int, int], ks: range
) -> None:
    found = k_limits(customers(rows, distinct), specification({"min": k[0], "max": k[1]}))
    assert found.ks == tuple(ks)
    assert (found.cut is None) == (ks[-1] == k[1])


def test_the_cut_is_told_with_its_reason() -> None:
    spec = specification({"min": 2, "max": 10})
    assert k_limits(customers(8, 8), spec).cut == (
        "k is tried up to 4 and not up to the 10 of the specification: with 8 customers more "
        "segments would have fewer than 2 customers on average"
    )
    assert k_limits(customers(200, 3), spec).cut == (
        "k is tried up to 3 and not up to the 10 of the specification: only 3 of 200 customers "
        "differ in their scaled features"
    )


def test_a_fixed_number_and_the_least_of_a_range_are_not_cut() -> None:
    assert k_limits(customers(8, 8), specification(7)) == KLimits((7,))
    for rows, distinct, k in ((8, 8, 8), (50, 4, 5), (8, 8, {"min": 8, "max": 10})):
        with pytest.raises(InputError, match=f"too few for {5 if k == 5 else 8} segments"):
            k_limits(customers(rows, distinct), specification(k))
