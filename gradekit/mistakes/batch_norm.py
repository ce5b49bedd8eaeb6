"""Lab 07: wrong and right versions of batch normalization, its running averages and its way back."""

import math

import numpy as np

from dnnlib.batch_norm import batch_statistics, normalize
from gradekit.bank import mistake, right

FLOAT64 = "The values are right, but float32 goes in and float64 comes out. Which step makes a float64 array?"
IN_PLACE = "The values are right, but it writes into its input: whoever called it loses the numbers. Make a new array."
FLAT = "A sum or mean over axis 1 is flat, (n,), and meets the columns of Z. How does it stay a column?"
OVER_UNITS = "It goes over the units. Which axis holds the examples, and which numbers does one unit have?"
ALL_IN_ONE = "It mixes all units. How many means has a layer of n units?"
UNBIASED = "It divides by m - 1, as for a sample from a larger world. By what does the formula divide?"
CANCELLED = (
    "It subtracts two numbers that are nearly equal: with a large mean the digits of the variance are lost. "
    "What can be subtracted before squaring?"
)
OUTSIDE = "eps stands outside the root. What does the bar of the root cover?"
NO_EPS = "eps is missing. What happens to a unit whose z are all the same?"
EPS_FIXED = "It takes its own eps. Which eps was it called with?"
NO_ROOT = "It divides by the variance. If all z double, what should happen to z_hat?"
NOT_CENTRED = "The mean is not taken off. Which mean should z_hat have?"
BRACKET = "Only the mean is divided. Which brackets does the fraction line stand for?"


def over_batch(x):
    return x.mean(axis=1, keepdims=True)


def summed(x):
    return x.sum(axis=1, keepdims=True)


def root(Z, eps):
    return np.sqrt(Z.var(axis=1, keepdims=True) + eps)


def hat(Z, eps):
    return normalize(Z, *batch_statistics(Z), eps)


def cancelled_variance(Z):
    return over_batch(Z * Z) - over_batch(Z) ** 2


def unbiased(Z):
    return summed((Z - over_batch(Z)) ** 2) / np.float32(Z.shape[1] - 1)


# --- batch_statistics -------------------------------------------------------------------------------------------------


@mistake("batch_statistics", OVER_UNITS)
def statistics_over_units(Z):
    return Z.mean(axis=0, keepdims=True), Z.var(axis=0, keepdims=True)


@mistake("batch_statistics", f"{OVER_UNITS} And how does the result stay a column?")
def flat_statistics_over_units(Z):
    return Z.mean(axis=0), Z.var(axis=0)


@mistake("batch_statistics", ALL_IN_ONE)
def one_pair_of_numbers(Z):
    return Z.mean(), Z.var()


@mistake("batch_statistics", ALL_IN_ONE)
def one_pair_in_columns(Z):
    return np.full((len(Z), 1), Z.mean()), np.full((len(Z), 1), Z.var())


@mistake("batch_statistics", "Its variance is taken around the mean of all units. Around which mean does a unit vary?")
def around_the_grand_mean(Z):
    return over_batch(Z), over_batch((Z - Z.mean()) ** 2)


@mistake("batch_statistics", FLAT)
def flat_statistics(Z):
    return Z.mean(axis=1), Z.var(axis=1)


@mistake("batch_statistics", FLAT)
def flat_mean_in_the_variance(Z):
    mu = Z.mean(axis=1)
    return mu, ((Z - mu) ** 2).mean(axis=1)


@mistake("batch_statistics", "The mean is a column, the variance is flat, (n,). How does a mean over axis 1 stay one?")
def flat_variance(Z):
    return over_batch(Z), Z.var(axis=1)


@mistake("batch_statistics", "Its results lie down, (1, n). A unit has a row of Z: which form meets it?")
def statistics_as_rows(Z):
    return Z.mean(axis=1)[None], Z.var(axis=1)[None]


@mistake("batch_statistics", UNBIASED)
def unbiased_variance(Z):
    return over_batch(Z), unbiased(Z)


@mistake("batch_statistics", "It returns the standard deviation. Which power has sigma in the formula?")
def deviation_for_variance(Z):
    return over_batch(Z), Z.std(axis=1, keepdims=True)


@mistake("batch_statistics", "It returns a standard deviation, with m - 1. Which power has sigma, and what divides?")
def unbiased_deviation(Z):
    return over_batch(Z), np.sqrt(unbiased(Z))


@mistake("batch_statistics", CANCELLED)
def difference_of_two_means(Z):
    return over_batch(Z), cancelled_variance(Z)


@mistake("batch_statistics", "Its variance is negative: two terms are swapped. Which of them is the larger one?")
def difference_turned(Z):
    return over_batch(Z), -cancelled_variance(Z)


@mistake("batch_statistics", "It is the mean of z squared. What is taken off each z first?")
def mean_of_squares(Z):
    return over_batch(Z), over_batch(Z**2)


@mistake("batch_statistics", "It averages absolute distances. What is done to a distance before the mean?")
def mean_distance(Z):
    return over_batch(Z), over_batch(np.abs(Z - over_batch(Z)))


@mistake("batch_statistics", "The distances from the mean cancel to 0. What is done to each before they are added?")
def distances_not_squared(Z):
    return over_batch(Z), over_batch(Z - over_batch(Z))


@mistake("batch_statistics", "It squares the sum of the distances, which is 0. What comes first, square or sum?")
def square_of_the_sum(Z):
    return over_batch(Z), over_batch(Z - over_batch(Z)) ** 2


@mistake("batch_statistics", "Its variance is a sum over the batch. What stands before the sum?")
def squares_summed(Z):
    return over_batch(Z), summed((Z - over_batch(Z)) ** 2)


@mistake("batch_statistics", "Its mean is a sum over the batch. What stands before the sum?")
def mean_as_a_sum(Z):
    return summed(Z), Z.var(axis=1, keepdims=True)


@mistake("batch_statistics", "It adds up and never divides. What stands before both sums?")
def both_summed(Z):
    return summed(Z), summed((Z - over_batch(Z)) ** 2)


@mistake("batch_statistics", "It divides by the number of units. What is m?")
def divided_by_units(Z):
    mu = summed(Z) / len(Z)
    return mu, summed((Z - mu) ** 2) / len(Z)


@mistake("batch_statistics", "The right two, in another order. In which order does the docstring return them?")
def variance_first(Z):
    return batch_statistics(Z)[::-1]


@mistake("batch_statistics", "It only returns the mean. What else does the next step need?")
def mean_alone(Z):
    return over_batch(Z)


@mistake("batch_statistics", "Its mu is the middle one of the z. Which average does the formula take?")
def median_for_mean(Z):
    mu = np.median(Z, axis=1, keepdims=True)
    return mu, over_batch((Z - mu) ** 2)


@mistake("batch_statistics", "eps is already in the variance. At which step does the formula add it?")
def eps_in_the_variance(Z):
    return over_batch(Z), Z.var(axis=1, keepdims=True) + 1e-5


@mistake("batch_statistics", "It takes the statistics of z that are already centred: their mean is 0. Whose is asked?")
def statistics_of_the_centred(Z):
    return batch_statistics(Z - over_batch(Z))


@mistake("batch_statistics", IN_PLACE)
def statistics_in_place(Z):
    mu = over_batch(Z)
    Z -= mu.astype(Z.dtype)
    return mu, over_batch(Z**2)


@mistake("batch_statistics", FLOAT64)
def statistics_in_float64(Z):
    return batch_statistics(Z.astype(np.float64))


@right("batch_statistics")
def statistics_by_formula(Z):
    m = Z.shape[1]
    mu = np.sum(Z, axis=1, keepdims=True) / m
    return mu, np.sum((Z - mu) ** 2, axis=1, keepdims=True) / m


@right("batch_statistics")
def statistics_unit_by_unit(Z):
    mu, var = np.empty((2, len(Z), 1), np.result_type(Z, np.float32))
    for j, row in enumerate(Z.tolist()):
        mu[j] = sum(row) / len(row)
        var[j] = sum((z - sum(row) / len(row)) ** 2 for z in row) / len(row)
    return mu, var


@right("batch_statistics")
def statistics_by_einsum(Z):
    mu = Z.mean(1).reshape(-1, 1)
    C = Z - mu
    return mu, np.einsum("ji,ji->j", C, C)[:, None] / Z.shape[1]


@right("batch_statistics")
def statistics_from_the_transpose(Z):
    return Z.T.mean(axis=0)[:, np.newaxis], (Z.T.std(axis=0) ** 2)[:, np.newaxis]


@right("batch_statistics")
def statistics_by_product_with_ones(Z):
    ones = np.ones((Z.shape[1], 1), np.result_type(Z, np.float32))
    mu = Z @ ones / len(ones)
    return [mu, np.square(Z - mu) @ ones / len(ones)]


