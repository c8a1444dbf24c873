from __future__ import annotations

from dataclasses import replace

import pytest

from customer_segmentation.measures import Measures
from customer_segmentation.selection import choose_k

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
