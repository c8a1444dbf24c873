"""Customers that cannot be clustered are refused, with what to do about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from customer_segmentation.errors import InputError
from customer_segmentation.model.matrix import MatrixReduction
from customer_segmentation.model.scaling import FeatureScaling
from customer_segmentation.numerics.arrays import FloatArray
from customer_segmentation.preparation.columns import encoded_column, numeric_column, text_column
from customer_segmentation.specification import LOWEST_K, Encoding, Matrix, Scaler, Specification

_EXAMPLES = 3
_FIRST_ROWS = 1000
_KEYS = {
    *("string", "integer", "floating", "decimal", "boolean", "bytes"),
    *("date", "datetime", "datetime64", "empty"),
}


def check_training_columns(columns: Iterable[str], spec: Specification) -> None:
    """Refuse a feature mart that lacks a column which the specification names.

    Args:
        columns: Names of the mart's columns.

    Raises:
        InputError: Names the absent columns and those that there are.
    """
    present = list(columns)
    absent = [name for name in spec.training_columns if name not in present]
    if absent:
        raise InputError(
            f"The feature mart has no column {', '.join(absent)}, which the specification names; "
            f"its columns are {', '.join(present)}."
        )


def check_matrix(spec: Specification, *, is_given: bool) -> None:
    """Refuse a matrix that the specification says nothing of, and one that it says is not there.

    Args:
        is_given: Whether training has the rows of a matrix.

    Raises:
        InputError: Says which of the two is absent.
    """
    if spec.matrix is not None and not is_given:
        raise InputError(
            "The specification has a matrix, which training was not given: train(..., matrix=...)."
        )
    if spec.matrix is None and is_given:
        raise InputError(
            "Training was given a matrix, of which the specification says nothing: name its "
            "columns there, matrix: {entity, item, value}."
        )


def no_items(entity_key: str) -> str:
    """What to say where two marts have no key in common."""
    return (
        f"No {entity_key} of the feature mart has an item in the matrix; compare the keys of both."
    )


def check_matrix_columns(columns: Sequence[str], needed: Matrix | MatrixReduction) -> None:
    """Refuse a long mart that lacks one of the three columns.

    Args:
        columns: Names of its columns.
        needed: Names those that are read.

    Raises:
        InputError: Names the absent columns and those that there are.
    """
    names = (needed.entity, needed.item, needed.value)
    absent = [str(name) for name in names if name not in columns]
    if absent:
        raise InputError(
            f"The matrix has no column {', '.join(absent)}, which the specification names under "
            f"matrix; its columns are {', '.join(columns)}."
        )


def check_customers(frame: pd.DataFrame, spec: Specification) -> None:
    """Refuse customers that cannot be clustered.

    Args:
        frame: One row per customer with at least ``spec.training_columns``.

    Raises:
        InputError: No rows, a column that is missing or of another type than its encoding needs, a
            null or repeated entity key, keys of mixed or nested types, a null, NaN or infinite
            value in a feature or in the ordering measure.
    """
    check_training_columns(frame.columns, spec)
    if frame.empty:
        raise InputError("The feature mart has no rows, so there is nothing to train on.")
    _check_keys(frame[spec.entity_key])
    _check_finite(frame, spec)


def check_extent(
    lowest: FloatArray, highest: FloatArray, names: Sequence[str], row_count: int
) -> None:
    """Refuse scaled dimensions whose squared distances would add up to infinity.

    Args:
        lowest: Least scaled value of each dimension, in the precision that distances have.
        highest: Largest one.
        names: Of the dimensions.
        row_count: Customers.

    Raises:
        InputError: Names the dimensions.
    """
    largest = np.maximum(highest, -lowest)
    is_measurable = largest < np.sqrt(np.finfo(largest.dtype).max / (row_count * len(names)))
    beyond = [
        f"{name} (up to {value:.3g})"
        for name, value, measurable in zip(names, largest, is_measurable, strict=True)
        if not measurable
    ]
    if beyond:
        raise InputError(
            f"Customers so far out that {largest.dtype} has no distance to them, in scaled "
            f"features {', '.join(beyond)}. Set transform log1p or winsorize for these features, "
            "or correct the customers in the mart."
        )


def check_row_count(row_count: int, k: int) -> None:
    """Refuse too few customers for ``k`` segments.

    Raises:
        InputError: No more than ``k`` customers.
    """
    if row_count <= k:
        raise InputError(
            f"The feature mart has {row_count} customers, too few for {k} segments. "
            f"{_with_smaller_k(k, 'train on more customers')}"
        )


def check_distinct_rows(scaled: FloatArray, k: int) -> None:
    """Refuse too few customers for ``k`` segments, or too few that differ.

    Raises:
        InputError: No more than ``k`` rows, or fewer than ``k`` that differ from each other.
    """
    check_row_count(len(scaled), k)
    distinct = distinct_rows(scaled, k)
    if distinct < k:
        raise InputError(
            f"Of the {len(scaled)} customers in the feature mart only {distinct} differ in their "
            f"scaled features, too few for {k} segments. "
            f"{_with_smaller_k(k, 'add features that tell customers apart')}"
        )


def distinct_rows(scaled: FloatArray, enough: int) -> int:
    """How many rows differ from each other; where there are ``enough``, perhaps not all of them."""
    # Mostly the first few answer it.
    first = len(pd.DataFrame(scaled[:_FIRST_ROWS]).drop_duplicates())
    return first if first >= enough else len(pd.DataFrame(scaled).drop_duplicates())


def _with_smaller_k(k: int, otherwise: str) -> str:
    """What to do, in a sentence."""
    if k <= LOWEST_K:
        return f"{otherwise[0].upper()}{otherwise[1:]}."
    return f"Set a smaller k, or {otherwise}."


def _check_keys(keys: pd.Series) -> None:
    kind = pd.api.types.infer_dtype(keys, skipna=True)
    if kind not in _KEYS:
        raise InputError(
            f"{keys.name} cannot be the entity key: its values are {kind}, for example "
            f"{keys.dropna().iloc[0]!r}; cast it to text or to whole numbers in the mart."
        )
    nulls = int(keys.isna().sum())
    if nulls:
        raise InputError(
            f"The feature mart has {nulls} rows without a {keys.name}; "
            "leave them out of the mart, every customer needs a key."
        )
    repeated = keys[keys.duplicated()].unique()
    if len(repeated):
        raise InputError(
            f"{keys.name} is not unique in the feature mart: {len(repeated)} keys have more than "
            f"one row, for example {examples(pd.Series(repeated))}; "
            "the mart must have one row per customer."
        )


def _check_finite(frame: pd.DataFrame, spec: Specification) -> None:
    findings = []
    encodings = {item.name: item.encoding for item in spec.features}
    for name in dict.fromkeys((*spec.feature_names, spec.ordering.measure)):
        unusable = _missing(frame, name, encodings.get(name, "numeric"))
        if unusable.any():
            keys = examples(frame.loc[unusable, spec.entity_key])
            findings.append(f"{name} in {int(unusable.sum())} rows ({spec.entity_key} {keys})")
    if findings:
        raise InputError(
            f"The feature mart has missing or infinite values: {'; '.join(findings)}. "
            "Fill them or leave those customers out in the mart."
        )


def _missing(frame: pd.DataFrame, name: str, encoding: Encoding) -> npt.NDArray[np.bool_]:
    if encoding == "numeric":
        return ~np.isfinite(numeric_column(frame, name))
    values = text_column(frame, name) if encoding == "one_hot" else encoded_column(frame, name)[1]
    return np.asarray(values.isna().to_numpy())


def examples(keys: pd.Series) -> str:
    """The first few values, for a message."""
    shown = ", ".join(str(key) for key in keys.head(_EXAMPLES))
    return f"{shown}, ..." if len(keys) > _EXAMPLES else shown


def scalable(
    frame: pd.DataFrame, fitted: Sequence[tuple[FeatureScaling, bool]], scaler: Scaler
) -> list[FeatureScaling]:
    """The dimensions that tell customers apart; those that are constant are left out.

    Args:
        frame: Customers to take examples from, at least one.
        fitted: Each dimension's scaling, and whether its transformed values vary at all.

    Raises:
        InputError: No dimension varies, or one that does cannot be scaled: its interquartile range
            is 0, or its values have no spread in floating point.
    """
    scalings = [scaling for scaling, varies in fitted if varies]
    if not scalings:
        listed = ", ".join(
            f"{item.name} (transform {item.transform}, for example {frame[item.column].iloc[0]})"
            for item, _ in fitted
        )
        raise InputError(
            f"No feature is left to cluster by, as none varies over the customers: {listed}. "
            "Add features to the specification that tell customers apart."
        )
    beyond = [
        item.name
        for item in scalings
        if not np.isfinite([item.centre, item.scale]).all()
        or (scaler != "robust" and item.scale == 0)
    ]
    if beyond:
        raise InputError(
            f"Features whose values are too large or too small to be scaled: {', '.join(beyond)}. "
            "Their squares are beyond what a floating-point number holds; put them in other units "
            "in the mart, or remove them from the specification's features."
        )
    unscalable = [item.name for item in scalings if not item.scale > 0]
    if unscalable:
        raise InputError(
            f"Scaler {scaler} divides by the interquartile range, which is 0 for "
            f"{', '.join(unscalable)}: at least half of the customers share one value. "
            "Set scaler: standard or minmax, or remove the feature."
        )
    return scalings
