"""Questions whose numbers are the student's own: what is previewed, what is judged, and a class that is graded."""

import re

import nbformat
import numpy as np
import pytest

from gradekit.demo import make_course, secret_kept, solutions, with_answers
from gradekit.grade import grade, report
from gradekit.judge import judge
from gradekit.personal import judge_personal
from gradekit.sandbox.probe import probe
from labkit import bench, cases, evidence
from labkit.bench import NotYet
from labkit.drills.mock import MockExam, NoId, letter_as_number, question_of
from labkit.exercise import PersonalAnswer

LAB = "09_midterm"
QUESTIONS = [f"mock_{number}" for number in range(1, 10)]
CHOICE = PersonalAnswer("choice", "wrong_claim", "training")  # not in the exam: it asks for a letter
each_question = pytest.mark.parametrize("name", QUESTIONS)


def question(name, student="ada"):
    return question_of(cases.find(name), student)


def floats(numbers):
    return [float(number) for number in numbers]


def judged(name, value, typed="ada", student="ada"):
    return judge(name, evidence.personal_evidence(value, name, typed), "ab" * 16, student)


def previewed(name, value, student="ada"):
    return bench._preview_personal(value, cases.find(name), student)


# right and wrong


@each_question
def test_the_right_numbers_in_any_form(name):
    right = floats(question(name).answer)
    for form in (right, tuple(right), np.array(right), np.array([right])):
        assert judged(name, form).fraction == 1, form


@each_question
def test_three_digits_suffice_and_whole_numbers_must_be_exact(name):
    right = question(name).answer
    assert (
        judged(name, [number if isinstance(number, int) else float(number) * 1.004 for number in right]).fraction == 1
    )
    for place in range(len(right)):
        off = floats(right)
        off[place] += 0.001 if isinstance(right[place], int) else 0.02 * abs(off[place]) + 1e-6
        assert judged(name, off).fraction == 0


@each_question
def test_each_typical_wrong_answer_gets_its_own_hint(name):
    for number, wrong in enumerate(question(name).wrong, 1):
        verdict = judged(name, floats(wrong.numbers))
        assert verdict.fraction == 0 and verdict.message == f"{name}: {wrong.hint}"
        assert verdict.mistake == f"wrong answer {number}"


def test_another_wrong_answer_has_no_name():
    verdict = judged("mock_1", 123456)
    assert (verdict.fraction, verdict.mistake, verdict.message) == (0, None, "mock_1: Not yet.")


def test_what_is_right_in_part_is_told():
    first, *others = floats(question("mock_9").answer)
    verdict = judged("mock_9", [first, *(other + 40 for other in others)])
    assert verdict.fraction == 0 and "the rest is right" in verdict.message


@each_question
def test_none_a_wrong_count_and_text_give_no_points(name):
    count = len(question(name).asks)
    assert "It is still None" in judged(name, None).message
    assert f"Expected {count} numbers, got {count + 1}" in judged(name, [1.0] * (count + 1)).message
    assert "got 0" in judged(name, "forty-two").message
    assert "got 0" in judged(name, [[1.0], [2.0, 3.0]]).message


# whose numbers


@each_question
def test_two_students_have_other_numbers(name):
    statements = {question(name, f"student{number}").statement for number in range(20)}
    assert len(statements) >= 10
    assert question(name, "ada") == question(name, "ada")


def test_the_answers_of_another_student_are_wrong():
    theirs = [floats(question(name, "ben").answer) for name in QUESTIONS]
    points = [judged(name, value).fraction for name, value in zip(QUESTIONS, theirs)]
    assert sum(points) < 3, "they may agree by chance in a question or two"


@pytest.mark.parametrize("name", ["student_id", *QUESTIONS])
def test_another_id_is_told_and_nothing_is_compared(name):
    right = "ben" if name == "student_id" else floats(question(name, "ben").answer)
    verdict = judged(name, right, typed="ben", student="ada")
    assert verdict.fraction == 0 and verdict.mistake == "the id of ben"
    assert "student_id = 'ben'" in verdict.message and "handed in by 'ada'" in verdict.message
    assert judged(name, right, typed="ben", student="ben").fraction == 1
    assert judged(name, right, typed="ben", student=None).fraction == 1, "self-study: the id in the notebook counts"


@pytest.mark.parametrize("typed", ["ada", " ada ", "ADA", "Ada\n"])
def test_blanks_and_capitals_do_not_matter(typed):
    assert judged("student_id", typed, typed).fraction == 1
    assert judged("mock_5", floats(question("mock_5").answer), typed).fraction == 1
    assert question("mock_5", typed) == question("mock_5")


@pytest.mark.parametrize("typed", ["", "  ", "a" * 129])
def test_no_id_no_numbers(typed):
    with pytest.raises(NoId, match="Put your id into student_id first"):
        MockExam(typed)
    assert "Put your id into student_id" in judged("mock_1", 1, typed[:80] if not typed.strip() else "").message


def test_a_regrade_gives_the_same_verdict():
    wrong = floats(question("mock_7").wrong[0].numbers)
    assert judged("mock_7", wrong) == judged("mock_7", wrong)


# evidence of odd forms


@pytest.mark.parametrize("student", [None, 7, [], {}, ["ada"], {"ada": 1}, "x" * 10_000])
def test_an_odd_id_in_the_evidence_never_raises(student):
    handed_out = {**evidence.personal_evidence(1.0, "mock_1", "ada"), "student": student}
    for who in ("ada", None):
        assert judge("mock_1", handed_out, "ab" * 16, who).fraction == 0


