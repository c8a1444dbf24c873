from __future__ import annotations

from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.stats import f_oneway

from customer_segmentation.clustering.fit import fit
from customer_segmentation.description import importance
from customer_segmentation.description.importance import feature_importances
from customer_segmentation.model.features import FeatureImportance
from customer_segmentation.numerics.sampling import random_sample
from customer_segmentation.preparation.scale import apply_preprocessing, fit_preprocessing
from customer_segmentation.selection.measure import measure
from customer_segmentation.specification import parse_specification

kmeans = partial(fit, algorithm="kmeans", sample_size=10**6)

SPEND = ("revenue", "units", "largest_order", "mean_order", "orders")


def importances(
    points: Any, labels: Any, sample_size: int | None = None
) -> list[FeatureImportance]:
    points = np.asarray(points, dtype=float)
    names = [f"f{at}" for at in range(points.shape[1])]
    found = feature_importances(
        points, np.asarray(labels), names, random_seed=1, sample_size=sample_size
    )
    assert [item.feature for item in found] == names
    return list(found)


def rand_index(first: Any, second: Any) -> float:
    """Hubert and Arabie (1985), by counting pairs."""
    pairs = list(combinations(range(len(first)), 2))
    together = [first[a] == first[b] for a, b in pairs]
    also = [second[a] == second[b] for a, b in pairs]
    both = sum(x and y for x, y in zip(together, also, strict=True))
    expected = sum(together) * sum(also) / len(pairs)
    return float((both - expected) / ((sum(together) + sum(also)) / 2 - expected))


def test_shares_by_hand() -> None:
    # Means 3 and 5; totals 9 + 1 + 1 + 9 = 20 and 25 + 25 + 25 + 25 = 100;
    # cluster means are 1 and 5, then 5 and 5: between 4 * 4 = 16 and 0.
    first, second = importances([[0, 0], [2, 10], [4, 0], [6, 10]], [0, 0, 1, 1])
    assert (first.variance_share, second.variance_share) == pytest.approx((20 / 120, 100 / 120))
    assert (first.between_share, second.between_share) == (1, 0)
    assert (first.eta_squared, second.eta_squared) == pytest.approx((16 / 20, 0))


def test_clusters_of_different_size() -> None:
    # Mean 3 of both; between is 3 * (1 - 3)^2 + 1 * (9 - 3)^2 = 48, and 3 * 1 + 1 * 9 = 12.
    first, second = importances([[0, 2], [1, 2], [2, 2], [9, 6]], [0, 0, 0, 1])
    assert (first.between_share, second.between_share) == pytest.approx((0.8, 0.2))
    # Totals 9 + 4 + 1 + 36 = 50 and 1 + 1 + 1 + 9 = 12.
    assert (first.eta_squared, second.eta_squared) == pytest.approx((48 / 50, 1))


@st.composite
def clusterings(draw: st.DrawFn) -> tuple[Any, Any]:
    size = draw(st.integers(4, 30))
    k = draw(st.integers(2, 4))
    shape = (size, draw(st.integers(1, 4)))
    points = draw(arrays.arrays(float, shape, elements=st.floats(-50, 50, width=16)))
    points[0, 0] = 51.0
    points[1, 0] = -51.0
    rest = draw(st.lists(st.integers(0, k - 1), min_size=size - k, max_size=size - k))
    return points, np.array(draw(st.permutations([*range(k), *rest])))


@settings(max_examples=50)
@given(clusterings())
def test_shares_agree_with_variance_inertia_and_analysis_of_variance(
    drawn: tuple[Any, Any],
) -> None:
    points, labels = drawn
    found = importances(points, labels)
    variances = points.var(axis=0)
    shares = [item.variance_share for item in found]
    np.testing.assert_allclose(shares, variances / variances.sum(), atol=1e-9)
    total = len(points) * variances
    between = sum(total[at] * (item.eta_squared or 0) for at, item in enumerate(found))
    if len(set(labels)) < len(points):
        assert between == pytest.approx(total.sum() - measure(points, labels).inertia, abs=1e-6)
    for at, item in enumerate(found):
        assert (item.eta_squared is None) == (np.ptp(points[:, at]) == 0)
        if item.eta_squared is None or item.eta_squared > 1 - 1e-9:
            continue
        groups = [points[labels == label, at] for label in np.unique(labels)]
        within, freedom = 1 - item.eta_squared, len(groups) - 1
        statistic = (item.eta_squared / freedom) / (within / (len(points) - len(groups)))
        assert statistic == pytest.approx(f_oneway(*groups).statistic, rel=1e-6, abs=1e-6)
        if item.between_share is not None and between > 1e-9:
            assert item.between_share == pytest.approx(
                total[at] * item.eta_squared / between, abs=1e-6
            )


