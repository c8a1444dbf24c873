"""The tables of this project beside the models, macros and YAML that read them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from customer_segmentation.settings.check import Vars, problems
from customer_segmentation.settings.declared import Tables, by_name
from customer_segmentation.settings.document import PAGE, document
from project_runs import ROOT

QUOTED = re.compile("['\"](\\w+)['\"]")
READ = re.compile("\\b(?:setting|mapping_setting|list_setting|var)\\(['\"](\\w+)['\"]\\)")
# What the settings of a raw table end with.
RAW_TABLE = ("_source", "_columns", "_filter", "_csv", "_numbers", "_time_zone")
# Files that say what settings there are, and what a format gives them.
NAME_WITHOUT_READING = ("_settings.sql", "_formats.sql")
IN_YAML = re.compile(r"\bvar\('(\w+)'(?:, (.+?))?\)")


def vars_of(**command_line: Any) -> Vars:
    return Vars("customer_segmentation", {}, {}, {}, {}, command_line)


def texts(suffix: str) -> Iterator[str]:
    """The files that read settings."""
    for folder in ("models", "macros", "seeds", "tests"):
        for path in Path(ROOT / folder).rglob(f"*.{suffix}"):
            if not path.name.endswith(NAME_WITHOUT_READING):
                yield path.read_text()


def test_defaults_are_allowed(tables: Tables) -> None:
    defaults = {name: setting.default for name, setting in by_name(tables).items()}
    assert {"as_of_date", "retail_returns"} <= defaults.keys()
    assert problems(tables, vars_of(**defaults)) == []


def test_what_a_known_format_gives_a_setting_is_allowed(
    tables: Tables, formats: dict[str, dict[str, Any]]
) -> None:
    assert formats.keys() == set(by_name(tables)["retail_format"].allowed) - {""}
    assert {name: problems(tables, vars_of(**given)) for name, given in formats.items()} == {
        name: [] for name in formats
    }


def test_the_project_sets_only_which_segmentations_there_are(tables: Tables) -> None:
    given = yaml.safe_load((ROOT / "dbt_project.yml").read_text())["vars"]
    assert given.keys() == {"segmentations"}
    assert problems(tables, vars_of(**given)) == []


def test_what_is_read_is_declared_and_what_is_declared_is_read(tables: Tables) -> None:
    declared = by_name(tables).keys()
    sql, yml = "\n".join(texts("sql")), "\n".join(texts("yml"))
    in_yaml = {name for name, _ in IN_YAML.findall(yml)}
    assert (set(READ.findall(sql)) | in_yaml) - declared == set()
    # The settings of a raw table are read by names that are put together.
    of_raw_tables = {name for name in declared if name.endswith(RAW_TABLE)}
    assert declared - set(QUOTED.findall(sql)) - in_yaml <= of_raw_tables


def test_defaults_in_yaml_are_those_of_the_tables(tables: Tables) -> None:
    # YAML knows no macros: a var has to say its default there.
    found = [pair for text in texts("yml") for pair in IN_YAML.findall(text) if pair[1]]
    assert {"retrain", "segmentation_overrides", "retail_order_lines_source"} <= {
        name for name, _ in found
    }
    settings = by_name(tables)
    assert [
        (name, default)
        for name, default in found
        if ast.literal_eval(default) != settings[name].default
    ] == []


def test_the_page_says_what_the_tables_say(tables: Tables) -> None:
    page = (ROOT / PAGE).read_text()
    assert page == document(page, tables), (
        "write docs/settings.md anew: python -m customer_segmentation.settings.document"
    )
