"""The front page and the self-study page say what is so."""

import re

import nbformat
import pytest

from book import HERE, front
from gradekit.bank import mistakes_of
from gradekit.course import LABS, ROOT

FRONT = (HERE / "pages" / "index.md").read_text()
LEARN = (HERE / "pages" / "learn.md").read_text()
README = (ROOT / "README.md").read_text()
STUDENTS = (ROOT / "docs" / "students.md").read_text()


def test_in_the_picture_momentum_alone_has_arrived():
    """As its caption and its alt text say. The goals: SGD, momentum, RMSProp, Adam on the ravine, and two more."""
    assert front.frame().reading.reached[:4] == (False, True, False, False)
    assert front.pages()["pictures/descent.png"].startswith(b"\x89PNG")


def test_the_list_of_labs_is_that_of_the_readme():
    listed = re.findall(r"^- \{doc\}`labs/(\w+)`: (.+)$", FRONT, re.M)
    assert listed == re.findall(r"^\| `(\d\d_\w+)` \| (.+) \|$", README, re.M)
    assert [name for name, _ in listed] == [lab.name for lab in LABS]


@pytest.mark.parametrize("page", [FRONT, LEARN], ids=["front", "learn"])
def test_the_commands_are_those_of_the_readme_and_of_the_students_guide(page):
    blocks = [block for block in page.split("```")[1::2] if block.startswith("\n")]  # without a directive's name
    found = [line for block in blocks for line in block.split("\n") if line]
    assert len(found) >= 6
    assert [line for line in found if line not in README + STUDENTS] == []


def test_the_hours_are_the_sum_of_the_labs_minutes():
    """Fourteen hours in all, an hour and a half for one: by each lab's own first cell."""
    titles = [nbformat.read(lab.source(), as_version=4).cells[0].source for lab in LABS]
    spans = [re.search(r"\*\*Time:\*\* (\d+)(?: to (\d+))? minutes", title).groups() for title in titles]
    least, most = (sum(int(span[end] or span[0]) for span in spans) / 60 for end in (0, 1))
    assert 13.5 <= least <= most < 15
    assert "all ten about fourteen hours" in LEARN
    assert sorted(int(first) for first, _ in spans)[len(spans) // 2] in range(80, 101)


def test_the_hint_that_is_quoted_is_one_of_the_bank():
    quoted = re.search(r"^> softmax: (.+)$", LEARN, re.M)[1]
    assert quoted in [mistake.hint for mistake in mistakes_of("softmax")]
