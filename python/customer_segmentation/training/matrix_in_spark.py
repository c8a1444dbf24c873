"""A mart in Spark with the components that a long mart has of its customers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from customer_segmentation.errors import InputError
from customer_segmentation.model.matrix import MatrixReduction
from customer_segmentation.preparation.checks import no_items
from customer_segmentation.preparation.long_matrix import LongMatrix
from customer_segmentation.preparation.read_matrix import read_matrix
from customer_segmentation.preparation.reduce_matrix import Axes, axes_kept, components_of
from customer_segmentation.preparation.spark_matrix import MatrixTable, fit_matrix_components
from customer_segmentation.scoring.contract import KNOWN_ITEMS
from customer_segmentation.scoring.spark_components import with_components
from customer_segmentation.specification import Matrix, Specification


@dataclass(frozen=True, eq=False)
class JoinedMatrix:
    """Customers that have items.

    Attributes:
        features: One row each, with a column per component.
        rows: What the long mart has of them.
        reduction: What made the components.
        columns: Names of the columns of ``rows``.
    """

    features: DataFrame
    rows: DataFrame
    reduction: MatrixReduction
    columns: Matrix

    def of(self, keys: pd.Series) -> LongMatrix:
        """The rows of some customers, in memory."""
        session = self.rows.sparkSession
        wanted = session.createDataFrame(pa.table({"_key": pa.Array.from_pandas(keys)}))
        is_wanted = F.col(str(self.columns.entity)) == F.col("_key")
        return read_matrix(self.rows.join(wanted, is_wanted, "left_semi"), self.columns)


@contextmanager
def joined_matrix(
    features: DataFrame, long_mart: DataFrame, spec: Specification, say: Callable[[str], None]
) -> Iterator[JoinedMatrix]:
    """Reduce the matrix of all customers where it is, and keep their components in Spark.

    Args:
        features: The feature mart.
        long_mart: One row per entity and item; those of others are left out.
        spec: How far to reduce.
        say: Receives one line of text per step.

    Raises:
        InputError: As
            :func:`~customer_segmentation.preparation.spark_matrix.fit_matrix_components`.
    """
    assert spec.matrix is not None  # who calls it has seen to that
    entity, key = str(spec.matrix.entity), spec.entity_key
    keys = features.select(F.col(key).alias("_key"))
    rows = long_mart.select(
        entity,
        F.col(spec.matrix.item).cast("string").alias(spec.matrix.item),
        F.col(spec.matrix.value).cast("double").alias(spec.matrix.value),
    ).join(keys, F.col(entity) == F.col("_key"), "left_semi")
    reduction = _reduced(rows, features, spec)
    joined = with_components(features, rows, reduction, key).where(F.col(KNOWN_ITEMS) > 0).cache()
    try:
        say(
            f"{reduction.entities} customers x {len(reduction.items)} items reduced in Spark, "
            f"{reduction.entries} pairs"
        )
        yield JoinedMatrix(joined, rows, reduction, spec.matrix)
    finally:
        joined.unpersist()


def _reduced(rows: DataFrame, features: DataFrame, spec: Specification) -> MatrixReduction:
    columns, wanted = spec.matrix, spec.reduction
    assert columns is not None
    assert wanted is not None  # by the specification
    entity = str(columns.entity)
    entries = rows.count()
    if not entries:
        raise InputError(no_items(spec.entity_key))
    found = fit_matrix_components(
        MatrixTable(rows, entity, columns.item, columns.value),
        components=wanted.components,
        variance=wanted.variance,
        centred=wanted.method == "pca",
        random_seed=spec.random_seed,
    )
    axes = axes_kept(
        Axes(found.centres, found.axes, found.variances, found.shares), wanted.variance
    )
    return MatrixReduction(
        entity=entity,
        item=columns.item,
        value=columns.value,
        method=wanted.method,
        entities=found.entities,
        entries=entries,
        entities_without_items=features.count() - found.entities,
        items=tuple(str(item) for item in found.items),
        centres=tuple(axes.centres.tolist()),
        components=components_of(axes),
    )
