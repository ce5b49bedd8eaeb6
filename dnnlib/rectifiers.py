"""Lab 04: the ReLU family, with derivatives."""

from math import erfc, pi, sqrt

import numpy as np


def leaky_relu(Z: np.ndarray, alpha: float = 0.01) -> np.ndarray:
    """phi(z) = z where z > 0, else alpha z.

    Z: any shape; the result has the same. PReLU is the same function with an alpha that is learned.
    Source: Maas, Hannun, Ng, Rectifier nonlinearities improve neural network acoustic models, 2013.
    """
    return np.where(Z > 0, Z, alpha * Z)


def leaky_relu_slope(Z: np.ndarray, alpha: float = 0.01) -> np.ndarray:
    """phi'(z) = 1 where z > 0, else alpha. At the kink, z = 0, the course takes alpha.

    Z: any shape; the result has the same.
    """
    return np.where(Z > 0, np.ones_like(Z), alpha)


def prelu_backward(Z: np.ndarray, alpha: float, dA: np.ndarray) -> tuple[np.ndarray, float]:
    """dZ = dA * phi'(Z) and dalpha = sum of dA * min(Z, 0), for A = leaky_relu(Z, alpha).

    Z, dA = dJ/dA: of one shape. Returns (dZ, of the same shape, and dalpha, a number: every unit shares alpha).
    Source: He, Zhang, Ren, Sun, Delving deep into rectifiers, 2015.
    """
    return dA * leaky_relu_slope(Z, alpha), float(np.sum(dA * np.minimum(Z, 0)))


def normal_cdf(Z: np.ndarray) -> np.ndarray:
    """Phi(z) = erfc(-z / sqrt 2) / 2, the probability that a standard normal variable lies below z.

    Z: any shape; the result has the same. Precise for large negative z, where (1 + erf) / 2 has lost its digits.
    """
    return np.vectorize(erfc, otypes=[float])(-Z / sqrt(2)).astype(np.result_type(Z, 0.0)) / 2


def normal_pdf(Z: np.ndarray) -> np.ndarray:
    """exp(-z^2 / 2) / sqrt(2 pi), the slope of normal_cdf.

    Z: any shape; the result has the same.
    """
    return np.exp(-(Z**2) / 2) / sqrt(2 * pi)


def gelu(Z: np.ndarray) -> np.ndarray:
    """phi(z) = z Phi(z), with the normal distribution function Phi.

    Z: any shape; the result has the same.
    Source: Hendrycks and Gimpel, Gaussian error linear units, 2016.
    """
    return Z * normal_cdf(Z)


def gelu_slope(Z: np.ndarray) -> np.ndarray:
    """phi'(z) = Phi(z) + z exp(-z^2 / 2) / sqrt(2 pi).

    Z: any shape; the result has the same. Not monotonic: below 0 near z = -2, above 1 near z = 2.
    """
    return normal_cdf(Z) + Z * normal_pdf(Z)


def gelu_tanh(Z: np.ndarray) -> np.ndarray:
    """phi(z) = z/2 (1 + tanh(sqrt(2/pi) (z + 0.044715 z^3))), close to gelu.

    Z: any shape; the result has the same.
    Source: Hendrycks and Gimpel, Gaussian error linear units, 2016.
    """
    return Z / 2 * (1 + np.tanh(sqrt(2 / pi) * (Z + 0.044715 * Z**3)))


def gelu_tanh_slope(Z: np.ndarray) -> np.ndarray:
    """phi'(z) = (1 + t)/2 + z/2 (1 - t^2) u', with t = tanh(u), u = sqrt(2/pi) (z + 0.044715 z^3).

    Z: any shape; the result has the same.
    """
    t = np.tanh(sqrt(2 / pi) * (Z + 0.044715 * Z**3))
    return (1 + t) / 2 + Z / 2 * (1 - t**2) * sqrt(2 / pi) * (1 + 3 * 0.044715 * Z**2)
