"""Rows of a matrix as components; nothing is fitted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from customer_segmentation.model.matrix import MatrixReduction
from customer_segmentation.model.scaling import FeatureScaling
from customer_segmentation.numerics.arrays import FloatArray, Labels
from customer_segmentation.numerics.sparse import CsrMatrix
from customer_segmentation.preparation.long_matrix import LongMatrix


def component_scores(values: CsrMatrix, reduction: MatrixReduction) -> FloatArray:
    """Scores (n, components) of rows (n, items) whose columns are the items of the reduction."""
    return np.asarray(values @ reduction.loadings.T - reduction.constants)


def with_components(
    frame: pd.DataFrame, matrix: LongMatrix, reduction: MatrixReduction, key: str
) -> pd.DataFrame:
    """The frame with its component scores, and with what it lacks where it has none.

    Args:
        frame: One row per entity.
        matrix: The long mart; items that the reduction does not know count for nothing.
        reduction: Of the model.
        key: Column of the entity key.

    Returns:
        The rows of ``frame`` with a float64 column per component, missing for an entity without a
        known item; ``known_items``, their number, and ``items``, that of all its items.
    """
    rows = matrix.rows_of(frame[key])
    known = values_of(matrix, reduction)
    counts = _counts(known, rows)
    scores = component_scores(known, reduction)[rows]
    scores[counts == 0] = np.nan
    columns = dict(zip(reduction.names, scores.T, strict=True))
    return frame.assign(**columns, known_items=counts, items=_counts(matrix.values, rows))


def component_scalings(reduction: MatrixReduction) -> list[FeatureScaling]:
    """The components as dimensions: as they are, since scaling them would change distances."""
    return [FeatureScaling(name, "none", None, None, 0.0, 1.0) for name in reduction.names]


def projected(
    points: FloatArray, before: MatrixReduction, reduction: MatrixReduction
) -> FloatArray:
    """Points (n, components before) of one reduction in the components of another.

    By way of the items: a point stands for the values that its components say, and an item that
    the earlier reduction did not know has its mean.
    """
    at = {item: position for position, item in enumerate(before.items)}
    places = np.array([at.get(item, -1) for item in reduction.items], dtype=np.intp)
    values = (points @ before.loadings + np.array(before.centres))[:, places]
    values = np.where(places >= 0, values, np.array(reduction.centres))
    return np.asarray(values @ reduction.loadings.T - reduction.constants)


def values_of(matrix: LongMatrix, reduction: MatrixReduction) -> CsrMatrix:
    """The values with the reduction's items for columns, in its order."""
    items = pd.Index(matrix.items)
    if items.equals(pd.Index(reduction.items)):
        return matrix.values
    at = pd.Index(reduction.items).get_indexer(items)
    entries = matrix.values.tocoo()
    kept = at[entries.col] >= 0
    shape = (matrix.values.shape[0], len(reduction.items))
    found = CsrMatrix((entries.data[kept], (entries.row[kept], at[entries.col][kept])), shape=shape)
    found.sort_indices()
    return found


def _counts(values: CsrMatrix, rows: Labels) -> Labels:
    """Number of items in each of the rows, 0 for -1."""
    return np.where(rows >= 0, np.diff(values.indptr)[rows], 0).astype(np.intp)
