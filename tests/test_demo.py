"""The sample class: made, graded and explained, without touching anything of the instructor's."""

import ast
import shutil

import nbformat
import pytest
from course import find

from gradekit.answers import answers
from gradekit.course import LABS, ROOT
from gradekit.demo import (
    ANOTHERS,
    demo,
    errors,
    make_class,
    make_course,
    own_answers,
    rewritten,
    secret_kept,
    solutions,
    usable,
)
from gradekit.folder import Trouble
from gradekit.grade import grade
from gradekit.sandbox.probe import probe
from gradekit.verdicts import mistakes_in

LAB = "02_losses"
SIZE = 5


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """The folder, what the demo said, and what the instructor's course looked like before."""
    folder = tmp_path_factory.mktemp("course") / "demo"
    said = []
    assert demo(folder, [LAB], SIZE, said.append) == []
    return folder, "\n".join(said)


def source():
    return nbformat.read(ROOT / "source" / LAB / f"{LAB}.ipynb", as_version=4)


def autograded(folder, number):
    return folder / "autograded" / f"student{number:02}" / LAB / f"{LAB}.ipynb"


def test_everybody_is_graded_and_has_a_feedback_page(shown):
    folder, said = shown
    for number in range(1, SIZE + 1):
        assert autograded(folder, number).exists()
        assert (folder / "feedback" / f"student{number:02}" / LAB / f"{LAB}.html").stat().st_size > 1000
    assert f"A class of {SIZE} hands in {LAB}" in said
    assert "Feedback pages: demo/feedback" in said


def test_it_says_whether_a_sandbox_was_used(shown):
    assert ("in the sandbox" if probe() else "without a sandbox") in shown[1]


def test_the_perfect_one_has_all_points_that_a_machine_gives(shown):
    notebook = nbformat.read(autograded(shown[0], 1), as_version=4)
    for cell in source().cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if grade_id.startswith("check_"):
            points = find(notebook, grade_id).outputs[-1].data["text/plain"]
            assert float(points) == cell.metadata.nbgrader.points, grade_id


def test_each_injected_mistake_is_the_one_that_is_named(shown):
    solved = solutions(source())
    for number in range(3, SIZE + 1):
        graded = nbformat.read(autograded(shown[0], number), as_version=4)
        named = {function: mistake for function, mistake, _ in mistakes_in(graded)}
        for name, text in errors(solved, number - 3).items():
            if name in answers():
                assert named[name] == f"answered {next(iter(answers()[name].wrong)):g}"
            else:
                injected = next(each for each in usable(name, solved) if rewritten(each) == text)
                hints = {each.name: each.hint for each in usable(name, solved)}
                assert hints[named[name]] == injected.hint, (name, injected.name)


def test_the_instructors_folder_holds_nothing_new(shown):
    folder, _ = shown
    assert [path.name for path in folder.parent.iterdir()] == ["demo"]
    assert (folder / "gradebook.db").exists() and (folder / "secret").exists()


def test_wrong_functions_of_one_lab_do_no_harm_in_the_next(tmp_path):
    """The student whose losses are wrong, or missing, has all points of lab 03, which is built on them."""
    labs = ["02_losses", "03_backprop"]
    folder = tmp_path / "demo"
    with secret_kept():
        course = make_course(folder, labs)
        for lab, size in zip(labs, (3, 1)):
            make_class(course, lab, size)
        perfect = course.path("submitted", labs[1], "student01")
        for number in (2, 3):
            shutil.copytree(perfect, course.path("submitted", labs[1], f"student{number:02}"))
        results = [grade(course, lab, sandbox=bool(probe()), say=lambda line: None) for lab in labs]
    losses, backprop = [[each.score for each in graded] for graded in results]
    assert losses[0] > max(losses[1:])
    assert backprop == [backprop[0]] * 3 and not any(each.mistakes for each in results[1])


def test_a_folder_that_is_not_the_demos_is_left_alone(tmp_path):
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / "thesis.txt").write_text("years")
    with pytest.raises(Trouble, match="not the demo's"):
        demo(folder, [LAB], 1)
    assert (folder / "thesis.txt").read_text() == "years"


@pytest.mark.parametrize("lab", [lab for lab in LABS if lab.modules], ids=lambda lab: lab.name)
def test_mistakes_of_the_bank_become_what_a_student_types(lab):
    solved = solutions(nbformat.read(lab.source(), as_version=4))
    known = [each for name in solved for each in usable(name, solved)]
    assert known
    for each in known:
        function = ast.parse(rewritten(each)).body[0]
        assert function.name == each.function and not function.decorator_list


def test_where_numbers_are_personal_everybody_has_an_own_id_but_one():
    midterm = ROOT / "source" / "09_midterm" / "09_midterm.ipynb"
    solved = solutions(nbformat.read(midterm, as_version=4))
    own = [own_answers(solved, number) for number in range(12)]
    ids = [each["student_id"] for each in own]
    assert ids[0] == "student_id = 'student01'" and ids[ANOTHERS] == ids[ANOTHERS - 1]
    assert len(set(ids)) == len(ids) - 1
    assert [len(each) - 1 for each in own] == [0, 0, *[2] * 10], "all but the first two err, twice each"
    assert own_answers(solutions(source()), 3) == {}


def test_no_two_of_a_full_class_err_alike():
    solved = solutions(source())
    wrong = [tuple(sorted(errors(solved, number).items())) for number in range(10)]
    assert len(set(wrong)) == 10
