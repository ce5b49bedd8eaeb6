"""Lab 07: the statistics of a batch, normalizing, running averages, and the way back."""

import numpy as np

from labkit.cases.backprop import gradient_complaint
from labkit.cases.layers import draw, is_list
from labkit.cases.losses import any_sizes
from labkit.exercise import Answer, Case, Exercise, at_rest

# --- inputs -----------------------------------------------------------------------------------------------------------


def column(rng, n, m):
    """A number of either sign for each unit."""
    return rng.choice([-1.0, 1.0], (n, 1)) * rng.uniform(0.3, 3, (n, 1))


def variances(rng, n, m):
    return rng.uniform(0.3, 6, (n, 1))


def tiny_variances(rng, n, m):
    return 1e-5 * variances(rng, n, m)


def batch(rng, n, m):
    """Each unit has a mean and a spread of its own."""
    return 2 * column(rng, n, m) + rng.uniform(0.5, 3, (n, 1)) * draw(rng, n, m)


def small_batch(rng, n, m):
    return 2e-3 * batch(rng, n, m)


def far_batch(rng, n, m):
    """Numbers near a million, in steps of 1/1024: a mean of 8 of them has no rounding error."""
    return 1e6 * rng.choice([-1.0, 1.0], (n, 1)) + np.round(1024 * draw(rng, n, m)) / 1024


def batch_with_a_still_unit(rng, n, m):
    Z = batch(rng, n, m)
    Z[1] = 3.0
    return Z


def given(n, m, *makers, eps=None, dtype=np.float64):
    """One array from each maker, then eps, unless it is the default."""

    def inputs(rng):
        arrays = tuple(make(rng, n, m).astype(dtype) for make in makers)
        return arrays if eps is None else (*arrays, eps)

    return inputs


def averages(n, *setting, dtype=np.float64):
    """A running average, a batch's own, and rho, unless it is the default."""
    return lambda rng: (column(rng, n, 1).astype(dtype), (4 * column(rng, n, 1)).astype(dtype), *setting)


WHOLE = np.array([[-2, 0, 3, 7], [5, -1, -9, 1], [4, 4, 2, 8]])
WHOLE_UPSTREAM = np.array([[1, -3, 2, 2], [0, 4, -1, 5], [-2, 6, 1, 3]])

# --- how the way back is run, and what can't be right -----------------------------------------------------------------


def without_rounding(backward, inputs):
    """dZ. Where it is 0 on paper, rounding leaves 1e-17 or so: that becomes 0."""
    dZ = backward(*inputs)
    return np.where(np.abs(dZ) < 1e-12, 0, dZ) if isinstance(dZ, np.ndarray) and dZ.dtype.kind == "f" else dZ


def two_columns(result, Z):
    """What is wrong with the form of (mu, var), in a sentence."""
    if not is_list(result) or len(result) != 2:
        return "expected two arrays. Does it end in `return mu, var`?"
    expected, dtype = (len(Z), 1), np.result_type(Z, np.float32)
    for name, value in zip(("mu", "var"), result):
        came = getattr(value, "shape", "no array")
        if came == expected[:1]:
            return f"{name} is flat, {came}. It has to be a column, {expected}: it meets the rows of Z."
        if came != expected:
            return f"expected shape {expected} for {name}, one number for each unit, got {came}."
        if value.dtype != dtype:
            return f"expected dtype {dtype} for {name}, got {value.dtype}."
    if result[1].min() < 0:
        return f"var holds {result[1].min():.4g}. What is a mean of squares never?"
    return None


def off_beta(result, Z, gamma, beta, *eps):
    """The first unit whose outputs do not lie around beta, in a sentence."""
    if result.shape != Z.shape or not np.isfinite(result).all():
        return None
    means = result.mean(axis=1, keepdims=True)
    off = np.flatnonzero(np.abs(means - beta) > 1e-4 * (np.abs(beta) + np.abs(result).max()))
    if off.size:
        j = off[0]
        return (
            f"the outputs of unit {j} have mean {means[j, 0]:.4g}, its beta is {beta[j, 0]:.4g}. Which mean has z_hat?"
        )


def not_between(result, running, batch, *rho):
    if result.shape != running.shape:
        return None
    low, high = np.minimum(running, batch), np.maximum(running, batch)
    outside = np.flatnonzero((result < low - 1e-5 * np.abs(low)) | (result > high + 1e-5 * np.abs(high)))
    if outside.size:
        j = outside[0]
        return (
            f"unit {j} has {result[j, 0]:.4g}, its running average was {running[j, 0]:.4g}, the batch has "
            f"{batch[j, 0]:.4g}. Where does an average of two numbers lie?"
        )


def three_gradients(result, d_out, Z_hat, gamma):
    if not is_list(result) or len(result) != 3:
        return "expected three arrays. Does it end in `return dgamma, dbeta, dZ_hat`?"
    pairs = zip(("dgamma", "dbeta", "dZ_hat"), result, (gamma, gamma, Z_hat))
    return next(filter(None, (gradient_complaint(*each) for each in pairs)), None)


