"""Batch norm in training."""

from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from itertools import combinations_with_replacement
from math import isqrt, sqrt
from random import Random

from labkit.drills.families.batch_norm.parts import mean, with_eps
from labkit.drills.question import Family, Number, Question, Wrong
from labkit.drills.typeset import bracketed, matrix, number, plus, row, total


def variance(xs: list) -> Fraction:
    return mean([(x - mean(xs)) ** 2 for x in xs])


def root(x: Number) -> int | None:
    """The root of a square number other than 0."""
    return isqrt(int(x)) if x > 0 and x == int(x) and isqrt(int(x)) ** 2 == x else None


@cache
def kind_batches(eps: int, m: int = 4) -> list[tuple[int, ...]]:
    """Batches whose mean is whole and whose variance + eps is a square."""
    found = [list(z) for z in combinations_with_replacement(range(-2, 11), m) if len(set(z)) > 2]
    return [tuple(z) for z in found if mean(z).denominator == 1 and root(variance(z) + eps)]


def kind_batch(rng: Random, eps: int | None = None) -> tuple[list[int], int, int, Fraction, int]:
    """z, eps, their mean, their variance, and s = sqrt(variance + eps), all by hand."""
    eps = rng.choice((0, 1, 2, 3, 4, 6, 7)) if eps is None else eps
    z = list(rng.choice(kind_batches(eps)))
    rng.shuffle(z)
    return z, eps, int(mean(z)), variance(z), root(variance(z) + eps) or 1


def statistics(z: list[int], eps: int, mu: int, var: Number, s: int) -> Iterator[str]:
    yield rf"$\mu = {number(mean(z))}$, deviations ${row([x - mu for x in z])}$."
    squares = " + ".join(str((x - mu) ** 2) for x in z)
    yield (
        rf"$\sigma^2 = \frac14({squares}) = {number(var)}$. $s = \sqrt{{\sigma^2 + \varepsilon}} = "
        rf"\sqrt{{{number(var + eps)}}} = {s}$."
    )


def one_output(rng: Random) -> Question | None:
    z, eps, mu, var, s = kind_batch(rng)
    gamma, beta = rng.choice((-2, 2, 3, 4, 5)), rng.choice((-3, -2, -1, 1, 2, 3, 5))
    place = rng.randrange(4)
    off = z[place] - mu
    if off == 0 or s == 1:
        return None
    unbiased = sqrt(var * 4 / 3 + eps)
    return Question(
        rf"A unit has $z = {row(z)}$ on a batch of four. Batch norm follows, with $\gamma = {gamma}$, "
        rf"$\beta = {number(beta)}$ and {with_eps(eps)}. What does it give in training for $z_{place + 1}$?",
        ("the output",),
        (gamma * Fraction(off, s) + beta,),
        (
            *statistics(z, eps, mu, var, s),
            rf"$\hat z_{place + 1} = {number(Fraction(off))}/{s}$. Output: $\gamma\hat z + \beta = {gamma} \cdot "
            rf"{bracketed(Fraction(off, s))} {plus(beta)} = "
            f"{number(gamma * Fraction(off, s) + beta)}$.",
        ),
        (
            Wrong((Fraction(off, s),), r"That is $\hat z$. Two learned numbers are still to come."),
            Wrong((gamma * Fraction(z[place], s) + beta,), "What is taken off before the division?"),
            Wrong((gamma * off / (var + eps) + beta,), "That divides by the variance. What stands below the line?"),
            Wrong((gamma * off / unbiased + beta,), "Is the variance of batch norm divided by $m$ or by $m - 1$?"),
            Wrong((gamma * (Fraction(off, s) + beta),), r"$\beta$ is added after the scaling by $\gamma$."),
            *([Wrong((gamma * off / (sqrt(var) + eps) + beta,), r"Where does $\varepsilon$ stand?")] if eps else []),
        ),
        given={"z": z, "eps": eps, "gamma": gamma, "beta": beta, "place": place + 1},
    )


