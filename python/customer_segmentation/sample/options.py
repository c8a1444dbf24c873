"""What the commands ``segmentation sample DOMAIN`` have in common: options, and how it goes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

Command = TypeVar("Command", bound=Callable[..., Any])

DATE = click.DateTime(formats=["%Y-%m-%d"])

seed_option = click.option(
    "--seed",
    type=click.IntRange(0, 2**64 - 1),
    default=42,
    show_default=True,
    metavar="S",
    help="The same seed gives the same files, byte for byte.",
)
out_option = click.option(
    "--out",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    metavar="DIR",
    help="Directory of the files; made where it is missing. Files of their names are replaced.",
)


def format_option(raw: str, planted: str) -> Callable[[Command], Command]:
    """The option ``--format``: of which files it is, and what is said of those with the answer."""
    return click.option(
        "--format",
        "file_format",
        type=click.Choice(["csv", "parquet"]),
        default="csv",
        show_default=True,
        help=f"Format of the {raw}; {planted}.",
    )


def date_options(of: str) -> Callable[[Command], Command]:
    """The options ``--first-date`` and ``--last-date``: between them stands what is a day."""

    def option(name: str, which: str, default: str) -> Callable[[Command], Command]:
        return click.option(
            name,
            type=DATE,
            metavar="DATE",
            default=default,
            show_default=True,
            help=f"{which} day {of}, as yyyy-MM-dd.",
        )

    first = option("--first-date", "First", "2023-01-01")
    last = option("--last-date", "Last", "2024-12-31")
    return lambda command: first(last(command))


@contextmanager
def generating(
    directory: Path, customers: int, rows: str, of: str = "customers"
) -> Iterator[Callable[[int, int], None]]:
    """Show on a terminal how many customers are done; give a function that is told.

    Args:
        directory: Where the files go.
        customers: Of the whole sample.
        rows: What a row is called, in the plural.
        of: What the customers are called.

    Raises:
        ClickException: A file cannot be written.
    """
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(f"{of}, {{task.fields[rows]:,}} {rows}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("Generating", total=customers, rows=0)
        try:
            yield lambda done, written: progress.update(task, completed=done, rows=written)
        except OSError as error:
            raise click.ClickException(
                f"cannot write the sample into {directory}: {error}."
                " Give --out a directory that can be written, with room for the files."
            ) from error
