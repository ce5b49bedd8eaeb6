"""The explorer of lab 08 does what is asked of every explorer, and builds its net of the student's blocks."""

import inspect
from functools import cache

import numpy as np
import pytest
from explorer_contract import contract, move, named

import labkit.explorers
from dnnlib.backprop import cross_entropy_delta
from dnnlib.batch_norm import batch_norm_block
from dnnlib.blocks import chain, linear_block, relu_block, residual
from dnnlib.initialization import he
from dnnlib.losses import cross_entropy
from dnnlib.optimizers import sgd_step
from labkit.explorers import engine, resnets

RIGHT = {
    "chain": chain, "residual": residual, "linear_block": linear_block, "relu_block": relu_block,
    "batch_norm_block": batch_norm_block, "he": he, "cross_entropy": cross_entropy,
    "cross_entropy_delta": cross_entropy_delta, "sgd_step": sgd_step,
}  # fmt: skip


def functions(**changed):
    return {**RIGHT, **changed}.values()


def breaking(name):
    return lambda broken: labkit.explorers.explore_highway(*functions(**{name: named(name, broken)}))


EXPLORERS = {"highway": resnets.highway(*functions())}
REACHES = {
    "highway": [
        {"steps": 20},
        {"skip": "on"},
        {"scale": 0.1, "eta": 0.03},
        {"norm": "on", "eta": 0.3},
    ]
}
UNFINISHED = {name: breaking(name) for name in RIGHT}
TestContract = contract(EXPLORERS, REACHES, UNFINISHED)


WORKSHOP = resnets.Workshop(*functions())
SCALES, ETAS = (control.options for control in EXPLORERS["highway"].controls if control.name in ("scale", "eta"))


def after(steps, depth=50, skip=False, scale=1, norm=False, eta=0.1, **changed):
    """The losses, and the norms of dW at that step."""
    with np.errstate(all="ignore"):
        workshop = resnets.Workshop(*functions(**changed))
        return resnets.Training(workshop, depth, skip, scale, norm, eta).upto(steps)


@pytest.mark.parametrize("skip", [False, True])
@pytest.mark.parametrize("norm", [False, True])
def test_the_norms_are_the_slopes_of_the_loss(skip, norm):
    """Along dW of a layer, the loss rises by the norm of dW."""
    run = resnets.Training(WORKSHOP, 4, skip, 0.5, norm, 0.1)
    first, inner, last = run.weights
    O, pullback = WORKSHOP.net(first, inner, last, skip, norm)(run.X)
    _, gradients = pullback(cross_entropy_delta(O, run.y))
    _, norms = run.upto(0)
    for k in range(4):
        direction = np.zeros_like(inner)
        direction[k] = gradients[::2][1 + k] / norms[k]
        up, down = (
            cross_entropy(WORKSHOP.net(first, inner + h * direction, last, skip, norm)(run.X)[0], run.y)
            for h in (1e-6, -1e-6)
        )
        assert np.isclose((up - down) / 2e-6, norms[k], rtol=1e-4)


def test_a_step_is_plain_gradient_descent():
    """Its first order: the loss falls by eta times the squared norm of all gradients."""
    run = resnets.Training(WORKSHOP, 4, True, 0.5, False, 1e-5)
    O, pullback = WORKSHOP.net(*run.weights, True, False)(run.X)
    square = sum((dW**2).sum() for dW in pullback(cross_entropy_delta(O, run.y))[1][::2])
    losses, _ = run.upto(1)
    assert np.isclose(losses[0] - losses[1], 1e-5 * square, rtol=1e-3)


def test_steps_one_by_one_and_at_once_are_the_same():
    run = resnets.Training(WORKSHOP, 10, True, 0.2, True, 0.3)
    for steps in (1, 2, 7, 3, 9):
        losses, norms = run.upto(steps)
    at_once, norms_at_once = after(9, 10, True, 0.2, True, 0.3)
    assert np.array_equal(losses, at_once) and np.array_equal(norms, norms_at_once)


def test_a_plain_net_of_he_does_not_vanish_and_yet_does_not_learn():
    for eta in ETAS:
        losses, _ = after(20, eta=eta)
        assert not losses[-1] < 2.2
    _, norms = after(0)
    assert norms.max() < 10 * norms.min()


def test_unscaled_branches_double_the_variance_and_explode():
    """25 branches: 2^25 in the mean square, about 5000 in the size."""
    losses, norms = after(0, skip=True)
    _, plain = after(0)
    assert losses[0] > 500 and norms.max() > 1e3 * plain.max()
    assert all(np.isnan(after(20, skip=True, eta=eta)[0][-1]) for eta in ETAS)


def test_small_weights_without_a_skip_vanish():
    _, norms = after(0, scale=0.1)
    assert norms.max() < 1e-15
    _, with_skip = after(0, skip=True, scale=0.1)
    assert with_skip.min() > 1e-3


def test_batch_norm_alone_explodes_backward():
    _, norms = after(0, norm=True)
    assert norms[0] > 1e4 * norms[-1]


@pytest.mark.parametrize("eta", ETAS)
def test_training_takes_most_of_that_away(eta):
    _, norms = after(20, norm=True, eta=eta)
    assert norms[0] < 100 * norms[-1]


