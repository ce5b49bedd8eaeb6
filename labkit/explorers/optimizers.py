"""Lab 05: the student's step functions race downhill."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from labkit import plots
from labkit.explorers.engine import Choice, Explorer, Reading, Scene, Unfinished, ask, number, one_by_one
from labkit.explorers.faces import show

STEPS = 60
THERE = 0.1  # a loss below it is at the minimum
LOST = 1e3  # a path whose loss is above it has diverged
RATES = (0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
MUS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99)
RHO, BETA2, EPS = 0.9, 0.999, 1e-8
ALL = "all four"
STATES = {"SGD": 0, "momentum": 1, "RMSProp": 1, "Adam": 2}  # arrays that a step keeps beside theta
NAMES = tuple(STATES)
SHAPE = (2, 1)  # of theta
SIDE, HEIGHT, FAR = 3, 1.6, 1e3
NOWHERE = np.empty((0, 2)), np.empty(0)


@dataclass(frozen=True)
class Landscape:
    """A loss in the plane, 0 at its lowest points, and where the descent begins."""

    loss: Callable[[Any, Any], Any]
    gradient: Callable[[float, float], list]
    start: tuple[float, float]
    lowest: tuple[tuple[float, float], ...]
    levels: tuple[float, ...]


# Its slope: a deep minimum at 1.8, where it is 0, a barrier at -0.3 and a shallow minimum at -1.6.
TILTED_SLOPE = np.polynomial.Polynomial.fromroots([-1.6, -0.3, 1.8]) / 2
TILTED = TILTED_SLOPE.integ(lbnd=1.8)

LANDSCAPES = {
    "ravine": Landscape(
        loss=lambda x, y: (x**2 + 50 * y**2) / 2,
        gradient=lambda x, y: [x, 50 * y],
        start=(-2.5, 1.0),
        lowest=((0, 0),),
        levels=(0.1, 0.5, 2, 5, 10, 20, 35, 60),
    ),
    "saddle": Landscape(
        loss=lambda x, y: x**2 / 2 + (y**2 - 1) ** 2 / 4,
        gradient=lambda x, y: [x, y**3 - y],
        start=(-2.5, 0.001),
        lowest=((0, -1), (0, 1)),
        levels=(0.02, 0.1, 0.2, 0.25, 0.4, 0.8, 1.5, 2.5, 4),
    ),
    "two minima": Landscape(
        loss=lambda x, y: TILTED(x) + 2 * y**2,
        gradient=lambda x, y: [TILTED_SLOPE(x), 4 * y],
        start=(-2.6, 1.2),
        lowest=((1.8, 0),),
        levels=(0.1, 0.5, 1, 1.4, 1.81, 2.5, 4, 6, 8),
    ),
}


def explore_descent(sgd_step: Callable, momentum_step: Callable, rmsprop_step: Callable, adam_step: Callable) -> None:
    """Set learning rate and momentum; see 60 steps of each method on three landscapes."""
    show(descent(sgd_step, momentum_step, rmsprop_step, adam_step))


TOUR = one_by_one(
    *({"eta": eta} for eta in (0.002, 0.003, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3)),
    {"landscape": "saddle"},
    *({"eta": eta} for eta in (0.2, 0.1, 0.05, 0.01)),  # SGD lingers
    {"landscape": "two minima"},
    *({"eta": eta} for eta in (0.02, 0.03, 0.1, 0.3, 0.5, 1.0)),
    {"mu": 0.99}, {"eta": 0.2},
)  # fmt: skip


def descent(sgd_step: Callable, momentum_step: Callable, rmsprop_step: Callable, adam_step: Callable) -> Explorer:
    steps = dict(zip(NAMES, (sgd_step, momentum_step, rmsprop_step, adam_step)))
    return Explorer(
        title=f"{STEPS} steps downhill, with your step functions",
        alt="Left: the landscape seen from above, darker where the loss is higher, with contours, a star at each "
        "lowest point, and the path of each method from the ring at the start to its last step. Right: the loss after "
        "each step, on a logarithmic axis; below the dashed line at 0.1 the minimum counts as reached.",
        controls=(
            Choice("landscape", "landscape", tuple(LANDSCAPES), "ravine"),
            Choice("eta", "learning rate", RATES, RATES[0]),
            Choice("mu", "mu (beta1 of Adam)", MUS, 0.9),
            Choice("method", "method", (ALL, *NAMES), ALL),
        ),
        goals=(
            *(f"ravine: {name} has a loss below {THERE} after {STEPS} steps." for name in NAMES),
            f"saddle: all four have a loss below {THERE}, with one learning rate and one mu.",
            f"two minima: one of the four ends in the deep one, with a loss below {THERE}.",
        ),
        scene=lambda: _scene(steps),
        tour=TOUR,
    )


def _scene(steps: Mapping[str, Callable]) -> Scene:
    figure, (left, right) = plots.canvas(columns=2, size=(8.2, 3.7))
    with plots.style():
        maps = {name: _map(left, landscape) for name, landscape in LANDSCAPES.items()}
        trails = {name: Trail(left, right, *look) for name, *look in zip(NAMES, plots.COLOURS, "os^D")}
        (start,) = left.plot([], [], "o", color=plots.BLACK, fillstyle="none")
        (stars,) = left.plot([], [], "*", color=plots.BLACK, markeredgecolor="w", markersize=18)
        right.axhline(THERE, color=plots.BLACK, linestyle="--", linewidth=1)
        figure.legend([trail.fall for trail in trails.values()], NAMES, loc="outside upper center", ncols=4)
    left.set(xlabel="$\\theta_1$", ylabel="$\\theta_2$", xlim=(-SIDE, SIDE), ylim=(-HEIGHT, HEIGHT))
    left.grid(visible=False)
    right.set(xlabel="step", ylabel="loss", yscale="log", xlim=(0, STEPS), ylim=(1e-4, LOST))
    right.yaxis.minorticks_off()

    def update(landscape: str, eta: float, mu: float, method: str) -> Reading:
        place, chosen = LANDSCAPES[landscape], NAMES if method == ALL else (method,)
        walked, unfinished = _walks({name: steps[name] for name in chosen}, place, eta, mu)
        for name, contours in maps.items():
            for artist in contours:
                artist.set_visible(name == landscape)
        start.set_data(*np.transpose([place.start]))
        stars.set_data(*np.transpose(place.lowest))
        for name, trail in trails.items():
            trail.show(*walked.get(name, NOWHERE))
        told = [_told(name, heights) for name, (_, heights) in walked.items()]
        words = f"{landscape}, learning rate {eta}, mu {mu}. Loss after {STEPS} steps: {'; '.join(told)}."
        there = {name: _is_there(heights) for name, (_, heights) in walked.items()}
        return Reading(" ".join([words, *unfinished]), _reached(landscape, there))

    contours = [artist for artists in maps.values() for artist in artists]
    paths, ends, falls = zip(*((trail.path, trail.end, trail.fall) for trail in trails.values()))
    return Scene(figure, [*contours, *paths, stars, start, *ends, *falls], update)


class Trail:
    """One method: its path and the end of it on the map, and its loss against the step."""

    def __init__(self, left: Any, right: Any, colour: str, marker: str):
        look = {"color": colour, "marker": marker, "linestyle": "-"}
        (self.path,) = left.plot([], [], markersize=3, linewidth=1, **look)
        (self.end,) = left.plot([], [], markersize=9, markeredgecolor="w", **look)
        (self.fall,) = right.plot([], [], markevery=10, **look)

    def show(self, path: np.ndarray, heights: np.ndarray) -> None:
        self.path.set_data(*path.T)
        self.end.set_data(*path[-1:].T)
        self.fall.set_data(range(len(heights)), heights)


def _map(ax: Any, landscape: Landscape) -> list:
    """The heights in grey, darker where higher, and the contours between them."""
    x, y = np.linspace(-SIDE, SIDE, 121), np.linspace(-HEIGHT, HEIGHT, 81)
    heights = landscape.loss(x, y[:, np.newaxis])
    greys = [str(grey) for grey in np.linspace(1, 0.85, len(landscape.levels) + 1)]
    filled = ax.contourf(x, y, heights, [-1, *landscape.levels, LOST], colors=greys)
    return [filled, ax.contour(x, y, heights, landscape.levels, colors=plots.GREY, linewidths=0.6)]


def _walks(steps: Mapping[str, Callable], landscape: Landscape, eta: float, mu: float) -> tuple[dict, list[str]]:
    """The walk of each method, and a sentence for each that can't walk. Raises Unfinished where none can."""
    walked, unfinished = {}, []
    for name, step in steps.items():
        try:
            walked[name] = walk(name, step, landscape, eta, mu)
        except Unfinished as reason:
            unfinished.append(str(reason))
    if not walked:
        raise Unfinished(unfinished[0])
    return walked, unfinished


