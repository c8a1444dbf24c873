"""The dbt plugin: it checks settings and specifications before anything is built."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from dbt.adapters.factory import FACTORY
from dbt.flags import get_flags
from dbt.plugins.manager import dbtPlugin
from dbt.plugins.manifest import PluginNodes
from dbt_common.exceptions import DbtRuntimeError

from customer_segmentation.errors import SegmentationError
from customer_segmentation.settings.check import PACKAGE, problems
from customer_segmentation.settings.nodes import absent_segmentations, model_files
from customer_segmentation.settings.read import is_installed, read_tables, read_vars
from dbt_spark_python import session

_COMMANDS_THAT_TRAIN = ("build", "run")


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
        """Check all that dbt has read; nothing is written.

        Args:
            manifest: dbt's, with ``nodes`` and ``macros``.

        Returns:
            No artifacts.

        Raises:
            DbtRuntimeError: Vars are unknown or have values that are not allowed; the message names
                each with what is allowed. Or a specification is wrong; the message names the model,
                the key and what is allowed.
        """
        try:
            _check_settings(manifest)
            model_tables = _check_specifications(manifest)
        except SegmentationError as error:
            raise DbtRuntimeError(str(error)) from None
        if model_tables and get_flags().WHICH in _COMMANDS_THAT_TRAIN:  # type: ignore[no-untyped-call]
            session.after_early_start(lambda: _import_nodes(model_tables))
        return {}

    # What dbt's decorator of hooks sets, which also puts the name of the method before a message.
    get_nodes.is_dbt_hook = True  # type: ignore[attr-defined]
    get_manifest_artifacts.is_dbt_hook = True  # type: ignore[attr-defined]


def _adapters() -> Iterator[Any]:
    """Those of runs of this package, or of a project that installs it."""
    adapters: Iterable[Any] = FACTORY.adapters.values()
    return (adapter for adapter in adapters if is_installed(adapter.config))


def _check_settings(manifest: Any) -> None:
    for adapter in _adapters():
        vars_ = read_vars(adapter.config)
        found = problems(read_tables(adapter, manifest, vars_), vars_)
        if found:
            raise DbtRuntimeError("\n".join(found))


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
