"""The data of the labs: what their documentation says is so."""

import hashlib
import re
import subprocess
import sys

import numpy as np
import pytest

from labkit import datasets

TOYS = (datasets.blobs, datasets.moons, datasets.rings, datasets.spirals)


def test_digits_are_the_documented_ones():
    X, y = datasets.digits()
    assert X.shape == (64, 1797) and X.dtype == np.float64
    assert y.shape == (1797,) and y.dtype.kind == "i"
    assert X.min() == 0 and X.max() == 1
    assert list(y[:10]) == list(range(10))
    readme = (datasets.DATA / "README.md").read_text()
    counts = re.search(r"\| images \|(.*)\|", readme)[1].split("|")
    assert [int(count) for count in counts] == list(np.bincount(y))


def test_digits_come_in_the_order_that_labs_quote():
    X, y = datasets.digits()
    whole = (16 * X.T).astype(np.uint8).tobytes() + y.astype(np.uint8).tobytes()
    assert hashlib.sha256(whole).hexdigest()[:16] == "87ff0c9e40dc7e2c"


def test_a_column_reshapes_to_an_image():
    """A zero is a ring: ink around, paper in the middle."""
    X, y = datasets.digits()
    zeros = X[:, y == 0].mean(axis=1).reshape(8, 8)
    assert zeros[3:5, 3:5].max() < 0.2 < 0.6 < zeros[3:5, 2].min()


def test_digits_are_loaded_anew_each_time():
    X, _ = datasets.digits()
    X[:] = 7
    assert datasets.digits()[0].max() == 1


@pytest.mark.parametrize("toy", TOYS)
def test_a_toy_follows_its_rng_and_has_equal_classes(toy):
    X, y = toy(90, np.random.default_rng(3))
    again, y_again = toy(90, np.random.default_rng(3))
    other, _ = toy(90, np.random.default_rng(4))
    assert X.shape == (2, 90) and y.shape == (90,) and y.dtype.kind == "i"
    assert (X == again).all() and (y == y_again).all() and not (X == other).any()
    assert len(set(np.bincount(y))) == 1
    assert (np.diff(y) != 1).any(), "the classes come in turn: not shuffled"


def test_labels_belong_to_their_columns():
    X, y = datasets.rings(200, np.random.default_rng(0), noise=0)
    assert np.allclose(np.hypot(*X), 1 + y)
    X, y = datasets.moons(200, np.random.default_rng(0), noise=0)
    assert np.allclose(np.hypot(X[0] - y, X[1] - y / 2), 1)
    assert (X[1][y == 0] >= 0).all() and (X[1][y == 1] <= 0.5).all()
    X, y = datasets.spirals(300, np.random.default_rng(0), arms=3, noise=0)
    along = (np.hypot(*X) - 0.2) / 1.8
    turned = np.arctan2(X[1], X[0]) / (2 * np.pi) - along
    assert np.allclose((3 * turned - y + 1.5) % 3, 1.5)
    X, y = datasets.blobs(30, np.random.default_rng(0), classes=4, spread=0)
    assert len(np.unique(X.round(9), axis=1).T) == 4


def test_line_has_the_slope_that_it_says():
    X, Y = datasets.line(50, np.random.default_rng(0), slope=3, intercept=1, noise=0)
    assert X.shape == Y.shape == (1, 50)
    assert np.allclose(Y, 3 * X + 1)


def test_split_keeps_each_example_once_and_with_its_label():
    X, y = np.arange(20.0).reshape(1, 20), np.arange(20)
    X_train, y_train, X_test, y_test = datasets.split(X, y, 5, np.random.default_rng(0))
    assert X_train.shape == (1, 15) and X_test.shape == (1, 5)
    assert (X_train[0] == y_train).all() and (X_test[0] == y_test).all()
    assert sorted([*y_train, *y_test]) == list(range(20))


def test_bad_input_gets_one_clear_line():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="between 1 and 3"):
        datasets.split(np.ones((2, 4)), np.ones(4), 4, rng)
    with pytest.raises(ValueError, match="one label per column"):
        datasets.split(np.ones((2, 4)), np.ones(3), 1, rng)
    with pytest.raises(ValueError, match="Ask for 2"):
        datasets.moons(1, rng)


def test_importing_labkit_is_light():
    """No figure, no widget before one is asked for."""
    code = "import sys, labkit, labkit.datasets, labkit.plots, labkit.explorers; "
    code += "print([m for m in ('matplotlib', 'ipywidgets', 'IPython') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
