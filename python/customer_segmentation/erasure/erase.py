"""Erasing customers from a folder of tables, whichever engine made it: files alone are touched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from customer_segmentation.erasure import log, tables
from customer_segmentation.erasure.ids import Finder
from customer_segmentation.erasure.lineage import Lineage
from dbt_spark_python import suppression
from dbt_spark_python.warehouse import Warehouse


@dataclass(frozen=True)
class Erasure:
    """An erasure that was asked for.

    Attributes:
        segmentation: that customers are erased from.
        lineage: the nodes around its mart.
        ids: of the customers.
        reason: why.
        salt: of the hashes that keep them out.
    """

    segmentation: str
    lineage: Lineage
    ids: tuple[str, ...]
    reason: str
    salt: str


@dataclass(frozen=True)
class Erased:
    """What an erasure did.

    Attributes:
        rows: removed by table, also those that a killed one had removed.
        nowhere: ids that no table had, in their order.
    """

    rows: dict[str, int]
    nowhere: tuple[str, ...]


def erase(warehouse: Warehouse, schema: str, erasure: Erasure) -> Erased:
    """Keep customers out, and remove their rows from every table and every generation kept.

    Each step is complete or undone, and the same erasure again does what is left of a killed one.

    Args:
        schema: that the log is published in.
    """
    lineage = erasure.lineage
    folders = tables.folders_of(warehouse.folder, lineage)
    # First, so that a build after a kill leaves them out.
    kept_out = suppression.add(
        warehouse,
        erasure.segmentation,
        lineage.marts,
        lineage.key,
        erasure.salt,
        erasure.ids,
    )
    tables.remove_unfinished(warehouse.folder)
    finder = Finder(erasure.ids)
    matchers = {
        True: tables.naming_rows(finder),
        False: tables.rows_of(erasure.ids, finder, lineage.key),
    }
    planned, found = _planned(folders, matchers, lineage.key)
    hashes = [suppression.salted_hash(erasure.salt, id_) for id_ in erasure.ids]
    journal = log.Journal(warehouse.folder, kept_out.name, hashes)
    journal.plan(planned)
    for folder in folders:
        if folder.is_raw_copy:
            # Which of its columns is the key an expression says; the next build copies anew.
            _delete_copy(warehouse, folder)
            continue
        for file in folder.files:
            if str(file) in planned:
                tables.rewrite(file, matchers[False])
    removed = journal.by_table()
    log.publish(warehouse, schema, erasure.segmentation, erasure.reason, removed)
    journal.close()
    return Erased(removed, tuple(id_ for id_ in erasure.ids if id_ not in found))


def _planned(
    folders: list[tables.TableFolder],
    matchers: Mapping[bool, tables.Matcher],
    key: str,
) -> tuple[dict[str, tuple[str, int]], set[str]]:
    """Table and rows to remove of each file that has any, and the ids in their key."""
    planned, found = {}, set()
    for folder in folders:
        for file in folder.files:
            rows, keys = tables.count(file, matchers[folder.is_raw_copy], key)
            found |= keys
            if rows:
                planned[str(file)] = (f"{folder.schema}.{folder.name}", rows)
    return planned, found


def _delete_copy(warehouse: Warehouse, folder: tables.TableFolder) -> None:
    """Delete the files of a copy; Sail, which declares what is on record, is not to look for it."""
    record = warehouse.record(folder.schema, folder.name)
    if record is not None and record.location == warehouse.relative(str(folder.folder)):
        warehouse.forget(folder.schema, folder.name)
    for file in folder.files:
        file.with_name(f".{file.name}.crc").unlink(missing_ok=True)
        file.unlink()
