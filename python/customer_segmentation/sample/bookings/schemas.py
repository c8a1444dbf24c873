"""The columns of the tables of the bookings sample; all are text, as raw data is."""

import pyarrow as pa

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


def of_texts(names: tuple[str, ...]) -> pa.Schema:
    return pa.schema([(name, pa.string()) for name in names])


CUSTOMERS_SCHEMA = of_texts(CUSTOMER_COLUMNS)
BOOKINGS_SCHEMA = of_texts(BOOKING_COLUMNS)
EVENTS_SCHEMA = of_texts(EVENT_COLUMNS)
RATES_SCHEMA = of_texts(RATE_COLUMNS)
GROUPS_SCHEMA = of_texts(("customer_id", "planted_group"))
