"""The notebooks run from top to bottom, as a reader runs them, and are stored without outputs."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from project_runs import ROOT

NOTEBOOKS = sorted((ROOT / "examples" / "notebooks").glob("*.ipynb"))


def code_cells(notebook: Path) -> list[Any]:
    return [
        cell for cell in json.loads(notebook.read_text())["cells"] if cell["cell_type"] == "code"
    ]


def executed(notebook: Path) -> tuple[dict[str, Any], list[Any]]:
    """The names that a notebook leaves behind, and what its cells show."""
    names: dict[str, Any] = {"__name__": "__main__"}
    shown = []
    for at, cell in enumerate(code_cells(notebook)):
        tree = ast.parse("".join(cell["source"]))
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        where = f"{notebook.name}, code cell {at + 1}"
        exec(compile(tree, where, "exec"), names)
        if last is not None:
            shown.append(eval(compile(ast.Expression(last.value), where, "eval"), names))
    return names, shown


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda item: item.name)
def test_no_outputs_are_stored(notebook: Path) -> None:
    for cell in code_cells(notebook):
        assert (cell["outputs"], cell["execution_count"]) == ([], None)


def test_the_segments_notebook_does_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    names, shown = executed(ROOT / "examples" / "notebooks" / "segments.ipynb")
    model, profile, scored = names["model"], names["profile"], names["scored"]
    printed = capsys.readouterr().out
    assert model.k_reason in printed
    assert all(len(item) for item in shown if item is not None)
    # Segment 1 has the highest mean revenue, and the sizes are those of the customers.
    assert profile["revenue"].is_monotonic_decreasing
    assert profile["customers"].sum() == len(names["frame"])
    # The customer without a revenue is still there, without a segment.
    assert len(scored) == len(names["others"])
    assert scored.index[scored["segment_id"].isna()].tolist() == [0]