@right("batch_statistics")
def statistics_after_a_shift(Z):
    shift = Z[:, :1]
    return shift + over_batch(Z - shift), cancelled_variance(Z - shift)


@right("batch_statistics")
def statistics_through_float64(Z):
    dtype = np.result_type(Z, np.float32)
    return tuple(each.astype(dtype) for each in batch_statistics(Z.astype(np.float64)))


# --- normalize --------------------------------------------------------------------------------------------------------


@mistake("normalize", OUTSIDE)
def eps_outside(Z, mu, var, eps=1e-5):
    return (Z - mu) / (np.sqrt(var) + eps)


@mistake("normalize", NO_EPS)
def no_eps(Z, mu, var, eps=1e-5):
    return (Z - mu) / np.sqrt(var)


@mistake("normalize", "Both get a root of their own. What does the bar of the root cover?")
def sum_of_roots(Z, mu, var, eps=1e-5):
    return (Z - mu) / (np.sqrt(var) + np.sqrt(eps))


@mistake("normalize", "It squares eps. Which of the two in the root is a square already?")
def eps_squared(Z, mu, var, eps=1e-5):
    return (Z - mu) / np.sqrt(var + eps**2)


@mistake("normalize", "It subtracts eps. What does the root of a variance of 0 become?")
def eps_subtracted(Z, mu, var, eps=1e-5):
    return (Z - mu) / np.sqrt(var - eps)


@mistake("normalize", "It takes eps as a smallest variance. Does the formula choose between the two?")
def eps_as_a_floor(Z, mu, var, eps=1e-5):
    return (Z - mu) / np.sqrt(np.maximum(var, eps))


@mistake("normalize", "It only takes eps where the variance is 0. Where does the formula add it?")
def eps_for_0_alone(Z, mu, var, eps=1e-5):
    return (Z - mu) / np.sqrt(np.where(var == 0, eps, var))


@mistake("normalize", "eps stands above the fraction line. Which part of the fraction could become 0 and do harm?")
def eps_above_the_line(Z, mu, var, eps=1e-5):
    return (Z - mu + eps) / np.sqrt(var)


@mistake("normalize", EPS_FIXED)
def eps_fixed(Z, mu, var, eps=1e-5):
    return (Z - mu) / np.sqrt(var + 1e-5)


@mistake("normalize", EPS_FIXED)
def smaller_eps_fixed(Z, mu, var, eps=1e-5):
    return (Z - mu) / np.sqrt(var + 1e-8)


@mistake("normalize", NO_ROOT)
def no_root(Z, mu, var, eps=1e-5):
    return (Z - mu) / (var + eps)


@mistake("normalize", f"{NO_ROOT} And where is eps?")
def no_root_no_eps(Z, mu, var, eps=1e-5):
    return (Z - mu) / var


@mistake("normalize", "It takes the root twice. Is var a standard deviation already?")
def root_twice(Z, mu, var, eps=1e-5):
    return (Z - mu) / np.sqrt(np.sqrt(var) + eps)


@mistake("normalize", "It squares var first. Which power of sigma came in?")
def var_squared(Z, mu, var, eps=1e-5):
    return (Z - mu) / np.sqrt(var**2 + eps)


@mistake("normalize", "It multiplies. Should wide or narrow units be shrunk more?")
def multiplied_by_the_root(Z, mu, var, eps=1e-5):
    return (Z - mu) * np.sqrt(var + eps)


@mistake("normalize", NOT_CENTRED)
def not_centred(Z, mu, var, eps=1e-5):
    return Z / np.sqrt(var + eps)


@mistake("normalize", "It only takes the mean off. What makes all units equally wide?")
def only_centred(Z, mu, var, eps=1e-5):
    return Z - mu


@mistake("normalize", "It adds the mean. Where should z_hat be for z = mu?")
def mean_added(Z, mu, var, eps=1e-5):
    return (Z + mu) / np.sqrt(var + eps)


@mistake("normalize", "Its sign is turned. Which sign has z_hat for a z above the mean?")
def normalize_turned(Z, mu, var, eps=1e-5):
    return (mu - Z) / np.sqrt(var + eps)


@mistake("normalize", BRACKET)
def only_the_mean_divided(Z, mu, var, eps=1e-5):
    return Z - mu / np.sqrt(var + eps)


@mistake("normalize", "Only z is divided. Which brackets does the fraction line stand for?")
def only_z_divided(Z, mu, var, eps=1e-5):
    return Z / np.sqrt(var + eps) - mu


@mistake("normalize", "It takes the batch's own statistics. What were mu and var handed in for?")
def own_statistics(Z, mu, var, eps=1e-5):
    return hat(Z, eps)


@mistake("normalize", "It takes the batch's own mean. What was mu handed in for?")
def own_mean(Z, mu, var, eps=1e-5):
    return (Z - over_batch(Z)) / np.sqrt(var + eps)


@mistake("normalize", "It takes the batch's own variance. What was var handed in for?")
def own_variance(Z, mu, var, eps=1e-5):
    return (Z - mu) / root(Z, eps)


@mistake("normalize", "It normalizes each example over the units, and not by mu and var. That is another kind of norm.")
def layer_norm(Z, mu, var, eps=1e-5):
    return (Z - Z.mean(axis=0)) / np.sqrt(Z.var(axis=0) + eps)


@mistake("normalize", "mu and var have changed places. In which order do they come in?")
def statistics_swapped(Z, mu, var, eps=1e-5):
    return (Z - var) / np.sqrt(mu + eps)


@mistake(
    "normalize", "It flattens mu and var. What does NumPy do with (n, m) and (n,), and what with (n, m) and (n, 1)?"
)
def statistics_flattened(Z, mu, var, eps=1e-5):
    return (Z - mu.ravel()) / np.sqrt(var.ravel() + eps)


@mistake("normalize", ALL_IN_ONE)
def statistics_averaged(Z, mu, var, eps=1e-5):
    return (Z - mu.mean()) / np.sqrt(var.mean() + eps)


@mistake("normalize", IN_PLACE)
def normalize_in_place(Z, mu, var, eps=1e-5):
    Z -= mu
    return Z / np.sqrt(var + eps)


@mistake("normalize", FLOAT64)
def normalize_in_float64(Z, mu, var, eps=1e-5):
    return normalize(Z.astype(np.float64), mu, var, eps)


@right("normalize")
def normalize_by_loops(Z, mu, var, eps=1e-5):
    Z_hat = np.empty(Z.shape, np.result_type(Z, np.float32))
    for j in range(Z.shape[0]):
        for i in range(Z.shape[1]):
            Z_hat[j, i] = (Z[j, i] - mu[j, 0]) / math.sqrt(var[j, 0] + eps)
    return Z_hat


@right("normalize")
def normalize_by_a_power(Z, mu, var, eps=1e-5):
    return (Z - mu) * (var + eps) ** -0.5


@right("normalize")
def normalize_in_two_fractions(Z, mu, var, eps=1e-5):
    sigma = np.sqrt(eps + var)
    return Z / sigma - mu / sigma


@right("normalize")
def normalize_by_a_diagonal(Z, mu, var, eps=1e-5):
    return np.diag(1 / np.sqrt(var[:, 0] + eps)) @ (Z - mu)


@right("normalize")
def normalize_transposed(Z, mu, var, eps=1e-5):
    return ((Z.T - mu.ravel()) / np.sqrt(var.ravel() + eps)).T


@right("normalize")
def normalize_example_by_example(Z, mu, var, eps=1e-5):
    return np.hstack([(Z[:, [i]] - mu) / np.sqrt(var + eps) for i in range(Z.shape[1])])


@right("normalize")
def normalize_through_float64(Z, mu, var, eps=1e-5):
    return normalize(Z.astype(np.float64), mu, var, eps).astype(np.result_type(Z, np.float32))


# --- batch_norm -------------------------------------------------------------------------------------------------------

GAMMA_FORGOTTEN = "gamma is missing. What lets the next layer choose the width of each unit?"
BETA_FORGOTTEN = "beta is missing. What lets the next layer choose the mean of each unit?"
BOTH_FORGOTTEN = "It stops at z_hat. Which two learned columns are still unused?"
SCALE_AND_SHIFT_SWAPPED = "gamma and beta have changed places. Which one scales, and which one shifts?"
BETA_SCALED = "beta is scaled too. What is added first, what multiplied first?"
BETA_MULTIPLIED = "It multiplies by beta. What does a shift do to a number?"
BETA_SUBTRACTED = "It subtracts beta. Around which number should the outputs lie?"
GAMMA_AS_AN_OFFSET = "It scales by more than gamma: a 1 is added. What is the output for gamma = 0?"


@mistake("batch_norm", "It normalizes each example over the units. Which numbers does one unit have, along which axis?")
def norm_over_units(Z, gamma, beta, eps=1e-5):
    return gamma * (Z - Z.mean(axis=0)) / np.sqrt(Z.var(axis=0) + eps) + beta


