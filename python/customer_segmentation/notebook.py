"""Train and score customers in a notebook: pandas or Spark frames, and no dbt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING, Any, TypeVar, cast

import pandas as pd

from customer_segmentation.errors import InputError, ModelMismatchError
from customer_segmentation.model.matrix import MatrixReduction
from customer_segmentation.model.scoring_model import ScoringModel
from customer_segmentation.model.trained_model import TrainedModel
from customer_segmentation.preparation.checks import (
    check_matrix,
    check_matrix_columns,
    check_training_columns,
)
from customer_segmentation.preparation.columns import numeric_names
from customer_segmentation.scoring.contract import AS_OF_DATE, check_scorable
from customer_segmentation.scoring.frame import latest_date, score_frame
from customer_segmentation.specification import Matrix, Specification, parse_specification
from customer_segmentation.specification.completion import completed

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

Frame = TypeVar("Frame")

_WHERE = "the argument specification of train"


def train(
    frame: pd.DataFrame | DataFrame,
    specification: Specification | Mapping[str, Any],
    as_of_date: date | None = None,
    *,
    matrix: pd.DataFrame | DataFrame | None = None,
    progress: Callable[[str], None] | None = None,
) -> TrainedModel:
    """Train a model on customers, one row each.

    Of a mapping only ``entity_key`` has to be given. Where they are absent, ``features`` are all
    columns of numbers but the key, without a transform (booleans, dates and text are left out), and
    none beside a matrix;
    ``k`` is chosen from 2 to 10 by the elbow, unless the algorithm finds it; ``ordering`` is by the
    mean of the first numeric feature, the largest first. All else has the defaults that it has in
    YAML, and the checks are the same. ``model.specification`` says what it came to.

    A pandas frame is trained on in memory. Of a Spark frame the specification's ``engine`` decides,
    by default memory where the customers fit.

    Args:
        frame: The customers, with the columns that the specification names.
        specification: What to cluster and how.
        as_of_date: The date that the features are relative to; by default the last one of the
            column ``as_of_date``, and today (UTC) where the frame has none.
        matrix: Where the specification has a matrix, its rows, one per entity and item, as a frame
            of the same kind.
        progress: Receives one line of text per step, such as ``print``.

    Returns:
        The model: its segments, why it has as many, and in ``report`` all that describes them.

    Raises:
        SpecificationError: The specification is wrong; lists every problem.
        InputError: The customers cannot be clustered; says which and why.
        TypeError: ``frame`` is of neither kind, or ``matrix`` is not of the same kind.
    """
    now = datetime.now(timezone.utc)
    if not isinstance(frame, pd.DataFrame):
        rows = None if matrix is None else _spark_frame(matrix)
        return _train_in_spark(_spark_frame(frame), specification, as_of_date, now, progress, rows)
    # Only here: what clusters takes seconds to import, which scoring need not wait for.
    from customer_segmentation.preparation.long_matrix import matrix_of_frame
    from customer_segmentation.training.memory import train as train_in_memory

    spec = _specification(specification, numeric_names(frame))
    if spec.engine == "spark":
        raise InputError("engine: spark needs a Spark frame. Give one, or set engine: memory.")
    check_matrix(spec, is_given=matrix is not None)
    day = as_of_date or latest_date(frame) or now.date()
    read = None
    if matrix is not None and spec.matrix is not None:
        read = matrix_of_frame(_pandas_frame(matrix), spec.matrix)
    return train_in_memory(
        frame, spec, matrix=read, as_of_date=day, trained_at=now, progress=progress
    )


def score(
    frame: Frame,
    model: ScoringModel,
    as_of_date: date | None = None,
    *,
    matrix: pd.DataFrame | DataFrame | None = None,
) -> Frame:
    """Give every customer a segment by a model's rule; nothing is fitted.

    Args:
        frame: The customers, a pandas or a Spark frame with one row each: entity key and the
            columns that the model was trained on.
        model: A trained model.
        as_of_date: The date that the features are relative to; by default that of the column
            ``as_of_date``, and today (UTC) where the frame has none.
        matrix: Of a model of a matrix, its rows of these customers, as a frame of the same kind.

    Returns:
        A frame of the same kind with the same rows, as
        :func:`customer_segmentation.scoring.spark.score` and
        :func:`customer_segmentation.scoring.frame.score_frame` have them: the entity key,
        ``segment_id``, ``distance_to_centroid``, ``runner_up_segment_id``,
        ``distance_to_runner_up``, ``margin``, ``pushes``, ``model_id`` and ``as_of_date``. A
        customer with a missing or infinite feature has no segment. Of a model of a matrix also its
        components, ``known_items`` and ``unscorable_reason``.

    Raises:
        ModelMismatchError: The frame lacks a column that the model was trained on, or there is no
            ``matrix``.
        InputError: A column is of another type than in training.
        TypeError: ``frame`` is of neither kind, or ``matrix`` is not of the same kind.
    """
    scored: Any
    if isinstance(frame, pd.DataFrame):
        customers = frame
        if as_of_date is not None or AS_OF_DATE not in frame.columns:
            customers = frame.assign(**{AS_OF_DATE: as_of_date or _today()})
        check_scorable(customers.columns, model)
        if model.matrix is not None:
            customers = _with_components(customers, _given(matrix, model), model.matrix, model)
        scored = score_frame(customers, model)
    else:
        from customer_segmentation.scoring.spark import score as score_in_spark

        features = _dated(_spark_frame(frame), as_of_date)
        check_scorable(features.columns, model)
        if model.matrix is not None:
            from customer_segmentation.scoring.spark_components import with_components

            rows = _spark_frame(_given(matrix, model))
            check_matrix_columns(rows.columns, model.matrix)
            features = with_components(features, rows, model.matrix, model.entity_key)
        scored = score_in_spark(features, model)
    return cast(Frame, scored)


def _given(matrix: Any, model: ScoringModel) -> Any:
    if matrix is None:
        raise ModelMismatchError(
            f"Model {model.model_id} was trained on a matrix. Give its rows of these customers: "
            "score(..., matrix=...)."
        )
    return matrix


def _with_components(
    customers: pd.DataFrame, matrix: Any, reduction: MatrixReduction, model: ScoringModel
) -> pd.DataFrame:
    # Only here: the sparse matrix takes SciPy, which scoring of features does without.
    from customer_segmentation.preparation.long_matrix import matrix_of_frame
    from customer_segmentation.preparation.matrix_components import with_components

    columns = Matrix(entity=reduction.entity, item=reduction.item, value=reduction.value)
    read = matrix_of_frame(_pandas_frame(matrix), columns)
    return with_components(customers, read, reduction, model.entity_key)


def _train_in_spark(
    frame: DataFrame,
    specification: Specification | Mapping[str, Any],
    as_of_date: date | None,
    now: datetime,
    progress: Callable[[str], None] | None,
    matrix: DataFrame | None,
) -> TrainedModel:
    from pyspark.sql import functions as F  # noqa: N812

    from customer_segmentation.preparation.spark import numeric_fields
    from customer_segmentation.training.arguments import silent
    from customer_segmentation.training.engine import train_by_engine

    numeric = [name for name in numeric_fields(frame) if name != AS_OF_DATE]
    spec = _specification(specification, numeric)
    check_training_columns(frame.columns, spec)
    check_matrix(spec, is_given=matrix is not None)
    if matrix is not None and spec.matrix is not None:
        check_matrix_columns(matrix.columns, spec.matrix)
    features = _dated(frame, as_of_date)
    row_count, day = features.agg(F.count(F.lit(1)), F.max(AS_OF_DATE)).collect()[0]
    return train_by_engine(
        features,
        spec,
        row_count,
        matrix=matrix,
        as_of_date=day or now.date(),
        trained_at=now,
        progress=progress or silent,
    )


def _dated(frame: DataFrame, as_of_date: date | None) -> DataFrame:
    """With dates in the column ``as_of_date``, by default its own or today."""
    from pyspark.sql import functions as F  # noqa: N812

    if as_of_date is None and AS_OF_DATE in frame.columns:
        return frame.withColumn(AS_OF_DATE, F.col(AS_OF_DATE).cast("date"))
    return frame.withColumn(AS_OF_DATE, F.lit(as_of_date or _today()))


def _specification(given: Specification | Mapping[str, Any], numeric: list[str]) -> Specification:
    if isinstance(given, Specification):
        return given
    return parse_specification(
        completed(given, numeric) if isinstance(given, Mapping) else given, _WHERE
    )


def _pandas_frame(frame: Any) -> pd.DataFrame:
    if isinstance(frame, pd.DataFrame):
        return frame
    raise TypeError(f"beside a pandas frame the matrix is one as well, not {type(frame).__name__}")


def _spark_frame(frame: Any) -> DataFrame:
    """The frame itself, which is told by its name so that pyspark need not be there."""
    kind = type(frame)
    if kind.__module__.startswith("pyspark.sql.") and kind.__name__ == "DataFrame":
        spark_frame: DataFrame = frame
        return spark_frame
    raise TypeError(f"{kind.__module__}.{kind.__name__} is neither a pandas nor a Spark DataFrame")


def _today() -> date:
    return datetime.now(timezone.utc).date()
