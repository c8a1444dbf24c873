"""The project installed as a package of another dbt project, as the README says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from dbt.cli.main import dbtRunner

from customer_segmentation import __version__
from project_runs import ROOT, failures, list_nodes

# Macros in other folders are called by models of this project alone.
FOR_OTHER_PROJECTS = ("publishing", "segmentation", "sql", "tests")
OWN_MODEL = "select segment_id, customers from {{ ref('retail_segment_profile') }}"


def readme_settings() -> dict[str, Any]:
    """What the README puts into dbt_project.yml."""
    readme = (ROOT / "README.md").read_text()
    block = re.search(r"```yaml\n# packages.yml\n.*?```", readme, re.DOTALL)
    assert block is not None
    settings: dict[str, Any] = yaml.safe_load(block[0].strip("`").removeprefix("yaml"))
    return settings


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A project that uses this one, with a model of its own."""
    settings = readme_settings()
    settings["dispatch"][0]["search_order"][0] = "shop"
    del settings["packages"]
    project = {"name": "shop", "profile": "customer_segmentation", **settings}
    (tmp_path / "dbt_project.yml").write_text(yaml.safe_dump(project))
    (tmp_path / "packages.yml").write_text(yaml.safe_dump({"packages": [{"local": str(ROOT)}]}))
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "own.sql").write_text(OWN_MODEL)
    return tmp_path


def change(shop: Path, **settings: Any) -> None:
    """Set keys of the project's own settings."""
    path = shop / "dbt_project.yml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), **settings}))


def listed(shop: Path, profiles_dir: Path) -> set[str]:
    """What dbt would build, by kind, package and name."""
    result = list_nodes(shop, profiles_dir)
    assert result.success, failures(result)
    found = [json.loads(text) for text in result.result]
    return {f"{one['resource_type']} {one['package_name']}.{one['name']}" for one in found}


def test_its_models_stand_beside_those_of_the_project(shop: Path, profiles_dir: Path) -> None:
    installed = dbtRunner().invoke(["deps", "--project-dir", str(shop)])
    assert installed.success, failures(installed)
    nodes = listed(shop, profiles_dir)
    assert {"model shop.own", "model customer_segmentation.retail_segment_profile"} <= nodes
    assert "seed customer_segmentation.retail_rfm_classes" in nodes
    # The raw data is a relation of the project: no sample.
    assert "seed customer_segmentation.retail_raw_order_lines" not in nodes

    change(shop, vars={"segmentations": {"retail": False}})
    (shop / "models" / "own.sql").write_text("select 1 as one")
    nodes = listed(shop, profiles_dir)
    assert "model shop.own" in nodes
    assert [node for node in nodes if "retail" in node] == []


def test_the_version_is_the_same_everywhere() -> None:
    project = yaml.safe_load((ROOT / "dbt_project.yml").read_text())
    macro = (ROOT / "macros" / "publishing" / "unchanged.sql").read_text()
    assert project["version"] == __version__
    assert f"return('{__version__}')" in macro


def test_macros_that_other_projects_use_call_each_other_by_their_full_names() -> None:
    """In a node of another project dbt finds the macros of this one by no other name."""
    texts = {path: path.read_text() for path in (ROOT / "macros").rglob("*.sql")}
    definition = re.compile(r"{%-?\s*macro\s+(\w+).*")
    names = {name for text in texts.values() for name in definition.findall(text)}
    assert "string_literal" in names
    short = [
        f"{path.relative_to(ROOT)}: {name}"
        for path, text in texts.items()
        if path.parent.name in FOR_OTHER_PROJECTS
        for name in re.findall(r"(?<![\w.'])(\w+)\(", definition.sub("", text))
        if name in names
    ]
    assert short == []
