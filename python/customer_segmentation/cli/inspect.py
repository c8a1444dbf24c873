"""The command ``segmentation inspect``: raw data looked at, and vars proposed for them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from customer_segmentation.cli import dbt_runs
from customer_segmentation.cli.domains import raw_tables
from customer_segmentation.errors import SegmentationError
from customer_segmentation.inspection.known import RawTable
from customer_segmentation.inspection.proposal import Proposal

if TYPE_CHECKING:
    from customer_segmentation.inspection.sample import Sample

_SAMPLED = "{{{{ customer_segmentation.sampled_rows('{source}', {most}) }}}}"
_TABLE = re.compile(r"\w+([.]\w+)?")
_FILE = re.compile(r"[/*?\[{]|[.](csv|tsv|txt|json|jsonl|ndjson|parquet|gz|bz2)$")
_REMOTE = re.compile(r"(?!file:)[A-Za-z][A-Za-z0-9+.-]+:")


@click.command(name="inspect", context_settings={"ignore_unknown_options": True})
@click.argument("source", metavar="FILE|TABLE")
@click.option("--write", is_flag=True, help="Write the vars into dbt_project.yml.")
@click.option(
    "--replace",
    is_flag=True,
    help="With --write: also where the file has other values for these vars.",
)
@click.option(
    "--as",
    "table_name",
    metavar="RAW_TABLE",
    help="The raw table that it is, by its name in a var <name>_source. Default: the one whose "
    "columns it has most of.",
)
@click.argument("dbt_arguments", nargs=-1, type=click.UNPROCESSED)
def inspect_command(
    source: str, write: bool, replace: bool, table_name: str | None, dbt_arguments: tuple[str, ...]
) -> None:
    """Look at raw data and propose the vars by which `dbt build` reads them.

    FILE is a file (CSV, JSON lines, Parquet; text also .gz or .bz2), a folder or a pattern, TABLE
    a schema.table of the warehouse. Of large data a sample is looked at. DBT_ARGUMENTS go to dbt as
    they are, such as --target or --project-dir.
    """
    dbt_runs.require_project(dbt_arguments)
    try:
        arguments, variables = dbt_runs.split_vars(dbt_arguments)
        source, sample = _sample(source, arguments, variables)
        table = _table(sample, raw_tables(arguments, variables), table_name)
        _tell(source, sample, table, arguments, write=write, replace=replace)
    except SegmentationError as error:
        raise click.ClickException(str(error)) from None


def _sample(
    source: str, arguments: Sequence[str], variables: Mapping[str, Any]
) -> tuple[str, Sample]:
    """The source as the var takes it, and rows of it."""
    # Importing pandas takes a second, which --help need not wait for.
    from customer_segmentation.inspection.files import sample_of_path
    from customer_segmentation.inspection.tables import MOST_ROWS, sample_of_rows

    if _REMOTE.match(source):
        raise click.BadParameter(
            f"{source} is not on this machine. Copy one of its files here, or inspect a table over "
            "it, as schema.table.",
            param_hint="FILE|TABLE",
        )
    is_path = Path(source).exists() or _FILE.search(source)
    if not is_path and _TABLE.fullmatch(source):
        rows = dbt_runs.select(_SAMPLED.format(source=source, most=MOST_ROWS), arguments, variables)
        sample = sample_of_rows([row["sampled_row"] for row in rows])
        if sample is None:
            raise click.BadParameter(
                f"there is no file and no table {source}. Give a file, or schema.table.",
                param_hint="FILE|TABLE",
            )
        return source, sample
    path = str(Path(source.removeprefix("file://")).expanduser().absolute())
    return path, sample_of_path(path)


def _table(sample: Sample, tables: Sequence[RawTable], name: str | None) -> RawTable:
    from customer_segmentation.inspection.propose import best_table

    known = {table.name: table for table in tables}
    if name is not None and name not in known:
        raise click.BadParameter(
            f"there is no raw table {name}; the domains that are on have "
            f"{', '.join(known) or 'none'}.",
            param_hint="--as",
        )
    if name is not None:
        return known[name]
    if not tables:
        raise click.ClickException(
            "No domain with raw data is on. Switch one on in the var segmentations."
        )
    return best_table(sample, tables)


def _tell(
    source: str,
    sample: Sample,
    table: RawTable,
    arguments: Sequence[str],
    *,
    write: bool,
    replace: bool,
) -> None:
    from customer_segmentation.inspection.block import block_lines
    from customer_segmentation.inspection.propose import propose
    from customer_segmentation.inspection.report import report_lines

    proposal = propose(sample, table, source)
    for line in report_lines(sample, proposal, source):
        click.echo(line)
    click.echo(f"\nvars for {table.name}:\n")
    for line in block_lines(proposal):
        click.echo(f"  {line}".rstrip())
    click.echo()
    if write:
        _write(proposal, table, dbt_runs.project_folder(arguments) / "dbt_project.yml", replace)
    else:
        click.echo("Nothing is written. With --write the vars are put into dbt_project.yml.")


def _write(proposal: Proposal, table: RawTable, path: Path, replace: bool) -> None:
    from customer_segmentation.inspection.block import block_lines, in_yaml
    from customer_segmentation.inspection.project_vars import (
        BEGIN,
        END,
        read_vars_of,
        write_vars_of,
    )

    before = read_vars_of(path)
    there = {name: value for name, value in before.in_use.items() if governs(table, name, proposal)}
    others = {name: value for name, value in there.items() if value != proposal.settings.get(name)}
    if others and not replace:
        listed = "\n".join(
            f"  {name}: {in_yaml(value)}   proposed: "
            f"{in_yaml(proposal.settings[name]) if name in proposal.settings else 'none'}"
            for name, value in others.items()
        )
        raise click.ClickException(
            f"Nothing is written, for {path} has other values, and half of one and half of the "
            f"other would read the data wrong:\n{listed}\nRun it again with --replace to have "
            "these vars replaced by the proposed ones, or write the block yourself."
        )
    kept = [name for name in there if name not in others]
    lines = block_lines(proposal, kept)
    if not lines:
        click.echo(f"{path} has these vars already.")
    else:
        cleared = before.without(others).without_comments_of_proposal() if replace else before
        about = f"{BEGIN} on {date.today()}"
        write_vars_of(path, cleared.with_lines(["", about, *lines, END]))
        click.echo(f"Written to {path}.")
    if proposal.questions:
        click.echo(
            "What is to be answered by you stands there as comments: take the # away from one "
            "answer each. Where a build cannot do without an answer, it stops and names the var."
        )
    click.echo("Next: dbt build")


def governs(table: RawTable, name: str, proposal: Proposal) -> bool:
    """Whether a var says how the raw table is read."""
    return (
        name.startswith(f"{table.name}_")
        or name in (table.format_setting, *table.times.values())
        or name in proposal.settings
        or any(name in question.settings for question in proposal.questions)
    )
