"""The long mart that a segmentation may read besides, one row per customer and item."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from customer_segmentation.own_mart.judgement import NUMBERS
from customer_segmentation.own_mart.problems import MartError
from customer_segmentation.own_mart.profile import MartColumn, MartProfile
from customer_segmentation.specification import DEFAULT_COMPONENTS

_FEWEST_ITEMS = 3


@dataclass(frozen=True)
class LongMart:
    """A dbt model and its columns, beside that of the key.

    Args:
        model: Its name.
        item: Column of the items.
        value: Column of the numbers.
        components: How many to reduce it to.
    """

    model: str
    item: str
    value: str
    components: int = DEFAULT_COMPONENTS


def long_mart_of(mart: MartProfile, key: str, item: str, value: str) -> LongMart:
    """The long mart with its columns as it spells them, and fewer components than items.

    Args:
        mart: Its profile.
        key: Column that identifies a customer, as the mart of the customers spells it.
        item: Column that identifies an item.
        value: Column of the number of a pair.

    Raises:
        MartError: It cannot be read as a matrix. The message says what to change in it.
    """
    columns = {use: mart.column(name) for use, name in _uses(key, item, value).items()}
    problems = list(_problems(mart, columns, _uses(key, item, value)))
    items, values = columns["--item"], columns["--value"]
    if problems or items is None or values is None:
        raise MartError(mart.name, problems)
    # By half of the items, which are counted roughly.
    components = max(1, min(DEFAULT_COMPONENTS, (items.levels or 0) // 2))
    return LongMart(mart.name, items.name, values.name, components)


def _uses(key: str, item: str, value: str) -> dict[str, str]:
    return {"--key": key, "--item": item, "--value": value}


def _problems(
    mart: MartProfile, columns: dict[str, MartColumn | None], names: dict[str, str]
) -> Iterator[str]:
    if len({name.lower() for name in names.values()}) < len(names):
        yield "--key, --item and --value name three columns, and two of them are the same."
        return
    for use, column in columns.items():
        if column is None:
            listed = ", ".join(one.name for one in mart.columns)
            yield f"It has no column {names[use]}, which {use} names; its columns are {listed}."
        elif column.nulls:
            yield (
                f"{column.name}, which {use} names, is null in {column.nulls:,} of {mart.rows:,} "
                f"rows. Leave them out: where {column.name} is not null."
            )
    key, item, value = columns.values()
    if key is not None and key.name != names["--key"]:
        yield f"Write the key as the mart does: {key.name} as {names['--key']}."
    if item is not None and (item.levels or 0) < _FEWEST_ITEMS:
        yield (
            f"{item.name}, which --item names, has {item.levels or 0} values; components need "
            f"{_FEWEST_ITEMS} items. With so few a column for each in the mart does."
        )
    if value is None:
        return
    if value.type_name not in NUMBERS:
        yield f"{value.name}, which --value names, has the type {value.type} and must be a number."
    elif value.infinite:
        yield (
            f"{value.name}, which --value names, is NaN or infinite in {value.infinite:,} of "
            f"{mart.rows:,} rows. Mend the division or the logarithm that makes them."
        )
