"""Figures in the one style of the course.

    with plots.figure("ReLU and sigmoid for z from -4 to 4. ReLU is 0 left of 0.") as ax:
        plots.curves(ax, z, {"relu": relu(z), "sigmoid": sigmoid(z)})
        ax.set(xlabel="z", ylabel="a")

The alt text says in words what the figure shows. Colours are those of Okabe and Ito, which colour-blind readers can
tell apart; curves differ in their dashes too, classes in their markers.
"""

import base64
import html
import io
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from labkit import bench, cases

BLUE, VERMILION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, BLACK, GREY = "#E69F00", "#56B4E9", "#000000", "#767676"
COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, BLACK)
DASHES = ("-", "--", "-.", ":", (0, (6, 1, 1, 1, 1, 1)), (0, (1, 1)), (0, (8, 3)))
MARKERS = "os^Dv*X"
STYLE = {
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.constrained_layout.use": True,
    "font.size": 10,
    "grid.color": "#DDDDDD",
    "legend.frameon": False,
    "lines.linewidth": 2,
}
DPI = 96


class NothingToDraw(Exception):
    """A function that is not finished yet: the figure becomes a sentence."""


def needs(*functions: Callable) -> None:
    """Where one of these graded functions is not finished, let the figure be a sentence that names it.

    Put it first in the block: plots.needs(linear, relu). Each is previewed on the first case of its exercise.
    """
    for function in functions:
        exercise = cases.find(getattr(function, "__name__", ""))
        if exercise is None:
            continue
        try:
            bench.preview_case(function, exercise, exercise.cases[0], exercise.draw(bench.PREVIEW_SEED)[0])
        except bench.NotYet as unfinished:
            raise NothingToDraw(f"Nothing to draw yet. {unfinished}") from None


@contextmanager
def figure(alt: str, rows: int = 1, columns: int = 1, size: tuple[float, float] | None = None) -> Iterator[Any]:
    """A figure that is shown when the block ends. Yields its axes: one, or a flat list of rows * columns.

    alt: what the figure shows, in words, for readers who can't see it.
    size: width and height in inches.
    Raises ValueError where the alt text or the label of an axis is missing.
    """
    fig, axes = canvas(rows, columns, size)
    try:
        with style():
            yield axes if len(axes) > 1 else axes[0]
    except NothingToDraw as unfinished:
        print(unfinished)
    else:
        show(fig, alt)


def canvas(rows: int = 1, columns: int = 1, size: tuple[float, float] | None = None) -> tuple[Any, list]:
    """A bare figure and the flat list of its axes."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with style():
        fig = Figure(figsize=size or (4.5 * columns if columns > 1 else 5.5, 3.2 * rows), dpi=DPI)
        FigureCanvasAgg(fig)
        return fig, list(fig.subplots(rows, columns, squeeze=False).flat)


def style():
    """The course's style, for the length of a with-block."""
    import matplotlib

    each = matplotlib.cycler(color=COLOURS, linestyle=DASHES)
    return matplotlib.rc_context({**STYLE, "axes.prop_cycle": each})


def show(fig: Any, alt: str) -> None:
    """Display a figure as an image with its alt text. Under grading nothing is drawn."""
    from IPython.display import display

    require_words(fig, alt)
    if at_grading():
        return
    png = io.BytesIO()
    fig.savefig(png, format="png", dpi=2 * DPI)
    width = round(fig.get_figwidth() * DPI)
    display({"text/html": image_html(png.getvalue(), alt, width), "text/plain": alt}, raw=True)


def image_html(png: bytes, alt: str, width: int) -> str:
    """An <img> that carries its picture with it. JupyterLab drops the alt text of a plain PNG output."""
    data = base64.b64encode(png).decode("ascii")
    return f'<img src="data:image/png;base64,{data}" alt="{html.escape(alt)}" width="{width}">'


