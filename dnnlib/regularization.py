"""Lab 06: what keeps a net from learning its training examples by heart."""

from collections.abc import Sequence
from math import radians

import numpy as np

from dnnlib.backprop import Gradients
from dnnlib.layers import Layer
from dnnlib.optimizers import adam_step


def l2_penalty(layers: Sequence[Layer], lam: float) -> float:
    """lambda sum_l ||W[l]||^2, the sum of all squared weights. Biases are left out.

    layers: [(W, b, phi), ...]. lam: lambda. The norm is Frobenius'. Returns a number, to be added to the loss.
    """
    return lam * sum(float((W**2).sum()) for W, _, _ in layers)


def add_l2(gradients: Gradients, layers: Sequence[Layer], lam: float) -> Gradients:
    """dW + 2 lambda W and db, for each layer: the gradients of loss + l2_penalty.

    gradients: [(dW, db), ...] of the loss alone. layers: [(W, b, phi), ...]. A penalty with lambda / 2 has no 2 here.
    """
    return [(dW + 2 * lam * W, db) for (dW, db), (W, _, _) in zip(gradients, layers, strict=True)]


def adamw_step(
    theta: np.ndarray,
    g: np.ndarray,
    m: np.ndarray,
    v: np.ndarray,
    t: int,
    eta: float = 0.001,
    decay: float = 0.01,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Adam's step, and theta shrinks by eta decay theta besides: the decay passes through neither m nor v.

    theta, g, m, v: of one shape, m = v = 0 at first; g is the gradient of the loss alone. t: 1 in the first step.
    Returns (theta, m, v).
    Source: Loshchilov and Hutter, Decoupled weight decay regularization, 2019.
    """
    stepped, m, v = adam_step(theta, g, m, v, t, eta, beta1, beta2, eps)
    return stepped - eta * decay * theta, m, v


def dropout(A: np.ndarray, p: float, rng: np.random.Generator, training: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Training: each entry is 0 with probability p, else A / (1 - p), so its expectation stays A. Inference: A.

    A: any shape. p: the fraction that is dropped, 0 <= p < 1. Returns (output, kept), of the shape of A; kept is
    boolean, and True everywhere at inference.
    Source: Srivastava et al., Dropout, 2014; inverted, so that inference needs no scaling.
    """
    if not training:
        return A, np.ones(A.shape, bool)
    kept = rng.random(A.shape) >= p
    return A * kept / (1 - p), kept


def dropout_backward(d_output: np.ndarray, kept: np.ndarray, p: float) -> np.ndarray:
    """dA = d_output / (1 - p) where the entry was kept, else 0: the mask of the forward pass, not a new one.

    d_output = dJ/d(output), kept: of one shape. Result: the same shape.
    """
    return d_output * kept / (1 - p)


def early_stopping(losses: Sequence[float], patience: int) -> tuple[int, int]:
    """(best, last): the epoch with the lowest validation loss so far, and the epoch after which training stops.

    losses: validation losses, epoch by epoch, from epoch 0. It stops `patience` epochs after the best one without
    another that is lower; else it goes to the end.
    Source: Prechelt, Early stopping - but when?, 1998.
    """
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        if epoch - best == patience:
            break
    return best, epoch


def shift(X: np.ndarray, down: int, right: int) -> np.ndarray:
    """Each image moved by whole pixels; what comes in from outside is 0 (paper).

    X: (side^2, m), one image per column, row by row. down, right: pixels, negative for up and left.
    """
    side = round(X.shape[0] ** 0.5)
    room = max(abs(down), abs(right))
    framed = np.pad(X.reshape(side, side, -1), ((room, room), (room, room), (0, 0)))
    return framed[room - down :, room - right :][:side, :side].reshape(X.shape)


def rotate(X: np.ndarray, degrees: float) -> np.ndarray:
    """Each image turned to the left about its centre, between pixels by bilinear interpolation; outside is 0.

    X: (side^2, m), one image per column, row by row.
    """
    side = round(X.shape[0] ** 0.5)
    framed = np.pad(X.reshape(side, side, -1), ((1, 1), (1, 1), (0, 0)))
    centre = (side - 1) / 2
    down, right = np.mgrid[:side, :side] - centre
    cos, sin = np.cos(radians(degrees)), np.sin(radians(degrees))
    rows = np.clip(centre + cos * down + sin * right + 1, 0, side + 1 - 1e-9)
    columns = np.clip(centre - sin * down + cos * right + 1, 0, side + 1 - 1e-9)
    r, c = rows.astype(int), columns.astype(int)
    below, beside = (rows - r)[..., None], (columns - c)[..., None]
    upper = framed[r, c] * (1 - beside) + framed[r, c + 1] * beside
    lower = framed[r + 1, c] * (1 - beside) + framed[r + 1, c + 1] * beside
    return (upper * (1 - below) + lower * below).reshape(X.shape).astype(np.result_type(X, 0.0))
