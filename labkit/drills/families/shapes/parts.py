"""Shared by the families on shapes."""

from collections.abc import Sequence
from random import Random

BATCHES = (16, 20, 32, 50, 64, 100)  # none is a width: rows and columns can't be mixed up unseen


def widths(rng: Random, layers: int, low: int = 2, high: int = 9) -> list[int]:
    """Widths from the input to the output, no two equal."""
    return rng.sample(range(low, high + 1), layers + 1)


def net(sizes: Sequence[int]) -> str:
    return "-".join(map(str, sizes))
