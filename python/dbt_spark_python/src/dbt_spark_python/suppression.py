"""Ids that a folder of tables keeps out of what is built in it, as salted hashes.

A list is one JSON file, ``_erasure/suppressed/<name>.json``, in the folder of tables. The salt is
in an environment variable alone: whoever has the files has no way to try ids. In a build the hashes
and the salt are temporary views of its session, so that no compiled statement has the salt.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from dbt_common.exceptions import DbtRuntimeError

from dbt_spark_python.of_adapter import session_of, warehouse_of
from dbt_spark_python.warehouse import Warehouse

FOLDER = "_erasure"
HASHES_VIEW = "suppressed_ids"
SALT_VIEW = "suppression_salt"
_LISTS = "suppressed"
_LEAST_CHARACTERS = 16


@dataclass(frozen=True)
class SuppressionList:
    """Hashes of the ids that are kept out.

    Attributes:
        name: of the list.
        nodes: dbt's ids of the nodes that they are kept out of, and of all that these are made
            from.
        key: their column that holds the id.
        salt_check: what tells the salt from another one.
        hashes: of the ids, sorted.
    """

    name: str
    nodes: tuple[str, ...]
    key: str
    salt_check: str
    hashes: tuple[str, ...]


def salted_hash(salt: str, value: str) -> str:
    """What `sha2(concat(salt, value), 256)` is in SQL."""
    return hashlib.sha256((salt + value).encode()).hexdigest()


def salt_of(variable: str) -> str:
    """The salt in an environment variable.

    Raises:
        DbtRuntimeError: there is none, or one that can be guessed.
    """
    salt = os.environ.get(variable, "")
    if not salt:
        raise DbtRuntimeError(
            f"The environment variable {variable} is not set. It is the salt of the hashes by "
            "which erased customers are kept out: set it to the same secret text in every run."
        )
    if len(salt) < _LEAST_CHARACTERS:
        raise DbtRuntimeError(
            f"The environment variable {variable} has {len(salt)} characters. With so short a "
            f"salt ids can be found from their hashes: set it to {_LEAST_CHARACTERS} characters or "
            "more, drawn at random."
        )
    return salt


def lists(tables: Warehouse) -> list[SuppressionList]:
    """All lists of a folder of tables, sorted by name.

    Raises:
        DbtRuntimeError: a file does not hold a list.
    """
    return [*_lists(tables.folder, state(tables))]


def add(
    tables: Warehouse,
    name: str,
    nodes: Sequence[str],
    key: str,
    salt: str,
    values: Iterable[str],
) -> SuppressionList:
    """Keep further ids out from now on, in one step; the list is written anew also for no new one.

    Raises:
        DbtRuntimeError: the salt is not the one of the lists that are there.
    """
    found = lists(tables)
    require_salt(found, salt)
    known = {hash_ for each in found if each.name == name for hash_ in each.hashes}
    hashes = tuple(sorted(known | {salted_hash(salt, value) for value in values}))
    added = SuppressionList(name, tuple(nodes), key, _check(salt), hashes)
    path = tables.folder / FOLDER / _LISTS / f"{name}.json"
    write_whole(path, json.dumps(asdict(added), indent=1))
    return added


def require_salt(found: Sequence[SuppressionList], salt: str) -> None:
    """Check that lists were made with a salt.

    Raises:
        DbtRuntimeError: one was made with another.
    """
    others = [each.name for each in found if each.salt_check != _check(salt)]
    if others:
        raise DbtRuntimeError(
            "Erased customers would come back: the salt is not the one that the customers of "
            f"{', '.join(others)} were erased with. Set the environment variable to that one."
        )


def write_whole(path: Path, text: str) -> None:
    """Replace a file in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_suffix(".tmp")
    with written.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    written.replace(path)


def state(tables: Warehouse) -> str:
    """Changes with every erasure; empty where there was none."""
    found = [path.stat() for path in _files(tables)]
    return "-".join(f"{each.st_mtime_ns}.{each.st_size}" for each in found)


def declare(session: Any, found: Sequence[SuppressionList], salt: str) -> None:
    """Let the statements of a session read lists and salt, as temporary views.

    ``suppressed_ids`` has the columns ``list_name`` and ``id_hash``, ``suppression_salt`` one row
    with ``salt``.
    """
    rows = [(each.name, hash_) for each in found for hash_ in each.hashes]
    hashes = session.createDataFrame(rows, "list_name string, id_hash string")
    hashes.createOrReplaceTempView(HASHES_VIEW)
    session.createDataFrame([(salt,)], "salt string").createOrReplaceTempView(SALT_VIEW)


def suppression_lists(adapter: Any) -> list[dict[str, Any]]:
    """``name``, ``nodes`` and ``key`` of each list of ids that are kept out; none on a server."""
    tables = warehouse_of(adapter)
    found = [] if tables is None else lists(tables)
    return [{"name": each.name, "nodes": list(each.nodes), "key": each.key} for each in found]


def suppression_state(adapter: Any) -> str:
    """A text that changes with every erasure; empty where there was none."""
    tables = warehouse_of(adapter)
    return "" if tables is None else state(tables)


def declare_suppressed(adapter: Any, variable: str) -> None:
    """Let the statements of this run read who is kept out; see :func:`declare`.

    Args:
        variable: the environment variable with the salt.

    Raises:
        DbtRuntimeError: it has none, or another than the lists were made with.
    """
    tables = warehouse_of(adapter)
    found = [] if tables is None else lists(tables)
    if found:
        salt = salt_of(variable)
        require_salt(found, salt)
        declare(session_of(adapter), found, salt)


@lru_cache(maxsize=1)  # A build asks several times for each model.
def _lists(folder: Path, _state: str) -> tuple[SuppressionList, ...]:
    return tuple(_read(path) for path in _files(Warehouse(folder)))


def _files(tables: Warehouse) -> list[Path]:
    return sorted((tables.folder / FOLDER / _LISTS).glob("*.json"))


def _check(salt: str) -> str:
    return salted_hash(salt, "\0salt")


def _read(path: Path) -> SuppressionList:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        # Lists of before had one node.
        nodes = [values.pop("node")] if "node" in values else values["nodes"]
        return SuppressionList(
            **{**values, "nodes": tuple(nodes), "hashes": tuple(values["hashes"])}
        )
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DbtRuntimeError(
            f"{path} does not say who is kept out: {error}. Restore it from a backup, or erase "
            "those customers again: without it they would come back."
        ) from error
