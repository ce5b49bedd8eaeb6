"""Lab 07: what batch normalization does to one unit, and to the loss along a step."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from labkit import plots
from labkit.explorers.engine import Choice, Explorer, Reading, Scene, Slider, ask, number, one_by_one
from labkit.explorers.faces import show
from labkit.explorers.forms import ask_for

BATCH = 16
SHUT, OPEN = 1e-4, 1e-3  # below the first a mean |dJ/dz| counts as none, above the second as some
REACH, TOP = 15, 2.25  # where the axes of z and of a end
FAINTEST, STRONGEST = 1e-8, 100  # where the axis of the gradients ends
ETAS = tuple(float(f"{10**power:.2g}") for power in np.linspace(-3, 3, 37))
FACTOR = 20
SHORT = 0.1  # below it a step counts as short
PLAIN, NORMALISED = plots.BLUE, plots.VERMILION  # as in the figures of the lab
SIDES = (("plain", PLAIN, "-", "o"), ("batch norm", NORMALISED, "--", "s"))


def explore_batch_norm(
    batch_norm: Callable,
    scale_backward: Callable,
    normalize_backward: Callable,
    slopes: Mapping[Callable, Callable],
    mse: Callable,
    mse_delta: Callable,
) -> None:
    """Push the z of one batch around; compare a plain unit with a normalised one: values, loss and gradient.

    Yours: batch_norm, scale_backward, normalize_backward. slopes: {phi: its derivative}.
    In the notebook: explore_batch_norm(batch_norm, scale_backward, normalize_backward, SLOPES, mse, mse_delta)
    """
    show(unit(batch_norm, scale_backward, normalize_backward, slopes, mse, mse_delta))


UNIT_TOUR = one_by_one(
    *({"mean": mean} for mean in (2.0, 4.0, 6.0, 7.0, 8.0)),
    *({"scale": scale} for scale in (0.5, 0.25, 2.0, 4.0, 1.0)),
    {"m": 4}, {"m": 2}, {"m": 1}, {"mean": 4.0}, {"mean": 0.0}, {"m": BATCH},
    *({"beta": beta} for beta in (-2.0, -4.0, -6.0, -8.0)),
    {"phi": "tanh"}, {"phi": "relu"}, {"beta": 8.0}, {"phi": "tanh"}, {"phi": "sigmoid"},
)  # fmt: skip


def unit(*functions: Any) -> Explorer:
    """functions: as explore_batch_norm takes them."""
    bench = Bench(*functions)
    names = sorted((name for name in bench.phis if name != "identity"), key=lambda name: name != "sigmoid")
    return Explorer(
        title="One unit, plain and normalised: a = φ(z), and a = φ(γ ẑ + β). Its targets y are 0 or 1",
        alt="Left: the z of each example, ẑ, and γ ẑ + β, in three columns; filled for y = 1, hollow for y = 0. "
        "Middle: the activation φ, with circles where the plain unit's examples stand and squares where the "
        "normalised unit's do; at the top edge stands what is larger. Right: two bars on a logarithmic axis, the mean "
        "|dJ/dz| of the plain and of the normalised unit; above each its number, and its loss J.",
        controls=(
            Slider("mean", "mean of z", -8.0, 8.0, 0.5, 0.0),
            Slider("scale", "scale of z", 0.0, 4.0, 0.25, 1.0),
            Slider("gamma", "γ", 0.0, 4.0, 0.25, 1.0),
            Slider("beta", "β", -8.0, 8.0, 0.5, 0.0),
            Choice("m", "batch size m", (1, 2, 4, BATCH), BATCH),
            Choice("phi", "activation φ", tuple(names), names[0]),
        ),
        goals=(
            f"m = 16: the plain unit's mean |dJ/dz| is below {SHUT} (no gradient), the normalised one's above {OPEN}.",
            "the normalised unit's dJ/dz is exactly 0, though neither γ, nor a slope φ′, nor its loss is.",
            f"m = 16 and γ not 0: the normalised unit's mean |dJ/dz| is below {SHUT}, the plain one's above {OPEN}.",
        ),
        scene=lambda: _unit_scene(bench),
        tour=UNIT_TOUR,
    )


@dataclass(frozen=True)
class Bench:
    """The student's functions, asked for one unit."""

    batch_norm: Callable
    scale_backward: Callable
    normalize_backward: Callable
    slopes: Mapping[Callable, Callable]
    mse: Callable
    mse_delta: Callable

    @property
    def phis(self) -> dict[str, Callable]:
        return {phi.__name__: phi for phi in self.slopes}

    def normalized(self, z: np.ndarray, gamma: float, beta: float) -> np.ndarray:
        return ask_for(z.shape, self.batch_norm, z.copy(), np.array([[gamma]]), np.array([[beta]]))

    def activate(self, name: str, z: np.ndarray, y: np.ndarray) -> tuple:
        """a, the slopes, J and dJ/dz of a = phi(z)."""
        phi = self.phis[name]
        a = ask_for(z.shape, phi, z.copy())
        slope = ask_for(z.shape, self.slopes[phi], z.copy())
        return a, slope, ask_for((), self.mse, a, y), ask_for(z.shape, self.mse_delta, a, y) * slope

    def backward(self, d_out: np.ndarray, z: np.ndarray, z_hat: np.ndarray, gamma: float) -> np.ndarray:
        """dJ/dz through gamma z_hat + beta."""
        form = [(1, 1), (1, 1), z.shape]
        *_, dz_hat = ask_for(form, self.scale_backward, d_out, z_hat.copy(), np.array([[gamma]]))
        return ask_for(z.shape, self.normalize_backward, dz_hat, z.copy())


