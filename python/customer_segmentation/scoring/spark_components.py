"""Component scores of a long mart in Spark: loadings joined to its rows, added up per entity."""

from __future__ import annotations

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
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
    known = F.coalesce(F.col(KNOWN_ITEMS), F.lit(0).cast("bigint"))
    reason = F.when(F.col(_ITEMS).isNull(), NO_ITEM).when(known == 0, NO_KNOWN_ITEM)
    scores = _scores(long_mart, reduction)
    return features.join(scores, F.col(key) == F.col(_ENTITY), "left").select(
        *(features[name] for name in features.columns),
        *reduction.names,
        known.alias(KNOWN_ITEMS),
        reason.alias(UNSCORABLE_REASON),
    )


def _scores(long_mart: DataFrame, reduction: MatrixReduction) -> DataFrame:
    """One row per entity with an item: its components, its items, and how many are known."""
    entries = long_mart.select(
        F.col(reduction.entity).alias(_ENTITY),
        F.col(reduction.item).cast("string").alias("_entry_item"),
        F.col(reduction.value).cast("double").alias("_value"),
    )
    loadings = F.broadcast(_loadings(long_mart.sparkSession, reduction))
    joined = entries.join(loadings, F.col("_entry_item") == F.col(_ITEM), "left")
    summed = joined.groupBy(_ENTITY).agg(
        F.count(F.lit(1)).alias(_ITEMS),
        F.count(_ITEM).alias(KNOWN_ITEMS),
        *(F.sum(F.col("_value") * F.col(_loading(name))).alias(name) for name in reduction.names),
    )
    constants = zip(reduction.names, reduction.constants.tolist(), strict=True)
    return summed.select(
        _ENTITY,
        _ITEMS,
        KNOWN_ITEMS,
        *((F.col(name) - F.lit(constant)).alias(name) for name, constant in constants),
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
