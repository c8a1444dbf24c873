"""The command ``segmentation init``: a segmentation on a mart of one's own."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from customer_segmentation.cli import dbt_runs
from customer_segmentation.errors import SegmentationError
from customer_segmentation.own_mart.check import (
    lacking_tests,
    long_mart_read,
    mart_of,
    specification_of_file,
    wrapper_problems,
)
from customer_segmentation.own_mart.files import (
    specification_file,
    specification_text,
    switches_line,
    wrapper_files,
)
from customer_segmentation.own_mart.long_mart import LongMart, long_mart_of
from customer_segmentation.own_mart.names import is_identifier, segmentation_problem
from customer_segmentation.own_mart.profile import MartProfile, profile_of
from customer_segmentation.own_mart.project import PROJECT_FILE, Project, read_project
from customer_segmentation.own_mart.proposal import Proposal, propose

_PROFILE = "{{{{ customer_segmentation.mart_profile(ref('{mart}'), '{key}') }}}}"
_MARTS = ("model", "seed", "snapshot")


@click.command(name="init", context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.option("--mart", metavar="MODEL", help="dbt model with one row per customer, built.")
@click.option("--key", metavar="COLUMN", help="Column that identifies a customer.")
@click.option(
    "--order-by",
    metavar="COLUMN",
    help="Column that segment ids follow: segment 1 has the highest mean of it. "
    "Default: the first numeric feature.",
)
@click.option(
    "--matrix",
    metavar="MODEL",
    help="dbt model with one row per customer and item, built: segments are of its components.",
)
@click.option("--item", metavar="COLUMN", help="Column of --matrix that identifies an item.")
@click.option("--value", metavar="COLUMN", help="Column of --matrix with the number of the pair.")
@click.option(
    "--check",
    is_flag=True,
    help="Write nothing; say whether the files are what this version writes.",
)
@click.argument("dbt_arguments", nargs=-1, type=click.UNPROCESSED)
def init_command(
    name: str,
    mart: str | None,
    key: str | None,
    order_by: str | None,
    matrix: str | None,
    item: str | None,
    value: str | None,
    check: bool,
    dbt_arguments: tuple[str, ...],
) -> None:
    """Make the segmentation NAME on a mart of this dbt project.

    Reads the columns of the mart, proposes features, and writes a specification with its tests and
    the seven models that belong to it. What is there already is kept. DBT_ARGUMENTS go to dbt as
    they are, such as --target or --project-dir.
    """
    problem = segmentation_problem(name)
    if problem is not None:
        raise click.BadParameter(problem, param_hint="NAME")
    for option, given in (
        *(("--mart", mart), ("--key", key), ("--order-by", order_by)),
        *(("--matrix", matrix), ("--item", item), ("--value", value)),
    ):
        if given is not None and not is_identifier(given):
            raise click.BadParameter(
                f"{given!r} is not a name of letters, digits and underscores; where the mart has "
                "such a column, give it a plain name there.",
                param_hint=option,
            )
    dbt_runs.require_project(dbt_arguments)
    try:
        project = read_project(dbt_runs.project_folder(dbt_arguments))
        if check:
            _check(project, name, mart, key)
        elif mart is None or key is None:
            raise click.UsageError(
                "Give --mart, the model of the mart, and --key, the column of its key; or --check."
            )
        elif matrix is None or item is None or value is None:
            if any((matrix, item, value)):
                raise click.UsageError(
                    "--matrix, the model of a long mart, --item and --value, two of its columns, "
                    "are given together."
                )
            _init(project, name, mart, key, order_by, None, dbt_arguments)
        else:
            long_mart = LongMart(matrix, item, value)
            _init(project, name, mart, key, order_by, long_mart, dbt_arguments)
    except SegmentationError as error:
        raise click.ClickException(str(error)) from None


def _check(project: Project, name: str, mart: str | None, key: str | None) -> None:
    paths = _paths(project, name)
    texts = {file: path.read_text(encoding="utf-8") for file, path in paths.items()}
    if not texts:
        raise click.ClickException(
            f"There is no segmentation {name} in "
            f"{', '.join(str(folder) for folder in project.model_folders)}. "
            f"`segmentation init {name}` makes it, --mart being the model of its mart and --key "
            "the column of its key."
        )
    yaml_file = specification_file(name)
    specification, problems = None, [f"{yaml_file} is not there"]
    if yaml_file in texts:
        specification, problems = specification_of_file(name, texts[yaml_file])
    mart = mart or mart_of(name, texts)
    key = key or (None if specification is None else specification.entity_key)
    if mart is None:
        problems.append(f"{name}_segment_models.py refers to no mart")
    long_mart = long_mart_read(name, specification, texts)
    if mart is not None and key is not None:
        if yaml_file in texts:
            problems += lacking_tests(name, mart, key, texts[yaml_file], long_mart)
        different = wrapper_problems(name, mart, key, texts, long_mart)
        problems += [f"{file} {problem}" for file, problem in different.items()]
    if problems:
        listed = "\n".join(f"  - {problem}" for problem in problems)
        raise click.ClickException(f"{name} differs from what this version writes:\n{listed}")
    click.echo(
        f"{name} is what this version writes: {yaml_file} and {len(texts) - 1} models of {mart}."
    )


def _init(
    project: Project,
    name: str,
    mart: str,
    key: str,
    order_by: str | None,
    long_mart: LongMart | None,
    dbt_arguments: Sequence[str],
) -> None:
    yaml_file = specification_file(name)
    paths = _paths(project, name)
    texts = {file: path.read_text(encoding="utf-8") for file, path in paths.items()}
    rest, variables = dbt_runs.split_vars(dbt_arguments)
    if project.switches is not None and name in project.switches:
        # On before its models are there, it would keep dbt from reading the project.
        variables.setdefault("segmentations", {**project.switches, name: False})
    manifest = dbt_runs.manifest(rest, variables)
    _require_no_clash(manifest, project, name, paths)
    _require_mart(manifest, mart, "--mart")
    if long_mart is not None:
        _require_mart(manifest, long_mart.model, "--matrix")

    if yaml_file in texts:
        key = _key_of_file(name, key, texts[yaml_file], paths[yaml_file], long_mart)
        new = {}
    else:
        profile = _profile(mart, key, rest, variables)
        has_matrix = long_mart is not None
        proposal = propose(profile, key, order_by, date.today(), has_matrix=has_matrix)
        key = proposal.entity_key
        if long_mart is not None:
            pairs = _profile(long_mart.model, key, rest, variables)
            long_mart = long_mart_of(pairs, key, long_mart.item, long_mart.value)
        new = {yaml_file: specification_text(name, mart, proposal, long_mart)}
    different = wrapper_problems(name, mart, key, texts, long_mart)
    edited = [paths[file] for file in different if file in texts]
    if edited:
        raise click.ClickException(
            f"Nothing is written, for these files are not what this version writes for {mart} by "
            f"{key}:\n" + "\n".join(f"  {path}" for path in edited) + "\nMove them away, and run "
            "this again."
        )
    written = wrapper_files(name, mart, key, long_mart)
    new |= {file: written[file] for file in different}

    if yaml_file in new:
        _tell_proposal(profile, proposal, long_mart)
    else:
        click.echo(f"{paths[yaml_file]} is kept as it is. Move it away to have features proposed.")
    _write(project.folder_of(name, paths), new)
    _tell_var(project, name, manifest)


def _profile(
    mart: str, key: str, dbt_arguments: Sequence[str], variables: Mapping[str, Any]
) -> MartProfile:
    rows = dbt_runs.select(_PROFILE.format(mart=mart, key=key), dbt_arguments, variables)
    if not rows:
        raise click.ClickException(
            f"{mart} is not built yet. Run `dbt build --select +{mart}` first."
        )
    return profile_of(mart, [row["profile"] for row in rows])


def _paths(project: Project, name: str) -> dict[str, Path]:
    return project.files([specification_file(name), *wrapper_files(name, "", "")])


def _require_no_clash(
    manifest: Any, project: Project, name: str, paths: Mapping[str, Path]
) -> None:
    """Refuse a name whose tables another model has, also one of a domain that is off."""
    ours = {path.resolve() for path in paths.values()}
    stems = {Path(file).stem for file in wrapper_files(name, "", "")}
    disabled = [node for nodes in manifest.disabled.values() for node in nodes]
    for node in (*manifest.nodes.values(), *disabled):
        if node.resource_type not in _MARTS or node.name not in stems:
            continue
        own = node.package_name == manifest.metadata.project_name
        if own and (project.root / node.original_file_path).resolve() in ours:
            continue
        raise click.BadParameter(
            f"{name} is taken: {node.package_name} has a {node.resource_type.value} {node.name} "
            f"in {node.original_file_path}. Give another name.",
            param_hint="NAME",
        )


def _require_mart(manifest: Any, mart: str, option: str) -> None:
    nodes = {node.name: node for node in manifest.nodes.values() if node.resource_type in _MARTS}
    if mart not in nodes:
        near = difflib.get_close_matches(mart, nodes, n=3)
        hint = f"Did you mean {' or '.join(near)}?" if near else "`dbt ls` lists those there are."
        raise click.BadParameter(
            f"the project has no model {mart} that is on. {hint}", param_hint=option
        )
    if nodes[mart].config.materialized == "ephemeral":
        raise click.BadParameter(
            f"{mart} is ephemeral, which Python models cannot read. Materialize it as a table, a "
            "view or a published_table.",
            param_hint=option,
        )


def _key_of_file(name: str, key: str, text: str, path: Path, long_mart: LongMart | None) -> str:
    """The key of a specification that is there, which must be the one that is asked for.

    So must the columns of its matrix.
    """
    specification, problems = specification_of_file(name, text)
    if specification is not None and specification.entity_key.lower() != key.lower():
        problems.append(f"its entity_key is {specification.entity_key}, and --key names {key}")
    if specification is not None:
        matrix = specification.matrix
        there = None if matrix is None else (matrix.item, matrix.value)
        asked = None if long_mart is None else (long_mart.item, long_mart.value)
        # As Spark reads names.
        if [name.lower() for name in there or ()] != [name.lower() for name in asked or ()]:
            problems.append(
                f"its matrix is of {_columns(there)}, and the options are of {_columns(asked)}"
            )
    if specification is None or problems:
        raise click.ClickException(
            f"Nothing is written, for {path} cannot be kept:\n"
            + "\n".join(f"  - {problem}" for problem in problems)
            + "\nMend it, or move it away to have it written anew."
        )
    return specification.entity_key


def _columns(matrix: tuple[str, str] | None) -> str:
    return "no columns" if matrix is None else f"item {matrix[0]} and value {matrix[1]}"


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    if not texts:
        click.echo("All files are there, and nothing is to be written.")
        return
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in texts.items():
        (folder / file).write_text(text, encoding="utf-8")
    click.echo(f"\nWritten to {folder}:")
    for file in texts:
        click.echo(f"  {file}")


def _tell_proposal(mart: MartProfile, proposal: Proposal, long_mart: LongMart | None) -> None:
    rows = [
        (item.name, item.transform if item.encoding == "numeric" else item.encoding, item.reason)
        for item in proposal.features
    ]
    width = max((len(name) for name, _, _ in rows), default=0)
    click.echo(f"{mart.name}: {mart.rows:,} customers by {proposal.entity_key}\n\nFeatures:")
    if long_mart is not None:
        click.echo(
            f"  {long_mart.components} components of {long_mart.value} by {long_mart.item} in "
            f"{long_mart.model}"
        )
    if long_mart is not None and rows:
        click.echo("\nMay stand beside them, named under features:")
    for name, how, why in rows:
        click.echo(f"  {name:<{width}}  {how:<7}  {why}")
    if proposal.offered or proposal.left_out:
        click.echo("\nLeft out:")
    for text in proposal.offered:
        click.echo(
            f"  {text.name}: text with about {text.levels} levels, each of which would be a "
            "dimension. It stands in the specification as a comment."
        )
    for item in proposal.left_out:
        click.echo(f"  {item.name}: {item.reason}")
    click.echo(
        f"\nSegment 1 will have the highest mean of {proposal.ordering} "
        f"({proposal.ordering_reason}); 2 to {proposal.highest_k} segments are tried."
    )


def _tell_var(project: Project, name: str, manifest: Any) -> None:
    switches = project.switches
    if switches is None:
        # What a default of the package has on stays on.
        switches = {
            node.config.meta["segmentation"]: True
            for node in manifest.nodes.values()
            if "specification" in node.config.meta
        }
    if switches.get(name) is True:
        click.echo(f"\nThe var segmentations in {PROJECT_FILE} has {name} on. Next: dbt build")
        return
    click.echo(
        f"\nSet this under vars in {PROJECT_FILE}, then run dbt build:\n"
        f"  {switches_line({**switches, name: True})}"
    )
