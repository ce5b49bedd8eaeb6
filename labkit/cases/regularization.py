"""Lab 06: a penalty on weights, a decay, a mask, an end of training, images that move.

Dropout is judged by what can be measured of it, never draw by draw: no order of drawing is the right one.
"""

import numpy as np

from labkit.cases.backprop import pairs_of_gradients
from labkit.cases.layers import draw, is_list, unchanged
from labkit.cases.optimizers import (
    AVERAGES,
    BOTH_AT_REST,
    FALLING,
    counted,
    of_random_shape,
    tiny,
    walk,
    walk_complaint,
    way,
    zeros,
)
from labkit.exercise import Answer, Case, Exercise, at_rest

# --- the penalty ------------------------------------------------------------------------------------------------------


def weights(sizes, lam=None, dtype=np.float64):
    """A net's layers, and lambda: drawn where it is None."""

    def inputs(rng):
        layers = [(draw(rng, n, k, dtype), draw(rng, n, 1, dtype), np.tanh) for k, n in zip(sizes, sizes[1:])]
        return layers, float(rng.uniform(0.01, 0.4)) if lam is None else lam

    return inputs


def with_gradients(make):
    """The same net, behind gradients of its shapes."""

    def inputs(rng):
        layers, lam = make(rng)
        gradients = [(draw(rng, *W.shape, W.dtype), draw(rng, *b.shape, b.dtype)) for W, b, _ in layers]
        return gradients, layers, lam

    return inputs


WHOLE = [(np.array([[1, -2, 3]]), np.array([[4]]), np.tanh), (np.array([[-5], [2]]), np.array([[1], [7]]), unchanged)]

l2_penalty = Exercise(
    "l2_penalty",
    "l2_penalty(layers, lam)",
    cases=(
        Case("2 layers", weights([4, 3, 2])),
        Case("4 layers", weights([3, 5, 2, 6, 3])),
        Case("equal widths", weights([4, 4, 4, 4])),
        Case("a large lambda", weights([6, 2, 3], 7.0)),
        Case("one layer", weights([5, 3]), "edge"),
        Case("one unit a layer", weights([1, 1, 1]), "edge"),
        Case("lambda = 0", weights([3, 4, 2], 0.0), "edge"),
        at_rest("whole numbers", WHOLE, 3),
    ),
    expects=lambda layers, lam: (),
    sense=lambda penalty, layers, lam: f"no square is below 0, it gives {penalty:.4g}." if penalty < 0 else None,
)

add_l2 = Exercise(
    "add_l2",
    "add_l2(gradients, layers, lam)",
    cases=(
        Case("2 layers", with_gradients(weights([4, 3, 2]))),
        Case("4 layers", with_gradients(weights([3, 5, 2, 6, 3]))),
        Case("equal widths", with_gradients(weights([4, 4, 4, 4]))),
        Case("a large lambda", with_gradients(weights([6, 2, 3], 7.0))),
        Case("one layer", with_gradients(weights([5, 3])), "edge"),
        Case("one unit a layer", with_gradients(weights([1, 1, 1])), "edge"),
        Case("lambda = 0", with_gradients(weights([3, 4, 2], 0.0)), "edge"),
        Case("float32", with_gradients(weights([3, 4, 2], dtype=np.float32)), "form"),
    ),
    sense=lambda result, gradients, layers, lam: pairs_of_gradients(result, layers, *[None] * 4),
)

# --- Adam with weight decay -------------------------------------------------------------------------------------------

