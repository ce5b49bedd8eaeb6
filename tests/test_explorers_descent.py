"""explore_descent: 60 steps of the student's own methods on three landscapes."""

import numpy as np
import pytest
from explorer_contract import contract, named

import labkit.explorers
from dnnlib.optimizers import adam_step, momentum_step, rmsprop_step, sgd_step
from labkit.explorers import engine
from labkit.explorers.optimizers import LANDSCAPES, LOST, NAMES, RATES, STEPS, descent, walk

FUNCTIONS = (sgd_step, momentum_step, rmsprop_step, adam_step)
STEP = dict(zip(NAMES, FUNCTIONS))
EXPLORER = descent(*FUNCTIONS)
RAVINE = LANDSCAPES["ravine"]


@pytest.fixture(scope="module")
def screen():
    return engine.Screen(EXPLORER)


def reading(screen, **state):
    return screen.scene.update(**{**screen.explorer.start, **state})


def reaching(screen, goal, **state) -> list[float]:
    """The learning rates with which a goal is reached."""
    return [eta for eta in RATES if reading(screen, eta=eta, **state).reached[goal]]


def without(name) -> tuple:
    """The four step functions, one of them unfinished."""
    return tuple(named(f.__name__, lambda *inputs: None) if f is STEP[name] else f for f in FUNCTIONS)


def all_broken(broken):
    labkit.explorers.explore_descent(*(named(f.__name__, lambda *inputs: broken(*inputs)) for f in FUNCTIONS))


REACHES = {"descent": [{"eta": 0.03}, {"eta": 0.1}, {"landscape": "saddle", "eta": 0.3}, {"landscape": "two minima"}]}
TestContract = contract({"descent": EXPLORER}, REACHES, {"all": all_broken})


def drawn(screen) -> dict:
    """How many points each method's path has in the picture."""
    lines = [artist for artist in screen.scene.moving if artist.axes is screen.scene.figure.axes[1]]
    return {name: len(line.get_xdata()) for name, line in zip(NAMES, lines)}


@pytest.mark.parametrize("goal, mu, rates", [
    (0, 0.9, [0.03]),
    (1, 0.9, [0.003, 0.005, 0.01, 0.02, 0.03, 0.05]),
    (1, 0.5, [0.02, 0.03, 0.05]),
    (2, 0.9, [0.05, 0.1, 0.2]),
    (3, 0.9, [0.05, 0.1, 0.2, 0.3, 0.5, 1.0]),
])  # fmt: skip
def test_the_rates_that_reach_the_end_of_the_ravine(goal, mu, rates, screen):
    assert reaching(screen, goal, mu=mu) == rates


def test_the_rates_that_bring_all_four_off_the_saddle(screen):
    assert reaching(screen, 4, landscape="saddle", mu=0.9) == [0.2, 0.3, 0.5]
    assert reaching(screen, 4, landscape="saddle", mu=0.9, method="Adam") == [], "one method is not all four"


@pytest.mark.parametrize("method, rates", [
    ("SGD", []), ("momentum", [0.03, 0.05, 0.1, 0.2, 0.3]), ("RMSProp", []), ("Adam", [1.0]),
])  # fmt: skip
def test_who_gets_past_the_shallow_minimum(method, rates, screen):
    assert reaching(screen, 5, landscape="two minima", mu=0.9, method=method) == rates


