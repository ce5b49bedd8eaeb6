"""Damage: whatever happened to a notebook, that submission alone is repaired or graded 0 with a reason."""

import json
import os

import nbformat
import pytest
from course import LAB, cell, copy_of, find, make_course, place_of, solve, write
from nbformat.v4 import new_code_cell
from nbgrader.converters.base import NbGraderException

from gradekit.blueprint import TrueCell
from gradekit.reading import LARGEST, MOST_CELLS
from gradekit.repair import repaired

FULL = {"check_relu": 2, "check_sigmoid": 4, "check_quick_small_net": 1, "plain_test": 1, "why_bias": None}
NOTHING = {"check_relu": 0, "check_sigmoid": 0, "check_quick_small_net": 0, "plain_test": 0, "why_bias": 0}
OWN_WORDS = "Without it every line goes through the origin."


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return make_course(tmp_path_factory.mktemp("course"))


def solved(edit):
    """The damage done to a notebook whose exercises are all right."""

    def both(notebook):
        solve(notebook)
        edit(notebook)

    return both


def delete(*names):
    def edit(notebook):
        notebook.cells = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") not in names]

    return edit


def set_mark(name, **marks):
    return lambda notebook: find(notebook, name).metadata.nbgrader.update(marks)


def set_everywhere(**marks):
    def edit(notebook):
        for each in notebook.cells:
            each.metadata.get("nbgrader", {}).update(marks)

    return edit


def move(name, place):
    def edit(notebook):
        notebook.cells.insert(place, notebook.cells.pop(place_of(notebook, name)))

    return edit


def retype(name, kind):
    def edit(notebook):
        here = find(notebook, name)
        here["cell_type"] = kind
        for key in ("outputs", "execution_count"):
            here.pop(key, None)

    return edit


def copy_to(name, place, source=None):
    def edit(notebook):
        twin = json.loads(json.dumps(find(notebook, name)))
        twin["source"] = twin["source"] if source is None else source
        notebook.cells.insert(place, nbformat.from_dict(twin))

    return edit


def split(name, line):
    """JupyterLab's Split Cell: both halves keep the metadata."""

    def edit(notebook):
        lines = find(notebook, name).source.split("\n")
        copy_to(name, place_of(notebook, name) + 1, "\n".join(lines[line:]))(notebook)
        find(notebook, name)["source"] = "\n".join(lines[:line])

    return edit


def replace_with(name, new):
    def edit(notebook):
        notebook.cells[place_of(notebook, name)] = new

    return edit


def no_metadata(notebook):
    for each in notebook.cells:
        each.pop("metadata")


def same_ids(notebook):
    for each in notebook.cells:
        each["id"] = "twin"


def old_format(notebook):
    old = nbformat.convert(nbformat.from_dict(json.loads(json.dumps(notebook))), 3)
    notebook.clear()
    notebook.update(old)


def odd_values(notebook):
    find(notebook, "check_relu")["source"] = {"not": "text"}
    find(notebook, "sigmoid").metadata["nbgrader"]["points"] = [1, 2]
    find(notebook, "check_sigmoid")["outputs"] = "none"
    find(notebook, "imports").metadata["nbgrader"]["grade_id"] = {"not": "a name"}
    notebook.cells.append("not a cell")
    notebook["metadata"] = None


def lone_surrogate(notebook):
    find(notebook, "relu")["source"] += "  # \ud800"


def skip_by_tag(notebook):
    """nbclient skips cells with this tag; a test without output would get its points."""
    write(notebook, "why_bias", OWN_WORDS)
    for name in ("check_relu", "plain_test"):
        find(notebook, name).metadata["tags"] = ["skip-execution"]


def own_grade(notebook):
    notebook.cells.append(cell("1000", "bonus", grade=True, points=9))


def emptied(name):
    return lambda notebook: find(notebook, name).update(source="")


