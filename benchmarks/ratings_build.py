"""Measure one cold `dbt build` of the ratings domain on generated raw data, as one line of JSON.

    python benchmarks/ratings_build.py
    python benchmarks/ratings_build.py --users 100000 --items 20000 --ratings 10000000 --target sail

Writes the raw data that `segmentation sample ratings` writes as Parquet, unless the folder has it.
Only ratings is on. Keys of the line:

rows: of each raw table.
sample_seconds: by the clock, to write them; null where they were there.
target: of profiles.yml.example.

and those of benchmarks/dbt_build.py. Progress and the slowest nodes go to stderr. A build that
fails prints no line and exits with 1.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import click
import pyarrow.parquet as pq
from dbt_build import (
    data_option,
    folder_for_data,
    measured_builds,
    target_option,
    warehouse_option,
)

from customer_segmentation.sample.ratings.sample import RatingsSample
from customer_segmentation.sample.ratings.writer import RAW_FILE_STEMS, write_ratings


@click.command(help="Measure one cold `dbt build` of the ratings domain; prints one line of JSON.")
@click.option("--users", type=click.IntRange(min=1), default=943, show_default=True)
@click.option("--items", type=click.IntRange(min=1), default=1682, show_default=True)
@click.option("--ratings", type=click.IntRange(min=1), default=100_000, show_default=True)
@data_option
@warehouse_option
@target_option
def main(
    users: int, items: int, ratings: int, data: Path | None, warehouse: Path | None, target: str
) -> None:
    with folder_for_data(data) as folder:
        files = {table: folder / f"{stem}.parquet" for table, stem in RAW_FILE_STEMS.items()}
        seconds = None
        if not all(file.exists() for file in files.values()):
            started = time.perf_counter()
            write_ratings(RatingsSample(users, items, ratings), folder, "parquet")
            seconds = round(time.perf_counter() - started, 1)
        about = {
            "rows": {name: pq.ParquetFile(file).metadata.num_rows for name, file in files.items()},
            "sample_seconds": seconds,
            "target": target,
        }
        variables = {f"ratings_{table}_source": str(file) for table, file in files.items()}
        for measured in measured_builds(
            "ratings",
            {"segmentations": {"ratings": True}, **variables},
            target=target,
            warehouse=warehouse,
        ):
            click.echo(json.dumps({**about, **measured}))


if __name__ == "__main__":
    main()
