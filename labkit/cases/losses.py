"""Lab 02."""

import numpy as np

from labkit.exercise import Answer, Case, Exercise, at_rest, call

# --- inputs -----------------------------------------------------------------------------------------------------------


def any_sizes(make):
    """Inputs of random size, wider than tall."""
    return lambda rng: make(int(rng.integers(2, 9)), int(rng.integers(10, 40)))(rng)


def outputs(n, m):
    return lambda rng: (rng.normal(1, 2, (n, m)), rng.normal(-1, 3, (n, m)))


def both_labels(rng, m):
    """More ones than zeros, and some of each."""
    return rng.permutation(np.arange(m) % 3 > 0).astype(float)[None]


def probabilities(m, dtype=float):
    return lambda rng: (rng.uniform(0.05, 0.95, (1, m)).astype(dtype), both_labels(rng, m).astype(dtype))


def binary_logits(m, centre=0.5, spread=2.0, dtype=float):
    return lambda rng: (rng.normal(centre, spread, (1, m)).astype(dtype), both_labels(rng, m).astype(dtype))


def soft(make):
    """The same inputs with labels between 0 and 1."""

    def inputs(rng):
        prediction, Y = make(rng)
        return prediction, rng.uniform(0.1, 0.9, Y.shape)

    return inputs


def confident(right, size, dtype=float):
    """An unsure logit, and large ones of both signs that fit the labels or contradict them."""

    def inputs(rng):
        Y = both_labels(rng, 6)
        O = (2 * Y - 1) * rng.uniform(0.9, 1.1, Y.shape) * (size if right else -size)
        O[0, 0] = rng.uniform(1, 2)
        return O.astype(dtype), Y.astype(dtype)

    return inputs


def logits(K, m, centre=0.0, dtype=float):
    """Every column lies around a height of its own."""
    return lambda rng: ((rng.normal(centre, 2, m) + rng.normal(0, 1.5, (K, m))).astype(dtype),)


def columns(*heights):
    """Logits (4, m) whose column i lies close to heights[i]: a number, or one number for each class."""

    def inputs(rng):
        column = [np.broadcast_to(np.array(height, float), 4) for height in heights]
        return (np.stack(column, axis=1) + rng.normal(0, 1, (4, len(heights))),)

    return inputs


def with_labels(make):
    """Logits and random labels; every label occurs where there is room."""

    def inputs(rng):
        (O,) = make(rng)
        K, m = O.shape
        return O, rng.permutation(np.arange(m) + rng.integers(K)) % K

    return inputs


def labelled(make, *y):
    return lambda rng: (*make(rng), np.array(y))


def labels(K, m):
    return lambda rng: (rng.permutation(np.arange(m) + rng.integers(K)) % K, K)


def one_label(make, label):
    """The same inputs, but one example has this label."""

    def inputs(rng):
        drawn = make(rng)
        y = next(each for each in drawn if np.ndim(each) == 1)
        y[rng.integers(len(y))] = label
        return drawn

    return inputs


FAR_APART = columns(-800, 800, 0)
ONE_FAR_BELOW = columns((300, 290, 280, -500), (-250, 250, 250, 250), (0, 200, 100, 150))
WIDE = columns((1000, 0, -1000, 0), (-1500, 0, 0, 0), (0, 3000, 1, 2))

# --- how a loss is run, and what can't be right -----------------------------------------------------------------------


def as_precise_as_its_inputs(fn, inputs):
    """A loss of float32 inputs is a plain float with float32's digits; say so to whoever compares it."""
    loss = fn(*inputs)
    single = inputs[0].dtype == np.float32 and isinstance(loss, float | np.floating)
    return np.float32(loss) if single else loss


def unknown_labels(*inputs):
    """The labels (of one_hot or of cross_entropy) that are no class, as a sentence says them; else None."""
    y, K = inputs if np.ndim(inputs[0]) == 1 else (inputs[1], len(inputs[0]))
    unknown = y[(y < 0) | (y >= K)]
    return f"label {unknown[0]} with {K} classes" if unknown.size else None


def refusal_or(run):
    """The driver `run`; where a label is no class, whether a ValueError says so."""

    def driver(fn, inputs):
        if unknown_labels(*inputs) is None:
            return run(fn, inputs)
        try:
            fn(*inputs)
        except Exception as error:  # an IndexError is NumPy's, and comes too late for -1
            return isinstance(error, ValueError)
        return False

    return driver


def refusal_missing_or(sense):
    def first_refusal(result, *inputs):
        unknown = unknown_labels(*inputs)
        if unknown is None:
            return sense(result, *inputs)
        return None if result else f"{unknown}: expected a ValueError. Did y go through as_labels?"

    return first_refusal


def not_negative(why):
    def sense(result, *inputs):
        if result < 0:
            return f"expected a loss of 0 or more, got {float(result):.4g}. {why}"

    return sense


