"""Parameter counts."""

from collections.abc import Sequence
from fractions import Fraction
from random import Random

from labkit.drills.families.shapes.parts import BATCHES, net, widths
from labkit.drills.question import Family, Question, Wrong


def weights_in(sizes: Sequence[int]) -> list[int]:
    return [n * k for k, n in zip(sizes, sizes[1:])]


def count_terms(sizes: Sequence[int]) -> str:
    return " + ".join(rf"({n} \cdot {k} + {n})" for k, n in zip(sizes, sizes[1:]))


def parameter_total(rng: Random) -> Question:
    sizes = widths(rng, rng.choice((2, 3)), high=12)
    m = rng.choice(BATCHES)
    weights, biases = weights_in(sizes), sizes[1:]
    answer = sum(weights) + sum(biases)
    return Question(
        f"A fully-connected net {net(sizes)} (input first) is trained with batches of {m} examples. "
        "How many parameters does it have?",
        ("the number of parameters",),
        (answer,),
        (
            "Name each layer's shapes: $W$ is $(n_l, n_{l-1})$, $b$ is $(n_l, 1)$. The batch is no parameter.",
            rf"Add up $n_l n_{{l-1}} + n_l$: ${count_terms(sizes)} = {answer}$.",
        ),
        (
            Wrong((sum(weights),), "Those are the weights. What else does each layer add to $z$?"),
            Wrong((sum(weights[:-1]) + sum(biases[:-1]),), "The output layer is missing. Does it have parameters?"),
            Wrong((answer + sizes[0],), "The input is no layer of its own. Which layers have a $b$?"),
            Wrong((sum(weights) + len(biases),), "That is one bias per layer. How many numbers are in $b^{[l]}$?"),
            Wrong((sum(sizes),), "That counts units. Which numbers of the net are learned?"),
            Wrong((m * answer,), "Does every example bring parameters of its own?"),
        ),
        given={"sizes": sizes, "m": m},
    )


def parameter_width(rng: Random) -> Question:
    """The other way round: which width makes this total?"""
    n_in, hidden, n_out = widths(rng, 2, 2, 15)
    total = hidden * (n_in + 1) + n_out * (hidden + 1)
    per_unit = n_in + 1 + n_out
    return Question(
        f"A net with {n_in} inputs, one hidden layer and {n_out} outputs has {total} parameters, biases included. "
        "How wide is the hidden layer?",
        ("the width",),
        (hidden,),
        (
            rf"With width $n$: the hidden layer has ${n_in}n + n$ parameters, the output layer ${n_out}n + {n_out}$.",
            rf"${per_unit}n + {n_out} = {total}$, so $n = ({total} - {n_out}) / {per_unit} = {hidden}$.",
        ),
        (
            Wrong((Fraction(total, n_in + n_out),), "That counts weights only. What else does each layer add to $z$?"),
            Wrong((Fraction(total - n_out, n_in + n_out),), "The hidden units have biases, too."),
            Wrong((Fraction(total, per_unit),), "The biases of the output do not depend on the width."),
            Wrong((Fraction(total, n_in + 1),), "That leaves nothing for the output layer. What are its shapes?"),
        ),
        given={"n_in": n_in, "n_out": n_out, "total": total},
    )


def parameter_growth(rng: Random) -> Question:
    """A hidden layer gets wider: two layers change."""
    n_in, before, n_out = widths(rng, 2, 3, 12)
    more = rng.randint(2, 5)
    answer = more * (n_in + 1 + n_out)
    wider = (n_in, before + more, n_out)
    return Question(
        f"The hidden layer of a {net((n_in, before, n_out))} net (input first) gets {more} more units. "
        "All layers have biases. How many parameters does the net gain?",
        ("the number of new parameters",),
        (answer,),
        (
            rf"Name the shapes: $W^{{[1]}}$ was $({before}, {n_in})$ and gets {more} rows. $b^{{[1]}}$ gets {more} "
            rf"entries. $W^{{[2]}}$ was $({n_out}, {before})$ and gets {more} columns. $b^{{[2]}}$ stays.",
            rf"Each new unit brings ${n_in} + 1 + {n_out}$ parameters: "
            rf"${more} \cdot ({n_in} + 1 + {n_out}) = {answer}$.",
        ),
        (
            Wrong((more * (n_in + 1),), "That is what goes into the new units. Where do their outputs go?"),
            Wrong((more * (n_in + n_out),), "Those are the weights. Do hidden units have biases?"),
            Wrong((answer + n_out,), "Does $b^{[2]}$ change, too?"),
            Wrong((more * n_in,), "Two more things change: a bias, and the next layer's $W$."),
            Wrong((sum(weights_in(wider)) + sum(wider[1:]),), "That is the wider net's total. What is asked?"),
        ),
        given={"sizes": (n_in, before, n_out), "more": more},
    )


def parameter_image(rng: Random) -> Question | None:
    """The input's width has to be found first."""
    high, wide, colours = rng.choice((2, 3, 4, 5, 6, 10)), rng.choice((2, 3, 4, 5, 6, 10)), rng.choice((3, 4))
    hidden, classes = rng.choice((4, 5, 8, 10, 20)), rng.choice((2, 3, 4, 5, 6, 7))
    pixels = high * wide * colours
    if pixels > 100 and pixels % 100:
        return None
    sizes = (pixels, hidden, classes)
    answer = sum(weights_in(sizes)) + sum(sizes[1:])

    def with_inputs(n: int) -> int:
        return answer + (n - pixels) * hidden

    return Question(
        f"Pictures of {high} by {wide} pixels with {colours} colours are flattened into columns. They go through a "
        f"fully-connected layer of {hidden} ReLU units and an output layer with softmax over {classes} classes. "
        "Both layers have biases. How many parameters does the net have?",
        ("the number of parameters",),
        (answer,),
        (
            rf"Name the shapes: an input has ${high} \cdot {wide} \cdot {colours} = {pixels}$ numbers. "
            rf"$W^{{[1]}}$ is $({hidden}, {pixels})$, $W^{{[2]}}$ is $({classes}, {hidden})$. "
            "ReLU and softmax have nothing to learn.",
            rf"Add up $n_l n_{{l-1}} + n_l$: ${count_terms(sizes)} = {answer}$.",
        ),
        (
            Wrong((with_inputs(high * wide),), "How many numbers are stored for one pixel?"),
            Wrong((with_inputs(wide * colours),), "How many pixels does the whole picture have?"),
            Wrong((sum(weights_in(sizes)),), "Those are the weights. What else does each layer add to $z$?"),
            Wrong((answer + classes * classes + classes,), "Does softmax have weights of its own?"),
            Wrong((pixels * hidden + hidden,), "The output layer is missing. Does it have parameters?"),
        ),
        given={"high": high, "wide": wide, "colours": colours, "hidden": hidden, "classes": classes},
    )


FAMILY = Family(
    "parameter_counts",
    "shapes",
    "Parameter counts",
    {
        "total": parameter_total,
        "width": parameter_width,
        "growth": parameter_growth,
        "image": parameter_image,
    },
)
