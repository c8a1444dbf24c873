"""What both ways of training make of their arguments."""

from __future__ import annotations

from datetime import datetime, timezone


def silent(_: str) -> None:
    """Progress that nobody reads."""


def in_utc(moment: datetime) -> datetime:
    """The same moment in UTC.

    Raises:
        ValueError: It has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("trained_at needs a time zone")
    return moment.astimezone(timezone.utc)
