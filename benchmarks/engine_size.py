"""Measure training and scoring on many customers against plain MLlib, and print one line of JSON.

    python benchmarks/engine_size.py
    python benchmarks/engine_size.py --customers 100000 --without-mllib --score 10000000

A generated mart is written once as Parquet; then, in one Spark session, two programs do the same
job one after the other, ours first. Before, both do it on the first 20,000 customers, which is not
measured, so that neither pays for the first steps of a JVM. Both take log1p of 12 skewed features,
scale to mean 0 and deviation 1, cluster by k-means with k = 2..10, and assign every customer (a
write to Spark's `noop` sink). MLlib has its default settings, its input is cached, and its final
fit has the k that ours chose. Ours reports on the model besides: audit, stability, rules,
classifiers.

Keys of the line:

customers, features, cores, precision: what was clustered, and on what.
ours.seconds:
    read: the mart from Spark to a data frame, as Arrow.
    audit: checks of the customers, and what is weak about the features.
    prepare: transforms, scaling.
    sweep: k-means and measures for every k; the model is one of these, there is no final fit.
    report: everything else that the model says about itself.
    score: segment, runner-up, distances, margin and pushes of every customer, in Spark.
    total: the sum.
ours.segments_alone: seconds of scoring that gives no more than MLlib does, the segment; not in the
    total.
mllib.seconds:
    prepare: log1p, VectorAssembler, StandardScaler, cache.
    sweep: KMeans and ClusteringEvaluator (silhouette) for every k.
    fit: KMeans with the chosen k.
    score: its transform of every customer.
    total: the sum.
peak_memory_mib, of each: most resident memory (RSS) of the JVM and of Python at one moment of it,
    sampled every 0.25 s. The JVM does not give memory back, so mllib's figure includes what ours
    needed.
cpu_seconds, of each: processor time of the JVM and of Python, which other work on the machine
    changes little.
time_ratio, cpu_ratio: total seconds of ours over those of MLlib, by the clock and of processors.
time_ratio_without_report: the same without ours' audit and report, which MLlib has nothing like.
time_ratio_like_for_like: without these two, and with segments_alone for ours' score: both programs
    then give the measures of every k, the final model and the segment of every customer.
cost: inertia of the final model over all customers, in the scaled space; cost_ratio: ours / MLlib.
highest_cost_ratio: the highest such ratio of any k of the sweep.
scoring, with --score N: N generated customers to the noop sink, after a tenth of them to warm up.
    seconds_per_million; of_which_generating: the same customers written without being scored;
    memory_mib: RSS of JVM and Python before and after.
versions: pyspark, scikit-learn, numpy.

Progress goes to stderr.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.ml.clustering import KMeans
from pyspark.ml.evaluation import ClusteringEvaluator
from pyspark.ml.feature import StandardScaler, VectorAssembler
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from retail_build import MIB, SAMPLING_SECONDS, PeakMemory

from customer_segmentation.model.trained_model import TrainedModel
from customer_segmentation.numerics.distances import nearest, squared_to_own
from customer_segmentation.preparation.mart import read_customers
from customer_segmentation.preparation.scale import apply_preprocessing
from customer_segmentation.scoring.spark import score
from customer_segmentation.specification import Specification, parse_specification
from customer_segmentation.training.memory import train
from dbt_spark_python import java

FEATURES = tuple(f"feature_{number:02}" for number in range(1, 13))
KS = range(2, 11)
GROUPS = 8
SEED = 20
AS_OF = date(2024, 1, 31)
CHUNK_ROWS = 250_000
WARM_UP_CUSTOMERS = 20_000


@dataclass
class Phases:
    """Seconds by phase, in the order they ended; peak memory and processor time of all."""

    seconds: dict[str, float] = field(default_factory=dict)
    memory: PeakMemory = field(default_factory=PeakMemory)
    cpu_seconds: float = 0.0

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        click.echo(f"{name} ...", err=True)
        clock = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - clock
        click.echo(f"{name}: {self.seconds[name]:.2f} s", err=True)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Sample the memory of this process and its JVM meanwhile."""
        done = threading.Event()
        root = psutil.Process()

        def watch() -> None:
            while not done.wait(SAMPLING_SECONDS):
                self.memory.sample(root)

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        before = _cpu_seconds(root)
        try:
            yield
        finally:
            self.cpu_seconds = _cpu_seconds(root) - before
            done.set()
            watcher.join()

    def described(self) -> dict[str, Any]:
        seconds = {**self.seconds, "total": sum(self.seconds.values())}
        return {
            "seconds": {name: round(value, 2) for name, value in seconds.items()},
            "cpu_seconds": round(self.cpu_seconds, 1),
            "peak_memory_mib": _mib(self.memory),
        }


