"""The sample of bookings: what is planted in it, and that it depends on seed and size alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from customer_segmentation.cli.main import main
from customer_segmentation.sample.bookings.guests import PLANTED_GROUP_PERCENT, PLANTED_GROUPS
from customer_segmentation.sample.bookings.sample import BookingsSample
from customer_segmentation.sample.bookings.tables import currency_rates, generate_bookings
from customer_segmentation.sample.bookings.writer import RAW_FILE_STEMS, write_bookings
from project_runs import ROOT

TABLES = ("customers", "bookings", "events", "groups")


def whole(sample: BookingsSample, customers_per_block: int = 4096) -> dict[str, pd.DataFrame]:
    blocks = list(generate_bookings(sample, customers_per_block))
    return {
        name: pa.concat_tables([getattr(block, name) for block in blocks]).to_pandas()
        for name in TABLES
    }


@pytest.fixture(scope="module")
def sample() -> dict[str, pd.DataFrame]:
    return whole(BookingsSample(customers=3000))


def test_the_shipped_seeds_are_what_the_command_writes(tmp_path: Path) -> None:
    arguments = ["sample", "bookings", "--customers", "600", "--out", str(tmp_path)]
    outcome = CliRunner().invoke(main, arguments)
    assert outcome.exit_code == 0, outcome.output
    names = [f"{stem}.csv" for stem in RAW_FILE_STEMS.values()]
    shipped = ROOT / "seeds" / "bookings"
    for name in names:
        assert (tmp_path / name).read_bytes() == (shipped / name).read_bytes(), name
    assert sum((shipped / name).stat().st_size for name in names) < 1_000_000


def test_rows_do_not_depend_on_the_size_of_the_blocks() -> None:
    sample = BookingsSample(customers=700, seed=7)
    for name, table in whole(sample, 4096).items():
        pd.testing.assert_frame_equal(table, whole(sample, 97)[name], obj=name)


def test_another_seed_gives_other_rows() -> None:
    one, other = (whole(BookingsSample(customers=50, seed=seed)) for seed in (1, 2))
    for name in TABLES:
        assert not one[name].equals(other[name]), name


def test_parquet_holds_the_rows_of_csv(tmp_path: Path) -> None:
    sample = BookingsSample(customers=200)
    write_bookings(sample, tmp_path, "csv")
    write_bookings(sample, tmp_path, "parquet")
    for stem in RAW_FILE_STEMS.values():
        read = pd.read_csv(tmp_path / f"{stem}.csv", dtype=str, keep_default_na=False)
        table = pq.read_table(tmp_path / f"{stem}.parquet").to_pandas().fillna("")
        pd.testing.assert_frame_equal(read.astype(object), table.astype(object), obj=stem)


def test_groups_are_planted_in_their_shares(sample: dict[str, pd.DataFrame]) -> None:
    shares = sample["groups"].planted_group.value_counts(normalize=True)
    for group, percent in zip(PLANTED_GROUPS, PLANTED_GROUP_PERCENT, strict=True):
        # Five standard errors of a share of 3,000.
        assert shares[group.name] == pytest.approx(percent / 100, abs=0.045)


def test_groups_book_as_their_profiles_say(sample: dict[str, pd.DataFrame]) -> None:
    bookings = sample["bookings"].merge(sample["groups"], on="customer_id")
    good = bookings[bookings.booking_id.str.fullmatch(r"B\d+") & (bookings.booked_at >= "2001")]
    nights = pd.to_numeric(good.nights).groupby(good.planted_group).median()
    assert nights["family_holidays"] >= 7 > nights["weekend_couples"] >= 2
    visits = good.groupby("planted_group").visit_category.agg(lambda each: each.mode()[0])
    assert visits.to_dict() == {
        "business_regulars": "business",
        "family_holidays": "family",
        "lapsed_groups": "group",
        "weekend_couples": "leisure",
    }
    last = good[good.arrival_date < "2999"].groupby("planted_group").arrival_date.max()
    assert last["lapsed_groups"] < "2024-01-01" < last["business_regulars"]


def test_every_kind_of_dirt_is_there(sample: dict[str, pd.DataFrame]) -> None:
    customers, bookings, events = (sample[name] for name in ("customers", "bookings", "events"))
    born = pd.to_numeric(customers.birth_date.str[:4], errors="coerce")
    year = pd.to_numeric(customers.birth_year)
    ids = set(customers.customer_id.dropna())
    sent = events[events.event == "sent"]
    opened = events[events.event == "opened"]
    dirt = {
        "no gender": customers.gender.isna().sum(),
        "two years of birth": (born.notna() & year.notna() & (born != year)).sum(),
        "impossible age": (born < 1900).sum(),
        "unknown country": (customers.country == "Atlantis").sum(),
        "customer twice": customers.customer_id.dropna().duplicated().sum(),
        "customer without bookings": len(ids - set(bookings.customer_id)),
        "booking without customer": bookings.customer_id.isna().sum(),
        "booking of an unknown customer": len(set(bookings.customer_id.dropna()) - ids),
        "arrival before booking": (bookings.arrival_date < bookings.booked_at.str[:10]).sum(),
        "no night": (bookings.nights == "0").sum(),
        "equal bookings": bookings.duplicated().sum(),
        "booking twice": bookings.booking_id.dropna().duplicated().sum()
        - bookings.duplicated().sum(),
        "currency without a rate": (bookings.currency == "XTS").sum(),
        "event before signup": (events.occurred_at < "2000").sum(),
        "opened without sent": len(set(opened.campaign_id.dropna()) - set(sent.campaign_id)),
    }
    assert [name for name, rows in dirt.items() if rows == 0] == []


def test_nothing_is_sent_after_unsubscribing(sample: dict[str, pd.DataFrame]) -> None:
    events = sample["events"].dropna()
    events = events[events.occurred_at.between("2023", "2025")]
    last = events[events.event == "unsubscribed"].groupby("customer_id").campaign_id.max()
    sent = events[events.event == "sent"].groupby("customer_id").campaign_id.max()
    assert len(last) > 0
    assert (sent[last.index] <= last).all()


def test_identifying_columns_are_artificial(sample: dict[str, pd.DataFrame]) -> None:
    customers = sample["customers"]
    assert customers.name.str.startswith("Artificial Guest ").all()
    # Reserved by RFC 2606: no mail goes there.
    assert customers.email.str.endswith("@example.invalid").all()
    assert customers.phone.str.startswith("+00 ").all()
    assert customers.address.str.endswith("Nowhere Street, Sampletown").all()


def test_rates_are_of_each_month_and_near_their_level() -> None:
    sample = BookingsSample(1, first_date=date(2023, 11, 20), last_date=date(2024, 12, 1))
    rates = currency_rates(sample).to_pandas()
    months = [f"{month}-01" for month in pd.period_range("2023-11", "2024-12", freq="M")]
    for currency, level, away in (("EUR", 1, 0), ("GBP", 1.16, 0.03), ("CHF", 1.03, 0.04)):
        of_currency = rates[rates.currency == currency]
        assert list(of_currency.rate_date) == months
        assert (of_currency.rate.astype(float) - level).abs().max() <= away + 1e-9


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"customers": 0}, "customers is 0: ask for at least 1"),
        ({"customers": 1, "campaigns": 0}, "campaigns is 0: ask for 1 to 500"),
        ({"customers": 1, "seed": -1}, "seed is -1"),
        ({"customers": 1, "first_date": date(2024, 6, 1)}, "214 days: give at least 365"),
        ({"customers": 1, "last_date": date(2999, 1, 1)}, "give one in 2998 or before"),
    ],
)
def test_what_cannot_be_made_is_refused(arguments: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        BookingsSample(**arguments)  # type: ignore[arg-type]
