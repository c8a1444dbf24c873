"""The retail sample, judged with pandas, scikit-learn and the csv module only."""

import csv
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from customer_segmentation.sample import writer
from customer_segmentation.sample.command import sample_command
from customer_segmentation.sample.keyed_random import below, once_per_window, root_key, split
from customer_segmentation.sample.retail.catalogue import price_text
from customer_segmentation.sample.retail.lines import generate_retail
from customer_segmentation.sample.retail.sample import RetailSample
from customer_segmentation.sample.retail.writer import write_retail
from project_runs import ROOT

SHIPPED = ROOT / "seeds" / "retail" / "retail_raw_order_lines.csv"
LINES_CSV = "retail_raw_order_lines.csv"
LINES_PARQUET = "retail_raw_order_lines.parquet"
GROUPS_CSV = "retail_planted_groups.csv"
RAW_COLUMNS = [
    "invoice_id",
    "product_id",
    "description",
    "quantity",
    "ordered_at",
    "unit_price",
    "customer_id",
    "country",
]
PLANTED = {"champions", "newcomers", "lapsed_regulars", "lapsed_big_spenders"}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(sample_command, ["retail", *map(str, arguments)])


def read(path: Path) -> pd.DataFrame:
    """Read a CSV as text; an empty field is missing, and nothing else is."""
    return pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])


def in_memory(sample: RetailSample) -> tuple[pd.DataFrame, pd.DataFrame]:
    blocks = list(generate_retail(sample))
    lines = pa.concat_tables([block.lines for block in blocks]).to_pandas()
    return lines, pa.concat_tables([block.groups for block in blocks]).to_pandas()


def clean(raw: pd.DataFrame) -> pd.DataFrame:
    """Drop the bad rows and give quantity, price and time their types."""
    quantity = pd.to_numeric(raw["quantity"], errors="coerce")
    price = pd.to_numeric(raw["unit_price"], errors="coerce")
    time = pd.to_datetime(raw["ordered_at"], format="%Y-%m-%d %H:%M:%S", errors="coerce")
    good = (
        (quantity.abs() > 0)
        & (price > 0)
        & (time < "2900-01-01")
        & raw["invoice_id"].notna()
        & raw["product_id"].notna()
        & ~raw.duplicated()
        & ~(raw["invoice_id"].str.startswith("C", na=False) & (quantity > 0))
    )
    typed = raw.assign(quantity=quantity, unit_price=price, ordered_at=time)
    return typed[good].astype({"quantity": int})


def customer_features(lines: pd.DataFrame) -> pd.DataFrame:
    """Return days since the last order, orders and net revenue of each customer who bought."""
    known = lines[lines["customer_id"].notna()]
    bought = known[known["quantity"] > 0].groupby("customer_id")
    day = bought["ordered_at"].max().dt.normalize()
    revenue = (known["quantity"] * known["unit_price"]).groupby(known["customer_id"]).sum()
    return pd.DataFrame(
        {
            "days_since_last_order": (lines["ordered_at"].max().normalize() - day).dt.days,
            "orders": bought["invoice_id"].nunique(),
            "net_revenue": revenue.reindex(day.index),
        }
    )


@pytest.fixture(scope="module")
def sample_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("sample") / "made" / "on demand"
    result = run("--customers", 400, "--seed", 42, "--out", directory)
    assert result.exit_code == 0, result.output
    return directory


@pytest.fixture(scope="module")
def raw(sample_dir: Path) -> pd.DataFrame:
    return read(sample_dir / LINES_CSV)


@pytest.fixture(scope="module")
def lines(raw: pd.DataFrame) -> pd.DataFrame:
    return clean(raw)


@pytest.fixture(scope="module")
def groups(sample_dir: Path) -> pd.Series:
    return read(sample_dir / GROUPS_CSV).set_index("customer_id")["planted_group"]


# --- keyed random numbers -------------------------------------------------------------------


def test_split_gives_the_published_splitmix64_sequence() -> None:
    # The first outputs of the reference implementation for seed 1234567.
    assert split(root_key(1234567), np.arange(5)).tolist() == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


