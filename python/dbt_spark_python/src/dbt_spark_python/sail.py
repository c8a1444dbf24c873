"""Sail, an engine for Spark SQL that needs no Java, inside the dbt process."""

from __future__ import annotations

import atexit
import os
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from dbt_common.exceptions import DbtRuntimeError

from dbt_spark_python.sql_text import columns_clause, literal, quoted, with_names_as_literals
from dbt_spark_python.warehouse import FILES, Column, Record, Warehouse

ADDRESS = "sail"
"""The value of ``spark.remote`` that stands for the engine in this process."""
WAREHOUSE_SETTING = "spark.sql.warehouse.dir"

# Read by Sail when its server starts. A session that is idle while a model is trained in Python
# would lose its tables.
_ENVIRONMENT = {
    "SAIL_SPARK__SESSION_TIMEOUT_SECS": "604800",
    "RUST_LOG": "error",
    # What is sorted or grouped beyond the pool goes to disk; what cannot, fails and says so.
    "SAIL_RUNTIME__MEMORY_POOL__TYPE": "fair",
}
_POOL_VARIABLE = "SAIL_RUNTIME__MEMORY_POOL__FAIR__MAX_SIZE"
_SHARE_OF_MEMORY = 0.2
_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
_PATTERN = re.compile(r"[*?\[\]{}]")
_server: Any = None
_waiting: list[Record] = []
_declaring = threading.Lock()


def serve() -> str:
    """Start the engine, once per process; it ends with the process.

    Returns:
        Its Spark Connect address, which only this machine reaches.

    Raises:
        DbtRuntimeError: Sail is not installed.
    """
    global _server
    if _server is None:
        pool = {_POOL_VARIABLE: str(int(_memory() * _SHARE_OF_MEMORY))}
        for name, value in {**_ENVIRONMENT, **pool}.items():
            os.environ.setdefault(name, value)
        try:
            from pysail.spark import SparkConnectServer
        except ImportError as error:
            raise DbtRuntimeError(
                f"The target needs Sail: {error}. Run `pip install 'dbt-spark-python[sail]'`."
            ) from error
        _server = SparkConnectServer(ip="127.0.0.1", port=0)
        _server.start(background=True)
        atexit.register(_server.stop)
    host, port = _server.listening_address
    return f"sc://{host}:{port}"


def _memory() -> int:
    """Bytes of what this machine or container has."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if _CGROUP_LIMIT.exists() and (limit := _CGROUP_LIMIT.read_text().strip()).isdigit():
        memory = min(memory, int(limit))
    return memory


def require_embedded(mode: str) -> None:
    """Refuse a mode of dbt-sail whose engine is elsewhere: this one runs in the dbt process.

    Raises:
        DbtRuntimeError: the mode is another one than ``embedded``.
    """
    if mode != "embedded":
        raise DbtRuntimeError(
            f"The target has mode: {mode}, and Sail runs inside the dbt process here. Set mode: "
            "embedded in the profile."
        )


def warehouse(settings: Mapping[str, str]) -> Warehouse:
    """The folder of tables that settings name.

    Raises:
        DbtRuntimeError: they name none, or one that Sail cannot use.
    """
    folder = settings.get(WAREHOUSE_SETTING)
    if not folder:
        raise DbtRuntimeError(
            f"The target has no {WAREHOUSE_SETTING} under server_side_parameters: the folder that "
            "Sail keeps its tables in."
        )
    found = Warehouse(Path(folder))
    _require_no_pattern(found.folder)
    return found


def _require_no_pattern(place: Path) -> None:
    """Refuse a place that Sail takes for a pattern: it would find no rows there, silently."""
    if _PATTERN.search(str(place)):
        raise DbtRuntimeError(
            f"Sail finds no files at {place}: a path of its tables must have none of the characters"
            " * ? [ ] { }. Choose another folder, or build with the target embedded."
        )


def require_all_on_record(tables: Warehouse) -> None:
    """Check that nothing is published in Spark's own catalog alone.

    Raises:
        DbtRuntimeError: there may be, which would be lost.
    """
    older = not tables.has_records and (tables.folder.parent / "metastore").exists()
    if older or tables.is_behind:
        raise DbtRuntimeError(
            f"Sail does not know all that is published in {tables.folder}: it was written by an "
            "earlier version, through a server, or as Delta or Iceberg. Run `dbt build` once with "
            "the target embedded and the file format parquet, which puts all of it on record, and "
            "then this again."
        )


def restore(session: Any, tables: Warehouse) -> None:
    """Declare in a new session all that is on record for a folder of tables.

    A view of what only Spark has so far, such as a seed, waits until that is there.
    """
    records = list(tables.records())
    for schema in sorted({record.schema for record in records}):
        session.sql(f"create schema if not exists {quoted(schema)}")
    for record in records:
        if record.location is not None:
            declare(session, tables, record)
        else:
            _waiting.append(record)
    declare_waiting(session, tables)


def declare_waiting(session: Any, tables: Warehouse) -> None:
    """Declare those of the views that wait whose tables are there now."""
    from pyspark.errors import PySparkException

    with _declaring:
        found = True
        while found:
            found = False
            for view in [*_waiting]:
                with suppress(PySparkException):
                    declare(session, tables, view)
                    _waiting.remove(view)
                    found = True


def ensure_files(session: Any, folder: Path, table: str) -> None:
    """Give a table without rows a file with its columns, which Sail writes none of.

    Args:
        session: the Spark session.
        folder: of the files of the table.
        table: its name.
    """
    if not any(folder.glob("*.parquet")):
        from pyarrow import parquet

        folder.mkdir(parents=True, exist_ok=True)
        parquet.write_table(session.table(table).limit(0).toArrow(), folder / "empty.parquet")


def described(session: Any, tables: Warehouse, schema: str, name: str) -> Record | None:
    """What a session shows under a name, None for nothing and for a temporary view."""
    rows = session.sql(f"show table extended in {quoted(schema)} like {literal(name)}").collect()
    found = [row for row in rows if row["tableName"] == name and not row["isTemporary"]]
    if not found:
        return None
    information = found[0]["information"]
    location = re.search("^Location: (.*)$", information, re.MULTILINE)
    text = re.search("^View Text: (.*?)^Schema: ", information, re.MULTILINE | re.DOTALL)
    columns = session.table(f"{quoted(schema)}.{quoted(name)}").schema
    return Record(
        schema=schema,
        name=name,
        text=text[1].strip() if text else FILES,
        columns=tuple(Column(field.name, field.dataType.simpleString()) for field in columns),
        location=tables.relative(location[1]) if location else None,
        is_published=False,
    )


def declare(session: Any, tables: Warehouse, record: Record) -> None:
    """Let the session show what a record says under its name."""
    for statement in statements(tables, record):
        session.sql(statement)


def statements(tables: Warehouse, record: Record) -> Iterator[str]:
    """The SQL that declares a record in a session.

    Raises:
        DbtRuntimeError: Sail cannot read the files of the table where they lie.
    """
    name = f"{quoted(record.schema)}.{quoted(record.name)}"
    if record.location is None:
        columns = columns_clause(record.columns, False)
        # Sail keeps the text of a view without its backticks, and cannot read that again.
        text = with_names_as_literals(record.text)
        yield f"create or replace view {name} ({columns}) as {text}"
        return
    place = tables.folder / record.location
    _require_no_pattern(place)
    comment = f" comment {literal(record.comment)}" if record.comment else ""
    yield f"drop table if exists {name}"
    yield (
        f"create table {name} ({columns_clause(record.columns, True)}) using parquet"
        f" location {literal(str(place))}{comment}"
    )
