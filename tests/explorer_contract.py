"""What is asked of every explorer, as a class of tests, and what their tests share."""

import re
from collections.abc import Callable
from functools import cache
from itertools import pairwise

import ipywidgets
import numpy as np
import pytest

from labkit.explorers import engine, recorded

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
    any_form: tuple[str, ...] = (),
    in_words_only: tuple[str, ...] = (),
) -> type:
    """Tests of these explorers.

    reaches: the moves that reach every goal, one after the other. unfinished: each takes a broken function, and starts
    the explorer with it. any_form: of unfinished, those that show any result. in_words_only: controls that leave the
    picture as it is.
    """
    every = pytest.mark.parametrize("name", explorers)
    each_broken = pytest.mark.parametrize("name", unfinished)
    toured = cache(lambda name: recorded.frames(explorers[name], explorers[name].tour))

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
        def test_each_state_of_a_tour_is_one_that_its_controls_can_take(self, name):
            """With real widgets, and on a step of the slider."""
            explorer = explorers[name]
            assert 8 <= len(explorer.tour) <= 30 and explorer.tour[0] == {}
            for control in explorer.controls:
                widget = control.widget()
                for value in (state[control.name] for state in explorer.tour if control.name in state):
                    widget.value = value
                    assert widget.value == value, control.name
                    if isinstance(control, engine.Slider):
                        assert np.isclose((value - control.low) / control.step % 1, [0, 1]).any(), (control.name, value)
                        assert isinstance(value, type(control.start)), "it would be told in other words than live"

        @every
        def test_each_step_of_a_tour_shows_something_new(self, name):
            _, shown = toured(name)
            for before, now in pairwise(shown):
                moved = {control for control, value in now.state.items() if value != before.state[control]}
                assert moved and now.reading.words != before.reading.words, now.state
                assert now.png != before.png or moved <= set(in_words_only), now.state

        @every
        def test_a_tour_reaches_every_goal_and_the_last_one_near_its_end(self, name):
            _, shown = toured(name)
            first = [reached.index(True) for reached in zip(*(frame.reading.reached for frame in shown))]
            assert len(first) == len(explorers[name].goals) and 2 / 3 <= (max(first) + 1) / len(shown)

        @every
        def test_recorded_is_self_contained(self, name):
            screen, shown = toured(name)
            html = recorded.face(screen, shown[-2:])
            assert not re.search(r"https?:|//|url\(|fetch|XMLHttp|\bimport\b", re.sub(r"base64,[\w+/=]+", "", html))
            assert html.count("data:image/png;base64,") == 1 + 2, "the first picture, and one for each step"
            assert f'alt="{alt_of(screen.image(shown[-2]))}"' in html
            assert 'type="range"' in html and 'max="1"' in html and "Picture 2 of 2" in html

        @every
        def test_recorded_frames_show_what_live_shows(self, name):
            """The last frame, drawn over all before it."""
            screen, shown = toured(name)
            panel = engine.Panel(explorers[name])
            move(panel, explorers[name].tour[-1])
            assert alt_of(screen.image(shown[-1])) == alt_of(panel.picture.value)
            assert shown[-1].png == panel.screen.show(panel.state).png

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
