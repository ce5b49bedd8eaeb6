"""Lab 08: convolution by columns. No square images, and other channels out than in, but for edge cases."""

import numpy as np

from labkit.cases.backprop import gradient_complaint
from labkit.cases.layers import is_list
from labkit.exercise import Answer, Case, Exercise, at_rest

# --- output_size ------------------------------------------------------------------------------------------------------


def the_number(size):
    return size


def an_array(size):
    """An array with so many rows. NumPy takes whole numbers only."""
    return size if size is None else np.empty((size, 0))


def windows(*numbers, use=the_number, aspect="values"):
    """size, k, and perhaps stride and padding; what the result is used for."""
    names = ("size = {}", "k = {}", "stride = {}", "padding = {}")
    kind = ", ".join(name.format(number) for name, number in zip(names, numbers))
    return at_rest(kind, numbers, use, aspect=aspect)


def any_window(rng):
    k, stride, padding = (int(rng.integers(*ends)) for ends in ((2, 8), (2, 6), (1, 5)))
    return (int(rng.integers(20, 90)), k, stride, padding), the_number


def too_large(size, k, stride=1, padding=0):
    return k > size + 2 * padding


def size_or_refusal(output_size, inputs):
    """The size; where the window does not fit, True for a ValueError."""
    numbers, use = inputs
    if not too_large(*numbers):
        return use(output_size(*numbers))
    try:
        return output_size(*numbers)
    except Exception as error:
        return isinstance(error, ValueError)


def size_complaint(result, numbers, use):
    if too_large(*numbers):
        refused = result.dtype == bool and result.all()
        return None if refused else "the window is larger than the padded image: expected a ValueError."
    if use is an_array:
        return None
    if result.ndim:
        return f"expected one number, got shape {result.shape}."
    if result != int(result):
        return f"expected a whole number, got {result:g}. What happens to pixels that no window reaches?"
    if result.dtype.kind == "f":
        return f"expected an int, got a float: {float(result)}. // rounds down and stays whole."
    return f"expected at least 1, got {result:g}. The window fits at least once." if result < 1 else None


output_size = Exercise(
    "output_size",
    "output_size(size, k, stride, padding)",
    cases=(
        windows(28, 5),
        windows(9, 4, 1, 3),
        windows(12, 3, 3),
        windows(11, 4, 2, 0),
        windows(10, 3, 2, 1),
        windows(7, 2, 5, 2),
        Case("random numbers", any_window),
        Case("other random numbers", any_window),
        windows(6, 1, aspect="edge"),
        windows(4, 4, 3, aspect="edge"),
        windows(3, 7, 2, 2, aspect="edge"),
        windows(3, 4, aspect="edge"),
        windows(3, 8, 3, 2, aspect="edge"),
        windows(2, 12, 1, 3, aspect="edge"),
        windows(13, 3, 2, 1, use=an_array, aspect="form"),
    ),
    sense=size_complaint,
    run=size_or_refusal,
    integer=True,
)

# --- im2col -----------------------------------------------------------------------------------------------------------


PLACES = (  # height and width, stride and padding of a window of 3 x 3: rows and columns of its places
    ((5, 6), (1, 0), (3, 4)),
    ((6, 8), (1, 1), (6, 8)),
    ((5, 7), (1, 2), (7, 9)),
    ((7, 10), (2, 0), (3, 4)),
    ((6, 9), (2, 1), (3, 5)),
    ((7, 8), (2, 2), (5, 5)),
)


def images(shape, k, places, *options, dtype=np.float64):
    """X of shape (m, C, H, W), k, perhaps stride and padding; (H', W')."""
    return lambda rng: (rng.normal(0.3, 1, shape).astype(dtype), k, options, places)


def any_images(rng):
    m, C = (int(rng.integers(2, 4)) for _ in range(2))
    size, options, places = PLACES[rng.integers(len(PLACES))]
    return images((m, C, *size), 3, places, *options)(rng)


def columns_of(im2col, inputs):
    X, k, options, _ = inputs
    return im2col(X, k, *options)


def columns_complaint(result, X, k, options, places):
    m, C = X.shape[:2]
    if not isinstance(result, np.ndarray) or result.ndim != 2:
        return "expected a matrix, one column for each window."
    if result.shape[0] != C * k * k:
        return f"expected {C * k * k} rows, one for each of the {C} x {k} x {k} entries of a window, got {len(result)}."
    if result.shape[1] != m * np.prod(places):
        return (f"expected {m} x {places[0]} x {places[1]} columns, m H' W', got {result.shape[1]}. "
                "At which places does a window start, on the padded image?")  # fmt: skip
    return None


