from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import functions as F  # noqa: N812

from customer_segmentation.errors import InputError, ModelMismatchError
from customer_segmentation.preprocessing import FeatureScaling, apply_preprocessing
from customer_segmentation.scoring import (
    check_customers_scorable,
    check_scorable,
    score,
    unscorable_count,
)
from customer_segmentation.specification import parse_specification
from customer_segmentation.training import CentroidCoordinate, Segment, TrainedModel, train

AS_OF = date(2024, 1, 31)
SCHEMA = (
    "customer_id bigint, segment_id int, distance_to_centroid double, "
    "runner_up_segment_id int, distance_to_runner_up double, model_id string, as_of_date date"
)


def customers(size: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "customer_id": rng.permutation(size),
            "days": rng.integers(0, 400, size),
            "orders": rng.lognormal(1, 1, size),
            "revenue": rng.normal(20, 300, size),
        }
    )


def trained(scaler: str = "standard", k: int = 5) -> TrainedModel:
    spec = parse_specification(
        {
            "entity_key": "customer_id",
            "features": [
                {"name": "days", "transform": "none"},
                {"name": "orders", "transform": "winsorize", "lower": 0.1, "upper": 0.8},
                {"name": "revenue", "transform": "log1p"},
            ],
            "scaler": scaler,
            "k": k,
            "starts": 2,
            "ordering": {"measure": "revenue"},
        },
        "test",
    )
    return train(
        customers(300, seed=1),
        spec,
        as_of_date=AS_OF,
        trained_at=datetime(2024, 2, 1, tzinfo=timezone.utc),
    )


MODEL = trained()


def line_model(*positions: float) -> TrainedModel:
    """A model on one unscaled feature, with a segment at each position."""
    return replace(
        MODEL,
        features=(FeatureScaling("days", "none", None, None, 0.0, 1.0),),
        segments=tuple(
            Segment(at + 1, 1, 0.5, 0.0, 0.0, 0.0, 0.0, (CentroidCoordinate("days", x, x),))
            for at, x in enumerate(positions)
        ),
    )


def mart(spark: Any, rows: list[tuple[Any, ...]], schema: str) -> Any:
    return spark.createDataFrame(rows, schema).withColumn("as_of_date", F.lit(AS_OF))


def line_mart(spark: Any, *days: float | None) -> Any:
    return mart(spark, list(enumerate(days)), "customer_id bigint, days double")


@pytest.mark.parametrize("scaler", ["standard", "minmax", "robust"])
def test_scoring_equals_numpy_row_for_row(spark: Any, scaler: str) -> None:
    model = trained(scaler)
    unseen = customers(500, seed=2)
    unseen.loc[0, ["orders", "revenue"]] = [1e6, -1e6]
    scaled = apply_preprocessing(unseen, model.features)
    centroids = np.array([[item.scaled for item in part.centroid] for part in model.segments])
    distances = np.sqrt(np.square(scaled[:, None] - centroids[None]).sum(axis=2))
    ranking = distances.argsort(axis=1, kind="stable")
    expected = pd.DataFrame(
        {
            "customer_id": unseen["customer_id"],
            "segment_id": ranking[:, 0] + 1,
            "distance_to_centroid": np.take_along_axis(distances, ranking, axis=1)[:, 0],
            "runner_up_segment_id": ranking[:, 1] + 1,
            "distance_to_runner_up": np.take_along_axis(distances, ranking, axis=1)[:, 1],
            "model_id": model.model_id,
            "as_of_date": AS_OF,
        }
    )
    frame = spark.createDataFrame(unseen).withColumn("as_of_date", F.lit(AS_OF))
    actual = score(frame, model).toPandas()
    pd.testing.assert_frame_equal(
        actual.sort_values("customer_id", ignore_index=True),
        expected.sort_values("customer_id", ignore_index=True),
        check_dtype=False,
        rtol=1e-12,
    )
    assert set(actual["segment_id"]) == {1, 2, 3, 4, 5}


