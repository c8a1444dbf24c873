from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_segmentation.description.gates import passed, quality
from customer_segmentation.model.quality import QualityMeasure
from customer_segmentation.specification import DEFAULT_GATES, Gate
from customer_segmentation.specification.gate_measures import MEASURES


def gate(measure: str, **bound: Any) -> Gate:
    return Gate(measure=measure, **bound)


def only(value: float | None, measure: str = "silhouette", **bound: Any) -> QualityMeasure:
    (row,) = quality({measure: value}, [gate(measure, **bound)])
    return row


def test_a_measure_without_a_gate_has_neither_bound_nor_outcome() -> None:
    assert quality({"davies_bouldin": 1.25}, []) == (
        QualityMeasure(
            measure="davies_bouldin",
            value=1.25,
            bound=None,
            direction=None,
            passed=None,
            severity=None,
            meaning="Davies-Bouldin index, mean similarity of a segment to its nearest "
            "(lower is better): 1.25; no gate.",
        ),
    )


def test_a_gate_that_is_missed() -> None:
    assert only(0.15, at_least=0.2, severity="error") == QualityMeasure(
        measure="silhouette",
        value=0.15,
        bound=0.2,
        direction="at_least",
        passed=False,
        severity="error",
        meaning="Mean silhouette of the customers, squared Euclidean distance (higher is better): "
        "0.15; at least 0.2 is asked for: missed.",
    )


def test_a_missed_gate_says_whom_it_is_about() -> None:
    gates = [gate("single_customer_segments", at_most=0), gate("smallest_size", at_least=1)]
    values = {"single_customer_segments": 2.0, "smallest_size": 1.0}
    kept, missed = quality(values, gates, lambda measure: f"Whom {measure} is about.")
    assert (kept.measure, missed.measure) == ("smallest_size", "single_customer_segments")
    assert missed.meaning == (
        "Segments of a single customer (lower is better): 2; at most 0 is asked for: missed. "
        "Whom single_customer_segments is about."
    )
    assert kept.meaning.endswith("1; at least 1 is asked for: passed.")


def test_a_gate_that_is_kept() -> None:
    row = only(2, "strong_correlations", at_most=3)
    assert (row.value, row.bound, row.direction, row.passed, row.severity) == (
        2.0, 3.0, "at_most", True, "warn",
    )  # fmt: skip
    assert row.meaning == (
        "Pairs of features that say nearly the same (lower is better): "
        "2; at most 3 is asked for: passed."
    )


@pytest.mark.parametrize(
    ("value", "bound", "expected"),
    [
        (0.2, {"at_least": 0.2}, True),
        (math.nextafter(0.2, 0), {"at_least": 0.2}, False),
        (0.3, {"at_least": 0.2}, True),
        (0.2, {"at_most": 0.2}, True),
        (math.nextafter(0.2, 1), {"at_most": 0.2}, False),
        (0.1, {"at_most": 0.2}, True),
    ],
)
def test_a_bound_is_included(value: float, bound: dict[str, float], expected: bool) -> None:
    assert only(value, **bound).passed is expected


def test_figures_are_rounded_unless_that_hides_a_difference() -> None:
    assert "0.333333; at least 0.2 is" in only(1 / 3, at_least=0.2).meaning
    assert "0.19999999; at least 0.2 is asked for: missed" in only(0.19999999, at_least=0.2).meaning
    assert ": 1234567; at most 2.5e+17 is" in only(1234567.0, "inertia", at_most=2.5e17).meaning
    assert ": 1.23457e+06; at most 2 is" in only(1234567.5, "inertia", at_most=2).meaning


@pytest.mark.parametrize("values", [{}, {"share_kept": None}])
def test_a_gate_whose_measure_does_not_apply_passes(values: dict[str, float | None]) -> None:
    (row,) = quality(values, [gate("share_kept", at_least=0.7, severity="error")])
    assert (row.value, row.bound, row.passed, row.severity) == (None, 0.7, True, "error")
    assert row.meaning.endswith(
        "(higher is better): does not apply to this model; the gate of at least 0.7 passes."
    )
    assert passed([row])


def test_a_value_of_zero_applies() -> None:
    row = only(0.0, "share_kept", at_least=0.7)
    assert (row.value, row.passed) == (0.0, False)


def test_measures_come_in_one_order_and_gates_in_that_of_the_specification() -> None:
    rows = quality(
        {"share_kept": 0.5, "smallest_share": 0.05, "silhouette": 0.4, "noise_share": None},
        [
            gate("smallest_share", at_most=0.5),
            gate("dominant_features", at_most=0),
            gate("silhouette", at_least=0.5),
            gate("smallest_share", at_least=0.1),
        ],
    )
    assert [(row.measure, row.direction, row.bound) for row in rows] == [
        ("silhouette", "at_least", 0.5),
        ("smallest_share", "at_most", 0.5),
        ("smallest_share", "at_least", 0.1),
        ("dominant_features", "at_most", 0.0),
        ("share_kept", None, None),
    ]


