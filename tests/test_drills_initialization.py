"""Initialization: the drills' answers against dnnlib."""

from functools import cache
from itertools import product

import numpy as np
from drill_answers import SEEDS, compare, each_of, variants
from scipy.stats import norm

from dnnlib.activations import relu
from dnnlib.backprop import relu_slope
from dnnlib.initialization import glorot, he
from dnnlib.rectifiers import leaky_relu
from labkit.drills.families import initialization


class Spy:
    """An rng that only notes the standard deviation that it is asked for."""

    def normal(self, mean, scale, shape):
        assert mean == 0
        self.scale = scale
        return np.zeros(shape)


@cache
def scale_of(rule, shape) -> float:
    spy = Spy()
    rule(shape, spy)
    return spy.scale


NORMAL = norm.ppf((np.arange(20_000) + 0.5) / 20_000)
NORMAL /= np.sqrt((NORMAL**2).mean())  # many numbers with mean 0 and variance 1


def share_of(phi) -> float:
    """Of the squares of a normal z, the share that is left behind phi. Any scale of z gives the same."""
    return round(float((phi(NORMAL) ** 2).mean()), 9)


RELU, SLOPE = share_of(relu), share_of(relu_slope)


def fan_in(scale, n_out):
    fits = [n for n in range(1, 2000) if abs(scale_of(he, (n_out, n)) - float(scale)) < 1e-9]
    assert len(fits) == 1
    return tuple(fits)


def both_variances(sizes, layer):
    shape = (sizes[layer], sizes[layer - 1])
    return scale_of(he, shape) ** 2, scale_of(glorot, shape) ** 2


def variance_as_scale(n_in, n_out):
    got, wanted = (2 / n_in) ** 2, scale_of(he, (n_out, n_in)) ** 2
    return got, wanted / got


def one_sum(a, v):
    """Every weight is plus or minus the root of v: all cases, counted."""
    z = [np.dot(signs, a) * np.sqrt(float(v)) for signs in product((-1, 1), repeat=len(a))]
    return (np.var(z),)


def relu_depth(n, times, start, first, last):
    var = start
    for _ in range(first, last):
        var = n * (times / n) * var * RELU
    return (var,)


def two_layers(sizes, scale, square):
    v = float(scale) ** 2
    first = sizes[0] * v * square
    return first, sizes[1] * v * first * RELU


def way_back(before, after):
    v = scale_of(he, (after, before)) ** 2
    return before * v * RELU, after * v * SLOPE


def what_stays(n, alpha):
    return (1 / (n * share_of(lambda z: leaky_relu(z, float(alpha)))),)


ORACLES = {
    ("weight_variance", "he_scale"): lambda n_in, n_out: (scale_of(he, (n_out, n_in)),),
    ("weight_variance", "glorot_scale"): lambda n_in, n_out: (scale_of(glorot, (n_out, n_in)),),
    ("weight_variance", "both_variances"): both_variances,
    ("weight_variance", "fan_in"): fan_in,
    ("weight_variance", "variance_as_scale"): variance_as_scale,
    ("signal_through_layers", "one_sum"): one_sum,
    ("signal_through_layers", "relu_depth"): relu_depth,
    ("signal_through_layers", "two_layers"): two_layers,
    ("signal_through_layers", "way_back"): way_back,
    ("signal_through_layers", "what_stays"): what_stays,
}


def test_every_variant_has_an_oracle():
    assert {(family.name, variant) for family, variant in variants(initialization)} == set(ORACLES)
    assert {family.topic for family in initialization.FAMILIES} == {"initialization"}


@each_of(initialization)
def test_answers_agree_with_dnnlib(family, variant):
    for seed in SEEDS:
        question = family.draw(seed, variant)
        compare(question, ORACLES[family.name, variant](**question.given), seed)
