"""Sail in a process of its own: what it shows again and describes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pyarrow as pa
import pytest
from dbt_common.exceptions import DbtRuntimeError
from pyarrow import parquet
from tiny_project import has_ended

from dbt_spark_python import metastore, publication, sail, takeover
from dbt_spark_python.sql_text import columns_clause, literal, quoted, with_names_as_literals
from dbt_spark_python.warehouse import Column, Record, Warehouse

COMMENTS = ['it\'s "x"', "two\nlines", "${y} $1 \\u0024 \\", "Größe ß €", "`a` -- ; /* */"]
GENERATION = "s_generations.db/t__g20240101000000000000"
TABLE = Record(
    schema="s",
    name="t",
    text="select * from s_generations.t__g20240101000000000000",
    columns=tuple(Column(f"it's `{n + 1}`", "int", text) for n, text in enumerate(COMMENTS)),
    location=GENERATION,
    comment=COMMENTS[0] + COMMENTS[2],
)
LATER = Record("s", "later", "files", (Column("b", "string"),), location="s.db/later")
# Names in the order in which they cannot be declared.
VIEWS = [
    Record("s", "a_view", "select x from s.b_view", (Column("y", "int", COMMENTS[2]),)),
    Record(
        "s",
        "b_view",
        "select `it's ``1``` + 1 from s.t where '`a b`' like '%`'",
        (Column("x", "int", COMMENTS[0]),),
    ),
    Record("s", "above_waiting", "select * from s.waiting", (Column("b", "string"),)),
    Record("s", "waiting", "select b from s.later", (Column("b", "string"),)),
    Record("s", "broken", "select no_such from s.t", (Column("b", "string"),)),
]

# Without all of dbt, which the package itself imports for seconds.
SCRIPT = f"""
import json, sys, time, types
from dataclasses import asdict
from pathlib import Path
package = sys.modules["dbt_spark_python"] = types.ModuleType("dbt_spark_python")
package.__path__ = [{str(Path(sail.__file__).parent)!r}]
from dbt_spark_python import sail, session
from dbt_spark_python.warehouse import Column, Record, Warehouse
tables = Warehouse(Path(sys.argv[1]))
later = Record("s", "later", "files", (Column("b", "string"),), location="s.db/later")
spark = session.get_session({{"spark.remote": "sail", "spark.sql.warehouse.dir": sys.argv[1]}})

def rows(sql):
    return [list(row) for row in spark.sql(sql).collect()]

def names():
    return sorted(row["tableName"] for row in spark.sql("show tables in s").collect())

def described(name):
    found = sail.described(spark, tables, "s", name)
    return found and asdict(found)

found = dict(restored=names(), t=rows("select * from s.t"), a_view=rows("select y from s.a_view"))
found["columns"] = {{n: rows(f"describe table s.{{n}}") for n in ("t", "a_view", "b_view")}}
found["extended"] = rows("describe table extended s.t")
sail.declare_waiting(spark, tables)
found["still"] = names()
(tables.folder / "s.db" / "later.parquet").rename(tables.folder / "s.db" / "later" / "1.parquet")
sail.declare(spark, tables, later)
sail.declare_waiting(spark, tables)
found["declared"] = names()
found["above_waiting"] = rows("select * from s.above_waiting")

place = tables.location("s", "none")
spark.sql(f"create table s.none using parquet location {{sail.literal(str(place))}} as "
          "select 1 as a, cast(1 as decimal(28, 4)) as b, timestamp '2024-01-01' as c where false")
before = [path.name for path in place.glob("*")]
for _ in range(2):
    sail.ensure_files(spark, place, "s.none")
found["none"] = [before, len([*place.glob("*")]), rows("select count(*) from s.none")]
found["described_none"] = described("none")
sail.declare(spark, tables, sail.described(spark, tables, "s", "none"))
found["none_again"] = [rows("select * from s.none"), spark.table("s.none").schema.simpleString()]
sail.ensure_files(spark, tables.location("s", "later"), "s.later")
found["files"] = [path.name for path in tables.location("s", "later").iterdir()]

