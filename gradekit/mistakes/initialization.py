"""Lab 04: wrong and right versions of he, glorot and initialize."""

import math
from functools import partial, wraps
from itertools import pairwise

import numpy as np

from gradekit.bank import mistake, right

OTHER_RNG = "It does not draw from the rng that comes in: equal seeds no longer give equal weights. Which object draws?"
OWN_SEED = "It makes an rng of its own with a fixed seed, so every seed gives the same weights. Which object draws?"
STD_FOR_VARIANCE = "N(0, v) names the variance, but NumPy's scale is the standard deviation. What lies between the two?"
FLAT = "Its weights are uniform. N means the normal distribution: which method of rng draws from it?"
NARROW = "Its weights are uniform, and narrower. N means the normal distribution: which method of rng draws from it?"
ONE_SIDED = "None of its weights is negative: rng.random draws from 0 to 1. Which method draws around 0?"
CUT_OFF = "Large weights are cut off. The formula is the whole normal distribution."
TURNED = "Its shape is (n_{l-1}, n_l). W has one row for each unit of its own layer."
SAME_ROWS = "All its rows are equal, so all units of the layer compute the same. How many numbers does W need?"
SAME_COLUMNS = "All its columns are equal, so a unit treats all inputs alike. How many numbers does W need?"
ONE_NUMBER = "It draws a single number. Which argument says how many?"
ZEROS = "All its weights are 0, so all units of the layer compute the same. Where is the rng?"
STANDARD = "Its variance is 1, whatever the shape. Where do the fans enter?"
SMALL = "Its standard deviation is 0.01, whatever the shape. Where do the fans enter?"
FAN_OUT = "It counts the rows, the units of this layer. Which of the two numbers in shape is n_{l-1}?"
NOT_0 = "Its weights do not lie around 0. Which mean does the formula name?"


def same_hints(version, name):
    """The version under a name of its own: he and glorot share mistakes."""

    @wraps(version)
    def draw(shape, rng):
        return version(shape, rng)

    draw.__name__ = name
    return draw


# --- he and glorot: the same mistakes about another variance ----------------------------------------------------------


def he_variance(shape):
    return 2 / shape[1]


def glorot_variance(shape):
    return 2 / (shape[0] + shape[1])


def std_as_variance(v, shape, rng):
    return rng.normal(0, v(shape), shape)


def std_inverted(v, shape, rng):
    return rng.normal(0, 1 / np.sqrt(v(shape)), shape)


def uniform_of_the_same_std(v, shape, rng):
    limit = np.sqrt(3 * v(shape))
    return rng.uniform(-limit, limit, shape)


def uniform_up_to_the_std(v, shape, rng):
    return rng.uniform(-np.sqrt(v(shape)), np.sqrt(v(shape)), shape)


def random_from_0_to_1(v, shape, rng):
    return rng.random(shape) * np.sqrt(v(shape))


def sizes_only(v, shape, rng):
    return np.abs(rng.normal(0, np.sqrt(v(shape)), shape))


def centred_at_1(v, shape, rng):
    return rng.normal(1, np.sqrt(v(shape)), shape)


def global_random(v, shape, rng):
    return np.random.normal(0, np.sqrt(v(shape)), shape)


def seeded_inside(v, shape, rng):
    return np.random.default_rng(0).normal(0, np.sqrt(v(shape)), shape)


def transposed(v, shape, rng):
    return rng.normal(0, np.sqrt(v(shape)), shape[::-1])


def clipped_at_2_std(v, shape, rng):
    std = np.sqrt(v(shape))
    return np.clip(rng.normal(0, std, shape), -2 * std, 2 * std)


def redrawn_beyond_2_std(v, shape, rng):
    std = np.sqrt(v(shape))
    W = rng.normal(0, std, shape)
    while (far := np.abs(W) > 2 * std).any():
        W[far] = rng.normal(0, std, far.sum())
    return W


def one_row_for_all(v, shape, rng):
    return np.tile(rng.normal(0, np.sqrt(v(shape)), shape[1]), (shape[0], 1))


def one_column_for_all(v, shape, rng):
    return np.tile(rng.normal(0, np.sqrt(v(shape)), (shape[0], 1)), shape[1])


def one_number(v, shape, rng):
    return rng.normal(0, np.sqrt(v(shape)))


def flat(v, shape, rng):
    return rng.normal(0, np.sqrt(v(shape)), shape[0] * shape[1])


def in_float32(v, shape, rng):
    return rng.normal(0, np.sqrt(v(shape)), shape).astype(np.float32)


