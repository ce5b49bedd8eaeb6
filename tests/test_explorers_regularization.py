"""The explorer of lab 06 does what is asked of every explorer, and trains with the student's functions."""

import inspect

import numpy as np
import pytest
from explorer_contract import contract, move, named

import labkit.explorers
from dnnlib.activations import identity, tanh
from dnnlib.backprop import SLOPES, backward, mse_delta
from dnnlib.gradient_check import numerical_gradient
from dnnlib.layers import forward
from dnnlib.losses import mse
from dnnlib.optimizers import adam_step
from dnnlib.regularization import add_l2, dropout, dropout_backward, l2_penalty
from labkit.explorers import engine, regularization

RIGHT = {
    "add_l2": add_l2, "dropout": dropout, "dropout_backward": dropout_backward, "forward": forward,
    "backward": backward, "slopes": SLOPES, "mse": mse, "mse_delta": mse_delta, "adam_step": adam_step,
}  # fmt: skip


def functions(**changed):
    return {**RIGHT, **changed}.values()


def breaking(name):
    if name == "slopes":
        return lambda broken: labkit.explorers.explore_fit(*functions(slopes={tanh: named("tanh_slope", broken)}))
    return lambda broken: labkit.explorers.explore_fit(*functions(**{name: named(name, broken)}))


EXPLORERS = {"fit": regularization.fit(*functions())}
REACHES = {"fit": [{"width": 32, "epoch": 200}, {"epoch": 28}, {"lam": 0.01, "p": 0.1, "epoch": 150}]}
UNFINISHED = {name: breaking(name) for name in RIGHT}
TestContract = contract(EXPLORERS, REACHES, UNFINISHED)


SCHOOL = regularization.School(*functions())


def first_gradient(width, lam, p, **changed):
    """theta and the gradient that the first step is given."""
    steps = []

    def spy(theta, g, *others):
        steps.append((theta, g))
        return adam_step(theta, g, *others)

    regularization.School(*functions(adam_step=spy, **changed)).train(width, lam, p)
    return steps[0]


def kept(A):
    """A mask that does not change: rows 0, 3, 6 ... are dropped."""
    return np.broadcast_to(np.arange(len(A))[:, None] % 3 > 0, A.shape)


@pytest.mark.parametrize("lam", [0, 0.03])
@pytest.mark.parametrize("p", [0.0, 0.4])
def test_each_step_is_given_the_gradient_of_the_penalised_error_under_one_mask(lam, p):
    def steady(A, p, rng, training=True):
        mask = kept(A) if p else np.ones(A.shape, bool)
        return A * mask / (1 - p), mask

    x, y, *_ = regularization.points()
    net = regularization.Net(5)

    def J(theta):
        first, second, last = net.layers(theta, (tanh, tanh))
        _, A = forward([first], x)
        _, A = forward([second], steady(A[-1], p, None)[0])
        _, A = forward([(*last[:2], identity)], steady(A[-1], p, None)[0])
        return mse(A[-1], y) + l2_penalty([first, second, last], lam)

    theta, g = first_gradient(5, lam, p, dropout=steady)
    assert np.allclose(g, numerical_gradient(J, theta), atol=1e-7) and np.linalg.norm(g) > 0.1


def validation(width, lam, p):
    return SCHOOL.train(width, lam, p).errors[:, 1]


def test_early_stopping_finds_less_error_than_the_end_but_not_the_least():
    for width in (16, 32):
        errors = validation(width, 0, 0.0)
        stopped = regularization.LOOKS[errors.argmin()]
        assert 10 < stopped < 40 and regularization.BEST + 0.03 < errors.min() < regularization.STOPPED < errors[-1]


def test_the_goal_of_stopping_needs_no_lucky_epoch():
    for width in (2, 16, 32):
        assert (validation(width, 0, 0.0) < regularization.STOPPED).sum() >= 5, width


@pytest.mark.parametrize("lam, p", [(0.003, 0.4), (0.01, 0.1), (0.01, 0.2), (0.03, 0.0)])
def test_the_best_goal_is_reached_at_the_end_and_at_many_epochs(lam, p):
    errors = validation(32, lam, p)
    assert errors[-1] < regularization.BEST and (errors < regularization.BEST).sum() >= 10


