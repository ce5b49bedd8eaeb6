"""The output's delta."""

from collections.abc import Sequence
from fractions import Fraction
from math import log
from random import Random

from labkit.drills.families.backprop.parts import SIGN, WORDS, entries, scaled, several
from labkit.drills.question import Family, Question, Wrong
from labkit.drills.typeset import number, product, row


def listed(texts: Sequence[str]) -> str:
    return "(" + r",\ ".join(texts) + ")"


def power_of_e(k: int) -> str:
    """The logit whose power of e is k."""
    return "0" if k == 1 else rf"\ln {k}"


def three_powers(rng: Random) -> list[int]:
    """Three whole numbers from 1 on, with a kind sum, not all equal."""
    total_power = rng.choice((4, 5, 8, 10))
    cuts = sorted(rng.sample(range(1, total_power), 2))
    return [cuts[0], cuts[1] - cuts[0], total_power - cuts[1]]


def softmax_batch(rng: Random) -> Question:
    powers, label, m = three_powers(rng), rng.randrange(3), rng.choice((2, 4, 5))
    everything = sum(powers)
    y_hat = [Fraction(p, everything) for p in powers]
    delta = [p - (k == label) for k, p in enumerate(y_hat)]
    logits = listed([power_of_e(p) for p in powers])
    wrong = [
        Wrong(delta, f"That is the delta of one example alone. What does the mean over {m} do to it?"),
        Wrong(scaled(Fraction(-1, m), delta), SIGN),
        Wrong(scaled(Fraction(1, m), y_hat), "Where does the label come in?"),
        Wrong(
            tuple((log(p) - (k == label)) / m for k, p in enumerate(powers)),
            "Logits are no probabilities yet. What comes between them and the loss?",
        ),
    ]
    if label:
        shifted = [p - (k == label - 1) for k, p in enumerate(y_hat)]
        wrong.append(Wrong(scaled(Fraction(1, m), shifted), "Labels count from 0. Which class is the true one?"))
    return Question(
        f"A classifier with softmax. The loss $J$ is the mean cross-entropy over a batch of $m = {m}$ examples. "
        rf"One of them has the logits $o = {logits}^\top$ and the label {label} (labels count from 0). "
        r"Find its column of $\delta = \partial J / \partial O$: three numbers.",
        (r"$\delta_0$", r"$\delta_1$", r"$\delta_2$"),
        scaled(Fraction(1, m), delta),
        (
            rf"Forward: the powers of $e$ are ${row(powers)}$, with sum {everything}. So $\hat y = {row(y_hat)}^\top$.",
            rf"Start from the loss: $\hat y - y = {row(delta)}^\top$, for this example alone.",
            rf"The mean divides by {m}: $\delta = {row(scaled(Fraction(1, m), delta))}^\top$. It sums to 0.",
        ),
        tuple(wrong),
        given={"powers": powers, "label": label, "m": m},
    )


def softmax_read_back(rng: Random) -> Question:
    """The other way round: what does a delta say about label and probability?"""
    powers, label, m = three_powers(rng), rng.randrange(3), rng.choice((2, 4, 5))
    y_hat = [Fraction(p, sum(powers)) for p in powers]
    delta = [(p - (k == label)) / m for k, p in enumerate(y_hat)]
    largest = max(range(3), key=lambda k: delta[k])
    right = y_hat[label]
    return Question(
        f"Softmax, and the mean cross-entropy $J$ over a batch of $m = {m}$ examples. For one example, the column of "
        rf"$\delta = \partial J / \partial O$ is ${row(delta)}^\top$. What label does this example have "
        "(labels count from 0), and which probability did the net give to this class?",
        ("the label", "the probability"),
        (label, right),
        (
            r"Start from the loss: $\delta = (\hat y - y)/m$. Only at the true class is 1 taken off, so only there can "
            f"it be negative: label {label}.",
            rf"Times {m}: $\hat y_y - 1 = {number(m * delta[label])}$, so $\hat y_y = {number(right)}$.",
        ),
        (
            Wrong((label, 1 + delta[label]), "The label is right. Is this delta that of the loss of one example?"),
            Wrong((label, -m * delta[label]), "That is what is missing to certainty. What did the net give?"),
            Wrong((label, -delta[label]), r"What is $\hat y - y$ at the true class? And where does $m$ come in?"),
            Wrong((label + 1, right), "The probability is right. Labels count from 0."),
            Wrong((largest, m * delta[largest]), r"At which class is something taken off $\hat y$?"),
        ),
        given={"delta": delta, "m": m},
    )


def squared_error_delta(rng: Random) -> Question | None:
    m = rng.choice((2, 4, 5, 8, 10))
    y, error = [rng.randint(-4, 6) for _ in range(3)], several(rng, 3, -4, 4)
    y_hat = [a + e for a, e in zip(y, error)]
    if len(set(error)) == 1:
        return None
    return Question(
        rf"A regression net with three outputs and no output activation. $J = \frac{{1}}{{m}} \sum_i "
        rf"\lVert \hat y_i - y_i \rVert^2$ over a batch of $m = {m}$. One example has $\hat y = {row(y_hat)}^\top$ and "
        rf"$y = {row(y)}^\top$. Find its column of $\delta = \partial J / \partial \hat Y$: three numbers.",
        entries(r"\delta", 3),
        scaled(Fraction(2, m), error),
        (
            r"Start from the loss: this example's share is $\frac{1}{m} \sum_k (\hat y_k - y_k)^2$. "
            r"Its slope is $\frac{2}{m} (\hat y_k - y_k)$.",
            rf"$\hat y - y = {row(error)}^\top$, times $\tfrac{{2}}{{{m}}}$: "
            rf"$\delta = {row(scaled(Fraction(2, m), error))}^\top$.",
        ),
        (
            Wrong(scaled(Fraction(1, m), error), "What is the derivative of a square?"),
            Wrong(scaled(2, error), "That is the delta of one example alone. What stands before the sum?"),
            Wrong(error, "That belongs to half the square of one example. Read this loss again."),
            Wrong(scaled(Fraction(2, 3 * m), error), "Does this loss divide by the number of outputs, too?"),
            Wrong(
                scaled(Fraction(-2, m), error), "Check the sign: where the output is too large, a larger one is worse."
            ),
        ),
        given={"y_hat": y_hat, "y": y, "m": m},
    )


