"""What every part of a specification is: a mapping that is taken as it is typed."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from customer_segmentation.specification.problems import broken_rules, unknown_key

_Item = TypeVar("_Item")


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


# Not pydantic's lax mode, which takes a set, and with it an order that changes from run to run.
ListOf = Annotated[tuple[_Item, ...], BeforeValidator(_as_tuple)]


class Section(BaseModel):
    """A mapping of the specification: unknown keys and values of another type are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _keys_are_text(cls, data: Any) -> Any:
        # Of these pydantic does not say reliably which key it is, and where.
        unreadable = [key for key in data if not _is_text(key)] if isinstance(data, dict) else []
        if unreadable:
            raise broken_rules([((key,), unknown_key(key, cls)) for key in unreadable])
        return data


def _is_text(key: object) -> bool:
    return isinstance(key, str) and key.isprintable()
