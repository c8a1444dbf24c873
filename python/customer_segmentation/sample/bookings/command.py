"""The command ``segmentation sample bookings``."""

import time
from datetime import datetime
from pathlib import Path
from typing import cast

import click

from customer_segmentation.sample.bookings.sample import MOST_CAMPAIGNS, BookingsSample
from customer_segmentation.sample.bookings.writer import write_bookings
from customer_segmentation.sample.options import (
    date_options,
    format_option,
    generating,
    out_option,
    seed_option,
)
from customer_segmentation.sample.writer import FileFormat


@click.command()
@click.option(
    "--customers",
    type=click.IntRange(1, 1_000_000_000),
    required=True,
    metavar="N",
    help="Number of customers. Each has about 5 bookings.",
)
@click.option(
    "--campaigns",
    type=click.IntRange(1, MOST_CAMPAIGNS),
    default=12,
    show_default=True,
    metavar="N",
    help="Campaigns over the range of dates. A customer gets about 60 % of them.",
)
@seed_option
@out_option
@format_option("raw tables", "the planted groups are always CSV")
@date_options("on which a guest can arrive")
def bookings(
    customers: int,
    campaigns: int,
    seed: int,
    directory: Path,
    file_format: str,
    first_date: datetime,
    last_date: datetime,
) -> None:
    """Generate raw customers, bookings, campaign events and currency rates, bad rows included.

    Writes bookings_raw_*.csv (or .parquet), and bookings_planted_groups.csv with the group that was
    planted for each customer, which is not raw data but the answer to check against. Names,
    addresses and numbers of guests are artificial.
    """
    try:
        sample = BookingsSample(customers, seed, first_date.date(), last_date.date(), campaigns)
    except ValueError as error:
        raise click.UsageError(str(error)) from error

    started = time.perf_counter()
    with generating(directory, customers, "bookings") as on_progress:
        written = write_bookings(
            sample, directory, cast(FileFormat, file_format), on_progress=on_progress
        )
    seconds = time.perf_counter() - started
    for path, rows in written.rows.items():
        click.echo(f"{path}: {rows:,} rows")
    click.echo(f"{seconds:.1f} s")
