from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timezone
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql.types import ArrayType, DataType, Row, StructField, StructType

from customer_segmentation.errors import ModelFormatError
from customer_segmentation.model.reduction import Component, FeatureCentre, Loading, Reduction
from customer_segmentation.model.report import ModelReport
from customer_segmentation.model.struct_types import struct_type
from customer_segmentation.model.table import MODEL_SCHEMA, from_row, to_rows
from customer_segmentation.model.trained_model import FORMAT_VERSION, TrainedModel
from customer_segmentation.specification import Transform, parse_specification
from customer_segmentation.training.memory import train


def model() -> TrainedModel:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.lognormal(size=(50, 3)), columns=["a", "b", "c"])
    frame["country"] = rng.choice(["UK", "FR"], 50)
    frame["customer_id"] = range(50)
    spec = parse_specification(
        {
            "entity_key": "customer_id",
            "features": [
                "a",
                {"name": "b", "transform": "log1p"},
                {"name": "c", "transform": "winsorize"},
                {"name": "country", "encoding": "one_hot"},
            ],
            "k": {"min": 2, "max": 4},
            "ordering": {"measure": "a"},
        },
        "test",
    )
    return train(
        frame,
        spec,
        as_of_date=date(2024, 2, 29),
        trained_at=datetime(2024, 3, 31, 1, 30, 0, 123456, tzinfo=timezone.utc),
    )


MODEL = model()
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
NAMES = st.text(min_size=1, max_size=8)


@st.composite
def models(draw: st.DrawFn) -> TrainedModel:
    """The model above with other figures, texts and lengths in it."""

    def some(items: tuple[Any, ...]) -> list[Any]:
        return draw(st.lists(st.sampled_from(items), min_size=1, max_size=4))

    return replace(
        MODEL,
        trained_at=draw(st.datetimes(datetime(1971, 1, 1), timezones=st.just(timezone.utc))),
        as_of_date=draw(st.dates()),
        k_reason=draw(st.text()),
        library_versions=draw(st.dictionaries(NAMES, NAMES)),
        row_count=draw(st.integers(1, 2**40)),
        measures=replace(MODEL.measures, inertia=draw(NUMBERS), davies_bouldin=draw(NUMBERS)),
        features=tuple(
            replace(
                item,
                name=draw(NAMES),
                transform=draw(st.sampled_from(get_args(Transform))),
                lower=draw(st.none() | NUMBERS),
                upper=draw(st.none() | NUMBERS),
                scale=draw(NUMBERS),
            )
            for item in some(MODEL.features)
        ),
        segments=tuple(
            replace(
                item,
                size=draw(st.integers(1, 2**40)),
                radius=draw(NUMBERS),
                centroid=tuple(
                    replace(coordinate, feature=draw(NAMES), scaled=draw(NUMBERS))
                    for coordinate in some(item.centroid)
                ),
            )
            for item in some(MODEL.segments)
        ),
        candidates=tuple(
            replace(item, chosen=draw(st.booleans())) for item in some(MODEL.candidates)
        ),
    )


def as_spark_row(values: dict[str, Any]) -> Row:
    """What Spark hands out: nested rows, and timestamps in local time without a time zone."""

    def convert(value: Any) -> Any:
        if isinstance(value, dict):
            return Row(**{name: convert(item) for name, item in value.items()})
        if isinstance(value, list):
            return [convert(item) for item in value]
        if isinstance(value, datetime):
            return value.astimezone().replace(tzinfo=None)
        return value

    row = convert(values)
    assert isinstance(row, Row)
    return row


@given(models())
def test_a_model_survives_its_row(drawn: TrainedModel) -> None:
    (row,) = to_rows(drawn)
    assert from_row(row) == drawn
    assert from_row(as_spark_row(row)) == drawn


@pytest.fixture
def new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("new_york")
def test_spark_hands_out_local_time() -> None:
    row = {**to_rows(MODEL)[0], "trained_at": datetime(2024, 3, 30, 21, 30, 0, 123456)}
    assert from_row(row) == MODEL
    assert from_row(row).trained_at.tzinfo is timezone.utc


def assert_of_type(value: Any, kind: DataType) -> None:
    """Whether the value has the columns of the type, at every depth."""
    if value is None:
        return
    if isinstance(kind, StructType):
        assert set(value) == set(kind.names)
        for field in kind:
            assert_of_type(value[field.name], field.dataType)
    elif isinstance(kind, ArrayType):
        for item in value:
            assert_of_type(item, kind.elementType)
    else:
        assert not isinstance(value, dict | list)


def test_rows_have_exactly_the_columns_of_the_schema() -> None:
    assert_of_type(to_rows(MODEL)[0], MODEL_SCHEMA)


def structs(kind: DataType) -> Iterator[StructType]:
    """The type itself and all in it, where they are structs."""
    if isinstance(kind, StructType):
        yield kind
        for field in kind:
            yield from structs(field.dataType)
    elif isinstance(kind, ArrayType):
        yield from structs(kind.elementType)


def test_every_column_that_scoring_reads_is_described() -> None:
    read = set(MODEL_SCHEMA.names) - set(struct_type(ModelReport).names) - {"reduction"}
    for name in read:
        field = MODEL_SCHEMA[name]
        for one in (field, *(item for struct in structs(field.dataType) for item in struct)):
            assert len(one.metadata["comment"]) > 5, one.name


