"""The command line ``segmentation``."""

from __future__ import annotations

import json
import sys
from typing import Any

import click
import yaml

from customer_segmentation import __version__
from customer_segmentation.sample.command import sample_command
from dbt_spark_python.server_command import serve_command

DOMAINS = ("retail",)


@click.group()
@click.version_option(__version__)
def main() -> None:
    """Customer segmentation on Apache Spark, built by dbt."""


main.add_command(sample_command)
main.add_command(serve_command)


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("domain", type=click.Choice(DOMAINS))
@click.argument("dbt_arguments", nargs=-1, type=click.UNPROCESSED)
def train(domain: str, dbt_arguments: tuple[str, ...]) -> None:
    """Train a new model of DOMAIN on purpose, and rebuild what depends on it.

    Runs `dbt build` on the model table and everything downstream; the feature mart stays as it is.
    DBT_ARGUMENTS go to dbt as they are, such as --vars or --target.
    """
    arguments, variables = _split_vars(dbt_arguments)
    command = [
        "build",
        "--select",
        f"{domain}_segment_models+",
        "--vars",
        json.dumps({**variables, "retrain": domain}),
        *arguments,
    ]
    from dbt.cli.main import dbtRunner

    result = dbtRunner().invoke(command)
    if result.exception is not None:
        raise click.ClickException(str(result.exception))
    sys.exit(0 if result.success else 1)


def _split_vars(arguments: tuple[str, ...]) -> tuple[list[str], dict[str, Any]]:
    """Take ``--vars`` out of dbt's arguments: dbt takes it once, and ``retrain`` goes there."""
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
