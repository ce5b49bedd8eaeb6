"""dnnlib.blocks against lab 03's backward, HIPS autograd and central differences; dtype, purity, bad input."""

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from hypothesis import given, settings
from hypothesis import strategies as st
from previews import said

from dnnlib.activations import identity, relu
from dnnlib.backprop import SLOPES, backward
from dnnlib.blocks import chain, linear_block, relu_block, residual
from dnnlib.gradient_check import numerical_gradient
from dnnlib.layers import forward
from gradekit.bank import mistakes_of

CLOSE = {"rtol": 1e-10, "atol": 1e-10}
MEASURED = {"rtol": 1e-6, "atol": 1e-7}
quick = settings(max_examples=30, deadline=None)
seeds = st.integers(0, 2**32 - 1)
sizes = st.integers(1, 5)
widths = st.lists(sizes, min_size=2, max_size=5)


def parameters_of(rng, widths, dtype=np.float64):
    pairs = zip(widths, widths[1:])
    return [(rng.normal(0, 1, (n, k)).astype(dtype), rng.normal(0, 1, (n, 1)).astype(dtype)) for k, n in pairs]


def plain(parameters):
    """linear, relu, linear, relu ... linear."""
    blocks = [each for W, b in parameters for each in (linear_block(W, b), relu_block)]
    return chain(blocks[:-1])


def by_hand(parameters, A):
    """The same in autograd's NumPy: the output, and all that goes into a ReLU."""
    into_relu = []
    for number, (W, b) in enumerate(parameters):
        A = anp.dot(W, A) + b
        if number < len(parameters) - 1:
            into_relu.append(A)
            A = anp.maximum(A, 0)
    return A, into_relu


def drawn(seed, widths, m):
    """A, d and parameters; no ReLU near its kink, where a central difference measures half of each side."""
    rng = np.random.default_rng(seed)
    while True:
        parameters, A = parameters_of(rng, widths), rng.normal(0, 1, (widths[0], m))
        if all(np.abs(z).min() > 1e-3 for z in by_hand(parameters, A)[1]):
            return A, rng.normal(0.5, 1, (widths[-1], m)), parameters


def flat(pairs):
    return [array for pair in pairs for array in pair]


def assert_all_close(found, expected, **tolerance):
    for mine, its in zip(found, expected, strict=True):
        assert mine.shape == its.shape
        np.testing.assert_allclose(mine, its, **tolerance)


# --- chain ------------------------------------------------------------------------------------------------------------


@quick
@given(seeds, widths, sizes)
def test_a_chain_of_layers_is_lab_03_s_backward(seed, widths, m):
    A, d, parameters = drawn(seed, widths, m)
    layers = [(W, b, relu) for W, b in parameters[:-1]] + [(*parameters[-1], identity)]
    Z, activations = forward(layers, A)
    out, pullback = plain(parameters)(A)
    np.testing.assert_array_equal(out, Z[-1])
    assert_all_close(pullback(d)[1], flat(backward(layers, Z, activations, d, SLOPES)), **CLOSE)


@quick
@given(seeds, widths, sizes)
def test_a_chain_s_gradients_are_autograd_s(seed, widths, m):
    A, d, parameters = drawn(seed, widths, m)
    dA, gradients = plain(parameters)(A)[1](d)
    expected = grad(lambda A, parameters: anp.sum(d * by_hand(parameters, A)[0]), (0, 1))(A, parameters)
    assert_all_close([dA, *gradients], [expected[0], *flat(expected[1])], **CLOSE)


def test_where_the_brackets_stand_does_not_matter():
    A, d, ((V, a), (W, b)) = drawn(0, [3, 4, 2], 5)
    first, last = linear_block(V, a), linear_block(W, b)
    ways = [
        [first, relu_block, last], [chain([first, relu_block]), last], [first, chain([chain([relu_block]), last])]
    ]  # fmt: skip
    found = [chain(way)(A) for way in ways]
    (out, pullback), *others = found
    for other, pull_other in others:
        np.testing.assert_array_equal(other, out)
        assert_all_close([pull_other(d)[0], *pull_other(d)[1]], [pullback(d)[0], *pullback(d)[1]], rtol=0)


def test_no_block_at_all_is_the_identity():
    A, d = np.random.default_rng(1).normal(0, 1, (2, 3, 4))
    out, pullback = chain([])(A)
    np.testing.assert_array_equal(out, A)
    np.testing.assert_array_equal(pullback(d)[0], d)
    assert pullback(d)[1] == []


def test_blocks_keep_nothing_between_calls():
    """Two batches forward, then back in the other order, and once more."""
    A, d, parameters = drawn(2, [3, 4, 3], 5)
    B = A[:, ::-1] * 1.5
    for block in (plain(parameters), residual(plain(parameters))):
        (_, back_A), (_, back_B) = block(A), block(B)
        back_B(d)
        once, again = back_A(d), back_A(d)
        alone = block(A)[1](d)
        for found in (once, again):
            assert_all_close([found[0], *found[1]], [alone[0], *alone[1]], rtol=0)


# --- residual ---------------------------------------------------------------------------------------------------------


