"""dbt from the command line of this package: run something, or read rows, by the user's profile."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import yaml

_PROJECT = "dbt_project.yml"
_PROFILES = "profiles.yml"
_PLACES = ("--project-dir", "--profiles-dir", "--profile", "--target", "-t", "--target-path")
_NO_TABLE = "TABLE_OR_VIEW_NOT_FOUND"
_NOT_BUILT = (
    "The tables of this segmentation are not there yet. Run `dbt build` first, or set "
    "SEGMENTATION_WAREHOUSE or the target to where they were built."
)


def require_segmentation(name: str, arguments: Sequence[str], variables: Mapping[str, Any]) -> None:
    """Refuse a name that is no segmentation of the project.

    The project is parsed for it, which the command that follows need not do again.

    Args:
        arguments: dbt's, of which those that say where the project is are used.

    Raises:
        BadParameter: There is none of that name; the message lists those that there are.
        ClickException: dbt could not read the project.
    """
    known = sorted(
        node.config.meta["segmentation"]
        for node in manifest(arguments, variables).nodes.values()
        if "specification" in node.config.meta
    )
    if name not in known:
        raise click.BadParameter(
            f"there is no segmentation {name}; this project has {', '.join(known) or 'none'}. The "
            "var segmentations says which ones are on.",
            param_hint="SEGMENTATION",
        )


def manifest(arguments: Sequence[str], variables: Mapping[str, Any]) -> Any:
    """dbt's manifest of the project.

    Args:
        arguments: dbt's, of which those that say where the project is are used.

    Raises:
        ClickException: dbt could not read the project.
    """
    parsed = _invoke(["--quiet", "parse", *_where(arguments), "--vars", json.dumps(variables)])
    if not parsed.success:
        raise click.ClickException("dbt could not read the project; see what it says above.")
    return parsed.result


def adapter() -> Any:
    """dbt's adapter of the command that ran last in this process."""
    from dbt.adapters.factory import FACTORY

    return next(iter(FACTORY.adapters.values()))


def run(arguments: Sequence[str], variables: Mapping[str, Any]) -> bool:
    """`dbt ARGUMENTS --vars VARIABLES`; whether it succeeded.

    Raises:
        ClickException: dbt could not start.
    """
    ended = _invoke([*arguments, "--vars", json.dumps(variables)])
    if any(_NO_TABLE in str(node.message) for node in getattr(ended.result, "results", ())):
        click.echo(_NOT_BUILT, err=True)
    return bool(ended.success)


def select(
    query: str, arguments: Sequence[str], variables: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Rows of a query, in which `ref` works, through dbt's own connection.

    Raises:
        ClickException: dbt could not start, or the query fails.
    """
    click.echo("Reading the tables, which takes up to half a minute ...", err=True)
    # At this level dbt does not print the rows itself.
    command = ["--log-level", "none", "show", "--inline", query, "--limit", "-1", *arguments]
    try:
        result = _invoke([*command, "--vars", json.dumps(variables)])
    except click.ClickException as error:
        if _NO_TABLE not in error.message:
            raise
        raise click.ClickException(_NOT_BUILT) from None
    if not result.success:
        raise click.ClickException("dbt could not read the tables; see dbt.log.")
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
        try:
            parsed = yaml.safe_load(text)
        except yaml.YAMLError:
            parsed = None
        if not isinstance(parsed, dict):
            raise click.BadParameter(
                f"{text!r} is not a mapping of vars, as {{name: value}}", param_hint="--vars"
            )
        variables.update(parsed)
    return rest, variables


def option(arguments: Sequence[str], name: str) -> str | None:
    """The value that dbt's arguments give to an option, None where they do not have it."""
    remaining = iter(arguments)
    for argument in remaining:
        given, separator, value = argument.partition("=")
        if given == name:
            return value if separator else next(remaining, None)
    return None


def project_folder(arguments: Sequence[str]) -> Path:
    """The folder of the project that dbt's arguments, or else the environment, name."""
    return Path(option(arguments, "--project-dir") or os.environ.get("DBT_PROJECT_DIR") or ".")


def _where(arguments: Sequence[str]) -> list[str]:
    """Those of dbt's arguments that say which project, profile and target."""
    taken: list[str] = []
    remaining = iter(arguments)
    for argument in remaining:
        name, separator, _ = argument.partition("=")
        if name in _PLACES:
            taken += [argument] if separator else [argument, next(remaining, "")]
    return taken


def _invoke(command: list[str]) -> Any:
    require_project(command)
    # Importing dbt takes seconds, which --help need not wait for.
    from dbt.cli.main import dbtRunner

    result = dbtRunner().invoke(command)
    if isinstance(result.exception, KeyboardInterrupt):
        raise click.Abort
    if result.exception is not None:
        raise click.ClickException(_without_plan(str(result.exception)))
    return result


def require_project(command: Sequence[str]) -> None:
    """Refuse to run where dbt would not find a project or a profile, and says so less clearly.

    Args:
        command: dbt's arguments.

    Raises:
        ClickException: Neither the arguments, nor the environment, nor this folder have one.
    """
    given = {argument.partition("=")[0] for argument in command}
    if not (given & {"--project-dir"} or "DBT_PROJECT_DIR" in os.environ or _is_file(_PROJECT)):
        raise click.ClickException(
            f"There is no {_PROJECT} in {Path.cwd()}. Run this in the folder of the project, or "
            "give --project-dir."
        )
    has_profile = _is_file(_PROFILES) or (Path.home() / ".dbt" / _PROFILES).is_file()
    if not (given & {"--profiles-dir"} or "DBT_PROFILES_DIR" in os.environ or has_profile):
        raise click.ClickException(
            f"There is no {_PROFILES}, neither in {Path.cwd()} nor in ~/.dbt. Copy "
            "profiles.yml.example to that name, or give --profiles-dir."
        )


def _is_file(name: str) -> bool:
    return Path(name).is_file()


def _without_plan(message: str) -> str:
    """What the engine says of a query, without the plan that follows."""
    return message.partition(";\n")[0]
