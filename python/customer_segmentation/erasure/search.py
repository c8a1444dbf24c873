"""A search of all files of a warehouse for ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from customer_segmentation.erasure.ids import Finder
from customer_segmentation.erasure.tables import is_text, opened_parquet

_READ_AT_ONCE = 200_000
_BYTES_AT_ONCE = 4_000_000
_OVERLAP = 4_000


@dataclass(frozen=True)
class Hit:
    """A place where an id was found.

    Attributes:
        file: the file.
        column: of a Parquet file, with the names of the columns that it stands in; else empty.
        values: number of different values there.
    """

    file: Path
    column: str
    values: int


@dataclass(frozen=True)
class Searched:
    """What was searched and found."""

    parquet_files: int
    other_files: int
    hits: tuple[Hit, ...]


def search(folders: list[Path], finder: Finder, key: str, apart_from: Path) -> Searched:
    """Look for ids in every file of some folders and in the names of their files.

    Args:
        folders: looked through to the bottom.
        finder: of the ids and their hashes.
        key: a column looked through whatever its type is; of all others those of text are.
        apart_from: the folder of the suppression lists, which are hashes and nothing else.
    """
    hits: list[Hit] = []
    counted: Counter[bool] = Counter()
    files = [(folder, file) for folder in folders for file in sorted(folder.rglob("*"))]
    for folder, file in files:
        if not file.is_file() or apart_from in file.parents:
            continue
        is_parquet = file.suffix == ".parquet"
        counted[is_parquet] += 1
        if any(map(finder.is_in, file.relative_to(folder).parts)):
            hits.append(Hit(file, "", 1))
        hits += _in_parquet(file, finder, key) if is_parquet else _in_bytes(file, finder)
    return Searched(counted[True], counted[False], tuple(hits))


def _in_parquet(file: Path, finder: Finder, key: str) -> Iterator[Hit]:
    found: Counter[str] = Counter()
    for batch in opened_parquet(file).iter_batches(batch_size=_READ_AT_ONCE):
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            texts_of = pc.cast(column, pa.string()) if name == key else column
            for place, texts in _texts(name, texts_of):
                values = pc.unique(texts).drop_null().to_pylist()
                found[place] += sum(map(finder.is_in, values))
    for place, values in found.items():
        if values:
            yield Hit(file, place, values)


def _texts(name: str, column: pa.Array) -> Iterator[tuple[str, pa.Array]]:
    """The texts in a column, also those in its lists, maps and structs, with their place."""
    kind = column.type
    if is_text(kind):
        yield name, column
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        texts = [
            None if each is None else each.decode("utf-8", "replace") for each in column.to_pylist()
        ]
        yield name, pa.array(texts, pa.string())
    elif pa.types.is_dictionary(kind):
        yield from _texts(name, column.dictionary)
    elif pa.types.is_map(kind):
        yield from _texts(f"{name}.key", column.keys)
        yield from _texts(f"{name}.value", column.items)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        yield from _texts(name, column.flatten())
    elif pa.types.is_struct(kind):
        for field, child in zip(kind, column.flatten(), strict=True):
            yield from _texts(f"{name}.{field.name}", child)


def _in_bytes(file: Path, finder: Finder) -> Iterator[Hit]:
    before = b""
    with file.open("rb") as opened:
        while block := opened.read(_BYTES_AT_ONCE):
            if finder.is_in((before + block).decode("utf-8", "replace")):
                yield Hit(file, "", 1)
                return
            before = block[-_OVERLAP:]