def generate(customers: int) -> Iterator[pd.DataFrame]:
    """The mart in chunks: overlapping lognormal groups of unequal size, with related features."""
    random = np.random.default_rng(SEED)
    weights = 0.7 ** np.arange(GROUPS)
    centres = random.normal(2, 1.2, size=(GROUPS, len(FEATURES)))
    mixing = random.normal(0, 0.35, size=(GROUPS, 3, len(FEATURES)))
    for start in range(0, customers, CHUNK_ROWS):
        rows = min(CHUNK_ROWS, customers - start)
        group = random.choice(GROUPS, size=rows, p=weights / weights.sum())
        logarithms = random.normal(0, 0.5, size=(rows, len(FEATURES)))
        common = random.normal(size=(rows, 3))
        for number in range(GROUPS):
            members = group == number
            logarithms[members] += centres[number] + common[members] @ mixing[number]
        frame = pd.DataFrame(np.exp(logarithms), columns=list(FEATURES))
        frame.insert(0, "customer_id", np.arange(start, start + rows))
        yield frame.assign(as_of_date=AS_OF)


def write_mart(customers: int, folder: Path) -> Path:
    """The generated mart as one Parquet file of several row groups."""
    path = folder / "mart.parquet"
    writer = None
    for frame in generate(customers):
        table = pa.Table.from_pandas(frame, preserve_index=False)
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()
    return path


def specification(precision: str) -> Specification:
    return parse_specification(
        {
            "entity_key": "customer_id",
            "features": [{"name": name, "transform": "log1p"} for name in FEATURES],
            "k": {"min": KS[0], "max": KS[-1]},
            "engine": "memory",
            "precision": precision,
            "ordering": {"measure": FEATURES[0]},
        },
        "benchmark",
    )


def run_ours(mart: DataFrame, spec: Specification, phases: Phases) -> TrainedModel:
    with phases.phase("read"):
        customers = read_customers(mart, spec)
    clock = time.perf_counter()
    ended = {"audit": clock, "prepare": clock, "sweep": clock}

    def progress(text: str) -> None:
        now = time.perf_counter()
        click.echo(f"{now - clock:8.2f} s  {text}", err=True)
        if text.endswith("features audited"):
            ended["audit"] = now
        elif text.endswith("read and scaled"):
            ended["prepare"] = now
        elif text.startswith(f"{spec.algorithm} k="):
            ended["sweep"] = now

    model = train(
        customers,
        spec,
        as_of_date=AS_OF,
        trained_at=datetime.now(timezone.utc),
        progress=progress,
    )
    phases.seconds["audit"] = ended["audit"] - clock
    phases.seconds["prepare"] = ended["prepare"] - ended["audit"]
    phases.seconds["sweep"] = ended["sweep"] - ended["prepare"]
    phases.seconds["report"] = time.perf_counter() - ended["sweep"]
    with phases.phase("score"):
        _write_nowhere(score(mart, model))
    return model


@dataclass(frozen=True, eq=False)
class MllibModel:
    """Centres (k, features) before scaling, and the cost of each k in the space of ours."""

    centres: Any
    costs: dict[int, float]


def run_mllib(mart: DataFrame, k: int, phases: Phases) -> MllibModel:
    with phases.phase("prepare"):
        logarithms = mart.select(*(F.log1p(name).alias(name) for name in FEATURES))
        assembled = VectorAssembler(inputCols=list(FEATURES), outputCol="raw").transform(logarithms)
        scaler = StandardScaler(inputCol="raw", outputCol="features", withMean=True).fit(assembled)
        scaled = scaler.transform(assembled).select("features").cache()
        rows = scaled.count()
    evaluator = ClusteringEvaluator()
    costs = {}
    with phases.phase("sweep"):
        for candidate in KS:
            fitted = KMeans(k=candidate, seed=SEED).fit(scaled)
            silhouette = evaluator.evaluate(fitted.transform(scaled))
            # MLlib scales by the sample deviation, ours by that of the population.
            costs[candidate] = fitted.summary.trainingCost * rows / (rows - 1)
            click.echo(
                f"mllib k={candidate}: cost {costs[candidate]:.6g}, {silhouette:.4f}", err=True
            )
    with phases.phase("fit"):
        final = KMeans(k=k, seed=SEED).fit(scaled)
    with phases.phase("score"):
        _write_nowhere(final.transform(scaled))
    scaled.unpersist()
    centres = np.array(final.clusterCenters())
    return MllibModel(centres * scaler.std.toArray() + scaler.mean.toArray(), costs)


def warm_up(mart: DataFrame, precision: str, *, with_mllib: bool) -> None:
    model = run_ours(mart, specification(precision), Phases())
    if with_mllib:
        run_mllib(mart, model.k, Phases())


def inertia(mart: Path, model: TrainedModel, centroids: Any) -> float:
    """Squared distances of all customers to their nearest centroid, in the model's scaled space."""
    total = 0.0
    for batch in pq.ParquetFile(mart).iter_batches(CHUNK_ROWS, columns=list(FEATURES)):
        points = apply_preprocessing(batch.to_pandas(), model.features)
        total += float(squared_to_own(points, nearest(points, centroids)[0], centroids).sum())
    return total


