"""Parquet files as the engine takes them, or copied into one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
from dbt_common.exceptions import DbtRuntimeError
from pyarrow import dataset, parquet


def are_taken_as_they_are(sources: Sequence[Path]) -> bool:
    """Whether no column is in nanoseconds, which Sail does not take and pandas writes by default.

    Raises:
        DbtRuntimeError: a file cannot be read, or has a column of another type than the first.
    """
    with _readable(sources):
        return not any("[ns" in str(column.type) for column in _schema(sources))


def copy(sources: Sequence[Path], folder: Path) -> None:
    """Copy Parquet files into one, with the columns of all of them, times in microseconds.

    Raises:
        DbtRuntimeError: a file cannot be read, or has a column of another type than the first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _readable(sources):
        schema = _schema(sources)
        found = dataset.dataset([str(source) for source in sources], schema, format="parquet")
        with parquet.ParquetWriter(
            folder / "lines.parquet",
            schema,
            coerce_timestamps="us",
            allow_truncated_timestamps=True,
        ) as writer:
            for batch in found.to_batches():
                writer.write_batch(batch)


def _schema(sources: Sequence[Path]) -> pa.Schema:
    return pa.unify_schemas([parquet.read_schema(source) for source in sources])


@contextmanager
def _readable(sources: Sequence[Path]) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        files = ", ".join(map(str, sources))
        raise DbtRuntimeError(f"{files} cannot be read as Parquet: {error}") from error
