"""dnnlib.activations against SciPy, and the manners that a formula alone does not promise."""

import numpy as np
import pytest
from scipy import special

from dnnlib import activations
from dnnlib.activations import identity, predict_binary, relu, sigmoid, tanh

FUNCTIONS = (identity, relu, sigmoid, tanh)
LOGITS = np.concatenate([np.linspace(-40, 40, 2001), [-1000.0, -745.2, -709.0, 0.0, 709.0, 745.2, 1000.0]])


@pytest.mark.parametrize(
    ("function", "oracle"),
    [(relu, lambda Z: (Z + np.abs(Z)) / 2), (sigmoid, special.expit), (tanh, lambda Z: 2 * special.expit(2 * Z) - 1)],
    ids=["relu", "sigmoid", "tanh"],
)
def test_values_agree_with_the_oracle(function, oracle):
    Z = LOGITS.reshape(8, -1)
    np.testing.assert_allclose(function(Z), oracle(Z), rtol=1e-10, atol=1e-10)


def test_sigmoid_keeps_its_digits_far_below_zero():
    Z = np.linspace(-700, 0, 200)
    np.testing.assert_allclose(sigmoid(Z), special.expit(Z), rtol=1e-10, atol=0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.filterwarnings("error")
def test_sigmoid_stands_1000_without_a_warning(dtype):
    np.testing.assert_array_equal(sigmoid(np.array([-1000, 0, 1000], dtype)), np.array([0, 0.5, 1], dtype))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_float32_stays_float32(function):
    assert function(np.float32([[-3, 0.5], [2, 40]])).dtype == np.float32


@pytest.mark.parametrize("function", [relu, sigmoid, tanh])
def test_integers_become_float64(function):
    Z = np.array([[-3, 0], [2, 40]])
    assert function(Z).dtype == np.float64
    np.testing.assert_allclose(function(Z), function(Z.astype(float)), rtol=1e-15)


@pytest.mark.parametrize("function", [*FUNCTIONS, predict_binary])
def test_inputs_and_shapes_stay(function):
    Z = np.random.default_rng(1).standard_normal((3, 5))
    before = Z.copy()
    assert function(Z).shape == Z.shape
    np.testing.assert_array_equal(Z, before)


def test_identity_is_the_identity():
    np.testing.assert_array_equal(identity(LOGITS), LOGITS)


def test_predict_binary_is_the_probability_against_one_half():
    O = np.random.default_rng(2).standard_normal((1, 500))
    answers = predict_binary(O)
    assert answers.dtype.kind == "i"
    np.testing.assert_array_equal(answers, special.expit(O) > 0.5)


def test_a_tie_counts_as_0():
    assert predict_binary(np.array([[0.0]])).item() == 0


def test_softmax_waits_for_the_next_lab():
    assert not hasattr(activations, "softmax")
