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
"""One row per block: its rows, the cells that are there twice, and the arrays of a CSR matrix."""
PRODUCT_SCHEMA = "product binary"


def packed(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Entities as blocks, one per batch.

    Args:
        batches: A column with the cells of an entity, structs of position (int) and value (double).
    """
    for batch in batches:
        if batch.num_rows:
            yield _block(batch.column(0))


def _block(entities: pa.ListArray) -> pa.RecordBatch:
    cells = entities.flatten()
    positions = cells.field(0).to_numpy(zero_copy_only=False).astype(np.int32)
    values = cells.field(1).to_numpy(zero_copy_only=False).astype(np.float64)
    # An offset into what is flattened, which starts at the first of these entities.
    offsets = entities.offsets.to_numpy() - entities.offsets[0].as_py()
    rows = np.repeat(np.arange(len(entities)), np.diff(offsets))
    order = np.lexsort((positions, rows))
    rows, positions, values = rows[order], positions[order], values[order]
    repeated = np.sum((rows[1:] == rows[:-1]) & (positions[1:] == positions[:-1]))
    return pa.RecordBatch.from_pydict(
        {
            "entities": pa.array([len(entities)], pa.int64()),
            "repeated": pa.array([int(repeated)], pa.int64()),
            "offsets": [offsets.astype(np.int32).tobytes()],
            "positions": [positions.tobytes()],
            "values": [values.tobytes()],
        }
    )


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
