"""Data for the labs: handwritten digits, and small data sets in the plane drawn from an rng.

One example per column: X is (n, m), labels y are (m,), whole numbers from 0. Nothing is fetched from anywhere.
"""

from pathlib import Path

import numpy as np

DATA = Path(__file__).parent / "data"


def digits() -> tuple[np.ndarray, np.ndarray]:
    """1797 handwritten digits of 8 by 8 pixels: X (64, 1797) from 0 (paper) to 1 (ink), y (1797,) from 0 to 9.

    X[:, j].reshape(8, 8) is image j. The images always come in the same order.
    Source: Alpaydin and Kaynak, Optical Recognition of Handwritten Digits, UCI, 1998 (see data/README.md).
    """
    with np.load(DATA / "digits.npz") as file:
        return file["pixels"].T / 16, file["labels"].astype(int)


def split(X: np.ndarray, y: np.ndarray, held_out: int, rng: np.random.Generator) -> tuple:
    """X, y, X_held, y_held: `held_out` examples drawn by chance are kept apart from the others.

    X: (n, m), y: (m,). Raises ValueError where X and y differ in m, or held_out is not between 0 and m.
    """
    m = X.shape[1]
    if len(y) != m:
        raise ValueError(f"X {X.shape} has {m} examples, but y {y.shape} has {len(y)}. Give one label per column.")
    if not 0 < held_out < m:
        raise ValueError(f"held_out is {held_out}. Choose a number between 1 and {m - 1}.")
    order = rng.permutation(m)
    held, kept = order[:held_out], order[held_out:]
    return X[:, kept], y[kept], X[:, held], y[held]


def line(m: int, rng: np.random.Generator, slope: float = 2.0, intercept: float = -1.0, noise: float = 0.3) -> tuple:
    """Points near y = slope x + intercept, for a regression: X (1, m) from -1 to 1, Y (1, m)."""
    X = rng.uniform(-1, 1, (1, m))
    return X, slope * X + intercept + noise * rng.standard_normal((1, m))


def blobs(m: int, rng: np.random.Generator, classes: int = 3, spread: float = 0.5) -> tuple:
    """Round clouds on a circle of radius 2, one for each class: X (2, m), y (m,)."""
    y = _labels(m, classes)
    angle = 2 * np.pi * y / classes
    return _shuffled(2 * _on_circle(angle) + spread * rng.standard_normal((2, m)), y, rng)


def moons(m: int, rng: np.random.Generator, noise: float = 0.1) -> tuple:
    """Two half circles, one reaching into the other: X (2, m), y (m,). No straight line parts them."""
    y = _labels(m, 2)
    X = _on_circle(rng.uniform(0, np.pi, m))
    X = np.where(y == 0, X, np.array([[1.0], [0.5]]) - X)
    return _shuffled(X + noise * rng.standard_normal((2, m)), y, rng)


def rings(m: int, rng: np.random.Generator, noise: float = 0.1) -> tuple:
    """A ring of radius 1 (class 0) inside a ring of radius 2 (class 1): X (2, m), y (m,)."""
    y = _labels(m, 2)
    X = (1 + y) * _on_circle(rng.uniform(0, 2 * np.pi, m))
    return _shuffled(X + noise * rng.standard_normal((2, m)), y, rng)


def spirals(m: int, rng: np.random.Generator, arms: int = 2, turns: float = 1.0, noise: float = 0.05) -> tuple:
    """Arms that wind outwards from radius 0.2 to 2, one for each class: X (2, m), y (m,)."""
    y = _labels(m, arms)
    along = rng.uniform(0, 1, m)
    X = (0.2 + 1.8 * along) * _on_circle(2 * np.pi * (turns * along + y / arms))
    return _shuffled(X + noise * rng.standard_normal((2, m)), y, rng)


def _on_circle(angle: np.ndarray) -> np.ndarray:
    return np.stack([np.cos(angle), np.sin(angle)])


def _labels(m: int, classes: int) -> np.ndarray:
    """0 ... classes - 1 in turn, so that the classes are as equal in size as they can be."""
    if m < classes:
        raise ValueError(f"m is {m}. Ask for {classes} examples or more, so that each class has one.")
    return np.arange(m) % classes


def _shuffled(X: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> tuple:
    order = rng.permutation(len(y))
    return X[:, order], y[order]
