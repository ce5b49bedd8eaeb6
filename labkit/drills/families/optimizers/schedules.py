"""Learning-rate schedules."""

from fractions import Fraction
from math import cos, pi
from random import Random

from labkit.drills.families.optimizers.parts import HALF, QUARTER, TENTH, times, whole
from labkit.drills.question import Family, Question, Wrong
from labkit.drills.typeset import decimal, number


def step_decay_at(rng: Random) -> Question | None:
    eta = rng.choice((Fraction(4, 5), Fraction(2, 5), Fraction(16, 10), Fraction(1, 10), Fraction(1)))
    share, every = rng.choice((HALF, HALF, TENTH, Fraction(1, 5))), rng.choice((5, 10, 20, 30))
    times_fallen = rng.choice((1, 2, 3))
    t = times_fallen * every + rng.choice((0, 0, every - 1, rng.randrange(every)))
    answer, often = eta * share**times_fallen, []
    if times_fallen > 1:
        often = [
            Wrong([eta * share * times_fallen], "Each time it is multiplied again."),
            Wrong([eta * (1 - share * times_fallen)], "Is something taken off each time, or multiplied?"),
        ]
    return Question(
        rf"Step decay: the learning rate begins at $\eta = {decimal(eta)}$ and is multiplied by ${decimal(share)}$ "
        rf"after every {every} updates. Updates count from $t = 0$. What rate does the update $t = {t}$ have?",
        (rf"$\eta_{{{t}}}$",),
        [answer],
        (
            rf"The updates 0 to {every - 1} have the first rate. It has fallen $\lfloor {t} / {every} \rfloor = "
            f"{times_fallen}$ time{'s' if times_fallen > 1 else ''}.",
            rf"${decimal(eta)} \cdot {decimal(share)}^{times_fallen} = {decimal(answer)}$.",
        ),
        (
            Wrong([answer * share], "Count again: which updates still have the first rate, from $t = 0$ on?"),
            Wrong([answer / share], "Has it fallen once more by then? Updates count from 0."),
            Wrong((float(eta) * float(share) ** (t / every),), "It falls in steps, not a little at each update."),
            *often,
        ),
        given={"eta": eta, "share": share, "every": every, "t": t},
    )


# At these fractions of the way down, half a cosine has kind values.
COSINES = {Fraction(1, 3): (Fraction(3, 4), r"\tfrac{\pi}{3}", "0.5"),
           Fraction(2, 3): (QUARTER, r"\tfrac{2\pi}{3}", "-0.5")}  # fmt: skip


WARMUP = (
    r"the rate is $\eta\frac{t + 1}{w}$ for $t < w$, then "
    r"$\frac{\eta}{2}\left(1 + \cos\frac{\pi (t - w)}{T - w}\right)$"
)


KNOWN = r"Use $\cos\frac{\pi}{3} = 0.5$ and $\cos\frac{2\pi}{3} = -0.5$."


def warmup_and_cosine(rng: Random) -> Question | None:
    eta = rng.choice((Fraction(2, 5), Fraction(4, 5), Fraction(1), Fraction(1, 5), Fraction(8, 100)))
    w, down = rng.choice((4, 5, 8, 10, 20)), rng.choice((12, 30, 60, 90))
    way = rng.choice(tuple(COSINES))
    share, angle, cosine = COSINES[way]
    early, total = rng.randrange(1, w - 1), w + down
    late = w + int(way * down)
    rises, falls = eta * (early + 1) / w, eta * share
    if rises == falls:
        return None
    return Question(
        rf"Warm-up, then half a cosine: {WARMUP}. $\eta = {decimal(eta)}$, $w = {w}$, $T = {total}$. "
        rf"Updates count from $t = 0$. {KNOWN} Find the rates at $t = {early}$ and at $t = {late}$.",
        (rf"the rate at {early}", rf"the rate at {late}"),
        [rises, falls],
        (
            rf"$t = {early}$ is in the warm-up: ${decimal(eta)} \cdot {early + 1} / {w} = {decimal(rises)}$.",
            rf"$t = {late}$ is $({late} - {w}) / ({total} - {w}) = {number(way)}$ of the way down, and "
            rf"$\cos{angle} = {cosine}$: ${times(eta / 2, 1 + Fraction(cosine))} = {decimal(falls)}$.",
        ),
        (
            Wrong(
                [eta * early / w, falls],
                "Look again at the warm-up: the first update is $t = 0$. Is its rate 0?",
            ),
            Wrong(
                (whole(rises), float(eta) * (1 + cos(pi * late / total)) / 2),
                "Look again at the cosine: where does it begin?",
            ),
            Wrong([rises, eta * (1 - way)], "Look again at the cosine: it does not fall in a line."),
            Wrong([rises, eta * (2 * share - 1)], "Look again at the cosine: it goes from 1 to -1. And the rate?"),
            Wrong([rises, 2 * falls], "Look again at the cosine: which rate would this give at its start?"),
        ),
        given={"eta": eta, "w": w, "T": total, "early": early, "late": late},
    )


