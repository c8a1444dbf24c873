"""What each kind of setting takes and refuses."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import pytest

from customer_segmentation.settings.kinds import KINDS

ALLOWED = {
    "choice": ("drop", "keep"),
    "cut_points": ("recency", "monetary"),
    "raw_columns": ("order_id", "country"),
    "some_of": ("order_id", "country"),
    "raw_numbers": ("EUR", "USD"),
    "segmentation_or_all": ("loyalty", "shop"),
    "segmentations": ("loyalty", "shop"),
    "overrides": ("loyalty", "shop"),
    "decisions": ("loyalty", "shop"),
}
TAKEN: dict[str, list[Any]] = {
    "choice": ["drop", "keep"],
    "text": ["", "C"],
    "texts": [[], ["", "n/a"]],
    "date": ["", "2024-02-29", "1000-01-01", "2999-12-31", date(2024, 2, 29)],
    "month": ["", "2024-12", "1000-01"],
    "whole_number": [0, 5, "12"],
    "number": ["", 0, -1, 0.5, 5],
    "conditions": [{}, {"Comedy": "_c10 = 1", 1: "a"}],
    "cut_points": [{}, {"recency": [7, 30, 90, 180]}, {"recency": [-1.5, 0, 1, 1e14]}],
    "date_pattern": [
        *("", "d/M/yyyy H:mm", "uuuu-LL-dd", "yyyy-MM-dd'T'HH:mm:ss", "dd'QQ'MM yy"),
        *("yyyy-MM-dd HH:mm:ss XXX", "d.M.yyyy H:mm z"),
    ],
    "time_zone": ["", "UTC", "Europe/Berlin"],
    "raw_source": [
        "",
        "lines",
        " shop.lines ",
        "/data/lines.parquet",
        "/data/folder/",
        "/data/LINES.CSV",
        "/data/lines.csv.gz",
        "/data/lines.csv/",
        "s3a://bucket/lines.csv.bz2",
        "file:lines.parquet",
        "/data/2024-*.csv",
        "/data/{a,b}.txt",
        "/data/lines.jsonl.gz",
        "/data/LINES.TSV",
        "s3a://bucket/lines.json",
    ],
    "raw_columns": [{}, {"order_id": "OrderNo", "country": "upper(Land)"}, {"order_id": 1}],
    "some_of": [[], ["country"], ["country", "order_id"]],
    "share": [0, 0.2, 1],
    "raw_csv": [
        {},
        {"sep": ";", "encoding": "ISO-8859-1", "quote": "'", "escape": "\\"},
        *({"encoding": name} for name in ("windows-1252", "cp1252", "latin1", "UTF-16", "IBM850")),
        {"comment": "#", "skip_lines": 3},
        {"sep": "\t", "header": False},
    ],
    "raw_numbers": [{}, {"decimal": ",", "thousands": " "}, {"thousands": ",", "currency": "EUR"}],
    "switches": [{}, {"loyalty": True, "shop_2": False}],
    "segmentation_or_all": ["", "all", "loyalty"],
    "segmentations": [[], ["shop", "loyalty"]],
    "overrides": [{}, {"loyalty": {"k": 4}, "shop": {}}],
    "decisions": [
        {},
        {"loyalty": {"model_id": "m1", "decision": "promoted"}},
        {"shop": {"model_id": "m1", "decision": "rolled_back"}},
    ],
}
# With a word of what is allowed.
REFUSED: dict[str, list[tuple[Any, str]]] = {
    "choice": [("", "one of 'drop', 'keep'"), ("Drop", "one of"), (["drop"], "one of")],
    "text": [(None, "a text"), (5, "a text"), (["C", "K"], "a text")],
    "texts": [(None, "a list of texts"), ("n/a", "a list"), (["a", 1], "texts"), ({}, "a list")],
    "date": [
        ("0000-01-01", "yyyy-mm-dd"),
        ("3000-01-01", "yyyy-mm-dd"),
        ("2024-01-01\n", "yyyy-mm-dd"),
        ("01/03/2024", "yyyy-mm-dd"),
        (None, "yyyy-mm-dd"),
        (20240301, "yyyy-mm-dd"),
        ("2023-02-29", "exists in the calendar"),
        ("2024-04-31", "exists in the calendar"),
    ],
    "month": [("2024-13", "yyyy-mm"), ("2024-01\n", "yyyy-mm"), ("2024-01-01", "yyyy-mm")],
    "whole_number": [(-1, "0 or more"), (1.5, "0 or more"), ("all", "whole"), (True, "whole")],
    "cut_points": [
        (5, "for recency, monetary four ascending numbers"),
        ({"recency": 5}, "four"),
        ({"recency": [1, 2, 3]}, "four"),
        ({"recency": [1, 2, 3, 4, 5]}, "four"),
        ({"recency": [1, 1, 2, 3]}, "ascending"),
        ({"recency": ["1", "2", "3", "4"]}, "numbers"),
        ({"recency": [False, True, 2, 3]}, "numbers"),
        ({"recency": [1, 2, 3, math.inf]}, "numbers"),
        ({"recency": [1, 2, 3, math.nan]}, "numbers"),
        ({"frequency": [1, 2, 3, 4]}, "recency"),
    ],
    "number": [
        ("5", "without quotes"),
        (True, "a number"),
        (math.inf, "a number"),
        (None, "or empty"),
    ],
    "conditions": [
        ([], "a SQL condition"),
        ({"Comedy": 1}, "for each name"),
        ({"Comedy": " "}, "for each name"),
        ({" ": "a = 1"}, "for each name"),
    ],
    "date_pattern": [
        (None, "a Spark datetime pattern"),
        ("YYYY-MM-dd", "year (y)"),
        ("yyyy-DD-MM", "day (d)"),
        ("dd/yyyy", "month (M)"),
        ("'d' M yyyy", "day (d)"),
        ("yyyy-MM-dd'T'HH:nn", "pattern"),
        ("yyyy-MM-dd XXX HH:mm", "only at its end"),
    ],
    "time_zone": [("CEST", "Europe/Berlin"), ("+02:00", "the name of"), (None, "or empty")],
    "raw_source": [
        (5, "as text"),
        ("catalog.schema.table", "the session's own catalog"),
        ("lines.csv", "the whole path"),
        ("data/lines.parquet", "the whole path"),
        ("lines.parquet", "the whole path"),
        ("lines.xlsx", "files that end in .parquet, .csv"),
        ("/data/lines.parquet.gz", "files that end in"),
        ("s3a://bucket/lines.orc", "files that end in"),
    ],
    "raw_columns": [
        ([], "{our_column: SQL expression over yours}"),
        ({"OrderNo": "order_id", "Land 2": "country"}, "{order_id: OrderNo, country: Land 2}"),
        ({"a`b": "order_id"}, '{order_id: "a`b"}'),
        ({"No": "order"}, "for order_id, country each a SQL expression over yours; not No"),
        ({"order_id": " ", "country": None}, "over your columns for order_id, country"),
    ],
    "some_of": [("country", "a list out of 'order_id', 'country'"), (["land"], "a list out of")],
    "share": [(-0.1, "from 0 to 1"), (1.1, "from 0"), ("0.2", "a number"), (True, "a number")],
    "raw_csv": [
        ([], "sep"),
        ({"delimiter": ";"}, "texts for sep"),
        ({"sep": 1}, "texts for sep"),
        ({"header": "no"}, "true or false for header"),
        ({"skip_lines": "2"}, "a number for skip_lines"),
        ({"skip_lines": -1}, "a number for skip_lines"),
        ({"skip_lines": True}, "a number for skip_lines"),
        ({"encoding": "windows-9999"}, "There is no encoding windows-9999"),
        ({"encoding": "base64"}, "There is no encoding base64"),
    ],
    "raw_numbers": [
        (",", "as {decimal: ','"),
        ({"sep": ","}, "as {decimal: ','"),
        ({"decimal": ";"}, "for decimal one of '.', ','"),
        ({"decimal": ""}, "for decimal one of"),
        ({"decimal": [","]}, "for decimal one of"),
        ({"thousands": ""}, "blanks are always read"),
        ({"decimal": ".", "thousands": "."}, "one sign as decimal and another one"),
        ({"currency": "Euro"}, "one of EUR, USD"),
    ],
    "switches": [
        ("loyalty", "each true or false"),
        (["loyalty"], "each true or false"),
        ({"loyalty": "true"}, "without quotes"),
        ({"loyalty": 1}, "each true or false"),
        ({"Loyalty": True}, "small letters"),
        ({"loyalty points": True}, "small letters"),
    ],
    "segmentation_or_all": [
        ("other", "one of the segmentations that are on (loyalty, shop)"),
        (["loyalty"], "empty, 'all'"),
        (None, "empty, 'all'"),
    ],
    "segmentations": [
        ("loyalty", "a list, as ['loyalty']"),
        (["loyalty", "other"], "out of the segmentations that are on (loyalty, shop)"),
        (None, "a list"),
    ],
    "overrides": [
        ("k=4", "as {loyalty: {k: 4}}"),
        ({"k": 4}, "for the segmentations that are on (loyalty, shop)"),
        ({"loyalty": "k=4"}, "keys of the specification"),
        ({"other": {"k": 4}}, "keys of the specification"),
    ],
    "decisions": [
        ("m1", "as {loyalty: {model_id: 20241130T101500000000-c15b6fe374f2, decision: promoted}}"),
        ({"loyalty": "m1"}, "a model_id and a decision"),
        ({"loyalty": {"model_id": "m1"}}, "a model_id and a decision"),
        ({"loyalty": {"model_id": "", "decision": "promoted"}}, "a model_id"),
        ({"loyalty": {"model_id": 1, "decision": "promoted"}}, "a model_id"),
        ({"loyalty": {"model_id": "m1", "decision": "held"}}, "one of 'promoted', 'rolled_back'"),
        ({"other": {"model_id": "m1", "decision": "promoted"}}, "that are on (loyalty, shop)"),
    ],
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_kind_takes(kind: str) -> None:
    allowed = ALLOWED.get(kind, ())
    assert [value for value in TAKEN[kind] if KINDS[kind](value, allowed) is not None] == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_kind_refuses(kind: str) -> None:
    said = [
        (value, KINDS[kind](value, ALLOWED.get(kind, ())), word) for value, word in REFUSED[kind]
    ]
    assert [what for what in said if what[2] not in (what[1] or "")] == []


def test_a_message_says_that_no_segmentation_is_on() -> None:
    assert "that are on (none)" in (KINDS["segmentations"](["loyalty"], ()) or "")
