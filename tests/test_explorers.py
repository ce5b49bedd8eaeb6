"""Explorers: both faces show what the student's function gives, and each goal can be reached."""

import re
import subprocess
import sys

import ipywidgets
import numpy as np
import pytest

import labkit.explorers
from dnnlib import activations, layers
from dnnlib import losses as reference
from dnnlib import start as first
from labkit.explorers import engine, losses, shapes, start

EXPLORERS = {
    "batch": start.batch(first.batch_size),
    "bump": shapes.bump(layers.forward, activations.relu),
    "loss": losses.loss(reference.softmax, reference.cross_entropy),
    "breaking": losses.breaking(reference.bce_with_logits),
}
REACHES = {  # the moves that reach every goal, one after the other
    "batch": [{"n": 3, "m": 12}],
    "bump": [{"k1": -1.0, "k2": 0.0, "k3": 2.0, "w1": 2.0, "w2": -3.0, "w3": 1.0}],
    "loss": [{"o0": 5.5}],
    "breaking": [{"dtype": "float32", "logit": 17}, {"dtype": "float64", "logit": 37}],
}
every = pytest.mark.parametrize("name", EXPLORERS)


@pytest.fixture(autouse=True)
def not_grading(monkeypatch):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)


def move(panel, state):
    for name, value in state.items():
        panel.controls[name].value = value


def alt_of(html: str) -> str:
    return re.search(r'alt="([^"]*)"', html)[1]


@every
def test_the_goal_is_reached_by_the_controls_and_only_then(name):
    """With real widgets: a value that a slider can't take would be moved or refused."""
    panel = engine.Panel(EXPLORERS[name])
    assert "Goal reached" not in panel.words.value
    for state in REACHES[name]:
        move(panel, state)
        assert panel.state == {**panel.state, **state}
    assert panel.words.value.count("✓ Goal reached") == len(EXPLORERS[name].goals)
    assert "Goal:" not in panel.words.value


@every
def test_a_move_by_one_step_changes_picture_and_words(name):
    panel = engine.Panel(EXPLORERS[name])
    for control in EXPLORERS[name].controls:
        picture, words = panel.picture.value, panel.words.value
        if isinstance(control, engine.Slider):
            panel.controls[control.name].value += control.step
        else:
            panel.controls[control.name].value = control.options[1]
        if control.name != "shift":
            assert panel.picture.value != picture or panel.words.value != words, control.name


@every
def test_every_control_has_a_label_and_its_steps_reach_both_ends(name):
    for control in EXPLORERS[name].controls:
        widget = control.widget()
        assert widget.description.strip()
        sliders = ipywidgets.IntSlider | ipywidgets.FloatSlider | ipywidgets.SelectionSlider
        assert isinstance(widget, sliders), "JupyterLab takes the arrow keys of other widgets"
        if isinstance(control, engine.Slider):
            for end in (control.high, control.start):
                assert ((end - control.low) / control.step).is_integer(), control
            assert 5 <= (control.high - control.low) / control.step <= 100, "too few or too many keys to press"


@every
def test_alt_text_tells_the_picture_and_the_state(name):
    panel = engine.Panel(EXPLORERS[name])
    before = alt_of(panel.picture.value)
    assert len(before) > 40
    move(panel, REACHES[name][0])
    assert alt_of(panel.picture.value) != before
    assert 'role="status"' in panel.words.value


@every
def test_a_drawn_state_does_not_depend_on_the_way_there(name):
    """Blitting leaves nothing of the states before."""
    explorer = EXPLORERS[name]
    screen = engine.Screen(explorer)
    fresh = screen.show(explorer.start).png
    screen.show({**explorer.start, **REACHES[name][-1]})
    assert screen.show(explorer.start).png == fresh == engine.Screen(explorer).show(explorer.start).png


@every
def test_recorded_is_self_contained(name):
    explorer = EXPLORERS[name]
    html = engine.recorded(explorer, [{}, *REACHES[name]])
    assert "http:" not in html and "https:" not in html and "//" not in re.sub(r"base64,[\w+/=]+", "", html)
    assert html.count("data:image/png;base64,") == 2 + len(REACHES[name])
    assert 'type="range"' in html and f'max="{len(REACHES[name])}"' in html and "<label" in html
    assert explorer.alt.split(".")[0] in alt_of(html)
    assert "Goal reached" in html


