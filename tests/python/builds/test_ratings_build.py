"""Ratings alone, built by Sail: tastes found, figures are those of libraries, nobody stands out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from sklearn.decomposition import PCA
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.metrics import adjusted_rand_score

from customer_segmentation.sample.ratings.items import EVERYBODY, Catalogue
from customer_segmentation.sample.ratings.sample import RatingsSample
from customer_segmentation.sample.ratings.tables import generate_ratings
from customer_segmentation.sample.ratings.tastes import PLANTED_TASTES
from project_runs import ROOT, Project, failures, tables_of

SMALLEST = 5
SAMPLE = RatingsSample(users=360, items=240, ratings=12960)
RAW = ROOT / "seeds" / "ratings"
WEIGHTS = ("int_ratings__item_weights", "int_ratings__user_lengths")
OF_ITEMS = ("int_ratings__segment_item_totals", "int_ratings__segment_items")
OF_GENRES = ("int_ratings__user_genres", "int_ratings__segment_genres")


class Cinema:
    """The project in a schema of its own, ratings alone."""

    def __init__(self, project: Project, schema: str) -> None:
        self.project = project
        self.schema = schema

    def build(self, *select: str, **variables: Any) -> None:
        arguments = ("build", "--exclude-resource-type", "unit_test", "--select", *select)
        result = self.project.dbt(*arguments, **variables)
        assert result.success, failures(result)

    def relation(self, name: str) -> str:
        schema = f"{self.schema}_internal" if name.startswith("int_") else self.schema
        return f"{schema}.{name}"

    def table(self, name: str) -> pd.DataFrame:
        frame: pd.DataFrame = self.project.spark.table(self.relation(name)).toPandas()
        return frame

    def computed(self, inputs: Mapping[str, pd.DataFrame], *models: str) -> pd.DataFrame:
        """What the SQL of some models, each for the next ones too, makes of other tables."""
        compiled = self.project.dbt("compile", "--select", *models)
        assert compiled.success, failures(compiled)
        code = {item.node.name: item.node.compiled_code for item in compiled.result}
        tables = dict(inputs)
        for model in models:
            sql = code[model]
            for name, rows in tables.items():
                self.project.spark.createDataFrame(rows).createOrReplaceTempView(f"given_{name}")
                sql = sql.replace(self.relation(name), f"given_{name}")
            assert self.schema not in sql
            tables[model] = self.project.spark.sql(sql).toPandas()
        return tables[models[-1]]


@pytest.fixture(scope="module")
def cinema(
    sail_project: Project, profiles_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cinema]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGMENTATION_SCHEMA", "cinema")
        scratch = tmp_path_factory.mktemp("cinema")
        alone = {"ratings": True}
        cinema = Cinema(Project(sail_project.spark, profiles_dir, scratch, alone), "cinema")
        cinema.build("ratings")
        yield cinema


@pytest.fixture(scope="module")
def planted_users() -> pd.Series:
    """Taste by user."""
    blocks = generate_ratings(SAMPLE, Catalogue(SAMPLE))
    users = pd.concat([block.users.to_pandas() for block in blocks])
    return users.set_index("user_id").planted_taste


@pytest.fixture(scope="module")
def planted_items() -> pd.Series:
    """Taste, everybody or niche by item."""
    return Catalogue(SAMPLE).planted().to_pandas().set_index("item_id").planted_taste


def taste_of_segments(cinema: Cinema, planted_users: pd.Series) -> pd.Series:
    """The taste that most users of each segment have."""
    segments = cinema.table("ratings_customer_segments").set_index("user_id").segment_id.dropna()
    tastes = planted_users[segments.index]
    most: pd.Series = tastes.groupby(segments).agg(lambda found: found.mode()[0])
    return most


def matrix_of(items: pd.DataFrame, users: pd.Index, value: str = "value") -> pd.DataFrame:
    """Users in rows, 0 where there is no rating."""
    wide = items.pivot(index="user_id", columns="item_id", values=value)
    return wide.reindex(users).fillna(0)


def test_it_builds_alone(cinema: Cinema) -> None:
    names = tables_of(cinema.project.spark, "cinema")
    assert {"ratings_segment_profile", "ratings_segment_items"} <= names
    assert not [name for name in names if not name.startswith("ratings_")]


def sections_of_the_readme() -> dict[str, tuple[str, list[list[str]]]]:
    """Query and rows of the table, heading first, of each section that has both, by its title."""
    text = (ROOT / "models" / "ratings" / "README.md").read_text()
    sections = {}
    for section in text.split("\n## ")[1:]:
        found = re.search(r"```sql\n(.*?)```\n\n((?:\|[^\n]*\n)+)", section, re.DOTALL)
        if found is not None:
            rows = [line.strip("| ").split(" | ") for line in found[2].splitlines()]
            sections[section.partition("\n")[0]] = found[1], [rows[0], *rows[2:]]
    return sections


def answers_of(cinema: Cinema, query: str) -> pd.DataFrame:
    qualified = re.sub(r"\b(from|join) (\w+)", rf"\1 {cinema.schema}.\2", query)
    frame: pd.DataFrame = cinema.project.spark.sql(qualified).toPandas()
    return frame


def test_the_readme_prints_what_its_queries_give(cinema: Cinema) -> None:
    cinema.build("segmentation_models", "segmentation_components", "segmentation_candidates")
    sections = sections_of_the_readme()

    query, (_, percents, so_far) = sections["How many components are worth keeping"]
    found = answers_of(cinema, query)
    assert [float(cell) for cell in percents[1:]] == pytest.approx(
        100 * found.explained_variance_share, abs=0.05001
    )
    assert [float(cell) for cell in so_far[1:]] == pytest.approx(
        100 * found.cumulative_share, abs=0.05001
    )

    query, (ks, *rows) = sections["How distinct the segments are"]
    found = answers_of(cinema, query).set_index(["is_reduced", "k"]).sort_index()
    for (_, *cells), reduced, column in zip(
        rows,
        (True, True, False),
        ("", "_unreduced", "_unreduced"),
        strict=True,
    ):
        silhouettes = found.loc[reduced][f"silhouette{column}_squared_euclidean"]
        expected = [silhouettes[int(k)] for k in ks[1:]]
        assert [float(cell) for cell in cells] == pytest.approx(expected, abs=0.005001)

    query, (_, *rows) = sections["What marks a segment"]
    found = answers_of(cinema, query)
    assert rows == [
        [
            row.segment_name,
            row.title,
            f"{row.lift:.1f}, {row.lift_lower:.1f} to {row.lift_upper:.1f}",
            f"{row.mean_rating:.1f}",
        ]
        for row in found.itertuples()
    ]

    query, (_, *rows) = sections["Which items everybody likes"]
    found = answers_of(cinema, query)
    assert [row[0] for row in rows] == found.title[: len(rows)].tolist()
    numbers = found.drop(columns="title")[: len(rows)].astype(float)
    numbers[["share_of_users", "smallest_share_of_segment"]] *= 100
    halves = [0.1, 0.5, 0.5, 0.05, 0.1, 0.1]
    for (_, *cells), values in zip(rows, numbers.to_numpy(), strict=True):
        printed = [float(cell.removesuffix(" %")) for cell in cells]
        assert (np.abs(printed - values) <= np.array(halves) + 1e-6).all(), (printed, values)


def test_the_planted_tastes_are_found(cinema: Cinema, planted_users: pd.Series) -> None:
    segments = cinema.table("ratings_customer_segments").set_index("user_id").segment_id
    assert segments.notna().all()
    assert segments.nunique() == len(PLANTED_TASTES)
    assert adjusted_rand_score(planted_users[segments.index], segments) > 0.9


def test_segments_are_named_after_their_tastes(cinema: Cinema, planted_users: pd.Series) -> None:
    genres = {taste.name: set(taste.genres) for taste in PLANTED_TASTES}
    names = cinema.table("ratings_segment_names").set_index("segment_id").segment_name
    tastes = taste_of_segments(cinema, planted_users)
    assert len(names) == len(tastes)
    assert {taste: set(names[at].split(" and ")) for at, taste in tastes.items()} == genres


def test_the_top_items_of_a_segment_are_its_planted_ones(
    cinema: Cinema, planted_users: pd.Series, planted_items: pd.Series
) -> None:
    top = cinema.table("ratings_segment_items")
    of_items = top.item_id.map(planted_items)
    of_segment = top.segment_id.map(taste_of_segments(cinema, planted_users))
    marking = top.lift_rank <= 10
    assert (of_items == of_segment)[marking].all()
    weighty = top.item_rank <= 10
    assert ((of_items == of_segment) | (of_items == EVERYBODY))[weighty].all()
    assert marking.sum() == weighty.sum() == 10 * len(PLANTED_TASTES)


def test_what_everybody_likes_is_scaled_down(cinema: Cinema, planted_items: pd.Series) -> None:
    popular = cinema.table("ratings_popular_items").set_index("item_id")
    everybody = planted_items.index[planted_items == EVERYBODY]
    assert set(popular.nlargest(len(everybody), "smallest_share_of_segment").index) == set(
        everybody
    )
    known = popular.loc[everybody]
    assert (known.raters_rank <= len(everybody)).all()
    assert (known.idf < popular.idf.median()).all()


def test_components_are_those_of_a_dense_pca(cinema: Cinema) -> None:
    users = cinema.table("ratings_user_features").user_id
    dense = matrix_of(cinema.table("ratings_user_items"), pd.Index(users))
    expected = PCA(n_components=10, svd_solver="full").fit(dense.to_numpy())
    (model,) = cinema.project.spark.table("cinema.ratings_segment_models").collect()
    shares = [component.explained_variance_share for component in model.reduction.components]
    np.testing.assert_allclose(shares, expected.explained_variance_ratio_, rtol=0.01)

    ends = cinema.table("ratings_component_items")
    assert ends.groupby(["component_number", "component_end"]).size().max() == 10
    first = ends[(ends.component_number == 1)].set_index("item_id").loading
    direction = pd.Series(expected.components_[0], dense.columns)
    direction *= np.sign(direction[first.index[0]]) * np.sign(first.iloc[0])
    np.testing.assert_allclose(first, direction[first.index], atol=1e-3)
    assert set(first.index) == {*direction.nlargest(10).index, *direction.nsmallest(10).index}


def random_ratings(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ratings of 60 items by 200 users, some below 0, and the users' segments, some null.

    Some users have no rating; who rated an item may have the value 0 in it.
    """
    rng = np.random.default_rng(seed)
    rated = np.argwhere(rng.random((190, 60)) < rng.uniform(0.02, 0.4, size=60))
    value = np.round(rng.normal(1, 2, size=len(rated)), 1)
    items = pd.DataFrame(
        {
            "user_id": [f"u{at}" for at in rated[:, 0]],
            "item_id": [f"i{at}" for at in rated[:, 1]],
            "rating": rng.integers(1, 6, size=len(rated)).astype(float),
            "value": value,
        }
    )
    segment = pd.array(rng.integers(0, 5, size=200), dtype="Int32")
    segment[segment == 0] = pd.NA
    users = pd.DataFrame({"user_id": [f"u{at}" for at in range(200)], "segment_id": segment})
    return items, users


