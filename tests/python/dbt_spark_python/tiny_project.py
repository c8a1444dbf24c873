"""A small dbt project of its own, run by the real dbt in processes of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import psutil

FILES = {
    "dbt_project.yml": """
        name: tiny
        version: "1.0"
        profile: tiny
        flags: {send_anonymous_usage_stats: false}
        models: {tiny: {+file_format: parquet, +submission_method: session}}
    """,
    "profiles.yml": """
        tiny:
          target: embedded
          outputs:
            embedded:
              type: spark
              method: session
              host: localhost
              schema: tiny
              threads: 2
              server_side_parameters:
                spark.master: local[2]
                spark.driver.memory: 1g
                spark.driver.extraJavaOptions: -XX:TieredStopAtLevel=1
                spark.ui.enabled: "false"
                spark.sql.shuffle.partitions: "2"
                spark.sql.warehouse.dir: warehouse/data
                spark.hadoop.javax.jdo.option.ConnectionURL:
                  jdbc:derby:;databaseName=warehouse/metastore;create=true
            thrift:
              type: spark
              method: thrift
              host: 127.0.0.1
              port: "{{ env_var('THRIFT_PORT', '1') | int }}"
              schema: tiny
              threads: 2
              poll_interval: 1
              server_side_parameters:
                spark.remote: "{{ env_var('CONNECT', 'sc://127.0.0.1:1') }}"
    """,
    "models/numbers.sql": """
        {{ config(materialized='table') }}
        select id from range(4)
    """,
    "models/history.py": """


        from __future__ import annotations

        from dataclasses import dataclass
        from typing import ClassVar

        from pyspark.sql import functions as F


        @dataclass
        class Power:
            base: int
            exponent: ClassVar[int] = 2

            def value(self) -> int:
                return self.base**self.exponent


        def model(dbt, session):
            dbt.config(materialized="incremental", incremental_strategy="append")
            square = F.udf(lambda base: Power(base).value(), "bigint")
            numbers = dbt.ref("numbers").withColumn("square", square("id"))
            return numbers.agg(
                F.lit(dbt.is_incremental).alias("is_appended"),
                F.collect_list(F.struct("id", "square")).alias("squares"),
            )
    """,
    "models/squares.sql": """
        select h.is_appended, s.id, s.square
        from {{ ref('history') }} as h lateral view explode(h.squares) t as s
    """,
    "models/frame.py": """
        import pandas as pd
        from pyspark.sql import SparkSession


        def model(dbt, session):
            assert SparkSession.getActiveSession() is not None
            meta = dbt.config.get("meta")
            numbers = dbt.ref("numbers")
            return pd.DataFrame({"label": [meta["label"]], "n": [numbers.count()]})
    """,
    "models/left.py": """
        import time

        SIDE = "left"


        def model(dbt, session):
            time.sleep(1)
            return session.createDataFrame([(SIDE, __name__)], "side string, module string")
    """,
    "models/right.py": """
        import time

        SIDE = "right"


        def model(dbt, session):
            time.sleep(1)
            return session.createDataFrame([(SIDE, __name__)], "side string, module string")
    """,
    "models/models.yml": """
        models:
          - {name: frame, config: {meta: {label: from yaml}}}
          - {name: left, config: {materialized: table}}
          - {name: right, config: {materialized: table}}
    """,
    "models/broken/broken.py": """


        def half(number):
            return 1 / number


        def model(dbt, session):
            dbt.config(materialized="table")
            return session.range(int(half(0)))
    """,
    "models/broken/broken_column.py": """
        from pyspark.sql import functions as F


        def model(dbt, session):
            dbt.config(materialized="table")
            frame = dbt.ref("numbers")
            return frame.withColumn("twice", F.col("no_such_column") * 2)
    """,
    "models/broken/broken_exit.py": """
        def model(dbt, session):
            dbt.config(materialized="table")
            raise SystemExit(0)
            return None
    """,
    "models/slow/slow.py": """
        import time


        def model(dbt, session):
            dbt.config(materialized="table")
            time.sleep(4)
            n = session.range(10**12).where("sqrt(id) + sqrt(id + 1) = 0.5").count()
            return session.createDataFrame([(n,)], "n bigint")
    """,
    "models/slow/slow.yml": """
        models:
          - {name: slow, config: {enabled: "{{ var('slow', false) }}"}}
    """,
    "tests/squares_are_whole.sql": """
        select is_appended, count(*), sum(square) from {{ ref('squares') }}
        group by is_appended
        having count(*) <> 4 or sum(square) <> 0 + 1 + 4 + 9 or max(square) <> 9
    """,
    "tests/sides_are_separate.sql": """
        select s.side, s.module
        from (
            select 'left' as expected, * from {{ ref('left') }}
            union all select 'right' as expected, * from {{ ref('right') }}
        ) as s
        where s.side <> s.expected or s.module not like concat('%', s.expected)
    """,
    "tests/frame_has_config_and_ref.sql": """
        select * from {{ ref('frame') }} where label <> 'from yaml' or n <> 4
    """,
}

BUILT = {"numbers", "history", "squares", "frame", "left", "right"}
TESTS = {"squares_are_whole", "sides_are_separate", "frame_has_config_and_ref"}
BROKEN = {"broken", "broken_column", "broken_exit"}


@dataclass(frozen=True)
class TinyProject:
    """A dbt project in a folder, and the dbt that it is run by."""

    root: Path
    command: Path = Path(sys.executable).parent / "dbt"

    @classmethod
    def written(cls, root: Path, files: Mapping[str, str], **settings: Path) -> TinyProject:
        """The project that a folder becomes with these files, by their path in it."""
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text).removeprefix("\n"))
        return cls(root, **settings)

    def start(
        self, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """Start ``dbt ARGUMENTS`` as a terminal would, standard output and error as one."""
        env = {name: value for name, value in os.environ.items() if name != "SPARK_REMOTE"}
        return subprocess.Popen(
            [self.command, "--no-use-colors", *arguments],
            cwd=self.root,
            env={**env, "DBT_PROFILES_DIR": str(self.root), **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def dbt(self, *arguments: str, environment: Mapping[str, str] | None = None) -> tuple[int, str]:
        """Exit code and output of ``dbt ARGUMENTS``."""
        process = self.start(*arguments, environment=environment)
        output, _ = process.communicate(timeout=180)
        return process.returncode, output

    def results(self) -> dict[str, tuple[str, str]]:
        """Status and message of each node of the last run, by the node's name."""
        run = json.loads((self.root / "target" / "run_results.json").read_text())
        return {
            result["unique_id"].split(".")[2]: (result["status"], result["message"] or "")
            for result in run["results"]
        }


