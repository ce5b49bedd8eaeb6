"""Residual blocks."""

from fractions import Fraction
from math import prod
from random import Random

from labkit.drills.question import Family, Question, Wrong
from labkit.drills.typeset import column, decimal, dot, matrix, number, plus, product, row


def in_a_row(rng: Random) -> Question | None:
    """The gradient through blocks in a row: one factor 1 + F' a block."""
    n = rng.choice((3, 4))
    choices = (Fraction(1, 2), Fraction(-1, 2), Fraction(1, 4), Fraction(-1, 4), Fraction(0), Fraction(1), Fraction(-2))
    slopes = [rng.choice(choices) for _ in range(n)]
    d = rng.choice((2, 4, 6, 8, 12, 16, -4, -8))
    factors = [1 + slope for slope in slopes]
    answer = d * prod(factors)
    if len(set(slopes)) < n or answer.denominator > 4:
        return None
    return Question(
        rf"{n} residual blocks in a row, each with one number in and out: $h = x + F(x)$. At the numbers that come, "
        rf"the slopes $F'$ are ${', '.join(decimal(slope) for slope in slopes)}$. The gradient of the loss at the end "
        rf"is ${d}$. What is the gradient at the input of the first block?",
        ("the gradient",),
        (answer,),
        (
            r"Chain: each block multiplies by $\frac{dh}{dx} = 1 + F'(x)$. The 1 is the skip.",
            rf"${product([d, *factors])} = {number(answer)}$.",
        ),
        (
            Wrong((d * prod(slopes),), "Is there only one way from the input of a block to its output?"),
            Wrong((d * (1 + prod(slopes)),), "Each block has a skip of its own."),
            Wrong((d * (1 + sum(slopes)),), "Blocks in a row: do their factors add up or multiply?"),
            Wrong((prod(factors),), "That is the slope from end to end. What comes in from the loss?"),
            Wrong((d,), "The skip alone hands it on unchanged. What comes through $F$?"),
        ),
        given={"slopes": slopes, "d": d},
    )


def block_by_hand(rng: Random) -> Question | None:
    """Two numbers, a branch with one hidden ReLU unit: output and gradient. The unit may be off."""
    x, w = [rng.randint(-3, 4) for _ in range(2)], [rng.choice((-2, -1, 1, 2, 3)) for _ in range(2)]
    b, u = rng.randint(-3, 3), [rng.choice((-2, -1, 1, 2, 3)) for _ in range(2)]
    d = [rng.choice((-2, -1, 1, 2, 3)) for _ in range(2)]
    z = w[0] * x[0] + w[1] * x[1] + b
    upstream = u[0] * d[0] + u[1] * d[1]
    if z == 0 or abs(z) > 6 or upstream == 0 or 0 in x or b == 0 or z < 0 and rng.random() < 0.5:
        return None
    on = int(z > 0)
    a, delta = max(z, 0), upstream * on
    h = [x[0] + u[0] * a, x[1] + u[1] * a]
    dx = [d[0] + w[0] * delta, d[1] + w[1] * delta]
    unmasked = [d[0] + w[0] * upstream, d[1] + w[1] * upstream]
    linear = [x[0] + u[0] * z, x[1] + u[1] * z]
    wrong = [
        Wrong((*h, w[0] * delta, w[1] * delta), "On the way back the skip is missing."),
        Wrong((u[0] * a, u[1] * a, *dx), "That is $F(x)$. What does the block add to it?"),
        Wrong((u[0] * a, u[1] * a, w[0] * delta, w[1] * delta), "That is the branch alone, there and back."),
        Wrong((*h, *d), "The skip hands $d$ on. What comes back through the branch?"),
    ]
    if not on:
        wrong = [
            Wrong((*linear, *unmasked), "What sign does $z$ have, and what does ReLU make of it?"),
            Wrong((*h, *unmasked), "Forward the unit is off. What is the slope of ReLU there?"),
            Wrong((0, 0, 0, 0), "The branch is off. Is the whole block?"),
            Wrong((*h, 0, 0), "No gradient comes through the branch. Is there another way?"),
        ]
    return Question(
        rf"A residual block $h = x + F(x)$, one example: $x = {column(x)}$. In the branch "
        rf"$z = {matrix([w])}\,x {plus(b)}$, then ReLU, then $F = {column(u)}\,a$. At $h$ the gradient of the loss is "
        rf"$d = {column(d)}$. What are $h$ and the gradient at $x$?",
        ("$h_1$", "$h_2$", "$dx_1$", "$dx_2$"),
        (*h, *dx),
        (
            rf"Forward: $z = {dot(w, x, b)} = {z}$, $a = {a}$, $F = {row([u[0] * a, u[1] * a])}$. "
            rf"$h = x + F = {row(h)}$.",
            rf"Back through the branch, to $a$: ${dot(u, d)} = {upstream}$. ReLU's slope at $z = {z}$ is {on}, so "
            rf"$\delta = {delta}$. Times the first weights: ${row([w[0] * delta, w[1] * delta])}$.",
            rf"The skip adds $d$ itself: $dx = {row(d)} + {row([w[0] * delta, w[1] * delta])} = {row(dx)}$.",
        ),
        tuple(wrong),
        given={"x": x, "w": w, "b": b, "u": u, "d": d},
    )


