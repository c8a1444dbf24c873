"""Parquet files for Sail: types that it cannot show become others with the same values."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from dbt_common.exceptions import DbtRuntimeError
from pyarrow import parquet

from dbt_spark_python import raw_parquet

TIME = datetime.datetime(2024, 3, 1, 23, 30)


def test_values_stay_and_missing_columns_are_empty(tmp_path: Path) -> None:
    written = {
        "word": pa.array(["a", None]).dictionary_encode(),
        "at": pa.array([TIME, None], pa.timestamp("ns")),
        "there": pa.array([TIME, None], pa.timestamp("ns", "Europe/Berlin")),
        "few": pa.array([255, None], pa.uint8()),
        "many": pa.array([2**64 - 1, None], pa.uint64()),
        "day": pa.array([TIME.date(), None], pa.date64()),
        "hour": pa.array([datetime.time(1, 2), None], pa.time32("ms")),
        "code": pa.array([b"ab", None], pa.binary(2)),
    }
    parquet.write_table(pa.table(written), tmp_path / "a.parquet")
    parquet.write_table(pa.table({"word": ["b"], "new": [1.5]}), tmp_path / "b.parquet")
    sources = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    raw_parquet.copy(sources, tmp_path / "copy")
    found = parquet.read_table(tmp_path / "copy")
    names = ("word", "at", "there", "few", "many", "day", "hour", "code", "new")
    types = ("string", "timestamp[us]", "timestamp[us, tz=UTC]", "int16", "decimal128(20, 0)")
    assert tuple(map(str, found.schema.types[:5])) == types
    assert [tuple(row[name] for name in names) for row in found.to_pylist()] == [
        (
            *("a", TIME, TIME.replace(tzinfo=datetime.timezone.utc), 255, Decimal(2**64 - 1)),
            *(TIME.date(), datetime.time(1, 2), b"ab", None),
        ),
        (None,) * 9,
        ("b", *[None] * 7, 1.5),
    ]
    assert not raw_parquet.are_taken_as_they_are(sources)
    assert raw_parquet.are_taken_as_they_are(
        [tmp_path / "b.parquet", tmp_path / "copy/lines.parquet"]
    )


def test_what_is_no_parquet_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_text("a")
    with pytest.raises(DbtRuntimeError, match=r"a[.]parquet cannot be read as Parquet: "):
        raw_parquet.are_taken_as_they_are([tmp_path / "a.parquet"])
