"""Bad rows among the order lines.

Of the fields that are replaced, ``invoice_prefix`` and ``invoice_number`` are the two parts of
``invoice_id``.
"""

from customer_segmentation.sample.defects import Defect

DEFECTS = (
    Defect("unparsable_quantity", 2500, {"quantity": "abc"}),
    Defect("missing_quantity", 2500, {"quantity": None}),
    Defect("zero_quantity", 2000, {"quantity": "0"}),
    Defect("unparsable_price", 2500, {"unit_price": "four"}),
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