@every
def test_recorded_frames_show_what_live_shows(name):
    explorer = EXPLORERS[name]
    panel = engine.Panel(explorer)
    move(panel, REACHES[name][0])
    screen, (frame,) = engine.frames(explorer, REACHES[name][:1])
    assert alt_of(screen.image(frame)) == alt_of(panel.picture.value)
    assert frame.png[:4] == b"\x89PNG"


def named(name, function):
    function.__name__ = name
    return function


UNFINISHED = {
    "batch": lambda broken: labkit.explorers.explore_batch(named("batch_size", broken)),
    "bump": lambda broken: labkit.explorers.explore_bump(named("forward", broken), activations.relu),
    "relu": lambda broken: labkit.explorers.explore_bump(layers.forward, named("relu", broken)),
    "softmax": lambda broken: labkit.explorers.explore_loss(named("softmax", broken), reference.cross_entropy),
    "loss": lambda broken: labkit.explorers.explore_loss(reference.softmax, named("cross_entropy", broken)),
    "breaking": lambda broken: labkit.explorers.explore_breaking(named("bce_with_logits", broken)),
}


@pytest.mark.parametrize("name", UNFINISHED)
def test_an_unfinished_function_gets_one_sentence(name, capsys):
    UNFINISHED[name](lambda *inputs: None)
    said = capsys.readouterr().out
    assert re.fullmatch(r"Finish \w+ first: it returns None\.\n", said)


@pytest.mark.parametrize("name", UNFINISHED)
def test_a_function_that_raises_gets_one_sentence(name, capsys):
    UNFINISHED[name](lambda *inputs: 1 / 0)
    said = capsys.readouterr().out
    assert re.fullmatch(r"\w+ raised ZeroDivisionError: .*\n", said)


RAGGED = (None, [0, np.ones((241, 3)), np.ones(241)])


@pytest.mark.parametrize("result", ["text", np.ones((2, 5)), (1, 2), ([None], [None]), RAGGED])
@pytest.mark.parametrize("name", [name for name in UNFINISHED if name != "batch"])
def test_a_result_of_a_wrong_form_never_ends_in_a_traceback(name, result, capsys):
    UNFINISHED[name](lambda *inputs: result)
    said = capsys.readouterr().out
    assert said.count("\n") == 1 and len(said) < 400


def test_a_wrong_batch_size_is_shown_and_reaches_no_goal():
    panel = engine.Panel(start.batch(named("batch_size", lambda X: X.shape[0])))
    move(panel, {"n": 3, "m": 12})
    assert "Your batch_size(X) returns 3." in panel.words.value
    assert "Goal reached" not in panel.words.value


def test_an_exact_bump_has_no_place_of_its_largest_gap():
    panel = engine.Panel(EXPLORERS["bump"])
    assert re.search(r"Largest gap [\d.]+, at x = ", panel.words.value)
    move(panel, REACHES["bump"][0])
    assert "Largest gap 0." in panel.words.value


def test_the_percents_of_the_bump_sliders_are_exact():
    """A browser keeps a slider's place in percent: 1/24 of a width would be read out as -1.7499999999999998."""
    for control in EXPLORERS["bump"].controls:
        steps = (control.high - control.low) / control.step
        assert np.log2(steps).is_integer(), control


def test_a_function_that_fails_later_keeps_the_picture():
    panel = engine.Panel(start.batch(named("batch_size", lambda X: {5: 5}[X.shape[1]])))
    picture = panel.picture.value
    panel.controls["m"].value = 6
    assert "raised KeyError" in panel.words.value and panel.picture.value == picture
    panel.controls["m"].value = 5
    assert "raised" not in panel.words.value


def test_a_function_may_not_change_the_explorer():
    panel = engine.Panel(start.batch(named("batch_size", lambda X: X.fill(0) or X.shape[1])))
    assert "returns 5" in panel.words.value and start.NUMBERS.any(axis=0).all()


def test_differences_alone_matter_and_large_logits_stay_finite():
    """The finding of explore_loss; a naive softmax shows nan there instead."""
    panel = engine.Panel(EXPLORERS["loss"])
    words = panel.words.value
    panel.controls["shift"].value = 1000
    assert panel.words.value == words.replace("Added to all three: 0", "Added to all three: 1000")

    def naive(O):
        return np.exp(O) / np.exp(O).sum(axis=0)

    panel = engine.Panel(losses.loss(naive, reference.cross_entropy))
    panel.controls["shift"].value = 1000
    assert "nan" in panel.words.value


