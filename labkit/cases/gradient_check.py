"""Lab 03: slopes of a loss, measured."""

import numpy as np

from labkit.exercise import Case, Exercise, at_rest


def cubes(theta):
    return float((theta**3).sum())


def waves(theta):
    """A sine for each coordinate, each of another height."""
    return float(np.sin(theta).ravel() @ np.arange(1, theta.size + 1))


def bowl(theta):
    """Every coordinate bends every other: no slope is a sum over coordinates."""
    return float(np.sqrt(1 + (theta**2).sum()) + theta.sum() ** 4 / 10)


def along(J, *shape, step=()):
    """J, a point and a direction of this shape, and h where `step` gives it."""
    return lambda rng: (J, rng.normal(1, 0.5, shape), rng.normal(0.3, 1.5, shape), *step)


def downhill(*shape):
    """cubes, with a direction that falls in all coordinates but one: the slope is far from 0, as a tiny h needs."""

    def inputs(rng):
        direction = rng.uniform(-2, -1, shape)
        direction.flat[0] = rng.uniform(0.2, 0.4)
        return cubes, rng.uniform(1, 2, shape), direction

    return inputs


slope_along = Exercise(
    "slope_along",
    "slope_along(J, theta, direction, h)",
    cases=(
        Case("6 parameters, h = 0.1", along(bowl, 6, step=(0.1,))),
        Case("a matrix of parameters, h = 0.3", along(waves, 3, 4, step=(0.3,))),
        Case("a column of parameters, h = 0.02", along(cubes, 5, 1, step=(0.02,))),
        Case("a matrix of parameters, h as it is by default", downhill(2, 3)),
        Case("h = 2", along(bowl, 4, step=(2.0,)), "edge"),
        Case("one parameter", along(cubes, step=(0.5,)), "edge"),
        at_rest("halves and quarters", cubes, np.array([1.0, -2.0, 0.5]), np.array([0.5, 1.0, -0.25]), 0.5),
        at_rest("a direction of zeros", cubes, np.array([1.0, -2.0]), np.zeros(2), 0.1),
    ),
    expects=lambda J, theta, direction, h=None: (),
)
