"""Squared error."""

from collections.abc import Sequence
from fractions import Fraction
from math import sqrt
from random import Random

from labkit.drills.question import Family, Question, Wrong
from labkit.drills.typeset import bracketed, matrix, number, row


def squares(errors: Sequence[int]) -> str:
    return " + ".join(f"{bracketed(e)}^2" for e in errors)


def squared_error_outputs(rng: Random) -> Question | None:
    n, m = rng.choice(((2, 4), (2, 3), (3, 2)))
    Y = [[rng.randint(-2, 4) for _ in range(m)] for _ in range(n)]
    E = [[rng.choice((-3, -2, -1, 0, 1, 1, 2, 2, 3)) for _ in range(m)] for _ in range(n)]
    Y_hat = [[y + e for y, e in zip(*rows)] for rows in zip(Y, E)]
    errors = [e for each in E for e in each]
    s = sum(e * e for e in errors)
    norms = [sum(e * e for e in column) for column in zip(*E)]
    if Fraction(s, m).denominator > 2 or min(errors) >= 0:
        return None
    answer = Fraction(s, m)
    return Question(
        rf"A net gives $\hat Y = {matrix(Y_hat)}$ for targets $Y = {matrix(Y)}$, one example per column. What is the "
        rf"squared error $\mathcal{{L}} = \tfrac{{1}}{{m}} \sum_i \|\hat y^{{(i)}} - y^{{(i)}}\|^2$?",
        (r"$\mathcal{L}$",),
        (answer,),
        (
            rf"Columns are examples: $m = {m}$. The squared norm of a column is the sum of its {n} squared errors.",
            rf"Forward: $\hat Y - Y = {matrix(E)}$. The squared norms of its columns are ${row(norms)}$.",
            rf"The loss is their mean: ${s} / {m} = {number(answer)}$.",
        ),
        (
            Wrong((s,), "That is the sum over all examples. By what is it divided?"),
            Wrong((Fraction(s, n * m),), "That is the mean over all entries. What does the formula divide by?"),
            Wrong((Fraction(s, n),), "Which side of $Y$ counts the examples?"),
            Wrong((Fraction(s, 2 * m),), "Is there a factor 1/2 in the formula?"),
            Wrong((Fraction(sum(map(abs, errors)), m),), "Those are the absolute errors. What does the formula do?"),
            Wrong((sum(map(sqrt, norms)) / m,), "The norms are squared in the formula. Did you take roots?"),
        ),
        given={"Y_hat": Y_hat, "Y": Y},
    )


CONVENTIONS = {  # name: how it is said
    "course": r"\tfrac{1}{m} \sum_i \|\hat y^{(i)} - y^{(i)}\|^2",
    "half": r"\tfrac{1}{2m} \sum_i \|\hat y^{(i)} - y^{(i)}\|^2",
    "entries": r"\tfrac{1}{nm} \sum_i \|\hat y^{(i)} - y^{(i)}\|^2",
}


def squared_error_conventions(rng: Random) -> Question | None:
    """The same errors, by another book's convention."""
    n, m = rng.choice((3, 4, 5)), rng.choice((6, 8, 10))
    told, asked = rng.sample(list(CONVENTIONS), 2)
    divisor = {"course": m, "half": 2 * m, "entries": n * m}
    s = Fraction(n * m * rng.randint(1, 12), 2)
    value, result = s / divisor[told], s / divisor[asked]
    if value.denominator > 4 or result.denominator > 4:
        return None
    factor = result / value
    return Question(
        f"A net has $n = {n}$ outputs. For a batch of $m = {m}$ examples a paper reports the squared error "
        rf"${number(value)}$, computed as ${CONVENTIONS[told]}$. "
        rf"What is $\mathcal{{L}} = {CONVENTIONS[asked]}$ of the same predictions?",
        (r"$\mathcal{L}$",),
        (result,),
        (
            rf"The predictions are the same: only the factor before the sum differs. "
            rf"Go back to the sum of squares: ${divisor[told]} \cdot {number(value)} = {number(s)}$.",
            rf"Divide as asked: ${number(s)} / {divisor[asked]} = {number(result)}$.",
        ),
        (
            Wrong((value,), "The same errors, but is the factor before the sum the same?"),
            Wrong((value / factor,), "Which of the two divides by more? That one must be smaller."),
            Wrong((s,), "That is the sum of squares. By what is it divided?"),
            Wrong((value * m,), "Do both formulas have the $1/m$, or one only?"),
            Wrong((value / m,), "Do both formulas have the $1/m$, or one only? Compare the factors."),
        ),
        given={"n": n, "m": m, "value": value, "told": told, "asked": asked},
    )


