"""The tables of settings that this project declares, read once; no Spark runs here."""

from __future__ import annotations

from pathlib import Path

import pytest
from dbt.adapters.factory import FACTORY
from dbt.cli.main import dbtRunner

from customer_segmentation.settings.declared import Tables
from customer_segmentation.settings.read import read_tables, read_vars
from project_runs import ROOT, failures


@pytest.fixture(scope="session")
def tables(profiles_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """What the macros of this project declare."""
    target = tmp_path_factory.mktemp("settings")
    folders = ["--project-dir", ROOT, "--profiles-dir", profiles_dir, "--target-path", target]
    parsed = dbtRunner().invoke(["--quiet", "parse", *map(str, folders)])
    assert parsed.success, failures(parsed)
    (adapter,) = FACTORY.adapters.values()
    return read_tables(adapter, parsed.result, read_vars(adapter.config))