adamw_step = Exercise(
    "adamw_step",
    "adamw_step(theta, g, m, v, t, eta, decay, beta1, beta2, eps)",
    cases=(
        Case("the first step", way((3, 5), BOTH_AT_REST, (1, 0.1, 0.3, 0.7, 0.95, 0.05))),
        Case("4 steps with a learning rate that falls", way(
            (2, 3), BOTH_AT_REST, *((t, eta, 0.2, 0.8, 0.9, 0.2) for t, eta in enumerate(FALLING, 1))
        )),
        Case("step 7", way((4, 2), AVERAGES, (7, 0.3, 0.8, 0.6, 0.85, 0.4))),
        Case("steps 10 to 12", of_random_shape(
            lambda shape: way(shape, AVERAGES, *counted(10, 12, 0.2, 0.05, 0.9, 0.75, 0.02))
        )),
        Case("the first 5 steps, with the defaults", way((5, 1), BOTH_AT_REST, *counted(1, 5))),
        Case("step 2 with the default decay and betas", way((2, 6), AVERAGES, (2, 0.3))),
        Case("tiny gradients and the default eps", way((3, 3), BOTH_AT_REST, *counted(1, 2, 0.4, 0.1), gradient=tiny)),
        Case("a flat theta", way((6,), AVERAGES, *counted(3, 4, 0.2, 0.4, 0.5, 0.6, 0.1)), "edge"),
        Case("step 1000", way((2, 3), AVERAGES, (1000, 0.1, 0.2, 0.9, 0.99, 0.1)), "edge"),
        Case("no decay", way((4, 3), AVERAGES, *counted(2, 3, 0.2, 0.0, 0.7, 0.8, 0.1)), "edge"),
        Case("gradients of 0", way((3, 2), AVERAGES, *counted(4, 5, 0.5, 0.3, 0.9, 0.8, 1e-6), gradient=zeros), "edge"),
        Case("gradients of 0, m = v = 0", way((2, 3), BOTH_AT_REST, *counted(1, 2), gradient=zeros), "stability"),
        Case("float32", way((3, 4), AVERAGES, *counted(2, 3, 0.1, 0.5, 0.75, 0.9, 0.05), dtype=np.float32), "form"),
    ),
    sense=walk_complaint("theta", "m", "v"),
    run=walk,
)  # fmt: skip

# --- what is measured of dropout --------------------------------------------------------------------------------------


def share_kept_of_zeros(output, kept, A, again):
    """How many entries are kept where A itself is 0."""
    return np.mean(kept[A == 0])


def spread_over_columns(output, kept, A, again):
    """The variance of the number of zeros in a column."""
    return np.sum(output == 0, axis=0).var()


def spread_over_rows(output, kept, A, again):
    return spread_over_columns(output.T, kept.T, A.T, again)


def factors(output, A):
    left = output != 0
    return output[left] / A[left]


def same_factor(output, kept, A, again):
    """Whether all entries that are left are multiplied by one number, in each of five calls."""
    found = np.concatenate([factors(output, A), *(factors(again(seed)[0], A) for seed in range(1, 5))])
    return bool(found.size and np.ptp(found) <= 1e-9 * np.abs(found).max())


def kept_is_left(output, kept, A, again):
    return np.array_equal(kept, output != 0)


def untouched(output, kept, A, again):
    return np.allclose(output, A, rtol=1e-12, atol=0) and bool(np.all(kept))


def equal_from_equal_seeds(output, kept, A, again):
    other, other_kept = again(0)
    return np.array_equal(output, other) and np.array_equal(kept, other_kept)


def equal_from_other_seeds(output, kept, A, again):
    return np.array_equal(output, again(1)[0])


def equal_from_one_rng(output, kept, A, again):
    rng = np.random.default_rng(7)
    return np.array_equal(again(rng)[0], again(rng)[0])


def same_count(output, kept, A, again):
    """Whether six calls drop equally many entries."""
    return len({np.count_nonzero(output), *(np.count_nonzero(again(seed)[0]) for seed in range(1, 6))}) == 1


def shapes(output, kept, A, again):
    return np.zeros(output.shape), np.zeros(kept.shape)


def forms(output, kept, A, again):
    """The shapes and dtypes of both, as zeros."""
    return np.zeros_like(output), np.zeros_like(kept)


def shares_and_factor(output, kept, A, again):
    """The share of zeros, the share of what is kept, and what the entries that are left were multiplied by."""
    factor = np.median(factors(output, A)) if output.any() else 0.0
    return np.array([np.mean(output == 0), np.mean(kept), factor])


