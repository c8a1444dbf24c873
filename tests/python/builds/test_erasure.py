"""Customers who were erased stay out of the next build, by Sail on a raw file of retail."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from customer_segmentation.cli.main import main
from project_runs import ROOT, Project, failures

SALT = "a salt of the tests alone"
SCHEMA = "erasure"
SELECTED = ("+retail_segment_history", "retail_rejected_lines", "raw_equals_accepted_plus_rejected")
COMPARED = ("customer_id", "invoice_id", "order_line_id", "line_amount")


class Shop:
    """The project on a raw file, in a warehouse of its own."""

    def __init__(self, project: Project, warehouse: Path, source: Path, ids: Path) -> None:
        self.project = project
        self.warehouse = warehouse
        self.source = source
        self.ids = ids

    def build(self) -> Any:
        selected = ("--exclude-resource-type", "unit_test", "--select", *SELECTED)
        return self.project.dbt("build", *selected, retail_order_lines_source=str(self.source))

    def erase(self) -> Result:
        folders = ["--project-dir", str(ROOT), "--profiles-dir", str(self.project.profiles_dir)]
        folders += ["--target-path", str(self.project.target)]
        given = ["--ids", str(self.ids), "--reason", "asked for"]
        return CliRunner().invoke(main, ["erase", "retail", *given, *folders])

    def table(self, name: str, schema: str = SCHEMA, *columns: str) -> pd.DataFrame:
        return self.project.spark.table(f"{schema}.{name}").select(*columns or "*").toPandas()


@pytest.fixture(scope="module")
def shop(sail_project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("erasure")
    lines = pd.read_csv(ROOT / "seeds/retail/retail_raw_order_lines.csv", dtype=str)
    lines.to_csv(folder / "lines.csv", index=False)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SEGMENTATION_WAREHOUSE", str(folder / "warehouse"))
        environment.setenv("SEGMENTATION_SCHEMA", SCHEMA)
        environment.setenv("SEGMENTATION_ERASURE_SALT", SALT)
        shop = Shop(
            sail_project, folder / "warehouse", folder / "lines.csv", folder / "customers.txt"
        )
        built = shop.build()
        assert built.success, failures(built)
        yield shop


def test_who_was_erased_stays_out(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    before = shop.table("retail_segment_history")
    erased = sorted(before.customer_id)[:2]
    # Without the times: there is one of the year 2999, which pandas cannot hold.
    judged = shop.table("int_retail__judged_lines", f"{SCHEMA}_internal", *COMPARED)
    theirs = judged[judged.customer_id.isin(erased)]
    shop.ids.write_text("\n".join(erased))

    result = shop.erase()
    assert result.exit_code == 0, result.output
    assert "None was found" in result.output
    assert f"{len(theirs)} rows of {SCHEMA}_internal.int_retail__judged_lines" in result.output

    monkeypatch.delenv("SEGMENTATION_ERASURE_SALT")
    assert "SEGMENTATION_ERASURE_SALT is not set" in failures(shop.build())
    monkeypatch.setenv("SEGMENTATION_ERASURE_SALT", "another salt of the tests")
    assert "would come back: the salt is not the one" in failures(shop.build())
    monkeypatch.setenv("SEGMENTATION_ERASURE_SALT", SALT)

    lists = shop.warehouse / "data/_erasure"
    lists.rename(lists.with_name("elsewhere"))
    assert "the target sail does not know whom" in failures(shop.build())
    lists.with_name("elsewhere").rename(lists)

    # The raw file still has them: the test of reconciliation is part of the build.
    built = shop.build()
    assert built.success, failures(built)
    assert sorted(shop.table("retail_segment_history").customer_id) == sorted(
        set(before.customer_id) - {*erased}
    )
    rejected = shop.table("retail_rejected_lines")
    counted = rejected[rejected.rejection_reason == "erased"]
    assert len(counted) == len(theirs)
    assert counted.line_amount.sum() == theirs.line_amount.sum()
    telling = ["customer_id", "product_id", "description", "order_date", "country", "quantity_text"]
    assert counted[telling].isna().all(axis=None)
    assert not {*counted.invoice_id} & {*theirs.invoice_id}
    assert not {*counted.order_line_id} & {*theirs.order_line_id}

    # What the build copied of the raw file goes again, and nothing else has them.
    again = shop.erase()
    assert again.exit_code == 0, again.output
    assert f"{len(theirs)} rows of {SCHEMA}_raw.retail_order_lines" in again.output
    assert "int_retail__judged_lines" not in again.output
    written = [*shop.project.target.rglob("*"), *shop.project.target.parent.glob("logs/*")]
    assert not [file for file in written if file.is_file() and SALT.encode() in file.read_bytes()]
