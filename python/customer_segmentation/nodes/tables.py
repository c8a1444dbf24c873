"""What training and scoring both read of the published tables and of the mart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dbt.adapters.events.logging import AdapterLogger
from dbt.flags import get_flags
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from customer_segmentation.errors import InputError
from customer_segmentation.model.table import from_row
from customer_segmentation.model.trained_model import TrainedModel


def progress_of(segmentation: str) -> Callable[[str], None]:
    """Say lines that name their segmentation: several train and score at a time."""
    info = AdapterLogger("Segmentation").info
    return lambda line: info(f"{segmentation}: {line}")


def is_empty_run() -> bool:
    """Whether dbt was asked for ``--empty``: models then have columns and no rows."""
    return bool(getattr(get_flags(), "EMPTY", False))  # type: ignore[no-untyped-call]


def newest_model(models: DataFrame) -> TrainedModel | None:
    """The model of a model table that was trained last, None where the table is empty."""
    return first_model(models.orderBy(F.col("trained_at").desc(), F.col("model_id").desc()))


def first_model(models: DataFrame) -> TrainedModel | None:
    """The model of the first row, None where there is none.

    As Arrow: the loadings of thousands of items as Python rows take six times as long.
    """
    rows = models.limit(1).toArrow().to_pylist()
    return from_row(rows[0]) if rows else None


def published_table(session: SparkSession, published: Any) -> DataFrame | None:
    name = str(published)
    return session.table(name) if session.catalog.tableExists(name) else None


def decided_model(decisions: DataFrame) -> str | None:
    """The model of the newest decision that is not ``held``, None without one."""
    decided = (
        decisions.where(F.col("decision") != "held")
        .orderBy(F.col("decided_at").desc(), F.col("model_id").desc())
        .select("model_id")
        .first()
    )
    return None if decided is None else str(decided["model_id"])


def size_and_date(features: DataFrame) -> tuple[int, Any]:
    found = features.agg(F.count(F.lit(1)).alias("customers"), F.max("as_of_date").alias("day"))
    row = found.collect()[0]
    if row["day"] is None:
        raise InputError(
            "The feature mart has no customers to train on. Check what was accepted of the raw "
            "data: the rejected rows name the reason for each."
        )
    return row["customers"], row["day"]
