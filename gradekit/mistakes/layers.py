"""Lab 01: wrong and right versions of linear, parameter_shapes, count_parameters and forward."""

from functools import reduce, wraps
from itertools import pairwise

import numpy as np

from gradekit.bank import mistake, right
from labkit.cases.layers import misfits


def guarded(version):
    """With the shape check that the stub of `linear` brings along."""

    @wraps(version)
    def linear(W, b, A):
        shapes = misfits(W, b, A)
        if shapes:
            raise ValueError(f"{shapes[0]} does not fit {shapes[1]}")
        return version(W, b, A)

    return linear


@mistake("linear", "It uses the transpose of W. W has one row per unit: which side of it meets a column of A?")
@guarded
def transposed_weights(W, b, A):
    return W.T @ A + b


@mistake("linear", "It multiplies in the order A W. Which of the two has one row per unit of this layer?")
@guarded
def wrong_order(W, b, A):
    return A @ W + b


@mistake("linear", "Its examples stand in rows. In this course one example is one column, in A and in Z.")
@guarded
def examples_in_rows(W, b, A):
    return A.T @ W.T + b.T


@mistake("linear", "It adds b as a row, so each example gets another unit's bias. Along which axis do the units lie?")
@guarded
def bias_as_a_row(W, b, A):
    return W @ A + b.ravel()


@mistake("linear", "The bias is missing. What does Z hold when A is all zeros?")
@guarded
def bias_forgotten(W, b, A):
    return W @ A


@mistake("linear", "It adds the bias twice. What does Z hold when A is all zeros?")
@guarded
def bias_twice(W, b, A):
    return W @ A + b + b


@mistake("linear", "It subtracts the bias. A threshold is subtracted, a bias is added.")
@guarded
def bias_subtracted(W, b, A):
    return W @ A - b


@mistake("linear", "It adds the bias before the product. b has one entry per unit of this layer: where does it belong?")
@guarded
def bias_before_the_product(W, b, A):
    return W @ (A + b)


@mistake("linear", "It adds one number for all units. Each unit has a bias of its own.")
@guarded
def one_bias_for_all(W, b, A):
    return W @ A + b.sum()


@mistake("linear", "It adds the first bias to all units. Each unit has a bias of its own.")
@guarded
def first_bias_for_all(W, b, A):
    return W @ A + b[0]


@mistake("linear", "It multiplies number by number. W A is a matrix product: each entry sums over the inputs.")
@guarded
def number_by_number_product(W, b, A):
    return W * A + b


@mistake("linear", "It computes the first example only. Every column of A gives a column of Z.")
@guarded
def first_example_only(W, b, A):
    return W @ A[:, :1] + b


@mistake("linear", "It adds the examples up. Every column of A gives a column of Z.")
@guarded
def examples_added_up(W, b, A):
    return np.sum(W @ A, axis=1, keepdims=True) + b


@mistake("linear", "It applies ReLU as well. z comes before the activation.")
@guarded
def activated(W, b, A):
    return np.maximum(W @ A + b, 0)


@mistake("linear", "The values are right, but float32 goes in and float64 comes out. Which step makes a float64 array?")
@guarded
def float64_out(W, b, A):
    return np.zeros((len(W), A.shape[1])) + W @ A + b


@mistake(
    "linear", "Shapes that do not fit get through, or the ValueError does not name them. Keep the lines of the stub."
)
def guard_removed(W, b, A):
    return W @ A + b


@right("linear")
@guarded
def bias_first(W, b, A):
    return b + np.matmul(W, A)


@right("linear")
@guarded
def with_einsum(W, b, A):
    return np.einsum("nk,km->nm", W, A) + b


@right("linear")
@guarded
def with_dot(W, b, A):
    return W.dot(A) + np.repeat(b, A.shape[1], axis=1)


@right("linear")
@guarded
def by_the_transpose(W, b, A):
    return (A.T @ W.T + b.T).T


@right("linear")
@guarded
def column_by_column(W, b, A):
    return np.hstack([W @ A[:, [j]] + b for j in range(A.shape[1])])


