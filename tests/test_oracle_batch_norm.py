"""dnnlib.batch_norm against HIPS autograd and central differences; its invariances, running averages, dtype, purity."""

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from hypothesis import given, settings
from hypothesis import strategies as st

from dnnlib.batch_norm import (
    batch_norm,
    batch_norm_block,
    batch_norm_inference,
    batch_statistics,
    normalize,
    normalize_backward,
    normalize_backward_by_node,
    scale_backward,
    update_running,
)
from dnnlib.gradient_check import numerical_gradient

CLOSE = {"rtol": 1e-10, "atol": 1e-10}
MEASURED = {"rtol": 1e-6, "atol": 1e-7}
quick = settings(max_examples=30, deadline=None)
sizes = st.integers(1, 7)
seeds = st.integers(0, 2**32 - 1)
epsilons = st.sampled_from([1e-5, 0.01, 0.5, 3.0])
FORMS = [normalize_backward, normalize_backward_by_node]
by_form = pytest.mark.parametrize("backward", FORMS)


def batch(seed, n, m):
    """Z, gamma, beta and d_out. No two z of a unit are close: its variance stays away from 0."""
    rng = np.random.default_rng(seed)
    steps = rng.permuted(np.tile(np.arange(m), (n, 1)), axis=1) + rng.uniform(-0.3, 0.3, (n, m))
    Z = rng.normal(0, 3, (n, 1)) + rng.uniform(0.3, 2, (n, 1)) * steps
    return Z, rng.normal(0, 2, (n, 1)), rng.normal(0, 2, (n, 1)), rng.normal(0, 1, (n, m))


def normalized(Z, eps):
    mu = anp.mean(Z, axis=1, keepdims=True)
    return (Z - mu) / anp.sqrt(anp.mean((Z - mu) ** 2, axis=1, keepdims=True) + eps)


# --- the way forward --------------------------------------------------------------------------------------------------


@quick
@given(seeds, sizes, sizes)
def test_statistics_are_those_of_each_row(seed, n, m):
    Z = batch(seed, n, m)[0]
    mu, var = batch_statistics(Z)
    assert mu.shape == var.shape == (n, 1)
    for j, row in enumerate(Z):
        np.testing.assert_allclose(mu[j], sum(row) / m, **CLOSE)
        np.testing.assert_allclose(var[j], np.var(row, ddof=0), **CLOSE)
        if m > 1:
            np.testing.assert_allclose(var[j] * m / (m - 1), np.var(row, ddof=1), **CLOSE)


@quick
@given(seeds, sizes, st.integers(2, 9), epsilons)
def test_z_hat_has_mean_0_and_a_variance_of_nearly_1(seed, n, m, eps):
    Z = batch(seed, n, m)[0]
    mu, var = batch_statistics(Z)
    mean_of_hat, var_of_hat = batch_statistics(normalize(Z, mu, var, eps))
    np.testing.assert_allclose(mean_of_hat, 0, atol=1e-12)
    np.testing.assert_allclose(var_of_hat, var / (var + eps), **CLOSE)


@quick
@given(seeds, sizes, st.integers(2, 9), epsilons)
def test_outputs_lie_around_beta_as_wide_as_gamma(seed, n, m, eps):
    Z, gamma, beta, _ = batch(seed, n, m)
    mean, var = batch_statistics(batch_norm(Z, gamma, beta, eps))
    own = batch_statistics(Z)[1]
    np.testing.assert_allclose(mean, beta, **CLOSE)
    np.testing.assert_allclose(var, gamma**2 * own / (own + eps), **CLOSE)


@quick
@given(seeds, sizes, st.integers(2, 9), st.sampled_from([0.5, 3.0, 40.0]))
def test_a_shift_or_a_scale_of_the_input_changes_nothing(seed, n, m, scale):
    Z, gamma, beta, _ = batch(seed, n, m)
    out = batch_norm(Z, gamma, beta, 0.1)
    np.testing.assert_allclose(batch_norm(Z + 10 * beta, gamma, beta, 0.1), out, **CLOSE)
    np.testing.assert_allclose(batch_norm(scale * Z, gamma, beta, scale**2 * 0.1), out, **CLOSE)


