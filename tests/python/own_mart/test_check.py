"""What `segmentation init --check` finds in files that were edited."""

from __future__ import annotations

import pytest

from customer_segmentation.own_mart.check import (
    lacking_tests,
    long_mart_read,
    mart_of,
    specification_of_file,
    wrapper_problems,
)
from customer_segmentation.own_mart.files import specification_text, wrapper_files
from customer_segmentation.own_mart.judgement import Proposed
from customer_segmentation.own_mart.long_mart import LongMart
from customer_segmentation.own_mart.proposal import Proposal
from project_runs import ROOT

NAME, MART, KEY = "loyalty", "loyalty_features", "customer_id"
PROPOSAL = Proposal(
    entity_key=KEY,
    features=(Proposed("visits", "numeric", "log1p", ""),),
    offered=(),
    left_out=(),
    ordering="visits",
    ordering_reason="",
    highest_k=10,
)
YAML = specification_text(NAME, MART, PROPOSAL)
NAMES = "loyalty_segment_names.sql"


def problems(text: str) -> list[str]:
    return specification_of_file(NAME, text)[1]


def test_what_is_written_passes() -> None:
    written = wrapper_files(NAME, MART, KEY)
    assert wrapper_problems(NAME, MART, KEY, written) == {}
    assert mart_of(NAME, written) == MART
    specification, found = specification_of_file(NAME, YAML)
    assert specification is not None
    assert specification.entity_key == KEY
    assert found == lacking_tests(NAME, MART, KEY, YAML) == []


def test_retail_passes() -> None:
    folder = ROOT / "models" / "retail" / "segmentation"
    texts = {path.name: path.read_text() for path in folder.iterdir()}
    mart = mart_of("retail", texts)
    assert mart == "retail_customer_features"
    text = texts["retail_segmentation.yml"]
    assert specification_of_file("retail", text)[1] == []
    assert lacking_tests("retail", mart, "customer_id", text) == []
    assert wrapper_problems("retail", mart, "customer_id", texts) == {}


def test_ratings_pass_with_their_long_mart() -> None:
    folder = ROOT / "models" / "ratings" / "segmentation"
    texts = {path.name: path.read_text() for path in folder.iterdir()}
    text = texts["ratings_segmentation.yml"]
    specification, found = specification_of_file("ratings", text)
    long_mart = long_mart_read("ratings", specification, texts)
    assert long_mart == LongMart("ratings_user_items", "item_id", "value")
    of = ("ratings", "ratings_user_features", "user_id")
    assert found == lacking_tests(*of, text, long_mart) == []
    assert not {file for file in wrapper_problems(*of, texts, long_mart) if file.endswith(".py")}
    other = LongMart("other_items", "item_id", "value")
    assert "other_items" in lacking_tests(*of, text, other)[0]
    problem = wrapper_problems(*of, texts, other)["ratings_segment_models.py"]
    assert problem.endswith("for ratings_user_features and other_items by user_id")


def test_a_long_mart_with_columns_of_its_own_is_asked_for_by_them() -> None:
    long_mart = LongMart("member_classes", "class_id", "visits")
    text = specification_text(NAME, MART, PROPOSAL, long_mart)
    written = wrapper_files(NAME, MART, KEY, long_mart)
    specification, _ = specification_of_file(NAME, text)
    assert long_mart_read(NAME, specification, written) == long_mart
    assert lacking_tests(NAME, MART, KEY, text, long_mart) == []
    for part in (", item: class_id", ", value: visits", ", matrix: ref('member_classes')"):
        lacking = lacking_tests(NAME, MART, KEY, text.replace(part, ""), long_mart)
        assert len(lacking) == 1
        assert part.removeprefix(", ") in lacking[0]


