"""Measure training on a large matrix of ratings, and print one line of JSON.

    python benchmarks/matrix_size.py
    python benchmarks/matrix_size.py --engine memory --users 943 --items 1682 --ratings 100000

Generated ratings of users with 25 planted tastes are written once as Parquet: what a user rates is
drawn by popularity, which falls with the item's rank, and eight times as often where it is to the
user's taste. Then a model is trained on them in one Spark session: 10 components, k-means with
k = 25, and everything that a model says about itself.

Keys of the line:

users, items, ratings, cores, engine: what was trained on, and where.
seconds: by phase, named after the line that training says at its end.
total: seconds of training.
cpu_seconds: processor time of the JVM, of Python and of Spark's Python workers, which other work on
    the machine changes little.
peak_memory_mib: most resident memory (RSS) of the JVM, and of Python with Spark's Python workers,
    at one moment, sampled every 0.25 s.
explained: share of the variance that the components explain.
explained_by_arpack, with --compare: the same by scikit-learn, on the whole matrix in memory.

Progress goes to stderr.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import click
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from engine_size import Phases, spark_session
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from customer_segmentation.model.trained_model import TrainedModel
from customer_segmentation.preparation.read_matrix import read_matrix
from customer_segmentation.preparation.reduce_matrix import fit_matrix_reduction
from customer_segmentation.specification import Matrix, Specification, parse_specification
from customer_segmentation.training.engine import train_by_engine

TASTES = 25
SEED = 17
AS_OF = date(2024, 1, 31)
CHUNK_USERS = 5000


def write_ratings(users: int, items: int, ratings: int, path: Path) -> int:
    """The generated ratings, about as many as asked for; returns how many there are."""
    random = np.random.default_rng(SEED)
    popularity = np.arange(1, items + 1) ** -0.7
    liked = np.where(random.random((TASTES, items)) < 0.08, 8, 1) * popularity
    thresholds = np.cumsum(liked, axis=1) / liked.sum(axis=1, keepdims=True)
    written, writer = 0, None
    for start in range(0, users, CHUNK_USERS):
        size = min(CHUNK_USERS, users - start)
        # Few users rate very much. Those drawn twice count once, hence a tenth more.
        activity = random.lognormal(0, 0.85, size)
        counts = np.ceil(1.1 * ratings / users * activity / np.exp(0.85**2 / 2)).astype(int)
        counts = np.clip(counts, 3, items // 4)
        taste = np.repeat(random.integers(0, TASTES, size), counts)
        drawn = np.empty(len(taste), dtype=np.int64)
        for number in range(TASTES):
            of_taste = taste == number
            values = random.random(int(of_taste.sum()))
            drawn[of_taste] = np.searchsorted(thresholds[number], values)
        pairs = np.unique(np.repeat(np.arange(start, start + size), counts) * items + drawn)
        pairs = random.permutation(pairs)
        table = pa.table(
            {
                "user_id": np.char.add("user_", (pairs // items).astype(str)),
                "item_id": np.char.add("item_", (pairs % items).astype(str)),
                "value": random.integers(1, 6, len(pairs)).astype(float),
            }
        )
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
        written += len(pairs)
    if writer is not None:
        writer.close()
    return written


def specification(engine: str) -> Specification:
    return parse_specification(
        {
            "entity_key": "user_id",
            "matrix": {"item": "item_id", "value": "value"},
            "features": [],
            "reduction": {"components": 10},
            "k": TASTES,
            "engine": engine,
            "ordering": {"measure": "number_of_ratings"},
        },
        "benchmark",
    )


def trained(mart: DataFrame, matrix: DataFrame, spec: Specification, phases: Phases) -> Any:
    last = time.perf_counter()

    def progress(text: str) -> None:
        nonlocal last
        now = time.perf_counter()
        name = text.partition(":")[0]
        phases.seconds[name] = phases.seconds.get(name, 0) + now - last
        click.echo(f"{now - last:8.2f} s  {text}", err=True)
        last = now

    model: TrainedModel = train_by_engine(
        mart,
        spec,
        mart.count(),
        matrix=matrix,
        as_of_date=AS_OF,
        trained_at=datetime.now(timezone.utc),
        progress=progress,
    )
    progress("done")
    return model


def explained_by_arpack(matrix: DataFrame, columns: Matrix) -> float:
    values = read_matrix(matrix, columns).values
    axes = fit_matrix_reduction(
        values, method="pca", components=10, variance=None, random_seed=SEED
    )
    return float(axes.shares.sum())


@click.command(help="Measure training on a matrix of ratings; prints one line of JSON.")
@click.option("--users", type=click.IntRange(100), default=100_000, show_default=True)
@click.option("--items", type=click.IntRange(100), default=20_000, show_default=True)
@click.option("--ratings", type=click.IntRange(1000), default=10_000_000, show_default=True)
@click.option("--engine", type=click.Choice(["memory", "spark"]), default="spark")
@click.option("--compare", is_flag=True, help="Also reduce the whole matrix in memory.")
@click.option("--driver-memory", default="4g", show_default=True, help="Heap of the JVM.")
def main(
    users: int, items: int, ratings: int, engine: str, compare: bool, driver_memory: str
) -> None:
    measured: dict[str, Any] = {"users": users, "items": items}
    with tempfile.TemporaryDirectory(prefix="matrix_size_") as name:
        folder = Path(name)
        path = folder / "ratings.parquet"
        measured["ratings"] = write_ratings(users, items, ratings, path)
        measured.update(cores=os.cpu_count(), engine=engine)
        with spark_session(driver_memory, folder) as session:
            matrix = session.read.parquet(str(path))
            counts = matrix.groupBy("user_id").agg(F.count("*").alias("number_of_ratings"))
            counts.withColumn("as_of_date", F.lit(AS_OF)).write.parquet(str(folder / "mart"))
            mart = session.read.parquet(str(folder / "mart"))
            spec, phases = specification(engine), Phases()
            with phases.watched():
                model = trained(mart, matrix, spec, phases)
            described = phases.described()
            measured["total"] = described["seconds"].pop("total")
            measured.update(described)
            components = model.matrix.components
            measured["explained"] = components[-1].cumulative_share
            if compare and spec.matrix is not None:
                measured["explained_by_arpack"] = explained_by_arpack(matrix, spec.matrix)
    click.echo(json.dumps(measured))


if __name__ == "__main__":
    sys.exit(main())
