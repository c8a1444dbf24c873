"""Vars written into a project file; every other line stays."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from customer_segmentation.inspection.project_vars import (
    ProjectVars,
    VarsError,
    read_vars_of,
    write_vars_of,
)

OWN = """\
name: customer_segmentation   # ours
vars:
  # which ones
  segmentations: {retail: true}   # on
  retail_order_lines_columns:
    # the customer
    customer_id: Email
    quantity: Qty
  # behind

models: {}
"""
LINES = ["# proposed", "retail_format: uci"]


def test_lines_are_put_behind_the_last_var() -> None:
    found = ProjectVars(OWN).with_lines(LINES).text
    assert found == OWN.replace(
        "    quantity: Qty\n", "    quantity: Qty\n  # proposed\n  retail_format: uci\n"
    )


def test_a_var_goes_with_its_lines_and_no_other() -> None:
    found = ProjectVars(OWN).without(["retail_order_lines_columns"]).text
    kept = OWN.splitlines(keepends=True)
    assert found == "".join(kept[:4] + kept[8:])


@pytest.mark.parametrize(
    "text",
    [
        "name: shop\n",
        "name: shop\nvars:\n\nmodels: {}\n",
        "name: shop\nvars: {}\nmodels: {}\n",
        "name: shop\nvars:\n  other: 1\nmodels: {}",
        "name: shop\nvars:\n    customer_segmentation:\n        other: 1  # one\nmodels: {}\n",
        "name: shop\nvars:\n  customer_segmentation:\n  other: 1\n",
        "name: shop\r\nvars:\r\n  other: 1\r\nmodels: {}\r\n",
    ],
)
def test_in_other_projects_they_stand_under_the_name_of_the_package(text: str) -> None:
    found = ProjectVars(text).with_lines(LINES)
    assert yaml.safe_load(found.text)["vars"]["customer_segmentation"]["retail_format"] == "uci"
    assert found.in_use["retail_format"] == "uci"
    lines = found.text.splitlines()
    was = [line for line in text.splitlines() if line and line != "vars: {}"]
    assert [line for line in lines if line in was] == was
    assert found.text.count("\r\n") in (0, len(lines))


def test_vars_in_braces_are_refused() -> None:
    text = "name: customer_segmentation\nvars: {segmentations: {retail: true}}\n"
    with pytest.raises(VarsError, match="on one line"):
        ProjectVars(text).with_lines(LINES)


def test_a_file_that_is_no_yaml_is_left(tmp_path: Path) -> None:
    path = tmp_path / "dbt_project.yml"
    path.write_text("name: shop\n")
    with pytest.raises(VarsError, match="left as it is"):
        write_vars_of(path, ProjectVars("vars: [\n"))
    assert path.read_text() == "name: shop\n"
    path.write_text("- a list\n")
    with pytest.raises(VarsError, match="cannot be read"):
        read_vars_of(path)
