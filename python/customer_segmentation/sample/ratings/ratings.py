"""The ratings of the ratings sample."""

from functools import cached_property

import numpy as np
import pyarrow as pa

from customer_segmentation.sample.calendar import SECONDS_PER_DAY
from customer_segmentation.sample.defects import with_copies
from customer_segmentation.sample.drawing import weighted_by_row
from customer_segmentation.sample.keyed_random import Integers, Keys, below, root_key, split
from customer_segmentation.sample.parts import expand
from customer_segmentation.sample.ratings.defects import RATING_DEFECTS
from customer_segmentation.sample.ratings.drawing import Child, item_ids, user_ids
from customer_segmentation.sample.ratings.items import Catalogue
from customer_segmentation.sample.ratings.sample import RatingsSample
from customer_segmentation.sample.ratings.tastes import (
    LONGEST_ACTIVITY_DAYS,
    PER_MILLE_FROM_NICHE,
    PERCENT_FROM_EVERYBODY,
    PERCENT_OF_OWN_KNOWN,
    PLANTED_TASTES,
    WEIGHTS_OF_RATINGS,
    Shelf,
)
from customer_segmentation.sample.ratings.users import Users

RATING_COLUMNS = ("user_id", "item_id", "rating", "rated_at")
RATINGS_SCHEMA = pa.schema([(name, pa.string()) for name in RATING_COLUMNS])
HIGHEST_RATING = 5
# Where a shelf has too few items, ratings go to the next of these that has more.
_INSTEAD = (Shelf.OTHER_TASTE, Shelf.OWN_OTHER, Shelf.OWN_KNOWN, Shelf.EVERYBODY, Shelf.NICHE)


class ItemsInAnyOrder:
    """Items of a shelf, of which each user takes some without taking one twice.

    The place of a user's item number j is (start + stride * j) modulo their number, with a stride
    that has no divisor in common with it: so all places are different.
    """

    def __init__(self, numbers: Integers) -> None:
        self.numbers = numbers

    @cached_property
    def _strides(self) -> Integers:
        all_steps = np.arange(1, len(self.numbers) + 1, dtype=np.int64)
        strides: Integers = all_steps[np.gcd(all_steps, len(self.numbers)) == 1]
        return strides

    def take(self, key: Keys, counts: Integers) -> tuple[Integers, Integers]:
        """Return the positions of users, and their items, ``counts`` for each key."""
        user, place = expand(counts)
        stride = self._strides[below(split(key, Child.STRIDE), len(self._strides))]
        start = below(split(key, Child.START), len(self.numbers))
        return user, self.numbers[(start[user] + stride[user] * place) % len(self.numbers)]


class RatingMaker:
    """Makes the ratings of the blocks in order."""

    def __init__(self, sample: RatingsSample, catalogue: Catalogue) -> None:
        self._root = root_key(sample.seed)
        self._shelves = [
            [ItemsInAnyOrder(catalogue.shelf(shelf, taste)) for shelf in Shelf]
            for taste in range(len(PLANTED_TASTES))
        ]
        self._rows_made = 0

    def table(self, users: Users) -> pa.Table:
        """Return the ratings of the users, bad rows among them."""
        user, item, shelf = self._taken(users)
        key = split(split(users.key, Child.RATING)[user], item)
        weights = np.cumsum(WEIGHTS_OF_RATINGS, axis=1, dtype=np.int64)[shelf]
        value = 1 + weighted_by_row(split(key, Child.VALUE), weights) + users.strictness[user]
        activity = below(split(key, Child.TIME), LONGEST_ACTIVITY_DAYS * SECONDS_PER_DAY)
        second = users.first_second[user] + activity
        order = np.lexsort((item, second, user))
        rows = with_copies(
            split(self._root, Child.RATING_DEFECTS), RATING_DEFECTS, self._rows_made, len(order)
        )
        self._rows_made += len(order)
        row = order[rows.source]
        columns: dict[str, pa.Array] = {
            "user_id": user_ids(users.number).take(pa.array(user[row])),
            "item_id": item_ids(item[row]),
            "rating": pa.array(np.clip(value[row], 1, HIGHEST_RATING)).cast(pa.string()),
            "rated_at": pa.array(second[row]).cast(pa.string()),
        }
        rows.replace(columns, RATING_DEFECTS)
        return pa.table([columns[name] for name in RATING_COLUMNS], schema=RATINGS_SCHEMA)

    def _taken(self, users: Users) -> tuple[Integers, Integers, Integers]:
        """Return the position of the user, the item and the shelf of each rating."""
        wanted = _wanted(users)
        parts = []
        for taste, shelves in enumerate(self._shelves):
            of_taste = np.flatnonzero(users.taste == taste)
            sizes = np.array([len(items.numbers) for items in shelves])
            counts = _fitting(wanted[of_taste], sizes)
            for code, items in enumerate(shelves):
                key = split(split(users.key[of_taste], Child.SHELF), code)
                user, item = items.take(key, counts[:, code])
                parts.append((of_taste[user], item, np.full(len(item), code, dtype=np.int64)))
        user, item, shelf = (np.concatenate(each) for each in zip(*parts, strict=True))
        return user, item, shelf


def _wanted(users: Users) -> Integers:
    """Return how many items each user (rows) takes from each shelf (columns)."""
    by_chance = split(users.key, Child.ROUNDING)

    def part(per_mille: int | Integers, number: Integers, code: int) -> Integers:
        return (number * per_mille + below(split(by_chance, code), 1000)) // 1000

    wanted = np.zeros((len(users.number), len(Shelf)), dtype=np.int64)
    wanted[:, Shelf.NICHE] = part(PER_MILLE_FROM_NICHE, users.ratings, 0)
    rest = users.ratings - wanted[:, Shelf.NICHE]
    wanted[:, Shelf.EVERYBODY] = part(10 * PERCENT_FROM_EVERYBODY, rest, 1)
    own = np.minimum(part(10 * users.own_percent, rest, 2), rest - wanted[:, Shelf.EVERYBODY])
    wanted[:, Shelf.OWN_KNOWN] = part(10 * PERCENT_OF_OWN_KNOWN, own, 3)
    wanted[:, Shelf.OWN_OTHER] = own - wanted[:, Shelf.OWN_KNOWN]
    wanted[:, Shelf.OTHER_TASTE] = rest - own - wanted[:, Shelf.EVERYBODY]
    return wanted


def _fitting(wanted: Integers, sizes: Integers) -> Integers:
    """Return as many items in all as wanted of each row, of each column its size at most."""
    counts: Integers = np.minimum(wanted, sizes)
    missing = wanted.sum(axis=1) - counts.sum(axis=1)
    for shelf in _INSTEAD:
        more = np.minimum(missing, sizes[shelf] - counts[:, shelf])
        counts[:, shelf] += more
        missing = missing - more
    return counts
