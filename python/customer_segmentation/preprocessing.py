"""From columns of the feature mart to the scaled space in which distances are measured.

A feature is transformed, then centred and scaled: z = (t(x) - centre) / scale. What was fitted is
plain figures (:class:`FeatureScaling`), stored with the model and never refitted at scoring.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from customer_segmentation.arrays import FloatArray
from customer_segmentation.errors import InputError
from customer_segmentation.specification import Feature, Scaler, Specification, Transform

_EXAMPLES = 3
# A spread below this share of the largest value is rounding, not information.
_LEAST_RELATIVE_SPREAD = 1e-12
_NUMERIC_OBJECTS = {"boolean", "decimal", "floating", "integer", "mixed-integer-float", "empty"}


@dataclass(frozen=True)
class FeatureScaling:
    """How one feature was prepared in training.

    ``lower`` and ``upper`` are the clip bounds of ``winsorize`` in the feature's own units, None
    for the other transforms. ``centre`` and ``scale`` (> 0) are in transformed units.
    """

    name: str
    transform: Transform
    lower: float | None
    upper: float | None
    centre: float
    scale: float


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


def check_customers(frame: pd.DataFrame, spec: Specification) -> None:
    """Refuse customers that cannot be clustered.

    Args:
        frame: One row per customer with at least ``spec.training_columns``.

    Raises:
        InputError: No rows, a column that is missing or not numeric, a null or repeated entity
            key, a null, NaN or infinite value in a feature or in the ordering measure.
    """
    check_training_columns(frame.columns, spec)
    if frame.empty:
        raise InputError("The feature mart has no rows, so there is nothing to train on.")
    _check_keys(frame[spec.entity_key])
    _check_finite(frame, spec)


def fit_preprocessing(frame: pd.DataFrame, spec: Specification) -> list[FeatureScaling]:
    """Fit transforms and scaler on customers that :func:`check_customers` has passed.

    ``standard`` is mean and population standard deviation, ``minmax`` is minimum and range,
    ``robust`` is median and interquartile range (linear interpolation), all of the transformed
    values.

    Raises:
        InputError: A feature has no spread to scale by.
    """
    fitted = [_fit(numeric_column(frame, item.name), item, spec.scaler) for item in spec.features]
    _check_spread(frame, fitted, spec.scaler)
    return [scaling for scaling, _ in fitted]


def apply_preprocessing(frame: pd.DataFrame, scalings: Sequence[FeatureScaling]) -> FloatArray:
    """Scaled features, one row per row of ``frame`` and one column per scaling; NaN stays NaN."""
    return np.column_stack(
        [
            (_transform(numeric_column(frame, item.name), item) - item.centre) / item.scale
            for item in scalings
        ]
    )


def invert_preprocessing(scaled: FloatArray, scalings: Sequence[FeatureScaling]) -> FloatArray:
    """Scaled points (n, features) in the features' own units.

    The inverse of :func:`apply_preprocessing` up to rounding; what ``winsorize`` clipped stays at
    its bound.
    """
    columns = []
    for values, item in zip(scaled.T, scalings, strict=True):
        transformed = values * item.scale + item.centre
        if item.transform == "log1p":
            columns.append(np.sign(transformed) * np.expm1(np.abs(transformed)))
        else:
            columns.append(transformed)
    return np.column_stack(columns)


def check_distinct_rows(scaled: FloatArray, k: int) -> None:
    """Refuse too few customers for ``k`` segments.

    Raises:
        InputError: No more than ``k`` rows, or fewer than ``k`` that differ from each other.
    """
    if len(scaled) <= k:
        raise InputError(
            f"The feature mart has {len(scaled)} customers, too few for {k} segments. "
            "Set a smaller k, or train on more customers."
        )
    distinct = len(pd.DataFrame(scaled).drop_duplicates())
    if distinct < k:
        raise InputError(
            f"Of the {len(scaled)} customers in the feature mart only {distinct} differ in their "
            f"scaled features, too few for {k} segments. "
            "Set a smaller k, or add features that tell customers apart."
        )


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
            f"Column {name} of the feature mart is not numeric (type {column.dtype}, first value "
            f"{column.iloc[0]!r}); cast it in the mart, or remove it from the specification."
        )
    return np.asarray(column.to_numpy(dtype="float64", na_value=np.nan))


def _check_keys(keys: pd.Series) -> None:
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
            f"one row, for example {_examples(pd.Series(repeated))}; "
            "the mart must have one row per customer."
        )


def _check_finite(frame: pd.DataFrame, spec: Specification) -> None:
    findings = []
    for name in dict.fromkeys((*spec.feature_names, spec.ordering.measure)):
        unusable = ~np.isfinite(numeric_column(frame, name))
        if unusable.any():
            keys = _examples(frame.loc[unusable, spec.entity_key])
            findings.append(f"{name} in {int(unusable.sum())} rows ({spec.entity_key} {keys})")
    if findings:
        raise InputError(
            f"The feature mart has missing or infinite values: {'; '.join(findings)}. "
            "Fill them or leave those customers out in the mart."
        )


def _examples(keys: pd.Series) -> str:
    shown = ", ".join(str(key) for key in keys.head(_EXAMPLES))
    return f"{shown}, ..." if len(keys) > _EXAMPLES else shown


def _fit(values: FloatArray, feature: Feature, scaler: Scaler) -> tuple[FeatureScaling, bool]:
    """The feature's scaling, and whether its transformed values vary at all."""
    lower = upper = None
    if feature.lower is not None and feature.upper is not None:
        lower, upper = (
            float(bound) for bound in np.quantile(values, (feature.lower, feature.upper))
        )
    unscaled = FeatureScaling(feature.name, feature.transform, lower, upper, 0.0, 1.0)
    transformed = _transform(values, unscaled)
    lowest, highest = float(transformed.min()), float(transformed.max())
    if scaler == "standard":
        centre, scale = float(transformed.mean()), float(transformed.std())
    elif scaler == "minmax":
        centre, scale = lowest, highest - lowest
    else:
        first, centre, third = (float(q) for q in np.quantile(transformed, (0.25, 0.5, 0.75)))
        scale = third - first
    varies = highest - lowest > _LEAST_RELATIVE_SPREAD * max(abs(lowest), abs(highest))
    return FeatureScaling(feature.name, feature.transform, lower, upper, centre, scale), varies


def _check_spread(
    frame: pd.DataFrame, fitted: Sequence[tuple[FeatureScaling, bool]], scaler: Scaler
) -> None:
    constant = [scaling for scaling, varies in fitted if not varies]
    if constant:
        listed = ", ".join(
            f"{item.name} (transform {item.transform}, for example {frame[item.name].iloc[0]})"
            for item in constant
        )
        raise InputError(
            f"Features without any variation over the {len(frame)} customers: {listed}. "
            "They tell no customers apart; remove them from the specification's features."
        )
    unscalable = [scaling.name for scaling, _ in fitted if not scaling.scale > 0]
    if unscalable:
        raise InputError(
            f"Scaler {scaler} divides by the interquartile range, which is 0 for "
            f"{', '.join(unscalable)}: at least half of the customers share one value. "
            "Set scaler: standard or minmax, or remove the feature."
        )


def _transform(values: FloatArray, scaling: FeatureScaling) -> FloatArray:
    if scaling.transform == "log1p":
        return np.sign(values) * np.log1p(np.abs(values))
    if scaling.transform == "winsorize":
        return np.clip(values, scaling.lower, scaling.upper)
    return values
