"""What is wrong with a specification, in words: the key's path, the bad value, what is allowed."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticCustomError

FIXED_K, K_RANGE, NO_K = "fixed", "range", "none"
"""Tags of the branches of ``k``."""

Problem = tuple[tuple[object, ...], str]
"""Where below the value that a validator checks, and what is wrong there."""

_BROKEN_RULE = "broken_rule"
_UNKNOWN_CHOICE = "unknown_choice"


def broken_rule(message: str, *keys: str | int) -> PydanticCustomError:
    """The error of a validator: ``message`` about the value at ``keys`` below what it checks."""
    return broken_rules([(keys, message)])


def broken_rules(problems: Sequence[Problem]) -> PydanticCustomError:
    """The errors of a validator that finds several."""
    # The text is for who calls Specification itself, and reads what pydantic makes of it.
    text = "; ".join(f"{_path(keys)}: {message}" if keys else message for keys, message in problems)
    return PydanticCustomError(_BROKEN_RULE, "{text}", {"problems": list(problems), "text": text})


def unknown_choice() -> PydanticCustomError:
    """The error of a value that is not among the ``examples`` of its field."""
    return PydanticCustomError(_UNKNOWN_CHOICE, "unknown choice")


def unknown_key(key: object, section: type[BaseModel]) -> str:
    """What to say of a key that ``section`` does not have."""
    known = list(section.model_fields)
    return f"unknown key; allowed: {', '.join(known)}{_nearest(key, known)}"


def listed(error: ValidationError, root: type[BaseModel]) -> list[str]:
    """Every problem of a failed validation as one sentence that opens with the key's path."""
    return [text for detail in error.errors() for text in _texts(detail, root)]


def _texts(detail: ErrorDetails, root: type[BaseModel]) -> Iterator[str]:
    keys = _without_tags(detail["loc"])
    if detail["type"] == _BROKEN_RULE:
        for inner, message in detail["ctx"]["problems"]:
            yield f"{_path((*keys, *inner))}: {message}"
        return
    path = _path(keys)
    section, allowed, choices = _expected(keys, root)
    if detail["type"] == "extra_forbidden":
        yield f"{path}: {unknown_key(keys[-1], section)}"
    elif detail["type"] == "missing":
        yield f"{path}: missing; give {'one of ' if choices else ''}{allowed}"
    else:
        hint = _nearest(detail["input"], choices)
        yield f"{path}: {detail['input']!r} is not allowed; allowed: {allowed}{hint}"


def _without_tags(location: Sequence[str | int]) -> list[str | int]:
    """The keys as the user wrote them: pydantic adds the tag of the union's branch after k."""
    return [
        part
        for position, part in enumerate(location)
        if not (position == 1 and location[0] == "k" and part in (FIXED_K, K_RANGE, NO_K))
    ]


def _path(keys: Sequence[object]) -> str:
    path = ""
    for key in keys:
        text = key if isinstance(key, str) and key.isidentifier() else repr(key)
        path += f"[{key}]" if isinstance(key, int) else f".{text}" if path else text
    return path


def _expected(
    keys: Sequence[str | int], root: type[BaseModel]
) -> tuple[type[BaseModel], str, list[str]]:
    """The section that holds the last key, in words what the key takes, and the choices if any."""
    section, inner = root, root
    allowed, choices = "", list[str]()
    annotation: Any = None
    for key in keys:
        if isinstance(key, int):
            choices = _choices_in(annotation)
            allowed = ", ".join(choices) or allowed
            continue
        section = inner
        field = section.model_fields.get(key)
        if field is None:
            break
        annotation = field.annotation
        inner = _section_in(annotation) or section
        allowed, choices = _allowed(field)
    return section, allowed, choices


def _allowed(field: FieldInfo) -> tuple[str, list[str]]:
    choices = field.examples or ([] if field.description else _choices_in(field.annotation))
    inner = _section_in(field.annotation)
    if choices or inner is None:
        return ", ".join(choices) or field.description or "", choices
    return field.description or f"{{{', '.join(inner.model_fields)}}}", choices


def _choices_in(annotation: Any) -> list[str]:
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    return [choice for argument in get_args(annotation) for choice in _choices_in(argument)]


def _section_in(annotation: Any) -> type[BaseModel] | None:
    if get_origin(annotation) is None:
        is_section = isinstance(annotation, type) and issubclass(annotation, BaseModel)
        return annotation if is_section else None
    inner = (_section_in(argument) for argument in get_args(annotation))
    return next((section for section in inner if section is not None), None)


def _nearest(value: object, known: Sequence[str]) -> str:
    matches = difflib.get_close_matches(value, known, n=1) if isinstance(value, str) else []
    return f"; did you mean {matches[0]}?" if matches else ""
