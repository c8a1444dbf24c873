"""The proposed vars as lines of YAML."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from customer_segmentation.inspection.proposal import Proposal, Question

_WIDTH = 118
_INDENT = "  "


class _Quoting(yaml.SafeDumper):
    """Puts quotes around each text that is not words."""


def _text(dumper: _Quoting, text: str) -> yaml.Node:
    style = None if re.fullmatch(r"[A-Za-z0-9_/][\w /.\-]*", text) else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Quoting.add_representer(str, _text)


def block_lines(proposal: Proposal, left_out: Sequence[str] = ()) -> list[str]:
    """Lines that stand under ``vars:``, without their common indentation.

    A question is a comment, and so is each of its answers: the user takes the sign of comments away
    from one.

    Args:
        proposal: Of one raw table.
        left_out: Names of vars that are not written, as they are there.
    """
    lines: list[str] = []
    asked = list(proposal.questions)
    names = dict.fromkeys([*proposal.settings, *(name for item in asked for name in item.settings)])
    for name in names:
        about = [item for item in asked if name in item.settings]
        asked = [item for item in asked if item not in about]
        lines += _setting(name, proposal.settings.get(name), about, is_written=name not in left_out)
    for question in asked:
        lines += _comment(question.text)
    return lines


def in_yaml(value: Any) -> str:
    """A value on one line."""
    text = yaml.dump(
        value,
        Dumper=_Quoting,
        default_flow_style=True,
        width=10**6,
        allow_unicode=True,
        sort_keys=False,
    )
    return text.removesuffix("\n").removesuffix("\n...")


def _setting(
    name: str, value: Any, questions: Sequence[Question], *, is_written: bool
) -> Iterator[str]:
    """The lines of a var with its questions; those about keys of a mapping stand in it."""
    is_mapping = isinstance(value, Mapping)
    is_block = is_mapping and (bool(questions) or (len(value) > 1 and len(in_yaml(value)) > 60))
    if is_written and is_block:
        yield f"{name}:"
        for key, item in value.items():
            yield f"{_INDENT}{in_yaml(key)}: {in_yaml(item)}"
    elif is_written and value is not None:
        yield f"{name}: {in_yaml(value)}"
    is_headed = value is None and all(
        isinstance(choice.value, Mapping) for item in questions for choice in item.choices
    )
    if is_headed:
        yield f"# {name}:  # with one of the lines below"
    for question in questions:
        for line in _comment(question.text):
            yield f"{_INDENT if is_block else ''}{line}"
        for answer in _answers(name, question, {} if is_headed else value):
            yield f"{_INDENT if is_block else ''}# {_INDENT if is_headed else ''}{answer}"


def _answers(name: str, question: Question, value: Any) -> Iterator[str]:
    for choice in question.choices:
        if not isinstance(value, Mapping):
            yield _answer(name, choice.value, choice.means, is_other=value is not None)
        else:
            for key, item in choice.value.items():
                yield _answer(key, item, choice.means, is_other=key in value)


def _answer(name: str, value: Any, means: str, *, is_other: bool) -> str:
    notes = [means] if means else []
    if is_other:
        notes.append(f"in place of {name} above")
    return f"{name}: {in_yaml(value)}{'  # ' if notes else ''}{', '.join(notes)}"


def _comment(text: str) -> Iterator[str]:
    for line in textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False):
        yield f"# {line}"
