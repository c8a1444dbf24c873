"""Readers of planted tastes, as a long mart and a mart."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from customer_segmentation.specification import Specification, parse_specification

TASTES = 3


def loans(readers: int = 120, books: int = 30, own: float = 0.7, others: float = 0.1) -> Any:
    """One row per reader and book; each reader borrows mostly a third of the books."""
    random = np.random.default_rng(5)
    rows = [
        (f"r{reader:04}", f"b{book:03}", float(random.integers(1, 6)))
        for reader in range(readers)
        for book in range(books)
        if random.random() < (own if book % TASTES == reader % TASTES else others)
    ]
    return pd.DataFrame(rows, columns=["reader", "book", "loans"])


def mart(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per reader, with the taste and an age that has nothing to do with it."""
    readers = rows.groupby("reader", as_index=False).agg(total=("loans", "sum"))
    at = readers["reader"].str[1:].astype(int)
    return readers.assign(taste=at % TASTES, age=20.0 + at % 7, as_of_date=date(2024, 1, 31))


def specification(**changes: Any) -> Specification:
    base = {
        "entity_key": "reader",
        "matrix": {"item": "book", "value": "loans"},
        "features": [],
        "reduction": {"components": 3},
        "k": TASTES,
        "starts": 2,
        "stability": {"seeds": 1, "resamples": 1},
        "ordering": {"measure": "total"},
    }
    return parse_specification({**base, **changes}, "test")
