"""Backward through a 2-3-2 net."""

from collections.abc import Sequence
from fractions import Fraction
from random import Random

from labkit.drills.families.backprop.parts import HALF, SIGN, Vector, columns, entries, inner, outer, scaled, several
from labkit.drills.question import Family, Number, Question, Wrong
from labkit.drills.typeset import column, dot, matrix, row, total


def gated(values: Sequence[Number], z: Sequence[Number]) -> Vector:
    return [d if v > 0 else 0 for d, v in zip(values, z)]


def softmax_232(rng: Random) -> Question | None:
    W1, b1 = [several(rng, 2, -2, 3) for _ in range(3)], [rng.randint(-2, 2) for _ in range(3)]
    x, W2 = several(rng, 2), [several(rng, 3, -3, 4) for _ in range(2)]
    z = [inner(w, x) + b for w, b in zip(W1, b1)]
    if 0 in z or sum(v > 0 for v in z) != 2 or max(map(abs, z)) > 9 or any(w == v for w, v in zip(*W2)):
        return None
    p = Fraction(rng.choice((1, 2, 3)), 4)
    y_hat, y = [p, 1 - p], rng.choice(([1, 0], [0, 1]))
    delta2 = [a - b for a, b in zip(y_hat, y)]
    da = [inner(w, delta2) for w in columns(W2)]
    delta1 = gated(da, z)
    sums = ", ".join(f"${dot(w, x, b)} = {v}$" for w, b, v in zip(W1, b1, z))
    return Question(
        rf"A classifier 2-3-2: ReLU, then softmax with cross-entropy. One example, $x = {column(x)}$, one-hot "
        rf"$y = {column(y)}$. $W^{{[1]}} = {matrix(W1)}$, $b^{{[1]}} = {column(b1)}$, $W^{{[2]}} = {matrix(W2)}$. "
        rf"The output was $\hat y = {row(y_hat)}^\top$. "
        r"Find $db^{[1]} = \partial J / \partial b^{[1]}$: three numbers.",
        entries("db^{[1]}", 3),
        delta1,
        (
            r"The way: $\delta^{[2]}$ from the loss, then "
            r"$\delta^{[1]} = (W^{[2]})^\top \delta^{[2]} \odot \phi'(z^{[1]})$, and $db^{[1]} = \delta^{[1]}$. Of the "
            r"forward pass only the signs of $z^{[1]}$ are needed.",
            f"Forward, for the gates: {sums}. One unit is off.",
            rf"Start from the loss: $\delta^{{[2]}} = \hat y - y = {row(delta2)}^\top$.",
            rf"Linear pattern: $(W^{{[2]}})^\top \delta^{{[2]}} = {row(da)}^\top$, column by column of $W^{{[2]}}$.",
            rf"Chain through the activation: $db^{{[1]}} = \delta^{{[1]}} = {row(delta1)}^\top$.",
        ),
        (
            Wrong(da, "Is every hidden gate open? Look at the signs of $z^{[1]}$."),
            Wrong(scaled(-1, delta1), SIGN),
            Wrong(gated([inner(w, y_hat) for w in columns(W2)], z), "Where does the label come in?"),
            Wrong(scaled(2, delta1), "The 2 belongs to another loss."),
            Wrong(
                [d * max(0, v) for d, v in zip(da, z)],
                "The chain rule wants ReLU's slope, not its value.",
            ),
        ),
        given={"W1": W1, "b1": b1, "x": x, "W2": W2, "y_hat": y_hat, "y": y},
    )


