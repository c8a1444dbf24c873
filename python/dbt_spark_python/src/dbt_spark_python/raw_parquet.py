"""Parquet files as the engine takes them, or copied into one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
from dbt_common.exceptions import DbtRuntimeError
from pyarrow import parquet

# Types that Sail cannot show, and those that have all their values.
_WIDER = {
    pa.uint8(): pa.int16(),
    pa.uint16(): pa.int32(),
    pa.uint32(): pa.int64(),
    pa.uint64(): pa.decimal128(20, 0),
    pa.date64(): pa.date32(),
    pa.time32("s"): pa.time64("us"),
    pa.time32("ms"): pa.time64("us"),
    pa.time64("ns"): pa.time64("us"),
}
# Of types within others, too: pandas writes nanoseconds by default, and categories.
_NOT_TAKEN = ("[ns", "dictionary<")


def are_taken_as_they_are(sources: Sequence[Path]) -> bool:
    """Whether Sail reads Parquet files as Spark does: each column has a type that it knows.

    Raises:
        DbtRuntimeError: a file cannot be read.
    """
    with _readable(sources):
        types = [field.type for source in sources for field in parquet.read_schema(source)]
    return all(
        _known_type(kind) == kind and not any(part in str(kind) for part in _NOT_TAKEN)
        for kind in types
    )


def copy(sources: Sequence[Path], folder: Path) -> None:
    """Copy Parquet files into one, with the columns of all of them, of types that Sail knows.

    Of times in nanoseconds the microseconds stay.

    Raises:
        DbtRuntimeError: a file cannot be read, or has a column of another type than the first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _readable(sources):
        schema = pa.unify_schemas([_known(parquet.read_schema(source)) for source in sources])
        with parquet.ParquetWriter(
            folder / "lines.parquet",
            schema,
            coerce_timestamps="us",
            allow_truncated_timestamps=True,
            store_schema=False,
        ) as writer:
            for source in sources:
                with parquet.ParquetFile(source) as file:
                    for batch in file.iter_batches():
                        writer.write_batch(_conformed(batch, schema))


def _known_type(kind: pa.DataType) -> pa.DataType:
    """The type by which Sail reads the values of another one as Spark does.

    A time with a time zone is one of UTC, for Sail takes its day from the zone of the column.
    """
    if pa.types.is_dictionary(kind):
        return _known_type(kind.value_type)
    if pa.types.is_timestamp(kind):
        unit = "us" if kind.unit == "ns" else kind.unit
        return pa.timestamp(unit, "UTC" if kind.tz else None)
    if pa.types.is_fixed_size_binary(kind):
        return pa.binary()
    return _WIDER.get(kind, kind)


def _known(schema: pa.Schema) -> pa.Schema:
    return pa.schema([field.with_type(_known_type(field.type)) for field in schema])


def _conformed(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """A batch with the columns of a schema; those that it lacks are empty."""
    columns = [
        batch.column(field.name).cast(field.type, safe=False)
        if field.name in batch.schema.names
        else pa.nulls(batch.num_rows, field.type)
        for field in schema
    ]
    return pa.record_batch(columns, schema=schema)


@contextmanager
def _readable(sources: Sequence[Path]) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        files = ", ".join(map(str, sources))
        raise DbtRuntimeError(f"{files} cannot be read as Parquet: {error}") from error
