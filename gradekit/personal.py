"""Answers to questions whose numbers are the student's own."""

from typing import Any

import numpy as np

from gradekit.verdict import Verdict, no_points
from labkit.drills.mock import NoId, normal_id, question_of
from labkit.drills.reading import mark_numbers
from labkit.exercise import PersonalAnswer

OTHER_ID = "the id of"


def judge_personal(exercise: PersonalAnswer, value: Any, typed: Any, student: str | None) -> Verdict:
    """Compare an answer with that of the question drawn for this student.

    typed: the id that the notebook holds. Another one than the student's is told, and nothing is compared.
    """
    try:
        theirs = normal_id(typed)
    except NoId as error:
        return no_points(exercise.name, str(error))
    if student is not None and theirs != normal_id(student):
        why = f"The notebook says student_id = {str(typed)!r}, but it was handed in by {student!r}. The numbers belong "
        return Verdict(exercise.name, 0.0, f"{exercise.name}: {why}to the id, so nothing was compared. Tell your "
                       "instructor which of the two is you.", mistake=f"{OTHER_ID} {theirs}")  # fmt: skip
    if exercise.family is None:
        return Verdict(exercise.name, 1.0, f"{exercise.name}: {theirs}.")
    return _compared(exercise, value, theirs)


def _compared(exercise: PersonalAnswer, value: Any, student: str) -> Verdict:
    if value is None:
        return no_points(exercise.name, "It is still None.")
    question = question_of(exercise, student)
    numbers = _numbers(value)
    if len(numbers) != len(question.asks):
        return no_points(exercise.name, f"Expected {len(question.asks)} numbers, got {len(numbers)}.")
    marked = mark_numbers(question, numbers)
    hints = [wrong.hint for wrong in question.wrong]
    mistake = f"wrong answer {hints.index(marked.says) + 1}" if marked.says in hints else None
    return Verdict(exercise.name, float(marked.right), f"{exercise.name}: {marked.says}", mistake)


def _numbers(value: Any) -> tuple[float, ...]:
    """A number, or a nest of them, as one tuple; () for anything else."""
    try:
        array = np.asarray(value, float)
    except (TypeError, ValueError):
        return ()
    return tuple(array.ravel().tolist())