def require_words(fig: Any, alt: str) -> None:
    """Raise ValueError where the alt text or the label of an axis is missing."""
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError('The figure has no alt text. Say in words what it shows: plots.figure("Loss against z: ...")')
    for number, ax in enumerate(fig.axes, 1):
        if ax.axison and not (ax.get_xlabel() and ax.get_ylabel()):
            raise ValueError(f'Axes {number} lack a label. Add ax.set(xlabel="...", ylabel="...").')


def at_grading() -> bool:
    """Whether nbgrader runs this notebook: to grade, or to validate."""
    return os.environ.get("NBGRADER_EXECUTION") in ("autograde", "validate")


def recording() -> bool:
    """Whether this notebook becomes a page of the book, where no kernel answers."""
    return os.environ.get("LABKIT_FACE") == "recorded"


def curves(ax: Any, x: np.ndarray, ys: Mapping[str, Any]) -> None:
    """One labelled curve for each entry: curves(ax, z, {"relu": relu(z)})."""
    for label, y in ys.items():
        ax.plot(x, np.ravel(_finished(y, label)), label=label)
    ax.legend()


def bars(ax: Any, values: Any, names: list[str] | None = None, fmt: str = "%.3g") -> None:
    """One bar for each value, with its number above it, written as fmt says."""
    heights = np.ravel(_finished(values, "the values"))
    drawn = ax.bar(names or [str(k) for k in range(len(heights))], heights, color=BLUE)
    ax.bar_label(drawn, fmt=fmt)
    ax.margins(y=0.15)
    ax.grid(axis="x", visible=False)


def points(ax: Any, X: np.ndarray, y: np.ndarray) -> None:
    """Points in the plane, X (2, m), in the colour and the marker of their class, y (m,)."""
    for k in np.unique(y):
        ax.scatter(*X[:, y == k], s=18, color=COLOURS[k % 7], marker=MARKERS[k % 7], label=f"class {k}")
    ax.set_aspect("equal")
    ax.set(xlabel="$x_1$", ylabel="$x_2$")
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))


def images(ax: Any, X: np.ndarray, captions: Any = None, per_row: int = 10) -> None:
    """The columns of X (64, m) as images of 8x8 pixels, row by row, each with its caption below."""
    side = int(np.sqrt(X.shape[0]))
    step = side + (4 if captions is not None else 1)
    rows = -(-X.shape[1] // per_row)
    sheet = np.full((rows * step, min(per_row, X.shape[1]) * (side + 1)), np.nan)
    for j, column in enumerate(X.T):
        top, left = j // per_row * step, j % per_row * (side + 1)
        sheet[top : top + side, left : left + side] = column.reshape(side, side)
        if captions is not None:
            ax.text(left + side / 2 - 0.5, top + side + 1, str(captions[j]), ha="center", va="center")
    ax.imshow(sheet, cmap="gray_r", vmin=0, vmax=1)
    ax.set_axis_off()


def matrix(ax: Any, A: np.ndarray, name: str, rows: str = "row", columns: str = "column") -> None:
    """The entries of A as a coloured grid, with the name and the shape above. Small matrices show their numbers."""
    A = np.atleast_2d(_finished(A, name)) + 0.0  # makes 0 of -0
    scale = np.abs(A).max(initial=1e-12)
    ax.imshow(A, cmap="PuOr_r", vmin=-scale, vmax=scale, aspect="auto" if max(A.shape) > 20 else "equal")
    if A.size <= 150:
        for (i, j), value in np.ndenumerate(A):
            ax.text(j, i, f"{value:.3g}", ha="center", va="center", color="w" if abs(value) > 0.6 * scale else "k")
    if max(A.shape) <= 20:
        ax.set(xticks=range(A.shape[1]), yticks=range(A.shape[0]))
    ax.set(title=f"{name}: shape {A.shape}", xlabel=columns, ylabel=rows)
    ax.grid(visible=False)


def _finished(value: Any, label: str) -> np.ndarray:
    if value is None:
        raise NothingToDraw(f"Nothing to draw yet: {label} is None. Finish that function first.")
    return np.asarray(value)
