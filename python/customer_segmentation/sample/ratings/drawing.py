"""Keys and ids of the ratings sample."""

from enum import IntEnum

import pyarrow as pa

from customer_segmentation.sample.drawing import joined
from customer_segmentation.sample.keyed_random import Integers

FIRST_USER_ID = 100_001
FIRST_ITEM_ID = 1_001


class Child(IntEnum):
    """Numbers of the child keys that are split from one key, one for each thing drawn from it."""

    USERS = 0
    ITEMS = 1
    TASTE = 2
    NEWCOMER = 3
    NUMBER_OF_RATINGS = 4
    ROUNDING = 5
    OWN_PERCENT = 6
    STRIDE = 7
    START = 8
    STRICTNESS = 9
    FIRST_DAY = 10
    RATING = 11
    VALUE = 12
    TIME = 13
    PLACE = 14
    GENRE = 15
    MORE_GENRES = 16
    TITLE = 17
    WITHOUT_GENRES = 18
    RATING_DEFECTS = 19
    ITEM_DEFECTS = 20
    SHELF = 21


def user_ids(number: Integers) -> pa.Array:
    """Return the ids of users by number from 0."""
    return joined("U", pa.array(FIRST_USER_ID + number).cast(pa.string()))


def item_ids(number: Integers) -> pa.Array:
    """Return the ids of items by number from 0."""
    return joined("M", pa.array(FIRST_ITEM_ID + number).cast(pa.string()))
