"""Shared by the families on backpropagation."""

from collections.abc import Sequence
from fractions import Fraction
from random import Random

from labkit.drills.question import Number

WORDS = {2: "two", 3: "three", 6: "six"}


Vector = list[Number]


Matrix = list[Vector]


SIGN = "Gradient or step? At a true class that is not yet certain, the gradient is negative."


HALF = Fraction(1, 2)


def scaled(factor: Number, xs: Sequence[Number]) -> tuple[Number, ...]:
    return [factor * x for x in xs]


def inner(u: Sequence[Number], v: Sequence[Number]) -> Number:
    return sum(a * b for a, b in zip(u, v, strict=True))


def flat(rows: Sequence[Sequence[Number]]) -> tuple[Number, ...]:
    return [x for each in rows for x in each]


def outer(u: Sequence[Number], v: Sequence[Number]) -> Matrix:
    return [[a * b for b in v] for a in u]


def columns(M: Sequence[Sequence[Number]]) -> list[Vector]:
    return [list(each) for each in zip(*M, strict=True)]


def nonzero(rng: Random, low: int, high: int) -> int:
    return rng.choice([n for n in range(low, high + 1) if n])


def several(rng: Random, n: int, low: int = -3, high: int = 3) -> list[int]:
    return [nonzero(rng, low, high) for _ in range(n)]


def entries(name: str, *size: int) -> tuple[str, ...]:
    """$dW_{11}$, $dW_{12}$ ... row by row, or $dx_1$, $dx_2$."""
    if len(size) == 1:
        return tuple(f"${name}_{i + 1}$" for i in range(*size))
    return tuple(f"${name}_{{{i + 1}{j + 1}}}$" for i in range(size[0]) for j in range(size[1]))
