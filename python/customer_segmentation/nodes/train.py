"""Train a model where one is due."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.pandas.types import to_arrow_schema

from customer_segmentation.model.table import MODEL_SCHEMA, to_rows
from customer_segmentation.model.trained_model import TrainedModel
from customer_segmentation.nodes.layout import in_layout
from customer_segmentation.nodes.tables import (
    decided_model,
    is_empty_run,
    newest_model,
    progress_of,
    published_table,
    size_and_date,
)
from customer_segmentation.preparation.checks import (
    check_matrix,
    check_matrix_columns,
    check_training_columns,
)
from customer_segmentation.scoring.contract import columns_read
from customer_segmentation.specification import Specification, specification_of
from customer_segmentation.training.engine import train_by_engine
from customer_segmentation.training.previous import Previous
from dbt_spark_python.session import is_sail


def train(
    session: SparkSession,
    features: DataFrame,
    *,
    published: Any,
    meta: Mapping[str, Any],
    matrix: DataFrame | None = None,
) -> DataFrame | None:
    """Train a model where one is due, and give the model table with it appended.

    Training is due where no model is published, where the specification is neither that of the
    newest model nor that of the model in use, and where ``meta["retrain"]`` asks for it. The new
    model's segment ids follow those of the newest one with the same entity key that may score.

    Args:
        session: the Spark session.
        features: the feature mart, one row per entity, with a column ``as_of_date``.
        published: the relation that the model table is published under.
        meta: the dbt model's meta: ``segmentation``, its name; ``specification``; ``overrides``,
            by segmentation the keys that replace those of the specification; ``retrain``, a
            segmentation to train on purpose, or ``all``.
        matrix: the long mart that the specification's ``matrix`` names the columns of; None
            without it.

    Returns:
        All model rows, or None where nothing is trained and the published table stays as it is. No
        rows in a run with ``--empty``, which calls this where nothing is published yet.
        Rows of an older version of the library get the columns and fields of this one, as nulls.

    Raises:
        SpecificationError: the specification is wrong.
        InputError: the mart cannot be clustered, or needs Spark's MLlib on Sail.
    """
    name = meta["segmentation"]
    progress = progress_of(name)
    specification = specification_of(meta, f"config.meta.specification of {name}_segment_models")
    if is_empty_run():
        _check_columns(features, matrix, specification)
        return session.createDataFrame([], MODEL_SCHEMA)
    stored = published_table(session, published)
    history = None if stored is None else _of_this_version(stored)
    newest = newest_model(history) if history is not None else None

    def published_decisions() -> DataFrame | None:
        schema, dot, _ = f"{published}".rpartition(".")
        return published_table(session, f"{schema}{dot}{name}_segment_decisions")

    def hash_in_use() -> str | None:
        decisions = published_decisions()
        if history is None or newest is None or decisions is None:
            return None
        return _specification_in_use(history, newest, decisions)

    retrain = meta.get("retrain") in (name, "all")
    reason = _reason_to_train(specification, newest, hash_in_use, retrain=retrain)
    if reason is None:
        progress("the model was trained by this specification, nothing to train")
        return None if history is stored else history

    progress(f"training: {reason}")
    _check_columns(features, matrix, specification)
    previous = None
    if history is not None:
        previous = _previous(history, specification, published_decisions())
    model = _trained(features, matrix, specification, previous, progress)
    progress(f"trained model {model.model_id}")
    # From Arrow, as from Python rows Spark would start Python workers for this one row.
    arrow = pa.Table.from_pylist(to_rows(model), schema=_arrow_schema())
    row = session.createDataFrame(arrow, MODEL_SCHEMA)
    return row if history is None else history.unionByName(row, allowMissingColumns=True)


def _check_columns(
    features: DataFrame, matrix: DataFrame | None, specification: Specification
) -> None:
    """Refuse marts that lack a column which the specification names."""
    check_training_columns(features.columns, specification)
    check_matrix(specification, is_given=matrix is not None)
    if matrix is not None and specification.matrix is not None:
        check_matrix_columns(matrix.columns, specification.matrix)


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


def _specification_in_use(
    history: DataFrame, newest: TrainedModel, decisions: DataFrame
) -> str | None:
    """Hash of the specification of the model that scores and will score after this build.

    None where that is not known: on the newest model nothing was decided yet, or the one decided
    for is gone.
    """
    if decisions.where(F.col("model_id") == newest.model_id).isEmpty():
        return None
    used = history.where(F.col("model_id") == F.lit(decided_model(decisions)))
    row = used.select("specification_hash").first()
    return None if row is None else str(row["specification_hash"])


def _of_this_version(stored: DataFrame) -> DataFrame:
    """The model table itself, or with the columns and fields that it lacks, at any depth."""
    if stored.schema.simpleString() == MODEL_SCHEMA.simpleString():
        return stored
    # This version's columns come first, in its order: the registry reads no other layout.
    found = in_layout(stored, MODEL_SCHEMA)
    return stored if found.schema.simpleString() == stored.schema.simpleString() else found


def _previous(
    history: DataFrame, specification: Specification, decisions: DataFrame | None
) -> Previous | None:
    """The newest model with the same entity key that may score, and the highest id of any of them.

    A model that is held back gave ids to segments that nobody saw. Where all are held, the newest.
    """
    same = history.where(F.col("entity_key") == specification.entity_key)
    may_score = F.col("gates_passed")
    if decisions is not None:
        promoted = decisions.where(F.col("decision") != "held").select("model_id").distinct()
        may_score |= F.col("model_id").isin([row["model_id"] for row in promoted.collect()])
    newest = newest_model(same.where(may_score)) or newest_model(same)
    if newest is None:
        return None
    ids = same.select(F.explode("segments.segment_id").alias("segment_id"))
    return Previous(newest, ids.agg(F.max("segment_id")).first()[0])  # type: ignore[index]


def _columns_of(previous: Previous | None, features: DataFrame) -> list[str]:
    """Columns that the previous model needs, where the mart still has them all."""
    if previous is None:
        return []
    names = list(columns_read(previous.model))
    return names if set(names) <= set(features.columns) else []


def _trained(
    features: DataFrame,
    matrix: DataFrame | None,
    specification: Specification,
    previous: Previous | None,
    progress: Callable[[str], None],
) -> TrainedModel:
    row_count, as_of_date = size_and_date(features)
    return train_by_engine(
        features,
        specification,
        row_count,
        matrix=matrix,
        as_of_date=as_of_date,
        trained_at=datetime.now(timezone.utc),
        previous=previous,
        further=_columns_of(previous, features),
        progress=progress,
        has_mllib=not is_sail(),
    )


def _arrow_schema() -> pa.Schema:
    return to_arrow_schema(MODEL_SCHEMA, timezone="UTC")
