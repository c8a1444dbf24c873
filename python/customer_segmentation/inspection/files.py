"""A sample of raw files: CSV, JSON lines or Parquet."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from customer_segmentation.errors import SegmentationError
from customer_segmentation.inspection.dialect import Dialect, dialect_of
from customer_segmentation.inspection.encoding import UTF_8, Encoding, encoding_of, text_of
from customer_segmentation.inspection.sample import Column, Kind, Sample, counted, text_column
from customer_segmentation.inspection.sampling import FileSample, sample_files, spread_over
from dbt_spark_python.raw_csv import column_names
from dbt_spark_python.warehouse import data_files, ending

_KINDS = {
    **dict.fromkeys(("csv", "tsv", "txt"), "CSV"),
    **dict.fromkeys(("json", "jsonl", "ndjson"), "JSON lines"),
    "parquet": "Parquet",
}
_PARQUET_ROWS = 200_000
_PARQUET_FILES = 12
_SEPARATOR_NAMES = {"\t": "tabs", ";": "semicolons", ",": "commas", "|": "bars"}

# Signs of control, other than those of blanks and ends of lines, as all that is no text has soon.
_NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x19]")
_FIRST_SIGNS = 500


class RawDataError(SegmentationError):
    """Raw data that cannot be looked at; the message says what to do."""


def sample_of_path(path: str) -> Sample:
    """Rows of a file, of the files in a folder, or of those that a pattern stands for.

    Raises:
        RawDataError: There is no file, they are of several kinds or of one that is not read, or
            they cannot be read.
    """
    paths = data_files(path)
    if not paths:
        raise RawDataError(f"There is no file at {path}. Give a file, a folder or a pattern.")
    kinds = {_KINDS.get(ending(file.name), f".{ending(file.name)}") for file in paths}
    if len(kinds) > 1 or not kinds <= set(_KINDS.values()):
        raise RawDataError(
            f"{path} has files of the kinds {', '.join(sorted(kinds))}. A build reads CSV (.csv, "
            ".tsv, .txt), JSON lines (.json, .jsonl, .ndjson), each also with .gz or .bz2, or "
            "Parquet (.parquet), of one kind at a time. Give the files of one kind, such as "
            f"{path.rstrip('/')}/*.csv, or rename or convert them."
        )
    filled = [file for file in paths if file.stat().st_size]
    if not filled:
        raise RawDataError(f"{path} has no content.")
    try:
        if kinds == {"Parquet"}:
            return _parquet(filled)
        files = sample_files(filled)
        return (_csv if kinds == {"CSV"} else _json)(files, len(filled))
    except (OSError, pa.ArrowException, EOFError) as error:
        raise RawDataError(f"{path} cannot be read: {error}") from None


def _csv(files: Sequence[FileSample], count: int) -> Sample:
    encoding = _encoding(files)
    beginning = text_of(files[0].blocks[0], encoding)
    if not beginning.strip():
        raise RawDataError(f"{files[0].path} has no content.")
    if _NO_TEXT.search(beginning[:_FIRST_SIGNS]):
        raise RawDataError(
            f"{files[0].path} begins with signs that no text has. An Excel workbook or an archive "
            "is no CSV file under another name: save it as CSV, or unpack it."
        )
    dialect = dialect_of(beginning)
    names = column_names(dialect.header)
    if len(names) < 2:
        raise RawDataError(
            f"{files[0].path} has no two fields in a line, by whichever separator. A CSV file has "
            "a header and fields separated by one character."
        )
    rows: list[list[str]] = []
    size = widths_odd = 0
    other_headers = []
    for file in files:
        for block in file.blocks:
            text = text_of(block, encoding)
            found = _rows_in_step(dialect, text, len(names))
            if block.is_first:
                header, found = _without_header(dialect, found)
                if header and header != dialect.header:
                    other_headers.append(file.path.name)
            fits = [row for row in found if _fits(row, len(names))]
            widths_odd += len(found) - len(fits)
            rows += fits
            size += len(text.encode(encoding.python, errors="replace"))
    if other_headers:
        raise RawDataError(
            f"The files do not have the same header: {', '.join(other_headers[:3])} differ from "
            f"{files[0].path.name}. Give a pattern of files with one header."
        )
    if not rows:
        raise RawDataError(f"{files[0].path} has no line beside its header.")
    _require_header(dialect, rows, files[0].path)
    columns = [
        text_column(name, [row[at] if at < len(row) else "" for row in rows])
        for at, name in enumerate(names)
    ]
    odd = []
    if widths_odd:
        odd.append(
            f"{counted(widths_odd, widths_odd + len(rows))} lines have more or fewer fields than "
            "the header; they are rejected as malformed_line"
        )
    separated = _SEPARATOR_NAMES.get(dialect.separator, dialect.separator)
    return Sample(
        what=f"CSV, fields separated by {separated}, encoding {encoding.name}",
        columns=tuple(columns),
        rows=len(rows),
        odd=tuple(odd),
        csv=_csv_setting(dialect, encoding, files[0].path),
        **_said_of_text(files, count, encoding, len(rows) + widths_odd, size),
    )


def _csv_setting(dialect: Dialect, encoding: Encoding, path: Path) -> dict[str, Any]:
    """What the setting needs: only what is not as a build takes it anyway."""
    setting: dict[str, Any] = {}
    if dialect.separator != ("\t" if ending(path.name) == "tsv" else ","):
        setting["sep"] = dialect.separator
    if encoding.name != UTF_8:
        setting["encoding"] = encoding.name
    if dialect.quote != '"':
        setting |= {"quote": dialect.quote, "escape": dialect.quote}
    elif dialect.escape != '"':
        setting["escape"] = dialect.escape
    if dialect.comment:
        setting["comment"] = dialect.comment
    if dialect.skip_lines:
        setting["skip_lines"] = dialect.skip_lines
    return setting


def _rows_in_step(dialect: Dialect, text: str, width: int) -> list[list[str]]:
    """Rows of text that may begin in a quoted field: from the line on where rows fit."""
    head = text[: text.find("\n", 20_000) + 1 or None]
    lines = head.splitlines(keepends=True)
    for at in range(min(20, len(lines))):
        rows = dialect.rows("".join(lines[at : at + 12]))[:10]
        if sum(_fits(row, width) for row in rows) >= 0.8 * len(rows):
            return dialect.rows(text[sum(map(len, lines[:at])) :])
    return dialect.rows(text)


def _fits(row: Sequence[str], width: int) -> bool:
    """Whether a row has as many fields as the header, or more that are all empty."""
    return len(row) >= width and not any(row[width:])


def _without_header(
    dialect: Dialect, rows: list[list[str]]
) -> tuple[tuple[str, ...] | None, list[list[str]]]:
    """The header of a file and the rows below it."""
    for at, row in enumerate(rows[: dialect.skip_lines + 5]):
        if tuple(row) == dialect.header:
            return dialect.header, rows[at + 1 :]
    below = rows[dialect.skip_lines :]
    return (tuple(below[0]), below[1:]) if below else (None, [])


def _require_header(dialect: Dialect, rows: Sequence[Sequence[str]], path: Path) -> None:
    """Refuse a file whose first line is data: a header has names, which are no numbers."""
    numbers = [at for at, name in enumerate(dialect.header) if re.search(r"[0-9]", name)]
    alike = sum(
        1
        for at in numbers
        if all(_shape(row[at]) == _shape(dialect.header[at]) for row in rows[:20])
    )
    if alike and 2 * alike >= len(numbers):
        raise RawDataError(
            f"{path} has no header: its first line is {dialect.separator.join(dialect.header)}, "
            "which looks as the lines below it do. Write a line with the names of the columns "
            "above it."
        )


def _shape(text: str) -> str:
    """A text with each run of digits as one."""
    return re.sub(r"[0-9]+", "9", text)


def _json(files: Sequence[FileSample], count: int) -> Sample:
    encoding = _encoding(files)
    objects: list[dict[str, Any]] = []
    size = no_objects = 0
    for file in files:
        for block in file.blocks:
            text = text_of(block, encoding)
            lines = [line for line in text.splitlines() if line.strip()]
            if block.is_first and lines and lines[0].lstrip().startswith("["):
                raise RawDataError(
                    f"{file.path} is one JSON array. A build reads JSON lines, an object in each "
                    "line: jq -c '.[]' FILE > FILE.jsonl makes them of it."
                )
            found = [parsed for line in lines if (parsed := _object(line)) is not None]
            no_objects += len(lines) - len(found)
            size += len(text.encode(encoding.python, errors="replace"))
            objects += found
    if not objects:
        raise RawDataError(f"{files[0].path} has no line with a JSON object.")
    names = sorted({name for item in objects for name in item})
    columns = [text_column(name, [_text(item.get(name)) for item in objects]) for name in names]
    odd = []
    if no_objects:
        odd.append(
            f"{counted(no_objects, no_objects + len(objects))} lines are no JSON object; they are "
            "rejected as malformed_line"
        )
    nested = [
        name for name in names if any(isinstance(item.get(name), dict | list) for item in objects)
    ]
    if nested:
        odd.append(
            f"{', '.join(nested)} have objects or lists in them, which stay JSON text; a value in "
            f"them is mapped as get_json_object({nested[0]}, '$.name')"
        )
    return Sample(
        what=f"JSON lines, encoding {encoding.name}",
        columns=tuple(columns),
        rows=len(objects),
        odd=tuple(odd),
        csv={} if encoding.name == UTF_8 else {"encoding": encoding.name},
        **_said_of_text(files, count, encoding, len(objects) + no_objects, size),
    )


def _object(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line, parse_float=str, parse_int=str)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)


def _encoding(files: Sequence[FileSample]) -> Encoding:
    """The encoding of the first file in which characters beyond ASCII tell it."""
    found = [encoding_of(file.blocks) for file in files]
    return next((item for item in found if "ASCII" not in item.reason), found[0])


def _said_of_text(
    files: Sequence[FileSample], count: int, encoding: Encoding, lines: int, size: int
) -> dict[str, Any]:
    """What a sample of text files says of itself: how many lines there are, and its encoding."""
    is_whole = len(files) == count and all(file.is_whole for file in files)
    sizes = [file.size for file in files]
    total = None
    if None not in sizes:
        total = round(sum(item or 0 for item in sizes) * count / len(files) * lines / max(1, size))
    said = f"encoding {encoding.name}: {encoding.reason}"
    return {
        "total": total,
        "is_whole": is_whole,
        "places": "" if is_whole else _places(files, count),
        "sure": (said,) if encoding.is_sure and encoding.name != UTF_8 else (),
        "guessed": () if encoding.is_sure else (said,),
    }


def _places(files: Sequence[FileSample], count: int) -> str:
    blocks = sum(len(file.blocks) for file in files)
    of_files = f" of {len(files)} of {count} files" if count > 1 else ""
    if any(file.size is None for file in files):
        return f"from {blocks} places in what is compressed in the first 128 MB{of_files}"
    return f"from {blocks} places between beginning and end{of_files}"


def _parquet(paths: Sequence[Path]) -> Sample:
    chosen = spread_over(paths, _PARQUET_FILES)
    tables, total, is_whole = [], 0, len(chosen) == len(paths)
    for path in chosen:
        file = parquet.ParquetFile(path)
        total += file.metadata.num_rows
        table, is_all = _rows_of_parquet(file, _PARQUET_ROWS // len(chosen))
        tables.append(table)
        is_whole = is_whole and is_all
    table = pa.concat_tables(tables, promote_options="permissive")
    columns = tuple(typed_column(name, table.column(name)) for name in table.column_names)
    return Sample(
        what="Parquet",
        columns=columns,
        rows=table.num_rows,
        total=total * len(paths) // len(chosen),
        is_whole=is_whole,
        places="" if is_whole else "from row groups between beginning and end",
    )


def _rows_of_parquet(file: Any, most: int) -> tuple[Any, bool]:
    """Rows of the first, the middle and the last row group; all where they are few."""
    rows, groups = file.metadata.num_rows, file.metadata.num_row_groups
    if rows <= 3 * most or not groups:
        return file.read(), True
    chosen = sorted({0, groups // 2, groups - 1})
    parts = []
    for group in chosen:
        table = file.read_row_group(group)
        step = max(1, table.num_rows * len(chosen) // most)
        parts.append(table.take(pa.array(range(0, table.num_rows, step))))
    return pa.concat_tables(parts), False


def typed_column(name: str, values: Any) -> Column:
    """A column of any type of Arrow."""
    kind = values.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind):
        return text_column(name, values.to_pylist())
    if pa.types.is_dictionary(kind):
        return typed_column(name, values.cast(kind.value_type))
    found: Kind = "other"
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        found = "number"
    elif pa.types.is_temporal(kind):
        found = "time"
    texts = [None if item is None or item != item else _plain(item) for item in values.to_pylist()]
    return Column(name, found, pd.Series(texts, dtype="object"))


def _plain(value: Any) -> str:
    """A value as text; a whole number that is stored as another one without its point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
