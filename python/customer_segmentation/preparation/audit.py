"""What is weak about the features, found before anything is trained."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from customer_segmentation.model.features import FeatureAudit, FeatureCorrelation
from customer_segmentation.model.scaling import FeatureScaling
from customer_segmentation.numerics.arrays import FloatArray
from customer_segmentation.numerics.sampling import random_sample
from customer_segmentation.numerics.threads import in_threads
from customer_segmentation.preparation.columns import level_texts, numeric_column
from customer_segmentation.preparation.correlations import correlations
from customer_segmentation.specification import Specification, Transform

NEARLY_CONSTANT_SHARE = 0.95
"""From this share of one value on, a feature tells too few customers apart."""
MOSTLY_ZERO_SHARE = 0.5
"""From this share of zeros on, the median is 0 and the zeros are a group of their own."""
SKEWED = 2.0
"""Beyond this absolute skewness a few customers decide the mean and the scale."""

# A spread below this share of the largest value is rounding, not information.
_LEAST_RELATIVE_SPREAD = 1e-12
_YES_OR_NO = 2
_NO_TRANSFORMS: Mapping[str, Transform] = MappingProxyType({})


def audited(
    customers: pd.DataFrame, spec: Specification, say: Callable[[str], None]
) -> tuple[tuple[FeatureAudit, ...], tuple[FeatureCorrelation, ...]]:
    """What is weak about the features, and which of the numeric ones say nearly the same.

    Args:
        customers: One row per customer with the specification's features.
        spec: Names the features, what is done to them, and when a correlation is strong.
        say: Receives one line of text per finding.

    Returns:
        One row per feature in the order of the specification, and one per pair of numeric ones.
    """
    numeric, pairs = audit_features(
        customers,
        spec.numeric_features,
        correlation_threshold=spec.audit.correlation_threshold,
        transforms={item.name: item.transform for item in spec.features},
        random_seed=spec.random_seed,
        sample_size=spec.sample_size,
    )
    encoded = [item.name for item in spec.features if item.encoding != "numeric"]
    of = {audit.feature: audit for audit in (*numeric, *audit_encoded_features(customers, encoded))}
    audits = tuple(of[name] for name in spec.feature_names)
    for text in (*(item.advice for item in audits), *(item.reason for item in pairs)):
        if text:
            say(text)
    say(f"{len(audits)} features audited")
    return audits, pairs


def with_left_out(
    audits: Sequence[FeatureAudit],
    scalings: Sequence[FeatureScaling],
    spec: Specification,
    say: Callable[[str], None],
) -> tuple[FeatureAudit, ...]:
    """The audits, those of features that are not clustered by with a sentence that says so.

    Args:
        audits: One per feature of the specification.
        scalings: The dimensions that are clustered.
        spec: The specification.
        say: Receives one line of text per feature that is left out.
    """
    used = {item.column for item in scalings}
    outcomes: dict[str, str] = {}
    for feature in spec.features:
        if feature.name not in used:
            by = "" if feature.transform == "none" else f" after transform {feature.transform}"
            outcomes[feature.name] = f"It does not vary{by} and is left out of the clustering."
            say(f"warning: {feature.name} does not vary{by} and is left out of the clustering")
    return tuple(
        replace(item, advice=" ".join(filter(None, (item.advice, outcomes[item.feature]))))
        if item.feature in outcomes
        else item
        for item in audits
    )


def audit_features(
    frame: pd.DataFrame,
    names: Sequence[str],
    *,
    correlation_threshold: float,
    transforms: Mapping[str, Transform] = _NO_TRANSFORMS,
    random_seed: int = 0,
    sample_size: int | None = None,
) -> tuple[tuple[FeatureAudit, ...], tuple[FeatureCorrelation, ...]]:
    """Audit the features of a mart; nothing that it finds is an error.

    Advice is given on missing values, on features that are constant, nearly constant
    (:data:`NEARLY_CONSTANT_SHARE`), mostly zero (:data:`MOSTLY_ZERO_SHARE`) or skewed
    (:data:`SKEWED`). A feature with two values is never called mostly zero or skewed, one that is
    transformed already is never called skewed.

    Strong pairs are settled from the strongest to the weakest, a tie in the order of ``names``. If
    an earlier pair has dropped one of the two, this pair is settled by that. Else the victim is the
    feature with the larger share of missing values, then the one with the higher mean absolute
    correlation to all other features, then the later one in ``names``.

    Args:
        frame: One row per customer with the columns ``names``, as read from the mart.
        names: Features in the order of the specification.
        correlation_threshold: Absolute rank correlation above which a pair is strong, 0..1.
        transforms: What the specification does to features; an absent one is not transformed.
        random_seed: Of the sample, which goes by the position of the rows.
        sample_size: Correlate this many customers, drawn without replacement; all where None or
            where there are no more.

    Returns:
        One row per feature, and one per unordered pair, both in the order of ``names``.

    Raises:
        InputError: A column holds something other than numbers.
    """
    known = {name: _known(frame, name) for name in names}
    audits = tuple(
        in_threads(lambda name: _audit(name, known[name], transforms.get(name, "none")), names)
    )
    missing = {audit.feature: audit.missing_share or 0.0 for audit in audits}
    sample = random_sample(len(frame), sample_size, random_seed)
    sampled = {name: values[sample] for name, values in known.items()}
    return audits, correlations(sampled, missing, correlation_threshold)


def audit_encoded_features(frame: pd.DataFrame, names: Sequence[str]) -> tuple[FeatureAudit, ...]:
    """Audit features that stand for levels: shares and the number of levels, and no moments.

    Advice is given on missing values and on features that are (nearly) constant.

    Args:
        frame: One row per customer with the columns ``names``; values are text, numbers or
            booleans.
        names: Features with encoding ``binary`` or ``one_hot``.
    """
    return tuple(_audit_levels(name, level_texts(frame, name)) for name in names)


def _known(frame: pd.DataFrame, name: str) -> FloatArray:
    values = numeric_column(frame, name)
    return np.where(np.isfinite(values), values, np.nan)


def _audit(name: str, column: FloatArray, transform: Transform) -> FeatureAudit:
    values = column[~np.isnan(column)]
    row_count = len(column)
    if not len(values):
        return _without_values(name, row_count)
    unique, counts = np.unique(values, return_counts=True)
    mean, deviation, skewness = _moments(values)
    audit = FeatureAudit(
        feature=name,
        row_count=row_count,
        missing_share=(row_count - len(values)) / row_count,
        zero_share=float(np.mean(values == 0)),
        top_value_share=float(counts.max() / len(values)),
        unique_values=len(unique),
        minimum=float(unique[0]),
        maximum=float(unique[-1]),
        mean=mean,
        standard_deviation=deviation,
        skewness=skewness,
        advice=None,
    )
    top_value = f"{float(unique[counts.argmax()]):g}"
    if skewness is None:
        findings = [_constant(top_value)]
    else:
        findings = [
            *_nearly_constant(audit, top_value),
            *_findings(audit, skewness, transform),
        ]
    return replace(audit, advice=_advice(row_count - len(values), row_count, findings))


def _audit_levels(name: str, column: pd.Series[Any]) -> FeatureAudit:
    counts = column.value_counts()
    row_count, known = len(column), int(counts.sum())
    if not known:
        return _without_values(name, row_count)
    audit = replace(
        _without_values(name, row_count),
        missing_share=(row_count - known) / row_count,
        top_value_share=float(counts.iloc[0] / known),
        unique_values=len(counts),
    )
    top_value = f"{counts.index[0]}"
    findings = [_constant(top_value)] if len(counts) == 1 else _nearly_constant(audit, top_value)
    return replace(audit, advice=_advice(row_count - known, row_count, findings))


def _without_values(name: str, row_count: int) -> FeatureAudit:
    return FeatureAudit(
        feature=name,
        row_count=row_count,
        missing_share=1.0 if row_count else None,
        zero_share=None,
        top_value_share=None,
        unique_values=0,
        minimum=None,
        maximum=None,
        mean=None,
        standard_deviation=None,
        skewness=None,
        advice="No customer has a value: remove it." if row_count else None,
    )


def _advice(missing: int, row_count: int, findings: Sequence[str]) -> str | None:
    """Sentences on missing values and on the known ones, None without any."""
    absent = (
        f"{missing} of {row_count} values are missing or infinite: fill them in the mart, or "
        "leave those customers out."
    )
    return " ".join([*([absent] if missing else []), *findings]) or None


def _moments(values: FloatArray) -> tuple[float, float, float | None]:
    """Mean, population deviation and skewness, scaled by a power of two against overflow."""
    exponent = int(np.frexp(np.abs(values).max())[1])
    small = np.ldexp(values, -exponent)
    mean = np.clip(small.mean(), small.min(), small.max())
    if np.ptp(small) <= _LEAST_RELATIVE_SPREAD * np.abs(small).max():
        return float(np.ldexp(mean, exponent)), 0.0, None
    centred = small - mean
    deviation = np.sqrt(np.square(centred).mean())
    skewness = float(np.mean(centred**3) / deviation**3)
    return float(np.ldexp(mean, exponent)), float(np.ldexp(deviation, exponent)), skewness


def _constant(value: str) -> str:
    return f"Every value is {value}, so it tells no customers apart: remove it."


def _nearly_constant(audit: FeatureAudit, top_value: str) -> list[str]:
    share = audit.top_value_share or 0.0
    if share < NEARLY_CONSTANT_SHARE:
        return []
    return [
        f"{share:.1%} of the values are {top_value}, so it tells few customers apart: remove it."
    ]


def _findings(audit: FeatureAudit, skewness: float, transform: Transform) -> list[str]:
    """What is weak about numbers that are not all the same, besides one that most of them are."""
    findings: list[str] = []
    top_share, zero_share = audit.top_value_share or 0.0, audit.zero_share or 0.0
    if audit.unique_values <= _YES_OR_NO:
        return findings
    if zero_share >= MOSTLY_ZERO_SHARE and top_share < NEARLY_CONSTANT_SHARE:
        findings.append(
            f"{zero_share:.1%} of the values are 0: consider a yes/no feature in its place."
        )
    if abs(skewness) > SKEWED and transform == "none":
        evens_out = skewness > 0 and audit.minimum is not None and audit.minimum >= 0
        findings.append(
            f"Its skewness is {skewness:.1f}: consider transform "
            f"{'log1p' if evens_out else 'winsorize'}."
        )
    return findings
