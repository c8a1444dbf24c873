"""The number of segments: one clustering per candidate k, one of them chosen, and why."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from kneed import KneeLocator

from customer_segmentation.model.measures import Candidate, Measures
from customer_segmentation.selection.gap import Gap, choose_k_by_gap
from customer_segmentation.specification import KPolicy

FEATURE_SPACES = MappingProxyType({False: "the scaled features", True: "principal components"})
MATRIX_SPACES = MappingProxyType({False: "the full matrix", True: "components of the matrix"})
"""What candidates are on, by whether it is reduced."""
_FEWEST_FOR_AN_ELBOW = 3


def choose_k(
    ks: Sequence[int],
    measures: Sequence[Measures],
    policy: KPolicy,
    *,
    gaps: Sequence[Gap] = (),
    stabilities: Sequence[float] = (),
) -> tuple[int, str]:
    """Choose one of several candidates; a tie goes to the smaller k.

    - ``elbow``: the knee of inertia over k by Kneedle (Satopaa et al. 2011) on a convex, decreasing
      curve.
    - ``silhouette``, ``calinski_harabasz``, ``stability``: the highest.
    - ``davies_bouldin``: the lowest.
    - ``gap``: the smallest k whose gap is at least that of k + 1 less its standard error
      (Tibshirani et al. 2001).

    Where there is no elbow, or no k meets the rule of the gap, the highest silhouette decides. A
    single candidate is taken.

    Args:
        ks: Candidates, ascending, at least one.
        measures: Their figures, in the same order.
        gaps: Their gap statistics, for that policy.
        stabilities: Mean adjusted Rand index of their bootstrap resamples, for that policy.

    Returns:
        The chosen k, and the reason in words with the figures compared.

    Raises:
        ValueError: The figures that the policy compares are missing.
    """
    if len(ks) == 1:
        return ks[0], f"k={ks[0]} is the only number of segments that could be tried"
    if policy == "elbow":
        return _elbow(ks, measures)
    if policy == "gap":
        return _gap(ks, measures, gaps)
    if policy == "stability":
        title = "highest stability (mean adjusted Rand index of bootstrap resamples)"
        return _best(ks, stabilities, title, 4, highest=True)
    if policy == "silhouette":
        values = [item.silhouette for item in measures]
        return _best(ks, values, "highest silhouette (squared Euclidean)", 4, highest=True)
    if policy == "calinski_harabasz":
        values = [item.calinski_harabasz for item in measures]
        return _best(ks, values, "highest Calinski-Harabasz index", 1, highest=True)
    values = [item.davies_bouldin for item in measures]
    return _best(ks, values, "lowest Davies-Bouldin index", 4, highest=False)


def compared(
    chosen: Candidate, others: Sequence[Candidate], spaces: Mapping[bool, str] = FEATURE_SPACES
) -> str:
    """How the best of other algorithms or feature spaces did, in words for the reason.

    The model keeps the specification's own clustering whatever the outcome. Silhouettes compare
    across dimensions, as inertias do not; with fewer dimensions they still tend to be higher, so
    that where both were measured in the unreduced space those figures follow.

    Args:
        chosen: The clustering that the model uses.
        others: Candidates of another algorithm or on other features, at least one.
        spaces: What a candidate is on, by whether it is reduced.
    """
    # Of equal ones the one with fewer segments, then the one that is listed first.
    best = min(others, key=lambda item: (-item.measures.silhouette, item.k))
    ours, theirs = chosen.measures.silhouette, best.measures.silhouette
    outcome = "higher than" if theirs > ours else "equal to" if theirs == ours else "lower than"
    noise = f" with {best.noise_share:.1%} noise" if best.noise_share else ""
    both = (chosen.silhouette_unreduced, best.silhouette_unreduced)
    measured = ""
    if best.reduced != chosen.reduced and both[0] is not None and both[1] is not None:
        measured = (
            f"; measured on {spaces[False]}, the silhouette of this model is {both[0]:.4f} and "
            f"that of the other {both[1]:.4f}"
        )
    return (
        f"of the other algorithms and features compared, {_described(best, spaces)} has the "
        f"highest silhouette, {theirs:.4f}{noise}, {outcome} the {ours:.4f} of this model, "
        f"{_described(chosen, spaces)}{measured}"
    )


def beside_neighbours(chosen: Candidate, neighbours: Sequence[Candidate]) -> str:
    """How a fixed k compares with those next to it, in words for the reason.

    Args:
        chosen: The clustering into the k of the specification.
        neighbours: Those into one segment fewer and one more, at least one of them.
    """
    figures = " and ".join(f"{item.measures.silhouette:.4f} at k={item.k}" for item in neighbours)
    return f"its silhouette is {chosen.measures.silhouette:.4f}, against {figures}"


def elbow_of(ks: Sequence[int], inertias: Sequence[float]) -> int | None:
    """The k at which inertia stops falling fast (see :func:`choose_k`), None without such a k."""
    if len(ks) < _FEWEST_FOR_AN_ELBOW:
        return None
    with warnings.catch_warnings():
        # kneed warns where there is no knee; here that is an answer.
        warnings.simplefilter("ignore")
        knee = KneeLocator(ks, inertias, curve="convex", direction="decreasing").knee
    return int(knee) if knee is not None and ks[0] < knee < ks[-1] else None


def _elbow(ks: Sequence[int], measures: Sequence[Measures]) -> tuple[int, str]:
    inertias = [item.inertia for item in measures]
    k = elbow_of(ks, inertias)
    if k is None:
        return _silhouette_instead(f"no elbow in inertia over k={ks[0]}..{ks[-1]}", ks, measures)
    position = ks.index(k)
    neighbours = range(position - 1, position + 2)
    figures = ", ".join(f"{inertias[at]:.6g} at k={ks[at]}" for at in neighbours)
    return k, f"k={k} is the elbow of inertia over k={ks[0]}..{ks[-1]}: {figures}"


def _gap(ks: Sequence[int], measures: Sequence[Measures], gaps: Sequence[Gap]) -> tuple[int, str]:
    if len(gaps) != len(ks):
        raise ValueError(f"{len(gaps)} gap statistics for {len(ks)} candidates")
    k = choose_k_by_gap(ks, gaps)
    if k is None:
        return _silhouette_instead(
            f"over k={ks[0]}..{ks[-1]} no gap statistic is as high as the next one less its "
            "standard error",
            ks,
            measures,
        )
    position = ks.index(k)
    own, following = gaps[position], gaps[position + 1]
    return k, (
        f"k={k} is the smallest over k={ks[0]}..{ks[-1]} with a gap statistic at least as high as "
        f"the next one less its standard error: {own.value:.4f}, against {following.value:.4f} "
        f"less {following.standard_error:.4f} at k={ks[position + 1]}"
    )


def _silhouette_instead(
    why: str, ks: Sequence[int], measures: Sequence[Measures]
) -> tuple[int, str]:
    k, reason = choose_k(ks, measures, "silhouette")
    return k, f"{why}, so the silhouette decided: {reason}"


def _best(
    ks: Sequence[int], values: Sequence[float], title: str, digits: int, *, highest: bool
) -> tuple[int, str]:
    if len(values) != len(ks):
        raise ValueError(f"{len(values)} figures for {len(ks)} candidates")
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


def _described(candidate: Candidate, spaces: Mapping[bool, str]) -> str:
    return f"{candidate.algorithm} with k={candidate.k} on {spaces[candidate.reduced]}"
