"""Lab 02: wrong and right versions of the losses, softmax, log-sum-exp and one-hot."""

from functools import wraps

import numpy as np

from dnnlib.losses import as_labels
from gradekit.bank import mistake, right

EPSILONS = (1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15)
IN_PLACE = "The values are right, but it writes into its input: whoever called it loses O. Make a new array."
NO_SHIFT = "exp(o) overflows beyond 709 (float32: 88) and is 0 far below. Which number can you subtract from a column?"
GLOBAL_MAX = (
    "It subtracts one number from all columns. A column far below the largest logit of the batch is then all zeros "
    "after exp. Whose maximum does a column need?"
)
MEAN_SHIFT = "It subtracts the mean of a column. Can a logit still lie 1000 above that mean?"
MIN_SHIFT = "It subtracts the smallest logit of a column, so the largest exponent grows. Which logit must become 0?"
ABS_SHIFT = "It subtracts the largest absolute value. What is left of a column whose logits lie near -1000?"
EACH_EXAMPLE = "It returns one number for each example. The loss of the batch is one number: how are they combined?"
UNGUARDED = (
    "Labels below 0 or above K - 1 get a result. NumPy counts -1 from the end, in silence: through which function "
    "should y go?"
)
NO_MEAN = "It adds up the examples. With a batch twice as large the loss doubles: what stands before the sum?"


def softmax_of(O):
    E = np.exp(O - O.max(axis=0))
    return E / E.sum(axis=0)


def log_sum_exp_of(O):
    return np.logaddexp.reduce(O, axis=0)


def of_label(A, y):
    return A[as_labels(y, *A.shape), np.arange(len(y))]


def without_guard(known):
    """A version that lets a label of -1 count from the end."""

    @wraps(known)
    def unguarded(O, y):
        return known(O, y % len(O))

    unguarded.__name__ += "_without_guard"
    return unguarded


# --- mse --------------------------------------------------------------------------------------------------------------


@mistake("mse", "It is a mean over all entries. Here the squares of one example are added up: what is divided by m?")
def mean_over_entries(Y_hat, Y):
    return ((Y_hat - Y) ** 2).mean()


@mistake("mse", NO_MEAN)
def sum_of_squares(Y_hat, Y):
    return ((Y_hat - Y) ** 2).sum()


@mistake("mse", "It has a factor 1/2. That is another convention: read the formula above once more.")
def over_2m(Y_hat, Y):
    return ((Y_hat - Y) ** 2).sum() / (2 * Y.shape[1])


@mistake("mse", "It has a factor 1/2 and no mean. What stands before the sum?")
def half_the_sum(Y_hat, Y):
    return ((Y_hat - Y) ** 2).sum() / 2


@mistake("mse", "It divides by the number of outputs. Which axis holds the examples?")
def over_n(Y_hat, Y):
    return ((Y_hat - Y) ** 2).sum() / len(Y)


@mistake("mse", "It divides by m - 1. That is for an estimate of a variance; how many examples are there?")
def over_m_minus_1(Y_hat, Y):
    return ((Y_hat - Y) ** 2).sum() / max(Y.shape[1] - 1, 1)


@mistake("mse", "Differences of +3 and -3 cancel. What is done to each difference first?")
def no_square(Y_hat, Y):
    return (Y_hat - Y).sum(axis=0).mean()


@mistake("mse", "Differences of +3 and -3 cancel, and it is a mean over all entries. What is done to each difference?")
def mean_difference(Y_hat, Y):
    return (Y_hat - Y).mean()


@mistake("mse", "It squares the sum of an example's differences, and these cancel. Which comes first, square or sum?")
def square_of_the_sum(Y_hat, Y):
    return ((Y_hat - Y).sum(axis=0) ** 2).mean()


@mistake("mse", "It takes absolute values. How does the formula make a difference positive?")
def absolute_differences(Y_hat, Y):
    return np.abs(Y_hat - Y).sum(axis=0).mean()


@mistake(
    "mse", "It takes absolute values, and the mean over all entries. How does the formula make a difference positive?"
)
def mean_absolute_error(Y_hat, Y):
    return np.abs(Y_hat - Y).mean()


@mistake("mse", "It takes the length of each difference. The formula has its square.")
def mean_length(Y_hat, Y):
    return np.linalg.norm(Y_hat - Y, axis=0).mean()


@mistake("mse", "It takes a root at the end. Is there one in the formula?")
def root(Y_hat, Y):
    return np.sqrt(((Y_hat - Y) ** 2).sum(axis=0).mean())


@mistake("mse", "It takes a root at the end, of a mean over all entries. Is there a root in the formula?")
def root_mean_square(Y_hat, Y):
    return np.sqrt(((Y_hat - Y) ** 2).mean())


@mistake("mse", "It subtracts squares. Is (a - b)^2 the same as a^2 - b^2?")
def difference_of_squares(Y_hat, Y):
    return (Y_hat**2 - Y**2).sum(axis=0).mean()


@mistake("mse", EACH_EXAMPLE)
def mse_of_each_example(Y_hat, Y):
    return ((Y_hat - Y) ** 2).sum(axis=0)


