"""The mock exam's written answers, graded by hand in Formgrader; an exam paper as a browser shows it."""

import pytest
from jupyter_browser import browser_page, jupyter_lab, open_manual_grading
from nbgrader.api import Gradebook
from playwright.sync_api import expect
from screenshots import take

from gradekit.course import ROOT
from gradekit.demo import make_class, make_course, secret_kept
from gradekit.exam import mix
from gradekit.exam.page import paper_page
from gradekit.exam.paper import choose, draw
from gradekit.grade import grade
from gradekit.sandbox.probe import probe

pytestmark = pytest.mark.browser
GRADER_PYTHON = ROOT / ".venv" / "bin" / "python"
BY_HAND = {"why_mean": 2.0, "why_test": 1.0, "why_sentence": 2.5}


def test_written_answers_are_graded_in_formgrader(tmp_path):
    with secret_kept():
        course = make_course(tmp_path / "course", ["09_midterm"])
        make_class(course, "09_midterm", 1)
        (result,) = grade(course, "09_midterm", sandbox=bool(probe()), say=lambda line: None)
    assert result.by_hand == sorted(BY_HAND) and result.score == 19
    with jupyter_lab(GRADER_PYTHON, course.root, tmp_path / "home") as base, browser_page() as page:
        frame = open_manual_grading(page, base, "09_midterm")
        for name, points in BY_HAND.items():
            score = frame.locator(f"input.score#{name}")
            expect(score).to_be_enabled(timeout=60_000)
            with page.expect_response(lambda answer: "/api/grade/" in answer.url and answer.request.method == "PUT"):
                score.fill(str(points))
                score.press("Tab")
        page.screenshot(path=tmp_path / "formgrader.png")
    with Gradebook(f"sqlite:///{course.root / 'gradebook.db'}") as gradebook:
        submission = gradebook.find_submission("09_midterm", "student01")
        by_hand = {each.name: each.manual_score for each in submission.notebooks[0].grades if each.name in BY_HAND}
        assert by_hand == BY_HAND
        assert submission.score == 19 + sum(BY_HAND.values())


def test_an_exam_paper_shows_its_questions_and_formulas():
    plan = mix.read(mix.DEFAULT)
    questions = draw(choose(plan, 7), 7, "A")
    with browser_page() as page:
        page.set_viewport_size({"width": 900, "height": 800})
        page.set_content(paper_page(plan, "A", 7, questions))
        expect(page.locator("section")).to_have_count(len(questions))
        heights = page.locator("math").evaluate_all("all => all.map((math) => math.getBoundingClientRect().height)")
        assert heights and min(heights) > 5, "a formula is not drawn"
        take(page, "exam")
