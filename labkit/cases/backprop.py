"""Lab 03: slopes, output deltas, and the way backward."""

import numpy as np

from labkit.cases.activations import aloud, far_out, same_shape, spread
from labkit.cases.layers import draw, is_list
from labkit.cases.losses import (
    FAR_APART,
    ONE_FAR_BELOW,
    WIDE,
    any_sizes,
    binary_logits,
    confident,
    labelled,
    logits,
    one_label,
    outputs,
    refusal_missing_or,
    refusal_or,
    soft,
    unknown_labels,
    with_labels,
)
from labkit.exercise import Answer, Case, Exercise, at_rest, call

# --- slopes -----------------------------------------------------------------------------------------------------------


def zero_or_one(result, Z):
    if result.dtype == bool:
        return "it holds True and False. A slope is a number."
    odd = result[(result != 0) & (result != 1)]
    return f"it holds {odd[0]:.3g}. ReLU is made of two straight pieces: how steep are they?" if odd.size else None


def at_most_a_quarter(result, Z):
    if result.min() < 0:
        return f"it holds {result.min():.3g}, a negative slope. Does sigma ever fall?"
    return f"it holds {result.max():.3g}. sigma is nowhere steeper than 1/4." if result.max() > 0.2501 else None


relu_slope = Exercise(
    "relu_slope",
    "relu_slope(Z)",
    cases=(
        Case("3 units and 5 examples", spread(3, 5)),
        Case("6 units and 2 examples", spread(6, 2, scale=5.0)),
        Case("numbers near 0", spread(4, 3, scale=0.1)),
        at_rest("the kink, beside other numbers", np.array([[0.0, 2.0, -1.0], [-0.0, 0.5, 0.0]])),
        at_rest("all below zero", np.array([[-3.0, -0.5], [-1e-3, -40.0], [-7.0, -2.0]])),
        at_rest("whole numbers", np.array([[-2, 0, 3, 7], [5, -1, -9, 1]])),
        Case("one example", spread(4, 1), "edge"),
        Case("float32", spread(3, 4, dtype=np.float32), "form"),
    ),
    expects=same_shape,
    sense=zero_or_one,
)

sigmoid_slope = Exercise(
    "sigmoid_slope",
    "sigmoid_slope(Z)",
    cases=(
        Case("3 units and 5 examples", spread(3, 5)),
        Case("one unit and 7 examples", spread(1, 7, scale=4.0)),
        Case("5 units and 2 examples", spread(5, 2, scale=1.0)),
        at_rest("numbers up to 1000", far_out(1), aspect="stability"),
        at_rest("numbers down to -1000", far_out(-1), aspect="stability"),
        at_rest("float32 numbers of 1000 and -1000", np.float32([[-1000, 0.5, 1000]]), aspect="stability"),
        at_rest("zeros", np.zeros((2, 3))),
        at_rest("whole numbers", np.array([[-2, 0, 3, 1]])),
        Case("one example", spread(4, 1), "edge"),
        Case("float32", spread(2, 4, dtype=np.float32), "form"),
    ),
    expects=same_shape,
    sense=at_most_a_quarter,
    run=aloud,
)

# --- output deltas ----------------------------------------------------------------------------------------------------


def in_float32(make):
    return lambda rng: tuple(array.astype(np.float32) for array in make(rng))


def unsure(K, m, centre=0.0):
    """float32 logits close to each other: no probability near 1, where a difference loses float32's digits."""
    return lambda rng: ((rng.normal(centre, 2, m) + rng.uniform(-1.5, 1.5, (K, m))).astype(np.float32),)


def no_more_than_1(result, O, Y):
    odd = result[np.abs(result) > 1]
    if odd.size:
        return f"it holds {odd[0]:.3g}. How far can a probability and a label be apart?"


def columns_sum_to_0(result, O, y):
    sums = result.sum(axis=0)
    wrong = np.flatnonzero(np.abs(sums) > 1e-5)
    if wrong.size:
        i = wrong[0]
        return (f"expected columns that sum to 0, column {i} sums to {sums[i]:.4g}. "
                "What is the sum of a column of probabilities, and of a one-hot column?")  # fmt: skip