@mistake("mse", "It returns one number for each output. The loss is one number: what is done with the rows?")
def mse_of_each_output(Y_hat, Y):
    return ((Y_hat - Y) ** 2).mean(axis=1)


@mistake("mse", "The value is right, but it writes into Y_hat: whoever called it loses the predictions.")
def mse_in_place(Y_hat, Y):
    Y_hat -= Y
    return (Y_hat**2).sum(axis=0).mean()


@right("mse")
def mse_by_loops(Y_hat, Y):
    total = 0.0
    for i in range(Y.shape[1]):
        for j in range(Y.shape[0]):
            total += (Y[j, i] - Y_hat[j, i]) ** 2
    return total / Y.shape[1]


@right("mse")
def mse_by_einsum(Y_hat, Y):
    D = Y_hat - Y
    return np.einsum("ij,ij->", D, D) / D.shape[1]


@right("mse")
def mse_by_norms(Y_hat, Y):
    return np.mean(np.linalg.norm(Y - Y_hat, axis=0) ** 2)


@right("mse")
def mse_by_trace(Y_hat, Y):
    D = Y_hat - Y
    return np.trace(D.T @ D) / len(D.T)


@right("mse")
def mse_from_the_mean_over_entries(Y_hat, Y):
    return len(Y) * np.square(Y_hat - Y).mean()


# --- bce --------------------------------------------------------------------------------------------------------------


@mistake(
    "bce",
    "It gives nan where a prediction is certain and right: there 0 is multiplied by log 0. What is 0 log 0 to be?",
)
def nan_from_0_log_0(Y_hat, Y):
    return -(Y * np.log(Y_hat) + (1 - Y) * np.log(1 - Y_hat)).mean()


def clipped_by(epsilon):
    def clipped(Y_hat, Y):
        P = np.clip(Y_hat, epsilon, 1 - epsilon)
        return -(Y * np.log(P) + (1 - Y) * np.log(1 - P)).mean()

    clipped.__name__ = f"clipped_by_{epsilon:g}".replace("-", "_")
    return clipped


for _epsilon in EPSILONS:
    mistake("bce", "It moves probabilities away from 0 and 1 by an epsilon. What does certain and wrong cost by the "
            "formula, and what here?")(clipped_by(_epsilon))  # fmt: skip


@mistake("bce", "Its value is negative: the log of a probability is never positive. What stands before the sum?")
def no_minus(Y_hat, Y):
    return np.where(Y == 1, np.log(Y_hat), np.log(1 - Y_hat)).mean()


@mistake("bce", "It only counts the examples with y = 1. What does a wrong prediction cost where y = 0?")
def only_the_ones(Y_hat, Y):
    return -np.where(Y == 0, 0, Y * np.log(Y_hat)).mean()


@mistake("bce", "It only counts the examples with y = 0. What does a wrong prediction cost where y = 1?")
def only_the_zeros(Y_hat, Y):
    return -np.where(Y == 1, 0, (1 - Y) * np.log(1 - Y_hat)).mean()


@mistake("bce", "It takes the logs of the labels. Which of the two holds the probabilities?")
def log_of_the_labels(Y_hat, Y):
    return -(Y_hat * np.log(Y) + (1 - Y_hat) * np.log(1 - Y)).mean()


@mistake("bce", "The two classes are swapped: it charges log(1 - y_hat) where y = 1. Is a large y_hat good there?")
def classes_swapped(Y_hat, Y):
    return -np.where(Y == 1, np.log(1 - Y_hat), np.log(Y_hat)).mean()


@mistake("bce", "Its second term is 1 - log(y_hat). What is the probability of class 0?")
def one_minus_the_log(Y_hat, Y):
    return -(Y * np.log(Y_hat) + (1 - Y) * (1 - np.log(Y_hat))).mean()


@mistake("bce", "The minus sign reaches only one of the two terms. Where are the brackets?")
def minus_between(Y_hat, Y):
    return -np.where(Y == 1, np.log(Y_hat), -np.log(1 - Y_hat)).mean()


@mistake("bce", NO_MEAN)
def bce_sum(Y_hat, Y):
    return -np.where(Y == 1, np.log(Y_hat), np.log(1 - Y_hat)).sum()


@mistake("bce", "It has a factor 1/2. Is there one in the formula?")
def bce_half(Y_hat, Y):
    return -np.where(Y == 1, np.log(Y_hat), np.log(1 - Y_hat)).mean() / 2


@mistake("bce", "It takes logs to base 2, so it counts bits. Which base has log in the formula?")
def bits(Y_hat, Y):
    return -np.where(Y == 1, np.log2(Y_hat), np.log2(1 - Y_hat)).mean()


@mistake("bce", "It takes logs to base 10. Which base has log in the formula?")
def base_10(Y_hat, Y):
    return -np.where(Y == 1, np.log10(Y_hat), np.log10(1 - Y_hat)).mean()


@mistake("bce", EACH_EXAMPLE)
def bce_of_each_example(Y_hat, Y):
    return -np.where(Y == 1, np.log(Y_hat), np.log(1 - Y_hat)).mean(axis=0)


@mistake("bce", "nan_to_num turns an infinite loss into a finite one too. What is certain and wrong to cost?")
def nan_to_num(Y_hat, Y):
    return -np.nan_to_num(Y * np.log(Y_hat) + (1 - Y) * np.log(1 - Y_hat)).mean()


