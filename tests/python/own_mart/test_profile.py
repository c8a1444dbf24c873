"""What the macro `mart_profile` selects, read."""

from __future__ import annotations

import json
from typing import Any

from customer_segmentation.own_mart.profile import MartColumn, profile_of


def record(name: str, kind: str, **values: Any) -> str:
    return json.dumps({"name": name, "type": kind, "rows": 9, "values": {"nulls": 0, **values}})


def test_what_spark_leaves_out_or_writes_as_text_is_no_number() -> None:
    mart = profile_of(
        "loyalty_features",
        [
            record("customer_id", "decimal(12,0)", levels=9, minimum=1, maximum=9.0, infinite=0),
            record("as_of_date", "date", levels=1, minimum="2024-01-31", maximum="2024-02-01"),
            record("no_date", "date", nulls=9, levels=0),
            record("huge", "double", levels=2, infinite=1, deviation="Infinity", skewness="NaN"),
            record("pages", "map<string,int>"),
        ],
    )
    assert (mart.name, mart.rows) == ("loyalty_features", 9)
    assert mart.columns == (
        MartColumn("customer_id", "decimal(12,0)", levels=9, minimum=1.0, maximum=9.0),
        MartColumn("as_of_date", "date", levels=1, days=("2024-01-31", "2024-02-01")),
        MartColumn("no_date", "date", nulls=9, levels=0),
        MartColumn("huge", "double", levels=2, infinite=1),
        MartColumn("pages", "map<string,int>"),
    )
    assert [column.type_name for column in mart.columns] == [
        "decimal",
        "date",
        "date",
        "double",
        "map",
    ]


def test_a_column_is_found_in_any_case() -> None:
    mart = profile_of("mart", [record("Customer_ID", "string", levels=9)])
    found = mart.column("customer_id")
    assert found is not None
    assert found.name == "Customer_ID"
    assert mart.column("customer") is None
