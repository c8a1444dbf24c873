from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

from customer_segmentation.errors import InputError
from customer_segmentation.preparation.checks import (
    check_customers,
)
from customer_segmentation.preparation.scale import (
    apply_preprocessing,
    fit_preprocessing,
    invert_preprocessing,
    scale_originals,
)
from small_mart import BINARY, mart, one_hot, specification


@pytest.mark.parametrize(
    ("scaler", "reference"),
    [("standard", StandardScaler()), ("minmax", MinMaxScaler()), ("robust", RobustScaler())],
)
def test_scalers_equal_scikit_learn(scaler: str, reference: Any) -> None:
    frame = mart()
    features = ({"name": "orders", "transform": "log1p"}, "revenue")
    scalings = fit_preprocessing(frame, specification(*features, scaler=scaler))
    transformed = frame[["revenue"]].assign(orders=np.log1p(frame["orders"]))
    expected = reference.fit_transform(transformed[["orders", "revenue"]].to_numpy())
    np.testing.assert_allclose(apply_preprocessing(frame, scalings), expected, rtol=1e-12)


def test_standard_divides_by_the_population_deviation() -> None:
    (scaling,) = fit_preprocessing(mart(orders=[2, 4, 4, 4, 6]), specification("orders"))
    assert scaling.centre == 4
    assert scaling.scale == pytest.approx(math.sqrt(8 / 5))


def test_log1p_keeps_the_sign_of_a_net_refund() -> None:
    values = [-(math.e - 1), 0.0, math.e - 1, math.e**2 - 1, math.e**3 - 1]
    frame = mart(revenue=values)
    spec = specification({"name": "revenue", "transform": "log1p"}, scaler="minmax")
    (scaling,) = fit_preprocessing(frame, spec)
    assert (scaling.centre, scaling.scale) == pytest.approx((-1, 4))
    np.testing.assert_allclose(
        apply_preprocessing(frame, [scaling])[:, 0], [0, 0.25, 0.5, 0.75, 1], atol=1e-12
    )


def test_winsorize_clips_at_the_quantiles_of_training() -> None:
    frame = pd.DataFrame({"customer_id": range(101), "revenue": np.arange(101.0)})
    spec = specification(
        {"name": "revenue", "transform": "winsorize", "lower": 0.05, "upper": 0.9}, scaler="minmax"
    )
    (scaling,) = fit_preprocessing(frame, spec)
    assert (scaling.lower, scaling.upper) == pytest.approx((5, 90))
    assert (scaling.centre, scaling.scale) == pytest.approx((5, 85))
    unseen = pd.DataFrame({"revenue": [-1000.0, 5.0, 47.5, 5000.0]})
    np.testing.assert_allclose(apply_preprocessing(unseen, [scaling])[:, 0], [0, 0, 0.5, 1])


def test_apply_uses_the_stored_figures_and_never_refits() -> None:
    scalings = fit_preprocessing(mart(), specification("orders", scaler="minmax"))
    one = pd.DataFrame({"orders": [19]})
    assert apply_preprocessing(one, scalings)[0, 0] == pytest.approx(2)


@pytest.mark.parametrize("scaler", ["standard", "minmax", "robust"])
@pytest.mark.parametrize("transform", ["none", "log1p"])
@given(
    values=arrays.arrays(
        float, st.integers(5, 30), elements=st.floats(-1e6, 1e6, width=32), unique=True
    )
)
def test_inverse_gives_the_original_units(transform: str, scaler: str, values: Any) -> None:
    frame = pd.DataFrame({"revenue": values})
    spec = specification({"name": "revenue", "transform": transform}, scaler=scaler)
    try:
        scalings = fit_preprocessing(frame, spec)
    except InputError:
        return
    back = invert_preprocessing(apply_preprocessing(frame, scalings), scalings)
    np.testing.assert_allclose(back[:, 0], values, rtol=1e-6, atol=1e-6 * np.abs(values).max())


def test_inverse_by_hand() -> None:
    frame = mart(revenue=[0.0, 1.0, 3.0, 7.0, 15.0])
    spec = specification({"name": "revenue", "transform": "log1p"}, scaler="minmax")
    scalings = fit_preprocessing(frame, spec)
    np.testing.assert_allclose(
        invert_preprocessing(np.array([[0.5], [-0.25]]), scalings), [[3.0], [-1.0]]
    )


