"""Randomness as a pure function of (seed, table, row, step): no state, no order, no platform.

Every draw hashes its own coordinates, so that a week can be answered without living through the
weeks before it and a market may be cut into pieces. Add a kind of draw here, not where it is used.
"""

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bits = NDArray[np.uint64]

_ROW = np.uint64(0x9E3779B97F4A7C15)
_STEP = np.uint64(0xD1B54A32D192ED03)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_CHUNK = np.uint64(0xFFFF)
_SHIFTS = tuple(np.uint64(shift) for shift in (0, 16, 32, 48))


def _mixed(value: Bits) -> Bits:
    """The finaliser of splitmix64."""
    value = (value ^ (value >> np.uint64(30))) * _MIX_1
    value = (value ^ (value >> np.uint64(27))) * _MIX_2
    return value ^ (value >> np.uint64(31))


@dataclass(frozen=True)
class Draws:
    """Draws for one seed. `rows` and `step` are whole numbers, alone or as arrays of one shape."""

    seed: int

    def bits(self, table: str, rows: ArrayLike, step: ArrayLike = 0) -> Bits:
        """64 evenly spread bits for each (row, step) of a table."""
        digest = blake2b(f"{self.seed}:{table}".encode(), digest_size=8).digest()
        key = np.uint64(int.from_bytes(digest, "big"))
        row = np.atleast_1d(np.asarray(rows, dtype=np.int64)).astype(np.uint64)
        at = np.atleast_1d(np.asarray(step, dtype=np.int64)).astype(np.uint64)
        return _mixed(_mixed(row * _ROW + key) + at * _STEP)

    def uniform(self, table: str, rows: ArrayLike, step: ArrayLike = 0) -> Floats:
        """Numbers in [0, 1)."""
        return (self.bits(table, rows, step) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def normal(self, table: str, rows: ArrayLike, step: ArrayLike = 0) -> Floats:
        """Nearly normal numbers, mean 0 and variance 1: a sum of four, exact on every machine."""
        bits = self.bits(table, rows, step)
        parts = [((bits >> shift) & _CHUNK).astype(np.float64) for shift in _SHIFTS]
        total = parts[0] + parts[1] + parts[2] + parts[3]
        normal: Floats = (total / 65536 - 2.0) * 3.0**0.5
        return normal

    def whole(self, table: str, rows: ArrayLike, below: int, step: ArrayLike = 0) -> Ints:
        """Whole numbers in [0, below)."""
        return (self.uniform(table, rows, step) * below).astype(np.int64)

    def weighted(
        self, table: str, rows: ArrayLike, weights: ArrayLike, step: ArrayLike = 0
    ) -> Ints:
        """Positions in `weights`, each as often as its weight says."""
        edges = np.cumsum(np.asarray(weights, dtype=np.float64))
        found = np.searchsorted(edges / edges[-1], self.uniform(table, rows, step), side="right")
        return np.minimum(found, len(edges) - 1).astype(np.int64)
