"""One Spark for two processes of the test run, Sail for two, none for the last."""

from __future__ import annotations

import functools
import os
import re
import shutil
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from xdist.scheduler import LoadScopeScheduling

from dbt_spark_python import java, session
from project_runs import JAVA_OPTIONS, ROOT, Project

# A slow machine is no failure.
hypothesis.settings.register_profile("project", deadline=None)
hypothesis.settings.load_profile("project")


# What the tests of a file ask for says in which process they run: so each has one engine, and
# builds once what several files ask for. The first that any of them asks for counts.
PROCESSES = {"sample_build": "builds", "sail_project": "sail", "spark": "spark", "project": "spark"}
FIXTURE = re.compile(rf"\b({'|'.join(PROCESSES)})(?:: |\"\))")


class OneEngineAProcess(LoadScopeScheduling):
    """All tests with one engine share a process; those without any share another."""

    def _split_scope(self, nodeid: str) -> str:
        return process_of(nodeid.partition("::")[0])


@functools.cache
def process_of(file: str) -> str:
    """The process of a file, by the parameters of its functions."""
    asked_for = set(FIXTURE.findall((ROOT / file).read_text(encoding="utf-8")))
    process = next((name for fixture, name in PROCESSES.items() if fixture in asked_for), "rest")
    if process == "sail":
        # The most tests are by Sail, and its files share no build: their names halve them.
        return f"sail {zlib.crc32(file.encode()) % 2}"
    return process


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneEngineAProcess:
    """Which process runs a test."""
    return OneEngineAProcess(config, log)


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the tables that builds in this process write."""
    return tmp_path_factory.mktemp("warehouse")


@pytest.fixture(scope="session")
def spark(warehouse: Path) -> Iterator[Any]:
    """An embedded session with the settings of profiles.yml.example."""
    from pyspark.sql import SparkSession

    # Spark's workers run the interpreter of the tests, as those of an embedded Spark run dbt's.
    os.environ.update(java.environment(os.environ), PYSPARK_PYTHON=sys.executable)
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.driver.memory", "3g")
        .config(
            "spark.driver.extraJavaOptions",
            f"{JAVA_OPTIONS} -Dderby.system.home={warehouse}",
        )
        .config("spark.sql.warehouse.dir", str(warehouse / "data"))
        .config(
            "spark.hadoop.javax.jdo.option.ConnectionURL",
            f"jdbc:derby:;databaseName={warehouse / 'metastore'};create=true",
        )
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.buffer.pageSize", "4m")
        .config("spark.sql.ansi.enabled", "false")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .enableHiveSupport()
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture(scope="session")
def profiles_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the example profile under the name that dbt looks for."""
    folder = tmp_path_factory.mktemp("profiles")
    shutil.copy(ROOT / "profiles.yml.example", folder / "profiles.yml")
    return folder


@pytest.fixture(scope="session")
def project(
    spark: Any,
    warehouse: Path,
    profiles_dir: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Project]:
    """The project on the session's warehouse, before anything is built."""
    os.environ["SEGMENTATION_WAREHOUSE"] = str(warehouse)
    yield Project(spark, profiles_dir, tmp_path_factory.mktemp("dbt"))
    del os.environ["SEGMENTATION_WAREHOUSE"]


@pytest.fixture(scope="session")
def sail_project(profiles_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The project on Sail, before anything is built."""
    warehouse = tmp_path_factory.mktemp("sail")
    settings = {
        "spark.remote": "sail",
        "spark.sql.warehouse.dir": str(warehouse / "data"),
        "spark.sql.session.timeZone": "UTC",
    }
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SEGMENTATION_TARGET", "sail")
        environment.setenv("SEGMENTATION_WAREHOUSE", str(warehouse))
        scratch = tmp_path_factory.mktemp("dbt")
        yield Project(session.get_session(settings), profiles_dir, scratch)


@pytest.fixture(scope="session")
def sample_build(project: Project) -> Any:
    """The result of the first `dbt build` on the shipped sample, data tests included.

    Not the unit tests: `make build` has run them on Spark, and test_engines.py runs them on Sail.
    """
    return project.dbt("build", "--exclude-resource-type", "unit_test")
