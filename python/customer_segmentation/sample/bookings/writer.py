"""Writes the raw tables, the currency rates and the planted groups."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from customer_segmentation.sample.bookings.sample import BookingsSample
from customer_segmentation.sample.bookings.schemas import (
    BOOKINGS_SCHEMA,
    CUSTOMERS_SCHEMA,
    EVENTS_SCHEMA,
    GROUPS_SCHEMA,
    RATES_SCHEMA,
)
from customer_segmentation.sample.bookings.tables import currency_rates, generate_bookings
from customer_segmentation.sample.writer import (
    FileFormat,
    WrittenTables,
    replaced_when_done,
    table_file,
)

RAW_FILE_STEMS = {
    "customers": "bookings_raw_customers",
    "bookings": "bookings_raw_bookings",
    "campaign_events": "bookings_raw_campaign_events",
    "rates": "bookings_raw_rates",
}
GROUPS_FILE_NAME = "bookings_planted_groups.csv"


def write_bookings(
    sample: BookingsSample,
    directory: Path,
    file_format: FileFormat = "csv",
    *,
    customers_per_block: int = 4096,
    on_progress: Callable[[int, int], None] | None = None,
) -> WrittenTables:
    """Write the raw tables, and the planted groups as CSV, into ``directory``.

    The directory is made where it is missing; files of the same names are replaced once all new
    ones are complete. In Parquet every column is text too. ``on_progress`` is called after each
    block with the customers and the bookings written so far.
    Raises OSError where a file cannot be written; no unfinished file stays behind.
    """
    directory.mkdir(parents=True, exist_ok=True)
    schemas = (CUSTOMERS_SCHEMA, BOOKINGS_SCHEMA, EVENTS_SCHEMA, RATES_SCHEMA)
    raw_paths = [directory / f"{stem}.{file_format}" for stem in RAW_FILE_STEMS.values()]
    paths = (*raw_paths, directory / GROUPS_FILE_NAME)
    rows = dict.fromkeys(paths, 0)
    with replaced_when_done(*paths) as parts, ExitStack() as open_files:
        files = [
            open_files.enter_context(table_file(part, schema, file_format))
            for part, schema in zip(parts, schemas, strict=False)
        ]
        files.append(open_files.enter_context(table_file(parts[-1], GROUPS_SCHEMA)))
        rates = currency_rates(sample)
        files[3].write_table(rates)
        rows[paths[3]] = rates.num_rows
        for block in generate_bookings(sample, customers_per_block):
            tables = (block.customers, block.bookings, block.events, None, block.groups)
            for path, file, table in zip(paths, files, tables, strict=True):
                if table is not None:
                    file.write_table(table)
                    rows[path] += table.num_rows
            if on_progress is not None:
                on_progress(rows[paths[4]], rows[paths[1]])
    return WrittenTables(rows)
