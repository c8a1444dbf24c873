"""Which settings matter where dbt reads the project: tests give one reading to many runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from customer_segmentation.settings.declared import Tables, by_name
from project_runs import READ_WITH_THE_PROJECT, Project, failures

WHEN_A_NODE_RUNS = {
    "as_of_date": "2024-12-01",
    "missing_texts": ["-"],
    "retail_adjustment_prefix": "A",
    "retail_adjustment_product_ids": ["B"],
    "retail_anonymous_lines": "customer_per_invoice",
    "retail_cancellation_prefix": "K",
    "retail_columns_of_the_order": ["country"],
    "retail_exact_duplicates": "keep",
    "retail_format": "shopify",
    "retail_largest_rejected_share": 1,
    "retail_month_window_end": "2024-11",
    "retail_negative_price_lines": "keep",
    "retail_order_lines_columns": {"line_amount": "Sales"},
    "retail_order_lines_csv": {"sep": ";"},
    "retail_order_lines_filter": "a = 1",
    "retail_order_lines_numbers": {"decimal": ","},
    "retail_order_lines_source": "/a/b.csv",
    "retail_order_lines_time_zone": "Europe/Berlin",
    "retail_ordered_at_format": "d/M/yyyy",
    "retail_rates_columns": {"currency": "Code"},
    "retail_rates_csv": {"sep": ";"},
    "retail_rates_date_format": "d/M/yyyy",
    "retail_rates_numbers": {"decimal": ","},
    "retail_rates_source": "a.b",
    "retail_reporting_currency": "EUR",
    "retail_returns": "excluded",
    "retail_rfm_cut_points": {"recency": [1, 2, 3, 4]},
    "retail_top_countries": 2,
    "retail_zero_price_lines": "keep",
    "segmentation_decisions": {"retail": {"model_id": "a", "decision": "promoted"}},
    "segmentation_renames": ["retail"],
}


def read(manifest: Any) -> dict[str, Any]:
    """All that dbt read and goes by in a run."""
    kinds = ("nodes", "unit_tests", "exposures", "disabled")
    found = [(name, node) for kind in kinds for name, node in getattr(manifest, kind).items()]
    return {
        name: [gone_by(one.to_dict()) for one in (node if isinstance(node, list) else [node])]
        for name, node in found
    }


def gone_by(node: dict[str, Any]) -> dict[str, Any]:
    if node["resource_type"] == "model":
        # Which macros it called counts for a generic test, which has no others.
        del node["depends_on"]["macros"]
    return {key: value for key, value in node.items() if key != "created_at"}


def test_settings_of_a_run_change_nothing_that_dbt_reads(
    tables: Tables, profiles_dir: Path, tmp_path: Path
) -> None:
    assert {*WHEN_A_NODE_RUNS, *READ_WITH_THE_PROJECT} == by_name(tables).keys()
    project = Project(None, profiles_dir, tmp_path)
    parsed = project.dbt_as_it_starts("parse", **WHEN_A_NODE_RUNS)
    assert parsed.success, failures(parsed)
    reading = read(parsed.result)
    assert "model.customer_segmentation.retail_order_lines" in reading
    assert reading == read(project.manifest(**WHEN_A_NODE_RUNS))
    assert reading != read(project.manifest())