def rows_sum_to_0(question):
    """The first row of dZ that does not sum to 0, in a sentence, and the question to ask then."""

    def sense(result, dZ_hat, Z, *eps):
        if result.shape != Z.shape or not np.isfinite(result).all():
            return None
        sums = result.sum(axis=1)
        wrong = np.flatnonzero(np.abs(sums) > 1e-4 * np.abs(result).sum(axis=1))
        if not wrong.size:
            return None
        return f"expected rows that sum to 0, row {wrong[0]} sums to {sums[wrong[0]]:.4g}. {question}"

    return sense


# --- exercises --------------------------------------------------------------------------------------------------------

batch_statistics = Exercise(
    "batch_statistics",
    "batch_statistics(Z)",
    cases=(
        Case("3 units and 5 examples", given(3, 5, batch)),
        Case("6 units and 4 examples", given(6, 4, batch)),
        Case("4 units and 4 examples", given(4, 4, batch)),
        Case("random sizes", any_sizes(lambda n, m: given(n, m, batch))),
        Case("numbers near a million", given(3, 8, far_batch), "stability"),
        Case("one example", given(4, 1, batch), "edge"),
        Case("one unit", given(1, 6, batch), "edge"),
        Case("a unit that never changes", given(3, 4, batch_with_a_still_unit), "edge"),
        at_rest("whole numbers", WHOLE),
        Case("float32", given(3, 5, batch, dtype=np.float32), "form"),
    ),
    sense=two_columns,
)

normalize = Exercise(
    "normalize",
    "normalize(Z, mu, var, eps)",
    cases=(
        Case("3 units and 5 examples, eps = 0.5", given(3, 5, batch, column, variances, eps=0.5)),
        Case("6 units and 4 examples, eps = 0.1", given(6, 4, batch, column, variances, eps=0.1)),
        Case("4 units and 4 examples, eps = 2", given(4, 4, batch, column, variances, eps=2.0)),
        Case("random sizes", any_sizes(lambda n, m: given(n, m, batch, column, variances, eps=0.2))),
        Case("tiny variances and the default eps", given(2, 7, batch, column, tiny_variances)),
        Case("one example", given(4, 1, batch, column, variances, eps=0.3), "edge"),
        Case("one unit", given(1, 6, batch, column, variances, eps=0.3), "edge"),
        at_rest(
            "a variance of 0", np.array([[3.0, 3.0], [1.0, 5.0]]), np.array([[3.0], [2.0]]), np.array([[0.0], [4]])
        ),
        at_rest("whole numbers", WHOLE, np.array([[2], [-1], [4]]), np.array([[8], [3], [15]]), 4),
        Case("float32", given(3, 5, batch, column, variances, eps=0.4, dtype=np.float32), "form"),
    ),
    expects=lambda Z, *rest: Z.shape,
)

batch_norm = Exercise(
    "batch_norm",
    "batch_norm(Z, gamma, beta, eps)",
    cases=(
        Case("3 units and 5 examples, eps = 0.5", given(3, 5, batch, column, column, eps=0.5)),
        Case("6 units and 4 examples, eps = 0.1", given(6, 4, batch, column, column, eps=0.1)),
        Case("4 units and 4 examples, eps = 2", given(4, 4, batch, column, column, eps=2.0)),
        Case("random sizes", any_sizes(lambda n, m: given(n, m, batch, column, column, eps=0.2))),
        Case("small numbers and the default eps", given(2, 7, small_batch, column, column)),
        Case("numbers near a million", given(3, 8, far_batch, column, column), "stability"),
        Case("one example", given(4, 1, batch, column, column, eps=0.3), "edge"),
        Case("one unit", given(1, 6, batch, column, column, eps=0.3), "edge"),
        Case("a unit that never changes", given(3, 4, batch_with_a_still_unit, column, column), "edge"),
        at_rest("whole numbers", WHOLE, np.array([[2], [-1], [4]]), np.array([[-3], [7], [5]]), 1),
        Case("float32", given(3, 5, batch, column, column, eps=0.4, dtype=np.float32), "form"),
    ),
    expects=lambda Z, *rest: Z.shape,
    sense=off_beta,
)

update_running = Exercise(
    "update_running",
    "update_running(running, batch, rho)",
    cases=(
        Case("3 units, rho = 0.7", averages(3, 0.7)),
        Case("5 units, rho = 0.2", averages(5, 0.2)),
        Case("4 units, rho = 0.99", averages(4, 0.99)),
        Case("the default rho", averages(6)),
        Case("one unit", averages(1, 0.8), "edge"),
        Case("rho = 0", averages(3, 0.0), "edge"),
        Case("rho = 1", averages(3, 1.0), "edge"),
        at_rest("whole numbers", np.array([[2], [-4], [0]]), np.array([[12], [6], [5]]), 0.6),
        Case("float32", averages(4, 0.85, dtype=np.float32), "form"),
    ),
    expects=lambda running, *rest: running.shape,
    sense=not_between,
)

