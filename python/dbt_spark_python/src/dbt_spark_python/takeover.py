"""Shows in Spark's own catalog what another engine published."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import PurePath

from dbt.adapters.events.logging import AdapterLogger

from dbt_spark_python import metastore
from dbt_spark_python.sql_text import columns_clause, literal, quoted
from dbt_spark_python.warehouse import Record, Warehouse

Execute = Callable[[str], object]
_logger = AdapterLogger("Spark")


def claim(tables: Warehouse, settings: Mapping[str, str]) -> None:
    """Keep other processes from writing to the tables and the catalog that Spark settings name.

    Raises:
        DbtRuntimeError: another process writes there.
    """
    metastore.require_free(settings)
    folder = metastore.derby_folder(settings)
    is_older = folder is not None and folder.exists() and not tables.has_records
    tables.lock()
    if is_older:
        tables.mark_behind()


def take_over(execute: Execute, exists: Callable[[str], bool], tables: Warehouse) -> None:
    """Declare in Spark's catalog what is on record and not in it.

    Args:
        execute: runs a statement, and raises where it fails.
        exists: whether the catalog has a table or view of a name.
        tables: the folder of tables.

    What Spark cannot read, such as a view of a table that is not there, is left for a build to make
    anew, and said.
    """
    waiting = [record for record in tables.records() if not record.is_in_metastore]
    if not waiting:
        return
    _logger.info(f"Taking {len(waiting)} tables and views over that Sail has made")
    # Tables first: views read them, and other views.
    waiting.sort(key=lambda record: record.location is None)
    while waiting:
        failures = {}
        for record in waiting:
            try:
                for statement in _statements(record, tables, exists):
                    execute(statement)
            except Exception as error:  # Of any kind of session: pyspark's, or py4j's.
                failures[record] = (str(error) or type(error).__name__).splitlines()[0]
            else:
                tables.publish(replace(record, is_in_metastore=True))
        if len(failures) == len(waiting):
            found = "; ".join(f"{r.schema}.{r.name} ({why})" for r, why in failures.items())
            _logger.info(f"Left for the next build to make, as Spark cannot read it: {found}")
            return
        waiting = list(failures)


def _statements(record: Record, tables: Warehouse, exists: Callable[[str], bool]) -> Iterator[str]:
    yield f"create schema if not exists {quoted(record.schema)}"
    is_there = exists(f"{record.schema}.{record.name}")
    if record.is_published:
        yield from _publication(record, tables, is_there)
    elif not is_there:  # Else Spark has its own.
        yield from _declaration(record, tables)


def _declaration(record: Record, tables: Warehouse) -> Iterator[str]:
    """A table or view that no other one stands behind."""
    kept = _kept(_properties(record))
    if record.location is None:
        yield f"create view {_name(record)}{_columns(record)}{kept} as {record.text}"
    else:
        yield f"create table {_over_files(_name(record), record, tables)}{kept}"


def _publication(record: Record, tables: Warehouse, is_there: bool) -> Iterator[str]:
    """A name that shows its newest generation."""
    name, text, listed = _name(record), record.text, _properties(record)
    generations = quoted(f"{record.schema}_generations")
    yield f"create schema if not exists {generations}"
    if record.location is not None:
        generation = f"{generations}.{quoted(PurePath(record.location).name)}"
        yield f"create table if not exists {_over_files(generation, record, tables)}"
    if not is_there:
        yield f"create view {name}{_columns(record)}{_kept(listed)} as {text}"
        return
    if record.location is None:
        # As for what Spark itself publishes: `alter view` takes no comments of columns.
        now = datetime.now(timezone.utc).strftime("%Y%m%d%H%M%S%f")
        generation = f"{generations}.{quoted(f'{record.name}__v{now}')}"
        yield f"create view {generation}{_columns(record)} as {text}"
        text = f"select * from {generation}"
    yield f"alter view {name} as {text}"
    if listed:
        yield f"alter view {name} set tblproperties ({listed})"


def _name(record: Record) -> str:
    return f"{quoted(record.schema)}.{quoted(record.name)}"


def _over_files(name: str, record: Record, tables: Warehouse) -> str:
    place = literal(str(tables.folder / f"{record.location}"))
    return f"{name} ({columns_clause(record.columns, True)}) using parquet location {place}"


def _columns(record: Record) -> str:
    """The columns of a view; one of a generation has the generation's."""
    return "" if record.location is not None else f" ({columns_clause(record.columns, False)})"


def _properties(record: Record) -> str:
    properties = {**record.properties, **({"comment": record.comment} if record.comment else {})}
    return ", ".join(f"{literal(key)} = {literal(value)}" for key, value in properties.items())


def _kept(listed: str) -> str:
    return f" tblproperties ({listed})" if listed else ""
