"""A trained model as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from customer_segmentation.model.measures import Candidate, Measures
from customer_segmentation.model.report import ModelReport
from customer_segmentation.model.scoring_model import ScoringModel

FORMAT_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class TrainedModel(ScoringModel):
    """Everything a training run found out, and all that scoring needs.

    ``model_id`` is the UTC time of training to the microsecond and the hash of the specification;
    it sorts by time. ``trained_at`` is in UTC. ``specification`` is canonical JSON. ``noise_count``
    customers belong to no segment. ``report`` is None in a model read back from its row, as scoring
    does not need it.
    """

    trained_at: datetime
    as_of_date: date
    format_version: int
    specification: str
    specification_hash: str
    random_seed: int
    engine: str
    library_versions: Mapping[str, str]
    row_count: int
    k: int
    k_reason: str
    measures: Measures
    candidates: tuple[Candidate, ...]
    noise_count: int = 0
    report: ModelReport | None = field(default=None, compare=False)
