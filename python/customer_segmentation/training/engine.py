"""Where a model is trained: in memory while the customers fit, else by Spark."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from customer_segmentation.errors import InputError
from customer_segmentation.model.trained_model import TrainedModel
from customer_segmentation.specification import (
    DEFAULT_COMPONENTS,
    SPARK_ALGORITHMS,
    Specification,
)
from customer_segmentation.training.previous import Previous

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

COPIES = 8
"""Copies of the features that training in memory holds at its peak: the frame, unsorted and sorted,
the scaled features, and what the clusterings at work hold; measured, see benchmarks/engine_size."""
SHARE_OF_MEMORY = 0.25
"""Share of the machine's memory that is the budget where the specification has none."""

BYTES_OF_AN_ENTRY = 12
"""A double, and the position of its item."""
COPIES_OF_A_MATRIX = 6
"""Copies of the entries that training in memory holds at its peak: as they came from Spark with
their ids, encoded, as pairs, in compressed rows, and those of the customers of the mart."""

_MIB = 2**20
_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


def choose_engine(
    row_count: int, spec: Specification, entries: int = 0
) -> tuple[Literal["memory", "spark"], str]:
    """The engine of a specification, and why, in words.

    ``auto`` is memory where ``row_count`` x features x bytes of a value x :data:`COPIES` fit
    ``spec.memory_budget_mb`` MiB, by default :data:`SHARE_OF_MEMORY` of the memory of the machine
    that dbt runs on, or of its container. It is memory at any size where Spark lacks an algorithm
    or an encoding of the specification. A matrix needs ``entries`` x :data:`BYTES_OF_AN_ENTRY` x
    :data:`COPIES_OF_A_MATRIX` besides, and its components count as features.

    Args:
        row_count: Customers to train on.
        entries: Rows of the matrix.

    Raises:
        InputError: Spark is asked for and lacks an encoding.
    """
    lacking = _lacking(spec)
    if spec.engine == "spark":
        if lacking:
            raise InputError(f"engine: spark does not have {lacking}. Set engine: memory.")
        return "spark", "the specification has engine: spark"
    dimensions = len(spec.features) + _components(spec)
    dense = row_count * dimensions * np.dtype(spec.precision).itemsize * COPIES
    needed = (dense + entries * BYTES_OF_AN_ENTRY * COPIES_OF_A_MATRIX) / _MIB
    pairs = f" with {entries} pairs of the matrix" if entries else ""
    size = f"{row_count} customers{pairs} need about {needed:.0f} MiB"
    if spec.engine == "memory":
        return "memory", f"the specification has engine: memory; {size}"
    budget = spec.memory_budget_mb or default_budget_mb()
    if needed <= budget:
        return "memory", f"{size}, within the budget of {budget}"
    if lacking:
        return "memory", f"{size}, above the budget of {budget}, but Spark does not have {lacking}"
    return "spark", f"{size}, above the budget of {budget}"


def train_by_engine(
    features: DataFrame,
    spec: Specification,
    row_count: int,
    *,
    matrix: DataFrame | None = None,
    as_of_date: date,
    trained_at: datetime,
    progress: Callable[[str], None],
    previous: Previous | None = None,
    further: Sequence[str] = (),
    has_mllib: bool = True,
) -> TrainedModel:
    """Train on a feature mart, where :func:`choose_engine` says.

    Args:
        features: One row per entity, with a column ``as_of_date``.
        spec: What to cluster and how.
        row_count: Rows of ``features``.
        matrix: The long mart, where the specification has a matrix.
        as_of_date: The date that the features are relative to.
        trained_at: Now, with a time zone.
        progress: Receives one line of text per step.
        previous: The model whose segment ids the new ones follow.
        further: Columns to read besides, that the previous model needs.
        has_mllib: Whether the engine of ``features`` has Spark's MLlib.

    Raises:
        InputError: The customers cannot be clustered, or MLlib is to train and is not there; says
            which and why.
    """
    engine, why = choose_engine(row_count, spec, 0 if matrix is None else matrix.count())
    if engine == "spark" and not has_mllib:
        raise InputError(
            f"Sail has no MLlib, which is to train here: {why}. Set engine: memory, or a larger "
            "memory_budget_mb, or build with a target of Spark."
        )
    progress(f"engine {engine}: {why}")
    # Imported here: what clusters takes seconds to import, which a build that trains nothing saves.
    if engine == "spark":
        from customer_segmentation.training.spark import train_in_spark

        return train_in_spark(
            features,
            spec,
            matrix=matrix,
            as_of_date=as_of_date,
            trained_at=trained_at,
            previous=previous,
            further=further,
            progress=progress,
        )
    from customer_segmentation.preparation.mart import read_customers
    from customer_segmentation.preparation.read_matrix import read_matrix
    from customer_segmentation.training.memory import train

    return train(
        read_customers(features, spec, further),
        spec,
        matrix=None if matrix is None or spec.matrix is None else read_matrix(matrix, spec.matrix),
        as_of_date=as_of_date,
        trained_at=trained_at,
        previous=previous,
        progress=progress,
    )


def default_budget_mb() -> int:
    """:data:`SHARE_OF_MEMORY` of what this machine or container has, in MiB."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if _CGROUP_LIMIT.exists() and (limit := _CGROUP_LIMIT.read_text().strip()).isdigit():
        memory = min(memory, int(limit))
    return int(memory * SHARE_OF_MEMORY / _MIB)


def _components(spec: Specification) -> int:
    """Components of a matrix that are to be expected; of a share of the variance the default."""
    return 0 if spec.matrix is None else spec.components or DEFAULT_COMPONENTS


def _lacking(spec: Specification) -> str:
    others = spec.compare.algorithms if spec.compare is not None else ()
    lacking = [item for item in (spec.algorithm, *others) if item not in SPARK_ALGORITHMS]
    encodings = {item.encoding for item in spec.features} - {"numeric"}
    return ", ".join([*lacking, *(f"encoding {item}" for item in sorted(encodings))])