@mistake("batch_norm", ALL_IN_ONE)
def norm_of_all_in_one(Z, gamma, beta, eps=1e-5):
    return gamma * (Z - Z.mean()) / np.sqrt(Z.var() + eps) + beta


@mistake("batch_norm", FLAT)
def norm_with_flat_statistics(Z, gamma, beta, eps=1e-5):
    return gamma * (Z - Z.mean(axis=1)) / np.sqrt(Z.var(axis=1) + eps) + beta


@mistake("batch_norm", "The mean is a column, the variance is flat, (n,). How does it stay a column?")
def norm_with_flat_variance(Z, gamma, beta, eps=1e-5):
    return gamma * (Z - over_batch(Z)) / np.sqrt(Z.var(axis=1) + eps) + beta


@mistake("batch_norm", "gamma and beta are flattened. What does NumPy do with (n, m) and (n,)?")
def norm_with_flat_parameters(Z, gamma, beta, eps=1e-5):
    return gamma.ravel() * hat(Z, eps) + beta.ravel()


@mistake("batch_norm", UNBIASED)
def norm_with_unbiased_variance(Z, gamma, beta, eps=1e-5):
    return gamma * normalize(Z, over_batch(Z), unbiased(Z), eps) + beta


@mistake("batch_norm", "eps is added to the standard deviation, outside the root. What does the bar of the root cover?")
def norm_with_eps_outside(Z, gamma, beta, eps=1e-5):
    return gamma * (Z - over_batch(Z)) / (Z.std(axis=1, keepdims=True) + eps) + beta


@mistake("batch_norm", "It takes the root of a standard deviation. Is var a square or not?")
def norm_with_the_root_twice(Z, gamma, beta, eps=1e-5):
    return gamma * (Z - over_batch(Z)) / np.sqrt(Z.std(axis=1, keepdims=True) + eps) + beta


@mistake("batch_norm", NO_EPS)
def norm_without_eps(Z, gamma, beta, eps=1e-5):
    return gamma * (Z - over_batch(Z)) / Z.std(axis=1, keepdims=True) + beta


@mistake("batch_norm", EPS_FIXED)
def norm_with_the_default_eps(Z, gamma, beta, eps=1e-5):
    return gamma * normalize(Z, *batch_statistics(Z)) + beta


@mistake("batch_norm", NO_ROOT)
def norm_without_root(Z, gamma, beta, eps=1e-5):
    return gamma * (Z - over_batch(Z)) / (Z.var(axis=1, keepdims=True) + eps) + beta


@mistake("batch_norm", NOT_CENTRED)
def norm_not_centred(Z, gamma, beta, eps=1e-5):
    return gamma * Z / root(Z, eps) + beta


@mistake("batch_norm", "It only takes the mean off. What makes all units equally wide before gamma?")
def norm_not_divided(Z, gamma, beta, eps=1e-5):
    return gamma * (Z - over_batch(Z)) + beta


@mistake("batch_norm", "It scales and shifts z as it came in. What is done to z first?")
def scale_and_shift_alone(Z, gamma, beta, eps=1e-5):
    return gamma * Z + beta


@mistake("batch_norm", "Only the mean is divided. Which brackets does the fraction line stand for?")
def norm_without_bracket(Z, gamma, beta, eps=1e-5):
    return gamma * (Z - over_batch(Z) / root(Z, eps)) + beta


@mistake("batch_norm", CANCELLED)
def norm_by_difference_of_means(Z, gamma, beta, eps=1e-5):
    return gamma * normalize(Z, over_batch(Z), cancelled_variance(Z), eps) + beta


@mistake("batch_norm", "It takes the mean of z squared for the variance. What is taken off each z first?")
def norm_by_mean_of_squares(Z, gamma, beta, eps=1e-5):
    return gamma * normalize(Z, over_batch(Z), over_batch(Z**2), eps) + beta


@mistake("batch_norm", "Its variance is a sum over the batch. What stands before the sum?")
def norm_by_summed_squares(Z, gamma, beta, eps=1e-5):
    return gamma * normalize(Z, over_batch(Z), summed((Z - over_batch(Z)) ** 2), eps) + beta


@mistake("batch_norm", "mu and var have changed places. In which order does batch_statistics return them?")
def norm_with_statistics_swapped(Z, gamma, beta, eps=1e-5):
    mu, var = batch_statistics(Z)
    return gamma * normalize(Z, var, mu, eps) + beta


@mistake("batch_norm", GAMMA_FORGOTTEN)
def norm_without_gamma(Z, gamma, beta, eps=1e-5):
    return hat(Z, eps) + beta


@mistake("batch_norm", BETA_FORGOTTEN)
def norm_without_beta(Z, gamma, beta, eps=1e-5):
    return gamma * hat(Z, eps)


@mistake("batch_norm", BOTH_FORGOTTEN)
def norm_that_stops_at_z_hat(Z, gamma, beta, eps=1e-5):
    return hat(Z, eps)


@mistake("batch_norm", SCALE_AND_SHIFT_SWAPPED)
def norm_with_gamma_and_beta_swapped(Z, gamma, beta, eps=1e-5):
    return beta * hat(Z, eps) + gamma


@mistake("batch_norm", BETA_SCALED)
def norm_with_beta_scaled(Z, gamma, beta, eps=1e-5):
    return gamma * (hat(Z, eps) + beta)


@mistake("batch_norm", BETA_MULTIPLIED)
def norm_times_beta(Z, gamma, beta, eps=1e-5):
    return gamma * hat(Z, eps) * beta


@mistake("batch_norm", BETA_SUBTRACTED)
def norm_minus_beta(Z, gamma, beta, eps=1e-5):
    return gamma * hat(Z, eps) - beta


@mistake("batch_norm", GAMMA_AS_AN_OFFSET)
def norm_with_gamma_as_an_offset(Z, gamma, beta, eps=1e-5):
    return (1 + gamma) * hat(Z, eps) + beta


@mistake("batch_norm", "It divides by gamma. What should gamma = 2 do to the width of a unit?")
def norm_over_gamma(Z, gamma, beta, eps=1e-5):
    return hat(Z, eps) / gamma + beta


@mistake("batch_norm", "gamma is applied first, and the division takes it away again. After which step does it belong?")
def gamma_before_normalizing(Z, gamma, beta, eps=1e-5):
    return hat(gamma * Z, eps) + beta


@mistake(
    "batch_norm", "gamma and beta are applied first, and normalizing takes both away. In which order are the steps?"
)
def scale_and_shift_before_normalizing(Z, gamma, beta, eps=1e-5):
    return hat(gamma * Z + beta, eps)


@mistake("batch_norm", "It normalizes twice. How often does the formula?")
def normalized_twice(Z, gamma, beta, eps=1e-5):
    return gamma * hat(hat(Z, eps), eps) + beta


@mistake("batch_norm", "It normalizes by the two learned columns. Which statistics does training take?")
def normalized_by_the_parameters(Z, gamma, beta, eps=1e-5):
    return normalize(Z, beta, gamma**2, eps)


@mistake("batch_norm", "It also returns the statistics. What does the docstring return?")
def norm_and_its_statistics(Z, gamma, beta, eps=1e-5):
    return gamma * hat(Z, eps) + beta, *batch_statistics(Z)


@mistake("batch_norm", IN_PLACE)
def norm_in_place(Z, gamma, beta, eps=1e-5):
    sigma = root(Z, eps)
    Z -= over_batch(Z)
    return gamma * Z / sigma + beta


@mistake("batch_norm", FLOAT64)
def norm_in_float64(Z, gamma, beta, eps=1e-5):
    return gamma * hat(Z.astype(np.float64), eps) + beta


@right("batch_norm")
def norm_in_one_line(Z, gamma, beta, eps=1e-5):
    return gamma * (Z - Z.mean(1, keepdims=True)) / np.sqrt(Z.var(1, keepdims=True) + eps) + beta


@right("batch_norm")
def norm_unit_by_unit(Z, gamma, beta, eps=1e-5):
    out = np.empty(Z.shape, np.result_type(Z, np.float32))
    for j in range(len(Z)):
        out[j] = (Z[j] - Z[j].mean()) / math.sqrt(Z[j].var() + eps) * gamma[j, 0] + beta[j, 0]
    return out


@right("batch_norm")
def norm_by_a_centring_matrix(Z, gamma, beta, eps=1e-5):
    m = Z.shape[1]
    P = (np.eye(m) - np.ones((m, m)) / m).astype(np.result_type(Z, np.float32))
    C = (Z - Z[:, :1]) @ P
    return beta + C * (gamma / np.sqrt(np.einsum("ji,ji->j", C, C)[:, None] / m + eps))


@right("batch_norm")
def norm_by_scale_then_shift(Z, gamma, beta, eps=1e-5):
    C = Z - over_batch(Z)
    scale = gamma * (over_batch(C**2) + eps) ** -0.5
    return scale * C + beta