def batch() -> np.ndarray:
    """(1, 16) numbers of mean 0 and deviation 1; those above 0 have the target 1."""
    x = np.random.default_rng(3).permutation(np.linspace(-1, 1, BATCH))[None]
    return x / x.std()


def _unit_scene(bench: Bench) -> Scene:
    x = batch()
    picture = UnitPicture()

    def update(mean: float, scale: float, gamma: float, beta: float, m: int, phi: str) -> Reading:
        z, y = mean + scale * x[:, :m], (x[:, :m] > 0).astype(float)
        z_hat, out = bench.normalized(z, 1.0, 0.0), bench.normalized(z, gamma, beta)
        a, _, J, dz = bench.activate(phi, z, y)
        a_bn, slope, J_bn, d_out = bench.activate(phi, out, y)
        dz_bn = bench.backward(d_out, z, z_hat, gamma)
        grid = np.linspace(-REACH, REACH, 161)[None]
        picture.values(y, z, z_hat, out)
        picture.activations(grid, ask_for(grid.shape, bench.phis[phi], grid), y, (z, a), (out, a_bn))
        plain, normal = (float(np.mean(np.abs(d))) for d in (dz, dz_bn))
        picture.gradients((plain, normal), (J, J_bn))
        words = (f"{phi}, m = {m}, γ = {number(gamma)}, β = {number(beta)}; z has mean {number(mean)} and scale "
                 f"{number(scale)}. Plain: J = {number(J)}, mean |dJ/dz| = {number(plain, 2)}. "
                 f"Normalised: J = {number(J_bn)}, mean |dJ/dz| = {number(normal, 2)}.")  # fmt: skip
        through = gamma != 0 and J_bn > 0.01
        return Reading(words, (
            bool(m == BATCH and plain < SHUT and normal > OPEN),
            bool(normal < 1e-12 and through and np.min(np.abs(slope)) > 0.01),
            bool(m == BATCH and normal < SHUT and plain > OPEN and gamma != 0),
        ))  # fmt: skip

    return Scene(picture.figure, picture.moving, update)


