"""Shapes of convolutions."""

from math import prod
from random import Random

from labkit.drills.families.resnets.parts import asked_size, channels_of, size_after
from labkit.drills.question import Family, Question, Wrong


def one_convolution(rng: Random) -> Question | None:
    """The shape after one convolution of an image that is not square."""
    high, wide = rng.randint(7, 32), rng.randint(7, 32)
    k, stride, padding = rng.choice((2, 3, 5, 7)), rng.choice((2, 3)), rng.choice((1, 2, 3))
    c_in, c_out, m = rng.choice((3, 4, 8, 16)), rng.choice((6, 12, 24, 32)), rng.choice((10, 20, 50, 64))
    if high == wide or k <= padding or (wide + 2 * padding - k) % stride == 0:
        return None
    sizes = [size_after(size, k, stride, padding) for size in (high, wide)]
    if sizes[0] == sizes[1]:
        return None
    once = [(size + padding - k) // stride + 1 for size in (high, wide)]
    ceiling = [-(-(size + 2 * padding - k) // stride) + 1 for size in (high, wide)]
    return Question(
        f"A convolution reads {m} images of shape $({c_in}, {high}, {wide})$: channels, height, width. It has {c_out} "
        rf"filters, $k = {k}$, stride {stride} and padding {padding}. What shape does one image of its output have?",
        ("channels", "height", "width"),
        (c_out, *sizes),
        (
            f"Name the shapes: one channel for each filter, so {c_out}. A filter looks at all {c_in} channels at once.",
            rf"$H' = {asked_size(high, k, stride, padding)}$.",
            rf"$W' = {asked_size(wide, k, stride, padding)}$.",
        ),
        (
            Wrong((c_in, *sizes), "How many channels come out: as many as go in, or one for each filter?"),
            Wrong((c_out, *once), "Padding frames the image on all sides."),
            Wrong((c_out, *(size - 1 for size in sizes)), "How many places are there for a window that just fits?"),
            Wrong((c_out, *ceiling), "A window that hangs over the edge does not count."),
            Wrong((c_out, *(size_after(size, k, 1, padding) for size in (high, wide))), "What does the stride do?"),
        ),
        given={"m": m, "shape": [c_in, high, wide], "c_out": c_out, "k": k, "stride": stride, "padding": padding},
    )


def several_convolutions(rng: Random) -> Question | None:
    """Layer after layer, and the numbers at the end."""
    size = rng.choice((15, 16, 17, 20, 24, 28, 29, 32))
    depth = rng.choice((2, 3))
    layers = [(rng.choice((3, 5, 7)), rng.choice((1, 2, 2, 3)), rng.choice((0, 1, 2))) for _ in range(depth)]
    channels = [rng.choice((1, 3)), *(rng.choice((4, 6, 8, 10)) for _ in layers)]
    sizes, ceiling, once = [size], [size], [size]
    for k, stride, padding in layers:
        if k > sizes[-1] + 2 * padding or k <= 2 * padding - 1:
            return None
        sizes.append(size_after(sizes[-1], k, stride, padding))
        ceiling.append(-(-(ceiling[-1] + 2 * padding - k) // stride) + 1)
        once.append((once[-1] + padding - k) // stride + 1)
    end = sizes[-1]
    strides = {stride for _, stride, _ in layers}
    if not 2 <= end <= 12 or len(strides) == 1 or ceiling[-1] == end or once[-1] in (0, end):
        return None
    said = "; ".join(
        f"{c} filters with $k = {k}$, stride {stride}, padding {padding}"
        for c, (k, stride, padding) in zip(channels[1:], layers)
    )
    c = channels[-1]
    return Question(
        rf"An image of {channels_of(channels[0])} and ${size} \times {size}$ pixels "
        f"goes through {len(layers)} convolutions: {said}. How wide is the last output? How many numbers does it have?",
        ("the width", "the numbers"),
        (end, c * end * end),
        (
            *(
                rf"Layer {place}: ${asked_size(before, k, stride, padding)}$."
                for place, (before, (k, stride, padding)) in enumerate(zip(sizes, layers), 1)
            ),
            rf"One channel for each filter of the last layer: ${c} \cdot {end} \cdot {end} = {c * end * end}$.",
        ),
        (
            Wrong((end, end * end), "How many channels does the last output have?"),
            Wrong((end, channels[0] * prod(channels[1:]) * end * end), "Do channels multiply from layer to layer?"),
            Wrong((ceiling[-1], c * ceiling[-1] ** 2), "A window that hangs over the edge does not count."),
            Wrong((once[-1], c * once[-1] ** 2), "Padding frames the image on all sides."),
            Wrong((end - 1, c * (end - 1) ** 2), "How many places are there for a window that just fits?"),
            Wrong((sizes[-2], c * sizes[-2] ** 2), "One layer is still to come."),
        ),
        given={"size": size, "layers": layers, "channels": channels},
    )


def which_padding(rng: Random) -> Question | None:
    """The other way round: the frame that keeps the size, and what it becomes with a stride."""
    size, k, stride = rng.randint(8, 40), rng.choice((3, 5, 7)), rng.choice((2, 3, 4))
    padding = (k - 1) // 2
    after = size_after(size, k, stride, padding)
    if (size - 1) % stride == 0:
        return None
    return Question(
        rf"A convolution with $k = {k}$ and stride 1 shall keep the size of its images, ${size} \times {size}$. Which "
        f"padding does it need? With this padding and stride {stride}, how wide is the output?",
        ("the padding", f"the width at stride {stride}"),
        (padding, after),
        (
            rf"${size} + 2p - {k} + 1 = {size}$, so $2p = {k - 1}$ and $p = {padding}$. The image's size drops out.",
            rf"Stride {stride}: ${asked_size(size, k, stride, padding)}$.",
        ),
        (
            Wrong((k - 1, size_after(size, k, stride, k - 1)), "The frame is on both sides."),
            Wrong((padding, -(-(size - 1) // stride) + 1), "Does the last window still fit?"),
            Wrong((padding, (size - 1) // stride), "How many places are there for a window that just fits?"),
            Wrong((padding, size_after(size, k, stride, 0)), "The padding stays when the stride changes."),
            Wrong((0, size_after(size, k, stride, 0)), "Without a frame the image shrinks. By how much?"),
            Wrong(((k + 1) // 2, size_after(size, k, stride, (k + 1) // 2)), "Put it in: does the size stay?"),
        ),
        given={"size": size, "k": k, "stride": stride},
    )


FAMILY = Family(
    "convolution_size",
    "resnets",
    "Shapes of convolutions",
    {
        "one_convolution": one_convolution,
        "several_convolutions": several_convolutions,
        "which_padding": which_padding,
    },
)
