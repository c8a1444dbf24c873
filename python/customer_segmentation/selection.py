"""The number of segments: one clustering per candidate k, one of them chosen, and why."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from kneed import KneeLocator

from customer_segmentation.measures import Measures
from customer_segmentation.specification import KPolicy

_FEWEST_FOR_AN_ELBOW = 3


@dataclass(frozen=True)
class Candidate:
    """A number of segments that was tried, with its figures.

    ``elbow`` tells where the curve of inertia over k bends, whatever the policy; ``chosen`` is the
    candidate that the model uses.
    """

    k: int
    measures: Measures
    elbow: bool
    chosen: bool


def choose_k(ks: Sequence[int], measures: Sequence[Measures], policy: KPolicy) -> tuple[int, str]:
    """Choose one of several candidates; a tie goes to the smaller k.

    Elbow is the knee of inertia over k by Kneedle (Satopaa et al. 2011) on a convex, decreasing
    curve. Where there is none, the highest silhouette decides.

    Args:
        ks: Candidates, ascending.
        measures: Their figures, in the same order.

    Returns:
        The chosen k, and the reason in words with the figures compared.
    """
    if policy == "elbow":
        return _elbow(ks, measures)
    if policy == "silhouette":
        values = [item.silhouette for item in measures]
        return _best(ks, values, "highest silhouette (squared Euclidean)", 4, highest=True)
    if policy == "calinski_harabasz":
        values = [item.calinski_harabasz for item in measures]
        return _best(ks, values, "highest Calinski-Harabasz index", 1, highest=True)
    values = [item.davies_bouldin for item in measures]
    return _best(ks, values, "lowest Davies-Bouldin index", 4, highest=False)


def _elbow(ks: Sequence[int], measures: Sequence[Measures]) -> tuple[int, str]:
    inertias = [item.inertia for item in measures]
    k = elbow_of(ks, inertias)
    if k is None:
        k, reason = choose_k(ks, measures, "silhouette")
        return (
            k,
            f"no elbow in inertia over k={ks[0]}..{ks[-1]}, so the silhouette decided: {reason}",
        )
    position = ks.index(k)
    neighbours = range(position - 1, position + 2)
    figures = ", ".join(f"{inertias[at]:.6g} at k={ks[at]}" for at in neighbours)
    return k, f"k={k} is the elbow of inertia over k={ks[0]}..{ks[-1]}: {figures}"


def elbow_of(ks: Sequence[int], inertias: Sequence[float]) -> int | None:
    """The k at which inertia stops falling fast (see :func:`choose_k`), None without such a k."""
    if len(ks) < _FEWEST_FOR_AN_ELBOW:
        return None
    with warnings.catch_warnings():
        # kneed warns where there is no knee; here that is an answer.
        warnings.simplefilter("ignore")
        knee = KneeLocator(ks, inertias, curve="convex", direction="decreasing").knee
    return int(knee) if knee is not None and ks[0] < knee < ks[-1] else None


def _best(
    ks: Sequence[int], values: Sequence[float], title: str, digits: int, *, highest: bool
) -> tuple[int, str]:
    ranking = sorted(
        range(len(ks)), key=lambda at: (-values[at] if highest else values[at], ks[at])
    )
    first, second = ranking[0], ranking[1]
    reason = (
        f"k={ks[first]} has the {title} over k={ks[0]}..{ks[-1]}: {values[first]:.{digits}f}, "
        f"next {values[second]:.{digits}f} at k={ks[second]}"
    )
    if values[first] == values[second]:
        reason += "; a tie goes to the smaller k"
    return ks[first], reason
