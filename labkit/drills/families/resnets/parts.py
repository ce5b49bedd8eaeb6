"""Shared by the families on residual nets and convolutions."""

from fractions import Fraction


def channels_of(c: int) -> str:
    return "1 channel" if c == 1 else f"{c} channels"


def size_after(size: int, k: int, stride: int, padding: int) -> int:
    return (size + 2 * padding - k) // stride + 1


def asked_size(size: int, k: int, stride: int, padding: int) -> str:
    inside = Fraction(size + 2 * padding - k, stride)
    floor = rf"\left\lfloor\frac{{{size} + 2 \cdot {padding} - {k}}}{{{stride}}}\right\rfloor + 1"
    return rf"{floor} = {inside.numerator // inside.denominator} + 1 = {size_after(size, k, stride, padding)}"