def tfidf(items: pd.DataFrame, users: pd.DataFrame, column: str) -> tuple[pd.Series, pd.Series]:
    """By scikit-learn: idf by item, and the sum of TF-IDF by segment and item."""
    from scipy.sparse import csr_matrix

    rows, columns = pd.Index(users.user_id), pd.Index(sorted(items[column].unique()))
    at = rows.get_indexer(items.user_id), columns.get_indexer(items[column])
    matrix = csr_matrix((items.value, at), shape=(len(rows), len(columns)))
    fitted = TfidfTransformer(smooth_idf=True, norm="l2").fit(matrix)
    weights = pd.DataFrame(fitted.transform(matrix).toarray(), columns=columns)
    sums = weights.groupby(users.segment_id.fillna(0).astype(int).to_numpy()).sum()
    return pd.Series(fitted.idf_, columns), sums.rename_axis("segment_id").stack()


def assert_tfidf(found: pd.DataFrame, items: pd.DataFrame, users: pd.DataFrame) -> None:
    idf, sums = tfidf(items, users, "item_id")
    by_cell = found.set_index(["segment_id", "item_id"]).sum_of_tfidf
    assert len(by_cell) == len(items.merge(users).fillna(0).groupby(["segment_id", "item_id"]))
    np.testing.assert_allclose(by_cell, sums[by_cell.index], atol=1e-9, rtol=0)
    np.testing.assert_allclose(found.idf, idf[found.item_id], atol=1e-9, rtol=0)


