"""Spark and Sail: the same rows, and each goes on from what the other one published."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import adjusted_rand_score

from customer_segmentation import score, train
from customer_segmentation.sample.bookings.sample import BookingsSample
from customer_segmentation.sample.bookings.tables import generate_bookings
from dbt_spark_python.warehouse import Record, Warehouse
from project_runs import RETAIL, ROOT, Project, failures

DBT = (sys.executable, "-c", "from dbt.cli.main import cli; cli()")
DIGITS = 9
# Of a model's row, what says when and by what it was trained.
OF_THE_RUN = {"model_id", "newest_model_id", "trained_at", "decided_at", "versions"}
MODELS, SEGMENTS = "retail_segment_models", "retail_customer_segments"
HISTORY = "retail_segment_history"

# All that stands before a model of bookings is trained, without tests.
GUESTS = ("--exclude-resource-type", "unit_test", "--exclude-resource-type", "test", "--select")
GUESTS += ("+bookings_customer_features", "+bookings_defaulted_values", "bookings_rejected_rows")


class Dbt:
    """dbt in processes of its own, on one folder of tables."""

    def __init__(self, warehouse: Path, profiles_dir: Path, scratch: Path) -> None:
        self.tables = Warehouse(warehouse / "data")
        self._warehouse = warehouse
        self._folders = {
            "--project-dir": ROOT,
            "--profiles-dir": profiles_dir,
            "--target-path": scratch / "target",
            "--log-path": scratch / "logs",
        }

    def start(self, target: str, *arguments: str, **variables: Any) -> subprocess.Popen[str]:
        folders = [str(part) for pair in self._folders.items() for part in pair]
        given = ["--vars", json.dumps({"segmentations": RETAIL, **variables})]
        environment = {
            **os.environ,
            "SEGMENTATION_WAREHOUSE": str(self._warehouse),
            "SEGMENTATION_TARGET": target,
        }
        if target == "sail":  # Where there is no Java.
            environment["PATH"] = str(Path(sys.executable).parent)
            environment.pop("JAVA_HOME", None)
        return subprocess.Popen(
            [*DBT, "--no-use-colors", *arguments, *folders, *given],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, target: str, *arguments: str, **variables: Any) -> str:
        """What a run says that succeeds."""
        process = self.start(target, *arguments, **variables)
        said, _ = process.communicate(timeout=600)
        assert process.returncode == 0, said
        return said

    def records(self) -> dict[str, Record]:
        return {one.name: one for one in self.tables.records() if one.is_published}

    def rows(self, name: str) -> list[dict[str, Any]]:
        return rows(self.tables, self.records()[name])


def rows(tables: Warehouse, record: Record) -> list[dict[str, Any]]:
    """The rows of a published table, read by path."""
    assert record.location is not None
    found: list[dict[str, Any]] = pq.read_table(tables.folder / record.location).to_pylist()
    return found


def comparable(value: Any) -> Any:
    """A value of a table without what differs from run to run, doubles to some digits."""
    if isinstance(value, float):
        return "nan" if value != value else float(f"{value:.{DIGITS}g}")
    if isinstance(value, dict):
        return {key: comparable(item) for key, item in value.items() if key not in OF_THE_RUN}
    if isinstance(value, list):
        return [comparable(item) for item in value]
    if isinstance(value, datetime):
        # Spark writes no time zone; both mean UTC.
        return str(value.replace(tzinfo=value.tzinfo or timezone.utc))
    return str(value)


def lines(tables: Warehouse, record: Record) -> list[str]:
    return sorted(json.dumps(comparable(row), sort_keys=True) for row in rows(tables, record))


@pytest.fixture(scope="module")
def sail(profiles_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Dbt:
    """Sail's first build of the sample, with all its data and unit tests."""
    folder = tmp_path_factory.mktemp("sail")
    dbt = Dbt(folder / "warehouse", profiles_dir, folder)
    said = dbt.run("sail", "build")
    assert "START unit_test" in said
    assert "ERROR=0" in said
    # What every Spark makes.
    assert not (folder / "warehouse" / "metastore").exists()
    return dbt


def test_every_table_has_the_same_rows(sample_build: Any, warehouse: Path, sail: Dbt) -> None:
    assert sample_build.success, failures(sample_build)
    tables = Warehouse(warehouse / "data")
    by_spark = {one.name: one for one in tables.records() if one.schema.startswith("segmentation")}
    by_sail = sail.records()
    assert by_spark.keys() == by_sail.keys()
    assert {MODELS, SEGMENTS, "retail_customer_features", "segmentation_quality"} <= by_sail.keys()
    different = []
    for name, record in by_sail.items():
        other = by_spark[name]
        if record.columns != other.columns or record.comment != other.comment:
            different.append(f"columns of {name}")
        elif record.location is not None:
            ours, theirs = lines(sail.tables, record), lines(tables, other)
            assert ours or name == "retail_segment_migration"
            pairs = zip(ours, theirs, strict=False)
            different += [f"{name}: {one} | {two}" for one, two in pairs if one != two][:1]
            assert len(ours) == len(theirs), name
    assert different == []