def test_clusters_without_any_spread_explain_no_more_than_all() -> None:
    (only,) = importances([[0.0], [0], [0.7], [0.7]], [0, 0, 1, 1])
    assert only.eta_squared == 1


def test_features_that_separate_nothing_have_no_share() -> None:
    (first,) = importances([[1.0], [3], [1], [3]], [0, 0, 1, 1])
    assert (first.between_share, first.eta_squared, first.is_dominant) == (None, 0, False)


def test_a_constant_feature_explains_nothing() -> None:
    # The mean of three times 0.1 is not quite 0.1.
    _, constant = importances([[0, 0.1], [1, 0.1], [5, 0.1]], [0, 0, 1])
    assert (constant.variance_share, constant.between_share) == (0, 0)
    assert (constant.eta_squared, constant.alone_rand_index) == (None, None)


def test_agreement_with_clustering_on_one_feature_alone() -> None:
    # Alone, the first feature splits after its third value and the second after its fifth.
    points = [[0, 0], [1, 1], [2, 0], [50, 1], [51, 0], [52, 90]]
    labels = [0, 0, 0, 0, 1, 1]
    first, second = importances(points, labels)
    assert first.alone_rand_index == pytest.approx(rand_index(labels, [0, 0, 0, 1, 1, 1]))
    assert second.alone_rand_index == pytest.approx(rand_index(labels, [0, 0, 0, 0, 0, 1]))
    assert (first.compared_customers, second.compared_customers) == (6, 6)


@pytest.mark.parametrize("column", [[0, 0, 1, 1], [0, 0, 1e-200, 1]], ids=["two", "underflow"])
def test_too_few_values_for_the_number_of_clusters(column: list[float]) -> None:
    points = np.column_stack([column, [0, 5, 9, 14]])
    first, second = importances(points, [0, 1, 2, 2])
    assert first.alone_rand_index is None
    assert second.alone_rand_index is not None


def test_large_data_is_compared_on_a_sample() -> None:
    rng = np.random.default_rng(3)
    points = rng.normal(size=(400, 2))
    labels = kmeans(points, 3, random_seed=1, starts=1).labels
    found = importances(points, labels, sample_size=40)
    sample = random_sample(400, 40, 1)
    for at, item in enumerate(found):
        assert item.compared_customers == 40
        alone = kmeans(points[sample, at : at + 1], 3, random_seed=1, starts=3).labels
        assert item.alone_rand_index == pytest.approx(rand_index(labels[sample], alone))
    # Shares are over all customers.
    assert found[0].variance_share == pytest.approx(
        points.var(axis=0)[0] / points.var(axis=0).sum()
    )


def test_a_sample_is_distinct_ordered_and_seeded() -> None:
    sample = random_sample(100, 30, 1)
    assert len(np.unique(sample)) == 30
    assert sample.tolist() == sorted(sample)
    assert sample.tolist() == random_sample(100, 30, 1).tolist()
    assert sample.tolist() != random_sample(100, 30, 2).tolist()
    assert random_sample(5, 5, 1).tolist() == [0, 1, 2, 3, 4]


def rectangle(width: float) -> list[FeatureImportance]:
    """Four clusters at the corners of a rectangle of height 1."""
    corners = np.array([[0, 0], [0, 1], [width, 0], [width, 1]])
    nearby = 0.01 * np.arange(5)
    points = (corners + nearby[:, None, None]).reshape(-1, 2)
    return importances(points, np.tile(np.arange(4), 5))


def test_one_feature_that_makes_the_split_with_another_is_not_dominant() -> None:
    first, second = rectangle(1.9)
    assert first.between_share == pytest.approx(1.9**2 / (1 + 1.9**2))
    assert not first.is_dominant
    assert not second.is_dominant
    assert first.warning is None


def test_a_feature_that_makes_most_of_the_separation_is_dominant() -> None:
    first, second = rectangle(2.1)
    assert first.alone_rand_index is not None
    assert first.alone_rand_index < importance.SAME_CLUSTERS
    assert first.is_dominant
    assert (second.is_dominant, second.warning) == (False, None)


