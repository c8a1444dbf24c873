"""The long mart that a specification may read besides."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pydantic import Field, model_validator

from customer_segmentation.specification.base import Section
from customer_segmentation.specification.problems import broken_rule
from customer_segmentation.specification.sections import COLUMN_NAME, ColumnName

_COMPONENT = re.compile(r"component_[0-9]+")


class Matrix(Section):
    """A second mart, one row per entity and item: ids of both, and a number.

    It is read as a sparse matrix, in which a pair without a row is 0. ``entity`` is the column that
    holds the entity key, ``entity_key`` itself where it is absent.
    """

    entity: ColumnName | None = Field(default=None, description=COLUMN_NAME)
    item: ColumnName = Field(description=COLUMN_NAME)
    value: ColumnName = Field(description=COLUMN_NAME)

    @model_validator(mode="after")
    def _three_columns(self) -> Matrix:
        if self.value == self.item:
            raise broken_rule(f"{self.value!r} is the item as well; name another column", "value")
        return self

    def beside(self, entity_key: str) -> Matrix:
        """With the column of the entity, which may not be another one as well."""
        entity = self.entity or entity_key
        for key in ("item", "value"):
            if getattr(self, key) == entity:
                raise broken_rule(
                    f"{entity!r} is the column of the entity; name another column, or say with "
                    "entity which column holds the entity key",
                    key,
                )
        return self.model_copy(update={"entity": entity})

    @staticmethod
    def check_names(features: Sequence[str]) -> None:
        """Refuse features of the mart that are called as components are."""
        reserved = sorted(name for name in features if _COMPONENT.fullmatch(name))
        if reserved:
            raise broken_rule(
                f"{', '.join(reserved)} is what a component of the matrix is called; rename the "
                "column of the mart"
            )
