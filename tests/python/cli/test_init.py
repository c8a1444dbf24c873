"""`segmentation init` where it refuses, keeps and checks; no dbt and no Spark run here."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from dbt.artifacts.resources.types import NodeType

from customer_segmentation.cli import dbt_runs
from customer_segmentation.cli.main import main

MATRIX = ("--matrix", "member_classes", "--item", "class_id", "--value", "Visits")
MART = ("loyalty", "--mart", "loyalty_features", "--key", "customer_id")
FOLDER = Path("models/loyalty/segmentation")
FILES = {
    "loyalty_segmentation.yml",
    *(f"loyalty_{of}.py" for of in ("segment_models", "customer_segments")),
    *(f"loyalty_segment_{of}.sql" for of in ("decisions", "history", "migration", "features")),
    "loyalty_segment_names.sql",
}


def node(name: str, package: str = "shop", path: str = "", **more: Any) -> SimpleNamespace:
    config = SimpleNamespace(materialized="table", meta={})
    return SimpleNamespace(
        **{
            "name": name,
            "package_name": package,
            "original_file_path": path or f"models/{name}.sql",
            "resource_type": NodeType.Model,
            "config": config,
            **more,
        }
    )


def column(name: str, kind: str, **values: Any) -> dict[str, str]:
    record = {"name": name, "type": kind, "rows": 40, "values": {"nulls": 0, **values}}
    return {"profile": json.dumps(record)}


class Shop:
    """A project whose manifest and mart are given, and what the command said last."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.nodes = [node("loyalty_features"), node("member_classes")]
        self.disabled: list[SimpleNamespace] = []
        self.queries: list[str] = []
        self.variables: list[Any] = []
        self.mart = [
            column("Customer_ID", "string", levels=40),
            column("as_of_date", "date", levels=1, minimum="2026-01-31", maximum="2026-01-31"),
            column("visits", "bigint", levels=20, infinite=0, minimum=1, maximum=9, skewness=2.5),
            column("store", "string", levels=5),
            column("seen", "timestamp", levels=9),
        ]

        self.long_mart = [
            column("Customer_ID", "string", levels=38),
            column("class_id", "string", levels=9),
            column("visits", "bigint", levels=3, infinite=0, minimum=1, maximum=3),
        ]

    def manifest(self, _: Any, variables: Any) -> SimpleNamespace:
        self.variables.append(variables)
        return SimpleNamespace(
            nodes=dict(enumerate(self.nodes)),
            disabled={"off": self.disabled},
            metadata=SimpleNamespace(project_name="shop"),
        )

    def select(self, query: str, _: Any, variables: Any) -> list[dict[str, str]]:
        self.queries.append(query)
        self.variables.append(variables)
        return self.long_mart if "member_classes" in query else self.mart

    def says(self, *arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(main, ["init", *arguments])
        assert result.exit_code == code, result.output
        return result.output

    def written(self) -> dict[str, str]:
        return {path.name: path.read_text() for path in sorted(self.folder.rglob(f"{FOLDER}/*"))}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DBT_PROJECT_DIR", raising=False)
    (tmp_path / "dbt_project.yml").write_text("name: shop\nvars: {segmentations: {vip: true}}\n")
    (tmp_path / "profiles.yml").touch()
    shop = Shop(tmp_path)
    monkeypatch.setattr(dbt_runs, "manifest", shop.manifest)
    monkeypatch.setattr(dbt_runs, "select", shop.select)
    return shop


def test_it_writes_eight_files_and_says_why_and_what_to_add(shop: Shop) -> None:
    text = shop.says(*MART)
    assert set(shop.written()) == FILES
    assert shop.queries == [
        "{{ customer_segmentation.mart_profile(ref('loyalty_features'), 'customer_id') }}"
    ]
    for part in (
        "loyalty_features: 40 customers by Customer_ID",
        "visits  log1p    skewness 2.5 and never below 0",
        "store: text with about 5 levels",
        "seen: a timestamp measures nothing by itself",
        "Segment 1 will have the highest mean of visits (the first numeric feature",
        "  segmentations: {vip: true, loyalty: true}\n",
    ):
        assert part in text
    # The mart spells it so.
    assert "key='Customer_ID'" in shop.written()["loyalty_segment_history.sql"]


def test_what_it_writes_passes_its_check(shop: Shop) -> None:
    shop.says(*MART)
    said = "loyalty is what this version writes: loyalty_segmentation.yml and 7 models of loyalty_"
    assert shop.says("loyalty", "--check").startswith(said)
    assert shop.says(*MART[:3], "--key", "Customer_ID", "--check").startswith(said)
    history = shop.folder / FOLDER / "loyalty_segment_history.sql"
    history.write_text(f"{history.read_text()}-- mine\n")
    (shop.folder / FOLDER / "loyalty_segment_names.sql").unlink()
    yaml_file = shop.folder / FOLDER / "loyalty_segmentation.yml"
    yaml_file.write_text(yaml_file.read_text().replace("gates: error", "gates: warn"))
    text = shop.says("loyalty", "--check", code=1)
    for part in (
        "loyalty_segment_history.sql is not what this version writes for loyalty_features by Cust",
        "loyalty_segment_names.sql is not there",
        "has no test customer_segmentation.keeps_gates with {gates: error}",
    ):
        assert part in text
    other_mart = shop.says("loyalty", "--mart", "other", "--check", code=1)
    assert "loyalty_segment_models.py is not what this version writes for other" in other_mart


def test_with_a_matrix_segments_are_of_its_components(shop: Shop) -> None:
    text = shop.says(*MART, *MATRIX)
    assert set(shop.written()) == FILES
    for part in (
        "Features:\n  4 components of visits by class_id in member_classes\n",
        "May stand beside them, named under features:\n  visits  log1p    skewness 2.5",
        "(the first numeric feature, for want of --order-by); 2 to 10 segments are tried",
    ):
        assert part in text
    # The column as the long mart spells it.
    assert "matrix: {item: class_id, value: visits}" in shop.written()["loyalty_segmentation.yml"]
    assert "is what this version writes" in shop.says("loyalty", "--check")
    assert "All files are there" in shop.says(*MART, *MATRIX)
    models = shop.folder / FOLDER / "loyalty_segment_models.py"
    models.write_text(models.read_text().replace("member_classes", "other_classes"))
    edited = shop.says("loyalty", "--check", code=1)
    different = (
        "loyalty_customer_segments.py is not what this version writes for loyalty_features and"
    )
    assert f"{different} other_classes by Customer_ID" in edited
    assert "has no test customer_segmentation.recomputed_segments with {mart:" in edited


def test_a_matrix_that_cannot_be_read_writes_nothing(shop: Shop) -> None:
    assert "--item and --value" in shop.says(*MART, *MATRIX[:4], code=2)
    unknown = shop.says(*MART, "--matrix", "classes", *MATRIX[2:], code=2)
    assert "the project has no model classes that is on. Did you mean member_classes" in (
        " ".join(unknown.split())
    )
    assert "--matrix" in unknown
    shop.long_mart[1] = column("class_id", "string", levels=2)
    shop.long_mart[2] = column("visits", "string", levels=3, nulls=2)
    text = shop.says(*MART, *MATRIX, code=1)
    for part in (
        "member_classes cannot be segmented as it is",
        "class_id, which --item names, has 2 values; components need 3 items",
        "visits, which --value names, is null in 2 of 40 rows",
        "has the type string and must be a number",
    ):
        assert part in text
    shop.long_mart = []
    assert "member_classes is not built yet" in shop.says(*MART, *MATRIX, code=1)
    assert shop.written() == {}


def test_a_specification_of_another_matrix_is_not_taken(shop: Shop) -> None:
    shop.says(*MART)
    text = shop.says(*MART, *MATRIX, code=1)
    assert "its matrix is of no columns, and the options are of item class_id" in text
    for file in shop.written():
        (shop.folder / FOLDER / file).unlink()
    shop.says(*MART, *MATRIX)
    text = shop.says(*MART, code=1)
    assert "its matrix is of item class_id and value visits, and the options are of no" in text


def test_a_check_of_what_is_not_there_says_how_to_make_it(shop: Shop) -> None:
    text = shop.says("loyalty", "--check", code=1)
    assert "`segmentation init loyalty` makes it, --mart being the model of its mart" in text
    shop.says(*MART)
    (shop.folder / FOLDER / "loyalty_segmentation.yml").unlink()
    (shop.folder / FOLDER / "loyalty_segment_models.py").write_text("")
    text = shop.says("loyalty", "--check", code=1)
    assert "loyalty_segmentation.yml is not there" in text
    assert "loyalty_segment_models.py refers to no mart" in text


def test_a_second_time_it_writes_what_is_absent_and_keeps_the_specification(shop: Shop) -> None:
    shop.says(*MART)
    before = shop.written()
    yaml_file = shop.folder / FOLDER / "loyalty_segmentation.yml"
    yaml_file.write_text(before["loyalty_segmentation.yml"].replace("max: 10", "max: 6"))
    (shop.folder / FOLDER / "loyalty_segment_history.sql").unlink()
    text = shop.says(*MART)
    assert f"{FOLDER}/loyalty_segmentation.yml is kept as it is" in text
    assert shop.written() == {**before, "loyalty_segmentation.yml": yaml_file.read_text()}
    assert "max: 6" in yaml_file.read_text()
    assert len(shop.queries) == 1
    assert "nothing is to be written" in shop.says(*MART)


def test_the_files_may_stand_elsewhere(shop: Shop) -> None:
    shop.says(*MART)
    moved = shop.folder / "models" / "crm"
    (shop.folder / FOLDER).rename(moved)
    (moved / "loyalty_segment_history.sql").unlink()
    shop.says(*MART)
    assert {path.name for path in moved.iterdir()} == FILES
    assert not (shop.folder / FOLDER).exists()
    assert "is what this version writes" in shop.says("loyalty", "--check")


def test_an_edited_wrapper_stops_it_before_anything_is_written(shop: Shop) -> None:
    shop.says(*MART)
    models = shop.folder / FOLDER / "loyalty_segment_models.py"
    models.write_text("# mine\n")
    (shop.folder / FOLDER / "loyalty_segment_history.sql").unlink()
    before = shop.written()
    text = shop.says(*MART, code=1)
    assert "Nothing is written, for these files are not what this version writes" in text
    assert f"{FOLDER}/loyalty_segment_models.py" in text
    assert "loyalty_segment_history.sql" not in text
    assert shop.written() == before


def test_a_specification_that_cannot_be_kept_stops_it(shop: Shop) -> None:
    shop.says(*MART)
    text = shop.says(*MART[:3], "--key", "member_id", code=1)
    assert "its entity_key is Customer_ID, and --key names member_id" in text
    yaml_file = shop.folder / FOLDER / "loyalty_segmentation.yml"
    yaml_file.write_text(yaml_file.read_text().replace("kmeans", "kmean"))
    assert "algorithm: 'kmean' is not allowed" in shop.says(*MART, code=1)


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("Loyalty", *MART[1:]), "'Loyalty' is no name of a segmentation"),
        (("a'; drop table b", *MART[1:]), "is no name of a segmentation"),
        (("loyalty", "--mart", "a') }}", "--key", "k"), "is not a name of letters"),
        (("loyalty", "--mart", "m", "--key", "`k`"), "give it a plain name there"),
        ((*MART, "--order-by", "1; select"), "is not a name of letters"),
        (
            ("loyalty", "--mart", "loyalty_features"),
            "Give --mart, the model of the mart, and --key, the column",
        ),
    ],
)
def test_names_that_cannot_be_written_are_refused(
    shop: Shop, arguments: tuple[str, ...], part: str
) -> None:
    text = " ".join(shop.says(*arguments, code=2).split())
    assert part in text
    assert not shop.queries
    assert not shop.written()


