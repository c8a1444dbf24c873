from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timezone
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyspark.sql.pandas.types import to_arrow_schema

from customer_segmentation import nodes
from customer_segmentation.clustering import mllib
from customer_segmentation.errors import InputError
from customer_segmentation.model.table import MODEL_SCHEMA, from_row, to_rows
from customer_segmentation.model.trained_model import TrainedModel
from customer_segmentation.specification import Specification, parse_specification
from customer_segmentation.training import engine
from customer_segmentation.training.engine import choose_engine
from customer_segmentation.training.memory import train
from customer_segmentation.training.spark import train_in_spark

AS_OF = date(2024, 1, 31)
NOW = datetime(2024, 2, 1, 9, 30, tzinfo=timezone.utc)
GROUPS = np.array([[3, 60, 10], [20, 400, 2], [6, 900, 5]])


def specification(**changes: Any) -> Specification:
    base = {
        "entity_key": "customer_id",
        "features": ["orders", "revenue", "returns"],
        "k": 3,
        "starts": 2,
        "sample_size": 200,
        "stability": {"seeds": 1, "resamples": 2},
        "ordering": {"measure": "revenue"},
    }
    return parse_specification({**base, **changes}, "test")


def planted(customers: int = 600) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    group = rng.choice(3, size=customers, p=(0.4, 0.35, 0.25))
    values = GROUPS[group] * rng.normal(1, 0.05, size=(customers, 3))
    return mart(values, group=group)


def skewed(customers: int = 3000) -> pd.DataFrame:
    """Lognormal groups that overlap, with related features."""
    rng = np.random.default_rng(2)
    centres = rng.normal(2, 1.2, size=(4, 3))
    group = rng.choice(4, size=customers, p=(0.4, 0.3, 0.2, 0.1))
    common = rng.normal(0, 0.4, size=(customers, 1))
    return mart(np.exp(centres[group] + common + rng.normal(0, 0.5, size=(customers, 3))))


def mart(values: Any, **further: Any) -> pd.DataFrame:
    frame = pd.DataFrame(values, columns=["orders", "revenue", "returns"])
    keys = np.random.default_rng(3).permutation(len(frame))
    frame.insert(0, "customer_id", [f"C{number:05}" for number in keys])
    return frame.assign(as_of_date=AS_OF, **further)


def in_spark(spark: Any, frame: pd.DataFrame, spec: Specification, **options: Any) -> TrainedModel:
    features = spark.createDataFrame(frame)
    return train_in_spark(features, spec, as_of_date=AS_OF, trained_at=NOW, **options)


def in_memory(frame: pd.DataFrame, spec: Specification) -> TrainedModel:
    return train(frame, spec, as_of_date=AS_OF, trained_at=NOW)


def assigned(frame: pd.DataFrame, model: TrainedModel) -> Any:
    """Position of the nearest centroid, by plain distances."""
    scaled = np.column_stack(
        [
            (
                (np.log1p(frame[item.name]) if item.transform == "log1p" else frame[item.name])
                - item.centre
            )
            / item.scale
            for item in model.features
        ]
    )
    centroids = np.array([[item.scaled for item in one.centroid] for one in model.segments])
    squared = np.square(scaled[:, None, :] - centroids).sum(axis=2)
    return squared.argmin(axis=1), squared.min(axis=1)


def inertia(model: TrainedModel) -> float:
    return sum(segment.inertia for segment in model.segments)


@pytest.mark.parametrize("algorithm", ["kmeans", "bisecting_kmeans", "gaussian_mixture"])
def test_planted_groups_are_found_by_both_engines(spark: Any, algorithm: str) -> None:
    # Bisecting k-means in Spark splits the cluster with the most customers.
    frame, spec = planted(), specification(algorithm=algorithm, sample_size=1000)
    there, here = in_spark(spark, frame, spec), in_memory(frame, spec)
    sizes = frame["group"].value_counts()
    # By revenue: 900, 400, 60.
    assert [item.size for item in there.segments] == [sizes[2], sizes[1], sizes[0]]
    assert (there.engine, there.row_count, there.noise_count) == ("spark", 600, 0)
    assert there.assignment_rule == here.assignment_rule
    for one, other in zip(there.segments, here.segments, strict=True):
        for name in ("segment_id", "size", "share"):
            assert getattr(one, name) == getattr(other, name)
        figures = [
            [item.ordering_mean, item.inertia, item.mean_distance, item.radius]
            for item in (one, other)
        ]
        assert figures[0] == pytest.approx(figures[1], rel=1e-6)
        assert [item.original for item in one.centroid] == pytest.approx(
            [item.original for item in other.centroid], rel=1e-6
        )


