"""Explorers: one definition, two faces.

An `Explorer` names its controls and goals, and its `scene` builds a figure once. Moving a control changes the data of
artists that are already there. A `Panel` is its live face, with widgets, on the student's own functions. `recorded`
makes the other, without a kernel.
"""

import base64
import html
import io
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np

from labkit.plots import DPI, NothingToDraw, require_words

SHARPNESS = 1.5  # pixels of the picture for each pixel of the page


class Unfinished(NothingToDraw):
    """The student's function can't be explored yet. The message is a sentence for the student."""


@dataclass(frozen=True)
class Slider:
    """A number between low and high. All whole numbers where the step is one."""

    name: str
    label: str
    low: float
    high: float
    step: float
    start: float

    def widget(self) -> Any:
        import ipywidgets

        whole = all(isinstance(value, int) for value in (self.low, self.high, self.step, self.start))
        kind = ipywidgets.IntSlider if whole else ipywidgets.FloatSlider
        return kind(self.start, min=self.low, max=self.high, step=self.step, description=self.label, **_wide())


@dataclass(frozen=True)
class Choice:
    """One of a few options."""

    name: str
    label: str
    options: tuple
    start: Any

    def widget(self) -> Any:
        import ipywidgets

        # Not a Dropdown: JupyterLab takes its arrow keys and moves to another cell.
        return ipywidgets.SelectionSlider(options=self.options, value=self.start, description=self.label, **_wide())


@dataclass(frozen=True)
class Reading:
    """What a state shows, in words, and which of the goals it reaches."""

    words: str
    reached: tuple[bool, ...]


@dataclass(frozen=True)
class Scene:
    """A figure, its moving artists, and `update(**state) -> Reading`, which sets their data."""

    figure: Any
    moving: Sequence[Any]
    update: Callable[..., Reading]


@dataclass(frozen=True)
class Explorer:
    """alt: what the figure shows, whatever the state; the words of the reading follow it.

    tour: the states of the recorded face, in their order. A state names the controls that differ from their start.
    """

    title: str
    alt: str
    controls: tuple[Slider | Choice, ...]
    goals: tuple[str, ...]
    scene: Callable[[], Scene]
    tour: Sequence[dict] = ()

    @property
    def start(self) -> dict:
        return {control.name: control.start for control in self.controls}


def one_by_one(*moves: dict) -> tuple[dict, ...]:
    """The states of a tour: the start, and what each move makes of the state before it."""
    return tuple(accumulate(moves, operator.or_, initial={}))


@dataclass(frozen=True)
class Frame:
    """One drawn state."""

    state: dict
    reading: Reading
    png: bytes


class Screen:
    """An explorer on its figure. The background is drawn once; a new state draws only the moving artists."""

    def __init__(self, explorer: Explorer):
        self.explorer = explorer
        self.scene = explorer.scene()
        self.canvas = self.scene.figure.canvas
        self.size = self.canvas.get_width_height()
        self.scene.figure.set_dpi(SHARPNESS * DPI)
        require_words(self.scene.figure, explorer.alt)
        for artist in self.scene.moving:
            artist.set_animated(True)
        self.canvas.draw()
        self.scene.figure.set_layout_engine("none")
        self.background = self.canvas.copy_from_bbox(self.scene.figure.bbox)

    def show(self, state: dict, compression: int = 1) -> Frame:
        """Draw one state. Raises Unfinished where the student's function gives nothing to draw."""
        reading = self.scene.update(**state)
        self.canvas.restore_region(self.background)
        for artist in self.scene.moving:
            self.scene.figure.draw_artist(artist)
        return Frame(dict(state), reading, _png(self.canvas, compression))

    def image(self, frame: Frame) -> str:
        """The frame as an <img>. `decoding` keeps it from flickering when it replaces the one before."""
        alt = html.escape(f"{self.explorer.alt} {frame.reading.words}")
        width, height = self.size
        return (f'<img src="{data_uri(frame.png)}" alt="{alt}" width="{width}" height="{height}" decoding="sync" '
                'style="max-width: 100%; height: auto">')  # fmt: skip


