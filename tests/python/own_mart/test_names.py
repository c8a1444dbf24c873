"""Names of segmentations and columns."""

from __future__ import annotations

import pytest

from customer_segmentation.own_mart.names import alias_for, quoted, segmentation_problem


@pytest.mark.parametrize("name", ["loyalty", "loyalty_2", "b2b", "a" * 60])
def test_a_plain_name_is_taken(name: str) -> None:
    assert segmentation_problem(name) is None


@pytest.mark.parametrize(
    "name",
    [
        *("", "Loyalty", "2b", "_loyalty", "loyalty_", "loy__alty", "loy-alty", "loy alty"),
        *("loyalty'", "loyalty'; drop table x", "loyalty\n", "{{ loyalty }}", "../loyalty", "ü"),
    ],
)
def test_a_name_that_cannot_begin_a_table_is_refused(name: str) -> None:
    problem = segmentation_problem(name)
    assert problem is not None
    assert repr(name) in problem
    assert "small letters, digits and single underscores" in problem


def test_a_long_name_and_the_one_for_all_are_refused() -> None:
    assert "at most 60" in str(segmentation_problem("a" * 61))
    assert "stands for all segmentations" in str(segmentation_problem("all"))


@pytest.mark.parametrize(
    ("name", "alias"),
    [
        ("Net revenue (€)", "net_revenue"),
        ("it's", "it_s"),
        ("2024", "column_2024"),
        ("€", "column"),
        ("Orders placed", "orders_placed_3"),
    ],
)
def test_a_column_without_a_plain_name_gets_one_that_is_free(name: str, alias: str) -> None:
    assert alias_for(name, {"orders_placed", "orders_placed_2"}) == alias


def test_sql_quotes_only_what_needs_it() -> None:
    assert quoted("orders") == "orders"
    assert quoted("a`b c") == "`a``b c`"
