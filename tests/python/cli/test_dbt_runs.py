"""What the command line says where dbt would say less, or nothing; no Spark runs here."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result
from dbt.cli.main import dbtRunner

from customer_segmentation.cli.main import main


def said(*arguments: str, code: int = 1) -> str:
    result: Result = CliRunner().invoke(main, arguments)
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder and home."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("DBT_PROJECT_DIR", "DBT_PROFILES_DIR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def dbt_ends_with(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets dbt end with an exception, in a folder that has a project and a profile.

    It reads the project before, which has the segmentation retail.
    """
    (folder / "dbt_project.yml").touch()
    (folder / "profiles.yml").touch()

    def end(exception: BaseException | None, *messages: str) -> None:
        results = [SimpleNamespace(message=message) for message in messages]
        result = SimpleNamespace(results=results)
        ended = SimpleNamespace(success=False, exception=exception, result=result)
        meta = {"segmentation": "retail", "specification": {}}
        model = SimpleNamespace(config=SimpleNamespace(meta=meta))
        manifest = SimpleNamespace(nodes={"model": model})
        parsed = SimpleNamespace(success=True, exception=None, result=manifest)
        monkeypatch.setattr(
            dbtRunner, "invoke", lambda _, command: parsed if "parse" in command else ended
        )

    return end


def test_outside_a_project_it_names_the_folder(folder: Path) -> None:
    for command in (["models", "list"], ["train"]):
        text = said(*command, "retail")
        assert f"There is no dbt_project.yml in {folder}. Run this in the folder of the" in text


def test_without_a_profile_it_names_the_example(folder: Path) -> None:
    (folder / "dbt_project.yml").touch()
    assert "Copy profiles.yml.example to that name" in said("models", "list", "retail")


@pytest.mark.parametrize("text", ["a: b: c", "text", "[1]"])
def test_vars_that_are_no_mapping(folder: Path, text: str) -> None:
    assert folder.exists()
    assert f"'{text}' is not a mapping of vars" in said("train", "retail", "--vars", text, code=2)


def test_before_the_first_build_it_says_so(dbt_ends_with: Any) -> None:
    dbt_ends_with(RuntimeError("[TABLE_OR_VIEW_NOT_FOUND] It is not there.; line 2;\n'Sort"))
    assert "Run `dbt build` first" in said("models", "list", "retail")


def test_of_a_failed_query_it_shows_no_plan(dbt_ends_with: Any) -> None:
    dbt_ends_with(RuntimeError("[UNRESOLVED_COLUMN] There is no column k.;\n'Sort ['k]\n+- Join"))
    text = said("models", "list", "retail")
    assert text.endswith("Error: [UNRESOLVED_COLUMN] There is no column k.\n")


def test_an_interrupt_is_no_error_of_dbt(dbt_ends_with: Any) -> None:
    dbt_ends_with(KeyboardInterrupt())
    assert said("train", "retail") == "Aborted!\n"


def test_a_training_without_a_feature_mart_says_to_build_it(dbt_ends_with: Any) -> None:
    dbt_ends_with(None, "[TABLE_OR_VIEW_NOT_FOUND] The table or view `segmentation`.`retail_")
    assert "Run `dbt build` first" in said("train", "retail")
    dbt_ends_with(None, "another reason")
    assert "Run `dbt build` first" not in said("train", "retail")


def test_an_unknown_segmentation_lists_those_there_are(dbt_ends_with: Any) -> None:
    dbt_ends_with(None)
    for command in (["train", "wholesale"], ["models", "list", "wholesale"]):
        assert "there is no segmentation wholesale; this project has retail" in " ".join(
            said(*command, code=2).split()
        )