def test_skewed_customers_cost_the_same_in_both_engines(spark: Any) -> None:
    frame = skewed()
    features = [{"name": name, "transform": "log1p"} for name in ("orders", "revenue", "returns")]
    spec = specification(k={"min": 2, "max": 4, "choose": "silhouette"}, features=features)
    there = in_spark(spark, frame, spec)
    here = in_memory(frame, specification(k=there.k, features=features))
    assert inertia(there) == pytest.approx(inertia(here), rel=0.01)
    assert [item.k for item in there.candidates] == [2, 3, 4]
    assert {item.customers_measured for item in there.candidates} == {200}
    positions, squared = assigned(frame, there)
    for at, segment in enumerate(there.segments):
        own = squared[positions == at]
        assert segment.size == len(own)
        assert segment.ordering_mean == pytest.approx(frame["revenue"][positions == at].mean())
        assert segment.inertia == pytest.approx(own.sum())
        assert segment.mean_distance == pytest.approx(np.sqrt(own).mean())
        assert segment.radius == pytest.approx(np.sqrt(own.max()))
    report = there.report
    assert report is not None
    assert {item.row_count for item in report.feature_audit} == {200}
    assert (report.stability.sample_size, report.validation.customers) == (200, 200)
    assert there.measures.inertia == pytest.approx(inertia(there))
    assert there.measures.smallest_share == min(item.size for item in there.segments) / 3000
    assert "measured on a seeded sample of 200 of 3000 customers" in there.k_reason


@pytest.mark.parametrize("algorithm", ["kmeans", "gaussian_mixture"])
def test_overlapping_groups_are_assigned_as_mllib_does(spark: Any, algorithm: str) -> None:
    features = [{"name": name, "transform": "log1p"} for name in ("orders", "revenue", "returns")]
    spec = specification(algorithm=algorithm, features=features, starts=1, sample_size=800)
    model = in_spark(spark, skewed(800), spec)
    (candidate,) = model.candidates
    assert candidate.agreement == 1


