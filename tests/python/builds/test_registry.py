"""The registry: what every model says of itself, for all segmentations, once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from sqlfluff.core import FluffConfig, Linter

from customer_segmentation.model.table import MODEL_SCHEMA
from project_runs import ROOT, Project, failures

SCHEMA = "segmentation"
REGISTRY = ROOT / "models" / "registry"
KEYS = {
    "models": "model_id",
    "decisions": "model_id, decided_at, decision",
    "migration": "as_of_date, move_path",
    "migration_balance": "as_of_date, segment_id",
    "alignment": "model_id, segment_id",
    "candidates": "model_id, algorithm, is_reduced, k",
    "centroids": "model_id, segment_id, feature",
    "components": "model_id, component_number, feature",
    "confusion": "model_id, classifier, evaluated_on, fold, "
    "actual_segment_id, predicted_segment_id",
    "differences": "model_id, segment_id, feature",
    "feature_audit": "model_id, feature",
    "feature_correlations": "model_id, feature, other_feature",
    "feature_importance": "model_id, feature",
    "quality": "model_id, measure, direction",
    "rules": "model_id, rule_number",
    "validation": "model_id, classifier, evaluated_on",
    "validation_scores": "model_id, classifier, evaluated_on, segment_id",
    "weaknesses": "model_id, segment_id",
}
# A first model on unreduced features continues none and has no components.
EMPTY_AT_FIRST = ("migration", "migration_balance", "components")
# Rendered SQL has the white space of its macros, and quotes whatever name it is given.
NOT_OF_RENDERED_SQL = "layout,structure.column_order,references.quoting"


@pytest.fixture
def built(project: Project, sample_build: Any) -> Project:
    assert sample_build.success, failures(sample_build)
    return project


def is_registry(node: Any) -> bool:
    return node.original_file_path.startswith("models/registry/")


def test_nothing_outside_reads_it_but_the_tests_of_gates(project: Project) -> None:
    manifest = project.manifest()
    registry = {name for name, node in manifest.nodes.items() if is_registry(node)}
    assert len(registry) == len(KEYS)
    outside = [node for node in manifest.nodes.values() if not is_registry(node)]
    readers = {
        node.name
        for node in [*outside, *manifest.exposures.values()]
        if node.config.enabled and registry & set(getattr(node.depends_on, "nodes", ()))
    }
    # They wait for it so that nothing waits for them.
    assert readers == {"retail_gates_that_hold_back", "retail_gates_that_warn"}


def test_it_states_the_columns_and_types_of_this_version() -> None:
    (model,) = yaml.safe_load((REGISTRY / "segmentation_models.yml").read_text())["models"]
    stated = {column["name"]: column.get("data_type") for column in model["columns"]}
    del stated["segmentation"]
    assert stated == {field.name: field.dataType.simpleString() for field in MODEL_SCHEMA}


@pytest.mark.parametrize("view", KEYS)
def test_every_view_has_one_row_per_key(built: Project, view: str) -> None:
    columns = f"segmentation, {KEYS[view]}"
    row = built.spark.sql(
        f"""
        select
            count(*) as row_count,
            count(distinct {columns}) as key_count,
            count_if(concat_ws(',', {columns}) is null or segmentation != 'retail') as odd
        from {SCHEMA}.segmentation_{view}
        """
    ).first()
    assert row.row_count == row.key_count
    assert row.odd == 0
    assert row.row_count or view in EMPTY_AT_FIRST


@pytest.fixture
def older(built: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A schema where the model table lacks a column of this version."""
    monkeypatch.setenv("SEGMENTATION_SCHEMA", "older")
    spark = built.spark
    spark.sql("create schema older")
    columns = ", ".join(name for name in MODEL_SCHEMA.names if name != "alignment")
    spark.sql(
        f"create view older.retail_segment_models as "
        f"select {columns} from {SCHEMA}.retail_segment_models"
    )
    yield "older"
    spark.sql("drop schema older cascade")


def test_a_table_of_another_version_is_left_out_with_a_warning(
    built: Project, older: str, capfd: pytest.CaptureFixture[str]
) -> None:
    result = built.dbt("run", "--select", "segmentation_models", "segmentation_quality")
    assert result.success, failures(result)
    assert built.spark.table(f"{older}.segmentation_quality").count() == 0
    said = capfd.readouterr().out
    assert f"leaves retail out: {older}.retail_segment_models lacks, or has of another" in said
    assert "alignment. Build retail_segment_models." in said

    # Decisions were never made there, which keeps the registry from nothing else.
    result = built.dbt("run", "--select", "segmentation_decisions")
    assert result.success, failures(result)
    assert f"{older}.retail_segment_decisions is not there" in capfd.readouterr().out


def test_what_the_macros_render_to_is_sql_in_the_style_of_the_project(built: Project) -> None:
    config = FluffConfig.from_path(
        str(ROOT), overrides={"templater": "raw", "exclude_rules": NOT_OF_RENDERED_SQL}
    )
    folder = built.target / "compiled" / "customer_segmentation" / "models"
    files = list(folder.glob("*/segmentation/*.sql"))
    assert len(files) >= 5
    for file in files:
        linted = Linter(config=config).lint_string(file.read_text())
        assert [str(item) for item in linted.violations] == [], file.name