def test_every_wrapper_that_is_absent_or_edited_is_named() -> None:
    written = wrapper_files(NAME, MART, KEY)
    for file in written:
        absent = {other: text for other, text in written.items() if other != file}
        assert wrapper_problems(NAME, MART, KEY, absent) == {file: "is not there"}
        edited = {**written, file: written[file].replace("loyalty", "royalty")}
        assert set(wrapper_problems(NAME, MART, KEY, edited)) == {file}
    other_key = set(wrapper_problems(NAME, MART, "member_id", written))
    assert other_key == {f"loyalty_segment_{of}.sql" for of in ("history", "migration", "features")}
    assert len(wrapper_problems(NAME, "other_features", KEY, written)) == 3


def test_names_may_come_from_a_playbook() -> None:
    written = wrapper_files(NAME, MART, KEY)
    call = (
        "customer_segmentation.segment_names('loyalty', assigned=ref('loyalty_customer_segments')"
    )
    with_playbook = f"""
{{{{ config(materialized='published_table') }}}}
{{{{ {call},
    totals=ref('loyalty_totals'), playbook=ref('loyalty_playbook'), measures=['visits_ratio']
) }}}}
"""
    assert wrapper_problems(NAME, MART, KEY, {**written, NAMES: with_playbook}) == {}
    for spoiled in (
        with_playbook.replace("published_table", "table"),
        with_playbook.replace("loyalty_customer_segments", "retail_customer_segments"),
        with_playbook.replace("segments'),", "segments')).as_text("),
    ):
        assert set(wrapper_problems(NAME, MART, KEY, {**written, NAMES: spoiled})) == {NAMES}


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("segmentation: loyalty", "segmentation: royalty", "has no segmentation: loyalty"),
        ("{{ var('retrain', '') }}", "", "has no retrain: \"{{ var('retrain', '') }}\""),
        ("        overrides:", "        other:", "has no overrides: "),
        ("        specification:", "        spec:", "has no specification"),
        ("k: {min: 2, max: 10", "k: {min: 2, max: 1", "k.max: 1 is not allowed"),
        ("name: loyalty_segment_models\n", "name: other\n", "has no model loyalty_segment_models"),
        ("version: 2", "version: [2", "is no YAML"),
    ],
)
def test_what_training_needs_of_the_yaml(old: str, new: str, problem: str) -> None:
    assert YAML.count(old) == 1
    found = problems(YAML.replace(old, new))
    assert len(found) == 1
    assert problem in found[0]
    assert "loyalty_segmentation.yml" in found[0]


def test_a_yaml_of_another_kind_has_no_models() -> None:
    for text in ("", "[]", "models:", "models: [text]"):
        assert problems(text) == ["loyalty_segmentation.yml has no model loyalty_segment_models"]


@pytest.mark.parametrize(
    ("old", "new", "test"),
    [
        ("{gates: error}", "{gates: warn}", "keeps_gates with {gates: error}"),
        ("{gates: warn}", "{}", "keeps_gates with {gates: warn}"),
        (
            "ref('loyalty_features')",
            "ref('retail_features')",
            "recomputed_segments with {mart: ref('loyalty_features'), models: ref('",
        ),
        ("customer_segmentation.row_checks", "unique", "row_checks with {key: ['customer_id']}"),
    ],
)
def test_every_test_that_is_absent_is_named(old: str, new: str, test: str) -> None:
    assert YAML.count(old) == 1
    found = lacking_tests(NAME, MART, KEY, YAML.replace(old, new))
    assert len(found) == 1
    assert f"has no test customer_segmentation.{test}" in found[0]


def test_more_tests_and_arguments_do_no_harm() -> None:
    more = YAML.replace("not_null: [segment_id,", "small: true, not_null: [margin, segment_id,")
    more = more.replace("    data_tests:\n", "    data_tests:\n      - dbt_utils.any\n", 1)
    assert more != YAML
    assert lacking_tests(NAME, MART, KEY, more) == []
    without_node = YAML.replace("name: loyalty_customer_segments\n", "name: other\n")
    assert lacking_tests(NAME, MART, KEY, without_node) == [
        "loyalty_segmentation.yml has no model loyalty_customer_segments"
    ]