def has_ended(process: psutil.Process, seconds: float) -> bool:
    """Whether a process ends within some seconds, be it as a zombie that nobody asked about."""
    deadline = time.monotonic() + seconds
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def check_build(tiny: TinyProject, code: int, output: str, column_line: str) -> None:
    """A build made and tested every table, and reported each broken model at its own line."""
    assert code == 1, output
    results = tiny.results()
    statuses = {name: status for name, (status, _) in results.items()}
    expected = {
        **dict.fromkeys(BUILT, "success"),
        **dict.fromkeys(TESTS, "pass"),
        **dict.fromkeys(BROKEN, "error"),
    }
    assert statuses == expected, output

    models = tiny.root / "models" / "broken"
    message = results["broken"][1]
    assert f'File "{models / "broken.py"}", line 9, in model' in message
    assert f'File "{models / "broken.py"}", line 4, in half' in message
    assert message.rstrip().endswith("ZeroDivisionError: division by zero")
    assert message.count("File ") == 2, "frames of dbt or of this package are shown"

    message = results["broken_column"][1]
    assert f'File "{models / "broken_column.py"}", line 7' in message
    assert column_line in message
    assert "`no_such_column` cannot be resolved" in message
    assert not re.search(r"\tat |JVM stacktrace", message), "Java's stack is shown"

    assert f'File "{models / "broken_exit.py"}", line 3, in model' in results["broken_exit"][1]
    # The report on the terminal is dbt's alone: no logging of Spark, no stack of Java.
    assert not re.search(r'WARN |log4j|incubator|\tat org\.|UserWarning|"logger": ', output)
    assert f'File "{models / "broken.py"}", line 9, in model' in output
