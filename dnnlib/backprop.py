"""Lab 03: the way backward through a net.

delta[l] = dJ/dZ[l] is (n_l, m), one example per column. The 1/m of the loss stands in the output's delta and nowhere
else: dW and db are sums over the batch.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from dnnlib.activations import identity, relu, sigmoid, tanh
from dnnlib.layers import Layer
from dnnlib.losses import as_labels, same_shape, softmax

Gradients = list[tuple[np.ndarray, np.ndarray]]


def identity_slope(Z: np.ndarray) -> np.ndarray:
    """phi'(z) = 1.

    Z: any shape; the result has the same.
    """
    return np.ones_like(Z, dtype=np.result_type(Z, 0.0))


def relu_slope(Z: np.ndarray) -> np.ndarray:
    """phi'(z) = 1 where z > 0, else 0. At the kink, z = 0, the course takes 0.

    Z: any shape; the result has the same.
    """
    return np.heaviside(Z, 0.0)


def sigmoid_slope(Z: np.ndarray) -> np.ndarray:
    """sigma'(z) = sigma(z) (1 - sigma(z)), at most 1/4.

    Z: any shape; the result has the same.
    """
    A = sigmoid(Z)
    return A * (1 - A)


def tanh_slope(Z: np.ndarray) -> np.ndarray:
    """tanh'(z) = 1 - tanh(z)^2, at most 1.

    Z: any shape; the result has the same.
    """
    return 1 - np.tanh(Z) ** 2


SLOPES = {identity: identity_slope, relu: relu_slope, sigmoid: sigmoid_slope, tanh: tanh_slope}


@same_shape
def mse_delta(Y_hat: np.ndarray, Y: np.ndarray) -> np.ndarray:
    """dJ/dY_hat = (2/m) (Y_hat - Y) of the mean squared error (1/m) sum_i ||y_hat_i - y_i||^2.

    Y_hat, Y: (n, m). Result: (n, m). An error with 1/(2m) has no 2 here.
    Raises ValueError where the shapes differ.
    """
    return 2 * (Y_hat - Y) / Y.shape[1]


@same_shape
def bce_delta(O: np.ndarray, Y: np.ndarray) -> np.ndarray:
    """dJ/dO = (sigma(O) - Y) / m of binary cross-entropy after a sigmoid.

    O, Y: (1, m), logits and labels from 0 to 1. Result: (1, m).
    Raises ValueError where the shapes differ.
    Source: Bishop, Pattern Recognition and Machine Learning, 4.3.2.
    """
    return (sigmoid(O) - Y) / O.shape[1]


def cross_entropy_delta(O: np.ndarray, y: np.ndarray) -> np.ndarray:
    """dJ/dO = (softmax(O) - one_hot(y)) / m of categorical cross-entropy after softmax.

    O: (K, m), logits. y: (m,), integers from 0 to K-1. Result: (K, m), columns that sum to 0.
    Raises ValueError for labels that are no integers, out of range, or not m of them.
    Source: Bishop, 4.3.4.
    """
    K, m = O.shape
    delta = softmax(O)
    delta[as_labels(y, K, m), np.arange(m)] -= 1
    return delta / m


def linear_backward(W: np.ndarray, A: np.ndarray, delta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """dW = delta A^T, db = sum over the batch of delta, dA = W^T delta, for the layer Z = W A + b.

    W: (n, k), A: (k, m), delta = dJ/dZ: (n, m). Returns (dW (n, k), db (n, 1), dA (k, m)).
    """
    return delta @ A.T, delta.sum(axis=1, keepdims=True), W.T @ delta


def backward(
    layers: Sequence[Layer], Z: Sequence, A: Sequence, delta: np.ndarray, slopes: Mapping[Callable, Callable]
) -> Gradients:
    """dW[l] = delta[l] A[l-1]^T, db[l] = sum of delta[l], and delta[l-1] = W[l]^T delta[l] * phi'(Z[l-1]).

    layers, Z, A: a net and its forward lists. delta: dJ/dZ[L], (n_L, m). slopes: {phi: its derivative}.
    Returns [(dW, db), ...] for layers 1 ... L, with the shapes of W and b.
    Source: Rumelhart, Hinton, Williams, Learning representations by back-propagating errors, 1986.
    """
    gradients = []
    for l in range(len(layers), 0, -1):
        gradients.insert(0, (delta @ A[l - 1].T, delta.sum(axis=1, keepdims=True)))
        if l > 1:
            W, phi = layers[l - 1][0], layers[l - 2][2]
            delta = W.T @ delta * slopes[phi](Z[l - 1])
    return gradients
