"""Adam's first steps."""

from fractions import Fraction
from math import sqrt
from random import Random

from labkit.drills.families.optimizers.parts import HALF, QUARTER, TENTH, minus, nonzero, plus, times
from labkit.drills.question import Family, Question, Wrong
from labkit.drills.typeset import decimal

START = r"$m = v = 0$ before the first step, and $\varepsilon = 0$"


# (beta1, beta2, g1, g2) for which the root of v_hat in step 2 is a fraction, and the step a kind one.
KIND = (
    (HALF, HALF, 5, -1), (HALF, Fraction(3, 4), 6, -1), (HALF, Fraction(3, 4), 6, 1), (HALF, Fraction(3, 4), 2, -5),
    (HALF, Fraction(3, 5), 3, -1), (HALF, Fraction(3, 5), 3, 1), (HALF, Fraction(3, 5), 1, -5),
    (HALF, Fraction(4, 5), 1, -8), (Fraction(3, 5), Fraction(3, 5), 3, -1), (QUARTER, HALF, 5, 1),
    (QUARTER, Fraction(3, 4), 6, 1), (QUARTER, Fraction(3, 5), 3, 1), (HALF, QUARTER, 4, -1), (QUARTER, QUARTER, 4, 1),
    (Fraction(3, 4), Fraction(3, 4), 6, -1), (Fraction(3, 4), Fraction(3, 4), 2, -5),
)  # fmt: skip


def root(x: Fraction) -> Fraction:
    """Of a square of a fraction."""
    return Fraction(round(sqrt(x.numerator)), round(sqrt(x.denominator)))


def adam_first_step(rng: Random) -> Question:
    """Three coordinates of very different slopes: the gradient's size does not matter."""
    sizes = [Fraction(1, 1000), Fraction(rng.choice((2, 3, 5))), Fraction(rng.choice((100, 400, 1000)))]
    rng.shuffle(sizes)
    g = [size * rng.choice((-1, 1)) for size in sizes]
    eta, theta = rng.choice((TENTH, Fraction(1, 5), HALF)), [nonzero(rng, -2, 2) for _ in g]
    beta1, beta2 = rng.choice(((Fraction(9, 10), Fraction(999, 1000)), (Fraction(4, 5), Fraction(99, 100))))
    signs = [1 if each > 0 else -1 for each in g]
    raw = float(1 - beta1) / sqrt(1 - beta2)
    length = sqrt(sum(each * each for each in g))
    return Question(
        rf"Adam with $\beta_1 = {decimal(beta1)}$, $\beta_2 = {decimal(beta2)}$, $\eta = {decimal(eta)}$. {START}. "
        rf"Three parameters begin at $\theta = ({', '.join(map(str, theta))})$. The first gradient is "
        rf"$g = ({', '.join(map(decimal, g))})$. Where is $\theta$ after the first step? Three numbers.",
        tuple(rf"coordinate {i} of $\theta$" for i in (1, 2, 3)),
        [a - eta * s for a, s in zip(theta, signs)],
        (
            r"$m_1 = (1 - \beta_1) g$, and the correction divides by $1 - \beta_1$: $\hat m_1 = g$. "
            r"In the same way $\hat v_1 = g^2$.",
            r"$\hat m_1 / \sqrt{\hat v_1} = g / |g|$, which is the sign of $g$, in every coordinate.",
            rf"Each coordinate moves by $\eta = {decimal(eta)}$ against its sign: "
            rf"$({', '.join(decimal(a - eta * s) for a, s in zip(theta, signs))})$.",
        ),
        (
            Wrong([a - eta * each for a, each in zip(theta, g)], "That is plain SGD. By what does Adam divide?"),
            Wrong(
                tuple(a - float(eta) * raw * s for a, s in zip(theta, signs)),
                "The running means begin at 0. What mends that?",
            ),
            Wrong([a + eta * s for a, s in zip(theta, signs)], "Uphill or downhill? Check the sign of the step."),
            Wrong([a - eta for a in theta], "Do all three move in the same direction?"),
            Wrong(
                tuple(a - float(eta * each) / length for a, each in zip(theta, g)),
                "Is there one root for the whole gradient, or one for each coordinate?",
            ),
        ),
        given={"beta1": beta1, "beta2": beta2, "eta": eta, "theta": theta, "g": g},
    )