@mistake("bce", "It only works for labels 0 and 1. What do both terms give for y = 0.9?")
def hard_labels_only(Y_hat, Y):
    return -np.log(np.where(Y == 1, Y_hat, 1 - Y_hat)).mean()


@mistake("bce", "It is a mean of squares. The formula has logs of probabilities.")
def squares(Y_hat, Y):
    return ((Y_hat - Y) ** 2).mean()


@mistake("bce", "It takes its argument for logits and puts it through a sigmoid. What does y_hat already hold?")
def sigmoid_again(Y_hat, Y):
    P = 1 / (1 + np.exp(-Y_hat))
    return -(Y * np.log(P) + (1 - Y) * np.log(1 - P)).mean()


@right("bce")
def bce_by_loop(Y_hat, Y):
    total = 0.0
    for p, y in zip(Y_hat.ravel(), Y.ravel()):
        if y > 0:
            total -= y * np.log(p)
        if y < 1:
            total -= (1 - y) * np.log(1 - p)
    return total / Y.size


@right("bce")
def bce_with_where_in_the_log(Y_hat, Y):
    log_1 = np.log(Y_hat, out=np.zeros_like(Y_hat), where=Y > 0)
    log_0 = np.log(1 - Y_hat, out=np.zeros_like(Y_hat), where=Y < 1)
    return np.mean(-Y * log_1 - (1 - Y) * log_0)


@right("bce")
def bce_by_masks(Y_hat, Y):
    one, zero = Y != 0, Y != 1
    total = Y[one] @ np.log(Y_hat[one]) + (1 - Y[zero]) @ np.log1p(-Y_hat[zero])
    return -total / Y.shape[1]


@right("bce")
def bce_of_powers(Y_hat, Y):
    return (-np.log(Y_hat**Y) - np.log((1 - Y_hat) ** (1 - Y))).mean()


@right("bce")
def bce_with_nan_as_0(Y_hat, Y):
    return (
        -np.nan_to_num(Y * np.log(Y_hat), neginf=-np.inf).mean()
        - np.nan_to_num((1 - Y) * np.log(1 - Y_hat), neginf=-np.inf).mean()
    )


# --- bce_with_logits --------------------------------------------------------------------------------------------------


@mistake(
    "bce_with_logits", "It takes the log of a sigmoid that has rounded to 0 or 1. Can it do without the probability?"
)
def sigmoid_then_log(O, Y):
    e = np.exp(-np.abs(O))
    P = np.where(O >= 0, 1, e) / (1 + e)
    return -(np.where(Y == 0, 0, Y * np.log(P)) + np.where(Y == 1, 0, (1 - Y) * np.log(1 - P))).mean()


@mistake("bce_with_logits", "It gives nan: the sigmoid has rounded to 0 or 1, and 0 is multiplied by log 0. Can it do "
         "without the probability?")  # fmt: skip
def sigmoid_then_log_nan(O, Y):
    P = 1 / (1 + np.exp(-O))
    return -(Y * np.log(P) + (1 - Y) * np.log(1 - P)).mean()


def probability_clipped_by(epsilon):
    def clipped(O, Y):
        P = np.clip(1 / (1 + np.exp(-O)), epsilon, 1 - epsilon)
        return -(Y * np.log(P) + (1 - Y) * np.log(1 - P)).mean()

    clipped.__name__ = f"probability_clipped_by_{epsilon:g}".replace("-", "_")
    return clipped


for _epsilon in EPSILONS:
    mistake("bce_with_logits", "It moves the probability away from 0 and 1 by an epsilon, so no logit costs more than "
            "-log of that. What does a wrong logit of 60 cost?")(probability_clipped_by(_epsilon))  # fmt: skip


@mistake("bce_with_logits", "It clips the logits. What does a wrong logit of 1000 cost?")
def logits_clipped(O, Y):
    O = np.clip(O, -500, 500)
    return (np.log1p(np.exp(-np.abs(O))) + np.maximum(O, 0) - O * Y).mean()


@mistake("bce_with_logits", "exp(o) overflows for large positive logits. Which sign must the exponent have?")
def overflows_above(O, Y):
    return (np.log(1 + np.exp(O)) - O * Y).mean()


@mistake(
    "bce_with_logits", "exp(-o) overflows for large negative logits. Which sign must the exponent have for every o?"
)
def overflows_below(O, Y):
    return (np.log(1 + np.exp(-O)) + (1 - Y) * O).mean()


@mistake("bce_with_logits", "It adds o y. Should a large logit cost more or less where y = 1?")
def plus_oy(O, Y):
    return (np.maximum(O, 0) + O * Y + np.log1p(np.exp(-np.abs(O)))).mean()


@mistake("bce_with_logits", "The log term is missing. What does a logit of 0 cost?")
def no_log_term(O, Y):
    return (np.maximum(O, 0) - O * Y).mean()


@mistake("bce_with_logits", "max(o, 0) is missing. What does a logit of 5 cost where y = 0?")
def no_maximum(O, Y):
    return (np.log1p(np.exp(-np.abs(O))) - O * Y).mean()


