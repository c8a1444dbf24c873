"""The part of docs/settings.md that the tables of settings say.

``python -m customer_segmentation.settings.document`` writes it, in the folder of this project.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from dbt.adapters.factory import FACTORY
from dbt.cli.main import dbtRunner

from customer_segmentation.settings.declared import Setting, Tables, by_name
from customer_segmentation.settings.read import read_tables, read_vars

PAGE = Path("docs/settings.md")
# What stands between these lines is written, what stands around them is left.
BEGIN = "<!-- From here on written by python -m customer_segmentation.settings.document -->\n"
END = "<!-- To here -->\n"


def document(page: str, tables: Tables) -> str:
    """A page with the settings between its two marking lines: a section and a table per group.

    Raises:
        ValueError: The page does not have each of the lines once.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end or BEGIN in rest or END in after:
        raise ValueError(f"The page needs these two lines once each:\n{BEGIN}{END}")
    groups: dict[str, list[Setting]] = {}
    for setting in by_name(tables).values():
        groups.setdefault(setting.group, []).append(setting)
    sections = "\n".join(_section(group, settings) for group, settings in groups.items())
    return f"{before}{BEGIN}\n{sections}\n{END}{after}"


def _section(group: str, settings: Iterable[Setting]) -> str:
    return "\n".join([f"## {group}", "", *_table(settings), ""])


def _table(settings: Iterable[Setting]) -> Iterator[str]:
    yield "| var | default | meaning |"
    yield "|---|---|---|"
    for setting in settings:
        yield f"| `{setting.name}` | {_default(setting.default)} | {_meaning(setting)} |"


def _default(value: Any) -> str:
    if value == "":
        return "empty"
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"


def _meaning(setting: Setting) -> str:
    if setting.kind == "raw_columns":
        return f"{setting.meaning} Ours are {', '.join(f'`{name}`' for name in setting.allowed)}."
    return setting.meaning


def main() -> None:
    """Write the page anew."""
    parsed = dbtRunner().invoke(["parse", "--quiet"])
    if not parsed.success:
        sys.exit(str(parsed.exception))
    adapter: Any = next(iter(FACTORY.adapters.values()))
    tables = read_tables(adapter, parsed.result, read_vars(adapter.config))
    PAGE.write_text(document(PAGE.read_text(), tables))


if __name__ == "__main__":
    main()