@pytest.mark.parametrize("width", regularization.WIDTHS)
def test_dropout_without_a_penalty_is_not_enough(width):
    assert min(validation(width, 0, tenths / 10).min() for tenths in range(9)) > regularization.BEST


def test_the_best_goal_is_just_above_the_error_of_the_true_curve():
    *_, x, y = regularization.points()
    assert 0.14 < np.mean((np.sin(np.pi * x / 4) - y) ** 2) < regularization.BEST


def test_only_wide_nets_learn_by_heart():
    errors = np.array([SCHOOL.train(width, 0, 0.0).errors[-1] for width in regularization.WIDTHS])
    assert (np.diff(errors[:, 0]) < 0).all()
    by_heart = (errors[:, 0] < regularization.BY_HEART[0]) & (errors[:, 1] > regularization.BY_HEART[1])
    assert by_heart.tolist() == [False, False, False, False, True]


def test_the_words_show_whether_a_goal_is_reached():
    """The last digit that is shown is the last one that is compared."""
    for error, reached in ((0.16994, True), (0.16996, False), (0.17004, False)):
        reading = regularization._reading(8, 0.01, 0.1, 100, np.array([0.1, error]), np.ones(3))
        shown = float(reading.words.split("validation error ")[1].split()[0].rstrip("."))
        assert reading.reached[2] is (shown < regularization.BEST) is reached


def test_a_larger_penalty_makes_smaller_weights():
    sizes = [np.mean(SCHOOL.train(32, lam, 0.0).weights[-1] ** 2) for lam in regularization.LAMBDAS]
    assert sizes == sorted(sizes, reverse=True) and sizes[-1] < sizes[0] / 8


def test_validation_and_training_points_are_apart():
    x, y, x_held, y_held = regularization.points()
    assert x.shape == y.shape == (1, 20) and x_held.shape == y_held.shape == (1, 80)
    assert not set(x.ravel()) & set(x_held.ravel())


def test_curve_errors_and_bars_move_together():
    explorer = EXPLORERS["fit"]
    screen = engine.Screen(explorer)
    seen = []
    for epoch in (0, 200):
        screen.show({**explorer.start, "width": 32, "epoch": epoch})
        curve, present, *_ = screen.scene.moving
        bars = [bar.get_height() for bar in screen.scene.moving if hasattr(bar, "get_height")]
        assert present.get_xdata()[0] == epoch and 0.9 < sum(bars) <= 1 + 1e-12
        seen.append((list(curve.get_ydata()), bars))
    assert seen[0][0] != seen[1][0] and seen[0][1] != seen[1][1]


WRONG = {
    "add_l2": lambda gradients, layers, lam: [(dW - 2 * lam * W, db) for (dW, db), (W, _, _) in zip(gradients, layers)],
    "dropout": lambda A, p, rng: (A * (mask := rng.random(A.shape) >= p), mask),
    "dropout_backward": lambda d, kept, p: d / (1 - p),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_function_shows(name):
    wrong = regularization.fit(*functions(**{name: named(name, WRONG[name])}))
    state = {**wrong.start, "width": 32, "lam": 0.01, "p": 0.5}
    assert engine.Screen(wrong).show(state).reading.words != engine.Screen(EXPLORERS["fit"]).show(state).reading.words


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
def test_a_training_that_breaks_is_told(value):
    def odd(theta, *others):
        return theta * 0 + value, others[1], others[2]

    panel = engine.Panel(regularization.fit(*functions(adam_step=odd)))
    move(panel, {"epoch": 150})
    assert "nan" in panel.words.value or "e+" in panel.words.value or "infinite" in panel.words.value
    assert "Goal reached" not in panel.words.value


def test_the_points_can_not_be_changed():
    def greedy(layers, X):
        X.fill(0)

    explorer = regularization.fit(*functions(forward=greedy))
    with pytest.raises(engine.Unfinished, match="greedy raised ValueError"):
        engine.Screen(explorer)
    assert regularization.points()[0].any()


def test_slopes_without_tanh_are_named():
    with pytest.raises(engine.Unfinished, match="should hold tanh"):
        engine.Screen(regularization.fit(*functions(slopes={np.sin: np.cos})))


def test_the_bench_holds_no_answer():
    source = inspect.getsource(regularization)
    assert "dnnlib" not in source and ".T @" not in source and "sqrt(v" not in source and "1 - p" not in source
