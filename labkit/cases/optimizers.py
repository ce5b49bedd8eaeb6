"""Lab 05: steps from a gradient to a better parameter, and a learning rate that changes."""

from numbers import Real

import numpy as np

from labkit.cases.layers import is_list
from labkit.exercise import Answer, Case, Exercise

# --- inputs -----------------------------------------------------------------------------------------------------------


def rough(rng, shape):
    """Numbers of both signs, some of them a thousand times larger than others."""
    return rng.choice([-1.0, 1.0], shape) * 10 ** rng.uniform(-2, 1, shape)


def tiny(rng, shape):
    return 1e-8 * rough(rng, shape)


def squares(rng, shape):
    return rough(rng, shape) ** 2


def zeros(rng, shape):
    return np.zeros(shape)


def way(shape, state, *settings, gradient=rough, dtype=np.float64):
    """A point, a gradient for each setting, and a state. A setting is what follows the state in one call."""

    def inputs(rng):
        theta = rng.normal(0, 2, shape).astype(dtype)
        gradients = [gradient(rng, shape).astype(dtype) for _ in settings]
        return theta, gradients, [make(rng, shape).astype(dtype) for make in state], settings

    return inputs


def of_random_shape(make):
    """Inputs of a random shape: more columns than rows."""
    return lambda rng: make((int(rng.integers(2, 6)), int(rng.integers(6, 12))))(rng)


# --- how a step is run, and what can't be right -----------------------------------------------------------------------


def walk(step, inputs):
    """What each step returns; its theta and its state go into the next one."""
    theta, gradients, state, settings = inputs
    returned = []
    for g, setting in zip(gradients, settings):
        result = step(theta, g, *state, *setting)
        if not is_list(result) or len(result) != 1 + len(state):
            return result
        theta, *state = result
        returned.append([value.copy() if isinstance(value, np.ndarray) else value for value in result])
    return returned


def walk_complaint(*names):
    """A `sense` for what walk gives: the first result that is not of theta's shape and dtype, in a sentence."""

    def sense(result, theta, gradients, state, settings):
        whole = is_list(result) and all(is_list(each) and len(each) == len(names) for each in result)
        if not whole:
            return f"expected {len(names)} arrays from each step. Does it end in `return {', '.join(names)}`?"
        for number, each in enumerate(result, 1):
            for name, value in zip(names, each):
                if not isinstance(value, np.ndarray) or value.shape != theta.shape:
                    came = "None" if value is None else getattr(value, "shape", "no array")
                    return f"expected shape {theta.shape} in {name} after step {number}, got {came}."
                if value.dtype != theta.dtype:
                    return f"expected dtype {theta.dtype} in {name}, got {value.dtype}. Which step makes another dtype?"
        return None

    return sense


def rates(schedule, inputs):
    """The learning rates of all steps."""
    steps, *setting = inputs
    found = []
    for t in steps:
        rate = schedule(t, *setting)
        if np.ndim(rate) or not isinstance(rate, Real):
            return rate
        found.append(rate)
    return np.array(found, float)


def rates_complaint(found, steps, total, eta, warmup=0):
    if found.ndim != 1:
        return "expected one number for each t."
    outside = np.flatnonzero((found < -1e-9 * eta) | (found > eta * (1 + 1e-9)))
    if outside.size:
        t = outside[0]
        return f"expected a rate from 0 to {eta}, got {found[t]:.4g} at t = {steps[t]} with warmup = {warmup}."
    return None


# --- exercises --------------------------------------------------------------------------------------------------------

AT_REST, MOVING, SQUARES = [zeros], [rough], [squares]
FALLING = (1.0, 0.5, 0.2, 0.05)

momentum_step = Exercise(
    "momentum_step",
    "momentum_step(theta, g, v, eta, mu)",
    cases=(
        Case("a first step, v = 0", way((3, 5), AT_REST, (0.1, 0.6))),
        Case("a step with a velocity", way((4, 2), MOVING, (0.3, 0.7))),
        Case("4 steps with a learning rate that falls", way((2, 3), AT_REST, *((eta, 0.8) for eta in FALLING))),
        Case("3 steps with mu = 0.25", of_random_shape(lambda n: way(n, MOVING, *[(0.2, 0.25)] * 3))),
        Case("3 steps with the default mu", way((5, 1), MOVING, *[(0.4,)] * 3)),
        Case("a flat theta", way((6,), MOVING, (0.2, 0.5), (0.1, 0.5)), "edge"),
        Case("mu = 0", way((2, 4), MOVING, (0.3, 0.0)), "edge"),
        Case("gradients of 0", way((3, 2), MOVING, *[(0.5, 0.9)] * 2, gradient=zeros), "edge"),
        Case("float32", way((3, 4), MOVING, *[(0.1, 0.75)] * 2, dtype=np.float32), "form"),
    ),
    sense=walk_complaint("theta", "v"),
    run=walk,
)  # fmt: skip

