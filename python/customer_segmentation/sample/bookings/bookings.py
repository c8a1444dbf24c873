"""The bookings of the bookings sample."""

from datetime import date

import numpy as np
import pyarrow as pa

from customer_segmentation.sample.bookings.customers import Guests
from customer_segmentation.sample.bookings.defects import BOOKING_DEFECTS
from customer_segmentation.sample.bookings.drawing import (
    Child,
    customer_ids,
    days,
    money,
    times,
    weighted_by_group,
)
from customer_segmentation.sample.bookings.guests import (
    CHANNELS,
    PLANTED_GROUP_PERCENT,
    PLANTED_GROUPS,
    PROPERTIES,
    STAY_TYPES,
    VISIT_CATEGORIES,
    ends_of,
)
from customer_segmentation.sample.bookings.sample import BookingsSample
from customer_segmentation.sample.bookings.schemas import BOOKING_COLUMNS, BOOKINGS_SCHEMA
from customer_segmentation.sample.calendar import SECONDS_PER_DAY, Calendar
from customer_segmentation.sample.defects import with_copies
from customer_segmentation.sample.drawing import joined, texts, weighted
from customer_segmentation.sample.keyed_random import (
    Integers,
    Keys,
    below,
    between,
    root_key,
    split,
)
from customer_segmentation.sample.parts import expand

FIRST_BOOKING_NUMBER = 500_001
PERCENT_WITHOUT_BOOKINGS = 3
PERCENT_OUT_OF_CHARACTER = 15
PER_MILLE_WITHOUT_STAY_TYPE = 20
PER_MILLE_UNLISTED_VISIT = 15