def test_tfidf_is_that_of_scikit_learn_on_the_sample(cinema: Cinema) -> None:
    items = cinema.table("ratings_user_items")
    users = cinema.table("ratings_customer_segments")[["user_id", "segment_id"]]
    found = cinema.table("int_ratings__segment_items")
    assert_tfidf(found, items, users)
    published = cinema.table("ratings_segment_items").set_index(["segment_id", "item_id"])
    _, sums = tfidf(items, users, "item_id")
    sizes = users.groupby("segment_id").size()
    means = sums[published.index] / sizes[published.index.get_level_values(0)].to_numpy()
    np.testing.assert_allclose(published.mean_tfidf, means, atol=1e-9, rtol=0)
    assert len(published) == (~found.is_hidden).sum()
    popular = cinema.table("ratings_popular_items").set_index("item_id")
    all_users = sums.groupby(level=1).sum()[popular.index] / len(users)
    np.testing.assert_allclose(popular.mean_tfidf, all_users, atol=1e-9, rtol=0)


@pytest.mark.parametrize("seed", [1, 2])
def test_items_by_segment_are_those_of_libraries_on_random_matrices(
    cinema: Cinema, seed: int
) -> None:
    items, users = random_ratings(seed)
    given = {
        "ratings_user_items": items,
        "ratings_user_features": users[["user_id"]],
        "ratings_customer_segments": users,
    }
    found = cinema.computed(given, *WEIGHTS, *OF_ITEMS)
    assert_tfidf(found, items, users)
    for row in found.sample(40, random_state=seed).itertuples():
        interval = binomtest(row.raters, row.all_raters).proportion_ci(method="wilson")
        share = row.users / 200
        assert row.lift == pytest.approx(row.raters / row.users / (row.all_raters / 200))
        assert row.lift_lower == pytest.approx(interval.low / share)
        assert row.lift_upper == pytest.approx(interval.high / share)


