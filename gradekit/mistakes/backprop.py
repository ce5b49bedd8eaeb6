"""Lab 03: wrong and right versions of slopes, output deltas and the way backward."""

import math

import numpy as np

from dnnlib.losses import as_labels, one_hot, softmax
from gradekit.bank import mistake, right

FLOAT64 = "The values are right, but float32 goes in and float64 comes out. Which step makes a float64 array?"
IN_PLACE = "The values are right, but it writes into its input: whoever called it loses the numbers. Make a new array."
SIGN = "Its sign is turned: it points downhill. If a prediction is too large, does the loss rise or fall with it?"
NO_MEAN = "The loss is a mean over the batch. What has become of the m in its formula?"
TWICE = "It divides by m twice. How often does m stand in the loss?"
SUMMED = "It adds up the batch. Every example has a delta of its own: the shape stays."


def sigma(Z):
    return np.exp(-np.logaddexp(0, -Z))


# --- relu_slope -------------------------------------------------------------------------------------------------------


@mistake("relu_slope", "At z = 0 it gives 1. Which number does the course take at the kink?")
def one_at_the_kink(Z):
    return np.heaviside(Z, 1.0)


@mistake("relu_slope", "At z = 0 it gives 1/2. Which number does the course take at the kink?")
def half_at_the_kink(Z):
    return np.heaviside(Z, 0.5)


@mistake("relu_slope", "It divides by z, and at z = 0 that is 0 by 0. Which question about z does without a division?")
def quotient_of_relu(Z):
    return np.maximum(Z, 0) / Z


@mistake("relu_slope", "It returns ReLU itself. How much does ReLU grow when z = 3 grows by 1?")
def relu_itself(Z):
    return np.maximum(Z, 0)


@mistake("relu_slope", "It is 1 for negative z and 0 for positive. On which side of 0 is ReLU flat?")
def sides_swapped(Z):
    return (Z < 0).astype(Z.dtype)


@mistake("relu_slope", "It is -1 below 0: that is the slope of |z|. How steep is a constant?")
def slope_of_absolute(Z):
    return np.sign(Z)


@mistake(
    "relu_slope", "It is a little above 0 for negative z: that belongs to the leaky ReLU. How steep is a constant?"
)
def slope_of_leaky(Z):
    return np.where(Z > 0, 1, 0.01).astype(Z.dtype)


@mistake("relu_slope", "It is 1 everywhere, the slope of the identity. How steep is ReLU for z = -3?")
def one_everywhere(Z):
    return np.ones_like(Z)


@mistake("relu_slope", "It is 0 between 0 and 1. Where does ReLU have its kink?")
def kink_at_1(Z):
    return (Z > 1).astype(Z.dtype)


@mistake("relu_slope", "It has values between 0 and 1. ReLU is made of two straight pieces: how steep is each?")
def clipped_z(Z):
    return np.clip(Z, 0, 1)


@mistake("relu_slope", "It is the sigmoid, a soft step. ReLU is made of two straight pieces: how steep is each?")
def soft_step(Z):
    return sigma(Z)


@mistake("relu_slope", "It is z itself for positive z and 1 for the others. Which is which in np.where?")
def z_for_one(Z):
    return np.where(Z > 0, Z, 1)


@mistake("relu_slope", "It returns True and False. A slope is a number, of the dtype of Z.")
def slope_as_booleans(Z):
    return Z > 0


@mistake("relu_slope", "It returns whole numbers. Of which dtype is Z, and of which is the slope?")
def slope_as_integers(Z):
    return np.where(Z > 0, 1, 0)


@mistake("relu_slope", FLOAT64)
def relu_slope_in_float64(Z):
    return np.where(Z > 0, 1.0, 0.0)


@mistake("relu_slope", IN_PLACE)
def relu_slope_in_place(Z):
    Z[Z > 0] = 1
    Z[Z <= 0] = 0
    return Z


@mistake("relu_slope", "Python's if takes an array as a whole. Which NumPy function compares number by number?")
def if_of_python(Z):
    return 1.0 if Z > 0 else 0.0


@mistake("relu_slope", "It drops the numbers below 0. The shape stays: which slope belongs to them?")
def only_the_positive(Z):
    return np.ones_like(Z[Z > 0])


@right("relu_slope")
def by_a_mask(Z):
    return (Z > 0).astype(Z.dtype)


@right("relu_slope")
def times_one(Z):
    return (Z > 0) * np.ones_like(Z)


@right("relu_slope")
def sign_of_relu(Z):
    return np.sign(np.maximum(Z, 0))


@right("relu_slope")
def slope_on_a_copy(Z):
    slope = np.zeros_like(Z)
    slope[Z > 0] = 1
    return slope


@right("relu_slope")
def slope_one_by_one(Z):
    return np.array([[1 if z > 0 else 0 for z in row] for row in Z], Z.dtype)


# --- sigmoid_slope ----------------------------------------------------------------------------------------------------

NOT_YET_SIGMA = "It takes Z for the output of sigma. Which two numbers are multiplied, and is Z one of them?"


@mistake("sigmoid_slope", NOT_YET_SIGMA)
def z_for_a(Z):
    return Z * (1 - Z)


@mistake("sigmoid_slope", "Only one of its two factors goes through sigma. What is subtracted from 1?")
def half_of_it_sigma(Z):
    return sigma(Z) * (1 - Z)


@mistake("sigmoid_slope", "It goes through sigma twice. At which point is the slope asked for?")
def slope_at_a(Z):
    A = sigma(sigma(Z))
    return A * (1 - A)


@mistake("sigmoid_slope", "It returns sigma itself. How steep is sigma far to the right?")
def sigma_itself(Z):
    return sigma(Z)


@mistake("sigmoid_slope", "It returns 1 - sigma(z), the other class. How steep is sigma far to the left?")
def other_class(Z):
    return 1 - sigma(Z)


@mistake("sigmoid_slope", "It is the formula of tanh, with sigma in it. What does it give at z = 0?")
def formula_of_tanh(Z):
    return 1 - sigma(Z) ** 2


@mistake("sigmoid_slope", "It is the slope of tanh. What does it give at z = 0, and what should it?")
def slope_of_tanh(Z):
    return 1 - np.tanh(Z) ** 2


@mistake("sigmoid_slope", "Its values are negative. Does sigma rise or fall?")
def slope_turned(Z):
    return -sigma(Z) * (1 - sigma(Z))


@mistake("sigmoid_slope", "It is sigma squared. Which factor belongs to the other class?")
def sigma_squared(Z):
    return sigma(Z) ** 2


@mistake("sigmoid_slope", "It squares 1 - sigma. Which factor belongs to the class itself?")
def other_class_squared(Z):
    return (1 - sigma(Z)) ** 2


@mistake("sigmoid_slope", "It adds where it should subtract. How steep is sigma far to the right?")
def plus_for_minus(Z):
    return sigma(Z) * (1 + sigma(Z))


@mistake("sigmoid_slope", "Brackets are missing: the product comes before the difference. What is multiplied by what?")
def brackets_missing(Z):
    return sigma(Z) * 1 - sigma(Z)


@mistake("sigmoid_slope", "The square below the fraction line is missing. What is the derivative of 1 / u?")
def square_forgotten(Z):
    return np.exp(-np.abs(Z)) / (1 + np.exp(-np.abs(Z)))


@mistake("sigmoid_slope", "It is 1/4 everywhere. That is the slope at 0: how steep is sigma at 5?")
def quarter_everywhere(Z):
    return np.full_like(Z, 0.25, dtype=np.result_type(Z, 0.0))


@mistake("sigmoid_slope", "It is the slope of a line in pieces. sigma is smooth: which product gives its slope?")
def slope_of_hard_sigmoid(Z):
    return 0.25 * (np.abs(Z) < 2).astype(np.result_type(Z, 0.0))


@mistake("sigmoid_slope", "For z = -1000 an exponential overflows. Lab 01 has a sigma that never does: is it in use?")
def slope_of_naive_sigmoid(Z):
    A = 1 / (1 + np.exp(-Z))
    return A * (1 - A)


@mistake("sigmoid_slope", "For z = 1000 an exponential overflows. Lab 01 has a sigma that never does: is it in use?")
def slope_of_naive_quotient(Z):
    A = np.exp(Z) / (1 + np.exp(Z))
    return A * (1 - A)


