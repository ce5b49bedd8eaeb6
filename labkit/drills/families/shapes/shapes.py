"""Shapes."""

from fractions import Fraction
from random import Random

from labkit.drills.families.shapes.parts import BATCHES, net, widths
from labkit.drills.question import Family, Question, Wrong

Shapes = dict[str, tuple[int, int]]


def numbers_of(shapes: Shapes) -> tuple[int, ...]:
    return tuple(n for shape in shapes.values() for n in shape)


def sides_of(shapes: Shapes) -> tuple[str, ...]:
    return tuple(f"the {side} of ${name}$" for name in shapes for side in ("rows", "columns"))


def but(shapes: Shapes, name: str, shape: tuple[int, int], hint: str) -> Wrong:
    """The right shapes, one of them replaced."""
    return Wrong(numbers_of({**shapes, name: shape}), hint)


def listed(shapes: Shapes) -> str:
    return ", ".join(f"${name}$ is ${shape}$" for name, shape in shapes.items())


def shapes_forward(rng: Random) -> Question:
    sizes, m = widths(rng, 3), rng.choice(BATCHES)
    l = rng.choice((2, 3))
    n, k = sizes[l], sizes[l - 1]
    W, b, A = f"W^{{[{l}]}}", f"b^{{[{l}]}}", f"A^{{[{l}]}}"
    shapes = {W: (n, k), b: (n, 1), A: (n, m)}
    early = {W: (k, sizes[l - 2]), b: (k, 1), A: (k, m)}
    return Question(
        f"A net {net(sizes)} (input first) gets a batch of {m} examples, one example per column. "
        f"Give the shapes (rows, columns) of ${W}$, ${b}$ and ${A}$.",
        sides_of(shapes),
        numbers_of(shapes),
        (
            f"The input is not counted as a layer: $n_0 = {sizes[0]}$. "
            f"Layer {l} takes $n_{{{l - 1}}} = {k}$ numbers per example and gives $n_{{{l}}} = {n}$.",
            "One row of $W$ per unit, one column per number that comes in. The batch shows in $A$ alone: the "
            "parameters are the same for 1 example and for a million.",
            f"{listed(shapes)}.",
        ),
        (
            but(shapes, W, (k, n), "Rows for columns: in $W a$, what must fit the length of $a$?"),
            but(shapes, b, (n, m), "Does each example have a bias of its own?"),
            but(shapes, b, (1, n), "$b$ is added to the columns of $W A$. Which way does it stand?"),
            but(shapes, A, (m, n), "That is one example per row. What does the question say?"),
            but(shapes, A, (k, m), "That is what goes into this layer. What comes out?"),
            Wrong(numbers_of(early), "That is the layer before. Is the input counted as a layer?"),
        ),
        given={"sizes": sizes, "m": m, "l": l},
    )


def shapes_backward(rng: Random) -> Question:
    sizes, m = widths(rng, 3), rng.choice(BATCHES)
    l = rng.choice((1, 2, 3))
    n, k = sizes[l], sizes[l - 1]
    delta, dW, db = rf"\delta^{{[{l}]}}", f"dW^{{[{l}]}}", f"db^{{[{l}]}}"
    shapes = {delta: (n, m), dW: (n, k), db: (n, 1)}
    return Question(
        f"A net {net(sizes)} (input first) is trained with a batch of {m} examples, one example per column. "
        r"$\delta^{[l]}$ is the loss's gradient with respect to $Z^{[l]}$, $dW$ and $db$ those of $W$ and $b$. "
        f"Give the shapes (rows, columns) of ${delta}$, ${dW}$ and ${db}$.",
        sides_of(shapes),
        numbers_of(shapes),
        (
            f"A gradient has the shape of what it belongs to. "
            f"Name the nodes: $Z^{{[{l}]}}$ is $({n}, {m})$, $A^{{[{l - 1}]}}$ is $({k}, {m})$.",
            rf"Linear-layer pattern: ${dW} = {delta} (A^{{[{l - 1}]}})^\top$. "
            rf"The batch is summed away. ${db}$ is ${delta}$ summed over the batch.",
            f"{listed(shapes)}: for ${dW}$, $({n}, {m})$ times $({m}, {k})$.",
        ),
        (
            but(shapes, delta, (n, 1), "That is one example. Each column of $Z$ gets a column of its own."),
            but(shapes, delta, (k, m), r"That is the gradient of this layer's input. Which $Z$ does $\delta$ go with?"),
            but(shapes, dW, (k, n), "A gradient is subtracted from its parameter. What shape does $W$ have?"),
            but(shapes, dW, (n, m), r"That is $\delta$. The product with $A^\top$ is still missing."),
            but(shapes, db, (n, m), "What has to happen over the batch, so that it fits $b$?"),
            but(shapes, db, (1, m), "That sums over the units. Over what must the sum go, so that it fits $b$?"),
        ),
        given={"sizes": sizes, "m": m, "l": l},
    )