def test_genres_by_segment_are_those_of_the_definition(cinema: Cinema) -> None:
    items, users = random_ratings(3)
    genres = pd.DataFrame(
        [
            (f"i{at}", genre)
            for at in range(50)
            for genre in {("Drama", "Horror", "War")[at % 3], ("Drama", "Music")[at % 2]}
        ],
        columns=["item_id", "genre"],
    )
    given = {
        "ratings_user_items": items,
        "ratings_user_features": users[["user_id"]],
        "ratings_item_genres": genres,
        "ratings_customer_segments": users,
    }
    found = cinema.computed(given, *WEIGHTS, *OF_GENRES)
    of_genres = items.merge(genres).groupby(["user_id", "genre"], as_index=False).value.sum()
    _, sums = tfidf(of_genres, users, "genre")
    by_cell = found.set_index(["segment_id", "genre"])
    np.testing.assert_allclose(by_cell.sum_of_tfidf, sums[by_cell.index], atol=1e-9, rtol=0)
    all_ratings = users.user_id.map(items.groupby("user_id").size()).fillna(0)
    segment = users.segment_id.fillna(0)
    for (segment_id, genre), row in by_cell.iterrows():
        counted = items.merge(genres[genres.genre == genre]).groupby("user_id").size()
        of_genre = users.user_id.map(counted).fillna(0)
        y, x = of_genre[segment == segment_id], all_ratings[segment == segment_id]
        share, of_all = y.sum() / x.sum(), of_genre.sum() / all_ratings.sum()
        # Of the residuals, whose mean is 0, the sample variance of a sum.
        deviation = np.sqrt(len(y) * np.var(y - share * x, ddof=1)) / x.sum()
        expected = share + 1.959963984540054 * deviation * np.array([0, -1, 1])
        expected = np.clip(expected, 0, 1) / of_all
        np.testing.assert_allclose(
            row[["lift", "lift_lower", "lift_upper"]].astype(float), expected
        )


