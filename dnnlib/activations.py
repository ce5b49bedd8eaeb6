"""Lab 01: activations, one number at a time, and what a binary output means."""

import numpy as np


def identity(Z: np.ndarray) -> np.ndarray:
    """phi(z) = z, the output of a regression.

    Z: any shape; the result has the same.
    """
    return Z


def relu(Z: np.ndarray) -> np.ndarray:
    """phi(z) = max(0, z).

    Z: any shape; the result has the same.
    Source: Nair and Hinton, Rectified linear units improve restricted Boltzmann machines, 2010.
    """
    return np.maximum(Z, 0.0)


def sigmoid(Z: np.ndarray) -> np.ndarray:
    """sigma(z) = 1 / (1 + e^-z) = e^z / (1 + e^z), the probability that belongs to a logit z.

    Z: any shape; the result has the same, with values from 0 to 1.
    With e = e^-|z| the first form serves z >= 0 and the second z < 0: no exponent is positive, so nothing overflows.
    """
    e = np.exp(-np.abs(Z))
    return np.where(Z >= 0, 1.0, e) / (1.0 + e)


def tanh(Z: np.ndarray) -> np.ndarray:
    """tanh(z) = (e^z - e^-z) / (e^z + e^-z) = 2 sigma(2z) - 1.

    Z: any shape; the result has the same, with values from -1 to 1.
    """
    return np.tanh(Z)


def predict_binary(O: np.ndarray) -> np.ndarray:
    """1 where sigma(o) > 1/2, which is where o > 0; else 0. A tie counts as 0.

    O: logits (1, m), one example per column; the result is (1, m), integers.
    """
    return (O > 0).astype(int)
