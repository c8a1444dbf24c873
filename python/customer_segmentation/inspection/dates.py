"""Which pattern the dates of a column have."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import pandas as pd

_TIME = (
    r"(?:(?P<before>,? +|T|, *)(?P<hour>[0-9]{1,2}):[0-9]{2}(?P<second>:[0-9]{2})?"
    r"(?P<fraction>[.][0-9]{1,9})?(?P<half> ?[AaPp][Mm])?)?"
    r"(?P<offset> ?(?:Z|UTC|[-+][0-9]{2}:?[0-9]{2}))?$"
)
_YEAR = "(?P<year>[0-9]{4}|[0-9]{2})"
_NUMERIC = re.compile(
    rf"^(?P<one>[0-9]{{1,2}})(?P<sign>[-/.])(?P<two>[0-9]{{1,2}})(?P=sign){_YEAR}{_TIME}"
)
_YEAR_FIRST = re.compile(
    rf"^[12][0-9]{{3}}(?P<sign>[-/.])(?P<one>[0-9]{{1,2}})(?P=sign)(?P<two>[0-9]{{1,2}}){_TIME}"
)
_MONTH = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_FULL = "January|February|March|April|May|June|July|August|September|October|November|December"
_NAME = f"(?P<month>{_FULL}|{_MONTH})"
_NAMED = (
    (
        rf"^[0-9]{{1,2}}(?P<sign>[-/. ]){_NAME}(?P<sign2>,?[-/. ]){_YEAR}",
        "d{sign}{month}{sign2}{year}",
    ),
    (rf"^{_NAME}(?P<sign> )[0-9]{{1,2}}(?P<sign2>,? ){_YEAR}", "{month}{sign}d{sign2}{year}"),
)
# Seconds, milli-, micro- or nanoseconds since 1970.
UNIX = r"(?:[0-9]{10}|[0-9]{13}|[0-9]{16}|[0-9]{19})"
_COMPACT = {8: "yyyyMMdd", 12: "yyyyMMddHHmm", 14: "yyyyMMddHHmmss"}
_COMPACT_DATE = re.compile(r"^(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")
_LATE_SHARE = 0.01


@dataclass(frozen=True)
class Dates:
    """How the texts of a column write dates.

    Args:
        patterns: Spark's patterns that read them: one, two where the order of day and month is not
            known, the day first; none where they are read without one, or by none.
        reason: Why these.
        dated: How many texts are dates as most are.
        others: Texts that are not, with their number.
        day_first: Texts that can only have the day first.
        month_first: Texts that can only have the month first.
        is_inferred: Whether the order of day and month is that of another column.
    """

    patterns: tuple[str, ...]
    reason: str
    dated: int
    others: pd.Series
    day_first: int = 0
    month_first: int = 0
    is_inferred: bool = False


def dates_of(values: pd.Series) -> Dates | None:
    """The pattern of texts that are dates in their most; None where they are not.

    Args:
        values: Texts, none missing.
    """
    counts = values.value_counts()
    shapes = {text: shape_of(text) for text in counts.index}
    by_shape: Counter[str] = Counter()
    for text, number in counts.items():
        if shapes[text]:
            by_shape[shapes[text]] += int(number)
    if not by_shape or sum(by_shape.values()) < 0.5 * len(values):
        return None
    shape = _joined(by_shape)
    family = {other for other in by_shape if _is_read_by(other, shape)}
    others = counts[[text for text in counts.index if shapes[text] not in family]]
    dated = sum(by_shape[other] for other in family)
    if "?" not in shape:
        return Dates(*_without_order(shape, dated, len(values)), dated, others)
    day, month = _orders(counts, shapes, family)
    return _ordered(shape, dated, others, day, month, counts)


def shape_of(text: str) -> str:
    """The pattern of a date, `?` in place of day and month where their order is not known.

    Empty for what is no date; `ISO` and `Unix` for those that are read without a pattern.
    """
    numeric = _NUMERIC.match(text)
    if numeric:
        year = "y" * len(numeric["year"])
        return f"?{numeric['sign']}?{numeric['sign']}{year}{_time(numeric)}"
    first = _YEAR_FIRST.match(text)
    if first and int(first["one"]) <= 12 and int(first["two"]) <= 31:
        time = _time(first)
        if first["sign"] == "-" and "a" not in time and "," not in time:
            return "ISO"
        return f"yyyy{first['sign']}M{first['sign']}d{time}"
    if re.fullmatch(UNIX, text):
        return "Unix"
    if text.isascii() and text.isdigit() and len(text) in _COMPACT and _COMPACT_DATE.match(text):
        return _COMPACT[len(text)]
    for pattern, written in _NAMED:
        named = re.match(pattern + _TIME, text, re.IGNORECASE)
        if named:
            month = (
                "MMMM"
                if re.fullmatch(_FULL, named["month"], re.IGNORECASE)
                and named["month"].lower() != "may"
                else "MMM"
            )
            return written.format(
                sign=named["sign"],
                sign2=named["sign2"],
                month=month,
                year="y" * len(named["year"]),
            ) + _time(named)
    return ""


def _time(found: re.Match[str]) -> str:
    if not found["hour"]:
        return ""
    before = "'T'" if found["before"] == "T" else found["before"]
    half = found["half"] or ""
    return (
        f"{before}{'h' if half else 'H'}:mm{':ss' if found['second'] else ''}"
        f"{'.' + 'S' * (len(found['fraction']) - 1) if found['fraction'] else ''}"
        f"{' a' if ' ' in half else 'a' if half else ''}{_offset(found['offset'])}"
    )


def _offset(text: str | None) -> str:
    if not text:
        return ""
    blank = " " if text.startswith(" ") else ""
    if text.strip() in ("Z", "UTC"):
        return f"{blank}VV"
    return f"{blank}{'XXX' if ':' in text else 'XX'}"


def _joined(by_shape: Counter[str]) -> str:
    """The shape of most; where some dates lack the time, one in which it may be left out."""
    shape = by_shape.most_common(1)[0][0]
    longer = [other for other in by_shape if other.startswith(shape) and other != shape]
    if longer and shape not in ("ISO", "Unix"):
        longest = max(longer, key=lambda other: by_shape[other])
        return f"{shape}[{longest[len(shape) :]}]"
    date = re.match(r"[^ ,HhT']+(?=[ ,']*[Hh'])", shape)
    if date and by_shape.get(date[0]):
        return f"{date[0]}[{shape[len(date[0]) :]}]"
    return shape


def _is_read_by(other: str, shape: str) -> bool:
    if "[" not in shape:
        return other == shape
    date, _, rest = shape.partition("[")
    return other in (date, date + rest.removesuffix("]"))


def _without_order(shape: str, dated: int, rows: int) -> tuple[tuple[str, ...], str]:
    if shape == "ISO":
        return (), "year, month and day in this order (ISO 8601), read without a pattern"
    if shape == "Unix":
        return (), "Unix times, read without a pattern"
    return (shape,), f"{dated:,} of {rows:,} dates are written so"


def _orders(counts: pd.Series, shapes: dict[str, str], family: set[str]) -> tuple[int, int]:
    """How many texts can only have the day first, and how many only the month."""
    day = month = 0
    for text, number in counts.items():
        if shapes[text] in family and (found := _NUMERIC.match(text)):
            one, two = int(found["one"]), int(found["two"])
            day += int(number) * (12 < one <= 31 and two <= 12)
            month += int(number) * (12 < two <= 31 and one <= 12)
    return day, month


def _ordered(
    shape: str, dated: int, others: pd.Series, day: int, month: int, counts: pd.Series
) -> Dates:
    """Which of day and month is first, by the texts that have only one order."""
    day_first = shape.replace("?", "d", 1).replace("?", "M", 1)
    month_first = shape.replace("?", "M", 1).replace("?", "d", 1)
    if day and month <= _LATE_SHARE * day:
        said = f"{day:,} of {dated:,} dates can only have the day first, {month:,} only the month"
        return Dates((day_first,), said, dated, others, day, month)
    if month and day <= _LATE_SHARE * month:
        said = f"{month:,} of {dated:,} dates can only have the month first, {day:,} only the day"
        return Dates((month_first,), said, dated, others, day, month)
    if not day and not month:
        said = f"each of the {dated:,} dates, such as {counts.index[0]}, has two readings"
    else:
        said = f"{day:,} dates can only have the day first, {month:,} only the month"
    return Dates((day_first, month_first), said, dated, others, day, month)
