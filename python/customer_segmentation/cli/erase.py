"""The command ``segmentation erase``: customers leave everything that was built of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from customer_segmentation.cli import dbt_runs
from customer_segmentation.errors import SegmentationError

SALT_VARIABLE = "SEGMENTATION_ERASURE_SALT"
_MOST_LINES_NAMED = 20


@click.command(name="erase", context_settings={"ignore_unknown_options": True})
@click.argument("segmentation")
@click.option(
    "--ids",
    "file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with one id a line, as the published tables have them.",
)
@click.option("--reason", required=True, metavar="TEXT", help="Why; it is kept in the log.")
@click.argument("dbt_arguments", nargs=-1, type=click.UNPROCESSED)
def erase_command(
    segmentation: str, file: Path, reason: str, dbt_arguments: tuple[str, ...]
) -> None:
    """Erase customers from all that was built for SEGMENTATION, and keep them out.

    Their rows leave every table and every generation kept, and the next builds leave them out, by
    hashes with the salt in the environment variable SEGMENTATION_ERASURE_SALT. Ends with a search
    of all files of the warehouse for them. Killed, it is finished by the same command.
    DBT_ARGUMENTS go to dbt as they are, such as --target or --project-dir.
    """
    # Only here: dbt and Arrow take seconds, which --help need not wait for.
    from dbt_common.exceptions import DbtRuntimeError

    try:
        _erase(segmentation, file, reason, dbt_arguments)
    except (SegmentationError, DbtRuntimeError) as error:
        message = error.msg if isinstance(error, DbtRuntimeError) else str(error)
        raise click.ClickException(message) from None


def _erase(segmentation: str, file: Path, reason: str, dbt_arguments: Sequence[str]) -> None:
    from customer_segmentation.erasure.erase import Erasure, erase
    from customer_segmentation.erasure.ids import Finder, read_ids
    from customer_segmentation.erasure.lineage import lineage_of
    from dbt_spark_python import of_adapter, suppression

    salt = suppression.salt_of(SALT_VARIABLE)
    rest, variables = dbt_runs.split_vars(dbt_arguments)
    dbt_runs.require_segmentation(segmentation, rest, variables)
    lineage = lineage_of(dbt_runs.manifest(rest, variables), segmentation)
    ids = read_ids(file, lineage.key)
    if Finder(ids).is_in(reason):
        raise click.BadParameter(
            "the log would keep an id: leave it out of the reason.", param_hint="--reason"
        )
    adapter = dbt_runs.adapter()
    tables = of_adapter.claim(adapter)
    if tables is None:
        raise click.ClickException(
            f"The target {adapter.config.target_name} is a server, whose files are not at hand. "
            "Erase with the target embedded or sail, on the machine that has its folder of tables."
        )
    erased = erase(
        tables,
        adapter.config.credentials.schema,
        Erasure(segmentation, lineage, tuple(ids), reason, salt),
    )
    _tell_removed(len(ids), erased.rows)
    if erased.nowhere:
        lines = ", ".join(f"{ids[id_]}" for id_ in erased.nowhere[:_MOST_LINES_NAMED])
        more = ", ..." if len(erased.nowhere) > _MOST_LINES_NAMED else ""
        click.echo(f"In no table was the id of {file}, line {lines}{more}.")
    named = f": {', '.join(lineage.raw_places)}" if lineage.raw_places else ""
    click.echo(f"Raw tables and files are yours to erase; every build reads them again{named}.")
    _search(tables, adapter, ids, salt, lineage.key)


def _tell_removed(ids: int, removed: Mapping[str, int]) -> None:
    for table, rows in removed.items():
        click.echo(f"  {rows:,} rows of {table}")
    click.echo(
        f"Removed {sum(removed.values()):,} rows for {ids:,} ids, which the next builds leave out."
    )


def _search(tables: Any, adapter: Any, ids: Mapping[str, int], salt: str, key: str) -> None:
    """Say what was searched; end with 1 where an id or the hash of one is left."""
    from customer_segmentation.erasure.ids import LEAST_CHARACTERS_OF_A_WORD, Finder
    from customer_segmentation.erasure.search import search
    from dbt_spark_python import metastore, suppression

    folders = [tables.folder]
    derby = metastore.derby_folder(adapter.config.credentials.server_side_parameters)
    if derby is not None and derby.exists():
        folders.append(derby)
    finder = Finder([*ids, *(suppression.salted_hash(salt, id_) for id_ in ids)])
    searched = search(folders, finder, key, tables.folder / suppression.FOLDER / "suppressed")
    short = sum(len(id_) < LEAST_CHARACTERS_OF_A_WORD for id_ in ids)
    click.echo(
        f"Searched {' and '.join(map(str, folders))} for the ids and their hashes: all text and "
        f"the column {key} in {searched.parquet_files:,} Parquet files, all bytes of "
        f"{searched.other_files:,} other files, and the names of all."
    )
    if short:
        click.echo(
            f"{short:,} ids of fewer than {LEAST_CHARACTERS_OF_A_WORD} characters were looked for "
            "as whole values of Parquet columns only."
        )
    if not searched.hits:
        click.echo("None was found.")
        return
    for hit in searched.hits[:_MOST_LINES_NAMED]:
        what = f"{hit.values:,} values of {hit.column}" if hit.column else "found"
        click.echo(f"  {hit.file}: {what}")
    raise click.ClickException(
        f"{len(searched.hits):,} places have an id, or another number that reads like one."
    )
