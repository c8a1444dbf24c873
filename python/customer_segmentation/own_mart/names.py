"""Names that may stand in file names, SQL and Python without quotes."""

from __future__ import annotations

import re
from collections.abc import Container

_SEGMENTATION = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# With what is appended to it the name of a table stays below the 128 letters of a Hive metastore.
LONGEST_NAME = 60
ALL = "all"


def segmentation_problem(name: str) -> str | None:
    """What is wrong with the name of a segmentation, None for nothing."""
    if not _SEGMENTATION.fullmatch(name):
        return (
            f"{name!r} is no name of a segmentation, which begins the names of its tables: give "
            "small letters, digits and single underscores between them, such as loyalty."
        )
    if len(name) > LONGEST_NAME:
        return f"{name!r} has {len(name)} letters; give a name of at most {LONGEST_NAME}."
    if name == ALL:
        return f"{ALL!r} stands for all segmentations in the var retrain; give another name."
    return None


def is_identifier(name: str) -> bool:
    """Whether a name of a model or column is letters, digits and underscores, no digit first."""
    return _IDENTIFIER.fullmatch(name) is not None


def alias_for(name: str, taken: Container[str]) -> str:
    """A plain name for a column that has none, and that is not in ``taken``."""
    words = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    plain = words if is_identifier(words) else f"column_{words}".rstrip("_")
    alias, number = plain, 2
    while alias in taken:
        alias, number = f"{plain}_{number}", number + 1
    return alias


def quoted(name: str) -> str:
    """A column as SQL, in backquotes where it is not plain."""
    return name if is_identifier(name) else f"`{name.replace('`', '``')}`"
