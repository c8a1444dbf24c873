"""Pieces of Spark SQL as text."""

from __future__ import annotations

from collections.abc import Sequence

from dbt_spark_python.warehouse import Column


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
