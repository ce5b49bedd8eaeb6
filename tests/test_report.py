"""The report on a class: its numbers, who is named and why, what an anonymous page keeps back, how it reads."""

import json
import os
import re
import sys
import uuid
from html.parser import HTMLParser

import nbformat
import numpy as np
import pytest
from course import LAB, ROOT, cell, copy_of, find, make_course, solve
from jupyter_browser import browser_page
from nbgrader import api
from scipy.stats import pointbiserialr
from screenshots import take
from sqlalchemy import event
from sqlalchemy.engine import Engine

from gradekit.bank import mistakes_of
from gradekit.course import UnknownLab
from gradekit.folder import CourseFolder, Trouble
from gradekit.formulas import formulas
from gradekit.personal import OTHER_ID
from gradekit.report import LEAST, report
from gradekit.report.facts import FEW, gather
from gradekit.report.gradebook import read_gradebook
from gradekit.report.notebooks import read_notebooks
from gradekit.report.numbers import FAR, bins_of, contrary, discrimination, distances
from gradekit.verdict import Verdict, no_points
from gradekit.verdicts import enter

NAIVE = "def sigmoid(Z):\n    return 1 / (1 + np.exp(-Z))"
HOSTILE = "<script>document.title = 'taken'</script><img src=x onerror=alert(1)>"
NAMES = {"ann": "Ann Archer", "bea": "Bea Baker", "cyd": "Cyd Cook", "dan": "Dan Dyer", "eve": "Eve Eaton",
         "fay": "Fay Fisher", "gus": f"Gus {HOSTILE}", "han": "Han Harper", "ivy": "Ivy Inman"}  # fmt: skip


def naive(notebook):
    find(notebook, "sigmoid")["source"] = NAIVE
    solve(notebook)


def deadly(notebook):
    """It ends the kernel where its check calls it."""
    find(notebook, "sigmoid")["source"] = "import os\ndef sigmoid(Z):\n    os._exit(0)"
    solve(notebook)


def hostile(notebook):
    find(notebook, "relu")["source"] = f"from dnnlib.activations import relu\n{HOSTILE!r}"
    find(notebook, "sigmoid")["source"] = f"def sigmoid(Z):\n    raise ValueError({HOSTILE!r})"
    find(notebook, "check_relu")["source"] = HOSTILE
    notebook.cells.append(cell("import os\nos._exit(0)"))
    solve(notebook)


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    return make_course(tmp_path_factory.mktemp("bare"))


@pytest.fixture(scope="module")
def course(bare, tmp_path_factory):
    """A class that nbgrader graded with our configuration, in our sandbox."""
    course = copy_of(bare, tmp_path_factory.mktemp("course"))
    with course.gradebook() as gradebook:
        for student, name in NAMES.items():
            gradebook.add_student(student, **dict(zip(("first_name", "last_name"), name.split(" ", 1))))
    edits = {"ann": solve, "bea": naive, "cyd": naive, "dan": lambda notebook: None, "eve": deadly, "gus": hostile}
    for student, edit in edits.items():
        course.submit(student, edit)
    course.path("fay").write_text("{")
    course.autograde()
    course.submit("han", solve)
    with course.gradebook() as gradebook:
        gradebook.find_submission_notebook(LAB, LAB, "bea").flagged = True
        gradebook.find_submission_notebook(LAB, LAB, "cyd").late_submission_penalty = 1.5
        grade = gradebook.find_grade("why_bias", LAB, LAB, "ann")
        grade.manual_score, grade.needs_manual_grade = 2, False
        gradebook.db.commit()
    return course


@pytest.fixture(scope="module")
def page(course):
    path = report(CourseFolder(course.root), LAB)
    assert path == course.root / "reports" / f"{LAB}.html"
    return Page(path.read_text(encoding="utf-8"))


class Page(HTMLParser):
    """A page as a reader has it: its tables by caption, its tags and attributes, its ids, its text."""

    def __init__(self, html: str):
        super().__init__()
        self.html, self.tables, self.tags, self.attributes, self.text = html, {}, set(), [], ""
        self._caption = self._rows = self._kept = None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes += attributes
        if tag == "table":
            self._rows = []
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th", "caption"):
            self._kept = ""

    def handle_data(self, data):
        self.text += data
        if self._kept is not None:
            self._kept += data

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self._rows[-1].append(" ".join(self._kept.split()))
        elif tag == "caption":
            self._caption = self._kept
        elif tag == "table":
            self.tables[self._caption] = self._rows
        if tag in ("td", "th", "caption"):
            self._kept = None

    def rows(self, caption: str) -> list[list[str]]:
        return next(rows[1:] for name, rows in self.tables.items() if caption in name)

    def row(self, caption: str, first: str) -> list[str]:
        return next(row for row in self.rows(caption) if row[0].startswith(first))


