"""The raw tables of the bookings sample: customers, bookings, campaign events, currency rates.

Everything about a customer follows from the seed and the customer's number, so the customers of a
small sample are also the first customers of a larger one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from customer_segmentation.sample.bookings.defects import (
    BOOKING_DEFECTS,
    CUSTOMER_DEFECTS,
    EVENT_DEFECTS,
)
from customer_segmentation.sample.bookings.guests import (
    CHANNELS,
    COUNTRIES,
    GENDERS,
    PLANTED_GROUP_PERCENT,
    PLANTED_GROUPS,
    PROPERTIES,
    RATES,
    STAY_TYPES,
    VISIT_CATEGORIES,
    cumulated,
    ends_of,
)
from customer_segmentation.sample.bookings.sample import BookingsSample
from customer_segmentation.sample.calendar import SECONDS_PER_DAY, Calendar
from customer_segmentation.sample.defects import with_copies
from customer_segmentation.sample.keyed_random import (
    Integers,
    Keys,
    below,
    between,
    root_key,
    split,
)
from customer_segmentation.sample.parts import expand

CUSTOMER_COLUMNS = (
    "customer_id",
    "gender",
    "birth_date",
    "birth_year",
    "country",
    "language",
    "signed_up_at",
    "email_consent",
    "sms_consent",
    "name",
    "email",
    "phone",
    "address",
)
BOOKING_COLUMNS = (
    "booking_id",
    "customer_id",
    "property_id",
    "stay_type",
    "visit_category",
    "booked_at",
    "arrival_date",
    "nights",
    "guests",
    "channel",
    "status",
    "revenue",
    "currency",
)
EVENT_COLUMNS = ("customer_id", "campaign_id", "campaign_type", "event", "occurred_at")
RATE_COLUMNS = ("rate_date", "currency", "rate")


def _of_texts(names: tuple[str, ...]) -> pa.Schema:
    return pa.schema([(name, pa.string()) for name in names])


CUSTOMERS_SCHEMA = _of_texts(CUSTOMER_COLUMNS)
BOOKINGS_SCHEMA = _of_texts(BOOKING_COLUMNS)
EVENTS_SCHEMA = _of_texts(EVENT_COLUMNS)
RATES_SCHEMA = _of_texts(RATE_COLUMNS)
GROUPS_SCHEMA = _of_texts(("customer_id", "planted_group"))

FIRST_CUSTOMER_ID = 100_001
FIRST_BOOKING_NUMBER = 500_001
CAMPAIGN_TYPES = ("email", "sms", "loyalty", "email")
MISSING = -1

PERCENT_WITHOUT_BOOKINGS = 3
PERCENT_OUT_OF_CHARACTER = 15
PER_MILLE_UNREGISTERED = 12
PER_MILLE_WITHOUT = {"gender": 80, "birth_date": 110, "country": 30, "language": 40}
PER_MILLE_CONTRADICTORY_BIRTH = 10
PER_MILLE_IMPOSSIBLE_BIRTH = 15
PER_MILLE_WITHOUT_STAY_TYPE = 20
PER_MILLE_UNLISTED_VISIT = 15
EMAIL_CONSENT_PERCENT = 80
SMS_CONSENT_PERCENT = 45
SENT_PERCENT = 62
PER_MILLE_UNSUBSCRIBED = 8
LONGEST_MEMBERSHIP_DAYS = 1500
IMPOSSIBLE_BIRTHS = ("1806-05-01", "2023-11-30", "not known")


class _Child(IntEnum):
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


@dataclass(frozen=True)
class SampleBlock:
    """Rows of successive customers; ``groups`` has one row a customer with the planted group."""

    customers: pa.Table
    bookings: pa.Table
    events: pa.Table
    groups: pa.Table


def generate_bookings(
    sample: BookingsSample, customers_per_block: int = 4096
) -> Iterator[SampleBlock]:
    """Yield the sample in blocks of at most ``customers_per_block`` customers.

    The rows do not depend on the size of the blocks. A customer has about 5 bookings.
    """
    generator = _BookingsGenerator(sample)
    for start in range(0, sample.customers, customers_per_block):
        yield generator.block(start, min(start + customers_per_block, sample.customers))


def currency_rates(sample: BookingsSample) -> pa.Table:
    """Return one rate a currency and month, from the month of the first date to that of the last.

    ``rate`` is what one unit is worth in the reporting currency.
    """
    first = np.datetime64(sample.first_date, "M")
    months = np.arange(first, np.datetime64(sample.last_date, "M") + 1)
    key = split(root_key(sample.seed), _Child.RATES)
    rows = []
    for code, (currency, rate, deviation) in enumerate(RATES):
        drawn = below(split(split(key, code), np.arange(len(months))), 2 * deviation + 1)
        for month, difference in zip(months, drawn - deviation, strict=True):
            rows.append((f"{month}-01", currency, f"{(rate + difference) / 100_000:.5f}"))
    columns = [pa.array(column) for column in zip(*rows, strict=True)]
    return pa.table(columns, schema=RATES_SCHEMA)


@dataclass(frozen=True)
class _Guests:
    """Customers as arrays of one length; ``group`` is a position in PLANTED_GROUPS."""

    number: Integers
    key: Keys
    group: Integers
    country: Integers
    signup_day: Integers
    is_registered: npt.NDArray[np.bool_]


class _BookingsGenerator:
    """Makes the blocks in order; keeps the count of good rows of each table made so far."""

    def __init__(self, sample: BookingsSample) -> None:
        self._root = root_key(sample.seed)
        self._days = sample.days
        self._first_epoch_day = (sample.first_date - date(1970, 1, 1)).days
        self._last_year = sample.last_date.year
        self._calendars = [
            Calendar(sample.first_date, sample.days, each.months, each.weekdays)
            for each in PLANTED_GROUPS
        ]
        self._campaigns = sample.campaigns
        self._made = {"customers": 0, "bookings": 0, "events": 0}

    def block(self, start: int, stop: int) -> SampleBlock:
        guests = self._guests(start, stop)
        return SampleBlock(
            customers=self._customers(guests),
            bookings=self._bookings(guests),
            events=self._events(guests),
            groups=pa.table(
                [
                    _customer_ids(guests.number),
                    _texts([each.name for each in PLANTED_GROUPS], guests.group),
                ],
                schema=GROUPS_SCHEMA,
            ),
        )

    def _guests(self, start: int, stop: int) -> _Guests:
        number = np.arange(start, stop, dtype=np.int64)
        key = split(split(self._root, _Child.CUSTOMERS), number)
        shares = np.cumsum([share for _, share, _ in COUNTRIES])
        membership = below(split(key, _Child.SIGNUP), LONGEST_MEMBERSHIP_DAYS)
        return _Guests(
            number=number,
            key=key,
            group=_weighted(
                split(key, _Child.GROUP), np.cumsum(PLANTED_GROUP_PERCENT, dtype=np.int64)
            ),
            country=_weighted(split(key, _Child.COUNTRY), shares),
            # Before the first campaign: what was sent was sent to a member.
            signup_day=self._first_epoch_day - 1 - membership,
            is_registered=below(split(key, _Child.UNREGISTERED), 1000) >= PER_MILLE_UNREGISTERED,
        )

    def _customers(self, guests: _Guests) -> pa.Table:
        kept = np.flatnonzero(guests.is_registered)
        rows = with_copies(
            split(self._root, _Child.CUSTOMER_DEFECTS),
            CUSTOMER_DEFECTS,
            self._made["customers"],
            len(kept),
        )
        self._made["customers"] += len(kept)
        row = kept[rows.source]
        key, group, country = guests.key[row], guests.group[row], guests.country[row]
        age = between(split(key, _Child.AGE), ends_of("age")[group])
        year = self._last_year - age
        new_year = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]")
        born_on = new_year + below(split(key, _Child.BIRTHDAY), 365)
        birth = below(split(split(key, _Child.MISSING), 0), 1000)
        without = PER_MILLE_WITHOUT["birth_date"]
        is_contradictory = (birth >= without) & (birth < without + PER_MILLE_CONTRADICTORY_BIRTH)
        is_impossible = birth >= 1000 - PER_MILLE_IMPOSSIBLE_BIRTH
        number = pc.utf8_lpad(pa.array(guests.number[row]).cast(pa.string()), 7, "0")
        columns: dict[str, pa.Array] = {
            "customer_id": _customer_ids(guests.number[row]),
            "gender": _texts(
                GENDERS,
                _weighted_by_group(split(key, _Child.GENDER), "genders", group),
                self._is_missing(key, "gender"),
            ),
            "birth_date": pc.if_else(
                pa.array(is_impossible),
                _texts(IMPOSSIBLE_BIRTHS, birth % len(IMPOSSIBLE_BIRTHS)),
                pa.array(born_on, mask=birth < without).cast(pa.string()),
            ),
            "birth_year": pa.array(
                np.where(is_contradictory, year + 7, year),
                mask=(birth < without) | is_impossible,
            ).cast(pa.string()),
            "country": _texts(
                [name for name, _, _ in COUNTRIES], country, self._is_missing(key, "country")
            ),
            "language": _texts(
                [language for _, _, language in COUNTRIES],
                country,
                self._is_missing(key, "language"),
            ),
            "signed_up_at": pa.array(guests.signup_day[row].astype("datetime64[D]")).cast(
                pa.string()
            ),
            "email_consent": _yes_or_no(split(key, _Child.CONSENT_EMAIL), EMAIL_CONSENT_PERCENT),
            "sms_consent": _yes_or_no(split(key, _Child.CONSENT_SMS), SMS_CONSENT_PERCENT),
            "name": _joined("Artificial Guest ", number),
            "email": _joined("guest-", number, "@example.invalid"),
            "phone": _joined("+00 000 ", number),
            "address": _joined(number, " Nowhere Street, Sampletown"),
        }
        rows.replace(columns, CUSTOMER_DEFECTS)
        return pa.table([columns[name] for name in CUSTOMER_COLUMNS], schema=CUSTOMERS_SCHEMA)

    def _bookings(self, guests: _Guests) -> pa.Table:
        booked = between(split(guests.key, _Child.BOOKINGS), ends_of("bookings")[guests.group])
        has_none = below(split(guests.key, _Child.WITHOUT_BOOKINGS), 100) < PERCENT_WITHOUT_BOOKINGS
        guest, number = expand(np.where(has_none, 0, booked))
        key = split(split(guests.key, _Child.BOOKING)[guest], number)
        arrival_day = self._arrival_days(guests, guest, number, key)
        # Some bookings are made as another kind of guest makes them.
        is_other = below(split(key, _Child.OUT_OF_CHARACTER), 100) < PERCENT_OUT_OF_CHARACTER
        other = _weighted(
            split(key, _Child.OTHER_GROUP), np.cumsum(PLANTED_GROUP_PERCENT, dtype=np.int64)
        )
        group = np.where(is_other, other, guests.group[guest])
        lead_days = between(split(key, _Child.LEAD), ends_of("lead_days")[group])
        # Booked by noon: a booking on the day of arrival comes before it.
        booked_time = 6 * 3600 + below(split(key, _Child.BOOKED_TIME), 6 * 3600)
        booked_at = (self._first_epoch_day + arrival_day - lead_days) * SECONDS_PER_DAY
        nights = between(split(key, _Child.NIGHTS), ends_of("nights")[group])
        hotel = _weighted_by_group(split(key, _Child.PROPERTY), "properties", group)
        rate = between(split(key, _Child.RATE), ends_of("rate")[group])
        price_percent = np.array([each.price_percent for each in PROPERTIES])[hotel]
        status = below(split(key, _Child.STATUS), 1000)
        cancelled = np.array([each.cancelled for each in PLANTED_GROUPS])[group]
        no_show = np.array([each.no_show for each in PLANTED_GROUPS])[group]
        visit = _weighted_by_group(split(key, _Child.VISIT), "visit_categories", group)
        missing = below(split(key, _Child.MISSING), 1000)

        rows = with_copies(
            split(self._root, _Child.BOOKING_DEFECTS),
            BOOKING_DEFECTS,
            self._made["bookings"],
            len(key),
        )
        row = rows.source
        good_id = FIRST_BOOKING_NUMBER + self._made["bookings"] + row
        self._made["bookings"] += len(key)
        columns: dict[str, pa.Array] = {
            "booking_number": _joined("B", pa.array(good_id).cast(pa.string())),
            "booking_suffix": _texts(("",), np.zeros(len(row), dtype=np.int64)),
            "customer_id": _customer_ids(guests.number[guest][row]),
            "property_id": _texts([each.property_id for each in PROPERTIES], hotel[row]),
            "stay_type": _texts(
                STAY_TYPES,
                _weighted_by_group(split(key, _Child.STAY_TYPE), "stay_types", group)[row],
                (missing < PER_MILLE_WITHOUT_STAY_TYPE)[row],
            ),
            "visit_category": _texts(
                (*VISIT_CATEGORIES, "honeymoon"),
                np.where(missing >= 1000 - PER_MILLE_UNLISTED_VISIT, len(VISIT_CATEGORIES), visit)[
                    row
                ],
            ),
            "booked_at": _times((booked_at + booked_time)[row]),
            "arrival_date": pa.array(
                (self._first_epoch_day + arrival_day)[row].astype("datetime64[D]")
            ).cast(pa.string()),
            "nights": pa.array(nights[row]).cast(pa.string()),
            "guests": pa.array(
                between(split(key, _Child.GUESTS), ends_of("guests")[group])[row]
            ).cast(pa.string()),
            "channel": _texts(
                CHANNELS, _weighted_by_group(split(key, _Child.CHANNEL), "channels", group)[row]
            ),
            "status": _texts(
                ("cancelled", "no-show", "kept"),
                np.where(status < cancelled, 0, np.where(status < cancelled + no_show, 1, 2))[row],
            ),
            "revenue": _money((nights * rate * price_percent // 100)[row]),
            "currency": _texts([each.currency for each in PROPERTIES], hotel[row]),
        }
        rows.replace(columns, BOOKING_DEFECTS)
        columns["booking_id"] = _joined(columns["booking_number"], columns["booking_suffix"])
        return pa.table([columns[name] for name in BOOKING_COLUMNS], schema=BOOKINGS_SCHEMA)

    def _arrival_days(
        self, guests: _Guests, guest: Integers, number: Integers, key: Keys
    ) -> Integers:
        """Return the day of the range on which each booking's guest arrives."""
        recency = ends_of("recency") * (self._days - 1) // 1000
        span = np.array([each.span for each in PLANTED_GROUPS]) * self._days // 1000
        arrival = np.zeros(len(guest), dtype=np.int64)
        last = np.zeros(len(guests.number), dtype=np.int64)
        last_key = split(guests.key, _Child.LAST_DAY)
        day_key = split(key, _Child.DAY)
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

    def _events(self, guests: _Guests) -> pa.Table:
        """Return the events of a block: what was sent, and what each guest made of it."""
        guest, campaign = expand(np.full(len(guests.number), self._campaigns))
        key = split(split(guests.key, _Child.CAMPAIGN)[guest], campaign)
        group = guests.group[guest]
        unsubscribed = below(split(key, _Child.UNSUBSCRIBED), 1000) < PER_MILLE_UNSUBSCRIBED
        was_sent = below(split(key, _Child.SENT), 100) < SENT_PERCENT
        unsubscribed &= was_sent
        # Nothing is sent to a guest who has unsubscribed.
        by_guest = unsubscribed.reshape(len(guests.number), self._campaigns)
        before: Integers = np.cumsum(by_guest, axis=1) - by_guest
        was_sent &= (before == 0).reshape(-1)
        answers = [
            below(split(key, child), 1000)
            < np.array([getattr(each, name) for each in PLANTED_GROUPS])[group]
            for child, name in (
                (_Child.OPENED, "opened"),
                (_Child.CLICKED, "clicked"),
                (_Child.CONVERTED, "converted"),
            )
        ]
        opened = was_sent & answers[0]
        clicked = opened & answers[1]
        converted = clicked & answers[2]
        happened = np.stack([was_sent, opened, clicked, converted, was_sent & unsubscribed], axis=1)
        contact, event = np.nonzero(happened)

        rows = with_copies(
            split(self._root, _Child.EVENT_DEFECTS),
            EVENT_DEFECTS,
            self._made["events"],
            len(contact),
        )
        self._made["events"] += len(contact)
        contact, event = contact[rows.source], event[rows.source]
        sent_on = (campaign[contact] * 2 + 1) * self._days // (2 * self._campaigns)
        delay = below(split(key[contact], _Child.DELAY), 3600)
        seconds = (self._first_epoch_day + sent_on) * SECONDS_PER_DAY + 9 * 3600
        names = [f"C{each + 1:03d}" for each in range(self._campaigns)]
        types = [CAMPAIGN_TYPES[each % len(CAMPAIGN_TYPES)] for each in range(self._campaigns)]
        columns: dict[str, pa.Array] = {
            "customer_id": _customer_ids(guests.number[guest[contact]]),
            "campaign_id": _texts(names, campaign[contact]),
            "campaign_type": _texts(types, campaign[contact]),
            "event": _texts(("sent", "opened", "clicked", "converted", "unsubscribed"), event),
            "occurred_at": _times(seconds + event * (3600 + delay)),
        }
        rows.replace(columns, EVENT_DEFECTS)
        return pa.table([columns[name] for name in EVENT_COLUMNS], schema=EVENTS_SCHEMA)

    def _is_missing(self, key: Keys, column: str) -> npt.NDArray[np.bool_]:
        child = 1 + tuple(PER_MILLE_WITHOUT).index(column)
        return below(split(split(key, _Child.MISSING), child), 1000) < PER_MILLE_WITHOUT[column]


