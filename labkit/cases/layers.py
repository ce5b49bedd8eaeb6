"""Lab 01: layers, shapes, counts and the way forward."""

import numpy as np

from labkit.exercise import Answer, Case, Exercise, at_rest


def draw(rng, n, m, dtype=np.float64):
    return rng.standard_normal((n, m)).astype(dtype)


def layer(n, k, m, dtype=np.float64):
    """W, b and A for a layer from k to n units and m examples."""
    return lambda rng: (draw(rng, n, k, dtype), draw(rng, n, 1, dtype), draw(rng, k, m, dtype))


def misfit(n, k, rows_of_b, columns_of_b, rows_of_A, m):
    """A layer whose parts do not fit."""
    return lambda rng: (draw(rng, n, k), draw(rng, rows_of_b, columns_of_b), draw(rng, rows_of_A, m))


def misfits(W, b, A):
    """The two shapes that do not fit each other, or None."""
    if W.shape[1] != A.shape[0]:
        return W.shape, A.shape
    return (b.shape, W.shape) if b.shape != (W.shape[0], 1) else None


def result_or_refusal(linear, inputs):
    """The result; where shapes do not fit, whether a ValueError names them."""
    shapes = misfits(*inputs)
    if shapes is None:
        return linear(*inputs)
    try:
        linear(*inputs)
    except ValueError as error:
        return all(str(shape) in str(error) for shape in shapes)
    return False


def refusal_missing(result, W, b, A):
    shapes = misfits(W, b, A)
    if shapes and not result:
        return f"shapes {shapes[0]} and {shapes[1]} do not fit: expected a ValueError that names both."
    return None


linear = Exercise(
    "linear",
    "linear(W, b, A)",
    cases=(
        Case("a layer from 4 to 3 units, 5 examples", layer(3, 4, 5)),
        Case("a layer from 2 to 6 units, 3 examples", layer(6, 2, 3)),
        Case("a layer from 3 to 4 units, 4 examples", layer(4, 3, 4)),
        Case("a layer from 4 to 4 units, 4 examples", layer(4, 4, 4)),
        Case("one example", layer(3, 4, 1), "edge"),
        Case("one unit", layer(1, 5, 3), "edge"),
        Case("W too narrow for A", misfit(3, 4, 3, 1, 5, 2), "edge"),
        Case("W too wide for A", misfit(3, 4, 3, 1, 2, 2), "edge"),
        Case("b as a row", misfit(4, 3, 1, 4, 3, 4), "edge"),
        Case("b too short", misfit(4, 3, 1, 1, 3, 2), "edge"),
        Case("b with a column for each example", misfit(4, 3, 4, 2, 3, 2), "edge"),
        Case("float32", layer(3, 4, 5, np.float32), "form"),
    ),
    expects=lambda W, b, A: () if misfits(W, b, A) else (W.shape[0], A.shape[1]),
    sense=refusal_missing,
    run=result_or_refusal,
)


def widths(length):
    """Widths from input to output, no two alike."""
    return lambda rng: ([int(n) for n in rng.choice(np.arange(2, 60), length, replace=False)],)


WIDTHS = (
    Case("3 layers", widths(4)),
    Case("5 layers", widths(6)),
    Case("2 layers", widths(3)),
    Case("one layer", widths(2), "edge"),
    at_rest("widths of 1", [1, 1, 4, 1]),
    at_rest("equal widths", [7, 7, 7]),
)


def is_list(value):
    return isinstance(value, tuple | list)


def pairs_complaint(result, sizes):
    """What is wrong with the form of [(shape of W, shape of b), ...], in a sentence."""
    if not is_list(result) or len(result) != len(sizes) - 1:
        came = f"a list of {len(result)}" if is_list(result) else "no list"
        return f"expected a list of {len(sizes) - 1}, one pair of shapes for each layer, got {came}."
    for number, pair in enumerate(result, 1):
        if not is_list(pair) or len(pair) != 2 or not all(map(is_list, pair)):
            return f"expected two shapes for layer {number}: that of W and that of b."
        if len(pair[1]) == 1:
            return f"b of layer {number} is flat, (n,). It has to be a column: n rows and 1 column."
        if any(len(shape) != 2 for shape in pair):
            return f"expected two numbers in each shape of layer {number}: rows and columns."
    return None


