"""dbt's own flags and commands: each does what it says, or one message says what to do instead."""

from __future__ import annotations

import csv
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from project_runs import ROOT, Project, failures

SCHEMA = "flags"
FRESH = "flags_fresh"
JUDGED = "int_retail__judged_lines"
STAGING = "stg_retail__order_lines"
ALL = ("--exclude-resource-type", "unit_test")


class Shop:
    """The project on a raw file, and what it has published."""

    def __init__(self, project: Project, source: Path, folder: Path) -> None:
        self.project = project
        self.source = source
        self.state = folder
        self.warehouse = Path(os.environ["SEGMENTATION_WAREHOUSE"]) / "data"

    def dbt(self, *arguments: str, **variables: Any) -> Any:
        given = {"retail_order_lines_source": str(self.source), **variables}
        return self.project.dbt_as_it_starts(*arguments, **given)

    def table(self, name: str, schema: str = SCHEMA) -> pd.DataFrame:
        return self.project.spark.table(f"{schema}.{name}").toPandas()

    def files(self) -> dict[str, str]:
        """What lies in the folder of tables, records and generations among it."""
        return {
            str(path.relative_to(self.warehouse)): hashlib.md5(path.read_bytes()).hexdigest()
            for path in self.warehouse.rglob("*")
            if path.is_file() and path.name != "lock"
        }


@pytest.fixture(scope="module")
def shop(sail_project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One build of the first third of the sample's lines, as a file."""
    folder = tmp_path_factory.mktemp("flags")
    sample = ROOT / "seeds" / "retail" / "retail_raw_order_lines.csv"
    with sample.open(encoding="utf-8") as lines:
        write(folder / "lines.csv", [*csv.reader(lines)][:3000])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGMENTATION_SCHEMA", SCHEMA)
        shop = Shop(sail_project, folder / "lines.csv", folder / "state")
        built = shop.dbt("build", *ALL)
        assert built.success, failures(built)
        shop.state.mkdir()
        shutil.copy(sail_project.target / "manifest.json", shop.state)
        yield shop


def write(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


def outcomes(result: Any) -> dict[str, str]:
    """What dbt says of each node that was run."""
    return {item.node.name: str(item.message) for item in result.result}


def test_empty_leaves_what_is_published_and_trains_nothing(shop: Shop) -> None:
    before = shop.files()
    result = shop.dbt("build", "--empty", *ALL, retrain="retail")
    assert result.success, failures(result)
    said = outcomes(result)
    assert said["retail_order_lines"] == said["segmentation_models"] == "CHECKED"
    assert said["retail_segment_models"] == "LEFT AS IT IS"
    assert shop.files() == before


def test_a_new_schema_is_compiled_documented_and_made_empty(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGMENTATION_SCHEMA", FRESH)
    before = shop.files()
    for command in (("compile",), ("docs", "generate")):
        result = shop.dbt(*command)
        assert result.success, failures(result)
    compiled = shop.project.target / "compiled" / "customer_segmentation" / "models" / "retail"
    assert "`invoice_id` as invoice_id" in (compiled / "staging" / f"{STAGING}.sql").read_text()
    assert shop.files() == before

    empty = shop.dbt("build", "--empty", *ALL)
    assert empty.success, failures(empty)
    for name in ("retail_order_lines", "retail_segment_models", "retail_customer_segments"):
        assert shop.table(name, FRESH).empty

    # The next build finds a first one to do, and gives what the other schema has.
    built = shop.dbt("build", *ALL)
    assert built.success, failures(built)
    pd.testing.assert_series_equal(segments(shop, FRESH), segments(shop, SCHEMA))


def segments(shop: Shop, schema: str) -> pd.Series:
    rows = shop.table("retail_customer_segments", schema)
    return rows.set_index("customer_id").segment_id.sort_index()


def test_sample_is_refused_where_it_would_publish(shop: Shop) -> None:
    before = shop.files()
    refused = shop.dbt("build", "--sample", "3 days")
    assert not refused.success
    assert "of a part of its rows as if of all. Leave --sample out" in failures(refused)
    assert shop.files() == before
    seeds = shop.dbt("build", "--sample", "3 days", "--select", "resource_type:seed")
    assert seeds.success, failures(seeds)


def test_defer_reads_another_schema(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGMENTATION_SCHEMA", FRESH)
    deferred = ("--defer", "--favor-state", "--state", str(shop.state))
    before = records(shop, SCHEMA)
    for _ in range(2):
        result = shop.dbt("run", *deferred, "--select", "retail_customer_segments")
        assert result.success, failures(result)
        # The tables of its own schema say nothing of what it reads.
        assert outcomes(result)["retail_customer_segments"] != "UNCHANGED"
    pd.testing.assert_series_equal(segments(shop, FRESH), segments(shop, SCHEMA))
    assert set(shop.table("retail_customer_segments", FRESH).model_id) == set(
        shop.table("retail_segment_models").model_id
    )
    assert records(shop, SCHEMA) == before


def records(shop: Shop, schema: str) -> dict[str, str]:
    return {name: text for name, text in shop.files().items() if f"_published/{schema}/" in name}


def test_clone_says_what_to_do_instead(shop: Shop) -> None:
    result = shop.dbt("clone", "--state", str(shop.state))
    assert "those of customer_segmentation have another file format" in str(result.exception)
    assert "dbt build --select ... --defer --state ..." in str(result.exception)


def test_a_schema_that_spark_does_not_keep_is_refused(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGMENTATION_SCHEMA", "Team-A")
    result = shop.dbt("parse")
    assert "The schema Team-A has other characters than" in str(result.exception)
    assert "Name it team_a: as schema in the profile" in str(result.exception)


def test_show_reads_the_file_as_it_is_now(shop: Shop, capfd: pytest.CaptureFixture[str]) -> None:
    with shop.source.open(encoding="utf-8") as file:
        header, *lines = csv.reader(file)
    write(shop.source, [header, ["777777", *lines[0][1:]]])
    before = shop.files()
    shown = shop.dbt("show", "--select", STAGING, "--output", "json")
    assert shown.success, failures(shown)
    (row,) = shown.result.results[0].agate_table.rows
    assert row["invoice_id"] == "777777"
    assert "old value" not in capfd.readouterr().out

    stale = shop.dbt("show", "--select", "retail_segment_profile", retail_top_countries=4)
    assert stale.success, failures(stale)
    said = capfd.readouterr().out
    assert "the old value of retail_top_countries: dbt show reads it as it is" in said
    assert shop.files() == before


def test_empty_says_what_is_wrong_with_the_sql(shop: Shop) -> None:
    before = shop.files()
    # What the model reads has lost its columns; the next run that makes it brings them back.
    shop.project.spark.sql(f"create or replace view {SCHEMA}_internal.{STAGING} as select 1 as one")
    result = shop.dbt("run", "--empty", "--select", JUDGED)
    assert not result.success
    assert "is missing from the schema" in outcomes(result)[JUDGED]
    assert shop.files() == before


def test_retry_does_not_keep_an_old_setting(shop: Shop) -> None:
    nothing = {"retail_order_lines_filter": "false"}
    selected = ("--select", STAGING, JUDGED)
    failed = shop.dbt("run", *selected, **nothing)
    assert outcomes(failed)[STAGING] == "OK"
    assert "No accepted row has a customer" in outcomes(failed)[JUDGED]

    corrected = shop.dbt("retry")
    assert "the old value of retail_order_lines_filter. Run dbt build" in str(corrected.exception)
    again = shop.dbt("retry", **nothing)
    assert JUDGED in outcomes(again)
    assert STAGING not in outcomes(again)