@right("linear")
@guarded
def entry_by_entry(W, b, A):
    Z = np.zeros((W.shape[0], A.shape[1]), A.dtype)
    for i in range(W.shape[0]):
        for j in range(A.shape[1]):
            Z[i, j] = sum(W[i, k] * A[k, j] for k in range(W.shape[1])) + b[i, 0]
    return Z


STEP_TOO_MANY = "The loop takes a step too many: L + 1 widths make L layers. Where should it start or stop?"
FROM_THE_BACK = (
    "At index 0, sizes[l - 1] is the last width, not the one before. Which layer is the first with parameters?"
)


@mistake("parameter_shapes", "W has one row per unit of its own layer. Which of its two numbers is that?")
def weights_turned(sizes):
    return [((k, n), (n, 1)) for k, n in pairwise(sizes)]


@mistake("parameter_shapes", "b has one entry per unit of its own layer, not of the layer before.")
def bias_of_the_inputs(sizes):
    return [((n, k), (k, 1)) for k, n in pairwise(sizes)]


@mistake(
    "parameter_shapes",
    "Weights and biases both belong to the layer's own units. You have the layers the wrong way round.",
)
def all_turned(sizes):
    return [((k, n), (k, 1)) for k, n in pairwise(sizes)]


@mistake("parameter_shapes", "b comes out flat. To be added to every column it has to be a column itself.")
def flat_bias(sizes):
    return [((n, k), (n,)) for k, n in pairwise(sizes)]


@mistake("parameter_shapes", "b comes out as a number, not as a shape. How many rows and how many columns has it?")
def bias_as_a_number(sizes):
    return [((n, k), n) for k, n in pairwise(sizes)]


@mistake("parameter_shapes", STEP_TOO_MANY)
def shapes_past_the_end(sizes):
    return [((sizes[l + 1], sizes[l]), (sizes[l + 1], 1)) for l in range(len(sizes))]


@mistake("parameter_shapes", FROM_THE_BACK)
def shapes_from_index_0(sizes):
    return [((sizes[l], sizes[l - 1]), (sizes[l], 1)) for l in range(len(sizes))]


@mistake("parameter_shapes", "b comes out as a row. Z has one row per unit: how does b have to lie to be added to it?")
def bias_row(sizes):
    return [((n, k), (1, n)) for k, n in pairwise(sizes)]


@mistake("parameter_shapes", "The biases are missing: each layer has a pair of shapes, one for W and one for b.")
def weights_only(sizes):
    return [(n, k) for k, n in pairwise(sizes)]


@mistake("parameter_shapes", "The last layer is missing. How many steps lead from n_0 to n_L?")
def shapes_without_output_layer(sizes):
    return [((n, k), (n, 1)) for k, n in pairwise(sizes[:-1])]


@mistake("parameter_shapes", "The first layer is missing. Which layer reads the input?")
def shapes_without_first_layer(sizes):
    return [((n, k), (n, 1)) for k, n in pairwise(sizes[1:])]


@mistake("parameter_shapes", "It gives the input a layer too. The input is layer 0: it has no weights.")
def shapes_with_input_layer(sizes):
    return [((n, k), (n, 1)) for k, n in pairwise([sizes[0], *sizes])]


@mistake("parameter_shapes", "Every W comes out square. Its columns count the units of the layer before.")
def square_weights(sizes):
    return [((n, n), (n, 1)) for n in sizes[1:]]


@mistake("parameter_shapes", "It returns how many numbers W and b hold. Their shapes are asked for.")
def counts_for_shapes(sizes):
    return [(n * k, n) for k, n in pairwise(sizes)]


@mistake("parameter_shapes", "The layers come from the output backwards. Layer 1 reads the input.")
def backwards(sizes):
    return [((n, k), (n, 1)) for k, n in pairwise(sizes)][::-1]


@mistake("parameter_shapes", "It gives b as many columns as W. One column of b serves every example.")
def bias_as_wide_as_weights(sizes):
    return [((n, k), (n, k)) for k, n in pairwise(sizes)]


