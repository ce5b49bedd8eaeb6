"""Lab 05: wrong and right versions of momentum_step, rmsprop_step, adam_step and warmup_cosine."""

from math import cos, pi, sin, sqrt

import numpy as np

from gradekit.bank import mistake, right

IN_PLACE = "The values are right, but it writes into its input: whoever called it loses it. Make a new array."
FLOAT64 = "The values are right, but float32 goes in and float64 comes out. Which step makes another dtype?"
SIGN = "It adds the step. Which way does the loss fall, along the gradient or against it?"
ORDER = "The values are right, in another order. In which order does the docstring return them?"

# --- momentum_step ----------------------------------------------------------------------------------------------------


@mistake(
    "momentum_step", "It weights the gradient with 1 - mu. That is the other convention: what is added to mu v here?"
)
def averaged(theta, g, v, eta, mu=0.9):
    v = mu * v + (1 - mu) * g
    return theta - eta * v, v


@mistake("momentum_step", "The learning rate is inside the velocity. When eta falls later, old steps keep the old one: "
         "where does eta stand in the formula?")  # fmt: skip
def eta_in_the_velocity(theta, g, v, eta, mu=0.9):
    v = mu * v + eta * g
    return theta - v, v


@mistake("momentum_step", "The velocity holds minus eta times the gradients, as some libraries have it. Here v is "
         "built from gradients alone.")  # fmt: skip
def velocity_as_a_step(theta, g, v, eta, mu=0.9):
    v = mu * v - eta * g
    return theta + v, v


@mistake(
    "momentum_step", "The learning rate is used twice, in the velocity and in the step. How often does the formula?"
)
def eta_twice(theta, g, v, eta, mu=0.9):
    v = mu * v + eta * g
    return theta - eta * v, v


@mistake("momentum_step", "The step uses the velocity from before. Which of the two lines of the formula comes first?")
def old_velocity(theta, g, v, eta, mu=0.9):
    return theta - eta * v, mu * v + g


@mistake("momentum_step", "It returns the velocity that it was given. What does the next step need?")
def velocity_not_returned(theta, g, v, eta, mu=0.9):
    return theta - eta * (mu * v + g), v


@mistake("momentum_step", "The velocity starts anew at every step. Where does the v of the step before enter?")
def velocity_forgotten(theta, g, v, eta, mu=0.9):
    return theta - eta * g, g


@mistake("momentum_step", "theta moves along g alone, as in plain descent. Which quantity does the formula step along?")
def step_along_the_gradient(theta, g, v, eta, mu=0.9):
    return theta - eta * g, mu * v + g


@mistake("momentum_step", "It is plain descent, and v comes back unchanged. What becomes of v first?")
def plain_descent(theta, g, v, eta, mu=0.9):
    return theta - eta * g, v


@mistake("momentum_step", SIGN)
def momentum_uphill(theta, g, v, eta, mu=0.9):
    v = mu * v + g
    return theta + eta * v, v


@mistake("momentum_step", "The gradient is subtracted in the velocity. One minus sign is enough: in which line is it?")
def gradient_subtracted(theta, g, v, eta, mu=0.9):
    v = mu * v - g
    return theta - eta * v, v


@mistake("momentum_step", "The velocity holds gradients with a minus sign. Which sign has g in the first line?")
def velocity_downhill(theta, g, v, eta, mu=0.9):
    v = mu * v - g
    return theta + eta * v, v


@mistake("momentum_step", "mu stands at the gradient. Which of the two should fade, the past or the present?")
def mu_at_the_gradient(theta, g, v, eta, mu=0.9):
    v = v + mu * g
    return theta - eta * v, v


@mistake("momentum_step", "mu multiplies the velocity and the gradient. Which of the two should fade?")
def mu_at_both(theta, g, v, eta, mu=0.9):
    v = mu * (v + g)
    return theta - eta * v, v


@mistake(
    "momentum_step", "Past and present have changed weights: with mu near 1 it forgets at once. What does mu keep?"
)
def weights_swapped(theta, g, v, eta, mu=0.9):
    v = (1 - mu) * v + mu * g
    return theta - eta * v, v


@mistake("momentum_step", "Nothing ever fades from the velocity. Where does mu enter?")
def no_fading(theta, g, v, eta, mu=0.9):
    v = v + g
    return theta - eta * v, v


@mistake("momentum_step", "It looks one step ahead: that is Nesterov's momentum. Here theta moves along v itself.")
def nesterov(theta, g, v, eta, mu=0.9):
    v = mu * v + g
    return theta - eta * (mu * v + g), v


@mistake("momentum_step", "Only the gradient is multiplied by eta in the step, the old velocity is not. "
         "What does eta multiply?")  # fmt: skip
def eta_at_the_gradient_only(theta, g, v, eta, mu=0.9):
    return theta - (mu * v + eta * g), mu * v + g


@mistake("momentum_step", "It returns the step, eta times v, as its state. Which quantity does the next step continue?")
def step_as_state(theta, g, v, eta, mu=0.9):
    v = mu * v + g
    return theta - eta * v, eta * v


@mistake("momentum_step", "eta and mu have changed places. Which one fades the past, which one scales the step?")
def eta_and_mu_swapped(theta, g, v, eta, mu=0.9):
    v = eta * v + g
    return theta - mu * v, v


