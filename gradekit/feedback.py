"""The feedback page: points, messages and comments, and the student's own work as plain text.

The page is made of text that the template escapes. No output, traceback or test source of the notebook enters it,
and it asks no other host for anything.
"""

import re
import shutil
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, Template
from nbconvert.exporters.exporter import Exporter
from nbformat.notebooknode import NotebookNode
from nbgrader.api import BaseCell, Comment, Grade, Gradebook, SubmittedNotebook
from nbgrader.converters import GenerateFeedback
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution, is_task
from sqlalchemy import select

from gradekit.formulas import formulas
from gradekit.verdicts import CHECK, verdict_of

NOT_GRADED = "This answer is not graded yet."
TESTS_FAILED = "A test of this cell did not pass."

# by the first nbgrader sees that a newer submission was graded, by the second it names released feedback
NBGRADERS_OWN = ("timestamp.txt", "submission_secret.txt")


@dataclass
class Result:
    """One graded item of the page: the check of a function, or a written answer."""

    name: str
    score: float
    points: float
    pending: bool
    message: str = ""
    comments: list[str] = field(default_factory=list)
    work: list[str] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        return re.sub(r"\W", "-", self.name)

    @property
    def earned(self) -> str:
        return "–" if self.pending and self.score == 0 else points(self.score)

    @property
    def state(self) -> str:
        if self.pending:
            return "not graded yet"
        if self.score >= self.points:
            return "complete"
        return "no points" if self.score == 0 else "in part"


class Grades(NbGraderPreprocessor):
    """As nbgrader's GetGrades, with three queries for a notebook instead of two for each cell.

    It also tells whether a grader has still to look.
    """

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gradebook:
            found = gradebook.find_submission_notebook(about["notebook"], about["assignment"], about["student"])
            penalty = found.late_submission_penalty or 0
            grades, comments = _of_cells(gradebook, found, Grade), _of_cells(gradebook, found, Comment)
        for cell in nb.cells:
            mark = cell.metadata.get("nbgrader", {})
            name = mark.get("grade_id")
            if is_solution(cell) or is_task(cell):
                mark["comment"] = comments[name].comment
            if is_grade(cell) or is_task(cell):
                grade = grades[name]
                mark |= {"score": grade.score, "points": grade.max_score, "pending": grade.needs_manual_grade}
        about["score"] = sum(grade.score for grade in grades.values()) - penalty
        about["max_score"] = sum(grade.max_score for grade in grades.values())
        about["late_penalty"] = penalty
        return nb, resources


def _of_cells(gradebook: Gradebook, notebook: SubmittedNotebook, table: type) -> dict:
    """The rows of a submitted notebook, by the cell's name. The index of nbgrader's tables begins with the cell."""
    cells = select(BaseCell.id).where(BaseCell.notebook_id == notebook.notebook_id)
    if table is Grade:
        columns = (Grade.score, Grade.max_score, Grade.needs_manual_grade)
    else:
        columns = (Comment.comment,)
    query = select(BaseCell.name, *columns).join(table, table.cell_id == BaseCell.id)
    query = query.where(table.cell_id.in_(cells), table.notebook_id == notebook.id)
    return {row.name: row for row in gradebook.db.execute(query)}


class FeedbackPage(Exporter):
    """nbgrader's exporter for generate_feedback."""

    output_mimetype = "text/html"

    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(self, nb: NotebookNode, resources: dict | None = None, **kw):
        nb, resources = super().from_notebook_node(nb, resources, **kw)
        results = results_of(nb)
        about = resources["nbgrader"]
        page = template().render(
            lab=about["assignment"],
            notebook=about["notebook"],
            student=about["student"],
            score=about["score"],
            points=about["max_score"],
            late_penalty=about["late_penalty"],
            results=results,
            pending=sum(result.pending for result in results),
            repairs=repairs_of(nb),
        )
        return page, resources


class FeedbackPages(GenerateFeedback):
    """nbgrader's GenerateFeedback without the student's other files: a folder holds the pages alone."""

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        source, target = (Path(place(assignment_id, student_id)) for place in (self._format_source, self._format_dest))
        target.mkdir(parents=True, exist_ok=True)
        for name in NBGRADERS_OWN:
            if (source / name).is_file():
                shutil.copy(source / name, target)


def results_of(nb: NotebookNode) -> list[Result]:
    """The graded cells in order; a check takes in the solutions since the graded cell before it."""
    results: list[Result] = []
    work: list[str] = []
    comments: list[str] = []
    for cell in nb.cells:
        if is_solution(cell) or is_task(cell):
            work += [cell.source] if is_solution(cell) else []
            comments += [cell.metadata.nbgrader["comment"]] if cell.metadata.nbgrader.get("comment") else []
        if is_grade(cell) or is_task(cell):
            results.append(_result(cell, comments, work))
            work, comments = [], []
    return results


def _result(cell: NotebookNode, comments: list[str], work: list[str]) -> Result:
    mark = cell.metadata.nbgrader
    score, most = float(mark["score"] or 0), float(mark["points"])
    result = Result(mark["grade_id"].removeprefix(CHECK), score, most, bool(mark["pending"]), "", comments, work)
    verdict = verdict_of(cell)
    if verdict:
        message = str(verdict["message"]).removeprefix(f"{result.name}: ")
        message = message[:1].upper() + message[1:]
        result.message = formulas(message) if verdict["mistake"] else message
    elif result.pending:
        result.message = NOT_GRADED
    elif cell.cell_type == "code" and not is_solution(cell) and score < most:
        result.message = TESTS_FAILED
    return result


def repairs_of(nb: NotebookNode) -> list[str]:
    return [note for cell in nb.cells for note in cell.metadata.get("gradekit", {}).get("repairs", [])]


@cache
def template() -> Template:
    environment = Environment(loader=PackageLoader("gradekit"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["points"] = points
    return environment.get_template("feedback.html")


def points(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
