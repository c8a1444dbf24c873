"""Raw files as people have them, and settings as they mistype them: dbt on small files."""

from __future__ import annotations

import gzip
from datetime import datetime, time
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from project_runs import ROOT, Project, failures, list_nodes

HEADER = "invoice_id,product_id,description,quantity,ordered_at,unit_price,customer_id,country"
SALE = "1,P1,Mug,6,2024-03-01,1.50,C1,Norway"
JUDGED = "stg_retail__order_lines int_retail__judged_lines retail_order_lines retail_rejected_lines"


def judge(project: Project, source: Path, **variables: Any) -> Any:
    """The result of judging the lines of a raw file."""
    settings = {"retail_order_lines_source": str(source), "retail_largest_rejected_share": 1}
    return project.dbt("run", "--select", *JUDGED.split(), **settings, **variables)


def judged(project: Project, source: Path, **variables: Any) -> list[dict[str, Any]]:
    """The judged lines of a raw file, by product."""
    result = judge(project, source, **variables)
    assert result.success, failures(result)
    lines = project.spark.table("segmentation_internal.int_retail__judged_lines").orderBy(
        "product_id"
    )
    return [row.asDict() for row in lines.collect()]


def test_a_csv_file_of_another_kind_is_read_and_broken_lines_are_set_aside(
    project: Project, tmp_path: Path
) -> None:
    broken = "2;P2;Mug;6;2024-03-01;1;50;C1;Norway"
    lines = [
        HEADER.replace("customer_id", "client`s no").replace(",", ";"),
        "1;P1;Krüge;6;2024-03-01;1.50;C1;Österreich",
        broken,
        "3;P3;Mug;6;2024-03-01;1.50",
        "4;P4;Mug;6;2024-03-01;1.50;nan;Norway",
        "5;P5;'a;b';6;2024-03-01;1.50;\xa0C1\t;Norway",
    ]
    source = tmp_path / "lines's.CSV.gz"
    source.write_bytes(gzip.compress("\r\n".join(lines).encode("iso-8859-1")))
    found = judged(
        project,
        source,
        retail_order_lines_csv={"sep": ";", "encoding": "ISO-8859-1", "quote": "'"},
        retail_order_lines_columns={"customer_id": "client`s no"},
    )
    reasons = [line["rejection_reason"] for line in found]
    assert reasons == [None, "malformed_line", "malformed_line", None, None]
    assert found[1]["malformed_line"] == broken
    assert [found[at]["customer_id"] for at in (0, 3, 4)] == ["C1", None, "C1"]
    assert found[0]["country"] == "Österreich"
    assert found[4]["description"] == "a;b"


def test_a_csv_file_with_own_column_names_below_other_lines(
    project: Project, tmp_path: Path
) -> None:
    source = tmp_path / "it's mine.csv"
    source.write_text(
        "Report of a shop\n\nfor 2024\n"
        "No,Product,Text,Units,Day,Price,Customer,Land\n"
        '7,P1,"a ""quoted"", name",3,1/2/2024 8:26,2.50,12.0,FR\n'
        "8,P2,plain,one,1/2/2024 8:26,2.50,12.0,FR\n"
    )
    names = ("No", "Product", "Text", "Units", "Day", "Price", "Customer", "Land")
    columns = dict(zip(HEADER.split(","), names, strict=True))
    settings = {"retail_order_lines_csv": {"skip_lines": 2}, "retail_order_lines_columns": columns}
    result = judge(project, source, retail_ordered_at_format="d/M/yyyy H:mm", **settings)
    assert result.success, failures(result)
    accepted = project.spark.table("segmentation.retail_order_lines").collect()
    assert [
        (line.invoice_id, line.description, str(line.order_date), str(line.line_amount))
        for line in accepted
    ] == [("7", 'a "quoted", name', "2024-02-01", "7.5000")]
    assert accepted[0].customer_id == "12"
    rejected = project.spark.table("segmentation.retail_rejected_lines").collect()
    assert [(line.rejection_reason, line.quantity_text) for line in rejected] == [
        ("unparsable_quantity", "one")
    ]

    del columns["customer_id"]
    refused = project.refusal(retail_order_lines_source=str(source), **settings)
    assert "lacks the columns: customer_id" in refused
    assert "Columns found: No, Product, Text" in refused
    assert "retail_order_lines_columns" in refused


def test_a_raw_file_that_changed_is_read_again(project: Project, tmp_path: Path) -> None:
    source = tmp_path / "lines.csv"
    source.write_text(f"{HEADER}\n{SALE}\n")
    assert len(judged(project, source)) == 1
    with source.open("a") as file:
        file.write(SALE.replace("P1", "P2"))
    assert [line["product_id"] for line in judged(project, source)] == ["P1", "P2"]
    models = [item for item in judge(project, source).result if item.node.resource_type == "model"]
    assert {item.message for item in models} == {"UNCHANGED"}


