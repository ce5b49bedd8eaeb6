"""Slopes and gates."""

from fractions import Fraction
from math import log
from random import Random

from labkit.drills.families.backprop.parts import entries, nonzero, several
from labkit.drills.question import Family, Question, Wrong
from labkit.drills.typeset import number, product, row


def slopes_from_values(rng: Random) -> Question:
    s = Fraction(rng.choice((5, 10, 15, 4, 16, 2, 18)), 20)
    t = Fraction(rng.choice((-8, -6, -5, 0, 5, 6, 8)), 10)
    r = rng.choice((0, 0, 2, 3, 4, 5))
    right = (s * (1 - s), 1 - t**2, int(r > 0))
    wrong = [
        Wrong([1 - s**2, *right[1:]], "Look again at the sigmoid: which of the two formulas is its own?"),
        Wrong([s, *right[1:]], "Look again at the sigmoid: is that its value or its slope?"),
        Wrong([right[0], t * (1 - t), right[2]], "Look again at tanh: which of the two formulas is its own?"),
        Wrong([right[0], 1 - t, right[2]], "Look again at tanh: something is squared."),
        Wrong(
            [*right[:2], r or 1],
            "Look again at ReLU: is that its value or its slope?" if r else "ReLU gave 0. Was its $z$ above 0?",
        ),
    ]
    return Question(
        rf"The forward pass left only the values of three units: a sigmoid gave $a_1 = {number(s)}$, "
        rf"a tanh gave $a_2 = {number(t)}$, a ReLU gave $a_3 = {r}$. "
        r"Find the three slopes $\phi'(z)$ without any $z$. (At the kink, ReLU's slope is 0.)",
        (r"$\phi'(z_1)$", r"$\phi'(z_2)$", r"$\phi'(z_3)$"),
        right,
        (
            rf"Sigmoid: $a (1 - a) = {number(s)} \cdot {number(1 - s)} = {number(right[0])}$.",
            rf"Tanh: $1 - a^2 = 1 - {number(t**2)} = {number(right[1])}$.",
            rf"ReLU: $a_3 = {r}$ means that $z$ was {'above' if r else 'not above'} 0, so the slope is {right[2]}.",
        ),
        tuple(wrong),
        given={"sigmoid": s, "tanh": t, "relu": r},
    )


def slope_from_z(rng: Random) -> Question:
    phi = rng.choice(("sigmoid", "tanh"))
    k = rng.choice((2, 3, 4, 9)) if phi == "sigmoid" else rng.choice((2, 3))
    sign, upstream = rng.choice((-1, 1)), nonzero(rng, -6, 6)
    z = sign * log(k)
    if phi == "sigmoid":
        value = Fraction(k, k + 1) if sign > 0 else Fraction(1, k + 1)
        slope, other, of_z = value * (1 - value), 1 - value**2, z * (1 - z)
        said, formula = r"\frac{1}{1 + e^{-z}}", "a (1 - a)"
    else:
        value = Fraction(sign * (k * k - 1), k * k + 1)
        slope, other, of_z = 1 - value**2, value * (1 - value), 1 - z**2
        said, formula = r"\frac{e^z - e^{-z}}{e^z + e^{-z}}", "1 - a^2"
    typed_z = ("-" if sign < 0 else "") + rf"\ln {k}"
    return Question(
        rf"A {phi} unit, $a = \phi(z) = {said}$, has $z = {typed_z}$. The gradient that arrives from above is "
        rf"$\partial J / \partial a = {upstream}$. Find $\delta = \partial J / \partial z$.",
        (r"$\delta$",),
        [upstream * slope],
        (
            rf"Forward: $e^z = {number(Fraction(k) ** sign)}$ and $e^{{-z}} = {number(Fraction(k) ** -sign)}$, "
            rf"so $a = {number(value)}$.",
            rf"The slope from the value: $\phi'(z) = {formula} = {number(slope)}$.",
            rf"Chain through the activation: $\delta = {product([upstream, slope])} = {number(upstream * slope)}$.",
        ),
        (
            Wrong((upstream * of_z,), r"The formula wants the activation's value, not $z$."),
            Wrong([upstream * other], "Whose slope is that? Look at the activation again."),
            Wrong([upstream * value], "You multiplied by the activation's value. The chain rule wants its slope."),
            Wrong((upstream,), "Does the gradient pass the activation unchanged?"),
            Wrong([slope], "That is the slope. What else does the chain rule multiply?"),
        ),
        given={"phi": phi, "k": k, "sign": sign, "upstream": upstream},
    )


