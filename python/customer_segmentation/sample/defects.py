"""Bad rows of a sample: what is wrong with them and how many there are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class Defect:
    """A kind of bad row: a copy of a good line in which some fields are replaced.

    One row is added in every ``lines_per_row`` good lines, so a sample with at least that many
    has the kind. ``replaced`` maps a field to its text, or to None where the field is missing.
    """

    name: str
    lines_per_row: int
    replaced: Mapping[str, str | None] = field(default_factory=lambda: MappingProxyType({}))