def test_no_small_group_of_users_is_published_or_had_by_subtraction(cinema: Cinema) -> None:
    true = cinema.table("int_ratings__segment_items")
    items = cinema.table("ratings_segment_items")
    assert items.raters.min() >= SMALLEST
    assert len(items) < len(true)
    totals = cinema.table("ratings_popular_items").set_index("item_id").raters
    assert totals.min() >= SMALLEST
    rest = totals - items.groupby("item_id").raters.sum().reindex(totals.index).fillna(0)
    assert not rest.between(1, SMALLEST - 1).any()
    hidden = true[true.is_hidden & true.item_id.isin(totals.index)].groupby("item_id").size()
    segments = cinema.table("ratings_customer_segments").segment_id.nunique()
    shown = items.groupby("item_id").size().reindex(hidden.index).fillna(0)
    assert (segments - shown >= 2).all()
    assert cinema.table("ratings_segment_groups").raters.min() >= SMALLEST
    months = cinema.table("ratings_segment_months")
    assert months.users.min() >= SMALLEST


def test_reports_hold_no_user(cinema: Cinema) -> None:
    reports = sorted((ROOT / "models" / "ratings" / "reports").glob("*.sql"))
    assert len(reports) == 6
    for report in reports:
        frame = cinema.table(report.stem)
        assert "user_id" not in frame.columns
        assert "U100" not in frame.to_csv(), report.stem


def test_a_user_without_a_known_item_has_no_segment(cinema: Cinema, tmp_path: Path) -> None:
    """Twelve new users rate six new items, of which the model that goes on knows none."""
    ratings, items = tmp_path / "ratings.csv", tmp_path / "items.csv"
    new_users, new_items = [f"N{at}" for at in range(12)], [f"X{at}" for at in range(6)]
    rows = [f'"{user}","{item}","4","1735600000"\n' for user in new_users for item in new_items]
    raw = (RAW / "ratings_raw_ratings.csv").read_text(encoding="utf-8")
    ratings.write_text(raw + "".join(rows), encoding="utf-8")
    raw = (RAW / "ratings_raw_items.csv").read_text(encoding="utf-8")
    titles = "".join(f'"{item}","New {item}","Drama"\n' for item in new_items)
    items.write_text(raw + titles, encoding="utf-8")

    names = cinema.table("ratings_segment_names").set_index("segment_id").segment_name
    sources = {"ratings_ratings_source": str(ratings), "ratings_items_source": str(items)}
    limits = {"ratings_lowest": 1, "ratings_highest": 5}
    cinema.build("ratings", **sources, **limits)

    segments = cinema.table("ratings_customer_segments").set_index("user_id")
    assert len(cinema.table("ratings_segment_models")) == 1
    unknown = segments.loc[new_users]
    assert unknown.segment_id.isna().all()
    assert unknown.unscorable_reason.notna().all()
    assert segments.drop(new_users).segment_id.notna().all()
    profile = cinema.table("ratings_segment_profile").set_index("segment_id")
    left_out = cinema.table("ratings_left_out")
    assert profile.users[0] == 12 + (left_out.kind == "user").sum()
    weights = cinema.table("ratings_segment_items")
    assert set(weights[weights.segment_id == 0].item_id) == set(new_items)
    assert not set(cinema.table("ratings_segment_history").user_id) & set(new_users)
    moves = cinema.table("ratings_segment_migration")
    assert moves.customers.sum() == len(segments) - 12
    assert cinema.table("ratings_segment_names").segment_id.notna().all()

    # A new model knows the items; segments that go on keep their names.
    cinema.build("ratings_segment_models+", **sources, **limits, retrain="ratings")
    assert len(cinema.table("ratings_segment_models")) == 2
    segments = cinema.table("ratings_customer_segments")
    assert segments.segment_id.notna().all()
    now = cinema.table("ratings_segment_names").set_index("segment_id").segment_name
    assert now[names.index].to_dict() == names.to_dict()


def test_switched_off_it_leaves_nothing_behind(cinema: Cinema) -> None:
    manifest = cinema.project.manifest(segmentations={"retail": True, "ratings": False})
    nodes = [*manifest.nodes.values(), *manifest.exposures.values(), *manifest.unit_tests.values()]
    on = [node.name for node in nodes if node.config.enabled]
    assert "retail_order_lines" in on
    assert not [name for name in on if "ratings" in name]
