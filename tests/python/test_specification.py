from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from customer_segmentation.errors import SpecificationError
from customer_segmentation.specification import parse_specification

WHERE = "model retail_segment_models, config.meta.segmentation"

FULL = """
entity_key: customer_id
features:
  - {name: days_since_last_order, transform: log1p}
  - {name: net_revenue_lifetime, transform: winsorize, lower: 0.01, upper: 0.99}
  - {name: tenure_days, transform: none}
scaler: standard
algorithm: kmeans
k: {min: 2, max: 10, choose: elbow}
random_seed: 42
starts: 10
engine: memory
ordering: {measure: net_revenue_lifetime, direction: descending}
missing: error
"""

SHORT = """
ordering: {measure: net_revenue_lifetime}
k: {max: 10, min: 2}
features:
  - {transform: log1p, name: days_since_last_order}
  - {transform: winsorize, name: net_revenue_lifetime}
  - tenure_days
entity_key: customer_id
"""


def settings(**changes: Any) -> dict[str, Any]:
    base = {
        "entity_key": "customer_id",
        "features": ["orders_lifetime", "net_revenue_lifetime"],
        "k": 4,
        "ordering": {"measure": "net_revenue_lifetime"},
    }
    return {**base, **changes}


def problems(data: Any) -> tuple[str, ...]:
    with pytest.raises(SpecificationError) as caught:
        parse_specification(data, WHERE)
    assert WHERE in str(caught.value)
    return caught.value.problems


def problem(**changes: Any) -> str:
    (only,) = problems(settings(**changes))
    return only


def test_defaults_and_key_order_do_not_change_a_specification() -> None:
    full = parse_specification(yaml.safe_load(FULL), WHERE)
    short = parse_specification(yaml.safe_load(SHORT), WHERE)
    assert full == short
    assert full.canonical_json() == short.canonical_json()
    assert full.specification_hash == short.specification_hash


def test_canonical_json_holds_every_setting() -> None:
    text = parse_specification(yaml.safe_load(SHORT), WHERE).canonical_json()
    assert json.loads(text) == {
        "algorithm": "kmeans",
        "engine": "memory",
        "entity_key": "customer_id",
        "features": [
            {"lower": None, "name": "days_since_last_order", "transform": "log1p", "upper": None},
            {
                "lower": 0.01,
                "name": "net_revenue_lifetime",
                "transform": "winsorize",
                "upper": 0.99,
            },
            {"lower": None, "name": "tenure_days", "transform": "none", "upper": None},
        ],
        "k": {"choose": "elbow", "max": 10, "min": 2},
        "missing": "error",
        "ordering": {"direction": "descending", "measure": "net_revenue_lifetime"},
        "random_seed": 42,
        "scaler": "standard",
        "starts": 10,
    }
    assert list(json.loads(text)) == sorted(json.loads(text))


def test_canonical_json_reads_back_as_the_same_specification() -> None:
    spec = parse_specification(yaml.safe_load(FULL), WHERE)
    assert parse_specification(json.loads(spec.canonical_json()), WHERE) == spec


def test_hash_of_known_settings() -> None:
    # sha256 of {"entity_key":"c","features":[{"name":"a"}],"k":2,"ordering":{"measure":"a"}}
    spec = parse_specification(
        {"entity_key": "c", "features": ["a"], "k": 2, "ordering": {"measure": "a"}}, WHERE
    )
    assert spec.specification_hash == "b7bcab85e192"


@pytest.mark.parametrize(
    "change",
    [
        {"entity_key": "account_id"},
        {"features": ["net_revenue_lifetime", "orders_lifetime"]},
        {"features": ["orders_lifetime"]},
        {"features": [{"name": "orders_lifetime", "transform": "log1p"}, "net_revenue_lifetime"]},
        {"scaler": "minmax"},
        {"k": 5},
        {"k": {"min": 2, "max": 4}},
        {"random_seed": 43},
        {"starts": 11},
        {"ordering": {"measure": "orders_lifetime"}},
        {"ordering": {"measure": "net_revenue_lifetime", "direction": "ascending"}},
    ],
)
def test_every_setting_changes_the_hash(change: dict[str, Any]) -> None:
    before = parse_specification(settings(), WHERE).specification_hash
    assert parse_specification(settings(**change), WHERE).specification_hash != before


def test_candidate_ks() -> None:
    assert parse_specification(settings(k=4), WHERE).candidate_ks == (4,)
    spec = parse_specification(settings(k={"min": 3, "max": 6}), WHERE)
    assert spec.candidate_ks == (3, 4, 5, 6)


def test_training_columns_name_each_column_once() -> None:
    spec = parse_specification(settings(), WHERE)
    assert spec.training_columns == ("customer_id", "orders_lifetime", "net_revenue_lifetime")
    spec = parse_specification(settings(ordering={"measure": "gross_revenue"}), WHERE)
    assert spec.training_columns[-1] == "gross_revenue"