@contextmanager
def schema(name: str) -> Iterator[None]:
    """Builds go to a schema of their own meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGMENTATION_SCHEMA", name)
        yield


@pytest.fixture(scope="module")
def guests(
    project: Project, profiles_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Project:
    """The sample of bookings up to its mart, on Spark, in the schema guests."""
    scratch = tmp_path_factory.mktemp("guests")
    guests = Project(project.spark, profiles_dir, scratch, {"bookings": True})
    with schema("guests"):
        result = guests.dbt("build", *GUESTS)
    assert result.success, failures(result)
    return guests


def test_bookings_have_the_same_rows(sail: Dbt, guests: Project, warehouse: Path) -> None:
    with schema("guests"):
        sail.run("sail", "build", *GUESTS, segmentations=guests.segmentations)
    tables = Warehouse(warehouse / "data")
    by_sail, by_spark = (
        {one.name: one for one in found if one.is_published and one.schema.startswith("guests")}
        for found in (sail.tables.records(), tables.records())
    )
    assert by_spark.keys() == by_sail.keys()
    assert {"bookings_customer_features", "int_bookings__customer_engagement"} <= by_sail.keys()
    for name, record in by_sail.items():
        assert record.columns == by_spark[name].columns, name
        if record.location is not None:
            ours, theirs = lines(sail.tables, record), lines(tables, by_spark[name])
            assert ours
            assert ours == theirs, name


def test_both_engines_of_training_find_the_planted_guests(guests: Project) -> None:
    with schema("guests"):
        nodes = guests.manifest().nodes
    models = nodes["model.customer_segmentation.bookings_segment_models"]
    shipped = models.config.meta["specification"]
    mart = guests.spark.table("guests.bookings_customer_features")
    blocks = generate_bookings(BookingsSample(customers=600))
    planted = pd.concat([block.groups.to_pandas() for block in blocks]).set_index("customer_id")
    found = planted[["planted_group"]]
    for engine in ("memory", "spark"):
        # MLlib has no DBSCAN and no HDBSCAN; the k that the range finds spares it eight fits.
        asked = {key: shipped[key] for key in shipped if key not in ("compare", "density")}
        model = train(mart, {**asked, "k": 4, "engine": engine})
        segments = score(mart, model).select("customer_id", "segment_id").toPandas()
        column = segments.set_index("customer_id").segment_id.rename(engine)
        found = found.join(column, how="inner")
    assert len(found) > 500
    assert adjusted_rand_score(found.planted_group, found.memory) > 0.9
    assert adjusted_rand_score(found.planted_group, found.spark) > 0.9
    assert adjusted_rand_score(found.memory, found.spark) > 0.98


def test_the_next_process_finds_all_that_was_published(sail: Dbt) -> None:
    models = sail.rows(MODELS)
    said = sail.run("sail", "run")
    assert "nothing to train" in said
    assert said.count("[UNCHANGED in") >= 30
    assert sail.rows(MODELS) == models


def test_two_builds_at_once_are_refused(sail: Dbt) -> None:
    sail.tables.lock()
    try:
        process = sail.start("sail", "run")
        said, _ = process.communicate(timeout=120)
    finally:
        sail.tables.unlock()
    assert process.returncode == 2
    assert f"Another process uses this warehouse: {sail.tables.folder} is locked" in said
    assert "Traceback" not in said


def test_engines_in_turns_and_a_kill_keep_models_segments_and_history(sail: Dbt) -> None:
    def segments() -> dict[str, int]:
        return {row["customer_id"]: row["segment_id"] for row in sail.rows(SEGMENTS)}

    def history() -> set[tuple[Any, ...]]:
        rows = sail.rows(HISTORY)
        return {(row["customer_id"], row["segment_id"], row["from_date"]) for row in rows}

    def model_ids() -> list[str]:
        return sorted(row["model_id"] for row in sail.rows(MODELS))

    models = model_ids()
    before, past = segments(), history()
    killed = sail.start("sail", "run", retrain="retail")
    assert killed.stdout is not None
    for line in killed.stdout:
        if f"START python published_table model segmentation.{SEGMENTS}" in line:
            break
    killed.kill()
    killed.communicate()
    # Readers by path find whole tables; the model was trained, and scores with the next build.
    trained = model_ids()
    assert trained == [*models, trained[-1]]
    assert segments() == before

    # Of SQL and of Python, tables and a view: of every kind one that Spark makes anew.
    some = (MODELS, "retail_segment_decisions", SEGMENTS, HISTORY, "segmentation_models")
    said = sail.run("embedded", "run", "--select", *some)
    assert "tables and views over that Sail has made" in said
    assert "nothing to train" in said
    assert {row["model_id"] for row in sail.rows(SEGMENTS)} == {trained[-1]}
    # In `make build-dbt-1.12` Sail goes on from all that Spark publishes.
    said = sail.run("sail", "run", "--select", *some)
    assert "nothing to train" in said
    assert model_ids() == trained
    assert segments() == before
    assert history() >= past
