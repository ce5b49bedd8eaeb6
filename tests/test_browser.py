"""From a student's keyboard to a grade, in real JupyterLab, through the real exchange, nbgrader and Formgrader."""

import re
import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest
from jupyter_browser import Notebook, browser_page, jupyter_lab
from nbgrader.api import Gradebook
from nbgrader.utils import get_username
from playwright.sync_api import expect
from screenshots import take

from gradekit.course import ROOT
from gradekit.demo import make_class
from gradekit.folder import CourseFolder

pytestmark = pytest.mark.browser
STUDENT_PYTHON = ROOT / ".venv-student" / "bin" / "python"
GRADER_PYTHON = ROOT / ".venv" / "bin" / "python"

BATCH_SIZE = ["return X.shape[1]"]
MSE = ["return np.sum((Y_hat - Y) ** 2) / Y.shape[1]"]
FILES = '.lm-TabBar-tab[data-id="filebrowser"]'
STUDENT = get_username()  # nbgrader's exchange knows who works in JupyterLab by this
SOFTMAX_OVER_ROWS = ["E = np.exp(O - O.max(axis=1, keepdims=True))", "return E / E.sum(axis=1, keepdims=True)"]


ROSTER = """id,first_name,last_name,email
student01,Ann,Archer,ann@example.org
student02,Ben,Baker,ben@example.org
student03,Cleo,Cook,cleo@example.org
student04,Dan,Dyer,dan@example.org
student05,Eve,Eaton,eve@example.org
student06,Fay,Fisher,fay@example.org
"""
BOOLEANS = "student05"  # whose one_hot returns True and False


