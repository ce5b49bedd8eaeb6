"""Dropout."""

from fractions import Fraction
from random import Random

from labkit.drills.question import Family, Question, Wrong
from labkit.drills.typeset import bracketed, decimal, dot, number, row

SHARES = (Fraction(1, 4), Fraction(1, 5), Fraction(1, 2), Fraction(1, 3), Fraction(2, 5), Fraction(3, 4))


def mask_of(rng: Random, n: int) -> list[int]:
    """Some kept, some dropped."""
    kept = [1] * n
    for place in rng.sample(range(n), rng.choice((1, 2))):
        kept[place] = 0
    return kept


def share(p: Fraction) -> str:
    """A fraction as books write it: 0.2, or one third."""
    return number(p) if p.denominator == 3 else decimal(p)


def dropout_training(rng: Random) -> Question | None:
    """Through a mask into the next unit."""
    p, kept = rng.choice(SHARES), mask_of(rng, 4)
    a, w = [rng.randint(1, 9) for _ in range(4)], [rng.choice((-2, -1, 1, 2, 3)) for _ in range(4)]
    b = rng.randint(1, 5)
    through = sum(x * y * k for x, y, k in zip(a, w, kept))
    dropped = [place + 1 for place, k in enumerate(kept) if not k]
    z = through / (1 - p) + b
    if z.denominator > 2 or through == 0:
        return None
    full = sum(x * y for x, y in zip(a, w))
    return Question(
        rf"A layer gives $a = {row(a)}$. Inverted dropout follows, in training, with $p = {share(p)}$ ($p$ is the "
        f"fraction dropped). This time the mask drops {'unit' if len(dropped) == 1 else 'units'} "
        f"{' and '.join(map(str, dropped))}. The next layer has one unit with $w = {row(w)}$ and $b = {number(b)}$. "
        "What is its $z$?",
        ("$z$",),
        (z,),
        (
            rf"What is kept is divided by $1 - p = {share(1 - p)}$, whatever share this mask drops: times "
            rf"${number(1 / (1 - p))}$.",
            rf"What is kept: ${row([x * k for x, k in zip(a, kept)])}$. Its weighted sum is ${through}$.",
            rf"$z = {bracketed(through)} \cdot {number(1 / (1 - p))} + {b} = {number(z)}$.",
        ),
        (
            Wrong((through + b,), "What does inverted dropout do to the numbers that are kept?"),
            Wrong((through / p + b,), "$p$ is the fraction that is dropped. By what is the rest divided?"),
            Wrong((through * (1 - p) + b,), "Does scaling make up for what is missing, or shrink the rest further?"),
            Wrong(((through + b) / (1 - p),), "The activations are scaled. Does the bias go through the dropout?"),
            Wrong((full + b,), "That is the full network. In which case is it used?"),
            Wrong((Fraction(4 * through, sum(kept)) + b,), "Divide by the share that $p$ names, not by this mask's."),
        ),
        given={"a": a, "w": w, "b": b, "p": p, "dropped": dropped},
    )


def dropout_inference(rng: Random) -> Question | None:
    """All that was said about training is a distractor."""
    p, kept = rng.choice(SHARES), mask_of(rng, 3)
    a, w = [rng.randint(1, 8) for _ in range(3)], [rng.choice((-2, -1, 1, 2, 3)) for _ in range(3)]
    b = rng.randint(-4, 4)
    full, through = sum(x * y for x, y in zip(a, w)), sum(x * y * k for x, y, k in zip(a, w, kept))
    z = full + b
    dropped = [place + 1 for place, k in enumerate(kept) if not k]
    if b == 0 or full in (0, through):
        return None
    return Question(
        rf"A net was trained with inverted dropout, $p = {share(p)}$ ($p$ is the fraction dropped). The last mask "
        f"dropped {'unit' if len(dropped) == 1 else 'units'} {' and '.join(map(str, dropped))}. Now it is used. For "
        rf"a new example the layer gives $a = {row(a)}$, and the next unit has $w = {row(w)}$, $b = {number(b)}$. "
        "What is its $z$ at inference?",
        ("$z$",),
        (z,),
        (
            "At inference: the full network, no mask, no scaling. The division in training has made up for it.",
            f"$z = {dot(w, a, b)} = {z}$.",
        ),
        (
            Wrong((full * (1 - p) + b,), "That scales at inference. Which kind of dropout needs this?"),
            Wrong((full / (1 - p) + b,), "When is divided by $1 - p$: in training, at inference, or both?"),
            Wrong((through + b,), "Does a mask of training say anything about a new example?"),
            Wrong((through / (1 - p) + b,), "That is a step of training. What is different at inference?"),
            Wrong((full,), "The weighted sum is there. What else belongs to $z$?"),
        ),
        given={"a": a, "w": w, "b": b, "p": p},
    )


