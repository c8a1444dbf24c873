"""What is published in a folder of tables, on record, and who may write there."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from dbt_common.exceptions import DbtRuntimeError

from dbt_spark_python import waiting, warehouse
from dbt_spark_python.warehouse import Column, Record, Warehouse, data_files

TEXTS = ['it\'s "x"', "two\nlines\r\n", "${y} $1 \\u0024", "Größe ß € 🙂", "`a` -- ; /* */", ""]
RECORD = Record(
    schema="s",
    name="t",
    text="select '\\'\n$' as `ä`",
    columns=tuple(Column(f"c {text}", "struct<a:int>", text) for text in TEXTS),
    location="s_generations.db/t__g20240101000000000000",
    properties={f"p {text}": text for text in TEXTS},
    comment="\n".join(TEXTS),
    is_in_metastore=True,
    is_published=False,
)
TIMES = ["20240101000000000001", "20240101000000000002", "20240101000000000003"]
# Not with all of dbt, which the package itself imports for seconds.
PACKAGE = f"""
import sys, time, types
from pathlib import Path
package = sys.modules["dbt_spark_python"] = types.ModuleType("dbt_spark_python")
package.__path__ = [{str(Path(warehouse.__file__).parent)!r}]
from dbt_spark_python.warehouse import Column, Record, Warehouse
"""
HOLDER = "Warehouse(Path(sys.argv[1])).lock(); print(1, flush=True); time.sleep(60)"


@contextmanager
def running(code: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """Another process that has printed a line, until it is killed with -9."""
    command = [sys.executable, "-c", PACKAGE + code, *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline()
            yield process
        finally:
            process.kill()


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[Warehouse]:
    """A folder of tables, which this process does not keep."""
    found = Warehouse(tmp_path / "tables")
    yield found
    found.unlock()


class TestRecords:
    def test_are_read_as_they_were_published(self, tables: Warehouse) -> None:
        plain = Record("s", "view", "select 1", ())
        other = Record("a", "t.json", "select 2", (), properties={"k": "v"})
        for record in (RECORD, plain, other):
            tables.publish(record)
        assert [*tables.records()] == [other, RECORD, plain]
        assert [*tables.records("s")] == [RECORD, plain]
        assert [tables.record(r.schema, r.name) for r in (RECORD, plain)] == [RECORD, plain]
        assert tables.record("s", "T") is None
        assert tables.record("no", "t") is None

    def test_are_forgotten(self, tables: Warehouse) -> None:
        tables.publish(RECORD)
        tables.forget("s", "t")
        tables.forget("s", "t")
        assert tables.record("s", "t") is None
        assert [*tables.records()] == []

    def test_are_replaced_in_one_step(self, tables: Warehouse) -> None:
        versions = [replace(RECORD, text=f"{n}" * (n * 100 + 1)) for n in (1, 2, 3)]
        tables.publish(versions[0])

        def publish() -> None:
            for number in range(100):
                tables.publish(versions[number % 3])

        read = 0
        with ThreadPoolExecutor(2) as threads:
            writers = [threads.submit(publish) for _ in range(2)]
            while not all(writer.done() for writer in writers):
                assert tables.record("s", "t") in versions
                assert next(tables.records()) in versions
                read += 1
        assert [writer.result() for writer in writers] == [None, None]
        assert read > 10
        assert [path.name for path in (tables.folder / "_published/s").iterdir()] == ["t.json"]

    def test_are_whole_after_a_kill(self, tables: Warehouse) -> None:
        code = """
tables = Warehouse(Path(sys.argv[1]))
for number in range(10**9):
    columns = tuple(Column(f"c{n}", "int", str(number)) for n in range(2000))
    tables.publish(Record("s", "t", str(number), columns))
    if number == 1:
        print(1, flush=True)
