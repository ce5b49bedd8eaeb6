"""Values and gradients of dnnlib against PyTorch's, float64. A gap above LIMIT is an error.

PyTorch's running variance is the unbiased one, over m - 1; its batch norm normalises by the biased one, over m.
"""

import sys
from collections.abc import Iterator

import numpy as np

from benchmarks.measure import table
from benchmarks.turns import add_torch

LIMIT = 1e-10
STEPS = 5
rng = np.random.default_rng(0)


def tensor(x: np.ndarray, rows: bool = False):
    """A leaf of PyTorch; `rows` for examples in rows, as PyTorch has them."""
    import torch

    return torch.tensor(x.T if rows else x).requires_grad_(x.dtype == float)


def gradients(loss, *leaves) -> list[np.ndarray]:
    import torch

    return [each.numpy() for each in torch.autograd.grad(loss, leaves)]


def losses() -> Iterator[tuple]:
    from torch.nn import functional as F

    from dnnlib import backprop, losses

    O, Y, y = rng.normal(size=(4, 7)), rng.normal(size=(4, 7)), rng.integers(0, 4, 7)
    logits, labels = 3 * rng.normal(size=(1, 7)), rng.integers(0, 2, (1, 7)).astype(float)
    m = O.shape[1]
    o = tensor(O, rows=True)
    loss = F.cross_entropy(o, tensor(y))
    yield "cross_entropy", losses.cross_entropy(O, y), loss
    yield "cross_entropy_delta", backprop.cross_entropy_delta(O, y), gradients(loss, o)[0].T
    loss = F.mse_loss(o, tensor(Y, rows=True), reduction="sum") / m
    yield "mse", losses.mse(O, Y), loss
    yield "mse_delta", backprop.mse_delta(O, Y), gradients(loss, o)[0].T
    o = tensor(logits)
    loss = F.binary_cross_entropy_with_logits(o, tensor(labels))
    yield "bce_with_logits", losses.bce_with_logits(logits, labels), loss
    yield "bce_delta", backprop.bce_delta(logits, labels), gradients(loss, o)[0]


def activations() -> Iterator[tuple]:
    import torch
    from torch.nn import functional as F

    from dnnlib import activations, backprop, rectifiers

    Z = rng.normal(size=(5, 6))
    pairs = {
        "relu": (activations.relu, backprop.relu_slope, F.relu),
        "sigmoid": (activations.sigmoid, backprop.sigmoid_slope, torch.sigmoid),
        "tanh": (activations.tanh, backprop.tanh_slope, torch.tanh),
        "leaky_relu": (rectifiers.leaky_relu, rectifiers.leaky_relu_slope, lambda z: F.leaky_relu(z, 0.01)),
        "gelu": (rectifiers.gelu, rectifiers.gelu_slope, F.gelu),
        "gelu_tanh": (rectifiers.gelu_tanh, rectifiers.gelu_tanh_slope, lambda z: F.gelu(z, approximate="tanh")),
    }
    for name, (phi, slope, theirs) in pairs.items():
        z = tensor(Z)
        yield name, phi(Z), theirs(z)
        yield f"{name}, slope", slope(Z), gradients(theirs(z).sum(), z)[0]
    z, alpha, dA = tensor(Z), tensor(np.array([0.2])), rng.normal(size=Z.shape)
    dZ, dalpha = gradients((F.prelu(z, alpha) * tensor(dA)).sum(), z, alpha)
    yield "prelu_backward", np.append(*rectifiers.prelu_backward(Z, 0.2, dA)), np.append(dZ, dalpha)


