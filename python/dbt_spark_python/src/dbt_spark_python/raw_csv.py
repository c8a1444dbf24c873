"""Copies CSV files into Parquet, all columns text, no line lost."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dbt_common.exceptions import DbtRuntimeError

if TYPE_CHECKING:  # Spark does without.
    import pyarrow as pa
    from pyarrow import parquet

# Options of Spark's CSV reader, as settings name them. Those of the first line hold for every file.
_FIXED = {"header": "true", "multiLine": "true", "inferSchema": "false"}
_KNOWN = ("sep", "delimiter", "quote", "escape", "encoding", "charset", *_FIXED)


def files(path: str) -> list[Path]:
    """The files at a path of this machine, sorted.

    Names that begin with ``_`` or ``.`` are left out, as engines leave them out.
    """
    root = Path(path.removeprefix("file://"))
    if root.is_file():
        return [root]
    return sorted(
        file
        for file in root.rglob("*")
        if file.is_file()
        and not any(part.startswith(("_", ".")) for part in file.relative_to(root).parts)
    )


def copy(
    sources: Sequence[Path], options: Mapping[str, Any], folder: Path, malformed_column: str
) -> None:
    """Copy CSV files into one Parquet file.

    Args:
        sources: the files; each begins with the same header.
        options: ``sep``, ``quote``, ``escape`` and ``encoding``, as Spark's CSV reader has them.
        folder: of the Parquet file; it is made.
        malformed_column: name of a further column: the text of a line that has more or fewer
            fields than the header, null for all others. Such a line also has the fields that it
            has, the missing ones null.

    Raises:
        DbtRuntimeError: a file cannot be read, has another header, or an option is not known.
    """
    unknown = sorted({name for name in options if name not in _KNOWN})
    if unknown or any(str(options.get(name, on)).lower() != on for name, on in _FIXED.items()):
        raise DbtRuntimeError(
            f"Sail reads CSV files with the options sep, quote, escape and encoding, and a header; "
            f"it has no {', '.join(unknown) or 'other value of ' + ', '.join(_FIXED)}. Leave that "
            "out, or build with the target embedded."
        )
    from pyarrow import parquet

    folder.mkdir(parents=True, exist_ok=True)
    names: list[str] = []
    writer: parquet.ParquetWriter | None = None
    try:
        for source in sources:
            for batch in _batches(source, options, malformed_column):
                found = batch.schema.names
                if writer is None:
                    names = found
                    writer = parquet.ParquetWriter(folder / "lines.parquet", batch.schema)
                if found != names:
                    raise DbtRuntimeError(
                        f"The CSV files do not have the same columns: {sources[0]} has "
                        f"{', '.join(names[:-1])}; {source} has {', '.join(found[:-1])}."
                    )
                writer.write_batch(batch)
    finally:
        if writer is not None:
            writer.close()


def _batches(
    source: Path, options: Mapping[str, Any], malformed_column: str
) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    separator = str(options.get("sep", options.get("delimiter", ",")))
    quote = str(options.get("quote", '"')) or None
    escape = str(options.get("escape", '"'))
    malformed: list[str] = []

    def keep(row: Any) -> str:
        malformed.append(row.text)
        return "skip"

    parse = arrow_csv.ParseOptions(
        delimiter=separator,
        quote_char=quote or False,
        double_quote=escape == quote,
        escape_char=False if escape == quote else escape,
        newlines_in_values=True,
        invalid_row_handler=keep,
    )
    read = arrow_csv.ReadOptions(
        encoding=str(options.get("encoding", options.get("charset", "UTF-8"))),
        block_size=1 << 24,
        use_threads=False,
    )
    try:
        with pa.input_stream(str(source)) as stream:
            names = arrow_csv.open_csv(stream, read, parse).schema.names
        convert = arrow_csv.ConvertOptions(
            column_types={name: pa.string() for name in names},
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        )
        malformed.clear()
        schema = pa.schema([(name, pa.string()) for name in [*names, malformed_column]])
        with pa.input_stream(str(source)) as stream:
            for batch in arrow_csv.open_csv(stream, read, parse, convert):
                lines = pa.nulls(batch.num_rows, pa.string())
                yield pa.RecordBatch.from_arrays([*batch.columns, lines], schema=schema)
    except (pa.ArrowException, LookupError, UnicodeError) as error:
        raise DbtRuntimeError(f"{source} cannot be read as CSV: {error}") from error
    if malformed:
        rows = [_fields(text, separator, quote, len(names)) for text in malformed]
        columns = [pa.array(values, pa.string()) for values in zip(*rows, strict=True)]
        yield pa.RecordBatch.from_arrays(
            [*columns, pa.array(malformed, pa.string())], schema=schema
        )


def _fields(text: str, separator: str, quote: str | None, count: int) -> list[str | None]:
    """The fields that a line has, as many as there are columns."""
    lines = text.splitlines(keepends=True)
    if quote:
        reader = csv.reader(lines, delimiter=separator, quotechar=quote)
    else:
        reader = csv.reader(lines, delimiter=separator, quoting=csv.QUOTE_NONE)
    found = next(reader, [])
    return [*(field or None for field in found[:count]), *[None] * (count - len(found))]
