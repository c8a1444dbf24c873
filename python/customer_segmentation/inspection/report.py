"""What was found, as text for a person."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from customer_segmentation.inspection.proposal import Proposal
from customer_segmentation.inspection.sample import Sample

_WIDTH = 118


def report_lines(sample: Sample, proposal: Proposal, source: str) -> Iterator[str]:
    """What a sample is and what is proposed for it, each with its reason."""
    yield f"{source}: {sample.what}, {len(sample.columns)} columns"
    yield _extent(sample)
    for heading, found in (
        ("Sure:", proposal.sure),
        ("Guessed:", proposal.guessed),
        ("Odd:", proposal.odd),
    ):
        yield from _list(heading, found)
    yield from _list("To be answered by you:", [item.text for item in proposal.questions])


def _extent(sample: Sample) -> str:
    if sample.is_whole:
        return f"All {sample.rows:,} lines were looked at."
    of_total = f" of about {sample.total:,}" if sample.total else ""
    return (
        f"A sample was looked at: {sample.rows:,}{of_total} lines, {sample.places}. What is rare "
        "may not be in it; shares are those of the sample."
    )


def _list(heading: str, items: Sequence[str]) -> Iterator[str]:
    if not items:
        return
    yield ""
    yield heading
    for item in items:
        yield textwrap.fill(
            item,
            _WIDTH,
            initial_indent="  - ",
            subsequent_indent="    ",
            break_long_words=False,
            break_on_hyphens=False,
        )
