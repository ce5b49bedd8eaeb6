"""Give a submission back the structure that its lab has, whatever happened to its cells.

The gradebook is the truth about flags, points, types and locked text; the student's are the solutions and the
plain cells. Every repair is a sentence: in the log, at the top of the autograded notebook, and in the feedback.
"""

import ast
import re
from pathlib import Path

from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor

from gradekit.blueprint import TrueCell, order_in, true_cells
from gradekit.nodes import new_code_cell, new_markdown_cell

PUT_BACK = "# This cell was missing from the submission. It was put back, empty."
HIDDEN = re.compile(r"^[^\n]*BEGIN HIDDEN TESTS.*?END HIDDEN TESTS[^\n]*\n?", re.MULTILINE | re.DOTALL)
LONGEST_SOLUTION = 20_000  # characters
MOST_PARTS = 6
CHECKED_MARKS = ("grade", "solution", "points", "schema_version")


class RepairCells(NbGraderPreprocessor):
    """First among the sanitising preprocessors: after it the notebook is a valid one of its lab."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        about, who = resources.get("gradekit", {}), resources["nbgrader"]
        with Gradebook(who["db_url"]) as gradebook:
            truth = true_cells(gradebook, who["notebook"], who["assignment"], order_in(Path(about.get("source", ""))))
        for note in repair(nb, truth, about):
            self.log.warning("%s of %s: %s", who["notebook"], who["student"], note)
        return nb, resources


def repair(nb: NotebookNode, truth: list[TrueCell], about: dict) -> list[str]:
    """Make the notebook a valid one of its lab, in place; what was done.

    about: under what name it was found ("renamed"), or why it has no cells ("unreadable").
    """
    nb.cells, notes = repaired(nb.cells, truth)
    if "renamed" in about:
        notes.insert(0, f"The notebook was called {_word(about['renamed'])}.")
    if "unreadable" in about:
        notes = [f"The submission could not be read: {about['unreadable']}."]
        nb.metadata["gradekit"] = {"unreadable": about["unreadable"]}
    if notes:
        nb.cells.insert(0, note_cell(notes))
    for number, cell in enumerate(nb.cells):
        cell["id"] = f"cell-{number}"
    return notes


def note_cell(notes: list[str]) -> NotebookNode:
    text = "**Before grading, this submission was repaired:**\n\n" + "\n".join(f"- {note}" for note in notes)
    return new_markdown_cell(text, metadata={"gradekit": {"repairs": notes}})


def repaired(cells: list[NotebookNode], truth: list[TrueCell]) -> tuple[list[NotebookNode], list[str]]:
    """The cells with every cell of the truth in it once, whole and in a sane order; and what was done."""
    notes: list[str] = []
    mine = Claims(cells, truth)
    notes += mine.drop_unknown()
    notes += mine.adopt_lost()
    notes += mine.settle_copies()
    notes += mine.restore()
    notes += mine.put_back_missing()
    notes += mine.reorder()
    return mine.cells, notes


class Claims:
    """The cells of one submission, and which of them is which cell of the truth."""

    def __init__(self, cells: list[NotebookNode], truth: list[TrueCell]):
        self.cells = list(cells)
        self.truth = truth
        self.known = {cell.grade_id for cell in truth}
        self.strays: list[NotebookNode] = []  # cells that came with a grade_id of their own making

    def claimants(self, grade_id: str) -> list[NotebookNode]:
        return [cell for cell in self.cells if id_of(cell) == grade_id]

    def where(self, grade_id: str) -> int | None:
        return next((n for n, cell in enumerate(self.cells) if id_of(cell) == grade_id), None)

    def drop_unknown(self) -> list[str]:
        notes = []
        for cell in self.cells:
            if id_of(cell) is not None and id_of(cell) not in self.known:
                self.strays.append(cell)
                notes.append(f"{_word(id_of(cell))} is not a graded cell of this lab: it counts as a plain cell.")
                make_plain(cell)
        return notes

    def adopt_lost(self) -> list[str]:
        """A cell that lost its grade_id, or got another one, is known by what it says, or by where it stands."""
        notes = []
        for true in self.truth:
            if not self.claimants(true.grade_id):
                found = self._by_content(true) or self._by_place(true)
                if found is not None:
                    found.metadata["nbgrader"] = NotebookNode(true.metadata())
                    notes.append(f"{true.grade_id} had lost its name: it was found again.")
        return notes

    def _by_content(self, true: TrueCell) -> NotebookNode | None:
        plain = [cell for cell in self.cells if id_of(cell) is None]
        if true.locked:
            return next((cell for cell in plain if cell.source.strip() == released(true).strip()), None)
        if true.cell_type == "code":
            return next((cell for cell in reversed(plain) if defines(cell.source, true.grade_id)), None)
        return None

    def _by_place(self, true: TrueCell) -> NotebookNode | None:
        number = self.truth.index(true)
        before = [self.where(other.grade_id) for other in self.truth[:number]]
        after = [self.where(other.grade_id) for other in self.truth[number + 1 :]]
        start = max((n for n in before if n is not None), default=-1)
        stop = min((n for n in after if n is not None and n > start), default=len(self.cells))
        between = self.cells[start + 1 : stop]
        fitting = [c for c in between if c.cell_type == true.cell_type and any(c is each for each in self.strays)]
        return fitting[0] if true.solution and len(fitting) == 1 else None

    def settle_copies(self) -> list[str]:
        """One cell per grade_id. The text of a locked one is replaced anyway: the first stays.

        Of a solution the last edited copy above its check counts, as the last definition does when the notebook
        is run from the top.
        """
        notes = []
        for true in self.truth:
            copies = self.claimants(true.grade_id)
            if len(copies) > 1 and not true.locked:
                if self._join_halves(true, copies):
                    notes.append(f"{true.grade_id} was split: its parts were joined.")
                copies = self.claimants(true.grade_id)
            if len(copies) > 1:
                kept = copies[0] if true.locked else self._last_edited(true, copies)
                for copy in copies:
                    if copy is not kept:
                        make_plain(copy)
                which = "one of them counts" if true.locked else "the last edited one above its check counts"
                notes.append(f"{true.grade_id} was there {len(copies)} times: {which}, the rest are plain cells.")
        return notes

    def _join_halves(self, true: TrueCell, copies: list[NotebookNode]) -> bool:
        """Join neighbours where the lower one is no whole by itself: half a function, or half a text."""
        upper, joined = copies[0], False
        for lower in copies[1:MOST_PARTS]:
            place = next(n for n, cell in enumerate(self.cells) if cell is lower)
            if self.cells[place - 1] is upper and belong_together(true, upper, lower):
                upper["source"] = f"{upper.source}\n{lower.source}"
                del self.cells[place]
                joined = True
            else:
                upper = lower
        return joined

    def _last_edited(self, true: TrueCell, copies: list[NotebookNode]) -> NotebookNode:
        check = self.where(f"check_{true.grade_id}") or 0
        edited = [cell for cell in copies if cell.source.strip() != true.source.strip()]
        above = [cell for cell in edited if any(cell is each for each in self.cells[:check])]
        return (above or edited or copies)[-1]

    def restore(self) -> list[str]:
        """Type, metadata and locked text as they were released."""
        notes = []
        for true in self.truth:
            number = self.where(true.grade_id)
            if number is None:
                continue
            cell, mark = self.cells[number], true.metadata()
            if cell.cell_type != true.cell_type:
                notes.append(f"{true.grade_id} was a {cell.cell_type} cell: it is a {true.cell_type} cell again.")
            elif any(cell.metadata.nbgrader.get(key) != mark.get(key) for key in CHECKED_MARKS):
                notes.append(f"{true.grade_id} had other marks: they were reset.")
            if true.locked and cell.source.strip() not in (released(true).strip(), true.source.strip()):
                notes.append(f"{true.grade_id} had been changed: it reads as released again.")
            fresh = make_cell(true, true.source if true.locked else cell.source)
            if "attachments" in cell and true.cell_type == "markdown":
                fresh["attachments"] = cell.attachments
            self.cells[number] = fresh
        return notes

    def put_back_missing(self) -> list[str]:
        notes = []
        for number, true in enumerate(self.truth):
            if self.where(true.grade_id) is None:
                empty_solution = true.solution and true.cell_type == "code"
                cell = make_cell(true, PUT_BACK if empty_solution else true.source)
                self.cells.insert(self._place_for(number), cell)
                notes.append(f"{true.grade_id} was missing: it was put back{', empty' if true.solution else ''}.")
        return notes

    def _place_for(self, number: int) -> int:
        """Below the cell before it, and for a check also below the plain code that follows there."""
        if number == 0:
            return 0
        place = self.where(self.truth[number - 1].grade_id) + 1
        while self.truth[number].check and place < len(self.cells):
            cell = self.cells[place]
            if cell.cell_type != "code" or id_of(cell) is not None:
                break
            place += 1
        return place

    def reorder(self) -> list[str]:
        """Locked cells are moved where they would fail for their place alone; solutions stay where they are."""
        notes = []
        for number, true in enumerate(self.truth):
            if not true.locked:
                continue
            here = self.where(true.grade_id)
            if true.check:
                above = max((self.where(each.grade_id) for each in self._exercise_of(number)), default=-1)
                target = above if above > here else here
            else:
                below = min((self.where(each.grade_id) for each in self.truth[number + 1 :]), default=len(self.cells))
                target = min(here, below)
            if target != here:
                self.cells.insert(target, self.cells.pop(here))
                notes.append(f"{true.grade_id} was out of place: it was moved {'down' if target > here else 'up'}.")
        return notes

    def _exercise_of(self, check: int) -> list[TrueCell]:
        """The solutions that belong to a check: those since the check before it."""
        found = []
        for true in reversed(self.truth[:check]):
            if true.check:
                break
            if true.solution and not true.grade:
                found.append(true)
        return found


def id_of(cell: NotebookNode) -> str | None:
    mark = cell["metadata"].get("nbgrader")  # by item: it is asked thousands of times
    return mark.get("grade_id") if mark else None


def make_plain(cell: NotebookNode) -> None:
    cell.metadata.pop("nbgrader", None)


def make_cell(true: TrueCell, source: str) -> NotebookNode:
    make = new_code_cell if true.cell_type == "code" else new_markdown_cell
    return make(source, metadata={"nbgrader": true.metadata()})


def released(true: TrueCell) -> str:
    """The text as students have it, without the hidden tests."""
    return HIDDEN.sub("", true.source)


def defines(source: str, name: str) -> bool:
    return re.search(rf"^(def {re.escape(name)}\(|{re.escape(name)}\s*=[^=])", source, re.MULTILINE) is not None


def belong_together(true: TrueCell, upper: NotebookNode, lower: NotebookNode) -> bool:
    if true.cell_type == "markdown":
        return true.source.strip() not in (upper.source.strip(), lower.source.strip())
    return not parses(lower.source) and parses(f"{upper.source}\n{lower.source}")


def parses(source: str) -> bool:
    """Whether it is whole Python. A text too long for a solution counts as not: parsing it takes seconds."""
    if len(source) > LONGEST_SOLUTION:
        return False
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _word(text: str) -> str:
    """A student's text that can stand in a sentence of ours: no markup, not long."""
    return re.sub(r"[^\w. ()-]", "?", text)[:40]
