"""The sample of ratings: what is planted in it, and that it depends on seed and size alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from customer_segmentation.cli.main import main
from customer_segmentation.sample.ratings.items import Catalogue
from customer_segmentation.sample.ratings.sample import RatingsSample
from customer_segmentation.sample.ratings.tables import generate_ratings
from customer_segmentation.sample.ratings.tastes import PLANTED_TASTES
from customer_segmentation.sample.ratings.writer import RAW_FILE_STEMS, write_ratings
from project_runs import ROOT

SHIPPED = RatingsSample(users=360, items=240, ratings=12960)
Tables = dict[str, pd.DataFrame]


def whole(sample: RatingsSample, users_per_block: int = 4096) -> Tables:
    catalogue = Catalogue(sample)
    blocks = list(generate_ratings(sample, catalogue, users_per_block))
    return {
        "ratings": pa.concat_tables([block.ratings for block in blocks]).to_pandas(),
        "users": pa.concat_tables([block.users for block in blocks]).to_pandas(),
        "items": catalogue.items().to_pandas(),
        "planted_items": catalogue.planted().to_pandas(),
    }


@pytest.fixture(scope="module")
def sample() -> Tables:
    return whole(SHIPPED)


@pytest.fixture(scope="module")
def good(sample: Tables) -> pd.DataFrame:
    """The ratings that are as they were drawn, one of each pair, with what is planted."""
    ratings = sample["ratings"].dropna()
    first_years = ratings.rated_at.str.fullmatch(r"1[67]\d{8}")
    kept = ratings[ratings.rating.isin([*"12345"]) & first_years & (ratings.item_id != "M0")]
    kept = kept.drop_duplicates(["user_id", "item_id"]).astype({"rating": int})
    items = sample["planted_items"].rename(columns={"planted_taste": "of_item"})
    return kept.merge(sample["users"], on="user_id").merge(items, on="item_id")


def test_the_shipped_seeds_are_the_sample(tmp_path: Path) -> None:
    given = ["--users", "360", "--items", "240", "--ratings", "12960", "--seed", "42"]
    result = CliRunner().invoke(main, ["sample", "ratings", *given, "--out", str(tmp_path)])
    assert result.exit_code == 0, result.output
    for stem in RAW_FILE_STEMS.values():
        made, shipped = (folder / f"{stem}.csv" for folder in (tmp_path, ROOT / "seeds/ratings"))
        assert made.read_bytes() == shipped.read_bytes(), stem


def test_rows_do_not_depend_on_the_size_of_the_blocks(sample: Tables) -> None:
    for name, table in whole(SHIPPED, users_per_block=37).items():
        pd.testing.assert_frame_equal(table, sample[name], obj=name)


def test_another_seed_gives_other_rows() -> None:
    one, other = (whole(RatingsSample(20, 60, 200, seed=seed)) for seed in (1, 2))
    for name in one:
        assert not one[name].equals(other[name]), name


def test_parquet_holds_the_rows_of_csv(tmp_path: Path) -> None:
    sample = RatingsSample(50, 60, 500)
    write_ratings(sample, tmp_path, "csv")
    write_ratings(sample, tmp_path, "parquet")
    for stem in RAW_FILE_STEMS.values():
        read = pd.read_csv(tmp_path / f"{stem}.csv", dtype=str, keep_default_na=False)
        table = pq.read_table(tmp_path / f"{stem}.parquet").to_pandas().fillna("")
        pd.testing.assert_frame_equal(read.astype(object), table.astype(object), obj=stem)


@pytest.mark.parametrize(
    "asked", [RatingsSample(10, 60, 50), RatingsSample(20, 60, 300), SHIPPED], ids=str
)
def test_as_many_ratings_as_asked_for_and_no_pair_twice(asked: RatingsSample) -> None:
    rows = whole(asked)["ratings"]
    # What a bad row is a copy of stands before it: the first row of each pair is the good one.
    pairs = rows.dropna(subset=["user_id", "item_id"]).drop_duplicates(["user_id", "item_id"])
    assert (pairs.item_id != "M0").sum() == asked.ratings
    assert set(pairs.user_id) <= {f"U{100_001 + each}" for each in range(asked.users)}


def test_tastes_are_planted_in_their_shares() -> None:
    shares = whole(RatingsSample(4000, 60, 20000))["users"].planted_taste.value_counts()
    for taste in PLANTED_TASTES:
        # Five standard errors of a share of 4,000 at most.
        assert shares[taste.name] / 4000 == pytest.approx(taste.percent / 100, abs=0.04)


def test_users_rate_their_taste_more_often_and_higher(good: pd.DataFrame) -> None:
    is_own = good.planted_taste == good.of_item
    of_tastes = good.of_item.isin([taste.name for taste in PLANTED_TASTES])
    assert is_own.mean() == pytest.approx(0.6 * 0.85, abs=0.1)
    assert good[is_own].rating.mean() > good[of_tastes & ~is_own].rating.mean() + 0.9
    genres = {taste.name: taste.genres for taste in PLANTED_TASTES}
    items = whole(SHIPPED)["items"].dropna().drop_duplicates("item_id")
    planted = whole(SHIPPED)["planted_items"].set_index("item_id").planted_taste
    for item in items.itertuples():
        taste = planted[item.item_id]
        assert taste not in genres or item.genres.split("|")[0] in genres[taste]


def test_everybody_likes_some_items_and_few_know_others(good: pd.DataFrame) -> None:
    of_everybody = good[good.of_item == "everybody"]
    assert of_everybody.groupby("item_id").user_id.count().min() > 360 / 3
    assert of_everybody.groupby("planted_taste").rating.mean().min() > 4
    niche = good[good.of_item == "niche"].groupby("item_id").user_id.count()
    assert niche.empty or niche.max() < 10


def test_tastes_can_be_found_without_knowing_them(good: pd.DataFrame) -> None:
    matrix = good.pivot(index="user_id", columns="item_id", values="rating").fillna(0)
    matrix = matrix[(matrix > 0).sum(axis=1) >= 5]
    found = KMeans(len(PLANTED_TASTES), n_init=10, random_state=0).fit_predict(matrix)
    planted = good.drop_duplicates("user_id").set_index("user_id").planted_taste
    assert adjusted_rand_score(planted[matrix.index], found) > 0.95


def test_what_is_planted_is_not_in_the_raw_tables(sample: Tables) -> None:
    assert [*sample["ratings"].columns] == ["user_id", "item_id", "rating", "rated_at"]
    assert [*sample["items"].columns] == ["item_id", "title", "genres"]
    titles = sample["items"].title
    assert titles.str.fullmatch(r"The [A-Z][a-z]+ [A-Z][a-z]+( \d+)?|Untitled").all()


def test_every_kind_of_dirt_is_there(sample: Tables) -> None:
    ratings, items = sample["ratings"], sample["items"]
    pairs = ["user_id", "item_id"]
    dirt = {
        "no user": ratings.user_id.isna().sum(),
        "no item": ratings.item_id.isna().sum(),
        "unknown item": (~ratings.item_id.dropna().isin(items.item_id)).sum(),
        "no rating": ratings.rating.isna().sum(),
        "no number": (ratings.rating == "five").sum(),
        "out of range": (ratings.rating == "9").sum(),
        "no time": (ratings.rated_at == "soon").sum(),
        "in the future": (ratings.rated_at == "4070908800").sum(),
        "equal ratings": ratings.dropna().duplicated().sum(),
        "pair twice": ratings.dropna().duplicated(pairs).sum()
        - ratings.dropna().duplicated().sum(),
        "user of few ratings": (ratings.user_id.value_counts() < 5).sum(),
        "item of few ratings": (ratings.item_id.value_counts() < 5).sum(),
        "item without an id": items.item_id.isna().sum(),
        "item twice": items.item_id.dropna().duplicated().sum(),
        "item without genres": items.genres.isna().sum(),
    }
    assert [name for name, rows in dirt.items() if rows == 0] == []


def test_ratings_of_a_user_are_in_the_order_of_time(good: pd.DataFrame) -> None:
    times = pd.to_numeric(good.sort_index().rated_at)
    assert (times.groupby(good.user_id).diff().dropna() >= 0).all()
    first, last = (pd.Timestamp(day).timestamp() for day in ("2023-01-01", "2025-01-01"))
    assert pd.to_numeric(good.rated_at).between(first, last - 1).all()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"users": 9}, "users is 9: ask for at least 10"),
        ({"items": 59}, "items is 59: ask for at least 60"),
        ({"ratings": 99}, "ratings is 99: ask for 100 to 400"),
        ({"ratings": 401}, "ratings is 401: ask for 100 to 400"),
        ({"seed": -1}, "seed is -1"),
        ({"first_date": date(2024, 6, 1)}, "214 days: give at least 365"),
        ({"last_date": date(2099, 1, 1)}, "from 2002 to 2098"),
        ({"first_date": date(2001, 1, 1)}, "from 2002 to 2098"),
    ],
)
def test_what_cannot_be_made_is_refused(arguments: dict[str, object], said: str) -> None:
    asked = {"users": 20, "items": 80, "ratings": 200, **arguments}
    with pytest.raises(ValueError, match=said):
        RatingsSample(**asked)  # type: ignore[arg-type]
