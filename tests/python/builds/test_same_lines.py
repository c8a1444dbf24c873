"""The same order lines, however they are written, are the same accepted lines."""

from __future__ import annotations

import csv
import gzip
import json
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from project_runs import Project, failures

OURS = (
    *("invoice_id", "product_id", "description", "quantity"),
    *("ordered_at", "unit_price", "customer_id", "country"),
)
# The names of our columns in three files.
FORMATS = {
    "": dict(zip(OURS, OURS, strict=True)),
    "uci": dict(
        zip(
            OURS,
            (
                *("InvoiceNo", "StockCode", "Description", "Quantity"),
                *("InvoiceDate", "UnitPrice", "CustomerID", "Country"),
            ),
            strict=True,
        )
    ),
    "shopify": dict(
        zip(
            OURS,
            (
                *("Name", "Lineitem sku", "Lineitem name", "Lineitem quantity"),
                *("Created at", "Lineitem price", "Email", "Billing Country"),
            ),
            strict=True,
        )
    ),
}
OF_THE_ORDER = ("ordered_at", "customer_id", "country")
DATES = {
    "": "%Y-%m-%d %H:%M:%S",
    "d.M.yyyy H:mm:ss": "%d.%m.%Y %H:%M:%S",
    "MM/dd/yyyy HH:mm:ss": "%m/%d/%Y %H:%M:%S",
    "dd-MM-yyyy HH:mm:ss": "%d-%m-%Y %H:%M:%S",
}