LIKELIHOOD = "Minus the log of a probability is never below 0: which sign or which term is off?"


def columns_sum_to_1(P, O):
    if (P < 0).any():
        return f"expected probabilities, got {P.min():.4g}. Can exp(o) be negative?"
    sums = P.sum(axis=0)
    wrong = np.flatnonzero(~np.isclose(sums, 1, atol=1e-4))
    if wrong.size:
        return (f"expected columns that sum to 1, column {wrong[0]} sums to {sums[wrong[0]]:.4g}. "
                "Over which axis do you normalise?")  # fmt: skip


def not_below_the_maximum(result, O):
    short = np.flatnonzero(result < O.max(axis=0) - 1e-3)
    if short.size:
        i = short[0]
        return (f"expected at least the largest logit of each column, got {result[i]:.4g} for column {i}, "
                f"whose largest is {O[:, i].max():.4g}. Did the shift come back?")  # fmt: skip


def ones_and_zeros(result, y, K):
    if result.dtype != np.float64:
        return f"expected dtype float64, got {result.dtype}. Its columns stand beside probabilities."
    if not np.isin(result, (0, 1)).all():
        return "expected zeros and ones only."
    sums = result.sum(axis=0)
    wrong = np.flatnonzero(sums != 1)
    if wrong.size:
        return f"expected one 1 in each column, column {wrong[0]} has {sums[wrong[0]]:g}. Which class is hot there?"


# --- exercises --------------------------------------------------------------------------------------------------------

mse = Exercise(
    "mse",
    "mse(Y_hat, Y)",
    cases=(
        Case("3 outputs and 5 examples", outputs(3, 5)),
        Case("7 outputs and 2 examples", outputs(7, 2)),
        Case("random sizes", any_sizes(outputs)),
        Case("one example", outputs(4, 1), "edge"),
        Case("one output", outputs(1, 6), "edge"),
        at_rest("a perfect prediction", np.array([[1.0, -2.0, 3.0]]), np.array([[1.0, -2.0, 3.0]])),
    ),
    expects=lambda Y_hat, Y: (),
    sense=not_negative("What happens to a difference of -3 when it is squared?"),
)

bce = Exercise(
    "bce",
    "bce(Y_hat, Y)",
    cases=(
        Case("5 examples", probabilities(5)),
        Case("8 examples", probabilities(8)),
        Case("a batch of random width", lambda rng: probabilities(int(rng.integers(10, 40)))(rng)),
        at_rest(
            "probabilities down to 1e-30",
            np.array([[1e-30, 0.5, 1e-20, 3e-10]]),
            np.array([[1.0, 0.0, 1.0, 1.0]]),
            aspect="stability",
        ),
        Case("float32 probabilities", probabilities(7, np.float32), "form"),
        at_rest(
            "certain and right, beside an unsure one",
            np.array([[0.0, 1.0, 0.25, 1.0, 0.0]]),
            np.array([[0.0, 1.0, 1.0, 1.0, 0.0]]),
        ),
        at_rest("certain and right everywhere", np.array([[0.0, 1.0, 1.0]]), np.array([[0.0, 1.0, 1.0]])),
        at_rest("a 1 where the label is 0", np.array([[0.5, 1.0, 0.75]]), np.array([[1.0, 0.0, 1.0]]), finite=False),
        at_rest("a 0 where the label is 1", np.array([[0.5, 0.0]]), np.array([[0.0, 1.0]]), finite=False),
        Case("labels between 0 and 1", soft(probabilities(6)), "edge"),
        Case("one example", lambda rng: (rng.uniform(0.6, 0.9, (1, 1)), np.zeros((1, 1))), "edge"),
    ),
    expects=lambda Y_hat, Y: (),
    sense=not_negative(LIKELIHOOD),
    run=as_precise_as_its_inputs,
)

bce_with_logits = Exercise(
    "bce_with_logits",
    "bce_with_logits(O, Y)",
    cases=(
        Case("5 examples", binary_logits(5)),
        Case("8 examples", binary_logits(8, centre=-1)),
        Case("a batch of random width", lambda rng: binary_logits(int(rng.integers(10, 40)))(rng)),
        Case("logits near 1000", binary_logits(6, centre=1000), "stability"),
        Case("logits near -1000", binary_logits(6, centre=-1000), "stability"),
        Case("confident and wrong: logits of size 60", confident(False, 60), "stability"),
        Case("confident and right: logits of size 50, one unsure", confident(True, 50), "stability"),
        Case("confident and wrong: logits of size 25, float32", confident(False, 25, np.float32), "stability"),
        Case("confident and wrong: logits of size 100, float32", confident(False, 100, np.float32), "stability"),
        Case("labels between 0 and 1", soft(binary_logits(6)), "edge"),
        Case("one example", lambda rng: (rng.uniform(1, 3, (1, 1)), np.zeros((1, 1))), "edge"),
        at_rest("logits of 0", np.zeros((1, 4)), np.array([[0.0, 1.0, 1.0, 1.0]])),
    ),
    expects=lambda O, Y: (),
    sense=not_negative(LIKELIHOOD),
    run=as_precise_as_its_inputs,
)