@pytest.mark.parametrize("bound", [1, 2, 7, 1000, 2**32])
def test_below_is_within_its_bound_and_even(bound: int) -> None:
    drawn = below(split(root_key(3), np.arange(40_000)), bound)
    assert drawn.min() >= 0
    assert drawn.max() < bound
    if bound == 7:
        assert np.bincount(drawn) == pytest.approx([40_000 / 7] * 7, rel=0.05)


@given(st.integers(1, 40), st.integers(0, 200), st.integers(0, 200), st.integers(0, 2**64 - 1))
def test_one_ordinal_is_picked_in_each_window(
    window: int, start: int, more: int, seed: int
) -> None:
    whole = once_per_window(root_key(seed), window, 0, 400 * window)
    assert (whole // window).tolist() == list(range(400))
    part = once_per_window(root_key(seed), window, start, start + more)
    assert part.tolist() == [each for each in whole if start <= each < start + more]


@pytest.mark.parametrize(
    ("thousandths", "text"),
    [(2950, "2.95"), (425, "0.425"), (8500, "8.50"), (12000, "12.00"), (1065, "1.065")],
)
def test_a_price_has_two_decimals_or_three_where_needed(thousandths: int, text: str) -> None:
    assert price_text(thousandths) == text


# --- the same bytes -------------------------------------------------------------------------


def test_shipped_sample_is_what_the_documented_command_writes(sample_dir: Path) -> None:
    assert (sample_dir / LINES_CSV).read_bytes() == SHIPPED.read_bytes()


def test_shipped_sample_has_its_size(raw: pd.DataFrame, groups: pd.Series) -> None:
    assert SHIPPED.stat().st_size < 900_000
    assert 8_000 <= len(raw) <= 10_000
    assert len(groups) == 400


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
@pytest.mark.parametrize("customers_per_block", [1, 7, 64])
def test_files_do_not_depend_on_the_size_of_blocks(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    file_format: writer.FileFormat,
    customers_per_block: int,
) -> None:
    monkeypatch.setattr(writer, "ROW_GROUP_ROWS", 300)
    sample = RetailSample(customers=160, seed=9)
    one = write_retail(sample, tmp_path / "one", file_format)
    many = write_retail(
        sample, tmp_path / "many", file_format, customers_per_block=customers_per_block
    )
    assert many.lines_path.read_bytes() == one.lines_path.read_bytes()
    assert many.groups_path.read_bytes() == one.groups_path.read_bytes()
    if file_format == "parquet":
        rows = pq.ParquetFile(one.lines_path).metadata
        sizes = [rows.row_group(number).num_rows for number in range(rows.num_row_groups)]
        assert set(sizes[:-1]) == {300}
        assert sum(sizes) == one.lines


def test_pages_of_a_full_row_group_do_not_depend_on_the_size_of_blocks(tmp_path: Path) -> None:
    sample = RetailSample(customers=6000, seed=9)
    one = write_retail(sample, tmp_path / "one", "parquet")
    many = write_retail(sample, tmp_path / "many", "parquet", customers_per_block=33)
    assert many.lines_path.read_bytes() == one.lines_path.read_bytes()


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_the_seed_decides_the_bytes(tmp_path: Path, file_format: str) -> None:
    for name, seed in [("a", 5), ("b", 5), ("c", 6)]:
        options = ["--customers", 50, "--seed", seed, "--format", file_format]
        assert run(*options, "--out", tmp_path / name).exit_code == 0
    for file in (f"retail_raw_order_lines.{file_format}", GROUPS_CSV):
        first = (tmp_path / "a" / file).read_bytes()
        assert first == (tmp_path / "b" / file).read_bytes()
        assert first != (tmp_path / "c" / file).read_bytes()


def test_a_larger_sample_begins_with_the_smaller_one() -> None:
    small_lines, small_groups = in_memory(RetailSample(customers=40, seed=8))
    large_lines, large_groups = in_memory(RetailSample(customers=90, seed=8))
    pd.testing.assert_frame_equal(small_lines, large_lines.head(len(small_lines)))
    pd.testing.assert_frame_equal(small_groups, large_groups.head(40))


# --- planted groups -------------------------------------------------------------------------


def check_groups_are_found(lines: pd.DataFrame, groups: pd.Series) -> None:
    features = customer_features(lines)
    planted = groups[groups != "returns_only"]
    assert set(planted) == PLANTED
    assert set(features.index) == set(planted.index)
    scaled = StandardScaler().fit_transform(np.log1p(features))
    with threadpool_limits(1):
        found = {k: KMeans(k, n_init=5, random_state=0).fit_predict(scaled) for k in range(2, 8)}
    assert adjusted_rand_score(planted.loc[features.index], found[4]) > 0.95
    silhouettes = {k: silhouette_score(scaled, labels) for k, labels in found.items()}
    assert max(silhouettes, key=lambda k: silhouettes[k]) == 4


def test_planted_groups_of_the_shipped_sample_are_found(
    lines: pd.DataFrame, groups: pd.Series
) -> None:
    check_groups_are_found(lines, groups)


@pytest.mark.parametrize("seed", [7, 2024])
def test_planted_groups_of_another_seed_are_found(seed: int) -> None:
    raw, groups = in_memory(RetailSample(customers=500, seed=seed))
    check_groups_are_found(clean(raw), groups.set_index("customer_id")["planted_group"])


def test_planted_groups_are_found_in_the_shortest_range_of_dates() -> None:
    sample = RetailSample(500, 42, date(2022, 3, 1), date(2023, 2, 28))
    raw, groups = in_memory(sample)
    check_groups_are_found(clean(raw), groups.set_index("customer_id")["planted_group"])


def test_a_few_customers_have_only_returns(lines: pd.DataFrame, groups: pd.Series) -> None:
    returns_only = groups.index[groups == "returns_only"]
    largest = lines.groupby("customer_id")["quantity"].max()
    assert len(returns_only) in (2, 3)
    assert sorted(largest.index[largest < 0]) == sorted(returns_only)


# --- bad rows -------------------------------------------------------------------------------

# Kind, the rows that are of it, and the number of good lines in which one is added.
BAD_ROWS: list[tuple[str, Callable[[pd.DataFrame], "pd.Series[bool]"], int]] = [
    ("unparsable_quantity", lambda raw: raw["quantity"] == "abc", 2500),
    ("missing_quantity", lambda raw: raw["quantity"].isna(), 2500),
    ("zero_quantity", lambda raw: raw["quantity"] == "0", 2000),
    ("unparsable_price", lambda raw: raw["unit_price"] == "four", 2500),
    ("missing_price", lambda raw: raw["unit_price"].isna(), 2500),
    ("zero_price", lambda raw: raw["unit_price"] == "0.00", 800),
    ("negative_price", lambda raw: raw["unit_price"] == "-1.25", 4000),
    ("unparsable_date", lambda raw: raw["ordered_at"] == "31/31/2024", 3000),
    ("missing_date", lambda raw: raw["ordered_at"].isna(), 3000),
    ("future_date", lambda raw: raw["ordered_at"].str.startswith("2999-", na=False), 4000),
    ("missing_invoice_id", lambda raw: raw["invoice_id"].isna(), 2500),
    ("missing_product_id", lambda raw: raw["product_id"].isna(), 2500),
    ("exact_duplicate", lambda raw: raw.duplicated(), 150),
    ("adjustment", lambda raw: raw["invoice_id"].str.startswith("A", na=False), 3000),
    (
        "positive_return",
        lambda raw: (
            raw["invoice_id"].str.startswith("C", na=False)
            & (pd.to_numeric(raw["quantity"], errors="coerce") > 0)
        ),
        4000,
    ),
]


@pytest.mark.parametrize(("kind", "is_of_kind", "lines_per_row"), BAD_ROWS)
def test_every_kind_of_bad_row_is_there_in_its_share(
    raw: pd.DataFrame,
    lines: pd.DataFrame,
    kind: str,
    is_of_kind: Callable[[pd.DataFrame], "pd.Series[bool]"],
    lines_per_row: int,
) -> None:
    count = int(is_of_kind(raw).sum())
    assert count >= 1, kind
    assert len(lines) // lines_per_row <= count <= -(-len(lines) // lines_per_row)


def test_a_bad_row_is_bad_in_one_way_only(raw: pd.DataFrame, lines: pd.DataFrame) -> None:
    kinds = pd.concat([is_of_kind(raw) for _, is_of_kind, _ in BAD_ROWS], axis="columns")
    assert kinds.sum(axis="columns").max() == 1
    assert kinds.any(axis="columns").sum() == len(raw) - len(lines)


def test_an_adjustment_looks_like_bad_debt(raw: pd.DataFrame) -> None:
    found = raw[raw["invoice_id"].str.startswith("A", na=False)]
    assert set(found["product_id"]) == {"B"}
    assert set(found["description"]) == {"Adjust bad debt"}
    assert found["unit_price"].astype(float).max() < 0
    assert found["customer_id"].isna().all()


# --- realism --------------------------------------------------------------------------------


def test_orders_have_a_season_and_a_week(lines: pd.DataFrame) -> None:
    orders = lines[lines["quantity"] > 0].drop_duplicates("invoice_id")["ordered_at"]
    first_year = orders[orders.dt.year == 2023]
    assert (first_year.dt.month.isin([9, 10, 11])).mean() > 0.35
    assert first_year.dt.month.value_counts().idxmax() in (10, 11)
    by_weekday = orders.dt.dayofweek.value_counts(normalize=True)
    assert by_weekday[5] < 0.08
    assert by_weekday[[0, 1, 2, 3, 4]].min() > 0.12


def test_some_lines_are_anonymous_returned_and_of_many_countries(
    lines: pd.DataFrame, groups: pd.Series
) -> None:
    assert 0.10 < lines["customer_id"].isna().mean() < 0.20
    assert 0.02 < (lines["quantity"] < 0).mean() < 0.08
    assert 15 <= lines["country"].nunique() <= 20
    assert lines["country"].value_counts(normalize=True)["United Kingdom"] > 0.6
    assert lines["invoice_id"].value_counts().gt(1).mean() > 0.4
    orders = customer_features(lines)["orders"]
    assert (orders > 1).mean() > 0.5
    assert (groups.value_counts(normalize=True).loc[list(PLANTED)] > 0.1).all()


def test_a_few_prices_have_three_decimals(raw: pd.DataFrame, lines: pd.DataFrame) -> None:
    decimals = raw.loc[lines.index, "unit_price"].str.split(".").str[1].str.len()
    assert set(decimals) == {2, 3}
    assert (decimals == 3).mean() < 0.10


def test_a_dozen_or_more_cost_less_each(lines: pd.DataFrame) -> None:
    bought = lines[lines["quantity"] > 0]
    is_bulk = bought["quantity"] >= 12
    prices = bought.groupby(["product_id", is_bulk])["unit_price"].agg(["nunique", "min"])
    assert (prices["nunique"] == 1).all()
    of_product = prices["min"].unstack().dropna()
    assert len(of_product) > 100
    # 15 % off, to the nearest penny.
    assert (of_product[True] - 0.85 * of_product[False]).abs().max() < 0.0051


@pytest.mark.parametrize(
    "text", ["'", '"', ",", "\\", "${x}", "É", "Ñ", "ẞ", "Ł", '\\"', "\\N", "%", ";"]
)
def test_some_description_has_the_awkward_text(lines: pd.DataFrame, text: str) -> None:
    assert lines["description"].str.contains(text, regex=False).any()


def test_some_description_ends_with_a_backslash(lines: pd.DataFrame) -> None:
    assert lines["description"].str.endswith("\\").any()


# --- files ----------------------------------------------------------------------------------


def test_every_reader_finds_the_same_values(tmp_path: Path) -> None:
    for file_format in ("csv", "parquet"):
        result = run("--customers", 150, "--seed", 3, "--format", file_format, "--out", tmp_path)
        assert result.exit_code == 0
    table = pq.read_table(tmp_path / LINES_PARQUET)
    assert table.schema.names == RAW_COLUMNS
    assert set(table.schema.types) == {pa.string()}
    expected = table.to_pandas()
    assert "" not in set(expected["customer_id"])

    by_pandas = read(tmp_path / LINES_CSV)
    assert by_pandas.columns.tolist() == RAW_COLUMNS
    pd.testing.assert_frame_equal(by_pandas.fillna("<none>"), expected.fillna("<none>"))

    as_text = pa_csv.ConvertOptions(
        column_types=dict.fromkeys(RAW_COLUMNS, pa.string()),
        strings_can_be_null=True,
        null_values=[""],
    )
    assert pa_csv.read_csv(tmp_path / LINES_CSV, convert_options=as_text).equals(table)

    with (tmp_path / LINES_CSV).open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file, strict=True)
    assert header == RAW_COLUMNS
    assert rows == expected.fillna("").to_numpy().tolist()