@mistake("bce_with_logits", "The absolute value is missing, while max(o, 0) is there. What is the exponent for o = -5?")
def no_absolute_value(O, Y):
    return (np.maximum(O, 0) - O * Y + np.log1p(np.exp(-O))).mean()


@mistake("bce_with_logits", "The exponent is |o|, which is never negative. Which sign keeps exp small?")
def exponent_positive(O, Y):
    return (np.maximum(O, 0) - O * Y + np.log1p(np.exp(np.abs(O)))).mean()


@mistake("bce_with_logits", "It takes the larger of the logits of the batch. max(o, 0) compares each logit with 0.")
def maximum_of_the_batch(O, Y):
    return (np.max(O) - O * Y + np.log1p(np.exp(-np.abs(O)))).mean()


@mistake("bce_with_logits", "The two classes are swapped. Which label does a large positive logit speak for?")
def labels_swapped(O, Y):
    return (np.maximum(O, 0) - O * (1 - Y) + np.log1p(np.exp(-np.abs(O)))).mean()


@mistake("bce_with_logits", "Its value is negative. Which sign makes a cost of the log of a probability?")
def logits_no_minus(O, Y):
    return -(np.maximum(O, 0) - O * Y + np.log1p(np.exp(-np.abs(O)))).mean()


@mistake("bce_with_logits", NO_MEAN)
def logits_sum(O, Y):
    return (np.maximum(O, 0) - O * Y + np.log1p(np.exp(-np.abs(O)))).sum()


@mistake("bce_with_logits", EACH_EXAMPLE)
def logits_of_each_example(O, Y):
    return (np.maximum(O, 0) - O * Y + np.log1p(np.exp(-np.abs(O)))).mean(axis=0)


@mistake("bce_with_logits", "It treats logits as probabilities. Can a probability be -3?")
def logits_as_probabilities(O, Y):
    return -(Y * np.log(O) + (1 - Y) * np.log(1 - O)).mean()


@mistake(
    "bce_with_logits", "It turns labels into signs or picks a case for 0 and 1. What does the formula give for y = 0.9?"
)
def labels_as_signs(O, Y):
    return np.logaddexp(0, np.where(Y == 1, -O, O)).mean()


@right("bce_with_logits")
def logits_with_log(O, Y):
    return (np.maximum(O, 0) - O * Y + np.log(1 + np.exp(-np.abs(O)))).mean()


@right("bce_with_logits")
def logits_by_logaddexp(O, Y):
    return np.mean(Y * np.logaddexp(0, -O) + (1 - Y) * np.logaddexp(0, O))


@right("bce_with_logits")
def logits_by_loop(O, Y):
    total = 0.0
    for o, y in zip(O[0], Y[0]):
        cost_of_1 = np.log1p(np.exp(-o)) if o > 0 else np.log1p(np.exp(o)) - o
        total += y * cost_of_1 + (1 - y) * (cost_of_1 + o if o <= 0 else np.log1p(np.exp(-o)) + o)
    return total / O.shape[1]


@right("bce_with_logits")
def logits_by_where(O, Y):
    softplus = np.where(O > 0, O, 0) + np.log1p(np.exp(np.where(O > 0, -O, O)))
    return np.sum(softplus - Y * O) / O.size


@right("bce_with_logits")
def logits_clipped_for_either_class(O, Y):
    log_1 = np.minimum(O, 0) - np.log1p(np.exp(-np.abs(O)))
    log_0 = np.minimum(-O, 0) - np.log1p(np.exp(-np.abs(O)))
    return -(Y * log_1 + (1 - Y) * log_0).mean()


# --- log_sum_exp ------------------------------------------------------------------------------------------------------


@mistake("log_sum_exp", NO_SHIFT)
def lse_no_shift(O):
    return np.log(np.exp(O).sum(axis=0))


@mistake("log_sum_exp", "It subtracts c and never adds it back. By how much is the result too small?")
def c_not_added(O):
    return np.log(np.exp(O - O.max(axis=0)).sum(axis=0))


@mistake("log_sum_exp", "It subtracts c once more in place of adding it back. Which sign has c outside the log?")
def c_subtracted_twice(O):
    c = O.max(axis=0)
    return np.log(np.exp(O - c).sum(axis=0)) - c


@mistake("log_sum_exp", "It adds c inside the log. Is log(a + c) the same as log(a) + c?")
def c_inside_the_log(O):
    c = O.max(axis=0)
    return np.log(np.exp(O - c).sum(axis=0) + c)


@mistake("log_sum_exp", "c multiplies the log. Which operation undoes the subtraction in an exponent, after the log?")
def c_times_the_log(O):
    c = O.max(axis=0)
    return c * np.log(np.exp(O - c).sum(axis=0))


@mistake("log_sum_exp", GLOBAL_MAX)
def lse_global_max(O):
    return O.max() + np.log(np.exp(O - O.max()).sum(axis=0))


@mistake("log_sum_exp", MEAN_SHIFT)
def lse_mean_shift(O):
    c = O.mean(axis=0)
    return c + np.log(np.exp(O - c).sum(axis=0))


@mistake("log_sum_exp", MIN_SHIFT)
def lse_min_shift(O):
    c = O.min(axis=0)
    return c + np.log(np.exp(O - c).sum(axis=0))


