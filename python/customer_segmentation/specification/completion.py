"""What a specification need not say where the customers are at hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from customer_segmentation.specification.sections import DENSITY_ALGORITHMS

LOWEST_K_TRIED = 2
HIGHEST_K_TRIED = 10


def completed(data: Mapping[str, Any], numeric: Sequence[str]) -> dict[str, Any]:
    """The settings, with those that are absent taken from the customers.

    - ``features``: all of ``numeric`` but the entity key, in their order and without a transform;
      none beside a matrix.
    - ``k``: chosen from 2 to 10 by the elbow, unless the algorithm finds the number itself.
    - ``ordering``: by the mean of the first numeric feature, without one that of the first of
      ``numeric``, the largest first.

    The entity key has no default: a wrong one would go unnoticed. Nothing is checked here.

    Args:
        data: Settings as :func:`~customer_segmentation.specification.parse_specification` takes
            them.
        numeric: Columns of the customers that are numbers.
    """
    settings = dict(data)
    numbers = [name for name in numeric if name != data.get("entity_key")]
    settings.setdefault("features", [] if settings.get("matrix") is not None else numbers)
    if settings.get("algorithm") not in DENSITY_ALGORITHMS:
        settings.setdefault("k", {"min": LOWEST_K_TRIED, "max": HIGHEST_K_TRIED})
    measures = _numeric_names(settings["features"]) or numbers
    if measures:
        settings.setdefault("ordering", {"measure": measures[0]})
    return settings


def _numeric_names(features: Any) -> list[Any]:
    """Names of the features that are numbers, as far as they can be read."""
    if not isinstance(features, Sequence) or isinstance(features, str):
        return []
    named = [item if isinstance(item, Mapping) else {"name": item} for item in features]
    return [
        item["name"]
        for item in named
        if "name" in item and item.get("encoding", "numeric") == "numeric"
    ]
