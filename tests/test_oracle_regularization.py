"""dnnlib.regularization against HIPS autograd, SciPy, brute force and central differences; chance; dtype, purity."""

import math

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage, stats

from dnnlib.activations import identity, tanh
from dnnlib.backprop import SLOPES, backward, mse_delta
from dnnlib.gradient_check import numerical_gradient
from dnnlib.layers import forward
from dnnlib.losses import mse
from dnnlib.optimizers import adam_step, momentum_step, sgd_step
from dnnlib.regularization import (
    adamw_step,
    add_l2,
    dropout,
    dropout_backward,
    early_stopping,
    l2_penalty,
    rotate,
    shift,
)
from labkit.bench import NotYet, preview

CLOSE = {"rtol": 1e-10, "atol": 1e-12}
MEASURED = {"rtol": 1e-6, "atol": 1e-8}
quick = settings(max_examples=30, deadline=None)
seeds = st.integers(0, 2**32 - 1)
widths = st.lists(st.integers(1, 5), min_size=2, max_size=4)
shares = st.floats(0.05, 0.9)

# --- the penalty ------------------------------------------------------------------------------------------------------


def net(seed, sizes, dtype=np.float64):
    rng = np.random.default_rng(seed)
    phis = [tanh] * (len(sizes) - 2) + [identity]
    return [
        (rng.normal(0, 1, (n, k)).astype(dtype), rng.normal(0, 1, (n, 1)).astype(dtype), phi)
        for k, n, phi in zip(sizes, sizes[1:], phis)
    ]


def pairs_of(layers):
    return [(W, b) for W, b, _ in layers]


def all_arrays(pairs):
    return [array for pair in pairs for array in pair]


@quick
@given(seeds, widths, st.floats(0, 3))
def test_the_penalty_is_lambda_times_all_squares(seed, sizes, lam):
    layers = net(seed, sizes)
    weights = np.concatenate([W.ravel() for W, _, _ in layers])
    assert l2_penalty(layers, lam) == pytest.approx(lam * np.linalg.norm(weights) ** 2, rel=1e-12)
    other_biases = [(W, b + 100, phi) for W, b, phi in layers]
    assert l2_penalty(other_biases, lam) == l2_penalty(layers, lam)
    assert type(l2_penalty(layers, lam)) is float


def test_the_penalty_by_hand():
    layers = [(np.array([[1.0, -2.0]]), np.array([[9.0]]), tanh), (np.array([[3.0]]), np.array([[9.0]]), identity)]
    assert l2_penalty(layers, 0.5) == 7.0
    (dW_1, db_1), (dW_2, _) = add_l2(
        [(np.array([[10.0, 20.0]]), np.ones((1, 1))), (np.zeros((1, 1)),) * 2], layers, 0.5
    )
    np.testing.assert_array_equal(dW_1, [[11.0, 18.0]])
    np.testing.assert_array_equal((db_1, dW_2), ([[1.0]], [[3.0]]))


@quick
@given(seeds, widths, st.floats(0, 3))
def test_add_l2_is_autograd_s_gradient_of_the_sum(seed, sizes, lam):
    """J = MSE + penalty of a tanh net, against add_l2 of the backward pass's gradients."""
    layers, rng = net(seed, sizes), np.random.default_rng(seed)
    X, Y = rng.normal(0, 1, (sizes[0], 4)), rng.normal(0, 1, (sizes[-1], 4))

    def J(parameters):
        A = X
        for number, (W, b) in enumerate(parameters, 1):
            A = anp.dot(W, A) + b
            A = anp.tanh(A) if number < len(parameters) else A
        return anp.sum((A - Y) ** 2) / 4 + lam * sum(anp.sum(W**2) for W, _ in parameters)

    Z, A = forward(layers, X)
    found = add_l2(backward(layers, Z, A, mse_delta(A[-1], Y), SLOPES), layers, lam)
    expected = grad(J)(pairs_of(layers))
    for ours, theirs in zip(all_arrays(found), all_arrays(expected), strict=True):
        np.testing.assert_allclose(ours, theirs, **CLOSE)
    assert mse(A[-1], Y) + l2_penalty(layers, lam) == pytest.approx(J(pairs_of(layers)), rel=1e-12)


