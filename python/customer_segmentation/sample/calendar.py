"""Days of a sample's range, drawn by their weight."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from customer_segmentation.sample.keyed_random import Integers, Keys, below

SECONDS_PER_DAY = 86_400
FIRST_EPOCH_WEEKDAY = 3
"""Weekday, Monday 0, of 1970-01-01."""


class Calendar:
    """The days of a range by number; a day weighs its month times its weekday.

    ``month_weights`` begin with January, ``weekday_weights`` with Monday.
    """

    def __init__(
        self,
        first: date,
        days: int,
        month_weights: Sequence[int],
        weekday_weights: Sequence[int],
    ) -> None:
        self.days = days
        self.first_epoch_day = (first - date(1970, 1, 1)).days
        day = np.datetime64(first, "D") + np.arange(days)
        month = day.astype("datetime64[M]").astype(np.int64) % 12
        weekday = (day.astype(np.int64) + FIRST_EPOCH_WEEKDAY) % 7
        weights = np.array(month_weights)[month] * np.array(weekday_weights)[weekday]
        self._weight_before = np.concatenate([[0], np.cumsum(weights)])

    def draw(self, keys: Keys, first: Integers, last: Integers) -> Integers:
        """Return one day from ``first`` to ``last`` (day numbers, both included) for each key."""
        low = self._weight_before[first]
        weight = low + below(keys, self._weight_before[last + 1] - low)
        return np.searchsorted(self._weight_before, weight, side="right") - 1