@mistake("sigmoid_slope", IN_PLACE)
def sigmoid_slope_in_place(Z):
    Z[...] = sigma(Z)
    return Z * (1 - Z)


@mistake("sigmoid_slope", FLOAT64)
def sigmoid_slope_in_float64(Z):
    A = sigma(Z.astype(np.float64))
    return A * (1 - A)


@right("sigmoid_slope")
def product_of_both_classes(Z):
    return sigma(Z) * sigma(-Z)


@right("sigmoid_slope")
def difference_of_squares(Z):
    A = sigma(Z)
    return A - A**2


@right("sigmoid_slope")
def from_exponentials(Z):
    e = np.exp(-np.abs(Z))
    return e / (1 + e) ** 2


@right("sigmoid_slope")
def from_tanh_of_half(Z):
    return (1 - np.tanh(Z / 2) ** 2) / 4


@right("sigmoid_slope")
def in_float64_and_back(Z):
    A = sigma(Z.astype(np.float64))
    return (A * (1 - A)).astype(np.result_type(Z, 0.0))


@right("sigmoid_slope")
def sigma_one_by_one(Z):
    def scalar(z):
        e = math.exp(-abs(z))
        return e / (1 + e) ** 2

    return np.array([[scalar(z) for z in row] for row in Z.tolist()], np.result_type(Z, 0.0))


# --- mse_delta --------------------------------------------------------------------------------------------------------


@mistake("mse_delta", "A factor is missing: this belongs to the error with 1/2m. What is the derivative of a square?")
def without_the_2(Y_hat, Y):
    return (Y_hat - Y) / Y.shape[1]


@mistake("mse_delta", NO_MEAN)
def mse_delta_without_mean(Y_hat, Y):
    return 2 * (Y_hat - Y)


@mistake("mse_delta", "It is the delta of one example, of an error with 1/2. Which convention does the formula have?")
def plain_difference(Y_hat, Y):
    return Y_hat - Y


@mistake("mse_delta", "It belongs to a mean over all entries. What is divided by m, and what is only added up?")
def over_all_entries(Y_hat, Y):
    return 2 * (Y_hat - Y) / Y.size


@mistake("mse_delta", "It belongs to half a mean over all entries. What is divided by m, and what is a square's slope?")
def half_over_all_entries(Y_hat, Y):
    return (Y_hat - Y) / Y.size


@mistake("mse_delta", "It divides by the number of outputs. Which axis holds the examples?")
def over_outputs(Y_hat, Y):
    return 2 * (Y_hat - Y) / len(Y)


@mistake("mse_delta", "It divides by the number of outputs, and a factor is missing. Which axis holds the examples?")
def difference_over_outputs(Y_hat, Y):
    return (Y_hat - Y) / len(Y)


@mistake("mse_delta", "The 2 stands below the fraction line. Where does the exponent go when a square is derived?")
def divided_by_2m(Y_hat, Y):
    return (Y_hat - Y) / (2 * Y.shape[1])


@mistake("mse_delta", SIGN)
def mse_delta_turned(Y_hat, Y):
    return 2 * (Y - Y_hat) / Y.shape[1]


@mistake("mse_delta", "Its sign is turned, and a factor is missing. Should a prediction that is too large go up?")
def mse_delta_turned_without_the_2(Y_hat, Y):
    return (Y - Y_hat) / Y.shape[1]


@mistake("mse_delta", "Its sign is turned, and the mean over the batch is missing. Which of the two is the prediction?")
def mse_delta_turned_without_mean(Y_hat, Y):
    return 2 * (Y - Y_hat)


@mistake("mse_delta", "It is y - y_hat. Which sign has the slope where y_hat is too large, and where are 2 and m?")
def difference_turned(Y_hat, Y):
    return Y - Y_hat


@mistake("mse_delta", TWICE)
def mse_delta_over_m_twice(Y_hat, Y):
    return 2 * (Y_hat - Y) / Y.shape[1] ** 2


@mistake("mse_delta", "It multiplies by m. Is the loss a sum or a mean over the batch?")
def mse_delta_times_m(Y_hat, Y):
    return 2 * (Y_hat - Y) * Y.shape[1]


@mistake("mse_delta", "It holds the squares themselves. What is their derivative?")
def squares_not_derived(Y_hat, Y):
    return (Y_hat - Y) ** 2 / Y.shape[1]


@mistake("mse_delta", "The difference is still squared. Which power is left of a square that is derived?")
def square_kept(Y_hat, Y):
    return 2 * (Y_hat - Y) ** 2 / Y.shape[1]


@mistake("mse_delta", "It returns the loss. Its slope is asked for, one number for each prediction.")
def loss_itself(Y_hat, Y):
    return ((Y_hat - Y) ** 2).sum() / Y.shape[1]


@mistake("mse_delta", "It is never negative. Should a prediction that is too small go down?")
def absolute_difference(Y_hat, Y):
    return 2 * np.abs(Y_hat - Y) / Y.shape[1]


@mistake(
    "mse_delta", "It only has signs: that belongs to an error of absolute values. What is the derivative of a square?"
)
def signs_only(Y_hat, Y):
    return np.sign(Y_hat - Y) / Y.shape[1]


@mistake("mse_delta", SUMMED)
def mse_delta_summed(Y_hat, Y):
    return 2 * (Y_hat - Y).mean(axis=1, keepdims=True)


@mistake("mse_delta", "It adds up the outputs of an example. Each output has a slope of its own: the shape stays.")
def mse_delta_over_rows(Y_hat, Y):
    return 2 * (Y_hat - Y).sum(axis=0) / Y.shape[1]


@mistake("mse_delta", "It has the slope of a sigmoid in it. The derivative by y_hat is asked for, not by z.")
def through_a_sigmoid(Y_hat, Y):
    return 2 * (Y_hat - Y) * Y_hat * (1 - Y_hat) / Y.shape[1]


@mistake("mse_delta", "The target is missing. What is the slope of the error where the prediction is perfect?")
def target_forgotten(Y_hat, Y):
    return 2 * Y_hat / Y.shape[1]


@mistake("mse_delta", "It multiplies by y_hat: the inner derivative is that of y_hat by itself. What is that?")
def inner_derivative_wrong(Y_hat, Y):
    return 2 * (Y_hat - Y) * Y_hat / Y.shape[1]


@mistake("mse_delta", "It derives by the target. By which of the two does the net's output change?")
def times_minus_1_and_y(Y_hat, Y):
    return -2 * (Y_hat - Y) * Y / Y.shape[1]


@mistake("mse_delta", "Brackets are missing: only the target is divided by m. What does the fraction line stand under?")
def only_target_over_m(Y_hat, Y):
    return 2 * (Y_hat - Y / Y.shape[1])


@mistake("mse_delta", "The values are right, but it writes into Y_hat: whoever called it loses the predictions.")
def mse_delta_in_place(Y_hat, Y):
    Y_hat *= 2
    Y_hat -= 2 * Y
    return Y_hat / Y.shape[1]


@mistake("mse_delta", FLOAT64)
def mse_delta_in_float64(Y_hat, Y):
    delta = np.zeros(Y.shape)
    delta += 2 * (Y_hat - Y) / Y.shape[1]
    return delta


@right("mse_delta")
def mse_delta_by_loops(Y_hat, Y):
    delta = np.empty(Y.shape, np.result_type(Y_hat, 0.0))
    for j in range(Y.shape[0]):
        for i in range(Y.shape[1]):
            delta[j, i] = 2 * (Y_hat[j, i] - Y[j, i]) / Y.shape[1]
    return delta


@right("mse_delta")
def mse_delta_m_first(Y_hat, Y):
    return (2 / Y.shape[1]) * (Y_hat - Y)


@right("mse_delta")
def mse_delta_turned_twice(Y_hat, Y):
    _, m = Y.shape
    return -(Y - Y_hat) * 2 / m


@right("mse_delta")
def mse_delta_of_parts(Y_hat, Y):
    return 2 * Y_hat / len(Y.T) - 2 * Y / len(Y.T)


@right("mse_delta")
def mse_delta_in_float64_and_back(Y_hat, Y):
    delta = np.subtract(Y_hat, Y, dtype=np.float64)
    delta *= 2 / Y.shape[1]
    return delta.astype(np.result_type(Y_hat, 0.0))


