"""Writes a sample into files that appear whole or not at all."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from customer_segmentation.sample.retail import (
    GROUPS_SCHEMA,
    RAW_SCHEMA,
    RetailSample,
    generate_retail,
)

FileFormat = Literal["csv", "parquet"]

LINES_FILE_STEM = "retail_raw_order_lines"
GROUPS_FILE_NAME = "retail_planted_groups.csv"
ROW_GROUP_ROWS = 1 << 17


@dataclass(frozen=True)
class WrittenSample:
    """The two files of a sample and the number of lines (rows) in the first."""

    lines_path: Path
    groups_path: Path
    lines: int


def write_retail(
    sample: RetailSample,
    directory: Path,
    file_format: FileFormat = "csv",
    *,
    customers_per_block: int = 4096,
    on_progress: Callable[[int, int], None] | None = None,
) -> WrittenSample:
    """Write the raw order lines, and the planted groups as CSV, into ``directory``.

    The directory is made where it is missing; files of the same names are replaced once both new
    ones are complete. CSV is RFC 4180 with every value in quotes but a missing one, lines end in
    a line feed, text is UTF-8; in Parquet every column is text too and a missing value is null.
    ``on_progress`` is called after each block with the customers and the lines written so far.
    Raises OSError where a file cannot be written; no unfinished file stays behind.
    """
    directory.mkdir(parents=True, exist_ok=True)
    lines_path = directory / f"{LINES_FILE_STEM}.{file_format}"
    groups_path = directory / GROUPS_FILE_NAME
    customers = lines = 0
    with _replaced_when_done(lines_path, groups_path) as (lines_part, groups_part):
        open_lines = _ParquetFile if file_format == "parquet" else _csv_file
        with open_lines(lines_part, RAW_SCHEMA) as to, _csv_file(groups_part, GROUPS_SCHEMA) as key:
            for block in generate_retail(sample, customers_per_block):
                to.write_table(block.lines)
                key.write_table(block.groups)
                customers += block.groups.num_rows
                lines += block.lines.num_rows
                if on_progress is not None:
                    on_progress(customers, lines)
    return WrittenSample(lines_path, groups_path, lines)


class _TableFile(Protocol):
    def write_table(self, table: pa.Table) -> None: ...


def _csv_file(path: Path, schema: pa.Schema) -> AbstractContextManager[_TableFile]:
    writer: AbstractContextManager[_TableFile] = pa_csv.CSVWriter(str(path), schema)
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
def _replaced_when_done(*paths: Path) -> Iterator[tuple[Path, ...]]:
    """Give a file to write beside each path; move them there at the end, or remove them."""
    parts = tuple(path.with_name(f".{path.name}.{os.getpid()}.part") for path in paths)
    try:
        yield parts
        for part, path in zip(parts, paths, strict=True):
            part.replace(path)
    finally:
        for part in parts:
            part.unlink(missing_ok=True)
