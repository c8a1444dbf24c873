from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from customer_segmentation.model.measures import Candidate, Measures
from customer_segmentation.selection.choice import choose_k, compared
from customer_segmentation.selection.gap import Gap

NEUTRAL = Measures(
    inertia=1.0, silhouette=0.5, calinski_harabasz=10.0, davies_bouldin=1.0, smallest_share=0.1
)


def sweep(figure: str, values: list[float]) -> list[Measures]:
    return [replace(NEUTRAL, **{figure: value}) for value in values]


def test_elbow_is_where_inertia_stops_falling_fast() -> None:
    # Straight lines that meet at k=5.
    inertias = [1000.0, 710, 420, 130, 120, 110, 100]
    k, reason = choose_k(range(2, 9), sweep("inertia", inertias), "elbow")
    assert k == 5
    assert reason == ("k=5 is the elbow of inertia over k=2..8: 420 at k=4, 130 at k=5, 120 at k=6")


@pytest.mark.parametrize(
    "inertias",
    [
        [100.0, 80, 60, 40, 20],
        [100.0, 99, 95, 80, 20],
        [5.0, 5, 5, 5, 5],
        [10.0, 11, 12, 13, 14],
        [0.0, 0, 0, 0, 0],
    ],
    ids=["straight", "concave", "flat", "rising", "zero"],
)
def test_without_an_elbow_the_silhouette_decides(inertias: list[float]) -> None:
    values = [0.3, 0.6123, 0.61, 0.2, 0.1]
    measures = [
        replace(NEUTRAL, inertia=inertia, silhouette=silhouette)
        for inertia, silhouette in zip(inertias, values, strict=True)
    ]
    k, reason = choose_k(range(2, 7), measures, "elbow")
    assert k == 3
    assert reason == (
        "no elbow in inertia over k=2..6, so the silhouette decided: k=3 has the highest "
        "silhouette (squared Euclidean) over k=2..6: 0.6123, next 0.6100 at k=4"
    )


def test_two_candidates_have_no_elbow() -> None:
    k, reason = choose_k([2, 3], sweep("inertia", [100, 10]), "elbow")
    assert k == 2
    assert reason.startswith("no elbow")


def test_highest_silhouette() -> None:
    k, reason = choose_k([4, 5, 6], sweep("silhouette", [0.2, 0.1, 0.3]), "silhouette")
    assert k == 6
    assert "0.3000, next 0.2000 at k=4" in reason


def test_highest_calinski_harabasz() -> None:
    k, reason = choose_k([2, 3, 4], sweep("calinski_harabasz", [7, 90, 8]), "calinski_harabasz")
    assert k == 3
    assert "highest Calinski-Harabasz index over k=2..4: 90.0, next 8.0 at k=4" in reason


def test_lowest_davies_bouldin() -> None:
    k, reason = choose_k([2, 3, 4], sweep("davies_bouldin", [0.9, 0.8, 1.9]), "davies_bouldin")
    assert k == 3
    assert "lowest Davies-Bouldin index over k=2..4: 0.8000, next 0.9000 at k=2" in reason


@pytest.mark.parametrize("policy", ["silhouette", "calinski_harabasz", "davies_bouldin"])
def test_a_tie_goes_to_the_smaller_k(policy: str) -> None:
    worse = {"silhouette": 0.1, "calinski_harabasz": 0.1, "davies_bouldin": 9.0}[policy]
    values = [worse, 0.5, 0.5, worse]
    k, reason = choose_k([2, 3, 4, 5], sweep(policy, values), policy)  # type: ignore[arg-type]
    assert k == 3
    assert reason.endswith("; a tie goes to the smaller k")


def gaps(*figures: tuple[float, float] | None) -> list[Gap]:
    return [Gap(10, None, None) if item is None else Gap(10, *item) for item in figures]


def test_smallest_k_whose_gap_reaches_the_next_less_its_error() -> None:
    found = gaps((0.1, 0.5), (0.5, 0.01), (0.52, 0.04), (0.9, 0.1))
    k, reason = choose_k([2, 3, 4, 5], sweep("silhouette", [0.1] * 4), "gap", gaps=found)
    assert k == 3
    assert reason == (
        "k=3 is the smallest over k=2..5 with a gap statistic at least as high as the next one "
        "less its standard error: 0.5000, against 0.5200 less 0.0400 at k=4"
    )


@pytest.mark.parametrize(
    "found",
    [gaps((0.1, 0), (0.5, 0.01), (0.8, 0.01)), gaps(None, (0.5, 0.01), None)],
    ids=["rising", "undefined"],
)
def test_where_no_k_meets_the_rule_of_the_gap_the_silhouette_decides(found: list[Gap]) -> None:
    measures = sweep("silhouette", [0.2, 0.3, 0.6])
    k, reason = choose_k([2, 3, 4], measures, "gap", gaps=found)
    assert k == 4
    assert reason == (
        "over k=2..4 no gap statistic is as high as the next one less its standard error, so the "
        "silhouette decided: k=4 has the highest silhouette (squared Euclidean) over k=2..4: "
        "0.6000, next 0.3000 at k=3"
    )


def test_highest_stability() -> None:
    measures = sweep("silhouette", [0.9, 0.2, 0.1])
    k, reason = choose_k([2, 3, 4], measures, "stability", stabilities=[0.7, 0.95, 0.8])
    assert k == 3
    assert reason == (
        "k=3 has the highest stability (mean adjusted Rand index of bootstrap resamples) over "
        "k=2..4: 0.9500, next 0.8000 at k=4"
    )
    k, reason = choose_k([2, 3, 4], measures, "stability", stabilities=[0.7, 1, 1])
    assert k == 3
    assert reason.endswith("; a tie goes to the smaller k")


@pytest.mark.parametrize("policy", ["gap", "stability"])
def test_a_policy_needs_its_figures(policy: Any) -> None:
    with pytest.raises(ValueError, match=r"^0 .* for 2 candidates"):
        choose_k([2, 3], sweep("silhouette", [0.1, 0.2]), policy)


def candidate(algorithm: Any, k: int, silhouette: float, **changes: Any) -> Candidate:
    measures = replace(NEUTRAL, silhouette=silhouette)
    return Candidate(k, measures, elbow=False, chosen=False, algorithm=algorithm, **changes)


def test_a_comparison_names_the_best_of_the_others() -> None:
    chosen = candidate("kmeans", 4, 0.45, reduced=True)
    others = [
        candidate("agglomerative", 5, 0.3),
        candidate("hdbscan", 3, 0.51234, noise_share=0.125),
        candidate("dbscan", 7, 0.2),
    ]
    assert compared(chosen, others) == (
        "of the other algorithms and features compared, hdbscan with k=3 on the scaled features "
        "has the highest silhouette, 0.5123 with 12.5% noise, higher than the 0.4500 of this "
        "model, kmeans with k=4 on principal components"
    )
    assert "lower than the 0.4500 of this" in compared(chosen, [others[0]])
    assert "equal to the 0.4500 of this" in compared(chosen, [candidate("dbscan", 2, 0.45)])


def test_of_equal_others_the_one_with_fewer_segments_is_named() -> None:
    others = [
        candidate("dbscan", 5, 0.3),
        candidate("hdbscan", 3, 0.3),
        candidate("dbscan", 3, 0.3),
    ]
    assert ", hdbscan with k=3 on" in compared(candidate("kmeans", 4, 0.5), others)
