"""L2 and weight decay."""

from fractions import Fraction
from random import Random

from labkit.drills.question import Family, Question, Wrong
from labkit.drills.typeset import bracketed, column, decimal, matrix, number, total

LAMBDAS = (Fraction(1, 100), Fraction(1, 50), Fraction(1, 20), Fraction(1, 10), Fraction(1, 5), Fraction(1, 4))


def penalty(rng: Random) -> Question | None:
    """The value: all weights of all layers, squared; biases are there to be left out."""
    first = [[rng.randint(-3, 3) for _ in range(2)] for _ in range(2)]
    second = [[rng.randint(-3, 3) for _ in range(2)]]
    b1, b2 = [rng.randint(-4, 4) for _ in range(2)], [rng.randint(1, 4)]
    lam = rng.choice(LAMBDAS)
    weights = [w for each in (*first, *second) for w in each]
    squares, biases = sum(w * w for w in weights), sum(b * b for b in (*b1, *b2))
    if weights.count(0) > 2 or squares < 6:
        return None
    answer = lam * squares
    return Question(
        rf"A net 2-2-1 has $W^{{[1]}} = {matrix(first)}$, $b^{{[1]}} = {column(b1)}$, $W^{{[2]}} = {matrix(second)}$, "
        rf"$b^{{[2]}} = {number(b2[0])}$. The loss gets the penalty $\lambda\sum_l\lVert W^{{[l]}}\rVert_F^2$ with "
        rf"$\lambda = {decimal(lam)}$, as usual without the biases. What is added to the loss?",
        ("the penalty",),
        (answer,),
        (
            r"The Frobenius norm, squared, is the sum of all squared entries. Biases are left out.",
            f"$W^{{[1]}}$: ${' + '.join(str(w * w) for each in first for w in each)}"
            f" = {sum(w * w for each in first for w in each)}$. $W^{{[2]}}$: "
            f"${' + '.join(str(w * w) for w in second[0])} = {sum(w * w for w in second[0])}$.",
            rf"${decimal(lam)} \cdot {squares} = {decimal(answer)}$.",
        ),
        (
            Wrong((lam * (squares + biases),), "That has the biases in it."),
            Wrong((lam * sum(w * w for w in second[0]),), "Each layer has weights. Is one of them missing?"),
            Wrong((lam * sum(map(abs, weights)),), "Those are absolute values. L2 adds up squares."),
            Wrong((answer / 2,), r"Read the penalty again: is there a $\frac12$?"),
            Wrong((2 * answer,), r"The factor 2 belongs to the gradient. Here the value is asked."),
            Wrong((squares,), r"That is the sum of squares. What does $\lambda$ do?"),
        ),
        given={"W1": first, "b1": b1, "W2": second, "b2": b2, "lam": lam},
    )


def penalised_gradient(rng: Random) -> Question | None:
    """2 lambda W for a row of weights, nothing for the bias."""
    w = rng.sample((-6, -5, -4, -3, -2, 2, 3, 4, 5, 6), 2)
    dw, b, db = [rng.randint(-6, 6) for _ in range(2)], rng.choice((-4, -3, 2, 3, 5)), rng.randint(-5, 5)
    lam = rng.choice((Fraction(1, 4), Fraction(1, 2), Fraction(1, 10), Fraction(1, 5), Fraction(1)))
    added = [2 * lam * x for x in w]
    answer = (*(g + x for g, x in zip(dw, added)), db)
    return Question(
        rf"One unit has $W = {matrix([w])}$ and $b = {number(b)}$. For the loss alone, $dW = {matrix([dw])}$ and "
        rf"$db = {number(db)}$. Now the penalty $\lambda\lVert W\rVert_F^2$ is added, with $\lambda = {decimal(lam)}$. "
        "What are $dW$ and $db$ now?",
        ("$dW_1$", "$dW_2$", "$db$"),
        answer,
        (
            rf"One weight adds $\lambda w^2$ to the loss, so $2\lambda w$ to its own derivative. "
            rf"$2\lambda = {decimal(2 * lam)}$.",
            rf"$dW = {matrix([dw])} + {decimal(2 * lam)} \cdot {matrix([w])} = "
            rf"{matrix([[float(x) for x in answer[:2]]])}$.",
            f"The bias is not in the penalty: $db = {number(db)}$ as before.",
        ),
        (
            Wrong((*(g + x / 2 for g, x in zip(dw, added)), db), r"What is the derivative of $\lambda w^2$?"),
            Wrong((*answer[:2], db + 2 * lam * b), "Is the bias in the penalty?"),
            Wrong((*(g - x for g, x in zip(dw, added)), db), "The penalty is added to the loss. So is its gradient."),
            Wrong((*(g + lam * x * x for g, x in zip(dw, w)), db), "That is the penalty's value, not its slope."),
            Wrong((*added, db), "That is the penalty's part alone. What of the loss's own gradient?"),
        ),
        given={"W": [w], "b": b, "dW": [dw], "db": db, "lam": lam},
    )


