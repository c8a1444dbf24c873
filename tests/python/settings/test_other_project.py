"""Settings in a project that installs this one, with a domain of its own; no Spark runs here."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from dbt.cli.main import dbtRunner
from dbt_common.exceptions import DbtRuntimeError

from project_runs import ROOT, failures, list_nodes

OFF = {"segmentations": {"retail": False, "loyalty": False}}
OWN_SETTINGS = """
{% macro loyalty_settings() %}{{ return({
    'loyalty_days': {'default': 30, 'kind': 'whole_number', 'group': 'Loyalty', 'meaning': 'Days.'},
    'loyalty_grace': {'default': 'none', 'kind': 'text', 'group': 'Loyalty', 'meaning': 'Grace.'},
}) }}{% endmacro %}
{% macro default__has_prefix(column, prefix) %}own_rule({{ column }}, '{{ prefix }}'){% endmacro %}
"""
# What macros say while dbt reads the project, which `dbt ls` shows.
READS = """
{{ config(meta={
    'days': customer_segmentation.setting('loyalty_days'),
    'grace': customer_segmentation.setting('loyalty_grace'),
    'as_of_date': customer_segmentation.setting('as_of_date'),
    'missing': customer_segmentation.list_setting('missing_texts'),
    'own_rule': customer_segmentation.has_prefix('id', 'C'),
    'identifier': customer_segmentation.clean_identifier('id'),
    'cuts': customer_segmentation.rfm_cut_points('recency', 'days', 'retail_rfm_cut_points'),
    'column': customer_segmentation.raw_columns('retail_order_lines'),
}) }}
select 1 as one
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The project, without its vars."""
    for folder, name, text in (
        ("macros", "loyalty_settings.sql", OWN_SETTINGS),
        ("models", "own_model.sql", READS),
        ("tests", "own_test.sql", READS),
    ):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text(text)
    (tmp_path / "packages.yml").write_text(yaml.safe_dump({"packages": [{"local": str(ROOT)}]}))
    write(tmp_path, OFF)
    installed = dbtRunner().invoke(["--quiet", "deps", "--project-dir", str(tmp_path)])
    assert installed.success, failures(installed)
    return tmp_path


def write(shop: Path, variables: dict[str, Any]) -> None:
    project = {"name": "shop", "profile": "customer_segmentation", "vars": variables}
    (shop / "dbt_project.yml").write_text(yaml.safe_dump(project))


@pytest.fixture
def read(shop: Path, profiles_dir: Path) -> Callable[..., dict[str, dict[str, Any]]]:
    """What the model and the test of the project see with some vars, by their names."""

    def listed(**variables: Any) -> dict[str, dict[str, Any]]:
        write(shop, {**OFF, **variables})
        result = list_nodes(shop, profiles_dir)
        assert result.success, failures(result)
        nodes = [json.loads(line) for line in result.result]
        return {
            one["name"]: one["config"]["meta"] for one in nodes if one["package_name"] == "shop"
        }

    return listed


def test_macros_read_settings_where_a_model_of_the_project_calls_them(
    read: Callable[..., dict[str, dict[str, Any]]],
) -> None:
    found = read()
    assert found.keys() == {"own_model", "own_test"}
    assert found["own_model"] == found["own_test"]
    seen = found["own_model"]
    assert (seen["days"], seen["grace"], seen["as_of_date"]) == (30, "none", "")
    assert seen["missing"] == ["nan", "null", "none", "n/a", "#n/a", "<na>", "-"]
    assert "null|none" in seen["identifier"]
    assert "percentile(" in seen["cuts"]
    assert "`invoice_id`" in seen["column"]
    # A rule of the project's own wins.
    assert seen["own_rule"].strip() == "own_rule(id, 'C')"

    seen = read(
        loyalty_days="{{ 3 + 4 }}",
        as_of_date="2024-02-29",
        retail_rfm_cut_points={"recency": [1, 2, 3, 4.5]},
        shop={
            "retail_order_lines_source": "/data/lines.csv",
            "retail_order_lines_columns": {"invoice_id": "InvoiceNo"},
        },
    )["own_model"]
    assert (str(seen["days"]), seen["as_of_date"]) == ("7", "2024-02-29")
    assert "cast(4.5 as double)" in seen["cuts"]
    assert "InvoiceNo as invoice_id" in seen["column"]


def test_vars_are_checked_wherever_they_are_set(shop: Path, profiles_dir: Path) -> None:
    write(
        shop,
        {
            **OFF,
            "loyalty_days": "many",
            "loyalty_dayz": 1,
            "own": 1,
            "shop": {"loyalty_grace": 5, "own": 1},
            "customer_segmentation": {
                "as_of_date": "2024-02-29",
                "retail_returns": "{{ 'igno' ~ 'red' }}",
                "retail_retuns": "netted",
            },
        },
    )
    events: list[str] = []
    folders = ["--project-dir", str(shop), "--profiles-dir", str(profiles_dir)]
    result = dbtRunner(callbacks=[lambda event: events.append(event.info.name)]).invoke(
        ["parse", *folders, "--vars", json.dumps({"retail_top_countries": -1, "owned": 2})]
    )
    # One message and no stack trace, as the command line shows it.
    assert isinstance(result.exception, DbtRuntimeError)
    assert events.count("MainEncounteredError") == 1
    assert "MainStackTrace" not in events
    said = [line.strip() for line in failures(result).splitlines()]
    assert said[0] == "Runtime Error"
    expected = (
        "customer_segmentation has no var loyalty_dayz, which dbt_project.yml sets. Did you mean "
        "loyalty_days? ",
        "customer_segmentation has no var retail_retuns, which dbt_project.yml sets under "
        "customer_segmentation. Did you mean retail_returns? ",
        "sets the var as_of_date under customer_segmentation, where models of shop do not see it. ",
        "The var retail_top_countries is '-1'. ",
        "The var retail_returns is 'ignored'. ",
        "The var loyalty_grace is '5'. ",
        "The var loyalty_days is 'many'. ",
    )
    assert [line for line, start in zip(said[1:], expected, strict=True) if start not in line] == []


def test_a_segmentation_without_files_is_named(shop: Path, profiles_dir: Path) -> None:
    write(shop, {"segmentations": {"retail": False, "loyalti": True}})
    said = failures(list_nodes(shop, profiles_dir))
    assert "no project has a model loyalti_segment_models" in said
    assert "segmentation init loyalti" in said
    assert "There are bookings, ratings, retail." in said


def test_a_table_of_settings_that_is_wrong_is_named(shop: Path, profiles_dir: Path) -> None:
    own = (shop / "macros" / "loyalty_settings.sql").read_text()
    (shop / "macros" / "loyalty_settings.sql").write_text(own.replace("'text'", "'txt'"))
    result = list_nodes(shop, profiles_dir)
    assert "Setting loyalty_grace in macro loyalty_settings has the kind 'txt'" in failures(result)


def test_a_setting_that_is_not_declared_stops_whoever_reads_it(
    shop: Path, profiles_dir: Path
) -> None:
    (shop / "models" / "own_model.sql").write_text(READS.replace("loyalty_grace", "loyalty_gracs"))
    assert "There is no setting loyalty_gracs." in failures(list_nodes(shop, profiles_dir))