# name: (what is done to the student copy, the scores that differ from full points, words of the repair's note)
DAMAGE = {
    "none": (solved(lambda nb: None), {}, None),
    "check_deleted": (solved(delete("check_relu")), {}, "check_relu was missing"),
    "neighbours_deleted": (solved(delete("check_relu", "sigmoid", "check_sigmoid")), {"check_sigmoid": 0},
                           "sigmoid was missing"),
    "solution_deleted": (solved(delete("relu")), {"check_relu": 0, "plain_test": 0}, "relu was missing"),
    "answer_deleted": (solved(delete("why_bias")), {"why_bias": 0}, "why_bias was missing"),
    "imports_deleted": (solved(delete("imports")), {}, "imports was missing"),
    "all_deleted": (lambda nb: nb.update(cells=[]), NOTHING, "check_relu was missing"),
    "check_copied": (solved(copy_to("check_relu", 12)), {}, "check_relu was there 2 times"),
    "new_try_above_check": (solved(copy_to("relu", 3, "relu = None")), {"check_relu": 0, "plain_test": 0},
                            "relu was there 2 times"),
    "old_try_below": (solved(copy_to("sigmoid", 9, "def sigmoid(Z):\n    return Z")), {}, "sigmoid was there 2 times"),
    "split_in_body": (solved(split("sigmoid", 3)), {}, "sigmoid was split"),
    "split_twice": (solved(lambda nb: (split("sigmoid", 3)(nb), split("sigmoid", 2)(nb))), {}, "sigmoid was split"),
    "renamed": (solved(set_mark("relu", grade_id="my_relu")), {}, "relu had lost its name"),
    "why_renamed": (solved(set_mark("why_bias", grade_id="why_bias_2")), {}, "why_bias had lost its name"),
    "mark_removed": (solved(lambda nb: find(nb, "relu").metadata.pop("nbgrader")), {}, "relu had lost its name"),
    "retyped_check": (solved(retype("check_relu", "markdown")), {}, "check_relu was a markdown cell"),
    "retyped_solution": (solved(retype("relu", "raw")), {}, "relu was a raw cell"),
    "retyped_answer": (solved(retype("why_bias", "code")), {}, "why_bias was a code cell"),
    "unknown_type": (solved(retype("relu", "graph")), {}, "relu was a raw cell"),
    "check_emptied": (solved(emptied("check_relu")), {}, "check_relu had been changed"),
    "solution_emptied": (solved(emptied("relu")), {"check_relu": 0, "plain_test": 0}, None),
    "check_edited": (lambda nb: find(nb, "plain_test").update(source="100"), NOTHING, "plain_test had been changed"),
    "old_schema": (solved(set_everywhere(schema_version=1)), {}, "check_relu had other marks"),
    "new_schema": (solved(set_everywhere(schema_version=99)), {}, "check_relu had other marks"),
    "schema_is_text": (solved(set_everywhere(schema_version="new")), {}, "check_relu had other marks"),
    "more_points": (solved(set_mark("check_relu", points=50)), {}, "check_relu had other marks"),
    "not_a_grade": (solved(set_mark("check_relu", grade=False, solution=True)), {}, "check_relu had other marks"),
    "grade_id_is_a_list": (solved(set_mark("relu", grade_id=["relu"])), {}, "relu had lost its name"),
    "own_grade": (solved(own_grade), {}, "bonus is not a graded cell"),
    "check_above": (solved(move("check_relu", 1)), {}, "check_relu was out of place"),
    "imports_below": (solved(move("imports", 9)), {}, "imports was out of place"),
    "no_metadata": (solved(no_metadata), {"why_bias": 0}, "relu had lost its name"),
    "same_cell_ids": (solved(same_ids), {}, None),
    "nbformat_3": (solved(old_format), {}, None),
    "odd_values": (solved(odd_values), {}, "check_relu had been changed"),
    "lone_surrogate": (solved(lone_surrogate), {}, None),
    "skip_by_tag": (skip_by_tag, NOTHING | {"why_bias": None}, None),
    "written_twice": (solved(copy_to("why_bias", 11, "A second thought.")), {}, "why_bias was split"),
}  # fmt: skip