# --- bce_delta --------------------------------------------------------------------------------------------------------

SLOPE_AGAIN = "It multiplies by the slope of sigma once more. Derive by the logit on paper: what cancels?"


def miss(O, Y):
    return sigma(O) - Y


@mistake("bce_delta", NO_MEAN)
def bce_delta_without_mean(O, Y):
    return miss(O, Y)


@mistake("bce_delta", "The sigmoid is missing. Which number is compared with the label?")
def logits_minus_labels(O, Y):
    return (O - Y) / O.shape[1]


@mistake("bce_delta", "The sigmoid is missing, and so is the mean. Which number is compared with the label?")
def logits_minus_labels_without_mean(O, Y):
    return O - Y


@mistake("bce_delta", SIGN)
def bce_delta_turned(O, Y):
    return -miss(O, Y) / O.shape[1]


@mistake("bce_delta", "Its sign is turned, and the mean over the batch is missing. Should a probability that is too "
         "large grow?")  # fmt: skip
def bce_delta_turned_without_mean(O, Y):
    return -miss(O, Y)


@mistake("bce_delta", SLOPE_AGAIN)
def slope_on_top(O, Y):
    return miss(O, Y) * sigma(O) * sigma(-O) / O.shape[1]


@mistake("bce_delta", f"{SLOPE_AGAIN} And where is the mean?")
def slope_on_top_without_mean(O, Y):
    return miss(O, Y) * sigma(O) * sigma(-O)


@mistake("bce_delta", "It is the slope by the probability, which divides by p (1 - p). By which number is asked?")
def by_the_probability(O, Y):
    return miss(O, Y) / (sigma(O) * sigma(-O)) / O.shape[1]


@mistake("bce_delta", "It is the slope by the probability, and the mean is missing. By which number is asked?")
def by_the_probability_without_mean(O, Y):
    return miss(O, Y) / (sigma(O) * sigma(-O))


@mistake("bce_delta", "It only has the term of y = 1. What does the loss charge where y = 0?")
def term_of_1_only(O, Y):
    return -Y * sigma(-O) / O.shape[1]


@mistake("bce_delta", "It only has the term of y = 0. What does the loss charge where y = 1?")
def term_of_0_only(O, Y):
    return (1 - Y) * sigma(O) / O.shape[1]


@mistake("bce_delta", "It adds prediction and label. What is delta where they agree?")
def plus_label(O, Y):
    return (sigma(O) + Y) / O.shape[1]


@mistake("bce_delta", "It goes through sigma twice. What comes in, logits or probabilities?")
def sigma_twice(O, Y):
    return miss(sigma(O), Y) / O.shape[1]


@mistake("bce_delta", "It takes tanh, which runs from -1 to 1. Which function makes the probability?")
def tanh_for_sigma(O, Y):
    return (np.tanh(O) - Y) / O.shape[1]


@mistake("bce_delta", "It decides before it compares. Which number does the loss see, the decision or the probability?")
def decided_first(O, Y):
    return ((O > 0) - Y) / O.shape[1]


@mistake("bce_delta", "It takes softmax down the column, where one number stands alone: it is always 1. Which function "
         "makes a probability of one logit?")  # fmt: skip
def softmax_of_one(O, Y):
    return (softmax(O) - Y) / O.shape[1]


@mistake("bce_delta", "Its probabilities sum to 1 over the batch. Every example has a probability of its own.")
def softmax_over_the_batch(O, Y):
    return (softmax(O.T).T - Y) / O.shape[1]


@mistake("bce_delta", TWICE)
def bce_delta_over_m_twice(O, Y):
    return miss(O, Y) / O.shape[1] ** 2


@mistake("bce_delta", "It multiplies by m. Is the loss a sum or a mean over the batch?")
def bce_delta_times_m(O, Y):
    return miss(O, Y) * O.shape[1]


@mistake("bce_delta", "It has a factor 2, as a square would give. Is there a square in this loss?")
def bce_delta_doubled(O, Y):
    return 2 * miss(O, Y) / O.shape[1]


@mistake("bce_delta", "It has a factor 1/2. Is there one in the loss?")
def bce_delta_halved(O, Y):
    return miss(O, Y) / (2 * O.shape[1])


@mistake("bce_delta", "It squares the difference. That is a loss, and another one: what is asked for is a slope.")
def squared_miss(O, Y):
    return miss(O, Y) ** 2 / O.shape[1]


@mistake("bce_delta", "It multiplies by the logit. Does the logit carry a factor of its own inside sigma?")
def times_logit(O, Y):
    return miss(O, Y) * O / O.shape[1]


@mistake("bce_delta", SUMMED)
def bce_delta_summed(O, Y):
    return miss(O, Y).mean(axis=1, keepdims=True)


@mistake("bce_delta", "It returns one number. Every example has a delta of its own: the shape stays.")
def bce_delta_mean(O, Y):
    return miss(O, Y).mean()


@mistake("bce_delta", "It loses the row: (1, m) comes in, (1, m) goes out.")
def bce_delta_flat(O, Y):
    return miss(O, Y)[0] / O.shape[1]


@mistake("bce_delta", "It only works for labels 0 and 1. What is subtracted for y = 0.9?")
def hard_labels_only(O, Y):
    return np.where(Y == 1, sigma(O) - 1, sigma(O)) / O.shape[1]


@mistake("bce_delta", "For o = -1000 an exponential overflows. Lab 01 has a sigma that never does: is it in use?")
def bce_delta_of_naive_sigmoid(O, Y):
    return (1 / (1 + np.exp(-O)) - Y) / O.shape[1]


@mistake("bce_delta", "For o = -1000 an exponential overflows, and the mean is missing. Is lab 01's sigma in use?")
def bce_delta_naive_without_mean(O, Y):
    return 1 / (1 + np.exp(-O)) - Y


@mistake("bce_delta", "It multiplies the slope by the probability with the slope of sigma, and for sure logits 0 is "
         "divided by 0. Which form has no division?")  # fmt: skip
def chain_with_quotient(O, Y):
    P = sigma(O)
    return (P - Y) / (P * (1 - P)) * (P * (1 - P)) / O.shape[1]


@mistake("bce_delta", IN_PLACE)
def bce_delta_in_place(O, Y):
    O[...] = sigma(O)
    return (O - Y) / O.shape[1]


@mistake("bce_delta", FLOAT64)
def bce_delta_in_float64(O, Y):
    return miss(O.astype(np.float64), Y) / O.shape[1]


@right("bce_delta")
def bce_delta_of_two_terms(O, Y):
    return ((1 - Y) * sigma(O) - Y * sigma(-O)) / O.shape[1]


@right("bce_delta")
def bce_delta_by_loop(O, Y):
    delta = np.empty(O.shape, np.result_type(O, 0.0))
    for i in range(O.shape[1]):
        delta[0, i] = (0.5 + 0.5 * math.tanh(O[0, i] / 2) - Y[0, i]) / O.shape[1]
    return delta


@right("bce_delta")
def bce_delta_over_size(O, Y):
    return np.divide(np.subtract(sigma(O), Y), Y.size)


@right("bce_delta")
def bce_delta_of_parts(O, Y):
    m = len(O[0])
    return sigma(O) / m - Y / m


@right("bce_delta")
def bce_delta_in_float64_and_back(O, Y):
    return (miss(O.astype(np.float64), Y) / O.shape[1]).astype(np.result_type(O, 0.0))


# --- cross_entropy_delta ----------------------------------------------------------------------------------------------

UNGUARDED = (
    "Labels below 0 or above K - 1 get a result. NumPy counts -1 from the end, in silence: through which function "
    "should y go?"
)
OVERFLOW = "exp(o) overflows beyond 709 (float32: 88) and is 0 far below. Which softmax has lab 02?"


def hot(O, y):
    return one_hot(as_labels(y, *O.shape), len(O)).astype(O.dtype)


def misses(O, y):
    return softmax(O) - hot(O, y)


def naive_softmax(O):
    E = np.exp(O)
    return E / E.sum(axis=0)


@mistake("cross_entropy_delta", NO_MEAN)
def ce_delta_without_mean(O, y):
    return misses(O, y)


