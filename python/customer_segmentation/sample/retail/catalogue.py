"""Products and countries of the retail sample."""

from dataclasses import dataclass

import numpy as np

from customer_segmentation.sample.keyed_random import Integers

COLOURS = (
    "RED",
    "BLUE",
    "GREEN",
    "IVORY",
    "PINK",
    "BLACK",
    "SILVER",
    "MUSTARD",
    "POLKADOT",
    "STRIPED",
)

# Name and list price in thousandths.
ITEMS = (
    ("CERAMIC MUG", 2950),
    ("ENAMEL JUG", 5450),
    ("TEA TOWEL", 2100),
    ("LUNCH BAG", 1650),
    ("PAPER NAPKINS PACK OF 20", 850),
    ("CAKE STAND", 9950),
    ("GLASS TUMBLER", 1450),
    ("PICNIC BLANKET", 7950),
    ("HEART DECORATION", 1250),
    ("STAR DECORATION", 1250),
    ("WOODEN TRAY", 6250),
    ("STORAGE TIN", 2550),
    ("CANDLE HOLDER", 1950),
    ("PILLAR CANDLE", 1650),
    ("WALL CLOCK", 8500),
    ("PHOTO FRAME", 3750),
    ("DOOR MAT", 7250),
    ("HOT WATER BOTTLE", 4250),
    ("CUSHION COVER", 4950),
    ("KNITTED SCARF", 5950),
    ("UMBRELLA", 6750),
    ("SHOPPER BAG", 2080),
    ("PENCIL CASE", 1850),
    ("NOTEBOOK A5", 1690),
    ("WRAPPING PAPER SHEET", 425),
    ("RIBBON REEL", 1375),
    ("GIFT TAGS SET", 790),
    ("BIRTHDAY CARD", 650),
    ("PARTY BUNTING", 4950),
    ("PAPER STRAWS", 1065),
    ("CAKE CASES", 550),
    ("BAKING TIN", 3950),
    ("ROLLING PIN", 3250),
    ("OVEN GLOVE", 2950),
    ("EGG CUP", 1250),
    ("SUGAR BOWL", 3450),
    ("BIRD FEEDER", 4650),
    ("PLANT POT", 2250),
    ("WATERING CAN", 6450),
    ("GARDEN LANTERN", 5750),
    ("TEALIGHT SET", 1165),
    ("TRINKET BOX", 2375),
    ("JIGSAW PUZZLE", 4150),
    ("WOODEN TOY CAR", 3350),
)

# Descriptions that a reader of the file must carry unharmed.
AWKWARD_PRODUCTS = (
    ("CHILD'S APRON", 3950),
    ('12" RULER', 1250),
    ("JAM JARS, SET OF 3", 4250),
    ('"HOME SWEET HOME" SIGN, OAK', 7950),
    ("LABELS C:\\NAMES\\NEW", 1650),
    ("SHELF BRACKET, BRASS\\", 3750),
    ('POSTER \\"GOOD MORNING\\"', 2550),
    ("PRINT YOUR OWN TAG ${x}", 850),
    ("CAFÉ AU LAIT BOWL", 2950),
    ("PIÑATA", 6950),
    ("WEIHNACHTSTÜTE GROẞ", 1450),
    ("POSTCARD ŁÓDŹ", 425),
    ("RØD LYSESTAGE, 'STJERNE'", 3450),
    ("100% COTTON; TEA & COFFEE COSY", 4650),
)

# Share of buyers in thousandths.
COUNTRIES = (
    ("United Kingdom", 840),
    ("Germany", 28),
    ("France", 26),
    ("Ireland", 18),
    ("Spain", 12),
    ("Netherlands", 11),
    ("Belgium", 9),
    ("Switzerland", 8),
    ("Portugal", 7),
    ("Australia", 6),
    ("Norway", 6),
    ("Italy", 5),
    ("Channel Islands", 4),
    ("Finland", 4),
    ("Sweden", 4),
    ("Denmark", 3),
    ("Austria", 3),
    ("Poland", 3),
    ("Japan", 2),
    ("Côte d'Ivoire", 1),
)

# Has no factor in common with the number of items in colours, so it visits each of them once.
_RANK_STRIDE = 197
_AWKWARD_RANK_STEP = 9
_SALES_SCALE = 1_000_000
_SALES_OFFSET = 25


@dataclass(frozen=True)
class Catalogue:
    """Products by number (their position), and how often each is bought.

    ``shelf`` is the cumulative weight of the products: product ``p`` holds the places from
    ``shelf[p - 1]`` up to ``shelf[p]``, so a place drawn evenly draws products by their weight.
    """

    product_ids: tuple[str, ...]
    descriptions: tuple[str, ...]
    price_thousandths: Integers
    shelf: Integers

    @property
    def places(self) -> int:
        """Number of places on the shelf."""
        return int(self.shelf[-1])

    @property
    def widest(self) -> int:
        """Number of places that the best-selling product holds."""
        return int(np.diff(self.shelf, prepend=0).max())

    def product_at(self, places: Integers) -> Integers:
        """Return the number of the product that holds each place."""
        return np.searchsorted(self.shelf, places, side="right")


def build_catalogue() -> Catalogue:
    """Return the catalogue: every item in every colour, and the awkward products among the first.

    The product ranked ``r`` sells in proportion to ``1 / (r + 25)``.
    """
    made = [
        (f"{20101 + 7 * number}{chr(ord('A') + shade)}", f"{colour} {name}", price)
        for shade, colour in enumerate(COLOURS)
        for number, (name, price) in enumerate(ITEMS)
    ]
    products = [made[rank * _RANK_STRIDE % len(made)] for rank in range(len(made))]
    for number, (name, price) in enumerate(AWKWARD_PRODUCTS):
        products.insert(number * _AWKWARD_RANK_STEP, (str(84001 + 3 * number), name, price))
    ranks = np.arange(len(products), dtype=np.int64)
    return Catalogue(
        product_ids=tuple(product_id for product_id, _, _ in products),
        descriptions=tuple(description for _, description, _ in products),
        price_thousandths=np.array([price for _, _, price in products], dtype=np.int64),
        shelf=np.cumsum(_SALES_SCALE // (ranks + _SALES_OFFSET)),
    )


def price_text(thousandths: int) -> str:
    """Return a price with two decimals, or three where it has them: 2950 -> 2.95, 425 -> 0.425."""
    text = f"{thousandths // 1000}.{thousandths % 1000:03d}"
    return text.removesuffix("0")