def relu_gates(rng: Random) -> Question | None:
    """One unit at the kink, one below, two above; a negative gradient at an open gate."""
    z = [0, -rng.randint(1, 4), rng.randint(1, 4), rng.randint(1, 4)]
    rng.shuffle(z)
    upstream = several(rng, 4, -5, 5)
    if not any(g < 0 < v for g, v in zip(upstream, z)) or not any(v <= 0 < g for g, v in zip(upstream, z)):
        return None
    delta = [g if v > 0 else 0 for g, v in zip(upstream, z)]
    return Question(
        rf"A layer of four ReLU units has $z = {row(z)}^\top$. From above arrives "
        rf"$\partial J / \partial a = {row(upstream)}^\top$. The slope at 0 is taken as 0. "
        r"Find $\delta = \partial J / \partial z$: four numbers.",
        entries(r"\delta", 4),
        tuple(delta),
        (
            rf"The slope is 1 where $z > 0$, else 0: $\phi'(z) = {row([int(v > 0) for v in z])}^\top$.",
            rf"Chain through the activation, entry by entry: $\delta = {row(delta)}^\top$. "
            "Negative gradients pass an open gate.",
        ),
        (
            Wrong(tuple(g if v >= 0 else 0 for g, v in zip(upstream, z)), "Is the gate open at $z = 0$?"),
            Wrong(
                tuple(max(0, g) for g in upstream),
                "You applied ReLU to the gradient. Whose sign opens the gate?",
            ),
            Wrong(
                tuple(g * max(0, v) for g, v in zip(upstream, z)),
                "You multiplied by ReLU's value. The chain rule wants its slope.",
            ),
            Wrong(tuple(upstream), "Does the gradient pass the activation unchanged?"),
            Wrong(tuple(0 if v > 0 else g for g, v in zip(upstream, z)), "Which gates are open, and which closed?"),
        ),
        given={"z": z, "upstream": upstream},
    )


def leaky_gates(rng: Random) -> Question | None:
    """From the values: below 0 they were made with alpha, and their size is no matter."""
    alpha = Fraction(1, rng.choice((2, 4, 5, 10)))
    z = [rng.randint(1, 4), -rng.randint(1, 4), nonzero(rng, -4, 4)]
    rng.shuffle(z)
    a = [Fraction(v) if v > 0 else alpha * v for v in z]
    upstream = several(rng, 3, -6, 6)
    delta = [g if v > 0 else alpha * g for g, v in zip(upstream, z)]
    return Question(
        rf"Three leaky ReLU units ($z$ where $z > 0$, else $\alpha z$, with $\alpha = {number(alpha)}$) gave "
        rf"$a = {row(a)}^\top$. From above arrives $\partial J / \partial a = {row(upstream)}^\top$. "
        r"Find $\delta = \partial J / \partial z$: three numbers.",
        entries(r"\delta", 3),
        delta,
        (
            r"$a$ has the sign of $z$, so the value tells the slope: 1 above 0, $\alpha$ below. "
            rf"$\phi'(z) = {row([1 if v > 0 else alpha for v in z])}^\top$.",
            rf"Chain through the activation, entry by entry: $\delta = {row(delta)}^\top$.",
        ),
        (
            Wrong(
                tuple(g if v > 0 else 0 for g, v in zip(upstream, z)),
                "That is plain ReLU. What is leaky about this one?",
            ),
            Wrong(
                [alpha * g if v > 0 else g for g, v in zip(upstream, z)],
                r"On which side of 0 is the slope $\alpha$?",
            ),
            Wrong(
                [g * v for g, v in zip(upstream, a)],
                "You multiplied by the activation's value. The chain rule wants its slope.",
            ),
            Wrong(
                [g if v > 0 else alpha * v for g, v in zip(upstream, z)],
                r"A closed gate does not hand on its own value. What does $\alpha$ multiply?",
            ),
            Wrong(tuple(upstream), "Does the gradient pass the activation unchanged?"),
        ),
        given={"alpha": alpha, "a": a, "upstream": upstream},
    )