def test_a_name_that_other_tables_have_is_refused(shop: Shop) -> None:
    # A domain of the package, also one that is off.
    shop.disabled = [node("loyalty_segment_names", "customer_segmentation")]
    assert "customer_segmentation has a model loyalty_segment_names" in shop.says(*MART, code=2)
    seed = node("loyalty_segment_names", path="seeds/x.csv", resource_type=NodeType.Seed)
    shop.disabled, shop.nodes = [], [*shop.nodes, seed]
    assert "shop has a seed loyalty_segment_names in seeds/x.csv" in shop.says(*MART, code=2)
    assert not shop.written()


def test_its_own_files_are_no_clash(shop: Shop) -> None:
    shop.says(*MART)
    shop.nodes += [
        node(Path(file).stem, path=str(FOLDER / file))
        for file in FILES
        if "segmentation" not in file
    ]
    assert "nothing is to be written" in shop.says(*MART)


def test_a_model_of_a_package_in_a_file_of_the_same_name_is_a_clash(shop: Shop) -> None:
    shop.says(*MART)
    path = str(FOLDER / "loyalty_segment_names.sql")
    shop.nodes.append(node("loyalty_segment_names", "other", path))
    assert "other has a model loyalty_segment_names" in shop.says(*MART, code=2)


def test_a_name_that_is_on_before_its_models_are_there_is_off_while_it_reads(shop: Shop) -> None:
    shop.says(*MART)
    assert shop.variables == [{}, {}]
    for path in (shop.folder / FOLDER).iterdir():
        path.unlink()
    switched = "name: shop\nvars: {segmentations: {vip: true, loyalty: true}}\n"
    (shop.folder / "dbt_project.yml").write_text(switched)
    shop.says(*MART)
    assert shop.variables[2:] == [{"segmentations": {"vip": True, "loyalty": False}}] * 2


