"""The SQL test that recomputes every segment: it finds nothing in what scoring gives by any rule,
and every customer whose row says something else."""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import Any

import jinja2
import numpy as np
import pandas as pd
import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from customer_segmentation.model.table import MODEL_SCHEMA, to_rows
from customer_segmentation.preparation.long_matrix import matrix_of_frame
from customer_segmentation.scoring.spark import score
from customer_segmentation.scoring.spark_components import with_components
from customer_segmentation.specification import parse_specification
from customer_segmentation.training.memory import train
from project_runs import ROOT

TEST = ROOT / "macros" / "tests" / "recomputed_segments.sql"
AS_OF = date(2024, 1, 31)
COMPONENTS = [f"component_{at}" for at in (1, 2, 3, 4)]
NUMERIC = ["days_since_last_order", "orders_lifetime", "net_revenue_lifetime"]
SCALED: list[Any] = [
    {"name": "days_since_last_order", "transform": "winsorize", "lower": 0.05, "upper": 0.9},
    {"name": "orders_lifetime", "transform": "log1p"},
    {"name": "net_revenue_lifetime", "transform": "none"},
]
COUNTRY = {"name": "country", "encoding": "one_hot", "rare_below": 0.05}
SPECIFICATIONS: dict[str, dict[str, Any]] = {
    "numeric": {"k": 4},
    "encoded": {"k": 3, "features": [*SCALED, COUNTRY]},
    "reduced": {"k": 3, "reduction": {"method": "pca", "components": 2}},
    "gaussian": {"k": 3, "algorithm": "gaussian_mixture"},
    "gaussian_reduced": {
        "k": 3,
        "algorithm": "gaussian_mixture",
        "features": [*SCALED, COUNTRY],
        "reduction": {"method": "pca", "components": 3},
    },
    "matrix": {
        "k": 4,
        "features": ["days_since_last_order"],
        "matrix": {"entity": "buyer", "item": "product", "value": "pieces"},
        "reduction": {"components": 4},
    },
    "radius": {"algorithm": "hdbscan", "density": {"min_cluster_size": 30}},
}


def customers() -> pd.DataFrame:
    """Three groups and some customers far from all, of countries of which two are rare."""
    rng = np.random.default_rng(7)
    group = rng.choice(4, 400, p=[0.45, 0.3, 0.2, 0.05])
    spread = np.array([1.0, 0.5, 1.5, 12.0])[group]
    countries = rng.choice(["FR", "DE", "NO", "it's"], 400, p=[0.6, 0.35, 0.03, 0.02])
    frame = pd.DataFrame({"customer_id": [f"C{at}" for at in range(400)], "country": countries})
    for name, centres in zip(
        NUMERIC, ((10, 40, 30, 25), (5, 8, 30, 15), (60, 90, 20, 50)), strict=True
    ):
        frame[name] = np.array(centres)[group] + spread * rng.normal(size=400)
    return frame


def rendered(**matrix: str) -> str:
    """The SQL of the test for the views below, as dbt renders it."""
    package = {
        "numeric_columns": lambda relation, *_: COMPONENTS if "segments" in relation else NUMERIC,
        "columns_of_type": lambda *_: ["country"],
        "feature_columns": lambda *_: [*NUMERIC, "country"],
        "string_literal": lambda text: f"'{text}'",
        "backticked": lambda name: f"`{name}`",
    }
    source = TEST.read_text().replace("{% test ", "{% macro ").replace("endtest", "endmacro")
    macros: Any = (
        jinja2.Environment(extensions=["jinja2.ext.do"])
        .from_string(source)
        .make_module({"customer_segmentation": package})
    )
    sql: str = macros.recomputed_segments(
        model="given_segments",
        mart="given_mart",
        models="given_models",
        key="customer_id",
        **matrix,
    )
    return sql


def bought(frame: pd.DataFrame) -> pd.DataFrame:
    """Products of the customers, all but the last, with one that is new since training."""
    rng = np.random.default_rng(8)
    groups = pd.qcut(frame["orders_lifetime"], 4, labels=False)
    rows = [
        (customer, at, float(rng.integers(1, 4)))
        for customer, group in zip(frame["customer_id"][:-1], groups, strict=False)
        for at in range(24)
        if rng.random() < (0.8 if at % 4 == group else 0.2) or at == 23
    ]
    return pd.DataFrame(rows, columns=["buyer", "product", "pieces"])


