"""The embedded Derby metastore: one process at a time may open it."""

import re
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from dbt_common.exceptions import DbtRuntimeError

from dbt_spark_python import waiting

CONNECTION_URL_SETTING = "spark.hadoop.javax.jdo.option.ConnectionURL"
_DERBY_FOLDER = re.compile(r"jdbc:derby:(?:.*;databaseName=)?(?P<folder>[^;]+)")
_LOCKED_IN_LOG = "ERROR XSDB6"


def derby_folder(settings: Mapping[str, str]) -> Path | None:
    """The folder of the Derby metastore that Spark settings name, or ``None`` for another kind."""
    match = _DERBY_FOLDER.match(settings.get(CONNECTION_URL_SETTING, ""))
    return Path(match["folder"]) if match else None


def is_locked(folder: Path) -> bool:
    """Whether a process has the Derby database in ``folder`` open."""
    if sys.platform == "win32":
        return False  # Derby's lock cannot be read there; Spark's own failure will tell.
    import fcntl

    try:
        with (folder / "dbex.lck").open("r+b") as lock:
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def require_free(settings: Mapping[str, str]) -> None:
    """Check that Spark can open its metastore, before minutes go into finding that it cannot.

    Waits some seconds for a process that is about to end.

    Raises:
        DbtRuntimeError: another process has the metastore open, or there can be none.
    """
    folder = derby_folder(settings)
    if folder is None:
        return
    warehouse = folder.absolute().parent
    if warehouse.exists() and not warehouse.is_dir():
        raise DbtRuntimeError(
            f"Spark's metastore should be {folder}, but {warehouse} is no folder. Name another "
            f"folder in the profile's {CONNECTION_URL_SETTING}."
        )
    if not waiting.until(lambda: not is_locked(folder)):
        raise DbtRuntimeError(_in_use_message(settings))


def require_not_lost(settings: Mapping[str, str], log: str) -> None:
    """Check that Spark did not lose its metastore to a process that started at the same time.

    Args:
        settings: Spark settings.
        log: what the JVM printed.

    Raises:
        DbtRuntimeError: the log says that another process had the metastore open.
    """
    if _LOCKED_IN_LOG in log:
        raise DbtRuntimeError(_in_use_message(settings))


@contextmanager
def opened_beside(gateway: Any, settings: Mapping[str, str]) -> Iterator[None]:
    """Open the metastore in a thread of the JVM while Spark starts in another one.

    What one client of the metastore has opened serves the next ones in the same JVM. A failure is
    no matter here: it comes again where Spark itself opens the metastore, and is explained there.

    Args:
        gateway: the py4j gateway to the JVM.
        settings: Spark settings.
    """
    if derby_folder(settings) is None:
        yield
        return
    # No executor: it takes no work any more where dbt has failed and Python waits for Spark.
    thread = threading.Thread(target=_open, args=(gateway.jvm,), name="open-metastore")
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _open(java: Any) -> None:
    with suppress(Exception):
        conf = java.org.apache.spark.SparkConf(True)
        hadoop_conf = java.org.apache.spark.deploy.SparkHadoopUtil.get().newConfiguration(conf)
        catalog = java.org.apache.spark.sql.hive.HiveExternalCatalog(conf, hadoop_conf)
        catalog.databaseExists("default")


def _in_use_message(settings: Mapping[str, str]) -> str:
    return (
        f"Another process uses this warehouse: its metastore ({derby_folder(settings)}) is open, "
        "and an embedded metastore takes one process at a time. Wait for the other process to end "
        "(another dbt, a Spark shell, a local server), or let processes share the warehouse: "
        "start a Spark server on it, and use a dbt target that connects to that server."
    )