def compare(mart: Path, model: TrainedModel, other: MllibModel) -> dict[str, Any]:
    """Costs of both, as the module's docstring defines them."""
    centre = np.array([item.centre for item in model.features])
    scale = np.array([item.scale for item in model.features])
    ours = inertia(mart, model, model.assignment().centroids)
    theirs = inertia(mart, model, (other.centres - centre) / scale)
    by_k = {item.k: item.measures.inertia / other.costs[item.k] for item in model.candidates}
    return {
        "k": model.k,
        "cost": {"ours": round(ours, 1), "mllib": round(theirs, 1)},
        "cost_ratio": round(ours / theirs, 4),
        "highest_cost_ratio": round(max(by_k.values()), 4),
    }


def measure_scoring(session: SparkSession, model: TrainedModel, customers: int) -> dict[str, Any]:
    """Seconds and memory of scoring generated customers, as the module's docstring defines."""
    columns = [
        F.exp(F.lit(2.0) + F.randn(SEED + at)).alias(name) for at, name in enumerate(FEATURES)
    ]

    def generated(rows: int) -> DataFrame:
        key = F.col("id").alias("customer_id")
        return session.range(rows).select(key, F.lit(AS_OF).alias("as_of_date"), *columns)

    _write_nowhere(score(generated(customers // 10), model))
    before, phases = PeakMemory(), Phases()
    before.sample(psutil.Process())
    with phases.phase("scoring"):
        _write_nowhere(score(generated(customers), model))
    after = PeakMemory()
    after.sample(psutil.Process())
    with phases.phase("generating"):
        _write_nowhere(generated(customers))
    millions = customers / 1e6
    return {
        "customers": customers,
        "seconds_per_million": round(phases.seconds["scoring"] / millions, 2),
        "of_which_generating": round(phases.seconds["generating"] / millions, 2),
        "memory_mib": {"before": _mib(before), "after": _mib(after)},
    }


def _cpu_seconds(root: psutil.Process) -> float:
    times = [process.cpu_times() for process in (root, *root.children(recursive=True))]
    return sum(item.user + item.system for item in times)


def _write_nowhere(frame: DataFrame) -> None:
    frame.write.format("noop").mode("overwrite").save()


def _mib(memory: PeakMemory) -> dict[str, int]:
    return {
        name: round(value / MIB) for name, value in asdict(memory).items() if name != "java_command"
    }


@contextmanager
def spark_session(driver_memory: str, folder: Path) -> Iterator[SparkSession]:
    # Spark's Python workers are of the same interpreter.
    os.environ.update(java.environment(os.environ), PYSPARK_PYTHON=sys.executable)
    session = (
        SparkSession.builder.master("local[*]")
        .config("spark.driver.memory", driver_memory)
        .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    try:
        yield session
    finally:
        session.stop()


@click.command(help="Measure training and scoring on many customers; prints one line of JSON.")
@click.option("--customers", type=click.IntRange(1000), default=1_300_000, show_default=True)
@click.option(
    "--precision", type=click.Choice(["float64", "float32"]), default="float64", show_default=True
)
@click.option("--without-mllib", is_flag=True, help="Measure ours alone.")
@click.option("--score", "scored", type=click.IntRange(1000), help="Also score so many customers.")
@click.option("--driver-memory", default="6g", show_default=True, help="Heap of the JVM.")
def main(
    customers: int, precision: str, without_mllib: bool, scored: int | None, driver_memory: str
) -> None:
    measured: dict[str, Any] = {
        "customers": customers,
        "features": len(FEATURES),
        "cores": os.cpu_count(),
        "precision": precision,
    }
    with tempfile.TemporaryDirectory(prefix="engine_size_") as name:
        folder = Path(name)
        path = write_mart(customers, folder)
        with spark_session(driver_memory, folder) as session:
            mart = session.read.parquet(str(path))
            warm_up(mart.limit(WARM_UP_CUSTOMERS), precision, with_mllib=not without_mllib)
            ours = Phases()
            with ours.watched():
                model = run_ours(mart, specification(precision), ours)
            alone = Phases()
            with alone.phase("segments_alone"):
                _write_nowhere(score(mart, model).select("customer_id", "segment_id"))
            segments_alone = alone.seconds["segments_alone"]
            measured["ours"] = {**ours.described(), "segments_alone": round(segments_alone, 2)}
            if not without_mllib:
                mllib = Phases()
                with mllib.watched():
                    other = run_mllib(mart, model.k, mllib)
                measured["mllib"] = mllib.described()
                theirs = sum(mllib.seconds.values())
                total = sum(ours.seconds.values())
                without = total - ours.seconds["audit"] - ours.seconds["report"]
                alike = without - ours.seconds["score"] + segments_alone
                measured["time_ratio"] = round(total / theirs, 4)
                measured["time_ratio_without_report"] = round(without / theirs, 4)
                measured["time_ratio_like_for_like"] = round(alike / theirs, 4)
                measured["cpu_ratio"] = round(ours.cpu_seconds / mllib.cpu_seconds, 4)
                measured.update(compare(path, model, other))
            if scored is not None:
                measured["scoring"] = measure_scoring(session, model, scored)
    measured["versions"] = {item: version(item) for item in ("pyspark", "scikit-learn", "numpy")}
    click.echo(json.dumps(measured))


if __name__ == "__main__":
    sys.exit(main())