def one_step(rng: Random) -> Question | None:
    w = rng.choice((-6, -5, -4, -3, -2, 2, 3, 4, 5, 6, 8, 10))
    g = rng.choice((-4, -3, -2, -1, 1, 2, 3, 4))
    lam, eta = rng.choice(LAMBDAS), rng.choice((Fraction(1, 10), Fraction(1, 5), Fraction(1, 2)))
    slope = g + 2 * lam * w
    answer = w - eta * slope
    if answer == 0 or slope == 0:
        return None
    return Question(
        rf"A weight is $w = {number(w)}$. The loss alone has the derivative ${number(g)}$ there. The penalty is "
        rf"$\lambda\lVert W\rVert_F^2$ with $\lambda = {decimal(lam)}$. What is $w$ after one step of plain gradient "
        rf"descent with $\eta = {decimal(eta)}$?",
        ("$w$",),
        (answer,),
        (
            rf"The penalty adds $2\lambda w = 2 \cdot {decimal(lam)} \cdot {bracketed(w)} = {decimal(2 * lam * w)}$ to "
            f"the derivative: ${total([g, float(2 * lam * w)])} = {decimal(slope)}$.",
            rf"Step: ${number(w)} - {decimal(eta)} \cdot {bracketed(float(slope))} = {decimal(answer)}$.",
        ),
        (
            Wrong((w - eta * (g + lam * w),), r"What is the derivative of $\lambda w^2$?"),
            Wrong((w - eta * g,), "That is the step without the penalty."),
            Wrong((w - eta * (g + lam * w * w),), "That is the penalty's value, not its slope."),
            Wrong((w - eta * (g - 2 * lam * w),), "The penalty is added to the loss. What sign does its slope have?"),
            Wrong((w - eta * g - 2 * lam * w,), r"The learning rate multiplies the penalty's slope, too."),
            Wrong((w + eta * slope,), "Descent goes against the derivative."),
        ),
        given={"w": w, "g": g, "lam": lam, "eta": eta},
    )


def decay_equivalent(rng: Random) -> Question | None:
    """Plain SGD with a decay of its own: which lambda is the same, and what is left when the loss is silent?"""
    d = rng.choice((Fraction(1, 10), Fraction(1, 5), Fraction(2, 5), Fraction(1, 2), Fraction(1)))
    eta, steps = rng.choice((Fraction(1, 10), Fraction(1, 5), Fraction(1, 4), Fraction(1, 2))), rng.choice((2, 3))
    w = rng.choice((2, 4, 5, 8, 10, 20, 50, 100))
    shrink = 1 - eta * d
    left = w * shrink**steps
    if left.denominator > 100:
        return None
    return Question(
        rf"Plain gradient descent with weight decay: $W \leftarrow W - \eta g - \eta d W$, with "
        rf"$\eta = {decimal(eta)}$ and $d = {decimal(d)}$. Which $\lambda$ of a penalty "
        rf"$\lambda\lVert W\rVert_F^2$ walks the same path? A weight is {w}, and from here on $g = 0$ for it: "
        f"what is it after {steps} steps?",
        (r"$\lambda$", "the weight"),
        (d / 2, left),
        (
            r"With the penalty, $W \leftarrow W - \eta(g + 2\lambda W)$. That is the same if $d = 2\lambda$: "
            rf"$\lambda = {decimal(d / 2)}$.",
            rf"With $g = 0$, each step multiplies by $1 - \eta d = {decimal(shrink)}$. "
            rf"${w} \cdot {decimal(shrink)}^{steps} = {decimal(left)}$.",
        ),
        (
            Wrong((d, left), r"What is the gradient of $\lambda\lVert W\rVert_F^2$?"),
            Wrong((2 * d, left), r"Compare the two steps term by term: what stands where $d$ stands?"),
            Wrong((d / 2, w * (1 - steps * eta * d)), "Each step shrinks what is left. Do the shares add up?"),
            Wrong((d / 2, w * (1 - d) ** steps), r"The decay has a factor $\eta$ in front."),
            Wrong((d / 2, w * (1 - eta * d / 2) ** steps), r"In the update stands $d$, not $\lambda$."),
            Wrong((d / 2, w - left), "That is what is lost."),
        ),
        given={"d": d, "eta": eta, "w": w, "steps": steps},
    )


def find_lambda(rng: Random) -> Question | None:
    """The other way round: a weight before and after, which lambda was it?"""
    w = rng.choice((2, 4, 5, 8, 10))
    g = rng.choice((-3, -2, -1, 1, 2, 3))
    lam, eta = rng.choice(LAMBDAS), rng.choice((Fraction(1, 10), Fraction(1, 5), Fraction(1, 2)))
    after = w - eta * (g + 2 * lam * w)
    rest = w - after - eta * g
    if after <= 0 or rest == 0:
        return None
    return Question(
        rf"One step of plain gradient descent with $\eta = {decimal(eta)}$ took a weight from ${number(w)}$ to "
        rf"${decimal(after)}$. The loss alone had the derivative ${number(g)}$. The rest was the penalty "
        r"$\lambda\lVert W\rVert_F^2$. Which $\lambda$ was it?",
        (r"$\lambda$",),
        (lam,),
        (
            rf"The step is $\eta(g + 2\lambda w)$: ${decimal(w - after)} = {decimal(eta)}\,({number(g)} + 2\lambda "
            rf"\cdot {number(w)})$.",
            rf"So $2\lambda \cdot {number(w)} = {decimal((w - after) / eta)} - {bracketed(g)} = "
            rf"{decimal(2 * lam * w)}$, and $\lambda = {decimal(lam)}$.",
        ),
        (
            Wrong((2 * lam,), r"Where did the 2 of $2\lambda w$ go?"),
            Wrong(((w - after) / eta / (2 * w),), "A part of the step belongs to the loss itself."),
            Wrong((rest / (2 * w),), "The learning rate multiplies the penalty's part as well."),
            Wrong((rest / eta / 2,), r"The penalty's slope depends on the weight: $2\lambda$ times what?"),
            Wrong((rest / eta / w**2,), "That takes the penalty's value for its slope."),
        ),
        given={"w": w, "g": g, "eta": eta, "after": after},
    )


FAMILY = Family(
    "l2_step",
    "regularization",
    "L2 and weight decay",
    {
        "penalty": penalty,
        "penalised_gradient": penalised_gradient,
        "one_step": one_step,
        "decay_equivalent": decay_equivalent,
        "find_lambda": find_lambda,
    },
)
