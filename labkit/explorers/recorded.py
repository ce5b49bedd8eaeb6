"""An explorer without a kernel: the states of a tour as pictures with their words, behind one slider.

Without JavaScript, and on paper, the first of them stands alone.
"""

import html
import json
from collections.abc import Sequence
from string import Template
from typing import Any

import numpy as np

from labkit.explorers.engine import Explorer, Frame, Screen, data_uri, goal_lines, number


def recorded(explorer: Explorer, states: Sequence[dict]) -> str:
    """One self-contained HTML text: the states behind a slider that arrow keys move. It asks no other host."""
    return face(*frames(explorer, states))


def frames(explorer: Explorer, states: Sequence[dict]) -> tuple[Screen, list[Frame]]:
    """The drawn states. A state names the controls that differ from their start."""
    screen = Screen(explorer)
    return screen, [screen.show({**explorer.start, **state}) for state in states]


def face(screen: Screen, shown: Sequence[Frame]) -> str:
    """The HTML of these frames."""
    explorer = screen.explorer
    steps, last = _steps(explorer, shown), len(shown) - 1
    pictures = {"alt": explorer.alt, "addresses": [data_uri(frame.png) for frame in shown]}
    return FACE.substitute(
        title=html.escape(explorer.title), first=screen.image(shown[0]), told=steps[0], steps="\n".join(steps),
        count=last + 1, last=last, pictures=json.dumps(pictures).replace("</", "<\\/"), style=STYLE, script=SCRIPT,
    )  # fmt: skip


def _steps(explorer: Explorer, shown: Sequence[Frame]) -> list[str]:
    """What is told beside each frame. A goal that was reached once stays reached."""
    reached = np.logical_or.accumulate([frame.reading.reached for frame in shown])
    befores = [shown[0].state, *(frame.state for frame in shown)]
    return [
        _step(explorer, f"Picture {k} of {len(shown)}", before, frame, goals)
        for k, (before, frame, goals) in enumerate(zip(befores, shown, reached), 1)
    ]


def _step(explorer: Explorer, place: str, before: dict, frame: Frame, reached: Sequence[bool]) -> str:
    """The state, with what has just moved in bold; the reading, and the goals."""
    now = frame.state
    values = {control.name: f"{control.label}: {_value(now[control.name])}" for control in explorer.controls}
    moved = {name: value for name, value in values.items() if now[name] != before[name]}
    told = [_tagged("strong" if name in moved else "span", value) for name, value in values.items()]
    said = [_tagged("p", line) for line in (frame.reading.words, *goal_lines(explorer, reached))]
    spoken = html.escape(f"{place}: {', '.join((moved or values).values())}")
    return STEP.substitute(spoken=spoken, state=" ".join([_tagged("span", place), *told]), said="".join(said))


def _value(value: Any) -> str:
    return number(value, 4) if isinstance(value, float) else str(value)


def _tagged(tag: str, text: str) -> str:
    return f"<{tag}>{html.escape(text)}</{tag}>"


STEP = Template("""\
<div class="explorer-step" data-spoken="$spoken">
<p class="explorer-state">$state</p>
<div>$said</div>
</div>""")

FACE = Template("""\
<figure class="explorer">
<figcaption>$title</figcaption>
$first
<div class="explorer-way" role="group" aria-label="$title" hidden>
<p>A recording: press Next. Guess before each picture.</p>
<button type="button">Back</button>
<input type="range" min="0" max="$last" step="1" value="0" autocomplete="off" aria-label="Picture">
<button type="button">Next</button>
</div>
<noscript><p>The first of $count pictures. JavaScript shows the others.</p></noscript>
<div class="explorer-told">
$told
<div class="explorer-steps" aria-hidden="true">
$steps
</div>
</div>
<style>$style</style>
<script>$script($pictures);</script>
</figure>
""")

# All steps lie on one place, so that the longest gives the height.
STYLE = """
.explorer { max-width: 52rem; margin: 1rem 0; }
.explorer figcaption { margin: 0 0 .5rem; color: inherit; font-weight: bold; text-align: left; }
.explorer img { box-sizing: border-box; padding: .5rem; border: 1px solid #767676; border-radius: 6px;
  background: white !important; }
.explorer p { margin: .25rem 0; }
.explorer-way { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem .75rem; margin: .5rem 0; }
.explorer-way p { flex: 1 0 100%; }
.explorer-way[hidden] { display: none; }
.explorer button { min-width: 4rem; min-height: 44px; border: 2px solid; border-radius: 6px; background: none;
  color: inherit; font: inherit; cursor: pointer; }
.explorer button[aria-disabled=true] { opacity: .5; cursor: default; }
.explorer input { flex: 1; min-width: 0; height: 44px; margin: 0; background: none; color: inherit; cursor: pointer;
  -webkit-appearance: none; appearance: none; }
.explorer input::-webkit-slider-runnable-track { box-sizing: border-box; height: 24px; border: 2px solid;
  border-radius: 12px; }
.explorer input::-moz-range-track { box-sizing: border-box; height: 24px; border: 2px solid; border-radius: 12px; }
.explorer input::-webkit-slider-thumb { -webkit-appearance: none; width: 32px; height: 32px; margin-top: -6px;
  border-radius: 50%; background: currentColor; }
.explorer input::-moz-range-thumb { width: 32px; height: 32px; border: 0; border-radius: 50%;
  background: currentColor; }
.explorer :focus-visible { outline: 3px solid; outline-offset: 3px; border-radius: 6px; }
.explorer-told, .explorer-steps { display: grid; }
.explorer-told > *, .explorer-steps > * { grid-area: 1 / 1; min-width: 0; }
.explorer-steps { visibility: hidden; }
.explorer-state > * { display: inline-block; margin-right: .75em; }
@media print { .explorer-way { display: none; } }
"""

# Only lines that differ are written: a screen reader reads out all that is.
SCRIPT = """
(({alt, addresses}) => {
  const figure = document.currentScript.parentElement, find = (what) => figure.querySelector(what);
  const image = find("img"), way = find(".explorer-way"), slider = find("input"), told = find(".explorer-step");
  const [back, on] = way.querySelectorAll("button"), steps = find(".explorer-steps").children, loaded = [];

  const load = (k) => {
    if (k in addresses && !loaded[k]) (loaded[k] = new Image()).src = addresses[k];
  };
  const loadAround = () => {
    for (let k = -2; k <= 4; k++) load(slider.valueAsNumber + k);
  };
  told.children[1].setAttribute("role", "status");
  told.children[1].setAttribute("aria-atomic", "false");
  const copy = (from, to) => {
    if (from.innerHTML !== to.innerHTML) to.innerHTML = from.innerHTML;
  };
  const show = () => {
    const k = slider.valueAsNumber, [state, said] = steps[k].children;
    image.src = addresses[k];
    image.alt = `${alt} ${said.firstChild.textContent}`;
    slider.setAttribute("aria-valuetext", steps[k].dataset.spoken);
    copy(state, told.children[0]);
    [...said.children].forEach((line, i) => copy(line, told.children[1].children[i]));
    back.setAttribute("aria-disabled", k === 0);
    on.setAttribute("aria-disabled", k === addresses.length - 1);
  };
  const move = (by) => () => {
    slider.valueAsNumber += by;
    show();
    loadAround();
  };
  slider.addEventListener("input", move(0));
  back.addEventListener("click", move(-1));
  on.addEventListener("click", move(1));
  way.addEventListener("focusin", loadAround);
  way.hidden = false;
  show();
})"""
