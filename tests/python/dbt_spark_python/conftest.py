"""A small dbt project of its own, and a machine without Java."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tiny_project import FILES, TinyProject


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> TinyProject:
    """A fresh copy of the project."""
    return TinyProject.written(tmp_path_factory.mktemp("tiny"), FILES)


@pytest.fixture(scope="module")
def path_without_java(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PATH with every command of this machine but java."""
    folder = tmp_path_factory.mktemp("bin")
    for source in os.environ["PATH"].split(os.pathsep):
        for command in Path(source).iterdir() if Path(source).is_dir() else ():
            link = folder / command.name
            if command.name != "java" and not link.is_symlink():
                link.symlink_to(command)
    return str(folder)
