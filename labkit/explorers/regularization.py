"""Lab 06: a net that can learn its training points by heart, and what keeps it from that."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from labkit import plots
from labkit.explorers.backprop import linear_output
from labkit.explorers.engine import Choice, Explorer, Reading, Scene, Slider, Unfinished, ask, number, one_by_one
from labkit.explorers.faces import show
from labkit.explorers.forms import ask_for, called

EPOCHS = 200  # one step an epoch, on the whole batch
LOOKS = (*range(0, 40, 2), *range(40, EPOCHS + 1, 10))  # the epochs that are shown: closer at first, where much moves
ETA = 0.02  # in the first epoch; it falls in a line to 0
WIDTHS = (2, 4, 8, 16, 32)
LAMBDAS = (0, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)
EDGE = 4  # where the axes of x and of the weights end
GRID = np.linspace(-EDGE, EDGE, 121)[None]
BINS = np.linspace(-EDGE, EDGE, 42)  # an odd number of bins, so that one lies around 0
BY_HEART, STOPPED, BEST = (0.05, 0.25), 0.23, 0.17  # the bounds of the goals


def explore_fit(
    add_l2: Callable,
    dropout: Callable,
    dropout_backward: Callable,
    forward: Callable,
    backward: Callable,
    slopes: Mapping[Callable, Callable],
    mse: Callable,
    mse_delta: Callable,
    adam_step: Callable,
) -> None:
    """Fit 20 noisy points with a tanh net 1-n-n-1; choose the width n, the penalty, the dropout and the epochs.

    Yours: add_l2, dropout, dropout_backward. slopes: {phi: its derivative}, with tanh. In the notebook:
    explore_fit(add_l2, dropout, dropout_backward, forward, backward, SLOPES, mse, mse_delta, adam_step)
    """
    show(fit(add_l2, dropout, dropout_backward, forward, backward, slopes, mse, mse_delta, adam_step))


TOUR = one_by_one(
    {"width": 16}, {"width": 32}, {"epoch": 150}, {"epoch": 200},  # by heart
    {"width": 8}, {"width": 2}, {"width": 32},
    *({"epoch": epoch} for epoch in (100, 60, 40, 28, 20, 10, 200)),
    *({"lam": lam} for lam in (0.0001, 0.001, 0.003, 0.01)),
    *({"p": p} for p in (0.1, 0.2, 0.4, 0.0)),
    {"lam": 0.03}, {"lam": 0.1},
)  # fmt: skip


def fit(*functions: Any) -> Explorer:
    """functions: as explore_fit takes them."""
    return Explorer(
        title="20 noisy points and a net 1-n-n-1: how much of the noise does it learn?",
        alt="Left: training points, validation points and the fitted curve. Middle: training error (solid) and "
        "validation error (dashed) against the epochs, on a logarithmic axis, with a line at the present epoch. "
        "Right: a histogram of the weights at this epoch; heights are shares of all weights, on a logarithmic axis.",
        controls=(
            Choice("width", "width n", WIDTHS, 8),
            Choice("lam", "penalty λ", LAMBDAS, 0),
            Slider("p", "dropout p", 0.0, 0.8, 0.1, 0.0),
            Choice("epoch", "stop after epoch", LOOKS, EPOCHS // 2),
        ),
        goals=(
            f"learnt by heart: training error below {BY_HEART[0]}, validation error above {BY_HEART[1]}.",
            f"no penalty and no dropout: validation error below {STOPPED}.",
            f"by any means: validation error below {BEST}.",
        ),
        scene=lambda: _scene(School(*functions)),
        tour=TOUR,
    )


def _scene(school: "School") -> Scene:
    school.examine()
    train = cache(school.train)
    x, y, x_held, y_held = points()
    figure, (left, middle, right) = plots.canvas(columns=3, size=(8.4, 3.1))
    with plots.style():
        left.plot(*x_held, *y_held, "s", color=plots.GREY, markersize=3.5, label="validation")
        left.plot(*x, *y, "o", color=plots.BLACK, markersize=5, label="training")
        (curve,) = left.plot(*GRID, *GRID, color=plots.BLUE, label="net")
        (training,) = middle.plot([], [], color=plots.BLUE, label="training")
        (validation,) = middle.plot([], [], "--", color=plots.VERMILION, label="validation")
        dots = [middle.plot([0], [1], "o", color=line.get_color())[0] for line in (training, validation)]
        present = middle.axvline(0, color=plots.GREY, linewidth=1.2)
        bars = right.bar(BINS[:-1], 1, np.diff(BINS), align="edge", color=plots.SKY, edgecolor=plots.BLUE)
        left.legend(loc="lower right", fontsize=8)
        middle.legend(loc="lower left", bbox_to_anchor=(-0.1, 1), ncols=2, fontsize=8, borderaxespad=0)
    left.set(xlabel="x", ylabel="y", xlim=(-1.05 * EDGE, 1.05 * EDGE), ylim=(-2.6, 2.6))
    middle.set(xlabel="epoch", ylabel="mean squared error", xlim=(-5, EPOCHS + 5), yscale="log", ylim=(0.02, 2))
    right.set(xlabel="weight", ylabel="share of the weights", xlim=(-EDGE, EDGE), yscale="log", ylim=(5e-4, 1.5))

    def update(width: int, lam: float, p: float, epoch: int) -> Reading:
        lesson = train(width, lam, round(p, 1))
        now = LOOKS.index(epoch)
        curve.set_ydata(lesson.curves[now])
        for line, dot, errors in zip((training, validation), dots, lesson.errors.T):
            line.set_data(LOOKS, errors)
            dot.set_data([epoch], errors[[now]])
        present.set_xdata([epoch, epoch])
        weights = lesson.weights[now]
        for bar, count in zip(bars, np.histogram(weights, BINS)[0]):
            bar.set_height(count / weights.size)
        return _reading(width, lam, p, epoch, lesson.errors[now], weights)

    return Scene(figure, [curve, present, training, validation, *dots, *bars], update)


def _reading(width: int, lam: float, p: float, epoch: int, errors: np.ndarray, weights: np.ndarray) -> Reading:
    with np.errstate(all="ignore"):
        training, validation = np.round(errors, 4)  # the goals are judged by what is shown
        square = np.mean(weights**2)
    words = (f"Width {width}, λ = {number(lam)}, p = {number(p)}, epoch {epoch}: training error {number(training, 4)}, "
             f"validation error {number(validation, 4)}. Mean square of the weights: {number(square)}; "
             f"{number(100 * np.mean(np.abs(weights) < 0.1), 2)} % of them are between -0.1 and 0.1.")  # fmt: skip
    by_heart = training < BY_HEART[0] and validation > BY_HEART[1]
    return Reading(words, (bool(by_heart), bool(lam == p == 0 and validation < STOPPED), bool(validation < BEST)))


@cache
def points() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """x, y of 20 training points and of 80 validation points, each (1, m): sin(pi x / 4) and noise."""
    rng = np.random.default_rng(3)

    def places(m: int) -> np.ndarray:
        cells = np.linspace(-EDGE, EDGE, m + 1)
        return rng.uniform(cells[:-1], cells[1:])[None]

    x, x_held = places(20), places(80)
    y, y_held = (np.sin(np.pi * at / EDGE) + 0.4 * rng.standard_normal(at.shape) for at in (x, x_held))
    for array in (x, y, x_held, y_held):
        array.flags.writeable = False
    return x, y, x_held, y_held


@dataclass(frozen=True)
class Lesson:
    """What the looks at the net saw: the curve on GRID, (training error, validation error), all weights."""

    curves: np.ndarray
    errors: np.ndarray
    weights: np.ndarray


class Net:
    """The net 1-n-n-1: all its parameters in one array theta, so that one step moves them all."""

    def __init__(self, width: int):
        self.shapes = [(width, 1), (width, 1), (width, width), (width, 1), (1, width), (1, 1)]
        ends = np.cumsum([rows * columns for rows, columns in self.shapes])
        self.parts = [slice(*ends) for ends in zip([0, *ends], ends)]

    def start(self, rng: np.random.Generator) -> np.ndarray:
        """Large weights and biases in layer 1 spread the bends over the axis."""
        spreads = (2, 4, 1 / np.sqrt(self.shapes[2][1]), 0, 1 / np.sqrt(self.shapes[4][1]), 0)
        return self.flat(spread * rng.standard_normal(shape) for spread, shape in zip(spreads, self.shapes))

    def layers(self, theta: np.ndarray, phis: Sequence[Callable]) -> list[tuple]:
        parts = [theta[part].reshape(shape) for part, shape in zip(self.parts, self.shapes)]
        return list(zip(parts[::2], parts[1::2], (*phis, linear_output)))

    @staticmethod
    def flat(arrays: Any) -> np.ndarray:
        return np.concatenate([array.ravel() for array in arrays])


@dataclass(frozen=True)
class School:
    """Trains a net with the functions that it was given."""

    add_l2: Callable
    dropout: Callable
    dropout_backward: Callable
    forward: Callable
    backward: Callable
    slopes: Mapping[Callable, Callable]
    mse: Callable
    mse_delta: Callable
    adam_step: Callable

    def examine(self) -> None:
        """Raises Unfinished where one of the functions gives nothing to train with."""
        x, y, *_ = points()
        A, rng = np.arange(6.0).reshape(2, 3), np.random.default_rng(0)
        phi, slope = self.tanh
        for function in (phi, slope):
            ask_for(A.shape, function, A)
        ask_for([A.shape, A.shape], self.dropout, A, 0.4, rng)
        ask_for(A.shape, self.dropout_backward, A, A > 2, 0.4)
        ask_for((), self.mse, y, y)
        delta = ask_for(x.shape, self.mse_delta, x, y)
        net = Net(3)
        theta = net.start(rng)
        layers = net.layers(theta, (phi, phi))
        values = [(3, x.size), (3, x.size), x.shape]
        Z, A = ask_for([[None, *values], [x.shape, *values]], self.forward, layers, x)
        pairs = [list(pair) for pair in zip(net.shapes[::2], net.shapes[1::2])]
        gradients = ask_for(pairs, self.backward, layers, Z, A, delta, self.slopes)
        ask_for(pairs, self.add_l2, gradients, layers, 0.1)
        ask_for([theta.shape] * 3, self.adam_step, theta, theta, theta, theta**2, 1, ETA)

    @property
    def tanh(self) -> tuple[Callable, Callable]:
        """tanh and its slope."""
        for phi, slope in self.slopes.items():
            if phi.__name__ == "tanh":
                return phi, slope
        raise Unfinished("The slopes should hold tanh and its derivative. Hand over SLOPES.")

    def train(self, width: int, lam: float, p: float) -> Lesson:
        """Adam, with a rate that falls to 0, on the penalised error of the batch. Dropout after both hidden layers."""
        return ask(called("the training", self._train), width, lam, p)

    def _train(self, width: int, lam: float, p: float) -> Lesson:
        x, y, x_held, y_held = points()
        everywhere = np.hstack([GRID, x, x_held])
        rng, net = np.random.default_rng(0), Net(width)
        theta = net.start(rng)
        m = v = np.zeros_like(theta)
        droppings = dict(self._dropping(p, rng) for _ in range(2))
        looks = []
        for epoch in range(EPOCHS + 1):
            if epoch in LOOKS:
                layers = net.layers(theta, [self.tanh[0]] * 2)
                curve, out, out_held = np.split(self.forward(layers, everywhere)[1][-1], [121, 141], axis=1)
                errors = self.mse(out, y), self.mse(out_held, y_held)
                looks.append((curve[0], errors, net.flat(W for W, _, _ in layers)))
            layers = net.layers(theta, tuple(droppings))
            Z, A = self.forward(layers, x)
            gradients = self.backward(layers, Z, A, self.mse_delta(A[-1], y), droppings)
            g = net.flat(each for pair in self.add_l2(gradients, layers, lam) for each in pair)
            theta, m, v = self.adam_step(theta, g, m, v, epoch + 1, ETA * (1 - epoch / EPOCHS))
        return Lesson(*map(np.array, zip(*looks)))

    def _dropping(self, p: float, rng: np.random.Generator) -> tuple[Callable, Callable]:
        """tanh and then dropout as one activation, and its slope under the mask of the forward pass."""
        phi, slope = self.tanh
        kept = None

        def dropping(Z):
            nonlocal kept
            output, kept = self.dropout(phi(Z), p, rng)
            return output

        return dropping, lambda Z: self.dropout_backward(slope(Z), kept, p)