def chain_of_units(rng: Random) -> Question | None:
    """One unit a layer. The lowest weight and the value below do not belong to the product."""
    kinds = [rng.choice(("sigmoid", "tanh")) for _ in range(2)]
    values = [Fraction(rng.choice((1, 2, 3)), 4) if kind == "sigmoid" else Fraction(rng.choice((-1, 0, 1)), 2)
              for kind in kinds]  # fmt: skip
    slopes = [a * (1 - a) if kind == "sigmoid" else 1 - a**2 for kind, a in zip(kinds, values)]
    w = [nonzero(rng, -3, 3), 4 * nonzero(rng, -2, 2), 4 * nonzero(rng, -2, 2)]
    delta3 = nonzero(rng, -3, 3)
    if w[0] == 1:
        return None
    delta2 = delta3 * w[2] * slopes[1]
    delta1 = delta2 * w[1] * slopes[0]
    law = {"sigmoid": "a_{0} (1 - a_{0})", "tanh": "1 - a_{0}^2"}
    wrong = [
        Wrong([delta1 * w[0]], "Which weight lies between $z_1$ and the input? Is it passed?"),
        Wrong([delta3 * w[2] * w[1]], "The gradient passes two activations on its way."),
        Wrong([delta2 * w[1]], "One slope is missing. Through which activations does the way lead?"),
        Wrong([delta3 * slopes[1] * slopes[0]], "Between two layers lies a weight, too."),
        Wrong([delta2], "That is one layer too early."),
    ]
    if 0 not in values:
        through_values = delta3 * w[2] * values[1] * w[1] * values[0]
        wrong.append(Wrong([through_values], "The chain rule multiplies slopes, not values."))
    return Question(
        rf"A net with one unit in each of three layers: $z_l = w_l a_{{l-1}} + b_l$ with $w_1 = {w[0]}$, "
        rf"$w_2 = {w[1]}$, $w_3 = {w[2]}$. Layer 1 is a {kinds[0]} unit and gave $a_1 = {number(values[0])}$. "
        rf"Layer 2 is a {kinds[1]} unit and gave $a_2 = {number(values[1])}$. At the output, "
        rf"$\delta_3 = \partial J / \partial z_3 = {delta3}$. Find $\delta_1 = \partial J / \partial z_1$.",
        (r"$\delta_1$",),
        [delta1],
        (
            rf"Slopes from the values: $\phi_2'(z_2) = {law[kinds[1]].format(2)} = {number(slopes[1])}$, "
            rf"$\phi_1'(z_1) = {law[kinds[0]].format(1)} = {number(slopes[0])}$.",
            rf"$\delta_2 = w_3 \delta_3 \phi_2'(z_2) = {product([w[2], delta3, slopes[1]])} = {number(delta2)}$.",
            rf"$\delta_1 = w_2 \delta_2 \phi_1'(z_1) = {product([w[1], delta2, slopes[0]])} = {number(delta1)}$. "
            "$w_1$ lies below $z_1$: it is not passed.",
        ),
        tuple(wrong),
        given={"kinds": kinds, "values": values, "w": w, "delta3": delta3},
    )


POSSIBLE = {
    "sigmoid": (0.25, 0.2, 0.1, 0.05), "tanh": (1, 0.9, 0.7, 0.3), "ReLU": (0, 1), "leaky ReLU": (0.1, 1),
}  # fmt: skip


IMPOSSIBLE = {
    "sigmoid": (0.3, 0.5, 0.75, 1), "tanh": (1.1, 1.5, 2, -0.5), "ReLU": (0.5, 0.1, 2, -1),
    "leaky ReLU": (0, 0.5, -0.1, 2),
}  # fmt: skip


ABOUT = {
    "sigmoid": "For which $a$ is $a (1 - a)$ largest, and how large is it there?",
    "tanh": "$1 - a^2$, with $a$ between -1 and 1: which numbers come out?",
    "ReLU": "Which two slopes does ReLU's graph have?",
    "leaky ReLU": r"Which two slopes does leaky ReLU's graph have?",
}


WHY = {
    "sigmoid": r"The sigmoid's slope is $a (1 - a)$: above 0, and at most $\tfrac14$, at $a = \tfrac12$.",
    "tanh": "The slope of tanh is $1 - a^2$: above 0, and at most 1, at $a = 0$.",
    "ReLU": "ReLU's slope is 0 or 1, nothing else.",
    "leaky ReLU": r"Leaky ReLU's slope is $\alpha$ or 1. It is never 0: that is the point of it.",
}


def impossible_slope(rng: Random) -> Question:
    names = list(POSSIBLE)
    rng.shuffle(names)
    bad = rng.randrange(4)
    numbers = [rng.choice((IMPOSSIBLE if place == bad else POSSIBLE)[name]) for place, name in enumerate(names)]
    said = ", ".join(f"{name} {number(x)}" for name, x in zip(names, numbers))
    return Question(
        rf"Somebody reports the slopes $\phi'(z)$ of four units: {said}. The leaky ReLU has $\alpha = 0.1$. "
        r"One of these numbers can't be a slope of its unit, whatever $z$ is. Whose?",
        ("the letter",),
        (bad,),
        (
            "By the value $a$: the sigmoid's slope is $a (1 - a)$, that of tanh is $1 - a^2$. The graphs of ReLU and "
            "leaky ReLU are two straight lines each.",
            "How large can each slope become, and how small? For the first two, look at the range of $a$: 0 to 1 for "
            "the sigmoid, -1 to 1 for tanh.",
            f"So ({'abcd'[bad]}). {WHY[names[bad]]} The other three numbers are slopes of their units, at some $z$.",
        ),
        tuple(Wrong((place,), ABOUT[name]) for place, name in enumerate(names) if place != bad),
        choices=tuple(f"{name}, {number(x)}" for name, x in zip(names, numbers)),
        given={"names": names, "numbers": numbers},
    )


FAMILY = Family(
    "slopes",
    "backprop",
    "Slopes and gates",
    {
        "from_values": slopes_from_values,
        "from_z": slope_from_z,
        "relu": relu_gates,
        "leaky_relu": leaky_gates,
        "chain": chain_of_units,
        "impossible": impossible_slope,
    },
)
