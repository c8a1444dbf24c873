from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import functions as F  # noqa: N812
from scipy.stats import multivariate_normal

from customer_segmentation.errors import InputError, ModelMismatchError
from customer_segmentation.model.assignment import NOISE
from customer_segmentation.model.scaling import FeatureScaling
from customer_segmentation.model.segments import CentroidCoordinate, Segment
from customer_segmentation.model.table import from_row, to_rows
from customer_segmentation.model.trained_model import TrainedModel
from customer_segmentation.preparation.components import apply_reduction
from customer_segmentation.preparation.scale import apply_preprocessing
from customer_segmentation.scoring.contract import check_scorable
from customer_segmentation.scoring.frame import segment_ids
from customer_segmentation.scoring.spark import check_customers_scorable, score, unscorable_count
from planted_customers import (
    ALGORITHMS,
    AS_OF,
    PCA,
    as_in_pandas,
    customers,
    planted,
    planted_model,
    trained,
)

SCHEMA = (
    "customer_id bigint, segment_id int, distance_to_centroid double, "
    "runner_up_segment_id int, distance_to_runner_up double, margin double, "
    "pushes array<struct<feature:string,push:double>>, model_id string, as_of_date date"
)


def scored(spark: Any, frame: pd.DataFrame, model: TrainedModel) -> pd.DataFrame:
    mart = spark.createDataFrame(frame).withColumn("as_of_date", F.lit(AS_OF))
    result = score(mart, model).toPandas().set_index("customer_id")
    return result.loc[frame["customer_id"]].reset_index()


def centroids(model: TrainedModel) -> Any:
    return np.array([[item.scaled for item in part.centroid] for part in model.segments])


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
    model = trained(scaler=scaler)
    unseen = customers(500, seed=2)
    unseen.loc[0, ["orders", "revenue"]] = [1e6, -1e6]
    scaled = apply_preprocessing(unseen, model.features)
    distances = np.sqrt(np.square(scaled[:, None] - centroids(model)[None]).sum(axis=2))
    ranking = distances.argsort(axis=1, kind="stable")
    own, second = np.take_along_axis(distances, ranking, axis=1)[:, :2].T
    expected = pd.DataFrame(
        {
            "customer_id": unseen["customer_id"],
            "segment_id": ranking[:, 0] + 1,
            "distance_to_centroid": own,
            "runner_up_segment_id": ranking[:, 1] + 1,
            "distance_to_runner_up": second,
            "margin": second - own,
            "model_id": model.model_id,
            "as_of_date": AS_OF,
        }
    )
    actual = scored(spark, unseen, model)
    pd.testing.assert_frame_equal(
        actual.drop(columns="pushes"), expected, check_dtype=False, rtol=1e-12, atol=1e-12
    )
    assert set(actual["segment_id"]) == {1, 2, 3, 4, 5}
    # There are three features, so that every push is named.
    totals = [sum(item["push"] for item in pushes) for pushes in actual["pushes"]]
    np.testing.assert_allclose(totals, second**2 - own**2, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("reduction", [None, PCA], ids=["unreduced", "reduced"])
@pytest.mark.parametrize("algorithm", list(ALGORITHMS))
def test_every_customer_gets_the_segment_that_training_gives(
    spark: Any, algorithm: str, reduction: Any
) -> None:
    model = planted_model(algorithm, reduction)
    frame = pd.concat(
        [planted(400, seed=3), planted(400, seed=4).assign(customer_id=range(400, 800))]
    )
    actual = scored(spark, frame, model)
    assert actual["segment_id"].tolist() == segment_ids(frame, model).tolist()
    sizes = actual["segment_id"][:400].value_counts()
    assert [sizes[part.segment_id] for part in model.segments] == [
        part.size for part in model.segments
    ]
    assert sizes.get(NOISE, 0) == model.noise_count
    assert (model.noise_count > 0) == (algorithm in ("dbscan", "hdbscan"))


@pytest.mark.parametrize("reduction", [None, PCA], ids=["unreduced", "reduced"])
@pytest.mark.parametrize("algorithm", list(ALGORITHMS))
def test_pandas_frames_are_scored_alike(spark: Any, algorithm: str, reduction: Any) -> None:
    model = planted_model(algorithm, reduction)
    frame = planted(400, seed=9)
    frame.loc[3, "days"], frame.loc[4, "orders"], frame.loc[5, "revenue"] = None, np.inf, -np.inf
    here = as_in_pandas(spark.createDataFrame(frame), frame, model)
    assert here.index[here["segment_id"].isna()].tolist() == [3, 4, 5]
    assert (here["segment_id"] == NOISE).any() == (algorithm in ("dbscan", "hdbscan"))


def test_rounding_makes_no_noise(spark: Any) -> None:
    # Groups of customers that are all alike, so that the last bit of a float32 decides.
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"days": rng.lognormal(3, 2, 45), "revenue": rng.lognormal(5, 2, 45)})
    frame = frame.loc[np.repeat(frame.index, 5)].assign(customer_id=range(225), orders=1.0)
    model = trained(
        frame,
        features=[{"name": name, "transform": "log1p"} for name in ("days", "revenue")],
        algorithm="dbscan",
        k=None,
        density={"eps": 1e-6},
        precision="float32",
    )
    assert (model.k, model.noise_count) == (45, 0)
    assert (scored(spark, frame, model)["segment_id"] != NOISE).all()


