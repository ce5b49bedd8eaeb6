"""He and Glorot."""

from fractions import Fraction
from math import sqrt
from random import Random

from labkit.drills.question import Family, Question, Wrong
from labkit.drills.typeset import number

HE = r"He: $v = \frac{2}{n_{l-1}}$, with the inputs of the layer alone."


GLOROT = r"Glorot: $v = \frac{2}{n_{l-1} + n_l}$, with the inputs and the outputs of the layer."


def he_scale(rng: Random) -> Question:
    root = rng.choice((2, 3, 4, 5, 6, 7, 8, 10, 15, 20))
    n_in, n_out = 2 * root**2, rng.choice((10, 20, 30, 40, 60, 80, 100, 300, 500, 600))
    return Question(
        f"A ReLU layer maps {n_in} numbers to {n_out}. Its weights are drawn by He's rule, with "
        "`rng.normal(0, scale, shape)`. Which `scale` does NumPy need?",
        ("the scale",),
        (Fraction(1, root),),
        (
            f"{HE} Here $v = 2/{n_in} = 1/{root**2}$. The {n_out} outputs do not count.",
            rf"NumPy's `scale` is the standard deviation, the root of it: $1/\sqrt{{{root**2}}} = 1/{root}$.",
        ),
        (
            Wrong((Fraction(2, n_in),), "That is the variance. Is this what NumPy calls `scale`?"),
            Wrong((sqrt(2 / n_out),), "That has the number of outputs. Which end of the layer does He's rule use?"),
            Wrong((sqrt(2 / (n_in + n_out)),), "That is Glorot's rule. Which rule belongs to ReLU, and why?"),
            Wrong((sqrt(1 / n_in),), "ReLU drops half of the squares. What in the rule makes up for it?"),
        ),
        given={"n_in": n_in, "n_out": n_out},
    )


def glorot_scale(rng: Random) -> Question | None:
    root = rng.choice((2, 3, 4, 5, 6, 7, 8, 10))
    total = 2 * root**2
    n_in = rng.randrange(2, total - 1)
    n_out = total - n_in
    if abs(n_in - n_out) < total // 5:
        return None
    return Question(
        f"A tanh layer has a weight matrix with {n_out} rows and {n_in} columns, drawn by Glorot's rule. "
        "What is the standard deviation of one weight?",
        ("the standard deviation",),
        (Fraction(1, root),),
        (
            f"$W$ is $(n_l, n_{{l-1}})$: {n_in} inputs, {n_out} outputs. {GLOROT}",
            rf"$v = 2/({n_in} + {n_out}) = 2/{total} = 1/{root**2}$. Its root is $1/{root}$.",
        ),
        (
            Wrong((Fraction(2, total),), "That is the variance. The question asks for its root."),
            Wrong((sqrt(1 / total),), "Where is the 2? Glorot's rule takes the middle between inputs and outputs."),
            Wrong((sqrt(2 / n_in),), "That is He's rule. Which rule belongs to tanh?"),
            Wrong((sqrt(2 / n_out),), "Both ends of the layer belong in Glorot's rule."),
            Wrong((sqrt(2 / (n_in * n_out)),), "The number of weights is not what counts: how many terms has one sum?"),
        ),
        given={"n_in": n_in, "n_out": n_out},
    )


