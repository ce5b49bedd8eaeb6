"""dnnlib.optimizers and dnnlib.training against closed forms, exact numbers, SciPy and HIPS autograd."""

import itertools
import re
from collections import Counter
from decimal import Decimal, localcontext
from fractions import Fraction

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from autograd.scipy.special import logsumexp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dnnlib import optimizers, training
from dnnlib.activations import identity, relu, sigmoid, tanh
from dnnlib.backprop import SLOPES
from dnnlib.gradient_check import numerical_gradient
from dnnlib.optimizers import adam_step, averaged_momentum_step, momentum_step, rmsprop_step, sgd_step, warmup_cosine
from dnnlib.training import feature_statistics, loss_and_gradients, minibatches, standardize, train_epoch
from labkit.bench import NotYet, preview

CLOSE = {"rtol": 1e-10, "atol": 1e-12}
quick = settings(max_examples=30, deadline=None)
seeds = st.integers(0, 2**32 - 1)
fades = st.floats(0, 0.99)
ETAS = [0.5, 0.1, 0.3, 0.02, 0.2]


def start(seed, shape=(3, 4)):
    """A point and a gradient for each learning rate, of very different sizes."""
    rng = np.random.default_rng(seed)
    gradients = rng.normal(0, 1, (len(ETAS), *shape)) * 10 ** rng.uniform(-3, 2, shape)
    return rng.normal(0, 1, shape), gradients


# --- steps ------------------------------------------------------------------------------------------------------------


@quick
@given(seeds, fades)
def test_the_velocity_is_a_fading_sum_of_all_gradients(seed, mu):
    theta, gradients = start(seed)
    v_0 = gradients[0] / 3
    now, v = theta, v_0
    for k, (g, eta) in enumerate(zip(gradients, ETAS), 1):
        now, v = momentum_step(now, g, v, eta, mu)
        summed = sum(mu ** (k - j) * g_j for j, g_j in enumerate(gradients[:k], 1)) + mu**k * v_0
        np.testing.assert_allclose(v, summed, **CLOSE)
        theta = theta - eta * summed
        np.testing.assert_allclose(now, theta, rtol=1e-10, atol=1e-10)


def test_momentum_on_a_parabola_is_a_power_of_one_matrix():
    """theta and v of J = c theta^2 / 2 follow a linear recursion."""
    c, eta, mu = 3.0, 0.2, 0.7
    once = np.array([[1 - eta * c, -eta * mu], [c, mu]])
    theta, v = np.array([2.0]), np.array([0.0])
    for k in range(1, 30):
        theta, v = momentum_step(theta, c * theta, v, eta, mu)
        np.testing.assert_allclose([theta[0], v[0]], np.linalg.matrix_power(once, k) @ [2.0, 0.0], **CLOSE)


@quick
@given(seeds, fades)
def test_the_averaged_form_is_momentum_with_a_smaller_rate(seed, mu):
    theta, gradients = start(seed)
    a = b = theta
    v, w = np.zeros_like(theta), np.zeros_like(theta)
    for g, eta in zip(gradients, ETAS):
        a, v = averaged_momentum_step(a, g, v, eta, mu)
        b, w = momentum_step(b, g, w, (1 - mu) * eta, mu)
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-10)
        np.testing.assert_allclose(v, (1 - mu) * w, **CLOSE)


def test_without_fading_momentum_is_plain_descent():
    theta, (g, *_) = start(1)
    np.testing.assert_array_equal(momentum_step(theta, g, g, 0.3, 0.0)[0], sgd_step(theta, g, 0.3))
    np.testing.assert_array_equal(sgd_step(np.array([1.0, -2.0]), np.array([4.0, -6.0]), 0.5), [-1.0, 1.0])


def exactly(*numbers):
    return [Decimal(float(number)) for number in numbers]