def test_units_do_not_see_each_other():
    Z, gamma, beta, _ = batch(1, 4, 6)
    out = batch_norm(Z, gamma, beta)
    for j in range(4):
        np.testing.assert_array_equal(batch_norm(Z[[j]], gamma[[j]], beta[[j]]), out[[j]])


@quick
@given(seeds, sizes, sizes, epsilons)
def test_inference_with_the_batch_s_statistics_is_training(seed, n, m, eps):
    Z, gamma, beta, _ = batch(seed, n, m)
    at_test = batch_norm_inference(Z, gamma, beta, *batch_statistics(Z), eps)
    np.testing.assert_allclose(at_test, batch_norm(Z, gamma, beta, eps), **CLOSE)


def test_inference_treats_each_example_for_itself():
    Z, gamma, beta, _ = batch(2, 3, 5)
    running = batch_statistics(batch(3, 3, 8)[0])
    together = batch_norm_inference(Z, gamma, beta, *running)
    alone = [batch_norm_inference(Z[:, [i]], gamma, beta, *running) for i in range(5)]
    np.testing.assert_array_equal(together, np.hstack(alone))


@quick
@given(seeds, st.integers(1, 12), st.sampled_from([0.0, 0.3, 0.9, 0.99, 1.0]))
def test_running_averages_are_weighted_sums(seed, steps, rho):
    batches = np.random.default_rng(seed).normal(0, 2, (steps, 4, 1))
    start = running = np.random.default_rng(seed + 1).normal(0, 2, (4, 1))
    for each in batches:
        running = update_running(running, each, rho)
    weights = [(1 - rho) * rho ** (steps - 1 - k) for k in range(steps)]
    expected = rho**steps * start + sum(weight * each for weight, each in zip(weights, batches))
    assert np.isclose(sum(weights) + rho**steps, 1)
    np.testing.assert_allclose(running, expected, **CLOSE)


def test_the_defaults():
    Z, gamma, beta, d_out = batch(4, 3, 5)
    Z, mu = 1e-3 * Z, np.ones((3, 1))
    assert (update_running(mu, 2 * mu) == update_running(mu, 2 * mu, 0.9)).all()
    assert (normalize(Z, mu, 1e-5 * mu) == normalize(Z, mu, 1e-5 * mu, 1e-5)).all()
    assert (batch_norm(Z, gamma, beta) == batch_norm(Z, gamma, beta, 1e-5)).all()
    assert (normalize_backward(d_out, Z) == normalize_backward(d_out, Z, 1e-5)).all()
    assert (normalize_backward_by_node(d_out, Z) == normalize_backward_by_node(d_out, Z, 1e-5)).all()


# --- the way back -----------------------------------------------------------------------------------------------------


@quick
@given(seeds, sizes, sizes, epsilons)
def test_all_gradients_are_autograd_s(seed, n, m, eps):
    Z, gamma, beta, d_out = batch(seed, n, m)

    def J(Z, gamma, beta):
        return anp.sum(d_out * (gamma * normalized(Z, eps) + beta))

    dZ, dgamma, dbeta = grad(J, (0, 1, 2))(Z, gamma, beta)
    ours = scale_backward(d_out, normalize(Z, *batch_statistics(Z), eps), gamma)
    np.testing.assert_allclose(ours[0], dgamma, **CLOSE)
    np.testing.assert_allclose(ours[1], dbeta, **CLOSE)
    for backward in FORMS:
        np.testing.assert_allclose(backward(ours[2], Z, eps), dZ, **CLOSE)


@quick
@given(seeds, sizes, sizes, epsilons)
def test_all_gradients_are_what_central_differences_measure(seed, n, m, eps):
    Z, gamma, beta, d_out = batch(seed, n, m)

    def J(Z, gamma, beta):
        return float((d_out * batch_norm(Z, gamma, beta, eps)).sum())

    ours = scale_backward(d_out, normalize(Z, *batch_statistics(Z), eps), gamma)
    np.testing.assert_allclose(ours[0], numerical_gradient(lambda gamma: J(Z, gamma, beta), gamma), **MEASURED)
    np.testing.assert_allclose(ours[1], numerical_gradient(lambda beta: J(Z, gamma, beta), beta), **MEASURED)
    measured = numerical_gradient(lambda Z: J(Z, gamma, beta), Z)
    for backward in FORMS:
        np.testing.assert_allclose(backward(ours[2], Z, eps), measured, **MEASURED)


