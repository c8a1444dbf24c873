"""What a first build gives, whoever the customers are, and whatever order their lines come in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from project_runs import Project, failures

GIANT = "WHOLESALE"
SCORED = (
    "+retail_customer_segments",
    *("segmentation_models", "segmentation_decisions", "segmentation_quality"),
)


class Shop:
    """The project on a raw file, in a schema of its own."""

    def __init__(self, project: Project, schema: str) -> None:
        self.project = project
        self.schema = schema

    def build(self, source: Path, select: Sequence[str] = SCORED, **variables: Any) -> Any:
        selected = ("--select", *select) if select else ()
        return self.project.dbt(
            "build",
            *("--exclude-resource-type", "unit_test"),
            *selected,
            retail_order_lines_source=str(source),
            **variables,
        )

    def table(self, name: str) -> pd.DataFrame:
        return self.project.spark.table(f"{self.schema}.{name}").toPandas()

    def segments(self) -> pd.DataFrame:
        return self.table("retail_customer_segments").set_index("customer_id").sort_index()


@pytest.fixture
def shop(sail_project: Project, request: pytest.FixtureRequest) -> Iterator[Shop]:
    schema = f"first_{request.node.name.split('_')[1]}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGMENTATION_SCHEMA", schema)
        yield Shop(sail_project, schema)


def order_lines(customers: int, most_orders: int) -> pd.DataFrame:
    """Lines of ordinary customers: some orders each, of a few pieces, over a year."""
    random = np.random.default_rng(7)
    orders = [
        (f"C{customer:03}", day)
        for customer in range(customers)
        for day in random.integers(0, 365, random.integers(1, most_orders + 1))
    ]
    lines = len(orders)
    return pd.DataFrame(
        {
            "invoice_id": [f"I{at:05}" for at in range(lines)],
            "product_id": [f"P{item}" for item in random.integers(1, 30, lines)],
            "description": "Thing",
            "quantity": random.integers(1, 9, lines),
            "ordered_at": [
                pd.Timestamp("2024-01-01") + pd.Timedelta(days=int(day)) for _, day in orders
            ],
            "unit_price": random.integers(100, 4000, lines) / 100,
            "customer_id": [customer for customer, _ in orders],
            "country": random.choice(["Norway", "Spain"], lines),
        }
    )


def outcomes(result: Any) -> dict[str, str]:
    return {item.node.name: str(item.status) for item in result.result}


def test_giant_among_small_customers(
    shop: Shop, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    lines = order_lines(60, 8)
    giant = lines.iloc[np.arange(120) % len(lines)].assign(
        customer_id=GIANT, quantity=5000, invoice_id=[f"W{at}" for at in range(120)]
    )
    source = tmp_path / "lines.csv"
    pd.concat([lines, giant]).to_csv(source, index=False)

    first = shop.build(source)
    assert first.success, failures(first)
    assert outcomes(first)["retail_gates_that_hold_back"] == "pass"
    assert outcomes(first)["retail_gates_that_warn"] == "warn"
    segments = shop.segments()
    assert set(segments.index) == {*lines.customer_id, GIANT}
    assert segments.segment_id.value_counts()[segments.segment_id[GIANT]] == 1
    (model_id,) = set(segments.model_id)
    quality = shop.table("segmentation_quality").set_index("measure")
    missed = quality.loc["single_customer_segments"]
    assert (missed.passed, missed.severity) == (False, "error")
    assert f"It is about customer {GIANT}, the only one of segment 1." in missed.meaning
    said = capfd.readouterr().out
    assert f"Model {model_id} of retail scores, although it misses a gate" in said
    assert f"{missed.meaning} What else is weak about it: segmentation models show retail" in said

    # A later one stays a candidate, and holds nothing else up.
    second = shop.build(source, retrain="retail")
    failed = {name for name, status in outcomes(second).items() if status in ("fail", "skipped")}
    assert failed == {"retail_gates_that_hold_back"}
    assert set(shop.segments().model_id) == {model_id}
    decisions = shop.table("retail_segment_decisions").set_index("decision")
    assert set(decisions.index) == {"promoted", "held"}
    newest = decisions.model_id["held"]
    command = f"segmentation models promote retail {newest}"
    assert decisions.reason["held"].endswith(command)
    said = capfd.readouterr().out
    assert f"Model {newest} of retail is held back" in said
    assert f"{command} && dbt build" in said


def test_few_customers_of_one_order_each_get_segments_and_reports(
    shop: Shop, tmp_path: Path
) -> None:
    source = tmp_path / "lines.csv"
    order_lines(8, 1).to_csv(source, index=False)
    result = shop.build(source, select=())
    assert result.success, failures(result)
    profile = shop.table("retail_segment_profile")
    assert 2 <= len(profile) <= 4
    assert profile.customers.sum() == 8
    (model,) = shop.table("retail_segment_models").to_dict("records")
    assert "with 8 customers more segments would have fewer than 2" in model["k_reason"]
    audit = shop.table("segmentation_feature_audit").set_index("feature")
    assert "left out of the clustering" in audit.advice["orders_lifetime"]
    assert len(model["features"]) == 2


def test_order_split_and_format_of_the_lines_change_no_segment(shop: Shop, tmp_path: Path) -> None:
    lines = order_lines(90, 8)
    source, json, folder = tmp_path / "lines.csv", tmp_path / "lines.jsonl", tmp_path / "parts"
    lines.to_csv(source, index=False)
    lines.iloc[::-1].to_json(json, orient="records", lines=True)
    folder.mkdir()
    shuffled = lines.sample(frac=1, random_state=3)
    for at, part in enumerate(np.array_split(np.arange(len(lines)), [10, 11])):
        typed = shuffled.iloc[part].astype({"ordered_at": "datetime64[us]"})
        typed.to_parquet(folder / f"part-{at}.parquet", index=False)

    scored = []
    for raw in (source, folder, json):
        result = shop.build(raw, retrain="retail")
        assert result.success, failures(result)
        scored.append(shop.segments())
    assert len({segments.model_id.iloc[0] for segments in scored}) == len(scored)
    for other in scored[1:]:
        pd.testing.assert_series_equal(scored[0].segment_id, other.segment_id)
        pd.testing.assert_series_equal(scored[0].margin, other.margin, check_exact=True)


def test_a_partial_first_build_runs_no_test_whose_tables_are_not_there(
    shop: Shop, tmp_path: Path
) -> None:
    source = tmp_path / "lines.csv"
    order_lines(8, 1).to_csv(source, index=False)
    result = shop.build(source, select=("+retail_customer_rfm",))
    assert result.success, failures(result)
    ran = outcomes(result).keys()
    assert {
        "retail_customer_rfm",
        "retail_customer_rfm_rows",
        "every_score_triple_has_a_class",
    } <= ran
    assert "raw_equals_accepted_plus_rejected" not in ran


def test_what_only_spark_has_is_refused_by_name(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "lines.csv"
    order_lines(8, 1).to_csv(source, index=False)
    result = shop.build(
        source,
        select=("+retail_segment_models",),
        segmentation_overrides={"retail": {"engine": "spark"}},
    )
    assert outcomes(result)["retail_segment_models"] == "error"
    said = failures(result)
    assert "Sail has no MLlib, which is to train here: the specification has engine: spark" in said
    monkeypatch.setenv("SEGMENTATION_FILE_FORMAT", "delta")
    result = shop.build(source, select=("retail_customer_months",))
    assert outcomes(result)["retail_customer_months"] == "error"
    assert "the file format of retail_customer_months is delta" in failures(result)