def test_timestamps_as_pandas_writes_them_are_read(project: Project, tmp_path: Path) -> None:
    times = pd.to_datetime(["2024-03-01 10:30:00", "2024-02-29 23:59:59"]).astype("datetime64[ns]")
    frame = pd.DataFrame(
        {
            **dict.fromkeys(HEADER.split(","), "1"),
            "product_id": ["P1", "P2"],
            "ordered_at": times,
            "customer_id": [17850.0, float("nan")],
        }
    )
    frame.to_parquet(tmp_path / "lines.parquet")
    found = judged(project, tmp_path / "lines.parquet")
    assert [line["rejection_reason"] for line in found] == [None, None]
    assert [line["ordered_at"] for line in found] == list(times.to_pydatetime())
    assert [line["customer_id"] for line in found] == ["17850", None]


@pytest.mark.parametrize("column_type", [pa.timestamp("us"), pa.date32()])
def test_dates_that_are_no_text_are_taken_as_they_are(
    project: Project, tmp_path: Path, column_type: pa.DataType
) -> None:
    times = [datetime(2024, 3, 1, 10, 30), datetime(2024, 3, 2), datetime(1, 1, 1), None]
    lines = dict.fromkeys(HEADER.split(","), pa.array(["1"] * 4))
    lines["ordered_at"] = pa.array(times, pa.timestamp("us")).cast(column_type, safe=False)
    parquet.write_table(pa.table(lines), tmp_path / "lines.parquet")
    found = judged(project, tmp_path / "lines.parquet", retail_ordered_at_format="d/M/yyyy")
    time_of_day = time() if column_type == pa.date32() else times[0].time()
    assert {(line["rejection_reason"], line["ordered_at"]) for line in found} == {
        (None, datetime.combine(times[0], time_of_day)),
        (None, times[1]),
        ("unparsable_date", None),
        ("missing_date", None),
    }


def test_files_of_a_folder_must_have_the_same_columns(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "lines.csv"
    folder.mkdir()
    (folder / "a.csv").write_text(f"{HEADER}\n{SALE}\n")
    (folder / "b.csv").write_text(f"{HEADER}\n{SALE}\n")
    assert len(judged(project, folder)) == 2
    swapped = HEADER.replace("invoice_id,product_id", "product_id,invoice_id")
    (folder / "b.csv").write_text(f"{swapped}\n{SALE}\n")
    result = judge(project, folder)
    assert not result.success
    assert "b.csv" in failures(result)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("nowhere.lines", "there is no table or view nowhere.lines, or it has no columns"),
        (
            "/no/such/file.parquet",
            "retail_order_lines_source is '/no/such/file.parquet', but the engine finds no file "
            "with content there",
        ),
    ],
)
def test_a_source_that_is_not_there_stops_the_run_at_its_start(
    project: Project, source: str, message: str
) -> None:
    assert message in project.refusal(retail_order_lines_source=source)


def test_wrong_settings_stop_the_run_before_it_starts(project: Project) -> None:
    # One of each kind: models are parsed before, and must take what they find.
    wrong = {
        "as_of_date": {"a": 1},
        "missing_texts": 5,
        "retail_adjustment_product_ids": None,
        "retail_cancellation_prefix": ["C", "K"],
        "retail_month_window_end": 2024,
        "retail_order_lines_columns": [],
        "retail_order_lines_csv": "sep",
        "retail_order_lines_numbers": ["decimal"],
        "retail_order_lines_source": ["a"],
        "retail_order_lines_time_zone": 2,
        "retail_ordered_at_format": {"y": 1},
        "retail_returns": "ignored",
        "retail_rfm_cut_points": {"recency": 5},
        "retail_top_countries": "all",
        "retrain": ["retail"],
        "segmentation_decisions": {"retail": 1},
        "segmentation_overrides": "k=4",
        "segmentation_renames": True,
    }
    result = project.dbt_as_it_starts("build", no_such_var=1, retail_retuns="excluded", **wrong)
    assert result.result is None
    said = failures(result)
    assert [name for name in wrong if f"The var {name} is '" not in said] == []
    assert "The var retail_returns is 'ignored'. Allowed: one of 'netted', 'excluded'." in said
    assert "has no var no_such_var. The vars are as_of_date," in said
    assert "has no var retail_retuns. Did you mean retail_returns?" in said


@pytest.mark.parametrize(
    "wrong", [{"segmentations": "retail"}, {"segmentations": None}, {"retail_rfm_cut_points": 5}]
)
def test_a_wrong_setting_that_decides_what_there_is_is_named(
    project: Project, wrong: dict[str, Any]
) -> None:
    said = failures(project.dbt_as_it_starts("parse", **wrong))
    assert "The var {} is '{}'".format(*next(iter(wrong.items()))) in said


def test_a_wrong_specification_stops_the_run_before_it_starts(project: Project) -> None:
    result = project.dbt_as_it_starts("build", segmentation_overrides={"retail": {"kk": 4}})
    assert result.result is None
    message = failures(result)
    assert "config.meta.specification of retail_segment_models" in message
    assert "kk" in message


def test_one_line_switches_all_of_a_domain_off(profiles_dir: Path, tmp_path: Path) -> None:
    settings = (ROOT / "dbt_project.yml").read_text()
    assert settings.count("retail: true") == 1
    (tmp_path / "dbt_project.yml").write_text(settings.replace("retail: true", "retail: false"))
    for folder in ("models", "macros", "seeds", "tests", "docs"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    result = list_nodes(tmp_path, profiles_dir)
    assert result.success, failures(result)
    assert [line for line in result.result if "retail" in line] == []
