"""How a CSV file is written: what separates its fields, where its header is."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_SEPARATORS = (",", ";", "\t", "|", "^", "~")
_HEAD_LINES = 200
_MOST_ABOVE = 30


@dataclass(frozen=True)
class Dialect:
    """How fields are separated.

    Args:
        separator: One character.
        quote: Around a field.
        escape: Before a quote in a quoted field; the quote itself where it is doubled.
        comment: Sign that comment lines begin with, empty for none.
        skip_lines: Lines with text above the header, besides comments.
        header: Its fields, as they are written.
    """

    separator: str
    quote: str
    escape: str
    comment: str
    skip_lines: int
    header: tuple[str, ...]

    def rows(self, text: str) -> list[list[str]]:
        """The rows of text that begins at a line, comments and empty lines left out."""
        lines = text.splitlines(keepends=True)
        if self.comment:
            lines = [line for line in lines if not line.startswith(self.comment)]
        doubled = self.escape == self.quote
        reader = csv.reader(
            lines,
            delimiter=self.separator,
            quotechar=self.quote,
            doublequote=doubled,
            escapechar=None if doubled else self.escape,
        )
        rows = []
        while True:
            try:
                rows.append(next(reader))
            except StopIteration:
                return [row for row in rows if row]
            except csv.Error:
                # A field that is longer than the reader takes: an end of a quote is missing.
                continue


def dialect_of(text: str) -> Dialect:
    """How the text is written that a file begins with.

    The separator is the one by which most lines have the same number of fields, and of several the
    one with most fields. The header is the first line with that number.
    """
    quote = "'" if len(re.findall(r"(?m)^'[^']*'[,;\t|]'", text[:20000])) > 3 else '"'
    is_escaped = re.search(r'\\"[^",;\t|\r\n]', text) and '""' not in text.replace('"",', "")
    escape = "\\" if quote == '"' and is_escaped else quote
    lines = [line for line in text.splitlines()[:_HEAD_LINES] if line.strip()]
    best, best_score = Dialect(",", quote, escape, "", 0, ()), (0.0, 0)
    for separator in _SEPARATORS:
        dialect = Dialect(separator, quote, escape, "", 0, ())
        widths = Counter(len(row) for row in dialect.rows("\n".join(lines)))
        width, count = max(widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]))
        score = (round(count / sum(widths.values()), 1) if width > 1 else 0.0, width)
        if score > best_score:
            best, best_score = dialect, score
    return _with_header(best, lines, best_score[1])


def _with_header(dialect: Dialect, lines: Sequence[str], width: int) -> Dialect:
    def is_header(line: str) -> bool:
        fields = dialect.rows(line)
        return bool(fields) and _fits(fields[0], width) and not line.startswith("#")

    at = next((at for at, line in enumerate(lines[:_MOST_ABOVE]) if is_header(line)), 0)
    above = lines[:at]
    # A header may itself begin with the sign of comments, as `#,Order,...`.
    comment = "#" if above and all(line.startswith("#") for line in above) else ""
    rows = dialect.rows(lines[at]) if lines else []
    return Dialect(
        separator=dialect.separator,
        quote=dialect.quote,
        escape=dialect.escape,
        comment=comment,
        skip_lines=0 if comment else len(above),
        header=tuple(rows[0]) if rows else (),
    )


def _fits(fields: Sequence[str], width: int) -> bool:
    """Whether a line may be the header: most of its fields have text, as many as other lines."""
    filled = sum(1 for field in fields if field.strip())
    return abs(len(fields) - width) <= 1 and filled > width / 2