@pytest.mark.parametrize("reduction", [None, PCA], ids=["unreduced", "reduced"])
def test_the_margin_of_a_mixture_is_twice_a_log_odds(spark: Any, reduction: Any) -> None:
    model = planted_model("gaussian_mixture", reduction)
    frame = planted(300, seed=5)
    points = apply_preprocessing(frame, model.features)
    if model.reduction is not None:
        points = apply_reduction(points, model.reduction)
    rule = model.assignment()
    assert rule.gaussians is not None
    weights = np.exp(
        [
            (np.log(np.linalg.det(np.linalg.inv(factor @ factor.T))) - offset) / 2
            for factor, offset in zip(
                rule.gaussians.precision_cholesky, rule.gaussians.offsets, strict=True
            )
        ]
    )
    assert weights.sum() == pytest.approx(1)
    logs = np.column_stack(
        [
            np.log(weight)
            + multivariate_normal(centre, np.linalg.inv(factor @ factor.T)).logpdf(points)
            for weight, centre, factor in zip(
                weights, rule.centroids, rule.gaussians.precision_cholesky, strict=True
            )
        ]
    )
    order = np.argsort(-logs, axis=1)
    actual = scored(spark, frame, model)
    assert actual["segment_id"].tolist() == (order[:, 0] + 1).tolist()
    assert actual["runner_up_segment_id"].tolist() == (order[:, 1] + 1).tolist()
    best, second = np.take_along_axis(logs, order, axis=1)[:, :2].T
    np.testing.assert_allclose(actual["margin"], 2 * (best - second), rtol=1e-9, atol=1e-9)
    for column, place in (("distance_to_centroid", 0), ("distance_to_runner_up", 1)):
        to = np.linalg.norm(points - rule.centroids[order[:, place]], axis=1)
        np.testing.assert_allclose(actual[column], to, rtol=1e-9)
    # The second most probable segment may be the nearer one.
    assert (actual["distance_to_runner_up"] < actual["distance_to_centroid"]).any()


@pytest.mark.parametrize("reduction", [None, PCA], ids=["unreduced", "reduced"])
def test_pushes_compare_the_scaled_centroids(spark: Any, reduction: Any) -> None:
    model = planted_model("kmeans", reduction)
    frame = planted(200, seed=6)
    scaled, names = apply_preprocessing(frame, model.features), ["days", "orders", "revenue"]
    own, other = (
        centroids(model)[actual - 1]
        for actual in (
            scored(spark, frame, model)[["segment_id", "runner_up_segment_id"]].to_numpy().T
        )
    )
    expected = np.square(scaled - other) - np.square(scaled - own)
    for row, pushes in zip(expected, scored(spark, frame, model)["pushes"], strict=True):
        assert [item["push"] for item in pushes] == pytest.approx(sorted(row, reverse=True))
        assert [item["feature"] for item in pushes] == [names[at] for at in np.argsort(-row)]


