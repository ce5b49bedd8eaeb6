"""Lab 06: wrong and right versions of the penalty, AdamW, dropout, early stopping and shift."""

from math import fsum, isqrt, prod, sqrt

import numpy as np

from dnnlib.optimizers import adam_step
from gradekit.bank import mistake, right

IN_PLACE = "The values are right, but it writes into its input: whoever called it loses it. Make a new array."
FLOAT64 = "The values are right, but float32 goes in and float64 comes out. Which step makes another dtype?"
BIASES = "Biases are penalised too. Which parameters does the formula name?"


def squares_of(layers):
    return [float((W**2).sum()) for W, _, _ in layers]


# --- l2_penalty -------------------------------------------------------------------------------------------------------


@mistake("l2_penalty", BIASES)
def biases_penalised(layers, lam):
    return lam * sum(float((W**2).sum() + (b**2).sum()) for W, b, _ in layers)


@mistake("l2_penalty", "Only biases are penalised. What comes first in a layer?")
def only_biases(layers, lam):
    return lam * sum(float((b**2).sum()) for _, b, _ in layers)


@mistake("l2_penalty", "It has lambda / 2, as some books write it. What does the formula here have?")
def half_lambda(layers, lam):
    return lam / 2 * sum(squares_of(layers))


@mistake("l2_penalty", "It has 2 lambda. That factor belongs to the slope: what does the penalty have?")
def double_lambda(layers, lam):
    return 2 * lam * sum(squares_of(layers))


@mistake("l2_penalty", "It adds the norms of the layers. What stands above the norm in the formula?")
def norms_added(layers, lam):
    return lam * sum(sqrt(each) for each in squares_of(layers))


@mistake("l2_penalty", "It takes the root of the sum. What stands above the norm in the formula?")
def norm_of_all(layers, lam):
    return lam * sqrt(sum(squares_of(layers)))


@mistake("l2_penalty", "It adds the norms and squares their sum. What is squared in the formula, what is added?")
def sum_of_norms_squared(layers, lam):
    return lam * sum(sqrt(each) for each in squares_of(layers)) ** 2


@mistake("l2_penalty", "It takes the mean over a layer's weights. Does the formula count them?")
def mean_of_squares(layers, lam):
    return lam * sum(float((W**2).mean()) for W, _, _ in layers)


@mistake("l2_penalty", "It divides by the number of all weights. Does the formula count them?")
def mean_over_all_weights(layers, lam):
    return lam * sum(squares_of(layers)) / sum(W.size for W, _, _ in layers)


@mistake("l2_penalty", "It divides by the number of layers. What does the formula do with the layers?")
def mean_over_layers(layers, lam):
    return lam * sum(squares_of(layers)) / len(layers)


@mistake("l2_penalty", "It divides by the inputs of each layer. The penalty knows no examples and no widths.")
def divided_by_the_inputs(layers, lam):
    return lam * sum(float((W**2).sum()) / W.shape[1] for W, _, _ in layers)


@mistake("l2_penalty", "It divides by the number of inputs of the net, as if they were examples. Does the formula "
         "divide?")  # fmt: skip
def divided_by_n_0(layers, lam):
    return lam * sum(squares_of(layers)) / layers[0][0].shape[1]


@mistake("l2_penalty", "Only the last layer is penalised. Is the sum begun anew in each round?")
def last_layer_only(layers, lam):
    return lam * squares_of(layers)[-1]


@mistake("l2_penalty", "Only the first layer is penalised. Does the return stand inside the loop?")
def first_layer_only(layers, lam):
    return lam * squares_of(layers)[0]


@mistake("l2_penalty", "The output layer is left out. Over which layers does the sum go?")
def output_layer_left_out(layers, lam):
    return lam * sum(squares_of(layers)[:-1])


@mistake("l2_penalty", "The first layer is left out. Over which layers does the sum go?")
def first_layer_left_out(layers, lam):
    return lam * sum(squares_of(layers)[1:])


@mistake("l2_penalty", "Lambda does not enter. What scales the sum?")
def lambda_forgotten(layers, lam):
    return sum(squares_of(layers))


@mistake("l2_penalty", "It is negative: large weights would be rewarded. Which sign has the formula?")
def penalty_negative(layers, lam):
    return -lam * sum(squares_of(layers))


@mistake("l2_penalty", "It adds absolute values: that is L1. How does L2 make a weight positive?")
def l1(layers, lam):
    return lam * sum(float(np.abs(W).sum()) for W, _, _ in layers)


@mistake("l2_penalty", "It adds the weights as they are, so that they cancel. How does L2 make a weight positive?")
def plain_sum(layers, lam):
    return lam * sum(float(W.sum()) for W, _, _ in layers)


@mistake("l2_penalty", "It squares the sum of a layer's weights, so that they cancel before. Which comes first?")
def sum_squared(layers, lam):
    return lam * sum(float(W.sum()) ** 2 for W, _, _ in layers)


@mistake("l2_penalty", "Lambda is squared with the weights. What is inside the square, what stands before it?")
def lambda_squared(layers, lam):
    return sum(float(((lam * W) ** 2).sum()) for W, _, _ in layers)


@mistake("l2_penalty", "It takes the spectral norm, the largest stretch. Which entries does Frobenius' norm see?")
def spectral_norm(layers, lam):
    return lam * sum(float(np.linalg.norm(W, 2)) ** 2 for W, _, _ in layers)


@mistake("l2_penalty", "It takes the largest weight of a layer alone. Which entries does Frobenius' norm see?")
def largest_weight(layers, lam):
    return lam * sum(float((W**2).max()) for W, _, _ in layers)


@mistake("l2_penalty", "It returns a list, one penalty for each layer. What is added to the loss, a number or a list?")
def list_of_penalties(layers, lam):
    return [lam * each for each in squares_of(layers)]


@right("l2_penalty")
def by_norms(layers, lam):
    return lam * sum(np.linalg.norm(W) ** 2 for W, _, _ in layers)


@right("l2_penalty")
def by_inner_products(layers, lam):
    return float(sum(lam * np.vdot(W, W) for W, *_ in layers))


@right("l2_penalty")
def weight_by_weight(layers, lam):
    penalty = 0.0
    for W, _, _ in layers:
        for w in W.flat:
            penalty += lam * w * w
    return penalty


@right("l2_penalty")
def by_einsum(layers, lam):
    return lam * fsum(np.einsum("ij,ij->", layer[0], layer[0]) for layer in layers)


@right("l2_penalty")
def of_all_weights_in_one(layers, lam):
    flat = np.concatenate([np.ravel(W) for W, _, _ in layers])
    return lam * np.sum(np.square(flat))


@right("l2_penalty")
def by_traces(layers, lam):
    return np.array(lam * sum(np.trace(W.T @ W) for W, _, _ in layers))


# --- add_l2 -----------------------------------------------------------------------------------------------------------


def with_term(term):
    """The gradients, with another term added to each dW: term(W, lam)."""
    return lambda gradients, layers, lam: [(dW + term(W, lam), db) for (dW, db), (W, _, _) in zip(gradients, layers)]


def wrong_term(hint):
    """Enter a term as a mistake of add_l2, under its name."""

    def enter(term):
        def version(gradients, layers, lam):
            return with_term(term)(gradients, layers, lam)

        version.__name__ = term.__name__
        mistake("add_l2", hint)(version)
        return term

    return enter


def two_lambda(W, lam):
    return 2 * lam * W


@wrong_term("The 2 is missing. What is the derivative of w^2?")
def no_2(W, lam):
    return lam * W


@wrong_term("The 2 divides. What is the derivative of w^2?")
def divided_by_2(W, lam):
    return lam * W / 2


@wrong_term("It adds too much by a factor. How often does the square bring its 2?")
def two_twice(W, lam):
    return 4 * lam * W


@wrong_term("The term has a minus. The gradient goes in, the step subtracts it later: which sign has the slope of w^2?")
def term_subtracted(W, lam):
    return -2 * lam * W


@wrong_term("The term has a minus, and its 2 is missing. Which slope has w^2?")
def half_term_subtracted(W, lam):
    return -lam * W


@wrong_term("Lambda does not enter. What scales the penalty?")
def no_lambda(W, lam):
    return 2 * W


@wrong_term("Every weight gets the same term. On what does the slope of w^2 depend?")
def no_weight(W, lam):
    return 2 * lam


