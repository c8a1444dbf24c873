"""docs/own_segmentation.md followed to the letter, and what else a project with marts can do."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from click.testing import CliRunner
from dbt.cli.main import dbtRunner

from customer_segmentation.cli.main import main
from project_runs import ROOT, Project, failures, tables_of

SCHEMA = "own_mart"
EXAMPLE = ROOT / "examples" / "own_mart"
PAGE = ROOT / "docs" / "own_segmentation.md"
OWNED = {
    *("segment_models", "segment_decisions", "customer_segments", "segment_history"),
    *("segment_migration", "segment_features", "segment_names"),
}


@dataclass(frozen=True)
class Block:
    """A fenced block of the page: its language, the file that it is, if any, and its text."""

    language: str
    file: str | None
    text: str


def blocks() -> list[Block]:
    found = []
    for language, text in re.findall(r"^```(\w+)\n(.*?)^```$", PAGE.read_text(), re.M | re.S):
        name = re.match(r"(?:#|--) (\S+[.]\w+)\n", text)
        file = None if name is None else name[1]
        found.append(Block(language, file, text if name is None else text[name.end() :]))
    return found


class Club:
    """The project of the page, in a folder beside this project's, and what its commands said."""

    def __init__(self, spark: Any, folder: Path) -> None:
        self.spark = spark
        self.folder = folder
        self.said: list[tuple[str, str]] = []

    def follow(self, block: Block) -> None:
        if block.file is not None:
            self.write(block.file, block.text)
        elif block.language == "sh":
            for line in block.text.splitlines():
                self.said.append((line, self.command(*shlex.split(line))))
        elif block.language == "yaml":
            # The page shows what the command before has written into a file.
            shown = yaml.safe_load(block.text)
            assert shown.items() <= self.specification("classes").items()
        else:
            assert block.language == "sql"
            query = block.text.replace(" segmentation.", f" {SCHEMA}.")
            self.said.append((query, self.spark.sql(query).toPandas().to_string()))

    def write(self, file: str, text: str) -> None:
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".yml" and path.exists():
            text = yaml.safe_dump({**yaml.safe_load(path.read_text()), **yaml.safe_load(text)})
        path.write_text(text)

    def command(self, program: str, *arguments: str) -> str:
        if program == "segmentation":
            result = CliRunner().invoke(main, arguments)
            assert result.exit_code == 0, result.output
            return result.output
        if program == "dbt":
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                ended = dbtRunner().invoke(list(arguments))
            assert ended.success, failures(ended)
            return said.getvalue()
        return subprocess.run(
            (program, *arguments), check=True, text=True, capture_output=True
        ).stdout

    def says(self, line: str) -> str:
        """What a command of the page said."""
        return next(text for command, text in self.said if command == line)

    def specification(self, name: str) -> dict[str, Any]:
        (path,) = self.folder.glob(f"models/**/{name}_segmentation.yml")
        written = yaml.safe_load(path.read_text())["models"][0]["config"]["meta"]
        specification: dict[str, Any] = written["specification"]
        return specification

    def table(self, name: str) -> pd.DataFrame:
        return self.spark.table(f"{SCHEMA}.{name}").toPandas()


