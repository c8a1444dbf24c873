"""Component scores of a long mart in Spark: loadings joined to its rows, added up per entity."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from customer_segmentation.model.matrix import MatrixReduction
from customer_segmentation.scoring.contract import (
    KNOWN_ITEMS,
    NO_ITEM,
    NO_KNOWN_ITEM,
    UNSCORABLE_REASON,
)

_ENTITY, _ITEM, _ITEMS = "_entity", "_item", "_items"


def with_components(
    features: DataFrame, long_mart: DataFrame, reduction: MatrixReduction, key: str
) -> DataFrame:
    """The feature mart with the component scores of its entities.

    A score is sum_i value_i * loading_i less the constant part of the centres, in doubles. Spark
    adds in the order in which rows come, so that the last digits of a score may differ from run to
    run.

    Args:
        features: One row per entity.
        long_mart: One row per entity and item; items that the reduction lacks count for nothing.
        reduction: Of the model.
        key: Column of the entity key.

    Returns:
        The columns of ``features``, a double per component, null where the entity has no known
        item, ``known_items`` bigint, and ``unscorable_reason`` string: why there are no
        components, null where there are.
    """
    scores = _per_entity(long_mart, reduction, reduction.names)
    constants = zip(reduction.names, reduction.constants.tolist(), strict=True)
    return features.join(scores, F.col(key) == F.col(_ENTITY), "left").select(
        *(features[name] for name in features.columns),
        *((F.col(name) - F.lit(constant)).alias(name) for name, constant in constants),
        _known().alias(KNOWN_ITEMS),
        _reason().alias(UNSCORABLE_REASON),
    )


def count_unscorable(
    features: DataFrame, long_mart: DataFrame, reduction: MatrixReduction, key: str
) -> dict[str, int]:
    """Number of entities by the reason why they have no components, for less work than with them.

    Args:
        features: As for :func:`with_components`, like the others.
    """
    items = _per_entity(long_mart, reduction, ())
    reasons = features.join(items, F.col(key) == F.col(_ENTITY), "left").select(
        _reason().alias(UNSCORABLE_REASON)
    )
    counted = reasons.groupBy(UNSCORABLE_REASON).count().orderBy(UNSCORABLE_REASON).collect()
    return {row[0]: row[1] for row in counted if row[0] is not None}


def _known() -> Column:
    return F.coalesce(F.col(KNOWN_ITEMS), F.lit(0).cast("bigint"))


def _reason() -> Column:
    return F.when(F.col(_ITEMS).isNull(), NO_ITEM).when(_known() == 0, NO_KNOWN_ITEM)


def _per_entity(
    long_mart: DataFrame, reduction: MatrixReduction, components: Sequence[str]
) -> DataFrame:
    """One row per entity with an item: its items, how many are known, and sums of loadings."""
    entries = long_mart.select(
        F.col(reduction.entity).alias(_ENTITY),
        F.col(reduction.item).cast("string").alias("_entry_item"),
        F.col(reduction.value).cast("double").alias("_value"),
    )
    loadings = F.broadcast(_loadings(long_mart.sparkSession, reduction))
    joined = entries.join(loadings, F.col("_entry_item") == F.col(_ITEM), "left")
    return joined.groupBy(_ENTITY).agg(
        F.count(F.lit(1)).alias(_ITEMS),
        F.count(_ITEM).alias(KNOWN_ITEMS),
        *(F.sum(F.col("_value") * F.col(_loading(name))).alias(name) for name in components),
    )


def _loadings(session: SparkSession, reduction: MatrixReduction) -> DataFrame:
    """One row per item of the model, with its loading on each component."""
    columns = dict(zip(reduction.names, reduction.loadings, strict=True))
    table = pa.table(
        {
            _ITEM: pa.array(reduction.items, type=pa.string()),
            **{_loading(name): pa.array(values) for name, values in columns.items()},
        }
    )
    return session.createDataFrame(table)


def _loading(name: str) -> str:
    return f"_loading_of_{name}"
