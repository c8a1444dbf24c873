"""The measures of a trained model against the bounds that its specification sets."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from customer_segmentation.model.quality import QualityMeasure
from customer_segmentation.specification import Gate
from customer_segmentation.specification.gate_measures import MEASURES

# From here on not every whole number is a double.
_LARGEST_WHOLE = 2**53


def _nobody(_: str) -> str | None:
    return None


def quality(
    values: Mapping[str, float | None],
    gates: Sequence[Gate],
    concerned: Callable[[str], str | None] = _nobody,
) -> tuple[QualityMeasure, ...]:
    """One row per gate, and one without a bound per measure that has a value but no gate.

    Args:
        values: Value by name of the measure; None, or no entry, where it does not apply to the
            model, such as ``share_kept`` to the first one.
        gates: The specification's gates.
        concerned: Which customers a measure is about, in a sentence; None where it is about all.
            It is asked where a gate is missed.

    Returns:
        In the order of :data:`MEASURES`, and of the gates where several name one measure.

    Raises:
        ValueError: A value is of no known measure, or is NaN or infinite.
    """
    unknown = sorted(set(values) - set(MEASURES))
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: not in MEASURES")
    endless = [name for name, value in values.items() if value is not None and _endless(value)]
    if endless:
        raise ValueError(f"{', '.join(endless)}: NaN or infinite; give None where it is undefined")
    rows: list[QualityMeasure] = []
    for name in MEASURES:
        value = values.get(name)
        named = [gate for gate in gates if gate.measure == name]
        rows.extend(_gated(value, gate, concerned) for gate in named)
        if value is not None and not named:
            rows.append(_ungated(name, value))
    return tuple(rows)


def passed(measures: Iterable[QualityMeasure]) -> bool:
    """Whether no gate of severity ``error`` is missed, so that the model may be promoted."""
    return not any(row.passed is False and row.severity == "error" for row in measures)


def _endless(value: float) -> bool:
    return not math.isfinite(value)


def _ungated(name: str, value: float) -> QualityMeasure:
    meaning = f"{_described(name)}: {_figure(value)}; no gate."
    return QualityMeasure(name, float(value), None, None, None, None, meaning)


def _gated(
    value: float | None, gate: Gate, concerned: Callable[[str], str | None]
) -> QualityMeasure:
    limit = gate.direction.replace("_", " ")
    if value is None:
        keeps = True
        outcome = f"does not apply to this model; the gate of {limit} {_figure(gate.bound)} passes"
    else:
        keeps = value >= gate.bound if gate.direction == "at_least" else value <= gate.bound
        shown, bound = _told_apart(value, gate.bound)
        outcome = f"{shown}; {limit} {bound} is asked for: {'passed' if keeps else 'missed'}"
    about = None if keeps else concerned(gate.measure)
    return QualityMeasure(
        measure=gate.measure,
        value=None if value is None else float(value),
        bound=gate.bound,
        direction=gate.direction,
        passed=bool(keeps),
        severity=gate.severity,
        meaning=" ".join(filter(None, (f"{_described(gate.measure)}: {outcome}.", about))),
    )


def _described(name: str) -> str:
    definition = MEASURES[name]
    return f"{definition.description} ({definition.better} is better)"


def _told_apart(value: float, bound: float) -> tuple[str, str]:
    """Both as text, unrounded where rounding would make them look equal."""
    shown, asked = _figure(value), _figure(bound)
    if shown == asked and value != bound:
        return repr(float(value)), repr(bound)
    return shown, asked


def _figure(value: float) -> str:
    if float(value).is_integer() and abs(value) < _LARGEST_WHOLE:
        return str(int(value))
    return f"{value:.6g}"
