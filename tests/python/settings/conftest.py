"""The tables of settings that this project declares, read once; no Spark runs here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from dbt.adapters.factory import FACTORY
from dbt.cli.main import dbtRunner

from customer_segmentation.settings.declared import Tables
from customer_segmentation.settings.read import read_tables, read_vars
from project_runs import ROOT, failures


@pytest.fixture(scope="session")
def manifest(profiles_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What dbt reads of this project."""
    target = tmp_path_factory.mktemp("settings")
    folders = ["--project-dir", ROOT, "--profiles-dir", profiles_dir, "--target-path", target]
    parsed = dbtRunner().invoke(["--quiet", "parse", *map(str, folders)])
    assert parsed.success, failures(parsed)
    return parsed.result


@pytest.fixture(scope="session")
def tables(manifest: Any) -> Tables:
    """What the macros of this project declare."""
    (adapter,) = FACTORY.adapters.values()
    return read_tables(adapter, manifest, read_vars(adapter.config))


@pytest.fixture(scope="session")
def formats(manifest: Any) -> dict[str, dict[str, Any]]:
    """The known formats of retail, each with the settings that it gives a value."""
    (adapter,) = FACTORY.adapters.values()
    found: dict[str, dict[str, Any]] = adapter.execute_macro(
        "retail_formats", macro_resolver=manifest, project="customer_segmentation"
    )
    return found
