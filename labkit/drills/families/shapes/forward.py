"""Forward pass."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from random import Random

from labkit.drills.question import Family, Number, Question, Wrong
from labkit.drills.typeset import column, dot, matrix, number


def whole_numbers(rng: Random, n: int, largest: int = 3) -> list[int]:
    """n of them, from -largest to largest, none 0."""
    return [rng.choice((-1, 1)) * rng.randint(1, largest) for _ in range(n)]


def z_of(w: Sequence[Number], x: Sequence[Number], b: Number) -> Number:
    """One unit: w x + b."""
    return sum(a * c for a, c in zip(w, x, strict=True)) + b


def through(W: list, b: list, w: list, c: Number, x: Sequence[Number], bend: Callable = lambda z: max(z, 0)) -> Number:
    """The output of a 2-2-1 net, bend in the hidden layer."""
    return z_of(w, [bend(z_of(*unit)) for unit in zip(W, [x] * 2, b)], c)


def straight(z: Number) -> Number:
    return z


def turned(W: Sequence[Sequence[Number]]) -> list[list[Number]]:
    return [list(each) for each in zip(*W)]


def told(W: list, b: list | str, w: list, c: Number | None = None) -> str:
    b = b if isinstance(b, str) else column(b)
    said = rf"$W^{{[1]}} = {matrix(W)}$, $b^{{[1]}} = {b}$, $W^{{[2]}} = {matrix([w])}$"
    return said if c is None else rf"{said}, $b^{{[2]}} = {number(c)}$"


def hidden_lines(W: list, b: list, x: Sequence[Number], x_name: str = "x") -> str:
    """z and ReLU(z) of both hidden units, in one paragraph."""
    z = [z_of(w, x, c) for w, c in zip(W, b)]
    sums = ", ".join(rf"$z_{i + 1} = {dot(W[i], x, b[i])} = {number(z[i])}$" for i in range(2))
    return rf"For ${x_name} = {column(x)}$: {sums}. ReLU: $a = {column([max(each, 0) for each in z])}$."


def forward_off(rng: Random) -> Question | None:
    """One example, one of the two hidden units is off."""
    W, b, w = [whole_numbers(rng, 2) for _ in range(2)], whole_numbers(rng, 2), whole_numbers(rng, 2)
    x, c = whole_numbers(rng, 2), whole_numbers(rng, 1)[0]
    z = [z_of(*unit) for unit in zip(W, [x] * 2, b)]
    if not min(z) < 0 < max(z):
        return None
    a, answer = [max(each, 0) for each in z], through(W, b, w, c, x)
    wrong = [
        Wrong((through(W, b, w, c, x, straight),), "One $z$ is negative. What does ReLU make of it?"),
        Wrong((through(W, b, w, c, x, abs),), "ReLU does not turn the sign of a negative $z$. What does it do?"),
        Wrong((through(turned(W), b, w, c, x),), "Rows for columns: unit 1 takes row 1 of $W^{[1]}$."),
        Wrong((through(W, [0, 0], w, c, x),), "Did $b^{[1]}$ come in before ReLU?"),
        Wrong((answer - c,), "What does the output layer add?"),
    ]
    if answer < 0:
        wrong.append(Wrong((0,), "Read again which activation the output has."))
    return Question(
        "A 2-2-1 net has ReLU in the hidden layer and the identity at the output. "
        rf"{told(W, b, w, c)}. The input is $x = {column(x)}$. What is the output $\hat y$?",
        (r"$\hat y$",),
        (answer,),
        (
            r"The way: $z^{[1]} = W^{[1]} x + b^{[1]}$, then $a^{[1]} = \max(z^{[1]}, 0)$, then "
            r"$\hat y = W^{[2]} a^{[1]} + b^{[2]}$. $z^{[1]}$ and $a^{[1]}$ are $(2, 1)$, $\hat y$ is one number.",
            f"Forward, hidden layer. {hidden_lines(W, b, x)}",
            rf"Output layer: $\hat y = {dot(w, a, c)} = {number(answer)}$. The unit whose $z$ is negative gives 0.",
        ),
        tuple(wrong),
        given={"W": W, "b": b, "w": w, "c": c, "x": x},
    )


def forward_batch(rng: Random) -> Question | None:
    """Two examples, one per column. At least one unit is off for one of them."""
    W, b, w = [whole_numbers(rng, 2, 2) for _ in range(2)], whole_numbers(rng, 2, 2), whole_numbers(rng, 2, 2)
    X, c = [whole_numbers(rng, 2) for _ in range(2)], rng.choice((-1, 1, 2))
    first, second = turned(X)
    z = [[z_of(row, x, bias) for row, bias in zip(W, b)] for x in (first, second)]
    if not all(max(each) > 0 and 0 not in each for each in z) or min(map(min, z)) > 0:
        return None

    def outputs(W: list = W, b: list = b, c: int = c, X: list = X, **bend: Callable) -> tuple[Number, Number]:
        return tuple(through(W, b, w, c, x, **bend) for x in turned(X))

    answer = outputs()
    by_example = tuple(through(W, [bias] * 2, w, c, x) for bias, x in zip(b, (first, second)))
    hidden = [[max(each, 0) for each in zs] for zs in z]
    return Question(
        "A 2-2-1 net has ReLU in the hidden layer and the identity at the output. "
        rf"{told(W, b, w, c)}. The batch is $X = {matrix(X)}$, one example per column. "
        r"What are the outputs $\hat y^{(1)}$ and $\hat y^{(2)}$?",
        (r"$\hat y^{(1)}$", r"$\hat y^{(2)}$"),
        answer,
        (
            r"Take one column of $X$ at a time: each goes through the net by itself, with the same $b^{[1]}$. "
            r"$Z^{[1]}$ and $A^{[1]}$ are $(2, 2)$, $\hat Y$ is $(1, 2)$.",
            f"Forward, hidden layer. {hidden_lines(W, b, first, 'x^{(1)}')}",
            hidden_lines(W, b, second, "x^{(2)}"),
            rf"Output layer: $\hat y^{{(1)}} = {dot(w, hidden[0], c)} = {number(answer[0])}$ and "
            rf"$\hat y^{{(2)}} = {dot(w, hidden[1], c)} = {number(answer[1])}$.",
        ),
        (
            Wrong(outputs(X=turned(X)), "You took rows of $X$. Where does one example stand?"),
            Wrong(outputs(bend=straight), "What does ReLU make of the negative $z$?"),
            Wrong(outputs(W=turned(W)), "Rows for columns: unit 1 takes row 1 of $W^{[1]}$."),
            Wrong(outputs(b=[0, 0]), "Did $b^{[1]}$ come in before ReLU?"),
            Wrong(by_example, "Each entry of $b^{[1]}$ belongs to a unit, not to an example."),
            Wrong(outputs(c=0), "What does the output layer add?"),
        ),
        given={"W": W, "b": b, "w": w, "c": c, "X": X},
    )


def forward_sigmoid(rng: Random) -> Question | None:
    """Two sigmoid units: one at z = 0, one at z = ln k or -ln k."""
    x = whole_numbers(rng, 2)
    power, minus = rng.choice((3, 4, 7)), rng.choice((False, True))
    k = Fraction(1, power) if minus else Fraction(power)
    at_zero, at_log = whole_numbers(rng, 2), whole_numbers(rng, 2)
    bias = -z_of(at_zero, x, 0)
    if bias == 0 or z_of(at_log, x, 0) != 0:
        return None
    flat, bent = k / (k + 1), 1 / (k + 1)
    to_zero, to_log = rng.choice((-3, -1, 1, 3)), rng.choice((-1, 1)) * (power + 1)
    c = rng.choice((-2, -1, 1, 2))
    log = rf"{'-' if minus else ''}\ln {power}"
    units = [(at_zero, str(bias), to_zero, Fraction(1, 2), "0"), (at_log, log, to_log, flat, log)]
    rng.shuffle(units)
    W, shown_b, w, a, z = (list(each) for each in zip(*units))
    answer = Fraction(to_zero, 2) + to_log * flat + c
    stacked = r"\begin{pmatrix} %s \\ %s \end{pmatrix}"
    return Question(
        r"A 2-2-1 net has the sigmoid $\sigma(z) = 1 / (1 + e^{-z})$ in the hidden layer and the identity at the "
        rf"output. {told(W, stacked % tuple(shown_b), w, c)}. The input is $x = {column(x)}$. "
        r"What is the output $\hat y$?",
        (r"$\hat y$",),
        (answer,),
        (
            r"First $z^{[1]} = W^{[1]} x + b^{[1]}$, one number per hidden unit. It is made so that "
            r"$e^{-z}$ is easy: $e^{\ln k} = k$ and $e^{-\ln k} = 1/k$.",
            rf"Forward: $W^{{[1]}} x = {column([z_of(row, x, 0) for row in W])}$, so "
            rf"$z^{{[1]}} = {stacked % tuple(z)}$.",
            rf"$\sigma(0) = \tfrac{{1}}{{2}}$, since $e^0 = 1$. "
            rf"$\sigma({log}) = 1 / (1 + {number(1 / k)}) = {number(flat)}$.",
            rf"Output layer: $\hat y = {dot(w, a, c)} = {number(answer)}$.",
        ),
        (
            Wrong((to_log * flat + c,), r"Is $\sigma(0)$ really 0? Put $z = 0$ into the formula."),
            Wrong((to_zero + to_log * flat + c,), r"Is $\sigma(0)$ really 1? How many terms has the denominator?"),
            Wrong((Fraction(to_zero, 2) + to_log * bent + c,), r"Mind the sign in $e^{-z}$ when $z$ is a logarithm."),
            Wrong((Fraction(to_zero + to_log, 2) + c,), r"Only one $z$ is 0. What is $e^{-z}$ for the other?"),
            Wrong((answer - c,), "What does the output layer add?"),
        ),
        given={"W": W, "bias": bias, "log": k, "zero_first": a[0] == Fraction(1, 2), "w": w, "c": c, "x": x},
    )


def forward_bias(rng: Random) -> Question | None:
    """The other way round: the bias that puts the output's sigmoid at 1/2."""
    W, b, w = [whole_numbers(rng, 2) for _ in range(2)], whole_numbers(rng, 2), whole_numbers(rng, 2)
    x = whole_numbers(rng, 2)
    z = [z_of(*unit) for unit in zip(W, [x] * 2, b)]
    if not min(z) < 0 < max(z):
        return None
    a, answer = [max(each, 0) for each in z], -through(W, b, w, 0, x)
    return Question(
        "A 2-2-1 net has ReLU in the hidden layer and the sigmoid at the output. "
        rf"{told(W, b, w)}. The input is $x = {column(x)}$. "
        r"Which output bias $b^{[2]}$ makes the net undecided, $\hat y = \tfrac{1}{2}$?",
        ("$b^{[2]}$",),
        (answer,),
        (
            r"With the logit $o = W^{[2]} a^{[1]} + b^{[2]}$, $\hat y = \sigma(o)$. Find first which $o$ gives "
            r"$\tfrac{1}{2}$, and what the hidden layer gives.",
            f"Forward, hidden layer. {hidden_lines(W, b, x)}",
            r"$\sigma(o) = \tfrac{1}{2}$ where $e^{-o} = 1$, so $o = 0$.",
            rf"$W^{{[2]}} a^{{[1]}} = {dot(w, a)} = {number(-answer)}$. So $b^{{[2]}} = {number(answer)}$.",
        ),
        (
            Wrong((Fraction(1, 2) + answer,), r"Half is the output. Which logit does the sigmoid make it from?"),
            Wrong((1 + answer,), r"You made the logit 1. What is $\sigma(1)$?"),
            Wrong((-answer,), "Check the sign: what must the logit be with your bias in it?"),
            Wrong((-through(W, b, w, 0, x, straight),), "One $z$ is negative. What does ReLU make of it?"),
            Wrong((-through(W, [0, 0], w, 0, x),), "Did $b^{[1]}$ come in before ReLU?"),
            Wrong((-through(turned(W), b, w, 0, x),), "Rows for columns: unit 1 takes row 1 of $W^{[1]}$."),
        ),
        given={"W": W, "b": b, "w": w, "x": x},
    )


