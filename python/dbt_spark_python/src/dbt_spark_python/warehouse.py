"""What is published in a folder of tables, on record beside the catalogs of engines.

A relation has one JSON file, ``_published/<schema>/<name>.json``, in the folder of tables. It is
replaced in one step: that step is the publication. A process that is killed leaves the old file or
the new one, and either names rows that are complete.
"""

from __future__ import annotations

import glob
import json
import os
import re
import shutil
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import chain
from pathlib import Path
from typing import IO

from dbt_common.exceptions import DbtRuntimeError

from dbt_spark_python import waiting

FILES = "files"
"""The text of a table that is no generation of a published name."""

_RECORDS = "_published"
_BEHIND = "behind"
_GENERATION = re.compile(r"^(?P<name>.+)__[gv](?P<time>\d{20})$")

# Open while this process writes to their folders.
_locks: dict[Path, IO[str]] = {}


@dataclass(frozen=True)
class Column:
    """A column of a relation, its type as Spark SQL writes it."""

    name: str
    type: str
    comment: str = ""


@dataclass(frozen=True)
class Record:
    """What readers find under a name.

    Attributes:
        schema: schema of the name.
        name: the name.
        text: the query that the name stands for; ``select * from`` a generation for a table.
        columns: in their order.
        location: of a table, the folder of its Parquet files, relative to the folder of tables.
        properties: what is kept with the relation.
        comment: what it is.
        is_in_metastore: whether Spark's own catalog shows it.
        is_published: whether every engine shows it; seeds and raw tables each declares itself.
    """

    schema: str
    name: str
    text: str
    columns: tuple[Column, ...]
    location: str | None = None
    properties: dict[str, str] = field(default_factory=dict, hash=False)
    comment: str = ""
    is_in_metastore: bool = False
    is_published: bool = True

    @property
    def information(self) -> str:
        """In the words of Spark's ``show table extended``, in which dbt looks for them."""
        lines = [
            f"Database: {self.schema}",
            f"Table: {self.name}",
            f"Type: {'VIEW' if self.is_published else 'EXTERNAL'}",
            *([f"Comment: {self.comment}"] if self.comment else []),
            f"View Text: {self.text}",
            *(f"{name}={value}" for name, value in self.properties.items()),
        ]
        return "\n".join(lines) + "\n"


