"""Columns of a mart in Spark as dimensions, scaled as in memory."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.types import NumericType

from customer_segmentation.model.reduction import Reduction
from customer_segmentation.model.scaling import OTHER, FeatureScaling, Indicator


def numeric_fields(features: DataFrame) -> list[str]:
    """Names of the columns that are numbers, in their order."""
    return [item.name for item in features.schema if isinstance(item.dataType, NumericType)]


def dimension_value(item: FeatureScaling) -> Column:
    """A dimension before transform and scaling; null where the customer cannot be scored."""
    return finite(item.name) if item.indicator is None else _indicated(item.indicator)


def finite(name: str) -> Column:
    """The column as double; null where it is null, NaN or infinite."""
    value = F.col(name).cast("double")
    # NaN sorts above infinity in Spark, so that one comparison leaves out both.
    return F.when(F.abs(value) < F.lit(float("inf")), value)


def _indicated(one: Indicator) -> Column:
    value = finite(one.column) if one.kind == "number" else F.col(one.column).cast("string")
    is_known_level = value.isin(*one.typed_levels)
    known = is_known_level if one.encoding == "binary" else value.isNotNull()
    is_one = ~is_known_level if one.level == OTHER else value == F.lit(one.typed_level)
    return F.when(known, is_one.cast("double"))


def scaled_value(item: FeatureScaling) -> Column:
    """A dimension in the scaled space; null where the customer cannot be scored."""
    value = dimension_value(item)
    if item.transform == "log1p":
        value = F.signum(value) * F.log1p(F.abs(value))
    elif item.transform == "winsorize":
        # Not least(greatest()): they skip a null and would score it as a bound.
        value = (
            F.when(value < F.lit(item.lower), F.lit(item.lower))
            .when(value > F.lit(item.upper), F.lit(item.upper))
            .otherwise(value)
        )
    return (value - F.lit(item.centre)) / F.lit(item.scale)


def component_values(dimensions: Sequence[Column], reduction: Reduction) -> list[Column]:
    """Principal components of the scaled dimensions."""
    centred = [
        value - F.lit(item.centre)
        for value, item in zip(dimensions, reduction.centres, strict=True)
    ]
    return [
        reduce(
            add,
            [
                value * F.lit(item.loading)
                for value, item in zip(centred, component.loadings, strict=True)
            ],
        )
        for component in reduction.components
    ]
