"""Settings as the tables of the dbt package declare them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from customer_segmentation.errors import SegmentationError
from customer_segmentation.settings.kinds import KINDS

# The domain-less table, and what the name of every table ends with.
GENERIC = "segmentation"
SUFFIX = "_settings"
_SEGMENTATIONS = "segmentations"
_KEYS = {"default", "kind", "group", "meaning"}


class DeclarationError(SegmentationError):
    """A table of settings does not say what it must."""


@dataclass(frozen=True)
class Setting:
    """One setting.

    Args:
        name: Of the var.
        default: Its value where nothing sets it.
        kind: A key of :data:`~customer_segmentation.settings.kinds.KINDS`.
        allowed: What the kind chooses from.
        allows_segmentations: Whether that are the segmentations that are on, instead.
        group: Its heading in the documentation.
        meaning: What it does, in Markdown.
    """

    name: str
    default: Any
    kind: str
    allowed: tuple[str, ...]
    allows_segmentations: bool
    group: str
    meaning: str

    def problem(self, value: Any, segmentations_on: Sequence[str]) -> str | None:
        """What is wrong with a value, as a sentence and what is allowed; None for nothing."""
        choices = segmentations_on if self.allows_segmentations else self.allowed
        allowed = KINDS[self.kind](value, choices)
        return None if allowed is None else f"The var {self.name} is '{value}'. Allowed: {allowed}."


# By domain and name; the settings of no domain are under GENERIC.
Tables = Mapping[str, Mapping[str, Setting]]


def by_name(tables: Tables) -> dict[str, Setting]:
    """Every setting by its name."""
    return {name: setting for table in tables.values() for name, setting in table.items()}


def settings_of(domain: str, table: Any) -> dict[str, Setting]:
    """The settings that the macro ``<domain>_settings`` returns.

    Raises:
        DeclarationError: An entry lacks a key, has an unknown kind, or has a name by which its
            domain is not found. The message names the macro and the setting.
    """
    macro = f"{domain}{SUFFIX}"
    if not isinstance(table, Mapping):
        raise DeclarationError(f"Macro {macro} returns no mapping of settings.")
    settings = {}
    for name, entry in table.items():
        where = f"Setting {name} in macro {macro}"
        if domain != GENERIC and not name.startswith(f"{domain}_"):
            raise DeclarationError(f"{where} must be named {domain}_...")
        if not isinstance(entry, Mapping) or not entry.keys() >= _KEYS:
            raise DeclarationError(f"{where} needs the keys {', '.join(sorted(_KEYS))}.")
        if entry["kind"] not in KINDS:
            raise DeclarationError(f"{where} has the kind '{entry['kind']}'; {_kinds()}.")
        allowed = entry.get("allowed", ())
        of_segmentations = allowed == _SEGMENTATIONS
        settings[name] = Setting(
            name=name,
            default=entry["default"],
            kind=entry["kind"],
            allowed=() if of_segmentations else tuple(allowed),
            allows_segmentations=of_segmentations,
            group=entry["group"],
            meaning=entry["meaning"],
        )
    return settings


def _kinds() -> str:
    return f"there are {', '.join(sorted(KINDS))}"
