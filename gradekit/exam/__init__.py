"""Printable exam papers: equivalent versions of one exam, each with its key."""

import string
from collections.abc import Sequence
from pathlib import Path

from gradekit.exam.mix import Mix
from gradekit.exam.page import key_page, paper_page
from gradekit.exam.paper import choose, draw
from gradekit.exam.pdf import chromium, print_pdf

MOST_VERSIONS = len(string.ascii_uppercase)


def write(mix: Mix, seed: int, versions: int, folder: Path) -> list[Path]:
    """Write each version's paper and key as HTML, and as PDF where there is a Chromium. Returns the files."""
    places = choose(mix, seed)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for letter in string.ascii_uppercase[:versions]:
        questions = draw(places, seed, letter)
        for name, make in {"paper": paper_page, "key": key_page}.items():
            page = folder / f"{letter}-{name}.html"
            page.write_text(make(mix, letter, seed, questions), encoding="utf-8")
            written.append(page)
    return written + _printed(written)


def _printed(pages: Sequence[Path]) -> list[Path]:
    program = chromium()
    return [print_pdf(program, page) for page in pages] if program else []
