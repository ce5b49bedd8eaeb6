"""Lab 05: features, minibatches, and the loop that trains a net."""

import numpy as np

from labkit.cases.layers import draw, is_list, net, unchanged
from labkit.exercise import Case, Exercise

# --- feature_statistics -----------------------------------------------------------------------------------------------


def features(n, m, mildest=-1.5, dtype=np.float64):
    """n features with a centre and a spread of their own."""

    def inputs(rng):
        spread = 10 ** rng.uniform(mildest, 2, (n, 1))
        return ((rng.normal(0, 20, (n, 1)) + spread * draw(rng, n, m)).astype(dtype),)

    return inputs


def some_features(rng):
    return features(int(rng.integers(2, 7)), int(rng.integers(8, 30)))(rng)


def constant_at(*values, m):
    """Features, some of which have one value in all examples."""

    def inputs(rng):
        (X,) = features(len(values) + 2, m)(rng)
        X[1:-1] = np.array(values)[:, None]
        return (X,)

    return inputs


def moved(height, spread):
    return lambda rng: (height + spread * draw(rng, 3, 9),)


def statistics_complaint(found, X):
    for name, value in zip(("mean", "std"), found):
        if X.dtype.kind == "f" and value.dtype != X.dtype:
            return f"expected dtype {X.dtype} in {name}, got {value.dtype}. Which step makes another dtype?"
    low = np.flatnonzero(found[1] <= 0)
    if low.size:
        return (f"expected deviations above 0, feature {low[0]} has {found[1].flat[low[0]]:.4g}. "
                "Features will be divided by it.")  # fmt: skip
    return None


feature_statistics = Exercise(
    "feature_statistics",
    "feature_statistics(X)",
    cases=(
        Case("3 features of 8 examples", features(3, 8)),
        Case("6 features of 4 examples", features(6, 4)),
        Case("random sizes", some_features),
        Case("a constant feature", constant_at(3.0, m=5), "edge"),
        Case("features of 0", constant_at(0.0, 0.0, m=6), "edge"),
        Case("one example", features(4, 1), "edge"),
        Case("one feature", features(1, 7), "edge"),
        Case("whole numbers", lambda rng: (rng.integers(0, 17, (4, 9)),), "edge"),
        Case("a feature that is 0.1 everywhere", constant_at(0.1, m=7), "stability"),
        Case("features near 1e8", moved(1e8, 1), "stability"),
        Case("features that differ by 1e-10", moved(0, 1e-10), "stability"),
        Case("float32", features(3, 8, 0, np.float32), "form"),
    ),
    expects=lambda X: [(len(X), 1)] * 2,
    sense=statistics_complaint,
)

# --- minibatches: what holds in any order of draws --------------------------------------------------------------------


def some_batches(rng):
    """At least three batches, and a rest."""
    size = int(rng.integers(6, 12))
    return size * int(rng.integers(3, 7)) + int(rng.integers(1, size)), size, int(rng.integers(2**32))


def examples(m, size):
    return lambda rng: (m, size, int(rng.integers(2**32)))


def as_index_arrays(result, m):
    """The batches as arrays of whole numbers, or None where the result is something else."""
    if not isinstance(result, tuple | list | np.ndarray) or len(result) > 2 * m:
        return None
    batches = [np.asarray(batch) for batch in result]
    return batches if all(batch.ndim == 1 and batch.dtype.kind in "iu" for batch in batches) else None


def neighbours(order):
    """How many follow their own neighbour: about 2 in a random order."""
    return int((np.abs(np.diff(order)) == 1).sum())


def properties(minibatches, inputs):
    """Sizes, all indices, whether no runs are left, within and across batches, another order next, reproducible."""
    m, size, seed = inputs
    rng = np.random.default_rng(seed)
    results = [minibatches(m, size, each) for each in (rng, rng, np.random.default_rng(seed))]
    batches = [as_index_arrays(result, m) for result in results]
    if not all(batches):
        return results[0]
    first, second, again = (np.concatenate(each) for each in batches)
    within = neighbours(first) < m / 2
    across = any(np.ptp(batch) >= len(batch) for batch in batches[0] if batch.size)
    sizes = np.array([len(batch) for batch in batches[0]])
    return sizes, np.sort(first), within, across, not np.array_equal(first, second), np.array_equal(first, again)


