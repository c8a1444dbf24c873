"""What is known of features and of pairs of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FeatureAudit:
    """Figures of one feature as the mart has it, before any transform.

    A null, NaN or infinite value is missing; the others are known. Figures of known values are
    None where there are none, those of numbers also where the feature is encoded.

    Attributes:
        feature: Column of the feature mart.
        row_count: Customers.
        missing_share: Missing values over ``row_count``, 0..1.
        zero_share: Zeros over known values, 0..1.
        top_value_share: Known values that equal the most frequent one, 0..1.
        unique_values: Number of different known values.
        minimum: Smallest known value.
        maximum: Largest known value.
        mean: Mean of the known values.
        standard_deviation: Of the population (Spark's ``stddev_pop``).
        skewness: m3 / m2^1.5 of the population (Spark's ``skewness``); None too where all known
            values are the same.
        advice: What is weak and what to do about it, in sentences; None where nothing is weak.
    """

    feature: str
    row_count: int
    missing_share: float | None
    zero_share: float | None
    top_value_share: float | None
    unique_values: int
    minimum: float | None
    maximum: float | None
    mean: float | None
    standard_deviation: float | None
    skewness: float | None
    advice: str | None


@dataclass(frozen=True)
class FeatureCorrelation:
    """How much two features say the same.

    Attributes:
        feature: The one that comes first in the specification.
        other_feature: The other one.
        row_count: Customers that have a known value of both, among those correlated.
        spearman: Rank correlation over those customers, -1..1: Pearson's correlation of the
            ranks, equal values sharing their mean rank. None where fewer than two customers are
            left, or where either feature is constant over them.
        is_strong: Whether the absolute correlation is above the threshold.
        drop: The feature to leave out; None where the pair is not strong.
        reason: Why that one, in words; None where the pair is not strong.
    """

    feature: str
    other_feature: str
    row_count: int
    spearman: float | None
    is_strong: bool
    drop: str | None
    reason: str | None


@dataclass(frozen=True)
class FeatureImportance:
    """What one feature contributes to a clustering, in the scaled space.

    The total sum of squares of a feature is that of its distances to its mean over all customers,
    the between part is the sum over clusters of size times squared distance of the cluster's mean
    to that mean.

    Attributes:
        feature: Scaled feature: a column of the feature mart, or one level of it.
        variance_share: Its total sum of squares over that of all features, 0..1: its weight in
            distances before anything is clustered. Adds up to 1 over features.
        between_share: Its between part over that of all features, 0..1: its part in what separates
            the clusters. Adds up to 1 over features; None where no feature separates them.
        eta_squared: Its between part over its total, 0..1: how much of it the clusters explain;
            None where all customers share one value.
        alone_rand_index: Adjusted Rand index between the clusters and those that k-means finds on
            this feature alone, for the same k; 1 says that the other features change nothing. None
            where the feature has fewer than k values that k-means can tell apart. Of a level: on
            all levels of its column together.
        compared_customers: Customers that ``alone_rand_index`` was measured on.
        is_dominant: Whether its column decides alone, see
            :func:`~customer_segmentation.description.importance.feature_importances`.
        warning: What dominates and what to do about it, once per column; None where nothing does.
    """

    feature: str
    variance_share: float
    between_share: float | None
    eta_squared: float | None
    alone_rand_index: float | None
    compared_customers: int
    is_dominant: bool
    warning: str | None