@quick
@given(seeds, widths, st.floats(0.01, 3))
def test_add_l2_is_what_central_differences_measure(seed, sizes, lam):
    layers = net(seed, sizes)
    zeros = [(np.zeros_like(W), np.zeros_like(b)) for W, b, _ in layers]
    for l, (dW, db) in enumerate(add_l2(zeros, layers, lam)):
        W, b, phi = layers[l]

        def penalty_of(W, l=l, b=b, phi=phi):
            return l2_penalty([*layers[:l], (W, b, phi), *layers[l + 1 :]], lam)

        np.testing.assert_allclose(dW, numerical_gradient(penalty_of, W), **MEASURED)
        assert not db.any()


def test_a_step_of_sgd_with_l2_is_a_decay_and_a_step():
    (W, b, phi), g = net(1, [4, 3])[0], np.random.default_rng(1).normal(0, 1, (3, 4))
    ((dW, _),) = add_l2([(g, np.zeros((3, 1)))], [(W, b, phi)], 0.05)
    np.testing.assert_allclose(sgd_step(W, dW, 0.1), (1 - 2 * 0.1 * 0.05) * W - 0.1 * g, **CLOSE)


def test_with_momentum_l2_is_no_decay():
    """The first step still is one; the second feels the penalty of the first through v."""
    W, g = np.random.default_rng(2).normal(0, 1, (2, 3, 4))
    coupled = decoupled = W
    v = w = np.zeros_like(W)
    for step in range(2):
        decay = 2 * 0.1 * 0.05 * decoupled
        coupled, v = momentum_step(coupled, g + 2 * 0.05 * coupled, v, 0.1)
        decoupled, w = momentum_step(decoupled, g, w, 0.1)
        decoupled = decoupled - decay
        assert np.allclose(coupled, decoupled, rtol=1e-12, atol=1e-12) == (step == 0)


# --- AdamW ------------------------------------------------------------------------------------------------------------

ETAS = [0.5, 0.1, 0.3, 0.02]


def path(seed, shape=(2, 3)):
    """A point, and a gradient for each learning rate, of very different sizes."""
    rng = np.random.default_rng(seed)
    return rng.normal(0, 1, shape), rng.normal(0, 1, (len(ETAS), *shape)) * 10 ** rng.uniform(-3, 2, shape)


def walk(step, theta, gradients, *setting):
    m, v = np.zeros_like(theta), np.zeros_like(theta)
    for t, (g, eta) in enumerate(zip(gradients, ETAS), 1):
        theta, m, v = step(theta, g, m, v, t, eta, *setting)
    return theta, m, v


def adamw_of_one_number(theta, gradients, decay, beta1, beta2, eps):
    """Algorithm 2 of Loshchilov and Hutter, with a schedule multiplier of eta, on one number."""
    m = v = 0.0
    for t, (g, eta) in enumerate(zip(gradients, ETAS), 1):
        m += (1 - beta1) * (g - m)
        v += (1 - beta2) * (g * g - v)
        step = (m / (1 - math.pow(beta1, t))) / (math.sqrt(v / (1 - math.pow(beta2, t))) + eps)
        theta = theta - eta * (step + decay * theta)
    return theta, m, v


@quick
@given(seeds, st.floats(0, 1), st.floats(0.01, 0.99), st.floats(0.01, 0.999), st.sampled_from([1e-8, 1e-3, 0.5]))
def test_adamw_is_the_recursion_of_each_entry(seed, decay, beta1, beta2, eps):
    theta, gradients = path(seed)
    found = walk(adamw_step, theta, gradients, decay, beta1, beta2, eps)
    for i in np.ndindex(theta.shape):
        exact = adamw_of_one_number(float(theta[i]), gradients[(slice(None), *i)], decay, beta1, beta2, eps)
        np.testing.assert_allclose([each[i] for each in found], exact, rtol=1e-9, atol=1e-12)


@quick
@given(seeds)
def test_without_decay_adamw_is_adam(seed):
    theta, gradients = path(seed)
    ours = walk(adamw_step, theta, gradients, 0.0, 0.8, 0.95, 1e-6)
    for mine, its in zip(ours, walk(adam_step, theta, gradients, 0.8, 0.95, 1e-6), strict=True):
        np.testing.assert_array_equal(mine, its)


