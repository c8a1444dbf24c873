"""The segments of a model, and what is known of each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CentroidCoordinate:
    """Where a segment's centre lies on one dimension, of the name that the model's features have.

    ``scaled`` is the mean of the members' scaled values. ``original`` is that point in the
    feature's own units; with ``log1p`` it is a geometric kind of mean, below the arithmetic one.
    Of a level of an encoded column it is the share of members that have it.
    """

    feature: str
    scaled: float
    original: float


@dataclass(frozen=True)
class Segment:
    """One segment as it was when trained; distances are Euclidean, in the scaled space.

    Attributes:
        segment_id: Of a first model 1..k in the order of the specification's ordering measure; of a
            later one the id of the previous segment that it continues, or a fresh one.
        size: Number of customers.
        share: ``size`` over all customers, 0..1.
        ordering_mean: Mean of the ordering measure over the members, in its own units.
        inertia: Sum of the members' squared distances to the centroid.
        mean_distance: Mean distance of the members to the centroid.
        radius: Largest distance of a member to the centroid.
        centroid: One coordinate per feature, in the order of the model's features.
        reduced_centroid: The centroid in principal components; empty without a reduction.
        radius_limit: Farthest distance of a customer that is no noise, for the rule
            ``nearest_centroid_within_radius``.
        offset: For the rule ``gaussian``, see
            :class:`~customer_segmentation.model.assignment.Gaussians`.
        precision_cholesky: Rows of the factor, for that rule; empty for others.
    """

    segment_id: int
    size: int
    share: float
    ordering_mean: float
    inertia: float
    mean_distance: float
    radius: float
    centroid: tuple[CentroidCoordinate, ...]
    reduced_centroid: tuple[float, ...] = ()
    radius_limit: float | None = None
    offset: float | None = None
    precision_cholesky: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True)
class SegmentDifference:
    """How a segment differs from all customers in one feature, in the feature's own units.

    Attributes:
        segment_id: The segment.
        feature: Column of the feature mart.
        mean: Mean over the segment's customers.
        ratio_to_all: ``mean`` over the mean of all customers; None where that is 0.
        standardised_difference: ``mean`` minus the mean of all customers, over the population
            standard deviation of all customers; None where all customers share one value.
        rank: 1 for the feature with the largest absolute standardised difference within the
            segment; a tie in the order of the features, undefined differences last.
    """

    segment_id: int
    feature: str
    mean: float
    ratio_to_all: float | None
    standardised_difference: float | None
    rank: int


@dataclass(frozen=True)
class SurrogateRule:
    """One leaf of the surrogate tree.

    Attributes:
        rule: 1, 2, ... by segment, then by most customers.
        segment_id: The segment that the rule gives, the most frequent one among its customers.
        condition: A Spark SQL condition on columns of the feature mart.
        customers: Training customers that meet the condition.
        matched_customers: Those of them that are in the segment.
        coverage: ``customers`` over all customers, 0..1; adds up to 1 over rules.
        segment_coverage: ``matched_customers`` over the segment's customers, 0..1.
        precision: ``matched_customers`` over ``customers``, 0..1.
    """

    rule: int
    segment_id: int
    condition: str
    customers: int
    matched_customers: int
    coverage: float
    segment_coverage: float
    precision: float


@dataclass(frozen=True)
class Surrogate:
    """A decision tree that imitates the segments, as rules; every customer meets exactly one.

    Attributes:
        fidelity: Share of customers whose rule gives their segment, 0..1.
        fitted_customers: Customers that the tree was grown on; every figure is over all customers.
        segments_without_rule: Segments that no rule gives.
        rules: In order of ``rule``.
    """

    fidelity: float
    fitted_customers: int
    segments_without_rule: int
    rules: tuple[SurrogateRule, ...]


@dataclass(frozen=True)
class SegmentReport:
    """What is weak about one segment.

    Attributes:
        segment_id: The segment.
        silhouette: Mean silhouette of its customers, squared Euclidean; None where it is the only
            segment.
        stability: Mean Jaccard overlap with its best match in the resamples, 0..1.
        is_single_customer: Whether it has one customer.
        is_outlier_driven: Whether its farthest 1 % of customers, at least one, make more than half
            of its inertia.
        weakness: The above in words; None where nothing is weak.
    """

    segment_id: int
    silhouette: float | None
    stability: float | None
    is_single_customer: bool
    is_outlier_driven: bool
    weakness: str | None
