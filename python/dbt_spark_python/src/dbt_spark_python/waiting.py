"""Waiting for a process that is about to end."""

import time
from collections.abc import Callable

SECONDS = 5
_POLL_SECONDS = 0.2


def until(condition: Callable[[], bool]) -> bool:
    """Wait up to :data:`SECONDS` for a condition; whether it came to hold."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
