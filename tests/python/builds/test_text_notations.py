"""Numbers and times as people write them, read by the macros of the package on Sail."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from dbt.adapters.factory import FACTORY
from hypothesis import given, settings
from hypothesis import strategies as st

from dbt_spark_python.sql_text import literal
from project_runs import Project, failures

Read = Callable[..., list[Any]]

# Text, setting, and by hand the number.
CASES: list[tuple[str, dict[str, str], str | None]] = [
    ("12.50", {}, "12.50"),
    ("12,50", {}, "12.50"),
    ("1.234", {}, "1.234"),
    ("1.234", {"decimal": ","}, "1234"),
    ("1,234", {"decimal": ","}, "1.234"),
    ("1,234", {"thousands": "."}, "1.234"),
    ("1,234", {"thousands": " "}, "1.234"),
    ("1.234", {"decimal": ",", "thousands": " "}, None),
    ("12.50", {"decimal": ","}, "12.50"),
    ("0,125", {}, "0.125"),
    ("1234,567", {}, "1234.567"),
    ("1.234.567", {}, "1234567"),
    ("1,234,567.5", {"decimal": ","}, "1234567.5"),
    ("12,34,567.89", {}, "1234567.89"),
    ("1 234,56", {}, "1234.56"),
    ("1\u202f234.56", {}, "1234.56"),
    ("1'234.50", {"decimal": "."}, "1234.50"),
    ("1\u2019234,50", {}, "1234.50"),
    ("12,-", {}, "12"),
    ("€ 12.-", {}, "12"),
    ("R$ 1.234,56", {}, "1234.56"),
    ("-$12.50", {}, "-12.50"),
    ("$-12.50", {}, "-12.50"),
    ("($12.50)", {}, "-12.50"),
    ("(12.50) USD", {}, "-12.50"),
    ("12,50- €", {}, "-12.50"),
    ("12,50 EUR-", {}, "-12.50"),
    ("Fr. 12.50", {}, "12.50"),
    ("12.50 kr.", {}, "12.50"),
    ("usd12.50", {}, "12.50"),
    ("1,5e3", {"decimal": ","}, "1500"),
    ("1.5E3", {"decimal": ","}, "1500"),
    (".5", {}, "0.5"),
    ("150,000,000", {}, "150000000"),
    ("12.50 €", {"currency": "EUR"}, "12.50"),
    ("12.50 euro", {"currency": "EUR"}, "12.50"),
    ("12.50", {"currency": "EUR"}, "12.50"),
    ("$12.50", {"currency": "EUR"}, None),
    *(
        (text, {}, None)
        for text in (
            *(
                "",
                "six",
                "12 50",
                "1 2345",
                "1,23,4",
                "1.23.456",
                "12.05.2024",
                "--5",
                "-5-",
                "(-5)",
            ),
            *(
                "(-5)",
                "5 %",
                "EUR",
                "€",
                "-",
                "()",
                "1.2.3",
                "12 EUR EUR EUR",
                "1e",
                "0x10",
                "1_000",
            ),
        )
    ),
]


@pytest.fixture(scope="session")
def read(sail_project: Project) -> Read:
    """Values of texts by a macro: ``read(texts, macro, further arguments of the macro)``."""
    parsed = sail_project.dbt_as_it_starts("parse")
    assert parsed.success, failures(parsed)
    (adapter,) = FACTORY.adapters.values()

    def values_of(texts: list[str], macro: str, **arguments: Any) -> list[Any]:
        expression = adapter.execute_macro(
            macro,
            macro_resolver=parsed.result,
            project="customer_segmentation",
            kwargs={"text": "text", **arguments},
        )
        values = ", ".join(f"({at}, {literal(text)})" for at, text in enumerate(texts))
        found = sail_project.spark.sql(
            f"select {expression} as found from values {values} as texts (at, text) order by at"
        )
        return [row.found for row in found.collect()]

    return values_of


def test_numbers_are_read_as_a_person_reads_them(read: Read) -> None:
    found = {}
    for numbers in {str(case[1]): case[1] for case in CASES}.values():
        texts = [text for text, setting, _ in CASES if setting == numbers]
        results = read(texts, "parse_decimal", precision=18, scale=4, numbers=numbers)
        found.update(
            {(text, str(numbers)): result for text, result in zip(texts, results, strict=True)}
        )
    expected = {(text, str(numbers)): number and Decimal(number) for text, numbers, number in CASES}
    assert found == expected


def test_whole_numbers_may_count_pieces(read: Read) -> None:
    cases = {
        **{"6": 6, "6.0": 6, "1e3": 1000, "+3": 3, "\u22121": -1, "3-": -3, "(3)": -3, "2,0": 2},
        **{"1.200,00": 1200, "1,200.00": 1200, "12,345,678": 12_345_678, "1 000": 1000},
        **{"2 pcs": 2, "2 Stück": 2, "1,5 x": None, "12x": 12, "2 kg": None, "2 dozen": None},
        **{"1.5": None, "6.0000001": None, "3000000000": None, "pcs": None},
    }
    assert read([*cases], "parse_whole_number") == [*cases.values()]
    comma = {"1.000": 1000, "1,000": 1, "1.5": None, "1000": 1000, "6,0": 6}
    found = read([*comma], "parse_whole_number", numbers={"decimal": ","})
    assert found == [*comma.values()]


@st.composite
def written(draw: Any) -> tuple[Decimal, str]:
    """A number and a text of it with a decimal comma."""
    number = Decimal(draw(st.integers(-(10**13), 10**13))).scaleb(-draw(st.integers(0, 4)))
    groups = draw(st.sampled_from(["", ".", " ", "\u00a0", "\u202f", "'", "\u2019"]))
    digits = f"{abs(number):,f}".replace(",", "g").replace(".", ",").replace("g", groups)
    mark = draw(st.sampled_from(["", "€", "EUR", "eur", "$", "US$", "R$", "zł", "kr.", "Kč"]))
    blank = draw(st.sampled_from(["", " ", "\u00a0"]))
    if mark:
        digits = draw(st.sampled_from([f"{mark}{blank}{digits}", f"{digits}{blank}{mark}"]))
    if number < 0:
        forms = ["-{}", "\u2212{}", "- {}", "({})", "{}-", "{} -", "\u2013{}"]
        digits = draw(st.sampled_from(forms)).format(digits)
    return number, digits


@settings(max_examples=15)
@given(st.lists(written(), min_size=1, max_size=40))
def test_a_number_is_read_back_from_any_notation(
    read: Read, lines: list[tuple[Decimal, str]]
) -> None:
    texts = [text for _, text in lines]
    arguments = {"precision": 18, "scale": 4}
    comma = read(texts, "parse_decimal", numbers={"decimal": ","}, **arguments)
    assert [*zip(texts, comma, strict=True)] == [(text, number) for number, text in lines]
    swap = str.maketrans({".": ",", ",": "."})
    # The dot of an abbreviation stays.
    swapped = [text.translate(swap).replace("kr,", "kr.") for text in texts]
    point = read(swapped, "parse_decimal", numbers={"decimal": "."}, **arguments)
    assert point == [number for number, _ in lines], swapped


ISO_OFFSET = "yyyy-MM-dd'T'HH:mm:ssXXX"
# Pattern, zone, text, and by hand the time.
TIMES = [
    ("", "", "2024-03-01T23:30:00-05:00", "2024-03-01 23:30:00"),
    ("", "", "2024-03-01T23:30:00+0100", "2024-03-01 23:30:00"),
    ("", "", "2024-03-01 23:30:00Z", "2024-03-01 23:30:00"),
    ("", "", "1709335800", "2024-03-01 23:30:00"),
    ("", "", "0999-12-31", None),
    ("", "", "3000-01-01", None),
    ("", "Europe/Berlin", "2024-03-01T23:30:00-05:00", "2024-03-02 05:30:00"),
    ("", "Europe/Berlin", "2024-07-01 23:30:00Z", "2024-07-02 01:30:00"),
    ("", "Europe/Berlin", "2024-03-01T23:30+0100", "2024-03-01 23:30:00"),
    ("", "Europe/Berlin", "2024-03-01 23:30 -05", "2024-03-02 05:30:00"),
    ("", "Europe/Berlin", "2024-07-01T23:30Z", "2024-07-02 01:30:00"),
    ("", "Europe/Berlin", "2024-03-01 23:30:00", "2024-03-01 23:30:00"),
    ("", "Europe/Berlin", "2024-03-01", "2024-03-01 00:00:00"),
    ("", "Europe/Berlin", "1709335800", "2024-03-02 00:30:00"),
    (ISO_OFFSET, "", "2024-03-01T23:30:00-05:00", "2024-03-01 23:30:00"),
    (ISO_OFFSET, "", "2024-03-01T23:30:00Z", "2024-03-01 23:30:00"),
    (ISO_OFFSET, "Europe/Berlin", "2024-03-01T23:30:00-05:00", "2024-03-02 05:30:00"),
    ("d.M.yyyy H:mm", "Europe/Berlin", "1.3.2024 23:30", "2024-03-01 23:30:00"),
    ("M/d/y", "", "2/24/03", None),
    ("M/d/y", "", "2/24/3003", None),
    ("M/d/yy", "", "2/24/03", "2003-02-24 00:00:00"),
    ("M/d/yy", "", "2/24/72", "2072-02-24 00:00:00"),
]


def test_times_have_bounds_and_an_offset_is_kept_or_turned(read: Read) -> None:
    found = []
    for pattern, zone, text, _ in TIMES:
        (time,) = read([text], "parse_timestamp", pattern=pattern, time_zone=zone)
        found.append((pattern, zone, text, None if time is None else str(time)))
    assert found == TIMES
