"""dnnlib.convolution against SciPy, HIPS autograd, central differences and counting; dtype, purity, bad input."""

from itertools import product

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from autograd.scipy.signal import convolve as autograd_convolve
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from previews import said
from scipy import signal

from dnnlib.convolution import (
    bottleneck,
    channel_norm_block,
    col2im,
    conv_block,
    conv_multiply_adds,
    conv_parameters,
    convolve,
    convolve_backward,
    im2col,
    output_size,
)
from dnnlib.gradient_check import numerical_gradient
from gradekit.bank import mistakes_of
from labkit.cases.convolution import PLACES

CLOSE = {"rtol": 1e-10, "atol": 1e-10}
MEASURED = {"rtol": 1e-6, "atol": 1e-7}
quick = settings(max_examples=30, deadline=None)
seeds = st.integers(0, 2**32 - 1)
few = st.integers(1, 3)


@st.composite
def layers(draw):
    """X, F, b, stride, padding, of any sizes that fit."""
    k, padding = draw(st.integers(1, 4)), draw(st.integers(0, 2))
    sizes = st.integers(max(1, k - 2 * padding), 8)
    m, C_in, C_out = draw(few), draw(few), draw(few)
    rng = np.random.default_rng(draw(seeds))
    X, F, b = (
        rng.normal(0, 1, shape) for shape in ((m, C_in, draw(sizes), draw(sizes)), (C_out, C_in, k, k), (C_out, 1))
    )
    return X, F, b, draw(st.integers(1, 4)), padding


def framed(X, padding):
    return np.pad(X, ((0, 0), (0, 0), (padding, padding), (padding, padding)))


def starts(size, k, stride, padding):
    """Where the windows of a row begin, found by trying every pixel."""
    return [r for r in range(size + 2 * padding) if r % stride == 0 and r + k <= size + 2 * padding]


# --- sizes and windows ------------------------------------------------------------------------------------------------


@given(st.integers(1, 30), st.integers(1, 9), st.integers(1, 6), st.integers(0, 4))
def test_output_size_counts_windows(size, k, stride, padding):
    count = len(starts(size, k, stride, padding))
    if count:
        assert output_size(size, k, stride, padding) == count
    else:
        with pytest.raises(ValueError, match=rf"window of {k} .* image of {size} .* padding of {padding}"):
            output_size(size, k, stride, padding)


def test_output_size_has_defaults():
    assert output_size(7, 3) == output_size(7, 3, 1, 0) == 5
    assert type(output_size(7, 3, 2, 1)) is int


@quick
@given(layers())
def test_every_entry_of_the_columns(layer):
    X, F, _, stride, padding = layer
    k, (m, C, H, W) = F.shape[2], X.shape
    padded = framed(X, padding)
    places = product(range(m), starts(H, k, stride, padding), starts(W, k, stride, padding))
    expected = [
        [padded[i, c, r + y, s + x] for c in range(C) for y in range(k) for x in range(k)] for i, r, s in places
    ]
    np.testing.assert_array_equal(im2col(X, k, stride, padding), np.transpose(expected))


@quick
@given(layers(), seeds)
def test_col2im_is_the_transpose_of_im2col(layer, seed):
    """<col2im(u), v> = <u, im2col(v)>."""
    X, F, _, *steps = layer
    columns = im2col(X, F.shape[2], *steps)
    u = np.random.default_rng(seed).normal(0, 1, columns.shape)
    back = col2im(u, X.shape, F.shape[2], *steps)
    assert back.shape == X.shape
    np.testing.assert_allclose((back * X).sum(), (u * columns).sum(), rtol=1e-10, atol=1e-9)


def test_col2im_adds_up_where_windows_overlap():
    X = np.arange(12.0).reshape(1, 1, 3, 4)
    times = [[1, 2, 2, 1], [2, 4, 4, 2], [1, 2, 2, 1]]  # how many windows of 2 x 2 each pixel lies in
    np.testing.assert_array_equal(col2im(im2col(X, 2), X.shape, 2)[0, 0], X[0, 0] * times)


# --- convolve ---------------------------------------------------------------------------------------------------------


@quick
@given(layers())
def test_convolve_is_scipy_s_correlate(layer):
    X, F, b, stride, padding = layer
    padded = framed(X, padding)
    expected = [
        [signal.correlate(x, f, mode="valid", method="direct")[0, ::stride, ::stride] + bias for f, bias in zip(F, b)]
        for x in padded
    ]
    found = convolve(X, F, b, stride, padding)
    assert found.shape == np.shape(expected)
    np.testing.assert_allclose(found, expected, **CLOSE)


