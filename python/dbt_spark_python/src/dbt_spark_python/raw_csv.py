"""Copies CSV files into Parquet, all columns text, no line lost."""

from __future__ import annotations

import codecs
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
from dbt_common.exceptions import DbtRuntimeError
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from dbt_spark_python.csv_encoding import python_name

# Options of Spark's CSV reader, as settings name them. Those of the first line hold for every file.
_FIXED = {"multiLine": "true", "inferSchema": "false"}
_KNOWN = (
    *(
        "sep",
        "delimiter",
        "quote",
        "escape",
        "encoding",
        "charset",
        "comment",
        "skip_lines",
        "header",
    ),
    *_FIXED,
)

_BLOCK_BYTES = 1 << 24
# Takes the place of an escape before Arrow reads: Arrow would take every escape as one, while Spark
# takes only those in a quoted field that stand before a quote or an escape.
_MARK = "\x01"


@dataclass(frozen=True)
class _Dialect:
    separator: str
    quote: str
    escape: str
    encoding: str
    comment: str
    skip_lines: int
    has_header: bool

    @property
    def has_escape(self) -> bool:
        """Whether there is an escape other than a quote before a quote."""
        return bool(self.quote and self.escape) and self.escape != self.quote

    def read_options(self) -> arrow_csv.ReadOptions:
        """For Arrow, which names columns anyhow where there is no header."""
        return arrow_csv.ReadOptions(
            block_size=_BLOCK_BYTES,
            use_threads=False,
            autogenerate_column_names=not self.has_header,
        )

    def names_of(self, found: Sequence[str]) -> list[str]:
        """The names of the columns that Arrow has found."""
        return column_names(found if self.has_header else [""] * len(found))

    def parse_options(self, on_malformed: Any) -> arrow_csv.ParseOptions:
        """For Arrow; ``on_malformed`` is called with each line that does not fit."""
        return arrow_csv.ParseOptions(
            delimiter=self.separator,
            quote_char=self.quote or False,
            double_quote=bool(self.quote),
            escape_char=_MARK if self.has_escape else False,
            newlines_in_values=bool(self.quote),
            invalid_row_handler=on_malformed,
        )


def copy(
    sources: Sequence[Path], options: Mapping[str, Any], folder: Path, malformed_column: str
) -> None:
    """Copy CSV files into one Parquet file.

    Args:
        sources: the files; each begins with the same header, or has as many fields in its first
            line where there is none.
        options: ``sep``, ``quote``, ``escape``, ``comment``, ``encoding`` and ``header``, as
            Spark's CSV reader has them, and ``skip_lines``, how many lines with text stand above
            the header.
        folder: of the Parquet file; it is made.
        malformed_column: name of a further column: the text of a line that has more or fewer
            fields than the header, null for all others. Such a line also has the fields that it
            has, the missing ones null.

    Columns without a name of their own are named as Spark names them.

    Raises:
        DbtRuntimeError: a file cannot be read, has another header, or an option is not known.
    """
    unknown = sorted({name for name in options if name not in _KNOWN})
    if unknown or any(str(options.get(name, on)).lower() != on for name, on in _FIXED.items()):
        raise DbtRuntimeError(
            f"Sail reads CSV files with the options sep, quote, escape, comment, encoding, header "
            f"and skip_lines; "
            f"it has no {', '.join(unknown) or 'other value of ' + ', '.join(_FIXED)}. Leave that "
            "out, or build with the target embedded."
        )
    dialect = _dialect(options)
    folder.mkdir(parents=True, exist_ok=True)
    names: list[str] = []
    writer: parquet.ParquetWriter | None = None
    try:
        for source in sources:
            for batch in _batches(source, dialect, malformed_column):
                found = batch.schema.names
                if writer is None:
                    names = found
                    writer = parquet.ParquetWriter(folder / "lines.parquet", batch.schema)
                if found != names:
                    raise DbtRuntimeError(
                        f"The CSV files do not have the same columns: {sources[0]} has "
                        f"{', '.join(names[:-1])}; {source} has {', '.join(found[:-1])}."
                    )
                if batch.num_rows:
                    writer.write_batch(batch)
    finally:
        if writer is not None:
            writer.close()