@right("batch_norm")
def norm_transposed(Z, gamma, beta, eps=1e-5):
    X = Z.T
    return (gamma.ravel() * (X - X.mean(axis=0)) / np.sqrt(X.var(axis=0) + eps) + beta.ravel()).T


@right("batch_norm")
def norm_through_float64(Z, gamma, beta, eps=1e-5):
    return (gamma * hat(Z.astype(np.float64), eps) + beta).astype(np.result_type(Z, np.float32))


# --- update_running ---------------------------------------------------------------------------------------------------

SWAPPED_WEIGHTS = (
    "The weights are swapped: it nearly forgets the past. That is how some libraries count. What does rho keep here?"
)


@mistake("update_running", SWAPPED_WEIGHTS)
def weights_swapped(running, batch, rho=0.9):
    return (1 - rho) * running + rho * batch


@mistake("update_running", "It takes its own rho. Which rho was it called with?")
def rho_fixed_at_its_default(running, batch, rho=0.9):
    return 0.9 * running + 0.1 * batch


@mistake("update_running", f"{SWAPPED_WEIGHTS} And which rho was it called with?")
def swapped_and_fixed(running, batch, rho=0.9):
    return 0.1 * running + 0.9 * batch


@mistake("update_running", "It takes the batch for the average. What do the batches before it still count?")
def replaced_by_the_batch(running, batch, rho=0.9):
    return batch.copy()


@mistake("update_running", "It stays as it was. What does the new batch change?")
def left_as_it_was(running, batch, rho=0.9):
    return running.copy()


@mistake("update_running", "It adds up: after many batches it is huge. What should the two weights sum to?")
def summed_up(running, batch, rho=0.9):
    return running + batch


@mistake("update_running", "The past never fades. What should the two weights sum to?")
def past_that_never_fades(running, batch, rho=0.9):
    return running + (1 - rho) * batch


@mistake("update_running", "The batch counts in full, as in momentum. What should the two weights sum to?")
def batch_in_full(running, batch, rho=0.9):
    return rho * running + batch


@mistake("update_running", "Both get the weight rho. What should the two weights sum to?")
def rho_for_both(running, batch, rho=0.9):
    return rho * (running + batch)


@mistake("update_running", "Both get the weight 1 - rho. What should the two weights sum to?")
def rest_for_both(running, batch, rho=0.9):
    return (1 - rho) * (running + batch)


@mistake("update_running", "Both count alike. Where does rho enter?")
def plain_average(running, batch, rho=0.9):
    return (running + batch) / 2


@mistake("update_running", "The batch is subtracted. Towards which number should the average move?")
def batch_subtracted(running, batch, rho=0.9):
    return rho * running - (1 - rho) * batch


@mistake("update_running", "It moves away from the batch. Towards which number should the average move?")
def away_from_the_batch(running, batch, rho=0.9):
    return running + (1 - rho) * (running - batch)


@mistake("update_running", "Only the past is left, and it shrinks. What does the new batch add?")
def batch_forgotten(running, batch, rho=0.9):
    return rho * running


@mistake("update_running", "Only the batch is left, and small. What does the past add?")
def past_forgotten(running, batch, rho=0.9):
    return (1 - rho) * batch


@mistake("update_running", "A bracket is missing around 1 - rho. Which operation does Python do first?")
def bracket_around_the_weight_missing(running, batch, rho=0.9):
    return rho * running + 1 - rho * batch


@mistake("update_running", "One weight is squared, as for RMSProp's gradients. Is there a square in this formula?")
def batch_squared(running, batch, rho=0.9):
    return rho * running + (1 - rho) * batch**2


@mistake("update_running", "It mixes the units: one number is left. How many averages has a layer of n units?")
def averaged_over_units(running, batch, rho=0.9):
    return (rho * running + (1 - rho) * batch).mean()


@mistake("update_running", "The values are right, but flat, (n,). Each unit has a row: columns come in and go out.")
def running_flattened(running, batch, rho=0.9):
    return (rho * running + (1 - rho) * batch).ravel()


@mistake("update_running", IN_PLACE)
def running_in_place(running, batch, rho=0.9):
    running[...] = rho * running + (1 - rho) * batch
    return running


@mistake("update_running", FLOAT64)
def running_in_float64(running, batch, rho=0.9):
    return np.float64(rho) * running + np.float64(1 - rho) * batch


@right("update_running")
def by_the_difference(running, batch, rho=0.9):
    return batch + rho * (running - batch)


@right("update_running")
def a_step_towards_the_batch(running, batch, rho=0.9):
    return running - (1 - rho) * (running - batch)


@right("update_running")
def with_the_libraries_momentum(running, batch, rho=0.9):
    momentum = 1 - rho
    return (1 - momentum) * running + momentum * batch


@right("update_running")
def running_unit_by_unit(running, batch, rho=0.9):
    pairs = zip(running.ravel().tolist(), batch.ravel().tolist())
    return np.array([[rho * old + (1 - rho) * new] for old, new in pairs], np.result_type(running, np.float32))


@right("update_running")
def as_a_weighted_average(running, batch, rho=0.9):
    both = np.hstack([running, batch])
    return both @ np.array([[rho], [1 - rho]], np.result_type(both, np.float32))


# --- batch_norm_inference ---------------------------------------------------------------------------------------------

BATCH_USED = (
    "It takes the statistics of the batch that came in. What is left of one example then? Which were handed in?"
)


@mistake("batch_norm_inference", BATCH_USED)
def inference_by_the_batch(Z, gamma, beta, mean, var, eps=1e-5):
    return gamma * hat(Z, eps) + beta


@mistake("batch_norm_inference", "It takes the mean of the batch that came in. Which mean was handed in?")
def inference_by_the_batch_mean(Z, gamma, beta, mean, var, eps=1e-5):
    return gamma * normalize(Z, over_batch(Z), var, eps) + beta


@mistake("batch_norm_inference", "It takes the variance of the batch that came in. Which variance was handed in?")
def inference_by_the_batch_variance(Z, gamma, beta, mean, var, eps=1e-5):
    return gamma * (Z - mean) / root(Z, eps) + beta


@mistake("batch_norm_inference", "It updates the averages with this batch first. May an example change its own test?")
def inference_that_goes_on_averaging(Z, gamma, beta, mean, var, eps=1e-5):
    mu, own = batch_statistics(Z)
    return gamma * normalize(Z, 0.9 * mean + 0.1 * mu, 0.9 * var + 0.1 * own, eps) + beta


@mistake("batch_norm_inference", "It normalizes each example over the units. Which statistics were handed in?")
def inference_over_units(Z, gamma, beta, mean, var, eps=1e-5):
    return gamma * (Z - Z.mean(axis=0)) / np.sqrt(Z.var(axis=0) + eps) + beta


@mistake("batch_norm_inference", "It takes var for a standard deviation. What is still to be done to a variance?")
def variance_as_deviation(Z, gamma, beta, mean, var, eps=1e-5):
    return gamma * (Z - mean) / (var + eps) + beta


@mistake(
    "batch_norm_inference", "It takes var for a standard deviation, and eps is missing. What is a variance's root?"
)
def variance_as_deviation_without_eps(Z, gamma, beta, mean, var, eps=1e-5):
    return gamma * (Z - mean) / var + beta


@mistake("batch_norm_inference", "It squares var, as if a standard deviation came in. What is var already?")
def inference_by_a_squared_variance(Z, gamma, beta, mean, var, eps=1e-5):
    return gamma * (Z - mean) / np.sqrt(var**2 + eps) + beta


@mistake("batch_norm_inference", "It takes the root twice. Is var a standard deviation already?")
def inference_with_the_root_twice(Z, gamma, beta, mean, var, eps=1e-5):
    return gamma * (Z - mean) / np.sqrt(np.sqrt(var) + eps) + beta


@mistake("batch_norm_inference", OUTSIDE)
def inference_with_eps_outside(Z, gamma, beta, mean, var, eps=1e-5):
    return gamma * (Z - mean) / (np.sqrt(var) + eps) + beta


@mistake("batch_norm_inference", NO_EPS)
def inference_without_eps(Z, gamma, beta, mean, var, eps=1e-5):
    return gamma * (Z - mean) / np.sqrt(var) + beta


@mistake("batch_norm_inference", EPS_FIXED)
def inference_with_the_default_eps(Z, gamma, beta, mean, var, eps=1e-5):
    return gamma * normalize(Z, mean, var) + beta


@mistake("batch_norm_inference", "It corrects the variance by m / (m - 1). Was that in training, and for one example?")
def inference_with_corrected_variance(Z, gamma, beta, mean, var, eps=1e-5):
    m = Z.shape[1]
    return gamma * normalize(Z, mean, var * m / (m - 1), eps) + beta


