"""Lab 08: wrong and right versions of output_size, im2col, convolve, convolve_backward and the counts."""

import math

import numpy as np

from dnnlib import convolution
from dnnlib.convolution import col2im, im2col, output_size
from gradekit.bank import mistake, right

FLOAT64 = "The values are right, but float32 goes in and float64 comes out. Which step makes another dtype?"
IN_PLACE = "The values are right, but it writes into its input: whoever called it loses it. Make a new array."

# --- output_size ------------------------------------------------------------------------------------------------------


def guarded(version):
    """With the refusal of a window that does not fit."""

    def size_of(size, k, stride=1, padding=0):
        if k > size + 2 * padding:
            raise ValueError("the window does not fit")
        return version(size, k, stride, padding)

    size_of.__name__ = version.__name__
    return size_of


@mistake("output_size", "The + 1 is missing. How many places has a window that is as large as the image?")
@guarded
def one_too_few(size, k, stride, padding):
    return (size + 2 * padding - k) // stride


@mistake("output_size", "The + 1 stands inside the division. Is the first place counted before the steps are?")
@guarded
def one_inside_the_division(size, k, stride, padding):
    return (size + 2 * padding - k + 1) // stride


@mistake("output_size", "It rounds up. What happens to a last step that leaves the image?")
@guarded
def rounded_up(size, k, stride, padding):
    return math.ceil((size + 2 * padding - k) / stride) + 1


@mistake("output_size", "It rounds to the nearest. What happens to a last step that leaves the image?")
@guarded
def rounded_to_the_nearest(size, k, stride, padding):
    return round((size + 2 * padding - k) / stride) + 1


@mistake("output_size", "It counts the padding once. On how many sides does it lie?")
@guarded
def padding_on_one_side(size, k, stride, padding):
    return (size + padding - k) // stride + 1


@mistake("output_size", "The padding is left out. How large is the image that the window moves over?")
@guarded
def size_without_padding(size, k, stride, padding):
    return (size - k) // stride + 1


@mistake("output_size", "The padding is subtracted. Does it make the image larger or smaller?")
@guarded
def padding_subtracted(size, k, stride, padding):
    return (size - 2 * padding - k) // stride + 1


@mistake("output_size", "The stride is left out. By how much does the window move at a time?")
@guarded
def size_without_stride(size, k, stride, padding):
    return size + 2 * padding - k + 1


@mistake("output_size", "It divides the image by the stride and leaves k out. Where does the last window begin?")
@guarded
def window_left_out(size, k, stride, padding):
    return (size + 2 * padding) // stride


@mistake("output_size", "It divides by k, as if windows did not overlap. By how much does the window move at a time?")
@guarded
def steps_of_k(size, k, stride, padding):
    return (size + 2 * padding - k) // k + 1


@mistake("output_size", "Only the image is divided by the stride, k is not. What has to be divided?")
@guarded
def only_the_image_divided(size, k, stride, padding):
    return (size + 2 * padding) // stride - k + 1


@mistake("output_size", "Stride and padding have changed places. In which order do they come in?")
def stride_and_padding_swapped(size, k, padding=1, stride=0):
    return (size + 2 * padding - k) // max(stride, 1) + 1


