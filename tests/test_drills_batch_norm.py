"""Batch norm: the drills' answers against dnnlib."""

import numpy as np
from drill_answers import SEEDS, compare, each_of, variants

from dnnlib.batch_norm import batch_norm, batch_norm_block, batch_norm_inference, batch_statistics, update_running
from dnnlib.layers import linear, parameter_shapes
from labkit.drills.families import batch_norm as drills


def rows(*each) -> np.ndarray:
    return np.array(each, float)


def number(x) -> np.ndarray:
    return np.array([[float(x)]])


def one_output(z, eps, gamma, beta, place):
    return (batch_norm(rows(z), number(gamma), number(beta), eps)[0, place - 1],)


def linear_before(x, w, b, gamma, beta, place):
    return tuple(
        batch_norm(linear(number(w), number(bias), rows(x)), number(gamma), number(beta), 0)[0, place - 1]
        for bias in (b, b + 10)
    )


def which_axis(Z, gamma, beta, eps, place):
    return (batch_norm(rows(*Z), rows(gamma).T, rows(beta).T, eps)[0, place - 1],)


def backward_sums(z, eps, gamma, d):
    _, dgamma, dbeta = batch_norm_block(rows(z), number(gamma), number(0), eps)[1](rows(d))
    return dgamma.item(), dbeta.item()


def undo(z, eps):
    """Fitted: the gamma and beta that give z back."""
    z_hat = batch_norm(rows(z), number(1), number(0), eps)[0]
    (gamma, beta), *_ = np.linalg.lstsq(np.stack([z_hat, np.ones(4)], axis=1), np.array(z, float), rcond=None)
    np.testing.assert_allclose(batch_norm(rows(z), number(gamma), number(beta), eps), rows(z), atol=1e-9)
    return gamma, beta


def running_steps(rho, start, batches):
    running = number(start)
    for each in batches:
        running = update_running(running, number(each), float(rho))
    return (running.item(),)


def one_example(gamma, beta, eps, mu, var, batch_mu, batch_var, z):
    return (batch_norm_inference(number(z), number(gamma), number(beta), number(mu), number(var), eps).item(),)


def update_then_use(rho, mean, var, z, gamma, beta):
    mu, var = (update_running(number(old), number(batch), float(rho)) for old, batch in (mean, var))
    return (batch_norm_inference(number(z), number(gamma), number(beta), mu, var, 0).item(),)


def what_is_kept(k, n, m):
    ((W, b),) = parameter_shapes([k, n])
    gamma, beta = np.ones(b), np.zeros(b)
    kept = batch_statistics(np.zeros((n, m)))
    return np.prod(W) + gamma.size + beta.size, sum(each.size for each in kept)


ORACLES = {
    ("batch_norm_training", "one_output"): one_output,
    ("batch_norm_training", "linear_before"): linear_before,
    ("batch_norm_training", "which_axis"): which_axis,
    ("batch_norm_training", "backward_sums"): backward_sums,
    ("batch_norm_training", "undo"): undo,
    ("batch_norm_inference", "running_steps"): running_steps,
    ("batch_norm_inference", "one_example"): one_example,
    ("batch_norm_inference", "update_then_use"): update_then_use,
    ("batch_norm_inference", "what_is_kept"): what_is_kept,
}


def test_every_variant_has_an_oracle():
    assert {(family.name, variant) for family, variant in variants(drills)} == set(ORACLES)
    assert {family.topic for family in drills.FAMILIES} == {"batch_norm"}


@each_of(drills)
def test_answers_agree_with_dnnlib(family, variant):
    for seed in SEEDS:
        question = family.draw(seed, variant)
        compare(question, ORACLES[family.name, variant](**question.given), seed)


def test_both_signs_of_w_come_up():
    """Half the trap of linear_before is a negative w."""
    negative = sum(drills.FAMILIES[0].draw(seed, "linear_before").given["w"] < 0 for seed in SEEDS)
    assert 0.3 * len(SEEDS) < negative < 0.7 * len(SEEDS)
