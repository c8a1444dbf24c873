"""The measures of a model beside the bounds of its gates."""

from __future__ import annotations

from dataclasses import dataclass

from customer_segmentation.specification import GateDirection, Severity


@dataclass(frozen=True)
class QualityMeasure:
    """One measure of a model and one gate that names it, if any does.

    Attributes:
        measure: A name of :data:`~customer_segmentation.specification.gate_measures.MEASURES`.
        value: Its value for this model; None where the measure does not apply to it.
        bound: The gate's bound; None, as are the next three, without a gate.
        direction: Which side of the bound is good; ``at_least`` and ``at_most`` include it.
        passed: Whether the value keeps the bound; true where the measure does not apply.
        severity: What a missed bound does: ``warn``, or ``error``, which holds the model back.
        meaning: The measure, its value and the bound, in words.
    """

    measure: str
    value: float | None
    bound: float | None
    direction: GateDirection | None
    passed: bool | None
    severity: Severity | None
    meaning: str