rmsprop_step = Exercise(
    "rmsprop_step",
    "rmsprop_step(theta, g, s, eta, rho, eps)",
    cases=(
        Case("a first step, s = 0", way((3, 5), AT_REST, (0.1, 0.6, 0.05))),
        Case("a step with a state", way((4, 2), SQUARES, (0.3, 0.7, 0.4))),
        Case("4 steps with a learning rate that falls", way((2, 3), AT_REST, *((eta, 0.8, 1e-3) for eta in FALLING))),
        Case("3 steps with rho = 0.25", of_random_shape(lambda n: way(n, SQUARES, *[(0.2, 0.25, 0.01)] * 3))),
        Case("3 steps with the defaults", way((5, 1), SQUARES, *[(0.4,)] * 3)),
        Case("tiny gradients and the defaults", way((3, 3), AT_REST, *[(0.4,)] * 2, gradient=tiny)),
        Case("a flat theta", way((6,), SQUARES, (0.2, 0.5, 0.1), (0.1, 0.5, 0.1)), "edge"),
        Case("gradients of 0", way((3, 2), SQUARES, *[(0.5, 0.9, 1e-6)] * 2, gradient=zeros), "edge"),
        Case("gradients of 0 and s = 0", way((2, 3), AT_REST, *[(0.5,)] * 2, gradient=zeros), "stability"),
        Case("float32", way((3, 4), SQUARES, *[(0.1, 0.75, 0.01)] * 2, dtype=np.float32), "form"),
    ),
    sense=walk_complaint("theta", "s"),
    run=walk,
)  # fmt: skip

BOTH_AT_REST, AVERAGES = [zeros, zeros], [rough, squares]


def counted(first, last, *setting):
    """The settings of Adam's steps t = first ... last."""
    return [(t, *setting) for t in range(first, last + 1)]


def falling(*setting):
    """The settings of Adam's first steps, with a learning rate that falls."""
    return [(t, eta, *setting) for t, eta in enumerate(FALLING, 1)]


adam_step = Exercise(
    "adam_step",
    "adam_step(theta, g, m, v, t, eta, beta1, beta2, eps)",
    cases=(
        Case("the first step", way((3, 5), BOTH_AT_REST, (1, 0.1, 0.7, 0.95, 0.05))),
        Case("4 steps with a learning rate that falls", way((2, 3), BOTH_AT_REST, *falling(0.8, 0.9, 0.2))),
        Case("step 7", way((4, 2), AVERAGES, (7, 0.3, 0.6, 0.85, 0.4))),
        Case("steps 10 to 12", of_random_shape(lambda n: way(n, AVERAGES, *counted(10, 12, 0.2, 0.9, 0.75, 0.02)))),
        Case("the first 5 steps, with the defaults", way((5, 1), BOTH_AT_REST, *counted(1, 5))),
        Case("step 2 with the defaults", way((2, 6), AVERAGES, (2,))),
        Case("tiny gradients and the default eps", way((3, 3), BOTH_AT_REST, *counted(1, 2, 0.4), gradient=tiny)),
        Case("a flat theta", way((6,), AVERAGES, *counted(3, 4, 0.2, 0.5, 0.6, 0.1)), "edge"),
        Case("step 1000", way((2, 3), AVERAGES, (1000, 0.1, 0.9, 0.99, 0.1)), "edge"),
        Case("gradients of 0", way((3, 2), AVERAGES, *counted(4, 5, 0.5, 0.9, 0.8, 1e-6), gradient=zeros), "edge"),
        Case("gradients of 0, m = v = 0", way((2, 3), BOTH_AT_REST, *counted(1, 2), gradient=zeros), "stability"),
        Case("float32", way((3, 4), AVERAGES, *counted(2, 3, 0.1, 0.75, 0.9, 0.05), dtype=np.float32), "form"),
    ),
    sense=walk_complaint("theta", "m", "v"),
    run=walk,
)  # fmt: skip


def schedule(warmup, first=0):
    """All t of a schedule of random length, and one more, from `first` on."""

    def inputs(rng):
        total = warmup + int(rng.integers(7, 20))
        return list(range(first, total + 1)), total, float(rng.uniform(0.1, 2)), warmup

    return inputs


def without_warmup(rng):
    steps, total, eta, _ = schedule(0)(rng)
    return steps, total, eta


warmup_cosine = Exercise(
    "warmup_cosine",
    "warmup_cosine(t, total, eta, warmup)",
    cases=(
        Case("a warm-up of 5 steps", schedule(5)),
        Case("a warm-up of 8 steps", schedule(8)),
        Case("the default: no warm-up", without_warmup),
        Case("steps after the warm-up", schedule(3, first=3)),
        Case("a warm-up of one step", schedule(1), "edge"),
        Case("a warm-up of 0 steps", schedule(0), "edge"),
        Case("nothing but warm-up", lambda rng: (list(range(6)), 6, float(rng.uniform(1, 2)), 6), "edge"),
        Case("whole numbers", lambda rng: (list(range(13)), 12, 1, 4), "edge"),
    ),
    expects=lambda steps, *setting: (len(steps),),
    sense=rates_complaint,
    run=rates,
)

# --- questions --------------------------------------------------------------------------------------------------------

quick_flat = Answer(
    "quick_flat", "The share of the flat distance left after 100 steps with eta = 1/400, curvatures 400 and 2."
)
quick_steps = Answer(
    "quick_steps", "The steps in 5 epochs of 1,437 examples in batches of 64, the last one kept.", integer=True
)
quick_velocity = Answer("quick_velocity", "v after three steps with mu = 0.9 and the gradients 10, -4, 1.")
quick_adam = Answer(
    "quick_adam", "theta after two steps of Adam from 1: gradients 2, -2, beta 0.5 and 0.8, eta = 0.1, eps = 0."
)
