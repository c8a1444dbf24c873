"""Train where the customers are: Spark MLlib clusters them all, a sample of them is brought here.

Scaling, principal components, clusterings, and the sizes, means and radii of the segments are of
all customers. What describes and compares clusterings is of a seeded sample of ``sample_size``
customers: audit, measures, stability, rules, classifiers, overlap with the version before, and
k-means on a full matrix. The feature audit's ``row_count`` is the sample's size. The model's row is
the same as from memory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, datetime
from functools import partial, reduce
from operator import or_

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from customer_segmentation.clustering.fit import Clustering
from customer_segmentation.clustering.mllib import Clusterer
from customer_segmentation.model.scaling import FeatureScaling
from customer_segmentation.model.trained_model import TrainedModel
from customer_segmentation.preparation.audit import audited, with_left_out
from customer_segmentation.preparation.checks import (
    check_customers,
    check_row_count,
    check_training_columns,
)
from customer_segmentation.preparation.mart import read_customers
from customer_segmentation.preparation.scale import apply_preprocessing
from customer_segmentation.preparation.spark import component_values, finite, scaled_value
from customer_segmentation.preparation.spark_fit import cached_vectors, fit_reduction, fit_scalings
from customer_segmentation.scoring.spark import score
from customer_segmentation.selection.limits import k_limits
from customer_segmentation.selection.sweep import sweep
from customer_segmentation.specification import Specification
from customer_segmentation.training.arguments import in_utc, silent
from customer_segmentation.training.conclusion import concluded
from customer_segmentation.training.matrix import as_much_as_a_component, prepared_components
from customer_segmentation.training.matrix_in_spark import JoinedMatrix, joined_matrix
from customer_segmentation.training.prepared import Group, Population, Prepared
from customer_segmentation.training.previous import Previous
from customer_segmentation.training.segments import model_of_labels

_MOST_EXAMPLES = 1000


def train_in_spark(
    features: DataFrame,
    spec: Specification,
    *,
    matrix: DataFrame | None = None,
    as_of_date: date,
    trained_at: datetime,
    previous: Previous | None = None,
    further: Sequence[str] = (),
    progress: Callable[[str], None] | None = None,
) -> TrainedModel:
    """Train on the customers of a feature mart without bringing all of them here.

    Each clustering is the best of ``spec.starts`` runs of MLlib. The centroids of k-means are the
    means of their members within MLlib's tolerance. MLlib's bisecting k-means splits the cluster
    with the most customers, that in memory the one with the largest inertia.

    Args:
        features: The feature mart with ``as_of_date``, on an embedded Spark or over Spark Connect.
        spec: What to cluster and how, with algorithms that Spark has and numeric features.
        matrix: The long mart, where the specification has a matrix.
        as_of_date: The date that the features of the mart are relative to.
        trained_at: Now, with a time zone.
        previous: The version before, whose ids the segments keep.
        further: Columns that the version before was trained on.
        progress: Receives one line of text per step.

    Raises:
        InputError: The customers cannot be clustered; the message says which and why.
        ValueError: ``trained_at`` has no time zone.
    """
    trained_at = in_utc(trained_at)
    say = progress or silent
    check_training_columns(features.columns, spec)
    row_count = _checked(features, spec)
    conclude = partial(
        _trained,
        spec=spec,
        further=further,
        say=say,
        day=as_of_date,
        now=trained_at,
        previous=previous,
    )
    if matrix is None:
        return conclude(features, row_count, None)
    with joined_matrix(features, matrix, spec, say) as joined:
        return conclude(joined.features, joined.reduction.entities, joined)


def _trained(
    features: DataFrame,
    row_count: int,
    joined: JoinedMatrix | None,
    *,
    spec: Specification,
    further: Sequence[str],
    say: Callable[[str], None],
    day: date,
    now: datetime,
    previous: Previous | None,
) -> TrainedModel:
    components = () if joined is None else joined.reduction.names
    customers = _sample(features, spec, (*components, *further))
    check_row_count(len(customers), min(spec.candidate_ks))
    with ExitStack() as cached:
        if joined is None:
            prepared, all_scaled, all_reduced = _of_features(
                features, customers, row_count, spec, say, cached
            )
        else:
            prepared = _of_components(joined, customers, spec, say)
            dimensions = [scaled_value(item) for item in prepared.scalings]
            all_scaled = cached.enter_context(cached_vectors(features, dimensions, spec.entity_key))
            all_reduced = all_scaled
        say(f"{row_count} customers scaled in Spark, {len(customers)} of them sampled")
        clusterer = Clusterer(
            all_scaled, all_reduced, row_count, prepared.scaled, prepared.points, spec
        )
        limits = k_limits(prepared.scaled, spec)
        cuts = prepared.fewer_components(spec.components)
        swept = sweep(prepared.spaces, spec, limits, say, clusterer, cuts)
    everyone = _population(features, prepared, swept.chosen, spec)
    measured = f"measured on a seeded sample of {len(customers)} of {row_count} customers"
    return concluded(
        prepared,
        replace(swept, reason=f"{swept.reason}; {measured}"),
        spec,
        everyone=everyone,
        engine="spark",
        as_of_date=day,
        trained_at=now,
        previous=previous,
        say=say,
    )


def _of_features(
    features: DataFrame,
    customers: pd.DataFrame,
    row_count: int,
    spec: Specification,
    say: Callable[[str], None],
    cached: ExitStack,
) -> tuple[Prepared, DataFrame, DataFrame]:
    """The sample, and all customers as vectors of scaled features and of their components."""
    audits, correlations = audited(customers, spec, say)
    scalings = fit_scalings(features, spec, row_count)
    audits = with_left_out(audits, scalings, spec, say)
    scaled = apply_preprocessing(customers, scalings)
    # Before the reduction: of customers who are alike this says so.
    k_limits(scaled, spec)
    dimensions = [scaled_value(item) for item in scalings]
    all_scaled = cached.enter_context(cached_vectors(features, dimensions, spec.entity_key))
    reduction = fit_reduction(features, all_scaled, scalings, spec)
    prepared = Prepared(customers, (audits, correlations), scalings, scaled, reduction)
    components = dimensions if reduction is None else component_values(dimensions, reduction)
    all_reduced = cached.enter_context(cached_vectors(features, components, spec.entity_key))
    return prepared, all_scaled, all_reduced


def _of_components(
    joined: JoinedMatrix, customers: pd.DataFrame, spec: Specification, say: Callable[[str], None]
) -> Prepared:
    """The sample, with the components that all customers have."""
    beside: tuple[FeatureScaling, ...] = ()
    if spec.features:
        fitted = fit_scalings(joined.features, spec, joined.reduction.entities)
        beside = as_much_as_a_component(fitted, joined.reduction.components)
    matrix = joined.of(customers[spec.entity_key])
    return prepared_components(customers, matrix, joined.reduction, beside, spec, say)


def _checked(features: DataFrame, spec: Specification) -> int:
    """The number of customers, each of whom can be clustered."""
    key = spec.entity_key
    names = dict.fromkeys((*spec.feature_names, spec.ordering.measure))
    unusable = reduce(or_, [finite(name).isNull() for name in names], F.col(key).isNull())
    counted = features.groupBy(key).agg(F.count(F.lit(1)).alias("_rows"))
    several = counted.where(F.col("_rows") > 1).select(key).limit(_MOST_EXAMPLES)
    wrong = features.where(unusable).unionByName(features.join(several, key, "left_semi"))
    examples = read_customers(wrong.limit(_MOST_EXAMPLES), spec)
    row_count = features.count()
    if len(examples) or not row_count:
        check_customers(examples, spec)
    return row_count


def _sample(features: DataFrame, spec: Specification, further: Sequence[str]) -> pd.DataFrame:
    """Customers drawn by a hash of their key, whatever the order of the mart, sorted by key."""
    key = F.col(spec.entity_key)
    drawn = features.orderBy(F.xxhash64(key, F.lit(spec.random_seed)), key).limit(spec.sample_size)
    return read_customers(drawn, spec, further).sort_values(spec.entity_key, ignore_index=True)


def _population(
    features: DataFrame, prepared: Prepared, clustering: Clustering, spec: Specification
) -> Population:
    # Scoring hands on the key, for which the ordering measure stands in: no more is needed.
    model = model_of_labels(prepared, clustering, spec.ordering.measure)
    rows = (
        score(features, model)
        .groupBy("segment_id")
        .agg(
            F.count(F.lit(1)).alias("size"),
            F.avg(F.col(spec.ordering.measure).cast("double")).alias("ordering_mean"),
            F.sum(F.col("distance_to_centroid") * F.col("distance_to_centroid")).alias("inertia"),
            F.avg("distance_to_centroid").alias("mean_distance"),
            F.max("distance_to_centroid").alias("radius"),
        )
        .collect()
    )
    groups = {row["segment_id"]: row.asDict() for row in rows}
    for values in groups.values():
        del values["segment_id"]
    return Population(
        row_count=sum(values["size"] for values in groups.values()),
        groups=tuple(Group(**groups[label]) for label in range(clustering.k)),
    )
