"""Which gradient is wrong, and at which entry: what was derived against what is measured."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from labkit.explorers.engine import Unfinished, ask, number

H = 1e-5
TOLERANCE = 1e-6
WRONG_SHAPE = "Expected shape"
MOST_ENTRIES = 400  # of a wrong tensor that are measured one by one


@dataclass(frozen=True)
class Row:
    """The verdict on one tensor.

    error: the largest relative error along the directions, infinite where nothing could be compared.
    index, measured, came: the worst entry of a wrong tensor. factor: came / measured, where all entries have the same.
    """

    name: str
    shape: tuple
    error: float
    ok: bool
    words: str = ""
    index: tuple | None = None
    measured: float | None = None
    came: float | None = None
    factor: float | None = None


def gradient_report(
    slope_along: Callable,
    J: Callable[[dict], float],
    parameters: Mapping[str, np.ndarray],
    gradients: Mapping[str, np.ndarray] | None,
    rng: np.random.Generator,
    directions: int = 3,
    tolerance: float = TOLERANCE,
) -> list[Row]:
    """|s - g.d| / max(|s|, |g.d|), the largest over random d of length 1, for each tensor theta and its g = dJ/dtheta.

    s = slope_along(J of theta, theta, d, h), measured with h = 1e-5 in float64; g.d = sum of g * d. The error has no
    unit: about 1e-9 for a right gradient, far above 1e-6 for a wrong one.
    parameters, gradients: {name: array}, with the same names and shapes. J(parameters) gives one number.
    Prints a table, with the worst entry of each wrong tensor and, where it is plain, what is wrong with it.
    Returns one Row for each tensor. Raises nothing for a wrong gradient; an unfinished function gets a sentence.
    A z of ReLU within about h of its kink spoils the measurement, not the gradient.
    Source: Nocedal and Wright, Numerical Optimization, 8.1.
    """
    try:
        check = Check(slope_along, J, parameters)
        if gradients is None:
            raise Unfinished("The gradients are None. Finish the function that makes them first.")
        if not isinstance(gradients, Mapping):
            raise Unfinished(f"The gradients should be a dict {{name: array}}, but are a {type(gradients).__name__}.")
        rows = [check.row(name, gradients, rng, directions, tolerance) for name in parameters]
    except Unfinished as unfinished:
        print(unfinished)
        return []
    print("\n".join([*_table(rows), _summary(rows, tolerance)]))
    return rows


class Check:
    """A student's slope_along on one loss. Raises Unfinished where it, or the loss, gives no number."""

    def __init__(self, slope_along: Callable, J: Callable, parameters: Mapping[str, np.ndarray]):
        self.slope_along, self.J = slope_along, J
        self.parameters = {name: np.array(theta, float) for name, theta in parameters.items()}
        # Rounding of J shows as about 1e-11 |J| in a slope: below this size no relative error can reach 1e-6.
        self.floor = 1e-4 * abs(float(ask(self.loss, {}, shape=()))) + 1e-12

    def loss(self, changed: dict) -> float:
        return self.J({**{name: theta.copy() for name, theta in self.parameters.items()}, **changed})

    def slope(self, name: str, direction: np.ndarray) -> float:
        """The measured slope of J, when the tensor of this name moves along the direction."""
        return float(ask(self.slope_along, lambda theta: self.loss({name: theta}), self.parameters[name].copy(),
                         direction.copy(), H, shape=()))  # fmt: skip

    def error(self, measured: Any, came: Any) -> np.ndarray:
        """The relative error, entry by entry. nan and inf count as infinitely wrong."""
        with np.errstate(invalid="ignore"):
            apart, size = np.abs(np.subtract(came, measured)), np.maximum(np.abs(measured), np.abs(came))
            return np.nan_to_num(apart / np.maximum(size, self.floor), nan=np.inf)

    def row(self, name: str, gradients: Mapping, rng: np.random.Generator, directions: int, tolerance: float) -> Row:
        shape = self.parameters[name].shape
        complaint = _complaint(gradients, name, shape)
        if complaint:
            return Row(name, shape, np.inf, False, complaint)
        gradient = np.asarray(gradients[name], float)
        errors = []
        for _ in range(directions):
            direction = random_direction(rng, shape)
            errors.append(float(self.error(self.slope(name, direction), np.sum(gradient * direction))))
        if max(errors) <= tolerance:
            return Row(name, shape, max(errors), True)
        return Row(name, shape, max(errors), False, **self._worst_entry(name, gradient, rng, tolerance))

    def _worst_entry(self, name: str, gradient: np.ndarray, rng: np.random.Generator, tolerance: float) -> dict:
        tried = np.arange(gradient.size)
        if gradient.size > MOST_ENTRIES:
            tried = np.sort(rng.choice(gradient.size, MOST_ENTRIES, replace=False))
        measured = np.array([self.slope(name, _unit(gradient.shape, k)) for k in tried])
        came = gradient.ravel()[tried]
        errors = self.error(measured, came)
        worst = np.argmax(np.where(errors > tolerance, np.nan_to_num(np.abs(came - measured), nan=np.inf), -1))
        index = tuple(int(i) for i in np.unravel_index(tried[worst], gradient.shape))
        factor = self._common_factor(measured, came)
        square = gradient.ndim == 2 and gradient.shape[0] == gradient.shape[1] > 1 and len(tried) == gradient.size
        if not (errors > tolerance).any():
            return {"words": f"No single entry of the {len(tried)} tried is wrong. Is a z of ReLU close to its kink?"}
        if factor is not None:
            words = _factor_words(factor)
        elif square and self.error(measured, gradient.T.ravel()).max() <= tolerance:
            words = "It is the transpose of what is measured."
        else:
            words = _count_words(int((errors > tolerance).sum()), len(tried), gradient.size)
        return {
            "words": words, "index": index, "measured": float(measured[worst]), "came": float(came[worst]),
            "factor": factor,
        }  # fmt: skip

    def _common_factor(self, measured: np.ndarray, came: np.ndarray) -> float | None:
        """came / measured where this is one and the same number, else None. One entry tells only whole factors."""
        large = np.abs(measured) > self.floor
        if not large.any() or not np.isfinite(came).all() or np.abs(came[~large]).max(initial=0) > 100 * self.floor:
            return None
        factors = came[large] / measured[large]
        factor = float(np.median(factors))
        if np.ptp(factors) > 1e-4 * abs(factor):
            return None
        whole = factor == 0 or any(abs(each - round(each)) < 1e-4 for each in (factor, 1 / factor))
        return factor if large.sum() > 1 or whole else None


