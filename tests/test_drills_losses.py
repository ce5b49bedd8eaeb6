"""Values of losses: the drills' answers against dnnlib."""

import re
from fractions import Fraction

import numpy as np
import pytest
from drill_answers import SEEDS, each_of, matrices, same_answer, value, variants
from scipy.optimize import brentq

from dnnlib.activations import sigmoid
from dnnlib.losses import bce, bce_with_logits, cross_entropy, log_sum_exp, mse
from labkit.drills.families import losses

VARIANTS = variants(losses)
every_variant = each_of(losses)


def logs(numbers) -> np.ndarray:
    return np.log(np.array(numbers, float))


def logits_of(c, gap, shares) -> np.ndarray:
    return np.array([[c + np.log(float(e)) if e else c - gap] for e in shares])


def uniform(K, m, c, often):
    labels = np.arange(m) % K
    labels[:often] = 0
    return (cross_entropy(np.full((K, m), float(c)), labels),)


def logit(others, ratio):
    """Tried: which k makes the loss?"""
    ks = np.arange(1, 500)
    O = np.stack([*(np.full(len(ks), np.log(e)) for e in others), np.log(ks)])
    fits = ks[np.isclose(log_sum_exp(O) - O[-1], np.log(float(ratio)), rtol=1e-12)]
    assert len(fits) == 1
    return tuple(fits)


def negative(c, gap, shares):
    O = logits_of(c, gap, shares)
    assert (np.exp(O) == 0).all()
    return O.max(), log_sum_exp(O - O.max()).item()


def overflow(form, o, y):
    """Run in float64."""
    o = np.array(o, float)
    c = o.max()
    with np.errstate(all="ignore"):
        found = {
            "softmax": -np.log(np.exp(o[y]) / np.exp(o).sum()),
            "shifted": -np.log(np.exp(o[y] - c) / np.exp(o - c).sum()),
            "plain": np.log(np.exp(o).sum()) - o[y],
            "stable": c + np.log(np.exp(o - c).sum()) - o[y],
        }[form]
    right = cross_entropy(o[:, None], np.array([y]))
    results = [abs(found - right) < 1e-9, found == np.inf, found == -np.inf, np.isnan(found)]
    assert sum(results) == 1
    return (results.index(True),)


def conventions(n, m, value, told, asked):
    """Some errors that make the value told."""
    by = {
        "course": lambda E: mse(E, np.zeros(E.shape)),
        "half": lambda E: mse(E, np.zeros(E.shape)) / 2,
        "entries": lambda E: (E**2).mean(),
    }
    E = np.random.default_rng(n * m).normal(size=(n, m))
    return (by[asked](E * np.sqrt(float(value) / by[told](E))),)


def missing(m, known, loss):
    fits = [e for e in range(1, 100) if np.isclose(mse(np.array([[*known, e]], float), np.zeros((1, m))), loss)]
    assert len(fits) == 1
    return tuple(fits)


def scaled(k, r, m):
    E = np.random.default_rng(m).normal(size=(2, m))
    after = np.tile(k * E, r)
    nothing = np.zeros(after.shape)
    return mse(after, nothing) / mse(E, nothing[:, :m]), (after**2).sum() / (E**2).sum()


def large_logits(O, Y):
    return (bce_with_logits(np.array([O], float), np.array([Y])),)


def reverse(y, ratio):
    wanted, Y = np.log(float(ratio)), np.array([[y]])
    y_hat = brentq(lambda p: bce(np.array([[p]]), Y) - wanted, 1e-6, 1 - 1e-6, xtol=1e-14)
    o = brentq(lambda o: bce_with_logits(np.array([[o]]), Y) - wanted, -20, 20, xtol=1e-14)
    assert sigmoid(np.array(o)) == pytest.approx(y_hat)
    return y_hat, np.exp(o)


def of_probabilities(Y_hat, Y):
    return (bce(np.array([Y_hat], float), np.array([Y])),)


ORACLES = {
    ("cross_entropy_value", "one"): lambda powers, y: (cross_entropy(logs(powers)[:, None], np.array([y])),),
    ("cross_entropy_value", "batch"): lambda columns, labels: (cross_entropy(logs(columns).T, np.array(labels)),),
    ("cross_entropy_value", "uniform"): uniform,
    ("cross_entropy_value", "logit"): logit,
    ("log_sum_exp", "loss"): lambda y, **given: (cross_entropy(logits_of(**given), np.array([y])),),
    ("log_sum_exp", "negative"): negative,
    ("log_sum_exp", "overflow"): overflow,
    ("squared_error_value", "outputs"): lambda Y_hat, Y: (mse(np.array(Y_hat, float), np.array(Y, float)),),
    ("squared_error_value", "conventions"): conventions,
    ("squared_error_value", "missing"): missing,
    ("squared_error_value", "scaled"): scaled,
    ("bce_value", "probabilities"): of_probabilities,
    ("bce_value", "certain"): of_probabilities,
    ("bce_value", "logits"): lambda powers, Y: (bce_with_logits(logs([powers]), np.array([Y])),),
    ("bce_value", "large_logits"): large_logits,
    ("bce_value", "reverse"): reverse,
}