@mistake("momentum_step", "It uses 0.9 whatever mu is. Does mu stand in your formula?")
def mu_fixed(theta, g, v, eta, mu=0.9):
    v = 0.9 * v + g
    return theta - eta * v, v


@mistake("momentum_step", ORDER)
def velocity_first(theta, g, v, eta, mu=0.9):
    v = mu * v + g
    return v, theta - eta * v


@mistake("momentum_step", "Only theta comes back. Without the velocity, what can the next step start from?")
def velocity_lost(theta, g, v, eta, mu=0.9):
    return theta - eta * (mu * v + g)


@mistake("momentum_step", IN_PLACE)
def momentum_in_place(theta, g, v, eta, mu=0.9):
    v *= mu
    v += g
    theta -= eta * v
    return theta, v


@mistake("momentum_step", FLOAT64)
def momentum_in_float64(theta, g, v, eta, mu=0.9):
    v = mu * v.astype(np.float64) + g
    return theta - eta * v, v


@right("momentum_step")
def momentum_in_two_parts(theta, g, v, eta, mu=0.9):
    return theta - eta * g - eta * mu * v, g + mu * v


@right("momentum_step")
def momentum_on_copies(theta, g, v, eta, mu=0.9):
    theta, v = theta.copy(), v.copy()
    v *= mu
    v += g
    theta -= eta * v
    return theta, v


@right("momentum_step")
def momentum_entry_by_entry(theta, g, v, eta, mu=0.9):
    stepped, kept = np.empty_like(theta), np.empty_like(v)
    for i in np.ndindex(theta.shape):
        kept[i] = mu * v[i] + g[i]
        stepped[i] = theta[i] - eta * kept[i]
    return [stepped, kept]


@right("momentum_step")
def momentum_by_ufuncs(theta, g, v, eta, mu=0.9):
    new = np.add(np.multiply(v, mu), g)
    return np.subtract(theta, np.multiply(new, eta)), new


@right("momentum_step")
def momentum_through_float64(theta, g, v, eta, mu=0.9):
    new = mu * v.astype(np.float64) + g.astype(np.float64)
    return (theta - eta * new).astype(theta.dtype), new.astype(v.dtype)


# --- rmsprop_step -----------------------------------------------------------------------------------------------------

INSIDE = "Epsilon stands inside the root. With an s near 0 the two differ by far: what does the formula add it to?"
NO_EPSILON = "Epsilon is missing: where a gradient has always been 0, 0 is divided by 0. What does the denominator add?"
ONE_FOR_ALL = "It keeps one number for the whole array. What does an entry with small gradients need?"


def mean_square(g, s, rho):
    return rho * s + (1 - rho) * g**2


@mistake("rmsprop_step", INSIDE)
def rms_epsilon_inside(theta, g, s, eta, rho=0.9, eps=1e-8):
    s = mean_square(g, s, rho)
    return theta - eta * g / np.sqrt(s + eps), s


@mistake("rmsprop_step", "Epsilon stands inside the root, squared. What does the formula add it to?")
def rms_squared_epsilon_inside(theta, g, s, eta, rho=0.9, eps=1e-8):
    s = mean_square(g, s, rho)
    return theta - eta * g / np.sqrt(s + eps**2), s


@mistake("rmsprop_step", NO_EPSILON)
def rms_no_epsilon(theta, g, s, eta, rho=0.9, eps=1e-8):
    s = mean_square(g, s, rho)
    return theta - eta * g / np.sqrt(s), s


@mistake("rmsprop_step", "Epsilon is added to theta: a division binds stronger than a sum. Which bracket is missing?")
def rms_bracket_missing(theta, g, s, eta, rho=0.9, eps=1e-8):
    s = mean_square(g, s, rho)
    return theta - eta * g / np.sqrt(s) + eps, s


@mistake("rmsprop_step", "The larger of root and epsilon divides the gradient. What does the formula do with the two?")
def rms_epsilon_as_a_floor(theta, g, s, eta, rho=0.9, eps=1e-8):
    s = mean_square(g, s, rho)
    return theta - eta * g / np.maximum(np.sqrt(s), eps), s


@mistake("rmsprop_step", "Epsilon is added to the state that comes back. Where is it only needed?")
def rms_epsilon_in_the_state(theta, g, s, eta, rho=0.9, eps=1e-8):
    s = mean_square(g, s, rho) + eps
    return theta - eta * g / np.sqrt(s), s


@mistake("rmsprop_step", "It divides by the mean square. Which unit has g, which one has s?")
def rms_no_root(theta, g, s, eta, rho=0.9, eps=1e-8):
    s = mean_square(g, s, rho)
    return theta - eta * g / (s + eps), s


@mistake("rmsprop_step", "It averages the gradients themselves. What is averaged before the root?")
def rms_of_the_gradient(theta, g, s, eta, rho=0.9, eps=1e-8):
    s = rho * s + (1 - rho) * g
    return theta - eta * g / (np.sqrt(s) + eps), s


@mistake("rmsprop_step", "It averages absolute values. How does the formula make a gradient positive?")
def rms_of_absolute_values(theta, g, s, eta, rho=0.9, eps=1e-8):
    s = rho * s + (1 - rho) * np.abs(g)
    return theta - eta * g / (np.sqrt(s) + eps), s


