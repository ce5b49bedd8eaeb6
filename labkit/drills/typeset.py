"""Numbers, vectors and matrices as LaTeX."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from labkit.drills.question import Number

DIGITS = 4  # of a number that is rounded for reading


def number(x: Number) -> str:
    """3, -1/2 as a fraction, 0.1054 for a float."""
    if isinstance(x, Fraction) and x.denominator > 1:
        sign = "-" if x < 0 else ""
        return rf"{sign}\tfrac{{{abs(x.numerator)}}}{{{x.denominator}}}"
    if isinstance(x, float) and not x.is_integer():
        return f"{x:.{DIGITS}g}"
    return str(int(x))


def decimal(x: Number) -> str:
    """0.25 where the decimals end, else as `number` does."""
    if not isinstance(x, Fraction) or 10**12 % x.denominator:
        return number(x)
    return f"{(Decimal(x.numerator) / Decimal(x.denominator)).normalize():f}"


def matrix(rows: Sequence[Sequence[Number]]) -> str:
    inside = r" \\ ".join(" & ".join(number(x) for x in row) for row in rows)
    return rf"\begin{{pmatrix}} {inside} \end{{pmatrix}}"


def column(xs: Sequence[Number]) -> str:
    return matrix([[x] for x in xs])


def row(xs: Sequence[Number]) -> str:
    return "(" + r",\ ".join(number(x) for x in xs) + ")"


def bracketed(x: Number) -> str:
    """A factor of a product: negative numbers in brackets."""
    return f"({number(x)})" if x < 0 else number(x)


def product(xs: Sequence[Number]) -> str:
    """2 \\cdot (-3)."""
    return r" \cdot ".join(bracketed(x) if place else number(x) for place, x in enumerate(xs))


def plus(x: Number) -> str:
    """The next term of a sum: + 3, or - 3."""
    return f"- {number(-x)}" if x < 0 else f"+ {number(x)}"


def total(terms: Sequence[Number]) -> str:
    """3 - 2 + 1/2."""
    return " ".join([number(terms[0]), *map(plus, terms[1:])])


def dot(w: Sequence[Number], x: Sequence[Number], b: Number | None = None) -> str:
    """2 \\cdot 1 + (-1) \\cdot 3 + b: the sum behind one entry of W x + b."""
    said = " + ".join(f"{bracketed(a) if place else number(a)} \\cdot {bracketed(c)}"
                      for place, (a, c) in enumerate(zip(w, x, strict=True)))  # fmt: skip
    return said if b is None else f"{said} {plus(b)}"