def adam_uncorrected(rng: Random) -> Question | None:
    beta1 = rng.choice((Fraction(9, 10), Fraction(4, 5), HALF, Fraction(7, 10), Fraction(3, 5)))
    small = Fraction(rng.choice((1, 2, 3, 4, 5)), 10) if rng.random() < 0.8 else Fraction(1, 100)
    beta2, g = 1 - small**2, nonzero(rng, -9, 9)
    eta = rng.choice((Fraction(1, 1000), Fraction(1, 100), TENTH))
    answer = (1 - beta1) / small
    return Question(
        rf"Somebody's Adam lacks the bias correction: it steps by $\eta m_t / \sqrt{{v_t}}$. "
        rf"$\beta_1 = {decimal(beta1)}$, $\beta_2 = {decimal(beta2)}$, $\eta = {decimal(eta)}$. {START}. "
        rf"The first gradient is $g = {g}$. How long is the first step, as a multiple of $\eta$?",
        (r"the length, divided by $\eta$",),
        [answer],
        (
            rf"$m_1 = (1 - \beta_1) g = {decimal(1 - beta1)} g$ and "
            rf"$v_1 = (1 - \beta_2) g^2 = {decimal(small**2)} g^2$.",
            rf"$|m_1| / \sqrt{{v_1}} = {decimal(1 - beta1)} / {decimal(small)} = {decimal(answer)}$. "
            "The gradient cancels. With the correction it would be 1.",
        ),
        (
            Wrong((1,), "That is with the correction. What are $m_1$ and $v_1$ without it?"),
            Wrong([(1 - beta1) / small**2], "There is a root in the step."),
            Wrong([1 / answer], "Which of the two is divided by which?"),
            Wrong([answer * abs(g)], "$v$ is a mean of squares. Does the gradient's size cancel?"),
            Wrong((float(beta1) / sqrt(beta2),), r"Which weight has the new gradient: $\beta$, or what is left to 1?"),
        ),
        given={"beta1": beta1, "beta2": beta2, "eta": eta, "g": g},
    )