def test_only_a_missed_error_holds_a_model_back() -> None:
    missed_warning = only(0.1, at_least=0.2)
    kept_error = only(0.3, at_least=0.2, severity="error")
    missed_error = only(0.1, at_least=0.2, severity="error")
    (ungated,) = quality({"silhouette": 0.0}, [])
    assert passed([])
    assert passed([missed_warning, kept_error, ungated])
    assert not passed([missed_warning, missed_error, kept_error])


def test_default_gates() -> None:
    good: dict[str, float | None] = {
        "silhouette": 0.2,
        "smallest_share": 0.01,
        "single_customer_segments": 0,
        "bootstrap_stability_mean": 0.6,
        "dominant_features": 0,
        "surrogate_fidelity": 0.8,
    }
    assert all(row.passed for row in quality(good, DEFAULT_GATES))
    worse = {name: value + (0.1 if value == 0 else -0.001) for name, value in good.items()}  # type: ignore[operator]
    rows = quality(worse, DEFAULT_GATES)
    assert [row.passed for row in rows] == [False] * 6
    assert [row.measure for row in rows if row.severity == "error"] == ["single_customer_segments"]
    assert passed(quality({**worse, "single_customer_segments": 0}, DEFAULT_GATES))
    assert not passed(quality({**good, "single_customer_segments": 1}, DEFAULT_GATES))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, np.float64("nan")])
def test_a_value_that_is_not_a_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="silhouette: NaN or infinite"):
        quality({"inertia": 1.0, "silhouette": value}, [])


def test_an_unknown_measure_is_refused() -> None:
    with pytest.raises(ValueError, match="silhuette: not in MEASURES"):
        quality({"silhuette": 0.5}, [])


def test_values_are_plain_floats() -> None:
    rows = quality(
        {"silhouette": np.float64(0.5), "smallest_size": np.int64(7)},
        [gate("smallest_size", at_least=5)],
    )
    assert [type(row.value) for row in rows] == [float, float]
    assert type(rows[1].passed) is bool
    assert rows[1].meaning.startswith("Customers in the smallest segment (higher is better): 7;")


def test_every_measure_is_defined_in_words_and_range() -> None:
    assert set(MEASURES) == {
        "silhouette", "calinski_harabasz", "davies_bouldin", "inertia", "smallest_share",
        "largest_share", "smallest_size", "lowest_segment_silhouette", "seed_stability_mean",
        "seed_stability_lowest", "bootstrap_stability_mean", "bootstrap_stability_lowest",
        "lowest_segment_stability", "dominant_features", "strong_correlations",
        "surrogate_fidelity", "validation_accuracy", "lowest_validation_recall",
        "assignment_agreement", "noise_share", "share_kept", "outlier_segments",
        "single_customer_segments",
    }  # fmt: skip
    lower = {name for name, definition in MEASURES.items() if definition.better == "lower"}
    assert lower == {
        "davies_bouldin", "inertia", "largest_share", "dominant_features", "strong_correlations",
        "noise_share", "outlier_segments", "single_customer_segments",
    }  # fmt: skip
    for name, definition in MEASURES.items():
        assert definition.description[0].isupper(), name
        if name.endswith(("share", "accuracy", "recall", "fidelity", "agreement", "kept")):
            assert (definition.lowest, definition.highest) == (0, 1), name


NAMES = st.sampled_from(sorted(MEASURES))
VALUES = st.none() | st.floats(0, 1) | st.integers(0, 1)
BOUNDS = st.tuples(NAMES, st.sampled_from(["at_least", "at_most"]), st.floats(0, 1))


@given(
    st.dictionaries(NAMES, VALUES),
    st.lists(BOUNDS, max_size=6, unique_by=lambda item: item[:2]),
)
def test_each_gate_and_each_value_has_its_row(
    values: dict[str, float | None], bounds: list[tuple[str, str, float]]
) -> None:
    rows = quality(values, [gate(name, **{side: bound}) for name, side, bound in bounds])
    gated = {name for name, _, _ in bounds}
    keys = [(row.measure, row.direction) for row in rows]
    assert len(set(keys)) == len(keys)
    assert {(row.measure, row.direction, row.bound) for row in rows if row.bound is not None} == {
        *bounds
    }
    assert {row.measure for row in rows if row.bound is None} == {
        name for name, value in values.items() if value is not None and name not in gated
    }
    for row in rows:
        assert row.value == values.get(row.measure)
        if row.bound is None:
            assert (row.passed, row.severity, row.direction) == (None, None, None)
        elif row.value is not None:
            side = row.value - row.bound if row.direction == "at_least" else row.bound - row.value
            assert row.passed is (side >= 0)
            assert ("missed" in row.meaning) is (side < 0)
