"""All clusterings that a specification asks for, their figures, and the one that it chooses."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from customer_segmentation.clustering.fit import Clustering
from customer_segmentation.errors import InputError
from customer_segmentation.model.assignment import NOISE
from customer_segmentation.model.measures import Candidate, Measures
from customer_segmentation.numerics.arrays import FloatArray
from customer_segmentation.numerics.sampling import random_sample
from customer_segmentation.numerics.sparse import Points, is_sparse
from customer_segmentation.numerics.threads import in_threads
from customer_segmentation.preparation.checks import check_distinct_rows
from customer_segmentation.selection.attempts import cluster, repetition
from customer_segmentation.selection.choice import (
    FEATURE_SPACES,
    MATRIX_SPACES,
    beside_neighbours,
    choose_k,
    compared,
    elbow_of,
)
from customer_segmentation.selection.gap import Gap, gap_statistic
from customer_segmentation.selection.limits import KLimits
from customer_segmentation.selection.measure import inertia, measure
from customer_segmentation.selection.stability import stability
from customer_segmentation.specification import DENSITY_ALGORITHMS, Algorithm, KRange, Specification

ClusterAll = Callable[[int | None, Algorithm, bool], Clustering]
"""Clusters into k by an algorithm, on principal components or not; labels are those of a sample."""

GAP_REFERENCES = 10
"""Reference data sets per candidate."""

# Each one at work holds a copy of the customers that may still change their cluster.
_MOST_AT_A_TIME = min(4, os.cpu_count() or 1)
# These hold the distances of all pairs of customers, so they run one at a time.
_PAIRWISE: tuple[Algorithm, ...] = ("agglomerative", *DENSITY_ALGORITHMS)


@dataclass(frozen=True, eq=False)
class Sweep:
    """What was tried; ``chosen`` is the model's own clustering, ``reason`` says why in words."""

    chosen: Clustering
    measures: Measures
    reason: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, eq=False)
class _Tried:
    clustering: Clustering
    measures: Measures
    algorithm: Algorithm
    reduced: bool
    unreduced: Measures | None = None

    def candidate(self) -> Candidate:
        return Candidate(
            k=self.clustering.k,
            measures=self.measures,
            elbow=False,
            chosen=False,
            algorithm=self.algorithm,
            reduced=self.reduced,
            noise_share=self.clustering.noise_share,
            agreement=self.clustering.agreement,
            customers_measured=int(np.count_nonzero(self.clustering.labels != NOISE)),
            inertia_unreduced=None if self.unreduced is None else self.unreduced.inertia,
            silhouette_unreduced=None if self.unreduced is None else self.unreduced.silhouette,
        )


@dataclass(frozen=True, eq=False)
class _Range:
    """Clusterings by ascending k, and what kept the next one from being made."""

    tried: list[_Tried]
    failure: InputError | None