def test_the_three_largest_pushes_are_named_by_hand(spark: Any) -> None:
    names = ["e", "d", "c", "b", "a"]
    places = {1: (0.0, 0.0, 0.0, 0.0, 0.0), 2: (1.0, 3.0, 1.0, -1.0, 2.0)}
    model = replace(
        MODEL,
        features=tuple(FeatureScaling(name, "none", None, None, 0.0, 1.0) for name in names),
        segments=tuple(
            replace(
                MODEL.segments[0],
                segment_id=segment_id,
                centroid=tuple(
                    CentroidCoordinate(name, x, x) for name, x in zip(names, place, strict=True)
                ),
            )
            for segment_id, place in places.items()
        ),
    )
    schema = "customer_id int, e double, d double, c double, b double, a double"
    rows = [(1, 0.0, 0.0, 0.0, 0.0, 0.0), (2, 0.0, 3.0, 0.0, 0.0, 0.0)]
    first, second = score(mart(spark, rows, schema), model).orderBy("customer_id").collect()
    # Squares 1, 9, 1, 1, 4; of the equal ones b comes first.
    assert [tuple(item) for item in first["pushes"]] == [("d", 9.0), ("a", 4.0), ("b", 1.0)]
    assert (first["distance_to_runner_up"], first["margin"]) == (4.0, 4.0)
    # On d the second customer lies with segment 2, and so it does on the whole.
    assert (second["segment_id"], second["distance_to_centroid"] ** 2) == (2, pytest.approx(7))
    assert [tuple(item) for item in second["pushes"]] == [("d", 9.0), ("b", -1.0), ("c", -1.0)]


def test_spark_is_kept_from_methods_that_java_does_not_compile(spark: Any) -> None:
    setting = "spark.sql.codegen.hugeMethodLimit"
    spark.conf.unset(setting)
    columns = "customer_id int, days double, orders double, revenue double"
    score(mart(spark, [(1, 1.0, 1.0, 1.0)], columns), MODEL)
    # The HugeMethodLimit of HotSpot.
    assert spark.conf.get(setting) == "8000"


def test_noise_is_told_the_segment_that_it_is_too_far_from(spark: Any) -> None:
    model = replace(line_model(0, 10), assignment_rule="nearest_centroid_within_radius")
    limits = (2.0, 1.0)
    model = replace(
        model,
        segments=tuple(
            replace(part, radius_limit=limit)
            for part, limit in zip(model.segments, limits, strict=True)
        ),
    )
    rows = score(line_mart(spark, 2.0, 2.5, 8.5, 9.0), model).orderBy("customer_id").collect()
    assert [tuple(row)[1:6] for row in rows] == [
        (1, 2.0, 2, 8.0, 6.0),
        (-1, 2.5, 1, 2.5, None),
        (-1, 1.5, 2, 1.5, None),
        (2, 1.0, 1, 9.0, 8.0),
    ]
    assert [row["pushes"] is None for row in rows] == [False, True, True, False]


def test_a_single_segment_has_no_runner_up(spark: Any) -> None:
    row = score(line_mart(spark, 3.0), line_model(1)).first()
    assert tuple(row)[1:7] == (1, 2.0, None, None, None, None)


def test_output_columns_and_types(spark: Any) -> None:
    result = score(line_mart(spark, 1.0), line_model(0, 10))
    assert result.schema.simpleString() == f"struct<{SCHEMA.replace(', ', ',').replace(' ', ':')}>"
    pushes = [("days", 80.0)]
    assert tuple(result.first()) == (0, 1, 1.0, 2, 9.0, 8.0, pushes, MODEL.model_id, AS_OF)


def test_equally_near_segments_go_to_the_smaller_id(spark: Any) -> None:
    # 5 lies between the segments at 10 (id 1) and 0 (id 2); two segments share the place 20.
    result = score(line_mart(spark, 5.0, 20.0), line_model(10, 0, 20, 20)).orderBy("customer_id")
    ids = [(row["segment_id"], row["runner_up_segment_id"]) for row in result.collect()]
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
        assert tuple(row)[1:7] == (None,) * 6


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


