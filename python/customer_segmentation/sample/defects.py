"""Bad rows of the retail sample: one table of what is wrong with them and how many there are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class Defect:
    """A kind of bad row: a copy of a good line in which some fields are replaced.

    One row is added in every ``lines_per_row`` good lines, so a sample with at least that many
    has the kind. ``replaced`` maps a field to its text, or to None where the field is missing;
    ``invoice_prefix`` and ``invoice_number`` are the two parts of ``invoice_id``.
    """

    name: str
    lines_per_row: int
    replaced: Mapping[str, str | None] = field(default_factory=lambda: MappingProxyType({}))


DEFECTS = (
    Defect("unparsable_quantity", 2500, {"quantity": "abc"}),
    Defect("missing_quantity", 2500, {"quantity": None}),
    Defect("zero_quantity", 2000, {"quantity": "0"}),
    Defect("unparsable_price", 2500, {"unit_price": "4,95"}),
    Defect("missing_price", 2500, {"unit_price": None}),
    Defect("zero_price", 800, {"unit_price": "0.00"}),
    Defect("negative_price", 4000, {"unit_price": "-1.25"}),
    Defect("unparsable_date", 3000, {"ordered_at": "31/31/2024"}),
    Defect("missing_date", 3000, {"ordered_at": None}),
    Defect("future_date", 4000, {"ordered_at": "2999-01-01 00:00:00"}),
    Defect("missing_invoice_id", 2500, {"invoice_number": None}),
    Defect("missing_product_id", 2500, {"product_id": None}),
    Defect("exact_duplicate", 150),
    Defect(
        "adjustment",
        3000,
        {
            "invoice_prefix": "A",
            "product_id": "B",
            "description": "Adjust bad debt",
            "quantity": "1",
            "unit_price": "-53.40",
            "customer_id": None,
        },
    ),
    Defect("positive_return", 4000, {"invoice_prefix": "C", "quantity": "3"}),
)
