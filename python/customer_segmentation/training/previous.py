"""What a new model continues."""

from __future__ import annotations

from dataclasses import dataclass

from customer_segmentation.model.trained_model import TrainedModel


@dataclass(frozen=True)
class Previous:
    """The model that a new one is aligned to, and the highest segment id of any model before."""

    model: TrainedModel
    highest_id_used: int
