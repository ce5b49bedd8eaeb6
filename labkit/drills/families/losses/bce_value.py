"""Binary cross-entropy."""

from fractions import Fraction
from math import log, prod
from random import Random

from labkit.drills.families.losses.parts import KEEP, ln, stacked, worth
from labkit.drills.question import Family, Question, Wrong
from labkit.drills.typeset import matrix, number, row

LN_2 = r"Use $\ln 2 = 0.693$."


def of_label(y_hat: Fraction, y: int) -> Fraction:
    """The probability that the label gets."""
    return Fraction(y_hat) if y else 1 - Fraction(y_hat)


def bce_probabilities(rng: Random) -> Question | None:
    m = rng.choice((2, 3, 4))
    labels = [rng.randrange(2) for _ in range(m)]
    halvings = [rng.randint(1, 3) for _ in range(m)]
    Y_hat = [Fraction(1, 2**j) if y else 1 - Fraction(1, 2**j) for j, y in zip(halvings, labels)]
    if sum(labels) in (0, m) or max(j for j, y in zip(halvings, labels) if not y) == 1:
        return None
    s = sum(halvings)
    answer = s * log(2) / m
    own = [of_label(*pair) for pair in zip(Y_hat, labels)]
    ones = sum(j for j, y in zip(halvings, labels) if y)
    flipped = -sum(log(1 - p) for p in own) / m
    return Question(
        rf"A net with a sigmoid output gives a batch the probabilities $\hat Y = {matrix([Y_hat])}$. "
        rf"The labels are $Y = {matrix([labels])}$. {LN_2} "
        f"What is the binary cross-entropy, the mean over the {m} examples?",
        (r"$\mathcal{L}$",),
        (answer,),
        (
            rf"The label's probability is $\hat y$ where $y = 1$ and $1 - \hat y$ where $y = 0$: ${row(own)}$.",
            rf"Minus their logs: ${row(halvings)}$ times $\ln 2$. "
            rf"The mean is $\tfrac{{{s}}}{{{m}}} \ln 2 = {number(answer)}$.",
        ),
        (
            Wrong((-sum(map(log, Y_hat)) / m,), r"Where $y = 0$, which probability counts: $\hat y$, or the rest?"),
            Wrong((flipped,), r"You took the wrong class everywhere. Which term is left for $y = 1$?"),
            Wrong((m * answer,), "That is the sum. What does the mean divide by?"),
            Wrong((ones * log(2) / m,), r"Examples with $y = 0$ cost something, too. Which term is theirs?"),
            Wrong((Fraction(s, m),), "That is the log to base 2. Which log does the course take?"),
            Wrong((-log(sum(own) / m),), "Mean first, log then? Take each example's loss, then the mean."),
        ),
        given={"Y_hat": Y_hat, "Y": labels},
    )


def bce_certain(rng: Random) -> Question | None:
    """Certain and right costs nothing, and is still counted."""
    m = rng.choice((4, 5))
    labels = [rng.randrange(2) for _ in range(m)]
    halvings = rng.sample([0, 0, rng.randint(1, 3), rng.randint(1, 3), rng.randint(1, 3)][:m], m)
    if len({labels[i] for i in range(m) if not halvings[i]}) < 2:
        return None
    Y_hat = [Fraction(1, 2**j) if y else 1 - Fraction(1, 2**j) for j, y in zip(halvings, labels)]
    s, unsure = sum(halvings), m - 2
    rough = [p for p in Y_hat if 0 < p < 1]
    own = [of_label(*pair) for pair in zip(Y_hat, labels)]
    return Question(
        rf"A net with a sigmoid output gives a batch $\hat Y = {matrix([Y_hat])}$. The labels are "
        rf"$Y = {matrix([labels])}$. As in the course, $0 \ln 0 = 0$. {LN_2} "
        f"What is the binary cross-entropy, the mean over the {m} examples?",
        (r"$\mathcal{L}$",),
        (s * log(2) / m,),
        (
            rf"The label's probability is $\hat y$ where $y = 1$ and $1 - \hat y$ where $y = 0$: ${row(own)}$.",
            r"Certain and right: $-\ln 1 = 0$. Such an example costs nothing and counts in $m$.",
            rf"The others cost ${s} \ln 2$ together. The mean is "
            rf"$\tfrac{{{s}}}{{{m}}} \ln 2 = {number(s * log(2) / m)}$.",
        ),
        (
            Wrong((s * log(2) / unsure,), "Examples that cost nothing are examples, too. Over how many is the mean?"),
            Wrong((s * log(2),), "That is the sum. What does the mean divide by?"),
            Wrong((Fraction(s, m),), "That is the log to base 2. Which log does the course take?"),
            Wrong(((s * log(2) + 2) / m,), "What does certain and right cost: what is the log of 1?"),
            Wrong((-sum(map(log, rough)) / m,), r"Where $y = 0$, which probability counts: $\hat y$, or the rest?"),
        ),
        given={"Y_hat": Y_hat, "Y": labels},
    )


