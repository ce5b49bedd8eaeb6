"""Log-sum-exp."""

from fractions import Fraction
from math import log
from random import Random

from labkit.drills.families.losses.parts import HALF, KEEP, ln, stacked, worth
from labkit.drills.question import Family, Question, Wrong
from labkit.drills.typeset import number, row


def lowered(c: int, e: Fraction | int) -> str:
    """c + ln e as it is written, for e = 1 or a half or less."""
    return str(c) if e == 1 else rf"{c} - \ln {Fraction(e).denominator}"


def shares(rng: Random) -> list[Fraction | int]:
    """e^(o - c) of four classes: one is 1, one as good as 0."""
    found = [1, 0, *rng.choices((1, HALF, Fraction(1, 4)), k=2)]
    rng.shuffle(found)
    return found


def log_sum_exp_loss(rng: Random) -> Question:
    """A loss from logits that no exp can take."""
    c, gap, e = rng.choice((800, 900, 1000, 1200, 2000)), rng.choice((300, 400, 500)), shares(rng)
    y = rng.choice([k for k in range(4) if e[k]])
    s, ratio = sum(e), Fraction(sum(e)) / e[y]
    logits = [lowered(c, each) if each else str(c - gap) for each in e]
    own = lowered(c, e[y]) if e[y] == 1 else f"({lowered(c, e[y])})"
    wrong = [
        Wrong((c + log(s),), "That is the log-sum-exp. What is subtracted from it?"),
        Wrong((log(4),), "Do all four classes have the same logit?"),
        Wrong((log((s + 1) / e[y]),), rf"How much does $e^{{-{gap}}}$ add to the sum?"),
        Wrong((float(ratio),), r"That is $1 / \hat y_y$. What does the loss make of it?"),
        Wrong((log(ratio - 1),), "Is the label's own term part of the sum?"),
    ]
    if e[y] < 1:
        wrong.append(Wrong((log(s),), "You subtracted the largest logit. Which one belongs to the label?"))
    else:
        wrong.append(Wrong((0,), "The label's logit is the largest. Is it the only large one?"))
    return Question(
        rf"A net for 4 classes, numbered from 0, gives the logits $o = {stacked([logits])}$. The label is $y = {y}$. "
        rf"$e^{{{c}}}$ overflows. {KEEP} What is the softmax cross-entropy of this example?",
        (r"$\mathcal{L}$",),
        (log(ratio),),
        (
            rf"The largest logit is $c = {c}$. Log-sum-exp: $\ln \sum_k e^{{o_k}} = c + \ln \sum_k e^{{o_k - c}}$.",
            rf"$e^{{o_k - c}}$ is ${row(e)}$, where $e^{{-{gap}}}$ is as good as 0. The sum is ${number(s)}$.",
            rf"The loss is log-sum-exp minus the label's logit: ${c} + {ln(s)} - {own} = {worth(ratio)}$.",
        ),
        tuple(wrong),
        given={"c": c, "gap": gap, "shares": e, "y": y},
    )


def log_sum_exp_negative(rng: Random) -> Question:
    """Everything underflows: which c, and what is left?"""
    c, gap, e = -rng.choice((800, 900, 1000, 1200, 2000)), rng.choice((300, 400, 500)), shares(rng)
    s = sum(e)
    logits = [lowered(c, each) if each else str(c - gap) for each in e]
    return Question(
        rf"Four logits are $o = {stacked([logits])}$. Every $e^{{o_k}}$ underflows to 0, and the log of 0 is "
        r"$-\infty$. The log-sum-exp trick writes $\ln \sum_k e^{o_k} = c + r$ with $c = \max_k o_k$. "
        f"{KEEP} What are $c$ and $r$?",
        ("$c$", "$r$"),
        (c, log(s)),
        (
            rf"The largest logit is the one nearest to 0 here: $c = {c}$.",
            rf"$e^{{o_k - c}}$ is ${row(e)}$, where $e^{{-{gap}}}$ is as good as 0. "
            rf"The sum is ${number(s)}$, at least 1: its log is safe.",
            rf"$r = {worth(s)}$.",
        ),
        (
            Wrong((c - gap, gap + log(s)), "Which of two negative numbers is the larger one?"),
            Wrong((c, float(s)), "That is the sum. What is still to be done with it?"),
            Wrong((c, log(s + 1)), rf"How much does $e^{{-{gap}}}$ add to the sum?"),
            Wrong((c, log(s - 1)), "The largest logit is part of the sum, too. What is $e^0$?"),
            Wrong((c, log(4)), "Are all four logits the same?"),
            Wrong((-c, log(s)), "Mind the sign of the logits."),
        ),
        given={"c": c, "gap": gap, "shares": e},
    )


