"""What is asked of every explorer, as a class of tests, and what their tests share."""

import re
from collections.abc import Callable

import ipywidgets
import numpy as np
import pytest

from labkit.explorers import engine

RAGGED = (None, [0, np.ones((241, 3)), np.ones(241)])
WRONG_FORMS = ["text", np.ones((2, 5)), (1, 2), ([None], [None]), RAGGED]


def move(panel, state):
    for name, value in state.items():
        panel.controls[name].value = value


def alt_of(html: str) -> str:
    return re.search(r'alt="([^"]*)"', html)[1]


def named(name, function):
    function.__name__ = name
    return function


def contract(
    explorers: dict[str, engine.Explorer],
    reaches: dict[str, list[dict]],
    unfinished: dict[str, Callable],
    silent: tuple[str, ...] = (),
    any_form: tuple[str, ...] = (),
) -> type:
    """Tests of these explorers.

    reaches: the moves that reach every goal, one after the other. unfinished: each takes a broken function, and starts
    the explorer with it. silent: controls that may change nothing. any_form: of unfinished, those that show any result.
    """
    every = pytest.mark.parametrize("name", explorers)
    each_broken = pytest.mark.parametrize("name", unfinished)

    class Contract:
        @every
        def test_the_goal_is_reached_by_the_controls_and_only_then(self, name):
            """With real widgets: a value that a slider can't take would be moved or refused."""
            panel = engine.Panel(explorers[name])
            assert "Goal reached" not in panel.words.value
            for state in reaches[name]:
                move(panel, state)
                assert panel.state == {**panel.state, **state}
            assert panel.words.value.count("✓ Goal reached") == len(explorers[name].goals)
            assert "Goal:" not in panel.words.value

        @every
        def test_a_move_by_one_step_changes_picture_and_words(self, name):
            panel = engine.Panel(explorers[name])
            for control in explorers[name].controls:
                picture, words = panel.picture.value, panel.words.value
                if isinstance(control, engine.Slider):
                    panel.controls[control.name].value += control.step
                else:
                    panel.controls[control.name].value = control.options[1]
                if control.name not in silent:
                    assert panel.picture.value != picture or panel.words.value != words, control.name

        @every
        def test_every_control_has_a_label_and_its_steps_reach_both_ends(self, name):
            for control in explorers[name].controls:
                widget = control.widget()
                assert widget.description.strip()
                sliders = ipywidgets.IntSlider | ipywidgets.FloatSlider | ipywidgets.SelectionSlider
                assert isinstance(widget, sliders), "JupyterLab takes the arrow keys of other widgets"
                if isinstance(control, engine.Slider):
                    for end in (control.high, control.start):
                        assert ((end - control.low) / control.step).is_integer(), control
                    assert 5 <= (control.high - control.low) / control.step <= 100, "too few or too many keys to press"

        @every
        def test_alt_text_tells_the_picture_and_the_state(self, name):
            panel = engine.Panel(explorers[name])
            before = alt_of(panel.picture.value)
            assert len(before) > 40
            move(panel, reaches[name][0])
            assert alt_of(panel.picture.value) != before
            assert 'role="status"' in panel.words.value

        @every
        def test_a_drawn_state_does_not_depend_on_the_way_there(self, name):
            """Blitting leaves nothing of the states before."""
            explorer = explorers[name]
            screen = engine.Screen(explorer)
            fresh = screen.show(explorer.start).png
            screen.show({**explorer.start, **reaches[name][-1]})
            assert screen.show(explorer.start).png == fresh == engine.Screen(explorer).show(explorer.start).png

        @every
        def test_recorded_is_self_contained(self, name):
            explorer = explorers[name]
            html = engine.recorded(explorer, [{}, *reaches[name]])
            assert "http:" not in html and "https:" not in html and "//" not in re.sub(r"base64,[\w+/=]+", "", html)
            assert html.count("data:image/png;base64,") == 2 + len(reaches[name])
            assert 'type="range"' in html and f'max="{len(reaches[name])}"' in html and "<label" in html
            assert explorer.alt.split(".")[0] in alt_of(html)
            assert "Goal reached" in html

        @every
        def test_recorded_frames_show_what_live_shows(self, name):
            explorer = explorers[name]
            panel = engine.Panel(explorer)
            move(panel, reaches[name][0])
            screen, (frame,) = engine.frames(explorer, reaches[name][:1])
            assert alt_of(screen.image(frame)) == alt_of(panel.picture.value)
            assert frame.png[:4] == b"\x89PNG"

        @each_broken
        def test_an_unfinished_function_gets_one_sentence(self, name, capsys):
            unfinished[name](lambda *inputs: None)
            said = capsys.readouterr().out
            assert re.fullmatch(r"Finish \w+ first: it returns None\.\n", said)

        @each_broken
        def test_a_function_that_raises_gets_one_sentence(self, name, capsys):
            unfinished[name](lambda *inputs: 1 / 0)
            said = capsys.readouterr().out
            assert re.fullmatch(r"\w+ raised ZeroDivisionError: .*\n", said)

        @pytest.mark.parametrize("result", WRONG_FORMS)
        @pytest.mark.parametrize("name", [name for name in unfinished if name not in any_form])
        def test_a_result_of_a_wrong_form_never_ends_in_a_traceback(self, name, result, capsys):
            unfinished[name](lambda *inputs: result)
            said = capsys.readouterr().out
            assert said.count("\n") == 1 and len(said) < 400

        @pytest.mark.parametrize("mode", ["autograde", "validate"])
        def test_nothing_is_drawn_at_grading(self, mode, monkeypatch, capsys):
            """Not even the function is called."""
            monkeypatch.setenv("NBGRADER_EXECUTION", mode)
            for explore in unfinished.values():
                explore(lambda *inputs: 1 / 0)
            assert capsys.readouterr().out == ""

    return Contract