class Tables:
    """The tables that the SQL test reads, as views of the session."""

    def __init__(self, spark: Any, specification: dict[str, Any]) -> None:
        self.spark = spark
        self.sql = rendered()
        base = {
            "entity_key": "customer_id",
            "features": SCALED,
            "starts": 2,
            "stability": {"seeds": 1, "resamples": 1},
            "ordering": {"measure": "net_revenue_lifetime"},
        }
        frame = customers()
        spec = parse_specification({**base, **specification}, "test")
        rows = bought(frame)
        known = rows[rows["product"] < 22]
        model = train(
            frame,
            spec,
            matrix=None if spec.matrix is None else matrix_of_frame(known, spec.matrix),
            as_of_date=AS_OF,
            trained_at=datetime(2024, 2, 1, tzinfo=timezone.utc),
        )
        mart = spark.createDataFrame(frame).withColumn("as_of_date", F.lit(AS_OF))
        self._put("models", spark.createDataFrame(to_rows(model), MODEL_SCHEMA))
        self._put("mart", mart)
        if model.matrix is not None:
            self._put("matrix", spark.createDataFrame(rows))
            columns = {"entity": "buyer", "item": "product", "value": "pieces"}
            self.sql = rendered(matrix="given_matrix", **columns)
            matrix = spark.table("given_matrix")
            mart = with_components(mart, matrix, model.matrix, "customer_id")
        self.segments = score(mart, model).localCheckpoint()

    def failures(self, segments: DataFrame) -> set[str]:
        """Customers that the SQL test names."""
        self._put("segments", segments)
        return {row.customer_id for row in self.spark.sql(self.sql).collect()}

    def _put(self, name: str, frame: DataFrame) -> None:
        frame.createOrReplaceTempView(f"given_{name}")


# Other values for columns of a customer's row, as SQL expressions.
PLACED_WRONG = [
    {
        "segment_id": "runner_up_segment_id",
        "runner_up_segment_id": "segment_id",
        "distance_to_centroid": "distance_to_runner_up",
        "distance_to_runner_up": "distance_to_centroid",
        "margin": "-margin",
    },
    {"segment_id": "null"},
    {"segment_id": "-1", "margin": "null", "pushes": "null"},
    {"distance_to_centroid": "distance_to_centroid + 1e-6"},
    {"distance_to_runner_up": "distance_to_runner_up + 1e-6"},
    {"runner_up_segment_id": "segment_id"},
    {"runner_up_segment_id": "null"},
    {"margin": "margin + 1e-6"},
    {"margin": "null"},
    {"pushes": "transform(pushes, p -> named_struct('feature', p.feature, 'push', p.push + 1e-6))"},
    {"pushes": "null"},
]
COMPONENT_WRONG = [{"component_2": "component_2 + 1e-6"}, {"component_4": "null"}]
NOISE_WRONG = [
    {"segment_id": "runner_up_segment_id"},
    {"distance_to_centroid": "distance_to_centroid + 1e-6"},
]


def tampered(segments: DataFrame, wrong: dict[str, dict[str, str]]) -> DataFrame:
    """With other values in some columns of the customers named."""
    for key, columns in wrong.items():
        is_one = F.col("customer_id") == key
        segments = segments.withColumns(
            {
                name: F.when(is_one, F.expr(new)).otherwise(F.col(name))
                for name, new in columns.items()
            }
        )
    return segments


@pytest.mark.parametrize("kind", SPECIFICATIONS)
def test_what_scoring_gives_is_recomputed_and_anything_else_is_found(spark: Any, kind: str) -> None:
    tables = Tables(spark, SPECIFICATIONS[kind])
    assert tables.failures(tables.segments) == set()
    # Of a matrix the last customer has no item; every one of the others has one.
    without = ["C399"] if kind == "matrix" else []

    keys = tables.segments.orderBy(F.desc_nulls_last("margin")).select("customer_id", "segment_id")
    placed = [row.customer_id for row in keys.collect() if (row.segment_id or -1) != -1]
    noise = [row.customer_id for row in keys.collect() if row.segment_id == -1]
    assert bool(noise) == (kind == "radius")
    mistakes = [*PLACED_WRONG, *(COMPONENT_WRONG if kind == "matrix" else [])]
    wrong = {
        **dict(zip(placed, mistakes, strict=False)),
        **dict(zip(noise, NOISE_WRONG, strict=False)),
        **{key: {"segment_id": "1"} for key in without},
    }
    lost = placed[len(mistakes)]
    changed = tampered(tables.segments, wrong).where(F.col("customer_id") != lost)
    assert tables.failures(changed) == {*wrong, lost}
    gone = tables.segments.where(~F.col("customer_id").isin(without))
    assert tables.failures(gone) == set(without)
