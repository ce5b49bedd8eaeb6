"""dnnlib.initialization by its statistics; dnnlib.rectifiers against SciPy, autograd and central differences."""

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import elementwise_grad, grad
from autograd.scipy.special import erf
from scipy import special, stats

from dnnlib import rectifiers
from dnnlib.activations import identity, relu
from dnnlib.initialization import glorot, he, initialize
from dnnlib.rectifiers import (
    gelu,
    gelu_slope,
    gelu_tanh,
    gelu_tanh_slope,
    leaky_relu,
    leaky_relu_slope,
    normal_cdf,
    normal_pdf,
    prelu_backward,
)
from labkit.bench import NotYet, preview

CLOSE = {"rtol": 1e-10, "atol": 1e-12}
Z = np.concatenate([np.linspace(-6, 6, 1200), np.linspace(-1, 1, 300)]).reshape(4, -1)  # 0 is not among them
DRAWS = {"he": (he, lambda n, k: 2 / k), "glorot": (glorot, lambda n, k: 2 / (k + n))}
drawn = pytest.mark.parametrize(("draw", "variance"), DRAWS.values(), ids=DRAWS)
ELEMENTWISE = (leaky_relu, leaky_relu_slope, normal_cdf, normal_pdf, gelu, gelu_slope, gelu_tanh, gelu_tanh_slope)


def standardized(draw, variance, shape, seed=4):
    return draw(shape, np.random.default_rng(seed)) / np.sqrt(variance(*shape))


# --- drawn weights ----------------------------------------------------------------------------------------------------


@drawn
@pytest.mark.parametrize("shape", [(200, 900), (900, 200), (1, 150_000), (150_000, 1)])
def test_weights_are_normal_with_the_variance_of_the_formula(draw, variance, shape):
    W = standardized(draw, variance, shape).ravel()
    assert W.shape == (shape[0] * shape[1],)
    assert stats.kstest(W, "norm").pvalue > 1e-3
    assert abs(W.var() - 1) < 5 * np.sqrt(2 / W.size)
    assert abs(W.mean()) < 5 / np.sqrt(W.size)


@drawn
def test_rows_and_columns_are_independent(draw, variance):
    W = standardized(draw, variance, (40, 5000))
    for products in (np.corrcoef(W), np.corrcoef(W[:, :-1].ravel(), W[:, 1:].ravel())):
        apart = products[~np.eye(len(products), dtype=bool)]
        assert np.abs(apart).max() < 5 / np.sqrt(5000)


@drawn
def test_the_rng_alone_decides(draw, variance):
    rng = np.random.default_rng(7)
    np.random.seed(1)
    first, second = draw((3, 5), rng), draw((3, 5), rng)
    np.random.seed(2)
    np.testing.assert_array_equal(first, draw((3, 5), np.random.default_rng(7)))
    assert not np.isclose(first, second).any()
    assert first.shape == (3, 5) and first.dtype == np.float64


def test_he_keeps_the_size_of_activations_and_glorot_that_of_both_ways():
    """What the formulas are for: 8 layers of 500 units, ReLU with He, a straight line with Glorot."""
    rng = np.random.default_rng(0)
    A = rng.standard_normal((500, 200))
    squares = np.mean(A**2)
    for _ in range(8):
        A = relu(he((500, 500), rng) @ A)
    assert 0.5 < np.mean(A**2) / squares < 2
    W = glorot((300, 500), rng)
    forward = (W @ rng.standard_normal((500, 300))).var()
    backward = (W.T @ rng.standard_normal((300, 300))).var()
    assert forward + backward == pytest.approx(2, rel=0.05)


# --- a net ------------------------------------------------------------------------------------------------------------


def test_a_net_holds_what_draw_drew_and_biases_of_0():
    calls = []

    def draw(shape, rng):
        calls.append((shape, rng, rng.standard_normal(shape)))
        return calls[-1][2]

    rng = np.random.default_rng(3)
    layers = initialize([4, 3, 5, 2], (np.tanh, np.sin, identity), draw, rng)
    assert [shape for shape, _, _ in calls] == [(3, 4), (5, 3), (2, 5)]
    assert all(given is rng for _, given, _ in calls)
    assert [phi for _, _, phi in layers] == [np.tanh, np.sin, identity]
    for (W, b, _), (_, _, drawn_W) in zip(layers, calls, strict=True):
        assert W is drawn_W
        np.testing.assert_array_equal(b, np.zeros((len(W), 1)), strict=True)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_every_layer_has_one_activation(count):
    with pytest.raises(ValueError):
        initialize([4, 3, 2], [np.tanh] * count, he, np.random.default_rng(0))