def test_the_convolution_of_mathematics_flips_the_filter():
    rng = np.random.default_rng(0)
    X, F = rng.normal(0, 1, (1, 1, 6, 5)), rng.normal(0, 1, (1, 1, 3, 3))
    flipped = signal.convolve2d(X[0, 0], F[0, 0], mode="valid")
    np.testing.assert_allclose(convolve(X, F[..., ::-1, ::-1], np.zeros((1, 1)))[0, 0], flipped, **CLOSE)
    assert np.abs(convolve(X, F, np.zeros((1, 1)))[0, 0] - flipped).max() > 0.1


@quick
@given(seeds, few, few, few, st.integers(1, 5), st.integers(1, 5), st.integers(1, 3))
def test_a_1x1_convolution_is_a_matrix_product_in_each_pixel(seed, m, C_in, C_out, H, W, stride):
    rng = np.random.default_rng(seed)
    X, F, b = (rng.normal(0, 1, shape) for shape in ((m, C_in, H, W), (C_out, C_in, 1, 1), (C_out, 1)))
    out = convolve(X, F, b, stride)
    for r, s in product(*map(range, out.shape[2:])):
        np.testing.assert_allclose(out[:, :, r, s].T, F[:, :, 0, 0] @ X[:, :, r * stride, s * stride].T + b, **CLOSE)


def test_a_window_as_large_as_the_image_is_a_linear_layer():
    rng = np.random.default_rng(1)
    X, F, b = (rng.normal(0, 1, shape) for shape in ((4, 2, 3, 3), (5, 2, 3, 3), (5, 1)))
    np.testing.assert_allclose(convolve(X, F, b)[:, :, 0, 0].T, F.reshape(5, -1) @ X.reshape(4, -1).T + b, **CLOSE)


# --- convolve_backward ------------------------------------------------------------------------------------------------


def autograd_output(X, F, b, stride, padding):
    ends = ((0, 0), (0, 0), (padding, padding), (padding, padding))
    axes = {"axes": ([2, 3], [2, 3]), "dot_axes": ([1], [1])}
    out = autograd_convolve(anp.pad(X, ends, mode="constant"), F[:, :, ::-1, ::-1], mode="valid", **axes)
    return out[:, :, ::stride, ::stride] + anp.reshape(b, (1, -1, 1, 1))


def autograd_can(X, F, padding):
    """autograd's convolution calls itself for ever where a filter is wider than its output and less high, or so."""
    k, *places = F.shape[2], *(size + 2 * padding - F.shape[2] + 1 for size in X.shape[2:])
    return not min(places) < k < max(places)


def with_upstream(layer, seed):
    X, F, b, *steps = layer
    return np.random.default_rng(seed).normal(0.5, 1, convolve(X, F, b, *steps).shape)


@quick
@given(layers(), seeds)
def test_convolve_backward_is_autograd_s(layer, seed):
    X, F, b, *steps = layer
    assume(autograd_can(X, F, steps[1]))
    d_out = with_upstream(layer, seed)

    def J(F, b, X):
        return anp.sum(d_out * autograd_output(X, F, b, *steps))

    found = convolve_backward(d_out, X, F, *steps)
    for mine, its in zip(found, grad(J, (0, 1, 2))(F, b, X), strict=True):
        assert mine.shape == its.shape
        np.testing.assert_allclose(mine, its, **CLOSE)


@settings(max_examples=15, deadline=None)
@given(layers(), seeds)
def test_convolve_backward_is_what_central_differences_measure(layer, seed):
    X, F, b, *steps = layer
    d_out = with_upstream(layer, seed)

    def J(X, F, b):
        return float((d_out * np.tanh(convolve(X, F, b, *steps))).sum())

    slope = d_out * (1 - np.tanh(convolve(X, F, b, *steps)) ** 2)
    dF, db, dX = convolve_backward(slope, X, F, *steps)
    np.testing.assert_allclose(dF, numerical_gradient(lambda F: J(X, F, b), F), **MEASURED)
    np.testing.assert_allclose(db, numerical_gradient(lambda b: J(X, F, b), b), **MEASURED)
    np.testing.assert_allclose(dX, numerical_gradient(lambda X: J(X, F, b), X), **MEASURED)


