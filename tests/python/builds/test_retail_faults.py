"""A build that is killed in the middle, on an embedded Spark of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from project_runs import RETAIL, ROOT

JUDGED = "+int_retail__judged_lines"
COUNT = "select count(*) as lines from segmentation_internal.int_retail__judged_lines"
# Each line of input is the arguments of one dbt command: one JVM serves them all.
COMMANDS = """
import json, sys
from dbt.cli.main import dbtRunner

for line in sys.stdin:
    print("ended:", dbtRunner().invoke(json.loads(line)).success, flush=True)
"""


class DbtProcess:
    """A process that runs dbt commands on the warehouse in a folder, with a raw file of its own."""

    def __init__(self, folder: Path, profiles_dir: Path) -> None:
        self.raw = folder / "lines.csv"
        self.process = subprocess.Popen(
            [sys.executable, "-c", COMMANDS],
            env={
                **os.environ,
                "SEGMENTATION_TARGET": "embedded",
                "SEGMENTATION_WAREHOUSE": str(folder / "warehouse"),
                "DBT_PROJECT_DIR": str(ROOT),
                "DBT_PROFILES_DIR": str(profiles_dir),
                "DBT_TARGET_PATH": str(folder / "target"),
                "DBT_LOG_PATH": str(folder / "logs"),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, *arguments: str) -> Iterator[str]:
        """Start ``dbt ARGUMENTS``; the lines that it prints, as it prints them."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        variables = json.dumps(
            {"segmentations": RETAIL, "retail_order_lines_source": str(self.raw)}
        )
        print(json.dumps([*arguments, "--vars", variables]), file=self.process.stdin, flush=True)
        return iter(self.process.stdout.readline, "")

    def dbt(self, *arguments: str) -> list[str]:
        """What ``dbt ARGUMENTS`` prints, which must succeed."""
        printed = []
        for line in self.start(*arguments):
            if line == "ended: True\n":
                return printed
            printed.append(line)
            if line.startswith("ended:"):
                break
        pytest.fail("".join(printed))

    def lines_published(self) -> int:
        shown = self.dbt("show", "--quiet", "--output", "json", "--inline", COUNT)
        return int(json.loads("".join(shown))["show"][0]["lines"])

    def kill(self) -> None:
        """Kill the process and its JVM."""
        family = [self.process.pid]
        family += [child.pid for child in psutil.Process(self.process.pid).children(True)]
        for pid in family:
            os.kill(pid, signal.SIGKILL)
        self.process.communicate(timeout=60)
        assert len(family) > 1, "the JVM was not a child of dbt"

    def sell(self, lines: int) -> None:
        """Put a raw file of so many order lines in place."""
        header = "invoice_id,product_id,description,quantity,ordered_at,unit_price,customer_id"
        sales = [
            f"{at},P{at % 7},Mug,{at},2024-03-01 10:00:00,1.50,C{at},Norway" for at in range(lines)
        ]
        self.raw.write_text("\n".join([f"{header},country", *sales]))


def test_a_killed_build_leaves_the_last_tables_and_the_next_build_completes(
    tmp_path: Path, profiles_dir: Path
) -> None:
    first = DbtProcess(tmp_path, profiles_dir)
    first.sell(30)
    first.dbt("run", "--select", JUDGED)
    first.sell(40)
    for line in first.start("run", "--select", JUDGED):
        assert "ended:" not in line, "int_retail__judged_lines was never built"
        if ".int_retail__judged_lines " in line and "START" in line:
            break
    first.kill()

    second = DbtProcess(tmp_path, profiles_dir)
    try:
        assert second.lines_published() == 30
        second.dbt("run", "--select", JUDGED)
        assert second.lines_published() == 40
    finally:
        second.kill()
