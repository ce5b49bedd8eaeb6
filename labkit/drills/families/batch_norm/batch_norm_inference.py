"""Batch norm at inference."""

from fractions import Fraction
from math import sqrt
from random import Random

from labkit.drills.families.batch_norm.parts import mean, with_eps
from labkit.drills.question import Family, Question, Wrong
from labkit.drills.typeset import bracketed, decimal, number, plus

RHOS = (Fraction(1, 2), Fraction(3, 4), Fraction(9, 10), Fraction(4, 5))


RUNNING = r"running $\leftarrow \rho \cdot$ running $+ (1 - \rho) \cdot$ batch"


def running_steps(rng: Random) -> Question | None:
    """A few batches; the mean starts at 0, the variance at 1."""
    rho = rng.choice(RHOS)
    of_variance = rng.random() < 0.5
    batches = [rng.choice((2, 4, 5, 6, 8, 10, 12, 16, 20)) for _ in range(3)]
    start = 1 if of_variance else 0
    kept = forgot = swapped = Fraction(start)
    forgot = Fraction(batches[0])
    steps = []
    for place, batch in enumerate(batches):
        steps.append((kept, batch, rho * kept + (1 - rho) * batch))
        kept = steps[-1][2]
        swapped = (1 - rho) * swapped + rho * batch
        forgot = rho * forgot + (1 - rho) * batch if place else forgot
    if len(set(batches)) < len(batches) or kept.denominator not in (1, 2, 4, 5, 8, 10, 20, 50):
        return None
    kind = "variance" if of_variance else "mean"
    corrected = kept / (1 - rho ** len(batches))
    return Question(
        rf"Batch norm keeps a running {kind} of a unit: {RUNNING}, with $\rho = {decimal(rho)}$. It starts at {start}. "
        f"The next batches have the {kind}s {', '.join(map(str, batches))}, in this order. What is the running {kind} "
        "after them?",
        (f"the running {kind}",),
        (kept,),
        tuple(
            rf"Batch {place}: ${decimal(rho)} \cdot {decimal(old)} + {decimal(1 - rho)} \cdot {batch} = "
            f"{decimal(new)}$."
            for place, (old, batch, new) in enumerate(steps, 1)
        ),
        (
            *([Wrong((swapped,), r"On which of the two stands $\rho$, on the old value or on the batch?")]
              if 2 * rho != 1 else []),
            Wrong((mean(batches),), "All batches count alike there. What weight does an old one have?"),
            Wrong((forgot,), f"The running {kind} does not start at the first batch. Where does it start?"),
            Wrong((corrected,), "That takes the start out again, as Adam does. Does batch norm do so?"),
            Wrong((rho * batches[-2] + (1 - rho) * batches[-1],), "The old running value counts, not the old batch."),
        ),
        given={"rho": rho, "start": start, "batches": batches},
    )  # fmt: skip


def one_example(rng: Random) -> Question | None:
    """A batch's own statistics are there to be left out."""
    eps = rng.choice((0, 1, 2, 3, 7))
    s, batch_s = rng.sample((2, 3, 4, 5), 2)
    var, batch_var = s * s - eps, batch_s * batch_s - eps
    mu, batch_mu = rng.sample(range(-3, 8), 2)
    gamma, beta = rng.choice((2, 3, 4, 6)), rng.choice((-3, -2, -1, 1, 2, 5))
    z = mu + rng.choice((-4, -3, -2, -1, 1, 2, 3, 4, 6)) * rng.choice((1, s))
    if var <= 0 or batch_var <= 0 or z == batch_mu:
        return None
    out, outside = gamma * Fraction(z - mu, s) + beta, gamma * (z - mu) / (sqrt(var) + eps) + beta
    return Question(
        rf"A trained unit has batch norm with $\gamma = {gamma}$, $\beta = {beta}$, {with_eps(eps)}. Running mean "
        rf"${mu}$, running variance ${var}$. The last batch of training had the mean ${batch_mu}$ and the variance "
        rf"${batch_var}$. At inference a single example has $z = {z}$. What does batch norm give?",
        ("the output",),
        (out,),
        (
            "At inference the running averages are used, nothing of a batch.",
            rf"$\frac{{{z} - {bracketed(mu)}}}{{\sqrt{{{var} + {eps}}}}} = {number(Fraction(z - mu, s))}$, and "
            rf"${gamma} \cdot {bracketed(Fraction(z - mu, s))} {plus(beta)} = {number(out)}$.",
        ),
        (
            Wrong((gamma * Fraction(z - batch_mu, batch_s) + beta,), "Is the last batch what inference goes by?"),
            Wrong((beta,), "That is what its own statistics would give: a batch of one. What is used instead?"),
            Wrong((gamma * Fraction(z - mu, var + eps) + beta,), "That divides by the variance. Is a root missing?"),
            Wrong((Fraction(z - mu, s),), r"$\gamma$ and $\beta$ were learned. Are they left out at inference?"),
            Wrong((gamma * z + beta,), "Is the normalisation left out at inference?"),
            *([Wrong((outside,), r"Where does $\varepsilon$ stand?")] if eps else []),
        ),
        given={"gamma": gamma, "beta": beta, "eps": eps, "mu": mu, "var": var, "batch_mu": batch_mu,
               "batch_var": batch_var, "z": z},
    )  # fmt: skip


