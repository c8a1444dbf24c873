"""Copies JSON lines into Parquet, all columns text, no line lost."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from dbt_common.exceptions import DbtRuntimeError
from pyarrow import parquet

_LINES = 50_000


def copy(sources: Sequence[Path], encoding: str, folder: Path, malformed_column: str) -> None:
    """Copy files with a JSON object a line into one Parquet file.

    Args:
        sources: the files; a key that one of them lacks is null there.
        encoding: of the files, by Python's name.
        folder: of the Parquet file; it is made.
        malformed_column: name of a further column: the text of a line that is no JSON object, whose
            other columns are null; null for all others.

    Numbers are kept as they are written; what is a list or an object stays JSON. Columns stand in
    the order of their names, as Spark has them.

    Raises:
        DbtRuntimeError: a file cannot be read.
    """
    names: set[str] = set()
    for lines in _lines(sources, encoding):
        for text in lines:
            names.update(_object(text) or ())
    columns = [*sorted(names), malformed_column]
    schema = pa.schema([(name, pa.string()) for name in columns])
    folder.mkdir(parents=True, exist_ok=True)
    with parquet.ParquetWriter(folder / "lines.parquet", schema) as writer:
        for lines in _lines(sources, encoding):
            rows = [_row(text, malformed_column) for text in lines]
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))


def _lines(sources: Sequence[Path], encoding: str) -> Iterator[list[str]]:
    """The lines of files that are not empty, some thousands at a time."""
    for source in sources:
        try:
            with pa.input_stream(str(source)) as stream:
                found: list[str] = []
                for line in codecs.getreader(encoding)(stream):
                    if text := line.strip().removeprefix("\ufeff"):
                        found.append(text)
                    if len(found) == _LINES:
                        yield found
                        found = []
                yield found
        except (pa.ArrowException, UnicodeError, OSError) as error:
            raise DbtRuntimeError(
                f"{source} cannot be read as JSON lines in {encoding}: {error}"
            ) from error


def _object(text: str) -> dict[str, Any] | None:
    """The values of a line as texts; None where it is no JSON object."""
    try:
        found = json.loads(text, parse_float=str, parse_int=str)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _row(text: str, malformed_column: str) -> dict[str, str | None]:
    values = _object(text)
    if values is None:
        return {malformed_column: text}
    return {name: _text(value) for name, value in values.items()}


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
