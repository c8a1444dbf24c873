"""CSV files copied into Parquet: what stands in them, and lines that do not fit."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.compute as pc
import pytest
from dbt_common.exceptions import DbtRuntimeError
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from dbt_spark_python import raw_csv

BACKSLASH = {"escape": "\\"}
Row = tuple[str | None, ...]

# Text of a file, options, and by hand its rows with the text of a line that does not fit last.
CASES: dict[str, tuple[str, dict[str, str], list[Row]]] = {
    "plain": ("a,b\n1,x y\n,z\n", {}, [("1", "x y", None), (None, "z", None)]),
    "empty in quotes": ('a,b\n"",1\n', {}, [(None, "1", None)]),
    "blanks": ("a,b\n 1 ,\t\n", {}, [(" 1 ", "\t", None)]),
    "empty lines": ("a,b\n\n1,2\n\n\n3,4\n\n", {}, [("1", "2", None), ("3", "4", None)]),
    "quotes": (
        'a,b\n"x,""y""\nz",1\n6" plate,2\n',
        {},
        [('x,"y"\nz', "1", None), ('6" plate', "2", None)],
    ),
    "too many fields": ("a,b\n1,2,3\n4,5\n", {}, [("1", "2", "1,2,3"), ("4", "5", None)]),
    "too few fields": ("a,b,c\n1,2\n4\n", {}, [("1", "2", None, "1,2"), ("4", None, None, "4")]),
    "broken and empty": (
        "a,b,c\n,\n,,,\n",
        {},
        [(None, None, None, ","), (None, None, None, ",,,")],
    ),
    "broken last line": ("a,b\n1,2\n3", {}, [("1", "2", None), ("3", None, "3")]),
    "broken line with quotes": (
        'a,b\n"x\ny, ""z""",2,3\n',
        {},
        [('x\ny, "z"', "2", '"x\ny, ""z""",2,3')],
    ),
    "broken lines only": ("a,b\n1\n1,2,3\n", {}, [("1", None, "1"), ("1", "2", "1,2,3")]),
    "Windows": (
        "a,b\r\n1,2\r\n3\r\n4,5,6\r\n",
        {},
        [("1", "2", None), ("3", None, "3"), ("4", "5", "4,5,6")],
    ),
    "no line for Python": (
        "a,b\n1\u2028\x0b\x852\n",
        {},
        [("1\u2028\x0b\x852", None, "1\u2028\x0b\x852")],
    ),
    "header only": ("a,b\n", {}, []),
    "header without an end": ("a,b", {}, []),
    "no header": (
        "1\tx\n2\n3\ty\tz\n",
        {"sep": "\t", "header": "false"},
        [("1", "x", None), ("2", None, "2"), ("3", "y", "3\ty\tz")],
    ),
    "separator": ("a;b\n1,5;'x;y'\n", {"sep": ";", "quote": "'"}, [("1,5", "x;y", None)]),
    "tab": ("a\tb\n1\t2\n3\n", {"sep": "\\t"}, [("1", "2", None), ("3", None, "3")]),
    "other quote": ("a,b\n6\" plate,'it\"'s'\n", {"quote": "'"}, [('6" plate', "it's", None)]),
    "other quote, doubled": (
        "a,b\n6\",'it''s'\n",
        {"quote": "'", "escape": "'"},
        [('6"', "it's", None)],
    ),
    "no quote": ('a,b\n"1,2"\n"3\n', {"quote": ""}, [('"1', '2"', None), ('"3', None, '"3')]),
    "backslash": (
        'a,b\n"say \\"a,b\\"",C:\\temp\n"C:\\temp\\new","\\\\"\n',
        BACKSLASH,
        [('say "a,b"', "C:\\temp", None), ("C:\\temp\\new", "\\", None)],
    ),
    "comments": (
        '# a\n\n#b "c\na,b\n1,"x\n# y"\n#3,4\n2,#z\n',
        {"comment": "#"},
        [("1", "x\n# y", None), ("2", "#z", None)],
    ),
    "backslash in a broken line": (
        'a,b\n"say \\"a,b\\"",C:\\temp,3\n',
        BACKSLASH,
        [('say "a,b"', "C:\\temp", '"say \\"a,b\\"",C:\\temp,3')],
    ),
}


