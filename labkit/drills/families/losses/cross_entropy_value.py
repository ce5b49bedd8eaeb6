"""Cross-entropy."""

from fractions import Fraction
from math import log, log2, prod
from random import Random

from labkit.drills.families.losses.parts import HALF, KEEP, ln, stacked, worth
from labkit.drills.question import Family, Question, Wrong
from labkit.drills.typeset import bracketed, number, row, total

POWERS = (1, 2, 3, 4, 5, 6, HALF)  # e^o, of logits 0, ln 2, ...


def cross_entropy_one(rng: Random) -> Question | None:
    e = rng.sample(POWERS, rng.choice((3, 4)))
    y, s = rng.randrange(len(e)), sum(e)
    ratio = Fraction(s, e[y])
    if ratio.denominator > 3 or ratio > 12:
        return None
    wrong = [
        Wrong((float(1 / ratio),), "That is the probability of the label. What does the loss make of it?"),
        Wrong((log(s),), "That is the log of the sum alone. What else does the loss contain?"),
        Wrong((-log(e[y]),), "The other logits count, too: how does softmax make probabilities of logits?"),
        Wrong((-log(ratio),), "A probability is below 1. What sign does minus its log have?"),
        Wrong((log2(ratio),), "That is the log to base 2. Which log does the course take?"),
    ]
    if y:
        wrong.append(Wrong((log(s / e[y - 1]),), "Which row has number 0?"))
    return Question(
        rf"A net for {len(e)} classes, numbered from 0, gives one example the logits "
        rf"$o = {stacked([[ln(k) for k in e]])}$. Its label is $y = {y}$. "
        f"{KEEP} What is the softmax cross-entropy of this example?",
        (r"$\mathcal{L}$",),
        (log(ratio),),
        (
            r"Softmax: $\hat y_k = e^{o_k} / \sum_j e^{o_j}$, and $e^{\ln k} = k$. The loss is $-\ln \hat y_y$: of the "
            "probabilities only the label's is needed.",
            rf"Forward: $e^{{o_k}}$ is ${row(e)}$, with the sum ${total(e)} = {number(s)}$. "
            rf"The label's probability is $\hat y_{{{y}}} = {number(e[y])} / {bracketed(s)} = {number(1 / ratio)}$.",
            rf"The loss: $-\ln {number(1 / ratio)} = {worth(ratio)}$.",
        ),
        tuple(wrong),
        given={"powers": e, "y": y},
    )


def cross_entropy_batch(rng: Random) -> Question | None:
    """Two examples, one per column."""
    columns = [rng.sample(POWERS[:6], 3) for _ in range(2)]
    labels = [rng.randrange(3) for _ in range(2)]
    sums, own = [sum(e) for e in columns], [e[y] for e, y in zip(columns, labels)]
    ratios = [Fraction(s, each) for s, each in zip(sums, own)]
    if labels[0] == labels[1] or any(ratio.denominator > 2 for ratio in ratios):
        return None
    answer = log(prod(ratios)) / 2
    by_row = [Fraction(each, sum(e[y] for e in columns)) for each, y in zip(own, labels)]
    mean = sum(1 / ratio for ratio in ratios) / 2
    steps = [
        rf"Example {i + 1}: $e^{{o_k}}$ is ${row(e)}$, the sum is {s}. "
        rf"The label {y} has the probability ${number(1 / ratio)}$."
        for i, (e, y, s, ratio) in enumerate(zip(columns, labels, sums, ratios))
    ]
    return Question(
        rf"A net for 3 classes, numbered from 0, gives a batch of 2 examples the logits "
        rf"$O = {stacked([[ln(k) for k in e] for e in columns])}$, one example per column. The labels are "
        rf"$y = {row(labels)}$. {KEEP} What is the softmax cross-entropy of the batch, the mean over its examples?",
        (r"$\mathcal{L}$",),
        (answer,),
        (
            r"Column by column: softmax, then minus the log of the label's probability. The mean comes last. "
            r"$e^{\ln k} = k$.",
            f"Forward. {' '.join(steps)}",
            rf"The losses are ${ln(ratios[0])}$ and ${ln(ratios[1])}$. "
            rf"Their mean is $\tfrac{{1}}{{2}} {ln(prod(ratios))} = {number(answer)}$.",
        ),
        (
            Wrong((2 * answer,), "That is the sum. What does the mean over the examples divide by?"),
            Wrong((2 * answer / 3,), "The mean is over the examples. How many are there?"),
            Wrong((-log(mean),), "Mean first, log then? Take each example's loss, then the mean."),
            Wrong((-log(prod(by_row)) / 2,), "Which numbers of $O$ belong to one example: a row, or a column?"),
            Wrong((float(mean),), "That is the mean probability. What does the loss make of each?"),
            Wrong((sum(log(s) for s in sums) / 2,), "Those are the logs of the sums. What is subtracted from each?"),
        ),
        given={"columns": columns, "labels": labels},
    )