def test_the_command_says_what_it_wrote_and_leaves_nothing_else(tmp_path: Path) -> None:
    result = run("--customers", 20, "--format", "parquet", "--out", tmp_path)
    assert result.exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [GROUPS_CSV, LINES_PARQUET]
    rows = pq.ParquetFile(tmp_path / LINES_PARQUET).metadata.num_rows
    assert f"{LINES_PARQUET}: {rows:,} lines" in result.stdout
    assert "20 customers" in result.stdout


def test_lines_are_ordered_within_the_given_dates(tmp_path: Path) -> None:
    options = ["--first-date", "2010-12-01", "--last-date", "2011-12-09"]
    assert run("--customers", 300, *options, "--out", tmp_path).exit_code == 0
    time = clean(read(tmp_path / LINES_CSV))["ordered_at"]
    assert time.min().date() >= date(2010, 12, 1)
    assert time.min().date() < date(2010, 12, 15)
    assert date(2011, 12, 8) <= time.max().date() <= date(2011, 12, 9)


# --- rules that hold for every sample -------------------------------------------------------

# Fewest and most days from the last order to the last date, fewest and most orders.
DAYS_AND_ORDERS = {
    "champions": (0, 11, 18, 28),
    "newcomers": (2, 21, 1, 2),
    "lapsed_regulars": (292, 438, 12, 18),
    "lapsed_big_spenders": (292, 474, 1, 2),
}


