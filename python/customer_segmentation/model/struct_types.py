"""Spark types of frozen dataclasses, so that a figure is declared once."""

from __future__ import annotations

import dataclasses
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from pyspark.sql.types import (
    ArrayType,
    BooleanType,
    DataType,
    DoubleType,
    LongType,
    StringType,
    StructField,
    StructType,
)

_SCALARS: dict[Any, DataType] = {
    bool: BooleanType(),
    float: DoubleType(),
    int: LongType(),
    str: StringType(),
}


def struct_type(kind: type) -> StructType:
    """The struct with one nullable field per field of a dataclass, in their order.

    bool, int (bigint), float (double), str and literals of text are themselves, a tuple of any
    length is an array, a dataclass a struct.

    Raises:
        TypeError: A field is of another type.
    """
    hints = get_type_hints(kind)
    return StructType(
        [StructField(item.name, _data_type(hints[item.name])) for item in dataclasses.fields(kind)]
    )


def _data_type(hint: Any) -> DataType:
    if hint in _SCALARS:
        return _SCALARS[hint]
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return struct_type(hint)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        (known,) = [item for item in arguments if item is not NoneType]
        return _data_type(known)
    if origin is Literal:
        return StringType()
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return ArrayType(_data_type(arguments[0]))
    raise TypeError(f"{hint!r} has no Spark type here")
