"""explore_depth: which activations and scales carry a signal through 30 layers and back."""

import re

import numpy as np
import pytest
from explorer_contract import contract, named

import labkit.explorers
from dnnlib import activations, backprop, rectifiers
from dnnlib import initialization as reference
from dnnlib.layers import forward
from labkit.explorers import engine, initialization

ACTIVATIONS = {
    "ReLU": activations.relu, "tanh": activations.tanh, "sigmoid": activations.sigmoid,
    "leaky ReLU": rectifiers.leaky_relu, "GELU": rectifiers.gelu_tanh,
}  # fmt: skip
SLOPES = {
    "ReLU": backprop.relu_slope, "tanh": backprop.tanh_slope, "sigmoid": backprop.sigmoid_slope,
    "leaky ReLU": rectifiers.leaky_relu_slope, "GELU": rectifiers.gelu_tanh_slope,
}  # fmt: skip
DRAWS = {"he": reference.he, "glorot": reference.glorot}
PARTS = {
    "activations": ACTIVATIONS, "slopes": SLOPES, "draws": DRAWS, "forward": forward, "backward": backprop.backward,
}  # fmt: skip
EXPLORER = initialization.depth(**PARTS)
SMALL = {"width": 32}


def breaking(name, *key):
    """explore_depth with one of its functions broken: PARTS[name], or PARTS[name][key]."""

    def explore(broken):
        changed = {**PARTS[name], key[0]: named("broken", broken)} if key else named(name, broken)
        labkit.explorers.explore_depth(**{**PARTS, name: changed})

    return explore


UNFINISHED = {
    "activation": breaking("activations", "ReLU"), "slope": breaking("slopes", "ReLU"),
    "forward": breaking("forward"), "backward": breaking("backward"),
}  # fmt: skip
REACHES = {"depth": [{"draw": "he"}, {"activation": "leaky ReLU"}, {"activation": "tanh", "draw": "glorot", "s": 1.22}]}
TestContract = contract({"depth": EXPLORER}, REACHES, UNFINISHED)


@pytest.fixture(scope="module")
def screen():
    return engine.Screen(EXPLORER)


def reading(screen, **state):
    return screen.scene.update(**{**screen.explorer.start, **state})


def with_parts(**changed) -> engine.Explorer:
    return initialization.depth(**{**PARTS, **changed})


KEPT = {  # the multiples of N(0, 1/n), from 1.00 to 1.50, that keep both lines within the factor
    "ReLU": [1.4, 1.42],
    "leaky ReLU": [1.4, 1.42],
    "tanh": [1.2, 1.22, 1.24, 1.26, 1.28],
    "sigmoid": [],
    "GELU": [],
}


@pytest.mark.parametrize("name", KEPT)
def test_the_scales_that_keep_both_within_a_factor_of_3(name, screen):
    said = {s: reading(screen, activation=name, s=s).words for s in np.arange(50, 76) / 50}
    assert [s for s, words in said.items() if words.count("within a factor of 3") == 2] == KEPT[name]


@pytest.mark.parametrize("state, goal", [
    ({"activation": "ReLU", "draw": "he"}, 0),
    ({"activation": "leaky ReLU", "draw": "he"}, 1),
    ({"activation": "tanh", "draw": "glorot", "s": 1.22}, 2),
])  # fmt: skip
def test_each_goal_has_its_state(state, goal, screen):
    assert list(reading(screen, **state).reached) == [number == goal for number in range(3)]


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "GELU"])
def test_he_alone_keeps_no_other(name, screen):
    assert not any(reading(screen, activation=name, draw="he").reached)


def test_a_narrow_net_reaches_no_goal(screen):
    narrow = reading(screen, activation="tanh", s=1.28, width=128)
    assert narrow.words.count("within a factor of 3") == 2 and not any(narrow.reached)


def test_a_sigmoid_loses_the_gradient_and_not_the_signal(screen):
    words = reading(screen, activation="sigmoid").words
    there, back = words.split("Backward")
    assert "within a factor of 3" in there
    assert float(re.search(r"smallest (\S+),", back)[1]) > 1e30 and "from layer 29 on" in back


def test_zeros_are_said(screen):
    words = reading(screen, s=0.0, **SMALL).words
    assert "Forward: all zero from layer 1 on. Backward: all zero from layer 29 on." in words
    assert not screen.scene.moving[0].get_visible(), "a band without a value in it"