@mistake("cross_entropy_delta", "It divides by the number of classes. What is m?")
def ce_delta_over_classes(O, y):
    return misses(O, y) / len(O)


@mistake("cross_entropy_delta", "It divides by the number of all entries. Which axis holds the examples?")
def ce_delta_over_entries(O, y):
    return misses(O, y) / O.size


@mistake("cross_entropy_delta", TWICE)
def ce_delta_over_m_twice(O, y):
    return misses(O, y) / O.shape[1] ** 2


@mistake("cross_entropy_delta", SIGN)
def ce_delta_turned(O, y):
    return -misses(O, y) / O.shape[1]


@mistake("cross_entropy_delta", "Its sign is turned, and the mean over the batch is missing. Should the logit of a "
         "wrong class grow?")  # fmt: skip
def ce_delta_turned_without_mean(O, y):
    return -misses(O, y)


@mistake("cross_entropy_delta", "The labels are missing. What is subtracted from the probabilities?")
def labels_forgotten(O, y):
    as_labels(y, *O.shape)
    return softmax(O) / O.shape[1]


@mistake("cross_entropy_delta", "The softmax is missing. Which numbers are compared with the one-hot columns?")
def logits_minus_hot(O, y):
    return (O - hot(O, y)) / O.shape[1]


@mistake(
    "cross_entropy_delta", "The softmax is missing, and so is the mean. What is compared with the one-hot columns?"
)
def logits_minus_hot_without_mean(O, y):
    return O - hot(O, y)


@mistake("cross_entropy_delta", "It is 0 for all classes but the true one. Does the loss not change when another logit "
         "grows?")  # fmt: skip
def true_class_only(O, y):
    return misses(O, y) * hot(O, y) / O.shape[1]


@mistake("cross_entropy_delta", "It leaves the true class out. What does the loss do when its logit grows?")
def other_classes_only(O, y):
    return softmax(O) * (1 - hot(O, y)) / O.shape[1]


@mistake("cross_entropy_delta", "It multiplies by a slope p (1 - p) once more. Derive by the logit: what cancels?")
def softmax_slope_on_top(O, y):
    P = softmax(O)
    return (P - hot(O, y)) * P * (1 - P) / O.shape[1]


@mistake("cross_entropy_delta", "It multiplies by a slope p (1 - p), and the mean is missing. Derive by the logit: "
         "what cancels?")  # fmt: skip
def softmax_slope_on_top_without_mean(O, y):
    P = softmax(O)
    return (P - hot(O, y)) * P * (1 - P)


@mistake("cross_entropy_delta", "It is the slope by the probabilities, -1/p. By which numbers is asked?")
def ce_by_the_probability(O, y):
    return -hot(O, y) / softmax(O) / O.shape[1]


@mistake("cross_entropy_delta", "It takes every class for a yes or no of its own. Here the classes share one softmax.")
def sigmoid_for_softmax(O, y):
    return (sigma(O) - hot(O, y)) / O.shape[1]


@mistake("cross_entropy_delta", "Its probabilities sum to 1 along the rows. Which axis holds the classes?")
def softmax_along_rows(O, y):
    return (softmax(O.T).T - hot(O, y)) / O.shape[1]


@mistake("cross_entropy_delta", "All its probabilities together sum to 1. Every example has a softmax of its own.")
def softmax_of_all(O, y):
    E = np.exp(O - O.max())
    return (E / E.sum() - hot(O, y)) / O.shape[1]


@mistake("cross_entropy_delta", "It goes through softmax twice. What comes in, logits or probabilities?")
def softmax_twice(O, y):
    return (softmax(softmax(O)) - hot(O, y)) / O.shape[1]


@mistake("cross_entropy_delta", "It takes the labels for 1 to K. Which is the first class?")
def labels_from_1(O, y):
    as_labels(y, *O.shape)
    return (softmax(O) - hot(O, (y - 1) % len(O))) / O.shape[1]


@mistake("cross_entropy_delta", "It compares with the largest logit's class, not with the true one. Where is y used?")
def largest_for_true(O, y):
    as_labels(y, *O.shape)
    return (softmax(O) - hot(O, O.argmax(axis=0))) / O.shape[1]


@mistake("cross_entropy_delta", "The labels pick whole rows, with every example in them. Which pairs of indices do you "
         "want?")  # fmt: skip
def rows_minus_1(O, y):
    delta = softmax(O)
    delta[as_labels(y, *O.shape)] -= 1
    return delta / O.shape[1]


@mistake("cross_entropy_delta", "The labels pick columns. Classes are rows: which pairs of indices do you want?")
def columns_minus_1(O, y):
    delta = softmax(O)
    delta[:, as_labels(y, *O.shape)] -= 1
    return delta / O.shape[1]


@mistake("cross_entropy_delta", "Row and column are swapped. Which index is the label, and which the example?")
def indices_swapped(O, y):
    delta = softmax(O)
    delta[np.arange(O.shape[1]), as_labels(y, *O.shape)] -= 1
    return delta / O.shape[1]


@mistake("cross_entropy_delta", "It subtracts the label, a number, from every entry. Is class 4 four times class 1?")
def minus_the_label(O, y):
    return (softmax(O) - as_labels(y, *O.shape)) / O.shape[1]


@mistake("cross_entropy_delta", "Only the 1 is divided by m, not the probabilities. What stands inside the mean?")
def only_the_1_over_m(O, y):
    return softmax(O) - hot(O, y) / O.shape[1]


@mistake(
    "cross_entropy_delta", "The probabilities are divided by m before 1 is subtracted. What stands inside the mean?"
)
def only_probabilities_over_m(O, y):
    return softmax(O) / O.shape[1] - hot(O, y)


@mistake("cross_entropy_delta", "It adds 1 at the true class. What is left there when the prediction is perfect?")
def plus_1(O, y):
    return (softmax(O) + hot(O, y)) / O.shape[1]


@mistake("cross_entropy_delta", "It has the log of the probabilities. What is left of the log when it is derived?")
def log_kept(O, y):
    return (O - np.logaddexp.reduce(O, axis=0) - hot(O, y)) / O.shape[1]


@mistake("cross_entropy_delta", "It has a factor 2, as a square would give. Is there a square in this loss?")
def ce_delta_doubled(O, y):
    return 2 * misses(O, y) / O.shape[1]


@mistake("cross_entropy_delta", SUMMED)
def ce_delta_summed(O, y):
    return misses(O, y).mean(axis=1, keepdims=True)


@mistake("cross_entropy_delta", "Its examples stand in rows. In this course one example is one column.")
def ce_delta_in_rows(O, y):
    return misses(O, y).T / O.shape[1]


@mistake("cross_entropy_delta", OVERFLOW)
def ce_delta_no_shift(O, y):
    return (naive_softmax(O) - hot(O, y)) / O.shape[1]


@mistake("cross_entropy_delta", "It subtracts one number from all columns: far below it, a column is all zeros after "
         "exp. Which softmax has lab 02?")  # fmt: skip
def ce_delta_global_max(O, y):
    return (naive_softmax(O - O.max()) - hot(O, y)) / O.shape[1]


@mistake("cross_entropy_delta", "The values are right, but float32 goes in and float64 comes out. Of which dtype are "
         "the columns of one_hot?")  # fmt: skip
def ce_delta_in_float64(O, y):
    return (softmax(O) - one_hot(as_labels(y, *O.shape), len(O))) / O.shape[1]


@mistake("cross_entropy_delta", IN_PLACE)
def ce_delta_in_place(O, y):
    O -= O.max(axis=0)
    return (naive_softmax(O) - hot(O, y)) / O.shape[1]


def minus_1_at(delta, y):
    """Without a look at the labels: -1 counts from the end, and a label of K from the start."""
    delta[y % len(delta), np.arange(len(y))] -= 1
    return delta


@mistake("cross_entropy_delta", UNGUARDED)
def ce_delta_unguarded(O, y):
    return minus_1_at(softmax(O), y) / O.shape[1]


@mistake("cross_entropy_delta", f"{OVERFLOW} And {UNGUARDED[0].lower()}{UNGUARDED[1:]}")
def ce_delta_no_shift_unguarded(O, y):
    return minus_1_at(naive_softmax(O), y) / O.shape[1]


