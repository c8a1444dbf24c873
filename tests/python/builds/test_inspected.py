"""From a file to segments in two commands: what `inspect` writes is what `dbt build` needs."""

from __future__ import annotations

import csv
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from customer_segmentation.cli.main import main
from project_runs import ROOT, Project, failures

SCHEMA = "inspected"
CUSTOMERS = 24


class Copy(Project):
    """A copy of this project, into which vars are written."""

    def __init__(self, spark: Any, profiles_dir: Path, folder: Path) -> None:
        super().__init__(spark, profiles_dir, folder / "scratch")
        self.root = folder / "project"
        for name in ("models", "macros", "seeds", "docs"):
            shutil.copytree(ROOT / name, self.root / name)
        shutil.copytree(ROOT / "tests" / "retail", self.root / "tests" / "retail")
        shutil.copy(ROOT / "dbt_project.yml", self.root)
        self._folders[1] = str(self.root)

    def inspect(self, source: str, *arguments: str) -> str:
        """What `segmentation inspect` says."""
        result = CliRunner().invoke(main, ["inspect", source, *arguments])
        assert result.exit_code == 0, result.output
        return result.output


@pytest.fixture
def copy(
    sail_project: Project, profiles_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Copy:
    found = Copy(sail_project.spark, profiles_dir, tmp_path)
    for name, value in (
        ("SEGMENTATION_SCHEMA", SCHEMA),
        ("DBT_PROJECT_DIR", str(found.root)),
        ("DBT_PROFILES_DIR", str(profiles_dir)),
        ("DBT_TARGET_PATH", str(found.target)),
        ("DBT_LOG_PATH", str(tmp_path / "logs")),
    ):
        monkeypatch.setenv(name, value)
    return found


def write(path: Path) -> tuple[int, Decimal]:
    """A German export; its lines and their money, those of cancelled orders left out."""
    count, total = 0, Decimal(0)
    with path.open("w", newline="", encoding="cp1252") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(
            ["Bestell-Nr.", "Bestelldatum", "Kunde", "Menge", "Preis", "Status", "Größe"]
        )
        for at in range(6 * CUSTOMERS):
            customer = at % CUSTOMERS
            pieces, cents = 1 + at % 3, 1250 + 100_000 * (customer % 3)
            price = f"{cents // 100:,}".replace(",", ".") + f",{cents % 100:02d} €"
            day = f"{1 + at % 28:02d}.{1 + at % 12:02d}.2024"
            state = "storniert" if at % 7 == 5 else "bezahlt"
            writer.writerow([f"B-{at}", day, f"K{customer}", pieces, price, state, "groß"])
            if state == "bezahlt":
                count, total = count + 1, total + Decimal(pieces * cents) / 100
    return count, total


def test_a_file_becomes_segments_and_a_table_is_as_good_as_a_file(
    copy: Copy, tmp_path: Path
) -> None:
    count, total = write(tmp_path / "export.csv")
    said = copy.inspect(str(tmp_path / "export.csv"), "--write")
    assert "To be answered by you" not in said
    result = copy.dbt(
        *("build", "--select", "+retail_segment_profile"),
        segmentation_overrides={"retail": {"k": 2}},
    )
    assert result.success, failures(result)
    lines = copy.spark.table(f"{SCHEMA}.retail_order_lines").toPandas()
    assert (len(lines), lines.line_amount.sum()) == (count, total)
    profile = copy.spark.table(f"{SCHEMA}.retail_segment_profile").toPandas()
    assert profile.customers.sum() == CUSTOMERS

    # The table that the build declared over the file, its columns all text.
    of_file = yaml.safe_load((copy.root / "dbt_project.yml").read_text())["vars"]
    copy.inspect(f"{SCHEMA}_raw.retail_order_lines", "--write", "--replace")
    of_table = yaml.safe_load((copy.root / "dbt_project.yml").read_text())["vars"]
    assert of_table.pop("retail_order_lines_source") == f"{SCHEMA}_raw.retail_order_lines"
    del of_file["retail_order_lines_source"], of_file["retail_order_lines_csv"]
    assert of_table == of_file
