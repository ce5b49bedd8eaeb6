"""Lab 04: the weights that a net starts from."""

from collections.abc import Callable, Sequence

import numpy as np

from dnnlib.layers import Layer, Shape, parameter_shapes


def he(shape: Shape, rng: np.random.Generator) -> np.ndarray:
    """W_ij ~ N(0, 2 / n_{l-1}): a variance of 2 / n_{l-1}, so a standard deviation of sqrt(2 / n_{l-1}).

    shape: (n_l, n_{l-1}), that of W. Result: W.
    Source: He, Zhang, Ren, Sun, Delving deep into rectifiers, 2015.
    """
    return rng.normal(0, np.sqrt(2 / shape[1]), shape)


def glorot(shape: Shape, rng: np.random.Generator) -> np.ndarray:
    """W_ij ~ N(0, 2 / (n_{l-1} + n_l)).

    shape: (n_l, n_{l-1}), that of W. Result: W.
    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010.
    """
    return rng.normal(0, np.sqrt(2 / (shape[0] + shape[1])), shape)


def initialize(
    sizes: Sequence[int],
    phis: Sequence[Callable],
    draw: Callable[[Shape, np.random.Generator], np.ndarray],
    rng: np.random.Generator,
) -> list[Layer]:
    """The net [(W, b, phi), ...] with W[l] = draw((n_l, n_{l-1}), rng) and b[l] = 0.

    sizes: [n_0, ..., n_L]. phis: one activation for each of the L layers. draw: he or glorot, for instance.
    Raises ValueError where the number of activations is not L.
    """
    return [
        (draw(shape_of_W, rng), np.zeros(shape_of_b), phi)
        for (shape_of_W, shape_of_b), phi in zip(parameter_shapes(sizes), phis, strict=True)
    ]
