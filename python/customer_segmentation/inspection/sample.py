"""Rows of raw data as a sample has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

Kind = Literal["text", "number", "time", "other"]


@dataclass(frozen=True)
class Column:
    """One raw column.

    Args:
        name: As the engine names it.
        kind: What its type is; of a text file every column is text.
        values: One text a row without blanks at its ends, None where it is missing or empty.
    """

    name: str
    kind: Kind
    values: pd.Series

    @property
    def filled(self) -> pd.Series:
        """The values that are there."""
        return self.values.dropna()

    @property
    def missing_share(self) -> float:
        """Part of the rows without a value."""
        return 1 - len(self.filled) / max(1, len(self.values))


@dataclass(frozen=True)
class Sample:
    """Some or all rows of raw data.

    Args:
        what: What they are, as `CSV, UTF-8, fields separated by ;`.
        columns: In the order of the data.
        rows: How many rows the sample has.
        total: How many rows there are, about; None where that is not known.
        is_whole: Whether the sample has all rows.
        places: Where the rows are from, for a sentence.
        sure: What is sure about how the files are written.
        guessed: What is guessed about it, with the reason.
        odd: What was found odd while reading.
        csv: What the setting of a CSV file needs, empty for what is usual.
    """

    what: str
    columns: tuple[Column, ...]
    rows: int
    total: int | None
    is_whole: bool
    places: str
    sure: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()
    csv: Mapping[str, Any] = field(default_factory=dict)

    def column(self, name: str) -> Column | None:
        """The column of this name, upper and lower case alike."""
        return next((item for item in self.columns if item.name.lower() == name.lower()), None)

    @property
    def names(self) -> list[str]:
        """Of the columns."""
        return [column.name for column in self.columns]


# What stands for no text at the ends of a value, as the macro white_space has it.
WHITE_SPACE = "\x00\t\n\r \u00a0\u200b\ufeff"


def text_column(name: str, values: Any) -> Column:
    """A column of texts; what is None or blank is missing."""
    series = pd.Series(values, dtype="object").str.strip(WHITE_SPACE)
    return Column(name, "text", series.where(series.astype(bool) & series.notna(), None))


def examples(values: pd.Series, most: int = 3) -> str:
    """The first few different texts, for a sentence."""
    return "; ".join(_shortened(values.dropna().unique()[:most]))


def _shortened(values: Any) -> Iterator[str]:
    for value in values:
        text = str(value)
        yield text if len(text) <= 40 else f"{text[:37]}..."


def counted(part: int, whole: int) -> str:
    """`12 of 340 (3.5%)`, with a share that is not rounded to 0 or 100."""
    share = part / max(1, whole)
    text = f"{share:.1%}"
    if part and text == "0.0%":
        text = "below 0.1%"
    if part < whole and text == "100.0%":
        text = "above 99.9%"
    return f"{part:,} of {whole:,} ({text})"
