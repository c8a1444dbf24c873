"""What a bookings sample is asked to be."""

from dataclasses import dataclass
from datetime import date

SHORTEST_RANGE_DAYS = 365
LAST_YEAR = 2998
MOST_CAMPAIGNS = 500


@dataclass(frozen=True)
class BookingsSample:
    """What to generate: ``customers`` guests who arrive from ``first_date`` to ``last_date``.

    ``campaigns`` are sent over the range, evenly spaced; a guest gets about half of them.
    Raises ValueError where there is no customer or no campaign, the seed is negative or the range
    of dates is shorter than ``SHORTEST_RANGE_DAYS`` or ends after ``LAST_YEAR``.
    """

    customers: int
    seed: int = 42
    first_date: date = date(2023, 1, 1)
    last_date: date = date(2024, 12, 31)
    campaigns: int = 12

    def __post_init__(self) -> None:
        if self.customers < 1:
            raise ValueError(f"customers is {self.customers}: ask for at least 1")
        if not 0 <= self.seed < 2**64:
            raise ValueError(f"seed is {self.seed}: give a number from 0 to 2**64 - 1")
        if not 1 <= self.campaigns <= MOST_CAMPAIGNS:
            raise ValueError(f"campaigns is {self.campaigns}: ask for 1 to {MOST_CAMPAIGNS}")
        if self.days < SHORTEST_RANGE_DAYS:
            raise ValueError(
                f"the dates {self.first_date} to {self.last_date} are {max(self.days, 0)} days:"
                f" give at least {SHORTEST_RANGE_DAYS}, so that recent and lapsed guests differ"
            )
        if self.last_date.year > LAST_YEAR:
            raise ValueError(
                f"the last date is {self.last_date}: give one in {LAST_YEAR} or before,"
                " as the sample's bad rows use the year after it as the future"
            )

    @property
    def days(self) -> int:
        """Days in the range of dates, both ends included."""
        return (self.last_date - self.first_date).days + 1
