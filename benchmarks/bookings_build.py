"""Measure one cold `dbt build` of the bookings domain on generated raw data, as one line of JSON.

    python benchmarks/bookings_build.py --customers 130000 --data /data/bookings
    python benchmarks/bookings_build.py --customers 1300000 --target sail

Writes the raw data that `segmentation sample bookings` writes as Parquet, unless the folder has it:
of 1,300,000 customers 6.8 million bookings and 21 million campaign events. Only bookings is on.
Keys of the line:

customers: asked for.
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

from customer_segmentation.sample.bookings.sample import BookingsSample
from customer_segmentation.sample.bookings.writer import RAW_FILE_STEMS, write_bookings

# A guest gets about 60 % of them, which makes 16 events.
CAMPAIGNS = 17


def raw_files(folder: Path) -> dict[str, Path]:
    """The files of the raw tables, by what the settings call them."""
    return {
        f"bookings_{table}": folder / f"{stem}.parquet" for table, stem in RAW_FILE_STEMS.items()
    }


@click.command(help="Measure one cold `dbt build` of the bookings domain; prints one line of JSON.")
@click.option("--customers", type=click.IntRange(min=1), default=130_000, show_default=True)
@data_option
@warehouse_option
@target_option
@click.option("--again", is_flag=True, help="Build once more on the same tables, a second line.")
def main(
    customers: int, data: Path | None, warehouse: Path | None, target: str, again: bool
) -> None:
    with folder_for_data(data) as folder:
        files = raw_files(folder)
        seconds = None
        if not all(file.exists() for file in files.values()):
            started = time.perf_counter()
            write_bookings(BookingsSample(customers, campaigns=CAMPAIGNS), folder, "parquet")
            seconds = round(time.perf_counter() - started, 1)
        variables = {f"{table}_source": str(file) for table, file in files.items()}
        variables["bookings_reporting_currency"] = "EUR"
        about = {
            "customers": customers,
            "rows": {name: pq.ParquetFile(file).metadata.num_rows for name, file in files.items()},
            "sample_seconds": seconds,
            "target": target,
        }
        for measured in measured_builds(
            "bookings",
            {"segmentations": {"bookings": True}, **variables},
            target=target,
            warehouse=warehouse,
            builds=2 if again else 1,
        ):
            click.echo(json.dumps({**about, **measured}))


if __name__ == "__main__":
    main()
