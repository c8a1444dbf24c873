"""The command group ``segmentation sample``."""

import time
from datetime import datetime
from pathlib import Path
from typing import cast

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from customer_segmentation.sample.retail import RetailSample
from customer_segmentation.sample.writer import FileFormat, write_retail

_DATE = click.DateTime(formats=["%Y-%m-%d"])


@click.group(name="sample")
def sample_command() -> None:
    """Generate sample raw data with planted customer groups."""


@sample_command.command(name="retail")
@click.option(
    "--customers",
    type=click.IntRange(1, 1_000_000_000),
    required=True,
    metavar="N",
    help="Number of customers. Each has about 23 lines, its share of anonymous lines included.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**64 - 1),
    default=42,
    show_default=True,
    metavar="S",
    help="The same seed gives the same files, byte for byte.",
)
@click.option(
    "--out",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    metavar="DIR",
    help="Directory of the files; made where it is missing. Files of their names are replaced.",
)
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["csv", "parquet"]),
    default="csv",
    show_default=True,
    help="Format of the raw order lines; the planted groups are always CSV.",
)
@click.option(
    "--first-date",
    type=_DATE,
    metavar="DATE",
    default="2023-01-01",
    show_default=True,
    help="First day on which a line can be ordered, as yyyy-MM-dd.",
)
@click.option(
    "--last-date",
    type=_DATE,
    metavar="DATE",
    default="2024-12-31",
    show_default=True,
    help="Last day on which a line can be ordered, as yyyy-MM-dd.",
)
def retail(
    customers: int,
    seed: int,
    directory: Path,
    file_format: str,
    first_date: datetime,
    last_date: datetime,
) -> None:
    """Generate raw retail order lines, bad rows and returns included.

    Writes retail_raw_order_lines.csv (or .parquet), and retail_planted_groups.csv with the group
    that was planted for each customer, which is not raw data but the answer to check against.
    """
    try:
        sample = RetailSample(customers, seed, first_date.date(), last_date.date())
    except ValueError as error:
        raise click.UsageError(str(error)) from error

    started = time.perf_counter()
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("customers, {task.fields[lines]:,} lines"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("Generating", total=customers, lines=0)
        try:
            written = write_retail(
                sample,
                directory,
                cast(FileFormat, file_format),
                on_progress=lambda done, lines: progress.update(task, completed=done, lines=lines),
            )
        except OSError as error:
            raise click.ClickException(
                f"cannot write the sample into {directory}: {error}."
                " Give --out a directory that can be written, with room for the files."
            ) from error
    seconds = time.perf_counter() - started
    click.echo(f"{written.lines_path}: {written.lines:,} lines in {seconds:.1f} s")
    click.echo(f"{written.groups_path}: {customers:,} customers")