@mistake("cross_entropy_delta", f"{NO_MEAN} And {UNGUARDED[0].lower()}{UNGUARDED[1:]}")
def ce_delta_without_mean_unguarded(O, y):
    return minus_1_at(softmax(O), y)


@right("cross_entropy_delta")
def ce_delta_of_one_hot(O, y):
    return (softmax(O) - hot(O, y)) / O.shape[1]


@right("cross_entropy_delta")
def ce_delta_by_loop(O, y):
    delta = softmax(O)
    for i, label in enumerate(as_labels(y, *O.shape)):
        delta[label, i] -= 1
    delta /= O.shape[1]
    return delta


@right("cross_entropy_delta")
def ce_delta_by_comparing(O, y):
    is_true = np.arange(len(O))[:, None] == as_labels(y, *O.shape)
    return np.where(is_true, softmax(O) - 1, softmax(O)) / len(y)


@right("cross_entropy_delta")
def ce_delta_by_log_sum_exp(O, y):
    P = np.exp(O - np.logaddexp.reduce(O, axis=0))
    return P / len(y) - hot(O, y) / len(y)


@right("cross_entropy_delta")
def ce_delta_column_by_column(O, y):
    y = as_labels(y, *O.shape)
    columns = [softmax(O[:, i : i + 1]) - np.eye(len(O), dtype=O.dtype)[:, y[i] : y[i] + 1] for i in range(len(y))]
    return np.hstack(columns) / len(columns)


@right("cross_entropy_delta")
def ce_delta_in_float64_and_back(O, y):
    return (misses(O.astype(np.float64), y) / O.shape[1]).astype(O.dtype)


# --- linear_backward --------------------------------------------------------------------------------------------------

NO_M_HERE = "delta already carries the 1/m of the loss. How often is the mean taken here?"
FLAT_BIAS = "db comes out flat. b is a column: which argument of sum keeps the axis?"
UPSTREAM_IGNORED = "It does not depend on delta. What does the layer learn about the loss from what lies behind it?"
STACKED = "The gradient for one example is kept, where all examples count. What is db a sum over?"


def weights(delta, A):
    return delta @ A.T


def biases(delta):
    return delta.sum(axis=1, keepdims=True)


@mistake("linear_backward", "A stands in dW without its transpose. dW has the shape of W: which product gives that?")
def no_transpose_of_A(W, A, delta):
    return delta @ A, biases(delta), W.T @ delta


@mistake("linear_backward", "dW comes out turned. Which of its axes counts the units of this layer?")
def dW_turned(W, A, delta):
    return A @ delta.T, biases(delta), W.T @ delta


@mistake("linear_backward", "W stands in dA without its transpose. dA has the shape of A: which product gives that?")
def no_transpose_of_W(W, A, delta):
    return weights(delta, A), biases(delta), W @ delta


@mistake("linear_backward", "dA comes out turned. One example is one column, in dA too.")
def dA_turned(W, A, delta):
    return weights(delta, A), biases(delta), delta.T @ W


@mistake("linear_backward", "Neither product has a transpose in it. Which shapes must dW and dA have?")
def no_transposes(W, A, delta):
    return delta @ A, biases(delta), W @ delta


@mistake("linear_backward", FLAT_BIAS)
def db_flat(W, A, delta):
    return weights(delta, A), delta.sum(axis=1), W.T @ delta


@mistake("linear_backward", "db adds up the units and keeps the examples. Over which axis does the batch lie?")
def db_over_units(W, A, delta):
    return weights(delta, A), delta.sum(axis=0, keepdims=True), W.T @ delta


@mistake("linear_backward", "db adds up the units, and it is flat. Over which axis does the batch lie?")
def db_over_units_flat(W, A, delta):
    return weights(delta, A), delta.sum(axis=0), W.T @ delta


@mistake("linear_backward", "db is one number. Every unit has a bias of its own: over which axis is the sum?")
def db_one_number(W, A, delta):
    return weights(delta, A), delta.sum(), W.T @ delta


@mistake("linear_backward", "db is delta itself, one column for each example. One b serves them all: what is done with "
         "the columns?")  # fmt: skip
def db_not_summed(W, A, delta):
    return weights(delta, A), delta, W.T @ delta


@mistake("linear_backward", f"db is a mean over the batch. {NO_M_HERE}")
def db_mean(W, A, delta):
    return weights(delta, A), delta.mean(axis=1, keepdims=True), W.T @ delta


@mistake("linear_backward", f"db is a mean over the batch, and it is flat. {NO_M_HERE}")
def db_mean_flat(W, A, delta):
    return weights(delta, A), delta.mean(axis=1), W.T @ delta


@mistake("linear_backward", f"dW is divided by m. {NO_M_HERE}")
def dW_over_m(W, A, delta):
    return weights(delta, A) / A.shape[1], biases(delta), W.T @ delta


@mistake("linear_backward", f"dW and db are divided by m. {NO_M_HERE}")
def both_over_m(W, A, delta):
    m = A.shape[1]
    return weights(delta, A) / m, biases(delta) / m, W.T @ delta


@mistake("linear_backward", f"dW and db are divided by m, and db is flat. {NO_M_HERE}")
def both_over_m_flat(W, A, delta):
    m = A.shape[1]
    return weights(delta, A) / m, delta.sum(axis=1) / m, W.T @ delta


@mistake("linear_backward", f"All three are divided by m. {NO_M_HERE}")
def all_over_m(W, A, delta):
    m = A.shape[1]
    return weights(delta, A) / m, biases(delta) / m, W.T @ delta / m


@mistake("linear_backward", UPSTREAM_IGNORED)
def delta_ignored(W, A, delta):
    ones = np.ones_like(delta)
    return weights(ones, A), biases(ones), W.T @ ones


@mistake("linear_backward", "dA does not depend on delta. What turns a change of Z into a change of the loss?")
def dA_is_W(W, A, delta):
    return weights(delta, A), biases(delta), W.T @ np.ones_like(delta)


@mistake("linear_backward", "dA is delta itself. Through which matrix did A go to become Z?")
def dA_is_delta(W, A, delta):
    return weights(delta, A), biases(delta), delta


@mistake("linear_backward", "dA carries a slope of ReLU. That is the next step: here the derivative by A is asked for.")
def dA_with_slope(W, A, delta):
    return weights(delta, A), biases(delta), W.T @ delta * (A > 0)


@mistake("linear_backward", "dA is multiplied by A. Z = W A + b is linear in A: what is left when it is derived?")
def dA_times_A(W, A, delta):
    return weights(delta, A), biases(delta), W.T @ delta * A


@mistake("linear_backward", "W goes into dW. Z = W A + b is linear in W: what is left when it is derived?")
def dW_times_W(W, A, delta):
    return weights(delta, A) * W, biases(delta), W.T @ delta


@mistake(
    "linear_backward", "Its signs are turned. The step against the gradient comes later: here the gradient is asked."
)
def all_turned(W, A, delta):
    return -weights(delta, A), -biases(delta), -W.T @ delta


@mistake("linear_backward", "It returns the stepped W and b. Here the gradients are asked for, no step is taken.")
def stepped(W, A, delta):
    return W - weights(delta, A), -biases(delta), W.T @ delta


@mistake("linear_backward", "dA comes first. The order is dW, db, dA.")
def dA_first(W, A, delta):
    return W.T @ delta, weights(delta, A), biases(delta)


@mistake("linear_backward", "dA stands in the middle. The order is dW, db, dA.")
def dA_second(W, A, delta):
    return weights(delta, A), W.T @ delta, biases(delta)


@mistake("linear_backward", "db comes before dW. The order is dW, db, dA.")
def db_first(W, A, delta):
    return biases(delta), weights(delta, A), W.T @ delta


@mistake("linear_backward", "dA is missing. What does the layer before need?")
def dA_missing(W, A, delta):
    return weights(delta, A), biases(delta)


@mistake("linear_backward", "dW only counts the last example. Is the sum built up in the loop, or overwritten?")
def last_example_only(W, A, delta):
    return weights(delta[:, -1:], A[:, -1:]), biases(delta), W.T @ delta


@mistake("linear_backward", "dW and db only count the first example. What are they a sum over?")
def first_example_only(W, A, delta):
    return weights(delta[:, :1], A[:, :1]), delta[:, :1], W.T @ delta


