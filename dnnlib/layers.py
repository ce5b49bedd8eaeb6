"""Lab 01: layers, their shapes, and the way forward through a net.

A net is a list of layers (W, b, phi). Lists of results carry the indices of the formulas: A[0] is X, A[l] belongs to
layer l, and layer l maps n_{l-1} numbers to n_l.
"""

from collections.abc import Callable, Sequence

import numpy as np

Layer = tuple[np.ndarray, np.ndarray, Callable[[np.ndarray], np.ndarray]]
Shape = tuple[int, int]


def linear(W: np.ndarray, b: np.ndarray, A: np.ndarray) -> np.ndarray:
    """Z = W A + b, for every column of A at once.

    W: (n, k), b: (n, 1), A: (k, m), one example per column. Z: (n, m).
    Raises ValueError, with both shapes, where W and A or b and W do not fit.
    """
    if W.shape[1] != A.shape[0]:
        raise ValueError(f"W {W.shape} does not fit A {A.shape}: W needs as many columns as A has rows")
    if b.shape != (W.shape[0], 1):
        raise ValueError(f"b {b.shape} does not fit W {W.shape}: b needs one column, as long as W has rows")
    return W @ A + b


def parameter_shapes(sizes: Sequence[int]) -> list[tuple[Shape, Shape]]:
    """The shapes of (W, b) in layers 1 ... L: (n_l, n_{l-1}) and (n_l, 1).

    sizes: [n_0, ..., n_L], the widths from input to output.
    """
    return [((n, n_before), (n, 1)) for n_before, n in zip(sizes, sizes[1:])]


def count_parameters(sizes: Sequence[int]) -> int:
    """sum over l = 1 ... L of n_l n_{l-1} + n_l, the number of all weights and biases.

    sizes: [n_0, ..., n_L], the widths from input to output.
    """
    return sum(n * n_before + n for n_before, n in zip(sizes, sizes[1:]))


def forward(layers: Sequence[Layer], X: np.ndarray) -> tuple[list, list]:
    """Z[l] = W[l] A[l-1] + b[l] and A[l] = phi[l](Z[l]), from A[0] = X on.

    layers: [(W, b, phi), ...], X: (n_0, m), one example per column.
    Returns (Z, A), each a list of L + 1; Z[l] and A[l] are (n_l, m), and Z[0] is None. The output is A[-1].
    """
    Z, A = [None], [X]
    for W, b, phi in layers:
        Z.append(linear(W, b, A[-1]))
        A.append(phi(Z[-1]))
    return Z, A
