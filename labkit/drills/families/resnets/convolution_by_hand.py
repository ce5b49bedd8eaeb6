"""Convolutions by hand."""

from collections.abc import Sequence
from fractions import Fraction
from random import Random

from labkit.drills.question import Family, Question, Wrong
from labkit.drills.typeset import dot, matrix, plus, row, total


def image(rng: Random, rows: int, columns: int, low: int = -1, high: int = 3) -> list[list[int]]:
    return [[rng.randint(low, high) for _ in range(columns)] for _ in range(rows)]


def window(X: Sequence[Sequence[int]], r: int, s: int, k: int) -> list[list[int]]:
    """k by k numbers from row r and column s on; 0 beyond the edge."""

    def at(i: int, j: int) -> int:
        return X[i][j] if 0 <= i < len(X) and 0 <= j < len(X[0]) else 0

    return [[at(r + i, s + j) for j in range(k)] for i in range(k)]


def overlap(F: Sequence[Sequence[int]], X: Sequence[Sequence[int]]) -> int:
    """The sum of the products, entry by entry."""
    return sum(f * x for fs, xs in zip(F, X) for f, x in zip(fs, xs))


def flipped(F: Sequence[Sequence[int]]) -> list[list[int]]:
    return [list(each)[::-1] for each in F][::-1]


def turned(F: Sequence[Sequence[int]]) -> list[list[int]]:
    return [list(each) for each in zip(*F)]


def written(F: Sequence[Sequence[int]], X: Sequence[Sequence[int]]) -> str:
    return dot([f for fs in F for f in fs], [x for xs in X for x in xs])


def a_filter(rng: Random) -> list[list[int]] | None:
    """2 by 2, without a symmetry, so that flipping it shows."""
    F = image(rng, 2, 2, -2, 3)
    return None if sum(F, []).count(0) > 1 or F == turned(F) or F == flipped(F) else F


def two_places(rng: Random) -> Question | None:
    X, F, b = image(rng, 3, 4), a_filter(rng), rng.choice((-3, -2, -1, 1, 2, 3))
    first, second = rng.sample([(r, s) for r in (0, 1) for s in (0, 1, 2)], 2)
    if F is None or first[0] == second[0] and first[1] == second[1] or first == second[::-1]:
        return None
    at = [window(X, *place, 2) for place in (first, second)]
    out = tuple(overlap(F, each) + b for each in at)
    names = [rf"\text{{out}}_{{{r + 1},{s + 1}}}" for r, s in (first, second)]
    return Question(
        rf"$X = {matrix(X)}$ is convolved with $F = {matrix(F)}$ and the bias ${b}$, stride 1, no padding. As in deep "
        rf"learning, $F$ is not flipped. What are ${names[0]}$ and ${names[1]}$ (row, then column, from 1)?",
        (f"${names[0]}$", f"${names[1]}$"),
        out,
        tuple(
            rf"${name}$: the window from row {r + 1}, column {s + 1} on is ${matrix(each)}$. ${written(F, each)} "
            rf"{plus(b)} = {value}$."
            for name, (r, s), each, value in zip(names, (first, second), at, out)
        ),
        (
            Wrong(tuple(overlap(F, each) for each in at), "That is the sum of the products. What is added to it?"),
            Wrong(tuple(overlap(flipped(F), each) + b for each in at), "Here the filter is not flipped."),
            Wrong(tuple(overlap(turned(F), each) + b for each in at), "Rows of the filter meet rows of the window."),
            Wrong(
                tuple(overlap(F, window(X, s, r, 2)) + b for r, s in (first, second)),
                "Which of the two numbers says the row, which the column?",
            ),
            Wrong(out[::-1], "The two are in the other order."),
            Wrong(
                tuple(overlap(F, window(X, r + 1, s + 1, 2)) + b for r, s in (first, second)),
                "Rows and columns count from 1: where does the first window start?",
            ),
        ),
        given={"X": X, "F": F, "b": b, "places": [[r + 1, s + 1] for r, s in (first, second)]},
    )


