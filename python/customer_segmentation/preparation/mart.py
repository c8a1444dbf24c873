"""Read a feature mart from Spark, no more of it than training needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pandas as pd
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.types import DecimalType, DoubleType

from customer_segmentation.specification import Specification

_BATCH_SETTING = "spark.sql.execution.arrow.maxRecordsPerBatch"
# Spark's 10,000 make a large mart travel in pieces so small that it takes three times as long.
_BATCH_CUSTOMERS = 100_000


def read_customers(
    features: DataFrame, spec: Specification, further: Iterable[str] = ()
) -> pd.DataFrame:
    """The customers of a mart, one row each, as Arrow from Spark to pandas.

    Decimals travel as doubles, but for the key, of which every digit counts. With
    ``spec.precision`` float32 numeric features with a fraction travel as floats, rounded to seven
    digits; the ordering measure, which no distance is computed from, does not.

    Args:
        features: The feature mart.
        spec: Names the columns that training reads.
        further: Names of more columns to read.
    """
    names = dict.fromkeys((*spec.training_columns, *further))
    needed = features.select(*(_travelling(features, name, spec) for name in names))
    with large_batches(features.sparkSession):
        arrow = needed.toArrow()
    # Column by column, each freed once it is converted.
    return arrow.to_pandas(split_blocks=True, self_destruct=True)


@contextmanager
def large_batches(session: SparkSession) -> Iterator[None]:
    """Rows travel in few large pieces for as long as it lasts."""
    before = str(session.conf.get(_BATCH_SETTING))
    session.conf.set(_BATCH_SETTING, _BATCH_CUSTOMERS)
    try:
        yield
    finally:
        session.conf.set(_BATCH_SETTING, before)


def _travelling(features: DataFrame, name: str, spec: Specification) -> Column:
    column, kind = F.col(name), features.schema[name].dataType
    if name == spec.entity_key or not isinstance(kind, DecimalType | DoubleType):
        return column
    measured = {item.name for item in spec.features if item.encoding == "numeric"}
    if spec.precision == "float32" and name in measured - {spec.ordering.measure}:
        return column.cast("float").alias(name)
    return column.cast("double").alias(name)
