"""The archive of Java classes: where it is looked for, and that Java takes it or goes without."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner
from test_java import fake_java

from dbt_spark_python import class_archive, class_archive_command, jvm
from dbt_spark_python.jvm_log import JvmLog


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of archives, with characters that option strings give a meaning to."""
    folder = tmp_path / 'the "archives"'
    folder.mkdir()
    monkeypatch.setattr(class_archive, "FOLDER", folder)
    return folder


@pytest.mark.parametrize(
    ("version", "ending", "reading", "writing"),
    [
        ("17.0.15", ".jsa", "-XX:SharedArchiveFile=", "-XX:ArchiveClassesAtExit="),
        ("24.0.1", ".jsa", "-XX:SharedArchiveFile=", "-XX:ArchiveClassesAtExit="),
        ("25.0.2", ".aot", "-XX:AOTCache=", "-XX:AOTCacheOutput="),
    ],
)
def test_each_java_has_an_archive_of_its_own(
    folder: Path, tmp_path: Path, version: str, ending: str, reading: str, writing: str
) -> None:
    env = {"JAVA_HOME": str(fake_java(tmp_path / "home", version))}
    written = tmp_path / f"archive{ending}"
    assert class_archive.ending(env) == ending
    assert shlex.split(class_archive.writing_options(written)) == [f"{writing}{written}"]
    assert class_archive.reading_options(env) == ""

    for content in ("first", "the second"):
        written.write_text(content)
        path = class_archive.place(env, written)
        assert list(folder.iterdir()) == [path]
        assert path.read_text() == content
        assert shlex.split(class_archive.reading_options(env)) == [f"{reading}{path}"]
    other = {"JAVA_HOME": str(fake_java(tmp_path / "other", version))}
    assert class_archive.reading_options(other) == ""

    path.write_text("cut")
    assert class_archive.reading_options(env) == ""


def test_a_copy_of_an_environment_has_no_archive(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = {"JAVA_HOME": str(fake_java(tmp_path / "home", "17.0.15"))}
    (tmp_path / "archive.jsa").write_text("archive")
    class_archive.place(env, tmp_path / "archive.jsa")
    assert class_archive.reading_options(env)
    shutil.copytree(folder, tmp_path / "copy")
    monkeypatch.setattr(class_archive, "FOLDER", tmp_path / "copy")
    assert class_archive.reading_options(env) == ""


def test_java_reads_the_archive_and_starts_without_one_of_another_java(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(class_archive_command, "_STATEMENTS", ())
    path = class_archive_command.write()
    assert list(folder.iterdir()) == [path]
    assert str(path) in files_of_a_started_java(tmp_path)

    path.chmod(0o600)
    path.write_bytes(os.urandom(path.stat().st_size))
    assert str(path) not in files_of_a_started_java(tmp_path)


def files_of_a_started_java(scratch: Path) -> set[str]:
    gateway = jvm.launch({"spark.master": "local[1]"}, JvmLog(scratch))
    try:
        return {mapped.path for mapped in psutil.Process(gateway.proc.pid).memory_maps()}
    finally:
        jvm.stop(gateway)


def test_a_failure_leaves_no_archive_and_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(class_archive_command, "_STATEMENTS", ("select no_column",))
    outcome = CliRunner().invoke(class_archive_command.class_archive_command)
    assert outcome.exit_code == 1
    assert "Spark starts as before" in outcome.output
    assert "`no_column`" in outcome.output
    assert not list(folder.iterdir())
