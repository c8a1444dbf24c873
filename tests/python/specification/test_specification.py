from __future__ import annotations

import hashlib
import json
import math
import re
from typing import Any, get_args

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from customer_segmentation.errors import SpecificationError
from customer_segmentation.specification import (
    Algorithm,
    Compare,
    Density,
    Engine,
    Feature,
    Gate,
    KRange,
    Ordering,
    Reduction,
    Specification,
    Stability,
    parse_specification,
)
from customer_segmentation.specification.gate_measures import MEASURES

WHERE = "config.meta.specification of retail_segment_models"

FULL = """
entity_key: customer_id
matrix: null
features:
  - {name: days_since_last_order, encoding: numeric, transform: log1p}
  - {name: net_revenue_lifetime, transform: winsorize, lower: 0.01, upper: 0.99}
  - {name: tenure_days, transform: none}
scaler: standard
algorithm: kmeans
k: {min: 2, max: 10, choose: elbow}
random_seed: 42
starts: 10
engine: auto
memory_budget_mb: null
precision: float64
sample_size: 20000
reduction: null
compare: null
density: null
ordering: {measure: net_revenue_lifetime, direction: descending}
missing: error
audit: {correlation_threshold: 0.8}
stability: {seeds: 5, resamples: 10}
validation: {folds: 5}
alignment: {least_overlap: 0.3}
gates:
  - {measure: silhouette, at_least: 0.2, severity: warn}
  - {measure: smallest_share, at_least: 0.01, severity: warn}
  - {measure: single_customer_segments, at_most: 0, severity: error}
  - {measure: bootstrap_stability_mean, at_least: 0.6, severity: warn}
  - {measure: dominant_features, at_most: 0, severity: warn}
  - {measure: surrogate_fidelity, at_least: 0.8, severity: warn}
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
    numeric = {"encoding": "numeric", "lower": None, "rare_below": None, "upper": None}
    gate = {"at_least": None, "at_most": None, "severity": "warn"}
    assert json.loads(text) == {
        "algorithm": "kmeans",
        "alignment": {"least_overlap": 0.3},
        "audit": {"correlation_threshold": 0.8},
        "compare": None,
        "density": None,
        "engine": "auto",
        "entity_key": "customer_id",
        "features": [
            {**numeric, "name": "days_since_last_order", "transform": "log1p"},
            {
                **numeric,
                "lower": 0.01,
                "name": "net_revenue_lifetime",
                "transform": "winsorize",
                "upper": 0.99,
            },
            {**numeric, "name": "tenure_days", "transform": "none"},
        ],
        "gates": [
            {**gate, "at_least": 0.2, "measure": "silhouette"},
            {**gate, "at_least": 0.01, "measure": "smallest_share"},
            {**gate, "at_most": 0, "measure": "single_customer_segments", "severity": "error"},
            {**gate, "at_least": 0.6, "measure": "bootstrap_stability_mean"},
            {**gate, "at_most": 0, "measure": "dominant_features"},
            {**gate, "at_least": 0.8, "measure": "surrogate_fidelity"},
        ],
        "k": {"also": [], "choose": "elbow", "max": 10, "min": 2},
        "matrix": None,
        "memory_budget_mb": None,
        "missing": "error",
        "ordering": {"direction": "descending", "measure": "net_revenue_lifetime"},
        "precision": "float64",
        "random_seed": 42,
        "reduction": None,
        "sample_size": 20000,
        "scaler": "standard",
        "stability": {"resamples": 10, "seeds": 5},
        "starts": 10,
        "validation": {"folds": 5},
    }
    assert list(json.loads(text)) == sorted(json.loads(text))


@pytest.mark.parametrize(
    "data",
    [
        yaml.safe_load(FULL),
        {**settings(algorithm="dbscan", density={"eps": 0.5}), "k": None},
        settings(
            features=["a", {"name": "b", "encoding": "one_hot"}],
            reduction={"variance": 0.9},
            compare={"algorithms": ["agglomerative"], "unreduced": True},
            gates=[{"measure": "noise_share", "at_most": 0.5}],
        ),
    ],
)
def test_canonical_json_reads_back_as_the_same_specification(data: dict[str, Any]) -> None:
    spec = parse_specification(data, WHERE)
    assert parse_specification(json.loads(spec.canonical_json()), WHERE) == spec


def test_hash_of_known_settings() -> None:
    # sha256 of {"entity_key":"c","features":[{"name":"a"}],"k":2,"ordering":{"measure":"a"}}
    spec = parse_specification(
        {"entity_key": "c", "features": ["a"], "k": 2, "ordering": {"measure": "a"}}, WHERE
    )
    assert spec.specification_hash == "b7bcab85e192"


def test_hash_of_known_settings_beside_defaults() -> None:
    spec = parse_specification(
        {
            "entity_key": "c",
            "features": [{"name": "a", "encoding": "one_hot"}],
            "k": 2,
            "ordering": {"measure": "b"},
            "reduction": {"method": "pca", "components": 1},
            "gates": [{"measure": "largest_share", "at_most": 0.5, "severity": "warn"}],
        },
        WHERE,
    )
    written = {
        "entity_key": "c",
        "features": [{"encoding": "one_hot", "name": "a", "rare_below": 0.01}],
        "gates": [{"at_most": 0.5, "measure": "largest_share"}],
        "k": 2,
        "ordering": {"measure": "b"},
        "reduction": {"components": 1},
    }
    digest = hashlib.sha256(json.dumps(written, separators=(",", ":")).encode()).hexdigest()
    assert spec.specification_hash == digest[:12]


def test_the_former_default_engine_keeps_the_hash() -> None:
    # The hash that version 0.1 gave with and without engine: memory.
    data = {"entity_key": "c", "features": ["a"], "k": 2, "ordering": {"measure": "a"}}
    spec = parse_specification({**data, "engine": "memory"}, WHERE)
    assert spec.specification_hash == "b7bcab85e192"
    assert spec.engine == "memory"


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
        {"features": [{"name": "orders_lifetime", "encoding": "binary"}, "net_revenue_lifetime"]},
        {"algorithm": "gaussian_mixture"},
        {"reduction": {"components": 2}},
        {"reduction": {"variance": 0.9}},
        {"compare": {"algorithms": ["agglomerative"]}},
        {"engine": "spark"},
        {"memory_budget_mb": 100},
        {"precision": "float32"},
        {"sample_size": 1000},
        {"audit": {"correlation_threshold": 0.7}},
        {"stability": {"seeds": 4}},
        {"stability": {"resamples": 4}},
        {"validation": {"folds": 4}},
        {"alignment": {"least_overlap": 0.4}},
        {"gates": []},
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
    assert problem(algorithm="birch") == (
        "algorithm: 'birch' is not allowed; allowed: kmeans, bisecting_kmeans, gaussian_mixture, "
        "agglomerative, dbscan, hdbscan"
    )
    k = {"min": 2, "max": 5, "choose": "gap"}
    assert problem(k={**k, "also": ["gap"]}) == (
        "k.also[0]: 'gap' is what chooses and is measured; remove it"
    )
    assert problem(k={**k, "also": ["stability", "stability"]}) == (
        "k.also[1]: 'stability' is listed more than once; keep one of them"
    )
    assert problem(k={"min": 2, "max": 5, "also": ["gap", "elbow"]}) == (
        "k.also[1]: 'elbow' is not allowed; allowed: gap, stability"
    )
    assert problem(k={"min": 2, "max": 5, "choose": "silhouettes"}) == (
        "k.choose: 'silhouettes' is not allowed; allowed: elbow, silhouette, calinski_harabasz, "
        "davies_bouldin, gap, stability; did you mean silhouette?"
    )
    assert problem(precision="float16").startswith("precision: 'float16' is not allowed; allowed: ")
    assert problem(reduction={"method": "ica", "components": 1}) == (
        "reduction.method: 'ica' is not allowed; allowed: pca, svd; did you mean pca?"
    )
    assert problem(compare={"algorithms": ["bisecting_kmean"]}) == (
        "compare.algorithms[0]: 'bisecting_kmean' is not allowed; allowed: kmeans, "
        "bisecting_kmeans, gaussian_mixture, agglomerative, dbscan, hdbscan; "
        "did you mean bisecting_kmeans?"
    )


def test_an_unknown_key_lists_the_keys_of_its_section_and_the_nearest() -> None:
    assert problem(rando_seed=1).endswith(
        "ordering, missing, audit, stability, validation, alignment, gates; "
        "did you mean random_seed?"
    )
    assert problem(features=[{"name": "a", "transfrom": "log1p"}]) == (
        "features[0].transfrom: unknown key; "
        "allowed: name, encoding, transform, lower, upper, rare_below; did you mean transform?"
    )
    assert problem(k={"min": 2, "max": 5, "policy": "elbow"}) == (
        "k.policy: unknown key; allowed: min, max, choose, also"
    )
    assert problem(stability={"seed": 3}) == (
        "stability.seed: unknown key; allowed: seeds, resamples; did you mean seeds?"
    )
    assert problem(**{"": 1}).startswith("'': unknown key; allowed: entity_key, ")


@pytest.mark.parametrize(
    ("key", "path"),
    [
        (7, "[7]"),
        (True, "[True]"),
        (None, "None"),
        (1.5, "1.5"),
        ("a: b", "'a: b'"),
        (("a",), "('a',)"),
        ("\ud800", r"'\ud800'"),
        ("a\nb", r"'a\nb'"),
    ],
)
def test_a_key_that_is_not_text(key: Any, path: str) -> None:
    (found,) = problems({**settings(), key: 1})
    assert found.startswith(f"{path}: unknown key; allowed: entity_key, matrix, features, ")
    joint = path if path.startswith("[") else f".{path}"
    assert problem(k={"min": 2, "max": 3, key: 1}) == (
        f"k{joint}: unknown key; allowed: min, max, choose, also"
    )
    assert problem(features=["a", {"name": "b", key: 1}]).startswith(
        f"features[1]{joint}: unknown key; allowed: name, encoding, "
    )


@pytest.mark.parametrize("k", ["4", 4.0, True, [4], 1, 51])
def test_k_is_a_whole_number_from_2_to_50(k: object) -> None:
    assert problem(k=k) == (
        f"k: {k!r} is not allowed; allowed: a whole number from 2 to 50, "
        "or {min, max, choose, also}"
    )


@pytest.mark.parametrize("k", [2, 50, {"min": 2, "max": 50}])
def test_k_at_its_bounds(k: Any) -> None:
    assert parse_specification(settings(k=k), WHERE).candidate_ks[-1] in (2, 50)


def test_k_is_needed_unless_the_algorithm_finds_it() -> None:
    without = settings()
    del without["k"]
    missing = ("k: missing; give a whole number from 2 to 50, or {min, max, choose, also}",)
    assert problems(without) == missing
    assert problems({**without, "k": None}) == missing
    assert problems({**without, "algorithm": "agglomerative"}) == missing
    for algorithm, density in (("dbscan", {"eps": 1}), ("hdbscan", {"min_cluster_size": 2})):
        found = {**without, "algorithm": algorithm, "density": density}
        assert parse_specification(found, WHERE).candidate_ks == ()
        for k in (4, {"min": 2, "max": 4}):
            assert problems({**found, "k": k}) == (
                f"k: has no meaning with algorithm {algorithm}, which finds the number of "
                "segments itself; remove it",
            )


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
    assert problem(ordering="net_revenue_lifetime") == (
        "ordering: 'net_revenue_lifetime' is not allowed; allowed: {measure, direction}"
    )
    assert problem(
        features=["a", {"name": "b", "encoding": "one_hot"}], ordering={"measure": "b"}
    ) == ("ordering: measure b is text, encoded one_hot; name a numeric column of the mart")
    assert problem(ordering={}) == (
        "ordering.measure: missing; give a column name of letters, digits and underscores"
    )


def test_only_values_that_this_version_knows() -> None:
    assert problem(engine="memry") == (
        "engine: 'memry' is not allowed; allowed: auto, memory, spark; did you mean memory?"
    )
    assert problem(missing="drop") == "missing: 'drop' is not allowed; allowed: error"


def within(section: str, **keys: Any) -> str:
    return problem(**{section: keys})


@pytest.mark.parametrize(
    ("key", "good", "bad"),
    [
        ("random_seed", [0, 2**32 - 1], [-1, 2**32, "42", 1.0, True, None]),
        ("starts", [1, 1000], [0, 1001, "10"]),
        ("memory_budget_mb", [1, 2**31 - 1, None], [0, 2**31, 0.5, "512"]),
        ("sample_size", [100, 1_000_000], [99, 1_000_001, 1e4, None]),
        ("audit.correlation_threshold", [0, 0.5, 1], [-0.1, 1.1, math.nan, "0.8", False]),
        ("stability.seeds", [1, 100], [0, 101, 2.0]),
        ("stability.resamples", [1, 1000], [0, 1001, True]),
        ("validation.folds", [2, 20], [1, 21, 5.0]),
        ("alignment.least_overlap", [0.001, 1], [0, 1.1, math.nan]),
    ],
)
def test_numbers_within_their_bounds(key: str, good: list[Any], bad: list[Any]) -> None:
    def change(value: Any) -> dict[str, Any]:
        section, _, inner = key.partition(".")
        return {section: {inner: value}} if inner else {section: value}

    for value in good:
        dumped = parse_specification(settings(**change(value)), WHERE).model_dump()
        for part in key.split("."):
            dumped = dumped[part]
        assert dumped == value
    for value in bad:
        assert problem(**change(value)).startswith(f"{key}: {value!r} is not allowed; allowed: a ")


@pytest.mark.parametrize("section", ["audit", "stability", "validation", "alignment"])
def test_a_section_with_a_default_is_a_mapping(section: str) -> None:
    for value in (None, 5, [5]):
        assert problem(**{section: value}).startswith(
            f"{section}: {value!r} is not allowed; allowed: {{"
        )
    assert parse_specification(settings(**{section: {}}), WHERE) == parse_specification(
        settings(), WHERE
    )


def test_encodings_take_their_own_keys() -> None:
    def feature(**keys: Any) -> dict[str, Any]:
        return {"name": "a", **keys}

    def refused(**keys: Any) -> str:
        return problem(features=[feature(**keys)])

    spec = parse_specification(
        settings(
            features=[
                feature(encoding="binary"),
                {"name": "b", "encoding": "one_hot"},
                {"name": "c", "encoding": "one_hot", "rare_below": 0},
                {"name": "d", "encoding": "one_hot", "rare_below": 0.5},
                "e",
            ]
        ),
        WHERE,
    )
    assert [item.encoding for item in spec.features] == [
        "binary", "one_hot", "one_hot", "one_hot", "numeric",
    ]  # fmt: skip
    assert [item.rare_below for item in spec.features] == [None, 0.01, 0, 0.5, None]
    assert refused(encoding="onehot") == (
        "features[0].encoding: 'onehot' is not allowed; allowed: numeric, binary, one_hot; "
        "did you mean one_hot?"
    )
    for encoding in ("binary", "one_hot"):
        assert refused(encoding=encoding, transform="log1p") == (
            f"features[0].transform: 'log1p' has no meaning with encoding {encoding}; remove it"
        )
        assert refused(encoding=encoding, lower=0.1) == (
            f"features[0].lower: 0.1 has no meaning with encoding {encoding}; remove it"
        )
        assert refused(encoding=encoding, upper=0.9).startswith("features[0].upper: 0.9 has no")
    for encoding in ("numeric", "binary"):
        assert refused(encoding=encoding, rare_below=0.1) == (
            f"features[0].rare_below: 0.1 has no meaning with encoding {encoding}; "
            "remove it, or set encoding: one_hot"
        )
    for bad in (-0.1, 0.51, "1%", True):
        assert refused(encoding="one_hot", rare_below=bad) == (
            f"features[0].rare_below: {bad!r} is not allowed; allowed: a share from 0 to 0.5"
        )


def test_reduction_takes_components_or_a_share_of_the_variance() -> None:
    spec = parse_specification(settings(reduction={"components": 2}), WHERE)
    assert spec.reduction is not None
    assert (spec.reduction.method, spec.reduction.components) == ("pca", 2)
    assert parse_specification(settings(reduction={"variance": 1}), WHERE).reduction is not None
    assert within("reduction") == (
        "reduction: does not say how far to reduce; give components or variance"
    )
    assert within("reduction", components=1, variance=0.9) == (
        "reduction.variance: 0.9 stands beside components 1; keep one of them"
    )
    assert within("reduction", components=3) == (
        "reduction.components: 3 is above the number of features, which is 2"
    )
    assert within("reduction", components=0) == (
        "reduction.components: 0 is not allowed; allowed: a whole number from 1"
    )
    for bad in (0, 1.1, "0.9"):
        assert within("reduction", variance=bad) == (
            f"reduction.variance: {bad!r} is not allowed; "
            "allowed: a share of the variance from above 0 to 1"
        )
    assert problem(reduction="pca") == (
        "reduction: 'pca' is not allowed; allowed: {method, components, variance}"
    )
    levels = {"name": "b", "encoding": "one_hot"}
    more = settings(features=["a", levels], reduction={"components": 3})
    assert parse_specification(more, WHERE).reduction is not None


def test_compare_names_something_else() -> None:
    spec = parse_specification(
        settings(
            reduction={"components": 1},
            compare={"algorithms": ["agglomerative", "dbscan"], "unreduced": True},
            density={"eps": 0.5},
        ),
        WHERE,
    )
    assert spec.compare is not None
    assert spec.compare.algorithms == ("agglomerative", "dbscan")
    nothing = "compare: names nothing to compare; give algorithms, or unreduced: true"
    assert within("compare") == nothing
    assert within("compare", algorithms=[], unreduced=False) == nothing
    assert within("compare", algorithms=["kmeans"]) == (
        "compare.algorithms[0]: 'kmeans' is the algorithm of the model; name others"
    )
    assert within("compare", algorithms=["agglomerative", "agglomerative"]) == (
        "compare.algorithms[1]: 'agglomerative' is listed more than once; keep one of them"
    )
    assert within("compare", unreduced=True) == (
        "compare.unreduced: True has no meaning without reduction; remove it"
    )
    assert within("compare", unreduced="yes") == (
        "compare.unreduced: 'yes' is not allowed; allowed: true, false"
    )
    assert within("compare", algorithms="kmeans") == (
        "compare.algorithms: 'kmeans' is not allowed; "
        "allowed: a list of algorithms other than the main one"
    )
    assert problem(compare=["hdbscan"]).startswith(
        "compare: ['hdbscan'] is not allowed; allowed: {"
    )
    both = settings(compare={"algorithms": ["kmeans"], "unreduced": True})
    assert [text.split(":")[0] for text in problems(both)] == [
        "compare.algorithms[0]",
        "compare.unreduced",
    ]
    found = {**settings(algorithm="dbscan", density={"eps": 1}), "k": None}
    assert problems({**found, "compare": {"algorithms": ["kmeans"]}}) == (
        "compare.algorithms[0]: 'kmeans' needs k, which has no meaning with algorithm dbscan; "
        "set algorithm: kmeans, and compare dbscan",
    )


def test_density_is_for_density_algorithms() -> None:
    def found(algorithm: str, **changes: Any) -> tuple[str, ...]:
        return problems({**settings(algorithm=algorithm, **changes), "k": None})

    spec = parse_specification(
        settings(compare={"algorithms": ["hdbscan"]}, density={"min_cluster_size": 2}), WHERE
    )
    assert spec.density is not None
    assert (spec.density.eps, spec.density.min_samples) == (None, 5)
    assert found("dbscan") == ("density: missing; give {eps, min_samples} for dbscan",)
    assert found("hdbscan") == (
        "density: missing; give {min_cluster_size, min_samples} for hdbscan",
    )
    assert found("dbscan", compare={"algorithms": ["hdbscan"]}) == (
        "density: missing; give {eps, min_cluster_size, min_samples} for dbscan and hdbscan",
    )
    assert found("dbscan", density={"min_cluster_size": 9}) == (
        "density.eps: missing; give a distance above 0 for dbscan",
        "density.min_cluster_size: 9 has no meaning without hdbscan; remove it",
    )
    assert found("hdbscan", density={"eps": 0.5}) == (
        "density.eps: 0.5 has no meaning without dbscan; remove it",
        "density.min_cluster_size: missing; give a whole number from 2 for hdbscan",
    )
    assert problem(density={"eps": 0.5}) == (
        "density: has no meaning with kmeans; remove it, or set algorithm: dbscan or hdbscan"
    )
    assert problem(compare={"algorithms": ["dbscan"]}) == (
        "density: missing; give {eps, min_samples} for dbscan"
    )
    for key, bad, allowed in (
        ("eps", 0, "a distance above 0"),
        ("eps", math.inf, "a distance above 0"),
        ("eps", math.nan, "a distance above 0"),
        ("min_samples", 0, "a whole number from 1"),
        ("min_cluster_size", 1, "a whole number from 2"),
    ):
        assert found("dbscan", density={"eps": 1, key: bad}) == (
            f"density.{key}: {bad!r} is not allowed; allowed: {allowed}",
        )


def test_a_wrong_algorithm_is_the_only_problem() -> None:
    density = {"eps": 0.5}
    assert problem(algorithm="dbscn", density=density).startswith("algorithm: 'dbscn' is not")
    assert problem(compare={"algorithms": ["dbscn"]}, density=density).startswith(
        "compare.algorithms[0]: 'dbscn' is not allowed"
    )


def test_spark_has_some_of_the_algorithms() -> None:
    for algorithm in ("kmeans", "bisecting_kmeans", "gaussian_mixture"):
        spec = parse_specification(settings(engine="spark", algorithm=algorithm), WHERE)
        assert spec.engine == "spark"
    for change in ({"algorithm": "agglomerative"}, {"compare": {"algorithms": ["agglomerative"]}}):
        assert problem(engine="spark", **change) == (
            "engine: 'spark' does not have agglomerative, only kmeans, bisecting_kmeans, "
            "gaussian_mixture; set engine: memory, or another algorithm"
        )


def gates(*items: Any) -> str:
    return problem(gates=list(items))


def test_gates_name_a_measure_and_one_bound() -> None:
    spec = parse_specification(
        settings(
            gates=[
                {"measure": "silhouette", "at_least": 0},
                {"measure": "largest_share", "at_most": 0.5, "severity": "error"},
                {"measure": "largest_share", "at_least": 0.1},
            ]
        ),
        WHERE,
    )
    assert [(item.measure, item.direction, item.bound, item.severity) for item in spec.gates] == [
        ("silhouette", "at_least", 0.0, "warn"),
        ("largest_share", "at_most", 0.5, "error"),
        ("largest_share", "at_least", 0.1, "warn"),
    ]
    assert gates({"at_least": 0.2}).startswith(
        "gates[0].measure: missing; give one of silhouette, lowest_segment_silhouette, "
    )
    wrong = gates({"measure": "silhouete", "at_least": 0.2})
    assert wrong.startswith("gates[0].measure: 'silhouete' is not allowed; allowed: silhouette, ")
    assert wrong.endswith(", share_kept; did you mean silhouette?")
    assert gates({"measure": 3, "at_least": 0.2}).startswith("gates[0].measure: 3 is not allowed")
    assert gates({"measure": "silhouette"}) == (
        "gates[0]: silhouette has no bound; give at_least or at_most"
    )
    assert gates({"measure": "silhouette", "at_least": 0.2, "at_most": 0.9}) == (
        "gates[0].at_most: 0.9 stands beside at_least 0.2; keep one of them, or write two gates"
    )
    assert gates({"measure": "inertia", "at_most": "5"}) == (
        "gates[0].at_most: '5' is not allowed; allowed: a number"
    )
    assert gates({"measure": "inertia", "at_most": math.nan}).startswith("gates[0].at_most: nan is")
    assert gates({"measure": "inertia", "at_most": math.inf}).startswith("gates[0].at_most: inf is")
    assert gates({"measure": "inertia", "at_most": 5, "severity": "fatal"}) == (
        "gates[0].severity: 'fatal' is not allowed; allowed: warn, error"
    )
    assert gates("silhouette").startswith(
        "gates[0]: 'silhouette' is not allowed; allowed: a list with one item per gate, "
    )
    assert problem(gates={"measure": "silhouette"}).startswith(
        "gates: {'measure': 'silhouette'} is"
    )
    assert problem(gates=None).startswith("gates: None is not allowed")


def test_a_bound_is_a_value_that_the_measure_can_take() -> None:
    assert gates({"measure": "smallest_share", "at_least": 5}) == (
        "gates[0].at_least: 5.0 is out of reach; smallest_share takes values from 0 to 1"
    )
    assert gates({"measure": "silhouette", "at_least": -1.5}) == (
        "gates[0].at_least: -1.5 is out of reach; silhouette takes values from -1 to 1"
    )
    assert gates({"measure": "davies_bouldin", "at_most": -1}) == (
        "gates[0].at_most: -1.0 is out of reach; davies_bouldin takes values from 0"
    )
    assert gates({"measure": "seed_stability_mean", "at_least": -0.6}).endswith("from -0.5 to 1")


def test_a_gate_does_not_come_twice() -> None:
    again = {"measure": "silhouette", "at_least": 0.1, "severity": "error"}
    found = problems(
        settings(
            gates=[
                {"measure": "inertia", "at_most": 9},
                {"measure": "silhouette", "at_least": 0.3},
                again,
                {"measure": "silhouette", "at_most": 0.9},
                {"measure": "inertia", "at_most": 9},
            ]
        )
    )
    assert found == (
        "gates[2].at_least: 0.1 is the second at_least of silhouette, gates[1] has one; "
        "keep one of them",
        "gates[4].at_most: 9.0 is the second at_most of inertia, gates[0] has one; "
        "keep one of them",
    )


def test_default_gates() -> None:
    shown = [
        (item.measure, item.direction, item.bound, item.severity)
        for item in parse_specification(settings(), WHERE).gates
    ]
    assert shown == [
        ("silhouette", "at_least", 0.2, "warn"),
        ("smallest_share", "at_least", 0.01, "warn"),
        ("single_customer_segments", "at_most", 0.0, "error"),
        ("bootstrap_stability_mean", "at_least", 0.6, "warn"),
        ("dominant_features", "at_most", 0.0, "warn"),
        ("surrogate_fidelity", "at_least", 0.8, "warn"),
    ]
    assert parse_specification(settings(gates=[]), WHERE).gates == ()


def test_a_list_is_a_list() -> None:
    # A set has another order in another process, and so another hash.
    assert problem(features={"a"}).startswith("features: {'a'} is not allowed")


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 60),
    st.integers(),
    st.floats(),
    st.sampled_from(["a", "b", "customer_id", *get_args(Algorithm), *MEASURES, "one_hot", "log1p"]),
    st.text(st.characters(), max_size=4),
    st.dates(),
)
KEYS = st.one_of(
    st.sampled_from(
        sorted(
            {
                key
                for section in (
                    Specification, Feature, Reduction, Compare, Density, KRange, Ordering, Gate,
                    Stability,
                )
                for key in section.model_fields
            }
        )
    ),
    st.text(st.characters(), max_size=3),
    st.none(),
    st.booleans(),
    st.integers(0, 3),
    st.floats(),
)  # fmt: skip
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


def check_outcome(data: dict[Any, Any]) -> None:
    try:
        spec = parse_specification(data, WHERE)
    except SpecificationError as error:
        check_words(error)
    else:
        assert parse_specification(json.loads(spec.canonical_json()), WHERE) == spec
        assert re.fullmatch("[0-9a-f]{12}", spec.specification_hash)


def check_words(error: SpecificationError) -> None:
    str(error).encode()
    assert error.problems
    for text in error.problems:
        path, _, message = text.partition(": ")
        assert message.split(" ")[0], text
        root = re.split(r"[.\[]", path)[0]
        assert root in Specification.model_fields or "unknown key; allowed: " in message, text


@given(st.dictionaries(KEYS, ANYTHING, max_size=6))
def test_any_mapping_parses_or_says_where_it_is_wrong(data: dict[Any, Any]) -> None:
    check_outcome(data)


@given(
    st.dictionaries(st.sampled_from(sorted(Specification.model_fields)), ANYTHING, max_size=3),
    st.sampled_from(get_args(Algorithm)),
)
def test_any_change_parses_or_says_where_it_is_wrong(
    changes: dict[str, Any], algorithm: Algorithm
) -> None:
    check_outcome({**settings(), "algorithm": algorithm, **changes})


@given(
    st.sampled_from(get_args(Algorithm)),
    st.none() | st.sets(st.sampled_from(get_args(Algorithm))),
    st.fixed_dictionaries({}, optional={"eps": st.just(0.5), "min_cluster_size": st.just(9)})
    | st.none(),
    st.none() | st.just(4),
    st.sampled_from(get_args(Engine)),
)
def test_which_algorithms_go_together(
    algorithm: Algorithm,
    compared: set[Algorithm] | None,
    density: dict[str, Any] | None,
    k: int | None,
    engine: Engine,
) -> None:
    compare = None if compared is None else {"algorithms": sorted(compared)}
    data = {"algorithm": algorithm, "compare": compare, "density": density, "k": k}
    used = {algorithm, *(compared or ())}
    dense = {"dbscan", "hdbscan"}
    needed = {
        *({"eps"} if "dbscan" in used else ()),
        *({"min_cluster_size"} if "hdbscan" in used else ()),
    }
    allowed = (
        compared != set()
        and algorithm not in (compared or ())
        and (algorithm not in dense or used <= dense)
        and (None if density is None else set(density)) == (needed or None)
        and (k is None) == (algorithm in dense)
        and (engine != "spark" or used <= {"kmeans", "bisecting_kmeans", "gaussian_mixture"})
    )
    try:
        parse_specification(settings(**data, engine=engine), WHERE)
    except SpecificationError:
        assert not allowed
    else:
        assert allowed


@pytest.mark.parametrize("data", [None, [1], "kmeans"])
def test_a_specification_is_a_mapping(data: object) -> None:
    assert problems(data) == (
        f"{data!r} is not a mapping; give at least entity_key, features, k, ordering",
    )


MATRIX: dict[str, Any] = {"matrix": {"item": "item_id", "value": "value"}, "features": []}


def test_a_matrix_has_defaults() -> None:
    spec = parse_specification(settings(**MATRIX, reduction={}), WHERE)
    assert spec.matrix is not None
    assert spec.matrix.entity == "customer_id"
    assert spec.reduction == Reduction(method="pca", components=10)
    assert spec.training_columns == ("customer_id", "net_revenue_lifetime")
    said = {"entity": "customer_id", "item": "item_id", "value": "value"}
    full = settings(matrix=said, features=[], reduction={"method": "pca", "components": 10})
    assert parse_specification(full, WHERE) == spec
    assert parse_specification(full, WHERE).specification_hash == spec.specification_hash
    share = parse_specification(settings(**MATRIX, reduction={"variance": 0.5}), WHERE)
    assert share.components is None
    assert share.specification_hash != spec.specification_hash


def test_what_is_wrong_with_a_matrix() -> None:
    columns, reduction = MATRIX["matrix"], {"method": "svd"}
    assert problem(**MATRIX) == (
        "reduction: missing; a matrix is clustered on its components: give "
        "{method, components, variance}, for example {method: pca}"
    )
    assert problem(matrix={"item": "item_id"}, reduction=reduction).startswith(
        "matrix.value: missing; give a column name"
    )
    assert problem(matrix={**columns, "item": "value"}, reduction=reduction) == (
        "matrix.value: 'value' is the item as well; name another column"
    )
    assert problem(matrix={**columns, "item": "customer_id"}, reduction=reduction) == (
        "matrix.item: 'customer_id' is the column of the entity; name another column, or say with "
        "entity which column holds the entity key"
    )
    assert problem(matrix={**columns, "user": "x"}, reduction=reduction).startswith(
        "matrix.user: unknown key; allowed: entity, item, value"
    )
    assert problem(matrix="ratings", reduction=reduction) == (
        "matrix: 'ratings' is not allowed; allowed: {entity, item, value}"
    )
    assert problem(matrix=columns, features=["component_3"], reduction=reduction) == (
        "features: component_3 is what a component of the matrix is called; rename the column of "
        "the mart"
    )
    other = {"algorithm": "gaussian_mixture", "compare": {"unreduced": True}}
    assert problem(**MATRIX, **other, reduction=reduction) == (
        "compare.unreduced: True is by k-means where there is a matrix, not by gaussian_mixture; "
        "remove it, or set algorithm: kmeans"
    )


def test_what_is_of_a_matrix_alone() -> None:
    assert problem(features=[]) == (
        "features: the list is empty; name at least one column of the mart"
    )
    assert problem(reduction={"method": "svd", "components": 1}) == (
        "reduction.method: 'svd' is for a matrix, which the specification does not have; "
        "set method: pca"
    )
    assert problem(reduction={"method": "pca"}) == (
        "reduction: does not say how far to reduce; give components or variance"
    )


# Computed before there was a matrix: with another hash every project would train anew.
HASHES: dict[str, dict[str, Any]] = {
    "8036c83175e4": {},
    "58d0d948ebbf": {"reduction": {"components": 1}},
    "bedc4752d8f7": {"reduction": {"variance": 0.9}, "compare": {"unreduced": True}},
    "9bf908f432a2": {"engine": "spark", "scaler": "robust", "k": {"min": 2, "max": 5}},
}


@pytest.mark.parametrize("known", HASHES)
def test_a_specification_without_a_matrix_has_the_hash_that_it_had(known: str) -> None:
    spec = parse_specification(settings(**HASHES[known]), WHERE)
    assert spec.specification_hash == known