@pytest.mark.parametrize(
    "column",
    [
        [Decimal("1.25"), Decimal("2"), Decimal("3"), Decimal("4"), Decimal("10")],
        pd.array([1.25, 2, 3, 4, 10], dtype="Float64"),
        np.array([1.25, 2, 3, 4, 10], dtype="float32"),
    ],
)
def test_number_types_that_marts_hold(column: Any) -> None:
    frame = mart(orders=column)
    spec = specification("orders", scaler="minmax")
    check_customers(frame, spec)
    scaled = apply_preprocessing(frame, fit_preprocessing(frame, spec))
    np.testing.assert_allclose(scaled[:3, 0], [0, 0.75 / 8.75, 0.2])


@pytest.mark.parametrize("constant", [[0.1] * 5, [0] * 5, [1.0, 1.0, 1.0, 1.0, 1.0 + 1e-15]])
@pytest.mark.parametrize("scaler", ["standard", "minmax", "robust"])
def test_features_that_do_not_vary_are_left_out(scaler: str, constant: list[float]) -> None:
    frame = mart(orders=constant)
    (scaling,) = fit_preprocessing(frame, specification(scaler=scaler))
    assert scaling == fit_preprocessing(frame, specification("revenue", scaler=scaler))[0]


def test_a_feature_that_winsorize_makes_constant_is_left_out() -> None:
    frame = mart().iloc[[0] * 199 + [4]].assign(customer_id=range(200), orders=range(200))
    winsorized = {"name": "revenue", "transform": "winsorize"}
    scalings = fit_preprocessing(frame, specification("orders", winsorized))
    assert [item.name for item in scalings] == ["orders"]


def test_where_no_feature_varies_all_are_named() -> None:
    frame = mart(orders=[3] * 5, revenue=[0.0] * 5)
    with pytest.raises(InputError, match=r"No feature is left") as caught:
        fit_preprocessing(frame, specification("orders", {"name": "revenue", "transform": "log1p"}))
    assert (
        "orders (transform none, for example 3), revenue (transform log1p, for example 0.0)"
        in str(caught.value)
    )


def test_robust_needs_an_interquartile_range() -> None:
    frame = mart(orders=[1, 1, 1, 1, 9])
    with pytest.raises(InputError, match="interquartile range, which is 0 for orders"):
        fit_preprocessing(frame, specification(scaler="robust"))
    fit_preprocessing(frame, specification(scaler="standard"))


def countries(**counts: int) -> pd.DataFrame:
    values = [name for name, count in counts.items() for _ in range(count)]
    return pd.DataFrame(
        {"customer_id": range(len(values)), "country": values, "revenue": range(len(values))}
    )


def encoded(frame: pd.DataFrame, *features: Any) -> tuple[list[str], Any]:
    """Names of the dimensions, and their values before scaling."""
    scalings = fit_preprocessing(frame, specification(*features, scaler="minmax"))
    return [item.name for item in scalings], apply_preprocessing(frame, scalings)


@pytest.mark.parametrize(
    ("column", "levels"),
    [
        ([False, True, False, True, True], ("false", "true")),
        (["no", "yes", "no", "yes", "yes"], ("no", "yes")),
        # As numbers 2 comes before 10, as text it would not.
        ([2, 10, 2, 10, 10], ("2", "10")),
        ([0.1, 0.25, 0.1, 0.25, 0.25], ("0.1", "0.25")),
        ([Decimal("0"), Decimal("1.00"), Decimal("0.0"), Decimal(1), Decimal(1)], ("0", "1")),
        (pd.array([False, True, False, True, True], dtype="boolean"), ("false", "true")),
        (pd.array(["a", "b", "a", "b", "b"], dtype="string"), ("a", "b")),
    ],
)
def test_the_second_level_of_a_binary_column_is_one(column: Any, levels: tuple[str, str]) -> None:
    frame = mart(member=column)
    spec = specification(BINARY, scaler="minmax")
    check_customers(frame, spec)
    (scaling,) = fit_preprocessing(frame, spec)
    assert scaling.indicator is not None
    assert scaling.indicator.levels == levels
    assert (scaling.name, scaling.column) == (f"member={levels[1]}", "member")
    assert apply_preprocessing(frame, [scaling])[:, 0].tolist() == [0, 1, 0, 1, 1]


