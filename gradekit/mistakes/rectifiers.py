"""Lab 04: wrong and right versions of the ReLU family and of their derivatives."""

import math

import numpy as np

from dnnlib.rectifiers import gelu_tanh_slope, normal_cdf, normal_pdf
from gradekit.bank import mistake, right

IN_PLACE = "The values are right, but it writes into its input: whoever called it loses Z. Make a new array."
FLOAT64 = "The values are right, but float32 goes in and float64 comes out. Which step makes a float64 array?"
NO_DIGITS = (
    "For z = -10 two numbers close to 1 cancel, and no digit is left. The lab hands out a function that keeps them: "
    "which?"
)
ONE_SIDED = "Which of the two sides of 0 is scaled by alpha? What should become of 3?"


def every(function):
    """A function of numbers, for arrays; the dtype stays where it is a float."""
    return lambda Z: np.vectorize(function, otypes=[float])(Z).astype(np.result_type(Z, 0.0))


erf = every(math.erf)


def sigmoid_of(Z):
    return np.exp(-np.logaddexp(0, -Z))


def slope_of(Z, alpha):
    return np.where(Z > 0, np.ones_like(Z), alpha)


def below_0(Z):
    return np.minimum(Z, 0)


# --- leaky_relu -------------------------------------------------------------------------------------------------------


@mistake("leaky_relu", "It scales the positive numbers and keeps the negative ones. " + ONE_SIDED)
def alpha_above_0(Z, alpha=0.01):
    return np.where(Z > 0, alpha * Z, Z)


@mistake("leaky_relu", "It scales the positive numbers and sets the negative ones to 0. " + ONE_SIDED)
def relu_times_alpha(Z, alpha=0.01):
    return alpha * np.maximum(Z, 0)


@mistake("leaky_relu", "Negative numbers come out positive. Which sign has alpha z for z = -3 and alpha = 0.1?")
def minus_alpha(Z, alpha=0.01):
    return np.where(Z > 0, Z, -alpha * Z)


@mistake("leaky_relu", "It is never below alpha: that is a floor, not a slope. What should become of -3, and of -6?")
def alpha_as_a_floor(Z, alpha=0.01):
    return np.maximum(Z, alpha)


@mistake("leaky_relu", "Every negative number becomes alpha. What should become of -3, and of -6?")
def alpha_below_0(Z, alpha=0.01):
    return np.where(Z > 0, Z, alpha)


@mistake("leaky_relu", "Every negative number becomes -alpha. What should become of -3, and of -6?")
def minus_alpha_below_0(Z, alpha=0.01):
    return np.where(Z > 0, Z, -alpha)


@mistake("leaky_relu", "It subtracts alpha from the negative numbers. What does alpha z mean?")
def alpha_subtracted(Z, alpha=0.01):
    return np.where(Z > 0, Z, Z - alpha)


@mistake("leaky_relu", "It always takes 0.01. Where in your line does alpha stand?")
def alpha_ignored(Z, alpha=0.01):
    return np.where(Z > 0, Z, 0.01 * Z)


@mistake("leaky_relu", "It is the plain ReLU: nothing of a negative number is left. Where does alpha stand?")
def plain_relu(Z, alpha=0.01):
    return np.maximum(Z, 0)


@mistake("leaky_relu", "It scales all numbers: that is a straight line. What should become of 3?")
def alpha_everywhere(Z, alpha=0.01):
    return alpha * Z


@mistake("leaky_relu", "It takes the larger of z and alpha z. For alpha above 1 that is the wrong one: what does the "
         "definition look at?")  # fmt: skip
def larger_of_the_two(Z, alpha=0.01):
    return np.maximum(alpha * Z, Z)


@mistake("leaky_relu", "It takes the smaller of z and alpha z. Try z = 3 with alpha = 0.1.")
def smaller_of_the_two(Z, alpha=0.01):
    return np.minimum(alpha * Z, Z)


@mistake("leaky_relu", "It adds alpha z everywhere, above 0 too. What should become of 3?")
def relu_plus_alpha_z(Z, alpha=0.01):
    return np.maximum(Z, 0) + alpha * Z