def squared_error_232(rng: Random) -> Question | None:
    """The forward pass is done; the way back goes to the input."""
    W1, W2 = [several(rng, 2, -2, 3) for _ in range(3)], [several(rng, 3, -2, 3) for _ in range(2)]
    z = several(rng, 3, -4, 5)
    y, error = [rng.randint(-2, 5) for _ in range(2)], several(rng, 2, -2, 2)
    if sum(v > 0 for v in z) != 2:
        return None
    y_hat = [a + e for a, e in zip(y, error)]
    delta2 = [2 * e for e in error]
    da = [inner(w, delta2) for w in columns(W2)]
    delta1 = gated(da, z)
    dx = [inner(w, delta1) for w in columns(W1)]
    if 0 in da:
        return None
    return Question(
        r"A regression net 2-3-2: ReLU, then no output activation. One example, $J = \lVert \hat y - y \rVert^2$. "
        rf"$W^{{[1]}} = {matrix(W1)}$, $W^{{[2]}} = {matrix(W2)}$. "
        rf"The forward pass gave $z^{{[1]}} = {row(z)}^\top$ and $\hat y = {row(y_hat)}^\top$. $y = {row(y)}^\top$. "
        r"Find $\delta^{[1]} = \partial J / \partial z^{[1]}$ and $dx = \partial J / \partial x$: five numbers.",
        (*entries(r"\delta^{[1]}", 3), *entries("dx", 2)),
        (*delta1, *dx),
        (
            r"The forward pass is done. The way: $\delta^{[2]}$ from the loss, then "
            r"$\delta^{[1]} = (W^{[2]})^\top \delta^{[2]} \odot \phi'(z^{[1]})$, "
            r"then $dx = (W^{[1]})^\top \delta^{[1]}$.",
            rf"Start from the loss: $\delta^{{[2]}} = 2(\hat y - y) = {row(delta2)}^\top$.",
            rf"Linear pattern: $(W^{{[2]}})^\top \delta^{{[2]}} = {row(da)}^\top$.",
            rf"Chain through the activation: one gate is closed, $\delta^{{[1]}} = {row(delta1)}^\top$.",
            r"Linear pattern again: $dx = (W^{[1]})^\top \delta^{[1]}$, "
            + ", ".join(f"${dot(w, delta1)} = {each}$" for w, each in zip(columns(W1), dx)) + ".",
        ),
        (
            Wrong(
                (*da, *[inner(w, da) for w in columns(W1)]),
                "Is every hidden gate open? Look at the signs of $z^{[1]}$.",
            ),
            Wrong(
                (*delta1, *[inner(w, da) for w in columns(W1)]),
                r"$\delta^{[1]}$ is right. Which vector goes back through $W^{[1]}$?",
            ),
            Wrong((*scaled(HALF, delta1), *scaled(HALF, dx)), "What is the derivative of a square?"),
            Wrong((*scaled(-1, delta1), *scaled(-1, dx)), r"Check the sign of $\delta^{[2]}$."),
            Wrong(
                (*[d * max(0, v) for d, v in zip(da, z)],
                 *[inner(w, [d * max(0, v) for d, v in zip(da, z)]) for w in columns(W1)]),
                "The chain rule wants ReLU's slope, not its value.",
            ),
        ),
        given={"W1": W1, "W2": W2, "z": z, "y_hat": y_hat, "y": y},
    )  # fmt: skip