parameter_shapes = Exercise(
    "parameter_shapes",
    "parameter_shapes(sizes)",
    cases=WIDTHS,
    sense=pairs_complaint,
    integer=True,
)

count_parameters = Exercise(
    "count_parameters",
    "count_parameters(sizes)",
    cases=WIDTHS,
    expects=lambda sizes: (),
    sense=lambda result, sizes: "a count is at least 1." if result < 1 else None,
    integer=True,
)


def clipped(Z):
    return np.clip(Z, -1, 1)


def unchanged(Z):
    return Z


def net(sizes, phis, m, dtype=np.float64):
    """A net with these widths and activations, and a batch of m examples."""

    def inputs(rng):
        pairs = zip(sizes, sizes[1:], phis)
        layers = [(draw(rng, n, k, dtype), draw(rng, n, 1, dtype), phi) for k, n, phi in pairs]
        return layers, draw(rng, sizes[0], m, dtype)

    return inputs


def without_Z0(forward, inputs):
    """Z[1:] and A. Z[0] belongs to no layer: it may hold anything."""
    result = forward(*inputs)
    if not isinstance(result, tuple | list) or len(result) != 2 or not isinstance(result[0], tuple | list):
        return result
    Z, A = result
    return list(Z)[1:], A


def forward_complaint(result, layers, X):
    """What is wrong with the form of (Z, A), in a sentence. Z comes without its place 0."""
    if not is_list(result) or len(result) != 2 or not all(map(is_list, result)):
        return "expected two lists. Does it end in `return Z, A`?"
    Z, A = [None, *result[0]], result[1]
    if len(Z) == len(A) == 2 <= len(layers) and np.array_equal(A[0], X):
        return f"Z and A end at layer 1 of {len(layers)}. Does the return stand inside the loop?"
    for name, values, start in (("Z", Z, "[None]"), ("A", A, "[X]")):
        if len(values) != len(layers) + 1:
            return f"expected {len(layers) + 1} entries in {name}, got {len(values)}. Does {name} begin as {start}?"
    if A[0] is None:
        return "A[0] is None. Return Z first, then A."
    if not np.array_equal(A[0], X):
        return "A[0] is not X."
    return layer_complaint(Z, A, layers, X)


def layer_complaint(Z, A, layers, X):
    """The first Z[l] or A[l] that is not (n_l, m), in a sentence."""
    for l, (W, _, _) in enumerate(layers, 1):
        for name, value in ((f"Z[{l}]", Z[l]), (f"A[{l}]", A[l])):
            expected = (W.shape[0], X.shape[1])
            if not isinstance(value, np.ndarray):
                return f"expected shape {expected} in {name}, got {'None' if value is None else 'no array'}."
            if value.shape != expected:
                return f"expected shape {expected} in {name}, got {value.shape}. Which axis holds the examples?"
    return None


forward = Exercise(
    "forward",
    "forward(layers, X)",
    cases=(
        Case("2 layers, 5 examples", net([4, 3, 2], [np.tanh, unchanged], 5)),
        Case("3 layers, each with another activation", net([3, 5, 4, 2], [np.cos, clipped, np.tanh], 6)),
        Case("equal widths", net([3, 3, 3, 3], [np.sin, np.tanh, np.cos], 3)),
        Case("one layer", net([5, 2], [np.cos], 3), "edge"),
        Case("one example", net([2, 4, 3], [np.tanh, np.cos], 1), "edge"),
        Case("one unit a layer", net([1, 1, 1], [np.sin, unchanged], 4), "edge"),
        Case("float32", net([3, 4, 2], [np.tanh, clipped], 4, np.float32), "form"),
    ),
    sense=forward_complaint,
    run=without_Z0,
)

quick_small_net = Answer("quick_small_net", "How many parameters has the net 784-128-10?", integer=True)
quick_deep_net = Answer("quick_deep_net", "How many parameters has the net 20-64-32-32-16-3?", integer=True)
quick_rows = Answer("quick_rows", "Net 100-50-20-10, batch of 64: how many rows has A[2]?", integer=True)
quick_numbers = Answer("quick_numbers", "Net 100-50-20-10, batch of 64: how many numbers has A[1]?", integer=True)
