"""Whether Spark keeps the names of the schemas that a run writes to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_KEPT = re.compile(r"[a-z0-9_]+")


def unfit_schemas(schemas: Iterable[str]) -> Iterator[str]:
    """One message for each name of a schema that Spark does not keep as it is written.

    Args:
        schemas: The names, each any number of times.
    """
    for name in sorted(set(schemas)):
        if not _KEPT.fullmatch(name):
            fit = re.sub("[^a-z0-9_]", "_", name.lower())
            yield (
                f"The schema {name} has other characters than small letters, digits and _, which "
                f"Spark does not keep. Name it {fit}: as schema in the profile "
                "(profiles.yml.example takes it from SEGMENTATION_SCHEMA), or in +schema."
            )
