"""A local Spark server for SQL clients and dbt: Thrift and Spark Connect in one JVM."""

import socket
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from dbt_common.exceptions import DbtRuntimeError

from dbt_spark_python import jvm, metastore, takeover
from dbt_spark_python.jvm_log import JvmLog
from dbt_spark_python.warehouse import Warehouse

THRIFT_PORT = 10000
CONNECT_PORT = 15002

_ANSWER_SECONDS = 30
_POLL_SECONDS = 0.1


def warehouse_settings(warehouse: Path) -> dict[str, str]:
    """The Spark settings that keep tables in ``data`` and their catalog in ``metastore``.

    Args:
        warehouse: the folder that holds both.
    """
    metastore_url = f"jdbc:derby:;databaseName={warehouse / 'metastore'};create=true"
    return {
        "spark.sql.warehouse.dir": str(warehouse / "data"),
        metastore.CONNECTION_URL_SETTING: metastore_url,
    }


class LocalServer:
    """Serves one warehouse folder over Thrift and over Spark Connect, to this machine only.

    A context manager: started on entry, stopped on exit. The server also ends when the process
    that started it ends, however it ends.

    Attributes:
        warehouse: folder of the tables and of their catalog.
        thrift_port: port of the Thrift server at 127.0.0.1; known once started.
        connect_port: port of the Spark Connect server at 127.0.0.1; known once started.
    """

    def __init__(
        self,
        warehouse: Path,
        thrift_port: int = THRIFT_PORT,
        connect_port: int = CONNECT_PORT,
        conf: Mapping[str, str] | None = None,
    ) -> None:
        """Describe a server.

        Args:
            warehouse: folder of the tables and of their catalog; made where it does not exist.
            thrift_port: port to listen on; 0 takes a free one.
            connect_port: port to listen on; 0 takes a free one.
            conf: further Spark settings.
        """
        self.warehouse = warehouse.absolute()
        self.thrift_port = thrift_port
        self.connect_port = connect_port
        self._conf = dict(conf or {})
        self._gateway: Any = None
        self._tables = Warehouse(self.warehouse / "data")

    @property
    def remote(self) -> str:
        """The Spark Connect address, as ``SPARK_REMOTE`` takes it."""
        return f"sc://{jvm.LOOPBACK}:{self.connect_port}"

    @property
    def log_path(self) -> Path:
        """The file that takes what Spark prints."""
        return JvmLog.path_in(self.warehouse)

    @property
    def pid(self) -> int:
        """Process id of the running server."""
        return int(self._gateway.proc.pid)

    def is_running(self) -> bool:
        """Whether the server was started and its process is alive."""
        return self._gateway is not None and self._gateway.proc.poll() is None

    def __enter__(self) -> "LocalServer":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server and wait until both ports answer.

        Raises:
            DbtRuntimeError: a port or the warehouse is taken, or Spark did not start.
        """
        if self.thrift_port and self.thrift_port == self.connect_port:
            raise DbtRuntimeError(
                f"Thrift and Spark Connect cannot both have port {self.thrift_port}. Give them "
                "different ports (0 takes a free one)."
            )
        for port in (self.thrift_port, self.connect_port):
            _require_usable(port)
        settings = self._settings()
        takeover.claim(self._tables, settings)
        log = JvmLog(self.warehouse)
        variables = {
            "HIVE_SERVER2_THRIFT_BIND_HOST": jvm.LOOPBACK,
            "HIVE_SERVER2_THRIFT_PORT": str(self.thrift_port),
            "SPARK_LOCAL_IP": jvm.LOOPBACK,
        }
        try:
            with jvm.explained_failure(settings, log):
                self._gateway = jvm.launch(settings, log, variables)
                spark = self._gateway.jvm.org.apache.spark.sql
                # Spark Connect starts with the session, as a plugin.
                session = spark.classic.SparkSession.builder().getOrCreate()
                session.catalog().databaseExists("default")  # Opens the metastore.
                takeover.take_over(session.sql, session.catalog().tableExists, self._tables)
                # What clients publish from now on is in Spark's catalog alone.
                self._tables.mark_behind()
                thrift = spark.hive.thriftserver.HiveThriftServer2
                services = thrift.startWithContext(session.sqlContext()).getServices()
                # Where 0 was asked for, the ports that Spark took: one that is found free
                # beforehand may be taken by any connection of this machine until then.
                self.thrift_port = next(
                    service.getPortNumber()
                    for service in services
                    if service.getName() == "ThriftBinaryCLIService"
                )
                connect = getattr(spark.connect.service, "SparkConnectService$")
                self.connect_port = getattr(connect, "MODULE$").localPort()
                for port in (self.thrift_port, self.connect_port):
                    _wait_for_answer(port)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server and wait until its process is gone; nothing where none was started."""
        if self._gateway is not None:
            jvm.stop(self._gateway)
            self._gateway = None
        self._tables.unlock()

    def _settings(self) -> dict[str, str]:
        plugins = ["org.apache.spark.sql.connect.SparkConnectPlugin"]
        if "spark.plugins" in self._conf:
            plugins.append(self._conf["spark.plugins"])
        return {
            "spark.app.name": "local server",
            "spark.master": "local[*]",
            "spark.ui.enabled": "false",
            **warehouse_settings(self.warehouse),
            **self._conf,
            "spark.plugins": ",".join(plugins),
            "spark.connect.grpc.binding.address": jvm.LOOPBACK,
            "spark.connect.grpc.binding.port": str(self.connect_port),
            "spark.driver.bindAddress": jvm.LOOPBACK,
            "spark.driver.host": jvm.LOOPBACK,
        }


def _require_usable(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((jvm.LOOPBACK, port))
        except OSError as error:
            raise DbtRuntimeError(
                f"Port {port} at {jvm.LOOPBACK} cannot be used: {error.strerror}. Stop the program "
                "that listens there, or choose another port (0 takes a free one)."
            ) from error


def _wait_for_answer(port: int) -> None:
    deadline = time.monotonic() + _ANSWER_SECONDS
    while True:
        try:
            socket.create_connection((jvm.LOOPBACK, port), timeout=1).close()
        except OSError as error:
            if time.monotonic() > deadline:
                raise TimeoutError(f"port {port} does not answer") from error
            time.sleep(_POLL_SECONDS)
        else:
            return