UNREADABLE = {
    "empty_file": (b"", "not valid JSON"),
    "merge_conflict": (b'{\n<<<<<<< HEAD\n"cells": []\n=======\n"cells": 1\n>>>>>>> mine\n}', "not valid JSON"),
    "binary": (bytes(range(256)) * 10, "not valid JSON"),
    "deep": (b"[" * 100_000, "not valid JSON"),
    "a_list": (b"[1, 2]", "is not a notebook"),
    "a_book": (b'{"cells": {"a": 1}}', "is not a notebook"),
    "old_and_damaged": (b'{"nbformat": 3, "worksheets": [{"cells": 7}]}', "is not a notebook"),
    "huge": (b" " * (LARGEST + 1), "is larger than 20 MB"),
    "endless": (json.dumps({"cells": [{}] * (MOST_CELLS + 1)}).encode(), "1001 cells"),
}


@pytest.fixture(scope="module")
def graded(course, tmp_path_factory):
    """All damaged submissions, graded in one batch between two honest ones."""
    course = copy_of(course, tmp_path_factory.mktemp("damaged"))
    course.submit("aa_first", solve)
    course.submit("zz_last", solve)
    for name, (edit, _, _) in DAMAGE.items():
        course.submit(name, edit)
    for name, (data, _) in UNREADABLE.items():
        course.path(name).write_bytes(data)
    utf_16 = course.submit("utf_16", solve)
    utf_16.write_text(utf_16.read_text(), encoding="utf-16")
    course.submit("other_name", solve).rename(course.path("other_name").with_name("final (1).ipynb"))
    for number in "12":
        course.path("two_names").with_name(f"try{number}.ipynb").write_text("{}")
    course.path("no_file")
    course.path("link").symlink_to(course.root / "source" / LAB / f"{LAB}.ipynb")
    os.mkfifo(course.path("pipe"))
    course.submit("bad_timestamp", solve).with_name("timestamp.txt").write_bytes(b"\xff yesterday")
    secret = course.root / "secret.txt"
    secret.write_text("canary-of-the-grader")
    (course.submit("link_to_secret", solve).parent / "data.txt").symlink_to(secret)
    course.submit("brings_reference", solve)
    (course.path("brings_reference").parent / "dnnlib").mkdir()
    (course.path("brings_reference").parent / "dnnlib" / "activations.py").write_text("relu = abs")
    course.autograde()
    course.feedback()
    return course


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_submission_is_repaired_and_the_repair_reported(graded, name):
    _, scores, note = DAMAGE[name]
    assert graded.scores(name) == FULL | scores
    repairs = graded.autograded(name).cells[0].metadata.get("gradekit", {}).get("repairs", [])
    assert any(note in each for each in repairs) if note else repairs == []
    assert note is None or note in graded.page(name)


@pytest.mark.parametrize("name", DAMAGE)
def test_a_repaired_notebook_is_valid_and_has_each_graded_cell_once(graded, name):
    notebook = graded.autograded(name)
    nbformat.validate(notebook)
    marks = [each.metadata.nbgrader for each in notebook.cells if "nbgrader" in each.metadata]
    released = [each.metadata.nbgrader for each in graded.released.cells if "nbgrader" in each.metadata]
    assert sorted(mark.grade_id for mark in marks) == sorted(mark.grade_id for mark in released)
    assert all(mark.schema_version == 3 for mark in marks)


def test_endless_halves_are_not_joined_for_hours():
    """Each join parses the whole again: bounded in length and number."""
    marks = {"nbgrader": {"grade_id": "relu", "solution": True}}
    start = new_code_cell("x\n" * 100_000 + "def f():\n  1", metadata=marks)
    halves = [new_code_cell("  2", metadata=marks) for _ in range(900)]
    true = TrueCell("relu", "code", "def relu(Z):\n    pass", checksum=None, solution=True)
    cells, notes = repaired([start, *halves], [true])
    assert len(cells) == 901 and "901 times" in " ".join(notes)


@pytest.mark.parametrize("name", UNREADABLE)
def test_an_unreadable_submission_gets_0_and_the_reason(graded, name):
    _, reason = UNREADABLE[name]
    assert graded.scores(name) == NOTHING
    assert all(reason in message for message in graded.messages(name).values())
    assert reason in graded.page(name)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("two_names", "2 other notebooks"),
        ("no_file", "is missing"),
        ("link", "is not a file"),
        ("pipe", "is not a file"),
    ],
)
def test_a_submission_without_its_notebook_gets_0_and_the_reason(graded, name, reason):
    assert graded.scores(name) == NOTHING
    assert reason in graded.page(name)