def dropout_backward(rng: Random) -> Question | None:
    """Back through the mask of the forward pass, then through the ReLU that stands before it."""
    p = rng.choice((Fraction(1, 4), Fraction(1, 5), Fraction(1, 2), Fraction(1, 3)))
    z = [rng.choice((-3, -2, -1, 1, 2, 3, 4)) for _ in range(4)]
    d, kept = [rng.choice((-8, -6, -4, -3, -2, 1, 2, 3, 4, 6, 8, 12)) for _ in range(4)], mask_of(rng, 4)
    open_and_kept = [x > 0 and k for x, k in zip(z, kept)]
    if sum(open_and_kept) != 2 or not any(x < 0 and k for x, k in zip(z, kept)):
        return None
    if not any(x > 0 and not k for x, k in zip(z, kept)):
        return None
    scaled = [Fraction(x) / (1 - p) for x in d]
    if any(x.denominator > 2 for x in scaled):
        return None
    answer = tuple(x if on else 0 for x, on in zip(scaled, open_and_kept))
    relu = [x > 0 for x in z]
    return Question(
        rf"One example: $z = {row(z)}$, then ReLU, then inverted dropout with $p = {share(p)}$ ($p$ is the fraction "
        rf"dropped) and the mask $\text{{kept}} = {row(kept)}$. Behind the dropout the gradient of the loss is "
        rf"${row(d)}$. What is the gradient for $z$?",
        tuple(f"$dz_{place}$" for place in (1, 2, 3, 4)),
        answer,
        (
            "Backward through the dropout: the same mask and the same factor as forward. "
            rf"$\frac{{1}}{{1 - p}} = {number(1 / (1 - p))}$, so it gives "
            f"${row([x * k for x, k in zip(scaled, kept)])}$.",
            rf"Chain through the ReLU: its slope is $1[z > 0]$, here ${row([int(on) for on in relu])}$.",
            rf"$dz = {row(answer)}$.",
        ),
        (
            Wrong(tuple(x if on else 0 for x, on in zip(d, open_and_kept)), "Which factor came with the mask?"),
            Wrong(tuple(x * k for x, k in zip(scaled, kept)), "The ReLU stands before the dropout. What is its slope?"),
            Wrong(tuple(x * on for x, on in zip(scaled, relu)), "What gradient gets a unit that was dropped?"),
            Wrong(
                tuple(Fraction(x) / p if on else 0 for x, on in zip(d, open_and_kept)),
                "$p$ is the fraction that is dropped. By what was the rest divided?",
            ),
            Wrong(
                tuple(x * (1 - p) if on else 0 for x, on in zip(d, open_and_kept)),
                "Forward the activation was divided. The slope of that is the same factor.",
            ),
        ),
        given={"z": z, "d": d, "p": p, "kept": kept},
    )


