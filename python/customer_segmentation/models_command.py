"""The commands ``segmentation models``: which versions there are, and which one scores."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from customer_segmentation import dbt_runs

DOMAINS = ("retail",)

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
    promotions.decision,
    cast(promotions.decided_at as string) as decided_at
from {{{{ ref('{domain}_segment_models') }}}} as segment_models
left join (
    select
        model_id,
        max_by(decision, decided_at) as decision,
        max(decided_at) as decided_at
    from {{{{ ref('{domain}_segment_promotions') }}}}
    group by model_id
) as promotions on segment_models.model_id = promotions.model_id
order by segment_models.trained_at, segment_models.model_id
"""

_QUALITY = """
select measure, meaning, passed, severity
from {{{{ ref('{domain}_segment_quality') }}}}
where model_id = '{model_id}'
order by measure, direction
"""


@click.group(name="models")
def models_command() -> None:
    """Versions of a domain's model: list, show, promote, roll back."""


def _with_domain(command: Callable[..., None]) -> Callable[..., None]:
    return click.argument("domain", type=click.Choice(DOMAINS))(command)


_dbt_arguments = click.argument("dbt_arguments", nargs=-1, type=click.UNPROCESSED)
_settings = {"ignore_unknown_options": True}


@models_command.command(name="list", context_settings=_settings)
@_with_domain
@_dbt_arguments
def list_command(domain: str, dbt_arguments: tuple[str, ...]) -> None:
    """List the versions of DOMAIN, oldest first; the one that scores is marked."""
    versions = _versions(domain, dbt_arguments)
    scoring = _scoring(versions)
    table = Table("", "model", "as of", "algorithm", "k", "customers", "silhouette", "decision")
    for row in versions:
        table.add_row(
            "scores" if row is scoring else "",
            row["model_id"],
            row["as_of_date"],
            row["algorithm"],
            str(row["k"]),
            str(row["customers"]),
            f"{float(row['silhouette']):.4f}",
            row["decision"] or "undecided",
        )
    Console(width=None if sys.stdout.isatty() else 160).print(table)


@models_command.command(name="show", context_settings=_settings)
@_with_domain
@click.argument("model_id")
@_dbt_arguments
def show_command(domain: str, model_id: str, dbt_arguments: tuple[str, ...]) -> None:
    """Show why MODEL_ID of DOMAIN has its segments, and every measure of its quality."""
    version = _named(_versions(domain, dbt_arguments), domain, model_id)
    click.echo(f"{version['model_id']}: {version['k_reason']}.")
    rest, variables = dbt_runs.split_vars(dbt_arguments)
    query = _QUALITY.format(domain=domain, model_id=version["model_id"])
    for row in dbt_runs.select(query, rest, variables):
        missed = f"missed, {row['severity']}: " if row["passed"] is False else ""
        click.echo(f"  {row['measure']}: {missed}{row['meaning']}")


@models_command.command(name="promote", context_settings=_settings)
@_with_domain
@click.argument("model_id")
@_dbt_arguments
def promote_command(domain: str, model_id: str, dbt_arguments: tuple[str, ...]) -> None:
    """Let MODEL_ID of DOMAIN score from the next build on, whatever its gates say."""
    version = _named(_versions(domain, dbt_arguments), domain, model_id)
    _decide(domain, version, "promoted", dbt_arguments)


@models_command.command(name="rollback", context_settings=_settings)
@_with_domain
@_dbt_arguments
def rollback_command(domain: str, dbt_arguments: tuple[str, ...]) -> None:
    """Go back to the version of DOMAIN that scored before; the next build scores with it."""
    versions = _versions(domain, dbt_arguments)
    scoring = _scoring(versions)
    position = versions.index(scoring) if scoring is not None else 0
    earlier = [row for row in versions[:position] if row["decision"] not in (None, "held")]
    if not earlier:
        raise click.ClickException(
            f"{domain} has no earlier version that was ever promoted; "
            f"`segmentation models list {domain}` shows all."
        )
    _decide(domain, earlier[-1], "rolled_back", dbt_arguments)


def _versions(domain: str, dbt_arguments: Sequence[str]) -> list[dict[str, Any]]:
    rest, variables = dbt_runs.split_vars(dbt_arguments)
    return dbt_runs.select(_VERSIONS.format(domain=domain), rest, variables)


def _scoring(versions: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    decided = [row for row in versions if row["decision"] not in (None, "held")]
    return max(decided, key=lambda row: (row["decided_at"], row["model_id"]), default=None)


def _named(versions: Sequence[dict[str, Any]], domain: str, model_id: str) -> dict[str, Any]:
    for row in versions:
        if row["model_id"] == model_id:
            return row
    known = ", ".join(row["model_id"] for row in versions) or "none"
    raise click.ClickException(f"{domain} has no model {model_id}; its models are {known}.")


def _decide(
    domain: str, version: dict[str, Any], decision: str, dbt_arguments: Sequence[str]
) -> None:
    rest, variables = dbt_runs.split_vars(dbt_arguments)
    variables[f"{domain}_decided_model"] = version["model_id"]
    variables[f"{domain}_decision"] = decision
    if not dbt_runs.run(["run", "--select", f"{domain}_segment_promotions", *rest], variables):
        sys.exit(1)
    click.echo(f"{version['model_id']} is {decision}: the next dbt build scores with it.")
