"""dnnlib.layers against sums written out number by number, and against the arrays of a real net."""

import itertools
import math

import numpy as np
import pytest
from scipy import special

from dnnlib.activations import identity, relu, sigmoid
from dnnlib.layers import count_parameters, forward, linear, parameter_shapes

SIZES = ([3, 5], [4, 3, 2], [784, 128, 10], [1, 1, 1], [20, 64, 32, 32, 16, 3])


def arrays(sizes, phis, seed=3, dtype=np.float64):
    rng = np.random.default_rng(seed)
    shapes = parameter_shapes(sizes)
    return [(*(rng.standard_normal(shape).astype(dtype) for shape in pair), phi) for pair, phi in zip(shapes, phis)]


def by_hand(W, b, A):
    """Z, each entry a sum of its own, rounded once."""
    return np.array(
        [[math.fsum([*(w * a for w, a in zip(row, column)), beta]) for column in A.T] for row, beta in zip(W, b[:, 0])]
    )


@pytest.mark.parametrize(("n", "k", "m"), [(3, 4, 5), (1, 6, 2), (6, 1, 3), (2, 3, 1), (4, 4, 4)])
def test_linear_is_a_sum_for_each_unit_and_example(n, k, m):
    rng = np.random.default_rng(n)
    W, b, A = rng.standard_normal((n, k)), rng.standard_normal((n, 1)), rng.standard_normal((k, m))
    np.testing.assert_allclose(linear(W, b, A), by_hand(W, b, A), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("W", "b", "A", "named"),
    [
        ((3, 4), (3, 1), (5, 2), ("(3, 4)", "(5, 2)")),
        ((3, 4), (3, 1), (2, 4), ("(3, 4)", "(2, 4)")),
        ((4, 3), (1, 4), (3, 4), ("(1, 4)", "(4, 3)")),
        ((4, 3), (4,), (3, 4), ("(4,)", "(4, 3)")),
        ((4, 3), (1, 1), (3, 2), ("(1, 1)", "(4, 3)")),
        ((4, 3), (4, 2), (3, 2), ("(4, 2)", "(4, 3)")),
    ],
)
def test_a_misfit_is_refused_with_both_shapes(W, b, A, named):
    with pytest.raises(ValueError) as error:
        linear(np.ones(W), np.ones(b), np.ones(A))
    assert all(shape in str(error.value) for shape in named)


def test_a_misfit_inside_a_net_is_refused():
    layers = arrays([4, 3, 2], [relu, identity])
    with pytest.raises(ValueError, match=r"\(3, 4\).*\(3, 5\)"):
        forward(layers, np.ones((3, 5)))


@pytest.mark.parametrize("sizes", SIZES)
def test_shapes_chain_from_input_to_output(sizes):
    weights, biases = zip(*parameter_shapes(sizes))
    product = np.linalg.multi_dot([np.ones(shape) for shape in [*weights[::-1], (sizes[0], 1)]])
    assert product.shape == (sizes[-1], 1)
    assert [shape[0] for shape in weights] == sizes[1:]
    assert list(biases) == [(n, 1) for n in sizes[1:]]


@pytest.mark.parametrize("sizes", SIZES)
def test_the_count_is_the_number_of_numbers_in_the_arrays(sizes):
    layers = arrays(sizes, itertools.repeat(identity))
    assert count_parameters(sizes) == sum(W.size + b.size for W, b, _ in layers)


def test_the_count_of_a_known_net():
    assert count_parameters([784, 128, 10]) == 101_770


@pytest.mark.parametrize("m", [1, 7])
def test_forward_agrees_with_one_example_at_a_time(m):
    layers = arrays([4, 6, 3, 2], [relu, np.tanh, sigmoid])
    X = np.random.default_rng(8).standard_normal((4, m))
    Z, A = forward(layers, X)
    assert Z[0] is None and A[0] is X and len(Z) == len(A) == 4
    oracles = [lambda z: np.where(z > 0, z, 0), lambda z: 2 * special.expit(2 * z) - 1, special.expit]
    for j in range(m):
        a = X[:, [j]]
        for l, ((W, b, _), phi) in enumerate(zip(layers, oracles), start=1):
            z = by_hand(W, b, a)
            a = phi(z)
            np.testing.assert_allclose(Z[l][:, [j]], z, rtol=1e-10, atol=1e-12)
            np.testing.assert_allclose(A[l][:, [j]], a, rtol=1e-10, atol=1e-12)


def test_forward_keeps_float32_and_its_inputs():
    layers = arrays([3, 4, 2], [relu, sigmoid], dtype=np.float32)
    X = np.random.default_rng(5).standard_normal((3, 6)).astype(np.float32)
    before = [X.copy(), *(array.copy() for W, b, _ in layers for array in (W, b))]
    Z, A = forward(layers, X)
    assert all(array.dtype == np.float32 for array in [*Z[1:], *A])
    after = [X, *(array for W, b, _ in layers for array in (W, b))]
    for was, now in zip(before, after):
        np.testing.assert_array_equal(was, now)


def test_a_net_without_activations_is_one_linear_map():
    layers = arrays([5, 7, 4, 2], [identity] * 3)
    X = np.random.default_rng(6).standard_normal((5, 9))
    (W1, b1, _), (W2, b2, _), (W3, b3, _) = layers
    W, b = W3 @ W2 @ W1, W3 @ (W2 @ b1 + b2) + b3
    np.testing.assert_allclose(forward(layers, X)[1][-1], W @ X + b, rtol=1e-10, atol=1e-10)
