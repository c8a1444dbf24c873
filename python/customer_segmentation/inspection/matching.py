"""Which raw column is which of ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from customer_segmentation.inspection.dates import UNIX, dates_of
from customer_segmentation.inspection.known import RawTable, plain_name
from customer_segmentation.inspection.numbers import as_numbers
from customer_segmentation.inspection.sample import Column, Sample

# Days since the end of 1899, as spreadsheets count them: from 1954 to 2064.
_DAYS = (20_000, 60_000)
# Part of the texts that must be numbers for a column to be one of numbers.
_READABLE = 0.5
# Different numbers of pieces that many lines have at most.
_LEAST_PIECES = 20
_PIECES_SHARE = 0.05
ONLY_DECIMALS = "the only column of numbers with decimals"
_LEAST_LETTERS = 5
_LONGEST_UNIT = 3
_LEAST_PAIRS = 30
_LEAST_ORDERS = 10
_REPEATED = 0.95


@dataclass(frozen=True)
class Match:
    """A raw column that is one of ours.

    Args:
        column: Theirs.
        is_sure: Whether its name says so alone.
        reason: Why it is taken, where that is not sure.
    """

    column: Column
    is_sure: bool
    reason: str = ""


Matches = Mapping[str, Match]


def match_columns(sample: Sample, table: RawTable) -> dict[str, Match]:
    """Our columns to those of the raw data: by their names, then by what stands in them."""
    found: dict[str, Match] = {}
    for column in table.columns:
        match = _by_name(sample, table, column, found)
        if match is not None:
            found[column] = match
    for column in table.columns:
        if column not in found:
            match = _perhaps(sample, table, column, found)
            if match is not None:
                found[column] = match
    for column in table.times:
        if column not in found:
            dated = [item for item in _free(sample, found) if is_dated(item)]
            if len(dated) == 1:
                found[column] = Match(dated[0], False, "the only column of dates")
    return _with_amounts(sample, table, found)


def fits(column: Column, ours: str, table: RawTable) -> bool:
    """Whether the values of a raw column may be those of ours."""
    if not len(column.filled):
        return False
    if ours in table.numbers:
        return is_numeric(column, table)
    if ours in table.times:
        return is_dated(column)
    return column.kind in ("text", "number")


def is_numeric(column: Column, table: RawTable) -> bool:
    """Whether most values are numbers."""
    if column.kind != "text":
        return column.kind == "number"
    some = column.filled.iloc[:: max(1, len(column.filled) // 500)]
    return bool(len(some)) and as_numbers(some, ".", table.currencies).notna().mean() > _READABLE


def is_dated(column: Column) -> bool:
    """Whether most values are dates."""
    if column.kind != "text":
        return column.kind == "time"
    some = column.filled.iloc[:: max(1, len(column.filled) // 500)]
    return bool(len(some)) and dates_of(some) is not None


def is_counted_in_days(column: Column) -> bool:
    """Whether all values may be dates as spreadsheets count them; only a name can say that."""
    numbers = pd.to_numeric(column.filled, errors="coerce")
    return column.kind != "time" and bool(len(numbers) and numbers.between(*_DAYS).all())


def named_as(sample: Sample, table: RawTable, ours: str, found: Matches) -> Column | None:
    """The column that has a name of ours, whatever stands in it."""
    free = {plain_name(item.name): item for item in reversed(_free(sample, found))}
    names = [plain_name(ours), *table.names_of(ours)]
    return next((free[name] for name in names if name in free and len(free[name].filled)), None)


def _fits_by_name(column: Column, ours: str, table: RawTable) -> bool:
    """The same of a column whose name says that it is ours."""
    is_counted = ours in table.times and (
        is_counted_in_days(column)
        or (column.kind == "number" and column.filled.str.fullmatch(UNIX).all())
    )
    return fits(column, ours, table) or is_counted


def _by_name(sample: Sample, table: RawTable, ours: str, found: Matches) -> Match | None:
    names = table.names_of(ours)
    if plain_name(ours) not in names:
        names.insert(0, plain_name(ours))
    free = {plain_name(item.name): item for item in reversed(_free(sample, found))}
    for name in names:
        if name in free and _fits_by_name(free[name], ours, table):
            return Match(free[name], True)
    return None


def _perhaps(sample: Sample, table: RawTable, ours: str, found: Matches) -> Match | None:
    """A column whose name may mean ours, or ends or begins with a name of ours."""
    free = _free(sample, found)
    for name in table.names_of(ours, "perhaps"):
        for item in free if ours != table.hints.get("product") else sample.columns:
            if plain_name(item.name) == name and fits(item, ours, table):
                return Match(item, False, f"for want of a better one, {item.name} stands for it")
    names = [name for name in table.names_of(ours) if len(name) >= _LEAST_LETTERS]
    for name in sorted(names, key=len, reverse=True):
        for item in free:
            if _is_named(plain_name(item.name), name, ours, table) and fits(item, ours, table):
                return Match(item, False, f"the name {item.name} has {name} in it")
    return None


def _is_named(theirs: str, name: str, ours: str, table: RawTable) -> bool:
    """Whether a plain name ends with one of ours, or is one with a unit behind, as `amount eur`."""
    if _is_other_money(theirs, table):
        return False
    if theirs.startswith(name) and (ours in table.numbers or ours in table.times):
        return len(theirs) - len(name) <= _LONGEST_UNIT
    return theirs.endswith(name)


def _is_other_money(name: str, table: RawTable) -> bool:
    return any(plain_name(word) in name for word in table.hints.get("not_amounts", ()))


def _free(sample: Sample, found: Matches) -> list[Column]:
    taken = {match.column.name for match in found.values()}
    return [item for item in sample.columns if item.name not in taken]


def _with_amounts(sample: Sample, table: RawTable, found: dict[str, Match]) -> dict[str, Match]:
    """Without a name for it, the only number with decimals is money; money is of one or of all."""
    roles = table.hints.get("amount", {})
    line, each, number = (roles.get(key, "") for key in ("line", "each", "number"))
    if not roles or (line in found and each in found):
        return found
    money = found.get(line) or found.get(each)
    if money is None:
        decimals = [item for item in _free(sample, found) if has_decimals(item, table)]
        decimals = [item for item in decimals if not _is_other_money(plain_name(item.name), table)]
        if len(decimals) != 1:
            return found
        money = Match(decimals[0], False, ONLY_DECIMALS)
    slope = None
    if each in found or not is_of_the_order(money.column, found.get(table.hints.get("order", ""))):
        product = found.get(table.hints.get("product", ""))
        slope = _growth(money.column, found.get(number), product, table)
    name, reason = (line if line in found else each if each in found else line), money.reason
    is_sure = money.is_sure
    if slope is not None and (slope > 0.8 or slope < 0.2):
        by_values = line if slope > 0.8 else each
        if by_values != name:
            is_sure = False
            reason = (
                f"{money.column.name} {'grows' if slope > 0.8 else 'does not grow'} with "
                f"{found[number].column.name} among lines of one product, so it is money of "
                f"{'the line' if slope > 0.8 else 'one piece'}"
            )
        name = by_values
    without = {ours: match for ours, match in found.items() if ours not in (line, each)}
    return {**without, name: Match(money.column, is_sure, reason)}


def is_of_the_order(money: Column, order: Match | None) -> bool:
    """Whether money is the same on all lines of nearly every order that has several."""
    if order is None:
        return False
    frame = pd.DataFrame({"order": order.column.values, "money": money.values})
    orders = frame.dropna().groupby("order").money.agg(["size", "nunique"])
    several = orders[orders["size"] > 1]
    return len(several) >= _LEAST_ORDERS and bool((several["nunique"] == 1).mean() >= _REPEATED)


def is_of_pieces(column: Column, table: RawTable) -> bool:
    """Whether values may be numbers of pieces: whole, above zero in their most, and repeated."""
    if not is_numeric(column, table) or is_dated(column):
        return False
    values = as_numbers(column.filled.iloc[:2000], ".", table.currencies).dropna()
    is_repeated = 1 < values.nunique() <= max(_LEAST_PIECES, _PIECES_SHARE * len(values))
    return is_repeated and bool((values % 1 == 0).all() and values.between(1, 9999).mean() > 0.9)


def has_decimals(column: Column, table: RawTable) -> bool:
    """Whether a column has numbers that are not whole."""
    if not is_numeric(column, table):
        return False
    values = as_numbers(column.filled.iloc[:2000], ".", table.currencies)
    return bool((values % 1 > 0).any())


def _growth(
    money: Column, number: Match | None, product: Match | None, table: RawTable
) -> float | None:
    """How much money grows with the number of pieces among lines of one product.

    Returns:
        About 1 where it is of the line, about 0 where it is of one piece; None where too few lines
        say so.
    """
    if number is None or product is None:
        return None
    logs = pd.DataFrame(
        {
            "money": _log(as_numbers(money.values, ".", table.currencies)),
            "number": _log(as_numbers(number.column.values, ".", table.currencies)),
            "product": product.column.values,
        }
    ).dropna()
    within = logs[["money", "number"]] - logs.groupby("product")[["money", "number"]].transform(
        "mean"
    )
    varied = within[within.number.abs() > 1e-9]
    if len(varied) < _LEAST_PAIRS:
        return None
    return float((varied.number * varied.money).sum() / (varied.number**2).sum())


def _log(values: pd.Series) -> pd.Series:
    return pd.Series(np.log(values.where(values > 0)), index=values.index)


def may_be_pieces(sample: Sample, table: RawTable, found: Matches) -> list[str]:
    """Names of columns that may be numbers of pieces, of those that are none of ours."""
    return [item.name for item in _free(sample, found) if is_of_pieces(item, table)]


def candidates(sample: Sample, table: RawTable, ours: str, found: Matches) -> Iterator[str]:
    """Names of columns that may be ours, by what stands in them, for a question."""
    free: Iterable[Column] = _free(sample, found)
    for item in free:
        if ours in table.numbers or ours in table.times:
            if fits(item, ours, table):
                yield item.name
        elif item.kind in ("text", "number") and len(item.filled):
            repeated = item.values.nunique() < 0.9 * len(item.filled)
            if repeated and not is_dated(item) and not has_decimals(item, table):
                yield item.name