@mistake("parameter_shapes", "It connects every layer with the input. Layer l reads layer l-1.")
def all_from_the_input(sizes):
    return [((n, sizes[0]), (n, 1)) for n in sizes[1:]]


@right("parameter_shapes")
def with_an_index(sizes):
    shapes = []
    for l in range(1, len(sizes)):
        shapes.append(((sizes[l], sizes[l - 1]), (sizes[l], 1)))
    return shapes


@right("parameter_shapes")
def as_lists(sizes):
    return [[[n, k], [n, 1]] for k, n in pairwise(sizes)]


@right("parameter_shapes")
def read_off_arrays(sizes):
    return tuple((np.zeros((n, k)).shape, np.zeros((n, 1)).shape) for k, n in pairwise(sizes))


@right("parameter_shapes")
def zipped(sizes):
    weights = zip(sizes[1:], sizes[:-1])
    biases = [(n, 1) for n in sizes[1:]]
    return list(zip(weights, biases))


@mistake("count_parameters", "The biases are missing. What is added after the product?")
def weights_counted_only(sizes):
    return sum(n * k for k, n in pairwise(sizes))


@mistake("count_parameters", "It counts one bias per layer. How many units of the layer have one?")
def one_bias_a_layer(sizes):
    return sum(n * k + 1 for k, n in pairwise(sizes))


@mistake("count_parameters", "It counts a bias for each input of a layer. Biases belong to the layer's own units.")
def biases_of_the_inputs(sizes):
    return sum(n * k + k for k, n in pairwise(sizes))


@mistake("count_parameters", "The output layer is missing. It has weights and biases like the others.")
def count_without_output_layer(sizes):
    return sum(n * k + n for k, n in pairwise(sizes[:-1]))


@mistake("count_parameters", "The biases of the output layer are missing. Its units have some like the others.")
def no_output_biases(sizes):
    return sum(n * k + n for k, n in pairwise(sizes)) - sizes[-1]


@mistake("count_parameters", "The first layer is missing. Which layer reads the input?")
def count_without_first_layer(sizes):
    return sum(n * k + n for k, n in pairwise(sizes[1:]))


@mistake("count_parameters", "It gives the input biases. The input is data: layer 0 has no parameters.")
def biases_for_the_input(sizes):
    return sum(n * k for k, n in pairwise(sizes)) + sum(sizes)


@mistake("count_parameters", "It gives the input a layer of weights. The input is data: layer 0 has no parameters.")
def weights_for_the_input(sizes):
    return sum(n * k + n for k, n in pairwise([sizes[0], *sizes]))


@mistake("count_parameters", "It counts each weight twice. A connection has one weight, however often it is used.")
def weights_twice(sizes):
    return sum(2 * n * k + n for k, n in pairwise(sizes))


@mistake("count_parameters", "It counts each bias twice. A unit has one.")
def biases_twice(sizes):
    return sum(n * k + 2 * n for k, n in pairwise(sizes))


@mistake("count_parameters", STEP_TOO_MANY)
def count_past_the_end(sizes):
    return sum(sizes[l + 1] * sizes[l] + sizes[l + 1] for l in range(len(sizes)))


@mistake("count_parameters", FROM_THE_BACK)
def count_from_index_0(sizes):
    return sum(sizes[l] * sizes[l - 1] + sizes[l] for l in range(len(sizes)))


@mistake("count_parameters", "It counts units. Parameters sit on the connections, and one more on each unit.")
def units(sizes):
    return sum(sizes)


@mistake("count_parameters", "It multiplies all widths. Layers stand one after the other: their counts are added.")
def product_of_all(sizes):
    return reduce(lambda a, b: a * b, sizes)


@mistake(
    "count_parameters", "It adds the two numbers of W's shape. How many entries has a matrix of n rows and k columns?"
)
def rows_plus_columns(sizes):
    return sum(n + k + n for k, n in pairwise(sizes))


