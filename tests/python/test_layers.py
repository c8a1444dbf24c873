"""Folders stand on each other in the order of the data, and modules and functions stay small."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import customer_segmentation

PACKAGE = Path(customer_segmentation.__file__).parent
# Each may import those before it.
FOLDERS = (
    "numerics",
    "specification",
    "model",
    "preparation",
    "clustering",
    "selection",
    "description",
    "scoring",
    "training",
    "nodes",
    "cli",
)
# What scores needs nothing of what trains.
NOT_FOR_SCORING = {"clustering", "selection", "description"}
# Beside the order stand those that customers do not pass through, each with what it may import.
BESIDE: dict[str, set[str]] = {
    "erasure": set(),
    "sample": set(),
    "settings": set(),
    "own_mart": {"specification"},
    "inspection": set(),
}
FOR_ALL = {"errors", "__version__"}
MOST_LINES_OF_A_MODULE = 350
MOST_LINES_OF_A_FUNCTION = 60
REASON = "is long because"

SOURCES = sorted(PACKAGE.parent.rglob("*.py"))


def parts_imported(module: Path) -> Iterator[str]:
    """First part of the name, below the package, of whatever a module imports of it."""
    for node in ast.walk(ast.parse(module.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [item.name for item in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            names = [f"{node.module}.{item.name}" for item in node.names]
        for name in names:
            package, *rest = name.split(".")
            if package == PACKAGE.name and rest:
                yield rest[0]


def allowed(folder: str) -> set[str]:
    if folder in BESIDE:
        return {folder, *BESIDE[folder], *FOR_ALL}
    before = {*FOLDERS[: FOLDERS.index(folder) + 1], *FOR_ALL}
    if folder == "scoring":
        return before - NOT_FOR_SCORING
    return before | set(BESIDE) if folder == "cli" else before


@pytest.mark.parametrize("folder", [*FOLDERS, *BESIDE])
def test_a_folder_imports_only_what_it_stands_on(folder: str) -> None:
    modules = sorted((PACKAGE / folder).rglob("*.py"))
    assert modules
    later = {
        f"{module.relative_to(PACKAGE)} imports {part}"
        for module in modules
        for part in parts_imported(module)
        if part not in allowed(folder)
    }
    assert not later


def test_every_folder_has_its_place() -> None:
    folders = {item.parent.name for item in PACKAGE.glob("*/__init__.py")}
    assert folders == {*FOLDERS, *BESIDE}


@pytest.mark.parametrize("module", SOURCES, ids=lambda item: str(item.relative_to(PACKAGE.parent)))
def test_modules_and_functions_are_small(module: Path) -> None:
    text = module.read_text()
    tree = ast.parse(text)
    long = []
    if len(text.splitlines()) > MOST_LINES_OF_A_MODULE:
        long.append((module.name, ast.get_docstring(tree)))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = ast.get_docstring(node)
            body = node.body if docstring is None else node.body[1:]
            lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            if lines > MOST_LINES_OF_A_FUNCTION:
                long.append((node.name, docstring))
    assert not [name for name, docstring in long if REASON not in (docstring or "")]
