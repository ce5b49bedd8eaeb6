"""Residual blocks, convolutions and counts: the drills' answers against dnnlib."""

from itertools import product

import numpy as np
from drill_answers import SEEDS, compare, each_of, variants

from dnnlib.blocks import chain, linear_block, relu_block, residual
from dnnlib.convolution import conv_multiply_adds, conv_parameters, convolve, convolve_backward, output_size
from dnnlib.layers import count_parameters
from labkit.drills.families import resnets


def column(xs) -> np.ndarray:
    return np.array(xs, float).reshape(-1, 1)


def matrix(*rows) -> np.ndarray:
    return np.array(rows, float)


def factor(c, n=1):
    """A branch that multiplies by c."""
    return linear_block(float(c) * np.eye(n), np.zeros((n, 1)))


def in_a_row(slopes, d):
    _, pullback = chain([residual(factor(slope)) for slope in slopes])(column([1]))
    return (pullback(column([d]))[0].item(),)


def there_and_back(block, x, d):
    h, pullback = block(column(x))
    return *h[:, 0], *pullback(column(d))[0][:, 0]


def block_by_hand(x, w, b, u, d):
    branch = chain([linear_block(matrix(w), column([b])), relu_block, linear_block(column(u), column([0, 0]))])
    return there_and_back(residual(branch), x, d)


def relu_after(x, c, d):
    return there_and_back(chain([residual(factor(c, 2)), relu_block]), x, d)


def what_is_learned(slope, shift, x, d):
    """Tried: the w and b with which two points are met. Then the gradient, and what of it the skip brings."""
    points = matrix([x, x + 1])
    fits = []
    for w, b in product(range(-9, 10), repeat=2):
        h, pullback = residual(linear_block(matrix([w]), column([b])))(points)
        if np.array_equal(h, slope * points + shift):
            fits.append((w, b, pullback(np.full((1, 2), float(d)))[0][0, 0] - d))
    assert len(fits) == 1
    return fits[0]


def variance_of_blocks(blocks, s, start):
    """Independent terms are at right angles: x, and each branch along an axis of its own."""
    h = np.zeros(blocks + 1)
    h[0] = np.sqrt(start)
    for place in range(1, blocks + 1):
        h[place] = float(s) * np.linalg.norm(h)
    return (h @ h,)


def shape_after(shape, c_out, k, stride, padding):
    """That of a real convolution."""
    F = np.zeros((c_out, shape[0], k, k))
    return convolve(np.zeros((1, *shape)), F, np.zeros((c_out, 1)), stride, padding).shape[1:]


def one_convolution(m, shape, c_out, k, stride, padding):
    return shape_after(shape, c_out, k, stride, padding)


def several_convolutions(size, layers, channels):
    shape = (channels[0], size, size)
    for c_out, layer in zip(channels[1:], layers, strict=True):
        shape = shape_after(shape, c_out, *layer)
    return shape[1], np.prod(shape)


def which_padding(size, k, stride):
    padding = next(p for p in range(k) if output_size(size, k, 1, p) == size)
    return padding, output_size(size, k, stride, padding)


def basic(outer):
    return 2 * conv_parameters(outer, outer, 3, bias=False)


def narrow(outer, inner):
    pairs = ((outer, inner, 1), (inner, inner, 3), (inner, outer, 1))
    return sum(conv_parameters(*each, bias=False) for each in pairs)


def bottleneck_width(times, weights):
    inner = next(c for c in range(1, 100) if narrow(times * c, c) == weights)
    return inner, basic(times * inner)


def multiply_adds(c_in, c_out, k, stride, padding, size):
    _, high, wide = shape_after((c_in, *size), c_out, k, stride, padding)
    return conv_parameters(c_in, c_out, k, bias=False), conv_multiply_adds(c_in, c_out, k, high, wide)


def against_linear(size, k, c_in, c_out):
    image = np.zeros((c_in, size, size))
    assert shape_after(image.shape, c_out, k, 1, (k - 1) // 2)[1:] == image.shape[1:]
    return conv_parameters(c_in, c_out, k), count_parameters([image.size, c_out * size * size])


def images(*channels) -> np.ndarray:
    """One image, or one filter."""
    return np.array([channels], float)


def two_places(X, F, b, places):
    out = convolve(images(X), images(F), column([b]))[0, 0]
    return tuple(out[r - 1, s - 1] for r, s in places)


def framed_place(X, F, place):
    out = convolve(images(X), images(F), column([0]), stride=2, padding=1)[0, 0]
    return (out[place[0] - 1, place[1] - 1],)


def one_by_one(X, F, b, place):
    out = convolve(images(*X), np.array(F, float).reshape(2, 3, 1, 1), column(b))
    return tuple(out[0, :, place[0] - 1, place[1] - 1])


def filter_gradient(X, F, d, place):
    dF, db, _ = convolve_backward(images(d), images(X), images(F))
    return dF[0, 0, place[0] - 1, place[1] - 1], db.item()


def input_gradient(F, d, place):
    _, _, dX = convolve_backward(images(d), np.zeros((1, 1, 3, 3)), images(F))
    return (dX[0, 0, place[0] - 1, place[1] - 1],)


ORACLES = {
    ("residual", "in_a_row"): in_a_row,
    ("residual", "block_by_hand"): block_by_hand,
    ("residual", "relu_after"): relu_after,
    ("residual", "what_is_learned"): what_is_learned,
    ("residual", "variance_of_blocks"): variance_of_blocks,
    ("convolution_size", "one_convolution"): one_convolution,
    ("convolution_size", "several_convolutions"): several_convolutions,
    ("convolution_size", "which_padding"): which_padding,
    ("bottleneck", "bottleneck_weights"): lambda outer, inner: (basic(outer), narrow(outer, inner)),
    ("bottleneck", "bottleneck_width"): bottleneck_width,
    ("bottleneck", "multiply_adds"): multiply_adds,
    ("bottleneck", "against_linear"): against_linear,
    ("convolution_by_hand", "two_places"): two_places,
    ("convolution_by_hand", "framed_place"): framed_place,
    ("convolution_by_hand", "one_by_one"): one_by_one,
    ("convolution_by_hand", "filter_gradient"): filter_gradient,
    ("convolution_by_hand", "input_gradient"): input_gradient,
}


def test_every_variant_has_an_oracle():
    assert {(family.name, variant) for family, variant in variants(resnets)} == set(ORACLES)
    assert {family.topic for family in resnets.FAMILIES} == {"resnets"}


@each_of(resnets)
def test_answers_agree_with_dnnlib(family, variant):
    for seed in SEEDS:
        question = family.draw(seed, variant)
        compare(question, ORACLES[family.name, variant](**question.given), seed)


def test_a_filter_shows_whether_it_is_flipped():
    """No filter is its own flip or transpose: the two slips are told apart from the right way."""
    for seed in SEEDS:
        for variant in ("two_places", "framed_place"):
            F = np.array(resnets.FAMILIES[3].draw(seed, variant).given["F"])
            assert not np.array_equal(F, F.T) and not np.array_equal(F, F[::-1, ::-1])


def test_the_unit_of_a_branch_is_sometimes_off():
    dead = 0
    for seed in SEEDS:
        given = resnets.FAMILIES[0].draw(seed, "block_by_hand").given
        dead += np.dot(given["w"], given["x"]) + given["b"] < 0
    assert 0.15 * len(SEEDS) < dead < 0.6 * len(SEEDS)