@settings(max_examples=60, deadline=None)
@given(customers=st.integers(1, 60), seed=st.integers(0, 2**64 - 1))
def test_rules_of_every_sample(customers: int, seed: int) -> None:
    raw, groups = in_memory(RetailSample(customers, seed))
    lines = clean(raw)
    bad = pd.concat([is_of_kind(raw) for _, is_of_kind, _ in BAD_ROWS], axis="columns")
    assert len(lines) + bad.any(axis="columns").sum() == len(raw)
    assert raw[["description", "country"]].notna().all(axis=None)

    assert groups["customer_id"].tolist() == [str(10_001 + each) for each in range(customers)]
    group = groups.set_index("customer_id")["planted_group"]
    assert set(group) <= PLANTED | {"returns_only"}
    assert set(lines["customer_id"].dropna()) == set(group.index)

    # An invoice is of one customer, time and country; a return's starts with C, as no other does.
    lines = lines.assign(customer_id=lines["customer_id"].fillna("guest"))
    of_invoice = lines.groupby("invoice_id")[["customer_id", "ordered_at", "country"]]
    assert (of_invoice.nunique() == 1).all(axis=None)
    assert not lines.duplicated(["invoice_id", "product_id"]).any()
    is_return = lines["quantity"] < 0
    assert (lines["invoice_id"].str.startswith("C") == is_return).all()
    assert lines["invoice_id"].str.fullmatch(r"C?\d+").all()
    assert lines["ordered_at"].between("2023-01-01", "2025-01-01").all()

    # No more comes back than was bought before, at the price at which it was bought.
    returns_only = group.index[group == "returns_only"]
    known = lines[(lines["customer_id"] != "guest") & ~lines["customer_id"].isin(returns_only)]
    in_time = known.sort_values("ordered_at", kind="stable")
    kept = in_time.groupby(["customer_id", "product_id", "unit_price"])["quantity"].cumsum()
    assert (kept >= 0).all()
    assert (lines.loc[lines["customer_id"].isin(returns_only), "quantity"] < 0).all()

    bought = known[known["quantity"] > 0].groupby("customer_id")
    days = (pd.Timestamp("2024-12-31") - bought["ordered_at"].max().dt.normalize()).dt.days
    expected = group[days.index].map(DAYS_AND_ORDERS)
    assert days.between(expected.str[0], expected.str[1]).all()
    assert bought["invoice_id"].nunique().between(expected.str[2], expected.str[3]).all()


