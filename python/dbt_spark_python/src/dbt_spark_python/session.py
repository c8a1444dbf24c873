"""The one Spark session of a dbt process: embedded in it, or on a Spark Connect server."""

import atexit
import os
import sys
import threading
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbt.flags import get_flags
from dbt_common.exceptions import DbtRuntimeError

from dbt_spark_python import jvm, metastore, sail, takeover
from dbt_spark_python.jvm_log import JvmLog
from dbt_spark_python.warehouse import Warehouse

REMOTE_SETTING = "spark.remote"
REMOTE_VARIABLE = "SPARK_REMOTE"

# Errors that Spark Connect reports come with the server's whole Java stack unless told otherwise.
_CONNECT_SETTINGS = {"spark.sql.connect.serverStacktrace.enabled": "false"}
_EMBEDDED = "an embedded Spark"
_SAIL = "an embedded Sail"
_CONNECT_TIMEOUT_SECONDS = 10
_INTERRUPT_SECONDS = 0.2


@dataclass(frozen=True)
class _Started:
    """Where the session is, and the settings that hold for each use of it."""

    place: str
    settings: dict[str, str]


_lock = threading.Lock()
_started: _Started | None = None
_early: Future[dict[str, str]] | None = None  # A start ahead of the first use, until it is used.
_published_url: str | None = None  # An address that this module, not the user, put in SPARK_REMOTE.


def remote_url(parameters: Mapping[str, str]) -> str | None:
    """The Spark Connect address to use: the profile's setting, else ``SPARK_REMOTE``.

    It is :data:`sail.ADDRESS` for the engine in this process.
    """
    variable = os.environ.get(REMOTE_VARIABLE)
    return parameters.get(REMOTE_SETTING) or (None if variable == _published_url else variable)


def start_early(parameters: Mapping[str, str]) -> None:
    """Begin to start in a thread; the first :func:`start` waits for it and raises what it did."""
    global _early
    if _started is None and _early is None:
        # The process waits for this thread at its end: a Spark that is stopped while it creates its
        # metastore leaves one that no Spark can open.
        thread = ThreadPoolExecutor(1, "start-spark")
        _early = thread.submit(_start, parameters)
        thread.shutdown(wait=False)


def after_early_start(work: Callable[[], None]) -> None:
    """Do ``work`` when the start ahead of the first use has succeeded, if there is one."""
    if _early is not None:
        # After a failure it would start a Spark of pyspark's own, with a metastore in this folder.
        _early.add_done_callback(lambda early: work() if early.exception() is None else None)


def start(parameters: Mapping[str, str]) -> dict[str, str]:
    """Start the Spark session of this process, on the first call only.

    The session is on the Spark Connect server of :func:`remote_url` where there is one, else
    embedded in this process.

    Args:
        parameters: Spark settings, the profile's ``server_side_parameters``.

    Returns:
        Those of the settings that can be set on a running session; the others hold already.

    Raises:
        DbtRuntimeError: Spark cannot be started or reached; the message says why and what to do.
    """
    global _early
    early, _early = _early, None
    if early is not None:
        early.result()
    return _start(parameters)


def _start(parameters: Mapping[str, str]) -> dict[str, str]:
    global _started
    url = remote_url(parameters)
    place = _place(url)
    with _lock:
        if _started is None:
            _disable_query_loggers()
            if url is None:
                session, settings = _start_embedded(parameters), {**parameters}
            elif url == sail.ADDRESS:
                session, settings = _start_sail(parameters), {**parameters}
            else:
                session, settings = _connect(url), {**_CONNECT_SETTINGS, **parameters}
            _started = _Started(place, _modifiable(session, settings))
        elif _started.place != place:
            raise DbtRuntimeError(
                f"This process already uses {_started.place} and cannot use {place} as well. "
                "Run dbt in a process of its own for each."
            )
        return _started.settings


def _place(url: str | None) -> str:
    if url is None:
        return _EMBEDDED
    return _SAIL if url == sail.ADDRESS else f"Spark Connect at {_without_secrets(url)}"


def get_session(parameters: Mapping[str, str]) -> Any:
    """The ``pyspark.sql.SparkSession`` of this process, made active in this thread."""
    session = _builder(start(parameters)).getOrCreate()
    if remote_url(parameters) is not None:
        # Over Connect, pyspark.ml wants an active session; only the thread that made one has it.
        type(session)._set_default_and_active_session(session)
    return session


def table_exists(name: str) -> bool:
    """Whether the session that was started has a table or view of this name.

    Raises:
        DbtRuntimeError: none was started.
    """
    if _started is None:
        raise DbtRuntimeError("There is no Spark session.")
    return bool(_builder({}).getOrCreate().catalog.tableExists(name))


def is_sail() -> bool:
    """Whether the session that was started is on Sail in this process."""
    return _started is not None and _started.place == _SAIL


def interrupt(workers: Sequence[threading.Thread]) -> None:
    """End the queries of the session until the threads that ask for them have ended.

    Once would not do: a thread may be about to start its query, or have more of them to come.
    """
    if _started is None:
        return
    session = _builder({}).getOrCreate()

    def interrupt_again() -> None:
        with suppress(Exception):  # A session that is gone has no queries to end.
            while any(worker.is_alive() for worker in workers):
                session.interruptAll()
                time.sleep(_INTERRUPT_SECONDS)

    threading.Thread(target=interrupt_again, daemon=True).start()


def _builder(settings: Mapping[str, str]) -> Any:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.enableHiveSupport()
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder


