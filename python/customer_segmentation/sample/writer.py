"""Files of a sample, which appear whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

FileFormat = Literal["csv", "parquet"]

ROW_GROUP_ROWS = 1 << 17


@dataclass(frozen=True)
class WrittenTables:
    """The files of a sample and the number of rows in each."""

    rows: dict[Path, int]


class TableFile(Protocol):
    """A file that takes table after table."""

    def write_table(self, table: pa.Table) -> None:
        """Append the rows of a table with the schema of the file."""


def table_file(
    path: Path, schema: pa.Schema, file_format: FileFormat = "csv"
) -> AbstractContextManager[TableFile]:
    """Open a file to write tables of ``schema`` into, which is complete once it is closed.

    CSV is RFC 4180 with every value in quotes but a missing one, lines end in a line feed, text is
    UTF-8; in Parquet a missing value is null.
    """
    return _ParquetFile(path, schema) if file_format == "parquet" else _csv_file(path, schema)


def _csv_file(path: Path, schema: pa.Schema) -> AbstractContextManager[TableFile]:
    writer: AbstractContextManager[TableFile] = pa_csv.CSVWriter(str(path), schema)
    return writer


class _ParquetFile(AbstractContextManager["_ParquetFile"]):
    """Writes tables in row groups of ROW_GROUP_ROWS rows, however the rows arrive."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._writer = pq.ParquetWriter(str(path), schema, compression="zstd")
        self._waiting = schema.empty_table()

    def write_table(self, table: pa.Table) -> None:
        self._waiting = pa.concat_tables([self._waiting, table])
        while self._waiting.num_rows >= ROW_GROUP_ROWS:
            self._write_row_group(self._waiting.slice(0, ROW_GROUP_ROWS))
            self._waiting = self._waiting.slice(ROW_GROUP_ROWS)

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        if failure is None and self._waiting.num_rows:
            self._write_row_group(self._waiting)
        self._writer.close()

    def _write_row_group(self, table: pa.Table) -> None:
        # One chunk a column: where chunks end changes where the writer ends its pages.
        self._writer.write_table(table.combine_chunks(), row_group_size=ROW_GROUP_ROWS)


@contextmanager
def replaced_when_done(*paths: Path) -> Iterator[tuple[Path, ...]]:
    """Give a file to write beside each path; move them there at the end, or remove them."""
    parts = tuple(path.with_name(f".{path.name}.{os.getpid()}.part") for path in paths)
    try:
        yield parts
        for part, path in zip(parts, paths, strict=True):
            part.replace(path)
    finally:
        for part in parts:
            part.unlink(missing_ok=True)
