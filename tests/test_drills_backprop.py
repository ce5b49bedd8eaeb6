"""Backpropagation by hand: the drills' answers against dnnlib."""

import re
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from drill_answers import SEEDS, each_of, variants

from dnnlib.activations import identity, relu, sigmoid, tanh
from dnnlib.backprop import (
    SLOPES,
    backward,
    bce_delta,
    cross_entropy_delta,
    linear_backward,
    mse_delta,
    relu_slope,
    sigmoid_slope,
    tanh_slope,
)
from dnnlib.layers import forward
from dnnlib.rectifiers import leaky_relu_slope
from labkit.drills.families import backprop
from labkit.drills.typeset import matrix

VARIANTS = variants(backprop)
every_variant = each_of(backprop)
PHI = {"sigmoid": sigmoid, "tanh": tanh}


def array(numbers) -> np.ndarray:
    return np.array(numbers, float)


def as_column(numbers) -> np.ndarray:
    return array(numbers).reshape(-1, 1)


def z_of(phi, a) -> np.ndarray:
    """The z at which an activation has these values."""
    a = array(a)
    return np.log(a / (1 - a)) if phi == "sigmoid" else np.arctanh(a)


# --- output_delta -----------------------------------------------------------------------------------------------------


def softmax_column(powers, label, m):
    O = np.tile(np.log(as_column(powers)), (1, m))
    return cross_entropy_delta(O, np.full(m, label))[:, -1]


def label_and_probability(delta, m):
    """Tried: which labels and probabilities give this delta?"""
    found = []
    for label in range(3):
        p = m * array(delta) + np.eye(3)[label]
        if (p > 0).all() and np.allclose(softmax_column(p, label, m), array(delta)):
            found.append((label, p[label]))
    assert len(found) == 1
    return found[0]


def squared_error(y_hat, y, m):
    return mse_delta(np.tile(as_column(y_hat), (1, m)), np.tile(as_column(y), (1, m)))[:, 0]


def through_activation(phi, y_hat, y, m):
    Z = np.full((1, m), z_of(phi, y_hat))
    return (mse_delta(PHI[phi](Z), np.full((1, m), float(y))) * SLOPES[PHI[phi]](Z))[0, :1]


def bce(powers, signs, y):
    return bce_delta((np.log(array(powers)) * array(signs))[None], array(y)[None])[0]


# --- slopes -----------------------------------------------------------------------------------------------------------


def from_values(**given):
    return (
        sigmoid_slope(z_of("sigmoid", given["sigmoid"])), tanh_slope(z_of("tanh", given["tanh"])),
        relu_slope(array(given["relu"])),
    )  # fmt: skip


def from_z(phi, k, sign, upstream):
    return (upstream * SLOPES[PHI[phi]](array(sign * np.log(k))),)


def relu_gates(z, upstream):
    return array(upstream) * relu_slope(array(z))


def leaky_gates(alpha, a, upstream):
    a, alpha = array(a), float(alpha)
    return array(upstream) * leaky_relu_slope(np.where(a > 0, a, a / alpha), alpha)


def chain(kinds, values, w, delta3):
    layers, a = [], 1.0
    for weight, kind, value in zip(w, kinds, values):
        b = z_of(kind, value) - weight * a
        layers.append((array([[weight]]), b.reshape(1, 1), PHI[kind]))
        a = float(value)
    layers.append((array([[w[2]]]), np.zeros((1, 1)), identity))
    Z, A = forward(layers, np.ones((1, 1)))
    return backward(layers, Z, A, array([[delta3]]), SLOPES)[0][1].ravel()


SLOPES_NAMED = {
    "sigmoid": sigmoid_slope, "tanh": tanh_slope, "ReLU": relu_slope, "leaky ReLU": lambda Z: leaky_relu_slope(Z, 0.1),
}  # fmt: skip
EVERYWHERE = np.linspace(-8, 8, 160_001)
REACHED = {name: slope(EVERYWHERE) for name, slope in SLOPES_NAMED.items()}


def impossible_slope(names, numbers):
    off = [np.abs(REACHED[name] - number).min() for name, number in zip(names, numbers)]
    assert sorted(off)[2] < 1e-3 < 0.04 < max(off)
    return (int(np.argmax(off)),)


# --- linear_pattern ---------------------------------------------------------------------------------------------------


def layer_weights(W, x, delta):
    return linear_backward(array(W), as_column(x), as_column(delta))[0].ravel()