def zeros(v, shape, rng):
    return np.zeros(shape)


def standard_normal(v, shape, rng):
    return rng.standard_normal(shape)


def small_numbers(v, shape, rng):
    return 0.01 * rng.standard_normal(shape)


SHARED = (
    (std_as_variance, STD_FOR_VARIANCE),
    (std_inverted, "The more inputs, the larger its weights. Should a sum of more terms get larger or smaller ones?"),
    (uniform_of_the_same_std, FLAT),
    (uniform_up_to_the_std, NARROW),
    (random_from_0_to_1, ONE_SIDED),
    (sizes_only, "None of its weights is negative. Around which mean do they have to lie?"),
    (centred_at_1, NOT_0),
    (global_random, OTHER_RNG),
    (seeded_inside, OWN_SEED),
    (transposed, TURNED),
    (clipped_at_2_std, CUT_OFF),
    (redrawn_beyond_2_std, "Large weights are drawn anew until they are small. The formula is the whole normal "
     "distribution."),
    (one_row_for_all, SAME_ROWS),
    (one_column_for_all, SAME_COLUMNS),
    (one_number, ONE_NUMBER),
    (flat, "All its weights stand in one row of numbers. W is a matrix: which argument says so?"),
    (in_float32, "The values are right, but they are float32. Keep what the rng draws."),
    (zeros, ZEROS),
    (standard_normal, STANDARD),
    (small_numbers, SMALL),
)  # fmt: skip

for _name, _variance in (("he", he_variance), ("glorot", glorot_variance)):
    for _version, _hint in SHARED:
        mistake(_name, _hint)(same_hints(partial(_version, _variance), f"{_name}_{_version.__name__}"))


# --- he and glorot: another variance ----------------------------------------------------------------------------------


def normal(name, std_of, function, hint):
    """Enter the normal distribution with another standard deviation."""

    def draw(shape, rng):
        return rng.normal(0, std_of(*shape), shape)

    draw.__name__ = name
    mistake(function, hint)(draw)


TWO_OVER_THE_PRODUCT = "It divides by the number of weights. How many inputs does one unit add up?"

for _name, _std_of, _hint in (
    ("fan_out", lambda n, k: math.sqrt(2 / n), FAN_OUT),
    ("fan_out_without_root", lambda n, k: 2 / n, f"{FAN_OUT} And {STD_FOR_VARIANCE}"),
    ("lecun", lambda n, k: math.sqrt(1 / k), "Its variance is half as large as asked: 1 / n_{l-1} is meant for "
     "activations without a kink. What does ReLU drop?"),
    ("glorot_for_he", lambda n, k: math.sqrt(2 / (n + k)), "It counts both fans: that is Glorot. Which one does He "
     "count?"),
    ("he_over_the_product", lambda n, k: math.sqrt(2 / (n * k)), TWO_OVER_THE_PRODUCT),
    ("root_of_2_only", lambda n, k: math.sqrt(2) / k, "The root is taken of the 2 only. What else stands under it?"),
    ("root_of_the_fan_only", lambda n, k: 2 / math.sqrt(k), "The root is taken of n_{l-1} only. What else stands under "
     "it?"),
    ("root_of_the_root", lambda n, k: (2 / k) ** 0.25, "The root is taken twice. Once leads from variance to std."),
    ("variance_squared", lambda n, k: (2 / k) ** 2, "It squares the variance. Which way does the standard deviation "
     "lie?"),
):  # fmt: skip
    normal(_name, _std_of, "he", _hint)

for _name, _std_of, _hint in (
    ("he_for_glorot", lambda n, k: math.sqrt(2 / k), "It counts the inputs only: that is He. Which fans does Glorot "
     "count?"),
    ("he_of_fan_out", lambda n, k: math.sqrt(2 / n), "It counts the units of the layer only. Which fans does Glorot "
     "count?"),
    ("glorot_lecun", lambda n, k: math.sqrt(1 / k), "It is 1 / n_{l-1}: that is the variance for the way forward "
     "alone. Which fans does Glorot count?"),
    ("two_missing", lambda n, k: math.sqrt(1 / (n + k)), "Its variance is half as large as asked. What stands above "
     "the line?"),
    ("six_for_two", lambda n, k: math.sqrt(6 / (n + k)), "The 6 belongs to the uniform form, as its limit. What stands "
     "above the line for the normal one?"),
    ("glorot_over_the_product", lambda n, k: math.sqrt(2 / (n * k)), "It multiplies the two fans. Which operation "
     "stands between them?"),
    ("glorot_root_of_2_only", lambda n, k: math.sqrt(2) / (n + k), "The root is taken of the 2 only. What else stands "
     "under it?"),
    ("glorot_root_of_the_fans_only", lambda n, k: 2 / math.sqrt(n + k), "The root is taken of the fans only. What else "
     "stands under it?"),
    ("brackets_missing", lambda n, k: math.sqrt(2 / n + k), "The brackets around the sum are missing. What does 2 / n "
     "+ k mean in Python?"),
    ("sum_of_two_shares", lambda n, k: math.sqrt(2 / n + 2 / k), "It adds two fractions. One fraction has both fans "
     "below its line."),
    ("glorot_root_of_the_root", lambda n, k: (2 / (n + k)) ** 0.25, "The root is taken twice. Once leads from variance "
     "to std."),
):  # fmt: skip
    normal(_name, _std_of, "glorot", _hint)