ODD = [
    True, np.nan, np.inf, -np.inf, 10**400, 1j, np.array([1j, 2]), np.array(["a"]), np.array([None]), [], (), {}, set(),
    [[[[[[[[1]]]]]]]], object(), b"42", [None, None], np.zeros((3, 0)), np.zeros(10_000), float,
]  # fmt: skip


@each_question
@pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")
def test_odd_answers_never_raise_and_never_pass(name):
    for value in ODD:
        assert judged(name, value).fraction == 0, value
    for broken in (None, {}, {"version": 1, "name": name, "cases": [{}]}):
        assert judge(name, broken, "ab" * 16, "ada").fraction == 0


# letters


def test_a_choice_takes_its_letter():
    asked = question_of(CHOICE, "ada")
    letters = "abcdefgh"[: len(asked.choices)]
    right = letters[asked.answer[0]]
    for letter in letters:
        for typed in (letter, letter.upper(), f" {letter} "):
            value = evidence.load(evidence.dump(letter_as_number(typed)))
            assert judge_personal(CHOICE, value, "ada", "ada").fraction == (letter == right)
        assert "has the right form" in bench._preview_personal(letter, CHOICE, "ada")
    with pytest.raises(NotYet, match="a letter in quotes"):
        bench._preview_personal("perhaps b", CHOICE, "ada")


# preview


@each_question
def test_a_preview_looks_at_the_form_alone(name):
    count = len(question(name).asks)
    wrong = 3.5 if count == 1 else (3.5,) * count
    assert "has the right form. It is compared at grading" in previewed(name, wrong)
    assert previewed(name, floats(question(name).answer)).endswith("It is compared at grading.")
    with pytest.raises(NotYet, match=f"Finish {name} first"):
        previewed(name, None)
    for odd in ((1,) * (count + 1), "text", [[1], [2, 3]], {}, float):
        with pytest.raises(NotYet, match=f"{name}: expected (one number|{count} numbers)"):
            previewed(name, odd)


@pytest.mark.parametrize("student", ["", None, 7])
def test_a_preview_without_an_id_asks_for_it(student):
    for name, value in {"student_id": student, "mock_1": 12}.items():
        with pytest.raises(NotYet, match="Put your id into student_id first"):
            previewed(name, value, student)


def test_a_preview_of_the_id_repeats_it():
    assert "your numbers are drawn for 'ada'" in previewed("student_id", " Ada ")


def test_check_reads_the_id_from_the_notebook_it_stands_in(monkeypatch, capsys):
    monkeypatch.delenv(bench.SEED, raising=False)
    for student in ("ada", "ben"):
        notebook = {"check": bench.check, "student_id": student, "answer": floats(question("mock_2", student).answer)}
        exec('check(answer, "mock_2")', notebook)
    assert capsys.readouterr().out == "mock_2: Right.\n" * 2
    with pytest.raises(NotYet):
        exec('check(answer, "mock_2")', {**notebook, "student_id": "ada"})


# a class, through nbgrader


def hand_in(course, student, typed, change=lambda cells: None):
    """Everything right for the id that is typed, then a change."""
    stub = nbformat.read(course.path("release", LAB) / f"{LAB}.ipynb", as_version=4)
    filled = solutions(nbformat.read(course.source(LAB), as_version=4)) | {"student_id": f"student_id = {typed!r}"}
    change(filled)
    folder = course.path("submitted", LAB, student)
    folder.mkdir(parents=True)
    nbformat.write(with_answers(stub, filled), folder / f"{LAB}.ipynb")


def typical_slip(filled):
    filled["mock_8"] = f"mock_8 = {floats(question('mock_8', 'ben').wrong[0].numbers)}"
    filled["mock_2"] = "mock_2 = None"


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    with secret_kept():
        course = make_course(tmp_path_factory.mktemp("course") / "demo", [LAB])
        hand_in(course, "ada", " Ada")
        hand_in(course, "ben", "ben", typical_slip)
        hand_in(course, "cem", "ada")
        twice = [grade(course, LAB, sandbox=bool(probe()), force=True, say=lambda line: None) for _ in range(2)]
    return course, *twice


def test_a_class_is_graded_each_by_their_own_numbers(graded):
    _, results, _ = graded
    assert {each.student: (each.score, each.most) for each in results} == {
        "ada": (19, 26), "ben": (15, 26), "cem": (0, 26),
    }  # fmt: skip
    assert all(each.by_hand == ["why_mean", "why_sentence", "why_test"] for each in results)


def test_a_regrade_of_the_class_changes_nothing(graded):
    _, first, second = graded
    assert [(each.score, each.mistakes) for each in first] == [(each.score, each.mistakes) for each in second]


def test_the_report_names_the_wrong_id_and_the_slip(graded):
    _, results, _ = graded
    said = report(LAB, results)
    (strange,) = re.findall(r"Ids that do not fit\n(.*)", said)
    assert strange.startswith("  cem: The notebook says student_id = 'ada', but it was handed in by 'cem'")
    mistakes = said.split("Commonest mistakes")[1].split("To be graded")[0]
    assert "1 x  mock_8: wrong answer 1" in mistakes and "the id of" not in mistakes


def test_feedback_tells_the_wrong_id(graded):
    course, *_ = graded
    course.feedback(LAB)
    page = (course.root / "feedback" / "cem" / LAB / f"{LAB}.html").read_text()
    assert "nothing was compared" in page and "Tell your instructor" in page
