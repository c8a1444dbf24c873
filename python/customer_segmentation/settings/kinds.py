"""The kinds of settings: for each, a function that says what is allowed where a value is not.

A value is what dbt makes of the YAML. ``allowed`` is what the entry of the setting allows: choices,
columns, measures or segmentations.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date as calendar_date
from itertools import pairwise
from typing import Any
from zoneinfo import available_timezones

from dbt_common.exceptions import DbtRuntimeError

from dbt_spark_python.csv_encoding import python_name

Kind = Callable[[Any, Sequence[str]], str | None]

_DECISIONS = ("promoted", "rolled_back")
_DATE = re.compile(r"[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
_MONTH = re.compile(r"[12][0-9]{3}-(0[1-9]|1[0-2])")
_WHOLE_NUMBER = re.compile(r"[0-9]+")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_WHOLE_PATH = re.compile(r"/|[A-Za-z][A-Za-z0-9+.-]*:")
_FILE = re.compile(r"[.]((csv|tsv|txt|json|jsonl|ndjson)([.](gz|bz2))?|parquet)/?$")
_OTHER_FILE = re.compile(r"[.](gz|bz2|zip|xlsx?|xml|orc|avro)$")
_CSV_OPTIONS = ("sep", "encoding", "quote", "escape", "comment")
_DECIMAL_SIGNS = (".", ",")
_THOUSANDS_SIGNS = (".", ",", " ", "'")
# Letters of Spark's datetime patterns.
_PATTERN_LETTERS = frozenset("GyuMLdahHkKmsS")
_OFFSET_AT_END = re.compile(r" *\[? *(X+|x+|Z+|z+|O+|VV)\]?$")
_LARGEST_CUT = 1e15
_LARGEST_NUMBER = 1e11


def choice(value: Any, allowed: Sequence[str]) -> str | None:
    """One of the texts in ``allowed``."""
    return None if value in tuple(allowed) else f"one of {_quoted(allowed)}"


def text(value: Any) -> str | None:
    """Any text."""
    return None if isinstance(value, str) else "a text; empty for none"


def texts(value: Any) -> str | None:
    """A list of any texts."""
    return None if _is_list_of_texts(value) else "a list of texts, as ['A', 'B']"


def date(value: Any) -> str | None:
    """A day from 1000 to 2999, or empty. YAML makes a date of one without quotes."""
    day = str(value)
    if day == "":
        return None
    if not _DATE.fullmatch(day):
        return "a date as 'yyyy-mm-dd' in quotes, or empty"
    try:
        calendar_date.fromisoformat(day)
    except ValueError:
        return "a date that exists in the calendar"
    return None


def month(value: Any) -> str | None:
    """A month from 1000 to 2999, or empty."""
    if value == "" or _MONTH.fullmatch(str(value)):
        return None
    return "a month as 'yyyy-mm' in quotes, or empty"


def whole_number(value: Any) -> str | None:
    """A number of things."""
    return None if _WHOLE_NUMBER.fullmatch(str(value)) else "a whole number, 0 or more"


def number(value: Any) -> str | None:
    """A number, or empty."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if value == "" or (is_number and abs(value) <= _LARGEST_NUMBER):
        return None
    return "a number without quotes, or empty"


def conditions(value: Any) -> str | None:
    """SQL conditions by the name of what they hold for."""
    if isinstance(value, Mapping) and all(
        str(name).strip() and isinstance(condition, str) and condition.strip()
        for name, condition in value.items()
    ):
        return None
    return "a SQL condition over your columns for each name, as {Comedy: '_c10 = 1'}"


def cut_points(value: Any, allowed: Sequence[str]) -> str | None:
    """Four ascending numbers for each measure, of those in ``allowed``, that is given."""
    if isinstance(value, Mapping) and all(
        measure in allowed and _are_cut_points(cuts) for measure, cuts in value.items()
    ):
        return None
    example = f"{{{allowed[0]}: [7, 30, 90, 180]}}"
    return f"for {', '.join(allowed)} four ascending numbers each, as {example}"


