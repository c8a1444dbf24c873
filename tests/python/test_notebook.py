"""The public door: pandas and Spark frames alike, with as little said as possible."""

from __future__ import annotations

import json
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from sklearn.metrics import adjusted_rand_score

import customer_segmentation
from customer_segmentation import Specification, score, train
from customer_segmentation.errors import InputError, ModelMismatchError, SpecificationError
from planted_tastes import loans, mart

LITTLE = {"starts": 1, "stability": {"seeds": 1, "resamples": 1}}
KEY = {"entity_key": "customer_id", **LITTLE}


def customers(size: int = 120) -> pd.DataFrame:
    """Three groups, and columns that are no numbers."""
    rng = np.random.default_rng(4)
    group = np.arange(size) % 3
    return pd.DataFrame(
        {
            "name": [f"customer {at}" for at in range(size)],
            "customer_id": np.arange(size),
            "orders": np.array([1, 5, 30])[group] + rng.normal(size=size),
            "member": group == 1,
            "revenue": [Decimal(int(100 * at + rng.integers(9))) for at in group],
            "since": date(2024, 1, 1),
        }
    )


def settings_of(model: Any) -> Any:
    return json.loads(model.specification)


def test_only_the_key_has_to_be_said() -> None:
    lines: list[str] = []
    model = train(customers(), KEY, progress=lines.append)
    settings = settings_of(model)
    assert [item["name"] for item in settings["features"]] == ["orders", "revenue"]
    assert settings["k"] == {"min": 2, "max": 10, "choose": "elbow", "also": []}
    assert settings["ordering"] == {"measure": "orders", "direction": "descending"}
    assert model.as_of_date == datetime.now(timezone.utc).date()
    assert model.k_reason in lines
    means = [part.ordering_mean for part in model.segments]
    assert means == sorted(means, reverse=True)


def test_what_is_said_is_kept() -> None:
    said = {
        **KEY,
        "features": [{"name": "member", "encoding": "binary"}, "revenue", "orders"],
        "k": 3,
    }
    settings = settings_of(train(customers(), said))
    assert [item["name"] for item in settings["features"]] == ["member", "revenue", "orders"]
    # A yes or no orders nothing.
    assert settings["ordering"]["measure"] == "revenue"
    assert settings["k"] == 3
    density = {"algorithm": "hdbscan", "density": {"min_cluster_size": 10}}
    assert settings_of(train(customers(), {**KEY, **density}))["k"] is None


def test_a_specification_is_taken_as_it_is() -> None:
    given = Specification(
        entity_key="customer_id",
        features=["orders"],
        k=2,
        ordering={"measure": "revenue", "direction": "ascending"},
        **LITTLE,
    )
    model = train(customers(), given)
    assert model.specification_hash == given.specification_hash
    with pytest.raises(ValidationError, match="k\n  missing; give a whole number"):
        Specification(entity_key="customer_id", features=["orders"], ordering={"measure": "x"})


@pytest.mark.parametrize(
    ("specification", "problem"),
    [
        ({}, "entity_key: missing"),
        ({**KEY, "features": "orders"}, "features: 'orders' is not allowed"),
        ({**KEY, "k": "3"}, "k: '3' is not allowed"),
        ({**KEY, "features": [{"encoding": "binary"}, 3]}, r"features\[0\].name: missing"),
        ({**KEY, "transform": "log1p"}, "transform: unknown key"),
        ("orders", "'orders' is not a mapping"),
    ],
)
def test_the_checks_are_those_of_yaml(specification: Any, problem: str) -> None:
    with pytest.raises(SpecificationError, match=problem) as caught:
        train(customers(), specification)
    assert "the argument specification of train" in str(caught.value)


def test_a_frame_without_numbers_has_no_features() -> None:
    with pytest.raises(SpecificationError, match="features: the list is empty"):
        train(customers()[["customer_id", "name"]], KEY)


DAY = date(2024, 3, 31)


@pytest.mark.parametrize(
    "column",
    [
        [DAY, date(2024, 2, 29)],
        pd.to_datetime(["2024-03-31 10:00", "2024-01-31 00:00"]),
        ["2024-03-31", None],
        # Beyond what pandas keeps in nanoseconds.
        [DAY, date(1600, 1, 1)],
    ],
)
def test_the_last_date_of_the_frame_is_that_of_the_model(column: Any) -> None:
    frame = customers().assign(as_of_date=[column[at % 2] for at in range(120)])
    model = train(frame, {**KEY, "k": 3})
    assert model.as_of_date == DAY
    assert score(frame, model)["as_of_date"].iloc[0] == DAY
    assert train(frame, {**KEY, "k": 3}, date(2025, 1, 1)).as_of_date == date(2025, 1, 1)
    assert set(score(frame, model, date(2025, 1, 1))["as_of_date"]) == {date(2025, 1, 1)}