def dropped_share(rng: Random) -> Question | None:
    """The other way round: what was p, and how many units should one expect to see?"""
    p = rng.choice((Fraction(1, 4), Fraction(1, 5), Fraction(1, 3), Fraction(2, 5), Fraction(1, 10)))
    n, a = rng.choice((20, 30, 40, 50, 60, 80, 100)), rng.choice((2, 3, 4, 6, 8, 9, 12))
    after, expected = a / (1 - p), (1 - p) * n
    if after.denominator > 1 or expected.denominator > 1:
        return None
    return Question(
        f"A layer of {n} units has inverted dropout behind it. In training, a unit's activation {a} comes out of the "
        f"dropout as {number(after)}. Which fraction $p$ of the units is dropped? And how many of the {n} units are "
        "kept, on average?",
        ("$p$", "units kept"),
        (p, int(expected)),
        (
            rf"What is kept is divided by $1 - p$: ${number(after)} = {a} / (1 - p)$.",
            rf"$1 - p = {a}/{number(after)} = {number(1 - p)}$, so $p = {number(p)}$.",
            rf"Kept on average: $(1 - p) \cdot {n} = {number(expected)}$.",
        ),
        (
            Wrong((1 - p, int(expected)), "That is the fraction that is kept."),
            Wrong((p, p * n), "Those are the dropped ones."),
            Wrong((1 - p, p * n), "Is $p$ the fraction that is dropped or the one that is kept?"),
            Wrong((after / a - 1, n * (2 - after / a)), "By what is a kept activation divided? Solve that for $p$."),
            Wrong((after / a, int(expected)), "That is the factor. A fraction of units can't be above 1."),
        ),
        given={"n": n, "a": a, "after": after},
    )


def expectation(rng: Random) -> Question | None:
    """Plain dropout against inverted dropout, in expectation."""
    p = rng.choice((Fraction(1, 4), Fraction(1, 5), Fraction(1, 2), Fraction(2, 5), Fraction(3, 4)))
    a, w = [rng.choice((2, 4, 5, 6, 8, 10)) for _ in range(3)], [rng.choice((-2, -1, 1, 2, 3)) for _ in range(3)]
    b = rng.choice((-3, -2, -1, 1, 2, 3, 4))
    full = sum(x * y for x, y in zip(a, w))
    if full == 0 or ((1 - p) * full).denominator > 2:
        return None
    answer = (full + b, (1 - p) * full + b)
    return Question(
        rf"$a = {row(a)}$ goes through dropout in training, $p = {share(p)}$ ($p$ is the fraction dropped), each unit "
        rf"with a draw of its own. The next unit has $w = {row(w)}$ and $b = {number(b)}$. What is the expectation of "
        "its $z$ with inverted dropout? And what with dropout that does not scale in training?",
        ("inverted", "without scaling"),
        answer,
        (
            rf"Inverted: an entry is $a/(1-p)$ with probability $1-p$, else 0. Its expectation is $a$. "
            f"So that of $z$ is ${dot(w, a, b)} = {full + b}$.",
            rf"Without scaling: the expectation of an entry is $(1-p)\,a = {share(1 - p)}\,a$. "
            "The bias is not dropped: "
            rf"${share(1 - p)} \cdot {bracketed(full)} {'-' if b < 0 else '+'} {abs(b)} = {number(answer[1])}$.",
        ),
        (
            Wrong((full + b, p * full + b), "An entry survives with which probability?"),
            Wrong((full + b, (1 - p) * (full + b)), "Is the bias dropped, too?"),
            Wrong(((1 - p) * full + b, full + b), "Which of the two keeps the expectation?"),
            Wrong((full / (1 - p) + b, full + b), "Scaling makes up for what is dropped. Count both effects."),
            Wrong((full + b, full + b), "One of the two changes the expectation. What do zeros do to a mean?"),
        ),
        given={"a": a, "w": w, "b": b, "p": p},
    )


FAMILY = Family(
    "dropout",
    "regularization",
    "Dropout",
    {
        "training": dropout_training,
        "inference": dropout_inference,
        "backward": dropout_backward,
        "dropped_share": dropped_share,
        "expectation": expectation,
    },
)