@quick
@given(seeds, sizes, sizes, epsilons)
def test_both_forms_are_equal(seed, n, m, eps):
    Z, _, _, dZ_hat = batch(seed, n, m)
    np.testing.assert_allclose(normalize_backward(dZ_hat, Z, eps), normalize_backward_by_node(dZ_hat, Z, eps), **CLOSE)


@by_form
def test_it_is_the_jacobian_of_each_unit(backward):
    """dz_hat_k / dz_i = ([i = k] - 1/m - z_hat_i z_hat_k / m) / sqrt(var + eps)."""
    Z, _, _, dZ_hat = batch(5, 3, 6)
    mu, var = batch_statistics(Z)
    Z_hat = normalize(Z, mu, var, 0.2)
    for j in range(3):
        jacobian = (np.eye(6) - 1 / 6 - np.outer(Z_hat[j], Z_hat[j]) / 6) / np.sqrt(var[j] + 0.2)
        np.testing.assert_allclose(backward(dZ_hat, Z, 0.2)[j], jacobian @ dZ_hat[j], **CLOSE)


@by_form
@pytest.mark.parametrize("eps", [1e-8, 0.5])
def test_rows_of_dZ_sum_to_0_and_have_only_a_share_of_eps_along_z_hat(backward, eps):
    """No step along dZ shifts a unit; one that scales it is only left because of eps."""
    Z, _, _, dZ_hat = batch(6, 4, 7)
    mu, var = batch_statistics(Z)
    Z_hat = normalize(Z, mu, var, eps)
    dZ = backward(dZ_hat, Z, eps)
    np.testing.assert_allclose(dZ.sum(axis=1), 0, atol=1e-12)
    along = (dZ_hat * Z_hat).sum(axis=1, keepdims=True) * eps / (var + eps) ** 1.5
    np.testing.assert_allclose((dZ * Z_hat).sum(axis=1, keepdims=True), along, **CLOSE)
    if eps < 1e-6:
        np.testing.assert_allclose(along, 0, atol=1e-7)


@by_form
def test_an_upstream_that_is_constant_along_a_unit_gives_nothing(backward):
    """Why no check may use an all-ones upstream."""
    Z = batch(7, 3, 5)[0]
    np.testing.assert_allclose(backward(np.ones((3, 5)), Z), 0, atol=1e-12)


@by_form
def test_a_scaled_input_has_a_gradient_that_is_smaller_by_as_much(backward):
    Z, _, _, dZ_hat = batch(8, 3, 5)
    np.testing.assert_allclose(backward(dZ_hat, 4 * Z + 7, 16 * 0.1), backward(dZ_hat, Z, 0.1) / 4, **CLOSE)


# --- one example, still units, large means ----------------------------------------------------------------------------


@quick
@given(seeds, sizes, epsilons)
def test_one_example_gives_beta_and_no_gradient(seed, n, eps):
    Z, gamma, beta, d_out = batch(seed, n, 1)
    np.testing.assert_array_equal(batch_norm(Z, gamma, beta, eps), beta)
    dgamma, dbeta, dZ_hat = scale_backward(d_out, np.zeros((n, 1)), gamma)
    np.testing.assert_array_equal(dgamma, 0)
    np.testing.assert_array_equal(dbeta, d_out)
    for backward in FORMS:
        np.testing.assert_allclose(backward(dZ_hat, Z, eps), 0, atol=1e-12)


@pytest.mark.filterwarnings("error")
def test_a_unit_that_never_changes_stays_finite():
    Z, gamma, beta, d_out = batch(9, 3, 4)
    Z[1] = 3.0
    np.testing.assert_array_equal(batch_norm(Z, gamma, beta)[1], np.repeat(beta[1], 4))
    for backward in FORMS:
        expected = (d_out[1] - d_out[1].mean()) / np.sqrt(1e-5)
        np.testing.assert_allclose(backward(d_out, Z)[1], expected, **CLOSE)


