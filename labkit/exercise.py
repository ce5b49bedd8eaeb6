"""What a graded function or a numeric answer is called on. No answer stands here.

An `Exercise` says how a function is driven: seeded inputs, kind by kind, and how to call it.
The same exercise drives the student's function in the kernel and the reference in the judge.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

ASPECTS = ("values", "stability", "edge", "form")


@dataclass(frozen=True)
class Case:
    """One kind of input: `inputs(rng) -> tuple`, and the aspect of the score it belongs to.

    values: ordinary inputs; without all of them there are no points.
    stability: inputs where a naive formula overflows or loses its digits.
    edge: one column, one class, zeros, ties ...
    form: the dtype of an array result is judged too (float32 in, float32 out).
    finite: False where the right result may be inf or NaN.
    """

    kind: str
    inputs: Callable[[np.random.Generator], tuple]
    aspect: str = "values"
    finite: bool = True

    def __post_init__(self):
        if self.aspect not in ASPECTS:
            raise ValueError(f"case {self.kind!r}: aspect {self.aspect!r} is none of {', '.join(ASPECTS)}")


def call(fn: Callable, inputs: tuple) -> Any:
    """The plain driver: fn(*inputs)."""
    return fn(*inputs)


@dataclass(frozen=True)
class Exercise:
    """A graded function: its cases, how it is run, and what a preview may tell.

    run(fn, inputs) -> an array, a number, or a nested tuple or list of them.
    inputs: what a student calls them, where they are not the arguments in their order.
    expects(*inputs) -> the same nest of expected shapes: () for a number, (n, m) for a matrix.
    sense(result, *inputs) -> a sentence that says what can't be right ("column 3 sums to 1.7 ..."), or None.
    tolerance: relative, where the run measures chance (the variance of drawn weights); None for formulas.
    """

    name: str
    signature: str
    cases: Sequence[Case]
    expects: Callable[..., Any] | None = None
    sense: Callable[..., str | None] | None = None
    run: Callable[[Callable, tuple], Any] = call
    integer: bool = False  # counts and shapes: compared exactly
    tolerance: float | None = None
    inputs: Sequence[str] = ()

    def draw(self, seed: str) -> list[tuple]:
        """The inputs of every case for a seed (a hex string)."""
        key = int(seed, 16)
        return [case.inputs(np.random.default_rng([key, number])) for number, case in enumerate(self.cases)]


@dataclass(frozen=True)
class Answer:
    """A numeric exam-style question: the student assigns a number to a variable of this name."""

    name: str
    question: str
    relative: float = 1e-3  # how far an answer may be off
    integer: bool = False


@dataclass(frozen=True)
class PersonalAnswer:
    """A question with numbers of the student's own, drawn from the id that the notebook holds as `student_id`.

    family, variant: of labkit.drills. Without a family the answer is the id itself.
    """

    name: str
    family: str | None = None
    variant: str | None = None


def at_rest(kind: str, *inputs: Any, aspect: str = "edge", finite: bool = True) -> Case:
    """A case whose inputs are always the same."""
    return Case(kind, lambda rng: inputs, aspect, finite)
