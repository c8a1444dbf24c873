"""Whether a column of a mart is proposed as a feature, and how; or why not."""

from __future__ import annotations

import re
from dataclasses import dataclass

from customer_segmentation.own_mart.names import alias_for, is_identifier, quoted
from customer_segmentation.own_mart.profile import MartColumn, MartProfile
from customer_segmentation.specification import Encoding, Transform

MOST_LEVELS = 12
SKEWED = 1.0
"""From which skewness on a column of numbers above zero is taken by its logarithm."""
NUMBERS = frozenset({"tinyint", "smallint", "int", "bigint", "float", "double", "decimal"})
_TEXTS = frozenset({"string", "varchar", "char"})
_TIMES = frozenset({"date", "timestamp", "timestamp_ntz"})
# Beyond these the square of a distance is no longer a floating-point number.
_LEAST_EXTENT, _LARGEST = 1e-100, 1e100
# A spread below this share of the largest value is rounding; training refuses it below 1e-12.
_LEAST_RELATIVE_EXTENT = 1e-9


@dataclass(frozen=True)
class Proposed:
    """A feature, and why it is taken so."""

    name: str
    encoding: Encoding
    transform: Transform
    reason: str


@dataclass(frozen=True)
class Offered:
    """A text that may be a feature where the user wants it."""

    name: str
    levels: int


@dataclass(frozen=True)
class LeftOut:
    """A column that is no feature: why, and what to do about it."""

    name: str
    reason: str


def judge(column: MartColumn, mart: MartProfile) -> Proposed | Offered | LeftOut:
    """What a column of the mart, neither its key nor its as-of date, is to be."""
    flaw = _flaw(column, mart)
    if flaw is not None:
        return LeftOut(column.name, flaw)
    if column.type_name in NUMBERS:
        transform, reason = _transform(column)
        return Proposed(column.name, "numeric", transform, reason)
    if column.type_name == "boolean":
        return Proposed(column.name, "binary", "none", "true or false")
    assert column.levels is not None  # by _flaw_of_text
    return Offered(column.name, column.levels)


def number_flaw(column: MartColumn, rows: int) -> str | None:
    """Why a column of numbers cannot be trained on, None where it can."""
    name = column.name
    if column.nulls:
        return (
            f"{_share(column.nulls, rows)} have none, and training takes no missing value: where "
            f"that means none write coalesce({name}, 0) as {name} in the mart, or leave these "
            "customers out of it"
        )
    if column.infinite:
        return (
            f"{_share(column.infinite, rows)} are NaN or infinite: mend the division or the "
            "logarithm that makes them in the mart"
        )
    assert column.minimum is not None  # it has values, all of them finite
    assert column.maximum is not None
    extent = column.maximum - column.minimum
    largest = max(abs(column.minimum), abs(column.maximum))
    if extent == 0:
        return f"constant: every customer has {column.minimum:g}"
    if not (extent > _LEAST_EXTENT and largest < _LARGEST):
        return (
            f"its values, from {column.minimum:g} to {column.maximum:g}, are too large or too "
            "close to each other for distances to be computed: put it in other units in the mart"
        )
    if extent < _LEAST_RELATIVE_EXTENT * largest:
        return (
            f"it hardly varies beside its size ({column.minimum:.15g} to {column.maximum:.15g}): "
            f"subtract where it begins in the mart, such as {name} - {column.minimum:.15g} "
            f"as {name}"
        )
    return None


def _flaw(column: MartColumn, mart: MartProfile) -> str | None:
    """Why a column cannot be a feature, None where it can."""
    kind = column.type_name
    if not is_identifier(column.name):
        alias = alias_for(column.name, {one.name.lower() for one in mart.columns})
        return (
            "the specification takes names of letters, digits and underscores: write "
            f"{quoted(column.name)} as {alias} in the mart"
        )
    if column.nulls == mart.rows:
        return "every row is null"
    if kind in _TIMES:
        return (
            f"a {kind} measures nothing by itself: turn it into days in the mart, "
            f"datediff(as_of_date, {column.name}) as days_since_{_event(column.name)}"
        )
    if kind not in NUMBERS | _TEXTS | {"boolean"}:
        return f"{column.type} cannot be measured: make numbers of it in the mart"
    if kind in NUMBERS:
        return _code(column) or number_flaw(column, mart.rows)
    missing = "false" if kind == "boolean" else "'unknown'"
    if column.nulls:
        return (
            f"{_share(column.nulls, mart.rows)} have none, and training takes no missing value: "
            f"write coalesce({column.name}, {missing}) as {column.name} in the mart, or leave "
            "these customers out of it"
        )
    if column.levels == 1:
        return "constant: every customer has the same value"
    return None if kind == "boolean" else _flaw_of_text(column)


def _code(column: MartColumn) -> str | None:
    name = column.name.lower()
    if name == "id" or name.endswith("_id"):
        return (
            "by its name a number that identifies, and measures nothing: where it does, give it "
            "another name in the mart"
        )
    return None


def _event(name: str) -> str:
    """What happened on a day, by the name of its column."""
    return re.sub(r"_(on|at|date|day|time)$", "", name)


def _flaw_of_text(column: MartColumn) -> str | None:
    if column.levels is None or column.levels > MOST_LEVELS:
        return (
            f"text with more than {MOST_LEVELS} levels (about {column.levels:,}), each of which "
            "would be a dimension: group them in the mart, or count what they stand for"
        )
    return None


def _transform(column: MartColumn) -> tuple[Transform, str]:
    if column.skewness is None or column.minimum is None:
        return "none", "as it is"
    skewness = f"skewness {column.skewness:.1f}"
    if column.skewness <= SKEWED:
        return "none", f"{skewness}, not above {SKEWED:g}: as it is"
    if column.minimum < 0:
        return "none", f"{skewness}, but with values below 0: as it is"
    return "log1p", f"{skewness} and never below 0: its logarithm"


def _share(part: int, rows: int) -> str:
    return f"{part:,} of {rows:,} customers ({part / rows:.1%})"
