"""Pieces of Spark SQL as text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dbt_spark_python.warehouse import Column

_PLAIN = re.compile(r"\w+", re.ASCII)
# Literals and comments too, in which a backtick quotes no name.
_NAMES_IN_QUERY = re.compile(
    r"""'(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*" | --[^\n]* | /\*.*?\*/
    | (?P<before>\bas\s+|\.)?`(?P<name>(?:[^`]|``)+)`(?P<after>(?=\.))?""",
    re.DOTALL | re.IGNORECASE | re.VERBOSE,
)


def columns_clause(columns: Sequence[Column], with_types: bool) -> str:
    """Columns with their comments, as `create view` and, with types, `create table` take them."""
    return ", ".join(
        " ".join(
            [
                quoted(column.name),
                *([column.type] if with_types else []),
                *([f"comment {literal(column.comment)}"] if column.comment else []),
            ]
        )
        for column in columns
    )


def quoted(name: str) -> str:
    """A name as an identifier of Spark SQL."""
    return "`" + name.replace("`", "``") + "`"


def literal(text: str) -> str:
    """A text as a literal of Spark SQL, which replaces `${...}` inside literals too."""
    for character, escaped in (("\\", "\\\\"), ("'", "\\'"), ("$", "\\u0024"), ("\n", "\\n")):
        text = text.replace(character, escaped)
    return f"'{text}'"


def with_names_as_literals(query: str) -> str:
    """A query with names such as `` `Customer ID` `` as ``identifier('`Customer ID`')``.

    Names after ``as`` and names of several parts stay as they are.
    """

    def replaced(found: re.Match[str]) -> str:
        name = found["name"]
        if name is None or _PLAIN.fullmatch(name) or found["before"] or found["after"] is not None:
            return found[0]
        return f"identifier({literal(f'`{name}`')})"

    return _NAMES_IN_QUERY.sub(replaced, query)
