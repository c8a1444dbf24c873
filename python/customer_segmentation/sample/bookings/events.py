"""The campaign events of the bookings sample."""

from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from customer_segmentation.sample.bookings.customers import Guests
from customer_segmentation.sample.bookings.defects import EVENT_DEFECTS
from customer_segmentation.sample.bookings.drawing import Child, customer_ids, times
from customer_segmentation.sample.bookings.guests import PLANTED_GROUPS
from customer_segmentation.sample.bookings.sample import BookingsSample
from customer_segmentation.sample.bookings.schemas import EVENT_COLUMNS, EVENTS_SCHEMA
from customer_segmentation.sample.calendar import SECONDS_PER_DAY
from customer_segmentation.sample.defects import with_copies
from customer_segmentation.sample.drawing import texts
from customer_segmentation.sample.keyed_random import Integers, Keys, below, root_key, split
from customer_segmentation.sample.parts import expand

CAMPAIGN_TYPES = ("email", "sms", "loyalty", "email")
SENT_PERCENT = 62
PER_MILLE_UNSUBSCRIBED = 8


class EventMaker:
    """Makes the campaign events of the blocks in order."""

    def __init__(self, sample: BookingsSample) -> None:
        self._root = root_key(sample.seed)
        self._days = sample.days
        self._first_epoch_day = (sample.first_date - date(1970, 1, 1)).days
        self._campaigns = sample.campaigns
        self._rows_made = 0

    def table(self, guests: Guests) -> pa.Table:
        """Return what was sent and what each guest made of it, bad rows among them."""
        guest, campaign = expand(np.full(len(guests.number), self._campaigns))
        key = split(split(guests.key, Child.CAMPAIGN)[guest], campaign)
        contact, event = np.nonzero(self._happened(key, guests.group[guest]))
        rows = with_copies(
            split(self._root, Child.EVENT_DEFECTS),
            EVENT_DEFECTS,
            self._rows_made,
            len(contact),
        )
        self._rows_made += len(contact)
        contact, event = contact[rows.source], event[rows.source]
        sent_on = (campaign[contact] * 2 + 1) * self._days // (2 * self._campaigns)
        delay = below(split(key[contact], Child.DELAY), 3600)
        seconds = (self._first_epoch_day + sent_on) * SECONDS_PER_DAY + 9 * 3600
        names = [f"C{each + 1:03d}" for each in range(self._campaigns)]
        types = [CAMPAIGN_TYPES[each % len(CAMPAIGN_TYPES)] for each in range(self._campaigns)]
        columns: dict[str, pa.Array] = {
            "customer_id": customer_ids(guests.number[guest[contact]]),
            "campaign_id": texts(names, campaign[contact]),
            "campaign_type": texts(types, campaign[contact]),
            "event": texts(("sent", "opened", "clicked", "converted", "unsubscribed"), event),
            "occurred_at": times(seconds + event * (3600 + delay)),
        }
        rows.replace(columns, EVENT_DEFECTS)
        return pa.table([columns[name] for name in EVENT_COLUMNS], schema=EVENTS_SCHEMA)

    def _happened(self, key: Keys, group: Integers) -> npt.NDArray[np.bool_]:
        """Return for each contact whether it was sent, opened, clicked, converted, unsubscribed."""
        unsubscribed = below(split(key, Child.UNSUBSCRIBED), 1000) < PER_MILLE_UNSUBSCRIBED
        was_sent = below(split(key, Child.SENT), 100) < SENT_PERCENT
        unsubscribed &= was_sent
        # Nothing is sent to a guest who has unsubscribed.
        by_guest = unsubscribed.reshape(-1, self._campaigns)
        before: Integers = np.cumsum(by_guest, axis=1) - by_guest
        was_sent &= (before == 0).reshape(-1)
        answers = [
            below(split(key, child), 1000)
            < np.array([getattr(each, name) for each in PLANTED_GROUPS])[group]
            for child, name in (
                (Child.OPENED, "opened"),
                (Child.CLICKED, "clicked"),
                (Child.CONVERTED, "converted"),
            )
        ]
        opened = was_sent & answers[0]
        clicked = opened & answers[1]
        converted = clicked & answers[2]
        return np.stack([was_sent, opened, clicked, converted, was_sent & unsubscribed], axis=1)
