"""Start and end the JVM that an embedded Spark or a local server runs in."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from dbt_common.exceptions import DbtRuntimeError

from dbt_spark_python import class_archive, java, metastore
from dbt_spark_python.jvm_log import JvmLog

LOOPBACK = "127.0.0.1"
# Names the Python of Spark's workers; Spark's own choice is whatever python3 is on PATH.
WORKER_PYTHON_VARIABLE = "PYSPARK_PYTHON"

_STOP_TIMEOUT_SECONDS = 30
# Derby writes derby.log into the current folder unless told otherwise.
JAVA_OPTIONS = "-Dderby.stream.error.field=java.lang.System.err"


def launch(
    settings: Mapping[str, str], log: JvmLog, variables: Mapping[str, str] | None = None
) -> Any:
    """Start a JVM for Spark with Hive support. It ends when this process ends, however it ends.

    Args:
        settings: Spark settings.
        log: takes the JVM's output.
        variables: further environment variables for the JVM.

    Returns:
        The py4j gateway to the JVM.

    Raises:
        DbtRuntimeError: there is no Spark, or no Java that it can use, or another process has the
            metastore.
        pyspark.errors.PySparkRuntimeError: the JVM did not start; ``log`` has the reason.
    """
    require_spark()
    from pyspark import SparkConf
    from pyspark.java_gateway import launch_gateway

    metastore.require_free(settings)
    conf = SparkConf(loadDefaults=False)
    conf.setAll([*settings.items(), ("spark.sql.catalogImplementation", "hive")])
    with _environment({**_base_environment(settings), **(variables or {})}):
        return launch_gateway(  # type: ignore[no-untyped-call]
            conf, {"stdout": log.file, "stderr": log.file}
        )


def require_spark() -> None:
    """Check that this environment has a Spark to start, not only a client of Spark Connect.

    Raises:
        DbtRuntimeError: it has none.
    """
    try:
        import pyspark.core.context  # noqa: F401
    except ImportError as error:
        raise DbtRuntimeError(
            f"There is no Spark here to start: {error}. Run `pip uninstall pyspark-client` and "
            "`pip install 'dbt-spark-python[embedded]'`; or use a Spark Connect server, with the "
            "environment variable SPARK_REMOTE or the profile's spark.remote."
        ) from error


def is_local(settings: Mapping[str, str]) -> bool:
    """Whether Spark runs on this machine alone."""
    return settings.get("spark.master", "").startswith("local")


@contextmanager
def explained_failure(settings: Mapping[str, str], log: JvmLog) -> Iterator[None]:
    """Turn a failure to start Spark into a message with its reason.

    Args:
        settings: Spark settings.
        log: has the JVM's output.

    Raises:
        DbtRuntimeError: the start failed.
    """
    try:
        yield
    except DbtRuntimeError:
        raise
    except Exception as error:
        metastore.require_not_lost(settings, log.text())
        reason = str(error).partition("\n")[0]
        raise DbtRuntimeError(
            f"Spark did not start: {reason}\nThe end of {log.path}:\n{log.tail()}"
        ) from error


def stop(gateway: Any, timeout: float = _STOP_TIMEOUT_SECONDS) -> None:
    """End the JVM and wait until it is gone, so that the next process finds its metastore free.

    Args:
        timeout: seconds after which it is killed.
    """
    if gateway.proc.poll() is None:
        gateway.shutdown()
    gateway.proc.stdin.close()  # The JVM stops Spark and exits when its input ends.
    try:
        gateway.proc.wait(timeout)
    except subprocess.TimeoutExpired:
        gateway.proc.kill()
        gateway.proc.wait()


def _base_environment(settings: Mapping[str, str]) -> dict[str, str]:
    env = java.environment(os.environ)
    # Placed before the Java options of Spark's settings: the user's own come last and win.
    options = (JAVA_OPTIONS, class_archive.reading_options(env), env.get("SPARK_SUBMIT_OPTS", ""))
    env["SPARK_SUBMIT_OPTS"] = " ".join(filter(None, options))
    if is_local(settings):
        env.setdefault("SPARK_LOCAL_IP", LOOPBACK)  # Nothing outside this machine takes part.
        env.setdefault(WORKER_PYTHON_VARIABLE, sys.executable)
    return env


@contextmanager
def _environment(env: Mapping[str, str]) -> Iterator[None]:
    """Put environment variables in place for a moment: pyspark lets its JVM inherit all of them.

    Those that stay the same are not touched, as other threads may read them meanwhile.
    """
    before = dict(os.environ)
    _change_environment(before, env)
    try:
        yield
    finally:
        _change_environment(env, before)


def _change_environment(present: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    for name in present.keys() - wanted.keys():
        del os.environ[name]
    os.environ.update(dict(wanted.items() - present.items()))
