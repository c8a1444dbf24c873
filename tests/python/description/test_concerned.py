from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from customer_segmentation.description.concerned import Groups, concerned
from customer_segmentation.model.segments import SegmentReport
from customer_segmentation.specification.gate_measures import MEASURES

# Segment 1 has a single customer, segment 2 seven of which six are measured, segment 4 nine.
GROUPS = Groups(
    keys=pd.Series([f"K{at}" for at in range(16)]),
    segment_ids=np.array([2] * 6 + [1] + [4] * 9),
    sizes={1: 1, 2: 7, 4: 9},
    reports=[
        SegmentReport(
            1, 0.0, None, is_single_customer=True, is_outlier_driven=False, weakness=None
        ),
        SegmentReport(
            2, -0.2, 0.9, is_single_customer=False, is_outlier_driven=True, weakness=None
        ),
        SegmentReport(4, 0.7, 0.4, is_single_customer=False, is_outlier_driven=True, weakness=None),
    ],
)
ALONE = "customer K6, the only one of segment 1"
SECOND = "the 7 customers of segment 2 (K0, K1, K2, K3, K4 and 2 more)"
FOURTH = "the 9 customers of segment 4 (K7, K8, K9, K10, K11 and 4 more)"


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("single_customer_segments", f"It is about {ALONE}."),
        ("smallest_share", f"It is about {ALONE}."),
        ("smallest_size", f"It is about {ALONE}."),
        ("largest_share", f"It is about {FOURTH}."),
        ("outlier_segments", f"It is about {SECOND}; {FOURTH}."),
        ("lowest_segment_silhouette", f"It is about {SECOND}."),
        ("lowest_segment_stability", f"It is about {FOURTH}."),
        ("silhouette", None),
    ],
)
def test_customers_are_named_and_counted(measure: str, expected: str | None) -> None:
    assert measure in MEASURES
    assert concerned(measure, GROUPS) == expected
