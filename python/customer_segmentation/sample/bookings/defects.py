"""Bad rows among customers, bookings and campaign events.

Of the fields that are replaced, ``booking_number`` and ``booking_suffix`` are the two parts of
``booking_id``: a copy with a suffix is a booking of its own.
"""

from customer_segmentation.sample.defects import Defect

CUSTOMER_DEFECTS = (
    Defect("missing_customer_id", 300, {"customer_id": None}),
    Defect("exact_duplicate", 120),
    Defect("duplicate_customer", 150, {"country": "PT", "signed_up_at": "2001-01-01"}),
)
BOOKING_DEFECTS = (
    Defect("missing_booking_id", 900, {"booking_number": None}),
    Defect("missing_property", 900, {"booking_suffix": "-A", "property_id": None}),
    Defect("missing_arrival", 900, {"booking_suffix": "-B", "arrival_date": None}),
    Defect("unparsable_arrival", 900, {"booking_suffix": "-C", "arrival_date": "31/31/2024"}),
    Defect("arrival_before_booking", 400, {"booking_suffix": "-D", "arrival_date": "2001-01-01"}),
    Defect("unparsable_booked_at", 1200, {"booking_suffix": "-E", "booked_at": "soon"}),
    Defect("missing_nights", 900, {"booking_suffix": "-F", "nights": None}),
    Defect("unparsable_nights", 900, {"booking_suffix": "-G", "nights": "two"}),
    Defect("zero_nights", 400, {"booking_suffix": "-H", "nights": "0"}),
    Defect("missing_status", 900, {"booking_suffix": "-I", "status": None}),
    Defect("unknown_status", 900, {"booking_suffix": "-J", "status": "perhaps"}),
    Defect("missing_revenue", 900, {"booking_suffix": "-K", "revenue": None}),
    Defect("unparsable_revenue", 900, {"booking_suffix": "-L", "revenue": "four"}),
    Defect("negative_revenue", 900, {"booking_suffix": "-M", "revenue": "-80.00"}),
    Defect("missing_currency", 900, {"booking_suffix": "-N", "currency": None}),
    Defect("missing_rate", 900, {"booking_suffix": "-O", "currency": "XTS"}),
    Defect("not_yet_arrived", 900, {"booking_suffix": "-P", "arrival_date": "2999-01-01"}),
    Defect("exact_duplicate", 250),
    Defect("duplicate_booking", 300, {"nights": "3", "booked_at": "2000-01-01 10:00:00"}),
    Defect("without_customer", 120, {"booking_suffix": "-Q", "customer_id": None}),
    Defect("unknown_guests", 500, {"booking_suffix": "-R", "guests": "0"}),
)
EVENT_DEFECTS = (
    Defect("missing_customer_id", 1500, {"customer_id": None}),
    Defect("missing_campaign", 1500, {"campaign_id": None}),
    Defect("missing_event", 1500, {"event": None}),
    Defect("unknown_event", 1500, {"event": "bounced"}),
    Defect("missing_time", 1500, {"occurred_at": None}),
    Defect("unparsable_time", 1500, {"occurred_at": "yesterday"}),
    Defect("before_signup", 700, {"occurred_at": "1999-06-01 09:00:00"}),
    Defect("future_event", 1500, {"occurred_at": "2999-01-01 00:00:00"}),
    Defect("exact_duplicate", 250),
    Defect("opened_without_sent", 250, {"campaign_id": "C000-forwarded", "event": "opened"}),
    Defect("missing_campaign_type", 900, {"campaign_type": None}),
)
