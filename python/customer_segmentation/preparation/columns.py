"""Columns of a pandas frame as numbers, or as the levels of a model."""

from __future__ import annotations

import numbers
from collections.abc import Sequence

import numpy as np
import pandas as pd

from customer_segmentation.errors import InputError
from customer_segmentation.model.scaling import OTHER, FeatureScaling, Level
from customer_segmentation.numerics.arrays import FloatArray

_NUMERIC_OBJECTS = {"boolean", "decimal", "floating", "integer", "mixed-integer-float", "empty"}


def numeric_names(frame: pd.DataFrame) -> list[str]:
    """Names of the columns that are numbers, in their order; booleans are none."""
    return [
        str(name)
        for name, column in frame.items()
        if not pd.api.types.is_bool_dtype(column)
        and (
            pd.api.types.is_numeric_dtype(column)
            or pd.api.types.infer_dtype(column, skipna=True) == "decimal"
        )
    ]


def numeric_column(frame: pd.DataFrame, name: str) -> FloatArray:
    """A column as float64; null becomes NaN.

    Raises:
        InputError: The column holds something other than numbers.
    """
    column = frame[name]
    is_number = pd.api.types.is_numeric_dtype(column) or (
        pd.api.types.is_object_dtype(column)
        and pd.api.types.infer_dtype(column, skipna=True) in _NUMERIC_OBJECTS
    )
    if not is_number:
        raise InputError(
            f"Column {name} of the feature mart is not numeric (type {column.dtype}, for example "
            f"{_first_but(numbers.Number, column)!r}); cast it in the mart, or remove it from the "
            "specification."
        )
    return np.asarray(column.to_numpy(dtype="float64", na_value=np.nan))


def numeric_columns(frame: pd.DataFrame, names: Sequence[str]) -> FloatArray:
    """Columns as float64 (n, names); null becomes NaN.

    Raises:
        InputError: A column holds something other than numbers.
    """
    return np.column_stack([numeric_column(frame, name) for name in names])


def _first_but(kind: type, column: pd.Series) -> object:
    """The first value that is neither null nor of a kind."""
    return next((value for value in column.dropna() if not isinstance(value, kind)), None)


def encoded_column(frame: pd.DataFrame, name: str) -> tuple[Level, pd.Series]:
    """A column as text, or as float64 where it is numbers; null where it is null or not finite."""
    column = frame[name]
    inferred = pd.api.types.infer_dtype(column, skipna=True)
    if inferred == "boolean":
        return "boolean", column.map({True: "true", False: "false"})
    if inferred in ("string", "empty"):
        return "text", column
    numbers = numeric_column(frame, name)
    return "number", pd.Series(np.where(np.isfinite(numbers), numbers, np.nan))


def level_texts(frame: pd.DataFrame, name: str) -> pd.Series:
    """The values of an encoded column as the levels of a model are written; missing is null."""
    return encoded_column(frame, name)[1].map(level_text, na_action="ignore")


def text_column(frame: pd.DataFrame, name: str) -> pd.Series:
    """A column of text, null where it is null.

    Raises:
        InputError: The column holds something other than text.
    """
    kind, values = encoded_column(frame, name)
    if kind != "text":
        raise InputError(
            f"Column {name} of the feature mart is not text (type {frame[name].dtype}, for "
            f"example {_first_but(str, frame[name])!r}), which encoding one_hot needs; cast it in "
            "the mart, or set encoding: binary or numeric."
        )
    return values


def level_text(value: str | float) -> str:
    """A level as a model writes it, such that a number reads back as the same double."""
    if isinstance(value, str):
        return value
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def dimension_values(frame: pd.DataFrame, item: FeatureScaling) -> FloatArray:
    """A dimension (n,) before transform and scaling; NaN where the customer cannot be scored.

    That is where the column is null, NaN or infinite, and where a binary one has a third value.
    """
    if item.indicator is None:
        column = numeric_column(frame, item.name)
        known = np.isfinite(column)
        return column if known.all() else np.where(known, column, np.nan)
    one = item.indicator
    if one.kind == "number":
        values = pd.Series(numeric_column(frame, one.column))
    else:
        _, values = encoded_column(frame, one.column)
    is_known_level = values.isin(one.typed_levels).to_numpy()
    has_value = is_known_level if one.encoding == "binary" else values.notna().to_numpy()
    is_one = ~is_known_level if one.level == OTHER else values.isin([one.typed_level]).to_numpy()
    return np.where(has_value, is_one.astype(np.float64), np.nan)