# --- the ReLU family --------------------------------------------------------------------------------------------------


def test_normal_distribution_and_density():
    np.testing.assert_allclose(normal_cdf(Z), stats.norm.cdf(Z), **CLOSE)
    np.testing.assert_allclose(normal_pdf(Z), stats.norm.pdf(Z), **CLOSE)


def test_gelu_is_z_times_the_normal_distribution():
    np.testing.assert_allclose(gelu(Z), Z * stats.norm.cdf(Z), **CLOSE)
    np.testing.assert_allclose(gelu(Z), Z / 2 * (1 + special.erf(Z / np.sqrt(2))), **CLOSE)


def test_gelu_keeps_its_digits_far_below_0():
    far = np.linspace(-37, -1, 400)
    exact = far * np.exp(special.log_ndtr(far))
    np.testing.assert_allclose(gelu(far), exact, rtol=1e-11, atol=0)
    np.testing.assert_allclose(gelu_slope(far), stats.norm.cdf(far) + far * stats.norm.pdf(far), rtol=1e-11, atol=0)
    naive = far * (1 + special.erf(far / np.sqrt(2))) / 2
    assert (naive[far < -9] == 0).all(), "then this test would prove nothing"


def gelu_of(z):
    return z / 2 * (1 + erf(z / np.sqrt(2)))


def gelu_tanh_of(z):
    return z / 2 * (1 + anp.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)))


def leaky_relu_of(z, alpha=0.07):
    return anp.where(z > 0, z, alpha * z)


def test_the_functions_that_autograd_gets_are_ours():
    np.testing.assert_allclose(gelu(Z), gelu_of(Z), **CLOSE)
    np.testing.assert_allclose(gelu_tanh(Z), gelu_tanh_of(Z), **CLOSE)
    np.testing.assert_allclose(leaky_relu(Z, 0.07), leaky_relu_of(Z), **CLOSE)


SLOPES = {
    "leaky_relu": (leaky_relu_of, lambda Z: leaky_relu(Z, 0.07), lambda Z: leaky_relu_slope(Z, 0.07)),
    "gelu": (gelu_of, gelu, gelu_slope),
    "gelu_tanh": (gelu_tanh_of, gelu_tanh, gelu_tanh_slope),
    "normal_cdf": (lambda z: (1 + erf(z / np.sqrt(2))) / 2, normal_cdf, normal_pdf),
}
sloped = pytest.mark.parametrize(("twin", "function", "slope"), SLOPES.values(), ids=SLOPES)


@sloped
def test_slopes_agree_with_autograd(twin, function, slope):
    np.testing.assert_allclose(slope(Z), elementwise_grad(twin)(Z), **CLOSE)