mse_delta = Exercise(
    "mse_delta",
    "mse_delta(Y_hat, Y)",
    cases=(
        Case("3 outputs and 5 examples", outputs(3, 5)),
        Case("7 outputs and 4 examples", outputs(7, 4)),
        Case("random sizes", any_sizes(outputs)),
        Case("one example", outputs(4, 1), "edge"),
        Case("one output", outputs(1, 6), "edge"),
        at_rest("whole numbers", np.array([[3, -1, 4], [1, 5, -9]]), np.array([[2, 6, 5], [3, -5, 8]])),
        at_rest("a perfect prediction", np.array([[1.0, -2.0, 3.0]]), np.array([[1.0, -2.0, 3.0]])),
        Case("float32", in_float32(outputs(3, 4)), "form"),
    ),
    expects=lambda Y_hat, Y: Y.shape,
)

bce_delta = Exercise(
    "bce_delta",
    "bce_delta(O, Y)",
    cases=(
        Case("5 examples", binary_logits(5)),
        Case("8 examples", binary_logits(8, centre=-1)),
        Case("a batch of random width", lambda rng: binary_logits(int(rng.integers(10, 40)))(rng)),
        Case("logits near 1000", binary_logits(6, centre=1000), "stability"),
        Case("logits near -1000", binary_logits(6, centre=-1000), "stability"),
        Case("confident and wrong: logits of size 60", confident(False, 60), "stability"),
        Case("confident and right: logits of size 50, one unsure", confident(True, 50), "stability"),
        Case("confident and wrong: logits of size 100, float32", confident(False, 100, np.float32), "stability"),
        Case("labels between 0 and 1", soft(binary_logits(6)), "edge"),
        Case("one example", lambda rng: (rng.uniform(1, 3, (1, 1)), np.zeros((1, 1))), "edge"),
        at_rest("logits of 0", np.zeros((1, 4)), np.array([[0.0, 1.0, 1.0, 1.0]])),
        at_rest("whole numbers", np.array([[-2, 1, 0, 3, 1]]), np.array([[0, 1, 1, 0, 1]])),
        Case("float32", binary_logits(7, spread=1.0, dtype=np.float32), "form"),
    ),
    expects=lambda O, Y: O.shape,
    sense=no_more_than_1,
    run=aloud,
)

cross_entropy_delta = Exercise(
    "cross_entropy_delta",
    "cross_entropy_delta(O, y)",
    cases=(
        Case("3 classes and 5 examples", with_labels(logits(3, 5))),
        Case("7 classes and 4 examples", with_labels(logits(7, 4))),
        Case("5 classes and 5 examples", with_labels(logits(5, 5))),
        Case("random sizes", with_labels(any_sizes(logits))),
        Case("logits near 1000", with_labels(logits(4, 6, centre=1000)), "stability"),
        Case("logits near -1000", with_labels(logits(4, 6, centre=-1000)), "stability"),
        Case("columns far apart", with_labels(FAR_APART), "stability"),
        Case("one class far below the others", with_labels(ONE_FAR_BELOW), "stability"),
        Case("classes far apart", with_labels(WIDE), "stability"),
        Case("float32 logits near 100", with_labels(unsure(3, 5, 100)), "stability"),
        Case("float32 logits", with_labels(unsure(4, 6)), "form"),
        Case("one example", with_labels(logits(5, 1)), "edge"),
        Case("one class", with_labels(logits(1, 4)), "edge"),
        Case("the same label everywhere", labelled(logits(4, 3), 2, 2, 2), "edge"),
        Case("a label of -1", one_label(with_labels(logits(4, 5)), -1), "edge"),
        Case("labels that reach K", one_label(with_labels(logits(4, 5)), 4), "edge"),
    ),
    expects=lambda O, y: () if unknown_labels(O, y) else O.shape,
    sense=refusal_missing_or(columns_sum_to_0),
    run=refusal_or(call),
)

# --- the way backward -------------------------------------------------------------------------------------------------


def gradient_complaint(name, gradient, tensor):
    """What is wrong with the form of a gradient called dW, in a sentence: it has the form of W."""
    if not isinstance(gradient, np.ndarray):
        return (
            f"expected an array of shape {tensor.shape} for {name}, got {'None' if gradient is None else 'no array'}."
        )
    if gradient.shape != tensor.shape:
        return f"expected shape {tensor.shape} for {name}, that of {name[1:]}, got {gradient.shape}."
    if gradient.dtype != tensor.dtype:
        return f"expected dtype {tensor.dtype} for {name}, that of {name[1:]}, got {gradient.dtype}."
    return None


def three_gradients(result, W, A, delta):
    if not is_list(result) or len(result) != 3:
        return "expected three arrays. Does it end in `return dW, db, dA`?"
    b = np.zeros((len(W), 1), W.dtype)
    pairs = zip(("dW", "db", "dA"), result, (W, b, A))
    return next(filter(None, (gradient_complaint(*each) for each in pairs)), None)