# --- errors ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--customers", "0"], "0 is not in the range 1<=x<=1000000000"),
        (["--customers", "many"], "'many' is not a valid integer"),
        (["--seed", "-1"], "-1 is not in the range"),
        (["--first-date", "2024-02-30"], "'2024-02-30' does not match the format"),
        (["--first-date", "2025-01-01"], "2025-01-01 to 2024-12-31 are 0 days: give at least 365"),
        (["--first-date", "2024-01-03"], "are 364 days: give at least 365"),
        (["--last-date", "2999-01-01"], "the last date is 2999-01-01: give one in 2998 or before"),
        (["--format", "xlsx"], "'xlsx' is not one of 'csv', 'parquet'"),
    ],
)
def test_a_bad_option_is_refused_before_any_file(
    tmp_path: Path, arguments: list[str], message: str
) -> None:
    result = run("--customers", 5, "--out", tmp_path / "out", *arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())
    assert not (tmp_path / "out").exists()


def test_shortest_range_of_dates_is_accepted() -> None:
    assert RetailSample(1, 0, date(2024, 1, 2), date(2024, 12, 31)).days == 365


@pytest.mark.parametrize(("customers", "seed"), [(0, 1), (-3, 1), (1, -1), (1, 2**64)])
def test_a_bad_sample_is_refused(customers: int, seed: int) -> None:
    with pytest.raises(ValueError, match=r"is -?[0-9]+:"):
        RetailSample(customers, seed)