def net() -> Iterator[tuple]:
    """The backward pass of a net 5-4-3-2 with three activations."""
    import torch

    from dnnlib.activations import identity, relu, tanh
    from dnnlib.backprop import SLOPES
    from dnnlib.training import loss_and_gradients

    X, y = rng.normal(size=(5, 6)), rng.integers(0, 2, 6)
    shapes = [(4, 5), (3, 4), (2, 3)]
    layers = [(rng.normal(size=s), rng.normal(size=(s[0], 1)), phi) for s, phi in zip(shapes, (relu, tanh, identity))]
    leaves = [tensor(each) for W, b, _ in layers for each in (W, b)]
    A = torch.tensor(X)
    for W, b, phi in zip(leaves[::2], leaves[1::2], (torch.relu, torch.tanh, lambda z: z)):
        A = phi(W @ A + b)
    theirs = gradients(torch.nn.functional.cross_entropy(A.T, torch.tensor(y)), *leaves)
    ours = [each for pair in loss_and_gradients(layers, X, y, SLOPES)[1] for each in pair]
    for l in range(3):
        yield f"backward, dW[{l + 1}]", ours[2 * l], theirs[2 * l]
        yield f"backward, db[{l + 1}]", ours[2 * l + 1], theirs[2 * l + 1]


def optimizers() -> Iterator[tuple]:
    """Parameters after some steps with the same gradients."""
    from torch import optim

    from dnnlib import optimizers as ours
    from dnnlib.regularization import adamw_step

    start, g = rng.normal(size=(3, 2)), rng.normal(size=(STEPS, 3, 2))

    def walk(step, states):
        theta = start
        for t in range(STEPS):
            theta, *states = step(theta, g[t], *states, t + 1)
        return theta

    def theirs(optimizer, **settings):
        theta = tensor(start)
        stepper = optimizer([theta], **settings)
        for each in g:
            theta.grad = tensor(each).detach()
            stepper.step()
        return theta

    zero = 0 * start
    momentum = walk(lambda theta, g, v, t: ours.momentum_step(theta, g, v, 0.1, 0.8), [zero])
    yield "momentum_step", momentum, theirs(optim.SGD, lr=0.1, momentum=0.8)
    rmsprop = walk(lambda theta, g, s, t: ours.rmsprop_step(theta, g, s, 0.1, 0.8, 0.01), [zero])
    yield "rmsprop_step", rmsprop, theirs(optim.RMSprop, lr=0.1, alpha=0.8, eps=0.01)
    settings = {"lr": 0.1, "betas": (0.7, 0.9), "eps": 0.01}
    adam = walk(lambda theta, g, m, v, t: ours.adam_step(theta, g, m, v, t, 0.1, 0.7, 0.9, 0.01), [zero, zero])
    yield "adam_step", adam, theirs(optim.Adam, **settings)
    adamw = walk(lambda theta, g, m, v, t: adamw_step(theta, g, m, v, t, 0.1, 0.3, 0.7, 0.9, 0.01), [zero, zero])
    yield "adamw_step", adamw, theirs(optim.AdamW, weight_decay=0.3, **settings)


def batch_norm() -> Iterator[tuple]:
    import torch

    from dnnlib import batch_norm as ours

    n, m, rho, eps = 4, 6, 0.7, 0.1
    Z, d, gamma, beta = (rng.normal(size=shape) for shape in ((n, m), (n, m), (n, 1), (n, 1)))
    mean, var = rng.normal(size=(n, 1)), rng.uniform(1, 2, (n, 1))
    layer = torch.nn.BatchNorm1d(n, eps, momentum=1 - rho, dtype=torch.float64)
    with torch.no_grad():
        held = (layer.weight, layer.bias, layer.running_mean, layer.running_var)
        for target, value in zip(held, (gamma, beta, mean, var)):
            target.copy_(torch.tensor(value[:, 0]))
    layer.eval()
    yield "batch_norm_inference", ours.batch_norm_inference(Z, gamma, beta, mean, var, eps), layer(tensor(Z.T)).T
    layer.train()
    z = tensor(Z, rows=True)
    out = layer(z)
    block, pullback = ours.batch_norm_block(Z, gamma, beta, eps)
    yield "batch_norm", block, out.T
    dz, dgamma, dbeta = gradients((out * tensor(d, rows=True)).sum(), z, layer.weight, layer.bias)
    for name, mine, other in zip(("dZ", "dgamma", "dbeta"), pullback(d), (dz.T, dgamma[:, None], dbeta[:, None])):
        yield f"batch_norm, {name}", mine, other
    mu, biased = ours.batch_statistics(Z)
    running = layer.running_mean[:, None], layer.running_var[:, None]
    yield "update_running, mean", ours.update_running(mean, mu, rho), running[0]
    unbiased = biased * m / (m - 1)
    yield "update_running, variance times m / (m - 1)", ours.update_running(var, unbiased, rho), running[1]


