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
    name = f"{quoted(record.schema)}.{quoted(record.name)}"
    generations = f"{record.schema}_generations"
    properties = {**record.properties, **({"comment": record.comment} if record.comment else {})}
    listed = ", ".join(f"{literal(key)} = {literal(value)}" for key, value in properties.items())
    kept = f" tblproperties ({listed})" if listed else ""
    text = record.text
    yield f"create schema if not exists {quoted(record.schema)}"
    if not record.is_published and exists(f"{record.schema}.{record.name}"):
        return  # Spark has its own.
    if not record.is_published and record.location is not None:
        place = literal(str(tables.folder / record.location))
        columns = columns_clause(record.columns, True)
        yield f"create table {name} ({columns}) using parquet location {place}{kept}"
        return
    yield f"create schema if not exists {quoted(generations)}"
    if record.location is not None:
        generation = f"{quoted(generations)}.{quoted(PurePath(record.location).name)}"
        yield (
            f"create table if not exists {generation}"
            f" ({columns_clause(record.columns, True)}) using parquet"
            f" location {literal(str(tables.folder / record.location))}"
        )
    columns = f" ({columns_clause(record.columns, False)})" if record.location is None else ""
    if not exists(f"{record.schema}.{record.name}"):
        yield f"create view {name}{columns}{kept} as {text}"
        return
    if record.location is None:
        # As for what Spark itself publishes: `alter view` takes no comments of columns.
        now = datetime.now(timezone.utc).strftime("%Y%m%d%H%M%S%f")
        generation = f"{quoted(generations)}.{quoted(f'{record.name}__v{now}')}"
        yield f"create view {generation}{columns} as {text}"
        text = f"select * from {generation}"
    yield f"alter view {name} as {text}"
    if listed:
        yield f"alter view {name} set tblproperties ({listed})"
