"""Shared by the families on batch normalization."""

from fractions import Fraction


def mean(xs: list) -> Fraction:
    return Fraction(sum(xs), len(xs))


def with_eps(eps: int) -> str:
    return rf"$\varepsilon = {eps}$"
