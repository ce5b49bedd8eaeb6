"""Lab 01: wrong and right versions of relu, sigmoid and predict_binary."""

import math

import numpy as np

from gradekit.bank import mistake, right

IN_PLACE = "The values are right, but it writes into its input: whoever called it loses Z. Make a new array."
FLOAT64 = "The values are right, but float32 goes in and float64 comes out. Which step makes a float64 array?"


@mistake("relu", "It turns negative numbers into positive ones. What should become of -3?")
def absolute_value(Z):
    return np.abs(Z)


@mistake("relu", "It takes the largest number of each column. ReLU looks at one number at a time: the shape stays.")
def largest_of_each_column(Z):
    return np.max(Z, axis=0)


@mistake("relu", "It takes the largest number of each row. ReLU looks at one number at a time: the shape stays.")
def largest_of_each_row(Z):
    return np.max(Z, axis=1)


@mistake("relu", "It returns one number for the whole array. ReLU compares each number with 0, one at a time.")
def largest_of_all(Z):
    return max(0, np.max(Z))


@mistake("relu", "Python's max and if take an array as a whole. Which NumPy function compares number by number?")
def max_of_python(Z):
    return max(0, Z)


@mistake("relu", IN_PLACE)
def relu_in_place(Z):
    Z[Z < 0] = 0
    return Z


@mistake("relu", "It lets a small part of the negative numbers through: that is the leaky ReLU. What is max(0, -3)?")
def leaky(Z):
    return np.where(Z > 0, Z, 0.01 * Z)


@mistake("relu", "It lets a part of the negative numbers through: that is the ELU. What is max(0, -3)?")
def elu(Z):
    return np.where(Z > 0, Z, np.exp(np.minimum(Z, 0)) - 1)


@mistake("relu", "It returns 0 and 1: that is the slope of ReLU. What should become of 2.5?")
def slope_of_relu(Z):
    return (Z > 0).astype(Z.dtype)


@mistake("relu", "It stops at 1. Is there an upper bound in max(0, z)?")
def clipped_at_1(Z):
    return np.clip(Z, 0, 1)


@mistake("relu", "It keeps the negative numbers and drops the positive ones. Which of 0 and z is to survive?")
def smaller_of_the_two(Z):
    return np.minimum(0, Z)


@mistake("relu", "It loses the numbers between 0 and 1. Where does ReLU have its kink?")
def kink_at_1(Z):
    return np.where(Z > 1, Z, 0)


@mistake("relu", "It is a smooth cousin of ReLU, the softplus: at 0 it gives 0.69. What is max(0, 0)?")
def softplus(Z):
    return np.log1p(np.exp(-np.abs(Z))) + np.maximum(Z, 0)


@mistake("relu", "It drops the negative numbers instead of setting them to 0. The shape stays.")
def drops_negatives(Z):
    return Z[Z > 0]


@mistake("relu", "It turns z around before it compares with 0. What is max(0, 3)?")
def relu_of_minus_z(Z):
    return np.maximum(0, -Z)


@mistake("relu", FLOAT64)
def relu_in_float64(Z):
    return np.maximum(Z, np.zeros(Z.shape))


@right("relu")
def zero_first(Z):
    return np.maximum(0, Z)


@right("relu")
def times_mask(Z):
    return Z * (Z > 0)


@right("relu")
def by_choice(Z):
    return np.where(Z > 0, Z, 0)


@right("relu")
def by_clipping(Z):
    return np.clip(Z, 0, None)


@right("relu")
def mean_of_z_and_its_size(Z):
    return (Z + np.abs(Z)) / 2


@right("relu")
def on_a_copy(Z):
    result = Z.copy()
    result[result < 0] = 0
    return result


@right("relu")
def number_by_number(Z):
    result = np.zeros_like(Z)
    for i in range(Z.shape[0]):
        for j in range(Z.shape[1]):
            result[i, j] = max(0, Z[i, j])
    return result


def stable_sigmoid(Z):
    return np.exp(-np.logaddexp(0, -Z))


@mistake("sigmoid", "For z = -1000 an exponential overflows. For which sign of its exponent can exp never overflow?")
def naive(Z):
    return 1 / (1 + np.exp(-Z))


@mistake(
    "sigmoid", "For z = 1000 it divides infinity by infinity. For which sign of its exponent can exp never overflow?"
)
def naive_quotient(Z):
    return np.exp(Z) / (1 + np.exp(Z))


@mistake(
    "sigmoid", "np.where computes both branches for every z, the one that overflows too. What can exp be given instead?"
)
def both_branches(Z):
    return np.where(Z >= 0, 1 / (1 + np.exp(-Z)), np.exp(Z) / (1 + np.exp(Z)))


@mistake("sigmoid", "math.exp takes a single number. Which exp takes a whole array?")
def exp_of_math(Z):
    return 1 / (1 + math.exp(-Z))


@mistake("sigmoid", "It falls where it should rise. What sign has the exponent?")
def wrong_sign(Z):
    return stable_sigmoid(-Z)


@mistake("sigmoid", "It runs from -1 to 1: that is tanh. What is sigma(0)?")
def tanh_instead(Z):
    return np.tanh(Z)


@mistake(
    "sigmoid", "Its columns sum to 1. Each logit here is a question of its own: no number depends on its neighbours."
)
def shares_of_each_column(Z):
    e = np.exp(Z - np.max(Z, axis=0))
    return e / np.sum(e, axis=0)


@mistake("sigmoid", "All its numbers together sum to 1. No number of sigma(Z) depends on its neighbours.")
def shares_of_all(Z):
    e = np.exp(Z - np.max(Z))
    return e / np.sum(e)


