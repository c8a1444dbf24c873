"""What the two Python models of a domain do: read Spark tables, call the library, return rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any

import pyarrow as pa
from dbt.adapters.events.logging import AdapterLogger
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.pandas.types import to_arrow_schema

from customer_segmentation.errors import InputError, ModelMismatchError
from customer_segmentation.model.table import MODEL_SCHEMA, from_row, to_rows
from customer_segmentation.model.trained_model import TrainedModel
from customer_segmentation.preparation.mart import read_customers
from customer_segmentation.preparation.preprocessing import check_training_columns
from customer_segmentation.scoring.spark import check_customers_scorable, check_scorable, score
from customer_segmentation.specification import Specification, specification_of
from customer_segmentation.training.engine import choose_engine
from customer_segmentation.training.memory import Previous
from customer_segmentation.training.memory import train as train_in_memory
from customer_segmentation.training.spark import train_in_spark

_WHERE = "config.meta.segmentation of the model that trains"

_progress = AdapterLogger("Segmentation").info


def train(
    session: SparkSession, features: DataFrame, *, published: Any, meta: Mapping[str, Any]
) -> DataFrame | None:
    """Train a model where one is due, and give the model table with it appended.

    Training is due where no model is published, where the specification is neither that of the
    newest model nor that of the model in use, and where ``meta["retrain"]`` asks for it. The new
    model's segment ids follow those of the newest one with the same entity key.

    Args:
        session: the Spark session.
        features: the feature mart, one row per entity, with a column ``as_of_date``.
        published: the relation that the model table is published under.
        meta: the dbt model's meta: ``segmentation``, the specification; ``overrides``, keys that
            replace those of the specification; ``retrain``; ``promotions``, the model beside this
            one that publishes the decisions on which model scores.

    Returns:
        All model rows, or None where nothing is trained and the published table stays as it is.
        Rows of an older version of the library get the columns and fields of this one, as nulls.

    Raises:
        SpecificationError: the specification is wrong.
        InputError: the mart cannot be clustered.
    """
    specification = specification_of(meta, _WHERE)
    stored = _published(session, published)
    history = None if stored is None else _with_all_columns(session, stored)
    newest = newest_model(history) if history is not None else None

    def hash_in_use() -> str | None:
        schema, name = f"{published}".rpartition(".")[0], meta.get("promotions")
        promotions = _published(session, f"{schema}.{name}") if name else None
        if history is None or newest is None or promotions is None:
            return None
        return _specification_in_use(history, newest, promotions)

    reason = _reason_to_train(specification, newest, hash_in_use, retrain=bool(meta.get("retrain")))
    if reason is None:
        _progress("the model was trained by this specification, nothing to train")
        return None if history is stored else history

    _progress(f"training: {reason}")
    check_training_columns(features.columns, specification)
    model = _trained(features, specification, _previous(history, specification))
    _progress(f"trained model {model.model_id}")
    # From Arrow, as from Python rows Spark would start Python workers for this one row.
    arrow = pa.Table.from_pylist(to_rows(model), schema=_arrow_schema())
    row = session.createDataFrame(arrow, MODEL_SCHEMA)
    return row if history is None else history.unionByName(row, allowMissingColumns=True)


def assign(
    session: SparkSession,
    features: DataFrame,
    models: DataFrame,
    promotions: DataFrame,
    *,
    published: Any,
) -> DataFrame:
    """Assign every entity of the mart to a segment, by the model that was promoted last.

    Args:
        session: the Spark session.
        features: the feature mart, one row per entity, with a column ``as_of_date``.
        models: the model table.
        promotions: one row per decision on a model: ``model_id``, ``decided_at``, ``decision``.
        published: the relation that the segments are published under.

    Returns:
        The columns of :func:`customer_segmentation.scoring.score`, and how the row compares with
        the previous scoring, which is the last one by another model or as of another date:
        ``previous_model_id`` string, ``previous_as_of_date`` date, ``previous_segment_id`` int,
        null for a new customer, and ``segment_id_by_previous_model`` int, what that model gives on
        the data of now. All four are null in a first scoring, and where the mart lacks a column
        that the model of the previous one needs.

    Raises:
        ModelMismatchError: the mart lacks a column that the model was trained on.
        InputError: no model may score, or a feature of a customer is missing.
    """
    model = scoring_model(models, promotions)
    check_scorable(features.columns, model)
    check_customers_scorable(features, model)
    scored = score(features, model)
    before = _previous_scoring(session, published, model, _size_and_date(features)[1])
    scoring = None if before is None else before.first()
    previous = None
    if scoring is not None:
        previous = _model_before(scoring["previous_model_id"], model, models, features)
    if before is None or scoring is None or previous is None:
        return scored.select(
            "*",
            F.lit(None).cast("string").alias("previous_model_id"),
            F.lit(None).cast("date").alias("previous_as_of_date"),
            F.lit(None).cast("int").alias("previous_segment_id"),
            F.lit(None).cast("int").alias("segment_id_by_previous_model"),
        )
    return _beside_previous(scored, before, scoring, features, previous, model)


def scoring_model(models: DataFrame, promotions: DataFrame) -> TrainedModel:
    """The model of the newest decision that is not ``held``.

    Raises:
        InputError: no model was ever promoted.
    """
    decided = _decided(promotions)
    if decided is None:
        raise InputError(
            "No model may score: every one misses a gate that holds it back, see "
            "<domain>_segment_promotions for which. Change the specification or its gates, or "
            "promote a model on purpose: segmentation models promote DOMAIN MODEL_ID."
        )
    return _model(models, decided)


def newest_model(models: DataFrame) -> TrainedModel | None:
    """The model of a model table that was trained last, None where the table is empty."""
    rows = models.orderBy(F.col("trained_at").desc(), F.col("model_id").desc()).limit(1).collect()
    return from_row(rows[0]) if rows else None


def _published(session: SparkSession, published: Any) -> DataFrame | None:
    name = str(published)
    return session.table(name) if session.catalog.tableExists(name) else None


def _decided(promotions: DataFrame) -> str | None:
    """The model of the newest decision that is not ``held``, None without one."""
    decided = (
        promotions.where(F.col("decision") != "held")
        .orderBy(F.col("decided_at").desc(), F.col("model_id").desc())
        .select("model_id")
        .first()
    )
    return None if decided is None else str(decided["model_id"])


def _specification_in_use(
    history: DataFrame, newest: TrainedModel, promotions: DataFrame
) -> str | None:
    """Hash of the specification of the model that scores and will score after this build.

    None where that is not known: on the newest model nothing was decided yet, or the one decided
    for is gone.
    """
    if promotions.where(F.col("model_id") == newest.model_id).isEmpty():
        return None
    used = history.where(F.col("model_id") == F.lit(_decided(promotions)))
    row = used.select("specification_hash").first()
    return None if row is None else str(row["specification_hash"])


def _with_all_columns(session: SparkSession, stored: DataFrame) -> DataFrame:
    """The model table itself, or with the columns and fields that it lacks, at any depth."""
    if stored.schema.simpleString() == MODEL_SCHEMA.simpleString():
        return stored
    nothing = session.createDataFrame([], MODEL_SCHEMA)
    both = stored.unionByName(nothing, allowMissingColumns=True)
    return stored if both.schema.simpleString() == stored.schema.simpleString() else both


def _model(models: DataFrame, model_id: str) -> TrainedModel:
    rows = models.where(F.col("model_id") == model_id).limit(1).collect()
    if not rows:
        raise InputError(f"Model {model_id} was promoted, but the model table does not have it.")
    return from_row(rows[0])


def _previous(history: DataFrame | None, specification: Specification) -> Previous | None:
    """The newest model with the same entity key that may score, and the highest id of any of them.

    A model that its gates hold back gave ids to segments that nobody saw. Where all are held, the
    newest.
    """
    if history is None:
        return None
    same = history.where(F.col("entity_key") == specification.entity_key)
    newest = newest_model(same.where("gates_passed")) or newest_model(same)
    if newest is None:
        return None
    ids = same.select(F.explode("segments.segment_id").alias("segment_id"))
    return Previous(newest, ids.agg(F.max("segment_id")).first()[0])  # type: ignore[index]


def _columns_of(previous: Previous | None, features: DataFrame) -> list[str]:
    """Columns that the previous model needs, where the mart still has them all."""
    if previous is None:
        return []
    names = [item.column for item in previous.model.features]
    return names if set(names) <= set(features.columns) else []


def _previous_scoring(
    session: SparkSession, published: Any, model: TrainedModel, as_of_date: Any
) -> DataFrame | None:
    """Key, segment, model and date of the previous scoring, None or no rows for a first one."""
    table = _published(session, published)
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
    previous_id: str, model: TrainedModel, models: DataFrame, features: DataFrame
) -> TrainedModel | None:
    """The model of the previous scoring, None where the mart lacks a column that it needs."""
    if previous_id == model.model_id:
        return model
    previous = _model(models, previous_id)
    try:
        check_scorable(features.columns, previous)
    except ModelMismatchError as error:
        _progress(f"no comparison with the scoring before: {error}")
        return None
    return previous


def _beside_previous(
    scored: DataFrame,
    before: DataFrame,
    scoring: Row,
    features: DataFrame,
    previous: TrainedModel,
    model: TrainedModel,
) -> DataFrame:
    """Where the previous scoring, of which ``scoring`` is one row, put each customer."""
    key = model.entity_key
    by_previous = scored.select(key, F.col("segment_id").alias("segment_id_by_previous_model"))
    if previous.model_id != model.model_id:
        by_previous = score(features, previous).select(
            key, F.col("segment_id").alias("segment_id_by_previous_model")
        )
    return (
        scored.join(before.select(key, "previous_segment_id"), key, "left")
        .join(by_previous, key, "left")
        .select(
            *scored.columns,
            F.lit(previous.model_id).alias("previous_model_id"),
            F.lit(scoring["previous_as_of_date"]).alias("previous_as_of_date"),
            "previous_segment_id",
            "segment_id_by_previous_model",
        )
    )


def _trained(
    features: DataFrame, specification: Specification, previous: Previous | None
) -> TrainedModel:
    row_count, as_of_date = _size_and_date(features)
    engine, why = choose_engine(row_count, specification)
    _progress(f"engine {engine}: {why}")
    further = _columns_of(previous, features)
    trained_at = datetime.now(timezone.utc)
    if engine == "spark":
        return train_in_spark(
            features,
            specification,
            as_of_date=as_of_date,
            trained_at=trained_at,
            previous=previous,
            further=further,
            progress=_progress,
        )
    return train_in_memory(
        read_customers(features, specification, further),
        specification,
        as_of_date=as_of_date,
        trained_at=trained_at,
        previous=previous,
        progress=_progress,
    )


def _reason_to_train(
    specification: Specification,
    newest: TrainedModel | None,
    hash_in_use: Callable[[], str | None],
    *,
    retrain: bool,
) -> str | None:
    if newest is None:
        return "no model is published yet"
    if retrain:
        return "retraining was asked for"
    if newest.specification_hash == specification.specification_hash:
        return None
    # After a rollback the specification may go back too.
    if hash_in_use() == specification.specification_hash:
        return None
    return f"the specification differs from that of model {newest.model_id}"


def _arrow_schema() -> pa.Schema:
    return to_arrow_schema(MODEL_SCHEMA, timezone="UTC")


def _size_and_date(features: DataFrame) -> tuple[int, Any]:
    found = features.agg(F.count(F.lit(1)).alias("customers"), F.max("as_of_date").alias("day"))
    row = found.collect()[0]
    if row["day"] is None:
        raise InputError(
            "The feature mart has no customers to train on. Check what was accepted of the raw "
            "data: the rejected rows name the reason for each."
        )
    return row["customers"], row["day"]
