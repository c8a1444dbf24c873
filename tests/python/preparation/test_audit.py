from __future__ import annotations

import math
from dataclasses import astuple
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from customer_segmentation.errors import InputError
from customer_segmentation.model.features import FeatureAudit, FeatureCorrelation
from customer_segmentation.numerics.sampling import random_sample
from customer_segmentation.preparation.audit import audit_encoded_features, audit_features
from customer_segmentation.specification import Transform


def audit(values: Any, transform: Transform = "none") -> FeatureAudit:
    audits, pairs = audit_features(
        pd.DataFrame({"spend": values}),
        ["spend"],
        correlation_threshold=0.8,
        transforms={"spend": transform},
    )
    assert pairs == ()
    return audits[0]


def correlations(threshold: float = 0.8, **columns: Any) -> dict[str, FeatureCorrelation]:
    frame = pd.DataFrame(columns)
    _, pairs = audit_features(frame, list(columns), correlation_threshold=threshold)
    return {f"{pair.feature}-{pair.other_feature}": pair for pair in pairs}


def test_figures_by_hand() -> None:
    found = audit([0.0, math.inf, 0.0, None, 1.0, 3.0])
    assert (found.feature, found.row_count, found.unique_values) == ("spend", 6, 3)
    assert found.missing_share == pytest.approx(2 / 6)
    # Of the known 0, 0, 1, 3: the distances to the mean 1 are -1, -1, 0, 2.
    assert found.zero_share == 0.5
    assert found.top_value_share == 0.5
    assert (found.minimum, found.maximum, found.mean) == (0, 3, 1)
    assert found.standard_deviation == pytest.approx(math.sqrt(6 / 4))
    assert found.skewness == pytest.approx((6 / 4) / (6 / 4) ** 1.5)


@given(st.lists(st.floats(-1e6, 1e6).map(lambda value: round(value, 3)), min_size=2, max_size=30))
def test_figures_equal_other_libraries(values: list[float]) -> None:
    found = audit(values)
    assert found.mean == pytest.approx(np.mean(values), abs=1e-6)
    assert found.standard_deviation == pytest.approx(np.std(values), abs=1e-6)
    assert found.unique_values == len(set(values))
    assert found.top_value_share == max(values.count(value) for value in values) / len(values)
    if found.skewness is None:
        assert len(set(values)) == 1
    else:
        assert found.skewness == pytest.approx(stats.skew(values), rel=1e-4, abs=1e-4)


def test_moments_equal_those_of_spark(spark: Any) -> None:
    values = [0.5, 1.0, 1.0, 7.25, 1234.5]
    rows = ", ".join(f"({value}D)" for value in values)
    row = spark.sql(
        f"select avg(spend), stddev_pop(spend), skewness(spend) from values {rows} as mart (spend)"
    ).first()
    found = audit(values)
    assert (found.mean, found.standard_deviation, found.skewness) == pytest.approx(tuple(row))


def test_large_data_is_correlated_on_a_sample_and_audited_whole() -> None:
    frame = pd.DataFrame(np.random.default_rng(3).normal(size=(500, 2)), columns=["a", "b"])

    def audited(random_seed: int) -> Any:
        return audit_features(
            frame,
            ["a", "b"],
            correlation_threshold=0.8,
            random_seed=random_seed,
            sample_size=60,
        )

    (first, _), (pair,) = audited(5)
    assert (first.row_count, first.unique_values, pair.row_count) == (500, 500, 60)
    sample = frame.iloc[random_sample(500, 60, 5)]
    assert pair.spearman == pytest.approx(stats.spearmanr(sample["a"], sample["b"]).statistic)
    assert pair.spearman != audited(6)[1][0].spearman


@pytest.mark.filterwarnings("error")
@given(st.lists(st.lists(st.floats(), min_size=2, max_size=2), max_size=6))
def test_no_figure_is_nan_or_infinite(rows: list[list[float]]) -> None:
    frame = pd.DataFrame(rows, columns=["first", "second"], dtype=float)
    audits, pairs = audit_features(frame, ["first", "second"], correlation_threshold=0.8)
    figures = [figure for row in (*audits, *pairs) for figure in astuple(row)]
    assert all(math.isfinite(figure) for figure in figures if isinstance(figure, float))


def test_figures_of_huge_values_do_not_overflow() -> None:
    found = audit([1e308, 1e308, 1e308, -1e308])
    assert (found.mean, found.standard_deviation) == pytest.approx(
        (0.5e308, math.sqrt(0.75) * 1e308)
    )
    assert found.skewness == pytest.approx(stats.skew([1, 1, 1, -1]))


