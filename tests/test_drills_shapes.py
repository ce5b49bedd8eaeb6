"""Shapes, parameter counts and forward passes: the drills' answers against dnnlib."""

import re
from collections import Counter

import numpy as np
import pytest
from drill_answers import SEEDS, each_of, matrices, same_answer, variants

from dnnlib.activations import identity, relu, sigmoid
from dnnlib.backprop import backward, relu_slope
from dnnlib.layers import count_parameters, forward, linear, parameter_shapes
from labkit.drills.families import shapes

VARIANTS = variants(shapes)
every_variant = each_of(shapes)


def as_column(numbers) -> np.ndarray:
    return np.array(numbers, float).reshape(-1, 1)


def a_net(sizes, m, phi=relu):
    """Zeros of the right shapes: the lists of forward, and the gradients."""
    layers = [(np.zeros(W), np.zeros(b), phi) for W, b in parameter_shapes(sizes)]
    Z, A = forward(layers, np.zeros((sizes[0], m)))
    return layers, Z, A, backward(layers, Z, A, np.zeros(Z[-1].shape), {phi: relu_slope})


def width(n_in, n_out, total):
    return (next(n for n in range(1, 1000) if count_parameters([n_in, n, n_out]) == total),)


def growth(sizes, more):
    n_in, n, n_out = sizes
    return (count_parameters([n_in, n + more, n_out]) - count_parameters([n_in, n, n_out]),)


def image(high, wide, colours, hidden, classes):
    return (count_parameters([np.zeros((high, wide, colours)).size, hidden, classes]),)


def shapes_forward(sizes, m, l):
    layers, _, A, _ = a_net(sizes, m)
    W, b, _ = layers[l - 1]
    return *W.shape, *b.shape, *A[l].shape


def shapes_backward(sizes, m, l):
    _, Z, _, gradients = a_net(sizes, m)
    dW, db = gradients[l - 1]
    return *Z[l].shape, *dW.shape, *db.shape


def shapes_rows(k, n, m):
    A, W, b = np.zeros((k, m)), np.zeros((n, k)), np.zeros((n, 1))
    assert (A.T @ W.T + b.T).shape == linear(W, b, A).T.shape
    return *A.T.shape, *W.T.shape, *b.T.shape


def shapes_reverse(n_in, hidden, entries, m):
    n_out = next(n for n in range(1, 100) if parameter_shapes([n_in, hidden, n])[1][0] == (n, entries / n))
    _, Z, _, gradients = a_net([n_in, hidden, n_out], m)
    assert (Z[1].shape, gradients[0][0].shape, gradients[1][0].size) == ((hidden, m), (hidden, n_in), entries)
    return n_in, n_out, m


def shapes_impossible(sizes, m, claims):
    layers, Z, A, gradients = a_net(sizes, m)
    found = {}
    for l in (1, 2):
        (W, b, _), (dW, db) = layers[l - 1], gradients[l - 1]
        named = {"A": A[l], "W": W, "b": b, r"\delta": Z[l], "dW": dW, "db": db}
        found |= {f"{name}^{{[{l}]}}": array.shape for name, array in named.items()}
    false = [place for place, (name, shape) in enumerate(claims) if found[name] != shape]
    assert len(false) == 1
    return tuple(false)


def output(W, b, w, c, X, phi=relu, last=identity):
    layers = [(np.array(W, float), as_column(b), phi), (np.array([w], float), np.array([[c]], float), last)]
    return forward(layers, np.array(X, float))[1][-1]


def forward_one(W, b, w, c, x):
    return (output(W, b, w, c, as_column(x)).item(),)


def forward_batch(W, b, w, c, X):
    return tuple(output(W, b, w, c, X)[0])


def forward_sigmoid(W, bias, log, zero_first, w, c, x):
    b = [bias, np.log(float(log))]
    return (output(W, b if zero_first else b[::-1], w, c, as_column(x), sigmoid).item(),)


def forward_bias(W, b, w, x):
    answer = -output(W, b, w, 0, as_column(x)).item()
    assert output(W, b, w, answer, as_column(x), last=sigmoid) == 0.5
    return (answer,)


def forward_collapse(W, b, w, c):
    first, second, at_zero = output(W, b, w, c, [[1, 0, 0], [0, 1, 0]], phi=identity)[0]
    return first - at_zero, second - at_zero, at_zero


ORACLES = {
    ("parameter_counts", "total"): lambda sizes, m: (count_parameters(sizes),),
    ("parameter_counts", "width"): width,
    ("parameter_counts", "growth"): growth,
    ("parameter_counts", "image"): image,
    ("shapes", "forward"): shapes_forward,
    ("shapes", "backward"): shapes_backward,
    ("shapes", "rows"): shapes_rows,
    ("shapes", "reverse"): shapes_reverse,
    ("shapes", "impossible"): shapes_impossible,
    ("forward", "off"): forward_one,
    ("forward", "batch"): forward_batch,
    ("forward", "sigmoid"): forward_sigmoid,
    ("forward", "bias"): forward_bias,
    ("forward", "collapse"): forward_collapse,
}


def test_every_variant_has_an_oracle():
    assert {(family.name, variant) for family, variant in VARIANTS} == set(ORACLES)
    assert {family.topic for family in shapes.FAMILIES} == {"shapes"}


@every_variant
def test_answers_agree_with_dnnlib(family, variant):
    for seed in SEEDS:
        question = family.draw(seed, variant)
        same_answer(question, ORACLES[family.name, variant](**question.given), seed)


def whole(given) -> list[int]:
    """All whole numbers of a question's given, whatever they stand in."""
    if isinstance(given, str):
        return []
    return [abs(int(given))] if isinstance(given, int) else [n for each in given for n in whole(each)]


@pytest.mark.parametrize("family, variant", [each for each in VARIANTS if each[0].name != "forward"])
def test_a_statement_holds_the_numbers(family, variant):
    for seed in SEEDS:
        question = family.draw(seed, variant)
        text = " ".join((question.statement, *question.choices))
        said = Counter(int(n) for n in re.findall(r"\d+", text))
        assert not Counter(whole(question.given.values())) - said, (seed, text)


@pytest.mark.parametrize("variant", shapes.FAMILIES[2].variants)
def test_a_net_is_told_as_it_is(variant):
    for seed in SEEDS:
        question = shapes.FAMILIES[2].draw(seed, variant)
        given = dict(question.given)
        if variant == "sigmoid":
            b = [given["bias"], np.log(float(given["log"]))]
            given["b"] = b if given["zero_first"] else b[::-1]
        wanted = [given["W"], as_column(given["b"]), [given["w"]]]
        wanted += [as_column(given["x"])] if "x" in given else [given["X"]] if "X" in given else []
        found = matrices(question.statement)
        assert len(found) == len(wanted)
        for a, b in zip(found, wanted):
            np.testing.assert_allclose(a, b)
        assert "c" not in given or f"$b^{{[2]}} = {given['c']}$" in question.statement


@pytest.mark.parametrize("variant", ["off", "batch", "bias"])
def test_a_unit_is_dead_and_no_net(variant):
    for seed in SEEDS:
        given = shapes.FAMILIES[2].draw(seed, variant).given
        Z = linear(np.array(given["W"]), as_column(given["b"]), np.array(given.get("X") or as_column(given["x"])))
        assert (Z < 0).any() and (Z > 0).any(axis=0).all() and (Z != 0).all(), seed
