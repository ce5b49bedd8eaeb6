"""One linear layer, backward."""

from fractions import Fraction
from random import Random

from labkit.drills.families.backprop.parts import WORDS, columns, entries, flat, inner, nonzero, outer, scaled, several
from labkit.drills.question import Family, Question, Wrong
from labkit.drills.typeset import column, dot, matrix, number, row, total


def layer_one_example(rng: Random) -> Question:
    n, k = rng.choice(((2, 3), (3, 2)))
    W, x, delta = [several(rng, k) for _ in range(n)], several(rng, k), several(rng, n, -4, 4)
    if rng.random() < 0.5:
        x[rng.randrange(k)] = 0
    z = [inner(w, x) for w in W]
    return Question(
        rf"One example, one layer $z = Wx + b$ with $W = {matrix(W)}$ and $x = {row(x)}^\top$. From above comes "
        rf"$\delta = \partial J / \partial z = {row(delta)}^\top$. "
        rf"Find $dW = \partial J / \partial W$, row by row: {WORDS[n * k]} numbers.",
        entries("dW", n, k),
        flat(outer(delta, x)),
        (
            r"Linear pattern: $dW = \delta x^\top$. The numbers in $W$ do not matter: $z$ is linear in $W$.",
            rf"Shapes: $\delta$ is ({n}, 1), $x^\top$ is (1, {k}), and $dW$ is ({n}, {k}) like $W$.",
            rf"Linear pattern: $dW = \delta x^\top = {column(delta)} {matrix([x])} = {matrix(outer(delta, x))}$.",
        ),
        (
            Wrong(flat(outer(x, delta)), "What shape does $dW$ have? It is that of $W$."),
            Wrong(flat([[d * a for a in w] for d, w in zip(delta, W)]), "A weight is multiplied by what in $z$?"),
            Wrong(flat(outer(z, x)), "$z$ is what the layer gave. What tells how $J$ changes with $z$?"),
            Wrong(flat([x] * n), r"That is $\partial z_i / \partial W_{ij}$. The chain rule has a second factor."),
        ),
        given={"W": W, "x": x, "delta": delta},
    )


def layer_input(rng: Random) -> Question:
    """A square W: the shapes do not tell W from its transpose."""
    n = rng.choice((2, 2, 3))
    W, x, delta = [several(rng, n) for _ in range(n)], several(rng, n), several(rng, n, -4, 4)
    W[rng.randrange(n)][rng.randrange(n)] = 0
    dx = [inner(w, delta) for w in columns(W)]
    sums = ", ".join(f"${dot(w, delta)} = {number(each)}$" for w, each in zip(columns(W), dx))
    return Question(
        rf"One example, one layer $z = Wx + b$ with $W = {matrix(W)}$ and $x = {row(x)}^\top$. From above comes "
        rf"$\delta = \partial J / \partial z = {row(delta)}^\top$. "
        rf"Find $dx = \partial J / \partial x$: {WORDS[n]} numbers.",
        entries("dx", n),
        dx,
        (
            r"Linear pattern: $dx = W^\top \delta$. Entry $j$ is column $j$ of $W$ times $\delta$: "
            r"$x_j$ reaches $J$ through every $z_i$.",
            f"{sums}. So $dx = {row(dx)}^\\top$.",
        ),
        (
            Wrong([inner(w, delta) for w in W], "Rows or columns? Through which weights does $x_1$ reach $z$?"),
            Wrong([inner(w, x) for w in columns(W)], r"Where has $\delta$ gone?"),
            Wrong([inner(w, x) for w in W], "That is $Wx$, the way forward."),
            Wrong([d * a for d, a in zip(delta, x)], "Which gradient needs $x$: $dW$ or $dx$?"),
            Wrong([sum(w) for w in columns(W)], "Each weight has a factor. Which?"),
        ),
        given={"W": W, "x": x, "delta": delta},
    )


