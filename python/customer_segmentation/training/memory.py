"""Train a clustering on a feature mart: from one row per customer to a model that is plain data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pandas as pd

from customer_segmentation.model.reduction import Reduction
from customer_segmentation.model.trained_model import TrainedModel
from customer_segmentation.numerics.arrays import FloatArray
from customer_segmentation.preparation.audit import audited, with_left_out
from customer_segmentation.preparation.checks import (
    check_customers,
    check_extent,
    check_matrix,
    check_row_count,
)
from customer_segmentation.preparation.long_matrix import LongMatrix
from customer_segmentation.preparation.reduce import components_within, fit_reduction
from customer_segmentation.preparation.scale import apply_preprocessing, fit_preprocessing
from customer_segmentation.selection.limits import k_limits
from customer_segmentation.selection.sweep import sweep
from customer_segmentation.specification import Specification
from customer_segmentation.training.arguments import in_utc, silent
from customer_segmentation.training.conclusion import concluded
from customer_segmentation.training.matrix import prepared_with_matrix
from customer_segmentation.training.prepared import Prepared
from customer_segmentation.training.previous import Previous


def train(
    frame: pd.DataFrame,
    spec: Specification,
    *,
    matrix: LongMatrix | None = None,
    as_of_date: date,
    trained_at: datetime,
    previous: Previous | None = None,
    progress: Callable[[str], None] | None = None,
) -> TrainedModel:
    """Train on the customers of a feature mart.

    The same customers, specification and library versions give the same model, whatever the order
    of the rows.

    Args:
        frame: One row per customer with ``spec.training_columns``; numbers may be ``Decimal``.
        spec: What to cluster and how.
        matrix: The long mart, where the specification has a matrix.
        as_of_date: The date that the features of the mart are relative to.
        trained_at: Now, with a time zone.
        previous: The version before, whose ids the segments keep; ``frame`` then has its features
            too, or only the centroids can be compared.
        progress: Receives one line of text per step.

    Raises:
        InputError: The customers cannot be clustered; the message says which and why.
        ValueError: ``trained_at`` has no time zone.
    """
    trained_at = in_utc(trained_at)
    say = progress or silent
    check_matrix(spec, is_given=matrix is not None)
    check_customers(frame, spec)
    customers = frame.sort_values(spec.entity_key, ignore_index=True)
    if matrix is None:
        prepared = _prepared(customers, spec, say)
    else:
        prepared = prepared_with_matrix(customers, matrix, spec, say)
    limits, cuts = k_limits(prepared.scaled, spec), prepared.fewer_components(spec.components)
    swept = sweep(prepared.spaces, spec, limits, say, further_cuts=cuts)
    return concluded(
        prepared,
        swept,
        spec,
        engine="memory",
        as_of_date=as_of_date,
        trained_at=trained_at,
        previous=previous,
        say=say,
    )


def _prepared(customers: pd.DataFrame, spec: Specification, say: Callable[[str], None]) -> Prepared:
    check_row_count(len(customers), min(spec.candidate_ks, default=1))
    audits, correlations = audited(customers, spec, say)
    scalings = fit_preprocessing(customers, spec)
    audits = with_left_out(audits, scalings, spec, say)
    names = tuple(item.name for item in scalings)
    scaled = apply_preprocessing(customers, scalings).astype(spec.precision, copy=False)
    check_extent(scaled.min(axis=0), scaled.max(axis=0), names, len(scaled))
    # Before the reduction: of customers who are alike this says so.
    k_limits(scaled, spec)
    say(f"{len(customers)} customers x {len(scalings)} features read and scaled")
    reduction = _reduction(scaled, names, spec)
    return Prepared(customers, (audits, correlations), tuple(scalings), scaled, reduction)


def _reduction(scaled: FloatArray, names: tuple[str, ...], spec: Specification) -> Reduction | None:
    if spec.reduction is None:
        return None
    return fit_reduction(
        scaled,
        names,
        components=components_within(spec.reduction.components, len(names)),
        variance=spec.reduction.variance,
    )
