"""The book as a reader meets it: built whole, opened page by page in Chromium, over http and from the file system."""

import gzip
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from book_site import Watch, darken, looked_at, pages_of, serious, served, settled, typeset
from jupyter_browser import browser_page
from nbformat.v4 import new_code_cell, new_notebook

from book import HERE, SITE, labs
from gradekit.course import LABS, ROOT
from labkit.drills.families import families

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]  # one build, one setup
ONE_OF_ITS_KIND = re.compile(r"\w+\.html|labs/0[39]|drills/(index|losses)|reference/(index|03)|teach/(index|term)")
CLOSELY = re.compile("") if os.environ.get("EVERY_PAGE") else ONE_OF_ITS_KIND  # to look at all takes minutes
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def site() -> Path:
    done = subprocess.run([sys.executable, "-m", "book", "--seed", "tests"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return SITE


@pytest.fixture(scope="module")
def page():
    with browser_page() as page:
        yield page


@pytest.fixture(scope="module")
def base(site):
    with served(site) as base:
        yield base


@pytest.fixture(scope="module")
def opened(site, page, base):
    """Every page over http: what went wrong, and its weight before the reader touched anything, gzipped."""
    faults, weights, watch = {}, {}, Watch(page, base)
    for name in pages_of(site):
        watch.asked.clear()
        page.goto(f"{base}/{name}")
        typeset(page)
        files = {url.partition("?")[0].removeprefix(base).lstrip("/") for url in watch.asked}
        weights[name] = sum(len(gzip.compress((site / file).read_bytes())) for file in files if (site / file).is_file())
        settled(page)
        faults[name] = watch.taken() + looked_at(page)
        if CLOSELY.match(name):
            faults[name] += serious(page)
            darken(page)
            faults[name] += [f"dark: {fault}" for fault in serious(page, rules=["color-contrast"])]
    watch.end()
    return faults, weights


def test_every_page_opens_over_http_and_keeps_nobody_out(opened):
    """No request elsewhere, nothing missing, no error; formulas set, pictures with words; light and dark."""
    faults, _ = opened
    assert {name: found for name, found in faults.items() if found} == {}


def test_a_page_weighs_less_than_a_megabyte(opened):
    """Frames of explorers are not among it: they come when the slider is touched."""
    _, weights = opened
    assert {name: weight for name, weight in weights.items() if weight >= MEGABYTE} == {}


def test_every_page_opens_from_the_file_system(site, page):
    found, watch = {}, Watch(page, f"file://{site}")
    for name in pages_of(site):
        page.goto(f"file://{site}/{name}")
        settled(page)
        found[name] = watch.taken() + looked_at(page)
    watch.end()
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_search_finds_a_word_from_the_file_system(site, page):
    watch = Watch(page, f"file://{site}")
    page.goto(f"file://{site}/search.html?q=bottleneck")
    page.locator("#search-results a", has_text=re.compile("resid", re.I)).first.wait_for()
    watch.end()
    assert watch.taken() == []


def test_solutions_and_hidden_checks_are_folded_until_they_are_opened(page, base):
    page.goto(f"{base}/labs/02_losses.html")
    fold = page.locator("details", has_text="a solution of softmax")
    code = fold.locator("text=E.sum(axis=0)")
    assert not code.is_visible()
    fold.locator("summary").focus()
    page.keyboard.press("Enter")
    assert code.is_visible()
    assert page.locator("details", has_text="What the hidden check of softmax tries").count() == 1
    assert page.locator("text=YOUR CODE HERE").first.is_visible()


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_a_lab_page_holds_every_exercise_and_nothing_of_the_grader(lab):
    """The stub first, its solution behind a fold right below; no marker, no mark of nbgrader's."""
    made = labs.page(lab, lab.release()).cells
    ids = [cell.id for cell in made]
    assert len(ids) == len(set(ids))
    for cell in nbformat.read(lab.source(), as_version=4).cells:
        if cell.metadata.get("nbgrader", {}).get("solution") and cell.cell_type == "code":
            place = ids.index(cell.id)
            assert {"hide-input", "remove-cell"} & set(made[place].metadata.tags)
            assert f"{cell.id}-stub" == ids[place - 1] or f"{cell.id}-worked" == ids[place + 1]
    assert not [cell for cell in made if "nbgrader" in cell.metadata or "### BEGIN" in cell.source]
    assert not [cell for cell in made if "Before you submit." in cell.source or not cell.source]


def test_what_is_to_be_guessed_is_folded_and_so_is_what_is_said_of_it():
    lab = next(lab for lab in LABS if lab.name == "07_batch_norm")
    cells = {cell.id: cell for cell in labs.page(lab, lab.release()).cells}
    assert "hide-cell" in cells["see-bias"].metadata.tags
    assert cells["see-bias-found"].source.startswith(":::{dropdown}")
    assert not cells["see-drift-found"].source.startswith(":::")


def test_a_figure_leads_to_itself_in_full_size_and_an_explorer_does_not(site, page, base):
    page.goto(f"{base}/labs/01_shapes.html")
    settled(page)
    leading = page.locator(".cell_output a:has(> img)")
    assert leading.count() >= 5
    for link in leading.all():
        assert link.get_attribute("href") == link.locator("img").get_attribute("src")
    assert page.locator(".explorer img").count() == 1 and page.locator(".explorer a").count() == 0


def test_the_kits_can_be_taken_away(site, page, base):
    page.goto(f"{base}/labs/01_shapes.html")
    links = [link.get_attribute("href") for link in page.locator("a.download").all()]
    assert {Path(link).suffix for link in links} == {".ipynb", ".zip"}
    assert all((site / "labs" / link).resolve().is_file() for link in links)


def test_each_structure_of_the_drills_is_worked_once(site):
    count = sum(path.read_text().count(">Solution<") for path in (site / "drills").glob("*.html"))
    assert count == sum(len(family.variants) for family in families().values())


def test_a_cell_that_fails_fails_the_build(tmp_path):
    cells = [new_code_cell("assert 1 + 1 == 3")]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    nbformat.write(new_notebook(cells=cells, metadata=metadata), tmp_path / "index.ipynb")
    build = [sys.executable, "-m", "sphinx", "-b", "html", "-c", HERE, "-W", "-q", tmp_path, tmp_path / "html"]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode != 0 and "ExecutionError" in done.stderr
