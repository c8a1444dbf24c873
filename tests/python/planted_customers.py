"""Customers in three groups, models of them by every algorithm, and scores in two places."""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pyspark.sql import functions as F  # noqa: N812

from customer_segmentation.model.trained_model import TrainedModel
from customer_segmentation.scoring.frame import score_frame
from customer_segmentation.scoring.spark import score
from customer_segmentation.specification import parse_specification
from customer_segmentation.training.memory import train

AS_OF = date(2024, 1, 31)


def customers(size: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "customer_id": rng.permutation(size),
            "days": rng.integers(0, 400, size),
            "orders": rng.lognormal(1, 1, size),
            "revenue": rng.normal(20, 300, size),
        }
    )


def trained(frame: pd.DataFrame | None = None, **settings: Any) -> TrainedModel:
    base = {
        "entity_key": "customer_id",
        "features": [
            {"name": "days", "transform": "none"},
            {"name": "orders", "transform": "winsorize", "lower": 0.1, "upper": 0.8},
            {"name": "revenue", "transform": "log1p"},
        ],
        "k": 5,
        "starts": 2,
        "stability": {"seeds": 1, "resamples": 1},
        "ordering": {"measure": "revenue"},
    }
    return train(
        customers(300, seed=1) if frame is None else frame,
        parse_specification({**base, **settings}, "test"),
        as_of_date=AS_OF,
        trained_at=datetime(2024, 2, 1, tzinfo=timezone.utc),
    )


def planted(size: int, seed: int) -> pd.DataFrame:
    """Three groups of their own spread and direction, and a few customers between them."""
    rng = np.random.default_rng(seed)
    group = rng.choice(4, size, p=[0.45, 0.3, 0.2, 0.05])
    common = rng.normal(size=size)
    spread = np.array([1.0, 0.5, 1.5, 8.0])[group]
    centres = {"days": (10, 40, 30, 25), "orders": (5, 8, 30, 15), "revenue": (60, 90, 20, 50)}
    columns = {
        name: np.array(centre)[group] + spread * (common * (at - 1) + rng.normal(size=size))
        for at, (name, centre) in enumerate(centres.items())
    }
    return pd.DataFrame({"customer_id": rng.permutation(size), **columns})


ALGORITHMS: dict[str, dict[str, Any]] = {
    "kmeans": {"k": 4},
    "bisecting_kmeans": {"k": 3},
    "gaussian_mixture": {"k": 3},
    "agglomerative": {"k": 3},
    "dbscan": {"density": {"eps": 0.3, "min_samples": 5}},
    "hdbscan": {"density": {"min_cluster_size": 20}},
}
PCA = {"method": "pca", "components": 2}


def planted_model(algorithm: str, reduction: Any = None) -> TrainedModel:
    # Scaled by their medians, the features have means that the components must be centred by.
    scaler = "standard" if reduction is None else "robust"
    settings = {"k": None, "reduction": reduction, "scaler": scaler, **ALGORITHMS[algorithm]}
    return trained(planted(400, seed=3), algorithm=algorithm, **settings)


def as_in_pandas(rows: Any, frame: pd.DataFrame, model: TrainedModel) -> pd.DataFrame:
    """Assert that Spark scores rows as pandas scores the frame that they are of, and give that."""
    there = score(rows.withColumn("as_of_date", F.lit(AS_OF)), model).toPandas()
    there = there.set_index("customer_id").loc[frame["customer_id"]].reset_index()
    here = score_frame(frame.assign(as_of_date=AS_OF), model)
    expected = [pushes or [] for pushes in here["pushes"]]
    actual = [[] if pushes is None else list(pushes) for pushes in there["pushes"]]
    for row, other in zip(actual, expected, strict=True):
        assert [item["feature"] for item in row] == [item["feature"] for item in other]
        assert [item["push"] for item in row] == pytest.approx(
            [item["push"] for item in other], rel=1e-9, abs=1e-9
        )
    pd.testing.assert_frame_equal(
        there.astype({"segment_id": "Int32", "runner_up_segment_id": "Int32"}).drop(
            columns="pushes"
        ),
        here.drop(columns="pushes").reset_index(drop=True),
        rtol=1e-12,
        atol=1e-12,
    )
    return here