@mistake("log_sum_exp", ABS_SHIFT)
def lse_abs_shift(O):
    c = np.abs(O).max(axis=0)
    return c + np.log(np.exp(O - c).sum(axis=0))


@mistake("log_sum_exp", "It adds up along the rows. Which axis holds the classes?")
def lse_over_examples(O):
    return np.logaddexp.reduce(O, axis=1)


@mistake("log_sum_exp", "It adds up the whole batch. Each column is an example with a result of its own.")
def lse_of_all(O):
    return np.logaddexp.reduce(O, axis=None)


@mistake("log_sum_exp", "The values are right, but they stand in a row of shape (1, m). Here the result is (m,): which "
         "argument keeps the axis?")  # fmt: skip
def lse_keeps_the_axis(O):
    return np.logaddexp.reduce(O, axis=0, keepdims=True)


@mistake("log_sum_exp", "It is the log of a mean. By which amount do log of a sum and log of a mean differ?")
def log_mean_exp(O):
    return log_sum_exp_of(O) - np.log(len(O))


@mistake("log_sum_exp", "It takes logs to base 2. Which base undoes exp?")
def lse_base_2(O):
    c = O.max(axis=0)
    return c + np.log2(np.exp(O - c).sum(axis=0))


@mistake("log_sum_exp", "It returns the maximum alone. What do two equal logits of 0 give?")
def hard_maximum(O):
    return O.max(axis=0)


@mistake("log_sum_exp", "It takes the log before the sum, and the log of exp is the logit itself. Which comes first?")
def sum_of_logs(O):
    return O.sum(axis=0)


@mistake("log_sum_exp", "It has no log. What does a single class with the logit 3 give?")
def sum_of_exp(O):
    return np.exp(O).sum(axis=0)


@mistake("log_sum_exp", "It has no exp: the logits themselves are added up. What is the log of a negative sum?")
def log_of_the_sum(O):
    return np.log(O.sum(axis=0))


@mistake("log_sum_exp", IN_PLACE)
def lse_in_place(O):
    c = O.max(axis=0)
    O -= c
    return c + np.log(np.exp(O).sum(axis=0))


@mistake("log_sum_exp", "It is a float64 array where the logits are float32. Which step makes a new dtype?")
def lse_always_float64(O):
    return np.logaddexp.reduce(O.astype(np.float64), axis=0)


@right("log_sum_exp")
def lse_by_logaddexp(O):
    return np.logaddexp.reduce(O, axis=0)


@right("log_sum_exp")
def lse_by_loop(O):
    result = np.empty(O.shape[1], O.dtype)
    for i, column in enumerate(O.T):
        c = max(column)
        result[i] = c + np.log(sum(np.exp(o - c) for o in column))
    return result


@right("log_sum_exp")
def lse_with_kept_axes(O):
    c = O.max(axis=0, keepdims=True)
    return (np.log(np.sum(np.exp(O - c), axis=0, keepdims=True)) + c)[0]


@right("log_sum_exp")
def lse_of_the_transpose(O):
    rows = O.T
    top = np.sort(rows, axis=1)[:, -1:]
    return (top + np.log(np.exp(rows - top) @ np.ones((len(O), 1), O.dtype))).ravel()


# --- softmax ----------------------------------------------------------------------------------------------------------


@mistake("softmax", NO_SHIFT)
def softmax_no_shift(O):
    E = np.exp(O)
    return E / E.sum(axis=0)


@mistake("softmax", "Its rows sum to 1. Which axis holds the classes?")
def softmax_over_examples(O):
    return softmax_of(O.T).T


@mistake("softmax", "Its rows sum to 1, and exp overflows. Which axis holds the classes, and what can you subtract?")
def softmax_over_examples_no_shift(O):
    E = np.exp(O)
    return E / E.sum(axis=1, keepdims=True)


@mistake("softmax", "It divides by the sum of the whole batch. Each column is an example of its own.")
def softmax_over_all(O):
    E = np.exp(O - O.max())
    return E / E.sum()


@mistake(
    "softmax", "It divides by the sum of the whole batch, and exp overflows. Each column is an example of its own."
)
def softmax_over_all_no_shift(O):
    E = np.exp(O)
    return E / np.sum(E)


@mistake("softmax", GLOBAL_MAX)
def softmax_global_max(O):
    E = np.exp(O - O.max())
    return E / E.sum(axis=0)


@mistake("softmax", MEAN_SHIFT)
def softmax_mean_shift(O):
    E = np.exp(O - O.mean(axis=0))
    return E / E.sum(axis=0)


@mistake("softmax", MIN_SHIFT)
def softmax_min_shift(O):
    E = np.exp(O - O.min(axis=0))
    return E / E.sum(axis=0)


@mistake("softmax", ABS_SHIFT)
def softmax_abs_shift(O):
    E = np.exp(O - np.abs(O).max(axis=0))
    return E / E.sum(axis=0)


@mistake("softmax", "It adds the maximum, so exponents grow. Which sign brings the largest exponent to 0?")
def softmax_shift_added(O):
    E = np.exp(O + O.max(axis=0))
    return E / E.sum(axis=0)


@mistake(
    "softmax", "It subtracts another number from each class, and that changes the result. Which axis has the maximum?"
)
def softmax_shift_by_class(O):
    E = np.exp(O - O.max(axis=1, keepdims=True))
    return E / E.sum(axis=0)