@mistake("rmsprop_step", "It averages absolute values and takes no root. What is averaged, and what undoes it?")
def rms_mean_absolute(theta, g, s, eta, rho=0.9, eps=1e-8):
    s = rho * s + (1 - rho) * np.abs(g)
    return theta - eta * g / (s + eps), s


@mistake("rmsprop_step", "It squares the weighted gradient, weight and all. What is squared, what stands before it?")
def rms_weight_squared(theta, g, s, eta, rho=0.9, eps=1e-8):
    s = rho * s + ((1 - rho) * g) ** 2
    return theta - eta * g / (np.sqrt(s) + eps), s


@mistake(
    "rmsprop_step", "Past and present have changed weights: with rho near 1 it forgets at once. What does rho keep?"
)
def rms_weights_swapped(theta, g, s, eta, rho=0.9, eps=1e-8):
    s = (1 - rho) * s + rho * g**2
    return theta - eta * g / (np.sqrt(s) + eps), s


@mistake("rmsprop_step", "It divides by the state from before. Which of the two lines of the formula comes first?")
def rms_old_state(theta, g, s, eta, rho=0.9, eps=1e-8):
    return theta - eta * g / (np.sqrt(s) + eps), mean_square(g, s, rho)


@mistake("rmsprop_step", "It returns the state that it was given. What does the next step need?")
def rms_state_not_returned(theta, g, s, eta, rho=0.9, eps=1e-8):
    return theta - eta * g / (np.sqrt(mean_square(g, s, rho)) + eps), s


@mistake("rmsprop_step", "The average starts anew at every step. Where does the s of the step before enter?")
def rms_state_forgotten(theta, g, s, eta, rho=0.9, eps=1e-8):
    s = (1 - rho) * g**2
    return theta - eta * g / (np.sqrt(s) + eps), s


@mistake("rmsprop_step", "The learning rate is inside the state. When eta falls later, what should s remember?")
def rms_eta_in_the_state(theta, g, s, eta, rho=0.9, eps=1e-8):
    s = rho * s + (1 - rho) * (eta * g) ** 2
    return theta - eta * g / (np.sqrt(s) + eps), s


@mistake(
    "rmsprop_step", "It adds the squares up: that is Adagrad, whose steps only shrink. How does the past fade here?"
)
def rms_adagrad(theta, g, s, eta, rho=0.9, eps=1e-8):
    s = s + g**2
    return theta - eta * g / (np.sqrt(s) + eps), s


@mistake("rmsprop_step", "The new square has weight 1, so s is no average. What must the two weights add up to?")
def rms_no_average(theta, g, s, eta, rho=0.9, eps=1e-8):
    s = rho * s + g**2
    return theta - eta * g / (np.sqrt(s) + eps), s


@mistake("rmsprop_step", "The state of before does not fade. What must the two weights add up to?")
def rms_no_fading(theta, g, s, eta, rho=0.9, eps=1e-8):
    s = s + (1 - rho) * g**2
    return theta - eta * g / (np.sqrt(s) + eps), s


@mistake("rmsprop_step", SIGN)
def rms_uphill(theta, g, s, eta, rho=0.9, eps=1e-8):
    s = mean_square(g, s, rho)
    return theta + eta * g / (np.sqrt(s) + eps), s


@mistake("rmsprop_step", "The gradient is missing in the step: every entry moves down. What tells it the direction?")
def rms_no_gradient(theta, g, s, eta, rho=0.9, eps=1e-8):
    s = mean_square(g, s, rho)
    return theta - eta / (np.sqrt(s) + eps), s


@mistake(
    "rmsprop_step", "It multiplies by the root. Should an entry with large gradients make larger or smaller steps?"
)
def rms_multiplied(theta, g, s, eta, rho=0.9, eps=1e-8):
    s = mean_square(g, s, rho)
    return theta - eta * g * (np.sqrt(s) + eps), s


@mistake("rmsprop_step", "The step is plain descent. What is the gradient divided by?")
def rms_plain_descent(theta, g, s, eta, rho=0.9, eps=1e-8):
    return theta - eta * g, mean_square(g, s, rho)


@mistake("rmsprop_step", "It returns the root as its state. Which quantity does the next step average?")
def rms_root_as_state(theta, g, s, eta, rho=0.9, eps=1e-8):
    root = np.sqrt(mean_square(g, s, rho))
    return theta - eta * g / (root + eps), root


@mistake("rmsprop_step", ONE_FOR_ALL)
def rms_mean_over_entries(theta, g, s, eta, rho=0.9, eps=1e-8):
    s = rho * s + (1 - rho) * (g**2).mean()
    return theta - eta * g / (np.sqrt(s) + eps), s


@mistake("rmsprop_step", "It squares the length of the whole gradient. What does an entry with small gradients need?")
def rms_of_the_length(theta, g, s, eta, rho=0.9, eps=1e-8):
    s = rho * s + (1 - rho) * (g**2).sum()
    return theta - eta * g / (np.sqrt(s) + eps), s


@mistake("rmsprop_step", "It uses 0.9 whatever rho is. Does rho stand in your formula?")
def rho_fixed(theta, g, s, eta, rho=0.9, eps=1e-8):
    s = mean_square(g, s, 0.9)
    return theta - eta * g / (np.sqrt(s) + eps), s


@mistake("rmsprop_step", "It uses 1e-8 whatever eps is. Does eps stand in your formula?")
def rms_epsilon_fixed(theta, g, s, eta, rho=0.9, eps=1e-8):
    s = mean_square(g, s, rho)
    return theta - eta * g / (np.sqrt(s) + 1e-8), s


