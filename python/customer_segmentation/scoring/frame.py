"""Assign customers to the segments of a trained model, in memory, row for row as Spark does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from customer_segmentation.errors import InputError
from customer_segmentation.model.assignment import NOISE
from customer_segmentation.model.scoring_model import ScoringModel
from customer_segmentation.numerics.arrays import FloatArray, Labels
from customer_segmentation.numerics.distances import blocks, squared_distances
from customer_segmentation.preparation.components import apply_reduction
from customer_segmentation.preparation.scale import apply_preprocessing
from customer_segmentation.scoring.contract import (
    AS_OF_DATE,
    KNOWN_ITEMS,
    MOST_PUSHES,
    NO_ITEM,
    NO_KNOWN_ITEM,
    UNSCORABLE_REASON,
)

# As pandas infers them; what is all missing is empty.
_DATES = {"datetime", "datetime64", "string", "empty"}

Mask = npt.NDArray[np.bool_]


def score_frame(frame: pd.DataFrame, model: ScoringModel) -> pd.DataFrame:
    """The segment of every customer by the model's rule, and the segment that comes next.

    Rules and figures are those of :func:`customer_segmentation.scoring.spark.score`.

    Args:
        frame: One row per customer: entity key, the model's features and ``as_of_date``; of a model
            of a matrix as
            :func:`~customer_segmentation.preparation.matrix_components.with_components` gives it.

    Returns:
        One row per row of ``frame``, with its index: the entity key, ``segment_id`` Int32,
        ``distance_to_centroid`` float64, ``runner_up_segment_id`` Int32, ``distance_to_runner_up``
        and ``margin`` float64, ``pushes`` lists of mappings with ``feature`` and ``push``,
        ``model_id`` text, ``as_of_date`` dates. What Spark gives as null is missing here. Of a
        model of a matrix its components besides, ``known_items`` and ``unscorable_reason``.

    Raises:
        InputError: A column is of another type than the model was trained on.
    """
    scaled = apply_preprocessing(frame, model.features)
    known: Mask = np.asarray(np.isfinite(scaled).all(axis=1))
    points = scaled[known]
    compared = _compared(
        points if model.reduction is None else apply_reduction(points, model.reduction), model
    )
    named = compared.has_second
    pushes: npt.NDArray[np.object_] = np.full(len(points), None, dtype=object)
    pushes[named] = _pushes(points[named], compared.own[named], compared.second[named], model)
    ids = np.array([segment.segment_id for segment in model.segments])
    own_ids, second_ids = ids[compared.own], ids[compared.second]
    distance, noise = compared.distance, compared.is_noise
    to_runner_up = np.where(noise, distance, compared.distance_to_second)
    columns = {
        "segment_id": _integers(np.where(noise, NOISE, own_ids), known),
        "distance_to_centroid": _floats(distance, known),
        "runner_up_segment_id": _integers(
            np.where(noise, own_ids, second_ids), known, noise | named
        ),
        "distance_to_runner_up": _floats(to_runner_up, known),
        "margin": _floats(np.where(named, compared.margin, np.nan), known),
        "pushes": _objects(pushes, known),
        "model_id": model.model_id,
        AS_OF_DATE: _dates(frame[AS_OF_DATE]).to_numpy(),
    }
    key = frame[[model.entity_key]]
    return key.assign(**columns, **_of_matrix(frame, model))


def _of_matrix(frame: pd.DataFrame, model: ScoringModel) -> dict[str, Any]:
    """Components, how many items they are of, and why there are none."""
    if model.matrix is None:
        return {}
    lacks = np.select([frame["items"] == 0, frame[KNOWN_ITEMS] == 0], [NO_ITEM, NO_KNOWN_ITEM], "")
    reasons = np.array([reason or None for reason in lacks.tolist()], dtype=object)
    taken = {name: frame[name] for name in (*model.matrix.names, KNOWN_ITEMS)}
    return {**taken, UNSCORABLE_REASON: reasons}


def segment_ids(frame: pd.DataFrame, model: ScoringModel) -> np.ma.MaskedArray[Any, Any]:
    """Segment id of each row (n,), -1 for noise, masked where a feature is missing or infinite.

    Args:
        frame: At least the columns of the model's features.
    """
    scaled = apply_preprocessing(frame, model.features)
    known = np.isfinite(scaled).all(axis=1)
    points = scaled[known]
    if model.reduction is not None:
        points = apply_reduction(points, model.reduction)
    labels = model.assignment().assign(points)
    ids = np.array([segment.segment_id for segment in model.segments])
    found = np.full(len(frame), NOISE, dtype=np.int64)
    found[known] = np.where(labels == NOISE, NOISE, ids[labels])
    return np.ma.MaskedArray(found, mask=~known)


def latest_date(frame: pd.DataFrame) -> date | None:
    """The last ``as_of_date`` of a frame, None where it has no such column.

    Raises:
        InputError: The column holds something other than dates, or nothing.
    """
    if AS_OF_DATE not in frame.columns:
        return None
    known = _dates(frame[AS_OF_DATE]).dropna()
    if known.empty:
        raise InputError(
            f"Column {AS_OF_DATE} has no value. Fill it, or leave it out and give as_of_date."
        )
    latest: date = known.max()
    return latest


@dataclass(frozen=True, eq=False)
class _Compared:
    """Positions (n,) of the own segment and of the one that comes next, and how far both are."""

    own: Labels
    second: Labels
    distance: FloatArray
    distance_to_second: FloatArray
    margin: FloatArray
    is_noise: Mask
    has_second: Mask


def _compared(points: FloatArray, model: ScoringModel) -> _Compared:
    rule = model.assignment()
    # Of equal criteria the smaller id comes first, whatever the order of the segments.
    by_id = np.argsort([segment.segment_id for segment in model.segments])
    k = len(by_id)
    own = np.empty(len(points), dtype=np.intp)
    second = np.empty(len(points), dtype=np.intp)
    distance: FloatArray = np.empty(len(points))
    to_second: FloatArray = np.empty(len(points))
    lead: FloatArray = np.empty(len(points))
    for block in blocks(len(points)):
        criteria = rule.criteria(points[block])
        ranking = by_id[np.argsort(criteria[:, by_id], axis=1, kind="stable")]
        own[block], second[block] = ranking[:, 0], ranking[:, min(1, k - 1)]
        at = np.arange(len(criteria)), own[block]
        to = np.arange(len(criteria)), second[block]
        squared = criteria
        if rule.gaussians is not None:
            squared = squared_distances(points[block], rule.centroids)
        lead[block] = criteria[to] - criteria[at]
        distance[block], to_second[block] = np.sqrt(squared[at]), np.sqrt(squared[to])
    is_noise = (
        np.zeros(len(points), dtype=bool)
        if rule.radius_limits is None
        else distance > rule.radius_limits[own]
    )
    return _Compared(
        own=own,
        second=second,
        distance=distance,
        distance_to_second=to_second if k > 1 else np.full(len(points), np.nan),
        margin=to_second - distance if rule.gaussians is None else lead,
        is_noise=is_noise,
        has_second=~is_noise if k > 1 else np.zeros(len(points), dtype=bool),
    )


def _pushes(
    scaled: FloatArray, own: Labels, second: Labels, model: ScoringModel
) -> npt.NDArray[np.object_]:
    """The features that push most towards the own segment, equal ones by name, as lists (n,)."""
    by_name = sorted(range(len(model.features)), key=lambda at: model.features[at].name)
    names = np.array([model.features[at].name for at in by_name], dtype=object)
    centroids = np.array([[item.scaled for item in part.centroid] for part in model.segments])
    found = np.empty(len(scaled), dtype=object)
    for block in blocks(len(scaled)):
        to_second = scaled[block] - centroids[second[block]]
        to_own = scaled[block] - centroids[own[block]]
        pushes = (to_second * to_second - to_own * to_own)[:, by_name]
        largest = np.argsort(-pushes, axis=1, kind="stable")[:, :MOST_PUSHES]
        values = np.take_along_axis(pushes, largest, axis=1).tolist()
        found[block] = _listed(names[largest].tolist(), values)
    return found


def _listed(names: list[list[str]], values: list[list[float]]) -> npt.NDArray[np.object_]:
    lists = (
        [{"feature": name, "push": push} for name, push in zip(row, pushes, strict=True)]
        for row, pushes in zip(names, values, strict=True)
    )
    return np.fromiter(lists, dtype=object, count=len(names))


def _integers(values: Labels, known: Mask, present: Mask | None = None) -> Any:
    """Values of the known customers among all (n,), missing for others and where not present."""
    missing = ~known
    if present is not None:
        missing[known] = ~present
    everyone = np.zeros(len(known), dtype=np.int32)
    everyone[known] = values
    return pd.arrays.IntegerArray(everyone, missing)


def _floats(values: FloatArray, known: Mask) -> FloatArray:
    everyone: FloatArray = np.full(len(known), np.nan)
    everyone[known] = values
    return everyone


def _objects(values: npt.NDArray[np.object_], known: Mask) -> npt.NDArray[np.object_]:
    everyone: npt.NDArray[np.object_] = np.full(len(known), None, dtype=object)
    everyone[known] = values
    return everyone


def _dates(column: pd.Series) -> pd.Series:
    """Dates, times and text such as 2024-12-31 as dates."""
    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind == "date":
        return column
    try:
        if kind in _DATES:
            return pd.to_datetime(column, format="ISO8601").dt.date
    except ValueError:
        kind = "text of another form"
    raise InputError(
        f"Column {AS_OF_DATE} holds something other than dates: {kind}, for example "
        f"{column.dropna().iloc[0]!r}. Convert it, or leave it out and give as_of_date."
    )