def adam_in_decimals(theta, gradients, etas, beta1, beta2, eps):
    """One entry's path, from the weighted sums of all gradients, with 50 digits."""
    with localcontext() as context:
        context.prec = 50
        theta, beta1, beta2, eps, one = *exactly(theta, beta1, beta2, eps), Decimal(1)
        g = exactly(*gradients)
        for t, eta in enumerate(exactly(*etas), 1):
            first = [beta1 ** (t - i) for i in range(1, t + 1)]
            second = [beta2 ** (t - i) for i in range(1, t + 1)]
            m_hat = sum(w * x for w, x in zip(first, g)) / sum(first)  # 1 - beta^t cancels: a weighted mean
            v_hat = sum(w * x * x for w, x in zip(second, g)) / sum(second)
            theta -= eta * m_hat / (v_hat.sqrt() + eps)
        m = (one - beta1) * sum(w * x for w, x in zip(first, g))
        v = (one - beta2) * sum(w * x * x for w, x in zip(second, g))
        return float(theta), float(m), float(v)


@quick
@given(seeds, st.floats(0.01, 0.99), st.floats(0.01, 0.999), st.sampled_from([1e-8, 1e-3, 0.5]))
def test_adam_is_a_ratio_of_weighted_means(seed, beta1, beta2, eps):
    start_at, gradients = start(seed)
    theta, m, v = start_at, np.zeros_like(start_at), np.zeros_like(start_at)
    for t, (g, eta) in enumerate(zip(gradients, ETAS), 1):
        theta, m, v = adam_step(theta, g, m, v, t, eta, beta1, beta2, eps)
    for i in np.ndindex(theta.shape):
        exact = adam_in_decimals(start_at[i], gradients[(slice(None), *i)], ETAS, beta1, beta2, eps)
        np.testing.assert_allclose((theta[i], m[i], v[i]), exact, rtol=1e-9, atol=1e-12)


@quick
@given(seeds, st.floats(0.01, 0.99), st.sampled_from([1e-8, 1e-3, 0.5]))
def test_rmsprop_divides_by_the_root_of_a_fading_sum(seed, rho, eps):
    start_at, gradients = start(seed)
    theta, s = start_at, np.zeros_like(start_at)
    for g, eta in zip(gradients, ETAS):
        theta, s = rmsprop_step(theta, g, s, eta, rho, eps)
    for i in np.ndindex(theta.shape):
        expected, at = 0.0, start_at[i]
        for k, eta in enumerate(ETAS, 1):
            expected = float(sum(Fraction(rho) ** (k - j) * (1 - Fraction(rho)) * Fraction(gradients[(j - 1, *i)]) ** 2
                                 for j in range(1, k + 1)))  # fmt: skip
            at -= eta * gradients[(k - 1, *i)] / (expected**0.5 + eps)
        np.testing.assert_allclose((theta[i], s[i]), (at, expected), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6])
def test_under_a_constant_gradient_adam_moves_by_eta_at_every_step(size):
    g = size * np.array([[1.0, -2.0, 5.0]])
    theta, m, v = np.zeros((1, 3)), np.zeros((1, 3)), np.zeros((1, 3))
    for t in range(1, 13):
        theta, m, v = adam_step(theta, g, m, v, t, 0.1, 0.9, 0.999, 0.0)
        np.testing.assert_allclose(theta, -0.1 * t * np.sign(g), rtol=1e-9)
        np.testing.assert_allclose(m / (1 - 0.9**t), g, rtol=1e-9)
        np.testing.assert_allclose(v / (1 - 0.999**t), g**2, rtol=1e-9)


def test_the_first_step_without_correction_would_be_three_times_as_long():
    g = np.array([0.3, -40.0])
    _, m, v = adam_step(np.zeros(2), g, np.zeros(2), np.zeros(2), 1)
    np.testing.assert_allclose(np.abs(m / np.sqrt(v)), 10**0.5, rtol=1e-9)


