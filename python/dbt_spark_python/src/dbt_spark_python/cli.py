"""The command line ``dbt-spark-python``."""

import click

from dbt_spark_python import __version__
from dbt_spark_python.class_archive_command import class_archive_command
from dbt_spark_python.server_command import serve_command


@click.group()
@click.version_option(__version__)
def main() -> None:
    """Spark for dbt on this machine."""


main.add_command(class_archive_command)
main.add_command(serve_command)
