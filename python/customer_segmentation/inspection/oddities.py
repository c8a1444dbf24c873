"""What in the rows the user may not expect."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from customer_segmentation.inspection.known import RawTable, plain_name
from customer_segmentation.inspection.matching import Matches
from customer_segmentation.inspection.numbers import as_numbers
from customer_segmentation.inspection.proposal import Choice, Proposal
from customer_segmentation.inspection.sample import Column, Sample, counted, examples
from customer_segmentation.inspection.states import quoted

_LARGE_SHARE = 0.1
# One of ten customers has a tenth of all lines as a rule.
_TIMES_ITS_PART = 5


def add_oddities(
    proposal: Proposal,
    sample: Sample,
    table: RawTable,
    found: Matches,
    decimal: str,
    known: Mapping[str, Any],
) -> None:
    """Add what was found odd.

    Args:
        decimal: The sign of decimals by which texts that fit two notations are read.
        known: What a known format sets.
    """
    proposal.odd += [
        *_copies(sample, table),
        *_missing(table, found, proposal.settings | dict(known)),
        *_signs(table, found, decimal),
        *_amounts(table, found, decimal),
        *_whales(table, found, decimal),
        *_deductions(sample, table, found, decimal, known),
    ]
    _prefixes(proposal, table, found, decimal, known)
    _likenesses(proposal, table, found, known)
    _pieces(proposal, table, found, decimal)


def numbers_of(column: Column, table: RawTable, decimal: str) -> pd.Series:
    """The values of a column as numbers."""
    return as_numbers(column.values, decimal if column.kind == "text" else ".", table.currencies)


def _copies(sample: Sample, table: RawTable) -> Iterator[str]:
    frame = pd.DataFrame({at: item.values for at, item in enumerate(sample.columns)})
    copies = int(frame.duplicated().sum())
    if copies:
        yield f"{counted(copies, sample.rows)} lines are copies of another{table.note('copies')}"


def _missing(table: RawTable, found: Matches, settings: Mapping[str, Any]) -> Iterator[str]:
    carried = settings.get(table.hints.get("of_the_order", {}).get("setting"), ())
    for ours, match in found.items():
        rows = len(match.column.values)
        missing = rows - len(match.column.filled)
        if not missing or ours in carried:
            continue
        key = "no_owner" if ours == table.hints.get("owner") else f"{ours}_missing"
        if table.note(key):
            said = f"{match.column.name}: {counted(missing, rows)} lines have none"
            yield said + table.note(key)


def _signs(table: RawTable, found: Matches, decimal: str) -> Iterator[str]:
    for ours in table.numbers:
        if ours not in found:
            continue
        column = found[ours].column
        values = numbers_of(column, table, decimal)
        for key, rows in (("below_zero", values < 0), ("zero", values == 0)):
            if rows.any() and table.note(f"{ours}_{key}"):
                yield (
                    f"{column.name}: {counted(int(rows.sum()), len(rows))} values are "
                    f"{key.replace('_', ' ')}, such as {examples(column.values[rows], 2)}"
                    f"{table.note(f'{ours}_{key}')}"
                )


def _amounts(table: RawTable, found: Matches, decimal: str) -> Iterator[str]:
    """Amounts that are not price times pieces."""
    roles = table.hints.get("amount", {})
    if not roles or any(name not in found for name in roles.values()):
        return
    line, each, number = (
        numbers_of(found[roles[key]].column, table, decimal) for key in ("line", "each", "number")
    )
    differs = (line - each * number).abs() > 0.005 * number.abs() + 0.005
    if differs.any():
        names = [found[roles[key]].column.name for key in ("line", "each", "number")]
        yield (
            f"{names[0]} is not {names[1]} times {names[2]} in "
            f"{counted(int(differs.sum()), len(differs))} lines; {names[0]} counts"
        )


def _whales(table: RawTable, found: Matches, decimal: str) -> Iterator[str]:
    owner = found.get(table.hints.get("owner", ""))
    if owner is None:
        return
    owners = owner.column.values
    shares = {"lines": owners.value_counts(normalize=True)}
    money = money_of(table, found, decimal)
    if money is not None:
        spent = money.where(money > 0).groupby(owners).sum().sort_values(ascending=False)
        shares["money"] = spent / max(spent.sum(), 1e-9)
    for what, share in shares.items():
        if len(share) and share.iloc[0] >= max(_LARGE_SHARE, _TIMES_ITS_PART / len(share)):
            yield (
                f"{owner.column.name}: one of {len(share):,} customers, {share.index[0]}, has "
                f"{math.floor(100 * share.iloc[0])} % of all {what}; is it a customer, or does it "
                "stand for many?"
            )


def _deductions(
    sample: Sample, table: RawTable, found: Matches, decimal: str, known: Mapping[str, Any]
) -> Iterator[str]:
    """Columns of what lowers the money, where prices are the money and nothing takes them off."""
    roles = table.hints.get("amount", {})
    if roles.get("each") not in found or roles.get("line") in found:
        return
    words = [plain_name(word) for word in table.hints.get("deductions", ())]
    taken = {match.column.name for match in found.values()}
    for column in sample.columns:
        name = plain_name(column.name)
        if column.name in taken or not any(word in name for word in words):
            continue
        texts = replace(column, values=column.values.str.rstrip(" %"))
        values = numbers_of(texts, table, decimal)
        rows = values.notna() & (values != 0)
        if rows.any() and column.name not in str(known):
            yield (
                f"{column.name}: {counted(int(rows.sum()), len(rows))} values are not zero, such "
                f"as {examples(column.values[rows], 2)}{table.note('deductions')}"
            )


def money_of(table: RawTable, found: Matches, decimal: str) -> pd.Series | None:
    """The money of each line."""
    roles = table.hints.get("amount", {})
    if roles.get("line") in found:
        return numbers_of(found[roles["line"]].column, table, decimal)
    if roles.get("each") not in found:
        return None
    each = numbers_of(found[roles["each"]].column, table, decimal)
    if roles["number"] not in found:
        return each
    return each * numbers_of(found[roles["number"]].column, table, decimal)


def _prefixes(
    proposal: Proposal,
    table: RawTable,
    found: Matches,
    decimal: str,
    known: Mapping[str, Any],
) -> None:
    """Numbers that begin with letters where most have none."""
    money = money_of(table, found, decimal)
    for ours, hint in table.hints.get("prefixes", {}).items():
        if ours not in found:
            continue
        values = found[ours].column.values
        letters = values.str.extract(r"^([A-Za-z]{1,3})(?=[0-9]+$)", expand=False)
        plain = values.str.fullmatch(r"[0-9]+").eq(True).sum()
        for prefix, number in letters.value_counts().items():
            if number >= plain:
                continue
            rows = letters == prefix
            above = 0 if money is None else int((money[rows] > 0).sum())
            said = (
                f"{counted(int(number), len(values))} lines have in {found[ours].column.name} a "
                f"number that begins with {prefix}, such as {examples(values[rows], 1)}"
            )
            settings = [name for name, value in known.items() if value == prefix]
            if settings:
                proposal.odd.append(f"{said}; the known format has {settings[0]}: {prefix}")
            elif not above:
                proposal.odd.append(f"{said}; their amounts are not above zero")
            else:
                proposal.ask(
                    f"{said}; {above:,} of them have an amount above zero and count as all others. "
                    f"Does {prefix} mark something else?",
                    Choice(hint["setting"], str(prefix), f"it marks {hint['meaning']}"),
                )


def _likenesses(
    proposal: Proposal, table: RawTable, found: Matches, known: Mapping[str, Any]
) -> None:
    """Ids of customers that differ in upper and lower case or in blanks alone."""
    ours = table.hints.get("owner", "")
    if ours not in found or found[ours].column.kind != "text":
        return
    column = found[ours].column
    setting = f"{table.name}_columns"
    ids = pd.Series(column.filled.unique(), dtype="object")
    plain = ids.str.lower().str.replace(r"\s+", "", regex=True)
    alike = plain.duplicated(keep=False)
    if not alike.any():
        return
    groups = ids[alike].groupby(plain[alike])
    example = " and ".join(repr(item) for item in next(iter(groups))[1][:2])
    said = (
        f"{column.name}: {counted(int(alike.sum()), len(ids))} ids differ from another one in "
        f"upper and lower case or blanks alone, such as {example}"
    )
    mapped = {**known.get(setting, {}), **proposal.settings.get(setting, {})}.get(ours, "")
    if "lower(" in mapped:
        proposal.odd.append(f"{said}; they are made one customer")
    else:
        proposal.ask(
            f"{said}. Is each pair one customer?",
            Choice(
                setting,
                {ours: f"lower(regexp_replace({quoted(column.name)}, '[ ]+', ''))"},
                "it is",
            ),
        )


def _pieces(proposal: Proposal, table: RawTable, found: Matches, decimal: str) -> None:
    """Numbers of pieces that are not whole, which are rejected."""
    hint = table.hints.get("whole", {})
    if hint.get("column") not in found:
        return
    column = found[hint["column"]].column
    values = numbers_of(column, table, decimal)
    parts = values.notna() & (values % 1 != 0)
    if not parts.any():
        return
    said = (
        f"{column.name}: {counted(int(parts.sum()), len(values))} values are not whole, such as "
        f"{examples(column.values[parts], 2)}"
    )
    if table.hints.get("amount", {}).get("line") in found:
        proposal.set(f"{table.name}_columns", {hint["column"]: "1"})
        proposal.say(
            f"{said}, so it is a measure and no number of pieces; each line counts as one piece",
            is_sure=False,
        )
    else:
        proposal.odd.append(f"{said}; these lines are rejected as {hint['rejected']}")


def is_email(column: Column) -> bool:
    """Whether most values are e-mail addresses."""
    if column.kind != "text" or not len(column.filled):
        return False
    some = column.filled.iloc[:1000]
    return bool(
        some.map(lambda text: re.fullmatch(r"\S+@\S+[.]\S+", text) is not None).mean() > 0.5
    )
