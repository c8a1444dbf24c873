"""Whether the segmentations that the vars turn on are there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

_MODEL = "_segment_models"


def absent_segmentations(switches: Any, model_files: Collection[str]) -> list[str]:
    """One message for each segmentation that is on and has no model table.

    Args:
        switches: The var ``segmentations``; of another kind than a mapping it is not looked at.
        model_files: Names without suffix of the files of all models.
    """
    if not isinstance(switches, Mapping):
        return []
    there = sorted(
        name.removesuffix(_MODEL)
        for name in model_files
        if name.endswith(_MODEL) and name != _MODEL
    )
    return [
        f"The var segmentations has {name}: true, but no project has a model {name}{_MODEL}. "
        f"Write its files with `segmentation init {name}`, --mart being the model of its mart and "
        f"--key the column of its key, or correct the name. There are {', '.join(there) or 'none'}."
        for name, is_on in switches.items()
        if is_on is True and name not in there
    ]


def model_files(config: Any) -> set[str]:
    """Names without suffix of the files of all models, in all projects of a run.

    Args:
        config: dbt's, of the project that is run.
    """
    return set(_stems(config))


def _stems(config: Any) -> Iterator[str]:
    for project in config.load_dependencies().values():
        for folder in project.model_paths:
            for path in (Path(project.project_root) / folder).rglob("*"):
                if path.suffix in (".sql", ".py"):
                    yield path.stem
