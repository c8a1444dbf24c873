"""Bad rows of a sample: what is wrong with them and how many there are."""

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from customer_segmentation.sample.keyed_random import Integers, Keys, once_per_window, split


@dataclass(frozen=True)
class Defect:
    """A kind of bad row: a copy of a good line in which some fields are replaced.

    One row is added in every ``lines_per_row`` good lines, so a sample with at least that many
    has the kind. ``replaced`` maps a field to its text, or to None where the field is missing.
    """

    name: str
    lines_per_row: int
    replaced: Mapping[str, str | None] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class RowsWithCopies:
    """The rows of a table with bad copies: each bad row stands behind the good one it is made of.

    ``source`` is the position of the good row, ``defect`` the position of what is wrong with the
    row among the defects, -1 for nothing.
    """

    source: Integers
    defect: Integers

    def replace(self, columns: MutableMapping[str, pa.Array], defects: Sequence[Defect]) -> None:
        """Put the texts of the defects into the columns, which have a value for each row."""
        for code in np.unique(self.defect[self.defect >= 0]):
            is_bad = pa.array(self.defect == code)
            for name, text in defects[code].replaced.items():
                columns[name] = pc.if_else(is_bad, pa.scalar(text, pa.string()), columns[name])


def with_copies(
    key: Keys, defects: Sequence[Defect], rows_before: int, rows: int
) -> RowsWithCopies:
    """Return ``rows`` good rows and bad copies of some of them.

    ``rows_before`` is the number of good rows in the blocks before, so that where the bad ones
    stand does not depend on the size of the blocks.
    """
    positions = [
        once_per_window(split(key, code), defect.lines_per_row, rows_before, rows_before + rows)
        - rows_before
        for code, defect in enumerate(defects)
    ]
    position = np.concatenate(positions)
    code = np.repeat(np.arange(len(defects)), [len(each) for each in positions])
    order = np.lexsort((code, position))
    position, code = position[order], code[order]
    return RowsWithCopies(
        np.insert(np.arange(rows), position + 1, position),
        np.insert(np.full(rows, -1), position + 1, code),
    )
