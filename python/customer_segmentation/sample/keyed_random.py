"""Random numbers addressed by key: a draw depends on its key alone, never on the draws before it.

The keys are SplitMix64 states (Steele, Lea and Flood, "Fast splittable pseudorandom number
generators", OOPSLA 2014). Integers only, so every machine and every numpy gives the same values,
and any part of a sample can be computed without the rest; numpy's own generators promise neither.
"""

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.uint64]
Integers = npt.NDArray[np.int64]

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MULTIPLIER_1 = np.uint64(0xBF58476D1CE4E5B9)
_MULTIPLIER_2 = np.uint64(0x94D049BB133111EB)


def root_key(seed: int) -> Keys:
    """Return the key, an array of length 1, from which every other key of ``seed`` is split."""
    return np.array([seed], dtype=np.uint64)


def split(keys: Keys, index: int | Integers) -> Keys:
    """Return the key of child ``index`` (>= 0) of each key: output ``index`` of SplitMix64.

    ``keys`` and ``index`` broadcast against each other.
    """
    # An array even of one index: numpy warns of the overflow, meant here, of scalars only.
    state: Keys = keys + (np.atleast_1d(index).astype(np.uint64) + np.uint64(1)) * _GAMMA
    state = (state ^ (state >> np.uint64(30))) * _MULTIPLIER_1
    state = (state ^ (state >> np.uint64(27))) * _MULTIPLIER_2
    return state ^ (state >> np.uint64(31))


def below(keys: Keys, bound: int | Integers) -> Integers:
    """Return one integer in ``[0, bound)`` for each key; ``bound`` is between 1 and 2**32."""
    high = keys >> np.uint64(32)
    return ((high * np.asarray(bound).astype(np.uint64)) >> np.uint64(32)).astype(np.int64)


def between(keys: Keys, ends: Integers) -> Integers:
    """Return one integer for each key, from ``ends[..., 0]`` to ``ends[..., 1]``, both included."""
    return ends[..., 0] + below(keys, ends[..., 1] - ends[..., 0] + 1)


def once_per_window(key: Keys, window: int, start: int, stop: int) -> Integers:
    """Return the ascending ordinals in ``[start, stop)`` that are picked, one in every window.

    The ordinals 0, 1, 2, ... are cut into windows of ``window``; one ordinal of each is picked.
    """
    windows = np.arange(start // window, -(-stop // window), dtype=np.int64)
    picked = windows * window + below(split(key, windows), window)
    return picked[(picked >= start) & (picked < stop)]
