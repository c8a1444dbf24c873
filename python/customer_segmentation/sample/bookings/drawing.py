"""What the tables of the bookings sample are drawn with: keys, weights, and values as text."""

from enum import IntEnum

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from customer_segmentation.sample.bookings.guests import cumulated
from customer_segmentation.sample.drawing import joined, texts, weighted_by_row
from customer_segmentation.sample.keyed_random import Integers, Keys, below

FIRST_CUSTOMER_ID = 100_001


class Child(IntEnum):
    """Numbers of the child keys that are split from one key, one for each thing drawn from it."""

    CUSTOMERS = 0
    GROUP = 1
    BOOKINGS = 2
    WITHOUT_BOOKINGS = 3
    UNREGISTERED = 4
    GENDER = 5
    AGE = 6
    BIRTHDAY = 7
    COUNTRY = 8
    SIGNUP = 9
    CONSENT_EMAIL = 10
    CONSENT_SMS = 11
    MISSING = 12
    LAST_DAY = 13
    BOOKING = 14
    DAY = 15
    LEAD = 16
    BOOKED_TIME = 17
    NIGHTS = 18
    GUESTS = 19
    PROPERTY = 20
    STAY_TYPE = 21
    VISIT = 22
    CHANNEL = 23
    STATUS = 24
    RATE = 25
    CAMPAIGN = 26
    SENT = 27
    OPENED = 28
    CLICKED = 29
    CONVERTED = 30
    UNSUBSCRIBED = 31
    DELAY = 32
    CUSTOMER_DEFECTS = 33
    BOOKING_DEFECTS = 34
    EVENT_DEFECTS = 35
    RATES = 36
    OUT_OF_CHARACTER = 37
    OTHER_GROUP = 38


def weighted_by_group(keys: Keys, name: str, group: Integers) -> Integers:
    """Return a position for each key, drawn by the weights ``name`` of its group."""
    return weighted_by_row(keys, cumulated(name)[group])


def customer_ids(number: Integers) -> pa.Array:
    return joined("G", pa.array(FIRST_CUSTOMER_ID + number).cast(pa.string()))


def yes_or_no(keys: Keys, yes_percent: int) -> pa.Array:
    return texts(("no", "yes"), (below(keys, 100) < yes_percent).astype(np.int64))


def times(seconds: Integers) -> pa.Array:
    return pa.array(seconds).cast(pa.timestamp("s")).cast(pa.string())


def money(cents: Integers) -> pa.Array:
    whole = pa.array(cents // 100).cast(pa.string())
    part = pc.utf8_lpad(pa.array(cents % 100).cast(pa.string()), 2, "0")
    return joined(whole, ".", part)


def days(epoch_days: Integers) -> pa.Array:
    return pa.array(epoch_days.astype("datetime64[D]")).cast(pa.string())
