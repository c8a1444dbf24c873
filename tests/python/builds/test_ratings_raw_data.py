"""Ratings as other programs write them, read by Sail up to the matrix."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from customer_segmentation.sample.ratings.items import Catalogue
from customer_segmentation.sample.ratings.sample import RatingsSample
from customer_segmentation.sample.ratings.tables import generate_ratings
from project_runs import Project, failures

SCHEMA = "viewers"
# The flags of the item file, behind five other columns.
GENRES = [
    *("unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime"),
    *("Documentary", "Drama", "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance"),
    *("Sci-Fi", "Thriller", "War", "Western"),
]
RESEARCH = {
    "ratings_ratings_csv": {"sep": "\t", "header": False},
    "ratings_ratings_columns": {
        "user_id": "_c0",
        "item_id": "_c1",
        "rating": "_c2",
        "rated_at": "_c3",
    },
    "ratings_items_csv": {"sep": "|", "header": False, "encoding": "ISO-8859-1"},
    "ratings_items_columns": {"item_id": "_c0", "title": "_c1"},
    "ratings_genre_flags": {genre: f"_c{5 + at} = 1" for at, genre in enumerate(GENRES)},
}
MODELS = (
    "+ratings_left_out",
    "+ratings_user_features",
    "+ratings_item_genres",
    "+ratings_rejected_rows",
)
TESTS = ("raw_rows_are_counted_once", "users_and_items_are_in_the_matrix_or_left_out")


class Viewers:
    """The project in a schema of its own, ratings alone, up to the matrix."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def build(self, **variables: Any) -> Any:
        arguments = ("build", "--exclude-resource-type", "unit_test", "--select", *MODELS, *TESTS)
        return self.project.dbt(*arguments, **variables)

    def table(self, name: str) -> pd.DataFrame:
        frame: pd.DataFrame = self.project.spark.table(f"{SCHEMA}.{name}").toPandas()
        return frame


@pytest.fixture(scope="module")
def viewers(
    sail_project: Project, profiles_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Viewers]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGMENTATION_SCHEMA", SCHEMA)
        scratch = tmp_path_factory.mktemp(SCHEMA)
        yield Viewers(Project(sail_project.spark, profiles_dir, scratch, {"ratings": True}))


@pytest.fixture(scope="module")
def rated() -> pd.DataFrame:
    """Ratings as numbers, one of each pair: user, item, rating, unixtime."""
    sample = RatingsSample(users=60, items=80, ratings=900)
    blocks = generate_ratings(sample, Catalogue(sample))
    rows = pd.concat([block.ratings.to_pandas() for block in blocks]).dropna()
    rows = rows[rows.rating.isin([*"12345"]) & rows.rated_at.str.fullmatch(r"1[67]\d{8}")]
    rows = rows[rows.item_id != "M0"].drop_duplicates(["user_id", "item_id"])
    return pd.DataFrame(
        {
            "user": rows.user_id.str[1:].astype(int) - 100_000,
            "item": rows.item_id.str[1:].astype(int) - 1_000,
            "rating": rows.rating.astype(int),
            # Some years before: a tenth digit came in September 2001.
            "unixtime": rows.rated_at.astype(int) - 800_000_000,
        }
    )


def test_two_files_of_research_data_run_through_vars_alone(
    viewers: Viewers, rated: pd.DataFrame, tmp_path: Path
) -> None:
    rated.to_csv(tmp_path / "u.data", sep="\t", header=False, index=False)
    lines = []
    for item in range(1, 81):
        flags = ["1" if at == item % 19 or at == 5 else "0" for at in range(19)]
        head = [
            str(item),
            f'Café "No {item}" (1995)',
            "01-Jan-1995",
            "",
            f"http://x.invalid/{item}",
        ]
        lines.append("|".join([*head, *flags]))
    (tmp_path / "u.item").write_bytes(("\n".join(lines) + "\n").encode("latin-1"))

    built = viewers.build(
        ratings_ratings_source=str(tmp_path / "u.data"),
        ratings_items_source=str(tmp_path / "u.item"),
        ratings_value="centred",
        **RESEARCH,
    )
    assert built.success, failures(built)

    # Items first, then users, by hand.
    raters = rated.groupby("item").user.count()
    kept = rated[rated.item.isin(raters.index[raters >= 5])]
    items = kept.groupby("user").item.count()
    kept = kept[kept.user.isin(items.index[items >= 5])]
    assert 0 < len(kept) < len(rated)
    value = kept.rating - kept.groupby("user").rating.transform("mean")
    expected = {(str(u), str(i)): v for u, i, v in zip(kept.user, kept.item, value, strict=True)}
    matrix = viewers.table("ratings_user_items").set_index(["user_id", "item_id"]).value.to_dict()
    assert matrix.keys() == expected.keys()
    assert all(math.isclose(matrix[key], expected[key], abs_tol=1e-12) for key in expected)

    features = viewers.table("ratings_user_features").set_index("user_id")
    spread = kept.groupby("user").rating.std(ddof=0).rename(index=str)
    assert features.rating_spread.to_dict() == pytest.approx(spread.to_dict())
    last = pd.to_datetime(rated.unixtime.max(), unit="s").date()
    assert set(features.as_of_date) == {last}
    assert last.year < 2001

    genres = viewers.table("ratings_item_genres").groupby("item_id").genre.agg(list)
    assert genres["3"] == ["Animation", "Comedy"]
    assert genres["5"] == ["Comedy"]
    titles = viewers.table("ratings_items").set_index("item_id").title
    assert titles["7"] == 'Café "No 7" (1995)'
    assert len(titles) == 80


