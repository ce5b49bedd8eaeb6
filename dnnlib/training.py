"""Lab 05: features, minibatches, and the loop that trains a net."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from dnnlib.backprop import Gradients, backward, cross_entropy_delta
from dnnlib.layers import Layer, forward
from dnnlib.losses import cross_entropy


def feature_statistics(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean and the standard deviation of each feature, over the examples. A constant feature gets the deviation 1.

    X: (n, m). Returns (mean, std), each (n, 1). Standardised features are (X - mean) / std.
    """
    constant = X.min(axis=1, keepdims=True) == X.max(axis=1, keepdims=True)
    return X.mean(axis=1, keepdims=True), np.where(constant, 1, X.std(axis=1, keepdims=True))


def standardize(X: np.ndarray, mean: np.ndarray, std: np.ndarray) -> np.ndarray:
    """(X - mean) / std, with the statistics of the training examples, for test examples too.

    X: (n, m), mean, std: (n, 1). Result: (n, m).
    """
    return (X - mean) / std


def minibatches(m: int, size: int, rng: np.random.Generator) -> list[np.ndarray]:
    """The indices 0 ... m-1 in random order, cut into batches of `size`; the last one may be smaller.

    Returns a list of index arrays: X[:, batch] is a minibatch.
    """
    order = rng.permutation(m)
    return [order[start : start + size] for start in range(0, m, size)]


def loss_and_gradients(
    layers: Sequence[Layer], X: np.ndarray, y: np.ndarray, slopes: Mapping[Callable, Callable]
) -> tuple[float, Gradients]:
    """The cross-entropy J of a net whose last Z are logits, and its gradients [(dW, db), ...].

    layers: [(W, b, phi), ...], X: (n_0, m), y: (m,), labels. slopes: {phi: its derivative}.
    """
    Z, A = forward(layers, X)
    return cross_entropy(Z[-1], y), backward(layers, Z, A, cross_entropy_delta(Z[-1], y), slopes)


def train_epoch(
    thetas: Sequence[np.ndarray], gradients_of: Callable, batches: Iterable, update: Callable, states: Sequence
) -> tuple[list, list]:
    """One step of every tensor for each batch, all from gradients at the same point.

    thetas: arrays. gradients_of(thetas, batch): their gradients, in the same order.
    update(theta, g, state): (theta, state). states: one for each tensor. Returns (thetas, states).
    """
    for batch in batches:
        gradients = gradients_of(thetas, batch)
        stepped = [update(theta, g, state) for theta, g, state in zip(thetas, gradients, states, strict=True)]
        thetas, states = [theta for theta, _ in stepped], [state for _, state in stepped]
    return thetas, states


def accuracy(layers: Sequence[Layer], X: np.ndarray, y: np.ndarray) -> float:
    """The fraction of examples whose largest logit is the one of their label.

    layers: [(W, b, phi), ...], X: (n_0, m), y: (m,).
    """
    Z, _ = forward(layers, X)
    return float((Z[-1].argmax(axis=0) == y).mean())
