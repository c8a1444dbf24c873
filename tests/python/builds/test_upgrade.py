"""A schema that version 0.1.0 built: refused until one command takes it over, with nothing lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from project_runs import Project, failures, tables_of

SCHEMA = "of_0_1_0"
DECISIONS = """
    select 'a' as model_id, timestamp '2024-01-31 10:00:00' as decided_at, 'promoted' as decision,
        'No gate that holds a model back is missed.' as reason
    union all
    select 'a', timestamp '2024-02-29 10:00:00', 'rolled_back', 'Asked for on the command line.'
"""
NAMES = """
    select 1 as segment_id, 'Champions 2' as segment_name, 'Champions' as playbook_name,
        'a' as model_id, date '2024-01-31' as as_of_date
"""


@pytest.fixture
def old(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Published as 0.1.0 did: a view for each name, on a table of the schema of generations."""
    monkeypatch.setenv("SEGMENTATION_SCHEMA", SCHEMA)
    spark = project.spark
    spark.sql(f"create schema {SCHEMA}")
    spark.sql(f"create schema {SCHEMA}_generations")
    for name, rows in (
        ("retail_segment_promotions", DECISIONS),
        ("retail_segment_names", NAMES),
        ("retail_segment_history", "select 'c' as customer_id"),
        ("retail_segment_quality", "select 'silhouette' as measure"),
    ):
        generation = f"{SCHEMA}_generations.{name}__g20240131100000000000"
        spark.sql(f"create table {generation} using parquet as {rows}")
        spark.sql(f"create view {SCHEMA}.{name} as select * from {generation}")
    yield spark
    for schema in (SCHEMA, f"{SCHEMA}_generations"):
        spark.sql(f"drop schema {schema} cascade")


def test_one_command_takes_it_over(
    project: Project, old: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    refused = project.dbt("run", "--select", "retail_rfm_cut_points")
    assert not refused.success
    assert f"Schema {SCHEMA} was built by version 0.1.0" in failures(refused)
    assert "`dbt run-operation upgrade_from_0_1_0` takes it over" in failures(refused)

    taken = project.dbt("run-operation", "upgrade_from_0_1_0")
    assert taken.success, failures(taken)
    assert tables_of(old, SCHEMA) == {
        "retail_segment_decisions",
        "retail_segment_names",
        "retail_segment_history",
    }
    decided = old.table(f"{SCHEMA}.retail_segment_decisions").orderBy("decided_at").collect()
    assert [(row.model_id, row.decision) for row in decided] == [
        ("a", "promoted"),
        ("a", "rolled_back"),
    ]
    (name,) = old.table(f"{SCHEMA}.retail_segment_names").collect()
    assert (name.segment_name, name.named_after, name.model_id) == ("Champions 2", "Champions", "a")
    left = tables_of(old, f"{SCHEMA}_generations")
    assert not [
        name
        for name in left
        if name.startswith(("retail_segment_promotions", "retail_segment_quality"))
    ]

    again = project.dbt("run-operation", "upgrade_from_0_1_0")
    assert not again.success
    assert f"Schema {SCHEMA} holds nothing of version 0.1.0" in capfd.readouterr().out
