"""Lab 03: how a gradient check finds the place of an error in a backward pass."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from labkit import plots
from labkit.explorers.backprop import gradients_of, linear_output
from labkit.explorers.engine import Choice, Explorer, Reading, Scene, Slider, Unfinished, number, one_by_one
from labkit.explorers.faces import show
from labkit.gradients import TOLERANCE, Check, random_direction

TENSORS = ("dW3", "db3", "dW2", "db2", "dW1", "db1")  # from the output back
OPEN, NO_BUG = "?", "no bug"
SPREADS = {  # place of an error: the gradients that it makes wrong
    NO_BUG: (), "δ3 (output)": TENSORS, "δ2": TENSORS[2:], "δ1": TENSORS[4:], **{name: (name,) for name in TENSORS}
}  # fmt: skip
MOST_DIRECTIONS = 8
LOWEST, HIGHEST = 1e-12, 10.0  # of the axis of errors
RATIOS = (-2, 6)  # of the axis of ratios


def explore_bug(backward: Callable, slope_along: Callable) -> None:
    """Find the place of an error that was planted in your backward, with your gradient check."""
    show(bug(backward, slope_along))


TOUR = one_by_one(
    {"directions": MOST_DIRECTIONS}, {"verdict": "dW1"}, {"verdict": "db1"},
    {"case": "B", "verdict": OPEN}, {"verdict": "δ2"}, {"verdict": "δ3 (output)"},
    {"case": "C", "verdict": OPEN}, {"verdict": "δ1"},
    {"case": "E", "verdict": OPEN}, {"verdict": "δ2"},
    {"case": "F", "verdict": OPEN}, {"verdict": "dW2"},
    {"case": "G", "verdict": OPEN}, {"verdict": "dW3"},
    {"case": "D", "verdict": OPEN}, {"verdict": NO_BUG},
)  # fmt: skip


def bug(backward: Callable, slope_along: Callable) -> Explorer:
    return Explorer(
        title="Find the bug: one error at a time is planted in your backward. "
        f"Net {'-'.join(map(str, Bench.SIZES))}, {Bench.M} examples",
        alt="Left: one bar for each gradient, from the output back to layer 1, as long as its relative error, on a log "
        "axis, with a dashed line at the tolerance. Wrong ones are hatched. Right: yours / measured, one ring for each "
        "direction, with a dashed line at 1. A ring at the edge stands for a value beyond it.",
        controls=(
            Choice("case", "case", tuple(BUGS), "A"),
            Slider("directions", "random directions", 1, MOST_DIRECTIONS, 1, 3),
            Choice("verdict", "the error is in", (OPEN, *SPREADS), OPEN),
        ),
        goals=(
            "name the place in a case where one gradient alone is wrong.",
            "name the place in a case where the error spreads to others.",
            "name a case without a bug.",
        ),
        scene=lambda: _bug_scene(backward, slope_along),
        tour=TOUR,
    )


@dataclass(frozen=True)
class Bug:
    """plant(bench) gives the gradients with the error in them; `words` are told after a right verdict."""

    words: str
    plant: Callable[["Bench"], dict]


def _first(Z: np.ndarray) -> np.ndarray:
    return np.tanh(Z)


def _second(Z: np.ndarray) -> np.ndarray:
    return np.tanh(Z)


def _tanh_slope(Z: np.ndarray) -> np.ndarray:
    return 1 - np.tanh(Z) ** 2


class Bench:
    """The student's backward on a net 3-4-3-2 with tanh and five examples. J is half the mean squared error.

    Each hidden layer has a function of its own, so that the slope of one layer can be exchanged.
    """

    SIZES, M = (3, 4, 3, 2), 5
    SLOPES = {_first: _tanh_slope, _second: _tanh_slope, linear_output: np.ones_like}

    def __init__(self, backward: Callable):
        self.backward = backward
        rng = np.random.default_rng(3)
        self.parameters = {}
        for l, (k, n) in enumerate(zip(self.SIZES, self.SIZES[1:]), 1):
            self.parameters |= {f"W{l}": rng.normal(size=(n, k)), f"b{l}": 0.5 * rng.normal(size=(n, 1))}
        self.X, self.Y = rng.normal(size=(3, self.M)), rng.normal(size=(2, self.M))

    def forward(self, p: Mapping[str, np.ndarray]) -> tuple[list, list]:
        Z1 = p["W1"] @ self.X + p["b1"]
        Z2 = p["W2"] @ _first(Z1) + p["b2"]
        Z3 = p["W3"] @ _second(Z2) + p["b3"]
        return [None, Z1, Z2, Z3], [self.X, _first(Z1), _second(Z2), Z3]

    def J(self, parameters: Mapping[str, np.ndarray]) -> float:
        return float(np.sum((self.forward(parameters)[1][-1] - self.Y) ** 2) / (2 * self.M))

    def gradients(self, scale: float = 1, inputs: Mapping = {}, slopes: Mapping = {}) -> dict[str, np.ndarray]:
        """What backward gives, by name. An error may scale the output's delta or exchange some A[l] or slopes."""
        Z, A = self.forward(self.parameters)
        delta = scale * (A[-1] - self.Y) / self.M
        A = [inputs.get(l, a) for l, a in enumerate(A)]
        p = {name: array.copy() for name, array in self.parameters.items()}
        layers = [(p["W1"], p["b1"], _first), (p["W2"], p["b2"], _second), (p["W3"], p["b3"], linear_output)]
        pairs = gradients_of(self.backward, layers, Z, A, delta, self.SLOPES | slopes)
        return {f"d{kind}{l}": each for l, pair in enumerate(pairs, 1) for kind, each in zip("Wb", pair)}

    def changed(self, name: str, factor: float | np.ndarray) -> dict[str, np.ndarray]:
        gradients = self.gradients()
        return gradients | {name: gradients[name] * factor}


