"""Command that writes the archive of Java classes from which Spark starts."""

import os
import tempfile
from pathlib import Path
from typing import Any

import click
from dbt_common.exceptions import DbtRuntimeError

from dbt_spark_python import class_archive, java, jvm
from dbt_spark_python.jvm_log import JvmLog
from dbt_spark_python.server import warehouse_settings

_MIB = 2**20
_WRITING_TIMEOUT_SECONDS = 600
# What a build does, so that the classes for it are loaded.
_STATEMENTS = (
    "create schema rehearsal",
    "create temporary view lines (line comment 'a', customer, day, amount) as"
    " select id, md5(cast(id % 7 as string)), date_add(date'2020-01-01', cast(id as int)),"
    " cast(id / 3 as decimal(28, 4)) from range(1000)",
    "create table rehearsal.lines using parquet as select * from lines",
    "create view rehearsal.shown tblproperties ('comment' = 'a') as select * from rehearsal.lines",
    "alter view rehearsal.shown as select * from rehearsal.lines where amount > 1",
    "show table extended in rehearsal like '*'",
    "create table rehearsal.customers using parquet as"
    " with ranked as"
    " (select *, row_number() over (partition by customer order by day, line) as place"
    " from rehearsal.shown)"
    " select customer, count(*) as orders, count(distinct day) as days, sum(amount) as amount,"
    " max(case when place = 1 then day end) as first_day, collect_list(line) as lines,"
    " percentile(amount, 0.5) as median from ranked group by customer",
    "select shown.customer, one from rehearsal.shown inner join rehearsal.customers"
    " on shown.customer = customers.customer lateral view explode(customers.lines) as one"
    " union all select customer, orders from rehearsal.customers where customer rlike '^a'",
    "drop table rehearsal.customers",
)


@click.command("class-archive")
def class_archive_command() -> None:
    """Write an archive of Java classes from which Spark starts seconds faster."""
    click.echo("Writing an archive of Java classes from which Spark starts faster: half a minute.")
    try:
        path = write()
    except (DbtRuntimeError, OSError) as error:
        raise click.ClickException(
            f"Spark starts as before, without an archive: {error}"
        ) from error
    click.echo(f"{path}: {path.stat().st_size / _MIB:.0f} MiB")


def write() -> Path:
    """Write the archive for the Java that Spark runs on here.

    Returns:
        Its path.

    Raises:
        DbtRuntimeError: there is no Java, Spark did not start, or Java wrote no archive.
        OSError: the folder cannot be written to.
    """
    env = java.environment(os.environ)
    class_archive.FOLDER.mkdir(parents=True, exist_ok=True)
    # On the same disk, so that the whole archive takes its place in one step.
    with tempfile.TemporaryDirectory(dir=class_archive.FOLDER) as scratch:
        written = Path(scratch, f"archive{class_archive.ending(env)}")
        log = JvmLog(Path(scratch))
        _rehearse(Path(scratch), class_archive.writing_options(written), log)
        if not written.exists():
            raise DbtRuntimeError(f"Java wrote none. The end of what it says:\n{log.tail()}")
        return class_archive.place(env, written)


def _rehearse(scratch: Path, options: str, log: JvmLog) -> None:
    """Run Spark, with everything of it in a folder, and wait until Java has written its archive."""
    settings = {
        "spark.master": "local[2]",
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.driver.extraJavaOptions": "-XX:+UseParallelGC -XX:TieredStopAtLevel=1",
        **warehouse_settings(scratch),
    }
    variables = {"SPARK_SUBMIT_OPTS": f"{jvm.JAVA_OPTIONS} {options}"}
    with jvm.explained_failure(settings, log):
        gateway = jvm.launch(settings, log, variables)
    # Not at the top: the command line is there without Spark, too.
    from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]

    try:
        spark: Any = gateway.jvm.org.apache.spark.sql.classic.SparkSession
        session = spark.builder().getOrCreate()
        for statement in _STATEMENTS:
            session.sql(statement).collect()
    except Py4JJavaError as error:
        raise DbtRuntimeError(error.java_exception.toString()) from None
    finally:
        jvm.stop(gateway, _WRITING_TIMEOUT_SECONDS)
