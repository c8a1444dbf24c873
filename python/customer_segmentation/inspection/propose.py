"""Vars for raw data, proposed from a sample of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from customer_segmentation.inspection.known import KnownFormat, RawTable
from customer_segmentation.inspection.matching import (
    ONLY_DECIMALS,
    Match,
    candidates,
    is_of_the_order,
    match_columns,
    may_be_pieces,
    named_as,
)
from customer_segmentation.inspection.oddities import add_oddities, is_email
from customer_segmentation.inspection.proposal import Choice, Proposal
from customer_segmentation.inspection.sample import Sample, counted, examples
from customer_segmentation.inspection.states import add_filter, quoted
from customer_segmentation.inspection.values import add_numbers, add_times

_CARRIED = 0.05
# Of a column alone, or of one in small letters: what the values of a known format are looked at by.
_SIMPLE = re.compile(r"(?:lower\(trim\()?`?([^`()]+)`?(?:\)\))?")


def propose(sample: Sample, table: RawTable, source: str) -> Proposal:
    """The vars by which a raw table reads what the sample is of.

    Args:
        sample: Some of its rows.
        table: The raw table of a domain.
        source: The value of the var that says where the raw data are.
    """
    proposal = Proposal(sure=list(sample.sure), guessed=list(sample.guessed), odd=list(sample.odd))
    proposal.set(f"{table.name}_source", source)
    if sample.csv:
        proposal.set(f"{table.name}_csv", dict(sample.csv))
    known = known_format(sample, table)
    if known is None:
        found = match_columns(sample, table)
        _drop_repeated(proposal, table, found)
        _ask_for_pieces(proposal, sample, table, found)
    else:
        found = _columns_of_format(sample, table, known)
        proposal.set(table.format_setting, known.name)
        proposal.say(f"known format {known.name}: it has all of its columns", is_sure=True)
    decimal = add_numbers(proposal, table, found)
    if known is None:
        _add_columns(proposal, table, found)
        _ask_for_missing(proposal, sample, table, found)
    add_times(proposal, sample, table, found)
    if known is None or f"{table.name}_filter" not in known.settings:
        add_filter(proposal, sample, table, found)
    if known is None:
        _add_carried(proposal, table, found)
    add_oddities(proposal, sample, table, found, decimal, {} if known is None else known.settings)
    proposal.settings = _in_order(proposal, table)
    return proposal


def best_table(sample: Sample, tables: Sequence[RawTable]) -> RawTable:
    """The raw table of whose needed columns the sample has the largest part.

    Of several with an equal part, the one with most columns that the sample has by name.
    """

    def score(table: RawTable) -> tuple[bool, float, int]:
        if known_format(sample, table) is not None:
            return True, 1.0, len(table.columns)
        found = match_columns(sample, table)
        there = [name in found for name in table.needed]
        if table.one_of:
            there.append(any(name in found for name in table.one_of))
        named = sum(match.is_sure for match in found.values())
        return False, sum(there) / max(1, len(there)), named

    return max(tables, key=score)


def known_format(sample: Sample, table: RawTable) -> KnownFormat | None:
    """The known format all of whose columns the sample has, of several the one with most."""
    names = {name.lower() for name in sample.names}
    fitting = [
        known
        for known in table.formats
        if known.needed <= names
        and all(name in known.columns or name in names for name in table.needed)
        and any(name in known.columns or name in names for name in table.one_of)
    ]
    return max(fitting, key=lambda known: len(known.needed), default=None)


def _columns_of_format(sample: Sample, table: RawTable, known: KnownFormat) -> dict[str, Match]:
    """Our columns that are one of theirs in the format, or have our name."""
    found = {}
    for ours in table.columns:
        simple = _SIMPLE.fullmatch(known.columns.get(ours, ours))
        column = sample.column(simple[1]) if simple else None
        if column is not None:
            found[ours] = Match(column, True)
    return found


def _drop_repeated(proposal: Proposal, table: RawTable, found: dict[str, Match]) -> None:
    """Take no money for that of a line which stands on each line of its order."""
    roles = table.hints.get("amount", {})
    line = roles.get("line", "")
    order = found.get(table.hints.get("order", ""))
    if line not in found or not is_of_the_order(found[line].column, order):
        return
    column = found.pop(line).column
    said = (
        f"{column.name} is the same on all lines of nearly every order that has several: it is "
        "money of the order and would count once for each line"
    )
    if roles["each"] in found:
        proposal.odd.append(f"{said}; it is left out")
    else:
        proposal.ask(
            f"{said}. Which column is the money of a line?",
            Choice(f"{table.name}_columns", {line: column.name}, "it is money of the line"),
        )


def _ask_for_pieces(
    proposal: Proposal, sample: Sample, table: RawTable, found: dict[str, Match]
) -> None:
    """Take no money without a name for that of the line where another column may be the pieces."""
    roles = table.hints.get("amount", {})
    line = roles.get("line", "")
    if line not in found or found[line].reason != ONLY_DECIMALS or roles["number"] in found:
        return
    pieces = may_be_pieces(sample, table, found)
    if not pieces:
        return
    money = found.pop(line).column.name
    setting = f"{table.name}_columns"
    proposal.ask(
        f"Is {money} the money of a line or of one piece? It is {ONLY_DECIMALS}, and "
        f"{' or '.join(pieces[:3])} may be the number of pieces.",
        Choice(setting, {line: money}, "of the line"),
        *(
            Choice(setting, {roles["each"]: money, roles["number"]: name}, "of one piece")
            for name in pieces[:3]
        ),
    )


def _add_columns(proposal: Proposal, table: RawTable, found: dict[str, Match]) -> None:
    setting = f"{table.name}_columns"
    named = []
    for ours, match in found.items():
        column = match.column
        if ours == table.hints.get("owner") and is_email(column):
            proposal.set(setting, {ours: f"lower(trim({quoted(column.name)}))"})
            proposal.say(
                f"{ours} is {column.name} in small letters: e-mail addresses that differ in case "
                "are one",
                is_sure=False,
            )
            continue
        if column.name.lower() != ours:
            is_plain = column.name == column.name.strip() and "`" not in column.name
            name = column.name if is_plain else quoted(column.name)
            proposal.set(setting, {ours: name})
        if match.is_sure:
            named.append(f"{ours} = {column.name}" if column.name != ours else ours)
        else:
            proposal.say(f"{ours} is {column.name}: {match.reason}", is_sure=False)
    if named:
        proposal.say(f"columns by their names: {', '.join(named)}", is_sure=True)
    absent = [
        f"{ours} ({without})"
        for ours, without in table.optional.items()
        if without and ours not in found
    ]
    if absent:
        proposal.say(f"there is no {', '.join(absent)}", is_sure=True)


def _ask_for_missing(
    proposal: Proposal, sample: Sample, table: RawTable, found: dict[str, Match]
) -> None:
    setting = f"{table.name}_columns"
    missing = [[name] for name in table.needed if name not in found]
    is_asked = any(setting in question.settings for question in proposal.questions)
    if table.one_of and not is_asked and not any(name in found for name in table.one_of):
        missing.append(list(table.one_of))
    for names in missing:
        choices = [
            Choice(setting, {name: other})
            for name in names
            for other in candidates(sample, table, name, found)
        ]
        named = _named_but_unread(sample, table, names, found)
        if named:
            proposal.ask(named, *choices[:6])
            continue
        them = "these may be, by what stands in them" if choices else "none looks like it"
        proposal.ask(
            f"Which column is {' or '.join(names)}? No name says so; {them}. The columns are "
            f"{', '.join(sample.names)}.",
            *choices[:6],
        )


def _named_but_unread(
    sample: Sample, table: RawTable, names: Sequence[str], found: dict[str, Match]
) -> str:
    """A question about a column of the right name whose values cannot be read; empty for none."""
    for ours in names:
        column = named_as(sample, table, ours, found)
        if column is None:
            continue
        what = "date" if ours in table.times else "number"
        said = (
            f"How is {column.name} read as {ours}? Its values, such as {examples(column.filled)}, "
            f"are no {what}s in a form that is known. Map {ours} in the var {table.name}_columns "
            f"to a SQL expression that makes {what}s of them"
        )
        pattern = table.times.get(ours)
        if pattern:
            return f"{said}, or to {column.name} and set the var {pattern} to their pattern."
        return f"{said}."
    return ""


def _add_carried(proposal: Proposal, table: RawTable, found: dict[str, Match]) -> None:
    """Columns that most lines of an order leave empty, for one of its lines has the value."""
    hint = table.hints.get("of_the_order", {})
    order = found.get(table.hints.get("order", ""))
    if not hint or order is None:
        return
    orders = order.column.values
    carried = []
    for ours in hint["columns"]:
        if ours not in found:
            continue
        values = found[ours].column.values
        there = values.notna().groupby(orders).transform("max").eq(True)
        rows = values.isna() & there
        if rows.mean() >= _CARRIED:
            carried.append(ours)
            proposal.say(
                f"{found[ours].column.name}: {counted(int(rows.sum()), len(rows))} lines have none "
                "where another line of their order has; they take it from there",
                is_sure=False,
            )
    if carried:
        proposal.set(hint["setting"], carried)


def _in_order(proposal: Proposal, table: RawTable) -> dict[str, Any]:
    """The settings as one reads them: the source, how it is written, the columns, then the rest."""
    first = [
        f"{table.name}_source",
        f"{table.name}_csv",
        table.format_setting,
        f"{table.name}_numbers",
        f"{table.name}_columns",
        *table.times.values(),
    ]
    settings = proposal.settings
    names = [name for name in first if name in settings]
    return {
        name: settings[name] for name in [*names, *(name for name in settings if name not in names)]
    }