spark.sql("create view s.plain as select 'it\\\\'s' as a,\\n 1 as b")
spark.sql("create or replace temporary view passing as select 1 as a")
for name in ("plain", "passing", "absent", "la_er", "later", "a*"):
    found["described_" + name] = described(name)
# What plain SQL says is on record can be declared again.
sail.declare(spark, tables, sail.described(spark, tables, "s", "plain"))
found["plain"] = rows("select * from s.plain")
found["address"] = [sail.serve(), sail.serve()]
print("found " + json.dumps(found), flush=True)
time.sleep(100)
"""


class Sail:
    """The process, and what it has found."""

    def __init__(self, process: subprocess.Popen[str], output: Path) -> None:
        self.process = process
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("found "):
                self.found: dict[str, Any] = json.loads(line.removeprefix("found "))
                return
        raise AssertionError(output.read_text())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of tables that an earlier process has published."""
    tables = Warehouse(tmp_path_factory.mktemp("sail") / "tables of Ä's $x %20")
    for record in (TABLE, *VIEWS):
        tables.publish(record)
    (tables.folder / GENERATION).mkdir(parents=True)
    (tables.folder / "s.db" / "later").mkdir(parents=True)
    lines = pa.table(
        {column.name: pa.array([n], "int32") for n, column in enumerate(TABLE.columns)}
    )
    parquet.write_table(lines, tables.folder / GENERATION / "1.parquet")
    parquet.write_table(pa.table({"b": ["x"]}), tables.folder / "s.db" / "later.parquet")
    return tables.folder


@pytest.fixture(scope="module")
def engine(folder: Path) -> Iterator[Sail]:
    """Another process, which has started on the folder."""
    output = folder.parent / "errors"
    environment = {name: value for name, value in os.environ.items() if name != "SPARK_REMOTE"}
    with (
        output.open("w") as errors,
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(folder)],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=environment,
        ) as process,
    ):
        try:
            yield Sail(process, output)
        finally:
            process.kill()


class TestRestored:
    def test_tables_and_views_in_any_order_of_names(self, engine: Sail) -> None:
        assert engine.found["restored"] == ["a_view", "b_view", "t"]
        assert engine.found["t"] == [[0, 1, 2, 3, 4]]
        assert engine.found["a_view"] == [[1]]

    def test_views_wait_for_their_tables(self, engine: Sail) -> None:
        assert engine.found["still"] == engine.found["restored"]
        added = ["above_waiting", "later", "waiting"]
        assert engine.found["declared"] == sorted([*engine.found["restored"], *added])
        assert engine.found["above_waiting"] == [["x"]]

    def test_comments(self, engine: Sail) -> None:
        columns = engine.found["columns"]
        assert columns["t"] == [[c.name, "int", c.comment] for c in TABLE.columns]
        assert columns["a_view"] == [["y", "int", COMMENTS[2]]]
        assert columns["b_view"] == [["x", "int", COMMENTS[0]]]
        assert TABLE.comment in [row[1] for row in engine.found["extended"]]


class TestTablesWithoutRows:
    def test_have_a_file(self, engine: Sail) -> None:
        assert engine.found["none"] == [[], 1, [[0]]]
        schema = "struct<a:int,b:decimal(28,4),c:timestamp>"
        assert engine.found["none_again"] == [[], schema]

    def test_no_file_is_added_to_others(self, engine: Sail) -> None:
        assert engine.found["files"] == ["1.parquet"]