@mistake("softmax", "It divides by the maximum before exp. A factor changes the ratios; which operation leaves them?")
def softmax_scaled(O):
    return softmax_of(O / np.abs(O).max(axis=0))


@mistake("softmax", "It returns exp(o - c) as it is. By what is it divided?")
def softmax_not_normalised(O):
    return np.exp(O - O.max(axis=0))


@mistake("softmax", "It divides the logits by their sum. What makes a negative logit a positive number?")
def softmax_without_exp(O):
    return O / O.sum(axis=0)


@mistake("softmax", "It has powers of 2. Which base has the formula?")
def softmax_base_2(O):
    E = np.exp2(O - O.max(axis=0))
    return E / E.sum(axis=0)


@mistake("softmax", "It has exponents of the wrong sign: the smallest logit gets the largest probability.")
def softmax_negated(O):
    return softmax_of(-O)


@mistake("softmax", "It puts each logit through a sigmoid. The classes compete: their probabilities sum to 1.")
def sigmoid_instead(O):
    e = np.exp(-np.abs(O))
    return np.where(O >= 0, 1, e) / (1 + e)


@mistake("softmax", "It returns logs of probabilities. Which function undoes the log?")
def log_softmax(O):
    return O - np.logaddexp.reduce(O, axis=0)


@mistake("softmax", "It gives all the probability to the largest logit. Softmax leaves some for every class.")
def hard_softmax(O):
    return (O == O.max(axis=0)).astype(O.dtype)


@mistake("softmax", IN_PLACE)
def softmax_in_place(O):
    O -= O.max(axis=0)
    E = np.exp(O)
    return E / E.sum(axis=0)


@mistake("softmax", "The columns sum to a little less than 1. Is there an epsilon in the formula, and is it needed?")
def softmax_with_epsilon(O):
    E = np.exp(O - O.max(axis=0))
    return E / (E.sum(axis=0) + 1e-5)


@mistake("softmax", "It is a float64 array where the logits are float32. Which step makes a new dtype?")
def softmax_always_float64(O):
    return softmax_of(O.astype(np.float64))


@right("softmax")
def softmax_by_loop(O):
    P = np.zeros_like(O)
    for i in range(O.shape[1]):
        e = np.exp(O[:, i] - max(O[:, i]))
        P[:, i] = e / sum(e)
    return P


@right("softmax")
def softmax_from_logs(O):
    return np.exp(O - np.logaddexp.reduce(O, axis=0, keepdims=True))


@right("softmax")
def softmax_from_differences(O):
    return 1 / np.exp(O[None] - O[:, None]).sum(axis=1)


@right("softmax")
def softmax_of_the_transpose(O):
    rows = np.exp(O.T - O.T.max(axis=1, keepdims=True))
    return (rows / rows.sum(axis=1)[:, None]).T


@right("softmax")
def softmax_by_einsum(O):
    E = np.exp(O - np.amax(O, axis=0, keepdims=True))
    return np.einsum("ki,i->ki", E, 1 / np.einsum("ki->i", E))


# --- one_hot ----------------------------------------------------------------------------------------------------------


def hot(y, K):
    return np.eye(K)[:, as_labels(y, K)]


@mistake("one_hot", UNGUARDED)
def one_hot_without_guard(y, K):
    return hot(y % K, K)


@mistake("one_hot", "It returns integers, and a label of -1 counts from the end. Which dtype stands beside "
         "probabilities, and which function refuses such a label?")  # fmt: skip
def integers_without_guard(y, K):
    return hot(y % K, K).astype(int)


@mistake("one_hot", "Its shape is (m, K): one example per row. Where does an example stand in this course?")
def one_hot_in_rows(y, K):
    return hot(y, K).T


@mistake("one_hot", "It takes the labels for 1 to K. Which is the first class?")
def labels_from_1(y, K):
    return np.eye(K)[:, as_labels(y, K) - 1]


@mistake("one_hot", "It is one row off. In which row is the 1 for label 0?")
def labels_plus_1(y, K):
    return hot((y + 1) % K, K)


@mistake(
    "one_hot", "It counts the classes from the labels. A batch need not contain the last class: who says how many?"
)
def classes_from_labels(y, K):
    return hot(y, y.max() + 1)


@mistake(
    "one_hot", "It counts the different labels of the batch. A batch need not contain every class: who says how many?"
)
def classes_that_occur(y, K):
    classes, index = np.unique(y, return_inverse=True)
    return hot(index, len(classes))


@mistake("one_hot", "It has a row too many. Labels 0 to K - 1 are how many?")
def one_class_too_many(y, K):
    return hot(y, K + 1)


@mistake("one_hot", "It returns True and False. Which dtype stands beside probabilities?")
def booleans(y, K):
    return np.arange(K)[:, None] == y


@mistake("one_hot", "It returns integers. The values are right; which dtype stands beside probabilities?")
def integers(y, K):
    return hot(y, K).astype(int)


@mistake("one_hot", "Zeros and ones are swapped. How many ones has a column?")
def one_cold(y, K):
    return 1 - hot(y, K)