def sweep(
    spaces: Mapping[bool, Points],
    spec: Specification,
    limits: KLimits,
    say: Callable[[str], None],
    cluster_all: ClusterAll | None = None,
    further_cuts: Sequence[str] = (),
) -> Sweep:
    """Cluster by the specification's algorithm for every k, then by those it is compared with.

    A range ends before the first k into which the customers cannot be clustered. A fixed k is
    compared with the ks next to it, unless Spark clusters, where each takes as long as the model.
    An algorithm or k that is only compared and cannot cluster the customers is left out. Of all
    that is left out the reason says why. Gap statistic and stability are measured where the
    specification asks for them, on ``spec.sample_size`` customers. Where clusterings on reduced and
    unreduced customers are compared, all are measured on the unreduced ones besides.

    Args:
        spaces: The customers (n, dimensions) by whether they are reduced: scaled features or a
            sparse matrix, and their components where the specification has a reduction, which are
            then what is clustered.
        spec: What to cluster and how.
        limits: The numbers of segments to try.
        say: Receives one line of text per clustering.
        further_cuts: What else the customers did not allow of the specification, in words.
        cluster_all: Clusters the customers that the points are a sample of, one k at a time; the
            points themselves are clustered where None, and where they are a sparse matrix.

    Raises:
        InputError: The customers cannot be clustered by the specification's algorithm.
    """
    on_reduced = True in spaces
    points = spaces[on_reduced]
    assert not is_sparse(points)
    of_matrix = is_sparse(spaces[False])
    words_of = MATRIX_SPACES if of_matrix else FEATURE_SPACES
    # Of a matrix the components tell: to compare all of its rows takes long.
    different = points if of_matrix else spaces[False]
    failures: list[str] = []

    def tried(ks: Sequence[int | None], algorithm: Algorithm, *, reduced: bool) -> _Range:
        return _try_all(spaces, ks, algorithm, spec, reduced, say, cluster_all)

    def only_compared(
        ks: Sequence[int | None], algorithm: Algorithm, name: str, *, reduced: bool
    ) -> list[Candidate]:
        try:
            check_distinct_rows(different, max(k or 1 for k in ks))
            other = tried(ks, algorithm, reduced=reduced)
            if other.failure is not None:
                raise other.failure
            return [item.candidate() for item in other.tried]
        except InputError as error:
            failures.append(f"{name} could not be compared: {error}")
            say(failures[-1])
            return []

    found = tried(_ks(limits, spec.algorithm), spec.algorithm, reduced=on_reduced)
    own = found.tried
    cuts = [*_cuts(limits, found), *further_cuts]
    for cut in cuts:
        say(f"warning: {cut}")
    neighbours = [
        candidate
        for k in (spec.neighbouring_ks if cluster_all is None else ())
        for candidate in only_compared((k,), spec.algorithm, f"k={k}", reduced=on_reduced)
    ]
    others = [
        candidate
        for algorithm, space in _compared(spec)
        for candidate in only_compared(_ks(limits, algorithm), algorithm, algorithm, reduced=space)
    ]
    at, reason, candidates = _choose(own, points, spec)
    words = [
        reason,
        *([beside_neighbours(candidates[at], neighbours)] if neighbours else []),
        *([compared(candidates[at], others, words_of)] if others else []),
        *failures,
        *cuts,
    ]
    return Sweep(
        own[at].clustering,
        own[at].measures,
        "; ".join(words),
        (*candidates, *neighbours, *others),
    )


def _compared(spec: Specification) -> list[tuple[Algorithm, bool]]:
    """Algorithms to compare with, each with whether on principal components."""
    if spec.compare is None:
        return []
    algorithms = [(algorithm, spec.reduction is not None) for algorithm in spec.compare.algorithms]
    return [*algorithms, *([(spec.algorithm, False)] if spec.compare.unreduced else [])]


def _ks(limits: KLimits, algorithm: Algorithm) -> Sequence[int | None]:
    return (None,) if algorithm in DENSITY_ALGORITHMS else limits.ks


def _cuts(limits: KLimits, own: _Range) -> list[str]:
    """What the customers do not allow of the specification, in words.

    Raises:
        InputError: They cannot be clustered at all.
    """
    cuts = [] if limits.cut is None else [limits.cut]
    if own.failure is not None:
        if not own.tried:
            raise own.failure
        cuts.append(f"k is tried up to {own.tried[-1].clustering.k} only: {own.failure}")
    return cuts


