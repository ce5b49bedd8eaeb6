"""dnnlib.backprop and dnnlib.gradient_check against HIPS autograd and central differences; dtype, purity, bad input."""

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import elementwise_grad, grad
from autograd.scipy.special import expit, logsumexp
from hypothesis import given, settings
from hypothesis import strategies as st

from dnnlib import activations, losses
from dnnlib.backprop import (
    SLOPES,
    backward,
    bce_delta,
    cross_entropy_delta,
    linear_backward,
    mse_delta,
    relu_slope,
    sigmoid_slope,
)
from dnnlib.gradient_check import numerical_gradient, slope_along
from dnnlib.layers import forward

CLOSE = {"rtol": 1e-10, "atol": 1e-12}
MEASURED = {"rtol": 1e-6, "atol": 1e-8}
quick = settings(max_examples=30, deadline=None)
sizes = st.integers(1, 7)
seeds = st.integers(0, 2**32 - 1)

PHIS = {  # dnnlib's activation and autograd's
    activations.identity: lambda Z: Z,
    activations.relu: lambda Z: anp.maximum(Z, 0.0),
    activations.sigmoid: expit,
    activations.tanh: anp.tanh,
}


def mse_of(Y_hat, Y):
    return anp.sum((Y_hat - Y) ** 2) / Y.shape[1]


def bce_of(O, Y):
    return anp.sum(anp.logaddexp(0, O) - O * Y) / Y.shape[1]


def cross_entropy_of(O, y):
    return anp.sum(logsumexp(O, axis=0) - O[y, np.arange(len(y))]) / len(y)


HEADS = {  # loss: (autograd's J, dnnlib's J, dnnlib's delta, what a target of (n, m) is)
    "mse": (mse_of, losses.mse, mse_delta, lambda rng, n, m: rng.normal(0, 1, (n, m))),
    "bce": (bce_of, losses.bce_with_logits, bce_delta, lambda rng, n, m: rng.integers(0, 2, (n, m)).astype(float)),
    "cross_entropy": (
        cross_entropy_of, losses.cross_entropy, cross_entropy_delta, lambda rng, n, m: rng.integers(0, n, m)
    ),
}  # fmt: skip
heads = st.sampled_from(sorted(HEADS))


def head(name, seed, n, m):
    rng = np.random.default_rng(seed)
    n = 1 if name == "bce" else n
    return *HEADS[name][:3], rng.normal(0, 2, (n, m)), HEADS[name][3](rng, n, m)


def random_net(rng, widths, phis, m):
    """A net and a batch, whose hidden z all lie away from ReLU's kink."""
    while True:
        pairs = zip(widths, widths[1:], phis)
        layers = [(rng.normal(0, 1, (n, k)), rng.normal(0, 1, (n, 1)), phi) for k, n, phi in pairs]
        X = rng.normal(0, 1, (widths[0], m))
        if all(np.abs(z).min() > 1e-3 for z in forward(layers, X)[0][1:]):
            return layers, X


def gradients_of(layers, X, target, delta_of, slopes=SLOPES):
    Z, A = forward(layers, X)
    return backward(layers, Z, A, delta_of(Z[-1], target), slopes)


def pairs_of(layers):
    return [(W, b) for W, b, _ in layers]


def autograd_J(phis, X, target, J):
    def J_of(parameters):
        A = X
        for (W, b), phi in zip(parameters, phis):
            Z = anp.dot(W, A) + b
            A = PHIS[phi](Z)
        return J(Z, target)

    return J_of


nets = st.tuples(
    seeds, st.lists(st.integers(1, 5), min_size=2, max_size=5), st.lists(st.sampled_from(list(PHIS)), min_size=4),
    st.integers(1, 5), heads,
)  # fmt: skip


def drawn(net):
    """layers, X, target and the two faces of the loss."""
    seed, widths, phis, m, name = net
    rng = np.random.default_rng(seed)
    widths = [*widths[:-1], 1] if name == "bce" else widths
    layers, X = random_net(rng, widths, phis, m)
    return layers, X, HEADS[name][3](rng, widths[-1], m), *HEADS[name][:3]


# --- against autograd -------------------------------------------------------------------------------------------------


def test_every_activation_has_its_slope():
    assert set(SLOPES) == set(PHIS)


@quick
@given(seeds, sizes, sizes, st.sampled_from([0.1, 3.0, 30.0]), st.sampled_from(list(PHIS)))
def test_slopes(seed, n, m, scale, phi):
    Z = np.random.default_rng(seed).normal(0, scale, (n, m))
    np.testing.assert_allclose(SLOPES[phi](Z), elementwise_grad(PHIS[phi])(Z), **CLOSE)
    np.testing.assert_allclose(SLOPES[phi](Z), (phi(Z + 1e-6) - phi(Z - 1e-6)) / 2e-6, rtol=1e-6, atol=1e-7)


