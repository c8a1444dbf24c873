"""Who buys in the retail sample: groups of customers, and how and when each of them buys."""

from dataclasses import dataclass


@dataclass(frozen=True)
class BuyerProfile:
    """How a kind of buyer orders; pairs are the smallest and largest value, both included.

    ``recency`` (days from the last order to the end of the date range) and ``span`` (longest time
    from the first order to the last) are in thousandths of the date range. ``quantities`` holds
    ``QUANTITY_CHOICES`` equally likely quantities of a line.
    """

    name: str
    recency: tuple[int, int]
    span: int
    orders: tuple[int, int]
    lines: tuple[int, int]
    quantities: tuple[int, ...]


# Weight of a day's orders by month (January first) and by weekday (Monday first).
MONTH_WEIGHTS = (6, 6, 7, 7, 8, 8, 8, 8, 12, 15, 17, 9)
WEEKDAY_WEIGHTS = (10, 11, 11, 12, 10, 3, 6)
OPENING_SECOND = 8 * 3600
OPEN_SECONDS = 12 * 3600

QUANTITY_CHOICES = 6
# Two of recency, frequency and monetary differ widely between any two of these groups, so the
# groups are the corners of a regular tetrahedron and k = 4 is their natural number of clusters.
PLANTED_GROUPS = (
    BuyerProfile("champions", (0, 16), 1000, (18, 28), (1, 3), (4, 6, 8, 12, 12, 24)),
    BuyerProfile("newcomers", (3, 30), 40, (1, 2), (1, 3), (1, 1, 2, 2, 3, 4)),
    BuyerProfile("lapsed_regulars", (400, 600), 600, (12, 18), (1, 2), (1, 1, 1, 1, 1, 2)),
    BuyerProfile("lapsed_big_spenders", (400, 650), 200, (1, 2), (7, 12), (12, 18, 24, 24, 36, 48)),
)
PLANTED_GROUP_PERCENT = (20, 32, 24, 24)
RETURNS_ONLY = BuyerProfile("returns_only", (0, 900), 100, (1, 2), (1, 2), (1, 1, 2, 2, 3, 6))
GUESTS = BuyerProfile("guests", (0, 1000), 1000, (0, 2), (1, 5), (1, 1, 1, 2, 3, 6))
PROFILES = (*PLANTED_GROUPS, RETURNS_ONLY, GUESTS)