def test_questions_stand_in_the_labs_order_with_their_numbers(page):
    rows = page.rows("How each question went")
    assert [row[0] for row in rows] == ["relu", "sigmoid", "quick_small_net", "why_bias", "plain_test"]
    # eve's kernel stopped at sigmoid; dan wrote nothing; gus asked for the reference
    assert rows[0][1:5] == ["2", "6", "67%", "67%"]
    assert rows[1][1:5] == ["4", "6", "17%", "43%"]  # 1, 0.8, 0.8, 0, 0, 0
    assert rows[1][6:] == ["2", "1", "2", "0"], "two named, dan unfinished, eve and gus stopped"
    assert rows[3][1:5] == ["2", "2", "50%", "50%"] and rows[3][6] == "graded by hand", "ann 2, dan no answer"


def test_named_mistakes_are_counted_with_their_hint(page):
    times, question, mistake = page.rows("Mistakes with a name")[0]
    assert (times, question) == ("2", "sigmoid")
    assert "For z = -1000 an exponential overflows." in mistake


def test_the_lecture_starts_with_the_question_most_missed(page):
    box = page.html.split("Start the lecture with")[1].split("</section>")[0]
    assert re.findall(r"<h3>(\w+)</h3>", box)[0] == "sigmoid"
    assert "5 of 6 did not get all points (83%)" in box
    assert "Most often, 2 times" in box and "For z = -1000" in box.split("</li>")[0]


def test_a_question_that_still_waits_is_neither_drawn_nor_the_hardest(page):
    """Of why_bias only what was left blank, and ann's, has a score: it would look hopeless."""
    box = page.html.split("Start the lecture with")[1].split("</section>")[0]
    drawing = page.html.split('id="questions-figure-words"')[1].split("</svg>")[0]
    assert "why_bias" not in box and "why_bias" not in drawing and "quick_small_net" in drawing


def test_formulas_in_hints_are_formulas_and_the_rest_is_text():
    html = formulas("<b> Where is $\\beta$? It costs $5.")
    assert html.startswith("&lt;b&gt; Where is <math") and html.endswith("</math>? It costs $5.")


def test_totals_know_penalties_and_leave_out_what_was_not_read(page):
    table = page.rows("Submissions by score")
    assert sum(int(row[2]) for row in table) == 6
    assert page.row("most urgent first", "Cyd Cook (cyd)")[1] == "5.7"  # 7.2 - 1.5
    numbers = dict(re.findall(r"<dt>([a-z ]+)</dt><dd>([\d.]+)", page.html))
    assert numbers["handed in"] == "8" and numbers["counted here"] == "6" and numbers["full marks"] == "1"


@pytest.mark.parametrize(
    "student, why",
    [
        ("Han Harper (han)", "not graded: handed in, but never graded"),
        ("Fay Fisher (fay)", "could not be read: 01_shapes.ipynb is not valid JSON"),
        ("Eve Eaton (eve)", "stopped by the sandbox: check_sigmoid: the kernel stopped in its check"),
        ("Gus", "stopped by the sandbox: cell [10]: the kernel stopped in this cell"),
        ("Gus", "asked for the reference: in vain, for relu"),
        ("Gus", "repaired before grading: check_relu had been changed"),
        ("Bea Baker (bea)", "flagged in Formgrader"),
        ("Cyd Cook (cyd)", "late, with a penalty: 1.5 points taken off"),
    ],
)
def test_who_needs_a_look_is_named_with_the_reason(page, student, why):
    assert why in page.row("most urgent first", student)[2]


def test_the_rest_is_left_in_peace_and_the_most_urgent_comes_first(page):
    students = [row[0] for row in page.rows("most urgent first")]
    assert not {"Ann Archer (ann)", "Dan Dyer (dan)"} & set(students)
    assert students[:2] == ["Han Harper (han)", "Fay Fisher (fay)"]


def test_written_answers_wait_by_question(page):
    waiting = page.html.split("Written answers wait")[1].split("</details>")[0]
    assert "why_bias: 4" in waiting and "Bea Baker (bea)" in waiting
    assert "Ann Archer" not in waiting and "Dan Dyer" not in waiting, "graded, and left as it was"