@quick
@given(seeds, sizes, sizes, heads)
def test_output_deltas(seed, n, m, name):
    by_autograd, by_dnnlib, delta_of, O, target = head(name, seed, n, m)
    delta = delta_of(O, target)
    np.testing.assert_allclose(delta, grad(by_autograd)(O, target), **CLOSE)
    np.testing.assert_allclose(delta, numerical_gradient(lambda O: by_dnnlib(O, target), O), **MEASURED)


@quick
@given(seeds, sizes, sizes, sizes)
def test_linear_backward(seed, n, k, m):
    rng = np.random.default_rng(seed)
    W, b, A, delta = (rng.normal(0, 1, shape) for shape in ((n, k), (n, 1), (k, m), (n, m)))

    def J(W, b, A):
        return anp.sum(delta * (anp.dot(W, A) + b))

    for ours, theirs in zip(linear_backward(W, A, delta), grad(J, (0, 1, 2))(W, b, A), strict=True):
        np.testing.assert_allclose(ours, theirs, **CLOSE)


@quick
@given(nets)
def test_backward_is_autograd_s(net):
    layers, X, target, by_autograd, _, delta_of = drawn(net)
    phis = [phi for _, _, phi in layers]
    expected = grad(autograd_J(phis, X, target, by_autograd))(pairs_of(layers))
    for ours, theirs in zip(gradients_of(layers, X, target, delta_of), expected, strict=True):
        for mine, its in zip(ours, theirs, strict=True):
            assert mine.shape == its.shape
            np.testing.assert_allclose(mine, its, **CLOSE)