im2col = Exercise(
    "im2col",
    "im2col(X, k, stride, padding)",
    cases=(
        Case("2 images of 5 x 4 pixels, 3 channels, k = 2", images((2, 3, 5, 4), 2, (4, 3))),
        Case("stride 2, 3 images of 6 x 9 pixels, k = 3", images((3, 2, 6, 9), 3, (2, 4), 2)),
        Case("padding 1, 2 images of 4 x 6 pixels, k = 3", images((2, 3, 4, 6), 3, (4, 6), 1, 1)),
        Case("stride 2 and padding 1, 3 images of 5 x 8 pixels, k = 3", images((3, 2, 5, 8), 3, (3, 4), 2, 1)),
        Case("random sizes", any_images),
        Case("stride 3 and padding 2, k = 2", images((2, 3, 7, 4), 2, (4, 3), 3, 2), "edge"),
        Case("k = 1", images((2, 3, 3, 4), 1, (3, 4)), "edge"),
        Case("one image", images((1, 3, 5, 4), 2, (4, 3)), "edge"),
        Case("one channel", images((3, 1, 4, 5), 2, (3, 4)), "edge"),
        Case("one window for each image", images((3, 2, 3, 3), 3, (1, 1)), "edge"),
        Case("one row of windows", images((2, 3, 2, 6), 2, (1, 5)), "edge"),
        Case("float32", images((2, 3, 4, 5), 3, (4, 5), 1, 1, dtype=np.float32), "form"),
    ),
    sense=columns_complaint,
    run=columns_of,
)

# --- convolve ---------------------------------------------------------------------------------------------------------


def layer(m, C_in, C_out, size, k, places, *options, dtype=np.float64):
    """m images of this size, C_out filters, their biases, perhaps stride and padding; (H', W')."""

    def inputs(rng):
        shapes = (m, C_in, *size), (C_out, C_in, k, k), (C_out, 1)
        return *(rng.normal(0.3, 1, shape).astype(dtype) for shape in shapes), options, places

    return inputs


def any_layer(rng):
    m, C_in = (int(rng.integers(2, 4)) for _ in range(2))
    size, options, places = PLACES[rng.integers(len(PLACES))]
    return layer(m, C_in, C_in + 2, size, 3, places, *options)(rng)


def output_of(convolve, inputs):
    X, F, b, options, _ = inputs
    return convolve(X, F, b, *options)


def output_complaint(result, X, F, b, options, places):
    m, C_out = len(X), len(F)
    if not isinstance(result, np.ndarray) or result.ndim != 4:
        return f"expected 4 axes, (m, C_out, H', W') = {(m, C_out, *places)}."
    if result.shape[:2] != (m, C_out):
        return f"expected (m, C_out) = ({m}, {C_out}) as the first two axes, got {result.shape[:2]}."
    if result.shape[2:] != places:
        return f"expected (H', W') = {places} as last two axes, got {result.shape[2:]}. Do stride and padding count?"
    return None


convolve = Exercise(
    "convolve",
    "convolve(X, F, b, stride, padding)",
    cases=(
        Case("3 images of 5 x 6 pixels, from 2 to 4 channels, k = 3", layer(3, 2, 4, (5, 6), 3, (3, 4))),
        Case("stride 2, 2 images of 6 x 9 pixels, from 3 to 5 channels", layer(2, 3, 5, (6, 9), 3, (2, 4), 2)),
        Case("padding 1, 2 images of 4 x 5 pixels, from 4 to 3 channels", layer(2, 4, 3, (4, 5), 3, (4, 5), 1, 1)),
        Case("stride 2 and padding 1, from 2 to 5 channels, k = 3", layer(3, 2, 5, (5, 8), 3, (3, 4), 2, 1)),
        Case("random sizes", any_layer),
        Case("stride 3 and padding 2, k = 2", layer(2, 2, 3, (4, 7), 2, (3, 4), 3, 2), "edge"),
        Case("k = 1", layer(2, 3, 4, (3, 4), 1, (3, 4)), "edge"),
        Case("k = 1, stride 2", layer(3, 2, 4, (4, 5), 1, (2, 3), 2), "edge"),
        Case("as many images as filters", layer(3, 2, 3, (4, 5), 2, (3, 4)), "edge"),
        Case("one image", layer(1, 2, 3, (4, 5), 3, (2, 3)), "edge"),
        Case("one filter", layer(3, 2, 1, (4, 6), 2, (3, 5)), "edge"),
        Case("one channel", layer(2, 1, 3, (5, 4), 2, (4, 3)), "edge"),
        Case("one window for each image", layer(4, 2, 3, (3, 3), 3, (1, 1)), "edge"),
        Case("float32", layer(2, 3, 4, (4, 5), 3, (4, 5), 1, 1, dtype=np.float32), "form"),
    ),
    sense=output_complaint,
    run=output_of,
)

# --- convolve_backward ------------------------------------------------------------------------------------------------


def upstream(m, C_in, C_out, size, k, out, *options, dtype=np.float64):
    """d_out, (m, C_out, *out), images of this size, filters, and perhaps stride and padding."""

    def inputs(rng):
        shapes = (m, C_out, *out), (m, C_in, *size), (C_out, C_in, k, k)
        return *(rng.normal(0.3, 1, shape).astype(dtype) for shape in shapes), *options

    return inputs


def gradients_complaint(result, d_out, X, F, stride=1, padding=0):
    if not is_list(result) or len(result) != 3:
        return "expected three arrays: dF, db, dX."
    b = np.zeros((len(F), 1), F.dtype)
    return next(filter(None, map(gradient_complaint, ("dF", "db", "dX"), result, (F, b, X))), None)


