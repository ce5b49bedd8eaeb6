"""A class for a benchmark: honest submissions that differ a little, made without chance, three in ten with mistakes."""

import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from benchmarks import light_lab
from gradekit.demo import errors, solutions, with_answers

WRONG = (2, 5, 8)  # of ten


def students(size: int) -> list[str]:
    return [f"student{number:04}" for number in range(size)]


def is_right(student: str) -> bool:
    return int(student[-1]) not in WRONG


def hand_in(course: Path, lab: str, size: int) -> None:
    """Fill in the released copy for each student."""
    stub = nbformat.read(course / "release" / lab / f"{lab}.ipynb", as_version=4)
    solved = solutions(nbformat.read(course / "source" / lab / f"{lab}.ipynb", as_version=4))
    for number, student in enumerate(students(size)):
        filled = dict(solved) if is_right(student) else solved | errors(solved, number)
        notebook = with_answers(stub, {name: in_own_words(text, student) for name, text in filled.items()})
        make_personal(notebook, student, number)
        folder = course / "submitted" / student / lab
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{lab}.ipynb")


def in_own_words(text: str, student: str) -> str:
    """A solution with a remark of the student's; a written answer with another word."""
    lines = text.splitlines()
    return "\n".join([*lines, f"# {student}"]) if re.match(r"(@|def |\w+ = )", text) else f"{text} ({student})"


def make_personal(notebook: NotebookNode, student: str, number: int) -> None:
    for cell in notebook.cells:
        if cell.source == light_lab.CONSTANT:
            cell["source"] = f"steepness = {1 + number % 97 / 50}"
        if cell.source == light_lab.NOTES:
            cell["source"] = f"My notes ({student}): exponents must stay small. I needed {number % 50 + 40} minutes."
