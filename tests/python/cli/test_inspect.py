"""`segmentation inspect` where it writes, keeps and refuses; no dbt and no Spark run here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from customer_segmentation.cli import dbt_runs, inspect
from customer_segmentation.cli.main import main
from domain_macros import retail_tables

PROJECT = """\
name: customer_segmentation
vars:
  segmentations: {retail: true}  # ours
"""
ORDERS = "Order ID,Order Date,Customer ID,Sales\n" + "".join(
    f"{at},{1 + at % 12}/{1 + at % 28}/2024,K{at % 7},{at}.50\n" for at in range(60)
)
COLUMNS = {"invoice_id": "Order ID", "ordered_at": "Order Date", "customer_id": "Customer ID"}


class Shop:
    """A project and a file of orders, and what the command says of them."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "dbt_project.yml"
        self.project.write_text(PROJECT)
        self.orders = folder / "orders.csv"
        self.orders.write_text(ORDERS)
        self.rows: list[dict[str, str]] = []

    @property
    def vars(self) -> Any:
        return yaml.safe_load(self.project.read_text())["vars"]

    def says(self, *arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(main, ["inspect", *arguments])
        assert result.exit_code == code, result.output
        return result.output


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    found = Shop(tmp_path)
    (tmp_path / "profiles.yml").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(inspect, "raw_tables", lambda *_: retail_tables())
    monkeypatch.setattr(dbt_runs, "select", lambda *_: found.rows)
    return found


def test_nothing_is_written_unless_asked(shop: Shop) -> None:
    said = shop.says("orders.csv")
    assert "retail_ordered_at_format: M/d/yyyy" in said
    assert "All 60 lines were looked at." in said
    assert shop.project.read_text() == PROJECT


def test_the_vars_are_written_behind_those_that_are_there(shop: Shop) -> None:
    shop.says("orders.csv", "--write")
    assert shop.project.read_text().startswith(PROJECT)
    assert shop.vars == {
        "segmentations": {"retail": True},
        "retail_order_lines_source": str(shop.orders),
        "retail_order_lines_columns": {**COLUMNS, "line_amount": "Sales"},
        "retail_ordered_at_format": "M/d/yyyy",
    }
    written = shop.project.read_text()
    assert "has these vars already" in shop.says("orders.csv", "--write")
    assert shop.project.read_text() == written


def test_other_values_are_kept_unless_they_are_to_be_replaced(shop: Shop) -> None:
    before = f"{PROJECT}  retail_format: uci\n  retail_ordered_at_format: d/M/yyyy  # by hand\n"
    shop.project.write_text(before)
    said = shop.says("orders.csv", "--write", code=1)
    assert "retail_ordered_at_format: d/M/yyyy   proposed: M/d/yyyy" in said
    assert "retail_format: uci   proposed: none" in said
    assert shop.project.read_text() == before
    shop.says("orders.csv", "--write", "--replace")
    assert "retail_format" not in shop.vars
    assert shop.vars["retail_ordered_at_format"] == "M/d/yyyy"
    assert shop.vars["segmentations"] == {"retail": True}


def test_questions_of_an_earlier_proposal_go_with_it(shop: Shop) -> None:
    shop.says("orders.csv", "--write")
    first = shop.project.read_text()
    other = shop.orders.with_name("other.csv")
    few = "".join(f"{at},{1 + at % 12}/{1 + at % 9}/2024,K{at % 7},{at}.50\n" for at in range(60))
    other.write_text(ORDERS.splitlines(keepends=True)[0] + few)
    shop.says("other.csv", "--write", "--replace")
    assert "# retail_ordered_at_format: d/M/yyyy" in shop.project.read_text()
    shop.says("orders.csv", "--write", "--replace")
    again = shop.project.read_text()
    assert sorted(again.splitlines()) == sorted(first.splitlines())


def test_a_table_is_looked_at_by_its_rows(shop: Shop) -> None:
    names = ["order_id", "ordered_at", "customer_id", "amount"]
    about = {"names": names, "types": ["int", "date", "int", "double"], "rows": 2}
    rows = [{"0": "1", "1": "2024-03-01", "2": "7", "3": "2.5"}, about]
    shop.rows = [{"sampled_row": json.dumps(row)} for row in (*rows, rows[0])]
    said = shop.says("shop.orders", "--write")
    assert "shop.orders: table, 4 columns" in said
    assert shop.vars["retail_order_lines_source"] == "shop.orders"
    assert shop.vars["retail_format"] == "order_level"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["shop.orders"], 2, "there is no file and no table shop.orders"),
        (["s3a://bucket/orders.csv"], 2, "is not on this machine"),
        (["other.csv"], 1, "There is no file at"),
        (["orders.csv", "--as", "visits"], 2, "there is no raw table visits"),
    ],
)
def test_what_is_not_there_is_refused(
    shop: Shop, arguments: list[str], code: int, message: str
) -> None:
    assert message in shop.says(*arguments, code=code)