convolve_backward = Exercise(
    "convolve_backward",
    "convolve_backward(d_out, X, F, stride, padding)",
    cases=(
        Case("3 images of 5 x 6 pixels, from 2 to 4 channels, k = 3", upstream(3, 2, 4, (5, 6), 3, (3, 4))),
        Case("stride 2, 2 images of 6 x 9 pixels, from 3 to 5 channels", upstream(2, 3, 5, (6, 9), 3, (2, 4), 2)),
        Case("padding 1, 2 images of 4 x 5 pixels, from 4 to 3 channels", upstream(2, 4, 3, (4, 5), 3, (4, 5), 1, 1)),
        Case("stride 2 and padding 1, from 2 to 5 channels", upstream(3, 2, 5, (5, 8), 3, (3, 4), 2, 1)),
        Case("stride 3 and padding 2, k = 2", upstream(2, 2, 3, (4, 7), 2, (3, 4), 3, 2), "edge"),
        Case("k = 1", upstream(2, 3, 4, (3, 4), 1, (3, 4)), "edge"),
        Case("k = 1, stride 2", upstream(3, 2, 4, (4, 5), 1, (2, 3), 2), "edge"),
        Case("as many images as filters", upstream(3, 2, 3, (4, 5), 2, (3, 4)), "edge"),
        Case("one image", upstream(1, 2, 3, (4, 5), 3, (2, 3)), "edge"),
        Case("one filter", upstream(3, 2, 1, (4, 6), 2, (3, 5)), "edge"),
        Case("one channel", upstream(2, 1, 3, (5, 4), 2, (4, 3)), "edge"),
        Case("one window for each image", upstream(4, 2, 3, (3, 3), 3, (1, 1)), "edge"),
        Case("float32", upstream(2, 3, 4, (4, 5), 3, (4, 5), 1, 1, dtype=np.float32), "form"),
    ),
    sense=gradients_complaint,
)

# --- counts -----------------------------------------------------------------------------------------------------------


def channels(rng):
    """Two numbers of channels, the second one larger."""
    C_in = int(rng.integers(5, 40))
    return C_in, C_in + int(rng.integers(3, 40))


def filters(k, *options):
    """C_in, C_out, k, and perhaps bias."""
    return lambda rng: (*channels(rng), k, *options)


def fewer(make):
    """The same inputs, but fewer channels come out than go in."""

    def inputs(rng):
        C_in, C_out, *rest = make(rng)
        return C_out, C_in, *rest

    return inputs


def at_least_1(result, *numbers):
    if result.ndim:
        return f"expected one number, got shape {result.shape}."
    return f"a count is at least 1, got {result:g}." if result < 1 else None


conv_parameters = Exercise(
    "conv_parameters",
    "conv_parameters(C_in, C_out, k, bias)",
    cases=(
        Case("k = 3", filters(3)),
        Case("k = 5, fewer channels out than in", fewer(filters(5))),
        Case("k = 3, bias=True", filters(3, True)),
        Case("k = 3, bias=False", filters(3, False)),
        Case("k = 7, bias=False, fewer channels out than in", fewer(filters(7, False))),
        Case("k = 1", filters(1), "edge"),
        Case("k = 1, bias=False", filters(1, False), "edge"),
        at_rest("one channel in, one out", 1, 1, 3),
    ),
    expects=lambda *numbers: (),
    sense=at_least_1,
    integer=True,
)


def layer_of(k, height, width):
    return lambda rng: (*channels(rng), k, height, width)


conv_multiply_adds = Exercise(
    "conv_multiply_adds",
    "conv_multiply_adds(C_in, C_out, k, height, width)",
    cases=(
        Case("k = 3, an output of 6 x 11", layer_of(3, 6, 11)),
        Case("k = 5, an output of 9 x 4", layer_of(5, 9, 4)),
        Case("k = 3, fewer channels out than in", fewer(layer_of(3, 14, 10))),
        Case("k = 7, a square output", layer_of(7, 8, 8)),
        Case("k = 1", layer_of(1, 7, 5), "edge"),
        Case("an output of one pixel", layer_of(3, 1, 1), "edge"),
        at_rest("one channel in, one out", 1, 1, 2, 3, 5),
    ),
    expects=lambda *numbers: (),
    sense=at_least_1,
    integer=True,
)

# --- numeric questions ------------------------------------------------------------------------------------------------

quick_highway = Answer(
    "quick_highway", "The gradient before three residual blocks with slopes 0.5, -0.2 and 0 of F, when 10 comes in."
)
quick_conv_size = Answer(
    "quick_conv_size", "The output width for k = 7, stride 3, padding 2 and images 61 pixels wide.", integer=True
)
quick_bottleneck = Answer(
    "quick_bottleneck", "The weights of a bottleneck 512-128-512, without biases and batch norm.", integer=True
)
quick_multiply_adds = Answer(
    "quick_multiply_adds", "Multiply-adds: 3x3, stride 2, padding 1, 32 to 64 channels, 14 x 10 pixels.", integer=True
)
