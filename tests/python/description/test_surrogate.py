from __future__ import annotations

import re
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from customer_segmentation.clustering.fit import fit
from customer_segmentation.description.surrogate import surrogate
from customer_segmentation.errors import InputError
from customer_segmentation.model.segments import Surrogate

kmeans = partial(fit, algorithm="kmeans", sample_size=10**6)

TEST = re.compile(r"cast\(`((?:[^`]|``)+)` as double\) (<=|>) (\S+)D")


def rules_of(columns: Any, segment_ids: Any, **settings: Any) -> Surrogate:
    frame = pd.DataFrame(columns)
    ids = np.asarray(segment_ids)
    return surrogate(frame, ids, list(frame.columns), random_seed=1, **settings)


def meets(frame: pd.DataFrame, condition: str) -> Any:
    """Evaluate a condition from its text, in double precision."""
    met = np.ones(len(frame), dtype=bool)
    if condition == "true":
        return met
    tests = condition.split(" and ")
    for test in tests:
        parsed = TEST.fullmatch(test)
        assert parsed is not None, test
        name, sign, number = parsed.groups()
        values = frame[name.replace("``", "`")].to_numpy(dtype=float)
        met &= values <= float(number) if sign == "<=" else values > float(number)
    # One bound of a kind per feature.
    assert len({TEST.fullmatch(test).groups()[:2] for test in tests}) == len(tests)  # type: ignore[union-attr]
    return met


def check(found: Surrogate, frame: pd.DataFrame, segment_ids: Any) -> None:
    """Every figure follows from the conditions."""
    met = np.array([meets(frame, rule.condition) for rule in found.rules])
    assert (met.sum(axis=0) == 1).all()
    given_ids = np.array([rule.segment_id for rule in found.rules])[met.argmax(axis=0)]
    assert found.fidelity == np.mean(given_ids == segment_ids)
    assert found.segments_without_rule == len(set(segment_ids) - set(given_ids))
    assert [rule.rule for rule in found.rules] == list(range(1, len(found.rules) + 1))
    for rule, customers in zip(found.rules, met, strict=True):
        inside = segment_ids == rule.segment_id
        assert rule.customers == customers.sum() > 0
        assert rule.matched_customers == (customers & inside).sum()
        assert rule.coverage == rule.customers / len(frame)
        assert rule.segment_coverage == rule.matched_customers / inside.sum()
        assert rule.precision == rule.matched_customers / rule.customers


def test_rules_by_hand() -> None:
    found = rules_of(
        {"orders": [1, 2, 8, 9, 8, 9, 1, 9], "revenue": [5.0, 90, 10, 20, 80, 90, 7, 95]},
        [30, 30, 7, 7, -1, -1, 30, -1],
    )
    # The middle of 2 and 8 is 5; that of 20 and 80 is 50.
    assert [(rule.segment_id, rule.condition) for rule in found.rules] == [
        (-1, "cast(`orders` as double) > 5.0D and cast(`revenue` as double) > 50.0D"),
        (7, "cast(`orders` as double) > 5.0D and cast(`revenue` as double) <= 50.0D"),
        (30, "cast(`orders` as double) <= 5.0D"),
    ]
    assert [rule.customers for rule in found.rules] == [3, 2, 3]
    assert (found.fidelity, found.segments_without_rule, found.fitted_customers) == (1, 0, 8)


def test_figures_of_rules_that_are_not_exact() -> None:
    found = rules_of({"orders": [1, 1, 1, 1, 2, 2, 2, 2, 2, 2]}, [0, 0, 0, 1, 1, 1, 1, 1, 1, 1])
    low, high = found.rules
    assert (low.condition, low.customers, low.matched_customers) == (
        "cast(`orders` as double) <= 1.5D",
        4,
        3,
    )
    assert (low.coverage, low.segment_coverage, low.precision) == (0.4, 1, 0.75)
    assert (high.coverage, high.segment_coverage, high.precision) == (0.6, 6 / 7, 1)
    assert found.fidelity == 0.9


@pytest.mark.parametrize(
    ("low", "high", "threshold"),
    [
        (2, 3, "2.5"),
        (10, 20, "15.0"),
        (123.4, 127.9, "126.0"),
        (0, 1000, "500.0"),
        (-7.25, -7.2, "-7.22"),
        (16777216, 16777217, "16777216.5"),
        (1e16, 1e16 + 2, "1e+16"),
        (-1e308, 1.6e308, "3e+307"),
        (1e308, 1.6e308, "1.3e+308"),
        (5e-324, 1e-323, "5e-324"),
    ],
)
def test_a_threshold_has_few_digits(low: float, high: float, threshold: str) -> None:
    found = rules_of({"x": [low, low, high, high]}, [1, 1, 2, 2])
    assert [rule.condition for rule in found.rules] == [
        f"cast(`x` as double) <= {threshold}D",
        f"cast(`x` as double) > {threshold}D",
    ]
    assert found.fidelity == 1