@mistake("one_hot", "It writes the label in place of a 1. Every class counts the same.")
def label_for_1(y, K):
    return hot(y, K) * y


@mistake("one_hot", "It fills whole rows. A 1 needs a row and a column: which pairs of indices do you want?")
def whole_rows(y, K):
    E = np.zeros((K, len(y)))
    E[y] = 1
    return E


@mistake("one_hot", "Every column has the same 1. Does each column look at its own label?")
def first_label_everywhere(y, K):
    return hot(np.full_like(y, y[0]), K)


@mistake("one_hot", "The rows are counted from the bottom. In which row is the 1 for label 0?")
def upside_down(y, K):
    return hot(y, K)[::-1]


@mistake("one_hot", "It returns all numbers in one row. Which shape has a matrix with one column per example?")
def one_hot_flat(y, K):
    return hot(y, K).ravel()


@right("one_hot")
def one_hot_by_loop(y, K):
    E = np.zeros((K, len(y)))
    for i, label in enumerate(as_labels(y, K)):
        E[label, i] = 1
    return E


@right("one_hot")
def one_hot_by_index_pairs(y, K):
    E = np.zeros((K, y.size))
    E[as_labels(y, K), np.arange(y.size)] = 1.0
    return E


@right("one_hot")
def one_hot_by_comparing(y, K):
    if y.min() < 0 or y.max() >= K:
        raise ValueError(f"labels from {y.min()} to {y.max()}, but {K} classes")
    return (np.arange(K)[:, None] == y).astype(float)


@right("one_hot")
def one_hot_by_putting(y, K):
    E = np.zeros((K, len(y)))
    np.put_along_axis(E, as_labels(y, K)[None], 1, axis=0)
    return E


@right("one_hot")
def one_hot_of_the_transpose(y, K):
    return np.identity(K)[as_labels(y, K)].T


# --- cross_entropy ----------------------------------------------------------------------------------------------------


@mistake("cross_entropy", "It takes the log of a softmax. A probability that has rounded to 0 costs inf; which formula "
         "never forms the probability?")  # fmt: skip
def log_of_softmax(O, y):
    return -np.log(of_label(softmax_of(O), y)).mean()


@mistake("cross_entropy", "It multiplies one-hot columns by the log of a softmax: 0 times -inf is nan. Which formula "
         "never forms the probability?")  # fmt: skip
def log_of_softmax_times_one_hot(O, y):
    return -(hot(y, len(O)) * np.log(softmax_of(O))).sum(axis=0).mean()


def log_plus(epsilon):
    def with_epsilon(O, y):
        return -np.log(of_label(softmax_of(O), y) + epsilon).mean()

    with_epsilon.__name__ = f"log_plus_{epsilon:g}".replace("-", "_")
    return with_epsilon


for _epsilon in EPSILONS:
    mistake("cross_entropy", "It adds an epsilon inside the log, so nothing costs more than -log of that. What does a "
            "true class 1000 below another cost?")(log_plus(_epsilon))  # fmt: skip


@mistake("cross_entropy", NO_SHIFT)
def cross_entropy_no_shift(O, y):
    return (np.log(np.exp(O).sum(axis=0)) - of_label(O, y)).mean()


@mistake("cross_entropy", "It takes the log of a softmax without the shift: exp overflows first. Which formula needs "
         "neither?")  # fmt: skip
def log_of_softmax_no_shift(O, y):
    E = np.exp(O)
    return -np.log(of_label(E / E.sum(axis=0), y)).mean()


@mistake("cross_entropy", GLOBAL_MAX)
def cross_entropy_global_max(O, y):
    return (O.max() + np.log(np.exp(O - O.max()).sum(axis=0)) - of_label(O, y)).mean()


@mistake("cross_entropy", "c was subtracted inside the log-sum-exp and not from o_y. Are the two still comparable?")
def cross_entropy_c_lost(O, y):
    return (np.log(np.exp(O - O.max(axis=0)).sum(axis=0)) - of_label(O, y)).mean()


@mistake("cross_entropy", NO_MEAN)
def cross_entropy_sum(O, y):
    return (log_sum_exp_of(O) - of_label(O, y)).sum()


@mistake("cross_entropy", EACH_EXAMPLE)
def cross_entropy_of_each_example(O, y):
    return log_sum_exp_of(O) - of_label(O, y)


@mistake("cross_entropy", "It divides by the number of classes. What is m?")
def cross_entropy_over_k(O, y):
    return (log_sum_exp_of(O) - of_label(O, y)).sum() / len(O)


@mistake(
    "cross_entropy", "It is a mean over all entries of a (K, m) matrix that is mostly zeros. What is divided by m?"
)
def cross_entropy_over_entries(O, y):
    return (log_sum_exp_of(O) - of_label(O, y)).mean() / len(O)


@mistake("cross_entropy", "It asks for the largest logit, not for the true class. What does a wrong prediction cost?")
def cross_entropy_of_argmax(O, y):
    return (log_sum_exp_of(O) - O.max(axis=0)).mean()


@mistake(
    "cross_entropy", "Its value is negative: the log of a probability is never positive. What stands before the sum?"
)
def cross_entropy_no_minus(O, y):
    return (of_label(O, y) - log_sum_exp_of(O)).mean()


