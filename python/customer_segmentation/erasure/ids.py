"""The ids of customers to erase, as people hand them over in a file."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from customer_segmentation.errors import InputError

LEAST_CHARACTERS_OF_A_WORD = 5
"""A shorter id is a word of too many texts that have nothing to do with it."""

_WORD = re.compile(r"[^\W_]+")


def read_ids(path: Path, key: str) -> dict[str, int]:
    """The ids in a file of one id a line, each with the number of its line.

    Blanks around an id, quotes around a line, empty lines, repeated ids and a first line with the
    name of the key are passed over.

    Raises:
        InputError: the file is no text in UTF-8, or has no id.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{path} is no text in UTF-8: write one id a line.") from None
    ids: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        found = _unquoted(line.strip())
        if found and not (number == 1 and found == key):
            ids.setdefault(found, number)
    if not ids:
        raise InputError(f"{path} has no id: write one id a line.")
    return ids


def _unquoted(line: str) -> str:
    if len(line) >= 2 and line[0] == line[-1] and line[0] in "\"'":
        return line[1:-1].replace(line[0] * 2, line[0]).strip()
    return line


class Finder:
    """Finds ids in text: as the whole of it, or as a word or words of it.

    Upper and lower case are alike. An id is a word where the characters beside it are neither
    letters nor digits.
    """

    def __init__(self, ids: Iterable[str]) -> None:
        self._ids = {id_.casefold() for id_ in ids}
        self._by_word: defaultdict[str, list[str]] = defaultdict(list)
        for id_ in self._ids:
            words = _WORD.findall(id_)
            if words and len(id_) >= LEAST_CHARACTERS_OF_A_WORD:
                self._by_word[max(words, key=len)].append(id_)

    def is_whole(self, text: str) -> bool:
        """Whether a text is an id, but for white space around it."""
        return text.strip().casefold() in self._ids

    def is_in(self, text: str) -> bool:
        """Whether a text is an id or has one among its words."""
        if self.is_whole(text):
            return True
        folded = text.casefold()
        return any(
            _is_bounded(id_, folded)
            for word in _WORD.findall(folded)
            for id_ in self._by_word.get(word, ())
        )


def _is_bounded(id_: str, text: str) -> bool:
    at = text.find(id_)
    while at >= 0:
        around = text[at - 1 : at] + text[at + len(id_) : at + len(id_) + 1]
        if not any(character.isalnum() for character in around):
            return True
        at = text.find(id_, at + 1)
    return False
