"""Notations of numbers, by the rules of the macros."""

from __future__ import annotations

import pandas as pd
import pytest

from customer_segmentation.inspection import numbers
from domain_macros import answer

CURRENCIES = answer("parsing/currencies.sql", "currencies")
PLAIN_NUMBER = "parsing/plain_number.sql"


def test_patterns_are_those_of_the_macros() -> None:
    assert answer(PLAIN_NUMBER, "ambiguous_pattern", ".,") == numbers.AMBIGUOUS
    for pattern, decimal, thousands in (
        (numbers.WITH_POINT, ".", ","),
        (numbers.WITH_COMMA, ",", "."),
    ):
        notation = {"decimal": decimal, "thousands": thousands}
        assert pattern == answer(PLAIN_NUMBER, "notation_pattern", notation)


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("12,50", ".", 12.5),
        ("1.234,56", ".", 1234.56),
        ("1.234", ",", 1234),
        ("1.234", ".", 1.234),
        ("1,000", ".", 1000),
        ("R$ 1.234,56", ".", 1234.56),
        ("12.50 €", ".", 12.5),
        ("(12.50)", ".", -12.5),
        ("12.50-", ".", -12.5),
        ("\u221212.50", ".", -12.5),
        ("1\u202f234,56", ".", 1234.56),
        ("2 pcs", ".", 2),
        ("1e2", ".", 100),
    ],
)
def test_a_number_has_the_value_that_a_build_reads(text: str, decimal: str, value: float) -> None:
    found = numbers.as_numbers(pd.Series([text, "six", None]), decimal, CURRENCIES)
    assert found.iloc[0] == value
    assert found.iloc[1:].isna().all()


@pytest.mark.parametrize(
    ("texts", "points", "commas", "unclear", "stops"),
    [
        (["12.50", "1,000"], 1, 0, 1, False),
        (["12,50", "1.000"], 0, 1, 1, True),
        (["1.000", "25.000"], 0, 0, 2, True),
        (["0.500", "1234.000", "1.000"], 2, 0, 1, False),
        (["5", "12"], 0, 0, 0, False),
    ],
)
def test_a_column_stops_a_build_where_its_numbers_have_two_readings(
    texts: list[str], points: int, commas: int, unclear: int, stops: bool
) -> None:
    found = numbers.notation_of(pd.Series(texts), CURRENCIES)
    counts = (found.points, found.commas, len(found.unclear), found.stops)
    assert counts == (points, commas, unclear, stops)


def test_currencies_are_told_apart() -> None:
    found = numbers.notation_of(pd.Series(["$5", "USD 7.10", "9 €", "3"]), CURRENCIES)
    assert found.marks == {"$", "usd", "€"}
    assert numbers.currency_of(found.marks, CURRENCIES) is None
    assert numbers.currency_of(frozenset({"$", "cad"}), CURRENCIES) == "CAD"
    assert numbers.most_likely_currency("$", found.marks, CURRENCIES) == "USD"
