"""Lab 02: what moves a loss, and what breaks it."""

from collections.abc import Callable

import numpy as np

from labkit import plots
from labkit.explorers.engine import Choice, Explorer, Reading, Scene, Slider, ask, number, one_by_one
from labkit.explorers.faces import show

START = (1.0, 2.0, 0.0)
CLASSES = (0, 1, 2)
LOGITS = np.linspace(-10, 10, 41)
WHOLE = np.arange(61)  # logits of the second explorer
TOP, NEAR = 60, 0.3  # where its two panels end


def explore_loss(softmax: Callable, cross_entropy: Callable) -> None:
    """Move three logits; see the probabilities and the loss."""
    show(loss(softmax, cross_entropy))


LOSS_TOUR = one_by_one(
    *({"o1": o} for o in (1.0, 0.0, -2.0, -4.0, -7.0, -10.0)),  # not enough: class 2 keeps its share
    {"o1": START[1]},
    *({"o0": o} for o in (2.0, 3.0, 4.0, 4.5, 5.0, 5.5)),
    *({"shift": shift} for shift in (500, 1000, -500, -1000)),
)


def loss(softmax: Callable, cross_entropy: Callable) -> Explorer:
    logits = tuple(Slider(f"o{k}", f"logit of class {k}", -10.0, 10.0, 0.5, START[k]) for k in CLASSES)
    return Explorer(
        title="Three logits and one true class",
        alt="Left: one bar for each class, as high as its probability; the true class is hatched. "
        "Right: the loss against the logit of the true class, falling towards 0, with a dot at the present logit.",
        controls=(
            *logits,
            Slider("shift", "added to all three", -1000, 1000, 50, 0),
            Choice("true", "true class", CLASSES, 0),
        ),
        goals=("the loss is below 0.05, and only one logit was moved from its start (1, 2, 0).",),
        scene=lambda: _loss_scene(softmax, cross_entropy),
        tour=LOSS_TOUR,
    )


def _loss_scene(softmax: Callable, cross_entropy: Callable) -> Scene:
    figure, (left, right) = plots.canvas(columns=2, size=(8.2, 3.2))
    with plots.style():
        bars = left.bar(CLASSES, 0, color=plots.SKY, edgecolor=plots.BLACK)
        labels = [left.text(k, 0, "", ha="center", va="bottom") for k in CLASSES]
        (curve,) = right.plot(LOGITS, 0 * LOGITS, color=plots.BLUE)
        (dot,) = right.plot([0], [0], "o", color=plots.VERMILION, markersize=9)
    left.set(xlabel="class", ylabel="probability", xticks=CLASSES, ylim=(0, 1.1))
    right.set(xlabel="logit of the true class, before the shift", ylabel="loss", xlim=(-10.5, 10.5), ylim=(-0.5, 21))

    def update(o0, o1, o2, shift, true) -> Reading:
        logits = np.array([[o0], [o1], [o2]])
        p = np.ravel(ask(softmax, logits + shift, shape=(3, 1)))
        value = _loss_of(cross_entropy, logits + shift, true)
        for k, (bar, label) in enumerate(zip(bars, labels)):
            bar.set(height=p[k], hatch="//" if k == true else "")
            label.set(text=number(p[k]), y=np.nan_to_num(p[k]))
        curve.set_ydata([_loss_of(cross_entropy, _with(logits, true, o) + shift, true) for o in LOGITS])
        dot.set_data(logits[true], [value])
        moved = int(np.sum(logits.ravel() != START))
        words = (f"Probabilities {', '.join(map(number, p))}. The true class is {true}: loss {number(value)}. "
                 f"Logits moved from the start: {moved}. Added to all three: {shift}.")  # fmt: skip
        return Reading(words, (bool(value < 0.05) and moved <= 1,))

    return Scene(figure, [*bars, *labels, curve, dot], update)


def _loss_of(cross_entropy: Callable, logits: np.ndarray, true: int) -> float:
    return float(ask(cross_entropy, logits, np.array([true]), shape=()))


