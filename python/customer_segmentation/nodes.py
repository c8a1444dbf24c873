"""What the two Python models of a domain do: read Spark tables, call the library, return rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

import pyarrow as pa
from dbt.adapters.events.logging import AdapterLogger
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import DecimalType

from customer_segmentation.errors import InputError
from customer_segmentation.model_table import MODEL_SCHEMA, from_row, to_rows
from customer_segmentation.preprocessing import check_training_columns
from customer_segmentation.scoring import check_customers_scorable, check_scorable, score
from customer_segmentation.specification import Specification, parse_specification
from customer_segmentation.training import TrainedModel
from customer_segmentation.training import train as train_model

_WHERE = "config.meta.segmentation of the model that trains"

_progress = AdapterLogger("Segmentation").info


def train(
    session: SparkSession, features: DataFrame, *, published: Any, meta: Mapping[str, Any]
) -> DataFrame | None:
    """Train a model where one is due, and give the model table with it appended.

    Training is due where no model is published, where the specification differs from that of the
    newest model, and where ``meta["retrain"]`` asks for it.

    Args:
        session: the Spark session.
        features: the feature mart, one row per entity, with a column ``as_of_date``.
        published: the relation that the model table is published under.
        meta: the dbt model's meta: ``segmentation``, the specification; ``overrides``, keys that
            replace those of the specification; ``retrain``.

    Returns:
        All model rows, or None where nothing is trained and the published table stays as it is.

    Raises:
        SpecificationError: the specification is wrong.
        InputError: the mart cannot be clustered.
    """
    specification = parse_specification(
        {**meta["segmentation"], **(meta.get("overrides") or {})}, _WHERE
    )
    history = session.table(str(published)) if session.catalog.tableExists(str(published)) else None
    newest = newest_model(history) if history is not None else None
    reason = _reason_to_train(specification, newest, retrain=bool(meta.get("retrain")))
    if reason is None:
        _progress("the newest model was trained by this specification, nothing to train")
        return None

    _progress(f"training: {reason}")
    check_training_columns(features.columns, specification)
    columns = [_as_number(features, name) for name in specification.training_columns]
    frame = features.select(*columns).toArrow().to_pandas()
    model = train_model(
        frame,
        specification,
        as_of_date=_as_of_date(features),
        trained_at=datetime.now(timezone.utc),
        progress=_progress,
    )
    _progress(f"trained model {model.model_id}")
    # From Arrow, as from Python rows Spark would start Python workers for this one row.
    arrow = pa.Table.from_pylist(to_rows(model), schema=_arrow_schema())
    row = session.createDataFrame(arrow, MODEL_SCHEMA)
    return row if history is None else history.unionByName(row, allowMissingColumns=True)


def assign(models: DataFrame, features: DataFrame) -> DataFrame:
    """Assign every entity of the mart to its nearest segment, by the newest model.

    Args:
        models: the model table.
        features: the feature mart, one row per entity, with a column ``as_of_date``.

    Returns:
        The columns of :func:`customer_segmentation.scoring.score`.

    Raises:
        ModelMismatchError: the mart lacks a column that the model was trained on.
        InputError: a feature of a customer is missing.
    """
    model = newest_model(models)
    if model is None:
        raise InputError("The model table is empty: train a model before customers are assigned.")
    check_scorable(features.columns, model)
    check_customers_scorable(features, model)
    return score(features, model)


def newest_model(models: DataFrame) -> TrainedModel | None:
    """The model of a model table that was trained last, None where the table is empty."""
    rows = models.orderBy(F.col("trained_at").desc(), F.col("model_id").desc()).limit(1).collect()
    return from_row(rows[0]) if rows else None


def _reason_to_train(
    specification: Specification, newest: TrainedModel | None, *, retrain: bool
) -> str | None:
    if newest is None:
        return "no model is published yet"
    if retrain:
        return "retraining was asked for"
    if newest.specification_hash != specification.specification_hash:
        return f"the specification differs from that of model {newest.model_id}"
    return None


def _arrow_schema() -> pa.Schema:
    return to_arrow_schema(MODEL_SCHEMA, timezone="UTC")


def _as_number(features: DataFrame, name: str) -> Column:
    """The column, decimals as doubles: pandas would hold each decimal as an object."""
    column = F.col(name)
    if isinstance(features.schema[name].dataType, DecimalType):
        return column.cast("double").alias(name)
    return column


def _as_of_date(features: DataFrame) -> Any:
    as_of_date = features.agg(F.max("as_of_date")).first()[0]  # type: ignore[index]
    if as_of_date is None:
        raise InputError(
            "The feature mart has no customers to train on. Check what was accepted of the raw "
            "data: the rejected rows name the reason for each."
        )
    return as_of_date
