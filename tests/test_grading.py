"""`gradekit grade`: the same gradebook as nbgrader's own autograde, whatever happens on the way."""

import json
from datetime import datetime

import pytest
from course import LAB, copy_of, find, make_course, solve, source_notebook, write
from gradebook_state import state

from gradekit.folder import CourseFolder
from gradekit.grade import grade
from gradekit.sandbox.probe import probe

pytestmark = pytest.mark.skipif(not probe(), reason=probe().reason)

CONFIG = "\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"


def late(notebook):
    solve(notebook)


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


CLASS = {
    "a-right": solve,
    "b-half": half,
    "c-crash": crash,
    "d-figure": figure,
    "e-late": late,
    "f-empty": lambda nb: None,
}


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory):
    course = make_course(tmp_path_factory.mktemp("handed-in"), source_notebook())
    (course.root / "source" / LAB / "data.csv").write_text("from the source")
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(CONFIG)
    with course.gradebook() as gradebook:
        gradebook.find_assignment(LAB).duedate = datetime(2026, 1, 1)
        gradebook.db.commit()
    for student, edit in CLASS.items():
        path = course.submit(student, edit)
        (path.parent / "data.csv").write_text("the student's own")
        (path.parent / "notes.txt").write_text(student)
        (path.parent / "timestamp.txt").write_text(f"2026-0{2 if student == 'e-late' else 1}-01 00:00:00 UTC")
    (course.path("g-unreadable")).write_text("{")
    (course.path("h-renamed").with_name("mine.ipynb")).write_text(course.path("a-right").read_text())
    course.path("i-nothing")
    return course


@pytest.fixture(scope="module")
def serial(handed_in, tmp_path_factory):
    """What nbgrader's own autograde leaves."""
    course = copy_of(handed_in, tmp_path_factory.mktemp("serial"))
    course.autograde()
    return state_of(course)


def state_of(course) -> dict:
    with course.gradebook() as gradebook:
        return json.loads(json.dumps(state(gradebook, course.root / "autograded", LAB), default=str))


def test_the_gradebook_is_that_of_nbgraders_autograde(handed_in, serial, tmp_path):
    course = copy_of(handed_in, tmp_path)
    grade(CourseFolder(course.root), LAB, say=lambda line: None)
    ours = state_of(course)
    assert list(ours) == list(serial)
    for student in serial:
        assert ours[student] == serial[student], student
    assert serial["e-late"]["notebooks"][0]["penalty"] == serial["e-late"]["score"] > 0