def copied(*sources: Path, **options: Any) -> Any:
    """The table that files are copied into."""
    folder = sources[0].parent / "copy"
    raw_csv.copy(sources, options, folder, "malformed")
    return parquet.ParquetFile(folder / "lines.parquet").read()


def rows(table: Any) -> list[Row]:
    return [*zip(*(column.to_pylist() for column in table.columns), strict=True)]


def written(folder: Path, content: str | bytes, name: str = "lines.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("name", CASES)
def test_reads_what_stands_in_a_file(name: str, tmp_path: Path) -> None:
    text, options, expected = CASES[name]
    table = copied(written(tmp_path, text), **options)
    assert table.schema.names[-1] == "malformed"
    assert {str(column) for column in table.schema.types} == {"string"}
    # Lines that do not fit stand last.
    assert sorted(rows(table), key=str) == sorted(expected, key=str)


def test_a_doubled_quote_is_one_beside_another_escape(tmp_path: Path) -> None:
    # Spark would read the text with all its quotes.
    path = written(tmp_path, "a,b\n'it''s',1\n")
    assert rows(copied(path, quote="'")) == [("it's", "1", None)]


def test_spark_reads_the_same(spark: Any, tmp_path: Path) -> None:
    found = {}
    for name, (text, options, expected) in CASES.items():
        path = written(tmp_path, text)
        quoted = {"quote": '"', "escape": '"', "header": "true", **options}
        names = [*"abc"[: len(expected[0]) - 1 if expected else 2], "malformed"]
        frame = spark.read.csv(
            str(path),
            ", ".join(f"{column} string" for column in names),
            multiLine=True,
            enforceSchema=False,
            columnNameOfCorruptRecord="malformed",
            **quoted,
        )
        found[name] = sorted((tuple(row) for row in frame.collect()), key=str)
    assert found == {name: sorted(case[2], key=str) for name, case in CASES.items()}


FIELDS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(",;\"'\n\r\\ "))


@given(
    st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(FIELDS, min_size=n, max_size=n))),
    st.sampled_from(",;\t|"),
    st.sampled_from("\"'"),
)
def test_reads_what_python_writes(lines: list[list[str]], separator: str, quote: str) -> None:
    text = io.StringIO(newline="")
    width = len(lines[0]) if lines else 1
    writer = csv.writer(text, delimiter=separator, quotechar=quote)
    writer.writerows([["a", "b", "c", "d"][:width], *lines])
    with TemporaryDirectory() as folder:
        path = written(Path(folder), text.getvalue())
        table = copied(path, sep=separator, quote=quote, escape=quote)
    assert rows(table) == [(*(field or None for field in line), None) for line in lines]


@given(st.lists(st.lists(FIELDS, min_size=1, max_size=5)))
def test_keeps_lines_of_any_number_of_fields(lines: list[list[str]]) -> None:
    expected, texts = [], ["a,b,c\r\n"]
    for line in lines:
        text = io.StringIO(newline="")
        csv.writer(text).writerow(line)
        texts.append(text.getvalue())
        fields = [*(field or None for field in line), None, None][:3]
        expected.append((*fields, None if len(line) == 3 else texts[-1].removesuffix("\r\n")))
    with TemporaryDirectory() as folder:
        table = copied(written(Path(folder), "".join(texts)))
    assert sorted(rows(table), key=str) == sorted(expected, key=str)


@given(st.lists(st.tuples(FIELDS, FIELDS)), st.booleans())
def test_reads_escaped_quotes(lines: list[tuple[str, str]], is_broken: bool) -> None:
    def escaped(field: str) -> str:
        return '"' + field.replace("\\", "\\\\").replace('"', '\\"') + '"'

    lines = [tuple(field.replace("\x01", "") for field in line) for line in lines]  # type: ignore[misc]
    texts = [",".join(map(escaped, line)) for line in lines]
    header = "a" if is_broken else "a,b"
    with TemporaryDirectory() as folder:
        path = written(Path(folder), "\n".join([header, *texts]) + "\n")
        table = copied(path, escape="\\")
    expected = [
        (first or None, text) if is_broken else (first or None, second or None, None)
        for (first, second), text in zip(lines, texts, strict=True)
    ]
    assert rows(table) == expected


