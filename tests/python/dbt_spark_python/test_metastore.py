"""The check that no other process has the warehouse open."""

from __future__ import annotations

import fcntl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from dbt_common.exceptions import DbtRuntimeError

from dbt_spark_python import jvm, metastore, waiting
from dbt_spark_python.jvm_log import JvmLog


@contextmanager
def locked(folder: Path, seconds: float = 60) -> Iterator[None]:
    """Another process that holds the lock which Derby takes on its database."""
    (folder / "dbex.lck").write_bytes(b"\1\0\0\0")
    script = (
        "import fcntl, sys, time; lock = open(sys.argv[1], 'r+b');"
        "fcntl.lockf(lock, fcntl.LOCK_EX); print(flush=True); time.sleep(float(sys.argv[2]))"
    )
    arguments = [sys.executable, "-c", script, str(folder / "dbex.lck"), str(seconds)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        yield
        holder.kill()


def settings(folder: Path) -> dict[str, str]:
    url = f"jdbc:derby:;databaseName={folder};create=true"
    return {metastore.CONNECTION_URL_SETTING: url}


@pytest.mark.parametrize(
    ("url", "folder"),
    [
        ("jdbc:derby:;databaseName=some where/metastore;create=true", Path("some where/metastore")),
        ("jdbc:derby:metastore_db;create=true", Path("metastore_db")),
        ("jdbc:derby:/a/b", Path("/a/b")),
        ("jdbc:postgresql://host/hive", None),
        ("", None),
    ],
)
def test_finds_the_folder_of_derby(url: str, folder: Path | None) -> None:
    assert metastore.derby_folder({metastore.CONNECTION_URL_SETTING: url}) == folder


def test_a_free_metastore_passes_and_stays_free(tmp_path: Path) -> None:
    metastore.require_free({})
    metastore.require_free(settings(tmp_path / "not yet there"))
    (tmp_path / "dbex.lck").write_bytes(b"\1\0\0\0")
    metastore.require_free(settings(tmp_path))
    with (tmp_path / "dbex.lck").open("r+b") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_warehouse_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "warehouse").write_text("")
    with pytest.raises(DbtRuntimeError, match="warehouse is no folder"):
        metastore.require_free(settings(tmp_path / "warehouse" / "metastore"))


def test_a_metastore_in_use_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "SECONDS", 0.3)
    with locked(tmp_path), pytest.raises(DbtRuntimeError) as caught:
        metastore.require_free(settings(tmp_path))
    assert "Another process uses this warehouse" in caught.value.msg
    assert str(tmp_path) in caught.value.msg


def test_waits_for_a_process_that_is_about_to_end(tmp_path: Path) -> None:
    started = time.monotonic()
    with locked(tmp_path, seconds=0.5):
        metastore.require_free(settings(tmp_path))
    assert 0.4 < time.monotonic() - started < 4


def test_a_metastore_lost_to_a_process_that_started_at_the_same_time_is_recognised(
    tmp_path: Path,
) -> None:
    metastore.require_not_lost(settings(tmp_path), "ERROR XJ040: Failed to start database")
    log = "ERROR XSDB6: Another instance of Derby may have already booted the database"
    with pytest.raises(DbtRuntimeError, match="Another process uses this warehouse"):
        metastore.require_not_lost(settings(tmp_path), log)


def test_the_metastore_is_open_before_spark_asks_for_it(tmp_path: Path) -> None:
    folder = tmp_path / "metastore"
    embedded = {"spark.master": "local[1]", **settings(folder)}
    gateway = jvm.launch(embedded, JvmLog(tmp_path))
    try:
        with metastore.opened_beside(gateway, embedded):
            pass
        assert metastore.is_locked(folder)
    finally:
        jvm.stop(gateway)
