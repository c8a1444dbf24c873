"""Scores of a long mart, added up by Sail, beside those of training."""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyspark.sql import functions as F  # noqa: N812

from customer_segmentation import nodes
from customer_segmentation.errors import InputError, ModelMismatchError
from customer_segmentation.model.matrix import MatrixComponent, MatrixReduction
from customer_segmentation.model.table import MODEL_SCHEMA, to_rows
from customer_segmentation.model.trained_model import TrainedModel
from customer_segmentation.preparation.long_matrix import matrix_of_frame
from customer_segmentation.preparation.matrix_components import with_components as in_memory
from customer_segmentation.preparation.read_matrix import read_matrix
from customer_segmentation.scoring.frame import score_frame
from customer_segmentation.scoring.spark import score
from customer_segmentation.scoring.spark_components import count_unscorable, with_components
from customer_segmentation.specification import Matrix
from customer_segmentation.training.memory import train
from planted_tastes import loans, mart, specification
from project_runs import Project

LOANS = loans()
READERS = mart(LOANS)
COLUMNS = Matrix(entity="reader", item="book", value="loans")


def trained(rows: pd.DataFrame = LOANS, day: int = 1, **changes: Any) -> TrainedModel:
    return train(
        mart(rows),
        specification(**changes),
        matrix=matrix_of_frame(rows, COLUMNS),
        as_of_date=date(2024, 1, 31),
        trained_at=datetime(2024, 2, day, tzinfo=timezone.utc),
    )


def test_scores_by_hand(sail_project: Project) -> None:
    reduction = MatrixReduction(
        entity="who",
        item="what",
        value="how_much",
        method="pca",
        entities=2,
        entries=2,
        entities_without_items=0,
        items=("3", "x"),
        centres=(1.0, 2.0),
        components=(
            MatrixComponent(2.0, 0.8, 0.8, (0.6, 0.8)),
            MatrixComponent(0.5, 0.2, 1.0, (0.8, -0.6)),
        ),
    )
    session = sail_project.spark
    features = session.createDataFrame(pa.table({"id": ["a", "b", "c", "d"], "age": [1, 2, 3, 4]}))
    rows = session.createDataFrame(
        pa.table(
            {
                "who": ["a", "a", "a", "b", "c", "nobody"],
                "what": ["3", "x", "new", "x", "new", "x"],
                "how_much": [5, 1, 9, 4, 9, 1],
            }
        )
    )
    found = with_components(features, rows, reduction, "id").orderBy("id").toPandas()
    # Of a: 5 * 0.6 + 1 * 0.8 - (0.6 + 1.6), and 5 * 0.8 - 1 * 0.6 - (0.8 - 1.2).
    assert found["component_1"].tolist() == pytest.approx([1.6, 1.0, np.nan, np.nan], nan_ok=True)
    assert found["component_2"].tolist() == pytest.approx([3.8, -2.0, np.nan, np.nan], nan_ok=True)
    assert found["known_items"].tolist() == [2, 1, 0, 0]
    reasons = [None, None, "no item that the model knows", "no item"]
    assert found["unscorable_reason"].tolist() == reasons
    assert found["age"].tolist() == [1, 2, 3, 4]
    unscorable = count_unscorable(features, rows, reduction, "id")
    assert unscorable == {"no item": 1, "no item that the model knows": 1}


@pytest.mark.parametrize("changes", [{}, {"features": ["age"]}, {"algorithm": "bisecting_kmeans"}])
def test_scoring_equals_that_in_memory(sail_project: Project, changes: dict[str, Any]) -> None:
    model = trained(**changes)
    assert model.matrix is not None
    lost = READERS.iloc[:2].assign(reader=["x1", "x2"])
    frame = pd.concat([READERS, lost], ignore_index=True)
    rows = pd.concat([LOANS, LOANS[:1].assign(reader="x2", book="new")], ignore_index=True)
    expected = score_frame(
        in_memory(frame, matrix_of_frame(rows, COLUMNS), model.matrix, "reader"), model
    )
    session = sail_project.spark
    joined = with_components(
        session.createDataFrame(frame), session.createDataFrame(rows), model.matrix, "reader"
    )
    found = score(joined, model).orderBy("reader").toPandas()
    expected = expected.sort_values("reader", ignore_index=True)
    assert found.columns.tolist() == expected.columns.tolist()
    numbers = [
        *model.matrix.names,
        *("segment_id", "runner_up_segment_id", "known_items"),
        *("distance_to_centroid", "distance_to_runner_up", "margin"),
    ]
    np.testing.assert_allclose(
        found[numbers].astype(float), expected[numbers].astype(float), rtol=1e-9, atol=1e-9
    )
    assert found["segment_id"].isna().sum() == 2
    assert found["unscorable_reason"].tolist() == expected["unscorable_reason"].tolist()