def test_number_types_that_marts_hold() -> None:
    found = audit([Decimal("1.25"), None, Decimal("3.75")])
    assert (found.mean, found.missing_share) == (2.5, pytest.approx(1 / 3))


def test_a_text_column_is_refused() -> None:
    with pytest.raises(InputError, match="Column spend of the feature mart is not numeric"):
        audit(["a", "b"])


@pytest.mark.parametrize(
    ("values", "transform", "advice"),
    [
        ([], "none", None),
        ([1.0, 2, 3, 4], "none", None),
        ([None, math.nan, -math.inf], "none", "No customer has a value: remove it."),
        (
            [0.1] * 7,
            "log1p",
            "Every value is 0.1, so it tells no customers apart: remove it.",
        ),
        (
            [5.0, 5, None],
            "none",
            "1 of 3 values are missing or infinite: fill them in the mart, or leave those "
            "customers out. Every value is 5, so it tells no customers apart: remove it.",
        ),
        (
            [1.0, 2, math.inf, 4],
            "none",
            "1 of 4 values are missing or infinite: fill them in the mart, or leave those "
            "customers out.",
        ),
        (
            [3.0] * 19 + [4.0],
            "none",
            "95.0% of the values are 3, so it tells few customers apart: remove it.",
        ),
        ([3.0] * 18 + [4.0] * 2, "none", None),
        (
            [0.0] * 5 + [1.0, 2, 3, 4, 5],
            "none",
            "50.0% of the values are 0: consider a yes/no feature in its place.",
        ),
        ([0.0] * 4 + [1.0, 2, 3, 4, 5], "none", None),
        ([0.0] * 9 + [1.0], "none", None),
        ([1.0] * 4 + [2] * 4 + [90], "none", "Its skewness is 2.5: consider transform log1p."),
        ([1.0] * 4 + [2] * 4 + [90], "log1p", None),
        (
            [-1.0] * 4 + [2] * 4 + [90],
            "none",
            "Its skewness is 2.5: consider transform winsorize.",
        ),
        (
            [90.0] * 4 + [91] * 4 + [1],
            "none",
            "Its skewness is -2.5: consider transform winsorize.",
        ),
        ([1.0] * 4 + [2] * 4 + [4], "none", None),
        (
            [0.0] * 8 + [1.0, 90],
            "none",
            "80.0% of the values are 0: consider a yes/no feature in its place. "
            "Its skewness is 2.7: consider transform log1p.",
        ),
    ],
)
def test_advice(values: list[Any], transform: Transform, advice: str | None) -> None:
    assert audit(np.array(values, dtype=float), transform).advice == advice


@pytest.mark.parametrize(
    ("values", "missing", "top", "levels", "advice"),
    [
        (["web", "shop", "web", "web"], 0, 0.75, 2, None),
        ([True, False, None, False], 0.25, 2 / 3, 2, "1 of 4 values are missing"),
        (["web"] * 19 + ["shop"], 0, 0.95, 2, "95.0% of the values are web, so it tells few"),
        ([1, 1, 1], 0, 1, 1, "Every value is 1, so it tells no customers apart"),
        ([1.0, 0.0, np.inf, np.nan], 0.5, 0.5, 2, "2 of 4 values are missing"),
        ([True, True], 0, 1, 1, "Every value is true, so it"),
        ([None, None], 1, None, 0, "No customer has a value"),
    ],
)
def test_features_that_stand_for_levels(
    values: list[Any], missing: float, top: float | None, levels: int, advice: str | None
) -> None:
    frame = pd.DataFrame({"channel": pd.Series(values, dtype=object)})
    (found,) = audit_encoded_features(frame, ["channel"])
    assert (found.feature, found.row_count, found.unique_values) == ("channel", len(values), levels)
    assert found.missing_share == missing
    assert found.top_value_share == pytest.approx(top)
    assert {found.zero_share, found.mean, found.maximum, found.skewness} == {None}
    assert (found.advice or "").startswith(advice or "")
    assert bool(found.advice) == bool(advice)


def test_an_empty_mart_has_no_figures() -> None:
    found = audit(np.array([], dtype=float))
    assert found == FeatureAudit(
        "spend", 0, None, None, None, 0, None, None, None, None, None, None
    )


def test_without_any_value_all_is_missing() -> None:
    found = audit([math.nan, math.inf])
    assert (found.missing_share, found.zero_share, found.mean) == (1, None, None)


def test_constant_values_have_no_spread() -> None:
    found = audit([0.1] * 3)
    assert (found.mean, found.standard_deviation, found.skewness) == (0.1, 0, None)


