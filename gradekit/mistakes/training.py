"""Lab 05: wrong and right versions of feature_statistics, minibatches, loss_and_gradients and train_epoch."""

from functools import reduce
from math import fsum

import numpy as np

from dnnlib.backprop import backward, cross_entropy_delta
from dnnlib.layers import forward
from dnnlib.losses import cross_entropy, softmax
from gradekit.bank import mistake, right

# --- feature_statistics -----------------------------------------------------------------------------------------------

CONSTANT = "A constant feature gets the deviation 0. What happens when it is divided by it?"
FLAT = "It comes out flat, (n,). Which shape broadcasts over the columns of X?"
EXAMPLES = "It has one number for each example. Which axis holds the examples, and what is averaged over them?"


def constant_in(X):
    return np.ptp(X, axis=1, keepdims=True) == 0


def mean_of(X):
    return X.mean(axis=1, keepdims=True)


def with_1(std, X):
    """The deviations, 1 for a constant feature."""
    return np.where(constant_in(X), 1, std)


def std_of(X):
    return with_1(X.std(axis=1, keepdims=True), X)


@mistake("feature_statistics", EXAMPLES)
def of_each_example(X):
    std = X.std(axis=0, keepdims=True)
    return X.mean(axis=0, keepdims=True), np.where(std == 0, 1, std)


@mistake("feature_statistics", "One mean and one deviation serve all features. What has a feature with small numbers "
         "of it?")  # fmt: skip
def of_all_numbers(X):
    return np.full((len(X), 1), X.mean()), np.full((len(X), 1), X.std() or 1)


@mistake("feature_statistics", "It returns two numbers. How many features are there?")
def two_numbers(X):
    return X.mean(), X.std() or 1.0


@mistake("feature_statistics", "The deviation is one number for all features. Each has a spread of its own.")
def one_deviation(X):
    return mean_of(X), np.full((len(X), 1), X.std() or 1)


@mistake("feature_statistics", "It returns the variance. Which unit has it, compared with the feature?")
def variance(X):
    return mean_of(X), with_1(X.var(axis=1, keepdims=True), X)


@mistake("feature_statistics", "It returns the variance, and 0 for a constant feature. Which unit has the variance, "
         "and what is divided by 0?")  # fmt: skip
def variance_with_zeros(X):
    return mean_of(X), X.var(axis=1, keepdims=True)


@mistake("feature_statistics", "It divides by m - 1. That estimates the spread of a larger population. Here the "
         "examples are all there is.")  # fmt: skip
def over_one_less(X):
    if X.shape[1] == 1:
        return mean_of(X), np.ones((len(X), 1), mean_of(X).dtype)
    return mean_of(X), with_1(X.std(axis=1, ddof=1, keepdims=True), X)


@mistake("feature_statistics", "It divides by m - 1, and a constant feature gets 0 (or nan). How many examples are "
         "there, and what is divided by the deviation?")  # fmt: skip
def over_one_less_with_zeros(X):
    return mean_of(X), np.sqrt(((X - mean_of(X)) ** 2).sum(axis=1, keepdims=True) / (X.shape[1] - 1))


@mistake("feature_statistics", CONSTANT)
def zeros_left(X):
    return mean_of(X), X.std(axis=1, keepdims=True)


@mistake("feature_statistics", "It asks whether the computed deviation is 0. The mean of seven times 0.1 is not quite "
         "0.1: what does that make of the deviation? How else can you see that a feature is constant?")  # fmt: skip
def zero_after_rounding(X):
    std = X.std(axis=1, keepdims=True)
    return mean_of(X), np.where(std == 0, 1, std)


def below(smallest):
    def small_taken_for_constant(X):
        std = X.std(axis=1, keepdims=True)
        return mean_of(X), np.where(std < smallest, 1, std)

    small_taken_for_constant.__name__ += f"_below_{smallest:g}".replace("-", "_")
    return small_taken_for_constant


mistake("feature_statistics", "It takes a small deviation for none. A feature measured in kilometres may differ by "
        "1e-10 and still tell something: when is a feature constant?")(below(1e-8))  # fmt: skip


def plus(epsilon):
    def epsilon_added(X):
        return mean_of(X), X.std(axis=1, keepdims=True) + epsilon

    epsilon_added.__name__ += f"_{epsilon:g}".replace("-", "_")
    return epsilon_added


for _epsilon in (1e-5, 1e-6, 1e-7, 1e-8):
    mistake("feature_statistics", "It adds an epsilon to the deviation. What becomes of a constant feature, and of one "
            "that differs by 1e-10?")(plus(_epsilon))  # fmt: skip


@mistake(
    "feature_statistics", "No deviation comes out below 1. What should a feature with a small spread be divided by?"
)
def at_least_1(X):
    return mean_of(X), np.maximum(X.std(axis=1, keepdims=True), 1)