def adam_two_steps(rng: Random) -> Question | None:
    beta1, beta2, *g = rng.choice(KIND)
    scale = rng.choice((1, 2, 3, 5, 10)) * rng.choice((-1, 1))
    g = [scale * each for each in g]
    m = [(1 - beta1) * g[0], beta1 * (1 - beta1) * g[0] + (1 - beta1) * g[1]]
    v = [(1 - beta2) * g[0] ** 2, beta2 * (1 - beta2) * g[0] ** 2 + (1 - beta2) * g[1] ** 2]
    m_hat, v_hat = m[1] / (1 - beta1**2), v[1] / (1 - beta2**2)
    second = m_hat / root(v_hat)
    eta, theta = second.denominator * rng.choice((TENTH, Fraction(1, 5), HALF)), rng.randint(-3, 3)
    first = 1 if g[0] > 0 else -1
    answer = theta - eta * (first + second)
    signs = first + (1 if g[1] > 0 else -1)
    return Question(
        rf"Adam with $\beta_1 = {decimal(beta1)}$, $\beta_2 = {decimal(beta2)}$, $\eta = {decimal(eta)}$. {START}. "
        rf"$\theta$ begins at ${theta}$. The first gradient is ${g[0]}$, the second is ${g[1]}$. "
        r"Where is $\theta$ after two steps?",
        (r"$\theta$",),
        [answer],
        (
            rf"Step 1, corrected: $\hat m_1 = g_1 = {g[0]}$ and $\hat v_1 = g_1^2 = {g[0] ** 2}$. "
            rf"The step is $\eta$ times the sign: "
            rf"$\theta = {minus(str(theta), eta * first)} = {decimal(theta - eta * first)}$.",
            rf"Step 2: $m_2 = \beta_1 m_1 + (1 - \beta_1) g_2 = "
            rf"{plus(times(beta1, m[0]), (1 - beta1) * g[1])} = {decimal(m[1])}$ and "
            rf"$v_2 = \beta_2 v_1 + (1 - \beta_2) g_2^2 = "
            rf"{plus(times(beta2, v[0]), (1 - beta2) * g[1] ** 2)} = {decimal(v[1])}$.",
            rf"Corrected with $t = 2$: $\hat m_2 = {decimal(m[1])} / {decimal(1 - beta1**2)} = {decimal(m_hat)}$ and "
            rf"$\hat v_2 = {decimal(v[1])} / {decimal(1 - beta2**2)} = {decimal(v_hat)}$.",
            rf"The step: $\hat m_2 / \sqrt{{\hat v_2}} = {decimal(m_hat)} / {decimal(root(v_hat))} = "
            rf"{decimal(second)}$, times $\eta$. "
            rf"$\theta = {minus(decimal(theta - eta * first), eta * second)} = {decimal(answer)}$.",
        ),
        (
            Wrong(
                (theta - float(eta) * (float(m[0]) / sqrt(v[0]) + float(m[1]) / sqrt(v[1])),),
                "The running means begin at 0. What mends that?",
            ),
            Wrong(
                (theta - float(eta) * (first + float(m[1] / (1 - beta1)) / sqrt(v[1] / (1 - beta2))),),
                "What is $t$ for the second step, in the correction?",
            ),
            Wrong([theta - eta * second], "Where did the first step go?"),
            Wrong([theta - eta * signs], "Each step as if it were the first? $m$ and $v$ remember."),
            Wrong([theta - eta * (Fraction(1, g[0]) + m_hat / v_hat)], "There is a root in the step."),
            Wrong([theta + eta * (first + second)], "Uphill or downhill? Check the sign of the step."),
        ),
        given={"beta1": beta1, "beta2": beta2, "eta": eta, "theta": theta, "g": g},
    )


