"""What a ratings sample is asked to be."""

from dataclasses import dataclass
from datetime import date

SHORTEST_RANGE_DAYS = 365
LAST_YEAR = 2098
FEWEST_USERS = 10
FEWEST_ITEMS = 60
FEWEST_RATINGS_PER_USER = 5
LARGEST_SHARE_RATED = 4


@dataclass(frozen=True)
class RatingsSample:
    """What to generate: ``ratings`` of ``items`` items by ``users`` users, bad rows not counted.

    Ratings are given from ``first_date`` to ``last_date``. Raises ValueError where there are fewer
    than ``FEWEST_USERS`` users, ``FEWEST_ITEMS`` items or ``FEWEST_RATINGS_PER_USER`` ratings a
    user, where more than a quarter of all pairs would be rated, the seed is negative, or the range
    of dates is shorter than ``SHORTEST_RANGE_DAYS`` or ends after ``LAST_YEAR``.
    """

    users: int
    items: int
    ratings: int
    seed: int = 42
    first_date: date = date(2023, 1, 1)
    last_date: date = date(2024, 12, 31)

    def __post_init__(self) -> None:
        if self.users < FEWEST_USERS:
            raise ValueError(f"users is {self.users}: ask for at least {FEWEST_USERS}")
        if self.items < FEWEST_ITEMS:
            raise ValueError(f"items is {self.items}: ask for at least {FEWEST_ITEMS}")
        fewest = FEWEST_RATINGS_PER_USER * self.users
        most = self.users * self.items // LARGEST_SHARE_RATED
        if not fewest <= self.ratings <= most:
            raise ValueError(
                f"ratings is {self.ratings}: ask for {fewest} to {most}, which is"
                f" {FEWEST_RATINGS_PER_USER} a user to a quarter of all pairs of user and item"
            )
        if not 0 <= self.seed < 2**64:
            raise ValueError(f"seed is {self.seed}: give a number from 0 to 2**64 - 1")
        if self.days < SHORTEST_RANGE_DAYS:
            raise ValueError(
                f"the dates {self.first_date} to {self.last_date} are {max(self.days, 0)} days:"
                f" give at least {SHORTEST_RANGE_DAYS}"
            )
        if self.last_date.year > LAST_YEAR or self.first_date.year < 2002:
            raise ValueError(
                f"the dates are {self.first_date} to {self.last_date}: give some from 2002 to"
                f" {LAST_YEAR}, as the sample's bad rows use 2001 and 2099"
            )

    @property
    def days(self) -> int:
        """Days in the range of dates, both ends included."""
        return (self.last_date - self.first_date).days + 1