def shapes_rows(rng: Random) -> Question:
    """Another library's convention: everything transposed."""
    (k, n), m = widths(rng, 1), rng.choice(BATCHES)
    shapes = {"X": (m, k), "W": (k, n), "b": (1, n)}
    ours = {"X": (k, m), "W": (n, k), "b": (n, 1)}
    return Question(
        f"A library keeps one example per *row*. Its layer computes $Z = X W + b$, with $b$ as a row. A layer "
        f"takes {k} numbers per example and gives {n}. The batch has {m} examples. "
        "Give the shapes (rows, columns) of $X$, $W$ and $b$ in this library.",
        sides_of(shapes),
        numbers_of(shapes),
        (
            f"One example per row: $X$ and $Z$ have {m} rows, one column for each of their {k} and {n} numbers.",
            "In $X W$, the rows of $W$ fit the columns of $X$, and its columns are those of $Z$. $b$ is added to each "
            "row of $Z$.",
            f"{listed(shapes)}. Each is the transpose of what this course has.",
        ),
        (
            Wrong(numbers_of(ours), "That is this course's convention. Here an example is a row."),
            but(shapes, "W", (n, k), "$X W$ does not fit. What must the rows of $W$ be equal to?"),
            but(shapes, "X", (k, m), "That is one example per column. What does the question say?"),
            but(shapes, "b", (n, 1), "$b$ is added to the rows of $Z$. Which way must it stand?"),
            but(shapes, "b", (m, n), "Does each example have a bias of its own?"),
        ),
        given={"k": k, "n": n, "m": m},
    )


def shapes_reverse(rng: Random) -> Question:
    """From the gradients back to the net and the batch."""
    (n_in, hidden, n_out), m = widths(rng, 2), rng.choice(BATCHES)
    entries = n_out * hidden
    return Question(
        "A net with one hidden layer is trained on a batch, one example per column. "
        rf"$\delta^{{[1]}}$ has shape $({hidden}, {m})$. $dW^{{[1]}}$ has shape $({hidden}, {n_in})$. "
        rf"$dW^{{[2]}}$ has {entries} entries. "
        "How many inputs and outputs does the net have, and how many examples has the batch?",
        ("the number of inputs", "the number of outputs", "the number of examples"),
        (n_in, n_out, m),
        (
            rf"Name the shapes. $\delta^{{[1]}}$ is $(n_1, m)$: $n_1 = {hidden}$, $m = {m}$.",
            rf"$dW^{{[1]}}$ has the shape of $W^{{[1]}}$, $(n_1, n_0)$: $n_0 = {n_in}$.",
            rf"$W^{{[2]}}$ is $(n_2, n_1)$, so $n_2 \cdot {hidden} = {entries}$ and $n_2 = {n_out}$.",
        ),
        (
            Wrong((hidden, n_out, m), "Rows for columns: which side of $W$ fits what comes in?"),
            Wrong((n_in, n_out, hidden), r"One side of $\delta$ counts units. Which one?"),
            Wrong((n_in, Fraction(entries, n_in), m), "What comes into layer 2: the inputs, or something else?"),
            Wrong((n_in, Fraction(entries, hidden + 1), m), r"Do the biases stand in $dW$?"),
            Wrong((n_in, entries, m), "That is the number of entries. How many rows share them?"),
        ),
        given={"n_in": n_in, "hidden": hidden, "entries": entries, "m": m},
    )


def shapes_impossible(rng: Random) -> Question:
    """Four shapes, one of which can't be."""
    (a, b, c), m = widths(rng, 2), rng.choice(BATCHES)
    batch = "The batch shows as columns. Does this one fit?"
    pool = {  # name: (right, a typical slip, what to think about)
        "A^{[1]}": ((b, m), (m, b), batch),
        "W^{[1]}": ((b, a), (a, b), "Multiply it with $x$. Does it fit?"),
        "W^{[2]}": ((c, b), (b, c), "Multiply it with $a^{[1]}$. Does it fit?"),
        "b^{[1]}": ((b, 1), (b, m), "A bias belongs to a unit. Does this one fit its layer?"),
        r"\delta^{[1]}": ((b, m), (b, a), r"$\delta$ belongs to $Z$ of the same layer. Does it fit?"),
        r"\delta^{[2]}": ((c, m), (c, 1), r"$\delta$ belongs to $Z$ of the same layer. Does it fit?"),
        r"dW^{[1]}": ((b, a), (b, m), "A gradient has its parameter's shape. Does this one fit?"),
        r"dW^{[2]}": ((c, b), (b, c), "A gradient has its parameter's shape. Does this one fit?"),
        r"db^{[1]}": ((b, 1), (b, m), "The sum over the batch leaves one number a unit. Does this fit?"),
        r"db^{[2]}": ((c, 1), (1, m), "The sum over the batch leaves one number a unit. Does this fit?"),
    }
    names = rng.sample(list(pool), 4)
    place = rng.randrange(4)
    right, slip, _ = pool[names[place]]
    claims = tuple((name, slip if name == names[place] else pool[name][0]) for name in names)
    return Question(
        f"A net {net((a, b, c))} (input first) is trained with a batch of {m} examples, one example per column. "
        r"$\delta^{[l]}$ is the loss's gradient with respect to $Z^{[l]}$, $dW$ and $db$ those of $W$ and $b$. "
        "Which of these shapes can't be?",
        ("the letter",),
        (place,),
        (
            f"First the widths: $n_0 = {a}$, $n_1 = {b}$, $n_2 = {c}$, $m = {m}$. "
            r"$Z$, $A$ and $\delta$ of a layer are $(n_l, m)$. $W$ and its gradient are $(n_l, n_{l-1})$. "
            "$b$ and its gradient are $(n_l, 1)$.",
            f"${names[place]}$ is ${right}$, not ${slip}$.",
        ),
        tuple(Wrong((i,), pool[name][2]) for i, name in enumerate(names) if i != place),
        choices=tuple(f"${name}$ is ${shape}$" for name, shape in claims),
        given={"sizes": (a, b, c), "m": m, "claims": claims},
    )


FAMILY = Family(
    "shapes",
    "shapes",
    "Shapes",
    {
        "forward": shapes_forward,
        "backward": shapes_backward,
        "rows": shapes_rows,
        "reverse": shapes_reverse,
        "impossible": shapes_impossible,
    },
)