def convolutions() -> Iterator[tuple]:
    from torch.nn import functional as F

    from dnnlib import convolution as ours

    for k, stride, padding in ((3, 1, 1), (3, 2, 0), (2, 3, 2), (1, 1, 0)):
        X, W, b = rng.normal(size=(2, 3, 7, 6)), rng.normal(size=(4, 3, k, k)), rng.normal(size=(4, 1))
        x, w, bias = tensor(X), tensor(W), tensor(b[:, 0])
        out = F.conv2d(x, w, bias, stride, padding)
        d = rng.normal(size=out.shape)
        name = f"{k}x{k}, stride {stride}, padding {padding}"
        yield f"convolve {name}", ours.convolve(X, W, b, stride, padding), out
        dF, db, dX = ours.convolve_backward(d, X, W, stride, padding)
        theirs = gradients((out * tensor(d)).sum(), w, bias, x)
        for part, mine, other in zip(("dF", "db", "dX"), (dF, db[:, 0], dX), theirs):
            yield f"convolve {name}, {part}", mine, other


def bottleneck() -> Iterator[tuple]:
    from torch.nn import functional as F

    from dnnlib import convolution as ours

    wide, narrow = 6, 2
    X, d = rng.normal(size=(2, 3, wide, 5, 4)), rng.normal(size=(3, wide, 5, 4))
    shapes = ((narrow, wide, 1, 1), (narrow, narrow, 3, 3), (wide, narrow, 1, 1))
    parameters = [rng.normal(size=s) for each in shapes for s in (each, *[(each[0], 1)] * 3)]
    out, pullback = ours.bottleneck(parameters)(X[0])
    dX, mine = pullback(d)
    x, leaves = tensor(X[0]), [tensor(each) for each in parameters]
    h = x
    for n in range(3):
        W, b, gamma, beta = leaves[4 * n : 4 * n + 4]
        h = F.conv2d(h, W, b[:, 0], padding=W.shape[-1] // 2)
        h = F.batch_norm(h, None, None, gamma[:, 0], beta[:, 0], training=True, eps=1e-5)
        h = F.relu(h) if n < 2 else h
    yield "bottleneck", out, x + h
    theirs = gradients(((x + h) * tensor(d)).sum(), x, *leaves)
    yield "bottleneck, dX", dX, theirs[0]
    names = ("dF", "db", "dgamma", "dbeta")
    for n, (a, b) in enumerate(zip(mine, theirs[1:])):
        yield f"bottleneck, {names[n % 4]} {n // 4 + 1}", a, b


GROUPS = (losses, activations, net, optimizers, batch_norm, convolutions, bottleneck)


def gap(ours: np.ndarray, theirs) -> float:
    """The largest difference, as a share of the largest entry where that is above 1."""
    theirs = np.asarray(theirs.detach() if hasattr(theirs, "detach") else theirs)
    if np.shape(ours) != theirs.shape:
        raise ValueError(f"shapes differ: {np.shape(ours)} here, {theirs.shape} in PyTorch")
    return float(np.abs(ours - theirs).max() / max(1, np.abs(theirs).max()))


def main() -> None:
    add_torch()
    rows, apart = [], []
    for group in GROUPS:
        gaps = {name: gap(ours, theirs) for name, ours, theirs in group()}
        rows.append([group.__name__, len(gaps), f"{max(gaps.values()):.0e}"])
        apart += [f"{name}: {found:.0e}" for name, found in gaps.items() if not found <= LIMIT]
    table("Values and gradients against PyTorch's, float64", ["", "compared", "largest gap"], rows)
    print("\nPyTorch's running variance is dnnlib's with the batch's variance times m / (m - 1).")
    if apart:
        sys.exit(f"Gaps above {LIMIT}: {'; '.join(apart)}")


if __name__ == "__main__":
    main()