def batch_output(rng: Random) -> Question | None:
    """Two examples: 2/m is 1. The hidden values are known."""
    A = [[max(0, rng.randint(-1, 4)) for _ in "12"] for _ in range(3)]
    Y = [[rng.randint(-2, 4) for _ in "12"] for _ in "12"]
    delta = [several(rng, 2, -3, 3) for _ in "12"]
    if not all(map(any, A)) or all(map(all, A)) or 0 in (sum(d) for d in delta):
        return None
    Y_hat = [[a + d for a, d in zip(*pair)] for pair in zip(Y, delta)]
    db, dw = [sum(d) for d in delta], [inner(delta[0], a) for a in A]
    return Question(
        r"A regression net 2-3-2 without output activation, and a batch of two examples, one per column. "
        r"$J = \frac{1}{2} \sum_i \lVert \hat y_i - y_i \rVert^2$, the mean of the squared errors. "
        rf"The forward pass gave $A^{{[1]}} = {matrix(A)}$ and $\hat Y = {matrix(Y_hat)}$. $Y = {matrix(Y)}$. "
        r"Find $db^{[2]}$ and the first row of $dW^{[2]}$: five numbers.",
        (*entries("db^{[2]}", 2), *entries("dW^{[2]}", 1, 3)),
        (*db, *dw),
        (
            rf"Start from the loss: $\delta^{{[2]}} = \frac{{2}}{{m}} (\hat Y - Y)$, and $m = 2$: "
            rf"$\delta^{{[2]}} = {matrix(delta)}$.",
            rf"Linear pattern: $db^{{[2]}}$ is the sum over the batch, ${total(delta[0])} = {db[0]}$ and "
            rf"${total(delta[1])} = {db[1]}$.",
            r"The first row of $dW^{[2]} = \delta^{[2]} (A^{[1]})^\top$ is the first row of $\delta^{[2]}$ times each "
            r"row of $A^{[1]}$: " + ", ".join(f"${dot(delta[0], a)} = {each}$" for a, each in zip(A, dw)) + ".",
        ),
        (
            Wrong((*scaled(HALF, db), *scaled(HALF, dw)), "One half is left over. What is the derivative of a square?"),
            Wrong((*scaled(2, db), *scaled(2, dw)), "What does the mean over the batch do?"),
            Wrong((*scaled(HALF, db), *dw), "Look again at $db^{[2]}$: a mean or a sum over the batch?"),
            Wrong(
                (*(sum(d) for d in columns(delta)), *dw),
                "Look again at $db^{[2]}$: rows or columns? A bias belongs to a unit.",
            ),
            Wrong((*(d[0] for d in delta), *(delta[0][0] * a[0] for a in A)), "That is the first example alone."),
        ),
        given={"A": A, "Y_hat": Y_hat, "Y": Y},
    )


def batch_hidden(rng: Random) -> Question | None:
    """Softmax over a batch of two: each example has gates of its own."""
    Z = [several(rng, 2, -3, 4) for _ in range(3)]
    W2 = [several(rng, 3, -3, 4) for _ in "12"]
    gates = [[v > 0 for v in z] for z in columns(Z)]
    if gates[0] == gates[1] or any(w == v for w, v in zip(*W2)) or not all(map(any, gates)):
        return None
    p = [Fraction(rng.choice((1, 2, 3)), 4) for _ in "12"]
    Y_hat = [p, [1 - each for each in p]]
    y = [rng.choice((0, 1)) for _ in "12"]
    Y = [[int(label == k) for label in y] for k in (0, 1)]
    delta2 = [[(a - b) / 2 for a, b in zip(*pair)] for pair in zip(Y_hat, Y)]
    dA = [[inner(w, d) for d in columns(delta2)] for w in columns(W2)]
    delta1 = [gated(d, z) for d, z in zip(dA, Z)]
    db = [sum(d) for d in delta1]
    if sum(d != 0 for d in db) < 2 or sum(delta2[0]) == 0:
        return None
    return Question(
        r"A classifier 2-3-2: ReLU, then softmax. $J$ is the mean cross-entropy over a batch of two examples, one per "
        rf"column. The forward pass gave $Z^{{[1]}} = {matrix(Z)}$ and $\hat Y = {matrix(Y_hat)}$. One-hot labels "
        rf"$Y = {matrix(Y)}$, and $W^{{[2]}} = {matrix(W2)}$. "
        r"Find $db^{[1]} = \partial J / \partial b^{[1]}$: three numbers.",
        entries("db^{[1]}", 3),
        db,
        (
            r"The way: $\delta^{[2]}$ from the loss, $\delta^{[1]} = (W^{[2]})^\top \delta^{[2]} \odot "
            r"\phi'(Z^{[1]})$, and $db^{[1]}$ sums its columns. $\delta^{[1]}$ is (3, 2), $\delta^{[2]}$ is (2, 2).",
            rf"Start from the loss: $\delta^{{[2]}} = \frac{{1}}{{2}} (\hat Y - Y) = {matrix(delta2)}$.",
            rf"Linear pattern: $dA^{{[1]}} = (W^{{[2]}})^\top \delta^{{[2]}} = {matrix(dA)}$.",
            r"Chain through the activation, each example by its own gates: "
            rf"$\delta^{{[1]}} = {matrix(delta1)}$.",
            rf"Linear pattern: $db^{{[1]}}$ is the sum over the batch, ${row(db)}^\top$.",
        ),
        (
            Wrong([sum(d) for d in dA], "Is every gate open? Look at the signs in $Z^{[1]}$."),
            Wrong(scaled(2, db), "What does the mean over the batch do to the output's delta?"),
            Wrong(scaled(HALF, db), r"The $1/m$ stands in the output's delta. Does it come a second time?"),
            Wrong(scaled(-1, db), SIGN),
            Wrong(
                [sum(d) if z[0] > 0 else 0 for d, z in zip(dA, Z)],
                "Do both examples open the same gates?",
            ),
            Wrong([d[0] for d in delta1], "That is the first example alone."),
        ),
        given={"Z": Z, "W2": W2, "Y_hat": Y_hat, "Y": Y},
    )


