"""Versions of the retail model over months: history, migration, promotion, rollback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

from customer_segmentation.cli.main import main
from customer_segmentation.model.table import from_row
from customer_segmentation.scoring.frame import segment_ids
from project_runs import RETAIL, ROOT, Project, failures

SCHEMA = "versions"
SOURCE = f"{SCHEMA}_raw.order_lines"
READ = (
    "+retail_segment_migration",
    "+retail_customer_segments_export",
    "segmentation_models",
    "segmentation_migration",
    "segmentation_migration_balance",
    "segmentation_alignment",
    "segmentation_quality",
    "segmentation_rules",
)
OCTOBER, NOVEMBER, DECEMBER = date(2024, 10, 31), date(2024, 11, 30), date(2024, 12, 31)


@dataclass
class Scoring:
    """What was published after one build."""

    as_of_date: date
    features: pd.DataFrame
    segments: pd.DataFrame
    migration: pd.DataFrame
    balance: pd.DataFrame


class Versions:
    """The project in a schema of its own, scored month by month."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def table(self, name: str) -> pd.DataFrame:
        return self.project.spark.table(f"{SCHEMA}.{name}").toPandas()

    def build(
        self,
        as_of_date: date,
        *,
        retrain: str = "",
        select: tuple[str, ...] = READ,
        **specification: Any,
    ) -> Any:
        # Segments are published before the gates are judged by tests, which are left out here.
        return self.project.dbt(
            "build",
            "--exclude-resource-type",
            "test",
            "unit_test",
            "--select",
            *select,
            retail_order_lines_source=SOURCE,
            as_of_date=str(as_of_date),
            retrain=retrain,
            segmentation_overrides={"retail": specification},
        )

    def scored(self, as_of_date: date, *, retrain: str = "") -> Scoring:
        result = self.build(as_of_date, retrain=retrain)
        assert result.success, failures(result)
        return Scoring(
            as_of_date,
            self.table("retail_customer_features"),
            self.table("retail_customer_segments").set_index("customer_id"),
            self.table("retail_segment_migration"),
            self.table("segmentation_migration_balance").set_index("segment_id"),
        )

    def command(self, *arguments: str) -> str:
        """Output of `segmentation models ...`, which must succeed."""
        outcome = CliRunner().invoke(main, ["models", *arguments])
        assert outcome.exit_code == 0, outcome.output
        return outcome.output


@pytest.fixture(scope="module")
def versions(sail_project: Project) -> Iterator[Versions]:
    loaded = sail_project.dbt("seed")
    assert loaded.success, failures(loaded)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGMENTATION_SCHEMA", SCHEMA)
        patch.setenv("DBT_PROJECT_DIR", str(ROOT))
        patch.setenv("DBT_PROFILES_DIR", str(sail_project.profiles_dir))
        patch.setenv("DBT_TARGET_PATH", str(sail_project.target))
        patch.setenv("DBT_LOG_PATH", str(sail_project.target / "logs"))
        sail_project.spark.sql(f"create schema if not exists {SCHEMA}_raw")
        sail_project.spark.sql(
            f"create view {SOURCE} as select * from segmentation_internal.retail_raw_order_lines"
        )
        yield Versions(sail_project)


@pytest.fixture(scope="module")
def months(versions: Versions) -> list[Scoring]:
    """Trained in October, scored in November by that model, retrained in December."""
    return [
        versions.scored(OCTOBER),
        versions.scored(NOVEMBER),
        versions.scored(DECEMBER, retrain="retail"),
    ]


def test_only_the_asked_for_builds_train(months: list[Scoring]) -> None:
    october, november, december = (set(month.segments.model_id) for month in months)
    assert len(october) == len(november) == len(december) == 1
    assert october == november != december


def test_the_history_gives_the_segment_of_every_customer_at_every_scoring(
    versions: Versions, months: list[Scoring]
) -> None:
    history = versions.table("retail_segment_history")
    for month in months:
        then = history[
            (history.from_date <= month.as_of_date)
            & (history.to_date.isna() | (history.to_date > month.as_of_date))
        ]
        assert then.set_index("customer_id").segment_id.to_dict() == (
            month.segments.segment_id.to_dict()
        ), month.as_of_date
    assert history.to_date.notna().any()