ENCODED = [
    {"name": "revenue", "transform": "log1p"},
    {"name": "country", "encoding": "one_hot", "rare_below": 0.1},
    {"name": "member", "encoding": "binary"},
    {"name": "channel", "encoding": "one_hot", "rare_below": 0},
    {"name": "plan", "encoding": "binary"},
]
COUNTRIES = ["UK", "FR", "O'Neil", "DE", "IT"]


def encoded_customers(size: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "customer_id": rng.permutation(size),
            "revenue": rng.normal(20, 300, size),
            "country": rng.choice(COUNTRIES, size, p=[0.5, 0.3, 0.15, 0.03, 0.02]),
            "member": rng.random(size) < 0.3,
            "channel": rng.choice(["shop", "web"], size),
            "plan": rng.choice([2.0, 10.0], size),
        }
    )


@pytest.fixture(scope="module")
def encoded_model() -> TrainedModel:
    """An encoded model as it comes back from its row."""
    model = trained(encoded_customers(300, seed=1), features=ENCODED)
    (row,) = to_rows(model)
    assert from_row(row) == model
    return from_row(row)


def test_encoded_features_are_scored_as_in_numpy(spark: Any, encoded_model: TrainedModel) -> None:
    assert [item.name for item in encoded_model.features] == [
        "revenue",
        "country=FR",
        "country=O'Neil",
        "country=UK",
        "country=(other)",
        "member=true",
        "channel=shop",
        "channel=web",
        "plan=10",
    ]
    frame = encoded_customers(300, seed=2).astype({"plan": object, "member": object})
    # Unseen levels, a third value, and nulls.
    frame.loc[0:4, "country"] = ["ES", "(other)", "", None, "uk"]
    frame.loc[5:6, "channel"] = ["phone", None]
    frame.loc[7:8, "plan"] = [3.0, None]
    frame.loc[9, "member"] = None
    schema = (
        "customer_id bigint, revenue double, country string, member boolean, channel string, "
        "plan double"
    )
    rows = [tuple(row) for row in frame.replace({np.nan: None}).itertuples(index=False)]
    result = score(mart(spark, rows, schema), encoded_model).toPandas().set_index("customer_id")
    actual = result.loc[frame["customer_id"]]
    known_types = frame.assign(plan=frame["plan"].astype(float))
    as_in_pandas(spark.createDataFrame(rows, schema), known_types, encoded_model)
    expected = segment_ids(frame, encoded_model)
    assert [at for at in range(300) if expected.mask[at]] == [3, 6, 7, 8, 9]
    assert actual["segment_id"].isna().tolist() == expected.mask.tolist()
    known = ~expected.mask
    assert actual["segment_id"][known].tolist() == expected[known].tolist()
    scaled = apply_preprocessing(frame, encoded_model.features)[known]
    own = centroids(encoded_model)[expected[known].astype(int) - 1]
    np.testing.assert_allclose(
        actual["distance_to_centroid"][known], np.linalg.norm(scaled - own, axis=1), rtol=1e-12
    )
    pushes = {item["feature"] for row in actual["pushes"][known] for item in row}
    assert "country=O'Neil" in pushes
    with pytest.raises(InputError) as caught:
        check_customers_scorable(mart(spark, rows, schema), encoded_model)
    assert (
        "5 of 300 customers have missing or infinite values and cannot be scored with model "
        f"{encoded_model.model_id}: country in 1, member in 1 (neither false nor true), "
        "channel in 1, plan in 2 (neither 2 nor 10) (for example"
    ) in str(caught.value)


def test_a_mart_without_an_encoded_column_is_refused(encoded_model: TrainedModel) -> None:
    columns = ["customer_id", "revenue", "member", "channel", "plan", "as_of_date"]
    with pytest.raises(ModelMismatchError, match=r"no column country, which .* trained on revenue"):
        check_scorable(columns, encoded_model)
    check_scorable([*columns, "country"], encoded_model)