def test_all_problems_are_listed_at_once() -> None:
    found = problems(
        {
            "features": ["a", {"name": "b", "transform": "log"}],
            "scaler": "standart",
            "k": {"min": 1, "max": 4, "choose": "elbow"},
            "ordering": {"measure": "a", "direction": "down"},
            "starts": 0,
        }
    )
    assert [text.split(":")[0] for text in found] == [
        "entity_key",
        "features[1].transform",
        "scaler",
        "k.min",
        "starts",
        "ordering.direction",
    ]


def test_a_wrong_choice_lists_the_choices_and_the_nearest() -> None:
    assert problem(scaler="standart") == (
        "scaler: 'standart' is not allowed; allowed: standard, minmax, robust; "
        "did you mean standard?"
    )
    assert problem(algorithm="dbscan") == "algorithm: 'dbscan' is not allowed; allowed: kmeans"
    assert problem(k={"min": 2, "max": 5, "choose": "gap"}) == (
        "k.choose: 'gap' is not allowed; "
        "allowed: elbow, silhouette, calinski_harabasz, davies_bouldin"
    )


def test_an_unknown_key_lists_the_keys_of_its_section_and_the_nearest() -> None:
    assert problem(rando_seed=1).endswith("engine, ordering, missing; did you mean random_seed?")
    assert problem(features=[{"name": "a", "transfrom": "log1p"}]) == (
        "features[0].transfrom: unknown key; allowed: name, transform, lower, upper; "
        "did you mean transform?"
    )
    assert problem(k={"min": 2, "max": 5, "policy": "elbow"}) == (
        "k.policy: unknown key; allowed: min, max, choose"
    )
    found = problems({**settings(), 7: "seven"})
    assert found[0].startswith("[7]: unknown key; allowed: entity_key, ")


@pytest.mark.parametrize("k", ["4", 4.0, True, None, [4], 1, 51])
def test_k_is_a_whole_number_from_2_to_50(k: object) -> None:
    assert problem(k=k) == (
        f"k: {k!r} is not allowed; allowed: a whole number from 2 to 50, or {{min, max, choose}}"
    )


@pytest.mark.parametrize("k", [2, 50, {"min": 2, "max": 50}])
def test_k_at_its_bounds(k: Any) -> None:
    assert parse_specification(settings(k=k), WHERE).candidate_ks[-1] in (2, 50)


def test_a_range_of_k_must_rise() -> None:
    assert problem(k={"min": 5, "max": 3}).startswith("k.max: 3 is not above min, which is 5")
    assert problem(k={"min": 5, "max": 5}).startswith("k.max: 5 is not above min, which is 5")
    assert problem(k={"min": 5}) == "k.max: missing; give a whole number from 2 to 50"


def test_winsorize_takes_quantiles_and_nothing_else_does() -> None:
    def feature(**keys: Any) -> list[dict[str, Any]]:
        return [{"name": "a", **keys}]

    spec = parse_specification(
        settings(features=feature(transform="winsorize", lower=0, upper=0.9)), WHERE
    )
    assert (spec.features[0].lower, spec.features[0].upper) == (0.0, 0.9)
    assert problem(features=feature(transform="log1p", lower=0.1)).startswith(
        "features[0].lower: 0.1 has no meaning with transform log1p"
    )
    assert problem(features=feature(transform="winsorize", lower=0.5, upper=0.5)) == (
        "features[0].upper: 0.5 is not above lower, which is 0.5"
    )
    assert problem(features=feature(transform="winsorize", lower="{x}")) == (
        "features[0].lower: '{x}' is not allowed; allowed: a quantile from 0 to below 1"
    )
    assert problem(features=feature(transform="winsorize", upper=1.5)) == (
        "features[0].upper: 1.5 is not allowed; allowed: a quantile from above 0 to 1"
    )


def test_features_are_distinct_measures() -> None:
    assert problem(features=["a", "b", "a"]).startswith("features: a is listed more than once")
    assert problem(features=["a", "customer_id"]).startswith(
        "features: customer_id is the entity key"
    )
    assert problem(features=[]).startswith("features: the list is empty")
    assert problem(features="orders_lifetime").startswith("features: 'orders_lifetime' is not")
    assert problem(features=["a", 3]).startswith("features[1]: 3 is not allowed")
    assert problem(features=["net revenue"]).startswith("features[0].name: 'net revenue' is not")


def test_ordering_is_a_measure() -> None:
    assert problem(ordering={"measure": "customer_id"}).startswith(
        "ordering: measure customer_id is the entity key"
    )
    assert problem(ordering="net_revenue_lifetime").startswith("ordering: 'net_revenue_lifetime'")
    assert problem(ordering={}) == (
        "ordering.measure: missing; give a column name of letters, digits and underscores"
    )


def test_only_values_that_this_version_knows() -> None:
    assert problem(engine="spark") == "engine: 'spark' is not allowed; allowed: memory"
    assert problem(missing="drop") == "missing: 'drop' is not allowed; allowed: error"
    assert problem(random_seed=-1).startswith("random_seed: -1 is not allowed")
    assert problem(random_seed="42").startswith("random_seed: '42' is not allowed")


@pytest.mark.parametrize("data", [None, [1], "kmeans"])
def test_a_specification_is_a_mapping(data: object) -> None:
    assert problems(data) == (
        f"{data!r} is not a mapping; give at least entity_key, features, k, ordering",
    )
