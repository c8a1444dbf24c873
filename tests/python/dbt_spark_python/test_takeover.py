"""What Sail published, as Spark takes it over."""

from __future__ import annotations

from pathlib import Path

import pytest

from dbt_spark_python import takeover
from dbt_spark_python.warehouse import Column, Record, Warehouse

GENERATION = "s_generations.db/t__g20240101000000000000"


class Spark:
    """A catalog that takes views only of what it has."""

    def __init__(self, *names: str, never: str = "never") -> None:
        self.names = {*names}
        self.never = never
        self.statements: list[str] = []

    def exists(self, name: str) -> bool:
        return name in self.names

    def execute(self, statement: str) -> None:
        self.statements.append(statement)
        kind, _, rest = statement.partition(" as ")
        if self.never in statement:
            raise ValueError("" if "silent" in kind else "cannot read\nthe stack")
        if rest and rest.rpartition(" from ")[2].replace("`", "") not in self.names:
            raise ValueError("not found")
        words = kind.replace("`", "").replace("if not exists ", "").split()
        self.names.add(words[2])


class TestTakingOver:
    @pytest.fixture
    def tables(self, tmp_path: Path) -> Warehouse:
        return Warehouse(tmp_path / "data")

    def test_tables_come_first_and_views_when_they_can(self, tables: Warehouse) -> None:
        generation = "s_generations.t__g20240101000000000000"
        table = Record(
            "s",
            "t",
            f"select * from {generation}",
            (Column("a", "int", "b"),),
            GENERATION,
            {"k": "v"},
        )
        a_view = Record("s", "a", "select * from s.b", (Column("x", "int", "it's"),), comment="c")
        b_view = Record("s", "b", "select * from s.t", (Column("x", "int"),))
        for record in (table, a_view, b_view):
            tables.publish(record)
        spark = Spark()
        takeover.take_over(spark.execute, spark.exists, tables)
        first = r"create view `s`.`a` (`x` comment 'it\'s') tblproperties ('comment' = 'c') as"
        assert [text for text in spark.statements if not text.startswith("create schema")] == [
            "create table if not exists `s_generations`.`t__g20240101000000000000`"
            " (`a` int comment 'b') using parquet"
            f" location '{tables.folder}/{GENERATION}'",
            f"create view `s`.`t` tblproperties ('k' = 'v') as select * from {generation}",
            f"{first} select * from s.b",
            "create view `s`.`b` (`x`) as select * from s.t",
            f"{first} select * from s.b",
        ]
        assert spark.statements[:2] == [
            "create schema if not exists `s`",
            "create schema if not exists `s_generations`",
        ]
        assert all(record.is_in_metastore for record in tables.records())
        spark.statements.clear()
        takeover.take_over(spark.execute, spark.exists, tables)
        assert spark.statements == []

    def test_only_what_spark_lacks(self, tables: Warehouse) -> None:
        columns = (Column("a", "int"),)
        tables.publish(Record("s", "known", "select 1", columns, is_in_metastore=True))
        spark = Spark()
        takeover.take_over(spark.execute, spark.exists, tables)
        assert spark.statements == []

    def test_a_seed_of_sail_is_shown_where_spark_has_none_of_its_own(
        self, tables: Warehouse
    ) -> None:
        columns = (Column("a", "int"),)
        for name in ("mine", "theirs"):
            tables.publish(
                Record("s", name, "files", columns, f"s.db/{name}", {"k": "1"}, is_published=False)
            )
        spark = Spark("s.theirs")
        takeover.take_over(spark.execute, spark.exists, tables)
        found = [text for text in spark.statements if not text.startswith("create schema")]
        place = tables.folder / "s.db" / "mine"
        assert found == [
            f"create table `s`.`mine` (`a` int) using parquet location '{place}'"
            " tblproperties ('k' = '1')"
        ]
        assert all(record.is_in_metastore for record in tables.records())

    def test_names_that_spark_knows_show_what_is_new(self, tables: Warehouse) -> None:
        generation = "s_generations.t__g20240101000000000000"
        columns = (Column("a", "int", "b"),)
        tables.publish(
            Record("s", "t", f"select * from {generation}", columns, GENERATION, {"k": "v"})
        )
        tables.publish(Record("s", "v", "select a from s.t", columns))
        spark = Spark("s.t", "s.v")
        takeover.take_over(spark.execute, spark.exists, tables)
        found = [text for text in spark.statements if not text.startswith("create schema")]
        assert found[1:3] == [
            f"alter view `s`.`t` as select * from {generation}",
            "alter view `s`.`t` set tblproperties ('k' = 'v')",
        ]
        new = found[3].split()[2]
        assert found[3:] == [
            f"create view {new} (`a` comment 'b') as select a from s.t",
            f"alter view `s`.`v` as select * from {new}",
        ]
        assert new.startswith("`s_generations`.`v__v2")
        assert len(new) == len("`s_generations`.`v__v20240101000000000000`")

    def test_what_spark_cannot_read_is_named_and_left(
        self, tables: Warehouse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        said: list[str] = []
        monkeypatch.setattr(takeover._logger, "info", said.append)
        for name in ("a", "b", "silent"):
            text = "select * from s.t" if name == "a" else "select never from s.t"
            tables.publish(Record("s", name, text, (Column("a", "int"),)))
        spark = Spark("s.t")
        takeover.take_over(spark.execute, spark.exists, tables)
        assert said[-1] == (
            "Left for the next build to make, as Spark cannot read it: s.b (cannot read); "
            "s.silent (ValueError)"
        )
        assert [r.name for r in tables.records() if r.is_in_metastore] == ["a"]
