"""From columns of the feature mart to the scaled space in which distances are measured.

A numeric feature is one dimension, which is transformed, then centred and scaled:
z = (t(x) - centre) / scale. An encoded feature is one or more dimensions of 0 and 1, which are
centred and scaled too. What was fitted is plain figures and levels (:class:`FeatureScaling`),
stored with the model and never refitted at scoring.
"""

from __future__ import annotations

import numbers
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from customer_segmentation.errors import InputError
from customer_segmentation.model.scaling import OTHER, FeatureScaling, Indicator, Level
from customer_segmentation.numerics.arrays import FloatArray
from customer_segmentation.numerics.threads import in_threads
from customer_segmentation.specification import (
    Encoding,
    Feature,
    Scaler,
    Specification,
)

_EXAMPLES = 3
_FIRST_ROWS = 1000
# A spread below this share of the largest value is rounding, not information.
_LEAST_RELATIVE_SPREAD = 1e-12
_KEYS = {
    *("string", "integer", "floating", "decimal", "boolean", "bytes"),
    *("date", "datetime", "datetime64", "empty"),
}
_NUMERIC_OBJECTS = {"boolean", "decimal", "floating", "integer", "mixed-integer-float", "empty"}


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
        InputError: No rows, a column that is missing or of another type than its encoding needs, a
            null or repeated entity key, keys of mixed or nested types, a null, NaN or infinite
            value in a feature or in the ordering measure.
    """
    check_training_columns(frame.columns, spec)
    if frame.empty:
        raise InputError("The feature mart has no rows, so there is nothing to train on.")
    _check_keys(frame[spec.entity_key])
    _check_finite(frame, spec)


def fit_preprocessing(frame: pd.DataFrame, spec: Specification) -> list[FeatureScaling]:
    """Fit transforms, levels and scaler on customers that :func:`check_customers` has passed.

    ``standard`` is mean and population standard deviation, ``minmax`` is minimum and range,
    ``robust`` is median and interquartile range (linear interpolation), all of the transformed
    values; of an encoded column those of 0 and 1. The levels of a ``binary`` column are sorted, and
    so are the dimensions of a ``one_hot`` column, :data:`OTHER` last.

    Returns:
        One item per dimension, in the order of the specification's features.

    Raises:
        InputError: A dimension has no spread to scale by, or a binary column not two values.
    """
    unscaled = [item for feature in spec.features for item in _dimensions(frame, feature)]
    fitted = list(in_threads(lambda item: _fit(_values(frame, item), item, spec.scaler), unscaled))
    check_spread(frame, fitted, spec.scaler)
    return [scaling for scaling, _ in fitted]


def apply_preprocessing(frame: pd.DataFrame, scalings: Sequence[FeatureScaling]) -> FloatArray:
    """Scaled dimensions, one row per row of ``frame`` and one column per scaling.

    NaN where the column has none, and where a binary column has another value than in training.
    """
    scaled = np.empty((len(frame), len(scalings)))

    def fill(at: int) -> None:
        scaled[:, at] = _scale(_values(frame, scalings[at]), scalings[at])

    list(in_threads(fill, range(len(scalings))))
    return scaled


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


def scale_originals(originals: FloatArray, scalings: Sequence[FeatureScaling]) -> FloatArray:
    """Points (n, dimensions) in the units of :func:`invert_preprocessing` as scaled ones."""
    return np.column_stack(
        [_scale(values, item) for values, item in zip(originals.T, scalings, strict=True)]
    )


def invert_preprocessing(scaled: FloatArray, scalings: Sequence[FeatureScaling]) -> FloatArray:
    """Scaled points (n, dimensions) in the features' own units, of a level as a share from 0 to 1.

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
    # Mostly the first few answer it.
    if len(pd.DataFrame(scaled[:_FIRST_ROWS]).drop_duplicates()) >= k:
        return
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
            f"Column {name} of the feature mart is not numeric (type {column.dtype}, for example "
            f"{_first_but(numbers.Number, column)!r}); cast it in the mart, or remove it from the "
            "specification."
        )
    return np.asarray(column.to_numpy(dtype="float64", na_value=np.nan))