def framed_place(rng: Random) -> Question | None:
    """Stride 2 and a frame of zeros."""
    X, F = image(rng, 4, 4, -2, 4), image(rng, 3, 3, -1, 2)
    r, s = rng.choice(((0, 0), (0, 1), (1, 0)))
    if sum(F, []).count(0) > 4 or F == turned(F) or F == flipped(F):
        return None
    at = window(X, 2 * r - 1, 2 * s - 1, 3)
    out = overlap(F, at)
    name = rf"\text{{out}}_{{{r + 1},{s + 1}}}"
    wrong = [
        Wrong((overlap(flipped(F), at),), "Here the filter is not flipped."),
        Wrong((overlap(turned(F), at),), "Rows of the filter meet rows of the window."),
        Wrong((overlap(F, window(X, 2 * r, 2 * s, 3)),), "The windows begin in the frame of zeros."),
    ]
    if (r, s) != (0, 0):
        wrong.append(Wrong((overlap(F, window(X, r - 1, s - 1, 3)),), "How far does the window go in one step?"))
        wrong.append(Wrong((overlap(F, window(X, 2 * s - 1, 2 * r - 1, 3)),), "Which number says the row?"))
    return Question(
        rf"$X = {matrix(X)}$ is convolved with $F = {matrix(F)}$, bias 0, padding 1 and stride 2. As in deep learning, "
        rf"$F$ is not flipped. What is ${name}$ (row, then column, from 1)?",
        (f"${name}$",),
        (out,),
        (
            "With a frame of zeros $X$ is 6 by 6. The windows start at its rows 1 and 3, and at its columns 1 and 3. "
            f"This one: row {2 * r + 1}, column {2 * s + 1}.",
            rf"The window is ${matrix(at)}$. Multiply entry by entry with $F$ and add up, row by row: "
            rf"${total([overlap([f], [x]) for f, x in zip(F, at)])} = {out}$.",
        ),
        tuple(wrong),
        given={"X": X, "F": F, "place": [r + 1, s + 1]},
    )


def filter_gradient(rng: Random) -> Question | None:
    """One entry of dF, and db."""
    X, F = image(rng, 3, 3, -2, 4), a_filter(rng)
    d = image(rng, 2, 2, -2, 3)
    u, v = rng.choice(((0, 0), (0, 1), (1, 0), (1, 1)))
    if F is None or sum(d, []).count(0) > 1 or d in (turned(d), flipped(d)):
        return None
    met = window(X, u, v, 2)
    answer, bias = overlap(d, met), sum(sum(d, []))
    if 0 in (answer, bias):
        return None
    name = f"dF_{{{u + 1},{v + 1}}}"
    return Question(
        rf"$X = {matrix(X)}$ was convolved with $F = {matrix(F)}$ (stride 1, no padding, not flipped) and a bias $b$. "
        rf"From above comes $d\text{{out}} = {matrix(d)}$. What are ${name}$ (row, then column, from 1) and $db$?",
        (f"${name}$", "$db$"),
        (answer, bias),
        (
            rf"The linear-layer pattern: each window of $X$, times the $d$ of its place. $F_{{{u + 1},{v + 1}}}$ "
            rf"meets, in the four windows, the numbers ${matrix(met)}$ of $X$.",
            rf"${name} = {written(d, met)} = {answer}$.",
            rf"$b$ is added at every place: $db = {total(sum(d, []))} = {bias}$.",
        ),
        (
            Wrong((overlap(d, flipped(met)), bias), "Which $d$ goes with which number of $X$? Nothing is flipped."),
            Wrong((overlap(F, met), bias), r"What does the loss know of $F$'s own value? Use $d\text{out}$."),
            Wrong((d[u][v] * X[u][v], bias), "A weight is used at every place of the output, not at one."),
            Wrong((answer, Fraction(bias, 4)), "$db$ is a sum. Where would a mean come from?"),
            Wrong((overlap(d, window(X, 1 - u, 1 - v, 2)), bias), "In the first window, which number of $X$ meets it?"),
            Wrong((bias * F[u][v], bias), "The derivative of a product by $F$ is the other factor. Which one is it?"),
        ),
        given={"X": X, "F": F, "d": d, "place": [u + 1, v + 1]},
    )


