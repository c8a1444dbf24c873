"""The dbt plugin: it checks settings and specifications before anything is built."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
from dbt.adapters.events.logging import AdapterLogger
from dbt.adapters.factory import FACTORY
from dbt.flags import get_flags
from dbt.plugins.manager import dbtPlugin
from dbt.plugins.manifest import PluginNodes
from dbt_common.exceptions import DbtRuntimeError

from customer_segmentation.errors import SegmentationError
from customer_segmentation.settings import last_run
from customer_segmentation.settings.check import PACKAGE, problems
from customer_segmentation.settings.nodes import absent_segmentations, model_files
from customer_segmentation.settings.read import is_installed, read_tables, read_vars
from customer_segmentation.settings.schemas import unfit_schemas
from dbt_spark_python import session

_COMMANDS_THAT_TRAIN = ("build", "run")
# Those whose results `dbt retry` reads.
_COMMANDS_TO_RETRY = ("build", "run", "test", "seed", "compile", "generate", "snapshot")
_MATERIALIZATIONS = ("published_table", "published_view")
_say = AdapterLogger("Segmentation").warning


class SettingsPlugin(dbtPlugin):
    """Refuses wrong settings, and a wrong specification in a model that trains."""

    def get_nodes(self) -> PluginNodes:
        """Check, before dbt looks for the nodes of each segmentation, that it has any.

        Returns:
            No nodes.

        Raises:
            DbtRuntimeError: The var ``segmentations`` turns on a name that no project has files of.
        """
        for adapter in _adapters():
            switches = read_vars(adapter.config).in_use({}).get("segmentations")
            found = absent_segmentations(switches, model_files(adapter.config))
            if found:
                raise DbtRuntimeError("\n".join(found))
        return PluginNodes()

    def get_manifest_artifacts(self, manifest: Any) -> dict[str, Any]:
        """Check all that dbt has read, and keep the settings for ``dbt retry``.

        Args:
            manifest: dbt's, with ``nodes`` and ``macros``.

        Returns:
            No artifacts.

        Raises:
            DbtRuntimeError: Vars are unknown or have values that are not allowed; the message names
                each with what is allowed. Or a specification is wrong; the message names the model,
                the key and what is allowed. Or a schema has a name that Spark does not keep, or
                settings have changed since the run that ``dbt retry`` goes on with.
            UsageError: The command is ``dbt clone``.
        """
        command = get_flags().WHICH  # type: ignore[no-untyped-call]
        try:
            _check_schemas(manifest)
            _check_clone(manifest, command)
            _check_settings(manifest, command)
            model_tables = _check_specifications(manifest)
        except SegmentationError as error:
            raise DbtRuntimeError(str(error)) from None
        if model_tables and command in _COMMANDS_THAT_TRAIN:
            session.after_early_start(lambda: _import_nodes(model_tables))
        return {}

    # What dbt's decorator of hooks sets, which also puts the name of the method before a message.
    get_nodes.is_dbt_hook = True  # type: ignore[attr-defined]
    get_manifest_artifacts.is_dbt_hook = True  # type: ignore[attr-defined]


def _adapters() -> Iterator[Any]:
    """Those of runs of this package, or of a project that installs it."""
    adapters: Iterable[Any] = FACTORY.adapters.values()
    return (adapter for adapter in adapters if is_installed(adapter.config))


def _check_settings(manifest: Any, command: str) -> None:
    for adapter in _adapters():
        vars_ = read_vars(adapter.config)
        tables = read_tables(adapter, manifest, vars_)
        found = problems(tables, vars_)
        if found:
            raise DbtRuntimeError("\n".join(found))
        folder = Path(adapter.config.project_target_path)
        settings = vars_.in_use(tables)
        if _is_retry():
            _check_retry(last_run.changed_since(folder, settings))
        elif command == "show":
            _say_what_show_reads(last_run.changed_since(folder, settings))
        elif command in _COMMANDS_TO_RETRY:
            last_run.keep(folder, settings)


def _is_retry() -> bool:
    # The flags are those of the run that failed.
    context = click.get_current_context(silent=True)
    return context is not None and context.info_name == "retry"


def _check_retry(changed: Sequence[str]) -> None:
    if changed:
        raise DbtRuntimeError(
            f"dbt retry makes only what failed, and what was made before would keep the old value "
            f"of {', '.join(changed)}. Run dbt build: it leaves what the change does not concern."
        )


def _say_what_show_reads(changed: Sequence[str]) -> None:
    if changed:
        _say(
            f"What is published was made by the old value of {', '.join(changed)}: dbt show reads "
            "it as it is. Run dbt build to make it anew."
        )


def _check_schemas(manifest: Any) -> None:
    found = [*unfit_schemas(node.schema for node in _nodes(manifest))]
    if found:
        raise DbtRuntimeError("\n".join(found))


def _check_clone(manifest: Any, command: str) -> None:
    """dbt-spark clones Delta tables alone, and says so once for each node."""
    if command != "clone":
        return
    flags = get_flags()  # type: ignore[no-untyped-call]
    selects = flags.SELECT or flags.EXCLUDE or flags.SELECTOR
    if selects and manifest.metadata.project_name != PACKAGE:
        return  # It may have selected others.
    if any(node.config.get("file_format") != "delta" for node in _nodes(manifest)):
        # Of an error of another kind dbt prints the stack, for this command alone.
        raise click.UsageError(
            "dbt clone copies Delta tables alone, and those of customer_segmentation have another "
            "file format. Make them in the other schema by dbt build, or let models there read "
            "those of this one by dbt build --select ... --defer --state ..."
        )


def _nodes(manifest: Any) -> Iterator[Any]:
    """Models and seeds of this package, and models of others that are published as ours are."""
    for node in manifest.nodes.values():
        is_ours = node.package_name == PACKAGE and node.resource_type in ("model", "seed")
        if is_ours or node.config.materialized in _MATERIALIZATIONS:
            yield node


def _check_specifications(manifest: Any) -> list[str]:
    """The model tables of the segmentations that are built."""
    models = [
        node
        for node in manifest.nodes.values()
        if node.resource_type == "model" and PACKAGE in node.raw_code
    ]
    for model in models:
        _check_specification(model.name, model.config.meta)
    return [model.relation_name for model in models if "specification" in model.config.meta]


def _check_specification(name: str, meta: Mapping[str, Any]) -> None:
    if "specification" not in meta:
        return
    # Only here: it takes a moment that other projects need not spend.
    from customer_segmentation.specification import specification_of

    specification_of(meta, f"config.meta.specification of {name}")


def _import_nodes(model_tables: Sequence[str]) -> None:
    """Import what the Python models import, which takes seconds, beside the first SQL models.

    What only training needs is imported where a model table is not there yet.
    """

    def import_it() -> None:
        with suppress(Exception):  # It comes again in the model that imports it.
            importlib.import_module(f"{PACKAGE}.nodes")
            if not all(map(session.table_exists, model_tables)):
                importlib.import_module(f"{PACKAGE}.training.memory")

    threading.Thread(target=import_it, daemon=True).start()
