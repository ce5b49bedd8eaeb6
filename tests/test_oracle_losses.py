"""dnnlib.losses against SciPy, with shapes and values drawn by hypothesis; dtype, purity and bad input."""

import ast
import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special
from test_sources import definition, read

from dnnlib import losses
from gradekit.course import lab

CLOSE = {"rtol": 1e-10, "atol": 1e-12}
quick = settings(max_examples=40, deadline=None)
sizes = st.integers(1, 9)
scales = st.sampled_from([0.1, 1.0, 30.0, 1000.0])
seeds = st.integers(0, 2**32 - 1)


def binary(seed, m):
    rng = np.random.default_rng(seed)
    return rng, rng.integers(0, 2, (1, m)).astype(float)


@quick
@given(seeds, sizes, sizes, scales)
def test_mse_is_the_squared_distance_per_example(seed, n, m, scale):
    Y_hat, Y = np.random.default_rng(seed).normal(1, scale, (2, n, m))
    distances = [np.linalg.norm(Y_hat[:, i] - Y[:, i]) ** 2 for i in range(m)]
    np.testing.assert_allclose(losses.mse(Y_hat, Y), sum(distances) / m, **CLOSE)


@quick
@given(seeds, sizes, st.booleans())
def test_bce_is_xlogy(seed, m, soft):
    rng, Y = binary(seed, m)
    P = rng.uniform(0, 1, (1, m))
    P[rng.random((1, m)) < 0.2] = 0
    P[rng.random((1, m)) < 0.2] = 1
    Y = rng.random((1, m)) if soft else Y
    expected = -(special.xlogy(Y, P) + special.xlogy(1 - Y, 1 - P)).mean()
    np.testing.assert_allclose(losses.bce(P, Y), expected, **CLOSE)


@quick
@given(seeds, sizes, scales, st.booleans())
def test_bce_with_logits_is_log_expit(seed, m, scale, soft):
    rng, Y = binary(seed, m)
    O = rng.normal(0.5, scale, (1, m))
    Y = rng.random((1, m)) if soft else Y
    expected = -(Y * special.log_expit(O) + (1 - Y) * special.log_expit(-O)).mean()
    np.testing.assert_allclose(losses.bce_with_logits(O, Y), expected, **CLOSE)


@quick
@given(seeds, sizes, sizes, scales, st.sampled_from([-1e4, 0, 1e4]))
def test_softmax_log_sum_exp_and_cross_entropy(seed, k, m, scale, centre):
    rng = np.random.default_rng(seed)
    O = rng.normal(0, scale, (k, m)) + rng.normal(centre, scale, m)
    y = rng.integers(0, k, m)
    np.testing.assert_allclose(losses.softmax(O), special.softmax(O, axis=0), **CLOSE)
    np.testing.assert_allclose(losses.log_sum_exp(O), special.logsumexp(O, axis=0), **CLOSE)
    by_scipy = -special.log_softmax(O, axis=0)[y, np.arange(m)].mean()
    np.testing.assert_allclose(losses.cross_entropy(O, y), by_scipy, rtol=1e-10, atol=1e-11)


def test_two_classes_are_the_binary_case():
    O = np.random.default_rng(2).normal(0, 5, (1, 12))
    y = np.arange(12) % 2
    both = np.vstack([np.zeros_like(O), O])
    np.testing.assert_allclose(losses.cross_entropy(both, y), losses.bce_with_logits(O, y[None]), **CLOSE)


def test_a_loss_of_probabilities_and_one_of_logits_agree_where_both_can():
    rng, Y = binary(3, 20)
    O = rng.normal(0, 3, (1, 20))
    np.testing.assert_allclose(losses.bce(special.expit(O), Y), losses.bce_with_logits(O, Y), **CLOSE)


@pytest.mark.parametrize(("p", "y", "cost"), [(0, 0, 0), (1, 1, 0), (0, 1, np.inf), (1, 0, np.inf), (1, 0.5, np.inf)])
@pytest.mark.filterwarnings("error")
def test_certain_predictions(p, y, cost):
    assert losses.bce(np.array([[p, 0.5]], float), np.array([[y, 1]], float)) == pytest.approx((cost + np.log(2)) / 2)


@pytest.mark.parametrize("P", [[[0.0]], [[1.0]], [[0.0, 1.0, 1.0]]])
def test_a_perfect_prediction_costs_0_without_a_sign(P):
    assert str(losses.bce(np.array(P), np.array(P))) == "0.0"


