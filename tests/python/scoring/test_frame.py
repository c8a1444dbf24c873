"""Scoring of pandas frames by hand; test_spark compares it with that of Spark."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from customer_segmentation.model.scaling import FeatureScaling
from customer_segmentation.model.scoring_model import ScoringModel
from customer_segmentation.model.segments import CentroidCoordinate, Segment
from customer_segmentation.scoring.frame import score_frame, segment_ids

AS_OF = date(2024, 1, 31)
FIGURES = [
    "segment_id",
    "distance_to_centroid",
    "runner_up_segment_id",
    "distance_to_runner_up",
    "margin",
]


def model(places: dict[int, tuple[float, ...]], names: str = "x", **changes: Any) -> ScoringModel:
    """A model on unscaled features, with a segment of each id at its place."""
    return ScoringModel(
        model_id="by hand",
        entity_key="customer_id",
        features=tuple(FeatureScaling(name, "none", None, None, 0.0, 1.0) for name in names),
        segments=tuple(
            Segment(
                segment_id=segment_id,
                size=1,
                share=1 / len(places),
                ordering_mean=0.0,
                inertia=0.0,
                mean_distance=0.0,
                radius=0.0,
                centroid=tuple(
                    CentroidCoordinate(name, at, at) for name, at in zip(names, place, strict=True)
                ),
            )
            for segment_id, place in places.items()
        ),
        **changes,
    )


def mart(**columns: Any) -> pd.DataFrame:
    frame = pd.DataFrame(columns)
    return frame.assign(customer_id=[f"C{at}" for at in range(len(frame))], as_of_date=AS_OF)


def figures(scored: pd.DataFrame) -> list[tuple[Any, ...]]:
    """The figures of each row, None where there is none."""
    plain = scored[FIGURES].astype(object)
    return list(plain.where(plain.notna(), None).itertuples(index=False, name=None))


def test_the_nearest_segment_and_the_next_one() -> None:
    frame = mart(x=[1.0, 8.0])
    frame.index = pd.Index(["one", "other"])
    scored = score_frame(frame, model({1: (0.0,), 2: (10.0,)}))
    assert figures(scored) == [(1, 1.0, 2, 9.0, 8.0), (2, 2.0, 1, 8.0, 6.0)]
    assert scored["pushes"].tolist() == [
        [{"feature": "x", "push": 80.0}],
        [{"feature": "x", "push": 60.0}],
    ]
    assert scored.index.tolist() == ["one", "other"]
    assert scored["customer_id"].tolist() == ["C0", "C1"]
    assert set(scored["model_id"]) == {"by hand"}
    assert set(scored["as_of_date"]) == {AS_OF}


def test_equally_near_segments_go_to_the_smaller_id() -> None:
    # 5 lies between 10 and 0; two segments share the place 20. Whatever the order of the segments.
    for ids in ((1, 2, 3, 4), (2, 1, 4, 3)):
        places = dict(zip(ids, [(10.0,), (0.0,), (20.0,), (20.0,)], strict=True))
        scored = score_frame(mart(x=[5.0, 20.0]), model(places))
        assert scored["segment_id"].tolist() == [1, 3]
        assert scored["runner_up_segment_id"].tolist() == [2, 4]


def test_a_single_segment_has_no_runner_up() -> None:
    scored = score_frame(mart(x=[3.0]), model({7: (1.0,)}))
    assert figures(scored) == [(7, 2.0, None, None, None)]
    assert scored["pushes"].tolist() == [None]


def test_noise_is_told_the_segment_that_it_is_too_far_from() -> None:
    rule = model({1: (0.0,), 2: (10.0,)}, assignment_rule="nearest_centroid_within_radius")
    limits = (2.0, 1.0)
    rule = replace(
        rule,
        segments=tuple(
            replace(part, radius_limit=limit)
            for part, limit in zip(rule.segments, limits, strict=True)
        ),
    )
    scored = score_frame(mart(x=[2.0, 2.5, 8.5, 9.0]), rule)
    assert figures(scored) == [
        (1, 2.0, 2, 8.0, 6.0),
        (-1, 2.5, 1, 2.5, None),
        (-1, 1.5, 2, 1.5, None),
        (2, 1.0, 1, 9.0, 8.0),
    ]
    assert [pushes is None for pushes in scored["pushes"]] == [False, True, True, False]


def test_a_mixture_asks_for_the_most_probable_segment() -> None:
    # Criteria x^2 and (x - 4)^2 / 4 + 3: at 3 they are 9 and 3.25, at 1 they are 1 and 5.25.
    rule = model({1: (0.0,), 2: (4.0,)}, assignment_rule="gaussian")
    factors, offsets = (1.0, 0.5), (0.0, 3.0)
    rule = replace(
        rule,
        segments=tuple(
            replace(part, precision_cholesky=((factor,),), offset=offset)
            for part, factor, offset in zip(rule.segments, factors, offsets, strict=True)
        ),
    )
    scored = score_frame(mart(x=[3.0, 1.0, 2.1]), rule)
    assert figures(scored) == [
        (2, 1.0, 1, 3.0, 5.75),
        (1, 1.0, 2, 3.0, 4.25),
        # The nearer one, for which the other is 4.41 against 0.9025 + 3.
        (2, pytest.approx(1.9), 1, pytest.approx(2.1), pytest.approx(0.5075)),
    ]


def test_the_three_largest_pushes_equal_ones_by_name() -> None:
    rule = model({1: (0.0,) * 5, 2: (1.0, 3.0, 1.0, -1.0, 2.0)}, "edcba")
    zeros = {name: [0.0, 0.0] for name in "ecba"}
    scored = score_frame(mart(d=[0.0, 3.0], **zeros), rule)
    first, second = [
        [(item["feature"], item["push"]) for item in pushes] for pushes in scored["pushes"]
    ]
    # Squares 1, 9, 1, 1, 4; of the equal ones b comes first.
    assert first == [("d", 9.0), ("a", 4.0), ("b", 1.0)]
    assert second == [("d", 9.0), ("b", -1.0), ("c", -1.0)]
    assert scored["segment_id"].tolist() == [1, 2]


@pytest.mark.parametrize("transform", ["none", "log1p", "winsorize"])
def test_a_customer_without_a_feature_gets_no_segment(transform: Any) -> None:
    rule = replace(
        model({1: (0.0,), 2: (10.0,)}),
        features=(FeatureScaling("x", transform, 0.0, 5.0, 0.0, 1.0),),
    )
    frame = mart(x=[1.0, None, np.nan, np.inf, -np.inf])
    scored = score_frame(frame, rule)
    assert figures(scored)[1:] == [(None,) * 5] * 4
    assert scored["segment_id"].iloc[0] == 1
    assert scored["pushes"].iloc[1:].tolist() == [None] * 4
    assert segment_ids(frame, rule).mask.tolist() == [False, True, True, True, True]


def test_a_frame_without_rows_is_scored_into_none() -> None:
    scored = score_frame(mart(x=[1.0]).head(0), model({1: (0.0,), 2: (10.0,)}))
    assert scored.empty
    assert list(scored.columns) == ["customer_id", *FIGURES, "pushes", "model_id", "as_of_date"]
