"""Lab 01: activations and binary outputs."""

import numpy as np

from labkit.exercise import Case, Exercise, at_rest


def spread(n, m, scale=2.0, dtype=np.float64):
    """Numbers of both signs, most of them beyond -1 ... 1."""
    return lambda rng: ((scale * rng.standard_normal((n, m))).astype(dtype),)


def same_shape(Z):
    return Z.shape


def no_negatives(result, Z):
    return f"it holds {result.min():.3g}, a negative number." if result.min() < 0 else None


def probabilities(result, Z):
    odd = result[(result < 0) | (result > 1)]
    return f"it holds {odd[0]:.3g}, which is no probability." if odd.size else None


def zeros_and_ones(result, O):
    if result.dtype == bool:
        return "it holds True and False. Each answer is the number 0 or 1."
    odd = result[(result != 0) & (result != 1)]
    return f"it holds {odd[0]:.3g}. Each answer is 0 or 1." if odd.size else None


def aloud(fn, inputs):
    """An overflow counts as an error, where NumPy would only warn."""
    try:
        with np.errstate(over="raise", invalid="raise"):
            return fn(*inputs)
    except FloatingPointError as error:
        raise FloatingPointError(
            f"{error}. With -|z| no exponent is too large. Even a thrown-away branch must not overflow."
        ) from None


def far_out(sign):
    return np.array([[1.0, 100.0, 1000.0]]) * sign


relu = Exercise(
    "relu",
    "relu(Z)",
    cases=(
        Case("3 units and 5 examples", spread(3, 5)),
        Case("6 units and 2 examples", spread(6, 2, scale=5.0)),
        at_rest("all below zero", np.array([[-3.0, -0.5], [-1e-3, -40.0], [-7.0, -2.0]])),
        at_rest("zeros", np.zeros((2, 3))),
        at_rest("whole numbers", np.array([[-2, 0, 3, 7], [5, -1, -9, 1]])),
        Case("one example", spread(4, 1), "edge"),
        Case("float32", spread(3, 4, dtype=np.float32), "form"),
    ),
    expects=same_shape,
    sense=no_negatives,
)

sigmoid = Exercise(
    "sigmoid",
    "sigmoid(Z)",
    cases=(
        Case("3 logits each for 5 examples", spread(3, 5)),
        Case("one logit each for 7 examples", spread(1, 7, scale=4.0)),
        at_rest("logits up to 1000", far_out(1), aspect="stability"),
        at_rest("logits down to -1000", far_out(-1), aspect="stability"),
        at_rest("float32 logits of 1000 and -1000", np.float32([[-1000, 1000]]), aspect="stability"),
        at_rest("zeros", np.zeros((2, 3))),
        at_rest("whole numbers", np.array([[-2, 0, 3, 1]])),
        Case("one example", spread(4, 1), "edge"),
        Case("float32", spread(2, 4, dtype=np.float32), "form"),
    ),
    expects=same_shape,
    sense=probabilities,
    run=aloud,
)

predict_binary = Exercise(
    "predict_binary",
    "predict_binary(O)",
    cases=(
        Case("a batch of 40 logits", spread(1, 40)),
        at_rest("logits between -1 and 1", np.array([[0.1, -0.1, 0.3, 0.45, -0.45, 0.7, -0.9]]), aspect="values"),
        at_rest("ties", np.array([[0.0, 1.5, 0.0, -2.0]])),
        at_rest("logits of 1000 and -1000", np.array([[1000.0, -1000.0]]), aspect="stability"),
        at_rest("one example", np.array([[-3.0]])),
    ),
    expects=same_shape,
    sense=zeros_and_ones,
    run=aloud,
    integer=True,
)
