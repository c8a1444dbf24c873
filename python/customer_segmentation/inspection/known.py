"""What the domains that are on know of their raw tables."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

# By code, the signs and words besides it that stand for a currency, in small letters.
Currencies = Mapping[str, Sequence[str]]

_QUOTED = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class KnownFormat:
    """An export whose columns and conventions a domain knows.

    Args:
        name: As the setting takes it.
        columns: Our columns to SQL expressions over those of the export.
        settings: All that it sets, these columns among it.
    """

    name: str
    columns: Mapping[str, str]
    settings: Mapping[str, Any]

    @property
    def needed(self) -> set[str]:
        """The columns that its expressions name, in small letters."""
        texts = [*self.columns.values(), *map(str, self.settings.values())]
        quoted = {name for text in texts for name in _QUOTED.findall(text)}
        plain = {text for text in self.columns.values() if re.fullmatch(r"\w+", text)}
        return {name.lower() for name in quoted | plain}


@dataclass(frozen=True)
class RawTable:
    """A raw table of a domain, and what its domain knows of it.

    Args:
        name: Of the raw table; its settings begin with it.
        domain: That it belongs to.
        columns: Ours.
        optional: Those that may be absent, to what a run does without.
        one_of: Columns of which one is needed.
        numbers: Those that are numbers.
        times: Those that are times, to the setting with the pattern.
        hints: What the macro ``<domain>_inspection`` says of the table.
        rates: The raw table with rates of currencies, empty for none.
        formats: Known formats.
        format_setting: The setting that names a known format.
        settings: Names of all settings of the domain.
        currencies: Signs and words by code.
    """

    name: str
    domain: str
    columns: Sequence[str]
    optional: Mapping[str, str]
    one_of: Sequence[str]
    numbers: Sequence[str]
    times: Mapping[str, str]
    hints: Mapping[str, Any]
    rates: str = ""
    formats: Sequence[KnownFormat] = ()
    format_setting: str = ""
    settings: Sequence[str] = ()
    currencies: Currencies = field(default_factory=dict)

    @property
    def needed(self) -> list[str]:
        """Our columns that cannot be done without, beside one of ``one_of``."""
        return [
            name for name in self.columns if name not in self.optional and name not in self.one_of
        ]

    def names_of(self, column: str, key: str = "names") -> list[str]:
        """What our column may be called, plain, by preference."""
        return [plain_name(name) for name in self.hints.get(key, {}).get(column, ())]

    def note(self, key: str) -> str:
        """What becomes of rows that were found odd, in the words of the domain."""
        said = self.hints.get("notes", {}).get(key, "")
        return f": {said}" if said else ""


def plain_name(name: str) -> str:
    """A name without case, accents, blanks and signs."""
    split = unicodedata.normalize("NFKD", name.lower().replace("ß", "ss").replace("n°", "no"))
    return re.sub(
        r"[^a-z0-9]", "", "".join(sign for sign in split if not unicodedata.combining(sign))
    )


def raw_tables_of(
    domain: str, answers: Mapping[str, Any], currencies: Currencies
) -> list[RawTable]:
    """The raw tables of a domain.

    Args:
        domain: Its name.
        answers: What its macros say, by the end of their names: ``raw_tables``, ``inspection``,
            ``formats`` and ``settings``, where there are such.
        currencies: Signs and words by code.
    """
    hints = answers.get("inspection") or {}
    settings = answers.get("settings") or {}
    return [
        RawTable(
            name=name,
            domain=domain,
            columns=tuple(entry["columns"]),
            optional=dict(entry.get("optional", {})),
            one_of=tuple(entry.get("one_of", ())),
            numbers=tuple(entry.get("numbers", ())),
            times=dict(entry.get("times", {})),
            hints=hints.get(name, {}),
            rates=entry.get("rates", ""),
            formats=_formats(name, answers.get("formats") or {}),
            format_setting=f"{domain}_format" if f"{domain}_format" in settings else "",
            settings=tuple(settings),
            currencies=currencies,
        )
        for name, entry in (answers.get("raw_tables") or {}).items()
    ]


def _formats(name: str, formats: Mapping[str, Any]) -> list[KnownFormat]:
    return [
        KnownFormat(format_name, settings[f"{name}_columns"], settings)
        for format_name, settings in formats.items()
        if f"{name}_columns" in settings
    ]