@mistake("leaky_relu", "It returns the slope. What should become of 3 itself?")
def slope_for_value(Z, alpha=0.01):
    return slope_of(Z, alpha)


@mistake("leaky_relu", "It bends the negative side with an exponential: that is the ELU. Here it is a straight line.")
def elu(Z, alpha=0.01):
    return np.where(Z > 0, Z, alpha * np.expm1(below_0(Z)))


@mistake("leaky_relu", "It divides by alpha. Should -3 come closer to 0 or get further away?")
def over_alpha(Z, alpha=0.01):
    return np.where(Z > 0, Z, Z / alpha)


@mistake("leaky_relu", "It leaves 0 ... 1 to the wrong side. Where is the kink?")
def kink_at_1(Z, alpha=0.01):
    return np.where(Z > 1, Z, alpha * Z)


@mistake("leaky_relu", "Python's if takes an array as a whole. Which NumPy function chooses number by number?")
def if_of_python(Z, alpha=0.01):
    return Z if Z > 0 else alpha * Z


@mistake("leaky_relu", IN_PLACE)
def leaky_relu_in_place(Z, alpha=0.01):
    Z[Z < 0] = alpha * Z[Z < 0]
    return Z


@mistake("leaky_relu", "Whole numbers go in, and the negative ones lose their fraction: a copy of integers can hold "
         "nothing else. Which function chooses between two arrays?")  # fmt: skip
def copy_of_whole_numbers(Z, alpha=0.01):
    A = Z.copy()
    A[Z < 0] = alpha * Z[Z < 0]
    return A


@mistake("leaky_relu", FLOAT64)
def leaky_relu_in_float64(Z, alpha=0.01):
    return np.where(Z > 0, Z, np.full(Z.shape, alpha) * Z)


@right("leaky_relu")
def times_slope(Z, alpha=0.01):
    return Z * slope_of(Z, alpha)


@right("leaky_relu")
def two_parts(Z, alpha=0.01):
    return np.maximum(Z, 0) + alpha * np.minimum(Z, 0)


@right("leaky_relu")
def two_masks(Z, alpha=0.01):
    return Z * (Z > 0) + alpha * Z * (Z <= 0)


@right("leaky_relu")
def kink_on_the_other_side(Z, alpha=0.01):
    return np.where(Z < 0, alpha * Z, Z)


@right("leaky_relu")
def mask_on_a_new_array(Z, alpha=0.01):
    A = 1.0 * Z
    A[A < 0] *= alpha
    return A


@right("leaky_relu")
def leaky_relu_by_loop(Z, alpha=0.01):
    A = np.zeros(Z.shape, np.result_type(Z, 0.0))
    for place, z in np.ndenumerate(Z):
        A[place] = z if z > 0 else alpha * z
    return A


# --- prelu_backward ---------------------------------------------------------------------------------------------------


def dZ_of(Z, alpha, dA):
    return dA * slope_of(Z, alpha)


def dalpha_of(Z, dA):
    return (dA * below_0(Z)).sum()


@mistake("prelu_backward", "dalpha is still an array. All entries share one alpha: what happens to their parts?")
def dalpha_not_summed(Z, alpha, dA):
    return dZ_of(Z, alpha, dA), dA * below_0(Z)


@mistake("prelu_backward", "dalpha has one number for each unit. Here every unit shares one alpha.")
def dalpha_for_each_unit(Z, alpha, dA):
    return dZ_of(Z, alpha, dA), (dA * below_0(Z)).sum(axis=1, keepdims=True)


@mistake("prelu_backward", "dalpha has one number for each example. All examples share one alpha.")
def dalpha_for_each_example(Z, alpha, dA):
    return dZ_of(Z, alpha, dA), (dA * below_0(Z)).sum(axis=0)


@mistake("prelu_backward", "dalpha is a mean. dA carries the 1/m of the loss already: what is left to do?")
def dalpha_mean(Z, alpha, dA):
    return dZ_of(Z, alpha, dA), (dA * below_0(Z)).mean()


