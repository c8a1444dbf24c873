"""Score and retrain the retail domain month by month, and print what became of the segments.

    python benchmarks/retail_months.py --source lines.parquet --columns '{invoice_id: InvoiceNo}' \\
        2011-09-30 2011-10-31 2011-11-30 2011-12-09

For each day, in their order: one `dbt build` with all data tests and that day as `as_of_date`,
which trains a model, aligns it to the one before, and scores. All days share one new warehouse.
Prints a page in Markdown: the models, the segments of each day, and how the customers moved. A
build or test that fails stops with exit code 1 and prints no page.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import yaml

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = "segmentation"

MODELS = """
select
    models.as_of_date as `day`,
    models.row_count as customers,
    models.k,
    round(models.silhouette, 3) as silhouette,
    round(models.alignment.share_kept, 3) as share_kept,
    round(models.alignment.adjusted_rand, 3) as adjusted_rand,
    array_join(models.alignment.retired_ids, ', ') as retired,
    decisions.decision
from {schema}.retail_segment_models as models
inner join {schema}.retail_segment_decisions as decisions using (model_id)
order by models.trained_at
"""

ALIGNMENT = """
select
    models.as_of_date as `day`,
    alignment.segment_id as segment,
    alignment.kind,
    round(alignment.overlap, 3) as overlap,
    round(alignment.share_kept, 3) as share_kept,
    round(alignment.centroid_shift, 3) as centroid_shift
from {schema}.segmentation_alignment as alignment
inner join {schema}.retail_segment_models as models using (model_id)
order by models.trained_at, alignment.segment_id
"""

SEGMENTS = """
select
    cast('{day}' as date) as `day`,
    segment_id as segment,
    segment_name as name,
    customers,
    cast(round(net_revenue) as bigint) as net_revenue,
    round(share_of_net_revenue, 3) as share_of_revenue
from {schema}.retail_segment_profile
order by segment_id
"""

BALANCE = """
select
    as_of_date as `day`,
    segment_id as segment,
    customers_before as before,
    customers_entered as entered,
    customers_left as `left`,
    model_brought,
    model_took,
    customers_after as after
from {schema}.segmentation_migration_balance
order by segment_id
"""

HISTORY = """
select
    count(*) as stays,
    count_if(to_date is null) as lasting,
    count(distinct customer_id) as customers
from {schema}.retail_segment_history
"""


def table(rows: Sequence[Any]) -> str:
    """Rows of one query as a Markdown table."""
    names = list(rows[0].asDict()) if rows else []
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    for row in rows:
        cells = (_cell(value) for value in row)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else str(value)


def _mapping(_: click.Context, option: click.Parameter, text: str | None) -> dict[str, Any]:
    value = yaml.safe_load(text or "{}")
    if not isinstance(value, dict):
        raise click.BadParameter(f"{text!r} is not a YAML mapping.", param=option)
    return value


@click.command(help="Score and retrain the retail domain day by day; prints a page in Markdown.")
@click.argument("days", nargs=-1, required=True, type=click.DateTime(["%Y-%m-%d"]))
@click.option(
    "--source",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Parquet or CSV file of order lines.",
)
@click.option("--columns", callback=_mapping, help="YAML, {our column: their column}.")
@click.option("--vars", "variables", callback=_mapping, help="YAML, further vars of the project.")
def main(
    days: tuple[datetime, ...], source: Path, columns: dict[str, Any], variables: dict[str, Any]
) -> None:
    # Both take seconds to import, which --help need not wait for.
    from dbt.cli.main import dbtRunner
    from pyspark.sql import SparkSession

    variables = {
        **variables,
        "retail_order_lines_source": str(source.resolve()),
        "retail_order_lines_columns": columns,
        "retrain": "retail",
    }
    segments, balances = [], []
    with tempfile.TemporaryDirectory(prefix="retail_months_") as scratch:
        shutil.copy(ROOT / "profiles.yml.example", Path(scratch, "profiles.yml"))
        os.environ["SEGMENTATION_WAREHOUSE"] = str(Path(scratch, "warehouse"))
        os.environ.pop("SPARK_REMOTE", None)
        command = ["--quiet", "build", "--target", "embedded", "--project-dir", str(ROOT)]
        command += ["--profiles-dir", scratch, "--target-path", str(Path(scratch, "target"))]
        command += ["--log-path", scratch, "--exclude-resource-type", "unit_test"]
        for day in days:
            text = day.date().isoformat()
            click.echo(f"building as of {text}", err=True)
            result = dbtRunner().invoke(
                [*command, "--vars", json.dumps({**variables, "as_of_date": text})]
            )
            if not result.success:
                raise click.ClickException(f"dbt build as of {text} failed, its output is above.")
            session = SparkSession.getActiveSession() or SparkSession.builder.getOrCreate()

            def read(query: str, day: str = text, session: Any = session) -> list[Any]:
                return list(session.sql(query.format(schema=SCHEMA, day=day)).collect())

            segments += read(SEGMENTS)
            balances += read(BALANCE)
        page = {
            "Models": read(MODELS),
            "Segments": segments,
            "How segments follow from those of the model before": read(ALIGNMENT),
            "Who moved, and why": balances,
            "History": read(HISTORY),
        }
        for title, rows in page.items():
            click.echo(f"## {title}\n\n{table(rows)}\n")
        sys.stdout.flush()
        session.stop()


if __name__ == "__main__":
    main()
