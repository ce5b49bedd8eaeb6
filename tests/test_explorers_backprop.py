"""The explorers of lab 03 do what is asked of every explorer, and show what the student's functions give."""

import inspect
import io
import re

import numpy as np
import pytest
from explorer_contract import alt_of, contract, named
from matplotlib.image import imread

import labkit.explorers
from dnnlib import activations
from dnnlib.backprop import SLOPES, backward, relu_slope
from dnnlib.gradient_check import numerical_gradient, slope_along
from labkit.explorers import backprop, engine, gradient_check

EXPLORERS = {"graph": backprop.graph(backward, SLOPES), "bug": gradient_check.bug(backward, slope_along)}
REACHES = {
    "graph": [{"x1": 0, "x2": 2}, {"x1": -2, "x2": 0}, {"x1": 2, "x2": -1, "y": 3}],
    "bug": [
        {"case": "A", "verdict": "db1"},
        {"case": "C", "verdict": "δ1"},
        {"case": "D", "verdict": "no bug"},
    ],
}
UNFINISHED = {
    "graph": lambda broken: labkit.explorers.explore_graph(named("backward", broken), SLOPES),
    "slope": lambda broken: labkit.explorers.explore_graph(backward, {activations.relu: named("relu_slope", broken)}),
    "bug": lambda broken: labkit.explorers.explore_bug(named("backward", broken), slope_along),
    "check": lambda broken: labkit.explorers.explore_bug(backward, named("slope_along", broken)),
}
TestContract = contract(EXPLORERS, REACHES, UNFINISHED, in_words_only=("verdict",))


# explore_graph


def words_of(explorer, **state):
    return engine.Screen(explorer).show({**explorer.start, **state}).reading.words


def test_the_start_can_be_followed_by_hand():
    """x = (2, -2): z = (2 + 2 + 1, 4 - 2 - 1), output 5 - 2 * 1 + 3; delta 2 (6 - 2), back through 1 and -2."""
    assert words_of(EXPLORERS["graph"]) == (
        "Hidden relu: z = 5 and 1, a = 5 and 1, slope 1 and 1. Output 6, target 2, J = (ŷ − y)² = 16. "
        "Delta: output 8, hidden 8 and -16. No slope is 0."
    )


def shown(explorer, **state) -> list[str]:
    screen = engine.Screen(explorer)
    screen.show({**explorer.start, **state})
    return [artist.get_text() for artist in screen.scene.moving if hasattr(artist, "get_text")]


def test_the_picture_holds_every_number_of_the_start():
    texts = "\n".join(shown(EXPLORERS["graph"])).split("\n")
    for each in ("w = 2", "dW = 32", "z = 5", "a = 1", "φ′(z) = 1", "w δ = -16", "δ = db = -16", "ŷ = z = 6", "J = 16"):
        assert each in texts
    weights = sorted(f"dW = {g}" for g in (16, -16, -32, 32, 40, 8))
    assert sorted(text for text in texts if text.startswith("dW")) == weights


def test_no_goal_is_one_key_press_from_the_start_or_reached_by_the_example_of_the_text():
    explorer = EXPLORERS["graph"]
    screen = engine.Screen(explorer)
    states = [{"x1": -1, "x2": -2, "y": 4}]
    for control in explorer.controls:
        if isinstance(control, engine.Slider):
            states += [{control.name: control.start + step} for step in (-1, 1) if control.start + step <= control.high]
    for state in states:
        assert not any(screen.show({**explorer.start, **state}).reading.reached), state


@pytest.mark.parametrize("phi", ["identity", "sigmoid", "tanh"])
@pytest.mark.parametrize("loss, half", [("(ŷ − y)²", 1), ("½(ŷ − y)²", 0.5)])
def test_the_gradients_are_those_of_the_loss_that_is_named(phi, loss, half):
    """The delta that is handed to backward belongs to J: measured by differences."""
    explorer = backprop.graph(backward, SLOPES)
    state = {"x1": 1, "x2": -2, "y": 3, "phi": phi, "loss": loss}
    functions = {f.__name__: f for f in SLOPES}

    def J(bias):
        hidden = functions[phi](backprop.W1 @ np.array([[1.0], [-2.0]]) + bias)
        return half * (backprop.W2 @ hidden + backprop.B2 - 3).item() ** 2

    first, second = map(engine.number, numerical_gradient(J, backprop.B1).ravel())
    assert f"hidden {first} and {second}." in words_of(explorer, **state)


