"""Sail, an engine for Spark SQL that needs no Java, inside the dbt process."""

from __future__ import annotations

import atexit
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dbt_common.exceptions import DbtRuntimeError

from dbt_spark_python.warehouse import Column, Record, Warehouse

ADDRESS = "sail"
"""The value of ``spark.remote`` that stands for the engine in this process."""
WAREHOUSE_SETTING = "spark.sql.warehouse.dir"

# Read by Sail when its server starts. A session that is idle while a model is trained in Python
# would lose its tables.
_ENVIRONMENT = {"SAIL_SPARK__SESSION_TIMEOUT_SECS": "604800", "RUST_LOG": "error"}
_server: Any = None


def serve() -> str:
    """Start the engine, once per process; it ends with the process.

    Returns:
        Its Spark Connect address, which only this machine reaches.

    Raises:
        DbtRuntimeError: Sail is not installed.
    """
    global _server
    if _server is None:
        for name, value in _ENVIRONMENT.items():
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


def warehouse(settings: Mapping[str, str]) -> Warehouse:
    """The folder of tables that settings name.

    Raises:
        DbtRuntimeError: they name none.
    """
    folder = settings.get(WAREHOUSE_SETTING)
    if not folder:
        raise DbtRuntimeError(
            f"The target has no {WAREHOUSE_SETTING} under server_side_parameters: the folder that "
            "Sail keeps its tables in."
        )
    return Warehouse(Path(folder))


def restore(session: Any, tables: Warehouse) -> None:
    """Declare in a new session all that is published in a folder of tables.

    Raises:
        DbtRuntimeError: a view cannot be declared, as what it reads is not there.
    """
    records = list(tables.records())
    for schema in sorted({record.schema for record in records}):
        session.sql(f"create schema if not exists {_quoted(schema)}")
    for record in records:
        if record.location is not None:
            declare(session, tables, record)
    views = [record for record in records if record.location is None]
    while views:
        failed = [view for view in views if (_failure(session, tables, view))]
        if len(failed) == len(views):
            raise DbtRuntimeError(
                "These views of the warehouse cannot be read by Sail: "
                + "; ".join(
                    f"{view.schema}.{view.name} ({_failure(session, tables, view)})"
                    for view in failed
                )
            )
        views = failed


def declare(session: Any, tables: Warehouse, record: Record) -> None:
    """Let the session show what a record says under its name."""
    for statement in statements(tables, record):
        session.sql(statement)


def statements(tables: Warehouse, record: Record) -> Iterator[str]:
    """The SQL that declares a record in a session."""
    name = f"{_quoted(record.schema)}.{_quoted(record.name)}"
    if record.location is None:
        yield f"create or replace view {name} ({_columns(record.columns, False)}) as {record.text}"
        return
    comment = f" comment {_literal(record.comment)}" if record.comment else ""
    yield f"drop table if exists {name}"
    yield (
        f"create table {name} ({_columns(record.columns, True)}) using parquet"
        f" location {_literal(str(tables.folder / record.location))}{comment}"
    )


def _failure(session: Any, tables: Warehouse, record: Record) -> str:
    from pyspark.errors import PySparkException

    try:
        declare(session, tables, record)
    except PySparkException as error:
        return str(error).splitlines()[0]
    return ""


def _columns(columns: Sequence[Column], with_types: bool) -> str:
    return ", ".join(
        " ".join(
            [
                _quoted(column.name),
                *([column.type] if with_types else []),
                *([f"comment {_literal(column.comment)}"] if column.comment else []),
            ]
        )
        for column in columns
    )


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
