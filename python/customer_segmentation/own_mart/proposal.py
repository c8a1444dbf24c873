"""A specification for a mart, proposed from what was measured of its columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from customer_segmentation.own_mart.judgement import (
    NUMBERS,
    LeftOut,
    Offered,
    Proposed,
    judge,
    number_flaw,
)
from customer_segmentation.own_mart.names import quoted
from customer_segmentation.own_mart.problems import MartError
from customer_segmentation.own_mart.profile import MartColumn, MartProfile

AS_OF_DATE = "as_of_date"
_LOWEST_K, _HIGHEST_K = 2, 10
_KEY_TYPES = frozenset({"string", "varchar", "char", "tinyint", "smallint", "int", "bigint"}) | {
    "decimal"
}
# Columns that the tables of a segmentation have beside the key.
_TAKEN = frozenset(
    {
        AS_OF_DATE,
        *("segment_id", "model_id", "distance_to_centroid", "runner_up_segment_id"),
        *("distance_to_runner_up", "margin", "pushes", "previous_model_id", "from_date", "to_date"),
        *("previous_as_of_date", "previous_segment_id", "segment_id_by_previous_model"),
    }
)


@dataclass(frozen=True)
class Proposal:
    """A specification, and why it is so.

    Args:
        entity_key: The key as the mart spells it.
        features: At least one, in the order of the mart; with a matrix those that may stand beside
            its components, which may be none.
        offered: Texts that the user may add.
        left_out: All other columns.
        ordering: The column that segment ids follow.
        ordering_reason: Why that one.
        highest_k: Most segments to try; as few as 2.
    """

    entity_key: str
    features: tuple[Proposed, ...]
    offered: tuple[Offered, ...]
    left_out: tuple[LeftOut, ...]
    ordering: str
    ordering_reason: str
    highest_k: int


def propose(
    mart: MartProfile, key: str, order_by: str | None, today: date, *, has_matrix: bool = False
) -> Proposal:
    """A specification that trains on the mart as it is.

    Numbers and booleans are features. A text is only offered: as one dimension for each of its
    levels it would count as much as that many features.

    Args:
        mart: The profile.
        key: Column that identifies a customer.
        order_by: Column whose mean segment ids follow; None for the first numeric feature.
        today: For the line that a mart without an as-of date lacks.
        has_matrix: Whether segments are of a matrix besides, so that no feature is needed.

    Raises:
        MartError: The key, the as-of date or the order cannot be used, or no feature is left. The
            message says what to change in the mart.
    """
    if mart.rows <= _LOWEST_K:
        few = f"It has {mart.rows} rows, and segments need more than {_LOWEST_K} customers."
        raise MartError(mart.name, [f"{few} Build it from more data."])
    judged = [
        judge(column, mart)
        for column in mart.columns
        if column.name.lower() not in (key.lower(), AS_OF_DATE)
    ]
    features = tuple(item for item in judged if isinstance(item, Proposed))
    offered = tuple(item for item in judged if isinstance(item, Offered))
    left_out = tuple(item for item in judged if isinstance(item, LeftOut))

    ordering, reason = order_by, "by --order-by"
    if ordering is None:
        numeric = [item.name for item in features if item.encoding == "numeric"]
        ordering, reason = next(iter(numeric), None), "the first numeric feature, for want of "
        reason += "--order-by"
    column = None if ordering is None else mart.column(ordering)
    problems = [
        *_key_problems(mart, key),
        *_date_problems(mart, today),
        *([] if has_matrix else _feature_problems(features, offered, left_out)),
        *_order_problems(mart, key, order_by, column, has_features=bool(features) or has_matrix),
    ]
    entity_key = mart.column(key)
    if problems or entity_key is None or column is None:
        raise MartError(mart.name, problems)
    return Proposal(
        entity_key=entity_key.name,
        features=features,
        offered=offered,
        left_out=left_out,
        ordering=column.name,
        ordering_reason=reason,
        highest_k=min(_HIGHEST_K, mart.rows - 1) if has_matrix else _highest_k(mart, features),
    )


def _highest_k(mart: MartProfile, features: tuple[Proposed, ...]) -> int:
    """As many segments as customers surely differ in, at most ten.

    Customers that differ in one feature differ; how many differ in several is not measured.
    """
    names = {item.name for item in features}
    distinct = max(column.levels or 0 for column in mart.columns if column.name in names)
    return max(_LOWEST_K, min(_HIGHEST_K, mart.rows - 1, distinct))


def _key_problems(mart: MartProfile, key: str) -> Iterator[str]:
    column = mart.column(key)
    if column is None:
        yield f"It has no column {key}, which --key names; {_columns(mart)}."
        return
    if column.name.lower() in _TAKEN:
        yield (
            f"The key {column.name} has the name of a column that the segment tables have "
            f"themselves. Give it another one in the mart, such as {column.name} as customer_id."
        )
    if column.type_name not in _KEY_TYPES:
        yield (
            f"The key {column.name} has the type {column.type}, which does not identify reliably. "
            f"Cast it in the mart: cast({column.name} as string) as {column.name}."
        )
    if column.nulls:
        yield (
            f"The key {column.name} is null in {column.nulls:,} of {mart.rows:,} rows. Leave them "
            f"out of the mart: where {column.name} is not null."
        )
    if column.levels is not None and column.levels < mart.rows - column.nulls:
        yield (
            f"The key {column.name} is not unique: {mart.rows:,} rows have {column.levels:,} keys. "
            "A mart has one row per customer; aggregate it, or name another --key."
        )


def _date_problems(mart: MartProfile, today: date) -> Iterator[str]:
    column = mart.column(AS_OF_DATE)
    if column is None:
        yield (
            f"It has no column {AS_OF_DATE}, the day that its figures are of. Add it to the select "
            f"of the mart, such as: date '{today}' as {AS_OF_DATE}."
        )
    elif column.name != AS_OF_DATE:
        yield f"Write the column {column.name} in small letters: {column.name} as {AS_OF_DATE}."
    elif column.type != "date":
        yield (
            f"{AS_OF_DATE} has the type {column.type} and must be a date. Cast it in the mart: "
            f"cast({AS_OF_DATE} as date) as {AS_OF_DATE}."
        )
    elif column.nulls:
        yield (
            f"{AS_OF_DATE} is null in {column.nulls:,} of {mart.rows:,} rows; it is the day that "
            "the figures of all customers are of."
        )
    elif column.days is not None and column.days[0] != column.days[1]:
        yield (
            f"{AS_OF_DATE} goes from {column.days[0]} to {column.days[1]}, and the figures of all "
            "customers must be of one day. Where it is the day of a customer's last row, give it "
            f"another name and add: date '{column.days[1]}' as {AS_OF_DATE}."
        )


def _feature_problems(
    features: tuple[Proposed, ...], offered: tuple[Offered, ...], left_out: tuple[LeftOut, ...]
) -> Iterator[str]:
    if features:
        return
    yield "No column is left to be a feature. Add numbers to the mart, or mend these:"
    for text in offered:
        yield (
            f"  {text.name}: a text of about {text.levels} levels alone gives no distances worth "
            "clustering; count or sum up what it stands for"
        )
    for item in left_out:
        yield f"  {quoted(item.name)}: {item.reason}"


def _order_problems(
    mart: MartProfile,
    key: str,
    order_by: str | None,
    column: MartColumn | None,
    *,
    has_features: bool,
) -> Iterator[str]:
    if order_by is None:
        if column is None and has_features:
            yield (
                "It has no number that segment ids could follow; name a numeric column "
                "with --order-by."
            )
        return
    if column is None:
        yield f"It has no column {order_by}, which --order-by names; {_columns(mart)}."
    elif column.name.lower() == key.lower():
        yield f"--order-by names the key {column.name}, which measures nothing; name another one."
    elif column.type_name not in NUMBERS:
        yield (
            f"{column.name}, which --order-by names, has the type {column.type}; name a numeric "
            "column."
        )
    else:
        flaw = "every row is null" if column.nulls == mart.rows else number_flaw(column, mart.rows)
        if flaw is not None:
            yield f"{column.name}, which --order-by names, cannot be used: {flaw}."


def _columns(mart: MartProfile) -> str:
    return f"its columns are {', '.join(column.name for column in mart.columns)}"
