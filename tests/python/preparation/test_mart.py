from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from customer_segmentation.preparation.mart import read_customers
from customer_segmentation.specification import parse_specification

MART = (
    "select id as customer_id, cast(id as decimal(18,2)) + 0.1 as revenue, id + 0.1D as margin, "
    "id % 2 + 0.1D as flag, id as orders, id / 3 as unused from range(3)"
)


@pytest.mark.parametrize(
    ("precision", "measured"), [("float64", np.float64), ("float32", np.float32)]
)
def test_only_needed_columns_travel_in_the_precision(
    spark: Any, precision: str, measured: Any
) -> None:
    features = ["margin", "orders", "revenue", {"name": "flag", "encoding": "binary"}]
    spec = parse_specification(
        {
            "entity_key": "customer_id",
            "features": features,
            "k": 2,
            "precision": precision,
            "ordering": {"measure": "revenue"},
        },
        "test",
    )
    frame = read_customers(spark.sql(MART), spec)
    assert {name: kind.type for name, kind in frame.dtypes.items()} == {
        "customer_id": np.int64,
        "margin": measured,
        "orders": np.int64,
        # Sums of the ordering measure and levels are compared with the mart's own.
        "revenue": np.float64,
        "flag": np.float64,
    }
    assert frame["revenue"].tolist() == [
        float(Decimal(number) + Decimal("0.1")) for number in range(3)
    ]
    assert frame["margin"].tolist() == [measured(number + 0.1) for number in range(3)]
    assert "unused" in read_customers(spark.sql(MART), spec, ["unused"]).columns


def test_a_decimal_key_keeps_every_digit(spark: Any) -> None:
    spec = parse_specification(
        {
            "entity_key": "customer_id",
            "features": ["orders"],
            "k": 2,
            "ordering": {"measure": "orders"},
        },
        "test",
    )
    mart = "select cast(10000000000000000 + id as decimal(20,0)) as customer_id, id as orders"
    frame = read_customers(spark.sql(f"{mart} from range(3)"), spec)
    # As doubles the first two would be one.
    assert frame["customer_id"].tolist() == [Decimal(10**16 + number) for number in range(3)]


def test_the_session_keeps_its_size_of_batches(spark: Any) -> None:
    spec = parse_specification(
        {
            "entity_key": "customer_id",
            "features": ["orders"],
            "k": 2,
            "ordering": {"measure": "orders"},
        },
        "test",
    )
    setting = "spark.sql.execution.arrow.maxRecordsPerBatch"
    before = spark.conf.get(setting)
    spark.conf.set(setting, "7")
    try:
        assert read_customers(spark.sql(MART), spec)["orders"].tolist() == [0, 1, 2]
        with pytest.raises(Exception, match="lost"):
            read_customers(
                spark.sql("select 1 as customer_id, raise_error('lost') as orders"), spec
            )
        assert spark.conf.get(setting) == "7"
    finally:
        spark.conf.set(setting, before)