def test_a_branch_that_starts_at_zero_is_the_identity_and_still_learns():
    losses, norms = after(20, skip=True, scale=0, eta=0.03)
    _, first = after(0, skip=True, scale=0)
    assert (first[::2] == 0).all() and (first[1::2] > 0.01).all()
    assert (norms > 0).all() and losses[-1] < 1.2
    assert np.isclose(losses[0], after(0, depth=2, skip=True, scale=0)[0][0], rtol=0.2)


SCREEN = engine.Screen(EXPLORERS["highway"])


def reaches(**state):
    return reached_at(**{**EXPLORERS["highway"].start, "steps": 20, **state})


@cache
def reached_at(**state):
    return SCREEN.scene.update(**state).reached


# What the lab says under "What you should have found": the rates that reach a goal, by the scale of the branches.
BARE = {0.2: {0.03}, 0.1: {0.03, 0.1}, 0: {0.03}}
BOTH = {1: {0.3, 1}, 0.5: {0.1, 0.3, 1}, 0.2: {0.1, 0.3, 1}, 0.1: {0.03, 0.1, 0.3, 1}, 0: {0.03, 0.1, 0.3, 1}}


@pytest.mark.parametrize("skip, norm", [("off", "off"), ("on", "off"), ("off", "on"), ("on", "on")])
@pytest.mark.parametrize("scale", SCALES)
def test_which_rates_reach_the_last_two_goals(skip, norm, scale):
    reached = {eta: reaches(skip=skip, norm=norm, eta=eta, scale=scale) for eta in ETAS}
    trained_bare, trained = ({eta for eta in ETAS if reached[eta][goal]} for goal in (2, 3))
    assert trained_bare == (BARE.get(scale, set()) if (skip, norm) == ("on", "off") else set())
    assert trained == (BOTH[scale] if (skip, norm) == ("on", "on") else set())


def test_which_rates_reach_the_first_two_goals():
    for scale in SCALES:
        plain = {eta for eta in ETAS if reaches(eta=eta, scale=scale)[0]}
        assert plain == ({0.01, 0.03, 0.1, 0.3} if scale == 1 else set())
        for norm in ("off", "on"):
            assert reaches(skip="on", norm=norm, scale=scale)[1] is (scale == 1 and norm == "off")


def test_the_scales_grow_to_the_right():
    assert list(SCALES) == sorted(SCALES)


@pytest.mark.parametrize("state", [{"depth": 20}, {"depth": 100}, {"steps": 19}])
def test_the_goals_are_for_50_layers_and_20_steps(state):
    assert not any(reaches(norm="on", skip="on", eta=0.3, scale=0.1, **state))


def test_a_skip_that_hands_nothing_on_shows():
    def forgetful(branch):
        def block(A):
            F, pull = branch(A)
            return A + F, pull

        return block

    explorer = resnets.highway(*functions(residual=forgetful))
    state = {**explorer.start, "skip": "on", "scale": 0.1}
    wrong, right = (engine.Screen(each).show(state).reading.words for each in (explorer, EXPLORERS["highway"]))
    assert wrong.split("layer 50")[0] != right.split("layer 50")[0]


def test_layers_beyond_the_axis_become_triangles():
    explorer = EXPLORERS["highway"]
    screen = engine.Screen(explorer)

    def drawn(**state):
        screen.show({**explorer.start, **state})
        return [len(artist.get_xdata()) for artist in screen.scene.moving[:6]]

    assert drawn() == [25, 0, 0] * 2
    assert drawn(scale=0.1) == [0, 0, 25] * 2
    assert drawn(skip="on", scale=0) == [0, 0, 25, 25, 0, 0]
    assert drawn(depth=2) == [1, 0, 0] * 2
    legend = screen.scene.figure.axes[0].get_legend()
    assert "0, or beyond the axis" in [text.get_text() for text in legend.get_texts()]


def test_gradients_of_0_are_told_as_such():
    explorer = EXPLORERS["highway"]
    screen = engine.Screen(explorer)
    told = [
        screen.show({**explorer.start, "skip": skip, "scale": scale}).reading.words.split("; ")[1]
        for skip, scale in (("off", 0), ("on", 0), ("on", 0.1))
    ]
    assert told[:2] == ["all dW are 0.", "some dW are 0."] and told[2].startswith("largest over smallest")


@pytest.mark.filterwarnings("error")
def test_a_training_that_breaks_is_told():
    panel = engine.Panel(EXPLORERS["highway"])
    move(panel, {"skip": "on", "steps": 20, "eta": 1})
    assert "loss nan (not a number)" in panel.words.value
    *_, broken = panel.screen.scene.moving
    assert "no dW is a number" in broken.get_text()
    move(panel, {"steps": 0})
    assert broken.get_text() == ""


def test_a_chain_without_its_gradients_is_named(capsys):
    def without(blocks):
        def block(A):
            output, pullback = chain(blocks)(A)
            return output, lambda d: (pullback(d)[0], [])

        return block

    labkit.explorers.explore_highway(*functions(chain=named("chain", without)))
    said = capsys.readouterr().out
    assert said.startswith("the pullback of the block of chain should return") and said.count("\n") == 1


def test_the_bench_holds_no_answer():
    source = inspect.getsource(resnets)
    assert "import dnnlib" not in source and "from dnnlib" not in source
    assert "- self.eta" not in source and ".T @" not in source