@mistake("prelu_backward", "dalpha has a further 1/m. The 1/m stands in the gradient of the loss, and dA carries it.")
def dalpha_over_m(Z, alpha, dA):
    return dZ_of(Z, alpha, dA), dalpha_of(Z, dA) / Z.shape[1]


@mistake("prelu_backward", "dalpha adds up the positive numbers. For which z does alpha touch phi(z) at all?")
def dalpha_of_the_positive_side(Z, alpha, dA):
    return dZ_of(Z, alpha, dA), (dA * np.maximum(Z, 0)).sum()


@mistake("prelu_backward", "dalpha adds up all of Z. For which z does alpha touch phi(z) at all?")
def dalpha_of_both_sides(Z, alpha, dA):
    return dZ_of(Z, alpha, dA), (dA * Z).sum()


@mistake("prelu_backward", "dalpha does not look at dA. What does the chain rule multiply d phi / d alpha by?")
def dalpha_without_upstream(Z, alpha, dA):
    return dZ_of(Z, alpha, dA), below_0(Z).sum()


@mistake("prelu_backward", "dZ does not look at dA: it is the slope alone. What does the chain rule multiply it by?")
def dZ_without_upstream(Z, alpha, dA):
    return slope_of(Z, alpha), dalpha_of(Z, dA)


@mistake("prelu_backward", "Neither dZ nor dalpha looks at dA. What does the chain rule multiply both by?")
def no_upstream(Z, alpha, dA):
    return slope_of(Z, alpha), below_0(Z).sum()


@mistake("prelu_backward", "dZ is dA unchanged. Which slope lies between A and Z?")
def dZ_without_slope(Z, alpha, dA):
    return dA.copy(), dalpha_of(Z, dA)


@mistake("prelu_backward", "dZ is 0 for negative z: that is the slope of the plain ReLU. What is it here?")
def dZ_of_plain_relu(Z, alpha, dA):
    return dA * (Z > 0), dalpha_of(Z, dA)


@mistake("prelu_backward", "dZ carries alpha everywhere. Which slope belongs to z > 0?")
def dZ_alpha_everywhere(Z, alpha, dA):
    return alpha * dA, dalpha_of(Z, dA)


@mistake("prelu_backward", "The two sides are swapped in dZ. Which slope belongs to z > 0?")
def dZ_sides_swapped(Z, alpha, dA):
    return dA * np.where(Z > 0, alpha, 1), dalpha_of(Z, dA)


@mistake("prelu_backward", "dZ multiplies by phi(z). The chain rule multiplies by its slope.")
def dZ_with_the_value(Z, alpha, dA):
    return dA * np.where(Z > 0, Z, alpha * Z), dalpha_of(Z, dA)


@mistake("prelu_backward", "dZ takes the default slope 0.01. Where does this alpha go in?")
def dZ_with_the_default_alpha(Z, alpha, dA):
    return dZ_of(Z, 0.01, dA), dalpha_of(Z, dA)


@mistake("prelu_backward", "dZ takes the slope 1 at z = 0. Which one does the course take at the kink?")
def dZ_1_at_the_kink(Z, alpha, dA):
    return dA * np.where(Z >= 0, 1, alpha), dalpha_of(Z, dA)


@mistake("prelu_backward", "dZ is 0 at z = 0. Which slope does the course take at the kink?")
def dZ_0_at_the_kink(Z, alpha, dA):
    return dA * ((Z > 0) + alpha * (Z < 0)), dalpha_of(Z, dA)


@mistake("prelu_backward", "dZ looks at the sign of dA. At whose sign does the slope of phi look?")
def slope_at_dA(Z, alpha, dA):
    return dA * slope_of(dA, alpha), dalpha_of(Z, dA)


@mistake("prelu_backward", "dalpha has a factor alpha. What is left of alpha z when it is differentiated by alpha?")
def dalpha_times_alpha(Z, alpha, dA):
    return dZ_of(Z, alpha, dA), alpha * dalpha_of(Z, dA)


@mistake("prelu_backward", "dalpha reads dZ, so the slope comes in a second time. Which upstream belongs to phi(z)?")
def dalpha_from_dZ(Z, alpha, dA):
    dZ = dZ_of(Z, alpha, dA)
    return dZ, (dZ * Z).sum()