def _weighted(keys: Keys, cumulated_weights: Integers) -> Integers:
    """Return a position for each key, drawn by weights that are cumulated."""
    drawn = below(keys, int(cumulated_weights[-1]))
    return np.searchsorted(cumulated_weights, drawn, side="right")


def _weighted_by_group(keys: Keys, name: str, group: Integers) -> Integers:
    """Return a position for each key, drawn by the weights ``name`` of its group."""
    weights = cumulated(name)[group]
    drawn = below(keys, weights[:, -1])
    position: Integers = (weights <= drawn[:, None]).sum(axis=1)
    return position


def _texts(
    texts: tuple[str, ...] | list[str],
    positions: Integers,
    missing: npt.NDArray[np.bool_] | None = None,
) -> pa.Array:
    return pa.array(list(texts)).take(pa.array(positions, mask=missing))


def _customer_ids(number: Integers) -> pa.Array:
    return _joined("G", pa.array(FIRST_CUSTOMER_ID + number).cast(pa.string()))


def _joined(*parts: str | pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")


def _yes_or_no(keys: Keys, yes_percent: int) -> pa.Array:
    return _texts(("no", "yes"), (below(keys, 100) < yes_percent).astype(np.int64))


def _times(seconds: Integers) -> pa.Array:
    return pa.array(seconds).cast(pa.timestamp("s")).cast(pa.string())


def _money(cents: Integers) -> pa.Array:
    whole = pa.array(cents // 100).cast(pa.string())
    part = pc.utf8_lpad(pa.array(cents % 100).cast(pa.string()), 2, "0")
    return _joined(whole, ".", part)