def test_who_handed_nothing_in_is_counted(page):
    assert "1 on the roster handed nothing in" in page.html and "Ivy Inman (ivy)" in page.html


def test_nothing_of_a_student_is_markup(page):
    assert not page.tags & {"script", "img", "iframe", "object", "embed", "link", "form", "base"}
    assert not any(name.startswith("on") for name, _ in page.attributes)
    assert HOSTILE in page.text, "it is shown, as text"


def test_the_page_needs_nothing_but_itself(page):
    links = [value for name, value in page.attributes if name in ("href", "xlink:href", "src", "action")]
    assert links and all(link.startswith("#") for link in links)
    assert not re.search(r"url\((?!#)|@import|@font-face", page.html)
    ids = [value for name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in links} <= set(ids)


def test_figures_have_words_and_a_table(page):
    for name, table in (("scores-figure", "Submissions by score"), ("questions-figure", "How each question went")):
        title, words = re.search(rf'<title id="{name}-title">(.+?)</title><desc id="{name}-words">(.+?)</desc>',
                                 page.html).groups()  # fmt: skip
        assert len(title) > 10 and len(words) > 60
        assert page.rows(table)
        assert re.search(
            rf'<svg role="img" [^>]*aria-labelledby="{name}-title" aria-describedby="{name}-words"', page.html
        )
    assert "Histogram of 6 scores" in page.html
    assert "#000000" not in page.html, "black would not show on a dark page"


# What follows is about classes that are made up, larger than could be graded here.


def made_up(bare, root, students: int, rng, seconds=None, right=None, lab="made_up", slips=None):
    """A class in the gradebook and in autograded/, as if nbgrader had graded it. right (students, questions).

    slips: for each question what a student's wrong answer came to.
    """
    course = copy_of(bare, root)
    slips = slips or {f"q{n}": slip for n in range(9)}
    right = rng.random((students, len(slips))) < np.linspace(0.3, 0.9, len(slips)) if right is None else right
    with course.gradebook() as gradebook:
        assignment = gradebook.add_assignment(lab)
        notebook = gradebook.add_notebook(lab, lab)
        cells = [gradebook.add_grade_cell(f"check_{name}", lab, lab, max_score=2, cell_type="code") for name in slips]
        rows = []
        for number in range(students):
            student = f"student-{number}"
            rows.append(api.Student(id=student, first_name=f"First{number}", last_name=f"Last{number}"))
            work = api.SubmittedAssignment(id=uuid.uuid4().hex, assignment_id=assignment.id, student_id=student)
            part = api.SubmittedNotebook(id=uuid.uuid4().hex, assignment_id=work.id, notebook_id=notebook.id)
            rows += [work, part]
            rows += [api.Grade(cell_id=cell.id, notebook_id=part.id, auto_score=2.0 * well, needs_manual_grade=False)
                     for cell, well in zip(cells, right[number])]  # fmt: skip
            place = course.root / "autograded" / student / lab / f"{lab}.ipynb"
            place.parent.mkdir(parents=True)
            verdicts = [Verdict(name, 1.0, f"{name}: right.") if well else wrong(name, number)
                        for (name, wrong), well in zip(slips.items(), right[number])]  # fmt: skip
            place.write_text(json.dumps(graded(verdicts, None if seconds is None else float(seconds[number]))))
        gradebook.db.add_all(rows)
        gradebook.db.commit()
    return CourseFolder(course.root)


def slip(name: str, student: int) -> Verdict:
    """Even students share a mistake; the others stop with an error class of their own.

    The hint of the first question holds numbers that are each student's own.
    """
    if student % 2 == 0:
        hint = f"What of {student} rows?" if name == "q0" else "Which axis?"
        return Verdict(name, 0.0, f"{name}: {hint}", mistake="over_rows")
    return no_points(name, f"It could not be checked: its cell stopped with Error_of_student_{student}: x.")


def of_the_bank(name: str, student: int) -> Verdict:
    """Every seventh student has not finished; the others make the bank's first mistakes, the very first most."""
    if student % 7 == 0:
        return no_points(name, "it returns None. Finish it first.")
    mistake = mistakes_of(name)[student % 2 * student % 5]
    return Verdict(name, 0.0, f"{name}: {mistake.hint}", mistake=mistake.name)


