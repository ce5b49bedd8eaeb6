"""Lab 04: the weights that a net starts from.

Drawn weights are judged by what can be measured of them, never number by number: no order of drawing is the right one.
"""

import math

import numpy as np

from labkit.exercise import Answer, Case, Exercise

# --- what is measured of drawn weights --------------------------------------------------------------------------------


def form(W, *_):
    """W's shape and dtype, as zeros."""
    return np.zeros_like(W)


def variance(W, *_):
    return W.var()


def centre(W, *_):
    """1 for weights that lie around 0."""
    return 1 + W.mean() / W.std()


def kurtosis(W, *_):
    squares = (W - W.mean()) ** 2
    return np.mean(squares**2) / np.mean(squares) ** 2


def reaches_far(W, *_):
    return np.abs(W - W.mean()).max() > 3.1 * W.std()


def share_of_distinct(W, *_):
    return np.unique(W).size / W.size


def equal_from_equal_seeds(W, draw, seed):
    return np.array_equal(W, draw(np.random.default_rng(seed)))


def equal_from_other_seeds(W, draw, seed):
    return np.array_equal(W, draw(np.random.default_rng(seed + 1)))


def equal_from_one_rng(W, draw, seed):
    rng = np.random.default_rng(seed)
    return np.array_equal(draw(rng), draw(rng))


def weights(shape, measure):
    return lambda rng: (shape, int(rng.integers(2**32)), measure)