def _first_but(kind: type, column: pd.Series) -> object:
    """The first value that is neither null nor of a kind."""
    return next((value for value in column.dropna() if not isinstance(value, kind)), None)


def _encoded_column(frame: pd.DataFrame, name: str) -> tuple[Level, pd.Series]:
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
    return _encoded_column(frame, name)[1].map(_as_text, na_action="ignore")


def _text_column(frame: pd.DataFrame, name: str) -> pd.Series:
    kind, values = _encoded_column(frame, name)
    if kind != "text":
        raise InputError(
            f"Column {name} of the feature mart is not text (type {frame[name].dtype}, for "
            f"example {_first_but(str, frame[name])!r}), which encoding one_hot needs; cast it in "
            "the mart, or set encoding: binary or numeric."
        )
    return values


def _dimensions(frame: pd.DataFrame, feature: Feature) -> list[FeatureScaling]:
    """A feature's dimensions before scaling."""
    if feature.encoding == "numeric":
        lower = upper = None
        if feature.lower is not None and feature.upper is not None:
            values = numeric_column(frame, feature.name)
            lower, upper = (
                float(bound) for bound in np.quantile(values, (feature.lower, feature.upper))
            )
        return [FeatureScaling(feature.name, feature.transform, lower, upper, 0.0, 1.0)]
    if feature.encoding == "binary":
        kind, levels = _two_levels(frame, feature.name)
        named = levels[1:]
    else:
        kind = "text"
        levels, has_rare = _frequent_levels(frame, feature)
        named = (*levels, OTHER) if has_rare else levels
    return [
        FeatureScaling(
            f"{feature.name}={level}",
            "none",
            None,
            None,
            0.0,
            1.0,
            Indicator(feature.encoding, feature.name, kind, level, levels),
        )
        for level in named
    ]


def _two_levels(frame: pd.DataFrame, name: str) -> tuple[Level, tuple[str, ...]]:
    kind, values = _encoded_column(frame, name)
    levels = tuple(_as_text(value) for value in sorted(values.dropna().unique()))
    if len(levels) != 2:
        raise InputError(
            f"Column {name} of the feature mart has {len(levels)} different values, for example "
            f"{_examples(pd.Series(levels, dtype=object))}, encoding binary needs two. Set "
            "encoding: one_hot or numeric, or remove it from the specification."
        )
    return kind, levels


def _frequent_levels(frame: pd.DataFrame, feature: Feature) -> tuple[tuple[str, ...], bool]:
    """The levels that are not rare, sorted, and whether there are rare ones."""
    assert feature.rare_below is not None  # the specification has a default
    shares = _text_column(frame, feature.name).value_counts() / len(frame)
    frequent = sorted(
        level for level, share in shares.items() if share >= feature.rare_below and level != OTHER
    )
    return tuple(frequent), len(frequent) < len(shares)


def _as_text(value: str | float) -> str:
    if isinstance(value, str):
        return value
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _values(frame: pd.DataFrame, item: FeatureScaling) -> FloatArray:
    """A dimension as it is before transform and scaling."""
    if item.indicator is None:
        return numeric_column(frame, item.name)
    one = item.indicator
    if one.kind == "number":
        values = pd.Series(numeric_column(frame, one.column))
    else:
        _, values = _encoded_column(frame, one.column)
    is_known_level = values.isin(one.typed_levels).to_numpy()
    known = is_known_level if one.encoding == "binary" else values.notna().to_numpy()
    is_one = ~is_known_level if one.level == OTHER else values.isin([one.typed_level]).to_numpy()
    return np.where(known, is_one.astype(np.float64), np.nan)


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
            f"one row, for example {_examples(pd.Series(repeated))}; "
            "the mart must have one row per customer."
        )


