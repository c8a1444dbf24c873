from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from customer_segmentation.description.differences import segment_differences


def test_differences_by_hand() -> None:
    frame = pd.DataFrame({"orders": [1, 1, 4], "revenue": [10.0, 30, 20], "visits": [7, 7, 7]})
    found = segment_differences(frame, np.array([2, 5, 5]), ["orders", "revenue", "visits"])
    assert [(item.segment_id, item.feature, item.rank) for item in found] == [
        (2, "revenue", 1),
        (2, "orders", 2),
        (2, "visits", 3),
        (5, "revenue", 1),
        (5, "orders", 2),
        (5, "visits", 3),
    ]
    # Orders: mean 2, variance (1 + 1 + 4) / 3. Revenue: mean 20, variance 200 / 3.
    assert [item.mean for item in found] == [10, 1, 7, 25, 2.5, 7]
    assert [item.ratio_to_all for item in found] == pytest.approx([0.5, 0.5, 1, 1.25, 1.25, 1])
    assert [item.standardised_difference for item in found if item.feature != "visits"] == (
        pytest.approx([-10 / (200 / 3) ** 0.5, -1 / 2**0.5, 5 / (200 / 3) ** 0.5, 0.5 / 2**0.5])
    )
    assert all(item.standardised_difference is None for item in found if item.feature == "visits")


def test_a_mean_of_zero_has_no_ratio() -> None:
    found = segment_differences(pd.DataFrame({"net": [-1.0, 1]}), np.array([0, 1]), ["net"])
    assert [item.ratio_to_all for item in found] == [None, None]
    assert [item.standardised_difference for item in found] == [-1, 1]


def test_a_tie_ranks_in_the_order_of_the_features() -> None:
    frame = pd.DataFrame({"b": [1.0, 3], "a": [3.0, 1], "c": [0.1, 0.1], "d": [6.0, 2]})
    found = segment_differences(frame, np.array([0, 1]), ["b", "a", "c", "d"])
    assert [item.feature for item in found] == ["b", "a", "d", "c"] * 2


def test_a_constant_feature_ranks_last_whatever_the_rounding_of_its_mean() -> None:
    frame = pd.DataFrame({"same": [0.1] * 10, "flat": [1.0, 3] * 5})
    found = segment_differences(frame, np.repeat([0, 1], [4, 6]), ["same", "flat"])
    assert [item.feature for item in found] == ["flat", "same"] * 2
    assert [item.standardised_difference for item in found] == [0, None] * 2


@given(
    arrays.arrays(
        float, st.tuples(st.integers(2, 20), st.integers(1, 4)), elements=st.integers(-9, 9)
    ),
    st.data(),
)
def test_differences_equal_pandas(values: Any, data: st.DataObject) -> None:
    names = [f"f{at}" for at in range(values.shape[1])]
    ids = np.array(
        data.draw(st.lists(st.integers(1, 3), min_size=len(values), max_size=len(values)))
    )
    frame = pd.DataFrame(values, columns=names)
    means = frame.groupby(ids).mean()
    expected = (means - frame.mean()) / frame.std(ddof=0)
    for item in segment_differences(frame, ids, names):
        assert item.mean == pytest.approx(means.at[item.segment_id, item.feature])
        if item.standardised_difference is None:
            assert frame[item.feature].nunique() == 1
        else:
            assert item.standardised_difference == pytest.approx(
                expected.at[item.segment_id, item.feature], abs=1e-9
            )
