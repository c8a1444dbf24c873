"""Components of a long matrix, over the Spark Connect of Sail."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyspark import cloudpickle
from sklearn.decomposition import PCA, TruncatedSVD

from customer_segmentation.errors import InputError
from customer_segmentation.preparation import matrix_blocks, spark_matrix
from customer_segmentation.preparation.spark_matrix import (
    MatrixComponents,
    MatrixTable,
    fit_matrix_components,
)
from project_runs import Project

SEED = 5
Load = Callable[..., MatrixTable]


@pytest.fixture
def load(sail_project: Project) -> Load:
    def loaded(dense: Any, order: int = 0) -> MatrixTable:
        """The cells that are not 0, in a random order."""
        rows, columns = np.nonzero(dense)
        shuffled = np.random.default_rng(order).permutation(len(rows))
        rows, columns = rows[shuffled], columns[shuffled]
        return cells(
            [f"u{row:05}" for row in rows],
            [f"i{column:05}" for column in columns],
            dense[rows, columns].astype(float),
        )

    def cells(users: Any, items: Any, values: Any) -> MatrixTable:
        table = pa.table({"user_id": users, "item_id": items, "value": values})
        frame = sail_project.spark.createDataFrame(table)
        return MatrixTable(frame, "user_id", "item_id", "value")

    loaded.cells = cells  # type: ignore[attr-defined]
    return loaded


def unrelated(users: int = 700, items: int = 500) -> Any:
    """Ratings without any group: the variance decays slowly."""
    rng = np.random.default_rng(1)
    rated = rng.random((users, items)) < rng.random(items) * 0.2
    rated[:, 0] = rated[0] = True
    return rng.integers(1, 6, (users, items)) * rated


def planted(users: int = 600, items: int = 400) -> Any:
    """Ten groups of users who rate items of their own."""
    rng = np.random.default_rng(2)
    own = rng.integers(0, 10, users)[:, None] == np.arange(items) % 10
    return rng.integers(1, 6, (users, items)) * (rng.random((users, items)) < 0.02 + 0.4 * own)


def spectrum(users: int = 500, items: int = 450) -> Any:
    """Every cell is there, and the variance falls by 3 % from component to component."""
    rng = np.random.default_rng(3)
    left, right = (np.linalg.qr(rng.normal(size=(size, 400))).Q for size in (users, items))
    return left * 0.985 ** np.arange(400) @ right.T + 7


MATRICES = {"unrelated": unrelated, "planted": planted, "spectrum": spectrum}


@pytest.mark.parametrize("name", MATRICES)
def test_explained_variance_is_that_of_a_dense_pca(load: Load, name: str) -> None:
    dense = MATRICES[name]()
    found = fit_matrix_components(load(dense), components=10, random_seed=SEED)
    expected = PCA(10, svd_solver="full").fit(dense)
    assert found.entities == len(dense)
    assert found.items == tuple(f"i{at:05}" for at in range(dense.shape[1]))
    np.testing.assert_allclose(found.centres, dense.mean(axis=0), rtol=1e-12)
    assert found.total_variance == pytest.approx(dense.var(axis=0, ddof=1).sum(), rel=1e-12)
    # Each component, not only their sum, and to much less than one per cent.
    np.testing.assert_allclose(found.variances, expected.explained_variance_, rtol=2e-3)
    np.testing.assert_allclose(found.shares, expected.explained_variance_ratio_, rtol=2e-3)
    np.testing.assert_allclose(found.axes @ found.axes.T, np.eye(10), atol=1e-9)
    along = ((dense - dense.mean(axis=0)) @ found.axes.T).var(axis=0, ddof=1)
    np.testing.assert_allclose(along, found.variances, rtol=1e-9)


def test_planted_groups_have_the_axes_of_a_dense_pca(load: Load) -> None:
    dense = planted()
    found = fit_matrix_components(load(dense), components=9, random_seed=SEED)
    expected = PCA(9, svd_solver="full").fit(dense).components_
    # Of ten groups nine directions stand out; the plane they span is the same.
    overlap = np.linalg.svd(found.axes @ expected.T, compute_uv=False)
    np.testing.assert_allclose(overlap, 1, atol=1e-6)


def test_without_centring_it_is_a_truncated_svd(load: Load) -> None:
    dense = planted()
    found = fit_matrix_components(load(dense), components=5, centred=False, random_seed=SEED)
    expected = TruncatedSVD(5, algorithm="arpack", random_state=0).fit(dense)
    np.testing.assert_array_equal(found.centres, np.zeros(dense.shape[1]))
    alike = np.abs(np.sum(found.axes[:1] * expected.components_[:1], axis=1))
    np.testing.assert_allclose(alike, 1, atol=1e-6)
    # scikit-learn divides by n where a sample variance divides by n - 1; shares are the same.
    scale = len(dense) / (len(dense) - 1)
    np.testing.assert_allclose(found.variances, expected.explained_variance_ * scale, rtol=2e-3)
    np.testing.assert_allclose(found.shares, expected.explained_variance_ratio_, rtol=2e-3)


def test_by_hand(load: Load) -> None:
    # Two users and two items: (3, 0) and (0, 4). They differ along (3, -4) / 5, by 5.
    matrix = load(np.array([[3, 0], [0, 4]]))
    found = fit_matrix_components(matrix, components=1, random_seed=SEED)
    np.testing.assert_allclose(found.centres, [1.5, 2])
    np.testing.assert_allclose(np.abs(found.axes), [[0.6, 0.8]])
    assert found.variances == pytest.approx([12.5])
    assert found.total_variance == pytest.approx(12.5)


def test_partitions_and_the_order_of_rows_change_the_last_digits_at_most(load: Load) -> None:
    dense = unrelated()

    def fitted(order: int, partitions: int, seed: int = SEED) -> MatrixComponents:
        matrix = load(dense, order)
        frame = matrix.frame.repartition(partitions)
        again = MatrixTable(frame, matrix.entity, matrix.item, matrix.value)
        return fit_matrix_components(again, components=4, random_seed=seed)

    one, other = fitted(0, 1), fitted(1, 7)
    np.testing.assert_allclose(one.variances, other.variances, rtol=1e-9)
    np.testing.assert_allclose(one.axes, other.axes, atol=1e-7)
    assert np.abs(fitted(0, 1, SEED + 1).axes - one.axes).max() > 1e-7


def test_a_share_of_the_variance_takes_as_many_as_it_needs(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    dense = spectrum()
    shares = np.cumsum(PCA(svd_solver="full").fit(dense).explained_variance_ratio_)
    found = fit_matrix_components(load(dense), variance=0.6, random_seed=SEED)
    # 16 do not reach it, 64 do.
    assert shares[15] < 0.6 < shares[63]
    assert len(found.variances) == 64
    np.testing.assert_allclose(np.cumsum(found.shares), shares[:64], rtol=5e-3)
    monkeypatch.setattr(spark_matrix, "MOST_COMPONENTS", 65)
    with pytest.raises(InputError, match=r"variance is 0\.95, but 65 components.*have 0\.86"):
        fit_matrix_components(load(dense), variance=0.95, random_seed=SEED)


def test_few_items_have_all_of_the_variance(load: Load) -> None:
    found = fit_matrix_components(load(planted(50, 12)), variance=1.0, random_seed=SEED)
    assert len(found.variances) == 12
    assert found.shares.sum() == pytest.approx(1)


def test_there_are_no_more_components_than_directions(load: Load) -> None:
    # Four users differ in three directions at most, and these in two.
    found = fit_matrix_components(load(np.eye(4, 9)), components=7, random_seed=SEED)
    assert len(found.variances) == 3
    assert found.shares.sum() == pytest.approx(1)
    alike = np.array([[1, 2, 0, 4], [1, 0, 3, 4], [1, 2, 3, 4], [1, 2, 0, 4]])
    with pytest.raises(InputError, match="components is 3, but the entities differ in only 2"):
        fit_matrix_components(load(alike), components=3, random_seed=SEED)


@pytest.mark.parametrize(
    ("users", "items", "values", "message"),
    [
        (["a", "a"], ["x", "x"], [1.0, 2.0], "1 rows too many: user_id and item_id are its key"),
        (["a", None], ["x", "y"], [1.0, 2.0], "1 rows without a user_id, a item_id or a finite"),
        (["a", "b"], ["x", None], [1.0, 2.0], "1 rows without"),
        (["a", "b"], ["x", "y"], [np.nan, np.inf], "2 rows without"),
        (["a", "a"], ["x", "y"], [1.0, 2.0], "1 values of user_id; .* at least 2"),
        (["a", "b"], ["x", "x"], [2.0, 2.0], "No item of the matrix varies: each of the 2"),
    ],
)
def test_what_is_no_matrix_is_refused(
    load: Load, users: Any, items: Any, values: Any, message: str
) -> None:
    matrix = load.cells(users, items, values)  # type: ignore[attr-defined]
    with pytest.raises(InputError, match=message):
        fit_matrix_components(matrix, components=1, random_seed=SEED)


def test_components_or_variance(load: Load) -> None:
    for both in ({}, {"components": 2, "variance": 0.5}):
        with pytest.raises(ValueError, match="either components or variance"):
            fit_matrix_components(load(np.eye(3)), random_seed=SEED, **both)  # type: ignore[arg-type]


WITHOUT_THE_PACKAGE = """
import pickle, sys
sys.modules["customer_segmentation"] = None
batches = pickle.load(sys.stdin.buffer)
rows = []
for _ in range(2):
    function = pickle.load(sys.stdin.buffer)
    batches = list(function(batches))
    rows += [row for batch in batches for row in batch.to_pylist()]