def linear_before(rng: Random) -> Question | None:
    """w and b of the layer before: b drops out, and of w only the sign is left."""
    x, _, mu, _, s = kind_batch(rng, eps=0)
    w, b = rng.choice((-5, -4, -3, -2, 2, 3, 4, 5)), rng.choice((-7, -4, 3, 5, 6, 8))
    gamma, beta = rng.choice((2, 3, 4, 6)), rng.choice((-2, -1, 1, 2, 5))
    place = rng.randrange(4)
    plain = Fraction(x[place] - mu, s)
    hat = plain if w > 0 else -plain
    out = gamma * hat + beta
    if hat == 0:
        return None
    z = [w * each + b for each in x]
    return Question(
        rf"A unit computes $z = wx + b$ with $w = {w}$ and $b = {b}$. Batch norm in training follows, with "
        rf"$\gamma = {gamma}$, $\beta = {beta}$ and $\varepsilon = 0$. The batch has $x = {row(x)}$. "
        rf"What is the output for $x_{place + 1}$? And what does it become if $b$ grows by 10?",
        ("the output", "with the larger $b$"),
        (out, out),
        (
            r"Forward: $z = wx + b$, then $\hat z = (z - \mu) / \sigma$ with the mean and the deviation of these four "
            r"$z$, then $\gamma\hat z + \beta$. A larger $b$ raises each $z$, and $\mu$ as well.",
            rf"$z = {row(z)}$. Its mean is ${number(w * mu + b)}$, its deviation ${abs(w) * s}$.",
            rf"$\hat z_{place + 1} = ({number(z[place])} - {bracketed(w * mu + b)}) / {abs(w) * s} = {number(hat)}$, "
            rf"and $\gamma\hat z + \beta = {number(out)}$. "
            "The mean moves with $b$, and is subtracted: nothing changes.",
        ),
        (
            Wrong((out, out + 10), "What does batch norm subtract first?"),
            Wrong((out, out + Fraction(10 * gamma, abs(w) * s)), "If all $z$ grow by 10, what does their mean do?"),
            Wrong((gamma * w * plain + beta,) * 2, "How large is the deviation of $z$, compared with that of $x$?"),
            Wrong((out + b,) * 2, "$b$ stands before batch norm, not behind it."),
            Wrong((hat,) * 2, r"That is $\hat z$. Two learned numbers are still to come."),
            *([Wrong((gamma * plain + beta,) * 2, "What sign does $w$ have?")] if w < 0 else []),
        ),
        given={"x": x, "w": w, "b": b, "gamma": gamma, "beta": beta, "place": place + 1},
    )


def which_axis(rng: Random) -> Question | None:
    """Two units, a batch of four: the statistics of a unit run along its row."""
    first, eps, mu, var, s = kind_batch(rng)
    second = [rng.randint(-3, 9) for _ in range(4)]
    gammas, betas = rng.sample((2, 3, 4, 5), 2), rng.sample((-2, -1, 1, 2, 3), 2)
    place = rng.randrange(4)
    off = first[place] - mu
    column = [first[place], second[place]]
    if off == 0 or s == 1 or variance(column) + eps == 0 or len(set(second)) < 3:
        return None
    every = [*first, *second]
    out = gammas[0] * Fraction(off, s) + betas[0]
    along_column = gammas[0] * (column[0] - mean(column)) / sqrt(variance(column) + eps) + betas[0]
    along_all = gammas[0] * (first[place] - mean(every)) / sqrt(variance(every) + eps) + betas[0]
    return Question(
        rf"Two units, four examples: $Z = {matrix([first, second])}$, an example is a column. Batch norm in training "
        rf"with $\gamma = {matrix([[g] for g in gammas])}$, $\beta = {matrix([[b] for b in betas])}$, {with_eps(eps)}. "
        f"What is the output of the first unit for example {place + 1}?",
        ("the output",),
        (out,),
        (
            "Name the shapes: $Z$ is (2, 4). Each unit, a row, has its own mean and variance over the batch. "
            f"Row 1 is ${row(first)}$.",
            *statistics(first, eps, mu, var, s),
            rf"The first unit has $\gamma = {gammas[0]}$, $\beta = {betas[0]}$: "
            rf"${gammas[0]} \cdot {bracketed(Fraction(off, s))} {plus(betas[0])} = "
            f"{number(out)}$.",
        ),
        (
            Wrong((along_column,), "Those are the statistics of one example. Over what does batch norm take them?"),
            Wrong((along_all,), "Do the units share one mean and one variance?"),
            Wrong((gammas[1] * Fraction(off, s) + betas[1],), r"Which unit's $\gamma$ and $\beta$ are asked for?"),
            Wrong((gammas[0] * off / (var + eps) + betas[0],), "That divides by the variance. Is a root missing?"),
            Wrong((Fraction(off, s),), r"That is $\hat z$. Two learned numbers are still to come."),
        ),
        given={"Z": [first, second], "gamma": gammas, "beta": betas, "eps": eps, "place": place + 1},
    )


