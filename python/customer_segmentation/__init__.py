"""Customer segmentation on Apache Spark: train a clustering on a feature mart, assign customers.

In a notebook ``from customer_segmentation import Specification, score, train`` is all there is to
import; it works on pandas frames without Spark, and on Spark frames with the extra ``spark``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from customer_segmentation.notebook import score, train
    from customer_segmentation.specification import Specification

__version__ = "0.2.0"
__all__ = ["Specification", "score", "train"]

_FROM = {"Specification": "specification", "score": "notebook", "train": "notebook"}


def __getattr__(name: str) -> Any:
    # What is not asked for is not imported: dbt imports this package in every project.
    if name not in _FROM:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_FROM[name]}"), name)