# --- he and glorot: right versions ------------------------------------------------------------------------------------


def by_scaling(v, shape, rng):
    return rng.standard_normal(shape) * np.sqrt(v(shape))


def by_dividing(v, shape, rng):
    return rng.normal(size=shape) / (1 / v(shape)) ** 0.5


def row_by_row(v, shape, rng):
    return np.array([[*rng.normal(loc=0.0, scale=math.sqrt(v(shape)), size=shape[1])] for _ in range(shape[0])])


def drawn_transposed(v, shape, rng):
    return rng.normal(0, v(shape) ** 0.5, shape[::-1]).T


def from_a_flat_draw(v, shape, rng):
    return rng.normal(0, np.sqrt(v(shape)), math.prod(shape)).reshape(shape)


def from_uniform_numbers(v, shape, rng):
    radius = np.sqrt(-2 * v(shape) * np.log1p(-rng.random(shape)))
    return radius * np.cos(2 * np.pi * rng.random(shape))


for _name, _variance in (("he", he_variance), ("glorot", glorot_variance)):
    for _version in (by_scaling, by_dividing, row_by_row, drawn_transposed, from_a_flat_draw, from_uniform_numbers):
        right(_name)(same_hints(partial(_version, _variance), f"{_name}_{_version.__name__}"))


@right("glorot")
def by_the_mean_of_the_fans(shape, rng):
    n, k = shape
    return rng.normal(0, np.sqrt(1 / ((n + k) / 2)), (n, k))


# --- initialize -------------------------------------------------------------------------------------------------------


NOT_REFUSED = (
    "With an activation too few or too many there is no ValueError. zip stops at the shorter list, in silence: what "
    "should happen instead?"
)
SAME_FOR_ALL_PHIS = "All layers have the same activation. Which one of phis belongs to layer l?"


def guarded(version):
    """With the right answer where the activations do not fit the sizes."""

    @wraps(version)
    def initialize(sizes, phis, draw, rng):
        if len(phis) != len(sizes) - 1:
            raise ValueError(f"{len(sizes) - 1} layers, but {len(phis)} activations")
        return version(sizes, phis, draw, rng)

    return initialize


def with_bias(make):
    """The net with another b: make(n, k, draw, rng)."""

    def initialize(sizes, phis, draw, rng):
        return [
            (draw((n, k), rng), make(n, k, draw, rng), phi) for (k, n), phi in zip(pairwise(sizes), phis, strict=True)
        ]

    initialize.__name__ = make.__name__
    return initialize


def with_weights(make):
    """The net with another W: make(n, k, draw, rng)."""

    def initialize(sizes, phis, draw, rng):
        return [
            (make(n, k, draw, rng), np.zeros((n, 1)), phi) for (k, n), phi in zip(pairwise(sizes), phis, strict=True)
        ]

    initialize.__name__ = make.__name__
    return initialize


def wrong_bias(hint):
    return lambda make: mistake("initialize", hint)(with_bias(make)) and make


def wrong_weights(hint):
    return lambda make: mistake("initialize", hint)(with_weights(make)) and make


def wrong_net(hint):
    return lambda version: mistake("initialize", hint)(guarded(version))


@wrong_bias("b is drawn at random. What does the docstring say about it, and why is symmetry no worry there?")
def bias_at_random(n, k, draw, rng):
    return rng.standard_normal((n, 1))


@wrong_bias("b is drawn like W. What does the docstring say about b?")
def bias_drawn(n, k, draw, rng):
    return draw((n, 1), rng)


@wrong_bias("b is flat, (n,). It has to be a column: n rows and 1 column.")
def bias_flat(n, k, draw, rng):
    return np.zeros(n)


@wrong_bias("b is a row. Z has one row for each unit: how does b have to lie to be added to it?")
def bias_row(n, k, draw, rng):
    return np.zeros((1, n))