def backward_sums(rng: Random) -> Question | None:
    z, eps, mu, var, s = kind_batch(rng)
    d = [rng.choice((-4, -3, -2, -1, 0, 1, 2, 3, 4)) for _ in range(4)]
    gamma = rng.choice((2, 3, 5))
    hat = [Fraction(x - mu, s) for x in z]
    dgamma, dbeta = sum(x * y for x, y in zip(d, hat)), sum(d)
    if s == 1 or 0 in (dgamma, dbeta) or d.count(0) > 1 or dgamma.denominator > 4:
        return None
    return Question(
        rf"A unit has $z = {row(z)}$ on a batch of four. Batch norm in training follows, with $\gamma = {gamma}$ and "
        rf"{with_eps(eps)}. From above comes $d\text{{out}} = {row(d)}$, the gradient of the loss for its outputs. "
        r"What are $d\gamma$ and $d\beta$?",
        (r"$d\gamma$", r"$d\beta$"),
        (dgamma, dbeta),
        (
            *statistics(z, eps, mu, var, s),
            rf"$\hat z = {row(hat)}$. Start from the output, $\gamma\hat z_i + \beta$.",
            r"$\gamma$ and $\beta$ serve all four examples, so their gradients are sums over the batch: "
            rf"$d\gamma = \sum d\text{{out}}_i\,\hat z_i = {total([x * y for x, y in zip(d, hat)])} = "
            f"{number(dgamma)}$.",
            rf"$d\beta = \sum d\text{{out}}_i = {total(d)} = {dbeta}$.",
        ),
        (
            Wrong((dgamma / 4, Fraction(dbeta, 4)), "Is there a mean here? The $1/m$ stands in the loss already."),
            Wrong((sum(x * y for x, y in zip(d, z)), dbeta), r"$\gamma$ multiplies which numbers: $z$ or $\hat z$?"),
            Wrong((gamma * dgamma, gamma * dbeta), r"A factor $\gamma$ belongs to $d\hat z$. Does it belong here?"),
            Wrong((dgamma, gamma * dbeta), r"What is the derivative of $\gamma\hat z + \beta$ by $\beta$?"),
            Wrong((dbeta, dgamma), "Which of the two sums belongs to the factor, which to the shift?"),
            Wrong((s * dgamma, dbeta), r"Deviations are not yet $\hat z$: what are they divided by?"),
        ),
        given={"z": z, "eps": eps, "gamma": gamma, "d": d},
    )


def undo(rng: Random) -> Question | None:
    """The other way round: which gamma and beta give z back?"""
    z, eps, mu, var, s = kind_batch(rng)
    if s == 1 or mu in (0, 1):
        return None
    return Question(
        rf"A unit has $z = {row(z)}$ on a batch of four. Batch norm in training has {with_eps(eps)}. For which "
        r"$\gamma$ (positive) and $\beta$ is its output again $z$, for all four?",
        (r"$\gamma$", r"$\beta$"),
        (s, mu),
        (
            *statistics(z, eps, mu, var, s),
            rf"$\hat z = (z - \mu)/s$. So $s\hat z + \mu = z$: $\gamma = {s}$ and $\beta = {mu}$.",
        ),
        (
            Wrong((var + eps, mu), r"What is $z - \mu$ divided by: a variance or its root?"),
            Wrong((Fraction(1, s), -mu), r"Those would normalise once more. Solve $\gamma\hat z + \beta = z$."),
            Wrong((s, -mu), r"$\mu$ was subtracted. What has $\beta$ to do?"),
            Wrong((1, 0), r"With these the output is $\hat z$ itself."),
            Wrong((sqrt(var * 4 / 3 + eps), mu), "Is the variance of batch norm divided by $m$ or by $m - 1$?"),
            *([Wrong((sqrt(var), mu), r"What else stands under the root?")] if eps else []),
        ),
        given={"z": z, "eps": eps},
    )


FAMILY = Family(
    "batch_norm_training",
    "batch_norm",
    "Batch norm in training",
    {
        "one_output": one_output,
        "linear_before": linear_before,
        "which_axis": which_axis,
        "backward_sums": backward_sums,
        "undo": undo,
    },
)
