"""Command that runs a local Spark server in the foreground."""

import signal
import time
from pathlib import Path

import click
from dbt_common.exceptions import DbtRuntimeError

from dbt_spark_python import jvm
from dbt_spark_python.server import CONNECT_PORT, THRIFT_PORT, LocalServer

_POLL_SECONDS = 0.5


@click.command("serve")
@click.option(
    "--warehouse",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("warehouse"),
    show_default=True,
    help="Folder of the tables (data/) and of their catalog (metastore/).",
)
@click.option(
    "--thrift-port",
    type=click.IntRange(0, 65535),
    default=THRIFT_PORT,
    show_default=True,
    help="Port for SQL clients and dbt's method thrift; 0 takes a free one.",
)
@click.option(
    "--connect-port",
    type=click.IntRange(0, 65535),
    default=CONNECT_PORT,
    show_default=True,
    help="Port for Spark Connect; 0 takes a free one.",
)
@click.option(
    "--conf",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="A Spark setting, such as spark.driver.memory=4g. May be given again.",
)
def serve_command(
    warehouse: Path, thrift_port: int, connect_port: int, settings: tuple[str, ...]
) -> None:
    """Serve a warehouse folder over Thrift and Spark Connect, to this machine only.

    Runs until Ctrl-C.
    """
    server = LocalServer(warehouse, thrift_port, connect_port, dict(map(_parse_setting, settings)))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    click.echo(f"Starting Spark on {server.warehouse} ...")
    try:
        with server:
            click.echo(_addresses(server))
            while server.is_running():
                time.sleep(_POLL_SECONDS)
    except KeyboardInterrupt:
        click.echo("Stopped.")
    except DbtRuntimeError as error:
        raise click.ClickException(error.msg) from error
    else:
        raise click.ClickException(f"The server ended by itself; see {server.log_path}.")


def _parse_setting(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not name:
        raise click.BadParameter(
            f"{text!r} is no setting with its value, as spark.driver.memory=8g is.",
            param_hint="--conf",
        )
    return name, value


def _addresses(server: LocalServer) -> str:
    return (
        f"Thrift         {jvm.LOOPBACK}:{server.thrift_port}"
        f"   (JDBC: jdbc:hive2://{jvm.LOOPBACK}:{server.thrift_port})\n"
        f"Spark Connect  {server.remote}\n"
        f"Spark's log    {server.log_path}\n"
        "For dbt and pyspark in another terminal:\n"
        f"  export SPARK_REMOTE={server.remote}\n"
        "Press Ctrl-C to stop."
    )