def adam_moments(rng: Random) -> Question | None:
    beta1, beta2 = (
        rng.choice((HALF, Fraction(3, 5), Fraction(4, 5))),
        rng.choice((HALF, Fraction(3, 5), Fraction(4, 5))),
    )
    g = [nonzero(rng, -6, 6), nonzero(rng, -6, 6)]
    m1, v1 = (1 - beta1) * g[0], (1 - beta2) * g[0] ** 2
    m2, v2 = beta1 * m1 + (1 - beta1) * g[1], beta2 * v1 + (1 - beta2) * g[1] ** 2
    m_hat, v_hat = m2 / (1 - beta1**2), v2 / (1 - beta2**2)
    if beta1 == beta2 or m2 == 0 or abs(g[0]) == abs(g[1]) or max(m_hat.denominator, v_hat.denominator) > 5:
        return None
    from_hats = beta1 * g[0] + (1 - beta1) * g[1], beta2 * g[0] ** 2 + (1 - beta2) * g[1] ** 2
    return Question(
        rf"Adam with $\beta_1 = {decimal(beta1)}$ and $\beta_2 = {decimal(beta2)}$, and $m = v = 0$ before the first "
        rf"step. The first gradient is ${g[0]}$, the second is ${g[1]}$. "
        r"Find the state $m_2$, $v_2$ after the second step, and the corrected $\hat m_2$, $\hat v_2$.",
        ("$m_2$", "$v_2$", r"$\hat m_2$", r"$\hat v_2$"),
        [m2, v2, m_hat, v_hat],
        (
            rf"$m_1 = {times(1 - beta1, g[0])} = {decimal(m1)}$ and "
            rf"$v_1 = {times(1 - beta2, g[0] ** 2)} = {decimal(v1)}$.",
            rf"$m_2 = {times(beta1, m1)} + {times(1 - beta1, g[1])} = {decimal(m2)}$ and "
            rf"$v_2 = {times(beta2, v1)} + {times(1 - beta2, g[1] ** 2)} = {decimal(v2)}$.",
            rf"Corrected with $t = 2$: $\hat m_2 = {decimal(m2)} / (1 - {decimal(beta1)}^2) = {decimal(m_hat)}$ and "
            rf"$\hat v_2 = {decimal(v2)} / (1 - {decimal(beta2)}^2) = {decimal(v_hat)}$. "
            "The next step starts from $m_2$ and $v_2$, without hats.",
        ),
        (
            Wrong(
                [m2, v2, m2 / (1 - beta1), v2 / (1 - beta2)],
                "The state is right. Which power of $\\beta$ belongs to the second step?",
            ),
            Wrong(
                [*from_hats, from_hats[0] / (1 - beta1**2), from_hats[1] / (1 - beta2**2)],
                r"Does the second step start from $m_1$, or from $\hat m_1$?",
            ),
            Wrong(
                [m2, beta2 * (1 - beta2) * g[0] + (1 - beta2) * g[1], m_hat,
                       (beta2 * (1 - beta2) * g[0] + (1 - beta2) * g[1]) / (1 - beta2**2)],
                "$m$ is right. Of what is $v$ a running mean?",
            ),
            Wrong([m2, v2, m2, v2], "The state is right. What does the correction divide by?"),
            Wrong(
                [m2, v2, m2 * (1 - beta1**2), v2 * (1 - beta2**2)],
                "The state is right. It began at 0, so it is too small. Does the correction make it larger?",
            ),
        ),
        given={"beta1": beta1, "beta2": beta2, "g": g},
    )  # fmt: skip


def adam_read_back(rng: Random) -> Question:
    """The other way round: from the state to the gradient and to beta2."""
    beta1 = rng.choice((Fraction(9, 10), Fraction(4, 5), HALF, Fraction(3, 4)))
    beta2 = rng.choice((Fraction(9, 10), Fraction(99, 100), Fraction(999, 1000), Fraction(4, 5)))
    g = nonzero(rng, -10, 10)
    m, v = (1 - beta1) * g, (1 - beta2) * g**2
    return Question(
        rf"After its first step, Adam's state is $m_1 = {decimal(m)}$ and $v_1 = {decimal(v)}$. It began with "
        rf"$m = v = 0$, and $\beta_1 = {decimal(beta1)}$. What was the gradient, and what is $1 - \beta_2$?",
        ("$g_1$", r"$1 - \beta_2$"),
        [g, 1 - beta2],
        (
            rf"$m_1 = (1 - \beta_1) g_1$, so $g_1 = {decimal(m)} / {decimal(1 - beta1)} = {g}$.",
            rf"$v_1 = (1 - \beta_2) g_1^2$, so $1 - \beta_2 = {decimal(v)} / {g**2} = {decimal(1 - beta2)}$.",
        ),
        (
            Wrong(
                [m / beta1, v / (m / beta1) ** 2],
                r"Which weight has the new gradient: $\beta_1$, or what is left?",
            ),
            Wrong([g, beta2], "The gradient is right. Which weight has its square in $v_1$?"),
            Wrong([g, v / abs(g)], "The gradient is right. Of what is $v$ a running mean?"),
            Wrong([m, v / m**2], "$m_1$ is not the gradient yet. How much of it was taken?"),
            Wrong([-g, 1 - beta2], "What sign does $m_1$ have?"),
        ),
        given={"beta1": beta1, "m": m, "v": v},
    )


FAMILY = Family(
    "adam",
    "optimizers",
    "Adam's first steps",
    {
        "first_step": adam_first_step,
        "uncorrected": adam_uncorrected,
        "two_steps": adam_two_steps,
        "moments": adam_moments,
        "read_back": adam_read_back,
    },
)