@mistake("rmsprop_step", ORDER)
def rms_state_first(theta, g, s, eta, rho=0.9, eps=1e-8):
    s = mean_square(g, s, rho)
    return s, theta - eta * g / (np.sqrt(s) + eps)


@mistake("rmsprop_step", "Only theta comes back. Without the state, what can the next step start from?")
def rms_state_lost(theta, g, s, eta, rho=0.9, eps=1e-8):
    return theta - eta * g / (np.sqrt(mean_square(g, s, rho)) + eps)


@mistake("rmsprop_step", IN_PLACE)
def rms_in_place(theta, g, s, eta, rho=0.9, eps=1e-8):
    s *= rho
    s += (1 - rho) * g**2
    theta -= eta * g / (np.sqrt(s) + eps)
    return theta, s


@mistake("rmsprop_step", FLOAT64)
def rms_in_float64(theta, g, s, eta, rho=0.9, eps=1e-8):
    s = mean_square(g.astype(np.float64), s, rho)
    return theta - eta * g / (np.sqrt(s) + eps), s


@right("rmsprop_step")
def rms_by_difference(theta, g, s, eta, rho=0.9, eps=1e-8):
    new = s + (1 - rho) * (g * g - s)
    return theta - eta * (g / (new**0.5 + eps)), new


@right("rmsprop_step")
def rms_on_copies(theta, g, s, eta, rho=0.9, eps=1e-8):
    theta, s = theta.copy(), s.copy()
    s *= rho
    s += (1 - rho) * np.square(g)
    theta -= eta * g / (np.sqrt(s) + eps)
    return theta, s


@right("rmsprop_step")
def rms_entry_by_entry(theta, g, s, eta, rho=0.9, eps=1e-8):
    stepped, kept = np.empty_like(theta), np.empty_like(s)
    for i in np.ndindex(theta.shape):
        kept[i] = rho * s[i] + (1 - rho) * g[i] * g[i]
        stepped[i] = theta[i] - eta * g[i] / (sqrt(kept[i]) + eps)
    return stepped, kept


@right("rmsprop_step")
def rms_as_a_rate_for_each_entry(theta, g, s, eta, rho=0.9, eps=1e-8):
    new = np.einsum("...,...->...", g, g) * (1 - rho) + rho * s
    rate = eta / (eps + np.sqrt(new))
    return [theta - rate * g, new]


@right("rmsprop_step")
def rms_through_float64(theta, g, s, eta, rho=0.9, eps=1e-8):
    new = mean_square(g.astype(np.float64), s.astype(np.float64), rho)
    return (theta - eta * g / (np.sqrt(new) + eps)).astype(theta.dtype), new.astype(s.dtype)


# --- adam_step --------------------------------------------------------------------------------------------------------

FIRST_STEP = "What are m and v in the first step, compared with g and its square?"


def averages(g, m, v, beta1, beta2):
    return beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2


def stepped(theta, m, v, eta, eps, first=1.0, second=1.0):
    """The step, where `first` and `second` correct m and v."""
    return theta - eta * (m / first) / (np.sqrt(v / second) + eps)