@mistake("linear_backward", "dW multiplies sums over the batch. Which comes first, the product or the sum?")
def product_of_sums(W, A, delta):
    return biases(delta) @ biases(A).T, biases(delta), W.T @ delta


@mistake("linear_backward", "dA takes the step of W first, and W is changed for whoever called. Is W itself asked for?")
def W_stepped_in_place(W, A, delta):
    dW = weights(delta, A)
    W -= 0.1 * dW
    return dW, biases(delta), W.T @ delta


@mistake("linear_backward", f"It divides delta itself by m, and so changes its input. {NO_M_HERE}")
def delta_divided_in_place(W, A, delta):
    delta /= A.shape[1]
    return weights(delta, A), biases(delta), W.T @ delta


@mistake("linear_backward", IN_PLACE)
def dA_written_into_A(W, A, delta):
    dW = weights(delta, A)
    A[...] = W.T @ delta
    return dW, biases(delta), A


@mistake("linear_backward", FLOAT64)
def linear_backward_in_float64(W, A, delta):
    dW, db, dA = np.zeros(W.shape), np.zeros((len(W), 1)), np.zeros(A.shape)
    dW += weights(delta, A)
    db += biases(delta)
    dA += W.T @ delta
    return dW, db, dA


@right("linear_backward")
def linear_backward_by_einsum(W, A, delta):
    dW = np.einsum("nm,km->nk", delta, A)
    return dW, np.einsum("nm->n", delta)[:, None], np.einsum("nk,nm->km", W, delta)


@right("linear_backward")
def linear_backward_by_loop(W, A, delta):
    dW, db, dA = np.zeros_like(W), np.zeros_like(W[:, :1]), np.zeros_like(A)
    for i in range(A.shape[1]):
        dW += np.outer(delta[:, i], A[:, i])
        db += delta[:, [i]]
        dA[:, i] = delta[:, i] @ W
    return [dW, db, dA]


@right("linear_backward")
def linear_backward_turned(W, A, delta):
    return (A @ delta.T).T, np.atleast_2d(delta.sum(axis=1)).T, (delta.T @ W).T


@right("linear_backward")
def bias_as_a_unit_of_ones(W, A, delta):
    both = delta @ np.vstack([A, np.ones_like(A[:1])]).T
    return both[:, :-1], both[:, -1:], np.matmul(W.T, delta)


@right("linear_backward")
def bias_by_product_with_ones(W, A, delta):
    return np.dot(delta, A.T), delta @ np.ones((delta.shape[1], 1), delta.dtype), np.dot(W.transpose(), delta)


@right("linear_backward")
def linear_backward_in_float64_and_back(W, A, delta):
    found = linear_backward_in_float64(W, A, delta)
    return tuple(gradient.astype(delta.dtype) for gradient in found)


# --- backward ---------------------------------------------------------------------------------------------------------


def pair(delta, A, l):
    """dW and db of layer l."""
    return delta @ A[l - 1].T, delta.sum(axis=1, keepdims=True)


def step(layers, Z, A, delta, slopes, l):
    """delta of layer l-1 from that of layer l."""
    return layers[l - 1][0].T @ delta * slopes[layers[l - 2][2]](Z[l - 1])


def walk(layers, Z, A, delta, slopes, pair=pair, step=step):
    """A backward pass, for versions that differ from it in one thing."""
    gradients = []
    for l in range(len(layers), 0, -1):
        gradients.insert(0, pair(delta, A, l))
        if l > 1:
            delta = step(layers, Z, A, delta, slopes, l)
    return gradients


def wrong_step(hint):
    """Enter a backward pass with this step from layer l to l-1."""

    def enter(step):
        def backward(layers, Z, A, delta, slopes):
            return walk(layers, Z, A, delta, slopes, step=step)

        backward.__name__ = step.__name__
        return mistake("backward", hint)(backward)

    return enter


def wrong_pair(hint):
    """Enter a backward pass with these gradients of one layer."""

    def enter(pair):
        def backward(layers, Z, A, delta, slopes):
            return walk(layers, Z, A, delta, slopes, pair=pair)

        backward.__name__ = pair.__name__
        return mistake("backward", hint)(backward)

    return enter


NO_SLOPE = "The slope is missing. What lies between A[l-1], which W[l] reads, and Z[l-1]?"
OWN_SLOPE = "Each layer brings its own phi. Which one made A[l-1] from Z[l-1]?"
OUTPUT_SLOPE = "delta is dJ/dZ[L] already. Is the output's activation still to be derived?"
REVERSED = "The pairs come out from the last layer to the first. The list runs from layer 1 to L."


@wrong_step(NO_SLOPE)
def no_slope(layers, Z, A, delta, slopes, l):
    return layers[l - 1][0].T @ delta


@wrong_step("It takes the slope at A[l-1]. At which number did phi stand on the way forward, a or z?")
def slope_at_A(layers, Z, A, delta, slopes, l):
    return layers[l - 1][0].T @ delta * slopes[layers[l - 2][2]](A[l - 1])


@wrong_step("It takes the slope at Z[l], of the layer that delta comes from. Which layer does the new delta belong to?")
def slope_at_the_layer_above(layers, Z, A, delta, slopes, l):
    return layers[l - 1][0].T @ delta * slopes[layers[l - 2][2]](Z[l])


@wrong_step("It takes the slope of the wrong layer's phi: that of layer l, at Z[l-1]. Which phi made A[l-1]?")
def slope_of_the_phi_above(layers, Z, A, delta, slopes, l):
    return layers[l - 1][0].T @ delta * slopes[layers[l - 1][2]](Z[l - 1])


@wrong_step("Slope and Z are those of layer l. Which layer does the new delta belong to?")
def slope_and_Z_of_the_layer_above(layers, Z, A, delta, slopes, l):
    return layers[l - 1][0].T @ delta * slopes[layers[l - 1][2]](Z[l])


@wrong_step(f"The slope of layer l is taken before W, not that of l-1 after it. {OUTPUT_SLOPE}")
def slope_before_W(layers, Z, A, delta, slopes, l):
    return layers[l - 1][0].T @ (delta * slopes[layers[l - 1][2]](Z[l]))


@wrong_step("It multiplies by phi, not by its slope. What is in the mapping `slopes`?")
def phi_for_its_slope(layers, Z, A, delta, slopes, l):
    return layers[l - 1][0].T @ delta * layers[l - 2][2](Z[l - 1])


@wrong_step("It multiplies by z, not by the slope at z. What is in the mapping `slopes`?")
def Z_for_the_slope(layers, Z, A, delta, slopes, l):
    return layers[l - 1][0].T @ delta * Z[l - 1]


@wrong_step(f"It takes the first layer's slope everywhere. {OWN_SLOPE}")
def first_slope_everywhere(layers, Z, A, delta, slopes, l):
    return layers[l - 1][0].T @ delta * slopes[layers[0][2]](Z[l - 1])


@wrong_step(f"It takes the output's slope everywhere. {OWN_SLOPE}")
def last_slope_everywhere(layers, Z, A, delta, slopes, l):
    return layers[l - 1][0].T @ delta * slopes[layers[-1][2]](Z[l - 1])


@wrong_step(f"It takes ReLU's slope everywhere. {OWN_SLOPE}")
def relu_slope_everywhere(layers, Z, A, delta, slopes, l):
    return layers[l - 1][0].T @ delta * (Z[l - 1] > 0)


@wrong_step(f"It takes the sigmoid's slope everywhere. {OWN_SLOPE}")
def sigmoid_slope_everywhere(layers, Z, A, delta, slopes, l):
    return layers[l - 1][0].T @ delta * sigma(Z[l - 1]) * sigma(-Z[l - 1])


@wrong_step(f"It takes a(1 - a) everywhere, which belongs to the sigmoid alone. {OWN_SLOPE}")
def a_1_minus_a_everywhere(layers, Z, A, delta, slopes, l):
    return layers[l - 1][0].T @ delta * A[l - 1] * (1 - A[l - 1])


@wrong_step(f"It takes 1 - a^2 everywhere, which belongs to tanh alone. {OWN_SLOPE}")
def tanh_slope_everywhere(layers, Z, A, delta, slopes, l):
    return layers[l - 1][0].T @ delta * (1 - A[l - 1] ** 2)