def read_gradients(rng: Random) -> Question | None:
    """The other way round: from the gradients to the values of the forward pass."""
    a = [rng.randint(1, 4), rng.randint(1, 4), 0]
    rng.shuffle(a)
    error, y = several(rng, 2, -3, 3), [rng.randint(-3, 5) for _ in "12"]
    if len(set(a)) < 3 or abs(error[0]) == abs(error[1]):
        return None
    delta = [2 * e for e in error]
    dW, y_hat = outer(delta, a), [b + e for b, e in zip(y, error)]
    return Question(
        r"A regression net 2-3-2 with ReLU in the hidden layer, no output activation, one example and "
        rf"$J = \lVert \hat y - y \rVert^2$. Backpropagation gave $db^{{[2]}} = {column(delta)}$ and "
        rf"$dW^{{[2]}} = {matrix(dW)}$. The target was $y = {row(y)}^\top$. "
        r"What were the hidden values $a^{[1]}$, and what was the output $\hat y$? Five numbers.",
        (*entries("a^{[1]}", 3), *entries(r"\hat y", 2)),
        (*a, *y_hat),
        (
            rf"Linear pattern, one example: $db^{{[2]}} = \delta^{{[2]}} = {row(delta)}^\top$, and "
            r"$dW^{[2]} = \delta^{[2]} (a^{[1]})^\top$.",
            rf"The first row of $dW^{{[2]}}$, divided by $\delta^{{[2]}}_1 = {delta[0]}$: "
            rf"$a^{{[1]}} = {row(a)}^\top$. The second row says the same.",
            rf"From the loss: $\delta^{{[2]}} = 2(\hat y - y)$, so $\hat y = y + \frac{{1}}{{2}} \delta^{{[2]}} = "
            rf"{row(y_hat)}^\top$.",
        ),
        (
            Wrong((*a, *(b + d for b, d in zip(y, delta))), r"$a^{[1]}$ is right. What is the derivative of a square?"),
            Wrong(
                (*a, *(b - e for b, e in zip(y, error))), r"$a^{[1]}$ is right. In $\delta$, which is taken off which?"
            ),
            Wrong((*dW[0], *y_hat), r"Look again at $a^{[1]}$: of which product is $dW^{[2]}$ made?"),
            Wrong(
                (*scaled(Fraction(1, error[0]), dW[0]), *y_hat),
                r"Look again at $a^{[1]}$: what is $\delta^{[2]}$ itself?",
            ),
            Wrong(
                (*scaled(Fraction(1, delta[1]), dW[0]), *y_hat),
                r"Which entry of $\delta^{[2]}$ belongs to the first row?",
            ),
        ),
        given={"delta": delta, "dW": dW, "y": y},
    )


FAMILY = Family(
    "backward_232",
    "backprop",
    "Backward through a 2-3-2 net",
    {
        "softmax": softmax_232,
        "squared_error": squared_error_232,
        "batch_output": batch_output,
        "batch_hidden": batch_hidden,
        "read_gradients": read_gradients,
    },
)