@pytest.mark.parametrize("options", [{}, BACKSLASH], ids=["doubled", "backslash"])
def test_lines_lie_over_the_ends_of_blocks(
    options: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quote = '\\"' if options else '""'
    lines, expected = [], []
    for number in range(300):
        text = f'"{number}{quote},\n{quote}",{"x" * (number % 7)}' + ",3" * (number % 5 == 0)
        lines.append(text)
        is_broken = number % 5 == 0
        expected.append((f'{number}",\n"', "x" * (number % 7) or None, text if is_broken else None))
    path = written(tmp_path, "\n".join(["a,b", *lines]))
    monkeypatch.setattr(raw_csv, "_BLOCK_BYTES", 64)
    assert sorted(rows(copied(path, **options)), key=str) == sorted(expected, key=str)


def test_a_file_of_several_blocks_with_a_broken_line_in_its_middle(tmp_path: Path) -> None:
    line = f"1,{'x' * 97}\n"
    half = line * 100_000
    path = written(tmp_path, f"a,b\n{half}broken\n{half}")
    assert path.stat().st_size > 1 << 24
    table = copied(path)
    assert table.num_rows == 200_001
    assert table.column("b").null_count == 1
    assert pc.unique(table.column("b").drop_null()).to_pylist() == ["x" * 97]
    assert table.column("malformed").drop_null().to_pylist() == ["broken"]


def test_a_field_may_be_longer_than_python_reads(tmp_path: Path) -> None:
    long = "x" * 200_000
    assert rows(copied(written(tmp_path, f"a,b\n{long}\n"))) == [(long, None, long)]


def test_a_quote_that_is_never_ended_takes_the_rest(tmp_path: Path) -> None:
    path = written(tmp_path, 'a,b\n1,2\n3,"4\n5,6\n')
    assert rows(copied(path)) == [("1", "2", None), ("3", "4\n5,6\n", None)]


def test_a_line_longer_than_a_block_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raw_csv, "_BLOCK_BYTES", 64)
    path = written(tmp_path, "a,b\n" + '1,"2\n' + "3,4\n" * 100)
    with pytest.raises(DbtRuntimeError, match=r"lines\.csv cannot be read as CSV in utf-8"):
        copied(path)


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("UTF-8", "utf-8-sig"),
        ("ISO-8859-1", "latin-1"),
        ("UTF-16", "utf-16"),
        ("UTF-16LE", "utf-16-le"),
    ],
)
@pytest.mark.parametrize("escape", ['"', "\\"])
def test_encodings_and_byte_order_marks(
    name: str, encoding: str, escape: str, tmp_path: Path
) -> None:
    path = written(tmp_path, "Größe,b\nÄ,ß\nü\n".encode(encoding))
    table = copied(path, encoding=name, escape=escape)
    assert table.schema.names == ["Größe", "b", "malformed"]
    assert rows(table) == [("Ä", "ß", None), ("ü", None, "ü")]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_lines_above_the_header_are_skipped(ending: str, tmp_path: Path) -> None:
    lines = ["\ufeffReport;x", "", 'from "2024', "a,b", "1,2", "3"]
    path = written(tmp_path, ending.join(lines))
    table = copied(path, skip_lines=2)
    assert table.schema.names == ["a", "b", "malformed"]
    assert rows(table) == [("1", "2", None), ("3", None, "3")]


# Arrow prints that it cannot hand on the text of the broken line.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("content", ["a,b\nä,1\n", "a,b\nä\n"])
def test_another_encoding_is_an_error(content: str, tmp_path: Path) -> None:
    path = written(tmp_path, content.encode("latin-1"))
    with pytest.raises(DbtRuntimeError, match=r"lines\.csv cannot be read as CSV in utf-8"):
        copied(path)
    with pytest.raises(DbtRuntimeError, match="There is no encoding no-such"):
        copied(path, encoding="no-such")


