"""Assign every customer to a segment, by the model that was decided for last."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.types import StructType

from customer_segmentation.errors import InputError, ModelMismatchError
from customer_segmentation.model.trained_model import TrainedModel
from customer_segmentation.nodes.tables import (
    decided_model,
    first_model,
    is_empty_run,
    newest_model,
    progress_of,
    published_table,
    size_and_date,
)
from customer_segmentation.preparation.checks import check_matrix_columns
from customer_segmentation.scoring.contract import KNOWN_ITEMS, UNSCORABLE_REASON, check_scorable
from customer_segmentation.scoring.spark import check_customers_scorable, score
from customer_segmentation.scoring.spark_components import count_unscorable, with_components

_SEGMENT_COLUMNS = (
    "segment_id int, distance_to_centroid double, runner_up_segment_id int,"
    " distance_to_runner_up double, margin double,"
    " pushes array<struct<feature: string, push: double>>, model_id string, as_of_date date,"
    " previous_model_id string, previous_as_of_date date, previous_segment_id int,"
    " segment_id_by_previous_model int"
)


def assign(
    session: SparkSession,
    features: DataFrame,
    models: DataFrame,
    decisions: DataFrame,
    *,
    published: Any,
    matrix: DataFrame | None = None,
) -> DataFrame:
    """Assign every entity of the mart to a segment, by the model that was promoted last.

    Args:
        session: the Spark session.
        features: the feature mart, one row per entity, with a column ``as_of_date``.
        models: the model table.
        decisions: one row per decision on a model: ``model_id``, ``decided_at``, ``decision``.
        published: the relation that the segments are published under.
        matrix: the long mart, where the specification has a matrix.

    Returns:
        The columns of :func:`customer_segmentation.scoring.spark.score`, and how the row compares
        with the previous scoring, which is the last one by another model or as of another date:
        ``previous_model_id`` string, ``previous_as_of_date`` date, ``previous_segment_id`` int,
        null for a new customer, and ``segment_id_by_previous_model`` int, what that model gives on
        the data of now. All four are null in a first scoring, and where the model of the
        previous one is not among ``models`` or the mart lacks a column that it needs. In a run with
        ``--empty``, which calls this where nothing is published yet, no rows of these columns and
        of those of the mart. With a matrix also a column per component, ``known_items`` bigint and
        ``unscorable_reason`` string: a customer without an item that the model knows has a null
        segment and says why.

    Raises:
        ModelMismatchError: the mart lacks a column that the model was trained on.
        InputError: no model may score, or a feature of a customer is missing.
    """
    if is_empty_run():
        return _no_segments(features, matrix)
    progress = progress_of(_segmentation_of(f"{published}"))
    model = scoring_model(models, decisions, f"{published}")
    _check_columns(features, matrix, model)
    check_customers_scorable(features, model)
    scored = _scored(features, matrix, model)
    if matrix is not None and model.matrix is not None:
        unscorable = count_unscorable(features, matrix, model.matrix, model.entity_key)
        for reason, customers in unscorable.items():
            progress(f"{customers} customers have no segment: {reason}")
    before = _previous_scoring(session, published, model, size_and_date(features)[1])
    scoring = None if before is None else before.first()
    previous = None
    if scoring is not None:
        previous = _model_before(
            scoring["previous_model_id"], model, models, features, matrix, progress
        )
    if before is None or scoring is None or previous is None:
        return scored.select(
            "*",
            F.lit(None).cast("string").alias("previous_model_id"),
            F.lit(None).cast("date").alias("previous_as_of_date"),
            F.lit(None).cast("int").alias("previous_segment_id"),
            F.lit(None).cast("int").alias("segment_id_by_previous_model"),
        )
    by_previous = scored if previous is model else _scored(features, matrix, previous)
    return _beside_previous(scored, before, scoring, by_previous, previous, model)


def _scored(features: DataFrame, matrix: DataFrame | None, model: TrainedModel) -> DataFrame:
    """With the columns of a matrix where there is one, whether the model knows it or not."""
    if matrix is not None and model.matrix is not None:
        return score(with_components(features, matrix, model.matrix, model.entity_key), model)
    scored = score(features, model)
    if matrix is None:
        return scored
    return scored.select(
        "*",
        F.lit(None).cast("bigint").alias(KNOWN_ITEMS),
        F.lit(None).cast("string").alias(UNSCORABLE_REASON),
    )


def _check_columns(features: DataFrame, matrix: DataFrame | None, model: TrainedModel) -> None:
    """Refuse marts that lack a column which scoring reads, or a matrix that is not there."""
    check_scorable(features.columns, model)
    if model.matrix is None:
        return
    if matrix is None:
        raise ModelMismatchError(
            f"Model {model.model_id} was trained on a matrix. Give it to assign as well: "
            "nodes.assign(..., matrix=dbt.ref(...))."
        )
    check_matrix_columns(matrix.columns, model.matrix)


def _no_segments(features: DataFrame, matrix: DataFrame | None) -> DataFrame:
    """Without a model the entity key is not known: it is one of the columns of the mart."""
    further = "" if matrix is None else f", {KNOWN_ITEMS} bigint, {UNSCORABLE_REASON} string"
    columns = cast(StructType, StructType.fromDDL(_SEGMENT_COLUMNS + further))
    own = [name for name in features.columns if name not in columns.fieldNames()]
    nothing = (F.lit(None).cast(field.dataType).alias(field.name) for field in columns)
    return features.limit(0).select(*own, *nothing)


def scoring_model(models: DataFrame, decisions: DataFrame, published: str) -> TrainedModel:
    """The model of the newest decision that is not ``held``.

    Args:
        models: the model table.
        decisions: as for :func:`assign`.
        published: the relation that the segments are published under, for the message.

    Raises:
        InputError: no model was ever promoted.
    """
    decided = decided_model(decisions)
    if decided is None:
        newest = newest_model(models)
        if newest is None:
            raise InputError(f"{published} has no model to score with: the model table is empty.")
        name = _segmentation_of(published)
        raise InputError(
            f"No model of {name} may score, as nothing was decided since {newest.model_id} was "
            f"trained. Decide and score: dbt build --select {name}_segment_decisions+"
        )
    return stored_model(models, decided)


def _segmentation_of(published: str) -> str:
    return published.rpartition(".")[2].strip("`").removesuffix("_customer_segments")


def stored_model(models: DataFrame, model_id: str) -> TrainedModel:
    model = first_model(models.where(F.col("model_id") == model_id))
    if model is None:
        raise InputError(f"Model {model_id} was promoted, but the model table does not have it.")
    return model


def _previous_scoring(
    session: SparkSession, published: Any, model: TrainedModel, as_of_date: Any
) -> DataFrame | None:
    """Key, segment, model and date of the previous scoring, None or no rows for a first one."""
    table = published_table(session, published)
    newest = None if table is None else table.select("model_id", "as_of_date").first()
    if table is None or newest is None:
        return None
    repeated = newest["model_id"] == model.model_id and newest["as_of_date"] == as_of_date
    taken = {
        name: F.col(f"previous_{name}" if repeated else name)
        for name in ("model_id", "as_of_date", "segment_id")
    }
    return table.where(taken["segment_id"].isNotNull()).select(
        model.entity_key, *(column.alias(f"previous_{name}") for name, column in taken.items())
    )


def _model_before(
    previous_id: str,
    model: TrainedModel,
    models: DataFrame,
    features: DataFrame,
    matrix: DataFrame | None,
    progress: Callable[[str], None],
) -> TrainedModel | None:
    """The model of the previous scoring, None where the mart lacks a column that it needs.

    Also where the models are those of another schema, by ``--defer``, which do not have it.
    """
    if previous_id == model.model_id:
        return model
    previous = first_model(models.where(F.col("model_id") == previous_id))
    if previous is None:
        progress(f"no comparison with the scoring before: {previous_id} is not among the models")
        return None
    try:
        _check_columns(features, matrix, previous)
    except (ModelMismatchError, InputError) as error:
        progress(f"no comparison with the scoring before: {error}")
        return None
    return previous


def _beside_previous(
    scored: DataFrame,
    before: DataFrame,
    scoring: Row,
    by_previous: DataFrame,
    previous: TrainedModel,
    model: TrainedModel,
) -> DataFrame:
    """Where the previous scoring, of which ``scoring`` is one row, put each customer.

    Args:
        by_previous: What the model of that scoring says of the data of now.
    """
    key = model.entity_key
    segments = by_previous.select(key, F.col("segment_id").alias("segment_id_by_previous_model"))
    return (
        scored.join(before.select(key, "previous_segment_id"), key, "left")
        .join(segments, key, "left")
        .select(
            *scored.columns,
            F.lit(previous.model_id).alias("previous_model_id"),
            F.lit(scoring["previous_as_of_date"]).alias("previous_as_of_date"),
            "previous_segment_id",
            "segment_id_by_previous_model",
        )
    )
