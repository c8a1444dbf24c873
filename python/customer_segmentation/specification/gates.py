"""Bounds that the measures of a trained model have to keep."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from customer_segmentation.specification.base import Section
from customer_segmentation.specification.gate_measures import MEASURES
from customer_segmentation.specification.problems import broken_rule, unknown_choice

GateDirection = Literal["at_least", "at_most"]
Severity = Literal["warn", "error"]


class Gate(Section):
    """A bound that a measure of a trained model has to keep."""

    measure: str = Field(examples=list(MEASURES))
    at_least: float | None = Field(default=None, description="a number")
    at_most: float | None = Field(default=None, description="a number")
    severity: Severity = "warn"

    @field_validator("measure")
    @classmethod
    def _known_measure(cls, measure: str) -> str:
        if measure not in MEASURES:
            raise unknown_choice()
        return measure

    @field_validator("at_least", "at_most")
    @classmethod
    def _within_the_range(cls, bound: float | None, info: ValidationInfo) -> float | None:
        measure = info.data.get("measure")
        if bound is None or measure is None:
            return bound
        lowest, highest = MEASURES[measure].lowest, MEASURES[measure].highest
        if bound < lowest or (highest is not None and bound > highest):
            values = f"from {lowest:g}" if highest is None else f"from {lowest:g} to {highest:g}"
            raise broken_rule(f"{bound!r} is out of reach; {measure} takes values {values}")
        return bound

    @model_validator(mode="after")
    def _one_bound(self) -> Gate:
        if self.at_least is None and self.at_most is None:
            raise broken_rule(f"{self.measure} has no bound; give at_least or at_most")
        if self.at_least is not None and self.at_most is not None:
            raise broken_rule(
                f"{self.at_most!r} stands beside at_least {self.at_least!r}; "
                "keep one of them, or write two gates",
                "at_most",
            )
        return self

    @property
    def direction(self) -> GateDirection:
        """The key of the bound."""
        return "at_most" if self.at_least is None else "at_least"

    @property
    def bound(self) -> float:
        """The value of ``at_least`` or ``at_most``, in the measure's unit."""
        bound = self.at_most if self.at_least is None else self.at_least
        assert bound is not None  # by _one_bound
        return bound


DEFAULT_GATES = (
    Gate(measure="silhouette", at_least=0.2),
    Gate(measure="smallest_share", at_least=0.01),
    Gate(measure="single_customer_segments", at_most=0.0, severity="error"),
    Gate(measure="bootstrap_stability_mean", at_least=0.6),
    Gate(measure="dominant_features", at_most=0.0),
    Gate(measure="surrogate_fidelity", at_least=0.8),
)
