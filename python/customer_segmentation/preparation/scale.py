"""From columns of the feature mart to the scaled space in which distances are measured.

A numeric feature is one dimension, which is transformed, then centred and scaled:
z = (t(x) - centre) / scale. An encoded feature is one or more dimensions of 0 and 1, which are
centred and scaled too. What was fitted is plain figures and levels
(:class:`~customer_segmentation.model.scaling.FeatureScaling`), stored with the model and never
refitted at scoring.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from customer_segmentation.errors import InputError
from customer_segmentation.model.scaling import OTHER, FeatureScaling, Indicator, Level
from customer_segmentation.numerics.arrays import FloatArray
from customer_segmentation.numerics.threads import in_threads
from customer_segmentation.preparation.checks import examples, scalable
from customer_segmentation.preparation.columns import (
    dimension_values,
    encoded_column,
    level_text,
    numeric_column,
    text_column,
)
from customer_segmentation.specification import Feature, Scaler, Specification

# A spread below this share of the largest value is rounding, not information.
_LEAST_RELATIVE_SPREAD = 1e-12
_MOST_BINARY_LEVELS = 2


def fit_preprocessing(frame: pd.DataFrame, spec: Specification) -> list[FeatureScaling]:
    """Fit transforms, levels and scaler on customers that passed the checks.

    A dimension whose transformed values are all the same is left out.

    ``standard`` is mean and population standard deviation, ``minmax`` is minimum and range,
    ``robust`` is median and interquartile range (linear interpolation), all of the transformed
    values; of an encoded column those of 0 and 1. The levels of a ``binary`` column are sorted, and
    so are the dimensions of a ``one_hot`` column, :data:`OTHER` last.

    Returns:
        One item per dimension that varies, in the order of the specification's features.

    Raises:
        InputError: No dimension varies, one has no spread to scale by, or a binary column has more
            than two values.
    """
    unscaled = [item for feature in spec.features for item in _dimensions(frame, feature)]
    fitted = list(
        in_threads(lambda item: _fit(dimension_values(frame, item), item, spec.scaler), unscaled)
    )
    return scalable(frame, fitted, spec.scaler)


def apply_preprocessing(frame: pd.DataFrame, scalings: Sequence[FeatureScaling]) -> FloatArray:
    """Scaled dimensions, one row per row of ``frame`` and one column per scaling.

    NaN where the column has none, and where a binary column has another value than in training.
    """
    scaled = np.empty((len(frame), len(scalings)))

    def fill(at: int) -> None:
        scaled[:, at] = _scale(dimension_values(frame, scalings[at]), scalings[at])

    list(in_threads(fill, range(len(scalings))))
    return scaled


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
        # Of a single level a dimension that does not vary, which is left out.
        named = levels[-1:]
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
    kind, values = encoded_column(frame, name)
    levels = tuple(level_text(value) for value in sorted(values.dropna().unique()))
    if len(levels) > _MOST_BINARY_LEVELS:
        raise InputError(
            f"Column {name} of the feature mart has {len(levels)} different values, for example "
            f"{examples(pd.Series(levels, dtype=object))}, encoding binary needs two. Set "
            "encoding: one_hot or numeric, or remove it from the specification."
        )
    return kind, levels


def _frequent_levels(frame: pd.DataFrame, feature: Feature) -> tuple[tuple[str, ...], bool]:
    """The levels that are not rare, sorted, and whether there are rare ones."""
    assert feature.rare_below is not None  # the specification has a default
    shares = text_column(frame, feature.name).value_counts() / len(frame)
    frequent = sorted(
        level for level, share in shares.items() if share >= feature.rare_below and level != OTHER
    )
    return tuple(frequent), len(frequent) < len(shares)


def _fit(
    values: FloatArray, unscaled: FeatureScaling, scaler: Scaler
) -> tuple[FeatureScaling, bool]:
    """The dimension's scaling, and whether its transformed values vary at all."""
    transformed = _transform(values, unscaled)
    lowest, highest = float(transformed.min()), float(transformed.max())
    if scaler == "standard":
        with np.errstate(over="ignore"):  # scalable refuses infinity
            centre, scale = float(transformed.mean()), float(transformed.std())
    elif scaler == "minmax":
        centre, scale = lowest, highest - lowest
    else:
        first, centre, third = (float(q) for q in np.quantile(transformed, (0.25, 0.5, 0.75)))
        scale = third - first
    varies = highest - lowest > _LEAST_RELATIVE_SPREAD * max(abs(lowest), abs(highest))
    return replace(unscaled, centre=centre, scale=scale), varies


def _scale(values: FloatArray, scaling: FeatureScaling) -> FloatArray:
    return (_transform(values, scaling) - scaling.centre) / scaling.scale


def _transform(values: FloatArray, scaling: FeatureScaling) -> FloatArray:
    if scaling.transform == "log1p":
        signed: FloatArray = np.sign(values) * np.log1p(np.abs(values))
        return signed
    if scaling.transform == "winsorize":
        return np.clip(values, scaling.lower, scaling.upper)
    return values