def date_pattern(value: Any) -> str | None:
    """A Spark datetime pattern of a whole date, or empty. What stands in quotes is literal."""
    if isinstance(value, str):
        local = _OFFSET_AT_END.sub("", re.sub("'[^']*'", "", value))
        letters = set(re.findall("[A-Za-z]", local))
        has_date = "d" in letters and letters & {"M", "L"} and letters & {"y", "u"}
        if value == "" or (has_date and letters <= _PATTERN_LETTERS):
            return None
    return (
        "a Spark datetime pattern with year (y), month (M) and day (d), and an offset or time zone "
        "only at its end, as 'd/M/yyyy H:mm', or empty"
    )


def time_zone(value: Any) -> str | None:
    """A time zone that both engines know, or empty."""
    if value == "" or (isinstance(value, str) and value in available_timezones()):
        return None
    return "the name of a time zone, as Europe/Berlin or UTC, or empty"


def raw_source(value: Any) -> str | None:
    """A relation, or the whole path of a file that Spark reads; empty for the sample."""
    if not isinstance(value, str):
        return "schema.table, or the path of a .parquet or .csv file, as text"
    source = value.strip()
    is_file, is_other = _FILE.search(source.lower()), _OTHER_FILE.search(source.lower())
    if not (is_file or is_other or "/" in source or ":" in source):
        return None if source.count(".") <= 1 else "schema.table in the session's own catalog"
    if is_other and not is_file:
        return (
            "files that end in .parquet, .csv, .tsv, .txt, .json, .jsonl or .ndjson, text also "
            "with .gz or .bz2; a folder of them, or a pattern as /data/*.csv"
        )
    if not _WHOLE_PATH.match(source):
        return "the whole path of the file, which begins with / or as s3a://"
    return None


def raw_columns(value: Any, allowed: Sequence[str]) -> str | None:
    """Our columns, which are ``allowed``, to names or SQL expressions of theirs."""
    ours = tuple(allowed)
    if not isinstance(value, Mapping):
        return f"{{our_column: SQL expression over yours}} with our_column one of {', '.join(ours)}"
    if any(name not in ours for name in value) and all(theirs in ours for theirs in value.values()):
        turned = ", ".join(f"{our}: {_in_yaml(theirs)}" for theirs, our in value.items())
        return f"our columns to yours: {{{turned}}}"
    unknown = [str(name) for name in value if name not in ours]
    if unknown:
        return f"for {', '.join(ours)} each a SQL expression over yours; not {', '.join(unknown)}"
    empty = [name for name, theirs in value.items() if not str(theirs or "").strip()]
    if empty:
        return f"a SQL expression over your columns for {', '.join(empty)}"
    return None


def share(value: Any) -> str | None:
    """A part of a whole."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return None if is_number and 0 <= value <= 1 else "a number from 0 to 1"


def some_of(value: Any, allowed: Sequence[str]) -> str | None:
    """Some of the texts in ``allowed``."""
    if _is_list_of_texts(value) and all(name in tuple(allowed) for name in value):
        return None
    return f"a list out of {_quoted(allowed)}"


def raw_csv(value: Any) -> str | None:
    """How a CSV file is written: options of Spark's reader, its header and the lines above it."""
    if isinstance(value, Mapping) and all(
        (name in _CSV_OPTIONS and isinstance(option, str))
        or (name == "skip_lines" and type(option) is int and option >= 0)
        or (name == "header" and isinstance(option, bool))
        for name, option in value.items()
    ):
        return _encoding_problem(value.get("encoding", "UTF-8"))
    return (
        f"texts for {', '.join(_CSV_OPTIONS)}, a number for skip_lines and true or false for "
        "header, as {sep: ';', encoding: windows-1252, skip_lines: 2}"
    )


def _encoding_problem(name: str) -> str | None:
    try:
        python_name(name)
    except DbtRuntimeError as error:
        return f"an encoding that is known. {error.msg}"
    return None


def raw_numbers(value: Any, allowed: Sequence[str]) -> str | None:
    """Signs of numbers that are text, and the one currency of ``allowed`` that they are in."""
    if not isinstance(value, Mapping) or not value.keys() <= {"decimal", "thousands", "currency"}:
        return "signs and a currency, as {decimal: ',', thousands: '.', currency: EUR}"
    if "decimal" in value and value["decimal"] == value.get("thousands"):
        return "one sign as decimal and another one as thousands"
    if value.get("decimal", ".") not in _DECIMAL_SIGNS:
        return f"for decimal one of {_quoted(_DECIMAL_SIGNS)}"
    if value.get("thousands", ".") not in _THOUSANDS_SIGNS:
        return f"for thousands one of {_quoted(_THOUSANDS_SIGNS)}; blanks are always read"
    if "currency" in value and value["currency"] not in tuple(allowed):
        return f"for currency a code of ISO 4217, one of {', '.join(allowed)}"
    return None