class TestDescribed:
    def test_tables(self, engine: Sail) -> None:
        types = {"a": "int", "b": "decimal(28,4)", "c": "timestamp"}
        columns = tuple(Column(name, type_) for name, type_ in types.items())
        table = Record("s", "none", "files", columns, location="s.db/none", is_published=False)
        assert engine.found["described_none"] == json.loads(json.dumps(asdict(table)))
        assert engine.found["described_later"]["location"] == "s.db/later"

    def test_views(self, engine: Sail) -> None:
        view = engine.found["described_plain"]
        assert (view["location"], view["is_published"]) == (None, False)
        assert [column["name"] for column in view["columns"]] == ["a", "b"]
        assert engine.found["plain"] == [["it's", 1]]

    @pytest.mark.parametrize("name", ["passing", "absent", "la_er", "a*"])
    def test_nothing_else(self, engine: Sail, name: str) -> None:
        assert engine.found[f"described_{name}"] is None


def test_only_this_machine_reaches_it_and_it_ends_with_its_process(engine: Sail) -> None:
    address, again = engine.found["address"]
    assert address == again
    process = psutil.Process(engine.process.pid)
    listening = [c.laddr for c in process.net_connections("inet") if c.status == "LISTEN"]
    assert [f"sc://{place.ip}:{place.port}" for place in listening] == [address]
    assert {place.ip for place in listening} == {"127.0.0.1"}
    children = process.children(recursive=True)
    engine.process.send_signal(signal.SIGKILL)
    engine.process.wait(10)
    assert all(has_ended(child, seconds=10) for child in children)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((listening[0].ip, listening[0].port), timeout=5).close()


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sail, "_server", None)
    monkeypatch.setattr("os.environ", {**os.environ})
    monkeypatch.setitem(sys.modules, "pysail.spark", None)
    with pytest.raises(DbtRuntimeError) as caught:
        sail.serve()
    assert "The target needs Sail: " in caught.value.msg
    assert caught.value.msg.endswith("Run `pip install 'dbt-spark-python[sail]'`.")