def test_rmsprop_is_adam_without_mean_and_correction():
    theta, gradients = start(4)
    s = gradients[1] ** 2
    new, s_new = rmsprop_step(theta, gradients[0], s, 0.1, 0.8, 0.01)
    far = adam_step(theta, gradients[0], np.zeros_like(theta), s, 10**6, 0.1, 0.0, 0.8, 0.01)
    np.testing.assert_allclose(far[0], new, **CLOSE)
    np.testing.assert_allclose(far[2], s_new, **CLOSE)


@pytest.mark.filterwarnings("error")
def test_a_gradient_that_is_always_0_moves_nothing():
    theta, zero = np.array([1.0, -2.0]), np.zeros(2)
    for new, *_ in (momentum_step(theta, zero, zero, 0.1), rmsprop_step(theta, zero, zero, 0.1),
                    adam_step(theta, zero, zero, zero, 1)):  # fmt: skip
        np.testing.assert_array_equal(new, theta)


STEPS = {  # a step, and how many arrays its state has
    sgd_step: (0, (0.1,)),
    momentum_step: (1, (0.1, 0.8)),
    averaged_momentum_step: (1, (0.1, 0.8)),
    rmsprop_step: (1, (0.1, 0.8)),
    adam_step: (2, (3, 0.1)),
}


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_step_keeps_dtype_and_shape_and_changes_nothing(step, dtype):
    parts, setting = STEPS[step]
    given_arrays = [np.full((2, 3), 0.5, dtype) for _ in range(2 + parts)]
    for each in given_arrays:
        each.flags.writeable = False
    result = step(*given_arrays, *setting)
    returned = result if isinstance(result, tuple) else (result,)
    assert [(each.shape, each.dtype) for each in returned] == [((2, 3), dtype)] * (1 + parts)


# --- learning rates ---------------------------------------------------------------------------------------------------


@quick
@given(st.integers(0, 9), st.integers(2, 40), st.floats(1e-4, 10))
def test_warmup_cosine_by_what_a_cosine_must_obey(warmup, falling, eta):
    total = warmup + falling
    rates = np.array([warmup_cosine(t, total, eta, warmup) for t in range(total + 1)])
    np.testing.assert_allclose(np.diff(rates[:warmup], prepend=0), eta / max(warmup, 1), rtol=1e-9)
    fall = rates[warmup:]
    assert fall[0] == eta and abs(fall[-1]) < 1e-15 * eta
    assert (np.diff(fall) < 0).all()
    np.testing.assert_allclose(fall + fall[::-1], eta, rtol=1e-9)
    wave = fall - eta / 2
    slow = 2 * np.cos(np.pi / falling)
    np.testing.assert_allclose(wave[2:] + wave[:-2], slow * wave[1:-1], rtol=1e-9, atol=1e-12 * eta)


def test_warmup_alone_and_no_warmup():
    assert [warmup_cosine(t, 4, 2.0, 4) for t in range(4)] == [0.5, 1.0, 1.5, 2.0]
    assert warmup_cosine(0, 10, 0.3) == 0.3
    assert warmup_cosine(5, 10, 0.3) == pytest.approx(0.15)


def test_step_decay_is_a_product():
    rate, rates = 0.8, []
    for t in range(12):
        rate = rate * 0.25 if t and t % 3 == 0 else rate
        rates.append(rate)
    assert [optimizers.step_decay(t, 0.8, 0.25, 3) for t in range(12)] == pytest.approx(rates)
    assert optimizers.step_decay(9, 1.0) == 1.0 and optimizers.step_decay(10, 1.0) == 0.5


# --- features and minibatches -----------------------------------------------------------------------------------------