def test_pixels_that_no_window_reaches_have_no_gradient():
    rng = np.random.default_rng(2)
    X, F = rng.normal(0, 1, (2, 3, 6, 5)), rng.normal(0, 1, (4, 3, 3, 3))
    d_out = rng.normal(1, 1, (2, 4, 2, 2))
    dX = convolve_backward(d_out, X, F, stride=2)[2]
    np.testing.assert_array_equal(dX[:, :, 5], 0)
    assert np.abs(dX[:, :, :5]).min() > 0


def test_dF_and_db_are_sums_over_images_and_the_batch_shares_nothing_else():
    rng = np.random.default_rng(3)
    X, F, d_out = (rng.normal(0, 1, shape) for shape in ((3, 2, 5, 4), (4, 2, 3, 3), (3, 4, 5, 4)))
    dF, db, dX = convolve_backward(d_out, X, F, 1, 1)
    each = [convolve_backward(d_out[[i]], X[[i]], F, 1, 1) for i in range(3)]
    np.testing.assert_allclose(dF, sum(one[0] for one in each), **CLOSE)
    np.testing.assert_allclose(db, sum(one[1] for one in each), **CLOSE)
    np.testing.assert_allclose(dX, np.concatenate([one[2] for one in each]), **CLOSE)


# --- counts -----------------------------------------------------------------------------------------------------------


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 5))
def test_conv_parameters_are_the_sizes_of_the_arrays(C_in, C_out, k):
    F, b = np.zeros((C_out, C_in, k, k)), np.zeros((C_out, 1))
    assert conv_parameters(C_in, C_out, k) == F.size + b.size
    assert conv_parameters(C_in, C_out, k, bias=False) == F.size


class Counting:
    """A number that counts its products."""

    products = 0

    def __mul__(self, other):
        Counting.products += 1
        return self

    def __add__(self, other):
        return self

    __radd__ = __add__


@settings(max_examples=15, deadline=None)
@given(few, few, few, st.integers(3, 6), st.integers(3, 6), st.integers(1, 2), st.integers(0, 1))
def test_conv_multiply_adds_are_counted_while_convolving(C_in, C_out, k, H, W, stride, padding):
    """With arrays of counting objects, for one image."""
    X = np.full((1, C_in, H, W), Counting())
    F, b = (np.full(shape, Counting()) for shape in ((C_out, C_in, k, k), (C_out, 1)))
    Counting.products = 0
    out = F.reshape(C_out, -1) @ im2col(X, k, stride, padding) + b
    high, wide = (output_size(size, k, stride, padding) for size in (H, W))
    assert out.shape == (C_out, high * wide)
    assert conv_multiply_adds(C_in, C_out, k, high, wide) == Counting.products


def test_a_bottleneck_is_cheaper_than_a_basic_block_of_its_width():
    """256 channels, 14 x 14: two 3x3 convolutions, or 1x1 to 64, 3x3, and 1x1 back."""
    basic, narrow = [(256, 256, 3)] * 2, [(256, 64, 1), (64, 64, 3), (64, 256, 1)]
    parameters = [sum(conv_parameters(*each, bias=False) for each in block) for block in (basic, narrow)]
    products = [sum(conv_multiply_adds(*each, 14, 14) for each in block) for block in (basic, narrow)]
    assert parameters == [1_179_648, 69_632]
    assert products == [14 * 14 * count for count in parameters]


# --- blocks of images -------------------------------------------------------------------------------------------------


def norm_by_hand(X, gamma, beta, eps=1e-5):
    gamma, beta = gamma.reshape(1, -1, 1, 1), beta.reshape(1, -1, 1, 1)
    centred = X - anp.mean(X, axis=(0, 2, 3), keepdims=True)
    return gamma * centred / anp.sqrt(anp.mean(centred**2, axis=(0, 2, 3), keepdims=True) + eps) + beta


@quick
@given(seeds, st.integers(1, 4), few, st.integers(1, 4), st.integers(2, 5))
def test_channel_norm_block(seed, m, C, H, W):
    rng = np.random.default_rng(seed)
    X, d = rng.normal(2, 3, (2, m, C, H, W))
    gamma, beta = rng.normal(1, 1, (2, C, 1))
    out, pullback = channel_norm_block(gamma, beta)(X)
    dX, gradients = pullback(d)
    np.testing.assert_allclose(out, norm_by_hand(X, gamma, beta), **CLOSE)
    expected = grad(lambda *inputs: anp.sum(d * norm_by_hand(*inputs)), (0, 1, 2))(X, gamma, beta)
    for mine, its in zip((dX, *gradients), expected, strict=True):
        assert mine.shape == its.shape
        np.testing.assert_allclose(mine, its, rtol=1e-8, atol=1e-8)