class UnitPicture:
    """The artists of one unit: plain ones are circles, normalised ones squares."""

    def __init__(self):
        self.figure, axes = plots.canvas(columns=3, size=(8.4, 3.3))
        left, middle, self.right = axes
        with plots.style():
            looks = (("o", PLAIN), ("s", NORMALISED), ("s", NORMALISED))
            self.columns = [self._points(left, *look) for look in looks]
            (self.curve,) = middle.plot([], [], color=plots.GREY, linewidth=1.5)
            self.stands = [self._points(middle, *look) for look in looks[:2]]
            self.bars = self.right.bar([0, 1], 1, 0.6, color=[PLAIN, NORMALISED])
            self.labels = [self.right.text(k, 1, "", ha="center", va="bottom", fontsize=9) for k in (0, 1)]
        left.set(ylabel="value", xlabel="filled: y = 1", ylim=(-REACH, REACH), xlim=(-0.5, 2.5))
        left.set_xticks([0, 1, 2], ["z", "ẑ", "γ ẑ + β"])
        middle.set(xlabel="what φ is given", ylabel="a", xlim=(-REACH, REACH), ylim=(-1.25, TOP))
        self.right.set(yscale="log", ylim=(FAINTEST, STRONGEST), ylabel="mean |dJ/dz|", xlabel="unit", xlim=(-0.6, 1.6))
        self.right.set_xticks([0, 1], ["plain", "normalised"])
        pairs = [half for pair in (*self.columns, *self.stands) for half in pair]
        self.moving = [self.curve, *pairs, *self.bars, *self.labels]

    def values(self, y: np.ndarray, *columns: np.ndarray) -> None:
        for place, (pair, values) in enumerate(zip(self.columns, columns)):
            sideways = place + np.linspace(-0.25, 0.25, BATCH)[None, : y.size]
            self._set(pair, y, sideways, values)

    def activations(self, grid: np.ndarray, phi: np.ndarray, y: np.ndarray, *stands: tuple) -> None:
        self.curve.set_data(*grid, *phi)
        for pair, (given, a) in zip(self.stands, stands):
            self._set(pair, y, given, np.minimum(a, TOP))

    def gradients(self, sizes: tuple, losses: tuple) -> None:
        for bar, label, size, J in zip(self.bars, self.labels, sizes, losses):
            height = np.clip(np.nan_to_num(size), FAINTEST, STRONGEST)
            bar.set_height(height)
            label.set(text=f"{number(size, 2)}\nJ = {number(J)}", y=1.3 * min(height, STRONGEST / 60))

    @staticmethod
    def _points(ax: Any, marker: str, colour: str) -> tuple:
        """Hollow ones and filled ones."""
        look = {"color": colour, "markersize": 6, "clip_on": False, "in_layout": False}
        return tuple(ax.plot([], [], marker, markerfacecolor=face, **look)[0] for face in ("white", colour))

    @staticmethod
    def _set(pair: tuple, y: np.ndarray, across: np.ndarray, up: np.ndarray) -> None:
        for artist, label in zip(pair, (0, 1)):
            artist.set_data(across[y == label], up[y == label])


def explore_landscape(
    loss_and_gradients: Callable, weights: Sequence[np.ndarray], X: np.ndarray, y: np.ndarray
) -> None:
    """Take one step along the negative gradient, with and without batch norm: how long may it be?

    loss_and_gradients(weights, X, y, normalized) -> (J, [dW, ...]), one dW for each of the weights; normalized is True
    for the net with batch norm, False for the plain one. weights: [W, ...], the point at scale 1.
    In the notebook: explore_landscape(loss_and_gradients, weights, X, y)
    """
    show(landscape(loss_and_gradients, weights, X, y))


LANDSCAPE_TOUR = one_by_one(
    *({"eta": eta} for eta in ETAS if 0.1 < eta < 10),
    *({"eta": eta} for eta in (0.1, 0.046, 0.022, 0.01, 0.1)),
    *({"scale": scale} for scale in (1.5, 2.0, 2.5, 3.0)),
    *({"scale": scale} for scale in (1.0, 0.75, 0.5, 0.25)),
)


def landscape(loss_and_gradients: Callable, weights: Sequence[np.ndarray], X: np.ndarray, y: np.ndarray) -> Explorer:
    return Explorer(
        title="One step of plain gradient descent from the same weights, with and without batch norm",
        alt="Left: the loss after the step, as a multiple of the loss before, against the learning rate; a line at 1. "
        "Right: by how much of its length the gradient has changed after the step. Both for the plain net (solid, "
        "blue, circle) and the net with batch norm (dashed, vermilion, square); the markers are at the present rate.",
        controls=(
            Choice("eta", "learning rate η", ETAS, 0.1),
            Slider("scale", "weights multiplied by", 0.25, 3.0, 0.25, 1.0),
        ),
        goals=(
            "weights times 1: the largest η of this slider that lowers the loss of the plain net.",
            "weights times 1: the largest η of this slider that lowers the loss of the net with batch norm.",
            f"a scale of the weights where batch norm allows an η more than {FACTOR} times as large.",
            "a scale of the weights where the plain net allows the larger η.",
            f"weights times 1: an η below {SHORT} where the gradient changes more with batch norm than without.",
        ),
        scene=lambda: _landscape_scene(loss_and_gradients, weights, X, y),
        tour=LANDSCAPE_TOUR,
    )