ONE_SIGN = np.array([[1, 1, 1], [1, -1, 1]])
BUGS = {
    "A": Bug("db1 was the mean over the batch, not the sum.", lambda bench: bench.changed("db1", 1 / bench.M)),
    "B": Bug("The delta of the output had lost its 1/m.", lambda bench: bench.gradients(scale=bench.M)),
    "C": Bug("The slope was left out at layer 1.", lambda bench: bench.gradients(slopes={_first: np.ones_like})),
    "D": Bug("Nothing was planted: this is your backward.", lambda bench: bench.gradients()),
    "E": Bug("The slope of layer 2 was taken at a, not at z.",
             lambda bench: bench.gradients(slopes={_second: lambda Z: _tanh_slope(np.tanh(Z))})),
    "F": Bug("dW2 was made with z of layer 1 in the place of a.",
             lambda bench: bench.gradients(inputs={1: bench.forward(bench.parameters)[0][1]})),
    "G": Bug("One entry of dW3 had the wrong sign.", lambda bench: bench.changed("dW3", ONE_SIGN)),
}  # fmt: skip


class Measured:
    """Slopes of J along random directions, measured once; the gradients of any case are compared with them."""

    def __init__(self, bench: Bench, slope_along: Callable):
        rng = np.random.default_rng(4)
        self.check = Check(slope_along, bench.J, bench.parameters)
        self.directions, self.slopes = {}, {}
        for name in TENSORS:
            theta = name[1:]
            drawn = [random_direction(rng, bench.parameters[theta].shape) for _ in range(MOST_DIRECTIONS)]
            self.directions[name] = np.array(drawn)
            self.slopes[name] = np.array([self.check.slope(theta, direction) for direction in drawn])

    def compare(self, gradients: dict, n: int = MOST_DIRECTIONS) -> tuple[dict, dict]:
        """By name: the largest relative error, and the ratios yours / measured, along the first n directions."""
        errors, ratios = {}, {}
        for name in TENSORS:
            came = np.sum(gradients[name] * self.directions[name][:n], axis=(1, 2))
            errors[name] = float(self.check.error(self.slopes[name][:n], came).max())
            with np.errstate(all="ignore"):
                ratios[name] = came / self.slopes[name][:n]
        return errors, ratios