def test_adamw_is_not_adam_on_an_l2_gradient():
    """No lambda makes them equal: the root takes the penalty's size away, entry by entry."""
    theta, (g, *_) = path(5)
    zeros = np.zeros_like(theta)
    decayed = adamw_step(theta, g, zeros, zeros, 1, 0.1, 0.2)
    for lam in np.logspace(-4, 2, 40):
        coupled = adam_step(theta, g + 2 * lam * theta, zeros, zeros, 1, 0.1)
        assert np.abs(coupled[0] - decayed[0]).max() > 1e-3
        assert np.abs(coupled[2] - decayed[2]).max() > 1e-9


def test_under_a_gradient_of_0_theta_shrinks_by_the_same_share_at_every_step():
    theta = np.array([[3.0, -0.01]])
    now, m, v = theta, np.zeros((1, 2)), np.zeros((1, 2))
    for t in range(1, 6):
        now, m, v = adamw_step(now, np.zeros((1, 2)), m, v, t, 0.1, 0.5)
        np.testing.assert_allclose(now, theta * 0.95**t, rtol=1e-12)
    assert not m.any() and not v.any()


# --- dropout ----------------------------------------------------------------------------------------------------------


def masks(p, shape, count, seed=0):
    rng = np.random.default_rng(seed)
    return np.array([dropout(np.ones(shape), p, rng)[1] for _ in range(count)])


@pytest.mark.parametrize("p", [0.1, 0.35, 0.8])
def test_the_expectation_over_many_masks_is_A(p):
    A, rng = np.random.default_rng(3).normal(0, 2, (4, 5)), np.random.default_rng(4)
    mean = np.mean([dropout(A, p, rng)[0] for _ in range(20_000)], axis=0)
    std = np.abs(A) * math.sqrt(p / (1 - p) / 20_000)
    assert (np.abs(mean - A) < 5 * std).all()


@quick
@given(seeds, shares)
def test_an_entry_is_0_or_scaled_and_kept_says_which(seed, p):
    A = np.random.default_rng(seed).normal(0, 2, (7, 9))
    output, kept = dropout(A, p, np.random.default_rng(seed))
    assert kept.dtype == bool and kept.shape == output.shape == A.shape
    np.testing.assert_allclose(output[kept], A[kept] / (1 - p), rtol=1e-12)
    assert (output[~kept] == 0).all()


@pytest.mark.parametrize("p", [0.1, 0.35, 0.8])
def test_the_number_of_dropped_entries_is_binomial(p):
    dropped = (~masks(p, (5, 6), 4000)).sum(axis=(1, 2))
    counts = np.bincount(dropped, minlength=31)
    expected = stats.binom.pmf(np.arange(31), 30, p) * 4000
    common = expected > 10
    observed, wanted = counts[common], expected[common]
    observed, wanted = np.append(observed, 4000 - observed.sum()), np.append(wanted, 4000 - wanted.sum())
    assert stats.chisquare(observed, wanted).pvalue > 1e-4


@pytest.mark.parametrize("p", [0.2, 0.7])
def test_entries_are_dropped_independently(p):
    """The correlations of all pairs of 12 entries, over 20 000 masks."""
    entries = masks(p, (3, 4), 20_000).reshape(20_000, -1).astype(float)
    apart = np.corrcoef(entries.T)[~np.eye(12, dtype=bool)]
    assert np.abs(apart).max() < 5 / math.sqrt(20_000)


def test_the_rng_alone_decides():
    A, rng = np.ones((6, 7)), np.random.default_rng(7)
    np.random.seed(1)
    first, second = dropout(A, 0.4, rng), dropout(A, 0.4, rng)
    np.random.seed(2)
    again = dropout(A, 0.4, np.random.default_rng(7))
    np.testing.assert_array_equal(first, again)
    assert (first[1] != second[1]).any()


@pytest.mark.parametrize("p", [0.0, 0.3, 0.9])
def test_inference_leaves_A_and_the_rng_alone(p):
    A, rng = np.random.default_rng(3).normal(0, 2, (4, 5)), np.random.default_rng(4)
    output, kept = dropout(A, p, rng, training=False)
    np.testing.assert_array_equal(output, A)
    assert kept.dtype == bool and kept.shape == A.shape and kept.all()
    assert rng.random() == np.random.default_rng(4).random()


def test_without_dropping_training_is_inference():
    A = np.random.default_rng(3).normal(0, 2, (4, 5))
    output, kept = dropout(A, 0.0, np.random.default_rng(4))
    np.testing.assert_array_equal(output, A)
    assert kept.all()