def many_weights(measure, wide):
    """About 28 000 weights in a random number of rows, either many or few."""

    def inputs(rng):
        few = int(rng.integers(50, 70))
        shape = (few, 28_000 // few)
        return weights(shape if wide else shape[::-1], measure)(rng)

    return inputs


def measured(draw, inputs):
    """One property of draw(shape, rng); what is no array of floats comes back as it is."""
    shape, seed, measure = inputs
    W = draw(shape, np.random.default_rng(seed))
    if not isinstance(W, np.ndarray) or W.dtype.kind != "f" or not W.size:
        return W
    return measure(W, lambda rng: draw(shape, rng), seed)


DRAWN = (
    Case("the shape of W, 3 rows and 5 columns", weights((3, 5), form)),
    Case("the shape of W, 6 rows and 2 columns", weights((6, 2), form)),
    Case("the variance of a wide W", many_weights(variance, wide=True)),
    Case("the variance of a tall W", many_weights(variance, wide=False)),
    Case("1 + mean / std of W, 100 rows and 90 columns", weights((100, 90), centre)),
    Case("the mean of (w / std)^4 of a wide W", many_weights(kurtosis, wide=True)),
    Case("whether weights reach beyond 3.1 std in a tall W", many_weights(reaches_far, wide=False)),
    Case("the share of different numbers in W, 30 rows and 40 columns", weights((30, 40), share_of_distinct)),
    Case("the variance of W, one row", weights((1, 28_000), variance), "edge"),
    Case("the variance of W, one column", weights((28_000, 1), variance), "edge"),
    Case("whether equal seeds draw equal weights", weights((4, 7), equal_from_equal_seeds), "edge"),
    Case("whether different seeds draw equal weights", weights((4, 7), equal_from_other_seeds), "edge"),
    Case("whether one rng draws equal weights twice", weights((4, 7), equal_from_one_rng), "edge"),
)


def shape_complaint(result, shape, seed, measure):
    if not isinstance(result, np.ndarray):
        return f"expected an array of shape {shape}."
    if measure is form and result.shape != shape:
        return f"expected shape {shape}, got {result.shape}. Which side of W counts the units of the layer?"
    if result.ndim and result.dtype != np.float64:
        return f"expected dtype float64, got {result.dtype}. Keep what the rng draws."
    return None


# Two variances of 28 000 normal numbers differ by 1.2 % (std), two such kurtoses by 1.4 %: seven times that is 10 %.
he = Exercise("he", "he(shape, rng)", DRAWN, sense=shape_complaint, run=measured, tolerance=0.1)
glorot = Exercise("glorot", "glorot(shape, rng)", DRAWN, sense=shape_complaint, run=measured, tolerance=0.1)

# --- a net of drawn weights -------------------------------------------------------------------------------------------

PROBE = np.array([[-2.0, -0.5, 0.0, 0.5, 2.0]])  # tells the activations apart


def shuffled(shape, rng):
    """Whole numbers in any order. Sorted, they no longer depend on the rng, and they begin at a hundred per row."""
    return rng.permutation(100.0 * shape[0] + np.arange(math.prod(shape))).reshape(shape)


def clipped(Z):
    return np.clip(Z, -1, 1)


def unchanged(Z):
    return Z


def is_list(value):
    return isinstance(value, tuple | list)


def contents(layers, *_):
    """Each layer as its sorted weights, b, and what phi makes of some numbers."""
    return [(in_order(W), b, phi(PROBE) if callable(phi) else False) for W, b, phi in layers]


def in_order(W):
    return np.sort(W, axis=None).reshape(W.shape) if isinstance(W, np.ndarray) else W


def same_weights(some, others):
    return all(np.array_equal(W, V) for (W, _, _), (V, _, _) in zip(some, others, strict=True))


def nets_of_equal_seeds(layers, build, seed):
    return same_weights(layers, build(np.random.default_rng(seed)))


def nets_of_other_seeds(layers, build, seed):
    return same_weights(layers, build(np.random.default_rng(seed + 1)))


def layers_of_one_net(layers, *_):
    """Whether any layer has the weights of the one before."""
    return any(same_weights([layer], [before]) for layer, before in zip(layers[1:], layers))


def net(sizes, phis, look=contents):
    return lambda rng: (sizes, phis, shuffled, int(rng.integers(2**32)), look)


def fits(sizes, phis):
    return len(phis) == len(sizes) - 1


def built(initialize, inputs):
    """What is asked of the net; where the activations do not fit the sizes, whether a ValueError says so."""
    sizes, phis, draw, seed, look = inputs
    rng = np.random.default_rng(seed)
    if not fits(sizes, phis):
        try:
            initialize(sizes, phis, draw, rng)
        except Exception as error:  # an IndexError comes from within and names nothing
            return isinstance(error, ValueError)
        return False
    layers = initialize(sizes, phis, draw, rng)
    if not is_list(layers):
        return layers
    if not all(is_list(layer) and len(layer) == 3 for layer in layers):
        return [len(layer) if is_list(layer) else 1 for layer in layers]
    return look(layers, lambda rng: initialize(sizes, phis, draw, rng), seed)


def net_complaint(result, sizes, phis, draw, seed, look):
    """What is wrong with the form of [(W, b, phi), ...], in a sentence."""
    if not fits(sizes, phis):
        return None if result else f"{len(sizes) - 1} layers and {len(phis)} activations: expected a ValueError."
    if look is not contents:
        return None
    if not is_list(result) or len(result) != len(sizes) - 1:
        came = f"a list of {len(result)}" if is_list(result) else "no list"
        return f"expected a list of {len(sizes) - 1}, one (W, b, phi) for each layer, got {came}."
    for number, layer in enumerate(result, 1):
        complaint = layer_complaint(layer, sizes[number - 1], sizes[number])
        if complaint:
            return f"layer {number}: {complaint}"
    return None


def layer_complaint(layer, k, n):
    if not is_list(layer) or len(layer) != 3:
        return "expected (W, b, phi)."
    for name, value, shape in zip("Wb", layer, ((n, k), (n, 1))):
        if not isinstance(value, np.ndarray):
            return f"{name} is no array."
        if value.shape != shape:
            return f"expected shape {shape} in {name}, got {value.shape}."
    if layer[2].dtype == bool:
        return "phi is no function. Which one of phis belongs to this layer?"
    return None


initialize = Exercise(
    "initialize",
    "initialize(sizes, phis, draw, rng)",
    cases=(
        Case("2 layers", net([4, 3, 2], [np.tanh, unchanged])),
        Case("4 layers, each with another activation", net([3, 5, 4, 6, 2], [np.cos, clipped, np.tanh, np.sin])),
        Case("3 equal layers", net([4, 4, 4, 4], [np.sin, np.tanh, clipped])),
        Case("whether equal layers have equal weights", net([5, 5, 5, 5], [np.tanh] * 3, layers_of_one_net)),
        Case("whether equal seeds give equal nets", net([4, 5, 3], [np.tanh] * 2, nets_of_equal_seeds), "edge"),
        Case("whether different seeds give equal nets", net([4, 5, 3], [np.tanh] * 2, nets_of_other_seeds), "edge"),
        Case("one layer", net([5, 2], [np.cos]), "edge"),
        Case("one unit a layer", net([1, 1, 1], [np.sin, np.tanh]), "edge"),
        Case("an activation too few", net([4, 3, 2], [np.tanh]), "edge"),
        Case("an activation too many", net([4, 3, 2], [np.tanh, np.sin, np.cos]), "edge"),
        Case("number types", net([3, 4, 2], [np.tanh, clipped]), "form"),
    ),
    sense=net_complaint,
    run=built,
)

# --- questions --------------------------------------------------------------------------------------------------------

quick_he_std = Answer("quick_he_std", "The scale that rng.normal needs for He's weights from 800 inputs to 200 units.")
quick_halving = Answer(
    "quick_halving",
    "Variance of z in layer 11 of a ReLU net with weights of variance 1/n, where layer 1 has variance 1.",
)
quick_sigmoid = Answer(
    "quick_sigmoid",
    "The factor by which one layer multiplies the variance of delta: sigmoid near 0, equal widths, weights of a third "
    "of Glorot's standard deviation.",
)