def test_a_feature_with_most_weight_that_decides_the_same_alone_is_dominant() -> None:
    rng = np.random.default_rng(0)
    groups = np.repeat([0.0, 1, 2], 30)
    column = groups + rng.normal(scale=0.05, size=90)
    points = np.column_stack([column * np.sqrt(0.6), column * np.sqrt(0.4)])
    first, second = importances(points, groups.astype(int))
    assert (first.between_share, second.between_share) == pytest.approx((0.6, 0.4))
    assert (first.alone_rand_index, second.alone_rand_index) == (1, 1)
    assert (first.is_dominant, second.is_dominant) == (True, False)
    assert first.warning == (
        "f0 decides the segments almost alone: it makes 60% of the separation between them, and "
        "clustering on it alone agrees with an adjusted Rand index of 1.00. Set a transform "
        "(log1p, winsorize) for skewed features and scaler: standard, or remove f0."
    )


def test_correlated_features_of_equal_weight_do_not_dominate() -> None:
    rng = np.random.default_rng(0)
    groups = np.repeat([0.0, 1], 40)
    points = groups[:, None] * 10 + rng.normal(size=(80, 4))
    found = importances(points, groups.astype(int))
    assert all(item.alone_rand_index == 1 for item in found)
    assert not any(item.is_dominant for item in found)


def test_levels_of_a_column_dominate_together() -> None:
    # Three levels, a third of the customers each, make the clusters; no level alone does.
    levels = np.repeat(np.eye(3), 20, axis=0)
    spend = np.random.default_rng(5).normal(0, 0.1, 60)
    points = np.column_stack([levels, spend])
    names = ["country=DE", "country=FR", "country=NO", "spend"]
    apart = feature_importances(points, np.repeat([0, 1, 2], 20), names, random_seed=1)
    assert not any(item.is_dominant for item in apart)
    together = feature_importances(
        points,
        np.repeat([0, 1, 2], 20),
        names,
        columns=["country", "country", "country", "spend"],
        random_seed=1,
    )
    assert [item.is_dominant for item in together] == [True, True, True, False]
    assert [item.alone_rand_index for item in together[:3]] == [1, 1, 1]
    assert [item.warning is not None for item in together] == [True, False, False, False]
    assert str(together[0].warning).startswith("country decides the segments almost alone")
    alone = feature_importances(
        levels, np.repeat([0, 1, 2], 20), names[:3], columns=["country"] * 3, random_seed=1
    )
    assert not any(item.is_dominant for item in alone)


def test_a_dominant_yes_or_no_feature_cannot_be_clustered_alone() -> None:
    points = np.column_stack([np.repeat([0.0, 20], 6), np.tile([0.0, 1, 1.5, 2, 3, 4], 2)])
    labels = np.repeat([0, 1, 2, 2], 3)
    first, _ = importances(points, labels)
    assert first.is_dominant
    assert "it has too few different values to be clustered alone" in str(first.warning)


def test_a_single_feature_has_nothing_to_dominate() -> None:
    (only,) = importances([[0.0], [1], [9], [10]], [0, 0, 1, 1])
    assert (only.between_share, only.alone_rand_index) == (1, 1)
    assert (only.is_dominant, only.warning) == (False, None)


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    """Recency over a year and five features of spend with the long tails of a wholesaler."""
    rng = np.random.default_rng(7)
    size = 1500
    activity = rng.normal(size=size)
    frame = pd.DataFrame({"customer_id": np.arange(size)})
    frame["days_since_last_order"] = np.minimum(rng.exponential(90 * np.exp(-activity / 2)), 373)
    for name in SPEND:
        frame[name] = np.exp(5 + 1.1 * (0.7 * activity + 0.7 * rng.normal(size=size)))
        frame.loc[rng.choice(size, 3, replace=False), name] *= [60, 90, 150]
    return frame


def dominant(customers: pd.DataFrame, transform: str, scaler: str, k: int) -> list[str]:
    features = [{"name": name, "transform": transform} for name in customers.columns[1:]]
    spec = parse_specification(
        {
            "entity_key": "customer_id",
            "features": features,
            "scaler": scaler,
            "k": k,
            "ordering": {"measure": "revenue"},
        },
        "test",
    )
    points = apply_preprocessing(customers, fit_preprocessing(customers, spec))
    labels = kmeans(points, k, random_seed=1, starts=3).labels
    found = feature_importances(points, labels, spec.feature_names, random_seed=1)
    return [item.feature for item in found if item.warning is not None]


@pytest.mark.parametrize("k", range(2, 9))
def test_minmax_on_skewed_spend_lets_recency_decide(customers: pd.DataFrame, k: int) -> None:
    assert dominant(customers, "none", "minmax", k) == ["days_since_last_order"]


@pytest.mark.parametrize("k", range(2, 9))
def test_log1p_and_standard_let_no_feature_decide(customers: pd.DataFrame, k: int) -> None:
    assert dominant(customers, "log1p", "standard", k) == []