@pytest.mark.parametrize(
    ("limit", "expected"),
    [(None, 2**40), ("max\n", 2**40), (f"{2**30}\n", 2**30), (f"{2**50}", 2**40)],
)
def test_the_memory_is_that_of_the_machine_or_container(
    limit: str | None, expected: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = {"SC_PHYS_PAGES": 2**28, "SC_PAGE_SIZE": 2**12}
    monkeypatch.setattr(os, "sysconf", sizes.__getitem__)
    monkeypatch.setattr(sail, "_CGROUP_LIMIT", tmp_path / "memory.max")
    if limit is not None:
        (tmp_path / "memory.max").write_text(limit)
    assert sail._memory() == expected


def test_a_target_without_a_folder_is_refused(tmp_path: Path) -> None:
    for settings in ({}, {sail.WAREHOUSE_SETTING: ""}):
        with pytest.raises(DbtRuntimeError, match=r"no spark\.sql\.warehouse\.dir under"):
            sail.warehouse(settings)
    assert sail.warehouse({sail.WAREHOUSE_SETTING: str(tmp_path)}).folder == tmp_path


@pytest.mark.parametrize("name", ["a*", "a?", "[a]", "{a}"])
def test_a_folder_that_sail_takes_for_a_pattern_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(DbtRuntimeError, match="Sail finds no files at "):
        sail.warehouse({sail.WAREHOUSE_SETTING: str(tmp_path / name / "data")})
    lines = Record("s", "t", "files", (Column("a", "int"),), location=f"/data/{name}/1.parquet")
    with pytest.raises(DbtRuntimeError, match="Sail finds no files at /data/"):
        [*sail.statements(Warehouse(tmp_path), lines)]


@pytest.mark.parametrize("place", ["s.db/t__g20240101000000000000", "../lines.parquet"])
def test_files_in_the_folder_are_on_record_by_their_place_in_it(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As Sail describes them: of two places, those of the earlier one would be removed.
    tables = Warehouse(tmp_path / "data")
    path = Path(os.path.normpath(tables.folder / place))
    monkeypatch.setattr(publication, "warehouse_of", lambda _: tables)
    adapter = SimpleNamespace(type=lambda: "spark")
    relation = SimpleNamespace(schema="s", identifier="t")
    publication.publish_record(adapter, relation, [], "files", folder=str(path), is_published=False)
    found = tables.record("s", "t")
    assert found is not None
    assert found.location == (str(path) if place.startswith("..") else place)
    assert found.location == tables.relative(str(path))


class TestRecordsThatMayBeMissing:
    def test_of_a_folder_that_spark_alone_wrote(self, tmp_path: Path) -> None:
        tables = Warehouse(tmp_path / "data")
        sail.require_all_on_record(tables)
        (tmp_path / "metastore").mkdir()
        with pytest.raises(DbtRuntimeError) as caught:
            sail.require_all_on_record(tables)
        assert f"all that is published in {tables.folder}" in caught.value.msg
        assert "`dbt build` once with the target embedded" in caught.value.msg
        tables.publish(TABLE)
        sail.require_all_on_record(tables)

    def test_of_a_folder_that_is_behind(self, tmp_path: Path) -> None:
        tables = Warehouse(tmp_path / "data")
        tables.publish(TABLE)
        tables.mark_behind()
        with pytest.raises(DbtRuntimeError, match="does not know all that is published"):
            sail.require_all_on_record(tables)
        tables.mark_complete()
        sail.require_all_on_record(tables)

    @pytest.mark.parametrize(
        ("has_metastore", "has_records", "is_behind"),
        [(True, False, True), (True, True, False), (False, False, False)],
    )
    def test_are_remembered_when_spark_starts(
        self, has_metastore: bool, has_records: bool, is_behind: bool, tmp_path: Path
    ) -> None:
        tables = Warehouse(tmp_path / "data")
        url = f"jdbc:derby:;databaseName={tmp_path / 'metastore'};create=true"
        if has_metastore:
            (tmp_path / "metastore").mkdir()
        if has_records:
            tables.publish(TABLE)
        takeover.claim(tables, {metastore.CONNECTION_URL_SETTING: url})
        tables.unlock()
        assert tables.is_behind is is_behind


class TestText:
    def test_of_names_and_literals(self) -> None:
        assert quoted("a`b$") == "`a``b$`"
        assert literal("it's") == r"'it\'s'"
        assert literal("a\\'\n${b}\"") == "'a\\\\\\'\\n\\u0024{b}\"'"

    def test_of_columns(self) -> None:
        columns = (Column("a", "int", "it's"), Column("b c", "struct<d:int>"))
        assert columns_clause(columns, True) == r"`a` int comment 'it\'s', `b c` struct<d:int>"
        assert columns_clause(columns, False) == r"`a` comment 'it\'s', `b c`"
        assert columns_clause((), True) == ""

    def test_of_names_that_sail_would_lose(self) -> None:
        query = "select `a`, `b c`, '`d e`', \"`f'\", `g``'` /* `h i` */ as `j k`, "
        query += "x.`l m`, `p q`.r -- `n o`"
        changed = query.replace("`b c`", "identifier('`b c`')")
        changed = changed.replace("`g``'`", r"identifier('`g``\'`')")
        assert with_names_as_literals(query) == changed

    def test_of_declarations(self, tmp_path: Path) -> None:
        tables = Warehouse(tmp_path)
        table = Record("s", "t", "x", (Column("a", "int"),), location="s.db/t", comment="c'")
        view = Record("s", "v", "select 1", (Column("a", "int", "b"),), comment="not shown")
        outside = Record("s", "t", "files", (Column("a", "int"),), location="/data/lines.parquet")
        assert [*sail.statements(tables, table)] == [
            "drop table if exists `s`.`t`",
            f"create table `s`.`t` (`a` int) using parquet location '{tmp_path}/s.db/t'"
            r" comment 'c\''",
        ]
        assert [*sail.statements(tables, view)] == [
            "create or replace view `s`.`v` (`a` comment 'b') as select 1"
        ]
        assert [*sail.statements(tables, outside)][1].endswith("location '/data/lines.parquet'")
