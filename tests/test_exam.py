"""Exam papers: equivalent versions, keys that agree, pages that stand alone, and PDFs that a printer takes."""

import html.parser
import re
from pathlib import Path

import pytest

from gradekit.cli import main
from gradekit.exam import chromium, write
from gradekit.exam.mix import DEFAULT, Mix, read
from gradekit.exam.page import as_html, key_page, paper_page
from gradekit.exam.paper import choose, draw
from gradekit.folder import Trouble
from labkit.drills.families import TOPICS, families
from labkit.drills.reading import mark
from labkit.drills.text import LETTERS

MIX = read(DEFAULT)


def typed(question) -> str:
    return LETTERS[question.answer[0]] if question.choices else ", ".join(map(str, question.answer))


@pytest.mark.parametrize("seed", range(20))
def test_the_mix_is_kept_and_no_structure_comes_twice(seed):
    places = choose(MIX, seed)
    assert [family.topic for family, _ in places] == [
        topic for topic, count in MIX.topics.items() for _ in range(count)
    ]
    assert len({(family.name, variant) for family, variant in places}) == len(places)
    for topic, count in MIX.topics.items():
        names = [family.name for family, _ in places if family.topic == topic]
        available = sum(family.topic == topic for family in families().values())
        assert len(set(names)) == min(count, available), "a family twice while another is left"


def test_seeds_choose_other_questions():
    assert len({tuple((family.name, variant) for family, variant in choose(MIX, seed)) for seed in range(10)}) > 5


def test_versions_have_the_same_structures_and_other_numbers():
    places = choose(MIX, 7)
    a, b = draw(places, 7, "A"), draw(places, 7, "B")
    assert sum(one.statement != other.statement for one, other in zip(a, b, strict=True)) >= len(a) - 1
    assert draw(places, 7, "A") == a
    for question in (*a, *b):
        assert mark(question, typed(question)).right


class Page(html.parser.HTMLParser):
    """Which tags a page has, and what it would fetch."""

    def __init__(self, text: str):
        super().__init__()
        self.tags, self.fetched, self.words = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.fetched += [value for name, value in attributes if name in ("src", "href", "data", "srcset")]

    def handle_data(self, data):
        self.words.append(data)


@pytest.mark.parametrize("seed", range(5))
def test_paper_and_key_stand_alone(seed):
    questions = draw(choose(MIX, seed), seed, "A")
    paper, key = (make(MIX, "A", seed, questions) for make in (paper_page, key_page))
    for text in (paper, key):
        page = Page(text)
        assert page.fetched == [] and "script" not in page.tags and "url(" not in text and "@import" not in text
        assert "http" not in text.replace("http://www.w3.org/1998/Math/MathML", "")
        assert page.tags.count("section") == len(questions) and "math" in page.tags
        shown = "".join(page.words)
        assert "$" not in shown and "\\" not in shown, re.findall(r".{20}[$\\].{20}", shown)
        assert "\N{OBJECT REPLACEMENT CHARACTER}" not in text
    assert "Answer." in key and "Answer." not in paper
    for question in questions:
        for wrong in question.wrong:
            assert wrong.hint not in paper


def test_every_formula_of_every_family_becomes_mathml():
    for family in families().values():
        for variant in family.variants:
            question = family.draw(1, variant)
            hints = [wrong.hint for wrong in question.wrong]
            for text in (question.statement, *question.asks, *question.solution, *question.choices, *hints):
                shown = "".join(Page(as_html(text)).words)
                assert "$" not in shown and "\\" not in shown, (family.name, variant, text)


def test_markdown_and_formulas_do_not_disturb_each_other():
    assert as_html("**a** $x_1 * x_2$ and *b* $W_{11}$").count("<math") == 2
    assert "<em>" in as_html("$x_1$ *b* $x_2$") and 'display="block"' in as_html("$$x$$")


def test_files_are_written_and_the_same_command_writes_the_same(tmp_path, capsys):
    pages = []
    for folder in ("one", "two"):
        assert main(["exam", "--seed", "7", "--versions", "3", "--to", str(tmp_path / folder)]) == 0
        pages.append({path.name: path.read_bytes() for path in sorted((tmp_path / folder).glob("*.html"))})
    assert list(pages[0]) == [f"{letter}-{name}.html" for letter in "ABC" for name in ("key", "paper")]
    assert pages[0] == pages[1]
    said = capsys.readouterr().out
    assert str(tmp_path / "one" / "A-paper.html") in said
    if chromium():
        for path in (tmp_path / "one").glob("*.html"):
            pdf = path.with_suffix(".pdf").read_bytes()
            assert pdf.startswith(b"%PDF") and len(pdf) > 10_000
            assert re.search(rb"/Count [1-9]", pdf) or b"/ObjStm" in pdf
    else:
        assert "No Chromium was found" in said


def test_without_chromium_there_is_html_and_a_word(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("gradekit.exam.pdf.NAMES", ())
    assert main(["exam", "--seed", "1", "--versions", "1", "--to", str(tmp_path)]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["A-key.html", "A-paper.html"]
    assert "open the HTML in a browser and print it" in capsys.readouterr().out


def mix_file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mix.toml"
    path.write_text(text)
    return path


HEAD = 'title = "Quiz"\nminutes = 20\npoints = 2\n'


def test_a_mix_of_ones_own(tmp_path):
    mix = read(mix_file(tmp_path, HEAD + "[topics]\nbackprop = 2\nshapes = 1\n"))
    assert mix == Mix("Quiz", 20, 2, {"backprop": 2, "shapes": 1})
    assert [family.topic for family, _ in choose(mix, 1)] == ["backprop", "backprop", "shapes"]
    assert {path.suffix for path in write(mix, 1, 1, tmp_path / "out")} <= {".html", ".pdf"}


@pytest.mark.parametrize("text, says", [
    ("title = ", "can't be read"), ("minutes = 3\n", "title should be a str"), (HEAD, "topics should be a dict"),
    (HEAD + "[topics]\n", "is empty"), (HEAD + "[topics]\nshape = 1\n", f"The topics are: {TOPICS[0]}"),
    (HEAD + "[topics]\nshapes = 0\n", "a number from 1 to"), (HEAD + "[topics]\nshapes = 500\n", "a number from 1 to"),
    (HEAD + "[topics]\nshapes = true\n", "a number from 1 to"), (HEAD + "x = 1\n[topics]\nshapes = 1\n", "'x' is not"),
])  # fmt: skip
def test_a_wrong_mix_is_told(tmp_path, text, says):
    with pytest.raises(Trouble, match=re.escape(says)):
        read(mix_file(tmp_path, text))


def test_a_mix_that_is_not_there_is_one_line(tmp_path, capsys):
    assert main(["exam", "--seed", "1", "--mix", str(tmp_path / "no.toml"), "--to", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err.count("\n") == 1 and not (tmp_path / "out").exists()


@pytest.mark.parametrize("versions", ["0", "27", "-1"])
def test_a_wrong_number_of_versions_is_told(tmp_path, versions, capsys):
    assert main(["exam", "--seed", "1", "--versions", versions, "--to", str(tmp_path / "out")]) == 1
    assert "expected 1 to 26" in capsys.readouterr().err