def test_a_mart_that_is_not_there_is_refused(shop: Shop) -> None:
    text = shop.says("loyalty", "--mart", "loyalty_feature", "--key", "customer_id", code=2)
    assert "no model loyalty_feature that is on. Did you mean loyalty_features?" in text
    shop.nodes[0].config.materialized = "ephemeral"
    assert "loyalty_features is ephemeral" in shop.says(*MART, code=2)
    shop.nodes[0].config.materialized, shop.mart = "table", []
    text = shop.says(*MART, code=1)
    assert "loyalty_features is not built yet. Run `dbt build --select +loyalty_features`" in text


def test_a_mart_that_cannot_be_segmented_writes_nothing(shop: Shop) -> None:
    shop.mart = [one for one in shop.mart if "as_of_date" not in one["profile"]]
    assert "It has no column as_of_date" in shop.says(*MART, code=1)
    assert not shop.written()


def test_the_line_of_the_var_keeps_what_is_on(shop: Shop) -> None:
    project = shop.folder / "dbt_project.yml"
    # Without the var, what a default of the package has on stays on.
    project.write_text("name: shop\n")
    retail = node("retail_segment_models", "customer_segmentation")
    retail.config.meta = {"segmentation": "retail", "specification": {}}
    shop.nodes.append(retail)
    line = shop.says(*MART).splitlines()[-1]
    assert yaml.safe_load(line) == {"segmentations": {"retail": True, "loyalty": True}}
    project.write_text("name: shop\nvars: {segmentations: {loyalty: true}}\n")
    assert "has loyalty on. Next: dbt build" in shop.says(*MART)
    project.write_text("name: shop\nvars: {segmentations: {loyalty: false, retail: false}}\n")
    assert shop.says(*MART).endswith("segmentations: {loyalty: true, retail: false}\n")


def test_the_project_may_be_elsewhere(
    shop: Shop, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert "There is no dbt_project.yml" in shop.says(*MART, code=1)
    folders = ("--project-dir", str(shop.folder), f"--profiles-dir={shop.folder}")
    shop.says(*MART, *folders)
    assert set(shop.written()) == FILES
    assert "is what this version writes" in shop.says("loyalty", "--check", *folders)
