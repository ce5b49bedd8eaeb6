"""A lab as a page: the student's notebook with the solutions folded away, the hidden checks in words."""

import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell

from book.folds import dropdown, solved
from gradekit.answers import answers
from gradekit.course import Lab
from gradekit.verdicts import CHECK
from labkit import cases
from labkit.drills.mock import question_of
from labkit.exercise import Answer, Exercise, PersonalAnswer

FOR_SUBMITTERS = re.compile(
    r"(?m)^(\*\*Before you submit\.\*\*|Run the cells from top to bottom, and|Run All on the).*\n*"
)
IN_THE_CELL = re.compile(
    r" In the cell below, put your number in (the )?place of `None`\.( Nothing else is needed in that cell\.)?"
)
GUESS = re.compile(r"\b[Gg]uess\b|Sketch your|Write both down")
FOLD = "<details>"
SHOWS = re.compile(r"plots\.figure\(|\bprint\(")
THIS_PAGE = """\
This page shows the notebook with its results, and folds the answers away. Cells to run, buttons to press and *your*
functions are in the notebook. Explorers play recorded pictures here, with right functions. In the notebook they have
controls of their own, and run on yours."""
READER = "ada"  # for whom the mock exam is drawn, as in the source
MARKERS = re.compile(r"[ \t]*### (BEGIN|END) SOLUTION[ \t]*\n?")
SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.S)
DOCSTRING = re.compile(r'    """.*?"""\n', re.S)
DRILL = re.compile(r'drill\("(\w+)"\)')
ASPECTS = {"values": "ordinary inputs", "stability": "stability", "edge": "edge cases", "form": "number type"}


def page(lab: Lab, student_copy: Path) -> nbformat.NotebookNode:
    """The notebook of the page. Its code cells are those of the source, in their order, with the answers in them.

    student_copy: as it is handed out. Nobody has worked in it.
    """
    source = nbformat.read(lab.source(), as_version=4)
    stubs = {cell.id: cell.source for cell in nbformat.read(student_copy, as_version=4).cells}
    befores = [None, *source.cells]
    cells = [made for earlier, before, cell in zip([None, *befores], befores, source.cells)
             for made in cells_for(cell, stubs.get(cell.id, ""), answers_a_guess(earlier, before, cell))]  # fmt: skip
    cells.insert(1, new_markdown_cell(doors(lab), id="doors"))
    metadata = {"kernelspec": source.metadata.kernelspec, "language_info": source.metadata.language_info}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def doors(lab: Lab) -> str:
    """Where to get the lab, to do it oneself, and what this page is."""
    return (f"{{download}}`Notebook <../downloads/{lab.name}.ipynb>` · "
            f"{{download}}`Student kit (zip) <../downloads/{lab.name}.zip>` · "
            f"{{doc}}`How to run it <../learn>`\n\n:::{{note}}\n{THIS_PAGE}\n:::")  # fmt: skip


def asks_for_a_guess(cell: nbformat.NotebookNode | None) -> bool:
    return cell is not None and cell.cell_type == "markdown" and bool(GUESS.search(cell.source))


def answers_a_guess(
    earlier: nbformat.NotebookNode | None, before: nbformat.NotebookNode | None, cell: nbformat.NotebookNode
) -> bool:
    """It shows what the cell before asks for, or says what came out."""
    if cell.cell_type == "markdown":
        return cell.id.endswith("-found") and asks_for_a_guess(earlier)
    return asks_for_a_guess(before)


