"""What is written: the form of the package's own segmentations, and a specification that trains."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timezone
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from customer_segmentation.own_mart.files import (
    scalar,
    specification_text,
    switches_line,
    wrapper_files,
)
from customer_segmentation.own_mart.judgement import Offered, Proposed
from customer_segmentation.own_mart.long_mart import LongMart
from customer_segmentation.own_mart.profile import MartColumn, MartProfile
from customer_segmentation.own_mart.proposal import Proposal, propose
from customer_segmentation.specification import Specification, parse_specification
from customer_segmentation.training.memory import train
from project_runs import ROOT

RETAIL = ROOT / "models" / "retail" / "segmentation"
RATINGS = ROOT / "models" / "ratings" / "segmentation"
CLASSES = LongMart("member_classes", "class_id", "visits", 4)
PROPOSAL = Proposal(
    entity_key="customer_id",
    features=(
        Proposed("visits", "numeric", "log1p", ""),
        Proposed("on", "numeric", "none", ""),
        Proposed("has_card", "binary", "none", ""),
    ),
    offered=(Offered("store", 5),),
    left_out=(),
    ordering="visits",
    ordering_reason="",
    highest_k=10,
)


def specification(text: str) -> Specification:
    first = yaml.safe_load(text)["models"][0]
    return parse_specification(first["config"]["meta"]["specification"], "what was written")


def test_the_wrappers_are_those_of_the_domains_of_this_package() -> None:
    written = wrapper_files("retail", "retail_customer_features", "customer_id")
    # Retail names its segments by a playbook.
    del written["retail_segment_names.sql"]
    for file, text in written.items():
        assert (RETAIL / file).read_text() == text, file


def test_the_wrappers_of_a_long_mart_are_those_of_ratings() -> None:
    long_mart = LongMart("ratings_user_items", "item_id", "value")
    written = wrapper_files("ratings", "ratings_user_features", "user_id", long_mart)
    for file in ("ratings_segment_models.py", "ratings_customer_segments.py"):
        assert (RATINGS / file).read_text() == written[file], file


def test_the_specification_of_a_long_mart_is_of_its_components() -> None:
    text = specification_text("classes", "loyalty_features", PROPOSAL, CLASSES)
    read = specification(text)
    assert read.matrix is not None
    assert (read.matrix.entity, read.matrix.item, read.matrix.value) == (
        *("customer_id", "class_id", "visits"),
    )
    assert read.features == ()
    assert read.components == 4
    assert "features: []   # may stand beside the components: visits, on, has_card\n" in text
    recomputed, rows = yaml.safe_load(text)["models"][1]["data_tests"]
    assert recomputed["customer_segmentation.recomputed_segments"]["arguments"] == {
        "mart": "ref('loyalty_features')",
        "models": "ref('classes_segment_models')",
        "key": "customer_id",
        "matrix": "ref('member_classes')",
        "item": "class_id",
        "value": "visits",
    }
    # A member without a class is in no segment.
    assert "segment_id" not in str(rows)


def test_a_wrapper_is_one_to_nine_lines_and_all_are_some_sixty() -> None:
    texts = wrapper_files("loyalty", "loyalty_features", "customer_id").values()
    assert len(texts) == 7
    assert all(1 <= text.count("\n") <= 9 for text in texts)
    yaml_text = specification_text("loyalty", "loyalty_features", PROPOSAL)
    assert sum(text.count("\n") for text in (*texts, yaml_text)) < 90


def test_the_specification_says_what_was_proposed() -> None:
    text = specification_text("loyalty", "loyalty_features", PROPOSAL)
    read = specification(text)
    assert read.entity_key == "customer_id"
    assert [(item.name, item.encoding, item.transform) for item in read.features] == [
        ("visits", "numeric", "log1p"),
        ("on", "numeric", "none"),
        ("has_card", "binary", "none"),
    ]
    assert read.candidate_ks == tuple(range(2, 11))
    assert read.ordering.measure == "visits"
    assert "# - {name: store, encoding: one_hot}   # about 5 levels" in text
    assert "k: 2\n" in specification_text("loyalty", "mart", replace(PROPOSAL, highest_k=2))


def test_an_offered_text_is_a_feature_once_its_comment_mark_is_gone() -> None:
    text = specification_text("loyalty", "loyalty_features", PROPOSAL)
    store = specification(text.replace("# - {name: store", "- {name: store")).features[-1]
    assert (store.name, store.encoding) == ("store", "one_hot")


@pytest.mark.parametrize("name", ["on", "no", "null", "true", "off", "Yes"])
def test_names_that_yaml_reads_as_something_else_stand_in_quotes(name: str) -> None:
    assert yaml.safe_load(scalar(name)) == name
    text = specification_text(name, "mart", replace(PROPOSAL, entity_key=name, ordering=name))
    meta = yaml.safe_load(text)["models"][0]["config"]["meta"]
    assert meta["segmentation"] == meta["specification"]["entity_key"] == name
    assert meta["specification"]["ordering"]["measure"] == name


def test_the_line_of_the_var_keeps_what_is_there() -> None:
    switches = {"retail": False, "on": True, "loyalty": True}
    line = switches_line(switches)
    assert line == 'segmentations: {retail: false, "on": true, loyalty: true}'
    assert yaml.safe_load(line) == {"segmentations": switches}


def profile(frame: pd.DataFrame) -> MartProfile:
    """What the macro measures, of a frame."""
    days = MartColumn("as_of_date", "date", levels=1, days=("2024-01-31", "2024-01-31"))
    columns = [days]
    for name in frame:
        values, levels = frame[name], int(frame[name].nunique())
        if values.dtype == bool or name == "customer_id":
            kind = "boolean" if values.dtype == bool else "bigint"
            columns.append(MartColumn(str(name), kind, levels=levels))
            continue
        numbers = values.astype(float)
        with np.errstate(all="ignore"):
            deviation = float(numbers.std(ddof=0))
            skewness = float(((numbers - numbers.mean()) ** 3).mean() / deviation**3)
        columns.append(
            MartColumn(
                str(name),
                "double",
                levels=levels,
                minimum=float(numbers.min()),
                maximum=float(numbers.max()),
                deviation=deviation if np.isfinite(deviation) else None,
                skewness=skewness if np.isfinite(skewness) else None,
            )
        )
    return MartProfile("mart", len(frame), tuple(columns))


def marts() -> dict[str, dict[str, Any]]:
    random = np.random.default_rng(7)
    two_groups = np.repeat([0.0, 5.0], 100) + random.normal(size=200)
    return {
        "three customers": {"visits": [1, 2, 9]},
        "eleven customers": {"visits": range(11), "spent": random.normal(size=11)},
        "booleans and a number of three levels": {
            "has_card": random.random(200) < 0.3,
            "is_staff": random.random(200) < 0.1,
            "visits": random.integers(0, 3, 200),
        },
        "one number of two levels": {"visits": [0] * 199 + [1]},
        "mostly zero": {"refunds": [0.0] * 196 + [1.0, 2.0, 3.0, 4.0], "spent": two_groups},
        "heavy tail": {"spent": 10 ** (random.random(200) * 90), "visits": two_groups},
        "heavy tail on both sides": {"balance": random.standard_cauchy(200) * 1e6},
        "far from zero": {"epoch": 1.7e9 + random.random(200) * 100, "spent": two_groups},
        "close to each other": {"share": random.random(200) * 1e-60, "spent": two_groups},
        "one number and a constant": {"spent": two_groups, "year": [2024] * 200},
        "two numbers that are one": {"spent": two_groups, "cents": 100 * two_groups},
    }


@pytest.mark.parametrize("mart", marts())
def test_the_specification_trains_on_the_mart_as_it_is(mart: str) -> None:
    frame = pd.DataFrame(marts()[mart])
    frame.insert(0, "customer_id", range(len(frame)))
    proposal = propose(profile(frame), "customer_id", None, date(2024, 2, 1))
    read = specification(specification_text("loyalty", "mart", proposal))
    model = train(
        frame,
        read,
        as_of_date=date(2024, 1, 31),
        trained_at=datetime(2024, 2, 1, tzinfo=timezone.utc),
    )
    assert model.row_count == len(frame)
    assert sum(segment.size for segment in model.segments) == len(frame)