def test_a_migration_is_what_the_old_model_says_of_the_new_data_and_the_new_one_of_it(
    versions: Versions, months: list[Scoring]
) -> None:
    models = {
        row.model_id: from_row(row)
        for row in versions.project.spark.table(f"{SCHEMA}.retail_segment_models").collect()
    }
    for before, after in pairwise(months):
        old_model = models[before.segments.model_id.iloc[0]]
        new_data = after.features
        by_old_model = pd.Series(
            segment_ids(new_data, old_model), index=new_data.customer_id, dtype="int64"
        )
        moves = pd.DataFrame(
            {
                "before": before.segments.segment_id,
                "by_old_model": by_old_model,
                "after": after.segments.segment_id,
            }
        ).fillna(0)
        expected = moves.astype(int).value_counts().to_dict()
        found = after.migration.fillna(0).set_index(
            ["previous_segment_id", "segment_id_by_previous_model", "segment_id"]
        )
        assert {tuple(map(int, key)): n for key, n in found.customers.items()} == expected
        model_moves = (moves[moves.after > 0].by_old_model != moves[moves.after > 0].after).sum()
        assert found[found.is_model_move].customers.sum() == model_moves
    assert not months[1].migration.is_model_move.any()
    assert months[2].segments.previous_model_id.iloc[0] == months[1].segments.model_id.iloc[0]


def test_the_two_parts_of_a_migration_add_up_to_the_whole(months: list[Scoring]) -> None:
    for before, after in pairwise(months):
        balance = after.balance
        sizes_before = before.segments.segment_id.value_counts().to_dict()
        sizes_after = after.segments.segment_id.value_counts().to_dict()
        for sizes, found in (
            (sizes_before, balance.customers_before),
            (sizes_after, balance.customers_after),
        ):
            assert {segment: n for segment, n in found.items() if n} == sizes
        by_customers = balance.customers_entered - balance.customers_left
        by_model = balance.model_brought - balance.model_took
        assert (balance.customers_after - balance.customers_before == by_customers + by_model).all()
        assert by_model.sum() == 0
        assert by_customers.sum() == len(after.segments) - len(before.segments)


def test_ids_and_names_keep_their_meaning(versions: Versions, months: list[Scoring]) -> None:
    last, first = months[2], months[0]
    revenue = last.features.set_index("customer_id").net_revenue_lifetime
    best = {
        month.as_of_date: revenue.reindex(month.segments.index)
        .groupby(month.segments.segment_id)
        .sum()
        .idxmax()
        for month in (first, last)
    }
    assert best[DECEMBER] == best[OCTOBER]
    alignment = versions.table("segmentation_alignment")
    of_last = alignment[alignment.model_id == last.segments.model_id.iloc[0]]
    assert set(of_last.segment_id) >= set(last.segments.segment_id)


def test_the_export_says_where_a_customer_was_before(
    versions: Versions, months: list[Scoring]
) -> None:
    export = versions.table("retail_customer_segments_export").set_index("customer_id")
    october, november, december = (month.segments.segment_id for month in months)
    for customer_id, row in export.iterrows():
        path = [
            int(segments[customer_id])
            for segments in (october, november, december)
            if customer_id in segments.index
        ]
        changes = [at for at in range(1, len(path)) if path[at] != path[at - 1]]
        assert row.segment_id == path[-1]
        if changes:
            days = (OCTOBER, NOVEMBER, DECEMBER)[-len(path) :]
            assert row.previous_segment_id == path[changes[-1] - 1]
            assert row.changed_at == days[changes[-1]]
            assert row.previous_segment_name
        else:
            assert pd.isna(row.previous_segment_id)
            assert row.changed_at is None
    assert export.previous_segment_id.notna().any()


def test_rules_run_in_spark_and_reach_the_stated_fidelity(
    versions: Versions, months: list[Scoring]
) -> None:
    spark, newest = versions.project.spark, months[2].segments.model_id.iloc[0]
    (stated,) = spark.sql(
        f"select surrogate.fidelity from {SCHEMA}.retail_segment_models where model_id = '{newest}'"
    ).first()
    rules = spark.sql(
        f"select * from {SCHEMA}.segmentation_rules where model_id = '{newest}'"
    ).collect()
    assert len({rule.segment_id for rule in rules}) == len(set(months[2].segments.segment_id))
    met = " + ".join(f"cast({rule.condition} as int)" for rule in rules)
    given = " ".join(f"when {rule.condition} then {rule.segment_id}" for rule in rules)
    counts = spark.sql(
        f"""
        select
            count(*) as customers,
            count_if(case {given} end = segment_id) as hits,
            min({met}) as fewest_rules,
            max({met}) as most_rules
        from {SCHEMA}.retail_customer_features
        inner join {SCHEMA}.retail_customer_segments using (customer_id)
        """
    ).first()
    assert counts.fewest_rules == counts.most_rules == 1
    assert counts.hits / counts.customers == pytest.approx(stated, abs=1e-12)
    for rule in rules:
        row = spark.sql(
            f"""
            select count(*) as customers, count_if(segment_id = {rule.segment_id}) as matched
            from {SCHEMA}.retail_customer_features
            inner join {SCHEMA}.retail_customer_segments using (customer_id)
            where {rule.condition}
            """
        ).first()
        assert (row.customers, row.matched) == (rule.customers, rule.matched_customers)