def batches_complaint(result, m, size, seed):
    if not isinstance(result, tuple) or len(result) != 6 or getattr(result[-1], "shape", None) != ():
        return "expected a list of arrays of indices."
    sizes, indices, within, across, another, same = result
    times = np.bincount(indices[(indices >= 0) & (indices < m)], minlength=m)
    if (times != 1).any():
        i = np.flatnonzero(times != 1)[0]
        return f"expected each index once, {i} comes {times[i]} times."
    if (sizes[:-1] != size).any() or not 0 < sizes[-1] <= size:
        return f"expected {size} indices in all batches but the last, got {sizes.tolist()}."
    if m >= 20 and not (within and (across or size in (1, m) or size > m)):
        return "the order of the indices is not random: neighbours stay together."
    if m >= 20 and not another:
        return "a second call with the same rng gives the same order."
    return None if same else "equal rng's give different orders. Is every draw made by rng?"


minibatches = Exercise(
    "minibatches",
    "minibatches(m, size, rng)",
    cases=(
        Case("a rest at the end", some_batches),
        Case("23 examples in batches of 5", examples(23, 5)),
        Case("48 examples in batches of 8", examples(48, 8)),
        Case("one batch for all", examples(24, 24), "edge"),
        Case("batches larger than all", examples(21, 50), "edge"),
        Case("batches of one", examples(20, 1), "edge"),
        Case("one example", examples(1, 4), "edge"),
    ),
    sense=batches_complaint,
    run=properties,
    integer=True,
)

# --- loss_and_gradients -----------------------------------------------------------------------------------------------


def arctan_slope(Z):
    return 1 / (1 + Z * Z)


SLOPES = {np.sin: np.cos, np.arctan: arctan_slope, unchanged: np.ones_like}


def classifier(sizes, phis, m, dtype=np.float64, scale=1):
    """A net, a batch, labels of all classes where there is room, and the slopes. scale: of the last layer."""

    def inputs(rng):
        layers, X = net(sizes, phis, m, dtype)(rng)
        W, b, phi = layers[-1]
        layers[-1] = scale * W, scale * b, phi
        return layers, X, rng.permutation(np.arange(m) + rng.integers(sizes[-1])) % sizes[-1], SLOPES

    return inputs


def as_precise_as_its_batch(loss_and_gradients, inputs):
    """A loss of float32 inputs is a plain float with float32's digits; say so to whoever compares it."""
    result = loss_and_gradients(*inputs)
    single = inputs[1].dtype == np.float32 and is_list(result) and len(result) == 2
    if single and isinstance(result[0], float | np.floating):
        return np.float32(result[0]), result[1]
    return result


def loss_complaint(result, layers, X, y, slopes):
    J, gradients = result
    if J < 0:
        return f"expected a loss of 0 or more, got {J:.4g}."
    odd = [each.dtype for pair in gradients for each in pair if each.dtype != X.dtype]
    return f"expected gradients of dtype {X.dtype}, got {odd[0]}. Which step makes another dtype?" if odd else None


loss_and_gradients = Exercise(
    "loss_and_gradients",
    "loss_and_gradients(layers, X, y, slopes)",
    cases=(
        Case("2 layers, 3 classes, 7 examples", classifier([4, 5, 3], [np.sin, unchanged], 7)),
        Case("3 layers, 4 classes, 6 examples", classifier([3, 6, 5, 4], [np.arctan, np.sin, unchanged], 6)),
        Case("an activation on the last layer too", classifier([5, 3, 2], [np.arctan, np.sin], 4)),
        Case("one layer", classifier([4, 3], [unchanged], 5), "edge"),
        Case("one example", classifier([3, 4, 5], [np.sin, unchanged], 1), "edge"),
        Case("logits of size 1000", classifier([4, 3, 5], [np.sin, unchanged], 6, scale=600), "stability"),
        Case("float32", classifier([3, 4, 3], [np.arctan, unchanged], 5, np.float32), "form"),
    ),
    expects=lambda layers, X, y, slopes: [(), [[W.shape, b.shape] for W, b, _ in layers]],
    sense=loss_complaint,
    run=as_precise_as_its_batch,
)