@dataclass(frozen=True)
class Slice:
    """For each of ETAS: the loss after the step over the loss before, and the relative change of the gradient."""

    losses: np.ndarray
    changes: np.ndarray

    @property
    def largest(self) -> float:
        """The largest rate up to which every step lowers the loss; 0 where none does."""
        lower = self.losses < 1
        count = len(lower) if lower.all() else lower.argmin()
        return ETAS[count - 1] if count else 0.0


def slice_along(gradients_at: Callable, weights: list[np.ndarray]) -> Slice:
    """gradients_at(weights) -> (J, [dW, ...]). The point moves along -dW of the given weights."""
    J, G = gradients_at(weights)
    flat = _flat(G)
    losses, changes = [], []
    for eta in ETAS:
        J_there, G_there = gradients_at([W - eta * np.asarray(dW) for W, dW in zip(weights, G)])
        losses.append(J_there / J)
        changes.append(np.linalg.norm(_flat(G_there) - flat) / np.linalg.norm(flat))
    return Slice(np.array(losses), np.array(changes))


def _flat(arrays: Sequence) -> np.ndarray:
    return np.concatenate([np.ravel(array) for array in arrays])


def _landscape_scene(loss_and_gradients: Callable, weights: Sequence, X: np.ndarray, y: np.ndarray) -> Scene:
    form = [(), [W.shape for W in weights]]

    @cache
    def slices(scale: float) -> list[Slice]:
        start = [scale * W for W in weights]
        for normalized in (False, True):
            ask_for(form, loss_and_gradients, start, X, y, normalized)
        return [
            ask(slice_along, lambda at, bn=normalized: loss_and_gradients(at, X, y, bn), start)
            for normalized in (False, True)
        ]

    figure, (left, right) = plots.canvas(columns=2, size=(8.2, 3.3))
    lines = []
    with plots.style():
        left.axhline(1, color=plots.BLACK, linewidth=1)
        for label, colour, dash, marker in SIDES:
            for ax in (left, right):
                (line,) = ax.plot([], [], dash, color=colour, label=label)
                (dot,) = ax.plot([], [], marker, color=colour, markersize=8, clip_on=False, in_layout=False)
                lines.append((line, dot))
        left.legend(loc="lower left")
    left.set(xlabel="learning rate η", ylabel="loss after / loss before", xscale="log", ylim=(0, 2))
    right.set(xlabel="learning rate η", ylabel="change of the gradient", xscale="log", yscale="log", ylim=(1e-3, 1e3))
    for ax in (left, right):
        ax.set_xlim(ETAS[0], ETAS[-1])

    def update(eta: float, scale: float) -> Reading:
        both = slices(scale)
        at = ETAS.index(eta)
        drawn = [np.clip(values, low, high) for each in both
                 for values, low, high in ((each.losses, 0, 3), (each.changes, 1e-4, 1e4))]  # fmt: skip
        for (line, dot), values, top in zip(lines, drawn, (2, 1e3) * 2):
            line.set_data(ETAS, values)
            dot.set_data([eta], [min(values[at], top)])
        return _landscape_reading(eta, scale, at, *both)

    return Scene(figure, [artist for pair in lines for artist in pair], update)


def _landscape_reading(eta: float, scale: float, at: int, plain: Slice, normal: Slice) -> Reading:
    words = [f"η = {number(eta)}, weights times {number(scale)}."]
    for name, each in (("Plain", plain), ("Batch norm", normal)):
        words.append(f"{name}: the loss becomes {number(each.losses[at], 4)} times what it was, and the gradient "
                     f"changes by {number(each.changes[at], 2)} of its length.")  # fmt: skip
    most, least = sorted([plain, normal], key=lambda each: -each.largest)
    if least.largest:
        which, factor = "With" if most is normal else "Without", number(most.largest / least.largest, 2)
        words.append(f"{which} batch norm the largest η that lowers the loss is {factor} times as large.")
    return Reading(" ".join(words), (
        scale == 1 and eta == plain.largest,
        scale == 1 and eta == normal.largest,
        normal.largest > FACTOR * plain.largest > 0,
        plain.largest > normal.largest > 0,
        bool(scale == 1 and eta < SHORT and normal.changes[at] > plain.changes[at]),
    ))  # fmt: skip
