"""Which columns of a mart become features, and what stands in the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from customer_segmentation.own_mart.judgement import LeftOut, Offered, Proposed
from customer_segmentation.own_mart.profile import MartColumn, MartProfile
from customer_segmentation.own_mart.proposal import MartError, Proposal, propose

TODAY = date(2026, 3, 31)
ROWS = 200
KEY = MartColumn("customer_id", "string", levels=ROWS)
DAY = MartColumn("as_of_date", "date", levels=1, days=("2026-02-28", "2026-02-28"))


def number(name: str, kind: str = "bigint", **measured: Any) -> MartColumn:
    values = {
        "levels": 50,
        "minimum": 0.0,
        "maximum": 90.0,
        "deviation": 20.0,
        "skewness": 0.2,
    }
    return MartColumn(name, kind, **{**values, **measured})


VISITS = number("visits")


def proposed(
    *columns: MartColumn,
    key: MartColumn | None = KEY,
    day: MartColumn | None = DAY,
    order_by: str | None = None,
    rows: int = ROWS,
) -> Proposal:
    around = [column for column in (key, day) if column is not None]
    mart = MartProfile("loyalty_features", rows, (*around, *columns))
    return propose(mart, "customer_id", order_by, TODAY)


def refusal(*columns: MartColumn, **changes: Any) -> str:
    with pytest.raises(MartError) as refused:
        proposed(*columns, **changes)
    text = str(refused.value)
    assert text.startswith("loyalty_features cannot be segmented as it is:\n  - ")
    return text


def left_out(column: MartColumn, *others: MartColumn) -> str:
    """Why a column is left out, beside one that is taken."""
    proposal = proposed(column, VISITS, *others)
    assert [item.name for item in proposal.features] == ["visits"]
    reasons = {item.name: item.reason for item in proposal.left_out}
    return reasons[column.name]


@pytest.mark.parametrize(
    ("measured", "transform", "reason"),
    [
        ({"skewness": 1.0}, "none", "skewness 1.0, not above 1: as it is"),
        ({"skewness": 1.1}, "log1p", "skewness 1.1 and never below 0: its logarithm"),
        ({"skewness": 3.0, "minimum": -0.5}, "none", "skewness 3.0, but with values below 0"),
        ({"skewness": -4.0}, "none", "skewness -4.0, not above 1"),
        ({"skewness": None}, "none", "as it is"),
    ],
)
@pytest.mark.parametrize("kind", ["int", "double", "decimal(18,2)"])
def test_a_number_is_a_feature_by_its_logarithm_where_it_is_skewed(
    kind: str, measured: dict[str, Any], transform: str, reason: str
) -> None:
    (feature,) = proposed(number("visits", kind, **measured)).features
    assert (feature.name, feature.encoding, feature.transform) == ("visits", "numeric", transform)
    assert feature.reason.startswith(reason)


def test_a_boolean_is_a_feature_and_a_short_text_is_offered() -> None:
    proposal = proposed(
        MartColumn("has_card", "boolean", levels=2),
        MartColumn("store", "varchar(20)", levels=12),
        VISITS,
    )
    assert proposal.features[0] == Proposed("has_card", "binary", "none", "true or false")
    assert proposal.offered == (Offered("store", 12),)
    assert proposal.left_out == ()
    assert [item.name for item in proposal.features] == ["has_card", "visits"]


@pytest.mark.parametrize(
    ("column", "reason"),
    [
        (number("points", minimum=7.0, maximum=7.0, levels=1), "constant: every customer has 7"),
        (number("points", nulls=ROWS, minimum=None, maximum=None), "every row is null"),
        (
            number("points", nulls=25),
            "25 of 200 customers (12.5%) have none, and training takes no missing value: where "
            "that means none write coalesce(points, 0) as points",
        ),
        (number("points", "double", infinite=1), "1 of 200 customers (0.5%) are NaN or infinite"),
        (number("points", "double", maximum=1e200), "put it in other units"),
        (number("points", "double", maximum=1e-120), "put it in other units"),
        (
            number("points", minimum=1e12, maximum=1e12 + 9),
            "such as points - 1000000000000 as points",
        ),
        (number("store_id"), "a number that identifies"),
        (number("ID"), "a number that identifies"),
        (
            MartColumn("first_order_on", "date", levels=9),
            "datediff(as_of_date, first_order_on) as days_since_first_order",
        ),
        (MartColumn("seen", "timestamp", levels=9), "a timestamp measures nothing by itself"),
        (MartColumn("seen", "timestamp_ntz", levels=9), "turn it into days"),
        (MartColumn("seen", "date", nulls=ROWS, levels=0), "every row is null"),
        (MartColumn("has_card", "boolean", levels=1), "constant"),
        (MartColumn("has_card", "boolean", nulls=2, levels=2), "coalesce(has_card, false)"),
        (MartColumn("store", "string", levels=1), "constant"),
        (MartColumn("store", "string", nulls=2, levels=3), "coalesce(store, 'unknown') as store"),
        (
            MartColumn("street", "string", levels=1003),
            "text with more than 12 levels (about 1,003)",
        ),
        (MartColumn("pages", "map<string,int>"), "map<string,int> cannot be measured"),
        (MartColumn("spell", "interval day to second"), "make numbers of it"),
        (number("net revenue"), "write `net revenue` as net_revenue in the mart"),
        (number("`"), "write ```` as column in the mart"),
    ],
)
def test_what_is_no_feature_says_why_and_what_to_do(column: MartColumn, reason: str) -> None:
    assert reason in left_out(column)


def test_the_alias_for_a_column_is_free_in_the_mart() -> None:
    reason = left_out(number("Net revenue"), MartColumn("Net_Revenue", "string", levels=99))
    assert reason.endswith("write `Net revenue` as net_revenue_2 in the mart")


def test_segments_are_ordered_by_the_first_number_unless_asked_otherwise() -> None:
    card = MartColumn("has_card", "boolean", levels=2)
    proposal = proposed(card, VISITS, number("spent"))
    assert (proposal.ordering, proposal.entity_key) == ("visits", "customer_id")
    assert proposal.ordering_reason == "the first numeric feature, for want of --order-by"
    # Any number will do, in any case; the specification takes the mart's spelling.
    asked = proposed(card, number("Store_id"), VISITS, order_by="store_ID")
    assert (asked.ordering, asked.ordering_reason) == ("Store_id", "by --order-by")
    assert "could follow; name a numeric column with --order-by" in refusal(card)


@pytest.mark.parametrize(
    ("column", "problem"),
    [
        (number("visits"), "has no column spent, which --order-by names; its columns are customer"),
        (
            MartColumn("spent", "string", levels=3),
            "spent, which --order-by names, has the type string",
        ),
        (number("spent", nulls=1), "cannot be used: 1 of 200 customers"),
        (number("spent", nulls=ROWS), "cannot be used: every row is null"),
        (number("spent", maximum=0.0), "cannot be used: constant"),
    ],
)
def test_an_order_that_cannot_be_used_is_refused(column: MartColumn, problem: str) -> None:
    assert problem in refusal(number("points"), column, order_by="spent")


def test_the_key_is_no_order() -> None:
    key = replace(KEY, type="bigint", minimum=1.0, maximum=200.0)
    assert "names the key customer_id" in refusal(VISITS, key=key, order_by="Customer_ID")


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        (None, "has no column customer_id, which --key names; its columns are as_of_date, visits"),
        (replace(KEY, nulls=3, levels=197), "is null in 3 of 200 rows. Leave them out"),
        (replace(KEY, levels=180), "is not unique: 200 rows have 180 keys"),
        (replace(KEY, type="double"), "has the type double, which does not identify reliably"),
        (replace(KEY, type="date"), "cast(customer_id as string) as customer_id"),
        (replace(KEY, type="array<int>", levels=None), "has the type array<int>"),
    ],
)
def test_a_key_that_cannot_be_used_is_refused(key: MartColumn | None, problem: str) -> None:
    text = refusal(VISITS, key=key)
    assert problem in text
    assert text.count("  - ") == 1


@pytest.mark.parametrize("kind", ["string", "bigint", "decimal(38,0)", "char(9)"])
def test_a_key_of_text_or_whole_numbers_is_taken_as_the_mart_spells_it(kind: str) -> None:
    key = MartColumn("Customer_Id", kind, levels=ROWS)
    assert proposed(VISITS, key=key).entity_key == "Customer_Id"


def test_a_key_with_the_name_of_a_column_of_the_segment_tables_is_refused() -> None:
    mart = MartProfile("mart", ROWS, (replace(KEY, name="segment_id"), DAY, VISITS))
    with pytest.raises(MartError, match="such as segment_id as customer_id"):
        propose(mart, "segment_id", None, TODAY)


@pytest.mark.parametrize(
    ("day", "problem"),
    [
        (None, "Add it to the select of the mart, such as: date '2026-03-31' as as_of_date."),
        (replace(DAY, name="As_Of_Date"), "in small letters: As_Of_Date as as_of_date"),
        (replace(DAY, type="timestamp"), "cast(as_of_date as date) as as_of_date"),
        (replace(DAY, nulls=3), "is null in 3 of 200 rows"),
        (
            replace(DAY, days=("2026-01-02", "2026-02-28")),
            "goes from 2026-01-02 to 2026-02-28, and the figures of all customers must be of one",
        ),
    ],
)
def test_a_mart_says_the_day_that_its_figures_are_of(day: MartColumn | None, problem: str) -> None:
    assert problem in refusal(VISITS, day=day)


def test_without_a_feature_every_column_is_named() -> None:
    text = refusal(
        number("constant here", maximum=0.0),
        MartColumn("store", "string", levels=5),
        number("points", nulls=5),
    )
    assert "No column is left to be a feature" in text
    assert "`constant here`: the specification takes names" in text
    assert "store: a text of about 5 levels alone" in text
    assert "points: 5 of 200" in text


def test_all_problems_are_said_at_once() -> None:
    text = refusal(key=replace(KEY, levels=3), day=None, order_by="spent")
    for part in ("is not unique", "no column as_of_date", "No column is left", "no column spent"):
        assert part in text


def test_too_few_customers_are_the_only_problem() -> None:
    assert refusal(rows=2, day=None).count("  - ") == 1
    assert "has 0 rows" in refusal(rows=0)


@pytest.mark.parametrize(
    ("rows", "levels", "highest"), [(200, 50, 10), (200, 7, 7), (8, 8, 7), (200, 2, 2), (3, 3, 2)]
)
def test_no_more_segments_are_tried_than_customers_differ(
    rows: int, levels: int, highest: int
) -> None:
    key = replace(KEY, levels=rows)
    card = MartColumn("has_card", "boolean", levels=2)
    proposal = proposed(card, number("visits", levels=levels), key=key, rows=rows)
    assert proposal.highest_k == highest


def test_a_column_that_is_left_out_adds_no_segments() -> None:
    street = MartColumn("street", "string", levels=150)
    proposal = proposed(street, number("visits", levels=4))
    assert isinstance(proposal.left_out[0], LeftOut)
    assert proposal.highest_k == 4
