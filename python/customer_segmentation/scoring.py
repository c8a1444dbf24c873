"""Assign customers to the segments of a trained model, in Spark, without moving a row.

Plain column expressions: they run on an embedded Spark, on a cluster and over Spark Connect.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import add, or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812

from customer_segmentation.errors import InputError, ModelMismatchError
from customer_segmentation.preprocessing import FeatureScaling
from customer_segmentation.training import TrainedModel

AS_OF_DATE = "as_of_date"
_RANKING = "_ranking"


def check_scorable(columns: Iterable[str], model: TrainedModel) -> None:
    """Refuse a feature mart that lacks a column which scoring reads.

    Args:
        columns: Names of the mart's columns.

    Raises:
        ModelMismatchError: Names the columns and the model.
    """
    present = set(columns)
    needed = (model.entity_key, *(item.name for item in model.features), AS_OF_DATE)
    absent = [name for name in needed if name not in present]
    if absent:
        raise ModelMismatchError(
            f"The feature mart has no column {', '.join(absent)}, which model {model.model_id} "
            f"needs: it was trained on {', '.join(item.name for item in model.features)} by "
            f"{model.entity_key}. Put the column back, or train on the mart as it is now."
        )


def score(features: DataFrame, model: TrainedModel) -> DataFrame:
    """The nearest and the second nearest segment of every customer.

    Distances are Euclidean in the scaled space; of two equally near segments the smaller id wins.
    A customer with a missing or infinite feature gets nulls (see :func:`check_customers_scorable`).

    Args:
        features: The feature mart: entity key, the model's features and ``as_of_date``.

    Returns:
        One row per row of ``features``: the entity key, ``segment_id`` int,
        ``distance_to_centroid`` double, ``runner_up_segment_id`` int,
        ``distance_to_runner_up`` double, ``model_id`` string, ``as_of_date`` date.
    """
    scaled = features.select(
        model.entity_key,
        AS_OF_DATE,
        *(_scaled(item).alias(_scaled_name(at)) for at, item in enumerate(model.features)),
    )
    ranked = scaled.select(model.entity_key, AS_OF_DATE, _ranking(model).alias(_RANKING))
    nearest, runner_up = F.col(_RANKING)[0], F.col(_RANKING)[1]
    scorable = nearest["squared"].isNotNull()
    return ranked.select(
        model.entity_key,
        F.when(scorable, nearest["segment_id"]).alias("segment_id"),
        F.when(scorable, F.sqrt(nearest["squared"])).alias("distance_to_centroid"),
        F.when(scorable, runner_up["segment_id"]).alias("runner_up_segment_id"),
        F.when(scorable, F.sqrt(runner_up["squared"])).alias("distance_to_runner_up"),
        F.lit(model.model_id).alias("model_id"),
        AS_OF_DATE,
    )


def unscorable_count(features: DataFrame, model: TrainedModel) -> DataFrame:
    """How many customers cannot be scored, as one row, in one pass over the mart.

    Returns:
        ``customers`` and ``unscorable`` bigint, ``example`` (the smallest entity key among the
        unscorable, null if there are none), and per feature a bigint with the feature's position
        as its name: the customers that lack it.
    """
    missing = [_finite(item.name).isNull() for item in model.features]
    unscorable = reduce(or_, missing)
    return features.agg(
        F.count(F.lit(1)).alias("customers"),
        F.count(F.when(unscorable, 1)).alias("unscorable"),
        F.min(F.when(unscorable, F.col(model.entity_key))).alias("example"),
        *(F.count(F.when(lacks, 1)).alias(str(at)) for at, lacks in enumerate(missing)),
    )


def check_customers_scorable(features: DataFrame, model: TrainedModel) -> None:
    """Refuse to score where a customer would get no segment; runs one Spark job.

    Raises:
        InputError: The mart is empty, or says how many customers miss which feature.
    """
    counts = unscorable_count(features, model).collect()[0]
    if not counts["customers"]:
        raise InputError(f"The feature mart has no rows to score with model {model.model_id}.")
    if counts["unscorable"]:
        missing = ", ".join(
            f"{item.name} in {counts[str(at)]}"
            for at, item in enumerate(model.features)
            if counts[str(at)]
        )
        raise InputError(
            f"{counts['unscorable']} of {counts['customers']} customers have missing or infinite "
            f"values and cannot be scored with model {model.model_id}: {missing} "
            f"(for example {model.entity_key} {counts['example']}). "
            "Fill them or leave those customers out in the mart."
        )


def _finite(name: str) -> Column:
    """The column as double; null where it is null, NaN or infinite."""
    value = F.col(name).cast("double")
    # NaN sorts above infinity in Spark, so that one comparison leaves out both.
    return F.when(F.abs(value) < F.lit(float("inf")), value)


def _scaled(item: FeatureScaling) -> Column:
    value = _finite(item.name)
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


def _ranking(model: TrainedModel) -> Column:
    """All segments as an array of (squared, segment_id), the nearest first.

    One lambda over an array of centroids: written out per segment, the distances of a large model
    exceed what the JVM compiles in one method, and each row then costs many times as much.
    """

    def distance(segment: Column) -> Column:
        differences = [
            F.col(_scaled_name(at)) - segment[_scaled_name(at)] for at in range(len(model.features))
        ]
        squared = reduce(add, [difference * difference for difference in differences])
        return F.struct(squared.alias("squared"), segment["segment_id"].alias("segment_id"))

    return F.sort_array(F.transform(_centroids(model), distance))


def _centroids(model: TrainedModel) -> Column:
    """The centroids as one SQL literal: column by column they take seconds to hand to the JVM."""
    structs = []
    for segment in model.segments:
        coordinates = [
            f"'{_scaled_name(at)}', {coordinate.scaled!r}D"
            for at, coordinate in enumerate(segment.centroid)
        ]
        structs.append(
            f"named_struct('segment_id', {segment.segment_id}, {', '.join(coordinates)})"
        )
    return F.expr(f"array({', '.join(structs)})")


def _scaled_name(position: int) -> str:
    return f"_scaled_{position}"