def graded(verdicts: list[Verdict], seconds: float | None) -> nbformat.NotebookNode:
    notebook = nbformat.v4.new_notebook(metadata={"gradekit": {} if seconds is None else {"seconds": seconds}})
    for verdict in verdicts:
        mark = {"grade_id": f"check_{verdict.name}", "grade": True, "solution": False, "points": 2}
        notebook.cells.append(nbformat.v4.new_code_cell(metadata={"nbgrader": mark}))
        enter(notebook.cells[-1], verdict)
    return notebook


@pytest.fixture(scope="module")
def thirty(bare, tmp_path_factory):
    """Thirty students, with one far slower and one, with full marks, far faster than the rest."""
    rng = np.random.default_rng(3)
    seconds = rng.normal(1, 0.05, 30)
    seconds[[4, 7, 9]] = 9.0, 0.05, 0.05
    right = rng.random((30, 9)) < np.linspace(0.3, 0.9, 9)
    right[7], right[9, 0], right[11] = True, False, False
    right[12], right[13] = np.arange(9) < 4, np.arange(9) > 3  # against the grain, and with it
    return made_up(bare, tmp_path_factory.mktemp("thirty"), 30, rng, seconds, right)


def test_odd_scores_and_times_are_pointed_at(thirty):
    page = Page(report(thirty, "made_up").read_text())
    assert page.row("Far slower", "First4 Last4 (student-4)") == ["First4 Last4 (student-4)", "9"]
    assert len(page.rows("Far slower")) == 1
    look = {row[0].split()[0]: row[2] for row in page.rows("most urgent first")}
    assert "full marks, graded in a fraction of the usual time" in look["First7"]
    assert "no points, though most is attempted" in look["First11"]
    assert "right where most are wrong" in look["First12"]
    assert not {"First9", "First13"} & set(look), "fast without full marks; with the grain"


def test_a_hint_with_a_students_own_numbers_is_not_shown_as_everybodys(thirty):
    page = Page(report(thirty, "made_up").read_text())
    hints = {row[1]: row[2] for row in page.rows("Mistakes with a name")}
    assert "The hint differs" in hints["q0"] and "What of" not in page.html
    assert "Which axis?" in hints["q1"]


def test_grading_that_stopped_half_way_is_ungraded_not_zero(bare, tmp_path):
    folder = made_up(bare, tmp_path, 6, np.random.default_rng(1))
    with folder.gradebook() as gradebook:
        gradebook.find_grade("check_q3", "made_up", "made_up", "student-2").auto_score = None
        gradebook.db.commit()
    page = Page(report(folder, "made_up").read_text())
    assert page.row("most urgent first", "First2 Last2")[1:] == [
        "–",
        "not graded: grading did not come to its end: grade again",
    ]
    assert {row[2] for row in page.rows("How each question went")} == {"5"}


def test_an_anonymous_page_gives_nobody_away(thirty):
    path = report(thirty, "made_up", anonymous=True)
    assert path.name == "made_up-anonymous.html"
    page = Page(path.read_text())
    assert not re.search(r"student-\d|First\d|Last\d|Error_of_student", page.html)
    assert str(thirty.root) not in page.html
    assert not any("urgent" in caption or "slower" in caption for caption in page.tables)
    assert all(int(row[2]) == 0 or int(row[2]) >= FEW for row in page.rows("Submissions by score"))
    assert all(int(row[0]) >= FEW for row in page.rows("Mistakes with a name"))
    small = [cell for row in page.rows("How each question went") for cell in row[6:] if cell in ("1", "2")]
    assert not small and "under 3" in page.html
    assert "Start the lecture with" in page.html and "Which axis?" in page.html


def test_an_anonymous_page_of_a_handful_is_refused(bare, tmp_path):
    few = made_up(bare, tmp_path, LEAST - 1, np.random.default_rng(1))
    with pytest.raises(Trouble, match="needs 5 graded submissions, made_up has 4"):
        report(few, "made_up", anonymous=True)
    assert not (few.root / "reports" / "made_up-anonymous.html").exists()