def through_activation(rng: Random) -> Question:
    phi = rng.choice(("sigmoid", "tanh"))
    m = rng.choice((1, 2, 4))
    if phi == "sigmoid":
        y_hat, y = Fraction(rng.choice((5, 10, 15, 4, 16)), 20), rng.choice((0, 1))
        slope, other, law = y_hat * (1 - y_hat), 1 - y_hat**2, r"\hat y (1 - \hat y)"
    else:
        y_hat, y = Fraction(rng.choice((-1, 1)), 2), rng.choice((-1, 1))
        slope, other, law = 1 - y_hat**2, y_hat * (1 - y_hat), r"1 - \hat y^2"
    error = y_hat - y
    batch = f"a batch of $m = {m}$" if m > 1 else "a single example, $m = 1$"
    wrong = [
        Wrong([2 * error / m], r"That is $\partial J / \partial \hat y$. What lies between $z$ and $\hat y$?"),
        Wrong([error / m], "With which loss does the slope cancel? And which loss is this?"),
        Wrong([error * slope / m], "What is the derivative of a square?"),
        Wrong([2 * error * other / m], "Whose slope is that? Look at the output activation again."),
        Wrong([-2 * error * slope / m], "Check the sign: is the output too large or too small?"),
    ]
    if m > 1:
        wrong.insert(3, Wrong([2 * error * slope], "What does the mean over the batch do?"))
    return Question(
        rf"A net ends in one {phi} unit, $\hat y = \phi(z)$. The loss is the squared error "
        rf"$J = \frac{{1}}{{m}} \sum_i (\hat y_i - y_i)^2$ over {batch}. {'One' if m > 1 else 'This'} example has "
        rf"$\hat y = {number(y_hat)}$ and $y = {y}$. Find its $\delta = \partial J / \partial z$.",
        (r"$\delta$",),
        [2 * error * slope / m],
        (
            rf"Start from the loss: $\partial J / \partial \hat y = \frac{{2}}{{m}} (\hat y - y) = "
            rf"{number(2 * error / m)}$.",
            rf"Chain through the activation: $\phi'(z) = {law} = {number(slope)}$, from the value alone.",
            rf"$\delta = {product([2 * error / m, slope])} = {number(2 * error * slope / m)}$. "
            "Only with the cross-entropies does the slope cancel.",
        ),
        tuple(wrong),
        given={"phi": phi, "y_hat": y_hat, "y": y, "m": m},
    )


def bce_row(rng: Random) -> Question | None:
    m = rng.choice((2, 2, 3))
    powers = [rng.choice((1, 2, 3, 4, 9)) for _ in range(m)]
    signs = [rng.choice((-1, 1)) if k > 1 else 1 for k in powers]
    y = [rng.choice((0, 1)) for _ in range(m)]
    if len(set(powers)) == 1:
        return None
    y_hat = [Fraction(k, k + 1) if sign > 0 else Fraction(1, k + 1) for k, sign in zip(powers, signs)]
    error = [p - q for p, q in zip(y_hat, y)]
    logits = listed([("-" if sign < 0 else "") + power_of_e(k) for k, sign in zip(powers, signs)])
    return Question(
        rf"A binary classifier: $\hat y = \sigma(o)$, and $J$ is the mean binary cross-entropy over the batch. "
        rf"The batch has $m = {m}$ examples with the logits $O = {logits}$ and the labels $Y = {row(y)}$. "
        rf"Find the row $\delta = \partial J / \partial O$: {WORDS[m]} numbers.",
        entries(r"\delta", m),
        scaled(Fraction(1, m), error),
        (
            rf"Forward: $\sigma(\ln k) = \frac{{k}}{{k + 1}}$ and $\sigma(-\ln k) = \frac{{1}}{{k + 1}}$, "
            rf"so $\hat Y = {row(y_hat)}$.",
            rf"Start from the loss: $\hat Y - Y = {row(error)}$. The sigmoid's slope has cancelled.",
            rf"The mean divides by {m}: $\delta = {row(scaled(Fraction(1, m), error))}$.",
        ),
        (
            Wrong(error, "Each is the delta of one example alone. What does the mean over the batch do?"),
            Wrong(
                [e * p * (1 - p) / m for e, p in zip(error, y_hat)],
                "With binary cross-entropy, does the sigmoid's slope stay?",
            ),
            Wrong(scaled(Fraction(2, m), error), "The 2 belongs to another loss."),
            Wrong(scaled(Fraction(-1, m), error), "Check the sign: for label 1, should the logit grow or fall?"),
            Wrong(
                [(1 - p - q) / m for p, q in zip(y_hat, y)],
                r"Is $\sigma$ of a positive logit above or below $\tfrac12$?",
            ),
        ),
        given={"powers": powers, "signs": signs, "y": y},
    )


FAMILY = Family(
    "output_delta",
    "backprop",
    "The output's delta",
    {
        "softmax": softmax_batch,
        "softmax_read_back": softmax_read_back,
        "squared_error": squared_error_delta,
        "through_activation": through_activation,
        "bce": bce_row,
    },
)
