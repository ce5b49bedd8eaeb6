"""One exam question: statement, answer, worked solution, and typical wrong answers, each with its hint.

A family draws questions from a seed. Its variants differ in structure and trap, not in digits alone. All arithmetic is
that of whole numbers, fractions and math's functions, as on paper.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations
from math import isfinite
from random import Random
from typing import Any

Number = int | Fraction | float
RELATIVE = 0.0125  # how far a rounded answer may be off; a whole number may not
DRAWS = 1000


def settled(numbers: Iterable[Number]) -> tuple[Number, ...]:
    """The same numbers, a whole fraction as an int."""
    return tuple(int(x) if isinstance(x, Fraction) and x.denominator == 1 else x for x in numbers)


@dataclass(frozen=True)
class Wrong:
    """A typical wrong answer: its numbers, and a sentence that says what to think about, never the answer."""

    numbers: Iterable[Number]
    hint: str

    def __post_init__(self):
        object.__setattr__(self, "numbers", settled(self.numbers))


@dataclass(frozen=True)
class Question:
    """What is asked, in Markdown with LaTeX between $ signs.

    asks: what each number of the answer is, such as ("$z_1$", "$z_2$"). Of a choice: ("the letter",).
    answer: as many numbers; an int is exact, all others may be rounded to three digits. Of a choice: its index.
    solution: the steps to it, one Markdown paragraph each.
    choices: the options of a choice, shown with the letters a, b, c ...
    given: the numbers that were drawn, by name: an independent computation can start from them.
    """

    statement: str
    asks: tuple[str, ...]
    answer: Iterable[Number]
    solution: tuple[str, ...]
    wrong: tuple[Wrong, ...] = ()
    choices: tuple[str, ...] = ()
    given: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self):
        object.__setattr__(self, "answer", settled(self.answer))

    def is_sound(self) -> bool:
        """Whether all numbers are finite, and no two answers, right or wrong, could pass for each other."""
        answers = [self.answer, *(wrong.numbers for wrong in self.wrong)]
        return all(isfinite(number) for numbers in answers for number in numbers) and not any(
            all(_too_close(*pair) for pair in zip(a, b, strict=True)) for a, b in combinations(answers, 2)
        )


def near(number: Number, wanted: Number) -> bool:
    """Whether an answer counts as the wanted number."""
    if isinstance(wanted, int):
        return abs(number - wanted) <= 1e-9 * max(1, abs(wanted))  # what was typed may have been computed
    return abs(number - wanted) <= RELATIVE * abs(wanted) + 1e-12


def _too_close(wanted: Number, other: Number) -> bool:
    """Whether a rounded answer may be near both."""
    if isinstance(wanted, int) and isinstance(other, int):
        return wanted == other
    return abs(other - wanted) <= 4 * RELATIVE * max(abs(wanted), abs(other)) + 1e-12


Variant = Callable[[Random], Question | None]


@dataclass(frozen=True)
class Family:
    """Questions of one kind. A variant draws one, or None where the draw is degenerate: then it draws again."""

    name: str
    topic: str
    title: str
    variants: Mapping[str, Variant]

    def draw(self, seed: int | str, variant: str | None = None) -> Question:
        """The question of this seed: the same on every machine. Without a variant, the seed chooses one."""
        rng = Random(f"{self.name}/{seed}")
        variant = variant or rng.choice(list(self.variants))
        for _ in range(DRAWS):
            question = self.variants[variant](rng)
            if question is not None and question.is_sound():
                return question
        raise RuntimeError(f"{self.name}, {variant}: {DRAWS} draws gave no sound question.")
