"""What is measured of a mart before features are proposed."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class MartColumn:
    """A column of a mart.

    Args:
        name: As the mart has it.
        type: Spark's, such as ``decimal(12,2)``.
        nulls: Rows without a value.
        levels: How many values differ: exact for the key and where it is 1, else about as
            many; None for types whose values cannot be compared.
        infinite: Rows with NaN or infinity.
        minimum: Least finite number, None for other types and where there is none.
        maximum: Largest one, likewise.
        deviation: Population standard deviation of the finite numbers, likewise, and None where it
            is too large for a double.
        skewness: Of the finite numbers, likewise, and None for a constant.
        days: First and last day of a column of dates, None for other types.
    """

    name: str
    type: str
    nulls: int = 0
    levels: int | None = None
    infinite: int = 0
    minimum: float | None = None
    maximum: float | None = None
    deviation: float | None = None
    skewness: float | None = None
    days: tuple[str, str] | None = None

    @property
    def type_name(self) -> str:
        """The type without its size and what it consists of."""
        return self.type.partition("(")[0].partition("<")[0].partition(" ")[0]


@dataclass(frozen=True)
class MartProfile:
    """A mart by its columns, in its order.

    Args:
        name: Of the dbt model.
        rows: One per customer.
        columns: All of them.
    """

    name: str
    rows: int
    columns: tuple[MartColumn, ...]

    def column(self, name: str) -> MartColumn | None:
        """The column of that name, upper and lower case alike, as Spark reads names."""
        return next((one for one in self.columns if one.name.lower() == name.lower()), None)


def profile_of(name: str, records: Iterable[str]) -> MartProfile:
    """The profile that the macro ``mart_profile`` selects.

    Args:
        name: Of the dbt model.
        records: One JSON text per column, at least one.
    """
    parsed = [json.loads(record) for record in records]
    return MartProfile(name, parsed[0]["rows"], tuple(_column(one) for one in parsed))


def _column(record: Mapping[str, Any]) -> MartColumn:
    values = record["values"]
    is_date = record["type"] == "date"
    has_days = is_date and "minimum" in values
    return MartColumn(
        name=record["name"],
        type=record["type"],
        nulls=values["nulls"],
        levels=values.get("levels"),
        infinite=values.get("infinite", 0),
        minimum=None if is_date else _finite(values.get("minimum")),
        maximum=None if is_date else _finite(values.get("maximum")),
        deviation=_finite(values.get("deviation")),
        skewness=_finite(values.get("skewness")),
        days=(values["minimum"], values["maximum"]) if has_days else None,
    )


def _finite(value: float | str | None) -> float | None:
    """A number, None where Spark has none: it leaves nulls out, and writes NaN as text."""
    number = math.nan if value is None else float(value)
    return number if math.isfinite(number) else None