def test_neighbouring_doubles_are_told_apart() -> None:
    # All of these are one and the same number in 32 bits.
    values = 0.1 + np.spacing(0.1) * np.arange(6)
    found = rules_of({"x": values}, [0, 0, 1, 1, 2, 2])
    assert found.fidelity == 1
    check(found, pd.DataFrame({"x": values}), np.array([0, 0, 1, 1, 2, 2]))


def test_no_more_rules_than_the_fidelity_needs() -> None:
    # Right of 500, every hundredth customer belongs to the left segment.
    values = np.arange(1000.0)
    ids = np.where((values < 500) | (values % 100 == 50), 1, 2)
    few = rules_of({"x": values}, ids, least_fidelity=0.99, rules_per_segment=8)
    assert [rule.condition for rule in few.rules] == [
        "cast(`x` as double) <= 499.5D",
        "cast(`x` as double) > 499.5D",
    ]
    assert few.fidelity == 0.995
    more = rules_of({"x": values}, ids, least_fidelity=0.996, rules_per_segment=8)
    assert more.fidelity > few.fidelity
    all_of_them = rules_of({"x": values}, ids, least_fidelity=1, rules_per_segment=8)
    assert all_of_them.fidelity == 1
    assert len(all_of_them.rules) == 12


def test_the_split_that_removes_most_impurity_comes_first() -> None:
    # After the split at 79.5, one at 39.5 parts 40 from 40 and one at 279.5 parts 3 from 200.
    ids = np.repeat([1, 2, 3, 1], [40, 40, 200, 3])
    found = rules_of({"x": np.arange(283.0)}, ids)
    assert [rule.condition for rule in found.rules] == [
        "cast(`x` as double) <= 39.5D",
        "cast(`x` as double) > 39.5D and cast(`x` as double) <= 79.5D",
        "cast(`x` as double) > 79.5D",
    ]
    assert found.fidelity == 280 / 283


def test_a_small_segment_gets_a_rule() -> None:
    values = np.arange(1000.0)
    ids = np.select([values < 500, values == 700], [1, 3], 2)
    found = rules_of({"x": values}, ids, least_fidelity=0.9)
    assert {rule.segment_id for rule in found.rules} == {1, 2, 3}
    assert found.fidelity == 1


def test_rules_are_limited_and_the_best_fidelity_is_kept() -> None:
    rng = np.random.default_rng(0)
    values = rng.permutation(200).astype(float)
    ids = (values // 10 % 2).astype(int)
    limited = [
        rules_of({"x": values}, ids, least_fidelity=1, rules_per_segment=most)
        for most in (1, 2, 4, 10)
    ]
    for found, most in zip(limited, (1, 2, 4, 10), strict=True):
        assert len(found.rules) <= 2 * most
        check(found, pd.DataFrame({"x": values}), ids)
    fidelities = [found.fidelity for found in limited]
    assert fidelities == sorted(fidelities)
    assert fidelities[-1] == 1


def test_neighbouring_leaves_of_one_segment_are_joined() -> None:
    # Splits at 2.5, then 1.5 remove more impurity than the one at 10.5 that gives segment 2 a rule.
    values = np.repeat([1.0, 2, 2, 3, 3, 10, 11], [30, 60, 20, 60, 50, 97, 1])
    ids = np.repeat([0, 0, 1, 0, 1, 1, 2], [30, 60, 20, 60, 50, 97, 1])
    found = rules_of({"x": values}, ids, least_fidelity=0.7)
    assert [(rule.segment_id, rule.condition) for rule in found.rules] == [
        (0, "cast(`x` as double) <= 6.0D"),
        (1, "cast(`x` as double) > 6.0D and cast(`x` as double) <= 10.5D"),
        (2, "cast(`x` as double) > 10.5D"),
    ]
    check(found, pd.DataFrame({"x": values}), ids)


def test_a_rule_for_every_segment_counts_more_than_fidelity() -> None:
    # A split at 1.5 would give 10 more customers their segment, and segment 2 no rule.
    values = np.repeat([1.0, 1, 2, 2, 10, 11], [30, 25, 30, 25, 100, 90])
    ids = np.repeat([0, 2, 1, 2, 0, 1], [30, 25, 30, 25, 100, 90])
    found = rules_of({"x": values}, ids, least_fidelity=0.95)
    assert [rule.segment_id for rule in found.rules] == [0, 1, 2]
    assert (found.fidelity, found.segments_without_rule) == (240 / 300, 0)


def test_customers_that_do_not_differ_meet_one_rule() -> None:
    found = rules_of({"x": [5, 5, 5]}, [4, 4, 9])
    (rule,) = found.rules
    assert (rule.condition, rule.segment_id, rule.coverage) == ("true", 4, 1)
    assert (found.fidelity, found.segments_without_rule) == (2 / 3, 1)


def test_large_data_is_fitted_on_a_sample() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(2000, 2)), columns=["x", "y"])
    ids = kmeans(frame.to_numpy(), 3, random_seed=1, starts=1).labels
    whole = surrogate(frame, ids, ["x", "y"], random_seed=1)
    found = surrogate(frame, ids, ["x", "y"], random_seed=1, sample_size=200)
    assert (whole.fitted_customers, found.fitted_customers) == (2000, 200)
    assert sum(rule.customers for rule in found.rules) == 2000
    assert found.fidelity > 0.85
    check(found, frame, ids)
    assert found == surrogate(frame, ids, ["x", "y"], random_seed=1, sample_size=200)
    assert found != surrogate(frame, ids, ["x", "y"], random_seed=2, sample_size=200)