def test_two_moved_logits_reach_no_goal():
    panel = engine.Panel(EXPLORERS["loss"])
    move(panel, {"o1": -5.0, "o2": -5.0, "o0": 9.0})
    assert "moved from the start: 3" in panel.words.value and "Goal reached" not in panel.words.value


@pytest.mark.parametrize("dtype, first_break", [("float32", 17), ("float64", 37)])
def test_only_the_first_break_counts(dtype, first_break):
    screen = engine.Screen(EXPLORERS["breaking"])
    reached = [any(screen.show({"logit": z, "dtype": dtype}).reading.reached) for z in range(61)]
    assert [z for z in range(61) if reached[z]] == [first_break]


def test_the_difference_shows_what_comes_before_the_break():
    screen = engine.Screen(EXPLORERS["breaking"])
    right = screen.scene.figure.axes[1]
    lost = [abs(float(screen.show({"logit": z, "dtype": "float32"}).reading.words.split()[-1][:-1])) for z in range(17)]
    assert max(lost[:8]) < 1e-3 and max(lost) > 0.05 and max(lost) < right.get_ylim()[1]


@pytest.mark.parametrize("mode", ["autograde", "validate"])
def test_nothing_is_drawn_at_grading(mode, monkeypatch, capsys):
    """Not even the function is called."""
    monkeypatch.setenv("NBGRADER_EXECUTION", mode)
    for explore in UNFINISHED.values():
        explore(lambda *inputs: 1 / 0)
    assert capsys.readouterr().out == ""


def test_live_displays_the_panel(monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    labkit.explorers.explore_batch(first.batch_size)
    (box,) = shown
    assert isinstance(box, ipywidgets.VBox)
    kinds = [type(child) for child in box.children]
    assert kinds == [ipywidgets.HTML, ipywidgets.GridBox, ipywidgets.HTML, ipywidgets.HTML]


def test_an_unknown_explorer_is_named():
    with pytest.raises(ImportError):
        from labkit.explorers import explore_nothing  # noqa: F401
    with pytest.raises(AttributeError, match="explore_batch"):
        labkit.explorers.explore_nothing  # noqa: B018


def run_without(module: str, code: str) -> subprocess.CompletedProcess:
    """Run code where importing the module fails, as if it were not installed."""
    hide = f"""
import importlib.metadata, sys
class Hide:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == {module!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Hide())
known = importlib.metadata.version
def version(name):
    if name == {module!r}:
        raise importlib.metadata.PackageNotFoundError(name)
    return known(name)
importlib.metadata.version = version
"""
    return subprocess.run([sys.executable, "-c", hide + code], capture_output=True, text=True)


SCRIPT = "import runpy; runpy.run_path('labkit/environment.py', run_name='__main__')"


@pytest.mark.parametrize("module", ["numpy", "matplotlib", "ipywidgets", "jupyterlab", "ipykernel"])
def test_a_missing_module_is_named_with_what_to_do(module):
    done = run_without(module, SCRIPT)
    assert done.returncode == 0 and done.stderr == ""
    missing = [line for line in done.stdout.splitlines() if line.startswith("missing")]
    assert len(missing) == 1 and module in missing[0]
    assert "pip install -r requirements.txt" in done.stdout.splitlines()[-1]


def test_nbgrader_is_only_wished_for():
    done = run_without("nbgrader", SCRIPT)
    assert done.stdout.splitlines()[-1].startswith("You can work.")


def test_in_a_notebook_a_missing_module_ends_in_no_traceback():
    done = run_without("matplotlib", "from labkit.environment import check_environment; check_environment()")
    assert done.returncode == 0 and "missing  matplotlib" in done.stdout and done.stderr == ""


def test_a_whole_environment_can_start(capsys):
    from labkit.environment import check_environment

    check_environment()
    assert capsys.readouterr().out.splitlines()[-1] == "All is there. You can start."


def test_too_old_is_told(monkeypatch):
    from labkit import environment

    monkeypatch.setitem(environment.NEEDED, "numpy", "99.1")
    lines, to_do = environment.report()
    assert any(line.startswith("too old  numpy") and "99.1 or newer" in line for line in lines)
    assert environment.INSTALL in to_do
    monkeypatch.setattr(environment, "PYTHON", (4, 0))
    assert environment.report()[1].startswith("Install Python")


def test_versions_compare_as_numbers():
    from labkit.environment import _numbers

    assert _numbers("4.10") > _numbers("4.9.2")
    assert _numbers("8.0.0rc1") == (8, 0, 0)
