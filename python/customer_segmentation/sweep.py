"""All clusterings that a specification asks for, their figures, and the one that it chooses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from customer_segmentation.algorithms import Clustering, DensitySettings, fit
from customer_segmentation.arrays import FloatArray
from customer_segmentation.gap import Gap, gap_statistic
from customer_segmentation.measures import Measures, measure
from customer_segmentation.selection import Candidate, choose_k, compared, elbow_of
from customer_segmentation.specification import (
    DENSITY_ALGORITHMS,
    Algorithm,
    KRange,
    Specification,
)
from customer_segmentation.stability import stability

GAP_REFERENCES = 10
"""Reference data sets per candidate."""
STARTS_OF_REPETITIONS = 2
"""Starts of the clusterings that only serve comparison; the model's own has ``starts``."""


@dataclass(frozen=True, eq=False)
class Sweep:
    """What was tried; ``chosen`` is the model's own clustering, ``reason`` says why in words."""

    chosen: Clustering
    reason: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, eq=False)
class _Tried:
    clustering: Clustering
    measures: Measures
    algorithm: Algorithm
    reduced: bool

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
        )


def sweep(
    scaled: FloatArray,
    reduced: FloatArray | None,
    spec: Specification,
    say: Callable[[str], None],
) -> Sweep:
    """Cluster by the specification's algorithm for every k, then by those it is compared with.

    Gap statistic and stability are measured where the policy asks for them, on
    ``spec.sample_size`` customers.

    Args:
        scaled: Scaled features (n, dimensions).
        reduced: Their principal components (n, components), None without a reduction.
        say: Receives one line of text per clustering.

    Raises:
        InputError: The customers cannot be clustered as asked for.
    """
    points = scaled if reduced is None else reduced
    own = [
        _try(points, k, spec.algorithm, spec, reduced=reduced is not None, say=say)
        for k in _ks(spec, spec.algorithm)
    ]
    others = _compare(scaled, points, spec, say)
    at, reason, candidates = _choose(own, points, spec)
    beside = [item.candidate() for item in others]
    if beside:
        reason = f"{reason}; {compared(candidates[at], beside)}"
    return Sweep(own[at].clustering, reason, (*candidates, *beside))


def cluster(
    points: FloatArray, k: int | None, algorithm: Algorithm, spec: Specification
) -> Clustering:
    """One clustering as the specification has it."""
    return fit(
        points,
        k,
        algorithm=algorithm,
        random_seed=spec.random_seed,
        starts=spec.starts,
        sample_size=spec.sample_size,
        density=_density(spec) if algorithm in DENSITY_ALGORITHMS else None,
    )


def repetition(spec: Specification, k: int) -> Callable[[FloatArray, int], Clustering]:
    """The specification's algorithm with all but customers and seed given, and fewer starts."""
    fewer = spec.model_copy(update={"starts": min(spec.starts, STARTS_OF_REPETITIONS)})

    def repeat(points: FloatArray, seed: int) -> Clustering:
        wanted = None if spec.algorithm in DENSITY_ALGORITHMS else k
        seeded = fewer.model_copy(update={"random_seed": seed})
        return cluster(points, wanted, spec.algorithm, seeded)

    return repeat


def _ks(spec: Specification, algorithm: Algorithm) -> Sequence[int | None]:
    return (None,) if algorithm in DENSITY_ALGORITHMS else spec.candidate_ks


def _try(
    points: FloatArray,
    k: int | None,
    algorithm: Algorithm,
    spec: Specification,
    *,
    reduced: bool,
    say: Callable[[str], None],
) -> _Tried:
    clustering = cluster(points, k, algorithm, spec)
    measures = measure(points, clustering.labels)
    say(
        f"{algorithm} k={clustering.k}: inertia {measures.inertia:.6g}, silhouette "
        f"{measures.silhouette:.4f}, smallest segment {measures.smallest_share:.1%} of customers"
    )
    return _Tried(clustering, measures, algorithm, reduced)


def _compare(
    scaled: FloatArray, points: FloatArray, spec: Specification, say: Callable[[str], None]
) -> list[_Tried]:
    if spec.compare is None:
        return []
    is_reduced = spec.reduction is not None
    tried = [
        _try(points, k, algorithm, spec, reduced=is_reduced, say=say)
        for algorithm in spec.compare.algorithms
        for k in _ks(spec, algorithm)
    ]
    if spec.compare.unreduced:
        tried += [
            _try(scaled, k, spec.algorithm, spec, reduced=False, say=say)
            for k in _ks(spec, spec.algorithm)
        ]
    return tried


def _choose(
    own: Sequence[_Tried], points: FloatArray, spec: Specification
) -> tuple[int, str, list[Candidate]]:
    candidates = [item.candidate() for item in own]
    if not isinstance(spec.k, KRange):
        found = f"k={candidates[0].k} is what {spec.algorithm} found"
        reason = found if spec.k is None else f"k={spec.k} is fixed by the specification"
        return 0, reason, [replace(candidates[0], chosen=True)]
    ks, measures = list(spec.candidate_ks), [item.measures for item in own]
    gaps = [_gap(item, points, spec) for item in own] if spec.k.choose == "gap" else []
    stabilities = (
        [_stability(item, points, spec) for item in own] if spec.k.choose == "stability" else []
    )
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
        )
        for at, candidate in enumerate(candidates)
    ]
    return ks.index(k), reason, described


def _gap(tried: _Tried, points: FloatArray, spec: Specification) -> Gap:
    def cluster_inertia(reference: FloatArray, k: int, seed: int) -> float:
        again = repetition(spec, k)(reference, seed)
        return measure(reference, again.labels).inertia

    return gap_statistic(
        points,
        tried.measures.inertia,
        cluster_inertia,
        k=tried.clustering.k,
        references=GAP_REFERENCES,
        random_seed=spec.random_seed,
    )


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


def _density(spec: Specification) -> DensitySettings | None:
    if spec.density is None:
        return None
    return DensitySettings(
        eps=spec.density.eps,
        min_samples=spec.density.min_samples,
        min_cluster_size=spec.density.min_cluster_size,
    )