@wrong_step("W stands in the recursion without its transpose. How many rows has the new delta?")
def W_not_transposed(layers, Z, A, delta, slopes, l):
    return layers[l - 1][0] @ delta * slopes[layers[l - 2][2]](Z[l - 1])


@wrong_step("It goes back through W of layer l-1. Which W read A[l-1] on the way forward?")
def W_of_the_layer_before(layers, Z, A, delta, slopes, l):
    return layers[l - 2][0].T @ delta * slopes[layers[l - 2][2]](Z[l - 1])


@wrong_step("It goes back through W of layer l-1, without a slope. Which W read A[l-1] on the way forward?")
def W_of_the_layer_before_no_slope(layers, Z, A, delta, slopes, l):
    return layers[l - 2][0].T @ delta


@wrong_step("The hidden deltas do not depend on the loss. What is multiplied by the slope?")
def upstream_ignored(layers, Z, A, delta, slopes, l):
    return slopes[layers[l - 2][2]](Z[l - 1])


@wrong_step("W's transpose meets ones, not delta. What does a hidden layer learn about the loss?")
def ones_for_delta(layers, Z, A, delta, slopes, l):
    return layers[l - 1][0].T @ np.ones_like(delta) * slopes[layers[l - 2][2]](Z[l - 1])


@wrong_step("delta is never updated: every layer uses the output's. What is the new delta assigned to?")
def delta_never_updated(layers, Z, A, delta, slopes, l):
    return delta


@wrong_step("It adds the slope. Chained functions: are their derivatives added or multiplied?")
def slope_added(layers, Z, A, delta, slopes, l):
    return layers[l - 1][0].T @ delta + slopes[layers[l - 2][2]](Z[l - 1])


@wrong_step("It divides by m at each layer. Where does the only 1/m of the loss stand?")
def over_m_at_each_step(layers, Z, A, delta, slopes, l):
    return step(layers, Z, A, delta, slopes, l) / delta.shape[1]


@wrong_step("The sign of delta turns at each layer. Is there a minus in the recursion?")
def sign_turned_at_each_step(layers, Z, A, delta, slopes, l):
    return -step(layers, Z, A, delta, slopes, l)


@wrong_step("The slope is squared, or taken twice. How often did each phi stand on the way forward?")
def slope_twice(layers, Z, A, delta, slopes, l):
    slope = slopes[layers[l - 2][2]](Z[l - 1])
    return layers[l - 1][0].T @ delta * slope**2


@wrong_step("delta is a mean over the batch after one step. Every example has a delta of its own until db and dW.")
def delta_averaged(layers, Z, A, delta, slopes, l):
    delta = step(layers, Z, A, delta, slopes, l)
    return np.broadcast_to(delta.mean(axis=1, keepdims=True), delta.shape)


@wrong_step("The values are right, but it writes into Z: whoever called it loses the z. Make a new array.")
def written_into_Z(layers, Z, A, delta, slopes, l):
    Z[l - 1][...] = step(layers, Z, A, delta, slopes, l)
    return Z[l - 1]


@wrong_step(FLOAT64)
def deltas_in_float64(layers, Z, A, delta, slopes, l):
    return step(layers, Z, A, delta, slopes, l).astype(np.float64)


@wrong_pair(FLAT_BIAS)
def biases_flat(delta, A, l):
    return delta @ A[l - 1].T, delta.sum(axis=1)


@wrong_pair("db adds up the units. Over which axis does the batch lie?")
def biases_over_units(delta, A, l):
    return delta @ A[l - 1].T, delta.sum(axis=0, keepdims=True)


@wrong_pair("db is delta itself: that is the gradient for one example. What is done with the columns of a batch?")
def biases_not_summed(delta, A, l):
    return delta @ A[l - 1].T, delta


@wrong_pair("db is one number for the whole layer. Every unit has a bias of its own: over which axis is the sum?")
def biases_one_number(delta, A, l):
    return delta @ A[l - 1].T, delta.sum()


@wrong_pair(f"db is a mean over the batch. {NO_M_HERE}")
def biases_mean(delta, A, l):
    return delta @ A[l - 1].T, delta.mean(axis=1, keepdims=True)


@wrong_pair(f"dW is divided by m. {NO_M_HERE}")
def weights_over_m(delta, A, l):
    return delta @ A[l - 1].T / delta.shape[1], delta.sum(axis=1, keepdims=True)


@wrong_pair(f"dW and db are divided by m. {NO_M_HERE}")
def pair_over_m(delta, A, l):
    return delta @ A[l - 1].T / delta.shape[1], delta.mean(axis=1, keepdims=True)


@wrong_pair(f"dW and db are divided by m, and db is flat. {NO_M_HERE}")
def pair_over_m_flat(delta, A, l):
    return delta @ A[l - 1].T / delta.shape[1], delta.mean(axis=1)


@wrong_pair("A stands in dW without its transpose. dW has the shape of W: which product gives that?")
def A_not_transposed(delta, A, l):
    return delta @ A[l - 1], delta.sum(axis=1, keepdims=True)


@wrong_pair("dW comes out turned. Which of its axes counts the units of the layer?")
def weights_turned(delta, A, l):
    return A[l - 1] @ delta.T, delta.sum(axis=1, keepdims=True)


@wrong_pair("dW uses A[l], the layer's output. What does W[l] multiply on the way forward?")
def output_for_input(delta, A, l):
    return delta @ A[l].T, delta.sum(axis=1, keepdims=True)


@wrong_pair("Every dW uses X. What does W[2] multiply on the way forward?")
def X_for_every_input(delta, A, l):
    return delta @ A[0].T, delta.sum(axis=1, keepdims=True)


@wrong_pair("db comes before dW. A pair is (dW, db).")
def db_before_dW(delta, A, l):
    return delta.sum(axis=1, keepdims=True), delta @ A[l - 1].T


@wrong_pair("The signs are turned. The step against the gradient comes later: here the gradient is asked for.")
def pair_turned(delta, A, l):
    return -delta @ A[l - 1].T, -delta.sum(axis=1, keepdims=True)


@wrong_pair("db is missing: each layer has a pair (dW, db).")
def weights_only(delta, A, l):
    return delta @ A[l - 1].T


@wrong_pair("It returns the deltas. What do they become when they meet the inputs of their layer?")
def deltas_only(delta, A, l):
    return delta


@wrong_pair("dW only counts one example. Is it a sum over the whole batch?")
def one_example_only(delta, A, l):
    return delta[:, -1:] @ A[l - 1][:, -1:].T, delta.sum(axis=1, keepdims=True)


@mistake("backward", "dW uses z where the layer reads a. What does W[l] multiply on the way forward?")
def inputs_before_phi(layers, Z, A, delta, slopes):
    return walk(layers, Z, [A[0], *Z[1:]], delta, slopes)


@mistake("backward", f"It multiplies the output's delta by a slope. {OUTPUT_SLOPE}")
def slope_at_the_output(layers, Z, A, delta, slopes):
    return walk(layers, Z, A, delta * slopes[layers[-1][2]](Z[-1]), slopes)


@mistake("backward", f"It multiplies the output's delta by a slope, and in place. {OUTPUT_SLOPE}")
def slope_at_the_output_in_place(layers, Z, A, delta, slopes):
    delta *= slopes[layers[-1][2]](Z[-1])
    return walk(layers, Z, A, delta, slopes)


@mistake("backward", "It multiplies the output's delta by a slope, and the hidden ones by none. Which delta has passed "
         "its phi already?")  # fmt: skip
def slope_at_the_output_alone(layers, Z, A, delta, slopes):
    return walk(
        layers, Z, A, delta * slopes[layers[-1][2]](Z[-1]), slopes, step=lambda *at: at[0][at[5] - 1][0].T @ at[3]
    )


@mistake("backward", "It asks for the slope of the output's activation and does without it in the end. Some outputs "
         "have none in `slopes`.")  # fmt: skip
def slope_of_the_output_asked_for(layers, Z, A, delta, slopes):
    _ = [slopes[phi](z) for z, (_, _, phi) in zip(Z[1:], layers)]
    return walk(layers, Z, A, delta, slopes)