@pytest.fixture(autouse=True)
def schema(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests have tables of their own."""
    monkeypatch.setenv("SEGMENTATION_SCHEMA", "mixtures")


@dataclass(frozen=True)
class Mixture:
    """How lines are written, and whether the settings say so."""

    format: str
    kind: str
    sep: str
    encoding: str
    decimal: str
    thousands: str
    currency: str
    units: str
    date_pattern: str
    files: int
    lines_above: int
    further: tuple[str, ...]
    numbers_are_said: bool
    dates_are_said: bool
    shuffle: random.Random = field(repr=False)


@st.composite
def mixtures(draw: Any) -> Mixture:
    kind = draw(st.sampled_from(["csv", "csv", "csv.gz", "jsonl", "parquet"]))
    decimal = draw(st.sampled_from([".", ","]))
    return Mixture(
        format=draw(st.sampled_from([*FORMATS])),
        kind=kind,
        sep=draw(st.sampled_from([",", ";", "\t", "|"])),
        encoding=draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin1"])),
        decimal=decimal,
        thousands=draw(st.sampled_from(["", " ", "\u00a0", "'", "," if decimal == "." else "."])),
        currency=draw(st.sampled_from(["", "", "$", "EUR "])),
        units=draw(st.sampled_from(["{}", "{}", "{}{}0", "{}{}000"])),
        date_pattern=draw(st.sampled_from([*DATES])),
        files=draw(st.integers(1, 3)),
        lines_above=draw(st.sampled_from([0, 0, 2])) if kind == "csv" else 0,
        further=tuple(draw(st.permutations(["note", "Note", "#", ""]))[: draw(st.integers(0, 4))]),
        numbers_are_said=draw(st.booleans()),
        dates_are_said=draw(st.sampled_from([True, True, False])),
        shuffle=draw(st.randoms(use_true_random=False)),
    )


def orders() -> Iterator[dict[str, Any]]:
    """500 lines, in some 170 orders of 60 customers, each with our columns."""
    chance = random.Random(20240301)
    for order in range(1, 168):
        of_the_order = {
            "ordered_at": datetime(2023, 1, 1) + timedelta(seconds=chance.randrange(31_000_000)),
            "customer_id": f"k{chance.randrange(60)}",
            "country": chance.choice(["Österreich", "France", "Côte d'Ivoire"]),
        }
        for line in range(3 if order < 167 else 2):
            yield of_the_order | {
                "invoice_id": f"R-{order}",
                "product_id": f"P{order}-{line}",
                "description": chance.choice(['Mug, "große"', "Tasse à café; 2|1", "It's a cup"]),
                "quantity": chance.randint(1, 40),
                "unit_price": Decimal(chance.randint(5, 250_000)) / 100,
            }


LINES = [*orders()]


def as_written(line: dict[str, Any], mixture: Mixture) -> dict[str, Any]:
    """A line as the columns of the mixture's format."""
    price = f"{line['unit_price']:,.2f}".replace(",", "g").replace(".", mixture.decimal)
    texts = line | {
        "ordered_at": line["ordered_at"].strftime(DATES[mixture.date_pattern]),
        "unit_price": mixture.currency + price.replace("g", mixture.thousands),
        "quantity": mixture.units.format(line["quantity"], mixture.decimal),
    }
    return {theirs: texts[ours] for ours, theirs in FORMATS[mixture.format].items()}


def rows_of(mixture: Mixture) -> tuple[list[str], list[list[str]]]:
    """The header and the rows, both in any order."""
    header = [*FORMATS[mixture.format].values()]
    if mixture.format == "shopify":
        header += ["Cancelled at", "Currency"]
    mixture.shuffle.shuffle(header)
    of_the_order = {FORMATS["shopify"][name] for name in OF_THE_ORDER}
    rows, seen = [], set()
    for line in LINES:
        row = as_written(line, mixture)
        if mixture.format == "shopify" and line["invoice_id"] in seen:
            row |= dict.fromkeys(of_the_order, "")
        seen.add(line["invoice_id"])
        rows.append([row.get(name, "") for name in header])
    for name in mixture.further:
        at = mixture.shuffle.randint(0, len(header))
        header.insert(at, name)
        for row in rows:
            row.insert(at, "x;y")
    mixture.shuffle.shuffle(rows)
    return header, rows


def write(mixture: Mixture, folder: Path) -> Path:
    """A folder of the mixture's files."""
    header, rows = rows_of(mixture)
    folder.mkdir()
    for part in range(mixture.files):
        path = folder / f"part-{part}.{mixture.kind}"
        of_part = rows[part :: mixture.files]
        # JSON and Parquet have no two columns of one name in any case, and none without one.
        named = [at for at, name in enumerate(header) if name not in ("", "Note")]
        records = [{header[at]: row[at] for at in named} for row in of_part]
        if mixture.kind == "parquet":
            parquet.write_table(pa.Table.from_pylist(records), path)
        elif mixture.kind == "jsonl":
            path.write_text("\n".join(json.dumps(record) for record in records), encoding="utf-8")
        else:
            opened = gzip.open if mixture.kind == "csv.gz" else open
            with opened(path, "wt", newline="", encoding=mixture.encoding) as file:
                file.write("Report of sales\n" * mixture.lines_above)
                csv.writer(file, delimiter=mixture.sep).writerows([header, *of_part])
    return folder


def settings_of(mixture: Mixture) -> dict[str, Any]:
    """The vars of a user who knows the files, less those that the mixture leaves unsaid."""
    found: dict[str, Any] = {"retail_format": mixture.format} if mixture.format else {}
    if mixture.kind.startswith("csv"):
        text = {"sep": mixture.sep, "encoding": mixture.encoding.removesuffix("-sig")}
        if mixture.lines_above:
            text["skip_lines"] = mixture.lines_above
        found["retail_order_lines_csv"] = text
    if mixture.numbers_are_said:
        found["retail_order_lines_numbers"] = {"decimal": mixture.decimal}
    if mixture.date_pattern and mixture.dates_are_said:
        found["retail_ordered_at_format"] = mixture.date_pattern
    return found


def must_be_said(mixture: Mixture) -> set[str]:
    """The vars without which the files can be read in two ways."""
    found = set()
    if mixture.units.endswith("000") and not mixture.numbers_are_said:
        found.add("retail_order_lines_numbers")
    if mixture.date_pattern and not mixture.dates_are_said:
        found.add("retail_ordered_at_format")
    return found


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mixture=mixtures())
def test_lines_are_the_same_however_they_are_written(
    sail_project: Project, tmp_path_factory: pytest.TempPathFactory, mixture: Mixture
) -> None:
    folder = write(mixture, tmp_path_factory.mktemp("mixture") / "lines")
    models = ("stg_retail__order_lines", "int_retail__judged_lines", "retail_order_lines")
    result = sail_project.dbt(
        "run",
        "--select",
        *models,
        retail_order_lines_source=str(folder),
        **settings_of(mixture),
    )
    asked = must_be_said(mixture)
    if asked:
        assert not result.success, mixture
        said = failures(result)
        assert all(f"Set the var {name} to" in said for name in asked), said
        return
    assert result.success, failures(result)
    found = sail_project.spark.table("mixtures.retail_order_lines").select(*OURS, "line_amount")
    expected = (
        (*(line[name] for name in OURS), line["quantity"] * line["unit_price"]) for line in LINES
    )
    assert Counter(map(tuple, found.collect())) == Counter(expected)
