"""The Parquet files of a folder of tables, and their rows of customers to erase."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from customer_segmentation.erasure.ids import Finder
from customer_segmentation.erasure.lineage import Lineage
from customer_segmentation.errors import InputError

_GENERATION = re.compile(r"^(?P<name>.+)__[gv]\d{20}$")
_OTHER_FORMATS = {"_delta_log": "Delta", "metadata": "Iceberg"}
_SCHEMA_OF_RAW = "_raw"
_SCHEMA_OF_GENERATIONS = "_generations"
_READ_AT_ONCE = 200_000
_WRITTEN = ".erasing"


@dataclass(frozen=True)
class TableFolder:
    """The folder of a table, or of one generation of it.

    Attributes:
        folder: of its files.
        schema: of the name that readers use.
        name: that they use.
        is_raw_copy: whether it is a copy of a raw file, which every build makes where it is absent.
    """

    folder: Path
    schema: str
    name: str
    is_raw_copy: bool

    @property
    def files(self) -> list[Path]:
        """Its Parquet files, those that a killed build left unfinished among them."""
        return sorted(self.folder.rglob("*.parquet"))


def folders_of(tables: Path, lineage: Lineage) -> list[TableFolder]:
    """The folders that may hold a customer, every generation among them, sorted.

    Raises:
        InputError: a table is in a format whose files cannot be replaced one by one.
    """
    raw_schemas = {f"{schema}{_SCHEMA_OF_RAW}" for schema, _ in lineage.relations}
    found = []
    for folder in sorted(tables.glob("*.db/*")):
        schema = folder.parent.name.removesuffix(".db")
        generation = _GENERATION.match(folder.name)
        name = generation["name"] if generation else folder.name
        is_raw_copy = schema in raw_schemas and name in lineage.raw_tables
        if generation and not is_raw_copy:
            schema = schema.removesuffix(_SCHEMA_OF_GENERATIONS)
        if is_raw_copy or (schema, name) in lineage.relations:
            _require_parquet(folder)
            found.append(TableFolder(folder, schema, name, is_raw_copy))
    return found


def _require_parquet(folder: Path) -> None:
    for inside, name in _OTHER_FORMATS.items():
        if (folder / inside).is_dir():
            raise InputError(
                f"{folder} is a {name} table, whose files hold its past as well. Erase there with "
                f"{name}'s own DELETE and VACUUM (expire_snapshots of Iceberg); this command erases"
                " in Parquet tables. Nothing was erased."
            )


Matcher = Callable[[pa.Table], pa.Array]
"""Of each row whether it is to be erased."""


def rows_of(ids: Iterable[str], finder: Finder, key: str) -> Matcher:
    """Finds the rows whose key is an id, and rows without a key that have an id in a text."""
    wanted = pa.array(ids, pa.string())

    def matched(rows: pa.Table) -> pa.Array:
        if key not in rows.column_names:
            return pa.chunked_array([pa.nulls(len(rows), pa.bool_()).fill_null(False)])
        keys = pc.cast(rows[key], pa.string())
        own = pc.is_in(pc.utf8_trim_whitespace(keys), value_set=wanted)
        if keys.null_count == 0:
            return own
        named = naming_rows(finder)(rows.drop_columns([key]))
        return pc.or_(own, pc.and_(pc.is_null(keys), named))

    return matched


def naming_rows(finder: Finder) -> Matcher:
    """Finds the rows that have an id in a text, as the whole of it or as a word."""

    def matched(rows: pa.Table) -> pa.Array:
        found = pa.chunked_array([pa.nulls(len(rows), pa.bool_()).fill_null(False)])
        for column in rows.columns:
            if is_text(column.type):
                found = pc.or_(found, _has_named(column, finder))
        return found

    return matched


def _has_named(column: pa.ChunkedArray, finder: Finder) -> pa.Array:
    texts = pc.unique(column).drop_null().to_pylist()
    return pc.is_in(column, value_set=pa.array(filter(finder.is_in, texts), pa.string()))


def is_text(of_type: Any) -> bool:
    return bool(
        pa.types.is_string(of_type)
        or pa.types.is_large_string(of_type)
        or pa.types.is_string_view(of_type)
    )


def count(file: Path, matched: Matcher, key: str) -> tuple[int, set[str]]:
    """The number of rows of a Parquet file to erase, and the ids in their column ``key``."""
    found, keys = 0, set()
    for rows in batches(file):
        erased = rows.filter(matched(rows))
        found += len(erased)
        if key in erased.column_names:
            keys |= {f"{each}".strip() for each in pc.unique(erased[key]).to_pylist()}
    return found, keys


def rewrite(file: Path, matched: Matcher) -> None:
    """Leave rows out of a Parquet file, in one step; who has it open reads on in the old one."""
    opened = opened_parquet(file)
    codec = "zstd"
    if opened.metadata.num_row_groups:
        codec = opened.metadata.row_group(0).column(0).compression.lower()
    written = file.with_name(f"{file.name}{_WRITTEN}")
    with parquet.ParquetWriter(
        written,
        _plain_schema(opened.schema_arrow),
        compression="none" if codec == "uncompressed" else codec,
        store_decimal_as_integer=True,
    ) as writer:
        for rows in batches(file):
            writer.write_table(rows.filter(pc.invert(matched(rows))))
    with written.open("rb") as complete:
        os.fsync(complete.fileno())
    # Spark reads a file without a checksum, and refuses one with the checksum of another.
    file.with_name(f".{file.name}.crc").unlink(missing_ok=True)
    written.replace(file)


def remove_unfinished(tables: Path) -> None:
    """Delete what a killed erasure was about to write."""
    for file in tables.rglob(f"*{_WRITTEN}"):
        file.unlink()


def batches(file: Path) -> Iterator[pa.Table]:
    """The rows of a Parquet file, some at once, text as Arrow's ``string``."""
    opened = opened_parquet(file)
    for batch in opened.iter_batches(batch_size=_READ_AT_ONCE):
        yield pa.Table.from_batches([batch]).cast(_plain_schema(opened.schema_arrow))


def opened_parquet(file: Path) -> Any:
    """A Parquet file to read.

    Raises:
        InputError: it is none, or an unfinished one.
    """
    try:
        return parquet.ParquetFile(file)
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(
            f"{file} cannot be read: {error}. Where a killed build has left it, build once more or "
            "delete it; then run this again."
        ) from None


def _plain_schema(schema: pa.Schema) -> pa.Schema:
    """A schema without the views of text that Sail declares, which few functions of Arrow take."""
    fields = [field.with_type(pa.string()) if is_text(field.type) else field for field in schema]
    return pa.schema(fields, schema.metadata)