def bce_logits(rng: Random) -> Question | None:
    """Logits instead of probabilities."""
    powers = [Fraction(k) if up else Fraction(1, k)
              for k, up in zip(rng.sample((1, 2, 3, 4, 7), 2), rng.choices((True, False), k=2))]  # fmt: skip
    labels = [rng.randrange(2) for _ in range(2)]
    odds = [k if y else 1 / k for k, y in zip(powers, labels)]  # of the label
    if labels[0] == labels[1]:
        return None
    costs = [1 + 1 / each for each in odds]
    answer = log(prod(costs)) / 2
    p = [k / (1 + k) for k in powers]
    own = [1 / cost for cost in costs]
    return Question(
        rf"A net with a sigmoid output gives two examples the logits $O = {stacked([[ln(k)] for k in powers])}$. "
        rf"The labels are $Y = {matrix([labels])}$. {KEEP} "
        r"What is the binary cross-entropy of $\hat Y = \sigma(O)$, the mean over both?",
        (r"$\mathcal{L}$",),
        (answer,),
        (
            rf"Forward: $\sigma(\ln k) = 1 / (1 + \tfrac{{1}}{{k}}) = k / (k + 1)$, so $\hat Y = {matrix([p])}$.",
            rf"The labels' probabilities are ${row(own)}$. The losses are ${ln(costs[0])}$ and ${ln(costs[1])}$.",
            rf"The mean is $\tfrac{{1}}{{2}} {ln(prod(costs))} = {number(answer)}$.",
        ),
        (
            Wrong((2 * answer,), "That is the sum. What does the mean divide by?"),
            Wrong((sum(log(1 + each) for each in odds) / 2,), r"Which class does $\hat y$ belong to: 1, or 0?"),
            Wrong((-sum(map(log, p)) / 2,), r"For the label 0, which probability counts: $\hat y$, or the rest?"),
            Wrong((float(sum(own)) / 2,), "That is the labels' mean probability. What does the loss make of each?"),
            Wrong((-log(sum(own) / 2),), "Mean first, log then? Take each example's loss, then the mean."),
        ),
        given={"powers": powers, "Y": labels},
    )


def bce_large_logits(rng: Random) -> Question | None:
    """Far logits: right ones cost nothing, wrong ones cost their size."""
    m = rng.choice((2, 3, 4))
    O = [rng.choice((-1, 1)) * 10 * rng.randint(4, 9) for _ in range(m)]
    labels = [rng.randrange(2) for _ in range(m)]
    costs = [abs(o) if (o > 0) != y else 0 for o, y in zip(O, labels)]
    off, s = sum(1 for cost in costs if cost), sum(costs)
    if off in (0, m):
        return None
    every = sum(map(abs, O))
    return Question(
        rf"A net with a sigmoid output gives a batch the logits $O = {matrix([O])}$. The labels are "
        rf"$Y = {matrix([labels])}$. In float64 $\sigma(o)$ is rounded to 1 for $o > 37$. On paper it is not: "
        rf"what is the binary cross-entropy of $\hat Y = \sigma(O)$, the mean over the {m} examples, to three digits?",
        (r"$\mathcal{L}$",),
        (Fraction(s, m),),
        (
            r"From logits, an example costs $\max(o, 0) - o y + \ln(1 + e^{-|o|})$. "
            "The last term is as good as 0 here.",
            r"Where the sign of $o$ fits the label, nothing is left. Where it does not, $|o|$ is left: "
            rf"the losses are ${row(costs)}$.",
            rf"The mean is ${s} / {m} = {number(Fraction(s, m))}$.",
        ),
        (
            Wrong((s,), "That is the sum. What does the mean divide by?"),
            Wrong((Fraction(every - s, m),), "Does a large positive logit speak for class 1, or for class 0?"),
            Wrong((Fraction(every, m),), "What does an example cost whose logit is on the label's side?"),
            Wrong((Fraction(s, off),), "Examples that cost nothing are examples, too. Over how many is the mean?"),
            Wrong((0,), r"Some logits are far on the wrong side. What is $-\ln \sigma(o)$ there?"),
        ),
        given={"O": O, "Y": labels},
    )


def bce_reverse(rng: Random) -> Question | None:
    """The other way round: from the loss to the probability and the logit."""
    y = rng.randrange(2)
    n = rng.randint(3, 10)
    ratio = Fraction(n, rng.randrange(1, n))
    own = 1 / ratio
    y_hat = of_label(own, y)
    odds = y_hat / (1 - y_hat)
    return Question(
        rf"For one example with the label $y = {y}$ a net with a sigmoid output has the binary cross-entropy "
        rf"${worth(ratio)}$. Which $\hat y$ did it give? "
        r"Its logit is $o = \ln k$: which number is $k$?",
        (r"$\hat y$", "$k$"),
        (y_hat, odds),
        (
            rf"From the loss back: the label's probability is $e^{{-\mathcal{{L}}}} = {number(own)}$.",
            rf"For $y = {y}$ that is ${'' if y else '1 - '}\hat y$. So $\hat y = {number(y_hat)}$.",
            rf"$\sigma(\ln k) = k / (1 + k)$, so $k = \hat y / (1 - \hat y) = {number(odds)}$.",
        ),
        (
            Wrong((1 - y_hat, 1 / odds), rf"Which term is left of the loss for $y = {y}$?"),
            Wrong((y_hat, 1 / odds), r"Mind the sign in $\sigma(o) = 1 / (1 + e^{-o})$."),
            Wrong((y_hat, y_hat), r"$k$ is $e^o$, not $\hat y$. Solve $\hat y = 1 / (1 + 1/k)$ for it."),
            Wrong((1 - y_hat, odds), r"$k$ fits. Which class is $\hat y$ the probability of?"),
            Wrong((y_hat, ratio), r"That is one over a probability. How does $\sigma$ make $\hat y$ of $\ln k$?"),
        ),
        given={"y": y, "ratio": ratio},
    )


FAMILY = Family(
    "bce_value",
    "losses",
    "Binary cross-entropy",
    {
        "probabilities": bce_probabilities,
        "certain": bce_certain,
        "logits": bce_logits,
        "large_logits": bce_large_logits,
        "reverse": bce_reverse,
    },
)
