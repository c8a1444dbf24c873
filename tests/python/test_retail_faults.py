"""A build that is killed in the middle, on an embedded Spark of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from project_runs import ROOT

DBT = Path(sys.executable).parent / "dbt"
COUNTS = (
    "select count(*) as customers, sum(net_revenue_lifetime) as revenue "
    "from segmentation.retail_customer_features"
)
MODELS = ["--select", "+retail_customer_features", "--exclude-resource-type", "unit_test", "test"]


@pytest.fixture
def environment(tmp_path: Path, profiles_dir: Path) -> dict[str, str]:
    return {
        **os.environ,
        "SEGMENTATION_TARGET": "embedded",
        "SEGMENTATION_WAREHOUSE": str(tmp_path / "warehouse"),
        "DBT_PROJECT_DIR": str(ROOT),
        "DBT_PROFILES_DIR": str(profiles_dir),
        "DBT_TARGET_PATH": str(tmp_path / "target"),
        "DBT_LOG_PATH": str(tmp_path / "logs"),
    }


def dbt(environment: dict[str, str], *arguments: str) -> str:
    finished = subprocess.run(
        [DBT, *arguments], env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def counts(environment: dict[str, str]) -> Any:
    shown = dbt(environment, "show", "--quiet", "--output", "json", "--inline", COUNTS)
    return json.loads(shown)["show"]


def kill_while_building(environment: dict[str, str], node: str) -> None:
    """Starts a build, and kills dbt and its JVM as soon as the node has begun."""
    process = subprocess.Popen(
        [DBT, "build", *MODELS], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        if f".{node} " in line and "START" in line:
            break
    else:
        pytest.fail(f"{node} was never built")
    family = [process.pid, *(child.pid for child in psutil.Process(process.pid).children(True))]
    for pid in family:
        os.kill(pid, signal.SIGKILL)
    process.wait(timeout=60)
    process.stdout.close()
    assert len(family) > 1, "the JVM was not a child of dbt"


def test_a_killed_build_leaves_the_last_tables_and_the_next_build_completes(
    environment: dict[str, str],
) -> None:
    dbt(environment, "build", *MODELS)
    before = counts(environment)
    kill_while_building(environment, "retail_checked_lines")
    assert counts(environment) == before
    dbt(environment, "build", *MODELS)
    assert counts(environment) == before