FORMS = {  # name: how it is written
    "softmax": r"$-\ln \left( e^{o_y} / \sum_k e^{o_k} \right)$",
    "shifted": r"$-\ln \left( e^{o_y - c} / \sum_k e^{o_k - c} \right)$ with $c = \max_k o_k$",
    "plain": r"$\left( \ln \sum_k e^{o_k} \right) - o_y$",
    "stable": r"$\left( c + \ln \sum_k e^{o_k - c} \right) - o_y$ with $c = \max_k o_k$",
}


RESULTS = ("the right loss", r"$+\infty$", r"$-\infty$", "NaN (not a number)")


RIGHT, PLUS, MINUS, NAN = range(4)


SAFE = r"The largest exponent is 0, so the sum is between 1 and 3. The label's exponent is far from $-745$."


LOST = r"The label's exponent is below $-745$: its power is 0, and minus the log of 0 is $+\infty$."


FULL = r"The sum is $\infty$, its log is $\infty$, and it stays so when a number is subtracted."


STABLE = (RIGHT, "The largest exponent is 0, so the sum is between 1 and 3. $o_y$ is subtracted as it is.")


SCENES = {  # what each form gives, and why
    "high label": {
        "softmax": (NAN, r"The label's power and the sum are both $\infty$. $\infty / \infty$ is NaN."),
        "shifted": (RIGHT, SAFE),
        "plain": (PLUS, FULL),
        "stable": STABLE,
    },
    "high other": {
        "softmax": (PLUS, r"The sum is $\infty$, the fraction is 0, and minus the log of 0 is $+\infty$."),
        "shifted": (PLUS, LOST),
        "plain": (PLUS, FULL),
        "stable": STABLE,
    },
    "all low": {
        "softmax": (NAN, "Every power is 0, and 0 / 0 is NaN."),
        "shifted": (RIGHT, SAFE),
        "plain": (MINUS, r"Every power is 0, the log of 0 is $-\infty$, and it stays so when a number is subtracted."),
        "stable": STABLE,
    },
    "low label": {
        "softmax": (PLUS, r"The label's power is 0 and the sum is not. Minus the log of 0 is $+\infty$."),
        "shifted": (PLUS, LOST),
        "plain": (RIGHT, "The label's power is 0. The sum is not: its log is fine. $o_y$ is subtracted as it is."),
        "stable": STABLE,
    },
}


def scene(rng: Random, name: str) -> tuple[list[int], int]:
    """Three logits and a label."""
    o, y, far = [rng.randint(-4, 5) for _ in range(3)], rng.randrange(3), rng.choice((800, 900, 1000))
    if name == "all low":
        return [each - far for each in o], y
    if name == "high other":
        o[(y + rng.choice((1, 2))) % 3] = far
    else:
        o[y] = far if name == "high label" else -far
    return o, y


def log_sum_exp_overflow(rng: Random) -> Question:
    """A line of code, by hand: right, infinite or NaN?"""
    form, name = rng.choice(list(FORMS)), rng.choice(list(SCENES))
    o, y = scene(rng, name)
    answer, why = SCENES[name][form]
    taken = max(o) if form in ("shifted", "stable") else 0
    hints = (
        "Take each exponent as it stands in this line. Is one above 709 or below $-745$?",
        r"$+\infty$ comes from the log of $\infty$, or from minus the log of 0. Does either happen in this line?",
        r"$-\infty$ comes from the log of 0, with a plus before it. Does that happen in this line?",
        r"NaN comes from $\infty / \infty$ or 0 / 0. Does either happen in this line?",
    )
    return Question(
        r"In float64, $e^z$ is $\infty$ for $z$ above 709 and 0 for $z$ below $-745$. The logits of one example are "
        rf"$o = {row(o)}$, the label is $y = {y}$, counted from 0. Its cross-entropy is computed as written: "
        f"{FORMS[form]}. What comes out?",
        ("the letter",),
        (answer,),
        (
            rf"Forward, step by step. The exponents in this line are ${row([each - taken for each in o])}$.",
            r"Which of them give $\infty$ or 0? Put these into the line: $\infty / \infty$ and $0 / 0$ are NaN, the "
            r"log of 0 is $-\infty$, that of $\infty$ is $+\infty$.",
            f"{why} Only log-sum-exp with the largest logit taken out is safe for all logits.",
        ),
        tuple(Wrong((i,), hint) for i, hint in enumerate(hints) if i != answer),
        choices=RESULTS,
        given={"form": form, "o": o, "y": y},
    )


FAMILY = Family(
    "log_sum_exp",
    "losses",
    "Log-sum-exp",
    {
        "loss": log_sum_exp_loss,
        "negative": log_sum_exp_negative,
        "overflow": log_sum_exp_overflow,
    },
)
