"""Lab 08: convolution, as one matrix product. Images are (m, C, H, W), filters (C_out, C_in, k, k)."""

import numpy as np

from dnnlib.batch_norm import batch_norm_block
from dnnlib.blocks import Block, chain, relu_block, residual


def output_size(size: int, k: int, stride: int = 1, padding: int = 0) -> int:
    """floor((size + 2 padding - k) / stride) + 1, the height or width after a convolution.

    size: before it. Raises ValueError where the window is larger than the padded image.
    """
    if k > size + 2 * padding:
        raise ValueError(f"a window of {k} does not fit an image of {size} with a padding of {padding}")
    return (size + 2 * padding - k) // stride + 1


def im2col(X: np.ndarray, k: int, stride: int = 1, padding: int = 0) -> np.ndarray:
    """Every window of X as one column.

    X: (m, C, H, W). Result: (C k k, m H' W'), rows in the order of a filter's entries (channel, row, column), columns
    image by image, row by row.
    """
    framed = np.pad(X, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(framed, (k, k), axis=(2, 3))[:, :, ::stride, ::stride]
    return windows.transpose(1, 4, 5, 0, 2, 3).reshape(X.shape[1] * k * k, -1)


def col2im(columns: np.ndarray, shape: tuple, k: int, stride: int = 1, padding: int = 0) -> np.ndarray:
    """The transpose of im2col: every column is added back to where its window was. Not its inverse: windows overlap.

    columns: (C k k, m H' W'). shape: (m, C, H, W), that of X. Result: X's shape.
    """
    m, C, H, W = shape
    high, wide = output_size(H, k, stride, padding), output_size(W, k, stride, padding)
    windows = columns.reshape(C, k, k, m, high, wide).transpose(3, 0, 4, 5, 1, 2)
    framed = np.zeros((m, C, H + 2 * padding, W + 2 * padding), columns.dtype)
    for i in range(k):
        for j in range(k):
            framed[:, :, i : i + stride * high : stride, j : j + stride * wide : stride] += windows[..., i, j]
    return framed[:, :, padding : padding + H, padding : padding + W]


def convolve(X: np.ndarray, F: np.ndarray, b: np.ndarray, stride: int = 1, padding: int = 0) -> np.ndarray:
    """out[i, c, r, s] = b_c + the sum over a window of F[c] times X, channels included. The filter is not flipped.

    X: (m, C_in, H, W). F: (C_out, C_in, k, k). b: (C_out, 1). Result: (m, C_out, H', W').
    A 1x1 filter with stride 1 is the matrix product of F and the channels of each pixel.
    """
    m, _, H, W = X.shape
    C_out, _, k, _ = F.shape
    high, wide = output_size(H, k, stride, padding), output_size(W, k, stride, padding)
    out = F.reshape(C_out, -1) @ im2col(X, k, stride, padding) + b
    return out.reshape(C_out, m, high, wide).transpose(1, 0, 2, 3)


def convolve_backward(
    d_out: np.ndarray, X: np.ndarray, F: np.ndarray, stride: int = 1, padding: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The linear-layer pattern on columns: dF = delta columns^T, db = sum of delta, dX = col2im(F^T delta).

    d_out = dJ/d(output): (m, C_out, H', W'). X, F: as in convolve. Returns (dF, db, dX), with the shapes of F, b, X.
    """
    C_out, _, k, _ = F.shape
    delta = d_out.transpose(1, 0, 2, 3).reshape(C_out, -1)
    dF = (delta @ im2col(X, k, stride, padding).T).reshape(F.shape)
    dX = col2im(F.reshape(C_out, -1).T @ delta, X.shape, k, stride, padding)
    return dF, delta.sum(axis=1, keepdims=True), dX


def conv_parameters(C_in: int, C_out: int, k: int, bias: bool = True) -> int:
    """C_out C_in k^2 weights, and C_out biases where there are any. Before batch norm there are none."""
    return C_out * C_in * k**2 + (C_out if bias else 0)


def conv_multiply_adds(C_in: int, C_out: int, k: int, height: int, width: int) -> int:
    """C_out C_in k^2 height width, for one image whose output is height by width."""
    return C_out * C_in * k**2 * height * width


def conv_block(F: np.ndarray, b: np.ndarray, stride: int = 1, padding: int = 0) -> Block:
    """convolve, as a block. Its gradients: [dF, db].

    F: (C_out, C_in, k, k), b: (C_out, 1); X: (m, C_in, H, W).
    """

    def block(X):
        def pullback(d_out):
            dF, db, dX = convolve_backward(d_out, X, F, stride, padding)
            return dX, [dF, db]

        return convolve(X, F, b, stride, padding), pullback

    return block


def channel_norm_block(gamma: np.ndarray, beta: np.ndarray) -> Block:
    """Batch normalization of images: each channel has one mean and one variance, over all examples and pixels.

    gamma, beta: (C, 1); X: (m, C, H, W). Its gradients: [dgamma, dbeta].
    """

    def block(X):
        m, C, H, W = X.shape

        def to_rows(images):
            return images.transpose(1, 0, 2, 3).reshape(C, -1)

        def to_images(rows):
            return rows.reshape(C, m, H, W).transpose(1, 0, 2, 3)

        out, pull = batch_norm_block(to_rows(X), gamma, beta)

        def pullback(d):
            dZ, dgamma, dbeta = pull(to_rows(d))
            return to_images(dZ), [dgamma, dbeta]

        return to_images(out), pullback

    return block


def bottleneck(parameters: list[np.ndarray]) -> Block:
    """X + F(X), with F = 1x1 to fewer channels, 3x3 among them, 1x1 back, batch norm after each, ReLU between.

    parameters: F, b, gamma, beta of each of the three convolutions, in order. Its gradients stand in the same order.
    Source: He, Zhang, Ren, Sun, Deep residual learning for image recognition, 2016, figure 5.
    """
    F1, b1, gamma1, beta1, F2, b2, gamma2, beta2, F3, b3, gamma3, beta3 = parameters
    narrow = [conv_block(F1, b1), channel_norm_block(gamma1, beta1), relu_block]
    look = [conv_block(F2, b2, padding=1), channel_norm_block(gamma2, beta2), relu_block]
    widen = [conv_block(F3, b3), channel_norm_block(gamma3, beta3)]
    return residual(chain([*narrow, *look, *widen]))