@mistake("adam_step", f"The bias correction is missing, of m and of v. {FIRST_STEP}")
def no_correction(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    return stepped(theta, m, v, eta, eps), m, v


@mistake("adam_step", f"Only m is corrected. {FIRST_STEP}")
def only_m_corrected(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    return stepped(theta, m, v, eta, eps, 1 - beta1**t), m, v


@mistake("adam_step", f"Only v is corrected. {FIRST_STEP}")
def only_v_corrected(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    return stepped(theta, m, v, eta, eps, 1, 1 - beta2**t), m, v


@mistake("adam_step", "The correction counts one step too few: at t = 1 it divides by 0. Which t is the first?")
def counts_from_0(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    return stepped(theta, m, v, eta, eps, 1 - beta1 ** (t - 1), 1 - beta2 ** (t - 1)), m, v


@mistake("adam_step", "The correction counts one step too many. t is 1 in the first step already.")
def counts_from_2(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    return stepped(theta, m, v, eta, eps, 1 - beta1 ** (t + 1), 1 - beta2 ** (t + 1)), m, v


@mistake("adam_step", "Every step is corrected like the first one. Where does t enter?")
def t_ignored(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    return stepped(theta, m, v, eta, eps, 1 - beta1, 1 - beta2), m, v


@mistake(
    "adam_step", "The correction has beta times t. How does a weight fade that is multiplied by beta at each step?"
)
def beta_times_t(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    return stepped(theta, m, v, eta, eps, 1 - beta1 * t, 1 - beta2 * t), m, v


@mistake("adam_step", "The power is taken of 1 - beta. What does the formula raise to the t, and what is subtracted?")
def power_of_the_difference(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    return stepped(theta, m, v, eta, eps, (1 - beta1) ** t, (1 - beta2) ** t), m, v


@mistake(
    "adam_step", "It divides by beta^t, without the 1 minus. What share of the weights has come together by step t?"
)
def one_minus_missing(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    return stepped(theta, m, v, eta, eps, beta1**t, beta2**t), m, v


@mistake("adam_step", "It multiplies by the correction. m and v are too small at first: what makes them larger?")
def correction_multiplied(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    return theta - eta * m * (1 - beta1**t) / (np.sqrt(v * (1 - beta2**t)) + eps), m, v


@mistake("adam_step", "The corrections have changed betas. Which beta built m, which one v?")
def corrections_swapped(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    return stepped(theta, m, v, eta, eps, 1 - beta2**t, 1 - beta1**t), m, v


@mistake("adam_step", "Both corrections use beta1. Which beta built v?")
def corrected_by_beta1(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    return stepped(theta, m, v, eta, eps, 1 - beta1**t, 1 - beta1**t), m, v


@mistake("adam_step", "Both corrections use beta2. Which beta built m?")
def corrected_by_beta2(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    return stepped(theta, m, v, eta, eps, 1 - beta2**t, 1 - beta2**t), m, v


@mistake("adam_step", "The corrected values are kept as the state, so the next step corrects them once more. What do m "
         "and v hold between two steps?")  # fmt: skip
def corrected_state(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    m, v = m / (1 - beta1**t), v / (1 - beta2**t)
    return stepped(theta, m, v, eta, eps), m, v


@mistake("adam_step", "beta1 and beta2 have changed places. Which one belongs to the squares?")
def betas_swapped(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta2, beta1)
    return stepped(theta, m, v, eta, eps, 1 - beta2**t, 1 - beta1**t), m, v


@mistake("adam_step", "The averages use each other's beta. Which one belongs to the squares?")
def betas_swapped_in_the_averages(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta2, beta1)
    return stepped(theta, m, v, eta, eps, 1 - beta1**t, 1 - beta2**t), m, v


@mistake("adam_step", "v fades with beta1 throughout. Which beta belongs to the squares?")
def beta1_everywhere(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta1)
    return stepped(theta, m, v, eta, eps, 1 - beta1**t, 1 - beta1**t), m, v


@mistake(
    "adam_step", "Past and present have changed weights: with beta near 1 it forgets at once. What does beta keep?"
)
def adam_weights_swapped(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, 1 - beta1, 1 - beta2)
    return stepped(theta, m, v, eta, eps, 1 - beta1**t, 1 - beta2**t), m, v


@mistake("adam_step", "Epsilon stands inside the root. With a v near 0 the two differ by far: what does the formula "
         "add it to?")  # fmt: skip
def adam_epsilon_inside(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    return theta - eta * (m / (1 - beta1**t)) / np.sqrt(v / (1 - beta2**t) + eps), m, v


@mistake("adam_step", f"The bias correction is missing, and epsilon stands inside the root. {FIRST_STEP}")
def no_correction_epsilon_inside(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    return theta - eta * m / np.sqrt(v + eps), m, v


@mistake("adam_step", f"The bias correction is missing, and m adds with weight 1, as momentum does. {FIRST_STEP}")
def momentum_over_rms(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = beta1 * m + g, beta2 * v + (1 - beta2) * g**2
    return stepped(theta, m, v, eta, eps), m, v


@mistake("adam_step", f"m is squared for v, and the bias correction is missing. {FIRST_STEP}")
def v_of_m_without_correction(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * m**2
    return stepped(theta, m, v, eta, eps), m, v


@mistake("adam_step", "Epsilon is added to the root of v before the correction, and is corrected with it. To which v "
         "does the formula add it?")  # fmt: skip
def epsilon_before_the_correction(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    rate = eta * np.sqrt(1 - beta2**t) / (1 - beta1**t)
    return theta - float(rate) * m / (np.sqrt(v) + eps), m, v


@mistake("adam_step", NO_EPSILON)
def adam_no_epsilon(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    return stepped(theta, m, v, eta, 0, 1 - beta1**t, 1 - beta2**t), m, v


@mistake("adam_step", "Epsilon is added to theta: a division binds stronger than a sum. Which bracket is missing?")
def adam_bracket_missing(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    return stepped(theta, m, v, eta, 0, 1 - beta1**t, 1 - beta2**t) + eps, m, v


@mistake("adam_step", "v averages the gradients themselves. What is averaged before the root?")
def v_of_the_gradient(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g
    return stepped(theta, m, v, eta, eps, 1 - beta1**t, 1 - beta2**t), m, v


@mistake("adam_step", "v averages absolute values. How does the formula make a gradient positive?")
def v_of_absolute_values(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * np.abs(g)
    return stepped(theta, m, v, eta, eps, 1 - beta1**t, 1 - beta2**t), m, v


@mistake("adam_step", "v averages the squares of m. Of which quantity is it the mean square?")
def v_of_m(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * m**2
    return stepped(theta, m, v, eta, eps, 1 - beta1**t, 1 - beta2**t), m, v


@mistake("adam_step", "It squares the weighted gradient, weight and all. What is squared, what stands before it?")
def v_weight_squared(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + ((1 - beta2) * g) ** 2
    return stepped(theta, m, v, eta, eps, 1 - beta1**t, 1 - beta2**t), m, v


@mistake("adam_step", "It divides by the mean square itself. Which unit has m, which one has v?")
def adam_no_root(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    return theta - eta * (m / (1 - beta1**t)) / (v / (1 - beta2**t) + eps), m, v


@mistake("adam_step", "It takes the root of v before the correction. Which comes first?")
def root_before_the_correction(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    return theta - eta * (m / (1 - beta1**t)) / (np.sqrt(v) / (1 - beta2**t) + eps), m, v


@mistake("adam_step", "The learning rate is inside m. When eta falls later, what should m remember?")
def eta_in_m(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = beta1 * m + (1 - beta1) * eta * g, beta2 * v + (1 - beta2) * g**2
    return stepped(theta, m, v, 1, eps, 1 - beta1**t, 1 - beta2**t), m, v


@mistake("adam_step", "m adds the gradient with weight 1, as momentum does. What must the two weights add up to?")
def m_as_momentum(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = beta1 * m + g, beta2 * v + (1 - beta2) * g**2
    return stepped(theta, m, v, eta, eps, 1 - beta1**t, 1 - beta2**t), m, v


@mistake("adam_step", "v adds the square with weight 1. What must the two weights add up to?")
def v_as_a_sum(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + g**2
    return stepped(theta, m, v, eta, eps, 1 - beta1**t, 1 - beta2**t), m, v


@mistake("adam_step", "m and v both add with weight 1, so they are no averages. What must the two weights add up to?")
def sums_for_averages(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = beta1 * m + g, beta2 * v + g**2
    return stepped(theta, m, v, eta, eps, 1 - beta1**t, 1 - beta2**t), m, v


@mistake("adam_step", "The step uses m and v from before. What comes first, the averages or the step?")
def adam_old_state(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    return stepped(theta, m, v, eta, eps, 1 - beta1**t, 1 - beta2**t), *averages(g, m, v, beta1, beta2)


@mistake("adam_step", "It returns the m and v that it was given. What does the next step need?")
def adam_state_not_returned(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    new_m, new_v = averages(g, m, v, beta1, beta2)
    return stepped(theta, new_m, new_v, eta, eps, 1 - beta1**t, 1 - beta2**t), m, v


@mistake("adam_step", "The averages start anew at every step. Where do the m and v of the step before enter?")
def adam_state_forgotten(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, 0, 0, beta1, beta2)
    return stepped(theta, m, v, eta, eps, 1 - beta1**t, 1 - beta2**t), m, v


@mistake("adam_step", "The step goes along g, not along the average. What is m for?")
def step_along_g(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    return stepped(theta, g, v, eta, eps, 1, 1 - beta2**t), m, v


@mistake("adam_step", "The step is not divided by the root of v. How far should an entry with small gradients move?")
def m_alone(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    return theta - eta * m / (1 - beta1**t), m, v


@mistake("adam_step", SIGN)
def adam_uphill(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    return stepped(theta, m, v, -eta, eps, 1 - beta1**t, 1 - beta2**t), m, v


@mistake("adam_step", ONE_FOR_ALL)
def v_of_all_entries(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * (g**2).sum()
    return stepped(theta, m, v, eta, eps, 1 - beta1**t, 1 - beta2**t), m, v


@mistake("adam_step", "It uses 0.9 and 0.999 whatever beta1 and beta2 are. Do both stand in your formula?")
def betas_fixed(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, 0.9, 0.999)
    return stepped(theta, m, v, eta, eps, 1 - 0.9**t, 1 - 0.999**t), m, v


@mistake("adam_step", "It uses 1e-8 whatever eps is. Does eps stand in your formula?")
def adam_epsilon_fixed(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    return stepped(theta, m, v, eta, 1e-8, 1 - beta1**t, 1 - beta2**t), m, v


@mistake("adam_step", "v comes back before m. In which order does the docstring return them?")
def v_before_m(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    return stepped(theta, m, v, eta, eps, 1 - beta1**t, 1 - beta2**t), v, m


@mistake("adam_step", ORDER)
def theta_last(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    return m, v, stepped(theta, m, v, eta, eps, 1 - beta1**t, 1 - beta2**t)


@mistake("adam_step", "Only theta comes back. Without m and v, what can the next step start from?")
def adam_state_lost(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    return stepped(theta, *averages(g, m, v, beta1, beta2), eta, eps, 1 - beta1**t, 1 - beta2**t)


@mistake("adam_step", IN_PLACE)
def adam_in_place(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m *= beta1
    m += (1 - beta1) * g
    v *= beta2
    v += (1 - beta2) * g**2
    theta -= eta * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return theta, m, v


@mistake("adam_step", FLOAT64)
def adam_in_float64(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g.astype(np.float64), m, v, beta1, beta2)
    return stepped(theta, m, v, eta, eps, 1 - beta1**t, 1 - beta2**t), m, v


@right("adam_step")
def adam_with_scaled_epsilon(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    root = sqrt(1 - beta2**t)
    return theta - eta * root / (1 - beta1**t) * m / (np.sqrt(v) + eps * root), m, v


@right("adam_step")
def adam_by_differences(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    m = m + (1 - beta1) * (g - m)
    v = v + (1 - beta2) * (g * g - v)
    step = m / (1 - beta1**t) / ((v / (1 - beta2**t)) ** 0.5 + eps)
    return [theta - eta * step, m, v]


@right("adam_step")
def adam_on_copies(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    theta, m, v = theta.copy(), m.copy(), v.copy()
    m *= beta1
    m += (1 - beta1) * g
    v *= beta2
    v += (1 - beta2) * np.square(g)
    theta -= eta * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return theta, m, v


@right("adam_step")
def adam_entry_by_entry(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    new_theta, new_m, new_v = np.empty_like(theta), np.empty_like(m), np.empty_like(v)
    for i in np.ndindex(theta.shape):
        new_m[i] = beta1 * m[i] + (1 - beta1) * g[i]
        new_v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i]
        new_theta[i] = theta[i] - eta * new_m[i] / (1 - beta1**t) / (sqrt(new_v[i] / (1 - beta2**t)) + eps)
    return new_theta, new_m, new_v


@right("adam_step")
def adam_with_a_product_for_the_power(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    left1, left2 = 1.0, 1.0
    for _ in range(t):
        left1, left2 = left1 * beta1, left2 * beta2
    m, v = averages(g, m, v, beta1, beta2)
    return stepped(theta, m, v, eta, eps, 1 - left1, 1 - left2), m, v


@right("adam_step")
def adam_through_float64(theta, g, m, v, t, eta=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    new_m, new_v = averages(g.astype(np.float64), m.astype(np.float64), v.astype(np.float64), beta1, beta2)
    new = stepped(theta.astype(np.float64), new_m, new_v, eta, eps, 1 - beta1**t, 1 - beta2**t)
    return new.astype(theta.dtype), new_m.astype(m.dtype), new_v.astype(v.dtype)


# --- warmup_cosine ----------------------------------------------------------------------------------------------------


def rise_then(fall, rise=lambda t, warmup: (t + 1) / warmup):
    """A schedule: a warm-up, then `fall` of t, total and warmup, each as a share of eta."""
    return lambda t, total, eta, warmup: eta * (rise(t, warmup) if t < warmup else fall(t, total, warmup))


def half_cosine(t, total, warmup):
    return (1 + cos(pi * (t - warmup) / (total - warmup))) / 2


@mistake("warmup_cosine", "The first step of the warm-up has the rate 0, so nothing is learned. Which step is t = 0?")
def starts_at_0(t, total, eta, warmup=0):
    return rise_then(half_cosine, lambda t, warmup: t / warmup)(t, total, eta, warmup)


@mistake("warmup_cosine", "The warm-up ends below eta. Which rate has its last step, t = warmup - 1?")
def warmup_too_slow(t, total, eta, warmup=0):
    return rise_then(half_cosine, lambda t, warmup: (t + 1) / (warmup + 1))(t, total, eta, warmup)


@mistake("warmup_cosine", "The warm-up is spread over all steps. By which step should the rate be eta?")
def warmup_over_all_steps(t, total, eta, warmup=0):
    return rise_then(half_cosine, lambda t, warmup: (t + 1) / total)(t, total, eta, warmup)


@mistake("warmup_cosine", "The warm-up is flat at eta. How does the rate get there?")
def no_rise(t, total, eta, warmup=0):
    return rise_then(half_cosine, lambda t, warmup: 1)(t, total, eta, warmup)


@mistake("warmup_cosine", "The rate is 0 until the last step of the warm-up. What does // do with a share below 1?")
def whole_shares_in_the_warmup(t, total, eta, warmup=0):
    return rise_then(half_cosine, lambda t, warmup: (t + 1) // warmup)(t, total, eta, warmup)


@mistake("warmup_cosine", "The warm-up rises along a cosine. The formula has a line.")
def cosine_in_the_warmup(t, total, eta, warmup=0):
    return rise_then(half_cosine, lambda t, warmup: (1 - cos(pi * (t + 1) / warmup)) / 2)(t, total, eta, warmup)


@mistake("warmup_cosine", "There is no warm-up at all: the cosine begins at t = 0. What is different while t < warmup?")
def warmup_ignored(t, total, eta, warmup=0):
    return eta * half_cosine(t, total, 0)


@mistake("warmup_cosine", "The cosine begins at t = 0, so the rate jumps down after the warm-up. Where should it be at "
         "its top?")  # fmt: skip
def cosine_not_shifted(t, total, eta, warmup=0):
    return rise_then(lambda t, total, warmup: half_cosine(t, total, 0))(t, total, eta, warmup)


@mistake("warmup_cosine", "The cosine is shortened, but it begins at t = 0. How many steps lie behind it at the end of "
         "the warm-up?")  # fmt: skip
def cosine_shortened_not_shifted(t, total, eta, warmup=0):
    return rise_then(lambda t, total, warmup: half_cosine(t, total - warmup, 0))(t, total, eta, warmup)


@mistake("warmup_cosine", "The cosine is too long: it has not reached 0 at t = total. How many steps are left to it?")
def cosine_too_long(t, total, eta, warmup=0):
    return rise_then(lambda t, total, warmup: half_cosine(t - warmup, total, 0))(t, total, eta, warmup)


@mistake("warmup_cosine", "Rise and cosine are multiplied, and the cosine falls already during the warm-up. What "
         "happens first, what afterwards?")  # fmt: skip
def rise_times_cosine(t, total, eta, warmup=0):
    return eta * min(1, (t + 1) / warmup if warmup else 1) * half_cosine(t, total, 0)


@mistake("warmup_cosine", "The cosine is given degrees. In which unit does cos count?")
def in_degrees(t, total, eta, warmup=0):
    return rise_then(lambda *at: (1 + cos(180 * _share(*at))) / 2)(t, total, eta, warmup)


@mistake("warmup_cosine", "The rate after the warm-up is twice too large. What makes 1 + cos end up between 0 and 1?")
def not_halved(t, total, eta, warmup=0):
    return rise_then(lambda *at: 2 * half_cosine(*at))(t, total, eta, warmup)


@mistake("warmup_cosine", "Half of a whole cosine reaches below 0. What lifts it?")
def cosine_alone(t, total, eta, warmup=0):
    return rise_then(lambda *at: cos(pi * _share(*at)))(t, total, eta, warmup)


@mistake("warmup_cosine", "Only the cosine is halved: the rate starts at 1.5 eta. What does the bracket hold?")
def only_the_cosine_halved(t, total, eta, warmup=0):
    return rise_then(lambda *at: 1 + cos(pi * _share(*at)) / 2)(t, total, eta, warmup)


@mistake("warmup_cosine", "eta multiplies the 1 only, not the cosine. What does the bracket hold?")
def eta_outside_the_bracket(t, total, eta, warmup=0):
    if t < warmup:
        return eta * (t + 1) / warmup
    return (eta + cos(pi * _share(t, total, warmup))) / 2


@mistake("warmup_cosine", "The rate falls and rises again: that is a whole cosine. How far does the formula go?")
def whole_cosine(t, total, eta, warmup=0):
    return rise_then(lambda *at: (1 + cos(2 * pi * _share(*at))) / 2)(t, total, eta, warmup)


@mistake(
    "warmup_cosine", "That is a quarter of a cosine: it falls fastest at the end. Which part does the formula take?"
)
def quarter_cosine(t, total, eta, warmup=0):
    return rise_then(lambda *at: cos(pi / 2 * _share(*at)))(t, total, eta, warmup)


@mistake("warmup_cosine", "It is a sine. Where is it at its top, and where should the rate be?")
def sine_for_cosine(t, total, eta, warmup=0):
    return rise_then(lambda *at: (1 + sin(pi * _share(*at))) / 2)(t, total, eta, warmup)


@mistake("warmup_cosine", "The rate rises after the warm-up. Which sign has the cosine?")
def rises_after_the_warmup(t, total, eta, warmup=0):
    return rise_then(lambda *at: 1 - half_cosine(*at))(t, total, eta, warmup)


@mistake("warmup_cosine", "The rate falls in a line. Which curve does the formula have?")
def falls_in_a_line(t, total, eta, warmup=0):
    return rise_then(lambda *at: 1 - _share(*at))(t, total, eta, warmup)


@mistake("warmup_cosine", "The rate never falls. What happens after the warm-up?")
def never_falls(t, total, eta, warmup=0):
    return rise_then(lambda *at: 1)(t, total, eta, warmup)


@mistake("warmup_cosine", "The rate stays at eta until the end. What does // do with a share below 1?")
def whole_shares_in_the_cosine(t, total, eta, warmup=0):
    return rise_then(lambda t, total, warmup: half_cosine((t - warmup) // (total - warmup), 1, 0))(
        t, total, eta, warmup
    )


@mistake("warmup_cosine", "The cosine is one step ahead. Which rate has the step t = warmup?")
def cosine_one_step_ahead(t, total, eta, warmup=0):
    return rise_then(lambda t, total, warmup: half_cosine(t + 1, total, warmup))(t, total, eta, warmup)


@mistake("warmup_cosine", "The cosine ends one step early. At which t is the rate 0?")
def cosine_ends_early(t, total, eta, warmup=0):
    return rise_then(lambda t, total, warmup: half_cosine(t, total - 1, warmup))(t, total, eta, warmup)


@mistake("warmup_cosine", "The warm-up lasts one step too long, and rises above eta. How many steps has it?")
def warmup_one_step_too_long(t, total, eta, warmup=0):
    if t <= warmup and warmup:
        return eta * (t + 1) / warmup
    return eta * half_cosine(t, total, warmup)


@mistake("warmup_cosine", "eta is missing: the rate runs from 1 to 0. What is its largest value?")
def eta_missing(t, total, eta, warmup=0):
    return rise_then(half_cosine)(t, total, 1, warmup)


@mistake("warmup_cosine", "eta is missing after the warm-up. What is the largest rate?")
def eta_missing_in_the_cosine(t, total, eta, warmup=0):
    return rise_then(half_cosine)(t, total, eta if t < warmup else 1, warmup)


def _share(t, total, warmup):
    """How much of the cosine lies behind step t, from 0 to 1."""
    return (t - warmup) / (total - warmup)


@right("warmup_cosine")
def by_the_half_angle(t, total, eta, warmup=0):
    return eta / warmup * (1 + t) if t < warmup else eta * cos(pi / 2 * _share(t, total, warmup)) ** 2


@right("warmup_cosine")
def by_numpy(t, total, eta, warmup=0):
    if warmup > t:
        return np.linspace(0, eta, warmup + 1)[t + 1]
    return 0.5 * eta * (1 + np.cos(np.pi * (t - warmup) / (total - warmup)))


@right("warmup_cosine")
def by_what_is_left(t, total, eta, warmup=0):
    if t + 1 <= warmup:
        return eta - eta * (warmup - t - 1) / warmup
    return eta * sin(pi / 2 * (total - t) / (total - warmup)) ** 2


@right("warmup_cosine")
def by_a_turning_pointer(t, total, eta, warmup=0):
    if t < warmup:
        return sum(eta / warmup for _ in range(t + 1))
    pointer = np.exp(1j * np.pi / (total - warmup)) ** (t - warmup)
    return np.float64(eta * (1 + pointer.real) / 2)
