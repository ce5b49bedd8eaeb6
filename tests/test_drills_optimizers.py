"""Steps of optimizers by hand: the drills' answers against dnnlib."""

import re
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from drill_answers import SEEDS, each_of, variants

from dnnlib.backprop import linear_backward, mse_delta
from dnnlib.gradient_check import numerical_gradient
from dnnlib.optimizers import (
    adam_step,
    averaged_momentum_step,
    momentum_step,
    sgd_step,
    step_decay,
    warmup_cosine,
)
from dnnlib.training import minibatches
from labkit.drills.families import optimizers

VARIANTS = variants(optimizers)
every_variant = each_of(optimizers)


def array(numbers) -> np.ndarray:
    return np.array(numbers, float)


def per_epoch(m, size) -> int:
    return len(minibatches(m, size, np.random.default_rng(0)))


# --- sgd --------------------------------------------------------------------------------------------------------------


def updates(m, size, epochs):
    batches = minibatches(m, size, np.random.default_rng(0))
    return epochs * len(batches), len(batches[-1])


def where(m, size, updates):
    complete = 0
    while updates >= per_epoch(m, size):
        complete, updates = complete + 1, updates - per_epoch(m, size)
    return complete, updates


def parabola(a, low, eta, start, n):
    theta = array([start])
    for _ in range(n):
        theta = sgd_step(theta, numerical_gradient(lambda t: float(a * (t[0] - low) ** 2), theta), float(eta))
    return theta


def valley(steep, flat, u, v, n):
    """The rate that meets the minimum is the inverse of the slope of u's gradient."""
    eta, point = 1 / steep, array([u, v])
    for step in range(n):
        point = sgd_step(point, array([steep, flat]) * point, eta)
        assert step or abs(point[0]) < 1e-12
    return eta, point[1]


def largest_rate(p, q, u, v):
    """2 over the largest eigenvalue of the Hessian, and a run on either side."""
    eta = 2 / np.linalg.eigvalsh(np.diag([2.0 * p, 2.0 * q])).max()
    for share, ends in ((0.95, np.less), (1.05, np.greater)):
        point = array([u, v])
        for _ in range(200):
            point = sgd_step(point, array([2 * p, 2 * q]) * point, share * eta)
        assert ends(np.abs(point).max(), 5) if share > 1 else ends(np.abs(point * [p > q, q > p]).max(), 0.01)
    return (eta,)


def two_minibatches(w, eta, x, y):
    W, X, Y = array([[w]]), array([x]), array([y])
    for part in (slice(0, 2), slice(2, 4)):
        dW = linear_backward(W, X[:, part], mse_delta(W @ X[:, part], Y[:, part]))[0]
        W = sgd_step(W, dW, float(eta))
    return W.ravel()


# --- momentum ---------------------------------------------------------------------------------------------------------


def run(step, g, eta, mu, theta=0.0):
    theta, v = array(theta), np.zeros(())
    for each in g:
        theta, v = step(theta, array(each), v, float(eta), float(mu))
    return theta, v


def velocity(mu, eta, g):
    return (run(momentum_step, g, eta, mu)[1],)


def averaged(mu, eta, theta, g):
    return (run(averaged_momentum_step, g, eta, mu, theta)[0],)


def two_forms(mu, eta, v):
    """Gradients that bring the averaged form to this v, and the rate with which the other form walks the same path."""
    g = np.random.default_rng(0).normal(size=3)
    g *= float(v) / run(averaged_momentum_step, g, eta, mu)[1]
    theta, reached = run(averaged_momentum_step, g, eta, mu)
    assert np.isclose(reached, v)
    eta = theta / run(momentum_step, g, 1, mu)[0]
    other_theta, other_v = run(momentum_step, g, eta, mu)
    assert np.isclose(theta, other_theta)
    return eta, other_v


def find_rate(mu, g, start, end):
    """The path is proportional to the rate."""
    return ((float(end) - start) / run(momentum_step, g, 1, mu)[0],)


def momentum_on_parabola(slope, mu, eta, theta):
    theta, v = array(theta), np.zeros(())
    for _ in range(3):
        theta, v = momentum_step(theta, slope * theta, v, float(eta), float(mu))
    return (theta,)


# --- adam -------------------------------------------------------------------------------------------------------------


def adam_run(g, eta, beta1, beta2, theta=0.0, first=1):
    """t counts from first: at a large t, nothing is corrected."""
    theta, m, v = array(theta), np.zeros(np.shape(theta)), np.zeros(np.shape(theta))
    for t, each in enumerate(g, first):
        theta, m, v = adam_step(theta, array(each), m, v, t, float(eta), float(beta1), float(beta2), eps=0)
    return theta, m, v


def first_step(beta1, beta2, eta, theta, g):
    return adam_run([g], eta, beta1, beta2, theta)[0]


def uncorrected(beta1, beta2, eta, g):
    return (abs(adam_run([g], eta, beta1, beta2, first=10**9)[0]) / float(eta),)


