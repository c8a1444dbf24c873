"""Which model a new one continues, and what a scoring is compared with."""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import functions as F  # noqa: N812

from customer_segmentation import nodes
from customer_segmentation.model.table import MODEL_SCHEMA, from_row, to_rows
from customer_segmentation.model.trained_model import TrainedModel
from customer_segmentation.specification import parse_specification
from customer_segmentation.training.memory import train

SPECIFICATION = {
    "entity_key": "customer_id",
    "features": ["orders", "revenue"],
    "k": 3,
    "starts": 2,
    "stability": {"seeds": 1, "resamples": 1},
    "ordering": {"measure": "orders"},
}
META = {"segmentation": "s", "specification": SPECIFICATION}
HELD = {"k": 2, "gates": [{"measure": "smallest_size", "at_least": 1000, "severity": "error"}]}


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    group = rng.choice(3, 200)
    return pd.DataFrame(
        {
            "customer_id": [f"C{at:03}" for at in range(200)],
            "orders": np.array([1.0, 9, 30])[group] + rng.normal(0, 0.3, 200),
            "revenue": np.array([50.0, 9, 400])[group] + rng.normal(0, 3, 200),
            "as_of_date": date(2024, 1, 31),
        }
    )


def trained(customers: pd.DataFrame, day: int, **changes: Any) -> TrainedModel:
    return train(
        customers,
        parse_specification({**SPECIFICATION, **changes}, "test"),
        as_of_date=date(2024, 1, 31),
        trained_at=datetime(2024, 2, day, tzinfo=timezone.utc),
    )


def model_table(spark: Any, *models: TrainedModel) -> Any:
    return spark.createDataFrame([row for model in models for row in to_rows(model)], MODEL_SCHEMA)


def test_a_new_model_continues_the_newest_one_that_its_gates_let_score(
    spark: Any, customers: pd.DataFrame
) -> None:
    good, held = trained(customers, 1), trained(customers, 2, **HELD)
    assert held.report is not None
    assert not held.report.gates_passed
    model_table(spark, good, held).createOrReplaceTempView("nodes_models")
    found = nodes.train(
        spark,
        spark.createDataFrame(customers),
        published="nodes_models",
        meta=META,
    )
    assert found is not None
    new = found.orderBy(found.trained_at.desc()).first()
    assert found.count() == 3
    assert new.previous_model_id == good.model_id
    assert sorted(item.segment_id for item in new.segments) == [1, 2, 3]


def test_a_new_model_continues_the_one_that_scores_whatever_its_gates_say(
    spark: Any, customers: pd.DataFrame
) -> None:
    gates = [{"measure": "smallest_size", "at_least": 1000, "severity": "error"}]
    scores, held = trained(customers, 1, gates=gates), trained(customers, 2, **HELD)
    model_table(spark, scores, held).createOrReplaceGlobalTempView("nodes_models")
    decisions = [
        (model.model_id, model.trained_at, decision)
        for model, decision in ((scores, "promoted"), (held, "held"))
    ]
    columns = "model_id string, decided_at timestamp, decision string"
    spark.createDataFrame(decisions, columns).createOrReplaceGlobalTempView("s_segment_decisions")
    found = nodes.train(
        spark, spark.createDataFrame(customers), published="global_temp.nodes_models", meta=META
    )
    assert found is not None
    new = found.orderBy(found.trained_at.desc()).first()
    assert new.previous_model_id == scores.model_id
    assert sorted(item.segment_id for item in new.segments) == [1, 2, 3]


def test_a_specification_that_goes_back_with_a_rollback_trains_nothing(
    spark: Any, customers: pd.DataFrame
) -> None:
    old, new = trained(customers, 1), trained(customers, 2, k=2)
    model_table(spark, old, new).createOrReplaceGlobalTempView("nodes_models")

    def trains(*decided: str) -> bool:
        decisions = [
            (model_id, datetime(2024, 3, day, tzinfo=timezone.utc), "promoted")
            for day, model_id in enumerate(decided, 1)
        ]
        columns = "model_id string, decided_at timestamp, decision string"
        spark.createDataFrame(decisions, columns).createOrReplaceGlobalTempView(
            "s_segment_decisions"
        )
        found = nodes.train(
            spark,
            spark.createDataFrame(customers),
            published="global_temp.nodes_models",
            meta=META,
        )
        return found is not None

    assert not trains(new.model_id, old.model_id)
    assert trains(old.model_id, new.model_id)
    # A build that broke off before it decided on the newest: that one would score after this.
    assert trains(old.model_id)
    # A table of models that was made anew does not have the one decided for.
    assert trains(new.model_id, "gone")


def test_rows_of_an_older_version_get_the_columns_of_this_one(
    spark: Any, customers: pd.DataFrame
) -> None:
    model = trained(customers, 1)
    older = (
        model_table(spark, model)
        .withColumn(
            "candidates",
            F.transform("candidates", lambda item: item.dropFields("customers_measured")),
        )
        .drop("stability")
        .withColumn("of_a_later_version", F.lit(1))
    )
    older.createOrReplaceTempView("nodes_models")
    for meta in (META, {**META, "specification": {**SPECIFICATION, "k": 2}}):
        found = nodes.train(
            spark,
            spark.createDataFrame(customers),
            published="nodes_models",
            meta=meta,
        )
        assert found is not None
        # In this version's layout, as the registry compares types.
        layout = found.select(*MODEL_SCHEMA.names).schema.simpleString()
        assert layout == MODEL_SCHEMA.simpleString()
        assert set(found.columns) == {*MODEL_SCHEMA.names, "of_a_later_version"}
        row = found.orderBy("trained_at").first()
        assert row.stability is None
        assert [item.customers_measured for item in row.candidates] == [None] * 3
        assert [item.silhouette for item in row.candidates] == [
            item.measures.silhouette for item in model.candidates
        ]
        assert from_row(row).candidates[0].customers_measured is None
        assert from_row(row).segments == model.segments
    later = model_table(spark, model).withColumn("of_a_later_version", F.lit(1))
    later.createOrReplaceTempView("nodes_models")
    assert nodes.train(spark, later, published="nodes_models", meta=META) is None


def test_a_scoring_by_a_model_whose_column_is_gone_is_not_compared(
    spark: Any, customers: pd.DataFrame
) -> None:
    old, new = trained(customers, 1), trained(customers, 2, features=["orders"])
    models = model_table(spark, old, new)

    def assigned(features: pd.DataFrame, promoted: TrainedModel, published: str) -> Any:
        decisions = [(promoted.model_id, promoted.trained_at, "promoted")]
        return nodes.assign(
            spark,
            spark.createDataFrame(features),
            models,
            spark.createDataFrame(
                decisions, "model_id string, decided_at timestamp, decision string"
            ),
            published=published,
        )

    assigned(customers, old, "nodes_nothing").createOrReplaceTempView("nodes_segments")
    compared = assigned(customers, new, "nodes_segments").first()
    assert compared.previous_model_id == old.model_id
    assert compared.segment_id_by_previous_model is not None
    alone = assigned(customers.drop(columns="revenue"), new, "nodes_segments").collect()
    assert {row.model_id for row in alone} == {new.model_id}
    assert len(alone) == 200
    assert {(row.previous_model_id, row.previous_segment_id) for row in alone} == {(None, None)}