def walk(name: str, step: Callable, landscape: Landscape, eta: float, mu: float) -> tuple[np.ndarray, np.ndarray]:
    """The path, (steps + 1, 2), and the loss at each of its points. A path that diverges ends there."""
    theta, state = np.array(landscape.start).reshape(SHAPE), [np.zeros(SHAPE) for _ in range(STATES[name])]
    path, heights = [theta.ravel()], [landscape.loss(*theta.ravel())]
    for t in range(1, STEPS + 1):
        g = np.array(landscape.gradient(*theta.ravel())).reshape(SHAPE)
        settings = {"SGD": (eta,), "momentum": (eta, mu), "RMSProp": (eta, RHO, EPS), "Adam": (t, eta, mu, BETA2, EPS)}
        theta, *state = _parts(ask(step, theta.copy(), g, *state, *settings[name]), step, STATES[name])
        path.append(np.clip(theta, -FAR, FAR).ravel())
        heights.append(landscape.loss(*path[-1]))
        if not heights[-1] < LOST:
            break
    return np.array(path), np.array(heights)


def _parts(result: Any, step: Callable, states: int) -> list[np.ndarray]:
    """theta and its state, as a step function returns them."""
    try:
        parts = [np.array(part) for part in (result if states else [result])]
    except (TypeError, ValueError):
        parts = []
    if [part.shape for part in parts if part.dtype.kind in "fiu"] != [SHAPE] * (1 + states):
        name = getattr(step, "__name__", "a step function")
        expected = ("theta alone", "theta and its state", "theta and both its states")[states]
        raise Unfinished(f"{name} should return {expected}, each of theta's shape, {SHAPE} here. Mend it first.")
    return parts


def _is_there(heights: np.ndarray) -> bool:
    return bool(heights[-1] < THERE)


def _told(name: str, heights: np.ndarray) -> str:
    if not heights[-1] < LOST:
        return f"{name} diverges in step {len(heights) - 1}"
    return f"{name} {number(heights[-1], 2)}{', at the minimum' if _is_there(heights) else ''}"


def _reached(landscape: str, there: Mapping[str, bool]) -> tuple[bool, ...]:
    on_ravine = (landscape == "ravine" and there.get(name, False) for name in NAMES)
    all_on_saddle = landscape == "saddle" and [*there.values()] == [True] * len(NAMES)
    return *on_ravine, all_on_saddle, landscape == "two minima" and any(there.values())