@pytest.mark.parametrize("x1, x2, grey", [(-1, -2, 3), (-4, 2, 6), (2, -2, 0), (0, -4, 4)])
def test_a_line_is_grey_and_dashed_where_its_dw_is_0(x1, x2, grey):
    """A unit that is off: both lines into it (slope 0), and the one out of it (a = 0). At x1 = 0 its other line too."""
    explorer = EXPLORERS["graph"]
    screen = engine.Screen(explorer)
    screen.show({**explorer.start, "x1": x1, "x2": x2})
    lines = [artist for artist in screen.scene.moving if hasattr(artist, "get_xdata")]
    assert [line.get_linestyle() for line in lines].count("--") == grey
    texts = [artist.get_text() for artist in screen.scene.moving if hasattr(artist, "get_text")]
    assert texts.count("dW = 0") == grey


def test_more_gradient_makes_wider_lines():
    explorer = EXPLORERS["graph"]
    screen = engine.Screen(explorer)
    widths = []
    for y in (4, 3, 2, 1):
        screen.show({**explorer.start, "y": y})
        widths.append(max(a.get_linewidth() for a in screen.scene.moving if hasattr(a, "get_xdata")))
    assert widths == sorted(set(widths))


WRONG = {  # a wrong backward: the gradient that is told
    "dW of layer 1": lambda layers, Z, A, delta, slopes: backward(
        layers, Z, A, delta, {phi: np.ones_like for phi in slopes}
    ),
    "db of layer 2": lambda *inputs: [(dW, db / 3) for dW, db in backward(*inputs)],
    "dW of layer 2": lambda *inputs: [(2 * dW, db) for dW, db in backward(*inputs)],
    "db of layer 1": lambda *inputs: [(dW, np.abs(db)) for dW, db in backward(*inputs)],
}


@pytest.mark.parametrize("place", WRONG)
def test_a_wrong_backward_is_refused_with_one_sentence(place, capsys):
    labkit.explorers.explore_graph(WRONG[place], SLOPES)
    assert capsys.readouterr().out == (
        f"backward: with relu, {place} is not the measured slope of the loss. "
        "Mend backward, or the slope of relu, first.\n"
    )


def test_a_wrong_slope_is_told_when_its_activation_is_chosen():
    functions = {f.__name__: f for f in SLOPES}
    panel = engine.Panel(backprop.graph(backward, {**SLOPES, functions["sigmoid"]: functions["sigmoid"]}))
    assert "Hidden relu" in panel.words.value
    panel.controls["phi"].value = "sigmoid"
    assert "or the slope of sigmoid, first." in panel.words.value and "Hidden" not in panel.words.value
    panel.controls["phi"].value = "tanh"
    assert "Hidden tanh" in panel.words.value


def test_a_loss_of_zero_is_not_a_dead_layer():
    explorer = EXPLORERS["graph"]
    reading = engine.Screen(explorer).show({**explorer.start, "x1": -2, "x2": 0, "y": 3}).reading
    assert "Delta: output 0" in reading.words and not any(reading.reached)


def test_relu_comes_first_and_any_mapping_serves():
    assert EXPLORERS["graph"].start["phi"] == "relu"
    alone = backprop.graph(backward, {np.sin: np.cos})
    assert words_of(alone).startswith("Hidden sin: z = 5 and 1")


def test_gradients_of_a_wrong_shape_name_the_layer(capsys):
    def transposed(*inputs):
        return [(dW.T, db) for dW, db in backward(*inputs)]

    labkit.explorers.explore_graph(named("backward", transposed), SLOPES)
    assert capsys.readouterr().out.startswith("backward: dW of layer 2 should have shape (1, 2), but has (2, 1).")
    labkit.explorers.explore_graph(named("backward", lambda *inputs: backward(*inputs)[1:]), SLOPES)
    assert "should return 2 pairs" in capsys.readouterr().out


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300])
def test_gradients_that_are_no_finite_numbers_are_shown_or_refused(value, capsys):
    def odd(*inputs):
        return [(dW * 0 + value, db * 0 + value) for dW, db in backward(*inputs)]

    def odd_for_one(*inputs):
        return odd(*inputs) if inputs[3].shape[1] == 1 else backward(*inputs)

    labkit.explorers.explore_graph(odd, SLOPES)
    assert "is not the measured slope" in capsys.readouterr().out
    panel = engine.Panel(backprop.graph(odd_for_one, SLOPES))
    assert engine.number(value) in panel.words.value


def test_a_backward_may_not_change_the_explorer():
    def greedy(layers, Z, A, delta, slopes):
        result = backward(layers, Z, A, delta.copy(), slopes)
        for array in (*Z[1:], *A, delta, *(p for layer in layers for p in layer[:2])):
            array.fill(7)
        return result

    for explorer in (backprop.graph(greedy, SLOPES), gradient_check.bug(greedy, slope_along)):
        screen = engine.Screen(explorer)
        first = screen.show(explorer.start).reading
        assert screen.show(explorer.start).reading == first
    assert words_of(backprop.graph(greedy, SLOPES)) == words_of(EXPLORERS["graph"])


# explore_bug