def test_a_spread_that_is_rounding_counts_as_none() -> None:
    found = audit([0.3, 0.1 + 0.2, 0.3])
    assert (found.unique_values, found.standard_deviation, found.skewness) == (2, 0, None)


@given(
    st.lists(
        st.tuples(*[st.one_of(st.none(), st.integers(-3, 3), st.floats(-9, 9, width=16))] * 3),
        min_size=1,
        max_size=25,
    )
)
def test_spearman_equals_pandas(rows: list[Any]) -> None:
    frame = pd.DataFrame(rows, columns=list("abc"), dtype=float)
    expected = frame.corr(method="spearman")
    _, pairs = audit_features(frame, list("abc"), correlation_threshold=0.8)
    assert [(pair.feature, pair.other_feature) for pair in pairs] == [
        ("a", "b"),
        ("a", "c"),
        ("b", "c"),
    ]
    for pair in pairs:
        value = expected.at[pair.feature, pair.other_feature]
        assert pair.row_count == len(frame[[pair.feature, pair.other_feature]].dropna())
        if math.isnan(value):
            assert pair.spearman is None
        else:
            assert pair.spearman == pytest.approx(value, abs=1e-9)


def test_correlation_leaves_out_infinite_values() -> None:
    pair = correlations(a=[1, 2, 3, math.inf], b=[10, 20, 30, -5])["a-b"]
    assert (pair.row_count, pair.spearman) == (3, pytest.approx(1))


def test_a_constant_feature_has_no_correlation() -> None:
    pair = correlations(a=[1, 2, 3], b=[7, 7, 7])["a-b"]
    assert (pair.spearman, pair.is_strong, pair.drop, pair.reason) == (None, False, None, None)


def test_only_above_the_threshold_is_strong() -> None:
    # Ranks 1 2 3 4 5 against 1 2 3 5 4: 1 - 6 * 2 / (5 * 24) = 0.9; falling they are -0.9.
    rising = {"a": [1, 2, 3, 4, 5], "b": [1, 2, 3, 5, 4]}
    falling = {"a": [1, 2, 3, 4, 5], "b": [-1, -2, -3, -5, -4]}
    for columns, sign in ((rising, 1), (falling, -1)):
        pair = correlations(0.85, **columns)["a-b"]
        assert (pair.spearman, pair.is_strong) == (pytest.approx(sign * 0.9), True)
        pair = correlations(0.95, **columns)["a-b"]
        assert (pair.is_strong, pair.drop, pair.reason) == (False, None, None)


def test_the_feature_with_more_missing_values_is_dropped() -> None:
    pair = correlations(a=[1, None, 3, 4, 5], b=[1, 2, 3, 4, 5])["a-b"]
    assert pair.drop == "a"
    assert pair.reason == "a has more missing values than b: 20.0% against 0.0%"


def test_of_equals_the_later_one_is_dropped() -> None:
    pair = correlations(b=[1, 2, 3], a=[1, 2, 3])["b-a"]
    assert pair.drop == "a"
    assert pair.reason == "a comes after b in the specification, all else being equal"


def test_a_dropped_feature_settles_its_other_pairs() -> None:
    found = correlations(
        0.9,
        a=[2, 1, 3, 4, 5, 6, 7, 8, 9, 10],
        c=[1, 2, 3, 4, 5, 6, 8, 7, 10, 9],
        b=[1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
        d=[-1, -6, -2, -7, -3, -8, -4, -9, -5, -10],
    )
    # By 1 - 6 * (sum of squared rank differences) / (10 * 99); for d with its sign turned.
    rising = {"a-b": 2, "a-c": 6, "c-b": 4}
    falling = {"a-d": 70, "b-d": 60, "c-d": 80}
    assert {key: pair.spearman for key, pair in found.items()} == pytest.approx(
        {key: 1 - value / 165 for key, value in rising.items()}
        | {key: value / 165 - 1 for key, value in falling.items()}
    )
    # From the strongest: a-b drops b, which settles c-b, then a-c drops a.
    assert {key: pair.drop for key, pair in found.items() if pair.is_strong} == {
        "a-b": "b",
        "a-c": "a",
        "c-b": "b",
    }
    # The means over the other three are 1 - 66 / 495 for b, 1 - 78 / 495 for a, 1 - 90 / 495 for c.
    assert found["a-b"].reason == (
        "b has the higher mean absolute correlation to all other features than a: "
        "0.867 against 0.842"
    )
    assert found["a-c"].reason == (
        "a has the higher mean absolute correlation to all other features than c: "
        "0.842 against 0.818"
    )
    assert found["c-b"].reason == (
        "b is dropped already for the correlation of 0.988 between a and b"
    )
