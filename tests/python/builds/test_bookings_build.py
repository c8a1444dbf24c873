"""Bookings alone, built by Sail: groups found, nobody's name anywhere, small groups hidden."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import adjusted_rand_score

from customer_segmentation.sample.bookings.sample import BookingsSample
from customer_segmentation.sample.bookings.tables import generate_bookings
from project_runs import ROOT, Project, failures, tables_of

SMALLEST = 5
REPORTS = {
    "bookings_revenue_by_segment": ("breakdown", "breakdown_value", "value_revenue"),
    "bookings_segment_mix": ("breakdown", "breakdown_value", "share_of_all"),
    "bookings_campaign_engagement": (None, "campaign_type", None),
}


class Hotel:
    """The project in a schema of its own, bookings alone."""

    def __init__(self, project: Project, schema: str) -> None:
        self.project = project
        self.schema = schema

    def build(self, *select: str, **variables: Any) -> Any:
        arguments = ("build", "--exclude-resource-type", "unit_test", "--select", *select)
        return self.project.dbt(*arguments, **variables)

    def table(self, name: str) -> pd.DataFrame:
        frame: pd.DataFrame = self.project.spark.table(f"{self.schema}.{name}").toPandas()
        return frame


@pytest.fixture(scope="module")
def hotel(
    sail_project: Project, profiles_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Hotel]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGMENTATION_SCHEMA", "hotel")
        scratch = tmp_path_factory.mktemp("hotel")
        alone = {"bookings": True}
        hotel = Hotel(Project(sail_project.spark, profiles_dir, scratch, alone), "hotel")
        result = hotel.build("bookings")
        assert result.success, failures(result)
        yield hotel


def test_it_builds_alone(hotel: Hotel) -> None:
    names = tables_of(hotel.project.spark, "hotel")
    assert "bookings_segment_profile" in names
    assert not [name for name in names if not name.startswith("bookings_")]


def test_the_planted_groups_are_found(hotel: Hotel) -> None:
    blocks = generate_bookings(BookingsSample(customers=600))
    planted = pd.concat([block.groups.to_pandas() for block in blocks]).set_index("customer_id")
    segments = hotel.table("bookings_customer_segments").set_index("customer_id").segment_id
    assert segments.nunique() == len(planted.planted_group.unique()) == 4
    found = planted.join(segments, how="inner")
    assert adjusted_rand_score(found.planted_group, found.segment_id) > 0.9
    names = hotel.table("bookings_segment_names").set_index("segment_id").segment_name
    assert found.groupby("planted_group").segment_id.agg(
        lambda ids: names[ids.mode()[0]]
    ).to_dict() == {
        "business_regulars": "Business regulars",
        "family_holidays": "Early planners",
        "lapsed_groups": "Lapsed guests",
        "weekend_couples": "Engaged guests",
    }


def test_nobody_is_named_outside_the_raw_tables(hotel: Hotel) -> None:
    personal = re.compile(rb"Artificial Guest|@example\.invalid|Nowhere Street|\+00 000")
    assert personal.search((ROOT / "seeds/bookings/bookings_raw_customers.csv").read_bytes())
    scratch = hotel.project.target.parent
    found = [
        path for path in scratch.rglob("*") if path.is_file() and personal.search(path.read_bytes())
    ]
    assert found == []
    spark = hotel.project.spark
    for schema in ("hotel", "hotel_internal"):
        for name in tables_of(spark, schema) - {"bookings_raw_customers"}:
            rows = spark.table(f"{schema}.{name}").toArrow().to_pylist()
            assert not personal.search(str(rows).encode()), f"{schema}.{name}"


def holding(folder: Path, planted: re.Pattern[bytes]) -> list[Path]:
    """The files under a folder in which anything planted stands, also in compressed Parquet."""
    found = []
    for path in filter(Path.is_file, folder.rglob("*")):
        is_table = path.suffix == ".parquet"
        text = str(pq.read_table(path).to_pylist()).encode() if is_table else path.read_bytes()
        if planted.search(text):
            found.append(path)
    return found


def test_what_tells_who_a_guest_is_reaches_no_file(hotel: Hotel, tmp_path: Path) -> None:
    """Planted in good, equal, rejected and malformed rows; also where a build stops."""
    ids = hotel.table("bookings_customers").customer_id.head(30)
    person = "{0},Zenobia Quist{0},zq{0}@planted.invalid,+99 555 {0},7 Planted Lane {0},f,1980"
    rows = [person.format(one) for one in ids]
    unnamed = person.format("").replace("Quist,", "Quist0,")
    malformed = person.format("M1") + ",one,field,too,many"
    header = "customer_id,full_name,email,phone,address,gender,birth_year"
    customers = tmp_path / "customers.csv"
    customers.write_text("\n".join([header, *rows, rows[0], unnamed, malformed, ""]))
    planted = re.compile(rb"Zenobia|planted\.invalid|\+99 555|Planted Lane")
    asked = ("+bookings_customer_features", "+bookings_rejected_rows", "+bookings_defaulted_values")
    given = {"bookings_customers_source": str(customers)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGMENTATION_SCHEMA", "private")
        private = Hotel(hotel.project, "private")
        result = private.build(*asked, **given)
        assert result.success, failures(result)
        rejected = private.table("bookings_rejected_rows")
        assert rejected[
            rejected.raw_table == "customers"
        ].rejection_reason.value_counts().to_dict() == {
            "exact_duplicate": 1,
            "malformed_line": 1,
            "missing_customer": 1,
        }
        stopped = private.build(*asked, **given, bookings_largest_rejected_share=0)
        assert not stopped.success
        assert "Zenobia" not in failures(stopped)
    assert holding(hotel.project.target.parent, planted) == []
    tables = Path(os.environ["SEGMENTATION_WAREHOUSE"])
    found = holding(tables, planted)
    # The copy of the raw file, which is raw data.
    assert {path.relative_to(tables / "data").parts[0] for path in found} == {"private_raw.db"}


def test_no_report_has_a_column_of_personal_data(hotel: Hotel) -> None:
    nodes = [
        node
        for node in hotel.project.dbt("parse").result.nodes.values()
        if node.resource_type == "model" and node.original_file_path.startswith("models/bookings/")
    ]
    personal = {
        name
        for node in nodes
        for name, column in node.columns.items()
        if (column.meta or column.config.meta).get("contains_pii")
    }
    assert {"customer_id", "birth_year", "age", "gender"} <= personal
    reports = [node for node in nodes if "/reports/" in node.original_file_path]
    assert len(reports) == 4
    assert [(node.name, set(node.columns) & personal) for node in reports] == [
        (node.name, set()) for node in reports
    ]
    published = {node.name: set(hotel.table(node.name).columns) for node in reports}
    assert not [name for name, columns in published.items() if columns & personal]


def test_no_small_group_is_published_or_had_by_subtraction(hotel: Hotel) -> None:
    published = {name: hotel.table(name) for name in REPORTS}
    result = hotel.build(*REPORTS, bookings_smallest_group=0)
    assert result.success, failures(result)
    for name, (table, value, total) in REPORTS.items():
        keys = [*([table] if table else []), value, "segment_id"]
        true = hotel.table(name).set_index(keys).guests
        cells = published[name].set_index(keys).sort_index()
        assert not hotel.table(name).is_hidden.any()
        shown = cells[~cells.is_hidden]
        assert (shown.guests == true[shown.index]).all()
        assert not shown.guests.between(1, SMALLEST - 1).any(), name
        hidden = true[cells.index[cells.is_hidden]]
        assert len(hidden) > 0 or name == "bookings_campaign_engagement"
        of_rows = hidden.groupby([level for level in keys if level != value])
        assert of_rows.size().min() >= 2 or hidden.empty
        assert of_rows.sum().min() >= SMALLEST or hidden.empty
        if total:
            of_values = cells.groupby(level=keys[:-1])
            assert (of_values[total].count().eq(0) == of_values.is_hidden.max()).all()
    result = hotel.build(*REPORTS)
    assert result.success, failures(result)


def test_a_small_segment_has_no_figures_in_any_table_of_segments(hotel: Hotel) -> None:
    tables = ("bookings_segment_profile", "bookings_segment_features")
    sizes = hotel.table("bookings_customer_segments").segment_id.value_counts()
    result = hotel.build(*tables, bookings_smallest_group=int(sizes.min()) + 1)
    assert result.success, failures(result)
    two_smallest = set(sizes.nsmallest(2).index)
    for name in tables:
        rows = hotel.table(name)
        figures = rows.customers if name == tables[0] else rows.feature_sum
        assert set(rows[rows.is_hidden].segment_id) == two_smallest
        assert figures[rows.is_hidden].isna().all()
        assert figures[~rows.is_hidden].notna().all()
    result = hotel.build(*tables)
    assert result.success, failures(result)


def test_as_many_older_generations_stay_as_are_asked_for(hotel: Hotel) -> None:
    table = "bookings_segment_features"
    generations = Path(os.environ["SEGMENTATION_WAREHOUSE"], "data", "hotel_generations.db")
    for smallest in (2, 3, 4):
        result = hotel.build(
            table, bookings_smallest_group=smallest, segmentation_older_generations=1
        )
        assert result.success, failures(result)
    assert len(list(generations.glob(f"{table}__g*"))) == 3
    result = hotel.build(table)
    assert result.success, failures(result)
    assert len(list(generations.glob(f"{table}__g*"))) == 2


def test_what_a_domain_hides_it_hides_of_its_segments_too(hotel: Hotel) -> None:
    """Each domain with a smallest group gives it to the generic table of segments."""
    settings = [
        name
        for text in (ROOT / "macros").glob("*/*_settings.sql")
        for name in re.findall(r"'(\w+_smallest_group)'", text.read_text())
    ]
    domains = {setting: setting.removesuffix("_smallest_group") for setting in settings}
    assert "bookings_smallest_group" in settings
    nodes = hotel.project.manifest(segmentations=dict.fromkeys(domains.values(), True)).nodes
    for setting, domain in domains.items():
        node = nodes[f"model.customer_segmentation.{domain}_segment_features"]
        assert f"smallest=setting('{setting}')" in node.raw_code


def test_hidden_cells_do_not_follow_from_what_is_known(hotel: Hotel) -> None:
    """No hidden cell is a combination of totals of rows and of the totals that are shown."""
    report = hotel.table("bookings_revenue_by_segment")
    for _, cells in report.groupby("breakdown"):
        hidden = cells[cells.is_hidden].reset_index(drop=True)
        if hidden.empty:
            continue
        rows = [hidden.segment_id == segment for segment in hidden.segment_id.unique()]
        shown = set(cells[cells.value_revenue.notna()].breakdown_value)
        columns = [hidden.breakdown_value == value for value in sorted(shown)]
        # What is known of the hidden cells: their sums by row, by column that is shown, and of all.
        known = np.array([*rows, *columns, np.ones(len(hidden))], dtype=float)
        rank = np.linalg.matrix_rank(known)
        for cell in np.eye(len(hidden)):
            assert np.linalg.matrix_rank(np.vstack([known, cell])) > rank


def test_without_customers_and_events_the_rest_goes_on(hotel: Hotel) -> None:
    absent = ["bookings_customers", "bookings_campaign_events"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGMENTATION_SCHEMA", "inn")
        inn = Hotel(hotel.project, "inn")
        result = inn.build("bookings", bookings_absent_tables=absent)
        assert result.success, failures(result)
        features = inn.table("bookings_customer_features")
        assert len(features) == len(hotel.table("bookings_customer_features"))
        assert set(features.gender) == set(features.generation.str.lower()) == {"unknown"}
        assert set(features.campaigns_sent) == set(features.open_rate) == {0}
        assert inn.table("bookings_campaign_engagement").empty
        # What does not vary is no dimension of a model, and no error.
        assert "open_rate" not in {
            row["name"] for row in inn.table("bookings_segment_models").features[0]
        }
        rules = inn.table("bookings_defaulted_values").set_index("default_rule").values_defaulted
        assert rules["customer_not_registered"] == len(inn.table("bookings_customers"))

        refused = inn.project.refusal(
            bookings_absent_tables=absent, bookings_customers_source="nowhere.customers"
        )
    assert "the var bookings_absent_tables says that there is no such table" in refused


def test_tables_without_rows_are_a_fact(hotel: Hotel, tmp_path: Path) -> None:
    customers, events = tmp_path / "customers.csv", tmp_path / "events.csv"
    customers.write_text("customer_id,gender,birth_year,country\n")
    events.write_text("customer_id,campaign_id,event,occurred_at\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGMENTATION_SCHEMA", "empty")
        result = Hotel(hotel.project, "empty").build(
            *("+bookings_customer_features", "+bookings_defaulted_values"),
            bookings_customers_source=str(customers),
            bookings_campaign_events_source=str(events),
        )
        assert result.success, failures(result)
