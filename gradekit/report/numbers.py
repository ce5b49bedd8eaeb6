"""The statistics of a class: how hard each question is, whom it tells apart, who is far from the rest."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gradekit.report.gradebook import Question, Submission

SMALL = 20  # with fewer submissions a correlation says nothing
LOW = 0.1  # a discrimination below it is worth a look
FAR = 3.5  # robust standard deviations from the median
LEAST_SPREAD = 0.1  # of the logarithm of times: differences of ten percent are noise
CONTRARY = -0.5  # correlation of a student's points with those of the class
MANY = 8  # questions that it takes to say so


@dataclass(frozen=True)
class Item:
    """How a class did on one question. Shares are of those whose answer has a score."""

    question: Question
    scored: int
    missed: int  # how many have less than all points
    mean: float  # share of the points
    discrimination: float | None

    @property
    def full(self) -> float:
        return 1 - self.missed / self.scored

    @property
    def blunt(self) -> bool:
        """Whether strong and weak students do it alike, though it is neither trivial nor hopeless."""
        return self.discrimination is not None and self.discrimination < LOW and 0.05 < self.full < 0.95


def table_of(questions: Sequence[Question], submissions: Sequence[Submission]) -> np.ndarray:
    """Points (submissions, questions); NaN where there are none yet."""
    rows = [[one.scores.get(question.key) for question in questions] for one in submissions]
    return np.array(rows, float).reshape(len(rows), len(questions))


def items_of(questions: Sequence[Question], scores: np.ndarray) -> list[Item]:
    """One item for each question that somebody has a score for."""
    items = []
    for number, question in enumerate(questions):
        column = scores[:, number]
        column = column[~np.isnan(column)]
        if column.size:
            missed = int((column < question.most - 1e-9).sum())
            items.append(Item(question, column.size, missed, float(column.mean() / question.most),
                              discrimination(scores, number)))  # fmt: skip
    return items


def discrimination(scores: np.ndarray, number: int) -> float | None:
    """Corrected item-total correlation: of one question's points with those of the rest of the lab.

    The rest is made of the questions that everybody has a score for. None where there are too few submissions, or
    where all did alike.
    """
    complete = ~np.isnan(scores).any(axis=0)
    complete[number] = False
    here = ~np.isnan(scores[:, number])
    return correlation(scores[here, number], scores[here][:, complete].sum(axis=1)) if here.sum() >= SMALL else None


def correlation(a: np.ndarray, b: np.ndarray) -> float | None:
    if min(a.std(), b.std()) < 1e-9:
        return None
    return float(np.corrcoef(a, b)[0, 1])


def margin(n: int) -> float:
    """How far chance alone moves a correlation of n pairs, 19 times out of 20."""
    return 1.96 / math.sqrt(max(n - 3, 1))


def contrary(questions: Sequence[Question], scores: np.ndarray) -> list[int]:
    """Rows that are right where the class is wrong, and wrong where it is right."""
    complete = ~np.isnan(scores).any(axis=0)
    if len(scores) < SMALL or complete.sum() < MANY:
        return []
    shares = scores[:, complete] / np.array([question.most for question in questions])[complete]
    easiness = shares.mean(axis=0)
    if np.ptp(easiness) < 0.3:
        return []
    found = (correlation(row, easiness) for row in shares)
    return [number for number, r in enumerate(found) if r is not None and r < CONTRARY]


def distances(times: Sequence[float]) -> np.ndarray:
    """How many robust standard deviations the logarithm of each time is from the median."""
    logs = np.log(np.maximum(times, 1e-3))
    off = logs - np.median(logs)
    return off / max(1.4826 * float(np.median(np.abs(off))), LEAST_SPREAD)


def bins_of(totals: Sequence[float], most: float, least: int = 1) -> list[tuple[float, float, int]]:
    """At most twelve bins of equal width from 0 up: (from, to, how many). The last one ends at full marks.

    least: bins grow until none holds fewer persons than this, but for empty ones.
    """
    highest = max([most, *totals])
    for power in range(-1, 6):
        for step in (1, 2, 2.5, 5):
            width = step * 10.0**power
            number = math.ceil(highest / width - 1e-9)
            if number > 12:
                continue
            places = np.minimum((np.array(totals) / width + 1e-9).astype(int), number - 1)
            counts = np.bincount(places, minlength=number)
            if number == 1 or not ((0 < counts) & (counts < least)).any():
                return [(k * width, min((k + 1) * width, highest), int(count)) for k, count in enumerate(counts)]
    return [(0.0, highest, len(totals))]
