"""What the tests of drills share: every variant over many seeds, and LaTeX read back as numbers."""

import os
import re
from collections import Counter
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

from labkit.drills.question import Family, Question, near

SEEDS = range(int(os.environ.get("SEEDS", "200")))  # `make soak` takes 1,000


def variants(module) -> list[tuple[Family, str]]:
    return [(family, variant) for family in module.FAMILIES for variant in family.variants]


def each_of(module):
    return pytest.mark.parametrize("family, variant", variants(module), ids=lambda x: getattr(x, "name", x))


def numbers_in(given) -> list[Fraction]:
    """All numbers of a question's given without their signs, whatever they stand in."""
    if isinstance(given, int | Fraction):
        return [abs(Fraction(given))]
    return [n for each in given for n in numbers_in(each)]


def numbers_told(text: str) -> Counter:
    """All numbers of a text without their signs; a fraction counts as one, and as its two."""
    fractions = re.findall(r"\\t?frac\{(\d+)\}\{(\d+)\}", text)
    decimals = re.findall(r"\d+(?:\.\d+)?", text)
    return Counter([Fraction(int(a), int(b)) for a, b in fractions] + [Fraction(each) for each in decimals])


def same_answer(question: Question, answer: tuple, seed: int) -> None:
    """The same answer; asked for exactly if whole; one hint for one slip."""
    assert question.answer == pytest.approx(tuple(map(float, answer)), rel=1e-9, abs=1e-12), (seed, question.statement)
    for number in question.answer:
        assert isinstance(number, int) or not float(number).is_integer(), (seed, question.answer)
    for a, b in combinations(question.wrong, 2):
        assert not all(map(near, a.numbers, b.numbers)), (seed, a, b)


def compare(question: Question, answer: tuple, seed: int) -> None:
    """The same answer, and the given numbers told."""
    same_answer(question, answer, seed)
    untold = Counter(numbers_in(question.given.values())) - numbers_told(question.statement)
    assert not untold, (seed, untold, question.statement)


def value(latex: str) -> float:
    """The number that LaTeX such as 3, -\\tfrac{1}{2} or 1000 - \\ln 2 means."""
    text = re.sub(r"\\tfrac\{(\d+)\}\{(\d+)\}", r"(\1/\2)", latex)
    text = re.sub(r"\\ln (\S+)", r"log(\1)", text)
    return float(eval(text, {"__builtins__": {}, "log": np.log}))


def matrices(statement: str) -> list[np.ndarray]:
    """The matrices and columns of a statement, in their order."""
    found = re.findall(r"\\begin\{pmatrix\}(.*?)\\end\{pmatrix\}", statement)
    return [np.array([[value(x.strip()) for x in row.split("&")] for row in each.split(r"\\")]) for each in found]