def both_variances(rng: Random) -> Question | None:
    """In the middle of a net: which widths belong to the layer, and which of them are its inputs?"""
    sizes = rng.sample((4, 8, 10, 16, 20, 24, 25, 30, 40, 50, 60), 4)
    layer = rng.choice((2, 3))
    before, after = sizes[layer - 1], sizes[layer]
    he, glorot = Fraction(2, before), Fraction(2, before + after)
    return Question(
        f"A net {'-'.join(map(str, sizes))} (input first) gets its weights. What is the variance of one entry of "
        f"$W^{{[{layer}]}}$ by He's rule, and what by Glorot's?",
        ("He", "Glorot"),
        (he, glorot),
        (
            f"Name the shape: $W^{{[{layer}]}}$ is $({after}, {before})$. So there are {before} inputs and {after} "
            "outputs. The input of the net is not counted as a layer.",
            f"He: $2/{before} = {number(he)}$. Glorot: $2/({before} + {after}) = {number(glorot)}$.",
        ),
        (
            Wrong((Fraction(2, after), glorot), "He's rule counts the terms of one sum $z$. How many are there?"),
            Wrong((sqrt(he), sqrt(glorot)), "Those are standard deviations. The question asks for variances."),
            Wrong((glorot, he), "The two rules are in the other order."),
            Wrong((Fraction(1, before), Fraction(1, before + after)), "Both rules have a 2 above the line."),
            Wrong(
                (Fraction(2, sizes[layer - 2]), Fraction(2, sizes[layer - 2] + before)),
                "That is the layer before. The input is $a^{[0]}$ and not counted as a layer.",
            ),
        ),
        given={"sizes": sizes, "layer": layer},
    )


def fan_in(rng: Random) -> Question:
    """The other way round: how wide is the layer before?"""
    root = rng.choice((2, 4, 5, 8, 10, 20, 25))
    n_in, scale = 2 * root**2, number(1 / root)
    n_out = rng.choice([n for n in (4, 5, 6, 10, 30, 60, 70, 90, 120, 300) if n < n_in])
    return Question(
        rf"A ReLU layer has {n_out} units. He's rule gave its weights the standard deviation {scale}. "
        "How many inputs does the layer have?",
        ("the number of inputs",),
        (n_in,),
        (
            rf"He's rule states the variance. It is ${scale}^2 = 1/{root**2}$.",
            rf"$\frac{{2}}{{n_{{l-1}}}} = \frac{{1}}{{{root**2}}}$, so $n_{{l-1}} = 2 \cdot {root**2} = {n_in}$. "
            f"The {n_out} units do not come in.",
        ),
        (
            Wrong((2 * root,), "You took the standard deviation for the variance."),
            Wrong((root**2,), "The 2 of He's rule is missing."),
            Wrong((n_in - n_out,), "The units of the layer do not come into He's rule."),
        ),
        given={"scale": Fraction(1, root), "n_out": n_out},
    )


def variance_as_scale(rng: Random) -> Question:
    """The root forgotten in code: what do the weights really have?"""
    n_in = rng.choice((6, 8, 10, 12, 14, 16, 18, 20, 40))
    n_out = rng.choice((5, 15, 25, 30, 60, 64))
    got, he = Fraction(4, n_in**2), Fraction(2, n_in)
    return Question(
        "A ReLU layer is meant to start by He's rule. The code says "
        f"`W = rng.normal(0, 2 / {n_in}, ({n_out}, {n_in}))`. "
        "Which variance do the weights have? By which factor should their variance be larger?",
        ("the variance", "the factor"),
        (got, he / got),
        (
            f"NumPy's second argument is the standard deviation. So the variance is $(2/{n_in})^2 = {number(got)}$.",
            rf"He's variance is $2/{n_in}$. That is ${number(he / got)}$ times as much: the code should take the root.",
        ),
        (
            Wrong((he, 1), "Is NumPy's second argument the variance?"),
            Wrong((got, got / he), "You divided the other way round: the right variance is the larger one here."),
            Wrong((got, sqrt(he / got)), "That is the factor between the standard deviations."),
            Wrong(
                (got, Fraction(2, n_out) / got),
                "The shape of $W$ is $(n_l, n_{l-1})$. Which of its two numbers are the inputs?",
            ),
        ),
        given={"n_in": n_in, "n_out": n_out},
    )


FAMILY = Family(
    "weight_variance",
    "initialization",
    "He and Glorot",
    {
        "he_scale": he_scale,
        "glorot_scale": glorot_scale,
        "both_variances": both_variances,
        "fan_in": fan_in,
        "variance_as_scale": variance_as_scale,
    },
)