def _with(logits: np.ndarray, k: int, value: float) -> np.ndarray:
    changed = logits.copy()
    changed[k] = value
    return changed


def explore_breaking(bce_with_logits: Callable) -> None:
    """Raise the logit of an example with label 0, until sigmoid-then-log breaks."""
    show(breaking(bce_with_logits))


BREAKING_TOUR = one_by_one(
    *({"logit": logit} for logit in range(6, 20)),
    {"dtype": "float64"},
    *({"logit": logit} for logit in (22, 26, 30, *range(33, 39))),
)


def breaking(bce_with_logits: Callable) -> Explorer:
    goal = "set the slider to the first whole logit at which sigmoid-then-log is infinite, in "
    return Explorer(
        title="Label 0 and a growing logit: two ways to the same loss",
        alt="Left: the loss of one example with label 0 against its logit, up to the present logit: a line for your "
        "bce_with_logits, dots for sigmoid-then-log. Right: the dots minus the line, much enlarged. "
        "A dot at the top edge stands for infinite.",
        controls=(
            Slider("logit", "logit", 0, 60, 1, 5),
            Choice("dtype", "dtype", ("float32", "float64"), "float32"),
        ),
        goals=(goal + "float32.", goal + "float64."),
        scene=lambda: _breaking_scene(bce_with_logits),
        tour=BREAKING_TOUR,
    )


def naive_loss(logits: np.ndarray) -> np.ndarray:
    """The loss for label 0 by sigmoid, then log: the form that breaks, since 1 + exp(-o) rounds to 1."""
    with np.errstate(divide="ignore"):
        return -np.log(1 - 1 / (1 + np.exp(-logits)))


def _breaking_scene(bce_with_logits: Callable) -> Scene:
    figure, (left, right) = plots.canvas(columns=2, size=(8.2, 3.2))
    with plots.style():
        (yours,) = left.plot([0], [0], color=plots.BLUE, label="your bce_with_logits")
        (dots,) = left.plot([0], [0], ".", color=plots.VERMILION, label="sigmoid, then log")
        (off,) = right.plot([0], [0], ".", color=plots.VERMILION)
        rings = [ax.plot([0], [0], "o", color=plots.VERMILION, markersize=9, fillstyle="none", markeredgewidth=2)[0]
                 for ax in (left, right)]  # fmt: skip
        left.legend(loc="lower right")
    left.set(xlabel="logit", ylabel="loss (label 0)", xlim=(-2, 62), ylim=(-2, TOP + 3))
    left.set_yticks([0, 20, 40, TOP], ["0", "20", "40", "inf"])
    right.set(xlabel="logit", ylabel="difference", xlim=(-2, 62), ylim=(-NEAR - 0.02, NEAR + 0.02))
    right.set_yticks([-NEAR, -0.2, -0.1, 0, 0.1, 0.2, NEAR], ["-0.3", "-0.2", "-0.1", "0", "0.1", "0.2", "inf"])

    def update(logit: int, dtype: str) -> Reading:
        logits = WHOLE[: logit + 1].astype(dtype)
        naive = naive_loss(logits)
        zero = np.zeros((1, 1), dtype)
        stable = [float(ask(bce_with_logits, o.reshape(1, 1), zero, shape=())) for o in logits]
        difference = naive - stable
        yours.set_data(logits, stable)
        for line, ring, heights in (
            (dots, rings[0], np.minimum(naive, TOP)),
            (off, rings[1], np.clip(difference, -NEAR, NEAR)),
        ):
            line.set_data(logits, heights)
            ring.set_data(logits[-1:], heights[-1:])
        first = bool(np.isinf(naive[-1]) and np.isfinite(naive[:-1]).all())
        words = (f"{dtype}, logit {logit}: sigmoid-then-log gives {number(naive[-1], 6)}, "
                 f"your bce_with_logits {number(stable[-1], 6)}. Difference: {number(difference[-1], 2)}.")  # fmt: skip
        return Reading(words, (first and dtype == "float32", first and dtype == "float64"))

    return Scene(figure, [yours, dots, off, *rings], update)