@quick
@given(seeds, shares)
def test_dropout_backward_is_the_pullback_with_the_same_mask(seed, p):
    """Central differences of sum(D * dropout(A)), each with an rng of the same state."""
    A, D = np.random.default_rng(seed).normal(0, 1, (2, 3, 4))
    _, kept = dropout(A, p, np.random.default_rng(seed))

    def J(A):
        return float((D * dropout(A, p, np.random.default_rng(seed))[0]).sum())

    np.testing.assert_allclose(dropout_backward(D, kept, p), numerical_gradient(J, A), **MEASURED)


@quick
@given(seeds, shares)
def test_dropout_backward_is_the_adjoint_of_the_forward_pass(seed, p):
    A, D = np.random.default_rng(seed).normal(0, 1, (2, 5, 6))
    output, kept = dropout(A, p, np.random.default_rng(seed))
    assert (D * output).sum() == pytest.approx((dropout_backward(D, kept, p) * A).sum(), rel=1e-10, abs=1e-10)


# --- early stopping ---------------------------------------------------------------------------------------------------


def end_by_definition(losses, patience):
    """The first epoch whose `patience` predecessors hold the first of the lowest losses so far, else the last one."""
    for last in range(len(losses)):
        best = losses.index(min(losses[: last + 1]))
        if last - best == patience:
            return best, last
    return losses.index(min(losses)), len(losses) - 1


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=15), st.integers(1, 6))
def test_early_stopping_is_its_definition_with_ties(losses, patience):
    assert early_stopping(losses, patience) == end_by_definition(losses, patience)
    assert early_stopping(np.array(losses) / 7, patience) == end_by_definition(losses, patience)


@quick
@given(seeds, st.integers(1, 6))
def test_what_follows_the_end_changes_nothing(seed, patience):
    losses = list(np.random.default_rng(seed).random(30))
    best, last = early_stopping(losses, patience)
    assert early_stopping(losses[: last + 1], patience) == (best, last)
    assert early_stopping([*losses[: last + 1], -1.0], patience) == ((best, last) if last < 29 else (30, 30))


def test_early_stopping_by_hand():
    losses = [0.9, 0.7, 0.8, 0.6, 0.65, 0.7, 0.5]
    assert [early_stopping(losses, patience) for patience in (1, 2, 3)] == [(1, 2), (3, 5), (6, 6)]


# --- images that move -------------------------------------------------------------------------------------------------


def some_images(seed, side, m):
    return np.random.default_rng(seed).random((side**2, m))


def image_by_image(move, X):
    side = math.isqrt(len(X))
    return np.stack([move(column.reshape(side, side)).ravel() for column in X.T], axis=1)


@quick
@given(seeds, st.integers(2, 7), st.integers(1, 3), st.integers(-9, 9), st.integers(-9, 9))
def test_shift_is_scipy_s(seed, side, m, down, right):
    X = some_images(seed, side, m)
    expected = image_by_image(lambda image: ndimage.shift(image, (down, right), order=0), X)
    np.testing.assert_array_equal(shift(X, down, right), expected)


def test_shift_by_hand():
    X = np.arange(1.0, 10).reshape(9, 1)
    np.testing.assert_array_equal(shift(X, 1, 0).reshape(3, 3), [[0, 0, 0], [1, 2, 3], [4, 5, 6]])
    np.testing.assert_array_equal(shift(X, 0, -1).reshape(3, 3), [[2, 3, 0], [5, 6, 0], [8, 9, 0]])


