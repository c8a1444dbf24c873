"""The tables of the ratings sample; all columns are text, as raw data is."""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from customer_segmentation.sample.drawing import texts
from customer_segmentation.sample.ratings.drawing import user_ids
from customer_segmentation.sample.ratings.items import Catalogue
from customer_segmentation.sample.ratings.ratings import RatingMaker
from customer_segmentation.sample.ratings.sample import RatingsSample
from customer_segmentation.sample.ratings.tastes import PLANTED_TASTES
from customer_segmentation.sample.ratings.users import UserMaker

USERS_SCHEMA = pa.schema([("user_id", pa.string()), ("planted_taste", pa.string())])


@dataclass(frozen=True)
class RatingsBlock:
    """Rows of successive users; ``users`` has one row a user with the planted taste."""

    ratings: pa.Table
    users: pa.Table


def generate_ratings(
    sample: RatingsSample, catalogue: Catalogue, users_per_block: int = 4096
) -> Iterator[RatingsBlock]:
    """Yield the ratings in blocks of at most ``users_per_block`` users.

    The rows do not depend on the size of the blocks. Those of a user are in the order of time.
    """
    users, ratings = UserMaker(sample), RatingMaker(sample, catalogue)
    names = [taste.name for taste in PLANTED_TASTES]
    for start in range(0, sample.users, users_per_block):
        block = users.users(start, min(start + users_per_block, sample.users))
        planted = [user_ids(block.number), texts(names, block.taste)]
        yield RatingsBlock(ratings.table(block), pa.table(planted, schema=USERS_SCHEMA))