@mistake("output_size", "It takes half of k for the padding. The padding is an argument: is it always that?")
@guarded
def padding_from_k(size, k, stride, padding):
    return (size + 2 * (k // 2) - k) // stride + 1


@mistake("output_size", "It takes half of k off each side and the padding not at all. What is left when k is even?")
@guarded
def half_windows(size, k, stride, padding):
    return (size + 2 * padding - 2 * (k // 2) - 1) // stride + 1


@mistake("output_size", "It gives a fraction. Can a window stand at half a step?")
@guarded
def fraction(size, k, stride, padding):
    return (size + 2 * padding - k) / stride + 1


@mistake("output_size", "The number is right, but it is a float: no array takes that as its size. Which division gives "
         "a whole number?")  # fmt: skip
@guarded
def size_as_a_float(size, k, stride, padding):
    return np.floor((size + 2 * padding - k) / stride) + 1


@mistake("output_size", "A window larger than the padded image goes through. What should happen then?")
def no_refusal(size, k, stride=1, padding=0):
    return (size + 2 * padding - k) // stride + 1


@mistake("output_size", "It refuses a window that is just as large as the image. At how many places does that one fit?")
def exact_fit_refused(size, k, stride=1, padding=0):
    if k >= size + 2 * padding:
        raise ValueError("the window does not fit")
    return (size + 2 * padding - k) // stride + 1


@mistake("output_size", "It compares the window with the image without its padding. What does the window move over?")
def refused_without_padding(size, k, stride=1, padding=0):
    if k > size:
        raise ValueError("the window does not fit")
    return (size + 2 * padding - k) // stride + 1


@mistake("output_size", "A window that does not fit gives 0. Nobody asked for an empty image: what tells the caller?")
def no_place_is_0(size, k, stride=1, padding=0):
    return max(0, (size + 2 * padding - k) // stride + 1)


@mistake("output_size", "A window that does not fit fails with an AssertionError. Which error is asked for?")
def size_asserted(size, k, stride=1, padding=0):
    assert k <= size + 2 * padding
    return (size + 2 * padding - k) // stride + 1


@right("output_size")
def size_by_counting(size, k, stride=1, padding=0):
    found = sum(1 for start in range(0, size + 2 * padding - k + 1, stride))
    if not found:
        raise ValueError("no window fits")
    return found


@right("output_size")
def size_by_range(size, k, stride=1, padding=0):
    starts = range(-padding, size + padding - k + 1, stride)
    if len(starts) == 0:
        raise ValueError("no window fits")
    return len(starts)


@right("output_size")
@guarded
def size_by_floor(size, k, stride, padding):
    return int(np.floor((size - k + padding + padding) / stride + 1))


@right("output_size")
@guarded
def size_with_the_1_inside(size, k, stride, padding):
    return (size + 2 * padding - k + stride) // stride


@right("output_size")
@guarded
def size_by_ceil(size, k, stride, padding):
    return math.ceil((size + 2 * padding - k + 1) / stride)


# --- im2col -----------------------------------------------------------------------------------------------------------


def framed(X, padding):
    return np.pad(X, ((0, 0), (0, 0), (padding, padding), (padding, padding)))


def windows(X, k, stride=1, padding=0):
    """Every window: (m, C, H', W', k, k)."""
    every = np.lib.stride_tricks.sliding_window_view(framed(X, padding), (k, k), axis=(2, 3))
    return every[:, :, ::stride, ::stride]


def columns(windows):
    m, C, high, wide, k, _ = windows.shape
    return windows.transpose(1, 4, 5, 0, 2, 3).reshape(C * k * k, m * high * wide)


def wrong_windows(hint):
    """Enter an im2col that makes columns of these windows, (m, C, H', W', k, k)."""

    def enter(some):
        def version(X, k, stride=1, padding=0):
            return columns(some(X, k, stride, padding))

        version.__name__ = some.__name__
        return mistake("im2col", hint)(version)

    return enter


def wrong_order(hint):
    """Enter an im2col that orders the right windows, (m, C, H', W', k, k), like this."""

    def enter(ordered):
        def version(X, k, stride=1, padding=0):
            return ordered(windows(X, k, stride, padding))

        version.__name__ = ordered.__name__
        return mistake("im2col", hint)(version)

    return enter


ROWS = "A row of the columns meets an entry of the filter. In which order does F.reshape(C_out, -1) list those?"
COLUMNS = "The columns come in another order. Image by image, row by row is asked: which loop is outside?"


@wrong_order(f"The channel runs fastest. {ROWS}")
def channel_runs_fastest(windows):
    m, C, high, wide, k, _ = windows.shape
    return windows.transpose(4, 5, 1, 0, 2, 3).reshape(C * k * k, -1)


@wrong_order(f"The windows are turned: column before row. {ROWS}")
def windows_turned(windows):
    return columns(windows.swapaxes(4, 5))


@wrong_order(f"The image runs fastest. {COLUMNS}")
def image_runs_fastest(windows):
    m, C, high, wide, k, _ = windows.shape
    return windows.transpose(1, 4, 5, 2, 3, 0).reshape(C * k * k, -1)


@wrong_order(f"It goes down each image first. {COLUMNS}")
def down_first(windows):
    return columns(windows.swapaxes(2, 3))


@wrong_order(f"Rows and columns are both in another order: the last axes of the windows come first. {ROWS}")
def both_in_another_order(windows):
    m, C, high, wide, k, _ = windows.shape
    return windows.transpose(4, 5, 1, 2, 3, 0).reshape(C * k * k, -1)


@wrong_order("The axes are reshaped without being moved: numbers of several windows share a column. Which axes of the "
             "windows must stand first?")  # fmt: skip
def reshaped_only(windows):
    m, C, high, wide, k, _ = windows.shape
    return windows.reshape(C * k * k, -1)


@wrong_order("The result is turned: each window is a row. Which axis holds the examples in this course?")
def one_row_a_window(windows):
    return columns(windows).T


@wrong_order("The matrix of windows as rows was reshaped, where it should have been turned. What does reshape do to "
             "the order of the numbers?")  # fmt: skip
def reshaped_for_turned(windows):
    found = columns(windows)
    return np.ascontiguousarray(found.T).reshape(found.shape)


@wrong_order("The images are kept apart. One product shall do all of them: how many axes has the result?")
def images_kept_apart(windows):
    m, C, high, wide, k, _ = windows.shape
    return windows.transpose(0, 1, 4, 5, 2, 3).reshape(m, C * k * k, -1)


@wrong_order("The windows are still windows, with six axes. How many axes has a matrix?")
def not_reshaped(windows):
    return windows.transpose(1, 4, 5, 0, 2, 3)


@wrong_order("Only the first image is there. Which axis of X counts them?")
def first_image_only(windows):
    return columns(windows[:1])


@wrong_order("The channels are added up. Each weight meets its own channel: where does the sum come?")
def channels_added(windows):
    return columns(windows.sum(axis=1, keepdims=True))


@wrong_order("The windows are turned by 180 degrees. That belongs to the convolution of mathematics: is the filter "
             "flipped here?")  # fmt: skip
def windows_flipped(windows):
    return columns(windows[..., ::-1, ::-1])


@wrong_order("The channels come in reverse. In which order does a filter list them?")
def channels_reversed(windows):
    return columns(windows[:, ::-1])


@wrong_windows("The stride is left out. By how much does the window move at a time?")
def stride_left_out(X, k, stride, padding):
    return windows(X, k, 1, padding)


@wrong_windows("The stride only counts downwards. Along how many axes does the window move?")
def stride_for_rows_only(X, k, stride, padding):
    return windows(X, k, 1, padding)[:, :, ::stride]


@wrong_windows("The stride only counts to the right. Along how many axes does the window move?")
def stride_for_columns_only(X, k, stride, padding):
    return windows(X, k, 1, padding)[:, :, :, ::stride]


@wrong_windows("It moves by a whole window. By how much does the stride move it?")
def steps_of_a_window(X, k, stride, padding):
    return windows(X, k, k, padding)


@wrong_windows("It stands at as many places as it should, but they lie one pixel apart. Where does window r begin?")
def right_number_at_stride_1(X, k, stride, padding):
    high, wide = windows(X, k, stride, padding).shape[2:4]
    return windows(X, k, 1, padding)[:, :, :high, :wide]


@wrong_windows("The padding is left out. How large is the image that the window moves over?")
def padding_left_out(X, k, stride, padding):
    return windows(X, k, stride)


@wrong_windows("It is padded with the pixels of the edge. Which number stands around the image?")
def padded_with_the_edge(X, k, stride, padding):
    return windows(np.pad(X, ((0, 0), (0, 0), (padding, padding), (padding, padding)), mode="edge"), k, stride)


@wrong_windows("It is padded with ones. Which number around the image adds nothing to a product?")
def padded_with_ones(X, k, stride, padding):
    ends = (0, 0), (0, 0), (padding, padding), (padding, padding)
    return windows(np.pad(X, ends, constant_values=1), k, stride)


@wrong_windows("It is padded above and below only. On which sides does padding lie?")
def padded_above_and_below(X, k, stride, padding):
    return windows(np.pad(X, ((0, 0), (0, 0), (padding, padding), (0, 0))), k, stride)


@wrong_windows("It is padded left and right only. On which sides does padding lie?")
def padded_left_and_right(X, k, stride, padding):
    return windows(np.pad(X, ((0, 0), (0, 0), (0, 0), (padding, padding))), k, stride)


@wrong_windows("It is padded above and to the left only. On which sides does padding lie?")
def padded_above_and_left(X, k, stride, padding):
    return windows(np.pad(X, ((0, 0), (0, 0), (padding, 0), (padding, 0))), k, stride)


@wrong_windows("It is padded below and to the right only. On which sides does padding lie?")
def padded_below_and_right(X, k, stride, padding):
    return windows(np.pad(X, ((0, 0), (0, 0), (0, padding), (0, padding))), k, stride)


@wrong_windows("All axes are padded: there are more images and more channels than before. Which axes hold pixels?")
def every_axis_padded(X, k, stride, padding):
    return windows(np.pad(X, padding), k, stride)


@wrong_windows("It is padded twice as wide. Is padding the number for one side or for both?")
def padded_twice_as_wide(X, k, stride, padding):
    return windows(X, k, stride, 2 * padding)


@wrong_windows("It is padded by half of k. The padding is an argument: is it always that?")
def padded_by_half_of_k(X, k, stride, padding):
    return windows(X, k, stride, k // 2)


@wrong_windows("The last place is missing along both axes. Where does range end?")
def last_place_missing(X, k, stride, padding):
    return windows(framed(X, padding)[:, :, :-1, :-1], k, stride)


@wrong_windows("Stride and padding have changed places. In which order do they come in?")
def im2col_stride_and_padding_swapped(X, k, stride, padding):
    return windows(X, k, max(padding, 1), stride)


@mistake("im2col", FLOAT64)
def im2col_in_float64(X, k, stride=1, padding=0):
    found = im2col(X, k, stride, padding)
    out = np.zeros(found.shape)
    out[...] = found
    return out


@mistake("im2col", "The height decides along both axes. An image may be wider than high: what is W' made of?")
def height_for_both(X, k, stride=1, padding=0):
    high = output_size(X.shape[2], k, stride, padding)
    steps = range(0, stride * high, stride)
    padded = framed(X, padding)
    found = [padded[:, :, r : r + k, s : s + k] for r in steps for s in steps]
    if any(each.shape[2:] != (k, k) for each in found):
        raise ValueError("windows of several shapes")
    return columns(np.stack(found, axis=2).reshape(*X.shape[:2], high, high, k, k))


@right("im2col")
def im2col_window_by_window(X, k, stride=1, padding=0):
    X = framed(X, padding)
    m, C, H, W = X.shape
    found = [
        X[i, :, r : r + k, s : s + k].ravel()
        for i in range(m)
        for r in range(0, H - k + 1, stride)
        for s in range(0, W - k + 1, stride)
    ]
    return np.stack(found, axis=1)


@right("im2col")
def im2col_entry_by_entry(X, k, stride=1, padding=0):
    m, C, H, W = X.shape
    high, wide = output_size(H, k, stride, padding), output_size(W, k, stride, padding)
    padded = np.zeros((m, C, H + 2 * padding, W + 2 * padding), X.dtype)
    padded[:, :, padding : padding + H, padding : padding + W] = X
    rows = [
        padded[:, c, i : i + stride * high : stride, j : j + stride * wide : stride].reshape(-1)
        for c in range(C)
        for i in range(k)
        for j in range(k)
    ]
    return np.array(rows)


@right("im2col")
def im2col_by_indices(X, k, stride=1, padding=0):
    X = np.pad(X, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    r, s = (np.arange(0, size - k + 1, stride) for size in X.shape[2:])
    i = np.arange(k)
    rows = (i[:, None, None, None] + r[:, None])[None, :, :, :, :]
    found = X[:, :, rows, (i[:, None, None] + s)[None, None, :, :, :]]
    return found.reshape(X.shape[0], X.shape[1] * k * k, -1).transpose(1, 0, 2).reshape(X.shape[1] * k * k, -1)


@right("im2col")
def im2col_by_moving_axes(X, k, stride=1, padding=0):
    return columns(windows(X, k, stride, padding)) + 0


@right("im2col")
def im2col_image_by_image(X, k, stride=1, padding=0):
    return np.concatenate([columns(windows(each[None], k, stride, padding)) for each in X], axis=1)


# --- convolve ---------------------------------------------------------------------------------------------------------


def convolved(windows, F):
    """(m, C_out, H', W') of windows (m, C, H', W', k, k), without biases."""
    return np.einsum("mcrsij,ocij->mors", windows, F)


def wrong_filter(hint):
    """Enter a convolution with this in place of F."""

    def enter(some):
        def version(X, F, b, stride=1, padding=0):
            return convolution.convolve(X, some(F), b, stride, padding)

        version.__name__ = some.__name__
        return mistake("convolve", hint)(version)

    return enter


def wrong_output(hint):
    """Enter a convolution that makes this of the product, (C_out, m H' W'), b, and (C_out, m, H', W')."""

    def enter(some):
        def version(X, F, b, stride=1, padding=0):
            high, wide = (output_size(size, F.shape[2], stride, padding) for size in X.shape[2:])
            product = F.reshape(len(F), -1) @ im2col(X, F.shape[2], stride, padding)
            return some(product, b, (len(F), len(X), high, wide))

        version.__name__ = some.__name__
        return mistake("convolve", hint)(version)

    return enter


def moved(product, shape):
    return product.reshape(shape).transpose(1, 0, 2, 3)


@wrong_filter("The filter is turned by 180 degrees, as in mathematics. Is it flipped here?")
def filter_flipped(F):
    return F[..., ::-1, ::-1]


@wrong_filter("The filter is turned: its rows run along the image's columns. Which axis of F is the row?")
def filter_transposed(F):
    return F.swapaxes(2, 3)


@wrong_filter("The filter is upside down. With which row of the window does its first row meet?")
def filter_upside_down(F):
    return F[:, :, ::-1]


@wrong_filter("The filter is mirrored. With which column of the window does its first column meet?")
def filter_mirrored(F):
    return F[..., ::-1]


@wrong_filter("The two channel axes of F are swapped before the reshape, so weights land in other filters. Which axis "
              "counts the filters?")  # fmt: skip
def filter_channels_swapped(F):
    return F.transpose(1, 0, 2, 3).reshape(F.shape)


@wrong_filter("F is reshaped to (C k k, C_out) and turned: each row then mixes weights of all filters. Which axis of F "
              "must stay as it is?")  # fmt: skip
def filters_mixed(F):
    return F.reshape(-1, len(F)).T.reshape(F.shape)


@wrong_filter("The channels of the filter come in reverse. Which channel of the image meets which of the filter?")
def filter_channels_reversed(F):
    return F[:, ::-1]


@wrong_filter("All channels of the image meet the filter's first one. How many channels has a filter?")
def first_channel_of_the_filter(F):
    return np.broadcast_to(F[:, :1], F.shape)


@wrong_filter("Every output channel uses the first filter. How many filters are there?")
def first_filter_for_all(F):
    return np.broadcast_to(F[:1], F.shape)


@wrong_filter("It is the mean over the window and its channels. What does the formula do with the products?")
def mean_over_the_window(F):
    return F / F[0].size


@wrong_filter("It is the mean over the channels. What does the formula do with them?")
def mean_over_channels(F):
    return F / F.shape[1]


@wrong_filter("It is the mean over the k x k pixels. What does the formula do with the products?")
def mean_over_pixels(F):
    return F / F[0, 0].size


@wrong_filter("Only the centre of the filter is used. How many pixels does a window have?")
def centre_only(F):
    centre = np.zeros_like(F)
    middle = F.shape[2] // 2
    centre[:, :, middle, middle] = F[:, :, middle, middle]
    return centre


@wrong_output("The bias is missing. What comes out of an image that is 0 everywhere?")
def convolution_without_bias(product, b, shape):
    return moved(product, shape)


@wrong_output("The bias is subtracted. A threshold is subtracted, a bias is added.")
def convolution_bias_subtracted(product, b, shape):
    return moved(product - b, shape)


@wrong_output("The bias is added twice. What comes out of an image that is 0 everywhere?")
def convolution_bias_twice(product, b, shape):
    return moved(product + b + b, shape)


@wrong_output("All filters share the first bias. How many biases are there?")
def first_bias_for_all(product, b, shape):
    return moved(product + b[0], shape)


@wrong_output("b is one column, and the output has four axes: as it stands, it is added along the image's rows. "
              "Which axis has a bias of its own?")  # fmt: skip
def bias_along_the_rows(product, b, shape):
    return moved(product, shape) + b


@wrong_output("b is added as a row, along the image's columns. Which axis has a bias of its own?")
def bias_along_the_columns(product, b, shape):
    return moved(product, shape) + b.ravel()


@wrong_output("The filters stand before the images. Which axis comes first?")
def filters_first(product, b, shape):
    return (product + b).reshape(shape)


@wrong_output("The product is reshaped to (m, C_out, H', W') at once, which mixes images and filters. In which order "
              "do its numbers lie?")  # fmt: skip
def images_and_filters_mixed(product, b, shape):
    C_out, m, high, wide = shape
    return (product + b).reshape(m, C_out, high, wide)


@wrong_output("The filters stand last, as some libraries have it. Where are the channels in this course?")
def filters_last(product, b, shape):
    return (product + b).reshape(shape).transpose(1, 2, 3, 0)


@wrong_output("Rows and columns of the output are turned. Which axis is the height?")
def output_turned(product, b, shape):
    return moved(product + b, shape).swapaxes(2, 3)


@wrong_output("Height and width are swapped in the reshape, so rows of pixels break at the wrong place. Which of them "
              "comes first?")  # fmt: skip
def height_and_width_swapped(product, b, shape):
    C_out, m, high, wide = shape
    return (product + b).reshape(C_out, m, wide, high).transpose(1, 0, 2, 3)


@wrong_output("The columns are taken as pixels first and images last. In which order does im2col write them?")
def images_last_in_the_reshape(product, b, shape):
    C_out, m, high, wide = shape
    return (product + b).reshape(C_out, high, wide, m).transpose(3, 0, 1, 2)


@wrong_output("It is still a matrix, (C_out, m H' W'). What shape has a batch of images?")
def still_a_matrix(product, b, shape):
    return product + b


@wrong_output("A ReLU has come in. Is there one in the formula?")
def relu_in_the_convolution(product, b, shape):
    return np.maximum(moved(product + b, shape), 0)


@wrong_output(FLOAT64)
def convolution_in_float64(product, b, shape):
    out = np.zeros((shape[1], shape[0], *shape[2:]))
    out += moved(product + b, shape)
    return out


@mistake("convolve", "The bias is added once for every entry of the window. Does it stand inside the sum or after it?")
def bias_inside_the_sum(X, F, b, stride=1, padding=0):
    return convolution.convolve(X, F, F[0].size * b, stride, padding)


@mistake("convolve", "The bias is added for every channel. Does it stand inside the sum over channels or after it?")
def bias_for_every_channel(X, F, b, stride=1, padding=0):
    return convolution.convolve(X, F, F.shape[1] * b, stride, padding)


@mistake("convolve", "The stride is left out. By how much does the window move at a time?")
def convolution_without_stride(X, F, b, stride=1, padding=0):
    return convolution.convolve(X, F, b, 1, padding)


@mistake("convolve", "The padding is left out. How large is the image that the window moves over?")
def convolution_without_padding(X, F, b, stride=1, padding=0):
    return convolution.convolve(X, F, b, stride)


@mistake("convolve", "Stride and padding are left out. Do they reach im2col and output_size?")
def convolution_without_both(X, F, b, stride=1, padding=0):
    return convolution.convolve(X, F, b)


@mistake("convolve", "It pads by half of k. The padding is an argument: is it always that?")
def convolution_padded_by_half_of_k(X, F, b, stride=1, padding=0):
    return convolution.convolve(X, F, b, stride, F.shape[2] // 2)


@mistake("convolve", "Stride and padding have changed places. In which order does im2col take them?")
def convolution_stride_and_padding_swapped(X, F, b, stride=1, padding=0):
    return convolution.convolve(X, F, b, max(padding, 1), stride)


@mistake("convolve", "Only the first channel is used. Over what does the sum run beside the window?")
def first_channel_only(X, F, b, stride=1, padding=0):
    return convolution.convolve(X[:, :1], F[:, :1], b, stride, padding)


@mistake("convolve", "Only the last channel is left. Is the sum over channels built up, or overwritten?")
def last_channel_only(X, F, b, stride=1, padding=0):
    return convolution.convolve(X[:, -1:], F[:, -1:], b, stride, padding)


@mistake("convolve", "The channels are not added up. How many numbers come out of one window and one filter?")
def channels_kept_apart(X, F, b, stride=1, padding=0):
    found = np.einsum("mcrsij,ocij->mocrs", windows(X, F.shape[2], stride, padding), F)
    return found + b[:, :, None, None]


@mistake("convolve", "The channels of image and filter are added up before they meet. Which comes first, the product "
         "or the sum?")  # fmt: skip
def product_of_channel_sums(X, F, b, stride=1, padding=0):
    return convolution.convolve(X.sum(axis=1, keepdims=True), F.sum(axis=1, keepdims=True), b, stride, padding)


@mistake("convolve", "Every image gets the result of the first one. Which axis of X counts them?")
def first_image_for_all(X, F, b, stride=1, padding=0):
    return convolution.convolve(np.broadcast_to(X[:1], X.shape), F, b, stride, padding)


@mistake("convolve", "It takes the largest product of each window. That is pooling's way: what does the formula do?")
def largest_product(X, F, b, stride=1, padding=0):
    products = windows(X, F.shape[2], stride, padding)[:, None] * F[:, :, None, None]
    return products.max(axis=(2, 5, 6)) + b[:, :, None]


@right("convolve")
def convolve_by_einsum(X, F, b, stride=1, padding=0):
    return convolved(windows(X, F.shape[2], stride, padding), F) + b.reshape(1, -1, 1, 1)


@right("convolve")
def convolve_by_tensordot(X, F, b, stride=1, padding=0):
    found = np.tensordot(windows(X, F.shape[-1], stride, padding), F, axes=([1, 4, 5], [1, 2, 3]))
    return np.moveaxis(found + b.ravel(), -1, 1)


@right("convolve")
def convolve_offset_by_offset(X, F, b, stride=1, padding=0):
    k = F.shape[2]
    high, wide = (output_size(size, k, stride, padding) for size in X.shape[2:])
    padded, out = framed(X, padding), 0
    for i in range(k):
        for j in range(k):
            pixels = padded[:, :, i : i + stride * high : stride, j : j + stride * wide : stride]
            out = out + np.einsum("oc,mcrs->mors", F[:, :, i, j], pixels)
    return out + b[None, :, :, None]


@right("convolve")
def convolve_pixel_by_pixel(X, F, b, stride=1, padding=0):
    k, padded = F.shape[2], framed(X, padding)
    high, wide = (output_size(size, k, stride, padding) for size in X.shape[2:])
    out = np.empty((len(X), len(F), high, wide), X.dtype)
    for r in range(high):
        for s in range(wide):
            window = padded[:, :, r * stride : r * stride + k, s * stride : s * stride + k]
            out[:, :, r, s] = window.reshape(len(X), -1) @ F.reshape(len(F), -1).T + b.T
    return out


@right("convolve")
def convolve_filter_by_filter(X, F, b, stride=1, padding=0):
    patches = windows(X, F.shape[2], stride, padding)
    outputs = [(patches * f[None, :, None, None]).sum(axis=(1, 4, 5)) + bias for f, bias in zip(F, b)]
    return np.stack(outputs, axis=1)


@right("convolve")
def convolve_image_by_image(X, F, b, stride=1, padding=0):
    k = F.shape[2]
    shape = len(F), *(output_size(size, k, stride, padding) for size in X.shape[2:])
    return np.array([(F.reshape(len(F), -1) @ im2col(x[None], k, stride, padding) + b).reshape(shape) for x in X])


# --- convolve_backward ------------------------------------------------------------------------------------------------

NO_M_HERE = "d_out already carries the 1/m of the loss. How often is the mean taken here?"
OVERLAP = "One pixel lies in several windows. What does it get from each of them?"
AS_FORWARD = "Which stride and which padding did the way forward use?"


def in_rows(d_out):
    """delta: (C_out, m H' W')."""
    return d_out.transpose(1, 0, 2, 3).reshape(d_out.shape[1], -1)


def for_filters(d_out, X, F, stride, padding):
    return (in_rows(d_out) @ im2col(X, F.shape[2], stride, padding).T).reshape(F.shape)


def for_biases(d_out, X, F, stride, padding):
    return d_out.sum(axis=(0, 2, 3))[:, None]


def for_images(d_out, X, F, stride, padding):
    return col2im(F.reshape(len(F), -1).T @ in_rows(d_out), X.shape, F.shape[2], stride, padding)


def gradients(d_out, X, F, stride, padding, dF=for_filters, db=for_biases, dX=for_images):
    return tuple(each(d_out, X, F, stride, padding) for each in (dF, db, dX))


def wrong_part(part, hint):
    """Enter a backward pass whose part, "dF", "db" or "dX", is this. The part itself can be used again."""

    def enter(some):
        def version(d_out, X, F, stride=1, padding=0):
            return gradients(d_out, X, F, stride, padding, **{part: some})

        version.__name__ = some.__name__
        mistake("convolve_backward", hint)(version)
        return some

    return enter


def wrong_gradients(hint):
    """Enter a backward pass that makes this of everything."""

    def enter(some):
        def version(d_out, X, F, stride=1, padding=0):
            return some(d_out, X, F, stride, padding)

        version.__name__ = some.__name__
        return mistake("convolve_backward", hint)(version)

    return enter


def scattered(columns, X, k, stride, padding, put):
    """What put(pixels, values) makes of an image, one offset of the window after the other."""
    m, C, H, W = X.shape
    high, wide = output_size(H, k, stride, padding), output_size(W, k, stride, padding)
    values = columns.reshape(C, k, k, m, high, wide).transpose(3, 0, 4, 5, 1, 2)
    image = np.zeros((m, C, H + 2 * padding, W + 2 * padding), columns.dtype)
    for i in range(k):
        for j in range(k):
            put(image[:, :, i : i + stride * high : stride, j : j + stride * wide : stride], values[..., i, j])
    return image


def add(pixels, values):
    pixels += values


def with_frame(d_out, X, F, stride, padding):
    """dX of the padded image."""
    return scattered(F.reshape(len(F), -1).T @ in_rows(d_out), X, F.shape[2], stride, padding, add)


@wrong_part("dX", "dX still has its padding. Which of its pixels belong to X?")
def padding_not_removed(d_out, X, F, stride, padding):
    return with_frame(d_out, X, F, stride, padding)


@wrong_part("dX", "The padding is removed below and to the right only. Where does X lie in the padded image?")
def padding_removed_on_one_side(d_out, X, F, stride, padding):
    return with_frame(d_out, X, F, stride, padding)[:, :, : X.shape[2], : X.shape[3]]


@wrong_part("dX", "The padding is removed above and to the left only. Where does X lie in the padded image?")
def padding_removed_above_and_left(d_out, X, F, stride, padding):
    return with_frame(d_out, X, F, stride, padding)[:, :, 2 * padding :, 2 * padding :]


@wrong_part("dX", "The padding is cut off above and below only. On which sides does it lie?")
def padding_removed_above_and_below(d_out, X, F, stride, padding):
    return with_frame(d_out, X, F, stride, padding)[:, :, padding : padding + X.shape[2]]


@wrong_part("dX", f"dX is overwritten, window by window. {OVERLAP}")
def windows_overwritten(d_out, X, F, stride, padding):
    def put(pixels, values):
        pixels[...] = values

    image = scattered(F.reshape(len(F), -1).T @ in_rows(d_out), X, F.shape[2], stride, padding, put)
    return image[:, :, padding : padding + X.shape[2], padding : padding + X.shape[3]]


@wrong_part("dX", f"dX is the mean over the windows of each pixel. {OVERLAP}")
def mean_over_the_windows(d_out, X, F, stride, padding):
    k = F.shape[2]
    times = col2im(np.ones_like(im2col(X, k, stride, padding)), X.shape, k, stride, padding)
    return for_images(d_out, X, F, stride, padding) / np.maximum(times, 1)


@wrong_part("dX", "dX lays its windows one pixel apart. Where did window r begin on the way forward?")
def dX_at_stride_1(d_out, X, F, stride, padding):
    (m, C, H, W), k, (high, wide) = X.shape, F.shape[2], d_out.shape[2:]
    spread = np.einsum("ocij,mors->mcrsij", F, d_out)
    image = np.zeros((m, C, H + 2 * padding, W + 2 * padding), d_out.dtype)
    for i in range(k):
        for j in range(k):
            image[:, :, i : i + high, j : j + wide] += spread[..., i, j]
    return image[:, :, padding : padding + H, padding : padding + W]


@wrong_part("dX", f"The stride is left out, and the windows do not fit d_out. {AS_FORWARD}")
def dX_without_stride(d_out, X, F, stride, padding):
    return for_images(d_out, X, F, 1, padding)


@wrong_part("dX", f"dX leaves the padding out. {AS_FORWARD}")
def dX_without_padding(d_out, X, F, stride, padding):
    return for_images(d_out, X, F, stride, 0)


@wrong_part("dX", "dX uses the filter turned by 180 degrees. Which weight did this pixel meet on the way forward?")
def dX_filter_flipped(d_out, X, F, stride, padding):
    return for_images(d_out, X, F[..., ::-1, ::-1], stride, padding)


@wrong_part("dX", "dX uses the filter turned: its rows along the image's columns. Which weight did this pixel meet?")
def dX_filter_transposed(d_out, X, F, stride, padding):
    return for_images(d_out, X, F.swapaxes(2, 3), stride, padding)


@wrong_part("dX", "dX takes the filter's channels in reverse. Which channel did this pixel meet on the way forward?")
def dX_channels_reversed(d_out, X, F, stride, padding):
    return for_images(d_out, X, F[:, ::-1], stride, padding)


@wrong_part("dX", "F is reshaped to (C k k, C_out) for dX, which mixes the filters. Which matrix has to be turned?")
def dX_filters_mixed(d_out, X, F, stride, padding):
    return col2im(F.reshape(-1, len(F)) @ in_rows(d_out), X.shape, F.shape[2], stride, padding)


@wrong_part("dX", "The two channel axes of F are swapped before the reshape. Which axis counts the filters?")
def dX_channels_swapped(d_out, X, F, stride, padding):
    return for_images(d_out, X, F.transpose(1, 0, 2, 3).reshape(F.shape), stride, padding)


@wrong_part("dX", "dX only counts the first filter. How many of them read each pixel?")
def dX_of_the_first_filter(d_out, X, F, stride, padding):
    return for_images(d_out[:, :1], X, F[:1], stride, padding)


@wrong_part("dX", "dX only counts the last filter. Is the sum over filters built up, or overwritten?")
def dX_of_the_last_filter(d_out, X, F, stride, padding):
    return for_images(d_out[:, -1:], X, F[-1:], stride, padding)


@wrong_part("dX", "dX does not depend on d_out. What turns a change of the output into a change of the loss?")
def dX_without_upstream(d_out, X, F, stride, padding):
    return for_images(np.ones_like(d_out), X, F, stride, padding)


@wrong_part("dX", f"dX is divided by m. {NO_M_HERE}")
def dX_over_m(d_out, X, F, stride, padding):
    return for_images(d_out, X, F, stride, padding) / len(X)


@wrong_part("dX", "dX is still a matrix of columns. How does a column get back to its window?")
def dX_as_columns(d_out, X, F, stride, padding):
    return F.reshape(len(F), -1).T @ in_rows(d_out)


@wrong_part("dX", "dX is a reshape of columns. A pixel lies in several windows: how many numbers has X, how many have "
            "the columns?")  # fmt: skip
def dX_by_reshape(d_out, X, F, stride, padding):
    return (F.reshape(len(F), -1).T @ in_rows(d_out)).reshape(X.shape)


@wrong_part("dX", "dX carries a slope of ReLU. That is a block of its own: here the derivative by X is asked for.")
def dX_with_slope(d_out, X, F, stride, padding):
    return for_images(d_out, X, F, stride, padding) * (X > 0)


@wrong_part("dF", "dF comes out turned by 180 degrees. Which pixel did this weight meet on the way forward?")
def dF_flipped(d_out, X, F, stride, padding):
    return for_filters(d_out, X, F, stride, padding)[..., ::-1, ::-1]


@wrong_part("dF", "dF comes out turned: its rows are the columns of F. Which axis of F is the row?")
def dF_transposed(d_out, X, F, stride, padding):
    return for_filters(d_out, X, F, stride, padding).swapaxes(2, 3)


@wrong_part("dF", "The two channel axes of dF are swapped. Which axis of F counts the filters?")
def dF_channels_swapped(d_out, X, F, stride, padding):
    return for_filters(d_out, X, F, stride, padding).swapaxes(0, 1)


@wrong_part("dF", "dF takes the channels of X in reverse. Which channel did this weight meet?")
def dF_channels_reversed(d_out, X, F, stride, padding):
    return for_filters(d_out, X, F, stride, padding)[:, ::-1]


@wrong_part("dF", "dF is reshaped from the turned product, which mixes the filters. Which shape has delta columns^T?")
def dF_reshaped_for_turned(d_out, X, F, stride, padding):
    return (im2col(X, F.shape[2], stride, padding) @ in_rows(d_out).T).reshape(F.shape)


@wrong_part("dF", "dF is still a matrix, (C_out, C k k). Which shape has F?")
def dF_as_a_matrix(d_out, X, F, stride, padding):
    return for_filters(d_out, X, F, stride, padding).reshape(len(F), -1)


@wrong_part("dF", f"dF is divided by m. {NO_M_HERE}")
def dF_over_m(d_out, X, F, stride, padding):
    return for_filters(d_out, X, F, stride, padding) / len(X)


@wrong_part("dF", "dF is a mean over all windows. One filter stands at all of those places: are its parts added up or "
            "averaged?")  # fmt: skip
def dF_mean_over_windows(d_out, X, F, stride, padding):
    return for_filters(d_out, X, F, stride, padding) / d_out[:, 0].size


@wrong_part("dF", "dF only counts the last image. Is the sum over images built up, or overwritten?")
def dF_of_the_last_image(d_out, X, F, stride, padding):
    return for_filters(d_out[-1:], X[-1:], F, stride, padding)


@wrong_part("dF", "dF only counts the first image. Which axis counts them?")
def dF_of_the_first_image(d_out, X, F, stride, padding):
    return for_filters(d_out[:1], X[:1], F, stride, padding)


@wrong_part("dF", "dF only counts the last window. Is the sum over windows built up, or overwritten?")
def dF_of_the_last_window(d_out, X, F, stride, padding):
    return np.einsum("mo,mcij->ocij", d_out[:, :, -1, -1], windows(X, F.shape[2], stride, padding)[:, :, -1, -1])


@wrong_part("dF", "dF does not depend on d_out. What turns a change of the output into a change of the loss?")
def dF_without_upstream(d_out, X, F, stride, padding):
    return for_filters(np.ones_like(d_out), X, F, stride, padding)


@wrong_part("dF", "dF reads windows that lie one pixel apart. Where did window r begin on the way forward?")
def dF_at_stride_1(d_out, X, F, stride, padding):
    high, wide = d_out.shape[2:]
    every = windows(X, F.shape[2], 1, padding)[:, :, :high, :wide]
    return np.einsum("mors,mcrsij->ocij", d_out, every)


@wrong_part("dF", "dF reads an image that is padded below and right only. Where does X lie in the padded image?")
def dF_padding_on_one_side(d_out, X, F, stride, padding):
    padded = np.pad(X, ((0, 0), (0, 0), (0, 2 * padding), (0, 2 * padding)))
    return for_filters(d_out, padded, F, stride, 0)


@wrong_part("dF", "F goes into dF. The output is linear in F: what is left when it is derived?")
def dF_times_F(d_out, X, F, stride, padding):
    return for_filters(d_out, X, F, stride, padding) * F


@wrong_part("db", "db comes out flat. b is a column: which argument of sum keeps the axis?")
def db_of_filters_flat(d_out, X, F, stride, padding):
    return d_out.sum(axis=(0, 2, 3))


@wrong_part("db", "db has four axes. b is a column, (C_out, 1).")
def db_with_four_axes(d_out, X, F, stride, padding):
    return d_out.sum(axis=(0, 2, 3), keepdims=True)


@wrong_part("db", "db comes out as a row. b is a column, (C_out, 1).")
def db_as_a_row(d_out, X, F, stride, padding):
    return d_out.sum(axis=(0, 2, 3))[None]


@wrong_part("db", f"db is a mean over images and pixels. {NO_M_HERE}")
def db_mean_over_all(d_out, X, F, stride, padding):
    return d_out.mean(axis=(0, 2, 3))[:, None]


@wrong_part("db", f"db is a mean over images and pixels, and it is flat. {NO_M_HERE}")
def db_mean_over_all_flat(d_out, X, F, stride, padding):
    return d_out.mean(axis=(0, 2, 3))


@wrong_part("db", f"db is a mean over the images. {NO_M_HERE}")
def db_over_m(d_out, X, F, stride, padding):
    return d_out.sum(axis=(0, 2, 3))[:, None] / len(X)


@wrong_part("db", "db is a mean over the pixels. One b serves all of them: are their parts added up or averaged?")
def db_mean_over_pixels(d_out, X, F, stride, padding):
    return d_out.mean(axis=(2, 3)).sum(axis=0)[:, None]


@wrong_part("db", "db keeps the pixels apart. One b serves all of them: over which axes is the sum?")
def db_for_every_pixel(d_out, X, F, stride, padding):
    return d_out.sum(axis=0)


@wrong_part("db", "db keeps the images apart. One b serves all of them: over which axes is the sum?")
def db_for_every_image(d_out, X, F, stride, padding):
    return d_out.sum(axis=(2, 3)).T


@wrong_part("db", "db only counts the first image. Which axis counts them?")
def db_of_the_first_image(d_out, X, F, stride, padding):
    return d_out[0].sum(axis=(1, 2))[:, None]


@wrong_part("db", "db is one number. Every filter has a bias of its own: over which axes is the sum?")
def db_of_all_filters(d_out, X, F, stride, padding):
    return d_out.sum()


@wrong_part("db", "db is the number of places, not a sum of d_out. What turns a change of b into a change of the loss?")
def db_without_upstream(d_out, X, F, stride, padding):
    return np.ones_like(d_out).sum(axis=(0, 2, 3))[:, None]


@wrong_gradients("d_out is reshaped to (C_out, ...) without moving its axes, which mixes images and filters. In which "
                 "order do its numbers lie?")  # fmt: skip
def d_out_mixed(d_out, X, F, stride, padding):
    m, C_out, high, wide = d_out.shape
    return gradients(d_out.reshape(C_out, m, high, wide).transpose(1, 0, 2, 3), X, F, stride, padding)


@wrong_gradients("The pixels of d_out are taken column by column. In which order does im2col write the windows?")
def d_out_turned(d_out, X, F, stride, padding):
    m, C_out, high, wide = d_out.shape
    turned = d_out.swapaxes(2, 3).reshape(m, C_out, high, wide)
    return gradients(turned, X, F, stride, padding)


@wrong_gradients("The numbers of d_out are taken with the images last. In which order does im2col write the windows?")
def d_out_images_last(d_out, X, F, stride, padding):
    m, C_out, high, wide = d_out.shape
    return gradients(d_out.transpose(1, 2, 3, 0).reshape(C_out, m, high, wide).swapaxes(0, 1), X, F, stride, padding)


@wrong_gradients("It does not use d_out. What tells the filters in which direction the loss falls?")
def upstream_of_ones(d_out, X, F, stride, padding):
    return gradients(np.ones_like(d_out), X, F, stride, padding)


@wrong_gradients("Stride and padding are left out. Do they reach im2col and col2im?")
def backward_without_both(d_out, X, F, stride, padding):
    return gradients(d_out, X, F, 1, 0)


@wrong_gradients("The stride is left out of dF and dX: windows lie one pixel apart. Where did window r begin?")
def backward_at_stride_1(d_out, X, F, stride, padding):
    return gradients(d_out, X, F, stride, padding, dF=dF_at_stride_1, dX=dX_at_stride_1)


@wrong_gradients(f"dF and db are divided by m. {NO_M_HERE}")
def both_over_m_here(d_out, X, F, stride, padding):
    dF, db, dX = gradients(d_out, X, F, stride, padding)
    return dF / len(X), db / len(X), dX


@wrong_gradients(f"All three are divided by m. {NO_M_HERE}")
def all_over_m_here(d_out, X, F, stride, padding):
    return gradients(d_out / len(X), X, F, stride, padding)


@wrong_gradients("Filters are flipped in both dF and dX. Was the filter flipped on the way forward?")
def both_flipped(d_out, X, F, stride, padding):
    dF, db, dX = gradients(d_out, X, F[..., ::-1, ::-1], stride, padding)
    return dF[..., ::-1, ::-1], db, dX


@wrong_gradients("Its signs are turned. The step against the gradient comes later: here the gradient is asked.")
def signs_turned(d_out, X, F, stride, padding):
    return gradients(-d_out, X, F, stride, padding)


@wrong_gradients("It returns stepped filters. Here the gradients are asked for, no step is taken.")
def filters_stepped(d_out, X, F, stride, padding):
    dF, db, dX = gradients(d_out, X, F, stride, padding)
    return F - dF, db, dX


@wrong_gradients("dX comes first. The order is dF, db, dX.")
def dX_first(d_out, X, F, stride, padding):
    dF, db, dX = gradients(d_out, X, F, stride, padding)
    return dX, dF, db


@wrong_gradients("dX comes before db. The order is dF, db, dX.")
def dX_second(d_out, X, F, stride, padding):
    dF, db, dX = gradients(d_out, X, F, stride, padding)
    return dF, dX, db


@wrong_gradients("dX is missing. What does the block before need?")
def dX_missing(d_out, X, F, stride, padding):
    return gradients(d_out, X, F, stride, padding)[:2]


@wrong_gradients(IN_PLACE)
def dX_written_into_X(d_out, X, F, stride, padding):
    dF, db, dX = gradients(d_out, X, F, stride, padding)
    X[...] = dX
    return dF, db, X


@wrong_gradients(f"It divides d_out itself by m, and so changes its input. {NO_M_HERE}")
def d_out_over_m_in_place(d_out, X, F, stride, padding):
    d_out /= len(X)
    return gradients(d_out, X, F, stride, padding)


@wrong_gradients(FLOAT64)
def convolve_backward_in_float64(d_out, X, F, stride, padding):
    return tuple(each.astype(np.float64) for each in gradients(d_out, X, F, stride, padding))


@right("convolve_backward")
def backward_by_einsum(d_out, X, F, stride=1, padding=0):
    dF = np.einsum("mors,mcrsij->ocij", d_out, windows(X, F.shape[2], stride, padding))
    spread = np.einsum("ocij,mors->cijmrs", F, d_out)
    return dF, for_biases(d_out, X, F, stride, padding), col2im(spread, X.shape, F.shape[2], stride, padding)


@right("convolve_backward")
def backward_offset_by_offset(d_out, X, F, stride=1, padding=0):
    (H, W), k, (high, wide) = X.shape[2:], F.shape[2], d_out.shape[2:]
    padded = framed(X, padding)
    dF, d_padded = np.zeros_like(F), np.zeros_like(padded)
    for i in range(k):
        for j in range(k):
            there = ..., slice(i, i + stride * high, stride), slice(j, j + stride * wide, stride)
            dF[:, :, i, j] = np.tensordot(d_out, padded[there], axes=([0, 2, 3], [0, 2, 3]))
            d_padded[there] += np.tensordot(d_out, F[:, :, i, j], axes=(1, 0)).transpose(0, 3, 1, 2)
    db = d_out.sum(axis=(0, 2, 3)).reshape(-1, 1)
    return [dF, db, d_padded[:, :, padding : padding + H, padding : padding + W]]


@right("convolve_backward")
def backward_window_by_window(d_out, X, F, stride=1, padding=0):
    k, padded = F.shape[2], framed(X, padding)
    dF, db, d_padded = np.zeros_like(F), np.zeros((len(F), 1), F.dtype), np.zeros_like(padded)
    for r in range(d_out.shape[2]):
        for s in range(d_out.shape[3]):
            there = ..., slice(r * stride, r * stride + k), slice(s * stride, s * stride + k)
            d = d_out[:, :, r, s]
            dF += np.einsum("mo,mcij->ocij", d, padded[there])
            db += d.sum(axis=0)[:, None]
            d_padded[there] += np.einsum("mo,ocij->mcij", d, F)
    return dF, db, d_padded[:, :, padding : padding + X.shape[2], padding : padding + X.shape[3]]


@right("convolve_backward")
def dX_as_a_convolution(d_out, X, F, stride=1, padding=0):
    """dX is d_out, spread apart by the stride, convolved with the flipped filters."""
    k, (m, C_out, high, wide) = F.shape[2], d_out.shape
    H, W = (size + 2 * padding for size in X.shape[2:])
    apart = np.zeros((m, C_out, H - k + 1, W - k + 1), d_out.dtype)
    apart[:, :, : stride * high : stride, : stride * wide : stride] = d_out
    flipped = F.swapaxes(0, 1)[..., ::-1, ::-1]
    d_padded = convolution.convolve(apart, flipped, np.zeros((X.shape[1], 1), F.dtype), 1, k - 1)
    dX = d_padded[:, :, padding : padding + X.shape[2], padding : padding + X.shape[3]]
    return for_filters(d_out, X, F, stride, padding), for_biases(d_out, X, F, stride, padding), dX


@right("convolve_backward")
def backward_image_by_image(d_out, X, F, stride=1, padding=0):
    each = [gradients(d[None], x[None], F, stride, padding) for d, x in zip(d_out, X)]
    return sum(dF for dF, _, _ in each), sum(db for _, db, _ in each), np.concatenate([dX for _, _, dX in each])


# --- conv_parameters --------------------------------------------------------------------------------------------------

SQUARE = "A filter covers k x k pixels. How often does k stand in the formula?"


@mistake("conv_parameters", "The biases are missing. How many does a layer with biases have?")
def biases_missing(C_in, C_out, k, bias=True):
    return C_out * C_in * k**2


@mistake("conv_parameters", "Biases are counted where there are none. What does bias=False say?")
def biases_always(C_in, C_out, k, bias=True):
    return C_out * C_in * k**2 + C_out


@mistake("conv_parameters", "Biases are counted only where bias=False. What does it say?")
def biases_the_wrong_way_round(C_in, C_out, k, bias=True):
    return C_out * C_in * k**2 + (0 if bias else C_out)


@mistake("conv_parameters", "By default there are no biases. What does the signature say?")
def no_biases_by_default(C_in, C_out, k, bias=False):
    return C_out * C_in * k**2 + (C_out if bias else 0)


@mistake("conv_parameters", SQUARE)
def k_once(C_in, C_out, k, bias=True):
    return C_out * C_in * k + (C_out if bias else 0)


@mistake("conv_parameters", f"It counts 2k weights for a window. {SQUARE}")
def two_k(C_in, C_out, k, bias=True):
    return C_out * C_in * 2 * k + (C_out if bias else 0)


@mistake("conv_parameters", "C_in is missing: each filter has k x k weights only. How many channels does it read?")
def C_in_missing(C_in, C_out, k, bias=True):
    return C_out * k**2 + (C_out if bias else 0)


@mistake("conv_parameters", "C_out is missing: these are the weights of one filter. How many filters are there?")
def C_out_missing(C_in, C_out, k, bias=True):
    return C_in * k**2 + (C_out if bias else 0)


@mistake("conv_parameters", "These are the parameters of one filter. How many filters are there?")
def one_filter_counted(C_in, C_out, k, bias=True):
    return C_in * k**2 + (1 if bias else 0)


@mistake("conv_parameters", "There is one bias for the whole layer. What has a bias of its own?")
def one_bias(C_in, C_out, k, bias=True):
    return C_out * C_in * k**2 + (1 if bias else 0)


@mistake("conv_parameters", "There is a bias for each input channel. What has a bias of its own?")
def biases_of_C_in(C_in, C_out, k, bias=True):
    return C_out * C_in * k**2 + (C_in if bias else 0)


@mistake("conv_parameters", "There is a bias for each pair of channels. What has a bias of its own?")
def a_bias_for_each_kernel(C_in, C_out, k, bias=True):
    return C_out * C_in * (k**2 + (1 if bias else 0))


@mistake("conv_parameters", "Channels in and out are added. How many pairs of them are there?")
def channels_added_up(C_in, C_out, k, bias=True):
    return (C_in + C_out) * k**2 + (C_out if bias else 0)


@mistake("conv_parameters", "C_in counts twice and C_out not at all. What has as many weights as C_in k k?")
def C_in_twice(C_in, C_out, k, bias=True):
    return C_in * C_in * k**2 + (C_out if bias else 0)


@right("conv_parameters")
def parameters_by_filter(C_in, C_out, k, bias=True):
    return C_out * (C_in * k * k + bool(bias))


@right("conv_parameters")
def parameters_by_size(C_in, C_out, k, bias=True):
    F, b = np.broadcast_to(0, (C_out, C_in, k, k)), np.broadcast_to(0, (C_out, 1))
    return F.size + b.size if bias else F.size


@right("conv_parameters")
def parameters_by_loop(C_in, C_out, k, bias=True):
    total = 0
    for _ in range(C_out):
        total += math.prod((C_in, k, k))
        if bias:
            total += 1
    return total


# --- conv_multiply_adds -----------------------------------------------------------------------------------------------


@mistake("conv_multiply_adds", SQUARE)
def k_once_in_multiply_adds(C_in, C_out, k, height, width):
    return C_out * C_in * k * height * width


@mistake("conv_multiply_adds", "It takes height and width for those of the input, and goes on to a smaller output. "
         "Which of the two do the arguments name?")  # fmt: skip
def smaller_output(C_in, C_out, k, height, width):
    return C_out * C_in * k**2 * max(height - k + 1, 1) * max(width - k + 1, 1)


@mistake("conv_multiply_adds", "It takes the input to be larger than the output, and a window for each of its pixels. "
         "For which pixels is a sum computed?")  # fmt: skip
def larger_input(C_in, C_out, k, height, width):
    return C_out * C_in * k**2 * (height + k - 1) * (width + k - 1)


@mistake("conv_multiply_adds", "C_in is missing. Over how many channels does the sum of one window run?")
def C_in_missing_in_multiply_adds(C_in, C_out, k, height, width):
    return C_out * k**2 * height * width


@mistake("conv_multiply_adds", "C_out is missing. How many filters meet each window?")
def C_out_missing_in_multiply_adds(C_in, C_out, k, height, width):
    return C_in * k**2 * height * width


@mistake("conv_multiply_adds", "It counts the weights. How often is each weight used for one image?")
def weights_counted(C_in, C_out, k, height, width):
    return C_out * C_in * k**2


@mistake("conv_multiply_adds", "The width is missing. At how many places does a filter stand?")
def width_missing(C_in, C_out, k, height, width):
    return C_out * C_in * k**2 * height


@mistake("conv_multiply_adds", "The height stands for the width. At how many places does a filter stand?")
def height_twice(C_in, C_out, k, height, width):
    return C_out * C_in * k**2 * height * height


@mistake("conv_multiply_adds", "Height and width are added. At how many places does a filter stand?")
def height_plus_width(C_in, C_out, k, height, width):
    return C_out * C_in * k**2 * (height + width)


@mistake("conv_multiply_adds", "It counts multiplications and additions apart. One multiply-add is both at once.")
def counted_apart(C_in, C_out, k, height, width):
    return 2 * C_out * C_in * k**2 * height * width


@mistake("conv_multiply_adds", "Biases are counted. Adding one costs no multiplication.")
def biases_counted(C_in, C_out, k, height, width):
    return C_out * (C_in * k**2 + 1) * height * width


@mistake("conv_multiply_adds", "Channels in and out are added. How many pairs of them are there?")
def channels_added_in_multiply_adds(C_in, C_out, k, height, width):
    return (C_in + C_out) * k**2 * height * width


@mistake("conv_multiply_adds", "Each sum has one addition less than products, but a multiply-add counts as one. "
         "How many products are there?")  # fmt: skip
def additions_counted(C_in, C_out, k, height, width):
    return C_out * (C_in * k**2 - 1) * height * width


@right("conv_multiply_adds")
def multiply_adds_by_weights(C_in, C_out, k, height, width):
    return convolution.conv_parameters(C_in, C_out, k, bias=False) * height * width


@right("conv_multiply_adds")
def multiply_adds_by_product(C_in, C_out, k, height, width):
    return math.prod([height, width, C_in, C_out, k, k])


@right("conv_multiply_adds")
def multiply_adds_of_the_matrices(C_in, C_out, k, height, width):
    F, columns = np.broadcast_to(0, (C_out, C_in * k * k)), np.broadcast_to(0, (C_in * k * k, height * width))
    return F.shape[0] * columns.size


@right("conv_multiply_adds")
def multiply_adds_by_loop(C_in, C_out, k, height, width):
    return sum(C_in * k * k for _ in range(height * width) for _ in range(C_out))
