"""Values of a sample as text, and positions drawn by weight."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from customer_segmentation.sample.keyed_random import Integers, Keys, below


def weighted(keys: Keys, cumulated_weights: Integers) -> Integers:
    """Return a position for each key, drawn by weights that are cumulated."""
    drawn = below(keys, int(cumulated_weights[-1]))
    return np.searchsorted(cumulated_weights, drawn, side="right")


def weighted_by_row(keys: Keys, cumulated_weights: Integers) -> Integers:
    """Return a position for each key, drawn by the cumulated weights in the row of the key."""
    drawn = below(keys, cumulated_weights[:, -1])
    position: Integers = (cumulated_weights <= drawn[:, None]).sum(axis=1)
    return position


def texts(
    texts: tuple[str, ...] | list[str],
    positions: Integers,
    missing: npt.NDArray[np.bool_] | None = None,
) -> pa.Array:
    """Return the text at each position, null where it is missing."""
    return pa.array(list(texts)).take(pa.array(positions, mask=missing))


def joined(*parts: str | pa.Array) -> pa.Array:
    """Return texts put together of parts, null where one part is."""
    return pc.binary_join_element_wise(*parts, "")
