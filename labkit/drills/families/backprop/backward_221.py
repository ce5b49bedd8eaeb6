"""Backward through a 2-2-1 net."""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

from labkit.drills.families.backprop.parts import (
    HALF,
    Matrix,
    Vector,
    columns,
    entries,
    flat,
    inner,
    nonzero,
    outer,
    scaled,
    several,
)
from labkit.drills.question import Family, Number, Question, Wrong
from labkit.drills.typeset import bracketed, column, dot, matrix, number, row


@dataclass(frozen=True)
class Worked:
    """A 2-2-1 net with ReLU, one example and the squared error, worked out."""

    W1: Matrix
    b1: Vector
    x: Vector
    w2: Vector
    b2: int
    y: int
    z: Vector
    a: Vector
    y_hat: Number

    @property
    def error(self) -> Number:
        return self.y_hat - self.y

    @property
    def da(self) -> Vector:
        return [w * 2 * self.error for w in self.w2]

    @property
    def delta1(self) -> Vector:
        return [d if v > 0 else 0 for d, v in zip(self.da, self.z)]

    @property
    def given(self) -> dict:
        return {"W1": self.W1, "b1": self.b1, "x": self.x, "w2": self.w2, "b2": self.b2, "y": self.y}

    def said(self) -> str:
        return (
            "A net 2-2-1 with ReLU in the hidden layer and no activation at the output. One example, "
            rf"$J = (\hat y - y)^2$. $W^{{[1]}} = {matrix(self.W1)}$, $b^{{[1]}} = {column(self.b1)}$, "
            rf"$W^{{[2]}} = {matrix([self.w2])}$, $b^{{[2]}} = {self.b2}$, $x = {column(self.x)}$, $y = {self.y}$."
        )

    def forward(self) -> str:
        sums = " and ".join(f"${dot(w, self.x, b)} = {v}$" for w, b, v in zip(self.W1, self.b1, self.z))
        return (
            rf"Forward: $z^{{[1]}}$ is {sums}, so $a^{{[1]}} = {row(self.a)}^\top$. "
            rf"$\hat y = {dot(self.w2, self.a, self.b2)} = {self.y_hat}$."
        )

    def back(self) -> str:
        return (
            rf"Start from the loss: $\delta^{{[2]}} = 2(\hat y - y) = 2 \cdot {bracketed(self.error)} = "
            rf"{2 * self.error}$."
        )

    def gate(self) -> str:
        slopes = [int(v > 0) for v in self.z]
        return (
            rf"Chain through the activation: $(W^{{[2]}})^\top \delta^{{[2]}} = {row(self.da)}^\top$, times the slopes "
            rf"${row(slopes)}^\top$: $\delta^{{[1]}} = {row(self.delta1)}^\top$."
        )


SHAPES_221 = (
    r"The way: forward to $\hat y$, then $\delta^{[2]}$ from the loss, then "
    r"$\delta^{[1]} = (W^{[2]})^\top \delta^{[2]} \odot \phi'(z^{[1]})$, and from it what is asked. "
    r"$z^{[1]}$, $a^{[1]}$ and $\delta^{[1]}$ are (2, 1), $z^{[2]} = \hat y$ is one number."
)


def small_net(rng: Random, on: int, zero_input: bool = False) -> Worked | None:
    """With so many of the two hidden units on."""
    W1, b1 = [several(rng, 2, -2, 3) for _ in range(2)], [rng.randint(-2, 2) for _ in range(2)]
    x = several(rng, 2)
    if zero_input:
        x[rng.randrange(2)] = 0
    w2, b2 = several(rng, 2), rng.randint(-3, 3)
    z = [inner(w, x) + b for w, b in zip(W1, b1)]
    a = [max(0, v) for v in z]
    if 0 in z or max(map(abs, z)) > 9 or sum(v > 0 for v in z) != on:
        return None
    y_hat = inner(w2, a) + b2
    return Worked(W1, b1, x, w2, b2, y_hat - nonzero(rng, -3, 3), z, a, y_hat)


def both_open(rng: Random) -> Question | None:
    net = small_net(rng, on=2)
    if net is None:
        return None
    dW = outer(net.delta1, net.x)
    return Question(
        net.said() + r" Find $dW^{[1]} = \partial J / \partial W^{[1]}$, row by row: four numbers.",
        entries("dW^{[1]}", 2, 2),
        flat(dW),
        (
            SHAPES_221, net.forward(), net.back(), net.gate(),
            rf"Linear pattern: $dW^{{[1]}} = \delta^{{[1]}} x^\top = {matrix(dW)}$.",
        ),
        (
            Wrong(scaled(HALF, flat(dW)), "What is the derivative of a square?"),
            Wrong(scaled(-1, flat(dW)), r"Check the sign of $\delta^{[2]}$."),
            Wrong(flat(outer(net.x, net.delta1)), r"Row by row: does a row belong to a hidden unit or to an input?"),
            Wrong(flat(outer(net.delta1, net.a)), "What did the first layer read?"),
            Wrong(flat(outer([2 * net.error] * 2, net.x)), r"What lies between $\delta^{[2]}$ and $a^{[1]}$?"),
        ),
        given=net.given,
    )  # fmt: skip