def _bug_scene(backward: Callable, slope_along: Callable) -> Scene:
    bench = Bench(backward)
    bench.gradients()
    measured = Measured(bench, slope_along)
    wrong = _wrong(measured.compare(bench.gradients())[0])
    if wrong:
        raise Unfinished(f"Before any error is planted, the check finds {', '.join(wrong)} wrong. "
                         "Mend backward or slope_along first: the bench needs both.")  # fmt: skip
    figure, (left, right) = plots.canvas(columns=2, size=(8.2, 3.4))
    rows = np.arange(len(TENSORS))
    with plots.style():
        bars = left.barh(rows, 1, left=LOWEST, height=0.62, edgecolor=plots.BLACK)
        labels = [left.text(0, row, "", va="center", fontsize=9) for row in rows]
        left.axvline(TOLERANCE, color=plots.BLACK, linestyle="--", linewidth=1.5)
        (rings,) = right.plot([], [], "o", color=plots.BLUE, fillstyle="none", markersize=8, markeredgewidth=1.8)
        right.axvline(1, color=plots.BLACK, linestyle="--", linewidth=1.5)
    left.set(xscale="log", xlim=(LOWEST, 1e4), xlabel="relative error", ylabel="gradient")
    left.set_xticks([1e-12, 1e-9, 1e-6, 1e-3, 1])
    right.set(xlim=(RATIOS[0] - 0.3, RATIOS[1] + 0.3), xlabel="yours / measured", ylabel="gradient")
    for ax in (left, right):
        ax.set(yticks=rows, yticklabels=TENSORS, ylim=(len(rows) - 0.4, -0.6))
        ax.grid(axis="y", visible=False)
    left.text(TOLERANCE, -0.65, "tolerance", ha="center", va="bottom", fontsize=9)
    right.text(1, -0.65, "equal", ha="center", va="bottom", fontsize=9)

    def update(case: str, directions: int, verdict: str) -> Reading:
        errors, ratios = measured.compare(BUGS[case].plant(bench), directions)
        wrong = _wrong(errors)
        for bar, label, name in zip(bars, labels, TENSORS):
            length = np.clip(errors[name], 2 * LOWEST, HIGHEST)
            bar.set(width=length - LOWEST, facecolor=plots.VERMILION if name in wrong else plots.SKY,
                    hatch="///" if name in wrong else "")  # fmt: skip
            label.set(x=2 * length, text=number(errors[name], 1) + " wrong" * (name in wrong))
        rings.set_data(np.clip(np.ravel([ratios[name] for name in TENSORS]), *RATIOS), np.repeat(rows, directions))
        found = SPREADS.get(verdict) == wrong
        words = (f"Case {case}, {directions} direction{'s' * (directions > 1)}. {_found(wrong, ratios)} "
                 f"{_judged(case, verdict, found)}")  # fmt: skip
        return Reading(words, (found and len(wrong) == 1, found and len(wrong) > 1, found and not wrong))

    return Scene(figure, [*bars, *labels, rings], update)


def _wrong(errors: dict) -> tuple[str, ...]:
    return tuple(name for name in TENSORS if not errors[name] <= TOLERANCE)


def _found(wrong: tuple, ratios: dict) -> str:
    if not wrong:
        return "All gradients agree with the check."
    return f"Wrong, with yours / measured: {', '.join(f'{name} ({_span(ratios[name])})' for name in wrong)}."


def _span(values: np.ndarray) -> str:
    low, high = number(values.min(), 2), number(values.max(), 2)
    return low if low == high else f"{low} to {high}"


def _judged(case: str, verdict: str, found: bool) -> str:
    if verdict == OPEN:
        return "Where is the error?"
    if found:
        return f"Your verdict, {verdict}, is right. {BUGS[case].words}"
    spreads = SPREADS[verdict]
    expected = f"would make {_listed(spreads)} wrong and no other" if spreads else "would make none wrong"
    return f"Your verdict, {verdict}, does not fit: it {expected}."


def _listed(names: tuple) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