@pytest.mark.parametrize("name", ["utf_16", "other_name", "bad_timestamp", "link_to_secret", "aa_first", "zz_last"])
def test_what_can_be_read_counts(graded, name):
    assert graded.scores(name) == FULL


def test_a_copied_answer_is_joined_for_the_grader(graded):
    text = find(graded.autograded("written_twice"), "why_bias").source
    assert OWN_WORDS in text and "A second thought." in text


def test_a_deleted_solution_says_so_in_its_check(graded):
    assert "NameError: name 'relu' is not defined" in graded.messages("solution_deleted")["check_relu"]


def test_what_links_lead_to_is_not_copied(graded):
    assert not any(b"canary-of-the-grader" in path.read_bytes() for path in graded.root.glob("autograded/**/*.txt"))


def test_a_library_in_the_submission_stays_behind(graded):
    assert graded.scores("brings_reference") == FULL
    assert not (graded.root / "autograded" / "brings_reference" / LAB / "dnnlib").exists()


def test_a_picture_in_a_written_answer_survives_and_a_forged_one_does_not(course, tmp_path):
    course = copy_of(course, tmp_path)

    def paste(notebook):
        answer = find(notebook, "why_bias")
        answer["source"] = "![](attachment:a.png)"
        answer["attachments"] = {
            "a.png": {"image/png": "aGVsbG8="},
            "b.png": {"image/png": '"><script>'},
            "c.html": {"text/html": "x"},
        }

    course.submit("ann", paste)
    course.autograde("ann")
    assert find(course.autograded("ann"), "why_bias").attachments == {"a.png": {"image/png": "aGVsbG8="}}


UNREADABLE_NOW = {
    "unreadable": lambda path: path.write_text("{"),
    "gone": lambda path: path.unlink(),
    "check_deleted": lambda path: path.write_text(json.dumps({"cells": []})),
}


@pytest.mark.parametrize("how", UNREADABLE_NOW)
def test_a_resubmission_keeps_no_stale_score(course, tmp_path, how):
    course = copy_of(course, tmp_path)
    path = course.submit("ann", solve)
    course.autograde("ann")
    assert course.scores("ann") == FULL
    with course.grade("ann", "why_bias") as grade:
        grade.manual_score, grade.needs_manual_grade = 2, False
    UNREADABLE_NOW[how](path)
    course.autograde("ann")
    assert course.scores("ann") == NOTHING
    with course.grade("ann", "why_bias") as grade:
        assert (grade.manual_score, grade.needs_manual_grade) == (2, True)


def test_a_newer_submission_is_graded_without_force(course, tmp_path):
    course = copy_of(course, tmp_path)
    stamp = course.submit("ann", solve).with_name("timestamp.txt")
    stamp.write_text("2026-10-01 10:00:00 UTC")
    course.autograde("ann")
    course.path("ann").write_text("{")
    course.autograde("ann", force=False)
    assert course.scores("ann") == FULL
    stamp.write_text("2026-10-02 10:00:00 UTC")
    course.autograde("ann", force=False)
    assert course.scores("ann") == NOTHING


def test_a_submission_that_could_not_be_graded_has_no_score(course, tmp_path, monkeypatch):
    """The machine fails in the middle of a regrade: the old score is gone, and the command reports it."""
    course = copy_of(course, tmp_path)
    course.submit("ann", solve)
    course.autograde("ann")
    monkeypatch.setenv("GRADEKIT_SECRET_FILE", str(tmp_path))
    with pytest.raises(NbGraderException):
        course.autograde("ann")
    assert set(course.scores("ann").values()) == {None}


def test_the_students_order_of_solutions_stays(course, tmp_path):
    """Somebody who builds relu from sigmoid may put sigmoid first."""
    course = copy_of(course, tmp_path)

    def edit(notebook):
        solve(notebook)
        move("sigmoid", 2)(notebook)

    course.submit("ann", edit)
    course.autograde("ann")
    assert place_of(course.autograded("ann"), "sigmoid") < place_of(course.autograded("ann"), "relu")
    assert course.scores("ann") == FULL
