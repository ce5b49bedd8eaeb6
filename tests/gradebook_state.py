"""All that grading a lab leaves behind, as plain data: two ways of grading are compared by it."""

import json
from pathlib import Path

from nbgrader.api import Gradebook


def state(gradebook: Gradebook, autograded: Path, lab: str) -> dict[str, dict]:
    """By student: rows of the gradebook, the autograded notebook's cells, the other files."""
    return {
        submission.student.id: {
            "timestamp": str(submission.timestamp),
            "score": submission.score,
            "notebooks": [_notebook(notebook) for notebook in submission.notebooks],
            "folder": folder(autograded / submission.student.id / lab),
        }
        for submission in gradebook.assignment_submissions(lab)
    }


def _notebook(notebook) -> dict:
    return {
        "flagged": notebook.flagged,
        "penalty": notebook.late_submission_penalty,
        "grades": {
            grade.name: (grade.auto_score, grade.manual_score, grade.extra_credit, grade.needs_manual_grade)
            for grade in notebook.grades
        },
        "comments": {
            comment.name: (comment.auto_comment, comment.manual_comment) for comment in notebook.comments
        },
    }  # fmt: skip


def folder(place: Path) -> dict:
    """Files with their permissions and contents; of notebooks what does not depend on time."""
    return {
        str(file.relative_to(place)): (oct(file.stat().st_mode), contents(file)) for file in sorted(place.rglob("*"))
    }


def contents(file: Path):
    if file.is_dir():
        return "folder"
    if file.suffix != ".ipynb":
        return file.read_bytes()
    notebook = json.loads(file.read_text())
    ours = notebook["metadata"].get("gradekit", {})
    for changing in ("seconds", "stamp"):
        ours.pop(changing, None)
    if not ours:
        notebook["metadata"].pop("gradekit", None)
    return notebook
