"""A long mart as a sparse matrix of entities and items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from customer_segmentation.errors import InputError
from customer_segmentation.numerics.arrays import FloatArray
from customer_segmentation.numerics.sparse import CsrMatrix
from customer_segmentation.preparation.checks import check_matrix_columns
from customer_segmentation.specification import Matrix


@dataclass(frozen=True, eq=False)
class Coded:
    """A column of ids: the different ones, ascending, and the position of each row's, -1 for null.

    Attributes:
        ids: Text, or whole numbers.
        codes: One per row.
    """

    ids: pd.Index[Any]
    codes: npt.NDArray[np.integer[Any]]


@dataclass(frozen=True, eq=False)
class LongMatrix:
    """A long mart in memory.

    Attributes:
        entities: Entity keys (n,), ascending.
        items: Item ids (m,), ascending, as text.
        values: The numbers (n, m), in compressed rows; what has no row is 0.
    """

    entities: pd.Index[Any]
    items: npt.NDArray[np.object_]
    values: CsrMatrix

    def rows_of(self, keys: pd.Series) -> npt.NDArray[np.intp]:
        """The row of each key, -1 where it has none.

        Raises:
            InputError: The keys of the two marts are of different types, so that none would match.
        """
        ours, theirs = _kind(pd.Index(keys)), _kind(self.entities)
        if ours != theirs and "empty" not in (ours, theirs):
            raise InputError(
                f"The entity key is {ours} in the feature mart and {theirs} in the matrix, so that "
                "no customer has an item. Cast one of them, so that both are of one type."
            )
        return np.asarray(self.entities.get_indexer(pd.Index(keys)), dtype=np.intp)


def long_matrix(entities: Coded, items: Coded, values: FloatArray, columns: Matrix) -> LongMatrix:
    """The matrix of rows whose ids are encoded. Their order makes no difference.

    Args:
        entities: Of each row.
        items: Of each row, as text.
        values: Of each row.
        columns: Names that they have in the long mart, for messages.

    Raises:
        InputError: No rows, a null id, a value that is null or infinite, or a pair with several
            rows.
    """
    if not len(values):
        raise InputError(
            "The matrix has no rows: no entity has an item. Check what was accepted of the raw "
            "data, and what the least numbers of the settings leave out."
        )
    for coded, name in ((entities, columns.entity), (items, columns.item)):
        nulls = int((coded.codes < 0).sum())
        if nulls:
            raise InputError(f"The matrix has {nulls} rows without a {name}; leave them out of it.")
    unusable = int((~np.isfinite(values)).sum())
    if unusable:
        raise InputError(
            f"The matrix has {unusable} rows whose {columns.value} is missing or infinite; leave "
            "them out of it."
        )
    _check_pairs(entities, items, columns)
    # What k-means reads has positions of 32 bits.
    rows, positions = (coded.codes.astype(np.int32, copy=False) for coded in (entities, items))
    shape = (len(entities.ids), len(items.ids))
    matrix = CsrMatrix((values, (rows, positions)), shape=shape)
    matrix.sort_indices()
    return LongMatrix(entities.ids, items.ids.to_numpy(dtype=object), matrix)


def matrix_of_frame(frame: pd.DataFrame, columns: Matrix) -> LongMatrix:
    """The same of a pandas frame, one row per entity and item.

    Raises:
        InputError: As :func:`long_matrix`, and where a column is absent or holds no numbers, or
            keys of several types.
    """
    check_matrix_columns(list(frame.columns), columns)
    items = frame[columns.item]
    try:
        values = pd.to_numeric(frame[columns.value]).to_numpy(dtype=np.float64, na_value=np.nan)
        entities = _coded(frame[columns.entity])
    except (TypeError, ValueError) as error:
        raise InputError(
            f"The matrix cannot be read: {error}. Its {columns.value} has to be a number, and its "
            f"{columns.entity} of one type."
        ) from None
    return long_matrix(entities, _coded(items.astype(str).where(items.notna())), values, columns)


def _coded(column: pd.Series) -> Coded:
    codes, ids = pd.factorize(column, sort=True)
    return Coded(pd.Index(ids), codes)


def _check_pairs(entities: Coded, items: Coded, columns: Matrix) -> None:
    pairs = entities.codes.astype(np.int64) * len(items.ids) + items.codes
    pairs.sort()
    repeated = pairs[1:][pairs[1:] == pairs[:-1]]
    if len(repeated):
        entity, item = divmod(int(repeated[0]), len(items.ids))
        raise InputError(
            f"The matrix has several rows for one pair of {columns.entity} and {columns.item}, "
            f"{len(repeated)} rows too many, for example {entities.ids[entity]} and "
            f"{items.ids[item]}; it must have one row per pair."
        )


def _kind(keys: pd.Index[Any]) -> str:
    kind = str(pd.api.types.infer_dtype(keys, skipna=True))
    return {"string": "text", "integer": "whole numbers"}.get(kind, kind)
