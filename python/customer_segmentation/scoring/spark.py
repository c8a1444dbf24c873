"""Assign customers to the segments of a trained model, in Spark, without moving a row.

Plain column expressions: they run on an embedded Spark, on a cluster and over Spark Connect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import or_

import numpy as np
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812

from customer_segmentation.model.assignment import NOISE
from customer_segmentation.model.reduction import Reduction
from customer_segmentation.model.scoring_model import ScoringModel
from customer_segmentation.model.segments import Segment
from customer_segmentation.preparation.spark import dimension_value, scaled_value
from customer_segmentation.scoring.contract import (
    AS_OF_DATE,
    KNOWN_ITEMS,
    MOST_PUSHES,
    UNSCORABLE_REASON,
    columns_read,
    refuse_unscorable,
)

LONGEST_METHOD = 8000
"""Bytes of the longest method that Java compiles. Spark fuses scoring into longer ones, unless this
is its ``spark.sql.codegen.hugeMethodLimit``; it then splits what is longer."""
_RANKING = "_ranking"
_PUSHES = "_pushes"


def score(features: DataFrame, model: ScoringModel) -> DataFrame:
    """The segment of every customer by the model's rule, and the segment that comes next.

    The rule is that of :class:`~customer_segmentation.model.assignment.Assignment`. Distances are
    Euclidean in the space that was clustered: the scaled features, or their principal
    components. Of two equal segments the smaller id wins. The next segment is the second nearest
    one; by the rule ``gaussian`` the second most probable one, which may be nearer than the own.

    A customer that is noise has ``segment_id`` -1, and the nearest segment, which it is too far
    from, as runner-up: both distances are the distance to that one. A customer with a missing or
    infinite feature, or with a third value in a binary one, gets nulls (see
    :func:`check_customers_scorable`). A level of a one-hot feature that training never saw is
    scored like the rare ones; where training had none of these, as none of the known levels.

    Sets :data:`LONGEST_METHOD` in the session of ``features``.

    Args:
        features: The feature mart: entity key, the model's features and ``as_of_date``; of a model
            of a matrix as :func:`~customer_segmentation.scoring.spark_components.with_components`
            gives it.

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

        Of a model of a matrix its components besides, ``known_items`` and ``unscorable_reason``.
    """
    features.sparkSession.conf.set("spark.sql.codegen.hugeMethodLimit", LONGEST_METHOD)
    # NaN for a missing value: what cannot be null takes Java a third of the code.
    components = (
        () if model.matrix is None else (*model.matrix.names, KNOWN_ITEMS, UNSCORABLE_REASON)
    )
    points = features.select(
        model.entity_key,
        AS_OF_DATE,
        *components,
        *(
            F.coalesce(scaled_value(item), F.lit(float("nan"))).alias(_scaled_name(at))
            for at, item in enumerate(model.features)
        ),
    )
    if model.reduction is not None:
        points = points.select("*", *_components(model.reduction))
    compared = points.select("*", F.expr(_ranking_sql(model)).alias(_RANKING)).select(
        "*", F.get(_RANKING, 0).alias("_own"), F.get(_RANKING, 1).alias("_other")
    )
    pushed = compared.select("*", F.expr(_pushes_sql(model)).alias(_PUSHES))
    own, second = F.col("_own"), F.col("_other")
    is_gaussian = model.assignment_rule == "gaussian"
    squared = "squared" if is_gaussian else "criterion"
    scorable = ~F.isnan(own["criterion"])
    distance = F.when(scorable, F.sqrt(own[squared]))
    distance_to_second = F.when(scorable, F.sqrt(second[squared]))
    margin = (
        second["criterion"] - own["criterion"] if is_gaussian else distance_to_second - distance
    )
    is_noise = (
        distance > own["radius_limit"]
        if model.assignment_rule == "nearest_centroid_within_radius"
        else F.lit(False)
    )
    has_second = scorable & ~is_noise & second.isNotNull()
    return pushed.select(
        model.entity_key,
        F.when(scorable & is_noise, NOISE).when(scorable, own["segment_id"]).alias("segment_id"),
        distance.alias("distance_to_centroid"),
        F.when(is_noise, own["segment_id"])
        .when(has_second, second["segment_id"])
        .alias("runner_up_segment_id"),
        F.when(is_noise, distance).otherwise(distance_to_second).alias("distance_to_runner_up"),
        F.when(has_second, margin).alias("margin"),
        F.when(has_second, _named_pushes(model)).alias("pushes"),
        F.lit(model.model_id).alias("model_id"),
        AS_OF_DATE,
        *components,
    )


def unscorable_count(features: DataFrame, model: ScoringModel) -> DataFrame:
    """How many customers cannot be scored, as one row, in one pass over the mart.

    Returns:
        ``customers`` and ``unscorable`` bigint, ``example`` (the smallest entity key among the
        unscorable, null if there are none), and per column that the model reads a bigint with the
        column's position as its name: the customers that lack it.
    """
    missing = [dimension_value(item).isNull() for item in columns_read(model).values()]
    unscorable = reduce(or_, missing, F.lit(False))
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
    refuse_unscorable(
        model,
        customers=counts["customers"],
        unscorable=counts["unscorable"],
        missing=[counts[str(at)] for at in range(len(columns_read(model)))],
        example=counts["example"],
    )


def _components(reduction: Reduction) -> list[Column]:
    """Principal components, each added up as :func:`apply_reduction` does."""
    differences = [
        f"({_scaled_name(at)} - {_sql_double(item.centre)})"
        for at, item in enumerate(reduction.centres)
    ]
    return [
        F.expr(_weighted_sum(differences, [item.loading for item in component.loadings])).alias(
            _component_name(at)
        )
        for at, component in enumerate(reduction.components)
    ]


def _ranking_sql(model: ScoringModel) -> str:
    """The first two segments as an array of structs, the customer's own first.

    Fields: ``criterion``, which the own segment has the least of, ``segment_id``, ``at``, the
    segment's position in the model, ``radius_limit``, and by the rule ``gaussian`` the ``squared``
    distance, which is the criterion of the others.

    Written out as one SQL text: Spark compiles it, where it interprets a lambda over an array of
    segments at five times the cost, and column by column it takes seconds to hand to the JVM.
    """
    is_gaussian = model.assignment_rule == "gaussian"
    structs = []
    for at, segment in enumerate(model.segments):
        if model.reduction is None:
            centre = {_scaled_name(i): item.scaled for i, item in enumerate(segment.centroid)}
        else:
            centre = {_component_name(i): item for i, item in enumerate(segment.reduced_centroid)}
        differences = [f"({name} - {_sql_double(value)})" for name, value in centre.items()]
        squared = " + ".join(f"{difference} * {difference}" for difference in differences)
        fields = {
            "criterion": _gaussian_criterion(segment, differences) if is_gaussian else squared,
            "segment_id": str(segment.segment_id),
            "at": str(at),
            "radius_limit": _sql_double(segment.radius_limit),
        }
        structs.append(_sql_struct({**fields, "squared": squared} if is_gaussian else fields))
    return f"slice(sort_array({_sql_array(structs)}), 1, 2)"


def _gaussian_criterion(segment: Segment, differences: Sequence[str]) -> str:
    # The lambda keeps the code short: a term for each pair of dimensions is too much for Java.
    factor = np.triu(segment.precision_cholesky)
    weights = _sql_array(_sql_array(map(_sql_double, column)) for column in factor.T.tolist())
    whitened = " + ".join(
        f"{difference} * get(weights, {at})" for at, difference in enumerate(differences)
    )
    return (
        f"aggregate(transform({weights}, weights -> {whitened}), 0D, "
        f"(total, value) -> total + value * value) + {_sql_double(segment.offset)}"
    )


def _pushes_sql(model: ScoringModel) -> str:
    """What each feature pushes towards the own segment, as structs in the order of the result.

    Fields: ``falling``, the push with its sign turned, and ``name``, the place of the feature's
    name among the sorted ones.
    """
    places = {name: at for at, name in enumerate(_sorted_names(model))}

    def squared(at: int, which: str) -> str:
        coordinates = _sql_array(_sql_double(item.centroid[at].scaled) for item in model.segments)
        difference = f"({_scaled_name(at)} - get({coordinates}, {which}.at))"
        return f"{difference} * {difference}"

    structs = (
        _sql_struct(
            {
                "falling": f"-({squared(at, '_other')} - {squared(at, '_own')})",
                "name": str(places[item.name]),
            }
        )
        for at, item in enumerate(model.features)
    )
    return f"slice(sort_array({_sql_array(structs)}), 1, {MOST_PUSHES})"


def _named_pushes(model: ScoringModel) -> Column:
    names = F.array(*(F.lit(name) for name in _sorted_names(model)))
    pushes = (F.get(_PUSHES, at) for at in range(min(MOST_PUSHES, len(model.features))))
    return F.array(
        *(
            F.struct(F.get(names, item["name"]).alias("feature"), (-item["falling"]).alias("push"))
            for item in pushes
        )
    )


def _sorted_names(model: ScoringModel) -> list[str]:
    return sorted(item.name for item in model.features)


def _weighted_sum(values: Sequence[str], weights: Sequence[float]) -> str:
    return " + ".join(
        f"{value} * {_sql_double(weight)}" for value, weight in zip(values, weights, strict=True)
    )


def _sql_struct(fields: Mapping[str, str]) -> str:
    listed = ", ".join(f"'{name}', {value}" for name, value in fields.items())
    return f"named_struct({listed})"


def _sql_array(items: Iterable[str]) -> str:
    return f"array({', '.join(items)})"


def _sql_double(value: float | None) -> str:
    return "cast(null as double)" if value is None else f"{value!r}D"


def _scaled_name(position: int) -> str:
    return f"_scaled_{position}"


def _component_name(position: int) -> str:
    return f"_component_{position}"
