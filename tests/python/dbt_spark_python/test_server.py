"""One local server, reached over Spark Connect and over Thrift."""

from __future__ import annotations

import ipaddress
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import psutil
import pytest
from pyhive import hive
from tiny_project import TinyProject, check_build, has_ended


@dataclass(frozen=True)
class Server:
    """A running ``serve`` command."""

    process: subprocess.Popen[str]
    thrift_port: int
    connect_port: int

    @property
    def environment(self) -> dict[str, str]:
        return {
            "THRIFT_PORT": str(self.thrift_port),
            "CONNECT": f"sc://127.0.0.1:{self.connect_port}",
        }

    def query(self, sql: str) -> list[tuple[object, ...]]:
        """Rows that a plain SQL client gets over Thrift."""
        with hive.connect("127.0.0.1", self.thrift_port) as client, client.cursor() as cursor:
            cursor.execute(sql)
            rows: list[tuple[object, ...]] = cursor.fetchall()
            return rows


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    script = "from dbt_spark_python.server_command import serve_command as s; s()"
    arguments = ["--warehouse", str(tmp_path_factory.mktemp("served"))]
    arguments += ["--thrift-port", "0", "--connect-port", "0"]
    arguments += ["--conf", "spark.master=local[2]", "--conf", "spark.driver.memory=1g"]
    arguments += ["--conf", "spark.driver.extraJavaOptions=-XX:TieredStopAtLevel=1"]
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", script, *arguments], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    output = ""
    for line in process.stdout:
        output += line
        if "Ctrl-C" in line:
            break
    thrift = re.search(r"Thrift +127\.0\.0\.1:(\d+)", output)
    connect = re.search(r"SPARK_REMOTE=sc://127\.0\.0\.1:(\d+)", output)
    assert thrift, output
    assert connect, output
    try:
        yield Server(process, int(thrift[1]), int(connect[1]))
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def test_listens_to_this_machine_only(server: Server) -> None:
    ports = {}
    for process in psutil.Process(server.process.pid).children(recursive=True):
        for connection in process.net_connections("inet"):
            if connection.status == psutil.CONN_LISTEN:
                ports[connection.laddr.port] = ipaddress.ip_address(connection.laddr.ip)
    assert {server.thrift_port, server.connect_port} <= set(ports)
    for port, address in ports.items():
        mapped = getattr(address, "ipv4_mapped", None) or address
        assert mapped.is_loopback, f"port {port} listens at {address}"


def test_connect_builds(server: Server, tiny: TinyProject) -> None:
    # The profile's embedded target, settings for an embedded Spark included, needs no edit.
    remote = {"SPARK_REMOTE": server.environment["CONNECT"], "PATH": os.environ["PATH"]}
    code, output = tiny.dbt("build", environment=remote)
    check_build(tiny, code, output, "It comes from")


def test_thrift_builds_with_python_over_connect(server: Server, tiny: TinyProject) -> None:
    code, output = tiny.dbt("build", "--target", "thrift", environment=server.environment)
    check_build(tiny, code, output, "It comes from")
    # Both builds reached the same tables: the second appended to what the first one made.
    rows = server.query("select is_appended, sum(square) from tiny.squares group by 1")
    assert sorted(rows) == [(False, 14), (True, 14)]


def test_interrupt_stops_the_server(server: Server) -> None:
    children = psutil.Process(server.process.pid).children(recursive=True)
    java = next(child for child in children if "java" in child.name())
    server.process.send_signal(signal.SIGINT)
    output, _ = server.process.communicate(timeout=60)
    assert server.process.returncode == 0
    assert output.endswith("Stopped.\n")
    assert has_ended(java, seconds=0)