def _dialect(options: Mapping[str, Any]) -> _Dialect:
    separator = str(options.get("sep", options.get("delimiter", ",")))
    dialect = _Dialect(
        separator="\t" if separator == r"\t" else separator,
        quote=str(options.get("quote", '"')),
        escape=str(options.get("escape", '"')),
        encoding=python_name(str(options.get("encoding", options.get("charset", "UTF-8")))),
        comment=str(options.get("comment", "")),
        skip_lines=int(options.get("skip_lines", 0)),
        has_header=str(options.get("header", "true")).lower() == "true",
    )
    signs = {
        "sep": dialect.separator,
        "quote": dialect.quote,
        "escape": dialect.escape,
        "comment": dialect.comment,
    }
    for name, sign in signs.items():
        if not sign.isascii() or len(sign) > 1 or (name == "sep" and not sign):
            raise DbtRuntimeError(
                f"Sail reads CSV files with one ASCII character as {name}, which is {sign!r}. "
                "Build with the target embedded, whose Spark reads others."
            )
    return dialect


def _batches(source: Path, dialect: _Dialect, malformed_column: str) -> Iterator[pa.RecordBatch]:
    """The lines of a file. The first batch is empty, for a file that has a header only."""
    malformed: dict[int, list[str]] = {}  # By their number of fields.

    def keep(row: Any) -> str:
        malformed.setdefault(row.actual_columns, []).append(row.text)
        return "skip"

    parse = dialect.parse_options(keep)
    read = dialect.read_options()
    try:
        with _text(source, dialect) as text:
            header = arrow_csv.open_csv(text, read, parse).schema.names
        malformed.clear()
        columns = [*dialect.names_of(header), malformed_column]
        schema = pa.schema([(name, pa.string()) for name in columns])
        yield pa.RecordBatch.from_pylist([], schema)
        with _text(source, dialect) as text:
            for batch in arrow_csv.open_csv(text, read, parse, _as_texts(header)):
                no_text = pa.nulls(batch.num_rows, pa.string())
                yield pa.RecordBatch.from_arrays([*batch.columns, no_text], schema=schema)
        for count, lines in malformed.items():
            fields = _fields(lines, count, dialect).columns[: len(header)]
            missing = [pa.nulls(len(lines), pa.string())] * (len(header) - len(fields))
            if dialect.has_escape:
                lines = [line.replace(_MARK, dialect.escape) for line in lines]
            kept = pa.chunked_array([lines], pa.string())
            yield from pa.Table.from_arrays([*fields, *missing, kept], schema=schema).to_batches()
    except (pa.ArrowException, LookupError, UnicodeError) as error:
        raise DbtRuntimeError(
            f"{source} cannot be read as CSV in {dialect.encoding}: {error}"
        ) from error


@contextmanager
def _text(source: Path, dialect: _Dialect) -> Iterator[Any]:
    """A file as Arrow reads it: decompressed, in UTF-8, with marks in place of escapes."""
    with pa.input_stream(str(source)) as stream:
        blocks = _ended(pa.transcoding_input_stream(stream, dialect.encoding, "utf-8"))
        if dialect.skip_lines:
            blocks = _without_first(blocks, dialect.skip_lines)
        if dialect.comment:
            blocks = _without_comments(blocks, dialect)
        yield io.BufferedReader(_Blocks(_marked(blocks, dialect) if dialect.has_escape else blocks))