@mistake("count_parameters", "It takes every W as square. Its columns count the units of the layer before.")
def squares(sizes):
    return sum(n * n + n for n in sizes[1:])


@mistake("count_parameters", "It counts the first layer only. Add up over all layers.")
def first_layer_only(sizes):
    return sizes[1] * sizes[0] + sizes[1]


@mistake("count_parameters", "It counts the last layer only. Is the sum built up, or overwritten in the loop?")
def last_layer_only(sizes):
    return sizes[-1] * sizes[-2] + sizes[-1]


@mistake(
    "count_parameters",
    "It adds a bias on the layer's inputs and one on its units. A layer has one bias per unit of its own.",
)
def extra_unit_on_both_sides(sizes):
    return sum((n + 1) * (k + 1) for k, n in pairwise(sizes))


@right("count_parameters")
def bias_as_a_weight(sizes):
    return sum(n * (k + 1) for k, n in pairwise(sizes))


@right("count_parameters")
def weights_then_biases(sizes):
    total = 0
    for l in range(1, len(sizes)):
        total += sizes[l] * sizes[l - 1]
        total += sizes[l]
    return total


@right("count_parameters")
def by_inner_product(sizes):
    return np.dot(sizes[1:], sizes[:-1]) + np.sum(sizes[1:])


@right("count_parameters")
def by_array_sizes(sizes):
    return sum(np.zeros((n, k)).size + np.zeros((n, 1)).size for k, n in pairwise(sizes))


def run(layers, X, step=lambda W, b, phi, A: phi(W @ A + b)):
    """A plain forward pass, for versions that differ from it in one thing."""
    Z, A = [None], [X]
    for W, b, phi in layers:
        Z.append(W @ A[-1] + b)
        A.append(step(W, b, phi, A[-1]))
    return Z, A


@mistake("forward", "The last layer's activation is missing. Every layer has its own phi, the output too.")
def output_not_activated(layers, X):
    Z, A = run(layers, X)
    return Z, [*A[:-1], Z[-1]]


@mistake(
    "forward", "The hidden layers' activations are missing: each layer reads the z of the layer before, not its a."
)
def hidden_not_activated(layers, X):
    Z = [X]
    for W, b, _ in layers:
        Z.append(W @ Z[-1] + b)
    return Z, [*Z[:-1], layers[-1][2](Z[-1])]


@mistake("forward", "No activation is applied. What turns Z[l] into A[l]?")
def never_activated(layers, X):
    Z = [X]
    for W, b, _ in layers:
        Z.append(W @ Z[-1] + b)
    return Z, Z


@mistake("forward", "A does not begin with X. A[0] is the input, so that A[l] belongs to layer l.")
def input_not_in_A(layers, X):
    Z, A = run(layers, X)
    return Z, A[1:]


@mistake("forward", "Neither list has a place 0. Z[0] is None and A[0] is X, so that the index is the layer's number.")
def lists_from_layer_1(layers, X):
    Z, A = run(layers, X)
    return Z[1:], A[1:]


@mistake("forward", "Z has no place 0. Begin it with None, so that Z[l] belongs to layer l.")
def Z_from_layer_1(layers, X):
    Z, A = run(layers, X)
    return Z[1:], A


@mistake("forward", "A is returned in the place of Z. Keep the numbers before phi apart from those after it.")
def A_for_both(layers, X):
    Z, A = run(layers, X)
    return A, A


@mistake("forward", "A comes before Z. The order of the result is (Z, A).")
def lists_swapped(layers, X):
    Z, A = run(layers, X)
    return A, Z


@mistake("forward", "It returns the output only. The way back will need every Z[l] and A[l].")
def output_only(layers, X):
    return run(layers, X)[1][-1]


@mistake("forward", "The input is activated. X goes into layer 1 as it is.")
def input_activated(layers, X):
    Z, A = run(layers, layers[0][2](X))
    return Z, [X, *A[1:]]


@mistake("forward", "The activation is applied twice. a = phi(z), once.")
def activated_twice(layers, X):
    return run(layers, X, step=lambda W, b, phi, A: phi(phi(W @ A + b)))


