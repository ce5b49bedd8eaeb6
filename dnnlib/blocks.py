"""Lab 08: blocks that can be put together, each as output and pullback.

A block is a function of its input: block(A) -> (output, pullback). pullback(d), with d = dJ/d(output), gives (dA,
gradients): dJ/dA, and a list of the gradients of the block's own parameters. Blocks put together are blocks again.
"""

from collections.abc import Callable

import numpy as np

from dnnlib.activations import relu
from dnnlib.backprop import linear_backward, relu_slope
from dnnlib.layers import linear

Pullback = Callable[[np.ndarray], tuple[np.ndarray, list]]
Block = Callable[[np.ndarray], tuple[np.ndarray, Pullback]]


def linear_block(W: np.ndarray, b: np.ndarray) -> Block:
    """Z = W A + b. Its gradients: [dW, db].

    W: (n, k), b: (n, 1); A: (k, m).
    """

    def block(A):
        def pullback(delta):
            dW, db, dA = linear_backward(W, A, delta)
            return dA, [dW, db]

        return linear(W, b, A), pullback

    return block


def relu_block(Z: np.ndarray) -> tuple[np.ndarray, Pullback]:
    """A = max(0, Z), without parameters.

    Z: any shape.
    """
    return relu(Z), lambda dA: (dA * relu_slope(Z), [])


def chain(blocks: list[Block]) -> Block:
    """One block after the other; pulled back, the last one first. Its gradients: those of all blocks, in order."""

    def block(A):
        pullbacks = []
        for each in blocks:
            A, pullback = each(A)
            pullbacks.append(pullback)

        def pull_all(d):
            gradients = []
            for pullback in reversed(pullbacks):
                d, own = pullback(d)
                gradients = own + gradients
            return d, gradients

        return A, pull_all

    return block


def residual(branch: Block) -> Block:
    """h = A + F(A), and dA = d + what F pulls back of d: the skip hands the gradient on as it is.

    branch: the block F, whose output has the shape of its input. Raises ValueError, with both shapes, where it has not.
    Source: He, Zhang, Ren, Sun, Deep residual learning for image recognition, 2016.
    """

    def block(A):
        F, pull_F = branch(A)
        if F.shape != A.shape:
            raise ValueError(f"residual: F(A) has shape {F.shape}, A has {A.shape}. Make them equal.")

        def pullback(d):
            through, gradients = pull_F(d)
            return d + through, gradients

        return A + F, pullback

    return block
