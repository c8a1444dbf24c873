"""Training on a long mart in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timezone
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.metrics import adjusted_rand_score, silhouette_score

from customer_segmentation.errors import InputError
from customer_segmentation.model.table import from_row, to_rows
from customer_segmentation.model.trained_model import TrainedModel
from customer_segmentation.preparation.long_matrix import matrix_of_frame
from customer_segmentation.preparation.matrix_components import with_components
from customer_segmentation.scoring.frame import score_frame
from customer_segmentation.training.memory import train
from customer_segmentation.training.previous import Previous
from planted_tastes import TASTES, loans, mart, specification

AS_OF = date(2024, 1, 31)
LOANS = loans()
READERS = mart(LOANS)
DENSE = LOANS.pivot(index="reader", columns="book", values="loans").fillna(0)


def trained(
    frame: pd.DataFrame = READERS,
    rows: pd.DataFrame = LOANS,
    *,
    previous: TrainedModel | None = None,
    progress: Any = None,
    **changes: Any,
) -> TrainedModel:
    spec = specification(**changes)
    assert spec.matrix is not None
    return train(
        frame,
        spec,
        matrix=matrix_of_frame(rows, spec.matrix),
        as_of_date=AS_OF,
        trained_at=datetime(2024, 2, 1, tzinfo=timezone.utc),
        previous=None if previous is None else Previous(previous, TASTES),
        progress=progress,
    )


def scored(
    model: TrainedModel, frame: pd.DataFrame = READERS, rows: pd.DataFrame = LOANS
) -> pd.DataFrame:
    columns = specification().matrix
    assert columns is not None
    assert model.matrix is not None
    joined = with_components(frame, matrix_of_frame(rows, columns), model.matrix, "reader")
    return score_frame(joined, model).set_index("reader")


def aligned_to(loadings: Any, expected: Any) -> Any:
    """The expected axes with the signs of the loadings."""
    signs = np.sign(np.sum(loadings * expected, axis=1, keepdims=True))
    return expected * signs


def test_planted_tastes_are_found_in_the_order_of_the_measure() -> None:
    model = trained()
    found = scored(model)
    assert adjusted_rand_score(READERS.taste, found.segment_id) == 1
    means = READERS.groupby(found.segment_id.to_numpy())["total"].mean()
    assert list(means) == sorted(means, reverse=True)
    assert [item.segment_id for item in model.segments] == [1, 2, 3]
    assert model.row_count == len(READERS)


def test_principal_components_are_those_of_the_dense_matrix() -> None:
    matrix = trained(reduction={"components": 5}).matrix
    assert matrix is not None
    expected = PCA(5, svd_solver="full").fit(DENSE.to_numpy())
    np.testing.assert_allclose(matrix.centres, DENSE.mean(), rtol=1e-12)
    axes = aligned_to(matrix.loadings, expected.components_)
    np.testing.assert_allclose(matrix.loadings, axes, atol=1e-9)
    components = matrix.components
    variances = [item.explained_variance for item in components]
    shares = [item.explained_variance_share for item in components]
    np.testing.assert_allclose(variances, expected.explained_variance_, rtol=1e-9)
    np.testing.assert_allclose(shares, expected.explained_variance_ratio_, rtol=1e-9)
    cumulative = [item.cumulative_share for item in components]
    np.testing.assert_allclose(cumulative, np.cumsum(shares), rtol=1e-12)
    assert matrix.items == tuple(DENSE.columns)
    assert (matrix.entities, matrix.entries) == (len(DENSE), len(LOANS))


def test_the_largest_loading_of_a_component_is_positive() -> None:
    matrix = trained(reduction={"components": 5}).matrix
    assert matrix is not None
    assert (matrix.loadings[range(5), np.abs(matrix.loadings).argmax(axis=1)] > 0).all()


def test_truncated_svd_subtracts_nothing() -> None:
    matrix = trained(reduction={"method": "svd", "components": 4}).matrix
    assert matrix is not None
    expected = TruncatedSVD(4, algorithm="arpack", random_state=0).fit(DENSE.to_numpy())
    np.testing.assert_allclose(
        matrix.loadings, aligned_to(matrix.loadings, expected.components_), atol=1e-8
    )
    assert set(matrix.centres) == {0.0}
    shares = [item.explained_variance_share for item in matrix.components]
    np.testing.assert_allclose(shares, expected.explained_variance_ratio_, rtol=1e-9)


def test_components_by_hand() -> None:
    # Two readers have (1, 0) of two books, two have (3, 4): they differ along (1, 2) / sqrt(5).
    rows = pd.DataFrame(
        [(f"r{at:04}", "b1", 1.0 if at < 2 else 3.0) for at in range(4)]
        + [(f"r{at:04}", "b2", 4.0) for at in (2, 3)],
        columns=["reader", "book", "loans"],
    )
    model = trained(mart(rows), rows, k=2, reduction={"components": 1})
    assert model.matrix is not None
    assert model.matrix.centres == pytest.approx((2, 2))
    assert model.matrix.loadings[0] == pytest.approx([1 / 5**0.5, 2 / 5**0.5])
    # Half of the distance, which is sqrt(4 + 16), on either side.
    assert [item.centroid[0].scaled for item in model.segments] == pytest.approx(
        [5**0.5, -(5**0.5)]
    )
    (component,) = model.matrix.components
    assert component.explained_variance == pytest.approx(4 * 5 / 3)
    assert component.explained_variance_share == pytest.approx(1)


def test_as_many_components_as_a_share_of_the_variance_takes() -> None:
    shares = PCA(svd_solver="full").fit(DENSE.to_numpy()).explained_variance_ratio_
    for variance in (0.3, 0.8, 0.95, 1.0):
        matrix = trained(reduction={"variance": variance}).matrix
        assert matrix is not None
        expected = int(np.argmax(np.cumsum(shares) >= variance - 1e-9)) + 1
        assert len(matrix.components) == expected


def test_ten_components_unless_it_is_said() -> None:
    matrix = trained(reduction={"method": "pca"}).matrix
    assert matrix is not None
    assert len(matrix.components) == 10


def test_components_are_not_scaled() -> None:
    model = trained()
    assert model.matrix is not None
    assert [(item.name, item.centre, item.scale) for item in model.features] == [
        (f"component_{at}", 0.0, 1.0) for at in (1, 2, 3)
    ]
    found = scored(model)[list(model.matrix.names)].var(axis=0, ddof=1)
    variances = [item.explained_variance for item in model.matrix.components]
    np.testing.assert_allclose(found, variances, rtol=1e-9)


def test_a_feature_of_the_mart_counts_as_much_as_a_component_on_average() -> None:
    model = trained(features=["age"])
    assert model.matrix is not None
    mean = np.mean([item.explained_variance for item in model.matrix.components])
    *_, age = model.features
    assert age.name == "age"
    scaled = (READERS.age - age.centre) / age.scale
    assert scaled.var(ddof=0) == pytest.approx(mean)
    assert model.report is not None
    assert [item.feature for item in model.report.feature_audit] == ["age"]
    importances = {item.feature: item.variance_share for item in model.report.feature_importances}
    assert importances["age"] == pytest.approx(1 / 4, rel=0.02)


def test_the_order_of_rows_has_no_influence() -> None:
    shuffled = trained(READERS.sample(frac=1, random_state=1), LOANS.sample(frac=1, random_state=2))
    assert to_rows(shuffled) == to_rows(trained())


def test_a_component_has_no_mean_to_be_compared_with() -> None:
    model = trained(features=["age"])
    assert model.report is not None
    differences = model.report.segment_differences
    components = {"component_1", "component_2", "component_3"}
    assert {item.feature for item in differences} == {"age", *components}
    assert {item.feature for item in differences if item.ratio_to_all is None} == components
    # Age has nothing to do with tastes.
    assert {item.feature for item in differences if item.rank == 1} <= components


def test_what_to_do_about_a_component_that_decides_alone() -> None:
    # By how much is borrowed, and hardly by what: that is the first component of an svd.
    rows = loans(own=0.5, others=0.45).assign(loans=1.0)
    rows.loc[rows.reader < "r0060", "loans"] = 50.0
    model = trained(mart(rows), rows, k=2, reduction={"method": "svd", "components": 3})
    assert model.report is not None
    (warning,) = (item.warning for item in model.report.feature_importances if item.warning)
    assert warning.startswith("component_1 decides the segments almost alone")
    assert "say how much an entity has rather than of what" in warning


def test_a_model_survives_its_row() -> None:
    model = trained(features=["age"], compare={"unreduced": True})
    (row,) = to_rows(model)
    assert from_row(row) == model
    older = {name: value for name, value in row.items() if name != "matrix"}
    assert from_row({**older, "reduction": None}) == replace(model, matrix=None)


def test_both_spaces_are_measured_on_the_full_matrix() -> None:
    k = {"min": 2, "max": 4, "choose": "silhouette"}
    said: list[str] = []
    model = trained(k=k, compare={"unreduced": True}, progress=said.append)
    told = [line.partition(":")[0] for line in said if line.startswith("kmeans")]
    places = ("", " on the full matrix")
    assert told == [f"kmeans k={k}{place}" for place in places for k in (2, 3, 4)]
    reduced = [item for item in model.candidates if item.reduced]
    full = [item for item in model.candidates if not item.reduced]
    assert [item.k for item in reduced] == [item.k for item in full] == [2, 3, 4]
    for item in full:
        assert item.inertia_unreduced == item.measures.inertia
        assert item.silhouette_unreduced == item.measures.silhouette
    (chosen,) = (item for item in model.candidates if item.chosen)
    labels = scored(model).segment_id.to_numpy(dtype=int)
    dense = DENSE.to_numpy()
    means = np.array([dense[labels == label].mean(axis=0) for label in labels])
    assert chosen.inertia_unreduced == pytest.approx(((dense - means) ** 2).sum())
    expected = silhouette_score(dense, labels, metric="sqeuclidean")
    assert chosen.silhouette_unreduced == pytest.approx(expected)
    assert (
        "kmeans with k=3 on components of the matrix; measured on the full matrix" in model.k_reason
    )
    assert all(item.inertia_unreduced is None for item in trained(k=k).candidates)


def test_readers_without_a_book_have_no_part_and_no_segment() -> None:
    lost = pd.DataFrame([{**READERS.iloc[0], "reader": "x1"}, {**READERS.iloc[0], "reader": "x2"}])
    frame = pd.concat([READERS, lost], ignore_index=True)
    unknown = pd.DataFrame([("x2", "new book", 3.0)], columns=LOANS.columns)
    said: list[str] = []
    model = trained(frame, LOANS, progress=said.append)
    assert "warning: 2 customers have no item and no part in training" in said
    assert model.matrix is not None
    assert model.matrix.entities_without_items == 2
    assert replace(model.matrix, entities_without_items=0) == trained().matrix
    found = scored(model, frame, pd.concat([LOANS, unknown], ignore_index=True))
    assert found.segment_id.isna().sum() == 2
    assert found.loc["x1", "unscorable_reason"] == "no item"
    assert found.loc["x2", "unscorable_reason"] == "no item that the model knows"
    assert found.loc[["x1", "x2"], "known_items"].tolist() == [0, 0]
    assert found.drop(["x1", "x2"]).unscorable_reason.isna().all()


def test_an_item_that_is_new_counts_for_nothing() -> None:
    model = trained()
    new = pd.DataFrame([("r0000", "new book", 3.0)], columns=LOANS.columns)
    with_new = scored(model, READERS, pd.concat([LOANS, new], ignore_index=True))
    pd.testing.assert_frame_equal(with_new, scored(model))


def test_entities_of_the_matrix_that_the_mart_lacks_change_nothing() -> None:
    half = READERS[READERS.index % 2 == 0].reset_index(drop=True)
    rows = LOANS[LOANS.reader.isin(half.reader)]
    # All items are there either way.
    assert rows.book.nunique() == LOANS.book.nunique()
    assert trained(half, LOANS) == trained(half, rows)


def test_ids_follow_the_previous_model_though_its_components_have_turned() -> None:
    before = trained()
    # Without some books and with one that is new the axes and the order of the items differ.
    rows = LOANS[~LOANS.book.isin(["b000", "b004", "b008"])].replace(
        {"book": {"b001": "a new one"}}
    )
    after = trained(
        mart(rows), rows, previous=before, ordering={"measure": "total", "direction": "ascending"}
    )
    assert after.report is not None
    alignment = after.report.alignment
    assert {item.kind for item in alignment.segments} == {"kept"}
    # One reader has lost nearly all that was borrowed.
    assert (alignment.share_kept or 0) > 0.99
    same = scored(before).segment_id == scored(after, mart(rows), rows).segment_id
    assert same.mean() == alignment.share_kept
    # A centroid moves by what the books that are gone made of it, not by how the axes turned.
    assert all(0 < (item.centroid_shift or 0) < 3 for item in alignment.segments)


def test_centroids_of_the_model_before_are_taken_through_the_items() -> None:
    before = trained()
    # Twice as much of everything: the axes are the same, and a centroid is as far away again.
    twice = LOANS.assign(loans=2 * LOANS.loans)
    after = trained(mart(twice), twice, previous=before)
    assert after.report is not None
    assert before.matrix is not None
    centres = np.array(before.matrix.centres)
    lengths = {
        item.segment_id: np.array([value.scaled for value in item.centroid])
        for item in before.segments
    }
    for found in after.report.alignment.segments:
        # What stays is c L + m, the new centroid is 2 c in axes that start from 2 m.
        moved = lengths[found.segment_id] + before.matrix.loadings @ centres
        assert found.centroid_shift == pytest.approx(np.linalg.norm(moved), rel=1e-6)


def test_a_repeated_training_moves_no_centroid() -> None:
    again = trained(previous=trained())
    assert again.report is not None
    assert all(
        item.centroid_shift == pytest.approx(0, abs=1e-9)
        for item in again.report.alignment.segments
    )


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (LOANS[:0], "The matrix has no rows"),
        (
            pd.concat([LOANS, LOANS[:2]]),
            "several rows for one pair of reader and book, 2 rows too many, for example r0000 ",
        ),
        (
            LOANS.assign(loans=np.where(LOANS.index < 3, np.nan, 1)),
            "3 rows whose loans is missing or infinite",
        ),
        (LOANS.assign(loans=np.inf), "rows whose loans is missing or infinite"),
        (LOANS.assign(book=LOANS.book.where(LOANS.index > 0)), "1 rows without a book"),
        (LOANS.assign(reader=LOANS.reader.where(LOANS.index > 1)), "2 rows without a reader"),
        (
            LOANS.drop(columns="loans"),
            "has no column loans, which the specification names under matrix",
        ),
        (LOANS.assign(loans="many"), "cannot be read: .* Its loans has to be a number"),
        (
            LOANS.assign(reader=LOANS.reader.str[1:].astype(int)),
            "The entity key is text in the feature mart and whole numbers in the matrix",
        ),
        (LOANS.assign(reader="z" + LOANS.reader), "No reader of the feature mart has an item"),
        (
            DENSE.stack().rename("loans").reset_index().assign(loans=1.0),
            "do not differ in any item",
        ),
    ],
)
def test_what_is_no_matrix_is_refused(rows: pd.DataFrame, message: str) -> None:
    with pytest.raises(InputError, match=message):
        trained(rows=rows)


def test_more_components_than_directions_are_refused() -> None:
    rows = pd.concat([LOANS, LOANS.assign(book="copy of " + LOANS.book)])
    with pytest.raises(InputError, match="is 40, but the entities differ in only 30 directions"):
        trained(rows=rows, reduction={"components": 40})


def test_a_matrix_with_fewer_items_than_components_is_told() -> None:
    model = trained(reduction={"components": 99})
    assert model.matrix is not None
    assert len(model.matrix.components) == DENSE.shape[1]
    assert (
        "clustered on 30 components of the matrix and not on the 99 of the specification"
        in model.k_reason
    )


def test_a_matrix_and_a_specification_belong_together() -> None:
    spec = specification()
    with pytest.raises(InputError, match="has a matrix, which training was not given"):
        train(READERS, spec, as_of_date=AS_OF, trained_at=datetime.now(timezone.utc))