@mistake("batch_norm_inference", GAMMA_FORGOTTEN)
def inference_without_gamma(Z, gamma, beta, mean, var, eps=1e-5):
    return normalize(Z, mean, var, eps) + beta


@mistake("batch_norm_inference", BETA_FORGOTTEN)
def inference_without_beta(Z, gamma, beta, mean, var, eps=1e-5):
    return gamma * normalize(Z, mean, var, eps)


@mistake("batch_norm_inference", BOTH_FORGOTTEN)
def inference_that_stops_at_z_hat(Z, gamma, beta, mean, var, eps=1e-5):
    return normalize(Z, mean, var, eps)


@mistake("batch_norm_inference", SCALE_AND_SHIFT_SWAPPED)
def inference_with_gamma_and_beta_swapped(Z, gamma, beta, mean, var, eps=1e-5):
    return beta * normalize(Z, mean, var, eps) + gamma


@mistake("batch_norm_inference", BETA_SCALED)
def inference_with_beta_scaled(Z, gamma, beta, mean, var, eps=1e-5):
    return gamma * (normalize(Z, mean, var, eps) + beta)


@mistake("batch_norm_inference", BETA_MULTIPLIED)
def inference_times_beta(Z, gamma, beta, mean, var, eps=1e-5):
    return gamma * normalize(Z, mean, var, eps) * beta


@mistake("batch_norm_inference", BETA_SUBTRACTED)
def inference_minus_beta(Z, gamma, beta, mean, var, eps=1e-5):
    return gamma * normalize(Z, mean, var, eps) - beta


@mistake("batch_norm_inference", GAMMA_AS_AN_OFFSET)
def inference_with_gamma_as_an_offset(Z, gamma, beta, mean, var, eps=1e-5):
    return (1 + gamma) * normalize(Z, mean, var, eps) + beta


@mistake("batch_norm_inference", "Mean and variance have changed places. In which order do they come in?")
def inference_with_statistics_swapped(Z, gamma, beta, mean, var, eps=1e-5):
    return gamma * normalize(Z, var, mean, eps) + beta


@mistake("batch_norm_inference", NOT_CENTRED)
def inference_not_centred(Z, gamma, beta, mean, var, eps=1e-5):
    return gamma * Z / np.sqrt(var + eps) + beta


@mistake("batch_norm_inference", "It only scales and shifts. What does training do to z before that?")
def inference_by_scale_and_shift_alone(Z, gamma, beta, mean, var, eps=1e-5):
    return gamma * Z + beta


@mistake("batch_norm_inference", BRACKET)
def inference_without_bracket(Z, gamma, beta, mean, var, eps=1e-5):
    return gamma * (Z - mean / np.sqrt(var + eps)) + beta


@mistake("batch_norm_inference", "Only z is scaled. Is the mean taken off before or after gamma?")
def mean_taken_off_last(Z, gamma, beta, mean, var, eps=1e-5):
    return gamma * Z / np.sqrt(var + eps) - mean + beta


@mistake("batch_norm_inference", ALL_IN_ONE)
def inference_by_one_mean_of_all(Z, gamma, beta, mean, var, eps=1e-5):
    return gamma * normalize(Z, mean.mean(), var.mean(), eps) + beta


@mistake("batch_norm_inference", "It flattens the columns. What does NumPy do with (n, m) and (n,)?")
def inference_flattened(Z, gamma, beta, mean, var, eps=1e-5):
    return gamma.ravel() * normalize(Z, mean.ravel(), var.ravel(), eps) + beta.ravel()


@mistake("batch_norm_inference", "It normalizes its result once more by the batch. How often does the formula?")
def inference_then_the_batch(Z, gamma, beta, mean, var, eps=1e-5):
    return gamma * hat(normalize(Z, mean, var, eps), eps) + beta


@mistake("batch_norm_inference", IN_PLACE)
def inference_in_place(Z, gamma, beta, mean, var, eps=1e-5):
    Z -= mean
    return gamma * Z / np.sqrt(var + eps) + beta


@mistake("batch_norm_inference", FLOAT64)
def inference_in_float64(Z, gamma, beta, mean, var, eps=1e-5):
    return gamma * normalize(Z.astype(np.float64), mean, var, eps) + beta


@right("batch_norm_inference")
def inference_in_one_line(Z, gamma, beta, mean, var, eps=1e-5):
    return gamma * (Z - mean) / np.sqrt(var + eps) + beta


@right("batch_norm_inference")
def inference_folded_into_a_line(Z, gamma, beta, mean, var, eps=1e-5):
    slope = gamma / np.sqrt(var + eps)
    return slope * Z + (beta - slope * mean)


@right("batch_norm_inference")
def inference_by_loops(Z, gamma, beta, mean, var, eps=1e-5):
    out = np.empty(Z.shape, np.result_type(Z, np.float32))
    for j in range(Z.shape[0]):
        for i in range(Z.shape[1]):
            out[j, i] = gamma[j, 0] * (Z[j, i] - mean[j, 0]) / math.sqrt(var[j, 0] + eps) + beta[j, 0]
    return out


@right("batch_norm_inference")
def inference_as_a_linear_layer(Z, gamma, beta, mean, var, eps=1e-5):
    W = np.diag((gamma / np.sqrt(var + eps)).ravel())
    return W @ Z + (beta - W @ mean)


@right("batch_norm_inference")
def inference_through_float64(Z, gamma, beta, mean, var, eps=1e-5):
    Z_hat = (Z.astype(np.float64) - mean) * (var + eps) ** -0.5
    return (beta + Z_hat * gamma).astype(np.result_type(Z, np.float32))


# --- scale_backward ---------------------------------------------------------------------------------------------------


@mistake("scale_backward", "z_hat is missing in dgamma. By what is gamma multiplied on the way forward?")
def dgamma_without_z_hat(d_out, Z_hat, gamma):
    return summed(d_out), summed(d_out), gamma * d_out


@mistake("scale_backward", "dgamma holds gamma itself. What stays when gamma z_hat is derived by gamma?")
def dgamma_with_gamma(d_out, Z_hat, gamma):
    return summed(gamma * d_out * Z_hat), summed(d_out), gamma * d_out


@mistake("scale_backward", "dgamma ignores d_out. How does each output act on the loss?")
def dgamma_without_upstream(d_out, Z_hat, gamma):
    return summed(Z_hat), summed(d_out), gamma * d_out


@mistake("scale_backward", "All three ignore d_out. How does each output act on the loss?")
def no_upstream(d_out, Z_hat, gamma):
    return summed(Z_hat), summed(np.ones_like(d_out)), gamma * np.ones_like(d_out)


@mistake("scale_backward", "dgamma multiplies two sums. Which comes first, the product of each example or the sum?")
def product_of_sums(d_out, Z_hat, gamma):
    return summed(d_out) * summed(Z_hat), summed(d_out), gamma * d_out


@mistake("scale_backward", "It divides by m. One gamma acts on all examples: do their effects add up or average?")
def means_for_sums(d_out, Z_hat, gamma):
    return over_batch(d_out * Z_hat), over_batch(d_out), gamma * d_out


@mistake("scale_backward", "dgamma is divided by m. Do the effects of the examples add up or average?")
def mean_in_dgamma(d_out, Z_hat, gamma):
    return over_batch(d_out * Z_hat), summed(d_out), gamma * d_out


@mistake("scale_backward", "dbeta is divided by m. Do the effects of the examples add up or average?")
def mean_in_dbeta(d_out, Z_hat, gamma):
    return summed(d_out * Z_hat), over_batch(d_out), gamma * d_out


@mistake("scale_backward", "All three are divided by m. Where does the 1/m of the loss stand already?")
def all_over_m(d_out, Z_hat, gamma):
    return over_batch(d_out * Z_hat), over_batch(d_out), gamma * d_out / d_out.shape[1]


@mistake("scale_backward", OVER_UNITS)
def sums_over_units(d_out, Z_hat, gamma):
    return (d_out * Z_hat).sum(axis=0, keepdims=True), d_out.sum(axis=0, keepdims=True), gamma * d_out


@mistake("scale_backward", f"{OVER_UNITS} And how does the result stay two-dimensional?")
def flat_sums_over_units(d_out, Z_hat, gamma):
    return (d_out * Z_hat).sum(axis=0), d_out.sum(axis=0), gamma * d_out


@mistake("scale_backward", "dgamma and dbeta are flat, (n,). Of which form are gamma and beta?")
def flat_sums(d_out, Z_hat, gamma):
    return (d_out * Z_hat).sum(axis=1), d_out.sum(axis=1), gamma * d_out


@mistake("scale_backward", "dgamma and dbeta are single numbers. How many gammas has a layer of n units?")
def sums_over_everything(d_out, Z_hat, gamma):
    return (d_out * Z_hat).sum(), d_out.sum(), gamma * d_out


