"""The book as a reader meets it: built whole, opened page by page in Chromium, over http and from the file system."""

import gzip
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
DARK = ("index.html", "sheet.html", "labs/02_losses.html", "labs/09_midterm.html", "drills/losses.html",
        "reference/03_backprop.html", "teach/term.html")  # fmt: skip
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


@pytest.fixture
def watch(page):
    """What goes wrong on the page from now on."""
    watch = Watch(page)
    yield watch
    watch.end()


def test_every_page_opens_over_http_and_keeps_nobody_out(site, page, base, watch):
    """No request elsewhere, nothing missing, no error; formulas set, pictures with words; light and dark."""
    found = {}
    watch.stay_at(base)
    for name in pages_of(site):
        page.goto(f"{base}/{name}")
        settled(page)
        found[name] = watch.taken() + looked_at(page) + serious(page)
        if name in DARK:
            darken(page)
            found[name] += [f"dark: {fault}" for fault in serious(page, rules=["color-contrast"])]
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_every_page_opens_from_the_file_system(site, page, watch):
    found = {}
    watch.stay_at(f"file://{site}")
    for name in pages_of(site):
        page.goto(f"file://{site}/{name}")
        settled(page)
        found[name] = watch.taken() + looked_at(page)
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_a_page_weighs_less_than_a_megabyte(site, page, base, watch):
    """All that comes before the reader touches anything, gzipped; frames of explorers are not among it."""
    for lab in LABS:
        watch.asked.clear()
        page.goto(f"{base}/labs/{lab.name}.html")
        typeset(page)
        files = {url.partition("?")[0].removeprefix(base) for url in watch.asked if url.startswith(base)}
        weight = sum(len(gzip.compress((site / file.lstrip("/")).read_bytes())) for file in files)
        assert weight < MEGABYTE, f"{lab.name}: {weight / 1e6:.2f} MB in {len(files)} files"


def test_search_finds_a_word_from_the_file_system(site, page):
    page.goto(f"file://{site}/search.html?q=bottleneck")
    page.locator("#search-results a", has_text=re.compile("resid", re.I)).first.wait_for()


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
    made = labs.page(lab).cells
    ids = [cell.id for cell in made]
    assert len(ids) == len(set(ids))
    for cell in nbformat.read(lab.source(), as_version=4).cells:
        if cell.metadata.get("nbgrader", {}).get("solution") and cell.cell_type == "code":
            place = ids.index(cell.id)
            assert {"hide-input", "remove-cell"} & set(made[place].metadata.tags)
            assert f"{cell.id}-stub" == ids[place - 1] or f"{cell.id}-worked" == ids[place + 1]
    assert not [cell for cell in made if "nbgrader" in cell.metadata or "### BEGIN" in cell.source]
    assert not [cell for cell in made if "Before you submit." in cell.source or not cell.source]


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
