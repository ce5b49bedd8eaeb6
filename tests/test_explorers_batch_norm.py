"""The explorers of lab 07 do what is asked of every explorer, and show what the student's functions give."""

import inspect

import numpy as np
import pytest
from explorer_contract import contract, named
from matplotlib.colors import to_hex

import labkit.explorers
from dnnlib.activations import relu, sigmoid
from dnnlib.backprop import SLOPES, cross_entropy_delta, linear_backward, mse_delta, relu_slope
from dnnlib.batch_norm import batch_norm, batch_norm_block, normalize, normalize_backward, scale_backward
from dnnlib.gradient_check import numerical_gradient
from dnnlib.initialization import he
from dnnlib.losses import cross_entropy, mse
from labkit import plots
from labkit.datasets import digits
from labkit.explorers import batch_norm as explored
from labkit.explorers import engine


def loss_and_gradients(weights, X, y, normalized):
    """A net without biases; batch norm, if any, with gamma = 1 and beta = 0."""
    A, passed = X, []
    for W in weights[:-1]:
        H = W @ A
        pullback = lambda d: (d,)  # noqa: E731
        if normalized:
            H, pullback = batch_norm_block(H, np.ones((len(W), 1)), np.zeros((len(W), 1)))
        passed.append((W, A, H, pullback))
        A = relu(H)
    O = weights[-1] @ A
    dW, _, dA = linear_backward(weights[-1], A, cross_entropy_delta(O, y))
    gradients = [dW]
    for W, A, H, pullback in reversed(passed):
        dW, _, dA = linear_backward(W, A, pullback(dA * relu_slope(H))[0])
        gradients.insert(0, dW)
    return cross_entropy(O, y), gradients


def he_weights(*sizes):
    rng = np.random.default_rng(0)
    return [he((n, n_before), rng) for n_before, n in zip(sizes, sizes[1:])]


WEIGHTS = he_weights(64, 32, 32, 32, 32, 10)
X, Y = digits()[0][:, :100], digits()[1][:100]
RIGHT = {
    "batch_norm": batch_norm, "scale_backward": scale_backward, "normalize_backward": normalize_backward,
    "slopes": SLOPES, "mse": mse, "mse_delta": mse_delta,
}  # fmt: skip


def unit(**changed):
    return explored.unit(*{**RIGHT, **changed}.values())


def landscape(function=loss_and_gradients):
    return explored.landscape(function, WEIGHTS, X, Y)


def breaking(name):
    def explore(broken):
        changed = {sigmoid: named("sigmoid_slope", broken)} if name == "slopes" else named(name, broken)
        labkit.explorers.explore_batch_norm(*{**RIGHT, name: changed}.values())

    return explore


EXPLORERS = {"unit": unit(), "landscape": landscape()}
REACHES = {
    "unit": [
        {"mean": 8.0, "scale": 0.25},
        {"m": 1},
        {"m": 16, "mean": 0.0, "scale": 1.0, "phi": "relu", "beta": -8.0},
    ],
    "landscape": [{"eta": 2.2}, {"eta": 3.2}, {"scale": 2.0}, {"scale": 0.25}, {"eta": 0.01, "scale": 1.0}],
}
UNFINISHED = {name: breaking(name) for name in RIGHT} | {
    "landscape": lambda broken: labkit.explorers.explore_landscape(named("loss_and_gradients", broken), WEIGHTS, X, Y)
}
TestContract = contract(EXPLORERS, REACHES, UNFINISHED)


def reading_of(explorer, **state):
    return engine.Screen(explorer).show({**explorer.start, **state}).reading


# explore_batch_norm

BENCH = explored.Bench(*RIGHT.values())


@pytest.mark.parametrize("phi", ["sigmoid", "tanh", "relu"])
@pytest.mark.parametrize("m", [16, 4, 2])
def test_the_gradients_are_those_of_the_loss(phi, m):
    x = explored.batch()[:, :m]
    z, y = 0.7 + 1.5 * x, (x > 0).astype(float)
    f = BENCH.phis[phi]
    *_, plain = BENCH.activate(phi, z, y)
    assert np.allclose(plain, numerical_gradient(lambda z: mse(f(z), y), z), atol=1e-8)
    gamma, beta = np.array([[1.7]]), np.array([[-0.3]])
    *_, d_out = BENCH.activate(phi, BENCH.normalized(z, 1.7, -0.3), y)
    dz = BENCH.backward(d_out, z, BENCH.normalized(z, 1.0, 0.0), 1.7)
    assert np.allclose(dz, numerical_gradient(lambda z: mse(f(batch_norm(z, gamma, beta)), y), z), atol=1e-8)