def test_the_title_tells_the_net_and_the_number_of_examples():
    assert EXPLORERS["bug"].title.endswith("Net 3-4-3-2, 5 examples")


PLACES = {"A": "db1", "B": "δ3 (output)", "C": "δ1", "D": "no bug", "E": "δ2", "F": "dW2", "G": "dW3"}


@pytest.mark.parametrize("directions", [1, 3, 8])
@pytest.mark.parametrize("case", PLACES)
def test_the_check_localises_each_planted_error_and_only_its_place_is_right(case, directions):
    explorer = EXPLORERS["bug"]
    screen = engine.Screen(explorer)
    right = []
    for verdict in explorer.controls[2].options:
        reading = screen.show({"case": case, "directions": directions, "verdict": verdict}).reading
        assert any(reading.reached) == (", is right." in reading.words)
        right += [verdict] * any(reading.reached)
    assert right == [PLACES[case]]


def test_every_case_has_a_place():
    assert EXPLORERS["bug"].controls[0].options == tuple(PLACES)


@pytest.mark.parametrize("case", PLACES)
def test_the_cause_is_not_told_before_the_right_verdict(case):
    words = [words_of(EXPLORERS["bug"], case=case, verdict=verdict) for verdict in ("?", "db3")]
    assert words[0].endswith("Where is the error?")
    assert words[1].endswith("Your verdict, db3, does not fit: it would make db3 wrong and no other.")
    assert not any(gradient_check.BUGS[case].words in each for each in words)


def test_a_factor_shows_as_one_ratio_and_another_error_as_many():
    assert "db1 (0.2)." in words_of(EXPLORERS["bug"], case="A", directions=8)
    assert "dW3 (5), db3 (5), dW2 (5), db2 (5), dW1 (5), db1 (5)." in words_of(EXPLORERS["bug"], case="B")
    assert re.search(r"dW3 \(-?[\d.]+ to [\d.]+\)\.", words_of(EXPLORERS["bug"], case="G", directions=8))


def test_the_errors_are_planted_in_the_students_own_backward():
    """Another right way to write it serves; it is called anew for each case."""
    calls = []

    def counting(layers, Z, A, delta, slopes):
        calls.append(1)
        return tuple(list(pair) for pair in backward(layers, Z, A, delta, slopes))

    screen = engine.Screen(gradient_check.bug(counting, slope_along))
    before = len(calls)
    screen.show({"case": "C", "directions": 2, "verdict": "δ1"})
    assert len(calls) == before + 1


@pytest.mark.parametrize("wrong", ["backward", "slope_along"])
def test_a_wrong_function_of_the_student_must_be_mended_first(wrong, capsys):
    def no_slope(layers, Z, A, delta, slopes):
        return backward(layers, Z, A, delta, {phi: np.ones_like for phi in slopes})

    def no_half(J, theta, direction, h=1e-5):
        return 2 * slope_along(J, theta, direction, h)

    if wrong == "backward":
        labkit.explorers.explore_bug(no_slope, slope_along)
        found = "dW2, db2, dW1, db1"
    else:
        labkit.explorers.explore_bug(backward, no_half)
        found = "dW3, db3, dW2, db2, dW1, db1"
    assert capsys.readouterr().out == (
        f"Before any error is planted, the check finds {found} wrong. "
        "Mend backward or slope_along first: the bench needs both.\n"
    )


def test_wrong_bars_are_hatched_and_labelled():
    explorer = EXPLORERS["bug"]
    screen = engine.Screen(explorer)
    screen.show({**explorer.start, "case": "C"})
    hatches = [bar.get_hatch() or "" for bar in screen.scene.moving[:6]]
    texts = [text.get_text() for text in screen.scene.moving[6:12]]
    assert [bool(hatch) for hatch in hatches] == ["wrong" in text for text in texts] == [False] * 4 + [True] * 2


def test_the_rings_are_redrawn():
    screen = engine.Screen(EXPLORERS["bug"])
    halves = []
    for directions in (1, 8):
        frame = screen.show({"case": "F", "directions": directions, "verdict": "?"})
        picture = imread(io.BytesIO(frame.png))
        halves.append(picture[:, picture.shape[1] // 2 :])
    assert (halves[0] != halves[1]).any()


def test_alt_text_tells_both_panels():
    panel = engine.Panel(EXPLORERS["bug"])
    assert "relative error" in alt_of(panel.picture.value) and "Wrong, with yours / measured: db1" in alt_of(
        panel.picture.value
    )


def test_the_bench_gives_away_neither_slopes_nor_the_recursion():
    """What labkit holds of lab 03: no function of the course's answers."""
    for module in (backprop, gradient_check):
        source = inspect.getsource(module)
        assert ".T @" not in source and "dnnlib" not in source
        assert relu_slope.__name__ not in vars(module)