class Panel:
    """The live face: labelled controls, the picture, the reading in words and the goals reached so far."""

    def __init__(self, explorer: Explorer):
        import ipywidgets

        self.explorer = explorer
        self.screen = Screen(explorer)
        self.reached = [False] * len(explorer.goals)
        self.controls = {control.name: control.widget() for control in explorer.controls}
        # An ipywidgets.Image can carry no alt text; HTML can.
        self.picture, self.words = ipywidgets.HTML(), ipywidgets.HTML()
        self.refresh()
        for widget in self.controls.values():
            widget.observe(self.refresh, "value")
        grid = ipywidgets.GridBox(list(self.controls.values()), layout={"grid_template_columns": "repeat(2, 50%)"})
        title = ipywidgets.HTML(f"<strong>{html.escape(explorer.title)}</strong>")
        self.box = ipywidgets.VBox([title, grid, self.picture, self.words], layout={"max_width": "820px"})

    @property
    def state(self) -> dict:
        return {name: widget.value for name, widget in self.controls.items()}

    def refresh(self, change: Any = None) -> None:
        """Draw the present state. After the first drawing, a function that fails leaves the picture as it was."""
        try:
            frame = self.screen.show(self.state)
        except Unfinished as unfinished:
            if change is None:
                raise
            self.words.value = _status(str(unfinished), [])
            return
        self.reached = [was or now for was, now in zip(self.reached, frame.reading.reached)]
        self.picture.value = self.screen.image(frame)
        self.words.value = _status(frame.reading.words, goal_lines(self.explorer, self.reached))


def ask(function: Callable, *inputs: Any, shape: tuple | None = None) -> Any:
    """What the student's function returns. Raises Unfinished where that is None, an error, or of another shape."""
    name = getattr(function, "__name__", "the function")
    try:
        with np.errstate(all="ignore"):
            result = function(*inputs)
    except NotImplementedError:
        raise Unfinished(f"Finish {name} first: it is not implemented yet.") from None
    except Exception as error:  # a student's function may raise anything
        raise Unfinished(f"{name} raised {type(error).__name__}: {error}. Mend it, then run this cell again.") from None
    if result is None:
        raise Unfinished(f"Finish {name} first: it returns None.")
    return result if shape is None else _array(result, shape, name)


def _array(result: Any, shape: tuple, name: str) -> np.ndarray:
    try:
        array = np.asarray(result, float)
    except (TypeError, ValueError):
        raise Unfinished(
            f"{name} should return numbers, but returns a {type(result).__name__}. Mend it first."
        ) from None
    if array.shape != shape:
        expected = "one number" if shape == () else f"shape {shape}"
        raise Unfinished(f"{name} should return {expected} here, but returns shape {array.shape}. Mend it first.")
    return array


def number(value: float, digits: int = 3) -> str:
    """A number as a reader says it: no trailing zeros, and inf as a word."""
    value = float(value)
    if np.isnan(value):
        return "nan (not a number)"
    return ("infinite" if value > 0 else "minus infinite") if np.isinf(value) else f"{value:.{digits}g}"


def _png(canvas: Any, compression: int) -> bytes:
    from matplotlib.image import imsave

    file = io.BytesIO()
    imsave(file, np.asarray(canvas.buffer_rgba()), format="png", pil_kwargs={"compress_level": compression})
    return file.getvalue()


def data_uri(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def goal_lines(explorer: Explorer, reached: Sequence[bool]) -> list[str]:
    return [f"{'✓ Goal reached' if done else 'Goal'}: {goal}" for goal, done in zip(explorer.goals, reached)]


def _status(words: str, goals: Sequence[str]) -> str:
    lines = [f"<div>{html.escape(line)}</div>" for line in (words, *goals)]
    return f'<div role="status" aria-live="polite">{"".join(lines)}</div>'


def _wide() -> dict:
    return {"style": {"description_width": "150px"}, "layout": {"width": "98%"}}