def two_steps(beta1, beta2, eta, theta, g):
    return (adam_run(g, eta, beta1, beta2, theta)[0],)


def moments(beta1, beta2, g):
    """The corrected ones are weighted means: the older gradient counts beta times the newer."""
    _, m, v = adam_run(g, 1, beta1, beta2)
    g = array(g)
    return m, v, np.average(g, weights=[float(beta1), 1]), np.average(g**2, weights=[float(beta2), 1])


def read_back(beta1, m, v):
    """Tried: which gradient gives this state?"""
    found = []
    for g in range(-20, 21):
        if g and 0 < float(v) / g**2 < 1:
            left = float(v) / g**2
            _, m1, v1 = adam_run([g], 1, beta1, 1 - left)
            if np.isclose(m1, float(m)) and np.isclose(v1, float(v)):
                found.append((g, left))
    assert len(found) == 1
    return found[0]


# --- schedules --------------------------------------------------------------------------------------------------------


def decay(eta, share, every, t):
    return (step_decay(t, float(eta), float(share), every),)


def two_rates(eta, w, T, early, late):
    assert early < w < late < T
    return tuple(warmup_cosine(t, T, float(eta), w) for t in (early, late))


def when(eta, w, T, rate):
    found = [t for t in range(w, T + 1) if np.isclose(warmup_cosine(t, T, float(eta), w), float(rate), rtol=1e-9)]
    assert len(found) == 1
    return tuple(found)


def decay_by_epochs(m, size, every, eta, t):
    return (step_decay(t, float(eta), 0.5, every * per_epoch(m, size)),)


ORACLES = {
    "sgd": {
        "updates": updates, "where": where, "parabola": parabola, "valley": valley, "largest_rate": largest_rate,
        "minibatches": two_minibatches,
    },
    "momentum": {
        "velocity": velocity, "averaged": averaged, "two_forms": two_forms, "find_rate": find_rate,
        "parabola": momentum_on_parabola,
    },
    "adam": {
        "first_step": first_step, "uncorrected": uncorrected, "two_steps": two_steps, "moments": moments,
        "read_back": read_back,
    },
    "schedules": {"step_decay": decay, "warmup_cosine": two_rates, "when": when, "epochs": decay_by_epochs},
}  # fmt: skip


def test_every_variant_has_an_oracle():
    assert {family.name: list(family.variants) for family in optimizers.FAMILIES} == {
        name: list(oracles) for name, oracles in ORACLES.items()
    }


@every_variant
def test_answers_agree_with_dnnlib(family, variant):
    close = 1e-6 if (family.name, variant) == ("sgd", "parabola") else 1e-9  # central differences
    for seed in SEEDS:
        question = family.draw(seed, variant)
        wanted = array(ORACLES[family.name][variant](**question.given))
        assert np.allclose(array(question.answer), wanted, rtol=close, atol=close), (seed, question.answer, wanted)


# --- what is said -----------------------------------------------------------------------------------------------------


def numbers_in(latex: str) -> set:
    """The sizes of the numbers in a text."""
    fractions = {Fraction(*map(int, pair)) for pair in re.findall(r"\\tfrac\{(\d+)\}\{(\d+)\}", latex)}
    rest = re.sub(r"\\tfrac\{\d+\}\{\d+\}", " ", latex).replace(" two ", " 2 ").replace(" three ", " 3 ")
    return fractions | {Fraction(x) for x in re.findall(r"\d+(?:\.\d+)?", rest)}


def flat(given) -> list:
    if isinstance(given, list | tuple):
        return [number for each in given for number in flat(each)]
    return [abs(Fraction(given))]


@every_variant
def test_a_statement_says_its_numbers(family, variant):
    """A coefficient of 1 is not written; a parabola's slope is said by its formula."""
    for seed in range(200):
        question = family.draw(seed, variant)
        given = {name: value for name, value in question.given.items() if name != "slope"}
        missing = set(flat(list(given.values()))) - numbers_in(question.statement) - {1}
        assert not missing, (seed, missing, question.statement)


@pytest.mark.parametrize("seed", range(50))
def test_a_parabola_is_said_with_its_slope(seed):
    family = next(family for family in optimizers.FAMILIES if family.name == "momentum")
    question = family.draw(seed, "parabola")
    said = re.search(r"J\(\\theta\) = (.*?)\\theta\^2", question.statement)[1]
    assert {r"\tfrac{1}{2}": 1, "": 2, "2": 4}[said] == question.given["slope"]


def test_the_course_form_is_asked_for_and_the_averaged_one_too():
    """Every question of momentum says its form."""
    family = next(family for family in optimizers.FAMILIES if family.name == "momentum")
    for variant in family.variants:
        forms = Counter()
        for seed in range(20):
            statement = family.draw(seed, variant).statement
            forms["course"] += optimizers.momentum.COURSE in statement
            forms["averaged"] += optimizers.momentum.AVERAGED in statement
        wanted = {"averaged": (0, 20), "two_forms": (20, 20)}.get(variant, (20, 0))
        assert (forms["course"], forms["averaged"]) == wanted
