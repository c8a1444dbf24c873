"""The encoding of text, from a sample of its bytes."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import chardet

from customer_segmentation.inspection.sampling import Block

UTF_8 = "UTF-8"
_BOMS = (
    (codecs.BOM_UTF8, UTF_8),
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
# Without it, a line of an 8-bit encoding is most likely in this one.
_USUAL = "windows-1252"
_MOST_BYTES = 200_000
# From fewer characters than these no language can be told.
_LEAST_DIFFERENT = 4
# Apostrophes, dashes, a soft hyphen and a no-break space.
_BETWEEN_LETTERS = "\u2019\u00b4\u2013\u2014\u00ad\u00a0"


@dataclass(frozen=True)
class Encoding:
    """An encoding, and how it is known.

    Args:
        name: As the setting of a raw CSV file takes it.
        python: Python's name of it for bytes without a byte order mark.
        is_sure: Whether the bytes leave no other one.
        reason: Why this one.
    """

    name: str
    python: str
    is_sure: bool
    reason: str


def encoding_of(blocks: Sequence[Block]) -> Encoding:
    """The encoding of a file's blocks, the first of which begins at its beginning."""
    head = blocks[0].data[:4]
    for mark, name in _BOMS:
        if head.startswith(mark):
            return Encoding(name, _without_mark(name, mark), True, "it begins with its mark")
    for name in ("UTF-16LE", "UTF-16BE"):
        if _is_utf_16(blocks[0].data, name):
            return Encoding(name, name, True, "every second byte is zero")
    lines = b"\n".join(_lines_beyond_ascii(blocks))[:_MOST_BYTES]
    if not lines:
        return Encoding(UTF_8, UTF_8, True, "all of its characters are ASCII")
    try:
        text = lines[: lines.rfind(b"\n") + 1 or None].decode(UTF_8)
    except UnicodeDecodeError:
        return _of_eight_bits(lines)
    return Encoding(UTF_8, UTF_8, True, f"{_example(text)} is valid in it")


def text_of(block: Block, encoding: Encoding) -> str:
    """The whole lines of a block, what stands before the first and after the last left out."""
    text = block.data.decode(encoding.python, errors="replace").removeprefix("\ufeff")
    if not block.is_first:
        text = text[text.find("\n") + 1 :]
    if not block.is_last:
        text = text[: text.rfind("\n") + 1]
    return text


def _without_mark(name: str, mark: bytes) -> str:
    if name == UTF_8:
        return name
    return f"{name}{'LE' if mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF32_LE) else 'BE'}"


def _is_utf_16(data: bytes, name: str) -> bool:
    zeros = data[1:2000:2] if name.endswith("LE") else data[0:2000:2]
    return len(zeros) > 3 and zeros.count(0) > 0.7 * len(zeros)


def _lines_beyond_ascii(blocks: Sequence[Block]) -> Iterator[bytes]:
    """Whole lines with other characters than those of ASCII."""
    for block in blocks:
        if not block.data.isascii():
            lines = block.data.splitlines()
            whole = lines[not block.is_first : None if block.is_last else -1]
            yield from (line for line in whole if not line.isascii())


def _of_eight_bits(lines: bytes) -> Encoding:
    """The most plausible of the encodings that the detection names."""
    modern = chardet.detect(lines, encoding_era=chardet.EncodingEra.MODERN_WEB)["encoding"]
    named = [name for name in (chardet.detect(lines)["encoding"], modern, _USUAL) if name]
    if len({byte for byte in lines if byte > 127}) < _LEAST_DIFFERENT:
        named.reverse()
    # Those of DOS and old Macs only where no other one reads as well as they do.
    named.sort(key=lambda name: re.match(r"(?i)cp?[478][0-9]{2}$|ibm|mac", name) is not None)
    best = max(named, key=lambda name: _plausibility(lines, name))
    name = _USUAL if best.lower() in (_USUAL, "iso-8859-1", "ascii") else best
    example = _example(lines.decode(codecs.lookup(name).name, errors="replace"))
    return Encoding(name, name, False, f"it is no UTF-8, and {example} is how it reads in {name}")


def _plausibility(lines: bytes, name: str) -> float:
    """Which part of the characters beyond ASCII may stand where they do.

    Between letters of ASCII only small Latin ones may, and no control character anywhere.
    """
    try:
        text = lines.decode(name)
    except (UnicodeDecodeError, LookupError):
        return -1.0
    beyond = len(re.findall(r"[^\x00-\x7f]", text))
    inside = re.findall(r"(?<=[a-zA-Z])[^\x00-\x7f](?=[a-z])", text)
    odd = sum(1 for sign in inside if not (_is_small_latin(sign) or sign in _BETWEEN_LETTERS))
    odd += len(re.findall(r"[\x80-\x9f\ufffd]", text))
    return 1 - odd / max(1, beyond)


def _is_small_latin(sign: str) -> bool:
    return sign.islower() and unicodedata.name(sign, "").startswith("LATIN")


def _example(text: str) -> str:
    """The first word with a character beyond ASCII."""
    found = re.search(r"\w*[^\x00-\x7f]\w*", text)
    return repr(found[0][:30]) if found else "its text"
