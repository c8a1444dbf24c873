"""Read a long mart from Spark as a sparse matrix; no row of it is ever a Python object."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.types import NumericType

from customer_segmentation.errors import InputError
from customer_segmentation.preparation.checks import check_matrix_columns
from customer_segmentation.preparation.long_matrix import Coded, LongMatrix, long_matrix
from customer_segmentation.preparation.mart import large_batches
from customer_segmentation.specification import Matrix

_ENTITY, _ITEM, _VALUE = "entity", "item", "value"


def read_matrix(long_mart: DataFrame, columns: Matrix) -> LongMatrix:
    """The sparse matrix of a long mart, as Arrow from Spark.

    Args:
        long_mart: One row per entity and item.
        columns: Which of its columns they are.

    Raises:
        InputError: As :func:`~customer_segmentation.preparation.long_matrix.long_matrix`, and
            where a column is absent or the value is no number.
    """
    check_matrix_columns(long_mart.columns, columns)
    kind = long_mart.schema[columns.value].dataType
    if not isinstance(kind, NumericType):
        raise InputError(
            f"Column {columns.value} of the matrix is {kind.simpleString()} and no number; cast it "
            "in the mart."
        )
    needed = long_mart.select(
        F.col(str(columns.entity)).alias(_ENTITY),
        F.col(columns.item).cast("string").alias(_ITEM),
        F.col(columns.value).cast("double").alias(_VALUE),
    )
    with large_batches(long_mart.sparkSession):
        table: pa.Table = needed.toArrow()
    entities, items = _coded(table[_ENTITY]), _coded(table[_ITEM])
    values = np.asarray(table[_VALUE].to_numpy(), dtype=np.float64)
    del table
    return long_matrix(entities, items, values, columns)


def _coded(column: pa.ChunkedArray) -> Coded:
    """Encoded chunk by chunk."""
    encoded = column.dictionary_encode().unify_dictionaries()
    if not encoded.num_chunks:
        return Coded(pd.Index([]), np.empty(0, dtype=np.int32))
    found = encoded.chunk(0).dictionary
    order = pc.sort_indices(found)
    # One more place, for the rows without an id.
    places = np.full(len(found) + 1, -1, dtype=np.int32)
    places[order.to_numpy()] = np.arange(len(found), dtype=np.int32)
    codes = np.concatenate([pc.fill_null(chunk.indices, -1).to_numpy() for chunk in encoded.chunks])
    return Coded(pd.Index(found.take(order).to_pandas()), places[codes])
