"""The retail domain on the shipped sample: one `dbt build`, then what its users rely on."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from customer_segmentation.sample.retail.lines import generate_retail
from customer_segmentation.sample.retail.sample import RetailSample
from dbt_spark_python.warehouse import Warehouse
from project_runs import ROOT, Project, failures, tables_of

SCHEMA = "segmentation"
WITHOUT_TESTS = ("--exclude-resource-type", "unit_test", "test")
SAMPLE = ROOT / "seeds" / "retail" / "retail_raw_order_lines.csv"


def table(spark: Any, name: str) -> pd.DataFrame:
    return spark.table(f"{SCHEMA}.{name}").toPandas()


def published(spark: Any) -> dict[str, list[Any]]:
    """Contents of what scoring and BI read, for comparing before and after."""

    def rows(name: str, key: str) -> list[Any]:
        return [row.asDict() for row in spark.table(f"{SCHEMA}.{name}").orderBy(key).collect()]

    return {
        "models": [row["model_id"] for row in rows("retail_segment_models", "model_id")],
        "segments": rows("retail_customer_segments", "customer_id"),
        "profile": rows("retail_segment_profile", "segment_id"),
    }


@pytest.fixture
def built(project: Project, sample_build: Any) -> Project:
    assert sample_build.success, failures(sample_build)
    return project


def test_the_first_build_passes_with_its_data_tests(sample_build: Any) -> None:
    assert sample_build.success, failures(sample_build)
    kinds = {item.node.resource_type.value for item in sample_build.result if hasattr(item, "node")}
    assert {"seed", "model", "test"} <= kinds
    assert {item.status.value for item in sample_build.result} <= {"success", "pass", "no-op"}


def test_the_planted_groups_are_found(built: Project) -> None:
    groups = pd.concat(
        block.groups.to_pandas() for block in generate_retail(RetailSample(400, seed=42))
    )
    groups = groups[groups.planted_group != "returns_only"]
    both = table(built.spark, "retail_customer_segments").merge(groups, on="customer_id")
    assert len(both) == len(groups)
    assert both.segment_id.nunique() == groups.planted_group.nunique() == 4
    assert adjusted_rand_score(both.planted_group, both.segment_id) > 0.95


def test_every_raw_line_of_the_seed_file_arrives_as_it_is(built: Project) -> None:
    expected = pd.read_csv(SAMPLE, dtype=str, keep_default_na=False).replace("", None)
    arrived = built.spark.table(f"{SCHEMA}_internal.retail_raw_order_lines").toPandas()
    columns = list(expected.columns)
    key = {"by": columns, "ignore_index": True, "na_position": "first"}
    pd.testing.assert_frame_equal(
        arrived[columns].sort_values(**key), expected.sort_values(**key), check_dtype=False
    )
    assert expected.description.str.contains("'").any()
    assert expected.description.str.contains("${", regex=False).any()


def test_a_second_build_trains_nothing_and_makes_nothing(built: Project) -> None:
    before = published(built.spark)
    result = built.dbt("build", *WITHOUT_TESTS)
    assert result.success, failures(result)
    assert published(built.spark) == before
    assert len(before["models"]) == 1
    models = [item for item in result.result if item.node.resource_type == "model"]
    made = [item.node.name for item in models if item.message != "UNCHANGED"]
    # Whether to train it decides itself.
    assert made == ["retail_segment_models"]


def test_a_build_puts_on_record_what_a_server_or_an_earlier_version_published(
    built: Project, warehouse: Path
) -> None:
    tables = Warehouse(warehouse / "data")
    before = {record for record in tables.records() if record.schema.startswith("segmentation")}
    names = ("retail_order_lines", "retail_customer_features", "retail_segment_models")
    for name in names:
        assert tables.record("segmentation", name) is not None
        tables.forget("segmentation", name)
    view = tables.record("segmentation", "segmentation_quality")
    assert view is not None
    properties = {**view.properties, "definition": "0" * 32}
    tables.publish(replace(view, text="select 1", properties=properties))
    tables.mark_behind()
    result = built.dbt("run", "--select", *names, view.name)
    assert result.success, failures(result)
    # Not all of them were looked at.
    assert tables.is_behind
    after = {record for record in tables.records() if record.schema.startswith("segmentation")}
    assert {(one.name, one.location, one.columns) for one in after} == {
        (one.name, one.location, one.columns) for one in before
    }
    restored = tables.record("segmentation", view.name)
    assert restored is not None
    assert restored.properties == view.properties
    assert "select 1" not in restored.text
    result = built.dbt("run")
    assert result.success, failures(result)
    assert not tables.is_behind


def test_what_a_changed_input_reaches_is_made_anew_and_nothing_else(built: Project) -> None:
    def made(**variables: Any) -> set[str]:
        result = built.dbt("run", "--exclude", "retail_segment_models", **variables)
        assert result.success, failures(result)
        models = [item for item in result.result if item.node.resource_type == "model"]
        return {item.node.name for item in models if item.message != "UNCHANGED"}

    cut_points = {"retail_rfm_cut_points": {"recency": [1, 2, 3, 4]}}
    reached = {"retail_rfm_cut_points", "retail_customer_rfm"}
    assert made(**cut_points) == reached
    assert made(**cut_points) == set()
    assert made() == reached


def test_a_table_is_published_in_one_step(built: Project) -> None:
    before = published(built.spark)
    command = ("run", "--full-refresh", "--select", "retail_customer_segments")
    result = built.dbt(*command)
    assert result.success, failures(result)
    assert published(built.spark) == before
    # Either would leave a moment in which a reader finds nothing.
    statements = (built.target.parent / "logs" / "dbt.log").read_text().lower()
    assert f"alter view {SCHEMA}.retail_customer_segments as" in statements
    assert not re.search(rf"(create or replace|drop) view( if exists)? {SCHEMA}\.", statements)


def test_columns_and_descriptions_are_complete(built: Project) -> None:
    manifest = built.manifest()
    models = [node for node in manifest.nodes.values() if node.resource_type == "model"]
    assert models
    for node in models:
        assert node.description.startswith("One row per"), node.name
        described = {name for name, column in node.columns.items() if column.description}
        published = set(built.spark.table(node.relation_name.replace("`", "")).columns)
        # A model row's columns are described once, where the models of all segmentations stand.
        if "specification" not in node.config.meta:
            assert published == described, node.name


def test_no_table_of_the_bi_exposure_holds_a_customer_number(built: Project) -> None:
    manifest = built.manifest()
    exposed = [name for item in manifest.exposures.values() for name in item.depends_on.nodes]
    assert exposed
    customers = set(table(built.spark, "retail_customer_segments").customer_id)
    for unique_id in exposed:
        frame = table(built.spark, manifest.nodes[unique_id].alias)
        assert "customer_id" not in frame.columns
        for column in frame.columns:
            assert not set(frame[column].astype(str)) & customers, (unique_id, column)


def test_comments_reach_the_catalog(built: Project) -> None:
    described = built.spark.sql(f"describe extended {SCHEMA}.retail_segment_profile").toPandas()
    comments = dict(zip(described.col_name, described.comment, strict=True))
    assert comments["customers"] == "Customers in the segment."
    models = built.spark.table(f"{SCHEMA}.retail_segment_models").schema
    assert [field.name for field in models if not field.metadata.get("comment")] == []
    types = dict(zip(described.col_name, described.data_type, strict=True))
    assert types["Comment"].startswith("One row per segment")


def test_generations_older_than_the_previous_build_are_gone(built: Project) -> None:
    names = tables_of(built.spark, f"{SCHEMA}_generations")
    per_table = pd.Series(
        [re.sub("__[gv][0-9]{20}$", "", name) for name in sorted(names)]
    ).value_counts()
    assert per_table["retail_customer_segments"] <= 2
    assert set(per_table) <= {1, 2}


def test_a_specification_that_fails_leaves_the_tables(built: Project) -> None:
    before = published(built.spark)
    result = built.dbt(
        "build",
        "--select",
        "retail_segment_models+",
        segmentation_overrides={
            "retail": {"features": ["days_since_last_order", "unknown_column"]}
        },
    )
    assert not result.success
    assert "feature mart has no column unknown_column" in failures(result)
    assert published(built.spark) == before


def test_delta_tables_are_replaced_natively(
    built: Project, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = Warehouse(warehouse / "data")
    tables.mark_complete()
    monkeypatch.setenv("SEGMENTATION_FILE_FORMAT", "delta")
    before = published(built.spark)
    refused = built.dbt("run", "--select", "retail_rfm_cut_points")
    assert not refused.success
    assert "retail_rfm_cut_points is a view" in failures(refused)
    assert published(built.spark) == before

    monkeypatch.setenv("SEGMENTATION_SCHEMA", "native")
    attempt = built.dbt(
        "run",
        "--select",
        "stg_retail__order_lines int_retail__judged_lines",
        retail_order_lines_source=f"{SCHEMA}_internal.retail_raw_order_lines",
    )
    assert not attempt.success, "this Spark has Delta: let the test read the table as well"
    statement = next(built.target.rglob("run/**/int_retail__judged_lines.sql")).read_text().split()
    assert " ".join(statement).startswith(
        "create or replace table native_internal.int_retail__judged_lines using delta as"
    )
    # No other engine knows of it.
    assert tables.is_behind
    tables.mark_complete()


def test_a_sql_model_that_fails_leaves_the_tables(built: Project) -> None:
    before = published(built.spark)
    lines = built.spark.table(f"{SCHEMA}_internal.int_retail__judged_lines").count()
    result = built.dbt("run", retail_ordered_at_format="yyyyyyyyyy-MM-dd")
    failed = {item.node.name for item in result.result if item.status == "error"}
    assert failed == {"int_retail__judged_lines"}, failures(result)
    assert published(built.spark) == before
    assert built.spark.table(f"{SCHEMA}_internal.int_retail__judged_lines").count() == lines
    mended = built.dbt("run", "--select", "stg_retail__order_lines")
    assert mended.success, failures(mended)


def test_a_bad_setting_leaves_the_tables(built: Project) -> None:
    before = published(built.spark)
    assert "no table or view" in built.refusal(retail_order_lines_source="nowhere.lines")
    assert published(built.spark) == before
