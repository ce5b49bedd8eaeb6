"""One training step, float32: dnnlib's against PyTorch's on the CPU, and against its bare matrix products.

A step is forward, cross-entropy, backward and plain SGD on one minibatch. The three take turns in one process. Each
number of threads has a process of its own, since BLAS reads it once.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

from benchmarks.measure import table
from gradekit.course import ROOT

NETS = (((784, 128, 10), 64), ((64, 32, 10), 32), ((784, 1024, 1024, 10), 256))
THREADS = (1, 2)
TURNS, SECONDS, PAUSE = 5, 0.25, 0.1  # a thread pool that waits in a loop would slow down the next side
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
    steps = {name: make(sizes, X, y) for name, make in SIDES.items()}
    spent = {name: [] for name in steps}
    for _ in range(TURNS):
        for name, step in steps.items():
            time.sleep(PAUSE)
            step()
            until = time.perf_counter() + SECONDS
            while time.perf_counter() < until:
                began = time.perf_counter()
                step()
                spent[name].append(1000 * (time.perf_counter() - began))
    return {name: statistics.median(times) for name, times in spent.items()}


def with_threads(threads: int) -> list[dict[str, float]]:
    count = {name: str(threads) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    command = [sys.executable, "-m", "benchmarks.training", "--measure"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | count, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    return json.loads(done.stdout)


def main() -> None:
    rows = []
    for threads in THREADS:
        for (sizes, m), spent in zip(NETS, with_threads(threads)):
            name = f"{'-'.join(map(str, sizes))}, batch {m}, {threads} thread{'s' if threads > 1 else ''}"
            ratios = [spent["dnnlib"] / spent[peer] for peer in ("PyTorch", "products")]
            rows.append([name, *spent.values(), *ratios])
    head = ["", *SIDES, "dnnlib / PyTorch", "dnnlib / products"]
    table("One training step, milliseconds, float32", head, rows)


if __name__ == "__main__":
    sys.path.append(str(ROOT / ".torch"))  # last, so that it shadows nothing
    if "--measure" in sys.argv:
        print(json.dumps([measure(*net) for net in NETS]))
    else:
        main()
