"""The engine of an adapter of dbt: its settings, its session and its folder of tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dbt.adapters.spark.connections import SparkConnectionMethod

from dbt_spark_python import compatibility, sail, session, takeover
from dbt_spark_python.warehouse import Warehouse


def is_sail(adapter: Any) -> bool:
    """Whether it is that of Sail."""
    return bool(adapter.type() == compatibility.SAIL)


def settings_of(adapter: Any) -> Mapping[str, str]:
    """Spark settings of its target."""
    settings: Mapping[str, str] = adapter.config.credentials.server_side_parameters
    return settings


def session_of(adapter: Any) -> Any:
    """The session of this process."""
    return session.get_session(settings_of(adapter))


def claim(adapter: Any) -> Warehouse | None:
    """The folder of tables, which other processes do not write to until this one ends.

    Returns:
        None for a server, whose folder is not known here.

    Raises:
        DbtRuntimeError: another process uses it.
    """
    tables = warehouse_of(adapter)
    if tables is not None and is_sail(adapter):
        tables.lock()
    elif tables is not None:
        takeover.claim(tables, settings_of(adapter))
    return tables


def warehouse_of(adapter: Any) -> Warehouse | None:
    """The folder of tables of an engine in this process, None for a server."""
    settings = settings_of(adapter)
    if is_sail(adapter):
        return sail.warehouse(settings)
    method = adapter.config.credentials.method
    if method != SparkConnectionMethod.SESSION or session.remote_url(settings) is not None:
        return None
    return session.embedded_warehouse(settings)
