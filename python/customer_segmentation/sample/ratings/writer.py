"""Writes the raw tables and what is planted in them."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from customer_segmentation.sample.ratings.items import (
    ITEMS_SCHEMA,
    PLANTED_ITEMS_SCHEMA,
    Catalogue,
)
from customer_segmentation.sample.ratings.ratings import RATINGS_SCHEMA
from customer_segmentation.sample.ratings.sample import RatingsSample
from customer_segmentation.sample.ratings.tables import USERS_SCHEMA, generate_ratings
from customer_segmentation.sample.writer import (
    FileFormat,
    WrittenTables,
    replaced_when_done,
    table_file,
)

RAW_FILE_STEMS = {"ratings": "ratings_raw_ratings", "items": "ratings_raw_items"}
PLANTED_USERS_FILE_NAME = "ratings_planted_users.csv"
PLANTED_ITEMS_FILE_NAME = "ratings_planted_items.csv"


def write_ratings(
    sample: RatingsSample,
    directory: Path,
    file_format: FileFormat = "csv",
    *,
    users_per_block: int = 4096,
    on_progress: Callable[[int, int], None] | None = None,
) -> WrittenTables:
    """Write the raw tables, and what is planted in them as CSV, into ``directory``.

    The directory is made where it is missing; files of the same names are replaced once all new
    ones are complete. In Parquet every column is text too. ``on_progress`` is called after each
    block with the users and the ratings written so far.
    Raises OSError where a file cannot be written; no unfinished file stays behind.
    """
    directory.mkdir(parents=True, exist_ok=True)
    stems = RAW_FILE_STEMS.values()
    paths = (
        *(directory / f"{stem}.{file_format}" for stem in stems),
        directory / PLANTED_USERS_FILE_NAME,
        directory / PLANTED_ITEMS_FILE_NAME,
    )
    rows = dict.fromkeys(paths, 0)
    catalogue = Catalogue(sample)
    with replaced_when_done(*paths) as parts, ExitStack() as open_files:
        schemas = (RATINGS_SCHEMA, ITEMS_SCHEMA)
        ratings, items = (
            open_files.enter_context(table_file(part, schema, file_format))
            for part, schema in zip(parts[:2], schemas, strict=True)
        )
        users = open_files.enter_context(table_file(parts[2], USERS_SCHEMA))
        planted_items = open_files.enter_context(table_file(parts[3], PLANTED_ITEMS_SCHEMA))
        for path, file, table in (
            (paths[1], items, catalogue.items()),
            (paths[3], planted_items, catalogue.planted()),
        ):
            file.write_table(table)
            rows[path] = table.num_rows
        for block in generate_ratings(sample, catalogue, users_per_block):
            ratings.write_table(block.ratings)
            users.write_table(block.users)
            rows[paths[0]] += block.ratings.num_rows
            rows[paths[2]] += block.users.num_rows
            if on_progress is not None:
                on_progress(rows[paths[2]], rows[paths[0]])
    return WrittenTables(rows)