def update_then_use(rng: Random) -> Question | None:
    """One more batch of training, then inference."""
    rho, s = rng.choice((Fraction(1, 2), Fraction(3, 4))), rng.choice((2, 3, 4, 5))
    mu, away, off = rng.randint(2, 12), rng.choice((-3, -2, -1, 1, 2, 3)), rng.choice((-4, -3, -2, -1, 1, 2, 3, 4))
    other_way = int(rho / (1 - rho))  # the batch is as much further away as it counts less
    old_mu, batch_mu = mu + away, mu - other_way * away
    old_var, batch_var = s * s + off, s * s - other_way * off
    gamma, beta = rng.choice((2, 3, 4)), rng.choice((-2, -1, 1, 2, 3))
    z = mu + rng.choice((-2, -1, 1, 2)) * rng.choice((1, s))
    out = gamma * Fraction(z - mu, s) + beta
    if min(old_mu, batch_mu, z) < 0 or min(old_var, batch_var) < 1:
        return None
    return Question(
        rf"Batch norm, $\varepsilon = 0$: {RUNNING}, with $\rho = {decimal(rho)}$. The running mean is {old_mu}, the "
        f"running variance {old_var}. Now a batch of training has the mean {batch_mu} and the variance {batch_var}. "
        rf"After this update the net is used. A single example has $z = {z}$. With $\gamma = {gamma}$ and "
        rf"$\beta = {beta}$, what does batch norm give?",
        ("the output",),
        (out,),
        (
            rf"Running mean: ${decimal(rho)} \cdot {old_mu} + {decimal(1 - rho)} \cdot {batch_mu} = {mu}$. "
            rf"Running variance: ${decimal(rho)} \cdot {old_var} + {decimal(1 - rho)} \cdot {batch_var} = {s * s}$.",
            rf"Inference: ${gamma} \cdot \frac{{{z} - {mu}}}{{\sqrt{{{s * s}}}}} "
            rf"{plus(beta)} = {number(out)}$.",
        ),
        (
            Wrong((gamma * (z - old_mu) / sqrt(old_var) + beta,), "One more batch was seen. What does it change?"),
            Wrong((gamma * (z - batch_mu) / sqrt(batch_var) + beta,), "At inference, whose statistics are used?"),
            Wrong(
                (
                    gamma * (z - (1 - rho) * old_mu - rho * batch_mu)
                    / sqrt((1 - rho) * old_var + rho * batch_var) + beta,
                ),
                r"On which of the two stands $\rho$, on the old value or on the batch?",
            ),
            Wrong((gamma * Fraction(z - mu, s * s) + beta,), "That divides by the variance. Is a root missing?"),
            Wrong((Fraction(z - mu, s),), r"$\gamma$ and $\beta$ were learned. Are they left out at inference?"),
            Wrong((beta,), "That is what its own statistics would give: a batch of one. What is used instead?"),
        ),
        given={"rho": rho, "mean": [old_mu, batch_mu], "var": [old_var, batch_var], "z": z, "gamma": gamma,
               "beta": beta},
    )  # fmt: skip


def what_is_kept(rng: Random) -> Question:
    """Counting: what is learned, what is only kept for inference?"""
    k, n, m = rng.choice((10, 20, 30, 50, 64, 100)), rng.choice((5, 8, 12, 25, 40)), rng.choice((16, 32, 64, 128))
    return Question(
        f"A layer maps {k} numbers to {n}. Batch norm follows, so the layer has no bias of its own. It trains with "
        f"batches of {m}. How many numbers are learned, in the layer and its batch norm together? And how many more "
        "does batch norm keep for inference?",
        ("learned", "kept"),
        (n * k + 2 * n, 2 * n),
        (
            rf"$W$ is $({n}, {k})$: ${n * k}$ weights. $\gamma$ and $\beta$ are $({n}, 1)$ each, learned: "
            rf"${n * k} + 2 \cdot {n} = {n * k + 2 * n}$.",
            f"A running mean and a running variance for each unit: ${2 * n}$. No gradient moves them.",
        ),
        (
            Wrong((n * k + 3 * n, 2 * n), "What would batch norm do to a bias of the layer?"),
            Wrong((n * k + n, 2 * n), "Batch norm scales and shifts. Did you count the numbers for both?"),
            Wrong((n * k, 2 * n), "Those are the weights. Does batch norm learn nothing of its own?"),
            Wrong((n * k + 4 * n, 2 * n), "Are the running averages learned by descent?"),
            Wrong((n * k + 2, 2), r"Does one $\gamma$ serve all units?"),
            Wrong((n * k + 2 * n, 2 * m), "Are the statistics kept for each example or for each unit?"),
            Wrong((n * k + 2 * k, 2 * k), "Batch norm stands behind the layer: how many units has it there?"),
            Wrong((n * k + 2 * n, n), "Which statistics does inference need? There are two."),
        ),
        given={"k": k, "n": n, "m": m},
    )


FAMILY = Family(
    "batch_norm_inference",
    "batch_norm",
    "Batch norm at inference",
    {
        "running_steps": running_steps,
        "one_example": one_example,
        "update_then_use": update_then_use,
        "what_is_kept": what_is_kept,
    },
)
