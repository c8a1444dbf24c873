"""`segmentation erase` on small warehouses of Parquet files; no dbt and no engine run here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner, Result
from dbt_common.exceptions import DbtRuntimeError
from pyarrow import parquet

from customer_segmentation.cli import dbt_runs
from customer_segmentation.cli.main import main
from customer_segmentation.erasure import tables
from customer_segmentation.erasure.erase import Erasure, erase
from customer_segmentation.erasure.ids import Finder, read_ids
from customer_segmentation.erasure.lineage import Lineage, lineage_of
from customer_segmentation.erasure.search import search
from customer_segmentation.errors import InputError
from dbt_spark_python import of_adapter, suppression
from dbt_spark_python.warehouse import Warehouse

SALT = "a salt of the tests alone"
OLDER, NEWER = "20250101000000000000", "20260101000000000000"
ANN, BOB = "ann@x.org", "bob@x.org"


def node(name: str, parents: tuple[str, ...] = (), schema: str = "club", **more: Any) -> Any:
    return SimpleNamespace(
        **{
            "name": name,
            "alias": name,
            "unique_id": name,
            "schema": schema,
            "resource_type": "model",
            "raw_code": "",
            "depends_on_nodes": list(parents),
            "config": SimpleNamespace(meta={}),
            **more,
        }
    )


def manifest() -> Any:
    """A club of its own, and a shop whose customers have a key of the same name."""
    trained = {"segmentation": "club", "specification": {"entity_key": "member"}}
    nodes = [
        node("stg_visits", schema="club_internal", raw_code="from {{ raw_table('club_visits') }}"),
        node("judged", ("stg_visits",), schema="club_internal"),
        node("mart", ("judged",)),
        node("club_segment_models", ("mart",), config=SimpleNamespace(meta=trained)),
        node("club_segment_history", ("mart", "club_segment_models")),
        node("visits", ("judged",)),
        node("shop_orders"),
    ]
    return SimpleNamespace(nodes={each.name: each for each in nodes}, sources={})


LINEAGE = lineage_of(manifest(), "club")


def write(tables_folder: Path, table: str, rows: list[dict[str, Any]], **types: Any) -> Path:
    """One Parquet file of a table, beside the checksum that Spark writes."""
    folder = tables_folder / table
    folder.mkdir(parents=True)
    # Spark keeps the comments of columns in such metadata.
    written = pa.Table.from_pylist(rows).replace_schema_metadata({"comments": "of a test"})
    for name, kind in types.items():
        at = written.column_names.index(name)
        written = written.set_column(at, name, written[name].cast(kind))
    parquet.write_table(written, folder / "part-0.parquet")
    (folder / ".part-0.parquet.crc").write_bytes(b"crc")
    return folder / "part-0.parquet"


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    """Two generations of each table, a copy of a raw file, and a table of the shop."""
    folder = tmp_path / "data"
    for time in (OLDER, NEWER):
        write(
            folder,
            f"club_generations.db/mart__g{time}",
            [{"member": ANN, "visits": 3}, {"member": BOB, "visits": 5}],
        )
        write(
            folder,
            f"club_internal_generations.db/judged__g{time}",
            [
                {"member": ANN, "text": "x", "note": None},
                {"member": None, "text": f"2025,{ANN},7", "note": None},
                {"member": BOB, "text": "x", "note": f"came with {ANN}"},
                {"member": None, "text": "joann@x.org", "note": None},
            ],
        )
    write(folder, "club.db/club_segment_history", [{"member": ANN}, {"member": BOB}])
    write(folder, "shop_generations.db/shop_orders__g" + NEWER, [{"member": ANN}])
    write(
        folder,
        f"club_raw.db/club_visits__g{NEWER}",
        [{"Card": f" {ANN}"}, {"Card": BOB}],
    )
    return Warehouse(folder)


def erasure(*ids: str, salt: str = SALT, lineage: Lineage = LINEAGE) -> Erasure:
    return Erasure("club", lineage, ids or (ANN,), "asked for", salt)


def members(warehouse: Warehouse, pattern: str) -> list[list[str | None]]:
    files = sorted(warehouse.folder.glob(f"{pattern}/*.parquet"))
    return [parquet.read_table(file)["member"].to_pylist() for file in files]


def logged(warehouse: Warehouse) -> list[dict[str, Any]]:
    record = warehouse.record("club", "segmentation_erasures")
    assert record is not None
    assert record.location is not None
    rows: list[dict[str, Any]] = parquet.read_table(warehouse.folder / record.location).to_pylist()
    return rows


REMOVED = {
    "club.club_segment_history": 1,
    "club.mart": 2,
    "club_internal.judged": 4,
    "club_raw.club_visits": 1,
}


def test_ids_are_read_as_people_write_them(tmp_path: Path) -> None:
    file = tmp_path / "ids.txt"
    file.write_text('\ufeffmember\n  17 \n\n"18"\n"O""Neill, Ann"\n17\n\tmember\n', "utf-8")
    assert read_ids(file, "member") == {"17": 2, "18": 4, 'O"Neill, Ann': 5, "member": 7}
    file.write_bytes(b"\xff\xfe1\x00")
    with pytest.raises(InputError, match="no text in UTF-8"):
        read_ids(file, "member")
    file.write_text("\n \n")
    with pytest.raises(InputError, match="has no id"):
        read_ids(file, "member")


@pytest.mark.parametrize(
    ("text", "is_there"),
    [
        ("M0001", True),
        (" m0001 ", True),
        ('{"id":"M0001"}', True),
        ("visits/M0001_2", True),
        ("M00012", False),
        ("XM0001", False),
        ("M00012, M0001", True),
        ("mail to Ann.Lee@x.org.", True),
        ("joann.lee@x.org", False),
        ("17", True),
        ("set of 17", False),
    ],
)
def test_an_id_is_found_as_a_whole_and_as_a_word(text: str, is_there: bool) -> None:
    assert Finder(["M0001", "ann.lee@x.org", "17"]).is_in(text) is is_there


def test_the_tables_around_a_mart_are_found_in_the_manifest() -> None:
    names = {name for _, name in LINEAGE.relations}
    assert (LINEAGE.marts, LINEAGE.key) == (("mart",), "member")
    assert names == {*manifest().nodes} - {"shop_orders"}
    assert LINEAGE.raw_tables == {"club_visits"}


def with_matrix(entity: str) -> Any:
    """The same club, whose model table reads a matrix, too."""
    found = manifest()
    found.nodes["matrix"] = node("matrix", ("judged",))
    models = found.nodes["club_segment_models"]
    models.depends_on_nodes.append("matrix")
    models.config.meta["specification"]["matrix"] = {"entity": entity, "item": "i", "value": "v"}
    return found


def test_the_matrix_is_erased_as_the_mart_is() -> None:
    lineage = lineage_of(with_matrix("member"), "club")
    assert lineage.marts == ("mart", "matrix")
    assert {name for _, name in lineage.relations} >= {"mart", "matrix", "judged"}


def test_a_matrix_with_another_key_is_refused() -> None:
    with pytest.raises(InputError, match="is member in the mart and guest in the matrix"):
        lineage_of(with_matrix("guest"), "club")


@pytest.mark.parametrize("key", ["member", "child"])
def test_what_a_segmentation_of_the_same_customers_reads_besides_is_theirs(key: str) -> None:
    found = manifest()
    trained = {"segmentation": "tastes", "specification": {"entity_key": key}}
    table = node("tastes_segment_models", ("mart", "plays"), config=SimpleNamespace(meta=trained))
    for each in (node("raw_plays"), node("plays", ("raw_plays",)), table):
        found.nodes[each.name] = each
    lineage = lineage_of(found, "club")
    names = {name for _, name in lineage.relations}
    assert "tastes_segment_models" in names
    assert lineage.marts == (("mart", "plays") if key == "member" else ("mart",))
    assert ({"raw_plays", "plays"} <= names) == (key == "member")


def test_a_model_table_of_two_marts_is_refused() -> None:
    found = manifest()
    found.nodes["club_segment_models"].depends_on_nodes.append("visits")
    with pytest.raises(InputError, match="reads 2 nodes and not 1: one mart"):
        lineage_of(found, "club")


def test_a_list_of_before_had_one_node(warehouse: Warehouse) -> None:
    erase(warehouse, "club", erasure(ANN))
    path = next((warehouse.folder / "_erasure/suppressed").glob("*.json"))
    values = json.loads(path.read_text())
    values["node"] = values.pop("nodes")[0]
    path.write_text(json.dumps(values))
    (found,) = suppression.lists(warehouse)
    assert found.nodes == ("mart",)


def test_customers_leave_every_generation_and_nobody_else_does(warehouse: Warehouse) -> None:
    erased = erase(warehouse, "club", erasure(ANN, "unknown@x.org"))
    assert erased.rows == REMOVED
    assert erased.nowhere == ("unknown@x.org",)
    assert members(warehouse, "club_generations.db/mart*") == [[BOB], [BOB]]
    assert members(warehouse, "club.db/*") == [[BOB]]
    # A row of nobody that names her goes, one of somebody else stays.
    assert members(warehouse, "*/judged*") == [[BOB, None], [BOB, None]]
    assert members(warehouse, "shop_generations.db/*") == [[ANN]]
    assert not list(warehouse.folder.glob("club_raw.db/*/*.parquet"))
    assert not list(warehouse.folder.glob("club*.db/mart*/.*.crc"))


def test_the_log_has_counts_and_neither_ids_nor_salt(warehouse: Warehouse) -> None:
    erase(warehouse, "club", erasure())
    erase(warehouse, "club", erasure(BOB))
    rows = logged(warehouse)
    assert [row["reason"] for row in rows] == ["asked for"] * 7
    assert {row["table_name"]: row["rows_removed"] for row in rows[:4]} == REMOVED
    assert abs(rows[-1]["erased_at"] - datetime.now(timezone.utc)).total_seconds() < 600
    kept = (warehouse.folder / "_erasure/suppressed/club.json").read_text()
    expected = sorted(hashlib.sha256(f"{SALT}{id_}".encode()).hexdigest() for id_ in (ANN, BOB))
    assert json.loads(kept)["hashes"] == expected
    assert not any(secret in kept for secret in (SALT, ANN, BOB))
    assert not list((warehouse.folder / "_erasure/open").iterdir())


def test_rows_that_stay_are_what_they_were(warehouse: Warehouse) -> None:
    rows = [
        {
            "member": member,
            "amount": Decimal("12.3400"),
            "at": datetime(2025, 3, 1, 12, 30, 15, 123456),
            "parts": [{"name": "ä", "share": 0.1}],
            "none": None,
        }
        for member in (17, 18)
    ]
    table = f"club_generations.db/visits__g{NEWER}"
    file = write(warehouse.folder, table, rows, amount=pa.decimal128(28, 4), member=pa.int64())
    before = parquet.read_table(file)
    assert erase(warehouse, "club", erasure("17")).rows["club.visits"] == 1
    after = parquet.read_table(file)
    assert after.equals(before.slice(1))
    assert after.schema.equals(before.schema, check_metadata=True)


@pytest.mark.parametrize("before_the_kill", range(4))
def test_a_killed_erasure_is_finished_by_the_same_one(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, before_the_kill: int
) -> None:
    rewrite: Callable[..., None] = tables.rewrite
    done: list[Path] = []

    def killed(file: Path, *rest: Any) -> None:
        if len(done) == before_the_kill:
            file.with_name(file.name + ".erasing").write_bytes(b"half of i")
            raise KeyboardInterrupt
        done.append(file)
        rewrite(file, *rest)

    monkeypatch.setattr(tables, "rewrite", killed)
    with pytest.raises(KeyboardInterrupt):
        erase(warehouse, "club", erasure())
    # A build in between leaves her out already.
    assert suppression.lists(warehouse)[0].hashes
    monkeypatch.setattr(tables, "rewrite", rewrite)
    erase(warehouse, "club", erasure())
    assert {row["table_name"]: row["rows_removed"] for row in logged(warehouse)} == REMOVED
    assert members(warehouse, "club_generations.db/mart*") == [[BOB], [BOB]]
    assert not list(warehouse.folder.rglob("*.erasing"))


def test_another_salt_is_refused(warehouse: Warehouse) -> None:
    erase(warehouse, "club", erasure())
    with pytest.raises(DbtRuntimeError, match="the customers of club were erased with"):
        erase(warehouse, "club", erasure(BOB, salt="another salt of the tests"))
    assert members(warehouse, "club.db/*") == [[BOB]]


def test_a_list_that_cannot_be_read_is_no_empty_list(warehouse: Warehouse) -> None:
    erase(warehouse, "club", erasure())
    (warehouse.folder / "_erasure/suppressed/club.json").write_text("{}")
    with pytest.raises(DbtRuntimeError, match="does not say who is kept out"):
        suppression.lists(warehouse)


def test_formats_that_keep_their_past_are_refused(warehouse: Warehouse) -> None:
    (warehouse.folder / f"club_generations.db/mart__g{NEWER}/_delta_log").mkdir()
    with pytest.raises(InputError, match=r"is a Delta table.*Nothing was erased"):
        erase(warehouse, "club", erasure())
    assert not suppression.lists(warehouse)
    assert members(warehouse, "club.db/*") == [[ANN, BOB]]


def test_an_unfinished_file_is_named(warehouse: Warehouse) -> None:
    table = f"club_generations.db/mart__g{NEWER}"
    (warehouse.folder / table / "part-1.parquet").write_bytes(b"PAR1half")
    with pytest.raises(InputError, match=r"part-1.parquet cannot be read.*killed build"):
        erase(warehouse, "club", erasure())


def test_the_search_reads_text_wherever_it_stands(tmp_path: Path) -> None:
    hidden = tmp_path / "db" / "nested"
    write(hidden, "t", [{"a": [{"b": "c"}, {"b": f"to {ANN}"}], "n": 1}])
    write(hidden, "keys", [{"member": 1234567}])
    write(hidden, "clean", [{"a": "joann@x.org", "n": 1234567}])
    (tmp_path / "db" / "log.txt").write_bytes(b"\x00\xff" * 3_000_000 + f" {ANN}\n".encode())
    (tmp_path / "db" / f"{ANN}.json").write_text("{}")
    apart = tmp_path / "db" / "lists"
    apart.mkdir()
    (apart / "club.json").write_text(ANN)
    found = search([tmp_path / "db"], Finder([ANN, "1234567"]), "member", apart)
    places = {(hit.file.name, hit.column) for hit in found.hits}
    assert places == {
        ("part-0.parquet", "a.b"),
        ("part-0.parquet", "member"),
        ("log.txt", ""),
        (f"{ANN}.json", ""),
    }
    assert (found.parquet_files, found.other_files) == (3, 5)


@pytest.fixture
def command(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    """Runs the command on the warehouse, in place of what dbt would say of the project."""
    settings = {"spark.sql.warehouse.dir": str(warehouse.folder)}
    credentials = SimpleNamespace(schema="club", server_side_parameters=settings)
    config = SimpleNamespace(target_name="there", credentials=credentials)
    monkeypatch.setattr(dbt_runs, "require_segmentation", lambda *_: None)
    monkeypatch.setattr(dbt_runs, "manifest", lambda *_: manifest())
    monkeypatch.setattr(dbt_runs, "adapter", lambda: SimpleNamespace(config=config))
    monkeypatch.setattr(of_adapter, "claim", lambda _: warehouse)
    monkeypatch.setenv("SEGMENTATION_ERASURE_SALT", SALT)
    file = tmp_path / "ids.txt"
    file.write_text(f"{ANN}\nnobody@x.org\n")

    def run(reason: str = "asked for") -> Result:
        return CliRunner().invoke(main, ["erase", "club", "--ids", str(file), "--reason", reason])

    return run


def test_the_command_ends_with_what_it_searched(
    command: Callable[..., Result], warehouse: Warehouse
) -> None:
    for file in (warehouse.folder / "shop_generations.db").rglob("*.parquet"):
        file.unlink()
    for file in warehouse.folder.glob("*/judged*/*.parquet"):
        file.unlink()
    result = command()
    assert result.exit_code == 0, result.output
    assert "1 rows of club.club_segment_history" in result.output
    assert "ids.txt, line 2." in result.output
    assert "yours to erase; every build reads them again: club_visits" in result.output
    assert "None was found" in result.output
    assert ANN not in result.output


def test_the_command_names_the_files_that_still_have_an_id(command: Callable[..., Result]) -> None:
    result = command()
    assert result.exit_code == 1
    # The table of another segmentation, and the text of another customer.
    assert f"shop_orders__g{NEWER}/part-0.parquet: 1 values of member" in result.output
    assert f"judged__g{NEWER}/part-0.parquet: 1 values of note" in result.output


@pytest.mark.parametrize(
    ("salt", "said"),
    [("", "variable SEGMENTATION_ERASURE_SALT is not set"), ("short", "has 5 characters")],
)
def test_without_a_good_salt_nothing_is_erased(
    command: Callable[..., Result],
    warehouse: Warehouse,
    monkeypatch: pytest.MonkeyPatch,
    salt: str,
    said: str,
) -> None:
    monkeypatch.setenv("SEGMENTATION_ERASURE_SALT", salt)
    result = command()
    assert result.exit_code == 1
    assert said in result.output
    assert members(warehouse, "club.db/*") == [[ANN, BOB]]


def test_a_reason_with_an_id_is_refused(command: Callable[..., Result]) -> None:
    result = command(f"{ANN} asked for it")
    assert result.exit_code == 2
    assert "the log would keep an id" in result.output


def test_a_server_is_refused(
    command: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_adapter, "claim", lambda _: None)
    result = command()
    assert result.exit_code == 1
    assert "The target there is a server" in result.output