@wrong_term("It adds lambda by the sign of each weight: that is the gradient of L1. Which slope has w^2?")
def sign_of_weights(W, lam):
    return lam * np.sign(W)


@wrong_term("It adds absolute values, so that negative weights are pushed further down. Which slope has w^2 at w < 0?")
def absolute_weights(W, lam):
    return 2 * lam * np.abs(W)


@wrong_term("It adds the penalty of each weight. What is asked for, the penalty or its slope?")
def squares_added(W, lam):
    return lam * W**2


@wrong_term("It adds twice the squares. Which power of w is left in the slope of w^2?")
def two_squares_added(W, lam):
    return 2 * lam * W**2


@wrong_term("It adds the whole layer's penalty to each entry. What does one weight change in it?")
def penalty_added(W, lam):
    return lam * (W**2).sum()


@wrong_term("It divides by the norm: that is the slope of the norm without its square. What is squared in the penalty?")
def slope_of_the_norm(W, lam):
    return lam * W / np.linalg.norm(W)


@wrong_term("It divides by the number of weights. The penalty is a sum: does its gradient count them?")
def divided_by_the_size(W, lam):
    return 2 * lam * W / W.size


@wrong_term("It divides by the inputs of the layer. Where would the penalty divide?")
def divided_by_columns(W, lam):
    return 2 * lam * W / W.shape[1]


@wrong_term("Lambda is squared. How often does it stand in the penalty?")
def lambda_twice(W, lam):
    return 2 * lam**2 * W


@wrong_term("It adds 2 + lambda times W. Which operation stands between the 2 and lambda?")
def two_plus_lambda(W, lam):
    return (2 + lam) * W


@mistake("add_l2", f"{BIASES} db stays as it is.")
def biases_decay(gradients, layers, lam):
    return [(dW + two_lambda(W, lam), db + 2 * lam * b) for (dW, db), (W, b, _) in zip(gradients, layers)]


@mistake("add_l2", f"{BIASES} And the 2 is missing: what is the derivative of w^2?")
def biases_decay_without_2(gradients, layers, lam):
    return [(dW + lam * W, db + lam * b) for (dW, db), (W, b, _) in zip(gradients, layers)]


@mistake("add_l2", "The term is added to db. To which gradient does a penalty on weights belong?")
def biases_instead(gradients, layers, lam):
    return [(dW, db + 2 * lam * b) for (dW, db), (_, b, _) in zip(gradients, layers)]


@mistake("add_l2", "The weights' sum is added to db too. Does the penalty change when b does?")
def weights_in_db(gradients, layers, lam):
    return [
        (dW + two_lambda(W, lam), db + 2 * lam * W.sum(axis=1, keepdims=True))
        for (dW, db), (W, _, _) in zip(gradients, layers)
    ]


@mistake("add_l2", "The penalty's gradient stands alone, the loss's is lost. What is the gradient of a sum?")
def term_alone(gradients, layers, lam):
    return [(two_lambda(W, lam), db) for (_, db), (W, _, _) in zip(gradients, layers)]


@mistake("add_l2", "The gradients come back unchanged. What does the penalty add to each dW?")
def unchanged_gradients(gradients, layers, lam):
    return [(dW, db) for dW, db in gradients]


@mistake("add_l2", "dW is scaled, W is not added. On what does the slope of w^2 depend?")
def gradient_scaled(gradients, layers, lam):
    return [(dW * (1 + 2 * lam), db) for dW, db in gradients]


@mistake("add_l2", "dW is multiplied by the term. What is the gradient of a sum?")
def gradient_multiplied(gradients, layers, lam):
    return [(dW * two_lambda(W, lam), db) for (dW, db), (W, _, _) in zip(gradients, layers)]


@mistake("add_l2", "Lambda multiplies the loss's gradient too. Which part of J does it scale?")
def lambda_at_both(gradients, layers, lam):
    return [(2 * lam * (dW + W), db) for (dW, db), (W, _, _) in zip(gradients, layers)]


@mistake("add_l2", "Only the last layer gets its term. Over which layers does the penalty go?")
def only_last_term(gradients, layers, lam):
    (dW, db), W = gradients[-1], layers[-1][0]
    return [*gradients[:-1], (dW + two_lambda(W, lam), db)]


@mistake("add_l2", "The output layer gets no term. Over which layers does the penalty go?")
def output_layer_spared(gradients, layers, lam):
    return [*with_term(two_lambda)(gradients[:-1], layers[:-1], lam), gradients[-1]]


@mistake("add_l2", "The first layer gets no term. Over which layers does the penalty go?")
def first_layer_spared(gradients, layers, lam):
    return [gradients[0], *with_term(two_lambda)(gradients[1:], layers[1:], lam)]


@mistake("add_l2", "There is only one pair. Does the return stand inside the loop?")
def return_inside(gradients, layers, lam):
    return with_term(two_lambda)(gradients[:1], layers[:1], lam)


@mistake("add_l2", "The gradients come back from the last layer to the first. In which order did they come in?")
def gradients_reversed(gradients, layers, lam):
    return with_term(two_lambda)(gradients, layers, lam)[::-1]


@mistake("add_l2", "db is lost. What does a step need for each layer?")
def db_lost(gradients, layers, lam):
    return [dW for dW, _ in with_term(two_lambda)(gradients, layers, lam)]


@mistake("add_l2", "db comes before dW. In which order did they come in?")
def db_first(gradients, layers, lam):
    return [(db, dW) for dW, db in with_term(two_lambda)(gradients, layers, lam)]


@mistake("add_l2", "The pairs are laid out in one long list. What belongs to a layer?")
def one_flat_list(gradients, layers, lam):
    return [each for pair in with_term(two_lambda)(gradients, layers, lam) for each in pair]


@mistake("add_l2", IN_PLACE)
def gradients_in_place(gradients, layers, lam):
    for (dW, _), (W, _, _) in zip(gradients, layers):
        dW += two_lambda(W, lam)
    return gradients


@mistake("add_l2", FLOAT64)
def gradients_in_float64(gradients, layers, lam):
    return [(dW + np.float64(2 * lam) * W, db) for (dW, db), (W, _, _) in zip(gradients, layers)]


@right("add_l2")
def by_position(gradients, layers, lam):
    found = []
    for l in range(len(layers)):
        dW, db = gradients[l]
        found.append((dW + lam * layers[l][0] + layers[l][0] * lam, db.copy()))
    return found


@right("add_l2")
def on_copies(gradients, layers, lam):
    found = [(dW.copy(), db.copy()) for dW, db in gradients]
    for (dW, _), (W, _, _) in zip(found, layers):
        dW += 2 * lam * W
    return tuple(found)


@right("add_l2")
def entry_by_entry(gradients, layers, lam):
    found = []
    for (dW, db), (W, *_) in zip(gradients, layers):
        total = np.empty_like(dW)
        for i in np.ndindex(W.shape):
            total[i] = dW[i] + 2 * lam * W[i]
        found.append([total, db])
    return found


@right("add_l2")
def by_ufuncs(gradients, layers, lam):
    terms = [np.multiply(2 * lam, W) for W, _, _ in layers]
    return [(np.add(term, dW), db) for term, (dW, db) in zip(terms, gradients)]


@right("add_l2")
def from_the_back(gradients, layers, lam):
    found = []
    for (dW, db), (W, _, _) in zip(reversed(gradients), reversed(layers)):
        found.insert(0, (dW - (-2) * lam * W, db))
    return found


# --- adamw_step -------------------------------------------------------------------------------------------------------

COUPLED = "The decay goes into the gradient: that is L2 under Adam. What must m and v never see?"
FIRST_STEP = "What are m and v in the first step, compared with g and its square?"


def averages(g, m, v, beta1, beta2):
    return beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2


def decayed(theta, m, v, eta, decay, eps, first=1.0, second=1.0):
    """The step and the decay, where `first` and `second` correct m and v."""
    return theta - eta * (m / first) / (np.sqrt(v / second) + eps) - eta * decay * theta