def _modifiable(session: Any, parameters: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in parameters.items() if session.conf.isModifiable(name)}


def _disable_query_loggers() -> None:
    """Keep pyspark from printing, as JSON with the JVM's stack, each error that dbt reports."""
    from pyspark.logger import PySparkLogger

    for name in ("DataFrameQueryContextLogger", "SQLQueryContextLogger"):
        PySparkLogger.getLogger(name).disabled = True


def _without_secrets(url: str) -> str:
    return url.partition("/;")[0]


def embedded_warehouse(settings: Mapping[str, str]) -> Warehouse | None:
    """The folder of tables of an embedded Spark, None where it is not on this machine's disk."""
    folder = settings.get(sail.WAREHOUSE_SETTING, "")
    derby = metastore.derby_folder(settings)
    return None if derby is None or not folder or ":" in folder else Warehouse(Path(folder))


def _start_sail(parameters: Mapping[str, str]) -> Any:
    tables = sail.warehouse(parameters)
    sail.require_all_on_record(tables)
    tables.lock()
    folder = {sail.WAREHOUSE_SETTING: str(tables.folder)}
    session = _connect(sail.serve(), folder)
    sail.restore(session, tables)
    return session


def _connect(url: str, settings: Mapping[str, str] | None = None) -> Any:
    address = _without_secrets(url)
    if not url.startswith("sc://"):
        raise DbtRuntimeError(
            f"The Spark Connect address {address!r} is not of the form sc://HOST:PORT. Correct "
            f"{REMOTE_VARIABLE} or the profile's {REMOTE_SETTING}, or unset them for an embedded "
            "Spark."
        )
    from pyspark.errors import PySparkException
    from pyspark.sql import functions

    try:
        _require_answer(url)
        _publish(url)
        # Without the settings for starting a Spark, such as its master: they would be refused.
        session = _builder(settings or {}).getOrCreate()
    except ImportError as error:
        raise DbtRuntimeError(
            f"Spark Connect needs more packages: {error}. Run `pip install 'pyspark[connect]'`."
        ) from error
    except PySparkException as error:
        raise DbtRuntimeError(f"Spark Connect at {address} gave no session: {error}") from error
    # Whether errors name the line of the column they are about, pyspark decides when it makes its
    # first column, and only a thread in which a session was made decides for it.
    functions.col("any")
    return session


def _require_answer(url: str) -> None:
    import grpc  # type: ignore[import-untyped]
    from pyspark.sql.connect.client import DefaultChannelBuilder

    channel = DefaultChannelBuilder(url).toChannel()
    try:
        grpc.channel_ready_future(channel).result(timeout=_CONNECT_TIMEOUT_SECONDS)
    except grpc.FutureTimeoutError:
        raise DbtRuntimeError(
            f"No Spark Connect server answers at {_without_secrets(url)} (waited "
            f"{_CONNECT_TIMEOUT_SECONDS} s). Start the server, or correct {REMOTE_VARIABLE} or the "
            f"profile's {REMOTE_SETTING}."
        ) from None
    finally:
        channel.close()


def _publish(url: str) -> None:
    """Let every builder in the process, pandas-on-Spark's too, find the same server."""
    global _published_url
    # dbt-spark asks every session for Hive; a server that runs has decided, and pyspark warns.
    warnings.filterwarnings("ignore", "Failed to set spark.sql.catalogImplementation")
    if os.environ.get(REMOTE_VARIABLE) != url:
        os.environ[REMOTE_VARIABLE] = _published_url = url


def _start_embedded(parameters: Mapping[str, str]) -> Any:
    jvm.require_spark()
    from pyspark.core.context import SparkContext

    if SparkContext._active_spark_context is not None:  # dbt runs inside a Spark program.
        return _builder(parameters).getOrCreate()

    if jvm.is_local(parameters):
        os.environ.setdefault(jvm.WORKER_PYTHON_VARIABLE, sys.executable)
    settings = {"spark.ui.showConsoleProgress": "false", **parameters}
    tables = embedded_warehouse(settings)
    if tables is not None:
        takeover.claim(tables, settings)
    log = JvmLog(Path(get_flags().LOG_PATH))  # type: ignore[no-untyped-call]
    try:
        with jvm.explained_failure(settings, log):
            gateway = jvm.launch(settings, log)
            SparkContext._ensure_initialized(gateway=gateway)
            with metastore.opened_beside(gateway, settings):
                session = _builder(settings).getOrCreate()
            # The first use of the catalog opens the metastore: here a failure can be explained.
            session.catalog.databaseExists("default")
        if tables is not None:
            takeover.take_over(session.sql, session.catalog.tableExists, tables)
    except BaseException:
        _stop_embedded()
        raise
    atexit.register(_stop_at_exit, gateway, log)
    return session


def _stop_at_exit(gateway: Any, log: JvmLog) -> None:
    code = gateway.proc.poll()
    if code is not None:
        print(
            f"Spark's Java process ended before dbt did, with exit code {code} (-9: killed, often "
            f"for lack of memory). See {log.path}.",
            file=sys.stderr,
        )
    _stop_embedded()


def _stop_embedded() -> None:
    from pyspark.core.context import SparkContext

    gateway = SparkContext._gateway
    if gateway is None:
        return
    if SparkContext._active_spark_context is not None and gateway.proc.poll() is None:
        SparkContext._active_spark_context.stop()
    jvm.stop(gateway)
    SparkContext._gateway = None
    SparkContext._jvm = None
