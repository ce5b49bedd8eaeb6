"""Mutants that no input of a check can tell from the solution, each with the reason.

Keys are `function: what was changed`, as tests/mutants.py says it.
"""

COMMUTES = "the order of the two arguments does not matter"
SAME_NUMBER = "a NumPy number is as good as a Python number"
WARNINGS = "warnings cost nothing"
THE_REST = "NumPy reads every negative size as the rest"
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
    "im2col: return windows.transpose(1, 4, 5, 0, 2, 3).reshape(X.shape[1] * k * k, -1)  ->  "
    "return windows.transpose(1, 4, 5, 0, 2, 3).reshape(X.shape[1] * k * k, -2)": THE_REST,
    "convolve: out = F.reshape(C_out, -1) @ im2col(X, k, stride, padding) + b  ->  "
    "out = F.reshape(C_out, -2) @ im2col(X, k, stride, padding) + b": THE_REST,
    "convolve_backward: delta = d_out.transpose(1, 0, 2, 3).reshape(C_out, -1)  ->  "
    "delta = d_out.transpose(1, 0, 2, 3).reshape(C_out, -2)": THE_REST,
    "convolve_backward: dX = col2im(F.reshape(C_out, -1).T @ delta, X.shape, k, stride, padding)  ->  "
    "dX = col2im(F.reshape(C_out, -2).T @ delta, X.shape, k, stride, padding)": THE_REST,
    "l2_penalty: return lam * sum((float((W ** 2).sum()) for W, _, _ in layers))  ->  "
    "return lam * sum(((W ** 2).sum() for W, _, _ in layers))": SAME_NUMBER,
    "add_l2: return [(dW + 2 * lam * W, db) for (dW, db), (W, _, _) in zip(gradients, layers, strict=True)]  ->  "
    "return [(dW + 2 * lam * W, db) for (dW, db), (W, _, _) in zip(gradients, layers)]": ONE_STATE_EACH,
    "add_l2: return [(dW + 2 * lam * W, db) for (dW, db), (W, _, _) in zip(gradients, layers, strict=True)]  ->  "
    "return [(dW + 2 * lam * W, db) for (dW, db), (W, _, _) in zip(gradients, layers, strict=False)]": ONE_STATE_EACH,
    "dropout: kept = rng.random(A.shape) >= p  ->  kept = rng.random(A.shape) > p": (
        "a drawn number equals p once in 2^53 draws"
    ),
    "shift: room = max(abs(down), abs(right))  ->  room = max(abs(right), abs(down))": COMMUTES,
    "shift: framed = np.pad(X.reshape(side, side, -1), ((room, room), (room, room), (0, 0)))  ->  "
    "framed = np.pad(X.reshape(side, side, -2), ((room, room), (room, room), (0, 0)))": THE_REST,
}