@pytest.mark.parametrize("name", LANDSCAPES)
def test_a_landscape_has_its_own_gradient(name):
    landscape, h = LANDSCAPES[name], 1e-6
    for x, y in np.random.default_rng(0).uniform(-2, 2, (50, 2)):
        slope_x = (landscape.loss(x + h, y) - landscape.loss(x - h, y)) / (2 * h)
        slope_y = (landscape.loss(x, y + h) - landscape.loss(x, y - h)) / (2 * h)
        np.testing.assert_allclose(landscape.gradient(x, y), [slope_x, slope_y], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", LANDSCAPES)
def test_the_lowest_points_are_the_lowest(name):
    landscape = LANDSCAPES[name]
    for lowest in landscape.lowest:
        np.testing.assert_allclose([landscape.loss(*lowest), *landscape.gradient(*lowest)], 0, atol=1e-12)
    x, y = np.meshgrid(np.linspace(-3, 3, 301), np.linspace(-2, 2, 201))
    assert landscape.loss(x, y).min() > -1e-12


def test_the_ravine_has_condition_number_50():
    assert RAVINE.gradient(0, 1)[1] / RAVINE.gradient(1, 0)[0] == 50


def test_the_shallow_minimum_lies_behind_a_barrier():
    """Between the start and the deep minimum: losses 1.31 and 1.81, as the contours show."""
    two = LANDSCAPES["two minima"]
    assert two.gradient(-1.6, 0) == pytest.approx([0, 0]) and two.gradient(-0.3, 0) == pytest.approx([0, 0])
    assert two.loss(-1.6, 0) == pytest.approx(1.310, abs=1e-3) and two.loss(-0.3, 0) == pytest.approx(1.814, abs=1e-3)


def test_a_step_function_gets_state_time_and_settings():
    """The state that it returned comes back in the next step, t counts from 1, mu is momentum's and Adam's beta1."""
    calls = {}

    def recorder(name, states):
        def step(theta, g, *rest):
            calls.setdefault(name, []).append((theta, g, rest))
            result = theta - 0.01 * g, *(np.full((2, 1), len(calls[name]) + i / 10) for i in range(states))
            return result if states else result[0]

        return step

    for name, states in zip(NAMES, (0, 1, 1, 2)):
        walk(name, recorder(name, states), RAVINE, 0.02, 0.7)
        assert len(calls[name]) == STEPS
        np.testing.assert_array_equal(calls[name][0][0].ravel(), RAVINE.start)
        np.testing.assert_array_equal(calls[name][0][1], [[-2.5], [50]])
        for state in calls[name][0][2][:states]:
            np.testing.assert_array_equal(state, np.zeros((2, 1)))
        for i, state in enumerate(calls[name][7][2][:states]):
            np.testing.assert_array_equal(state, 7 + i / 10)
    settings = {name: calls[name][4][2][states:] for name, states in zip(NAMES, (0, 1, 1, 2))}
    assert settings == {
        "SGD": (0.02,), "momentum": (0.02, 0.7), "RMSProp": (0.02, 0.9, 1e-8), "Adam": (5, 0.02, 0.7, 0.999, 1e-8),
    }  # fmt: skip


def test_the_path_is_that_of_the_step_function():
    path, heights = walk("SGD", sgd_step, RAVINE, 0.01, 0.9)
    t = np.arange(STEPS + 1)
    np.testing.assert_allclose(path, np.transpose([-2.5 * 0.99**t, 0.5**t]))
    np.testing.assert_allclose(heights, (path[:, 0] ** 2 + 50 * path[:, 1] ** 2) / 2)


def test_a_step_that_changes_theta_in_place_is_drawn_like_any_other():
    def in_place(theta, g, eta):
        theta -= eta * g
        return theta

    np.testing.assert_array_equal(walk("SGD", in_place, RAVINE, 0.01, 0)[0], walk("SGD", sgd_step, RAVINE, 0.01, 0)[0])


@pytest.mark.parametrize("worse", [lambda theta, g, eta: theta + 10 * g, lambda theta, g, eta: theta * np.nan])
def test_a_path_that_diverges_ends_there(worse):
    path, heights = walk("SGD", worse, RAVINE, 0.01, 0)
    assert len(path) < 5 and not heights[-1] < LOST and (heights[:-1] < LOST).all()


def test_divergence_is_said(screen):
    words = reading(screen, eta=0.1).words
    assert "SGD diverges in step 2; momentum diverges in step 2; RMSProp" in words
    assert drawn(screen) == {"SGD": 3, "momentum": 3, "RMSProp": STEPS + 1, "Adam": STEPS + 1}


@pytest.mark.parametrize("name", NAMES)
def test_an_unfinished_method_is_named_and_the_others_are_drawn(name):
    screen = engine.Screen(descent(*without(name)))
    words = reading(screen, eta=0.03).words
    assert words.endswith(f" Finish {STEP[name].__name__} first: it returns None.")
    assert drawn(screen) == {other: 0 if other == name else STEPS + 1 for other in NAMES}
    assert not reading(screen, eta=0.03).reached[NAMES.index(name)]
    assert not reading(screen, eta=0.3, landscape="saddle").reached[4]


def test_an_unfinished_method_alone_keeps_the_picture():
    panel = engine.Panel(descent(*without("Adam")))
    picture = panel.picture.value
    panel.controls["method"].value = "Adam"
    assert "Finish adam_step first" in panel.words.value and panel.picture.value == picture
    panel.controls["method"].value = "SGD"
    assert "Finish" not in panel.words.value


@pytest.mark.parametrize("method", NAMES)
def test_one_method_is_drawn_alone(method, screen):
    words = reading(screen, eta=0.02, method=method).words
    assert drawn(screen) == {name: STEPS + 1 if name == method else 0 for name in NAMES}
    assert [name for name in NAMES if f"{name} " in words] == [method]


def test_mu_moves_momentum_and_adam_alone(screen):
    def losses(mu):
        told = reading(screen, eta=0.02, mu=mu).words.split("steps: ")[1].rstrip(".").split("; ")
        return dict(zip(NAMES, told))

    before, after = losses(0.9), losses(0.5)
    assert [name for name in NAMES if before[name] != after[name]] == ["momentum", "Adam"]


def test_each_landscape_shows_its_own_map(screen):
    heights = []
    for name, landscape in LANDSCAPES.items():
        reading(screen, landscape=name)
        shown = [artist for artist in screen.scene.moving if hasattr(artist, "levels") and artist.get_visible()]
        assert len(shown) == 2 and set(landscape.levels) <= set(shown[0].levels)
        heights.append(tuple(shown[1].levels))
    assert len(set(heights)) == 3


def test_the_first_of_four_wrong_methods_is_named(capsys):
    all_broken(lambda *inputs: (np.ones(2), np.ones(3), 1))
    assert capsys.readouterr().out.startswith("sgd_step should return theta alone")


@pytest.mark.parametrize("name, expected", [
    ("momentum", "momentum_step should return theta and its state"), ("Adam", "theta and both its states"),
])  # fmt: skip
def test_theta_without_its_state_is_named(name, expected):
    alone = named(STEP[name].__name__, lambda theta, g, *rest: theta - 0.01 * g)
    functions = [alone if f is STEP[name] else f for f in FUNCTIONS]
    assert expected in reading(engine.Screen(descent(*functions))).words
