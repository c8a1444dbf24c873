"""Raw files as other programs write them, read by Sail up to the judged lines."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from project_runs import Project, failures

HEADER = "invoice_id,product_id,description,quantity,ordered_at,unit_price,customer_id,country"
SALE = "1,P1,Mug,6,2024-03-01,1.50,C1,Norway"


def run(project: Project, source: Path | str, *further: str, **variables: Any) -> Any:
    """The result of judging the lines of a raw file, and of building further models."""
    models = ("stg_retail__order_lines", "int_retail__judged_lines")
    settings = {"retail_order_lines_source": str(source), "retail_largest_rejected_share": 1}
    return project.dbt("run", "--select", *models, *further, **settings, **variables)


def lines_of(project: Project, source: Path | str, **variables: Any) -> list[dict[str, Any]]:
    """The judged lines of a raw file, by product."""
    result = run(project, source, **variables)
    assert result.success, failures(result)
    table = project.spark.table("segmentation_internal.int_retail__judged_lines")
    return [row.asDict() for row in table.orderBy("product_id").collect()]


def refusal(project: Project, source: Path | str, **variables: Any) -> str:
    """What a run says that is stopped before any model."""
    return project.refusal(retail_order_lines_source=str(source), **variables)


def written(folder: Path, *lines: str, name: str = "lines.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
    return path


def test_columns_that_nobody_asked_for_decide_nothing(
    sail_project: Project, tmp_path: Path
) -> None:
    longer, shorter = f"0,1,{SALE},a,b,,x", f"0,1,{SALE}"
    source = written(
        tmp_path,
        "# made by a shop",
        f",#,{HEADER},note,Note,",
        f"0,1,{SALE},a,b,",
        f"0,1,{SALE},a,b,,,",
        "# in the middle",
        longer,
        shorter,
    )
    found = lines_of(sail_project, source, retail_order_lines_csv={"comment": "#"})
    # A line whose surplus fields are all empty is whole, and so a copy of the one before.
    reasons = sorted(str(line["rejection_reason"]) for line in found)
    assert reasons == ["None", "exact_duplicate", "malformed_line", "malformed_line"]
    assert {line["malformed_line"] for line in found} == {None, longer, shorter}


def test_a_file_of_a_windows_program_with_lines_above_its_header(
    sail_project: Project, tmp_path: Path
) -> None:
    source = written(
        tmp_path,
        "Report of sales",
        "",
        "from;2024",
        HEADER.replace(",", ";"),
        "1;P1;Größe Š 5 €;1.000;31.12.2024 23:59;1.234,56;C1;Österreich",
        name="lines.txt",
        encoding="cp1252",
    )
    (line,) = lines_of(
        sail_project,
        source,
        retail_order_lines_csv={"sep": ";", "encoding": "windows-1252", "skip_lines": 2},
        retail_order_lines_numbers={"decimal": ","},
        retail_ordered_at_format="d.M.yyyy H:mm",
    )
    assert (line["description"], line["country"]) == ("Größe Š 5 €", "Österreich")
    assert (line["quantity"], str(line["unit_price"])) == (1000, "1234.5600")
    assert str(line["line_amount"]) == "1234560.0000"
    assert str(line["ordered_at"]) == "2024-12-31 23:59:00"


def csv_folder(folder: Path) -> Path:
    written(folder, HEADER, SALE, name="a.csv")
    compressed = gzip.compress(f"{HEADER}\n{SALE.replace('P1', 'P2')}\n".encode())
    (folder / "b.csv.gz").write_bytes(compressed)
    written(folder, "no data", name="_readme.txt")
    (folder / "c.csv").write_text("")
    return folder


def parquet_pattern(folder: Path) -> Path:
    for name in ("P1", "P2"):
        values = SALE.replace("P1", name).split(",")
        columns = {column: [value] for column, value in zip(HEADER.split(","), values, strict=True)}
        parquet.write_table(pa.table(columns), folder / f"{name}.parquet")
    written(folder, "no data", name="readme.md")
    return folder / "P?.parquet"


def json_lines(folder: Path) -> Path:
    line = (
        '{"product_id": "P%d", "invoice_id": "1", "description": null, "quantity": 6,'
        ' "x": {"a": 1}, "ordered_at": "2024-03-01", "unit_price": 1.50, "customer_id": "C1",'
        ' "country": "Norway"}'
    )
    return written(folder, line % 1, "", line % 2, name="lines.jsonl")


@pytest.mark.parametrize("make", [csv_folder, parquet_pattern, json_lines])
def test_files_of_one_kind_are_read_together(
    make: Callable[[Path], Path], sail_project: Project, tmp_path: Path
) -> None:
    found = lines_of(sail_project, make(tmp_path))
    assert [line["product_id"] for line in found] == ["P1", "P2"]
    assert {(line["rejection_reason"], str(line["line_amount"])) for line in found} == {
        (None, "9.0000")
    }


def test_a_line_that_is_no_json_is_set_aside(sail_project: Project, tmp_path: Path) -> None:
    source = json_lines(tmp_path)
    source.write_text(source.read_text() + '{"product_id": "P3"\n')
    found = lines_of(sail_project, source)
    assert [line["malformed_line"] for line in found] == ['{"product_id": "P3"', None, None]


@pytest.mark.parametrize(
    ("column", "texts", "said"),
    [
        (
            "unit_price",
            ["12,50", "1.000", "25.000"],
            "unit_price: 2 numbers such as 1.000; 25.000 may have a sign of decimals or of "
            "thousands. Of the other numbers 0 are written with a decimal point and 1 with a "
            "decimal comma. Set the var retail_order_lines_numbers to {decimal: '.'}, which reads "
            "1.000 as 1.000, or to "
            "{decimal: ','}, which reads it as 1000.",
        ),
        ("quantity", ["1", "1,000"], "quantity: 1 numbers such as 1,000"),
        ("unit_price", ["$5", "CAD 5", "5 €"], "in more than one currency: $, cad, €. Amounts"),
        (
            "ordered_at",
            ["03/04/2024", "05/04/2024"],
            "ordered_at: 2 dates such as 03/04/2024; 05/04/2024, of which 0 can only have the day "
            'first and 0 only the month. Set the var retail_ordered_at_format to "d/M/yyyy" if '
            'the day is first, to "M/d/yyyy" if the month is.',
        ),
        (
            "ordered_at",
            ["3.4.24 10:15", "25.4.24 9:15"],
            'retail_ordered_at_format to "d.M.yy H:mm".',
        ),
        ("ordered_at", ["2/24/03", "1/2/03"], 'retail_ordered_at_format to "M/d/yy".'),
    ],
)
def test_what_has_two_meanings_stops_the_run(
    column: str, texts: list[str], said: str, sail_project: Project, tmp_path: Path
) -> None:
    names = HEADER.split(",")
    lines = []
    for text in texts:
        values = SALE.split(",")
        values[names.index(column)] = text
        lines.append("\t".join(values))
    source = written(tmp_path, "\t".join(names), *lines, name="lines.tsv")
    assert said in refusal(sail_project, source)


def test_what_has_one_meaning_does_not(sail_project: Project, tmp_path: Path) -> None:
    lines = {name: ["1", "2", "3"] for name in HEADER.split(",")} | {
        "quantity": ["$5", "CAD 6", "7"],
        "ordered_at": ["2024-03-01", "2024-03-02", "03/04/2024"],
        "unit_price": ["12.50", "1.000", "1,000"],
    }
    # Types that Sail cannot show decide nothing.
    others = {
        "country": pa.array(["Norway"] * 3).dictionary_encode(),
        "packed_at": pa.array([0] * 3, pa.timestamp("ns")),
        "shelf": pa.array([1, 2, 3], pa.uint8()),
    }
    parquet.write_table(pa.table(lines | others), tmp_path / "lines.parquet")
    found = lines_of(sail_project, tmp_path / "lines.parquet")
    assert {line["country"] for line in found} == {"Norway"}
    assert [line["rejection_reason"] for line in found] == [None, None, "unparsable_date"]
    assert [line["quantity"] for line in found] == [5, 6, 7]
    assert [str(line["unit_price"]) for line in found] == ["12.5000", "1.0000", "1000.0000"]


def test_parquet_of_pandas_is_read(sail_project: Project, tmp_path: Path) -> None:
    frame = pd.DataFrame([dict(zip(HEADER.split(","), SALE.split(","), strict=True))])
    frame["ordered_at"] = pd.to_datetime(frame["ordered_at"]) + pd.Timedelta(
        hours=10, microseconds=7
    )
    source = tmp_path / "lines.parquet"
    frame.astype({"ordered_at": "datetime64[ns]"}).to_parquet(source)
    (found,) = lines_of(sail_project, source)
    assert str(found["ordered_at"]) == "2024-03-01 10:00:00.000007"
    source.write_text("no Parquet")
    assert f"{source} cannot be read as Parquet" in refusal(sail_project, source)


def test_a_folder_of_several_kinds_is_named(sail_project: Project, tmp_path: Path) -> None:
    written(tmp_path, HEADER, SALE)
    written(tmp_path, "x", name="lines.xlsx")
    said = refusal(sail_project, tmp_path)
    assert f"is '{tmp_path}', where files end in .csv, .xlsx. They must be of one kind" in said


def test_a_build_without_an_accepted_line_leaves_the_tables(
    sail_project: Project, tmp_path: Path
) -> None:
    models = ("retail_order_lines", "retail_customer_months")
    source = written(tmp_path, HEADER, SALE)
    result = run(sail_project, source, *models)
    assert result.success, failures(result)
    written(tmp_path, HEADER, SALE.replace("2024-03-01", "01/03/2024"), SALE[:-10])
    result = run(sail_project, source, *models)
    assert not result.success
    message = failures(result)
    assert "Rejected: malformed_line 1 (worth 9.00), unparsable_date 1 (worth 9.00)." in message
    assert (
        "Of malformed_line: The var retail_order_lines_csv governs that. Some of them: " in message
    )
    assert sail_project.spark.table("segmentation.retail_customer_months").count() == 1
