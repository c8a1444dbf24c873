"""A sparse matrix in blocks of whole rows, made and multiplied by Spark's Python workers.

The functions travel to the workers by value: a worker needs NumPy, SciPy and PyArrow, and not this
package.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
from scipy import sparse

from customer_segmentation.numerics.arrays import FloatArray

BLOCK_SCHEMA = "entities bigint, repeated bigint, offsets binary, positions binary, values binary"
"""One row per block: its rows, how many cells of its partition are of a place that was there
before, and the arrays of a CSR matrix."""
PRODUCT_SCHEMA = "product binary"

_BLOCK_CELLS = 2**18


def packed(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The cells of a partition, which has all of each of its entities, as blocks.

    Args:
        batches: Columns entity, position (int) and value (double), in any order.
    """
    waiting = list(batches)
    if not sum(batch.num_rows for batch in waiting):
        return
    table = pa.Table.from_batches(waiting)
    entities = table.column(0).dictionary_encode().unify_dictionaries()
    rows = np.concatenate([chunk.indices.to_numpy() for chunk in entities.chunks])
    cells = sparse.coo_array(
        (table.column(2).to_numpy(), (rows, table.column(1).to_numpy())),
        shape=(len(entities.chunk(0).dictionary), int(table.column(1).to_numpy().max()) + 1),
    )
    matrix = cells.tocsr()
    # Cells of one place have been added up.
    repeated = cells.nnz - matrix.nnz
    ends = np.searchsorted(matrix.indptr, np.arange(_BLOCK_CELLS, matrix.nnz, _BLOCK_CELLS))
    edges = np.unique([0, *ends.tolist(), matrix.shape[0]])
    for start, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        part = matrix[start:end]
        yield pa.RecordBatch.from_pydict(
            {
                "entities": pa.array([end - start], pa.int64()),
                "repeated": pa.array([repeated], pa.int64()),
                "offsets": [part.indptr.astype(np.int32).tobytes()],
                "positions": [part.indices.astype(np.int32).tobytes()],
                "values": [part.data.astype(np.float64).tobytes()],
            }
        )
        repeated = 0


def gram_product(
    block: FloatArray,
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """A function that gives X'XB of a partition's part X of the matrix, as one row.

    Args:
        block: B (items, columns).
    """

    def product(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        total = np.zeros_like(block)
        for batch in batches:
            for row in batch.to_pylist():
                part = sparse.csr_array(
                    (
                        np.frombuffer(row["values"]),
                        np.frombuffer(row["positions"], dtype=np.int32),
                        np.frombuffer(row["offsets"], dtype=np.int32),
                    ),
                    shape=(row["entities"], len(block)),
                )
                total += part.T @ (part @ block)
        yield pa.RecordBatch.from_pydict({"product": [total.tobytes()]})

    return product