def test_a_file_in_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    assert run("--customers", 5, "--out", tmp_path / "file").exit_code == 2
    below_it = run("--customers", 5, "--out", tmp_path / "file" / "out")
    assert below_it.exit_code == 1
    assert f"cannot write the sample into {tmp_path / 'file' / 'out'}" in below_it.stderr
    assert "Give --out a directory" in below_it.stderr
    assert (tmp_path / "file").read_text() == "mine"


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Make every write beyond ``size`` bytes of a file fail, as it does on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_a_failed_write_keeps_the_old_files(tmp_path: Path, file_format: str) -> None:
    old = {f"retail_raw_order_lines.{file_format}": b"old lines", GROUPS_CSV: b"old groups"}
    for name, content in old.items():
        (tmp_path / name).write_bytes(content)
    with largest_file(50_000):
        result = run("--customers", 3000, "--format", file_format, "--out", tmp_path)
    assert result.exit_code == 1
    assert "File too large" in result.stderr
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == old


def test_an_interrupted_run_leaves_no_file(tmp_path: Path) -> None:
    def interrupt(customers: int, _lines: int) -> None:
        if customers >= 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_retail(RetailSample(100), tmp_path, customers_per_block=10, on_progress=interrupt)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_rows_are_written_as_they_are_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file_format: writer.FileFormat
) -> None:
    monkeypatch.setattr(writer, "ROW_GROUP_ROWS", 300)
    sizes: list[int] = []

    def measure(_customers: int, _lines: int) -> None:
        sizes.append(sum(path.stat().st_size for path in tmp_path.glob(".retail_raw*")))

    write_retail(
        RetailSample(100), tmp_path, file_format, customers_per_block=25, on_progress=measure
    )
    assert sizes == sorted(set(sizes))
    assert len(sizes) == 4


def test_progress_counts_up_to_what_was_written(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    written = write_retail(
        RetailSample(25),
        tmp_path,
        customers_per_block=10,
        on_progress=lambda customers, lines: seen.append((customers, lines)),
    )
    assert [customers for customers, _ in seen] == [10, 20, 25]
    assert seen[-1] == (25, len(read(written.lines_path)))
