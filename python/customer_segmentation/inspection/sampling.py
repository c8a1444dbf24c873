"""Bytes of a file from its beginning, middle and end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

BLOCK_BYTES = 1 << 19
_BLOCKS = 24
_MOST_FILES = 24
# What is read of a compressed file, which has no middle that can be gone to.
_COMPRESSED_BYTES = 1 << 27


@dataclass(frozen=True)
class Block:
    """Bytes in a row.

    Args:
        data: The bytes, decompressed.
        is_first: Whether they begin at the beginning of the file.
        is_last: Whether they end at its end.
    """

    data: bytes
    is_first: bool
    is_last: bool


@dataclass(frozen=True)
class FileSample:
    """Blocks of one file, in their order; the first begins at its beginning.

    Args:
        path: Of the file.
        blocks: At least one.
        size: Bytes of the file, decompressed; None where it was not read to its end.
        is_whole: Whether the blocks are all of the file.
    """

    path: Path
    blocks: tuple[Block, ...]
    size: int | None
    is_whole: bool


def sample_files(paths: Sequence[Path]) -> list[FileSample]:
    """Blocks of files: of all where they are few, else of some between the first and the last."""
    chosen = spread_over(paths, _MOST_FILES)
    blocks = max(2, _BLOCKS // len(chosen))
    return [_sample(path, blocks) for path in chosen]


def spread_over(items: Sequence[Path], most: int) -> list[Path]:
    """At most so many of the items, evenly spread, the first and the last among them."""
    if len(items) <= most:
        return list(items)
    return [items[round(at * (len(items) - 1) / (most - 1))] for at in range(most)]


def _sample(path: Path, blocks: int) -> FileSample:
    if path.suffix.lower() in (".gz", ".bz2"):
        with pa.input_stream(str(path)) as stream:
            data = stream.read(_COMPRESSED_BYTES)
            is_ended = not stream.read(1)
        size = len(data) if is_ended else None
        places = _places(len(data), blocks)
        found = [data[start:end] for start, end in places]
        last = len(data)
    else:
        size = last = path.stat().st_size
        places = _places(size, blocks)
        with path.open("rb") as file:
            found = []
            for start, end in places:
                file.seek(start)
                found.append(file.read(end - start))
        is_ended = True
    return FileSample(
        path=path,
        blocks=tuple(
            Block(data, start == 0, end == last and is_ended)
            for data, (start, end) in zip(found, places, strict=True)
        ),
        size=size,
        is_whole=is_ended and places == [(0, last)],
    )


def _places(size: int, blocks: int) -> list[tuple[int, int]]:
    """Where blocks begin and end: at multiples of 4, as a character may have 4 bytes."""
    if size <= blocks * BLOCK_BYTES:
        return [(0, size)]
    starts = [at * (size - BLOCK_BYTES) // (blocks - 1) // 4 * 4 for at in range(blocks)]
    return [
        (start, size if at == blocks - 1 else start + BLOCK_BYTES)
        for at, start in enumerate(starts)
    ]
