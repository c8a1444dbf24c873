"""The customers of the bookings sample."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from customer_segmentation.sample.bookings.defects import CUSTOMER_DEFECTS
from customer_segmentation.sample.bookings.drawing import (
    Child,
    customer_ids,
    days,
    weighted_by_group,
    yes_or_no,
)
from customer_segmentation.sample.bookings.guests import (
    COUNTRIES,
    GENDERS,
    PLANTED_GROUP_PERCENT,
    ends_of,
)
from customer_segmentation.sample.bookings.sample import BookingsSample
from customer_segmentation.sample.bookings.schemas import CUSTOMER_COLUMNS, CUSTOMERS_SCHEMA
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

PER_MILLE_UNREGISTERED = 12
PER_MILLE_WITHOUT = {"gender": 80, "birth_date": 110, "country": 30, "language": 40}
PER_MILLE_CONTRADICTORY_BIRTH = 10
PER_MILLE_IMPOSSIBLE_BIRTH = 15
EMAIL_CONSENT_PERCENT = 80
SMS_CONSENT_PERCENT = 45
LONGEST_MEMBERSHIP_DAYS = 1500
IMPOSSIBLE_BIRTHS = ("1806-05-01", "2023-11-30", "not known")


@dataclass(frozen=True)
class Guests:
    """Customers as arrays of one length; ``group`` is a position in PLANTED_GROUPS."""

    number: Integers
    key: Keys
    group: Integers
    country: Integers
    signup_day: Integers
    is_registered: npt.NDArray[np.bool_]


class CustomerMaker:
    """Makes the customers of the blocks in order."""

    def __init__(self, sample: BookingsSample) -> None:
        self._root = root_key(sample.seed)
        self._first_epoch_day = (sample.first_date - date(1970, 1, 1)).days
        self._last_year = sample.last_date.year
        self._rows_made = 0

    def guests(self, start: int, stop: int) -> Guests:
        """Return the customers from number ``start`` to before ``stop``."""
        number = np.arange(start, stop, dtype=np.int64)
        key = split(split(self._root, Child.CUSTOMERS), number)
        shares = np.cumsum([share for _, share, _ in COUNTRIES])
        membership = below(split(key, Child.SIGNUP), LONGEST_MEMBERSHIP_DAYS)
        return Guests(
            number=number,
            key=key,
            group=weighted(
                split(key, Child.GROUP), np.cumsum(PLANTED_GROUP_PERCENT, dtype=np.int64)
            ),
            country=weighted(split(key, Child.COUNTRY), shares),
            # Before the first campaign: what was sent was sent to a member.
            signup_day=self._first_epoch_day - 1 - membership,
            is_registered=below(split(key, Child.UNREGISTERED), 1000) >= PER_MILLE_UNREGISTERED,
        )

    def table(self, guests: Guests) -> pa.Table:
        """Return the rows of the registered customers, bad rows among them."""
        kept = np.flatnonzero(guests.is_registered)
        rows = with_copies(
            split(self._root, Child.CUSTOMER_DEFECTS),
            CUSTOMER_DEFECTS,
            self._rows_made,
            len(kept),
        )
        self._rows_made += len(kept)
        row = kept[rows.source]
        key, group, country = guests.key[row], guests.group[row], guests.country[row]
        number = pc.utf8_lpad(pa.array(guests.number[row]).cast(pa.string()), 7, "0")
        columns: dict[str, pa.Array] = {
            "customer_id": customer_ids(guests.number[row]),
            "gender": texts(
                GENDERS,
                weighted_by_group(split(key, Child.GENDER), "genders", group),
                _is_missing(key, "gender"),
            ),
            **self._births(key, group),
            "country": texts(
                [name for name, _, _ in COUNTRIES], country, _is_missing(key, "country")
            ),
            "language": texts(
                [language for _, _, language in COUNTRIES],
                country,
                _is_missing(key, "language"),
            ),
            "signed_up_at": days(guests.signup_day[row]),
            "email_consent": yes_or_no(split(key, Child.CONSENT_EMAIL), EMAIL_CONSENT_PERCENT),
            "sms_consent": yes_or_no(split(key, Child.CONSENT_SMS), SMS_CONSENT_PERCENT),
            "name": joined("Artificial Guest ", number),
            "email": joined("guest-", number, "@example.invalid"),
            "phone": joined("+00 000 ", number),
            "address": joined(number, " Nowhere Street, Sampletown"),
        }
        rows.replace(columns, CUSTOMER_DEFECTS)
        return pa.table([columns[name] for name in CUSTOMER_COLUMNS], schema=CUSTOMERS_SCHEMA)

    def _births(self, key: Keys, group: Integers) -> dict[str, pa.Array]:
        """Return birth dates and birth years: some missing, contradictory or impossible."""
        age = between(split(key, Child.AGE), ends_of("age")[group])
        year = self._last_year - age
        new_year = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]")
        born_on = new_year + below(split(key, Child.BIRTHDAY), 365)
        birth = below(split(split(key, Child.MISSING), 0), 1000)
        without = PER_MILLE_WITHOUT["birth_date"]
        is_contradictory = (birth >= without) & (birth < without + PER_MILLE_CONTRADICTORY_BIRTH)
        is_impossible = birth >= 1000 - PER_MILLE_IMPOSSIBLE_BIRTH
        return {
            "birth_date": pc.if_else(
                pa.array(is_impossible),
                texts(IMPOSSIBLE_BIRTHS, birth % len(IMPOSSIBLE_BIRTHS)),
                pa.array(born_on, mask=birth < without).cast(pa.string()),
            ),
            "birth_year": pa.array(
                np.where(is_contradictory, year + 7, year),
                mask=(birth < without) | is_impossible,
            ).cast(pa.string()),
        }


def _is_missing(key: Keys, column: str) -> npt.NDArray[np.bool_]:
    child = 1 + tuple(PER_MILLE_WITHOUT).index(column)
    return below(split(split(key, Child.MISSING), child), 1000) < PER_MILLE_WITHOUT[column]
