"""A long mart is taken as it spells its columns, or says all that is wrong with it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from customer_segmentation.own_mart.long_mart import LongMart, long_mart_of
from customer_segmentation.own_mart.problems import MartError
from customer_segmentation.own_mart.profile import MartColumn, MartProfile

KEY = MartColumn("member_id", "string", levels=40)
ITEM = MartColumn("Class_ID", "string", levels=50)
VALUE = MartColumn("visits", "decimal(12,2)", minimum=1, maximum=9)
MART = MartProfile("member_classes", 400, (KEY, ITEM, VALUE))


def with_column(old: MartColumn, **changed: object) -> MartProfile:
    columns = tuple(replace(one, **changed) if one is old else one for one in MART.columns)  # type: ignore[arg-type]
    return replace(MART, columns=columns)


@pytest.mark.parametrize(("items", "components"), [(3, 1), (9, 4), (19, 9), (20, 10), (5000, 10)])
def test_there_are_fewer_components_than_items(items: int, components: int) -> None:
    mart = with_column(ITEM, levels=items)
    found = long_mart_of(mart, "member_id", "class_id", "VISITS")
    assert found == LongMart("member_classes", "Class_ID", "visits", components)


@pytest.mark.parametrize(
    ("mart", "problem"),
    [
        (with_column(ITEM, name="class"), "no column class_id, which --item names; its columns"),
        (with_column(ITEM, levels=2), "Class_ID, which --item names, has 2 values"),
        (with_column(ITEM, nulls=7), "is null in 7 of 400 rows. Leave them out: where Class_ID"),
        (with_column(KEY, nulls=1), "member_id, which --key names, is null in 1 of 400"),
        (with_column(KEY, name="Member_ID"), "Write the key as the mart does: Member_ID as member"),
        (with_column(VALUE, type="boolean"), "has the type boolean and must be a number"),
        (with_column(VALUE, infinite=2), "is NaN or infinite in 2 of 400 rows"),
    ],
)
def test_what_cannot_be_a_matrix_says_what_to_change(mart: MartProfile, problem: str) -> None:
    with pytest.raises(MartError, match="member_classes cannot be segmented") as raised:
        long_mart_of(mart, "member_id", "class_id", "visits")
    assert problem in str(raised.value)
    assert str(raised.value).count("\n  - ") == 1


def test_three_columns_are_named() -> None:
    with pytest.raises(MartError, match="two of them are the same"):
        long_mart_of(MART, "member_id", "class_id", "CLASS_ID")