@quick
@given(seeds, sizes, sizes, sizes)
def test_residual_is_autograd_s(seed, n, width, m):
    A, d, parameters = drawn(seed, [n, width, n], m)
    out, pullback = residual(plain(parameters))(A)
    dA, gradients = pullback(d)

    def J(A, parameters):
        return anp.sum(d * (A + by_hand(parameters, A)[0]))

    np.testing.assert_allclose(out, A + by_hand(parameters, A)[0], **CLOSE)
    expected = grad(J, (0, 1))(A, parameters)
    assert_all_close([dA, *gradients], [expected[0], *flat(expected[1])], **CLOSE)


@quick
@given(seeds, sizes, sizes, st.sampled_from([plain, lambda parameters: residual(plain(parameters))]))
def test_gradients_are_what_central_differences_measure(seed, n, m, made):
    A, d, parameters = drawn(seed, [n, 3, n], m)
    dA, gradients = made(parameters)(A)[1](d)

    def J(A, arrays):
        return float((d * made(list(zip(arrays[::2], arrays[1::2])))(A)[0]).sum())

    arrays = flat(parameters)
    np.testing.assert_allclose(dA, numerical_gradient(lambda A: J(A, arrays), A), **MEASURED)
    for number, found in enumerate(gradients):

        def J_of(theta, number=number):
            return J(A, [*arrays[:number], theta, *arrays[number + 1 :]])

        np.testing.assert_allclose(found, numerical_gradient(J_of, arrays[number]), **MEASURED)


@pytest.mark.parametrize("blocks", [1, 50])
def test_residual_blocks_of_zero_branches_are_the_identity(blocks):
    rng = np.random.default_rng(3)
    A, d = rng.normal(0, 1, (2, 4, 5))
    inner = linear_block(rng.normal(0, 1, (3, 4)), rng.normal(0, 1, (3, 1)))
    zero = linear_block(np.zeros((4, 3)), np.zeros((4, 1)))
    out, pullback = chain([residual(chain([inner, relu_block, zero]))] * blocks)(A)
    dA, gradients = pullback(d)
    np.testing.assert_array_equal(out, A)
    np.testing.assert_array_equal(dA, d)
    assert len(gradients) == 4 * blocks
    assert np.abs(gradients[2]).max() > 0.1  # the zeros themselves can learn


def test_a_relu_after_the_addition_is_no_identity():
    A, d = np.random.default_rng(4).normal(0, 1, (2, 3, 4))
    zero = linear_block(np.zeros((3, 3)), np.zeros((3, 1)))
    out, pullback = chain([residual(zero), relu_block])(A)
    np.testing.assert_array_equal(out, np.maximum(A, 0))
    np.testing.assert_array_equal(pullback(d)[0], d * (A > 0))


def test_the_skip_adds_d_to_what_the_branch_pulls_back():
    A, d, parameters = drawn(5, [4, 3, 4], 6)
    branch = plain(parameters)
    (F, pull_F), (h, pull_h) = branch(A), residual(branch)(A)
    np.testing.assert_allclose(h - A, F, **CLOSE)
    np.testing.assert_allclose(pull_h(d)[0] - d, pull_F(d)[0], **CLOSE)


# --- dtype, purity, bad input -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_in_is_dtype_out(dtype):
    rng = np.random.default_rng(6)
    A = rng.normal(0, 1, (3, 5)).astype(dtype)
    out, pullback = residual(plain(parameters_of(rng, [3, 4, 3], dtype)))(A)
    dA, gradients = pullback(A)
    assert {array.dtype for array in (out, dA, *gradients)} == {np.dtype(dtype)}


def test_no_input_is_changed():
    A, d, parameters = drawn(7, [3, 4, 3], 5)
    for array in (A, d, *flat(parameters)):
        array.flags.writeable = False
    blocks = [residual(plain(parameters)), residual(lambda A: (A, lambda d: (d, [])))]
    listed = list(blocks)
    chain(blocks)(A)[1](d)
    assert blocks == listed


@pytest.mark.parametrize("rows", [1, 2])
def test_a_branch_of_another_shape_is_named_even_where_numpy_would_stretch_it(rows):
    A, _, parameters = drawn(8, [3, 4, rows], 5)
    with pytest.raises(ValueError, match=rf"residual: .*\({rows}, 5\).*\(3, 5\)"):
        residual(plain(parameters))(A)


def test_a_layer_that_does_not_fit_is_named():
    A, _, ((W, b), *_) = drawn(9, [3, 4, 2], 5)
    with pytest.raises(ValueError, match=r"\(4, 3\).*\(4, 5\)"):
        chain([linear_block(W, b), linear_block(W, b)])(A)


# --- what the preview says of a wrong form ----------------------------------------------------------------------------


@pytest.mark.parametrize("fn", [chain, residual], ids=lambda fn: fn.__name__)
def test_the_preview_finds_nothing_wrong_with_a_right_form(fn):
    assert said(fn.__name__, fn) is None


@pytest.mark.parametrize(
    "function, name, words",
    [
        ("residual", "A_changed", "it changes A."),
        ("residual", "d_changed", "it changes d, what comes back."),
        ("chain", "pullbacks_kept_across_batches", "5 parameters, got 10. An earlier call left some: start each list"),
        ("chain", "gradients_kept_across_pulls", "4 parameters, got 8. An earlier call left some: start each list"),
        ("chain", "none_for_no_parameters", "got "),
    ],
)
def test_a_wrong_form_is_named_as_the_student_names_it(function, name, words):
    complaint = said(function, next(known.version for known in mistakes_of(function) if known.name == name))
    assert words in complaint and ("An earlier call" in complaint) is ("An earlier call" in words)