@mistake("forward", "Each layer reads X. What does layer 2 read?")
def every_layer_reads_X(layers, X):
    Z = [W @ X + b for W, b, _ in layers]
    return [None, *Z], [X, *(phi(z) for z, (_, _, phi) in zip(Z, layers))]


@mistake("forward", "The biases are missing. z = W a + b.")
def biases_forgotten(layers, X):
    Z, A = [None], [X]
    for W, _, phi in layers:
        Z.append(W @ A[-1])
        A.append(phi(Z[-1]))
    return Z, A


@mistake("forward", "The layers run from the last to the first. Which layer reads the input?")
def layers_backwards(layers, X):
    return run(layers[::-1], X)


@mistake("forward", "The lists run from the output back to the input. The index is the layer's number.")
def lists_backwards(layers, X):
    Z, A = run(layers, X)
    return [None, *Z[:0:-1]], A[::-1]


@mistake("forward", "The first entry of A is lost: it was overwritten on the way. Append to A, never replace.")
def input_overwritten(layers, X):
    Z, A = run(layers, X)
    return Z, [A[1], *A[1:]]


@mistake("forward", "It uses the first layer's activation everywhere. Each layer brings its own phi.")
def first_phi_everywhere(layers, X):
    return run([(W, b, layers[0][2]) for W, b, _ in layers], X)


@mistake("forward", "It uses ReLU everywhere. Each layer brings its own phi.")
def relu_everywhere(layers, X):
    return run([(W, b, lambda Z: np.maximum(Z, 0)) for W, b, _ in layers], X)


@mistake("forward", "It transposes W. W has as many columns as the layer before has units.")
def weights_transposed(layers, X):
    return run([(W.T, b, phi) for W, b, phi in layers], X)


@mistake("forward", "The last layer is missing. How many layers are in the list?")
def last_layer_skipped(layers, X):
    return run(layers[:-1], X)


@mistake("forward", "It stops after the first layer. Does a return stand inside the loop?")
def stops_after_one_layer(layers, X):
    return run(layers[:1], X)


@mistake("forward", "The bias is added after the activation. It belongs inside: phi of W a + b.")
def bias_after_activation(layers, X):
    Z, A = [None], [X]
    for W, b, phi in layers:
        Z.append(W @ A[-1])
        A.append(phi(Z[-1]) + b)
    return Z, A


@mistake(
    "forward", "The values are right, but float32 goes in and float64 comes out. Which step makes a float64 array?"
)
def forward_in_float64(layers, X):
    return run([(W.astype(np.float64), b, phi) for W, b, phi in layers], X)


@mistake("forward", "The values are right, but it writes into X: whoever called it loses the data. Make a new array.")
def writes_into_X(layers, X):
    Z, A = run(layers, X.copy())
    X[:] = 0
    return Z, A


@right("forward")
def by_recursion(layers, X):
    if not layers:
        return [None], [X]
    Z, A = by_recursion(layers[:-1], X)
    W, b, phi = layers[-1]
    z = np.einsum("nk,km->nm", W, A[-1]) + b
    return [*Z, z], [*A, phi(z)]


@right("forward")
def by_index(layers, X):
    L = len(layers)
    Z, A = [None] * (L + 1), [X] + [None] * L
    for l in range(1, L + 1):
        W, b, phi = layers[l - 1]
        Z[l] = b + W.dot(A[l - 1])
        A[l] = phi(Z[l])
    return tuple(Z), tuple(A)


@right("forward")
def column_after_column(layers, X):
    A, Z = [X], [None]
    for W, b, phi in layers:
        Z += [np.hstack([W @ column.reshape(-1, 1) + b for column in A[-1].T])]
        A += [phi(Z[-1])]
    return Z, A


@right("forward")
def rows_inside(layers, X):
    H, Z, A = X.T, [X], [X]
    for W, b, phi in layers:
        S = H @ W.T + b.T
        H = phi(S)
        Z.append(S.T)
        A.append(H.T)
    return Z, A