def relu_after(rng: Random) -> Question | None:
    """The first residual nets: relu(x + F(x)). With F = 0, or with a branch that is a factor."""
    x = [rng.choice((-6, -4, -3, -2, -1, 1, 2, 3, 4, 6)) for _ in range(2)]
    d = [rng.choice((-4, -3, -2, -1, 1, 2, 3, 4)) for _ in range(2)]
    c = rng.choice((Fraction(0), Fraction(0), Fraction(1, 2), Fraction(-2), Fraction(-3)))
    s = [each + c * each for each in x]
    on = [int(each > 0) for each in s]
    if sum(on) != 1:
        return None
    h, dx = [max(each, 0) for each in s], [k * each * (1 + c) for k, each in zip(on, d)]
    branch = "$F(x) = 0$" if c == 0 else rf"$F(x) = {decimal(c)}\,x$"
    wrong = [
        Wrong((*s, *(each * (1 + c) for each in d)), "What stands behind the addition?"),
        Wrong((*h, *(each * (1 + c) for each in d)), "The ReLU after the sum has a slope, too."),
    ]
    if c:
        wrong += [
            Wrong((*(each + max(c * each, 0) for each in x), *dx), "Is the ReLU in the branch or behind the sum?"),
            Wrong((*h, *(k * each * c for k, each in zip(on, d))), "On the way back the skip is missing."),
            Wrong((*h, *(k * each for k, each in zip(on, d))), "What comes back through the branch?"),
            Wrong(
                (*h, *((x[place] > 0) * d[place] * (1 + c) for place in (0, 1))),
                "ReLU looks at the sum. What sign does that have?",
            ),
        ]
    else:
        wrong += [
            Wrong((*s, *dx), "Look at the way forward again: what does ReLU do to the sum?"),
            Wrong((0, 0, 0, 0), "The branch gives 0. What does the sum give?"),
            Wrong((*h, 0, 0), "The branch gives no gradient. Is there another way back?"),
        ]
    return Question(
        rf"An early residual block: $h = \mathrm{{relu}}(x + F(x))$, with a ReLU after the addition. Here "
        rf"{branch}. One example has $x = {row(x)}$, and the gradient of the loss at $h$ is $d = {row(d)}$. "
        "What are $h$ and the gradient at $x$?",
        ("$h_1$", "$h_2$", "$dx_1$", "$dx_2$"),
        (*h, *dx),
        (
            rf"Forward: $x + F(x) = {row(s)}$. ReLU: $h = {row(h)}$.",
            rf"Back: the slope of the ReLU is ${row(on)}$, so ${row([k * each for k, each in zip(on, d)])}$ comes to "
            rf"the sum. Skip and branch together multiply by $1 + F' = {number(1 + c)}$: $dx = {row(dx)}$.",
            *([] if c else ["Without the ReLU after the sum, $F = 0$ would make it the identity."]),
        ),
        tuple(wrong),
        given={"x": x, "c": c, "d": d},
    )  # fmt: skip


