"""Mutants that no input of a check can tell from the solution, each with the reason.

Keys are `function: what was changed`, as tests/mutants.py says it.
"""

COMMUTES = "the order of the two arguments does not matter"
SAME_NUMBER = "a NumPy number is as good as a Python number"
WARNINGS = "warnings cost nothing"
ONE_STATE_EACH = "strict only guards against a caller whose lists are not of one length"

EQUIVALENTS: dict[str, str] = {
    "relu: return np.maximum(Z, 0.0)  ->  return np.maximum(0.0, Z)": COMMUTES,
    "sigmoid: return np.where(Z >= 0, 1.0, e) / (1.0 + e)  ->  return np.where(Z > 0, 1.0, e) / (1.0 + e)": (
        "at 0, e is 1 too"
    ),
    "forward: Z, A = ([None], [X])  ->  Z, A = ([0], [X])": "Z[0] only fills the place, nothing reads it",
    "mse: return float(((Y_hat - Y) ** 2).sum(axis=0).mean())  ->  return ((Y_hat - Y) ** 2).sum(axis=0).mean()": (
        SAME_NUMBER
    ),
    "bce: return float((ones + zeros).mean())  ->  return (ones + zeros).mean()": SAME_NUMBER,
    "bce: with np.errstate(divide='ignore', invalid='ignore'):  ->  with np.errstate(invalid='ignore'):": WARNINGS,
    "bce: with np.errstate(divide='ignore', invalid='ignore'):  ->  with np.errstate(divide='ignore'):": WARNINGS,
    "bce_with_logits: return float((np.maximum(O, 0) - O * Y + np.log1p(np.exp(-np.abs(O)))).mean())  ->  "
    "return (np.maximum(O, 0) - O * Y + np.log1p(np.exp(-np.abs(O)))).mean()": SAME_NUMBER,
    "bce_with_logits: return float((np.maximum(O, 0) - O * Y + np.log1p(np.exp(-np.abs(O)))).mean())  ->  "
    "return float((np.maximum(0, O) - O * Y + np.log1p(np.exp(-np.abs(O)))).mean())": COMMUTES,
    "cross_entropy: return float((log_sum_exp(O) - O[as_labels(y, *O.shape), np.arange(O.shape[1])]).mean())  ->  "
    "return (log_sum_exp(O) - O[as_labels(y, *O.shape), np.arange(O.shape[1])]).mean()": SAME_NUMBER,
    "leaky_relu: return np.where(Z > 0, Z, alpha * Z)  ->  return np.where(Z >= 0, Z, alpha * Z)": "at 0, both are 0",
    "prelu_backward: return (dA * leaky_relu_slope(Z, alpha), float(np.sum(dA * np.minimum(Z, 0))))  ->  "
    "return (dA * leaky_relu_slope(Z, alpha), np.sum(dA * np.minimum(Z, 0)))": SAME_NUMBER,
    "prelu_backward: return (dA * leaky_relu_slope(Z, alpha), float(np.sum(dA * np.minimum(Z, 0))))  ->  "
    "return (dA * leaky_relu_slope(Z, alpha), float(np.sum(dA * np.minimum(0, Z))))": COMMUTES,
    "train_epoch: stepped = [update(theta, g, state) for theta, g, state in zip(thetas, gradients, states, "
    "strict=True)]  ->  stepped = [update(theta, g, state) for theta, g, state in zip(thetas, gradients, "
    "states)]": ONE_STATE_EACH,
    "train_epoch: stepped = [update(theta, g, state) for theta, g, state in zip(thetas, gradients, states, "
    "strict=True)]  ->  stepped = [update(theta, g, state) for theta, g, state in zip(thetas, gradients, states, "
    "strict=False)]": ONE_STATE_EACH,
}