@quick
@given(seeds, st.integers(1, 6), st.integers(2, 20), st.sampled_from([1e-6, 1.0, 1e5]))
def test_standardised_features_are_z_scores(seed, n, m, scale):
    rng = np.random.default_rng(seed)
    X = scale * (rng.normal(0, 5, (n, 1)) + rng.normal(0, 1, (n, m)))
    mean, std = feature_statistics(X)
    assert mean.shape == std.shape == (n, 1)
    np.testing.assert_allclose(standardize(X, mean, std), stats.zscore(X, axis=1), rtol=1e-8, atol=1e-9)
    exact = [sum(map(Fraction, row)) / m for row in X]
    squares = [sum((Fraction(x) - mu) ** 2 for x in row) / m for row, mu in zip(X, exact)]
    np.testing.assert_allclose(mean[:, 0], [float(mu) for mu in exact], rtol=1e-10, atol=1e-10 * scale)
    np.testing.assert_allclose(std[:, 0], [float(square) ** 0.5 for square in squares], rtol=1e-9)


@pytest.mark.parametrize("value", [0.0, 0.1, -2.7, 1e9 + 0.1])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_constant_feature_stays_finite_and_near_0(value, dtype):
    for m in range(1, 40):
        X = np.vstack([np.full(m, value), np.arange(m) / 3]).astype(dtype)
        mean, std = feature_statistics(X)
        assert std[0, 0] == 1 and mean.dtype == std.dtype == dtype
        assert np.abs(standardize(X, mean, std)[0]).max() <= 1e-6 * abs(value)


def test_a_feature_that_hardly_differs_is_not_constant():
    assert feature_statistics(np.array([[1e-12, 3e-12]]))[1] == pytest.approx(1e-12)


