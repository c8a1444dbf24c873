"""Who books in the bookings sample: groups of guests, what they book and how they answer."""

from dataclasses import dataclass

import numpy as np

from customer_segmentation.sample.keyed_random import Integers

# What a booking may be, in the order of the weights in GuestProfile.
STAY_TYPES = ("room_only", "bed_and_breakfast", "half_board", "full_board", "all_inclusive")
VISIT_CATEGORIES = ("business", "leisure", "family", "group")
CHANNELS = ("direct", "online_agency", "corporate", "travel_agent")
GENDERS = ("female", "male", "diverse")

ANY_MONTH = (8, 8, 8, 8, 9, 9, 8, 7, 9, 9, 9, 8)
SUMMER = (1, 1, 2, 3, 4, 8, 20, 22, 5, 3, 1, 2)
ANY_DAY = (1, 1, 1, 1, 1, 1, 1)
WORKING_DAYS = (9, 9, 8, 5, 2, 1, 3)
WEEKEND = (1, 1, 1, 2, 14, 8, 1)


@dataclass(frozen=True)
class GuestProfile:
    """How a kind of guest books; pairs are the smallest and largest value, both included.

    ``recency`` (days from the last arrival to the end of the date range) and ``span`` (longest
    time from the first arrival to the last) are in thousandths of the date range, ``rate`` is the
    price of a night in cents. ``cancelled``, ``no_show``, ``opened``, ``clicked`` and
    ``converted`` are in thousandths of the bookings, of what was sent, opened and clicked. All
    tuples without a pair are weights.
    """

    name: str
    bookings: tuple[int, int]
    recency: tuple[int, int]
    span: int
    lead_days: tuple[int, int]
    nights: tuple[int, int]
    guests: tuple[int, int]
    rate: tuple[int, int]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]
    stay_types: tuple[int, ...]
    visit_categories: tuple[int, ...]
    channels: tuple[int, ...]
    properties: tuple[int, ...]
    cancelled: int
    no_show: int
    age: tuple[int, int]
    genders: tuple[int, ...]
    opened: int
    clicked: int
    converted: int


PLANTED_GROUPS = (
    GuestProfile(
        name="business_regulars",
        bookings=(9, 18),
        recency=(0, 60),
        span=1000,
        lead_days=(0, 9),
        nights=(1, 2),
        guests=(1, 1),
        rate=(11000, 19000),
        months=ANY_MONTH,
        weekdays=WORKING_DAYS,
        stay_types=(55, 40, 5, 0, 0),
        visit_categories=(90, 10, 0, 0),
        channels=(20, 5, 70, 5),
        properties=(40, 25, 20, 10, 2, 1, 1, 1),
        cancelled=120,
        no_show=30,
        age=(28, 62),
        genders=(30, 68, 2),
        opened=250,
        clicked=150,
        converted=150,
    ),
    GuestProfile(
        name="family_holidays",
        bookings=(2, 4),
        recency=(120, 420),
        span=700,
        lead_days=(70, 240),
        nights=(7, 14),
        guests=(3, 5),
        rate=(14000, 26000),
        months=SUMMER,
        weekdays=ANY_DAY,
        stay_types=(0, 5, 40, 15, 40),
        visit_categories=(0, 10, 88, 2),
        channels=(40, 30, 0, 30),
        properties=(1, 1, 2, 2, 40, 30, 14, 10),
        cancelled=80,
        no_show=5,
        age=(30, 50),
        genders=(62, 37, 1),
        opened=450,
        clicked=300,
        converted=200,
    ),
    GuestProfile(
        name="weekend_couples",
        bookings=(4, 8),
        recency=(10, 150),
        span=900,
        lead_days=(12, 45),
        nights=(2, 3),
        guests=(2, 2),
        rate=(9000, 16000),
        months=ANY_MONTH,
        weekdays=WEEKEND,
        stay_types=(10, 80, 10, 0, 0),
        visit_categories=(2, 95, 3, 0),
        channels=(35, 60, 0, 5),
        properties=(10, 10, 15, 30, 10, 5, 10, 10),
        cancelled=100,
        no_show=10,
        age=(22, 70),
        genders=(52, 46, 2),
        opened=700,
        clicked=500,
        converted=350,
    ),
    GuestProfile(
        name="lapsed_groups",
        bookings=(1, 2),
        recency=(520, 900),
        span=150,
        lead_days=(50, 160),
        nights=(2, 4),
        guests=(2, 4),
        rate=(5000, 9000),
        months=ANY_MONTH,
        weekdays=ANY_DAY,
        stay_types=(30, 40, 30, 0, 0),
        visit_categories=(0, 20, 0, 80),
        channels=(5, 20, 5, 70),
        properties=(10, 30, 20, 20, 5, 5, 5, 5),
        cancelled=150,
        no_show=60,
        age=(17, 85),
        genders=(50, 49, 1),
        opened=60,
        clicked=100,
        converted=50,
    ),
)
PLANTED_GROUP_PERCENT = (17, 28, 27, 28)

# Country, its weight, and the language that is spoken there.
COUNTRIES = (
    ("DE", 260, "de"),
    ("GB", 200, "en"),
    ("FR", 110, "fr"),
    ("CH", 90, "de"),
    ("AT", 70, "de"),
    ("NL", 60, "nl"),
    ("IT", 50, "it"),
    ("ES", 40, "es"),
    ("US", 40, "en"),
    ("SE", 20, "sv"),
    ("PL", 20, "pl"),
    ("CI", 2, "fr"),
    # Texts that no list of countries has.
    ("XX", 8, "en"),
    ("Atlantis", 6, "en"),
)


@dataclass(frozen=True)
class Property:
    """A hotel: its name, currency, and the price level in percent."""

    property_id: str
    currency: str
    price_percent: int


PROPERTIES = (
    Property("City Frankfurt", "EUR", 100),
    Property("City London", "GBP", 110),
    Property("City Zurich", "CHF", 120),
    Property("Old Town Prague", "EUR", 80),
    Property("Beach Mallorca", "EUR", 100),
    Property("Beach Algarve", "EUR", 95),
    Property("Lake Garda", "EUR", 105),
    Property("Alpine Davos", "CHF", 130),
)

# Units of the reporting currency for one of each, in hundred-thousandths, and how far a month's
# rate may be from it.
REPORTING_CURRENCY = "EUR"
RATES = (("EUR", 100_000, 0), ("GBP", 116_000, 3_000), ("CHF", 103_000, 4_000))


def ends_of(name: str) -> Integers:
    """Return the pair ``name`` of each planted group, as rows."""
    return np.array([getattr(profile, name) for profile in PLANTED_GROUPS], dtype=np.int64)


def cumulated(name: str) -> Integers:
    """Return the weights ``name`` of each planted group, cumulated, as rows."""
    weights = [np.cumsum(getattr(profile, name)) for profile in PLANTED_GROUPS]
    return np.array(weights, dtype=np.int64)