@mistake("prelu_backward", "dalpha adds up dA where z is negative, without z. What is d(alpha z) / d alpha?")
def dalpha_without_z(Z, alpha, dA):
    return dZ_of(Z, alpha, dA), dA[Z < 0].sum()


@mistake("prelu_backward", "dalpha has the wrong sign. What is min(-3, 0)?")
def dalpha_with_absolute_values(Z, alpha, dA):
    return dZ_of(Z, alpha, dA), -dalpha_of(Z, dA)


@mistake("prelu_backward", "dalpha multiplies two sums. Which comes first, the product or the sum?")
def product_of_sums(Z, alpha, dA):
    return dZ_of(Z, alpha, dA), dA.sum() * below_0(Z).sum()


@mistake("prelu_backward", "The two results are swapped. Which one comes first in the docstring?")
def results_swapped(Z, alpha, dA):
    return dalpha_of(Z, dA), dZ_of(Z, alpha, dA)


@mistake("prelu_backward", "It returns dZ alone. Which second result is missing?")
def dZ_alone(Z, alpha, dA):
    return dZ_of(Z, alpha, dA)


@mistake("prelu_backward", "The values are right, but it writes into dA: whoever called it loses it. Make a new array.")
def dA_in_place(Z, alpha, dA):
    dalpha = dalpha_of(Z, dA)
    dA[Z <= 0] *= alpha
    return dA, dalpha


@mistake("prelu_backward", "It writes into dA, and dalpha then reads what is left of it. Make a new array for dZ.")
def dA_in_place_too_early(Z, alpha, dA):
    dA[Z <= 0] *= alpha
    return dA, dalpha_of(Z, dA)


@mistake("prelu_backward", "The values are right, but float32 goes in and dZ comes out as float64. Which step makes a "
         "float64 array?")  # fmt: skip
def dZ_in_float64(Z, alpha, dA):
    return dA * np.where(Z > 0, np.ones(Z.shape), alpha), dalpha_of(Z, dA)


@right("prelu_backward")
def by_masks(Z, alpha, dA):
    negative = Z <= 0
    dZ = dA.copy()
    dZ[negative] *= alpha
    return dZ, np.sum(dA[negative] * Z[negative])


@right("prelu_backward")
def by_einsum(Z, alpha, dA):
    return np.where(Z > 0, dA, alpha * dA), np.einsum("ij,ij->", dA, np.where(Z < 0, Z, 0))


@right("prelu_backward")
def by_dot(Z, alpha, dA):
    return [dA * (Z > 0) + alpha * dA * (Z <= 0), float(dA.ravel() @ below_0(Z).ravel())]


@right("prelu_backward")
def prelu_backward_by_loop(Z, alpha, dA):
    dZ, dalpha = np.zeros_like(Z), 0.0
    for place, z in np.ndenumerate(Z):
        dZ[place] = dA[place] * (1 if z > 0 else alpha)
        dalpha += dA[place] * min(z, 0)
    return dZ, dalpha


@right("prelu_backward")
def prelu_backward_through_float64(Z, alpha, dA):
    return dZ_of(Z, alpha, dA), float(np.sum(dA.astype(float) * below_0(Z)))


# --- gelu -------------------------------------------------------------------------------------------------------------


@mistake("gelu", "It is z sigma(1.702 z), which is close to GELU. The exact one has the normal distribution function.")
def quick_gelu(Z):
    return Z * sigmoid_of(1.702 * Z)


@mistake("gelu", "It is z sigma(z), which is called Swish or SiLU. Which function stands beside z here?")
def swish(Z):
    return Z * sigmoid_of(Z)


@mistake("gelu", "It is the form with tanh, which comes later. The exact one has the normal distribution function.")
def gelu_by_tanh(Z):
    return Z / 2 * (1 + np.tanh(math.sqrt(2 / math.pi) * (Z + 0.044715 * Z**3)))


