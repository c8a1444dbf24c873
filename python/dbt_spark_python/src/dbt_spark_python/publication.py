"""Methods of the adapter that macros publish with; Jinja finds them under the same names."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from dbt_common.exceptions import DbtRuntimeError

from dbt_spark_python import csv_encoding, sail
from dbt_spark_python.of_adapter import is_sail, session_of, settings_of, warehouse_of
from dbt_spark_python.suppression import declare_suppressed, suppression_lists, suppression_state
from dbt_spark_python.warehouse import FILES, Column, Record, data_files, ending

_off_record: set[str] = set()  # Names of tables that end with this process.


def install(adapter: Any) -> None:
    """Give an adapter class these methods."""
    methods = (
        publish_record,
        confirm_record,
        add_to_record,
        is_on_record,
        complete_records,
        leave_records_behind,
        location_of,
        keep_off_record,
        remove_generations,
        files_at,
        is_parquet_taken,
        copy_files,
        encoding_names,
        problem_of,
        suppression_lists,
        suppression_state,
        declare_suppressed,
    )
    for method in methods:
        setattr(adapter, method.__name__, method)
    adapter._available_ = adapter._available_ | {method.__name__ for method in methods}


def install_sail(adapter: Any) -> None:
    """Let the adapter ``sail`` find on record what Sail itself forgets with each process."""
    install(adapter)
    adapter.list_relations_without_caching = _list_relations
    cache_added = adapter.cache_added

    @functools.wraps(cache_added)
    def cache_added_and_recorded(self: Any, relation: Any, *args: Any, **kwargs: Any) -> Any:
        if relation is not None:
            _record_plain(self, relation)
        return cache_added(self, relation, *args, **kwargs)

    adapter.cache_added = cache_added_and_recorded


def publish_record(
    adapter: Any,
    relation: Any,
    columns: Sequence[Any],
    text: str = FILES,
    *,
    generation: Any = None,
    folder: str | None = None,
    comments: Mapping[str, str] | None = None,
    properties: Mapping[str, str] | None = None,
    comment: str = "",
    is_published: bool = True,
) -> None:
    """Put on record what a name shows from now on.

    Sail shows it in this process too. Spark's own catalog may show it later: where Spark is killed
    before that, its next start shows what is on record. Nothing is done on a server, whose folder
    is not known here.

    Args:
        relation: the name.
        columns: dbt's, with names and types.
        text: the query that the name stands for; not for a table that is its files.
        generation: the relation that holds the rows of a table; None for a view.
        folder: the folder or file that holds them, in place of a generation.
        comments: of the columns, by their names.
        properties: what is kept with the relation.
        comment: what it is.
        is_published: whether other engines show it too.
    """
    tables = warehouse_of(adapter)
    if tables is None:
        return
    location = None if folder is None else tables.relative(folder)
    if generation is not None:
        written = tables.location(generation.schema, generation.identifier)
        location = str(written.relative_to(tables.folder))
        if is_sail(adapter):
            sail.ensure_files(session_of(adapter), written, str(generation))
    record = Record(
        schema=relation.schema,
        name=relation.identifier,
        text=text,
        columns=tuple(
            Column(column.name, column.dtype, (comments or {}).get(column.name, ""))
            for column in columns
        ),
        location=location,
        properties=dict(properties or {}),
        comment=comment,
        is_published=is_published,
    )
    if is_sail(adapter):
        found = session_of(adapter)
        sail.declare(found, tables, record)
        sail.declare_waiting(found, tables)
    tables.publish(record)


def confirm_record(adapter: Any, relation: Any) -> None:
    """Put on record that Spark's own catalog shows what was published last under a name."""
    tables = warehouse_of(adapter)
    record = None if tables is None else tables.record(relation.schema, relation.identifier)
    if tables is not None and record is not None:
        tables.publish(replace(record, is_in_metastore=True))


def add_to_record(adapter: Any, relation: Any, properties: Mapping[str, str]) -> None:
    """Keep further properties with a name that is on record."""
    tables = warehouse_of(adapter)
    record = None if tables is None else tables.record(relation.schema, relation.identifier)
    if tables is not None and record is not None:
        tables.publish(replace(record, properties={**record.properties, **properties}))


def is_on_record(adapter: Any, relation: Any, text: str) -> bool:
    """Whether a name is on record with a text that has ``text`` in it; true on a server."""
    tables = warehouse_of(adapter)
    if tables is None:
        return True
    record = tables.record(relation.schema, relation.identifier)
    return record is not None and text in record.information


def complete_records(adapter: Any) -> None:
    """Remember that all that Spark's own catalog shows is on record."""
    tables = warehouse_of(adapter)
    if tables is not None:
        tables.mark_complete()


def leave_records_behind(adapter: Any) -> None:
    """Remember that Spark's own catalog may show what is not on record."""
    tables = warehouse_of(adapter)
    if tables is not None:
        tables.mark_behind()


def location_of(adapter: Any, relation: Any) -> str:
    """The folder that the files of a table go to.

    Raises:
        DbtRuntimeError: the settings name no folder of tables.
    """
    if _name(relation) in _off_record:
        return str(_scratch() / relation.schema / relation.identifier)
    tables = sail.warehouse(settings_of(adapter))
    return str(tables.location(relation.schema, relation.identifier))