def test_a_class_of_any_size_takes_the_same_queries_and_each_notebook_once(thirty, bare, tmp_path, watched):
    def cost(folder: CourseFolder) -> tuple[int, int]:
        watched.clear()
        queries = []
        listener = lambda *about: queries.append(about[2])  # noqa: E731
        event.listen(Engine, "before_cursor_execute", listener)
        gather(folder, "made_up")
        event.remove(Engine, "before_cursor_execute", listener)
        opened = [name for name in watched if name.endswith(".ipynb") and "/autograded/" in name]
        assert len(opened) == len(set(opened))
        return len(queries), len(opened)

    small = cost(made_up(bare, tmp_path, 3, np.random.default_rng(1)))
    large = cost(thirty)
    assert small[0] == large[0] and (small[1], large[1]) == (3, 30)


@pytest.fixture
def watched():
    """The names of the files that Python opens while the test runs."""
    if not hasattr(sys, "_opened_in_test_report"):  # a hook can't be taken out again
        sys._opened_in_test_report = []
        sys.addaudithook(lambda name, about: name == "open" and sys._opened_in_test_report.append(os.fspath(about[0])
                         if isinstance(about[0], str | os.PathLike) else ""))  # fmt: skip
    return sys._opened_in_test_report


def test_a_lab_that_nobody_graded_has_a_page_and_an_unknown_one_has_none(bare, tmp_path):
    nobody = made_up(bare, tmp_path, 0, np.random.default_rng(1))
    assert "Nothing to count yet" in report(nobody, "made_up").read_text()
    with pytest.raises(Trouble, match="The gradebook does not know 02_losses"):
        report(nobody, "02_losses")
    with pytest.raises(UnknownLab):
        report(nobody, "02_loses")


def test_a_damaged_graded_notebook_is_a_reason_to_look_not_to_stop(bare, tmp_path):
    folder = made_up(bare, tmp_path, 6, np.random.default_rng(1))
    for number, text in enumerate(["{", "[]", '{"cells": [{}], "metadata": {}}']):
        (folder.root / "autograded" / f"student-{number}" / "made_up" / "made_up.ipynb").write_text(text)
    page = Page(report(folder, "made_up").read_text())
    for number in range(3):
        assert "missing or damaged" in page.row("most urgent first", f"First{number}")[2]


def test_a_task_is_graded_by_hand(bare, tmp_path):
    with copy_of(bare, tmp_path).gradebook() as gradebook:
        gradebook.add_assignment("tasks")
        gradebook.add_notebook("tasks", "tasks")
        gradebook.add_task_cell("essay", "tasks", "tasks", max_score=5, cell_type="markdown")
        gradebook.add_student("ann")
        gradebook.add_submission("tasks", "ann")
        records = read_gradebook(gradebook, "tasks")
    assert [(each.name, each.most, each.by_hand) for each in records.questions] == [("essay", 5, True)]
    assert records.submissions["ann"].scores == {("tasks", "essay"): None}


def test_a_failure_of_the_judge_is_not_passed_over(tmp_path):
    path = tmp_path / "lab.ipynb"
    path.write_text(json.dumps(graded([no_points("relu", "The judge failed on it. Tell your instructor.")], None)))
    assert read_notebooks([path]).not_judged == ["relu"]


def test_the_id_of_another_is_a_reason_and_no_mistake(tmp_path):
    path = tmp_path / "lab.ipynb"
    message = "mock_1: The notebook says student_id = 'bob', but it was handed in by 'ada'."
    path.write_text(json.dumps(graded([Verdict("mock_1", 0.0, message, mistake=f"{OTHER_ID} bob")], None)))
    trace = read_notebooks([path])
    assert trace.other_id == message.removeprefix("mock_1: ") and not trace.misses


def test_discrimination_is_the_point_biserial_correlation_with_the_rest():
    rng = np.random.default_rng(5)
    skill = rng.normal(size=(40, 1))
    scores = (skill + 0.5 * rng.normal(size=(40, 6)) > 0) * 1.0
    scores[:, 5] = rng.random(40) < 0.5  # chance
    for number in range(6):
        rest = np.delete(scores, number, axis=1).sum(axis=1)
        assert discrimination(scores, number) == pytest.approx(pointbiserialr(scores[:, number], rest).statistic)
    assert discrimination(scores, 0) > 0.3 > abs(discrimination(scores, 5))


def test_discrimination_says_nothing_where_it_can_not():
    rng = np.random.default_rng(5)
    scores = (rng.random((40, 4)) < 0.5) * 1.0
    scores[:, 1] = 1
    assert discrimination(scores[:19], 0) is None, "too few"
    assert discrimination(scores, 1) is None, "all alike"