def layer_input(W, x, delta):
    return linear_backward(array(W), as_column(x), as_column(delta))[2].ravel()


def layer_batch(A, delta):
    dW, db, _ = linear_backward(np.zeros((2, 2)), array(A), array(delta))
    return *dW.ravel(), *db.ravel()


def layer_impossible(x, options):
    """Tried: for which of them is there a delta?"""
    x, bad = as_column(x), []
    for place, option in enumerate(map(array, options)):
        delta = option @ x / (x.T @ x)
        if not np.allclose(linear_backward(option, x, delta)[0], option):
            bad.append(place)
    assert len(bad) == 1
    return tuple(bad)


def layer_shapes(k, n, m):
    dW, _, dA = linear_backward(np.zeros((n, k)), np.zeros((k, m)), np.zeros((n, m)))
    return *dW.shape, *dA.shape


# --- backward_221 and backward_232 ------------------------------------------------------------------------------------


def gradients_221(W1, b1, x, w2, b2, y):
    layers = [(array(W1), as_column(b1), relu), (array([w2]), array([[b2]]), identity)]
    Z, A = forward(layers, as_column(x))
    (dW1, db1), (dW2, db2) = backward(layers, Z, A, mse_delta(A[-1], array([[y]])), SLOPES)
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2, "dx": layers[0][0].T @ db1}


def of_221(*names):
    return lambda **given: np.concatenate([gradients_221(**given)[name].ravel() for name in names])


def classifier_221(phi, a, w2, x, y_hat, y):
    """With a first layer that gives these values, and an output bias that gives this output."""
    a = as_column(a)
    W1, W2 = np.ones((2, 2)), array([w2])
    b1, b2 = z_of(phi, a) - W1 @ as_column(x), z_of("sigmoid", [[y_hat]]) - W2 @ a
    layers = [(W1, b1, PHI[phi]), (W2, b2, identity)]
    Z, A = forward(layers, as_column(x))
    return backward(layers, Z, A, bce_delta(A[-1], array([[y]])), SLOPES)[0][1].ravel()


def which_gradient(names, zero, **net):
    gradients, wanted = gradients_221(**net), []
    for place, name in enumerate(names):
        which, l, at = re.fullmatch(r"d([Wb])\^\{\[(\d)\]\}(?:_\{(\d+)\})?", name).groups()
        found = gradients[f"d{which}{l}"]
        index = [int(digit) - 1 for digit in at or "1"]
        if len(index) == 2:
            number = found[tuple(index)]
        else:
            number = found.ravel()[index[0]]
        if (number == 0) == zero:
            wanted.append(place)
    assert len(wanted) == 1
    return tuple(wanted)


def softmax_232(W1, b1, x, W2, y_hat, y):
    a = np.maximum(0, array(W1) @ as_column(x) + as_column(b1))
    b2 = np.log(as_column(y_hat)) - array(W2) @ a
    layers = [(array(W1), as_column(b1), relu), (array(W2), b2, identity)]
    Z, A = forward(layers, as_column(x))
    return backward(layers, Z, A, cross_entropy_delta(A[-1], np.array([y.index(1)])), SLOPES)[0][1].ravel()


def squared_error_232(W1, W2, z, y_hat, y):
    x, W1, W2 = np.ones((2, 1)), array(W1), array(W2)
    b2 = as_column(y_hat) - W2 @ np.maximum(0, as_column(z))
    layers = [(W1, as_column(z) - W1 @ x, relu), (W2, b2, identity)]
    Z, A = forward(layers, x)
    delta1 = backward(layers, Z, A, mse_delta(A[-1], as_column(y)), SLOPES)[0][1]
    return *delta1.ravel(), *linear_backward(W1, x, delta1)[2].ravel()


def batch_output(A, Y_hat, Y):
    dW, db, _ = linear_backward(np.zeros((2, 3)), array(A), mse_delta(array(Y_hat), array(Y)))
    return *db.ravel(), *dW[0]


def batch_hidden(Z, W2, Y_hat, Y):
    delta2 = cross_entropy_delta(np.log(array(Y_hat)), np.argmax(Y, axis=0))
    dA = linear_backward(array(W2), relu(array(Z)), delta2)[2]
    return linear_backward(np.zeros((3, 2)), np.zeros((2, 2)), dA * relu_slope(array(Z)))[1].ravel()