def test_what_is_no_date_is_refused() -> None:
    model = train(customers(), {**KEY, "k": 3})
    for value, shown in (("soon", "text of another form"), (20240331, "integer")):
        frame = customers().assign(as_of_date=value)
        with pytest.raises(InputError, match=f"other than dates: {shown}, for example"):
            train(frame, KEY)
        with pytest.raises(InputError, match=f"other than dates: {shown}, for example"):
            score(frame, model)
    with pytest.raises(InputError, match="as_of_date has no value"):
        train(customers().assign(as_of_date=None), KEY)


def test_a_frame_without_a_date_is_scored_as_of_today() -> None:
    model = train(customers(), {**KEY, "k": 3}, DAY)
    assert set(score(customers(), model)["as_of_date"]) == {datetime.now(timezone.utc).date()}


def test_a_frame_that_lacks_a_column_is_refused() -> None:
    model = train(customers(), {**KEY, "k": 3})
    with pytest.raises(ModelMismatchError, match="no column revenue"):
        score(customers().drop(columns="revenue"), model)


def test_other_frames_are_refused() -> None:
    model = train(customers(), {**KEY, "k": 3})
    for call in (lambda: train([1], KEY), lambda: score({"orders": [1]}, model)):  # type: ignore[arg-type]
        with pytest.raises(TypeError, match=r"builtins\.\w+ is neither a pandas nor a Spark"):
            call()


def test_spark_needs_a_frame_of_its_own() -> None:
    with pytest.raises(InputError, match="engine: spark needs a Spark frame"):
        train(customers(), {**KEY, "engine": "spark"})


def test_nothing_else_is_offered() -> None:
    assert customer_segmentation.__all__ == ["Specification", "score", "train"]
    with pytest.raises(AttributeError, match="'customer_segmentation' has no attribute 'fit'"):
        customer_segmentation.fit  # noqa: B018


def comparable(scored: pd.DataFrame) -> pd.DataFrame:
    """A scoring with its pushes as plain mappings and missing values of one kind."""
    frame = scored.sort_values("customer_id", ignore_index=True)
    frame["pushes"] = [
        [] if pushes is None else [dict(item) for item in _as_dicts(pushes)]
        for pushes in frame["pushes"]
    ]
    return frame.astype({"segment_id": "Int32", "runner_up_segment_id": "Int32"})


def _as_dicts(pushes: Any) -> list[dict[str, Any]]:
    return [item if isinstance(item, dict) else item.asDict() for item in pushes]


@pytest.mark.parametrize("engine", ["memory", "spark"])
def test_spark_frames_are_trained_and_scored_alike(spark: Any, engine: str) -> None:
    frame = customers().drop(columns=["since"])
    features = spark.createDataFrame(frame)
    settings = {**KEY, "engine": engine}
    there, here = train(features, settings, DAY), train(frame, {**KEY, "engine": "memory"}, DAY)
    assert there.engine == engine
    assert settings_of(there)["features"] == settings_of(here)["features"]
    assert there.as_of_date == here.as_of_date == DAY
    if engine == "memory":
        assert there.segments == here.segments
    scored = comparable(score(features, there, DAY).toPandas())
    pd.testing.assert_frame_equal(scored, comparable(score(frame, there, DAY)), rtol=1e-9)
    with pytest.raises(InputError, match="no column sales"):
        train(features, {**KEY, "features": ["sales"]})


def test_dates_of_a_spark_frame(spark: Any) -> None:
    frame = customers().drop(columns=["since"])
    frame["as_of_date"] = pd.to_datetime(["2024-03-31", "2024-02-29"] * 60)
    features = spark.createDataFrame(frame)
    model = train(features, {**KEY, "k": 3})
    assert model.as_of_date == DAY
    assert dict(score(features, model).dtypes)["as_of_date"] == "date"
    assert score(features, model).toPandas()["as_of_date"].max() == DAY
    undated = score(features.drop("as_of_date"), model).toPandas()
    assert set(undated["as_of_date"]) == {datetime.now(timezone.utc).date()}


def test_a_matrix_stands_beside_pandas_frames() -> None:
    rows = loans()
    readers = mart(rows)
    said = {"entity_key": "reader", "matrix": {"item": "book", "value": "loans"}, **LITTLE}
    model = train(readers, {**said, "reduction": {"components": 3}, "k": 3}, matrix=rows)
    settings = settings_of(model)
    assert settings["features"] == []
    # The first column of numbers, as there is no feature.
    assert settings["ordering"]["measure"] == "total"
    new = readers.iloc[:1].assign(reader="new")
    scored = score(pd.concat([readers, new]), model, matrix=rows)
    assert adjusted_rand_score(readers.taste, scored.segment_id[:-1]) == 1
    assert scored.unscorable_reason.iloc[-1] == "no item"
    with pytest.raises(ModelMismatchError, match=r"was trained on a matrix\. Give its rows"):
        score(readers, model)
    with pytest.raises(InputError, match="which training was not given"):
        train(readers, {**said, "reduction": {"components": 3}, "k": 3})
    with pytest.raises(InputError, match="of which the specification says nothing"):
        train(readers, {"entity_key": "reader", "k": 3}, matrix=rows)
    with pytest.raises(TypeError, match="the matrix is one as well, not list"):
        score(readers, model, matrix=[])  # type: ignore[arg-type]