def test_answers_without_a_score_are_no_zeros_in_discrimination():
    rng = np.random.default_rng(6)
    skill = rng.normal(size=(60, 1))
    scores = (skill + 0.3 * rng.normal(size=(60, 4)) > 0) * 1.0
    waiting = scores.copy()
    waiting[30:, 3] = np.nan
    assert discrimination(waiting, 3) == pytest.approx(discrimination(scores[:30], 3))
    assert discrimination(waiting, 0) == pytest.approx(discrimination(scores[:, :3], 0)), "one half has the rest alone"


def test_equal_times_make_nobody_far():
    assert not distances([1.0] * 12).any()
    far = distances([1.0, 1.02, 0.98, 1.05, 0.95, 1.01, 1.0, 0.99, 1.03, 8.0])
    assert far[-1] > FAR and (np.abs(far[:-1]) < FAR).all()


def test_nobody_is_contrary_in_a_small_or_level_class():
    rng = np.random.default_rng(2)
    questions = [type("Question", (), {"most": 1.0})] * 9
    level = (rng.random((40, 9)) < 0.6) * 1.0
    assert contrary(questions, level) == []
    slope = np.linspace(0.1, 0.9, 40)[:, None] > np.linspace(0.9, 0.1, 9)
    slope[0] = ~slope[20]
    assert contrary(questions, slope * 1.0) == [0]
    assert contrary(questions, slope[[0, *range(16, 27)]] * 1.0) == [], "too few"


@pytest.mark.parametrize("most", [1, 7, 10, 24, 25, 39, 100, 240.5])
def test_bins_hold_everybody_once(most):
    totals = np.random.default_rng(int(most)).uniform(0, most, 200).tolist() + [0.0, most, most]
    bins = bins_of(totals, most)
    assert 4 <= len(bins) <= 12 or most == 1
    assert sum(count for *_, count in bins) == 203
    assert bins[0][0] == 0 and bins[-1][1] == most
    for low, high, count in bins[:-1]:
        assert count == sum(low <= total < high for total in totals)


def test_bins_grow_until_nobody_stands_alone():
    totals = [0.0, 3, 4, 4, 5, 5, 5, 6, 6, 6, 9, 9, 9, 9]
    assert any(0 < count < FEW for *_, count in bins_of(totals, 10))
    grown = bins_of(totals, 10, FEW)
    assert len(grown) > 1 and all(count == 0 or count >= FEW for *_, count in grown)


@pytest.fixture(scope="module")
def ninety(bare, tmp_path_factory):
    """Ninety students of lab 02, some better than others, with mistakes that the bank knows."""
    rng = np.random.default_rng(4)
    slips = dict.fromkeys(("mse", "bce", "bce_with_logits", "log_sum_exp", "softmax", "one_hot", "cross_entropy"),
                          of_the_bank)  # fmt: skip
    right = rng.normal(size=(90, 1)) + rng.normal(size=(90, 7)) > [-1.5, -0.6, 0.1, 0.5, -0.4, -1.2, -0.2]
    return made_up(bare, tmp_path_factory.mktemp("ninety"), 90, rng, rng.normal(2, 0.1, 90), right, "02_losses", slips)


def test_it_reads_in_a_browser_wide_and_narrow_light_and_dark(ninety):
    path = report(ninety, "02_losses")
    with browser_page() as browser:
        asked, said = [], []
        browser.on("request", lambda request: asked.append(request.url))
        browser.on("console", lambda message: said.append(message.text))
        browser.goto(path.as_uri())
        papers = set()
        for width in (1400, 360):
            for scheme in ("light", "dark"):
                browser.set_viewport_size({"width": width, "height": 900})
                browser.emulate_media(color_scheme=scheme)
                assert browser.evaluate("document.documentElement.scrollWidth") <= width
                assert browser.locator(".told td:last-child").first.bounding_box()["width"] > 300, "room for a hint"
                papers.add(browser.evaluate("getComputedStyle(document.body).backgroundColor"))
                ink = browser.evaluate("getComputedStyle(document.querySelector('svg text')).fill")
                assert ink == browser.evaluate("getComputedStyle(document.body).color")
        assert len(papers) == 2
        assert asked == [path.as_uri()] and said == []
        browser.set_viewport_size({"width": 1100, "height": 800})
        browser.emulate_media(color_scheme="light")
        take(browser, "report")


def test_a_page_of_a_real_lab_holds_none_of_its_solutions(page):
    assert not re.search(r"canary-(solution|hidden|model)", page.html)
    assert str(ROOT) not in page.html