def input_gradient(rng: Random) -> Question | None:
    """One pixel stands in several windows."""
    F, d = a_filter(rng), image(rng, 2, 2, -2, 3)
    r, s = rng.choice(((0, 1), (1, 0), (1, 1), (1, 2), (2, 1)))
    if F is None or 0 in sum(d, []) or d in (turned(d), flipped(d)):
        return None
    parts = [(i, j, d[i][j], F[r - i][s - j]) for i in (0, 1) for j in (0, 1) if 0 <= r - i < 2 and 0 <= s - j < 2]
    answer = sum(each * f for _, _, each, f in parts)
    name = f"dX_{{{r + 1},{s + 1}}}"
    unflipped = sum(d[i][j] * F[1 - r + i][1 - s + j] for i, j, _, _ in parts)
    return Question(
        rf"A $3 \times 3$ image $X$ was convolved with $F = {matrix(F)}$ (stride 1, no padding, not flipped). From "
        rf"above comes $d\text{{out}} = {matrix(d)}$. What is ${name}$ (row, then column, from 1)?",
        (f"${name}$",),
        (answer,),
        (
            f"In how many windows does this pixel stand? In {len(parts)}. Each hands back its $d$, times the entry of "
            "$F$ that the pixel met there.",
            "; ".join(rf"window {i + 1},{j + 1}: $F_{{{r - i + 1},{s - j + 1}}}$" for i, j, _, _ in parts)
            + rf". ${name} = {dot([each for _, _, each, _ in parts], [f for _, _, _, f in parts])} = {answer}$.",
        ),
        (
            Wrong((parts[0][2] * parts[0][3],), "The pixel stands in more than one window."),
            Wrong((sum(each for _, _, each, _ in parts),), "Each window's $d$ comes back through an entry of $F$."),
            Wrong((unflipped,), "As the window moves on, the pixel stands further left or up in it."),
            Wrong((sum(f for _, _, _, f in parts),), r"And $d\text{out}$? Each window has its own."),
            Wrong((overlap(d, F),), "Only windows that contain the pixel hand something back, each by one entry."),
            Wrong((Fraction(answer, len(parts)),), "Paths add up. Where would a mean come from?"),
        ),
        given={"F": F, "d": d, "place": [r + 1, s + 1]},
    )


def one_by_one(rng: Random) -> Question | None:
    """A 1x1 convolution is a linear layer for the channels of each pixel."""
    pixels = [image(rng, 2, 2, -2, 4) for _ in range(3)]
    F, b = image(rng, 2, 3, -2, 3), [rng.choice((-2, -1, 1, 2, 3)) for _ in range(2)]
    r, s = rng.choice(((0, 1), (1, 0)))
    here = [channel[r][s] for channel in pixels]
    if any(each.count(0) > 1 for each in F) or here.count(0) > 1 or F[0] == F[1]:
        return None
    out = tuple(sum(f * x for f, x in zip(each, here)) + bias for each, bias in zip(F, b))
    there = [channel[s][r] for channel in pixels]
    summed = [sum(sum(channel, [])) for channel in pixels]
    return Question(
        rf"A $1 \times 1$ convolution leads from 3 channels to 2. The channels of the image are "
        rf"$X_1 = {matrix(pixels[0])}$, $X_2 = {matrix(pixels[1])}$, $X_3 = {matrix(pixels[2])}$. The two filters are "
        rf"the rows of $F = {matrix(F)}$, the biases ${row(b)}$. What are the two channels of the output at row "
        f"{r + 1}, column {s + 1}?",
        ("channel 1", "channel 2"),
        out,
        (
            rf"The window is one pixel: its three channels are ${row(here)}$. A $1 \times 1$ convolution is a linear "
            "layer that each pixel goes through by itself.",
            *(f"Channel {c}: ${dot(each, here, bias)} = {y}$." for c, (each, bias, y) in enumerate(zip(F, b, out), 1)),
        ),
        (
            Wrong(tuple(y - bias for y, bias in zip(out, b)), "What is added to the sum of the products?"),
            Wrong(
                tuple(sum(f * x for f, x in zip(each, there)) + bias for each, bias in zip(F, b)),
                "That is another pixel: the row comes first.",
            ),
            Wrong(
                tuple(sum(f * x for f, x in zip(each, summed)) + bias for each, bias in zip(F, b)),
                r"How many pixels does a $1 \times 1$ window have?",
            ),
            Wrong(tuple(each[0] * here[0] + bias for each, bias in zip(F, b)), "A filter looks at all three channels."),
            Wrong(out[::-1], "The two channels are in the other order."),
        ),
        given={"X": pixels, "F": F, "b": b, "place": [r + 1, s + 1]},
    )


FAMILY = Family(
    "convolution_by_hand",
    "resnets",
    "Convolutions by hand",
    {
        "two_places": two_places,
        "framed_place": framed_place,
        "one_by_one": one_by_one,
        "filter_gradient": filter_gradient,
        "input_gradient": input_gradient,
    },
)
