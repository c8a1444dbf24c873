"""Copies Parquet files into one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
from dbt_common.exceptions import DbtRuntimeError
from pyarrow import dataset, parquet


def copy(sources: Sequence[Path], folder: Path) -> None:
    """Copy Parquet files into one, with the columns of all of them.

    Raises:
        DbtRuntimeError: a file cannot be read, or has a column of another type than the first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        schema = pa.unify_schemas([parquet.read_schema(source) for source in sources])
        found = dataset.dataset([str(source) for source in sources], schema, format="parquet")
        with parquet.ParquetWriter(folder / "lines.parquet", schema) as writer:
            for batch in found.to_batches():
                writer.write_batch(batch)
    except (pa.ArrowException, OSError) as error:
        files = ", ".join(map(str, sources))
        raise DbtRuntimeError(f"{files} cannot be read as Parquet: {error}") from error