@quick
@given(layers(), seeds)
def test_conv_block_is_convolve_and_its_backward(layer, seed):
    X, F, b, *steps = layer
    d_out = with_upstream(layer, seed)
    out, pullback = conv_block(F, b, *steps)(X)
    dF, db, dX = convolve_backward(d_out, X, F, *steps)
    np.testing.assert_array_equal(out, convolve(X, F, b, *steps))
    back, gradients = pullback(d_out)
    for mine, its in zip((back, *gradients), (dX, dF, db), strict=True):
        np.testing.assert_array_equal(mine, its)


def bottleneck_parameters(rng, wide, narrow, dtype=np.float64):
    shapes = [(narrow, wide, 1), (narrow, narrow, 3), (wide, narrow, 1)]
    each = [((o, i, k, k), (o, 1), (o, 1), (o, 1)) for o, i, k in shapes]
    return [rng.normal(0.3, 1, shape).astype(dtype) for four in each for shape in four]


def bottleneck_by_hand(X, parameters):
    """Its output, and what goes into its two ReLUs."""
    (F1, b1, g1, s1), (F2, b2, g2, s2), (F3, b3, g3, s3) = (parameters[i : i + 4] for i in (0, 4, 8))
    first = norm_by_hand(autograd_output(X, F1, b1, 1, 0), g1, s1)
    second = norm_by_hand(autograd_output(anp.maximum(first, 0), F2, b2, 1, 1), g2, s2)
    third = norm_by_hand(autograd_output(anp.maximum(second, 0), F3, b3, 1, 0), g3, s3)
    return X + third, (first, second)


def drawn_bottleneck(seed):
    """X, d, parameters; no ReLU near its kink, where a central difference measures half of each side."""
    rng = np.random.default_rng(seed)
    while True:
        (X, d), parameters = rng.normal(0, 1, (2, 2, 4, 3, 5)), bottleneck_parameters(rng, 4, 2)
        if min(np.abs(z).min() for z in bottleneck_by_hand(X, parameters)[1]) > 1e-3:
            return X, d, parameters


@pytest.mark.parametrize("seed", range(3))
def test_bottleneck_is_autograd_s(seed):
    X, d, parameters = drawn_bottleneck(seed)
    out, pullback = bottleneck(parameters)(X)
    dX, gradients = pullback(d)
    np.testing.assert_allclose(out, bottleneck_by_hand(X, parameters)[0], **CLOSE)

    def J(X, parameters):
        return anp.sum(d * bottleneck_by_hand(X, parameters)[0])

    np.testing.assert_allclose(dX, grad(J, 0)(X, parameters), rtol=1e-8, atol=1e-8)
    for mine, its in zip(gradients, grad(J, 1)(X, parameters), strict=True):
        assert mine.shape == its.shape
        np.testing.assert_allclose(mine, its, rtol=1e-8, atol=1e-8)


def test_bottleneck_is_what_central_differences_measure():
    X, d, parameters = drawn_bottleneck(5)
    dX, gradients = bottleneck(parameters)(X)[1](d)

    def J(X, parameters):
        return float((d * bottleneck(parameters)(X)[0]).sum())

    np.testing.assert_allclose(dX, numerical_gradient(lambda X: J(X, parameters), X), **MEASURED)
    for number, found in enumerate(gradients):

        def J_of(theta, number=number):
            return J(X, [*parameters[:number], theta, *parameters[number + 1 :]])

        np.testing.assert_allclose(found, numerical_gradient(J_of, parameters[number]), **MEASURED)


def test_biases_before_batch_norm_do_nothing():
    _, d, parameters = drawn_bottleneck(6)
    gradients = bottleneck(parameters)(d)[1](d)[1]
    for db in gradients[1::4]:
        np.testing.assert_allclose(db, 0, atol=1e-12)


def test_a_bottleneck_whose_last_gamma_and_beta_are_0_is_the_identity():
    X, d, parameters = drawn_bottleneck(7)
    parameters[10], parameters[11] = np.zeros((4, 1)), np.zeros((4, 1))
    out, pullback = bottleneck(parameters)(X)
    np.testing.assert_array_equal(out, X)
    np.testing.assert_array_equal(pullback(d)[0], d)