# --- train_epoch ------------------------------------------------------------------------------------------------------


def coupled(thetas, batch):
    """Gradients, each of which depends on all tensors and on the batch."""
    level = sum(np.sin(theta).mean() for theta in thetas) + batch.mean()
    return [np.cos(theta + level) * (number + 1) for number, theta in enumerate(thetas)]


def stretched(thetas, batch):
    """Other such gradients."""
    size = sum((theta * theta).mean() for theta in thetas)
    return [np.tanh(theta * batch.sum() - size / (number + 1)) for number, theta in enumerate(thetas)]


def counting(theta, g, count):
    """An update whose steps become shorter. Its state is a number."""
    return theta - g / (count + 2), count + 1


def remembering(theta, g, memory):
    """An update whose state is an array."""
    return theta - 0.3 * g * np.cos(memory), np.sin(memory + 2 * g)


def both(theta, g, state):
    """An update whose state has two parts."""
    memory, count = state
    theta, memory = remembering(theta, g / count, memory)
    return theta, (memory, 2 * count)


def numbers(shapes):
    return lambda rng: [10 * number + 1 for number, _ in enumerate(shapes)]


def arrays(shapes, dtype=np.float64):
    return lambda rng: [draw(rng, *shape, dtype) for shape in shapes]


def parts(shapes):
    return lambda rng: [(draw(rng, *shape), number + 1) for number, shape in enumerate(shapes)]


def epoch(shapes, gradients_of, widths, update, states, dtype=np.float64):
    """Tensors of these shapes, and batches of these widths."""

    def inputs(rng):
        batches = [draw(rng, 2, width, dtype) for width in widths]
        return arrays(shapes, dtype)(rng), gradients_of, batches, update, states(rng)

    return inputs


def pair_of(train_epoch, inputs):
    """What train_epoch returns. None for no batches alone is an error, whose message names the case."""
    result = train_epoch(*inputs)
    if result is None and not inputs[2]:
        raise TypeError("it returned None. What is returned when the loop has nothing to do?")
    return result


def nest_of_shapes(value):
    return [nest_of_shapes(each) for each in value] if is_list(value) else np.shape(value)


PAIR, EQUAL, FOUR = [(3, 4), (3, 1)], [(2, 3)] * 3, [(4, 2), (4, 1), (1, 4), (1, 1)]

train_epoch = Exercise(
    "train_epoch",
    "train_epoch(thetas, gradients_of, batches, update, states)",
    cases=(
        Case("2 tensors, 3 batches, numbers as states", epoch(PAIR, coupled, [4, 4, 2], counting, numbers(PAIR))),
        Case("3 tensors of one shape, 4 batches", epoch(EQUAL, stretched, [3, 3, 3, 1], remembering, arrays(EQUAL))),
        Case("4 tensors, 2 batches, states of two parts", epoch(FOUR, coupled, [5, 2], both, parts(FOUR))),
        Case("one batch", epoch(PAIR, stretched, [6], remembering, arrays(PAIR)), "edge"),
        Case("no batch at all", epoch(PAIR, coupled, [], counting, numbers(PAIR)), "edge"),
        Case("one tensor", epoch([(2, 5)], coupled, [3, 3], remembering, arrays([(2, 5)])), "edge"),
        Case("float32", epoch(PAIR, coupled, [3, 2], remembering, arrays(PAIR, np.float32), np.float32), "form"),
    ),
    expects=lambda thetas, gradients_of, batches, update, states: [nest_of_shapes(thetas), nest_of_shapes(states)],
    run=pair_of,
)