"""
        for wait in (0.0, 0.02, 0.05):
            with running(code, tables.folder):
                time.sleep(wait)
            found = tables.record("s", "t")
            assert found is not None
            assert {column.comment for column in found.columns} == {found.text}
            assert len(found.columns) == 2000
            assert [*tables.records()] == [found]

    @pytest.mark.parametrize(
        "content",
        [
            "",
            "{",
            "[]",
            "null",
            '"text"',
            "{}",
            '{"columns": []}',
            '{"columns": [{"name": "a"}], "schema": "s", "name": "t", "text": ""}',
            '{"columns": 1, "schema": "s", "name": "t", "text": ""}',
            '{"columns": [], "schema": "s", "name": "t", "text": "", "later": 1}',
            b"\xff",
        ],
    )
    def test_what_is_none_is_named(self, tables: Warehouse, content: str | bytes) -> None:
        tables.publish(RECORD)
        path = tables.folder / "_published" / "s" / "t.json"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        for read in (lambda: tables.record("s", "t"), lambda: [*tables.records()]):
            with pytest.raises(DbtRuntimeError) as caught:
                read()
            assert f"{path} does not say what is published" in caught.value.msg
            assert caught.value.msg.endswith("Delete it, and build that table again.")

    def test_may_lack_what_is_not_needed(self, tables: Warehouse) -> None:
        path = tables.folder / "_published" / "s" / "t.json"
        path.parent.mkdir(parents=True)
        columns = [{"name": "a", "type": "int"}]
        path.write_text(
            json.dumps({"schema": "s", "name": "t", "text": "select 1", "columns": columns})
        )
        assert tables.record("s", "t") == Record("s", "t", "select 1", (Column("a", "int"),))

    def test_say_what_dbt_looks_for(self) -> None:
        record = Record("s", "t", "select 1", (), properties={"a": "1"}, comment="What")
        assert record.information == (
            "Database: s\nTable: t\nType: VIEW\nComment: What\nView Text: select 1\na=1\n"
        )
        assert (
            "Type: EXTERNAL\nView Text"
            in replace(record, is_published=False, comment="").information
        )

    def test_count_in_sets(self) -> None:
        assert len({RECORD, replace(RECORD), replace(RECORD, name="u")}) == 2


class TestFiles:
    def test_of_older_generations_are_removed(self, tables: Warehouse) -> None:
        def names(schema: str = "s_generations") -> set[str]:
            return {path.name for path in (tables.folder / f"{schema}.db").iterdir()}

        others = {
            *(f"{name}__g{TIMES[0]}" for name in ("x__y", "x__g", "xx", "y", "x_", "X")),
            f"x__v{TIMES[1]}",
            f"x__g{TIMES[2]}",
            f"x__g{TIMES[0]}_rows",
            f"x__h{TIMES[0]}",
            "x__g1",
            "x",
        }
        old = {f"x__g{TIMES[0]}", f"x__v{TIMES[0]}"}
        for schema in ("s_generations", "other"):
            for name in others | old:
                (tables.location(schema, name) / "part").mkdir(parents=True)
        tables.remove_generations("s_generations", "x", "x")
        assert names() == others | old
        tables.remove_generations("s_generations", "x", f"x__g{TIMES[1]}")
        assert names() == others
        assert names("other") == others | old
        tables.remove_generations("s_generations", "x__y", f"x__y__g{TIMES[2]}")
        assert names() == others - {f"x__y__g{TIMES[0]}"}
        tables.remove_generations("missing", "x", f"x__g{TIMES[1]}")

    def test_of_older_ones_the_newest_stay(self, tables: Warehouse) -> None:
        for made_at in TIMES:
            (tables.location("s_generations", f"x__g{made_at}") / "part").mkdir(parents=True)
        newest = f"x__g{TIMES[2]}"
        tables.remove_generations("s_generations", "x", newest, kept=2)
        assert len(list((tables.folder / "s_generations.db").iterdir())) == 3
        tables.remove_generations("s_generations", "x", newest, kept=1)
        left = {one.name for one in (tables.folder / "s_generations.db").iterdir()}
        assert left == {f"x__g{TIMES[1]}", newest}

    def test_outside_of_the_folder_are_never_removed(self, tables: Warehouse) -> None:
        outside = tables.folder.parent / "tables2" / "t"
        inside = tables.folder / "s.db" / "t"
        for folder in (outside, inside):
            folder.mkdir(parents=True)
            (folder / "file").touch()
        locations = [str(outside), "../tables2/t", "s.db/../../tables2", "/", "", ".", "s.db/.."]
        for location in [*locations, str(tables.folder), f"{tables.folder}/../tables2"]:
            tables.remove(location)
            assert (outside / "file").exists()
            assert (inside / "file").exists()
        (tables.folder / "link").symlink_to(outside)
        tables.remove("link")
        assert (outside / "file").exists()
        tables.remove("s.db/none")
        tables.remove("s.db/t")
        assert not inside.exists()

    @pytest.mark.parametrize("folder", ["tables", "./tables", "other/../tables"])
    def test_have_places_relative_to_the_folder(
        self, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        tables = Warehouse(Path(folder))
        place = tables.location("s", "t")
        assert place == tmp_path / "tables" / "s.db" / "t"
        assert tables.relative(str(place)) == "s.db/t"
        for other in (tmp_path / "tables2" / "t", tmp_path / "tables" / ".." / "t", tmp_path):
            assert tables.relative(str(other)) == str(other)
        place.mkdir(parents=True)
        tables.remove("s.db/t")
        assert not place.exists()

    def test_of_data_have_no_hidden_name(self, tmp_path: Path) -> None:
        root = tmp_path / "_root" / ".lines.csv"
        names = [
            "b.csv",
            "a.csv",
            "a/c.csv",
            "year=1/d.csv",
            "_SUCCESS",
            ".e.crc",
            "_t/f",
            "a/.g/h",
        ]
        for name in names:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).touch()
        found = [root / name for name in ("a/c.csv", "a.csv", "b.csv", "year=1/d.csv")]
        assert data_files(str(root)) == found
        assert data_files(f"file://{root}") == found
        assert data_files(str(root / "_SUCCESS")) == [root / "_SUCCESS"]
        assert data_files(str(tmp_path / "none")) == []


class TestLock:
    def test_keeps_another_process_out_until_it_is_killed(
        self, tables: Warehouse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(waiting, "SECONDS", 0.3)
        with running(HOLDER, tables.folder):
            started = time.monotonic()
            with pytest.raises(DbtRuntimeError) as caught:
                tables.lock()
            assert 0.3 <= time.monotonic() - started < 2
            assert f"Another process uses this warehouse: {tables.folder} is" in caught.value.msg
            Warehouse(tables.folder.parent / "tables2").lock()
        tables.lock()
        tables.lock()
        Warehouse(tables.folder.parent / "tables2").unlock()

    def test_waits_for_a_process_that_is_about_to_end(self, tables: Warehouse) -> None:
        with running(HOLDER.replace("60", "0.5"), tables.folder):
            tables.lock()

    def test_is_given_back(self, tables: Warehouse) -> None:
        tables.unlock()
        tables.lock()
        tables.unlock()
        with running(HOLDER, tables.folder) as holder:
            assert holder.poll() is None


def test_a_folder_remembers_what_is_not_on_record(tables: Warehouse) -> None:
    assert (tables.has_records, tables.is_behind) == (False, False)
    tables.mark_behind()
    tables.mark_behind()
    assert (tables.has_records, tables.is_behind) == (True, True)
    assert [*tables.records()] == []
    tables.mark_complete()
    tables.mark_complete()
    assert (tables.has_records, tables.is_behind) == (True, False)
