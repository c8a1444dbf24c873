"""Order data of any shape: columns mapped by SQL, known formats, and what is rejected is said."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from project_runs import Project, failures

SCHEMA = "mapping"
MODELS = (
    *("stg_retail__rates", "stg_retail__order_lines", "int_retail__judged_lines"),
    *("retail_order_lines", "retail_rejected_lines"),
)


@pytest.fixture(autouse=True)
def schema(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests have tables of their own."""
    monkeypatch.setenv("SEGMENTATION_SCHEMA", SCHEMA)


def write(path: Path, rows: Iterable[dict[str, Any]]) -> str:
    """A CSV file of these rows, with the header of the first; what a row lacks is empty."""
    first, *further = rows
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(first))
        writer.writeheader()
        writer.writerows([first, *further])
    return str(path)


def judge(project: Project, source: str, **variables: Any) -> Any:
    return project.dbt("run", "--select", *MODELS, retail_order_lines_source=source, **variables)


def judged(project: Project, source: str, **variables: Any) -> list[dict[str, Any]]:
    """The judged lines of a file, in the order of their descriptions and amounts."""
    result = judge(project, source, **variables)
    assert result.success, failures(result)
    rows = project.spark.table(f"{SCHEMA}_internal.int_retail__judged_lines").collect()
    return sorted(
        (row.asDict() for row in rows),
        key=lambda row: (
            row["customer_id"] or "",
            row["description"] or "",
            row["line_amount"] or 0,
        ),
    )


def of(rows: list[dict[str, Any]], *columns: str) -> list[tuple[Any, ...]]:
    return [
        tuple(str(row[name]) if isinstance(row[name], Decimal) else row[name] for name in columns)
        for row in rows
    ]


def test_columns_are_expressions_and_the_filter_rejects(
    sail_project: Project, tmp_path: Path
) -> None:
    lines = [
        {"Order ID": "CA-1", "E-mail": " Ann@x.org", "Day": "2024-03-01", "Sales": "30.00"}
        | {"Each": "10.00", "Units": 3, "State": "paid"},
        # Capped at 10: the amount counts, and the difference is published.
        {"Order ID": "CA-2", "E-mail": "ann@X.org", "Day": "2024-03-02", "Sales": "25.50"}
        | {"Each": "10.00", "Units": 2, "State": "paid"},
        # Three pieces of 3.33: rounding, no difference.
        {"Order ID": "CA-3", "E-mail": "bob@x.org", "Day": "2024-03-02", "Sales": "10.00"}
        | {"Each": "3.33", "Units": 3, "State": "paid"},
        {"Order ID": "CA-4", "E-mail": "bob@x.org", "Day": "2024-03-03", "Sales": "7.00"}
        | {"Each": "7.00", "Units": 1, "State": "void"},
        {"Order ID": "CA-5", "E-mail": "bob@x.org", "Day": "2024-03-04", "Sales": "5.00"}
        | {"Each": "5.00", "Units": 1},
    ]
    found = judged(
        sail_project,
        write(tmp_path / "orders.csv", lines),
        retail_order_lines_columns={
            "invoice_id": "Order ID",
            "customer_id": "lower(trim(`E-mail`))",
            "ordered_at": "DAY",
            "quantity": "Units",
            "unit_price": "Each",
            "line_amount": "Sales",
            "description": "concat('item of ', `Order ID`)",
        },
        retail_order_lines_filter="State <> 'void'",
    )
    columns = ("invoice_id", "customer_id", "rejection_reason", "line_amount", "amount_difference")
    # What a filter is null for is no order either, as in `where`.
    assert of(found, *columns) == [
        ("CA-1", "ann@x.org", None, "30.0000", None),
        ("CA-2", "ann@x.org", None, "25.5000", "5.5000"),
        ("CA-3", "bob@x.org", None, "10.0000", None),
        ("CA-4", "bob@x.org", "not_an_order", "7.0000", None),
        ("CA-5", "bob@x.org", "not_an_order", "5.0000", None),
    ]
    assert {(row["product_id"], row["country"]) for row in found} == {(None, None)}
    assert found[0]["description"] == "item of CA-1"


