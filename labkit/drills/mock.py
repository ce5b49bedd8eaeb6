"""The mock exam of lab 09: the same questions for all, with numbers drawn from the student's id."""

from typing import Any

from labkit import cases
from labkit.drills.families import families
from labkit.drills.question import Question
from labkit.drills.text import LETTERS, asked
from labkit.exercise import PersonalAnswer

LONGEST = 128  # as nbgrader stores it


class NoId(ValueError):
    """There is no student id to draw numbers from."""


def normal_id(student: Any) -> str:
    """An id as it is compared: without blanks around it, in small letters. Raises NoId."""
    found = student.strip().casefold() if isinstance(student, str) else ""
    if not found or len(found) > LONGEST:
        raise NoId('Put your id into student_id first, in quotes: student_id = "ada". Then run that cell.')
    return found


def question_of(exercise: PersonalAnswer, student: Any) -> Question:
    """The question that this student gets."""
    return families()[exercise.family].draw(f"mock/{normal_id(student)}/{exercise.name}", exercise.variant)


def letter_as_number(value: Any) -> Any:
    """The place of a letter in the alphabet, from 0, as choices are compared; anything else as it is."""
    letter = value.strip().lower() if isinstance(value, str) else ""
    return LETTERS.index(letter) if len(letter) == 1 and letter in LETTERS else value


class MockExam:
    """The numeric questions of one student: show(1) shows the first."""

    def __init__(self, student_id: str):
        self.student = normal_id(student_id)

    def question(self, number: int) -> Question:
        exercise = cases.find(f"mock_{number}")
        if exercise is None:
            raise ValueError(f"There is no question {number}.")
        return question_of(exercise, self.student)

    def show(self, number: int) -> None:
        from IPython.display import Markdown, display

        display(Markdown(asked(self.question(number))))