def read_gradients(delta, dW, y):
    """By least squares; the values found give these gradients."""
    a = np.linalg.lstsq(as_column(delta), array(dW), rcond=None)[0].T
    y_hat = as_column(y) + as_column(delta) / 2
    assert np.allclose(mse_delta(y_hat, as_column(y)), as_column(delta))
    assert np.allclose(linear_backward(np.zeros((2, 3)), a, as_column(delta))[0], array(dW))
    return *a.ravel(), *y_hat.ravel()


ORACLES = {
    "output_delta": {
        "softmax": softmax_column, "softmax_read_back": label_and_probability, "squared_error": squared_error,
        "through_activation": through_activation, "bce": bce,
    },
    "slopes": {
        "from_values": from_values, "from_z": from_z, "relu": relu_gates, "leaky_relu": leaky_gates, "chain": chain,
        "impossible": impossible_slope,
    },
    "linear_pattern": {
        "one_example": layer_weights, "input": layer_input, "batch": layer_batch, "impossible": layer_impossible,
        "shapes": layer_shapes,
    },
    "backward_221": {
        "both_open": of_221("dW1"), "closed_gate": of_221("db1", "dW2"), "input": of_221("dx"),
        "classifier": classifier_221, "which_gradient": which_gradient,
    },
    "backward_232": {
        "softmax": softmax_232, "squared_error": squared_error_232, "batch_output": batch_output,
        "batch_hidden": batch_hidden, "read_gradients": read_gradients,
    },
}  # fmt: skip


def test_every_variant_has_an_oracle():
    assert {family.name: list(family.variants) for family in backprop.FAMILIES} == {
        name: list(oracles) for name, oracles in ORACLES.items()
    }


@every_variant
def test_answers_agree_with_dnnlib(family, variant):
    for seed in SEEDS:
        question = family.draw(seed, variant)
        wanted = np.array(ORACLES[family.name][variant](**question.given), float)
        assert np.allclose(array(question.answer), wanted, rtol=1e-9, atol=1e-9), (seed, question.answer, wanted)


# --- what is said -----------------------------------------------------------------------------------------------------


def numbers_in(latex: str) -> Counter:
    """The sizes of the numbers in a text, the layers' own numbers left out."""
    latex = re.sub(r"\^\{\[\d\]\}", "", latex)
    latex = re.sub(r"_\d|_\{\d+\}", "", latex)
    fractions = re.findall(r"\\tfrac\{(\d+)\}\{(\d+)\}", latex)
    rest = re.sub(r"\\tfrac\{\d+\}\{\d+\}", " ", latex)
    found = [Fraction(*map(int, pair)) for pair in fractions] + [
        Fraction(x) for x in re.findall(r"\d+(?:\.\d+)?", rest)
    ]
    return Counter(found)


def flat(given) -> list:
    if isinstance(given, list | tuple):
        return [number for each in given for number in flat(each)]
    return [abs(Fraction(str(given)))] if not isinstance(given, str | bool) else []


def to_be_said(given: dict) -> Counter:
    """Logits are said by their powers, ln 1 as 0; options and signs stand elsewhere."""
    given = {name: value for name, value in given.items() if name not in ("names", "options", "signs", "sign")}
    powers = [k if k > 1 else 0 for k in given.pop("powers", [])]
    return Counter(flat([*given.values(), powers]))


@every_variant
def test_a_statement_says_its_numbers(family, variant):
    for seed in range(200):
        question = family.draw(seed, variant)
        said = numbers_in(question.statement)
        said[Fraction(1)] += question.statement.count("single example")
        missing = to_be_said(question.given) - said
        assert not missing, (seed, missing, question.statement)
        for name, value in question.given.items():
            if name != "options" and isinstance(value, list) and isinstance(value[0], list):
                assert matrix(value) in question.statement, (seed, name)


@pytest.mark.parametrize("variant", ["both_open", "closed_gate", "input", "which_gradient"])
def test_no_unit_sits_at_the_kink_and_the_loss_is_not_0(variant):
    family = next(family for family in backprop.FAMILIES if family.name == "backward_221")
    gates = Counter()
    for seed in SEEDS:
        net = family.draw(seed, variant).given
        z = array(net["W1"]) @ array(net["x"]) + array(net["b1"])
        y_hat = array(net["w2"]) @ np.maximum(0, z) + net["b2"]
        assert (z != 0).all() and y_hat != net["y"]
        gates[int((z > 0).sum())] += 1
    assert set(gates) == {"both_open": {2}, "closed_gate": {1}, "input": {1, 2}, "which_gradient": {1}}[variant]
