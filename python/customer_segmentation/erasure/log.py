"""What was erased: a journal while it goes on, and a published table when it is done."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from dbt_spark_python.suppression import FOLDER, write_whole
from dbt_spark_python.warehouse import Column, Record, Warehouse

TABLE = "segmentation_erasures"
_COMMENT = (
    "One row per erasure and table that it removed rows from: how many, when and why. Who was "
    "erased stands nowhere."
)
_COLUMNS = (
    Column("segmentation", "string", "Segmentation that customers were erased from."),
    Column("erased_at", "timestamp", "When the erasure was complete, UTC."),
    Column("reason", "string", "Why, as given to the command."),
    Column("table_name", "string", "Table that rows were removed from; null for none."),
    Column("rows_removed", "bigint", "Rows of it, all generations together."),
)
_SCHEMA = pa.schema(
    [
        ("segmentation", pa.string()),
        ("erased_at", pa.timestamp("us", "UTC")),
        ("reason", pa.string()),
        ("table_name", pa.string()),
        ("rows_removed", pa.int64()),
    ]
)


class Journal:
    """The rows to remove by file, on disk before the first is removed.

    So an erasure that was killed knows, when it is finished, what it had removed before.
    """

    def __init__(self, tables: Path, segmentation: str, hashes: Iterable[str]) -> None:
        named = hashlib.sha256("\n".join([segmentation, *sorted(hashes)]).encode()).hexdigest()
        self._path = tables / FOLDER / "open" / f"{named}.json"

    def plan(self, rows: Mapping[str, tuple[str, int]]) -> None:
        """Add files with their table and rows to remove; what is planned already stays."""
        planned = {**{file: [*what] for file, what in rows.items()}, **self._read()}
        write_whole(self._path, json.dumps(planned, indent=1))

    def by_table(self) -> dict[str, int]:
        """The rows to remove, or removed, by table, sorted."""
        counted: Counter[str] = Counter()
        for table, rows in self._read().values():
            counted[table] += rows
        return dict(sorted(counted.items()))

    def close(self) -> None:
        """The erasure is complete."""
        self._path.unlink(missing_ok=True)

    def _read(self) -> dict[str, tuple[str, int]]:
        return json.loads(self._path.read_text()) if self._path.exists() else {}


def publish(
    tables: Warehouse, schema: str, segmentation: str, reason: str, removed: Mapping[str, int]
) -> None:
    """Add an erasure to the published log, in one step.

    Args:
        schema: that the log is published in.
        removed: rows by table.
    """
    now = datetime.now(timezone.utc)
    generations = f"{schema}_generations"
    counted: list[tuple[str | None, int]] = [*removed.items()] or [(None, 0)]
    rows: list[dict[str, object]] = [
        {
            "segmentation": segmentation,
            "erased_at": now,
            "reason": reason,
            "table_name": table,
            "rows_removed": count,
        }
        for table, count in counted
    ]
    added = pa.Table.from_pylist(rows, _SCHEMA)
    known = tables.record(schema, TABLE)
    if known is not None and known.location is not None:
        before = parquet.read_table(tables.folder / known.location, schema=_SCHEMA)
        added = pa.concat_tables([before, added])
    generation = f"{TABLE}__g{now:%Y%m%d%H%M%S%f}"
    folder = tables.location(generations, generation)
    folder.mkdir(parents=True)
    parquet.write_table(added, folder / "part-0.parquet")
    tables.publish(
        Record(
            schema=schema,
            name=TABLE,
            text=f"select * from {generations}.{generation}",
            columns=_COLUMNS,
            location=tables.relative(str(folder)),
            comment=_COMMENT,
        )
    )
    if known is not None and known.location is not None:
        tables.remove_generations(generations, TABLE, Path(known.location).name)