def _check_finite(frame: pd.DataFrame, spec: Specification) -> None:
    findings = []
    encodings = {item.name: item.encoding for item in spec.features}
    for name in dict.fromkeys((*spec.feature_names, spec.ordering.measure)):
        unusable = _missing(frame, name, encodings.get(name, "numeric"))
        if unusable.any():
            keys = _examples(frame.loc[unusable, spec.entity_key])
            findings.append(f"{name} in {int(unusable.sum())} rows ({spec.entity_key} {keys})")
    if findings:
        raise InputError(
            f"The feature mart has missing or infinite values: {'; '.join(findings)}. "
            "Fill them or leave those customers out in the mart."
        )


def _missing(frame: pd.DataFrame, name: str, encoding: Encoding) -> npt.NDArray[np.bool_]:
    if encoding == "numeric":
        return ~np.isfinite(numeric_column(frame, name))
    values = _text_column(frame, name) if encoding == "one_hot" else _encoded_column(frame, name)[1]
    return np.asarray(values.isna().to_numpy())


def _examples(keys: pd.Series) -> str:
    shown = ", ".join(str(key) for key in keys.head(_EXAMPLES))
    return f"{shown}, ..." if len(keys) > _EXAMPLES else shown


def _fit(
    values: FloatArray, unscaled: FeatureScaling, scaler: Scaler
) -> tuple[FeatureScaling, bool]:
    """The dimension's scaling, and whether its transformed values vary at all."""
    transformed = _transform(values, unscaled)
    lowest, highest = float(transformed.min()), float(transformed.max())
    if scaler == "standard":
        with np.errstate(over="ignore"):  # check_spread refuses infinity
            centre, scale = float(transformed.mean()), float(transformed.std())
    elif scaler == "minmax":
        centre, scale = lowest, highest - lowest
    else:
        first, centre, third = (float(q) for q in np.quantile(transformed, (0.25, 0.5, 0.75)))
        scale = third - first
    varies = highest - lowest > _LEAST_RELATIVE_SPREAD * max(abs(lowest), abs(highest))
    return replace(unscaled, centre=centre, scale=scale), varies


def check_spread(
    frame: pd.DataFrame, fitted: Sequence[tuple[FeatureScaling, bool]], scaler: Scaler
) -> None:
    """Refuse features that the scaler cannot scale.

    Args:
        frame: Customers to take examples from, at least one.
        fitted: Each feature's scaling, and whether its transformed values vary at all.

    Raises:
        InputError: Names features without any variation, with an interquartile range of 0, or with
            values that have no spread in floating point.
    """
    constant = [scaling for scaling, varies in fitted if not varies]
    if constant:
        listed = ", ".join(
            f"{item.name} (transform {item.transform}, for example {frame[item.column].iloc[0]})"
            for item in constant
        )
        raise InputError(
            f"Features without any variation over the {len(frame)} customers: {listed}. "
            "They tell no customers apart; remove them from the specification's features."
        )
    beyond = [
        item.name
        for item, _ in fitted
        if not np.isfinite([item.centre, item.scale]).all()
        or (scaler != "robust" and item.scale == 0)
    ]
    if beyond:
        raise InputError(
            f"Features whose values are too large or too small to be scaled: {', '.join(beyond)}. "
            "Their squares are beyond what a floating-point number holds; put them in other units "
            "in the mart, or remove them from the specification's features."
        )
    unscalable = [scaling.name for scaling, _ in fitted if not scaling.scale > 0]
    if unscalable:
        raise InputError(
            f"Scaler {scaler} divides by the interquartile range, which is 0 for "
            f"{', '.join(unscalable)}: at least half of the customers share one value. "
            "Set scaler: standard or minmax, or remove the feature."
        )


def _scale(values: FloatArray, scaling: FeatureScaling) -> FloatArray:
    return (_transform(values, scaling) - scaling.centre) / scaling.scale


def _transform(values: FloatArray, scaling: FeatureScaling) -> FloatArray:
    if scaling.transform == "log1p":
        signed: FloatArray = np.sign(values) * np.log1p(np.abs(values))
        return signed
    if scaling.transform == "winsorize":
        return np.clip(values, scaling.lower, scaling.upper)
    return values
