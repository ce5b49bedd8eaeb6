"""Lab 03: the gradient on its way back through a net."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache

import numpy as np

from labkit import plots
from labkit.explorers.engine import Choice, Explorer, Reading, Scene, Slider, Unfinished, ask, number, one_by_one
from labkit.explorers.faces import show

# The small net 2-2-1: whole numbers, to be followed by hand.
W1, B1 = np.array([[1.0, -1.0], [2.0, 1.0]]), np.array([[1.0], [-1.0]])
W2, B2 = np.array([[1.0, -2.0]]), np.array([[3.0]])
# Three examples to check a backward with: each hidden unit is on and off, and no z is near a kink.
TRIAL_X, TRIAL_Y = np.array([[2.0, -1.0, 0.0], [-2.0, -2.0, 2.0]]), np.array([[4.0, 3.0, 0.0]])
FACTORS = {"(ŷ − y)²": 2, "½(ŷ − y)²": 1}  # loss: what stands before ŷ − y in its derivative


def linear_output(Z: np.ndarray) -> np.ndarray:
    """An output without an activation: a is z. A phi of its own, so that a mapping of slopes can tell it apart."""
    return Z


def explore_graph(backward: Callable, slopes: Mapping[Callable, Callable]) -> None:
    """Move the input of a net 2-2-1; see z, a and delta at every node, as your backward gives them."""
    show(graph(backward, slopes))


TOUR = one_by_one(
    *({"x1": x} for x in (1, 0, -1)), {"y": 3}, {"y": 4},  # the example of the lab
    {"x1": 0}, {"x1": 1}, *({"x2": x} for x in (-1, 0, 1, 2)), {"x1": 0},  # the other unit is off
    {"x1": -1}, {"x1": -2}, {"x2": 1}, {"x2": 0},  # both are
    {"x2": -1}, *({"x1": x} for x in (-1, 0, 1, 2)), {"y": 3},  # none is, and nothing is wrong
    {"y": 2}, {"loss": "½(ŷ − y)²"}, {"phi": "sigmoid"}, {"phi": "tanh"},
)  # fmt: skip


def graph(backward: Callable, slopes: Mapping[Callable, Callable]) -> Explorer:
    names = sorted((phi.__name__ for phi in slopes), key=lambda name: name != "relu")
    return Explorer(
        title="A net 2-2-1: forward from left to right, backward from right to left",
        alt="Two inputs, two hidden units and one output, joined by lines. In each unit: z and a of the way forward; "
        "of the way back what arrives, the slope, and delta. On each line: its weight and dW. The wider a line, the "
        "larger its dW; on a dashed grey line dW is 0.",
        controls=(
            Slider("x1", "input x1", -4, 4, 1, 2),
            Slider("x2", "input x2", -4, 4, 1, -2),
            Slider("y", "target y", -4, 4, 1, 2),
            Choice("phi", "hidden activation", tuple(names), names[0]),
            Choice("loss", "loss J", tuple(FACTORS), next(iter(FACTORS))),
        ),
        goals=(
            "hidden 1 passes no gradient, hidden 2 does.",
            "every gradient of layer 1 is 0, but the loss is not.",
            "no gradient flows anywhere, and both hidden units would pass it.",
        ),
        scene=lambda: _graph_scene(backward, slopes),
        tour=TOUR,
    )


def _graph_scene(backward: Callable, slopes: Mapping[Callable, Callable]) -> Scene:
    phis = {phi.__name__: phi for phi in slopes}
    output = phis.get("identity", linear_output)
    picture = GraphPicture()

    def walk(x: np.ndarray, y: float | np.ndarray, phi: Callable, factor: float) -> tuple:
        """Forward, then backward: Z1, A1 and y_hat, the slope at Z1, and the gradients of both layers."""
        Z1, A1, y_hat = _forward(W1, B1, W2, B2, x, phi)
        slope = ask(slopes[phi], Z1.copy(), shape=Z1.shape)
        layers = [(W1.copy(), B1.copy(), phi), (W2.copy(), B2.copy(), output)]
        delta = factor * (y_hat - y)
        return Z1, A1, y_hat, slope, gradients_of(backward, layers, [None, Z1, y_hat], [x, A1, y_hat], delta, slopes)

    @cache
    def require_right(phi: Callable) -> None:
        """Raise Unfinished where the gradients are not the measured slopes of the loss."""
        *_, pairs = walk(TRIAL_X, TRIAL_Y, phi, 2)
        for l, pair, measured in reversed(list(zip((1, 2), pairs, _measured(phi)))):
            for name, came, expected in zip(("dW", "db"), pair, measured):
                if not np.allclose(came, expected, rtol=1e-5, atol=1e-6):
                    raise Unfinished(f"backward: with {phi.__name__}, {name} of layer {l} is not the measured slope "
                                     f"of the loss. Mend backward, or the slope of {phi.__name__}, first.")  # fmt: skip

    def update(x1, x2, y, phi, loss) -> Reading:
        x = np.array([[x1], [x2]], float)
        require_right(phis[phi])
        # With one example, db is delta.
        Z1, A1, y_hat, slope, ((dW1, delta1), (dW2, delta2)) = walk(x, y, phis[phi], FACTORS[loss])
        J = FACTORS[loss] / 2 * (y_hat - y).item() ** 2
        picture.nodes(x, Z1, A1, slope, delta1, y_hat, y, J, delta2)
        picture.edges([W1, W2], [dW1, dW2])
        passes = slope.ravel() != 0
        first, second = bool(np.any(dW1) or np.any(delta1)), bool(np.any(dW2) or np.any(delta2))
        reached = (
            not delta1[0, 0] and bool(delta1[1, 0]),
            not first and J != 0,
            not (first or second) and bool(passes.all()),
        )
        words = (f"Hidden {phi}: z = {_pair(Z1)}, a = {_pair(A1)}, slope {_pair(slope)}. Output {_tell(y_hat)}, "
                 f"target {y}, J = {loss} = {_tell(J)}. Delta: output {_tell(delta2)}, hidden {_pair(delta1)}. "
                 f"{_passing(passes)}")  # fmt: skip
        return Reading(words, reached)

    return Scene(picture.figure, picture.moving, update)


def _forward(W1, b1, W2, b2, x: np.ndarray, phi: Callable) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    Z1 = W1 @ x + b1
    A1 = phi(Z1)
    return Z1, A1, W2 @ A1 + b2


def _measured(phi: Callable, h: float = 1e-5) -> list[list[np.ndarray]]:
    """The measured slopes of the squared error on the trial examples: [[dW1, db1], [dW2, db2]]."""
    parameters = [W1, B1, W2, B2]

    def J(k: int, step: np.ndarray) -> float:
        moved = [theta + step if place == k else theta for place, theta in enumerate(parameters)]
        return float(np.sum((_forward(*moved, TRIAL_X, phi)[-1] - TRIAL_Y) ** 2))

    def slope(k: int, unit: np.ndarray) -> float:
        return np.gradient([J(k, -h * unit), J(k, 0 * unit), J(k, h * unit)], h)[1]

    units = [np.eye(theta.size).reshape(-1, *theta.shape) for theta in parameters]
    each = [np.reshape([slope(k, unit) for unit in units[k]], theta.shape) for k, theta in enumerate(parameters)]
    return [each[:2], each[2:]]


def gradients_of(
    backward: Callable, layers: Sequence, Z: Sequence, A: Sequence, delta: np.ndarray, slopes: Mapping
) -> list[tuple[np.ndarray, np.ndarray]]:
    """The student's gradients. Raises Unfinished where they are no list of pairs with the shapes of W and b."""
    copies = [None, *(z.copy() for z in Z[1:])], [a.copy() for a in A]
    result = ask(backward, layers, *copies, delta.copy(), slopes)
    try:
        pairs = [(np.array(dW, float), np.array(db, float)) for dW, db in result]
    except (TypeError, ValueError):
        raise Unfinished("backward should return a list of pairs (dW, db), one a layer. Mend it first.") from None
    if len(pairs) != len(layers):
        raise Unfinished(f"backward should return {len(layers)} pairs (dW, db) here, but returns {len(pairs)}.")
    for l, (pair, layer) in enumerate(zip(pairs, layers), 1):
        for name, gradient, parameter in zip(("dW", "db"), pair, layer):
            if gradient.shape != parameter.shape:
                raise Unfinished(f"backward: {name} of layer {l} should have shape {parameter.shape}, but has "
                                 f"{gradient.shape}. Mend it first.")  # fmt: skip
    return pairs


