"""Lab 02: losses. Each is the mean over a batch, one example per column.

Probabilities and logits of two classes are (1, m). logits of K classes are O (K, m), their labels y (m,).
Losses take logits where they can: the log of a rounded probability has lost its digits.
"""

from collections.abc import Callable
from functools import wraps

import numpy as np


def same_shape(loss: Callable) -> Callable:
    """The loss, with a ValueError where its two arguments differ in shape. NumPy would broadcast them in silence."""

    @wraps(loss)
    def guarded(Y_hat, Y):
        if np.shape(Y_hat) != np.shape(Y):
            raise ValueError(
                f"{loss.__name__}: predictions have shape {np.shape(Y_hat)}, targets {np.shape(Y)}. Make them equal."
            )
        return loss(Y_hat, Y)

    return guarded


def as_labels(y: np.ndarray, K: int, m: int | None = None) -> np.ndarray:
    """y as an array of labels 0, ..., K-1, or a ValueError that says what is wrong with them.

    y: (m,). A label of -1 would otherwise count from the end.
    """
    y = np.asarray(y)
    if y.ndim != 1 or m not in (None, len(y)):
        raise ValueError(f"labels: expected shape ({'m' if m is None else m},), got {y.shape}.")
    if y.size and y.dtype.kind not in "iu":
        raise ValueError(f"labels: expected integers, got dtype {y.dtype}. One label per example, no one-hot columns.")
    if y.size and not 0 <= y.min() <= y.max() < K:
        raise ValueError(f"labels: expected 0 to {K - 1}, got {y.min()} to {y.max()}. Do yours start at 1?")
    return y


@same_shape
def mse(Y_hat: np.ndarray, Y: np.ndarray) -> float:
    """Mean squared error (1/m) sum_i ||y_hat_i - y_i||^2: sum over the outputs, mean over the examples.

    Y_hat, Y: (n, m). Others divide by 2m, or by n m (a mean over all entries).
    Raises ValueError where the shapes differ.
    Source: Bishop, Pattern Recognition and Machine Learning, 3.1, where the sum carries 1/2.
    """
    return float(((Y_hat - Y) ** 2).sum(axis=0).mean())


@same_shape
def bce(Y_hat: np.ndarray, Y: np.ndarray) -> float:
    """Binary cross-entropy -(1/m) sum_i [y_i log y_hat_i + (1 - y_i) log(1 - y_hat_i)] of probabilities.

    Y_hat, Y: (1, m), numbers from 0 to 1. 0 log 0 is 0: certain and right costs nothing.
    Certain and wrong costs inf. Raises ValueError where the shapes differ.
    Source: the negative log-likelihood of a Bernoulli variable; Bishop, 4.3.2.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ones = np.where(Y == 0, 0, -Y * np.log(Y_hat))
        zeros = np.where(Y == 1, 0, (Y - 1) * np.log(1 - Y_hat))
    return float((ones + zeros).mean())


@same_shape
def bce_with_logits(O: np.ndarray, Y: np.ndarray) -> float:
    """bce(sigmoid(O), Y) without the sigmoid: the mean of max(o, 0) - o y + log(1 + exp(-|o|)).

    O, Y: (1, m), Y from 0 to 1. Finite for every finite logit.
    Raises ValueError where the shapes differ.
    Source: log(1 + exp(o)) - o y, with the larger exponent taken out.
    """
    return float((np.maximum(O, 0) - O * Y + np.log1p(np.exp(-np.abs(O)))).mean())


def log_sum_exp(O: np.ndarray) -> np.ndarray:
    """log sum_k exp(o_k) = c + log sum_k exp(o_k - c) with c = max_k o_k, for each column.

    O: (K, m). Result: (m,). The largest exponent is 0, so nothing overflows and the sum is at least 1.
    Source: Blanchard, Higham, Higham, Accurately computing the log-sum-exp and softmax functions (2021).
    """
    c = O.max(axis=0)
    return c + np.log(np.exp(O - c).sum(axis=0))


def softmax(O: np.ndarray) -> np.ndarray:
    """exp(o_k) / sum_j exp(o_j) for each column. Adding a number to a column changes nothing: subtract its maximum.

    O: (K, m). Result: (K, m), columns that sum to 1.
    Source: as for log_sum_exp.
    """
    E = np.exp(O - O.max(axis=0))
    return E / E.sum(axis=0)


def one_hot(y: np.ndarray, K: int) -> np.ndarray:
    """Column i is 1 in row y_i and 0 elsewhere.

    y: (m,), integers from 0 to K-1. Result: (K, m), floats.
    Raises ValueError for labels that are no integers or out of range.
    """
    return np.eye(K)[:, as_labels(y, K)]


def cross_entropy(O: np.ndarray, y: np.ndarray) -> float:
    """Categorical cross-entropy -(1/m) sum_i log softmax(o_i)[y_i]: the mean of log_sum_exp(o_i) - o_i[y_i].

    O: (K, m), logits. y: (m,), integers from 0 to K-1. Finite for finite logits: no probability is ever formed.
    Raises ValueError for labels that are no integers, out of range, or not m of them.
    Source: the negative log-likelihood of a categorical variable; Bishop, 4.3.4.
    """
    return float((log_sum_exp(O) - O[as_labels(y, *O.shape), np.arange(O.shape[1])]).mean())