def _try_all(
    spaces: Mapping[bool, Points],
    ks: Sequence[int | None],
    algorithm: Algorithm,
    spec: Specification,
    reduced: bool,
    say: Callable[[str], None],
    cluster_all: ClusterAll | None,
) -> _Range:
    points = spaces[reduced]
    # The same algorithm and k stand there twice where both spaces are compared.
    place = " on the full matrix" if is_sparse(points) else ""
    compares_spaces = spec.compare is not None and spec.compare.unreduced

    def attempt(k: int | None) -> _Tried | InputError:
        try:
            if cluster_all is None or is_sparse(points):
                clustering = cluster(points, k, algorithm, spec)
            else:
                clustering = cluster_all(k, algorithm, reduced)
        except InputError as error:
            return error
        measures = measure(points, clustering.labels)
        unreduced = measures if compares_spaces else None
        if compares_spaces and reduced:
            unreduced = measure(spaces[False], clustering.labels)
        return _Tried(clustering, measures, algorithm, reduced, unreduced)

    one_by_one = cluster_all is not None or algorithm in _PAIRWISE
    found = (
        map(attempt, ks)
        if one_by_one
        else in_threads(attempt, ks, workers=_MOST_AT_A_TIME, doubts=ConvergenceWarning)
    )
    tried: list[_Tried] = []
    for item in found:
        if isinstance(item, InputError):
            return _Range(tried, item)
        say(
            f"{algorithm} k={item.clustering.k}{place}: inertia {item.measures.inertia:.6g}, "
            f"silhouette {item.measures.silhouette:.4f}, smallest segment "
            f"{item.measures.smallest_share:.1%} of customers"
        )
        tried.append(item)
    return _Range(tried, None)


def _choose(
    own: Sequence[_Tried], points: FloatArray, spec: Specification
) -> tuple[int, str, list[Candidate]]:
    candidates = [item.candidate() for item in own]
    if not isinstance(spec.k, KRange):
        found = f"k={candidates[0].k} is what {spec.algorithm} found"
        reason = found if spec.k is None else f"k={spec.k} is fixed by the specification"
        return 0, reason, [replace(candidates[0], chosen=True)]
    ks, measures = [item.clustering.k for item in own], [item.measures for item in own]
    costly = spec.k.costly_criteria
    gaps = [_gap(item, points, spec) for item in own] if "gap" in costly else []
    stabilities = [_stability(item, points, spec) for item in own] if "stability" in costly else []
    k, reason = choose_k(ks, measures, spec.k.choose, gaps=gaps, stabilities=stabilities)
    elbow = elbow_of(ks, [item.inertia for item in measures])
    described = [
        replace(
            candidate,
            elbow=candidate.k == elbow,
            chosen=candidate.k == k,
            gap=gaps[at].value if gaps else None,
            gap_standard_error=gaps[at].standard_error if gaps else None,
            stability=stabilities[at] if stabilities else None,
            customers_repeated=min(len(points), spec.sample_size) if costly else None,
        )
        for at, candidate in enumerate(candidates)
    ]
    return ks.index(k), reason, described


def _gap(tried: _Tried, points: FloatArray, spec: Specification) -> Gap:
    sample = random_sample(len(points), spec.sample_size, spec.random_seed)
    points, labels = np.asarray(points[sample], dtype=np.float64), tried.clustering.labels[sample]
    # The labels that a sample uses are all labels, unless a cluster is tiny.
    found = inertia(points, np.unique(labels, return_inverse=True)[1])

    def cluster_inertia(reference: FloatArray, k: int, seed: int) -> float:
        again = repetition(spec, k)(reference, seed)
        return inertia(reference, again.labels)

    try:
        return gap_statistic(
            points,
            found,
            cluster_inertia,
            k=tried.clustering.k,
            references=GAP_REFERENCES,
            random_seed=spec.random_seed,
        )
    except InputError:  # Of reference data, which no customer is in: there is no gap, that is all.
        return Gap(GAP_REFERENCES, None, None)


def _stability(tried: _Tried, points: FloatArray, spec: Specification) -> float:
    found = stability(
        points,
        tried.clustering.labels,
        repetition(spec, tried.clustering.k),
        random_seed=spec.random_seed,
        seeds=0,
        resamples=spec.stability.resamples,
        sample_size=spec.sample_size,
    )
    return found.resample_adjusted_rand_mean or 0.0
