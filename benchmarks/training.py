"""One training step, float32: dnnlib's against PyTorch's on the CPU, and against its bare matrix products.

A step is forward, cross-entropy, backward and plain SGD on one minibatch.
"""

import json
import sys
from collections.abc import Callable

import numpy as np

from benchmarks.measure import table
from benchmarks.turns import add_torch, medians, on_each_number_of_threads

NETS = (((784, 128, 10), 64), ((64, 32, 10), 32), ((784, 1024, 1024, 10), 256))
ETA = 0.01


def dnnlib_step(sizes: tuple, X: np.ndarray, y: np.ndarray) -> Callable:
    from dnnlib.activations import identity, relu
    from dnnlib.backprop import SLOPES
    from dnnlib.initialization import he, initialize
    from dnnlib.optimizers import sgd_step
    from dnnlib.training import loss_and_gradients

    phis = [relu] * (len(sizes) - 2) + [identity]
    net = initialize(sizes, phis, he, np.random.default_rng(0))
    net = [(W.astype(np.float32), b.astype(np.float32), phi) for W, b, phi in net]

    def step():
        nonlocal net
        _, gradients = loss_and_gradients(net, X, y, SLOPES)
        net = [(sgd_step(W, dW, ETA), sgd_step(b, db, ETA), phi) for (W, b, phi), (dW, db) in zip(net, gradients)]

    return step


def torch_step(sizes: tuple, X: np.ndarray, y: np.ndarray) -> Callable:
    import torch

    layers = [torch.nn.Linear(*pair) for pair in zip(sizes, sizes[1:])]
    between = [each for layer in layers for each in (layer, torch.nn.ReLU())][:-1]
    net, loss = torch.nn.Sequential(*between), torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=ETA)
    rows, labels = torch.from_numpy(np.ascontiguousarray(X.T)), torch.from_numpy(y)

    def step():
        optimizer.zero_grad()
        loss(net(rows), labels).backward()
        optimizer.step()

    return step


def products(sizes: tuple, X: np.ndarray, y: np.ndarray) -> Callable:
    """The floor: W A and delta A^T of each layer, W^T delta of all but the first. Nothing is allocated."""
    rng = np.random.default_rng(0)
    W = [rng.standard_normal(shape, np.float32) for shape in zip(sizes[1:], sizes)]
    A = [X] + [np.empty((n, X.shape[1]), np.float32) for n in sizes[1:]]
    delta = [rng.standard_normal(a.shape, np.float32) for a in A]
    dW = [np.empty_like(each) for each in W]

    def step():
        for l, w in enumerate(W):
            np.matmul(w, A[l], out=A[l + 1])
        for l in reversed(range(len(W))):
            np.matmul(delta[l + 1], A[l].T, out=dW[l])
            if l:
                np.matmul(W[l].T, delta[l + 1], out=delta[l])

    return step


SIDES = {"dnnlib": dnnlib_step, "PyTorch": torch_step, "products": products}


def measure(sizes: tuple, m: int) -> dict[str, float]:
    """The median milliseconds of a step, side by side."""
    rng = np.random.default_rng(1)
    X, y = rng.standard_normal((sizes[0], m), np.float32), rng.integers(0, sizes[-1], m)
    return medians({name: make(sizes, X, y) for name, make in SIDES.items()})


def main() -> None:
    rows = []
    for threads, measured in on_each_number_of_threads("benchmarks.training").items():
        for (sizes, m), spent in zip(NETS, measured):
            ratios = [spent["dnnlib"] / spent[peer] for peer in ("PyTorch", "products")]
            rows.append([f"{'-'.join(map(str, sizes))}, batch {m}, {threads}", *spent.values(), *ratios])
    head = ["", *SIDES, "dnnlib / PyTorch", "dnnlib / products"]
    table("One training step, milliseconds, float32", head, rows)


if __name__ == "__main__":
    add_torch()
    if "--measure" in sys.argv:
        print(json.dumps([measure(*net) for net in NETS]))
    else:
        main()
