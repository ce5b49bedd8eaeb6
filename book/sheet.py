"""The cheat sheet: the labs' recap cards on one page, each correction marked. It prints on one side of A4.

What it says is written in the labs. Here stands what goes where.
"""

import re
from collections.abc import Iterator

import nbformat

from gradekit.course import LABS, Lab

# A section and its parts, in their order. A part is a lab's number, a cell's id, and the words with which those of the
# cell's paragraphs begin that are wanted; without such words it is the whole cell.
SECTIONS = {
    "Dominant features": [("05", "recap", "Why are"), ("09", "midterm-025", "Careful")],
    "1. Forward pass, shapes, parameter counts": [
        ("01", "recap"), ("01", "recap-quick"), ("09", "midterm-009", "Careful"),
    ],
    "2. Loss functions": [("02", "recap"), ("09", "midterm-012", "Careful")],
    "3. Backpropagation essentials": [("03", "recap"), ("03", "recap-recursion"), ("09", "midterm-015", "Careful")],
    "4. Initialization and activation functions": [("04", "recap"), ("09", "midterm-020")],
    "5. Optimization algorithms": [("05", "recap", "SGD", "Adam"), ("09", "midterm-023", "Careful")],
    "6. Regularization": [("06", "recap"), ("06", "recap-2", "Early", "Data"), ("09", "midterm-029")],
    "7. Batch normalization": [
        ("07", "recap", "Training", "Inference"), ("07", "recap-why"), ("09", "midterm-032", "Careful"),
    ],
    "8. Residual connections": [("08", "recap"), ("09", "midterm-036")],
    "9. The backprop recipe": [("03", "recap-steps"), ("09", "midterm-040")],
    "10. Final checklists": [("09", "midterm-052", "Before"), ("09", "midterm-056", "While")],
}  # fmt: skip
CORRECTION = "**Careful"
LEAD = """# Cheat sheet

What the exam asks, from the recap cards of the labs. A frame with ⚠ **Careful** corrects what such sheets say too
briefly, or wrongly: the lab shows why.

:::{div} screen-only
**Print it** (Ctrl+P, on a Mac Cmd+P): it fills one side of A4.
:::"""


def pages() -> dict[str, str]:
    return {"sheet.md": "\n\n".join([LEAD, *(section(title, parts) for title, parts in SECTIONS.items())]) + "\n"}


def section(title: str, parts: list[tuple[str, ...]]) -> str:
    said = [marked(text) for part in parts for text in paragraphs(*part)]
    labs = dict.fromkeys(number for number, *_ in parts)
    links = " and ".join(f"{{doc}}`lab {number} <labs/{lab_of(number).name}>`" for number in labs)
    return "\n\n".join([f"## {title}", *said, div("screen-only", f"From {links}.")])


def paragraphs(number: str, cell: str, *wanted: str) -> Iterator[str]:
    """The cell's paragraphs that begin in bold with the wanted words. What follows such a paragraph belongs to it."""
    notebook = nbformat.read(lab_of(number).source(), as_version=4)
    [source] = [each.source for each in notebook.cells if each.id == cell]
    found = re.split(r"\n\n(?=\*\*)", re.sub(r"^#+ .*\n+", "", source))
    if not wanted:
        yield from found
    for words in wanted:
        [paragraph] = [each for each in found if each.startswith(f"**{words}")]
        yield paragraph


def marked(paragraph: str) -> str:
    return div("careful", paragraph) if paragraph.startswith(CORRECTION) else paragraph


def div(kind: str, inside: str) -> str:
    return f":::{{div}} {kind}\n{inside}\n:::"


def lab_of(number: str) -> Lab:
    return next(lab for lab in LABS if lab.name.startswith(number))
