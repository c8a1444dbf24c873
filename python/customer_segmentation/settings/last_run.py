"""The settings of the run before this one, beside what dbt keeps of it for ``dbt retry``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_FILE = "segmentation_settings.json"


def keep(folder: Path, settings: Mapping[str, Any]) -> None:
    """Write down the settings of this run.

    Args:
        folder: dbt's target folder.
        settings: The value of every setting, by name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(settings, sort_keys=True, indent=1, default=str)
    (folder / _FILE).write_text(text, encoding="utf-8")


def changed_since(folder: Path, settings: Mapping[str, Any]) -> list[str]:
    """The names, sorted, of settings that differ from those kept; none where none were kept.

    Args:
        folder: dbt's target folder.
        settings: The value of every setting, by name.
    """
    try:
        before = json.loads((folder / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    now = json.loads(json.dumps(settings, default=str))
    return sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
