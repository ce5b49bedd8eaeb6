"""Lab 01: what preview says about the form of a nested result, and of an overflow."""

import re
from itertools import pairwise

import numpy as np
import pytest

from dnnlib import layers as reference
from labkit.bench import NotYet, preview


def complaint(function, name: str) -> str:
    with pytest.raises(NotYet) as raised:
        preview(function, name)
    return str(raised.value)


FORWARD = {  # what becomes of the right (Z, A)
    "Does the return stand inside the loop?": lambda Z, A: (Z[:2], A[:2]),
    "expected 3 entries in Z, got 2. Does Z begin as [None]?": lambda Z, A: (Z[1:], A),
    "expected 3 entries in A, got 2. Does A begin as [X]?": lambda Z, A: (Z, A[1:]),
    "A[0] is None. Return Z first, then A.": lambda Z, A: (A, Z),
    "A[0] is not X.": lambda Z, A: (Z, [2 * A[0], *A[1:]]),
    "expected two lists.": lambda Z, A: A[-1],
    "expected shape (2, 5) in A[2], got (5, 2). Which axis": lambda Z, A: (Z, [*A[:-1], A[-1].T]),
    "expected shape (3, 5) in Z[1], got no array.": lambda Z, A: ([None, "z", Z[2]], A),
}


@pytest.mark.parametrize("words", FORWARD)
def test_forward(words):
    change = FORWARD[words]
    assert words in complaint(lambda layers, X: change(*reference.forward(layers, X)), "forward")


SHAPES = {  # what becomes of the pair (n_{l-1}, n_l)
    "b of layer 1 is flat, (n,)": lambda k, n: ((n, k), (n,)),
    "expected two shapes for layer 1": lambda k, n: (n, k),
    "expected two numbers in each shape of layer 1": lambda k, n: ((n, k, 1), (n, 1)),
}


@pytest.mark.parametrize("words", SHAPES)
def test_parameter_shapes(words):
    change = SHAPES[words]
    assert words in complaint(lambda sizes: [change(k, n) for k, n in pairwise(sizes)], "parameter_shapes")


def test_parameter_shapes_of_too_few_layers():
    said = complaint(lambda sizes: reference.parameter_shapes(sizes)[1:], "parameter_shapes")
    assert re.search("expected a list of 3, .* got a list of 2", said)


def test_an_overflow_is_told_to_matter():
    said = complaint(lambda Z: 1 / (1 + np.exp(-Z)), "sigmoid")
    assert said.endswith("Even a thrown-away branch must not overflow.")


@pytest.mark.parametrize("name", ["forward", "parameter_shapes"])
def test_the_reference_is_right(name, capsys):
    preview(getattr(reference, name), name)
    assert "the form is right" in capsys.readouterr().out