@pytest.fixture(scope="module")
def club(sail_project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Club]:
    """The project after everything that the page says."""
    around = tmp_path_factory.mktemp("beside")
    (around / "customer_segmentation").symlink_to(ROOT)
    (around / "club").mkdir()
    with pytest.MonkeyPatch.context() as environment:
        environment.chdir(around / "club")
        environment.setenv("SEGMENTATION_SCHEMA", SCHEMA)
        environment.setenv("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
        environment.delenv("DBT_PROJECT_DIR", raising=False)
        environment.delenv("DBT_PROFILES_DIR", raising=False)
        club = Club(sail_project.spark, around / "club")
        for block in blocks():
            club.follow(block)
        yield club


def json_lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_the_example_is_what_the_page_says(club: Club) -> None:
    made = {
        str(path.relative_to(club.folder)): path.read_text()
        for folder in ("models", "")
        for path in (club.folder / folder).glob("**/*" if folder else "*.yml")
        if path.is_file() and path.name not in ("profiles.yml", "package-lock.yml")
    }
    for file, text in made.items():
        shipped = (EXAMPLE / file).read_text()
        if file == "packages.yml":
            continue
        if file == "dbt_project.yml":
            assert yaml.safe_load(shipped) == yaml.safe_load(text)
        else:
            assert shipped == text, file
    shipped_models = {str(path.relative_to(EXAMPLE)) for path in EXAMPLE.glob("models/**/*.*")}
    assert shipped_models <= made.keys()
    for of in ("loyalty", "classes"):
        assert {Path(file).stem for file in made} >= {f"{of}_{name}" for name in OWNED}


def test_the_files_of_the_example_are_what_this_version_writes(
    club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "loyalty is what this version writes" in club.says("segmentation init loyalty --check")
    monkeypatch.chdir(EXAMPLE)
    monkeypatch.setenv("DBT_PROFILES_DIR", str(club.folder))
    assert "loyalty is what this version writes" in club.command(
        "segmentation", "init", "loyalty", "--check"
    )


def test_nothing_of_the_domains_of_the_package_is_there(club: Club) -> None:
    listed = json_lines(club.command("dbt", "--quiet", "ls", "--output", "json"))
    ours = [node for node in listed if node["package_name"] == "customer_segmentation"]
    assert {node["original_file_path"].split("/")[1] for node in ours} == {"registry"}
    assert not [node["name"] for node in listed if "retail" in node["name"]]
    tables = tables_of(club.spark, SCHEMA)
    assert {f"loyalty_{name}" for name in OWNED} <= tables
    assert not [name for name in tables if "retail" in name]


def test_the_planted_habits_are_the_segments(club: Club) -> None:
    segments = club.table("loyalty_customer_segments")
    habit = segments.member_id.str.slice(1).astype(int) % 3
    assert len(segments) == 600
    assert segments.groupby(habit).segment_id.nunique().tolist() == [1, 1, 1]
    assert segments.segment_id.nunique() == 3
    spent = segments.merge(club.table("loyalty_features")).groupby("segment_id").amount_spent.mean()
    assert spent.astype(float).is_monotonic_decreasing
    names = club.table("loyalty_segment_names").set_index("segment_id").segment_name
    assert names.to_dict() == {1: "Segment 1", 2: "Segment 2", 3: "Segment 3"}


def test_the_report_adds_up(club: Club) -> None:
    report = club.table("loyalty_segment_report")
    assert report.members.sum() == 600
    assert report.percent_of_amount.sum() == pytest.approx(100, abs=0.2)
    assert "Segment 1" in club.says("dbt show --select loyalty_segment_report")
    quality = next(text for command, text in club.said if "segmentation_quality" in command)
    assert "silhouette" in quality


def test_a_rollback_goes_back_to_the_first_model(club: Club) -> None:
    decisions = club.table("loyalty_segment_decisions").sort_values("decided_at")
    assert decisions.decision.tolist() == ["promoted", "promoted", "rolled_back"]
    first, second, back = decisions.model_id
    assert first == back != second
    assert f"{second}" in club.says("segmentation models list loyalty")
    assert set(club.table("loyalty_customer_segments").model_id) == {first}
    registered = club.table("segmentation_models")
    of_loyalty = registered[registered.segmentation == "loyalty"]
    assert set(of_loyalty.model_id) == {first, second}


def test_the_planted_kinds_of_classes_are_the_segments_of_a_long_mart(club: Club) -> None:
    visits = club.table("loyalty_member_classes")
    kind = (visits.class_id.str.slice(1).astype(int) - 1) // 8
    liked = visits.groupby(["member_id", kind]).visits.sum().unstack(fill_value=0).idxmax(axis=1)
    segments = club.table("classes_customer_segments").set_index("member_id").segment_id
    assert len(liked) == len(segments) == 600
    assert pd.crosstab(liked, segments).gt(0).sum().tolist() == [1, 1, 1]
    loadings = club.table("segmentation_components")
    assert set(loadings.segmentation) == {"classes"}
    assert set(loadings.component_number) >= {1, 2}
    assert "classes is what this version writes" in club.says("segmentation init classes --check")


def test_documentation_is_made(club: Club) -> None:
    club.command("dbt", "docs", "generate")
    assert (club.folder / "target" / "catalog.json").exists()


AWKWARD = """
select
    cast(1234567890123456000 + id as decimal(20, 0)) as `Account`,
    date '2025-06-30' as as_of_date,
    cast(pmod(xxhash64(id), 7) + 40 * (id % 2) as decimal(12, 2)) as `on`,
    exp(pmod(xxhash64(id, 1), 100) / 20) as spent,
    id % 10 < 3 as has_card,
    pmod(xxhash64(id, 2), 90) as `net revenue`,
    id % 13 as `it's`,
    id % 11 as `a``b`,
    if(id % 8 = 0, null, id % 17) as refunds,
    cast(null as double) as nothing,
    2025 as year,
    if(id = 7, double('NaN'), id % 19) as ratio,
    if(id = 8, double('infinity'), id % 19) as other_ratio,
    id % 4 as store_id,
    date_sub(date '2025-06-30', cast(id % 365 as int)) as first_order_on,
    timestamp '2025-01-01 10:00:00' as loaded_at,
    concat('street ', id) as street,
    concat('level ', id % 5) as level,
    array(id) as pages,
    map('a', id) as answers,
    named_struct('x', id) as position,
    cast('x' as binary) as picture
from range(1, 1001)
"""
TICKETS = """
select
    members.member_id,
    members.as_of_date,
    pmod(xxhash64(members.member_id), 9) as tickets,
    tones.weight * (1 + pmod(xxhash64(members.member_id, 1), 5)) as tone
from {{ ref('loyalty_features') }} as members
inner join {{ ref('raw_tones') }} as tones
    on tones.tone_number = 1 + pmod(xxhash64(members.member_id, 2), 3)
"""
MEMBERS = """
select
    loyalty.member_id,
    loyalty.as_of_date,
    loyalty.amount_spent,
    tickets.tickets,
    tickets.tone
from {{ ref('loyalty_features') }} as loyalty
inner join {{ ref('ticket_features') }} as tickets on loyalty.member_id = tickets.member_id
"""


@dataclass(frozen=True)
class Second:
    """What `segmentation init` said of each further segmentation, by its name."""

    club: Club
    said: dict[str, str]


@pytest.fixture(scope="module")
def second(club: Club) -> Second:
    """Beside loyalty one more on its mart, one on a mart that joins two, one on an awkward mart."""
    club.write("seeds/raw_tones.csv", "tone_number,tone,weight\n1,it's fine,0\n2,so,1.5\n3,no,9\n")
    for file, text in (
        ("awkward_features", AWKWARD),
        ("ticket_features", TICKETS),
        ("member_features", MEMBERS),
    ):
        club.write(f"models/{file}.sql", text)
    club.command("dbt", "build", "--select", "raw_tones", *marts("awkward", "ticket", "member"))
    said = {}
    for name, mart, key in (
        ("visiting", "loyalty", "member_id"),
        ("members", "member", "Member_Id"),
        ("awkward", "awkward", "account"),
    ):
        said[name] = club.command(
            *("segmentation", "init", name, "--mart", f"{mart}_features", "--key", key)
        )
    line = said["awkward"].splitlines()[-1]
    assert yaml.safe_load(line) == {
        "segmentations": {"loyalty": True, "classes": True, "awkward": True}
    }
    names = dict.fromkeys(("loyalty", "classes", *said), True)
    club.write("dbt_project.yml", yaml.safe_dump({"vars": {"segmentations": names}}))
    # The tests of every segmentation among it, such as the recomputation of each row.
    club.command("dbt", "build")
    return Second(club, said)


def marts(*names: str) -> Sequence[str]:
    return [f"{name}_features" for name in names]


def test_several_segmentations_stand_side_by_side(second: Second) -> None:
    club = second.club
    registered = club.table("segmentation_models").groupby("segmentation").model_id.nunique()
    expected = {"awkward": 1, "classes": 1, "loyalty": 2, "members": 1, "visiting": 1}
    assert registered.to_dict() == expected
    for name, customers in (("visiting", 600), ("members", 600), ("awkward", 1000)):
        segments = club.table(f"{name}_customer_segments")
        assert len(segments) == customers
        assert segments.segment_id.notna().all()
        assert segments.segment_id.nunique() > 1
        assert len(club.table(f"{name}_segment_features")) > 0
    # A build of the others trains loyalty no more than before.
    assert len(club.table("loyalty_segment_models")) == 2


def test_an_awkward_mart_says_what_it_leaves_out(second: Second) -> None:
    said = second.said["awkward"]
    assert "1,000 customers by Account" in said
    features = said.partition("Features:\n")[2].partition("\n\n")[0].splitlines()
    assert [line.split()[:2] for line in features] == [
        ["on", "none"],
        ["spent", "log1p"],
        ["has_card", "binary"],
    ]
    for part in (
        "level: text with about 5 levels",
        "`net revenue` as net_revenue in the mart",
        "`it's` as it_s",
        "`a``b` as a_b",
        "refunds: 125 of 1,000 customers (12.5%) have none",
        "nothing: every row is null",
        "year: constant: every customer has 2025",
        "ratio: 1 of 1,000 customers (0.1%) are NaN or infinite",
        "other_ratio: 1 of 1,000",
        "store_id: by its name a number that identifies",
        "datediff(as_of_date, first_order_on) as days_since_first_order",
        "loaded_at: a timestamp",
        "street: text with more than 12 levels",
        "pages: array<bigint> cannot be measured",
        "answers: map<string,bigint> cannot",
        "position: struct<x:bigint> cannot",
        "picture: binary cannot",
    ):
        assert part in said, part
    assert said.count("\n  ") > 20
    # The history has the type of the key, all of whose digits are there.
    keys = second.club.spark.table(f"{SCHEMA}.awkward_segment_history").select("Account")
    assert keys.dtypes == [("Account", "decimal(20,0)")]
    assert keys.distinct().count() == 1000


def test_a_mart_that_is_not_built_says_how_to_build_it(second: Second) -> None:
    second.club.write("models/new_features.sql", "select 1 as id, current_date() as as_of_date")
    mart = ("--mart", "new_features", "--key", "id")
    result = CliRunner().invoke(main, ["init", "newer", *mart])
    assert result.exit_code == 1
    assert "new_features is not built yet. Run `dbt build --select +new_features`" in result.output


def test_erased_members_stay_out_or_stop_the_build(
    club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGMENTATION_ERASURE_SALT", "a salt of the tests alone")
    (club.folder / "ids.txt").write_text("M0001\nM0600\n")
    erased = ("--ids", "ids.txt", "--reason", "left the club")
    try:
        said = club.command("segmentation", "erase", "loyalty", *erased)
        assert f"4 rows of {SCHEMA}.loyalty_customer_segments" in said  # In two generations.
        assert "None was found" in said
        chosen = ("build", "--select", "+loyalty_customer_segments")
        club.command("dbt", *chosen)
        for table in ("raw_visits", "loyalty_features", "loyalty_customer_segments"):
            assert club.table(table).member_id.nunique() == 598, table
        # What the segmentation of classes reads besides is of the same members.
        club.command("dbt", "build", "--select", "+classes_customer_segments")
        for table in ("raw_class_visits", "loyalty_member_classes", "classes_customer_segments"):
            assert club.table(table).member_id.nunique() == 598, table

        # Views cannot leave them out: nothing is built on such a mart.
        views = {"models": {"club": {"+materialized": "view"}}}
        club.write("dbt_project.yml", yaml.safe_dump(views))
        monkeypatch.setenv("SEGMENTATION_SCHEMA", f"{SCHEMA}_views")
        stopped = failures(dbtRunner().invoke([*chosen]))
        assert "loyalty_features holds 2 customers that were erased from loyalty" in stopped
    finally:
        shutil.rmtree(Path(os.environ["SEGMENTATION_WAREHOUSE"]) / "data/_erasure")
