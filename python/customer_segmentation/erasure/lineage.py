"""Which tables may hold a customer of a segmentation: what its marts are made from, and all else.

Found in dbt's manifest, so that it holds for every domain and for marts of one's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from customer_segmentation.errors import InputError

_RAW_TABLE = re.compile(r"\braw_table\(\s*['\"](\w+)['\"]")


@dataclass(frozen=True)
class Lineage:
    """The nodes around the mart of a segmentation, and around the matrix where it has one.

    And those around marts of segmentations of the same customers: that have the same key, and read
    something of these.

    Attributes:
        marts: dbt's ids of all these marts and matrices, the segmentation's own first.
        key: column that identifies a customer.
        relations: schema and name of each node that may have the key, tests that store what
            they find among them.
        raw_tables: names of the raw tables that staging reads.
        raw_places: what the raw data is called where it is not this project's to erase.
    """

    marts: tuple[str, ...]
    key: str
    relations: frozenset[tuple[str, str]]
    raw_tables: frozenset[str]
    raw_places: tuple[str, ...]


def lineage_of(manifest: Any, segmentation: str) -> Lineage:
    """The lineage of a segmentation.

    Args:
        manifest: dbt's, with ``nodes`` and ``sources``.

    Raises:
        InputError: its model table is trained on no mart, or its matrix calls a customer otherwise
            than the mart.
    """
    nodes: Mapping[str, Any] = {**manifest.nodes, **manifest.sources}
    tables = [
        node
        for node in manifest.nodes.values()
        if node.resource_type == "model" and "specification" in node.config.meta
    ]
    table = next(node for node in tables if node.config.meta["segmentation"] == segmentation)
    specification = table.config.meta["specification"]
    key, matrix = specification["entity_key"], specification.get("matrix")
    marts = tuple(table.depends_on_nodes)
    wanted = 2 if matrix else 1
    if len(marts) != wanted:
        raise InputError(
            f"{table.name} reads {len(marts)} nodes and not {wanted}: "
            f"{'a mart and a matrix' if matrix else 'one mart'}."
        )
    if matrix and matrix.get("entity", key) != key:
        raise InputError(
            f"{table.name}: the column of a customer is {key} in the mart and {matrix['entity']} "
            "in the matrix. Give it one name: customers are erased from both by it."
        )
    parents = {name: _parents(node) for name, node in nodes.items()}
    children = _children(parents)
    before = _reached(marts, parents)
    around = _reached(before, children)
    # What a segmentation of the same customers reads besides has them too.
    while others := [
        mart
        for other in tables
        if other.unique_id in around and other.config.meta["specification"]["entity_key"] == key
        for mart in other.depends_on_nodes
        if mart not in marts
    ]:
        marts = (*marts, *dict.fromkeys(others))
        before = _reached(marts, parents)
        around = _reached(before, children)
    raw_tables = {name for each in before for name in _RAW_TABLE.findall(_code(nodes[each]))}
    by_type = [(nodes[each].resource_type, nodes[each].name) for each in before]
    outside = {name for kind, name in by_type if kind == "source"} | raw_tables
    outside = outside or {name for kind, name in by_type if kind == "seed"}
    return Lineage(
        marts=marts,
        key=key,
        relations=frozenset(
            (nodes[each].schema, nodes[each].alias) for each in around if each in manifest.nodes
        ),
        raw_tables=frozenset(raw_tables),
        raw_places=tuple(sorted(outside)),
    )


def _reached(starts: Iterable[str], steps: Mapping[str, Iterable[str]]) -> set[str]:
    found, waiting = set(), [*starts]
    while waiting:
        each = waiting.pop()
        if each not in found and each in steps:
            found.add(each)
            waiting += steps[each]
    return found


def _children(parents: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    children: dict[str, list[str]] = {name: [] for name in parents}
    for name, above in parents.items():
        for parent in above:
            children.setdefault(parent, []).append(name)
    return children


def _parents(node: Any) -> list[str]:
    return [*getattr(node, "depends_on_nodes", ())]


def _code(node: Any) -> str:
    return str(getattr(node, "raw_code", ""))