@mistake("sigmoid", "It returns the slope of sigma, which is largest at 0. sigma itself rises from 0 to 1.")
def slope_of_sigmoid(Z):
    return stable_sigmoid(Z) * stable_sigmoid(-Z)


@mistake("sigmoid", "It is made of straight pieces. sigma is smooth: where is the exponential?")
def hard_sigmoid(Z):
    return np.clip(0.25 * Z + 0.5, 0, 1)


@mistake("sigmoid", "Division goes before addition. What does the 1 above the fraction line stand over?")
def missing_brackets(Z):
    return 1 / 1 + np.exp(-Z)


@mistake("sigmoid", "It forgets the sign of z: sigma(-3) and sigma(3) come out the same. What does z < 0 need?")
def sign_lost(Z):
    return 1 / (1 + np.exp(-np.abs(Z)))


@mistake("sigmoid", "It already decides between 0 and 1. A probability can lie in between.")
def decides(Z):
    return np.where(Z > 0, 1.0, 0.0)


@mistake("sigmoid", "It returns a logarithm: its numbers are negative. A probability is not.")
def log_sigmoid(Z):
    return -np.logaddexp(0, -Z)


@mistake("sigmoid", "It divides by 1 + z instead of 1 + e^-z. Where is the exponential?")
def exponential_forgotten(Z):
    return 1 / (1 + -Z)


@mistake("sigmoid", "It is sigma of 2z. Compare the slope at 0 with the formula.")
def twice_the_logit(Z):
    return stable_sigmoid(2 * Z)


@mistake("sigmoid", "It applies sigma twice. What should sigma(0) be?")
def applied_twice(Z):
    return stable_sigmoid(stable_sigmoid(Z))


@mistake(
    "sigmoid",
    "It cuts the logits off so early that certain answers come out uncertain. Can exp stay small without a cut?",
)
def cut_off_early(Z):
    return stable_sigmoid(np.clip(Z, -10, 10))


@mistake("sigmoid", IN_PLACE)
def sigmoid_in_place(Z):
    Z[...] = stable_sigmoid(Z)
    return Z


@mistake("sigmoid", FLOAT64)
def sigmoid_in_float64(Z):
    return stable_sigmoid(Z.astype(np.float64))


@right("sigmoid")
def by_masks(Z):
    result = np.empty(Z.shape, Z.dtype if Z.dtype.kind == "f" else np.float64)
    up = Z >= 0
    result[up] = 1 / (1 + np.exp(-Z[up]))
    e = np.exp(Z[~up])
    result[~up] = e / (1 + e)
    return result


@right("sigmoid")
def by_logaddexp(Z):
    return stable_sigmoid(Z)


@right("sigmoid")
def from_tanh(Z):
    return 0.5 * (1 + np.tanh(0.5 * Z))


@right("sigmoid")
def both_exponents_kept_low(Z):
    return np.exp(np.minimum(Z, 0)) / (1 + np.exp(-np.abs(Z)))


@right("sigmoid")
def cut_off_late(Z):
    return 1 / (1 + np.exp(-np.clip(Z, -80, 80)))


@right("sigmoid")
def one_by_one(Z):
    def scalar(z):
        return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))

    values = [scalar(float(z)) for z in Z.flat]
    return np.array(values, Z.dtype if Z.dtype.kind == "f" else np.float64).reshape(Z.shape)


@mistake("predict_binary", "It compares the logit with 0.5. Which logit belongs to the probability 0.5?")
def threshold_of_the_probability(O):
    return (O > 0.5).astype(int)


@mistake(
    "predict_binary",
    "It says 1 for every logit: a probability is never below 0. Which of the two did you compare with 0?",
)
def probability_against_0(O):
    return (np.exp(np.minimum(O, 0)) >= 0).astype(int)


@mistake("predict_binary", "It says 1 at a tie. What does the text say about o = 0?")
def tie_says_1(O):
    return (O >= 0).astype(int)


@mistake("predict_binary", "It says 0 where it should say 1. Which sign of o speaks for class 1?")
def the_wrong_way_round(O):
    return (O < 0).astype(int)


@mistake("predict_binary", "It returns True and False. The labels of the data are the integers 1 and 0.")
def booleans(O):
    return O > 0


@mistake("predict_binary", "It returns probabilities. The last step, the decision, is missing.")
def probabilities_only(O):
    return stable_sigmoid(O)


@mistake("predict_binary", "It rounds the logit itself. Logits are no probabilities: what is sigma(0.3)?")
def rounded_logits(O):
    return np.round(O).astype(int)


@mistake("predict_binary", "It returns -1 and 1. The labels of the data are 0 and 1.")
def signs(O):
    return np.where(O > 0, 1, -1)


@mistake(
    "predict_binary",
    "It cuts off the decimals of the probability: only a probability of 1 survives that. Where is the threshold?",
)
def decimals_cut_off(O):
    return stable_sigmoid(O).astype(int)


@mistake(
    "predict_binary",
    "It picks the largest number of each column, which holds one logit only. Compare that logit with a threshold.",
)
def largest_row(O):
    return np.argmax(O, axis=0)


@mistake("predict_binary", "It picks one example of the batch. Every example gets an answer of its own.")
def largest_example(O):
    return np.argmax(O)


@mistake("predict_binary", "It loses the row: (1, m) comes in, (1, m) goes out.")
def row_lost(O):
    return (O > 0).astype(int).ravel()


@right("predict_binary")
def from_probabilities(O):
    return np.where(stable_sigmoid(O) > 0.5, 1, 0)


@right("predict_binary")
def times_1(O):
    return 1 * (O > 0)


@right("predict_binary")
def by_heaviside(O):
    return np.heaviside(O, 0).astype(np.int64)


@right("predict_binary")
def by_list(O):
    return np.array([[1 if o > 0 else 0 for o in row] for row in O])