@mistake("gelu", "erf takes z / sqrt 2. In which function is that built in already?")
def erf_of_z(Z):
    return Z * (1 + erf(Z)) / 2


@mistake("gelu", "erf takes z divided by the root of 2, not multiplied. In which function is that built in already?")
def erf_of_root_2_z(Z):
    return Z * (1 + erf(math.sqrt(2) * Z)) / 2


@mistake("gelu", "It takes the density. Which of the two handed-out functions is a probability from 0 to 1?")
def density_for_distribution(Z):
    return Z * normal_pdf(Z)


@mistake("gelu", "Large z come out doubled: 1 + erf runs from 0 to 2. Which factor makes a probability of it?")
def half_forgotten(Z):
    return 2 * Z * normal_cdf(Z)


@mistake("gelu", "Large z come out halved. What is Phi(z) for large z?")
def half_too_much(Z):
    return Z * normal_cdf(Z) / 2


@mistake("gelu", "It takes erf alone: then gelu(-3) is positive. What has to be added before it is a probability?")
def one_forgotten(Z):
    return Z * erf(Z / math.sqrt(2)) / 2


@mistake("gelu", "It takes erf alone, without 1 and 1/2. Which function is a probability from 0 to 1?")
def erf_for_distribution(Z):
    return Z * erf(Z / math.sqrt(2))


@mistake("gelu", NO_DIGITS)
def gelu_by_erf(Z):
    return Z * (1 + erf(Z / math.sqrt(2))) / 2


@mistake("gelu", "It returns the probability alone. What does GELU multiply it by?")
def distribution_alone(Z):
    return normal_cdf(Z)


@mistake("gelu", "It is large where it should be small: it takes the probability above z. Which one lies below?")
def probability_above(Z):
    return Z * normal_cdf(-Z)


@mistake("gelu", "It takes the size of z. What should become of -1?")
def size_of_z(Z):
    return np.abs(Z) * normal_cdf(Z)


@mistake("gelu", "It adds z and the probability. Which operation stands between them in the formula?")
def sum_for_product(Z):
    return Z + normal_cdf(Z)


@mistake("gelu", "It multiplies Z with the mean probability. Every number has a probability of its own.")
def mean_probability(Z):
    return Z * normal_cdf(Z).mean()


@mistake("gelu", "It is the plain ReLU. GELU lets a little of the negative numbers through.")
def gelu_as_relu(Z):
    return np.maximum(Z, 0.0)


@mistake("gelu", "It cuts off the negative results. GELU dips below 0 for negative z.")
def gelu_cut_off(Z):
    return np.maximum(Z, 0) * normal_cdf(Z)


@mistake("gelu", "It returns the slope. GELU itself is z times a probability.")
def slope_of_gelu(Z):
    return normal_cdf(Z) + Z * normal_pdf(Z)


@mistake("gelu", "math.erf takes a single number. Which function of this lab takes a whole array?")
def gelu_by_math(Z):
    return Z * (1 + math.erf(Z / math.sqrt(2))) / 2


@mistake("gelu", IN_PLACE)
def gelu_in_place(Z):
    P = normal_cdf(Z)
    Z *= P.astype(Z.dtype)
    return Z


@mistake("gelu", FLOAT64)
def gelu_in_float64(Z):
    return Z * normal_cdf(Z.astype(np.float64))


@right("gelu")
def distribution_first(Z):
    return np.multiply(normal_cdf(Z), Z)


@right("gelu")
def gelu_by_erfc(Z):
    return Z / 2 * every(math.erfc)(-Z / math.sqrt(2))


@right("gelu")
def gelu_by_loop(Z):
    A = np.zeros(Z.shape, np.result_type(Z, 0.0))
    for place, z in np.ndenumerate(Z):
        A[place] = 0.5 * z * math.erfc(-z / 2**0.5)
    return A


@right("gelu")
def gelu_row_by_row(Z):
    return np.array([row * normal_cdf(row) for row in Z])


@right("gelu")
def gelu_through_float64(Z):
    wide = Z.astype(np.float64)
    return (wide * normal_cdf(wide)).astype(np.result_type(Z, 0.0))