def cells_for(cell: nbformat.NotebookNode, stub: str, guessed: bool) -> Iterator[nbformat.NotebookNode]:
    """What one cell of the source becomes. stub: the same cell in the student copy. guessed: it answers a guess."""
    role = cell.metadata.get("nbgrader", {})
    name = role.get("grade_id", "")
    if cell.cell_type == "markdown" and role.get("solution"):
        yield text(cell, written_answer(cell.source))
    elif cell.cell_type == "markdown":
        if left := IN_THE_CELL.sub("", FOR_SUBMITTERS.sub("", cell.source)).strip():
            yield text(cell, dropdown("Then open: what it says", left) if guessed and FOLD not in left else left)
    elif role.get("solution") and isinstance(cases.find(name), PersonalAnswer):
        yield code(cell, solution(cell.source), tags=["remove-cell"])
        yield new_markdown_cell(worked(cases.find(name)), id=f"{cell.id}-worked")
    elif role.get("solution"):
        yield new_markdown_cell(f"```python\n{stub.strip()}\n```", id=f"{cell.id}-stub")
        yield folded(cell, solution(cell.source), f"Try it first. Then open: a solution of {name}")
    elif name.startswith(CHECK):
        yield folded(cell, stub, f"What you can check yourself: {name.removeprefix(CHECK)}", output=True)
        if words := hidden_check(name.removeprefix(CHECK)) or other_numbers(name.removeprefix(CHECK)):
            yield new_markdown_cell(words, id=f"{cell.id}-words")
    elif drill := DRILL.fullmatch(cell.source.strip()):
        yield text(cell, f"**Drill:** {{doc}}`worked questions <../drills/{drill[1]}>`. In JupyterLab "
                         f"`{cell.source.strip()}` asks without end.")  # fmt: skip
    elif guessed and SHOWS.search(cell.source):
        yield folded(cell, cell.source, "Guess first. Then open", output=True)
    else:
        yield code(cell, cell.source)


def text(cell: nbformat.NotebookNode, source: str) -> nbformat.NotebookNode:
    return new_markdown_cell(source, id=cell.id)


def code(cell: nbformat.NotebookNode, source: str, **metadata) -> nbformat.NotebookNode:
    return new_code_cell(source, id=cell.id, metadata=metadata)


def folded(cell: nbformat.NotebookNode, source: str, prompt: str, output: bool = False) -> nbformat.NotebookNode:
    """A cell that runs, its source (and with output=True what it prints) behind a line to click."""
    prompts = {"code_prompt_show": prompt, "code_prompt_hide": prompt}
    return code(cell, source, tags=["hide-cell" if output else "hide-input"], mystnb=prompts)


def solution(source: str) -> str:
    """The solved cell without markers; the docstring stands above it already."""
    inside = SOLUTION.search(source)[1]
    if not inside.startswith((" ", "\t")) and not source.lstrip().startswith(("def ", "@", "from ", "import ")):
        return inside.strip()
    return DOCSTRING.sub("", MARKERS.sub("", source)).strip()


def worked(answer: PersonalAnswer) -> str:
    """The solution of a question of the mock exam, as it is drawn for the reader of the book."""
    if answer.family is None:
        return f"In the book the exam is drawn for `{READER}`. In the lab the numbers are your own."
    return dropdown("Try it first. Then open: the solution, step by step", solved(question_of(answer, READER)))


def written_answer(source: str) -> str:
    return dropdown("Write your sentence first. Then open: one good answer", SOLUTION.search(source)[1].strip())


def other_numbers(name: str) -> str:
    """What is behind the usual wrong answers of a numeric question."""
    if not isinstance(cases.find(name), Answer):
        return ""
    slips = [f"- `{number:g}`: {hint}" for number, hint in answers()[name].wrong.items()]
    return dropdown("You have another number?", "\n".join(slips)) if slips else ""


def hidden_check(name: str) -> str:
    """The cases of the hidden check in words; nothing where a question has but one number."""
    exercise = cases.find(name)
    if not isinstance(exercise, Exercise):
        return ""
    lines = []
    for aspect, title in ASPECTS.items():
        kinds = [case.kind for case in exercise.cases if case.aspect == aspect]
        if kinds:
            lines += ["", f"**{title[0].upper()}{title[1:]}:** {'; '.join(kinds)}."]
    lines += ["", "All numbers are drawn anew for each submission. The input must come back unchanged."]
    return dropdown(f"What the hidden check of {name} tries", "\n".join(lines))
