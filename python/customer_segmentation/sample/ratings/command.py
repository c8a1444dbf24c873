"""The command ``segmentation sample ratings``."""

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
from customer_segmentation.sample.ratings.sample import RatingsSample
from customer_segmentation.sample.ratings.writer import write_ratings
from customer_segmentation.sample.writer import FileFormat


@click.command()
@click.option(
    "--users",
    type=click.IntRange(1, 100_000_000),
    required=True,
    metavar="N",
    help="Number of users.",
)
@click.option(
    "--items",
    type=click.IntRange(1, 10_000_000),
    required=True,
    metavar="N",
    help="Number of items.",
)
@click.option(
    "--ratings",
    "ratings_wanted",
    type=click.IntRange(1, 2_000_000_000),
    required=True,
    metavar="N",
    help="Number of good ratings; bad rows are added to them.",
)
@seed_option
@out_option
@format_option("raw tables", "what is planted is always CSV")
@date_options("of a rating")
def ratings(
    users: int,
    items: int,
    ratings_wanted: int,
    seed: int,
    directory: Path,
    file_format: str,
    first_date: datetime,
    last_date: datetime,
) -> None:
    """Generate raw ratings and items, bad rows included.

    Writes ratings_raw_*.csv (or .parquet), and ratings_planted_*.csv with the taste that was
    planted for each user and item, which is not raw data but the answer to check against. All
    titles are generated.
    """
    try:
        sample = RatingsSample(
            users, items, ratings_wanted, seed, first_date.date(), last_date.date()
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from error

    started = time.perf_counter()
    with generating(directory, users, "ratings", of="users") as on_progress:
        written = write_ratings(
            sample, directory, cast(FileFormat, file_format), on_progress=on_progress
        )
    seconds = time.perf_counter() - started
    for path, rows in written.rows.items():
        click.echo(f"{path}: {rows:,} rows")
    click.echo(f"{seconds:.1f} s")
