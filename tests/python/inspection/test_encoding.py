"""Encodings of text."""

from __future__ import annotations

import pytest

from customer_segmentation.inspection.encoding import encoding_of, text_of
from customer_segmentation.inspection.sampling import Block

GERMAN = "Kunde;Größe\nMüller;Kühlschrank\nSchäfer;Tür 3½\n" * 20
RUSSIAN = "Заказ;Москва\nстол;четверть\n" * 20  # noqa: RUF001
POLISH = "Zamówienie;Łódź\nKraków;ćwiartka\n" * 20


@pytest.mark.parametrize(
    ("text", "written", "name"),
    [
        (GERMAN, "utf-8", "UTF-8"),
        (GERMAN, "utf-8-sig", "UTF-8"),
        (GERMAN, "utf-16", "UTF-16"),
        (GERMAN, "utf-16-le", "UTF-16LE"),
        (GERMAN, "cp1252", "windows-1252"),
        ("plain,Société 46\nother,x\n", "latin1", "windows-1252"),
        ("Sales,Soft\u00a0chair\nx,¾ inch\n" * 20, "cp1252", "windows-1252"),
        (GERMAN.replace("½", ""), "mac_roman", "MacRoman"),
        (RUSSIAN, "cp1251", "Windows-1251"),
        (POLISH, "cp1250", "Windows-1250"),
    ],
)
def test_it_reads_what_was_written(text: str, written: str, name: str) -> None:
    block = Block(text.encode(written), True, True)
    found = encoding_of([block])
    assert found.name == name
    assert text_of(block, found) == text
    assert found.is_sure == name.startswith("UTF")


def test_a_block_within_a_file_has_whole_lines_only() -> None:
    data = GERMAN.encode("utf-16-le")
    inside = Block(data[100:300], False, False)
    found = encoding_of([Block(data[:100], True, False), inside])
    lines = text_of(inside, found).splitlines()
    assert lines
    assert set(lines) <= set(GERMAN.splitlines())
