"""The items of the ratings sample, with generated titles."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from customer_segmentation.sample.defects import with_copies
from customer_segmentation.sample.drawing import joined, texts
from customer_segmentation.sample.keyed_random import Integers, Keys, below, root_key, split
from customer_segmentation.sample.ratings.defects import ITEM_DEFECTS
from customer_segmentation.sample.ratings.drawing import Child, item_ids
from customer_segmentation.sample.ratings.sample import RatingsSample
from customer_segmentation.sample.ratings.tastes import (
    FEWEST_ITEMS_EVERYBODY,
    GENRES,
    PER_MILLE_OF_ITEMS_EVERYBODY,
    PERCENT_OF_ITEMS_NICHE,
    PERCENT_OF_TASTE_KNOWN,
    PLANTED_TASTES,
    Shelf,
)

ITEM_COLUMNS = ("item_id", "title", "genres")
ITEMS_SCHEMA = pa.schema([(name, pa.string()) for name in ITEM_COLUMNS])
PLANTED_ITEMS_SCHEMA = pa.schema([("item_id", pa.string()), ("planted_taste", pa.string())])
EVERYBODY, NICHE = "everybody", "niche"
PERCENT_WITH_MORE_GENRES = 30
PERCENT_WITHOUT_GENRES = 2

_FIRST_WORDS = (
    *("Amber", "Bitter", "Broken", "Distant", "Empty", "Endless", "Fallen", "Frozen", "Golden"),
    *("Hidden", "Hollow", "Last", "Lonely", "Long", "Lost", "Midnight", "Narrow", "Paper"),
    *("Quiet", "Restless", "Second", "Silent", "Silver", "Stolen", "Sudden", "Velvet", "Wild"),
)
_SECOND_WORDS = (
    *("Anchor", "Bridge", "Canal", "Carnival", "Compass", "Corridor", "Garden", "Harbour", "Hour"),
    *(
        "Island",
        "Journey",
        "Kingdom",
        "Lantern",
        "Ledger",
        "Letter",
        "Meadow",
        "Mirror",
        "Mountain",
    ),
    *("Orchard", "Promise", "River", "Season", "Shadow", "Station", "Summer", "Tower", "Winter"),
)


class Catalogue:
    """Which item stands on which shelf, by number from 0.

    Attributes:
        everybody, niche: numbers of these items.
        of_tastes: numbers of all others by taste, the well known ones of each taste first.
        first, known, after: of each taste the place of its first item in ``of_tastes``, of the
            first that is not well known, and of the first of the next taste.
    """

    def __init__(self, sample: RatingsSample) -> None:
        self._root = root_key(sample.seed)
        self.number = np.arange(sample.items, dtype=np.int64)
        self.key = split(split(self._root, Child.ITEMS), self.number)
        order = np.argsort(split(self.key, Child.PLACE), kind="stable")
        everybody = max(FEWEST_ITEMS_EVERYBODY, sample.items * PER_MILLE_OF_ITEMS_EVERYBODY // 1000)
        niche = max(1, sample.items * PERCENT_OF_ITEMS_NICHE // 100)
        self.everybody, self.niche = order[:everybody], order[-niche:]
        between = order[everybody:-niche]
        taste = np.arange(len(between)) % len(PLANTED_TASTES)
        by_taste = np.argsort(taste, kind="stable")
        self.of_tastes = between[by_taste]
        sizes = np.bincount(taste, minlength=len(PLANTED_TASTES))
        self.after = np.cumsum(sizes)
        self.first = self.after - sizes
        self.known = self.first + np.maximum(1, sizes * PERCENT_OF_TASTE_KNOWN // 100)
        self._taste = np.full(sample.items, -1, dtype=np.int64)
        self._taste[self.of_tastes] = taste[by_taste]

    def shelf(self, shelf: Shelf, taste: int) -> Integers:
        """Return the numbers of the items that stand on a shelf for users of a taste."""
        first, known, after = self.first[taste], self.known[taste], self.after[taste]
        return {
            Shelf.EVERYBODY: self.everybody,
            Shelf.OWN_KNOWN: self.of_tastes[first:known],
            Shelf.OWN_OTHER: self.of_tastes[known:after],
            Shelf.OTHER_TASTE: np.delete(self.of_tastes, np.s_[first:after]),
            Shelf.NICHE: self.niche,
        }[shelf]

    def items(self) -> pa.Table:
        """Return the raw items, bad rows among them; genres have a bar between them."""
        rows = with_copies(split(self._root, Child.ITEM_DEFECTS), ITEM_DEFECTS, 0, len(self.number))
        good = {
            "item_id": item_ids(self.number),
            "title": _titles(self.number, split(self._root, Child.TITLE)),
            "genres": _genres(self.key, self._taste),
        }
        columns = {name: column.take(pa.array(rows.source)) for name, column in good.items()}
        rows.replace(columns, ITEM_DEFECTS)
        return pa.table([columns[name] for name in ITEM_COLUMNS], schema=ITEMS_SCHEMA)

    def planted(self) -> pa.Table:
        """Return the taste that each item was planted for, or `everybody` or `niche`."""
        names = [*(taste.name for taste in PLANTED_TASTES), EVERYBODY, NICHE]
        code = self._taste.copy()
        code[self.everybody] = names.index(EVERYBODY)
        code[self.niche] = names.index(NICHE)
        columns = [item_ids(self.number), texts(names, code)]
        return pa.table(columns, schema=PLANTED_ITEMS_SCHEMA)


def _titles(number: Integers, key: Keys) -> pa.Array:
    """Return titles of two words; those of items after the first few hundred are numbered."""
    pairs = len(_FIRST_WORDS) * len(_SECOND_WORDS)
    order = np.argsort(split(key, np.arange(pairs)), kind="stable")
    pair = order[number % pairs]
    part = number // pairs + 1
    numbered = pa.array(part).cast(pa.string())
    ending = joined(" ", numbered).to_numpy(zero_copy_only=False)
    return joined(
        "The ",
        texts(_FIRST_WORDS, pair // len(_SECOND_WORDS)),
        " ",
        texts(_SECOND_WORDS, pair % len(_SECOND_WORDS)),
        pa.array(np.where(part > 1, ending, "")),
    )


def _genres(key: Keys, taste: Integers) -> pa.Array:
    """Return one genre of the taste or of all, and sometimes another one; null for a few items."""
    drawn = split(key, Child.GENRE)
    first = np.where(taste < 0, below(drawn, len(GENRES)), 2 * taste + below(drawn, 2))
    more = split(key, Child.MORE_GENRES)
    # Another genre than the first: a step of 1 to all but all of them.
    second = (first + 1 + below(split(more, 1), len(GENRES) - 1)) % len(GENRES)
    has_more: npt.NDArray[np.bool_] = below(more, 100) < PERCENT_WITH_MORE_GENRES
    has_none = below(split(key, Child.WITHOUT_GENRES), 100) < PERCENT_WITHOUT_GENRES
    one = texts(GENRES, first, has_none)
    rest = joined("|", texts(GENRES, second)).to_numpy(zero_copy_only=False)
    return joined(one, pa.array(np.where(has_more, rest, "")))
