"""What scoring reads of a mart and says of a customer, wherever it runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from customer_segmentation.errors import InputError, ModelMismatchError
from customer_segmentation.model.scaling import FeatureScaling
from customer_segmentation.model.scoring_model import ScoringModel

AS_OF_DATE = "as_of_date"
MOST_PUSHES = 3
"""Features that a customer's row names."""
KNOWN_ITEMS = "known_items"
"""Number of items of a matrix that an entity has and the model knows."""
UNSCORABLE_REASON = "unscorable_reason"
NO_ITEM = "no item"
"""Reason of an entity of which the matrix has no row."""
NO_KNOWN_ITEM = "no item that the model knows"
"""Reason of an entity all of whose items are new since training."""


def check_scorable(columns: Iterable[str], model: ScoringModel) -> None:
    """Refuse a feature mart that lacks a column which scoring reads.

    Args:
        columns: Names of the mart's columns.

    Raises:
        ModelMismatchError: Names the columns and the model.
    """
    present = set(columns)
    features = list(columns_read(model))
    trained_on = ", ".join([*features, *(["a matrix"] if model.matrix is not None else [])])
    needed = (model.entity_key, *features, AS_OF_DATE)
    absent = [name for name in needed if name not in present]
    if absent:
        raise ModelMismatchError(
            f"The feature mart has no column {', '.join(absent)}, which model {model.model_id} "
            f"needs: it was trained on {trained_on} by "
            f"{model.entity_key}. Put the column back, or train on the mart as it is now."
        )


def columns_read(model: ScoringModel) -> dict[str, FeatureScaling]:
    """The columns of the mart that the model reads, each with its first dimension.

    Components of a matrix, which are no columns of the mart, are not among them.
    """
    components = () if model.matrix is None else model.matrix.names
    first: dict[str, FeatureScaling] = {}
    for item in model.features:
        if item.name not in components:
            first.setdefault(item.column, item)
    return first


def refuse_unscorable(
    model: ScoringModel, *, customers: int, unscorable: int, missing: Sequence[int], example: object
) -> None:
    """Refuse to score where a customer would get no segment.

    Args:
        customers: All of them.
        unscorable: Those that lack a value.
        missing: How many lack it, per column of :func:`columns_read`.
        example: The entity key of one of them.

    Raises:
        InputError: There are no customers, or says how many miss which feature.
    """
    if not customers:
        raise InputError(f"The feature mart has no rows to score with model {model.model_id}.")
    if not unscorable:
        return
    listed = ", ".join(
        f"{name} in {count}{_allowed(item)}"
        for (name, item), count in zip(columns_read(model).items(), missing, strict=True)
        if count
    )
    raise InputError(
        f"{unscorable} of {customers} customers have missing or infinite values and cannot be "
        f"scored with model {model.model_id}: {listed} (for example {model.entity_key} {example}). "
        "Fill them or leave those customers out in the mart."
    )


def _allowed(item: FeatureScaling) -> str:
    if item.indicator is None or item.indicator.encoding != "binary":
        return ""
    return f" (neither {' nor '.join(item.indicator.levels)})"