def test_a_customer_a_day_and_money_are_enough(
    sail_project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # `order_level`, with two rows alike: each is an order, and a negative amount is a refund.
    amounts = ["10.04", "51.96", "51.96", "-5.00"]
    lines = [{"customer": "7", "at": "2024-03-01", "amount": amount} for amount in amounts]
    found = judged(
        sail_project,
        write(tmp_path / "orders.csv", lines),
        retail_format="order_level",
        retail_order_lines_columns={"customer_id": "customer", "ordered_at": "at"},
    )
    columns = ("rejection_reason", "quantity", "unit_price", "line_amount", "is_return")
    assert of(found, *columns) == [
        (None, 1, "-5.0000", "-5.0000", True),
        (None, 1, "10.0400", "10.0400", False),
        (None, 1, "51.9600", "51.9600", False),
        (None, 1, "51.9600", "51.9600", False),
    ]
    assert len({row["invoice_id"] for row in found}) == 4
    said = capsys.readouterr().out
    assert "has no invoice_id (each row is an order, and none a copy of another)" in said
    assert "Accepted order lines: 4 (worth 108.96) of 4 raw rows. Rejected: none." in said


def test_values_of_the_order_are_carried_and_its_money_is_spread(
    sail_project: Project, tmp_path: Path
) -> None:
    # `shopify` writes them on the first line of an order; the cancelled one is none as a whole.
    rest = {"Lineitem sku": "", "Lineitem quantity": 1, "Lineitem price": "10.00"}
    lines = [
        {"Name": "#1", "Email": "Ann@x.org", "Created at": "2024-03-01 10:00:00"}
        | {
            "Currency": "NOK",
            "Billing Country": "NO",
            "Cancelled at": "",
            "Shipping": "10",
            "Discount Amount": "0",
        }
        | {"Lineitem name": "a"}
        | rest,
        {"Name": "#1", "Lineitem name": "b"} | rest,
        {"Name": "#1", "Lineitem name": "c"} | rest,
        {"Name": "#2", "Email": "bob@x.org", "Created at": "2024-03-02 10:00:00"}
        | {
            "Currency": "NOK",
            "Billing Country": "SE",
            "Cancelled at": "",
            "Shipping": "0",
            "Discount Amount": "10",
        }
        | {"Lineitem name": "d", "Lineitem sku": "S4", "Lineitem quantity": 3}
        | {"Lineitem price": "10.00"},
        {"Name": "#2", "Lineitem name": "e"} | rest,
        {"Name": "#3", "Email": "eve@x.org", "Created at": "2024-03-02 10:00:00"}
        | {"Cancelled at": "2024-03-03 10:00:00", "Lineitem name": "f"}
        | rest,
        {"Name": "#3", "Lineitem name": "g"} | rest,
    ]
    found = judged(
        sail_project,
        write(tmp_path / "orders_export.csv", lines),
        retail_format="shopify",
        retail_order_lines_columns={
            "order_amount": "cast(Shipping as decimal(18, 2))"
            " - cast(`Discount Amount` as decimal(18, 2))"
        },
        retail_largest_rejected_share=0,
    )
    assert {currency for (currency,) in of(found, "currency")} == {"NOK", None}
    columns = ("description", "product_id", "customer_id", "country", "rejection_reason")
    # A discount of 10 on lines of 30 and 10.
    assert of(found, *columns) == [
        ("a", "a", "ann@x.org", "NO", None),
        ("b", "b", "ann@x.org", "NO", None),
        ("c", "c", "ann@x.org", "NO", None),
        ("d", "S4", "bob@x.org", "SE", None),
        ("e", "e", "bob@x.org", "SE", None),
        ("f", "f", "eve@x.org", None, "not_an_order"),
        ("g", "g", "eve@x.org", None, "not_an_order"),
    ]
    amounts = [amount for (amount,) in of(found, "line_amount")]
    # Shipping of 10 on three equal lines: one of them has the last cent.
    assert sorted(amounts[:3]) == ["13.3300", "13.3300", "13.3400"]
    assert amounts[3:] == ["22.5000", "7.5000", "10.0000", "10.0000"]


UCI = {"Description": "Mug", "InvoiceDate": "2010-12-01 08:26:00", "CustomerID": "17850.0"}
WOOCOMMERCE = {"Order Date": "2024-03-01 10:00", "Country Code (Billing)": "NO", "SKU": "S1"}
STRIPE = {"Created date (UTC)": "2024-03-01 10:00:00", "Customer ID": "", "Description": ""} | {
    "Currency": "eur"
}


@pytest.mark.parametrize(
    ("name", "lines", "expected"),
    [
        (
            "uci",
            [
                UCI
                | {"InvoiceNo": no, "StockCode": code, "Quantity": units, "UnitPrice": price}
                | {"Country": "United Kingdom"}
                for no, code, units, price in (
                    ("536365", "85123A", 6, "2.55"),
                    ("C536366", "85123A", -6, "2.55"),
                    ("A563185", "B", 1, "11062.06"),
                )
            ],
            [
                ("536365", "17850", None, "15.3000"),
                ("A563185", "17850", "adjustment", "11062.0600"),
                ("C536366", "17850", None, "-15.3000"),
            ],
        ),
        (
            "woocommerce",
            [
                WOOCOMMERCE
                | {"Order Number": "1", "Order Status": "Completed", "Email (Billing)": "A@x.org"}
                | {"Item Name": "Mug", "Quantity (- Refund)": 2, "Item Cost": "4.50"},
                {"Order Number": "1", "Item Name": "Cup", "Quantity (- Refund)": 1}
                | {"Item Cost": "3.00"},
                WOOCOMMERCE
                | {"Order Number": "2", "Order Status": "Cancelled", "Email (Billing)": "b@x.org"}
                | {"Item Name": "Mug", "Quantity (- Refund)": 1, "Item Cost": "4.50"},
                WOOCOMMERCE
                | {"Order Number": "3", "Order Status": "wc-trash", "Email (Billing)": "b@x.org"}
                | {"Item Name": "Mug", "Quantity (- Refund)": 1, "Item Cost": "4.50"},
            ],
            [
                ("1", "a@x.org", None, "3.0000"),
                ("1", "a@x.org", None, "9.0000"),
                ("2", "b@x.org", "not_an_order", "4.5000"),
                ("3", "b@x.org", "not_an_order", "4.5000"),
            ],
        ),
        (
            "stripe_charges",
            [
                STRIPE
                | {"id": no, "Amount": amount, "Amount Refunded": back, "Status": status}
                | {"Customer Email": "A@x.org"}
                for no, amount, back, status in (
                    ("ch_1", "20.00", "0.00", "Paid"),
                    ("ch_2", "1,030.00", "12.50", "Paid"),
                    ("ch_3", "40.00", "0.00", "Failed"),
                    ("ch_4", "50.00", "50.00", "Refunded"),
                )
            ],
            [
                ("ch_1", "a@x.org", None, "20.0000"),
                ("ch_2", "a@x.org", None, "1017.5000"),
                ("ch_3", "a@x.org", "not_an_order", "40.0000"),
                ("ch_4", "a@x.org", "not_an_order", "0.0000"),
            ],
        ),
    ],
)
def test_a_known_format_needs_no_other_setting(
    sail_project: Project,
    tmp_path: Path,
    name: str,
    lines: list[dict[str, Any]],
    expected: list[tuple[Any, ...]],
) -> None:
    found = judged(
        sail_project,
        write(tmp_path / "lines.csv", lines),
        retail_format=name,
        retail_largest_rejected_share=0.5,
    )
    columns = ("invoice_id", "customer_id", "rejection_reason", "line_amount")
    assert sorted(of(found, *columns)) == expected


def test_a_convention_that_rejects_too_much_stops_before_anything_is_published(
    sail_project: Project, tmp_path: Path
) -> None:
    line = {"product_id": "P1", "ordered_at": "2024-03-01", "unit_price": "2.50", "quantity": 2}
    lines = [line | {"invoice_id": f"C{at}", "customer_id": f"{at}"} for at in range(4)]
    source = write(tmp_path / "lines.csv", lines)
    assert len(judged(sail_project, source)) == 4
    lines[3]["invoice_id"] = "4"
    write(tmp_path / "lines.csv", lines)
    result = judge(sail_project, source, retail_cancellation_prefix="C")
    assert not result.success
    said = failures(result)
    assert "positive_return rejects 3 (worth 15.00) of 4 raw rows. The var " in said
    assert "The var retail_cancellation_prefix governs that. Some of them: invoice C" in said
    assert "The var retail_largest_rejected_share lets one reason reject a share of 0.2" in said
    published = sail_project.spark.table(f"{SCHEMA}.retail_order_lines").collect()
    assert {row["invoice_id"] for row in published} == {"C0", "C1", "C2", "C3"}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            {"retail_order_lines_columns": {"line_amount": "Salez * 2"}},
            "The var retail_order_lines_columns maps line_amount to Salez * 2, which is no SQL "
            "expression over the columns found: customer_id, ordered_at, Sales. ",
        ),
        (
            {
                "retail_order_lines_columns": {"line_amount": "Sales"},
                "retail_order_lines_filter": "Sales >",
            },
            "The var retail_order_lines_filter is Sales >, which is no SQL expression over",
        ),
        (
            {"retail_order_lines_columns": {"line_amount": "max(Sales)"}},
            "maps line_amount to max(Sales), which is no SQL expression over",
        ),
        ({}, "lacks the columns: unit_price or line_amount. Columns found: customer_id, "),
    ],
)
def test_a_mapping_that_does_not_fit_stops_the_run(
    sail_project: Project, tmp_path: Path, settings: dict[str, Any], said: str
) -> None:
    row = {"customer_id": "1", "ordered_at": "2024-03-01", "Sales": "2"}
    source = write(tmp_path / "lines.csv", [row])
    assert said in sail_project.refusal(retail_order_lines_source=source, **settings)


