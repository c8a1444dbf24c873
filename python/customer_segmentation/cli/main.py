"""The command line ``segmentation``."""

from __future__ import annotations

import sys

import click

from customer_segmentation import __version__
from customer_segmentation.cli import dbt_runs
from customer_segmentation.cli.erase import erase_command
from customer_segmentation.cli.init import init_command
from customer_segmentation.cli.inspect import inspect_command
from customer_segmentation.cli.models import models_command
from customer_segmentation.sample.command import sample_command
from dbt_spark_python.server_command import serve_command


@click.group()
@click.version_option(__version__)
def main() -> None:
    """Customer segmentation on Apache Spark, built by dbt."""


main.add_command(erase_command)
main.add_command(init_command)
main.add_command(inspect_command)
main.add_command(models_command)
main.add_command(sample_command)
main.add_command(serve_command)


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("segmentation")
@click.argument("dbt_arguments", nargs=-1, type=click.UNPROCESSED)
def train(segmentation: str, dbt_arguments: tuple[str, ...]) -> None:
    """Train a new model of SEGMENTATION on purpose, and rebuild what depends on it.

    Runs `dbt build` on the model table and everything downstream; the feature mart stays as it is.
    DBT_ARGUMENTS go to dbt as they are, such as --vars or --target.
    """
    rest, variables = dbt_runs.split_vars(dbt_arguments)
    dbt_runs.require_segmentation(segmentation, rest, variables)
    command = ["build", "--select", f"{segmentation}_segment_models+", *rest]
    sys.exit(0 if dbt_runs.run(command, {**variables, "retrain": segmentation}) else 1)
