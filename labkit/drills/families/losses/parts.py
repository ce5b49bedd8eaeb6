"""Shared by the families on losses."""

from collections.abc import Sequence
from fractions import Fraction
from math import log

from labkit.drills.question import Number
from labkit.drills.typeset import number

HALF = Fraction(1, 2)


KEEP = "Logs may stay as they are, such as ln(5)/3."


def ln(k: Number) -> str:
    """The log of k as it is written: 0, \\ln 3, -\\ln 2 of a half."""
    k = Fraction(k)
    if k == 1:
        return "0"
    return rf"-\ln {k.denominator}" if k.numerator == 1 else rf"\ln {number(k)}"


def worth(k: Number) -> str:
    """\\ln 3 = 1.099."""
    return f"{ln(k)} = {number(log(k))}"


def stacked(columns: Sequence[Sequence[str]]) -> str:
    """A matrix of entries that are written already, from its columns."""
    inside = r" \\ ".join(" & ".join(each) for each in zip(*columns))
    return rf"\begin{{pmatrix}} {inside} \end{{pmatrix}}"