@quick
@given(seeds, st.integers(3, 9), st.integers(1, 3), st.floats(-200, 200))
def test_rotate_is_scipy_s(seed, side, m, degrees):
    """grid-constant: also the outermost pixels fade into the paper."""
    X = some_images(seed, side, m)

    def turned(image):
        return ndimage.rotate(image, degrees, reshape=False, order=1, mode="grid-constant")

    np.testing.assert_allclose(rotate(X, degrees), image_by_image(turned, X), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("quarters", [-1, 0, 1, 2, 3])
@pytest.mark.parametrize("side", [3, 4, 7])
def test_quarter_turns_are_exact(side, quarters):
    X = some_images(1, side, 2)
    expected = image_by_image(lambda image: np.rot90(image, quarters), X)
    np.testing.assert_allclose(rotate(X, 90 * quarters), expected, atol=1e-7)


# --- dtype, purity ----------------------------------------------------------------------------------------------------


def frozen(*arrays):
    for array in arrays:
        array.flags.writeable = False
    return arrays


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_in_is_dtype_out_and_no_input_is_changed(dtype):
    rng = np.random.default_rng(9)
    A, D = frozen(*rng.normal(0, 1, (2, 9, 4)).astype(dtype))
    layers = net(3, [4, 3, 2], dtype)
    frozen(*all_arrays(pairs_of(layers)))
    lists = list(layers), list(pairs_of(layers))
    kept = frozen(dropout(A, 0.3, rng)[1])[0]
    found = [
        *all_arrays(add_l2(lists[1], layers, 0.1)),
        *adamw_step(A, D, D, D**2, 3, 0.1, 0.2),
        dropout(A, 0.3, rng)[0],
        dropout(A, 0.3, rng, training=False)[0],
        dropout_backward(D, kept, 0.3),
        shift(A, 1, -2),
        rotate(A, 30),
    ]
    assert {array.dtype for array in found} == {np.dtype(dtype)}
    assert all(mine is its for mine, its in zip(layers, lists[0], strict=True))


def test_integers_become_float64():
    whole = np.array([[2, -3], [4, 1]])
    assert dropout(whole, 0.2, np.random.default_rng(0))[0].dtype == np.float64
    assert dropout_backward(whole, whole > 0, 0.2).dtype == np.float64
    np.testing.assert_array_equal(dropout_backward(whole, whole > 0, 0.5), [[4.0, 0.0], [8.0, 2.0]])


# --- what preview says ------------------------------------------------------------------------------------------------


def other_output(change):
    """dropout, with another (output, kept)."""
    return lambda A, p, rng, training=True: change(*dropout(A, p, rng, training))


def other_step(change):
    return lambda *inputs: change(*adamw_step(*inputs))


WORDS = {
    "Does it end in `return output, kept`": ("dropout", other_output(lambda output, kept: output)),
    "expected shape (3, 5) in kept, that of A, got None": (
        "dropout",
        other_output(lambda output, kept: (output, None)),
    ),
    "expected shape (3, 5) in output, that of A, got (5, 3)": (
        "dropout",
        other_output(lambda output, kept: (output.T, kept.T)),
    ),
    "expected True and False in kept, got float32": (
        "dropout",
        other_output(lambda output, kept: (output, kept.astype(np.float32))),
    ),
    "kept does not mark the entries": ("dropout", other_output(lambda output, kept: (output, ~kept))),
    "each column has lost equally many": (
        "dropout",
        lambda A, p, rng, training=True: dropout(A, p, rng) if A.shape[0] != 4 else (A, A != 0),
    ),
    "equal rngs give different masks": (
        "dropout",
        lambda A, p, rng, training=True: dropout(A, p, np.random.default_rng(), training),
    ),
    "an entry that was dropped has a gradient": ("dropout_backward", lambda D, kept, p: D / (1 - p)),
    "an entry that was kept has no gradient": ("dropout_backward", lambda D, kept, p: 0 * D),
    "no square is below 0": ("l2_penalty", lambda layers, lam: -l2_penalty(layers, lam)),
    "layer 1: expected shape (3, 4) for dW": (
        "add_l2",
        lambda gradients, layers, lam: [(dW.T, db) for dW, db in add_l2(gradients, layers, lam)],
    ),
    "expected 3 arrays from each step": ("adamw_step", other_step(lambda theta, m, v: (theta, m))),
    "Does it end in `return best, last`": ("early_stopping", lambda losses, patience: len(losses) - 1),
    "expected the number of an epoch in best": ("early_stopping", lambda losses, patience: (min(losses), 1)),
    "best = 0 has not the lowest loss": ("early_stopping", lambda losses, patience: (0, len(losses) - 1)),
    "epochs after": ("early_stopping", lambda losses, patience: (losses.index(min(losses)), len(losses) - 1)),
    "expected shape (16, 3), got shape (4, 4, 3)": ("shift", lambda X, down, right: X.reshape(4, 4, 3)),
}


@pytest.mark.parametrize("words", WORDS)
def test_preview_names_what_is_off(words):
    name, function = WORDS[words]
    with pytest.raises(NotYet) as raised:
        preview(function, name)
    assert words in str(raised.value)


@pytest.mark.parametrize(
    "function",
    [l2_penalty, add_l2, adamw_step, dropout, dropout_backward, early_stopping, shift],
    ids=lambda f: f.__name__,
)
def test_the_reference_is_right(function, capsys):
    preview(function)
    assert "the form is right" in capsys.readouterr().out
