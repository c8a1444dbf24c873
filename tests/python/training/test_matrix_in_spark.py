"""Training on a long mart in Spark, beside that in memory."""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from customer_segmentation.errors import InputError
from customer_segmentation.model.trained_model import TrainedModel
from customer_segmentation.preparation.long_matrix import matrix_of_frame
from customer_segmentation.preparation.matrix_components import with_components
from customer_segmentation.scoring.frame import score_frame
from customer_segmentation.training.engine import choose_engine, train_by_engine
from customer_segmentation.training.memory import train
from planted_tastes import loans, mart, specification

AS_OF = date(2024, 1, 31)
NOW = datetime(2024, 2, 1, tzinfo=timezone.utc)
LOANS = loans(readers=400, books=60)
READERS = mart(LOANS)
CHANGES: dict[str, Any] = {"features": ["age"], "compare": {"unreduced": True}, "sample_size": 200}


def scored(model: TrainedModel) -> Any:
    columns = specification().matrix
    assert columns is not None
    assert model.matrix is not None
    rows = matrix_of_frame(LOANS, columns)
    return score_frame(with_components(READERS, rows, model.matrix, "reader"), model)


@pytest.mark.parametrize("method", ["pca", "svd"])
def test_spark_and_memory_agree(spark: Any, method: str) -> None:
    changes = {**CHANGES, "reduction": {"method": method, "components": 3}}
    spec = specification(**changes, engine="spark")
    assert spec.matrix is not None
    said: list[str] = []
    lost = READERS.iloc[:1].assign(reader="x1")
    found = train_by_engine(
        spark.createDataFrame(READERS).unionByName(spark.createDataFrame(lost)),
        spec,
        len(READERS) + 1,
        matrix=spark.createDataFrame(LOANS).repartition(3),
        as_of_date=AS_OF,
        trained_at=NOW,
        progress=said.append,
    )
    expected = train(
        READERS,
        specification(**changes),
        matrix=matrix_of_frame(LOANS, spec.matrix),
        as_of_date=AS_OF,
        trained_at=NOW,
    )
    assert found.engine == "spark"
    assert found.matrix is not None
    assert expected.matrix is not None
    assert found.matrix.items == expected.matrix.items
    assert (found.matrix.entities, found.matrix.entities_without_items) == (len(READERS), 1)
    assert found.matrix.entries == len(LOANS)
    np.testing.assert_allclose(found.matrix.centres, expected.matrix.centres, rtol=1e-9)
    shares = [item.explained_variance_share for item in found.matrix.components]
    others = [item.explained_variance_share for item in expected.matrix.components]
    np.testing.assert_allclose(shares, others, rtol=0.01)
    ours, theirs = scored(found), scored(expected)
    assert adjusted_rand_score(READERS.taste, ours.segment_id) == 1
    assert ours.segment_id.tolist() == theirs.segment_id.tolist()
    assert [item.size for item in found.segments] == [item.size for item in expected.segments]
    assert [item.scale for item in found.features] == pytest.approx(
        [item.scale for item in expected.features], rel=0.01
    )
    full = [item for item in found.candidates if not item.reduced]
    assert [item.customers_measured for item in full] == [200]
    assert all(item.silhouette_unreduced is not None for item in found.candidates)


def test_a_share_of_the_variance_takes_no_more_components_than_in_memory(spark: Any) -> None:
    spec = specification(reduction={"variance": 0.3}, engine="spark")
    assert spec.matrix is not None
    found = train_by_engine(
        spark.createDataFrame(READERS),
        spec,
        len(READERS),
        matrix=spark.createDataFrame(LOANS),
        as_of_date=AS_OF,
        trained_at=NOW,
        progress=lambda _: None,
    )
    expected = train(
        READERS,
        specification(reduction={"variance": 0.3}),
        matrix=matrix_of_frame(LOANS, spec.matrix),
        as_of_date=AS_OF,
        trained_at=NOW,
    )
    assert found.matrix is not None
    assert expected.matrix is not None
    assert len(found.matrix.components) == len(expected.matrix.components)


def test_the_engine_follows_from_the_pairs_of_the_matrix() -> None:
    spec = specification(memory_budget_mb=100)
    # 12 bytes and 6 copies a pair, 8 bytes and 8 copies a component.
    fits = (100 * 2**20 - 1000 * 3 * 8 * 8) // (12 * 6)
    assert choose_engine(1000, spec, fits)[0] == "memory"
    engine, why = choose_engine(1000, spec, fits + 1)
    assert engine == "spark"
    assert f"1000 customers with {fits + 1} pairs of the matrix need about 100 MiB" in why
    assert choose_engine(1000, specification(memory_budget_mb=1), 0)[0] == "memory"


def test_a_key_of_another_type_is_no_match(spark: Any) -> None:
    spec = specification(engine="spark")
    with pytest.raises(InputError, match="No reader of the feature mart has an item"):
        train_by_engine(
            spark.createDataFrame(READERS),
            spec,
            len(READERS),
            matrix=spark.createDataFrame(LOANS.assign(reader=LOANS.reader.str[1:].astype(int))),
            as_of_date=AS_OF,
            trained_at=NOW,
            progress=lambda _: None,
        )
