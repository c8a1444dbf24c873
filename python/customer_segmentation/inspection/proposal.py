"""What is proposed for a project's vars, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Choice:
    """One answer to a question.

    Args:
        setting: Name of the var.
        value: Its value; where it is a mapping that the proposal has as well, keys of it.
        means: What it does, short.
    """

    setting: str
    value: Any
    means: str = ""


@dataclass(frozen=True)
class Question:
    """What the user must decide.

    Args:
        text: The question, with what was found.
        choices: Answers, none where they are not known.
    """

    text: str
    choices: tuple[Choice, ...] = ()

    @property
    def settings(self) -> list[str]:
        """The vars that its answers are of."""
        return list(dict.fromkeys(choice.setting for choice in self.choices))


@dataclass
class Proposal:
    """Vars for one raw table.

    Args:
        settings: By name, in the order in which they are written.
        sure: What the raw data leave no doubt about.
        guessed: What is probable, each with its reason.
        odd: What was found that the user may not expect.
        questions: What is not guessed.
    """

    settings: dict[str, Any] = field(default_factory=dict)
    sure: list[str] = field(default_factory=list)
    guessed: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    def set(self, name: str, value: Any) -> None:
        """Propose a value; of a mapping, further keys."""
        before = self.settings.get(name)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            value = {**before, **value}
        self.settings[name] = value

    def ask(self, text: str, *choices: Choice) -> None:
        """Leave a decision to the user."""
        self.questions.append(Question(text, choices))

    def say(self, text: str, *, is_sure: bool) -> None:
        """Give the reason of what is proposed."""
        (self.sure if is_sure else self.guessed).append(text)