@mistake("scale_backward", "dgamma and dbeta still have a column for each example. How many gammas has one unit?")
def nothing_summed(d_out, Z_hat, gamma):
    return d_out * Z_hat, d_out.copy(), gamma * d_out


@mistake("scale_backward", "dgamma still has a column for each example. How many gammas has one unit?")
def dgamma_not_summed(d_out, Z_hat, gamma):
    return d_out * Z_hat, summed(d_out), gamma * d_out


@mistake("scale_backward", "dbeta still has a column for each example. How many betas has one unit?")
def dbeta_not_summed(d_out, Z_hat, gamma):
    return summed(d_out * Z_hat), d_out.copy(), gamma * d_out


@mistake("scale_backward", "dgamma is a matrix product: each unit meets every other. Which z_hat does gamma_j scale?")
def dgamma_as_a_product(d_out, Z_hat, gamma):
    return d_out @ Z_hat.T, summed(d_out), gamma * d_out


@mistake("scale_backward", "gamma is missing in dZ_hat. By what is z_hat multiplied on the way forward?")
def dz_hat_without_gamma(d_out, Z_hat, gamma):
    return summed(d_out * Z_hat), summed(d_out), d_out.copy()


@mistake("scale_backward", "dZ_hat is divided by gamma. What happens to a nudge of z_hat on the way forward?")
def dz_hat_over_gamma(d_out, Z_hat, gamma):
    return summed(d_out * Z_hat), summed(d_out), d_out / gamma


@mistake("scale_backward", "dZ_hat holds z_hat itself. What stays when gamma z_hat is derived by z_hat?")
def dz_hat_with_z_hat(d_out, Z_hat, gamma):
    return summed(d_out * Z_hat), summed(d_out), gamma * d_out * Z_hat


@mistake("scale_backward", "dZ_hat ignores d_out. How does each output act on the loss?")
def dz_hat_without_upstream(d_out, Z_hat, gamma):
    return summed(d_out * Z_hat), summed(d_out), gamma * Z_hat


@mistake("scale_backward", "dZ_hat is d_out times dgamma. Which of the two goes forward, gamma or its gradient?")
def dz_hat_with_dgamma(d_out, Z_hat, gamma):
    dgamma = summed(d_out * Z_hat)
    return dgamma, summed(d_out), dgamma * d_out


@mistake("scale_backward", "dZ_hat has one number for each unit. Each example has a z_hat of its own.")
def dz_hat_summed(d_out, Z_hat, gamma):
    return summed(d_out * Z_hat), summed(d_out), summed(gamma * d_out)


@mistake("scale_backward", "gamma stands in dbeta. Does gamma come before or after beta on the way forward?")
def gamma_in_dbeta(d_out, Z_hat, gamma):
    return summed(d_out * Z_hat), summed(gamma * d_out), gamma * d_out


@mistake("scale_backward", "z_hat stands in dbeta. By what is beta multiplied on the way forward?")
def z_hat_in_dbeta(d_out, Z_hat, gamma):
    return summed(d_out * Z_hat), summed(d_out * Z_hat), gamma * d_out


@mistake("scale_backward", "dbeta counts the examples. How does each output act on the loss?")
def dbeta_counts(d_out, Z_hat, gamma):
    return summed(d_out * Z_hat), summed(np.ones_like(d_out)), gamma * d_out


@mistake("scale_backward", "dgamma and dbeta have changed places. In which order does the docstring return them?")
def dgamma_and_dbeta_swapped(d_out, Z_hat, gamma):
    return summed(d_out), summed(d_out * Z_hat), gamma * d_out


@mistake("scale_backward", "dZ_hat comes first. In which order does the docstring return the three?")
def dz_hat_first(d_out, Z_hat, gamma):
    return gamma * d_out, summed(d_out * Z_hat), summed(d_out)


@mistake("scale_backward", "dZ_hat is missing. What does the next step on the way back need?")
def only_two_returned(d_out, Z_hat, gamma):
    return summed(d_out * Z_hat), summed(d_out)


@mistake("scale_backward", "All signs are turned. If beta grows and d_out is positive, does the loss rise or fall?")
def all_turned(d_out, Z_hat, gamma):
    return -summed(d_out * Z_hat), -summed(d_out), -gamma * d_out


@mistake("scale_backward", "d_out is centred before dgamma. Is there a mean between the output and gamma?")
def upstream_centred(d_out, Z_hat, gamma):
    return summed((d_out - over_batch(d_out)) * Z_hat), summed(d_out), gamma * d_out


@mistake("scale_backward", IN_PLACE)
def scale_backward_in_place(d_out, Z_hat, gamma):
    dgamma, dbeta = summed(d_out * Z_hat), summed(d_out)
    d_out *= gamma
    return dgamma, dbeta, d_out


@mistake("scale_backward", FLOAT64)
def scale_backward_in_float64(d_out, Z_hat, gamma):
    d_out = d_out.astype(np.float64)
    return summed(d_out * Z_hat), summed(d_out), gamma * d_out


@right("scale_backward")
def scale_backward_by_einsum(d_out, Z_hat, gamma):
    dgamma = np.einsum("ji,ji->j", d_out, Z_hat)
    return dgamma[:, None], np.einsum("ji->j", d_out)[:, None], np.einsum("j,ji->ji", gamma[:, 0], d_out)


@right("scale_backward")
def scale_backward_unit_by_unit(d_out, Z_hat, gamma):
    dgamma, dbeta, dZ_hat = np.empty_like(gamma), np.empty_like(gamma), np.empty_like(Z_hat)
    for j in range(len(gamma)):
        dgamma[j], dbeta[j], dZ_hat[j] = d_out[j] @ Z_hat[j], d_out[j].sum(), gamma[j] * d_out[j]
    return dgamma, dbeta, dZ_hat


@right("scale_backward")
def scale_backward_example_by_example(d_out, Z_hat, gamma):
    dgamma, dbeta = np.zeros_like(gamma), np.zeros_like(gamma)
    for i in range(d_out.shape[1]):
        dgamma += d_out[:, [i]] * Z_hat[:, [i]]
        dbeta += d_out[:, [i]]
    return dgamma, dbeta, d_out * gamma


@right("scale_backward")
def scale_backward_by_matrices(d_out, Z_hat, gamma):
    ones = np.ones((d_out.shape[1], 1), d_out.dtype)
    return [np.diag(d_out @ Z_hat.T)[:, None], d_out @ ones, np.diag(gamma[:, 0]) @ d_out]


@right("scale_backward")
def scale_backward_through_float64(d_out, Z_hat, gamma):
    wide = d_out.astype(np.float64)
    return tuple(each.astype(d_out.dtype) for each in (summed(wide * Z_hat), summed(wide), gamma * wide))


# --- both forms of the way back: they have the same values ------------------------------------------------------------

BACKWARD = ("normalize_backward_by_node", "normalize_backward")


def wrong_backward(hint):
    """A mistake of both forms."""

    def enter(version):
        for name in BACKWARD:
            mistake(name, hint)(version)
        return version

    return enter


def right_backward(version):
    for name in BACKWARD:
        right(name)(version)
    return version


def parts(Z, eps):
    """z - mu, the root, and z_hat."""
    C, sigma = Z - over_batch(Z), root(Z, eps)
    return C, sigma, C / sigma


def closed_form(D, H, sigma):
    return (D - over_batch(D) - H * over_batch(D * H)) / sigma


