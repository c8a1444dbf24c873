"""Checks every specification when dbt has read the project, before anything is built.

dbt imports every installed module whose name starts with ``dbt_`` and starts the plugins that it
names.
"""

from collections.abc import Mapping
from typing import Any

from dbt.plugins.manager import dbt_hook, dbtPlugin

_LIBRARY = "customer_segmentation"


class SpecificationPlugin(dbtPlugin):
    """Refuses a project with a wrong specification in a model that trains."""

    @dbt_hook  # type: ignore[untyped-decorator]
    def get_manifest_artifacts(self, manifest: Any) -> dict[str, Any]:
        """Parse the specifications; nothing is written.

        Args:
            manifest: dbt's, with ``nodes``.

        Returns:
            No artifacts.

        Raises:
            DbtRuntimeError: One is wrong; the message names the model, the key and what is allowed.
        """
        for node in manifest.nodes.values():
            if node.resource_type == "model" and _LIBRARY in node.raw_code:
                _check(node.name, node.config.meta)
        return {}


def _check(name: str, meta: Mapping[str, Any]) -> None:
    # Overrides of another kind come from a var, which on-run-start refuses by its name.
    if "segmentation" not in meta or not isinstance(meta.get("overrides") or {}, Mapping):
        return
    # Only here: it takes a moment that other projects need not spend.
    from customer_segmentation.specification import specification_of

    specification_of(meta, f"config.meta.segmentation of {name}")


plugins = [SpecificationPlugin]