def test_a_large_mean_costs_no_digits():
    """Steps of 1/1024: a mean of 8 such numbers is exact. mean(z^2) - mean(z)^2 is not."""
    near = np.round(1024 * np.random.default_rng(10).normal(0, 1, (3, 8))) / 1024
    far = near + 1e6
    np.testing.assert_allclose(batch_statistics(far)[1], batch_statistics(near)[1], rtol=1e-12)
    naive = (far**2).mean(axis=1, keepdims=True) - far.mean(axis=1, keepdims=True) ** 2
    assert np.abs(naive / batch_statistics(near)[1] - 1).max() > 1e-6
    d_out = np.random.default_rng(11).normal(0, 1, (3, 8))
    for backward in FORMS:
        np.testing.assert_allclose(backward(d_out, far), backward(d_out, near), rtol=1e-9, atol=1e-12)


# --- the block --------------------------------------------------------------------------------------------------------


@quick
@given(seeds, sizes, sizes, epsilons)
def test_the_block_is_its_pieces(seed, n, m, eps):
    Z, gamma, beta, d_out = batch(seed, n, m)
    out, pullback = batch_norm_block(Z, gamma, beta, eps)
    np.testing.assert_allclose(out, batch_norm(Z, gamma, beta, eps), **CLOSE)
    expected = scale_backward(d_out, normalize(Z, *batch_statistics(Z), eps), gamma)
    dZ, dgamma, dbeta = pullback(d_out)
    np.testing.assert_allclose(dgamma, expected[0], **CLOSE)
    np.testing.assert_allclose(dbeta, expected[1], **CLOSE)
    np.testing.assert_allclose(dZ, normalize_backward_by_node(expected[2], Z, eps), **CLOSE)


# --- dtype, purity ----------------------------------------------------------------------------------------------------


def everything(Z, gamma, beta, d_out):
    """What each function returns, by name."""
    mu, var = batch_statistics(Z)
    out, pullback = batch_norm_block(Z, gamma, beta, 0.1)
    return {
        "batch_statistics": (mu, var),
        "normalize": (normalize(Z, mu, var, 0.1),),
        "batch_norm": (batch_norm(Z, gamma, beta, 0.1),),
        "update_running": (update_running(beta, mu, 0.7),),
        "batch_norm_inference": (batch_norm_inference(Z, gamma, beta, mu, var, 0.1),),
        "scale_backward": scale_backward(d_out, Z, gamma),
        "normalize_backward_by_node": (normalize_backward_by_node(d_out, Z, 0.1),),
        "normalize_backward": (normalize_backward(d_out, Z, 0.1),),
        "batch_norm_block": (out, *pullback(d_out)),
    }


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_in_is_dtype_out(dtype):
    found = everything(*(each.astype(dtype) for each in batch(12, 3, 5)))
    assert {name: {each.dtype for each in arrays} for name, arrays in found.items()} == {
        name: {np.dtype(dtype)} for name in found
    }


def test_float32_is_float64_to_its_digits():
    single = everything(*(each.astype(np.float32) for each in batch(13, 3, 5)))
    double = everything(*batch(13, 3, 5))
    for name, arrays in single.items():
        for mine, its in zip(arrays, double[name], strict=True):
            np.testing.assert_allclose(mine, its, rtol=1e-4, atol=1e-5, err_msg=name)


def test_integers_become_float64():
    Z, column = np.array([[1, 4, 7], [2, 2, 8]]), np.array([[2], [-1]])
    for each in (*batch_statistics(Z), batch_norm(Z, column, column), update_running(column, column)):
        assert each.dtype == np.float64
    np.testing.assert_array_equal(batch_statistics(Z)[0], [[4], [4]])
    np.testing.assert_array_equal(batch_statistics(Z)[1], [[6], [8]])


def test_no_input_is_changed():
    arrays = batch(14, 3, 5)
    copies = [each.copy() for each in arrays]
    for each in arrays:
        each.flags.writeable = False
    everything(*arrays)
    for each, copy in zip(arrays, copies):
        np.testing.assert_array_equal(each, copy)
