"""Variance through layers."""

from fractions import Fraction
from math import sqrt
from random import Random

from labkit.drills.question import Family, Question, Wrong
from labkit.drills.typeset import decimal, number, row

HALF = "ReLU keeps the squares of one half: the mean of $a^2$ is half the variance of the $z$ before it."


SUM = r"$z = \sum_k w_k a_k$ has $n$ independent terms: $\mathrm{Var}(z) = n\,v\cdot$ (mean of $a^2$)."


def one_sum(rng: Random) -> Question | None:
    """Var(z) of one unit, the activations fixed."""
    a = [rng.choice((-3, -2, -1, 0, 1, 2, 3, 4)) for _ in range(rng.choice((3, 4)))]
    v = Fraction(1, rng.choice((2, 3, 4, 5)))
    squares = sum(x * x for x in a)
    if a.count(0) > 1 or min(a) >= 0 or sum(a) < 2 or squares % v.denominator:
        return None
    return Question(
        f"One unit gets the fixed inputs $a = {row(a)}$. Its weights are independent, with mean 0 and variance "
        f"${number(v)}$. Its bias is 0. What is the variance of $z$?",
        (r"$\mathrm{Var}(z)$",),
        (v * squares,),
        (
            r"$z = \sum_k w_k a_k$. The chance is in the weights; a factor $a_k$ multiplies the variance by $a_k^2$.",
            rf"$\mathrm{{Var}}(z) = v \sum_k a_k^2 = {number(v)} \cdot ({' + '.join(str(x * x) for x in a)}) = "
            f"{number(v * squares)}$.",
        ),
        (
            Wrong((v * sum(a) ** 2,), "You squared the sum. The variances of the terms add up, one by one."),
            Wrong((v * sum(a),), "A factor in front of a random number enters its variance squared."),
            Wrong((v * squares / len(a),), "That is the variance of one average term. $z$ is the whole sum."),
            Wrong((v * v * squares,), "$v$ is the variance already: it is not squared."),
            Wrong((v * squares / 2,), "The half belongs to a ReLU of random $z$. These inputs are given."),
        ),
        given={"a": a, "v": v},
    )


def relu_depth(rng: Random) -> Question:
    """Equal widths, some layers on: each one multiplies by n v / 2."""
    n = rng.choice((20, 50, 100, 200, 400))
    times = rng.choice((1, 3, 4, 6))
    start, steps = rng.choice((1, 2, 3, 4)), rng.choice((2, 3, 4))
    first = rng.choice((2, 3, 4))
    factor = Fraction(times, 2)
    answer = start * factor**steps
    return Question(
        rf"All layers of a ReLU net have {n} units. The weights have mean 0 and variance $\frac{{{times}}}{{{n}}}$, "
        f"the biases are 0. In layer {first} the variance of $z$ is {start}. What is it in layer {first + steps}?",
        (rf"$\mathrm{{Var}}(z^{{[{first + steps}]}})$",),
        (answer,),
        (
            f"{SUM} {HALF}",
            rf"So one layer multiplies by $\frac12 n v = \frac12 \cdot {times} = {number(factor)}$.",
            rf"From layer {first} to layer {first + steps} there are {steps} layers: "
            rf"${start} \cdot \left({number(factor)}\right)^{{{steps}}} = {number(answer)}$.",
        ),
        (
            Wrong((start * times**steps,), "What does ReLU do to the squares on the way to the next layer?"),
            Wrong((start * factor ** (steps + 1),), "Count the layers between the two again."),
            Wrong((start * factor ** (first + steps),), "Count from the layer whose variance is given."),
            Wrong((start * steps * factor,), "Each layer multiplies. Does that add up or make a power?"),
            Wrong((start * factor ** (2 * steps),), "The factor is one of variances already: it is not squared."),
        ),
        given={"n": n, "times": times, "start": start, "first": first, "last": first + steps},
    )


def two_layers(rng: Random) -> Question | None:
    """The input is not behind a ReLU; the standard deviation is what is given."""
    n0, n1 = rng.sample((25, 50, 100, 200, 300, 400), 2)
    tenths = rng.choice((1, 2, 3))
    scale = Fraction(tenths, 10)
    square = rng.choice((1, 2, 4))
    v = scale**2
    z1 = n0 * v * square
    z2 = n1 * v * z1 / 2
    return Question(
        f"A net {n0}-{n1}-10 has ReLU in its hidden layer. All weights have mean 0 and the standard deviation "
        f"{decimal(scale)}, all biases are 0. The mean of the squared inputs is {square}. "
        r"What are the variances of $z^{[1]}$ and of $z^{[2]}$?",
        (r"$\mathrm{Var}(z^{[1]})$", r"$\mathrm{Var}(z^{[2]})$"),
        (z1, z2),
        (
            rf"The variance of a weight is $v = {decimal(scale)}^2 = {decimal(v)}$.",
            rf"{SUM} Layer 1: ${n0} \cdot {decimal(v)} \cdot {square} = {number(z1)}$. No ReLU stands before it.",
            rf"{HALF} Layer 2: ${n1} \cdot {decimal(v)} \cdot \frac12 \cdot {number(z1)} = {number(z2)}$.",
        ),
        (
            Wrong((n0 * scale * square, n1 * scale * n0 * scale * square / 2), "You took the deviation for $v$."),
            Wrong((z1, 2 * z2), "Layer 2 gets its inputs from a ReLU. What does that do to the squares?"),
            Wrong((z1 / 2, z2 / 2), "Is there a ReLU before layer 1?"),
            Wrong((z1, 10 * v * z1 / 2), "One sum of layer 2 has as many terms as layer 2 has inputs."),
        ),
        given={"sizes": [n0, n1, 10], "scale": scale, "square": square},
    )


