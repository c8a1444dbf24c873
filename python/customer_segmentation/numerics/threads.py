"""Several clusterings at a time, each of them on one thread."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from threadpoolctl import threadpool_limits

Item = TypeVar("Item")
Result = TypeVar("Result")


@contextmanager
def one_thread(doubts: type[Warning] | None = None) -> Iterator[None]:
    """Keep the numeric libraries to one thread, and their doubts to themselves.

    Threads add partial sums in the order they finish, which changes the last bits of a centroid.

    Args:
        doubts: The warnings that nobody reads.
    """
    with threadpool_limits(limits=1), warnings.catch_warnings():
        if doubts is not None:
            warnings.simplefilter("ignore", doubts)
        yield


def in_threads(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    workers: int | None = None,
    doubts: type[Warning] | None = None,
) -> Iterator[Result]:
    """What ``function`` gives for each item, in the order of the items.

    Every item is computed on one thread, so that the results are the same with any number of
    workers, by default one per core.

    Args:
        doubts: As for :func:`one_thread`.

    Raises:
        Exception: What ``function`` raises, for the first item that it fails on.
    """
    # Both limits are of the whole process and put back by whoever set them: held here as well, a
    # worker that ends puts back what the others still need.
    with one_thread(doubts), ThreadPoolExecutor(workers or os.cpu_count()) as pool:
        yield from pool.map(function, items)
