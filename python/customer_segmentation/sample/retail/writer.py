"""Writes the raw order lines and the planted groups."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from customer_segmentation.sample.retail.lines import GROUPS_SCHEMA, RAW_SCHEMA, generate_retail
from customer_segmentation.sample.retail.sample import RetailSample
from customer_segmentation.sample.writer import FileFormat, replaced_when_done, table_file

LINES_FILE_STEM = "retail_raw_order_lines"
GROUPS_FILE_NAME = "retail_planted_groups.csv"


@dataclass(frozen=True)
class WrittenSample:
    """The two files of a sample and the number of lines (rows) in the first."""

    lines_path: Path
    groups_path: Path
    lines: int


def write_retail(
    sample: RetailSample,
    directory: Path,
    file_format: FileFormat = "csv",
    *,
    customers_per_block: int = 4096,
    on_progress: Callable[[int, int], None] | None = None,
) -> WrittenSample:
    """Write the raw order lines, and the planted groups as CSV, into ``directory``.

    The directory is made where it is missing; files of the same names are replaced once both new
    ones are complete. In Parquet every column is text too. ``on_progress`` is called after each
    block with the customers and the lines written so far.
    Raises OSError where a file cannot be written; no unfinished file stays behind.
    """
    directory.mkdir(parents=True, exist_ok=True)
    lines_path = directory / f"{LINES_FILE_STEM}.{file_format}"
    groups_path = directory / GROUPS_FILE_NAME
    customers = lines = 0
    with (
        replaced_when_done(lines_path, groups_path) as (lines_part, groups_part),
        table_file(lines_part, RAW_SCHEMA, file_format) as to,
        table_file(groups_part, GROUPS_SCHEMA) as key,
    ):
        for block in generate_retail(sample, customers_per_block):
            to.write_table(block.lines)
            key.write_table(block.groups)
            customers += block.groups.num_rows
            lines += block.lines.num_rows
            if on_progress is not None:
                on_progress(customers, lines)
    return WrittenSample(lines_path, groups_path, lines)