def test_every_variant_has_an_oracle():
    assert {(family.name, variant) for family, variant in VARIANTS} == set(ORACLES)
    assert {family.topic for family in losses.FAMILIES} == {"losses"}


@every_variant
def test_answers_agree_with_dnnlib(family, variant):
    for seed in SEEDS:
        question = family.draw(seed, variant)
        same_answer(question, ORACLES[family.name, variant](**question.given), seed)


def given_matrices(variant, given) -> list:
    """What the statement shows as matrices, in its order."""
    match variant:
        case "one":
            return [logs(given["powers"])[:, None]]
        case "batch":
            return [logs(given["columns"]).T]
        case "loss" | "negative":
            return [logits_of(given["c"], given["gap"], given["shares"])]
        case "outputs":
            return [given["Y_hat"], given["Y"]]
        case "probabilities" | "certain":
            return [np.array([given["Y_hat"]], float), [given["Y"]]]
        case "logits":
            return [logs([given["powers"]]), [given["Y"]]]
        case "large_logits":
            return [[given["O"]], [given["Y"]]]
    return []


@every_variant
def test_matrices_are_told_as_they_are(family, variant):
    for seed in SEEDS:
        question = family.draw(seed, variant)
        found, wanted = matrices(question.statement), given_matrices(variant, question.given)
        assert len(found) == len(wanted)
        for a, b in zip(found, wanted):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


TOLD = {  # the other given numbers: a pattern each, and what it must hold
    "one": (r"y = (\d)", lambda given: [given["y"]]),
    "batch": (r"y = \((\d),\\ (\d)\)", lambda given: given["labels"]),
    "uniform": (
        r"its (\d+) classes the logit (-?\d+),.* has (\d+) examples, (\d+) of",
        lambda given: [given[name] for name in ("K", "c", "m", "often")],
    ),
    "logit": (r"\$\\ln ([^$=]+) = [\d.]+\$", lambda given: [given["ratio"]]),
    "loss": (r"y = (\d)", lambda given: [given["y"]]),
    "overflow": (
        r"o = \((-?\d+),\\ (-?\d+),\\ (-?\d+)\)\$, the label is \$y = (\d)",
        lambda given: [*given["o"], given["y"]],
    ),
    "conventions": (
        r"n = (\d+)\$.*m = (\d+)\$ examples.* error \$([^$]+)\$",
        lambda given: [given[name] for name in ("n", "m", "value")],
    ),
    "missing": (r" = (\d+)\$ on a batch of (\d+) ", lambda given: [given["loss"], given["m"]]),
    "scaled": (
        r"of (\d+) examples every .* (\d+) times as large.* batch (\d+) times",
        lambda given: [given[name] for name in ("m", "k", "r")],
    ),
    "reverse": (r"y = (\d)\$.* \$\\ln ([^$=]+) = ", lambda given: [given["y"], given["ratio"]]),
}


@pytest.mark.parametrize("family, variant", [each for each in VARIANTS if each[1] in TOLD])
def test_a_statement_holds_the_numbers(family, variant):
    pattern, wanted = TOLD[variant]
    for seed in SEEDS:
        question = family.draw(seed, variant)
        said = re.search(pattern, question.statement)
        assert said, (seed, question.statement)
        assert [value(x) for x in said.groups()] == pytest.approx([float(x) for x in wanted(question.given)]), seed


def test_lists_are_told_as_they_are():
    cross_entropy_family, _, squared_error_family, _ = losses.FAMILIES
    for seed in SEEDS:
        question = cross_entropy_family.draw(seed, "logit")
        shown = re.search("logits (.*?)[.] ", question.statement)[1]
        assert [int(n) for n in re.findall(r"\d+", shown)] == question.given["others"]
        question = squared_error_family.draw(seed, "missing")
        shown = re.search(r"errors \$\\hat y - y\$ are (.*?)[.] ", question.statement)[1]
        assert [int(n) for n in re.findall(r"-?\d+", shown)] == question.given["known"]


@pytest.mark.parametrize("name, formula", losses.squared_error_value.CONVENTIONS.items())
def test_a_convention_is_told_by_its_formula(name, formula):
    family = losses.FAMILIES[2]
    for seed in SEEDS:
        question = family.draw(seed, "conventions")
        given, (reported, asked) = question.given, question.statement.split("What is")
        assert (formula in reported, formula in asked) == (given["told"] == name, given["asked"] == name)


def test_every_form_meets_every_scene():
    questions = [losses.FAMILIES[1].draw(seed, "overflow") for seed in SEEDS]
    assert {question.answer[0] for question in questions} == {0, 1, 2, 3}
    assert {question.given["form"] for question in questions} == set(losses.log_sum_exp.FORMS)
    for question in questions:
        assert losses.log_sum_exp.FORMS[question.given["form"]] in question.statement


def test_the_label_has_the_largest_logit_at_times():
    shares = [given["shares"][given["y"]] for given in (losses.FAMILIES[1].draw(seed, "loss").given for seed in SEEDS)]
    assert set(shares) == {1, Fraction(1, 2), Fraction(1, 4)}
