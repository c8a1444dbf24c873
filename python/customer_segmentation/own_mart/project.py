"""The dbt project that a segmentation is written into."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from customer_segmentation.errors import SegmentationError

PROJECT_FILE = "dbt_project.yml"
_PACKAGE = "customer_segmentation"


class ProjectError(SegmentationError):
    """The project file cannot be read."""


@dataclass(frozen=True)
class Project:
    """What its ``dbt_project.yml`` says.

    Args:
        root: Folder of the project.
        model_folders: Where its models are, at least one.
        switches: The var ``segmentations``, None where the file does not set it.
    """

    root: Path
    model_folders: tuple[Path, ...]
    switches: Mapping[str, bool] | None

    def files(self, names: Iterable[str]) -> dict[str, Path]:
        """Those of these files that stand in any folder of models, by name."""
        wanted = set(names)
        return {
            path.name: path
            for folder in reversed(self.model_folders)
            for path in sorted(folder.rglob("*"), reverse=True)
            if path.name in wanted
        }

    def folder_of(self, name: str, found: Mapping[str, Path]) -> Path:
        """Where the files of a segmentation are written: beside those that are found.

        Args:
            name: Of the segmentation.
            found: Its files that are there.
        """
        if found:
            return next(iter(found.values())).parent
        return self.model_folders[0] / name / "segmentation"


def read_project(root: Path) -> Project:
    """Read the project file.

    Raises:
        ProjectError: It is not YAML, or not a mapping.
    """
    path = root / PROJECT_FILE
    try:
        settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ProjectError(f"{path} cannot be read: {error}") from None
    if not isinstance(settings, Mapping):
        raise ProjectError(f"{path} is not a mapping of settings.")
    folders = settings.get("model-paths") or ["models"]
    return Project(
        root=root,
        model_folders=tuple(root / folder for folder in folders),
        switches=_switches(settings.get("vars")),
    )


def _switches(variables: Any) -> Mapping[str, bool] | None:
    if not isinstance(variables, Mapping):
        return None
    switches = variables.get("segmentations")
    return switches if isinstance(switches, Mapping) else None
