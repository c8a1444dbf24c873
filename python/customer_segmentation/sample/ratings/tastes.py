"""What is planted in the ratings sample: tastes, the items of each, and how ratings are given."""

from dataclasses import dataclass
from enum import IntEnum


@dataclass(frozen=True)
class Taste:
    """Users who rate items of two genres more often and higher; ``percent`` of all users."""

    name: str
    percent: int
    genres: tuple[str, str]


PLANTED_TASTES = (
    Taste("spectacle", 24, ("Action", "Adventure")),
    Taste("laughter", 20, ("Comedy", "Romance")),
    Taste("suspense", 18, ("Crime", "Thriller")),
    Taste("wonder", 15, ("Animation", "Fantasy")),
    Taste("knowledge", 13, ("Documentary", "History")),
    Taste("feeling", 10, ("Drama", "Music")),
)
GENRES = tuple(genre for taste in PLANTED_TASTES for genre in taste.genres)


class Shelf(IntEnum):
    """What an item is to a user: liked by everybody, of the own taste and well known or not, ..."""

    EVERYBODY = 0
    OWN_KNOWN = 1
    OWN_OTHER = 2
    OTHER_TASTE = 3
    NICHE = 4


PERCENT_FROM_EVERYBODY = 15
PERCENT_OF_OWN_TASTE = (50, 70)
PERCENT_OF_OWN_KNOWN = 45
PER_MILLE_FROM_NICHE = 1

PER_MILLE_OF_ITEMS_EVERYBODY = 15
FEWEST_ITEMS_EVERYBODY = 8
PERCENT_OF_ITEMS_NICHE = 3
PERCENT_OF_TASTE_KNOWN = 30

# Of 100 ratings, how many are 1 to 5, for each shelf.
WEIGHTS_OF_RATINGS = (
    (1, 2, 7, 30, 60),
    (2, 5, 18, 40, 35),
    (2, 5, 18, 40, 35),
    (15, 25, 35, 18, 7),
    (10, 20, 40, 20, 10),
)
# A user in so many of 100 gives one less, and as many one more.
PERCENT_STRICT = 15

PERCENT_NEWCOMERS = 3
MOST_RATINGS_OF_NEWCOMER = 4
# Numbers of ratings of all others are spread around their mean, in percent of it.
SPREAD_OF_NUMBERS = (50, 150)
LONGEST_ACTIVITY_DAYS = 120
