"""Sample of raw retail order lines: planted customer groups, guests, returns and bad rows.

Everything about a customer follows from the seed and the customer's number, so the customers of a
small sample are also the first customers of a larger one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from customer_segmentation.sample.calendar import SECONDS_PER_DAY, Calendar
from customer_segmentation.sample.defects import with_copies
from customer_segmentation.sample.keyed_random import (
    Integers,
    Keys,
    below,
    between,
    once_per_window,
    root_key,
    split,
)
from customer_segmentation.sample.parts import expand
from customer_segmentation.sample.retail.buyers import (
    GUESTS,
    MONTH_WEIGHTS,
    OPEN_SECONDS,
    OPENING_SECOND,
    PLANTED_GROUP_PERCENT,
    PROFILES,
    QUANTITY_CHOICES,
    RETURNS_ONLY,
    WEEKDAY_WEIGHTS,
)
from customer_segmentation.sample.retail.catalogue import COUNTRIES, build_catalogue, price_text
from customer_segmentation.sample.retail.defects import DEFECTS
from customer_segmentation.sample.retail.sample import RetailSample

RAW_COLUMNS = (
    "invoice_id",
    "product_id",
    "description",
    "quantity",
    "ordered_at",
    "unit_price",
    "customer_id",
    "country",
)
RAW_SCHEMA = pa.schema([(name, pa.string()) for name in RAW_COLUMNS])
GROUPS_SCHEMA = pa.schema([("customer_id", pa.string()), ("planted_group", pa.string())])

FIRST_CUSTOMER_ID = 10_001
FIRST_INVOICE_NUMBER = 100_001
CUSTOMERS_PER_RETURNS_ONLY = 150
MOST_LINES_PER_INVOICE = 12
BULK_QUANTITY = 12
BULK_PRICE_PERCENT = 85
RETURNED_INVOICE_PERCENT = 7
LONGEST_DAYS_TO_RETURN = 28
_RETURNS_ONLY_CODE = PROFILES.index(RETURNS_ONLY)
_GUESTS_CODE = PROFILES.index(GUESTS)


class _Child(IntEnum):
    """Numbers of the child keys that are split from one key, one for each thing drawn from it."""

    CUSTOMERS = 0
    RETURNS_ONLY = 1
    DEFECTS = 2
    GUEST = 3
    GROUP = 4
    COUNTRY = 5
    ORDERS = 6
    ORDER = 7
    DAY = 8
    TIME = 9
    LINES = 10
    LINE = 11
    FIRST_PLACE = 12
    PLACE_STEP = 13
    QUANTITY = 14
    RETURNED = 15
    RETURN_DAYS = 16
    RETURN_TIME = 17
    RETURNED_QUANTITY = 18


@dataclass(frozen=True)
class SampleBlock:
    """Rows of successive customers.

    ``lines`` has the text columns RAW_COLUMNS; ``groups`` has ``customer_id`` and
    ``planted_group``, one row a customer: a group of PLANTED_GROUPS, or ``returns_only``.
    """

    lines: pa.Table
    groups: pa.Table


def generate_retail(sample: RetailSample, customers_per_block: int = 4096) -> Iterator[SampleBlock]:
    """Yield the sample in blocks of at most ``customers_per_block`` customers.

    The rows do not depend on the size of the blocks. A customer has about 23 lines on average.
    """
    generator = _RetailGenerator(sample)
    for start in range(0, sample.customers, customers_per_block):
        yield generator.block(start, min(start + customers_per_block, sample.customers))


@dataclass(frozen=True)
class _Invoices:
    """Invoices as arrays of one length. ``key`` is the order's: a return has that of its order."""

    customer: Integers
    profile: Integers
    country: Integers
    key: Keys
    seconds: Integers
    is_return: npt.NDArray[np.bool_]

    def take(self, positions: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> "_Invoices":
        return _Invoices(
            self.customer[positions],
            self.profile[positions],
            self.country[positions],
            self.key[positions],
            self.seconds[positions],
            self.is_return[positions],
        )


@dataclass(frozen=True)
class _Lines:
    """Good lines as arrays of one length; ``invoice`` is a position in the block's invoices."""

    invoice: Integers
    product: Integers
    quantity: Integers
    is_bulk: npt.NDArray[np.bool_]

    def take(self, positions: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> "_Lines":
        return _Lines(
            self.invoice[positions],
            self.product[positions],
            self.quantity[positions],
            self.is_bulk[positions],
        )


class _RetailGenerator:
    """Makes the blocks in order; keeps the count of invoices and good lines made so far."""

    def __init__(self, sample: RetailSample) -> None:
        self._calendar = Calendar(sample.first_date, sample.days, MONTH_WEIGHTS, WEEKDAY_WEIGHTS)
        self._root = root_key(sample.seed)
        self._invoices_made = 0
        self._lines_made = 0
        self._catalogue = build_catalogue()
        prices = self._catalogue.price_thousandths
        # Half a penny rounds up: bulk prices are whole pennies.
        bulk_prices = (prices * BULK_PRICE_PERCENT + 500) // 1000 * 10
        self._price_texts = pa.array(
            [price_text(int(price)) for price in np.concatenate([prices, bulk_prices])]
        )
        self._product_ids = pa.array(self._catalogue.product_ids)
        self._descriptions = pa.array(self._catalogue.descriptions)

    def block(self, start: int, stop: int) -> SampleBlock:
        customer = np.arange(start, stop, dtype=np.int64)
        key = split(split(self._root, _Child.CUSTOMERS), customer)
        profile = self._planted_profile(key, start, stop)
        guest_key = split(key, _Child.GUEST)
        orders = self._orders(
            np.concatenate([customer, customer]),
            np.concatenate([profile, np.full_like(profile, _GUESTS_CODE)]),
            np.concatenate([key, guest_key]),
        )
        invoices = self._with_returns(orders)
        lines = self._lines(invoices)
        table = self._table(invoices, lines)
        self._invoices_made += len(invoices.key)
        self._lines_made += len(lines.invoice)
        names = pa.array([profile.name for profile in PROFILES])
        groups = [_customer_ids(customer), names.take(pa.array(profile))]
        return SampleBlock(table, pa.table(groups, schema=GROUPS_SCHEMA))

    def _planted_profile(self, key: Keys, start: int, stop: int) -> Integers:
        group = below(split(key, _Child.GROUP), 100)
        profile = np.searchsorted(np.cumsum(PLANTED_GROUP_PERCENT), group, side="right")
        returns_only = once_per_window(
            split(self._root, _Child.RETURNS_ONLY), CUSTOMERS_PER_RETURNS_ONLY, start, stop
        )
        profile[returns_only - start] = _RETURNS_ONLY_CODE
        return profile

    def _orders(self, customer: Integers, profile: Integers, key: Keys) -> _Invoices:
        """Return the orders of buyers, one at least of each whose profile says so."""
        days = self._calendar.days
        recency = np.array([each.recency for each in PROFILES]) * (days - 1) // 1000
        span = np.array([each.span for each in PROFILES]) * days // 1000
        last_day = self._calendar.draw(
            split(key, _Child.DAY), days - 1 - recency[profile, 1], days - 1 - recency[profile, 0]
        )
        first_day = np.maximum(last_day - span[profile], 0)
        orders = between(
            split(key, _Child.ORDERS), np.array([each.orders for each in PROFILES])[profile]
        )
        shares = np.cumsum([share for _, share in COUNTRIES])
        country = np.searchsorted(
            shares, below(split(key, _Child.COUNTRY), int(shares[-1])), side="right"
        )

        buyer, number = expand(orders)
        order_key = split(split(key, _Child.ORDER)[buyer], number)
        drawn_day = self._calendar.draw(
            split(order_key, _Child.DAY), first_day[buyer], last_day[buyer]
        )
        day = np.where(number == 0, last_day[buyer], drawn_day)
        return _Invoices(
            customer=customer[buyer],
            profile=profile[buyer],
            country=country[buyer],
            key=order_key,
            seconds=self._seconds(day, split(order_key, _Child.TIME)),
            is_return=profile[buyer] == _RETURNS_ONLY_CODE,
        )

    def _with_returns(self, orders: _Invoices) -> _Invoices:
        """Return the orders and the invoices of what is sent back, by customer and time."""
        sent_back = below(split(orders.key, _Child.RETURNED), 100) < RETURNED_INVOICE_PERCENT
        wait = 1 + below(split(orders.key, _Child.RETURN_DAYS), LONGEST_DAYS_TO_RETURN)
        day = orders.seconds // SECONDS_PER_DAY - self._calendar.first_epoch_day + wait
        seconds = self._seconds(day, split(orders.key, _Child.RETURN_TIME))
        kept = np.flatnonzero(sent_back & ~orders.is_return & (day < self._calendar.days))

        order = np.concatenate([np.arange(len(orders.key)), kept])
        time = np.concatenate([orders.seconds, seconds[kept]])
        is_return = np.concatenate([orders.is_return, np.ones(len(kept), dtype=np.bool_)])
        by_time = np.lexsort((time, orders.customer[order]))
        invoices = orders.take(order[by_time])
        return _Invoices(
            invoices.customer,
            invoices.profile,
            invoices.country,
            invoices.key,
            time[by_time],
            is_return[by_time],
        )

    def _seconds(self, day: Integers, keys: Keys) -> Integers:
        """Return a time within opening hours of each day, in seconds since 1970."""
        time = OPENING_SECOND + below(keys, OPEN_SECONDS)
        return (self._calendar.first_epoch_day + day) * SECONDS_PER_DAY + time

    def _lines(self, invoices: _Invoices) -> _Lines:
        """Return the good lines of invoices; of a return, those of its order that are sent back."""
        lines = between(
            split(invoices.key, _Child.LINES),
            np.array([each.lines for each in PROFILES])[invoices.profile],
        )
        invoice, number = expand(lines)
        key = split(split(invoices.key, _Child.LINE)[invoice], number)

        # Even steps wider than any product, and short of a full turn: no product comes twice.
        places, widest = self._catalogue.places, self._catalogue.widest
        first = below(split(invoices.key, _Child.FIRST_PLACE), places)
        longest_step = places // MOST_LINES_PER_INVOICE
        step = widest + below(split(invoices.key, _Child.PLACE_STEP), longest_step - widest + 1)
        product = self._catalogue.product_at((first[invoice] + number * step[invoice]) % places)

        choices = np.array([each.quantities for each in PROFILES])
        choice = below(split(key, _Child.QUANTITY), QUANTITY_CHOICES)
        bought = choices[invoices.profile[invoice], choice]
        returned = 1 + below(split(key, _Child.RETURNED_QUANTITY), bought)
        is_return = invoices.is_return[invoice]
        # The first line is always among those sent back, so no return is empty.
        sent_back = (number == 0) | (below(split(key, _Child.RETURNED), 2) == 0)
        made = _Lines(
            invoice, product, np.where(is_return, -returned, bought), bought >= BULK_QUANTITY
        )
        return made.take(~is_return | sent_back)

    def _table(self, invoices: _Invoices, good: _Lines) -> pa.Table:
        """Return the good lines as text, with the bad rows after the lines they are copies of."""
        rows = with_copies(
            split(self._root, _Child.DEFECTS), DEFECTS, self._lines_made, len(good.invoice)
        )
        lines = good.take(rows.source)
        number = FIRST_INVOICE_NUMBER + self._invoices_made + lines.invoice
        guest = invoices.profile == _GUESTS_CODE
        price = lines.product + len(self._product_ids) * lines.is_bulk
        columns = {
            "invoice_prefix": pa.array(["", "C"]).take(
                pa.array(invoices.is_return[lines.invoice].astype(np.int8))
            ),
            "invoice_number": pa.array(number).cast(pa.string()),
            "product_id": self._product_ids.take(pa.array(lines.product)),
            "description": self._descriptions.take(pa.array(lines.product)),
            "quantity": pa.array(lines.quantity).cast(pa.string()),
            "ordered_at": pa.array(invoices.seconds[lines.invoice])
            .cast(pa.timestamp("s"))
            .cast(pa.string()),
            "unit_price": self._price_texts.take(pa.array(price)),
            "customer_id": _customer_ids(invoices.customer[lines.invoice], guest[lines.invoice]),
            "country": pa.array([name for name, _ in COUNTRIES]).take(
                pa.array(invoices.country[lines.invoice])
            ),
        }
        rows.replace(columns, DEFECTS)
        columns["invoice_id"] = pc.binary_join_element_wise(
            columns["invoice_prefix"], columns["invoice_number"], ""
        )
        return pa.table([columns[name] for name in RAW_COLUMNS], schema=RAW_SCHEMA)


def _customer_ids(customer: Integers, missing: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    return pa.array(FIRST_CUSTOMER_ID + customer, mask=missing).cast(pa.string())
