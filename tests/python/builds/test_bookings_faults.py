"""Bookings on Sail: a kill, wrong settings, odd tables, one customer with many bookings."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from dbt_spark_python.warehouse import Warehouse
from project_runs import ROOT, Project, failures

JUDGED = "+int_bookings__judged_bookings"
FEATURES = "+bookings_customer_features"
# Tables that are not there, for bookings of one's own.
ALONE = {"bookings_absent_tables": ["bookings_customers", "bookings_campaign_events"]}
COLUMNS = "booking_id,customer_id,arrival_date,nights,revenue"
MOST_CPU_SECONDS = 60


@pytest.fixture(scope="module")
def inn(
    sail_project: Project, profiles_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Project]:
    """The project in a schema of its own, bookings alone, before anything is built."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGMENTATION_SCHEMA", "faults")
        scratch = tmp_path_factory.mktemp("faults")
        yield Project(sail_project.spark, profiles_dir, scratch, {"bookings": True})


def build(inn: Project, *select: str, **variables: Any) -> Any:
    arguments = ("build", "--exclude-resource-type", "unit_test", "--select", *select)
    return inn.dbt(*arguments, **variables)


def stays(file: Path, bookings: int) -> Path:
    """A raw file of so many kept bookings, each of a customer of its own."""
    rows = [f"B{at},C{at},2024-03-{at % 28 + 1:02},2,{at}.50" for at in range(bookings)]
    file.write_text("\n".join([COLUMNS, *rows, ""]))
    return file


class Process:
    """dbt on Sail in processes of its own, on one folder of tables."""

    def __init__(self, folder: Path, profiles_dir: Path) -> None:
        self.raw = folder / "bookings.csv"
        self.tables = Warehouse(folder / "warehouse" / "data")
        self._environment = {
            **os.environ,
            "SEGMENTATION_TARGET": "sail",
            "SEGMENTATION_WAREHOUSE": str(folder / "warehouse"),
            "DBT_PROJECT_DIR": str(ROOT),
            "DBT_PROFILES_DIR": str(profiles_dir),
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
        }

    def start(self) -> subprocess.Popen[str]:
        variables = {"segmentations": {"bookings": True}, "bookings_bookings_source": str(self.raw)}
        return subprocess.Popen(
            [
                *(sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--no-use-colors"),
                *("run", "--select", JUDGED, "--vars", str(variables | ALONE)),
            ],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self) -> None:
        process = self.start()
        said, _ = process.communicate(timeout=300)
        assert process.returncode == 0, said

    def published(self) -> int:
        """Judged rows, read by path as a reader without an engine does."""
        records = {one.name: one for one in self.tables.records() if one.is_published}
        location = records["int_bookings__judged_bookings"].location
        assert location is not None
        return int(pq.read_table(self.tables.folder / location).num_rows)


def test_a_killed_build_leaves_the_last_tables_and_the_next_build_completes(
    tmp_path: Path, profiles_dir: Path
) -> None:
    dbt = Process(tmp_path, profiles_dir)
    stays(dbt.raw, 30)
    dbt.run()
    stays(dbt.raw, 40)
    killed = dbt.start()
    assert killed.stdout is not None
    for line in killed.stdout:
        if ".int_bookings__judged_bookings " in line and "START" in line:
            break
    os.kill(killed.pid, signal.SIGKILL)
    said, _ = killed.communicate()
    assert "OK created sql published_table model" not in said
    assert dbt.published() == 30
    dbt.run()
    assert dbt.published() == 40


def test_wrong_settings_stop_the_run_and_are_named(inn: Project) -> None:
    wrong = {
        "bookings_smallest_group": "few",
        "bookings_absent_tables": ["bookings_bookings"],
        "bookings_zero_nights": "perhaps",
    }
    result = inn.dbt_as_it_starts("parse", **wrong)
    assert not result.success
    for name, value in wrong.items():
        assert re.search(
            rf"{name}\b.*{value if isinstance(value, str) else value[0]}", failures(result)
        )


def test_a_table_that_is_not_there_stops_the_run_and_is_named(inn: Project) -> None:
    refused = inn.refusal(bookings_bookings_source="nowhere.stays", **ALONE)
    assert "bookings_bookings_source is 'nowhere.stays', but there is no table or view" in refused
    # The sample's customers are not those of one's own bookings.
    refused = inn.refusal(bookings_bookings_source="nowhere.stays")
    assert "bookings_customers" in refused
    assert "bookings_absent_tables" in refused


def test_a_column_that_is_not_there_is_named_with_those_that_are(
    inn: Project, tmp_path: Path
) -> None:
    raw = stays(tmp_path / "bookings.csv", 3)
    mapped = {"bookings_bookings_columns": {"revenue": "Turnover"}}
    refused = inn.refusal(bookings_bookings_source=str(raw), **mapped, **ALONE)
    assert "bookings_bookings_columns maps revenue to Turnover" in refused
    assert "columns found: " + COLUMNS.replace(",", ", ") in refused


def test_bookings_without_rows_stop_the_build(inn: Project, tmp_path: Path) -> None:
    raw = stays(tmp_path / "bookings.csv", 0)
    result = build(inn, JUDGED, bookings_bookings_source=str(raw), **ALONE)
    assert not result.success
    assert "Accepted bookings: 0 of 0 raw rows" in failures(result)


def test_one_customer_may_have_most_bookings_and_every_customer_be_there_thrice(
    inn: Project, tmp_path: Path
) -> None:
    """A travel agency under one number; a table of customers that was loaded three times over."""
    many, others = 200_000, 300
    rows = pd.DataFrame({"at": range(many + others)})
    rows["booking_id"] = "B" + rows["at"].astype(str)
    rows["customer_id"] = ("C" + rows["at"].astype(str)).where(rows["at"] >= many, "Agency")
    rows["property_id"] = "P" + (rows["at"] % 500).astype(str)
    rows["arrival_date"] = pd.Timestamp("2023-01-01") + pd.to_timedelta(rows["at"] % 700, unit="D")
    rows["nights"], rows["revenue"] = 2, 10.25
    bookings, customers = tmp_path / "bookings.parquet", tmp_path / "customers.csv"
    rows.drop(columns="at").to_parquet(bookings)
    # Twice the same, and once with a later signup, which counts.
    people = [
        f"{one},{gender},2023-0{month}-01\n"
        for one in rows.customer_id.unique()
        for gender, month in (("f", 1), ("f", 1), ("m", 2))
    ]
    customers.write_text("customer_id,gender,signed_up_at\n" + "".join(people))
    started = time.process_time()
    result = build(
        inn,
        FEATURES,
        "bookings_rejected_rows",
        bookings_bookings_source=str(bookings),
        bookings_customers_source=str(customers),
        bookings_absent_tables=["bookings_campaign_events"],
        bookings_largest_rejected_share=0.9,
    )
    assert result.success, failures(result)
    # Sail runs in this process; the same bookings of as many customers take it longer.
    assert time.process_time() - started < MOST_CPU_SECONDS
    features = inn.spark.table("faults.bookings_customer_features").toPandas()
    features = features.set_index("customer_id")
    assert len(features) == others + 1
    assert features.stays_lifetime["Agency"] == many
    assert features.revenue_lifetime["Agency"] == many * 10.25
    assert features.properties_lifetime["Agency"] == 500
    assert set(features.gender) == {"male"}
    rejected = inn.spark.table("faults.bookings_rejected_rows").toPandas()
    assert rejected.rejection_reason.value_counts().to_dict() == {
        "exact_duplicate": others + 1,
        "duplicate_customer": others + 1,
    }
