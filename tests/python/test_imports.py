"""What imports what: seconds that a build saves, and libraries that a user need not have."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, datetime, timezone

import pandas as pd
import pytest

from customer_segmentation.model.table import to_rows
from customer_segmentation.specification import parse_specification
from customer_segmentation.training.memory import train

SPECIFICATION = {
    "entity_key": "customer_id",
    "features": ["orders"],
    "k": 2,
    "starts": 1,
    "stability": {"seeds": 1, "resamples": 1},
    "ordering": {"measure": "orders"},
}
# A table of one model, and a session that knows no other: there is no Spark.
UNCHANGED = """
import json, os, sys
from datetime import datetime, timezone

os.environ["SPARK_CONNECT_MODE_ENABLED"] = "1"
from customer_segmentation import nodes
from customer_segmentation.model.table import MODEL_SCHEMA

row, specification = json.loads(sys.argv[1])
row["trained_at"] = datetime.fromisoformat(row["trained_at"])


class Table:
    schema = MODEL_SCHEMA

    def orderBy(self, *_):
        return self

    def limit(self, _):
        return self

    def collect(self):
        return [row]


class Session:
    def __init__(self):
        self.catalog = self

    def tableExists(self, _):
        return True

    def table(self, _):
        return Table()


meta = {"segmentation": "loyalty", "specification": specification}
assert nodes.train(Session(), None, published="loyalty_segment_models", meta=meta) is None
"""


def imported(statements: str, *libraries: str, argument: str = "") -> list[str]:
    """Which of the libraries a new Python has imported after some statements."""
    code = f"{statements}\nimport sys; print(*sorted(set({libraries}) & set(sys.modules)))"
    command = [sys.executable, "-c", code, argument]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not shown.returncode, shown.stderr
    return shown.stdout.split("\n")[-2].split()


@pytest.mark.parametrize("module", ["nodes", "scoring.spark", "scoring.frame", "model.table"])
def test_what_scores_imports_nothing_that_trains(module: str) -> None:
    statements = f"import customer_segmentation.{module}"
    assert imported(statements, "sklearn", "scipy", "kneed") == []


def test_a_build_that_trains_nothing_imports_nothing_that_trains() -> None:
    frame = pd.DataFrame({"customer_id": range(20), "orders": [*range(10), *range(90, 100)]})
    now = datetime(2024, 1, 1, tzinfo=timezone.utc)
    specification = parse_specification(SPECIFICATION, "test")
    (row,) = to_rows(train(frame, specification, as_of_date=date(2024, 1, 1), trained_at=now))
    argument = json.dumps([row, SPECIFICATION], default=str)
    assert imported(UNCHANGED, "sklearn", "scipy", "kneed", argument=argument) == []


def test_a_specification_is_read_without_heavy_libraries() -> None:
    heavy = ("numpy", "pandas", "pyspark", "scipy", "sklearn")
    for module in ("specification", "description.gates"):
        assert imported(f"import customer_segmentation.{module}", *heavy) == []