class Warehouse:
    """A folder of tables on this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(os.path.normpath(folder.absolute()))

    def location(self, schema: str, name: str) -> Path:
        """The folder of the files of a table."""
        return self.folder / f"{schema}.db" / name

    def relative(self, location: str) -> str:
        """A location in this folder relative to it; another one as it is."""
        path = Path(os.path.normpath(location))
        return str(path.relative_to(self.folder)) if self.folder in path.parents else location

    def records(self, schema: str = "*") -> Iterator[Record]:
        """All that is published, or that of a schema, sorted by schema and name."""
        for path in sorted((self.folder / _RECORDS).glob(f"{schema}/*.json")):
            yield _read(path)

    def publish(self, record: Record) -> None:
        """Let a name show what the record says, in one step."""
        path = self._path(record.schema, record.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        written = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}.tmp")
        with written.open("w", encoding="utf-8") as file:
            json.dump(asdict(record), file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        written.replace(path)

    def record(self, schema: str, name: str) -> Record | None:
        """What a name shows, None where it is not on record."""
        path = self._path(schema, name)
        return _read(path) if path.exists() else None

    def forget(self, schema: str, name: str) -> None:
        """Take a name out; its files stay."""
        self._path(schema, name).unlink(missing_ok=True)

    def remove(self, location: str) -> None:
        """Delete the files of a table, where they lie in this folder."""
        folder = Path(os.path.normpath(self.folder / location))
        if self.folder in folder.parents:
            shutil.rmtree(folder, ignore_errors=True)

    def remove_generations(self, schema: str, name: str, before: str, kept: int = 0) -> None:
        """Delete the files of the generations of a name that are older than one of them.

        Args:
            schema: schema of the generations.
            name: the published name.
            before: the generation that stays, and all that are newer.
            kept: of those that are older, how many stay, the newest.
        """
        shown = _GENERATION.match(before)
        if shown is None:
            return
        older = []
        for folder in (self.folder / f"{schema}.db").glob(f"{name}__*"):
            found = _GENERATION.match(folder.name)
            if found and found["name"] == name and found["time"] < shown["time"]:
                older.append((found["time"], folder))
        for _, folder in sorted(older, reverse=True)[kept:]:
            shutil.rmtree(folder, ignore_errors=True)

    def lock(self) -> None:
        """Keep other processes from writing here until this one ends.

        Waits some seconds for a process that is about to end.

        Raises:
            DbtRuntimeError: another process writes here.
        """
        if self.folder in _locks or sys.platform == "win32":
            return  # Windows has no such locks.
        import fcntl

        file = (self._records() / "lock").open("w")

        def is_locked() -> bool:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        if not waiting.until(is_locked):
            file.close()
            raise DbtRuntimeError(
                f"Another process uses this warehouse: {self.folder} is locked. Wait for it to end "
                "(another dbt, a local server)."
            )
        _locks[self.folder] = file

    def unlock(self) -> None:
        """Let other processes write here; nothing where this one does not keep them from it."""
        file = _locks.pop(self.folder, None)
        if file is not None:
            file.close()

    @property
    def is_behind(self) -> bool:
        """Whether Spark's own catalog may show what is not on record."""
        return (self.folder / _RECORDS / _BEHIND).exists()

    def mark_behind(self) -> None:
        """Remember that Spark's own catalog may show what is not on record."""
        (self._records() / _BEHIND).touch()

    def mark_complete(self) -> None:
        """Remember that all is on record."""
        (self._records() / _BEHIND).unlink(missing_ok=True)

    @property
    def has_records(self) -> bool:
        """Whether anything was ever put on record here."""
        return (self.folder / _RECORDS).exists()

    def _records(self) -> Path:
        folder = self.folder / _RECORDS
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _path(self, schema: str, name: str) -> Path:
        return self.folder / _RECORDS / schema / f"{name}.json"


def data_files(path: str) -> list[Path]:
    """The files at a path of this machine, sorted: a file, those in a folder, or of a pattern.

    A pattern has ``*``, ``?``, ``[...]`` or ``{a,b}``, as Spark has them. Names that begin with
    ``_`` or ``.`` are left out, as engines leave them out.
    """
    found: set[Path] = set()
    place = path.removeprefix("file://")
    roots = [place] if Path(place).exists() else [*chain(*map(glob.glob, _alternatives(place)))]
    for root in map(Path, roots):
        files = [root] if root.is_file() else root.rglob("*")
        for file in files:
            hidden = (part.startswith(("_", ".")) for part in file.relative_to(root).parts)
            if file.is_file() and not any(hidden):
                found.add(file)
    return sorted(found)


def ending(name: str) -> str:
    """What the name of a file ends with, in small letters and without that of a compression."""
    plain = re.sub(r"[.](gz|bz2)$", "", name.lower())
    return plain.rpartition(".")[2] if "." in plain else ""


def _alternatives(pattern: str) -> list[str]:
    """The patterns that one with ``{a,b}`` stands for."""
    found = re.search(r"{([^{}]*)}", pattern)
    if found is None:
        return [pattern]
    before, after = pattern[: found.start()], pattern[found.end() :]
    return [
        each for choice in found[1].split(",") for each in _alternatives(before + choice + after)
    ]


def _read(path: Path) -> Record:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        columns = tuple(Column(**column) for column in values.pop("columns"))
        return Record(columns=columns, **values)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise DbtRuntimeError(
            f"{path} does not say what is published under its name: {error}. Delete it, and build "
            "that table again."
        ) from error
