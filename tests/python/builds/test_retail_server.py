"""The retail domain against a server: SQL over Thrift, Python models over Spark Connect.

The first build clusters in memory, the second one in Spark over Connect.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from pyhive import hive
from pyhive.exc import OperationalError

from dbt_spark_python.server import LocalServer
from project_runs import JAVA_OPTIONS, ROOT, Project

SEGMENTS = (
    "select customer_id, segment_id, distance_to_centroid, runner_up_segment_id, "
    "distance_to_runner_up from segmentation.retail_customer_segments order by customer_id"
)
ENGINES = "select engine from segmentation.retail_segment_models order by trained_at"
SELECTS_DURING_A_BUILD = 40
SECONDS_BETWEEN = 0.2


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    conf = {
        "spark.sql.shuffle.partitions": "2",
        "spark.driver.memory": "2g",
        "spark.driver.extraJavaOptions": JAVA_OPTIONS,
    }
    with LocalServer(tmp_path_factory.mktemp("served"), 0, 0, conf) as running:
        yield running


@pytest.fixture
def start_dbt(server: LocalServer, profiles_dir: Path, tmp_path: Path) -> Any:
    """Starts dbt as a process of its own, against the server."""

    def start(target: str, *arguments: str) -> subprocess.Popen[str]:
        environment = {
            **os.environ,
            "SEGMENTATION_TARGET": target,
            "SEGMENTATION_THRIFT_PORT": str(server.thrift_port),
            "SPARK_REMOTE": server.remote,
            "DBT_PROJECT_DIR": str(ROOT),
            "DBT_PROFILES_DIR": str(profiles_dir),
            "DBT_TARGET_PATH": str(tmp_path / "target"),
            "DBT_LOG_PATH": str(tmp_path / "logs"),
        }
        return subprocess.Popen(
            [Path(sys.executable).parent / "dbt", *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return start


def select(server: LocalServer, statement: str) -> list[tuple[Any, ...]]:
    """Rows as a plain SQL client gets them, on a connection of its own."""
    connection = hive.connect("127.0.0.1", server.thrift_port)
    cursor = connection.cursor()
    cursor.execute(statement)
    rows = [tuple(row) for row in cursor.fetchall()]
    # With all rows here: Spark's server lacks a class of Hive that ending a session rarely needs.
    with suppress(OperationalError):
        connection.close()
    return rows


def placed(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Customer, segment and runner-up of each row."""
    return [(customer, own, runner_up) for customer, own, _, runner_up, _ in rows]


def test_a_server_gives_the_segments_of_the_embedded_build_and_answers_while_building(
    server: LocalServer, start_dbt: Any, project: Project, sample_build: Any
) -> None:
    assert sample_build.success
    reports = (
        "--select",
        "+retail_segment_profile",
        "--exclude-resource-type",
        "unit_test",
        "test",
    )
    first = start_dbt("thrift", "build", *reports)
    output, _ = first.communicate(timeout=400)
    assert first.returncode == 0, output
    served = select(server, SEGMENTS)
    assert served == [tuple(row) for row in project.spark.sql(SEGMENTS).collect()]

    little = {"k": 4, "starts": 2, "stability": {"seeds": 1, "resamples": 1}}
    clustered_by_spark = json.dumps(
        {"segmentation_overrides": {"retail": {"engine": "spark", **little}}}
    )
    second = start_dbt("connect", "build", *reports, "--vars", clustered_by_spark)
    answers = []
    while second.poll() is None:
        answers.append(select(server, "select * from segmentation.retail_segment_profile"))
        time.sleep(SECONDS_BETWEEN)
    output, _ = second.communicate(timeout=60)
    assert second.returncode == 0, output
    assert len(answers) >= SELECTS_DURING_A_BUILD, "the build was over too soon for this test"
    assert {len(rows) for rows in answers} == {4}
    assert select(server, ENGINES) == [("memory",), ("spark",)]
    assert placed(select(server, SEGMENTS)) == placed(served)
