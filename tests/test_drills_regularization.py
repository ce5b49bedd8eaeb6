"""L2, dropout and early stopping: the drills' answers against dnnlib."""

from itertools import product

import numpy as np
from drill_answers import SEEDS, compare, each_of, variants

from dnnlib.activations import identity, relu
from dnnlib.backprop import relu_slope
from dnnlib.layers import linear
from dnnlib.optimizers import momentum_step
from dnnlib.regularization import add_l2, dropout, dropout_backward, early_stopping, l2_penalty
from labkit.drills.families import regularization


class Mask:
    """An rng that keeps what it is told to keep."""

    def __init__(self, kept):
        self.kept = np.array(kept, bool)

    def random(self, shape):
        return np.where(self.kept, 0.999, 0.0).reshape(shape)


def column(xs) -> np.ndarray:
    return np.array(xs, float).reshape(-1, 1)


def one_layer(W, b=(0,)):
    return [(np.array(W, float), column(b), identity)]


def next_z(w, b, A) -> float:
    return linear(np.array([w], float), column([b]), A).item()


def penalty(W1, b1, W2, b2, lam):
    return (l2_penalty([*one_layer(W1, b1), *one_layer(W2, b2)], float(lam)),)


def penalised_gradient(W, b, dW, db, lam):
    ((dW, db),) = add_l2([(np.array(dW, float), column([db]))], one_layer(W, [b]), float(lam))
    return *dW[0], db.item()


def step(w, g, lam, eta):
    """Momentum without memory is plain descent."""
    ((dW, _),) = add_l2([(np.array([[g]], float), column([0]))], one_layer([[w]]), float(lam))
    theta, _ = momentum_step(np.array([[w]], float), dW, np.zeros((1, 1)), float(eta), 0.0)
    return (theta.item(),)


def find_lambda(w, g, eta, after):
    """A step is linear in lambda: two steps show which lambda leads there."""
    (without,), (with_one,) = step(w, g, 0, eta), step(w, g, 1, eta)
    lam = (float(after) - without) / (with_one - without)
    assert np.isclose(step(w, g, lam, eta)[0], float(after), rtol=1e-12)
    return (lam,)


def decay_equivalent(d, eta, w, steps):
    """Lambda from one step of each kind with a gradient; then the penalty's own steps."""
    (lam,) = find_lambda(w, 3, eta, w - eta * 3 - eta * d * w)
    left = w
    for _ in range(steps):
        (left,) = step(left, 0, lam, eta)
    return lam, left


def training(a, w, b, p, dropped):
    out, kept = dropout(column(a), float(p), Mask([place not in dropped for place in range(1, len(a) + 1)]))
    assert [place + 1 for place in np.flatnonzero(~kept)] == dropped
    return (next_z(w, b, out),)


def inference(a, w, b, p):
    return (next_z(w, b, dropout(column(a), float(p), Mask([0] * len(a)), training=False)[0]),)


def backward(z, d, p, kept):
    """The formula, and the measured slope of sum(d out)."""
    z, d, p = column(z), column(d), float(p)
    dz = dropout_backward(d, column(kept).astype(bool), p) * relu_slope(z)
    for place in range(len(z)):
        h = np.zeros(z.shape)
        h[place] = 1e-4
        up, down = (float((d * dropout(relu(z + each), p, Mask(kept))[0]).sum()) for each in (h, -h))
        assert np.isclose((up - down) / 2e-4, dz[place, 0])
    return tuple(dz[:, 0])


def dropped_share(n, a, after):
    fits = [p / 60 for p in range(1, 60) if np.isclose(dropout(column([a]), p / 60, Mask([1]))[0].item(), float(after))]
    assert len(fits) == 1
    return fits[0], n * (1 - fits[0])


def expectation(a, w, b, p):
    """All masks, each with its probability."""
    inverted = plain = 0
    for kept in product((0, 1), repeat=len(a)):
        chance = np.prod([float(1 - p) if k else float(p) for k in kept])
        out, _ = dropout(column(a), float(p), Mask(kept))
        inverted += chance * next_z(w, b, out)
        plain += chance * next_z(w, b, column(a) * column(kept))
    return inverted, plain


def with_a_tie(losses, patience):
    best, last = early_stopping(losses, patience)
    assert losses.count(losses[best]) > 1
    return best, last + 1


def smallest_patience(losses):
    lowest = losses.index(min(losses))
    patience = next(k for k in range(1, 20) if early_stopping(losses, k)[0] == lowest)
    last = early_stopping(losses, patience)[1]
    assert last < len(losses) - 1
    return patience, last


ORACLES = {
    ("l2_step", "penalty"): penalty,
    ("l2_step", "penalised_gradient"): penalised_gradient,
    ("l2_step", "one_step"): step,
    ("l2_step", "decay_equivalent"): decay_equivalent,
    ("l2_step", "find_lambda"): find_lambda,
    ("dropout", "training"): training,
    ("dropout", "inference"): inference,
    ("dropout", "backward"): backward,
    ("dropout", "dropped_share"): dropped_share,
    ("dropout", "expectation"): expectation,
    ("early_stopping", "best_and_last"): early_stopping,
    ("early_stopping", "with_a_tie"): with_a_tie,
    ("early_stopping", "smallest_patience"): smallest_patience,
}


def test_every_variant_has_an_oracle():
    assert {(family.name, variant) for family, variant in variants(regularization)} == set(ORACLES)
    assert {family.topic for family in regularization.FAMILIES} == {"regularization"}


@each_of(regularization)
def test_answers_agree_with_dnnlib(family, variant):
    for seed in SEEDS:
        question = family.draw(seed, variant)
        compare(question, ORACLES[family.name, variant](**question.given), seed)


def test_stopping_has_no_tie_but_where_one_is_asked():
    for seed in SEEDS:
        for variant in ("best_and_last", "smallest_patience"):
            losses = regularization.FAMILIES[2].draw(seed, variant).given["losses"]
            assert len(set(losses)) == len(losses)