def test_measures_are_columns_of_the_model_and_of_each_candidate() -> None:
    row = to_rows(MODEL)[0]
    chosen = next(item for item in row["candidates"] if item["chosen"])
    for name in ("inertia", "silhouette", "calinski_harabasz", "davies_bouldin", "smallest_share"):
        assert row[name] == chosen[name] == getattr(MODEL.measures, name)


def test_spark_stores_and_unfolds_a_model(spark: Any) -> None:
    table = spark.createDataFrame(to_rows(MODEL), MODEL_SCHEMA)
    assert from_row(table.collect()[0]) == MODEL
    table.createOrReplaceTempView("models")
    scaled = spark.sql(
        """
        select segment.segment_id, coordinate.feature, coordinate.scaled
        from models
        lateral view explode(segments) as segment
        lateral view explode(segment.centroid) as coordinate
        order by segment.segment_id, coordinate.feature
        """
    ).collect()
    assert [tuple(row) for row in scaled] == [
        (segment.segment_id, item.feature, item.scaled)
        for segment in MODEL.segments
        for item in segment.centroid
    ]
    (instant,) = spark.sql("select unix_micros(trained_at) from models").first()
    assert instant == 1711848600123456


def before_encodings(kind: StructType) -> StructType:
    """The schema of a table that was written when features were numeric only."""
    features = kind["features"].dataType.elementType
    older = [field for field in features if field.name != "indicator"]
    return StructType(
        [
            StructField(field.name, ArrayType(StructType(older)))
            if field.name == "features"
            else field
            for field in kind
        ]
    )


def test_a_row_of_before_encodings_still_reads() -> None:
    numeric = replace(MODEL, features=MODEL.features[:3])
    row = to_rows(numeric)[0]
    assert [item.pop("indicator") for item in row["features"]] == [None] * 3
    assert from_row(row) == numeric


def test_a_row_of_before_customers_were_counted_still_reads() -> None:
    uncounted = replace(
        MODEL, candidates=tuple(replace(item, customers_measured=None) for item in MODEL.candidates)
    )
    row = to_rows(uncounted)[0]
    for item in row["candidates"]:
        assert (item.pop("customers_measured"), item.pop("customers_repeated")) == (None, None)
    assert from_row(row) == uncounted


def test_a_table_of_before_encodings_takes_new_models(spark: Any) -> None:
    numeric = replace(MODEL, features=MODEL.features[:3], model_id="before")
    (row,) = to_rows(numeric)
    for item in row["features"]:
        del item["indicator"]
    table = spark.createDataFrame([row], before_encodings(MODEL_SCHEMA))
    new = spark.createDataFrame(to_rows(MODEL), MODEL_SCHEMA)
    both = table.unionByName(new, allowMissingColumns=True).orderBy("model_id").collect()
    assert [from_row(one) for one in both] == [MODEL, numeric]


def test_columns_of_a_later_library_are_ignored() -> None:
    row = to_rows(MODEL)[0]
    row["audit"] = []
    row["segments"][0]["name"] = "Loyal"
    assert from_row(row) == MODEL


def test_fields_of_a_later_reduction_are_ignored() -> None:
    reduced = replace(
        MODEL,
        reduction=Reduction(
            centres=(FeatureCentre("a", 0.5),),
            components=(Component(1, 2.0, 1.0, 1.0, (Loading("a", 1.0),)),),
        ),
    )
    row = to_rows(reduced)[0]
    for item in (
        row["reduction"]["centres"][0],
        row["reduction"]["components"][0],
        row["reduction"]["components"][0]["loadings"][0],
    ):
        item["rotated"] = True
    assert from_row(row) == reduced


def test_a_row_of_a_newer_format_is_refused() -> None:
    row = {**to_rows(MODEL)[0], "format_version": FORMAT_VERSION + 1}
    with pytest.raises(ModelFormatError) as caught:
        from_row(row)
    assert f"Model {MODEL.model_id} has format version 2" in str(caught.value)
    assert "reads up to 1. Upgrade the library" in str(caught.value)


def test_a_row_that_is_no_model_is_refused() -> None:
    with pytest.raises(ModelFormatError, match=r"with format_version None is not a model; .* a, b"):
        from_row({"a": 1, "b": 2})
    with pytest.raises(ModelFormatError, match="with format_version 0 is not a model"):
        from_row({**to_rows(MODEL)[0], "format_version": 0})
    with pytest.raises(ModelFormatError, match="has no features, segments; the model table was"):
        from_row({**to_rows(MODEL)[0], "segments": None, "features": None})
    incomplete = to_rows(MODEL)[0]
    del incomplete["segments"][0]["radius"]
    with pytest.raises(ModelFormatError, match="format version 1 lacks 'radius'"):
        from_row(incomplete)


def test_an_unknown_transform_is_refused() -> None:
    row = to_rows(MODEL)[0]
    row["features"][0]["transform"] = "rank"
    with pytest.raises(ModelFormatError, match="transform rank"):
        from_row(row)


@pytest.mark.parametrize(("name", "value"), [("encoding", "ordinal"), ("kind", "dates")])
def test_an_unknown_indicator_is_refused(name: str, value: str) -> None:
    row = to_rows(MODEL)[0]
    indicator = next(item["indicator"] for item in row["features"] if item["indicator"])
    indicator[name] = value
    with pytest.raises(ModelFormatError, match=f"Column {indicator['column']} has .* {value}"):
        from_row(row)


def test_an_unknown_assignment_rule_is_refused() -> None:
    with pytest.raises(ModelFormatError, match="assignment rule nearest_medoid"):
        from_row({**to_rows(MODEL)[0], "assignment_rule": "nearest_medoid"})
