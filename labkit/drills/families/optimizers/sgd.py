"""Plain gradient descent."""

from fractions import Fraction
from random import Random

from labkit.drills.families.optimizers.parts import HALF, QUARTER, TENTH, factor, minus, nonzero, plus, times
from labkit.drills.question import Family, Number, Question, Wrong
from labkit.drills.typeset import decimal, number


def count_updates(rng: Random) -> Question:
    size, epochs = rng.choice((10, 16, 20, 32, 50, 64, 100)), rng.randint(2, 12)
    full, left = rng.randint(4, 20), rng.randrange(2, size)
    m = full * size + left
    per_epoch = full + 1
    return Question(
        f"{m} examples, shuffled anew in each epoch and cut into minibatches of {size}. The last, smaller minibatch is "
        f"kept. One update for each minibatch. How many updates are {epochs} epochs, and how many examples has the "
        "last minibatch of an epoch?",
        ("the updates", "the examples"),
        (epochs * per_epoch, left),
        (
            rf"${full} \cdot {size} = {full * size}$, and {left} examples are left: {per_epoch} minibatches an epoch.",
            rf"${epochs} \cdot {per_epoch} = {epochs * per_epoch}$ updates.",
        ),
        (
            Wrong((epochs * full, left), "The last number is right. Does the smaller minibatch make an update?"),
            Wrong(
                (-(-epochs * m // size), left),
                "The last number is right. Does a minibatch reach into the next epoch?",
            ),
            Wrong((per_epoch, left), "That is one epoch."),
            Wrong((epochs * per_epoch, size), "The updates are right. How many examples are left for the last one?"),
            Wrong((epochs * m, left), "That is one update for each example."),
        ),
        given={"m": m, "size": size, "epochs": epochs},
    )


def where_in_training(rng: Random) -> Question | None:
    """The other way round: from the number of updates to the epoch."""
    size, full = rng.choice((10, 20, 32, 50, 100)), rng.randint(3, 12)
    m = full * size + rng.randrange(1, size)
    epochs, into = rng.randint(2, 9), rng.randint(1, full)
    updates = epochs * (full + 1) + into
    return Question(
        f"{m} examples, minibatches of {size}; the last, smaller one of an epoch is kept. {updates} updates are done. "
        "How many epochs are complete, and how many updates of the next epoch are done?",
        ("the complete epochs", "the updates"),
        (epochs, into),
        (
            rf"An epoch has $\lceil {m} / {size} \rceil = {full + 1}$ updates.",
            rf"${updates} = {epochs} \cdot {full + 1} + {into}$.",
        ),
        (
            Wrong(divmod(updates, full), "Does the smaller minibatch make an update?"),
            Wrong(
                divmod(updates * size, m),
                "The second number counts updates. And not all of them have as many examples.",
            ),
            Wrong((epochs + 1, into), "The epoch that is under way is not complete."),
            Wrong((epochs, full + 1 - into), "Done, or still to do?"),
            Wrong((epochs, into - 1), "The second number is off by one. Count the updates that are done."),
        ),
        given={"m": m, "size": size, "updates": updates},
    )


def steps_on_parabola(rng: Random) -> Question | None:
    a, low, n = rng.choice((1, 2, 3, 4)), nonzero(rng, -5, 5), rng.choice((2, 3))
    h = rng.choice((HALF, QUARTER, Fraction(3, 4), Fraction(3, 2), Fraction(1, 10)))
    eta, start = h / (2 * a), low + 8 * nonzero(rng, -2, 2)
    if start == 0:
        return None
    path = [Fraction(start)]
    for _ in range(n):
        path.append(path[-1] - eta * 2 * a * (path[-1] - low))
    gap = start - low
    shown = minus(r"\theta", low)
    loss = rf"{a if a > 1 else ''}({shown})^2"
    return Question(
        rf"Plain gradient descent on $J(\theta) = {loss}$ with $\eta = {number(eta)}$. It begins at "
        rf"$\theta = {start}$. Where is $\theta$ after {'two' if n == 2 else 'three'} steps?",
        (rf"$\theta_{n}$",),
        path[n:],
        (
            rf"The gradient is ${2 * a}({shown})$, so a step takes off ${number(h)}$ of the distance to {low}: "
            rf"the distance is multiplied by $1 - {number(h)} = {number(1 - h)}$.",
            rf"It begins with ${start} - {factor(low)} = {gap}$. After {n} steps it is "
            rf"${gap} \cdot ({number(1 - h)})^{n} = {number(gap * (1 - h) ** n)}$, and $\theta = {number(path[n])}$.",
        ),
        (
            Wrong([start - n * h * gap], "The gradient changes when $\\theta$ moves."),
            Wrong([low + gap * (1 - h / 2) ** n], "What is the derivative of the square?"),
            Wrong([low + gap * (1 + h) ** n], "Uphill or downhill? Check the sign of the step."),
            Wrong([gap * (1 - h) ** n], "That is the distance to the minimum. Where is the minimum?"),
            Wrong([path[n - 1]], "That is one step too few."),
            Wrong([start * (1 - h) ** n], r"Is the minimum of this parabola at $\theta = 0$?"),
        ),
        given={"a": a, "low": low, "eta": eta, "start": start, "n": n},
    )


def valley(rng: Random) -> Question | None:
    """One rate for two curvatures."""
    ratio, flat = rng.choice((2, 4, 5, 10)), rng.choice((1, 2, 3, 4, 5))
    steep, n = ratio * flat, rng.choice((2, 3)) if ratio == 2 else 2
    u, v = nonzero(rng, -9, 9), ratio**n * nonzero(rng, -2, 2)
    keep = 1 - Fraction(1, ratio)
    eta = Fraction(1, steep)
    swap = rng.random() < 0.5
    loss = rf"{flat} v^2 + {steep} u^2" if swap else rf"{steep} u^2 + {flat} v^2"
    loss = loss.replace("1 v", "v") if flat == 1 else loss
    return Question(
        rf"Plain gradient descent on $J(u, v) = \frac{{1}}{{2}} ({loss})$ from $u = {u}$, $v = {v}$. "
        rf"You choose $\eta$ so that $u$ is at its minimum after one step. Which $\eta$ is that, and what is $v$ "
        f"after {'two' if n == 2 else 'three'} steps?",
        (r"$\eta$", "$v$"),
        [eta, v * keep**n],
        (
            rf"The gradient is $({steep}u, {flat if flat > 1 else ''}v)$. One step gives $u (1 - {steep}\eta) = 0$, so "
            rf"$\eta = {number(eta)}$.",
            rf"With it, $v$ is multiplied by $1 - {number(flat * eta)} = {number(keep)}$ in each step: "
            rf"${v} \cdot ({number(keep)})^{n} = {decimal(v * keep**n)}$. "
            "The flat direction is slow, as one rate serves both.",
        ),
        (
            Wrong([Fraction(1, flat), 0], "Which of the two curvatures belongs to $u$?"),
            Wrong(
                [Fraction(1, 2 * steep), v * (1 - Fraction(1, 2 * ratio)) ** n],
                r"There is a $\frac{1}{2}$ before the bracket. What is then the gradient?",
            ),
            Wrong([eta, v * (1 - n * Fraction(1, ratio))], r"$\eta$ is right. The gradient changes when $v$ moves."),
            Wrong([eta, v * keep], r"$\eta$ is right. That is $v$ after one step."),
            Wrong([eta, 0], r"$\eta$ is right. Does it fit both curvatures?"),
            Wrong([eta, v / Fraction(ratio) ** n], r"$\eta$ is right. Is that what is taken off, or what is left?"),
        ),
        given={"steep": steep, "flat": flat, "u": u, "v": v, "n": n},
    )


def largest_rate(rng: Random) -> Question | None:
    """No 1/2 before the squares; the steeper direction decides."""
    p, q = rng.sample((1, 2, 4, 5, 8, 10, 20, 25, 50), 2)
    u, v = nonzero(rng, -9, 9), nonzero(rng, -9, 9)
    top, low = max(p, q), min(p, q)
    terms = [f"{k if k > 1 else ''}{name}^2" for k, name in ((p, "u"), (q, "v"))]
    return Question(
        rf"Plain gradient descent on $J(u, v) = {' + '.join(terms)}$ (no $\frac{{1}}{{2}}$), from $u = {u}$, "
        rf"$v = {v}$. Below which learning rate does it go to the minimum, and from which on not? Find this limit.",
        (r"the limit of $\eta$",),
        [Fraction(1, top)],
        (
            rf"The gradient is $({2 * p}u, {2 * q}v)$. One step multiplies $u$ by $1 - {2 * p}\eta$ and $v$ by "
            rf"$1 - {2 * q}\eta$.",
            rf"Both factors must lie between -1 and 1. The steeper one decides: ${2 * top}\eta < 2$, so the limit is "
            rf"${number(Fraction(1, top))}$. The start does not matter.",
        ),
        (
            Wrong([Fraction(2, top)], "What is the second derivative of this square?"),
            Wrong([Fraction(1, low)], "Which direction breaks first?"),
            Wrong(
                [Fraction(1, 2 * top)],
                "That meets the steep minimum in one step. How much further may a step go?",
            ),
            Wrong([Fraction(1, top + low)], "Do the two directions share one step, or has each its own factor?"),
        ),
        given={"p": p, "q": q, "u": u, "v": v},
    )


def two_minibatches(rng: Random) -> Question | None:
    """One weight, two minibatches of two: the second gradient is taken at the new weight."""
    w, eta = rng.randint(-2, 3), rng.choice((TENTH, HALF, QUARTER, Fraction(1, 5)))
    x = [rng.choice((1, 2, 3)) if rng.random() < 0.8 else 0 for _ in range(4)]
    y = [rng.randint(-3, 6) for _ in x]
    if sum(each == 0 for each in x) > 1:
        return None

    def total_slope(w: Number, which: slice) -> Number:
        return sum((w * a - b) * a for a, b in zip(x[which], y[which]))

    one, two, every = slice(0, 2), slice(2, 4), slice(0, 4)
    g1 = total_slope(w, one)
    w1 = w - eta * g1
    g2 = total_slope(w1, two)
    w2 = w1 - eta * g2
    both = (total_slope(w, one), total_slope(w, two))
    if 0 in (g1, g2, *both) or abs(g1) > 20 or abs(g2) > 20:
        return None
    half = w - eta * both[0] / 2
    double = w - 2 * eta * both[0]
    pairs = [", ".join(f"$({a}, {b})$" for a, b in zip(x[part], y[part])) for part in (one, two)]
    return Question(
        rf"A model with one weight, $\hat y = wx$, and the loss $J = \frac{{1}}{{m}} \sum_i (\hat y_i - y_i)^2$ over "
        rf"the minibatch, $m = 2$. The first minibatch has the examples $(x, y)$: {pairs[0]}. "
        rf"The second has {pairs[1]}. $w = {w}$ at first, and $\eta = {decimal(eta)}$."
        " What is $w$ after one update for each?",
        ("$w$",),
        [w2],
        (
            r"The gradient is $\frac{2}{m} \sum_i (w x_i - y_i) x_i$, and here $\frac{2}{m} = 1$.",
            rf"First minibatch, at $w = {w}$: "
            rf"${plus(times(w * x[0] - y[0], x[0]), (w * x[1] - y[1]) * x[1])} = {decimal(g1)}$. "
            rf"$w = {minus(str(w), eta * g1)} = {decimal(w1)}$.",
            rf"Second minibatch, at $w = {decimal(w1)}$: "
            rf"${plus(times(w1 * x[2] - y[2], x[2]), (w1 * x[3] - y[3]) * x[3])} = {decimal(g2)}$. "
            rf"$w = {minus(decimal(w1), eta * g2)} = {decimal(w2)}$.",
        ),
        (
            Wrong([w - eta * sum(both)], "At which $w$ is the second gradient taken?"),
            Wrong([w - eta * Fraction(total_slope(w, every), 2)], "One update for all four, or one for each two?"),
            Wrong([half - eta * total_slope(half, two) / 2], "What is the derivative of a square?"),
            Wrong([double - 2 * eta * total_slope(double, two)], "Is the loss a sum or a mean over the minibatch?"),
            Wrong([w1], "That is after the first minibatch."),
        ),
        given={"w": w, "eta": eta, "x": x, "y": y},
    )


FAMILY = Family(
    "sgd",
    "optimizers",
    "Plain gradient descent",
    {
        "updates": count_updates,
        "where": where_in_training,
        "parabola": steps_on_parabola,
        "valley": valley,
        "largest_rate": largest_rate,
        "minibatches": two_minibatches,
    },
)