def test_a_rollback_scores_with_the_older_model_and_a_promotion_with_the_newer(
    versions: Versions, months: list[Scoring]
) -> None:
    old, new = months[1].segments.model_id.iloc[0], months[2].segments.model_id.iloc[0]
    listed = versions.command("list", "retail")
    assert [line for line in listed.splitlines() if "scores next" in line and new in line]

    assert old in versions.command("rollback", "retail")
    result = versions.build(DECEMBER, select=("retail_customer_segments",))
    assert result.success, failures(result)
    rolled_back = versions.table("retail_customer_segments").set_index("customer_id")
    assert set(rolled_back.model_id) == {old}
    assert rolled_back.segment_id.equals(
        months[2].segments.segment_id_by_previous_model.rename("segment_id")
    )
    outcome = CliRunner().invoke(main, ["models", "rollback", "retail"])
    assert outcome.exit_code == 1
    assert "No version of retail was promoted before the one that scores" in outcome.output

    assert new in versions.command("promote", "retail", new)
    listed = versions.command("list", "retail")
    assert [line for line in listed.splitlines() if "scores next" in line and new in line]
    shown = versions.command("show", "retail", new).splitlines()
    shown = [line for line in shown if not line.startswith("Reading the tables")]
    assert shown[0].startswith(f"{new}: k=")
    assert any(line.startswith("  silhouette: ") for line in shown)
    unknown = CliRunner().invoke(main, ["models", "promote", "retail", "it's not there"])
    assert unknown.exit_code == 1
    assert f"its models are {old}, {new}" in unknown.output


def test_a_model_that_misses_an_error_gate_does_not_score(
    versions: Versions, months: list[Scoring]
) -> None:
    scoring = set(months[2].segments.model_id)
    gates = [{"measure": "silhouette", "at_least": 0.999, "severity": "error"}]
    needed = ("retail_segment_models+1", "retail_customer_segments", "segmentation_decisions")
    result = versions.build(DECEMBER, select=needed, k=3, gates=gates)
    assert result.success, failures(result)
    assert set(versions.table("retail_customer_segments").model_id) == scoring
    decisions = versions.table("retail_segment_decisions")
    (held,) = decisions[decisions.decision == "held"].to_dict("records")
    assert "0.999" in held["reason"]
    judged = versions.project.dbt(
        "test",
        "--select",
        "retail_gates_that_hold_back",
        segmentation_overrides={"retail": {"k": 3, "gates": gates}},
    )
    assert not judged.success


def test_segmentation_train_adds_a_version_with_the_same_segments(
    versions: Versions, months: list[Scoring]
) -> None:
    before = versions.table("retail_segment_models").model_id.tolist()
    variables = {
        "segmentations": RETAIL,
        "retail_order_lines_source": SOURCE,
        "as_of_date": str(DECEMBER),
    }
    command = ["train", "retail", "--exclude-resource-type", "unit_test", "test"]
    outcome = CliRunner().invoke(main, [*command, "--vars", json.dumps(variables)])
    assert outcome.exit_code == 0, outcome.output
    after = versions.table("retail_segment_models").model_id.tolist()
    (new,) = set(after) - set(before)
    assert set(before) < set(after)
    segments = versions.table("retail_customer_segments").set_index("customer_id")
    assert set(segments.model_id) == {new}
    same = ["segment_id", "distance_to_centroid"]
    pd.testing.assert_frame_equal(
        segments[same].sort_index(), months[2].segments[same].sort_index(), check_exact=True
    )


@pytest.mark.usefixtures("versions")
def test_segmentation_train_says_when_dbt_fails() -> None:
    outcome = CliRunner().invoke(main, ["train", "retail", "--vars", "{retail_returns: maybe}"])
    assert outcome.exit_code == 1
    assert CliRunner().invoke(main, ["train", "retail", "--vars", "text"]).exit_code == 2
    assert CliRunner().invoke(main, ["train", "wholesale"]).exit_code == 2
