"""The raw tables of the bookings sample: customers, bookings, campaign events, currency rates.

Everything about a customer follows from the seed and the customer's number, so the customers of a
small sample are also the first customers of a larger one.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from customer_segmentation.sample.bookings.bookings import BookingMaker
from customer_segmentation.sample.bookings.customers import CustomerMaker
from customer_segmentation.sample.bookings.drawing import Child, customer_ids
from customer_segmentation.sample.bookings.events import EventMaker
from customer_segmentation.sample.bookings.guests import PLANTED_GROUPS, RATES
from customer_segmentation.sample.bookings.sample import BookingsSample
from customer_segmentation.sample.bookings.schemas import GROUPS_SCHEMA, RATES_SCHEMA
from customer_segmentation.sample.drawing import texts
from customer_segmentation.sample.keyed_random import below, root_key, split


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
    customers, bookings, events = CustomerMaker(sample), BookingMaker(sample), EventMaker(sample)
    names = [each.name for each in PLANTED_GROUPS]
    for start in range(0, sample.customers, customers_per_block):
        guests = customers.guests(start, min(start + customers_per_block, sample.customers))
        planted = [customer_ids(guests.number), texts(names, guests.group)]
        yield SampleBlock(
            customers=customers.table(guests),
            bookings=bookings.table(guests),
            events=events.table(guests),
            groups=pa.table(planted, schema=GROUPS_SCHEMA),
        )


def currency_rates(sample: BookingsSample) -> pa.Table:
    """Return one rate a currency and month, from the month of the first date to that of the last.

    ``rate`` is what one unit is worth in the reporting currency.
    """
    first = np.datetime64(sample.first_date, "M")
    months = np.arange(first, np.datetime64(sample.last_date, "M") + 1)
    key = split(root_key(sample.seed), Child.RATES)
    rows = []
    for code, (currency, rate, deviation) in enumerate(RATES):
        drawn = below(split(split(key, code), np.arange(len(months))), 2 * deviation + 1)
        for month, difference in zip(months, drawn - deviation, strict=True):
            rows.append((f"{month}-01", currency, f"{(rate + difference) / 100_000:.5f}"))
    columns = [pa.array(column) for column in zip(*rows, strict=True)]
    return pa.table(columns, schema=RATES_SCHEMA)
