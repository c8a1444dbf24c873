"""Assign customers to the segments of a trained model, in Spark, without moving a row.

Plain column expressions: they run on an embedded Spark, on a cluster and over Spark Connect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import add, or_

import numpy as np
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812

from customer_segmentation.algorithms import NOISE
from customer_segmentation.errors import InputError, ModelMismatchError
from customer_segmentation.preprocessing import OTHER, FeatureScaling, Indicator
from customer_segmentation.reduction import Reduction
from customer_segmentation.trained_model import ScoringModel

AS_OF_DATE = "as_of_date"
MOST_PUSHES = 3
"""Features that a customer's row names."""
LONGEST_METHOD = 8000
"""Bytes of the longest method that Java compiles. Spark fuses what reads more than some 15 features
into longer ones, unless this is its ``spark.sql.codegen.hugeMethodLimit``."""
_COMPONENTS = "_components"
_RANKING = "_ranking"


def check_scorable(columns: Iterable[str], model: ScoringModel) -> None:
    """Refuse a feature mart that lacks a column which scoring reads.

    Args:
        columns: Names of the mart's columns.

    Raises:
        ModelMismatchError: Names the columns and the model.
    """
    present = set(columns)
    columns_read = list(_columns(model))
    needed = (model.entity_key, *columns_read, AS_OF_DATE)
    absent = [name for name in needed if name not in present]
    if absent:
        raise ModelMismatchError(
            f"The feature mart has no column {', '.join(absent)}, which model {model.model_id} "
            f"needs: it was trained on {', '.join(columns_read)} by "
            f"{model.entity_key}. Put the column back, or train on the mart as it is now."
        )


def score(features: DataFrame, model: ScoringModel) -> DataFrame:
    """The segment of every customer by the model's rule, and the segment that comes next.

    The rule is that of :class:`~customer_segmentation.algorithms.Assignment`. Distances are
    Euclidean in the space that was clustered: the scaled features, or their principal components.
    Of two equal segments the smaller id wins. The next segment is the second nearest one; by the
    rule ``gaussian`` the second most probable one, which may be nearer than the own.

    A customer that is noise has ``segment_id`` -1, and the nearest segment, which it is too far
    from, as runner-up: both distances are the distance to that one. A customer with a missing or
    infinite feature, or with a third value in a binary one, gets nulls (see
    :func:`check_customers_scorable`). A level of a one-hot feature that training never saw is
    scored like the rare ones; where training had none of these, as none of the known levels.

    Sets :data:`LONGEST_METHOD` in the session of ``features``.

    Args:
        features: The feature mart: entity key, the model's features and ``as_of_date``.

    Returns:
        One row per row of ``features``: the entity key, ``segment_id`` int,
        ``distance_to_centroid`` double, ``runner_up_segment_id`` int,
        ``distance_to_runner_up`` double, ``margin`` double, ``pushes``
        array<struct<feature string, push double>>, ``model_id`` string, ``as_of_date`` date.

        ``margin`` is 0 or more, the larger the clearer: ``distance_to_runner_up`` less
        ``distance_to_centroid``; by the rule ``gaussian`` the difference of the two criteria, which
        is twice the logarithm of how much more probable the own segment is.

        ``pushes`` are the three features that push most towards the own segment, the largest first,
        equal ones by name: (x - runner_up)^2 - (x - own)^2 with the customer's scaled value and the
        two centroids' scaled coordinates, negative where the runner-up is nearer on that feature.
        Without a reduction, over all features they add up to the difference of the two squared
        distances. ``margin`` and ``pushes`` are null for noise and where there is one segment only.
    """
    features.sparkSession.conf.set("spark.sql.codegen.hugeMethodLimit", LONGEST_METHOD)
    scaled = features.select(
        model.entity_key,
        AS_OF_DATE,
        *(scaled_value(item).alias(_scaled_name(at)) for at, item in enumerate(model.features)),
    )
    if model.reduction is not None:
        scaled = scaled.select("*", _components(model.reduction).alias(_COMPONENTS))
    ranked = scaled.select("*", _ranking(model).alias(_RANKING))
    own, second = F.get(_RANKING, 0), F.get(_RANKING, 1)
    is_gaussian = model.assignment_rule == "gaussian"
    squared = "squared" if is_gaussian else "criterion"
    distance, distance_to_second = F.sqrt(own[squared]), F.sqrt(second[squared])
    margin = (
        second["criterion"] - own["criterion"] if is_gaussian else distance_to_second - distance
    )
    is_noise = (
        distance > own["radius_limit"]
        if model.assignment_rule == "nearest_centroid_within_radius"
        else F.lit(False)
    )
    scorable = own["criterion"].isNotNull()
    has_second = ~is_noise & second["criterion"].isNotNull()
    return ranked.select(
        model.entity_key,
        F.when(scorable & is_noise, NOISE).when(scorable, own["segment_id"]).alias("segment_id"),
        distance.alias("distance_to_centroid"),
        F.when(is_noise, own["segment_id"])
        .when(has_second, second["segment_id"])
        .alias("runner_up_segment_id"),
        F.when(is_noise, distance).otherwise(distance_to_second).alias("distance_to_runner_up"),
        F.when(has_second, margin).alias("margin"),
        F.when(has_second, _pushes(model)).alias("pushes"),
        F.lit(model.model_id).alias("model_id"),
        AS_OF_DATE,
    )


