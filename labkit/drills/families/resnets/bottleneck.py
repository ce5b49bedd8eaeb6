"""Parameters and multiply-adds."""

from math import prod
from random import Random

from labkit.drills.families.resnets.parts import asked_size, channels_of, size_after
from labkit.drills.question import Family, Question, Wrong


def bottleneck_weights(rng: Random) -> Question | None:
    """Two blocks of equal outer width."""
    inner = rng.choice((2, 3, 4, 5, 8, 10, 16, 20))
    outer = rng.choice((2, 3, 4, 5)) * inner
    basic, parts = 2 * 9 * outer**2, [outer * inner, 9 * inner**2, inner * outer]
    narrow = sum(parts)
    if outer > 60 and outer % 10:
        return None
    return Question(
        rf"Two residual blocks with {outer} channels in and out. *Basic*: two $3 \times 3$ convolutions of {outer} "
        rf"channels. *Bottleneck*: $1 \times 1$ down to {inner} channels, $3 \times 3$ among these, $1 \times 1$ back "
        f"up to {outer}. How many weights does each have, without biases and batch norm?",
        ("basic", "bottleneck"),
        (basic, narrow),
        (
            r"A convolution has $C_{out} C_{in} k^2$ weights.",
            rf"Basic: $2 \cdot {outer} \cdot {outer} \cdot 9 = {basic}$.",
            rf"Bottleneck: ${inner} \cdot {outer} + {inner} \cdot {inner} \cdot 9 + {outer} \cdot {inner} = "
            rf"{' + '.join(map(str, parts))} = {narrow}$.",
        ),
        (
            Wrong((basic // 2, narrow), "How many convolutions does the basic block have?"),
            Wrong((2 * outer**2, 2 * outer * inner + inner**2), r"How many places does a $3 \times 3$ window have?"),
            Wrong((6 * outer**2, 2 * outer * inner + 3 * inner**2), r"A window has $k^2$ places."),
            Wrong((basic, 9 * narrow - 72 * inner**2), r"Which of the windows of the bottleneck are $1 \times 1$?"),
            Wrong((basic, narrow - inner * outer), "One of the three convolutions is missing."),
            Wrong((basic + 2 * outer, narrow + 2 * inner + outer), "Biases were to be left out."),
        ),
        given={"outer": outer, "inner": inner},
    )


def bottleneck_width(rng: Random) -> Question | None:
    """The other way round: what may it cost?"""
    inner, times = rng.choice((2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 20)), rng.choice((2, 3, 4, 5))
    outer, per = times * inner, 2 * times + 9
    weights = per * inner**2
    if outer > 30 and outer not in (40, 50, 60):
        return None
    return Question(
        rf"A bottleneck ($1 \times 1$, $3 \times 3$, $1 \times 1$) is {times} times as wide outside as inside. It has "
        f"{weights} weights, without biases. How many channels does it have inside? How many weights does a "
        r"basic block (two $3 \times 3$ convolutions) of the same outer width have?",
        ("channels inside", "weights of the basic block"),
        (inner, 18 * outer**2),
        (
            rf"With $c$ inside and ${times}c$ outside: ${times}c^2 + 9c^2 + {times}c^2 = {per}c^2 = {weights}$. "
            rf"$c^2 = {inner**2}$, $c = {inner}$.",
            rf"Basic: $2 \cdot {outer} \cdot {outer} \cdot 9 = {18 * outer**2}$.",
        ),
        (
            Wrong((outer, 18 * (times * outer) ** 2), "That is the width outside."),
            *([Wrong((inner, 18 * inner**2), "Compare at equal outer width.")] if times != 3 else []),
            Wrong((inner, 9 * outer**2), "How many convolutions does the basic block have?"),
            Wrong((inner**2, 18 * (times * inner**2) ** 2), "Is a root missing?"),
            Wrong((inner, 2 * outer**2), r"How many places does a $3 \times 3$ window have?"),
            *([Wrong((inner, 18 * inner * outer), "Both its convolutions have the outer width, in and out.")]
              if times != 2 else []),
        ),
        given={"times": times, "weights": weights},
    )  # fmt: skip


def multiply_adds(rng: Random) -> Question | None:
    """One convolution with a stride: the output's size counts."""
    high, wide = rng.choice((4, 6, 8, 10, 12, 16, 20)), rng.choice((4, 6, 8, 10, 12, 16, 20))
    c_in, c_out = rng.choice((2, 3, 4, 5, 8, 10)), rng.choice((4, 5, 6, 8, 10, 20))
    k, stride = rng.choice((1, 3, 3, 5)), 2
    padding = (k - 1) // 2
    sizes = [size_after(size, k, stride, padding) for size in (high, wide)]
    places, weights = prod(sizes), c_out * c_in * k * k
    if c_in == c_out or weights * places > 50_000:
        return None
    return Question(
        rf"A ${k} \times {k}$ convolution with stride {stride} and padding {padding} leads from {c_in} to {c_out} "
        rf"channels. It reads one image of ${high} \times {wide}$ pixels. How many weights does it have, without "
        "biases? How many multiply-adds does it take?",
        ("weights", "multiply-adds"),
        (weights, weights * places),
        (
            rf"$C_{{out}} C_{{in}} k^2 = {c_out} \cdot {c_in} \cdot {k * k} = {weights}$.",
            rf"The output is ${sizes[0]} \times {sizes[1]}$: ${asked_size(high, k, stride, padding)}$ and "
            rf"${asked_size(wide, k, stride, padding)}$.",
            rf"Each weight is used once at each place of the output: ${weights} \cdot {places} = {weights * places}$.",
        ),
        (
            Wrong((weights, weights * high * wide), "At which places is a weight used: of input or output?"),
            Wrong((weights, weights * high * wide // stride), "The stride works on height and on width."),
            Wrong((weights, weights), "Each weight is used more than once for one image."),
            Wrong((c_out * k * k, c_out * k * k * places), "A filter looks at all channels that come in."),
            Wrong((weights, k * k * places), "Every filter multiplies all channels of each window."),
            *([Wrong((weights // k, weights // k * places), r"A window has $k^2$ places.")] if k > 1 else []),
        ),
        given={"c_in": c_in, "c_out": c_out, "k": k, "stride": stride, "padding": padding, "size": [high, wide]},
    )


def against_linear(rng: Random) -> Question | None:
    """The same map as a convolution and as a linear layer: shared weights."""
    size, k = rng.choice((4, 5, 6, 8, 10)), rng.choice((3, 5))
    c_in, c_out = rng.choice((1, 2, 3)), rng.choice((2, 4, 5, 6))
    if k > size or c_in == c_out:
        return None
    n_in, n_out = c_in * size**2, c_out * size**2
    conv, linear = c_out * c_in * k * k + c_out, n_out * n_in + n_out
    return Question(
        rf"Images of {channels_of(c_in)} and ${size} \times {size}$ pixels become images of {c_out} channels and "
        rf"${size} \times {size}$ pixels. How many parameters, biases included, has a ${k} \times {k}$ convolution "
        rf"(padding {(k - 1) // 2}) that does it? And how many has a fully-connected layer?",
        ("convolution", "fully-connected"),
        (conv, linear),
        (
            rf"Convolution: $C_{{out}} C_{{in}} k^2 + C_{{out}} = {c_out} \cdot {c_in} \cdot {k * k} + {c_out} = "
            rf"{conv}$. The same weights serve every place.",
            rf"Fully-connected: ${n_in}$ numbers in, ${n_out}$ out. $n_l n_{{l-1}} + n_l = "
            rf"{n_out} \cdot {n_in} + {n_out} = {linear}$.",
        ),
        (
            Wrong((conv - c_out, linear - n_out), "Those are the weights. Biases are to be counted, too."),
            Wrong((conv, linear - n_out + c_out), "Fully-connected: every number of the output has its bias."),
            Wrong((conv - c_out + n_out, linear), "One filter has one bias. Does every place have its own?"),
            Wrong((conv * size**2, linear), "Does every place have a filter of its own?"),
            Wrong((c_out * k * k + c_out, linear), "A filter looks at all channels that come in.")
            if c_in > 1
            else Wrong((c_out * k + c_out, linear), r"A window has $k^2$ places."),
            Wrong((conv, c_in * c_out * size**2 + c_out), "Every output number has a weight for every input number."),
        ),
        given={"size": size, "k": k, "c_in": c_in, "c_out": c_out},
    )


FAMILY = Family(
    "bottleneck",
    "resnets",
    "Parameters and multiply-adds",
    {
        "bottleneck_weights": bottleneck_weights,
        "bottleneck_width": bottleneck_width,
        "multiply_adds": multiply_adds,
        "against_linear": against_linear,
    },
)
