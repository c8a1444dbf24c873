"""Clusterings of all customers by Spark MLlib."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.ml.clustering import BisectingKMeans, GaussianMixture, KMeans
from pyspark.ml.functions import array_to_vector
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from customer_segmentation.clustering.fit import Clustering
from customer_segmentation.errors import InputError
from customer_segmentation.model.assignment import Assignment, Gaussians
from customer_segmentation.numerics.arrays import FloatArray, Labels
from customer_segmentation.preparation.spark_fit import POINT, SHIFT
from customer_segmentation.specification import Algorithm, Specification

# Bisecting k-means always makes as many, for k-means and mixtures it is a limit.
_MOST_ITERATIONS: Mapping[Algorithm, int] = {
    "kmeans": 100,
    "bisecting_kmeans": 20,
    "gaussian_mixture": 100,
}
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


@dataclass(frozen=True, eq=False)
class Clusterer:
    """Clusters all customers, and labels those of the sample.

    Attributes:
        all_scaled: Scaled features of all customers, as vectors.
        all_reduced: Their principal components likewise; the same without a reduction.
        row_count: All customers.
        scaled: Scaled features of the sample (m, dimensions).
        points: Its principal components (m, components); the same without a reduction.
        spec: Seeds and starts.
    """

    all_scaled: DataFrame
    all_reduced: DataFrame
    row_count: int
    scaled: FloatArray
    points: FloatArray
    spec: Specification

    def __call__(self, k: int | None, algorithm: Algorithm, reduced: bool) -> Clustering:
        assert k is not None  # Spark has no algorithm that finds it.
        frame = self.all_reduced if reduced else self.all_scaled
        sample = self.points if reduced else self.scaled
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


def _fit(frame: DataFrame, k: int, algorithm: Algorithm, seed: int) -> tuple[Any, float]:
    """A fitted model of MLlib, and what is the lower the better it fits."""
    model = _ESTIMATORS[algorithm](
        k=k, seed=seed, featuresCol=POINT, maxIter=_MOST_ITERATIONS[algorithm]
    ).fit(frame)
    if algorithm == "gaussian_mixture":
        return model, -model.summary.logLikelihood
    return model, model.summary.trainingCost


def _assignment(model: Any, algorithm: Algorithm, k: int) -> Assignment:
    if algorithm != "gaussian_mixture":
        centroids = np.array(model.clusterCenters()) - SHIFT
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
        np.array([item.mean.toArray() for item in components]) - SHIFT,
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
    table = pa.table({"at": np.arange(len(sample)), "values": list(sample + SHIFT)})
    vectors = frame.sparkSession.createDataFrame(table).select(
        "at", array_to_vector(F.col("values")).alias(POINT)
    )
    predicted = model.transform(vectors).select("at", "prediction").toPandas()
    labels: Labels = predicted.sort_values("at")["prediction"].to_numpy(dtype=np.intp)
    return labels