def switches(value: Any) -> str | None:
    """Names that are on or off."""
    if isinstance(value, Mapping) and all(
        isinstance(name, str) and _NAME.fullmatch(name) and isinstance(is_on, bool)
        for name, is_on in value.items()
    ):
        return None
    return "names in small letters, each true or false without quotes, as {loyalty: true}"


def segmentation_or_all(value: Any, allowed: Sequence[str]) -> str | None:
    """One of the segmentations in ``allowed``, all of them, or none."""
    if value in ("", "all", *allowed):
        return None
    return f"empty, 'all', or one of {_segmentations(allowed)}"


def segmentations(value: Any, allowed: Sequence[str]) -> str | None:
    """Some of the segmentations in ``allowed``."""
    if _is_list_of_texts(value) and all(name in allowed for name in value):
        return None
    return f"a list, as ['loyalty'], out of {_segmentations(allowed)}"


def overrides(value: Any, allowed: Sequence[str]) -> str | None:
    """Keys of the specification for some of the segmentations in ``allowed``."""
    if isinstance(value, Mapping) and all(
        name in tuple(allowed) and isinstance(keys, Mapping) for name, keys in value.items()
    ):
        return None
    return f"keys of the specification, as {{loyalty: {{k: 4}}}}, for {_segmentations(allowed)}"


def decisions(value: Any, allowed: Sequence[str]) -> str | None:
    """A model and a decision for some of the segmentations in ``allowed``."""
    if isinstance(value, Mapping) and all(
        name in tuple(allowed) and _is_decision(decision) for name, decision in value.items()
    ):
        return None
    return (
        f"a model_id and a decision (one of {_quoted(_DECISIONS)}), as "
        f"{{loyalty: {{model_id: 20241130T101500000000-c15b6fe374f2, decision: promoted}}}}, for "
        f"{_segmentations(allowed)}"
    )


def _of_value(kind: Callable[[Any], str | None]) -> Kind:
    return lambda value, _: kind(value)


# By the name that an entry has under `kind`.
KINDS: Mapping[str, Kind] = {
    "choice": choice,
    "text": _of_value(text),
    "texts": _of_value(texts),
    "date": _of_value(date),
    "month": _of_value(month),
    "whole_number": _of_value(whole_number),
    "number": _of_value(number),
    "conditions": _of_value(conditions),
    "cut_points": cut_points,
    "date_pattern": _of_value(date_pattern),
    "time_zone": _of_value(time_zone),
    "raw_source": _of_value(raw_source),
    "raw_columns": raw_columns,
    "raw_csv": _of_value(raw_csv),
    "share": _of_value(share),
    "some_of": some_of,
    "raw_numbers": raw_numbers,
    "switches": _of_value(switches),
    "segmentation_or_all": segmentation_or_all,
    "segmentations": segmentations,
    "overrides": overrides,
    "decisions": decisions,
}


def _in_yaml(name: Any) -> str:
    """A name as a value of a mapping in YAML."""
    return str(name) if re.fullmatch(r"[A-Za-z][A-Za-z0-9_ ]*", str(name)) else json.dumps(name)


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)


def _are_cut_points(cuts: Any) -> bool:
    if not isinstance(cuts, list | tuple) or len(cuts) != 4:
        return False
    if any(isinstance(cut, bool) or not isinstance(cut, int | float) for cut in cuts):
        return False
    bounded = [-_LARGEST_CUT, *cuts, _LARGEST_CUT]
    return all(lower < upper for lower, upper in pairwise(bounded))


def _is_decision(decision: Any) -> bool:
    return (
        isinstance(decision, Mapping)
        and decision.keys() == {"model_id", "decision"}
        and isinstance(decision["model_id"], str)
        and decision["model_id"] != ""
        and decision["decision"] in _DECISIONS
    )


def _segmentations(names: Sequence[str]) -> str:
    return f"the segmentations that are on ({', '.join(names) or 'none'})"


def _quoted(choices: Sequence[str]) -> str:
    return "'" + "', '".join(choices) + "'"