def unscorable_count(features: DataFrame, model: ScoringModel) -> DataFrame:
    """How many customers cannot be scored, as one row, in one pass over the mart.

    Returns:
        ``customers`` and ``unscorable`` bigint, ``example`` (the smallest entity key among the
        unscorable, null if there are none), and per column that the model reads a bigint with the
        column's position as its name: the customers that lack it.
    """
    missing = [_value(item).isNull() for item in _columns(model).values()]
    unscorable = reduce(or_, missing)
    return features.agg(
        F.count(F.lit(1)).alias("customers"),
        F.count(F.when(unscorable, 1)).alias("unscorable"),
        F.min(F.when(unscorable, F.col(model.entity_key))).alias("example"),
        *(F.count(F.when(lacks, 1)).alias(str(at)) for at, lacks in enumerate(missing)),
    )


def check_customers_scorable(features: DataFrame, model: ScoringModel) -> None:
    """Refuse to score where a customer would get no segment; runs one Spark job.

    Raises:
        InputError: The mart is empty, or says how many customers miss which feature.
    """
    counts = unscorable_count(features, model).collect()[0]
    if not counts["customers"]:
        raise InputError(f"The feature mart has no rows to score with model {model.model_id}.")
    if counts["unscorable"]:
        missing = ", ".join(
            f"{name} in {counts[str(at)]}{_allowed(item)}"
            for at, (name, item) in enumerate(_columns(model).items())
            if counts[str(at)]
        )
        raise InputError(
            f"{counts['unscorable']} of {counts['customers']} customers have missing or infinite "
            f"values and cannot be scored with model {model.model_id}: {missing} "
            f"(for example {model.entity_key} {counts['example']}). "
            "Fill them or leave those customers out in the mart."
        )


def _columns(model: ScoringModel) -> dict[str, FeatureScaling]:
    """The columns of the mart that the model reads, each with its first dimension."""
    first: dict[str, FeatureScaling] = {}
    for item in model.features:
        first.setdefault(item.column, item)
    return first


def _allowed(item: FeatureScaling) -> str:
    if item.indicator is None or item.indicator.encoding != "binary":
        return ""
    return f" (neither {' nor '.join(item.indicator.levels)})"


def _value(item: FeatureScaling) -> Column:
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
    value = _value(item)
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


def _components(reduction: Reduction) -> Column:
    """Principal components as an array, added up as :func:`apply_reduction` does."""
    differences = [
        F.col(_scaled_name(at)) - F.lit(item.centre) for at, item in enumerate(reduction.centres)
    ]
    loadings = _sql_array(
        _sql_struct(_coordinates([item.loading for item in component.loadings]))
        for component in reduction.components
    )
    return F.transform(F.expr(loadings), lambda weights: _weighted_sum(differences, weights))