def normalised(words):
    return words.split("Normalised: ")[1]


def test_the_normalised_loss_knows_neither_mean_nor_scale_of_z():
    losses = {normalised(reading_of(EXPLORERS["unit"], mean=mean, scale=scale).words).split(",")[0]
              for mean in (-8.0, 0.0, 5.5) for scale in (0.5, 1.0, 4.0)}  # fmt: skip
    assert len(losses) == 1


@pytest.mark.parametrize("phi", ["sigmoid", "tanh", "relu"])
def test_a_batch_of_one_gives_beta_and_no_gradient_whatever_z(phi):
    told = {normalised(reading_of(EXPLORERS["unit"], m=1, phi=phi, beta=0.5, mean=mean).words) for mean in (-5.0, 0, 8)}
    (words,) = told
    assert words.endswith("mean |dJ/dz| = 0.")


def test_two_examples_leave_only_their_order():
    assert np.allclose(BENCH.normalized(np.array([[3.0, 11.0]]), 1.0, 0.0), [[-1, 1]], atol=1e-5)
    assert float(normalised(reading_of(EXPLORERS["unit"], m=2).words).split()[-1].rstrip(".")) < explored.SHUT


def test_a_mean_taken_as_a_constant_reaches_no_second_goal():
    def without_means(dZ_hat, Z, eps=1e-5):
        return dZ_hat / np.sqrt(Z.var(axis=1, keepdims=True) + eps)

    state = {"m": 1, "mean": 8.0}
    assert reading_of(EXPLORERS["unit"], **state).reached[1]
    assert not any(reading_of(unit(normalize_backward=without_means), **state).reached)


def test_gamma_zero_or_a_dead_unit_is_not_a_batch_of_one():
    assert not reading_of(EXPLORERS["unit"], gamma=0.0).reached[1]
    assert not reading_of(EXPLORERS["unit"], phi="relu", beta=-8.0).reached[1]
    assert not reading_of(EXPLORERS["unit"], gamma=0.0).reached[2]


def test_a_batch_norm_over_the_wrong_axis_shows():
    def over_units(Z, gamma, beta, eps=1e-5):
        return gamma * normalize(Z, Z.mean(axis=0, keepdims=True), Z.var(axis=0, keepdims=True), eps) + beta

    words = reading_of(unit(batch_norm=over_units)).words
    assert words != reading_of(EXPLORERS["unit"]).words


def test_every_point_is_drawn_once_in_each_place():
    screen = engine.Screen(EXPLORERS["unit"])
    for m in (16, 1):
        screen.show({**EXPLORERS["unit"].start, "m": m})
        points = [artist for artist in screen.scene.moving if getattr(artist, "get_linestyle", str)() == "None"]
        assert len(points) == 10 and sum(len(artist.get_xdata()) for artist in points) == 5 * m


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e300])
def test_values_that_are_no_finite_numbers_are_told(value):
    panel = engine.Panel(unit(normalize_backward=lambda dZ_hat, Z: Z * 0 + value))
    assert engine.number(abs(value), 2) in panel.words.value and "Goal reached" not in panel.words.value


def test_a_function_may_not_change_the_explorer():
    def greedy(Z, gamma, beta):
        result = batch_norm(Z, gamma, beta)
        Z.fill(7)
        return result

    assert reading_of(unit(batch_norm=greedy)) == reading_of(EXPLORERS["unit"])


# explore_landscape


def slices(scale, function=loss_and_gradients):
    start = [scale * W for W in WEIGHTS]
    return [explored.slice_along(lambda at, bn=bn: function(at, X, Y, bn), start) for bn in (False, True)]


