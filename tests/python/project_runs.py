"""dbt on this project, run in the process of the tests."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
# Those of profiles.yml.example, but for the size that it starts with.
JAVA_OPTIONS = (
    "-XX:+UseParallelGC -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m"
    " -XX:MetaspaceSize=256m -XX:CompileThresholdScaling=0.4"
)


class Project:
    """Runs dbt on this project, in this process and on its Spark session."""

    def __init__(self, spark: Any, profiles_dir: Path, scratch: Path) -> None:
        self.spark = spark
        self.target = scratch / "target"
        self.profiles_dir = profiles_dir
        self._folders = [
            "--project-dir",
            str(ROOT),
            "--profiles-dir",
            str(profiles_dir),
            "--target-path",
            str(self.target),
            "--log-path",
            str(scratch / "logs"),
        ]

    def dbt(self, *arguments: str, **variables: Any) -> Any:
        """The result of `dbt ARGUMENTS --vars VARIABLES`."""
        return self._invoke(None, arguments, variables)

    def refusal(self, **variables: Any) -> str:
        """What a run says that is stopped at its start, before any model.

        dbt reads the whole project anew for other variables; what runs at the start does not depend
        on how it was read. The settings themselves are checked while it reads, which is not here.
        """
        result = self._invoke(self._manifest, ("run",), variables)
        assert not result.success
        assert not any(item.node.resource_type == "model" for item in result.result or ())
        return failures(result)

    @functools.cached_property
    def _manifest(self) -> Any:
        return self.dbt("parse").result

    def _invoke(self, manifest: Any, arguments: tuple[str, ...], variables: dict[str, Any]) -> Any:
        from dbt.cli.main import dbtRunner

        vars_given = ("--vars", json.dumps(variables))
        return dbtRunner(manifest=manifest).invoke([*arguments, *self._folders, *vars_given])


def list_nodes(project_dir: Path, profiles_dir: Path) -> Any:
    """The result of `dbt ls` on a project in another folder; its lines are JSON."""
    from dbt.cli.main import dbtRunner

    folders = ["--project-dir", str(project_dir), "--profiles-dir", str(profiles_dir)]
    return dbtRunner().invoke(["ls", "--quiet", "--output", "json", *folders])


def failures(result: Any) -> str:
    """All that a failed run says, for searching in."""
    if result.exception is not None:
        return str(result.exception)
    return "\n".join(str(item.message) for item in result.result if item.status != "success")
