"""dbt on this project, run in the process of the tests."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
# Those of profiles.yml.example, but for the size that it starts with.
JAVA_OPTIONS = (
    "-XX:+UseParallelGC -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m"
    " -XX:MetaspaceSize=256m -XX:CompileThresholdScaling=0.4"
)


# Vars that stand in what dbt reads of the project. Of those of raw data it matters there whether
# they are empty. All others count when a node runs, which settings/test_reading.py sees to.
READ_WITH_THE_PROJECT = ("retrain", "segmentation_overrides", "segmentations")
# What the profile and dbt_project.yml take from the environment.
ENVIRONMENT = ("SEGMENTATION_FILE_FORMAT", "SEGMENTATION_SCHEMA", "SEGMENTATION_TARGET")


# One domain, unless a test is of another: each costs every build its nodes.
RETAIL = {"retail": True}


def tables_of(spark: Any, schema: str) -> set[str]:
    """Names of the tables and stored views of a schema, without the session's temporary views."""
    found = spark.sql(f"show tables in {schema}").collect()
    return {row.tableName for row in found if not row.isTemporary}


class Project:
    """Runs dbt on this project, in this process and on its Spark session."""

    def __init__(
        self,
        spark: Any,
        profiles_dir: Path,
        scratch: Path,
        segmentations: Mapping[str, bool] = RETAIL,
    ) -> None:
        self.spark = spark
        self.segmentations = segmentations
        self.target = scratch / "target"
        self.profiles_dir = profiles_dir
        self._manifests: dict[str, Any] = {}
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
        """The result of `dbt ARGUMENTS --vars VARIABLES`.

        dbt reads the whole project anew for other variables, which takes longer than a small run.
        Here it does not where all that it reads is the same; settings are not checked then.
        """
        return self._invoke(self.manifest(**variables), arguments, variables)

    def dbt_as_it_starts(self, *arguments: str, **variables: Any) -> Any:
        """The same, but the project is read and its settings are checked as in a new process."""
        return self._invoke(None, arguments, variables)

    def refusal(self, **variables: Any) -> str:
        """What a run says that is stopped at its start, before any model.

        That does not depend on how the project was read.
        """
        result = self._invoke(self.manifest(), ("run",), variables)
        assert not result.success
        assert not any(item.node.resource_type == "model" for item in result.result or ())
        return failures(result)

    def manifest(self, **variables: Any) -> Any:
        """What dbt reads of the project with these variables; do not change it."""
        given = {name: variables[name] for name in READ_WITH_THE_PROJECT if name in variables}
        sources = [name for name in variables if name.endswith("_source") and variables[name]]
        given |= dict.fromkeys(sources, "any.table")
        key = json.dumps([given, *map(os.environ.get, ENVIRONMENT)])
        if key not in self._manifests:
            parsed = self.dbt_as_it_starts("parse", **given)
            assert parsed.success, failures(parsed)
            self._manifests[key] = parsed.result
        return self._manifests[key]

    def _invoke(self, manifest: Any, arguments: tuple[str, ...], variables: dict[str, Any]) -> Any:
        from dbt.cli.main import dbtRunner

        vars_given = ("--vars", json.dumps({"segmentations": self.segmentations, **variables}))
        return dbtRunner(manifest=manifest).invoke([*arguments, *self._folders, *vars_given])


class ProjectWithDomain(Project):
    """A copy of this project with one domain more, which builds beside retail."""

    def __init__(
        self, spark: Any, profiles_dir: Path, folder: Path, name: str, files: Mapping[str, str]
    ) -> None:
        super().__init__(spark, profiles_dir, folder / "scratch", {"retail": True, name: True})
        self.root = folder / "project"
        for part in ("models", "macros", "seeds", "tests", "docs"):
            ignored = shutil.ignore_patterns("python")
            shutil.copytree(ROOT / part, self.root / part, ignore=ignored)
        settings = (ROOT / "dbt_project.yml").read_text()
        switched, switches = re.subn(r"(  segmentations: {.*)}", rf"\1, {name}: true}}", settings)
        assert switches == 1
        (self.root / "dbt_project.yml").write_text(switched)
        for path, text in files.items():
            file = self.root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        self._folders[1] = str(self.root)


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
