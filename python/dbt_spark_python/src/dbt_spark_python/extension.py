"""What this package changes in dbt-spark."""

import inspect
import os
import threading
from collections.abc import Callable
from functools import cache, partial, partialmethod
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from dbt.adapters.base.impl import PythonJobHelper
from dbt.adapters.contracts.connection import Connection, ConnectionState
from dbt.adapters.events.logging import AdapterLogger
from dbt.adapters.spark.connections import (
    PyhiveConnectionWrapper,
    SparkConnectionManager,
    SparkConnectionMethod,
)
from dbt.adapters.spark.impl import SparkAdapter
from dbt.flags import get_flags

from dbt_spark_python import compatibility, publication, sail, session
from dbt_spark_python.submission import SessionPythonJobHelper

SUBMISSION_METHOD = "session"
# Commands that need Spark whatever they find to do; others may well end without it.
_COMMANDS_ON_SPARK = ("build", "run", "test", "seed", "snapshot", "show", "generate")

logger = AdapterLogger("Spark")


def install(with_sail: bool = False) -> None:
    """Extend dbt-spark, once per process; a later run of the process may be the first on Sail.

    Args:
        with_sail: whether the run is on the adapter ``sail``.
    """
    _install_spark()
    if with_sail:
        _install_sail()


@cache
def _install_spark() -> None:
    _replace(
        SparkAdapter,
        "python_submission_helpers",
        lambda original: property(partial(_submission_helpers, original.fget)),
    )
    _replace(SparkAdapter, "__init__", lambda original: partialmethod(_init, original))
    publication.install(SparkAdapter)
    _replace(
        SparkConnectionManager,
        "open",
        lambda original: classmethod(partial(_open, original.__func__)),
    )
    _replace(
        SparkConnectionManager,
        "cancel_open",
        lambda original: partialmethod(_cancel_open, original),
    )
    if find_spec("pyhive"):
        _replace(PyhiveConnectionWrapper, "close", lambda original: partialmethod(_close, original))


@cache
def _install_sail() -> None:
    """Extend the adapter ``sail``, whose connections differ from those of dbt-spark."""
    from dbt.adapters.sail.connections import SailConnectionManager
    from dbt.adapters.sail.impl import SailAdapter

    publication.install_sail(SailAdapter)
    _replace(
        SailConnectionManager,
        "open",
        lambda original: classmethod(partial(_open, original.__func__)),
    )


def _replace(owner: type, name: str, replacement: Callable[[Any], Any]) -> None:
    setattr(owner, name, replacement(inspect.getattr_static(owner, name)))


def _submission_helpers(
    original: Callable[[SparkAdapter], dict[str, Any]], adapter: SparkAdapter
) -> dict[str, Callable[..., PythonJobHelper]]:
    def helper(parsed_model: dict[str, Any], credentials: Any) -> PythonJobHelper:
        project = adapter.config.load_dependencies()[parsed_model["package_name"]]
        return SessionPythonJobHelper(parsed_model, credentials, Path(project.project_root))

    return {**original(adapter), SUBMISSION_METHOD: helper}


def _init(
    adapter: SparkAdapter, original: Callable[..., None], config: Any, mp_context: Any
) -> None:
    """Start Spark while dbt reads the project, which it does next."""
    original(adapter, config, mp_context)
    credentials = config.credentials
    if credentials.type == compatibility.SAIL:
        sail.require_embedded(credentials.mode)
        credentials.server_side_parameters.setdefault(session.REMOTE_SETTING, sail.ADDRESS)
    command = get_flags().WHICH  # type: ignore[no-untyped-call]
    if command in _COMMANDS_ON_SPARK and credentials.method == SparkConnectionMethod.SESSION:
        session.start_early(credentials.server_side_parameters)


def _open(
    original: Callable[[type[SparkConnectionManager], Connection], Connection],
    manager: type[SparkConnectionManager],
    connection: Connection,
) -> Connection:
    if connection.state == ConnectionState.OPEN:
        return connection
    credentials = connection.credentials
    if credentials.method == SparkConnectionMethod.SESSION:
        # Needs pyspark, which SQL over Thrift does not.
        from dbt.adapters.spark.session import Connection as SessionConnection
        from dbt.adapters.spark.session import SessionConnectionWrapper

        settings = session.start(credentials.server_side_parameters)
        connection.handle = SessionConnectionWrapper(
            SessionConnection(server_side_parameters=settings)
        )
        connection.state = ConnectionState.OPEN
        return connection

    # The address of Spark Connect is for this process, not a setting of the Thrift server.
    parameters = {**credentials.server_side_parameters}
    parameters.pop(session.REMOTE_SETTING, None)
    connection.credentials = credentials.replace(server_side_parameters=parameters)
    try:
        return original(manager, connection)
    finally:
        connection.credentials = credentials


def _cancel_open(
    manager: SparkConnectionManager, original: Callable[[SparkConnectionManager], list[str]]
) -> list[str]:
    """End the queries of dbt's other threads, as dbt asks for on Ctrl-C and on ``--fail-fast``."""
    names = original(manager)
    others = {*manager.thread_connections} - {manager.get_thread_identifier()}
    session.interrupt([t for t in threading.enumerate() if (os.getpid(), t.ident) in others])
    return names


def _close(wrapper: PyhiveConnectionWrapper, original: Callable[[Any], None]) -> None:
    """End a Thrift session; where the server cannot, the node is no failure: dbt has its rows."""
    from pyhive.exc import OperationalError

    try:
        original(wrapper)
    except OperationalError as error:
        logger.debug(f"The server could not end a session of dbt: {error}")
