"""Shared by the families on batch normalization."""

from fractions import Fraction

from labkit.drills.question import Number
from labkit.drills.typeset import number

TO_TRAIN = "Batch norm in training: mean and variance of this batch, the variance divided by $m$."


def mean(xs: list) -> Fraction:
    return Fraction(sum(xs), len(xs))


def plus(x: Number) -> str:
    return f"- {number(-x)}" if x < 0 else f"+ {number(x)}"


def with_eps(eps: int) -> str:
    return rf"$\varepsilon = {eps}$"
