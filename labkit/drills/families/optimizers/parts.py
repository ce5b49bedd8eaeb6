"""Shared by the families on optimizers."""

from fractions import Fraction
from random import Random

from labkit.drills.question import Number
from labkit.drills.typeset import decimal

HALF = Fraction(1, 2)


QUARTER = Fraction(1, 4)


TENTH = Fraction(1, 10)


def factor(x: Number) -> str:
    return f"({decimal(x)})" if x < 0 else decimal(x)


def times(*xs: Number) -> str:
    """0.5 \\cdot (-3)."""
    return r" \cdot ".join([decimal(xs[0]), *(factor(x) for x in xs[1:])])


def plus(said: str, x: Number) -> str:
    """said + 3, or said - 3."""
    return f"{said} - {decimal(-x)}" if x < 0 else f"{said} + {decimal(x)}"


def minus(said: str, x: Number) -> str:
    return plus(said, -x)


def whole(x: Number) -> Number:
    """A fraction without a denominator becomes a whole number."""
    return int(x) if isinstance(x, Fraction) and x.denominator == 1 else x


def nonzero(rng: Random, low: int, high: int) -> int:
    return rng.choice([n for n in range(low, high + 1) if n])
