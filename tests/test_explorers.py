"""Explorers of labs 00 to 02: both faces show what the student's function gives, and each goal can be reached."""

import re

import ipywidgets
import numpy as np
import pytest
from explorer_contract import contract, move, named

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
UNFINISHED = {
    "batch": lambda broken: labkit.explorers.explore_batch(named("batch_size", broken)),
    "bump": lambda broken: labkit.explorers.explore_bump(named("forward", broken), activations.relu),
    "relu": lambda broken: labkit.explorers.explore_bump(layers.forward, named("relu", broken)),
    "softmax": lambda broken: labkit.explorers.explore_loss(named("softmax", broken), reference.cross_entropy),
    "loss": lambda broken: labkit.explorers.explore_loss(reference.softmax, named("cross_entropy", broken)),
    "breaking": lambda broken: labkit.explorers.explore_breaking(named("bce_with_logits", broken)),
}


TestContract = contract(EXPLORERS, REACHES, UNFINISHED, any_form=("batch",), in_words_only=("shift",))


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


def test_live_displays_the_panel(monkeypatch):
    shown = []
    monkeypatch.delenv("LABKIT_FACE", raising=False)
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
