"""Vars proposed for files of retail, written by the tests."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from customer_segmentation.inspection import sampling
from customer_segmentation.inspection.block import block_lines
from customer_segmentation.inspection.files import RawDataError, sample_of_path
from customer_segmentation.inspection.known import raw_tables_of
from customer_segmentation.inspection.proposal import Proposal
from customer_segmentation.inspection.propose import best_table, propose
from customer_segmentation.inspection.report import report_lines
from customer_segmentation.inspection.tables import sample_of_rows
from domain_macros import retail_tables

TABLE, RATES = retail_tables()
COLUMNS = "retail_order_lines_columns"
HEADER = ("order_id", "order_date", "customer_id", "sku", "quantity", "price")


def write(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]], sep: str = ",") -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=sep, lineterminator="\n").writerows([header, *rows])
    return path


def proposed(path: Path) -> Proposal:
    return propose(sample_of_path(str(path)), TABLE, "/data/orders")


def lines(count: int = 60, **changed: Any) -> list[list[Any]]:
    """Rows of HEADER: orders of two lines, six customers; a column may be a function of its row."""
    rows = []
    for at in range(count):
        values: dict[str, Any] = {
            "order_id": 100 + at // 2,
            "order_date": f"2024-{1 + at % 12:02d}-{1 + at % 28:02d}",
            "customer_id": f"K{at // 2 % 6}",
            "sku": f"P{at % 5}",
            "quantity": 1 + at % 4,
            "price": f"{2.25 * (1 + at % 5):.2f}",
        }
        for name, value in changed.items():
            values[name] = value(at, values)
        rows.append(list(values.values()))
    return rows


def test_a_german_export_needs_no_setting_by_hand(tmp_path: Path) -> None:
    header = ("Bestell-Nr.", "Bestelldatum", "Kundennummer", "Artikelnr.", "Menge", "Einzelpreis")
    path = tmp_path / "export.txt"
    rows = lines(
        order_date=lambda at, _: f"{1 + at % 28:02d}.{1 + at % 12:02d}.2024 10:05",
        price=lambda _, values: f"1.{values['price'].replace('.', ',').zfill(6)} €",
    )
    text = write(path, header, rows, ";").read_text(encoding="utf-8")
    path.write_text(f"Bericht für März\n\n{text}", encoding="cp1252")
    found = proposed(path)
    assert found.settings == {
        "retail_order_lines_source": "/data/orders",
        "retail_order_lines_csv": {"sep": ";", "encoding": "windows-1252", "skip_lines": 1},
        "retail_order_lines_numbers": {"decimal": ","},
        COLUMNS: {
            "invoice_id": "Bestell-Nr.",
            "product_id": "Artikelnr.",
            "quantity": "Menge",
            "ordered_at": "Bestelldatum",
            "unit_price": "Einzelpreis",
            "customer_id": "Kundennummer",
        },
        "retail_ordered_at_format": "d.M.yyyy H:mm",
    }
    assert not found.questions


def test_dates_with_two_readings_are_a_question(tmp_path: Path) -> None:
    rows = lines(order_date=lambda at, _: f"{1 + at % 12:02d}/{1 + at % 9:02d}/2024")
    found = proposed(write(tmp_path / "orders.csv", HEADER, rows))
    assert "retail_ordered_at_format" not in found.settings
    written = block_lines(found)
    assert "# retail_ordered_at_format: d/M/yyyy  # the day is first" in written
    assert "# retail_ordered_at_format: M/d/yyyy  # the month is first" in written


def test_dates_of_another_column_answer_it(tmp_path: Path) -> None:
    rows = [
        [*row, f"{13 + at % 9}/05/2024"]
        for at, row in enumerate(lines(order_date=lambda at, _: f"{1 + at % 12:02d}/04/2024"))
    ]
    found = proposed(write(tmp_path / "orders.csv", (*HEADER, "shipped"), rows))
    assert found.settings["retail_ordered_at_format"] == "d/M/yyyy"
    assert any("those of shipped one" in said for said in found.guessed)


def test_numbers_with_two_readings_are_a_question(tmp_path: Path) -> None:
    rows = lines(price=lambda at, _: "1.000" if at % 2 else "12.50" if at % 4 else "12,50")
    found = proposed(write(tmp_path / "orders.csv", HEADER, rows))
    assert "retail_order_lines_numbers" not in found.settings
    assert '#   decimal: ","  # 1.000 is 1000' in block_lines(found)


def test_pieces_are_read_by_the_sign_of_the_prices(tmp_path: Path) -> None:
    rows = lines(price=lambda *_: "12,50", quantity=lambda *_: "1.000")
    found = proposed(write(tmp_path / "orders.csv", HEADER, rows, ";"))
    assert found.settings["retail_order_lines_numbers"] == {"decimal": ","}
    assert not found.questions


@pytest.mark.parametrize(
    ("price", "money"),
    [
        (lambda at, values: f"{values['quantity'] * 2.25 * (1 + at % 5):.2f}", "line_amount"),
        (lambda at, _: f"{2.25 * (1 + at % 5):.2f}", "unit_price"),
    ],
)
def test_money_is_of_the_line_where_it_grows_with_the_pieces(
    tmp_path: Path, price: Any, money: str
) -> None:
    path = write(tmp_path / "orders.csv", HEADER, lines(price=price))
    assert proposed(path).settings[COLUMNS].get(money) == "price"


def test_money_of_an_order_on_each_line_is_not_that_of_a_line(tmp_path: Path) -> None:
    rows = lines(price=lambda at, _: f"{20.5 + at // 2:.2f}")
    path = write(tmp_path / "orders.csv", (*HEADER[:-1], "Order Total"), rows)
    found = proposed(path)
    assert "line_amount" not in found.settings[COLUMNS]
    assert "  # line_amount: Order Total  # it is money of the line" in block_lines(found)


def test_rows_that_are_no_orders_are_left_out_or_asked_about(tmp_path: Path) -> None:
    states = ("Paid", "paid", "Cancelled", "Refunded", "shipped")
    rows = [[*row, states[at % 5], "EUR" if at % 3 else "USD"] for at, row in enumerate(lines())]
    found = proposed(write(tmp_path / "orders.csv", (*HEADER, "Status", "Currency"), rows))
    without = "lower(trim(coalesce(`Status`, ''))) not in ('cancelled')"
    in_currency = "upper(trim(coalesce(`Currency`, ''))) = "
    assert found.settings["retail_order_lines_filter"] == without
    more = without.replace("'cancelled'", "'cancelled', 'refunded'")
    assert [[choice.value for choice in item.choices] for item in found.questions] == [
        [more],
        [f"{without} and {in_currency}'{code}'" for code in ("EUR", "USD")],
    ]
    assert "retail_rates_source" in found.questions[1].text


def test_states_that_only_tell_more_and_flags_of_returns_are_asked_about(tmp_path: Path) -> None:
    states = ("Delivered", "Cancelled by customer", "Delivered - Returned to seller")
    rows = [
        [*row, states[at % 3], "Yes" if at % 4 == 0 else "No"] for at, row in enumerate(lines())
    ]
    found = proposed(write(tmp_path / "orders.csv", (*HEADER, "Order Status", "Returned"), rows))
    assert "retail_order_lines_filter" not in found.settings
    assert [[choice.value for choice in item.choices] for item in found.questions] == [
        [
            "lower(trim(coalesce(`Order Status`, ''))) not in "
            "('cancelled by customer', 'delivered - returned to seller')"
        ],
        ["lower(coalesce(`Returned`, '')) not in ('yes')"],
    ]


def test_rates_are_told_from_order_lines(tmp_path: Path) -> None:
    rows = [(f"2024-03-{day:02d}", "USD", f"0,9{day:02d}") for day in range(1, 29)]
    path = write(tmp_path / "rates.csv", ("Datum", "Währung", "Kurs"), rows, ";")
    sample = sample_of_path(str(path))
    assert best_table(sample, [TABLE, RATES]) is RATES
    assert propose(sample, RATES, "/data/rates.csv").settings["retail_rates_columns"] == {
        "rate_date": "Datum",
        "currency": "Währung",
        "rate": "Kurs",
    }
    orders = sample_of_path(str(write(tmp_path / "orders.csv", HEADER, lines())))
    assert best_table(orders, [TABLE, RATES]) is TABLE


def test_what_is_odd_is_said(tmp_path: Path) -> None:
    rows = lines(
        240,
        order_id=lambda at, values: f"{'C' if at % 40 < 2 else ''}{values['order_id']}",
        quantity=lambda at, _: -2 if at % 40 < 2 else 2,
        customer_id=lambda at, _: "WHOLESALE" if at % 3 == 0 else f"K{at % 97}",
    )
    rows += [rows[5], rows[5]]
    found = proposed(write(tmp_path / "orders.csv", HEADER, rows))
    odd = "\n".join(found.odd)
    assert "2 of 242 (0.8%) lines are copies of another" in odd
    assert "quantity: 12 of 242 (5.0%) values are below zero" in odd
    assert "a number that begins with C, such as C100; their amounts are not above zero" in odd
    assert "WHOLESALE, has 33 % of all lines" in odd
    assert not found.questions


def test_numbers_with_a_prefix_and_money_above_zero_are_a_question(tmp_path: Path) -> None:
    rows = lines(order_id=lambda at, values: f"{'C' if at % 10 < 2 else ''}{values['order_id']}")
    found = proposed(write(tmp_path / "orders.csv", HEADER, rows))
    assert [item.settings for item in found.questions] == [["retail_cancellation_prefix"]]
    assert "retail_cancellation_prefix" not in found.settings


@pytest.mark.parametrize("form", ["{letters}-2024-{number}", "{letters}{number}"])
def test_order_numbers_that_all_begin_with_letters_are_no_cancellations(
    tmp_path: Path, form: str
) -> None:
    def number(at: int, _: Any) -> str:
        return form.format(letters="CA" if at // 2 % 3 else "US", number=at // 2)

    rows = lines(order_id=number)
    found = proposed(write(tmp_path / "orders.csv", HEADER, rows))
    assert not found.questions
    assert not found.odd


def test_ids_that_differ_in_case_alone_are_a_question_and_addresses_are_made_one(
    tmp_path: Path,
) -> None:
    ids = write(
        tmp_path / "ids.csv", HEADER, lines(customer_id=lambda at, _: f"{'kK'[at % 2]}{at % 5}")
    )
    found = proposed(ids)
    (question,) = found.questions
    assert "10 of 10 (100.0%) ids differ" in question.text
    address = lambda at, _: f"{'aA'[at % 2]}nn{at % 5}@x.org"  # noqa: E731
    mails = write(
        tmp_path / "mails.csv",
        tuple("E-Mail" if name == "customer_id" else name for name in HEADER),
        lines(customer_id=address),
    )
    found = proposed(mails)
    assert not found.questions
    assert found.settings[COLUMNS]["customer_id"] == "lower(trim(`E-Mail`))"


def test_values_of_an_order_on_its_first_line_are_carried(tmp_path: Path) -> None:
    rows = lines(
        order_date=lambda at, values: "" if at % 2 else values["order_date"],
        customer_id=lambda at, values: "" if at % 2 else values["customer_id"],
    )
    found = proposed(write(tmp_path / "orders.csv", HEADER, rows))
    assert found.settings["retail_columns_of_the_order"] == ["customer_id", "ordered_at"]
    assert not found.odd


@pytest.mark.parametrize("clock", ["", ".75"])
def test_days_of_a_spreadsheet_are_dates_where_the_name_says_so(tmp_path: Path, clock: str) -> None:
    rows = lines(order_id=lambda at, _: 45000 + at // 2, order_date=lambda *_: f"45291{clock}")
    found = proposed(write(tmp_path / "orders.csv", HEADER, rows))
    assert found.settings[COLUMNS]["ordered_at"] == (
        "date_add(date'1899-12-30', cast(try_cast(`order_date` as double) as int))"
    )
    assert any(f"45291{clock} is 2023-12-31" in said for said in found.guessed)
    assert not found.questions


def test_a_column_of_the_right_name_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    rows = lines(order_date=lambda *_: "2024-W05", price=lambda *_: "5 %")
    day, money = proposed(write(tmp_path / "orders.csv", HEADER, rows)).questions
    assert day.text == (
        "How is order_date read as ordered_at? Its values, such as 2024-W05, are no dates in a "
        "form that is known. Map ordered_at in the var retail_order_lines_columns to a SQL "
        "expression that makes dates of them, or to order_date and set the var "
        "retail_ordered_at_format to their pattern."
    )
    assert money.text.startswith("How is price read as unit_price? Its values, such as 5 %, are no")


def test_discounts_that_nothing_takes_off_are_said(tmp_path: Path) -> None:
    rows = [[*row, "10%" if at % 2 else "0"] for at, row in enumerate(lines())]
    found = proposed(write(tmp_path / "orders.csv", (*HEADER, "Discount"), rows))
    assert any(
        said.startswith("Discount: 30 of 60 (50.0%) values are not zero, such as 10%: they are not")
        for said in found.odd
    )


def test_a_known_format_asks_for_nothing_that_it_has(tmp_path: Path) -> None:
    names = ("Name", "Email", "Created at", "Currency", "Billing Country", "Cancelled at")
    line = ("Lineitem name", "Lineitem quantity", "Lineitem price", "Lineitem sku")
    rows = [
        (
            *(f"#{at}", f"{'aA'[at % 2]}nn@x.org", f"2024-03-{1 + at:02d} 10:00:00 +0100"),
            *("EUR", "DE", "", "Mug", 1, "9.50", "M1", "0.00" if at else "4.00"),
        )
        for at in range(20)
    ]
    found = proposed(write(tmp_path / "orders.csv", (*names, *line, "Refunded Amount"), rows))
    assert found.settings["retail_format"] == "shopify"
    assert not found.questions
    assert any("they are made one customer" in said for said in found.odd)
    assert any(said.startswith("Refunded Amount: 1 of 20") for said in found.odd)


def test_a_number_of_a_customer_wins_over_one_of_an_order_whatever_it_is_called(
    tmp_path: Path,
) -> None:
    # As in public data of Brazilian shops, where customer_id is another one for each order.
    rows = [[*row, f"U{at % 4}"] for at, row in enumerate(lines())]
    found = proposed(write(tmp_path / "orders.csv", (*HEADER, "customer_unique_id"), rows))
    assert found.settings[COLUMNS]["customer_id"] == "customer_unique_id"


def test_a_known_format_is_found_by_its_columns(tmp_path: Path) -> None:
    header = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice")
    rows = []
    for at in range(40):
        number, pieces = (f"C{at}", -1) if at == 7 else (str(at), 1)
        customer = float(at % 4) if at % 5 else None
        rows.append((number, "P", "x", pieces, "2024-03-01", 2.5, customer, "Spain"))
    frame = pd.DataFrame(rows, columns=[*header, "CustomerID", "Country"])
    frame.to_parquet(tmp_path / "retail.parquet")
    found = proposed(tmp_path / "retail.parquet")
    source = {"retail_order_lines_source": "/data/orders"}
    assert found.settings == {**source, "retail_format": "uci"}
    assert any("the known format has retail_cancellation_prefix: C" in said for said in found.odd)
    assert any(said.startswith("CustomerID: 8 of 40") for said in found.odd)


def test_without_names_what_is_not_known_is_a_question(tmp_path: Path) -> None:
    rows = lines(order_date=lambda at, _: f"{1 + at % 12}/{13 + at % 9}/2024")
    found = proposed(write(tmp_path / "orders.csv", tuple("ABCDEF"), rows))
    assert found.settings[COLUMNS] == {"ordered_at": "B"}
    assert found.settings["retail_ordered_at_format"] == "M/d/yyyy"
    money, question = found.questions
    assert money.text.startswith("Is F the money of a line or of one piece?")
    assert [choice.value for choice in money.choices] == [
        {"line_amount": "F"},
        {"unit_price": "F", "quantity": "E"},
    ]
    assert question.text.startswith("Which column is customer_id?")
    assert {"customer_id": "C"} in [choice.value for choice in question.choices]


@pytest.mark.parametrize(
    "header",
    [
        ("Número do pedido", "Data da compra", "Cliente", "Cód. produto", "Qtde", "Preço unitário"),
        ("N. ordine", "Data", "Codice cliente", "Codice articolo", "Quantità", "Prezzo"),
        ("Bestelling", "Besteldatum", "Klant", "Artikelnummer", "Aantal", "Prijs"),
    ],
)
def test_names_of_other_languages_are_known(tmp_path: Path, header: tuple[str, ...]) -> None:
    found = proposed(write(tmp_path / "orders.csv", header, lines()))
    names = ("invoice_id", "ordered_at", "customer_id", "product_id", "quantity", "unit_price")
    assert found.settings[COLUMNS] == dict(zip(names, header, strict=True))
    assert not found.questions


def test_a_domain_that_says_nothing_more_is_known_by_its_columns(tmp_path: Path) -> None:
    declared = {"visits": {"columns": ["customer", "day", "pages"], "numbers": ["pages"]}}
    (visits,) = raw_tables_of("visits", {"raw_tables": declared}, {})
    header = ("Customer", "day", "pages", "Status")
    path = write(tmp_path / "visits.csv", header, [("a", "2024-03-01", "1,5", "void")] * 9, ";")
    sample = sample_of_path(str(path))
    found = propose(sample, visits, "/data/visits.csv")
    assert found.settings == {
        "visits_source": "/data/visits.csv",
        "visits_csv": {"sep": ";"},
        "visits_numbers": {"decimal": ","},
    }
    assert best_table(sample, [TABLE, visits]) is visits


def test_json_lines_and_several_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        with gzip.open(tmp_path / f"{name}.jsonl.gz", "wt") as file:
            for at, row in enumerate(lines(20)):
                named = dict(zip(("orderId", "createdAt", "userId", *HEADER[3:]), row, strict=True))
                file.write(json.dumps(named) + "\n" if at else "broken\n")
    sample = sample_of_path(str(tmp_path / "*.jsonl.gz"))
    assert (sample.rows, sample.total, sample.is_whole) == (38, 40, True)
    found = propose(sample, TABLE, "/data/orders")
    assert found.settings[COLUMNS]["customer_id"] == "userId"
    assert any(said.startswith("2 of 40 (5.0%) lines are no JSON object") for said in found.odd)


def test_a_large_file_is_looked_at_to_its_end_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "BLOCK_BYTES", 1 << 11)
    few = lines(24, order_date=lambda at, _: f"{1 + at % 12:02d}/{1 + at % 9:02d}/2024")
    head = write(tmp_path / "large.csv", HEADER, few * 200)
    with head.open("a") as file:
        file.write("999,31/05/2024,K9,P1,1,2.00\n")
    sample = sample_of_path(str(head))
    found = propose(sample, TABLE, "/data/orders")
    assert found.settings["retail_ordered_at_format"] == "d/M/yyyy"
    count = sum(1 for _ in head.open()) - 1
    assert sample.rows < count
    assert sample.total == pytest.approx(count, rel=0.01)
    said = "\n".join(report_lines(sample, found, "large.csv"))
    assert f"A sample was looked at: {sample.rows:,} of about {sample.total:,} lines" in said


def test_rows_of_a_table_have_types() -> None:
    records = [json.dumps({str(at): str(value) for at, value in enumerate(row)}) for row in lines()]
    types = ["bigint", "timestamp", "string", "string", "int", "decimal(18,4)"]
    about = json.dumps({"names": HEADER, "types": types, "rows": 900})
    sample = sample_of_rows([*records, about])
    assert sample is not None
    assert (sample.rows, sample.total, sample.is_whole) == (60, 900, False)
    found = propose(sample, TABLE, "shop.orders")
    assert set(found.settings) == {"retail_order_lines_source", COLUMNS}
    assert sample_of_rows([]) is None


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("orders.csv", "100,2024-01-01,K1,5\n101,2024-01-02,K2,7\n", "has no header"),
        ("orders.json", '[{"a": 1},\n{"a": 2}]\n', "one JSON array"),
        ("orders.csv", "just text\nmore text\n", "no two fields"),
        ("orders.csv", "PK\x03\x04\n\x14,\x00,\x00\n", "An Excel workbook or an archive"),
        ("orders.xlsx", "x", "CSV (.csv, .tsv, .txt)"),
        ("orders.csv", "", "no content"),
        ("orders.csv", "\n\n", "no content"),
    ],
)
def test_what_a_build_cannot_read_is_refused(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(RawDataError) as refused:
        sample_of_path(str(tmp_path / name))
    assert message in str(refused.value)
