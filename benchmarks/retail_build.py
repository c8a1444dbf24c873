"""Measure one cold `dbt build` of the retail domain, and print one line of JSON.

    python benchmarks/retail_build.py
    python benchmarks/retail_build.py --source lines.parquet --columns '{invoice_id: InvoiceNo}'
    python benchmarks/retail_build.py --target sail

dbt runs in a process of its own with a target of profiles.yml.example, an empty warehouse, and no
state of an earlier run. Keys of the line:

source: the file, or "sample" for the one in seeds/.
lines: its rows.
target: of profiles.yml.example.

and those of benchmarks/dbt_build.py. Progress and the slowest nodes go to stderr. A build that
fails prints no line and exits with 1.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import click
import pyarrow.parquet as pq
from dbt_build import (
    ROOT,
    mapping,
    measured_builds,
    target_option,
    warehouse_option,
)

SAMPLE = ROOT / "seeds" / "retail" / "retail_raw_order_lines.csv"
SOURCE_VAR = "retail_order_lines_source"
COLUMNS_VAR = "retail_order_lines_columns"


def count_lines(path: Path) -> int:
    """Rows of a Parquet or CSV file, the CSV header left out."""
    if path.suffix == ".parquet":
        return int(pq.ParquetFile(path).metadata.num_rows)
    with path.open(encoding="utf-8", newline="") as file:
        return max(sum(1 for _ in csv.reader(file)) - 1, 0)


def _variables(
    source: Path | None, columns: dict[str, Any], variables: dict[str, Any]
) -> dict[str, Any]:
    if set(variables) & {SOURCE_VAR, COLUMNS_VAR}:
        raise click.UsageError(f"Give {SOURCE_VAR} as --source, {COLUMNS_VAR} as --columns.")
    if source is None:
        if columns:
            raise click.UsageError("--columns names the columns of a --source; there is none.")
        return variables
    if source.suffix not in (".parquet", ".csv"):
        raise click.BadParameter(f"{source} is not .parquet or .csv.", param_hint="--source")
    return {**variables, SOURCE_VAR: str(source.resolve()), COLUMNS_VAR: columns}


@click.command(help="Measure one cold `dbt build` of the retail domain; prints one line of JSON.")
@click.option(
    "--source",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Parquet or CSV file of order lines.  [default: the sample in seeds/]",
)
@click.option("--columns", callback=mapping, help="YAML, {our column: their column}.")
@warehouse_option
@click.option("--vars", "variables", callback=mapping, help="YAML, further vars of the project.")
@target_option
@click.option("--with-unit-tests", is_flag=True, help="Run the unit tests as well.")
@click.option("--again", is_flag=True, help="Build once more on the same tables, a second line.")
def main(
    source: Path | None,
    columns: dict[str, Any],
    warehouse: Path | None,
    variables: dict[str, Any],
    target: str,
    with_unit_tests: bool,
    again: bool,
) -> None:
    variables = _variables(source, columns, variables)
    about = {
        "source": "sample" if source is None else str(source),
        "lines": count_lines(source or SAMPLE),
        "target": target,
    }
    for measured in measured_builds(
        "retail",
        variables,
        target=target,
        warehouse=warehouse,
        with_unit_tests=with_unit_tests,
        builds=2 if again else 1,
    ):
        click.echo(json.dumps({**about, **measured}))


if __name__ == "__main__":
    main()