def test_a_text_column_is_refused() -> None:
    with pytest.raises(InputError, match="Column x of the feature mart is not numeric"):
        rules_of({"x": ["a", "b"]}, [0, 1])


value = st.one_of(
    st.integers(-3, 3).map(float),
    st.floats(allow_nan=False, allow_infinity=False),
    # Equal in 32 bits, different in 64.
    st.integers(0, 4).map(lambda step: float(0.1 + step * np.spacing(0.1))),
    st.integers(0, 4).map(lambda step: float(2**53 + 2 * step)),
)


@given(
    arrays.arrays(float, st.tuples(st.integers(1, 30), st.integers(1, 3)), elements=value),
    st.data(),
)
def test_every_customer_meets_one_rule_and_figures_follow(values: Any, data: st.DataObject) -> None:
    names = ["net revenue", "a`b", "orders"][: values.shape[1]]
    frame = pd.DataFrame(values, columns=names)
    ids = np.array(
        data.draw(st.lists(st.integers(-1, 4), min_size=len(values), max_size=len(values)))
    )
    found = surrogate(
        frame,
        ids,
        names,
        random_seed=data.draw(st.integers(0, 3)),
        least_fidelity=data.draw(st.floats(0, 1)),
        rules_per_segment=data.draw(st.integers(1, 8)),
    )
    check(found, frame, ids)


def test_spark_gets_the_stated_figures(spark: Any) -> None:
    rng = np.random.default_rng(5)
    size = 200
    spend = np.exp(rng.normal(6, 2, size)).round(2)
    frame = pd.DataFrame(
        {
            "net_revenue_lifetime": [Decimal(f"{amount:.2f}") for amount in spend],
            "orders lifetime": rng.poisson(4, size),
            "rate`x": 0.1 + np.spacing(0.1) * rng.integers(0, 4, size),
            "balance": rng.choice([-1e300, -0.0, 0.0, 5e-324, 1e-300, 2.5e22, 1e300], size),
        }
    )
    names = list(frame.columns)
    cents, orders, rate, balance = frame.astype(float).to_numpy().T
    ids = np.select([cents <= 150.25, rate > 0.1, balance > 0, orders <= 4], [1, 2, 3, 4], 5)
    # Some customers that no rule of few leaves can get right.
    strays = rng.choice(size, 10, replace=False)
    ids[strays] = rng.integers(1, 6, 10)
    found = surrogate(frame, ids, names, random_seed=1)
    # All columns are needed to tell these segments apart.
    assert all(
        any(name.replace("`", "``") in rule.condition for rule in found.rules) for name in names
    )
    rows = [
        f"({net}, {orders}, {rate!r}D, {balance!r}D)"
        for net, orders, rate, balance in zip(
            *(frame[name].tolist() for name in names), strict=True
        )
    ]
    columns = ", ".join(f"`{name.replace('`', '``')}`" for name in names)
    mart = spark.sql(f"select * from values {', '.join(rows)} as mart ({columns})")
    assert dict(mart.dtypes)["net_revenue_lifetime"].startswith("decimal")
    answers = np.array(mart.selectExpr(*(rule.condition for rule in found.rules)).collect())
    assert (answers.sum(axis=1) == 1).all()
    given_ids = np.array([rule.segment_id for rule in found.rules])[answers.argmax(axis=1)]
    assert [int(met.sum()) for met in answers.T] == [rule.customers for rule in found.rules]
    assert np.mean(given_ids == ids) == found.fidelity < 1
    for rule, met in zip(found.rules, answers.T, strict=True):
        assert np.mean(ids[met] == rule.segment_id) == rule.precision
        assert np.mean(met[ids == rule.segment_id]) == rule.segment_coverage