class _Blocks(io.RawIOBase):
    """Blocks of bytes as a file."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            self._rest = memoryview(next(self._blocks, b""))
        size = min(len(self._rest), len(buffer))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def _ended(stream: Any) -> Iterator[bytes]:
    """The blocks of a file, and an end of its last line, without which Arrow sees no header."""
    block = b"\n"
    while following := stream.read(_BLOCK_BYTES):
        block = following
        yield block
    if not block.endswith((b"\n", b"\r")):
        yield b"\n"


def _without_first(blocks: Iterator[bytes], count: int) -> Iterator[bytes]:
    """Text without its first lines; empty ones do not count, as in Spark."""
    rest = b""
    for block in blocks:
        if not count:
            yield block
            continue
        rest += block
        while count and (line := re.match(rb"([^\r\n]*)(?:\r\n?|\n)", rest)):
            rest = rest[line.end() :]
            count -= bool(line[1].removeprefix(codecs.BOM_UTF8))
        if not count:
            yield rest


def _without_comments(blocks: Iterable[bytes], dialect: _Dialect) -> Iterator[bytes]:
    """Text without the lines that begin with the sign of comments, other than in a quoted field."""
    quote, comment = (re.escape(sign.encode()) for sign in (dialect.quote, dialect.comment))
    quoted = rb"%b(?:[^%b]|%b%b)*(?P<end>%b)?" % (quote, quote, quote, quote, quote)
    line = rb"(?P<line>(?<![^\r\n])%b[^\r\n]*[\r\n]*)" % comment
    found = re.compile(line + (b"|" + quoted if dialect.quote else b"|(?P<end>(?!))"))
    rest = b""
    for block in chain(blocks, [b""]):
        rest += block
        until = rest.rfind(b"\n") + 1 if block else len(rest)
        kept, at = [], 0
        for match in found.finditer(rest, 0, until):
            if match["line"] is not None:
                kept.append(rest[at : match.start()])
                at = match.end()
            elif block and match["end"] is None:
                until = match.start()
                break
        yield b"".join([*kept, rest[at:until]])
        rest = rest[until:]


def _marked(blocks: Iterable[bytes], dialect: _Dialect) -> Iterator[bytes]:
    """Text with a mark in place of each escape before a quote or an escape in a quoted field."""
    separator, quote, escape = (
        re.escape(sign.encode()) for sign in (dialect.separator, dialect.quote, dialect.escape)
    )
    quoted = re.compile(
        rb"%b(?<![^%b\r\n]%b)(?:[^%b%b]+|%b.|%b%b)*(?P<end>%b)?"
        % (quote, separator, quote, quote, escape, escape, quote, quote, quote),
        re.DOTALL,
    )
    meant = re.compile(rb"%b(?=[%b%b])(.)" % (escape, escape, quote), re.DOTALL)
    mark = _MARK.encode()
    rest = b""
    for block in chain(blocks, [b""]):
        if mark in block:
            raise pa.ArrowInvalid("it has a character U+0001, which stands for an escape here")
        rest += block
        # A field that is not ended waits for the next block.
        until = rest.rfind(b"\n") + 1 if block else len(rest)
        done, at = [], 0
        for field in quoted.finditer(rest, 0, until):
            if block and field["end"] is None:
                until = field.start()
                break
            if dialect.escape.encode() in field[0]:
                done += [rest[at : field.start()], meant.sub(mark + rb"\1", field[0])]
                at = field.end()
        yield b"".join([*done, rest[at:until]])
        rest = rest[until:]


def _as_texts(names: Sequence[str]) -> arrow_csv.ConvertOptions:
    return arrow_csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()),
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=True,
    )


def column_names(header: Sequence[str]) -> list[str]:
    """The names of columns; with its place, as in Spark, where one is missing or not the only."""
    counts = Counter(name.lower() for name in header)
    return [
        f"_c{at}" if not name else f"{name}{at}" if counts[name.lower()] > 1 else name
        for at, name in enumerate(header)
    ]


def _fields(lines: Sequence[str], count: int, dialect: _Dialect) -> pa.Table:
    """The fields of lines that have as many of them."""
    names = [str(at) for at in range(count)]
    read = arrow_csv.ReadOptions(column_names=names, block_size=2 * _BLOCK_BYTES, use_threads=False)
    text = pa.BufferReader("\n".join([*lines, ""]).encode())
    return arrow_csv.read_csv(text, read, dialect.parse_options(None), _as_texts(names))
