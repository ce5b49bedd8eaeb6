"""The one writer: what a submission earned goes into the gradebook in one transaction.

The tables are nbgrader's. Its own Gradebook would open the database nine times and commit thirty times for the same.
"""

import datetime
from collections import defaultdict
from dataclasses import dataclass

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    GradeCell,
    MissingEntry,
    Notebook,
    SolutionCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
    new_uuid,
)
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import parse_utc
from sqlalchemy import bindparam, insert, select, update

from gradekit.folder import CourseFolder
from gradekit.grading.job import Marks


@dataclass
class Row:
    """A graded cell of one submission as the gradebook holds it."""

    name: str
    auto: float | None
    manual: float | None
    extra: float | None
    waits: bool

    @property
    def score(self) -> float:
        given = self.manual if self.manual is not None else self.auto
        return 0.0 if given is None else given + (self.extra or 0.0)


class Recorder:
    """Writes submissions of one lab. Every method is a transaction of its own."""

    def __init__(self, course: CourseFolder, lab: str):
        self.course, self.lab = course, lab
        self.gradebook = course.gradebook()
        self.db = self.gradebook.db
        self._penalties = AssignLatePenalties(parent=course.app)
        self._penalties.init_plugin()
        self._new_students = course.app.config.get("Autograde", {}).get("create_student", True)
        self._read_lab()

    def close(self) -> None:
        self.gradebook.close()

    def _read_lab(self) -> None:
        assignment = self.db.execute(select(Assignment.id, Assignment.duedate).where(Assignment.name == self.lab)).one()
        self.assignment, self.due = assignment
        self.notebook = self.db.execute(
            select(Notebook.id).where(Notebook.assignment_id == self.assignment, Notebook.name == self.lab)
        ).scalar_one()
        kinds = {}
        self.most = 0.0
        for kind in (GradeCell, TaskCell, SolutionCell):
            for cell in self.db.query(kind).filter(BaseCell.notebook_id == self.notebook):
                kinds.setdefault(kind, {})[cell.name] = cell.id
                self.most += getattr(cell, "max_score", 0.0) or 0.0
        self.graded = kinds.get(GradeCell, {}) | kinds.get(TaskCell, {})
        self.commented = kinds.get(SolutionCell, {}) | kinds.get(TaskCell, {})
        self.db.rollback()

    def record(self, student: str, marks: Marks, timestamp: datetime.datetime | None) -> list[Row]:
        """Write the marks of a submission; a grader's own scores and comments stay. Raises SQLAlchemyError."""
        try:
            submission, extension, timestamp = self._submission(student, timestamp)
            notebook = self._notebook(submission)
            rows = self._write_scores(notebook, marks)
            self._write_comments(notebook, marks)
            self._write_penalty(student, notebook, rows, self._seconds_late(timestamp, extension))
            self.db.commit()
        except BaseException:
            self.db.rollback()
            raise
        return rows

    def rows(self) -> dict[str, list[Row]]:
        """The lab's rows of every student."""
        names = {cell: name for name, cell in self.graded.items()}
        query = (
            select(SubmittedAssignment.student_id, *_columns(Grade))
            .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
            .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
            .where(SubmittedNotebook.notebook_id == self.notebook)
        )
        found = defaultdict(list)
        for student, _, cell, *rest in self.db.execute(query):
            if cell in names:
                found[student].append(Row(names[cell], *rest))
        self.db.rollback()
        return found

    def _submission(self, student: str, timestamp: datetime.datetime | None) -> tuple:
        """The id of the submission, made where there is none; its extension; when it was handed in."""
        if self.db.get(Student, student) is None:
            if not self._new_students:
                raise MissingEntry(f"No student with ID '{student}' exists in the database")
            self.db.execute(insert(Student).values(id=student))
        theirs = (SubmittedAssignment.assignment_id == self.assignment, SubmittedAssignment.student_id == student)
        columns = (SubmittedAssignment.id, SubmittedAssignment.extension, SubmittedAssignment.timestamp)
        known = self.db.execute(select(*columns).where(*theirs)).one_or_none()
        when = parse_utc(timestamp) if timestamp else None
        if known is None:
            values = {"id": new_uuid(), "assignment_id": self.assignment, "student_id": student, "timestamp": when}
            self.db.execute(insert(SubmittedAssignment).values(values))
            return values["id"], None, when
        if when:
            self.db.execute(update(SubmittedAssignment).where(*theirs).values(timestamp=when))
        return known.id, known.extension, when or known.timestamp

    def _notebook(self, submission: str) -> str:
        theirs = (SubmittedNotebook.assignment_id == submission, SubmittedNotebook.notebook_id == self.notebook)
        known = self.db.execute(select(SubmittedNotebook.id).where(*theirs)).scalar_one_or_none()
        if known is None:
            known = new_uuid()
            values = {"id": known, "assignment_id": submission, "notebook_id": self.notebook, "flagged": False}
            self.db.execute(insert(SubmittedNotebook).values(values))
        return known

    def _write_scores(self, notebook: str, marks: Marks) -> list[Row]:
        before = self._present(Grade, _columns(Grade), notebook, self.graded)
        rows, new, changed = [], [], []
        for name, cell in self.graded.items():
            known = before.get(cell)
            auto = marks.scores.get(name)
            manual, extra = (known.manual_score, known.extra_credit) if known else (None, None)
            row = Row(name, auto, manual, extra, auto is None or manual is not None)
            rows.append(row)
            if known is None:
                new.append({"id": new_uuid(), "notebook_id": notebook, "cell_id": cell, "auto_score": auto,
                            "needs_manual_grade": row.waits})  # fmt: skip
            else:
                changed.append({"row": known.id, "auto": auto, "waits": row.waits})
        self._write(Grade, new, changed, auto_score=bindparam("auto"), needs_manual_grade=bindparam("waits"))
        return rows

    def _write_comments(self, notebook: str, marks: Marks) -> None:
        before = self._present(Comment, (Comment.id, Comment.cell_id), notebook, self.commented)
        new, changed = [], []
        for name, cell in self.commented.items():
            said = "No response." if name in marks.unanswered else None
            if cell in before:
                changed.append({"row": before[cell].id, "said": said})
            else:
                new.append({"id": new_uuid(), "notebook_id": notebook, "cell_id": cell, "auto_comment": said})
        self._write(Comment, new, changed, auto_comment=bindparam("said"))

    def _present(self, table, columns: tuple, notebook: str, cells: dict[str, str]) -> dict:
        """Rows by cell. The index that nbgrader's tables have begins with the cell."""
        query = select(*columns).where(table.cell_id.in_(cells.values()), table.notebook_id == notebook)
        return {row.cell_id: row for row in self.db.execute(query)}

    def _write(self, table, new: list[dict], changed: list[dict], **values) -> None:
        core = table.__table__
        if new:
            self.db.execute(insert(core), new)
        if changed:
            self.db.connection().execute(update(core).where(core.c.id == bindparam("row")).values(values), changed)

    def _seconds_late(self, timestamp, extension) -> float:
        if timestamp is None or self.due is None:
            return 0.0
        return max(0.0, (timestamp - self.due - (extension or datetime.timedelta())).total_seconds())

    def _write_penalty(self, student: str, notebook: str, rows: list[Row], late: float) -> None:
        """As nbgrader's AssignLatePenalties, with its plugin: none, or between 0 and the score."""
        penalty, score = None, sum(row.score for row in rows)
        if late > 0:
            penalty = self._penalties.plugin_inst.late_submission_penalty(student, score, late)
            penalty = None if penalty is None else min(max(0, penalty), score)
        self.db.execute(
            update(SubmittedNotebook).where(SubmittedNotebook.id == notebook).values(late_submission_penalty=penalty)
        )


def _columns(table) -> tuple:
    return table.id, table.cell_id, table.auto_score, table.manual_score, table.extra_credit, table.needs_manual_grade