def way_back(rng: Random) -> Question | None:
    """He holds on the way forward. On the way back the other width counts."""
    before, after = rng.sample((20, 30, 40, 50, 60, 80, 100, 150, 200, 300, 400), 2)
    factor = Fraction(after, before)
    if factor.denominator > 5 or factor.numerator > 10:
        return None
    return Question(
        rf"A deep ReLU net has {before} units in layer $l-1$ and {after} in layer $l$. $W^{{[l]}}$ is drawn by He's "
        r"rule. The variance of $z^{[l]}$ is how many times that of $z^{[l-1]}$? "
        r"And on the way back, the variance of $\delta^{[l-1]}$ is how many times that of $\delta^{[l]}$?",
        ("forward", "backward"),
        (1, factor),
        (
            rf"Forward, one $z$ is a sum over {before} inputs. {HALF} "
            rf"Factor: ${before} \cdot \frac{{2}}{{{before}}} \cdot \frac12 = 1$.",
            r"Back: $\delta^{[l-1]} = (W^{[l]})^\top\delta^{[l]} \odot \phi'(z^{[l-1]})$. One entry is a sum over "
            f"the {after} units of layer $l$, and $\\phi'$ is 0 for half of them.",
            rf"Factor: ${after} \cdot \frac{{2}}{{{before}}} \cdot \frac12 = {number(factor)}$.",
        ),
        (
            Wrong((1, 1), r"How many terms has one entry of $W^\top\delta$?"),
            Wrong((1, 2 * factor), r"The delta also goes through the ReLU's slope. How often is that 0?"),
            Wrong((1, 1 / factor), "You divided the other way round. Over which units runs the sum on the way back?"),
            Wrong((2, 2 * factor), "What does ReLU do to the squares, and what does its slope do to delta?"),
            Wrong((factor, 1), "Forward and back are exchanged. He's rule is made for which of the two ways?"),
        ),
        given={"before": before, "after": after},
    )


def what_stays(rng: Random) -> Question | None:
    """He's sum again with another activation: which variance of the weights keeps the signal?"""
    n = rng.choice((8, 10, 16, 20, 40, 50, 90, 100, 160, 200))
    alpha = rng.choice((Fraction(1, 2), Fraction(1, 3), Fraction(1, 4), Fraction(2, 3), Fraction(3, 4)))
    share = (1 + alpha**2) / 2
    v = 1 / (n * share)
    if v.denominator > 150:
        return None
    return Question(
        rf"A net of leaky ReLU layers, all with {n} units, has the slope $\alpha = {number(alpha)}$ left of 0. "
        "Its $z$ lie symmetrically around 0. The biases are 0. Which variance of the weights keeps the variance of $z$ "
        "the same from layer to layer?",
        ("the variance of a weight",),
        (v,),
        (
            rf"Which share of the squares stays? The right half whole, the left half times $\alpha^2 = "
            rf"{number(alpha**2)}$: $\frac12(1 + {number(alpha**2)}) = {number(share)}$.",
            rf"One layer multiplies by $n\,v \cdot {number(share)}$, with $n = {n}$. That is 1 for $v = {number(v)}$.",
        ),
        (
            Wrong((Fraction(2, n),), "That is He's rule for plain ReLU. Here the left half keeps something."),
            Wrong((2 / (n * (1 + alpha)),), "Squares are what counts: how does $\\alpha$ enter them?"),
            Wrong((Fraction(1, n),), "That would be right for an activation that keeps all of the squares."),
            Wrong((1 / (n * (1 + alpha**2)),), "Each of the two sides holds half of the numbers."),
            Wrong((sqrt(v),), "That is a standard deviation. The question asks for a variance."),
        ),
        given={"n": n, "alpha": alpha},
    )


FAMILY = Family(
    "signal_through_layers",
    "initialization",
    "Variance through layers",
    {
        "one_sum": one_sum,
        "relu_depth": relu_depth,
        "two_layers": two_layers,
        "way_back": way_back,
        "what_stays": what_stays,
    },
)
