"""What is read of a dbt project's own file, and where its models are."""

from __future__ import annotations

from pathlib import Path

import pytest

from customer_segmentation.own_mart.project import ProjectError, read_project


def test_files_are_written_beside_those_that_are_there(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("model-paths: [sql, more]\n")
    (tmp_path / "sql").mkdir()
    moved = tmp_path / "more" / "anywhere"
    moved.mkdir(parents=True)
    (moved / "b.sql").touch()
    (moved / "c.sql").touch()
    project = read_project(tmp_path)
    assert project.files(["a.sql", "b.sql"]) == {"b.sql": moved / "b.sql"}
    assert project.folder_of("loyalty", project.files(["b.sql"])) == moved
    assert project.folder_of("loyalty", {}) == tmp_path / "sql" / "loyalty" / "segmentation"


def test_without_a_word_models_are_in_models(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: shop\n")
    project = read_project(tmp_path)
    assert project.model_folders == (tmp_path / "models",)
    assert project.files(["a.sql"]) == {}


@pytest.mark.parametrize(
    ("text", "switches"),
    [
        ("name: shop", None),
        ("vars: {shop: {segmentations: {a: true}}}", None),
        ("vars: {segmentations: {a: true, retail: false}}", {"a": True, "retail": False}),
        ("vars: {segmentations: none}", None),
    ],
)
def test_the_segmentations_that_the_project_names(
    tmp_path: Path, text: str, switches: dict[str, bool] | None
) -> None:
    (tmp_path / "dbt_project.yml").write_text(text)
    assert read_project(tmp_path).switches == switches


@pytest.mark.parametrize("text", ["a: [", "[]", None])
def test_a_file_that_is_no_project_is_named(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "dbt_project.yml").write_text(text)
    with pytest.raises(ProjectError, match=r"dbt_project.yml (cannot be read|is not a mapping)"):
        read_project(tmp_path)
