"""What is wrong with the vars of a run, all of it at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from customer_segmentation.settings.declared import GENERIC, Tables, by_name

PACKAGE = "customer_segmentation"
_FILE = "dbt_project.yml"


@dataclass(frozen=True)
class Vars:
    """The vars of a run, by where they are set, each name with its value.

    Args:
        root: Name of the project that is run.
        shipped: In the ``dbt_project.yml`` of this package.
        everywhere: In that of the project that is run, for all projects.
        for_root: There, under the name of the project that is run.
        for_package: There, under the name of this package.
        command_line: In ``--vars``.
    """

    root: str
    shipped: Mapping[str, Any]
    everywhere: Mapping[str, Any]
    for_root: Mapping[str, Any]
    for_package: Mapping[str, Any]
    command_line: Mapping[str, Any]

    def in_use(self, tables: Tables) -> dict[str, Any]:
        """The value of every setting for the nodes of this package, by dbt's precedence."""
        return {
            **{name: setting.default for name, setting in by_name(tables).items()},
            **self.shipped,
            **self.everywhere,
            **self.for_package,
            **self.command_line,
        }

    def given(self) -> Iterator[tuple[str, Any]]:
        """All names with their values, whatever takes precedence."""
        for vars_ in (
            self.command_line,
            self.for_package,
            self.for_root,
            self.everywhere,
            self.shipped,
        ):
            yield from vars_.items()


def problems(tables: Tables, vars_: Vars) -> list[str]:
    """One sentence or two for each var that is unknown, misplaced or not as allowed."""
    settings = by_name(tables)
    on = _segmentations_on(vars_.in_use(tables)["segmentations"])
    found = [*_unknown(tables, vars_), *_misplaced(tables, vars_)]
    for name, value in vars_.given():
        problem = settings[name].problem(value, on) if name in settings else None
        if problem:
            found.append(problem)
    return list(dict.fromkeys(found))


def _segmentations_on(switches: Any) -> list[str]:
    if not isinstance(switches, Mapping):
        return []
    return [name for name, is_on in switches.items() if is_on is True]


def _unknown(tables: Tables, vars_: Vars) -> Iterator[str]:
    """Names that no setting has.

    In a project that installs this package, a name may be that project's own unless it begins as
    ours do.
    """
    is_own_project = vars_.root == PACKAGE
    for place, given in (
        ("", vars_.command_line),
        (f", which {_FILE} sets", vars_.everywhere),
        (f", which {_FILE} sets under {vars_.root}", vars_.for_root),
    ):
        for name in given:
            if is_own_project or _begins_as_ours(name, tables):
                yield from _unless_known(name, place, tables)
    for name in vars_.for_package:
        yield from _unless_known(name, f", which {_FILE} sets under {PACKAGE}", tables)


def _unless_known(name: str, place: str, tables: Tables) -> Iterator[str]:
    known = sorted(by_name(tables))
    if name not in known:
        nearest = difflib.get_close_matches(name, known, n=1)
        hint = f"Did you mean {nearest[0]}?" if nearest else f"The vars are {', '.join(known)}."
        yield f"{PACKAGE} has no var {name}{place}. {hint} docs/settings.md says what each does."


def _begins_as_ours(name: str, tables: Tables) -> bool:
    return name.startswith((GENERIC, *(f"{domain}_" for domain in tables)))


def _misplaced(tables: Tables, vars_: Vars) -> Iterator[str]:
    """Settings of all domains that the models of the project that is run would not see."""
    if vars_.root != PACKAGE:
        for name in vars_.for_package:
            if name in tables[GENERIC]:
                yield (
                    f"{_FILE} sets the var {name} under {PACKAGE}, where models of {vars_.root} "
                    "do not see it. Set it directly under vars."
                )