@pytest.mark.filterwarnings("error")
def test_losses_of_logits_stay_finite_without_warnings():
    O = np.array([[1e4, -1e4, 0.0], [-1e4, 1e4, 0.0]])
    assert losses.cross_entropy(O, np.array([1, 0, 1])) == pytest.approx((4e4 + np.log(2)) / 3)
    assert losses.bce_with_logits(O[:1], np.array([[0.0, 1.0, 1.0]])) == pytest.approx((2e4 + np.log(2)) / 3)
    assert np.isfinite(losses.softmax(O)).all()


def test_a_class_that_is_ruled_out_has_probability_0():
    O = np.array([[0.0], [-np.inf], [0.0]])
    np.testing.assert_array_equal(losses.softmax(O), [[0.5], [0.0], [0.5]])
    assert losses.log_sum_exp(O)[0] == pytest.approx(np.log(2))


def test_one_hot_inverts_argmax():
    y = np.array([2, 0, 1, 1, 4], np.uint8)
    Y = losses.one_hot(y, 6)
    assert Y.shape == (6, 5) and Y.dtype == np.float64
    np.testing.assert_array_equal(Y.argmax(axis=0), y)
    np.testing.assert_array_equal(np.sort(Y, axis=0)[-2:], [[0] * 5, [1] * 5])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_in_is_dtype_out(dtype):
    O = np.random.default_rng(0).normal(0, 1, (3, 4)).astype(dtype)
    assert losses.softmax(O).dtype == dtype
    assert losses.log_sum_exp(O).dtype == dtype
    Y = np.ones((1, 4), dtype)
    values = [losses.mse(O, O + 1), losses.cross_entropy(O, np.array([0, 2, 1, 0])),
              losses.bce(losses.softmax(O)[:1], Y), losses.bce_with_logits(O[:1], Y)]  # fmt: skip
    assert all(type(value) is float for value in values)


def test_integers_become_float64():
    O = np.array([[1, 2], [3, -4]])
    assert losses.softmax(O).dtype == losses.log_sum_exp(O).dtype == np.float64
    assert losses.mse(O, O + 2) == 8.0


def test_no_input_is_changed():
    rng = np.random.default_rng(1)
    O, P, Y, y = rng.normal(0, 1, (3, 4)), rng.random((1, 4)), np.array([[0.0, 1, 1, 0]]), np.array([2, 0, 1, 1])
    for given_array in (O, P, Y, y):
        given_array.flags.writeable = False
    losses.mse(O, O + 1)
    losses.bce(P, Y)
    losses.bce_with_logits(O[:1], Y)
    losses.softmax(O)
    losses.log_sum_exp(O)
    losses.one_hot(y, 3)
    losses.cross_entropy(O, y)


@pytest.mark.parametrize("loss", [losses.mse, losses.bce, losses.bce_with_logits])
def test_shapes_that_would_broadcast_are_named(loss):
    with pytest.raises(ValueError, match=rf"{loss.__name__}: .*\(1, 4\).*\(4,\)"):
        loss(np.full((1, 4), 0.5), np.ones(4))


@pytest.mark.parametrize(
    ("y", "said"),
    [
        ([0, 3, 1], "0 to 3"),
        ([-1, 0, 2], "-1 to 2"),
        ([0.0, 1.0, 2.0], "float64"),
        ([True, False, True], "bool"),
        ([[0, 1, 2]], r"\(1, 3\)"),
    ],
)
def test_bad_labels_are_named(y, said):
    with pytest.raises(ValueError, match=said):
        losses.one_hot(np.array(y), 3)
    with pytest.raises(ValueError, match=said):
        losses.cross_entropy(np.zeros((3, 3)), np.array(y))


def test_a_label_for_each_example():
    with pytest.raises(ValueError, match=r"expected shape \(4,\), got \(1,\)"):
        losses.cross_entropy(np.zeros((3, 4)), np.array([2]))


@pytest.mark.parametrize("guard", ["same_shape", "as_labels"])
def test_the_guards_that_the_lab_hands_out_are_the_library_s(guard):
    cell = next(cell for cell in read(lab("02_losses")).cells if f"def {guard}(" in cell.source)
    ours = definition(inspect.getsource(losses), guard)
    assert ast.dump(definition(cell.source, guard)) == ast.dump(ours)