# --- gelu_slope -------------------------------------------------------------------------------------------------------


@mistake("gelu_slope", "It differentiates z only. What does the product rule add?")
def second_term_missing(Z):
    return normal_cdf(Z)


@mistake("gelu_slope", "It differentiates Phi only. What does the product rule add?")
def first_term_missing(Z):
    return Z * normal_pdf(Z)


@mistake("gelu_slope", "It is the density alone. GELU is a product: which rule does that need?")
def density_alone(Z):
    return normal_pdf(Z)


@mistake("gelu_slope", "The second term has no z. Which factor of z Phi(z) stays while Phi is differentiated?")
def z_missing(Z):
    return normal_cdf(Z) + normal_pdf(Z)


@mistake("gelu_slope", "It subtracts the second term. The density is the slope of Phi: which sign has it?")
def second_term_subtracted(Z):
    return normal_cdf(Z) - Z * normal_pdf(Z)


@mistake("gelu_slope", "It multiplies the two slopes. What does the product rule do with a product?")
def product_of_slopes(Z):
    return normal_cdf(Z) * normal_pdf(Z)


@mistake("gelu_slope", "It has z before both terms. What is the slope of z?")
def z_twice(Z):
    return Z * (normal_cdf(Z) + normal_pdf(Z))


@mistake("gelu_slope", "The second term has z^2. How often does z stand before Phi?")
def z_squared(Z):
    return normal_cdf(Z) + Z**2 * normal_pdf(Z)


@mistake("gelu_slope", "The second term takes the slope of the density. The slope of Phi is the density itself.")
def slope_of_the_density(Z):
    return normal_cdf(Z) - Z**2 * normal_pdf(Z)


@mistake("gelu_slope", "The density lacks its factor 1 / sqrt(2 pi). Which handed-out function has it?")
def density_without_factor(Z):
    return normal_cdf(Z) + Z * np.exp(-(Z**2) / 2)


@mistake("gelu_slope", "The density lacks the 1/2 in its exponent. Which handed-out function has it?")
def density_without_half(Z):
    return normal_cdf(Z) + Z * np.exp(-(Z**2)) / math.sqrt(2 * math.pi)


@mistake("gelu_slope", "The density is divided by 2 pi. Which handed-out function has the right factor?")
def density_without_root(Z):
    return normal_cdf(Z) + Z * np.exp(-(Z**2) / 2) / (2 * math.pi)


@mistake("gelu_slope", "The two functions are swapped. Which one is the slope of the other?")
def functions_swapped(Z):
    return normal_pdf(Z) + Z * normal_cdf(Z)


@mistake("gelu_slope", "It returns GELU itself. Its slope is asked for.")
def gelu_for_slope(Z):
    return Z * normal_cdf(Z)


@mistake("gelu_slope", "It is the slope of z sigma(1.702 z), which is only close. Differentiate z Phi(z).")
def slope_of_quick_gelu(Z):
    s = sigmoid_of(1.702 * Z)
    return s + 1.702 * Z * s * (1 - s)


@mistake("gelu_slope", "It is the slope of the form with tanh, which is only close. Differentiate z Phi(z).")
def slope_of_gelu_by_tanh(Z):
    return gelu_tanh_slope(Z)


@mistake("gelu_slope", "It is the slope of ReLU. GELU has no kink.")
def slope_of_relu(Z):
    return (Z > 0).astype(np.result_type(Z, 0.0))


@mistake("gelu_slope", "It is a difference quotient, and that gives half of the digits away. Which formula is exact?")
def gelu_slope_by_differences(Z, h=1e-5):
    def gelu(Z):
        return Z * normal_cdf(Z)

    return (gelu(Z + h) - gelu(Z - h)) / (2 * h)


@mistake("gelu_slope", NO_DIGITS)
def gelu_slope_by_erf(Z):
    return (1 + erf(Z / math.sqrt(2))) / 2 + Z * normal_pdf(Z)


@mistake("gelu_slope", IN_PLACE)
def gelu_slope_in_place(Z):
    P, p = normal_cdf(Z), normal_pdf(Z)
    Z *= p.astype(Z.dtype)
    return Z + P