@sloped
def test_slopes_agree_with_central_differences(twin, function, slope):
    h = 1e-5
    differences = (function(Z + h) - function(Z - h)) / (2 * h)
    np.testing.assert_allclose(slope(Z), differences, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("alpha", [0.25, -0.5, 1.5])
def test_prelu_backward_agrees_with_autograd_and_central_differences(alpha):
    rng = np.random.default_rng(6)
    Z, dA = rng.normal(-0.3, 2, (3, 7)), rng.normal(1, 2, (3, 7))

    def J(Z, alpha):
        return anp.sum(dA * leaky_relu_of(Z, alpha))

    dZ, dalpha = prelu_backward(Z, alpha, dA)
    np.testing.assert_allclose(dZ, grad(J, 0)(Z, alpha), **CLOSE)
    np.testing.assert_allclose(dalpha, grad(J, 1)(Z, alpha), **CLOSE)
    h = 1e-5
    assert dalpha == pytest.approx((J(Z, alpha + h) - J(Z, alpha - h)) / (2 * h), rel=1e-6)
    direction = rng.standard_normal(Z.shape)
    along = (J(Z + h * direction, alpha) - J(Z - h * direction, alpha)) / (2 * h)
    assert np.sum(dZ * direction) == pytest.approx(along, rel=1e-6)


def test_the_kink_takes_alpha():
    kink = np.array([[0.0]])
    assert leaky_relu(kink, 0.3).item() == 0
    assert leaky_relu_slope(kink, 0.3).item() == 0.3
    assert prelu_backward(kink, 0.3, np.array([[5.0]])) == (1.5, 0.0)


def test_leaky_relu_goes_by_the_sign_of_z():
    values = np.array([[-2.0, 3.0]])
    np.testing.assert_allclose(leaky_relu(values), [[-0.02, 3.0]])
    np.testing.assert_allclose(leaky_relu(values, 1.5), [[-3.0, 3.0]])
    np.testing.assert_allclose(leaky_relu(values, -0.5), [[1.0, 3.0]])


def test_the_two_forms_of_gelu_differ_by_less_than_half_a_thousandth():
    z = np.linspace(-6, 6, 120_001)
    difference = np.abs(gelu(z) - gelu_tanh(z))
    assert difference.max() == pytest.approx(4.73e-4, rel=1e-2)
    assert np.abs(z[difference.argmax()]) == pytest.approx(2.7, abs=0.05)


def test_gelu_s_slope_leaves_0_to_1():
    slopes = gelu_slope(Z)
    assert slopes.min() == pytest.approx(-0.129, abs=1e-3) and slopes.max() == pytest.approx(1.129, abs=1e-3)
    assert Z.flat[slopes.argmin()] == pytest.approx(-np.sqrt(2), abs=0.02)


# --- manners ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", ELEMENTWISE)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_and_shape_stay_and_so_does_the_input(function, dtype):
    frozen = np.random.default_rng(2).standard_normal((2, 3, 4)).astype(dtype)
    frozen.flags.writeable = False
    result = function(frozen)
    assert result.dtype == dtype and result.shape == frozen.shape
    np.testing.assert_allclose(result, function(frozen.astype(np.float64)), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("function", ELEMENTWISE)
def test_integers_become_float64(function):
    whole = np.array([[-3, 0], [2, 7]])
    assert function(whole).dtype == np.float64
    np.testing.assert_allclose(function(whole), function(whole.astype(float)), **CLOSE)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_prelu_backward_keeps_dtype_and_inputs(dtype):
    values, dA = np.random.default_rng(2).standard_normal((2, 3, 4)).astype(dtype)
    values.flags.writeable = dA.flags.writeable = False
    dZ, dalpha = prelu_backward(values, 0.3, dA)
    assert dZ.dtype == dtype and dZ.shape == values.shape and type(dalpha) is float


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ["gelu", "gelu_tanh"])
def test_nothing_overflows(name):
    far = np.array([-1000.0, 1000.0])
    np.testing.assert_array_equal(getattr(rectifiers, name)(far), [0, 1000])
    np.testing.assert_array_equal(getattr(rectifiers, f"{name}_slope")(far), [0, 1])


# --- what preview says ------------------------------------------------------------------------------------------------


def layers_of(change):
    """initialize, with another layer for (W, b, phi)."""
    return lambda *inputs: [change(*layer) for layer in initialize(*inputs)]


WORDS = {
    "3 rows and 5 columns: expected an array of shape (3, 5)": ("he", lambda shape, rng: he(shape, rng).tolist()),
    "expected shape (3, 5), got (5, 3)": ("he", lambda shape, rng: he(shape, rng).T),
    "expected shape (3, 5), got ()": ("glorot", lambda shape, rng: rng.normal()),
    "expected dtype float64, got float32": ("glorot", lambda shape, rng: glorot(shape, rng).astype(np.float32)),
    "expected a list of 2, one (W, b, phi) for each layer, got a list of 1": (
        "initialize",
        lambda *inputs: initialize(*inputs)[:1],
    ),
    "layer 1: expected (W, b, phi)": ("initialize", layers_of(lambda W, b, phi: (W, b))),
    "layer 1: expected shape (3, 1) in b, got (3,)": ("initialize", layers_of(lambda W, b, phi: (W, b[:, 0], phi))),
    "layer 1: b is no array": ("initialize", layers_of(lambda W, b, phi: (W, None, phi))),
    "layer 1: phi is no function": ("initialize", layers_of(lambda W, b, phi: (W, b, [phi]))),
    "2 layers and 1 activations: expected a ValueError": (
        "initialize",
        lambda sizes, phis, draw, rng: initialize(sizes, (phis * 2)[: len(sizes) - 1], draw, rng),
    ),
    "Expected a number between z and 0": ("gelu", np.abs),
}


@pytest.mark.parametrize("words", WORDS)
def test_preview_names_what_is_off(words):
    name, function = WORDS[words]
    with pytest.raises(NotYet) as raised:
        preview(function, name)
    assert words in str(raised.value)