def closed_gate(rng: Random) -> Question | None:
    net = small_net(rng, on=1)
    if net is None:
        return None
    delta2 = 2 * net.error
    dW2 = scaled(delta2, net.a)
    missed = inner(net.w2, net.z) + net.b2 - net.y
    without = scaled(2 * missed, net.w2)
    return Question(
        net.said() + r" Find $db^{[1]}$ and $dW^{[2]}$, the gradients of $J$: four numbers.",
        (*entries("db^{[1]}", 2), *entries("dW^{[2]}", 2)),
        (*net.delta1, *dW2),
        (
            SHAPES_221, net.forward() + " One hidden unit is off.", net.back(),
            rf"Linear pattern: $dW^{{[2]}} = \delta^{{[2]}} (a^{{[1]}})^\top = {row(dW2)}$.",
            net.gate() + " "
            rf"For one example $db^{{[1]}} = \delta^{{[1]}} = {row(net.delta1)}^\top$. "
            "The unit that is off learns nothing.",
        ),
        (
            Wrong((*net.da, *dW2), "Is every hidden gate open? Look at the signs of $z^{[1]}$."),
            Wrong((*net.delta1, *scaled(delta2, net.z)), "What did the second layer read: $z^{[1]}$ or $a^{[1]}$?"),
            Wrong((*without, *scaled(2 * missed, net.z)), "There is a ReLU between the layers. Where does it come in?"),
            Wrong((*net.delta1, *scaled(delta2, net.x)), "What did the second layer read?"),
            Wrong((*scaled(HALF, net.delta1), *scaled(HALF, dW2)), "What is the derivative of a square?"),
            Wrong(
                (*[d * v for d, v in zip(net.da, net.a)], *dW2),
                "Look again at $db^{[1]}$: the chain rule wants ReLU's slope, not its value.",
            ),
        ),
        given=net.given,
    )  # fmt: skip


def to_the_input(rng: Random) -> Question | None:
    net = small_net(rng, on=rng.choice((1, 2)))
    if net is None:
        return None
    dx = [inner(w, net.delta1) for w in columns(net.W1)]
    wrong = [
        Wrong([inner(w, net.delta1) for w in net.W1], "Rows or columns? Through which weights does $x_1$ act?"),
        Wrong(tuple(net.delta1), r"That is $\delta^{[1]}$. What lies between $z^{[1]}$ and $x$?"),
        Wrong(scaled(HALF, dx), "What is the derivative of a square?"),
        Wrong(scaled(-1, dx), r"Check the sign of $\delta^{[2]}$."),
    ]
    if min(net.z) < 0:
        ungated = [inner(w, net.da) for w in columns(net.W1)]
        wrong.insert(0, Wrong(ungated, "Is every hidden gate open? Look at the signs of $z^{[1]}$."))
    return Question(
        net.said() + r" How does $J$ change with the input? Find $dx = \partial J / \partial x$: two numbers.",
        entries("dx", 2),
        dx,
        (
            SHAPES_221, net.forward(), net.back(), net.gate(),
            r"Linear pattern: $dx = (W^{[1]})^\top \delta^{[1]}$, column by column of $W^{[1]}$: "
            + ", ".join(f"${dot(w, net.delta1)} = {each}$" for w, each in zip(columns(net.W1), dx)) + ".",
        ),
        tuple(wrong),
        given=net.given,
    )  # fmt: skip


