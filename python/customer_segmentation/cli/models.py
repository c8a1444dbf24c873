"""The commands ``segmentation models``: which versions there are, and which one scores."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from customer_segmentation.cli import dbt_runs

_VERSIONS = """
select
    segment_models.model_id,
    cast(segment_models.trained_at as string) as trained_at,
    cast(segment_models.as_of_date as string) as as_of_date,
    get_json_object(segment_models.specification, '$.algorithm') as algorithm,
    segment_models.k,
    segment_models.row_count as customers,
    segment_models.silhouette,
    segment_models.gates_passed,
    segment_models.k_reason,
    decided.decisions
from {{{{ ref('{segmentation}_segment_models') }}}} as segment_models
left join (
    select
        model_id,
        to_json(collect_list(struct(cast(decided_at as string) as at, decision))) as decisions
    from {{{{ ref('{segmentation}_segment_decisions') }}}}
    group by model_id
) as decided on segment_models.model_id = decided.model_id
order by segment_models.trained_at, segment_models.model_id
"""

_QUALITY = """
select
    measured.measure,
    measured.meaning,
    measured.passed,
    measured.severity
from {{{{ ref('{segmentation}_segment_models') }}}}
    lateral view inline(quality) measured
where model_id = '{model_id}'
order by measured.measure, measured.direction
"""


@click.group(name="models")
def models_command() -> None:
    """Versions of a segmentation's model: list, show, promote, roll back."""


def _with_segmentation(command: Callable[..., None]) -> Callable[..., None]:
    return click.argument("segmentation")(command)


_dbt_arguments = click.argument("dbt_arguments", nargs=-1, type=click.UNPROCESSED)
_settings = {"ignore_unknown_options": True}


@models_command.command(name="list", context_settings=_settings)
@_with_segmentation
@_dbt_arguments
def list_command(segmentation: str, dbt_arguments: tuple[str, ...]) -> None:
    """List the versions of SEGMENTATION, oldest first; the one that scores next is marked."""
    versions = _versions(segmentation, dbt_arguments)
    scoring = scoring_order(_decisions(versions))[-1:]
    table = Table(
        "",
        "model",
        "trained (UTC)",
        "as of",
        "algorithm",
        "k",
        "customers",
        "silhouette",
        "decision",
    )
    for row in versions:
        table.add_row(
            "scores next" if row["model_id"] in scoring else "",
            row["model_id"],
            row["trained_at"].partition(".")[0],
            row["as_of_date"],
            row["algorithm"],
            str(row["k"]),
            str(row["customers"]),
            f"{float(row['silhouette']):.4f}",
            _latest(row),
        )
    Console(width=None if sys.stdout.isatty() else 160).print(table)


@models_command.command(name="show", context_settings=_settings)
@_with_segmentation
@click.argument("model_id")
@_dbt_arguments
def show_command(segmentation: str, model_id: str, dbt_arguments: tuple[str, ...]) -> None:
    """Show why MODEL_ID of SEGMENTATION has its segments, and every measure of its quality."""
    version = _named(_versions(segmentation, dbt_arguments), segmentation, model_id)
    click.echo(f"{version['model_id']}: {version['k_reason']}.")
    rest, variables = dbt_runs.split_vars(dbt_arguments)
    query = _QUALITY.format(segmentation=segmentation, model_id=version["model_id"])
    for row in dbt_runs.select(query, rest, variables):
        missed = f"missed, {row['severity']}: " if row["passed"] is False else ""
        click.echo(f"  {row['measure']}: {missed}{row['meaning']}")


@models_command.command(name="promote", context_settings=_settings)
@_with_segmentation
@click.argument("model_id")
@_dbt_arguments
def promote_command(segmentation: str, model_id: str, dbt_arguments: tuple[str, ...]) -> None:
    """Let MODEL_ID of SEGMENTATION score from the next build on, whatever its gates say."""
    version = _named(_versions(segmentation, dbt_arguments), segmentation, model_id)
    _decide(segmentation, version, "promoted", dbt_arguments)


@models_command.command(name="rollback", context_settings=_settings)
@_with_segmentation
@_dbt_arguments
def rollback_command(segmentation: str, dbt_arguments: tuple[str, ...]) -> None:
    """Undo the last promotion in SEGMENTATION: the next build scores with the version before.

    Again, it goes back one promotion more.
    """
    versions = _versions(segmentation, dbt_arguments)
    order = scoring_order(_decisions(versions))
    if len(order) < 2:
        raise click.ClickException(
            f"No version of {segmentation} was promoted before the one that scores; "
            f"`segmentation models list {segmentation}` shows all."
        )
    _decide(segmentation, _named(versions, segmentation, order[-2]), "rolled_back", dbt_arguments)


def _versions(segmentation: str, dbt_arguments: Sequence[str]) -> list[dict[str, Any]]:
    rest, variables = dbt_runs.split_vars(dbt_arguments)
    dbt_runs.require_segmentation(segmentation, rest, variables)
    return dbt_runs.select(_VERSIONS.format(segmentation=segmentation), rest, variables)


def scoring_order(decisions: Sequence[tuple[str, str]]) -> list[str]:
    """Model ids that came to score one after the other, without what rollbacks undid.

    Args:
        decisions: Model id and ``promoted``, ``rolled_back`` or ``held``, oldest first.

    Returns:
        The one that scores last, before it the one that a rollback goes to.
    """
    order: list[str] = []
    for model_id, decision in decisions:
        if decision == "rolled_back" and model_id in order[:-1]:
            del order[len(order) - 1 - order[-2::-1].index(model_id) :]
        elif decision != "held" and order[-1:] != [model_id]:
            order.append(model_id)
    return order


def _decisions(versions: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    """Model id and decision, oldest first."""
    dated = [
        (item["at"], row["model_id"], item["decision"])
        for row in versions
        for item in json.loads(row["decisions"] or "[]")
    ]
    return [(model_id, decision) for _, model_id, decision in sorted(dated)]


def _latest(version: dict[str, Any]) -> str:
    decisions = _decisions([version])
    return decisions[-1][1] if decisions else "undecided"


def _named(versions: Sequence[dict[str, Any]], segmentation: str, model_id: str) -> dict[str, Any]:
    for row in versions:
        if row["model_id"] == model_id:
            return row
    known = ", ".join(row["model_id"] for row in versions) or "none"
    raise click.ClickException(f"{segmentation} has no model {model_id}; its models are {known}.")


def _decide(
    segmentation: str, version: dict[str, Any], decision: str, dbt_arguments: Sequence[str]
) -> None:
    rest, variables = dbt_runs.split_vars(dbt_arguments)
    decided = {"model_id": version["model_id"], "decision": decision}
    variables["segmentation_decisions"] = {segmentation: decided}
    if not dbt_runs.run(["run", "--select", f"{segmentation}_segment_decisions", *rest], variables):
        sys.exit(1)
    click.echo(f"{version['model_id']} is {decision}: the next dbt build scores with it.")