def test_output_columns_and_types(spark: Any) -> None:
    scored = score(line_mart(spark, 1.0), line_model(0, 10))
    assert scored.schema.simpleString() == f"struct<{SCHEMA.replace(', ', ',').replace(' ', ':')}>"
    assert tuple(scored.first()) == (0, 1, 1.0, 2, 9.0, MODEL.model_id, AS_OF)


def test_equally_near_segments_go_to_the_smaller_id(spark: Any) -> None:
    # 5 lies between the segments at 10 (id 1) and 0 (id 2); two segments share the place 20.
    scored = score(line_mart(spark, 5.0, 20.0), line_model(10, 0, 20, 20)).orderBy("customer_id")
    ids = [(row["segment_id"], row["runner_up_segment_id"]) for row in scored.collect()]
    assert ids == [(1, 2), (3, 4)]


def test_number_types_and_text_keys_of_marts(spark: Any) -> None:
    schema = "customer_id string, days decimal(18,2)"
    frame = mart(spark, [("a", Decimal("2.50")), ("b", Decimal("8.25"))], schema)
    rows = score(frame, line_model(0, 10)).orderBy("customer_id").collect()
    assert [(row[0], row[1], row[2]) for row in rows] == [("a", 1, 2.5), ("b", 2, 1.75)]


@pytest.mark.parametrize("transform", ["none", "log1p", "winsorize"])
def test_a_customer_without_a_feature_gets_no_segment(spark: Any, transform: Any) -> None:
    scaling = FeatureScaling("days", transform, 0.0, 5.0, 0.0, 1.0)
    model = replace(line_model(0, 10), features=(scaling,))
    days = (1.0, None, float("nan"), float("inf"), float("-inf"))
    rows = score(line_mart(spark, *days), model).orderBy("customer_id").collect()
    assert rows[0]["segment_id"] == 1
    for row in rows[1:]:
        assert tuple(row)[1:5] == (None, None, None, None)


def test_unscorable_customers_are_counted(spark: Any) -> None:
    nan, inf = float("nan"), float("inf")
    frame = mart(
        spark,
        [
            (11, 1.0, 1.0, 1.0),
            (14, None, nan, 1.0),
            (13, 1.0, 1.0, -inf),
            (15, None, 1.0, 1.0),
        ],
        "customer_id bigint, days double, orders double, revenue double",
    )
    assert tuple(unscorable_count(frame, MODEL).first()) == (4, 3, 13, 2, 1, 1)
    with pytest.raises(InputError) as caught:
        check_customers_scorable(frame, MODEL)
    assert str(caught.value).startswith(
        f"3 of 4 customers have missing or infinite values and cannot be scored with model "
        f"{MODEL.model_id}: days in 2, orders in 1, revenue in 1 (for example customer_id 13)."
    )
    check_customers_scorable(frame.where("customer_id = 11"), MODEL)


def test_only_features_that_are_missing_are_named(spark: Any) -> None:
    schema = "customer_id bigint, days double, orders double, revenue double"
    frame = mart(spark, [(1, 1.0, 1.0, 1.0), (2, 1.0, None, 1.0)], schema)
    with pytest.raises(InputError, match=r"1 of 2 customers .*: orders in 1 \(for example"):
        check_customers_scorable(frame, MODEL)


def test_an_empty_mart_is_refused(spark: Any) -> None:
    with pytest.raises(InputError, match="no rows to score"):
        check_customers_scorable(line_mart(spark, 1.0).limit(0), line_model(0, 10))


def test_a_mart_without_a_trained_column_is_refused() -> None:
    check_scorable(["customer_id", "days", "orders", "revenue", "as_of_date", "more"], MODEL)
    with pytest.raises(ModelMismatchError) as caught:
        check_scorable(["customer_id", "days", "as_of_date"], MODEL)
    assert f"no column orders, revenue, which model {MODEL.model_id} needs" in str(caught.value)
    assert "trained on days, orders, revenue by customer_id" in str(caught.value)
    with pytest.raises(ModelMismatchError, match="no column as_of_date"):
        check_scorable(["customer_id", "days", "orders", "revenue"], MODEL)
    with pytest.raises(ModelMismatchError, match="no column customer_id"):
        check_scorable(["days", "orders", "revenue", "as_of_date"], MODEL)