def when_is_it(rng: Random) -> Question:
    """The other way round: at which update is the rate so large?"""
    eta = rng.choice((Fraction(2, 5), Fraction(4, 5), Fraction(1), Fraction(1, 5), Fraction(8, 100)))
    w, down = rng.choice((4, 5, 8, 10, 20)), rng.choice((12, 24, 36, 60, 96))
    way = rng.choice(tuple(COSINES))
    share, angle, cosine = COSINES[way]
    answer = w + int(way * down)
    return Question(
        rf"Warm-up, then half a cosine: {WARMUP}. $\eta = {decimal(eta)}$, $w = {w}$, $T = {w + down}$. "
        rf"{KNOWN} After the warm-up, at which $t$ is the rate ${decimal(eta * share)}$?",
        ("$t$",),
        (answer,),
        (
            rf"${decimal(eta * share)} / {decimal(eta)} = {decimal(share)}$, so $1 + \cos = {decimal(2 * share)}$ and "
            rf"the cosine is ${cosine}$: the angle is ${angle}$.",
            rf"So $(t - {w}) / {down} = {number(way)}$, and $t = {w} + {int(way * down)} = {answer}$.",
        ),
        (
            Wrong([way * down], "Counted from where? The cosine does not begin at $t = 0$."),
            Wrong([way * (w + down)], "How long is the cosine: all $T$ updates?"),
            Wrong([w + (1 - share) * down], "That would be a line. What angle has this cosine?"),
            Wrong([w + (1 - way) * down], "At which end of the cosine is the rate large?"),
            Wrong([w + way * (w + down)], "How many updates lie between the end of the warm-up and $T$?"),
        ),
        given={"eta": eta, "w": w, "T": w + down, "rate": eta * share},
    )


def decay_by_epochs(rng: Random) -> Question | None:
    """The schedule speaks of epochs, t counts updates, and the last batch is smaller."""
    size, full = rng.choice((32, 50, 64, 100)), rng.randint(4, 12)
    m = full * size + rng.randrange(1, size)
    every, fallen = rng.choice((5, 10)), rng.choice((1, 2, 3))
    eta = rng.choice((Fraction(4, 5), Fraction(2, 5), Fraction(16, 10)))
    per_epoch = full + 1
    after = (fallen + 1) * every * per_epoch
    t = rng.choice((after - 1, after - rng.randint(1, (fallen + 1) * every), fallen * every * per_epoch))
    if t // (every * per_epoch) != fallen:
        return None
    answer = eta * HALF**fallen
    floored = eta * HALF ** (t // (every * full))
    wrong = [
        Wrong((float(eta) * 0.5 ** (t // every),), "Does the rule count epochs or updates?"),
        Wrong([answer * HALF], "Count again: how many whole blocks of epochs lie before this update?"),
        Wrong([answer * 2], "Count again: updates and epochs count from 0."),
    ]
    if fallen > 1:
        wrong.append(Wrong([eta * HALF * fallen], "Each time it is halved again."))
    if floored != answer:
        wrong.insert(0, Wrong([floored], "How many updates does an epoch have? The smaller batch is kept."))
    return Question(
        rf"{m} examples, minibatches of {size}. The last, smaller batch of an epoch is kept. The learning rate begins "
        rf"at ${decimal(eta)}$ and is halved after every {every} epochs. Updates count from $t = 0$. "
        rf"What rate does the update $t = {t}$ have?",
        ("the rate",),
        [answer],
        (
            rf"An epoch has $\lceil {m} / {size} \rceil = {per_epoch}$ updates, so {every} epochs have "
            f"{every * per_epoch}.",
            rf"$\lfloor {t} / {every * per_epoch} \rfloor = {fallen}$: it has been halved {fallen} "
            f"time{'s' if fallen > 1 else ''}.",
            rf"${decimal(eta)} \cdot 0.5^{fallen} = {decimal(answer)}$.",
        ),
        tuple(wrong),
        given={"m": m, "size": size, "every": every, "eta": eta, "t": t},
    )


FAMILY = Family(
    "schedules",
    "optimizers",
    "Learning-rate schedules",
    {
        "step_decay": step_decay_at,
        "warmup_cosine": warmup_and_cosine,
        "when": when_is_it,
        "epochs": decay_by_epochs,
    },
)