def test_rows_of_a_log_are_counted(viewers: Viewers, tmp_path: Path) -> None:
    log = tmp_path / "views.csv"
    uses = [("a", "p1")] * 3 + [("a", "p2"), ("b", "p1"), ("b", "p2"), ("b", "p2"), ("c", "p3")]
    log.write_text("user_id,page\n" + "".join(f"{user},{page}\n" for user, page in uses))
    settings = {
        "ratings_ratings_source": str(log),
        "ratings_ratings_columns": {"item_id": "page"},
        "ratings_absent_tables": ["ratings_items"],
        "ratings_least_ratings_of_item": 2,
        "ratings_least_ratings_of_user": 1,
        "ratings_value": "log1p",
    }
    refused = failures(viewers.build(**settings))
    assert "No accepted rating has a time" in refused
    assert "Set the var as_of_date" in refused

    built = viewers.build(as_of_date="2024-06-30", **settings)
    assert built.success, failures(built)
    ratings = viewers.table("ratings_ratings").set_index(["user_id", "item_id"])
    counted = {("a", "p1"): 3, ("a", "p2"): 1, ("b", "p1"): 1, ("b", "p2"): 2, ("c", "p3"): 1}
    assert ratings.rating.to_dict() == counted
    assert ratings.number_of_ratings.to_dict() == counted
    assert ratings.rated_at.isna().all()
    matrix = viewers.table("ratings_user_items").set_index(["user_id", "item_id"]).value
    kept = {key: math.log1p(count) for key, count in counted.items() if key[0] != "c"}
    assert matrix.to_dict() == pytest.approx(kept)
    left_out = viewers.table("ratings_left_out")
    assert set(zip(left_out.kind, left_out.id, left_out.reason, strict=True)) == {
        ("item", "p3", "few_ratings"),
        ("user", "c", "few_ratings_of_kept_items"),
    }
    features = viewers.table("ratings_user_features").set_index("user_id")
    assert features.mean_rating.to_dict() == {"a": 2, "b": 1.5}
    assert features.last_rated_at.isna().all()
    items = viewers.table("ratings_items")
    assert set(items.title) == {"p1", "p2", "p3"}
    assert viewers.table("ratings_item_genres").empty


def test_what_rejects_too_much_stops_with_the_var(viewers: Viewers, tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("user_id,item_id,rating\na,x,7\na,y,2\nb,x,8\nb,y,1\n")
    (tmp_path / "i.csv").write_text("item_id\nx\ny\n")
    refused = failures(
        viewers.build(
            ratings_ratings_source=str(tmp_path / "r.csv"),
            ratings_items_source=str(tmp_path / "i.csv"),
            ratings_highest=5,
            as_of_date="2024-06-30",
        )
    )
    assert "out_of_range rejects 2 of 4 raw rows" in refused
    assert "The var ratings_lowest or ratings_highest governs that" in refused
    assert "user a item x rating 7" in refused


def test_a_wrong_flag_is_named(viewers: Viewers, tmp_path: Path) -> None:
    (tmp_path / "u.data").write_text("1\t1\t5\t881250949\n")
    (tmp_path / "u.item").write_text("1|A|1\n")
    refused = viewers.project.refusal(
        ratings_ratings_source=str(tmp_path / "u.data"),
        ratings_items_source=str(tmp_path / "u.item"),
        **{**RESEARCH, "ratings_genre_flags": {"Drama": "_c9 = 1"}},
    )
    assert "_c9 = 1" in refused
    assert "columns found: _c0, _c1, _c2" in refused
