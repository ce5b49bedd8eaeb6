"""The instructor's guide: every page of docs/ is in the book, its links and commands hold, its pictures are taken."""

import ast
import io
import re
import shlex

import pytest
from nbgrader.apps.nbgraderapp import NbGraderApp
from PIL import Image
from screenshots import take

from book import HERE
from book.guide import DOCS, page, pages
from gradekit.cli import parser
from gradekit.course import ROOT

LARGEST = 150_000  # bytes of a picture
TEXTS = {path.name: path.read_text() for path in sorted(DOCS.glob("*.md"))}
GUIDE = (HERE / "pages" / "teach" / "index.md").read_text()
FRONT = (HERE / "pages" / "index.md").read_text()
PICTURE = re.compile(r"!\[(.*?)\]\((.*?)\)")
LINK = re.compile(r"(?<!!)\[.*?\]\(([^#)]*)#?(.*?)\)")
COMMANDS = re.compile(r"^( *)```(?:bash)?\n(.*?)^\1```$|^ *```\w+\n.*?^ *```$", re.MULTILINE | re.DOTALL)
PROGRAMS = ("gradekit", "nbgrader", "make", "jupyter")


def in_docs(pattern: re.Pattern) -> list[tuple[str, ...]]:
    """The page, and what the pattern holds, for each place of docs/ where it fits."""
    return [(name, *found) for name, text in TEXTS.items() for found in pattern.findall(text)]


def commands() -> list[list[str]]:
    """The command lines in the blocks of the guide, in words."""
    blocks = [block for text in (*TEXTS.values(), GUIDE) for _, block in COMMANDS.findall(text)]
    lines = [line.strip() for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    return [shlex.split(line, comments=True) for line in lines if line.startswith(PROGRAMS)]


def names_taken() -> list[str]:
    """The second argument of each take(what, "name") in the tests."""
    trees = [ast.parse(path.read_text()) for path in ROOT.glob("tests/test_browser*.py")]
    trees.append(ast.parse((ROOT / "tests" / "test_report.py").read_text()))
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call.args[1].value for call in calls if isinstance(call.func, ast.Name) and call.func.id == "take"]


def test_every_picture_is_taken_by_one_test_and_shown():
    taken = names_taken()
    assert len(taken) == len(set(taken)) >= 8
    assert {f"pictures/{name}.png" for name in taken} == {path for _, _, path in in_docs(PICTURE)}
    assert {f"{name}.png" for name in taken} == {path.name for path in DOCS.glob("pictures/*")}


@pytest.mark.parametrize("name, words, path", in_docs(PICTURE))
def test_a_picture_has_words_and_is_small(name, words, path):
    assert len(words) > 60, f"{name}: what does {path} show?"
    assert (DOCS / path).stat().st_size < LARGEST
    with Image.open(DOCS / path) as picture:
        assert picture.width <= 1202 and picture.height <= 802


class Screen:
    """What a browser would hand out: a picture of this many colours."""

    def __init__(self, colours: int):
        self.picture = Image.new("RGB", (300, 200), "white")
        for number in range(colours - 1):
            self.picture.putpixel((number % 300, number // 300), (number % 256, number // 256, 7))

    def screenshot(self, **_) -> bytes:
        file = io.BytesIO()
        self.picture.save(file, "PNG")
        return file.getvalue()


def test_a_picture_that_shows_nothing_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("SCREENSHOTS", str(tmp_path))
    with pytest.raises(AssertionError, match="blank shows nothing: it has 1 colours"):
        take(Screen(1), "blank")
    assert list(tmp_path.iterdir()) == []
    take(Screen(1000), "full")
    assert Image.open(tmp_path / "full.png").size == (302, 202)


def test_pictures_are_written_where_they_are_asked_for_alone(tmp_path, monkeypatch):
    monkeypatch.delenv("SCREENSHOTS", raising=False)
    monkeypatch.chdir(tmp_path)
    take(Screen(1000), "full")
    assert list(tmp_path.iterdir()) == []


def test_every_page_and_picture_is_in_the_book_and_every_page_in_the_contents():
    assert set(pages()) == {f"teach/{path.relative_to(DOCS)}" for path in DOCS.rglob("*.*")}
    entries = re.search(r"```\{toctree\}\n:hidden:\n\n(.*?)```", GUIDE, re.S)[1]
    listed = re.findall(r"^.+ <(\w+)>$", entries, re.M)
    assert "<teach/students>" in FRONT  # in the contents of the whole book
    assert sorted(f"{name}.md" for name in [*listed, "students"]) == sorted(TEXTS) and listed[0] == "term"


def anchors(text: str) -> set[str]:
    """The headings of a page as a git host and the book name them."""
    headings = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name, path, anchor", [link for link in in_docs(LINK) if "https:" not in link[1]])
def test_links_lead_somewhere(name, path, anchor):
    target = DOCS / (path or name)
    assert target.exists()
    assert not anchor or anchor in anchors(target.read_text())


@pytest.mark.parametrize(
    "text, made",
    [
        ("See [checks](checks.md#seeds).", "See [checks](checks.md#seeds)."),
        ("See [below](#seeds).", "See [below](#seeds)."),
        ("[Dask](https://distributed.dask.org/)", "[Dask](https://distributed.dask.org/)"),
        ("See [CONTRIBUTING.md](../CONTRIBUTING.md).", "See `CONTRIBUTING.md`."),
        ("See [how to add a lab](../CONTRIBUTING.md#add-a-lab).", "See how to add a lab (`CONTRIBUTING.md`)."),
        ("[the judge](../gradekit/judge.py)", "the judge (`judge.py`)"),
        ("`a\nb` and [how](../x.md), `c`", "`a\nb` and how (`x.md`), `c`"),
        ("`a[0](b)` and\n```\nx[1](y.z)\n```\n", "`a[0](b)` and\n```\nx[1](y.z)\n```\n"),
        ("![A curve.](pictures/curve.png)", "![A curve.](pictures/curve.png)"),
    ],
)  # fmt: skip
def test_a_link_out_of_the_book_becomes_words(text, made):
    assert page(text) == made


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_the_commands_that_the_guide_shows_exist(words):
    if words[0] == "gradekit":
        parser().parse_args(words[1:])
    elif words[0] == "nbgrader":
        assert words[1] in NbGraderApp().subcommands
    elif words[0] == "make":
        assert re.search(rf"^{words[1]}:.*## ", (ROOT / "Makefile").read_text(), re.M)
    else:
        assert words == ["jupyter", "lab"]


def test_commands_are_found_in_the_guide():
    assert len(commands()) > 30 and {words[0] for words in commands()} == set(PROGRAMS)
