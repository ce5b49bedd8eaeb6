"""Lab 07: batch normalization. Statistics are taken over the batch, axis 1: each unit has its own."""

from collections.abc import Callable

import numpy as np


def batch_statistics(Z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """mu = (1/m) sum_i z_i and sigma^2 = (1/m) sum_i (z_i - mu)^2 of each unit, over the batch.

    Z: (n, m). Returns (mu, var), each (n, 1). The variance is the biased one: it divides by m.
    """
    return Z.mean(axis=1, keepdims=True), Z.var(axis=1, keepdims=True)


def normalize(Z: np.ndarray, mu: np.ndarray, var: np.ndarray, eps: float = 1e-5) -> np.ndarray:
    """z_hat = (z - mu) / sqrt(var + eps).

    Z: (n, m). mu, var: (n, 1). Result: (n, m). eps keeps a unit without variance finite.
    """
    return (Z - mu) / np.sqrt(var + eps)


def batch_norm(Z: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5) -> np.ndarray:
    """gamma z_hat + beta, with the statistics of this batch: training.

    Z: (n, m). gamma, beta: (n, 1), learned. Result: (n, m).
    Source: Ioffe and Szegedy, Batch normalization, 2015, algorithm 1.
    """
    return gamma * normalize(Z, *batch_statistics(Z), eps) + beta


def update_running(running: np.ndarray, batch: np.ndarray, rho: float = 0.9) -> np.ndarray:
    """running <- rho running + (1 - rho) batch.

    running, batch: (n, 1), means or variances. Some libraries call 1 - rho the momentum.
    """
    return rho * running + (1 - rho) * batch


def batch_norm_inference(
    Z: np.ndarray, gamma: np.ndarray, beta: np.ndarray, mean: np.ndarray, var: np.ndarray, eps: float = 1e-5
) -> np.ndarray:
    """gamma (z - mean) / sqrt(var + eps) + beta, with running averages: one example is enough.

    Z: (n, m). gamma, beta, mean, var: (n, 1). Result: (n, m).
    """
    return gamma * normalize(Z, mean, var, eps) + beta


def scale_backward(d_out: np.ndarray, Z_hat: np.ndarray, gamma: np.ndarray) -> tuple:
    """dgamma = sum over the batch of d_out z_hat, dbeta = sum of d_out, dZ_hat = gamma d_out.

    d_out = dJ/d(output), Z_hat: (n, m). gamma: (n, 1). Returns (dgamma (n, 1), dbeta (n, 1), dZ_hat (n, m)).
    """
    dgamma = (d_out * Z_hat).sum(axis=1, keepdims=True)
    return dgamma, d_out.sum(axis=1, keepdims=True), gamma * d_out


def normalize_backward_by_node(dZ_hat: np.ndarray, Z: np.ndarray, eps: float = 1e-5) -> np.ndarray:
    """dZ through z_hat = (z - mu) / sqrt(var + eps), one node of the graph at a time: var, then mu, then z.

    dZ_hat = dJ/dZ_hat, Z: (n, m). Result: dZ (n, m). mu and var depend on every z of the batch.
    Source: Ioffe and Szegedy, Batch normalization, 2015, section 3.
    """
    m = Z.shape[1]
    mu, var = batch_statistics(Z)
    dvar = (dZ_hat * (Z - mu)).sum(axis=1, keepdims=True) * -0.5 * (var + eps) ** -1.5
    dmu = -dZ_hat.sum(axis=1, keepdims=True) / np.sqrt(var + eps)
    return dZ_hat / np.sqrt(var + eps) + dvar * 2 * (Z - mu) / m + dmu / m


def normalize_backward(dZ_hat: np.ndarray, Z: np.ndarray, eps: float = 1e-5) -> np.ndarray:
    """dZ = (dZ_hat - mean(dZ_hat) - z_hat mean(dZ_hat z_hat)) / sqrt(var + eps), means over the batch.

    dZ_hat = dJ/dZ_hat, Z: (n, m). Result: dZ (n, m), the same as by node. Its rows sum to 0.
    """
    mu, var = batch_statistics(Z)
    Z_hat = normalize(Z, mu, var, eps)
    mean, along = (x.mean(axis=1, keepdims=True) for x in (dZ_hat, dZ_hat * Z_hat))
    return (dZ_hat - mean - Z_hat * along) / np.sqrt(var + eps)


def batch_norm_block(
    Z: np.ndarray, gamma: np.ndarray, beta: np.ndarray, eps: float = 1e-5
) -> tuple[np.ndarray, Callable]:
    """batch_norm's output and its pullback: pullback(d_out) -> (dZ, dgamma, dbeta).

    Z: (n, m). gamma, beta: (n, 1).
    """
    Z_hat = normalize(Z, *batch_statistics(Z), eps)

    def pullback(d_out: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        dgamma, dbeta, dZ_hat = scale_backward(d_out, Z_hat, gamma)
        return normalize_backward(dZ_hat, Z, eps), dgamma, dbeta

    return gamma * Z_hat + beta, pullback