def test_the_slice_is_the_loss_after_one_step():
    plain, _ = slices(1.5)
    start = [1.5 * W for W in WEIGHTS]
    J, G = loss_and_gradients(start, X, Y, False)
    k = 20
    there = [W - explored.ETAS[k] * dW for W, dW in zip(start, G)]
    assert plain.losses[k] == loss_and_gradients(there, X, Y, False)[0] / J


def test_the_largest_rate_is_the_last_before_the_first_that_raises_the_loss():
    def largest(losses):
        return explored.Slice(np.array(losses), None).largest

    ETAS = explored.ETAS
    assert largest([0.9] * len(ETAS)) == ETAS[-1]
    assert largest([1.1] * len(ETAS)) == 0
    assert largest([0.9, 0.8, 1.1, 0.7] + [2] * (len(ETAS) - 4)) == ETAS[1]
    assert largest([0.9, np.nan] + [0.5] * (len(ETAS) - 2)) == ETAS[0]


def test_what_batch_norm_buys_depends_on_the_scale_of_the_weights():
    """Hardly anything at He's scale, much beyond, and less than nothing below."""
    factors = {scale: slices(scale)[1].largest / slices(scale)[0].largest for scale in (0.25, 1, 2, 3)}
    assert factors[0.25] < 0.1 and 1 < factors[1] < 3 and factors[2] > 20 and factors[3] > 100


def test_the_gradient_of_the_plain_net_changes_more_at_a_large_scale():
    plain, normal = slices(2.0)
    at = explored.ETAS.index(0.1)
    assert plain.changes[at] > 3 * normal.changes[at]


def test_short_steps_change_the_gradient_more_with_batch_norm():
    plain, normal = slices(1.0)
    more = normal.changes > plain.changes
    assert all(more[: explored.ETAS.index(0.01) + 1]) and not more[explored.ETAS.index(0.1)]
    reached = [reading_of(EXPLORERS["landscape"], eta=eta).reached[4] for eta in (0.001, 0.01, 0.1, 2.2)]
    assert reached == [True, True, False, False]


@pytest.mark.parametrize("rate", [0.46, 1.0])
def test_a_long_step_is_no_short_one(rate):
    """From the fifth goal's point of view, whatever the gradients do."""

    def turning(weights, X, y, normalized):
        J, gradients = loss_and_gradients(weights, X, y, normalized)
        return J, [g * (2 if normalized and np.abs(weights[0] - WEIGHTS[0]).max() else 1) for g in gradients]

    screen = engine.Screen(landscape(turning))
    reached = [screen.show({"eta": eta, "scale": 1.0}).reading.reached[4] for eta in (0.01, rate)]
    assert reached == [True, False]


def test_plain_and_normalised_have_one_colour_each_in_both_explorers():
    """The colours of the lab's figures: the first two of plots.COLOURS."""
    (_, plain, *_), (_, normal, *_) = explored.SIDES
    picture = explored.UnitPicture()
    assert [plain, normal] == list(plots.COLOURS[:2])
    assert [artist.get_color() for artist, _ in picture.columns] == [plain, normal, normal]
    assert [to_hex(bar.get_facecolor()).upper() for bar in picture.bars] == [plain, normal]


def test_the_batch_sizes_grow_to_the_right():
    sizes = next(control for control in EXPLORERS["unit"].controls if control.name == "m")
    assert list(sizes.options) == sorted(sizes.options) and sizes.start == explored.BATCH


def test_a_goal_that_speaks_of_no_gradient_says_below_which_number():
    first, _, third = EXPLORERS["unit"].goals
    assert all(str(bound) in goal for goal in (first, third) for bound in (explored.SHUT, explored.OPEN))


def test_the_rates_are_whole_steps_that_read_well():
    assert all(str(eta) == f"{eta:g}" or eta >= 1 for eta in explored.ETAS) and len(set(explored.ETAS)) == 37


@pytest.mark.filterwarnings("error")
def test_a_net_that_breaks_is_told():
    def broken(weights, X, y, normalized):
        return np.nan, [W * np.inf for W in weights]

    panel = engine.Panel(landscape(broken))
    assert "nan" in panel.words.value and "Goal reached" not in panel.words.value


def test_the_bench_holds_no_answer():
    source = inspect.getsource(explored)
    assert "dnnlib" not in source and ".T @" not in source and "eps" not in source and "np.var" not in source
