"""A drill without its widgets: one question after the other, what was tried, and the score by topic."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from labkit.drills.question import Family, Question
from labkit.drills.reading import Mark, mark


@dataclass
class Tally:
    """How many questions of a topic were begun, answered right, and right at the first try without help."""

    asked: int = 0
    right: int = 0
    at_once: int = 0


class Session:
    """Questions from these families, without end. Every structure comes up before one comes again."""

    def __init__(self, families: Sequence[Family], seed: int | str):
        self.families, self.seed = list(families), seed
        self.rng, self.deck, self.number = Random(f"deck/{seed}"), [], 0
        self.score: dict[str, Tally] = {}
        self.next()

    def next(self) -> None:
        """Draw the next question. One that was not tried does not count."""
        if not self.deck:
            self.deck = [(family, variant) for family in self.families for variant in family.variants]
            self.rng.shuffle(self.deck)
        self.family, variant = self.deck.pop()
        self.number += 1
        self.question: Question = self.family.draw(f"{self.seed}/{self.number}", variant)
        self.tried, self.steps_shown, self.solved = [], 0, False

    @property
    def tally(self) -> Tally:
        return self.score.setdefault(self.family.topic, Tally())

    @property
    def solution_shown(self) -> bool:
        return self.steps_shown >= len(self.question.solution)

    def check(self, typed: str) -> Mark:
        """Mark an answer. Raises Unreadable, and then nothing is counted. The same answer again counts once."""
        marked = mark(self.question, typed)
        if typed in self.tried or self.solved:
            return marked
        self._begin()
        self.tried.append(typed)
        if marked.right and not self.solution_shown:
            self.solved = True
            self.tally.right += 1
            self.tally.at_once += len(self.tried) == 1 and self.steps_shown == 0
        return marked

    def hint(self) -> str | None:
        """The next step of the solution, but for the last; None where there is no further one."""
        if self.steps_shown >= len(self.question.solution) - 1:
            return None
        self._begin()
        self.steps_shown += 1
        return self.question.solution[self.steps_shown - 1]

    def solution(self) -> tuple[str, ...]:
        """All steps. From then on the question counts no more."""
        self._begin()
        self.steps_shown = len(self.question.solution)
        return self.question.solution

    def _begin(self) -> None:
        if not self.tried and not self.steps_shown:
            self.tally.asked += 1
