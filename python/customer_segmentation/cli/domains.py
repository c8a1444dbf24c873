"""What the domains of the project know of raw data, as dbt has it when it has read the project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from customer_segmentation.cli import dbt_runs
from customer_segmentation.inspection.known import RawTable, raw_tables_of

_ANSWERS = ("raw_tables", "inspection", "formats", "settings")


def raw_tables(arguments: Sequence[str], variables: Mapping[str, Any]) -> list[RawTable]:
    """The raw tables of all domains that are on.

    Args:
        arguments: dbt's, of which those that say where the project is are used.

    Raises:
        ClickException: dbt could not read the project.
    """
    manifest = dbt_runs.manifest(arguments, variables)
    # Importing dbt takes seconds, which --help need not wait for.
    from dbt.adapters.factory import FACTORY

    from customer_segmentation.settings.check import PACKAGE
    from customer_segmentation.settings.read import read_tables, read_vars

    adapter: Any = next(iter(FACTORY.adapters.values()))
    vars_ = read_vars(adapter.config)
    switches = vars_.in_use(read_tables(adapter, manifest, vars_))["segmentations"]
    packages = {macro.name: macro.package_name for macro in manifest.macros.values()}

    def answer(macro: str) -> Any:
        if macro not in packages:
            return None
        return adapter.execute_macro(macro, macro_resolver=manifest, project=packages[macro])

    currencies = adapter.execute_macro("currencies", macro_resolver=manifest, project=PACKAGE)
    return [
        table
        for domain, is_on in switches.items()
        if is_on
        for table in raw_tables_of(
            domain, {name: answer(f"{domain}_{name}") for name in _ANSWERS}, currencies
        )
    ]
