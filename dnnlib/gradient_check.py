"""Lab 03: derivatives measured from values of a function, to check those that were derived."""

from collections.abc import Callable

import numpy as np


def slope_along(J: Callable[[np.ndarray], float], theta: np.ndarray, direction: np.ndarray, h: float = 1e-5) -> float:
    """(J(theta + h d) - J(theta - h d)) / (2 h), close to the sum of gradient * d.

    J: takes an array, gives a number. theta, direction: of one shape. The error falls as h^2 until rounding takes over.
    Source: the central difference; Nocedal and Wright, Numerical Optimization, 8.1.
    """
    return (J(theta + h * direction) - J(theta - h * direction)) / (2 * h)


def numerical_gradient(J: Callable[[np.ndarray], float], theta: np.ndarray, h: float = 1e-5) -> np.ndarray:
    """The slope of J along each coordinate of theta. Two calls of J for each: for small arrays.

    J: takes an array, gives a number. theta: any shape, float64; the result has the same.
    """
    gradient = np.zeros_like(theta)
    for index in np.ndindex(theta.shape):
        unit = np.zeros_like(theta)
        unit[index] = 1
        gradient[index] = slope_along(J, theta, unit, h)
    return gradient
