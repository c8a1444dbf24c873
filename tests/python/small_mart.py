"""Five customers, and what to cluster of them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from customer_segmentation.specification import Specification, parse_specification


def specification(*features: Any, scaler: str = "standard") -> Specification:
    return parse_specification(
        {
            "entity_key": "customer_id",
            "features": list(features) or ["orders", "revenue"],
            "scaler": scaler,
            "k": 2,
            "ordering": {"measure": "revenue"},
        },
        "test",
    )


def mart(**columns: Any) -> pd.DataFrame:
    base: dict[str, Any] = {
        "customer_id": [11, 12, 13, 14, 15],
        "orders": [1, 2, 3, 4, 10],
        "revenue": [-20.0, 0.0, 5.5, 80.0, 1000.0],
    }
    return pd.DataFrame({**base, **columns})


BINARY = {"name": "member", "encoding": "binary"}


def one_hot(rare_below: float = 0.1) -> dict[str, Any]:
    return {"name": "country", "encoding": "one_hot", "rare_below": rare_below}
