"""Convolution and batch norm, float32: dnnlib's against PyTorch's on the CPU, and a convolution's bare matrix products.

Digits' sizes are those of lab 08's net, batch 32. The large images are (16, 64, 32, 32).
"""

import json
import sys
from collections.abc import Callable

import numpy as np

from benchmarks.measure import table
from benchmarks.turns import add_torch, medians, on_each_number_of_threads

CONVOLUTIONS = {  # X, F, padding
    "3x3, digits, 1 to 8 channels": ((32, 1, 8, 8), (8, 1, 3, 3), 1),
    "3x3, digits, 8 channels": ((32, 8, 8, 8), (8, 8, 3, 3), 1),
    "1x1, digits, 16 to 8 channels": ((32, 16, 8, 8), (8, 16, 1, 1), 0),
    "3x3, 32x32, 64 channels": ((16, 64, 32, 32), (64, 64, 3, 3), 1),
    "1x1, 32x32, 64 channels": ((16, 64, 32, 32), (64, 64, 1, 1), 0),
}
NORMS = {  # what is normalised: (n, m), or images
    "batch norm, digits, 32 units": (32, 32),
    "batch norm, digits, 8 channels": (32, 8, 8, 8),
    "batch norm, 32x32, 64 channels": (16, 64, 32, 32),
}


def draw(*shapes: tuple) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.standard_normal(shape, np.float32) for shape in shapes]


def convolutions(X_shape: tuple, F_shape: tuple, padding: int) -> dict[str, dict[str, Callable]]:
    """Forward alone, and forward with backward, of dnnlib, PyTorch and the bare products of one matrix of columns."""
    import torch

    from dnnlib.convolution import convolve, convolve_backward

    X, F, b, d = draw(X_shape, F_shape, F_shape[:1], (X_shape[0], F_shape[0], *X_shape[2:]))
    column = b.reshape(-1, 1)
    tensors = [torch.from_numpy(each).requires_grad_() for each in (X, F, b)]
    upstream = torch.from_numpy(d)
    rows, delta = F.reshape(len(F), -1), d.transpose(1, 0, 2, 3).reshape(len(F), -1)
    (columns,) = draw((rows.shape[1], delta.shape[1]))

    def forward():
        return torch.nn.functional.conv2d(*tensors, padding=padding)

    return {
        "forward": {
            "dnnlib": lambda: convolve(X, F, column, 1, padding),
            "PyTorch": forward,
            "products": lambda: rows @ columns,
        },
        "and backward": {
            "dnnlib": lambda: (convolve(X, F, column, 1, padding), convolve_backward(d, X, F, 1, padding)),
            "PyTorch": lambda: torch.autograd.grad(forward(), tensors, upstream),
            "products": lambda: (rows @ columns, delta @ columns.T, rows.T @ delta),
        },
    }


def batch_norms(shape: tuple) -> dict[str, dict[str, Callable]]:
    """Forward with backward, in training mode, of dnnlib and PyTorch."""
    import torch

    from dnnlib.batch_norm import batch_norm_block
    from dnnlib.convolution import channel_norm_block

    images = len(shape) == 4
    n = shape[1] if images else shape[0]
    X, d, gamma, beta = draw(shape, shape, (n,), (n,))
    column = [each.reshape(-1, 1) for each in (gamma, beta)]
    theirs = [np.ascontiguousarray(each if images else each.T) for each in (X, d)]
    tensors = [torch.from_numpy(each).requires_grad_() for each in (theirs[0], gamma, beta)]
    upstream = torch.from_numpy(theirs[1])

    def step():
        _, pullback = channel_norm_block(*column)(X) if images else batch_norm_block(X, *column)
        return pullback(d)

    def torch_step():
        X, gamma, beta = tensors
        out = torch.nn.functional.batch_norm(X, None, None, gamma, beta, training=True)
        return torch.autograd.grad(out, tensors, upstream)

    return {"and backward": {"dnnlib": step, "PyTorch": torch_step}}


def measure() -> list:
    """Name, which steps, and the medians of all sides."""
    made = {name: convolutions(*each) for name, each in CONVOLUTIONS.items()}
    made |= {name: batch_norms(shape) for name, shape in NORMS.items()}
    return [(name, which, medians(sides)) for name, steps in made.items() for which, sides in steps.items()]


def main() -> None:
    rows = []
    for threads, measured in on_each_number_of_threads("benchmarks.blocks").items():
        for name, which, spent in measured:
            ours, theirs, products = spent["dnnlib"], spent["PyTorch"], spent.get("products", "")
            rows.append([f"{name}, {which}, {threads}", ours, theirs, products, ours / theirs])
    head = ["", "dnnlib", "PyTorch", "products", "dnnlib / PyTorch"]
    table("Convolution and batch norm, milliseconds, float32", head, rows)


if __name__ == "__main__":
    add_torch()
    if "--measure" in sys.argv:
        print(json.dumps(measure()))
    else:
        main()
