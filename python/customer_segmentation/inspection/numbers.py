"""The notation of the numbers of a column, by the rules of macros/parsing/plain_number.sql."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from customer_segmentation.inspection.known import Currencies

_GROUPS = "(?: [0-9]{3})+|(?:'[0-9]{3})+"
_COMMAS = "(?:[,][0-9]{3})+|(?:,[0-9]{2})+,[0-9]{3}"
_POINTS = "(?:[.][0-9]{3})+"
_EXPONENT = "(?:[eE][-+]?[0-9]+)?$"
# Those of the macros notation_pattern and ambiguous_pattern.
WITH_POINT = f"^[-+]?(?:[1-9][0-9]{{0,2}}(?:{_GROUPS}|{_COMMAS})|[0-9]+)?(?:[.][0-9]*)?{_EXPONENT}"
WITH_COMMA = f"^[-+]?(?:[1-9][0-9]{{0,2}}(?:{_GROUPS}|{_POINTS})|[0-9]+)?(?:[,][0-9]*)?{_EXPONENT}"
AMBIGUOUS = "^[-+]?[1-9][0-9]{0,2}[.,][0-9]{3}$"
# Those of the macros ascii_number, bare_number and without_pieces.
_ASCII = {
    **dict.fromkeys("\t\u00a0\u2002\u2003\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " "),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d", "-"),
    **dict.fromkeys("\u2018\u2019\u02bc\u00b4`", "'"),
    **dict.fromkeys("\u200b\u200e\u200f\u2060\u202a\u202c\ufeff", ""),
}
_PIECES = (
    r"(?i)([0-9)]) *(?:pcs?|pces?|pieces?|pièces?|st|stk|stck|stück|szt|ks|pzas?|pz|uds?|un|units?|"
    r"ea|each|шт|x)[.]?$"
)
_SIGNS = "$€£¥₪₹₩₦₱₨₽฿₺₴₫"


@dataclass(frozen=True)
class Notation:
    """How the texts of a column write numbers.

    Args:
        numbers: Texts that are numbers.
        points: Texts with a decimal point or a thousands comma, without doubt.
        commas: Texts with a decimal comma or a thousands point, without doubt.
        unclear: Texts that fit both, as 1.234 and 1,000.
        unread: Texts that are no number, with their number.
        marks: Signs, words and codes of currencies, in small letters.
    """

    numbers: int
    points: int
    commas: int
    unclear: pd.Series
    unread: pd.Series
    marks: frozenset[str]

    @property
    def stops(self) -> bool:
        """Whether a build stops at the column unless a setting says which sign is decimal."""
        return bool(len(self.unclear)) and (self.commas > 0 or self.points == 0)


def notation_of(values: pd.Series, currencies: Currencies) -> Notation:
    """The notation of texts that are mostly numbers.

    Args:
        values: Texts, none missing.
        currencies: All that there are.
    """
    counts = values.value_counts()
    texts = pd.Series(counts.index, dtype="object")
    weights = counts.to_numpy()
    # Most texts are digits and a sign, and need no look at what stands around them.
    plain = texts.str.fullmatch(r"[-+]?[0-9.,]+").to_numpy(dtype=bool)
    around = [
        ("", text) if is_plain else bare(text, currencies)
        for text, is_plain in zip(texts, plain, strict=True)
    ]
    numbers = pd.Series([number for _, number in around], dtype="object")
    unclear = numbers.str.match(AMBIGUOUS).to_numpy(dtype=bool)
    point, comma = (
        numbers.str.match(pattern).to_numpy(dtype=bool)
        & numbers.str.contains("[0-9]").to_numpy(dtype=bool)
        for pattern in (WITH_POINT, WITH_COMMA)
    )
    signed = numbers.str.contains("[.,]").to_numpy(dtype=bool)
    return Notation(
        numbers=int(weights[point | comma].sum()),
        points=int(weights[point & signed & ~unclear].sum()),
        commas=int(weights[comma & signed & ~unclear & ~(point)].sum()),
        unclear=texts[unclear],
        unread=pd.Series(weights[~point & ~comma], index=texts[~point & ~comma]),
        marks=frozenset(mark for mark, _ in around if mark),
    )


def as_numbers(values: pd.Series, decimal: str, currencies: Currencies) -> pd.Series:
    """Texts as floating point numbers, NaN where one is none or missing.

    Args:
        values: Texts, some of them missing.
        decimal: The sign of decimals, for texts that fit both notations.
        currencies: All that there are.
    """
    known = {text: _number(text, decimal, currencies) for text in values.dropna().unique()}
    return values.map(known).astype("float64")


def bare(text: str, currencies: Currencies) -> tuple[str, str]:
    """The currency of a number as it is written, and the number without what stands around it."""
    ascii_text = "".join(_ASCII.get(character, character) for character in text).strip()
    mark = _mark(currencies)
    found = re.match(rf"(?i)^[-+(]? *({mark}) *[-+(]? *[0-9.,]", ascii_text)
    behind = re.search(rf"(?i)[0-9.,)-] *({mark}) *[-)]?$", ascii_text)
    number = re.sub(_PIECES, r"\1", ascii_text)
    for pattern, replacement in (
        (rf"(?i)^([-+(]?) *{mark} *", r"\1"),
        (rf"(?i) *{mark} *([-)]?)$", r"\1"),
        (r"([0-9])[.,]-{1,2}$", r"\1"),
        (r"^[(] *([^-+()]+?) *[)]$", r"-\1"),
        (r"^([^-+]*[^-+ ]) *-$", r"-\1"),
        (r"^([-+]) +", r"\1"),
    ):
        number = re.sub(pattern, replacement, number)
    named = found or behind
    return (named[1].lower().replace(".", "") if named else ""), number


def currency_of(marks: frozenset[str], currencies: Currencies) -> str | None:
    """A currency that all of some signs and codes may stand for, None where there is none."""
    for code, others in currencies.items():
        if marks <= {code.lower(), *others}:
            return code
    return None


def most_likely_currency(mark: str, marks: frozenset[str], currencies: Currencies) -> str:
    """The currency that a sign or code stands for: that of most others beside it, then best known.

    Empty where it stands for none.
    """
    may_be = {code: {code.lower(), *others} for code, others in currencies.items()}
    codes = [code for code, words in may_be.items() if mark in words]
    return max(codes, key=lambda code: (len(may_be[code] & marks), len(may_be[code])), default="")


def _number(text: str, decimal: str, currencies: Currencies) -> float:
    number = text if re.fullmatch(r"[-+]?[0-9.,]+", text) else bare(text, currencies)[1]
    patterns = {".": WITH_POINT, ",": WITH_COMMA}
    for sign in (decimal, "," if decimal == "." else "."):
        if re.match(patterns[sign], number) and re.search("[0-9]", number):
            return float(re.sub(rf"[^-+0-9eE{sign}]", "", number).replace(sign, "."))
    return float(np.nan)


_marks: dict[int, str] = {}


def _mark(currencies: Currencies) -> str:
    """A pattern of all signs, words and codes of currencies, long ones first."""
    key = id(currencies)
    if key not in _marks:
        words = {word for code, others in currencies.items() for word in (code.lower(), *others)}
        patterns = [
            re.escape(word) + ("" if word[-1] in _SIGNS else "[.]?")
            for word in sorted(words, key=lambda word: (-len(word), word))
        ]
        _marks[key] = f"(?:{'|'.join([*patterns, f'[a-z]{{0,3}}[{_SIGNS}]'])})"
    return _marks[key]