def classifier_221(rng: Random) -> Question | None:
    """Sigmoid and BCE at the end; the hidden values are known, so no z and no first layer is needed."""
    phi = rng.choice(("tanh", "sigmoid"))
    a = [Fraction(rng.choice((1, 2, 3)), 4) if phi == "sigmoid" else Fraction(rng.choice((-1, 0, 1)), 2) for _ in "12"]
    if a[0] == a[1]:
        return None
    slopes = [v * (1 - v) if phi == "sigmoid" else 1 - v**2 for v in a]
    others = [1 - v**2 if phi == "sigmoid" else v * (1 - v) for v in a]
    w2, x = [4 * nonzero(rng, -2, 2) for _ in "12"], several(rng, 2)
    y_hat, y = Fraction(rng.choice((1, 2, 3)), 4), rng.choice((0, 1))
    delta2 = y_hat - y
    da = [w * delta2 for w in w2]
    delta1 = [d * s for d, s in zip(da, slopes)]
    return Question(
        rf"A binary classifier 2-2-1: {phi} in the hidden layer, then a sigmoid with binary cross-entropy. "
        rf"One example, $x = {row(x)}^\top$ and $y = {y}$. The forward pass gave $a^{{[1]}} = {row(a)}^\top$ and "
        rf"$\hat y = {number(y_hat)}$. $W^{{[2]}} = {matrix([w2])}$. "
        r"Find $db^{[1]} = \partial J / \partial b^{[1]}$: two numbers.",
        entries("db^{[1]}", 2),
        delta1,
        (
            rf"Start from the loss: $\delta^{{[2]}} = \hat y - y = {number(delta2)}$. "
            "With binary cross-entropy the sigmoid's slope has cancelled.",
            rf"Linear pattern: $(W^{{[2]}})^\top \delta^{{[2]}} = {row(da)}^\top$.",
            rf"Chain through the activation: {phi} has the slopes "
            rf"${'a (1 - a)' if phi == 'sigmoid' else '1 - a^2'} = {row(slopes)}^\top$, from the values alone.",
            rf"$db^{{[1]}} = \delta^{{[1]}} = {row(delta1)}^\top$. $x$ is needed for $dW^{{[1]}}$ only.",
        ),
        (
            Wrong(da, "The way to $z^{[1]}$ leads through the hidden activation."),
            Wrong(
                scaled(y_hat * (1 - y_hat), delta1),
                "With binary cross-entropy after a sigmoid, is there still a slope at the output?",
            ),
            Wrong(scaled(2, delta1), "The 2 belongs to another loss."),
            Wrong([d * s for d, s in zip(da, others)], "Whose slope is that? Look at the hidden activation."),
            Wrong([d * v for d, v in zip(da, a)], "The chain rule wants the activation's slope, not its value."),
            Wrong(scaled(-1, delta1), r"Check the sign of $\delta^{[2]}$."),
        ),
        given={"phi": phi, "a": a, "w2": w2, "x": x, "y_hat": y_hat, "y": y},
    )


def which_gradient(rng: Random) -> Question | None:
    """One unit off and one input 0: which gradients vanish?"""
    net = small_net(rng, on=1, zero_input=True)
    if net is None:
        return None
    off = 0 if net.z[0] < 0 else 1
    on, blank = 1 - off, net.x.index(0)
    seen = 1 - blank
    zero = {
        f"dW^{{[1]}}_{{{off + 1}{seen + 1}}}": "This weight feeds a hidden unit. Is that unit's gate open?",
        f"dW^{{[1]}}_{{{on + 1}{blank + 1}}}": "What did this weight multiply on the way forward?",
        f"dW^{{[2]}}_{{{off + 1}}}": "This weight multiplied a hidden value. Which?",
        f"db^{{[1]}}_{{{off + 1}}}": "This bias belongs to a hidden unit. Is that unit's gate open?",
    }
    live = {
        f"dW^{{[1]}}_{{{on + 1}{seen + 1}}}": "A weight of layer 1: is its unit's gate open, and is its input 0?",
        f"db^{{[1]}}_{{{on + 1}}}": "A hidden bias: is its unit's gate open?",
        f"dW^{{[2]}}_{{{on + 1}}}": "A weight of layer 2: is the hidden value that it multiplied 0?",
        "db^{[2]}": r"The output's bias: is $\delta^{[2]}$ 0?",
    }
    wanted_zero = rng.random() < 0.5
    one, three = (zero, live) if wanted_zero else (live, zero)
    right = rng.choice(list(one))
    names = [right, *rng.sample(list(three), 3)]
    rng.shuffle(names)
    said = "zero" if wanted_zero else "not zero"
    return Question(
        f"{net.said()} Which of these four gradients of $J$ is {said}?",
        ("the letter",),
        (names.index(right),),
        (
            net.forward() + f" Hidden unit {off + 1} is off.",
            net.back() + r" It is not 0, so the zeros come from elsewhere.",
            rf"$\delta^{{[1]}} = {row(net.delta1)}^\top$, $x = {row(net.x)}^\top$, $a^{{[1]}} = {row(net.a)}^\top$. "
            r"$dW^{[1]} = \delta^{[1]} x^\top$, $db^{[1]} = \delta^{[1]}$, $dW^{[2]} = \delta^{[2]} (a^{[1]})^\top$, "
            r"$db^{[2]} = \delta^{[2]}$.",
            f"So ({'abcd'[names.index(right)]}), ${right}$, is {said}.",
        ),
        tuple(Wrong((place,), three[name]) for place, name in enumerate(names) if name != right),
        choices=tuple(f"${name}$" for name in names),
        given={**net.given, "names": names, "zero": wanted_zero},
    )


FAMILY = Family(
    "backward_221",
    "backprop",
    "Backward through a 2-2-1 net",
    {
        "both_open": both_open,
        "closed_gate": closed_gate,
        "input": to_the_input,
        "classifier": classifier_221,
        "which_gradient": which_gradient,
    },
)
