"""Principal components of a long matrix in Spark: one row per entity and item that have a value.

The matrix stays where it is, as sparse blocks in the memory and on the disks of Spark; only the
figures of items come here, a block of a few columns at a time. A pair that is not there is 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil

import numpy as np
import pyarrow as pa
from pyspark import cloudpickle
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from customer_segmentation.errors import InputError
from customer_segmentation.numerics.arrays import FloatArray
from customer_segmentation.numerics.krylov import leading_eigenvectors
from customer_segmentation.preparation import matrix_blocks
from customer_segmentation.preparation.reduce import LEAST_SHARE
from customer_segmentation.preparation.spark import finite

# What all partitions together send here in one product, in bytes.
_MOST_SENT = 2**28
# Cells of a partition, which a Python worker holds at once: some 200 MB.
_MOST_CELLS = 2**22
_FEWEST_ENTITIES = 2
# Numbers of components that are tried for a share of the variance.
_TRIED = (16, 64)
MOST_COMPONENTS = 256
"""The most components that are looked for to reach a share of the variance."""


@dataclass(frozen=True)
class MatrixTable:
    """A matrix as a table.

    Attributes:
        frame: One row per entity and item that have a value.
        entity: Column of the entity, a row of the matrix.
        item: Column of the item, a column of the matrix.
        value: Column of the value, a number.
    """

    frame: DataFrame
    entity: str
    item: str
    value: str


@dataclass(frozen=True, eq=False)
class MatrixComponents:
    """Principal components of a matrix, in plain figures.

    Attributes:
        items: In ascending order; the arrays follow it.
        entities: Rows of the matrix.
        centres: What is subtracted (items,): the means, or zeros without centring.
        axes: Of length 1 and orthogonal (components, items), of any sign.
        variances: Sample variance of the entities along each axis (components,).
        total_variance: Sum of the items' sample variances.
    """

    items: tuple[str | int, ...]
    entities: int
    centres: FloatArray
    axes: FloatArray
    variances: FloatArray
    total_variance: float

    @property
    def shares(self) -> FloatArray:
        """Of the total variance (components,)."""
        return self.variances / self.total_variance


def fit_matrix_components(
    matrix: MatrixTable,
    *,
    components: int | None = None,
    variance: float | None = None,
    centred: bool = True,
    random_seed: int,
) -> MatrixComponents:
    """Leading principal components, or without centring the leading singular vectors.

    The centred matrix is never made: where X has the means m of n entities, its Gram matrix is
    X'X - n m m', and a product with a few columns needs sums over the cells that are there. Memory
    for items x columns of a block is needed here and per Python worker of Spark. The figures do not
    depend on partitions, but for rounding. Total variance and means are exact.

    Args:
        matrix: The cells, on an embedded Spark or over Spark Connect.
        components: How many, no more than entities less one and items. Or
        variance: the share of the variance that they have to reach, or a little more of them.
        centred: Whether the items' means are subtracted; without it the axes go by their sum of
            squares about 0, and a variance is about the mean all the same.
        random_seed: Seed of the first block.

    Raises:
        InputError: A cell has no entity, item or finite value, a pair is there twice, there are
            fewer than two entities or no item that varies, the entities differ in fewer directions
            than ``components``, or :data:`MOST_COMPONENTS` do not reach ``variance``.
        ValueError: Not exactly one of ``components`` and ``variance``.
    """
    if (components is None) == (variance is None):
        raise ValueError("give either components or variance")
    items = _items(matrix)
    counts = (*_TRIED, MOST_COMPONENTS) if components is None else (components,)
    with _blocks(matrix, items) as (blocks, entities):
        total_variance = _total_variance(matrix, items, entities)
        centres = items.sums / entities
        shift = centres if centred else np.zeros_like(centres)
        most = min(entities - 1, len(centres))

        def multiply(block: FloatArray) -> FloatArray:
            return _gram_product(blocks, block) - np.outer(entities * shift, shift @ block)

        for count in counts:
            found = leading_eigenvectors(multiply, len(centres), min(count, most), seed=random_seed)
            about_mean = found.values - entities * ((centres - shift) @ found.vectors) ** 2
            fitted = MatrixComponents(
                items=items.ids,
                entities=entities,
                centres=shift,
                axes=found.vectors.T,
                variances=np.maximum(about_mean, 0) / (entities - 1),
                total_variance=total_variance,
            )
            if variance is None:
                return _checked(fitted)
            reached = fitted.shares.sum()
            if reached >= variance or count >= most:
                return fitted
    raise InputError(
        f"reduction.variance is {variance}, but {MOST_COMPONENTS} components, the most that Spark "
        f"tries, have {reached:.3f} of the variance of {matrix.value}. Set a smaller variance, "
        "or components."
    )


def _total_variance(matrix: MatrixTable, items: _Items, entities: int) -> float:
    """Sum of the items' sample variances, absent cells counted as 0."""
    absent = entities - items.counts
    about_zero = items.counts * absent * (items.sums / items.counts) ** 2 / entities
    total = float((items.squares + about_zero).sum()) / (entities - 1)
    if not total > 0:
        raise InputError(
            f"No item of the matrix varies: each of the {entities} values of {matrix.entity} has "
            f"the same {matrix.value} for all {len(items.ids)} values of {matrix.item}."
        )
    return total