@mistake("cross_entropy", "It adds o_y. Should a large logit of the true class cost more or less?")
def cross_entropy_plus(O, y):
    return (log_sum_exp_of(O) + of_label(O, y)).mean()


@mistake("cross_entropy", "It only has the logit of the true class. What happens when another class has a larger one?")
def no_log_sum_exp(O, y):
    return -of_label(O, y).mean()


@mistake("cross_entropy", "It only has the log-sum-exp. Where does the label enter?")
def no_label(O, y):
    return log_sum_exp_of(O).mean()


@mistake(
    "cross_entropy",
    "It returns one minus the probability of the true class, with no log. What does the formula charge?",
)
def one_minus_the_probability(O, y):
    return (1 - of_label(softmax_of(O), y)).mean()


@mistake("cross_entropy", "It takes logs to base 2, so it counts bits. Which base has log in the formula?")
def cross_entropy_bits(O, y):
    return (log_sum_exp_of(O) - of_label(O, y)).mean() / np.log(2)


@mistake("cross_entropy", "It takes logits for probabilities. Can you take the log of -3?")
def log_of_logits(O, y):
    return -np.log(of_label(O, y)).mean()


@mistake("cross_entropy", "It takes the log of the mean probability. Which comes first, log or mean?")
def log_of_the_mean(O, y):
    return -np.log(of_label(softmax_of(O), y).mean())


@mistake("cross_entropy", "The labels pick columns. Classes are rows: which pairs of indices do you want?")
def labels_pick_columns(O, y):
    return (log_sum_exp_of(O) - O[:, y]).mean()


@mistake("cross_entropy", "The labels pick whole rows, with every example in them. Which pairs of indices do you want?")
def labels_pick_rows(O, y):
    return (log_sum_exp_of(O) - O[y]).mean()


@mistake("cross_entropy", "It takes the labels for 1 to K. Which is the first class?")
def cross_entropy_from_1(O, y):
    return (log_sum_exp_of(O) - O[as_labels(y, *O.shape) - 1, np.arange(len(y))]).mean()


@mistake("cross_entropy", "It adds up along the rows. Which axis holds the classes?")
def cross_entropy_over_examples(O, y):
    return -of_label(O - np.logaddexp.reduce(O, axis=1, keepdims=True), y).mean()


@mistake("cross_entropy", "It also charges 1 - p for every other class: those are K binary losses. Here the classes "
         "share one softmax.")  # fmt: skip
def binary_for_each_class(O, y):
    Y = hot(y, len(O))
    P = softmax_of(O)
    return -(np.where(Y == 1, np.log(P), np.log(1 - P))).sum(axis=0).mean()


@mistake("cross_entropy", "It puts the logits through softmax twice. Which input does log-sum-exp want?")
def softmax_twice(O, y):
    P = softmax_of(O)
    return (log_sum_exp_of(P) - of_label(P, y)).mean()


@mistake("cross_entropy", IN_PLACE)
def cross_entropy_in_place(O, y):
    O -= O.max(axis=0)
    return (np.log(np.exp(O).sum(axis=0)) - of_label(O, y)).mean()


@mistake("cross_entropy", UNGUARDED)
def cross_entropy_without_guard(O, y):
    return (log_sum_exp_of(O) - of_label(O, y % len(O))).mean()


for _known, _hint in (
    (log_of_softmax, "It takes the log of a softmax: a probability that has rounded to 0 costs inf."),
    (log_of_softmax_times_one_hot, "It multiplies one-hot columns by the log of a softmax: 0 times -inf is nan."),
    (cross_entropy_no_shift, "exp(o) overflows: which number can you subtract from a column?"),
    (log_of_softmax_no_shift, "It takes the log of a softmax without the shift: exp overflows first."),
    (cross_entropy_global_max, "It subtracts one number from all columns. Whose maximum does a column need?"),
):
    mistake("cross_entropy", f"{_hint} And {UNGUARDED[0].lower()}{UNGUARDED[1:]}")(without_guard(_known))


@right("cross_entropy")
def cross_entropy_by_loop(O, y):
    total = 0.0
    for column, label in zip(O.T, as_labels(y, len(O))):
        c = column.max()
        total += c + np.log(np.exp(column - c).sum()) - column[label]
    return total / len(y)


@right("cross_entropy")
def cross_entropy_by_taking_along(O, y):
    shifted = O - O.max(axis=0, keepdims=True)
    log_P = shifted - np.log(np.exp(shifted).sum(axis=0, keepdims=True))
    return -np.take_along_axis(log_P, as_labels(y, *O.shape)[None], axis=0).mean()


@right("cross_entropy")
def cross_entropy_by_one_hot(O, y):
    Y = hot(y, len(O)).astype(O.dtype)
    return -np.sum(Y * (O - np.logaddexp.reduce(O, axis=0))) / O.shape[1]


@right("cross_entropy")
def cross_entropy_of_differences(O, y):
    return np.logaddexp.reduce(O - O[as_labels(y, len(O)), range(len(y))], axis=0).mean()


@right("cross_entropy")
def cross_entropy_in_float64(O, y):
    O = O.astype(np.float64)
    return np.mean(np.logaddexp.reduce(O, axis=0)) - np.mean(of_label(O, y))
