"""What benchmarks of one cold `dbt build` share: a measured process, and what dbt says it took.

Keys that the scripts print:

seconds:
    start_up: from the start of the process until the first seed, model or test starts: imports,
        parsing, the engine, and the on-run-start checks.
    sql: seeds and models that do not depend on the trained model.
    train: <segmentation>_segment_models, the sweep together with reading the mart and publishing.
    score: <segmentation>_customer_segments.
    profiles: all other models that depend on the trained model.
    tests: data tests.
    unit_tests: unit tests; 0 without them.
    wall: from the start of the process to its end.
processor_seconds: of dbt and of all that it starts, as last sampled. Other work on the machine
    changes it little.
peak_memory_mib:
    jvm, python: most resident memory (RSS) that processes of the kind held at one moment, sampled
        every 0.25 s; the one JVM, and dbt with any Python workers of Spark. Sail is in dbt.
versions: pyspark, dbt-core, dbt-spark, pysail; java: major version of the JVM that ran, null
    without one.
cores: logical processors of the machine. The profile uses two.

`start_up` and `wall` are times by the clock. Each of the other phases is the sum of dbt's execution
seconds of its nodes: dbt runs two nodes at a time, so the phases overlap and add up to more than
`wall`, and a node that waits for a core counts the wait.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import psutil
import yaml

ROOT = Path(__file__).resolve().parents[1]
DBT = "from dbt.cli.main import cli; cli()"
PHASES = ("sql", "train", "score", "profiles", "tests", "unit_tests")
SAMPLING_SECONDS = 0.25
SLOWEST_SHOWN = 15
_FOLDER = click.Path(file_okay=False, path_type=Path)
data_option = click.option(
    "--data",
    type=_FOLDER,
    help="Folder for the raw data, kept.  [default: a temporary one, removed]",
)
warehouse_option = click.option(
    "--warehouse",
    type=_FOLDER,
    help="Empty or new folder for the tables, kept.  [default: a temporary one, removed]",
)
target_option = click.option(
    "--target", type=click.Choice(["embedded", "sail"]), default="embedded", show_default=True
)
MIB = 2**20


@dataclass
class PeakMemory:
    """Most resident memory of a process and its descendants, in bytes by kind; time by process."""

    jvm: int = 0
    python: int = 0
    java_command: str = ""
    processor_seconds: dict[int, float] = field(default_factory=dict)

    def sample(self, root: psutil.Process) -> None:
        jvm = python = 0
        for process in _tree(root):
            try:
                name, resident = process.name(), process.memory_info().rss
                times = process.cpu_times()
                self.processor_seconds[process.pid] = times.user + times.system
                if name.startswith("java"):
                    if resident > self.jvm:
                        self.java_command = process.exe()
                    jvm += resident
                elif name.startswith("python"):
                    python += resident
            except psutil.Error:  # It ended meanwhile.
                continue
        self.jvm, self.python = max(self.jvm, jvm), max(self.python, python)


@dataclass(frozen=True)
class Run:
    """A dbt process that has ended: exit code, start (seconds since 1970), and duration."""

    exit_code: int
    started: float
    seconds: float
    memory: PeakMemory


def _tree(root: psutil.Process) -> list[psutil.Process]:
    try:
        return [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _end(process: subprocess.Popen[bytes]) -> None:
    """End dbt and the JVM it started, if this script is interrupted before they are done."""
    if process.poll() is None:
        tree = _tree(psutil.Process(process.pid))
        for member in tree:
            if member.is_running():
                member.terminate()
        psutil.wait_procs(tree, timeout=30)


def run_measured(command: list[str], environment: Mapping[str, str]) -> Run:
    """Run a command from the project's folder, its output on stderr."""
    memory = PeakMemory()
    started, clock = time.time(), time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=sys.stderr)
    try:
        root = psutil.Process(process.pid)
        while True:
            memory.sample(root)
            try:
                exit_code = process.wait(timeout=SAMPLING_SECONDS)
            except subprocess.TimeoutExpired:
                continue
            return Run(exit_code, started, time.perf_counter() - clock, memory)
    finally:
        _end(process)


