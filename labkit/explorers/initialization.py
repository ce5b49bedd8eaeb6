"""Lab 04: what 30 layers make of a signal, forward and backward."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np

from labkit import plots
from labkit.explorers.engine import Choice, Explorer, Reading, Scene, Slider, Unfinished, ask, number, one_by_one
from labkit.explorers.faces import show

DEPTH, EXAMPLES, SEED = 30, 8, 4
LAYERS = np.arange(1, DEPTH + 1)
FACTOR = 3
WIDTHS = (32, 128, 512)
PLAIN = "N(0, 1/n)"
REACHABLE = ("ReLU", "leaky ReLU", "tanh")
LOW, HIGH = 1e-4, 1e4  # where the panels end


def explore_depth(
    activations: Mapping[str, Callable],
    slopes: Mapping[str, Callable],
    draws: Mapping[str, Callable],
    forward: Callable,
    backward: Callable,
) -> None:
    """Choose the activation and the scale of the weights; see what reaches each of 30 layers.

    activations: {"ReLU": relu, ...}. slopes: their derivatives, under the same names. draws: {"he": he, ...}.
    """
    show(depth(activations, slopes, draws, forward, backward))


TOUR = one_by_one(
    *({"s": s} for s in (1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.0)),
    {"draw": "he"},
    *({"width": width} for width in (128, 32, 512)),
    {"activation": "leaky ReLU"},
    {"activation": "GELU"}, {"s": 1.06}, {"s": 1.1},  # it sinks or it grows
    {"activation": "sigmoid"}, {"s": 2.0}, {"s": 1.0},
    {"activation": "tanh"}, {"draw": "glorot"}, {"s": 1.1}, {"s": 1.2}, {"s": 1.5},
)  # fmt: skip


def depth(
    activations: Mapping[str, Callable],
    slopes: Mapping[str, Callable],
    draws: Mapping[str, Callable],
    forward: Callable,
    backward: Callable,
) -> Explorer:
    names = tuple(activations)
    return Explorer(
        title=f"{DEPTH} layers: does the signal arrive, and does the gradient come back?",
        alt="Left: the mean square of the activations a of each layer, from layer 1 on. Right: the mean square of the "
        "gradients delta of each layer, from layer 30 back. Both axes of heights are logarithmic. The shaded band is "
        "a factor of 3 high, where the line begins. A triangle at the edge stands for a value beyond it.",
        controls=(
            Choice("activation", "activation", names, names[0]),
            Choice("draw", "weights drawn by", (PLAIN, *draws), PLAIN),
            Slider("s", "weights multiplied by", 0.0, 2.0, 0.02, 1.0),
            Choice("width", "width n", WIDTHS, WIDTHS[-1]),
        ),
        goals=tuple(f"{name}, width 512: both lines stay within a factor of 3." for name in REACHABLE),
        scene=lambda: _scene(activations, slopes, draws, forward, backward),
        tour=TOUR,
    )


def _scene(activations: Mapping, slopes: Mapping, draws: Mapping, forward: Callable, backward: Callable) -> Scene:
    figure, (left, right) = plots.canvas(columns=2, size=(8.2, 3.4))
    there = Profile(left, LAYERS, plots.BLUE, "o")
    back = Profile(right, LAYERS[::-1], plots.VERMILION, "s")
    left.set(xlabel="layer $l$, from left to right", ylabel="mean square of $a^{[l]}$")
    right.set(xlabel="layer $l$, from right to left", ylabel="mean square of $\\delta^{[l]}$")
    left.set_title("Forward. Shaded: a factor of 3", loc="left", fontsize=10)
    right.set_title("Backward. Shaded: a factor of 3", loc="left", fontsize=10)

    @cache
    def weights(draw: str, width: int) -> np.ndarray:
        return _drawn(draws.get(draw, _plain), width)

    def update(activation: str, draw: str, s: float, width: int) -> Reading:
        multiple = np.float32(s) * weights(draw, width)
        phi = activations[activation]
        a, delta = mean_squares(multiple, phi, slopes[activation], forward, backward)
        ways = {"Forward": there.show(a), "Backward": back.show(delta[::-1])}
        words = [f"{activation}, weights {draw} times {number(s)}, width {width}."]
        words += [f"{way}: {said}." for way, (_, said) in ways.items()]
        kept = width == 512 and all(inside for inside, _ in ways.values())
        return Reading(" ".join(words), tuple(kept and activation == name for name in REACHABLE))

    return Scene(figure, [*there.artists, *back.artists], update)


def _plain(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    return rng.standard_normal(shape) / np.sqrt(shape[1])


def _drawn(draw: Callable, width: int) -> np.ndarray:
    """The weights of all layers, (DEPTH, width, width), from one generator."""
    rng = np.random.default_rng(SEED)
    return np.array([ask(draw, (width, width), rng, shape=(width, width)) for _ in LAYERS], np.float32)


def mean_squares(
    weights: np.ndarray, phi: Callable, slope: Callable, forward: Callable, backward: Callable
) -> tuple[np.ndarray, np.ndarray]:
    """The mean squares of A[l] and of delta[l], l = 1 ... DEPTH, for a standard normal X and delta[DEPTH].

    It is the mean square of a that decides the variance of the next z. The mean of delta is about 0, so there it is
    the variance.
    """
    width = weights.shape[1]
    X, last = np.random.default_rng(SEED).standard_normal((2, width, EXAMPLES), np.float32)
    for function in (phi, slope):
        ask(function, X.copy(), shape=X.shape)
    layers = [(W, np.zeros((width, 1), np.float32), phi) for W in weights]
    Z, A = _lists(ask(forward, layers, X), X.shape)
    # Where A is the identity, dW is delta itself.
    identity = [np.eye(EXAMPLES, dtype=np.float32)] * (DEPTH + 1)
    gradients = ask(backward, layers, Z, identity, last, {phi: slope})
    return _mean_square(A[1:]), _mean_square(_deltas(gradients, X.shape))


def _mean_square(layers: list[np.ndarray]) -> np.ndarray:
    return np.array([np.mean(np.square(values, dtype=float)) for values in layers])


def _lists(result: Any, shape: tuple) -> tuple[list, list]:
    try:
        Z, A = result
        right = all(np.shape(values) == shape for values in (*Z[1:], *A)) and len(Z) == len(A) == DEPTH + 1
    except (TypeError, ValueError):
        right = False
    if not right:
        raise Unfinished(f"forward should return (Z, A), lists of {DEPTH + 1} with entries {shape}. Mend it first.")
    return Z, A


def _deltas(gradients: Any, shape: tuple) -> list[np.ndarray]:
    try:
        deltas = [dW for dW, _ in gradients]
        right = len(deltas) == DEPTH and all(np.shape(delta) == shape for delta in deltas)
    except (TypeError, ValueError):
        right = False
    if not right:
        raise Unfinished(f"backward should return {DEPTH} pairs (dW, db), each dW of the right shape. Mend it first.")
    return deltas


class Profile:
    """One value for each layer, in the order in which the signal passes, and the band that it should not leave."""

    def __init__(self, ax: Any, passed: np.ndarray, colour: str, marker: str):
        from matplotlib.patches import Rectangle

        self.passed = passed
        with plots.style():
            self.band = ax.add_patch(Rectangle((0, 1), DEPTH + 1, 1, color=plots.SKY, alpha=0.35, linewidth=0))
            (self.line,) = ax.plot(passed, np.ones(len(passed)), "-", color=colour, marker=marker, markersize=4)
            self.beyond = [ax.plot([], [], symbol, color=colour, clip_on=False, in_layout=False)[0] for symbol in "^v"]
        ax.set(yscale="log", xlim=(0, DEPTH + 1), ylim=(LOW, HIGH))
        ax.set(xticks=[1, 5, 10, 15, 20, 25, DEPTH], yticks=[1e-4, 1e-2, 1, 1e2, 1e4])
        ax.yaxis.minorticks_off()
        self.artists = [self.band, self.line, *self.beyond]

    def show(self, values: np.ndarray) -> tuple[bool, str]:
        """Draw the values; whether all are within the factor, and in words how far they spread."""
        self.line.set_data(self.passed, np.clip(values, LOW**2, HIGH**2))
        for triangles, out, edge in zip(self.beyond, (values > HIGH, values < LOW), (HIGH, LOW)):
            triangles.set_data(self.passed[out], np.full(out.sum(), edge))
        within = self.within(values)
        self.set_band(values[within])
        if within.all():
            return True, f"largest over smallest {number(_spread(values))}, within a factor of 3"
        left = self.passed[within.argmin()]
        if values[within.argmin()] == 0:
            return False, f"all zero from layer {left} on"
        return False, f"largest over smallest {number(_spread(values))}, beyond a factor of 3 from layer {left} on"

    def within(self, values: np.ndarray) -> np.ndarray:
        """For each layer: do the values up to there lie within the factor?"""
        largest, smallest = np.maximum.accumulate(values), np.minimum.accumulate(values)
        return (largest < FACTOR * smallest) & np.isfinite(largest)

    def set_band(self, values: np.ndarray) -> None:
        """A band FACTOR high with these values in its middle."""
        self.band.set_visible(values.size > 0)
        if values.size:
            middle = np.sqrt(values.max() * values.min())
            foot, top = middle / np.sqrt(FACTOR), middle * np.sqrt(FACTOR)
            self.band.set(y=foot, height=top - foot)


def _spread(values: np.ndarray) -> float:
    with np.errstate(all="ignore"):
        return float(values.max() / values.min())
