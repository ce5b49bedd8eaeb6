"""A drill as a student plays it: in JupyterLab, from the kit's library, with the keyboard alone."""

import nbformat
import pytest
from jupyter_browser import Notebook, browser_page, jupyter_lab
from playwright.sync_api import expect

from gradekit.course import ROOT
from gradekit.lab_library import assemble
from labkit.drills.families import of_topic
from labkit.drills.session import Session
from labkit.drills.text import LETTERS

pytestmark = pytest.mark.browser
STUDENT_PYTHON = ROOT / ".venv-student" / "bin" / "python"
SEED = 4


def typed(numbers, question) -> str:
    return LETTERS[numbers[0]] if question.choices else ", ".join(map(str, numbers))


def press_button(page, name: str) -> None:
    """Tab from the field to a button, and press it with the space bar."""
    page.get_by_label("Your answer").focus()
    for _ in range(("Check", "Hint", "Solution", "Next").index(name) + 1):
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name=name, exact=True)).to_be_focused()
    page.keyboard.press("Space")


def test_a_session_is_played_with_the_keyboard(tmp_path):
    assemble("09_midterm", tmp_path)
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    code = f'from labkit.drills import drill\n\ndrill("backprop", seed={SEED})'
    notebook.cells = [nbformat.v4.new_code_cell(code)]
    nbformat.write(notebook, tmp_path / "drill.ipynb")
    home = tmp_path / "home"
    home.mkdir()
    plan = Session(of_topic("backprop"), SEED)  # the same questions, known to the test
    with jupyter_lab(STUDENT_PYTHON, tmp_path, home) as base, browser_page() as page:
        Notebook(page, base, "drill.ipynb").run("drill(")
        output = page.locator(".jp-OutputArea").first
        status = output.locator("[role=status]")

        def answer(text: str) -> None:
            page.get_by_label("Your answer").focus()
            page.keyboard.press("Control+a")
            page.keyboard.type(text)
            page.keyboard.press("Enter")

        expect(output).to_contain_text(f"1. {plan.family.title}")
        expect(output.locator("mjx-container").first).to_be_visible()
        answer("two and a half")
        expect(status).to_contain_text("can't be read")
        answer(typed(plan.question.wrong[0].numbers, plan.question))
        expect(status).to_contain_text("✗")
        answer(typed(plan.question.answer, plan.question))
        expect(status).to_contain_text("✓ Right.")
        expect(output).to_contain_text("backprop: 1 of 1 right, 0 at the first try")

        press_button(page, "Next")
        plan.next()
        expect(output).to_contain_text(f"2. {plan.family.title}")
        expect(page.get_by_label("Your answer")).to_be_focused()
        page.keyboard.type(typed(plan.question.answer, plan.question))
        page.keyboard.press("Enter")
        expect(output).to_contain_text("backprop: 2 of 2 right, 1 at the first try")

        press_button(page, "Next")
        plan.next()
        expect(output).to_contain_text(f"3. {plan.family.title}")
        press_button(page, "Hint")
        expect(output).to_contain_text("backprop: 2 of 3 right, 1 at the first try")
        press_button(page, "Solution")
        expect(output.get_by_text(f"{len(plan.question.solution)}.", exact=True)).to_be_visible()
        page.screenshot(path=tmp_path / "drill.png")