def layer(n, k, m, dtype=np.float64):
    """W, A and delta of a layer from k to n units, for m examples."""
    return lambda rng: (draw(rng, n, k, dtype), draw(rng, k, m, dtype), draw(rng, n, m, dtype))


linear_backward = Exercise(
    "linear_backward",
    "linear_backward(W, A, delta)",
    cases=(
        Case("a layer from 4 to 3 units, 5 examples", layer(3, 4, 5)),
        Case("a layer from 2 to 6 units, 3 examples", layer(6, 2, 3)),
        Case("a layer from 4 to 4 units, 4 examples", layer(4, 4, 4)),
        Case("one example", layer(3, 4, 1), "edge"),
        Case("one unit", layer(1, 5, 3), "edge"),
        Case("float32", layer(3, 4, 5, np.float32), "form"),
    ),
    sense=three_gradients,
)


def shift(Z):
    return Z + 1


CURVES = {  # activations that no lab uses, each with its derivative
    np.sin: np.cos,
    np.cos: lambda Z: -np.sin(Z),
    np.sinh: np.cosh,
    np.arctan: lambda Z: 1 / (1 + Z**2),
    np.square: lambda Z: 2 * Z,
}


def net(sizes, phis, m, dtype=np.float64, slopes=CURVES):
    """A net, its lists Z and A, and a delta of the output. The z are drawn: the way backward takes them as they are."""

    def inputs(rng):
        layers = [(draw(rng, n, k, dtype), draw(rng, n, 1, dtype), phi) for k, n, phi in zip(sizes, sizes[1:], phis)]
        Z = [None, *(draw(rng, n, m, dtype) for n in sizes[1:])]
        A = [draw(rng, sizes[0], m, dtype), *(phi(z) for z, phi in zip(Z[1:], phis))]
        return layers, Z, A, draw(rng, sizes[-1], m, dtype), slopes

    return inputs


def pairs_of_gradients(result, layers, Z, A, delta, slopes):
    """What is wrong with the form of [(dW, db), ...], in a sentence."""
    if not is_list(result) or len(result) != len(layers):
        came = f"a list of {len(result)}" if is_list(result) else "no list"
        return f"expected a list of {len(layers)}, one pair (dW, db) for each layer, got {came}."
    for l, (pair, (W, b, _)) in enumerate(zip(result, layers), 1):
        if not is_list(pair) or len(pair) != 2:
            return f"expected a pair (dW, db) for layer {l}."
        wrong = gradient_complaint("dW", pair[0], W) or gradient_complaint("db", pair[1], b)
        if wrong:
            return f"layer {l}: {wrong}"
    return None


backward = Exercise(
    "backward",
    "backward(layers, Z, A, delta, slopes)",
    cases=(
        Case("2 layers, 5 examples", net([4, 3, 2], [np.sin, np.arctan], 5)),
        Case("3 layers, each with another activation", net([3, 5, 4, 2], [np.cos, np.square, np.sinh], 6)),
        Case("4 layers", net([2, 4, 3, 5, 3], [np.arctan, np.sin, np.square, np.cos], 7)),
        Case("equal widths", net([3, 3, 3, 3], [np.sin, np.sinh, np.cos], 3)),
        Case("one layer", net([5, 2], [np.cos], 3), "edge"),
        Case("one example", net([2, 4, 3], [np.square, np.cos], 1), "edge"),
        Case("one unit a layer", net([1, 1, 1], [np.sin, np.arctan], 4), "edge"),
        Case("an output whose activation has no slope", net([3, 4, 2], [np.sin, shift], 5), "edge"),
        Case("float32", net([3, 4, 2], [np.arctan, np.sin], 4, np.float32), "form"),
    ),
    sense=pairs_of_gradients,
)

# --- questions --------------------------------------------------------------------------------------------------------

quick_output_delta = Answer(
    "quick_output_delta",
    "The delta at the logit of one of 4 examples, MSE with 1/m after a sigmoid, yhat = 0.8, y = 0.",
)
quick_bias = Answer(
    "quick_bias",
    "The slope of the mean cross-entropy along one output bias, from yhat - y of the 4 examples of a batch.",
)
quick_hidden_delta = Answer(
    "quick_hidden_delta", "The second entry of a hidden delta: tanh, a = (0, 0.5), W2 = (1 -2; 3 4), delta2 = (2, -1)."
)