RUNNING = (batch, column, column, column, variances)

batch_norm_inference = Exercise(
    "batch_norm_inference",
    "batch_norm_inference(Z, gamma, beta, mean, var, eps)",
    cases=(
        Case("3 units and 5 examples, eps = 0.5", given(3, 5, *RUNNING, eps=0.5)),
        Case("6 units and 4 examples, eps = 0.1", given(6, 4, *RUNNING, eps=0.1)),
        Case("4 units and 4 examples, eps = 2", given(4, 4, *RUNNING, eps=2.0)),
        Case("random sizes", any_sizes(lambda n, m: given(n, m, *RUNNING, eps=0.2))),
        Case("tiny variances and the default eps", given(2, 7, *RUNNING[:-1], tiny_variances)),
        Case("one example", given(4, 1, *RUNNING, eps=0.3), "edge"),
        Case("one unit", given(1, 6, *RUNNING, eps=0.3), "edge"),
        at_rest("a variance of 0", np.array([[3.0, 4.0], [1.0, 5.0]]), np.array([[2.0], [3.0]]),
                np.array([[-1.0], [0.5]]), np.array([[3.0], [2.0]]), np.array([[0.0], [4.0]])),
        at_rest("whole numbers", WHOLE, np.array([[2], [-1], [4]]), np.array([[-3], [7], [5]]),
                np.array([[3], [-2], [6]]), np.array([[8], [3], [15]]), 1),
        Case("float32", given(3, 5, *RUNNING, eps=0.4, dtype=np.float32), "form"),
    ),
    expects=lambda Z, *rest: Z.shape,
)  # fmt: skip

scale_backward = Exercise(
    "scale_backward",
    "scale_backward(d_out, Z_hat, gamma)",
    cases=(
        Case("3 units and 5 examples", given(3, 5, draw, batch, column)),
        Case("6 units and 4 examples", given(6, 4, draw, batch, column)),
        Case("4 units and 4 examples", given(4, 4, draw, batch, column)),
        Case("random sizes", any_sizes(lambda n, m: given(n, m, draw, batch, column))),
        Case("one example", given(4, 1, draw, batch, column), "edge"),
        Case("one unit", given(1, 6, draw, batch, column), "edge"),
        Case("float32", given(3, 5, draw, batch, column, dtype=np.float32), "form"),
    ),
    sense=three_gradients,
)

BACKWARD = {
    "cases": (
        Case("3 units and 5 examples, eps = 0.5", given(3, 5, draw, batch, eps=0.5)),
        Case("6 units and 4 examples, eps = 0.1", given(6, 4, draw, batch, eps=0.1)),
        Case("4 units and 4 examples, eps = 2", given(4, 4, draw, batch, eps=2.0)),
        Case("random sizes", any_sizes(lambda n, m: given(n, m, draw, batch, eps=0.2))),
        Case("small numbers and the default eps", given(2, 7, draw, small_batch)),
        Case("numbers near a million", given(3, 8, draw, far_batch), "stability"),
        Case("one example", given(4, 1, draw, batch, eps=0.3), "edge"),
        Case("one unit", given(1, 6, draw, batch, eps=0.3), "edge"),
        Case("a unit that never changes", given(3, 4, draw, batch_with_a_still_unit), "edge"),
        at_rest("whole numbers", WHOLE_UPSTREAM, WHOLE, 1),
        Case("float32", given(3, 5, draw, batch, eps=0.4, dtype=np.float32), "form"),
    ),
    "expects": lambda dZ_hat, Z, *eps: Z.shape,
    "run": without_rounding,
}

normalize_backward_by_node = Exercise(
    "normalize_backward_by_node",
    "normalize_backward_by_node(dZ_hat, Z, eps)",
    sense=rows_sum_to_0(
        "A unit has one mu and one var, and all its z_hat hang on them: which shape have dmu and dvar, and what do "
        "they collect?"
    ),
    **BACKWARD,
)
normalize_backward = Exercise(
    "normalize_backward",
    "normalize_backward(dZ_hat, Z, eps)",
    sense=rows_sum_to_0("If all z of a unit grow by 1, what becomes of its z_hat?"),
    **BACKWARD,
)

# --- questions --------------------------------------------------------------------------------------------------------

quick_bn_output = Answer(
    "quick_bn_output", "The last output of batch norm for z = (0, 2, 4, 10), eps = 2, gamma = 3, beta = -1."
)
quick_bn_parameters = Answer(
    "quick_bn_parameters", "The learned parameters of a layer 100-40 without bias and its batch norm.", integer=True
)
quick_bn_gradient = Answer(
    "quick_bn_gradient", "dz of the first example for z = (0, 2, 4, 10), eps = 2, dz_hat = (16, 8, 0, 0)."
)
quick_running_mean = Answer(
    "quick_running_mean", "The running mean after batches with the means 10, 20, 30, from 0, with rho = 0.9."
)