@quick
@given(nets)
def test_backward_is_what_central_differences_measure(net):
    layers, X, target, _, J, delta_of = drawn(net)
    found = gradients_of(layers, X, target, delta_of)
    for l, (W, b, phi) in enumerate(layers):

        def J_of(W, b, l=l, phi=phi):
            return J(forward([*layers[:l], (W, b, phi), *layers[l + 1 :]], X)[0][-1], target)

        np.testing.assert_allclose(found[l][0], numerical_gradient(lambda W, b=b: J_of(W, b), W), rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(found[l][1], numerical_gradient(lambda b, W=W: J_of(W, b), b), rtol=1e-6, atol=1e-6)


# --- where the mean stands --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", HEADS)
@pytest.mark.parametrize("copies", [2, 5])
def test_a_repeated_batch_has_the_same_gradients(name, copies):
    """One 1/m: with a second one they would shrink, without any they would grow."""
    layers, X, target, _, _, delta_of = drawn((7, [3, 4, 2], [activations.tanh, activations.sigmoid], 3, name))
    once = gradients_of(layers, X, target, delta_of)
    again = gradients_of(layers, np.tile(X, copies), np.tile(target, copies), delta_of)
    for one, many in zip(once, again, strict=True):
        for mine, its in zip(one, many, strict=True):
            np.testing.assert_allclose(mine, its, **CLOSE)


def test_dW_and_db_are_sums_over_the_batch():
    rng = np.random.default_rng(3)
    W, A, delta = (rng.normal(0, 1, shape) for shape in ((3, 4), (4, 5), (3, 5)))
    dW, db, _ = linear_backward(W, A, delta)
    singles = [linear_backward(W, A[:, [i]], delta[:, [i]]) for i in range(5)]
    np.testing.assert_allclose(dW, sum(each[0] for each in singles), **CLOSE)
    np.testing.assert_allclose(db, sum(each[1] for each in singles), **CLOSE)


CONVENTIONS = {  # of the squared error: its J, and what becomes of mse_delta
    "1/m": (lambda D: anp.sum(D**2) / D.shape[1], lambda delta: delta),
    "1/2m": (lambda D: anp.sum(D**2) / (2 * D.shape[1]), lambda delta: delta / 2),
    "1/nm": (lambda D: anp.sum(D**2) / D.size, lambda delta: delta / len(delta)),
    "1/2 of each example": (lambda D: anp.sum(D**2) / 2, lambda delta: delta * delta.shape[1] / 2),
}


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_each_convention_of_mse_delta(convention):
    J, of_ours = CONVENTIONS[convention]
    Y_hat, Y = np.random.default_rng(4).normal(0, 2, (2, 3, 5))
    np.testing.assert_allclose(of_ours(mse_delta(Y_hat, Y)), grad(lambda Y_hat: J(Y_hat - Y))(Y_hat), **CLOSE)


def test_the_cheat_sheet_s_difference_is_the_convention_with_a_half():
    Y_hat, Y = np.random.default_rng(5).normal(0, 2, (2, 3, 4))
    np.testing.assert_allclose(mse_delta(Y_hat, Y) * 4 / 2, Y_hat - Y, **CLOSE)


def test_columns_of_the_cross_entropy_s_delta_sum_to_0():
    delta = cross_entropy_delta(np.random.default_rng(6).normal(0, 3, (5, 9)), np.arange(9) % 5)
    np.testing.assert_allclose(delta.sum(axis=0), 0, atol=1e-15)


# --- kinks, extremes, outputs without a slope -------------------------------------------------------------------------


def test_relu_at_its_kink():
    """Left of 0 the slope is 0, right of it 1; the course takes 0. A central difference there measures 1/2."""
    np.testing.assert_array_equal(relu_slope(np.array([[-1e-300, -0.0, 0.0, 1e-300]])), [[0, 0, 0, 1]])
    measured = slope_along(lambda z: float(activations.relu(z).sum()), np.zeros((1, 1)), np.ones((1, 1)))
    assert measured == 0.5


@pytest.mark.filterwarnings("error")
def test_nothing_overflows():
    far = np.array([[-1e4, 0.0, 1e4]])
    np.testing.assert_array_equal(sigmoid_slope(far), [[0, 0.25, 0]])
    np.testing.assert_allclose(bce_delta(far, np.array([[1.0, 1.0, 0.0]])), [[-1 / 3, -1 / 6, 1 / 3]])
    np.testing.assert_allclose(cross_entropy_delta(np.vstack([far, -far]), np.array([0, 0, 1])),
                               [[-1 / 3, -1 / 6, 1 / 3], [1 / 3, 1 / 6, -1 / 3]])  # fmt: skip


def test_the_output_s_own_slope_is_never_asked_for():
    rng = np.random.default_rng(8)
    layers, X = random_net(rng, [3, 4, 2], [activations.tanh, losses.softmax], 5)
    found = gradients_of(layers, X, np.array([0, 1, 1, 0, 1]), cross_entropy_delta)
    assert losses.softmax not in SLOPES
    assert [(dW.shape, db.shape) for dW, db in found] == [((4, 3), (4, 1)), ((2, 4), (2, 1))]


# --- dtype, purity, bad input -----------------------------------------------------------------------------------------


def in_dtype(dtype):
    rng = np.random.default_rng(9)
    layers, X = random_net(rng, [3, 4, 5, 2], list(PHIS)[1:], 6)
    return [(W.astype(dtype), b.astype(dtype), phi) for W, b, phi in layers], X.astype(dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_in_is_dtype_out(dtype):
    layers, X = in_dtype(dtype)
    Z, _ = forward(layers, X)
    y = np.array([0, 1, 1, 0, 1, 1])
    assert {slope(X).dtype for slope in SLOPES.values()} == {np.dtype(dtype)}
    assert (
        mse_delta(X, X + 1).dtype == bce_delta(X[:1], X[:1] > 0).dtype == cross_entropy_delta(Z[-1], y).dtype == dtype
    )
    found = gradients_of(layers, X, y, cross_entropy_delta)
    assert {gradient.dtype for pair in found for gradient in pair} == {np.dtype(dtype)}
    assert {gradient.dtype for gradient in linear_backward(layers[0][0], X, Z[1])} == {np.dtype(dtype)}


def test_integers_become_float64():
    whole = np.array([[1, 0], [3, -4]])
    assert {slope(whole).dtype for slope in SLOPES.values()} == {np.dtype(np.float64)}
    np.testing.assert_array_equal(mse_delta(whole, whole - 3), [[3.0, 3.0], [3.0, 3.0]])
    assert bce_delta(whole[:1], whole[:1]).dtype == cross_entropy_delta(whole, np.array([0, 1])).dtype == np.float64


def test_gradients_of_float32_are_float64_s_to_its_digits():
    y = np.array([0, 1, 1, 0, 1, 1])
    single, double = (gradients_of(*in_dtype(dtype), y, cross_entropy_delta) for dtype in (np.float32, np.float64))
    for few, many in zip(single, double, strict=True):
        for mine, its in zip(few, many, strict=True):
            np.testing.assert_allclose(mine, its, rtol=1e-4, atol=1e-6)


def test_a_central_difference_needs_float64():
    """J of float32 has 7 digits: over a step of 1e-5 its rounding is larger than the rise."""
    layers, X = in_dtype(np.float64)
    y = np.array([0, 1, 1, 0, 1, 1])
    (W, b, phi), *rest = layers
    right = gradients_of(layers, X, y, cross_entropy_delta)[0][0]

    def J(W):
        return losses.cross_entropy(forward([(W, b.astype(W.dtype), phi), *rest], X)[0][-1].astype(W.dtype), y)

    error, error_32 = (np.abs(numerical_gradient(J, W.astype(dtype)) - right).max() for dtype in (float, np.float32))
    assert error < 1e-8
    assert error_32 > 1e-4


def test_no_input_is_changed():
    layers, X = in_dtype(np.float64)
    Z, A = forward(layers, X)
    y = np.array([0, 1, 1, 0, 1, 1])
    for array in (X, y, *Z[1:], *A, *(tensor for layer in layers for tensor in layer[:2])):
        array.flags.writeable = False
    for slope in SLOPES.values():
        slope(X)
    mse_delta(X, A[0])
    bce_delta(X[:1], X[:1])
    delta = cross_entropy_delta(Z[-1], y)
    delta.flags.writeable = False
    linear_backward(layers[-1][0], A[-2], delta)
    lists = list(Z), list(A)
    backward(layers, Z, A, delta, SLOPES)
    assert all(mine is its for ours, theirs in zip((Z, A), lists) for mine, its in zip(ours, theirs, strict=True))
    slope_along(lambda X: float((X**3).sum()), X, A[0])
    numerical_gradient(lambda X: float((X**3).sum()), X)


@pytest.mark.parametrize("delta_of", [mse_delta, bce_delta])
def test_shapes_that_would_broadcast_are_named(delta_of):
    with pytest.raises(ValueError, match=rf"{delta_of.__name__}: .*\(1, 4\).*\(4,\)"):
        delta_of(np.full((1, 4), 0.5), np.ones(4))


@pytest.mark.parametrize(
    ("y", "said"),
    [
        ([0, 3, 1], "0 to 3"),
        ([-1, 0, 2], "-1 to 2"),
        ([0.0, 1.0, 2.0], "float64"),
        ([2], r"\(1,\)"),
        ([[0, 1, 2]], "3"),
    ],
)
def test_bad_labels_are_named(y, said):
    with pytest.raises(ValueError, match=said):
        cross_entropy_delta(np.zeros((3, 3)), np.array(y))


# --- gradient_check ---------------------------------------------------------------------------------------------------


@quick
@given(seeds, sizes, sizes, st.sampled_from([1e-3, 0.1, 2.0]))
def test_a_quadratic_has_its_slope_at_every_step(seed, n, m, h):
    rng = np.random.default_rng(seed)
    theta, direction, C = rng.normal(0, 1, (3, n, m))
    measured = slope_along(lambda theta: float((C * theta**2).sum()), theta, direction, h)
    np.testing.assert_allclose(measured, (2 * C * theta * direction).sum(), rtol=1e-9, atol=1e-9)


@quick
@given(seeds, st.sampled_from([0.5, 0.1, 0.01]))
def test_the_error_of_a_cubic_is_h_squared_times_its_third_derivative(seed, h):
    theta, direction = np.random.default_rng(seed).normal(0, 1, (2, 3, 2))
    measured = slope_along(lambda theta: float((theta**3).sum()), theta, direction, h)
    error = measured - (3 * theta**2 * direction).sum()
    np.testing.assert_allclose(error, h**2 * (direction**3).sum(), rtol=1e-6, atol=1e-11)


def test_too_small_a_step_drowns_in_rounding():
    errors = [abs(slope_along(np.exp, 1.0, 1.0, h) - np.e) for h in (1e-2, 1e-5, 1e-12)]
    assert errors[1] < 1e-9 < 1e-6 < min(errors[0], errors[2])


@quick
@given(seeds, st.lists(st.integers(1, 4), max_size=3))
def test_numerical_gradient_is_autograd_s(seed, shape):
    theta = np.random.default_rng(seed).normal(0, 1, tuple(shape))
    theta = np.asarray(theta)

    def J(theta):
        return anp.sum(anp.sin(theta) * anp.exp(theta / 2)) + anp.sum(theta) ** 2

    measured = numerical_gradient(lambda theta: float(J(theta)), theta)
    assert measured.shape == theta.shape
    np.testing.assert_allclose(measured, grad(J)(theta), rtol=1e-6, atol=1e-7)
    direction = np.asarray(np.random.default_rng(seed + 1).normal(0, 1, theta.shape))
    np.testing.assert_allclose(slope_along(lambda t: float(J(t)), theta, direction), (measured * direction).sum(),
                               rtol=1e-6, atol=1e-7)  # fmt: skip
