"""The JVM as a process, its log, and the starts of a server that fail."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner
from dbt_common.exceptions import DbtRuntimeError
from tiny_project import has_ended

from dbt_spark_python import jvm
from dbt_spark_python.jvm_log import JvmLog
from dbt_spark_python.server import LocalServer
from dbt_spark_python.server_command import serve_command


def test_java_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    script = """
import sys, time
from pathlib import Path
from dbt_spark_python import jvm
from dbt_spark_python.jvm_log import JvmLog
gateway = jvm.launch({"spark.master": "local[1]"}, JvmLog(Path(sys.argv[1])))
print(gateway.proc.pid, flush=True)
time.sleep(60)
"""
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        java = psutil.Process(int(parent.stdout.readline()))
        assert "java" in java.name()
        parent.send_signal(signal.SIGKILL)
    assert has_ended(java, seconds=10)


def test_environment_of_the_parent_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPARK_SUBMIT_OPTS", "-Dmine=1")
    seen: dict[str, str] = {}

    monkeypatch.setattr("pyspark.java_gateway.launch_gateway", lambda *_: seen.update(os.environ))
    before = dict(os.environ)
    jvm.launch({"spark.master": "local[1]"}, JvmLog(tmp_path), {"EXTRA": "2"})
    assert dict(os.environ) == before
    assert seen["EXTRA"] == "2"
    assert seen["SPARK_LOCAL_IP"] == "127.0.0.1"
    assert seen["PYSPARK_PYTHON"]
    assert seen["SPARK_SUBMIT_OPTS"].endswith(" -Dmine=1")
    assert "derby.stream.error.field" in seen["SPARK_SUBMIT_OPTS"]


def test_a_cluster_is_not_told_to_use_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SPARK_LOCAL_IP", "PYSPARK_PYTHON"):
        monkeypatch.delenv(name, raising=False)
    seen: dict[str, str] = {}
    monkeypatch.setattr("pyspark.java_gateway.launch_gateway", lambda *_: seen.update(os.environ))
    jvm.launch({"spark.master": "spark://cluster:7077"}, JvmLog(tmp_path))
    assert not {"SPARK_LOCAL_IP", "PYSPARK_PYTHON"} & set(seen)


class TestLog:
    def test_reads_its_own_part_of_a_shared_file(self, tmp_path: Path) -> None:
        first = JvmLog(tmp_path / "logs")
        first.file.write(b"first\n")
        first.file.flush()
        second = JvmLog(tmp_path / "logs")
        second.file.write(b"".join(b"line %d\n" % n for n in range(30)))
        second.file.flush()
        assert second.text().startswith("line 0\n")
        assert second.tail().splitlines() == [f"  line {n}" for n in range(10, 30)]
        assert first.text().startswith("first\n")

    def test_a_large_file_is_begun_anew(self, tmp_path: Path) -> None:
        path = JvmLog.path_in(tmp_path)
        with path.open("wb") as log:
            log.truncate(11 * 1024 * 1024)
        assert JvmLog(tmp_path).path.stat().st_size == 0


class TestServerFailures:
    def test_a_port_in_use(self, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            result = CliRunner().invoke(
                serve_command, ["--warehouse", str(tmp_path), "--connect-port", str(port)]
            )
        assert result.exit_code == 1
        assert f"Port {port} at 127.0.0.1 cannot be used" in result.output
        assert "choose another port" in result.output

    def test_one_port_for_both(self, tmp_path: Path) -> None:
        ports = ["--thrift-port", "10999", "--connect-port", "10999"]
        result = CliRunner().invoke(serve_command, ["--warehouse", str(tmp_path), *ports])
        assert result.exit_code == 1
        assert "cannot both have port 10999" in result.output

    def test_a_setting_without_a_value(self, tmp_path: Path) -> None:
        result = CliRunner().invoke(
            serve_command, ["--warehouse", str(tmp_path), "--conf", "spark.driver.memory"]
        )
        assert result.exit_code == 2
        assert "'spark.driver.memory' is no setting with its value" in result.output

    def test_a_spark_that_does_not_start_leaves_no_process(self, tmp_path: Path) -> None:
        server = LocalServer(tmp_path, 0, 0, {"spark.master": "no such master"})
        started = time.monotonic()
        with pytest.raises(DbtRuntimeError) as caught:
            server.start()
        assert "Spark did not start" in caught.value.msg
        assert caught.value.msg.endswith(
            "Master must either be yarn or start with spark, k8s, or local"
        )
        assert str(server.log_path) in caught.value.msg
        assert not server.is_running()
        assert time.monotonic() - started < 60