@mistake("feature_statistics", "A constant feature gets a tiny deviation, so rounding errors are blown up. Which "
         "number does the docstring give it?")  # fmt: skip
def tiny_for_constant(X):
    return mean_of(X), np.where(constant_in(X), 1e-8, X.std(axis=1, keepdims=True))


@mistake("feature_statistics", "A deviation that comes out as 0 is replaced by a tiny one. Which number does the "
         "docstring give a constant feature?")  # fmt: skip
def floor_for_deviations(X):
    return mean_of(X), np.maximum(X.std(axis=1, keepdims=True), 1e-8)


@mistake("feature_statistics", FLAT)
def both_flat(X):
    return X.mean(axis=1), std_of(X)[:, 0]


@mistake("feature_statistics", f"{FLAT} And {CONSTANT[0].lower()}{CONSTANT[1:]}")
def both_flat_with_zeros(X):
    return X.mean(axis=1), X.std(axis=1)


@mistake("feature_statistics", "The mean comes out flat, (n,). Which shape broadcasts over the columns of X?")
def flat_mean(X):
    return X.mean(axis=1), std_of(X)


@mistake("feature_statistics", "They come out as rows, (1, n). Which axis holds the features?")
def as_rows(X):
    return mean_of(X).T, std_of(X).T


@mistake("feature_statistics", "It returns the length of each centred feature. With twice as many examples it grows: "
         "what is divided by m?")  # fmt: skip
def length_for_deviation(X):
    return mean_of(X), with_1(np.linalg.norm(X - mean_of(X), axis=1, keepdims=True), X)


@mistake(
    "feature_statistics", "It measures the distance from 0, not from the mean. From what does a deviation deviate?"
)
def about_0(X):
    return mean_of(X), with_1(np.sqrt(np.mean(X.astype(mean_of(X).dtype) ** 2, axis=1, keepdims=True)), X)


@mistake("feature_statistics", "It averages absolute differences. How does the standard deviation make them positive?")
def mean_absolute_deviation(X):
    return mean_of(X), with_1(np.abs(X - mean_of(X)).mean(axis=1, keepdims=True), X)


@mistake("feature_statistics", "It returns the range of each feature. The standard deviation looks at all examples.")
def range_for_deviation(X):
    return mean_of(X), with_1(np.ptp(X, axis=1, keepdims=True).astype(mean_of(X).dtype), X)


@mistake("feature_statistics", "It returns the median. What is asked for first?")
def median(X):
    return np.median(X, axis=1, keepdims=True).astype(mean_of(X).dtype), std_of(X)


@mistake("feature_statistics", "It adds up and does not divide. What makes a mean of a sum?")
def sum_for_mean(X):
    return X.sum(axis=1, keepdims=True).astype(mean_of(X).dtype), std_of(X)


@mistake("feature_statistics", "The deviation comes first. In which order does the docstring return the two?")
def deviation_first(X):
    return std_of(X), mean_of(X)


@mistake("feature_statistics", "It returns the standardised features. Test examples need the statistics themselves.")
def standardised(X):
    return (X - mean_of(X)) / std_of(X)


@mistake("feature_statistics", "It takes the mean of the squares minus the square of the mean. Far from 0 these two "
         "are nearly equal: what is left of their digits?")  # fmt: skip
def difference_of_squares(X):
    X = X.astype(mean_of(X).dtype)
    squares = (X**2).mean(axis=1, keepdims=True) - mean_of(X) ** 2
    return mean_of(X), with_1(np.sqrt(np.maximum(squares, 0)), X)


@mistake("feature_statistics", "The values are right, but it writes into X: whoever called it loses the data.")
def centred_in_place(X):
    mean, std = mean_of(X), std_of(X)
    X -= mean.astype(X.dtype)
    return mean, std


@mistake(
    "feature_statistics", "The values are right, but float32 goes in and float64 comes out. Which step makes it so?"
)
def statistics_in_float64(X):
    X = X.astype(np.float64)
    return mean_of(X), std_of(X)


@right("feature_statistics")
def by_a_mask(X):
    mean, std = X.mean(axis=1)[:, None], X.std(axis=1)[:, None]
    std[(X == X[:, :1]).all(axis=1)] = 1
    return mean, std


@right("feature_statistics")
def feature_by_feature(X):
    mean, std = np.zeros((len(X), 1)), np.ones((len(X), 1))
    for i, row in enumerate(X):
        mean[i] = fsum(row) / len(row)
        if len(set(row.tolist())) > 1:
            std[i] = np.sqrt(fsum((x - mean[i, 0]) ** 2 for x in row) / len(row))
    kept = X.dtype if X.dtype.kind == "f" else np.float64
    return mean.astype(kept), std.astype(kept)


