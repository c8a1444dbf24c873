"""Names of encodings from Python and Java."""

from __future__ import annotations

import pytest
from dbt_common.exceptions import DbtRuntimeError

from dbt_spark_python.csv_encoding import java_name, python_name, spark_name


@pytest.mark.parametrize(
    ("name", "python", "spark", "java"),
    [
        ("UTF8", "utf-8", "UTF-8", "UTF-8"),
        ("utf_8_sig", "utf-8-sig", "UTF-8", "UTF-8"),
        ("latin1", "iso8859-1", "ISO-8859-1", "ISO-8859-1"),
        ("ISO8859_1", "iso8859-1", "ISO-8859-1", "ISO-8859-1"),
        ("UTF-16", "utf-16", "UTF-16", "UTF-16"),
        ("utf_16_le", "utf-16-le", "UTF-16LE", "UTF-16LE"),
        ("windows-1252", "cp1252", "", "cp1252"),
        ("Cp1252", "cp1252", "", "cp1252"),
        ("IBM850", "cp850", "", "cp850"),
        ("x-MacRoman", "mac-roman", "", "x-MacRoman"),
        ("macintosh", "mac-roman", "", "x-MacRoman"),
        ("x-windows-949", "cp949", "", "cp949"),
        ("IBM00858", "cp858", "", "IBM00858"),
    ],
)
def test_names(name: str, python: str, spark: str, java: str) -> None:
    assert (python_name(name), spark_name(name), java_name(name)) == (python, spark, java)


@pytest.mark.parametrize("name", ["no-such", "", "base64", "rot13"])
def test_what_is_no_encoding_is_an_error(name: str) -> None:
    with pytest.raises(DbtRuntimeError, match="There is no encoding"):
        python_name(name)
