"""Lab 04: the ReLU family, with derivatives."""

import numpy as np

from labkit.exercise import Case, Exercise, at_rest

# --- inputs -----------------------------------------------------------------------------------------------------------


def spread(n, m, *alpha, scale=2.0):
    """Z of both signs; then alpha, where the function takes one."""
    return lambda rng: (scale * rng.standard_normal((n, m)), *alpha)


def single(n, m, *alpha):
    """Z in float32, of both signs, away from the places where a slope is nearly 0."""

    def inputs(rng):
        Z = rng.choice([-2, 1], (n, m)) * rng.uniform(0.6, 1.2, (n, m))
        return Z.astype(np.float32), *alpha

    return inputs


def some_of_each(n, m):
    return np.where(np.arange(n * m).reshape(n, m) % 3 == 0, 1, -1)


def with_upstream(n, m, alpha, dtype=np.float64):
    """Z of both signs, alpha, and dA above 0, of many sizes: no sum cancels."""

    def inputs(rng):
        Z = rng.permutation(some_of_each(n, m), axis=1) * rng.uniform(0.5, 3, (n, m))
        return Z.astype(dtype), alpha, rng.uniform(0.2, 4, (n, m)).astype(dtype)

    return inputs


def around(z):
    """Numbers near z: a column of one magnitude, so that each has to keep its own digits."""
    return lambda rng: (z + 0.01 * rng.uniform(-1, 1, (3, 1)),)


WHOLE = np.array([[-2, 0, 3, 1], [4, -1, -3, 2]])
FAR_BELOW = tuple(
    Case(f"numbers near {z}, where the result is tiny", around(z), "stability") for z in (-7, -10, -20, -37)
)

# --- how they are run, and what can't be right ------------------------------------------------------------------------


def same_shape(Z, alpha=None):
    return Z.shape


def as_precise_as_Z(prelu_backward, inputs):
    """(dZ, dalpha); dalpha from float32 is a plain float with float32's digits: say so to whoever compares it."""
    result = prelu_backward(*inputs)
    if not isinstance(result, tuple | list) or len(result) != 2 or not isinstance(result[1], float | np.floating):
        return result
    return result[0], inputs[0].dtype.type(result[1])


def between_z_and_0(result, Z):
    odd = np.abs(result - Z / 2) > np.abs(Z / 2) * (1 + 1e-5)
    if odd.any():
        return f"at z = {Z[odd][0]:.3g} it gives {result[odd][0]:.3g}. Expected a number between z and 0."


# --- exercises --------------------------------------------------------------------------------------------------------

leaky_relu = Exercise(
    "leaky_relu",
    "leaky_relu(Z, alpha)",
    cases=(
        Case("3 units and 5 examples, alpha left out", spread(3, 5)),
        Case("3 units and 5 examples, alpha = 0.3", spread(3, 5, 0.3)),
        Case("6 units and 2 examples, alpha = 0.05", spread(6, 2, 0.05, scale=5.0)),
        at_rest("all below zero, alpha = 0.2", np.array([[-3.0, -0.5], [-1e-3, -40.0], [-7.0, -2.0]]), 0.2),
        at_rest("zeros", np.zeros((2, 3)), 0.1),
        at_rest("whole numbers, alpha = 0.25", WHOLE, 0.25),
        Case("alpha = 1.5, as PReLU may learn it", spread(2, 6, 1.5), "edge"),
        Case("alpha = -0.5, as PReLU may learn it", spread(2, 6, -0.5), "edge"),
        Case("alpha = 0", spread(2, 6, 0.0), "edge"),
        Case("one example", spread(4, 1, 0.1), "edge"),
        Case("float32", single(3, 4, 0.3), "form"),
    ),
    expects=same_shape,
)

prelu_backward = Exercise(
    "prelu_backward",
    "prelu_backward(Z, alpha, dA)",
    cases=(
        Case("3 units and 5 examples, alpha = 0.25", with_upstream(3, 5, 0.25)),
        Case("6 units and 2 examples, alpha = 0.6", with_upstream(6, 2, 0.6)),
        Case("2 units and 7 examples, alpha = -0.5", with_upstream(2, 7, -0.5)),
        Case("dA of both signs", lambda rng: (rng.normal(-1, 2, (4, 3)), 0.1, rng.normal(1, 3, (4, 3)))),
        at_rest("all above zero", np.array([[3.0, 0.5], [2.0, 7.0]]), 0.3, np.array([[2.0, -1.0], [3.0, 0.5]])),
        at_rest("numbers at the kink", np.array([[0.0, -1.0, 0.0, 2.0]]), 0.3, np.array([[2.0, -3.0, 5.0, 0.5]])),
        Case("alpha = 1.5", with_upstream(2, 4, 1.5), "edge"),
        Case("one example", with_upstream(5, 1, 0.25), "edge"),
        Case("float32", with_upstream(3, 4, 0.25, np.float32), "form"),
    ),
    expects=lambda Z, alpha, dA: [Z.shape, ()],
    run=as_precise_as_Z,
)

gelu = Exercise(
    "gelu",
    "gelu(Z)",
    cases=(
        Case("3 units and 5 examples", spread(3, 5, scale=1.5)),
        Case("6 units and 4 examples, close to 0", spread(6, 4, scale=0.4)),
        at_rest("numbers from -3 to 3", np.array([[-3.0, -2.0, -1.0, -0.5], [0.5, 1.0, 2.0, 3.0]]), aspect="values"),
        *FAR_BELOW,
        at_rest("zeros", np.zeros((2, 3))),
        at_rest("whole numbers", WHOLE),
        at_rest("numbers of size 1000", np.array([[-1000.0, 1000.0, 1.0]])),
        Case("one example", spread(4, 1), "edge"),
        Case("float32", single(3, 4), "form"),
    ),
    expects=same_shape,
    sense=between_z_and_0,
)

gelu_slope = Exercise(
    "gelu_slope",
    "gelu_slope(Z)",
    cases=(
        Case("3 units and 5 examples", spread(3, 5, scale=1.5)),
        Case("6 units and 4 examples, close to 0", spread(6, 4, scale=0.4)),
        at_rest("numbers from -3 to 3", np.array([[-3.0, -2.0, -1.0, -0.5], [0.5, 1.0, 2.0, 3.0]]), aspect="values"),
        *FAR_BELOW,
        at_rest("zeros", np.zeros((2, 3))),
        at_rest("whole numbers", WHOLE),
        at_rest("numbers of size 1000", np.array([[-1000.0, 1000.0, 1.0]])),
        Case("one example", spread(4, 1), "edge"),
        Case("float32", single(3, 4), "form"),
    ),
    expects=same_shape,
)

gelu_tanh = Exercise(
    "gelu_tanh",
    "gelu_tanh(Z)",
    cases=(
        Case("3 units and 5 examples", spread(3, 5, scale=1.2)),
        Case("6 units and 4 examples, close to 0", spread(6, 4, scale=0.4)),
        at_rest("numbers from -3 to 3", np.array([[-3.0, -2.0, -1.0, -0.5], [0.5, 1.0, 2.0, 3.0]]), aspect="values"),
        at_rest("numbers of size 10 and 100", np.array([[-100.0, 100.0, -10.0, 10.0]]), aspect="stability"),
        at_rest("zeros", np.zeros((2, 3))),
        at_rest("whole numbers", WHOLE),
        Case("one example", spread(4, 1), "edge"),
        Case("float32", single(3, 4), "form"),
    ),
    expects=same_shape,
    sense=between_z_and_0,
)
