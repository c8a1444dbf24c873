"""Customers of a mart with the rows that a long mart has of them, ready to be clustered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.sparse import hstack

from customer_segmentation.errors import InputError
from customer_segmentation.model.matrix import MatrixComponent, MatrixReduction
from customer_segmentation.model.scaling import FeatureScaling
from customer_segmentation.numerics.arrays import FloatArray
from customer_segmentation.numerics.sparse import CsrMatrix
from customer_segmentation.preparation.audit import audited, with_left_out
from customer_segmentation.preparation.checks import check_extent, check_row_count, no_items
from customer_segmentation.preparation.long_matrix import LongMatrix
from customer_segmentation.preparation.matrix_components import (
    component_scalings,
    component_scores,
    values_of,
)
from customer_segmentation.preparation.reduce_matrix import components_of, fit_matrix_reduction
from customer_segmentation.preparation.scale import apply_preprocessing, fit_preprocessing
from customer_segmentation.specification import Specification
from customer_segmentation.training.prepared import Prepared


def prepared_with_matrix(
    customers: pd.DataFrame, matrix: LongMatrix, spec: Specification, say: Callable[[str], None]
) -> Prepared:
    """Customers as points: their components, and the features of the mart beside them.

    Components are not scaled, as that would change distances. A scaled feature is multiplied by
    the root of the components' mean variance, so that it counts as much as one of them does on
    average, whatever the unit of the values.

    Args:
        customers: One row per customer, by key; those without an item have no part in training.
        matrix: The long mart; what it has of others is left out.
        spec: How far to reduce, and what features there are.
        say: Receives one line of text per step.

    Raises:
        InputError: No customer has an item, too few have, or as the reduction and the scaler say.
    """
    rows = matrix.rows_of(customers[spec.entity_key])
    has_items = rows >= 0
    if not has_items.any():
        raise InputError(no_items(spec.entity_key))
    clustered = customers[has_items].reset_index(drop=True)
    values = CsrMatrix(matrix.values[rows[has_items]])
    without = int((~has_items).sum())
    _say_what_was_read(matrix, values, without, say)
    check_row_count(len(clustered), min(spec.candidate_ks, default=1))
    reduction = _reduction(matrix, values, spec, without)
    scores = component_scores(values, reduction)
    say(_explained(reduction))
    clustered = clustered.assign(**dict(zip(reduction.names, scores.T, strict=True)))
    beside = _features_beside(clustered, spec, reduction.components)
    prepared = prepared_components(clustered, matrix, reduction, beside, spec, say)
    points = prepared.scaled
    names = [item.name for item in prepared.scalings]
    check_extent(points.min(axis=0), points.max(axis=0), names, len(points))
    return prepared


def prepared_components(
    customers: pd.DataFrame,
    matrix: LongMatrix,
    reduction: MatrixReduction,
    beside: Sequence[FeatureScaling],
    spec: Specification,
    say: Callable[[str], None],
) -> Prepared:
    """Customers with their components as points.

    Args:
        customers: One row each by key, with a column per component; all of them have items.
        matrix: The long mart, of these customers at least.
        reduction: What made the components.
        beside: Of the features of the mart, as they stand beside the components.
        spec: The specification.
        say: Receives one line of text per finding.
    """
    audits, correlations = audited(customers, spec, say)
    audits = with_left_out(audits, beside, spec, say)
    scalings = (*component_scalings(reduction), *beside)
    points = apply_preprocessing(customers, scalings)
    others = points[:, len(reduction.components) :]
    rows = matrix.rows_of(customers[spec.entity_key])
    values = CsrMatrix(values_of(matrix, reduction)[rows])
    return Prepared(
        customers=customers,
        audits=(audits, correlations),
        scalings=scalings,
        scaled=points.astype(spec.precision, copy=False),
        reduction=None,
        matrix=reduction,
        values=values,
        unreduced=_beside(values, others),
        long_matrix=matrix,
    )


def as_much_as_a_component(
    scalings: Sequence[FeatureScaling], components: Sequence[MatrixComponent]
) -> tuple[FeatureScaling, ...]:
    """Scaled features multiplied by the root of the components' mean variance."""
    weight = float(np.sqrt(np.mean([item.explained_variance for item in components])))
    return tuple(replace(item, scale=item.scale / weight) for item in scalings)


def _reduction(
    matrix: LongMatrix, values: CsrMatrix, spec: Specification, without: int
) -> MatrixReduction:
    assert spec.matrix is not None
    assert spec.reduction is not None  # by the specification
    axes = fit_matrix_reduction(
        values,
        method=spec.reduction.method,
        components=spec.reduction.components,
        variance=spec.reduction.variance,
        random_seed=spec.random_seed,
    )
    return MatrixReduction(
        entity=str(spec.matrix.entity),
        item=spec.matrix.item,
        value=spec.matrix.value,
        method=spec.reduction.method,
        entities=values.shape[0],
        entries=values.nnz,
        entities_without_items=without,
        items=tuple(matrix.items.tolist()),
        centres=tuple(axes.centres.tolist()),
        components=components_of(axes),
    )


def _features_beside(
    customers: pd.DataFrame, spec: Specification, components: Sequence[MatrixComponent]
) -> tuple[FeatureScaling, ...]:
    if not spec.features:
        return ()
    return as_much_as_a_component(fit_preprocessing(customers, spec), components)


def _beside(values: CsrMatrix, others: FloatArray) -> CsrMatrix:
    """The matrix with the scaled features as more columns."""
    return values if not others.shape[1] else CsrMatrix(hstack([values, CsrMatrix(others)]))


def _say_what_was_read(
    matrix: LongMatrix, values: CsrMatrix, without: int, say: Callable[[str], None]
) -> None:
    rows, columns = values.shape
    say(
        f"{rows} customers x {columns} items read, {values.nnz} pairs, "
        f"{values.nnz / (rows * columns):.2%} of all"
    )
    if without:
        say(f"warning: {without} customers have no item and no part in training")
    unknown = len(matrix.entities) - rows
    if unknown:
        say(f"warning: {unknown} entities of the matrix are not in the feature mart")


def _explained(reduction: MatrixReduction) -> str:
    last = reduction.components[-1]
    return (
        f"{len(reduction.components)} components ({reduction.method}) keep "
        f"{last.cumulative_share:.1%} of the variance of {len(reduction.items)} items"
    )