def test_amounts_of_several_currencies_need_rates(sail_project: Project, tmp_path: Path) -> None:
    # By hand: a dollar is 0.90 from 1 March on and 0.95 from 5 March on; a euro is a euro.
    amounts = [
        ("2024-03-01", "EUR", ("20.0000", None)),
        ("2024-03-01", "usd", ("18.0000", None)),
        ("2024-03-04", "USD", ("18.0000", None)),
        ("2024-03-05", "USD", ("19.0000", None)),
        ("2024-02-29", "USD", (None, "missing_rate")),
        ("2024-03-05", "NOK", (None, "missing_rate")),
        ("2024-03-05", "", (None, "missing_rate")),
    ]
    lines = [
        {"invoice_id": f"{at}", "product_id": "P", "customer_id": "K", "quantity": 2}
        | {"ordered_at": day, "unit_price": "10.00", "currency": currency}
        for at, (day, currency, _) in enumerate(amounts)
    ]
    source = write(tmp_path / "lines.csv", lines)
    refused = sail_project.refusal(retail_order_lines_source=source)
    assert "currency: rows are in more than one currency: USD (4), EUR (1), NOK (1). " in refused
    assert "Set the var retail_rates_source to a table or file with the columns " in refused
    rates = [
        {"Day": "05.03.2024", "currency": "USD", "per euro": "1,0526315789"},
        {"Day": "01.03.2024", "currency": "usd", "per euro": "1,1111111111"},
    ]
    found = judged(
        sail_project,
        source,
        retail_rates_source=write(tmp_path / "rates.csv", rates),
        retail_rates_columns={
            "rate_date": "Day",
            "rate": "round(1 / cast(replace(`per euro`, ',', '.') as double), 6)",
        },
        retail_rates_date_format="dd.MM.yyyy",
        retail_reporting_currency="EUR",
        retail_largest_rejected_share=1,
    )
    by_invoice = sorted(of(found, "invoice_id", "line_amount", "rejection_reason"))
    assert [rest for _, *rest in by_invoice] == [[*expected] for _, _, expected in amounts]


def test_ids_that_differ_in_case_alone_are_said(
    sail_project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = ["Ann@x.org", "ann@x.org", "ANN@x.org", "bob@x.org", "17"]
    lines = [
        {"customer_id": name, "ordered_at": "2024-03-01", "line_amount": "5.00"} for name in ids
    ]
    source = write(tmp_path / "lines.csv", lines)
    chosen = ("run", "--select", "+retail_customer_features")
    said = "2 of 5 values of customer_id are there once more in other upper and lower case"
    assert sail_project.dbt(*chosen, retail_order_lines_source=source).success
    assert said in capsys.readouterr().out
    mapped = {"customer_id": "lower(customer_id)"}
    result = sail_project.dbt(
        *chosen, retail_order_lines_source=source, retail_order_lines_columns=mapped
    )
    assert result.success, failures(result)
    assert "in other upper and lower case" not in capsys.readouterr().out
