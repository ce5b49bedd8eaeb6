"""A class of nine that meets most of what grading meets: right, half, crashed, late, empty, damaged, absent."""

import json
from datetime import datetime
from pathlib import Path

from course import LAB, Course, find, make_course, solve, write
from gradebook_state import state

CONFIG = "\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"


def half(notebook):
    write(notebook, "relu", "return np.maximum(Z, 0)")
    write(notebook, "sigmoid", "return Z")


def crash(notebook):
    solve(notebook)
    find(notebook, "sigmoid")["source"] += "\nimport os; os._exit(1)"


def figure(notebook):
    solve(notebook)
    find(notebook, "relu")["source"] += (
        "\nimport matplotlib.pyplot as plt; plt.plot([1, 2]); print(open('data.csv').read())"
    )


EDITS = {
    "a-right": solve,
    "b-half": half,
    "c-crash": crash,
    "d-figure": figure,
    "e-late": solve,
    "f-empty": lambda notebook: None,
}


def make_class(root: Path, db_url: str | None = None) -> Course:
    """A course folder in which the class has handed in; one of them late, which costs all points."""
    course = make_course(root, db_url=db_url)
    (root / "source" / LAB / "data.csv").write_text("from the source")
    with (root / "nbgrader_config.py").open("a") as config:
        config.write(CONFIG)
    set_due(course)
    for student, edit in EDITS.items():
        path = course.submit(student, edit)
        (path.parent / "data.csv").write_text("the student's own")
        (path.parent / "notes.txt").write_text(student)
        month = 2 if student == "e-late" else 1
        (path.parent / "timestamp.txt").write_text(f"2026-0{month}-01 00:00:00 UTC")
    course.path("g-unreadable").write_text("{")
    course.path("h-renamed").with_name("mine.ipynb").write_text(course.path("a-right").read_text())
    course.path("i-nothing")
    return course


def set_due(course: Course) -> None:
    with course.gradebook() as gradebook:
        gradebook.find_assignment(LAB).duedate = datetime(2026, 1, 1)
        gradebook.db.commit()


def state_of(course: Course) -> dict:
    """What grading left behind."""
    with course.gradebook() as gradebook:
        return json.loads(json.dumps(state(gradebook, course.root / "autograded", LAB), default=str))
