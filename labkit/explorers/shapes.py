"""Lab 01: a net of three ReLUs, set by hand."""

from collections.abc import Callable

import numpy as np

from labkit import plots
from labkit.explorers.engine import Explorer, Reading, Scene, Slider, Unfinished, ask, number, one_by_one
from labkit.explorers.faces import show

X = np.linspace(-4, 4, 321).reshape(1, -1)
BUMP = np.interp(X, [-1, 0, 2], [0, 2, 0])
UNITS = ("first", "second", "third")


def explore_bump(forward: Callable, relu: Callable) -> None:
    """Set the kinks and the output weights of a net 1-3-1 so that it follows the bump."""
    show(bump(forward, relu))


TOUR = one_by_one(  # first where the slope changes, then by how much
    *({"k1": k} for k in (-1.75, -1.5, -1.25, -1.0)),
    *({"k2": k} for k in (0.25, 0.0)),
    *({"k3": k} for k in (1.75, 2.0)),
    *({"w1": w} for w in (1.5, 2.0)),
    *({"w2": w} for w in (-1.0, -1.5, -2.0, -2.5, -3.0)),
    *({"w3": w} for w in (0.0, 0.5, 1.0)),
)


def bump(forward: Callable, relu: Callable) -> Explorer:
    # A browser computes a slider's place in percent: widths of 8 keep its numbers free of rounding errors.
    kinks = [Slider(f"k{i}", f"{unit} kink, at x", -4.0, 4.0, 0.25, at)
             for i, unit, at in zip((1, 2, 3), UNITS, (-2.0, 0.5, 1.5))]  # fmt: skip
    weights = [Slider(f"w{i}", f"{unit} output weight", -4.0, 4.0, 0.5, weight)
               for i, unit, weight in zip((1, 2, 3), UNITS, (1.0, -0.5, -0.5))]  # fmt: skip
    return Explorer(
        title="A net 1-3-1: three ReLUs, added up",
        alt="Left: what each hidden unit adds, flat at 0 up to its kink, then a straight line. "
        "Right: their sum, the output of the net, and the dashed bump, which rises from x = -1 to height 2 at x = 0 "
        "and falls to 0 at x = 2.",
        controls=tuple(control for pair in zip(kinks, weights) for control in pair),
        goals=("the largest gap between the net and the bump is below 0.1.",),
        scene=lambda: _scene(forward, relu),
        tour=TOUR,
    )


def net(relu: Callable, kinks: list[float], weights: list[float]) -> list:
    """Layers [(W, b, phi), ...]: hidden unit i is relu(x - kink i), the output adds them with their weights."""
    hidden = (np.ones((3, 1)), -np.array(kinks).reshape(3, 1), relu)
    return [hidden, (np.array(weights).reshape(1, 3), np.zeros((1, 1)), lambda Z: Z)]


def _scene(forward: Callable, relu: Callable) -> Scene:
    figure, (left, right) = plots.canvas(columns=2, size=(8.2, 3.2))
    x = X.ravel()
    with plots.style():
        parts = [left.plot(x, 0 * x, label=f"{unit} unit")[0] for unit in UNITS]
        (target,) = right.plot(x, BUMP.ravel(), color=plots.BLACK, linestyle="--", label="bump")
        (output,) = right.plot(x, 0 * x, color=plots.BLUE, linestyle="-", label="net")
        (dots,) = right.plot([], [], "o", color=plots.VERMILION, label="kinks")
        left.legend(loc="lower left")
        right.legend(loc="lower left")
    left.set(xlabel="x", ylabel="weight times activation", xlim=(-4, 4), ylim=(-13, 13))
    right.set(xlabel="x", ylabel="output", xlim=(-4, 4), ylim=(-3, 4))

    def update(k1, w1, k2, w2, k3, w3) -> Reading:
        kinks, weights = [k1, k2, k3], [w1, w2, w3]
        ask(relu, X.copy(), shape=X.shape)
        hidden, y = _activations(forward, net(relu, kinks, weights))
        for part, weight, activation in zip(parts, weights, hidden):
            part.set_ydata(weight * activation)
        output.set_ydata(y)
        dots.set_data(kinks, np.interp(kinks, x, y))
        gap = np.abs(y - BUMP.ravel())
        largest = gap.max().round(6)
        place = f", at x = {number(x[gap.argmax()])}" if largest else ""
        return Reading(f"Largest gap {number(largest)}{place}.", (bool(largest < 0.1),))

    return Scene(figure, [*parts, output, target, dots], update)


def _activations(forward: Callable, layers: list) -> tuple[np.ndarray, np.ndarray]:
    """The hidden activations (3, m) and the output (m,) that the student's forward gives."""
    result = ask(forward, layers, X.copy())
    try:
        _, A = result
        hidden, y = np.asarray(A[1], float), np.asarray(A[2], float)
    except (TypeError, ValueError, IndexError):
        raise Unfinished("forward should return (Z, A), two lists of 3 entries for this net. Mend it first.") from None
    if hidden.shape != (3, X.size) or y.shape != X.shape:
        expected = f"{(3, X.size)} and {X.shape}"
        raise Unfinished(f"forward: A[1] and A[2] should be {expected}, but are {hidden.shape} and {y.shape}.")
    return hidden, y.ravel()