@wrong_bias("b begins at 1. What does the docstring say about it?")
def bias_of_ones(n, k, draw, rng):
    return np.ones((n, 1))


@wrong_bias("b begins at 0.01. What does the docstring say about it?")
def bias_slightly_above_0(n, k, draw, rng):
    return np.full((n, 1), 0.01)


@wrong_bias("b is the number 0. Each unit has a bias of its own: which shape is that?")
def bias_number(n, k, draw, rng):
    return 0.0


@wrong_bias("b is as wide as W. One column of b serves every example.")
def bias_as_wide_as_weights(n, k, draw, rng):
    return np.zeros((n, k))


@wrong_bias("b has an entry for each input of the layer. It belongs to the layer's own units.")
def bias_of_the_inputs(n, k, draw, rng):
    return np.zeros((k, 1))


@wrong_bias("b holds integers. A step of the learning rate could not change them: which dtype has np.zeros by itself?")
def bias_of_integers(n, k, draw, rng):
    return np.zeros((n, 1), int)


@wrong_bias("b is missing: None stands in its place. How many zeros does it hold?")
def bias_none(n, k, draw, rng):
    return None


@wrong_weights("W is turned: it has one row for each unit of its own layer. Which width comes first?")
def weights_turned(n, k, draw, rng):
    return draw((k, n), rng)


@wrong_weights("W is drawn for the shape (n_{l-1}, n_l) and turned afterwards: draw then counts the wrong fan.")
def weights_turned_back(n, k, draw, rng):
    return draw((k, n), rng).T


@wrong_weights("W does not come from draw, it is standard normal. What is the third argument for?")
def draw_ignored(n, k, draw, rng):
    return rng.standard_normal((n, k))


@wrong_weights("W does not come from draw: it always takes He. What is the third argument for?")
def always_he(n, k, draw, rng):
    return rng.normal(0, np.sqrt(2 / k), (n, k))


@wrong_weights("W is scaled after draw. draw already knows the right size: leave its numbers as they are.")
def weights_made_small(n, k, draw, rng):
    return 0.01 * draw((n, k), rng)


@wrong_weights("All weights are 0, so all units of a layer stay equal for ever. What is draw for?")
def weights_of_zeros(n, k, draw, rng):
    return np.zeros((n, k))


@wrong_weights("Each layer gets a fresh rng with the same seed, so layers of one shape get equal weights. Which rng "
               "draws them all?")  # fmt: skip
def fresh_rng_for_each_layer(n, k, draw, rng):
    return draw((n, k), np.random.default_rng(0))


@wrong_weights("It draws from an rng of its own, without a seed: equal seeds no longer give equal nets. Which one came "
               "in?")  # fmt: skip
def unseeded_rng(n, k, draw, rng):
    return draw((n, k), np.random.default_rng())


@wrong_net("It draws from an rng of its own with a fixed seed: every seed gives the same net. Which one came in?")
def own_rng_for_the_net(sizes, phis, draw, rng):
    own = np.random.default_rng(0)
    return [(draw((n, k), own), np.zeros((n, 1)), phi) for (k, n), phi in zip(pairwise(sizes), phis)]


@wrong_net("Layers of one shape share one array W. Each layer needs a draw of its own.")
def one_draw_for_each_shape(sizes, phis, draw, rng):
    drawn = {shape: draw(shape, rng) for shape in {(n, k) for k, n in pairwise(sizes)}}
    return [(drawn[n, k], np.zeros((n, 1)), phi) for (k, n), phi in zip(pairwise(sizes), phis)]


@wrong_net("phi is missing. forward unpacks three parts from every layer: which?")
def phi_forgotten(sizes, phis, draw, rng):
    return [(draw((n, k), rng), np.zeros((n, 1))) for k, n in pairwise(sizes)]


@wrong_net(SAME_FOR_ALL_PHIS)
def first_phi_for_all(sizes, phis, draw, rng):
    return [(draw((n, k), rng), np.zeros((n, 1)), phis[0]) for k, n in pairwise(sizes)]


@wrong_net("All layers have the last activation. Which one of phis belongs to layer l?")
def last_phi_for_all(sizes, phis, draw, rng):
    return [(draw((n, k), rng), np.zeros((n, 1)), phis[-1]) for k, n in pairwise(sizes)]


@wrong_net("Each layer holds the whole list of activations. Which one of them belongs to layer l?")
def all_phis_in_each_layer(sizes, phis, draw, rng):
    return [(draw((n, k), rng), np.zeros((n, 1)), phis) for k, n in pairwise(sizes)]