def run(course: Path, program: str, *words: str) -> str:
    """What a command says, in the course folder."""
    done = subprocess.run(
        [GRADER_PYTHON.parent / program, *words], cwd=course, capture_output=True, text=True, timeout=280
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def nbgrader(course: Path, *words: str) -> str:
    return run(course, "nbgrader", *words)


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """A course folder with an exchange of its own; labs 00 and 02 released."""
    root = tmp_path_factory.mktemp("course")
    exchange = root / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    shutil.copytree(ROOT / "source", root / "source")
    settings = f"\nc.Exchange.root = {str(exchange)!r}\nc.CourseDirectory.course_id = 'nets'\n"
    (root / "nbgrader_config.py").write_text((ROOT / "nbgrader_config.py").read_text() + settings)
    for lab in ("00_start", "02_losses"):
        nbgrader(root, "generate_assignment", lab)
        nbgrader(root, "release_assignment", lab)
    return root


@pytest.fixture(scope="module")
def graded_class(course) -> str:
    """A class of six on the roster, who handed lab 02 in otherwise; gives what grading it said."""
    (course / "roster.csv").write_text(ROSTER + f"{STUDENT},Gus,Green,gus@example.org\n")
    nbgrader(course, "db", "student", "import", "roster.csv")
    make_class(CourseFolder(course), "02_losses", 6)
    return run(course, "gradekit", "grade", "02_losses")


@pytest.fixture(scope="module")
def student_home(course, tmp_path_factory) -> Path:
    home = tmp_path_factory.mktemp("student")
    (home / "config").mkdir()
    (home / "work").mkdir()
    settings = (
        f"c = get_config()\nc.Exchange.root = {str(course / 'exchange')!r}\nc.CourseDirectory.course_id = 'nets'\n"
    )
    (home / "config" / "nbgrader_config.py").write_text(settings)
    return home


def open_assignments(page, base):
    page.goto(f"{base}/lab")
    page.locator(".lm-MenuBar-item", has_text="Nbgrader").first.click()
    page.locator(".lm-Menu-item", has_text="Assignment List").first.click()
    expect(page.locator("#released_assignments_list, #fetched_assignments_list").first).to_be_visible()


def press(page, listing: str, lab: str, button: str) -> None:
    row = page.locator(f"#{listing}_assignments_list .list_item", has_text=lab)
    row.locator("button", has_text=button).first.click()


@pytest.fixture(scope="module")
def worked(course, graded_class, student_home):
    """A student fetches both labs, types, validates, saves and submits; gives what Validate said on the way."""
    said = {}
    with jupyter_lab(STUDENT_PYTHON, student_home / "work", student_home) as base, browser_page() as page:
        page.set_viewport_size({"width": 1200, "height": 800})
        open_assignments(page, base)
        for lab in ("00_start", "02_losses"):
            press(page, "released", lab, "Fetch")
            expect(page.locator("#fetched_assignments_list")).to_contain_text(lab)
        said["untouched"] = work_on_start(page, base, said)
        work_on_losses(page, base, said)
        open_assignments(page, base)
        for lab in ("00_start", "02_losses"):
            press(page, "fetched", lab, "Submit")
            expect(page.locator("#submitted_assignments_list")).to_contain_text(lab)
    for lab in ("00_start", "02_losses"):
        nbgrader(course, "collect", lab)
        nbgrader(course, "autograde", lab, "--student", STUDENT)
        nbgrader(course, "generate_feedback", lab, "--student", STUDENT)
        nbgrader(course, "release_feedback", lab, "--student", STUDENT)
    return said


def work_on_start(page, base, said) -> str:
    notebook = Notebook(page, base, "00_start/00_start.ipynb")
    untouched = notebook.validate(lambda dialog: take(dialog, "validate"))
    notebook.answer("def batch_size", BATCH_SIZE)
    notebook.answer("quick_entries = None", ["quick_entries = 32 * 64"])
    notebook.write("YOUR ANSWER HERE", "So that one matrix product serves the whole batch.")
    said["right"] = notebook.validate()
    notebook.save()
    return untouched


def work_on_losses(page, base, said) -> None:
    notebook = Notebook(page, base, "02_losses/02_losses.ipynb")
    notebook.run("import numpy as np")
    notebook.run("def same_shape(loss)")
    notebook.answer("def mse(", MSE)
    notebook.run("def mse(")
    said["mse"] = notebook.run("preview(mse)").inner_text()
    notebook.answer("def softmax(", SOFTMAX_OVER_ROWS)
    notebook.run("def softmax(")
    said["softmax"] = notebook.run("preview(softmax)").inner_text()
    take(notebook.panel, "preview")
    said["wrong"] = notebook.validate()
    notebook.save()


def test_the_guide_shows_what_grading_says(graded_class):
    """Line by line, where the guide does not skip some."""
    shown = re.search(r"^```\n(02_losses: 6 .*?)^```", (ROOT / "docs" / "term.md").read_text(), re.M | re.S)[1]
    said = iter(graded_class.splitlines())
    assert [line for line in shown.splitlines() if line.strip() != "..." and line not in said] == []


def test_validate_tells_what_is_missing_and_what_passes(worked):
    assert "Finish batch_size first" in worked["untouched"]
    assert "Success! Your notebook passes all the tests" in worked["right"]
    assert "Traceback" not in worked["untouched"]


def test_preview_speaks_plainly(worked):
    assert "The values are compared at grading" in worked["mse"]
    assert "expected columns that sum to 1" in worked["softmax"]
    assert "Traceback" not in worked["softmax"]
    assert "softmax" in worked["wrong"]


def test_the_gradebook_holds_what_was_typed(course, worked):
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        submission = gradebook.find_submission("02_losses", STUDENT)
        grades = {grade.name: (grade.auto_score, grade.max_score) for grade in submission.notebooks[0].grades}
        (start,) = gradebook.assignment_submissions("00_start")
        start_grades = {grade.name: (grade.auto_score, grade.max_score) for grade in start.notebooks[0].grades}
    assert grades["check_mse"][0] == grades["check_mse"][1]
    assert grades["check_softmax"][0] == 0
    assert grades["check_cross_entropy"][0] == 0
    assert start_grades["check_batch_size"][0] == start_grades["check_batch_size"][1]


def feedback_of(course: Path, student: str) -> Path:
    return course / "feedback" / student / "02_losses" / "02_losses.html"


def test_the_feedback_page_shows_scores_and_the_hint(course, worked):
    requests = []
    with browser_page() as page:
        page.on("request", lambda request: requests.append(request.url))
        page.goto(feedback_of(course, STUDENT).as_uri())
        text = page.locator("body").inner_text()
    assert "axis" in text and "softmax" in text
    assert "check(softmax)" not in text, "the hidden line is shown"
    assert all(url.startswith(("file:", "data:")) for url in requests)


def test_the_student_can_fetch_the_feedback(course, worked):
    released = list((course / "exchange" / "nets" / "feedback").iterdir())
    assert len(released) == 2 and all("softmax" in path.read_text() or "batch" in path.read_text() for path in released)


def save(page, field, text: str) -> None:
    """Type into a field of Formgrader, which tells the gradebook when the field is left."""
    with page.expect_response(lambda answer: "/formgrader/api/" in answer.url and answer.request.method == "PUT"):
        field.fill(text)
        field.press("Tab")


def test_formgrader_takes_a_grade_and_a_comment_that_reach_the_student(course, worked, tmp_path):
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        (notebook,) = gradebook.find_submission("02_losses", BOOLEANS).notebooks
    with jupyter_lab(GRADER_PYTHON, course, tmp_path) as base, browser_page() as page:
        page.set_viewport_size({"width": 1200, "height": 840})
        page.goto(f"{base}/lab")
        page.locator(".lm-MenuBar-item", has_text="Nbgrader").first.click()
        page.locator(".lm-Menu-item", has_text="Formgrader").first.click()
        page.locator(FILES).click()  # folds them away
        shown = page.locator("iframe[src*='formgrader']")
        frame = shown.content_frame
        frame.locator("tr", has_text="02_losses").locator("a", has_text="7").click()
        expect(frame.locator("tbody tr")).to_have_count(7)
        frame.get_by_label("Search").fill("student0")
        expect(frame.locator("tbody tr")).to_have_count(6)
        take(shown, "formgrader")
        frame.locator("a", has_text="Manual Grading").first.click()
        frame.locator("a", has_text="02_losses").first.click()
        frame.locator("tbody a").first.click()
        frame.locator(f"tbody a[href*='{notebook.id}']").first.click()
        expect(frame.locator("body")).to_contain_text("Which dtype stands beside probabilities", timeout=60_000)
        save(page, frame.locator("#one_hot-comment"), "A good idea. What does .astype(float) make of it?")
        save(page, frame.locator("input.score#why_shift"), "1")
        page.wait_for_timeout(1000)  # Formgrader rolls to the field that has the focus
        frame.locator("#check_one_hot").evaluate("e => e.closest('.cell').scrollIntoView({block: 'end'})")
        expect(frame.locator("#one_hot-comment")).to_be_in_viewport()
        take(shown, "by-hand")
        CourseFolder(course).feedback("02_losses", BOOLEANS)
        page.set_viewport_size({"width": 900, "height": 800})
        page.goto(feedback_of(course, BOOLEANS).as_uri())
        expect(page.locator("#one_hot")).to_contain_text("What does .astype(float) make of it?")
        expect(page.locator("#why_shift")).to_contain_text("1 of 2 points")
        page.locator("#quick_first_break").evaluate("e => { e.scrollIntoView(); scrollBy(0, -20); }")
        take(page, "feedback")
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        assert gradebook.find_grade("why_shift", "02_losses", "02_losses", BOOLEANS).manual_score == 1


def test_an_instructor_edits_a_lab_with_the_create_assignment_bar(tmp_path):
    """Points set in the bar reach the release and the gradebook, and the hidden check is gone from the release."""
    course = tmp_path / "course"
    shutil.copytree(ROOT / "source" / "00_start", course / "source" / "00_start")
    shutil.copy(ROOT / "nbgrader_config.py", course)
    with jupyter_lab(GRADER_PYTHON, course, tmp_path / "home") as base, browser_page() as page:
        page.set_viewport_size({"width": 1200, "height": 800})
        notebook = Notebook(page, base, "source/00_start/00_start.ipynb")
        page.locator('.lm-TabBar-tab[data-id="nbgrader-create_assignemnt"]').click()
        notebook.cell("preview(batch_size)").locator(".jp-Editor").first.click()
        points = page.locator(".nbgrader-CellPoints input:visible").first
        points.fill("7")
        points.press("Enter")
        page.locator(FILES).click()  # folds them away
        points.evaluate("e => e.scrollIntoView({block: 'center'})")
        take(page, "create-assignment")
        notebook.save()
    nbgrader(course, "generate_assignment", "00_start")
    released = nbformat.read(course / "release" / "00_start" / "00_start.ipynb", as_version=4)
    (cell,) = [
        cell for cell in released.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "check_batch_size"
    ]
    assert cell.metadata.nbgrader.points == 7
    assert "HIDDEN" not in cell.source and "check(batch_size)" not in cell.source
