"""Scores by Sail, beside those in memory."""

from __future__ import annotations

from typing import Any

import pytest

from planted_customers import ALGORITHMS, PCA, as_in_pandas, planted, planted_model
from project_runs import Project


@pytest.mark.parametrize("reduction", [None, PCA], ids=["unreduced", "reduced"])
@pytest.mark.parametrize("algorithm", list(ALGORITHMS))
def test_pandas_frames_are_scored_alike(
    sail_project: Project, algorithm: str, reduction: Any
) -> None:
    frame = planted(400, seed=9)
    rows = sail_project.spark.createDataFrame(frame)
    here = as_in_pandas(rows, frame, planted_model(algorithm, reduction))
    assert here["segment_id"].notna().all()
