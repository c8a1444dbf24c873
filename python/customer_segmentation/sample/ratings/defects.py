"""Bad rows among ratings and items."""

from customer_segmentation.sample.defects import Defect

RATING_DEFECTS = (
    Defect("missing_user", 1500, {"user_id": None}),
    Defect("missing_item", 1500, {"item_id": None}),
    Defect("unknown_item", 500, {"item_id": "M0"}),
    Defect("missing_rating", 1500, {"rating": None}),
    Defect("unparsable_rating", 1500, {"rating": "five"}),
    Defect("out_of_range", 700, {"rating": "9"}),
    Defect("unparsable_time", 1500, {"rated_at": "soon"}),
    # 2099-01-01 and 2001-01-01.
    Defect("future_date", 1500, {"rated_at": "4070908800"}),
    Defect("exact_duplicate", 250),
    Defect("repeated_rating", 250, {"rating": "3", "rated_at": "978307200"}),
)
ITEM_DEFECTS = (
    Defect("missing_item", 100, {"item_id": None}),
    Defect("exact_duplicate", 100),
    Defect("duplicate_item", 100, {"title": "Untitled", "genres": None}),
)
