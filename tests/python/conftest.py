"""One Spark for two processes of the test run, Sail for the third, and where each test runs."""

from __future__ import annotations

import os
import shutil
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


WITH_THE_FIRST_BUILD = {
    *(f"tests/python/builds/test_retail_{name}.py" for name in ("build", "server")),
    *(f"tests/python/builds/test_{name}.py" for name in ("engines", "registry", "upgrade")),
    "tests/python/dbt_spark_python/test_server.py",  # Needs none, but evens out the two processes.
}
# A process has one engine. Whole builds of projects whose engine is not the point.
BY_SAIL = {
    f"tests/python/builds/test_{name}.py"
    for name in (
        *("dbt_flags", "first_build", "text_notations", "own_mart", "raw_files", "raw_mapping"),
        *("inspected", "retail_versions", "toy_domain"),
    )
}


class ThreeProcesses(LoadScopeScheduling):
    """Tests that need the first build share one process and its Spark, those by Sail another.

    All others have a third.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if file in BY_SAIL:
            return "sail"
        return "builds" if file in WITH_THE_FIRST_BUILD else "rest"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ThreeProcesses:
    """Which process runs a test."""
    return ThreeProcesses(config, log)


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the tables that builds in this process write."""
    return tmp_path_factory.mktemp("warehouse")


@pytest.fixture(scope="session")
def spark(warehouse: Path) -> Iterator[Any]:
    """An embedded session with the settings of profiles.yml.example."""
    from pyspark.sql import SparkSession

    os.environ.update(java.environment(os.environ))
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
    """The result of the first `dbt build` on the shipped sample, tests included."""
    return project.dbt("build")