@mistake("gelu_slope", FLOAT64)
def gelu_slope_in_float64(Z):
    wide = Z.astype(np.float64)
    return normal_cdf(wide) + wide * normal_pdf(wide)


@right("gelu_slope")
def second_term_first(Z):
    return np.multiply(Z, normal_pdf(Z)) + normal_cdf(Z)


@right("gelu_slope")
def gelu_slope_by_erfc(Z):
    return every(math.erfc)(-Z / math.sqrt(2)) / 2 + Z * np.exp(-Z * Z / 2) / math.sqrt(2 * math.pi)


@right("gelu_slope")
def gelu_slope_by_loop(Z):
    slopes = np.zeros(Z.shape, np.result_type(Z, 0.0))
    for place, z in np.ndenumerate(Z):
        z = float(z)
        slopes[place] = 0.5 * math.erfc(-z / 2**0.5) + z * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return slopes


@right("gelu_slope")
def gelu_slope_column_by_column(Z):
    return np.stack([normal_cdf(z) + z * normal_pdf(z) for z in Z.T], axis=1)


@right("gelu_slope")
def gelu_slope_through_float64(Z):
    return gelu_slope_in_float64(Z).astype(np.result_type(Z, 0.0))


# --- gelu_tanh --------------------------------------------------------------------------------------------------------

ROOT = math.sqrt(2 / math.pi)
C = 0.044715


@mistake("gelu_tanh", "There is no cube in it. Which small term stands beside z?")
def cube_missing(Z):
    return Z / 2 * (1 + np.tanh(ROOT * Z))


@mistake("gelu_tanh", "The cube has no factor before it. Which small number is that?")
def constant_missing(Z):
    return Z / 2 * (1 + np.tanh(ROOT * (Z + Z**3)))


@mistake("gelu_tanh", "It has z^2 where the formula has another power. Should -1 and 1 give the same there?")
def square_for_cube(Z):
    return Z / 2 * (1 + np.tanh(ROOT * (Z + C * Z**2)))


@mistake("gelu_tanh", "The constant is ten times too large. Count the zeros after the point.")
def constant_tenfold(Z):
    return Z / 2 * (1 + np.tanh(ROOT * (Z + 10 * C * Z**3)))


@mistake("gelu_tanh", "The constant stands inside the cube. What is raised to the power 3?")
def constant_cubed(Z):
    return Z / 2 * (1 + np.tanh(ROOT * (Z + (C * Z) ** 3)))


@mistake("gelu_tanh", "The cube is subtracted. Which sign has it in the formula?")
def cube_subtracted(Z):
    return Z / 2 * (1 + np.tanh(ROOT * (Z - C * Z**3)))


@mistake("gelu_tanh", "The root multiplies z only. Where do the brackets stand?")
def root_before_z_only(Z):
    return Z / 2 * (1 + np.tanh(ROOT * Z + C * Z**3))


@mistake("gelu_tanh", "The root stands outside of tanh. Where do the brackets stand?")
def root_outside_tanh(Z):
    return Z / 2 * (1 + ROOT * np.tanh(Z + C * Z**3))


@mistake("gelu_tanh", "The root is missing. What stands before the bracket inside tanh?")
def root_missing(Z):
    return Z / 2 * (1 + np.tanh(Z + C * Z**3))


@mistake("gelu_tanh", "It has 2 / pi without the root. What stands before the bracket inside tanh?")
def root_not_taken(Z):
    return Z / 2 * (1 + np.tanh(2 / math.pi * (Z + C * Z**3)))


@mistake("gelu_tanh", "The root takes pi / 2. Which of the two numbers is above the line?")
def root_upside_down(Z):
    return Z / 2 * (1 + np.tanh(math.sqrt(math.pi / 2) * (Z + C * Z**3)))


@mistake("gelu_tanh", "Only 2 stands under the root. What else belongs there?")
def root_of_2_over_pi(Z):
    return Z / 2 * (1 + np.tanh(math.sqrt(2) / math.pi * (Z + C * Z**3)))


