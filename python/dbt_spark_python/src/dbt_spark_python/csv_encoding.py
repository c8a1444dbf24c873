"""Names of character encodings: those of Python, of Java, and what Spark reads."""

from __future__ import annotations

import codecs
import re

from dbt_common.exceptions import DbtRuntimeError

# What Spark's CSV reader takes, by the name that Python has for it.
_OF_SPARK = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "cp65001": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16LE",
    "utf-16-be": "UTF-16BE",
    "utf-32": "UTF-32",
    "iso8859-1": "ISO-8859-1",
    "ascii": "US-ASCII",
}
# Java's names that do not follow from Python's.
_OF_JAVA = {
    "mac-roman": "x-MacRoman",
    "mac-cyrillic": "x-MacCyrillic",
    "mac-greek": "x-MacGreek",
    "mac-latin2": "x-MacCentralEurope",
    "mac-turkish": "x-MacTurkish",
    "cp858": "IBM00858",
    "cp874": "x-windows-874",
    "utf-32-le": "UTF-32LE",
    "utf-32-be": "UTF-32BE",
}
# Python's names for Java's that it does not know.
_OF_PYTHON = {name.lower(): python for python, name in _OF_JAVA.items()}


def python_name(name: str) -> str:
    """Python's name of an encoding, from any name that Python or Java has for it.

    Raises:
        DbtRuntimeError: neither has an encoding of that name for text.
    """
    plain = name.strip()
    windows = re.fullmatch(r"(?:x-)?windows-(\w+)", plain, re.IGNORECASE)
    for candidate in (plain, _OF_PYTHON.get(plain.lower(), plain), windows and f"cp{windows[1]}"):
        try:
            found = codecs.lookup(candidate or plain)
        except LookupError:
            continue
        if found._is_text_encoding:
            return found.name
    raise DbtRuntimeError(
        f"There is no encoding {name}. Names that are known are those of Java and Python, as "
        "UTF-8, windows-1252 or UTF-16."
    )


def spark_name(name: str) -> str:
    """The name by which Spark's CSV reader takes an encoding, empty where it takes it by none."""
    return _OF_SPARK.get(python_name(name), "")


def java_name(name: str) -> str:
    """Java's name of an encoding."""
    python = python_name(name)
    return _OF_SPARK.get(python) or _OF_JAVA.get(python, python)