def test_a_long_mart_is_read_as_it_is_in_memory(sail_project: Project) -> None:
    expected = matrix_of_frame(LOANS, COLUMNS)
    shuffled = LOANS.sample(frac=1, random_state=3)
    frame = sail_project.spark.createDataFrame(shuffled).repartition(3)
    found = read_matrix(frame, COLUMNS)
    assert found.entities.tolist() == expected.entities.tolist()
    assert found.items.tolist() == expected.items.tolist()
    np.testing.assert_array_equal(found.values.toarray(), expected.values.toarray())
    numbers = frame.withColumn("reader", F.substring("reader", 2, 4).cast("bigint"))
    assert read_matrix(numbers, COLUMNS).entities.tolist() == list(range(len(READERS)))
    with pytest.raises(InputError, match="1 rows without a book"):
        read_matrix(frame.limit(1).withColumn("book", F.lit(None).cast("string")), COLUMNS)
    with pytest.raises(InputError, match="Column loans of the matrix is string and no number"):
        read_matrix(frame.withColumn("loans", F.lit("2")), COLUMNS)
    with pytest.raises(InputError, match="The matrix has no rows"):
        read_matrix(frame.limit(0), COLUMNS)
    with pytest.raises(
        InputError, match=r"no column pages, .*; its columns are reader, book, loans"
    ):
        read_matrix(frame, COLUMNS.model_copy(update={"value": "pages"}))


class Published:
    """Models and decisions of a segmentation, and what its last scoring gave."""

    def __init__(self, session: Any, *models: TrainedModel) -> None:
        self.session = session
        self.models = session.createDataFrame(
            [row for model in models for row in to_rows(model)], MODEL_SCHEMA
        )
        self.decisions = session.createDataFrame(
            [(model.model_id, model.trained_at, "promoted") for model in models],
            "model_id string, decided_at timestamp, decision string",
        )

    def assign(self, matrix: Any, published: str = "nowhere.s_customer_segments") -> Any:
        features = self.session.createDataFrame(READERS)
        return nodes.assign(
            self.session, features, self.models, self.decisions, matrix=matrix, published=published
        )


def test_a_later_scoring_says_what_the_model_before_gives(sail_project: Project) -> None:
    session = sail_project.spark
    matrix = session.createDataFrame(LOANS)
    before = trained()
    # By other books and more components; ids follow the other way round.
    after = trained(
        LOANS[LOANS.book > "b002"],
        2,
        reduction={"components": 5},
        ordering={"measure": "total", "direction": "ascending"},
    )
    Published(session, before).assign(matrix).write.mode("overwrite").saveAsTable("tastes_before")
    found = Published(session, before, after).assign(matrix, "tastes_before").toPandas()
    assert set(found["previous_model_id"]) == {before.model_id}
    assert set(found["model_id"]) == {after.model_id}
    assert (found["segment_id_by_previous_model"] == found["previous_segment_id"]).all()
    assert (found["segment_id"] == 4 - found["previous_segment_id"]).mean() > 0.95
    assert "component_5" in found.columns


def test_scoring_says_how_many_have_no_segment(
    sail_project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    matrix = sail_project.spark.createDataFrame(LOANS)
    published = Published(sail_project.spark, trained())
    published.assign(matrix)
    assert "no segment" not in caplog.text
    published.assign(matrix.where(F.col("reader") > READERS["reader"].iloc[2]))
    assert "s: 3 customers have no segment: no item\n" in caplog.text


def test_a_model_of_a_matrix_cannot_score_without_it(sail_project: Project) -> None:
    published = Published(sail_project.spark, trained())
    with pytest.raises(ModelMismatchError, match=r"was trained on a matrix\. Give it to assign"):
        published.assign(None)
    with pytest.raises(InputError, match="The matrix has no column loans"):
        published.assign(sail_project.spark.createDataFrame(LOANS.drop(columns="loans")))


def test_training_says_which_of_matrix_and_specification_is_absent(sail_project: Project) -> None:
    features = sail_project.spark.createDataFrame(READERS)
    matrix = sail_project.spark.createDataFrame(LOANS)
    of_matrix = {
        "entity_key": "reader",
        "matrix": {"item": "book", "value": "loans"},
        "features": [],
        "reduction": {"components": 3},
        "k": 3,
        "ordering": {"measure": "total"},
    }
    of_features = {**of_matrix, "matrix": None, "features": ["age"], "reduction": None}

    def train_by(specification: Any, given: Any) -> Any:
        meta = {"segmentation": "s", "specification": specification}
        return nodes.train(
            sail_project.spark, features, matrix=given, published="nowhere.models", meta=meta
        )

    with pytest.raises(InputError, match="has a matrix, which training was not given"):
        train_by(of_matrix, None)
    with pytest.raises(InputError, match="given a matrix, of which the specification says nothing"):
        train_by(of_features, matrix)
    with pytest.raises(InputError, match="has no column loans, which the specification names"):
        train_by(of_matrix, matrix.drop("loans"))
