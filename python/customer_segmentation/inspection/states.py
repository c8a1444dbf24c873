"""Which rows are what the raw table is about: states, flags and currencies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from customer_segmentation.inspection.known import RawTable, plain_name
from customer_segmentation.inspection.matching import Matches
from customer_segmentation.inspection.proposal import Choice, Proposal
from customer_segmentation.inspection.sample import Column, Sample, counted

_MOST_STATES = 40
# Of a word that says what a longer state is about, as in `cancelled by customer`.
_LEAST_LETTERS = 8
_TRUE = ("1", "true", "yes", "y", "t", "ja", "oui", "si")


@dataclass(frozen=True)
class _Part:
    """A part of the condition, and what else it may be.

    Args:
        condition: In SQL, empty for none.
        question: What the user must decide, empty for nothing.
        others: Conditions in its place, with what they mean.
    """

    condition: str
    question: str = ""
    others: tuple[tuple[str, str], ...] = ()


def add_filter(proposal: Proposal, sample: Sample, table: RawTable, found: Matches) -> None:
    """Propose the condition that holds for the rows that count."""
    setting = f"{table.name}_filter"
    if setting not in table.settings:
        return
    taken = {match.column.name for match in found.values()}
    parts = [
        part
        for column in sample.columns
        if column.name not in taken
        for find in (_of_states, _of_flags)
        if (part := find(proposal, column, table)) is not None
    ]
    currency = found.get(table.hints.get("currency", ""))
    if currency is not None:
        part = _of_currencies(proposal, currency.column, table)
        parts += [part] if part is not None else []
    condition = " and ".join(part.condition for part in parts if part.condition)
    if condition:
        proposal.set(setting, condition)
    for part in parts:
        if part.question:
            choices = []
            for other, means in part.others:
                others = [other if item is part else item.condition for item in parts]
                choices.append(Choice(setting, " and ".join(filter(None, others)), means))
            proposal.ask(part.question, *choices)


def quoted(name: str) -> str:
    """A raw column in SQL."""
    return f"`{name.replace('`', '``')}`"


def _text(column: Column) -> str:
    """A raw column as text in SQL, empty where it is missing."""
    name = quoted(column.name)
    return f"coalesce({name if column.kind == 'text' else f'cast({name} as string)'}, '')"


def _in_list(values: list[str]) -> str:
    return ", ".join("'" + value.replace("'", "\\'") + "'" for value in sorted(values))


def _of_states(proposal: Proposal, column: Column, table: RawTable) -> _Part | None:
    hints = table.hints.get("state", {})
    counts = column.filled.str.lower().value_counts()
    if not _is_one_of(column, hints.get("names", ())) or len(counts) > _MOST_STATES:
        return None
    none, doubtful = (
        [state for state in counts.index if plain_name(state) in map(plain_name, hints[key])]
        for key in ("none", "doubtful")
    )
    parts = [plain_name(word) for key in ("none", "doubtful") for word in hints[key]]
    parts = [word for word in parts if len(word) >= _LEAST_LETTERS]
    doubtful += [
        state
        for state in counts.index.drop([*none, *doubtful])
        if any(word in plain_name(state) for word in parts)
    ]
    rows = len(column.values)
    excluded = f"lower(trim({_text(column)})) not in"
    if none:
        proposal.say(
            f"{counted(int(counts[none].sum()), rows)} rows are left out, for their {column.name} "
            f"is {' or '.join(none)}; others have {_shown(counts.drop(none))}",
            is_sure=False,
        )
    elif not doubtful and len(counts) > 1:
        proposal.odd.append(f"{column.name} has {_shown(counts)}; all of these rows count")
    condition = f"{excluded} ({_in_list(none)})" if none else ""
    if not doubtful:
        return _Part(condition)
    return _Part(
        condition,
        f"Do rows count whose {column.name} is {' or '.join(doubtful)}? There are "
        f"{counted(int(counts[doubtful].sum()), rows)}; they count as all others unless they are "
        "left out.",
        ((f"{excluded} ({_in_list([*none, *doubtful])})", "they do not count"),),
    )


def _is_one_of(column: Column, names: Iterable[str]) -> bool:
    return plain_name(column.name) in map(plain_name, names)


def _shown(counts: pd.Series) -> str:
    shown = [f"{state} ({number:,})" for state, number in counts.iloc[:6].items()]
    return ", ".join(shown) + (f" and {len(counts) - 6} more" if len(counts) > 6 else "")


def _of_flags(proposal: Proposal, column: Column, table: RawTable) -> _Part | None:
    condition, rows = "", 0
    is_doubtful = _is_one_of(column, table.hints.get("doubtful_flags", ()))
    if is_doubtful or _is_one_of(column, table.hints.get("flags", ())):
        states = column.filled.str.lower()
        found = [state for state in states.unique() if state in _TRUE]
        if found and states.nunique() <= len(_TRUE):
            condition, rows = (
                f"lower({_text(column)}) not in ({_in_list(found)})",
                states.isin(found).sum(),
            )
    elif _is_one_of(column, table.hints.get("times_of_none", ())) and len(column.filled):
        condition, rows = f"{_text(column)} = ''", len(column.filled)
    if not condition:
        return None
    if is_doubtful:
        return _Part(
            "",
            f"Do rows count that are {column.name}? There are "
            f"{counted(int(rows), len(column.values))}; they count as all others unless they are "
            "left out.",
            ((condition, "they do not count"),),
        )
    said = f"{counted(int(rows), len(column.values))} rows are left out, by {column.name}"
    proposal.say(said, is_sure=False)
    return _Part(condition)


def _of_currencies(proposal: Proposal, column: Column, table: RawTable) -> _Part | None:
    """One currency of those that a column of ours names, where there are several."""
    counts = column.filled.str.upper().value_counts()
    if len(counts) == 1:
        proposal.say(f"all amounts are in {counts.index[0]}, by {column.name}", is_sure=True)
    if len(counts) < 2:
        return None
    rates = (
        f"Give rates in the var {table.rates}_source, or take the rows of one"
        if table.rates
        else "Convert them before, or take the rows of one"
    )
    return _Part(
        "",
        f"In which currency are the amounts that count? {column.name} has {_shown(counts)}, and "
        f"amounts in several currencies cannot be added. {rates}.",
        tuple(
            (f"upper(trim({_text(column)})) = {_in_list([name])}", f"rows in {name}")
            for name in counts.index[:5]
        ),
    )
