"""A sample of a table of the warehouse."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import pandas as pd

from customer_segmentation.inspection.sample import Column, Kind, Sample, text_column

MOST_ROWS = 20_000
_NUMBER = re.compile(r"(tiny|small|big)?int|float|double|decimal|long|integer")
_TIME = re.compile(r"date|timestamp")


def sample_of_rows(records: Sequence[str]) -> Sample | None:
    """A sample of the rows that the macro ``sampled_rows`` gives; None where it gives none."""
    parsed = [json.loads(record) for record in records]
    about = next((item for item in parsed if "names" in item), None)
    if about is None:
        return None
    rows = [item for item in parsed if "names" not in item]
    columns = [
        _column(name, kind, [row.get(str(at)) for row in rows])
        for at, (name, kind) in enumerate(zip(about["names"], about["types"], strict=True))
    ]
    return Sample(
        what="table",
        columns=tuple(columns),
        rows=len(rows),
        total=about["rows"],
        is_whole=len(rows) >= about["rows"],
        places="drawn by chance",
    )


def _column(name: str, kind: str, values: Sequence[str | None]) -> Column:
    if kind.lower() in ("string", "varchar", "char"):
        return text_column(name, values)
    found: Kind = "other"
    if _NUMBER.match(kind.lower()):
        found = "number"
    elif _TIME.match(kind.lower()):
        found = "time"
    return Column(name, found, pd.Series(values, dtype="object"))