def test_a_third_value_of_a_binary_column_is_not_known() -> None:
    scalings = fit_preprocessing(mart(member=[1, 2, 1, 2, 2]), specification(BINARY))
    later = apply_preprocessing(pd.DataFrame({"member": [2.0, 3.0, None]}), scalings)
    assert np.isnan(later[:, 0]).tolist() == [False, True, True]


def test_a_binary_column_has_at_most_two_values() -> None:
    with pytest.raises(InputError, match=r"member .* has 3 different values, for example a, b, c"):
        fit_preprocessing(mart(member=list("abcab")), specification(BINARY))


@pytest.mark.parametrize("column", [[1] * 5, [True] * 5, ["yes"] * 5])
def test_a_binary_column_of_one_value_is_left_out(column: Any) -> None:
    scalings = fit_preprocessing(mart(member=column), specification(BINARY, "revenue"))
    assert [item.name for item in scalings] == ["revenue"]


def test_levels_become_dimensions_and_rare_ones_a_single_one() -> None:
    frame = countries(UK=60, FR=30, DE=9, IT=1)
    names, values = encoded(frame, one_hot(0.1))
    assert names == ["country=FR", "country=UK", "country=(other)"]
    assert values.sum(axis=0).tolist() == [30, 60, 10]
    assert (values.sum(axis=1) == 1).all()
    # A share of rare_below is not below it.
    names, _ = encoded(frame, one_hot(0.09))
    assert names == ["country=DE", "country=FR", "country=UK", "country=(other)"]
    names, values = encoded(frame, one_hot(0))
    assert names == ["country=DE", "country=FR", "country=IT", "country=UK"]
    expected = pd.get_dummies(frame["country"]).to_numpy(dtype=float)
    np.testing.assert_array_equal(values, expected)


def test_an_unseen_level_is_a_rare_one_or_none() -> None:
    later = pd.DataFrame({"country": ["ES", "UK", "(other)", None]})
    spec = specification(one_hot(0.1), scaler="minmax")
    with_rare = fit_preprocessing(countries(UK=60, FR=39, IT=1), spec)
    nan = math.nan
    np.testing.assert_array_equal(
        apply_preprocessing(later, with_rare), [[0, 0, 1], [0, 1, 0], [0, 0, 1], [nan] * 3]
    )
    without = fit_preprocessing(countries(UK=60, FR=40), spec)
    np.testing.assert_array_equal(
        apply_preprocessing(later, without), [[0, 0], [0, 1], [0, 0], [nan] * 2]
    )


def test_a_level_of_the_name_of_the_rest_belongs_to_it() -> None:
    names, values = encoded(countries(**{"UK": 50, "(other)": 48, "IT": 2}), one_hot(0.1))
    assert names == ["country=UK", "country=(other)"]
    assert values.sum(axis=0).tolist() == [50, 50]


def test_encoded_dimensions_are_scaled_like_others() -> None:
    frame = countries(UK=20, FR=80)
    scalings = fit_preprocessing(frame, specification("revenue", one_hot()))
    assert [item.column for item in scalings] == ["revenue", "country", "country"]
    for scaling, share in zip(scalings[1:], (0.8, 0.2), strict=True):
        assert scaling.centre == pytest.approx(share)
        assert scaling.scale == pytest.approx(math.sqrt(0.8 * 0.2))
    scaled = apply_preprocessing(frame, scalings)
    # In its own units a point is the share of customers that have the level.
    original = invert_preprocessing(scaled.mean(axis=0)[None], scalings)
    np.testing.assert_allclose(original, [[49.5, 0.8, 0.2]])
    np.testing.assert_allclose(
        scale_originals(original, scalings)[0], scaled.mean(axis=0), atol=1e-12
    )


@pytest.mark.parametrize(
    ("counts", "level"), [({"UK": 5}, "UK"), ({"UK": 2, "FR": 2, "IT": 2}, "(other)")]
)
def test_one_level_for_all_is_left_out(counts: Any, level: str) -> None:
    frame = countries(**counts)
    scalings = fit_preprocessing(frame, specification("revenue", one_hot(0.5)))
    assert [item.name for item in scalings] == ["revenue"]
    with pytest.raises(InputError, match="No feature is left") as caught:
        fit_preprocessing(frame, specification(one_hot(0.5)))
    assert f"country={level} (transform none, for example UK)" in str(caught.value)
