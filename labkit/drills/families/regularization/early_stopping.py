"""Early stopping."""

from collections.abc import Sequence
from fractions import Fraction
from random import Random

from labkit.drills.question import Family, Number, Question, Wrong
from labkit.drills.typeset import decimal, row


def decimals(xs: Sequence[Number]) -> str:
    return row([float(x) for x in xs])


def stopped(losses: Sequence[Number], patience: int, ties: bool = False) -> tuple[int, int]:
    """Best and last epoch. With ties an equal loss counts as a new best one."""
    best, epoch = 0, 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best] or ties and loss == losses[best]:
            best = epoch
        if epoch - best == patience:
            break
    return best, epoch


def some_losses(rng: Random, epochs: int) -> list[Fraction]:
    """Two decimals; falling, then climbing, with noise."""
    bottom = rng.randint(epochs // 2, epochs - 2)
    return [Fraction(40 + 6 * abs(epoch - bottom) + rng.randint(-12, 12), 100) for epoch in range(epochs)]


RULE = "Training stops when the validation loss has found no new lowest value for {} epochs in a row (patience {})."


def best_and_last(rng: Random) -> Question | None:
    losses, patience = some_losses(rng, rng.choice((8, 9, 10))), rng.choice((2, 3))
    best, last = stopped(losses, patience)
    overall = losses.index(min(losses))
    if len(set(losses)) < len(losses) or last == len(losses) - 1 or best == 0 or overall == best:
        return None
    rise = next(epoch for epoch in range(1, len(losses)) if losses[epoch] > losses[epoch - 1])
    if rise + patience > last:
        return None
    return Question(
        f"{RULE.format(patience, patience)} The validation losses from epoch 0 on would be "
        f"${decimals(losses)}$. Which epoch's weights are handed in? After which epoch does training stop?",
        ("best epoch", "last epoch"),
        (best, last),
        (
            "Walk through the list as training does, without looking ahead. A new lowest loss sets the count to 0.",
            "New lowest losses come at the epochs "
            f"{', '.join(str(e) for e in range(len(losses)) if losses[e] == min(losses[: e + 1]))}, if training "
            f"goes on so far. After which of them do {patience} epochs pass without a lower one?",
            f"The lowest loss so far is {decimal(losses[best])}, at epoch {best}. Then {patience} epochs pass without "
            f"a lower one: it stops after epoch {last}. The weights of epoch {best} are restored. "
            f"The {decimal(losses[overall])} at epoch {overall} is never seen.",
        ),
        (
            Wrong((overall, len(losses) - 1), "Training does not look ahead. Would it have come that far?"),
            Wrong((overall, last), "Has training seen that epoch when it stops?"),
            Wrong((rise - 1, rise), "That stops at the first rise. Is the rule that strict?"),
            Wrong((best, last + 1), "How many epochs have passed since the best one when training stops?"),
            Wrong((best, last - 1), "Has patience run out at that epoch? Count the epochs since the best one."),
            Wrong((last, last), "Are the last weights the best ones that training has seen?"),
        ),
        given={"losses": losses, "patience": patience},
    )


def with_a_tie(rng: Random) -> Question | None:
    """The lowest loss comes again: that is no improvement. Asked: what is handed in, and what it cost."""
    losses, patience = some_losses(rng, rng.choice((8, 9))), rng.choice((2, 3))
    best, _ = stopped(losses, patience)
    if best + patience >= len(losses) - 2 or best == 0:
        return None
    losses[best + rng.randint(1, patience - 1)] = losses[best]
    best, last = stopped(losses, patience)
    with_ties = stopped(losses, patience, ties=True)
    rest = [loss for epoch, loss in enumerate(losses) if loss != losses[best]]
    if len(set(rest)) != len(losses) - 2 or with_ties[0] == best or with_ties[1] == last or last == len(losses) - 1:
        return None
    return Question(
        f"{RULE.format(patience, patience)} An equal loss is not lower. Epochs count from 0, and the validation "
        f"losses would be ${decimals(losses)}$. Which epoch's weights are handed in? And how many epochs were trained?",
        ("best epoch", "number of epochs"),
        (best, last + 1),
        (
            f"The lowest loss comes first at epoch {best}. Where it comes again nothing is better: the count goes on.",
            f"{patience} epochs later, after epoch {last}, training stops. From 0 to {last} that is {last + 1} epochs.",
        ),
        (
            Wrong((best, last), "The first epoch has the number 0. How many have run?"),
            Wrong((with_ties[0], with_ties[1] + 1), "Is an equal loss a new lowest value?"),
            Wrong((with_ties[0], last + 1), "Two epochs have this loss. Which of them was kept as the best?"),
            Wrong((best, with_ties[1] + 1), "Does an equal loss set the count to 0?"),
            Wrong((best, len(losses)), "Would training have come to the end of the list?"),
            Wrong((last, last + 1), "Are the last weights the best ones that training has seen?"),
        ),
        given={"losses": losses, "patience": patience},
    )


def smallest_patience(rng: Random) -> Question | None:
    """The other way round: how patient must one be to get through to the lowest loss?"""
    losses = some_losses(rng, rng.choice((8, 9, 10)))
    overall = losses.index(min(losses))
    lows = [epoch for epoch in range(len(losses)) if losses[epoch] == min(losses[: epoch + 1])]
    patience = max((after - before for before, after in zip(lows, lows[1:])), default=0)
    last = overall + patience
    rises = sum(losses[epoch] > losses[epoch - 1] for epoch in range(1, overall + 1))
    if len(set(losses)) < len(losses) or patience < 2 or len(lows) < 4 or last >= len(losses) - 1:
        return None
    return Question(
        "Training stops when the validation loss has found no new lowest value for $k$ epochs in a row (patience "
        f"$k$). The validation losses from epoch 0 on would be ${decimals(losses)}$. What is the smallest patience "
        "that hands in the epoch with the lowest loss of the list? After which epoch does training stop with it?",
        ("smallest patience", "last epoch"),
        (patience, last),
        (
            f"New lowest values come at the epochs {', '.join(map(str, lows))}.",
            f"The longest way from one to the next is {patience} epochs. With patience {patience - 1} training stops "
            f"just before it. With patience {patience} the new lowest value comes in time.",
            f"After epoch {overall} no lower loss comes: training stops {patience} epochs later, after epoch {last}.",
        ),
        (
            Wrong((patience - 1, last - 1), "Would training still run when the lower loss comes?"),
            Wrong((patience + 1, last + 1), "That works. Is there a smaller one?"),
            Wrong((patience, overall), "After the best epoch training does not know yet that it was the best."),
            Wrong((patience, len(losses) - 1), "Does the patience last to the end of the list?"),
            *(
                [Wrong((rises, overall + rises), "Rises are not what counts. How long was the longest wait?")]
                if abs(rises - patience) > 1
                else []
            ),
        ),
        given={"losses": losses},
    )


FAMILY = Family(
    "early_stopping",
    "regularization",
    "Early stopping",
    {
        "best_and_last": best_and_last,
        "with_a_tie": with_a_tie,
        "smallest_patience": smallest_patience,
    },
)
