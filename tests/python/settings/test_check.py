"""What is said of the vars of a run, by where they are set."""

from __future__ import annotations

from typing import Any

import pytest

from customer_segmentation.settings.check import Vars, problems
from customer_segmentation.settings.declared import settings_of

OURS, SHOP = "customer_segmentation", "shop_project"


def entry(kind: str, default: Any, **further: Any) -> dict[str, Any]:
    return {"default": default, "kind": kind, "group": "Group", "meaning": "Meaning.", **further}


TABLES = {
    "segmentation": settings_of(
        "segmentation",
        {
            "segmentations": entry("switches", {}),
            "segmentation_renames": entry("segmentations", [], allowed="segmentations"),
            "as_of_date": entry("date", ""),
        },
    ),
    "shop": settings_of(
        "shop",
        {
            "shop_returns": entry("choice", "netted", allowed=["netted", "excluded"]),
            "shop_prefix": entry("text", "C"),
        },
    ),
}


def said(root: str = OURS, **places: Any) -> list[str]:
    """The problems of vars in the places given; the package ships one segmentation."""
    names = ("shipped", "everywhere", "for_root", "for_package", "command_line")
    empty: dict[str, Any] = {name: {} for name in names}
    # The project that is run has the file that ships the segmentation, or another project does.
    shipped = {"segmentations": {"shop": True}}
    given = {**empty, ("everywhere" if root == OURS else "shipped"): shipped, **places}
    return problems(TABLES, Vars(root=root, **given))


@pytest.mark.parametrize("root", [OURS, SHOP])
def test_nothing_is_said_of_what_is_allowed(root: str) -> None:
    assert said(root) == []
    assert said(root, command_line={"shop_returns": "excluded", "as_of_date": "2024-02-29"}) == []


def test_a_problem_names_var_value_and_what_is_allowed() -> None:
    (problem,) = said(command_line={"shop_returns": "ignored"})
    assert problem == "The var shop_returns is 'ignored'. Allowed: one of 'netted', 'excluded'."


def test_all_problems_are_said_at_once_and_each_once() -> None:
    wrong = {"shop_returns": "ignored", "shop_prefix": 5, "no_var_at_all": 1}
    found = said(SHOP, command_line=wrong, everywhere=wrong, for_package=wrong)
    assert sorted(problem.split()[2] for problem in found if problem.startswith("The var")) == [
        "shop_prefix",
        "shop_returns",
    ]
    assert len(found) == 3


@pytest.mark.parametrize("place", ["command_line", "for_package", "for_root", "everywhere"])
def test_a_value_is_checked_wherever_it_is_set(place: str) -> None:
    # Also where another place takes precedence.
    right = {} if place == "command_line" else {"command_line": {"shop_prefix": "K"}}
    (problem,) = said(SHOP, **{place: {"shop_prefix": 5}, **right})
    assert "shop_prefix is '5'" in problem


@pytest.mark.parametrize("place", ["command_line", "everywhere", "for_package"])
def test_in_our_own_project_every_name_must_be_known(place: str) -> None:
    found = said(**{place: {"other": 1, "shop_retuns": "excluded"}})
    assert "customer_segmentation has no var other" in found[0]
    assert "The vars are as_of_date, segmentation_renames, segmentations, shop_prefix," in found[0]
    assert "customer_segmentation has no var shop_retuns" in found[1]
    assert "Did you mean shop_returns?" in found[1]


def test_another_project_has_vars_of_its_own() -> None:
    own = {"other": 1, "shopping": 2, "retrained": 3}
    assert said(SHOP, command_line=own, everywhere=own, for_root=own) == []


@pytest.mark.parametrize("name", ["shop_other", "segmentation_other", "segmentation"])
@pytest.mark.parametrize("place", ["command_line", "everywhere", "for_root"])
def test_but_none_that_begins_as_ours(place: str, name: str) -> None:
    (problem,) = said(SHOP, **{place: {name: 1}})
    assert f"customer_segmentation has no var {name}" in problem


def test_and_none_that_is_set_for_us() -> None:
    (problem,) = said(SHOP, for_package={"other": 1})
    assert (
        "has no var other, which dbt_project.yml sets under customer_segmentation. The" in problem
    )


def test_what_all_models_read_is_not_set_for_us_alone() -> None:
    (problem,) = said(SHOP, for_package={"as_of_date": "2024-02-29", "shop_prefix": "K"})
    assert "sets the var as_of_date under customer_segmentation, where models of shop_project" in (
        problem
    )
    assert said(OURS, for_package={"as_of_date": "2024-02-29"}) == []


def test_segmentations_are_those_that_are_on() -> None:
    renamed = {"segmentation_renames": ["loyalty"]}
    (problem,) = said(SHOP, command_line=renamed)
    assert "out of the segmentations that are on (shop)." in problem
    on, off = {"segmentations": {"loyalty": True}}, {"segmentations": {"loyalty": False}}
    assert said(SHOP, command_line=renamed, everywhere=on) == []
    assert said(OURS, command_line=renamed, for_package=on) == []
    assert len(said(SHOP, command_line=renamed, everywhere=off)) == 1
    assert len(said(SHOP, command_line={**renamed, **off}, everywhere=on)) == 1
    # A wrong value of what names them is a problem of its own.
    assert len(said(SHOP, command_line={**renamed, "segmentations": "loyalty"})) == 2
