"""Checks specifications and names of vars when dbt has read the project, before anything is built.

dbt imports every installed module whose name starts with ``dbt_`` and starts the plugins that it
names.
"""

import importlib
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from dbt.adapters.factory import FACTORY
from dbt.flags import get_flags
from dbt.plugins.manager import dbt_hook, dbtPlugin
from dbt_common.exceptions import DbtRuntimeError

from dbt_spark_python import session

# The library, and the dbt package.
_NAME = "customer_segmentation"
_COMMANDS_THAT_TRAIN = ("build", "run")


class SettingsPlugin(dbtPlugin):
    """Refuses a wrong specification in a model that trains, and vars that no model reads."""

    @dbt_hook  # type: ignore[untyped-decorator]
    def get_manifest_artifacts(self, manifest: Any) -> dict[str, Any]:
        """Parse the specifications, compare the vars; nothing is written.

        Args:
            manifest: dbt's, with ``nodes``.

        Returns:
            No artifacts.

        Raises:
            DbtRuntimeError: One is wrong; the message names the model, the key and what is allowed.
                Or a project that has this one as a package sets vars of it that it does not have.
        """
        adapters: Iterable[Any] = FACTORY.adapters.values()
        for adapter in adapters:
            _check_vars(adapter.config)
        models = [
            node
            for node in manifest.nodes.values()
            if node.resource_type == "model" and _NAME in node.raw_code
        ]
        for model in models:
            _check_specification(model.name, model.config.meta)
        if models and get_flags().WHICH in _COMMANDS_THAT_TRAIN:  # type: ignore[no-untyped-call]
            session.after_early_start(_import_nodes)
        return {}


def _import_nodes() -> None:
    """Import what the Python models import, which takes seconds, beside the first SQL models."""

    def import_it() -> None:
        with suppress(Exception):  # It comes again in the model that imports it.
            importlib.import_module(f"{_NAME}.nodes")

    threading.Thread(target=import_it, daemon=True).start()


def _check_vars(config: Any) -> None:
    """Refuse vars that the project's own file sets for the package, and that it does not have.

    Those of the command line are checked when the run starts.

    Args:
        config: dbt's, of the project that is run.
    """
    given = config.vars.to_dict().get(_NAME)
    package = config.load_dependencies().get(_NAME)
    if package is None or not isinstance(given, Mapping):
        return
    known = package.vars.to_dict()
    unknown = sorted(given.keys() - known.keys())
    if unknown:
        raise DbtRuntimeError(
            f"Package {_NAME} has no var {', '.join(unknown)}, which dbt_project.yml sets. Its "
            f"vars are {', '.join(sorted(known))}."
        )


def _check_specification(name: str, meta: Mapping[str, Any]) -> None:
    # Overrides of another kind come from a var, which on-run-start refuses by its name.
    if "specification" not in meta or not isinstance(meta.get("overrides") or {}, Mapping):
        return
    # Only here: it takes a moment that other projects need not spend.
    from customer_segmentation.specification import specification_of

    specification_of(meta, f"config.meta.specification of {name}")


plugins = [SettingsPlugin]
