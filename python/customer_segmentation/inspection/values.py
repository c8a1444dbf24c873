"""Settings that the texts of numbers and dates need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from customer_segmentation.inspection.dates import Dates, dates_of
from customer_segmentation.inspection.known import RawTable
from customer_segmentation.inspection.matching import Matches, is_counted_in_days
from customer_segmentation.inspection.numbers import (
    Notation,
    currency_of,
    most_likely_currency,
    notation_of,
)
from customer_segmentation.inspection.proposal import Choice, Proposal
from customer_segmentation.inspection.sample import Column, Sample, counted, examples
from customer_segmentation.inspection.states import quoted


def add_numbers(proposal: Proposal, table: RawTable, found: Matches) -> str:
    """Propose how numbers are written.

    Returns:
        The sign of decimals by which the sample is to be read.
    """
    setting = f"{table.name}_numbers"
    notations = {
        match.column.name: notation_of(match.column.filled, table.currencies)
        for ours, match in found.items()
        if ours in table.numbers and match.column.kind == "text"
    }
    for name, notation in notations.items():
        if len(notation.unread):
            filled = notation.numbers + int(notation.unread.sum())
            proposal.odd.append(
                f"{name}: {counted(int(notation.unread.sum()), filled)} values are no numbers, "
                f"such as {examples(pd.Series(notation.unread.index))}; their lines are rejected"
            )
    points = sum(item.points for item in notations.values())
    commas = sum(item.commas for item in notations.values())
    stopping = {name: item for name, item in notations.items() if item.stops}
    decimal = "," if commas > points else "."
    value: dict[str, Any] = {}
    if commas and not points:
        value["decimal"] = ","
        said = f"decimal comma: {commas:,} numbers have one without doubt, none a decimal point"
        proposal.say(said, is_sure=not stopping)
    elif stopping and points and not commas:
        value["decimal"] = "."
        proposal.say(
            f"decimal point: {points:,} numbers have one without doubt, none a decimal comma; so "
            f"{_unclear(stopping)} are read by it",
            is_sure=False,
        )
    _add_currency(proposal, setting, value, notations, table)
    if value:
        proposal.set(setting, value)
    if stopping and not value.get("decimal"):
        _ask_for_decimal(proposal, setting, stopping, points, commas)
    return decimal


def _unclear(notations: Mapping[str, Notation]) -> str:
    return " and ".join(f"{examples(item.unclear)} of {name}" for name, item in notations.items())


def _ask_for_decimal(
    proposal: Proposal, setting: str, stopping: Mapping[str, Notation], points: int, commas: int
) -> None:
    example = str(next(iter(stopping.values())).unclear.iloc[0])
    whole = example.replace(".", "").replace(",", "")
    fraction = example.replace(",", ".")
    by_point, by_comma = (fraction, whole) if "." in example else (whole, fraction)
    proposal.ask(
        f"Which sign is that of decimals? {example} is {by_point} by a decimal point and "
        f"{by_comma} by a decimal comma, and so have two readings {_unclear(stopping)}. Of the "
        f"other numbers {points:,} have a decimal point and {commas:,} a decimal comma.",
        Choice(setting, {"decimal": ","}, f"{example} is {by_comma}"),
        Choice(setting, {"decimal": "."}, f"{example} is {by_point}"),
    )


def _add_currency(
    proposal: Proposal,
    setting: str,
    value: dict[str, Any],
    notations: Mapping[str, Notation],
    table: RawTable,
) -> None:
    for name, notation in notations.items():
        if not notation.marks:
            continue
        code = currency_of(notation.marks, table.currencies)
        marks = ", ".join(sorted(notation.marks))
        if code is not None:
            proposal.say(f"{name}: all amounts with a currency are in one, {marks}", is_sure=True)
            continue
        codes = [
            most_likely_currency(mark, notation.marks, table.currencies)
            for mark in sorted(notation.marks)
        ]
        proposal.ask(
            f"In which currency are the amounts that count? {name} has {marks}, and amounts in "
            "several currencies cannot be added. Convert them before, or take the lines of one; "
            "the others are then rejected.",
            *(
                Choice(setting, {**value, "currency": other})
                for other in dict.fromkeys(codes)
                if other
            ),
        )


def add_times(proposal: Proposal, sample: Sample, table: RawTable, found: Matches) -> None:
    """Propose the patterns of times."""
    for ours, setting in table.times.items():
        if ours not in found:
            continue
        column = found[ours].column
        if is_counted_in_days(column):
            _add_number_of_days(proposal, table, ours, column)
            continue
        if column.kind != "text":
            continue
        dates = dates_of(column.filled)
        if dates is None:
            continue
        if len(dates.patterns) > 1:
            dates = _ordered_by_others(sample, column, dates)
        _add_pattern(proposal, setting, column, dates)


def _add_pattern(proposal: Proposal, setting: str, column: Column, dates: Dates) -> None:
    if len(dates.patterns) == 1:
        proposal.set(setting, dates.patterns[0])
        said = f"{column.name} is {dates.patterns[0]}: {dates.reason}"
        proposal.say(said, is_sure=not dates.is_inferred)
    elif not dates.patterns:
        proposal.say(f"{column.name}: {dates.reason}", is_sure=True)
    else:
        day_first, month_first = dates.patterns
        proposal.ask(
            f"Is the day or the month first in {column.name}? "
            f"{dates.reason[0].upper()}{dates.reason[1:]}.",
            Choice(setting, day_first, "the day is first"),
            Choice(setting, month_first, "the month is first"),
        )
    if len(dates.others):
        proposal.odd.append(
            f"{column.name}: {counted(int(dates.others.sum()), len(column.filled))} values are not "
            f"written so, such as {examples(pd.Series(dates.others.index))}; their lines are "
            "rejected"
        )


def _ordered_by_others(sample: Sample, column: Column, dates: Dates) -> Dates:
    """The order of day and month that another column with dates of the same form has."""
    for other in sample.columns:
        if other.kind != "text" or other.name == column.name or not len(other.filled):
            continue
        found = dates_of(other.filled)
        if found is not None and len(found.patterns) == 1 and found.patterns[0] in dates.patterns:
            return Dates(
                found.patterns,
                f"its dates have two readings, those of {other.name} one: {found.reason}",
                dates.dated,
                dates.others,
                is_inferred=True,
            )
    return dates


def _add_number_of_days(proposal: Proposal, table: RawTable, ours: str, column: Column) -> None:
    """The day of a number that spreadsheets count; the time of the day is left out."""
    expression = (
        f"date_add(date'1899-12-30', cast(try_cast({quoted(column.name)} as double) as int))"
    )
    proposal.set(f"{table.name}_columns", {ours: expression})
    day = pd.Timestamp("1899-12-30") + pd.Timedelta(days=int(float(column.filled.iloc[0])))
    proposal.say(
        f"{column.name} counts days as spreadsheets do: {examples(column.filled, 1)} is "
        f"{day:%Y-%m-%d}",
        is_sure=False,
    )
