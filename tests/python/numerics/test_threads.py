from __future__ import annotations

import threading
import time

import pytest

from customer_segmentation.errors import InputError
from customer_segmentation.numerics.threads import in_threads


def test_threads_work_at_the_same_time_and_answer_in_order() -> None:
    meeting = threading.Barrier(2, timeout=10)

    def late(item: int) -> int:
        meeting.wait()
        time.sleep(0.05 if item == 0 else 0)
        return item

    assert list(in_threads(late, [0, 1], workers=2)) == [0, 1]


def test_the_first_failure_is_raised() -> None:
    def fails(item: int) -> int:
        if item > 2:
            raise InputError(f"no {item}")
        return item

    found = in_threads(fails, [1, 2, 3, 4], workers=2)
    assert [next(found), next(found)] == [1, 2]
    with pytest.raises(InputError, match="no 3"):
        next(found)