def descendants(child_map: Mapping[str, list[str]], node: str) -> set[str]:
    """All nodes that depend on `node`, directly or not, by the manifest's `child_map`."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        children = set(child_map.get(waiting.pop(), ())) - found
        found |= children
        waiting.extend(children)
    return found


def training_node(segmentation: str) -> str:
    """The node that trains."""
    return f"model.customer_segmentation.{segmentation}_segment_models"


def phase_of(unique_id: str, segmentation: str, after_training: set[str]) -> str | None:
    """The phase a node belongs to; `None` for hooks and exposures."""
    if unique_id == training_node(segmentation):
        return "train"
    if unique_id == f"model.customer_segmentation.{segmentation}_customer_segments":
        return "score"
    kind = unique_id.partition(".")[0]
    if kind in ("seed", "model"):
        return "profiles" if unique_id in after_training else "sql"
    return {"test": "tests", "unit_test": "unit_tests"}.get(kind)


def seconds_by_phase(
    results: list[dict[str, Any]], child_map: Mapping[str, list[str]], segmentation: str, run: Run
) -> dict[str, float]:
    """Seconds by phase, as the module's docstring defines them.

    Args:
        results: `results` of dbt's run_results.json.
        child_map: `child_map` of dbt's manifest.json.
        segmentation: whose training and scoring have phases of their own.
        run: the process that wrote both.
    """
    after_training = descendants(child_map, training_node(segmentation))
    sums = dict.fromkeys(PHASES, 0.0)
    starts = []
    for result in results:
        phase = phase_of(result["unique_id"], segmentation, after_training)
        if phase is not None:
            sums[phase] += result["execution_time"]
            starts += [_timestamp(step["started_at"]) for step in result["timing"]]
    seconds = {"start_up": min(starts) - run.started, **sums, "wall": run.seconds}
    return {phase: round(value, 2) for phase, value in seconds.items()}


def _timestamp(text: str) -> float:
    # Python 3.10 does not read the Z that dbt writes.
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def _versions(java_command: str) -> dict[str, str | None]:
    packages = ("pyspark", "dbt-core", "dbt-spark", "pysail")
    versions: dict[str, str | None] = {name: version(name) for name in packages}
    if not java_command:
        return {**versions, "java": None}
    answer = subprocess.run([java_command, "-version"], capture_output=True, text=True, check=True)
    match = re.search(r'version "(?:1\.)?(\d+)', answer.stderr)
    return {**versions, "java": match[1] if match else "unknown"}


def _report_slowest(results: list[dict[str, Any]]) -> None:
    slowest = sorted(results, key=lambda result: result["execution_time"], reverse=True)
    click.echo("Slowest nodes, in execution seconds:", err=True)
    for result in slowest[:SLOWEST_SHOWN]:
        name = result["unique_id"].split(".", 2)
        click.echo(f"{result['execution_time']:8.2f}  {name[0]} {name[2]}", err=True)


@contextmanager
def folder_for_data(given: Path | None) -> Iterator[Path]:
    """A folder for raw data: that given, which may have it already, or a temporary one."""
    if given is not None:
        yield given.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="raw_data_") as folder:
        yield Path(folder)


@contextmanager
def folder_for_warehouse(given: Path | None) -> Iterator[Path]:
    """An empty folder for tables: that given, or a temporary one."""
    if given is None:
        with tempfile.TemporaryDirectory(prefix="dbt_build_") as folder:
            yield Path(folder) / "warehouse"
        return
    # A warehouse with a model in it would not train, and dbt would measure another build.
    if given.exists() and any(given.iterdir()):
        raise click.BadParameter(f"{given} is not empty.", param_hint="--warehouse")
    yield given.resolve()


def mapping(_: click.Context, option: click.Parameter, text: str | None) -> dict[str, Any]:
    """The value of an option that is a YAML mapping."""
    try:
        value = yaml.safe_load(text or "{}")
    except yaml.YAMLError as error:
        raise click.BadParameter(f"{text!r} is not YAML: {error}", param=option) from None
    if not isinstance(value, dict):
        raise click.BadParameter(f"{text!r} is not a YAML mapping.", param=option)
    return value


def measured_builds(
    segmentation: str,
    variables: Mapping[str, Any],
    *,
    target: str = "embedded",
    warehouse: Path | None = None,
    with_unit_tests: bool = False,
    builds: int = 1,
) -> Iterator[dict[str, Any]]:
    """What each of some builds one after the other on the same tables took, the first one cold.

    Raises click.ClickException where one fails.
    """
    with (
        folder_for_warehouse(warehouse) as tables,
        tempfile.TemporaryDirectory(prefix="dbt_build_of_") as scratch,
    ):
        profiles, written = Path(scratch, "profiles"), Path(scratch, "target")
        profiles.mkdir()
        # A person's own profile may point at tables that are in use.
        shutil.copy(ROOT / "profiles.yml.example", profiles / "profiles.yml")
        environment = {**os.environ, "SEGMENTATION_WAREHOUSE": str(tables)}
        environment.pop("SPARK_REMOTE", None)
        # Where this is set, each start compiles 1,300 modules, which takes 2 to 5 seconds.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        command = [sys.executable, "-c", DBT, "build", "--target", target]
        command += ["--profiles-dir", str(profiles), "--target-path", str(written)]
        command += ["--log-path", str(Path(scratch, "logs")), "--vars", json.dumps(variables)]
        if not with_unit_tests:
            command += ["--exclude-resource-type", "unit_test"]
        # The adapter starts its engine by this variable, before dbt has read the profile.
        environment["SEGMENTATION_TARGET"] = target
        for _ in range(builds):
            run = run_measured(command, environment)
            if run.exit_code != 0:
                raise click.ClickException(
                    f"dbt build ended with {run.exit_code}, its output is above; nothing measured."
                )
            yield _measured(segmentation, run, written)


def _measured(segmentation: str, run: Run, target: Path) -> dict[str, Any]:
    """What a run took, by the files that dbt wrote to `target`."""
    results = json.loads((target / "run_results.json").read_text())["results"]
    child_map = json.loads((target / "manifest.json").read_text())["child_map"]
    _report_slowest(results)
    return {
        "seconds": seconds_by_phase(results, child_map, segmentation, run),
        "processor_seconds": round(sum(run.memory.processor_seconds.values()), 1),
        "peak_memory_mib": {
            "jvm": round(run.memory.jvm / MIB),
            "python": round(run.memory.python / MIB),
        },
        "versions": _versions(run.memory.java_command),
        "cores": os.cpu_count(),
    }