@pytest.mark.parametrize(("ending", "compress"), [("gz", gzip.compress), ("bz2", bz2.compress)])
def test_compressed_files(ending: str, compress: Any, tmp_path: Path) -> None:
    content = compress("a,b\n1,ü\n2\n".encode("utf-16"))
    table = copied(written(tmp_path, content, f"lines.csv.{ending}"), encoding="UTF-16")
    assert rows(table) == [("1", "ü", None), ("2", None, "2")]


def test_several_files(tmp_path: Path) -> None:
    first = written(tmp_path, "a,b\n1,2\n", "1.csv")
    empty = written(tmp_path, "a,b\n", "2.csv")
    last = written(tmp_path, "a,b\n3\n4,5", "3.csv")
    expected = [("1", "2", None), ("4", "5", None), ("3", None, "3")]
    assert rows(copied(first, empty, last)) == expected


@pytest.mark.parametrize("header", ["b,a", "a", "a,b,c", "A,b"])
@pytest.mark.parametrize("line", ["", "1,2\n", "1\n"])
def test_files_with_other_columns_are_refused(header: str, line: str, tmp_path: Path) -> None:
    first = written(tmp_path, "a,b\n1,2\n", "first.csv")
    other = written(tmp_path, f"{header}\n{line}", "other.csv")
    with pytest.raises(DbtRuntimeError) as caught:
        copied(first, other)
    has = f"{first} has a, b; {other} has {header.replace(',', ', ')}."
    assert caught.value.msg == f"The CSV files do not have the same columns: {has}"


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff"])
def test_a_file_without_a_header_is_an_error(content: str, tmp_path: Path) -> None:
    with pytest.raises(DbtRuntimeError, match=r"lines\.csv cannot be read as CSV"):
        copied(written(tmp_path, content))


def test_columns_without_a_name_of_their_own_are_named(tmp_path: Path) -> None:
    # As CSVHeaderChecker and CSVUtils.makeSafeHeader of Spark do.
    path = written(tmp_path, ",id,,ID,x\n0,1,2,3,4\n")
    table = copied(path)
    assert table.schema.names == ["_c0", "id1", "_c2", "ID3", "x", "malformed"]
    assert rows(table) == [("0", "1", "2", "3", "4", None)]


def test_columns_without_a_header_are_named_by_their_place(tmp_path: Path) -> None:
    first = written(tmp_path, "7\t0\n8\t1\n", "u.data")
    table = copied(first, written(tmp_path, "9\t2\n", "v.data"), sep="\t", header="false")
    assert table.schema.names == ["_c0", "_c1", "malformed"]
    assert rows(table) == [("7", "0", None), ("8", "1", None), ("9", "2", None)]
    with pytest.raises(DbtRuntimeError, match=r"has _c0, _c1; .* has _c0\."):
        copied(first, written(tmp_path, "9\n", "w.data"), sep="\t", header="false")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"nullValue": "NA", "sep": ";"}, "it has no nullValue. Leave"),
        ({"multiLine": False}, "it has no other value of multiLine, inferSchema"),
        ({"sep": "||"}, "one ASCII character as sep, which is '||'"),
        ({"sep": ""}, "one ASCII character as sep, which is ''"),
        ({"delimiter": "§"}, "one ASCII character as sep, which is '§'"),
        ({"quote": "''"}, "one ASCII character as quote"),
        ({"escape": "^^"}, "one ASCII character as escape"),
        ({"comment": "//"}, "one ASCII character as comment"),
    ],
)
def test_unknown_options_are_refused(options: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(DbtRuntimeError) as caught:
        copied(written(tmp_path, "a,b\n"), **options)
    assert said in caught.value.msg
    assert "target embedded" in caught.value.msg
    assert not (tmp_path / "copy").exists()


def test_known_options_pass(tmp_path: Path) -> None:
    options = {"header": True, "multiLine": "true", "inferSchema": "FALSE", "charset": "latin-1"}
    path = written(tmp_path, "a|b\nä|2\n".encode("latin-1"))
    assert rows(copied(path, delimiter="|", **options)) == [("ä", "2", None)]


def test_a_character_that_stands_for_an_escape_is_an_error(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b\n1,\x01\n")
    assert rows(copied(path)) == [("1", "\x01", None)]
    with pytest.raises(DbtRuntimeError, match=r"U\+0001"):
        copied(path, escape="\\")
