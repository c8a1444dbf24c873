"""The vars of a dbt_project.yml, changed line by line, so that all other lines stay."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from customer_segmentation.errors import SegmentationError

PACKAGE = "customer_segmentation"
_VARS = "vars"
_INDENT = 2
# What a proposal stands between.
BEGIN = "# Proposed by segmentation inspect"
END = "# To here proposed by segmentation inspect"


class VarsError(SegmentationError):
    """The vars cannot be written; the message says what to do."""


@dataclass(frozen=True)
class ProjectVars:
    """The text of a project file, and what it sets.

    Args:
        text: Of the file.
    """

    text: str

    @property
    def in_use(self) -> dict[str, Any]:
        """The vars that hold for the package, by name."""
        settings = yaml.safe_load(self.text) or {}
        variables = settings.get(_VARS) or {}
        scoped = variables.get(PACKAGE)
        plain = {name: value for name, value in variables.items() if name != PACKAGE}
        return {**plain, **scoped} if isinstance(scoped, Mapping) else plain

    def with_lines(self, lines: Sequence[str]) -> ProjectVars:
        """The file with lines at the end of the package's vars.

        In the package's own project they stand under ``vars``, in others under its name there.

        Raises:
            VarsError: The vars are written on one line, into which no lines can be put.
        """
        root = _root(self.text)
        is_own = _plain(_child(root, "name")) == PACKAGE
        path = [_VARS] if is_own else [_VARS, PACKAGE]
        node, depth = root, 0
        for depth, name in enumerate(path):
            child = _child(node, name)
            if child is None or _is_empty(child):
                return self._below(node, path[depth:], child, lines)
            node = child
        return self._after(node, lines, node.start_mark.column)

    def without(self, names: Collection[str]) -> ProjectVars:
        """The file without the lines of these vars."""
        root = _root(self.text)
        variables = _child(root, _VARS)
        if variables is None:
            return self
        kept = self.text.splitlines(keepends=True)
        scopes = [variables, _child(variables, PACKAGE)]
        for scope in scopes:
            for key, value in _items(scope):
                if key.value in names:
                    if scope is not None and scope.flow_style:
                        raise VarsError(_ON_ONE_LINE)
                    for at in range(key.start_mark.line, _last_line(value) + 1):
                        kept[at] = ""
        return ProjectVars("".join(kept))

    def without_comments_of_proposal(self) -> ProjectVars:
        """The file without the comments that stand between the marks of an earlier proposal."""
        kept: list[str] = []
        is_inside = False
        for line in self.text.splitlines(keepends=True):
            text = line.strip()
            if text.startswith(BEGIN):
                is_inside = True
                kept = kept[:-1] if kept and not kept[-1].strip() else kept
            if not is_inside or not (text == "" or text.startswith("#")):
                kept.append(line)
            is_inside = is_inside and text != END
        return ProjectVars("".join(kept))

    def _below(
        self, parent: Any, missing: Sequence[str], there: Any, lines: Sequence[str]
    ) -> ProjectVars:
        """Lines below a key that is not there yet, or has no value."""
        column = 0 if missing[0] == _VARS else _column_of(parent)
        further = missing
        if there is not None:
            further = missing[1:]
        nested = [f"{' ' * _INDENT * at}{name}:" for at, name in enumerate(further)]
        indent = " " * _INDENT * len(further)
        block = [*nested, *(indent + line if line else "" for line in lines)]
        if there is None and missing[0] == _VARS:
            end = "" if self.text.endswith("\n") or not self.text else "\n"
            return ProjectVars(f"{self.text}{end}\n{_text(block, 0, self.newline)}")
        if there is None:
            return self._after(parent, block, column)
        kept = self.text.splitlines(keepends=True)
        at = there.start_mark.line
        if there.value == [] or there.value == {}:
            kept[at] = kept[at].replace("{}", "", 1).rstrip() + self.newline
        elif not kept[at].endswith(("\n", "\r")):
            kept[at] += self.newline
        kept.insert(at + 1, _text(block, column + _INDENT, self.newline))
        return ProjectVars("".join(kept))

    def _after(self, node: Any, lines: Sequence[str], column: int) -> ProjectVars:
        if node.flow_style:
            raise VarsError(_ON_ONE_LINE)
        kept = self.text.splitlines(keepends=True)
        at = _last_line(node)
        if not kept[at].endswith(("\n", "\r")):
            kept[at] += self.newline
        kept.insert(at + 1, _text(lines, column, self.newline))
        return ProjectVars("".join(kept))

    @property
    def newline(self) -> str:
        """The end of a line in this file."""
        return "\r\n" if "\r\n" in self.text else "\n"


_ON_ONE_LINE = (
    "The vars of dbt_project.yml are written on one line, in braces. Write each on a line of its "
    "own, or put the block there yourself."
)


def _root(text: str) -> Any:
    return yaml.compose(text, Loader=yaml.SafeLoader)


def _items(node: Any) -> list[tuple[Any, Any]]:
    return list(node.value) if isinstance(node, yaml.MappingNode) else []


def _child(node: Any, name: str) -> Any:
    return next((value for key, value in _items(node) if key.value == name), None)


def _plain(node: Any) -> str:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""


def _is_empty(node: Any) -> bool:
    return not node.value or (isinstance(node, yaml.ScalarNode) and node.value in ("~", "null"))


def _column_of(node: Any) -> int:
    return int(node.start_mark.column)


def _last_line(node: Any) -> int:
    """The last line of a value, comments behind it left out."""
    if not isinstance(node, yaml.ScalarNode) and node.value and not node.flow_style:
        last = node.value[-1]
        return _last_line(last[1] if isinstance(last, tuple) else last)
    end = node.end_mark
    # A text that stands below its key as a block ends where the next line begins.
    return int(end.line - (end.column == 0 and end.line > node.start_mark.line))


def _text(lines: Sequence[str], column: int, newline: str) -> str:
    indented = (" " * column + line if line else "" for line in lines)
    return "".join(line + newline for line in indented)


def read_vars_of(path: Path) -> ProjectVars:
    """The vars of a project file.

    Raises:
        VarsError: It cannot be read.
    """
    try:
        found = ProjectVars(path.read_bytes().decode("utf-8"))
        assert isinstance(found.in_use, dict)
    except (OSError, UnicodeError, yaml.YAMLError, AttributeError) as error:
        raise VarsError(f"{path} cannot be read: {error}") from None
    return found


def write_vars_of(path: Path, project: ProjectVars) -> None:
    """Write a project file.

    Raises:
        VarsError: What would be written is no YAML; the file is left as it is.
    """
    try:
        yaml.safe_load(project.text)
    except yaml.YAMLError as error:
        raise VarsError(
            f"{path} is left as it is, for its vars cannot be added to: {error}"
        ) from None
    path.write_bytes(project.text.encode("utf-8"))