@right("feature_statistics")
def by_the_transpose(X):
    mean = np.average(X.T, axis=0)
    centred = X - mean[:, None]
    std = np.sqrt(np.einsum("ij,ij->i", centred, centred) / X.shape[1]).astype(mean.dtype)
    std[X.T.max(axis=0) == X.T.min(axis=0)] = 1
    return mean.reshape(-1, 1), std.reshape(-1, 1)


@right("feature_statistics")
def constant_up_to_rounding(X):
    mean, std = X.mean(1, keepdims=True), X.var(1, keepdims=True) ** 0.5
    std[std <= 1e-15 * np.abs(mean)] = 1
    return [mean, std]


# --- minibatches ------------------------------------------------------------------------------------------------------


def cut(order, size):
    return [order[start : start + size] for start in range(0, len(order), size)]


@mistake("minibatches", "The indices stay in order. In a file sorted by class, what would the first batch hold?")
def not_shuffled(m, size, rng):
    return cut(np.arange(m), size)


@mistake("minibatches", "The examples left over at the end are never used. What may the last batch be?")
def rest_dropped(m, size, rng):
    order = rng.permutation(m)
    return [order[i * size : (i + 1) * size] for i in range(m // size)]


@mistake("minibatches", "It draws with replacement: some examples come twice, others never. What is each epoch to see?")
def with_replacement(m, size, rng):
    return cut(rng.integers(0, m, m), size)


@mistake("minibatches", "Each batch is drawn from all examples again, so batches overlap. What is left for the second "
         "batch?")  # fmt: skip
def drawn_anew(m, size, rng):
    return [rng.choice(m, min(size, m - start), replace=False) for start in range(0, m, size)]


@mistake("minibatches", "Each batch is drawn from all examples again, and the last is as large as the others. What is "
         "left for the later batches?")  # fmt: skip
def drawn_anew_all_full(m, size, rng):
    return [rng.choice(m, min(size, m), replace=False) for _ in range(-(-m // size))]


@mistake("minibatches", "The order is mixed within each batch, but always the same examples meet. What has to be mixed "
         "before the cut?")  # fmt: skip
def mixed_within(m, size, rng):
    return [rng.permutation(batch) for batch in cut(np.arange(m), size)]


@mistake("minibatches", "Only the order of the batches is random: always the same examples meet. What has to be mixed?")
def batches_shuffled(m, size, rng):
    batches = cut(np.arange(m), size)
    full, rest = (batches[:-1], batches[-1:]) if m % size else (batches, [])
    return [full[i] for i in rng.permutation(len(full))] + rest


@mistake("minibatches", "Equal rng's give different orders. Is every draw made by the rng that was passed in?")
def global_chance(m, size, rng):
    return cut(np.random.permutation(m), size)


@mistake("minibatches", "The order is the same at each call. Where is the generator made?")
def seeded_inside(m, size, rng):
    return cut(np.random.default_rng(0).permutation(m), size)


@mistake("minibatches", "Neighbouring batches share an index. Does a slice include its end?")
def overlapping(m, size, rng):
    order = rng.permutation(m)
    return [order[start : start + size + 1] for start in range(0, m, size)]


@mistake("minibatches", "An index is lost in each batch. Does a slice include its end?")
def one_short(m, size, rng):
    order = rng.permutation(m)
    return [order[start : start + size - 1] for start in range(0, m, size)]


@mistake("minibatches", "A batch begins at each index, so they overlap. How far is it from one start to the next?")
def a_batch_at_each_index(m, size, rng):
    order = rng.permutation(m)
    return [order[start : start + size] for start in range(m)]


@mistake("minibatches", "Some batches hold no index, or only a part is cut. Does the range end at m?")
def range_one_too_long(m, size, rng):
    order = rng.permutation(m)
    return [order[i * size : (i + 1) * size] for i in range(m // size + 1)]


@mistake("minibatches", "The first batch is missing. Where does the range begin?")
def first_batch_missing(m, size, rng):
    order = rng.permutation(m)
    return [order[start : start + size] for start in range(size, m, size)]


@mistake("minibatches", "All examples are in one batch. What is `size` for?")
def all_in_one(m, size, rng):
    return [rng.permutation(m)]


@mistake("minibatches", "Every batch holds one example. What is `size` for?")
def one_by_one(m, size, rng):
    return cut(rng.permutation(m), 1)


@mistake("minibatches", "It makes `size` batches. How many indices does each hold?")
def size_for_number(m, size, rng):
    return np.array_split(rng.permutation(m), min(size, m))


@mistake(
    "minibatches", "The batches are evened out, so that some before the last are smaller. Which one may be smaller?"
)
def evened_out(m, size, rng):
    return np.array_split(rng.permutation(m), -(-m // size))


@mistake("minibatches", "The rest is added to the last full batch. How large may a batch be?")
def rest_added(m, size, rng):
    order = rng.permutation(m)
    starts = range(0, max(m - size + 1, 1), size)
    return [order[start : start + size] for start in starts[:-1]] + [order[starts[-1] :]]


@mistake("minibatches", "The smaller batch comes first. Which one may be smaller?")
def rest_first(m, size, rng):
    return cut(rng.permutation(m), size)[::-1]


@mistake("minibatches", "The last batch is filled up from the beginning, so some indices come twice. What may it be?")
def filled_up(m, size, rng):
    order = rng.permutation(m)
    return cut(np.resize(order, -(-m // size) * size), size)


@mistake("minibatches", "The indices run from 1 to m. Which column of X is the first?")
def from_1(m, size, rng):
    return cut(rng.permutation(m) + 1, size)


@mistake("minibatches", "It returns the order, not cut. What is X[:, batch] for each batch?")
def not_cut(m, size, rng):
    return rng.permutation(m)


@mistake("minibatches", "It returns the first batch only. Does a return stand inside the loop?")
def one_batch(m, size, rng):
    return cut(rng.permutation(m), size)[:1]


@mistake("minibatches", "The indices are floats. Can X[:, batch] be read with them?")
def float_indices(m, size, rng):
    return cut(rng.permutation(m).astype(float), size)


@right("minibatches")
def by_split(m, size, rng):
    return np.split(rng.permutation(m), range(size, m, size))


@right("minibatches")
def by_shuffling_a_list(m, size, rng):
    order = list(range(m))
    rng.shuffle(order)
    batches = []
    while order:
        batches.append(order[:size])
        order = order[size:]
    return batches


@right("minibatches")
def by_sorting_random_numbers(m, size, rng):
    order = rng.random(m).argsort()
    return tuple(order[i * size : (i + 1) * size] for i in range((m + size - 1) // size))


@right("minibatches")
def by_drawing_from_what_is_left(m, size, rng):
    left, batches = np.arange(m), []
    while len(left):
        batch = rng.choice(left, min(size, len(left)), replace=False)
        left = np.setdiff1d(left, batch)
        batches.append(batch)
    return batches


@right("minibatches")
def by_fisher_and_yates(m, size, rng):
    order = np.arange(m)
    for last in range(m - 1, 0, -1):
        other = int(rng.integers(last + 1))
        order[[last, other]] = order[[other, last]]
    return cut(order, size)


# --- loss_and_gradients -----------------------------------------------------------------------------------------------


def parts_of(layers, X, y, slopes):
    """The loss, the last delta, and a way from a delta to the gradients."""
    Z, A = forward(layers, X)
    return cross_entropy(Z[-1], y), cross_entropy_delta(Z[-1], y), lambda delta: backward(layers, Z, A, delta, slopes)


@mistake(
    "loss_and_gradients", "Softmax is applied twice: once here, once in the loss and its delta. What do both take?"
)
def softmax_twice(layers, X, y, slopes):
    Z, A = forward(layers, X)
    P = softmax(Z[-1])
    return cross_entropy(P, y), backward(layers, Z, A, cross_entropy_delta(P, y), slopes)


@mistake("loss_and_gradients", "The loss is given probabilities. What does cross_entropy take?")
def loss_of_probabilities(layers, X, y, slopes):
    Z, A = forward(layers, X)
    return cross_entropy(softmax(Z[-1]), y), backward(layers, Z, A, cross_entropy_delta(Z[-1], y), slopes)


@mistake("loss_and_gradients", "The delta is given probabilities. What does cross_entropy_delta take?")
def delta_of_probabilities(layers, X, y, slopes):
    Z, A = forward(layers, X)
    return cross_entropy(Z[-1], y), backward(layers, Z, A, cross_entropy_delta(softmax(Z[-1]), y), slopes)


@mistake(
    "loss_and_gradients", "The gradients are m times too large: those of the sum. Where does the 1/m of the loss go?"
)
def gradients_of_the_sum(layers, X, y, slopes):
    J, delta, gradients_from = parts_of(layers, X, y, slopes)
    return J, gradients_from(delta * len(y))


@mistake("loss_and_gradients", "The gradients are divided by m twice. Which function has done it already?")
def divided_twice(layers, X, y, slopes):
    J, delta, gradients_from = parts_of(layers, X, y, slopes)
    return J, gradients_from(delta / len(y))


@mistake("loss_and_gradients", "The loss is that of the sum, the gradients are those of the mean. What is J?")
def loss_summed(layers, X, y, slopes):
    J, delta, gradients_from = parts_of(layers, X, y, slopes)
    return J * len(y), gradients_from(delta)


@mistake("loss_and_gradients", "Loss and delta are given A[-1]. The last layer may have an activation of its own: "
         "which list holds the logits?")  # fmt: skip
def activations_for_logits(layers, X, y, slopes):
    Z, A = forward(layers, X)
    return cross_entropy(A[-1], y), backward(layers, Z, A, cross_entropy_delta(A[-1], y), slopes)


@mistake("loss_and_gradients", "The loss is given A[-1]. The last layer may have an activation of its own: which list "
         "holds the logits?")  # fmt: skip
def loss_of_activations(layers, X, y, slopes):
    Z, A = forward(layers, X)
    return cross_entropy(A[-1], y), backward(layers, Z, A, cross_entropy_delta(Z[-1], y), slopes)


@mistake("loss_and_gradients", "The delta is given A[-1]. The last layer may have an activation of its own: which list "
         "holds the logits?")  # fmt: skip
def delta_of_activations(layers, X, y, slopes):
    Z, A = forward(layers, X)
    return cross_entropy(Z[-1], y), backward(layers, Z, A, cross_entropy_delta(A[-1], y), slopes)


@mistake("loss_and_gradients", "The last delta is multiplied by the slope of the last activation. With respect to "
         "which quantity is it a derivative already?")  # fmt: skip
def slope_of_the_output(layers, X, y, slopes):
    Z, A = forward(layers, X)
    delta = cross_entropy_delta(Z[-1], y) * slopes[layers[-1][2]](Z[-1])
    return cross_entropy(Z[-1], y), backward(layers, Z, A, delta, slopes)


@mistake("loss_and_gradients", "The loss is computed from the activations, and the delta goes through their slope. "
         "What are the logits here?")  # fmt: skip
def output_activation_kept(layers, X, y, slopes):
    Z, A = forward(layers, X)
    delta = cross_entropy_delta(A[-1], y) * slopes[layers[-1][2]](Z[-1])
    return cross_entropy(A[-1], y), backward(layers, Z, A, delta, slopes)


@mistake("loss_and_gradients", "The gradients come first. In which order does the docstring return the two?")
def gradients_first(layers, X, y, slopes):
    J, delta, gradients_from = parts_of(layers, X, y, slopes)
    return gradients_from(delta), J


@mistake("loss_and_gradients", "The loss is missing. What else is returned?")
def loss_forgotten(layers, X, y, slopes):
    _, delta, gradients_from = parts_of(layers, X, y, slopes)
    return gradients_from(delta)


@mistake("loss_and_gradients", "Only the loss is returned. What does a step need?")
def gradients_forgotten(layers, X, y, slopes):
    return parts_of(layers, X, y, slopes)[0]


@mistake("loss_and_gradients", "The last delta comes back with the loss. What follows from it for W and b?")
def delta_for_gradients(layers, X, y, slopes):
    J, delta, _ = parts_of(layers, X, y, slopes)
    return J, delta


@mistake("loss_and_gradients", "The gradients point downhill. Who is to subtract, this function or the step?")
def gradients_downhill(layers, X, y, slopes):
    J, delta, gradients_from = parts_of(layers, X, y, slopes)
    return J, gradients_from(-delta)


@mistake("loss_and_gradients", "The gradients begin with those of the last layer. Which layer is the first?")
def gradients_backwards(layers, X, y, slopes):
    J, delta, gradients_from = parts_of(layers, X, y, slopes)
    return J, gradients_from(delta)[::-1]


@mistake("loss_and_gradients", "There are gradients of the last layer only. What does backward return?")
def last_layer_only(layers, X, y, slopes):
    J, delta, gradients_from = parts_of(layers, X, y, slopes)
    return J, gradients_from(delta)[-1]


@mistake("loss_and_gradients", "The gradients of the biases are missing. What belongs to each layer?")
def weights_only(layers, X, y, slopes):
    J, delta, gradients_from = parts_of(layers, X, y, slopes)
    return J, [dW for dW, _ in gradients_from(delta)]


@mistake("loss_and_gradients", "The gradients are one flat list. What does a layer's pair hold?")
def flat_list(layers, X, y, slopes):
    J, delta, gradients_from = parts_of(layers, X, y, slopes)
    return J, [each for pair in gradients_from(delta) for each in pair]


@mistake("loss_and_gradients", "The delta has no labels in it. What is subtracted from the probabilities?")
def no_labels(layers, X, y, slopes):
    J, _, gradients_from = parts_of(layers, X, y, slopes)
    return J, gradients_from(softmax(forward(layers, X)[0][-1]) / len(y))


@mistake("loss_and_gradients", "The way back starts with the loss itself. What starts the recursion?")
def backward_from_the_loss(layers, X, y, slopes):
    J, delta, gradients_from = parts_of(layers, X, y, slopes)
    return J, gradients_from(np.full_like(delta, J))


@mistake("loss_and_gradients", "Z and A have changed places. In which order does forward return them?")
def lists_swapped(layers, X, y, slopes):
    A, Z = forward(layers, X)
    return cross_entropy(Z[-1], y), backward(layers, Z, A, cross_entropy_delta(Z[-1], y), slopes)


@mistake("loss_and_gradients", "The loss is the log of a softmax. Which function works on logits and never forms the "
         "probability?")  # fmt: skip
def log_of_softmax(layers, X, y, slopes):
    _, delta, gradients_from = parts_of(layers, X, y, slopes)
    P = softmax(forward(layers, X)[0][-1])
    return -np.log(P[y, np.arange(len(y))]).mean(), gradients_from(delta)


@mistake("loss_and_gradients", "The values are right, but it writes into its input. Make a new array.")
def batch_changed(layers, X, y, slopes):
    J, delta, gradients_from = parts_of(layers, X, y, slopes)
    gradients = gradients_from(delta)
    X -= X.mean(axis=1, keepdims=True) + 1
    return J, gradients


@mistake(
    "loss_and_gradients", "The values are right, but float32 goes in and float64 comes out. Which step makes it so?"
)
def gradients_in_float64(layers, X, y, slopes):
    J, delta, gradients_from = parts_of(layers, X, y, slopes)
    return J, gradients_from(delta.astype(np.float64))


@right("loss_and_gradients")
def from_named_parts(layers, X, y, slopes):
    Z, A = forward(layers, X)
    O = Z[len(layers)]
    delta = cross_entropy_delta(O, y)
    return [cross_entropy(O, y), [list(pair) for pair in backward(layers, Z, A, delta, slopes)]]


@right("loss_and_gradients")
def by_hand(layers, X, y, slopes):
    Z, A = forward(layers, X)
    shifted = Z[-1] - Z[-1].max(axis=0)
    log_sums = np.log(np.exp(shifted).sum(axis=0))
    columns = np.arange(len(y))
    J = np.mean(log_sums - shifted[y, columns])
    delta = np.exp(shifted - log_sums)
    delta[y, columns] -= 1
    delta /= len(y)
    gradients = [None] * len(layers)
    for l in reversed(range(len(layers))):
        gradients[l] = np.einsum("im,jm->ij", delta, A[l]), delta.sum(axis=1)[:, None]
        if l:
            delta = (layers[l][0].T @ delta) * slopes[layers[l - 1][2]](Z[l])
    return J, gradients


@right("loss_and_gradients")
def by_recursion(layers, X, y, slopes):
    def go(remaining, A):
        """The loss, the gradients of the remaining layers, and dJ/dA."""
        W, b, phi = remaining[0]
        Z = W @ A + b
        if len(remaining) == 1:
            J, gradients, delta = cross_entropy(Z, y), [], cross_entropy_delta(Z, y)
        else:
            J, gradients, dA = go(remaining[1:], phi(Z))
            delta = slopes[phi](Z) * dA
        return J, [(delta @ A.T, delta.sum(1, keepdims=True)), *gradients], W.T @ delta

    return go(list(layers), X)[:2]


@right("loss_and_gradients")
def example_by_example(layers, X, y, slopes):
    m, total, sums = len(y), 0.0, None
    for i in range(m):
        J, delta, gradients_from = parts_of(layers, X[:, [i]], y[[i]], slopes)
        mine = gradients_from(delta / m)
        total += J / m
        sums = mine if sums is None else [(dW + a, db + b) for (dW, db), (a, b) in zip(mine, sums)]
    return total, sums


# --- train_epoch ------------------------------------------------------------------------------------------------------


def stepped(thetas, gradients, update, states):
    """All tensors and states after one update each."""
    pairs = [update(*each) for each in zip(thetas, gradients, states)]
    return [theta for theta, _ in pairs], [state for _, state in pairs]


@mistake("train_epoch", "Every batch starts from the states of the epoch's beginning. What has the batch before left?")
def states_not_carried(thetas, gradients_of, batches, update, states):
    latest = states
    for batch in batches:
        thetas, latest = stepped(thetas, gradients_of(thetas, batch), update, states)
    return thetas, latest


@mistake("train_epoch", "The states come back as they were given. What will the next epoch start from?")
def states_not_returned(thetas, gradients_of, batches, update, states):
    latest = states
    for batch in batches:
        thetas, latest = stepped(thetas, gradients_of(thetas, batch), update, latest)
    return thetas, states


@mistake("train_epoch", "The new states are thrown away at every batch. What does update return beside theta?")
def states_thrown_away(thetas, gradients_of, batches, update, states):
    for batch in batches:
        thetas, _ = stepped(thetas, gradients_of(thetas, batch), update, states)
    return thetas, states


@mistake("train_epoch", "The gradients are computed once, before the loop. At which point, and for which batch, are "
         "they needed?")  # fmt: skip
def gradients_once(thetas, gradients_of, batches, update, states):
    gradients = None
    for batch in batches:
        gradients = gradients or gradients_of(thetas, batch)
        thetas, states = stepped(thetas, gradients, update, states)
    return thetas, states


@mistake("train_epoch", "All gradients are taken at the epoch's first point. Where do the thetas stand by then?")
def gradients_at_the_start(thetas, gradients_of, batches, update, states):
    start = thetas
    for batch in batches:
        thetas, states = stepped(thetas, gradients_of(start, batch), update, states)
    return thetas, states


@mistake("train_epoch", "The gradients are computed anew after each tensor, so the later ones belong to another point. "
         "When is gradients_of called?")  # fmt: skip
def one_tensor_after_another(thetas, gradients_of, batches, update, states):
    thetas, states = list(thetas), list(states)
    for batch in batches:
        for i in range(len(thetas)):
            thetas[i], states[i] = update(thetas[i], gradients_of(thetas, batch)[i], states[i])
    return thetas, states


@mistake("train_epoch", "One tensor goes through all batches before the next one starts. Which loop is the outer one?")
def loops_swapped(thetas, gradients_of, batches, update, states):
    thetas, states = list(thetas), list(states)
    for i in range(len(thetas)):
        for batch in batches:
            thetas[i], states[i] = update(thetas[i], gradients_of(thetas, batch)[i], states[i])
    return thetas, states


@mistake("train_epoch", "It stops after the first batch. Does a return stand inside the loop?")
def first_batch_only(thetas, gradients_of, batches, update, states):
    for batch in batches:
        return stepped(thetas, gradients_of(thetas, batch), update, states)
    return thetas, states


@mistake("train_epoch", "Every batch starts from the thetas of the epoch's beginning, so only the last one counts. "
         "What has the batch before left?")  # fmt: skip
def thetas_not_carried(thetas, gradients_of, batches, update, states):
    latest = thetas
    for batch in batches:
        latest, states = stepped(thetas, gradients_of(thetas, batch), update, states)
    return latest, states


@mistake("train_epoch", "Thetas and states start anew at every batch, so only the last one counts. What has the batch "
         "before left?")  # fmt: skip
def last_batch_only(thetas, gradients_of, batches, update, states):
    return stepped(thetas, gradients_of(thetas, batches[-1]), update, states) if batches else (thetas, states)


@mistake("train_epoch", "The thetas come back as they were given. What has training made of them?")
def thetas_not_returned(thetas, gradients_of, batches, update, states):
    latest = thetas
    for batch in batches:
        latest, states = stepped(latest, gradients_of(latest, batch), update, states)
    return thetas, states


@mistake("train_epoch", "The thetas of the step before come back. When are they stored, before the update or after it?")
def one_step_behind(thetas, gradients_of, batches, update, states):
    before = thetas
    for batch in batches:
        before = thetas
        thetas, states = stepped(thetas, gradients_of(thetas, batch), update, states)
    return before, states


@mistake("train_epoch", "One state goes from tensor to tensor. Whose velocity is it?")
def one_state_for_all(thetas, gradients_of, batches, update, states):
    thetas, states = list(thetas), list(states)
    state = states[0]
    for batch in batches:
        for i, g in enumerate(gradients_of(thetas, batch)):
            thetas[i], state = update(thetas[i], g, state)
    return thetas, [state] * len(states)


@mistake("train_epoch", "Every tensor uses the first state. Whose velocity is it?")
def first_state_for_all(thetas, gradients_of, batches, update, states):
    for batch in batches:
        thetas, states = stepped(thetas, gradients_of(thetas, batch), update, [states[0]] * len(states))
    return thetas, states


@mistake("train_epoch", "The values are right, but the lists it was given are changed. Whoever called it loses the "
         "start: make new lists.")  # fmt: skip
def lists_changed(thetas, gradients_of, batches, update, states):
    for batch in batches:
        for i, g in enumerate(gradients_of(thetas, batch)):
            thetas[i], states[i] = update(thetas[i], g, states[i])
    return thetas, states


@mistake("train_epoch", "Theta and state have changed places. In which order does update return them?")
def state_first(thetas, gradients_of, batches, update, states):
    for batch in batches:
        thetas, states = stepped(thetas, gradients_of(thetas, batch), update, states)[::-1]
    return thetas, states


@mistake("train_epoch", "The states come first. In which order does the docstring return the two?")
def states_returned_first(thetas, gradients_of, batches, update, states):
    for batch in batches:
        thetas, states = stepped(thetas, gradients_of(thetas, batch), update, states)
    return states, thetas


@mistake("train_epoch", "Only the thetas come back. What will the next epoch start its states from?")
def states_lost(thetas, gradients_of, batches, update, states):
    for batch in batches:
        thetas, states = stepped(thetas, gradients_of(thetas, batch), update, states)
    return thetas


@mistake("train_epoch", "It makes one step for the whole epoch, along the sum of all gradients. How many steps make an "
         "epoch?")  # fmt: skip
def gradients_added_up(thetas, gradients_of, batches, update, states):
    sums = None
    for batch in batches:
        gradients = gradients_of(thetas, batch)
        sums = gradients if sums is None else [a + b for a, b in zip(sums, gradients)]
    return stepped(thetas, sums, update, states) if batches else (thetas, states)


@mistake("train_epoch", "It makes one step for the whole epoch, along the mean of all gradients. How many steps make "
         "an epoch?")  # fmt: skip
def gradients_averaged(thetas, gradients_of, batches, update, states):
    if not batches:
        return thetas, states
    of_each = [gradients_of(thetas, batch) for batch in batches]
    means = [sum(each) / len(batches) for each in zip(*of_each)]
    return stepped(thetas, means, update, states)


@mistake("train_epoch", "Each batch is used twice. How often is update called for a tensor and a batch?")
def each_batch_twice(thetas, gradients_of, batches, update, states):
    for batch in batches:
        for _ in range(2):
            thetas, states = stepped(thetas, gradients_of(thetas, batch), update, states)
    return thetas, states


@mistake("train_epoch", "Update is called twice: once for theta, once more for the state. What does one call return?")
def updated_twice(thetas, gradients_of, batches, update, states):
    for batch in batches:
        gradients = gradients_of(thetas, batch)
        thetas, _ = stepped(thetas, gradients, update, states)
        _, states = stepped(thetas, gradients, update, stepped(thetas, gradients, update, states)[1])
    return thetas, states


@mistake("train_epoch", "The batches come from the last to the first. Which one is first?")
def batches_backwards(thetas, gradients_of, batches, update, states):
    for batch in batches[::-1]:
        thetas, states = stepped(thetas, gradients_of(thetas, batch), update, states)
    return thetas, states


@mistake("train_epoch", "All batches go into gradients_of at once. What does it take?")
def all_batches_at_once(thetas, gradients_of, batches, update, states):
    if not batches:
        return thetas, states
    return stepped(thetas, gradients_of(thetas, np.hstack(batches)), update, states)


@mistake("train_epoch", "Only the first tensor moves. How many are there?")
def first_tensor_only(thetas, gradients_of, batches, update, states):
    thetas, states = list(thetas), list(states)
    for batch in batches:
        thetas[0], states[0] = update(thetas[0], gradients_of(thetas, batch)[0], states[0])
    return thetas, states


@mistake("train_epoch", "The last tensor stays as it is. How many are there?")
def last_tensor_left_out(thetas, gradients_of, batches, update, states):
    thetas, states = list(thetas), list(states)
    for batch in batches:
        gradients = gradients_of(thetas, batch)
        for i in range(len(thetas) - 1):
            thetas[i], states[i] = update(thetas[i], gradients[i], states[i])
    return thetas, states


@mistake("train_epoch", "The gradient is subtracted here as well, with a rate of its own. Who makes the step?")
def own_step_too(thetas, gradients_of, batches, update, states):
    for batch in batches:
        gradients = gradients_of(thetas, batch)
        thetas, states = stepped(thetas, gradients, update, states)
        thetas = [theta - np.float32(0.01) * g for theta, g in zip(thetas, gradients)]
    return thetas, states


@right("train_epoch")
def on_copied_lists(thetas, gradients_of, batches, update, states):
    thetas, states = list(thetas), list(states)
    for batch in batches:
        for i, g in enumerate(gradients_of(thetas, batch)):
            thetas[i], states[i] = update(thetas[i], g, states[i])
    return thetas, states


@right("train_epoch")
def by_reduce(thetas, gradients_of, batches, update, states):
    return reduce(lambda now, batch: stepped(now[0], gradients_of(now[0], batch), update, now[1]), batches,
                  (thetas, states))  # fmt: skip


@right("train_epoch")
def batch_after_batch(thetas, gradients_of, batches, update, states):
    if not batches:
        return thetas, states
    thetas, states = stepped(thetas, gradients_of(thetas, batches[0]), update, states)
    return batch_after_batch(thetas, gradients_of, batches[1:], update, states)


@right("train_epoch")
def with_new_lists(thetas, gradients_of, batches, update, states):
    for k in range(len(batches)):
        gradients = list(gradients_of(thetas, batches[k]))
        new_thetas, new_states = [], []
        for i in range(len(thetas)):
            theta, state = update(thetas[i], gradients[i], states[i])
            new_thetas.append(theta)
            new_states.append(state)
        thetas, states = new_thetas, new_states
    return tuple(thetas), tuple(states)


@right("train_epoch")
def by_zip(thetas, gradients_of, batches, update, states):
    for batch in batches:
        thetas, states = zip(*map(update, thetas, gradients_of(thetas, batch), states))
    return [list(thetas), list(states)]
