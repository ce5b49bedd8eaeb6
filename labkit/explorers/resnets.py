"""Lab 08: the gradient on its way through 50 layers, with and without a skip."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from labkit import plots
from labkit.datasets import digits
from labkit.explorers.engine import Choice, Explorer, Reading, Scene, Slider, Unfinished, ask, number, one_by_one
from labkit.explorers.faces import show
from labkit.explorers.forms import ask_for, called

DEPTHS = (2, 10, 20, 50, 100)
GOAL_DEPTH, STEPS = 50, 20
WIDTH, EXAMPLES, SEED = 32, 32, 4
FAINTEST, STRONGEST = 1e-10, 1e10  # where the axis of the gradients ends
LOWEST, HIGHEST = 0.03, 1e4  # where the axis of the loss ends
GUESSING = np.log(10)  # the loss of ten equal probabilities
EXPLODED, TRAINED, TRAINED_BARE = 100, 0.4, 1.2  # the bounds of the goals


def explore_highway(
    chain: Callable,
    residual: Callable,
    linear_block: Callable,
    relu_block: Callable,
    batch_norm_block: Callable,
    he: Callable,
    cross_entropy: Callable,
    cross_entropy_delta: Callable,
    sgd_step: Callable,
) -> None:
    """Choose depth, skip, the scale of the branches and batch norm; see the gradient by layer, and train 20 steps.

    Yours: chain, residual. From lab 07: batch_norm_block(Z, gamma, beta) -> (output, pullback). In the notebook:
    explore_highway(chain, residual, linear_block, relu_block, batch_norm_block,
                    he, cross_entropy, cross_entropy_delta, sgd_step)
    """
    show(highway(
        chain, residual, linear_block, relu_block, batch_norm_block, he, cross_entropy, cross_entropy_delta, sgd_step
    ))  # fmt: skip


TOUR = one_by_one(
    *({"steps": steps} for steps in (5, 10, STEPS)),
    *({"depth": depth} for depth in (20, 10, 2, GOAL_DEPTH)),
    {"steps": 0}, {"skip": "on"}, {"steps": 1}, {"steps": STEPS},  # a skip alone: it overflows
    {"steps": 0}, *({"scale": scale} for scale in (0.5, 0.2, 0.1, 0, 0.1)),
    {"steps": 5}, {"steps": STEPS}, {"eta": 0.03}, {"eta": 0.3},
    {"norm": "on"}, {"scale": 1}, {"skip": "off"}, {"steps": 0},
)  # fmt: skip


def highway(*functions: Any) -> Explorer:
    """functions: as explore_highway takes them."""
    return Explorer(
        title="A deep net on 32 digits, by plain gradient descent. A branch: (BN), ReLU, linear, (BN), ReLU, linear",
        alt="Left: the norm of dW of each layer on a logarithmic axis; circles for the first layer of each branch, "
        "squares for the second. A triangle at an edge stands for a value beyond it, or for 0. No marks where the "
        "training overflowed. Right: the loss after "
        "each step on a logarithmic axis, with a line at the loss of guessing, 2.3.",
        controls=(
            Choice("depth", "layers in the branches", DEPTHS, GOAL_DEPTH),
            Choice("skip", "skip", ("off", "on"), "off"),
            Choice("scale", "branch ends times s", (0, 0.1, 0.2, 0.5, 1), 1),
            Choice("norm", "batch norm", ("off", "on"), "off"),
            Choice("eta", "learning rate η", (0.01, 0.03, 0.1, 0.3, 1), 0.1),
            Slider("steps", "steps trained", 0, STEPS, 1, 0),
        ),
        goals=(
            "50 layers, no skip: at step 0 all dW within a factor of 10, and after 20 steps a loss still above 2.2.",
            f"50 layers, skip: a loss above {EXPLODED} before the first step.",
            f"50 layers without batch norm: after 20 steps a loss below {TRAINED_BARE}.",
            f"50 layers, any means: after 20 steps a loss below {TRAINED}.",
        ),
        scene=lambda: _scene(Workshop(*functions)),
        tour=TOUR,
    )


def _scene(workshop: "Workshop") -> Scene:
    workshop.examine()
    training = cache(lambda *settings: Training(workshop, *settings))
    figure, (left, right) = plots.canvas(columns=2, size=(8.2, 3.4))
    layers = [Layers(left, plots.BLUE, "o", "first of a branch"), Layers(left, plots.VERMILION, "s", "second")]
    with plots.style():
        right.axhline(GUESSING, color=plots.GREY, linewidth=1.2)
        right.text(STEPS, 1.15 * GUESSING, "guessing", ha="right", va="bottom", fontsize=9, color=plots.GREY)
        (loss,) = right.plot([], [], color=plots.BLUE, marker="o", markersize=4)
        left.plot([], [], "v", color=plots.GREY, markersize=4, label="0, or beyond the axis")
        left.legend(
            loc="lower left", bbox_to_anchor=(-0.18, 1), ncols=3, fontsize=9, borderaxespad=0, columnspacing=1,
            handletextpad=0,
        )  # fmt: skip
        broken = left.text(0.5, 0.5, "", transform=left.transAxes, ha="center")
    left.set(xlabel="layer", ylabel="norm of dW", xlim=(-1, DEPTHS[-1] + 2), yscale="log", ylim=(FAINTEST, STRONGEST))
    right.set(xlabel="step", ylabel="loss J", xlim=(-0.5, STEPS + 0.5), yscale="log", ylim=(LOWEST, HIGHEST))

    def update(depth: int, skip: str, scale: float, norm: str, eta: float, steps: int) -> Reading:
        run = training(depth, skip == "on", scale, norm == "on", eta)
        losses, norms = ask(called("the training", run.upto), steps)
        for k, each in enumerate(layers):
            each.show(np.arange(1, depth + 1)[k::2], norms[k::2])
        broken.set_text("The training overflowed:\nno dW is a number (nan)." if np.isnan(norms).all() else "")
        loss.set_data(np.arange(steps + 1), np.clip(losses, LOWEST, HIGHEST))
        words = (f"{depth} layers, skip {skip}, s = {number(scale)}, batch norm {norm}, η = {number(eta)}. "
                 f"Step {steps}: loss {number(losses[-1])}. Norm of dW: {number(norms[0], 2)} in layer 1, "
                 f"{number(norms[-1], 2)} in layer {depth}; {_spread(norms)}.")  # fmt: skip
        deep, done = depth == GOAL_DEPTH, steps == STEPS
        return Reading(words, (
            bool(deep and skip == "off" and done and losses[-1] > 2.2 and run.norms[0].max() < 10 * run.norms[0].min()),
            bool(deep and skip == "on" and losses[0] > EXPLODED),
            bool(deep and done and norm == "off" and losses[-1] < TRAINED_BARE),
            bool(deep and done and losses[-1] < TRAINED),
        ))  # fmt: skip

    return Scene(figure, [artist for each in layers for artist in each.artists] + [loss, broken], update)


def _spread(norms: np.ndarray) -> str:
    if np.isnan(norms).any():
        return "these are no numbers any more"
    if norms.max() == 0:
        return "all dW are 0"
    if norms.min() == 0:
        return "some dW are 0"
    return f"largest over smallest {number(norms.max() / norms.min(), 2)}"


class Layers:
    """One mark for each layer; a triangle at the edge where its value lies beyond."""

    def __init__(self, ax: Any, colour: str, marker: str, label: str):
        with plots.style():
            (self.marks,) = ax.plot([], [], marker, color=colour, markersize=4, label=label)
            self.beyond = [ax.plot([], [], symbol, color=colour, clip_on=False, in_layout=False)[0] for symbol in "^v"]
        self.artists = [self.marks, *self.beyond]

    def show(self, layers: np.ndarray, norms: np.ndarray) -> None:
        large, small = norms > STRONGEST, norms < FAINTEST
        inside = ~(large | small)
        self.marks.set_data(layers[inside], norms[inside])
        for triangles, out, edge in zip(self.beyond, (large, small), (STRONGEST, FAINTEST)):
            triangles.set_data(layers[out], np.full(out.sum(), edge))


@dataclass(frozen=True)
class Workshop:
    """Puts nets together from the blocks that it was given."""

    chain: Callable
    residual: Callable
    linear_block: Callable
    relu_block: Callable
    batch_norm_block: Callable
    he: Callable
    cross_entropy: Callable
    cross_entropy_delta: Callable
    sgd_step: Callable

    def examine(self) -> None:
        """Raises Unfinished where one of the functions gives nothing to build with."""
        A = np.random.default_rng(SEED).standard_normal((3, 5))
        W = ask_for((3, 3), self.he, (3, 3), np.random.default_rng(SEED))
        y = np.array([0, 1, 2, 1, 0])
        ask_for((), self.cross_entropy, A, y)
        ask_for(A.shape, self.cross_entropy_delta, A, y)
        ask_for(W.shape, self.sgd_step, W, W, 0.1)
        column = np.ones((3, 1))
        _examine_output("batch_norm_block", lambda A: self.batch_norm_block(A, column, column), A,
                        [A.shape, column.shape, column.shape])  # fmt: skip
        linear = _examine_block(self.linear_block, (W, column), A, [W.shape, column.shape])
        _examine_output("relu_block", self.relu_block, A, [A.shape, []])
        one = _examine_block(self.chain, ([linear, self.relu_block, linear],), A, [W.shape, column.shape] * 2)
        _examine_block(self.residual, (one,), A, [W.shape, column.shape] * 2)

    def net(self, first: np.ndarray, inner: np.ndarray, last: np.ndarray, skip: bool, norm: bool) -> Callable:
        """first, then branches of two layers of `inner` each, then last, which gives the logits."""
        before = [self.standard_block, self.relu_block] if norm else [self.relu_block]
        branches = [self.chain([*before, self.linear(V), *before, self.linear(W)])
                    for V, W in zip(inner[::2], inner[1::2])]  # fmt: skip
        if skip:
            branches = [self.residual(branch) for branch in branches]
        return self.chain([self.linear(first), *branches, *before, self.linear(last)])

    def linear(self, W: np.ndarray) -> Callable:
        return self.linear_block(W, np.zeros((len(W), 1)))

    def standard_block(self, Z: np.ndarray) -> tuple:
        """Batch norm with gamma = 1 and beta = 0, which are not trained."""
        output, pullback = self.batch_norm_block(Z, np.ones((len(Z), 1)), np.zeros((len(Z), 1)))
        return output, lambda d: (pullback(d)[0], [])


def _examine_block(maker: Callable, parts: tuple, A: np.ndarray, gradients: list) -> Callable:
    """The block that the maker makes of the parts. It should keep the shape of A."""
    block = ask(maker, *parts)
    name = getattr(maker, "__name__", "the function")
    if not callable(block):
        raise Unfinished(f"{name} should return a block, a function of A, but returns a {type(block).__name__}. "
                         "Mend it first.")  # fmt: skip
    _examine_output(f"the block of {name}", block, A, [A.shape, gradients])
    return block


def _examine_output(name: str, block: Callable, A: np.ndarray, form: list) -> None:
    """block(A) should be an output of the shape of A and a pullback; what that returns should have the form."""
    result = ask(called(name, block), A)
    if not (isinstance(result, tuple | list) and len(result) == 2 and callable(result[1])):
        raise Unfinished(f"{name} should return (output, pullback). Mend it first.")
    output, pullback = result
    ask_for(A.shape, called(name, lambda: output))
    ask_for(form, called(f"the pullback of {name}", pullback), output)


class Training:
    """One net on its way: the loss and the norms of all dW before the first step and after each."""

    def __init__(self, workshop: Workshop, depth: int, skip: bool, scale: float, norm: bool, eta: float):
        rng = np.random.default_rng(SEED)
        self.workshop, self.skip, self.norm, self.eta = workshop, skip, norm, eta
        X, y = digits()
        self.X, self.y = X[:, :EXAMPLES], y[:EXAMPLES]
        first, last = workshop.he((WIDTH, len(X)), rng), workshop.he((10, WIDTH), rng)
        inner = np.array([workshop.he((WIDTH, WIDTH), rng) for _ in range(depth)])
        inner[1::2] *= scale
        self.weights = [first, inner, last]
        self.losses, self.norms = [], []

    def upto(self, steps: int) -> tuple[np.ndarray, np.ndarray]:
        """The losses before the first step and after each up to this one, and the norms of dW there."""
        while len(self.losses) <= steps:
            self.step()
        return np.array(self.losses[: steps + 1]), self.norms[steps]

    def step(self) -> None:
        """All branches take it as one array."""
        O, pullback = self.workshop.net(*self.weights, self.skip, self.norm)(self.X)
        _, gradients = pullback(self.workshop.cross_entropy_delta(O, self.y))
        first, *inner, last = gradients[::2]  # each dW is followed by its db; biases stay 0
        self.weights = [self.workshop.sgd_step(W, dW, self.eta)
                        for W, dW in zip(self.weights, (first, np.array(inner), last))]  # fmt: skip
        self.losses.append(float(self.workshop.cross_entropy(O, self.y)))
        self.norms.append(np.array([np.linalg.norm(dW) for dW in inner]))
