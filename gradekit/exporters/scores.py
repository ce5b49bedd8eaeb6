"""All scores of a gradebook in four queries, however many students and labs it holds."""

from collections import defaultdict
from dataclasses import dataclass

from nbgrader.api import Assignment, Grade, Gradebook, Student, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import and_, case, func, select


@dataclass(frozen=True)
class Lab:
    name: str
    most: float


@dataclass(frozen=True)
class Person:
    id: str
    first_name: str
    last_name: str
    email: str
    lms_user_id: str


@dataclass
class Score:
    """One student's points in one lab. Cells without any score count nothing yet."""

    earned: float = 0.0
    penalty: float = 0.0
    cells: int = 0
    unscored: int = 0

    @property
    def points(self) -> float:
        return max(0.0, self.earned - self.penalty)

    @property
    def started(self) -> bool:
        """Whether anything in it was graded."""
        return self.unscored < self.cells or not self.cells


def labs_in(gradebook: Gradebook) -> list[Lab]:
    order = (Assignment.duedate, Assignment.name)
    return [Lab(*row) for row in gradebook.db.execute(select(Assignment.name, Assignment.max_score).order_by(*order))]


def people_in(gradebook: Gradebook) -> list[Person]:
    columns = (Student.id, Student.first_name, Student.last_name, Student.email, Student.lms_user_id)
    rows = gradebook.db.execute(select(*columns).order_by(Student.last_name, Student.first_name, Student.id))
    return [Person(*(value or "" for value in row)) for row in rows]


def scores_in(gradebook: Gradebook) -> dict[tuple[str, str], Score]:
    """The score of each submission, by lab and student."""
    unscored = and_(Grade.auto_score.is_(None), Grade.manual_score.is_(None))
    sums = select(Grade.notebook_id, func.sum(Grade.score), func.count(), func.sum(case((unscored, 1), else_=0)))
    graded = {row[0]: row[1:] for row in gradebook.db.execute(sums.group_by(Grade.notebook_id))}
    notebooks = (
        select(Assignment.name, SubmittedAssignment.student_id, SubmittedNotebook.id,
               SubmittedNotebook.late_submission_penalty)
        .join(SubmittedAssignment, SubmittedAssignment.assignment_id == Assignment.id)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
    )  # fmt: skip
    scores: dict[tuple[str, str], Score] = defaultdict(Score)
    for lab, student, notebook, penalty in gradebook.db.execute(notebooks):
        earned, cells, without = graded.get(notebook, (0.0, 0, 0))
        score = scores[lab, student]
        score.earned += earned
        score.penalty += penalty or 0.0
        score.cells += cells
        score.unscored += without
    return dict(scores)
