"""dbt from the command line of this package: run something, or read rows, by the user's profile."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click
import yaml


def run(arguments: Sequence[str], variables: Mapping[str, Any]) -> bool:
    """`dbt ARGUMENTS --vars VARIABLES`; whether it succeeded.

    Raises:
        ClickException: dbt could not start.
    """
    return bool(_invoke([*arguments, "--vars", json.dumps(variables)]).success)


def select(
    query: str, arguments: Sequence[str], variables: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Rows of a query, in which `ref` works, through dbt's own connection.

    Raises:
        ClickException: dbt could not start, or the query fails.
    """
    # At this level dbt does not print the rows itself.
    command = ["--log-level", "none", "show", "--inline", query, "--limit", "-1", *arguments]
    result = _invoke([*command, "--vars", json.dumps(variables)])
    if not result.success:
        raise click.ClickException("dbt could not read the model table; has the domain been built?")
    table = result.result.results[0].agate_table
    return [dict(zip(table.column_names, row.values(), strict=True)) for row in table.rows]


def split_vars(arguments: Sequence[str]) -> tuple[list[str], dict[str, Any]]:
    """Take ``--vars`` out of dbt's arguments: dbt takes it once, and the command adds its own.

    Raises:
        BadParameter: A value of ``--vars`` is not a mapping.
    """
    rest: list[str] = []
    variables: dict[str, Any] = {}
    remaining = iter(arguments)
    for argument in remaining:
        name, separator, value = argument.partition("=")
        if name != "--vars":
            rest.append(argument)
            continue
        text = value if separator else next(remaining, "")
        parsed = yaml.safe_load(text)
        if not isinstance(parsed, dict):
            raise click.BadParameter(f"{text!r} is not a mapping of vars", param_hint="--vars")
        variables.update(parsed)
    return rest, variables


def _invoke(command: list[str]) -> Any:
    # Importing dbt takes seconds, which --help need not wait for.
    from dbt.cli.main import dbtRunner

    result = dbtRunner().invoke(command)
    if result.exception is not None:
        raise click.ClickException(str(result.exception))
    return result