@mistake("gelu_tanh", "Large z come out doubled: 1 + tanh runs from 0 to 2. Which factor is missing?")
def gelu_tanh_half_forgotten(Z):
    return Z * (1 + np.tanh(ROOT * (Z + C * Z**3)))


@mistake("gelu_tanh", "The 1 is missing: then negative z give positive results. What is added to tanh?")
def gelu_tanh_one_forgotten(Z):
    return Z / 2 * np.tanh(ROOT * (Z + C * Z**3))


@mistake("gelu_tanh", "The brackets around 1 + tanh are missing. What does z / 2 multiply?")
def gelu_tanh_brackets_missing(Z):
    return Z / 2 * 1 + np.tanh(ROOT * (Z + C * Z**3))


@mistake("gelu_tanh", "It subtracts tanh from 1. It should be large for large z.")
def tanh_subtracted(Z):
    return Z / 2 * (1 - np.tanh(ROOT * (Z + C * Z**3)))


@mistake("gelu_tanh", "The factor z is missing. What should become of 100?")
def gelu_tanh_z_missing(Z):
    return (1 + np.tanh(ROOT * (Z + C * Z**3))) / 2


@mistake("gelu_tanh", "It takes sigma where the formula has tanh, with the same argument. Are the two the same curve?")
def sigmoid_for_tanh(Z):
    return Z * sigmoid_of(ROOT * (Z + C * Z**3))


@mistake("gelu_tanh", "It is z sigma(1.702 z). That is another approximation: where is tanh?")
def quick_gelu_for_tanh(Z):
    return Z * sigmoid_of(1.702 * Z)


@mistake("gelu_tanh", "It is the exact GELU. Here its approximation is asked for: where is tanh?")
def exact_gelu(Z):
    return Z * normal_cdf(Z)


@mistake("gelu_tanh", "It returns the slope. The value is asked for.")
def gelu_tanh_slope_for_value(Z):
    return gelu_tanh_slope(Z)


@mistake("gelu_tanh", "It makes tanh of two exponentials, and for z = 100 they overflow. Which function of NumPy knows "
         "better?")  # fmt: skip
def tanh_by_hand(Z):
    U = ROOT * (Z + C * Z**3)
    return Z / 2 * (1 + (np.exp(U) - np.exp(-U)) / (np.exp(U) + np.exp(-U)))


@mistake("gelu_tanh", IN_PLACE)
def gelu_tanh_in_place(Z):
    T = np.tanh(ROOT * (Z + C * Z**3))
    Z *= ((1 + T) / 2).astype(Z.dtype)
    return Z


@mistake("gelu_tanh", "The values are right, but float32 goes in and float64 comes out: np.sqrt of a number is a "
         "float64 of NumPy. Which sqrt gives a plain number?")  # fmt: skip
def gelu_tanh_in_float64(Z):
    return Z / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (Z + 0.044715 * Z**3)))


@right("gelu_tanh")
def half_first(Z):
    return 0.5 * Z * (1.0 + np.tanh(math.sqrt(2.0 / math.pi) * (Z + 0.044715 * Z * Z * Z)))


@right("gelu_tanh")
def by_factored_cube(Z):
    return (Z + Z * np.tanh(ROOT * Z * (1 + C * Z**2))) / 2


@right("gelu_tanh")
def by_sigmoid_of_twice(Z):
    return Z * sigmoid_of(2 * ROOT * (Z + C * Z**3))


@right("gelu_tanh")
def gelu_tanh_by_power(Z):
    return Z / 2 * (1 + np.tanh(float(np.sqrt(2 / np.pi)) * (Z + C * np.power(Z, 3))))


@right("gelu_tanh")
def gelu_tanh_by_loop(Z):
    A = np.zeros(Z.shape, np.result_type(Z, 0.0))
    for place, z in np.ndenumerate(Z):
        z = float(z)
        A[place] = z / 2 * (1 + math.tanh(ROOT * (z + C * z**3)))
    return A


@right("gelu_tanh")
def gelu_tanh_through_float64(Z):
    return gelu_tanh_in_float64(Z).astype(np.result_type(Z, 0.0))