def layer_batch(rng: Random) -> Question:
    m = 3
    A, delta = [several(rng, m) for _ in range(2)], [several(rng, m, -2, 2) for _ in range(2)]
    A[rng.randrange(2)][rng.randrange(m)] = 0
    delta[rng.randrange(2)][rng.randrange(m)] = 0
    dW, db = [[inner(d, a) for a in A] for d in delta], [sum(d) for d in delta]
    first = outer(columns(delta)[0], columns(A)[0])
    return Question(
        rf"One layer $Z = WA + b$ and a batch of three examples, one per column: $A = {matrix(A)}$. $J$ is a mean over "
        rf"the batch, and $\delta = \partial J / \partial Z = {matrix(delta)}$. Find $dW$, row by row, and $db$: "
        "six numbers.",
        (*entries("dW", 2, 2), *entries("db", 2)),
        (*flat(dW), *db),
        (
            r"Shapes: $\delta$ is (2, 3), $A^\top$ is (3, 2), $dW$ is (2, 2), $db$ is (2, 1).",
            r"Linear pattern: $dW = \delta A^\top$, a row of $\delta$ times a row of $A$. The first entry is "
            rf"${dot(delta[0], A[0])} = {dW[0][0]}$. $dW = {matrix(dW)}$.",
            rf"$db$ is the sum over the batch: ${total(delta[0])} = {db[0]}$ and ${total(delta[1])} = {db[1]}$. "
            r"The $1/m$ of the loss is in $\delta$ already.",
        ),
        (
            Wrong(
                (*scaled(Fraction(1, m), flat(dW)), *scaled(Fraction(1, m), db)),
                r"$\delta$ belongs to $J$, the mean. Is the $1/m$ not in it yet?",
            ),
            Wrong((*flat(dW), *scaled(Fraction(1, m), db)), r"Look again at $db$: a mean or a sum over the batch?"),
            Wrong((*flat(columns(dW)), *db), r"What shape does $\delta A^\top$ have? Row by row or column by column?"),
            Wrong((*flat(first), *columns(delta)[0]), "That is the first example alone."),
            Wrong((*flat(dW), *[sum(a) for a in A]), "$b$ is added to $z$ as it is. What is then $db$?"),
        ),
        given={"A": A, "delta": delta},
    )


def layer_impossible(rng: Random) -> Question | None:
    """For one example, every row of dW is a multiple of x^T."""
    x = several(rng, 2, -4, 4)
    if abs(x[0]) == abs(x[1]):
        return None
    factors = set()
    while len(factors) < 4:
        factors.add((nonzero(rng, -3, 3), nonzero(rng, -3, 3)))
    factors = sorted(factors)
    rng.shuffle(factors)
    options = [outer(delta, x) for delta in factors]
    bad = rng.randrange(4)
    options[bad] = outer(x, factors[bad])
    dead = rng.choice([place for place in range(4) if place != bad])
    options[dead] = outer((0, factors[dead][1]), x)
    if options[bad][0][0] * x[1] == options[bad][0][1] * x[0]:
        return None
    good = r"What are its rows, compared with $x^\top$?"
    return Question(
        rf"A layer $z = Wx + b$ with two inputs and two outputs reads one example, $x = {row(x)}^\top$. "
        r"Nothing is known of the loss. One of the four matrices can't be $dW = \partial J / \partial W$. Which?",
        ("the letter",),
        (bad,),
        (
            r"Linear pattern: $dW = \delta x^\top$. Row $i$ is $\delta_i$ times $x^\top$, "
            rf"so every row is a multiple of ${row(x)}$. A row of zeros is one, too: $\delta_i = 0$.",
            f"In ({'abcd'[bad]}) the rows are no multiples of it. The columns are: somebody transposed.",
        ),
        tuple(
            Wrong((place,), good if place != dead else r"Can an entry of $\delta$ be 0?")
            for place in range(4) if place != bad
        ),
        choices=tuple(f"${matrix(option)}$" for option in options),
        given={"x": x, "options": options},
    )  # fmt: skip


def layer_shapes(rng: Random) -> Question:
    k, n, m = rng.sample(range(2, 13), 3)
    return Question(
        f"One example per column. A layer with {k} inputs and {n} outputs reads a batch of {m} examples: "
        r"$Z = WA + b$. Find the shapes of $dW = \partial J / \partial W$ and of $dA = \partial J / \partial A$: "
        "rows and columns of each, four numbers.",
        ("rows of $dW$", "columns of $dW$", "rows of $dA$", "columns of $dA$"),
        (n, k, k, m),
        (
            "A gradient has the shape of what it belongs to: $dW$ that of $W$, and $dA$ that of $A$.",
            rf"Of $A$ a column is an example, {k} numbers. $W$ takes {k} numbers and gives {n}.",
            rf"$dW = \delta A^\top$ is ({n}, {m}) times ({m}, {k}), so ({n}, {k}). "
            rf"$dA = W^\top \delta$ is ({k}, {n}) times ({n}, {m}), so ({k}, {m}).",
        ),
        (
            Wrong((k, n, k, m), "Look again at $dW$: $W$ maps the inputs to the outputs. Which are its rows?"),
            Wrong((n, k, m, k), "Look again at $dA$: an example is a column."),
            Wrong((n, k, n, m), r"Look again at $dA$: that is the shape of $\delta$."),
            Wrong((n, m, k, m), "Does $W$ grow with the batch?"),
            Wrong((k, n, m, k), "An example is a column here. With examples in rows it would be right."),
        ),
        given={"k": k, "n": n, "m": m},
    )


FAMILY = Family(
    "linear_pattern",
    "backprop",
    "One linear layer, backward",
    {
        "one_example": layer_one_example,
        "input": layer_input,
        "batch": layer_batch,
        "impossible": layer_impossible,
        "shapes": layer_shapes,
    },
)