def cross_entropy_uniform(rng: Random) -> Question:
    """All logits are the same: the loss of a guess."""
    K, m, c = rng.choice((2, 3, 4, 5, 8, 10, 16, 20)), rng.choice((32, 50, 100, 200)), rng.choice((-3, -2, 2, 3, 5))
    often = m * rng.choice((50, 75, 90)) // 100
    return Question(
        f"A net that has learned nothing gives each of its {K} classes the logit {c}, whatever the example is. A batch "
        f"has {m} examples, {often} of them of class 0. {KEEP} What is the mean softmax cross-entropy of the batch?",
        (r"$\mathcal{L}$",),
        (log(K),),
        (
            rf"Forward: equal logits give equal probabilities, $\hat y_k = e^{{{c}}} / ({K} e^{{{c}}}) = 1 / {K}$.",
            rf"The loss: each example costs $-\ln \tfrac{{1}}{{{K}}} = \ln {K}$, whatever its label. "
            rf"The mean is $\ln {K} = {number(log(K))}$. "
            r"So $\ln K$ is what a loss should start from, before training.",
        ),
        (
            Wrong((Fraction(1, K),), "That is each class's probability. What does the loss make of it?"),
            Wrong((c + log(K),), "That is the log-sum-exp. What is subtracted from it?"),
            Wrong((m * log(K),), "That is the sum over the batch. What is asked?"),
            Wrong((log(m),), "Do the examples share the probability, or the classes?"),
            Wrong((log(m / often),), "The net's probability counts. Does it know how frequent class 0 is?"),
            Wrong((-log(K),), "A probability is below 1. What sign does minus its log have?"),
        ),
        given={"K": K, "m": m, "c": c, "often": often},
    )


def cross_entropy_logit(rng: Random) -> Question | None:
    """The other way round: which logit of the label makes this loss?"""
    others = [rng.randint(2, 9) for _ in range(rng.choice((2, 3)))]
    ratio, s = rng.choice([*map(Fraction, (2, 3, 4, 5)), Fraction(3, 2), Fraction(4, 3), Fraction(5, 4)]), sum(others)
    k = s / (ratio - 1)
    if k.denominator != 1 or k == 1:
        return None
    k = int(k)
    shown = " and ".join([", ".join(f"${ln(each)}$" for each in others[:-1]), f"${ln(others[-1])}$"])
    return Question(
        f"A net for {len(others) + 1} classes sees one example and gives the wrong classes the logits {shown}. "
        rf"The softmax cross-entropy of this example is ${worth(ratio)}$. "
        r"The logit of its label is $\ln k$. Which number is $k$?",
        ("$k$",),
        (k,),
        (
            rf"From the loss back: $\mathcal{{L}} = -\ln \hat y_y$, so $\hat y_y = {number(1 / ratio)}$.",
            rf"Softmax: $\hat y_y = k / (k + {' + '.join(map(str, others))}) = k / (k + {s})$.",
            rf"So $k + {s} = {number(ratio)} k$ and $k = {s} / {bracketed(ratio - 1)} = {k}$.",
        ),
        (
            Wrong((s / ratio,), "Is the label's own $e^o$ part of the sum below the fraction?"),
            Wrong((s * ratio,), "Put your $k$ into softmax: which probability does the label get?"),
            Wrong((s * (ratio - 1),), "Solve for $k$ again. Is the last step a product?"),
            Wrong((log(k),), r"That is the logit itself. What is asked is the number inside the $\ln$."),
            Wrong((ratio,), r"That is $1 / \hat y_y$. How does softmax make $\hat y_y$ of $k$ and the others?"),
        ),
        given={"others": others, "ratio": ratio},
    )


FAMILY = Family(
    "cross_entropy_value",
    "losses",
    "Cross-entropy",
    {
        "one": cross_entropy_one,
        "batch": cross_entropy_batch,
        "uniform": cross_entropy_uniform,
        "logit": cross_entropy_logit,
    },
)
