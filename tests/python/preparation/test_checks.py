from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from customer_segmentation.errors import InputError
from customer_segmentation.preparation.checks import (
    check_customers,
    check_distinct_rows,
    check_row_count,
    check_training_columns,
)
from customer_segmentation.specification import Specification
from small_mart import BINARY, mart, one_hot, specification


def refusal(frame: pd.DataFrame, spec: Specification | None = None) -> str:
    with pytest.raises(InputError) as caught:
        check_customers(frame, spec or specification())
    return str(caught.value)


def test_good_customers_pass() -> None:
    check_customers(mart(), specification())
    check_customers(mart(customer_id=list("abcde")), specification())


def test_missing_and_infinite_values_are_counted_with_examples() -> None:
    frame = mart(
        customer_id=range(11, 16),
        orders=[1, None, None, None, None],
        revenue=[1.0, 2.0, math.inf, 3.0, 4.0],
    )
    message = refusal(frame)
    assert "orders in 4 rows (customer_id 12, 13, 14, ...)" in message
    assert "revenue in 1 rows (customer_id 13)" in message


def test_missing_values_in_nullable_and_decimal_columns_are_found() -> None:
    integers = pd.array([1, None, 3, 4, 5], dtype="Int64")
    assert "orders in 1 rows (customer_id 12)" in refusal(mart(orders=integers))
    decimals = [Decimal(1), Decimal(2), None, Decimal("NaN"), Decimal(5)]
    assert "orders in 2 rows (customer_id 13, 14)" in refusal(mart(orders=decimals))


def test_the_ordering_measure_may_not_be_missing_either() -> None:
    frame = mart(revenue=[1, 2, 3, 4, None])
    assert "revenue in 1 rows" in refusal(frame, specification("orders"))


def test_absent_columns_are_named() -> None:
    message = refusal(mart().drop(columns=["orders", "revenue"]))
    assert "no column orders, revenue" in message
    assert "its columns are customer_id" in message
    with pytest.raises(InputError, match="no column customer_id"):
        check_training_columns(["orders", "revenue"], specification())


@pytest.mark.parametrize(
    ("column", "example"),
    [
        (list("12345"), "'1'"),
        (pd.date_range("2024-01-01", periods=5), "Timestamp('2024-01-01 00:00:00')"),
        ([1, Decimal(2), None, "4", 5], "'4'"),
    ],
)
def test_columns_must_be_numeric(column: Any, example: str) -> None:
    message = refusal(mart(orders=column))
    assert "Column orders of the feature mart is not numeric" in message
    assert f"for example {example})" in message


def test_keys_identify_one_customer_each() -> None:
    message = refusal(mart(customer_id=[7, 7, 8, 8, 8]))
    assert "customer_id is not unique" in message
    assert "2 keys have more than one row, for example 7, 8;" in message
    for keys in ([7, "7", 8, 9, 10], [[1], [2], [3], [4], [5]]):
        message = refusal(mart(customer_id=keys))
        assert "customer_id cannot be the entity key: its values are mixed" in message
    assert "2 rows without a customer_id" in refusal(mart(customer_id=["a", None, "b", None, "c"]))


def test_an_empty_mart_is_refused() -> None:
    assert "has no rows" in refusal(mart().head(0))


def test_more_customers_than_segments_are_needed() -> None:
    points = np.arange(8.0).reshape(4, 2)
    check_distinct_rows(points, 3)
    with pytest.raises(
        InputError, match=r"4 customers, too few for 4 segments. Set a smaller k, or"
    ):
        check_distinct_rows(points, 4)
    with pytest.raises(InputError, match=r"2 customers, too few for 2 segments. Train on more"):
        check_row_count(2, 2)


def test_as_many_different_customers_as_segments_are_needed() -> None:
    points = np.array([[0.0, 0], [0, 1], [1, 0], [0, 0], [0, 1], [1, 0]])
    check_distinct_rows(points, 3)
    with pytest.raises(InputError, match=r"Of the 6 customers .* only 3 differ .* 4 segments"):
        check_distinct_rows(points, 4)


def test_missing_values_of_encoded_columns_are_found() -> None:
    frame = mart(member=[True, None, False, None, True], country=["UK", "FR", None, "UK", "FR"])
    message = refusal(frame, specification(BINARY, one_hot()))
    assert "member in 2 rows (customer_id 12, 14); country in 1 rows (customer_id 13)" in message
    numbers = mart(member=[0.0, 1.0, math.nan, math.inf, 0.0])
    assert "member in 2 rows (customer_id 13, 14)" in refusal(numbers, specification(BINARY))


@pytest.mark.parametrize("column", [[1, 2, 1, 2, 2], [True, False, True, False, True]])
def test_one_hot_needs_text(column: Any) -> None:
    message = refusal(mart(country=column), specification(one_hot()))
    assert "Column country of the feature mart is not text" in message


def test_an_encoded_column_of_dates_is_refused() -> None:
    frame = mart(member=pd.date_range("2024-01-01", periods=5))
    assert "Column member of the feature mart is not numeric" in refusal(
        frame, specification(BINARY)
    )