@wrong_net("The activations are one layer off. With which index does phis begin, and with which do the layers?")
def phis_one_off(sizes, phis, draw, rng):
    return [(draw((n, k), rng), np.zeros((n, 1)), phis[l - 1]) for l, (k, n) in enumerate(pairwise(sizes))]


@wrong_net("The activations come in reverse order. Which one follows layer 1?")
def phis_reversed(sizes, phis, draw, rng):
    return [(draw((n, k), rng), np.zeros((n, 1)), phi) for (k, n), phi in zip(pairwise(sizes), phis[::-1])]


@wrong_net("The output layer has no activation of its own. phis has one for each of the L layers.")
def no_phi_at_the_output(sizes, phis, draw, rng):
    def unchanged(Z):
        return Z

    phis = [*phis[:-1], unchanged]
    return [(draw((n, k), rng), np.zeros((n, 1)), phi) for (k, n), phi in zip(pairwise(sizes), phis)]


@wrong_net("The output layer is missing. How many steps lead from n_0 to n_L?")
def no_output_layer(sizes, phis, draw, rng):
    return [(draw((n, k), rng), np.zeros((n, 1)), phi) for (k, n), phi in zip(pairwise(sizes[:-1]), phis)]


@wrong_net("The first layer is missing. Which layer reads the input?")
def no_first_layer(sizes, phis, draw, rng):
    return [(draw((n, k), rng), np.zeros((n, 1)), phi) for (k, n), phi in zip(pairwise(sizes[1:]), phis[1:])]


@wrong_net("It has a layer too many at the front. The input is layer 0: it has no weights.")
def layer_for_the_input(sizes, phis, draw, rng):
    pairs = pairwise([sizes[0], *sizes])
    return [(draw((n, k), rng), np.zeros((n, 1)), phi) for (k, n), phi in zip(pairs, [phis[0], *phis])]


@wrong_net("It returns one layer. Does the return stand inside the loop?")
def return_inside_the_loop(sizes, phis, draw, rng):
    return [(draw((sizes[1], sizes[0]), rng), np.zeros((sizes[1], 1)), phis[0])]


@wrong_net("b comes before W. forward unpacks W, b, phi: in which order?")
def bias_first(sizes, phis, draw, rng):
    return [(np.zeros((n, 1)), draw((n, k), rng), phi) for (k, n), phi in zip(pairwise(sizes), phis)]


@wrong_net("It returns all weights, then all biases. A layer keeps its own W, b and phi together.")
def two_lists(sizes, phis, draw, rng):
    pairs = list(pairwise(sizes))
    return [draw((n, k), rng) for k, n in pairs], [np.zeros((n, 1)) for _, n in pairs]


@mistake("initialize", NOT_REFUSED)
def zipped_in_silence(sizes, phis, draw, rng):
    return [(draw((n, k), rng), np.zeros((n, 1)), phi) for (k, n), phi in zip(pairwise(sizes), phis)]


@right("initialize")
@guarded
def by_index(sizes, phis, draw, rng):
    layers = []
    for l in range(1, len(sizes)):
        W = draw((sizes[l], sizes[l - 1]), rng)
        layers.append((W, np.zeros((sizes[l], 1)), phis[l - 1]))
    return layers


@right("initialize")
def by_three_way_zip(sizes, phis, draw, rng):
    return [(draw(shape=(n, k), rng=rng), np.zeros((n, 1)), phi)
            for k, n, phi in zip(sizes[:-1], sizes[1:], phis, strict=True)]  # fmt: skip


@right("initialize")
@guarded
def from_the_back(sizes, phis, draw, rng):
    layers = []
    for l in reversed(range(1, len(sizes))):
        layers.insert(0, [draw((sizes[l], sizes[l - 1]), rng), np.zeros((sizes[l], 1)), phis[l - 1]])
    return tuple(layers)


@right("initialize")
def with_an_rng_for_each_layer(sizes, phis, draw, rng):
    if len(phis) + 1 != len(sizes):
        raise ValueError("one activation for each layer, please")
    return [
        (draw((n, k), child), 0.0 * np.ones((n, 1)), phi)
        for k, n, phi, child in zip(sizes, sizes[1:], phis, rng.spawn(len(phis)))
    ]


@right("initialize")
def weights_first(sizes, phis, draw, rng):
    weights = [draw((n, k), rng) for k, n in pairwise(sizes)]
    biases = [np.zeros_like(W[:, :1]) for W in weights]
    return list(zip(weights, biases, phis, strict=True))