def random_direction(rng: np.random.Generator, shape: tuple) -> np.ndarray:
    """An array of this shape and of length 1; every direction is as likely as any other."""
    direction = rng.normal(size=shape)
    return direction / np.sqrt(np.sum(direction**2))


def _unit(shape: tuple, k: int) -> np.ndarray:
    unit = np.zeros(shape)
    unit.flat[k] = 1
    return unit


def _complaint(gradients: Mapping, name: str, shape: tuple) -> str:
    """What is wrong with the form of a gradient, or ""."""
    if name not in gradients:
        return f"There is no gradient of this name. There are: {', '.join(map(str, gradients)) or 'none'}."
    if gradients[name] is None:
        return "It is None. Finish the function that makes it first."
    try:
        came = np.asarray(gradients[name], float)
    except (TypeError, ValueError):
        return f"Expected an array of numbers, got a {type(gradients[name]).__name__}."
    if came.shape != shape:
        transposed = " A transpose is missing, or there is one too many." if came.shape == shape[::-1] else ""
        return f"{WRONG_SHAPE} {shape}, as its parameter has; got {came.shape}.{transposed}"
    odd = came[~np.isfinite(came)]
    return f"It holds {odd[0]}, at [{_index_of(came)}]." if odd.size else ""


def _index_of(came: np.ndarray) -> str:
    return ", ".join(str(i) for i in np.argwhere(~np.isfinite(came))[0])


def _factor_words(factor: float) -> str:
    if factor == 0:
        return "Every entry is 0."
    sign = "" if factor > 0 else "minus "
    if abs(abs(factor) - 1) < 1e-4:
        return "Every entry has the wrong sign."
    if abs(factor) > 1:
        times = f"{sign}{number(abs(factor), 4)} times"
        return f"Every entry is {times} what is measured. Is a 1/m missing, or a factor there twice?"
    part = f"{sign}1/{number(1 / abs(factor), 4)}"
    return f"Every entry is {part} of what is measured. Is there a 1/m too many, or a factor missing?"


def _count_words(wrong: int, tried: int, size: int) -> str:
    among = f"{tried} entries" if tried == size else f"the {tried} entries tried"
    if wrong == tried:
        return f"All {among} are wrong, by no common factor."
    return f"{wrong} of {among} {'is' if wrong == 1 else 'are'} wrong, the others are right."


def _table(rows: list[Row]) -> list[str]:
    wide = max([6, *(len(row.name) for row in rows)])
    lines = [f"{'tensor':<{wide}}  {'shape':<10}  relative error"]
    for row in rows:
        error = "-" if np.isinf(row.error) else f"{row.error:.1e}"
        lines.append(f"{row.name:<{wide}}  {str(row.shape):<10}  {error:>14}  {'ok' if row.ok else 'WRONG'}")
        if row.index is not None:
            place = ", ".join(map(str, row.index))
            lines.append(f"    worst entry [{place}]: measured {row.measured:.6g}, yours {row.came:.6g}")
        if row.words:
            lines.append(f"    {row.words}")
    return lines


def _summary(rows: list[Row], tolerance: float) -> str:
    wrong = [row for row in rows if not row.ok]
    if not wrong:
        return f"All {len(rows)} agree: each relative error is at most {tolerance:.0e}."
    names = ", ".join(row.name for row in wrong)
    factors = [row.factor for row in rows]
    if len(rows) > 1 and None not in factors and np.ptp(factors) <= 1e-4 * abs(factors[0]):
        return "All are wrong by the same factor. Look at the delta of the output first, then at slope_along."
    return f"Wrong: {names}.{_where(rows, wrong)}"


def _where(rows: list[Row], wrong: list[Row]) -> str:
    """Where to look first: an error in a delta spoils both gradients of its layer and all below, one in a line doesn't.

    Names end in the number of their layer (W1, b1, W2 ...); for others there is no advice.
    """
    if not all(re.fullmatch(r"\D+\d+", row.name) for row in rows):
        return ""
    kinds = {row.name.rstrip("0123456789") for row in wrong if row.words.startswith(WRONG_SHAPE)}
    if len(kinds) > 1:
        return " Several have wrong shapes: in which order are the gradients put into the list?"
    top = max(map(_layer, wrong))
    right = [_layer(row) for row in rows if row.ok]
    if top in right:
        lines = " and ".join(f"d{row.name}" for row in wrong if _layer(row) == top)
        return (
            f" Nearest to the output: only {lines} of layer {top}. So its delta is right, the line of {lines} is not."
        )
    if min(right, default=top) < top:
        return f" Begin with layer {top}, the nearest to the output: with both lines, since not all below is wrong."
    return f" Begin with the delta of layer {top}: from there down, every gradient is wrong."


def _layer(row: Row) -> int:
    return int(re.search(r"\d+$", row.name)[0])