@quick
@given(st.integers(1, 60), st.integers(1, 70), seeds)
def test_minibatches_are_a_partition(m, size, seed):
    batches = minibatches(m, size, np.random.default_rng(seed))
    assert sorted(itertools.chain.from_iterable(batch.tolist() for batch in batches)) == list(range(m))
    assert [len(batch) for batch in batches[:-1]] == [size] * ((m - 1) // size)
    assert 1 <= len(batches[-1]) <= size
    assert all(batch.dtype.kind == "i" for batch in batches)


def test_every_order_is_equally_likely_and_the_rng_alone_decides():
    rng = np.random.default_rng(3)
    orders = Counter(tuple(np.concatenate(minibatches(4, 3, rng)).tolist()) for _ in range(4800))
    assert len(orders) == 24
    assert stats.chisquare(list(orders.values())).pvalue > 1e-4
    one, two = (minibatches(50, 8, np.random.default_rng(9)) for _ in range(2))
    np.testing.assert_array_equal(np.concatenate(one), np.concatenate(two))


# --- training ---------------------------------------------------------------------------------------------------------

PHIS = {identity: lambda Z: Z, relu: lambda Z: anp.maximum(Z, 0.0), tanh: anp.tanh,
        sigmoid: lambda Z: 1 / (1 + anp.exp(-Z))}  # fmt: skip


def net(seed, sizes, phis, m, dtype=np.float64):
    rng = np.random.default_rng(seed)
    layers = [
        (rng.normal(0, 1, (n, k)).astype(dtype), rng.normal(0, 1, (n, 1)).astype(dtype), phi)
        for k, n, phi in zip(sizes, sizes[1:], phis)
    ]
    return layers, rng.normal(0, 1, (sizes[0], m)).astype(dtype), rng.integers(0, sizes[-1], m)


def loss_by_autograd(parameters, phis, X, y):
    A = X
    for (W, b), phi in zip(parameters, phis):
        Z = anp.dot(W, A) + b
        A = PHIS[phi](Z)
    return anp.mean(logsumexp(Z, axis=0) - Z[y, np.arange(len(y))])


@quick
@given(seeds, st.lists(st.integers(2, 6), min_size=2, max_size=4), st.integers(1, 8), st.data())
def test_loss_and_gradients_are_autograd_s(seed, sizes, m, data):
    phis = [data.draw(st.sampled_from(list(PHIS))) for _ in sizes[1:]]
    layers, X, y = net(seed, sizes, phis, m)
    parameters = [(W, b) for W, b, _ in layers]
    J, gradients = loss_and_gradients(layers, X, y, SLOPES)
    assert type(J) is float
    np.testing.assert_allclose(J, loss_by_autograd(parameters, phis, X, y), **CLOSE)
    for mine, theirs in zip(gradients, grad(loss_by_autograd)(parameters, phis, X, y), strict=True):
        for a, b in zip(mine, theirs, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-10)


def test_loss_and_gradients_are_the_measured_slopes():
    layers, X, y = net(2, [3, 5, 4], [tanh, sigmoid], 6)
    _, gradients = loss_and_gradients(layers, X, y, SLOPES)
    for l, (W, b, phi) in enumerate(layers):

        def J(W, b, l=l, phi=phi):
            return loss_and_gradients([*layers[:l], (W, b, phi), *layers[l + 1 :]], X, y, SLOPES)[0]

        np.testing.assert_allclose(gradients[l][0], numerical_gradient(lambda W, J=J, b=b: J(W, b), W), atol=1e-8)
        np.testing.assert_allclose(gradients[l][1], numerical_gradient(lambda b, J=J, W=W: J(W, b), b), atol=1e-8)


def test_loss_and_gradients_keep_float32_and_change_nothing():
    layers, X, y = net(3, [4, 3, 2], [relu, identity], 5, np.float32)
    for each in (X, y, *(part for layer in layers for part in layer[:2])):
        each.flags.writeable = False
    _, gradients = loss_and_gradients(layers, X, y, SLOPES)
    assert {each.dtype for pair in gradients for each in pair} == {np.dtype(np.float32)}


def classifier():
    """A net as one list of tensors, and their gradients on a batch of indices."""
    layers, X, y = net(5, [4, 6, 3], [tanh, identity], 20)

    def gradients_of(thetas, batch):
        now = [(W, b, phi) for W, b, (_, _, phi) in zip(thetas[::2], thetas[1::2], layers)]
        _, gradients = loss_and_gradients(now, X[:, batch], y[batch], SLOPES)
        return [each for pair in gradients for each in pair]

    def by_autograd(thetas):
        return loss_by_autograd(list(zip(thetas[::2], thetas[1::2])), [tanh, identity], X, y)

    return [each for W, b, _ in layers for each in (W, b)], gradients_of, by_autograd


def plain(theta, g, state):
    return sgd_step(theta, g, 0.5), state


def test_an_epoch_of_one_batch_is_gradient_descent():
    thetas, gradients_of, J = classifier()
    stepped, _ = train_epoch(thetas, gradients_of, [np.arange(20)], plain, [None] * 4)
    for theta, g, new in zip(thetas, grad(J)(thetas), stepped, strict=True):
        np.testing.assert_allclose(new, theta - 0.5 * g, rtol=1e-10, atol=1e-10)
    assert J(stepped) < J(thetas)


def with_momentum(theta, g, v):
    return momentum_step(theta, g, v, 0.2, 0.7)


def test_an_epoch_is_one_epoch_for_each_batch_in_turn():
    thetas, gradients_of, _ = classifier()
    batches, states = minibatches(20, 6, np.random.default_rng(0)), [np.zeros_like(theta) for theta in thetas]
    whole = train_epoch(thetas, gradients_of, batches, with_momentum, states)
    for batch in batches:
        thetas, states = train_epoch(thetas, gradients_of, [batch], with_momentum, states)
    for one, other in zip([*whole[0], *whole[1]], [*thetas, *states], strict=True):
        np.testing.assert_array_equal(one, other)


def test_all_tensors_step_from_the_same_point_and_the_lists_stay():
    seen, thetas, states = [], [np.array([1.0]), np.array([2.0])], [0, 10]

    def gradients_of(now, batch):
        seen.append(([theta.item() for theta in now], batch))
        return [now[1], now[0]]

    def update(theta, g, count):
        return theta - g, count + 1

    result = train_epoch(thetas, gradients_of, iter("ab"), update, states)
    assert seen == [([1.0, 2.0], "a"), ([-1.0, 1.0], "b")]
    assert result == ([-2.0, 2.0], [2, 12])
    assert thetas == [1.0, 2.0] and states == [0, 10]
    assert train_epoch(thetas, gradients_of, [], update, states) == (thetas, states)


def test_a_state_for_each_tensor():
    with pytest.raises(ValueError, match="shorter"):
        train_epoch([np.ones(2)] * 2, lambda thetas, batch: thetas, [0], with_momentum, [np.zeros(2)])


def test_accuracy_counts():
    layers = [(np.eye(3), np.zeros((3, 1)), identity)]
    X = np.array([[5.0, 0.0, 1.0, 2.0], [1.0, 3.0, 0.0, 4.0], [2.0, 2.0, 9.0, 0.0]])
    assert training.accuracy(layers, X, np.array([0, 1, 2, 0])) == 0.75


# --- what a preview says ----------------------------------------------------------------------------------------------


def cut(order, size):
    return [order[i : i + size] for i in range(0, len(order), size)]


def in_float64(step):
    return lambda theta, g, *rest: step(theta, g.astype(np.float64), *rest)


PREVIEWS = {
    "Does it end in `return theta, m, v`?": ("adam_step", lambda *a: adam_step(*a)[0]),
    "expected shape (3, 5) in v after step 1, got (3,)": (
        "momentum_step", lambda theta, g, v, *a: (theta, v.sum(axis=1))),
    "expected dtype float32 in s, got float64": (
        "rmsprop_step", lambda *a: [each.astype(a[0].dtype if i == 0 else float)
                                    for i, each in enumerate(rmsprop_step(*a))]),
    "expected dtype float32 in theta, got float64": ("adam_step", in_float64(adam_step)),
    "Finish momentum_step first": ("momentum_step", lambda *a: None),
    "expected a rate from 0 to": ("warmup_cosine", lambda *a: 2 * warmup_cosine(*a)),
    "Finish warmup_cosine first": ("warmup_cosine", lambda *a: None),
    "expected deviations above 0, feature 1 has 0": (
        "feature_statistics", lambda X: (X.mean(axis=1, keepdims=True), X.std(axis=1, keepdims=True))),
    "expected each index once, 20 comes 0 times": ("minibatches", lambda m, size, rng: cut(rng.permutation(20), size)),
    "the order of the indices is not random": ("minibatches", lambda m, size, rng: cut(np.arange(m), size)),
    "a second call with the same rng": (
        "minibatches", lambda m, size, rng: cut(np.random.default_rng(0).permutation(m), size)),
    "Is every draw made by rng?": ("minibatches", lambda m, size, rng: cut(np.random.permutation(m), size)),
    "expected 5 indices in all batches but the last": (
        "minibatches", lambda m, size, rng: np.array_split(rng.permutation(m), -(-m // size)) if m == 23 else
        minibatches(m, size, rng)),
    "expected a list of arrays of indices": ("minibatches", lambda m, size, rng: iter(minibatches(m, size, rng))),
    "expected a loss of 0 or more": (
        "loss_and_gradients", lambda *a: (-loss_and_gradients(*a)[0], loss_and_gradients(*a)[1])),
    "expected a single number, got a list of 2": ("loss_and_gradients", lambda *a: loss_and_gradients(*a)[::-1]),
    "it changes its first input": (
        "train_epoch", lambda thetas, *a: (thetas[0].fill(1), train_epoch(thetas, *a))[-1]),
}  # fmt: skip


@pytest.mark.parametrize("words", PREVIEWS)
def test_preview_says(words):
    name, version = PREVIEWS[words]
    with pytest.raises(NotYet, match=re.escape(words)):
        preview(version, name)
