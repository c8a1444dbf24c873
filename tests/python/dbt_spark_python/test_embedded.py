"""Method session, Spark inside dbt, on a machine without Java; and a second dbt beside it."""

from __future__ import annotations

import os
import shutil
import signal
import time

import psutil
import pytest
from tiny_project import TinyProject, check_build, has_ended

from dbt_spark_python import metastore


@pytest.fixture(scope="module")
def builds(tiny: TinyProject, path_without_java: str) -> tuple[tuple[int, str], tuple[int, str]]:
    """Exit code and output of a build, and of one started while the first one ran."""
    first = tiny.start("build", environment={"PATH": path_without_java, "JAVA_HOME": ""})
    lock = tiny.root / "warehouse" / "metastore"
    while first.poll() is None and not metastore.is_locked(lock):
        time.sleep(0.1)
    second = tiny.dbt("run", "--target-path", "other_target")
    output, _ = first.communicate(timeout=180)
    return (first.returncode, output), second


def test_builds_without_java_installed(
    tiny: TinyProject, builds: tuple[tuple[int, str], tuple[int, str]]
) -> None:
    code, output = builds[0]
    check_build(tiny, code, output, "in model")


def test_leaves_only_what_the_profile_names(
    tiny: TinyProject, builds: tuple[tuple[int, str], tuple[int, str]]
) -> None:
    assert builds
    made = {path.name for path in tiny.root.iterdir()}
    assert made - {"dbt_project.yml", "profiles.yml", "models", "tests"} == {
        "logs",
        "target",
        "warehouse",
    } | (made & {"other_target", ".user.yml"})
    assert "Booting Derby" in (tiny.root / "logs" / "spark.log").read_text()


def test_second_build_on_the_warehouse_says_to_wait(
    builds: tuple[tuple[int, str], tuple[int, str]],
) -> None:
    code, output = builds[1]
    assert code == 2
    assert "Another process uses this warehouse" in output
    assert "warehouse/metastore" in output
    assert "Traceback" not in output


def test_interrupt_ends_queries_to_come_and_java(
    tiny: TinyProject, builds: tuple[tuple[int, str], tuple[int, str]]
) -> None:
    assert builds
    run = tiny.start("run", "--vars", "slow: true", "--select", "slow")
    assert run.stdout is not None
    for line in run.stdout:
        if "START" in line:
            break
    children = psutil.Process(run.pid).children(recursive=True)
    java = next(child for child in children if "java" in child.name())

    # dbt now waits for the model, which has not begun its query yet.
    time.sleep(1)
    # As a terminal does: to dbt and to all that it started.
    os.killpg(run.pid, signal.SIGINT)
    try:
        output, _ = run.communicate(timeout=60)
    finally:
        run.kill()

    assert run.returncode == 2, output
    assert "Exited because of keyboard interrupt" in output
    assert has_ended(java, seconds=5)


def test_dbt_that_ends_early_lets_spark_finish_its_metastore(
    tiny: TinyProject, builds: tuple[tuple[int, str], tuple[int, str]]
) -> None:
    assert builds
    # dbt fails while Spark still starts.
    shutil.rmtree(tiny.root / "warehouse")
    unreadable = tiny.root / "models" / "unreadable.sql"
    unreadable.write_text("select {{ 1")
    code, output = tiny.dbt("run")
    assert code == 2
    assert "unexpected end of template" in output
    assert (tiny.root / "warehouse" / "metastore" / "service.properties").exists()
    unreadable.unlink()
