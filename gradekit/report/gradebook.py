"""What the gradebook knows of one lab, in five queries, however large the class."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from sqlalchemy import func, select

from gradekit.course import lab as find_lab
from gradekit.folder import Trouble
from gradekit.verdicts import CHECK

Key = tuple[str, str]  # notebook and grade_id


@dataclass(frozen=True)
class Question:
    key: Key
    most: float
    by_hand: bool

    @property
    def name(self) -> str:
        return self.key[1].removeprefix(CHECK)


@dataclass
class Submission:
    """One student's work as it is graded. A score of None has still to be given."""

    student: str
    scores: dict[Key, float | None] = field(default_factory=dict)
    penalty: float = 0.0
    flagged: bool = False

    @property
    def total(self) -> float:
        return max(0.0, sum(score or 0.0 for score in self.scores.values()) - self.penalty)


@dataclass(frozen=True)
class Records:
    lab: str
    notebooks: list[str]
    questions: list[Question]
    submissions: dict[str, Submission]  # by student
    names: Mapping[str, str]  # of everybody on the roster


def read_gradebook(gradebook: Gradebook, lab: str) -> Records:
    """Raises Trouble where the gradebook does not know the lab, UnknownLab where nobody does."""
    db = gradebook.db
    assignment = db.execute(select(Assignment.id).where(Assignment.name == lab)).scalar()
    if assignment is None:
        find_lab(lab)
        raise Trouble(f"The gradebook does not know {lab}: grade it first (gradekit grade {lab}).")
    roster = db.execute(select(Student.id, Student.first_name, Student.last_name).order_by(Student.id))
    names = {student: " ".join(filter(None, (first, last))) for student, first, last in roster}
    cells, notebooks = _cells(db, assignment)
    submissions: dict[str, Submission] = {}
    owners: dict[str, Submission] = {}
    for student, notebook, penalty, flagged in db.execute(
        select(SubmittedAssignment.student_id, SubmittedNotebook.id, SubmittedNotebook.late_submission_penalty,
               SubmittedNotebook.flagged)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .where(SubmittedAssignment.assignment_id == assignment).order_by(SubmittedAssignment.student_id)
    ):  # fmt: skip
        owner = submissions.setdefault(student, Submission(student))
        owner.penalty += penalty or 0.0
        owner.flagged = owner.flagged or bool(flagged)
        owners[notebook] = owner
    for notebook, cell, auto, manual, extra in db.execute(
        select(Grade.notebook_id, Grade.cell_id, Grade.auto_score, Grade.manual_score, Grade.extra_credit)
        .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .where(SubmittedAssignment.assignment_id == assignment)
    ):  # fmt: skip
        if cell in cells:
            score = auto if manual is None else manual
            owners[notebook].scores[cells[cell].key] = None if score is None else score + (extra or 0.0)
    return Records(lab, notebooks, list(cells.values()), submissions, names)


def _cells(db, assignment: str) -> tuple[dict[str, Question], list[str]]:
    """The graded cells that are worth points, by their id; and the names of the notebooks."""
    cell, graded, task = BaseCell.__table__, GradeCell.__table__, TaskCell.__table__
    most = func.coalesce(graded.c.max_score, task.c.max_score)
    rows = db.execute(
        select(cell.c.id, Notebook.name, cell.c.name, cell.c.type, most)
        .join(Notebook, Notebook.id == cell.c.notebook_id)
        .outerjoin(graded, graded.c.id == cell.c.id).outerjoin(task, task.c.id == cell.c.id)
        .where(Notebook.assignment_id == assignment).order_by(Notebook.name, cell.c.name)
    ).all()  # fmt: skip
    written = {(notebook, name) for _, notebook, name, kind, _ in rows if kind == "SolutionCell"}
    questions = {}
    for identity, notebook, name, kind, points in rows:
        if points and kind in ("GradeCell", "TaskCell"):
            by_hand = kind == "TaskCell" or (notebook, name) in written
            questions[identity] = Question((notebook, name), points, by_hand)
    return questions, sorted({notebook for _, notebook, *_ in rows})