def forward_collapse(rng: Random) -> Question:
    """Without an activation between them, two layers are one."""
    W, b, w = [whole_numbers(rng, 2) for _ in range(2)], whole_numbers(rng, 2), whole_numbers(rng, 2)
    c = rng.choice((-2, -1, 1, 2))
    first, second = (z_of(w, each, 0) for each in turned(W))
    bias = z_of(w, b, c)
    products = [dot(w, each) for each in turned(W)]
    return Question(
        "A 2-2-1 net has the identity as activation in *both* layers. "
        rf"{told(W, b, w, c)}. One layer alone can do the same: $\hat y = w_1 x_1 + w_2 x_2 + b$. "
        "What are $w_1$, $w_2$ and $b$?",
        ("$w_1$", "$w_2$", "$b$"),
        (first, second, bias),
        (
            r"Forward with letters: $\hat y = W^{[2]} (W^{[1]} x + b^{[1]}) + b^{[2]} "
            r"= (W^{[2]} W^{[1]}) x + (W^{[2]} b^{[1]} + b^{[2]})$.",
            f"Shapes: $(1, 2)$ times $(2, 2)$ is $(1, 2)$. $w_1 = {products[0]} = {first}$, from column 1 of "
            f"$W^{{[1]}}$. $w_2 = {products[1]} = {second}$, from column 2.",
            f"$b = {dot(w, b, c)} = {bias}$. Without a bend between them, two layers can do no more than one.",
        ),
        (
            Wrong((*(z_of(w, each, 0) for each in W), bias), "Multiply out $W^{[2]} W^{[1]}$: row times column."),
            Wrong((first, second, c), "$b^{[1]}$ passes through the second layer, too."),
            Wrong((first, second, sum(b) + c), "By what is $b^{[1]}$ multiplied on its way to the output?"),
            Wrong((first, second, bias - c), "What does the output layer add?"),
            Wrong((w[0] * W[0][0], w[1] * W[1][1], bias), "$x_1$ reaches the output by two paths. Add them up."),
        ),
        given={"W": W, "b": b, "w": w, "c": c},
    )


FAMILY = Family(
    "forward",
    "shapes",
    "Forward pass",
    {
        "off": forward_off,
        "batch": forward_batch,
        "sigmoid": forward_sigmoid,
        "bias": forward_bias,
        "collapse": forward_collapse,
    },
)