def test_the_best_of_the_starts_is_taken(spark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fit, costs = mllib._fit, []

    def recorded(*arguments: Any) -> tuple[Any, float]:
        model, cost = fit(*arguments)
        costs.append(cost)
        return model, cost

    monkeypatch.setattr(mllib, "_fit", recorded)
    model = in_spark(spark, skewed(500), specification(k=7, starts=4))
    assert max(costs) > 1.02 * min(costs)
    assert inertia(model) == pytest.approx(min(costs), rel=0.005)


def test_of_two_mixtures_the_more_likely_one_is_better(monkeypatch: pytest.MonkeyPatch) -> None:
    def estimator(*, seed: int, **_: Any) -> Any:
        summary = SimpleNamespace(logLikelihood={1: -900.0, 2: -800.0}[seed])
        return SimpleNamespace(fit=lambda _: SimpleNamespace(summary=summary))

    monkeypatch.setitem(mllib._ESTIMATORS, "gaussian_mixture", estimator)
    less, more = (mllib._fit(None, 3, "gaussian_mixture", seed)[1] for seed in (1, 2))
    assert more < less


@pytest.mark.parametrize("scaler", ["standard", "minmax", "robust"])
def test_scaling_and_components_are_of_all_customers(spark: Any, scaler: str) -> None:
    frame = skewed()
    features = ["orders", {"name": "revenue", "transform": "winsorize"}, "returns"]
    changes = {"scaler": scaler, "features": features, "reduction": {"variance": 0.9}, "starts": 1}
    spec = specification(**changes, k=2)
    there, here = in_spark(spark, frame, spec), in_memory(frame, spec)
    for one, other in zip(there.features, here.features, strict=True):
        figures = [[x.lower, x.upper, x.centre, x.scale] for x in (one, other)]
        assert figures[0] == [x if x is None else pytest.approx(x) for x in figures[1]]
    assert there.reduction is not None
    assert here.reduction is not None
    assert len(there.reduction.components) == len(here.reduction.components)
    for theirs, ours in zip(there.reduction.components, here.reduction.components, strict=True):
        assert theirs.explained_variance == pytest.approx(ours.explained_variance)
        assert theirs.cumulative_share == pytest.approx(ours.cumulative_share)
        assert [item.loading for item in theirs.loadings] == pytest.approx(
            [item.loading for item in ours.loadings], abs=1e-9
        )
    assert inertia(there) == pytest.approx(inertia(here), rel=0.01)


def test_the_same_row_is_written_and_read_back(spark: Any) -> None:
    frame = planted()
    first = in_spark(spark, frame, specification())
    (row,) = to_rows(first)
    assert from_row(row) == first
    stored = spark.createDataFrame(
        pa.Table.from_pylist([row], to_arrow_schema(MODEL_SCHEMA, timezone="UTC"))
    )
    assert stored.first()["engine"] == "spark"
    # The sample is drawn by the key, whatever the order of the rows.
    again = in_spark(spark, frame.sample(frac=1, random_state=1), specification())
    assert again.report is not None
    assert first.report is not None
    assert again.report.feature_audit == first.report.feature_audit
    assert [item.size for item in again.segments] == [item.size for item in first.segments]


def test_a_build_trains_where_the_budget_says(spark: Any) -> None:
    settings = {
        **specification(k=2, starts=1).model_dump(exclude_defaults=True, mode="json"),
        "memory_budget_mb": 1,
    }
    for customers, expected in ((5000, "memory"), (6000, "spark")):
        features = spark.createDataFrame(skewed(customers))
        meta = {"segmentation": "loyalty", "specification": settings}
        rows = nodes.train(spark, features, published="no_such_table", meta=meta)
        assert rows is not None
        (row,) = rows.select("engine", "row_count").collect()
        assert tuple(row) == (expected, customers)


def spoiled(change: Callable[[pd.DataFrame], None]) -> pd.DataFrame:
    frame = planted()
    change(frame)
    return frame


def _no_revenue(frame: pd.DataFrame) -> None:
    frame.loc[7, "revenue"] = np.inf


def _no_key(frame: pd.DataFrame) -> None:
    frame.loc[7, "customer_id"] = None


def _same_key(frame: pd.DataFrame) -> None:
    frame.loc[7, "customer_id"] = frame.loc[8, "customer_id"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_no_revenue, "missing or infinite values: revenue in 1 rows"),
        (_no_key, "1 rows without a customer_id"),
        (_same_key, "customer_id is not unique in the feature mart: 1 keys"),
    ],
)
def test_customers_that_cannot_be_clustered_are_refused(
    spark: Any, change: Callable[[pd.DataFrame], None], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        in_spark(spark, spoiled(change), specification())


def test_features_that_do_not_vary_are_left_out_by_both_engines(spark: Any) -> None:
    frame = planted().assign(returns=4.0)
    spec = specification(reduction={"components": 3}, sample_size=1000)
    there, here = in_spark(spark, frame, spec), in_memory(frame, spec)
    for model in (there, here):
        assert [item.name for item in model.features] == ["orders", "revenue"]
        assert model.reduction is not None
        assert len(model.reduction.components) == 2
        assert "on 2 principal components and not on the 3 of the specification" in model.k_reason
        assert model.report is not None
        assert [item.advice for item in model.report.feature_audit] == [
            None,
            None,
            "Every value is 4, so it tells no customers apart: remove it. "
            "It does not vary and is left out of the clustering.",
        ]
    assert [item.size for item in there.segments] == [item.size for item in here.segments]
    alike = frame.assign(orders=1.0, revenue=2.0)
    for train_on in (lambda: in_spark(spark, alike, spec), lambda: in_memory(alike, spec)):
        with pytest.raises(InputError, match=r"No feature is left .* orders .* revenue .* returns"):
            train_on()


def test_a_range_of_k_ends_where_the_customers_end_by_both_engines(spark: Any) -> None:
    frame, spec = planted(9), specification(k={"min": 2, "max": 10})
    for model in (in_spark(spark, frame, spec), in_memory(frame, spec)):
        assert [item.k for item in model.candidates] == [2, 3, 4]
        assert "k is tried up to 4 and not up to the 10 of the specification" in model.k_reason
        assert "with 9 customers" in model.k_reason


def test_the_order_of_the_rows_and_their_partitions_change_nothing(spark: Any) -> None:
    frame, spec = skewed(), specification(k=7, starts=1)
    features = spark.createDataFrame(frame).repartition(5)
    shuffled = spark.createDataFrame(frame.sample(frac=1, random_state=1)).coalesce(1)
    one, other = (
        train_in_spark(item, spec, as_of_date=AS_OF, trained_at=NOW)
        for item in (features, shuffled)
    )
    np.testing.assert_array_equal(assigned(frame, one)[0], assigned(frame, other)[0])


def test_a_customer_without_a_distance_is_refused_also_outside_the_sample(spark: Any) -> None:
    frame = planted(3000)
    frame.loc[5, "orders"] = 1e200
    with pytest.raises(InputError, match=r"float64 has no distance .* orders \(up to .*e\+"):
        in_spark(spark, frame, specification(scaler="robust", sample_size=100))


def test_an_empty_mart_is_refused(spark: Any) -> None:
    empty = spark.createDataFrame(planted()).where("false")
    with pytest.raises(InputError, match="has no rows"):
        train_in_spark(empty, specification(), as_of_date=AS_OF, trained_at=NOW)


def test_a_group_outside_the_sample_is_refused(spark: Any) -> None:
    frame = planted(3000)
    frame.loc[5, ["orders", "revenue", "returns"]] = 1e6
    with pytest.raises(InputError, match="1 groups that none of the 100 sampled of 3000"):
        in_spark(spark, frame, specification(k=2, sample_size=100))


@pytest.mark.parametrize(
    ("rows", "precision", "expected"),
    [
        # 1 MiB holds 2**20 / (3 features x 8 bytes x 8 copies) customers, twice as many in float32.
        (5461, "float64", "memory"),
        (5462, "float64", "spark"),
        (10922, "float32", "memory"),
        (10923, "float32", "spark"),
    ],
)
def test_auto_goes_by_the_budget(rows: int, precision: str, expected: str) -> None:
    spec = specification(memory_budget_mb=1, precision=precision)
    assert choose_engine(rows, spec)[0] == expected


def test_the_default_budget_is_a_share_of_the_memory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(engine, "_CGROUP_LIMIT", limit)
    machine = engine.default_budget_mb()
    limit.write_text("max\n")
    assert engine.default_budget_mb() == machine > 0
    limit.write_text(f"{400 * 2**20}\n")
    assert engine.default_budget_mb() == 100
    rows = 100 * 2**20 // (3 * 8 * 8)
    assert choose_engine(rows, specification())[0] == "memory"
    assert choose_engine(rows + 1, specification())[0] == "spark"


def test_an_engine_that_is_asked_for_is_taken() -> None:
    assert choose_engine(10, specification(engine="spark"))[0] == "spark"
    huge = specification(engine="memory", memory_budget_mb=1)
    assert choose_engine(10**9, huge)[0] == "memory"


def test_what_spark_lacks_stays_in_memory() -> None:
    hdbscan = {"algorithm": "hdbscan", "density": {"min_cluster_size": 5}, "k": None}
    for changes in (
        hdbscan,
        {"compare": {"algorithms": ["agglomerative"]}},
        {"features": ["orders", {"name": "country", "encoding": "one_hot"}]},
    ):
        found, why = choose_engine(10**6, specification(**changes, memory_budget_mb=1))
        assert found == "memory"
        assert "above the budget of 1, but Spark does not have" in why
    one_hot = {"features": ["orders", {"name": "country", "encoding": "one_hot"}]}
    with pytest.raises(InputError, match=r"does not have encoding one_hot\. Set engine: memory"):
        choose_engine(10, specification(**one_hot, engine="spark"))
