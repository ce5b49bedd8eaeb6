"""Lab 05: steps from a parameter and its gradient to a better parameter, and learning-rate schedules.

Each step is for one array and returns new arrays, with its state. theta, g and the state have one shape; a state begins
as zeros.
"""

from math import cos, pi

import numpy as np


def sgd_step(theta: np.ndarray, g: np.ndarray, eta: float) -> np.ndarray:
    """theta - eta g.

    theta, g: of one shape. eta: the learning rate. Returns the new theta.
    """
    return theta - eta * g


def momentum_step(
    theta: np.ndarray, g: np.ndarray, v: np.ndarray, eta: float, mu: float = 0.9
) -> tuple[np.ndarray, np.ndarray]:
    """v <- mu v + g, then theta <- theta - eta v.

    theta, g, v: of one shape, v = 0 at first. Returns (theta, v).
    Source: Polyak, Some methods of speeding up the convergence of iteration methods, 1964.
    """
    v = mu * v + g
    return theta - eta * v, v


def averaged_momentum_step(
    theta: np.ndarray, g: np.ndarray, v: np.ndarray, eta: float, mu: float = 0.9
) -> tuple[np.ndarray, np.ndarray]:
    """v <- mu v + (1 - mu) g, then theta <- theta - eta v: momentum_step with the learning rate (1 - mu) eta.

    theta, g, v: of one shape, v = 0 at first. Returns (theta, v).
    """
    v = mu * v + (1 - mu) * g
    return theta - eta * v, v


def rmsprop_step(
    theta: np.ndarray, g: np.ndarray, s: np.ndarray, eta: float, rho: float = 0.9, eps: float = 1e-8
) -> tuple[np.ndarray, np.ndarray]:
    """s <- rho s + (1 - rho) g^2, then theta <- theta - eta g / (sqrt(s) + eps).

    theta, g, s: of one shape, s = 0 at first. Returns (theta, s).
    Source: Tieleman and Hinton, Neural networks for machine learning, lecture 6.5, 2012.
    """
    s = rho * s + (1 - rho) * g**2
    return theta - eta * g / (np.sqrt(s) + eps), s


def adam_step(
    theta: np.ndarray,
    g: np.ndarray,
    m: np.ndarray,
    v: np.ndarray,
    t: int,
    eta: float = 0.001,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """theta <- theta - eta m_hat / (sqrt(v_hat) + eps), with m_hat = m / (1 - beta1^t), v_hat = v / (1 - beta2^t).

    Before that, m <- beta1 m + (1 - beta1) g and v <- beta2 v + (1 - beta2) g^2.
    theta, g, m, v: of one shape, m = v = 0 at first. t: 1 in the first step. Returns (theta, m, v).
    Source: Kingma and Ba, Adam, 2015, algorithm 1.
    """
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return theta - eta * m_hat / (np.sqrt(v_hat) + eps), m, v


def step_decay(t: int, eta: float, factor: float = 0.5, every: int = 10) -> float:
    """eta factor^(t // every): the learning rate falls by a factor after every so many steps.

    t: 0 in the first step.
    """
    return eta * factor ** (t // every)


def warmup_cosine(t: int, total: int, eta: float, warmup: int = 0) -> float:
    """eta (t + 1) / warmup while t < warmup; then eta (1 + cos(pi (t - warmup) / (total - warmup))) / 2.

    t: 0 in the first step. It rises in a line to eta, then falls in half a cosine to 0 at t = total.
    Source: Loshchilov and Hutter, SGDR, 2017; Goyal et al., Accurate, large minibatch SGD, 2017.
    """
    if t < warmup:
        return eta * (t + 1) / warmup
    return eta * (1 + cos(pi * (t - warmup) / (total - warmup))) / 2
