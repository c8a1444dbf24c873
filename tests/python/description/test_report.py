"""What a report concludes from a clustering, on customers whose figures are worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import silhouette_samples

from customer_segmentation.clustering.fit import Clustering
from customer_segmentation.description.alignment import first_alignment
from customer_segmentation.description.report import Clustered, report
from customer_segmentation.errors import InputError
from customer_segmentation.model.assignment import NOISE
from customer_segmentation.model.report import ModelReport
from customer_segmentation.selection.measure import measure
from customer_segmentation.specification import parse_specification

LABELS = np.array([0] * 60 + [1] * 39 + [2] + [NOISE] * 4)
# The second segment has one customer far out, the third has one customer.
X = np.concatenate([np.linspace(-1, 1, 60), [9.9, 10.1] * 19, [13], [100], [50] * 4])
CLUSTERED = Clustered(
    customers=pd.DataFrame({"customer_id": np.arange(len(X)), "x": X}),
    numeric_features=("x",),
    # Ten customers of the first segment look like the second to a classifier.
    scaled=np.where(np.arange(len(X)) < 10, 9.9, X)[:, None],
    dimensions=("x",),
    columns=("x",),
    points=X[:, None],
    labels=LABELS,
    segment_ids=np.array([1, 2, 3, -1])[LABELS],
    ids=(1, 2, 3),
    squared_to_own=(X - np.array([0, 10 + 3 / 39, 100, 50])[LABELS]) ** 2,
    agreement=0.9,
    noise_share=4 / 104,
    row_count=104,
    sizes=(60, 39, 1),
)
SPECIFICATION = parse_specification(
    {
        "entity_key": "customer_id",
        "features": ["x"],
        "k": 3,
        "ordering": {"measure": "x"},
        "stability": {"seeds": 1, "resamples": 2},
    },
    "test",
)


def impossible(*_: Any) -> Clustering:
    raise InputError("too alike")


def reported(clustered: Clustered = CLUSTERED, share_kept: float | None = None) -> ModelReport:
    return report(
        clustered,
        measure(clustered.points, clustered.labels),
        SPECIFICATION,
        audits=(),
        correlations=(),
        alignment=replace(first_alignment([0, 1, 2]), share_kept=share_kept, adjusted_rand=0.4),
        previous_model_id=None,
        refit=impossible,
        say=lambda _: None,
    )


def test_values_are_those_of_the_measures_that_they_are_named_after() -> None:
    result = reported(share_kept=0.7)
    members = LABELS != NOISE
    silhouettes = silhouette_samples(X[members, None], LABELS[members], metric="sqeuclidean")
    validated = result.validation
    unseen = [item for item in validated.classifiers if item.evaluated_on == "held_out"]
    best = max(unseen, key=lambda item: item.accuracy_mean)
    # What a classifier says of customers that it has seen is no measure.
    assert best.accuracy_mean < max(item.accuracy_mean for item in validated.classifiers)
    recalls = {
        item.recall
        for item in validated.segments
        if (item.classifier, item.evaluated_on) == (best.classifier, "held_out")
    }
    assert min(recalls) < max(recalls)
    assert result.surrogate is not None
    expected = {
        "largest_share": 60 / 104,
        "smallest_size": 1,
        "smallest_share": 1 / 104,
        "single_customer_segments": 1,
        "outlier_segments": 1,
        "noise_share": 4 / 104,
        "lowest_segment_silhouette": min(
            silhouettes[LABELS[members] == at].mean() for at in (0, 1, 2)
        ),
        "seed_stability_mean": 0,
        "bootstrap_stability_lowest": 0,
        "lowest_segment_stability": 0,
        "validation_accuracy": best.accuracy_mean,
        "lowest_validation_recall": min(recalls),
        "surrogate_fidelity": result.surrogate.fidelity,
        "assignment_agreement": 0.9,
        "share_kept": 0.7,
    }
    found = {item.measure: item.value for item in result.quality}
    assert {name: found[name] for name in expected} == pytest.approx(expected)


def test_weaknesses_are_said_in_words() -> None:
    dissolves = "it dissolves on resampled customers"
    assert [item.weakness for item in reported().segment_reports] == [
        f"Segment 1: {dissolves}.",
        f"Segment 2: its 1 farthest customers make most of its inertia; {dissolves}.",
        f"Segment 3: it is a single customer; {dissolves}.",
    ]
    assert not reported().gates_passed
    assert reported().gates_missed == (
        "Segments of a single customer (lower is better): 1; at most 0 is asked for: missed. "
        "It is about customer 99, the only one of segment 3."
    )


def test_one_customer_in_the_sample_is_no_single_customer() -> None:
    result = reported(replace(CLUSTERED, row_count=10_400, sizes=(6000, 3900, 65)))
    assert [item.is_single_customer for item in result.segment_reports] == [False] * 3
    found = {item.measure: item.value for item in result.quality}
    assert found["smallest_size"] == 65
    assert found["largest_share"] == pytest.approx(6000 / 10_400)