def squared_error_missing(rng: Random) -> Question | None:
    """The other way round: one error from the loss and the others."""
    m = rng.choice((3, 4, 5))
    known, e = [rng.choice((-3, -2, -1, 1, 2, 3)) for _ in range(m - 1)], rng.randint(2, 7)
    s = sum(each * each for each in known)
    if (s + e * e) % m or min(known) > 0:
        return None
    loss = (s + e * e) // m
    wrong = [
        Wrong((e * e,), "That is the square of the error. What is asked?"),
        Wrong((m * loss - sum(known),), "The errors stand in the loss as squares."),
        Wrong((sqrt(2 * m * loss - s),), "Is there a factor 1/2 in the formula?"),
    ]
    if loss > s:
        wrong.append(Wrong((sqrt(loss - s),), "The loss is a mean. What is the sum of the squares?"))
    if (m - 1) * loss > s:
        wrong.append(Wrong((sqrt((m - 1) * loss - s),), "How many examples does the mean go over?"))
    errors = " and ".join([", ".join(f"${each}$" for each in known[:-1]), f"${known[-1]}$"])
    return Question(
        rf"A net with one output has the squared error "
        rf"$\mathcal{{L}} = \tfrac{{1}}{{m}} \sum_i (\hat y^{{(i)}} - y^{{(i)}})^2 = {loss}$ "
        rf"on a batch of {m} examples. The first {m - 1} errors $\hat y - y$ are {errors}. The last prediction is "
        "too high. By how much?",
        (r"$\hat y - y$ of the last example",),
        (e,),
        (
            rf"From the loss back: the sum of the {m} squares is ${m} \cdot {loss} = {m * loss}$.",
            rf"The known errors give ${squares(known)} = {s}$. What is left is ${m * loss} - {s} = {e * e}$.",
            rf"The error is positive: $\sqrt{{{e * e}}} = {e}$.",
        ),
        tuple(wrong),
        given={"m": m, "known": known, "loss": loss},
    )


def squared_error_scaled(rng: Random) -> Question | None:
    """What a mean forgets and a square does not."""
    k, r, m = rng.choice((2, 3, 4, 5, 10)), rng.choice((2, 3, 4, 5, 6, 8)), rng.choice((4, 6, 10, 20))
    if k == r:
        return None
    return Question(
        f"In a batch of {m} examples every error becomes {k} times as large. Then each example is put into the batch "
        f"{r} times instead of once. "
        r"By which factor does $\tfrac{1}{m} \sum_i \|\hat y^{(i)} - y^{(i)}\|^2$ grow in all, "
        r"and by which factor does the sum $\sum_i \|\hat y^{(i)} - y^{(i)}\|^2$ alone?",
        ("the factor of the mean", "the factor of the sum"),
        (k * k, k * k * r),
        (
            f"Each square becomes ${k}^2 = {k * k}$ times as large.",
            f"The sum then has {r} times as many terms: ${k * k} \\cdot {r} = {k * k * r}$. "
            f"The mean divides by {r} times as many examples: {k * k} stays.",
        ),
        (
            Wrong((k, k * r), "The errors are squared."),
            Wrong((k * k * r, k * k * r), "Which $m$ does the mean divide by after the change?"),
            Wrong((k * k, k * k), "How many terms does the sum have after the change?"),
            Wrong((2 * k, 2 * k * r), "A square does not double. What is $(k e)^2$?"),
            Wrong((k * k * r, k * k), "Which of the two knows how many examples there are?"),
        ),
        given={"k": k, "r": r, "m": m},
    )


FAMILY = Family(
    "squared_error_value",
    "losses",
    "Squared error",
    {
        "outputs": squared_error_outputs,
        "conventions": squared_error_conventions,
        "missing": squared_error_missing,
        "scaled": squared_error_scaled,
    },
)
