"""Tables of settings and vars, as dbt has them when it has read the project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dbt.clients.jinja import get_rendered
from dbt.context.target import TargetContext

from customer_segmentation.settings.check import PACKAGE, Vars
from customer_segmentation.settings.declared import GENERIC, SUFFIX, Setting, Tables, settings_of


def is_installed(config: Any) -> bool:
    """Whether a project is this package or installs it.

    Args:
        config: dbt's, of the project that is run.
    """
    return PACKAGE in config.load_dependencies()


def read_vars(config: Any) -> Vars:
    """The vars of a run. A text with Jinja in it is rendered, as dbt does where a macro reads it.

    Args:
        config: dbt's, of the project that is run.
    """
    projects = config.load_dependencies()
    root = config.project_name
    in_file = config.vars.to_dict()
    scoped = {name for name, value in in_file.items() if name in projects and _is_mapping(value)}
    context = TargetContext(config.to_target_dict(), config.cli_vars).to_dict()

    def rendered(values: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: get_rendered(value, context) if isinstance(value, str) else value
            for name, value in values.items()
        }

    return Vars(
        root=root,
        shipped={} if root == PACKAGE else rendered(projects[PACKAGE].vars.to_dict()),
        everywhere=rendered({name: in_file[name] for name in in_file if name not in scoped}),
        for_root=rendered(in_file[root]) if root in scoped and root != PACKAGE else {},
        for_package=rendered(in_file[PACKAGE]) if PACKAGE in scoped else {},
        command_line=rendered(config.cli_vars),
    )


def read_tables(adapter: Any, manifest: Any, vars_: Vars) -> Tables:
    """What the macros named ``<domain>_settings`` declare.

    All of this package are read, and of the project that is run those whose domain the setting
    ``segmentations`` names.

    Args:
        adapter: dbt's, of the run.
        manifest: dbt's, of the run.

    Raises:
        DeclarationError: A table does not say what it must.
    """
    macros = {(macro.package_name, macro.name) for macro in manifest.macros.values()}

    def table(domain: str, package: str) -> dict[str, Setting]:
        macro = f"{domain}{SUFFIX}"
        declared = adapter.execute_macro(macro, macro_resolver=manifest, project=package)
        return settings_of(domain, declared)

    shipped = {
        name.removesuffix(SUFFIX)
        for package, name in macros
        if package == PACKAGE and name.endswith(SUFFIX)
    }
    tables = {domain: table(domain, PACKAGE) for domain in sorted(shipped, key=_generic_first)}
    switches = vars_.in_use(tables)["segmentations"]
    for domain in switches if _is_mapping(switches) else ():
        if domain not in tables and (vars_.root, f"{domain}{SUFFIX}") in macros:
            tables[domain] = table(domain, vars_.root)
    return tables


def _generic_first(domain: str) -> tuple[bool, str]:
    return domain != GENERIC, domain


def _is_mapping(value: Any) -> bool:
    return isinstance(value, Mapping)