def plenty(rng):
    """About 12 000 numbers, more rows than columns or the other way round."""
    few = int(rng.integers(60, 180))
    shape = (few, 12_000 // few)
    return rng.uniform(-1, 1, shape if rng.integers(2) else shape[::-1])


def numbers(*shape):
    return lambda rng: rng.uniform(-1, 1, shape)


def half_of_them_0(rng):
    return np.maximum(plenty(rng), 0)


def rarely(rng):
    return float(rng.uniform(0.2, 0.35))


def often(rng):
    return float(rng.uniform(0.65, 0.8))


def never(rng):
    return 0.0


def masked(A, p, measure, *training, dtype=np.float64):
    """A, p, a seed, the measure, and `training` where it is said."""
    return lambda rng: (A(rng).astype(dtype), p(rng), int(rng.integers(2**32)), measure, training)


FEW = 100
NOT_MEASURED = -1.0


def measured(dropout, inputs):
    """One property of dropout(A, p, rng, training).

    What is no pair of arrays of A's shape comes back as it is where A is small, else as NOT_MEASURED.
    """
    A, p, seed, measure, training = inputs
    before = A.copy()

    def again(source):
        rng = np.random.default_rng(seed + source) if isinstance(source, int) else source
        return dropout(before.copy(), p, rng, *training)

    result = dropout(A, p, np.random.default_rng(seed), *training)
    if not is_list(result) or len(result) != 2 or not all(has_shape(each, A.shape) for each in result):
        return result if result is None or A.size < FEW else NOT_MEASURED
    return measure(*result, before, again)


def has_shape(value, shape):
    return isinstance(value, np.ndarray) and value.dtype.kind in "biuf" and value.shape == shape


SENTENCES = {  # a measure, what it can't be, and what to say then
    spread_over_columns: (0, "each column has lost equally many entries. How many draws does a mask need?"),
    spread_over_rows: (0, "each row has lost equally many entries. How many draws does a mask need?"),
    same_factor: (False, "the entries that are left are not all multiplied by one number."),
    untouched: (False, "expected A itself in the output, and True everywhere in kept."),
    kept_is_left: (False, "kept does not mark the entries that the output has left."),
    equal_from_equal_seeds: (False, "equal rngs give different masks. Which object draws?"),
    equal_from_other_seeds: (True, "different rngs give equal masks. Which object draws?"),
    equal_from_one_rng: (True, "two calls with one rng give equal masks. Which object draws?"),
    same_count: (True, "six calls drop equally many entries. Does each entry have a draw of its own?"),
}


def dropout_complaint(result, A, p, seed, measure, training):
    if isinstance(result, np.ndarray) and (not result.ndim or A.size >= FEW):
        wrong, sentence = SENTENCES.get(measure, (None, None))
        return sentence if result.ndim == 0 and result == wrong else None
    if not is_list(result) or len(result) != 2:
        return "expected two arrays. Does it end in `return output, kept`?"
    for name, value in zip(("output", "kept"), result):
        if not isinstance(value, np.ndarray) or value.shape != A.shape:
            came = "None" if value is None else getattr(value, "shape", "no array")
            return f"expected shape {A.shape} in {name}, that of A, got {came}."
    output, kept = result
    if measure is not forms:
        return None
    if kept.dtype != bool:
        return f"expected True and False in kept, got {kept.dtype}."
    if A.dtype.kind == "f" and output.dtype != A.dtype:
        return f"expected dtype {A.dtype} in the output, got {output.dtype}. Which step makes another dtype?"
    return None


# Two shares of 12 000 entries differ by up to 2.6 % (std), two variances of 6000 counts too: 15 % is 5.7 times that.
dropout = Exercise(
    "dropout",
    "dropout(A, p, rng, training)",
    cases=(
        Case("3 units and 5 examples, the shapes", masked(numbers(3, 5), rarely, shapes)),
        Case("6 units and 2 examples, the shapes", masked(numbers(6, 2), rarely, shapes, True)),
        Case("the shares of zeros and of kept, the factor", masked(plenty, rarely, shares_and_factor)),
        Case("the same, p above 1/2", masked(plenty, often, shares_and_factor, True)),
        Case("the variance of the number of zeros per column", masked(numbers(4, 6000), rarely, spread_over_columns)),
        Case("the variance of the number of zeros per row", masked(numbers(6000, 4), rarely, spread_over_rows)),
        Case("whether kept marks the entries that are left", masked(numbers(7, 9), rarely, kept_is_left, True)),
        Case("inference: the shares of zeros and of kept, the factor", masked(plenty, often, shares_and_factor, False)),
        Case("inference: whether all entries are left as they are", masked(numbers(6, 8), rarely, untouched, False)),
        Case("whether all entries that are left have one factor", masked(numbers(20, 40), rarely, same_factor), "edge"),
        Case("whether six calls drop equally many", masked(numbers(20, 40), rarely, same_count), "edge"),
        Case("whether equal rngs drop the same", masked(numbers(8, 9), rarely, equal_from_equal_seeds), "edge"),
        Case("whether different rngs drop the same", masked(numbers(8, 9), rarely, equal_from_other_seeds), "edge"),
        Case("whether one rng drops the same twice", masked(numbers(8, 9), rarely, equal_from_one_rng), "edge"),
        Case("the share that is kept where A is 0", masked(half_of_them_0, rarely, share_kept_of_zeros), "edge"),
        Case("p = 0: whether all entries are left as they are", masked(numbers(5, 3), never, untouched), "edge"),
        Case("one unit, and whether kept marks what is left", masked(numbers(1, 30), rarely, kept_is_left), "edge"),
        Case("one example, and whether kept marks what is left", masked(numbers(30, 1), rarely, kept_is_left), "edge"),
        Case("a flat A, and whether kept marks what is left", masked(numbers(40), rarely, kept_is_left), "edge"),
        Case("images, and whether kept marks what is left", masked(numbers(2, 3, 4, 5), rarely, kept_is_left), "edge"),
        Case("float32", masked(numbers(3, 5), rarely, forms, dtype=np.float32), "form"),
        Case("float32 at inference", masked(numbers(6, 2), rarely, forms, False, dtype=np.float32), "form"),
    ),
    sense=dropout_complaint,
    run=measured,
    tolerance=0.15,
)  # fmt: skip


def upstream(*shape, p=None, left=None, dtype=np.float64):
    """A gradient, a mask and p: drawn where they are None."""

    def inputs(rng):
        share = float(rng.choice([rarely, often])(rng)) if p is None else p
        kept = rng.random(shape) >= share if left is None else np.full(shape, left)
        return rng.standard_normal(shape).astype(dtype), kept, share

    return inputs


def mask_complaint(result, d_output, kept, p):
    if np.any(result[~kept] != 0):
        return "an entry that was dropped has a gradient. How far does J move with it?"
    if np.any(result[kept & (d_output != 0)] == 0):
        return "an entry that was kept has no gradient. Which mask did the way forward use?"
    return None


dropout_backward = Exercise(
    "dropout_backward",
    "dropout_backward(d_output, kept, p)",
    cases=(
        Case("4 units and 7 examples", upstream(4, 7)),
        Case("8 units and 5 examples, p = 0.2", upstream(8, 5, p=0.2)),
        Case("6 units and 9 examples, p = 0.75", upstream(6, 9, p=0.75)),
        Case("5 units and 5 examples", upstream(5, 5)),
        Case("images", upstream(3, 2, 4, 4), "edge"),
        Case("one example", upstream(12, 1, p=0.3), "edge"),
        Case("one unit", upstream(1, 12, p=0.3), "edge"),
        Case("p = 0", upstream(3, 4, p=0.0), "edge"),
        Case("a mask that happens to keep all", upstream(2, 3, p=0.1, left=True), "edge"),
        Case("a mask that drops all", upstream(2, 3, p=0.9, left=False), "edge"),
        at_rest("whole numbers", np.array([[2, -3, 5], [7, 1, -4]]), np.array([[1, 0, 1], [0, 0, 1]]) > 0, 0.2),
        Case("float32", upstream(5, 6, dtype=np.float32), "form"),
    ),
    expects=lambda d_output, kept, p: d_output.shape,
    sense=mask_complaint,
)

# --- early stopping ---------------------------------------------------------------------------------------------------


def noisy(rng, length, digits=2):
    """Losses that fall, then rise, with noise."""
    epochs = np.arange(length) / length
    return [*map(float, np.round((epochs - rng.uniform(0.1, 0.9)) ** 2 + 0.3 * rng.random(length), digits))]


def with_ties(rng, length):
    return noisy(rng, length, digits=1)


def falling(rng, length):
    return sorted(noisy(rng, length), reverse=True)


def rising(rng, length):
    return sorted(noisy(rng, length))


def as_array(rng, length):
    return np.array(noisy(rng, length))


def runs(curve, patience, shortest=6, longest=20):
    """Twelve curves of losses, and the patience with each."""
    return lambda rng: ([curve(rng, int(length)) for length in rng.integers(shortest, longest + 1, 12)], patience)


def all_ends(early_stopping, inputs):
    """(best, last) of each curve; what is no pair comes back as it is."""
    curves, patience = inputs
    ends = []
    for curve in curves:
        end = early_stopping(curve, patience)
        if not is_list(end) or len(end) != 2:
            return end
        ends.append(end)
    return ends


def epochs_complaint(ends, curves, patience):
    """What can't be the end of some curve, in a sentence."""
    if not is_list(ends) or not all(is_list(end) and len(end) == 2 for end in ends):
        return "expected two numbers. Does it end in `return best, last`?"
    return next(filter(None, (end_complaint(*end, curve, patience) for end, curve in zip(ends, curves))), None)


def end_complaint(best, last, curve, patience):
    for name, epoch in (("best", best), ("last", last)):
        if not isinstance(epoch, np.ndarray) or epoch.shape or epoch.dtype.kind not in "iu":
            return f"expected the number of an epoch in {name}, got {epoch}."
        if not 0 <= epoch < len(curve):
            return f"{name} is {epoch}. The epochs of {len(curve)} losses are 0 to {len(curve) - 1}."
    about = f"for the losses {list(curve[: last + 1])} and patience {patience}"
    if best > last:
        return f"{about}, best = {best} comes after last = {last}."
    if curve[best] > min(curve[: last + 1]):
        return f"{about}, best = {best} has not the lowest loss."
    return f"{about}, it goes on for {last - best} epochs after {best}." if last - best > patience else None


early_stopping = Exercise(
    "early_stopping",
    "early_stopping(losses, patience)",
    cases=(
        Case("noisy losses, patience 2", runs(noisy, 2)),
        Case("noisy losses, patience 3", runs(noisy, 3)),
        Case("noisy losses, patience 5", runs(noisy, 5)),
        Case("noisy losses, patience 1", runs(noisy, 1)),
        Case("losses with ties, patience 3", runs(with_ties, 3), "edge"),
        Case("losses that only fall", runs(falling, 2), "edge"),
        Case("losses that only rise", runs(rising, 4), "edge"),
        Case("more patience than epochs", runs(noisy, 30), "edge"),
        Case("about as many epochs as patience", runs(noisy, 4, 4, 6), "edge"),
        Case("one epoch", runs(noisy, 2, 1, 1), "edge"),
        Case("losses in an array", runs(as_array, 3), "edge"),
        at_rest("losses that stay the same", [[0.5] * 6, [0.5] * 2], 3),
    ),
    sense=epochs_complaint,
    run=all_ends,
    integer=True,
)  # fmt: skip

# --- images that move -------------------------------------------------------------------------------------------------


def images(side, m, down, right, dtype=np.float64):
    """m images without any 0, and a move."""
    return lambda rng: (rng.uniform(0.1, 1, (side**2, m)).astype(dtype), down, right)


def any_move(rng):
    side = int(rng.integers(6, 10))
    down, right = rng.choice([-1, 1], 2) * rng.choice(np.arange(1, 5), 2, replace=False)
    return images(side, int(rng.integers(2, 5)), int(down), int(right))(rng)


shift = Exercise(
    "shift",
    "shift(X, down, right)",
    cases=(
        Case("1 down", images(4, 3, 1, 0)),
        Case("2 right", images(5, 2, 0, 2)),
        Case("1 up", images(5, 3, -1, 0)),
        Case("3 left", images(6, 2, 0, -3)),
        Case("1 down and 2 right", images(5, 4, 1, 2)),
        Case("2 up and 1 right", images(6, 3, -2, 1)),
        Case("1 down and 3 left", images(7, 2, 1, -3)),
        Case("a random move", any_move),
        Case("no move", images(4, 3, 0, 0), "edge"),
        Case("one image", images(6, 1, 2, -1), "edge"),
        Case("one pixel of each image left", images(4, 2, 3, -3), "edge"),
        Case("a move as long as the side", images(4, 3, 4, 1), "edge"),
        Case("a move beyond the side", images(4, 3, 1, -7), "edge"),
        Case("float32", images(5, 3, -1, 2, np.float32), "form"),
    ),
    expects=lambda X, down, right: X.shape,
)

# --- numeric questions ------------------------------------------------------------------------------------------------

quick_l2 = Answer("quick_l2", "A weight 4 after one SGD step with eta = 0.5: slope -2 of the loss, penalty 0.05 w^2.")
quick_adamw = Answer(
    "quick_adamw", "theta after the first AdamW step from 3: gradient -5, eta = 0.2, decay 0.5, eps = 0."
)
quick_dropout = Answer(
    "quick_dropout",
    "z in training, inverted dropout with p = 0.2: a = (2, 5, 1, 8), unit 2 dropped, w = (1, 1, 2, -1), b = 3.",
)
quick_patience = Answer(
    "quick_patience",
    "The epoch whose weights are restored: losses 0.90 0.60 0.70 0.65 0.50 0.55 0.52 0.51 0.45, patience 3.",
    integer=True,
)