@wrong_backward("It treats the mean as a constant. What happens to mu if one z grows?")
def mean_as_a_constant(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return (dZ_hat - H * over_batch(dZ_hat * H)) / sigma


@wrong_backward("It treats the variance as a constant. What happens to the root if one z moves away from the mean?")
def variance_as_a_constant(dZ_hat, Z, eps=1e-5):
    return (dZ_hat - over_batch(dZ_hat)) / root(Z, eps)


@wrong_backward("It treats mean and variance as constants. On which z do they depend?")
def statistics_as_constants(dZ_hat, Z, eps=1e-5):
    return dZ_hat / root(Z, eps)


@wrong_backward(
    "The way straight from z_hat to z is missing: only those through mu and var are left. How many lead to z?"
)
def only_through_the_statistics(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return (-over_batch(dZ_hat) - H * over_batch(dZ_hat * H)) / sigma


@wrong_backward("Each z only acts on its own z_hat. Through mu and var, on which other examples does it act?")
def own_example_alone(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return dZ_hat * (1 - (1 + H**2) / Z.shape[1]) / sigma


@mistake(
    "normalize_backward_by_node", "dvar is not summed: it stays (n, m). How many var has a unit, and who hangs on it?"
)
def dvar_not_summed(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return (dZ_hat - over_batch(dZ_hat) - H * dZ_hat * H / Z.shape[1]) / sigma


@mistake(
    "normalize_backward_by_node", "dmu is not summed: it stays (n, m). How many mu has a unit, and who hangs on it?"
)
def dmu_not_summed(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return (dZ_hat - dZ_hat / Z.shape[1] - H * over_batch(dZ_hat * H)) / sigma


@mistake(
    "normalize_backward_by_node", "dvar is a mean. All z_hat of the unit act on J: are their parts averaged, or added?"
)
def dvar_as_a_mean(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return (dZ_hat - over_batch(dZ_hat) - H * over_batch(dZ_hat * H) / Z.shape[1]) / sigma


@mistake(
    "normalize_backward_by_node", "dmu is a mean. All z_hat of the unit act on J: are their parts averaged, or added?"
)
def dmu_as_a_mean(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return (dZ_hat - over_batch(dZ_hat) / Z.shape[1] - H * over_batch(dZ_hat * H)) / sigma


@mistake(
    "normalize_backward_by_node", "dvar and dmu are means. All z_hat act on J: are their parts averaged, or added?"
)
def dvar_and_dmu_as_means(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return (dZ_hat - (over_batch(dZ_hat) + H * over_batch(dZ_hat * H)) / Z.shape[1]) / sigma


@mistake(
    "normalize_backward_by_node", "dvar and dmu are summed over the units. Which z_hat hang on the var of one unit?"
)
def dvar_and_dmu_over_units(dZ_hat, Z, eps=1e-5):
    C, sigma, _ = parts(Z, eps)
    m = Z.shape[1]
    dvar, dmu = -0.5 * (dZ_hat * C).sum(axis=0) / sigma**3, -dZ_hat.sum(axis=0) / sigma
    return dZ_hat / sigma + dvar * 2 * C / m + dmu / m


@wrong_backward("The 1/m is missing, twice. By how much does mu grow if one z of m grows by 1?")
def m_forgotten(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return (dZ_hat - summed(dZ_hat) - H * summed(dZ_hat * H)) / sigma


@wrong_backward("The 1/m is missing on the way through the mean. By how much does mu grow if one z of m grows by 1?")
def m_forgotten_in_the_mean(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return (dZ_hat - summed(dZ_hat) - H * over_batch(dZ_hat * H)) / sigma


@wrong_backward("The 1/m is missing on the way through the variance. How does one z of m act on it?")
def m_forgotten_in_the_variance(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return (dZ_hat - over_batch(dZ_hat) - H * summed(dZ_hat * H)) / sigma


@wrong_backward("A factor is lost on the way through the variance. What is the derivative of a square?")
def factor_2_lost(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return (dZ_hat - over_batch(dZ_hat) - 0.5 * H * over_batch(dZ_hat * H)) / sigma


@wrong_backward("The way through the variance is twice as strong. What is the derivative of a root, with its factor?")
def factor_half_lost(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return (dZ_hat - over_batch(dZ_hat) - 2 * H * over_batch(dZ_hat * H)) / sigma


@wrong_backward("The sign of the way through the variance is turned. If var grows, does z_hat grow or shrink?")
def sign_of_dvar(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return (dZ_hat - over_batch(dZ_hat) + H * over_batch(dZ_hat * H)) / sigma


@wrong_backward("The sign of the way through the mean is turned. If mu grows, does z_hat grow or shrink?")
def sign_of_dmu(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return (dZ_hat + over_batch(dZ_hat) - H * over_batch(dZ_hat * H)) / sigma


@wrong_backward("Two signs are turned. If mu or var grows, does z_hat grow or shrink?")
def signs_of_both(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return (dZ_hat + over_batch(dZ_hat) + H * over_batch(dZ_hat * H)) / sigma


@wrong_backward("All signs are turned. If z grows and mu and var stood still, would z_hat grow or shrink?")
def backward_turned(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return -closed_form(dZ_hat, H, sigma)


@wrong_backward("On the way through the variance var + eps has the power -1. What is left of x to the -1/2?")
def power_minus_1(dZ_hat, Z, eps=1e-5):
    C, sigma, _ = parts(Z, eps)
    return (dZ_hat - over_batch(dZ_hat)) / sigma - C * over_batch(dZ_hat * C) / sigma**2


@wrong_backward("On the way through the variance var + eps has the power -2. What is left of x to the -1/2?")
def power_minus_2(dZ_hat, Z, eps=1e-5):
    C, sigma, _ = parts(Z, eps)
    return (dZ_hat - over_batch(dZ_hat)) / sigma - C * over_batch(dZ_hat * C) / sigma**4


@wrong_backward("On the way through the variance var + eps has a positive power. Where does it stand in z_hat?")
def power_plus_3_halves(dZ_hat, Z, eps=1e-5):
    C, sigma, _ = parts(Z, eps)
    return (dZ_hat - over_batch(dZ_hat)) / sigma - C * over_batch(dZ_hat * C) * sigma**3


@wrong_backward("eps is missing. Is the root of the way back that of the way forward?")
def backward_without_eps(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, 0)
    return closed_form(dZ_hat, H, sigma)


@wrong_backward("z_hat is computed without eps. Is it the z_hat of the way forward?")
def z_hat_without_eps(dZ_hat, Z, eps=1e-5):
    return closed_form(dZ_hat, hat(Z, 0), root(Z, eps))


@wrong_backward("eps is missing in the last division. Is that root the one of the way forward?")
def division_without_eps(dZ_hat, Z, eps=1e-5):
    return closed_form(dZ_hat, hat(Z, eps), root(Z, 0))


@wrong_backward("eps is missing in the derivative by var. Which number has the power there?")
def dvar_without_eps(dZ_hat, Z, eps=1e-5):
    C, sigma, _ = parts(Z, eps)
    return (dZ_hat - over_batch(dZ_hat)) / sigma - C * over_batch(dZ_hat * C) / root(Z, 0) ** 3


@wrong_backward(OUTSIDE)
def backward_with_eps_outside(dZ_hat, Z, eps=1e-5):
    sigma = root(Z, 0) + eps
    return closed_form(dZ_hat, (Z - over_batch(Z)) / sigma, sigma)


@wrong_backward(EPS_FIXED)
def backward_with_the_default_eps(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, 1e-5)
    return closed_form(dZ_hat, H, sigma)


@wrong_backward("The last division takes its own eps, z_hat the right one. Which eps was it called with?")
def division_with_the_default_eps(dZ_hat, Z, eps=1e-5):
    return closed_form(dZ_hat, hat(Z, eps), root(Z, 1e-5))


@wrong_backward("z_hat takes its own eps, the last division the right one. Which eps was it called with?")
def z_hat_with_the_default_eps(dZ_hat, Z, eps=1e-5):
    return closed_form(dZ_hat, hat(Z, 1e-5), root(Z, eps))


@wrong_backward(
    "The root divides too rarely on the way through the variance. Is it z_hat or z - mu, and which power has var + eps?"
)
def centred_for_z_hat(dZ_hat, Z, eps=1e-5):
    C, sigma, _ = parts(Z, eps)
    return closed_form(dZ_hat, C, sigma)


@wrong_backward("z stands where z_hat belongs. What was done to z on the way forward?")
def z_for_z_hat(dZ_hat, Z, eps=1e-5):
    return closed_form(dZ_hat, Z, root(Z, eps))


@wrong_backward("The mean is not taken off where the variance is derived. What is squared in the variance?")
def variance_not_centred(dZ_hat, Z, eps=1e-5):
    sigma = root(Z, eps)
    return (dZ_hat - over_batch(dZ_hat)) / sigma - Z * over_batch(dZ_hat * Z) / sigma**3


@wrong_backward("dvar takes z for z - mu. What stands above the fraction line of z_hat?")
def dvar_of_z(dZ_hat, Z, eps=1e-5):
    C, sigma, _ = parts(Z, eps)
    return (dZ_hat - over_batch(dZ_hat)) / sigma - C * over_batch(dZ_hat * Z) / sigma**3


@wrong_backward("The last step from var to z takes z for z - mu. What is squared in the variance?")
def var_derived_to_z(dZ_hat, Z, eps=1e-5):
    C, sigma, _ = parts(Z, eps)
    return (dZ_hat - over_batch(dZ_hat)) / sigma - Z * over_batch(dZ_hat * C) / sigma**3


@wrong_backward("z - mu is missing in dvar. What stands above the fraction line of z_hat?")
def dvar_of_upstream_alone(dZ_hat, Z, eps=1e-5):
    C, sigma, _ = parts(Z, eps)
    return (dZ_hat - over_batch(dZ_hat)) / sigma - C * over_batch(dZ_hat) / sigma**3


@wrong_backward("The mean of dZ_hat is not divided by the root. How much does z_hat change if mu grows by 1?")
def dmu_without_root(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return (dZ_hat - H * over_batch(dZ_hat * H)) / sigma - over_batch(dZ_hat)


@wrong_backward("z_hat stands only once in the last term. How does one z act on the variance, and that on every z_hat?")
def z_hat_only_in_the_mean(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return (dZ_hat - over_batch(dZ_hat) - over_batch(dZ_hat * H)) / sigma


@wrong_backward("dZ_hat is averaged without z_hat in the last term. How does each z_hat depend on the variance?")
def z_hat_only_outside(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return (dZ_hat - over_batch(dZ_hat) - H * over_batch(dZ_hat)) / sigma


@wrong_backward("The last term has no mean: each example stays for itself. Over what is it averaged?")
def last_term_not_averaged(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return (dZ_hat - over_batch(dZ_hat) - H * (dZ_hat * H)) / sigma


@wrong_backward("dZ_hat is missing in the last term. How does each z_hat act on the loss?")
def last_term_without_upstream(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return (dZ_hat - over_batch(dZ_hat) - H * over_batch(H * H)) / sigma


@wrong_backward("It ignores dZ_hat, as if all its entries were 1. How does each z_hat act on the loss?")
def backward_without_upstream(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return closed_form(np.ones_like(dZ_hat), H, sigma)


@wrong_backward("dZ_hat is only a factor at the end. Does each z act on one z_hat, or on all of its unit?")
def upstream_as_a_factor(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return dZ_hat * (1 - H**2) / sigma


@wrong_backward("The last division is missing. By what is z - mu divided on the way forward?")
def last_division_missing(dZ_hat, Z, eps=1e-5):
    return closed_form(dZ_hat, hat(Z, eps), 1)


@wrong_backward("It divides by var + eps at the end. What does the way forward divide by?")
def divided_by_the_variance(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return closed_form(dZ_hat, H, sigma**2)


@wrong_backward("It multiplies by the root at the end. What does the way forward do with it?")
def times_the_root(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return closed_form(dZ_hat, H, 1 / sigma)


@wrong_backward("Only the last term is divided by the root. Which brackets does the fraction line stand for?")
def only_the_last_term_divided(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return dZ_hat - over_batch(dZ_hat) - H * over_batch(dZ_hat * H) / sigma


@wrong_backward("Its result is divided by m again. Where does the 1/m of the loss stand already?")
def backward_over_m(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return closed_form(dZ_hat, H, sigma) / Z.shape[1]


@wrong_backward("It is m times too large. Which factor was only there to clear the fractions?")
def backward_times_m(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return closed_form(dZ_hat, H, sigma) * Z.shape[1]


@wrong_backward("It divides by the number of units. What is m?")
def backward_over_the_units(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return (dZ_hat - (summed(dZ_hat) + H * summed(dZ_hat * H)) / len(Z)) / sigma


@wrong_backward("Its means of dZ_hat go over the units. Over which axis did the way forward average?")
def upstream_averaged_over_units(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return (dZ_hat - dZ_hat.mean(axis=0) - H * (dZ_hat * H).mean(axis=0)) / sigma


@wrong_backward("It normalizes over the units. Which axis holds the examples, and which numbers does one unit have?")
def backward_over_units(dZ_hat, Z, eps=1e-5):
    D, H = dZ_hat.T, hat(Z.T, eps)
    return closed_form(D, H, root(Z.T, eps)).T


@wrong_backward(ALL_IN_ONE)
def backward_all_in_one(dZ_hat, Z, eps=1e-5):
    D, all_z = dZ_hat.reshape(1, -1), Z.reshape(1, -1)
    return closed_form(D, hat(all_z, eps), root(all_z, eps)).reshape(Z.shape)


@wrong_backward(FLAT)
def backward_with_flat_means(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return (dZ_hat - dZ_hat.mean(axis=1) - H * (dZ_hat * H).mean(axis=1)) / sigma


@wrong_backward(f"{FLAT} That holds for mu and var too.")
def backward_with_flat_statistics(dZ_hat, Z, eps=1e-5):
    sigma = np.sqrt(Z.var(axis=1) + eps)
    H = (Z - Z.mean(axis=1)) / sigma
    return (dZ_hat - dZ_hat.mean(axis=1) - H * (dZ_hat * H).mean(axis=1)) / sigma


@wrong_backward(UNBIASED)
def backward_with_unbiased_variance(dZ_hat, Z, eps=1e-5):
    sigma = np.sqrt(unbiased(Z) + eps)
    return closed_form(dZ_hat, (Z - over_batch(Z)) / sigma, sigma)


@wrong_backward("The way through the variance divides by m - 1. By what does the variance divide on the way forward?")
def unbiased_on_the_way_back(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return (dZ_hat - over_batch(dZ_hat) - H * summed(dZ_hat * H) / (Z.shape[1] - 1)) / sigma


@wrong_backward(CANCELLED)
def backward_by_difference_of_means(dZ_hat, Z, eps=1e-5):
    sigma = np.sqrt(cancelled_variance(Z) + eps)
    return closed_form(dZ_hat, (Z - over_batch(Z)) / sigma, sigma)


@wrong_backward("It returns the way forward of dZ_hat: dZ_hat normalized. Which z have to be derived?")
def upstream_normalized(dZ_hat, Z, eps=1e-5):
    return hat(dZ_hat, eps)


@wrong_backward("z and dZ_hat have changed places. In which order do they come in?")
def backward_inputs_swapped(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(dZ_hat, eps)
    return closed_form(Z, H, sigma)


@wrong_backward("z_hat is multiplied in, as if the derivative were asked along it. What is the derivative of (z - mu)?")
def z_hat_on_top(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return closed_form(dZ_hat * H, H, sigma)


@wrong_backward(IN_PLACE)
def backward_in_place(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    along = over_batch(dZ_hat * H)
    dZ_hat -= over_batch(dZ_hat)
    return (dZ_hat - H * along) / sigma


@wrong_backward(FLOAT64)
def backward_in_float64(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z.astype(np.float64), eps)
    return closed_form(dZ_hat, H, sigma)


@right_backward
def backward_in_closed_form(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z, eps)
    return closed_form(dZ_hat, H, sigma)


@right_backward
def backward_over_m_sigma(dZ_hat, Z, eps=1e-5):
    m = Z.shape[1]
    _, sigma, H = parts(Z, eps)
    return (m * dZ_hat - summed(dZ_hat) - H * summed(dZ_hat * H)) / (m * sigma)


@right_backward
def backward_node_by_node(dZ_hat, Z, eps=1e-5):
    m = Z.shape[1]
    mu, var = batch_statistics(Z)
    dvar = -0.5 * summed(dZ_hat * (Z - mu)) * (var + eps) ** -1.5
    dmu = summed(-dZ_hat / np.sqrt(var + eps)) - 2 * dvar * over_batch(Z - mu)
    return dZ_hat / np.sqrt(var + eps) + 2 * dvar * (Z - mu) / m + dmu / m


@right_backward
def backward_by_small_nodes(dZ_hat, Z, eps=1e-5):
    C = Z - over_batch(Z)
    sigma = np.sqrt(over_batch(C * C) + eps)
    dC = dZ_hat / sigma
    dsigma = -summed(dZ_hat * C) / (sigma * sigma)
    dvar = dsigma / (2 * sigma)
    dC = dC + 2 * C * dvar / Z.shape[1]
    return dC - over_batch(dC)


@right_backward
def backward_by_a_jacobian_for_each_unit(dZ_hat, Z, eps=1e-5):
    m = Z.shape[1]
    _, sigma, H = parts(Z, eps)
    dZ = np.empty(Z.shape, np.result_type(Z, np.float32))
    for j in range(len(Z)):
        jacobian = (np.eye(m) - 1 / m - np.outer(H[j], H[j]) / m) / sigma[j]
        dZ[j] = jacobian @ dZ_hat[j]
    return dZ


@right_backward
def backward_by_projections(dZ_hat, Z, eps=1e-5):
    m = Z.shape[1]
    P = np.eye(m) - np.full((m, m), 1 / m)
    _, sigma, H = parts(Z, eps)
    along = np.einsum("ji,ji->j", dZ_hat, H)[:, None] / m
    return ((dZ_hat - H * along) @ P / sigma).astype(np.result_type(Z, np.float32))


@right_backward
def backward_by_loops(dZ_hat, Z, eps=1e-5):
    n, m = Z.shape
    dZ = np.empty((n, m), np.result_type(Z, np.float32))
    for j in range(n):
        d, z = dZ_hat[j].tolist(), Z[j].tolist()
        mu = sum(z) / m
        sigma = math.sqrt(sum((each - mu) ** 2 for each in z) / m + eps)
        z_hat = [(each - mu) / sigma for each in z]
        along = sum(a * b for a, b in zip(d, z_hat)) / m
        dZ[j] = [(d[i] - sum(d) / m - z_hat[i] * along) / sigma for i in range(m)]
    return dZ


@right_backward
def backward_through_float64(dZ_hat, Z, eps=1e-5):
    _, sigma, H = parts(Z.astype(np.float64), eps)
    return closed_form(dZ_hat, H, sigma).astype(np.result_type(Z, np.float32))
