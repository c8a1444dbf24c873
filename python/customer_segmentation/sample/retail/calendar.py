"""When the customers of the retail sample buy."""

from datetime import date

import numpy as np

from customer_segmentation.sample.keyed_random import Integers, Keys, below

# Weight of a day's orders by month (January first) and by weekday (Monday first).
MONTH_WEIGHTS = (6, 6, 7, 7, 8, 8, 8, 8, 12, 15, 17, 9)
WEEKDAY_WEIGHTS = (10, 11, 11, 12, 10, 3, 6)
OPENING_SECOND = 8 * 3600
OPEN_SECONDS = 12 * 3600
SECONDS_PER_DAY = 86_400


class Calendar:
    """The days of the range by number, drawn by their weight."""

    def __init__(self, first: date, days: int) -> None:
        self.days = days
        self.first_epoch_day = (first - date(1970, 1, 1)).days
        day = np.datetime64(first, "D") + np.arange(days)
        month = day.astype("datetime64[M]").astype(np.int64) % 12
        # The epoch began on a Thursday, weekday 3.
        weekday = (day.astype(np.int64) + 3) % 7
        weights = np.array(MONTH_WEIGHTS)[month] * np.array(WEEKDAY_WEIGHTS)[weekday]
        self._weight_before = np.concatenate([[0], np.cumsum(weights)])

    def draw(self, keys: Keys, first: Integers, last: Integers) -> Integers:
        """Return one day from ``first`` to ``last`` (day numbers, both included) for each key."""
        low = self._weight_before[first]
        weight = low + below(keys, self._weight_before[last + 1] - low)
        return np.searchsorted(self._weight_before, weight, side="right") - 1

    def seconds(self, day: Integers, keys: Keys) -> Integers:
        """Return a time within opening hours of each day, in seconds since 1970."""
        time = OPENING_SECOND + below(keys, OPEN_SECONDS)
        return (self.first_epoch_day + day) * SECONDS_PER_DAY + time