@dataclass(frozen=True, eq=False)
class _Items:
    """Ids, and per item the cells, their sum, and their squares about their own mean."""

    ids: tuple[str | int, ...]
    counts: FloatArray
    sums: FloatArray
    squares: FloatArray


def _items(matrix: MatrixTable) -> _Items:
    value = finite(matrix.value)
    unusable = F.col(matrix.entity).isNull() | F.col(matrix.item).isNull() | value.isNull()
    found = (
        matrix.frame.groupBy(F.col(matrix.item).alias("item"))
        .agg(
            F.count(F.lit(1)).alias("cells"),
            F.sum(value).alias("sum"),
            (F.var_pop(value) * F.count(value)).alias("squares"),
            F.sum(F.when(unusable, 1).otherwise(0)).alias("unusable"),
        )
        .toArrow()
    )
    wrong = sum(found["unusable"].to_pylist())
    if wrong:
        raise InputError(
            f"The matrix has {wrong} rows without a {matrix.entity}, a {matrix.item} or a finite "
            f"{matrix.value}. Leave them out of the table, or give them a value."
        )
    found = found.sort_by("item")
    return _Items(
        tuple(found["item"].to_pylist()),
        *(found[name].to_numpy().astype(np.float64) for name in ("cells", "sum", "squares")),
    )


@contextmanager
def _blocks(matrix: MatrixTable, items: _Items) -> Iterator[tuple[DataFrame, int]]:
    """The matrix in blocks, in the memory and on the disks of Spark, and its number of rows."""
    session = matrix.frame.sparkSession
    shuffled = int(session.conf.get("spark.sql.shuffle.partitions", "2") or 1)
    partitions = max(shuffled, ceil(items.counts.sum() / _MOST_CELLS))
    positions = session.createDataFrame(
        pa.table({"item": _array(items.ids), "position": np.arange(len(items.ids), dtype=np.int32)})
    )
    # By value: the workers of a cluster need not have this package.
    cloudpickle.register_pickle_by_value(matrix_blocks)  # type: ignore[no-untyped-call]
    blocks = (
        matrix.frame.select(
            F.col(matrix.entity).alias("entity"),
            F.col(matrix.item).alias("item"),
            F.col(matrix.value).cast("double").alias("value"),
        )
        .join(F.broadcast(positions), "item")
        .select("entity", "position", "value")
        .repartition(partitions, "entity")
        .mapInArrow(matrix_blocks.packed, matrix_blocks.BLOCK_SCHEMA)
        .cache()
    )
    try:
        row = blocks.agg(F.sum("entities"), F.sum("repeated")).collect()[0]
        entities, repeated = (int(value or 0) for value in row)
        if repeated:
            raise InputError(
                f"The matrix has {repeated} rows too many: {matrix.entity} and {matrix.item} are "
                "its key, and are there more than once. Make one row of each pair."
            )
        if entities < _FEWEST_ENTITIES:
            raise InputError(
                f"The matrix has {entities} values of {matrix.entity}; principal components need "
                f"at least {_FEWEST_ENTITIES}."
            )
        yield blocks, entities
    finally:
        blocks.unpersist()


def _gram_product(blocks: DataFrame, block: FloatArray) -> FloatArray:
    parts = (
        blocks.coalesce(max(1, _MOST_SENT // block.nbytes))
        .mapInArrow(matrix_blocks.gram_product(block), matrix_blocks.PRODUCT_SCHEMA)
        .toArrow()
    )
    total: FloatArray = np.zeros_like(block)
    for part in parts["product"]:
        total += np.frombuffer(part.as_buffer()).reshape(block.shape)
    return total


def _array(items: tuple[str | int, ...]) -> pa.Array:
    return pa.array(items, pa.string() if isinstance(items[0], str) else pa.int64())


def _checked(fitted: MatrixComponents) -> MatrixComponents:
    directions = int((fitted.shares > LEAST_SHARE).sum())
    if directions < len(fitted.shares):
        raise InputError(
            f"reduction.components is {len(fitted.shares)}, but the entities differ in only "
            f"{directions} directions of the items. Set components to {directions} or less."
        )
    return fitted