@mistake("backward", "It asks for the slope of the output's activation, and the pairs are reversed. Which layer comes "
         "first?")  # fmt: skip
def slope_asked_for_and_reversed(layers, Z, A, delta, slopes):
    return slope_of_the_output_asked_for(layers, Z, A, delta, slopes)[::-1]


@mistake("backward", REVERSED)
def gradients_reversed(layers, Z, A, delta, slopes):
    return walk(layers, Z, A, delta, slopes)[::-1]


@mistake("backward", f"{REVERSED} And {NO_SLOPE[0].lower()}{NO_SLOPE[1:]}")
def gradients_reversed_no_slope(layers, Z, A, delta, slopes):
    return walk(layers, Z, A, delta, slopes, step=lambda *at: at[0][at[5] - 1][0].T @ at[3])[::-1]


@mistake("backward", f"{REVERSED} And db comes out flat: which argument of sum keeps the axis?")
def gradients_reversed_flat(layers, Z, A, delta, slopes):
    return [(dW, db[:, 0]) for dW, db in walk(layers, Z, A, delta, slopes)[::-1]]


@mistake("backward", f"{REVERSED} And both are divided by m: delta carries the 1/m already.")
def gradients_reversed_over_m(layers, Z, A, delta, slopes):
    m = delta.shape[1]
    return [(dW / m, db / m) for dW, db in walk(layers, Z, A, delta, slopes)[::-1]]


@mistake("backward", "It stops after the output layer. Does a return stand inside the loop?")
def stops_after_the_output(layers, Z, A, delta, slopes):
    return walk(layers, Z, A, delta, slopes)[-1:]


@mistake("backward", "Layer 1 is missing. Where does the loop end?")
def first_layer_missing(layers, Z, A, delta, slopes):
    return walk(layers, Z, A, delta, slopes)[1:]


@mistake("backward", "The output layer is missing. Where does the loop begin?")
def output_layer_missing(layers, Z, A, delta, slopes):
    return walk(layers, Z, A, delta, slopes)[:-1]


@mistake("backward", "The list has a place 0. Layer 0 has no parameters: the first pair is that of layer 1.")
def place_for_layer_0(layers, Z, A, delta, slopes):
    return [None, *walk(layers, Z, A, delta, slopes)]


@mistake("backward", "dW and db stand one after the other. Each layer has a pair of them.")
def flat_list(layers, Z, A, delta, slopes):
    return [gradient for both in walk(layers, Z, A, delta, slopes) for gradient in both]


@mistake("backward", "It returns two lists, of dW and of db. Each layer has a pair of them.")
def two_lists(layers, Z, A, delta, slopes):
    return tuple(list(each) for each in zip(*walk(layers, Z, A, delta, slopes)))


@mistake("backward", "It goes on past layer 1, to a Z[0] that is None. How many steps lead from layer L to layer 1?")
def past_layer_1(layers, Z, A, delta, slopes):
    gradients = []
    for l in range(len(layers), 0, -1):
        gradients.insert(0, pair(delta, A, l))
        delta = step(layers, Z, A, delta, slopes, l)
    return gradients


@mistake("backward", "delta is updated before dW and db are taken. Which layer does delta belong to when dW[l] is "
         "computed?")  # fmt: skip
def delta_updated_first(layers, Z, A, delta, slopes):
    gradients = []
    for l in range(len(layers), 0, -1):
        if l > 1:
            delta = step(layers, Z, A, delta, slopes, l)
        gradients.insert(0, pair(delta, A, l))
    return gradients


@mistake("backward", "It walks from the input to the output. Which delta is known at the start?")
def walks_forward(layers, Z, A, delta, slopes):
    gradients = []
    for l in range(1, len(layers) + 1):
        gradients.append(pair(delta, A, l))
        if l < len(layers):
            delta = step(layers, Z, A, delta, slopes, l + 1)
    return gradients


@mistake("backward", "It does not use delta. What tells the net in which direction the loss falls?")
def delta_of_ones(layers, Z, A, delta, slopes):
    return walk(layers, Z, A, np.ones_like(delta), slopes)


@mistake("backward", "It takes the output for delta. delta is handed in: what is it the derivative of?")
def output_for_delta(layers, Z, A, delta, slopes):
    return walk(layers, Z, A, A[-1], slopes)


@mistake("backward", f"It divides delta by m, in place. {NO_M_HERE}")
def delta_over_m_in_place(layers, Z, A, delta, slopes):
    delta /= delta.shape[1]
    return walk(layers, Z, A, delta, slopes)


@mistake("backward", "It takes a step of W before delta has passed through it. Which W did the way forward use?")
def steps_on_the_way(layers, Z, A, delta, slopes):
    gradients = []
    for l in range(len(layers), 0, -1):
        W, b, _ = layers[l - 1]
        dW, db = pair(delta, A, l)
        gradients.insert(0, (dW, db))
        W -= 0.1 * dW
        b -= 0.1 * db
        if l > 1:
            delta = step(layers, Z, A, delta, slopes, l)
    return gradients


@mistake("backward", "The values are right, but its inputs are not the same afterwards: W and b, or the lists. Take no "
         "step here, and read the lists by index.")  # fmt: skip
def steps_at_the_end(layers, Z, A, delta, slopes):
    gradients = walk(layers, Z, A, delta, slopes)
    for (W, b, _), (dW, db) in zip(layers, gradients):
        W -= 0.1 * dW
        b -= 0.1 * db
    return gradients


@right("backward")
def backward_by_recursion(layers, Z, A, delta, slopes):
    last = (delta @ A[len(layers) - 1].T, delta.sum(axis=1, keepdims=True))
    if len(layers) == 1:
        return [last]
    *before, (W, _, _) = layers
    delta = (W.T @ delta) * slopes[before[-1][2]](Z[len(before)])
    return [*backward_by_recursion(before, Z, A, delta, slopes), last]


@right("backward")
def backward_appended_and_turned(layers, Z, A, delta, slopes):
    gradients = []
    for l in reversed(range(len(layers))):
        gradients.append([np.dot(delta, A[l].T), np.sum(delta, axis=1).reshape(-1, 1)])
        if l:
            delta = slopes[layers[l - 1][2]](Z[l]) * np.dot(layers[l][0].T, delta)
    return tuple(reversed(gradients))


@right("backward")
def deltas_first(layers, Z, A, delta, slopes):
    deltas = [delta]
    for (W, _, _), (_, _, phi), z in zip(layers[:0:-1], layers[-2::-1], Z[-2:0:-1]):
        deltas.append(np.einsum("nk,nm,km->km", W, deltas[-1], slopes[phi](z)))
    return [(d @ a.T, d.sum(axis=1, keepdims=True)) for d, a in zip(deltas[::-1], A)]


@right("backward")
def example_by_example(layers, Z, A, delta, slopes):
    total = [(np.zeros_like(W), np.zeros_like(b)) for W, b, _ in layers]
    for i in range(delta.shape[1]):
        one = slice(i, i + 1)
        z, a = [None, *(each[:, one] for each in Z[1:])], [each[:, one] for each in A]
        gradients = backward_by_recursion(layers, z, a, delta[:, one], slopes)
        total = [(dW + more, db + more_b) for (dW, db), (more, more_b) in zip(total, gradients)]
    return total


@right("backward")
def by_place(layers, Z, A, delta, slopes):
    L = len(layers)
    gradients = [None] * L
    for l in range(L, 0, -1):
        if l < L:
            dA = layers[l][0].T @ delta
            delta = dA * slopes[layers[l - 1][2]](Z[l])
        gradients[l - 1] = (delta @ A[l - 1].T, delta.sum(1, keepdims=True))
    return gradients


@right("backward")
def rows_inside(layers, Z, A, delta, slopes):
    D, gradients = delta.T, []
    for l in range(len(layers), 0, -1):
        gradients = [((A[l - 1] @ D).T, D.sum(axis=0)[:, None]), *gradients]
        if l > 1:
            D = D @ layers[l - 1][0] * slopes[layers[l - 2][2]](Z[l - 1]).T
    return gradients


@right("backward")
def backward_in_float64_and_back(layers, Z, A, delta, slopes):
    found = walk(layers, Z, A, delta.astype(np.float64), slopes)
    return [(dW.astype(delta.dtype), db.astype(delta.dtype)) for dW, db in found]
