"""Momentum."""

from collections.abc import Sequence
from fractions import Fraction
from random import Random

from labkit.drills.families.optimizers.parts import HALF, QUARTER, TENTH, factor, minus, nonzero, plus, times
from labkit.drills.question import Family, Number, Question, Wrong
from labkit.drills.typeset import decimal, number


def listed(xs: Sequence[Number]) -> str:
    return ", ".join(f"${decimal(x)}$" for x in xs)


COURSE = r"$v \leftarrow \mu v + g$, then $\theta \leftarrow \theta - \eta v$"


AVERAGED = r"$v \leftarrow \mu v + (1 - \mu) g$, then $\theta \leftarrow \theta - \eta v$"


def some_mu(rng: Random) -> Fraction:
    return rng.choice((HALF, HALF, Fraction(9, 10), Fraction(4, 5)))


def some_gradients(rng: Random, mu: Fraction, n: int = 3) -> list[int]:
    """The first is a multiple that stays whole for a while."""
    unit = 4 if mu == HALF else 10
    return [unit * nonzero(rng, -3, 3), *(unit // 2 * nonzero(rng, -4, 4) for _ in range(n - 1))]


def velocities(mu: Number, gradients: Sequence[Number], share: Number = 1) -> list[Number]:
    found, v = [], 0
    for g in gradients:
        v = mu * v + share * g
        found.append(v)
    return found


def third_velocity(rng: Random) -> Question | None:
    mu, eta = some_mu(rng), rng.choice((TENTH, Fraction(1, 5), HALF))
    g = some_gradients(rng, mu)
    v = velocities(mu, g)
    if v[2] == 0 or len(set(g)) < 3 or eta == 1 - mu:
        return None
    return Question(
        rf"SGD with momentum in this course's form: {COURSE}. $\mu = {decimal(mu)}$, $\eta = {decimal(eta)}$, "
        rf"and $v = 0$ before the first step. The first three gradients are {listed(g)}. "
        "What is $v$ after the third step?",
        ("$v_3$",),
        v[2:],
        (
            rf"$v_1 = {plus(times(mu, 0), g[0])} = {decimal(v[0])}$.",
            rf"$v_2 = {plus(times(mu, v[0]), g[1])} = {decimal(v[1])}$.",
            rf"$v_3 = {plus(times(mu, v[1]), g[2])} = {decimal(v[2])}$. The learning rate is no part of $v$ here.",
        ),
        (
            Wrong([(1 - mu) * v[2]], "That is the averaged form. Read the update again."),
            Wrong([mu * (g[0] + g[1]) + g[2]], "How often is the first gradient multiplied by the momentum?"),
            Wrong([sum(g)], "Do old gradients keep their full weight?"),
            Wrong([eta * v[2]], r"Where does $\eta$ stand: in $v$, or in the step?"),
            Wrong([velocities(mu, g[::-1])[2]], "Which gradient is the oldest, and so fades most?"),
            Wrong([mu * g[1] + g[2]], "$v$ remembers more than one step."),
        ),
        given={"mu": mu, "eta": eta, "g": g},
    )


def third_theta(rng: Random) -> Question | None:
    """The averaged form, to the end."""
    mu, eta, theta = HALF, rng.choice((HALF, Fraction(1), Fraction(2), QUARTER)), rng.randint(-5, 5)
    g = [8 * nonzero(rng, -2, 2), 4 * nonzero(rng, -3, 3), 4 * nonzero(rng, -3, 3)]
    v = velocities(mu, g, 1 - mu)
    path = [theta - eta * sum(v[:steps]) for steps in range(4)]
    if 0 in v or len(set(g)) < 3:
        return None
    return Question(
        rf"A library's momentum is the averaged form: {AVERAGED}. $\mu = {decimal(mu)}$, $\eta = {decimal(eta)}$, "
        rf"$v = 0$ and $\theta = {theta}$ before the first step. The first three gradients are {listed(g)}. "
        r"What is $\theta$ after the third step?",
        (r"$\theta_3$, that is $\theta$ after step 3",),
        path[3:],
        (
            r"$v_t$ and $\theta_t$ are those after step $t$. "
            rf"$v_1 = {times(1 - mu, g[0])} = {decimal(v[0])}$, "
            rf"$v_2 = {plus(times(mu, v[0]), (1 - mu) * g[1])} = {decimal(v[1])}$, "
            rf"$v_3 = {plus(times(mu, v[1]), (1 - mu) * g[2])} = {decimal(v[2])}$.",
            rf"Each step takes off $\eta v$: $\theta_1 = {minus(decimal(theta), eta * v[0])} = {decimal(path[1])}$, "
            rf"$\theta_2 = {minus(decimal(path[1]), eta * v[1])} = {decimal(path[2])}$, "
            rf"$\theta_3 = {minus(decimal(path[2]), eta * v[2])} = {decimal(path[3])}$.",
        ),
        (
            Wrong(
                [theta - eta * sum(velocities(mu, g))],
                r"That is this course's form. What stands before $g$ in this one?",
            ),
            Wrong([theta - eta * v[2]], "That is one step. How many steps has $\\theta$ made?"),
            Wrong([theta - eta * sum(v[:2])], "Which comes first: the new $v$, or the step?"),
            Wrong([theta - eta * sum(g)], "That is plain SGD. Where is the momentum?"),
            Wrong([theta + eta * sum(v)], "Uphill or downhill? Check the sign of the step."),
        ),
        given={"mu": mu, "eta": eta, "theta": theta, "g": g},
    )


def two_forms(rng: Random) -> Question:
    """From the averaged form to the course's: the rate shrinks, the velocity grows."""
    mu = rng.choice((HALF, Fraction(9, 10), Fraction(4, 5), Fraction(3, 4)))
    eta, v = rng.choice((TENTH, Fraction(1, 5), HALF, Fraction(1), Fraction(2))), nonzero(rng, -6, 6)
    answer = (1 - mu) * eta, v / (1 - mu)
    return Question(
        rf"A library uses {AVERAGED}, with $\mu = {decimal(mu)}$ and $\eta = {decimal(eta)}$. After some steps it has "
        rf"$v = {v}$. You repeat the run in this course's form: {COURSE}, with the same $\mu$, gradients "
        r"and $\theta$s. Both begin with $v = 0$. Which $\eta$ do you need, and which $v$ have you then?",
        (r"$\eta$", "$v$"),
        answer,
        (
            rf"The averaged form adds up ${decimal(1 - mu)} g$ where this course adds $g$. So this course's $v$ is "
            rf"$\frac{{1}}{{1 - \mu}} = {decimal(1 / (1 - mu))}$ times as large: ${decimal(answer[1])}$.",
            rf"The steps $\eta v$ must be the same, so $\eta = {times(1 - mu, eta)} = {decimal(answer[0])}$.",
        ),
        (
            Wrong([eta / (1 - mu), (1 - mu) * v], r"In which form is $v$ larger?"),
            Wrong([answer[0], (1 - mu) * v], r"$\eta$ is right. But $\eta v$ has to be the same step."),
            Wrong([eta / (1 - mu), answer[1]], r"$v$ is right. But $\eta v$ has to be the same step."),
            Wrong([answer[0], v], r"$\eta$ is right. But if $v$ were the same, the steps would differ."),
            Wrong([mu * eta, v / mu], r"What stands before $g$ in the library's form?"),
        ),
        given={"mu": mu, "eta": eta, "v": v},
    )


def momentum_rate(rng: Random) -> Question | None:
    """The other way round: the path is known, the rate is not."""
    mu, eta = HALF, rng.choice((TENTH, Fraction(1, 5), HALF, QUARTER, Fraction(1, 100), Fraction(1, 50)))
    g, start = [4 * nonzero(rng, -2, 3), 2 * nonzero(rng, -3, 3), nonzero(rng, -4, 4)], rng.randint(-4, 6)
    v = velocities(mu, g)
    end = start - eta * sum(v)
    if 0 in (sum(v), sum(g), *v) or len(set(g)) < 3:
        return None
    sums = plus(plus(decimal(v[0]), v[1]), v[2])
    return Question(
        rf"SGD with momentum in this course's form: {COURSE}. $\mu = {decimal(mu)}$ and $v = 0$ before the first step. "
        rf"The first three gradients are {listed(g)}. In these three steps $\theta$ went from ${start}$ to "
        rf"${decimal(end)}$. Which $\eta$ was used?",
        (r"$\eta$",),
        [eta],
        (
            rf"$v_1 = {decimal(v[0])}$, $v_2 = {plus(times(mu, v[0]), g[1])} = {decimal(v[1])}$, "
            rf"$v_3 = {plus(times(mu, v[1]), g[2])} = {decimal(v[2])}$.",
            rf"Three steps take off $\eta (v_1 + v_2 + v_3)$, and ${sums} = {decimal(sum(v))}$.",
            rf"$\theta_0 - \theta_3 = {decimal(start - end)}$, so $\eta = {decimal(start - end)} / {factor(sum(v))} = "
            rf"{decimal(eta)}$.",
        ),
        (
            Wrong([eta * sum(v) / sum(g)], "That is plain SGD. Where is the momentum?"),
            Wrong([eta * sum(v) / v[2]], "How many steps lie between the two numbers?"),
            Wrong([-eta], "A learning rate is positive. Check the sign."),
            Wrong([eta / (1 - mu)], "That is the rate for the averaged form. Read the update again."),
        ),
        given={"mu": mu, "g": g, "start": start, "end": end},
    )


def momentum_on_parabola(rng: Random) -> Question | None:
    """Each gradient is taken where theta has come to."""
    slope, h, mu, theta = rng.choice((1, 2, 4)), rng.choice((HALF, Fraction(1))), HALF, 4 * nonzero(rng, -10, 10)
    eta = h / slope
    path, v = [Fraction(theta)], [Fraction(0)]
    for _ in range(3):
        v.append(mu * v[-1] + slope * path[-1])
        path.append(path[-1] - eta * v[-1])
    frozen = theta - eta * sum(velocities(mu, [slope * theta] * 3))
    plain = theta * (1 - h) ** 3
    steps = [
        rf"$v_{step} = {plus(times(mu, v[step - 1]), slope * path[step - 1])} = {decimal(v[step])}$, "
        rf"$\theta_{step} = {minus(decimal(path[step - 1]), eta * v[step])} = {decimal(path[step])}$."
        for step in (1, 2, 3)
    ]
    loss = {1: r"\tfrac{1}{2}\theta^2", 2: r"\theta^2", 4: r"2\theta^2"}[slope]
    return Question(
        rf"Momentum on $J(\theta) = {loss}$, in this course's form: {COURSE}. "
        rf"$\mu = {number(mu)}$, $\eta = {number(eta)}$, $v = 0$ and $\theta = {theta}$ before the first step. "
        r"Where is $\theta$ after three steps?",
        (r"$\theta_3$, that is $\theta$ after step 3",),
        path[3:],
        (rf"The gradient is ${slope if slope > 1 else ''}\theta$, each time at the new $\theta$.", *steps),
        (
            Wrong([frozen], "The gradient changes when $\\theta$ moves."),
            Wrong([plain], "That is plain descent. Where is the momentum?"),
            Wrong(path[2:3], "That is after two steps."),
            Wrong([theta - eta * v[3]], "From where does the third step start?"),
            Wrong([-path[3]], "Check the signs: on which side of 0 is $\\theta$?"),
        ),
        given={"slope": slope, "mu": mu, "eta": eta, "theta": theta},
    )


FAMILY = Family(
    "momentum",
    "optimizers",
    "Momentum",
    {
        "velocity": third_velocity,
        "averaged": third_theta,
        "two_forms": two_forms,
        "find_rate": momentum_rate,
        "parabola": momentum_on_parabola,
    },
)