def _ranking(model: ScoringModel) -> Column:
    """The first two segments as an array of structs, the customer's own first.

    Fields: ``criterion``, which the own segment has the least of, ``segment_id``, ``radius_limit``,
    ``scaled``, the centroid's coordinates, and by the rule ``gaussian`` the ``squared`` distance,
    which is the criterion of the others.

    One lambda over an array of segments: written out per segment, the distances of a large model
    exceed what the JVM compiles in one method, and each row then costs many times as much.
    """
    is_gaussian = model.assignment_rule == "gaussian"
    if model.reduction is None:
        point = [F.col(_scaled_name(at)) for at in range(len(model.features))]
    else:
        point = [F.get(_COMPONENTS, at) for at in range(len(model.reduction.components))]

    def ranked(segment: Column) -> Column:
        differences = [value - segment[f"x{at}"] for at, value in enumerate(point)]
        squared = reduce(add, [difference * difference for difference in differences])
        fields = [segment[name].alias(name) for name in ("segment_id", "radius_limit", "scaled")]
        if not is_gaussian:
            return F.struct(squared.alias("criterion"), *fields)
        whitened = F.transform(
            segment["whitening"], lambda weights: _weighted_sum(differences, weights)
        )
        mahalanobis = F.aggregate(whitened, F.lit(0.0), lambda total, value: total + value * value)
        criterion = mahalanobis + segment["offset"]
        return F.struct(criterion.alias("criterion"), *fields, squared.alias("squared"))

    return F.slice(F.sort_array(F.transform(F.expr(_segments_sql(model)), ranked)), 1, 2)


def _pushes(model: ScoringModel) -> Column:
    """Of the first two segments of the ranking.

    By zip_with, which Spark interprets: compiled into one method with the distances it exceeds what
    the JVM compiles, from about ten features on, and each row then costs ten times as much.
    """
    names = F.array(*(F.lit(item.name) for item in model.features))
    point = F.array(*(F.col(_scaled_name(at)) for at in range(len(model.features))))
    to_own, to_other = (
        F.zip_with(point, F.get(_RANKING, at)["scaled"], lambda x, c: (x - c) * (x - c))
        for at in (0, 1)
    )
    pushes = F.zip_with(to_other, to_own, lambda other, own: other - own)
    # In the order of sorting.
    named = F.zip_with(
        pushes,
        names,
        lambda push, name: F.struct(
            (-push).alias("falling"), name.alias("feature"), push.alias("push")
        ),
    )
    return F.transform(
        F.slice(F.sort_array(named), 1, MOST_PUSHES),
        lambda item: F.struct(item["feature"].alias("feature"), item["push"].alias("push")),
    )


def _weighted_sum(values: Sequence[Column], weights: Column) -> Column:
    return reduce(add, [value * weights[f"x{at}"] for at, value in enumerate(values)])


def _segments_sql(model: ScoringModel) -> str:
    """The segments as one SQL literal: column by column they take seconds to hand to the JVM."""
    structs = []
    for segment in model.segments:
        scaled = [item.scaled for item in segment.centroid]
        fields = {
            "segment_id": str(segment.segment_id),
            "radius_limit": _sql_double(segment.radius_limit),
            "scaled": _sql_array(map(_sql_double, scaled)),
            **_coordinates(segment.reduced_centroid if model.reduction is not None else scaled),
        }
        if model.assignment_rule == "gaussian":
            fields["offset"] = _sql_double(segment.offset)
            factor = np.triu(segment.precision_cholesky)
            fields["whitening"] = _sql_array(
                _sql_struct(_coordinates(column)) for column in factor.T.tolist()
            )
        structs.append(_sql_struct(fields))
    return _sql_array(structs)


def _coordinates(values: Iterable[float]) -> dict[str, str]:
    return {f"x{at}": _sql_double(value) for at, value in enumerate(values)}


def _sql_struct(fields: Mapping[str, str]) -> str:
    listed = ", ".join(f"'{name}', {value}" for name, value in fields.items())
    return f"named_struct({listed})"


def _sql_array(items: Iterable[str]) -> str:
    return f"array({', '.join(items)})"


def _sql_double(value: float | None) -> str:
    return "cast(null as double)" if value is None else f"{value!r}D"


def _scaled_name(position: int) -> str:
    return f"_scaled_{position}"
