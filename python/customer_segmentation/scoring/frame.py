"""The segment of every customer of a pandas frame."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from customer_segmentation.model.assignment import NOISE
from customer_segmentation.model.scoring_model import ScoringModel
from customer_segmentation.preparation.components import apply_reduction
from customer_segmentation.preparation.scale import apply_preprocessing


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
