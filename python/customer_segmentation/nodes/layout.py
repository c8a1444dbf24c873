"""Tables of an older version in the layout of this one."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.types import ArrayType, DataType, StructType


def in_layout(stored: DataFrame, schema: StructType) -> DataFrame:
    """The table with all columns and fields of a schema, at any depth, those that it lacks as null.

    Written out field by field: `unionByName`, which does as much in Spark, ends in an error on Sail
    where a struct in an array lacks a field.

    Returns:
        The schema's columns and fields in its order, then those that it does not have.
    """
    present = {field.name: field.dataType for field in stored.schema}
    further = [name for name in stored.columns if name not in schema.names]
    columns = [
        _in_type(F.col(field.name), present.get(field.name), field.dataType).alias(field.name)
        for field in schema
    ]
    return stored.select(*columns, *further)


def _in_type(value: Column, present: DataType | None, wanted: DataType) -> Column:
    if present is None:
        return F.lit(None).cast(wanted)
    if present.simpleString() == wanted.simpleString():
        return value
    if isinstance(present, StructType) and isinstance(wanted, StructType):
        known = {field.name: field.dataType for field in present}
        fields = [
            _in_type(value[field.name], known.get(field.name), field.dataType).alias(field.name)
            for field in wanted
        ]
        fields += [value[name].alias(name) for name in known if name not in wanted.names]
        return F.when(value.isNotNull(), F.struct(*fields))
    if isinstance(present, ArrayType) and isinstance(wanted, ArrayType):
        of_element = present.elementType, wanted.elementType
        return F.transform(value, lambda element: _in_type(element, *of_element))
    return value