def what_is_learned(rng: Random) -> Question | None:
    """The other way round: what must the branch become for a wanted h?"""
    slope, shift = rng.choice((-3, -2, 2, 3, 4, 5)), rng.choice((-5, -3, -2, 2, 3, 4, 6))
    x, d = rng.choice((2, 3, 4, 5, 10)), rng.choice((2, 3, 4, 6))
    w = slope - 1
    wanted = f"{slope}x {plus(shift)}"
    if w in (1, -1):
        return None
    return Question(
        rf"A residual block with $F(x) = wx + b$, one number in and out, shall compute $h(x) = {wanted}$. Which "
        rf"$w$ and $b$ must it learn? At $x = {x}$ the gradient of the loss at $h$ is ${d}$. How much of the gradient "
        "at $x$ comes through $F$?",
        ("$w$", "$b$", "through $F$"),
        (w, shift, w * d),
        (
            rf"The branch learns the residual: $F(x) = h(x) - x = {w}x {plus(shift)}$.",
            rf"Back: ${d}$ comes over the skip and $w \cdot {d} = {w * d}$ through $F$. Together ${slope * d}$, as "
            "it must be for this $h$.",
        ),
        (
            Wrong((slope, shift, slope * d), "That is what a plain layer would learn. What does the skip do already?"),
            Wrong((slope + 1, shift, (slope + 1) * d), "$h = x + F$. Solve for $F$."),
            Wrong((w, shift, slope * d), "That is all of the gradient at $x$. Which part goes over the skip?"),
            Wrong((w, shift, d), "That is the part over the skip."),
            Wrong((w, shift, w), "That is the slope of $F$. What comes in from above?"),
            Wrong((w, shift, w * x * d), "The gradient for $x$ is asked, not the one for $w$."),
        ),
        given={"slope": slope, "shift": shift, "x": x, "d": d},
    )


def variance_of_blocks(rng: Random) -> Question:
    """Variances add: unscaled blocks double, scaled ones grow less."""
    factor = rng.choice((Fraction(1), Fraction(1), Fraction(1, 2), Fraction(1, 3), Fraction(2), Fraction(3)))
    blocks = rng.choice((3, 4, 5, 6, 10)) if factor == 1 else rng.choice((2, 3))
    start = rng.choice((1, 2, 3, 4, 5, 10)) * factor.denominator ** (2 * blocks)
    grown = start * (1 + factor**2) ** blocks
    squared = number(factor**2)
    said = "is left as it is" if factor == 1 else rf"is multiplied by ${number(factor)}$"
    return Question(
        rf"{blocks} residual blocks in a row, $h = x + s F(x)$. Each $F$ keeps the variance of its input (He's "
        rf"weights), and its output is independent of $x$, with mean 0. The branch {said}: $s = {number(factor)}$. The "
        f"variance before the first block is {start}. What is it after the last one?",
        ("the variance",),
        (grown,),
        (
            rf"A factor $s$ multiplies a variance by $s^2 = {squared}$. Variances of independent terms add up: "
            rf"$\mathrm{{Var}}(h) = (1 + {squared})\,\mathrm{{Var}}(x)$.",
            rf"${blocks}$ blocks: ${start} \cdot \left({number(1 + factor**2)}\right)^{{{blocks}}} = {number(grown)}$.",
        ),
        (
            Wrong((start * factor ** (2 * blocks),), "That is a net without skips."),
            Wrong((start * (1 + blocks * factor**2),), "Each block adds to what has grown already."),
            Wrong((start * (1 + factor**2) ** (blocks - 1),), "Count the blocks again."),
            Wrong((start,), "$F$ keeps the variance. Does $x + sF(x)$ keep it?"),
            Wrong((start * (1 + factor) ** (2 * blocks),), "Is it the deviations that add up?"),
            *([Wrong((start * (1 + factor) ** blocks,), "How does a factor enter a variance?")] if factor != 1 else []),
        ),
        given={"blocks": blocks, "s": factor, "start": start},
    )


FAMILY = Family(
    "residual",
    "resnets",
    "Residual blocks",
    {
        "in_a_row": in_a_row,
        "block_by_hand": block_by_hand,
        "relu_after": relu_after,
        "what_is_learned": what_is_learned,
        "variance_of_blocks": variance_of_blocks,
    },
)