class GraphPicture:
    """The artists of the net 2-2-1. Numbers of the way forward are black, those of the way back vermilion."""

    INPUTS, HIDDEN, OUTPUT = [(6, 32), (6, 12)], [(41, 32), (41, 12)], (73, 22)

    def __init__(self):
        self.figure, (self.ax,) = plots.canvas(size=(8.2, 4.1))
        self.ax.set(xlim=(0, 82), ylim=(0, 41.5))
        self.ax.set_axis_off()
        # By layer and by the indices of the weight. Labels of crossing lines stand before the crossing.
        into_hidden = {(i, j): self._line(self.INPUTS[j], self.HIDDEN[i], 0.52 if i == j else 0.31)
                       for i in (0, 1) for j in (0, 1)}  # fmt: skip
        into_output = {(0, j): self._line(self.HIDDEN[j], self.OUTPUT, 0.5) for j in (0, 1)}
        self.lines = [into_hidden, into_output]
        self.inputs = [self._box(place, 10, 5, f"x{j}", back=False) for j, place in enumerate(self.INPUTS, 1)]
        self.hidden = [self._box(place, 17, 14, f"hidden {i},  b = {number(b)}")
                       for i, (place, b) in enumerate(zip(self.HIDDEN, B1.ravel()), 1)]  # fmt: skip
        self.output = self._box(self.OUTPUT, 16, 14, f"output,  b = {number(B2.item())}")
        self.ax.text(1, 1, "black: forward", va="bottom", fontsize=9)
        self.ax.text(14, 1, "orange: back, wider for a larger dW", va="bottom", fontsize=9, color=plots.VERMILION)
        self.ax.text(48, 1, "grey, dashed: dW = 0", va="bottom", fontsize=9, color=plots.GREY)
        edges = [artist for layer in self.lines for edge in layer.values() for artist in edge]
        texts = [artist for box in (*self.inputs, *self.hidden, self.output) for artist in box]
        self.moving = [*sorted(edges, key=lambda artist: artist.zorder), *texts]

    def nodes(self, x, Z1, A1, slope, delta1, y_hat, y, J, delta2) -> None:
        for (_, forward, _, _), value in zip(self.inputs, x.ravel()):
            forward.set_text(_tell(value))
        for (box, forward, arriving, back), z, a, s, d, w in zip(
            self.hidden, *map(np.ravel, (Z1, A1, slope, delta1, W2 * delta2))
        ):
            forward.set_text(f"z = {_tell(z)}\na = {_tell(a)}")
            arriving.set(text=f"w δ = {_tell(w)}", color=plots.VERMILION if w else plots.GREY)
            back.set_text(f"φ′(z) = {_tell(s)}\nδ = db = {_tell(d)}")
            _colour(box, back, d)
        box, forward, _, back = self.output
        forward.set_text(f"ŷ = z = {_tell(y_hat)}\ny = {y}\nJ = {_tell(J)}")
        back.set_text(f"δ = db = {_tell(delta2)}")
        _colour(box, back, delta2.item())

    def edges(self, weights: list, gradients: list) -> None:
        for lines, W, dW in zip(self.lines, weights, gradients):
            for (i, j), (line, weight, gradient) in lines.items():
                size = abs(dW[i, j])
                line.set(linewidth=min(1 + 1.3 * np.log2(1 + size), 9) if np.isfinite(size) else 9,
                         color=plots.ORANGE if size else plots.GREY, linestyle="-" if size else "--")  # fmt: skip
                weight.set_text(f"w = {_tell(W[i, j])}")
                gradient.set(text=f"dW = {_tell(dW[i, j])}", color=plots.VERMILION if size else plots.GREY)

    def _line(self, start: tuple, end: tuple, at: float) -> tuple:
        (line,) = self.ax.plot(*zip(start, end), zorder=1, solid_capstyle="butt")
        x, y = np.add(start, np.multiply(at, np.subtract(end, start)))
        white = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        weight = self.ax.text(x, y + 0.15, "", ha="center", va="bottom", zorder=2, bbox=white)
        gradient = self.ax.text(x, y + 0.15, "", ha="center", va="top", zorder=2, bbox=white)
        return line, weight, gradient

    def _box(self, place: tuple, width: float, height: float, name: str, back: bool = True) -> tuple:
        from matplotlib.patches import FancyBboxPatch

        x, y = place[0] - width / 2, place[1] - height / 2
        box = self.ax.add_patch(FancyBboxPatch((x, y), width, height, boxstyle="round,pad=0,rounding_size=1.5",
                                               facecolor="white", edgecolor=plots.BLACK, linewidth=1.5))  # fmt: skip
        self.ax.text(place[0], y + height + 0.5, name, ha="center", va="bottom", fontsize=9)
        top = (y + height - 0.9, "top") if back else (place[1], "center")
        texts = [self.ax.text(place[0], at, "", ha="center", va=side, fontsize=10.5, linespacing=1.15)
                 for at, side in (top, (y + 4.3, "bottom"), (y + 0.9, "bottom"))]  # fmt: skip
        return box, *texts


def _colour(box, back, delta: float) -> None:
    """A unit that no gradient passes is grey and dashed."""
    alive = delta != 0
    box.set(facecolor="white" if alive else "#EEEEEE", edgecolor=plots.BLACK if alive else plots.GREY,
            linestyle="-" if alive else "--")  # fmt: skip
    back.set_color(plots.VERMILION if alive else plots.GREY)


def _tell(value) -> str:
    return number(np.asarray(value).item() + 0.0)  # makes 0 of -0


def _pair(values: np.ndarray) -> str:
    return " and ".join(map(_tell, values.ravel()))


def _passing(passes: np.ndarray) -> str:
    shut = [f"hidden {i}" for i, passing in enumerate(passes, 1) if not passing]
    return f"The slope is 0 at {' and '.join(shut)}: no gradient passes." if shut else "No slope is 0."
