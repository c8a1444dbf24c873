"""The command ``segmentation sample retail``."""

import time
from datetime import datetime
from pathlib import Path
from typing import cast

import click

from customer_segmentation.sample.options import (
    date_options,
    format_option,
    generating,
    out_option,
    seed_option,
)
from customer_segmentation.sample.retail.sample import RetailSample
from customer_segmentation.sample.retail.writer import write_retail
from customer_segmentation.sample.writer import FileFormat


@click.command()
@click.option(
    "--customers",
    type=click.IntRange(1, 1_000_000_000),
    required=True,
    metavar="N",
    help="Number of customers. Each has about 23 lines, its share of anonymous lines included.",
)
@seed_option
@out_option
@format_option("raw order lines", "the planted groups are always CSV")
@date_options("on which a line can be ordered")
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
    with generating(directory, customers, "lines") as on_progress:
        written = write_retail(
            sample, directory, cast(FileFormat, file_format), on_progress=on_progress
        )
    seconds = time.perf_counter() - started
    click.echo(f"{written.lines_path}: {written.lines:,} lines in {seconds:.1f} s")
    click.echo(f"{written.groups_path}: {customers:,} customers")
