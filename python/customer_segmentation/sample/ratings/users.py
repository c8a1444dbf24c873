"""The users of the ratings sample."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from customer_segmentation.sample.calendar import SECONDS_PER_DAY
from customer_segmentation.sample.drawing import weighted
from customer_segmentation.sample.keyed_random import (
    Integers,
    Keys,
    below,
    between,
    root_key,
    split,
)
from customer_segmentation.sample.ratings.drawing import Child
from customer_segmentation.sample.ratings.sample import RatingsSample
from customer_segmentation.sample.ratings.tastes import (
    LONGEST_ACTIVITY_DAYS,
    MOST_RATINGS_OF_NEWCOMER,
    PERCENT_NEWCOMERS,
    PERCENT_OF_OWN_TASTE,
    PERCENT_STRICT,
    PLANTED_TASTES,
    SPREAD_OF_NUMBERS,
)


@dataclass(frozen=True)
class Users:
    """Users as arrays of one length.

    ``taste`` is a position in PLANTED_TASTES, ``ratings`` how many they give, ``strictness`` -1, 0
    or 1, ``first_second`` the Unix time from which on they rate.
    """

    number: Integers
    key: Keys
    taste: Integers
    ratings: Integers
    own_percent: Integers
    strictness: Integers
    first_second: Integers


class UserMaker:
    """Makes users; the numbers of their ratings add up to that of the sample."""

    def __init__(self, sample: RatingsSample) -> None:
        self._keys = split(root_key(sample.seed), Child.USERS)
        self._first_second = (sample.first_date - date(1970, 1, 1)).days * SECONDS_PER_DAY
        self._days = sample.days
        self._ratings = _numbers_of_ratings(
            split(self._keys, np.arange(sample.users)), sample.ratings
        )

    def users(self, start: int, stop: int) -> Users:
        """Return the users from number ``start`` to before ``stop``."""
        number = np.arange(start, stop, dtype=np.int64)
        key = split(self._keys, number)
        shares = np.cumsum([taste.percent for taste in PLANTED_TASTES])
        strictness = below(split(key, Child.STRICTNESS), 100)
        first_day = below(split(key, Child.FIRST_DAY), self._days - LONGEST_ACTIVITY_DAYS)
        return Users(
            number=number,
            key=key,
            taste=weighted(split(key, Child.TASTE), shares),
            ratings=self._ratings[start:stop],
            own_percent=between(split(key, Child.OWN_PERCENT), np.array([PERCENT_OF_OWN_TASTE])),
            strictness=(strictness >= 100 - PERCENT_STRICT).astype(np.int64)
            - (strictness < PERCENT_STRICT),
            first_second=self._first_second + first_day * SECONDS_PER_DAY,
        )


def _numbers_of_ratings(key: Keys, ratings: int) -> Integers:
    """Return how many ratings each user gives; they add up to ``ratings``."""
    drawn = split(key, Child.NUMBER_OF_RATINGS)
    is_newcomer = below(split(key, Child.NEWCOMER), 100) < PERCENT_NEWCOMERS
    few = np.where(is_newcomer, 1 + below(drawn, MOST_RATINGS_OF_NEWCOMER), 0)
    weight = np.where(is_newcomer, 0, between(drawn, np.array([SPREAD_OF_NUMBERS])))
    until = np.cumsum(weight) * (ratings - int(few.sum())) // int(weight.sum())
    return few + np.diff(until, prepend=0)
