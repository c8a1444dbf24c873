"""A build that is killed in the middle, on an embedded Spark of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from project_runs import ROOT

DBT = Path(sys.executable).parent / "dbt"
CHECKED = "+retail_checked_lines"
COUNTS = "select count(*) as lines from segmentation.retail_checked_lines"


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


def lines_published(environment: dict[str, str], variables: str) -> int:
    shown = dbt(
        environment, "show", "--quiet", "--output", "json", "--inline", COUNTS, "--vars", variables
    )
    return int(json.loads(shown)["show"][0]["lines"])


def kill_while_building(environment: dict[str, str], node: str, variables: str) -> None:
    """Starts a build, and kills dbt and its JVM as soon as the node has begun."""
    process = subprocess.Popen(
        [DBT, "run", "--select", CHECKED, "--vars", variables],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
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


def sell(raw: Path, lines: int) -> None:
    """Puts a raw file of so many order lines in place."""
    header = "invoice_id,product_id,description,quantity,ordered_at,unit_price,customer_id,country"
    sales = [
        f"{at},P{at % 7},Mug,{at},2024-03-01 10:00:00,1.50,C{at},Norway" for at in range(lines)
    ]
    raw.write_text("\n".join([header, *sales]))


def test_a_killed_build_leaves_the_last_tables_and_the_next_build_completes(
    environment: dict[str, str], tmp_path: Path
) -> None:
    raw = tmp_path / "lines.csv"
    variables = json.dumps({"retail_order_lines_source": str(raw)})
    sell(raw, 30)
    dbt(environment, "run", "--select", CHECKED, "--vars", variables)
    sell(raw, 40)
    kill_while_building(environment, "retail_checked_lines", variables)
    assert lines_published(environment, variables) == 30
    dbt(environment, "run", "--select", CHECKED, "--vars", variables)
    assert lines_published(environment, variables) == 40
