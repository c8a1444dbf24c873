"""A small dbt project of its own."""

from __future__ import annotations

from textwrap import dedent

import pytest
from tiny_project import FILES, TinyProject


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> TinyProject:
    """A fresh copy of the project."""
    root = tmp_path_factory.mktemp("tiny")
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).removeprefix("\n"))
    return TinyProject(root)
