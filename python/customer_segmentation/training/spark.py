"""Train where the customers are: Spark MLlib clusters them all, a sample of them is brought here.

Scaling, principal components, clusterings, and the sizes, means and radii of the segments are of
all customers. What describes and compares clusterings is of a seeded sample of ``sample_size``
customers: audit, measures, stability, rules, classifiers, overlap with the version before. The
feature audit's ``row_count`` is the sample's size. The model's row is the same as from memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import reduce
from operator import add, or_
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyspark.ml.clustering import BisectingKMeans, GaussianMixture, KMeans
from pyspark.ml.feature import PCA
from pyspark.ml.functions import array_to_vector
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812

from customer_segmentation.clustering.fit import Clustering
from customer_segmentation.errors import InputError
from customer_segmentation.model.assignment import Assignment, Gaussians
from customer_segmentation.model.reduction import Reduction
from customer_segmentation.model.scaling import FeatureScaling
from customer_segmentation.model.trained_model import TrainedModel
from customer_segmentation.numerics.arrays import FloatArray, Labels
from customer_segmentation.preparation.checks import (
    check_customers,
    check_distinct_rows,
    check_extent,
    check_spread,
    check_training_columns,
)
from customer_segmentation.preparation.mart import read_customers
from customer_segmentation.preparation.reduce import reduction_of
from customer_segmentation.preparation.scale import apply_preprocessing
from customer_segmentation.scoring.spark import finite, scaled_value, score
from customer_segmentation.selection.sweep import sweep
from customer_segmentation.specification import Algorithm, Specification
from customer_segmentation.training.memory import (
    Group,
    Population,
    Prepared,
    audited,
    concluded,
    in_utc,
    model_of_labels,
    silent,
)
from customer_segmentation.training.previous import Previous

_POINT = "point"
# Added to every coordinate: MLlib splits a cluster by moving its centre by a share of its length,
# and the centre of scaled customers is 0.
_SHIFT = 1.0
# Bisecting k-means always makes as many, for k-means and mixtures it is a limit.
_MOST_ITERATIONS: Mapping[Algorithm, int] = {
    "kmeans": 100,
    "bisecting_kmeans": 20,
    "gaussian_mixture": 100,
}
_MOST_EXAMPLES = 1000
_LEAST_RELATIVE_SPREAD = 1e-12
_QUARTILES = (0.25, 0.5, 0.75)
_ESTIMATORS: Mapping[Algorithm, Any] = {
    "kmeans": KMeans,
    "bisecting_kmeans": BisectingKMeans,
    "gaussian_mixture": GaussianMixture,
}
_TITLES: Mapping[Algorithm, str] = {
    "kmeans": "K-means",
    "bisecting_kmeans": "Bisecting k-means",
    "gaussian_mixture": "A Gaussian mixture",
}


def train_in_spark(
    features: DataFrame,
    spec: Specification,
    *,
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
    customers = _sample(features, spec, further)
    audits = audited(customers, spec, say)
    scalings = _scalings(features, spec, row_count)
    scaled = apply_preprocessing(customers, scalings)
    check_distinct_rows(scaled, max(spec.candidate_ks))
    dimensions = [scaled_value(item) for item in scalings]
    with _cached(features, dimensions) as all_scaled:
        reduction = _reduction(features, all_scaled, scalings, spec)
        components = dimensions if reduction is None else _components(dimensions, reduction)
        prepared = Prepared(customers, audits, scalings, scaled, reduction)
        say(f"{row_count} customers scaled in Spark, {len(customers)} of them sampled")
        with _cached(features, components) as all_reduced:
            clusterer = _Clusterer(all_scaled, all_reduced, row_count, prepared, spec)
            swept = sweep(scaled, prepared.reduced, spec, say, clusterer)
    everyone = _population(features, prepared, swept.chosen, spec)
    measured = f"measured on a seeded sample of {len(customers)} of {row_count} customers"
    return concluded(
        prepared,
        replace(swept, reason=f"{swept.reason}; {measured}"),
        spec,
        everyone=everyone,
        engine="spark",
        as_of_date=as_of_date,
        trained_at=trained_at,
        previous=previous,
        say=say,
    )


@dataclass(frozen=True, eq=False)
class _Clusterer:
    """Clusters all customers, and labels those of the sample."""

    all_scaled: DataFrame
    all_reduced: DataFrame
    row_count: int
    prepared: Prepared
    spec: Specification

    def __call__(self, k: int | None, algorithm: Algorithm, reduced: bool) -> Clustering:
        assert k is not None  # Spark has no algorithm that finds it.
        frame = self.all_reduced if reduced else self.all_scaled
        sample = self.prepared.points if reduced else self.prepared.scaled
        seeds = range(self.spec.random_seed, self.spec.random_seed + self.spec.starts)
        fits = [_fit(frame, k, algorithm, seed) for seed in seeds]
        best, _ = min(fits, key=lambda fit: fit[1])
        assignment = _assignment(best, algorithm, k)
        labels = assignment.assign(sample)
        _check_labels(labels, algorithm, k, self.row_count)
        return Clustering(
            assignment=assignment,
            labels=labels,
            fitted_rows=self.row_count,
            agreement=float(np.mean(labels == _predictions(best, frame, sample))),
            noise_share=0.0,
        )


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


def _scalings(
    features: DataFrame, spec: Specification, row_count: int
) -> tuple[FeatureScaling, ...]:
    """Transforms and scaler as in memory, in two passes over all customers."""
    bounds = _aggregated(
        features,
        {
            item.name: F.percentile(finite(item.name), [item.lower, item.upper])
            for item in spec.features
            if item.lower is not None and item.upper is not None
        },
    )
    unscaled = []
    for feature in spec.features:
        lower, upper = bounds.get(feature.name, (None, None))
        unscaled.append(FeatureScaling(feature.name, feature.transform, lower, upper, 0.0, 1.0))
    figures = _aggregated(
        features, {item.name: _figures(scaled_value(item), spec.scaler) for item in unscaled}
    )
    fitted = []
    for item in unscaled:
        found = figures[item.name]
        low, high = found["low"], found["high"]
        if spec.scaler == "standard":
            centre, scale = found["mean"], found["deviation"]
        elif spec.scaler == "minmax":
            centre, scale = low, high - low
        else:
            first, centre, third = found["quartiles"]
            scale = third - first
        varies = high - low > _LEAST_RELATIVE_SPREAD * max(abs(low), abs(high))
        fitted.append((replace(item, centre=centre, scale=scale), varies))
    check_spread(features.limit(1).select(*spec.feature_names).toPandas(), fitted, spec.scaler)
    scalings = tuple(scaling for scaling, _ in fitted)
    lowest, highest = (
        np.array([(figures[item.name][end] - item.centre) / item.scale for item in scalings])
        for end in ("low", "high")
    )
    check_extent(lowest, highest, spec.feature_names, row_count)
    return scalings


def _figures(value: Column, scaler: str) -> Column:
    # Exact quartiles keep every different value of a feature in memory.
    quartiles = [F.percentile(value, list(_QUARTILES)).alias("quartiles")]
    return F.struct(
        F.min(value).alias("low"),
        F.max(value).alias("high"),
        F.avg(value).alias("mean"),
        F.stddev_pop(value).alias("deviation"),
        *(quartiles if scaler == "robust" else []),
    )


def _aggregated(features: DataFrame, columns: Mapping[str, Column]) -> Mapping[str, Any]:
    """One figure, or struct of figures, by name."""
    if not columns:
        return {}
    row = features.agg(*(column.alias(name) for name, column in columns.items())).collect()[0]
    return dict(row.asDict())


@contextmanager
def _cached(features: DataFrame, values: Sequence[Column]) -> Iterator[DataFrame]:
    """All customers as shifted vectors, in the memory and on the disks of Spark."""
    shifted = [value + F.lit(_SHIFT) for value in values]
    vectors = features.select(array_to_vector(F.array(*shifted)).alias(_POINT)).cache()
    try:
        yield vectors
    finally:
        vectors.unpersist()


def _reduction(
    features: DataFrame,
    all_scaled: DataFrame,
    scalings: Sequence[FeatureScaling],
    spec: Specification,
) -> Reduction | None:
    if spec.reduction is None:
        return None
    fitted = PCA(k=len(scalings), inputCol=_POINT, outputCol="components").fit(all_scaled)
    moments = _aggregated(
        features,
        {
            item.name: F.struct(
                F.avg(scaled_value(item)).alias("mean"),
                F.var_samp(scaled_value(item)).alias("variance"),
            )
            for item in scalings
        },
    )
    shares = fitted.explainedVariance.toArray()
    return reduction_of(
        tuple(item.name for item in scalings),
        centres=np.array([moments[item.name]["mean"] for item in scalings]),
        axes=fitted.pc.toArray().T,
        variances=shares * sum(item["variance"] for item in moments.values()),
        shares=shares,
        components=spec.reduction.components,
        variance=spec.reduction.variance,
    )


def _components(dimensions: Sequence[Column], reduction: Reduction) -> list[Column]:
    centred = [
        value - F.lit(item.centre)
        for value, item in zip(dimensions, reduction.centres, strict=True)
    ]
    return [
        reduce(
            add,
            [
                value * F.lit(item.loading)
                for value, item in zip(centred, component.loadings, strict=True)
            ],
        )
        for component in reduction.components
    ]


def _fit(frame: DataFrame, k: int, algorithm: Algorithm, seed: int) -> tuple[Any, float]:
    """A fitted model of MLlib, and what is the lower the better it fits."""
    model = _ESTIMATORS[algorithm](
        k=k, seed=seed, featuresCol=_POINT, maxIter=_MOST_ITERATIONS[algorithm]
    ).fit(frame)
    if algorithm == "gaussian_mixture":
        return model, -model.summary.logLikelihood
    return model, model.summary.trainingCost


def _assignment(model: Any, algorithm: Algorithm, k: int) -> Assignment:
    if algorithm != "gaussian_mixture":
        centroids = np.array(model.clusterCenters()) - _SHIFT
        different = len(np.unique(centroids, axis=0))
        if different < k:
            raise InputError(
                f"{_TITLES[algorithm]} in Spark found only {different} different groups where "
                f"{k} were asked for: the customers are too alike in their scaled features. Set a "
                "smaller k, add features, or set a transform (log1p, winsorize) where a few "
                "customers are far out."
            )
        return Assignment("nearest_centroid", centroids)
    weights, components = np.array(model.weights), model.gaussians
    try:
        factors = [np.linalg.cholesky(item.cov.toArray()) for item in components]
    except np.linalg.LinAlgError as error:
        raise InputError(
            f"A Gaussian mixture with k={k} cannot be fitted: one of its components has customers "
            "that are too alike. Set a smaller k, leave out features that follow from others, or "
            "choose another algorithm."
        ) from error
    log_determinants = [2 * np.log(np.diagonal(factor)).sum() for factor in factors]
    return Assignment(
        "gaussian",
        np.array([item.mean.toArray() for item in components]) - _SHIFT,
        gaussians=Gaussians(
            weights=weights,
            precision_cholesky=np.array([np.linalg.inv(factor).T for factor in factors]),
            offsets=np.array(log_determinants) - 2 * np.log(weights),
        ),
    )


def _check_labels(labels: Labels, algorithm: Algorithm, k: int, row_count: int) -> None:
    unsampled = k - len(np.unique(labels))
    if unsampled:
        raise InputError(
            f"{_TITLES[algorithm]} with k={k} found {unsampled} groups that none of the "
            f"{len(labels)} sampled of {row_count} customers is in, so that nothing can be said "
            "of them. Set a larger sample_size or a smaller k, or a transform (log1p, winsorize) "
            "for skewed features."
        )


def _predictions(model: Any, frame: DataFrame, sample: FloatArray) -> Labels:
    """What MLlib itself says of the sample."""
    table = pa.table({"at": np.arange(len(sample)), "values": list(sample + _SHIFT)})
    vectors = frame.sparkSession.createDataFrame(table).select(
        "at", array_to_vector(F.col("values")).alias(_POINT)
    )
    predicted = model.transform(vectors).select("at", "prediction").toPandas()
    labels: Labels = predicted.sort_values("at")["prediction"].to_numpy(dtype=np.intp)
    return labels


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