@mistake("adamw_step", COUPLED)
def decay_in_the_gradient(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    return adam_step(theta, g + decay * theta, m, v, t, eta, beta1, beta2, eps)


@mistake("adamw_step", f"{COUPLED} A 2 does not change that.")
def twice_the_decay_in_the_gradient(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    return adam_step(theta, g + 2 * decay * theta, m, v, t, eta, beta1, beta2, eps)


@mistake("adamw_step", f"{COUPLED} Nor must they see eta times it.")
def eta_decay_in_the_gradient(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    return adam_step(theta, g + eta * decay * theta, m, v, t, eta, beta1, beta2, eps)


@mistake("adamw_step", "The decay goes into the gradient and into the step. How often should theta shrink, and where?")
def decay_in_both(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    new, m, v = adam_step(theta, g + decay * theta, m, v, t, eta, beta1, beta2, eps)
    return new - eta * decay * theta, m, v


@mistake("adamw_step", "The decay goes into m. Which of the state may know of it?")
def decay_in_m(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    m = m + (1 - beta1) * decay * theta
    return decayed(theta, m, v, eta, 0, eps, 1 - beta1**t, 1 - beta2**t), m, v


@mistake("adamw_step", "The decay is divided by the root of v with the step: weights with large gradients then shrink "
         "less. What does the root scale?")  # fmt: skip
def decay_over_the_root(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    step = m / (1 - beta1**t) + decay * theta
    return theta - eta * step / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


@mistake("adamw_step", "The decay does not follow the learning rate. By what does theta shrink?")
def decay_without_eta(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    new, m, v = adam_step(theta, g, m, v, t, eta, beta1, beta2, eps)
    return new - decay * theta, m, v


@mistake("adamw_step", "What shrinks is the theta after the step. Of which theta does the formula take its share?")
def stepped_theta_decays(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    new, m, v = adam_step(theta, g, m, v, t, eta, beta1, beta2, eps)
    return new - eta * decay * new, m, v


@mistake("adamw_step", "What shrinks is the theta after the step, and without the learning rate. Which share of which "
         "theta does the formula take?")  # fmt: skip
def stepped_theta_decays_without_eta(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    new, m, v = adam_step(theta, g, m, v, t, eta, beta1, beta2, eps)
    return (1 - decay) * new, m, v


@mistake("adamw_step", "Theta grows. Which sign has a decay?")
def growth(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    new, m, v = adam_step(theta, g, m, v, t, eta, beta1, beta2, eps)
    return new + eta * decay * theta, m, v


@mistake("adamw_step", "It decays by twice the share. The 2 belongs to the gradient of lambda w^2: is there one here?")
def decay_twice(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    new, m, v = adam_step(theta, g, m, v, t, eta, beta1, beta2, eps)
    return new - 2 * eta * decay * theta, m, v


@mistake("adamw_step", "There is no decay: this is Adam. By what does theta shrink besides the step?")
def plain_adam(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    return adam_step(theta, g, m, v, t, eta, beta1, beta2, eps)


@mistake("adamw_step", "It shrinks by eta and decay added. Which operation does the formula have between them?")
def eta_plus_decay(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    new, m, v = adam_step(theta, g, m, v, t, eta, beta1, beta2, eps)
    return new - (eta + decay) * theta, m, v


@mistake("adamw_step", "The learning rate scales the decay twice. How often does the formula?")
def decay_with_eta_squared(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    new, m, v = adam_step(theta, g, m, v, t, eta, beta1, beta2, eps)
    return new - eta**2 * decay * theta, m, v


@mistake("adamw_step", "What is taken off does not depend on theta. Of what does it take a share?")
def decay_without_theta(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    new, m, v = adam_step(theta, g, m, v, t, eta, beta1, beta2, eps)
    return new - eta * decay, m, v


@mistake("adamw_step", "It takes off by the sign of theta: that is L1's decay. Of what does the formula take a share?")
def sign_decays(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    new, m, v = adam_step(theta, g, m, v, t, eta, beta1, beta2, eps)
    return new - eta * decay * np.sign(theta), m, v


@mistake("adamw_step", "It takes off the square of theta. Of what does the formula take a share?")
def square_decays(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    new, m, v = adam_step(theta, g, m, v, t, eta, beta1, beta2, eps)
    return new - eta * decay * theta**2, m, v


@mistake("adamw_step", "The gradient decays instead of theta. Which of the two should shrink?")
def gradient_decays(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    new, m, v = adam_step(theta, g, m, v, t, eta, beta1, beta2, eps)
    return new - eta * decay * g, m, v


@mistake("adamw_step", "The step is taken off once more instead of theta. Which of the two should shrink?")
def m_decays(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    new, m, v = adam_step(theta, g, m, v, t, eta, beta1, beta2, eps)
    return new - eta * decay * m, m, v


@mistake("adamw_step", "m and v shrink with theta. What shrinks in the formula?")
def state_decays(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    new, m, v = adam_step(theta, g, m, v, t, eta, beta1, beta2, eps)
    share = 1 - eta * decay
    return new - eta * decay * theta, share * m, share * v


@mistake("adamw_step", "The decay fades as t grows. Where does t enter?")
def decay_over_t(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    new, m, v = adam_step(theta, g, m, v, t, eta, beta1, beta2, eps)
    return new - eta * decay / t * theta, m, v


@mistake("adamw_step", "Only the decay is left, Adam's step is lost. What is theta decreased by besides?")
def decay_alone(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    _, m, v = adam_step(theta, g, m, v, t, eta, beta1, beta2, eps)
    return theta - eta * decay * theta, m, v


@mistake("adamw_step", "It uses 0.01 whatever decay is. Does decay stand in your formula?")
def decay_fixed(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    new, m, v = adam_step(theta, g, m, v, t, eta, beta1, beta2, eps)
    return new - eta * 0.01 * theta, m, v


@mistake("adamw_step", "adam_step gets neither eta nor betas nor eps and takes its own. Which of them does it need?")
def settings_not_handed_on(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    new, m, v = adam_step(theta, g, m, v, t)
    return new - eta * decay * theta, m, v


@mistake("adamw_step", "adam_step gets eta, but neither betas nor eps, and takes its own. Which of them does it need?")
def only_eta_handed_on(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    new, m, v = adam_step(theta, g, m, v, t, eta)
    return new - eta * decay * theta, m, v


@mistake("adamw_step", "adam_step does not get eps and takes its own. Which of its settings does it need?")
def eps_not_handed_on(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    new, m, v = adam_step(theta, g, m, v, t, eta, beta1, beta2)
    return new - eta * decay * theta, m, v


@mistake("adamw_step", "adam_step has no decay: what comes after eta is taken for beta1. In which order are its "
         "arguments?")  # fmt: skip
def decay_handed_on_as_beta1(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    new, m, v = adam_step(theta, g, m, v, t, eta, decay, beta1, beta2)
    return new - eta * decay * theta, m, v


@mistake("adamw_step", "beta1 and beta2 have changed places. Which one belongs to the squares?")
def adamw_betas_swapped(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    new, m, v = adam_step(theta, g, m, v, t, eta, beta2, beta1, eps)
    return new - eta * decay * theta, m, v


@mistake("adamw_step", f"The bias correction is missing, of m and of v. {FIRST_STEP}")
def adamw_no_correction(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    return decayed(theta, m, v, eta, decay, eps), m, v


@mistake("adamw_step", f"Only m is corrected. {FIRST_STEP}")
def adamw_only_m_corrected(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    return decayed(theta, m, v, eta, decay, eps, 1 - beta1**t), m, v


@mistake("adamw_step", f"Only v is corrected. {FIRST_STEP}")
def adamw_only_v_corrected(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    return decayed(theta, m, v, eta, decay, eps, 1, 1 - beta2**t), m, v


@mistake("adamw_step", "Every step is corrected like the first one. Where does t enter?")
def adamw_t_ignored(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    return decayed(theta, m, v, eta, decay, eps, 1 - beta1, 1 - beta2), m, v


@mistake("adamw_step", "The correction counts one step too many. t is 1 in the first step already.")
def adamw_counts_from_2(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    new, m, v = adam_step(theta, g, m, v, t, eta, beta1, beta2, eps)
    return decayed(theta, m, v, eta, decay, eps, 1 - beta1 ** (t + 1), 1 - beta2 ** (t + 1)), m, v


@mistake("adamw_step", "The corrected values are kept as the state, so the next step corrects them once more. What do "
         "m and v hold between two steps?")  # fmt: skip
def adamw_corrected_state(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    m, v = m / (1 - beta1**t), v / (1 - beta2**t)
    return decayed(theta, m, v, eta, decay, eps), m, v


@mistake("adamw_step", "Epsilon stands inside the root. With a v near 0 the two differ by far: what does the formula "
         "add it to?")  # fmt: skip
def adamw_epsilon_inside(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    step = m / (1 - beta1**t) / np.sqrt(v / (1 - beta2**t) + eps)
    return theta - eta * step - eta * decay * theta, m, v


@mistake("adamw_step", "The step goes along g, not along the average. What is m for?")
def adamw_along_g(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    m, v = averages(g, m, v, beta1, beta2)
    return decayed(theta, g, v, eta, decay, eps, 1, 1 - beta2**t), m, v


@mistake("adamw_step", "The step uses m and v from before. What comes first, the averages or the step?")
def adamw_old_state(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    new = decayed(theta, m, v, eta, decay, eps, 1 - beta1**t, 1 - beta2**t)
    return new, *averages(g, m, v, beta1, beta2)


@mistake("adamw_step", "It returns the m and v that it was given. What does the next step need?")
def adamw_state_not_returned(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    new, _, _ = adam_step(theta, g, m, v, t, eta, beta1, beta2, eps)
    return new - eta * decay * theta, m, v


@mistake("adamw_step", "v comes back before m. In which order does the docstring return them?")
def adamw_v_before_m(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    new, m, v = adam_step(theta, g, m, v, t, eta, beta1, beta2, eps)
    return new - eta * decay * theta, v, m


@mistake("adamw_step", "Only theta comes back. adam_step returns three arrays: what does the next step start from?")
def adamw_state_lost(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    return adam_step(theta, g, m, v, t, eta, beta1, beta2, eps)[0] - eta * decay * theta


@mistake("adamw_step", IN_PLACE)
def adamw_in_place(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    theta *= 1 - eta * decay
    return adam_step(theta, g, m, v, t, eta, beta1, beta2, eps)


@mistake("adamw_step", FLOAT64)
def adamw_in_float64(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    new, m, v = adam_step(theta, g, m, v, t, eta, beta1, beta2, eps)
    return new - np.float64(eta * decay) * theta, m, v


@right("adamw_step")
def decay_first(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    shrunk = theta * (1 - eta * decay)
    return adam_step(shrunk, g, m, v, t, eta, beta1, beta2, eps)


@right("adamw_step")
def written_out(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return [theta - eta * (m_hat / (np.sqrt(v_hat) + eps) + decay * theta), m, v]


@right("adamw_step")
def step_by_its_difference(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    step, m, v = adam_step(np.zeros_like(theta), g, m, v, t, eta=eta, eps=eps, beta1=beta1, beta2=beta2)
    return (1 - eta * decay) * theta + step, m, v


@right("adamw_step")
def adamw_entry_by_entry(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    new_theta, new_m, new_v = np.empty_like(theta), np.empty_like(m), np.empty_like(v)
    for i in np.ndindex(theta.shape):
        new_m[i] = beta1 * m[i] + (1 - beta1) * g[i]
        new_v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i]
        step = new_m[i] / (1 - beta1**t) / (sqrt(new_v[i] / (1 - beta2**t)) + eps)
        new_theta[i] = theta[i] - eta * step - eta * decay * theta[i]
    return new_theta, new_m, new_v


@right("adamw_step")
def adamw_on_copies(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    theta, m, v = theta.copy(), m.copy(), v.copy()
    theta *= 1 - eta * decay
    m += (1 - beta1) * (g - m)
    v += (1 - beta2) * (np.square(g) - v)
    theta -= eta * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return theta, m, v


@right("adamw_step")
def adamw_through_float64(theta, g, m, v, t, eta=0.001, decay=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
    wide = [array.astype(np.float64) for array in (theta, g, m, v)]
    new, new_m, new_v = adam_step(*wide, t, eta, beta1, beta2, eps)
    return (new - eta * decay * wide[0]).astype(theta.dtype), new_m.astype(m.dtype), new_v.astype(v.dtype)


# --- dropout ----------------------------------------------------------------------------------------------------------

AT_INFERENCE = "What does inference do with A?"


def all_kept(A):
    return A, np.ones(A.shape, bool)


def with_mask(mask):
    """Dropout with another mask in training: mask(shape, p, rng)."""

    def dropout(A, p, rng, training=True):
        if not training:
            return all_kept(A)
        kept = mask(A.shape, p, rng)
        return A * kept / (1 - p), kept

    return dropout


def wrong_mask(hint):
    """Enter a mask as a mistake of dropout, under its name."""
    return lambda mask: mistake("dropout", hint)(named(with_mask(mask), mask.__name__)) and mask


def with_output(output):
    """Dropout with another output in training: output(A, kept, p, rng)."""

    def dropout(A, p, rng, training=True):
        if not training:
            return all_kept(A)
        kept = rng.random(A.shape) >= p
        return output(A, kept, p, rng), kept

    return dropout


def wrong_output(hint):
    """Enter an output as a mistake of dropout, under its name."""
    return lambda output: mistake("dropout", hint)(named(with_output(output), output.__name__)) and output


def named(version, name):
    version.__name__ = name
    return version


def scaled_mask(A, p, rng):
    """The right output and mask of training."""
    kept = rng.random(A.shape) >= p
    return A * kept / (1 - p), kept


@mistake("dropout", "p is taken as the share that stays, in the mask and in the scale. What does the docstring say "
         "that p is?")  # fmt: skip
def p_as_keep(A, p, rng, training=True):
    if not training:
        return all_kept(A)
    kept = rng.random(A.shape) < p
    return A * kept / p, kept


@wrong_mask("The mask keeps a share of p. What does the docstring say that p is?")
def p_as_keep_in_the_mask(shape, p, rng):
    return rng.random(shape) < p


@mistake("dropout", "The mask keeps a share of p, and nothing is scaled. What is p, and which mean should stay?")
def p_as_keep_without_scale(A, p, rng, training=True):
    if not training:
        return all_kept(A)
    kept = rng.random(A.shape) < p
    return A * kept, kept


@wrong_mask("It drops half of the entries whatever p is. Where does p enter the mask?")
def half_is_dropped(shape, p, rng):
    return rng.random(shape) >= 0.5


@wrong_mask("Normal numbers are compared with p. Which numbers lie below p with probability p?")
def normal_numbers_compared(shape, p, rng):
    return rng.standard_normal(shape) >= p


@wrong_mask("Nothing is dropped. Where is the rng?")
def nothing_is_dropped(shape, p, rng):
    return np.ones(shape, bool)


@wrong_mask("All examples share one mask: the same units are dropped in each column. How many draws does A need?")
def one_column_for_all(shape, p, rng):
    column = rng.random((shape[0], *[1] * (len(shape) - 1))) >= p
    return np.broadcast_to(column, shape).copy()


@wrong_mask("All units share one mask: whole examples are dropped. How many draws does A need?")
def one_row_for_all(shape, p, rng):
    row = rng.random((1, *shape[1:])) >= p
    return np.broadcast_to(row, shape).copy()


@wrong_mask("A single draw decides for all entries. How many draws does A need?")
def one_draw_for_all(shape, p, rng):
    return np.full(shape, rng.random() >= p)


@wrong_mask("Each column loses equally many entries. The docstring gives each entry a chance of its own.")
def one_count_in_each_column(shape, p, rng):
    ranks = rng.random(shape).argsort(axis=0).argsort(axis=0)
    return ranks >= round(p * shape[0])


@wrong_mask("Each call drops exactly the same number of entries. The docstring gives each entry a chance of its own.")
def one_count_in_each_call(shape, p, rng):
    kept = np.ones(prod(shape), bool)
    kept[rng.choice(kept.size, round(p * kept.size), replace=False)] = False
    return kept.reshape(shape)


@wrong_mask("It does not draw from the rng that comes in: equal rngs no longer give equal masks. Which object draws?")
def global_random(shape, p, rng):
    return np.random.random(shape) >= p


@wrong_mask("It makes an rng of its own with a fixed seed: each call drops the same entries. Which one came in?")
def reseeded(shape, p, rng):
    return np.random.default_rng(0).random(shape) >= p


@wrong_output("The entries that are left are not scaled, so the mean of A shrinks. What brings it back?")
def scale_forgotten(A, kept, p, rng):
    return A * kept


@wrong_output("It divides by p. Which share of the entries is left to carry the mean?")
def scale_by_p(A, kept, p, rng):
    return A * kept / p


@wrong_output("It multiplies by 1 - p. The entries that are left have to carry the mean: larger or smaller?")
def scale_multiplied(A, kept, p, rng):
    return A * kept * (1 - p)


@wrong_output("It multiplies by p. The entries that are left have to carry the mean: larger or smaller?")
def multiplied_by_p(A, kept, p, rng):
    return A * kept * p


@wrong_output("It scales twice. What keeps the expectation at A?")
def scaled_twice(A, kept, p, rng):
    return A * kept / (1 - p) ** 2


@wrong_output("It multiplies by 1 + p. Which factor keeps the expectation at A?")
def one_plus_p(A, kept, p, rng):
    return A * kept * (1 + p)


@wrong_output("It takes the root of the scale: that keeps the squares. Which quantity should keep its expectation?")
def root_of_the_scale(A, kept, p, rng):
    return A * kept / np.sqrt(1 - p)


@wrong_output("It scales by the share that this mask happens to keep. Which probability does the formula have?")
def scaled_by_the_kept_share(A, kept, p, rng):
    return A * kept / max(float(kept.mean()), 1e-12)


@wrong_output("The brackets are missing: / 1 - p divides by 1 and takes p off. What belongs together?")
def scale_without_brackets(A, kept, p, rng):
    return A * kept / 1 - p


@wrong_output("The dropped entries are left, the kept ones are 0. What does kept mean?")
def output_of_the_dropped(A, kept, p, rng):
    return A * ~kept / (1 - p)


@wrong_output("The output drops nothing, it is only scaled. Where does the mask enter?")
def mask_not_used(A, kept, p, rng):
    return A / (1 - p)


@wrong_output("The output is A itself. What becomes of the dropped entries?")
def training_does_nothing(A, kept, p, rng):
    return A.copy()


@wrong_output("The output draws a mask of its own, kept is another. How many masks does one call need?")
def another_mask_in_the_output(A, kept, p, rng):
    return A * (rng.random(A.shape) >= p) / (1 - p)


@wrong_output("The dropped entries are NaN. Which value do they get?")
def dropped_to_nan(A, kept, p, rng):
    return np.where(kept, A / (1 - p), np.nan)


@wrong_output("The dropped entries get the mean of A. Which value do they get in the formula?")
def dropped_to_the_mean(A, kept, p, rng):
    return np.where(kept, A / (1 - p), A.mean())


@wrong_output("Each entry moves by a random amount: that is Gaussian noise. Which two values can an entry take here?")
def gaussian(A, kept, p, rng):
    return A * rng.normal(1, np.sqrt(p / (1 - p)), A.shape)


@wrong_output("A is multiplied by the drawn numbers themselves. Which question does a mask ask of them?")
def multiplied_by_the_draws(A, kept, p, rng):
    return A * rng.random(A.shape)


@wrong_output("The output holds the entries that are left, in a row. Which shape does the next layer need?")
def output_shortened(A, kept, p, rng):
    return A[kept] / (1 - p)


@mistake("dropout", "The roles of training and inference are swapped. When are entries dropped?")
def training_swapped(A, p, rng, training=True):
    return all_kept(A) if training else scaled_mask(A, p, rng)


@mistake("dropout", f"Entries are dropped at inference too. {AT_INFERENCE}")
def mask_at_inference(A, p, rng, training=True):
    return scaled_mask(A, p, rng)


@mistake("dropout", f"Inference is scaled by 1 - p, as in the first form of dropout. {AT_INFERENCE}")
def scaled_at_inference(A, p, rng, training=True):
    if not training:
        return A * (1 - p), np.ones(A.shape, bool)
    return scaled_mask(A, p, rng)


@mistake("dropout", "Training is not scaled, inference is: that is the first form of dropout. Where does the inverted "
         "one scale?")  # fmt: skip
def not_inverted(A, p, rng, training=True):
    if not training:
        return A * (1 - p), np.ones(A.shape, bool)
    kept = rng.random(A.shape) >= p
    return A * kept, kept


@mistake("dropout", f"Inference divides by 1 - p. {AT_INFERENCE}")
def divided_at_inference(A, p, rng, training=True):
    if not training:
        return A / (1 - p), np.ones(A.shape, bool)
    return scaled_mask(A, p, rng)


@mistake("dropout", "At inference kept is False everywhere. Which entries are kept then?")
def nothing_kept_at_inference(A, p, rng, training=True):
    return scaled_mask(A, p, rng) if training else (A, np.zeros(A.shape, bool))


@mistake("dropout", "At inference kept is a random mask. Which entries are kept then?")
def random_kept_at_inference(A, p, rng, training=True):
    output, kept = scaled_mask(A, p, rng)
    return (output if training else A), kept


@mistake("dropout", "At inference kept is None. What does the docstring say about it?")
def no_kept_at_inference(A, p, rng, training=True):
    return scaled_mask(A, p, rng) if training else (A, None)


@mistake("dropout", "At inference only A comes back. How many results does the caller unpack?")
def only_output_at_inference(A, p, rng, training=True):
    return scaled_mask(A, p, rng) if training else A


@mistake("dropout", "At inference kept holds numbers. Which dtype has np.ones by itself?")
def ones_at_inference(A, p, rng, training=True):
    return scaled_mask(A, p, rng) if training else (A, np.ones(A.shape))


@mistake("dropout", "kept holds True where an entry was dropped. What does its name say?")
def kept_inverted(A, p, rng, training=True):
    if not training:
        return all_kept(A)
    output, kept = scaled_mask(A, p, rng)
    return output, ~kept


@mistake("dropout", "kept holds the drawn numbers. Which question does a mask ask of them?")
def draws_as_kept(A, p, rng, training=True):
    if not training:
        return all_kept(A)
    draws = rng.random(A.shape)
    return A * (draws >= p) / (1 - p), draws


@mistake("dropout", "kept holds the scale instead of True. The backward pass scales once more: what should kept say?")
def scaled_kept(A, p, rng, training=True):
    kept = (rng.random(A.shape) >= p if training else np.ones(A.shape, bool)) / ((1 - p) if training else 1.0)
    return A * kept, kept


@mistake("dropout", "The values are right, but kept holds numbers. What does the docstring say about its dtype?")
def kept_of_numbers(A, p, rng, training=True):
    if not training:
        return A, np.ones(A.shape, A.dtype)
    output, kept = scaled_mask(A, p, rng)
    return output, kept.astype(A.dtype)


@mistake("dropout", "kept is read off the output, so that an entry of A that is 0 counts as dropped. Who decides what "
         "is kept?")  # fmt: skip
def kept_from_the_output(A, p, rng, training=True):
    if not training:
        return all_kept(A)
    output, _ = scaled_mask(A, p, rng)
    return output, output != 0


@mistake("dropout", "kept comes first. In which order does the docstring return them?")
def kept_first(A, p, rng, training=True):
    return (scaled_mask(A, p, rng) if training else all_kept(A))[::-1]


@mistake("dropout", "Only the output comes back. What does the backward pass need?")
def only_the_output(A, p, rng, training=True):
    return (scaled_mask(A, p, rng) if training else all_kept(A))[0]


@mistake("dropout", IN_PLACE)
def dropout_in_place(A, p, rng, training=True):
    if not training:
        return all_kept(A)
    kept = rng.random(A.shape) >= p
    A *= kept
    A /= 1 - p
    return A, kept


@mistake("dropout", FLOAT64)
def dropout_in_float64(A, p, rng, training=True):
    if not training:
        return all_kept(A)
    kept = rng.random(A.shape) >= p
    return A * (kept / (1 - p)), kept


@right("dropout")
def drawn_above_p(A, p, rng, training=True):
    kept = rng.random(A.shape) > p if training else np.full(A.shape, True)
    return (A * kept / (1 - p) if training else A), kept


@right("dropout")
def drawn_below_the_keep_share(A, p, rng, training=True):
    if training:
        kept = rng.random(size=A.shape) < 1 - p
        return np.where(kept, A / (1 - p), 0), kept
    return A.copy(), np.ones_like(A, dtype=bool)


@right("dropout")
def drawn_binomially(A, p, rng, training=True):
    if not training:
        return all_kept(A)
    kept = rng.binomial(1, 1 - p, A.shape).astype(bool)
    return A * (kept / (1 - p)).astype(A.dtype), kept


@right("dropout")
def chosen(A, p, rng, training=True):
    if not training:
        return all_kept(A)
    kept = rng.choice([True, False], A.shape, p=[1 - p, p])
    return kept * A / (1 - p), kept


@right("dropout")
def drawn_transposed(A, p, rng, training=True):
    if not training:
        return all_kept(A)
    kept = (rng.uniform(0, 1, A.shape[::-1]) >= p).T
    output = A / (1 - p)
    output[~kept] = 0
    return output, kept


@right("dropout")
def slice_by_slice(A, p, rng, training=True):
    if not training:
        return all_kept(A)
    output, kept = np.zeros_like(A), np.zeros(A.shape, bool)
    for i in range(A.shape[-1]):
        kept[..., i] = rng.random(A.shape[:-1]) >= p
        output[..., i] = A[..., i] * kept[..., i] / (1 - p)
    return [output, kept]


@right("dropout")
def draw_by_draw(A, p, rng, training=True):
    if not training:
        return all_kept(A)
    kept = np.array([rng.random() >= p for _ in range(A.size)]).reshape(A.shape)
    output = A.copy()
    output *= kept
    output /= 1 - p
    return output, kept


@right("dropout")
def drawn_in_float32(A, p, rng, training=True):
    kept = np.ones(A.shape, bool)
    if training:
        kept &= rng.random(A.shape, dtype=np.float32) >= p
        A = kept * A * (1 / (1 - p))
    return A, kept


# --- dropout_backward -------------------------------------------------------------------------------------------------


@mistake("dropout_backward", "It draws a mask of its own. Which entries did the way forward let through?")
def mask_redrawn(d_output, kept, p):
    return d_output * (np.random.default_rng(0).random(d_output.shape) >= p) / (1 - p)


@mistake("dropout_backward", "The scale is missing. By what was a kept entry multiplied on the way forward?")
def backward_not_scaled(d_output, kept, p):
    return d_output * kept


@mistake("dropout_backward", "It scales twice. How often did the way forward?")
def backward_scaled_twice(d_output, kept, p):
    return d_output * kept / (1 - p) ** 2


@mistake(
    "dropout_backward", "It multiplies where the way forward divides. A product with a constant: which slope has it?"
)
def backward_scale_multiplied(d_output, kept, p):
    return d_output * kept * (1 - p)


@mistake("dropout_backward", "It divides by p. By what was a kept entry multiplied on the way forward?")
def backward_divided_by_p(d_output, kept, p):
    return d_output * kept / p


@mistake("dropout_backward", "It multiplies by p. By what was a kept entry multiplied on the way forward?")
def backward_multiplied_by_p(d_output, kept, p):
    return d_output * kept * p


@mistake("dropout_backward", "It multiplies by 1 + p. By what was a kept entry multiplied on the way forward?")
def backward_one_plus_p(d_output, kept, p):
    return d_output * kept * (1 + p)


@mistake("dropout_backward", "The brackets are missing: / 1 - p divides by 1 and takes p off. What belongs together?")
def backward_without_brackets(d_output, kept, p):
    return d_output * kept / 1 - p


@mistake("dropout_backward", "The gradient goes through the dropped entries. Which ones did the output depend on?")
def backward_of_the_dropped(d_output, kept, p):
    return d_output * ~kept / (1 - p)


@mistake("dropout_backward", "The gradient goes through the dropped entries, and it is divided by p. What do kept and "
         "p mean?")  # fmt: skip
def dropped_over_p(d_output, kept, p):
    return d_output * ~kept / p


@mistake("dropout_backward", "The mask is missing: dropped entries get a gradient. Does the output depend on them?")
def backward_not_masked(d_output, kept, p):
    return d_output / (1 - p)


@mistake("dropout_backward", "The gradient passes as if there were no dropout. What did the way forward do to A?")
def backward_untouched(d_output, kept, p):
    return d_output.copy()


@mistake("dropout_backward", "The upstream gradient does not enter. What does the chain rule multiply by?")
def upstream_ignored(d_output, kept, p):
    return np.where(kept, 1 / (1 - p), 0).astype(d_output.dtype)


@mistake("dropout_backward", "Dropped entries keep their upstream gradient. Does the output depend on them?")
def dropped_pass_unscaled(d_output, kept, p):
    return np.where(kept, d_output / (1 - p), d_output)


@mistake("dropout_backward", "It divides by kept. What is 1 / False?")
def divided_by_kept(d_output, kept, p):
    return d_output / kept / (1 - p)


@mistake("dropout_backward", "It divides by the mask and its scale together. On the way forward A was multiplied by "
         "it: which slope has that?")  # fmt: skip
def divided_by_the_scaled_mask(d_output, kept, p):
    return d_output / (kept / (1 - p))


@mistake("dropout_backward", "It scales by the share that this mask happens to keep. By what did the way forward "
         "divide?")  # fmt: skip
def backward_by_the_kept_share(d_output, kept, p):
    return d_output * kept / max(float(kept.mean()), 1e-12)


@mistake("dropout_backward", "It takes the root of the scale. By what was a kept entry multiplied on the way forward?")
def backward_root_of_the_scale(d_output, kept, p):
    return d_output * kept / sqrt(1 - p)


@mistake("dropout_backward", "The first example's mask serves all. Which entries of the other columns were kept?")
def first_column_for_all(d_output, kept, p):
    return d_output * kept[:, :1] / (1 - p)


@mistake("dropout_backward", "The first unit's mask serves all. Which entries of the other rows were kept?")
def first_row_for_all(d_output, kept, p):
    return d_output * kept[:1] / (1 - p)


@mistake("dropout_backward", "The sign is turned. With which sign did A enter the output?")
def backward_negative(d_output, kept, p):
    return -d_output * kept / (1 - p)


@mistake("dropout_backward", "It takes the mean over the batch. Which shape has dA?")
def backward_mean_over_the_batch(d_output, kept, p):
    return (d_output * kept / (1 - p)).mean(axis=1, keepdims=True)


@mistake("dropout_backward", "It divides by the number of examples. The 1/m stands in one place: which?")
def backward_divided_by_m(d_output, kept, p):
    return d_output * kept / (1 - p) / d_output.shape[1]


@mistake("dropout_backward", "It returns the kept entries only, in a row. Which shape has dA?")
def kept_entries_only(d_output, kept, p):
    return d_output[kept] / (1 - p)


@mistake("dropout_backward", "The upstream gradient is squared. How often does the chain rule multiply by it?")
def upstream_squared(d_output, kept, p):
    return d_output**2 * kept / (1 - p)


@mistake("dropout_backward", "dA comes back with its axes exchanged. Which shape did d_output have?")
def backward_turned(d_output, kept, p):
    return (d_output * kept / (1 - p)).T


@mistake("dropout_backward", IN_PLACE)
def backward_in_place(d_output, kept, p):
    if d_output.dtype.kind != "f":
        return d_output * kept / (1 - p)
    d_output[~kept] = 0
    d_output /= 1 - p
    return d_output


@mistake("dropout_backward", FLOAT64)
def backward_in_float64(d_output, kept, p):
    return d_output * (kept / (1 - p))


@right("dropout_backward")
def by_where(d_output, kept, p):
    return np.where(kept, d_output / (1 - p), 0)


@right("dropout_backward")
def by_positions(d_output, kept, p):
    dA = d_output / (1 - p)
    dA[~kept] = 0
    return dA


@right("dropout_backward")
def only_where_kept(d_output, kept, p):
    dA = np.zeros(d_output.shape, d_output.dtype if d_output.dtype.kind == "f" else float)
    dA[kept] = d_output[kept] * (1 / (1 - p))
    return dA


@right("dropout_backward")
def through_float64(d_output, kept, p):
    wide = d_output.astype(np.float64) * (kept.astype(np.float64) / (1.0 - p))
    return wide.astype(d_output.dtype) if d_output.dtype.kind == "f" else wide


@right("dropout_backward")
def backward_entry_by_entry(d_output, kept, p):
    dA = 0.0 * d_output
    for i in np.ndindex(d_output.shape):
        if kept[i]:
            dA[i] = d_output[i] / (1 - p)
    return dA


# --- early_stopping ---------------------------------------------------------------------------------------------------


@mistake("early_stopping", "It stops one epoch too early. How many epochs lie between best and the end?")
def one_too_early(losses, patience):
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        if epoch - best >= patience - 1 and epoch:
            break
    return best, epoch


@mistake("early_stopping", "It stops one epoch too late. How many epochs lie between best and the end?")
def one_too_late(losses, patience):
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        if epoch - best > patience:
            break
    return best, epoch


def ends(losses, patience):
    """The right end."""
    best = 0
    for epoch, loss in enumerate(losses):
        best = epoch if loss < losses[best] else best
        if epoch - best == patience:
            break
    return best, epoch


@mistake("early_stopping", "best is the last epoch. Whose weights should be restored?")
def last_as_best(losses, patience):
    _, last = ends(losses, patience)
    return last, last


@mistake("early_stopping", "It stops at the first loss that is no lower. What is patience for?")
def first_increase(losses, patience):
    return ends(losses, 1)


@mistake("early_stopping", "An equal loss counts as better. What does lower mean?")
def ties_are_better(losses, patience):
    best = 0
    for epoch, loss in enumerate(losses):
        if loss <= losses[best]:
            best = epoch
        if epoch - best == patience:
            break
    return best, epoch


@mistake("early_stopping", "It counts all epochs that were no better, from the start. When does the count begin anew?")
def count_not_reset(losses, patience):
    best = waited = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        elif epoch:
            waited += 1
        if waited == patience:
            break
    return best, epoch


@mistake("early_stopping", "It counts rises from one epoch to the next. With which loss is each one compared?")
def rises_in_a_row(losses, patience):
    best = waited = 0
    for epoch, loss in enumerate(losses):
        best = epoch if loss < losses[best] else best
        waited = waited + 1 if epoch and loss >= losses[epoch - 1] else 0
        if waited == patience:
            break
    return best, epoch


@mistake("early_stopping", "It counts only epochs whose loss is above the one before. What does patience count since "
         "the best?")  # fmt: skip
def rises_since_the_best(losses, patience):
    best = waited = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best, waited = epoch, 0
        elif epoch and loss > losses[epoch - 1]:
            waited += 1
        if waited == patience:
            break
    return best, epoch


@mistake("early_stopping", "A loss below the one before counts as the best. With which loss is each one compared?")
def better_than_the_one_before(losses, patience):
    best = 0
    for epoch, loss in enumerate(losses):
        if epoch and loss < losses[epoch - 1]:
            best = epoch
        if epoch - best == patience:
            break
    return best, epoch


@mistake("early_stopping", "It never stops. What happens when patience has run out?")
def never_stops(losses, patience):
    return int(np.argmin(losses)), len(losses) - 1


@mistake(
    "early_stopping", "best is taken from all losses, also from those after the end. Which ones were seen by then?"
)
def best_of_all_losses(losses, patience):
    return int(np.argmin(losses)), ends(losses, patience)[1]


@mistake("early_stopping", "It looks for the lowest of all losses first and waits from there. Which losses are known "
         "when it stops?")  # fmt: skip
def waits_after_the_best_of_all(losses, patience):
    best = int(np.argmin(losses))
    return best, min(best + patience, len(losses) - 1)


@mistake("early_stopping", "best is always `patience` epochs before the end. What if the losses end before patience "
         "does?")  # fmt: skip
def best_counted_back(losses, patience):
    _, last = ends(losses, patience)
    return max(last - patience, 0), last


@mistake("early_stopping", "last goes beyond the losses. What if they end before patience does?")
def last_beyond_the_losses(losses, patience):
    best, _ = ends(losses, patience)
    return best, best + patience


@mistake("early_stopping", "It takes the highest loss for the best. Which one is best?")
def highest_is_best(losses, patience):
    return ends([-loss for loss in losses], patience)


@mistake("early_stopping", "It returns the loss of the best epoch. Which of the two does the caller restore by?")
def loss_for_best(losses, patience):
    best, last = ends(losses, patience)
    return float(losses[best]), last


@mistake("early_stopping", "It returns two losses. What does the docstring ask for?")
def two_losses(losses, patience):
    best, last = ends(losses, patience)
    return float(losses[best]), float(losses[last])


@mistake("early_stopping", "last comes before best. In which order does the docstring return them?")
def last_first(losses, patience):
    return ends(losses, patience)[::-1]


@mistake("early_stopping", "Only best comes back. What else does the docstring ask for?")
def only_best(losses, patience):
    return ends(losses, patience)[0]


@mistake("early_stopping", "It counts epochs from 1. Which one is the first?")
def epochs_from_1(losses, patience):
    best, last = ends(losses, patience)
    return best + 1, last + 1


@mistake("early_stopping", "last is how many epochs were run. Which number has the last one of them?")
def number_of_epochs(losses, patience):
    best, last = ends(losses, patience)
    return best, last + 1


@mistake("early_stopping", "last is how many epochs went by since best. Where does that count begin?")
def epochs_waited(losses, patience):
    best, last = ends(losses, patience)
    return best, last - best


@mistake("early_stopping", "The end is missing where patience never runs out. What is returned then?")
def nothing_without_a_stop(losses, patience):
    best, last = ends(losses, patience)
    return (best, last) if last - best == patience else (best, None)


@mistake("early_stopping", "Patience counts from the first epoch. Since when does it wait?")
def patience_from_the_start(losses, patience):
    seen = losses[: patience + 1]
    return int(np.argmin(seen)), len(seen) - 1


@mistake("early_stopping", "It compares with the first loss only. When does another epoch become the best?")
def compared_with_the_first(losses, patience):
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[0]:
            best = epoch
        if epoch - best == patience:
            break
    return best, epoch


@right("early_stopping")
def with_a_counter(losses, patience):
    best, lowest, waited = 0, float("inf"), 0
    for epoch, loss in enumerate(losses):
        if loss < lowest:
            best, lowest, waited = epoch, loss, 0
        else:
            waited += 1
            if waited >= patience:
                return best, epoch
    return best, len(losses) - 1


@right("early_stopping")
def by_argmin_of_what_was_seen(losses, patience):
    for last in range(len(losses)):
        best = int(np.argmin(losses[: last + 1]))
        if last - best >= patience:
            break
    return best, last


@right("early_stopping")
def by_while(losses, patience):
    best, last = 0, 0
    while last + 1 < len(losses) and last < best + patience:
        last += 1
        if losses[last] < losses[best]:
            best = last
    return [best, last]


@right("early_stopping")
def by_the_next_lower_loss(losses, patience):
    best = 0
    while True:
        window = range(best + 1, min(best + patience, len(losses) - 1) + 1)
        lower = next((epoch for epoch in window if losses[epoch] < losses[best]), None)
        if lower is None:
            return best, min(best + patience, len(losses) - 1)
        best = lower


@right("early_stopping")
def by_running_minimum(losses, patience):
    losses = np.asarray(losses)
    lowest = np.minimum.accumulate(losses)
    falls = np.r_[True, lowest[1:] < lowest[:-1]]
    bests = np.maximum.accumulate(np.where(falls, np.arange(len(losses)), 0))
    over = np.flatnonzero(np.arange(len(losses)) - bests >= patience)
    last = over[0] if over.size else len(losses) - 1
    return bests[last], last


# --- shift ------------------------------------------------------------------------------------------------------------


def squares(X):
    """The images as (side, side, m)."""
    side = isqrt(len(X))
    return X.reshape(side, side, -1)


def moved(images, down, right, outside=0.0):
    """Right, pixel by pixel."""
    side = len(images)
    result = np.full_like(images, outside)
    for i in range(side):
        for j in range(side):
            if 0 <= i - down < side and 0 <= j - right < side:
                result[i, j] = images[i - down, j - right]
    return result


@mistake("shift", "What leaves the image comes in on the other side. What comes in from outside?")
def wrapped(X, down, right):
    return np.roll(squares(X), (down, right), (0, 1)).reshape(X.shape)


@mistake("shift", "It moves up for down and left for right. In row i, which row of the old image should stand?")
def both_turned(X, down, right):
    return moved(squares(X), -down, -right).reshape(X.shape)


@mistake("shift", "It moves up for down. In row i, which row of the old image should stand?")
def down_turned(X, down, right):
    return moved(squares(X), -down, right).reshape(X.shape)


@mistake("shift", "It moves left for right. In column j, which column of the old image should stand?")
def right_turned(X, down, right):
    return moved(squares(X), down, -right).reshape(X.shape)


@mistake("shift", "Rows and columns are exchanged. Which axis of an image counts its rows?")
def axes_exchanged(X, down, right):
    return moved(squares(X), right, down).reshape(X.shape)


@mistake("shift", "Rows and columns are exchanged, and the image wraps around. Which axis counts the rows, and what "
         "comes in from outside?")  # fmt: skip
def wrapped_and_exchanged(X, down, right):
    return np.roll(squares(X), (right, down), (0, 1)).reshape(X.shape)


@mistake("shift", "It moves the other way, and the image wraps around. What does np.roll do with a positive number?")
def wrapped_the_other_way(X, down, right):
    return np.roll(squares(X), (-down, -right), (0, 1)).reshape(X.shape)


@mistake("shift", "The edge is repeated. What comes in from outside?")
def edge_repeated(X, down, right):
    rows = np.clip(np.arange(len(squares(X))) - down, 0, len(squares(X)) - 1)
    columns = np.clip(np.arange(len(squares(X))) - right, 0, len(squares(X)) - 1)
    return squares(X)[rows][:, columns].reshape(X.shape)


@mistake("shift", "The image is mirrored at its edge. What comes in from outside?")
def mirrored(X, down, right):
    room = max(abs(down), abs(right))
    images, side = squares(X), len(squares(X))
    framed = np.pad(images, ((room, room), (room, room), (0, 0)), mode="symmetric")
    return framed[room - down :, room - right :][:side, :side].reshape(X.shape)


@mistake("shift", "Ones come in from outside. Which number is paper?")
def ones_from_outside(X, down, right):
    return moved(squares(X), down, right, 1.0).reshape(X.shape)


@mistake("shift", "The mean comes in from outside. Which number is paper?")
def mean_from_outside(X, down, right):
    return moved(squares(X), down, right, X.mean()).reshape(X.shape)


@mistake("shift", "What comes in is what stood there before. Which number is paper?")
def old_pixels_left(X, down, right):
    new = moved(squares(X), down, right, np.nan).reshape(X.shape)
    return np.where(np.isnan(new), X, new)


@mistake("shift", "The column of an image is moved as one long row of numbers, so pixels slip into the next line. What "
         "does a reshape help?")  # fmt: skip
def flat_and_wrapped(X, down, right):
    return np.roll(X, down * isqrt(len(X)) + right, axis=0)


@mistake("shift", "The column of an image is moved as one long row of numbers, with zeros at its ends. What becomes of "
         "pixels at the end of a line?")  # fmt: skip
def flat_with_zeros(X, down, right):
    step = down * isqrt(len(X)) + right
    result = np.zeros_like(X)
    if abs(step) < len(X):
        result[max(step, 0) : len(X) + min(step, 0)] = X[max(-step, 0) : len(X) + min(-step, 0)]
    return result


@mistake("shift", "Only rows move. What does `right` do?")
def only_down(X, down, right):
    return moved(squares(X), down, 0).reshape(X.shape)


@mistake("shift", "Only columns move. What does `down` do?")
def only_right(X, down, right):
    return moved(squares(X), 0, right).reshape(X.shape)


@mistake("shift", "Nothing moves. Where do `down` and `right` enter?")
def nothing_moves(X, down, right):
    return X.copy()


@mistake("shift", "A negative number moves the same way as a positive one. Which way is up?")
def absolute_moves(X, down, right):
    return moved(squares(X), abs(down), abs(right)).reshape(X.shape)


@mistake("shift", "It works for down and right only. What does a slice with a negative start mean?")
def positive_only(X, down, right):
    images, side = squares(X), len(squares(X))
    result = np.zeros_like(images)
    result[down:, right:] = images[: side - down, : side - right]
    return result.reshape(X.shape)


@mistake("shift", "It moves by slices that end at -down: with 0 such a slice is empty. What if one of the two is 0?")
def empty_slice_at_0(X, down, right):
    images = squares(X)
    result = np.zeros_like(images)
    to_rows, from_rows = (
        (slice(down, None), slice(None, -down)) if down >= 0 else (slice(None, down), slice(-down, None))
    )
    to_columns, from_columns = (
        (slice(right, None), slice(None, -right)) if right >= 0 else (slice(None, right), slice(-right, None))
    )
    result[to_rows, to_columns] = images[from_rows, from_columns]
    return result.reshape(X.shape)


@mistake("shift", "The pixels that wrapped around are erased at the top and left only. Where do they come in when the "
         "image moves up?")  # fmt: skip
def erased_at_the_top_only(X, down, right):
    result = np.roll(squares(X), (down, right), (0, 1))
    result[: max(down, 0)] = 0
    result[:, : max(right, 0)] = 0
    return result.reshape(X.shape)


@mistake("shift", "The wrapped pixels are erased with the slice [:down], also when down is negative. Which rows does "
         "[:-1] hold?")  # fmt: skip
def erased_by_negative_slices(X, down, right):
    result = np.roll(squares(X), (down, right), (0, 1))
    result[:down] = 0
    result[:, :right] = 0
    return result.reshape(X.shape)


@mistake("shift", "Pixels of different images are mixed. Which axis of X counts the images?")
def images_mixed(X, down, right):
    side = isqrt(len(X))
    images = np.moveaxis(X.reshape(-1, side, side), 0, 2)
    return np.moveaxis(moved(images, down, right), 2, 0).reshape(X.shape)


@mistake("shift", "Only the first image moves. What does the loop run over?")
def only_the_first_image(X, down, right):
    return np.hstack([moved(squares(X[:, :1]), down, right).reshape(-1, 1), X[:, 1:]])


@mistake("shift", "The result has the shape (side, side, m). Which shape does a net take?")
def not_flattened(X, down, right):
    return moved(squares(X), down, right)


@mistake("shift", "Each image comes back as a row. Which axis of X counts the images?")
def images_as_rows(X, down, right):
    return moved(squares(X), down, right).reshape(X.shape).T


@mistake("shift", "It moves twice as far as asked. How often is the move applied?")
def moved_twice(X, down, right):
    return moved(moved(squares(X), down, right), down, right).reshape(X.shape)


@mistake("shift", "The image is cut where pixels left it, and grows smaller. Which shape goes in?")
def cut(X, down, right):
    side = isqrt(len(X))
    part = squares(X)[max(-down, 0) : side - max(down, 0), max(-right, 0) : side - max(right, 0)]
    return part.reshape(-1, X.shape[1])


@mistake("shift", IN_PLACE)
def shift_in_place(X, down, right):
    X[...] = moved(squares(X), down, right).reshape(X.shape)
    return X


@mistake("shift", FLOAT64)
def shift_in_float64(X, down, right):
    return moved(squares(X), down, right).reshape(X.shape).astype(np.float64)


@right("shift")
def pixel_by_pixel(X, down, right):
    return moved(squares(X), down, right).reshape(X.shape)


@right("shift")
def rolled_and_erased(X, down, right):
    result = np.roll(squares(X), (down, right), (0, 1))
    side = len(result)
    rows, columns = np.arange(side) - down, np.arange(side) - right
    result[(rows < 0) | (rows >= side)] = 0
    result[:, (columns < 0) | (columns >= side)] = 0
    return result.reshape(X.shape)


@right("shift")
def by_slices(X, down, right):
    images, side = squares(X), isqrt(len(X))
    result = np.zeros_like(images)

    def to(step):
        return slice(max(step, 0), max(side + min(step, 0), 0))

    result[to(down), to(right)] = images[to(-down), to(-right)]
    return result.reshape(X.shape)


@right("shift")
def by_matrices(X, down, right):
    side = isqrt(len(X))
    rows, columns = np.eye(side, k=-down, dtype=X.dtype), np.eye(side, k=-right, dtype=X.dtype)
    return np.einsum("ij,jkm,lk->ilm", rows, squares(X), columns).reshape(X.shape)


@right("shift")
def image_by_image(X, down, right):
    moved_images = [moved(squares(X[:, [i]]), down, right).ravel() for i in range(X.shape[1])]
    return np.stack(moved_images, axis=1)


@right("shift")
def in_a_large_frame(X, down, right):
    images, side = squares(X), isqrt(len(X))
    room = side + max(abs(down), abs(right))
    frame = np.zeros((2 * room + side, 2 * room + side, X.shape[1]), X.dtype)
    frame[room + down : room + down + side, room + right : room + right + side] = images
    return frame[room : room + side, room : room + side].reshape(X.shape)