def test_mean_squares_are_those_of_the_net():
    """Against the recursion of backpropagation, written here in float64 and one example at a time."""
    W = np.random.default_rng(0).normal(0, 0.3, (initialization.DEPTH, 20, 20)).astype(np.float32)
    a, delta = initialization.mean_squares(W, np.tanh, backprop.tanh_slope, forward, backprop.backward)
    rng = np.random.default_rng(initialization.SEED)
    X, last = rng.standard_normal((2, 20, initialization.EXAMPLES), np.float32)
    squares = np.zeros((2, initialization.DEPTH))
    for x, d in zip(X.T.astype(float), last.T.astype(float)):
        A = [x]
        for layer in W:
            A.append(np.tanh(layer @ A[-1]))
        for l in range(initialization.DEPTH, 0, -1):
            squares[:, l - 1] += np.mean(A[l] ** 2), np.mean(d**2)
            d = W[l - 1].T @ d * (1 - A[l - 1] ** 2)
    np.testing.assert_allclose([a, delta], squares / initialization.EXAMPLES, rtol=1e-4)


def test_the_plain_weights_have_variance_one_over_n():
    W = initialization._drawn(initialization._plain, 128)
    assert W.shape == (30, 128, 128) and W.dtype == np.float32
    assert abs(W.mean()) < 1e-3 and np.isclose(W.var(), 1 / 128, rtol=0.01)


def test_weights_are_drawn_once_for_each_width():
    shapes = []
    draw = named("he", lambda shape, rng: shapes.append(shape) or reference.he(shape, rng))
    screen = engine.Screen(with_parts(draws={"he": draw}))
    for s in (1.0, 0.5, 1.0):
        reading(screen, draw="he", s=s, **SMALL)
    assert shapes == [(32, 32)] * 30
    reading(screen, draw="he", width=128)
    assert shapes[30:] == [(128, 128)] * 30


@pytest.mark.parametrize("values, layer, span", [
    ([1, 2, 2.9, 2], None, (1.0, 2.9)),
    ([1, 2, 3.1, 2], 3, (1.0, 2.0)),
    ([2, 1, 2.9, 3.1], 4, (1.0, 2.9)),
    ([1, np.nan, 1, 1], 2, (1.0, 1.0)),
    ([1, np.inf, 1, 1], 2, (1.0, 1.0)),
])  # fmt: skip
def test_the_band_holds_the_beginning_of_the_line(values, layer, span):
    """The band is a factor of 3 high and centred on the layers before the line leaves it."""
    from labkit import plots

    _, (ax,) = plots.canvas()
    profile = initialization.Profile(ax, np.arange(1, 5), plots.BLUE, "o")
    inside, words = profile.show(np.array(values))
    assert inside == (layer is None)
    assert layer is None or f"from layer {layer} on" in words
    foot, top = profile.band.get_y(), profile.band.get_y() + profile.band.get_height()
    assert np.isclose(top / foot, 3) and np.isclose(foot * top, span[0] * span[1])


def test_values_beyond_the_panel_get_a_triangle_at_its_edge():
    from labkit import plots

    _, (ax,) = plots.canvas()
    profile = initialization.Profile(ax, np.arange(1, 5), plots.BLUE, "o")
    profile.show(np.array([1, 1e9, 1e-9, 0]))
    above, below = (line.get_xydata().tolist() for line in profile.beyond)
    assert above == [[2, initialization.HIGH]]
    assert below == [[3, initialization.LOW], [4, initialization.LOW]]


def test_a_wrong_slope_shows():
    right = reading(engine.Screen(EXPLORER), activation="sigmoid", **SMALL).words
    ones = named("sigmoid_slope", np.ones_like)
    wrong = reading(engine.Screen(with_parts(slopes={**SLOPES, "sigmoid": ones})), activation="sigmoid", **SMALL).words
    assert wrong.split("Backward")[0] == right.split("Backward")[0] and wrong != right


def test_a_nan_reaches_no_goal():
    broken = named("relu", lambda Z: np.full_like(Z, np.nan))
    screen = engine.Screen(with_parts(activations={**ACTIVATIONS, "ReLU": broken}))
    shown = reading(screen, draw="he")
    assert "not a number" in shown.words and not any(shown.reached)


@pytest.mark.parametrize("part, key, state", [
    ("draws", "he", {"draw": "he"}), ("draws", "glorot", {"draw": "glorot"}),
    ("activations", "leaky ReLU", {"activation": "leaky ReLU"}), ("slopes", "GELU", {"activation": "GELU"}),
])  # fmt: skip
def test_an_unfinished_part_leaves_the_others_to_explore(part, key, state):
    unfinished = named("its_name", lambda *inputs: None)
    panel = engine.Panel(with_parts(**{part: {**PARTS[part], key: unfinished}}))
    panel.controls["width"].value = 32
    picture = panel.picture.value
    for name, value in state.items():
        panel.controls[name].value = value
    assert "Finish its_name first: it returns None." in panel.words.value and panel.picture.value == picture
    for name in state:
        panel.controls[name].value = EXPLORER.start[name]
    assert "Finish" not in panel.words.value


def test_alt_text_names_both_panels(screen):
    alt = screen.image(screen.show({**EXPLORER.start, **SMALL}))
    assert "Left: the mean square of the activations" in alt and "ReLU, weights N(0, 1/n) times 1, width 32." in alt