ANY_LOGITS = (
    Case("random sizes", any_sizes(logits)),
    Case("logits near 1000", logits(4, 6, centre=1000), "stability"),
    Case("logits near -1000", logits(4, 6, centre=-1000), "stability"),
    Case("columns far apart", FAR_APART, "stability"),
    Case("one class far below the others", ONE_FAR_BELOW, "stability"),
    Case("classes far apart", WIDE, "stability"),
    Case("float32 logits near 100", logits(3, 5, 100, np.float32), "stability"),
    Case("float32 logits", logits(4, 6, 0, np.float32), "form"),
    Case("one example", logits(5, 1), "edge"),
    Case("one class", logits(1, 4), "edge"),
)

log_sum_exp = Exercise(
    "log_sum_exp",
    "log_sum_exp(O)",
    cases=(
        Case("3 classes and 5 examples", logits(3, 5, centre=4)),
        Case("7 classes and 2 examples", logits(7, 2, centre=-4)),
        *ANY_LOGITS,
    ),
    expects=lambda O: O.shape[1:],
    sense=not_below_the_maximum,
)

softmax = Exercise(
    "softmax",
    "softmax(O)",
    cases=(
        Case("3 classes and 5 examples", logits(3, 5)),
        Case("7 classes and 2 examples", logits(7, 2)),
        *ANY_LOGITS,
        at_rest("equal logits", np.full((5, 3), 2.0)),
    ),
    expects=lambda O: O.shape,
    sense=columns_sum_to_1,
)

one_hot = Exercise(
    "one_hot",
    "one_hot(y, K)",
    cases=(
        Case("3 classes and 7 examples", labels(3, 7)),
        Case("6 classes and 4 examples", labels(6, 4)),
        Case("random sizes", any_sizes(labels)),
        at_rest("5 classes, of which the last does not occur", np.array([0, 3, 1, 1, 2, 3, 0]), 5, aspect="values"),
        Case("4 classes and 9 examples, dtype", labels(4, 9), "form"),
        at_rest("one example", np.array([2]), 4),
        at_rest("one class", np.array([0, 0, 0]), 1),
        at_rest("the same class everywhere", np.array([1, 1, 1, 1, 1]), 3),
        Case("a label of -1", one_label(labels(4, 5), -1), "edge"),
        Case("labels that reach K", one_label(labels(4, 5), 4), "edge"),
    ),
    expects=lambda y, K: () if unknown_labels(y, K) else (K, len(y)),
    sense=refusal_missing_or(ones_and_zeros),
    run=refusal_or(call),
)

cross_entropy = Exercise(
    "cross_entropy",
    "cross_entropy(O, y)",
    cases=(
        Case("3 classes and 5 examples", with_labels(logits(3, 5))),
        Case("7 classes and 4 examples", with_labels(logits(7, 4))),
        Case("random sizes", with_labels(any_sizes(logits))),
        Case("logits near 1000", with_labels(logits(4, 6, centre=1000)), "stability"),
        Case("logits near -1000", with_labels(logits(4, 6, centre=-1000)), "stability"),
        Case("columns far apart", labelled(FAR_APART, 3, 0, 1), "stability"),
        Case("one class far below the others", labelled(ONE_FAR_BELOW, 0, 1, 3), "stability"),
        Case("the true class far below the others", labelled(WIDE, 2, 0, 1), "stability"),
        Case("float32 logits near 100", with_labels(logits(3, 5, 100, np.float32)), "stability"),
        at_rest(
            "a true class 120 below another, float32",
            np.array([[0, 3], [120, 1], [2, 5]], np.float32),
            np.array([0, 1]),
            aspect="stability",
        ),
        Case("one example", with_labels(logits(5, 1)), "edge"),
        Case("the same label everywhere", labelled(logits(4, 3), 2, 2, 2), "edge"),
        Case("a label of -1", one_label(with_labels(logits(4, 5)), -1), "edge"),
        Case("labels that reach K", one_label(with_labels(logits(4, 5)), 4), "edge"),
    ),
    expects=lambda O, y: (),
    sense=refusal_missing_or(not_negative(LIKELIHOOD)),
    run=refusal_or(as_precise_as_its_inputs),
)

# --- questions --------------------------------------------------------------------------------------------------------

quick_mse = Answer("quick_mse", "The MSE of two examples with three outputs each, with 1/m.")
quick_cross_entropy = Answer(
    "quick_cross_entropy", "The cross-entropy of one example with logits 2, 0, -1 and label 2, to three decimals."
)
quick_first_break = Answer(
    "quick_first_break",
    "The first whole logit at which float32 sigmoid-then-log is infinite, for y = 0 and sigmoid as given in the lab.",
    integer=True,
)