pickle.dump(rows, sys.stdout.buffer)
"""


def test_workers_of_spark_need_not_have_the_package() -> None:
    cloudpickle.register_pickle_by_value(matrix_blocks)  # type: ignore[no-untyped-call]
    batch = pa.RecordBatch.from_pydict(
        {
            "entity": ["a", "b", "a"],
            "position": pa.array([2, 1, 0], pa.int32()),
            "value": [3.0, 2.0, 1.0],
        }
    )
    functions = (matrix_blocks.packed, matrix_blocks.gram_product(np.eye(3)))
    worker = subprocess.run(
        [sys.executable, "-c", WITHOUT_THE_PACKAGE],
        # Each row in a batch of its own.
        input=pickle.dumps([batch.slice(at, 1) for at in range(3)])
        + b"".join(cloudpickle.dumps(item) for item in functions),  # type: ignore[no-untyped-call]
        capture_output=True,
        check=True,
    )
    block, row = pickle.loads(worker.stdout)
    assert (block["entities"], block["repeated"]) == (2, 0)
    # X = [[1, 0, 3], [0, 2, 0]], so X'X = [[1, 0, 3], [0, 4, 0], [3, 0, 9]].
    product = np.frombuffer(row["product"]).reshape(3, 3)
    np.testing.assert_array_equal(product, [[1, 0, 3], [0, 4, 0], [3, 0, 9]])


def test_a_partition_is_cut_into_blocks_of_whole_entities(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix_blocks, "_BLOCK_CELLS", 10)
    rng = np.random.default_rng(0)
    dense = rng.integers(0, 3, (30, 7)) * rng.integers(0, 2, (30, 7))
    rows, columns = np.nonzero(dense)
    # Entity 0 has a place twice, entity 1 a cell that is 0.
    rows, columns = np.append(rows, [rows[0], 1]), np.append(columns, [columns[0], 0])
    dense[1, 0] = 0
    values = np.append(dense[rows[:-1], columns[:-1]], 0).astype(float)
    table = {"entity": rows, "position": columns.astype(np.int32), "value": values}
    blocks = [
        row
        for batch in matrix_blocks.packed(iter([pa.RecordBatch.from_pydict(table)]))
        for row in batch.to_pylist()
    ]
    assert sum(row["entities"] for row in blocks) == len(set(rows))
    assert sum(row["repeated"] for row in blocks) == 1
    assert len(blocks) > 3
    assert all(len(row["values"]) <= 8 * 16 for row in blocks)
    assert not list(matrix_blocks.packed(iter([])))