# --- dtype, purity, bad input -----------------------------------------------------------------------------------------


def a_layer(dtype=np.float64):
    rng = np.random.default_rng(8)
    shapes = (2, 3, 5, 6), (4, 3, 3, 3), (4, 1), (2, 4, 3, 3)
    return [rng.normal(0, 1, shape).astype(dtype) for shape in shapes]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_in_is_dtype_out(dtype):
    X, F, b, d_out = a_layer(dtype)
    parameters = bottleneck_parameters(np.random.default_rng(9), 3, 2, dtype)
    out, pullback = bottleneck(parameters)(X)
    back, gradients = pullback(X)
    columns = im2col(X, 3, 2, 1)
    found = [columns, col2im(columns, X.shape, 3, 2, 1), convolve(X, F, b, 2, 1)]
    found += [*convolve_backward(d_out, X, F, 2, 1), out, back, *gradients]
    assert {array.dtype for array in found} == {np.dtype(dtype)}


def test_whole_pixels_become_float64():
    _, F, b, d_out = a_layer()
    X = np.random.default_rng(10).integers(0, 17, (2, 3, 5, 6))
    assert convolve(X, F, b, 2, 1).dtype == np.float64
    assert {gradient.dtype for gradient in convolve_backward(d_out, X, F, 2, 1)} == {np.dtype(np.float64)}


def test_no_input_is_changed():
    X, F, b, d_out = arrays = a_layer()
    columns, parameters = im2col(X, 3, 2, 1), bottleneck_parameters(np.random.default_rng(11), 3, 2)
    for array in (*arrays, columns, *parameters):
        array.flags.writeable = False
    convolve(X, F, b, 2, 1)
    convolve_backward(d_out, X, F, 2, 1)
    col2im(columns, X.shape, 3, 2, 1)
    bottleneck(parameters)(X)[1](X)


def test_a_column_can_be_changed_without_changing_the_image():
    X = a_layer()[0]
    columns, kept = im2col(X, 1), X.copy()
    columns += 1
    np.testing.assert_array_equal(X, kept)


def test_a_window_larger_than_the_image_is_named():
    X, F, b, _ = a_layer()
    with pytest.raises(ValueError, match=r"window of 3 .* image of 2 with a padding of 0"):
        convolve(X[:, :, :2], F, b)


def test_a_bottleneck_that_changes_the_channels_is_named():
    parameters = bottleneck_parameters(np.random.default_rng(12), 4, 2)
    parameters[8:] = [array[:3] for array in parameters[8:]]
    with pytest.raises(ValueError, match=r"\(2, 3, 5, 6\).*\(2, 4, 5, 6\)"):
        bottleneck(parameters)(np.ones((2, 4, 5, 6)))


# --- what the preview says of a wrong form ----------------------------------------------------------------------------


@pytest.mark.parametrize("size, options, places", PLACES)
def test_the_places_of_the_cases(size, options, places):
    assert places == tuple(output_size(each, 3, *options) for each in size)


@pytest.mark.parametrize("fn", [output_size, im2col, convolve, convolve_backward], ids=lambda fn: fn.__name__)
def test_the_preview_finds_nothing_wrong_with_a_right_form(fn):
    assert said(fn.__name__, fn) is None


def windows_of_the_bare_image(X, k, stride=1, padding=0):
    """The windows of the padded image, as many as the bare one has."""
    high, wide = (len(starts(size, k, stride, 0)) for size in X.shape[2:])
    every = im2col(X, k, stride, padding).reshape(
        -1, len(X), *(output_size(n, k, stride, padding) for n in X.shape[2:])
    )
    return every[:, :, :high, :wide].reshape(len(every), -1)


def test_too_few_columns_are_seen_before_the_values_are():
    assert "expected 2 x 4 x 6 columns, m H' W', got 16" in said("im2col", windows_of_the_bare_image)


def test_an_output_without_padding_is_seen_before_the_values_are():
    def unpadded(X, F, b, stride=1, padding=0):
        return convolve(X, F, b, stride)

    assert "expected (H', W') = (4, 5) as last two axes, got (2, 3)" in said("convolve", unpadded)


@pytest.mark.parametrize("name", ["size_as_a_float", "fraction"])
def test_a_size_that_is_a_float_is_named(name):
    version = next(known.version for known in mistakes_of("output_size") if known.name == name)
    assert "expected an int, got a float: 24.0" in said("output_size", version)