class BookingMaker:
    """Makes the bookings of the blocks in order."""

    def __init__(self, sample: BookingsSample) -> None:
        self._root = root_key(sample.seed)
        self._days = sample.days
        self._first_epoch_day = (sample.first_date - date(1970, 1, 1)).days
        self._calendars = [
            Calendar(sample.first_date, sample.days, each.months, each.weekdays)
            for each in PLANTED_GROUPS
        ]
        self._rows_made = 0

    def table(self, guests: Guests) -> pa.Table:
        """Return the bookings of the guests, bad rows among them."""
        booked = between(split(guests.key, Child.BOOKINGS), ends_of("bookings")[guests.group])
        has_none = below(split(guests.key, Child.WITHOUT_BOOKINGS), 100) < PERCENT_WITHOUT_BOOKINGS
        guest, number = expand(np.where(has_none, 0, booked))
        key = split(split(guests.key, Child.BOOKING)[guest], number)
        # Some bookings are made as another kind of guest makes them.
        is_other = below(split(key, Child.OUT_OF_CHARACTER), 100) < PERCENT_OUT_OF_CHARACTER
        other = weighted(
            split(key, Child.OTHER_GROUP), np.cumsum(PLANTED_GROUP_PERCENT, dtype=np.int64)
        )
        group = np.where(is_other, other, guests.group[guest])
        rows = with_copies(
            split(self._root, Child.BOOKING_DEFECTS), BOOKING_DEFECTS, self._rows_made, len(key)
        )
        row = rows.source
        good_id = FIRST_BOOKING_NUMBER + self._rows_made + row
        self._rows_made += len(key)
        good = {
            "customer_id": customer_ids(guests.number[guest]),
            **self._stays(key, group, self._arrival_days(guests, guest, number, key)),
            **_kinds(key, group),
        }
        columns = {name: column.take(pa.array(row)) for name, column in good.items()}
        columns["booking_number"] = joined("B", pa.array(good_id).cast(pa.string()))
        columns["booking_suffix"] = texts(("",), np.zeros(len(row), dtype=np.int64))
        rows.replace(columns, BOOKING_DEFECTS)
        columns["booking_id"] = joined(columns["booking_number"], columns["booking_suffix"])
        return pa.table([columns[name] for name in BOOKING_COLUMNS], schema=BOOKINGS_SCHEMA)

    def _stays(self, key: Keys, group: Integers, arrival_day: Integers) -> dict[str, pa.Array]:
        """Return when and where each booking is for, its status and its price."""
        lead_days = between(split(key, Child.LEAD), ends_of("lead_days")[group])
        # Booked by noon: a booking on the day of arrival comes before it.
        booked_time = 6 * 3600 + below(split(key, Child.BOOKED_TIME), 6 * 3600)
        booked_at = (self._first_epoch_day + arrival_day - lead_days) * SECONDS_PER_DAY
        nights = between(split(key, Child.NIGHTS), ends_of("nights")[group])
        hotel = weighted_by_group(split(key, Child.PROPERTY), "properties", group)
        rate = between(split(key, Child.RATE), ends_of("rate")[group])
        price_percent = np.array([each.price_percent for each in PROPERTIES])[hotel]
        status = below(split(key, Child.STATUS), 1000)
        cancelled = np.array([each.cancelled for each in PLANTED_GROUPS])[group]
        no_show = np.array([each.no_show for each in PLANTED_GROUPS])[group]
        return {
            "property_id": texts([each.property_id for each in PROPERTIES], hotel),
            "booked_at": times(booked_at + booked_time),
            "arrival_date": days(self._first_epoch_day + arrival_day),
            "nights": pa.array(nights).cast(pa.string()),
            "status": texts(
                ("cancelled", "no-show", "kept"),
                np.where(status < cancelled, 0, np.where(status < cancelled + no_show, 1, 2)),
            ),
            "revenue": money(nights * rate * price_percent // 100),
            "currency": texts([each.currency for each in PROPERTIES], hotel),
        }

    def _arrival_days(
        self, guests: Guests, guest: Integers, number: Integers, key: Keys
    ) -> Integers:
        """Return the day of the range on which each booking's guest arrives."""
        recency = ends_of("recency") * (self._days - 1) // 1000
        span = np.array([each.span for each in PLANTED_GROUPS]) * self._days // 1000
        arrival = np.zeros(len(guest), dtype=np.int64)
        last = np.zeros(len(guests.number), dtype=np.int64)
        last_key = split(guests.key, Child.LAST_DAY)
        day_key = split(key, Child.DAY)
        for code, calendar in enumerate(self._calendars):
            of_group = np.flatnonzero(guests.group == code)
            latest = np.full(len(of_group), self._days - 1 - recency[code, 0])
            earliest = np.full(len(of_group), self._days - 1 - recency[code, 1])
            last[of_group] = calendar.draw(last_key[of_group], earliest, latest)
            booked = np.flatnonzero(guests.group[guest] == code)
            last_day = last[guest[booked]]
            first_day = np.maximum(last_day - span[code], 0)
            drawn = calendar.draw(day_key[booked], first_day, last_day)
            arrival[booked] = np.where(number[booked] == 0, last_day, drawn)
        return arrival


def _kinds(key: Keys, group: Integers) -> dict[str, pa.Array]:
    """Return what kind of booking each is, and for how many."""
    missing = below(split(key, Child.MISSING), 1000)
    visit = weighted_by_group(split(key, Child.VISIT), "visit_categories", group)
    is_unlisted = missing >= 1000 - PER_MILLE_UNLISTED_VISIT
    return {
        "stay_type": texts(
            STAY_TYPES,
            weighted_by_group(split(key, Child.STAY_TYPE), "stay_types", group),
            missing < PER_MILLE_WITHOUT_STAY_TYPE,
        ),
        "visit_category": texts(
            (*VISIT_CATEGORIES, "honeymoon"), np.where(is_unlisted, len(VISIT_CATEGORIES), visit)
        ),
        "guests": pa.array(between(split(key, Child.GUESTS), ends_of("guests")[group])).cast(
            pa.string()
        ),
        "channel": texts(CHANNELS, weighted_by_group(split(key, Child.CHANNEL), "channels", group)),
    }
