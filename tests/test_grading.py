"""`gradekit grade`: the same gradebook as nbgrader's own autograde, in whatever order and with whatever engine."""

import csv
import threading

import pytest
from course import LAB
from databases import database
from grading_class import make_class, state_of
from nbgrader.plugins import CsvExportPlugin

from gradekit.folder import CourseFolder, Trouble
from gradekit.grade import grade
from gradekit.grading.folders import autograded_folders
from gradekit.sandbox.probe import probe

pytestmark = pytest.mark.skipif(not probe(), reason=probe().reason)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def kept_in(request):
    with database(request.param) as kind:
        yield kind


@pytest.fixture(scope="module")
def handed_in(kept_in, tmp_path_factory):
    return kept_in.course(tmp_path_factory.mktemp("handed-in"), make_class)


@pytest.fixture
def course(kept_in, handed_in, tmp_path):
    """A copy of the class, to be graded."""
    return kept_in.copy(handed_in, tmp_path)


@pytest.fixture(scope="module")
def serial(kept_in, handed_in, tmp_path_factory):
    """What nbgrader's own autograde leaves, with a cold kernel for each submission."""
    course = kept_in.copy(handed_in, tmp_path_factory.mktemp("serial"))
    configure(course, "c.SandboxedExecute.engine = 'cold'")
    course.autograde()
    return state_of(course)


def configure(course, line: str) -> None:
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(f"\n{line}\n")


def graded(course, **options) -> list:
    return grade(CourseFolder(course.root), LAB, say=lambda line: None, **options)


def test_the_gradebook_is_that_of_nbgraders_autograde(course, serial):
    graded(course)
    ours = state_of(course)
    assert list(ours) == list(serial)
    for student in serial:
        assert ours[student] == serial[student], student
    assert serial["e-late"]["notebooks"][0]["penalty"] == serial["e-late"]["score"] > 0


def test_only_what_has_changed_is_graded_again(course, serial):
    graded(course)
    assert states(graded(course)) == {"kept"}
    assert [each.score for each in graded(course)] == [each["score"] for each in serial.values()]

    (course.path("a-right").parent / "notes.txt").write_text("other notes")
    assert changed(graded(course)) == ["a-right"]
    (course.path("e-late").parent / "timestamp.txt").write_text("2025-12-31 00:00:00 UTC")
    assert changed(graded(course)) == ["e-late"]
    assert state_of(course)["e-late"]["notebooks"][0]["penalty"] is None
    with course.grade("b-half", "check_relu") as row:
        row.auto_score = 0.5  # the gradebook was put back from an older copy
    assert changed(graded(course)) == ["b-half"]

    few = ["a-right", "b-half"]
    configure(course, "c.SandboxedExecute.timeout = 29")
    assert states(graded(course, students=few)) == {"graded"}
    (course.root / "source" / LAB / "data.csv").write_text("new data")
    assert states(graded(course, students=few)) == {"graded"}
    assert states(graded(course, students=few, force=True)) == {"graded"}
    assert states(graded(course, students=few)) == {"kept"}


def states(results) -> set[str]:
    return {each.state for each in results}


def changed(results) -> list[str]:
    return [each.student for each in results if each.state != "kept"]


def test_a_graders_own_scores_and_comments_stay(course):
    graded(course)
    with course.grade("a-right", "why_bias") as row:
        row.manual_score, row.needs_manual_grade = 1.5, False
    with course.grade("a-right", "check_relu") as row:
        row.manual_score, row.extra_credit, row.needs_manual_grade = 1.0, 0.5, False
    with course.gradebook() as gradebook:
        gradebook.find_comment("why_bias", LAB, LAB, "a-right").manual_comment = "Well said."
        gradebook.find_submission_notebook(LAB, LAB, "a-right").flagged = True
        gradebook.db.commit()
    (result,) = graded(course, students=["a-right"], force=True)
    after = state_of(course)["a-right"]["notebooks"][0]
    assert after["grades"]["why_bias"] == [None, 1.5, None, True]
    assert after["grades"]["check_relu"] == [2.0, 1.0, 0.5, True]
    assert after["comments"]["why_bias"] == [None, "Well said."]
    assert after["flagged"] is True
    assert result.score == 1.5 + 1.5 + 4 + 1 + 1


def test_two_runs_in_one_course_do_not_meet(course):
    with autograded_folders(CourseFolder(course.root), LAB), pytest.raises(Trouble, match="Another run is grading"):
        graded(course)


def test_a_database_that_is_restarted_is_waited_for(course, kept_in, serial):
    lines = []

    def say(line: str) -> None:
        lines.append(line)
        if len(lines) == 3:
            kept_in.restart()

    grade(CourseFolder(course.root), LAB, say=say)
    assert len(lines) == len(serial)
    assert state_of(course) == serial


def test_a_database_that_starts_late_is_waited_for(course, kept_in, serial):
    with kept_in.away(course):
        starting = threading.Timer(3, kept_in.start)
        starting.start()
        graded(course)
        starting.join()
    assert state_of(course) == serial


def test_a_database_that_stays_away_ends_the_run_with_a_sentence(course, kept_in, monkeypatch):
    monkeypatch.setattr("gradekit.grade.AT_THE_START", 2)
    with kept_in.away(course), pytest.raises(Trouble, match=kept_in.told):
        graded(course)


def test_nbgraders_own_tools_read_what_was_written(course, serial):
    """The export, and a page of feedback for everybody."""
    graded(course)
    folder = CourseFolder(course.root)
    folder.feedback(LAB)
    pages = {path.parent.parent.name for path in (course.root / "feedback").glob("*/*/*.html")}
    assert pages == set(serial)
    with course.gradebook() as gradebook:
        CsvExportPlugin(parent=folder.app, to=str(course.root / "grades.csv")).export(gradebook)
        dicts = gradebook.submission_dicts(LAB)
    with (course.root / "grades.csv").open() as file:
        exported = {row["student_id"]: float(row["raw_score"]) for row in csv.DictReader(file)}
    assert exported == {student: each["score"] for student, each in serial.items()}
    assert {each["student"] for each in dicts} == set(serial)
