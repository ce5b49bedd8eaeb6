"""Every explorer of every lab, moved from the keyboard in real JupyterLab."""

import os
import re
import shutil

import nbformat
import pytest
from jupyter_browser import Notebook, browser_page, jupyter_lab
from playwright.sync_api import expect

from gradekit.course import LABS, ROOT
from gradekit.lab_library import assemble

pytestmark = pytest.mark.browser
EXPLORED = [lab for lab in LABS if lab.modules]
STUDENT_PYTHON = ROOT / ".venv-student" / "bin" / "python"


def explorer_calls(lab) -> list[str]:
    """How each call of an explorer begins: explore_batch( and so on."""
    cells = [cell.source for cell in nbformat.read(lab.source(), 4).cells if cell.cell_type == "code"]
    return [call for source in cells for call in re.findall(r"\bexplore_\w+\(", source)]


def towards_the_middle(slider) -> str:
    at_the_end = slider.get_attribute("aria-valuenow") == slider.get_attribute("aria-valuemax")
    return "ArrowLeft" if at_the_end else "ArrowRight"


def press_until_it_tells(page, slider, said, about: str) -> None:
    """An arrow key on the slider changes the words. JupyterLab may take the focus back while it ends a run."""
    before = said.text_content()  # inner_text has line breaks, and would never equal what is expected
    for last in (False, False, True):
        slider.focus()
        page.keyboard.press(towards_the_middle(slider))
        try:
            expect(said, about).not_to_have_text(before, timeout=12_000)
            return
        except AssertionError:
            if last:
                raise


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The student's JupyterLab, with finished work of every lab."""
    work = tmp_path_factory.mktemp("work")
    for lab in EXPLORED:
        (work / lab.name).mkdir()
        shutil.copy(lab.source(), work / lab.name / "lab.ipynb")
        assemble(lab.name, work / lab.name)
    with jupyter_lab(STUDENT_PYTHON, work, tmp_path_factory.mktemp("home")) as base:
        yield base


@pytest.mark.parametrize("lab", EXPLORED, ids=lambda lab: lab.name)
def test_each_explorer_moves_from_the_keyboard(server, lab, tmp_path):
    """On finished work: an arrow key changes the picture and the words beside it."""
    called = explorer_calls(lab)
    assert called
    with browser_page() as page:
        notebook = Notebook(page, server, f"{lab.name}/lab.ipynb")
        notebook.run_all()
        for line in called:
            cell = notebook.cell(line)
            image = cell.locator(".jp-OutputArea img").first
            expect(image).to_be_visible(timeout=90_000)
            assert len(image.get_attribute("alt") or "") > 20
            sliders = cell.locator("[role=slider]")
            assert sliders.count() >= 1
            picture = image.get_attribute("src")
            for number in range(sliders.count()):
                said = cell.locator("[role=status]").last
                press_until_it_tells(page, sliders.nth(number), said, f"slider {number} of {line}")
            expect(image, line).not_to_have_attribute("src", picture, timeout=30_000)
        page.screenshot(path=os.environ.get("SCREENSHOTS", str(tmp_path)) + f"/{lab.name}.png")
