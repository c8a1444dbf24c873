"""Which settings matter where dbt reads the project: tests give one reading to many runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from customer_segmentation.settings.declared import Tables, by_name
from project_runs import READ_WITH_THE_PROJECT, Project, failures

WHEN_A_NODE_RUNS = {
    "as_of_date": "2024-12-01",
    "bookings_absent_tables": ["bookings_customers"],
    "bookings_arrival_date_format": "d/M/yyyy",
    "bookings_birth_date_format": "d/M/yyyy",
    "bookings_booked_at_format": "d/M/yyyy",
    "bookings_bookings_columns": {"status": "State"},
    "bookings_bookings_csv": {"sep": ";"},
    "bookings_bookings_filter": "a = 1",
    "bookings_bookings_numbers": {"decimal": ","},
    "bookings_bookings_source": "/a/b.csv",
    "bookings_bookings_time_zone": "Europe/Berlin",
    "bookings_campaign_events_columns": {"event": "What"},
    "bookings_campaign_events_csv": {"sep": ";"},
    "bookings_campaign_events_filter": "a = 1",
    "bookings_campaign_events_source": "/a/b.csv",
    "bookings_campaign_events_time_zone": "Europe/Berlin",
    "bookings_customers_columns": {"gender": "Sex"},
    "bookings_customers_csv": {"sep": ";"},
    "bookings_customers_filter": "a = 1",
    "bookings_customers_numbers": {"decimal": ","},
    "bookings_customers_source": "/a/b.csv",
    "bookings_customers_time_zone": "Europe/Berlin",
    "bookings_largest_rejected_share": 1,
    "bookings_month_window_end": "2024-11",
    "bookings_negative_revenue": "keep",
    "bookings_occurred_at_format": "d/M/yyyy",
    "bookings_rare_level_share": 0.1,
    "bookings_rates_columns": {"currency": "Code"},
    "bookings_rates_csv": {"sep": ";"},
    "bookings_rates_date_format": "d/M/yyyy",
    "bookings_rates_numbers": {"decimal": ","},
    "bookings_rates_source": "a.b",
    "bookings_reporting_currency": "EUR",
    "bookings_signed_up_at_format": "d/M/yyyy",
    "bookings_smallest_group": 3,
    "bookings_top_countries": 2,
    "bookings_top_properties": 2,
    "bookings_without_customer": "customer_per_booking",
    "bookings_zero_nights": "keep",
    "missing_texts": ["-"],
    "ratings_absent_tables": ["ratings_items"],
    "ratings_exact_duplicates": "keep",
    "ratings_genre_flags": {"Comedy": "a = 1"},
    "ratings_genre_separator": ",",
    "ratings_highest": 5,
    "ratings_items_columns": {"title": "Name"},
    "ratings_items_csv": {"sep": ";"},
    "ratings_items_filter": "a = 1",
    "ratings_items_of_component": 3,
    "ratings_items_source": "/a/b.csv",
    "ratings_largest_rejected_share": 1,
    "ratings_least_raters_of_name": 3,
    "ratings_least_ratings_of_item": 3,
    "ratings_least_ratings_of_user": 3,
    "ratings_lowest": 1,
    "ratings_named_after": "items",
    "ratings_rated_at_format": "d/M/yyyy",
    "ratings_ratings_columns": {"rating": "Stars"},
    "ratings_ratings_csv": {"sep": ";"},
    "ratings_ratings_filter": "a = 1",
    "ratings_ratings_numbers": {"decimal": ","},
    "ratings_ratings_source": "/a/b.csv",
    "ratings_ratings_time_zone": "Europe/Berlin",
    "ratings_repeated": "mean",
    "ratings_smallest_group": 3,
    "ratings_value": "binary",
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
    "segmentation_history_months": 3,
    "segmentation_older_generations": 1,
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
    domains = {"retail": True, "bookings": True, "ratings": True}
    project = Project(None, profiles_dir, tmp_path, domains)
    parsed = project.dbt_as_it_starts("parse", **WHEN_A_NODE_RUNS)
    assert parsed.success, failures(parsed)
    reading = read(parsed.result)
    names = ("retail_order_lines", "bookings_customers", "ratings_user_items")
    assert {f"model.customer_segmentation.{name}" for name in names} <= reading.keys()
    assert reading == read(project.manifest(**WHEN_A_NODE_RUNS))
    assert reading != read(project.manifest())
