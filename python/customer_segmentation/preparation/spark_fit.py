"""Transforms, scalers and principal components fitted on all customers of a mart, in Spark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
from pyspark.ml.feature import PCA
from pyspark.ml.functions import array_to_vector
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812

from customer_segmentation.model.reduction import Reduction
from customer_segmentation.model.scaling import FeatureScaling
from customer_segmentation.preparation.checks import check_extent, scalable
from customer_segmentation.preparation.reduce import components_within, reduction_of
from customer_segmentation.preparation.spark import finite, scaled_value
from customer_segmentation.specification import Specification

POINT = "point"
"""Column of the vectors."""
SHIFT = 1.0
"""Added to every coordinate: MLlib splits a cluster by moving its centre by a share of its length,
and the centre of scaled customers is 0."""
_LEAST_RELATIVE_SPREAD = 1e-12
_QUARTILES = (0.25, 0.5, 0.75)


def fit_scalings(
    features: DataFrame, spec: Specification, row_count: int
) -> tuple[FeatureScaling, ...]:
    """Transforms and scaler as in memory, in two passes over all customers.

    Raises:
        InputError: No feature varies, one has no spread to scale by, or customers are too far out
            for a distance.
    """
    bounds = _aggregated(
        features,
        {
            item.name: F.percentile(finite(item.name), [item.lower, item.upper])
            for item in spec.features
            if item.lower is not None and item.upper is not None
        },
    )
    unscaled = []
    for feature in spec.features:
        lower, upper = bounds.get(feature.name, (None, None))
        unscaled.append(FeatureScaling(feature.name, feature.transform, lower, upper, 0.0, 1.0))
    figures = _aggregated(
        features, {item.name: _figures(scaled_value(item), spec.scaler) for item in unscaled}
    )
    fitted = []
    for item in unscaled:
        found = figures[item.name]
        low, high = found["low"], found["high"]
        if spec.scaler == "standard":
            centre, scale = found["mean"], found["deviation"]
        elif spec.scaler == "minmax":
            centre, scale = low, high - low
        else:
            first, centre, third = found["quartiles"]
            scale = third - first
        varies = high - low > _LEAST_RELATIVE_SPREAD * max(abs(low), abs(high))
        fitted.append((replace(item, centre=centre, scale=scale), varies))
    example = features.limit(1).select(*spec.feature_names).toPandas()
    scalings = tuple(scalable(example, fitted, spec.scaler))
    lowest, highest = (
        np.array([(figures[item.name][end] - item.centre) / item.scale for item in scalings])
        for end in ("low", "high")
    )
    check_extent(lowest, highest, [item.name for item in scalings], row_count)
    return scalings


def _figures(value: Column, scaler: str) -> Column:
    # Exact quartiles keep every different value of a feature in memory.
    quartiles = [F.percentile(value, list(_QUARTILES)).alias("quartiles")]
    return F.struct(
        F.min(value).alias("low"),
        F.max(value).alias("high"),
        F.avg(value).alias("mean"),
        F.stddev_pop(value).alias("deviation"),
        *(quartiles if scaler == "robust" else []),
    )


def _aggregated(features: DataFrame, columns: Mapping[str, Column]) -> Mapping[str, Any]:
    """One figure, or struct of figures, by name."""
    if not columns:
        return {}
    row = features.agg(*(column.alias(name) for name, column in columns.items())).collect()[0]
    return dict(row.asDict())


@contextmanager
def cached_vectors(
    features: DataFrame, values: Sequence[Column], entity_key: str
) -> Iterator[DataFrame]:
    """All customers as shifted vectors, in the memory and on the disks of Spark.

    Which of them share a partition, and in which order, follows from their keys alone: MLlib draws
    its first centres by it.
    """
    shifted = [value + F.lit(SHIFT) for value in values]
    partitions = int(features.sparkSession.conf.get("spark.sql.shuffle.partitions") or 1)
    in_order = features.repartition(partitions, entity_key).sortWithinPartitions(entity_key)
    vectors = in_order.select(array_to_vector(F.array(*shifted)).alias(POINT)).cache()
    try:
        yield vectors
    finally:
        vectors.unpersist()


def fit_reduction(
    features: DataFrame,
    all_scaled: DataFrame,
    scalings: Sequence[FeatureScaling],
    spec: Specification,
) -> Reduction | None:
    """Principal components as in memory, None without a reduction.

    Args:
        features: The mart.
        all_scaled: Its customers as :func:`cached_vectors` of their scaled features.
        scalings: Of these features.
        spec: How far to reduce.

    Raises:
        InputError: More components than there are directions in which the customers differ.
    """
    if spec.reduction is None:
        return None
    fitted = PCA(k=len(scalings), inputCol=POINT, outputCol="components").fit(all_scaled)
    moments = _aggregated(
        features,
        {
            item.name: F.struct(
                F.avg(scaled_value(item)).alias("mean"),
                F.var_samp(scaled_value(item)).alias("variance"),
            )
            for item in scalings
        },
    )
    shares = fitted.explainedVariance.toArray()
    return reduction_of(
        tuple(item.name for item in scalings),
        centres=np.array([moments[item.name]["mean"] for item in scalings]),
        axes=fitted.pc.toArray().T,
        variances=shares * sum(item["variance"] for item in moments.values()),
        shares=shares,
        components=components_within(spec.reduction.components, len(scalings)),
        variance=spec.reduction.variance,
    )