def keep_off_record(adapter: Any, relation: Any) -> None:  # noqa: ARG001
    """Let a table that this process makes end with it, its files too."""
    _off_record.add(_name(relation))


def remove_generations(adapter: Any, relation: Any, generation: str, kept: int = 0) -> None:
    """Delete the files of the generations of a name that are older than ``generation``.

    Args:
        relation: the schema of the generations, with the published name as its identifier.
        generation: the name of one that stays.
        kept: of those that are older, how many stay, the newest.
    """
    tables = warehouse_of(adapter)
    if tables is not None:
        tables.remove_generations(relation.schema, relation.identifier, generation, kept)


def files_at(adapter: Any, path: str) -> list[str]:  # noqa: ARG001
    """Number, bytes, newest time and endings of the files at a path of this machine, as texts.

    Hidden files and folders are left out, as engines leave them out: names that begin with ``_``
    or ``.``. So are those without content.
    """
    files = _filled_files(path)
    read = [file.stat() for file in files]
    newest = max((state.st_mtime_ns for state in read), default=0)
    endings = {ending(file.name) for file in files}
    size = sum(state.st_size for state in read)
    return [str(len(read)), str(size), str(newest), ",".join(sorted(endings))]


def is_parquet_taken(adapter: Any, path: str) -> bool:  # noqa: ARG001
    """Whether Sail takes the Parquet files at a path as they are.

    Raises:
        DbtRuntimeError: a file cannot be read, or has a column of another type than the first.
    """
    # Only here: it takes a moment to import, and comes with Sail.
    from dbt_spark_python import raw_parquet

    return raw_parquet.are_taken_as_they_are(data_files(path))


def _filled_files(path: str) -> list[Path]:
    return [file for file in data_files(path) if file.stat().st_size]


def encoding_names(adapter: Any, name: str) -> dict[str, str]:  # noqa: ARG001
    """Names of an encoding that Python or Java knows; see :mod:`csv_encoding`.

    Returns:
        ``spark``, that of Spark's CSV reader, empty where it cannot read it; ``java``; ``python``.
    """
    return {
        "spark": csv_encoding.spark_name(name),
        "java": csv_encoding.java_name(name),
        "python": csv_encoding.python_name(name),
    }


def copy_files(
    adapter: Any,
    path: str,
    file_format: str,
    options: Mapping[str, Any],
    relation: Any,
    malformed_column: str,
) -> None:
    """Copy the files at a path into the folder of a table.

    Args:
        path: of files, a folder of them, or a pattern.
        file_format: ``csv``, ``json`` (one object a line) or ``parquet``.
        options: of the format; see :func:`raw_csv.copy` and :func:`raw_json.copy`.
        relation: the table.
        malformed_column: a further column of text files, for lines that cannot be read.
    """
    # Only here: what reads files takes a moment to import, and comes with Sail.
    from dbt_spark_python import raw_csv, raw_json, raw_parquet

    folder = Path(location_of(adapter, relation))
    files = _filled_files(path)
    if file_format == "csv":
        raw_csv.copy(files, options, folder, malformed_column)
    elif file_format == "json":
        encoding = csv_encoding.python_name(options.get("encoding", "UTF-8"))
        raw_json.copy(files, encoding, folder, malformed_column)
    else:
        raw_parquet.copy(files, folder)


def problem_of(adapter: Any, query: str) -> str:
    """What the engine says is wrong with a query, the first line of it; empty for nothing."""
    from pyspark.errors import PySparkException

    try:
        adapter.execute(query, fetch=True)
    except (DbtRuntimeError, PySparkException) as error:
        said = error.msg if isinstance(error, DbtRuntimeError) else str(error)
        return next(line.strip() for line in [*str(said).splitlines(), "?"] if line.strip())
    return ""


def _record_plain(adapter: Any, relation: Any) -> None:
    """Put on record what one of dbt's own materializations has made, which Sail would forget."""
    if _name(relation) in _off_record:
        return
    tables = sail.warehouse(settings_of(adapter))
    known = tables.record(relation.schema, relation.identifier)
    if known is not None and known.is_published:
        return
    found = sail.described(session_of(adapter), tables, relation.schema, relation.identifier)
    if found is None:
        return
    if known is None:
        tables.publish(found)
    elif (found.location, found.text) != (known.location, known.text):
        tables.publish(found)
        if known.location is not None and known.location != found.location:
            tables.remove(known.location)


def _list_relations(adapter: Any, schema_relation: Any) -> list[Any]:
    return [
        adapter.Relation.create(
            schema=record.schema,
            identifier=record.name,
            type="view" if record.is_published else "table",
            information=record.information,
        )
        for record in sail.warehouse(settings_of(adapter)).records(schema_relation.schema)
    ]


def _name(relation: Any) -> str:
    return f"{relation.schema}.{relation.identifier}"


@functools.cache
def _scratch() -> Path:
    """A folder that is deleted when this process ends."""
    folder = tempfile.mkdtemp(prefix="dbt-spark-python-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
